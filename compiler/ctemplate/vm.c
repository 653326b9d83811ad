#include "ctemplate/vm.h"

#include <string.h>

#include "base/bug.h"
#include "ctemplate/table.h"

/* The loop over instructions. */

#define STACK_CHUNK 1024

struct sv vm_name(const struct ct_code *c, uint32_t i)
{
	return i < c->n_names ? (struct sv){ c->pool + c->names[i].off, c->names[i].len } : SV("");
}

/* ---- names and loops ---- */

static bool load_global(struct vm *vm, struct frame *f, uint32_t i, bool q, struct ct_value *out)
{
	const struct ct_name *n = &f->code->names[i];
	struct sv name = { f->code->pool + n->off, n->len };

	for (const struct ctx *c = f->ctx; c; c = c->outer) {
		struct ct_entry *e = c->vars ? value_find_text(c->vars, name, n->hash) : NULL;

		if (e) {
			*out = e->value;
			if (out->tag == CT_MISSING)
				break;
			return true;
		}
	}
	if (q)
		*out = (struct ct_value){ 0 };
	else if ((n->builtin & 0xff) == BUILTIN_RANGE || (n->builtin & 0xff) == BUILTIN_NAMESPACE)
		*out = (struct ct_value){ .tag = CT_FUNC, .flags = (uint16_t)(n->builtin & 0xff) };
	else
		*out = vm_undef(vm, 0, name, ct_none());
	return true;
}

static void set_global(struct vm *vm, struct frame *f, uint32_t i, struct ct_value v)
{
	if (!f->ctx->vars)
		f->ctx->vars = ct_dict_new(vm->a, 8).u.dict;
	value_set(vm->a, f->ctx->vars, ct_text(vm_name(f->code, i)), v);
}

static struct ct_value *up_slots(struct frame *f, uint32_t out)
{
	struct scope_env *e = f->self_env;

	while (out-- && e)
		e = e->outer;
	BUG_IF(!e);
	return e->slots;
}

static bool local_missing(struct vm *vm, struct frame *f, uint32_t slot, bool own, struct ct_value *out)
{
	struct sv name = own ? vm_name(f->code, f->code->aux[f->fn->slot_names + slot])
			     : SV("a name of the place outside");

	*out = vm_undef(vm, own && slot < f->fn->n_params ? 3 : 0, name, ct_none());
	return true;
}

static bool begin_loop(struct vm *vm, struct frame *f, uint32_t flags, uint32_t slot, struct ct_value v)
{
	const struct ct_list *items;
	struct loop *l;

	if (!vm_items(vm, v, &items))
		return false;
	l = NEW(vm->a, struct loop, 1);
	l->outer = f->loops;
	l->items = items->v;
	l->n = items->n;
	l->pc = f->pc;
	l->depth = f->loop_depth;
	f->loops = l;
	if (flags & ITER_FILTER) {
		l->kept = value_list(vm->a, 0, false).u.list;
		return true;
	}
	if (flags & ITER_RECURSIVE) {
		l->recurse = NEW(vm->a, struct macro, 1);
		*l->recurse = (struct macro){ f->t, f->fn, f->self_env->outer, f->ctx, f->chain, f->block };
	}
	f->slots[slot] = (struct ct_value){ .tag = CT_LOOP, .u.obj = l };
	return true;
}

static bool next_turn(struct vm *vm, struct frame *f, bool *more, struct ct_value *item)
{
	struct loop *l = f->loops;

	*more = l->i < l->n;
	if (!*more)
		return true;
	if (++vm->turns > vm->env->limits.loop_turns)
		return vm_fail(vm, CT_CODE(T407), "the loops make more than %u turns",
			       vm->env->limits.loop_turns);
	*item = l->items[l->i++];
	return true;
}

static bool unpack(struct vm *vm, struct ct_value v, uint32_t n, struct ct_value *sp)
{
	const struct ct_list *items;

	if (!vm_items(vm, v, &items))
		return false;
	if (items->n != n)
		return vm_fail_value(vm, CT_CODE(T208), v, "%u names are given, the value has %u item%s", n,
				     items->n, items->n == 1 ? "" : "s");
	for (uint32_t i = 0; i < n; i++)
		sp[n - 1 - i] = items->v[i];
	return true;
}

