#include "ctemplate/lang.h"

#include <string.h>

#include "ctemplate/codes.h"
#include "ctemplate/value.h"

/* HTML, SVG, XML: values stand in text and in double-quoted attributes that are not code or links. Literal
 * text is an allow-list of what browsers and XML parsers read alike; anything else is refused. Were one of
 * them to lose its place where the automaton does not, a value in a script would look like one in text. */

enum {
	K_TEXT,
	K_REFERENCE,
	K_OPEN,
	K_NAME,
	K_TAG,
	K_SLASH,
	K_ATTR_NAME,
	K_EQUALS,
	K_ATTR,
	K_DECL,
	K_COMMENT,
	K_RAW,
	K_COUNT
};

static const char *const modes[K_COUNT] = {
	[K_TEXT] = "in text",
	[K_REFERENCE] = "in a reference such as &lt;",
	[K_OPEN] = "behind '<'",
	[K_NAME] = "in the name of an element",
	[K_TAG] = "inside a tag",
	[K_SLASH] = "behind the '/' of a tag",
	[K_ATTR_NAME] = "in the name of an attribute",
	[K_EQUALS] = "behind '=' without double quotes",
	[K_ATTR] = "in a double-quoted attribute",
	[K_DECL] = "in a declaration",
	[K_COMMENT] = "in a comment",
	[K_RAW] = "in a script, style or other element without tags",
};

/* F_PREFIX: the name has a ':'. F_END: it is that of an end tag. F_CODE: the attribute holds a link or code.
 * F_LT: behind '<' in an element without tags. F_XML: the declaration began with '<?'. */
enum { F_PREFIX = 1, F_END = 2, F_CODE = 4, F_LT = 8, F_XML = 16 };

/* In spare: an attribute must not follow without white space. */
enum { S_TIGHT = 1 };

/* What parens hold: the open element without tags, 1 + its row, and whether it has a prefix; how far a
 * declaration is read. */
enum { P_ELEMENT, P_PREFIX, P_STEP };

/* Elements in which HTML sees no tags and XML does: so there are none. Data may stand where HTML reads text
 * with references. With a prefix HTML sees an element of no meaning, and XML may see a script or style. */
static const struct {
	const char *name;
	bool prefixed, data;
} elements[] = {
	{ "script", true, false },   { "style", true, false },	   { "title", false, true },
	{ "textarea", false, true }, { "xmp", false, false },	   { "iframe", false, false },
	{ "noembed", false, false }, { "noframes", false, false }, { "noscript", false, false },
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
	static const char *const words[] = {
		"action",   "archive", "backgrou", "base",     "by",	   "cite",     "classid",
		"codebase", "content", "data",	   "dynsrc",   "formacti", "from",     "href",
		"http-equ", "icon",    "imagesrc", "longdesc", "lowsrc",   "manifest", "ping",
		"poster",   "profile", "style",	   "to",       "usemap",   "values",   "xmlns",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == NAME_MAX ? name_begins(p, words[i]) : name_is(p, words[i]))
			return true;
	return name_begins(p, "on") || name_begins(p, "src");
}

static bool is_letter(char ch)
{
	return ch_is_alnum(ch) && !ch_is_digit(ch);
}

static bool is_space(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\n';
}

/* What a name may hold behind its first letter, ':' aside. */
static bool is_name_part(char ch)
{
	return ch_is_alnum(ch) || ch == '-' || ch == '.' || ch == '_';
}

static void enter(struct pass *p, uint8_t mode, uint8_t flag)
{
	name_clear(p);
	p->s.mode = mode;
	p->s.flag = flag;
	p->s.parens[P_STEP] = 0;
	p->s.spare = mode == K_TAG ? S_TIGHT : 0;
	if (mode == K_TEXT)
		p->s.parens[P_ELEMENT] = p->s.parens[P_PREFIX] = 0;
}

/* Where branches have parted, what follows is no mistake of its own. */
static void say(struct pass *p, uint32_t off, const char *what, const char *help)
{
	if (!p->lost)
		comp_help(p->c, pass_refuse_text(p, CT_CODE(T316), off, "%s", what), "%s", help);
}

/* The place is lost: what follows is taken for text, so that one mistake is one finding. */
static void lose(struct pass *p)
{
	p->guess = true;
	enter(p, K_TEXT, 0);
}

static void malformed(struct pass *p, uint32_t off, const char *what, const char *help)
{
	say(p, off, what, help);
	lose(p);
}

