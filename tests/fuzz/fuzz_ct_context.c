#include <jansson.h>

#include "tests/fuzz/fuzz_ct.h"

/* The automaton against lexers of its own (the first byte says PowerShell, JSON or markup, which is read as
 * HTML and as XML): for any template that is accepted, a hostile value gives the same sequence of tokens as a
 * harmless one. A NUL in the input stands for a hole. Which branch is taken must not depend on the value: so
 * its name cannot be written otherwise, and other values are there to steer. */
#define HOLE "the_hole"
#define HOLE_TAG "{{ the_hole }}"

struct lex {
	struct sv s;
	size_t i;
	struct buf *out;
};

static bool starts(const struct lex *l, const char *what)
{
	return sv_starts(sv_sub(l->s, l->i, l->s.n), sv_from(what));
}

static void lex_code(struct lex *l, bool nested);

/* "..." and @"..."@: subexpressions are code again. */
static void lex_expandable(struct lex *l, bool here)
{
	while (l->i < l->s.n) {
		char c = l->s.p[l->i];

		if (c == '`') {
			l->i += 2;
		} else if (starts(l, "$(")) {
			l->i += 2;
			buf_ch(l->out, '(');
			lex_code(l, true);
			buf_ch(l->out, ')');
		} else if (here ? starts(l, "\n\"@") : c == '"') {
			l->i += here ? 3 : 1;
			return;
		} else {
			l->i++;
		}
	}
	buf_str(l->out, "<open>");
}

static void skip_to(struct lex *l, const char *end)
{
	while (l->i < l->s.n && !starts(l, end))
		l->i++;
	if (l->i >= l->s.n)
		buf_str(l->out, "<open>");
	l->i += strlen(end);
}

static bool blank_line_end(const struct lex *l, size_t from)
{
	while (from < l->s.n && (l->s.p[from] == ' ' || l->s.p[from] == '\t'))
		from++;
	return from < l->s.n && l->s.p[from] == '\n';
}

static void lex_quote(struct lex *l)
{
	char q = l->s.p[l->i];
	bool here = l->i && l->s.p[l->i - 1] == '@' && blank_line_end(l, l->i + 1);

	buf_ch(l->out, 's');
	l->i++;
	if (here)
		while (l->i < l->s.n && l->s.p[l->i] != '\n')
			l->i++;
	if (q == '"') {
		lex_expandable(l, here);
	} else if (here) {
		skip_to(l, "\n'@");
	} else {
		while (l->i < l->s.n &&
		       (l->s.p[l->i] != '\'' || (l->i + 1 < l->s.n && l->s.p[l->i + 1] == '\'')))
			l->i += l->s.p[l->i] == '\'' ? 2 : 1;
		if (l->i >= l->s.n)
			buf_str(l->out, "<open>");
		l->i++;
	}
}

static void lex_code(struct lex *l, bool nested)
{
	unsigned parens = 0;

	while (l->i < l->s.n) {
		char c = l->s.p[l->i];

		if (c == '`') {
			l->i += 2;
		} else if (starts(l, "[regex]::Unescape('")) {
			l->i += 18;
			lex_quote(l);
			l->i++; /* ) */
		} else if (c == '\'' || c == '"') {
			lex_quote(l);
		} else if (starts(l, "<#")) {
			l->i += 2;
			buf_ch(l->out, 'b');
			skip_to(l, "#>");
		} else if (starts(l, "${")) {
			buf_ch(l->out, 'v');
			for (l->i += 2; l->i < l->s.n && l->s.p[l->i] != '}'; l->i++)
				l->i += l->s.p[l->i] == '`';
			l->i++;
		} else if (c == '#') {
			buf_ch(l->out, 'c');
			while (l->i < l->s.n && l->s.p[l->i] != '\n')
				l->i++;
		} else if (c == ')' && nested && !parens) {
			l->i++;
			return;
		} else if (ch_is_alnum(c) || c == '_') {
			buf_ch(l->out, 'w');
			while (l->i < l->s.n && (ch_is_alnum(l->s.p[l->i]) || l->s.p[l->i] == '_'))
				l->i++;
		} else {
			parens += c == '(';
			parens -= c == ')' && parens;
			if (c != ' ' && c != '\t' && c != '\n')
				buf_ch(l->out, c);
			l->i++;
		}
	}
	if (nested)
		buf_str(l->out, "<open>");
}

