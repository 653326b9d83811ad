/* What the writers of formats share: ranges, names of files, JSON. Only for diag's own report_*.c. */
#ifndef LABC_DIAG_FORMATS_INTERNAL_H
#define LABC_DIAG_FORMATS_INTERNAL_H

#include <jansson.h>

#include "diag/formats.h"

struct range {
	struct pos start, end; /* end is the place after the last character */
	uint32_t from, to;     /* bytes */
};

/* Where a finding stands, as the text report says it; end is never before start. */
struct range range_of(const struct diags *d, struct span at);
/* The same for an edit: the end of a text that ends in a line end is column 1 of the line after it. */
struct range range_of_edit(const struct diags *d, struct span at);

/* The name of a source as a path that programs find: without root, without needless dots and slashes. */
struct sv range_path(const struct report_setup *s, const struct diags *d, uint32_t src);
/* One text of a finding: the message, then the help on a line of its own. */
struct sv finding_text(const struct diags *d, const struct diag *g);
/* The row's source if it is an address on the net, else NULL. */
const char *finding_url(const struct diag_info *info);

/* --- JSON: values are never NULL (no memory ends the process), put and add take the reference --- */
/* Bytes that are no UTF-8 become U+FFFD. */
json_t *jout_sv(struct sv s);
json_t *jout_str(const char *s);
json_t *jout_int(uint64_t n);
json_t *jout_bool(bool b);
json_t *jout_object(void);
json_t *jout_array(void);
void jout_put(json_t *object, const char *key, json_t *value);
void jout_add(json_t *array, json_t *value);
/* One line of ASCII, no line end; takes the reference. */
void jout_dump(struct buf *out, json_t *value);
/* The same as the next item of a part. */
void jout_item(struct report_part *p, const char *separator, json_t *value);

/* --- the rows' functions --- */
void json_begin(struct buf *out, const struct report_setup *s);
void json_file(struct report_part *p, const struct report_setup *s, const struct diags *d);
void json_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules);
void jsonl_file(struct report_part *p, const struct report_setup *s, const struct diags *d);
void jsonl_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules);
void sarif_begin(struct buf *out, const struct report_setup *s);
void sarif_file(struct report_part *p, const struct report_setup *s, const struct diags *d);
void sarif_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules);
void github_file(struct report_part *p, const struct report_setup *s, const struct diags *d);
void gitlab_begin(struct buf *out, const struct report_setup *s);
void gitlab_file(struct report_part *p, const struct report_setup *s, const struct diags *d);
void gitlab_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules);
void azure_file(struct report_part *p, const struct report_setup *s, const struct diags *d);
void junit_begin(struct buf *out, const struct report_setup *s);
void junit_file(struct report_part *p, const struct report_setup *s, const struct diags *d);
void junit_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules);
void checkstyle_begin(struct buf *out, const struct report_setup *s);
void checkstyle_file(struct report_part *p, const struct report_setup *s, const struct diags *d);
void checkstyle_end(struct buf *out, const struct report_setup *s, const struct report_counts *n,
		    struct sv rules);
void rdjson_begin(struct buf *out, const struct report_setup *s);
void rdjson_file(struct report_part *p, const struct report_setup *s, const struct diags *d);
void rdjson_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules);

#endif
