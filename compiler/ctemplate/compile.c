#include "ctemplate/gen.h"

#include <string.h>

#include "base/bug.h"
#include "ctemplate/codes.h"
#include "ctemplate/table.h"

/* Functions, scopes and names; the statements are in compile_stmt.c. Names written at the top level
 * of a template live in the context of the rendering (macros, blocks and includes see them); all
 * others are slots of the frame of their function, known here. */

const struct ct_op_info ct_ops[OP_COUNT] = {
#define OP(name, operand, pops, pushes, fuel) { #name, OPD_##operand, pops, pushes, fuel },
#include "ctemplate/ops.def"
#undef OP
};

void gen_too_many(struct gen *g, const char *what)
{
	if (!g->full)
		comp_error(g->c, CT_CODE(T414), g->off, g->len, "there are too many %s", what);
	g->full = true;
}

void gen_adjust(struct gen *g, int delta)
{
	g->fn->depth = (uint32_t)((int)g->fn->depth + delta);
	if (g->fn->depth > 60000 || g->fn->f.n_slots > 60000) {
		gen_too_many(g, "values at once");
		g->fn->depth = 0;
	}
	if (g->fn->depth > g->fn->f.max_stack)
		g->fn->f.max_stack = (uint16_t)g->fn->depth;
}

static void gen_word(struct gen *g, uint32_t word)
{
	VEC_ADD(g->c->tmp, &g->fn->code, word);
	VEC_ADD(g->c->tmp, &g->fn->locs, ((struct ct_loc){ g->off, g->len }));
}

void gen_op(struct gen *g, enum ct_op op, uint32_t n)
{
	const struct ct_op_info *i = &ct_ops[op];
	int pops = i->pops, pushes = i->pushes;

	if (pops < 0)
		pops = op == OP_DICT					    ? (int)n * 2
		       : op == OP_LIST || op == OP_TUPLE || op == OP_CONCAT ? (int)n
									    : 1;
	if (pushes < 0)
		pushes = (int)n;
	if (n > CT_MAX_N)
		gen_too_many(g, "parts");
	gen_word(g, (uint32_t)op | n << 8);
	gen_adjust(g, -pops);
	gen_adjust(g, pushes);
}

void gen_ab(struct gen *g, enum ct_op op, uint32_t a, uint32_t b)
{
	if (a > 0xff || b > 0xffff)
		gen_too_many(g, "names and values");
	gen_op(g, op, (a & 0xff) | (b & 0xffff) << 8);
}

uint32_t gen_here(const struct gen *g)
{
	return (uint32_t)g->fn->code.n;
}

uint32_t gen_jump(struct gen *g, enum ct_op op)
{
	gen_op(g, op, 0);
	return gen_here(g) - 1;
}

void gen_patch(struct gen *g, uint32_t at)
{
	g->fn->code.v[at] |= gen_here(g) << 8;
}

void gen_jump_to(struct gen *g, enum ct_op op, uint32_t target)
{
	gen_op(g, op, target);
}

void gen_at(struct gen *g, const struct node *n)
{
	g->off = n->off;
	g->len = n->len;
}

static uint32_t pool_add(struct gen *g, struct sv s)
{
	uint32_t off = (uint32_t)g->pool.n;

	for (size_t i = 0; i < s.n; i++)
		VEC_ADD(g->c->tmp, &g->pool, s.p[i]);
	return off;
}

uint32_t gen_name(struct gen *g, struct sv name)
{
	struct map_entry *e = map_find(&g->name_index, name);
	struct ct_name n = { 0, (uint32_t)name.n, sv_hash(name), ct_builtin_find(name) };

	if (e)
		return (uint32_t)(uintptr_t)e->value - 1;
	n.off = pool_add(g, name);
	VEC_ADD(g->c->tmp, &g->names, n);
	map_add(&g->name_index, name, (void *)(uintptr_t)g->names.n);
	return (uint32_t)g->names.n - 1;
}

void gen_const(struct gen *g, struct ct_value v)
{
	struct ct_const k = { .tag = v.tag, .len = v.len };

	if (v.tag == CT_TEXT)
		k.bits = pool_add(g, (struct sv){ v.u.p, v.len });
	else if (v.tag == CT_BOOL)
		k.bits = v.u.b;
	else
		memcpy(&k.bits, &v.u.i, sizeof(k.bits));
	VEC_ADD(g->c->tmp, &g->consts, k);
	gen_op(g, OP_CONST, (uint32_t)g->consts.n - 1);
}

/* ---- scopes ---- */

void gen_push_scope(struct gen *g, struct gen_scope *s)
{
	s->outer = g->scope;
	s->fn = g->fn;
	g->scope = s;
}

void gen_pop_scope(struct gen *g)
{
	g->scope = g->scope->outer;
}

