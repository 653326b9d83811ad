/* Views, arenas, maps, numbers, UTF-8. */
#include <check.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/num.h"
#include "base/utf8.h"
#include "base/vec.h"

Suite *test_base_suite(void);

START_TEST(views)
{
	ck_assert(sv_eq(sv_trim(SV(" \ta b\r\n")), SV("a b")));
	ck_assert_int_eq(sv_search(SV("abcabd"), SV("abd")), 3);
	ck_assert_int_eq(sv_search(SV("ab"), SV("abc")), -1);
	ck_assert(sv_cmp(SV("a"), SV("ab")) < 0);
	ck_assert(sv_eq(sv_sub(SV("abc"), 1, 9), SV("bc")));
	ck_assert(sv_eq_nocase(SV("LaB"), SV("lAb")));
}
END_TEST

START_TEST(distances)
{
	unsigned d;

	ck_assert_uint_eq(sv_distance(SV("vcpu"), SV("vcpus"), 3), 1);
	ck_assert_uint_eq(sv_distance(SV("memroy"), SV("memory"), 3), 1);
	ck_assert_uint_eq(sv_distance(SV("abc"), SV("xyz"), 2), 3);
	ck_assert(sv_is_near(SV("memmory"), SV("memory"), &d));
	ck_assert(!sv_is_near(SV("os"), SV("to"), &d));
}
END_TEST

START_TEST(arenas)
{
	struct arena a;
	struct arena_mark m;
	VEC(int) v = { 0 };
	char *p;

	arena_init(&a, 0);
	p = NEW(&a, char, 10);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(p[i], 0);
	m = arena_mark(&a);
	memset(NEW(&a, char, 200000), 7, 200000);
	arena_rewind(&a, m);
	p = NEW(&a, char, 64);
	ck_assert_int_eq(p[63], 0);
	for (int i = 0; i < 1000; i++)
		VEC_ADD(&a, &v, i);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(v.v[i], i);
	arena_release(&a);
}
END_TEST

START_TEST(maps)
{
	struct arena a;
	struct map m;
	static int values[100];

	arena_init(&a, 0);
	map_init(&m, &a, true);
	for (int i = 0; i < 100; i++)
		ck_assert_ptr_null(map_add(&m, sv_fmt(&a, "Key%d", i), &values[i]));
	ck_assert_ptr_nonnull(map_add(&m, SV("kEY7"), &values[0]));
	ck_assert_ptr_eq(map_get(&m, SV("key99")), &values[99]);
	ck_assert_ptr_null(map_get(&m, SV("key100")));
	ck_assert(sv_eq(m.v[42].key, SV("Key42")));
	arena_release(&a);
}
END_TEST

START_TEST(numbers)
{
	struct arena a;
	uint64_t v;
	uint32_t ip;

	arena_init(&a, 0);
	ck_assert(num_u64(SV("18446744073709551615"), &v) && v == UINT64_MAX);
	ck_assert(!num_u64(SV("18446744073709551616"), &v));
	ck_assert(!num_u64(SV(""), &v) && !num_u64(SV("1a"), &v) && !num_u64(SV("-1"), &v));
	ck_assert(num_ip(SV("192.168.0.1"), &ip) && ip == 0xC0A80001);
	ck_assert(!num_ip(SV("192.168.0.01"), &ip) && !num_ip(SV("192.168.0"), &ip));
	ck_assert(!num_ip(SV("192.168.0.256"), &ip) && !num_ip(SV("1.2.3.4."), &ip));
	ck_assert(sv_eq(num_size_text(&a, 1536 * MIB), SV("1536 MiB")));
	ck_assert(sv_eq(num_size_text(&a, 4 * GIB), SV("4 GiB")));
	ck_assert(sv_eq(num_ip_text(&a, 0x0A000008), SV("10.0.0.8")));
	arena_release(&a);
}
END_TEST

/* Every byte at every place of a word and behind it, beside others that might carry into it. */
START_TEST(printable)
{
	static const char beside[] = { ' ', 'a', '~', '\x7f', '\x1f', '\xff' };

	for (size_t k = 0; k < sizeof(beside); k++)
		for (size_t at = 0; at < 11; at++)
			for (int c = 0; c < 256; c++) {
				char t[11];
				bool want = (c >= ' ' && c <= '~') && beside[k] >= ' ' && beside[k] <= '~';

				memset(t, beside[k], sizeof(t));
				t[at] = (char)c;
				ck_assert_msg(utf8_is_printable_ascii((struct sv){ t, sizeof(t) }) == want, "%d at %zu beside %d",
					      c, at, beside[k]);
			}
	ck_assert(utf8_is_printable_ascii(SV("")));
}
END_TEST

START_TEST(utf8)
{
	uint32_t cp;

	ck_assert_int_eq(utf8_check(SV("abc\xC3\xA9")), -1);
	ck_assert_int_eq(utf8_check(SV("abcdefghij\xC3")), 10);
	ck_assert_int_eq(utf8_check(SV("\xED\xA0\x80")), 0); /* a surrogate */
	ck_assert_int_eq(utf8_check(SV("\xC0\x80")), 0);     /* overlong */
	ck_assert_uint_eq(utf8_count(SV("a\xC3\xA9\xF0\x9F\x98\x80")), 3);
	ck_assert_uint_eq(utf8_decode(SV("\xE6\x97\xA5"), 0, &cp, NULL), 3);
	ck_assert_uint_eq(cp, 0x65E5);
	ck_assert_uint_eq(utf8_width(0x65E5), 2);
	ck_assert_uint_eq(utf8_width(0x301), 0);
	ck_assert(utf8_is_unsafe(0x202E) && utf8_is_unsafe(7) && !utf8_is_unsafe(0xE9));
}
END_TEST

START_TEST(buffers)
{
	struct buf b = { 0 };

	buf_fmt(&b, "%s-%d", "x", 7);
	buf_u64(&b, 0);
	buf_i64(&b, INT64_MIN);
	buf_utf8(&b, 0x1F600);
	ck_assert(sv_eq(buf_view(&b), SV("x-70-9223372036854775808\xF0\x9F\x98\x80")));
	b.n = 0;
	for (int i = 0; i < 300; i++)
		buf_fmt(&b, "%0200d", i);
	ck_assert_uint_eq(b.n, 60000);
	buf_release(&b);
}
END_TEST

START_TEST(paths)
{
	struct arena a;

	arena_init(&a, 0);
	ck_assert_str_eq(fs_join(&a, "out", SV("x")), "out/x");
	ck_assert_str_eq(fs_join(&a, "out/", SV("x")), "out/x");
	ck_assert_str_eq(fs_join(&a, "", SV("x")), "x");
	ck_assert(sv_eq(fs_dirname("a/b/c.yaml"), SV("a/b")));
	ck_assert(sv_eq(fs_dirname("c.yaml"), SV(".")));
	ck_assert(sv_eq(fs_basename("a/b/c.yaml"), SV("c.yaml")));
	arena_release(&a);
}
END_TEST

Suite *test_base_suite(void)
{
	Suite *s = suite_create("base");
	TCase *t = tcase_create("base");

	tcase_add_test(t, views);
	tcase_add_test(t, distances);
	tcase_add_test(t, arenas);
	tcase_add_test(t, maps);
	tcase_add_test(t, numbers);
	tcase_add_test(t, utf8);
	tcase_add_test(t, printable);
	tcase_add_test(t, buffers);
	tcase_add_test(t, paths);
	suite_add_tcase(s, t);
	return s;
}
