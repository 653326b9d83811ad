/* Findings: what they are (struct diag_info rows), where they stand, and the sink that collects,
 * sorts and deduplicates them. Knows nothing of YAML, labs or output formats. */
#ifndef LABC_DIAG_DIAG_H
#define LABC_DIAG_DIAG_H

#include <stdarg.h>

#include "base/arena.h"
#include "base/vec.h"
#include "diag/source.h"

enum severity { SEV_NOTE, SEV_WARNING, SEV_ERROR };

/* One kind of finding. Each layer has a table of these rows, the rules layer collects all
 * tables; explain, docs, SARIF and tests read them from there. */
struct diag_info {
	const char *code;       /* "LAB0301": never reused, never renumbered */
	enum severity severity; /* default */
	const char *name;       /* "memory-together": lower case, hyphens */
	const char *summary;    /* one line, at most 72 bytes, no final period */
	const char *why;        /* what goes wrong on the real machine if ignored */
	const char *source;     /* https URL or "SPEC.md#anchor" that documents the fact */
	const char *bad, *good; /* whole specs; NULL where a text file cannot show it */
};

struct diag_label {
	struct diag_label *next;
	struct span at;
	struct sv text;
};

/* Replace the text at `at` by `text`; an insertion has at.len == 0. Several edits on one diag
 * belong together and do not overlap. */
struct diag_edit {
	struct diag_edit *next;
	struct span at;
	struct sv text;
};

struct diag {
	const struct diag_info *info;
	enum severity severity;
	struct span at;
	struct sv msg;             /* one clause, lower case, no final period, user text in '...' */
	struct sv help;            /* what to do, empty if nothing to say */
	bool fix_is_safe;          /* the edits keep what the author meant */
	bool suppressed;           /* silenced by a comment; kept for formats that show it */
	bool locked;               /* no comment may silence it */
	bool dropped;              /* its rule is switched off: diags_finish() takes it away */
	struct diag_label *labels; /* in the order of adding */
	struct diag_edit *edits;
	uint32_t seq;
};

struct diags {
	struct arena *a;
	struct sources *sources;
	VEC(struct diag *) v;
	uint32_t n_errors, n_warnings, n_notes; /* hidden ones, too */
	uint32_t hidden[SEV_ERROR + 1];         /* of these; by severity */
	uint32_t seq;
	bool sorted;
};

void diags_init(struct diags *d, struct arena *a, struct sources *sources);
/* Adds a finding with the row's severity. The text is copied into the sink's arena.
 * Never NULL; the result is good for labels, help and edits until diags_finish(). */
struct diag *diag_at(struct diags *d, const struct diag_info *info, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
struct diag *diag_vat(struct diags *d, const struct diag_info *info, struct span at, const char *fmt, va_list ap)
	__attribute__((format(printf, 4, 0)));
/* A second place with a word on it ("first set here"). */
void diag_label(struct diags *d, struct diag *g, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void diag_help(struct diags *d, struct diag *g, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A machine-applicable edit; the first one also says whether the set is safe. */
void diag_edit(struct diags *d, struct diag *g, struct span at, struct sv text, bool safe);
void diag_set_severity(struct diags *d, struct diag *g, enum severity severity);
/* Takes a finding out of the counts now, and away in diags_finish(). */
void diag_drop(struct diags *d, struct diag *g);
/* Takes finished findings away for which `is_hidden` says so: they are reported elsewhere and still count. */
void diags_hide(struct diags *d, bool (*is_hidden)(void *ctx, const struct diags *d, const struct diag *g), void *ctx);
/* Sorts by source, offset, code, seq and drops equal neighbours (same code, place and text). */
void diags_finish(struct diags *d);
/* Number of errors so far: lets a later stage know whether an earlier one failed. */
static inline uint32_t diags_errors(const struct diags *d) { return d->n_errors; }

const char *severity_name(enum severity s);

#endif
