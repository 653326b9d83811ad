/* The rows of filters and tests: what the parser binds, the VM calls, the reference prints. */
#ifndef LABC_CTEMPLATE_TABLE_H
#define LABC_CTEMPLATE_TABLE_H

#include "ctemplate/ctemplate.h"

struct vm;

#define CT_MAX_PARAMS 6

enum {
	ROW_UNDEF = 1,	 /* takes an undefined input */
	ROW_FRAG = 2,	 /* takes text an escaper made */
	ROW_VARARGS = 4, /* any number of positional arguments, and keywords as one dict behind them */
	ROW_ESCAPER = 8, /* its result is a fragment: row.frag */
	ROW_UNDEF_ARGS = 16,
	ROW_SAME = 32,	 /* its result is escaped text when its input is */
	ROW_INDENT = 64, /* not for escaped text that holds a string over several lines */
	ROW_ANY = 128	 /* hands on an item or argument: its result may be anything */
};

/* args: one per parameter, CT_MISSING when not given (ROW_VARARGS: n of them). */
typedef bool (*ct_filter_fn)(struct vm *vm, struct ct_value in, const struct ct_value *args, unsigned n,
			     struct ct_value *out);
typedef bool (*ct_test_fn)(struct vm *vm, struct ct_value in, const struct ct_value *args, unsigned n,
			   bool *out);

struct ct_row {
	struct ct_doc doc;
	const char *params[CT_MAX_PARAMS]; /* names; a name with '!' in front must be given */
	uint8_t flags, frag;
	ct_filter_fn filter;
	ct_test_fn test;
};

int ct_filter_find(struct sv name);
int ct_test_find(struct sv name);
const struct ct_row *ct_filter_row(unsigned id);
const struct ct_row *ct_test_row(unsigned id);
bool ct_row_near(bool test, struct sv name, struct sv *near);

/* What a name means by itself: a function in the low byte, an attribute of loops above; 0 nothing. */
enum ct_builtin { BUILTIN_NONE, BUILTIN_RANGE, BUILTIN_NAMESPACE, BUILTIN_CYCLE, BUILTIN_CHANGED };
enum ct_loop_attr {
	LOOP_NONE,
	LOOP_INDEX,
	LOOP_INDEX0,
	LOOP_REVINDEX,
	LOOP_REVINDEX0,
	LOOP_FIRST,
	LOOP_LAST,
	LOOP_LENGTH,
	LOOP_DEPTH,
	LOOP_DEPTH0,
	LOOP_PREVITEM,
	LOOP_NEXTITEM,
	LOOP_CYCLE,
	LOOP_CHANGED
};
uint32_t ct_builtin_find(struct sv name);
/* The attribute of a loop that is spelt about so, or an empty view. */
struct sv ct_loop_attr_near(struct sv name);

extern const struct ct_row ct_filters_text[], ct_filters_seq[], ct_filters_map[], ct_filters_num[],
    ct_filters_lang[];
extern const struct ct_row ct_test_rows[];

#endif
