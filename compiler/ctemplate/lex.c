#include "ctemplate/ast.h"

#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "ctemplate/codes.h"

/* Source to tokens: text between tags with whitespace control applied, and the words inside tags. */

struct lexer {
	struct comp *c;
	const char *s;
	uint32_t n, pos;
	VEC(struct token) out;
	bool line_start; /* the tag before ended with a line end it consumed */
	bool full;
};

static const char *const names[TOK_COUNT] = {
	"text",
	"'{{'",
	"'}}'",
	"'{%'",
	"'%}'",
	"name",
	"integer",
	"number",
	"string",
	"error",
	"end of template",
	"'+'",
	"'-'",
	"'*'",
	"'/'",
	"'//'",
	"'%'",
	"'**'",
	"'~'",
	"'|'",
	"'.'",
	"','",
	"':'",
	"'='",
	"'('",
	"')'",
	"'['",
	"']'",
	"'{'",
	"'}'",
	"'=='",
	"'!='",
	"'<'",
	"'<='",
	"'>'",
	"'>='",
};

const char *tok_name(enum tok_kind k)
{
	return names[k];
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct sv ct_normalise(struct arena *a, struct sv text, bool keep_last)
{
	if (sv_starts(text, SV("\xef\xbb\xbf")))
		text = sv_sub(text, 3, text.n);
	if (sv_find(text, '\r') >= 0) {
		char *p = NEW(a, char, text.n + 1);
		size_t n = 0;

		for (size_t i = 0; i < text.n; i++) {
			if (text.p[i] == '\r') {
				p[n++] = '\n';
				if (i + 1 < text.n && text.p[i + 1] == '\n')
					i++;
			} else {
				p[n++] = text.p[i];
			}
		}
		text = (struct sv){ p, n };
	}
	if (!keep_last && text.n && text.p[text.n - 1] == '\n')
		text.n--;
	return text;
}

static struct token *add(struct lexer *l, enum tok_kind kind, uint32_t off, uint32_t len)
{
	struct token *t;

	if (l->out.n >= l->c->env->limits.tokens) {
		if (!l->full)
			comp_error(l->c, CT_CODE(T402), off, 1, "the template has more than %u tokens",
				   l->c->env->limits.tokens);
		l->full = true;
		l->pos = l->n;
		if (l->out.n > l->c->env->limits.tokens + 4)
			return &l->out.v[l->out.n - 1];
	}
	t = VEC_PUSH(l->c->tmp, &l->out);
	t->kind = (uint8_t)kind;
	t->off = off;
	t->len = len;
	return t;
}

static bool at(const struct lexer *l, uint32_t pos, const char *what)
{
	size_t n = strlen(what);

	return pos + n <= l->n && memcmp(l->s + pos, what, n) == 0;
}

/* Text [from, to) in front of a tag at to; sign is the character after its delimiter. */
static void add_text(struct lexer *l, uint32_t from, uint32_t to, char sign, bool strips)
{
	uint32_t end = to;

	if (sign == '-') {
		while (end > from && is_space(l->s[end - 1]))
			end--;
	} else if (sign != '+' && strips && l->c->opt.lstrip_blocks) {
		uint32_t p = end;

		while (p > from && l->s[p - 1] != '\n' && is_space(l->s[p - 1]))
			p--;
		if ((p > from && l->s[p - 1] == '\n') || (p == from && l->line_start))
			end = p;
	}
	if (end > from)
		add(l, TOK_TEXT, from, end - from);
}

/* Behind a closing delimiter that ends at pos. */
static void after_tag(struct lexer *l, char sign, bool trims)
{
	uint32_t start = l->pos;

	if (sign == '-') {
		while (l->pos < l->n && is_space(l->s[l->pos]))
			l->pos++;
	} else if (sign != '+' && trims && l->c->opt.trim_blocks && l->pos < l->n && l->s[l->pos] == '\n') {
		l->pos++;
	}
	l->line_start = l->pos > start && l->s[l->pos - 1] == '\n';
}

static void lex_comment(struct lexer *l)
{
	uint32_t open = l->pos, p = l->pos + 2;

	while (p + 1 < l->n && !(l->s[p] == '#' && l->s[p + 1] == '}'))
		p++;
	if (p + 1 >= l->n) {
		struct diag *g = comp_error(l->c, CT_CODE(T101), open, 2, "this comment is never closed");

		comp_help(l->c, g, "close it with '#}'");
		add(l, TOK_ERROR, open, 2);
		l->pos = l->n;
		return;
	}
	l->pos = p + 2;
	after_tag(l, p > open + 2 ? l->s[p - 1] : 0, true);
}

/* The keyword in a tag at pos, optionally signed: returns the offset behind "raw %}" or 0. */
static uint32_t raw_tag(const struct lexer *l, uint32_t pos, const char *word, char *sign)
{
	uint32_t p = pos + 2;

	if (p < l->n && (l->s[p] == '-' || l->s[p] == '+'))
		p++;
	while (p < l->n && is_space(l->s[p]))
		p++;
	if (!at(l, p, word))
		return 0;
	p += (uint32_t)strlen(word);
	while (p < l->n && is_space(l->s[p]))
		p++;
	*sign = 0;
	if (p < l->n && (l->s[p] == '-' || l->s[p] == '+'))
		*sign = l->s[p++];
	return at(l, p, "%}") ? p + 2 : 0;
}

static char sign_after(const struct lexer *l, uint32_t pos)
{
	return pos + 2 < l->n ? l->s[pos + 2] : 0;
}

static bool lex_raw(struct lexer *l)
{
	char sign;
	uint32_t open = l->pos, body = raw_tag(l, open, "raw", &sign);

	if (!body || sign == '+')
		return false;
	l->pos = body;
	after_tag(l, sign, false);
	body = l->pos;
	for (uint32_t p = body; p + 1 < l->n; p++) {
		uint32_t end;

		if (l->s[p] != '{' || l->s[p + 1] != '%' || !(end = raw_tag(l, p, "endraw", &sign)))
			continue;
		add_text(l, body, p, sign_after(l, p), true);
		l->pos = end;
		after_tag(l, sign, true);
		return true;
	}
	struct diag *g =
	    comp_error(l->c, CT_CODE(T101), open, body - open, "this raw section is never closed");

	comp_help(l->c, g, "close it with '{%% endraw %%}'");
	add(l, TOK_ERROR, open, 2);
	l->pos = l->n;
	return true;
}

static unsigned hex(char c)
{
	return ch_is_digit(c) ? (unsigned)(c - '0') : (unsigned)(ch_lower(c) - 'a' + 10);
}

static bool is_hex(char c)
{
	return ch_is_digit(c) || (ch_lower(c) >= 'a' && ch_lower(c) <= 'f');
}

/* \xNN or \uNNNN at p (on the letter); returns the digits read, 0 when malformed. */
static uint32_t lex_escape_number(const char *p, const char *end, uint32_t *cp)
{
	uint32_t digits = *p == 'x' ? 2 : 4;

	*cp = 0;
	for (uint32_t i = 1; i <= digits; i++) {
		if (p + i >= end || !is_hex(p[i]))
			return 0;
		*cp = *cp * 16 + hex(p[i]);
	}
	return digits;
}

static size_t put_utf8(char *p, uint32_t cp)
{
	struct buf b = { 0 };
	size_t n;

	buf_utf8(&b, cp);
	n = b.n;
	memcpy(p, b.p, n);
	buf_release(&b);
	return n;
}

/* One escape sequence; p stands behind the backslash. Returns where to go on. */
static const char *lex_escape(struct lexer *l, const char *p, const char *end, char *out, size_t *n)
{
	static const char from[] = "ntr\\'\"", to[] = "\n\t\r\\'\"";
	const char *f = *p ? strchr(from, *p) : NULL;
	uint32_t cp, off = (uint32_t)(p - 1 - l->s);

	if (f) {
		out[(*n)++] = to[f - from];
		return p + 1;
	}
	if (*p == '\n')
		return p + 1;
	if (*p == 'x' || *p == 'u') {
		uint32_t digits = lex_escape_number(p, end, &cp), low;

		if (digits && cp >= 0xd800 && cp < 0xdc00 && p + 7 < end && p[5] == '\\' && p[6] == 'u' &&
		    lex_escape_number(p + 6, end, &low) && low >= 0xdc00 && low < 0xe000) {
			*n += put_utf8(out + *n, 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00));
			return p + 11;
		}
		if (digits && (cp < 0xd800 || cp > 0xdfff)) {
			*n += put_utf8(out + *n, cp);
			return p + 1 + digits;
		}
		comp_error(l->c, CT_CODE(T102), off, 2, "'\\%c' needs %d hexadecimal digits of a character",
			   *p, *p == 'x' ? 2 : 4);
		return p + 1;
	}
	out[(*n)++] = '\\'; /* an unknown escape stays as it is written */
	return p;
}

