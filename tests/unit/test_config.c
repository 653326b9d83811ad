/* Configurations: patterns, precedence, what policies lock, and paths. */
#include <check.h>

#include "base/fs.h"
#include "rules/config.h"
#include "rules/glob.h"
#include "rules/policy.h"
#include "rules/registry.h"

Suite *test_config_suite(void);

static const struct {
	const char *pattern, *path;
	bool matches;
} globs[] = {
	{ "exams/**", "exams/a.yaml", true },     { "exams/**", "exams/a/b.yaml", true },
	{ "exams/**", "exam/a.yaml", false },     { "exams/*", "exams/a/b.yaml", false },
	{ "*.lab.yaml", "x/y/z.lab.yaml", true }, { "*.lab.yaml", "z.lab.yml", false },
	{ "**/final.yaml", "a/b/final.yaml", true }, { "**/final.yaml", "final.yaml", true },
	{ "class-[ab]/lab.yaml", "class-b/lab.yaml", true }, { "class-[ab]/lab.yaml", "class-c/lab.yaml", false },
	{ "lab.yam?", "lab.yaml", true },         { "lab.yaml", "a/lab.yaml", true },
	{ "a/lab.yaml", "b/a/lab.yaml", false },  { "a.c", "abc", false },
};

START_TEST(glob)
{
	struct glob *g = glob_new(sv_from(globs[_i].pattern));

	ck_assert_ptr_nonnull(g);
	ck_assert_msg(globs_match(g, sv_from(globs[_i].path)) == globs[_i].matches, "%s and %s", globs[_i].pattern,
		      globs[_i].path);
	globs_free(g);
}
END_TEST

START_TEST(no_glob)
{
	ck_assert_ptr_null(glob_new(SV("")));
	ck_assert_ptr_null(glob_new(SV("[a-")));
	ck_assert_ptr_null(glob_new(SV("\xff")));
}
END_TEST

static const char *const cleaned[][2] = {
	{ "a/./b//../c", "a/c" }, { ".", "." },         { "", "." },          { "a/..", "." },     { "../a/../..", "../.." },
	{ "/../a/", "/a" },       { "/", "/" },         { "./a", "a" },       { "a/b/../../..", ".." }, { "//a//b", "/a/b" },
};

START_TEST(clean_path)
{
	struct arena a;

	arena_init(&a, 0);
	ck_assert_str_eq(fs_clean(&a, cleaned[_i][0]), cleaned[_i][1]);
	arena_release(&a);
}
END_TEST

static struct configs c;
static struct config_args args;

static void begin(void)
{
	args = (struct config_args){ .strict = false };
	configs_init(&c, &args);
	c.no_files = true;
}

static void end(void) { configs_release(&c); }

static const struct setting *setting_of(const struct settings *s, const char *name)
{
	return &s->rules[settings_index(s, settings_find(s, sv_from(name)))];
}

/* Later comes before earlier; an override only where its pattern matches. */
START_TEST(precedence)
{
	struct config_file *f = configs_read_text(&c, SV("x/.labc.yaml"),
						  SV("labc: 1\nrules: { one-vcpu: off, vhd: note }\noverrides:\n"
						     "  - { files: exams/*, rules: { one-vcpu: error } }\n"
						     "  - { files: exams/easy.yaml, rules: { LAB0315: note } }\n"));
	static const struct {
		const char *path;
		enum config_level level;
	} cases[] = { { "x/lab.yaml", CONFIG_OFF },
		      { "x/exams/hard.yaml", CONFIG_ERROR },
		      { "x/exams/easy.yaml", CONFIG_NOTE },
		      { "y/exams/hard.yaml", CONFIG_OFF } };

	ck_assert_uint_eq(f->diags.v.n, 0);
	for (size_t i = 0; i < 4; i++) {
		const struct settings *s = settings_for(&c, f, sv_from(cases[i].path));

		ck_assert_msg(setting_of(s, "one-vcpu")->level == cases[i].level, "%s", cases[i].path);
		ck_assert_int_eq(setting_of(s, "vhd")->level, CONFIG_NOTE);
		ck_assert(!setting_of(s, "memory-together")->is_set);
	}
	/* specs that agree share what holds */
	ck_assert_ptr_eq(settings_for(&c, f, SV("x/a.yaml")), settings_for(&c, f, SV("x/b.yaml")));
	ck_assert_ptr_null(settings_for(&c, NULL, SV("x/a.yaml")));
}
END_TEST

