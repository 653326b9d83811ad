/* Connections hop by hop, for people: what is typed, which machines and mappings it passes, and where it ends. */
#ifndef LABC_RULES_TRACE_H
#define LABC_RULES_TRACE_H

#include "base/buf.h"
#include "model/lab.h"

/* Appends the trace of connection i, numbered as in the list of the lowered lab. */
void trace_explain(struct arena *a, struct buf *out, const struct lab *lab, uint32_t i);

#endif