static bool lex_string(struct lexer *l)
{
	uint32_t open = l->pos, p = open + 1;
	char quote = l->s[open];
	struct token *t;
	size_t n = 0;
	char *out;

	while (p < l->n && l->s[p] != quote)
		p += l->s[p] == '\\' && p + 1 < l->n ? 2 : 1;
	if (p >= l->n) {
		const char *eol = memchr(l->s + open, '\n', l->n - open);
		struct diag *g = comp_error(l->c, CT_CODE(T103), open, 1, "this string is never closed");

		comp_help(l->c, g, "close it with %c", quote);
		l->pos = eol ? (uint32_t)(eol - l->s) : l->n;
		add(l, TOK_ERROR, open, 1);
		return false;
	}
	out = NEW(l->c->a, char, p - open + 1);
	for (const char *q = l->s + open + 1, *end = l->s + p; q < end;) {
		if (*q == '\\' && q + 1 < end)
			q = lex_escape(l, q + 1, end, out, &n);
		else
			out[n++] = *q++;
	}
	t = add(l, TOK_STRING, open, p + 1 - open);
	t->u.p = out;
	t->text_len = (uint32_t)n;
	l->pos = p + 1;
	return true;
}

/* Digits of a base with single underscores between; copied to buf (cap 400). */
static uint32_t digits_at(const struct lexer *l, uint32_t p, int base, char *buf, size_t *n)
{
	uint32_t start = p;

	while (p < l->n) {
		char c = l->s[p];
		bool ok = base == 16 ? is_hex(c) : ch_is_digit(c) && c < '0' + base;

		if (c == '_' && p > start && p + 1 < l->n && l->s[p - 1] != '_' &&
		    (base == 16 ? is_hex(l->s[p + 1]) : ch_is_digit(l->s[p + 1]))) {
			p++;
			continue;
		}
		if (!ok)
			break;
		if (*n < 390)
			buf[(*n)++] = c;
		p++;
	}
	return p;
}

