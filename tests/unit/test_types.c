/* The grammar of each type: what it accepts, what it refuses, and the fix it offers. */
#include <check.h>

#include "base/num.h"
#include "schema/spec.h"
#include "schema/table.h"
#include "schema/types.h"

Suite *test_types_suite(void);

static struct arena arena;
static struct patterns *patterns;

static void setup(void)
{
	arena_init(&arena, 0);
	patterns = patterns_new();
}

static void teardown(void)
{
	patterns_free(patterns);
	arena_release(&arena);
}

union any_value {
	struct v_int i;
	struct v_size size;
	struct v_duration dur;
	struct v_ip ip;
	struct v_prefix prefix;
	struct v_range range;
	struct v_date date;
	struct v_time time;
	struct v_port port;
	struct v_mac mac;
	struct v_http http;
	struct v_text text;
	struct v_decimal dec;
	struct v_enum word;
	struct v_bool b;
};

static bool parse(enum type_id t, const char *text, const struct words *words, union any_value *v,
		  struct type_error *e)
{
	struct type_in in = { .text = sv_from(text),
			      .plain = true,
			      .words = words,
			      .max = t == TYPE_INTEGER ? INT64_MAX : 0,
			      .patterns = patterns,
			      .a = &arena };

	*e = (struct type_error){ 0 };
	return type_parse(t, &in, v, e);
}

/* A row: fix NULL means refused without one, "" accepted. */
struct row {
	enum type_id type;
	const char *text, *fix;
};

static void check_rows(const struct row *rows, size_t n, const struct words *words)
{
	for (size_t i = 0; i < n; i++) {
		union any_value v;
		struct type_error e;
		bool ok = parse(rows[i].type, rows[i].text, words, &v, &e);
		bool want = rows[i].fix && !*rows[i].fix;

		ck_assert_msg(ok == want, "'%s' as %s is %s", rows[i].text, types[rows[i].type].title,
			      ok ? "accepted" : "refused");
		if (!ok)
			ck_assert_msg(sv_eq(e.fix, sv_from(rows[i].fix)),
				      "the fix of '%s' as %s is '%.*s', not '%s'", rows[i].text,
				      types[rows[i].type].title, SV_ARG(e.fix),
				      rows[i].fix ? rows[i].fix : "");
		/* What is offered must itself be right. */
		if (!ok && e.fix.n) {
			union any_value again;
			struct type_error none;

			ck_assert_msg(parse(rows[i].type, sv_cstr(&arena, e.fix), words, &again, &none),
				      "the fix '%.*s' is refused", SV_ARG(e.fix));
		}
	}
}

#define CHECK_ROWS(rows, words) check_rows(rows, sizeof(rows) / sizeof(*(rows)), words)

START_TEST(numbers)
{
	static const struct row rows[] = {
		{ TYPE_INTEGER, "0", "" },
		{ TYPE_INTEGER, "2", "" },
		{ TYPE_INTEGER, "9223372036854775807", "" },
		{ TYPE_INTEGER, "9223372036854775808", NULL },
		{ TYPE_INTEGER, "99999999999999999999", NULL },
		{ TYPE_INTEGER, "010", NULL },
		{ TYPE_INTEGER, "08", NULL },
		{ TYPE_INTEGER, "0x4", "4" },
		{ TYPE_INTEGER, "0X10", "16" },
		{ TYPE_INTEGER, "0o10", "8" },
		{ TYPE_INTEGER, "0b11", "3" },
		{ TYPE_INTEGER, "1_000", "1000" },
		{ TYPE_INTEGER, "1e3", "1000" },
		{ TYPE_INTEGER, "1e19", NULL },
		{ TYPE_INTEGER, "2.0", "2" },
		{ TYPE_INTEGER, "2.5", NULL },
		{ TYPE_INTEGER, "+2", "2" },
		{ TYPE_INTEGER, "-2", NULL },
		{ TYPE_INTEGER, "", NULL },
		{ TYPE_INTEGER, "two", NULL },
		{ TYPE_INTEGER, ".inf", NULL },
		{ TYPE_INTEGER, "2 ", NULL },
		{ TYPE_INTEGER, "\xef\xbc\x92", NULL },
		{ TYPE_INTEGER, "\xd9\xa3", NULL },
		{ TYPE_INTEGER, "0x", NULL },
		{ TYPE_INTEGER, "0xg", NULL },
		{ TYPE_DECIMAL, "5000", "" },
		{ TYPE_DECIMAL, "249.50", "" },
		{ TYPE_DECIMAL, "1.999", NULL },
		{ TYPE_DECIMAL, "1,50", NULL },
		{ TYPE_DECIMAL, "-1", NULL },
		{ TYPE_DECIMAL, "1.", NULL },
	};
	CHECK_ROWS(rows, NULL);
	union any_value v;
	struct type_error e;
	ck_assert(parse(TYPE_DECIMAL, "2.5", NULL, &v, &e) && v.dec.v == 250);
	ck_assert(!parse(TYPE_INTEGER, "010", NULL, &v, &e));
	ck_assert(sv_search(e.found, SV("8")) > 0 && sv_search(e.found, SV("10")) > 0);
}
END_TEST

