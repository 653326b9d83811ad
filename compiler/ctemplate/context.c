#include "ctemplate/lang.h"

#include <string.h>

#include "base/bug.h"
#include "base/utf8.h"
#include "ctemplate/codes.h"
#include "ctemplate/value.h"

/* Runs the automaton of the output language over the literal text, in the order of the output, and
 * gives every hole the kind of output of its place. Branches must meet in the same place. */

#define BIT(f) (1u << (f))
#define PS_BITS (BIT(FRAG_PS_EXPR) | BIT(FRAG_PS_IDENT) | BIT(FRAG_PS_VAR) | BIT(FRAG_PS_BLOCK))
#define JSON_BITS (BIT(FRAG_JSON_VALUE) | BIT(FRAG_JSON_BLOCK))
#define MD_BITS (BIT(FRAG_MD_TEXT) | BIT(FRAG_MD_BLOCK))
#define MARKUP_BITS (BIT(FRAG_MARKUP_TEXT) | BIT(FRAG_MARKUP_BLOCK))

const struct emit_row ct_emits[EMIT_COUNT] = {
	[EMIT_TEXT] = { "text", "string", ~0u, FRAG_DATA, escape_plain },
	[EMIT_PS] = { "a PowerShell expression", "ps", PS_BITS, FRAG_PS_EXPR, escape_ps },
	[EMIT_PS_ARG] = { "a PowerShell argument", "ps", PS_BITS, FRAG_PS_EXPR, escape_ps_arg },
	[EMIT_PS_NUMBER] = { "a PowerShell number", "int", 0, FRAG_PS_EXPR, escape_ps_number },
	[EMIT_PS_IDENT] = { "part of a PowerShell name", "ps_ident", BIT(FRAG_PS_IDENT), FRAG_PS_IDENT,
			    escape_ps_ident },
	[EMIT_PS_SQ] = { "a PowerShell '...' string", "ps_sq", BIT(FRAG_PS_SQ) | BIT(FRAG_PS_IDENT),
			 FRAG_PS_SQ, escape_ps_sq },
	[EMIT_PS_LINE] = { "a PowerShell comment", "ps_comment", BIT(FRAG_PS_COMMENT) | BIT(FRAG_PS_IDENT),
			   FRAG_PS_COMMENT, escape_ps_line },
	[EMIT_PS_HELP] = { "a PowerShell block comment", "ps_comment",
			   BIT(FRAG_PS_COMMENT) | BIT(FRAG_PS_IDENT), FRAG_PS_COMMENT, escape_ps_help },
	[EMIT_PS_VAR] = { "the name in ${...}", "ps_var", BIT(FRAG_PS_VAR) | BIT(FRAG_PS_IDENT), FRAG_PS_VAR,
			  escape_ps_var },
	[EMIT_JSON] = { "a JSON value", "json", JSON_BITS, FRAG_JSON_VALUE, escape_json },
	[EMIT_ARM] = { "an ARM value", "arm", JSON_BITS, FRAG_JSON_VALUE, escape_arm },
	[EMIT_JSON_KEY] = { "a JSON key", "json", BIT(FRAG_JSON_VALUE), FRAG_JSON_VALUE, escape_json_key },
	[EMIT_JSON_STR] = { "a JSON string", "json_str", BIT(FRAG_JSON_STR), FRAG_JSON_STR, escape_json_str },
	[EMIT_ARM_STR] = { "a whole JSON string", "json_str", 0, FRAG_JSON_STR, escape_arm_str },
	[EMIT_ARM_SQ] = { "a string in an ARM expression", "arm_sq", BIT(FRAG_ARM_SQ), FRAG_ARM_SQ,
			  escape_arm_sq },
	[EMIT_MD] = { "Markdown text", "md", MD_BITS, FRAG_MD_TEXT, escape_md },
	[EMIT_MD_CODE] = { "a Markdown code span", "md_code", BIT(FRAG_MD_CODE), FRAG_MD_CODE,
			   escape_md_code },
	[EMIT_MD_CELL] = { "a code span in a table", "md_code", 0, FRAG_MD_CODE, escape_md_cell },
	[EMIT_MD_FENCE] = { "a fenced block", "md_code", BIT(FRAG_MD_CODE), FRAG_MD_CODE, escape_md_fence },
	[EMIT_MARKUP] = { "markup text", "markup", MARKUP_BITS, FRAG_MARKUP_TEXT, escape_markup },
	[EMIT_MARKUP_ATTR] = { "an attribute or title", "markup", BIT(FRAG_MARKUP_TEXT), FRAG_MARKUP_ATTR,
			       escape_markup },
	[EMIT_UNCHECKED] = { "anything", "string", ~0u, FRAG_DATA, escape_plain },
	[EMIT_NONE] = { "nothing", "string", 0, FRAG_DATA, escape_plain },
};

