#include "ctemplate/table.h"

#include "base/bug.h"
#include "base/utf8.h"
#include "ctemplate/vm.h"

/* The tests behind "is", and looking up rows of tests and filters by name. */

#define TEST(name)                                                                                           \
	static bool name(struct vm *vm, struct ct_value in, const struct ct_value *args, unsigned n,         \
			 bool *out)
#define UNUSED (void)vm, (void)in, (void)args, (void)n

TEST(t_defined)
{
	UNUSED;
	*out = in.tag != CT_UNDEF;
	return true;
}
TEST(t_undefined)
{
	UNUSED;
	*out = in.tag == CT_UNDEF;
	return true;
}
TEST(t_none)
{
	UNUSED;
	*out = in.tag == CT_NONE;
	return true;
}
TEST(t_boolean)
{
	UNUSED;
	*out = in.tag == CT_BOOL;
	return true;
}
TEST(t_true)
{
	UNUSED;
	*out = in.tag == CT_BOOL && in.u.b;
	return true;
}
TEST(t_false)
{
	UNUSED;
	*out = in.tag == CT_BOOL && !in.u.b;
	return true;
}
TEST(t_integer)
{
	UNUSED;
	*out = in.tag == CT_INT;
	return true;
}
TEST(t_float)
{
	UNUSED;
	*out = in.tag == CT_DOUBLE;
	return true;
}
TEST(t_number)
{
	UNUSED;
	*out = value_is_number(in);
	return true;
}
TEST(t_string)
{
	UNUSED;
	*out = in.tag == CT_TEXT;
	return true;
}
TEST(t_mapping)
{
	UNUSED;
	*out = in.tag == CT_DICT;
	return true;
}
TEST(t_sequence)
{
	UNUSED;
	*out = in.tag == CT_TEXT || in.tag == CT_LIST || in.tag == CT_DICT;
	return true;
}
TEST(t_iterable)
{
	UNUSED;
	*out = in.tag == CT_TEXT || in.tag == CT_LIST || in.tag == CT_DICT;
	return true;
}

static bool remainder_of(struct vm *vm, struct ct_value in, struct ct_value by, int64_t *out)
{
	struct ct_value r;

	if (!value_is_number(in) || !value_is_number(by))
		return vm_fail_value(vm, CT_CODE(T203), in, "this test needs numbers, this is %s",
				     value_kind(in));
	if (!vm_binary(vm, OP_MOD, in, by, &r))
		return false;
	*out = r.tag == CT_DOUBLE ? (r.u.d == 0 ? 0 : r.u.d == 1 ? 1 : 2) : r.u.i;
	return true;
}

TEST(t_odd)
{
	int64_t r = 0;

	UNUSED;
	if (!remainder_of(vm, in, ct_int(2), &r))
		return false;
	*out = r == 1;
	return true;
}

TEST(t_even)
{
	int64_t r = 1;

	UNUSED;
	if (!remainder_of(vm, in, ct_int(2), &r))
		return false;
	*out = r == 0;
	return true;
}

TEST(t_divisibleby)
{
	int64_t r = 1;

	UNUSED;
	if (!remainder_of(vm, in, args[0], &r))
		return false;
	*out = r == 0;
	return true;
}

TEST(t_eq)
{
	UNUSED;
	return vm_compare(vm, CMP_EQ, in, args[0], out);
}
TEST(t_ne)
{
	UNUSED;
	return vm_compare(vm, CMP_NE, in, args[0], out);
}
TEST(t_lt)
{
	UNUSED;
	return vm_compare(vm, CMP_LT, in, args[0], out);
}
TEST(t_le)
{
	UNUSED;
	return vm_compare(vm, CMP_LE, in, args[0], out);
}
TEST(t_gt)
{
	UNUSED;
	return vm_compare(vm, CMP_GT, in, args[0], out);
}
TEST(t_ge)
{
	UNUSED;
	return vm_compare(vm, CMP_GE, in, args[0], out);
}
TEST(t_in)
{
	UNUSED;
	return vm_compare(vm, CMP_IN, in, args[0], out);
}

TEST(t_sameas)
{
	struct ct_value b = args[0];
	uint64_t cost = 0;

	UNUSED;
	*out = in.tag == b.tag &&
	       (in.tag == CT_LIST || in.tag == CT_DICT || in.tag > CT_DICT ? in.u.obj == b.u.obj
									   : value_equal(in, b, &cost));
	return vm_charge_compare(vm, cost);
}

/* Whether there is a cased letter, and none of the other case. */
static bool is_case(struct ct_value in, bool upper)
{
	bool any = false;

	if (in.tag != CT_TEXT)
		return false;
	for (size_t i = 0; i < in.len;) {
		uint32_t cp, up, low;

		i += utf8_decode(value_sv(in), i, &cp, NULL);
		up = value_upper(cp);
		low = value_lower(cp);
		if (up == low)
			continue;
		if (cp != (upper ? up : low))
			return false;
		any = true;
	}
	return any;
}