static struct ct_value load_const(const struct ct_code *c, uint32_t i)
{
	const struct ct_const *k = &c->consts[i];
	struct ct_value v = { .tag = k->tag, .len = k->len };

	switch (k->tag) {
	case CT_TEXT:
		v.u.p = c->pool + k->bits;
		break;
	case CT_BOOL:
		v.u.b = k->bits != 0;
		break;
	default:
		memcpy(&v.u, &k->bits, sizeof(k->bits));
	}
	return v;
}

static bool make_dict(struct vm *vm, struct ct_value *v, uint32_t n, struct ct_value *out)
{
	*out = ct_dict_new(vm->a, n);
	for (uint32_t i = 0; i < n; i++) {
		if (v[i * 2].tag == CT_UNDEF)
			return vm_fail_undef(vm, v[i * 2]);
		if (v[i * 2].tag == CT_LIST || v[i * 2].tag > CT_TEXT)
			return vm_fail(vm, CT_CODE(T203), "%s cannot be a key", value_kind(v[i * 2]));
		value_set(vm->a, out->u.dict, v[i * 2], v[i * 2 + 1]);
	}
	return true;
}

static struct ct_value make_list(struct vm *vm, const struct ct_value *v, uint32_t n, bool tuple)
{
	struct ct_value list = value_list(vm->a, n, tuple);

	if (n)
		memcpy(list.u.list->v, v, n * sizeof(*v));
	list.u.list->n = n;
	return list;
}

static bool ns_set(struct vm *vm, struct frame *f, uint32_t name, struct ct_value value, struct ct_value ns)
{
	if (ns.tag == CT_UNDEF)
		return vm_fail_undef(vm, ns);
	if (ns.tag != CT_NAMESPACE)
		return vm_fail(vm, CT_CODE(T203), "only a namespace can be assigned to by name, this is %s",
			       value_kind(ns));
	value_set(vm->a, (struct ct_dict *)(uintptr_t)ns.u.obj, ct_text(vm_name(f->code, name)), value);
	return true;
}

static bool imported(struct vm *vm, struct frame *f, uint32_t name, struct ct_value module,
		     struct ct_value *out)
{
	struct ctx *c = (struct ctx *)(uintptr_t)module.u.obj;
	struct sv s = vm_name(f->code, name);
	struct ct_entry *e = c->vars ? value_find_text(c->vars, s, sv_hash(s)) : NULL;

	if (e)
		*out = e->value;
	else
		*out = vm_undef(vm, 1, s, module);
	return true;
}

/* CALL: callee, positional, named values -> result in the place of the callee. */
static bool call(struct vm *vm, struct frame *f, uint32_t ins, struct ct_value **sp)
{
	const uint32_t *aux = INS_B(ins) ? f->code->aux + INS_B(ins) : NULL;
	uint32_t kw = aux ? aux[0] : 0, pos = INS_A(ins);
	struct ct_value *args = *sp - kw - pos, names = { 0 };

	if (kw) {
		names = ct_dict_new(vm->a, kw);
		for (uint32_t i = 0; i < kw; i++)
			value_set(vm->a, names.u.dict, ct_text(vm_name(f->code, aux[1 + i])), args[pos + i]);
	}
	*sp = args;
	return vm_call(vm, args[-1], args, pos, kw ? names.u.dict : NULL, &args[-1]);
}

#define FAIL_UNLESS(x)                                                                                       \
	do {                                                                                                 \
		if (!(x))                                                                                    \
			return false;                                                                        \
	} while (0)

static bool exec_rare(struct vm *vm, struct frame *f, uint32_t ins, struct ct_value **spp);

static bool load_attr(struct vm *vm, struct frame *f, uint32_t i, struct ct_value *v)
{
	const struct ct_name *n = &f->code->names[i];

	return vm_attr(vm, *v, (struct sv){ f->code->pool + n->off, n->len }, n->hash, n->builtin, v);
}

