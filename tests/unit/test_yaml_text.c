/* Spans, cuts, comments that silence findings, places for edits. */
#include "test_yaml.h"

Suite *test_yaml_text_suite(void);

static const char *const texts[] = {
    ("labc: 1\nname: demo # note\ntitle: 'it''s'\ndescription: |-\n  one\n\n  two\n"
     "hosts:\n  a: &x !!map\n    b: [c, {d: e}, \"f\\n\"]\n  g: {<<: *x, h: i}\n"),
    "# k\xC3\xA4se\nk\xC3\xA4se: \"\xE2\x82\xAC \\u20AC\"\nwide: \xF0\x9F\x98\x80 x\nlist:\n- a\n-   b c\n   "
    " d\n- >\n  folded\n  text\n- ''\n",
    "{\"a\": [1, 2, {\"b\": null}],\n \"c\": \"\\\"x\\\"\"}\n",
    "? k\n: v\n? l\nm:\n  - - a\n    - b\n  - !!str c\n  - &n d\n  - *n\n",
};

/* The slice of each scalar reads as the scalar. */
START_TEST(slices_read_as_the_value)
{
	struct yt t;

	yt_open(&t, texts[_i]);
	ck_assert_uint_eq(t.diags.v.n, 0);
	for (uint32_t n = 1; n < t.d.n_nodes; n++) {
		const struct ynode *s = ynode_get(&t.d, n);
		struct sv slice = span_text(&t.sources, ynode_span(&t.d, n));
		struct yt u;

		ck_assert_uint_ge(s->lo, ynode_get(&t.d, n - 1)->lo);
		if (s->kind == YNODE_ALIAS)
			ck_assert_int_eq(slice.p[0], '*');
		if (s->kind != YNODE_SCALAR)
			continue;
		yt_open_opts(&u, sv_fmt(&t.a, "key: " SV_FMT "\n", SV_ARG(slice)), NULL);
		ck_assert_uint_eq(u.diags.v.n, 0);
		ck_assert_msg(sv_eq(yt_text(&u, "key"), ynode_text(&t.d, n)),
			      "'" SV_FMT "' reads as '" SV_FMT "', not '" SV_FMT "'", SV_ARG(slice),
			      SV_ARG(yt_text(&u, "key")), SV_ARG(ynode_text(&t.d, n)));
		yt_close(&u);
	}
	yt_close(&t);
}
END_TEST

static void check_inside(struct yt *t)
{
	for (size_t i = 0; i < t->diags.v.n; i++) {
		const struct diag *g = t->diags.v.v[i];

		ck_assert_uint_le((size_t)g->at.off + g->at.len, t->d.text.n);
		for (const struct diag_label *l = g->labels; l; l = l->next)
			ck_assert_uint_le((size_t)l->at.off + l->at.len, t->d.text.n);
		for (const struct diag_edit *e = g->edits; e; e = e->next)
			ck_assert_uint_le((size_t)e->at.off + e->at.len, t->d.text.n);
	}
}

/* Cut at every byte, every byte replaced by every sign that means something. */
START_TEST(mutations_do_no_harm)
{
	static const char signs[] = "{}[]\"':-#&*!|>?,%@`\t\n\r \\\x01\xFF\xC2";
	size_t n = strlen(texts[_i]);
	struct yt t;
	char *copy = NULL;

	for (size_t cut = 0; cut <= n; cut++) {
		yt_open_opts(&t, (struct sv){texts[_i], cut}, NULL);
		ck_assert(t.ok || t.diags.v.n);
		check_inside(&t);
		yt_close(&t);
	}
	for (size_t at = 0; at < n; at++)
		for (const char *c = signs; *c; c++) {
			struct buf b = {0};

			buf_str(&b, texts[_i]);
			copy = b.p;
			copy[at] = *c;
			yt_open_opts(&t, buf_view(&b), NULL);
			ck_assert(t.ok || t.diags.v.n);
			check_inside(&t);
			yt_close(&t);
			buf_release(&b);
		}
}
END_TEST

static const struct diag_info warning = {"LAB0901", SEV_WARNING, "test", "a test",
					 "",	    "SPEC.md#x", NULL,	 NULL};