static void lex_number(struct lexer *l)
{
	char buf[400];
	size_t n = 0;
	uint32_t start = l->pos, p = start;
	char kind = p + 1 < l->n && l->s[p] == '0' ? ch_lower(l->s[p + 1]) : 0;
	int base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
	bool is_float = false, bad = false;
	struct token *t;

	p = digits_at(l, base == 10 ? p : p + 2, base, buf, &n);
	if (base == 10) {
		if (p + 1 < l->n && l->s[p] == '.' && ch_is_digit(l->s[p + 1])) {
			is_float = true;
			buf[n++] = '.';
			p = digits_at(l, p + 1, 10, buf, &n);
		}
		uint32_t e = p + 1;

		if (p < l->n && ch_lower(l->s[p]) == 'e') {
			if (e < l->n && (l->s[e] == '+' || l->s[e] == '-'))
				e++;
			if (e < l->n && ch_is_digit(l->s[e])) {
				is_float = true;
				buf[n++] = 'e';
				if (l->s[e - 1] == '-')
					buf[n++] = '-';
				p = digits_at(l, e, 10, buf, &n);
			}
		}
	}
	buf[n] = '\0';
	bad = n == 0 || (p < l->n && (ch_is_alnum(l->s[p]) || l->s[p] == '_'));
	while (bad && p < l->n && (ch_is_alnum(l->s[p]) || l->s[p] == '_'))
		p++;
	t = add(l, bad ? TOK_ERROR : is_float ? TOK_FLOAT : TOK_INT, start, p - start);
	l->pos = p;
	if (bad) {
		comp_error(l->c, CT_CODE(T102), start, p - start, "'%.*s' is not a number", (int)(p - start),
			   l->s + start);
	} else if (is_float) {
		t->u.d = strtod(buf, NULL);
	} else {
		uint64_t v = 0;

		for (size_t i = 0; i < n && !bad; i++)
			bad = __builtin_mul_overflow(v, (uint64_t)base, &v) ||
			      __builtin_add_overflow(v, (uint64_t)hex(buf[i]), &v);
		if (bad || v > INT64_MAX) {
			t->kind = TOK_ERROR;
			comp_error(l->c, CT_CODE(T102), start, p - start,
				   "the number %.*s is beyond 9223372036854775807", (int)(p - start),
				   l->s + start);
		} else {
			t->u.i = (int64_t)v;
		}
	}
}