static struct gen_var *find_in(struct gen_scope *s, struct sv name)
{
	for (size_t i = s->vars.n; i-- > 0;)
		if (sv_eq(s->vars.v[i].name, name))
			return &s->vars.v[i];
	return NULL;
}

uint32_t gen_declare(struct gen *g, struct sv name)
{
	struct gen_var *v = g->full ? NULL : find_in(g->scope, name);

	if (v)
		return v->slot;
	if (g->full)
		return 0;
	if (g->scope->vars.n >= 1000)
		gen_too_many(g, "names in one scope");
	v = VEC_PUSH(g->c->tmp, &g->scope->vars);
	v->name = name;
	v->slot = g->fn->f.n_slots;
	VEC_ADD(g->c->tmp, &g->fn->slot_names, gen_name(g, name));
	if (g->fn->f.n_slots < 60001)
		g->fn->f.n_slots++;
	gen_adjust(g, 0);
	return v->slot;
}

/* How many functions lie between here and the scope's. */
static uint32_t frames_out(const struct gen *g, const struct gen_scope *s)
{
	uint32_t n = 0;

	for (const struct gen_fn *f = g->fn; f && f != s->fn; f = f->outer)
		n++;
	return n;
}

static void load_from(struct gen *g, struct gen_scope *from, struct sv name, bool q)
{
	for (struct gen_scope *s = from; s; s = s->outer) {
		struct gen_var *v = find_in(s, name);
		uint32_t out;

		if (!v)
			continue;
		out = frames_out(g, s);
		if (out)
			gen_ab(g, q ? OP_UPLOCALQ : OP_UPLOCAL, out, v->slot);
		else
			gen_op(g, q ? OP_LOCALQ : OP_LOCAL, v->slot);
		return;
	}
	if (!q && sv_eq(name, SV("self")))
		gen_op(g, OP_SELF, 0);
	else
		gen_op(g, q ? OP_GLOBALQ : OP_GLOBAL, gen_name(g, name));
}

void gen_load(struct gen *g, struct sv name, bool q)
{
	load_from(g, g->scope, name, q);
}

void gen_store(struct gen *g, struct sv name)
{
	if (g->scope->root)
		gen_op(g, OP_SETGLOBAL, gen_name(g, name));
	else
		gen_op(g, OP_SETLOCAL, gen_declare(g, name));
}

#define LOOK_BACK 4096u

/* Whether the name stands in the source between two places: cheap and on the safe side. */
static bool mentioned(const struct gen *g, struct sv name, uint32_t from, uint32_t to)
{
	struct sv part = sv_sub(g->c->text, from, to > from ? to - from : 0);

	return part.n > LOOK_BACK || sv_search(part, name) >= 0;
}

static void declare_one(struct gen *g, struct sv name, uint32_t body_off, const struct node *set)
{
	bool direct = set->kind == N_SET && set->a->kind == N_NAME && set->id == 1;

	if (find_in(g->scope, name))
		return;
	gen_declare(g, name);
	/* written before anything reads it: what it means outside does not matter */
	if (direct && !mentioned(g, name, body_off, set->off) &&
	    !mentioned(g, name, set->b->off, set->off + set->len))
		return;
	load_from(g, g->scope->outer, name, true);
	gen_op(g, OP_SETLOCAL, gen_declare(g, name));
}

static void declare_target(struct gen *g, struct node *t, uint32_t body_off, const struct node *set)
{
	if (t->kind == N_NAME)
		declare_one(g, t->name, body_off, set);
	else if (t->kind == N_TUPLE)
		for (struct node *x = t->a; x; x = x->next)
			declare_target(g, x, body_off, set);
}

static void declare_in(struct gen *g, struct node *body, uint32_t off, bool direct)
{
	for (struct node *n = body; n && !g->full; n = n->next) {
		switch (n->kind) {
		case N_IF:
			declare_in(g, n->b, off, false);
			declare_in(g, n->c, off, false);
			break;
		case N_SET:
			n->id = direct;
			declare_target(g, n->a, off, n);
			break;
		case N_SETBLOCK:
			declare_target(g, n->a, off, n);
			break;
		case N_MACRO:
		case N_IMPORT:
			declare_one(g, n->name, off, n);
			break;
		case N_FROM:
			for (struct node *x = n->b; x; x = x->next)
				declare_one(g, (struct sv){ x->val.u.p, x->val.len }, off, n);
			break;
		default:
			break;
		}
	}
}

void gen_declare_assigned(struct gen *g, struct node *body)
{
	if (body)
		declare_in(g, body, body->off, true);
}

