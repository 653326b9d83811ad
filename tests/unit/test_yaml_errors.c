/* Where a mistake stands, what it is called, and that its fix is one. */
#include "test_yaml.h"
#include "yaml/internal.h"

Suite *test_yaml_errors_suite(void);

/* Each line of expected is one finding; parts of the message may follow the place. */
static const struct {
	const char *text, *expected, *message;
} cases[] = {
    {"a:\n\tb: 2\n", "LAB0020 2:1", "tab"},
    {"a:\n  b: x\n   c: 2\n", "LAB0021 3:4", "'c' is at column 4, expected column 3"},
    {"a:\n  d:\n    b: x\n   c: 2\n", "LAB0021 4:4", "the keys of 'd' are at column 5"},
    {"a:\n  - \"x\"\n   - \"y\"\n", "LAB0021 3:4", "items of its list are at column 3"},
    {"a\n  b: 2\n", "LAB0022 1:1", "'a'"},
    {"x:\n  a\n    b: 2\n", "LAB0022 2:3", "'a'"},
    {"x:\n  memory 4 GiB\n  b: 2\n", "LAB0022 2:3", "'memory'"},
    {"x:\n  a:2\n  b: 2\n", "LAB0023 2:3", "'a:2'"},
    {"x:\n  os:ubuntu\n  b: 2\n", "LAB0023 2:3", "'os:ubuntu'"},
    {"t: Day 1: routing\n", "LAB0024 1:9", "quotes"},
    {"t: \"abc\nb: 2\n", "LAB0025 1:4", "never closed"},
    {"t: \"abc\nb: \"2\"\n", "LAB0025 1:4", "never closed"},
    {"\"t: abc\nb: \"2\"\nc: x\n", "LAB0025 1:1", "never closed"},
    {"t: \"abc\" d\nb: 2\n", "LAB0026 1:10", "after the end"},
    {"t: \"D:\\labs\"\n", "LAB0027 1:7", "'\\l'"},
    {"t: \"\\ud83d\\ude00\"\n", "LAB0027 1:5", "surrogate"},
    {"p: [a, \"b\"\nq: 1\n", "LAB0028 1:4", "not closed"},
    {"p: {a: b\n", "LAB0028 1:4", "not closed"},
    {"p: [\"a\"}\n", "LAB0029 1:8", "expected ']'"},
    {"p: [a]]\n", "LAB0030 1:7", "closes nothing"},
    {"p: [a,,b]\n", "LAB0030 1:7", "missing before"},
    {"p: [\"a\" \"b\"]\n", "LAB0032 1:9", "expected ','"},
    {"{\n \"a\": 1\n \"b\": 2\n}\n", "LAB0032 3:2", "expected ','"},
    {"p: {a: 1 b: 2}\n", "LAB0032 1:10", "expected ','"},
    {"p: {a: b: 2}\n", "LAB0024 1:9", "quotes"},
    {"p: - a\n", "LAB0033 1:4", "line of its key"},
    {"p:\n  - a: 1\n  b: 2\n", "LAB0034 3:3", "dashes"},
    {"p:\n  a: 1\n  - b: 2\n", "LAB0034 3:3", "list item"},
    {"p: @home # x\n", "LAB0035 1:4", "'@'"},
    {"p: one\n  # remark\n  two\nq: 1\n", "LAB0036 3:3", "comment"},
    {"a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\nc: 1\n", "LAB0037 2:1", "conflict"},
    {"p: | text\n", "LAB0038 1:6", "announces"},
    {"p: |0\n text\n", "LAB0038 1:5", "0"},
    {"p: *.vhdx files\n", "LAB0039 1:4", "'*.vhdx'"},
    {"p: !x!y z\n", "LAB0040 1:4", "tag"},
    {"%YAML 3.0\n---\na: 1\n", "LAB0041 1:1", "directive"},
    {"p: file server\n   - print server\n", "LAB0043 2:4", "list item"},
    {"p: web\n   vcpus:2\n", "LAB0043 2:4", "entry"},
    {"g:\n  p: [\n a]\n", "LAB0044 3:2", "column 2"},
    {"p: [a]#b\n", "LAB0045 1:7", "blank"},
    {"a:\n  x: 1\nb:\n   c: 2\n  d: 3\n", "LAB0021 4:4", "'c' is at column 4"},
    {" a: 1\nb: 2\nc: 3\n", "LAB0021 1:2", "'a' is at column 2"},
    {"a: 1\nb: 2\nc: 3\na: 1\nb: 2\nc: 3\n", "LAB0031 4:1", "2 more keys"},
    {"&a: x\n", "LAB0050 1:1", "anchor"},
    {"*a : x\n", "LAB0055 1:1", "no anchor"},
    {"a: \"1\nb: 2\nc: \"x\"\nd: \"y\"\n", "LAB0025 1:4", "never closed"},
    {"\"a: 1\nb: 2\nc: x\"\n", "LAB0025 1:1", "never closed"},
    {"a: \"x\",\nb: 1\n", "LAB0026 1:7", "','"},
    {"  \"a\": \"x\",\n  \"b\": \"y\",\n  \"c\": 1\n}\n", "LAB0026 1:11", "','"},
    {"g: {\n  a: {x: 1,\n  b: {x: 2}\n}\n", "LAB0028 2:6", "not closed"},
    {"d: [&x\ne: *x\n", "LAB0028 1:4", "not closed"},
    {": x\n", "LAB0050 1:1", "missing"},
    {"~: x\n", "LAB0050 1:1", "null"},
    {"? [a]\n: x\n", "LAB0051 1:3", "a list"},
    {"a: &a x\n*a : y\n", "LAB0051 2:1", "alias"},
    {"t: {{ x }}\n", "LAB0052 1:4", "template"},
    {"a: &std x\nb: *sdt\n", "LAB0055 2:4", "'sdt'"},
    {"a: &x {b: *x}\n", "LAB0056 1:11", "inside"},
    {"a: &x 1\n", "LAB0057 1:4", "'x'"},
    {"a: &x 1\nb: &x 2\nc: *x\n", "LAB0057 1:4", "'x'"},
    {"a: {<<: 1}\n", "LAB0058 1:9", "found a text"},
    {"a:\n  <<:\n", "LAB0058 2:3", "found nothing"},
    {"a: &p 1\nb: {<<: p}\n", "LAB0058 2:9", "found a text"},
    {"a: !vault x\n", "LAB0060 1:4", "'!vault'"},
    {"a: !!map x\n", "LAB0060 1:4", "'!!map'"},
    {"a: !!float 1\n", "LAB0060 1:4", "'!!float'"},
    {"", "LAB0065 1:1", "empty"},
    {"---\n...\n", "LAB0065 1:1", "empty"},
    {"~\n", "LAB0065 1:1", "empty"},
    {"a: 1\n---\nb: 2\n", "LAB0066 2:1", "second"},
    {"- a\n", "LAB0067 1:1", "a list"},
    {"!x a\n", "LAB0067 1:4", "a text"},
    {"*x\n", "LAB0067 1:1", "an alias"},
    {"a: \"x\\0y\"\n", "LAB0003 1:6", "NUL"},
    {"a: x\x01y\n", "LAB0003 1:5", "U+0001"},
    {"a: \xE2\x80\xAEx\n", "LAB0005 1:4", "U+202E"},
    {"a: x\xE2\x80\xA8y\n", "LAB0006 1:5", "U+2028"},
    {"a: caf\xE9\n", "LAB0002 1:7", "0xE9"},
    {"a:\n\xC2\xA0\xC2\xA0"
     "b: 1\n",
     "LAB0007 2:1", "indentation"},
    {"na\xE2\x80\x8Bme: 1\n", "LAB0007 1:3", "in a key"},
    {"a: x\xC2\xA0y\n", "LAB0008 1:5", "no-break"},
    {"a: \"x\\u200By\"\n", "LAB0008 1:6", "zero-width"},
    {"a: 1\n\xEF\xBB\xBF"
     "b: 2\n",
     "LAB0004 2:1", "byte order mark"},
    {"a: \xE2\x80\x9Cx: y\xE2\x80\x9D\n", "LAB0024 1:6", "': '"},
};