/* Where the '<' in front of off stands, unless a tag of the template is between. */
static uint32_t open_at(const struct pass *p, uint32_t off)
{
	return off && p->c->text.p[off - 1] == '<' ? off - 1 : off;
}

/* The same of the '&' of a reference that ends in front of off. */
static uint32_t reference_at(const struct pass *p, uint32_t off)
{
	const char *text = p->c->text.p;
	uint32_t i = off;

	while (i && (ch_is_alnum(text[i - 1]) || text[i - 1] == '#'))
		i--;
	return i && text[i - 1] == '&' ? i - 1 : off;
}

static void feed_markup(struct pass *p, char ch, uint32_t off);

/* &amp; &#38; &#x26; depth: the mode it stands in; n: 1 behind its '#', 2 behind more. */
static void open_reference(struct pass *p)
{
	p->s.depth = p->s.mode;
	p->s.mode = K_REFERENCE;
}

static void feed_reference(struct pass *p, char ch, uint32_t off)
{
	if (ch_is_alnum(ch) || (ch == '#' && !p->s.n)) {
		p->s.n = ch == '#' ? 1 : 2;
		return;
	}
	if (ch != ';' || p->s.n < 2)
		say(p, reference_at(p, off),
		    "an '&' begins a reference such as &lt; and this one is not complete",
		    "write '&amp;' for the character '&', and a ';' at the end of a reference");
	p->s.mode = p->s.depth;
	p->s.depth = p->s.n = 0;
	if (ch != ';' && ch != '&')
		feed_markup(p, ch, off);
}

static void feed_text(struct pass *p, char ch, uint32_t off)
{
	(void)off;
	if (ch == '&')
		open_reference(p);
	else if (ch == '<')
		enter(p, K_OPEN, 0);
}

#define END_TAG "an end tag is '</', the name and '>'"

static void feed_open(struct pass *p, char ch, uint32_t off)
{
	if (is_letter(ch)) {
		enter(p, K_NAME, p->s.flag);
		name_add(p, ch);
	} else if (p->s.flag & F_END) {
		malformed(p, off, END_TAG, "write the name right behind '</', or '&lt;/' for the characters");
	} else if (ch == '/') {
		p->s.flag = F_END;
	} else if (ch == '!' || ch == '?') {
		enter(p, K_DECL, ch == '?' ? F_XML : 0);
	} else {
		malformed(p, open_at(p, off), "a '<' that begins no tag", "write '&lt;' for the character");
		feed_text(p, ch, off);
	}
}

/* One more character of a name, whose first letter was read; false: it has ended. */
static bool feed_name(struct pass *p, char ch, uint32_t off)
{
	if (ch == ':' && !(p->s.flag & F_PREFIX)) {
		if (p->s.mode == K_ATTR_NAME && (name_begins(p, "on") || name_is(p, "xmlns")))
			p->s.flag |= F_CODE;
		p->s.flag |= F_PREFIX;
		name_clear(p);
	} else if (p->s.n ? is_name_part(ch) : is_letter(ch) || ch == '_') {
		name_add(p, ch);
	} else if (!p->s.n) {
		malformed(p, off, "a name is missing behind ':'", "write prefix:name");
	} else {
		return false;
	}
	return true;
}

/* The name of a start tag is complete: is it an element without tags? */
static void end_name(struct pass *p)
{
	uint8_t prefix = p->s.flag & F_PREFIX;

	for (size_t i = 0; i < sizeof(elements) / sizeof(*elements); i++) {
		if (name_is(p, elements[i].name) && (elements[i].prefixed || !prefix)) {
			p->s.parens[P_ELEMENT] = (uint8_t)(i + 1);
			p->s.parens[P_PREFIX] = prefix;
		}
	}
	enter(p, K_TAG, 0);
}

static void feed_tag(struct pass *p, char ch, uint32_t off)
{
	if (is_space(ch)) {
		p->s.spare = 0;
	} else if (ch == '>') {
		enter(p, p->s.parens[P_ELEMENT] ? K_RAW : K_TEXT, 0);
	} else if (ch == '/') {
		enter(p, K_SLASH, 0);
	} else if (ch == '=') {
		malformed(p, off, "a '=' that does not touch the name of its attribute",
			  "write name=\"value\"");
	} else if (!is_letter(ch) && ch != '_') {
		malformed(p, off, "a character that cannot stand in a tag",
			  "a tag is a name, attributes name=\"value\" and '>' or '/>'");
	} else if (p->s.spare & S_TIGHT) {
		malformed(
		    p, off, "white space is missing in front of an attribute",
		    "begin each attribute with a blank, also the first one of a branch or a loop's turn");
	} else {
		enter(p, K_ATTR_NAME, 0);
		name_add(p, ch);
	}
}

