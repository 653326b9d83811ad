/* Findings whose every text tries to break out of the format it is written in; for the driver and the unit tests. */
#ifndef LABC_TESTS_FORMATS_FINDINGS_H
#define LABC_TESTS_FORMATS_FINDINGS_H

#include "diag/formats.h"

static const struct diag_info hostile_error = {
	"LAB0123", SEV_ERROR, "hostile-text", "a row with <b>, \"quotes\" & `ticks`", "It breaks: 100 %, ]]> and [x](1)",
	"https://example.org/a?b=1&c=2", "name: \"```\"\n", "name: x",
};
static const struct diag_info plain_warning = {
	"LAB0234", SEV_WARNING, "plain-warning", "two edits at once", "Nothing happens", "SPEC.md#findings", NULL, NULL,
};
static const struct diag_info plain_note = {
	"LAB0901", SEV_NOTE, "plain-note", "a note", "", NULL, NULL, NULL,
};

/* What a user can put into a name or a value: syntax of every format, controls, a bidirectional override,
 * an emoji, bytes that are no UTF-8. */
#define HOSTILE "%25,:;]='\"<&>]]>\r\n::error::x##vso[task.setvariable variable=a]b\t\x1b[0m\x7f\xE2\x80\xAE\xF0\x9F\x98\x80\xFF\\"

#define HOSTILE_NAME "./labs//./a b%,:;]\"<&>[\n.yaml"
#define HOSTILE_TEXT "name: caf\xC3\xA9 \xF0\x9F\x98\x80 x\r\nvcpus: 2\r\n# labc: ignore LAB0123\r\nmemory: 4\r\n"

/* A file with one finding of each severity, one of them silenced. */
static inline void add_hostile(struct diags *d)
{
	uint32_t s = sources_add(d->sources, SV(HOSTILE_NAME), SV(HOSTILE_TEXT));
	struct diag *g = diag_at(d, &hostile_error, (struct span){ s, 17, 1 }, "unknown '%s' [a](1)", HOSTILE);

	diag_label(d, g, (struct span){ s, 6, 10 }, "%s", HOSTILE);
	diag_help(d, g, "write %s\nor %s", HOSTILE, "[b](2)");
	diag_edit(d, g, (struct span){ s, 17, 1 }, SV("y\n" HOSTILE), true);
	g = diag_at(d, &plain_warning, (struct span){ s, 20, 8 }, "over all of the line");
	diag_edit(d, g, (struct span){ s, 20, 10 }, SV(""), false);
	diag_edit(d, g, (struct span){ s, (uint32_t)sizeof(HOSTILE_TEXT) - 1, 0 }, SV("disk: 1\n"), false);
	g = diag_at(d, &hostile_error, (struct span){ s, 54, 6 }, "silenced");
	g->suppressed = true;
	diag_at(d, &plain_note, (struct span){ s, 20, 20 }, "over two lines");
	diags_finish(d);
}

/* One ordinary finding in a file of another name. */
static inline void add_plain(struct diags *d)
{
	uint32_t s = sources_add(d->sources, SV("labs/plain.yaml"), SV("name: x\nvcpus: 0\nname: x\nvcpus: 0\n"));
	struct diag *g = diag_at(d, &plain_warning, (struct span){ s, 31, 1 }, "'0' is not a number of processors");

	diag_label(d, g, (struct span){ s, 8, 5 }, "first set here");
	diag_help(d, g, "write a number from 1 to 8");
	diag_edit(d, g, (struct span){ s, 31, 1 }, SV("1"), false);
	diags_finish(d);
}

/* A finding on a text without a character. */
static inline void add_empty(struct diags *d)
{
	uint32_t s = sources_add(d->sources, SV("/abs/empty.yaml"), SV(""));

	diag_at(d, &plain_warning, (struct span){ s, 0, 0 }, "the file is empty");
	diags_finish(d);
}

static inline void add_clean(struct diags *d)
{
	sources_add(d->sources, SV("clean.yaml"), SV("name: x\n"));
	diags_finish(d);
}

static void (*const all_files[])(struct diags *d) = { add_hostile, add_clean, add_plain, add_empty };

static const struct report_setup test_setup = {
	.text = { .notes = true },
	.tool = SV_INIT("labc"),
	.version = SV_INIT("1.2.3"),
	.url = SV_INIT("https://example.org/labc"),
	.root = SV_INIT("/abs/"),
};

/* Files [from, to) of all_files as one document. */
static inline void write_document(struct buf *out, const struct report_format *f, size_t from, size_t to)
{
	struct report r;

	report_begin(&r, f, &test_setup, out);
	for (; from < to; from++) {
		struct sources sources;
		struct diags d;
		struct arena a;

		arena_init(&a, 0);
		sources_init(&sources, &a);
		diags_init(&d, &a, &sources);
		all_files[from](&d);
		report_file(&r, &d, out);
		arena_release(&a);
	}
	report_end(&r, out);
}

#endif
