#include "ctemplate/gen.h"

#include "base/bug.h"
#include "ctemplate/codes.h"
#include "ctemplate/lang.h"

/* Statements to code. */

/* In a template that extends another, what stands outside blocks is not output: known now, or
 * decided by a jump at run time. Returns false when nothing is to be compiled. */
static bool begin_output(struct gen *g, uint32_t *skip)
{
	bool outside = !g->fn->outer && !g->fn->captures;

	*skip = UINT32_MAX;
	if (!outside || !g->fn->extended)
		return true;
	if (g->fn->extended == 2)
		return false;
	*skip = gen_jump(g, OP_JEXTENDED);
	return true;
}

static void end_output(struct gen *g, uint32_t skip)
{
	if (skip != UINT32_MAX)
		gen_patch(g, skip);
}

void gen_assign(struct gen *g, struct node *t)
{
	uint32_t count = 0;

	gen_at(g, t);
	switch (t->kind) {
	case N_NAME:
		gen_store(g, t->name);
		break;
	case N_TUPLE:
		for (struct node *x = t->a; x; x = x->next)
			count++;
		gen_op(g, OP_UNPACK, count);
		for (struct node *x = t->a; x; x = x->next)
			gen_assign(g, x);
		break;
	case N_ATTR:
		gen_expr(g, t->a);
		gen_at(g, t);
		gen_op(g, OP_NSSET, gen_name(g, t->name));
		break;
	default:
		gen_op(g, OP_POP, 0);
		break;
	}
}

static void declare_target(struct gen *g, struct node *t)
{
	if (t->kind == N_NAME)
		gen_declare(g, t->name);
	for (struct node *x = t->kind == N_TUPLE ? t->a : NULL; x; x = x->next)
		declare_target(g, x);
}

static void gen_if(struct gen *g, struct node *n)
{
	uint32_t skip, end;

	gen_expr(g, n->a);
	gen_at(g, n->a);
	skip = gen_jump(g, OP_JFALSE);
	g->fn->branches++;
	gen_list(g, n->b);
	if (n->c) {
		end = gen_jump(g, OP_JUMP);
		gen_patch(g, skip);
		gen_list(g, n->c);
		gen_patch(g, end);
	} else {
		gen_patch(g, skip);
	}
	g->fn->branches--;
}

/* The loop itself; its items are on the stack. */
static void gen_loop(struct gen *g, struct node *n)
{
	struct gen_scope scope = { 0 }, els = { 0 };
	uint32_t top, end, after, flags = n->flags & NF_RECURSIVE ? ITER_RECURSIVE : 0;

	gen_push_scope(g, &scope);
	declare_target(g, n->a);
	gen_at(g, n->b);
	if (n->c) {
		gen_ab(g, OP_ITER, ITER_FILTER, 0);
		top = gen_here(g);
		end = gen_jump(g, OP_NEXT);
		gen_assign(g, n->a);
		gen_expr(g, n->c);
		gen_jump_to(g, OP_JFALSE, top);
		gen_op(g, OP_LOOPKEEP, 0);
		gen_jump_to(g, OP_JUMP, top);
		gen_patch(g, end);
		gen_op(g, OP_ENDFILTER, 0);
		gen_adjust(g, -1);
		gen_adjust(g, 1);
	}
	gen_at(g, n->b);
	gen_ab(g, OP_ITER, flags, gen_declare(g, SV("loop")));
	top = gen_here(g);
	end = gen_jump(g, OP_NEXT);
	gen_assign(g, n->a);
	gen_declare_assigned(g, n->d);
	g->fn->branches++;
	gen_list(g, n->d);
	gen_at(g, n->b);
	gen_jump_to(g, OP_JUMP, top);
	gen_patch(g, end);
	after = gen_jump(g, OP_ENDLOOP);
	gen_pop_scope(g);
	gen_push_scope(g, &els);
	gen_declare_assigned(g, n->e);
	gen_list(g, n->e);
	gen_pop_scope(g);
	gen_patch(g, after);
	g->fn->branches--;
}

static void gen_for(struct gen *g, struct node *n)
{
	struct gen_scope scope = { 0 };
	struct gen_fn *f;

	gen_expr(g, n->b);
	if (!(n->flags & NF_RECURSIVE)) {
		gen_adjust(g, 0);
		gen_loop(g, n);
		return;
	}
	f = gen_fn_begin(g, &scope, n, true);
	f->f.flags |= FN_LOOP;
	f->f.n_params = 1;
	f->f.frag = n->emit;
	gen_declare(g, SV("")); /* the items */
	gen_op(g, OP_LOCALQ, 0);
	gen_loop(g, n);
	gen_fn_end(g);
	gen_at(g, n->b);
	gen_ab(g, OP_RECURSE, 0, f->index);
}

