#include "ctemplate/gen.h"

#include <string.h>

#include "base/bug.h"
#include "ctemplate/codes.h"
#include "ctemplate/table.h"

/* Expressions to code. Arguments of filters and tests are put in the order of their rows here, so
 * that nothing is looked up by name at run time. */

static uint32_t gen_items(struct gen *g, struct node *list)
{
	uint32_t n = 0;

	for (; list; list = list->next, n++)
		gen_expr(g, list);
	return n;
}

static void gen_short_circuit(struct gen *g, struct node *n, enum ct_op jump)
{
	uint32_t at;

	gen_expr(g, n->a);
	gen_at(g, n->a);
	at = gen_jump(g, jump);
	gen_expr(g, n->b);
	gen_patch(g, at);
}

static void gen_comparison(struct gen *g, struct node *n)
{
	uint32_t ends[64], n_ends = 0;

	gen_expr(g, n->a);
	for (struct node *op = n->b; op; op = op->next) {
		gen_expr(g, op->a);
		gen_at(g, n);
		if (!op->next) {
			gen_op(g, OP_COMPARE, op->op);
		} else if (n_ends < COUNTOF(ends)) {
			gen_op(g, OP_CMPKEEP, op->op);
			ends[n_ends++] = gen_jump(g, OP_CHAIN);
		} else {
			gen_too_many(g, "comparisons in a row");
			return;
		}
	}
	while (n_ends)
		gen_patch(g, ends[--n_ends]);
}

static void gen_cond(struct gen *g, struct node *n)
{
	uint32_t skip, end;

	gen_expr(g, n->a);
	gen_at(g, n->a);
	skip = gen_jump(g, OP_JFALSE);
	gen_expr(g, n->b);
	end = gen_jump(g, OP_JUMP);
	gen_adjust(g, -1);
	gen_patch(g, skip);
	gen_at(g, n);
	if (n->c)
		gen_expr(g, n->c);
	else
		gen_op(g, OP_UNDEF, 0);
	gen_patch(g, end);
}

static uint32_t gen_concat_operands(struct gen *g, struct node *n)
{
	uint32_t count = 1;

	if (n->a->kind == N_CONCAT)
		count += gen_concat_operands(g, n->a);
	else {
		gen_expr(g, n->a);
		count++;
	}
	gen_expr(g, n->b);
	return count;
}

/* *list and **dict: build the list and the dict of all arguments. */
static void gen_star_args(struct gen *g, struct node *args)
{
	uint32_t n = 0;

	gen_op(g, OP_LIST, 0);
	for (struct node *a = args; a; a = a->next) {
		if (a->kind == N_KWARG || a->kind == N_KWSTAR)
			continue;
		gen_expr(g, a->kind == N_STAR ? a->a : a);
		if (a->kind != N_STAR)
			gen_op(g, OP_LIST, 1);
		gen_op(g, OP_EXTENDLIST, 0);
	}
	for (struct node *a = args; a; a = a->next)
		if (a->kind == N_KWARG) {
			gen_const(g, ct_text(a->name));
			gen_expr(g, a->a);
			n++;
		}
	gen_op(g, OP_DICT, n);
	for (struct node *a = args; a; a = a->next)
		if (a->kind == N_KWSTAR) {
			gen_expr(g, a->a);
			gen_op(g, OP_EXTENDDICT, 0);
		}
}

static bool has_star(const struct node *args)
{
	for (; args; args = args->next)
		if (args->kind == N_STAR || args->kind == N_KWSTAR)
			return true;
	return false;
}

static void gen_varargs(struct gen *g, struct node *n)
{
	uint32_t pos = 0, kw = 0;

	for (struct node *a = n->b; a; a = a->next)
		if (a->kind != N_KWARG) {
			gen_expr(g, a);
			pos++;
		}
	for (struct node *a = n->b; a; a = a->next)
		if (a->kind == N_KWARG) {
			gen_const(g, ct_text(a->name));
			gen_expr(g, a->a);
			kw++;
		}
	gen_at(g, n);
	gen_op(g, OP_DICT, kw);
	if (pos > 250)
		gen_too_many(g, "arguments");
	gen_ab(g, n->kind == N_TEST ? OP_TEST : OP_FILTER, (pos + 1) & 0xff, n->id);
	gen_adjust(g, -(int)(pos + 1));
}