START_TEST(booleans_and_words)
{
	static const struct row rows[] = {
		{ TYPE_BOOLEAN, "true", "" },     { TYPE_BOOLEAN, "false", "" },
		{ TYPE_BOOLEAN, "yes", "true" },  { TYPE_BOOLEAN, "no", "false" },
		{ TYPE_BOOLEAN, "On", "true" },   { TYPE_BOOLEAN, "off", "false" },
		{ TYPE_BOOLEAN, "y", "true" },    { TYPE_BOOLEAN, "n", "false" },
		{ TYPE_BOOLEAN, "True", "true" }, { TYPE_BOOLEAN, "FALSE", "false" },
		{ TYPE_BOOLEAN, "0", "false" },   { TYPE_BOOLEAN, "1", "true" },
		{ TYPE_BOOLEAN, "maybe", NULL },
	};
	static const struct row stop[] = {
		{ TYPE_ENUM, "shutdown", "" },         { TYPE_ENUM, "ShutDown", "shutdown" },
		{ TYPE_ENUM, "TurnOff", "turn-off" },  { TYPE_ENUM, "turnoff", "turn-off" },
		{ TYPE_ENUM, "shutdwon", "shutdown" }, { TYPE_ENUM, "hibernate", NULL },
	};
	static const struct row boot[] = {
		{ TYPE_ENUM, "false", "off" },
		{ TYPE_ENUM, "true", "auto" },
		{ TYPE_ENUM, "On", "auto" },
		{ TYPE_ENUM, "MicrosoftWindows", "windows" },
	};
	static const struct row start[] = {
		{ TYPE_ENUM, "StartIfRunning", "if-running" },
		{ TYPE_ENUM, "Start", "always" },
		{ TYPE_ENUM, "true", "always" },
	};
	CHECK_ROWS(rows, NULL);
	CHECK_ROWS(stop, &words_automatic_stop);
	CHECK_ROWS(boot, &words_secure_boot);
	CHECK_ROWS(start, &words_automatic_start);
}
END_TEST

START_TEST(quotes)
{
	union any_value v;
	struct type_error e = { 0 };
	struct type_in in = {
		.text = SV("2"), .plain = false, .max = INT64_MAX, .patterns = patterns, .a = &arena
	};

	ck_assert(!type_parse(TYPE_INTEGER, &in, &v, &e));
	ck_assert(sv_eq(e.fix, SV("2")) && e.safe);
	in.text = SV("two");
	e = (struct type_error){ 0 };
	ck_assert(!type_parse(TYPE_INTEGER, &in, &v, &e));
	ck_assert_uint_eq(e.fix.n, 0);
	in.text = SV("4 GiB");
	ck_assert(type_parse(TYPE_SIZE, &in, &v, &e));
	in.text = SV("true");
	ck_assert(!type_parse(TYPE_BOOLEAN, &in, &v, &e));
}
END_TEST