static void gen_capture(struct gen *g, struct node *n)
{
	struct gen_scope scope = { 0 };

	gen_op(g, OP_CAPTURE, 0);
	g->fn->captures++;
	gen_push_scope(g, &scope);
	gen_declare_assigned(g, n->d);
	gen_list(g, n->d);
	gen_pop_scope(g);
	g->fn->captures--;
	gen_at(g, n);
	gen_ab(g, OP_ENDCAPTURE, n->emit, n->flags & NF_MULTILINE ? 1 : 0);
}

/* The filters of a block, innermost first; the text is on the stack. */
static void gen_chain(struct gen *g, struct node *filter)
{
	if (!filter)
		return;
	gen_chain(g, filter->a);
	gen_filter_args(g, filter);
}

static enum emit block_emit(const struct gen *g)
{
	static const uint8_t kinds[CT_LANG_COUNT] = { EMIT_TEXT, EMIT_PS, EMIT_ARM, EMIT_MD, EMIT_MARKUP };

	return (enum emit)kinds[g->c->lang];
}

static void gen_with(struct gen *g, struct node *n)
{
	struct gen_scope scope = { 0 };
	uint32_t count = 0;

	for (struct node *v = n->a; v; v = v->next, count++)
		gen_expr(g, v->b);
	gen_push_scope(g, &scope);
	for (struct node *v = n->a; v; v = v->next)
		gen_declare(g, v->a->name);
	for (; count; count--) {
		struct node *v = n->a;

		for (uint32_t i = 1; i < count; i++)
			v = v->next;
		gen_at(g, v);
		gen_store(g, v->a->name);
	}
	gen_declare_assigned(g, n->d);
	gen_list(g, n->d);
	gen_pop_scope(g);
}

static bool uses(const struct gen *g, const struct node *n, struct sv word)
{
	uint32_t end = n->end_off ? n->end_off : (uint32_t)g->c->text.n;

	return sv_search(sv_sub(g->c->text, n->off, end - n->off), word) >= 0;
}

struct gen_fn *gen_macro_fn(struct gen *g, struct node *n, struct node *params, bool is_call)
{
	struct gen_scope *scope = NEW(g->c->tmp, struct gen_scope, 1);
	struct gen_fn *f = gen_fn_begin(g, scope, n, true);
	static const struct {
		struct sv word;
		uint8_t flag;
	} extras[] = { { SV_INIT("varargs"), FN_VARARGS },
		       { SV_INIT("kwargs"), FN_KWARGS },
		       { SV_INIT("caller"), FN_CALLER } };

	f->f.name = gen_name(g, is_call ? SV("caller") : n->name);
	f->f.frag = n->emit;
	for (struct node *q = params; q; q = q->next, f->f.n_params++)
		gen_declare(g, q->name);
	for (size_t i = 0; i < COUNTOF(extras) && !is_call; i++)
		if (uses(g, n, extras[i].word)) {
			bool param = false;

			for (struct node *q = params; q; q = q->next)
				param |= sv_eq(q->name, extras[i].word);
			if (param)
				continue;
			f->f.flags |= extras[i].flag;
			gen_declare(g, extras[i].word);
		}
	for (struct node *q = params; q; q = q->next)
		if (q->a) {
			uint32_t skip;

			gen_at(g, q);
			gen_op(g, OP_ISSET, gen_declare(g, q->name));
			gen_op(g, OP_NOT, 0);
			skip = gen_jump(g, OP_JFALSE);
			gen_expr(g, q->a);
			gen_op(g, OP_SETLOCAL, gen_declare(g, q->name));
			gen_patch(g, skip);
		}
	gen_declare_assigned(g, n->d);
	gen_list(g, n->d);
	gen_fn_end(g);
	return f;
}

static void gen_call_block(struct gen *g, struct node *n)
{
	struct gen_fn *f;
	uint32_t skip;

	if (!begin_output(g, &skip))
		return;
	f = gen_macro_fn(g, n, n->b, true);
	gen_call(g, n->a, f);
	gen_at(g, n);
	gen_op(g, OP_EMIT, n->id);
	end_output(g, skip);
}

