#include "emit/stage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"
#include "emit/plan.h"

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

static int stage_file(struct stage *s, const char *dir, const struct plan_file *f)
{
	struct staged st = { .path = fs_join(s->a, dir, f->path), .dir = dir, .name = sv_dup(s->a, f->path) };
	int err;

	st.tmp = sv_fmt(s->a, "%s.labc-%ld", st.path, (long)getpid()).p;
	err = fs_write_new(st.tmp, f->data);
	if (err == ENOENT || err == ENOTDIR) {
		err = make_dirs(s, st.path);
		if (!err)
			err = fs_write_new(st.tmp, f->data);
	}
	if (err)
		return err;
	VEC_ADD(s->a, &s->files, st);
	return fs_is_dir(st.path) ? EISDIR : 0;
}

static bool fail(struct stage *s, const char *dir, struct sv path, int err)
{
	remove_files(s);
	s->error = err;
	s->error_dir = dir;
	s->error_path = path;
	return false;
}

bool stage_add(struct stage *s, const struct plan *p, const char *dir)
{
	dir = sv_cstr(s->a, sv_from(dir));
	for (size_t i = 0; i < p->files.n; i++) {
		const struct plan_file *f = &p->files.v[i];
		int err;

		if (p->results.v[i].state == PLAN_UNCHANGED)
			continue;
		err = stage_file(s, dir, f);
		if (err)
			return fail(s, dir, sv_dup(s->a, f->path), err);
	}
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
