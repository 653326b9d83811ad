/* The fingerprint of a line by which GitHub's code scanning recognises a finding when lines above it come and
 * go. Knows only text. */
#ifndef LABC_DIAG_LINEHASH_H
#define LABC_DIAG_LINEHASH_H

#include "base/arena.h"
#include "base/sv.h"

struct line_hash {
	uint64_t hash;
	uint32_t nth; /* 1: the first line of this hash in the text */
};

/* One entry a line (the empty one after a last line end too), in the arena; *n gets their number. A hash covers
 * the 100 UTF-16 units from the start of its line, blanks and tabs left out, every line end as one LF. */
struct line_hash *line_hashes(struct arena *a, struct sv text, uint32_t *n);

#endif