static bool exec_jump(struct vm *vm, struct frame *f, uint32_t ins, struct ct_value **spp, uint32_t *pc)
{
	struct ct_value *sp = *spp;
	bool jump = false;

	switch (INS_OP(ins)) {
	case OP_JFALSEKEEP:
	case OP_JTRUEKEEP:
		FAIL_UNLESS(vm_truth(vm, sp[-1], &jump));
		jump = jump == (INS_OP(ins) == OP_JTRUEKEEP);
		*spp -= !jump;
		break;
	case OP_CHAIN:
		jump = !sp[-1].u.b;
		*spp -= 1;
		if (jump)
			sp[-2] = ct_bool(false);
		break;
	case OP_ENDLOOP:
		jump = f->loops->n > 0;
		f->loops = f->loops->outer;
		break;
	default:
		jump = f->parent != NULL;
		break;
	}
	if (jump)
		*pc = INS_N(ins);
	return true;
}

bool vm_exec(struct vm *vm, struct frame *f)
{
	const uint32_t *code = f->code->code + f->fn->start;
	struct ct_value *sp = f->stack;
	uint32_t pc = 0;
	bool b;

	for (;;) {
		uint32_t ins = code[pc];

		f->pc = pc++;
		if (--vm->fuel == 0) {
			vm->fuel = 1;
			return vm_charge(vm, 16);
		}
		switch (INS_OP(ins)) {
		case OP_TEXT: {
			const struct ct_loc *p = &f->code->pieces[INS_N(ins)];
			buf_add(&vm->out, f->code->text + p->off, p->len);
			if (vm->out.n >= VM_FLUSH_AT)
				FAIL_UNLESS(vm_check_output(vm));
			break;
		}
		case OP_EMIT:
			FAIL_UNLESS(vm_emit(vm, INS_N(ins), *--sp));
			break;
		case OP_CONST:
			*sp++ = load_const(f->code, INS_N(ins));
			break;
		case OP_LOCAL:
			*sp = f->slots[INS_N(ins)];
			if (sp->tag == CT_MISSING)
				FAIL_UNLESS(local_missing(vm, f, INS_N(ins), true, sp));
			sp++;
			break;
		case OP_SETLOCAL:
			f->slots[INS_N(ins)] = *--sp;
			break;
		case OP_GLOBAL:
		case OP_GLOBALQ:
			FAIL_UNLESS(load_global(vm, f, INS_N(ins), INS_OP(ins) == OP_GLOBALQ, sp));
			sp++;
			break;
		case OP_ATTR:
			FAIL_UNLESS(load_attr(vm, f, INS_N(ins), &sp[-1]));
			break;
		case OP_JUMP:
			pc = INS_N(ins);
			break;
		case OP_JFALSE:
			FAIL_UNLESS(vm_truth(vm, *--sp, &b));
			if (!b)
				pc = INS_N(ins);
			break;
		case OP_NEXT:
			FAIL_UNLESS(next_turn(vm, f, &b, sp));
			if (b)
				sp++;
			else
				pc = INS_N(ins);
			break;
		case OP_FILTER:
			sp -= INS_A(ins);
			FAIL_UNLESS(vm_apply_filter(vm, INS_B(ins), sp[-1], sp, INS_A(ins), &sp[-1]));
			break;
		case OP_RETURN:
			return true;
		case OP_JFALSEKEEP:
		case OP_JTRUEKEEP:
		case OP_CHAIN:
		case OP_ENDLOOP:
		case OP_JEXTENDED:
			FAIL_UNLESS(exec_jump(vm, f, ins, &sp, &pc));
			break;
		default:
			FAIL_UNLESS(exec_rare(vm, f, ins, &sp));
			break;
		}
	}
}

static bool exec_calls(struct vm *vm, struct frame *f, uint32_t ins, struct ct_value **spp);
static bool exec_build(struct vm *vm, struct frame *f, uint32_t ins, struct ct_value **spp);