static void bad_argument(struct gen *g, const struct ct_row *row, const struct node *a, const char *what)
{
	struct diag *d = comp_error(g->c, CT_CODE(T204), a->off, a->len, "'%s' %s", row->doc.name, what);

	comp_help(g->c, d, "it is written %s", row->doc.signature);
}

/* The argument of a parameter: the i-th positional one, or the one named so. */
static struct node *argument_of(struct node *args, unsigned i, const char *name)
{
	unsigned k = 0;
	struct node *found = NULL;

	for (struct node *a = args; a; a = a->next) {
		if (a->kind == N_KWARG ? sv_eq(a->name, sv_from(name)) : k == i)
			found = a->kind == N_KWARG ? a->a : a;
		k += a->kind != N_KWARG;
	}
	return found;
}

static bool check_arguments(struct gen *g, const struct ct_row *row, struct node *n)
{
	unsigned max = 0, pos = 0;

	while (max < CT_MAX_PARAMS && row->params[max])
		max++;
	for (struct node *a = n->b; a; a = a->next) {
		bool known = a->kind != N_KWARG;

		for (unsigned i = 0; i < max && !known; i++)
			known = sv_eq(a->name, sv_from(row->params[i] + (row->params[i][0] == '!')));
		if (!known || (a->kind != N_KWARG && ++pos > max)) {
			bad_argument(g, row, a,
				     known ? "takes no such argument" : "has no argument of that name");
			return false;
		}
	}
	for (unsigned i = 0; i < max; i++)
		if (row->params[i][0] == '!' && !argument_of(n->b, i, row->params[i] + 1)) {
			bad_argument(g, row, n, "lacks an argument");
			return false;
		}
	return true;
}

/* The input is on the stack. */
void gen_filter_args(struct gen *g, struct node *n)
{
	const struct ct_row *row = n->kind == N_TEST ? ct_test_row(n->id) : ct_filter_row(n->id);
	enum ct_op op = n->kind == N_TEST ? OP_TEST : OP_FILTER;
	unsigned count = 0;

	gen_at(g, n);
	if (has_star(n->b)) {
		gen_star_args(g, n->b);
		gen_at(g, n);
		gen_ab(g, OP_FILTERX, n->kind == N_TEST, n->id);
		return;
	}
	if (row->flags & ROW_VARARGS) {
		gen_varargs(g, n);
		return;
	}
	if (!check_arguments(g, row, n))
		return;
	for (unsigned i = 0; i < CT_MAX_PARAMS && row->params[i]; i++)
		if (argument_of(n->b, i, row->params[i] + (row->params[i][0] == '!')))
			count = i + 1;
	for (unsigned i = 0; i < count; i++) {
		struct node *a = argument_of(n->b, i, row->params[i] + (row->params[i][0] == '!'));

		if (a)
			gen_expr(g, a);
		else
			gen_const(g, (struct ct_value){ .tag = CT_MISSING });
	}
	gen_at(g, n);
	gen_ab(g, op, count, n->id);
	gen_adjust(g, -(int)count);
}

