/* The tree: nodes, keys, anchors, merge keys, limits. */
#include "test_yaml.h"

Suite *test_yaml_suite(void);

START_TEST(tree_of_a_small_file)
{
	struct yt t;
	struct yentry e;
	uint32_t list;

	yt_open(&t, "labc: 1\nname: 'my lab'\nports: [\"23:22\", 80]\nempty:\nguests:\n  web: { os: "
		    "ubuntu-22.04 }\n");
	ck_assert(t.ok);
	ck_assert_uint_eq(t.diags.v.n, 0);
	ck_assert_uint_eq(ymap_count(&t.d, t.d.root), 5);
	ck_sv_eq(yt_text(&t, "name"), "my lab");
	ck_assert(ymap_get(&t.d, t.d.root, SV("ports"), &e));
	ck_assert_int_eq(ynode_kind(&t.d, e.value), YNODE_SEQ);
	ck_assert_int_eq(ynode_style(&t.d, e.value), YSTYLE_FLOW);
	ck_sv_eq(span_text(&t.sources, ynode_span(&t.d, e.value)), "[\"23:22\", 80]");
	list = ynode_first(&t.d, e.value);
	ck_assert(ynode_is_quoted(&t.d, list));
	ck_assert(ynode_is_plain(&t.d, ynode_next(&t.d, list)));
	ck_assert_uint_eq(ynode_next(&t.d, ynode_next(&t.d, list)), 0);
	ck_assert(ymap_get(&t.d, t.d.root, SV("empty"), &e));
	ck_assert(ynode_is_null(&t.d, e.value));
	ck_assert(!ymap_get(&t.d, t.d.root, SV("none"), &e));
	ck_assert_uint_eq(sizeof(struct ynode), 32);
	yt_close(&t);
}
END_TEST

START_TEST(texts_stay_texts)
{
	static const char *const words[] = {"no", "010",  "22:22", "1.10", "2026-12-31",
					    "~x", "0x10", "1e3",   "=",	   ".inf"};
	struct buf b = {0};
	struct yt t;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		buf_fmt(&b, "k%zu: %s\n", i, words[i]);
	yt_open_opts(&t, buf_view(&b), NULL);
	ck_assert_uint_eq(t.diags.v.n, 0);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ck_sv_eq(yt_text(&t, sv_cstr(&t.a, sv_fmt(&t.a, "k%zu", i))), words[i]);
	yt_close(&t);
	buf_release(&b);
}
END_TEST

START_TEST(plain_texts_point_into_the_source)
{
	struct yt t;
	struct yentry e;

	yt_open(&t, "a: plain text\nb: 'quoted'\nc: \"e\\x73c\"\nd: |\n  one\n  two\n\n\ne: two\n   lines\n");
	ck_assert(ymap_get(&t.d, t.d.root, SV("a"), &e));
	ck_assert_ptr_eq(ynode_text(&t.d, e.value).p, t.d.text.p + 3);
	ck_assert(ymap_get(&t.d, t.d.root, SV("b"), &e));
	ck_assert(!ynode_is(&t.d, e.value, YN_COPIED));
	ck_sv_eq(yt_text(&t, "c"), "esc");
	ck_sv_eq(yt_text(&t, "d"), "one\ntwo\n");
	ck_assert(ymap_get(&t.d, t.d.root, SV("d"), &e));
	ck_sv_eq(span_text(&t.sources, ynode_span(&t.d, e.value)), "|\n  one\n  two");
	ck_assert(ymap_get(&t.d, t.d.root, SV("e"), &e));
	ck_assert(ynode_is(&t.d, e.value, YN_MULTILINE));
	ck_sv_eq(ynode_text(&t.d, e.value), "two lines");
	yt_close(&t);
}
END_TEST

START_TEST(aliases_are_followed_by_reference)
{
	struct yt t;
	struct yentry a, b;

	yt_open(&t, "a: &x # note\n  k: v\nb: *x\n");
	ck_assert_uint_eq(t.diags.v.n, 0);
	ck_assert(ymap_get(&t.d, t.d.root, SV("a"), &a));
	ck_assert(ymap_get(&t.d, t.d.root, SV("b"), &b));
	ck_assert_uint_eq(a.value, b.value);
	ck_assert_uint_eq(a.alias, 0);
	ck_sv_eq(span_text(&t.sources, ynode_span(&t.d, b.alias)), "*x");
	ck_sv_eq(span_text(&t.sources, ynode_span(&t.d, a.value)), "k: v");
	yt_close(&t);
}
END_TEST

