/* What a text is made of, told by lexers that share nothing with the compiler: one letter a token, what a token
 * says is left out. Two texts of equal letters have the same structure. A '?' is something left open, a '!' a byte
 * that no file of labc may have. */
#ifndef LABC_TESTS_TEMPLATES_KINDS_H
#define LABC_TESTS_TEMPLATES_KINDS_H

#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/sv.h"

/* --- PowerShell --- */

struct ps_lexer {
	struct sv s;
	size_t at;
	struct buf *out;
	unsigned depth;
};

static inline char ps_ch(const struct ps_lexer *l, size_t ahead)
{
	return l->at + ahead < l->s.n ? l->s.p[l->at + ahead] : '\0';
}

static inline bool ps_is_word(char c) { return ch_is_alnum(c) || c == '_'; }

static inline void ps_lex(struct ps_lexer *l, char until);

/* '...', where two quotes are one in the text. */
static inline void ps_single(struct ps_lexer *l)
{
	for (l->at++; l->at < l->s.n; l->at++) {
		if ((uint8_t)ps_ch(l, 0) >= 0x80)
			buf_ch(l->out, '!');
		if (ps_ch(l, 0) != '\'')
			continue;
		if (ps_ch(l, 1) != '\'')
			break;
		l->at++;
	}
	buf_ch(l->out, l->at < l->s.n ? 's' : '?');
	l->at++;
}

/* "...": the variables and the code in it count. */
static inline void ps_double(struct ps_lexer *l)
{
	for (l->at++; l->at < l->s.n; l->at++) {
		char c = ps_ch(l, 0);

		if (c == '"' && ps_ch(l, 1) != '"')
			break;
		if (c == '$' && ps_ch(l, 1) == '(' && l->depth < 32) {
			l->at += 2;
			buf_str(l->out, "$(");
			l->depth++;
			ps_lex(l, ')');
			l->depth--;
			l->at--;
		} else if (c == '$') {
			buf_ch(l->out, '$');
		} else if (c == '`' || c == '"') {
			l->at++;
		}
	}
	buf_ch(l->out, l->at < l->s.n ? 'd' : '?');
	l->at++;
}

/* @' and @" up to a line that starts with the quote and the @. */
static inline bool ps_here(struct ps_lexer *l)
{
	char end[3] = { '\n', ps_ch(l, 1), '@' };
	size_t i = l->at + 2;
	ptrdiff_t close;

	while (i < l->s.n && (l->s.p[i] == ' ' || l->s.p[i] == '\t' || l->s.p[i] == '\r'))
		i++;
	if ((end[1] != '\'' && end[1] != '"') || i >= l->s.n || l->s.p[i] != '\n')
		return false;
	close = sv_search(sv_sub(l->s, i, l->s.n), (struct sv){ end, 3 });
	buf_ch(l->out, close < 0 ? '?' : 'h');
	l->at = close < 0 ? l->s.n : i + (size_t)close + 3;
	return true;
}

static inline void ps_comment(struct ps_lexer *l)
{
	bool block = ps_ch(l, 0) == '<';
	struct sv rest = sv_sub(l->s, l->at + (block ? 2 : 0), l->s.n);
	ptrdiff_t end = sv_search(rest, block ? SV("#>") : SV("\n"));
	struct sv text = end < 0 ? rest : sv_sub(rest, 0, (size_t)end);

	for (size_t i = 0; i < text.n; i++)
		if ((uint8_t)text.p[i] >= 0x80)
			buf_ch(l->out, '!');
	/* what follows a signature's first line is no script any more */
	if (!block && sv_search(text, SV("SIG #")) >= 0)
		buf_ch(l->out, '?');
	buf_ch(l->out, !block ? 'c' : end < 0 ? '?' : 'b');
	l->at = end < 0 ? l->s.n : l->at + (size_t)end + (block ? 4 : 0);
}

static inline void ps_variable(struct ps_lexer *l)
{
	buf_ch(l->out, 'v');
	l->at++;
	if (ps_ch(l, 0) == '{') {
		for (l->at++; l->at < l->s.n && ps_ch(l, 0) != '}'; l->at++)
			l->at += ps_ch(l, 0) == '`';
		if (l->at >= l->s.n)
			buf_ch(l->out, '?');
		l->at++;
	} else if (ps_is_word(ps_ch(l, 0))) {
		while (ps_is_word(ps_ch(l, 0)) || (ps_ch(l, 0) == ':' && ps_is_word(ps_ch(l, 1))))
			l->at++;
	} else if (ps_ch(l, 0) == '$' || ps_ch(l, 0) == '?' || ps_ch(l, 0) == '^') {
		l->at++;
	}
}

