#include <check.h>

#include "tests/unit/ctemplate_help.h"

/* The conformance cases: exact bytes, and for errors the template and line. */

Suite *test_ctemplate_conformance_suite(void);

/* Cases where the engine differs on purpose; SPEC.md says why. */
static const char *const deviations[] = { NULL };

static bool flag(json_t *c, json_t *defaults, const char *name)
{
	json_t *v = json_object_get(json_object_get(c, "options"), name);

	return json_is_true(v ? v : json_object_get(defaults, name));
}

static const char *kind_of(const struct diag *g)
{
	const char *code = g->info->code;

	if (strcmp(code, "T501") == 0)
		return "not-found";
	if (strcmp(code, "T201") == 0 || strcmp(code, "T202") == 0 || strcmp(code, "T212") == 0)
		return "undefined";
	return code[1] == '1' ? "syntax" : "runtime";
}

static bool check_error(struct ct_run *r, json_t *want, char *why, size_t cap)
{
	const struct diag *g = NULL;
	struct pos p;
	const char *name, *expected = json_string_value(json_object_get(want, "template"));
	json_int_t line = json_integer_value(json_object_get(want, "line"));
	const char *kind = json_string_value(json_object_get(want, "kind"));

	if (r->ok) {
		snprintf(why, cap, "no error, expected %s at line %d; output [%.*s]", kind, (int)line,
			 (int)r->out.n, r->out.p);
		return false;
	}
	if (!r->diags.v.n) {
		snprintf(why, cap, "failed without a finding");
		return false;
	}
	g = r->diags.v.v[0];
	if (g->at.src == UINT32_MAX) {
		snprintf(why, cap, "error without a place");
		return false;
	}
	p = source_pos(&r->sources, g->at.src, g->at.off);
	name = sv_cstr(&r->perm, sources_get(&r->sources, g->at.src)->name);
	if (strcmp(name, expected) != 0 || p.line != line || strcmp(kind, kind_of(g)) != 0) {
		snprintf(why, cap, "%s:%u %s (%.*s), expected %s:%d %s", name, p.line, kind_of(g),
			 (int)g->msg.n, g->msg.p, expected, (int)line, kind);
		return false;
	}
	return true;
}

static bool run_case(json_t *c, json_t *defaults, char *why, size_t cap)
{
	struct ct_options o = { CT_LANG_TEXT, flag(c, defaults, "trim_blocks"),
				flag(c, defaults, "lstrip_blocks"),
				flag(c, defaults, "keep_trailing_newline") };
	json_t *text = json_object_get(c, "template"), *want = json_object_get(c, "expected");
	struct ct_run r;
	bool ok;

	ct_run_begin(&r, &o, NULL);
	r.others = json_object_get(c, "templates");
	ct_run_text(&r, SV(""), (struct sv){ json_string_value(text), json_string_length(text) },
		    ct_from_json(&r.perm, json_object_get(c, "context")));
	if (want) {
		ok = r.ok && r.out.n == json_string_length(want) &&
		     (!r.out.n || memcmp(r.out.p, json_string_value(want), r.out.n) == 0);
		if (!ok && r.diags.v.n)
			snprintf(why, cap, "%s %.*s", r.diags.v.v[0]->info->code, (int)r.diags.v.v[0]->msg.n,
				 r.diags.v.v[0]->msg.p);
		else if (!ok)
			snprintf(why, cap, "got [%.*s] expected [%s]", (int)r.out.n, r.out.p,
				 json_string_value(want));
	} else {
		ok = check_error(&r, json_object_get(c, "error"), why, cap);
	}
	ct_run_end(&r);
	return ok;
}

static bool is_deviation(const char *id)
{
	for (const char *const *d = deviations; *d; d++)
		if (strcmp(*d, id) == 0)
			return true;
	return false;
}

START_TEST(conformance)
{
	json_t *all = ct_contract("jinja-conformance.json"), *c, *cases;
	size_t i, passed = 0, failed = 0, listed = 0;
	char why[2000];

	if (!all)
		return;
	cases = json_object_get(all, "cases");
	json_array_foreach(cases, i, c)
	{
		const char *id = json_string_value(json_object_get(c, "id"));

		why[0] = '\0';
		if (run_case(c, json_object_get(all, "option_defaults"), why, sizeof(why))) {
			passed++;
		} else if (is_deviation(id)) {
			listed++;
		} else {
			failed++;
			printf("%s: %s\n\t%s\n", id, why, json_string_value(json_object_get(c, "template")));
		}
	}
	printf("jinja conformance: %zu of %zu pass, %zu listed deviations\n", passed, json_array_size(cases),
	       listed);
	json_decref(all);
	ck_assert_uint_eq(failed, 0);
	ck_assert_uint_le(listed, 10);
}
END_TEST

Suite *test_ctemplate_conformance_suite(void)
{
	Suite *s = suite_create("ctemplate conformance");
	TCase *t = tcase_create("cases");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, conformance);
	suite_add_tcase(s, t);
	return s;
}
