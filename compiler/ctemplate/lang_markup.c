#include "ctemplate/lang.h"

#include <string.h>

#include "ctemplate/codes.h"
#include "ctemplate/value.h"

/* HTML, SVG, XML: values stand in text and in double-quoted attributes that are not code or links. Tags
 * are read as browsers do it, character by character: were the automaton to lose its place, a value in a
 * script would look like one in text. Where HTML and XML differ, the stricter reading holds. */

enum { K_TEXT, K_OPEN, K_TAG, K_BOGUS, K_ATTR, K_OTHER_ATTR, K_COMMENT, K_RAW };

static const char *const modes[] = { "in text",
				     "behind '<'",
				     "inside a tag",
				     "in a declaration",
				     "in a double-quoted attribute",
				     "in an attribute that is not double-quoted",
				     "in a comment",
				     "in a script or style element" };

/* F_RAW: the tag opens a script, with F_STYLE a style; F_PREFIX: it is written with one, <svg:script>.
 * F_FIRST: in the name of the tag. F_EQ: behind '='. F_VALUE: in a value without quotes. F_GAP: behind a
 * name. F_CODE: the attribute holds a link or code. */
enum {
	F_RAW = 1,
	F_STYLE = 2,
	F_PREFIX = 4,
	F_ELEMENT = 7,
	F_FIRST = 8,
	F_EQ = 16,
	F_VALUE = 32,
	F_GAP = 64,
	F_CODE = 128
};

#define NAME_MAX 8

/* The name being read: its first eight letters, s.n of them; 9: there are more. */
static void name_add(struct pass *p, char ch)
{
	if (p->s.n < NAME_MAX)
		p->s.stack[p->s.n] = (uint8_t)ch_lower(ch);
	if (p->s.n <= NAME_MAX)
		p->s.n++;
}

static void name_clear(struct pass *p)
{
	memset(p->s.stack, 0, sizeof(p->s.stack));
	p->s.n = 0;
	p->s.parens[1] = 0;
}

/* What is in front of a ':' does not count, but there is a name. */
static void name_prefix(struct pass *p)
{
	name_clear(p);
	p->s.parens[1] = 1;
}

static bool has_name(const struct pass *p)
{
	return p->s.n || p->s.parens[1];
}

static bool name_begins(const struct pass *p, const char *word)
{
	size_t n = strlen(word);

	return p->s.n >= n && memcmp(p->s.stack, word, n < NAME_MAX ? n : NAME_MAX) == 0;
}

static bool name_is(const struct pass *p, const char *word)
{
	return p->s.n == strlen(word) && name_begins(p, word);
}

/* Attributes that hold an address, a script, a style, or what an animation writes into one of those. Words of
 * eight letters stand for all names that begin so. */
static bool name_is_code(const struct pass *p)
{
	static const char *const words[] = { "action",	 "archive",  "backgrou", "by",	     "cite",	 "classid",
					     "codebase", "content",  "data",	 "dynsrc",   "formacti", "from",
					     "href",	 "http-equ", "icon",	 "longdesc", "lowsrc",	 "manifest",
					     "ping",	 "poster",   "profile",	 "style",    "to",	 "usemap",
					     "values",	 "xmlns" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == NAME_MAX ? name_begins(p, words[i]) : name_is(p, words[i]))
			return true;
	return name_begins(p, "on") || name_begins(p, "src");
}

static void set_flags(struct pass *p, unsigned keep, unsigned add)
{
	p->s.flag = (uint8_t)((p->s.flag & keep) | add);
}

static void end_tag(struct pass *p)
{
	p->s.mode = p->s.flag & F_RAW ? K_RAW : K_TEXT;
	set_flags(p, p->s.flag & F_RAW ? F_ELEMENT : 0, 0);
	name_clear(p);
}

/* The name of a tag goes up to a blank, '/' or '>'; quotes are part of it. */
static void feed_tag_name(struct pass *p, char ch)
{
	if (ch_is_blank((uint8_t)ch) || ch == '/') {
		set_flags(p, F_ELEMENT, 0);
		name_clear(p);
	} else if (ch == ':') { /* <svg:script>: what counts is behind the prefix */
		set_flags(p, 0xff, F_PREFIX);
		name_clear(p);
	} else {
		name_add(p, ch);
		set_flags(p, 0xff & ~(F_RAW | F_STYLE),
			  name_is(p, "script") ? F_RAW : name_is(p, "style") ? F_RAW | F_STYLE : 0);
	}
}

static void feed_attributes(struct pass *p, char ch)
{
	if (p->s.flag & F_VALUE) {
		if (ch_is_blank((uint8_t)ch))
			set_flags(p, F_ELEMENT, 0);
	} else if (p->s.flag & F_EQ) {
		if (ch_is_blank((uint8_t)ch))
			return;
		set_flags(p, F_ELEMENT, name_is_code(p) ? F_CODE : 0);
		name_clear(p);
		if (ch == '"' || ch == '\'') {
			p->s.mode = ch == '"' ? K_ATTR : K_OTHER_ATTR;
			p->s.parens[0] = (uint8_t)ch; /* the quote that ends it */
		} else {
			set_flags(p, F_ELEMENT, F_VALUE);
		}
	} else if (ch_is_blank((uint8_t)ch)) {
		set_flags(p, 0xff, has_name(p) ? F_GAP : 0);
	} else if (ch == '/') {
		set_flags(p, F_ELEMENT, 0);
		name_clear(p);
	} else if (ch == '=' && has_name(p)) {
		set_flags(p, F_ELEMENT, F_EQ);
	} else {
		if (p->s.flag & F_GAP)
			name_clear(p);
		set_flags(p, F_ELEMENT, 0);
		if (ch == ':') /* xlink:href */
			name_prefix(p);
		else
			name_add(p, ch);
	}
}

