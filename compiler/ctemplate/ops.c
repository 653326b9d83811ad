#include "ctemplate/vm.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "ctemplate/lang.h"
#include "ctemplate/table.h"

/* What the operators mean: Python's rules with 64-bit integers that never wrap. */

static const char *op_sign(enum ct_op op)
{
	switch (op) {
	case OP_ADD:
		return "+";
	case OP_SUB:
		return "-";
	case OP_MUL:
		return "*";
	case OP_DIV:
		return "/";
	case OP_FLOORDIV:
		return "//";
	case OP_MOD:
		return "%";
	case OP_POW:
		return "**";
	default:
		return "-";
	}
}

static bool overflow(struct vm *vm, enum ct_op op)
{
	return vm_fail(vm, CT_CODE(T207), "the result of '%s' is beyond 64 bits", op_sign(op));
}

static bool int_pow(struct vm *vm, int64_t base, int64_t exp, struct ct_value *out)
{
	int64_t result = 1;

	if (exp < 0) {
		if (!base)
			return vm_fail(vm, CT_CODE(T206), "0 cannot be raised to a negative power");
		*out = ct_double(pow((double)base, (double)exp));
		return true;
	}
	while (exp) {
		if ((exp & 1) && !num_mul_i64(result, base, &result))
			return overflow(vm, OP_POW);
		exp >>= 1;
		if (exp && !num_mul_i64(base, base, &base))
			return overflow(vm, OP_POW);
	}
	*out = ct_int(result);
	return true;
}

static bool int_binary(struct vm *vm, enum ct_op op, int64_t a, int64_t b, struct ct_value *out)
{
	int64_t r = 0;
	bool ok = true;

	switch (op) {
	case OP_ADD:
		ok = num_add_i64(a, b, &r);
		break;
	case OP_SUB:
		ok = num_sub_i64(a, b, &r);
		break;
	case OP_MUL:
		ok = num_mul_i64(a, b, &r);
		break;
	case OP_FLOORDIV:
	case OP_MOD:
		if (a == INT64_MIN && b == -1) {
			ok = op == OP_MOD;
			break;
		}
		r = op == OP_MOD ? a % b : a / b;
		if (a % b && (a % b < 0) != (b < 0))
			r = op == OP_MOD ? r + b : r - 1;
		break;
	default:
		return int_pow(vm, a, b, out);
	}
	*out = ct_int(r);
	return ok || overflow(vm, op);
}

static bool double_binary(struct vm *vm, enum ct_op op, double a, double b, struct ct_value *out)
{
	double r = 0;

	switch (op) {
	case OP_ADD:
		r = a + b;
		break;
	case OP_SUB:
		r = a - b;
		break;
	case OP_MUL:
		r = a * b;
		break;
	case OP_DIV:
		r = a / b;
		break;
	case OP_FLOORDIV:
		r = floor(a / b);
		break;
	case OP_MOD:
		r = fmod(a, b);
		if (r != 0 && (r < 0) != (b < 0))
			r += b;
		break;
	default:
		r = pow(a, b);
		break;
	}
	if (!isfinite(r) && isfinite(a) && isfinite(b))
		return overflow(vm, op);
	*out = ct_double(r);
	return true;
}

static bool repeat(struct vm *vm, struct ct_value v, int64_t n, struct ct_value *out)
{
	uint64_t times = n > 0 ? (uint64_t)n : 0, total;

	if (v.tag == CT_TEXT) {
		if (!num_mul_u64(v.len, times, &total))
			total = UINT64_MAX;
		if (!vm_text_limit(vm, total))
			return false;
		char *p = NEW(vm->a, char, total + 1);

		/* what is there already is copied behind itself: twice as much each time */
		for (uint64_t done = 0, part; done < total; done += part) {
			part = !done ? v.len : done < total - done ? done : total - done;
			memcpy(p + done, done ? p : v.u.p, part);
		}
		*out = value_text(p, total);
		return true;
	}
	if (!num_mul_u64(v.u.list->n, times, &total))
		total = UINT64_MAX;
	if (!vm_list_limit(vm, total))
		return false;
	*out = value_list(vm->a, (uint32_t)total, v.u.list->tuple);
	for (uint64_t i = 0; i < total; i++)
		out->u.list->v[i] = v.u.list->v[i % v.u.list->n];
	out->u.list->n = (uint32_t)total;
	return true;
}