START_TEST(merge_keys_keep_their_order)
{
	struct yt t;
	struct yentry web, e;
	struct ymap_it it;
	struct buf b = {0};

	yt_open(&t, "p: &p {os: a, vcpus: 1, memory: 1}\nq: &q {<<: *p, vcpus: 2, disk: 2}\n"
		    "web:\n  <<: [{notes: n, os: i}, *q]\n  memory: own\n");
	ck_assert_uint_eq(t.diags.v.n, 0);
	ck_assert(ymap_get(&t.d, t.d.root, SV("web"), &web));
	it = ymap_iter(&t.d, web.value);
	while (ymap_next(&it, &e))
		buf_fmt(&b, SV_FMT "=" SV_FMT "%s ", SV_ARG(ynode_text(&t.d, e.key)),
			SV_ARG(ynode_text(&t.d, e.value)), e.via ? "+" : "");
	ck_sv_eq(buf_view(&b), "memory=own notes=n+ os=i+ vcpus=2+ disk=2+ ");
	ck_assert(ymap_get(&t.d, web.value, SV("vcpus"), &e));
	ck_sv_eq(ynode_text(&t.d, e.value), "2");
	ck_assert(!ymap_get(&t.d, web.value, SV("<<"), &e));
	buf_release(&b);
	yt_close(&t);
}
END_TEST

START_TEST(long_maps_are_looked_up_by_hash)
{
	struct buf b = {0};
	struct yt t;
	struct yentry e;

	buf_str(&b, "p: &p\n");
	for (int i = 0; i < 500; i++)
		buf_fmt(&b, "  key-%d: %d\n", i, i);
	buf_str(&b, "q:\n  <<: *p\n  key-7: own\nr:\n");
	for (int i = 0; i < 3000; i++)
		buf_fmt(&b, "  k%d: %d\n", i, i);
	buf_str(&b, "  k17: again\n");
	yt_open_opts(&t, buf_view(&b), NULL);
	ck_assert_uint_eq(t.diags.v.n, 1);
	ck_assert_str_eq(yt_place(&t, 0), "LAB0031 3506:3");
	ck_assert(ymap_get(&t.d, t.d.root, SV("q"), &e));
	ck_assert_uint_eq(ymap_count(&t.d, e.value), 500);
	for (int i = 0; i < 500; i++) {
		struct yentry k;

		ck_assert(ymap_get(&t.d, e.value, sv_fmt(&t.a, "key-%d", i), &k));
		ck_sv_eq(ynode_text(&t.d, k.value), i == 7 ? "own" : sv_cstr(&t.a, sv_fmt(&t.a, "%d", i)));
	}
	yt_close(&t);
	buf_release(&b);
}
END_TEST

START_TEST(three_equal_keys_are_two_findings)
{
	struct yt t;

	yt_open(&t, "a: 1\n\"a\": 2\n\"\\x61\": 3\n");
	ck_assert_uint_eq(t.diags.v.n, 2);
	ck_assert_str_eq(yt_place(&t, 0), "LAB0031 2:1");
	ck_assert_str_eq(yt_place(&t, 1), "LAB0031 3:1");
	ck_assert_uint_eq(yt_diag(&t, 1)->labels->at.off, 0);
	ck_sv_eq(yt_text(&t, "a"), "1");
	yt_close(&t);
}
END_TEST

START_TEST(core_tags_are_kept_for_the_schema)
{
	struct yt t;
	struct yentry e;
	struct span at;

	yt_open(&t, "a: !!int 2\nb: !<tag:yaml.org,2002:str> x\nc: !!map {d: e}\nf: !!seq\n- !!bool true\n");
	ck_assert_uint_eq(t.diags.v.n, 0);
	ck_assert(ymap_get(&t.d, t.d.root, SV("a"), &e));
	ck_assert_int_eq(ynode_tag(&t.d, e.value, &at), YTAG_INT);
	ck_sv_eq(span_text(&t.sources, at), "!!int");
	ck_assert(ymap_get(&t.d, t.d.root, SV("b"), &e));
	ck_assert_int_eq(ynode_tag(&t.d, e.value, NULL), YTAG_STR);
	ck_assert(ymap_get(&t.d, t.d.root, SV("f"), &e));
	ck_assert_int_eq(ynode_tag(&t.d, e.value, NULL), YTAG_SEQ);
	yt_close(&t);
}
END_TEST

