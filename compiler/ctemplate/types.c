#include "ctemplate/lang.h"

#include "ctemplate/codes.h"
#include "ctemplate/table.h"

/* What is known before anything runs about text that is escaped already: whether an expression gives
 * data or a fragment, and of which kind. A fragment in the wrong place (T310) or changed (T311) is said
 * here; what comes out of a name or a call is not known, the VM looks at its tag. */

enum { KIND_UNKNOWN = FRAG_COUNT }; /* else an enum frag */

struct types {
	struct comp *c;
	unsigned block_frag;
};

static unsigned kind_of(struct types *t, struct node *n);

static void kinds_of(struct types *t, struct node *list)
{
	for (; list; list = list->next)
		kind_of(t, list);
}

static bool is_frag(unsigned kind)
{
	return kind != FRAG_DATA && kind != KIND_UNKNOWN;
}

static unsigned either(unsigned a, unsigned b)
{
	return a == b ? a : KIND_UNKNOWN;
}

static unsigned refuse(struct types *t, const struct node *n, unsigned kind, const char *what)
{
	struct diag *g = comp_error(t->c, CT_CODE(T311), n->off, n->len,
				    "%s cannot be applied to text that is escaped already (%s)", what,
				    ct_frag_name(kind));

	comp_help(t->c, g, "work on the value first and escape it last");
	return KIND_UNKNOWN;
}

static unsigned filter_kind(struct types *t, const struct node *n, unsigned in, bool multiline)
{
	const struct ct_row *row = ct_filter_row(n->id);

	if (is_frag(in) && (!(row->flags & ROW_FRAG) || (multiline && (row->flags & ROW_INDENT)))) {
		struct diag *g = comp_error(
		    t->c, CT_CODE(T311), n->off, n->len,
		    row->flags & ROW_INDENT ? "'%s' would change a string that goes over several lines (%s)"
					    : "the filter '%s' cannot change text that is escaped already (%s)",
		    row->doc.name, ct_frag_name(in));

		if (!(row->flags & ROW_INDENT))
			comp_help(t->c, g, "work on the value first and escape it last");
		return KIND_UNKNOWN;
	}
	if (row->flags & ROW_ESCAPER)
		return row->frag;
	if (row->flags & ROW_SAME)
		return in;
	return row->flags & ROW_ANY ? KIND_UNKNOWN : FRAG_DATA;
}

/* The filters of a block, innermost first. */
static unsigned chain_kind(struct types *t, const struct node *n, unsigned in, bool multiline)
{
	if (!n)
		return in;
	in = chain_kind(t, n->a, in, multiline);
	kinds_of(t, n->b);
	return filter_kind(t, n, in, multiline && !n->a);
}

static unsigned binary_kind(struct types *t, const struct node *n)
{
	unsigned a = kind_of(t, n->a), b = kind_of(t, n->b);

	if (n->op == OP_ADD && (is_frag(a) || is_frag(b)))
		return refuse(t, n, is_frag(a) ? a : b, "'+'");
	if (n->op == OP_MUL && (is_frag(a) || is_frag(b)))
		return refuse(t, n, is_frag(a) ? a : b, "'*'");
	return FRAG_DATA;
}

static unsigned concat_kind(struct types *t, const struct node *n)
{
	unsigned a = kind_of(t, n->a), b = kind_of(t, n->b);

	if (a != KIND_UNKNOWN && b != KIND_UNKNOWN && a != b)
		return refuse(t, n, is_frag(a) ? a : b, "'~' with other text");
	return a == KIND_UNKNOWN ? b : a;
}

static unsigned part_kind(struct types *t, const struct node *n)
{
	unsigned of = kind_of(t, n->a);

	kind_of(t, n->b);
	if (n->kind == N_SLICE) {
		kind_of(t, n->c);
		kind_of(t, n->d);
	}
	if (is_frag(of) && n->kind == N_SLICE)
		return refuse(t, n, of, "a slice");
	return KIND_UNKNOWN;
}

