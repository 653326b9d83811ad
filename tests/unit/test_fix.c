/* Applying edits, settling on those that do good, and diffs. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "diag/fix.h"

Suite *test_fix_suite(void);

static const struct diag_info row = { "LAB0001", SEV_ERROR, "row", "a row", "", NULL, NULL, NULL };
static const struct diag_info other = { "LAB0002", SEV_WARNING, "other", "another row", "", NULL, NULL, NULL };

static struct arena a;
static struct sources sources;
static struct diags diags;
static struct buf out;
static uint32_t src;

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

static void open_text(struct sv text) { src = sources_add(&sources, SV("lab.yaml"), text); }

/* A finding with one edit; more edits by diag_edit. */
static struct diag *edit(uint32_t off, uint32_t len, const char *to, bool safe)
{
	struct diag *g = diag_at(&diags, &row, (struct span){ src, off, len }, "at %u", off);

	diag_edit(&diags, g, (struct span){ src, off, len }, sv_from(to), safe);
	return g;
}

static void expect_text(const char *want)
{
	*buf_room(&out, 1) = '\0';
	ck_assert_str_eq(out.p, want);
}

static void expect(bool unsafe, size_t sets, const char *want)
{
	size_t n;

	diags_finish(&diags);
	out.n = 0;
	ck_assert(fix_apply(&out, &a, &diags, src, unsafe, &n) == (sets > 0));
	ck_assert_uint_eq(n, sets);
	expect_text(want);
}

START_TEST(in_file_order)
{
	open_text(SV("a: yes\nb: no\n"));
	edit(10, 2, "false", true);
	edit(3, 3, "true", true);
	expect(false, 2, "a: true\nb: false\n");
}
END_TEST

START_TEST(safe_only)
{
	open_text(SV("a: yes\nb: no\n"));
	edit(3, 3, "true", true);
	edit(10, 2, "false", false);
	expect(false, 1, "a: true\nb: no\n");
	expect(true, 2, "a: true\nb: false\n");
}
END_TEST

START_TEST(nothing)
{
	open_text(SV("a: yes\n"));
	edit(3, 3, "true", true)->suppressed = true;
	diag_at(&diags, &row, (struct span){ src, 0, 1 }, "no edit");
	expect(true, 0, "");
}
END_TEST

/* All edits of a finding or none; the earlier finding wins. */
START_TEST(all_or_none)
{
	struct diag *g;

	open_text(SV("abcdefghij\n"));
	edit(4, 2, "X", true);
	g = edit(6, 1, "Y", true);
	diag_edit(&diags, g, (struct span){ src, 5, 1 }, SV("Z"), true);
	edit(8, 1, "W", true);
	expect(false, 2, "abcdXghWj\n");
}
END_TEST

START_TEST(edits_of_one_finding)
{
	struct diag *g;

	open_text(SV("a: x y\n"));
	g = edit(3, 0, "'", true);
	diag_edit(&diags, g, (struct span){ src, 6, 0 }, SV("'"), true);
	expect(false, 1, "a: 'x y'\n");
}
END_TEST

/* Two insertions at one place, or one at the edge of a replacement: which is first would be a guess. */
START_TEST(touching)
{
	open_text(SV("abcdef\n"));
	edit(1, 0, "1", true);
	edit(1, 0, "2", true)->msg = SV("twin");
	edit(2, 2, "XX", true);
	edit(4, 0, "3", true);
	edit(4, 2, "YY", true);
	expect(false, 3, "a1bXXYY\n");
}
END_TEST

START_TEST(unsound)
{
	struct diag *g;

	open_text(SV("abc\n"));
	g = edit(0, 2, "x", true);
	diag_edit(&diags, g, (struct span){ src, 1, 1 }, SV("y"), true);
	edit(9, 1, "z", true);
	edit(3, 9, "z", true);
	g = edit(2, 1, "C", true);
	diag_edit(&diags, g, (struct span){ sources_add(&sources, SV("b"), SV("b\n")), 0, 1 }, SV("B"), true);
	expect(true, 0, "");
}
END_TEST

START_TEST(mark_and_line_ends)
{
	open_text(SV("\xEF\xBB\xBF" "a: 1\r\nb: 2\r\n"));
	edit(0, 0, "# top\n", true);
	edit(12, 0, "x: 1\ny: 2\r\nz: 3\r", true);
	expect(false, 2, "\xEF\xBB\xBF# top\r\na: 1\r\nb: x: 1\r\ny: 2\r\nz: 3\r\n2\r\n");
}
END_TEST

START_TEST(over_the_mark)
{
	open_text(SV("\xEF\xBB\xBF" "abc\n"));
	edit(0, 4, "x", true);
	expect(false, 1, "\xEF\xBB\xBFxbc\n");
}
END_TEST

/* A text of several kinds of line ends: that of the line before; one without any: LF. */
START_TEST(nearest_line_end)
{
	open_text(SV("a\rb\nc\r\nd"));
	edit(0, 0, "1\n", true);
	edit(2, 0, "2\n", true);
	edit(4, 0, "3\n", true);
	edit(7, 0, "4\n", true);
	expect(false, 4, "1\ra\r2\rb\n3\nc\r\n4\r\nd");
}
END_TEST