START_TEST(aliases_are_counted_as_written_out)
{
	const struct ydoc_opts o = {.max_decoded = 50};
	struct yt t;
	struct yentry e;

	/* 24 nodes stand here: the limit is 50 + 2 * 24 */
	yt_open_opts(
	    &t, SV("a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\nb: &b [*a, *a, *a]\nc: &c [*b, *b]\nd: [*c]\n"), &o);
	ck_assert_uint_eq(t.diags.v.n, 1);
	ck_assert_str_eq(yt_place(&t, 0), "LAB0014 3:12");
	ck_assert(ymap_get(&t.d, t.d.root, SV("c"), &e));
	ck_assert(!ynode_is_poisoned(&t.d, ynode_first(&t.d, e.value)));
	ck_assert(ynode_is_poisoned(&t.d, ynode_next(&t.d, ynode_first(&t.d, e.value))));
	yt_close(&t);
}
END_TEST

START_TEST(limits_are_exact)
{
	struct yt t;
	struct buf b = {0};

	for (int depth = 63; depth <= 64; depth++) {
		b.n = 0;
		buf_str(&b, "a: ");
		buf_fill(&b, '[', (size_t)depth);
		buf_fill(&b, ']', (size_t)depth);
		yt_open_opts(&t, buf_view(&b), NULL);
		ck_assert_uint_eq(t.diags.v.n, depth == 64);
		if (depth == 64)
			ck_assert_str_eq(yt_place(&t, 0), "LAB0013 1:67");
		yt_close(&t);
	}
	for (int run = 4096; run <= 4097; run++) {
		b.n = 0;
		buf_str(&b, "a: x");
		buf_fill(&b, ' ', (size_t)run);
		buf_str(&b, "y\n");
		yt_open_opts(&t, buf_view(&b), NULL);
		ck_assert_uint_eq(t.diags.v.n, run == 4097);
		if (run == 4097)
			ck_assert_str_eq(yt_place(&t, 0), "LAB0011 1:5");
		yt_close(&t);
	}
	b.n = 0;
	buf_str(&b, "a: |\n");
	for (int i = 0; i < 65; i++)
		buf_str(&b, "%\n");
	yt_open_opts(&t, buf_view(&b), NULL);
	ck_assert_str_eq(yt_place(&t, 0), "LAB0012 66:1");
	yt_close(&t);
	buf_release(&b);
}
END_TEST

START_TEST(long_texts)
{
	struct yt t;
	struct buf b = {0};

	buf_str(&b, "a: ");
	buf_fill(&b, 'x', ((size_t)1 << 20) + 1);
	buf_str(&b, "\nb: |\n  ");
	buf_fill(&b, 'x', ((size_t)1 << 20) + 1);
	yt_open_opts(&t, buf_view(&b), NULL);
	ck_assert_uint_eq(t.diags.v.n, 1);
	ck_assert_str_eq(yt_place(&t, 0), "LAB0015 1:4");
	yt_close(&t);
	buf_release(&b);
}
END_TEST

/* Inputs on which libyaml alone takes seconds. */
START_TEST(hostile_inputs_end_at_once)
{
	static const char *const parts[] = {"[",    "{a: ", "%TAG !a! b\n",	" ", "\n", "- ", "? ",
					    "&a [", "\"",   "a: &b {<<: *b}\n", "{", "#"};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct yt t;

		b.n = 0;
		while (b.n < 200000)
			buf_str(&b, parts[i]);
		buf_str(&b, "x\n");
		yt_open_opts(&t, buf_view(&b), NULL);
		ck_assert(!t.ok || t.diags.v.n);
		yt_close(&t);
	}
	buf_release(&b);
}
END_TEST

Suite *test_yaml_suite(void)
{
	Suite *s = suite_create("yaml");
	TCase *tc = tcase_create("tree");

	tcase_add_test(tc, tree_of_a_small_file);
	tcase_add_test(tc, texts_stay_texts);
	tcase_add_test(tc, plain_texts_point_into_the_source);
	tcase_add_test(tc, aliases_are_followed_by_reference);
	tcase_add_test(tc, merge_keys_keep_their_order);
	tcase_add_test(tc, long_maps_are_looked_up_by_hash);
	tcase_add_test(tc, three_equal_keys_are_two_findings);
	tcase_add_test(tc, core_tags_are_kept_for_the_schema);
	tcase_add_test(tc, aliases_are_counted_as_written_out);
	tcase_add_test(tc, limits_are_exact);
	tcase_add_test(tc, long_texts);
	tcase_add_test(tc, hostile_inputs_end_at_once);
	suite_add_tcase(s, tc);
	return s;
}
