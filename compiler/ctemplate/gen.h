/* Code generation: functions being written, scopes, and what the two halves call of each other. */
#ifndef LABC_CTEMPLATE_GEN_H
#define LABC_CTEMPLATE_GEN_H

#include "base/map.h"
#include "ctemplate/ast.h"

struct gen_var {
	struct sv name;
	uint32_t slot;
};

struct gen_scope {
	struct gen_scope *outer; /* lexical; crosses functions */
	struct gen_fn *fn;
	bool root; /* the template's top level: names live in the context */
	VEC(struct gen_var) vars;
};

struct gen_fn {
	struct gen_fn *outer;
	struct ct_fn f;
	uint32_t index;
	uint32_t depth; /* values on the stack now */
	uint32_t captures, branches;
	uint8_t extended; /* of the root: 0 no, 1 maybe, 2 surely */
	VEC(uint32_t) code;
	VEC(struct ct_loc) locs;
	VEC(uint32_t) slot_names;
};

struct gen {
	struct comp *c;
	struct gen_fn *fn;
	struct gen_scope *scope;
	uint32_t off, len; /* span of what is being compiled */
	struct map name_index;
	VEC(struct ct_const) consts;
	VEC(struct ct_name) names;
	VEC(struct gen_fn *) fns;
	VEC(struct ct_block) blocks;
	VEC(struct ct_loc) pieces;
	VEC(uint32_t) aux;
	VEC(char) pool;
	bool full;
};

void gen_op(struct gen *g, enum ct_op op, uint32_t n);
void gen_ab(struct gen *g, enum ct_op op, uint32_t a, uint32_t b);
void gen_adjust(struct gen *g, int delta);
/* A jump to be patched; returns its place. */
uint32_t gen_jump(struct gen *g, enum ct_op op);
void gen_patch(struct gen *g, uint32_t at);
void gen_jump_to(struct gen *g, enum ct_op op, uint32_t target);
uint32_t gen_here(const struct gen *g);
void gen_at(struct gen *g, const struct node *n);
uint32_t gen_name(struct gen *g, struct sv name);
void gen_const(struct gen *g, struct ct_value v);
void gen_too_many(struct gen *g, const char *what);

/* Names: q loads what is there, missing or not. */
void gen_load(struct gen *g, struct sv name, bool q);
void gen_store(struct gen *g, struct sv name);
uint32_t gen_declare(struct gen *g, struct sv name);
/* Slots of what is assigned in a body, set to what the names mean outside. */
void gen_declare_assigned(struct gen *g, struct node *body);
void gen_push_scope(struct gen *g, struct gen_scope *s);
void gen_pop_scope(struct gen *g);
/* aux: first, count, then name, frames out, slot of each visible local. */
uint32_t gen_locals(struct gen *g, uint32_t first, bool with);
struct gen_fn *gen_fn_begin(struct gen *g, struct gen_scope *s, const struct node *n, bool lexical);
void gen_fn_end(struct gen *g);

void gen_expr(struct gen *g, struct node *n);
void gen_call(struct gen *g, struct node *n, struct gen_fn *caller);
void gen_filter_args(struct gen *g, struct node *n);
void gen_assign(struct gen *g, struct node *target);
void gen_list(struct gen *g, struct node *list);
struct gen_fn *gen_macro_fn(struct gen *g, struct node *n, struct node *params, bool is_call);

#endif
