/* What labs that meet have taken: for checks across several specs in one run.
 *
 * Labs meet on hyper-v when their hosts have one name, on lab-services when they name one lab plan. The
 * memory keeps texts of its own, so that specs can be read and released one after the other: of each spec
 * that may meet others a copy, which findings of later ones point into. */
#ifndef LABC_RULES_ACROSS_H
#define LABC_RULES_ACROSS_H

#include "base/map.h"
#include "base/vec.h"
#include "diag/source.h"
#include "model/lab.h"

struct known_lab {
	struct sv name, file;
};

struct rules_memory {
	struct arena *a;
	struct map taken;       /* "what/where/value" -> struct taken: which lab has it, and where it says so */
	struct sources sources; /* copies of what the places are in */
	VEC(struct known_lab) labs;
	/* of the lab that is being compared: where its sources lie among the copies, and the copies among its
	 * sources; number + 1, 0: not yet */
	uint32_t *copied, *shown;
	uint32_t n_copied, n_shown;
};

/* The arena must outlive the memory, and every finding that was made with it. */
void rules_memory_init(struct rules_memory *m, struct arena *a);
/* Whether there can be another lab that this one meets. */
bool rules_may_meet(const struct lab *lab);
/* After rules_run(): compares the lab with the ones this memory has seen and remembers it. `file` is how the
 * spec is called in messages about later ones. */
void rules_compare(const struct lab *lab, struct rules_memory *m, struct sv file);

#endif