START_TEST(sizes)
{
	static const struct row rows[] = {
		{ TYPE_SIZE, "4 GiB", "" },
		{ TYPE_SIZE, "4096MB", "" },
		{ TYPE_SIZE, "512 mib", "" },
		{ TYPE_SIZE, "2\tTB", "" },
		{ TYPE_SIZE, "0 GiB", "" },
		{ TYPE_SIZE, "8388607 TiB", "" },
		{ TYPE_SIZE, "8388608 TiB", NULL },
		{ TYPE_SIZE, "99999999999999999999 GiB", NULL },
		{ TYPE_SIZE, "4096", NULL },
		{ TYPE_SIZE, "4G", "4 GiB" },
		{ TYPE_SIZE, "4Gi", "4 GiB" },
		{ TYPE_SIZE, "4 k", "4 KiB" },
		{ TYPE_SIZE, "4.5 GiB", "4608 MiB" },
		{ TYPE_SIZE, "0.5TB", "512 GiB" },
		{ TYPE_SIZE, "1.1 GiB", NULL },
		{ TYPE_SIZE, "-4 GiB", NULL },
		{ TYPE_SIZE, "GiB", NULL },
		{ TYPE_SIZE, "4 PiB", NULL },
		{ TYPE_SIZE, "4 Gibs", NULL },
		{ TYPE_SIZE, "4 GiB ", NULL },
		{ TYPE_SIZE, "1_024 MiB", NULL },
		{ TYPE_SIZE, "0x4 GiB", NULL },
		{ TYPE_SIZE, "\xef\xbc\x94 GiB", NULL },
		{ TYPE_SIZE, "4B", NULL },
	};
	CHECK_ROWS(rows, NULL);
	union any_value v;
	struct type_error e;
	ck_assert(parse(TYPE_SIZE, "4096MB", NULL, &v, &e) && v.size.v == 4 * GIB);
	ck_assert(parse(TYPE_SIZE, "2097152KiB", NULL, &v, &e) && v.size.v == 2 * GIB);
	ck_assert(!parse(TYPE_SIZE, "4096", NULL, &v, &e));
	ck_assert(sv_search(e.help, SV("4096 MiB")) > 0);
}
END_TEST

START_TEST(times)
{
	static const struct row rows[] = {
		{ TYPE_DURATION, "90s", "" },
		{ TYPE_DURATION, "15m", "" },
		{ TYPE_DURATION, "2h", "" },
		{ TYPE_DURATION, "1d", "" },
		{ TYPE_DURATION, "PT15M", "" },
		{ TYPE_DURATION, "P1DT2H", "" },
		{ TYPE_DURATION, "P", NULL },
		{ TYPE_DURATION, "PT", NULL },
		{ TYPE_DURATION, "P1M", NULL },
		{ TYPE_DURATION, "15", NULL },
		{ TYPE_DURATION, "off", NULL },
		{ TYPE_DURATION, "15 min", "15m" },
		{ TYPE_DURATION, "1h30m", "90m" },
		{ TYPE_DURATION, "2 hours", "2h" },
		{ TYPE_DURATION, "9999999999999999999d", NULL },
		{ TYPE_DURATION, "-5m", NULL },
		{ TYPE_DURATION, "5w", NULL },
		{ TYPE_DURATION_OFF, "off", "" },
		{ TYPE_DURATION_OFF, "never", "off" },
		{ TYPE_DURATION_OFF, "Off", "off" },
		{ TYPE_DURATION_OFF, "15m", "" },
		{ TYPE_DURATION_OFF, "false", "off" },
		{ TYPE_TIME, "09:00", "" },
		{ TYPE_TIME, "23:59", "" },
		{ TYPE_TIME, "24:00", NULL },
		{ TYPE_TIME, "9:00", "09:00" },
		{ TYPE_TIME, "12:60", NULL },
		{ TYPE_TIME, "09:00:00", "09:00" },
		{ TYPE_TIME, "9am", NULL },
		{ TYPE_TIME, "0900", NULL },
		{ TYPE_TIME_OFF, "off", "" },
		{ TYPE_TIME_OFF, "19:00", "" },
		{ TYPE_DATE, "2027-01-31", "" },
		{ TYPE_DATE, "2028-02-29", "" },
		{ TYPE_DATE, "2027-02-29", NULL },
		{ TYPE_DATE, "2100-02-29", NULL },
		{ TYPE_DATE, "2027-02-30", NULL },
		{ TYPE_DATE, "2027-13-01", NULL },
		{ TYPE_DATE, "2027-1-5", "2027-01-05" },
		{ TYPE_DATE, "31.01.2027", NULL },
		{ TYPE_DATE, "2027-01-31T10:00", NULL },
	};
	CHECK_ROWS(rows, NULL);
	union any_value v;
	struct type_error e;
	ck_assert(parse(TYPE_DURATION, "P1DT2H3M4S", NULL, &v, &e) && v.dur.v == 93784);
	ck_assert(parse(TYPE_TIME, "18:30", NULL, &v, &e) && v.time.v == 1110 && !v.time.off);
	ck_assert(parse(TYPE_DATE, "2027-03-26", NULL, &v, &e) && v.date.month == 3 && v.date.day == 26);
}
END_TEST

