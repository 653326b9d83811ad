/* The virtual machine: frames, contexts, loops, and the services filters use. */
#ifndef LABC_CTEMPLATE_VM_H
#define LABC_CTEMPLATE_VM_H

#include "ctemplate/code.h"
#include "ctemplate/codes.h"
#include "ctemplate/value.h"

/* Names of a rendering: own ones first, then those outside. */
struct ctx {
	struct ctx *outer;
	struct ct_dict *vars;
};

/* The slots of a function that others are written in. */
struct scope_env {
	struct scope_env *outer;
	struct ct_value *slots;
};

struct block_def {
	const struct ct_template *t;
	const struct ct_fn *fn;
	struct block_def *parent;
};

struct block_entry {
	struct block_entry *next;
	struct sv name;
	struct block_def *first;
};

/* A template and those it extends, while one is rendered. */
struct chain {
	struct block_entry *blocks;
};

struct loop {
	struct loop *outer;
	const struct ct_value *items;
	struct ct_list *kept; /* a filtering pass */
	uint32_t i, n;	      /* turn i of n runs, from 1 */
	uint32_t depth, pc;   /* nesting of recursion; where it stands */
	struct macro *recurse;
	struct ct_value changed;
};

struct macro {
	const struct ct_template *t;
	const struct ct_fn *fn;
	struct scope_env *env;
	struct ctx *ctx;
	struct chain *chain;
	const struct block_def *block;
};

/* loop.cycle and loop.changed, range, namespace: CT_FUNC; flags is the builtin. self.name: CT_BLOCKREF */
struct undef {
	struct sv name, owner;
	struct ct_value of;
	const struct ct_template *t;
	struct ct_loc at;
	uint8_t kind; /* 0 name, 1 attribute, 2 index, 3 argument */
};

struct frame {
	struct frame *caller;
	const struct ct_template *t;
	const struct ct_code *code;
	const struct ct_fn *fn;
	struct ct_value *slots, *stack;
	struct scope_env env;
	struct scope_env *self_env; /* of closures made here */
	struct ctx *ctx;
	struct chain *chain;
	struct loop *loops;
	const struct block_def *block;
	const struct ct_template *parent; /* what it extends */
	uint32_t pc, loop_depth;
	const char *how; /* "include", "macro"; for backtraces */
};

struct vm {
	struct ct_env *env;
	struct arena *a;
	struct buf out; /* not yet handed over, or being captured */
	struct buf tmp; /* of one operation */
	VEC(size_t) captures;
	ct_out_fn sink;
	void *user;
	uint64_t fuel, written;
	uint32_t turns, macro_depth, include_depth;
	struct frame *frame;
	struct ct_value base; /* the context given */
	struct ct_value *sp, *sp_end;
	const struct ct_template *parent; /* what the template run last extends */
	struct diag *failure; /* what failed */
	bool failed, multiline, ends_open;
};

