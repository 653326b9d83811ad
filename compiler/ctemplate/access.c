#include "ctemplate/vm.h"

#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "ctemplate/table.h"

/* Attributes, items, slices, and going through what has items. */

static bool loop_attr(struct vm *vm, struct ct_value of, struct sv name, uint32_t attr, struct ct_value *out)
{
	const struct loop *l = of.u.obj;

	switch (attr) {
	case LOOP_INDEX:
		*out = ct_int(l->i);
		return true;
	case LOOP_INDEX0:
		*out = ct_int((int64_t)l->i - 1);
		return true;
	case LOOP_REVINDEX:
		*out = ct_int((int64_t)l->n - l->i + 1);
		return true;
	case LOOP_REVINDEX0:
		*out = ct_int((int64_t)l->n - l->i);
		return true;
	case LOOP_FIRST:
		*out = ct_bool(l->i == 1);
		return true;
	case LOOP_LAST:
		*out = ct_bool(l->i == l->n);
		return true;
	case LOOP_LENGTH:
		*out = ct_int(l->n);
		return true;
	case LOOP_DEPTH:
		*out = ct_int((int64_t)l->depth + 1);
		return true;
	case LOOP_DEPTH0:
		*out = ct_int(l->depth);
		return true;
	case LOOP_PREVITEM:
		*out = l->i > 1 ? l->items[l->i - 2] : vm_undef(vm, 1, name, of);
		return true;
	case LOOP_NEXTITEM:
		*out = l->i < l->n ? l->items[l->i] : vm_undef(vm, 1, name, of);
		return true;
	case LOOP_CYCLE:
	case LOOP_CHANGED:
		*out = (struct ct_value){ .tag = CT_FUNC,
					  .u.obj = l,
					  .flags = attr == LOOP_CYCLE ? BUILTIN_CYCLE : BUILTIN_CHANGED };
		return true;
	default:
		*out = vm_undef(vm, 1, name, of);
		return true;
	}
}

static bool macro_attr(struct vm *vm, const struct macro *m, struct sv name, struct ct_value *out)
{
	const struct ct_code *c = m->t->code;

	if (sv_eq(name, SV("name"))) {
		*out = ct_text(vm_name(c, m->fn->name));
		return true;
	}
	if (!sv_eq(name, SV("arguments")))
		return false;
	*out = value_list(vm->a, m->fn->n_params, true);
	for (uint32_t i = 0; i < m->fn->n_params; i++)
		value_push(vm->a, out->u.list, ct_text(vm_name(c, c->aux[m->fn->slot_names + i])));
	return true;
}

bool vm_attr(struct vm *vm, struct ct_value of, struct sv name, uint32_t hash, uint32_t builtin,
	     struct ct_value *out)
{
	const struct ct_dict *d = NULL;
	const struct ct_entry *e;

	switch (of.tag) {
	case CT_UNDEF:
		return vm_fail_undef(vm, of);
	case CT_DICT:
		d = of.u.dict;
		break;
	case CT_NAMESPACE:
		d = of.u.obj;
		break;
	case CT_MODULE:
		d = ((const struct ctx *)of.u.obj)->vars;
		if (name.n && name.p[0] == '_')
			d = NULL;
		break;
	case CT_LOOP:
		return loop_attr(vm, of, name, builtin >> 8, out);
	case CT_LIST:
		if (of.u.list->group && (sv_eq(name, SV("grouper")) || sv_eq(name, SV("list")))) {
			*out = of.u.list->v[sv_eq(name, SV("list"))];
			return true;
		}
		break;
	case CT_MACRO:
		if (macro_attr(vm, of.u.obj, name, out))
			return true;
		break;
	case CT_BLOCKREF:
		for (const struct block_entry *b = vm->frame->chain->blocks; b && !of.u.obj; b = b->next)
			if (sv_eq(b->name, name)) {
				*out = (struct ct_value){ .tag = CT_BLOCKREF, .u.obj = b->first };
				return true;
			}
		break;
	default:
		break;
	}
	e = d ? value_find_text(d, name, hash) : NULL;
	*out = e ? e->value : vm_undef(vm, 1, name, of);
	return true;
}

/* Byte offset of a code point counted from the start; the length of the text when beyond. */
static size_t offset_of(struct sv s, uint64_t index)
{
	size_t off = 0;
	uint32_t cp;

	while (index-- && off < s.n)
		off += utf8_decode(s, off, &cp, NULL);
	return off;
}

