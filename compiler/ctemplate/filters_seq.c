#include "ctemplate/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Filters of lists, dicts and anything that has items. */

bool item_attr(struct vm *vm, struct ct_value item, struct ct_value attribute, struct ct_value *out)
{
	if (attribute.tag == CT_MISSING || attribute.tag == CT_NONE) {
		*out = item;
		return true;
	}
	if (attribute.tag == CT_INT)
		return vm_index(vm, item, attribute, out);
	if (attribute.tag != CT_TEXT)
		return vm_fail_value(vm, CT_CODE(T203), attribute,
				     "an attribute is named by text, this is %s", value_kind(attribute));
	return vm_path(vm, item, value_sv(attribute), out);
}

static bool defined_attr(struct vm *vm, struct ct_value item, struct ct_value attribute, struct ct_value *out)
{
	if (!item_attr(vm, item, attribute, out))
		return false;
	return out->tag != CT_UNDEF || vm_fail_undef(vm, *out);
}

struct ct_list *new_list(struct vm *vm, struct ct_value *out)
{
	*out = value_list(vm->a, 0, false);
	return out->u.list;
}

FILTER(f_default)
{
	bool falsy = false;

	UNUSED;
	if (!arg_bool(vm, args, 1, &falsy))
		return false;
	*out = in;
	if (in.tag == CT_UNDEF || (falsy && !value_truth(in)))
		*out = args[0].tag == CT_MISSING ? value_text("", 0) : args[0];
	return true;
}

FILTER(f_length)
{
	UNUSED;
	if (in.tag == CT_TEXT)
		*out = ct_int((int64_t)utf8_count(value_sv(in)));
	else if (in.tag == CT_LIST || in.tag == CT_DICT)
		*out = ct_int((int64_t)ct_count(in));
	else
		return vm_fail_value(vm, CT_CODE(T203), in, "%s has no length", value_kind(in));
	return true;
}

FILTER(f_first)
{
	const struct ct_list *l;

	UNUSED;
	if (!vm_items(vm, in, &l))
		return false;
	*out = l->n ? l->v[0] : vm_undef(vm, 2, SV("first"), in);
	return true;
}

FILTER(f_last)
{
	const struct ct_list *l;

	UNUSED;
	if (!vm_items(vm, in, &l))
		return false;
	*out = l->n ? l->v[l->n - 1] : vm_undef(vm, 2, SV("last"), in);
	return true;
}

FILTER(f_list)
{
	const struct ct_list *l;
	struct ct_list *copy = new_list(vm, out);

	UNUSED;
	if (!vm_items(vm, in, &l) || !vm_list_limit(vm, l->n))
		return false;
	for (uint32_t i = 0; i < l->n; i++)
		value_push(vm->a, copy, l->v[i]);
	return true;
}

FILTER(f_join)
{
	const struct ct_list *l;
	struct sv d = { "", 0 };
	struct buf b = { 0 };
	struct ct_value v;
	bool ok = true;

	UNUSED;
	if (!vm_items(vm, in, &l) || !arg_text(vm, args, 0, &d))
		return false;
	for (uint32_t i = 0; i < l->n && ok; i++) {
		ok = defined_attr(vm, l->v[i], args[1], &v);
		if (ok && v.frag)
			ok = vm_fail(vm, CT_CODE(T311), "'join' cannot join text that is escaped already");
		if (!ok)
			break;
		if (i)
			buf_sv(&b, d);
		if (!value_put(&b, v, false))
			ok = vm_fail_value(vm, CT_CODE(T410), v, "the value is too long");
		if (ok && b.n > vm->env->limits.text_bytes)
			ok = vm_text_limit(vm, b.n);
	}
	if (ok) {
		vm->tmp.n = 0;
		buf_sv(&vm->tmp, buf_view(&b));
		ok = vm_text(vm, out);
	}
	buf_release(&b);
	return ok;
}

FILTER(f_reverse)
{
	const struct ct_list *l;
	struct ct_list *r;

	UNUSED;
	if (in.tag == CT_TEXT) {
		vm->tmp.n = 0;
		for (size_t i = in.len; i > 0;) {
			size_t end = i--;

			while (i > 0 && ((uint8_t)in.u.p[i] & 0xc0) == 0x80)
				i--;
			buf_add(&vm->tmp, in.u.p + i, end - i);
		}
		return vm_text(vm, out);
	}
	r = new_list(vm, out);
	if (!vm_items(vm, in, &l) || !vm_list_limit(vm, l->n))
		return false;
	for (uint32_t i = l->n; i > 0; i--)
		value_push(vm->a, r, l->v[i - 1]);
	return true;
}

