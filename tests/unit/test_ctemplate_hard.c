#include <check.h>

#include "tests/unit/ctemplate_help.h"

/* Templates written to hurt: long, deep, expensive. Each ends soon, with one finding or a result. The
 * fuel of these runs is small, so a loop that does not pay for its work shows as a timeout. */

Suite *test_ctemplate_hard_suite(void);

static const struct ct_options plain = { .lang = CT_LANG_TEXT };

/* head, then unit n times (%u in it is the number), then tail */
static const struct {
	const char *head, *unit, *tail;
	unsigned n;
	const char *code; /* NULL: it renders */
} long_ones[] = {
	{ "{% if true %}", "{% elif a %}", "{% endif %}", 40000, "T404" },
	{ "{% if true %}", "{% elif a %}", "{% endif %}", 200, NULL },
	{ "{% with ", "a%u=1,", " b=1 %}{% endwith %}", 40000, "T414" },
	{ "{% for ", "a%u,", "b in x %}{% endfor %}", 60000, "T414" },
	{ "{% for x in [1] %}", "{% set a%u = 1 %}", "{% endfor %}", 25000, "T414" },
	{ "", "{% set a%u = 1 %}", "", 25000, NULL },
	{ "", "{% block b%u %}{% endblock %}", "", 15000, "T414" },
	{ "{% macro m(", "a%u,", "b) %}{% endmacro %}", 40000, "T414" },
	{ "{{ [", "1,", "1] }}", 90000, "T414" },
	{ "{{ 1", "+1", " }}", 90000, "T403" },
	{ "{{ 1", "|string", " }}", 60000, "T403" },
	{ "{{ 'a'", "[0]", " }}", 60000, "T403" },
	{ "{{ ", "not ", "1 }}", 90000, "T403" },
	{ "{{ 1", "<1", " }}", 90000, "T414" },
	{ "", "{%", "", 60000, "T104" },
	{ "", "{{", "", 60000, "T403" },
	{ "", "{{ 1 }}", "", 70000, "T402" },
	{ "", "0123456789abcdef", "", 65537, "T401" },
};

START_TEST(long_templates)
{
	for (size_t i = 0; i < sizeof(long_ones) / sizeof(*long_ones); i++) {
		struct buf text = { 0 };
		struct ct_run r;

		buf_str(&text, long_ones[i].head);
		for (unsigned k = 0; k < long_ones[i].n; k++) {
			const char *u = strstr(long_ones[i].unit, "%u");

			if (!u) {
				buf_str(&text, long_ones[i].unit);
				continue;
			}
			buf_add(&text, long_ones[i].unit, (size_t)(u - long_ones[i].unit));
			buf_fmt(&text, "%u%s", k, u + 2);
		}
		buf_str(&text, long_ones[i].tail);
		ct_run_begin(&r, &plain, NULL);
		ct_run_text(&r, SV("t"), buf_view(&text), ct_dict_new(&r.perm, 0));
		ck_assert_msg(r.ok == !long_ones[i].code, "%s: %s", long_ones[i].unit,
			      r.diags.v.n ? r.diags.v.v[0]->info->code : "renders");
		if (long_ones[i].code)
			ck_assert_msg(r.diags.v.n <= 2 &&
					  strcmp(r.diags.v.v[0]->info->code, long_ones[i].code) == 0,
				      "%s: %zu findings, %s", long_ones[i].unit, r.diags.v.n,
				      r.diags.v.v[0]->info->code);
		ct_run_end(&r);
		buf_release(&text);
	}
}
END_TEST

/* Work that is hidden in one instruction is paid for: all of these run out of fuel, none of time. */
static const char *const costly[] = {
	"{{ (['a' * 100000] * 100000)|sort|length }}",
	"{{ (['a' * 100000] * 100000)|min|length }}",
	"{{ (['a' * 100000] * 100000)|unique|length }}",
	"{{ (['a' * 100000] * 100000)|unique(case_sensitive=true)|length }}",
	"{% set a = 'x' * 1000000 %}{% set b = 'x' * 1000000 %}{% for i in range(100000) %}{{ a == b }}{% endfor %}",
	"{% set a = [1] * 50000 %}{% set b = [1] * 50000 %}{% for i in range(100000) %}{{ a == b }}{% endfor %}",
	"{% set a = [[1] * 50000] * 50000 %}{% set b = [1] * 49999 + [2] %}{{ b in a }}",
	"{% set a = 'x' * 1000000 %}{% for i in range(100000) %}{{ a|wordcount }}{% endfor %}",
	"{% set a = 'x' * 1000000 %}{% for i in range(100000) %}{{ a|length }}{% endfor %}",
	"{% set a = 'x' * 1000000 %}{% for i in range(100000) %}{{ a is lower }}{% endfor %}",
	"{% set a = 'x' * 1000000 %}{% for i in range(100000) %}{{ 'y' in a }}{% endfor %}",
	"{% set a = 'x' * 1000000 %}{% set d = {} %}{% for i in range(100000) %}{{ d[a] is defined }}{% endfor %}",
	"{% set a = [1] * 50000 %}{% for i in range(100000) %}{{ a|sum }}{% endfor %}",
	"{% set a = [1] * 50000 %}{% for i in range(100000) %}{{ a|max }}{% endfor %}",
	"{% for x in ['a' * 100000] * 50000 %}{{ loop.changed(x) }}{% endfor %}",
};

START_TEST(hidden_work_is_paid)
{
	struct ct_limits l = ct_default_limits;

	l.fuel = 1000000;
	for (size_t i = 0; i < sizeof(costly) / sizeof(*costly); i++) {
		struct ct_run r;

		ct_run_begin(&r, &plain, &l);
		ct_run_text(&r, SV("t"), sv_from(costly[i]), ct_dict_new(&r.perm, 0));
		ck_assert_msg(!r.ok && r.diags.v.n == 1, "%s", costly[i]);
		ck_assert_msg(strcmp(r.diags.v.v[0]->info->code, "T409") == 0, "%s: %s", costly[i],
			      r.diags.v.v[0]->info->code);
		ct_run_end(&r);
	}
}
END_TEST

/* Lists that hold each other many times over are compared to the end or not at all, never guessed. */
START_TEST(comparing_never_guesses)
{
	static const char text[] =
	    "{% set n = namespace(x=[1], y=[1]) %}{% for i in range(40) %}{% set n.x = [n.x, n.x] %}"
	    "{% set n.y = [n.y, n.y] %}{% endfor %}{{ n.x == n.y }}";
	struct ct_run r;

	ct_run_begin(&r, &plain, NULL);
	ct_run_text(&r, SV("t"), sv_from(text), ct_dict_new(&r.perm, 0));
	ck_assert_msg(!r.ok, "%.*s", (int)r.out.n, r.out.p);
	ck_assert_str_eq(r.diags.v.v[0]->info->code, "T409");
	ct_run_end(&r);
}
END_TEST

Suite *test_ctemplate_hard_suite(void)
{
	Suite *s = suite_create("ctemplate hard");
	TCase *t = tcase_create("hard");

	tcase_set_timeout(t, 20);
	tcase_add_test(t, long_templates);
	tcase_add_test(t, hidden_work_is_paid);
	tcase_add_test(t, comparing_never_guesses);
	suite_add_tcase(s, t);
	return s;
}
