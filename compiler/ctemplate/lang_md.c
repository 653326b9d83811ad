#include "ctemplate/lang.h"

#include <string.h>

#include "base/utf8.h"
#include "ctemplate/codes.h"
#include "ctemplate/value.h"

/* GitHub-flavoured Markdown: values are text, code spans or lines of a fence; never links or HTML. */

enum { M_TEXT, M_CODE, M_INFO, M_FENCE, M_DEST, M_HTML };

static const char *const modes[] = {
	"in text",	     "in a code span",	      "in the first line of a fence",
	"in a fenced block", "in a link destination", "in HTML"
};

/* Uses of the state's bytes: n is the length of the span or fence, and of the run being read. */
#define RUN(s) ((s)->parens[0])	  /* backticks or tildes just read */
#define FENCE(s) ((s)->parens[1]) /* the character of the fence */
#define DIRTY(s) ((s)->parens[2]) /* the fence's line holds something else */

enum { F_ESC = 1 };
/* in spare, which branches need not agree on: a table row; a word with ://; the run began its line */
enum { S_CELL = 1, S_URL = 2, S_START = 4 };

/* A run of fence characters is over; ch follows. */
static void end_run(struct pass *p, char ch)
{
	uint8_t run = RUN(&p->s);

	RUN(&p->s) = 0;
	if (!run)
		return;
	if (p->s.mode == M_CODE) {
		if (run == p->s.n)
			p->s.mode = M_TEXT;
	} else if (p->s.mode == M_TEXT) {
		if ((p->s.spare & S_START) && run >= 3) {
			p->s.mode = ch == '\n' ? M_FENCE : M_INFO;
			p->s.n = run;
			DIRTY(&p->s) = 0;
		} else if (FENCE(&p->s) == '`') {
			p->s.mode = M_CODE;
			p->s.n = run;
		}
	}
	if (p->s.mode == M_TEXT)
		p->s.n = FENCE(&p->s) = 0;
	p->s.spare &= (uint8_t)~S_START;
}

/* A branch or body ends here: a run of backticks does not go on behind it. */
static void settle_md(struct pass *p)
{
	if (p->s.mode != M_FENCE)
		end_run(p, 'x');
}

static void feed_fence(struct pass *p, char ch)
{
	p->multiline = true;
	if (ch == '\n') {
		if (RUN(&p->s) >= p->s.n && !DIRTY(&p->s)) {
			p->s.mode = M_TEXT;
			p->s.n = FENCE(&p->s) = 0;
		}
		RUN(&p->s) = DIRTY(&p->s) = 0;
	} else if ((uint8_t)ch == FENCE(&p->s) && !DIRTY(&p->s) && (RUN(&p->s) || p->s.bol)) {
		RUN(&p->s)++;
	} else if (!ch_is_blank((uint8_t)ch)) {
		DIRTY(&p->s) = 1;
	}
}

static void feed_text(struct pass *p, char ch, uint32_t off)
{
	uint8_t prev = p->s.prev;

	if (ch == '\\') {
		p->s.flag = F_ESC;
	} else if (ch == '\n' || ch == ' ' || ch == '\t') {
		p->s.spare &= (uint8_t)~S_URL;
		if (ch == '\n')
			p->s.spare &= (uint8_t)~S_CELL;
	} else if (ch == '|' && p->s.bol) {
		p->s.spare |= S_CELL;
	} else if (ch == '(' && prev == ']') {
		p->s.mode = M_DEST;
	} else if ((ch == '/' && prev == '/') ||
		   (ch == '.' && off >= 3 && sv_eq_nocase(sv_sub(p->c->text, off - 3, 3), SV("www")))) {
		p->s.spare |= S_URL;
	} else if (prev == '<' && (ch_is_alpha(ch) || ch == '/' || ch == '!' || ch == '?')) {
		p->s.mode = M_HTML;
	}
}

static void feed_run(struct pass *p, char ch, uint32_t off)
{
	if (!RUN(&p->s) && p->s.prev == '`' && ch == '`')
		pass_refuse_text(p, CT_CODE(T304), off, "these backticks join with those before the tag");
	if (p->s.mode == M_TEXT) {
		if (!RUN(&p->s) && p->s.bol)
			p->s.spare |= S_START;
		FENCE(&p->s) = (uint8_t)ch;
	}
	if (RUN(&p->s) < 255)
		RUN(&p->s)++;
}

static void feed_md(struct pass *p, char ch, uint32_t off)
{
	if (p->s.mode == M_FENCE) {
		feed_fence(p, ch);
		return;
	}
	if (p->s.flag & F_ESC) {
		p->s.flag = 0;
		return;
	}
	if (RUN(&p->s) && (uint8_t)ch != FENCE(&p->s))
		end_run(p, ch);
	if ((ch == '`' && (p->s.mode == M_TEXT || p->s.mode == M_CODE)) ||
	    (ch == '~' && p->s.mode == M_TEXT)) {
		feed_run(p, ch, off);
		return;
	}
	switch (p->s.mode) {
	case M_TEXT:
		feed_text(p, ch, off);
		break;
	case M_CODE: /* a blank line ends the paragraph, and with it the span */
		if (ch == '\n' && p->s.prev == '\n')
			p->s.mode = M_TEXT;
		break;
	case M_INFO:
		if (ch == '\n')
			p->s.mode = M_FENCE;
		break;
	case M_DEST:
		if (ch == ')')
			p->s.mode = M_TEXT;
		break;
	case M_HTML:
		if (ch == '>')
			p->s.mode = M_TEXT;
		break;
	default:
		break;
	}
}