/* ---- sorting ---- */

#define SORT_PAYS_AT (1u << 20)

/* Stable merge sort of values by their keys; false when two keys cannot be ordered. */
bool sort_values(struct vm *vm, struct ct_value *v, struct ct_value *keys, uint32_t n, bool nocase,
		 bool reverse)
{
	struct ct_value *tv = NEW(vm->a, struct ct_value, n + 1u), *tk = NEW(vm->a, struct ct_value, n + 1u);

	uint64_t cost = n * 64ull;

	for (uint32_t w = 1; w < n; w *= 2) {
		for (uint32_t lo = 0; lo < n; lo += 2 * w) {
			uint32_t mid = lo + w < n ? lo + w : n, hi = lo + 2 * w < n ? lo + 2 * w : n, i = lo,
				 j = mid;

			for (uint32_t k = lo; k < hi; k++) {
				int order = 0;
				bool left = i < mid;

				if (i < mid && j < hi) {
					if (!value_order(keys[i], keys[j], nocase, &order, &cost))
						return vm_fail_value(
						    vm, CT_CODE(T203), v[j], "%s and %s cannot be ordered",
						    value_kind(keys[i]), value_kind(keys[j]));
					left = reverse ? order >= 0 : order <= 0;
					if (cost > SORT_PAYS_AT && !vm_charge_compare(vm, cost))
						return false;
					cost = cost > SORT_PAYS_AT ? 0 : cost;
				}
				tv[k] = left ? v[i] : v[j];
				tk[k] = left ? keys[i++] : keys[j++];
			}
		}
		memcpy(v, tv, n * sizeof(*v));
		memcpy(keys, tk, n * sizeof(*keys));
		if (w > UINT32_MAX / 4)
			break;
	}
	return vm_charge_compare(vm, cost);
}

/* The key of an item: one attribute, or a tuple of those named with commas. */
static bool sort_key(struct vm *vm, struct ct_value item, struct ct_value attribute, struct ct_value *out)
{
	struct sv rest;

	if (attribute.tag != CT_TEXT || sv_find(value_sv(attribute), ',') < 0)
		return defined_attr(vm, item, attribute, out);
	*out = value_list(vm->a, 2, true);
	for (rest = value_sv(attribute);;) {
		ptrdiff_t comma = sv_find(rest, ',');
		struct ct_value key;

		if (!defined_attr(vm, item,
				  ct_text(sv_trim(sv_sub(rest, 0, comma < 0 ? rest.n : (size_t)comma))),
				  &key))
			return false;
		value_push(vm->a, out->u.list, key);
		if (comma < 0)
			return true;
		rest = sv_sub(rest, (size_t)comma + 1, rest.n);
	}
}

static bool sorted(struct vm *vm, struct ct_value in, bool reverse, bool sensitive, struct ct_value attribute,
		   struct ct_value *out, struct ct_value **keys)
{
	const struct ct_list *l;

	if (!vm_items(vm, in, &l) || !vm_list_limit(vm, l->n))
		return false;
	*out = value_list(vm->a, l->n + 1, false);
	*keys = NEW(vm->a, struct ct_value, l->n + 1u);
	for (uint32_t i = 0; i < l->n; i++) {
		if (!sort_key(vm, l->v[i], attribute, &(*keys)[i]))
			return false;
		value_push(vm->a, out->u.list, l->v[i]);
	}
	return sort_values(vm, out->u.list->v, *keys, l->n, !sensitive, reverse);
}

FILTER(f_sort)
{
	bool reverse = false, sensitive = false;
	struct ct_value *keys;

	UNUSED;
	return arg_bool(vm, args, 0, &reverse) && arg_bool(vm, args, 1, &sensitive) &&
	       sorted(vm, in, reverse, sensitive, args[2], out, &keys);
}

FILTER(f_dictsort)
{
	bool sensitive = false, reverse = false;
	struct sv by = { "key", 3 };
	struct ct_value *keys;
	struct ct_list *l;

	UNUSED;
	if (in.tag != CT_DICT)
		return vm_fail_value(vm, CT_CODE(T203), in, "'dictsort' needs a dict, this is %s",
				     value_kind(in));
	if (!arg_bool(vm, args, 0, &sensitive) || !arg_text(vm, args, 1, &by) ||
	    !arg_bool(vm, args, 2, &reverse))
		return false;
	if (!sv_eq(by, SV("key")) && !sv_eq(by, SV("value")))
		return vm_fail(vm, CT_CODE(T210), "a dict is sorted by 'key' or by 'value'");
	l = new_list(vm, out);
	keys = NEW(vm->a, struct ct_value, in.u.dict->n + 1u);
	for (uint32_t i = 0; i < in.u.dict->n; i++) {
		struct ct_value pair = value_list(vm->a, 2, true);

		value_push(vm->a, pair.u.list, value_key(in.u.dict, i));
		value_push(vm->a, pair.u.list, in.u.dict->v[i].value);
		value_push(vm->a, l, pair);
		keys[i] = sv_eq(by, SV("key")) ? value_key(in.u.dict, i) : in.u.dict->v[i].value;
	}
	return sort_values(vm, l->v, keys, l->n, !sensitive, reverse);
}