uint32_t gen_locals(struct gen *g, uint32_t first, bool with)
{
	uint32_t at = (uint32_t)g->aux.n, count = 0;

	VEC_ADD(g->c->tmp, &g->aux, first);
	VEC_ADD(g->c->tmp, &g->aux, 0);
	for (struct gen_scope *s = with ? g->scope : NULL; s; s = s->outer)
		for (size_t i = s->vars.n; i-- > 0;) {
			uint32_t name = gen_name(g, s->vars.v[i].name);
			bool shadowed = false;

			for (uint32_t k = 0; k < count && !shadowed; k++)
				shadowed = g->aux.v[at + 2 + k * 3] == name;
			if (shadowed)
				continue;
			VEC_ADD(g->c->tmp, &g->aux, name);
			VEC_ADD(g->c->tmp, &g->aux, frames_out(g, s));
			VEC_ADD(g->c->tmp, &g->aux, s->vars.v[i].slot);
			count++;
		}
	g->aux.v[at + 1] = count;
	if (at > 0xffff)
		gen_too_many(g, "includes and blocks");
	return at & 0xffff;
}

/* ---- functions ---- */

struct gen_fn *gen_fn_begin(struct gen *g, struct gen_scope *s, const struct node *n, bool lexical)
{
	struct gen_fn *f = NEW(g->c->tmp, struct gen_fn, 1);

	f->outer = g->fn;
	f->index = (uint32_t)g->fns.n;
	f->f.off = n ? n->off : 0;
	f->f.len = n ? n->len : 0;
	f->f.name = UINT32_MAX;
	VEC_ADD(g->c->tmp, &g->fns, f);
	if (lexical)
		for (struct gen_fn *o = g->fn; o; o = o->outer)
			o->f.flags |= FN_CLOSURE;
	g->fn = f;
	gen_push_scope(g, s);
	return f;
}

void gen_fn_end(struct gen *g)
{
	gen_op(g, OP_RETURN, 0);
	gen_pop_scope(g);
	g->fn = g->fn->outer;
}

/* ---- putting it together ---- */

#define COPY(dst, vec) ((vec).n ? memcpy(dst, (vec).v, (vec).n * sizeof(*(vec).v)) : NULL)

static void link_fns(struct gen *g, struct ct_code *k)
{
	struct ct_fn *fns = NEW(g->c->a, struct ct_fn, g->fns.n);
	uint32_t total = 0, *code;
	struct ct_loc *locs;

	for (size_t i = 0; i < g->fns.n; i++)
		total += (uint32_t)g->fns.v[i]->code.n;
	code = NEW(g->c->a, uint32_t, total);
	locs = NEW(g->c->a, struct ct_loc, total);
	k->n_code = total;
	total = 0;
	for (size_t i = 0; i < g->fns.n; i++) {
		struct gen_fn *f = g->fns.v[i];

		fns[i] = f->f;
		fns[i].start = total;
		fns[i].slot_names = (uint32_t)g->aux.n;
		for (size_t j = 0; j < f->slot_names.n; j++)
			VEC_ADD(g->c->tmp, &g->aux, f->slot_names.v[j]);
		COPY(code + total, f->code);
		COPY(locs + total, f->locs);
		total += (uint32_t)f->code.n;
	}
	k->n_fns = (uint32_t)g->fns.n;
	k->fns = fns;
	k->code = code;
	k->locs = locs;
}

#define KEEP(k, field, vec, type)                                                                            \
	do {                                                                                                 \
		type *copy_ = NEW(g->c->a, type, (vec).n + 1);                                               \
		COPY(copy_, vec);                                                                            \
		(k)->field = copy_;                                                                          \
		(k)->n_##field = (uint32_t)(vec).n;                                                          \
	} while (0)

static const struct ct_code *link_code(struct gen *g)
{
	struct ct_code *k = NEW(g->c->a, struct ct_code, 1);
	char *pool = NEW(g->c->a, char, g->pool.n + 1);

	link_fns(g, k);
	COPY(pool, g->pool);
	k->pool = pool;
	k->pool_len = (uint32_t)g->pool.n;
	k->lang = (uint8_t)g->c->lang;
	k->flags = g->c->ends_open ? CODE_ENDS_OPEN : 0;
	k->text = g->c->text.p;
	k->text_len = (uint32_t)g->c->text.n;
	KEEP(k, consts, g->consts, struct ct_const);
	KEEP(k, names, g->names, struct ct_name);
	KEEP(k, blocks, g->blocks, struct ct_block);
	KEEP(k, pieces, g->pieces, struct ct_loc);
	KEEP(k, aux, g->aux, uint32_t);
	KEEP(k, states, g->c->states, struct ct_state);
	return k;
}

const struct ct_code *ct_codegen(struct comp *c, struct node *body)
{
	struct gen g = { .c = c };
	struct gen_scope root = { .root = true };

	map_init(&g.name_index, c->tmp, false);
	VEC_ADD(c->tmp, &g.aux, 0); /* index 0: none */
	gen_fn_begin(&g, &root, NULL, false);
	gen_list(&g, body);
	gen_fn_end(&g);
	return c->n_errors ? NULL : link_code(&g);
}
