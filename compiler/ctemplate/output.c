#include "ctemplate/vm.h"

#include <string.h>

#include "ctemplate/lang.h"

/* The output: one buffer, handed over piece by piece; captures are its tail. */

static bool flush(struct vm *vm)
{
	if (!vm->out.n)
		return true;
	vm->written += vm->out.n;
	if (!vm->sink(vm->user, buf_view(&vm->out)))
		return vm_fail(vm, CT_CODE(T213), "the output could not be taken");
	vm->out.n = 0;
	return true;
}

bool vm_check_output(struct vm *vm)
{
	if (vm->written + vm->out.n > vm->env->limits.output_bytes)
		return vm_fail(vm, CT_CODE(T411), "the output is longer than %llu bytes",
			       (unsigned long long)vm->env->limits.output_bytes);
	return vm->captures.n ? true : flush(vm);
}

bool vm_capture_begin(struct vm *vm)
{
	VEC_ADD(vm->a, &vm->captures, vm->out.n);
	return true;
}

bool vm_capture_end(struct vm *vm, uint8_t frag, struct ct_value *out)
{
	size_t from = vm->captures.v[--vm->captures.n];
	size_t n = vm->out.n - from;
	char *p;

	if (!vm_text_limit(vm, n))
		return false;
	p = NEW(vm->a, char, n + 1);
	if (n)
		memcpy(p, vm->out.p + from, n);
	vm->out.n = from;
	*out = value_text(p, n);
	out->frag = frag;
	return true;
}

static bool emit_escaped(struct vm *vm, unsigned kind, struct ct_value v)
{
	const struct emit_row *row = &ct_emits[kind];
	struct buf why = { 0 };
	struct escape e = { .out = &vm->out, .why = &why };
	bool ok = true;

	if (v.frag && !(row->accepts >> v.frag & 1)) {
		ok = vm_fail(vm, CT_CODE(T310), "%s cannot stand in %s", ct_frag_name(v.frag), row->place);
	} else if (v.frag) {
		vm->multiline |= v.flags & VF_MULTILINE;
		buf_sv(&vm->out, value_sv(v));
	} else if (!row->escape(&e, v)) {
		ok = vm_fail_value(vm, e.code ? e.code : CT_CODE(T307), v, SV_FMT " (in %s)",
				   SV_ARG(buf_view(&why)), row->place);
	}
	buf_release(&why);
	return ok;
}

bool vm_emit(struct vm *vm, unsigned kind, struct ct_value v)
{
	if (v.tag == CT_UNDEF) {
		if (v.flags & VF_LAX)
			return true;
		return vm_fail_undef(vm, v);
	}
	if (kind == EMIT_TEXT && v.tag == CT_TEXT)
		buf_add(&vm->out, v.u.p, v.len);
	else if (kind == EMIT_TEXT && v.tag == CT_INT)
		buf_i64(&vm->out, v.u.i);
	else if (!emit_escaped(vm, kind, v))
		return false;
	return vm->out.n < VM_FLUSH_AT || vm_check_output(vm);
}
