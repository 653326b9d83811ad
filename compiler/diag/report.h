/* Printing findings for people. */
#ifndef LABC_DIAG_REPORT_H
#define LABC_DIAG_REPORT_H

#include "base/buf.h"
#include "diag/diag.h"

struct report_opts {
	bool color;
	bool notes;     /* print notes too; else they are only counted */
	uint32_t max;   /* findings printed per source, 0: all */
};

/* path:line:col: severity[code]: message, excerpt with carets and labels, help, source. */
void report_text(struct buf *out, const struct diags *d, const struct report_opts *o);
/* path:line:col: severity[code]: message, one line a finding. */
void report_concise(struct buf *out, const struct diags *d, const struct report_opts *o);
/* User text made safe for a terminal: controls as \xNN, invisible and bidi characters as <U+NNNN>. */
void report_escape(struct buf *out, struct sv text);

#endif