static unsigned kind_of(struct types *t, struct node *n)
{
	unsigned kind;

	if (!n)
		return KIND_UNKNOWN;
	switch (n->kind) {
	case N_CONST:
		return FRAG_DATA;
	case N_LIST:
	case N_TUPLE:
	case N_DICT:
		kinds_of(t, n->a);
		return FRAG_DATA;
	case N_BINARY:
		return binary_kind(t, n);
	case N_CONCAT:
		return concat_kind(t, n);
	case N_INDEX:
	case N_SLICE:
		return part_kind(t, n);
	case N_FILTER:
		kind = kind_of(t, n->a);
		kinds_of(t, n->b);
		return filter_kind(t, n, kind, false);
	case N_COND:
		kind_of(t, n->a);
		kind = kind_of(t, n->b);
		return n->c ? either(kind, kind_of(t, n->c)) : kind;
	case N_AND:
	case N_OR:
		kind = kind_of(t, n->a);
		return either(kind, kind_of(t, n->b));
	case N_CALL:
		kind_of(t, n->a);
		kinds_of(t, n->b);
		return n->a->kind == N_NAME && !n->b && sv_eq(n->a->name, SV("super")) ? t->block_frag : KIND_UNKNOWN;
	default: /* a name, an attribute, a comparison: look inside only */
		kind_of(t, n->a);
		kinds_of(t, n->b);
		return n->kind == N_NAME || n->kind == N_ATTR || n->kind == N_ERROR ? KIND_UNKNOWN : FRAG_DATA;
	}
}

/* What may stand in a place, for the help of T310. */
static void name_accepted(struct buf *b, const struct emit_row *row)
{
	bool any = false;

	for (unsigned f = FRAG_DATA + 1; f < FRAG_COUNT; f++)
		if (row->accepts >> f & 1) {
			buf_str(b, any ? ", " : "escaped text can only be ");
			buf_str(b, ct_frag_name(f));
			any = true;
		}
	if (!any)
		buf_str(b, "only data can stand there");
}

static void check_place(struct types *t, struct node *value, unsigned emit)
{
	const struct emit_row *row = &ct_emits[emit];
	unsigned kind = kind_of(t, value);
	struct buf help = { 0 };
	struct diag *g;

	if (!is_frag(kind) || emit == EMIT_NONE || (row->accepts >> kind & 1))
		return;
	g = comp_error(t->c, CT_CODE(T310), value->off, value->len, "%s cannot stand in %s", ct_frag_name(kind),
		       row->place);
	if (value->kind == N_FILTER)
		buf_fmt(&help, "leave '|" SV_FMT "' away, data is escaped for its place; ", SV_ARG(value->name));
	name_accepted(&help, row);
	comp_help(t->c, g, SV_FMT, SV_ARG(buf_view(&help)));
	buf_release(&help);
}

static void check_list(struct types *t, struct node *list);

static void check_captured(struct types *t, struct node *n)
{
	check_list(t, n->d);
	chain_kind(t, n->b, t->block_frag, n->flags & NF_MULTILINE);
}

static void check_statement(struct types *t, struct node *n)
{
	switch (n->kind) {
	case N_OUTPUT:
		check_place(t, n->a, n->emit);
		break;
	case N_IF:
		kind_of(t, n->a);
		check_list(t, n->b);
		check_list(t, n->c);
		break;
	case N_FOR:
		kind_of(t, n->b);
		kind_of(t, n->c);
		check_list(t, n->d);
		check_list(t, n->e);
		break;
	case N_SET:
		kind_of(t, n->b);
		break;
	case N_SETBLOCK:
	case N_FILTERBLOCK:
		check_captured(t, n);
		break;
	case N_MACRO:
		for (struct node *q = n->a; q; q = q->next)
			kind_of(t, q->a);
		check_list(t, n->d);
		break;
	case N_CALLBLOCK:
		kind_of(t, n->a);
		for (struct node *q = n->b; q; q = q->next)
			kind_of(t, q->a);
		check_list(t, n->d);
		break;
	case N_WITH:
		for (struct node *v = n->a; v; v = v->next)
			kind_of(t, v->b);
		check_list(t, n->d);
		break;
	case N_BLOCK:
		check_list(t, n->d);
		break;
	case N_INCLUDE:
	case N_IMPORT:
	case N_FROM:
	case N_EXTENDS:
		kind_of(t, n->a);
		break;
	default:
		break;
	}
}

static void check_list(struct types *t, struct node *list)
{
	for (; list; list = list->next)
		check_statement(t, list);
}

void ct_types(struct comp *c, struct node *body)
{
	struct types t = { c, ct_lang_row(c->lang)->block_frag };

	check_list(&t, body);
}