/* Reports a warning at each '!!' in the text's values, applies the comments; the codes that remain. */
static const char *remaining(struct yt *t, const char *text)
{
	struct buf b = {0};
	const char *out;

	yt_open(t, text);
	for (const char *at = strstr(text, "!!"); at; at = strstr(at + 2, "!!"))
		diag_at(&t->diags, &warning, (struct span){t->d.src, (uint32_t)(at - text), 2}, "a test");
	yt_ignores(t);
	diags_finish(&t->diags);
	for (size_t i = 0; i < t->diags.v.n; i++)
		if (!t->diags.v.v[i]->suppressed)
			buf_fmt(&b, "%s ", yt_place(t, i));
	out = sv_cstr(&t->a, buf_view(&b));
	buf_release(&b);
	return out;
}

START_TEST(comments_silence_findings)
{
	static const struct {
		const char *text, *left;
	} table[] = {
	    {"a: 'x!!' # labc: ignore LAB0901\nb: '!!'\n", "LAB0901 2:5 "},
	    {"# labc: ignore LAB0901 -- known\na: 'x!!'\nb: '!!'\n", "LAB0901 3:5 "},
	    {"# labc: ignore LAB0901\na:\n  b: '!!'\n", "LAB0072 1:1 LAB0901 3:7 "},
	    {"x: 1\na: # labc: ignore LAB0901\n  - '!!'\n", "LAB0072 2:4 LAB0901 3:6 "},
	    {"a: | # labc: ignore LAB0901\n  one\n  !!\nb: 1\n", ""},
	    {"# labc: ignore LAB0901\na: |\n  one\n  !!\n", ""},
	    {"a: |\n  # labc: ignore LAB0901\n  !!\n", "LAB0901 3:3 "},
	    {"# labc: ignore-file LAB0901\na: '!!'\nb: '!!'\n", ""},
	    {"a: '!!'\n# labc: ignore-file LAB0901\nb: 1\n", "LAB0901 1:5 LAB0070 2:9 "},
	    {"a: 1 # labc: ignore LAB0901\n", "LAB0072 1:6 "},
	    {"a: '!!' # labc: ignore LAB0901, LAB0902\n", "LAB0072 1:9 "},
	    {"a: '!!' # labc: ignore LAB0901, LAB9999\n", "LAB0071 1:33 "},
	    {"a: '!!' # labc: ignore LAB0901 because\n", "LAB0070 1:32 "},
	    {"a: '!!' # labc: ignore\n", "LAB0901 1:5 LAB0074 1:9 "},
	    {"a: 1 # labc: ignore LAB0101\n", "LAB0073 1:21 "},
	    {"a: 1 # labc: ignore LAB0031\n", "LAB0073 1:21 "},
	    {"a: &b 1 # labc: ignore LAB0057\n", ""},
	    {"a: '!!' # labc: disable LAB0901\n", "LAB0901 1:5 LAB0070 1:17 "},
	    {"# labc: 1\na: 1 # see labc: ignore LAB0901\n", ""},
	    {"a: '!!'#labc:ignore LAB0901\n", "LAB0045 1:8 "},
	};
	struct yt t;

	ck_assert_str_eq(remaining(&t, table[_i].text), table[_i].left);
	if (_i == 0) {
		ck_assert_uint_eq(t.diags.n_warnings, 1);
		ck_assert_uint_eq(t.diags.v.n, 2);
	}
	yt_close(&t);
}
END_TEST

