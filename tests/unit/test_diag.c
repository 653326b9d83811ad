/* Positions, the sink and the text report: exact text, exact place. */
#include <check.h>

#include "diag/report.h"

Suite *test_diag_suite(void);

static const struct diag_info row = { "LAB0031", SEV_ERROR, "duplicate-key", "the same key twice", "", NULL, NULL, NULL };
static const struct diag_info hint = { "LAB0901", SEV_NOTE, "hint", "a hint", "", "https://example.org/x", NULL, NULL };

static struct arena a;
static struct sources sources;
static struct diags diags;
static struct buf out;

static uint32_t open_text(const char *name, struct sv text)
{
	return sources_add(&sources, sv_from(name), text);
}

static void setup(void)
{
	arena_init(&a, 0);
	sources_init(&sources, &a);
	diags_init(&diags, &a, &sources);
	out = (struct buf){ 0 };
}

static void teardown(void)
{
	buf_release(&out);
	arena_release(&a);
}

static void expect(const char *want, bool notes)
{
	diags_finish(&diags);
	report_text(&out, &diags, &(struct report_opts){ .notes = notes });
	*buf_room(&out, 1) = '\0';
	ck_assert_str_eq(out.p, want);
}

START_TEST(positions)
{
	uint32_t s = open_text("p", SV("\xEF\xBB\xBF" "a\xC3\xA9 b\r\nc\rd\n"));

	ck_assert_uint_eq(source_pos(&sources, s, 3).col, 1);
	ck_assert_uint_eq(source_pos(&sources, s, 6).col, 3);
	ck_assert_uint_eq(source_pos(&sources, s, 10).line, 2);
	ck_assert_uint_eq(source_pos(&sources, s, 12).line, 3);
	ck_assert_uint_eq(source_pos(&sources, s, 999).line, 3);
	ck_assert_uint_eq(source_pos(&sources, s, 999).col, 2);
	for (uint32_t off = 0; off < 20; off++)
		for (uint32_t near = 0; near < 6; near++)
			ck_assert_uint_eq(source_line_near(&sources, s, off, near), source_pos(&sources, s, off).line);
	ck_assert(sv_eq(source_line(&sources, s, 1), SV("a\xC3\xA9 b")));
	ck_assert(sv_eq(source_line(&sources, s, 3), SV("d")));
}
END_TEST

START_TEST(labels)
{
	uint32_t s = open_text("lab.yaml", SV("a: 1\n  vcpus: 2\nb: 2\n  vcpus: 4\n"));
	struct diag *g = diag_at(&diags, &row, (struct span){ s, 23, 5 }, "duplicate key '%s'", "vcpus");

	diag_label(&diags, g, (struct span){ s, 7, 5 }, "first set here");
	diag_help(&diags, g, "remove one of the two\nor rename it");
	expect("lab.yaml:4:3: error[LAB0031]: duplicate key 'vcpus'\n"
	       "   2 |   vcpus: 2\n"
	       "     |   ----- first set here\n"
	       "   4 |   vcpus: 4\n"
	       "     |   ^^^^^\n"
	       "   = help: remove one of the two\n"
	       "           or rename it\n", false);
}
END_TEST

START_TEST(widths)
{
	uint32_t s = open_text("w.yaml", SV("\tk: \xE6\x97\xA5\xE6\x9C\xAC \x1b[31m x\n"));

	diag_at(&diags, &row, (struct span){ s, 4, 6 }, "wide '%s'", "\x1b[0m");
	diag_at(&diags, &row, (struct span){ s, 17, 1 }, "after");
	expect("w.yaml:1:5: error[LAB0031]: wide '\\x1b[0m'\n"
	       "   1 |     k: \xE6\x97\xA5\xE6\x9C\xAC \\x1b[31m x\n"
	       "     |        ^^^^\n"
	       "\n"
	       "w.yaml:1:14: error[LAB0031]: after\n"
	       "   1 |     k: \xE6\x97\xA5\xE6\x9C\xAC \\x1b[31m x\n"
	       "     |                      ^\n", false);
}
END_TEST