START_TEST(addresses)
{
	static const struct row rows[] = {
		{ TYPE_IPV4, "192.168.0.10", "" },
		{ TYPE_IPV4, "0.0.0.0", "" },
		{ TYPE_IPV4, "255.255.255.255", "" },
		{ TYPE_IPV4, "010.0.0.1", NULL },
		{ TYPE_IPV4, "10.0.1", NULL },
		{ TYPE_IPV4, "192.168", NULL },
		{ TYPE_IPV4, "1.2.3.4.5", NULL },
		{ TYPE_IPV4, "1.2.3.256", NULL },
		{ TYPE_IPV4, "fd00::10", NULL },
		{ TYPE_IPV4, "192.168.0.5/24", "192.168.0.5" },
		{ TYPE_IPV4, "auto", NULL },
		{ TYPE_IPV4, "1.2.3.", NULL },
		{ TYPE_IPV4_AUTO, "auto", "" },
		{ TYPE_IPV4_AUTO, "dhcp", "" },
		{ TYPE_IPV4_AUTO, "DHCP", "dhcp" },
		{ TYPE_PREFIX, "192.168.0.0/24", "" },
		{ TYPE_PREFIX, "0.0.0.0/0", "" },
		{ TYPE_PREFIX, "10.0.0.9/32", "" },
		{ TYPE_PREFIX, "192.168.0.5/24", "192.168.0.0/24" },
		{ TYPE_PREFIX, "10.0.0.0/33", NULL },
		{ TYPE_PREFIX, "10.0.0.0", NULL },
		{ TYPE_PREFIX, "10.0.0.0/255.0.0.0", "10.0.0.0/8" },
		{ TYPE_PREFIX, "10.0.0.0/08", NULL },
		{ TYPE_PREFIX, "fd00::/8", NULL },
		{ TYPE_RANGE, "192.168.0.100-192.168.0.200", "" },
		{ TYPE_RANGE, "192.168.0.9 - 192.168.0.10", "" },
		{ TYPE_RANGE, "192.168.0.200-192.168.0.100", "192.168.0.100-192.168.0.200" },
		{ TYPE_RANGE, "192.168.0.100-200", "192.168.0.100-192.168.0.200" },
		{ TYPE_RANGE, "192.168.0.1", NULL },
		{ TYPE_PORT, "1", "" },
		{ TYPE_PORT, "65535", "" },
		{ TYPE_PORT, "0", NULL },
		{ TYPE_PORT, "65536", NULL },
		{ TYPE_PORT, "22-25", NULL },
		{ TYPE_PORT, "022", NULL },
		{ TYPE_PORT, "auto", NULL },
		{ TYPE_PORT, "", NULL },
		{ TYPE_PORT_AUTO, "auto", "" },
		{ TYPE_PORT_AUTO, "Auto", "auto" },
		{ TYPE_MAC, "52:54:00:12:34:56", "" },
		{ TYPE_MAC, "00-15-5D-00-00-0A", "" },
		{ TYPE_MAC, "00155D00000a", "" },
		{ TYPE_MAC, "01:00:5e:00:00:01", NULL },
		{ TYPE_MAC, "52:54:00:12:34", NULL },
		{ TYPE_MAC, "52:54-00:12:34:56", NULL },
		{ TYPE_HTTP, "/", "" },
		{ TYPE_HTTP, ":8080/status", "" },
		{ TYPE_HTTP, ":0/", NULL },
		{ TYPE_HTTP, "status", NULL },
		{ TYPE_HTTP, "http://web/", NULL },
		{ TYPE_HTTP, "/a b", NULL },
	};
	CHECK_ROWS(rows, NULL);
	union any_value v;
	struct type_error e;
	ck_assert(parse(TYPE_PREFIX, "172.16.0.0/12", NULL, &v, &e) && v.prefix.v == 0xac100000U &&
		  v.prefix.len == 12);
	ck_assert(parse(TYPE_MAC, "00:15:5d:00:00:0a", NULL, &v, &e) && v.mac.v == 0x155d00000aULL);
	ck_assert(parse(TYPE_HTTP, ":8080/x", NULL, &v, &e) && v.http.port == 8080 &&
		  sv_eq(v.http.path, SV("/x")));
	ck_assert(!parse(TYPE_IPV4, "fd00::10", NULL, &v, &e) && sv_search(e.found, SV("IPv6")) > 0);
}
END_TEST