/* What a policy of the command line demands may be raised, not lowered. */
START_TEST(demanded)
{
	struct config_file *p = configs_read_policy_text(
		&c, SV("p.yaml"),
		SV("labc: 1\nrules:\n  ORG-A: { path: name, matches: '^x', message: m, severity: warning }\n"
		   "  ORG-B: { path: name, matches: '^x', message: m, severity: warning }\n"
		   "severities: { one-vcpu: warning, vhd: error }\n"));
	struct config_file *f;
	const struct settings *s;

	ck_assert_uint_eq(p->diags.v.n, 0);
	p->policy->is_demanded = true;
	VEC_ADD(&c.a, &c.demanded, p->policy);
	f = configs_read_text(&c, SV(".labc.yaml"),
			      SV("labc: 1\nrules: { ORG-A: off, org-b: error, one-vcpu: off, vhd: note }\n"));
	ck_assert_uint_eq(f->diags.v.n, 0);
	s = settings_for(&c, f, SV("lab.yaml"));
	ck_assert_int_eq(setting_of(s, "ORG-A")->level, CONFIG_WARNING);
	ck_assert_int_eq(setting_of(s, "ORG-B")->level, CONFIG_ERROR);
	ck_assert_int_eq(setting_of(s, "one-vcpu")->level, CONFIG_WARNING);
	ck_assert_int_eq(setting_of(s, "vhd")->level, CONFIG_ERROR);
	ck_assert(setting_of(s, "vhd")->is_locked && !setting_of(s, "vhd-generation-2")->is_locked);
}
END_TEST

/* Every row has one number, and the number leads back to it. */
START_TEST(numbers)
{
	size_t k;

	for (size_t i = 0; i < registry_count(); i++) {
		ck_assert(registry_index(registry_raw_row(i), &k));
		ck_assert_uint_eq(k, i);
	}
	ck_assert(!registry_index(&(struct diag_info){ .code = "ORG-X" }, &k));
}
END_TEST

/* Errors of reading and names that lead nowhere stay; other errors become warnings at the least. */
START_TEST(refusals)
{
	for (size_t i = 0; i < registry_count(); i++) {
		const struct diag_info *row = registry_raw_row(i);
		bool reading = !strncmp(row->code, "LAB01", 5) || row->code[0] == 'T' ||
			       (!strncmp(row->code, "LAB00", 5) && row->severity == SEV_ERROR);

		if (reading)
			ck_assert_msg(config_refusal(row, CONFIG_ERROR) != NULL, "%s", row->code);
		if (row->severity == SEV_ERROR)
			ck_assert_msg(config_refusal(row, CONFIG_NOTE) != NULL, "%s", row->code);
		else if (!reading)
			ck_assert_msg(config_refusal(row, CONFIG_OFF) == NULL, "%s", row->code);
	}
}
END_TEST

Suite *test_config_suite(void)
{
	Suite *s = suite_create("config");
	TCase *t = tcase_create("files"), *r = tcase_create("settings");

	tcase_add_loop_test(t, glob, 0, (int)(sizeof(globs) / sizeof(globs[0])));
	tcase_add_test(t, no_glob);
	tcase_add_loop_test(t, clean_path, 0, (int)(sizeof(cleaned) / sizeof(cleaned[0])));
	tcase_add_checked_fixture(r, begin, end);
	tcase_add_test(r, precedence);
	tcase_add_test(r, demanded);
	tcase_add_test(r, numbers);
	tcase_add_test(r, refusals);
	suite_add_tcase(s, t);
	suite_add_tcase(s, r);
	return s;
}
