#include <check.h>

#include "ctemplate/code.h"
#include "tests/unit/ctemplate_help.h"

/* The engine's own promises: documented examples, findings with their places, limits, embedding. */

Suite *test_ctemplate_suite(void);

static const struct ct_options plain = { .lang = CT_LANG_TEXT };

static void check_doc(const struct ct_doc *d)
{
	struct ct_run r;

	ck_assert(d->name && d->signature && d->doc && d->example && d->result);
	ck_assert_uint_le(strlen(d->doc), 72);
	ct_run_begin(&r, &plain, NULL);
	ct_run_text(&r, SV("example"), sv_from(d->example), ct_dict_new(&r.perm, 0));
	ck_assert_msg(r.ok && sv_eq(buf_view(&r.out), sv_from(d->result)), "%s: %s gives %.*s, not %s %.*s",
		      d->name, d->example, (int)r.out.n, r.out.p, d->result,
		      r.diags.v.n ? (int)r.diags.v.v[0]->msg.n : 0, r.diags.v.n ? r.diags.v.v[0]->msg.p : "");
	ct_run_end(&r);
}

START_TEST(every_example_runs)
{
	size_t filters = 0, tests = 0;

	for (; ct_filter_doc(filters); filters++)
		check_doc(ct_filter_doc(filters));
	for (; ct_test_doc(tests); tests++)
		check_doc(ct_test_doc(tests));
	ck_assert_uint_ge(filters, 43);
	ck_assert_uint_ge(tests, 35);
}
END_TEST