FILTER(f_items)
{
	struct ct_list *l = new_list(vm, out);

	UNUSED;
	if (in.tag == CT_UNDEF)
		return true;
	if (in.tag != CT_DICT)
		return vm_fail_value(vm, CT_CODE(T203), in, "'items' needs a dict, this is %s",
				     value_kind(in));
	if (!vm_list_limit(vm, in.u.dict->n * 2ull))
		return false;
	for (uint32_t i = 0; i < in.u.dict->n; i++) {
		struct ct_value pair = value_list(vm->a, 2, true);

		value_push(vm->a, pair.u.list, value_key(in.u.dict, i));
		value_push(vm->a, pair.u.list, in.u.dict->v[i].value);
		value_push(vm->a, l, pair);
	}
	return true;
}

FILTER(f_groupby)
{
	struct ct_value list, *keys, group = { 0 }, key = { 0 };
	bool sensitive = false;
	struct ct_list *l, *groups;
	uint64_t cost = 0;
	int order;

	UNUSED;
	if (!arg_bool(vm, args, 2, &sensitive))
		return false;
	if (args[1].tag != CT_MISSING &&
	    args[0].tag == CT_TEXT) { /* items without the attribute take the default */
		const struct ct_list *items;

		if (!vm_items(vm, in, &items) || !vm_list_limit(vm, items->n))
			return false;
		l = new_list(vm, &list);
		keys = NEW(vm->a, struct ct_value, items->n + 1u);
		for (uint32_t i = 0; i < items->n; i++) {
			if (!item_attr(vm, items->v[i], args[0], &keys[i]))
				return false;
			if (keys[i].tag == CT_UNDEF)
				keys[i] = args[1];
			value_push(vm->a, l, items->v[i]);
		}
		if (!sort_values(vm, l->v, keys, l->n, !sensitive, false))
			return false;
	} else if (!sorted(vm, in, false, sensitive, args[0], &list, &keys)) {
		return false;
	}
	l = list.u.list;
	groups = new_list(vm, out);
	for (uint32_t i = 0; i < l->n; i++) {
		if (!i || !value_order(key, keys[i], !sensitive, &order, &cost) || order != 0) {
			group = value_list(vm->a, 2, true);
			group.u.list->group = true;
			value_push(vm->a, group.u.list, keys[i]);
			value_push(vm->a, group.u.list, value_list(vm->a, 0, false));
			value_push(vm->a, groups, group);
			key = keys[i];
		}
		value_push(vm->a, group.u.list->v[1].u.list, l->v[i]);
	}
	return vm_charge_compare(vm, cost);
}

static struct ct_value fold_key(struct vm *vm, struct ct_value v, bool sensitive)
{
	if (sensitive || v.tag != CT_TEXT)
		return v;
	vm->tmp.n = 0;
	for (size_t i = 0; i < v.len;) {
		uint32_t cp;

		i += utf8_decode(value_sv(v), i, &cp, NULL);
		buf_utf8(&vm->tmp, value_lower(cp));
	}
	if (!vm_text(vm, &v))
		return v;
	return v;
}

FILTER(f_unique)
{
	const struct ct_list *l;
	struct ct_list *r = new_list(vm, out);
	struct ct_value seen = ct_dict_new(vm->a, 0), key;
	bool sensitive = false;

	UNUSED;
	if (!arg_bool(vm, args, 0, &sensitive) || !vm_items(vm, in, &l) || !vm_list_limit(vm, l->n))
		return false;
	for (uint32_t i = 0; i < l->n; i++) {
		if (!defined_attr(vm, l->v[i], args[1], &key))
			return false;
		if (key.tag == CT_LIST || key.tag == CT_DICT)
			return vm_fail_value(vm, CT_CODE(T203), key, "'unique' cannot compare %s",
					     value_kind(key));
		key = fold_key(vm, key, sensitive);
		if (vm->failed || (key.tag == CT_TEXT && !vm_charge(vm, 16ull + key.len)))
			return false;
		if (value_find(seen.u.dict, key, value_hash(key)))
			continue;
		value_set(vm->a, seen.u.dict, key, ct_none());
		value_push(vm->a, r, l->v[i]);
	}
	return true;
}