START_TEST(order_and_equal)
{
	uint32_t s = open_text("o.yaml", SV("ab\n"));

	diag_at(&diags, &row, (struct span){ s, 1, 1 }, "second");
	diag_at(&diags, &row, (struct span){ s, 0, 1 }, "first");
	diag_at(&diags, &row, (struct span){ s, 0, 1 }, "first");
	diag_at(&diags, &hint, (struct span){ s, 0, 0 }, "a note");
	diags_finish(&diags);
	ck_assert_uint_eq(diags.v.n, 3);
	ck_assert_uint_eq(diags.n_errors, 2);
	ck_assert_uint_eq(diags.n_notes, 1);
	expect("o.yaml:1:1: error[LAB0031]: first\n"
	       "   1 | ab\n"
	       "     | ^\n"
	       "\n"
	       "o.yaml:1:1: note[LAB0901]: a note\n"
	       "   1 | ab\n"
	       "     | ^\n"
	       "   = source: https://example.org/x\n"
	       "\n"
	       "o.yaml:1:2: error[LAB0031]: second\n"
	       "   1 | ab\n"
	       "     |  ^\n", true);
}
END_TEST

START_TEST(edits_and_lines)
{
	uint32_t s = open_text("e.yaml", SV("x: yes\ny: |\n  a\n  b\n"));
	struct diag *g = diag_at(&diags, &row, (struct span){ s, 3, 3 }, "not a boolean");

	diag_edit(&diags, g, (struct span){ s, 3, 3 }, SV("true"), true);
	diag_at(&diags, &row, (struct span){ s, 10, 8 }, "long");
	expect("e.yaml:1:4: error[LAB0031]: not a boolean\n"
	       "   1 | x: yes\n"
	       "     |    ^^^\n"
	       "   = help: write 'true'\n"
	       "\n"
	       "e.yaml:2:4: error[LAB0031]: long\n"
	       "   2 | y: |\n"
	       "     |    ^...\n", false);
}
END_TEST

START_TEST(window)
{
	struct buf t = { 0 };
	uint32_t s;

	buf_fill(&t, 'a', 300);
	s = open_text("l.yaml", buf_take(&t, &a));
	buf_release(&t);
	diag_at(&diags, &row, (struct span){ s, 200, 2 }, "far");
	diags_finish(&diags);
	report_text(&out, &diags, &(struct report_opts){ 0 });
	ck_assert(sv_search(buf_view(&out), SV("| ...aaaa")) >= 0);
	ck_assert(sv_search(buf_view(&out), SV("aaaa...\n")) >= 0);
	ck_assert_uint_lt(out.n, 400);
}
END_TEST

START_TEST(other_file)
{
	uint32_t s = open_text("a.yaml", SV("x: 1\n")), t = open_text("b.yaml", SV("y: 2\n"));
	struct diag *g = diag_at(&diags, &row, (struct span){ s, 0, 1 }, "clash");

	diag_label(&diags, g, (struct span){ t, 3, 1 }, "the other is here");
	expect("a.yaml:1:1: error[LAB0031]: clash\n"
	       "   1 | x: 1\n"
	       "     | ^\n"
	       "b.yaml:1:4: note: the other is here\n"
	       "   1 | y: 2\n"
	       "     |    -\n", false);
}
END_TEST

Suite *test_diag_suite(void)
{
	Suite *s = suite_create("diag");
	TCase *t = tcase_create("diag");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, positions);
	tcase_add_test(t, labels);
	tcase_add_test(t, widths);
	tcase_add_test(t, order_and_equal);
	tcase_add_test(t, edits_and_lines);
	tcase_add_test(t, window);
	tcase_add_test(t, other_file);
	suite_add_tcase(s, t);
	return s;
}
