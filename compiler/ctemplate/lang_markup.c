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

static bool name_is_code(const struct pass *p)
{
	static const char *const words[] = { "href",	 "src",	   "style",    "action",
					     "formacti", "srcdoc", "xlink:hr", "data" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (name_is(p, words[i]))
			return true;
	return NAME_LEN(&p->s) > 2 && p->s.stack[0] == 'o' && p->s.stack[1] == 'n';
}

enum { F_RAW = 1, F_CODE = 2, F_FIRST = 4 };

static void feed_tag(struct pass *p, char ch)
{
	if (ch == '>') {
		p->s.mode = p->s.flag & F_RAW && p->s.prev != '/' ? K_RAW : K_TEXT;
		p->s.flag = 0;
		name_clear(p);
	} else if (ch == '"' || ch == '\'') {
		p->s.flag = (uint8_t)((p->s.flag & F_RAW) | (name_is_code(p) ? F_CODE : 0));
		p->s.mode = ch == '"' && p->s.prev == '=' ? K_ATTR : K_OTHER_ATTR;
		p->s.parens[0] = (uint8_t)ch; /* the quote that ends it */
		name_clear(p);
	} else if (ch == '-' && p->s.prev == '-' && name_is(p, "!-")) {
		p->s.mode = K_COMMENT;
		name_clear(p);
	} else if (ch_is_blank((uint8_t)ch)) {
		if (p->s.flag & F_FIRST)
			p->s.flag = name_is(p, "script") || name_is(p, "style") ? F_RAW : 0;
		name_clear(p);
	} else if (ch != '=') {
		name_add(p, ch);
		if ((p->s.flag & F_FIRST) && (name_is(p, "script") || name_is(p, "style")))
			p->s.flag |= F_RAW;
	}
}

static void feed_markup(struct pass *p, char ch, uint32_t off)
{
	(void)off;
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
			p->s.flag &= F_RAW;
		}
		break;
	case K_COMMENT:
		if (ch == '>' && off >= 2 && memcmp(p->c->text.p + off - 2, "--", 2) == 0)
			p->s.mode = K_TEXT;
		break;
	default:
		if (ch == '/' && p->s.prev == '<')
			p->s.mode = K_TAG;
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
	struct buf tmp = { 0 };
	struct escape sub = { .out = &tmp, .why = e->why };
	bool ok = v.tag != CT_LIST && v.tag != CT_DICT && escape_plain(&sub, v);

	if (!ok)
		ok = escape_fail(e, CT_CODE(T307), "%s cannot stand in text: join its items", value_kind(v));
	else
		ok = escape_check(e, buf_view(&tmp));
	for (size_t i = 0; ok && i < tmp.n; i++) {
		char c = tmp.p[i];
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
	buf_release(&tmp);
	return ok;
}