START_TEST(mappings)
{
	static const struct {
		const char *text;
		unsigned external, internal;
		int protocol;
	} good[] = {
		{ "23:22", 23, 22, -1 },
		{ "23:22/tcp", 23, 22, PROTO_TCP },
		{ "53:53/udp", 53, 53, PROTO_UDP },
		{ "8080", 8080, 0, -1 },
	};
	static const char *const bad[] = {
		"",           "0:80",      "22-25",   "a:b",     "127.0.0.1:8080:80",
		"1:2:3",      "80:",       ":80",     "65536:1", "22:022",
		"22:22/icmp", "22:22/TCP", "22 : 22", "auto:22", "22:22/"
	};
	struct type_in in = { .plain = true, .patterns = patterns, .a = &arena };
	struct type_error e;
	struct port_mapping m;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		in.text = sv_from(good[i].text);
		ck_assert_msg(type_parse_mapping(&in, &m, &e), "'%s' is refused", good[i].text);
		ck_assert_uint_eq(m.external, good[i].external);
		ck_assert_uint_eq(m.internal, good[i].internal);
		ck_assert_int_eq(m.protocol, good[i].protocol);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		in.text = sv_from(bad[i]);
		e = (struct type_error){ 0 };
		ck_assert_msg(!type_parse_mapping(&in, &m, &e), "'%s' is accepted", bad[i]);
	}
}
END_TEST

START_TEST(names_and_paths)
{
	static const struct row rows[] = {
		{ TYPE_NAME, "web-01", "" },
		{ TYPE_NAME, "a", "" },
		{ TYPE_NAME, "1web", NULL },
		{ TYPE_NAME, "web_01", "web-01" },
		{ TYPE_NAME, "my lab", "my-lab" },
		{ TYPE_NAME, "web-", NULL },
		{ TYPE_NAME, "con", NULL },
		{ TYPE_NAME, "COM7", NULL },
		{ TYPE_NAME, "nul", NULL },
		{ TYPE_NAME, "com10", "" },
		{ TYPE_NAME, "", NULL },
		{ TYPE_NAME,
		  "w\xc3\xa9"
		  "b",
		  NULL },
		{ TYPE_NAME, "web.1", "web-1" },
		{ TYPE_NAME, "../web", NULL },
		{ TYPE_NAME, "web'; rm", NULL },
		{ TYPE_NAME, "a23456789012345678901234567890123456789012345678901234567890123", "" },
		{ TYPE_NAME, "a234567890123456789012345678901234567890123456789012345678901234", NULL },
		{ TYPE_IMAGE_NAME, "ubuntu-22.04", "" },
		{ TYPE_IMAGE_NAME, "nul.x", NULL },
		{ TYPE_USER, "lab_admin", "" },
		{ TYPE_USER, "_x", "" },
		{ TYPE_USER, "1x", NULL },
		{ TYPE_USER, "a b", NULL },
		{ TYPE_PATH, "C:\\labs", "" },
		{ TYPE_PATH, "D:\\", "" },
		{ TYPE_PATH, "\\\\server\\share\\x", "" },
		{ TYPE_PATH, "D:/labs", "D:\\labs" },
		{ TYPE_PATH, "C:\\\\labs\\\\x", "C:\\labs\\x" },
		{ TYPE_PATH, "labs", NULL },
		{ TYPE_PATH, "/data/labs", NULL },
		{ TYPE_PATH, "C:labs", NULL },
		{ TYPE_PATH, "C:\\a\\..\\b", NULL },
		{ TYPE_PATH, "C:\\nul", NULL },
		{ TYPE_PATH, "C:\\a\\con.txt", NULL },
		{ TYPE_PATH, "C:\\a*", NULL },
		{ TYPE_PATH, "C:\\a?b", NULL },
		{ TYPE_PATH, "C:\\a.", NULL },
		{ TYPE_PATH, "C:\\Program Files\\labc", "" },
		{ TYPE_PATH, "\\\\server", NULL },
		{ TYPE_PATH, "C:\\a:b", NULL },
		{ TYPE_URL, "https://example.org/a.vhdx", "" },
		{ TYPE_URL, "HTTP://x", "" },
		{ TYPE_URL, "ftp://x/y", NULL },
		{ TYPE_URL, "https:///x", NULL },
		{ TYPE_URL, "https://a b/", NULL },
		{ TYPE_URL, "example.org", NULL },
		{ TYPE_URL, "https://u:p@example.org/x?sig=1#f", "" },
		{ TYPE_SOURCE, "C:\\x.vhdx", "" },
		{ TYPE_SOURCE, "https://example.org/x.iso", "" },
		{ TYPE_SOURCE, "x.vhdx", NULL },
		{ TYPE_IMAGE_REF, "kali", "" },
		{ TYPE_IMAGE_REF, "images/x.vhdx", NULL },
	};
	CHECK_ROWS(rows, NULL);
}
END_TEST

