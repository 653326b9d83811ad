#include "ctemplate/lang.h"

#include <math.h>
#include <string.h>

#include "base/map.h"
#include "base/utf8.h"
#include "ctemplate/codes.h"
#include "ctemplate/value.h"

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

/* ---- writing values ---- */

void rule_ps_single_quoted(struct buf *out, struct sv s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		size_t n = utf8_decode(s, i, &cp, NULL);

		if (cp == '\'' || (cp >= 0x2018 && cp <= 0x201b))
			buf_add(out, s.p + i, n);
		buf_add(out, s.p + i, n);
		i += n;
	}
}

void rule_ps_block_comment(struct buf *out, struct sv s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool opens = s.p[i] == '<' && i + 1 < s.n && s.p[i + 1] == '#';

		buf_ch(out, s.p[i]);
		if (opens || (s.p[i] == '#' && i + 1 < s.n && s.p[i + 1] == '>'))
			buf_ch(out, '`');
	}
}

void rule_ps_format(struct buf *out, struct sv s)
{
	for (size_t i = 0; i < s.n; i++) {
		buf_ch(out, s.p[i]);
		if (s.p[i] == '{' || s.p[i] == '}')
			buf_ch(out, s.p[i]);
	}
}

void rule_ps_braced_variable(struct buf *out, struct sv s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '`' || s.p[i] == '{' || s.p[i] == '}')
			buf_ch(out, '`');
		buf_ch(out, s.p[i]);
	}
}

static bool is_printable_ascii(struct sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return true;
}

static void put_u16(struct buf *out, uint32_t u)
{
	buf_fmt(out, "\\u%04x", (unsigned)u);
}

void rule_ps_literal(struct buf *out, struct sv s, bool wrapped)
{
	if (is_printable_ascii(s)) {
		buf_ch(out, '\'');
		rule_ps_single_quoted(out, s);
		buf_ch(out, '\'');
		return;
	}
	buf_str(out, wrapped ? "([regex]::Unescape('" : "[regex]::Unescape('");
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;

		i += utf8_decode(s, i, &cp, NULL);
		if (cp == '\\')
			buf_str(out, "\\\\");
		else if (cp == '\'')
			buf_str(out, "''");
		else if (cp >= ' ' && cp <= '~')
			buf_ch(out, (char)cp);
		else if (cp < 0x10000)
			put_u16(out, cp);
		else {
			put_u16(out, 0xd800 + ((cp - 0x10000) >> 10));
			put_u16(out, 0xdc00 + ((cp - 0x10000) & 0x3ff));
		}
	}
	buf_str(out, wrapped ? "'))" : "')");
}

static bool ps_value(struct escape *e, struct ct_value v, bool wrapped);

static bool ps_list(struct escape *e, struct ct_value v)
{
	const struct ct_list *l = v.u.list;

	/* @() around one array gives that array back: a comma keeps the nesting */
	buf_str(e->out, l->n == 1 && l->v[0].tag == CT_LIST ? "@(, " : "@(");
	for (uint32_t i = 0; i < l->n; i++) {
		if (i)
			buf_str(e->out, ", ");
		if (!ps_value(e, l->v[i], false))
			return false;
	}
	buf_ch(e->out, ')');
	return true;
}

/* Keys of a hash table do not differ by case. Small dicts are compared pair by pair, without allocating. */
static bool ps_keys(struct escape *e, const struct ct_dict *d)
{
	struct arena tmp;
	struct map seen;
	bool ok = true;

	arena_init(&tmp, 0);
	map_init(&seen, &tmp, true);
	for (uint32_t i = 0; i < d->n && ok; i++) {
		struct sv k = value_sv(d->v[i].key);

		if (d->v[i].key.tag != CT_TEXT)
			continue;
		if (d->n > 16)
			ok = !map_add(&seen, k, e);
		for (uint32_t j = 0; j < i && ok && d->n <= 16; j++)
			ok = d->v[j].key.tag != CT_TEXT || !sv_eq_nocase(k, value_sv(d->v[j].key));
		if (!ok)
			escape_fail(e, CT_CODE(T307), "the keys of a hash table differ only in case: '" SV_FMT "'",
				    SV_ARG(k));
	}
	arena_release(&tmp);
	return ok;
}

static bool ps_dict(struct escape *e, struct ct_value v)
{
	const struct ct_dict *d = v.u.dict;

	if (!ps_keys(e, d))
		return false;
	buf_str(e->out, d->n ? "@{ " : "@{");
	for (uint32_t i = 0; i < d->n; i++) {
		if (i)
			buf_str(e->out, "; ");
		if (!ps_value(e, d->v[i].key, true))
			return false;
		buf_str(e->out, " = ");
		if (!ps_value(e, d->v[i].value, false))
			return false;
	}
	buf_str(e->out, d->n ? " }" : "}");
	return true;
}