static void feed_element_name(struct pass *p, char ch, uint32_t off)
{
	if (feed_name(p, ch, off))
		return;
	if (p->s.flag & F_END) {
		if (ch == '>')
			enter(p, K_TEXT, 0);
		else
			malformed(p, off, END_TAG, "write '>' right behind the name");
	} else if (is_space(ch) || ch == '>' || ch == '/') {
		end_name(p);
		feed_tag(p, ch, off);
	} else {
		malformed(p, off, "a character that cannot stand in the name of an element",
			  "a name has letters, digits, '-', '.', '_' and one ':'");
	}
}

static void feed_slash(struct pass *p, char ch, uint32_t off)
{
	if (ch != '>')
		malformed(p, off, "a '/' in a tag that is not followed by '>'",
			  "write name=\"value\" or '/>'");
	else if (p->s.parens[P_ELEMENT])
		malformed(p, off, "HTML does not read '/>' as the end of this element", "write its end tag");
	else
		enter(p, K_TEXT, 0);
}

static void feed_attr_name(struct pass *p, char ch, uint32_t off)
{
	if (feed_name(p, ch, off))
		return;
	if (ch == '=') {
		enter(p, K_EQUALS, p->s.flag & F_CODE || name_is_code(p) ? F_CODE : 0);
	} else if (is_space(ch) || ch == '>' || ch == '/') {
		enter(p, K_TAG, 0);
		feed_tag(p, ch, off);
	} else {
		malformed(p, off, "a character that cannot stand in the name of an attribute",
			  "a name has letters, digits, '-', '.', '_' and one ':'");
	}
}

static void feed_equals(struct pass *p, char ch, uint32_t off)
{
	if (ch == '"')
		enter(p, K_ATTR, p->s.flag);
	else
		malformed(p, off, "an attribute's value that does not begin with a double quote",
			  "write name=\"value\"");
}

static void feed_attr(struct pass *p, char ch, uint32_t off)
{
	if (ch == '&')
		open_reference(p);
	else if (ch == '"')
		enter(p, K_TAG, 0);
	else if (ch == '<')
		malformed(p, off, "a '<' in the value of an attribute",
			  "write '&lt;', or end the value before it");
}

/* <!DOCTYPE name>, <?xml version="1.0"?> or the beginning of a comment. HTML ends all but that at the first
 * '>', XML not at one in quotes or brackets: so there are no brackets, and no '>' but the last. */
static void feed_decl(struct pass *p, char ch, uint32_t off)
{
	uint8_t *step = &p->s.parens[P_STEP];
	bool xml = p->s.flag & F_XML, ok = true;
	const char *word = xml ? "xml" : "doctype";

	if (*step == 0 && is_space(ch) && name_is(p, word)) {
		*step = 1;
	} else if (*step == 0) {
		name_add(p, ch);
		ok = (p->s.n <= strlen(word) && memcmp(p->s.stack, word, p->s.n) == 0) ||
		     (!xml && (name_is(p, "-") || name_is(p, "--")));
		if (name_is(p, "--") && ok)
			enter(p, K_COMMENT, 0);
	} else if (ch == '>' && *step == (xml ? 2 : 1)) {
		enter(p, K_TEXT, 0);
	} else if (xml && ch == '?') {
		ok = *step == 1;
		*step = 2;
	} else {
		ok = *step == 1 && (is_name_part(ch) || is_space(ch) || (xml && (ch == '=' || ch == '"')));
	}
	if (!ok)
		malformed(
		    p, off,
		    xml ? "what begins with '<?' is <?xml version=\"1.0\" encoding=\"utf-8\"?>"
			: "what begins with '<!' is <!DOCTYPE name> or <!-- a comment -->",
		    "leave it out: other instructions, sections, entities and identifiers are not supported");
}

/* n: 0 at the beginning, 1 behind a dash there, 2 in the text, 3 behind a dash, 4 behind two. */
static void feed_comment(struct pass *p, char ch, uint32_t off)
{
	if (p->s.n < 2 && ch == '>') {
		malformed(p, off, "a comment that begins with '>'", "write a blank behind '<!--'");
	} else if (p->s.n == 4 && ch == '>') {
		enter(p, K_TEXT, 0);
	} else if (p->s.n == 4) {
		say(p, off, "a comment goes on behind '--'", "write '- -', or '-->' at its end");
		p->s.n = ch == '-' ? 4 : 2;
	} else {
		p->s.n = ch != '-' ? 2 : p->s.n == 0 ? 1 : p->s.n == 2 ? 3 : 4;
	}
}

