#include "ctemplate/lang.h"

#include <string.h>

#include "ctemplate/codes.h"
#include "ctemplate/value.h"

/* HTML, SVG, XML: values stand in text and in double-quoted attributes that are not code or links. */

enum { K_TEXT, K_TAG, K_ATTR, K_OTHER_ATTR, K_COMMENT, K_RAW };

static const char *const modes[] = { "in text",
				     "inside a tag",
				     "in a double-quoted attribute",
				     "in an attribute that is not double-quoted",
				     "in a comment",
				     "in a script or style element" };

#define NAME_LEN(s) ((s)->n)

/* The attribute or tag name being read: the first eight letters. */
static void name_add(struct pass *p, char ch)
{
	if (NAME_LEN(&p->s) < 8)
		p->s.stack[NAME_LEN(&p->s)++] = (uint8_t)ch_lower(ch);
}

static void name_clear(struct pass *p)
{
	memset(p->s.stack, 0, sizeof(p->s.stack));
	NAME_LEN(&p->s) = 0;
}

static bool name_is(const struct pass *p, const char *word)
{
	size_t n = strlen(word);

	return NAME_LEN(&p->s) == n && memcmp(p->s.stack, word, n) == 0;
}

static bool name_begins(const struct pass *p, const char *word)
{
	size_t n = strlen(word);

	return NAME_LEN(&p->s) >= n && memcmp(p->s.stack, word, n) == 0;
}

/* Attributes that hold an address, a script, a style, or what an animation writes into one of those. */
static bool name_is_code(const struct pass *p)
{
	static const char *const words[] = { "action",	 "archive",  "backgrou", "by",	     "cite",	 "classid",
					     "codebase", "content",  "data",	 "dynsrc",   "formacti", "from",
					     "href",	 "http-equ", "icon",	 "longdesc", "lowsrc",	 "manifest",
					     "ping",	 "poster",   "profile",	 "style",    "to",	 "usemap",
					     "values",	 "xmlns" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (name_is(p, words[i]))
			return true;
	return name_begins(p, "on") || name_begins(p, "src");
}

/* F_RAW: the tag opens a script, with F_STYLE a style; F_PREFIX: it is written with one, <svg:script>. */
enum { F_RAW = 1, F_CODE = 2, F_FIRST = 4, F_STYLE = 8, F_PREFIX = 16, F_ELEMENT = F_RAW | F_STYLE | F_PREFIX };

static void name_tag(struct pass *p)
{
	if (name_is(p, "script"))
		p->s.flag |= F_RAW;
	else if (name_is(p, "style"))
		p->s.flag |= F_RAW | F_STYLE;
}

static void feed_tag(struct pass *p, char ch)
{
	if (ch == '>') {
		/* <script/> is an open script in HTML: what follows is one, to be safe */
		p->s.mode = p->s.flag & F_RAW ? K_RAW : K_TEXT;
		p->s.flag &= p->s.flag & F_RAW ? F_ELEMENT : 0;
		name_clear(p);
	} else if (ch == '"' || ch == '\'') {
		p->s.flag = (uint8_t)((p->s.flag & F_ELEMENT) | (name_is_code(p) ? F_CODE : 0));
		p->s.mode = ch == '"' && p->s.prev == '=' ? K_ATTR : K_OTHER_ATTR;
		p->s.parens[0] = (uint8_t)ch; /* the quote that ends it */
		name_clear(p);
	} else if (ch == '-' && p->s.prev == '-' && name_is(p, "!-")) {
		p->s.mode = K_COMMENT;
		name_clear(p);
	} else if (ch_is_blank((uint8_t)ch) || (ch == '/' && p->s.prev != '<')) {
		p->s.flag &= (uint8_t)~F_FIRST;
		name_clear(p);
	} else if (ch == '/') {
		p->s.flag = 0; /* an end tag opens nothing */
	} else if (ch == ':') {
		p->s.flag |= p->s.flag & F_FIRST ? F_PREFIX : 0;
		name_clear(p); /* <svg:script>, xlink:href: what counts is behind the prefix */
	} else if (ch != '=') {
		name_add(p, ch);
		if (p->s.flag & F_FIRST)
			name_tag(p);
	}
}

/* Whether </ at off begins the end tag of the script or style it stands in; nothing else ends one. */
static bool ends_raw(const struct pass *p, uint32_t off)
{
	struct sv word = p->s.flag & F_STYLE ? SV("style") : SV("script");
	struct sv rest = sv_sub(p->c->text, off + 1, p->c->text.n);
	char next;

	if (p->s.flag & F_PREFIX) {
		size_t n = 0;

		while (n < rest.n && (ch_is_word((uint8_t)rest.p[n]) || rest.p[n] == '-'))
			n++;
		if (n >= rest.n || rest.p[n] != ':')
			return false;
		rest = sv_sub(rest, n + 1, rest.n);
	}
	next = rest.n > word.n ? rest.p[word.n] : '\0';
	return sv_eq_nocase(sv_sub(rest, 0, word.n), word) && (next == '>' || next == '/' || ch_is_blank((uint8_t)next));
}

static void feed_markup(struct pass *p, char ch, uint32_t off)
{
	switch (p->s.mode) {
	case K_TEXT:
		if (ch == '<') {
			p->s.mode = K_TAG;
			p->s.flag = F_FIRST;
			name_clear(p);
		}
		break;
	case K_TAG:
		feed_tag(p, ch);
		break;
	case K_ATTR:
	case K_OTHER_ATTR:
		if ((uint8_t)ch == p->s.parens[0]) {
			p->s.parens[0] = 0;
			p->s.mode = K_TAG;
			p->s.flag &= F_ELEMENT;
		}
		break;
	case K_COMMENT:
		if (ch == '>' && off >= 2 && memcmp(p->c->text.p + off - 2, "--", 2) == 0) {
			p->s.mode = K_TEXT;
			p->s.flag = 0;
		}
		break;
	default:
		if (ch == '/' && p->s.prev == '<' && ends_raw(p, off)) {
			p->s.mode = K_TAG;
			p->s.flag = 0;
		}
		break;
	}
}

static enum emit hole_markup(struct pass *p, struct node *n)
{
	if (p->s.mode == K_TEXT)
		return EMIT_MARKUP;
	if (p->s.mode == K_ATTR && !(p->s.flag & F_CODE))
		return EMIT_MARKUP_ATTR;
	pass_refuse(p, CT_CODE(T303), n, "data cannot stand %s",
		    p->s.mode == K_ATTR ? "in an attribute that holds a link or code" : modes[p->s.mode]);
	return EMIT_NONE;
}

const struct lang_row lang_markup_row = {
	.name = "markup",
	.suffixes = { ".html", ".svg", ".xml" },
	.n_modes = 6,
	.modes = modes,
	.block_frag = FRAG_MARKUP_BLOCK,
	.feed = feed_markup,
	.hole = hole_markup,
};

bool escape_markup(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!escape_text(e, v, "in text: join its items", &s) || !escape_check(e, s))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		const char *ent = c == '<'    ? "&lt;"
				  : c == '>'  ? "&gt;"
				  : c == '&'  ? "&amp;"
				  : c == '"'  ? "&quot;"
				  : c == '\'' ? "&#39;"
					      : NULL;

		if (ent)
			buf_str(e->out, ent);
		else
			buf_ch(e->out, c);
	}
	return true;
}