static bool ps_value(struct escape *e, struct ct_value v, bool wrapped)
{
	bool ok;

	switch (v.tag) {
	case CT_NONE:
		buf_str(e->out, "$null");
		return true;
	case CT_BOOL:
		buf_str(e->out, v.u.b ? "$true" : "$false");
		return true;
	case CT_INT:
		buf_i64(e->out, v.u.i);
		return true;
	case CT_DOUBLE:
		if (!isfinite(v.u.d))
			return escape_fail(e, CT_CODE(T306), "a number that is not finite cannot be written");
		value_put_double(e->out, v.u.d);
		return true;
	case CT_TEXT:
		if (!escape_check(e, value_sv(v)))
			return false;
		rule_ps_literal(e->out, value_sv(v), wrapped);
		return true;
	case CT_LIST:
	case CT_DICT:
		if (++e->values > 1000000 || e->out->n > ESCAPE_MAX)
			return escape_fail(e, CT_CODE(T410), "the value is too long");
		if (e->depth >= 32)
			return escape_fail(e, CT_CODE(T307), "the value nests deeper than 32 levels");
		e->depth++;
		ok = v.tag == CT_LIST ? ps_list(e, v) : ps_dict(e, v);
		e->depth--;
		return ok;
	default:
		return escape_fail(e, CT_CODE(T307), "%s cannot be written as a PowerShell value",
				   value_kind(v));
	}
}

bool escape_ps(struct escape *e, struct ct_value v)
{
	return ps_value(e, v, false);
}
bool escape_ps_arg(struct escape *e, struct ct_value v)
{
	return ps_value(e, v, true);
}

bool escape_ps_number(struct escape *e, struct ct_value v)
{
	if (v.tag != CT_INT)
		return escape_fail(e, CT_CODE(T307),
				   "only a whole number can touch the text beside it, this is %s",
				   value_kind(v));
	buf_i64(e->out, v.u.i);
	return true;
}

bool escape_ps_ident(struct escape *e, struct ct_value v)
{
	struct sv s = v.tag == CT_TEXT ? value_sv(v) : SV("");
	bool ok = s.n > 0 && s.n <= 128;

	for (size_t i = 0; i < s.n && ok; i++)
		ok = ch_is_word((uint8_t)s.p[i]);
	if (!ok)
		return escape_fail(e, CT_CODE(T307),
				   "expected a name of letters, digits and '_', found %s%s" SV_FMT "%s",
				   v.tag == CT_TEXT ? "" : value_kind(v), v.tag == CT_TEXT ? "'" : "",
				   SV_ARG(s), v.tag == CT_TEXT ? "'" : "");
	buf_sv(e->out, s);
	return true;
}

/* The text of a value in a place that holds text. */
static bool plain_text(struct escape *e, struct ct_value v, struct sv *s)
{
	return escape_text(e, v, "inside text", s) && escape_check(e, *s);
}

bool escape_ps_sq(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!plain_text(e, v, &s))
		return false;
	if (!is_printable_ascii(s))
		return escape_fail(
		    e, CT_CODE(T308),
		    "only printable ASCII can stand inside '...': write the value without quotes");
	rule_ps_single_quoted(e->out, s);
	return true;
}

/* Comments are for people: what cannot be shown in ASCII becomes '?', line ends become blanks. */
static char comment_char(struct sv s, size_t *i)
{
	uint32_t cp;

	*i += utf8_decode(s, *i, &cp, NULL);
	return cp == '\n' || cp == '\t' ? ' ' : cp > '~' ? '?' : (char)cp;
}

bool escape_ps_line(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!plain_text(e, v, &s))
		return false;
	for (size_t i = 0; i < s.n;) {
		char c = comment_char(s, &i);

		/* no '#': "SIG # Begin signature block" would end the script */
		if (c == '#')
			buf_ch(e->out, '`');
		buf_ch(e->out, c);
	}
	return true;
}

bool escape_ps_help(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!plain_text(e, v, &s))
		return false;
	/* nothing at all would bring a '#' before and a '>' behind the hole together */
	if (!s.n)
		buf_ch(e->out, ' ');
	else if (s.p[0] == '>')
		buf_ch(e->out, '`');
	for (size_t i = 0; i < s.n;) {
		char c = comment_char(s, &i), next = i < s.n ? s.p[i] : '>';

		buf_ch(e->out, c);
		if ((c == '<' && next == '#') || (c == '#' && next == '>'))
			buf_ch(e->out, '`');
	}
	return true;
}

bool escape_ps_var(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!plain_text(e, v, &s))
		return false;
	if (!is_printable_ascii(s))
		return escape_fail(e, CT_CODE(T308), "only printable ASCII can stand inside ${...}");
	rule_ps_braced_variable(e->out, s);
	return true;
}
