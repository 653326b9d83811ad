/* Comparing the labs of one run with each other, in the order of the arguments, whatever thread reads them. */
#ifndef LABC_CLI_MEET_H
#define LABC_CLI_MEET_H

#include <pthread.h>

#include "rules/across.h"

struct meeting {
	struct arena a;
	struct rules_memory memory;
	pthread_mutex_t lock;
	pthread_cond_t next;
	bool *passed;   /* by number of the spec */
	size_t n, turn; /* the first that has not passed */
	size_t waiting;
};

/* n: number of specs. */
void meeting_init(struct meeting *m, size_t n);
void meeting_release(struct meeting *m);
/* To be called once for every number from 0 on. A lab that may meet others waits until all before it have
 * passed and is then compared with them; every other spec (lab NULL too) passes at once. */
void meeting_pass(struct meeting *m, size_t number, const struct lab *lab, struct sv file);

#endif