/* A text, the code of its first finding, and the text it points to. */
static const struct {
	const char *text, *code, *at, *help;
} findings[] = {
	{ "a {# b", "T101", "{#", "close it" },
	{ "{% raw %} x", "T101", "{% raw %}", "endraw" },
	{ "{{ a && b }}", "T102", "&", "write 'and'" },
	{ "{{ 99999999999999999999 }}", "T102", "99999999999999999999", NULL },
	{ "{{ 'a }}", "T103", "'", "close it" },
	{ "{{ a b }}", "T104", "b", NULL },
	{ "{{ f(a=1, 2) }}", "T104", "2", NULL },
	{ "{{ a|uper }}", "T105", "uper", "'upper'" },
	{ "{{ a is defind }}", "T105", "defind", "'defined'" },
	{ "{{ a is odd is even }}", "T106", "is", NULL },
	{ "{% set none = 1 %}", "T107", "none", NULL },
	{ "{% if a %}", "T108", "", NULL },
	{ "{% from 'a' import _b %}", "T109", "_b", NULL },
	{ "{% block a %}{% endblock %}{% block a %}{% endblock %}", "T110", "a", NULL },
	{ "{% block a required %}x{% endblock %}", "T111", "x", NULL },
	{ "{% if a %}{% endfor %}{% endif %}", "T112", "endfor", NULL },
	{ "{% if a %}{% endfi %}", "T112", "endfi", NULL },
	{ "{% for a in b %}{% edfor %}{% endfor %}", "T113", "edfor", NULL },
	{ "{% block a %}{% endblok %}{{ a }}", "T112", "endblok", NULL },
	{ "{% iff a %}", "T113", "iff", "'if'" },
	{ "{{ nme }}", "T201", "nme", "'name'" },
	{ "{{ vm.nam }}", "T202", "vm.nam", "'name'" },
	{ "{{ vm.items() }}", "T202", "vm.items", "'|items'" },
	{ "{{ name.upper() }}", "T202", "name.upper", "'|upper'" },
	{ "{% for x in [1] %}{{ loop.idnex }}{% endfor %}", "T202", "loop.idnex", "'index'" },
	{ "{% set name 5 %}", "T104", "5", NULL },
	{ "{% macro %}{% endmacro %}", "T104", "%}", NULL },
	{ "{% include '../x' %}", "T501", "{% include '../x' %}", "never out of it" },
	{ "{{ 1 + 'a' }}", "T203", "1 + 'a'", NULL },
	{ "{{ 'a'|replace('b') }}", "T204", "'a'|replace('b')", "replace(old, new, count)" },
	{ "{{ 'x'() }}", "T205", "'x'()", NULL },
	{ "{{ 1 // 0 }}", "T206", "1 // 0", NULL },
	{ "{{ 9223372036854775807 + 1 }}", "T207", "9223372036854775807 + 1", NULL },
	{ "{% set a, b = [1] %}", "T208", "a, b", NULL },
	{ "{% for x in 5 %}{% endfor %}", "T209", "5", NULL },
	{ "{{ 'abc'|truncate(1) }}", "T210", "'abc'|truncate(1)", NULL },
	{ "{% block a required %}{% endblock %}", "T211", "{% block a required %}", NULL },
	{ "{% block a %}{{ super() }}{% endblock %}", "T212", "super()", NULL },
	{ "{{ 'x'|ps_sq|upper }}", "T311", "'x'|ps_sq|upper", "escape it last" },
	{ "{% if false %}{{ name|ps|trim }}{% endif %}", "T311", "name|ps|trim", NULL },
	{ "{{ (name|ps) ~ 'x' }}", "T311", "(name|ps) ~ 'x'", NULL },
	{ "{{ name|ps + name }}", "T311", "name|ps + name", NULL },
	{ "{{ 2 * name|json }}", "T311", "2 * name|json", NULL },
	{ "{{ (name|ps)[1:] }}", "T311", "(name|ps)[1:]", NULL },
	{ "{% set x %}{% set y = vm.name|md|lower %}{% endset %}", "T311", "vm.name|md|lower", NULL },
	{ "{% macro m(a=name|ps|upper) %}{% endmacro %}", "T311", "name|ps|upper", NULL },
	{ "{% if (name|ps)|upper == 'X' %}{% endif %}", "T311", "(name|ps)|upper", NULL },
	{ "{{ [name|ps|upper] }}", "T311", "name|ps|upper", NULL },
	{ "{{ {'a': name|ps|upper}.a }}", "T311", "name|ps|upper", NULL },
	{ "{{ 'a'|replace(name|ps|upper, 'b') }}", "T311", "name|ps|upper", NULL },
	{ "{% for x in (name|ps)|list %}{% endfor %}", "T311", "(name|ps)|list", NULL },
	{ "{% include name|ps|upper %}", "T311", "name|ps|upper", NULL },
	{ "{% set x = name|ps %}{{ x|upper }}", "T311", "x|upper", NULL }, /* while it runs */
	{ "{% include 'nope' %}", "T501", "{% include 'nope' %}", NULL },
};

START_TEST(findings_point_to_their_place)
{
	for (size_t i = 0; i < sizeof(findings) / sizeof(*findings); i++) {
		struct ct_run r;
		struct ct_value ctx, vm;
		const struct diag *g;

		ct_run_begin(&r, &plain, NULL);
		ctx = ct_dict_new(&r.perm, 0);
		vm = ct_dict_new(&r.perm, 0);
		ct_dict_set(&r.perm, &vm, SV("name"), ct_text(SV("x")));
		ct_dict_set(&r.perm, &ctx, SV("vm"), vm);
		ct_dict_set(&r.perm, &ctx, SV("name"), ct_text(SV("x")));
		ct_run_text(&r, SV("t"), sv_from(findings[i].text), ctx);
		ck_assert_msg(!r.ok && r.diags.v.n == 1, "%s: %zu findings", findings[i].text, r.diags.v.n);
		g = r.diags.v.v[0];
		ck_assert_msg(strcmp(g->info->code, findings[i].code) == 0, "%s: %s", findings[i].text,
			      g->info->code);
		ck_assert_msg(sv_eq(span_text(&r.sources, g->at), sv_from(findings[i].at)), "%s: at '%.*s'",
			      findings[i].text, (int)g->at.len, findings[i].text + g->at.off);
		ck_assert_msg(!findings[i].help || sv_search(g->help, sv_from(findings[i].help)) >= 0,
			      "%s: help %.*s", findings[i].text, (int)g->help.n, g->help.p);
		ct_run_end(&r);
	}
}
END_TEST