static const struct {
	char text[3];
	uint8_t kind;
} operators[] = {
	{ "//", TOK_FLOORDIV }, { "**", TOK_POW },   { "==", TOK_EQ },	  { "!=", TOK_NE },
	{ "<=", TOK_LE },	{ ">=", TOK_GE },    { "+", TOK_ADD },	  { "-", TOK_SUB },
	{ "*", TOK_MUL },	{ "/", TOK_DIV },    { "%", TOK_MOD },	  { "~", TOK_TILDE },
	{ "|", TOK_PIPE },	{ ".", TOK_DOT },    { ",", TOK_COMMA },  { ":", TOK_COLON },
	{ "=", TOK_ASSIGN },	{ "(", TOK_LPAREN }, { ")", TOK_RPAREN }, { "[", TOK_LBRACKET },
	{ "]", TOK_RBRACKET },	{ "{", TOK_LBRACE }, { "}", TOK_RBRACE }, { "<", TOK_LT },
	{ ">", TOK_GT },
};

static bool lex_operator(struct lexer *l)
{
	for (size_t i = 0; i < COUNTOF(operators); i++) {
		uint32_t n = operators[i].text[1] ? 2 : 1;

		if (l->s[l->pos] == operators[i].text[0] &&
		    (n == 1 || (l->pos + 1 < l->n && l->s[l->pos + 1] == operators[i].text[1]))) {
			add(l, operators[i].kind, l->pos, n);
			l->pos += n;
			return true;
		}
	}
	return false;
}

static void lex_bad_char(struct lexer *l)
{
	static const struct {
		const char *bad, *good;
	} known[] = { { "&&", "and" }, { "||", "or" }, { "!", "not" }, { "?", "a if c else b" } };
	uint32_t cp;
	size_t n = utf8_decode((struct sv){ l->s, l->n }, l->pos, &cp, NULL);
	struct diag *g;

	if (cp < 0x20 || cp == 0x7f || cp == 0xfffd)
		g = comp_error(l->c, CT_CODE(T102), l->pos, (uint32_t)n,
			       "a character U+%04X has no meaning here", (unsigned)cp);
	else
		g = comp_error(l->c, CT_CODE(T102), l->pos, (uint32_t)n,
			       "the character '%.*s' has no meaning here", (int)n, l->s + l->pos);
	for (size_t i = 0; i < COUNTOF(known); i++)
		if (at(l, l->pos, known[i].bad)) {
			comp_help(l->c, g, "write '%s'", known[i].good);
			n = strlen(known[i].bad);
			break;
		}
	add(l, TOK_ERROR, l->pos, (uint32_t)n);
	l->pos += (uint32_t)n;
}

