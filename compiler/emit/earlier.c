#include "emit/earlier.h"

#include <pthread.h>
#include <sha2.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/fs.h"
#include "base/map.h"
#include "emit/plan.h"

/* Bytes of a file that is summed up: earlier_stop waits for the one at hand. */
enum { LARGEST = 64 * 1024 * 1024 };

struct earlier {
	const char *dir;
	struct arena a;
	struct map files; /* struct sum_of by path */
	pthread_t thread;
	atomic_bool stop;
	bool running;
};

struct sum_of {
	const char *path;
	struct fs_stamp stamp; /* of the file before it was read */
	char hex[65];
};

/* Two changes within a tick of the file system's clock leave the same stamp, so what changed a moment ago is not trusted.
 * A tick is a few milliseconds, or up to two seconds where stamps have no fractions. */
static bool has_settled(const struct fs_stamp *s)
{
	struct timespec now;
	int64_t age;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return false;
	age = (int64_t)(now.tv_sec - s->changed.tv_sec) * 1000 + (now.tv_nsec - s->changed.tv_nsec) / 1000000;
	return age > (s->changed.tv_nsec ? 100 : 3000);
}

static void sum_up(struct earlier *e, struct sv path)
{
	struct sum_of *s = NEW(&e->a, struct sum_of, 1);

	s->path = fs_join(&e->a, e->dir, path);
	if (fs_stamp(s->path, &s->stamp) && s->stamp.size <= LARGEST && has_settled(&s->stamp) && SHA256File(s->path, s->hex))
		map_add(&e->files, path, s);
}

static void *work(void *arg)
{
	struct earlier *e = arg;
	struct map old;

	plan_read_manifest(&e->a, e->dir, &old);
	for (size_t i = 0; i < old.n && !e->stop; i++)
		sum_up(e, old.v[i].key);
	return NULL;
}

struct earlier *earlier_start(const char *dir)
{
	struct earlier *e = xmalloc(sizeof(*e));

	*e = (struct earlier){ .dir = dir };
	arena_init(&e->a, 0);
	map_init(&e->files, &e->a, false);
	e->running = pthread_create(&e->thread, NULL, work, e) == 0;
	if (e->running)
		return e;
	free(e);
	return NULL;
}

void earlier_stop(struct earlier *e)
{
	if (!e || !e->running)
		return;
	e->stop = true;
	pthread_join(e->thread, NULL);
	e->running = false;
}

const char *earlier_sum(const struct earlier *e, struct sv path)
{
	const struct sum_of *s = e ? map_get(&e->files, path) : NULL;
	struct fs_stamp now;

	return s && fs_stamp(s->path, &now) && fs_same_stamp(&now, &s->stamp) ? s->hex : NULL;
}

void earlier_release(struct earlier *e)
{
	if (!e)
		return;
	earlier_stop(e);
	arena_release(&e->a);
	free(e);
}