bool vm_refuse_frag(struct vm *vm, const char *what)
{
	return vm_fail(vm, CT_CODE(T311), "%s cannot be applied to text that is escaped already", what);
}

static bool add(struct vm *vm, struct ct_value a, struct ct_value b, struct ct_value *out)
{
	if (a.tag == CT_TEXT) {
		if (a.frag || b.frag)
			return vm_refuse_frag(vm, "'+'");
		vm->tmp.n = 0;
		buf_sv(&vm->tmp, value_sv(a));
		buf_sv(&vm->tmp, value_sv(b));
		return vm_text(vm, out);
	}
	if (!vm_list_limit(vm, (uint64_t)a.u.list->n + b.u.list->n))
		return false;
	*out = value_list(vm->a, a.u.list->n + b.u.list->n, a.u.list->tuple);
	for (uint32_t i = 0; i < a.u.list->n; i++)
		value_push(vm->a, out->u.list, a.u.list->v[i]);
	for (uint32_t i = 0; i < b.u.list->n; i++)
		value_push(vm->a, out->u.list, b.u.list->v[i]);
	return true;
}

static bool sign(struct vm *vm, enum ct_op op, struct ct_value v, struct ct_value *out)
{
	if (!value_is_number(v))
		return vm_fail_value(vm, CT_CODE(T203), v, "'%s' needs a number, this is %s",
				     op == OP_NEG ? "-" : "+", value_kind(v));
	if (v.tag == CT_DOUBLE) {
		*out = ct_double(op == OP_NEG ? -v.u.d : v.u.d);
		return true;
	}
	if (op == OP_NEG && value_int(v) == INT64_MIN)
		return overflow(vm, OP_NEG);
	*out = ct_int(op == OP_NEG ? -value_int(v) : value_int(v));
	return true;
}

bool vm_binary(struct vm *vm, enum ct_op op, struct ct_value a, struct ct_value b, struct ct_value *out)
{
	if (a.tag == CT_UNDEF || b.tag == CT_UNDEF)
		return vm_fail_undef(vm, a.tag == CT_UNDEF ? a : b);
	if (op == OP_NEG || op == OP_POS)
		return sign(vm, op, a, out);
	if (value_is_number(a) && value_is_number(b)) {
		bool division = op == OP_DIV || op == OP_FLOORDIV || op == OP_MOD;

		if (division && value_double(b) == 0)
			return vm_fail_value(vm, CT_CODE(T206), b, "'%s' divides by zero", op_sign(op));
		if (a.tag == CT_DOUBLE || b.tag == CT_DOUBLE || op == OP_DIV)
			return double_binary(vm, op, value_double(a), value_double(b), out);
		return int_binary(vm, op, value_int(a), value_int(b), out);
	}
	if (op == OP_ADD && a.tag == b.tag &&
	    (a.tag == CT_TEXT || (a.tag == CT_LIST && a.u.list->tuple == b.u.list->tuple)))
		return add(vm, a, b, out);
	if (op == OP_MUL && (a.tag == CT_INT || a.tag == CT_BOOL) && (b.tag == CT_TEXT || b.tag == CT_LIST))
		return b.frag ? vm_refuse_frag(vm, "'*'") : repeat(vm, b, value_int(a), out);
	if (op == OP_MUL && (b.tag == CT_INT || b.tag == CT_BOOL) && (a.tag == CT_TEXT || a.tag == CT_LIST))
		return a.frag ? vm_refuse_frag(vm, "'*'") : repeat(vm, a, value_int(b), out);
	return vm_fail_value(vm, CT_CODE(T203), a, "'%s' does not fit %s and %s", op_sign(op), value_kind(a),
			     value_kind(b));
}

