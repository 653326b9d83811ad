/* SHA-256 sums made while other work goes on: a queue, and a second thread that works it off. */
#ifndef LABC_EMIT_SUMS_H
#define LABC_EMIT_SUMS_H

#include "base/sv.h"

struct sum {
	struct sum *next;     /* the queue's */
	struct sv text, more; /* summed up one behind the other; borrowed until sums_wait */
	char hex[65];
};

struct sums;

/* The thread is started when there is enough to do for one; without a second processor there is none. */
struct sums *sums_open(void);
void sums_close(struct sums *q);
/* s stays the caller's; its hex is good after sums_wait. q may be NULL: then it is made at once. */
void sums_add(struct sums *q, struct sum *s);
/* Until all that was added is made; the caller's thread helps. */
void sums_wait(struct sums *q);

#endif