START_TEST(no_line_end)
{
	open_text(SV("a: 1"));
	edit(4, 0, "\nb: 2", true);
	expect(false, 1, "a: 1\nb: 2");
}
END_TEST

START_TEST(whole_lines)
{
	open_text(SV("a: 1\nb: 2\nc: 3\n"));
	edit(5, 5, "", true);
	edit(15, 0, "d: 4\n", true);
	expect(false, 2, "a: 1\nc: 3\nd: 4\n");
}
END_TEST

/* --- settling --- */

static size_t asked;

/* Refuses any text with 'B' in it. */
static bool without_b(void *ctx, struct sv fixed, size_t sets)
{
	(void)ctx;
	ck_assert_uint_gt(sets, 0);
	asked++;
	return sv_find(fixed, 'B') < 0;
}

static void plan_of(const char *text, const char *to, struct fix_plan *p)
{
	open_text(sv_from(text));
	for (uint32_t i = 0; to[i]; i++)
		edit(2 * i, 1, (char[]){ to[i], '\0' }, true);
	diags_finish(&diags);
	ck_assert(fix_plan(p, &a, &diags, src, false));
	asked = 0;
}

START_TEST(settles_at_once)
{
	struct fix_plan p;

	plan_of("a-a-a-a-", "XXXX", &p);
	ck_assert(fix_settle(&p, sources_get(&sources, src)->text, without_b, NULL));
	ck_assert_uint_eq(asked, 1);
	ck_assert_uint_eq(fix_count(&p), 4);
}
END_TEST

START_TEST(settles_without_the_bad)
{
	struct fix_plan p;

	plan_of("a-a-a-a-a-a-a-a-", "XXBXXXXX", &p);
	ck_assert(fix_settle(&p, sources_get(&sources, src)->text, without_b, NULL));
	ck_assert_uint_eq(fix_count(&p), 7);
	ck_assert(p.sets.v[2].dropped);
	ck_assert_uint_le(asked, 7);
	fix_render(&out, sources_get(&sources, src)->text, &p);
	expect_text("X-X-a-X-X-X-X-X-");
}
END_TEST

/* However many sets there are and however bad they are, the number of checks is bounded. */
START_TEST(settles_soon)
{
	struct buf text = { 0 }, to = { 0 };
	struct fix_plan p;

	buf_fill(&text, 'a', 4000);
	buf_fill(&to, 'B', 1500);
	buf_fill(&to, 'X', 500);
	buf_ch(&to, '\0');
	buf_ch(&text, '\0');
	plan_of(text.p, to.p, &p);
	ck_assert(fix_settle(&p, sources_get(&sources, src)->text, without_b, NULL));
	ck_assert_uint_le(asked, 64);
	ck_assert_uint_eq(fix_count(&p), 500);
	buf_release(&text);
	buf_release(&to);
}
END_TEST

START_TEST(settles_on_nothing)
{
	struct fix_plan p;

	plan_of("a-a-", "BB", &p);
	ck_assert(!fix_settle(&p, sources_get(&sources, src)->text, without_b, NULL));
	ck_assert_uint_eq(fix_count(&p), 0);
}
END_TEST

static struct diags findings(int rows, int others, int suppressed)
{
	struct diags d;

	diags_init(&d, &a, &sources);
	for (uint32_t i = 0; rows + others + suppressed > 0; i++) {
		const struct diag_info *info = rows > 0 ? &row : &other;
		struct diag *g = diag_at(&d, info, (struct span){ src, i, 1 }, "m");

		if (rows > 0)
			rows--;
		else if (others > 0)
			others--;
		else
			suppressed--, g->suppressed = true;
	}
	diags_finish(&d);
	return d;
}

START_TEST(better)
{
	struct diags two, one, new_code, hidden, three;

	open_text(SV("aaaaaaaa\n"));
	two = findings(2, 0, 0);
	one = findings(1, 0, 0);
	new_code = findings(0, 1, 0);
	hidden = findings(0, 0, 1);
	three = findings(2, 1, 0);
	ck_assert(fix_is_better(&a, &two, &one, 1));
	ck_assert(!fix_is_better(&a, &two, &one, 2));
	ck_assert(!fix_is_better(&a, &two, &two, 1));
	ck_assert(!fix_is_better(&a, &two, &new_code, 1));
	ck_assert(!fix_is_better(&a, &new_code, &hidden, 1));
	ck_assert(!fix_is_better(&a, &two, &three, 1));
	ck_assert(fix_is_better(&a, &three, &two, 1));
}
END_TEST

/* --- diffs --- */

static void expect_diff(const char *before, const char *after, const char *want)
{
	out.n = 0;
	fix_diff(&out, SV("lab.yaml"), sv_from(before), sv_from(after));
	expect_text(want);
}

#define HEAD "--- lab.yaml\n+++ lab.yaml\n"