static bool extreme(struct vm *vm, struct ct_value in, const struct ct_value *args, int want,
		    struct ct_value *out)
{
	const struct ct_list *l;
	bool sensitive = false;
	struct ct_value best = { 0 }, key;
	uint64_t cost = 0;
	int order;

	if (!arg_bool(vm, args, 0, &sensitive) || !vm_items(vm, in, &l))
		return false;
	*out = vm_undef(vm, 2, want < 0 ? SV("min") : SV("max"), in);
	for (uint32_t i = 0; i < l->n; i++) {
		if (!defined_attr(vm, l->v[i], args[1], &key))
			return false;
		if (i && !value_order(key, best, !sensitive, &order, &cost))
			return vm_fail_value(vm, CT_CODE(T203), key, "%s and %s cannot be ordered",
					     value_kind(best), value_kind(key));
		if (!vm_charge_compare(vm, cost))
			return false;
		cost = 0;
		if (!i || (want < 0 ? order < 0 : order > 0)) {
			best = key;
			*out = l->v[i];
		}
	}
	return true;
}

FILTER(f_min)
{
	UNUSED;
	return extreme(vm, in, args, -1, out);
}
FILTER(f_max)
{
	UNUSED;
	return extreme(vm, in, args, 1, out);
}

FILTER(f_sum)
{
	const struct ct_list *l;
	struct ct_value v;

	UNUSED;
	if (!vm_items(vm, in, &l))
		return false;
	*out = args[1].tag == CT_MISSING ? ct_int(0) : args[1];
	for (uint32_t i = 0; i < l->n; i++)
		if (!item_attr(vm, l->v[i], args[0], &v) || !vm_binary(vm, OP_ADD, *out, v, out))
			return false;
	return vm_charge(vm, l->n * 16ull);
}

FILTER(f_attr)
{
	struct sv name = { "", 0 };

	UNUSED;
	if (!arg_text(vm, args, 0, &name))
		return false;
	if (in.tag == CT_NAMESPACE || in.tag == CT_MODULE)
		return vm_attr(vm, in, name, sv_hash(name), 0, out);
	*out = vm_undef(vm, 1, name, in); /* keys are no attributes */
	return true;
}

/* ---- pieces ---- */

static bool positive(struct vm *vm, const struct ct_value *args, int64_t *n)
{
	*n = 0;
	if (!arg_int(vm, args, 0, n))
		return false;
	return *n > 0 || vm_fail(vm, CT_CODE(T210), "the number must be at least 1");
}

FILTER(f_batch)
{
	const struct ct_list *l;
	struct ct_list *rows = new_list(vm, out), *row = NULL;
	int64_t size;

	UNUSED;
	if (!positive(vm, args, &size) || !vm_items(vm, in, &l) || !vm_list_limit(vm, l->n))
		return false;
	for (uint32_t i = 0; i < l->n; i++) {
		if (!row || row->n == size) {
			struct ct_value v = value_list(vm->a, 0, false);

			row = v.u.list;
			value_push(vm->a, rows, v);
		}
		value_push(vm->a, row, l->v[i]);
	}
	if (row && args[1].tag != CT_MISSING && args[1].tag != CT_NONE) {
		if (!vm_list_limit(vm, (uint64_t)size))
			return false;
		while (row->n < size)
			value_push(vm->a, row, args[1]);
	}
	return true;
}

FILTER(f_slice)
{
	const struct ct_list *l;
	struct ct_list *cols = new_list(vm, out);
	int64_t count, at = 0;

	UNUSED;
	if (!positive(vm, args, &count) || !vm_items(vm, in, &l) || !vm_list_limit(vm, l->n) ||
	    !vm_list_limit(vm, (uint64_t)count))
		return false;
	for (int64_t c = 0; c < count; c++) {
		int64_t size = l->n / count + (c < l->n % count);
		struct ct_value col = value_list(vm->a, 0, false);

		for (int64_t i = 0; i < size; i++)
			value_push(vm->a, col.u.list, l->v[at++]);
		if (args[1].tag != CT_MISSING && args[1].tag != CT_NONE && c >= l->n % count && l->n % count)
			value_push(vm->a, col.u.list, args[1]);
		value_push(vm->a, cols, col);
	}
	return true;
}

