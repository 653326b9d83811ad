#include <check.h>

#include "ctemplate/code.h"
#include "tests/unit/ctemplate_help.h"

/* Every code of the engine's table is shown by a template: its first finding, and how many there are. */

Suite *test_ctemplate_codes_suite(void);

/* Templates to include, by name. */
static const char *const others[][2] = {
	{ "lib", "{% macro m() %}{% endmacro %}" },
	{ "self", "{% include 'self' %}" },
	{ "a", "{% include 'b' %}" },
	{ "b", "{% include 'a' %}" },
	{ "other.json.j2", "1" },
	{ "1", "{% include '2' %}" },
	{ "2", "{% include '3' %}" },
	{ "3", "{% include '4' %}" },
	{ "4", "{% include '5' %}" },
	{ "5", "{% include '6' %}" },
	{ "6", "end" },
};

static const struct {
	enum ct_lang_id lang;
	const char *code, *text, *at;
} rows[] = {
	{ CT_LANG_TEXT, "T101", "{# x", "{#" },
	{ CT_LANG_TEXT, "T102", "{{ a ; }}", ";" },
	{ CT_LANG_TEXT, "T103", "{{ \"a }}", "\"" },
	{ CT_LANG_TEXT, "T104", "{{ 1 2 }}", "2" },
	{ CT_LANG_TEXT, "T105", "{{ 1|nope }}", "nope" },
	{ CT_LANG_TEXT, "T106", "{{ 1 is odd is even }}", "is" },
	{ CT_LANG_TEXT, "T107", "{% set true = 1 %}", "true" },
	{ CT_LANG_TEXT, "T108", "{% for x in l %}", "" },
	{ CT_LANG_TEXT, "T109", "{% from 'lib' import _x %}", "_x" },
	{ CT_LANG_TEXT, "T110", "{% block b %}{% endblock %}{% block b %}{% endblock %}", "b" },
	{ CT_LANG_TEXT, "T111", "{% block b required %}y{% endblock %}", "y" },
	{ CT_LANG_TEXT, "T112", "{% endif %}", "endif" },
	{ CT_LANG_TEXT, "T113", "{% nope %}", "nope" },
	{ CT_LANG_TEXT, "T201", "{{ nope }}", "nope" },
	{ CT_LANG_TEXT, "T202", "{{ v.nope }}", "v.nope" },
	{ CT_LANG_TEXT, "T203", "{{ 1 < 'a' }}", "1 < 'a'" },
	{ CT_LANG_TEXT, "T204", "{{ 'a'|join(',', nope=1) }}", "nope=1" },
	{ CT_LANG_TEXT, "T205", "{{ 1() }}", "1()" },
	{ CT_LANG_TEXT, "T206", "{{ 1 % 0 }}", "1 % 0" },
	{ CT_LANG_TEXT, "T207", "{{ 9223372036854775807 * 2 }}", "9223372036854775807 * 2" },
	{ CT_LANG_TEXT, "T208", "{% for a, b in [[1]] %}{% endfor %}", "a, b" },
	{ CT_LANG_TEXT, "T209", "{% for a in 1 %}{% endfor %}", "1" },
	{ CT_LANG_TEXT, "T210", "{{ 'x'|batch(0) }}", NULL },
	{ CT_LANG_TEXT, "T211", "{% block b required %}{% endblock %}", "{% block b required %}" },
	{ CT_LANG_TEXT, "T212", "{{ super() }}", "super()" },
	{ CT_LANG_PS, "T301", "{% if b %}'{% endif %}", "{% if b %}" },
	{ CT_LANG_PS, "T302", "{% for x in l %}'{% endfor %}", "{% for x in l %}" },
	{ CT_LANG_PS, "T303", "\"{{ v.t }}\"", "{{ v.t }}" },
	{ CT_LANG_PS, "T304", "a{{ v.t }}", "{{ v.t }}" },
	{ CT_LANG_PS, "T305", "caf\xc3\xa9", "\xc3\xa9" },
	{ CT_LANG_PS, "T306", "$a = {{ v.bidi }}", "v.bidi" },
	{ CT_LANG_PS, "T307", "'{{ l }}'", "l" },
	{ CT_LANG_PS, "T308", "'{{ v.e }}'", "v.e" },
	{ CT_LANG_JSON, "T309", "\"{{ v.t }}x\"", "x" },
	{ CT_LANG_PS, "T310", "$a = {{ v.t|json }}", "v.t|json" },
	{ CT_LANG_PS, "T311", "$a = {{ v.t|ps|upper }}", "v.t|ps|upper" },
	{ CT_LANG_PS, "T312", "{% include 'other.json.j2' %}", "{% include 'other.json.j2' %}" },
	{ CT_LANG_PS, "T313", "a#b", "#" },
	{ CT_LANG_PS, "T314", "'{% block b %}{% endblock %}'", "{% block b %}" },
	{ CT_LANG_PS, "T315", "@'x\n'@", "x" },
	{ CT_LANG_MARKUP, "T316", "<a b='c'>", "'" },
	{ CT_LANG_TEXT, "T401", NULL, NULL },
	{ CT_LANG_TEXT, "T402", "{{ 1 }}{{ 1 }}{{ 1 }}{{ 1 }}{{ 1 }}{{ 1 }}{{ 1 }}{{ 1 }}{{ 1 }}{{ 1 }}{{ 1 }}{{ 1 }}{{ 1 }}{{ 1 }}", NULL },
	{ CT_LANG_TEXT, "T403", "{{ ((((((((1)))))))) }}", NULL },
	{ CT_LANG_TEXT, "T404", "{% if b %}{% if b %}{% if b %}{% endif %}{% endif %}{% endif %}", "{% if b %}" },
	{ CT_LANG_TEXT, "T405", "{% include '1' %}", NULL },
	{ CT_LANG_TEXT, "T406", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "m()" },
	{ CT_LANG_TEXT, "T407", "{% for a in range(40) %}{% endfor %}", NULL },
	{ CT_LANG_TEXT, "T408", "{{ range(1000) }}", "range(1000)" },
	{ CT_LANG_TEXT, "T409", "{% for a in range(19) %}{{ [1, 2, 3, 4, 5, 6, 7, 8, 9]|sort }}{% endfor %}", NULL },
	{ CT_LANG_TEXT, "T410", "{{ 'x' * 2000 }}", "'x' * 2000" },
	{ CT_LANG_TEXT, "T411", "{{ 'x' * 900 }}{{ 'x' * 900 }}", NULL },
	{ CT_LANG_TEXT, "T412", "{{ [1] * 200 }}", "[1] * 200" },
	{ CT_LANG_TEXT, "T413", "{{ '%99d'|format(1) }}", "'%99d'|format(1)" },
	{ CT_LANG_TEXT, "T414", NULL, NULL },
	{ CT_LANG_TEXT, "T501", "{% extends 'nope' %}", "{% extends 'nope' %}" },
	{ CT_LANG_TEXT, "T502", "a\xff", "\xff" },
	{ CT_LANG_TEXT, "T503", "{% include 'a' %}", NULL },
};