static const struct {
	const char *text, *code;
} limits[] = {
	{ "{{ (((((((((((((((((((((1))))))))))))))))))))) }}", "T403" },
	{ "{% if a %}{% if a %}{% if a %}{% if a %}{% if a %}{% endif %}{% endif %}{% endif %}{% endif %}{% "
	  "endif "
	  "%}",
	  "T404" },
	{ "{% include 'self' %}", "T503" },
	{ "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "T406" },
	{ "{% for a in range(90) %}{% for b in range(90) %}{% endfor %}{% endfor %}", "T407" },
	{ "{{ range(1000000000000000000)|list }}", "T408" },
	{ "{{ 'x' * 1000000000 }}", "T410" },
	{ "{{ 'x'|center(1000000000) }}", "T410" },
	{ "{{ 'a\nb'|indent(1000000000) }}", "T410" },
	{ "{% for a in range(50) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' * 50 "
	  "}}{% "
	  "endfor %}",
	  "T411" },
	{ "{{ [1] * 100000 }}", "T412" },
	{ "{{ '%999999999d'|format(1) }}", "T413" },
	{ "{{ 2 ** 1000000000 }}", "T207" },
	{ "{{ 'aaaaaaaaaaaaaaaaaaaa'|replace('', 'bbbbbbbbbbbbbbbbbbbbbbbbbbb' * 100) }}", "T410" },
	{ "{% for a in range(60) %}{{ 'x'|upper }}{{ [1, 2, 3]|sort|join }}{% endfor %}", "T409" },
};

START_TEST(limits_hold)
{
	struct ct_limits l = ct_default_limits;

	l.expr_depth = 20;
	l.stmt_depth = 4;
	l.loop_turns = 1000;
	l.text_bytes = 10000;
	l.list_items = 50000;
	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		struct ct_run r;
		struct ct_limits mine = l;

		mine.fuel = strcmp(limits[i].code, "T409") == 0 ? 500 : l.fuel;
		mine.output_bytes = strcmp(limits[i].code, "T411") == 0 ? 1000 : l.output_bytes;
		ct_run_begin(&r, &plain, &mine);
		r.others = json_pack("{ss}", "self", "{% include 'self' %}");
		ct_run_text(&r, SV("t"), sv_from(limits[i].text), ct_dict_new(&r.perm, 0));
		ck_assert_msg(!r.ok && r.diags.v.n == 1, "%s", limits[i].text);
		ck_assert_msg(strcmp(r.diags.v.v[0]->info->code, limits[i].code) == 0, "%s: %s",
			      limits[i].text, r.diags.v.v[0]->info->code);
		json_decref(r.others);
		ct_run_end(&r);
	}
}
END_TEST

/* 1 MiB of one thing: refused or rendered, quickly. */
START_TEST(pathological_sources)
{
	static const char *const units[] = { "{{",   "{% if a %}", "{{ a|upper ", "{# ", "{% raw %}",
					     "((((", "{{ (",	   "{{ 'a",	  "{{ -" };
	static char text[1 << 20];

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		size_t n = strlen(units[i]);
		struct ct_run r;

		for (size_t k = 0; k < sizeof(text); k++)
			text[k] = units[i][k % n];
		ct_run_begin(&r, &plain, NULL);
		ct_run_text(&r, SV("t"), (struct sv){ text, sizeof(text) }, ct_dict_new(&r.perm, 0));
		ck_assert_msg(r.ok == (i == 5), "%s", units[i]);
		ck_assert_msg(r.ok || (r.diags.v.n >= 1 && r.diags.v.n <= 21), "%s", units[i]);
		ct_run_end(&r);
	}
}
END_TEST

