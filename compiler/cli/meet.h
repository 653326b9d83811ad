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
	size_t turn; /* whose turn it is */
};

void meeting_init(struct meeting *m);
void meeting_release(struct meeting *m);
/* Waits for the turn of spec number `turn`, compares its lab (NULL: there is none) with those before it and
 * lets the next one on. To be called once for every number, from 0 on. */
void meeting_compare(struct meeting *m, size_t turn, const struct lab *lab, struct sv file);

#endif