START_TEST(the_rest)
{
	static const struct row rows[] = {
		{ TYPE_SHA256, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "" },
		{ TYPE_SHA256, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0", NULL },
		{ TYPE_SHA256, "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		  "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" },
		{ TYPE_EMAIL, "ann@example.org", "" },
		{ TYPE_EMAIL, "a.b+c@sub.example.org", "" },
		{ TYPE_EMAIL, "ann", NULL },
		{ TYPE_EMAIL, "ann@", NULL },
		{ TYPE_EMAIL, "ann@example", NULL },
		{ TYPE_EMAIL, "a..b@example.org", NULL },
		{ TYPE_EMAIL, "a b@example.org", NULL },
		{ TYPE_LOCALE, "en-US", "" },
		{ TYPE_LOCALE, "de", "" },
		{ TYPE_LOCALE, "zh-Hans-CN", "" },
		{ TYPE_LOCALE, "de_DE", "de-DE" },
		{ TYPE_LOCALE, "EN-us", "en-US" },
		{ TYPE_LOCALE, "german", NULL },
		{ TYPE_CURRENCY, "USD", "" },
		{ TYPE_CURRENCY, "usd", "USD" },
		{ TYPE_CURRENCY, "$", NULL },
		{ TYPE_RESOURCE_ID,
		  "/subscriptions/s/resourceGroups/g/providers/Microsoft.LabServices/labPlans/p", "" },
		{ TYPE_RESOURCE_ID, "my-plan", NULL },
		{ TYPE_RESOURCE_ID, "/subscriptions/s", NULL },
		{ TYPE_FILE, "students.txt", "" },
		{ TYPE_FILE, "", NULL },
		{ TYPE_ZONE, "Europe/Berlin", "" },
		{ TYPE_TEXT, "", "" },
	};
	CHECK_ROWS(rows, NULL);
}
END_TEST

START_TEST(hostile_patterns)
{
	/* Long texts that make careless patterns take for ever. */
	static char text[60001];
	union any_value v;
	struct type_error e;

	for (size_t i = 0; i < 60000; i++)
		text[i] = i % 2 ? '.' : 'a';
	ck_assert(!parse(TYPE_EMAIL, text, NULL, &v, &e));
	for (size_t i = 0; i < 60000; i++)
		text[i] = '/';
	ck_assert(!parse(TYPE_RESOURCE_ID, text, NULL, &v, &e));
	ck_assert(!parse(TYPE_URL, text, NULL, &v, &e));
}
END_TEST

Suite *test_types_suite(void)
{
	Suite *s = suite_create("types");
	TCase *t = tcase_create("types");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, numbers);
	tcase_add_test(t, booleans_and_words);
	tcase_add_test(t, quotes);
	tcase_add_test(t, sizes);
	tcase_add_test(t, times);
	tcase_add_test(t, addresses);
	tcase_add_test(t, mappings);
	tcase_add_test(t, names_and_paths);
	tcase_add_test(t, the_rest);
	tcase_add_test(t, hostile_patterns);
	suite_add_tcase(s, t);
	return s;
}