const char *ct_frag_name(unsigned frag)
{
	static const char *const n[FRAG_COUNT] = {
		"data",
		"a PowerShell expression",
		"the inside of a PowerShell string",
		"PowerShell comment text",
		"a PowerShell name",
		"a PowerShell variable name",
		"PowerShell code",
		"a JSON value",
		"the inside of a JSON string",
		"the inside of an ARM string",
		"JSON",
		"Markdown text",
		"Markdown code",
		"Markdown",
		"markup text",
		"an attribute's text",
		"markup",
	};

	return frag < FRAG_COUNT ? n[frag] : "text";
}

static const char *const text_modes[] = { "in text" };

static void feed_none(struct pass *p, char ch, uint32_t off)
{
	(void)p;
	(void)ch;
	(void)off;
}

static enum emit hole_text(struct pass *p, struct node *n)
{
	(void)p;
	(void)n;
	return EMIT_TEXT;
}

const struct lang_row *ct_lang_row(enum ct_lang_id lang)
{
	static const struct lang_row text = {
		.name = "text", .n_modes = 1, .modes = text_modes, .feed = feed_none, .hole = hole_text
	};
	const struct lang_row *const rows[CT_LANG_COUNT] = { &text, &lang_ps_row, &lang_json_row,
							     &lang_md_row, &lang_markup_row };

	return rows[lang < CT_LANG_COUNT ? lang : CT_LANG_TEXT];
}

const char *ct_lang_name(enum ct_lang_id lang)
{
	return ct_lang_row(lang)->name;
}

bool ct_lang_by_name(struct sv name, enum ct_lang_id *out)
{
	for (unsigned i = 0; i < CT_LANG_COUNT; i++)
		if (sv_eq(name, sv_from(ct_lang_row((enum ct_lang_id)i)->name))) {
			*out = (enum ct_lang_id)i;
			return true;
		}
	return false;
}

enum ct_lang_id ct_lang_of(struct sv name)
{
	if (sv_ends(name, SV(".j2")))
		name.n -= 3;
	for (unsigned i = 0; i < CT_LANG_COUNT; i++)
		for (const char *const *s = ct_lang_row((enum ct_lang_id)i)->suffixes; *s; s++)
			if (sv_ends(name, sv_from(*s)))
				return (enum ct_lang_id)i;
	return CT_LANG_TEXT;
}

bool escape_fail(struct escape *e, const struct diag_info *code, const char *fmt, ...)
{
	va_list ap;

	if (e->why && !e->why->n) {
		va_start(ap, fmt);
		buf_vfmt(e->why, fmt, ap);
		va_end(ap);
	}
	e->code = code;
	return false;
}

bool escape_check(struct escape *e, struct sv s)
{
	if (utf8_is_printable_ascii(s)) /* nearly always */
		return true;
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		bool bad = false;
		size_t n;

		n = utf8_decode(s, i, &cp, &bad);
		if (bad)
			return escape_fail(e, CT_CODE(T306), "the text is not UTF-8 at byte %zu", i);
		if (utf8_is_unsafe(cp))
			return escape_fail(e, CT_CODE(T306), "the text has a character U+%04X", (unsigned)cp);
		i += n;
	}
	return true;
}

