/* What the files that write an imported spec share. */
#ifndef LABC_EMIT_IMPORT_INTERNAL_H
#define LABC_EMIT_IMPORT_INTERNAL_H

#include "emit/import.h"

/* A text that YAML and labc read back as it is. */
void import_put_text(struct buf *b, struct sv s);
/* A part of a comment's line: what comes from the machine must not end it. */
void import_put_comment_text(struct buf *b, struct sv s);
/* The rest of the line that began at `from`: blanks up to the comments' column, and the comment. */
void import_put_comment(struct buf *b, size_t from, const char *text);
void import_put_size(struct import *m, struct buf *b, int64_t bytes);
void import_put_guest(struct import *m, struct buf *b, const struct import_guest *g);

#endif
