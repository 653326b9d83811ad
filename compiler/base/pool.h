/* Doing the same to many items on several threads, with results in the order of the items. Must not know what is
 * done. */
#ifndef LABC_BASE_POOL_H
#define LABC_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool {
	size_t n;             /* items */
	unsigned n_workers;   /* at least 1; with 1 everything happens on the calling thread */
	void **workers;       /* what belongs to one worker each */
	size_t n_results;     /* places for results: how far workers may run ahead; at least 1 */
	void **results;
	size_t handful;       /* items a thread claims at a time; 0: several, for items that cost little */
	void *ctx;
	/* Handles item i; only worker and result are the callee's alone. */
	void (*work)(void *ctx, void *worker, void *result, size_t i);
	/* Takes the results in order, on the calling thread; false ends the run. NULL: nothing is to be taken. */
	bool (*take)(void *ctx, void *result, size_t i);
};

/* False when take() ended it. */
bool pool_run(struct pool *p);
/* Processors that may be used, at least 1. */
unsigned pool_processors(void);

#endif