bool escape_plain(struct escape *e, struct ct_value v)
{
	switch (v.tag) {
	case CT_MISSING:
		return true;
	case CT_MACRO:
	case CT_FUNC:
	case CT_LOOP:
	case CT_NAMESPACE:
	case CT_MODULE:
	case CT_BLOCKREF:
		return escape_fail(e, CT_CODE(T307), "%s cannot be written", value_kind(v));
	default:
		return value_put(e->out, v, false) || escape_fail(e, CT_CODE(T410), "the value is too long");
	}
}

bool escape_text(struct escape *e, struct ct_value v, const char *where, struct sv *s)
{
	size_t from = e->out->n, n;

	if (v.tag == CT_TEXT) {
		*s = value_sv(v);
		return true;
	}
	if (v.tag == CT_LIST || v.tag == CT_DICT)
		return escape_fail(e, CT_CODE(T307), "%s cannot stand %s", value_kind(v), where);
	if (!escape_plain(e, v))
		return false;
	n = e->out->n - from;
	BUG_IF(n > sizeof(e->word));
	if (n)
		memcpy(e->word, e->out->p + from, n);
	e->out->n = from;
	*s = (struct sv){ e->word, n };
	return true;
}

/* ---- the walk ---- */

static struct diag *refuse_vat(struct pass *p, const struct diag_info *code, uint32_t off, uint32_t len,
			       const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));

static struct diag *refuse_vat(struct pass *p, const struct diag_info *code, uint32_t off, uint32_t len,
			       const char *fmt, va_list ap)
{
	struct sv msg;

	if (p->told == off + 1)
		return NULL;
	p->told = off + 1;
	msg = sv_vfmt(p->c->tmp, fmt, ap);
	return comp_error(p->c, code, off, len, SV_FMT, SV_ARG(msg));
}

struct diag *pass_refuse(struct pass *p, const struct diag_info *code, const struct node *n, const char *fmt,
			 ...)
{
	va_list ap;
	struct diag *g;

	va_start(ap, fmt);
	g = refuse_vat(p, code, n->off, n->len, fmt, ap);
	va_end(ap);
	return g;
}

struct diag *pass_refuse_text(struct pass *p, const struct diag_info *code, uint32_t off, const char *fmt,
			      ...)
{
	uint32_t len = 1;
	va_list ap;
	struct diag *g;

	while (off + len < p->c->text.n && ((uint8_t)p->c->text.p[off + len] & 0xc0) == 0x80)
		len++;
	va_start(ap, fmt);
	g = refuse_vat(p, code, off, len, fmt, ap);
	va_end(ap);
	return g;
}

struct sv pass_filter(const struct node *n)
{
	return n && n->kind == N_FILTER ? n->name : SV("");
}

static void after(struct pass *p, uint8_t prev)
{
	p->s.prev = prev;
	if (prev == '\n')
		p->s.bol = 1;
	else if (!ch_is_blank(prev))
		p->s.bol = 0;
	if (!ch_is_blank(prev))
		p->s.lastnb = prev;
	else if (prev == '\n')
		p->s.lastnb = p->s.lastnb == PREV_HOLE && p->c->lang == CT_LANG_JSON ? PREV_HOLE : 0;
}

static void walk_text(struct pass *p, const struct node *n)
{
	for (uint32_t i = 0; i < n->len && p->c->lang != CT_LANG_TEXT; i++) {
		char ch = p->c->text.p[n->off + i];

		p->lang->feed(p, ch, n->off + i);
		after(p, (uint8_t)ch);
		if (!ch_is_blank((uint8_t)ch))
			p->last_hole = NULL;
	}
}

static void walk_hole(struct pass *p, struct node *n)
{
	enum emit e = p->lang->hole(p, n);

	n->emit = (uint8_t)(p->c->env->no_insertion && e != EMIT_NONE ? EMIT_UNCHECKED : e);
	after(p, PREV_HOLE);
	p->last_hole = n;
}