START_TEST(idle_comments_are_removed)
{
	static const struct {
		const char *text, *fixed;
	} table[] = {
	    {"a: 1 # labc: ignore LAB0901\n", "a: 1\n"},
	    {"# labc: ignore LAB0901\na: 1\n", "a: 1\n"},
	    {"a: '!!' # labc: ignore LAB0902, LAB0901 -- why\n", "a: '!!' # labc: ignore LAB0901 -- why\n"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct yt t;

		remaining(&t, table[i].text);
		for (size_t k = 0; k < t.diags.v.n; k++)
			if (yt_diag(&t, k)->edits) {
				ck_assert(yt_diag(&t, k)->fix_is_safe);
				ck_sv_eq(yt_fixed(&t, yt_diag(&t, k)), table[i].fixed);
			}
		yt_close(&t);
	}
}
END_TEST

static struct sv without(struct yt *t, struct span at)
{
	return sv_fmt(&t->a, SV_FMT SV_FMT, (int)at.off, t->d.text.p, (int)(t->d.text.n - at.off - at.len),
		      t->d.text.p + at.off + at.len);
}

START_TEST(entries_are_removed_whole)
{
	static const struct {
		const char *text, *path, *left;
	} table[] = {
	    {"a: 1\n# about b\nb: 2 # note\nc: 3\n", "b", "a: 1\nc: 3\n"},
	    {"a: 1\r\nb:\r\n  - 2\r\nc: 3", "b", "a: 1\r\nc: 3"},
	    {"a: 1\nb: 2", "b", "a: 1\n"},
	    {"{a: 1, b: 2, c: 3}", "b", "{a: 1, c: 3}"},
	    {"{a: 1, b: 2}", "b", "{a: 1}"},
	    {"{a: 1, b: 2}", "a", "{b: 2}"},
	    {"a: 1\nb: |\n  x\n  y\nc: 3\n", "b", "a: 1\nc: 3\n"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct yt t;
		struct yentry e;
		struct span at;

		yt_open(&t, table[i].text);
		ck_assert(ymap_get(&t.d, t.d.root, sv_from(table[i].path), &e));
		ck_assert(ymap_removal(&t.d, t.d.root, e.key, &at));
		ck_sv_eq(without(&t, at), table[i].left);
		yt_close(&t);
	}
}
END_TEST

START_TEST(items_and_insertions)
{
	struct yt t;
	struct yentry e;
	struct span at;
	struct sv before;
	uint32_t first;

	yt_open(&t, "a:\n  - x: 1\n    y: 2\n  - z\nb: [p, q]\n");
	ck_assert(ymap_get(&t.d, t.d.root, SV("a"), &e));
	first = ynode_first(&t.d, e.value);
	ck_assert(yseq_removal(&t.d, e.value, first, &at));
	ck_sv_eq(without(&t, at), "a:\n  - z\nb: [p, q]\n");
	ck_assert(ymap_insertion(&t.d, first, &at, &before));
	ck_assert_uint_eq(at.off, 21);
	ck_sv_eq(before, "    ");
	ck_assert(ymap_removal(&t.d, first, ynode_first(&t.d, first), &at));
	ck_sv_eq(without(&t, at), "a:\n  - y: 2\n  - z\nb: [p, q]\n");
	ck_assert(ymap_get(&t.d, t.d.root, SV("b"), &e));
	ck_assert(yseq_removal(&t.d, e.value, ynode_next(&t.d, ynode_first(&t.d, e.value)), &at));
	ck_sv_eq(without(&t, at), "a:\n  - x: 1\n    y: 2\n  - z\nb: [p]\n");
	yt_close(&t);
	yt_open(&t, "a:\r\n  b: 1");
	ck_assert(ymap_get(&t.d, t.d.root, SV("a"), &e));
	ck_assert(ymap_insertion(&t.d, e.value, &at, &before));
	ck_sv_eq(before, "\r\n  ");
	yt_close(&t);
}
END_TEST

START_TEST(spellings_read_back)
{
	static const char *const values[] = {"web",	 "a b",
					     "",	 " a",
					     "a ",	 "it's",
					     "a\nb",	 "no",
					     "~",	 "1",
					     "a: b",	 "a #b",
					     "- a",	 "@x",
					     "D:\\labs", "\x1B",
					     "\"",	 "\xC2\xA0",
					     "x:",	 "{{ a }}",
					     "'",	 "\xF0\x9F\x98\x80"};
	struct yt t;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct arena a;

		arena_init(&a, 0);
		yt_open_opts(&t,
			     sv_fmt(&a, "k: " SV_FMT "\nl: [" SV_FMT "]\n",
				    SV_ARG(ynode_quote(&a, sv_from(values[i]))),
				    SV_ARG(ynode_quote_always(&a, sv_from(values[i])))),
			     NULL);
		ck_sv_eq(yt_text(&t, "k"), values[i]);
		yt_close(&t);
		arena_release(&a);
	}
}
END_TEST

Suite *test_yaml_text_suite(void)
{
	Suite *s = suite_create("yaml_text");
	TCase *tc = tcase_create("text");
	int n = (int)(sizeof(texts) / sizeof(texts[0]));

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, slices_read_as_the_value, 0, n);
	tcase_add_loop_test(tc, mutations_do_no_harm, 0, n);
	tcase_add_loop_test(tc, comments_silence_findings, 0, 20);
	tcase_add_test(tc, idle_comments_are_removed);
	tcase_add_test(tc, entries_are_removed_whole);
	tcase_add_test(tc, items_and_insertions);
	tcase_add_test(tc, spellings_read_back);
	suite_add_tcase(s, tc);
	return s;
}
