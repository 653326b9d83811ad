#include "ctemplate/lang.h"

#include <string.h>

#include "ctemplate/codes.h"

/* PowerShell. Literal text is ASCII, so only the ASCII quotes exist in it; values are written as
 * complete literals that are ASCII too, so no code page can turn them into a quote. */

enum { PS_CODE, PS_SQ, PS_DQ, PS_HERE_SQ, PS_HERE_DQ, PS_LINE, PS_HELP, PS_VAR, PS_VERBATIM };

static const char *const modes[] = {
	"in code",
	"inside '...'",
	"inside \"...\"",
	"inside a here-string @'...'@",
	"inside a here-string @\"...\"@",
	"inside a line comment",
	"inside a block comment",
	"inside ${...}",
	"behind --%",
};

enum {
	F_ESC = 1,
	F_HEAD = 2,
	F_CLOSE = 4,
	F_TOLD = 8
}; /* behind a backtick; behind @'; behind a quote at a line start */

static void enter_sub(struct pass *p)
{
	if (p->s.depth >= sizeof(p->s.stack) - 1)
		return;
	p->s.stack[p->s.depth++] = p->s.mode;
	p->s.parens[p->s.depth] = 0;
	p->s.mode = PS_CODE;
}

static void feed_code_quote(struct pass *p, char ch)
{
	bool here = p->s.prev == '@';

	if (ch == '\'')
		p->s.mode = here ? PS_HERE_SQ : PS_SQ;
	else
		p->s.mode = here ? PS_HERE_DQ : PS_DQ;
	p->s.flag = here ? F_HEAD : 0;
}

static void feed_code(struct pass *p, char ch, uint32_t off)
{
	uint8_t prev = p->s.prev;

	switch (ch) {
	case '`':
		p->s.flag |= F_ESC;
		break;
	case '\'':
	case '"':
		feed_code_quote(p, ch);
		break;
	case '#':
		if (prev == '<') {
			p->s.mode = PS_HELP;
			p->s.flag = F_HEAD; /* <#> does not close itself */
		} else if (ch_is_word(prev) || prev == PREV_HOLE || prev == '-' || prev == '.' ||
			   prev == '\\' || prev == '/' || prev == ':' || prev == '$') {
			comp_help(
			    p->c,
			    pass_refuse_text(p, CT_CODE(T313), off, "this '#' touches what stands before it"),
			    "put a blank in front to begin a comment, or write it in quotes");
		} else {
			p->s.mode = PS_LINE;
		}
		break;
	case '{':
		if (prev == '$')
			p->s.mode = PS_VAR;
		break;
	case '(':
		if (p->s.depth && p->s.parens[p->s.depth] < 255)
			p->s.parens[p->s.depth]++;
		break;
	case ')':
		if (p->s.depth && p->s.parens[p->s.depth]-- == 0) {
			p->s.parens[p->s.depth] = 0;
			p->s.mode = p->s.stack[--p->s.depth];
			p->s.stack[p->s.depth] = 0;
		}
		break;
	case '%':
		if (prev == '-' && off >= 3 && memcmp(p->c->text.p + off - 2, "--", 2) == 0 &&
		    ch_is_blank((uint8_t)p->c->text.p[off - 3]))
			p->s.mode = PS_VERBATIM;
		break;
	default:
		break;
	}
}

/* Inside a here-string: only a quote and @ at the start of a line end it. */
static bool feed_here(struct pass *p, char ch, char quote, uint32_t off)
{
	if (p->s.flag & F_HEAD) {
		if (ch == '\n') {
			p->s.flag = 0;
		} else if (ch != ' ' && ch != '\t' && !(p->s.flag & F_TOLD)) {
			pass_refuse_text(p, CT_CODE(T315), off,
					 "a here-string begins on the line below its quote");
			p->s.flag |= F_TOLD;
		}
		return true;
	}
	if (p->s.flag & F_CLOSE) {
		p->s.flag = 0;
		if (ch == '@') {
			p->s.mode = PS_CODE;
			return true;
		}
	}
	if (ch == quote && p->s.prev == '\n')
		p->s.flag = F_CLOSE;
	p->multiline |= ch == '\n';
	return false;
}

