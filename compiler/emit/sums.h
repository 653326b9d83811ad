/* SHA-256 sums of many texts at once, shared out over two threads. Owns nothing but the hex digits. */
#ifndef LABC_EMIT_SUMS_H
#define LABC_EMIT_SUMS_H

#include <stddef.h>

#include "base/sv.h"

struct sum {
	struct sv text, more; /* summed up one behind the other; borrowed */
	char hex[65];
};

/* Fills hex of each. */
void sums_make(struct sum *v, size_t n);

#endif