#define ROW(name, sig, doc, ex, res, flags, fn, ...)                                                         \
	{                                                                                                    \
		{ name, sig, doc, ex, res }, { __VA_ARGS__ }, flags, 0, fn, NULL                             \
	}

const struct ct_row ct_filters_seq[] = {
	ROW("default", "default(value='', boolean=false)",
	    "another value when it is undefined (or, if asked, false)", "{{ nope|default('x') }}", "x",
	    ROW_UNDEF | ROW_FRAG | ROW_UNDEF_ARGS | ROW_ANY, f_default, "default_value", "boolean"),
	ROW("d", "d(value='', boolean=false)", "short for default", "{{ nope|d(1) }}", "1",
	    ROW_UNDEF | ROW_FRAG | ROW_UNDEF_ARGS | ROW_ANY, f_default, "default_value", "boolean"),
	ROW("length", "length", "number of characters or items", "{{ [1, 2]|length }}", "2", ROW_FRAG,
	    f_length, NULL),
	ROW("count", "count", "the same as length", "{{ 'abc'|count }}", "3", ROW_FRAG, f_length, NULL),
	ROW("first", "first", "the first item", "{{ [7, 8]|first }}", "7", ROW_ANY, f_first, NULL),
	ROW("last", "last", "the last item", "{{ [7, 8]|last }}", "8", ROW_ANY, f_last, NULL),
	ROW("list", "list", "the items as a list", "{{ 'ab'|list|join('-') }}", "a-b", 0, f_list, NULL),
	ROW("join", "join(d='', attribute)", "the items as one text", "{{ [1, 2]|join(', ') }}", "1, 2", 0,
	    f_join, "d", "attribute"),
	ROW("reverse", "reverse", "the other way round", "{{ 'abc'|reverse }}", "cba", 0, f_reverse, NULL),
	ROW("sort", "sort(reverse=false, case_sensitive=false, attribute)",
	    "sorted; attributes 'a,b.c' one after the other", "{{ [3, 1, 2]|sort|join }}", "123", 0, f_sort,
	    "reverse", "case_sensitive", "attribute"),
	ROW("dictsort", "dictsort(case_sensitive=false, by='key', reverse=false)", "pairs of a dict, sorted",
	    "{% for k, v in {'b': 1, 'a': 2}|dictsort %}{{ k }}{{ v }}{% endfor %}", "a2b1", 0, f_dictsort,
	    "case_sensitive", "by", "reverse"),
	ROW("items", "items", "pairs of a dict", "{% for k, v in {'a': 1}|items %}{{ k }}{{ v }}{% endfor %}",
	    "a1", ROW_UNDEF, f_items, NULL),
	ROW("groupby", "groupby(attribute, default, case_sensitive=false)",
	    "groups (grouper, list) by an attribute, sorted",
	    "{% for g in [{'a': 2}, {'a': 1}, {'a': 2}]|groupby('a') %}{{ g.grouper }}x{{ g.list|length }} "
	    "{% "
	    "endfor %}",
	    "1x1 2x2 ", 0, f_groupby, "!attribute", "default", "case_sensitive"),
	ROW("unique", "unique(case_sensitive=false, attribute)", "each item once",
	    "{{ [1, 2, 1]|unique|join }}", "12", 0, f_unique, "case_sensitive", "attribute"),
	ROW("min", "min(case_sensitive=false, attribute)", "the smallest item", "{{ [3, 1]|min }}", "1", ROW_ANY,
	    f_min, "case_sensitive", "attribute"),
	ROW("max", "max(case_sensitive=false, attribute)", "the largest item", "{{ [3, 1]|max }}", "3", ROW_ANY,
	    f_max, "case_sensitive", "attribute"),
	ROW("sum", "sum(attribute, start=0)", "the items added", "{{ [3, 1]|sum }}", "4", ROW_ANY, f_sum,
	    "attribute", "start"),
	ROW("attr", "attr(name)", "an attribute, never a key", "{{ namespace(a=1)|attr('a') }}", "1", ROW_ANY,
	    f_attr, "!name"),
	ROW("batch", "batch(linecount, fill_with)", "rows of that many items",
	    "{{ [1, 2, 3]|batch(2)|length }}", "2", 0, f_batch, "!linecount", "fill_with"),
	ROW("slice", "slice(slices, fill_with)", "that many columns", "{{ ([1, 2, 3]|slice(2)|first)|join }}",
	    "12", 0, f_slice, "!slices", "fill_with"),
	{ { NULL, NULL, NULL, NULL, NULL }, { 0 }, 0, 0, NULL, NULL },
};