static void feed_text(struct pass *p, char ch)
{
	if (p->s.mode == K_TEXT) {
		p->s.mode = ch == '<' ? K_OPEN : K_TEXT;
		return;
	}
	name_clear(p);
	p->s.flag = 0;
	if (ch == '!' || ch == '?') {
		p->s.mode = K_BOGUS;
	} else if (ch == '/' || (ch_is_alnum(ch) && !ch_is_digit(ch))) {
		p->s.mode = K_TAG;
		set_flags(p, 0, ch == '/' ? 0 : F_FIRST);
		if (ch != '/')
			feed_tag_name(p, ch);
	} else {
		p->s.mode = ch == '<' ? K_OPEN : K_TEXT; /* a '<' that opens nothing */
	}
}

/* <!DOCTYPE x>, <?xml x?>: to the next '>'; but <!-- is a comment. */
static void feed_bogus(struct pass *p, char ch)
{
	if (ch == '>') {
		p->s.mode = K_TEXT;
		name_clear(p);
		return;
	}
	name_add(p, ch);
	if (p->s.prev == '-' && name_is(p, "--")) {
		p->s.mode = K_COMMENT; /* its n counts the dashes before a '>' */
		p->s.n = 4;	       /* those of the beginning: <!--> ends at once, <!--!> does not */
	}
}

static void feed_comment(struct pass *p, char ch)
{
	memset(p->s.stack, 0, sizeof(p->s.stack));
	if (ch == '>' && p->s.n >= 2) {
		p->s.mode = K_TEXT;
		p->s.n = 0;
	} else if (ch == '-') {
		p->s.n = p->s.n == 4 ? 5 : p->s.n == 0 || p->s.n == 3 ? 1 : 2;
	} else {
		p->s.n = ch == '!' && p->s.n == 2 ? 3 : 0; /* --!> ends one, too */
	}
}

/* Only its own end tag ends a script or style. */
static void feed_raw(struct pass *p, char ch, uint32_t off)
{
	bool style = p->s.flag & F_STYLE, ends = ch_is_blank((uint8_t)ch) || ch == '/' || ch == '>';

	if (ch == '<') {
		name_clear(p);
		name_add(p, ch);
	} else if (p->s.n > 2 && ends) {
		if (!(p->s.flag & F_PREFIX ? p->s.parens[1] : !p->s.parens[1]) ||
		    !name_is(p, style ? "</style" : "</script")) {
			p->s.parens[1] = 0;
			name_clear(p);
			return;
		}
		p->s.parens[1] = 0;
		p->s.mode = K_TAG;
		p->s.flag = 0;
		name_clear(p);
		if (ch == '>')
			end_tag(p);
	} else if (p->s.n == 1 && ch == '!') {
		pass_refuse_text(p, CT_CODE(T303), off,
				 "'<!' in a script or style is read in another way by each browser: leave it out");
	} else if (ch == ':' && p->s.n > 2 && !p->s.parens[1]) {
		p->s.parens[1] = 1; /* behind a prefix */
		p->s.n = 2;
		memset(p->s.stack + 2, 0, sizeof(p->s.stack) - 2);
	} else if (p->s.n == 1 ? ch == '/' : p->s.n > 1 && !ends) {
		name_add(p, ch);
	} else {
		p->s.parens[1] = 0;
		name_clear(p);
	}
}

static void feed_markup(struct pass *p, char ch, uint32_t off)
{
	switch (p->s.mode) {
	case K_TEXT:
	case K_OPEN:
		feed_text(p, ch);
		break;
	case K_TAG:
		if (ch == '>')
			end_tag(p);
		else if (p->s.flag & F_FIRST)
			feed_tag_name(p, ch);
		else
			feed_attributes(p, ch);
		break;
	case K_BOGUS:
		feed_bogus(p, ch);
		break;
	case K_ATTR:
	case K_OTHER_ATTR:
		if ((uint8_t)ch == p->s.parens[0]) {
			p->s.parens[0] = 0;
			p->s.mode = K_TAG;
			set_flags(p, F_ELEMENT, 0);
		}
		break;
	case K_COMMENT:
		feed_comment(p, ch);
		break;
	default:
		feed_raw(p, ch, off);
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

/* A '<' at the end is text. */
static void end_markup(struct pass *p, uint32_t off)
{
	(void)off;
	if (p->s.mode == K_OPEN)
		p->s.mode = K_TEXT;
}

const struct lang_row lang_markup_row = {
	.name = "markup",
	.suffixes = { ".html", ".svg", ".xml" },
	.n_modes = 8,
	.modes = modes,
	.block_frag = FRAG_MARKUP_BLOCK,
	.feed = feed_markup,
	.hole = hole_markup,
	.end = end_markup,
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