START_TEST(one_mistake_is_one_finding_in_its_place)
{
	struct yt t;

	yt_open(&t, cases[_i].text);
	yt_ignores(&t);
	ck_assert_msg(t.diags.v.n == 1, "%zu findings for '%s', first %s", t.diags.v.n, cases[_i].text,
		      t.diags.v.n ? yt_place(&t, 0) : "");
	ck_assert_str_eq(yt_place(&t, 0), cases[_i].expected);
	ck_assert_msg(sv_search(yt_diag(&t, 0)->msg, sv_from(cases[_i].message)) >= 0,
		      "'%s' is not in '" SV_FMT "'", cases[_i].message, SV_ARG(yt_diag(&t, 0)->msg));
	yt_close(&t);
}
END_TEST

/* What stands at the place must stay there with a byte order mark, other line ends, no last line end. */
START_TEST(line_ends_and_marks_change_nothing)
{
	const char *text = cases[_i].text;
	struct buf b[4] = {{0}};
	struct yt t;

	buf_str(&b[0], "\xEF\xBB\xBF");
	buf_str(&b[0], text);
	for (const char *c = text; *c; c++) {
		buf_str(&b[1], *c == '\n' ? "\r\n" : (char[]){*c, 0});
		buf_ch(&b[2], *c == '\n' ? '\r' : *c);
	}
	buf_add(&b[3], text, strlen(text) - (text[0] != 0));
	for (int i = 0; i < 4; i++) {
		yt_open_opts(&t, buf_view(&b[i]), NULL);
		ck_assert_msg(t.diags.v.n == 1, "%zu findings in variant %d of '%s'", t.diags.v.n, i, text);
		ck_assert_str_eq(yt_place(&t, 0), cases[_i].expected);
		yt_close(&t);
		buf_release(&b[i]);
	}
}
END_TEST

