/* Sums of the files that an earlier build left in a folder, made while the spec is read: most are what this build
 * makes again, and a large spec is read on one processor. Knows folders; must not know what is built. */
#ifndef LABC_EMIT_EARLIER_H
#define LABC_EMIT_EARLIER_H

#include <stdbool.h>

#include "base/sv.h"

struct earlier;

/* Starts to sum up what dir's manifest names, on a thread of its own; dir is borrowed. NULL when there is no thread. */
struct earlier *earlier_start(const char *dir);
/* Ends that after the file at hand: the processor has other work then. NULL is allowed here and below. */
void earlier_stop(struct earlier *e);
/* The sum of a file, 64 digits and a NUL, or NULL: not made, or the file may have changed since. For a file that was just
 * read, and whose bytes have the sum unless it changed meanwhile; after earlier_stop, on any thread. */
const char *earlier_sum(const struct earlier *e, struct sv path);
void earlier_release(struct earlier *e);

#endif
