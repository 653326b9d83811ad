#include "base/pool.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"

/* Items are claimed in handfuls: less waiting for each other. */
enum { HANDFUL = 8, MAX_WORKERS = 64 };

struct run {
	struct pool *p;
	pthread_mutex_t lock;
	pthread_cond_t room, ready;
	size_t next, taken; /* items claimed, items taken */
	bool *done;         /* by place of the result */
	bool stopped;
	unsigned started;   /* workers that have found their number */
};

static size_t handful(const struct pool *p) { return p->handful ? p->handful : HANDFUL; }

static size_t claim(struct run *r, size_t *from)
{
	struct pool *p = r->p;
	size_t n;

	while (!r->stopped && r->next < p->n && r->next - r->taken >= p->n_results)
		pthread_cond_wait(&r->room, &r->lock);
	if (r->stopped || r->next >= p->n)
		return 0;
	n = p->n_results - (r->next - r->taken);
	if (n > handful(p))
		n = handful(p);
	if (n > p->n - r->next)
		n = p->n - r->next;
	*from = r->next;
	r->next += n;
	return n;
}

static void *worker(void *arg)
{
	struct run *r = arg;
	struct pool *p = r->p;
	size_t from, n;
	void *mine;

	pthread_mutex_lock(&r->lock);
	mine = p->workers[r->started++];
	while ((n = claim(r, &from)) > 0) {
		pthread_mutex_unlock(&r->lock);
		for (size_t i = from; i < from + n; i++)
			p->work(p->ctx, mine, p->results[i % p->n_results], i);
		pthread_mutex_lock(&r->lock);
		for (size_t i = from; i < from + n; i++)
			r->done[i % p->n_results] = true;
		pthread_cond_signal(&r->ready);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

static bool take_all(struct run *r)
{
	struct pool *p = r->p;
	bool ok = true;

	pthread_mutex_lock(&r->lock);
	for (size_t i = 0; i < p->n && ok; i++) {
		while (!r->done[i % p->n_results])
			pthread_cond_wait(&r->ready, &r->lock);
		pthread_mutex_unlock(&r->lock);
		ok = !p->take || p->take(p->ctx, p->results[i % p->n_results], i);
		pthread_mutex_lock(&r->lock);
		r->done[i % p->n_results] = false;
		r->taken = i + 1;
		/* waking them for every single place would cost more than it gives */
		if (i % handful(r->p) == handful(r->p) - 1 || i + 1 == r->next)
			pthread_cond_broadcast(&r->room);
	}
	r->stopped = true;
	pthread_cond_broadcast(&r->room);
	pthread_mutex_unlock(&r->lock);
	return ok;
}

static bool run_here(struct pool *p)
{
	bool ok = true;

	for (size_t i = 0; i < p->n && ok; i++) {
		p->work(p->ctx, p->workers[0], p->results[0], i);
		ok = !p->take || p->take(p->ctx, p->results[0], i);
	}
	return ok;
}

bool pool_run(struct pool *p)
{
	struct run r = { .p = p };
	pthread_t threads[MAX_WORKERS];
	unsigned n = 0;
	bool ok;

	if (p->n_workers < 2)
		return run_here(p);
	r.done = xmalloc(p->n_results * sizeof(*r.done));
	memset(r.done, 0, p->n_results * sizeof(*r.done));
	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.room, NULL);
	pthread_cond_init(&r.ready, NULL);
	while (n < p->n_workers && n < MAX_WORKERS && pthread_create(&threads[n], NULL, worker, &r) == 0)
		n++;
	/* without a single thread the work is done here */
	ok = n ? take_all(&r) : run_here(p);
	for (unsigned i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	pthread_cond_destroy(&r.ready);
	pthread_cond_destroy(&r.room);
	pthread_mutex_destroy(&r.lock);
	free(r.done);
	return ok;
}

unsigned pool_processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > MAX_WORKERS ? MAX_WORKERS : (unsigned)n;
}