/* Instructions that are rare or heavy: the stack pointer goes by reference. */
static bool exec_rare(struct vm *vm, struct frame *f, uint32_t ins, struct ct_value **spp)
{
	struct ct_value *sp = *spp, v;
	uint32_t n = INS_N(ins);
	bool ok = true, b;

	if (INS_OP(ins) >= OP_ADD && INS_OP(ins) <= OP_POW) {
		*spp = sp - 1;
		return vm_binary(vm, INS_OP(ins), sp[-2], sp[-1], &sp[-2]);
	}
	switch (INS_OP(ins)) {
	case OP_UPLOCAL:
	case OP_UPLOCALQ:
		*sp = up_slots(f, INS_A(ins))[INS_B(ins)];
		if (sp->tag == CT_MISSING && INS_OP(ins) == OP_UPLOCAL)
			ok = local_missing(vm, f, 0, false, sp);
		sp++;
		break;
	case OP_LOCALQ:
		*sp++ = f->slots[n];
		break;
	case OP_ISSET:
		*sp++ = ct_bool(f->slots[n].tag != CT_MISSING);
		break;
	case OP_SETGLOBAL:
		set_global(vm, f, n, *--sp);
		break;
	case OP_INDEX:
		sp--;
		ok = vm_index(vm, sp[-1], sp[0], &sp[-1]);
		break;
	case OP_SLICE:
		sp -= 3;
		ok = vm_slice(vm, sp - 1, &v);
		sp[-1] = v;
		break;
	case OP_NEG:
	case OP_POS:
		ok = vm_binary(vm, INS_OP(ins), sp[-1], ct_none(), &sp[-1]);
		break;
	case OP_CMPKEEP:
		ok = vm_compare(vm, (enum ct_cmp)n, sp[-2], sp[-1], &b);
		sp[-2] = sp[-1];
		sp[-1] = ct_bool(ok && b);
		break;
	case OP_ITER:
		ok = begin_loop(vm, f, INS_A(ins), INS_B(ins), *--sp);
		break;
	case OP_LOOPKEEP:
		value_push(vm->a, f->loops->kept, f->loops->items[f->loops->i - 1]);
		break;
	case OP_ENDFILTER:
		*sp++ = (struct ct_value){ .tag = CT_LIST, .u.list = f->loops->kept };
		f->loops = f->loops->outer;
		break;
	case OP_POP:
		sp--;
		break;
	case OP_DUP:
		*sp = sp[-1];
		sp++;
		break;
	default:
		*spp = sp;
		return exec_build(vm, f, ins, spp);
	}
	*spp = sp;
	return ok;
}

/* Values made of others. */
static bool exec_build(struct vm *vm, struct frame *f, uint32_t ins, struct ct_value **spp)
{
	struct ct_value *sp = *spp, v = { 0 };
	uint32_t n = INS_N(ins);
	bool ok = true, b = false;

	switch (INS_OP(ins)) {
	case OP_UNDEF:
		*sp = vm_undef(vm, 0, SV("the missing else"), ct_none());
		sp++->flags = VF_LAX;
		break;
	case OP_COMPARE:
		ok = vm_compare(vm, (enum ct_cmp)n, sp[-2], sp[-1], &b);
		sp--;
		sp[-1] = ct_bool(ok && b);
		break;
	case OP_NOT:
		ok = vm_truth(vm, sp[-1], &b);
		sp[-1] = ct_bool(ok && !b);
		break;
	case OP_LIST:
	case OP_TUPLE:
		v = make_list(vm, sp - n, n, INS_OP(ins) == OP_TUPLE);
		sp -= n;
		*sp++ = v;
		ok = vm_charge(vm, n * 16);
		break;
	case OP_DICT:
		sp -= 2 * (size_t)n;
		ok = make_dict(vm, sp, n, &v) && vm_charge(vm, n * 32);
		*sp++ = v;
		break;
	case OP_UNPACK:
		sp--;
		ok = unpack(vm, *sp, n, sp);
		sp += n;
		break;
	case OP_CONCAT:
		sp -= n;
		ok = vm_concat(vm, sp, n, &v);
		*sp++ = v;
		break;
	case OP_EXTENDLIST:
		sp--;
		ok = vm_extend_list(vm, sp[-1], sp[0]);
		break;
	case OP_EXTENDDICT:
		sp--;
		ok = vm_extend_dict(vm, sp[-1], sp[0]);
		break;
	default:
		return exec_calls(vm, f, ins, spp);
	}
	*spp = sp;
	return ok;
}

