#include <string.h>

#include "ctemplate/lang.h"
#include "ctemplate/table.h"

/* Checks compiled code before it runs, in debug and fuzz builds: every operand is in range, every
 * jump stays in its function, and each instruction is reached with one stack depth only. */

struct check {
	const struct ct_code *c;
	const struct ct_fn *fn;
	uint32_t len;
	int32_t *depth; /* on entry; -1: not reached yet */
	uint32_t *work;
	uint32_t n_work;
	const char *why;
};

static bool complain(struct check *k, const char *why)
{
	k->why = why;
	return false;
}

static bool reach(struct check *k, uint32_t pc, int32_t depth)
{
	if (pc >= k->len)
		return complain(k, "a jump leaves its function");
	if (depth < 0 || depth > k->fn->max_stack)
		return complain(k, "the stack is too deep or empty");
	if (k->depth[pc] >= 0)
		return k->depth[pc] == depth || complain(k, "two ways meet with different stack depths");
	k->depth[pc] = depth;
	k->work[k->n_work++] = pc;
	return true;
}

static bool operand_ok(const struct check *k, uint32_t ins)
{
	const struct ct_code *c = k->c;
	uint32_t n = INS_N(ins), b = INS_B(ins);

	switch (ct_ops[INS_OP(ins)].operand) {
	case OPD_PIECE:
		return n < c->n_pieces && (uint64_t)c->pieces[n].off + c->pieces[n].len <= c->text_len;
	case OPD_KIND:
		return n < EMIT_COUNT;
	case OPD_CONST:
		return n < c->n_consts;
	case OPD_SLOT:
		return n < k->fn->n_slots;
	case OPD_NAME:
		return n < c->n_names;
	case OPD_FN:
		return n < c->n_fns;
	case OPD_JUMP:
		return n < k->len;
	case OPD_CMP:
		return n <= CMP_NOTIN;
	case OPD_AB:
		switch (INS_OP(ins)) {
		case OP_FILTER:
		case OP_FILTERX:
			return (INS_OP(ins) == OP_FILTERX && INS_A(ins) ? ct_test_row(b)
									: ct_filter_row(b)) != NULL;
		case OP_TEST:
			return ct_test_row(b) != NULL;
		case OP_RECURSE:
			return b < c->n_fns;
		case OP_ITER:
			return b < k->fn->n_slots;
		case OP_CALL:
		case OP_BLOCK:
		case OP_INCLUDE:
		case OP_IMPORT:
			return b < c->n_aux;
		default:
			return true;
		}
	default:
		return true;
	}
}

/* What the instruction takes and gives. */
static void effect(const struct check *k, uint32_t ins, int32_t *pops, int32_t *pushes)
{
	const struct ct_op_info *i = &ct_ops[INS_OP(ins)];
	int32_t n = (int32_t)INS_N(ins);

	*pops = i->pops;
	*pushes = i->pushes;
	switch (INS_OP(ins)) {
	case OP_LIST:
	case OP_TUPLE:
	case OP_CONCAT:
		*pops = n;
		break;
	case OP_DICT:
		*pops = n * 2;
		break;
	case OP_UNPACK:
		*pushes = n;
		break;
	case OP_FILTER:
	case OP_TEST:
		*pops = (int32_t)INS_A(ins) + 1;
		break;
	case OP_CALL:
		*pops = (int32_t)INS_A(ins) + 1 + (INS_B(ins) ? (int32_t)k->c->aux[INS_B(ins)] : 0);
		break;
	default:
		break;
	}
}

static bool step(struct check *k, uint32_t pc)
{
	uint32_t ins = k->c->code[k->fn->start + pc];
	enum ct_op op = INS_OP(ins);
	int32_t depth = k->depth[pc], pops, pushes;

	if ((ins & 0xff) >= OP_COUNT)
		return complain(k, "there is no such instruction");
	if (!operand_ok(k, ins))
		return complain(k, "an operand is out of range");
	effect(k, ins, &pops, &pushes);
	if (depth < pops)
		return complain(k, "an instruction takes more values than there are");
	depth += pushes - pops;
	switch (op) {
	case OP_RETURN:
		return depth == 0 || complain(k, "values are left at the end");
	case OP_JUMP:
		return reach(k, INS_N(ins), depth);
	case OP_JFALSEKEEP:
	case OP_JTRUEKEEP:
		return reach(k, INS_N(ins), depth + 1) && reach(k, pc + 1, depth);
	case OP_NEXT:
		return reach(k, INS_N(ins), depth - 1) && reach(k, pc + 1, depth);
	case OP_CHAIN:
	case OP_JFALSE:
	case OP_ENDLOOP:
	case OP_JEXTENDED:
		return reach(k, INS_N(ins), depth) && reach(k, pc + 1, depth);
	default:
		return reach(k, pc + 1, depth);
	}
}

const char *ct_verify(const struct ct_code *c, struct arena *a)
{
	for (uint32_t i = 0; i < c->n_fns; i++) {
		struct check k = { .c = c, .fn = &c->fns[i] };
		uint32_t end = i + 1 < c->n_fns ? c->fns[i + 1].start : c->n_code;

		k.len = end - k.fn->start;
		k.depth = NEW(a, int32_t, k.len + 1u);
		k.work = NEW(a, uint32_t, k.len + 1u);
		memset(k.depth, 0xff, (k.len + 1u) * sizeof(*k.depth));
		if (k.fn->slot_names + k.fn->n_slots > c->n_aux)
			return "the names of slots are out of range";
		if (!reach(&k, 0, 0))
			return k.why;
		while (k.n_work)
			if (!step(&k, k.work[--k.n_work]))
				return k.why;
	}
	return NULL;
}
