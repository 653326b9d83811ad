/* What a run of lint adds up to, and the line that says so. */
#ifndef LABC_CLI_SUMMARY_H
#define LABC_CLI_SUMMARY_H

#include "base/buf.h"
#include "cli/opts.h"
#include "diag/diag.h"

struct summary {
	uint64_t specs, with_findings, errors, warnings, notes;
	uint64_t ignored;             /* silenced by comments */
	uint64_t fixable, fixable_unsafe;
	uint64_t fixed, fixed_files;  /* by --fix, or would be by --diff */
	struct buf where;             /* the first ignored ones: "CODE at PATH:LINE", joined by ", " */
	uint64_t n_where;
	uint64_t failing;             /* specs with findings that make the run fail */
	uint64_t config_findings;     /* errors and warnings of configurations and policies, counted above too */
	uint64_t off;                 /* rules switched off */
	struct buf off_where;
};

struct configs;

void summary_reset(struct summary *n);
void summary_release(struct summary *n);
/* Counts the findings of one spec; fail_on_error: warnings do not make the run fail. */
void summary_count(struct summary *n, const struct diags *d, bool fail_on_error);
/* Counts the rules that the configurations and options of the run switch off. */
void summary_count_off(struct summary *n, const struct configs *c);
void summary_add(struct summary *total, const struct summary *one);
/* On standard error. */
void summary_print(const struct summary *n, const struct opts *o);

#endif