void gen_call(struct gen *g, struct node *n, struct gen_fn *caller)
{
	uint32_t pos = 0, kw = 0, aux = 0;

	if (!caller && n->a->kind == N_NAME && sv_eq(n->a->name, SV("super")) && !n->b) {
		gen_at(g, n);
		gen_op(g, OP_SUPER, 0);
		return;
	}
	gen_expr(g, n->a);
	if (has_star(n->b) || caller) {
		gen_star_args(g, n->b);
		if (caller) {
			gen_const(g, ct_text(SV("caller")));
			gen_op(g, OP_MACRO, caller->index);
			gen_op(g, OP_DICT, 1);
			gen_op(g, OP_EXTENDDICT, 0);
		}
		gen_at(g, n);
		gen_op(g, OP_CALLX, 0);
		return;
	}
	for (struct node *a = n->b; a; a = a->next) {
		pos += a->kind != N_KWARG;
		kw += a->kind == N_KWARG;
		gen_expr(g, a->kind == N_KWARG ? a->a : a);
	}
	gen_at(g, n);
	if (kw) {
		aux = (uint32_t)g->aux.n;
		VEC_ADD(g->c->tmp, &g->aux, kw);
		for (struct node *a = n->b; a; a = a->next)
			if (a->kind == N_KWARG)
				VEC_ADD(g->c->tmp, &g->aux, gen_name(g, a->name));
	}
	if (pos > 255 || aux > 0xffff)
		gen_too_many(g, "arguments");
	gen_ab(g, OP_CALL, pos & 0xff, aux & 0xffff);
	gen_adjust(g, -(int)(pos + kw));
}

static void gen_slice(struct gen *g, struct node *n)
{
	struct node *part[3] = { n->b, n->c, n->d };

	gen_expr(g, n->a);
	for (int i = 0; i < 3; i++) {
		if (part[i])
			gen_expr(g, part[i]);
		else
			gen_const(g, ct_none());
	}
	gen_at(g, n);
	gen_op(g, OP_SLICE, 0);
}

static void gen_container(struct gen *g, struct node *n)
{
	uint32_t count = 0;

	if (n->kind != N_DICT) {
		count = gen_items(g, n->a);
		gen_at(g, n);
		gen_op(g, n->kind == N_LIST ? OP_LIST : OP_TUPLE, count);
		return;
	}
	for (struct node *p = n->a; p; p = p->next, count++) {
		gen_expr(g, p->a);
		gen_expr(g, p->b);
	}
	gen_at(g, n);
	gen_op(g, OP_DICT, count);
}

void gen_expr(struct gen *g, struct node *n)
{
	if (!n || n->kind == N_ERROR || g->full) {
		gen_op(g, OP_UNDEF, 0);
		return;
	}
	gen_at(g, n);
	switch (n->kind) {
	case N_CONST:
		gen_const(g, n->val);
		return;
	case N_NAME:
		gen_load(g, n->name, false);
		return;
	case N_LIST:
	case N_TUPLE:
	case N_DICT:
		gen_container(g, n);
		return;
	case N_ATTR:
		gen_expr(g, n->a);
		gen_at(g, n);
		gen_op(g, OP_ATTR, gen_name(g, n->name));
		return;
	case N_SLICE:
		gen_slice(g, n);
		return;
	case N_CALL:
		gen_call(g, n, NULL);
		return;
	case N_FILTER:
	case N_TEST:
		gen_expr(g, n->a);
		gen_filter_args(g, n);
		return;
	case N_INDEX:
	case N_BINARY:
		gen_expr(g, n->a);
		gen_expr(g, n->b);
		gen_at(g, n);
		gen_op(g, n->kind == N_INDEX ? OP_INDEX : (enum ct_op)n->op, 0);
		return;
	case N_UNARY:
	case N_NOT:
		gen_expr(g, n->a);
		gen_at(g, n);
		gen_op(g, n->kind == N_NOT ? OP_NOT : (enum ct_op)n->op, 0);
		return;
	case N_COMPARE:
		gen_comparison(g, n);
		return;
	case N_AND:
	case N_OR:
		gen_short_circuit(g, n, n->kind == N_AND ? OP_JFALSEKEEP : OP_JTRUEKEEP);
		return;
	case N_COND:
		gen_cond(g, n);
		return;
	case N_CONCAT: {
		uint32_t count = gen_concat_operands(g, n);

		gen_at(g, n);
		gen_op(g, OP_CONCAT, count);
		return;
	}
	default:
		BUG("node %u is no expression", n->kind);
	}
}