TEST(t_upper)
{
	UNUSED;
	*out = is_case(in, true);
	return true;
}
TEST(t_lower)
{
	UNUSED;
	*out = is_case(in, false);
	return true;
}

TEST(t_filter)
{
	UNUSED;
	*out = in.tag == CT_TEXT && ct_filter_find(value_sv(in)) >= 0;
	return true;
}
TEST(t_test)
{
	UNUSED;
	*out = in.tag == CT_TEXT && ct_test_find(value_sv(in)) >= 0;
	return true;
}
TEST(t_callable)
{
	UNUSED;
	*out = in.tag == CT_MACRO || in.tag == CT_FUNC || (in.tag == CT_BLOCKREF && in.u.obj);
	return true;
}

#define ROW(name, doc, ex, res, flags, fn)                                                                   \
	{                                                                                                    \
		{ name, name, doc, ex, res }, { 0 }, flags, 0, NULL, fn                                      \
	}
#define ROW1(name, sig, doc, ex, res, fn)                                                                    \
	{                                                                                                    \
		{ name, sig, doc, ex, res }, { "!other" }, 0, 0, NULL, fn                                    \
	}

const struct ct_row ct_test_rows[] = {
	ROW("defined", "the value exists", "{{ nope is defined }}", "False", ROW_UNDEF, t_defined),
	ROW("undefined", "the value does not exist", "{{ nope is undefined }}", "True", ROW_UNDEF,
	    t_undefined),
	ROW("none", "none", "{{ none is none }}", "True", ROW_UNDEF, t_none),
	ROW("boolean", "true or false", "{{ true is boolean }}", "True", ROW_UNDEF, t_boolean),
	ROW("true", "true itself", "{{ 1 is true }}", "False", ROW_UNDEF, t_true),
	ROW("false", "false itself", "{{ false is false }}", "True", ROW_UNDEF, t_false),
	ROW("integer", "an integer", "{{ 1.0 is integer }}", "False", ROW_UNDEF, t_integer),
	ROW("float", "a number with a fraction", "{{ 1.0 is float }}", "True", ROW_UNDEF, t_float),
	ROW("number", "any number", "{{ 1 is number }}", "True", ROW_UNDEF, t_number),
	ROW("string", "text", "{{ 'x' is string }}", "True", ROW_UNDEF, t_string),
	ROW("mapping", "a dict", "{{ {} is mapping }}", "True", ROW_UNDEF, t_mapping),
	ROW("sequence", "text, a list or a dict", "{{ [] is sequence }}", "True", 0, t_sequence),
	ROW("iterable", "something with items", "{{ 5 is iterable }}", "False", 0, t_iterable),
	ROW("odd", "an odd number", "{{ 3 is odd }}", "True", 0, t_odd),
	ROW("even", "an even number", "{{ 3 is even }}", "False", 0, t_even),
	ROW("upper", "all letters are upper case", "{{ 'AB' is upper }}", "True", 0, t_upper),
	ROW("lower", "all letters are lower case", "{{ 'aB' is lower }}", "False", 0, t_lower),
	ROW("filter", "the name of a filter", "{{ 'upper' is filter }}", "True", 0, t_filter),
	ROW("test", "the name of a test", "{{ 'odd' is test }}", "True", 0, t_test),
	ROW("callable", "something that can be called", "{{ range is callable }}", "True", ROW_UNDEF,
	    t_callable),
	{ { "divisibleby", "divisibleby(n)", "divisible without rest", "{{ 9 is divisibleby 3 }}", "True" },
	  { "!num" },
	  0,
	  0,
	  NULL,
	  t_divisibleby },
	{ { "in", "in(items)", "one of the items", "{{ 2 is in [1, 2] }}", "True" },
	  { "!seq" },
	  0,
	  0,
	  NULL,
	  t_in },
	ROW1("sameas", "sameas(other)", "the very same value", "{{ none is sameas none }}", "True", t_sameas),
	ROW1("eq", "eq(other)", "equal", "{{ 1 is eq 1 }}", "True", t_eq),
	ROW1("==", "==(other)", "equal", "{{ [1, 2]|select('==', 2)|join }}", "2", t_eq),
	ROW1("equalto", "equalto(other)", "equal", "{{ 1 is equalto 2 }}", "False", t_eq),
	ROW1("ne", "ne(other)", "not equal", "{{ 1 is ne 2 }}", "True", t_ne),
	ROW1("!=", "!=(other)", "not equal", "{{ [1, 2]|select('!=', 2)|join }}", "1", t_ne),
	ROW1("lt", "lt(other)", "less", "{{ 1 is lt 2 }}", "True", t_lt),
	ROW1("<", "<(other)", "less", "{{ [1, 2]|select('<', 2)|join }}", "1", t_lt),
	ROW1("lessthan", "lessthan(other)", "less", "{{ 1 is lessthan 2 }}", "True", t_lt),
	ROW1("le", "le(other)", "less or equal", "{{ 2 is le 2 }}", "True", t_le),
	ROW1("<=", "<=(other)", "less or equal", "{{ [1, 2]|select('<=', 1)|join }}", "1", t_le),
	ROW1("gt", "gt(other)", "greater", "{{ 3 is gt 2 }}", "True", t_gt),
	ROW1(">", ">(other)", "greater", "{{ [1, 2]|select('>', 1)|join }}", "2", t_gt),
	ROW1("greaterthan", "greaterthan(other)", "greater", "{{ 1 is greaterthan 2 }}", "False", t_gt),
	ROW1("ge", "ge(other)", "greater or equal", "{{ 2 is ge 2 }}", "True", t_ge),
	ROW1(">=", ">=(other)", "greater or equal", "{{ [1, 2]|select('>=', 2)|join }}", "2", t_ge),
	{ { NULL, NULL, NULL, NULL, NULL }, { 0 }, 0, 0, NULL, NULL },
};

