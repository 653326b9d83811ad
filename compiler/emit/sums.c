#include "emit/sums.h"

#include <pthread.h>
#include <sha2.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bug.h"

/* So many bytes waiting are worth a thread. */
enum { WORTH_A_THREAD = 64 * 1024 };

struct sums {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct sum *first, **last;
	size_t waiting; /* bytes */
	bool busy, stop, has_thread, may_start;
	pthread_t thread;
};

static void make(struct sum *s)
{
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)s->text.p, s->text.n);
	SHA256Update(&ctx, (const uint8_t *)s->more.p, s->more.n);
	SHA256End(&ctx, s->hex);
}

/* The lock is held. */
static struct sum *take(struct sums *q)
{
	struct sum *s = q->first;

	if (!s)
		return NULL;
	q->first = s->next;
	if (!q->first)
		q->last = &q->first;
	q->waiting -= s->text.n + s->more.n;
	return s;
}

static void *work(void *arg)
{
	struct sums *q = arg;

	pthread_mutex_lock(&q->lock);
	while (!q->stop) {
		struct sum *s = take(q);

		q->busy = s != NULL;
		if (!s) {
			pthread_cond_signal(&q->changed);
			pthread_cond_wait(&q->changed, &q->lock);
			continue;
		}
		pthread_mutex_unlock(&q->lock);
		make(s);
		pthread_mutex_lock(&q->lock);
	}
	pthread_mutex_unlock(&q->lock);
	return NULL;
}

struct sums *sums_open(void)
{
	struct sums *q = calloc(1, sizeof(*q));

	if (!q)
		bug_no_memory();
	q->last = &q->first;
	q->may_start = sysconf(_SC_NPROCESSORS_ONLN) > 1;
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->changed, NULL);
	return q;
}

void sums_close(struct sums *q)
{
	sums_wait(q);
	if (q->has_thread) {
		pthread_mutex_lock(&q->lock);
		q->stop = true;
		pthread_cond_signal(&q->changed);
		pthread_mutex_unlock(&q->lock);
		pthread_join(q->thread, NULL);
	}
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

void sums_add(struct sums *q, struct sum *s)
{
	if (!q) {
		make(s);
		return;
	}
	pthread_mutex_lock(&q->lock);
	s->next = NULL;
	*q->last = s;
	q->last = &s->next;
	q->waiting += s->text.n + s->more.n;
	if (q->has_thread)
		pthread_cond_signal(&q->changed);
	else if (q->may_start && q->waiting >= WORTH_A_THREAD)
		q->has_thread = q->may_start = pthread_create(&q->thread, NULL, work, q) == 0;
	pthread_mutex_unlock(&q->lock);
}

void sums_wait(struct sums *q)
{
	struct sum *s;

	if (!q)
		return;
	pthread_mutex_lock(&q->lock);
	while ((s = take(q)) != NULL) {
		pthread_mutex_unlock(&q->lock);
		make(s);
		pthread_mutex_lock(&q->lock);
	}
	while (q->busy)
		pthread_cond_wait(&q->changed, &q->lock);
	pthread_mutex_unlock(&q->lock);
}