/* The edits of a finding remove it and bring no new one. */
START_TEST(fixes_fix)
{
	struct yt t, u;
	const struct diag *g;
	struct sv fixed;

	yt_open(&t, cases[_i].text);
	g = yt_diag(&t, 0);
	if (g->edits) {
		fixed = yt_fixed(&t, g);
		yt_open_opts(&u, fixed, NULL);
		ck_assert_msg(u.diags.v.n == 0, "'" SV_FMT "' still has %s", SV_ARG(fixed), yt_place(&u, 0));
		yt_close(&u);
	}
	yt_close(&t);
}
END_TEST

START_TEST(examples_of_the_codes)
{
	const struct diag_info *row = &yaml_codes[_i];
	struct yt t;

	ck_assert_uint_le(strlen(row->summary), 72);
	ck_assert(strncmp(row->source, "https://", 8) == 0 || strncmp(row->source, "SPEC.md#", 8) == 0);
	for (size_t i = 0; i < yaml_codes_count; i++)
		ck_assert(i == (size_t)_i || (strcmp(yaml_codes[i].code, row->code) != 0 &&
					      strcmp(yaml_codes[i].name, row->name) != 0));
	if (!row->bad)
		return;
	yt_open(&t, row->bad);
	yt_ignores(&t);
	ck_assert_msg(t.diags.v.n == 1 && yt_diag(&t, 0)->info == row, "%s: %zu findings, first %s",
		      row->code, t.diags.v.n, t.diags.v.n ? yt_place(&t, 0) : "none");
	yt_close(&t);
	yt_open(&t, row->good);
	yt_ignores(&t);
	ck_assert_msg(t.ok && t.diags.v.n == 0, "the good example of %s has %s", row->code,
		      t.diags.v.n ? yt_place(&t, 0) : "no tree");
	yt_close(&t);
}
END_TEST