static bool text_index(struct ct_value of, int64_t i, struct ct_value *out)
{
	struct sv s = value_sv(of);
	uint64_t n = utf8_count(s);
	size_t off;
	uint32_t cp;

	if (i < 0)
		i += (int64_t)n;
	if (i < 0 || (uint64_t)i >= n)
		return false;
	off = offset_of(s, (uint64_t)i);
	*out = value_text(s.p + off, utf8_decode(s, off, &cp, NULL));
	return true;
}

bool vm_index(struct vm *vm, struct ct_value of, struct ct_value key, struct ct_value *out)
{
	struct sv name;

	if (of.tag == CT_UNDEF || key.tag == CT_UNDEF)
		return vm_fail_undef(vm, of.tag == CT_UNDEF ? of : key);
	if (of.tag == CT_DICT) {
		const struct ct_entry *e = value_find(of.u.dict, key, value_hash(key));

		if (key.tag == CT_TEXT && !vm_charge(vm, key.len))
			return false;
		if (e) {
			*out = e->value;
			return true;
		}
	} else if (key.tag == CT_INT || key.tag == CT_BOOL) {
		int64_t i = value_int(key);

		if (of.frag)
			return vm_refuse_frag(vm, "an index");
		if (of.tag == CT_LIST) {
			i += i < 0 ? of.u.list->n : 0;
			if (i >= 0 && i < of.u.list->n) {
				*out = of.u.list->v[i];
				return true;
			}
		} else if (of.tag == CT_TEXT && text_index(of, i, out)) {
			return vm_charge(vm, of.len);
		}
	} else if (key.tag == CT_TEXT) {
		return vm_attr(vm, of, value_sv(key), sv_hash(value_sv(key)), ct_builtin_find(value_sv(key)),
			       out);
	}
	if (!vm_string(vm, key, &name))
		return false;
	*out = vm_undef(vm, 2, sv_dup(vm->a, name), of);
	return true;
}

/* start, stop, step as Python's slice.indices() gives them. */
static bool slice_range(struct vm *vm, const struct ct_value *v, int64_t n, int64_t *start, int64_t *stop,
			int64_t *step)
{
	int64_t *to[3] = { start, stop, step };

	for (int i = 0; i < 3; i++)
		if (v[i].tag == CT_UNDEF)
			return vm_fail_undef(vm, v[i]);
		else if (v[i].tag != CT_NONE && v[i].tag != CT_INT)
			return vm_fail(vm, CT_CODE(T203), "a slice needs integers, this is %s",
				       value_kind(v[i]));
	*step = v[2].tag == CT_INT ? v[2].u.i : 1;
	if (*step == 0)
		return vm_fail(vm, CT_CODE(T203), "the step of a slice cannot be 0");
	for (int i = 0; i < 2; i++) {
		int64_t x = v[i].tag == CT_INT ? v[i].u.i : 0, low = *step < 0 ? -1 : 0,
			high = *step < 0 ? n - 1 : n;

		if (v[i].tag == CT_NONE)
			x = (i == 0) == (*step > 0) ? low : high;
		else if (x < 0)
			x = x + n < low ? low : x + n;
		else if (x > high)
			x = high;
		*to[i] = x;
	}
	return true;
}

static bool slice_text(struct vm *vm, struct ct_value of, const struct ct_value *range, struct ct_value *out)
{
	struct sv s = value_sv(of);
	int64_t n = (int64_t)utf8_count(s), start, stop, step;
	uint32_t *offs, cp;
	size_t off = 0;

	if (!slice_range(vm, range, n, &start, &stop, &step) || !vm_charge(vm, s.n * 4))
		return false;
	if (step == 1) {
		size_t from = offset_of(s, (uint64_t)start);

		*out = value_text(
		    s.p + from, stop > start ? offset_of(sv_sub(s, from, s.n), (uint64_t)(stop - start)) : 0);
		return true;
	}
	offs = NEW(vm->a, uint32_t, (size_t)n + 1);
	for (int64_t i = 0; i < n; i++) {
		offs[i] = (uint32_t)off;
		off += utf8_decode(s, off, &cp, NULL);
	}
	offs[n] = (uint32_t)off;
	vm->tmp.n = 0;
	for (int64_t i = start; step > 0 ? i < stop : i > stop;) {
		buf_add(&vm->tmp, s.p + offs[i], offs[i + 1] - offs[i]);
		if (!num_add_i64(i, step, &i))
			break;
	}
	return vm_text(vm, out);
}

