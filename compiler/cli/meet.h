/* Comparing the labs of one run with each other, in the order of the arguments, whatever thread reads them. */
#ifndef LABC_CLI_MEET_H
#define LABC_CLI_MEET_H

#include <pthread.h>

#include "base/map.h"
#include "diag/diag.h"
#include "rules/across.h"

/* One thing that is done in the order of the specs. */
struct meeting_turns {
	bool *passed; /* by number of the spec */
	size_t turn;  /* the first that has not passed */
	size_t waiting;
};

struct meeting {
	struct arena a;
	struct rules_memory memory;
	struct map said; /* findings in files that specs include */
	pthread_mutex_t lock;
	pthread_cond_t next;
	struct meeting_turns labs, findings;
	size_t n;
};

/* n: number of specs. */
void meeting_init(struct meeting *m, size_t n);
void meeting_release(struct meeting *m);
/* To be called once for every number from 0 on. A lab that may meet others waits until all before it have
 * passed and is then compared with them; every other spec (lab NULL too) passes at once. */
void meeting_pass(struct meeting *m, size_t number, const struct lab *lab, struct sv file);
/* To be called once for every number, too, with its finished findings, or NULL: takes those in included files away that an
 * earlier spec of the run has, so that a file which several specs share is reported once. They still count for this spec
 * (diags_hide). */
void meeting_once(struct meeting *m, size_t number, struct diags *d);

#endif