static void gen_block(struct gen *g, struct node *n)
{
	struct gen_scope scope = { 0 }, *outer = g->scope;
	struct gen_fn *outer_fn = g->fn, *f;
	uint32_t skip, id = (uint32_t)g->blocks.n;
	bool shown = begin_output(g, &skip);

	VEC_ADD(g->c->tmp, &g->blocks, ((struct ct_block){ gen_name(g, n->name), 0 }));
	if (shown) {
		gen_at(g, n);
		gen_ab(g, OP_BLOCK, n->flags & NF_SCOPED ? BLOCK_SCOPED : 0,
		       gen_locals(g, id, n->flags & NF_SCOPED));
		end_output(g, skip);
	}
	/* a block sees nothing of the place it is written in */
	g->scope = NULL;
	f = gen_fn_begin(g, &scope, n, false);
	f->f.name = g->blocks.v[id].name;
	f->f.frag = ct_lang_row(g->c->lang)->block_frag;
	f->f.flags |= n->flags & NF_REQUIRED ? FN_REQUIRED : 0;
	g->blocks.v[id].fn = f->index;
	gen_declare_assigned(g, n->d);
	gen_list(g, n->d);
	gen_fn_end(g);
	g->fn = outer_fn;
	g->scope = outer;
}

static void gen_include(struct gen *g, struct node *n)
{
	uint32_t skip, flags = 0;

	if (!begin_output(g, &skip))
		return;
	gen_expr(g, n->a);
	gen_at(g, n);
	if (n->flags & NF_IGNORE_MISSING)
		flags |= INC_IGNORE_MISSING;
	if (n->flags & NF_WITH_CONTEXT)
		flags |= INC_WITH_CONTEXT;
	gen_ab(g, OP_INCLUDE, flags, gen_locals(g, n->state, flags & INC_WITH_CONTEXT));
	end_output(g, skip);
}

static void gen_import(struct gen *g, struct node *n)
{
	bool with = n->flags & NF_WITH_CONTEXT;

	gen_expr(g, n->a);
	gen_at(g, n);
	gen_ab(g, OP_IMPORT, with ? INC_WITH_CONTEXT : 0, gen_locals(g, 0, with));
	if (n->kind == N_IMPORT) {
		gen_store(g, n->name);
		return;
	}
	for (struct node *i = n->b; i; i = i->next) {
		gen_op(g, OP_DUP, 0);
		gen_at(g, i);
		gen_op(g, OP_IMPORTED, gen_name(g, i->name));
		gen_store(g, (struct sv){ i->val.u.p, i->val.len });
	}
	gen_op(g, OP_POP, 0);
}

static void gen_output(struct gen *g, struct node *n)
{
	uint32_t skip;

	if (!begin_output(g, &skip))
		return;
	if (n->kind == N_TEXT) {
		VEC_ADD(g->c->tmp, &g->pieces, ((struct ct_loc){ n->off, n->len }));
		gen_at(g, n);
		gen_op(g, OP_TEXT, (uint32_t)g->pieces.n - 1);
	} else {
		gen_expr(g, n->a);
		if (n->a)
			gen_at(g, n->a);
		gen_op(g, OP_EMIT, n->emit);
	}
	end_output(g, skip);
}

static void gen_filter_block(struct gen *g, struct node *n)
{
	uint32_t skip;

	if (!begin_output(g, &skip))
		return;
	gen_capture(g, n);
	gen_chain(g, n->b);
	gen_at(g, n);
	gen_op(g, OP_EMIT, block_emit(g));
	end_output(g, skip);
}

static void gen_statement(struct gen *g, struct node *n)
{
	switch (n->kind) {
	case N_TEXT:
	case N_OUTPUT:
		gen_output(g, n);
		break;
	case N_IF:
		gen_if(g, n);
		break;
	case N_FOR:
		gen_for(g, n);
		break;
	case N_SET:
		gen_expr(g, n->b);
		gen_assign(g, n->a);
		break;
	case N_SETBLOCK:
		gen_capture(g, n);
		gen_chain(g, n->b);
		gen_assign(g, n->a);
		break;
	case N_WITH:
		gen_with(g, n);
		break;
	case N_MACRO:
		gen_op(g, OP_MACRO, gen_macro_fn(g, n, n->a, false)->index);
		gen_store(g, n->name);
		break;
	case N_CALLBLOCK:
		gen_call_block(g, n);
		break;
	case N_FILTERBLOCK:
		gen_filter_block(g, n);
		break;
	case N_INCLUDE:
		gen_include(g, n);
		break;
	case N_IMPORT:
	case N_FROM:
		gen_import(g, n);
		break;
	case N_EXTENDS:
		gen_expr(g, n->a);
		gen_at(g, n);
		gen_op(g, OP_EXTENDS, 0);
		if (!g->fn->outer)
			g->fn->extended = g->fn->branches ? (g->fn->extended == 2 ? 2 : 1) : 2;
		break;
	case N_BLOCK:
		gen_block(g, n);
		break;
	default:
		BUG("node %u is no statement", n->kind);
	}
}

void gen_list(struct gen *g, struct node *list)
{
	for (struct node *n = list; n && !g->full; n = n->next) {
		gen_at(g, n);
		gen_statement(g, n);
	}
}