bool vm_slice(struct vm *vm, const struct ct_value *v, struct ct_value *out)
{
	int64_t start, stop, step;

	if (v[0].tag == CT_UNDEF)
		return vm_fail_undef(vm, v[0]);
	if (v[0].frag)
		return vm_refuse_frag(vm, "a slice");
	if (v[0].tag == CT_TEXT)
		return slice_text(vm, v[0], v + 1, out);
	if (v[0].tag != CT_LIST)
		return vm_fail_value(vm, CT_CODE(T203), v[0], "%s cannot be sliced", value_kind(v[0]));
	if (!slice_range(vm, v + 1, v[0].u.list->n, &start, &stop, &step) ||
	    !vm_charge(vm, v[0].u.list->n * 16ull))
		return false;
	*out = value_list(vm->a, 0, v[0].u.list->tuple);
	for (int64_t i = start; step > 0 ? i < stop : i > stop;) {
		value_push(vm->a, out->u.list, v[0].u.list->v[i]);
		if (!num_add_i64(i, step, &i))
			break;
	}
	return true;
}

bool vm_items(struct vm *vm, struct ct_value v, const struct ct_list **out)
{
	struct ct_value list;

	switch (v.tag) {
	case CT_LIST:
		*out = v.u.list;
		return true;
	case CT_DICT:
		list = value_list(vm->a, v.u.dict->n, false);
		for (uint32_t i = 0; i < v.u.dict->n; i++)
			value_push(vm->a, list.u.list, value_key(v.u.dict, i));
		*out = list.u.list;
		return vm_charge(vm, v.u.dict->n * 16ull);
	case CT_TEXT:
		if (v.frag)
			return vm_refuse_frag(vm, "a loop");
		if (!vm_list_limit(vm, v.len))
			return false;
		list = value_list(vm->a, v.len, false);
		for (uint32_t i = 0; i < v.len;) {
			uint32_t cp;
			size_t n = utf8_decode(value_sv(v), i, &cp, NULL);

			value_push(vm->a, list.u.list, value_text(v.u.p + i, n));
			i += (uint32_t)n;
		}
		*out = list.u.list;
		return true;
	case CT_UNDEF:
		if (!(v.flags & VF_LAX))
			return vm_fail_undef(vm, v);
		*out = value_list(vm->a, 0, false).u.list;
		return true;
	default:
		return vm_fail_value(vm, CT_CODE(T209), v, "%s has no items to go through", value_kind(v));
	}
}

bool vm_path(struct vm *vm, struct ct_value of, struct sv path, struct ct_value *out)
{
	while (true) {
		ptrdiff_t dot = sv_find(path, '.');
		struct sv step = sv_sub(path, 0, dot < 0 ? path.n : (size_t)dot);
		uint64_t index;
		bool ok;

		if (num_u64(step, &index) && index < INT32_MAX)
			ok = vm_index(vm, of, ct_int((int64_t)index), out);
		else
			ok = vm_attr(vm, of, step, sv_hash(step), ct_builtin_find(step), out);
		if (!ok || dot < 0)
			return ok;
		of = *out;
		path = sv_sub(path, (size_t)dot + 1, path.n);
	}
}

bool vm_extend_list(struct vm *vm, struct ct_value list, struct ct_value more)
{
	const struct ct_list *items;

	if (!vm_items(vm, more, &items) || !vm_list_limit(vm, (uint64_t)list.u.list->n + items->n))
		return false;
	for (uint32_t i = 0; i < items->n; i++)
		value_push(vm->a, list.u.list, items->v[i]);
	return true;
}

bool vm_extend_dict(struct vm *vm, struct ct_value dict, struct ct_value more)
{
	if (more.tag == CT_UNDEF)
		return vm_fail_undef(vm, more);
	if (more.tag != CT_DICT)
		return vm_fail_value(vm, CT_CODE(T204), more, "'**' needs a dict, this is %s",
				     value_kind(more));
	for (uint32_t i = 0; i < more.u.dict->n; i++) {
		if (value_key(more.u.dict, i).tag != CT_TEXT)
			return vm_fail(vm, CT_CODE(T204), "the names of arguments must be text");
		value_set(vm->a, dict.u.dict, value_key(more.u.dict, i), more.u.dict->v[i].value);
	}
	return true;
}