/* A failure leads from the template through its callers to the line of the user's file. */
START_TEST(backtrace)
{
	struct ct_run r;
	struct ct_value ctx, vm, vms;
	struct buf text = { 0 };
	struct report_opts o = { 0 };
	uint32_t yaml;

	ct_run_begin(&r, &plain, NULL);
	r.others = json_pack("{ss}", "vm", "line\n{{ vm.ipp }}");
	yaml = sources_add(&r.sources, SV("lab.yaml"), SV("vms:\n- name: a\n- name: b\n"));
	ctx = ct_dict_new(&r.perm, 0);
	vms = ct_list_new(&r.perm, 2);
	for (int i = 0; i < 2; i++) {
		vm = ct_dict_new(&r.perm, 0);
		ct_dict_set(&r.perm, &vm, i ? SV("ip") : SV("ipp"), ct_text(SV("x")));
		ct_list_add_at(&r.perm, &vms, vm, (struct span){ yaml, i ? 17 : 7, 7 });
	}
	ct_dict_set(&r.perm, &ctx, SV("vms"), vms);
	ct_run_text(&r, SV("lab"), SV("{% for vm in vms %}\n{% include 'vm' %}\n{% endfor %}"), ctx);
	ck_assert(!r.ok);
	report_text(&text, &r.diags, &o);
	buf_ch(&text, '\0');
	ck_assert_msg(strstr(text.p, "vm:2:4: error[T202]: 'vm' (a dict) has no key 'ipp'"), "%s", text.p);
	ck_assert_msg(strstr(text.p, "did you mean 'ip'?"), "%s", text.p);
	ck_assert_msg(strstr(text.p, "lab:2:1: note: in include 'vm'"), "%s", text.p);
	ck_assert_msg(strstr(text.p, "turn 2 of this loop"), "%s", text.p);
	ck_assert_msg(strstr(text.p, "lab.yaml:3:3: note: the value was read here"), "%s", text.p);
	buf_release(&text);
	json_decref(r.others);
	ct_run_end(&r);
}
END_TEST

/* Several mistakes in one compilation, each told once. */
START_TEST(goes_on_after_errors)
{
	struct ct_run r;

	ct_run_begin(&r, &plain, NULL);
	ct_run_text(&r, SV("t"),
		    SV("{{ 1 + }}\n{% if %}\n{{ a|nope }}{% endif %}\n{% for x y %}{% endfor %}{{ ok }}"),
		    ct_dict_new(&r.perm, 0));
	ck_assert_uint_eq(r.diags.v.n, 4);
	ct_run_end(&r);
}
END_TEST

START_TEST(rows_are_complete)
{
	for (size_t i = 0; i < ct_codes_count; i++) {
		ck_assert(ct_codes[i].code && ct_codes[i].name && ct_codes[i].summary && ct_codes[i].why);
		ck_assert_uint_le(strlen(ct_codes[i].summary), 72);
		ck_assert_int_eq(ct_codes[i].code[0], 'T');
		if (i)
			ck_assert_int_lt(strcmp(ct_codes[i - 1].code, ct_codes[i].code), 0);
	}
}
END_TEST

