/* The lowered lab as JSON, for tools and for people who want to see what a spec means. Names are those of the
 * language where it has one; sizes are bytes, durations ISO 8601. */
#ifndef LABC_EMIT_DUMP_H
#define LABC_EMIT_DUMP_H

#include "base/buf.h"
#include "model/lab.h"

/* Appends one JSON document. What is absent is left out. */
void dump_json(struct buf *out, const struct lab *lab);

#endif
