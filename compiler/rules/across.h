/* What labs that meet have taken: for checks across several specs in one run.
 *
 * Labs meet on hyper-v when their hosts have one name, on lab-services when they name one lab plan. The
 * memory keeps texts of its own, so that specs can be read and released one after the other. */
#ifndef LABC_RULES_ACROSS_H
#define LABC_RULES_ACROSS_H

#include "base/map.h"
#include "model/lab.h"

struct rules_memory {
	struct arena *a;
	struct map taken; /* "what/where/value" -> the lab that has it, as text */
};

/* The arena must outlive the memory. */
void rules_memory_init(struct rules_memory *m, struct arena *a);
/* Whether there can be another lab that this one meets. */
bool rules_may_meet(const struct lab *lab);
/* After rules_run(): compares the lab with the ones this memory has seen and remembers it. `file` is how the
 * spec is called in messages about later ones. */
void rules_compare(const struct lab *lab, struct rules_memory *m, struct sv file);

#endif