/* Neighbours that decide how the next character is read. */
static bool is_joint(uint8_t c)
{
	return c && strchr("$@<#'\"`-\\[]!", c);
}

static bool same_place(const struct ct_state *a, const struct ct_state *b)
{
	return a->mode == b->mode && a->depth == b->depth && a->n == b->n && a->flag == b->flag &&
	       memcmp(a->stack, b->stack, sizeof(a->stack)) == 0 &&
	       memcmp(a->parens, b->parens, sizeof(a->parens)) == 0;
}

static void merge(struct ct_state *a, const struct ct_state *b)
{
	if (a->prev != b->prev &&
	    (is_joint(a->prev) || is_joint(b->prev) || a->prev == PREV_HOLE || b->prev == PREV_HOLE))
		a->prev = a->prev == PREV_HOLE || b->prev == PREV_HOLE ? PREV_HOLE : PREV_UNKNOWN;
	if (a->lastnb != b->lastnb)
		a->lastnb = PREV_UNKNOWN;
	a->bol |= b->bol;
	a->spare |= b->spare;
}

static const char *place(const struct pass *p, const struct ct_state *s)
{
	return p->lang->modes[s->mode];
}

static void walk(struct pass *p, struct node *list);

static void settle(struct pass *p)
{
	if (p->lang->settle)
		p->lang->settle(p);
}

static void walk_if(struct pass *p, struct node *n)
{
	struct ct_state before, first;

	settle(p);
	before = p->s;
	walk(p, n->b);
	settle(p);
	first = p->s;
	p->s = before;
	walk(p, n->c);
	settle(p);
	if (p->guess && first.mode == 0) {
		p->s = first; /* a place where nothing more is said */
	} else if (!p->guess && !same_place(&first, &p->s) && p->told != n->off + 1) {
		bool same = first.mode == p->s.mode;
		struct diag *g = pass_refuse(p, CT_CODE(T301), n, "one branch ends %s, the other %s%s",
					     place(p, &first), n->c ? place(p, &p->s) : place(p, &before),
					     same ? " in another state" : "");

		comp_help(p->c, g, "close what a branch opens in the same branch");
		p->s = n->c ? first : before;
		p->lost = true;
	} else {
		merge(&p->s, &first);
	}
	p->last_hole = NULL;
}

/* A body that must end where it began. */
static void walk_closed(struct pass *p, struct node *n, struct node *body, const char *what)
{
	struct ct_state before;

	settle(p);
	before = p->s;
	walk(p, body);
	settle(p);
	if (!p->guess && !same_place(&before, &p->s)) {
		pass_refuse(p, CT_CODE(T302), n, "%s begins %s and ends %s", what, place(p, &before),
			    place(p, &p->s));
		p->lost = true;
		p->s = before;
	}
	merge(&p->s, &before);
	p->last_hole = NULL;
}

static void walk_for(struct pass *p, struct node *n)
{
	struct ct_state before, body;

	settle(p);
	before = p->s;
	if ((n->flags & NF_RECURSIVE) && p->s.mode != 0)
		pass_refuse(p, CT_CODE(T314), n, "a recursive loop cannot stand %s", place(p, &p->s));
	n->emit = p->lang->block_frag;
	if (p->s.mode)
		p->s.spare |= p->lang->turn;
	walk_closed(p, n, n->d, "the body of the loop");
	body = p->s;
	if (n->e) {
		p->s = before;
		walk_closed(p, n, n->e, "the else branch");
		merge(&p->s, &body);
	}
}

/* Text that becomes a value: it is analysed from the start of the language. */
static void walk_capture(struct pass *p, struct node *n, const char *what)
{
	struct ct_state outer = p->s;
	bool multiline = p->multiline;

	p->s = (struct ct_state){ .bol = 1 };
	p->multiline = false;
	walk_closed(p, n, n->d, what);
	n->emit = p->lang->block_frag;
	if (p->multiline)
		n->flags |= NF_MULTILINE;
	p->multiline |= multiline;
	p->s = outer;
	p->last_hole = NULL;
}