/* Shown elsewhere: by the receiver of the output; by the command line, which reads the data. */
static const char *const shown_elsewhere[] = { "T213", "T504" };

static struct ct_limits small(void)
{
	struct ct_limits l = ct_default_limits;

	l.source_bytes = 5000;
	l.tokens = 40;
	l.expr_depth = 7;
	l.stmt_depth = 2;
	l.include_depth = 4;
	l.macro_depth = 5;
	l.loop_turns = 20;
	l.range_items = 100;
	l.list_items = 100;
	l.fuel = 400;
	l.text_bytes = 1000;
	l.output_bytes = 1000;
	l.format_width = 50;
	return l;
}

static struct ct_value context(struct arena *a)
{
	struct ct_value c = ct_dict_new(a, 0), v = ct_dict_new(a, 0), l = ct_list_new(a, 0);

	ct_dict_set(a, &v, SV("t"), ct_text(SV("text")));
	ct_dict_set(a, &v, SV("e"), ct_text(SV("\xc3\xa9")));
	ct_dict_set(a, &v, SV("bidi"), ct_text(SV("x\xe2\x80\xaey")));
	ct_list_add(a, &l, ct_int(1));
	ct_dict_set(a, &c, SV("v"), v);
	ct_dict_set(a, &c, SV("l"), l);
	ct_dict_set(a, &c, SV("b"), ct_bool(true));
	return c;
}

