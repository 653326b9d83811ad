#include "emit/stage.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/pool.h"
#include "emit/plan.h"

/* So many bytes are worth more than one thread. */
enum { WORTH_THREADS = 4 * 1024 * 1024 };

static void remove_files(struct stage *s)
{
	for (size_t i = 0; i < s->files.n; i++)
		unlink(s->files.v[i].tmp);
	s->files.n = s->gone.n = 0;
}

static int longer_first(const void *pa, const void *pb)
{
	size_t a = strlen(*(const char *const *)pa), b = strlen(*(const char *const *)pb);

	return a < b ? 1 : a > b ? -1 : 0;
}

void stage_drop(struct stage *s)
{
	remove_files(s);
	/* threads make each other's folders: what is inside is longer than what is outside */
	if (s->dirs.n)
		qsort(s->dirs.v, s->dirs.n, sizeof(s->dirs.v[0]), longer_first);
	for (size_t i = 0; i < s->dirs.n; i++)
		rmdir(s->dirs.v[i]);
	s->dirs.n = 0;
}

/* Creates the folders of a path one by one and notes those that were not there. */
static int make_dirs(struct stage *s, const char *path)
{
	struct sv whole = fs_dirname(path);

	for (size_t i = 1; i <= whole.n; i++) {
		const char *dir;
		int err;

		if (i < whole.n && whole.p[i] != '/')
			continue;
		dir = sv_cstr(s->a, sv_sub(whole, 0, i));
		if (fs_is_dir(dir))
			continue;
		err = fs_mkdirs(dir);
		if (err)
			return err;
		VEC_ADD(s->a, &s->dirs, dir);
	}
	return 0;
}

/* Files on their way to where they wait. */
struct writing {
	struct stage *s;
	const struct plan_file **files;
	struct staged *staged;
	int *errors;
	size_t n, bytes;
};

/* Writes a file where it waits, and makes the folders for it; on any thread. 0 or errno. */
static int write_beside(struct stage *s, const struct staged *st, struct sv data)
{
	int err = fs_write_new(st->tmp, data);

	if (err != ENOENT && err != ENOTDIR)
		return err;
	pthread_mutex_lock(s->lock);
	err = make_dirs(s, st->path);
	pthread_mutex_unlock(s->lock);
	return err ? err : fs_write_new(st->tmp, data);
}

static void write_one(void *ctx, void *worker, void *result, size_t i)
{
	struct writing *w = ctx;

	(void)worker;
	(void)result;
	w->errors[i] = write_beside(w->s, &w->staged[i], w->files[i]->data);
}

bool stage_put(struct stage *s, const struct plan_file *f, const char *dir)
{
	struct staged st = { 0 };

	pthread_mutex_lock(s->lock);
	st.path = fs_join(s->a, dir, f->path);
	st.tmp = sv_fmt(s->a, "%s.labc-%ld", st.path, (long)getpid()).p;
	pthread_mutex_unlock(s->lock);
	if (fs_exists(st.path) || write_beside(s, &st, f->data) != 0)
		return false;
	pthread_mutex_lock(s->lock);
	st.dir = sv_cstr(s->a, sv_from(dir));
	st.name = sv_dup(s->a, f->path);
	VEC_ADD(s->a, &s->files, st);
	pthread_mutex_unlock(s->lock);
	return true;
}

static void write_all(struct writing *w, unsigned threads)
{
	struct pool p = { .n = w->n, .n_workers = w->bytes < WORTH_THREADS || threads < 1 ? 1 : threads, .ctx = w, .work = write_one };

	p.n_results = w->n + 1;
	p.results = NEW(w->s->a, void *, p.n_results);
	p.workers = NEW(w->s->a, void *, p.n_workers);
	pool_run(&p);
}

static void name_all(struct writing *w, const struct plan *p, const char *dir)
{
	struct arena *a = w->s->a;

	w->files = NEW(a, const struct plan_file *, p->files.n);
	w->staged = NEW(a, struct staged, p->files.n);
	w->errors = NEW(a, int, p->files.n);
	for (size_t i = 0; i < p->files.n; i++) {
		const struct plan_file *f = &p->files.v[i];
		struct staged st = { .path = fs_join(a, dir, f->path), .dir = dir, .name = sv_dup(a, f->path) };

		if (f->put || p->results.v[i].state == PLAN_UNCHANGED)
			continue;
		st.tmp = sv_fmt(a, "%s.labc-%ld", st.path, (long)getpid()).p;
		w->files[w->n] = f;
		w->staged[w->n++] = st;
		w->bytes += f->data.n;
	}
}

static bool fail(struct stage *s, const char *dir, struct sv path, int err)
{
	remove_files(s);
	s->error = err;
	s->error_dir = dir;
	s->error_path = path;
	return false;
}

bool stage_add(struct stage *s, const struct plan *p, const char *dir, unsigned threads)
{
	struct writing w = { .s = s };
	const struct staged *failed = NULL;
	int err = 0;

	dir = sv_cstr(s->a, sv_from(dir));
	name_all(&w, p, dir);
	write_all(&w, threads);
	for (size_t i = 0; i < w.n; i++) {
		if (!w.errors[i])
			VEC_ADD(s->a, &s->files, w.staged[i]);
		if (!w.errors[i] && fs_is_dir(w.staged[i].path))
			w.errors[i] = EISDIR;
		if (!err && w.errors[i]) {
			err = w.errors[i];
			failed = &w.staged[i];
		}
	}
	if (err)
		return fail(s, dir, failed->name, err);
	for (size_t i = 0; i < p->results.n; i++)
		if (p->results.v[i].state == PLAN_REMOVED)
			VEC_ADD(s->a, &s->gone, fs_join(s->a, dir, p->results.v[i].path));
	return true;
}

void stage_move(struct stage *s, const struct stage *from)
{
	const char *was = NULL, *dir = NULL;

	for (size_t i = 0; i < from->files.n; i++) {
		const struct staged *f = &from->files.v[i];
		struct staged st = { sv_cstr(s->a, sv_from(f->tmp)), sv_cstr(s->a, sv_from(f->path)), NULL, sv_dup(s->a, f->name) };

		/* the files of a build stand together */
		if (f->dir != was)
			dir = sv_cstr(s->a, sv_from(f->dir));
		was = f->dir;
		st.dir = dir;
		VEC_ADD(s->a, &s->files, st);
	}
	for (size_t i = 0; i < from->dirs.n; i++)
		VEC_ADD(s->a, &s->dirs, sv_cstr(s->a, sv_from(from->dirs.v[i])));
	for (size_t i = 0; i < from->gone.n; i++)
		VEC_ADD(s->a, &s->gone, sv_cstr(s->a, sv_from(from->gone.v[i])));
}

bool stage_commit(struct stage *s)
{
	for (size_t i = 0; i < s->files.n; i++) {
		const struct staged *f = &s->files.v[i];

		if (rename(f->tmp, f->path) != 0)
			return fail(s, f->dir, f->name, errno);
	}
	for (size_t i = 0; i < s->gone.n; i++) {
		unlink(s->gone.v[i]);
		/* only succeeds when that was the last file of a host that is gone */
		rmdir(sv_cstr(s->a, fs_dirname(s->gone.v[i])));
	}
	s->files.n = s->dirs.n = s->gone.n = 0;
	return true;
}