static void feed_ps(struct pass *p, char ch, uint32_t off)
{
	if ((uint8_t)ch >= 0x80) {
		if (p->s.prev < 0x80) /* once for a run of them */
			pass_refuse_text(p, CT_CODE(T305), off, "a script's own text must be ASCII");
		return;
	}
	if (p->s.flag & F_ESC) {
		p->s.flag &= (uint8_t)~F_ESC;
		return;
	}
	switch (p->s.mode) {
	case PS_CODE:
		feed_code(p, ch, off);
		break;
	case PS_SQ:
		if (ch == '\'')
			p->s.mode = PS_CODE;
		p->multiline |= ch == '\n';
		break;
	case PS_DQ:
		if (ch == '`')
			p->s.flag |= F_ESC;
		else if (ch == '"')
			p->s.mode = PS_CODE;
		else if (ch == '(' && p->s.prev == '$')
			enter_sub(p);
		p->multiline |= ch == '\n';
		break;
	case PS_HERE_SQ:
		feed_here(p, ch, '\'', off);
		break;
	case PS_HERE_DQ:
		if (!feed_here(p, ch, '"', off)) {
			if (ch == '`')
				p->s.flag |= F_ESC;
			else if (ch == '(' && p->s.prev == '$')
				enter_sub(p);
		}
		break;
	case PS_LINE:
	case PS_VERBATIM:
		if (ch == '\n')
			p->s.mode = PS_CODE;
		break;
	case PS_HELP:
		if (ch == '>' && p->s.prev == '#' && !(p->s.flag & F_HEAD))
			p->s.mode = PS_CODE;
		p->s.flag = 0;
		break;
	default:
		if (ch == '`')
			p->s.flag |= F_ESC;
		else if (ch == '}')
			p->s.mode = PS_CODE;
		break;
	}
}

static bool may_precede(uint8_t c)
{
	return ch_is_blank(c) || strchr("([{,;=|&!<>/:", c) != NULL;
}

static bool may_follow(char c)
{
	return ch_is_blank((uint8_t)c) || strchr(")]},;|&", c) != NULL;
}

static void refuse_dq(struct pass *p, struct node *n)
{
	const char *s = p->c->text.p;
	struct diag *g =
	    pass_refuse(p, CT_CODE(T303), n, "data cannot stand inside \"...\": it could run as code there");
	uint32_t end = n->off + n->len;

	if (n->off && s[n->off - 1] == '"' && end < p->c->text.n && s[end] == '"') {
		comp_help(p->c, g, "leave the quotes away: a value is written with its own");
		comp_edit(p->c, g, n->off - 1, 1, SV(""));
		comp_edit(p->c, g, end, 1, SV(""));
	} else {
		comp_help(p->c, g, "build the text with -f or +: ('... {0}' -f {{ value }})");
	}
}

static enum emit hole_in_code(struct pass *p, struct node *n)
{
	struct sv filter = pass_filter(n->a);
	uint32_t end = n->off + n->len;
	char next = end < p->c->text.n ? p->c->text.p[end] : '\n';
	bool range = next == '.' && end + 1 < p->c->text.n && p->c->text.p[end + 1] == '.';

	if (p->s.flag & F_ESC)
		goto glued;
	if (sv_eq(filter, SV("ps_ident"))) /* a checked name may be part of a longer one */
		return EMIT_PS_IDENT;
	if (p->s.prev == '.' && n->off > 1 && p->c->text.p[n->off - 2] == '.')
		return EMIT_PS_NUMBER;
	if (!may_precede(p->s.prev))
		goto glued;
	if (ch_is_word((uint8_t)next))
		return EMIT_PS_NUMBER;
	if (!may_follow(next) && !range && next != '{')
		goto glued;
	return p->s.lastnb == 0 || p->s.lastnb == '=' || p->s.lastnb == '(' ? EMIT_PS : EMIT_PS_ARG;
glued:
	comp_help(p->c, pass_refuse(p, CT_CODE(T304), n, "this value touches the text beside it"),
		  "put blanks around it, or check it as part of a name with '|ps_ident'");
	return EMIT_NONE;
}

static enum emit hole_ps(struct pass *p, struct node *n)
{
	switch (p->s.mode) {
	case PS_CODE:
		return hole_in_code(p, n);
	case PS_SQ:
		return EMIT_PS_SQ;
	case PS_DQ:
		refuse_dq(p, n);
		return EMIT_NONE;
	case PS_LINE:
		if (p->s.prev != '#')
			return EMIT_PS_LINE;
		comp_help(p->c, pass_refuse(p, CT_CODE(T304), n, "this value touches the '#' of its comment"),
			  "put a blank behind '#'");
		return EMIT_NONE;
	case PS_HELP:
		p->s.flag = 0;
		return EMIT_PS_HELP;
	case PS_VAR:
		if (p->s.flag & F_ESC)
			break;
		return EMIT_PS_VAR;
	default:
		break;
	}
	comp_help(p->c, pass_refuse(p, CT_CODE(T303), n, "data cannot stand %s", modes[p->s.mode]),
		  "write the value as a literal of its own, in code");
	return EMIT_NONE;
}

static void end_ps(struct pass *p, uint32_t off)
{
	(void)off;
	if (p->s.mode == PS_LINE || p->s.mode == PS_VERBATIM)
		p->s.mode = PS_CODE;
}

const struct lang_row lang_ps_row = {
	.name = "ps",
	.suffixes = { ".ps1", ".psm1", ".psd1" },
	.n_modes = 9,
	.modes = modes,
	.block_frag = FRAG_PS_BLOCK,
	.feed = feed_ps,
	.hole = hole_ps,
	.end = end_ps,
};