static inline void ps_word(struct ps_lexer *l)
{
	size_t from = l->at;
	struct sv word;

	/* a # inside a word starts no comment */
	while (ps_is_word(ps_ch(l, 0)) || ps_ch(l, 0) == '#')
		l->at++;
	word = sv_sub(l->s, from, l->at - from);
	buf_ch(l->out, sv_eq(word, SV("regex"))      ? 'R' :
		       sv_eq(word, SV("Unescape"))   ? 'U' :
		       ch_is_digit(l->s.p[from])     ? '0' :
						       'w');
}

static inline void ps_lex(struct ps_lexer *l, char until)
{
	unsigned open = 0;

	while (l->at < l->s.n) {
		char c = ps_ch(l, 0);

		if (c == ' ' || c == '\t' || c == '\r') {
			l->at++;
		} else if (c == '\'') {
			ps_single(l);
		} else if (c == '"') {
			ps_double(l);
		} else if (c == '@' && ps_here(l)) {
			continue;
		} else if (c == '#' || (c == '<' && ps_ch(l, 1) == '#')) {
			ps_comment(l);
		} else if (c == '$' && ps_ch(l, 1) != '(') {
			ps_variable(l);
		} else if (ps_is_word(c)) {
			ps_word(l);
		} else {
			buf_ch(l->out, (uint8_t)c >= 0x80 || (uint8_t)c < 0x09 ? '!' : c == '\n' ? 'n' : c);
			l->at += c == '`' ? 2 : 1;
			open += c == '(';
			if (until && c == ')' && open-- == 0)
				return;
		}
	}
}

/* [regex]::Unescape('...') counts as one string, with or without parentheses around it. */
static inline void ps_fold(struct buf *b)
{
	static const struct sv call = SV_INIT("[R]::U(s)");
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct sv rest = { b->p + i, b->n - i };

		if (sv_starts(rest, call)) {
			b->p[n++] = 's';
			i += call.n - 1;
			if (n >= 2 && b->p[n - 2] == '(' && !(n >= 3 && strchr("$@", b->p[n - 3])) && i + 1 < b->n &&
			    b->p[i + 1] == ')') {
				b->p[n - 2] = 's';
				n--;
				i++;
			}
		} else {
			b->p[n++] = b->p[i];
		}
	}
	b->n = n;
}

static inline void ps_kinds(struct sv s, struct buf *out)
{
	struct ps_lexer l = { .s = s, .out = out };

	ps_lex(&l, '\0');
	ps_fold(out);
}

/* --- JSON and ARM --- */

/* A text of a deployment template: 't', or 'e' and the tokens of its expression. */
static inline void arm_kinds(struct sv s, struct buf *out)
{
	bool is_expression = s.n > 1 && s.p[0] == '[' && s.p[1] != '[' && s.p[s.n - 1] == ']';

	buf_ch(out, is_expression ? 'e' : 't');
	for (size_t i = 1; is_expression && i < s.n;) {
		if (s.p[i] == '\'') {
			for (i++; i < s.n && (s.p[i] != '\'' || (i + 1 < s.n && s.p[i + 1] == '\'')); i++)
				i += s.p[i] == '\'';
			buf_ch(out, i < s.n ? 's' : '?');
			i++;
		} else if (ps_is_word(s.p[i])) {
			while (i < s.n && ps_is_word(s.p[i]))
				i++;
			buf_ch(out, 'w');
		} else {
			if (s.p[i] != ' ')
				buf_ch(out, s.p[i]);
			i++;
		}
	}
}

static inline void json_kinds(const json_t *j, struct buf *out)
{
	void *it;

	switch (json_typeof(j)) {
	case JSON_STRING:
		arm_kinds((struct sv){ json_string_value(j), json_string_length(j) }, out);
		break;
	case JSON_ARRAY:
		buf_ch(out, '[');
		for (size_t i = 0; i < json_array_size(j); i++)
			json_kinds(json_array_get(j, i), out);
		buf_ch(out, ']');
		break;
	case JSON_OBJECT:
		buf_ch(out, '{');
		for (it = json_object_iter((json_t *)(uintptr_t)j); it;
		     it = json_object_iter_next((json_t *)(uintptr_t)j, it)) {
			buf_ch(out, 'k');
			json_kinds(json_object_iter_value(it), out);
		}
		buf_ch(out, '}');
		break;
	default:
		buf_ch(out, (char)('0' + (int)json_typeof(j)));
		break;
	}
}

/* The kinds of a text by its file's name; "?" alone for what is no JSON. */
static inline void kinds_of(const char *name, struct sv text, struct buf *out)
{
	out->n = 0;
	if (strstr(name, ".ps1")) {
		ps_kinds(text, out);
	} else {
		json_t *j = json_loadb(text.p, text.n, JSON_ALLOW_NUL, NULL);

		if (j)
			json_kinds(j, out);
		else
			buf_ch(out, '?');
		json_decref(j);
	}
}

#endif
