/* Every single change to a spec that a person might make by mistake: a line or a scalar deleted, doubled, given
 * another type. */
#ifndef LABC_TESTS_MUTATE_EDITS_H
#define LABC_TESTS_MUTATE_EDITS_H

#include "trial.h"

struct edit {
	const char *name;    /* "line-delete", "value: unit dropped" ... */
	uint32_t line;       /* of the original text, from 1 */
	struct span at;      /* what is replaced */
	struct sv by;        /* and by what */
};

struct edits {
	VEC(struct edit) v;
};

/* All edits of the text whose tree is d, in a fixed order; they live in a. */
void edits_collect(struct edits *e, struct arena *a, const struct ydoc *d);

#endif
