/* Every form in which findings leave the program: one row a format. A file's findings become a part, parts
 * become a document; a part knows nothing of its neighbours, so threads may make them side by side, and a
 * run over many files holds one part at a time. Knows nothing of options, rules or where the text goes.
 *
 *   report_begin(&r, format, &setup, &out);
 *   for each file, in order: report_file(&r, &diags, &out);      (flush out whenever it is large)
 *   report_end(&r, &out);
 */
#ifndef LABC_DIAG_FORMATS_H
#define LABC_DIAG_FORMATS_H

#include "base/map.h"
#include "diag/report.h"

/* What a format needs to know of the run; the views are borrowed. */
struct report_setup {
	struct report_opts text; /* for text and concise; `notes` for github too: it is always on for data */
	struct sv tool, version; /* "labc", "1.2.3" */
	struct sv url;           /* where the tool is described; empty: unknown */
	struct sv root;          /* absolute folder: names below it are written relative to it; empty: none */
};

struct report_counts {
	uint64_t files, errors, warnings, notes, suppressed;
};

/* The findings of one file, written. Start with {0}; report_part_reset() keeps the memory. */
struct report_part {
	struct buf text;  /* items, separated but not ended by the format's separator */
	struct buf rules; /* SARIF: lines "CODE\n{rule}\n", each code once */
	struct report_counts n;
};

struct report_format {
	const char *name;
	const char *summary;   /* one line for help texts */
	const char *separator; /* between two parts that are not empty */
	bool is_data;          /* read by programs: a clean run still writes a document (but for jsonl) */
	void (*begin)(struct buf *out, const struct report_setup *s);                    /* or NULL */
	void (*file)(struct report_part *p, const struct report_setup *s, const struct diags *d);
	void (*end)(struct buf *out, const struct report_setup *s, const struct report_counts *n,
		    struct sv rules);                                                    /* or NULL */
};

extern const struct report_format report_formats[];
extern const size_t report_formats_count;

/* NULL if there is none of that name. */
const struct report_format *report_format_find(struct sv name);
/* The format the user may have meant, or NULL. */
const struct report_format *report_format_near(struct sv name);

/* A document being written. Fields are private. */
struct report {
	const struct report_format *format;
	const struct report_setup *setup; /* borrowed until report_end() */
	struct report_counts n;
	struct arena a;
	struct map rules;     /* codes written */
	struct buf rule_rows; /* their rows, joined by ",\n" */
	struct report_part part;
	bool any;
};

void report_begin(struct report *r, const struct report_format *f, const struct report_setup *s,
		  struct buf *out);
/* Writes the findings of one file into an empty part. Pure: any thread, its own part and diags. The diags are
 * finished; a file without findings is source 0. */
void report_render(const struct report_format *f, const struct report_setup *s, const struct diags *d,
		   struct report_part *p);
/* Appends a part; the order of the calls is the order of the document. */
void report_add(struct report *r, const struct report_part *p, struct buf *out);
/* report_render and report_add in one. */
void report_file(struct report *r, const struct diags *d, struct buf *out);
/* Ends the document and releases what the report owns. */
void report_end(struct report *r, struct buf *out);

void report_part_reset(struct report_part *p);
void report_part_release(struct report_part *p);

#endif
