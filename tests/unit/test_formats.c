/* Each format: exact text of findings whose texts try to break out of it; documents of several files. */
#include <check.h>
#include <string.h>

#include "../formats/findings.h"
#include "diag/linehash.h"

Suite *test_formats_suite(void);

static struct arena a;
static struct sources sources;
static struct diags diags;
static struct buf out;
static bool with_notes;

static void setup(void)
{
	with_notes = false;
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

static const char *text(void)
{
	*buf_room(&out, 1) = '\0';
	return out.p;
}

static void write_as(const char *format)
{
	struct report_setup setup = test_setup;
	struct report r;

	out.n = 0;
	setup.text.notes = with_notes;
	report_begin(&r, report_format_find(sv_from(format)), &setup, &out);
	report_file(&r, &diags, &out);
	report_end(&r, &out);
}

static void expect(const char *format, const char *want)
{
	write_as(format);
	ck_assert_str_eq(text(), want);
}

/* Only the first finding of the hostile file, or all but the first. */
static void keep(bool first)
{
	add_hostile(&diags);
	if (first)
		diags.v.n = 1;
	else
		diags.v.v++, diags.v.n--;
}

#define LINE_1 "::error::x##vso[task.setvariable variable=a]b"
/* HOSTILE and the file's name as each format writes them */
#define H_JSON "%25,:;]='\\\"<&>]]>\\r\\n" LINE_1 "\\t\\u001B[0m\x7f\\u202E\\uD83D\\uDE00\\uFFFD\\\\"
#define H_LINK "%25,:;\\\\]='\\\"<&>\\\\]\\\\]>\\r\\n::error::x##vso\\\\[task.setvariable variable=a\\\\]b" \
	       "\\t\\u001B\\\\[0m\x7f\\u202E\\uD83D\\uDE00\\uFFFD\\\\\\\\"
#define H_GITHUB "%2525,:;]='\"<&>]]>%0D%0A" LINE_1 "\\t\\x1b[0m\\x7f<U+202E>\xF0\x9F\x98\x80\\xff\\"
#define H_AZURE "%AZP2525,:;]='\"<&>]]>%0D%0A" LINE_1 "\\t\\x1b[0m\\x7f<U+202E>\xF0\x9F\x98\x80\\xff\\"
#define H_XML "%25,:;]='&quot;&lt;&amp;&gt;]]&gt;&#13;&#10;" LINE_1 \
	      "&#9;\\x1b[0m\\x7f&lt;U+202E&gt;\xF0\x9F\x98\x80\\xff\\"
#define N_JSON "labs/a b%,:;]\\\"<&>[\\n.yaml"
#define N_URI "labs/a%20b%25%2C%3A%3B%5D%22%3C%26%3E%5B%0A.yaml"
#define N_GITHUB "labs/a b%25%2C%3A;]\"<&>[%0A.yaml"
#define N_AZURE "labs/a b%AZP25,:%3B%5D\"<&>[%0A.yaml"
#define N_XML "labs/a b%,:;]&quot;&lt;&amp;&gt;[&#10;.yaml"

#define HELP_JSON "write " H_JSON "\\nor [b](2)"
#define MESSAGE_JSON "unknown '" H_JSON "' [a](1)"
#define PLACE_JSON "\"path\":\"" N_JSON "\",\"start\":{\"line\":1,\"column\":14,\"offset\":17}," \
		   "\"end\":{\"line\":1,\"column\":15,\"offset\":18}"
#define FINDING_JSON \
	"{" PLACE_JSON ",\"code\":\"LAB0123\",\"name\":\"hostile-text\",\"severity\":\"error\"," \
	"\"message\":\"" MESSAGE_JSON "\",\"help\":\"" HELP_JSON "\",\"source\":\"https://example.org/a?b=1&c=2\"," \
	"\"suppressed\":false,\"labels\":[{\"path\":\"" N_JSON "\",\"start\":{\"line\":1,\"column\":7,\"offset\":6}," \
	"\"end\":{\"line\":1,\"column\":13,\"offset\":16},\"message\":\"" H_JSON "\"}]," \
	"\"fix\":{\"safe\":true,\"edits\":[{" PLACE_JSON ",\"text\":\"y\\n" H_JSON "\"}]}}"

START_TEST(json)
{
	keep(true);
	expect("json", "{\"version\":1,\"tool\":{\"name\":\"labc\",\"version\":\"1.2.3\"},\"findings\":[\n"
		       FINDING_JSON "\n],\"summary\":"
		       "{\"files\":1,\"errors\":1,\"warnings\":0,\"notes\":0,\"suppressed\":0}}\n");
	expect("jsonl", FINDING_JSON "\n");
}
END_TEST

START_TEST(json_empty)
{
	add_clean(&diags);
	expect("json", "{\"version\":1,\"tool\":{\"name\":\"labc\",\"version\":\"1.2.3\"},\"findings\":[\n\n],\"summary\":"
		       "{\"files\":1,\"errors\":0,\"warnings\":0,\"notes\":0,\"suppressed\":0}}\n");
	expect("jsonl", "");
	expect("gitlab", "[\n\n]\n");
	expect("github", "");
	expect("azure", "");
	expect("text", "");
	expect("concise", "");
}
END_TEST

/* An edit at the end of the text is in the empty line there; a finding there would be at the last character. */
START_TEST(json_edits)
{
	keep(false);
	write_as("jsonl");
	ck_assert_ptr_nonnull(strstr(text(), "\"end\":{\"line\":2,\"column\":9,\"offset\":28},\"code\":\"LAB0234\""));
	ck_assert_ptr_nonnull(strstr(text(), "\"end\":{\"line\":3,\"column\":1,\"offset\":30},\"text\":\"\"}"));
	ck_assert_ptr_nonnull(strstr(text(), "\"start\":{\"line\":5,\"column\":1,\"offset\":65},"
					     "\"end\":{\"line\":5,\"column\":1,\"offset\":65},\"text\":\"disk: 1\\n\"}"));
	ck_assert_ptr_nonnull(strstr(text(), "\"suppressed\":true"));
}
END_TEST

#define REGION_SARIF "{\"startLine\":1,\"startColumn\":14,\"endLine\":1,\"endColumn\":15,\"byteOffset\":17,\"byteLength\":1}"
#define FILE_SARIF "\"artifactLocation\":{\"uri\":\"" N_URI "\"}"

START_TEST(sarif)
{
	keep(true);
	expect("sarif",
	       "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{"
	       "\"columnKind\":\"unicodeCodePoints\",\"defaultEncoding\":\"utf-8\",\"language\":\"en-US\","
	       "\"automationDetails\":{\"id\":\"labc/lint/\"},\"results\":[\n"
	       "{\"ruleId\":\"LAB0123\",\"level\":\"error\",\"message\":{\"text\":\"unknown '" H_LINK "' \\\\[a\\\\](1) ([" H_LINK
	       "](1)).\\nHelp: write " H_LINK "\\nor \\\\[b\\\\](2).\"},"
	       "\"locations\":[{\"physicalLocation\":{" FILE_SARIF ",\"region\":" REGION_SARIF "}}],"
	       "\"relatedLocations\":[{\"physicalLocation\":{" FILE_SARIF ",\"region\":{\"startLine\":1,\"startColumn\":7,"
	       "\"endLine\":1,\"endColumn\":13,\"byteOffset\":6,\"byteLength\":10}},\"id\":1,"
	       "\"message\":{\"text\":\"" H_JSON "\"}}],"
	       "\"partialFingerprints\":{\"primaryLocationLineHash\":\"5965e7d9d96ffb32:1\"},\"suppressions\":[],"
	       "\"fixes\":[{\"description\":{\"text\":\"" HELP_JSON "\"},\"artifactChanges\":[{" FILE_SARIF ","
	       "\"replacements\":[{\"deletedRegion\":" REGION_SARIF ",\"insertedContent\":{\"text\":\"y\\n" H_JSON "\"}}]}],"
	       "\"properties\":{\"safe\":true}}]}\n"
	       "],\"tool\":{\"driver\":{\"name\":\"labc\",\"version\":\"1.2.3\",\"semanticVersion\":\"1.2.3\","
	       "\"informationUri\":\"https://example.org/labc\",\"rules\":[\n"
	       "{\"id\":\"LAB0123\",\"name\":\"HostileText\","
	       "\"shortDescription\":{\"text\":\"a row with <b>, \\\"quotes\\\" & `ticks`.\"},"
	       "\"fullDescription\":{\"text\":\"It breaks: 100 %, ]]> and [x](1).\"},"
	       "\"help\":{\"text\":\"It breaks: 100 %, ]]> and [x](1).\\nSource: https://example.org/a?b=1&c=2\","
	       "\"markdown\":\"It breaks: 100 %, ]]> and [x](1).\\n\\nWrong:\\n\\n````yaml\\nname: \\\"```\\\"\\n````\\n\\n"
	       "Right:\\n\\n```yaml\\nname: x\\n```\\n\\nSource: <https://example.org/a?b=1&c=2>\"},"
	       "\"helpUri\":\"https://example.org/a?b=1&c=2\",\"defaultConfiguration\":{\"level\":\"error\"},"
	       "\"properties\":{\"precision\":\"very-high\",\"problem.severity\":\"error\"}}\n"
	       "]}},\"invocations\":[{\"executionSuccessful\":true}]}]}\n");
}
END_TEST

START_TEST(sarif_rest)
{
	keep(false);
	write_as("sarif");
	ck_assert_ptr_nonnull(strstr(text(), "\"suppressions\":[{\"kind\":\"inSource\"}]"));
	ck_assert_ptr_nonnull(strstr(text(), "\"level\":\"note\""));
	ck_assert_ptr_nonnull(strstr(text(), "\"problem.severity\":\"recommendation\""));
	ck_assert_ptr_nonnull(strstr(text(), "\"deletedRegion\":{\"startLine\":5,\"startColumn\":1,\"endLine\":5,\"endColumn\":1,"
					     "\"byteOffset\":65,\"byteLength\":0}"));
}
END_TEST

START_TEST(github)
{
	keep(true);
	expect("github", "::error title=LAB0123,file=" N_GITHUB ",line=1,endLine=1,col=14,endColumn=15::unknown '"
			 H_GITHUB "' [a](1)%0Ahelp: write " H_GITHUB "%0Aor [b](2)\n");
}
END_TEST

/* The worst first, notes only when asked for; no columns over two lines; nothing of what is suppressed. */
START_TEST(github_rest)
{
	keep(false);
	expect("github", "::warning title=LAB0234,file=" N_GITHUB ",line=2,endLine=2,col=1,endColumn=9::over all of the line\n");
	with_notes = true;
	expect("github", "::warning title=LAB0234,file=" N_GITHUB ",line=2,endLine=2,col=1,endColumn=9::over all of the line\n"
			 "::notice title=LAB0901,file=" N_GITHUB ",line=2,endLine=3::over two lines\n");
}
END_TEST

START_TEST(azure)
{
	keep(true);
	expect("azure", "##vso[task.logissue type=error;sourcepath=" N_AZURE ";linenumber=1;columnnumber=14;code=LAB0123;]"
			"unknown '" H_AZURE "' [a](1)%0Ahelp: write " H_AZURE "%0Aor [b](2)\n");
}
END_TEST

START_TEST(gitlab)
{
	keep(true);
	expect("gitlab", "[\n{\"description\":\"LAB0123: " MESSAGE_JSON "\\nhelp: " HELP_JSON "\",\"check_name\":\"LAB0123\","
			 "\"fingerprint\":\"6fcc9d6378ad491d6d7575dbb54a37d5c93e0a742bfa375137de3c2859778354\","
			 "\"severity\":\"critical\",\"location\":{\"path\":\"" N_JSON "\",\"lines\":{\"begin\":1,\"end\":1}}}\n]\n");
}
END_TEST

/* Equal findings have fingerprints of their own, and moving lines changes none. */
START_TEST(gitlab_fingerprints)
{
	uint32_t s = sources_add(&sources, SV("x.yaml"), SV("a\na\n"));
	struct sv first, second;

	diag_at(&diags, &plain_note, (struct span){ s, 0, 1 }, "same");
	diag_at(&diags, &plain_note, (struct span){ s, 2, 1 }, "same");
	diags_finish(&diags);
	write_as("gitlab");
	first = sv_sub(buf_view(&out), (size_t)sv_search(buf_view(&out), SV("fingerprint")), 80);
	first = sv_dup(&a, first);
	second = sv_sub(buf_view(&out), 100, out.n);
	ck_assert_int_lt(sv_search(sv_sub(second, (size_t)sv_search(second, SV("{\"desc")), second.n), first), 0);
	diags.v.v++;
	diags.v.n--;
	write_as("gitlab");
	ck_assert_int_ge(sv_search(buf_view(&out), first), 0);
}
END_TEST

START_TEST(junit)
{
	keep(true);
	expect("junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"labc\">\n"
			"  <testsuite name=\"" N_XML "\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\">\n"
			"    <testcase name=\"LAB0123 at line 1, column 14\" classname=\"" N_XML "\" file=\"" N_XML "\" line=\"1\">\n"
			"      <failure type=\"error\" message=\"unknown '" H_XML "' [a](1)\">" N_XML ":1:14: unknown '" H_XML
			"' [a](1)&#10;help: write " H_XML "&#10;or [b](2)</failure>\n"
			"    </testcase>\n  </testsuite>\n</testsuites>\n");
}
END_TEST

START_TEST(junit_rest)
{
	keep(false);
	expect("junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"labc\">\n"
			"  <testsuite name=\"" N_XML "\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\">\n"
			"    <testcase name=\"LAB0234 at line 2, column 1\" classname=\"" N_XML "\" file=\"" N_XML "\" line=\"2\">\n"
			"      <failure type=\"warning\" message=\"over all of the line\">" N_XML ":2:1: over all of the line</failure>\n"
			"    </testcase>\n"
			"    <testcase name=\"LAB0901 at line 2, column 1\" classname=\"" N_XML "\" file=\"" N_XML "\" line=\"2\">\n"
			"      <system-out>over two lines</system-out>\n"
			"    </testcase>\n"
			"    <testcase name=\"LAB0123 at line 4, column 1\" classname=\"" N_XML "\" file=\"" N_XML "\" line=\"4\">\n"
			"      <skipped message=\"suppressed: silenced\"/>\n"
			"    </testcase>\n  </testsuite>\n</testsuites>\n");
}
END_TEST

START_TEST(junit_clean)
{
	add_clean(&diags);
	expect("junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"labc\">\n"
			"  <testsuite name=\"clean.yaml\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n"
			"    <testcase name=\"no findings\" classname=\"clean.yaml\" file=\"clean.yaml\"/>\n"
			"  </testsuite>\n</testsuites>\n");
}
END_TEST

START_TEST(checkstyle)
{
	keep(true);
	expect("checkstyle", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n"
			     "  <file name=\"" N_XML "\">\n"
			     "    <error line=\"1\" column=\"14\" severity=\"error\" message=\"unknown '" H_XML
			     "' [a](1)&#10;help: write " H_XML "&#10;or [b](2)\" source=\"labc.LAB0123\"/>\n"
			     "  </file>\n</checkstyle>\n");
}
END_TEST

START_TEST(checkstyle_suppressed)
{
	keep(true);
	diags.v.v[0]->suppressed = true;
	expect("checkstyle", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n</checkstyle>\n");
}
END_TEST

#define RANGE_RDJSON "\"range\":{\"start\":{\"line\":1,\"column\":18},\"end\":{\"line\":1,\"column\":19}}"

START_TEST(rdjson)
{
	keep(true);
	expect("rdjson", "{\"source\":{\"name\":\"labc\",\"url\":\"https://example.org/labc\"},\"diagnostics\":[\n"
			 "{\"message\":\"" MESSAGE_JSON "\\nhelp: " HELP_JSON "\\n" N_JSON ":1:7: " H_JSON "\","
			 "\"location\":{\"path\":\"" N_JSON "\"," RANGE_RDJSON "},\"severity\":\"ERROR\","
			 "\"code\":{\"value\":\"LAB0123\",\"url\":\"https://example.org/a?b=1&c=2\"},"
			 "\"suggestions\":[{" RANGE_RDJSON ",\"text\":\"y\\n" H_JSON "\"}]}\n]}\n");
}
END_TEST

START_TEST(concise)
{
	add_plain(&diags);
	expect("concise", "labs/plain.yaml:4:7: warning[LAB0234]: '0' is not a number of processors\n");
}
END_TEST

/* Parts made in any order make one document; a code's row stands there once. */
START_TEST(documents)
{
	static const char row[] = "{\"id\":\"LAB0234\"";
	const size_t n = sizeof(all_files) / sizeof(all_files[0]);

	for (size_t f = 0; f < report_formats_count; f++) {
		struct buf again = { 0 };
		char *at;

		out.n = 0;
		write_document(&out, &report_formats[f], 0, n);
		write_document(&again, &report_formats[f], 0, n);
		ck_assert(sv_eq(buf_view(&out), buf_view(&again)));
		buf_release(&again);
		if (!sv_eq(sv_from(report_formats[f].name), SV("sarif")))
			continue;
		at = strstr((text(), out.p), row);
		ck_assert_ptr_nonnull(at);
		ck_assert_ptr_null(strstr(at + 1, row));
	}
	out.n = 0;
	write_document(&out, report_format_find(SV("text")), 2, 4);
	ck_assert_ptr_nonnull(strstr(text(), "SPEC.md#findings\n\n/abs/empty.yaml:1:1: "));
}
END_TEST

START_TEST(names)
{
	ck_assert_ptr_eq(report_format_find(SV("text")), &report_formats[0]);
	ck_assert_ptr_null(report_format_find(SV("sarf")));
	ck_assert_str_eq(report_format_near(SV("sarf"))->name, "sarif");
	ck_assert_str_eq(report_format_near(SV("checkstile"))->name, "checkstyle");
	ck_assert_ptr_null(report_format_near(SV("pdf")));
	ck_assert_uint_eq(report_formats_count, 11);
}
END_TEST

static const struct {
	const char *root, *name, *path;
} paths[] = {
	{ "", "lab.yaml", "lab.yaml" },
	{ "", "./a//b/./c.yaml", "a/b/c.yaml" },
	{ "", "../lab.yaml", "../lab.yaml" },
	{ "", "/x/lab.yaml", "/x/lab.yaml" },
	{ "/x", "/x/lab.yaml", "lab.yaml" },
	{ "/x/", "/xy/lab.yaml", "/xy/lab.yaml" },
	{ "/", "/x/lab.yaml", "x/lab.yaml" },
	{ "/x", "<stdin>", "<stdin>" },
	{ "/x", ".", "." },
};

START_TEST(path)
{
	struct report_setup s = { .text.notes = true, .tool = SV("labc"), .root = sv_from(paths[_i].root) };
	uint32_t src = sources_add(&sources, sv_from(paths[_i].name), SV("x\n"));
	struct report_part p = { 0 };

	diag_at(&diags, &plain_note, (struct span){ src, 0, 1 }, "m");
	diags_finish(&diags);
	report_render(report_format_find(SV("github")), &s, &diags, &p);
	ck_assert_int_ge(sv_search(buf_view(&p.text), sv_fmt(&a, "file=%s,line=1", paths[_i].path)), 0);
	report_part_release(&p);
}
END_TEST

/* Values of GitHub's own upload action. */
START_TEST(line_hash)
{
	static const struct {
		const char *text;
		uint32_t n;
		uint64_t hash[4];
	} t[] = {
		{ "", 1, { 0xc129715d7a2bc9a3 } },
		{ " a\nb\n  \t\tc\n d", 4, { 0x271789c17abda88f, 0x54703d4cd895b18, 0x180aee12dab6264, 0xa23a3dc5e078b07b } },
		{ " a\r\nb\r  \t\tc\n d", 4, { 0x271789c17abda88f, 0x54703d4cd895b18, 0x180aee12dab6264, 0xa23a3dc5e078b07b } },
	};
	struct buf b = { 0 };
	struct line_hash *h;
	uint32_t n;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		h = line_hashes(&a, sv_from(t[i].text), &n);
		ck_assert_uint_eq(n, t[i].n);
		for (uint32_t k = 0; k < n; k++) {
			ck_assert_uint_eq(h[k].hash, t[i].hash[k]);
			ck_assert_uint_eq(h[k].nth, 1);
		}
	}
	for (int i = 0; i < 10; i++)
		buf_str(&b, "Lorem ipsum dolor sit amet.\n");
	h = line_hashes(&a, buf_view(&b), &n);
	ck_assert_uint_eq(n, 11);
	ck_assert_uint_eq(h[5].hash, 0xa7f2ff13bc495cf2);
	ck_assert_uint_eq(h[5].nth, 6);
	ck_assert_uint_eq(h[9].hash, 0xcc97dc7b1d7d8f7b);
	ck_assert_uint_eq(h[9].nth, 1);
	ck_assert_uint_eq(h[10].hash, 0xc129715d7a2bc9a3);
	buf_release(&b);
}
END_TEST

Suite *test_formats_suite(void)
{
	Suite *s = suite_create("formats");
	TCase *t = tcase_create("formats");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, json);
	tcase_add_test(t, json_empty);
	tcase_add_test(t, json_edits);
	tcase_add_test(t, sarif);
	tcase_add_test(t, sarif_rest);
	tcase_add_test(t, github);
	tcase_add_test(t, github_rest);
	tcase_add_test(t, azure);
	tcase_add_test(t, gitlab);
	tcase_add_test(t, gitlab_fingerprints);
	tcase_add_test(t, junit);
	tcase_add_test(t, junit_rest);
	tcase_add_test(t, junit_clean);
	tcase_add_test(t, checkstyle);
	tcase_add_test(t, checkstyle_suppressed);
	tcase_add_test(t, rdjson);
	tcase_add_test(t, concise);
	tcase_add_test(t, documents);
	tcase_add_test(t, names);
	tcase_add_test(t, line_hash);
	tcase_add_loop_test(t, path, 0, sizeof(paths) / sizeof(paths[0]));
	suite_add_tcase(s, t);
	return s;
}