static bool contains(struct vm *vm, struct ct_value needle, struct ct_value in, bool *out)
{
	switch (in.tag) {
	case CT_DICT:
		*out = value_find(in.u.dict, needle, value_hash(needle)) != NULL;
		return needle.tag != CT_TEXT || vm_charge(vm, needle.len);
	case CT_LIST:
		*out = false;
		for (uint32_t i = 0; i < in.u.list->n && !*out; i++)
			if (!vm_equal(vm, in.u.list->v[i], needle, out))
				return false;
		return true;
	case CT_TEXT:
		if (needle.tag != CT_TEXT)
			break;
		*out = sv_search(value_sv(in), value_sv(needle)) >= 0;
		return vm_charge(vm, in.len);
	default:
		break;
	}
	return vm_fail_value(vm, CT_CODE(T203), in, "'in' cannot look for %s in %s", value_kind(needle),
			     value_kind(in));
}

bool vm_charge_compare(struct vm *vm, uint64_t cost)
{
	return vm_charge(vm, cost > VALUE_COST_MAX ? UINT64_MAX : cost);
}

bool vm_equal(struct vm *vm, struct ct_value a, struct ct_value b, bool *out)
{
	uint64_t cost = 0;

	*out = value_equal(a, b, &cost);
	return vm_charge_compare(vm, cost);
}

bool vm_compare(struct vm *vm, enum ct_cmp op, struct ct_value a, struct ct_value b, bool *out)
{
	static const char *const signs[] = { "==", "!=", "<", "<=", ">", ">=" };
	uint64_t cost = 0;
	int order;

	if ((a.tag == CT_UNDEF && !(a.flags & VF_LAX)) || (b.tag == CT_UNDEF && !(b.flags & VF_LAX)))
		return vm_fail_undef(vm, a.tag == CT_UNDEF ? a : b);
	if (op == CMP_IN || op == CMP_NOTIN) {
		if (!contains(vm, a, b, out))
			return false;
		*out ^= op == CMP_NOTIN;
		return true;
	}
	if (op == CMP_EQ || op == CMP_NE) {
		if (!vm_equal(vm, a, b, out))
			return false;
		*out = (*out || (a.tag == CT_UNDEF && b.tag == CT_UNDEF)) == (op == CMP_EQ);
		return true;
	}
	if (!value_order(a, b, false, &order, &cost))
		return vm_fail_value(vm, CT_CODE(T203), a, "'%s' cannot order %s and %s", signs[op],
				     value_kind(a), value_kind(b));
	*out = op == CMP_LT ? order < 0 : op == CMP_LE ? order <= 0 : op == CMP_GT ? order > 0 : order >= 0;
	return vm_charge_compare(vm, cost);
}

bool vm_truth(struct vm *vm, struct ct_value v, bool *out)
{
	if (v.tag == CT_UNDEF && !(v.flags & VF_LAX))
		return vm_fail_undef(vm, v);
	*out = value_truth(v);
	return true;
}

bool vm_string(struct vm *vm, struct ct_value v, struct sv *s)
{
	if (v.tag == CT_UNDEF && !(v.flags & VF_LAX))
		return vm_fail_undef(vm, v);
	if (v.tag == CT_TEXT) {
		*s = value_sv(v);
		return true;
	}
	vm->tmp.n = 0;
	if (!value_put(&vm->tmp, v, false))
		return vm_fail_value(vm, CT_CODE(T410), v, "the value is too long");
	*s = buf_view(&vm->tmp);
	return true;
}

bool vm_concat(struct vm *vm, const struct ct_value *v, uint32_t n, struct ct_value *out)
{
	uint8_t frag = 0;

	vm->tmp.n = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (v[i].tag == CT_UNDEF && !(v[i].flags & VF_LAX))
			return vm_fail_undef(vm, v[i]);
		if (i && v[i].frag != v[0].frag)
			return vm_refuse_frag(vm, "'~' with other text");
		frag = v[i].frag;
		if (!value_put(&vm->tmp, v[i], false))
			return vm_fail_value(vm, CT_CODE(T410), v[i], "the value is too long");
		if (!vm_text_limit(vm, vm->tmp.n))
			return false;
	}
	if (!vm_text(vm, out))
		return false;
	out->frag = frag;
	return true;
}