static void json_kinds(json_t *j, struct buf *out)
{
	const char *key;
	json_t *item;
	size_t i;

	buf_ch(out, (char)('0' + (int)json_typeof(j)));
	json_array_foreach(j, i, item) json_kinds(item, out);
	json_object_foreach(j, key, item) json_kinds(item, out);
}

/* A string in parentheses is a string: [regex]::Unescape('...') needs them as an argument. */
static void fold(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		b->p[n++] = b->p[i];
		if (n >= 3 && memcmp(b->p + n - 3, "(s)", 3) == 0) {
			b->p[n - 3] = 's';
			n -= 2;
		}
	}
	b->n = n;
}

/* What is behind the prefix. */
static struct sv local_name(struct sv name)
{
	size_t i = name.n;

	while (i && name.p[i - 1] != ':')
		i--;
	return sv_sub(name, i, name.n);
}

/* Whether no value may reach the attribute of that name: its text is a token. */
static bool is_code_name(struct sv name)
{
	static const char *const code[] = { "href",   "src",	    "style",   "action", "formaction",
					    "srcdoc", "data",	    "content", "srcset", "imagesrcset",
					    "poster", "background", "base",    "xmlns" };
	struct sv local = local_name(name);

	for (size_t i = 0; i < sizeof(code) / sizeof(*code); i++)
		if (sv_eq_nocase(local, sv_from(code[i])))
			return true;
	return local.n > 2 && ch_lower(local.p[0]) == 'o' && ch_lower(local.p[1]) == 'n';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* As browsers do it: a name, then attributes; values in double, single or no quotes. */
static void lex_tag(struct lex *l, struct sv *name)
{
	size_t from = l->i;

	while (l->i < l->s.n && !is_space(l->s.p[l->i]) && l->s.p[l->i] != '>' && l->s.p[l->i] != '/')
		l->i++;
	*name = sv_sub(l->s, from, l->i - from);
	buf_sv(l->out, *name);
	while (l->i < l->s.n && l->s.p[l->i] != '>') {
		struct sv attr;
		size_t value;
		char q;

		if (is_space(l->s.p[l->i]) || l->s.p[l->i] == '/') {
			l->i++;
			continue;
		}
		for (from = l->i++; l->i < l->s.n && !is_space(l->s.p[l->i]) && !strchr(">/=", l->s.p[l->i]);
		     l->i++)
			;
		attr = sv_sub(l->s, from, l->i - from);
		buf_fmt(l->out, " %.*s", (int)attr.n, attr.p);
		while (l->i < l->s.n && is_space(l->s.p[l->i]))
			l->i++;
		if (l->i >= l->s.n || l->s.p[l->i] != '=')
			continue;
		for (l->i++; l->i < l->s.n && is_space(l->s.p[l->i]); l->i++)
			;
		q = l->i < l->s.n ? l->s.p[l->i] : '>';
		if (q == '"' || q == '\'') {
			for (value = ++l->i; l->i < l->s.n && l->s.p[l->i] != q; l->i++)
				;
		} else {
			for (value = l->i; l->i < l->s.n && !is_space(l->s.p[l->i]) && l->s.p[l->i] != '>';
			     l->i++)
				;
		}
		buf_ch(l->out, '=');
		if (is_code_name(attr) || q != '"')
			buf_sv(l->out, sv_sub(l->s, value, l->i - value));
		l->i += q == '"' || q == '\'';
	}
	buf_ch(l->out, '>');
	l->i++;
}

/* Elements whose content browsers take for text up to the end tag. In the first ones it is shown to people;
 * in the others it is a token, as no value may stand there. */
#define N_SHOWN 2
static const char *const raw_names[] = { "title",  "textarea", "script",   "style",   "xmp",
					 "iframe", "noembed",  "noframes", "noscript" };

static void lex_raw(struct lex *l, struct sv name, bool token)
{
	size_t from = l->i;

	for (; l->i < l->s.n; l->i++) {
		struct sv rest = sv_sub(l->s, l->i, l->s.n);

		if (sv_starts(rest, SV("</")) && sv_eq_nocase(sv_sub(rest, 2, name.n), name) &&
		    rest.n > 2 + name.n && (is_space(rest.p[2 + name.n]) || strchr(">/", rest.p[2 + name.n])))
			break;
	}
	if (token)
		buf_sv(l->out, sv_sub(l->s, from, l->i - from));
}

/* What no value may reach: as it is written, up to its end. */
static void lex_literal(struct lex *l, size_t from, const char *end, const char *other)
{
	while (l->i < l->s.n && !starts(l, end) && !(other && starts(l, other)))
		l->i++;
	l->i += strlen(starts(l, end) || !other ? end : other);
	buf_sv(l->out, sv_sub(l->s, from, (l->i < l->s.n ? l->i : l->s.n) - from));
}

/* Comments and declarations; false: something else. XML takes a comment, an instruction and a section to its
 * own end, HTML a comment to one of two, the others to the next '>'. */
static bool lex_declaration(struct lex *l, bool xml)
{
	size_t from = l->i;

	if (starts(l, "<!-->") && !xml)
		l->i += 2;
	else if (starts(l, "<!--"))
		l->i += 4;
	else if (starts(l, "<!") || starts(l, "<?"))
		l->i += 2;
	else
		return false;
	if (sv_starts(sv_sub(l->s, from, l->s.n), SV("<!--")))
		lex_literal(l, from, "-->", xml ? NULL : "--!>");
	else if (xml && l->s.p[from + 1] == '?')
		lex_literal(l, from, "?>", NULL);
	else if (xml && starts(l, "[CDATA["))
		lex_literal(l, from, "]]>", NULL);
	else
		lex_literal(l, from, ">", NULL);
	return true;
}

/* Text is no token: a value may be empty. But in XML that of a script or style is one, whatever its
 * prefix. */
static void lex_markup(struct lex *l, bool xml)
{
	bool code = false;

	while (l->i < l->s.n) {
		struct sv rest = sv_sub(l->s, l->i, l->s.n), name;
		char next = rest.n > 1 ? rest.p[1] : ' ';

		if (lex_declaration(l, xml))
			continue;
		if (rest.p[0] != '<' || !(ch_is_alnum(next) || next == '/') || ch_is_digit(next)) {
			if (code)
				buf_ch(l->out, rest.p[0]);
			l->i++;
			continue;
		}
		l->i++;
		lex_tag(l, &name);
		code = xml && (sv_eq_nocase(local_name(name), SV("script")) ||
			       sv_eq_nocase(local_name(name), SV("style")));
		for (size_t i = 0; !xml && i < sizeof(raw_names) / sizeof(*raw_names); i++)
			if (sv_eq_nocase(name, sv_from(raw_names[i])))
				lex_raw(l, name, i >= N_SHOWN);
	}
}

static bool kinds(enum ct_lang_id lang, struct sv text, struct buf *out)
{
	struct lex l = { .s = text, .out = out };
	json_t *j;

	out->n = 0;
	if (lang == CT_LANG_PS) {
		lex_code(&l, false);
		fold(out);
		return true;
	}
	if (lang == CT_LANG_MARKUP) {
		lex_markup(&l, false);
		buf_str(out, " xml ");
		l.i = 0;
		lex_markup(&l, true);
		return true;
	}
	j = json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (j)
		json_kinds(j, out);
	json_decref(j);
	return j != NULL;
}

static bool render(uint8_t options, struct sv text, struct sv value, struct buf *out)
{
	struct fuzz f;
	const struct ct_template *t;
	struct ct_value ctx, list;
	bool ok;

	fuzz_begin(&f, options);
	ctx = ct_dict_new(&f.perm, 0);
	ct_dict_set(&f.perm, &ctx, SV(HOLE), ct_text(value));
	list = ct_list_new(&f.perm, 0);
	ct_list_add(&f.perm, &list, ct_int(1));
	ct_list_add(&f.perm, &list, ct_int(2));
	ct_dict_set(&f.perm, &ctx, SV("l"), list);
	ct_dict_set(&f.perm, &ctx, SV("b"), ct_bool(true));
	out->n = 0;
	t = ct_compile(f.env, SV("t"), text);
	ok = t && ct_render(f.env, t, ctx, &f.scratch, ct_out_buf, out);
	fuzz_end(&f);
	return ok;
}

/* Single characters seldom make markup that is accepted: with 4 in the first byte each byte stands for a
 * piece. */
static const char *const pieces[] = {
	HOLE_TAG,
	"<",
	">",
	"/",
	"=",
	"\"",
	"'",
	" ",
	"\n",
	"-",
	"--",
	"!",
	"?",
	"&",
	";",
	"#",
	":",
	"a",
	"x",
	"]",
	"<b",
	"</b>",
	"<b>",
	"<p",
	"</p>",
	" a",
	" a=\"",
	" href=\"",
	" onx=\"",
	"\">",
	"\"/>",
	"<!--",
	"-->",
	"--!>",
	"<!DOCTYPE x>",
	"<?xml a=\"1\"?>",
	"<![CDATA[",
	"]]>",
	"&amp;",
	"&#38",
	"<script>",
	"<script",
	"</script>",
	"<svg:script>",
	"</svg:script>",
	"<style>",
	"</style>",
	"<title>",
	"</title>",
	"<textarea>",
	"</textarea>",
	"<noscript>",
	"</noscript>",
	"script",
	"style",
	"src",
	"on",
	"{% if b %}",
	"{% if not b %}",
	"{% else %}",
	"{% endif %}",
	"{% for x in l %}",
	"{% endfor %}",
	"{% set c %}",
	"{% endset %}",
	"{{ c }}",
	"{% macro m() %}",
	"{% endmacro %}",
	"{{ m() }}",
	"{%- if b -%}",
	"{% filter trim %}",
	"{% endfilter %}",
	"\" ",
	"/>",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const hostile[] = { "q'; calc #",
					       "\";calc",
					       "a\n'@\ncalc",
					       "#>\ncalc\n<#",
					       "]",
					       "[a]",
					       "}`",
					       ">",
					       "#",
					       "\\",
					       "\",\"x\":\"",
					       "$(calc)",
					       "\xe2\x80\x99;calc",
					       "",
					       "<b>",
					       "\" onx=\"y",
					       "-->",
					       "</script>",
					       "'>",
					       "&lt;" };
	struct buf text = { 0 }, good = { 0 }, bad = { 0 }, want = { 0 }, got = { 0 };
	enum ct_lang_id lang;
	uint8_t options;
	bool parsed;

	if (size < 2 || size > 4096 || sv_search((struct sv){ (const char *)data, size }, SV(HOLE)) >= 0)
		return 0;
	lang = data[0] & 2 ? CT_LANG_MARKUP : data[0] & 1 ? CT_LANG_JSON : CT_LANG_PS;
	options = (uint8_t)((data[0] & 0x38) | (unsigned)lang);
	for (size_t i = 1; i < size; i++) {
		if (data[i] == 0)
			buf_str(&text, HOLE_TAG);
		else if (lang == CT_LANG_MARKUP && data[0] & 4)
			buf_str(&text, pieces[data[i] % (sizeof(pieces) / sizeof(*pieces))]);
		else
			buf_ch(&text, (char)data[i]);
	}
	if (render(options, buf_view(&text), SV("x"), &good)) {
		parsed = kinds(lang, buf_view(&good), &want);
		for (size_t i = 0; parsed && i < sizeof(hostile) / sizeof(*hostile); i++) {
			if (!render(options, buf_view(&text), sv_from(hostile[i]), &bad))
				continue;
			fuzz_expect(kinds(lang, buf_view(&bad), &got), "no longer parsed", buf_view(&bad));
			if (!sv_eq(buf_view(&want), buf_view(&got)))
				fprintf(stderr, "%.*s\n%.*s\n", (int)want.n, want.p, (int)got.n, got.p);
			fuzz_expect(sv_eq(buf_view(&want), buf_view(&got)), "other tokens", buf_view(&bad));
		}
	}
	buf_release(&text);
	buf_release(&good);
	buf_release(&bad);
	buf_release(&want);
	buf_release(&got);
	return 0;
}