/* What is compiled can be verified, dumped, and rendered from a table without its source. */
/* Dicts of one layout share their keys for as long as they get the same ones. */
START_TEST(layouts)
{
	static const char *const keys[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l" };
	struct arena a;
	struct ct_layout *l;
	struct ct_value d[4], v;

	arena_init(&a, 0);
	l = ct_layout_new(&a);
	for (int k = 0; k < 4; k++) {
		d[k] = ct_dict_like(&a, l);
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			if (k == 2 && i == 5) /* another key than the others have there */
				ct_dict_set(&a, &d[k], SV("z"), ct_int(99));
			if (k == 3 && i == 9) /* fewer */
				break;
			/* the same text elsewhere in memory is the same key */
			ct_dict_set(&a, &d[k], k == 1 ? sv_dup(&a, sv_from(keys[i])) : sv_from(keys[i]),
				    ct_int((int64_t)i + 100 * k));
		}
		ct_dict_set(&a, &d[k], SV("a"), ct_int(7)); /* replaced, not added */
	}
	for (int k = 0; k < 4; k++) {
		ck_assert_uint_eq(ct_count(d[k]), k == 2 ? 13 : k == 3 ? 9 : 12);
		for (size_t i = 1; i < ct_count(d[k]) && i < sizeof(keys) / sizeof(keys[0]); i++) {
			ck_assert(ct_dict_get(d[k], sv_from(keys[i]), &v));
			ck_assert_int_eq(v.u.i, (int64_t)i + 100 * k);
		}
		ck_assert(ct_dict_get(d[k], SV("a"), &v));
		ck_assert_int_eq(v.u.i, 7);
		ck_assert(ct_dict_get(d[k], SV("z"), &v) == (k == 2));
		ck_assert(ct_dict_get(d[k], SV("l"), &v) == (k != 3));
	}
	/* what comes behind the last common key is each one's own, and seen by no other */
	ct_dict_set(&a, &d[0], SV("m"), ct_int(1));
	ct_dict_set(&a, &d[1], SV("n"), ct_int(2));
	ck_assert(!ct_dict_get(d[0], SV("n"), &v) && !ct_dict_get(d[1], SV("m"), &v));
	ck_assert(ct_dict_get(d[1], SV("n"), &v) && v.u.i == 2);
	arena_release(&a);
}
END_TEST

START_TEST(stages_and_embedding)
{
	static const char text[] =
	    "{% macro m(a, b=2) %}{{ a ~ b }}{% endmacro %}{% for x in xs if x is odd %}"
	    "{{ loop.index }}{{ m(x, *[3]) }}{{ 1 < x <= 9 and x }}{% else %}none{% endfor %}";
	struct ct_run r, s;
	const struct ct_template *t;
	struct ct_embedded row = { .name = "e", .text = text, .text_len = sizeof(text) - 1 };
	struct ct_value ctx, xs;
	struct buf out = { 0 };

	ct_run_begin(&r, &plain, NULL);
	t = ct_compile(r.env, SV("e"), sv_from(text));
	ck_assert_ptr_nonnull(t);
	ck_assert_ptr_null(ct_verify(t->code, &r.scratch));
	ct_dump(r.env, SV("e"), sv_from(text), &out);
	ck_assert_int_ge(sv_search(buf_view(&out), SV("ENDFILTER")), 0);
	ck_assert_int_ge(sv_search(buf_view(&out), SV("macro 1:1 m")), 0);
	row.code = t->code;
	ct_run_begin(&s, &plain, NULL);
	ct_env_embedded(s.env, &row, 1);
	t = ct_get(s.env, SV("e"));
	ck_assert_ptr_nonnull(t);
	ctx = ct_dict_new(&s.perm, 0);
	xs = ct_list_new(&s.perm, 0);
	for (int i = 0; i < 5; i++)
		ct_list_add(&s.perm, &xs, ct_int(i));
	ct_dict_set(&s.perm, &ctx, SV("xs"), xs);
	out.n = 0;
	ck_assert(ct_render(s.env, t, ctx, &s.scratch, ct_out_buf, &out));
	ck_assert_msg(sv_eq(buf_view(&out), SV("113False2333")), "%.*s", (int)out.n, out.p);
	ck_assert_ptr_null(ct_get(s.env, SV("nope")));
	ck_assert_str_eq(s.diags.v.v[0]->info->code, "T501");
	buf_release(&out);
	ct_run_end(&s);
	ct_run_end(&r);
}
END_TEST

Suite *test_ctemplate_suite(void)
{
	Suite *s = suite_create("ctemplate");
	TCase *t = tcase_create("engine");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_example_runs);
	tcase_add_test(t, findings_point_to_their_place);
	tcase_add_test(t, limits_hold);
	tcase_add_test(t, pathological_sources);
	tcase_add_test(t, backtrace);
	tcase_add_test(t, goes_on_after_errors);
	tcase_add_test(t, rows_are_complete);
	tcase_add_test(t, layouts);
	tcase_add_test(t, stages_and_embedding);
	suite_add_tcase(s, t);
	return s;
}