START_TEST(broken_entries_are_passed_over)
{
	struct yt t;
	struct yentry e;

	yt_open(&t, "labc: 1\nguests:\n  a: [b\nnetworks:\n  \"x\n\nhosts:\n  b: {c: d}\n  b: 2\nname: "
		    "y\nuse: *gone\n");
	ck_assert(t.ok);
	ck_assert(t.d.incomplete);
	ck_assert_uint_eq(t.diags.v.n, 4);
	diags_finish(&t.diags);
	ck_assert_str_eq(yt_place(&t, 0), "LAB0028 3:6");
	ck_assert_str_eq(yt_place(&t, 1), "LAB0025 5:3");
	ck_assert_str_eq(yt_place(&t, 2), "LAB0031 9:3");
	ck_assert_str_eq(yt_place(&t, 3), "LAB0055 11:6");
	ck_sv_eq(yt_text(&t, "name"), "y");
	ck_assert(!ymap_get(&t.d, t.d.root, SV("guests"), &e));
	yt_close(&t);
}
END_TEST

START_TEST(other_encodings_are_named)
{
	static const struct {
		struct sv text;
		const char *name;
	} wide[] = {
	    {SV_INIT("\xFF\xFE"
		     "a\0:\0 \0"
		     "1\0"),
	     "UTF-16"},
	    {SV_INIT("\xFE\xFF\0a\0:\0 \0"
		     "1"),
	     "UTF-16"},
	    {SV_INIT("a\0:\0 \0"
		     "1\0\n\0"),
	     "UTF-16"},
	    {SV_INIT("\xFF\xFE\0\0a\0\0\0"), "UTF-32"},
	};

	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		struct yt t;

		yt_open_opts(&t, wide[i].text, NULL);
		ck_assert(!t.ok);
		ck_assert_uint_eq(t.diags.v.n, 1);
		ck_assert_str_eq(yt_place(&t, 0), "LAB0001 1:1");
		ck_assert(sv_search(yt_diag(&t, 0)->msg, sv_from(wide[i].name)) >= 0);
		yt_close(&t);
	}
}
END_TEST

START_TEST(programs_and_pictures_are_no_texts)
{
	char raw[512];
	struct yt t;

	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = (char)(i * 37 + 11);
	yt_open_opts(&t, (struct sv){raw, sizeof(raw)}, NULL);
	ck_assert(!t.ok);
	ck_assert_uint_eq(t.diags.v.n, 1);
	ck_assert_str_eq(yt_diag(&t, 0)->info->code, "LAB0010");
	yt_close(&t);
}
END_TEST

/* LAB0042: words of a libyaml that this program does not know are passed on, at libyaml's own place. */
START_TEST(unknown_words_are_passed_on)
{
	struct yt t;

	yt_open(&t, "a: b\nc: d\n");
	ck_assert(t.ok && t.diags.v.n == 0);
	struct yparse p = {
	    .d = &t.d, .end = (uint32_t)t.d.text.n, .fail = {.problem = "found a novelty", .context = "while reading on", .at = 5}};
	ck_assert_uint_eq(yaml_place(&p), 5);
	ck_assert_uint_eq(t.diags.v.n, 1);
	ck_assert_str_eq(yt_diag(&t, 0)->info->code, "LAB0042");
	ck_assert_uint_eq(yt_diag(&t, 0)->at.off, 5);
	ck_assert(sv_eq(yt_diag(&t, 0)->msg, SV("while reading on: found a novelty")));
	yt_close(&t);
}
END_TEST

Suite *test_yaml_errors_suite(void)
{
	Suite *s = suite_create("yaml_errors");
	TCase *tc = tcase_create("errors");
	int n = (int)(sizeof(cases) / sizeof(cases[0]));

	tcase_add_loop_test(tc, one_mistake_is_one_finding_in_its_place, 0, n);
	tcase_add_loop_test(tc, line_ends_and_marks_change_nothing, 0, n);
	tcase_add_loop_test(tc, fixes_fix, 0, n);
	tcase_add_loop_test(tc, examples_of_the_codes, 0, (int)yaml_codes_count);
	tcase_add_test(tc, broken_entries_are_passed_over);
	tcase_add_test(tc, other_encodings_are_named);
	tcase_add_test(tc, programs_and_pictures_are_no_texts);
	tcase_add_test(tc, unknown_words_are_passed_on);
	suite_add_tcase(s, tc);
	return s;
}