static void walk_filter_block(struct pass *p, struct node *n)
{
	bool multiline = p->multiline;

	if (p->s.mode != 0)
		pass_refuse(p, CT_CODE(T314), n, "a filter block cannot stand %s", place(p, &p->s));
	p->multiline = false;
	walk_closed(p, n, n->d, "the filter block");
	n->emit = p->lang->block_frag;
	if (p->multiline)
		n->flags |= NF_MULTILINE;
	p->multiline |= multiline;
}

static void walk_block(struct pass *p, struct node *n)
{
	if (p->s.mode != 0)
		pass_refuse(p, CT_CODE(T314), n, "a block cannot stand %s", place(p, &p->s));
	walk_closed(p, n, n->d, "the block");
}

static void walk_include(struct pass *p, struct node *n)
{
	struct ct_state s = p->s;

	/* blanks in front are no neighbours: most includes are analysed from the plain start */
	if (ch_is_blank(s.prev) || s.mode == 0)
		s.prev = s.lastnb = 0, s.bol = 1;
	n->state = 0;
	for (size_t i = 0; i < p->c->states.n; i++)
		if (memcmp(&p->c->states.v[i], &s, sizeof(s)) == 0)
			n->state = (uint16_t)(i + 1);
	if (!n->state && p->c->states.n < UINT16_MAX - 1) {
		VEC_ADD(p->c->tmp, &p->c->states, s);
		n->state = (uint16_t)p->c->states.n;
	}
	p->s.prev = ' ';
	if (s.mode)
		p->s.spare |= p->lang->turn;
	p->last_hole = NULL;
}

static void walk(struct pass *p, struct node *list)
{
	for (struct node *n = list; n; n = n->next) {
		switch (n->kind) {
		case N_TEXT:
			walk_text(p, n);
			break;
		case N_OUTPUT:
			walk_hole(p, n);
			break;
		case N_IF:
			walk_if(p, n);
			break;
		case N_FOR:
			walk_for(p, n);
			break;
		case N_WITH:
			walk(p, n->d);
			break;
		case N_SETBLOCK:
			walk_capture(p, n, "the block of the variable");
			break;
		case N_MACRO:
			walk_capture(p, n, "the macro");
			break;
		case N_CALLBLOCK: {
			struct node call = { .kind = N_OUTPUT, .off = n->off, .len = n->len, .a = n->a };

			walk_capture(p, n, "the call block");
			call.emit = (uint8_t)p->lang->hole(p, &call);
			n->id = call.emit; /* where the result of the call goes */
			after(p, ' ');
			break;
		}
		case N_FILTERBLOCK:
			walk_filter_block(p, n);
			break;
		case N_BLOCK:
			walk_block(p, n);
			break;
		case N_INCLUDE:
			walk_include(p, n);
			break;
		default:
			break;
		}
	}
}

void ct_contexts(struct comp *c, struct node *body)
{
	struct pass p = { .c = c, .lang = ct_lang_row(c->lang), .s = c->start };
	struct node whole = { .off = 0, .len = 0 };

	if (c->lang == CT_LANG_TEXT && !c->states.n)
		VEC_ADD(c->tmp, &c->states, c->start);
	walk(&p, body);
	if (p.lang->end && c->start.mode == 0) {
		struct ct_state open = p.s;

		p.lang->end(&p, (uint32_t)c->text.n);
		c->ends_open = !same_place(&open, &p.s);
	}
	if (!p.lost && !p.guess && !same_place(&c->start, &p.s)) {
		whole.off = (uint32_t)c->text.n;
		comp_help(c, pass_refuse(&p, CT_CODE(T302), &whole, "the template ends %s", place(&p, &p.s)),
			  "close what is still open");
	}
}