/* ---- lookup ---- */

static const struct ct_row *const filter_tables[] = { ct_filters_text, ct_filters_seq, ct_filters_map,
						      ct_filters_num, ct_filters_lang };

const struct ct_row *ct_filter_row(unsigned id)
{
	for (size_t t = 0; t < COUNTOF(filter_tables); t++)
		for (const struct ct_row *r = filter_tables[t]; r->doc.name; r++)
			if (!id--)
				return r;
	return NULL;
}

const struct ct_row *ct_test_row(unsigned id)
{
	return id < COUNTOF(ct_test_rows) - 1 ? &ct_test_rows[id] : NULL;
}

int ct_filter_find(struct sv name)
{
	int id = 0;

	for (size_t t = 0; t < COUNTOF(filter_tables); t++)
		for (const struct ct_row *r = filter_tables[t]; r->doc.name; r++, id++)
			if (sv_eq(name, sv_from(r->doc.name)))
				return id;
	return -1;
}

int ct_test_find(struct sv name)
{
	for (size_t i = 0; i < COUNTOF(ct_test_rows) - 1; i++)
		if (sv_eq(name, sv_from(ct_test_rows[i].doc.name)))
			return (int)i;
	return -1;
}

bool ct_row_near(bool test, struct sv name, struct sv *near)
{
	unsigned least = 99, d;
	const struct ct_row *r;

	for (unsigned i = 0; (r = test ? ct_test_row(i) : ct_filter_row(i)) != NULL; i++)
		if (sv_is_near(name, sv_from(r->doc.name), &d) && d < least) {
			least = d;
			*near = sv_from(r->doc.name);
		}
	return least < 99;
}

const struct ct_doc *ct_filter_doc(size_t i)
{
	const struct ct_row *r = ct_filter_row((unsigned)i);

	return r ? &r->doc : NULL;
}

const struct ct_doc *ct_test_doc(size_t i)
{
	const struct ct_row *r = ct_test_row((unsigned)i);

	return r ? &r->doc : NULL;
}

static const struct {
	struct sv name;
	uint32_t value;
} builtins[] = {
	{ SV_INIT("range"), BUILTIN_RANGE },	     { SV_INIT("namespace"), BUILTIN_NAMESPACE },
	{ SV_INIT("index"), LOOP_INDEX << 8 },	     { SV_INIT("index0"), LOOP_INDEX0 << 8 },
	{ SV_INIT("revindex"), LOOP_REVINDEX << 8 }, { SV_INIT("revindex0"), LOOP_REVINDEX0 << 8 },
	{ SV_INIT("first"), LOOP_FIRST << 8 },	     { SV_INIT("last"), LOOP_LAST << 8 },
	{ SV_INIT("length"), LOOP_LENGTH << 8 },     { SV_INIT("depth"), LOOP_DEPTH << 8 },
	{ SV_INIT("depth0"), LOOP_DEPTH0 << 8 },     { SV_INIT("previtem"), LOOP_PREVITEM << 8 },
	{ SV_INIT("nextitem"), LOOP_NEXTITEM << 8 }, { SV_INIT("cycle"), LOOP_CYCLE << 8 },
	{ SV_INIT("changed"), LOOP_CHANGED << 8 },
};

uint32_t ct_builtin_find(struct sv name)
{
	for (size_t i = 0; i < COUNTOF(builtins); i++)
		if (sv_eq(name, builtins[i].name))
			return builtins[i].value;
	return 0;
}

struct sv ct_loop_attr_near(struct sv name)
{
	struct sv best = { NULL, 0 };
	unsigned least = 99, d;

	for (size_t i = 0; i < COUNTOF(builtins); i++)
		if (builtins[i].value >> 8 && sv_is_near(name, builtins[i].name, &d) && d < least) {
			least = d;
			best = builtins[i].name;
		}
	return best;
}