/* In an element without tags '</' begins its own end tag, and '<' nothing else: so it ends at one place for
 * all readers. */
static void feed_raw(struct pass *p, char ch, uint32_t off)
{
	uint8_t row = (uint8_t)(p->s.parens[P_ELEMENT] - 1), prefix = p->s.flag & F_PREFIX;

	if (p->s.flag & F_END) {
		if (ch == '>' && name_is(p, elements[row].name) && prefix == p->s.parens[P_PREFIX]) {
			enter(p, K_TEXT, 0);
		} else if (ch == ':' && p->s.n && !prefix) {
			p->s.flag |= F_PREFIX;
			name_clear(p);
		} else if (is_name_part(ch)) {
			name_add(p, ch);
		} else {
			malformed(
			    p, off, "in an element without tags '</' begins its end tag and nothing else",
			    elements[row].data ? "write '&lt;/' for the characters"
					       : "write '<\\/' in a script, and the end tag without blanks");
		}
		return;
	}
	if (p->s.flag & F_LT) {
		p->s.flag = ch == '/' ? F_END : 0;
		if (elements[row].data ? ch != '/' : is_letter(ch) || ch == '!' || ch == '?')
			say(p, open_at(p, off), "a '<' in an element without tags",
			    elements[row].data ? "write '&lt;' for the character"
					       : "write a blank behind it");
	}
	if (ch == '<')
		p->s.flag = F_LT;
	else if (ch == '&' && elements[row].data)
		open_reference(p);
}

static void feed_markup(struct pass *p, char ch, uint32_t off)
{
	static void (*const feeds[K_COUNT])(struct pass * p, char ch, uint32_t off) = {
		[K_TEXT] = feed_text,
		[K_REFERENCE] = feed_reference,
		[K_OPEN] = feed_open,
		[K_NAME] = feed_element_name,
		[K_TAG] = feed_tag,
		[K_SLASH] = feed_slash,
		[K_ATTR_NAME] = feed_attr_name,
		[K_EQUALS] = feed_equals,
		[K_ATTR] = feed_attr,
		[K_DECL] = feed_decl,
		[K_COMMENT] = feed_comment,
		[K_RAW] = feed_raw,
	};

	feeds[p->s.mode](p, ch, off);
}

static enum emit hole_markup(struct pass *p, struct node *n)
{
	bool attr = p->s.mode == K_ATTR, raw = p->s.mode == K_RAW;

	if (p->s.mode == K_REFERENCE) {
		comp_help(p->c, pass_refuse(p, CT_CODE(T304), n, "a value cannot be part of a reference"),
			  "write '&amp;' for the character '&'");
		p->s.mode = p->s.depth;
		p->s.depth = p->s.n = 0;
		return EMIT_NONE;
	}
	if (p->s.mode == K_TEXT)
		return EMIT_MARKUP;
	if (attr && !(p->s.flag & F_CODE))
		return EMIT_MARKUP_ATTR;
	if (raw && !p->s.flag && elements[p->s.parens[P_ELEMENT] - 1].data)
		return EMIT_MARKUP_ATTR;
	pass_refuse(p, CT_CODE(T303), n, "data cannot stand %s",
		    attr	       ? "in an attribute that holds a link or code"
		    : raw && p->s.flag ? modes[K_OPEN]
				       : modes[p->s.mode]);
	if (!attr && p->s.mode != K_COMMENT && !(raw && !p->s.flag))
		lose(p);
	return EMIT_NONE;
}

/* A name ends where a branch begins or ends. */
static void settle_markup(struct pass *p)
{
	if (p->s.mode == K_NAME && !(p->s.flag & F_END) && p->s.n)
		end_name(p);
	else if (p->s.mode == K_ATTR_NAME && p->s.n)
		enter(p, K_TAG, 0);
}

/* A '<' or a reference at the end is not complete. */
static void end_markup(struct pass *p, uint32_t off)
{
	if (p->s.mode == K_REFERENCE ? p->s.depth == K_TEXT : p->s.mode == K_OPEN && !p->s.flag)
		feed_markup(p, ' ', off);
}

const struct lang_row lang_markup_row = {
	.name = "markup",
	.suffixes = { ".html", ".svg", ".xml" },
	.n_modes = K_COUNT,
	.modes = modes,
	.block_frag = FRAG_MARKUP_BLOCK,
	.turn = S_TIGHT,
	.feed = feed_markup,
	.hole = hole_markup,
	.settle = settle_markup,
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
