#include "emit/sums.h"

#include <pthread.h>
#include <sha2.h>
#include <stdatomic.h>
#include <unistd.h>

/* Below this a thread costs more than it helps. */
enum { WORTH_A_THREAD = 64 * 1024 };

struct work {
	struct sum *v;
	size_t n;
	atomic_size_t next;
};

static void make(struct sum *s)
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)s->text.p, s->text.n);
	SHA256Update(&ctx, (const uint8_t *)s->more.p, s->more.n);
	SHA256End(&ctx, s->hex);
}

/* Takes the next text that nobody has until none is left. */
static void *run(void *arg)
{
	struct work *w = arg;
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->n)
		make(&w->v[i]);
	return NULL;
}

void sums_make(struct sum *v, size_t n)
{
	struct work w = { .v = v, .n = n };
	size_t bytes = 0, largest = 0;
	bool helped = false;
	pthread_t helper;

	for (size_t i = 0; i < n; i++) {
		size_t one = v[i].text.n + v[i].more.n;

		bytes += one;
		largest = one > largest ? one : largest;
	}
	/* one large text is one thread's work, whatever there is beside it */
	if (bytes - largest >= WORTH_A_THREAD && sysconf(_SC_NPROCESSORS_ONLN) > 1)
		helped = pthread_create(&helper, NULL, run, &w) == 0;
	run(&w);
	if (helped)
		pthread_join(helper, NULL);
}