/* The inside of {{ }} or {% %}; pos is behind the opening delimiter and its sign. */
static void lex_tag(struct lexer *l, bool block)
{
	const char *close = block ? "%}" : "}}";
	unsigned depth = 0;
	size_t first = l->out.n;

	while (l->pos < l->n) {
		char c = l->s[l->pos];

		if (is_space(c)) {
			l->pos++;
			continue;
		}
		if (!depth) {
			char sign = (c == '-' || (c == '+' && block)) && at(l, l->pos + 1, close) ? c : 0;

			if (sign || at(l, l->pos, close)) {
				add(l, block ? TOK_BLOCK_END : TOK_VAR_END, l->pos, sign ? 3 : 2);
				l->pos += sign ? 3 : 2;
				after_tag(l, sign, block);
				return;
			}
		}
		if (ch_is_alpha(c) || c == '_') {
			uint32_t p = l->pos;

			while (p < l->n && (ch_is_alnum(l->s[p]) || l->s[p] == '_'))
				p++;
			struct token *t = add(l, TOK_NAME, l->pos, p - l->pos);

			t->u.p = l->s + l->pos;
			t->text_len = p - l->pos;
			l->pos = l->full ? l->n : p;
		} else if (ch_is_digit(c)) {
			lex_number(l);
		} else if (c == '\'' || c == '"') {
			if (!lex_string(l))
				depth = 0;
		} else if (lex_operator(l)) {
			uint8_t k = l->out.v[l->out.n - 1].kind;

			if (k == TOK_LPAREN || k == TOK_LBRACKET || k == TOK_LBRACE)
				depth++;
			else if ((k == TOK_RPAREN || k == TOK_RBRACKET || k == TOK_RBRACE) && depth)
				depth--;
		} else {
			lex_bad_char(l);
			depth = 0;
		}
	}
	/* Brackets left open swallowed the rest: give the parser the place, not the whole file. */
	for (size_t i = first; i < l->out.n; i++)
		if (l->out.v[i].kind == TOK_VAR_END || l->out.v[i].kind == TOK_BLOCK_END)
			break;
}

struct tokens ct_lex(struct comp *c)
{
	struct lexer l = { .c = c, .s = c->text.p, .n = (uint32_t)c->text.n, .line_start = true };

	while (l.pos < l.n) {
		uint32_t from = l.pos, p = from;
		const char *brace;

		while ((brace = memchr(l.s + p, '{', l.n - p)) != NULL) {
			p = (uint32_t)(brace - l.s);
			if (p + 1 < l.n && (l.s[p + 1] == '{' || l.s[p + 1] == '%' || l.s[p + 1] == '#'))
				break;
			p++;
		}
		if (!brace) {
			add(&l, TOK_TEXT, from, l.n - from);
			break;
		}
		char kind = l.s[p + 1], sign = sign_after(&l, p);

		add_text(&l, from, p, sign, kind != '{');
		l.pos = p;
		if (l.full)
			break;
		if (kind == '#') {
			lex_comment(&l);
		} else if (kind != '%' || !lex_raw(&l)) {
			add(&l, kind == '%' ? TOK_BLOCK_BEGIN : TOK_VAR_BEGIN, p,
			    sign == '-' || sign == '+' ? 3 : 2);
			l.pos = p + (sign == '-' || sign == '+' ? 3 : 2);
			lex_tag(&l, kind == '%');
		}
	}
	l.full = false;
	VEC_PUSH(c->tmp, &l.out)->kind = TOK_EOF;
	l.out.v[l.out.n - 1].off = l.n;
	return (struct tokens){ l.out.v, (uint32_t)l.out.n };
}