/* The templates too long to be written out. */
static struct sv made_text(const char *code, struct arena *a)
{
	struct buf b = { 0 };
	struct sv s;

	if (strcmp(code, "T401") == 0) {
		buf_fill(&b, 'x', 5001);
	} else {
		for (unsigned i = 0; i < 300; i++)
			buf_fmt(&b, "%sa%u=1", i ? "," : "{% with ", i);
		buf_str(&b, " %}{% endwith %}");
	}
	s = buf_take(&b, a);
	buf_release(&b);
	return s;
}

static void check_row(size_t i)
{
	struct ct_options o = { .lang = rows[i].lang };
	struct ct_limits l = small();
	const struct diag *g;
	struct ct_run r;
	struct sv text;

	if (strcmp(rows[i].code, "T402") != 0)
		l.tokens = 4000;
	ct_run_begin(&r, &o, &l);
	if (strcmp(rows[i].code, "T312") == 0)
		r.env->options.lang = CT_LANG_AUTO;
	r.others = json_object();
	for (size_t k = 0; k < sizeof(others) / sizeof(*others); k++)
		json_object_set_new(r.others, others[k][0], json_string(others[k][1]));
	text = rows[i].text ? sv_from(rows[i].text) : made_text(rows[i].code, &r.perm);
	ct_run_text(&r, SV("t.ps1"), text, context(&r.perm));
	ck_assert_msg(!r.ok && r.diags.v.n == 1, "%s: %zu findings", rows[i].code, r.diags.v.n);
	g = r.diags.v.v[0];
	ck_assert_msg(strcmp(g->info->code, rows[i].code) == 0, "%s: %s, %.*s", rows[i].code, g->info->code,
		      (int)g->msg.n, g->msg.p);
	if (rows[i].at)
		ck_assert_msg(sv_eq(span_text(&r.sources, g->at), sv_from(rows[i].at)), "%s: at '%.*s'", rows[i].code,
			      (int)span_text(&r.sources, g->at).n, span_text(&r.sources, g->at).p);
	json_decref(r.others);
	ct_run_end(&r);
}

START_TEST(every_code_is_shown)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check_row(i);
	for (size_t k = 0; k < ct_codes_count; k++) {
		bool seen = false;

		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			seen |= strcmp(rows[i].code, ct_codes[k].code) == 0;
		for (size_t i = 0; i < sizeof(shown_elsewhere) / sizeof(*shown_elsewhere); i++)
			seen |= strcmp(shown_elsewhere[i], ct_codes[k].code) == 0;
		ck_assert_msg(seen, "no template shows %s", ct_codes[k].code);
	}
}
END_TEST

static bool refuse(void *user, struct sv piece)
{
	(void)user;
	(void)piece;
	return false;
}

START_TEST(output_that_nobody_takes)
{
	struct ct_options o = { .lang = CT_LANG_TEXT };
	const struct ct_template *t;
	struct ct_run r;

	ct_run_begin(&r, &o, NULL);
	t = ct_compile(r.env, SV("t"), SV("x"));
	ck_assert(t && !ct_render(r.env, t, ct_dict_new(&r.perm, 0), &r.scratch, refuse, NULL));
	ck_assert_uint_eq(r.diags.v.n, 1);
	ck_assert_str_eq(r.diags.v.v[0]->info->code, "T213");
	ct_run_end(&r);
}
END_TEST

Suite *test_ctemplate_codes_suite(void)
{
	Suite *s = suite_create("ctemplate codes");
	TCase *t = tcase_create("codes");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_code_is_shown);
	tcase_add_test(t, output_that_nobody_takes);
	suite_add_tcase(s, t);
	return s;
}