static bool exec_calls(struct vm *vm, struct frame *f, uint32_t ins, struct ct_value **spp)
{
	struct ct_value *sp = *spp, v = { 0 };
	bool ok = true, b = false;

	switch (INS_OP(ins)) {
	case OP_FILTERX:
		sp -= 2;
		ok = vm_apply_star(vm, INS_A(ins), INS_B(ins), sp[-1], sp[0], sp[1], &sp[-1]);
		break;
	case OP_TEST:
		sp -= INS_A(ins);
		ok = vm_apply_test(vm, INS_B(ins), sp[-1], sp, INS_A(ins), &b);
		sp[-1] = ct_bool(b);
		break;
	case OP_CALL:
		ok = call(vm, f, ins, &sp);
		break;
	case OP_CALLX:
		sp -= 2;
		ok = vm_call(vm, sp[-1], sp[0].u.list->v, sp[0].u.list->n, sp[1].u.dict, &sp[-1]);
		break;
	case OP_RECURSE:
		ok = vm_recurse(vm, &f->code->fns[INS_B(ins)], *--sp);
		break;
	case OP_CAPTURE:
		ok = vm_capture_begin(vm);
		break;
	case OP_ENDCAPTURE:
		ok = vm_capture_end(vm, (uint8_t)INS_A(ins), &v);
		v.flags = INS_B(ins) ? VF_MULTILINE : 0;
		*sp++ = v;
		break;
	case OP_MACRO: {
		struct macro *m = NEW(vm->a, struct macro, 1);

		*m = (struct macro){
			f->t, &f->code->fns[INS_N(ins)], f->self_env, f->ctx, f->chain, f->block
		};
		*sp++ = (struct ct_value){ .tag = CT_MACRO, .u.obj = m };
		break;
	}
	case OP_BLOCK:
		ok = vm_block(vm, INS_A(ins), f->code->aux + INS_B(ins));
		break;
	case OP_SUPER:
		ok = vm_super(vm, sp++);
		break;
	case OP_SELF:
		*sp++ = (struct ct_value){ .tag = CT_BLOCKREF, .u.obj = NULL };
		break;
	case OP_INCLUDE:
		sp--;
		ok = vm_include(vm, INS_A(ins), f->code->aux + INS_B(ins), *sp);
		break;
	case OP_IMPORT:
		ok = vm_import(vm, INS_A(ins), f->code->aux + INS_B(ins), sp[-1], &sp[-1]);
		break;
	case OP_IMPORTED:
		ok = imported(vm, f, INS_N(ins), sp[-1], &sp[-1]);
		break;
	case OP_EXTENDS:
		ok = vm_extends(vm, *--sp);
		break;
	case OP_NSSET:
		sp -= 2;
		ok = ns_set(vm, f, INS_N(ins), sp[0], sp[1]);
		break;
	default:
		BUG("no such instruction: %u", (unsigned)INS_OP(ins));
	}
	*spp = sp;
	return ok;
}

/* ---- frames ---- */

static struct ct_value *take_stack(struct vm *vm, uint32_t n)
{
	struct ct_value *p;

	if ((size_t)(vm->sp_end - vm->sp) < n) {
		uint32_t size = n > STACK_CHUNK ? n : STACK_CHUNK;

		vm->sp = arena_alloc_raw(vm->a, size, sizeof(*vm->sp), _Alignof(struct ct_value));
		vm->sp_end = vm->sp + size;
	}
	p = vm->sp;
	vm->sp += n;
	return p;
}

bool vm_run(struct vm *vm, const struct macro *m, const struct ct_value *args, uint32_t n, const char *how,
	    uint32_t loop_depth)
{
	struct frame f = { .caller = vm->frame,
			   .t = m->t,
			   .code = m->t->code,
			   .fn = m->fn,
			   .ctx = m->ctx,
			   .chain = m->chain,
			   .block = m->block,
			   .loop_depth = loop_depth,
			   .how = how };
	struct ct_value *sp = vm->sp, *sp_end = vm->sp_end, *stack;
	bool closure = m->fn->flags & FN_CLOSURE, ok;

	stack = take_stack(vm, (closure ? 0u : m->fn->n_slots) + m->fn->max_stack + 1u);
	f.slots = closure ? NEW(vm->a, struct ct_value, m->fn->n_slots + 1u) : stack;
	memset(f.slots, 0, m->fn->n_slots * sizeof(*f.slots));
	if (n)
		memcpy(f.slots, args, n * sizeof(*args));
	f.self_env = closure ? NEW(vm->a, struct scope_env, 1) : &f.env;
	*f.self_env = (struct scope_env){ m->env, f.slots };
	f.stack = closure ? stack : stack + m->fn->n_slots;
	vm->frame = &f;
	ok = vm_exec(vm, &f);
	vm->frame = f.caller;
	vm->parent = f.parent;
	vm->sp = sp;
	vm->sp_end = sp_end;
	return ok;
}
