#include "ctemplate/filter.h"

/* Filters that apply another filter or a test to each item. */

static bool named_row(struct vm *vm, bool test, struct ct_value name, unsigned *id)
{
	int i;

	if (name.tag != CT_TEXT)
		return vm_fail_value(vm, CT_CODE(T203), name, "a %s is named by text, this is %s",
				     test ? "test" : "filter", value_kind(name));
	i = test ? ct_test_find(value_sv(name)) : ct_filter_find(value_sv(name));
	if (i < 0)
		return vm_fail(vm, CT_CODE(T105), "there is no %s '" SV_FMT "'", test ? "test" : "filter",
			       SV_ARG(value_sv(name)));
	*id = (unsigned)i;
	return true;
}

static bool map_attribute(struct vm *vm, const struct ct_list *l, const struct ct_dict *kw, struct ct_list *r)
{
	struct ct_value attribute = { 0 }, missing = { 0 }, v;
	struct ct_value names = { .tag = CT_DICT, .u.dict = (struct ct_dict *)(uintptr_t)kw };

	ct_dict_get(names, SV("attribute"), &attribute);
	ct_dict_get(names, SV("default"), &missing);
	for (uint32_t i = 0; i < l->n; i++) {
		if (!item_attr(vm, l->v[i], attribute, &v))
			return false;
		if (v.tag == CT_UNDEF && missing.tag != CT_MISSING)
			v = missing;
		value_push(vm->a, r, v);
	}
	return true;
}

FILTER(f_map)
{
	const struct ct_list *l;
	struct ct_list *r = new_list(vm, out);
	const struct ct_dict *kw = args[n - 1].u.dict;
	struct ct_value v;
	unsigned id;

	UNUSED;
	if (!vm_items(vm, in, &l) || !vm_list_limit(vm, l->n))
		return false;
	if (n == 1 && kw->n) {
		for (uint32_t i = 0; i < kw->n; i++)
			if (!sv_eq(value_sv(value_key(kw, i)), SV("attribute")) &&
			    !sv_eq(value_sv(value_key(kw, i)), SV("default")))
				return vm_fail(vm, CT_CODE(T204), "'map' has no argument '" SV_FMT "'",
					       SV_ARG(value_sv(value_key(kw, i))));
		return map_attribute(vm, l, kw, r);
	}
	if (n < 2)
		return vm_fail(vm, CT_CODE(T204), "'map' needs the name of a filter, or attribute='...'");
	if (!named_row(vm, false, args[0], &id))
		return false;
	for (uint32_t i = 0; i < l->n; i++) {
		struct ct_value list = value_list(vm->a, n, false), dict = args[n - 1];

		for (unsigned k = 1; k + 1 < n; k++)
			value_push(vm->a, list.u.list, args[k]);
		if (!vm_apply_star(vm, false, id, l->v[i], list, dict, &v))
			return false;
		value_push(vm->a, r, v);
	}
	return true;
}

static bool select_items(struct vm *vm, struct ct_value in, const struct ct_value *args, unsigned n,
			 bool attr, bool want, struct ct_value *out)
{
	const struct ct_list *l;
	struct ct_list *r = new_list(vm, out);
	unsigned id = 0, first = attr ? 1 : 0;
	struct ct_value v;
	bool keep;

	n--; /* the dict of named arguments */
	if (attr && !n)
		return vm_fail(vm, CT_CODE(T204), "the name of an attribute is missing");
	if (!vm_items(vm, in, &l) || !vm_list_limit(vm, l->n) ||
	    (n > first && !named_row(vm, true, args[first], &id)))
		return false;
	for (uint32_t i = 0; i < l->n; i++) {
		v = l->v[i];
		if (attr && !item_attr(vm, v, args[0], &v))
			return false;
		if (n > first) {
			if (n - first - 1 > CT_MAX_PARAMS)
				return vm_fail(vm, CT_CODE(T204), "a test takes no so many arguments");
			if (!vm_apply_test(vm, id, v, args + first + 1, n - first - 1, &keep))
				return false;
		} else if (!vm_truth(vm, v, &keep)) {
			return false;
		}
		if (keep == want)
			value_push(vm->a, r, l->v[i]);
	}
	return true;
}

FILTER(f_select)
{
	UNUSED;
	return select_items(vm, in, args, n, false, true, out);
}
FILTER(f_reject)
{
	UNUSED;
	return select_items(vm, in, args, n, false, false, out);
}
FILTER(f_selectattr)
{
	UNUSED;
	return select_items(vm, in, args, n, true, true, out);
}
FILTER(f_rejectattr)
{
	UNUSED;
	return select_items(vm, in, args, n, true, false, out);
}

#define ROW(name, sig, doc, ex, res, flags, fn, ...)                                                         \
	{                                                                                                    \
		{ name, sig, doc, ex, res }, { __VA_ARGS__ }, flags, 0, fn, NULL                             \
	}

const struct ct_row ct_filters_map[] = {
	ROW("map", "map(filter, arguments...) or map(attribute='a', default)",
	    "a filter or attribute of each item", "{{ ['a', 'b']|map('upper')|join }}", "AB", ROW_VARARGS,
	    f_map, NULL),
	ROW("select", "select(test, arguments...)", "the items that pass a test",
	    "{{ [1, 2, 3]|select('odd')|join }}", "13", ROW_VARARGS, f_select, NULL),
	ROW("reject", "reject(test, arguments...)", "the items that fail a test",
	    "{{ [1, 2, 3]|reject('odd')|join }}", "2", ROW_VARARGS, f_reject, NULL),
	ROW("selectattr", "selectattr(attribute, test, arguments...)",
	    "the items whose attribute passes a test",
	    "{{ [{'a': 1}, {'a': 0}]|selectattr('a')|list|length }}", "1", ROW_VARARGS, f_selectattr, NULL),
	ROW("rejectattr", "rejectattr(attribute, test, arguments...)",
	    "the items whose attribute fails a test",
	    "{{ [{'a': 1}, {'a': 0}]|rejectattr('a', 'eq', 1)|list|length }}", "1", ROW_VARARGS, f_rejectattr,
	    NULL),
	{ { NULL, NULL, NULL, NULL, NULL }, { 0 }, 0, 0, NULL, NULL },
};
