/* The compiled form of a template: flat arrays without pointers into each other, so that it can be
 * written out as static const data. Private to the room and to the files embed writes. */
#ifndef LABC_CTEMPLATE_CODE_H
#define LABC_CTEMPLATE_CODE_H

#include "ctemplate/ctemplate.h"

enum ct_op {
#define OP(name, operand, pops, pushes, fuel) OP_##name,
#include "ctemplate/ops.def"
#undef OP
	OP_COUNT
};

enum ct_operand {
	OPD_NONE,
	OPD_PIECE,
	OPD_KIND,
	OPD_CONST,
	OPD_SLOT,
	OPD_AB,
	OPD_NAME,
	OPD_COUNT,
	OPD_CMP,
	OPD_JUMP,
	OPD_FN
};

struct ct_op_info {
	const char *name;
	uint8_t operand;
	int8_t pops, pushes;
	uint8_t fuel;
};
extern const struct ct_op_info ct_ops[OP_COUNT];

#define INS_OP(i) ((enum ct_op)((i)&0xff))
#define INS_N(i) ((i) >> 8)
#define INS_A(i) (((i) >> 8) & 0xff)
#define INS_B(i) ((i) >> 16)
#define CT_MAX_N 0xffffffu

enum ct_cmp { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE, CMP_IN, CMP_NOTIN };

struct ct_loc {
	uint32_t off, len;
};

struct ct_const {
	uint8_t tag;
	uint32_t len;
	int64_t bits; /* the number, the bits of the double, or the offset in the pool */
};

struct ct_name {
	uint32_t off, len, hash; /* in the pool */
	uint32_t builtin;	 /* 1 + number of the built-in function, 0 none */
};

enum { FN_CLOSURE = 1, FN_VARARGS = 2, FN_KWARGS = 4, FN_CALLER = 8, FN_LOOP = 16, FN_REQUIRED = 32 };
enum { CODE_ENDS_OPEN = 1 }; /* its last line needs a line end behind it */
enum { ITER_RECURSIVE = 1, ITER_FILTER = 2 };
enum { BLOCK_SCOPED = 1 };
enum { INC_IGNORE_MISSING = 1, INC_WITH_CONTEXT = 2 };

/* Slots: parameters first, then varargs, kwargs, caller (if flagged), then locals. */
struct ct_fn {
	uint32_t start;	     /* first instruction */
	uint32_t off, len;   /* where it is written */
	uint32_t name;	     /* index of the name, or UINT32_MAX */
	uint32_t slot_names; /* aux: a name per slot */
	uint16_t n_params, n_slots, max_stack;
	uint8_t flags;
	uint8_t frag; /* what its output is as a value */
};

struct ct_block {
	uint32_t name, fn;
};

/* Where the output stands: the mode of the language's automaton and what encloses it. */
struct ct_state {
	uint8_t mode, depth;
	uint8_t n; /* length of a code span or fence */
	uint8_t flag;
	uint8_t stack[8]; /* modes left when entering nested code */
	uint8_t parens[8];
	/* not compared: what stands before, for rules about neighbours */
	uint8_t prev, lastnb, bol, spare;
};

struct ct_code {
	uint8_t lang, flags;
	uint32_t text_len, n_code, n_consts, n_names, n_fns, n_blocks, n_pieces, n_aux, n_states, pool_len;
	const char *text; /* line ends are LF */
	const uint32_t *code;
	const struct ct_loc *locs; /* one per instruction */
	const struct ct_const *consts;
	const struct ct_name *names;
	const struct ct_fn *fns; /* 0 is the template itself */
	const struct ct_block *blocks;
	const struct ct_loc *pieces; /* literal text: parts of text */
	const uint32_t *aux;
	const struct ct_state *states;
	const char *pool;
};

struct ct_template {
	struct ct_env *env;
	const struct ct_code *code;
	struct sv name, path;
	struct ct_state state; /* where it was analysed to start */
	uint32_t src;	       /* in the sources; UINT32_MAX: not registered yet */
	uint32_t id;
	bool failed;
	struct ct_template *next;
};

struct ct_env {
	struct arena *a;
	struct diags *diags;
	struct ct_limits limits;
	struct ct_options options;
	ct_load_fn load;
	void *load_user;
	const struct ct_embedded *embedded;
	size_t n_embedded;
	struct ct_template *templates;
	uint32_t n_templates;
	struct sv missed; /* where the template last missed was looked for; empty: nowhere in particular */
	bool no_insertion; /* tests: leave the default filters out */
};

/* The template of that name for a place in the output; NULL: start of its language. */
const struct ct_template *ct_get_at(struct ct_env *e, struct sv name, const struct ct_state *state,
				    bool *missing);
/* Whether a source can be read at all: its size and encoding; false after reporting. */
bool ct_check_source(struct ct_env *e, struct sv path, struct sv text);
/* The number of its source, registering it on first use. */
uint32_t ct_template_src(const struct ct_template *t);
/* Checks jumps, operands and stack depths; NULL or what is wrong. */
const char *ct_verify(const struct ct_code *c, struct arena *a);

#endif