static enum emit hole_md(struct pass *p, struct node *n)
{
	struct diag *g;

	if (p->s.mode != M_FENCE)
		end_run(p, 'x');
	if (p->s.flag & F_ESC) {
		pass_refuse(p, CT_CODE(T304), n, "data cannot stand behind a backslash");
		return EMIT_NONE;
	}
	switch (p->s.mode) {
	case M_TEXT:
		if (p->s.prev == '<' || (p->s.spare & S_URL)) {
			g = pass_refuse(p, CT_CODE(T303), n, "data cannot be part of a link or tag");
			comp_help(p->c, g, "write the address as a code span");
			return EMIT_NONE;
		}
		return EMIT_MD;
	case M_CODE:
		return p->s.spare & S_CELL ? EMIT_MD_CELL : EMIT_MD_CODE;
	case M_FENCE:
		if (RUN(&p->s) && !DIRTY(&p->s))
			break;
		return EMIT_MD_FENCE;
	default:
		break;
	}
	pass_refuse(p, CT_CODE(T303), n, "data cannot stand %s", modes[p->s.mode]);
	return EMIT_NONE;
}

static void end_md(struct pass *p, uint32_t off)
{
	(void)off;
	if (p->s.mode == M_FENCE)
		feed_fence(p, '\n');
	else
		end_run(p, '\n');
	memset(p->s.parens, 0, sizeof(p->s.parens));
	p->s.n = 0;
}

const struct lang_row lang_md_row = {
	.name = "md",
	.suffixes = { ".md" },
	.n_modes = 6,
	.modes = modes,
	.block_frag = FRAG_MD_BLOCK,
	.feed = feed_md,
	.hole = hole_md,
	.settle = settle_md,
	.end = end_md,
};

/* ---- writing values ---- */

static bool md_text(struct escape *e, struct ct_value v, struct sv *s)
{
	return escape_text(e, v, "in text: join its items", s) && escape_check(e, *s);
}

/* GitHub looks for addresses a second time, in the finished text, after escapes and character references are
 * decoded; an invisible joiner keeps it from finding any. */
#define WORD_JOINER "&#8288;"

/* Digits and then '.' or ')' would begin a numbered list. */
static size_t list_mark(struct sv s)
{
	size_t i = 0;

	while (i < s.n && i < 10 && ch_is_digit(s.p[i]))
		i++;
	return i < s.n && (s.p[i] == '.' || s.p[i] == ')') ? i : SIZE_MAX;
}

static bool md_escaped(struct sv s, size_t i, size_t first, size_t mark)
{
	char c = s.p[i];

	if (strchr("\\`*_[]()|~", c) || i == mark)
		return true;
	if (i == first && strchr("-+=#.:!>{}", c))
		return true;
	if (c == '.' && i >= 3 && sv_eq_nocase(sv_sub(s, i - 3, 3), SV("www")))
		return true;
	return i + 1 == s.n && (c == '!' || c == '#');
}

bool escape_md(struct escape *e, struct ct_value v)
{
	size_t first = 0, mark;
	struct sv s;

	if (!md_text(e, v, &s))
		return false;
	while (first < s.n && ch_is_blank((uint8_t)s.p[first]))
		first++;
	mark = list_mark(sv_sub(s, first, s.n));
	if (mark != SIZE_MAX)
		mark += first;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\n' || c == '\t')
			buf_ch(e->out, ' ');
		else if (c == '<')
			buf_str(e->out, "&lt;");
		else if (c == '>')
			buf_str(e->out, "&gt;");
		else if (c == '&')
			buf_str(e->out, "&amp;");
		else if (c == '@')
			buf_str(e->out, WORD_JOINER "&#64;");
		else if (c == ':' && (i == first || (i + 1 < s.n && s.p[i + 1] == '/') || i + 1 == s.n))
			buf_str(e->out, i + 1 < s.n && s.p[i + 1] == '/' ? WORD_JOINER "&#58;" : "&#58;");
		else if (c == '.' && i >= 3 && sv_eq_nocase(sv_sub(s, i - 3, 3), SV("www")))
			buf_str(e->out, WORD_JOINER ".");
		else {
			if (md_escaped(s, i, first, mark))
				buf_ch(e->out, '\\');
			buf_ch(e->out, c);
		}
	}
	return true;
}

/* A code span shows its text as it is: line ends become blanks, a backtick becomes an apostrophe. */
static bool md_code(struct escape *e, struct ct_value v, bool cell, bool fence)
{
	bool first = true;
	struct sv s;

	if (!md_text(e, v, &s))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\n')
			c = ' ';
		else if (c == '`' && (!fence || first))
			c = '\'';
		else if (c == '~' && fence && first)
			c = '-';
		if (c == '|' && cell)
			buf_ch(e->out, '\\');
		buf_ch(e->out, c);
		if (c != ' ' && c != '\t')
			first = false;
	}
	return true;
}

bool escape_md_code(struct escape *e, struct ct_value v)
{
	return md_code(e, v, false, false);
}
bool escape_md_cell(struct escape *e, struct ct_value v)
{
	return md_code(e, v, true, false);
}
bool escape_md_fence(struct escape *e, struct ct_value v)
{
	return md_code(e, v, false, true);
}