/* Reports at the running instruction with a backtrace; always false. */
bool vm_fail(struct vm *vm, const struct diag_info *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, and says where in the user's file the value was read. */
bool vm_fail_value(struct vm *vm, const struct diag_info *code, struct ct_value v, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
bool vm_fail_undef(struct vm *vm, struct ct_value undef);
/* Advice on the failure just reported. */
void vm_help(struct vm *vm, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Charges for bytes or items made; false when the fuel is out. */
bool vm_charge(struct vm *vm, uint64_t bytes);
/* A copy of tmp as a text value; tmp is emptied. */
bool vm_text(struct vm *vm, struct ct_value *out);
bool vm_text_limit(struct vm *vm, uint64_t bytes);
bool vm_list_limit(struct vm *vm, uint64_t items);
/* The text {{ }} would write, in tmp or the value's own. */
bool vm_string(struct vm *vm, struct ct_value v, struct sv *s);
struct ct_value vm_undef(struct vm *vm, uint8_t kind, struct sv name, struct ct_value of);

/* ops.c */
bool vm_equal(struct vm *vm, struct ct_value a, struct ct_value b, bool *out);
/* Pays for comparisons that cost so much; false as well when one was given up. */
bool vm_charge_compare(struct vm *vm, uint64_t cost);
/* A finding about changing text that an escaper made. */
bool vm_refuse_frag(struct vm *vm, const char *what);
bool vm_binary(struct vm *vm, enum ct_op op, struct ct_value a, struct ct_value b, struct ct_value *out);
bool vm_compare(struct vm *vm, enum ct_cmp op, struct ct_value a, struct ct_value b, bool *out);
bool vm_truth(struct vm *vm, struct ct_value v, bool *out);
/* access.c */
bool vm_attr(struct vm *vm, struct ct_value of, struct sv name, uint32_t hash, uint32_t builtin,
	     struct ct_value *out);
bool vm_index(struct vm *vm, struct ct_value of, struct ct_value key, struct ct_value *out);
bool vm_slice(struct vm *vm, const struct ct_value *v, struct ct_value *out);
bool vm_concat(struct vm *vm, const struct ct_value *v, uint32_t n, struct ct_value *out);
/* Items of anything that can be iterated, as a list (that of the value itself, or a new one). */
bool vm_items(struct vm *vm, struct ct_value v, const struct ct_list **out);
/* a.b.0: the attribute of an item, as sort and map name it; missing gives an undefined value. */
bool vm_path(struct vm *vm, struct ct_value of, struct sv path, struct ct_value *out);
bool vm_extend_list(struct vm *vm, struct ct_value list, struct ct_value more);
bool vm_extend_dict(struct vm *vm, struct ct_value dict, struct ct_value more);

/* call.c */
bool vm_call(struct vm *vm, struct ct_value callee, const struct ct_value *args, uint32_t n,
	     struct ct_dict *kw, struct ct_value *out);
bool vm_run_template(struct vm *vm, const struct ct_template *t, struct ctx *ctx, struct chain *chain,
		     const char *how);
bool vm_block(struct vm *vm, uint32_t a, const uint32_t *aux);
bool vm_super(struct vm *vm, struct ct_value *out);
bool vm_include(struct vm *vm, uint32_t flags, const uint32_t *aux, struct ct_value name);
bool vm_import(struct vm *vm, uint32_t flags, const uint32_t *aux, struct ct_value name,
	       struct ct_value *out);
bool vm_extends(struct vm *vm, struct ct_value name);
bool vm_recurse(struct vm *vm, const struct ct_fn *fn, struct ct_value items);
bool vm_apply_filter(struct vm *vm, unsigned id, struct ct_value in, const struct ct_value *args, unsigned n,
		     struct ct_value *out);
bool vm_apply_test(struct vm *vm, unsigned id, struct ct_value in, const struct ct_value *args, unsigned n,
		   bool *out);
/* Arguments in any form to those of a row. */
bool vm_apply_star(struct vm *vm, bool test, unsigned id, struct ct_value in, struct ct_value list,
		   struct ct_value dict, struct ct_value *out);

/* output.c */
#define VM_FLUSH_AT (64u << 10)
bool vm_emit(struct vm *vm, unsigned kind, struct ct_value v);
bool vm_capture_begin(struct vm *vm);
bool vm_capture_end(struct vm *vm, uint8_t frag, struct ct_value *out);
/* Hands the buffer over unless something is being captured; checks the limit. */
bool vm_check_output(struct vm *vm);

/* vm.c */
bool vm_exec(struct vm *vm, struct frame *f);
/* Runs a function of a template in a new frame; args fill its first slots. */
bool vm_run(struct vm *vm, const struct macro *m, const struct ct_value *args, uint32_t n, const char *how,
	    uint32_t loop_depth);
struct sv vm_name(const struct ct_code *c, uint32_t i);

#endif
