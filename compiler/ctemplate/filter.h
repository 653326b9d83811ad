/* Helpers of the filters: reading arguments, failing. */
#ifndef LABC_CTEMPLATE_FILTER_H
#define LABC_CTEMPLATE_FILTER_H

#include "ctemplate/table.h"
#include "ctemplate/vm.h"

#define FILTER(name)                                                                                         \
	static bool name(struct vm *vm, struct ct_value in, const struct ct_value *args, unsigned n,         \
			 struct ct_value *out)
#define UNUSED (void)vm, (void)in, (void)args, (void)n

/* The argument, or the default when it is not given; a value of another type is reported. */
bool arg_int(struct vm *vm, const struct ct_value *args, unsigned i, int64_t *out);
bool arg_bool(struct vm *vm, const struct ct_value *args, unsigned i, bool *out);
bool arg_text(struct vm *vm, const struct ct_value *args, unsigned i, struct sv *out);
/* The input as text: a text itself, or what {{ }} writes for it (copied). */
bool in_text(struct vm *vm, struct ct_value in, struct sv *out);
/* Replaces an item by its attribute when one is asked for. */
bool item_attr(struct vm *vm, struct ct_value item, struct ct_value attribute, struct ct_value *out);
/* An empty list as the result. */
struct ct_list *new_list(struct vm *vm, struct ct_value *out);
bool sort_values(struct vm *vm, struct ct_value *v, struct ct_value *keys, uint32_t n, bool nocase,
		 bool reverse);
bool format_percent(struct vm *vm, struct sv fmt, const struct ct_value *args, unsigned n,
		    struct ct_value *out);

#endif