START_TEST(diff)
{
	expect_diff("a\n", "a\n", "");
	expect_diff("a\nb\nc\n", "a\nB\nc\n", HEAD "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
	expect_diff("", "a\n", HEAD "@@ -0,0 +1 @@\n+a\n");
	expect_diff("a\n", "", HEAD "@@ -1 +0,0 @@\n-a\n");
	expect_diff("a", "a\n", HEAD "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
	expect_diff("a\r\nb\r\n", "a\r\n", HEAD "@@ -1,2 +1 @@\n a\r\n-b\r\n");
	expect_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n5\n6\n7\n8\n9\n",
		    HEAD "@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+x\n 5\n 6\n 7\n");
}
END_TEST

START_TEST(diff_hunks)
{
	expect_diff("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
		    HEAD "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
	expect_diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
		    HEAD "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}
END_TEST

START_TEST(diff_names)
{
	fix_diff(&out, SV("a b\".yaml"), SV("a\n"), SV("b\n"));
	expect_text("--- \"a b\\\".yaml\"\n+++ \"a b\\\".yaml\"\n@@ -1 +1 @@\n-a\n+b\n");
	out.n = 0;
	fix_diff(&out, SV("a b"), SV("a\n"), SV("b\n"));
	expect_text("--- a b\t\n+++ a b\t\n@@ -1 +1 @@\n-a\n+b\n");
}
END_TEST

/* What patch would make of it. */
static void apply(struct buf *to, struct sv before, struct sv patch)
{
	size_t at = 0, line = 0;

	while (patch.n) {
		size_t n = (size_t)sv_find(patch, '\n') + 1;
		struct sv one = sv_sub(patch, 0, n);

		patch = sv_sub(patch, n, patch.n);
		if (sv_starts(one, SV("---")) || sv_starts(one, SV("+++")))
			continue;
		if (one.p[0] == '@') {
			size_t from = strtoul(one.p + 4, NULL, 10);

			if (memchr(one.p, ',', 12) && strtoul(strchr(one.p + 4, ',') + 1, NULL, 10) == 0)
				from++;
			for (; line + 1 < from; line++) {
				size_t len = (size_t)sv_find(sv_sub(before, at, before.n), '\n') + 1;

				buf_add(to, before.p + at, len);
				at += len;
			}
			continue;
		}
		if (one.p[0] != '+') {
			ck_assert(sv_eq(sv_sub(before, at, one.n - 1), sv_sub(one, 1, one.n)));
			at += one.n - 1;
			line++;
		}
		if (one.p[0] != '-')
			buf_sv(to, sv_sub(one, 1, one.n));
	}
	buf_sv(to, sv_sub(before, at, before.n));
}

/* Texts of few different lines, changed in many places, over more than one step. */
START_TEST(diff_random)
{
	struct buf x = { 0 }, y = { 0 }, z = { 0 };
	uint32_t seed = (uint32_t)_i * 2654435761u + 1;
	int lines = _i * 40;

	for (int i = 0; i < lines; i++) {
		unsigned kind = (seed = seed * 1664525u + 1013904223u) >> 28;

		if (kind != 1)
			buf_fmt(&x, "%u\n", (seed >> 8) % 7);
		if (kind == 1 || kind == 2)
			buf_fmt(&y, "%u\n", (seed >> 12) % 7);
		else if (kind != 3 || _i % 3 == 0)
			buf_fmt(&y, "%u\n", (seed >> 8) % 7);
		if (_i % 5 == 4)
			buf_fmt(&y, "new %d\n", i);
	}
	fix_diff(&out, SV("x"), buf_view(&x), buf_view(&y));
	apply(&z, buf_view(&x), buf_view(&out));
	ck_assert(sv_eq(buf_view(&z), buf_view(&y)));
	buf_release(&x);
	buf_release(&y);
	buf_release(&z);
}
END_TEST

Suite *test_fix_suite(void)
{
	Suite *s = suite_create("fix");
	TCase *t = tcase_create("fix");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, in_file_order);
	tcase_add_test(t, safe_only);
	tcase_add_test(t, nothing);
	tcase_add_test(t, all_or_none);
	tcase_add_test(t, edits_of_one_finding);
	tcase_add_test(t, touching);
	tcase_add_test(t, unsound);
	tcase_add_test(t, mark_and_line_ends);
	tcase_add_test(t, over_the_mark);
	tcase_add_test(t, nearest_line_end);
	tcase_add_test(t, no_line_end);
	tcase_add_test(t, whole_lines);
	tcase_add_test(t, settles_at_once);
	tcase_add_test(t, settles_without_the_bad);
	tcase_add_test(t, settles_soon);
	tcase_add_test(t, settles_on_nothing);
	tcase_add_test(t, better);
	tcase_add_test(t, diff);
	tcase_add_test(t, diff_hunks);
	tcase_add_test(t, diff_names);
	tcase_add_loop_test(t, diff_random, 0, 30);
	suite_add_tcase(s, t);
	return s;
}
