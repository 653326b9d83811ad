#include "emit/plan.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/fs.h"
#include "base/map.h"
#include "emit/sums.h"

enum { MAX_FILE = 256 * 1024 * 1024 };

void plan_init(struct plan *p, struct arena *a)
{
	*p = (struct plan){ .a = a };
}

struct plan_file *plan_add(struct plan *p, struct sv path, struct sv data, const char *what, bool listed)
{
	struct plan_file *f = VEC_PUSH(p->a, &p->files);

	*f = (struct plan_file){ .path = path, .data = data, .what = what, .listed = listed };
	return f;
}

static struct sv sha256(struct arena *a, struct sv data)
{
	struct sum s = { .text = data };

	sums_make(&s, 1);
	return sv_dup(a, sv_from(s.hex));
}

static int by_path(const void *pa, const void *pb)
{
	const struct plan_file *const *a = pa, *const *b = pb;

	return sv_cmp((*a)->path, (*b)->path);
}

static struct sv before_own(const struct plan_file *f) { return sv_sub(f->data, 0, f->own); }
static struct sv behind_own(const struct plan_file *f) { return sv_sub(f->data, f->own + f->own_n, f->data.n); }

/* The sums of the files, in the order given, and behind them those of the scripts without their tables. Scripts are
 * alike there, all of a build: comparing is cheaper than summing up again. */
static struct sum *file_sums(struct plan *p, const struct plan_file **files, size_t n, struct plan_memory *m)
{
	struct sum *v = NEW(p->a, struct sum, 2 * n + 1);
	size_t more = n;

	for (size_t i = 0; i < n; i++) {
		struct sv head = before_own(files[i]), tail = behind_own(files[i]);

		v[i].text = files[i]->data;
		if (!files[i]->own_n || (sv_eq(m->head, head) && sv_eq(m->tail, tail)))
			continue;
		m->head = v[more].text = head;
		m->tail = v[more].more = tail;
		m->sum = v[more++].hex;
	}
	sums_make(v, more);
	return v;
}

static void add_sums(struct plan *p, json_t *list, const struct plan_file **files, size_t n, struct plan_memory *m)
{
	struct plan_memory before = *m;
	struct sum *v = file_sums(p, files, n, m);
	size_t more = n;

	for (size_t i = 0; i < n; i++) {
		struct sv head = before_own(files[i]), tail = behind_own(files[i]);
		json_t *f = json_object();

		json_object_set_new(f, "path", json_stringn(files[i]->path.p, files[i]->path.n));
		json_object_set_new(f, "bytes", json_integer((json_int_t)files[i]->data.n));
		json_object_set_new(f, "sha256", json_string(v[i].hex));
		if (files[i]->own_n && !(sv_eq(before.head, head) && sv_eq(before.tail, tail)))
			before = (struct plan_memory){ head, tail, v[more++].hex };
		if (files[i]->own_n)
			json_object_set_new(f, "constant_sha256", json_string(before.sum));
		json_array_append_new(list, f);
	}
}

void plan_add_manifest(struct plan *p, struct sv lab, struct sv target)
{
	json_t *root = json_object(), *list = json_array();
	const struct plan_file **sorted = NEW(p->a, const struct plan_file *, p->files.n);
	struct plan_memory own = { 0 };
	char *text;

	json_object_set_new(root, "manifest", json_integer(1));
	json_object_set_new(root, "lab", json_stringn(lab.p, lab.n));
	json_object_set_new(root, "target", json_stringn(target.p, target.n));
	for (size_t i = 0; i < p->files.n; i++)
		sorted[i] = &p->files.v[i];
	if (p->files.n)
		qsort(sorted, p->files.n, sizeof(sorted[0]), by_path);
	add_sums(p, list, sorted, p->files.n, p->memory ? p->memory : &own);
	json_object_set_new(root, "files", list);
	text = json_dumps(root, JSON_INDENT(2));
	json_decref(root);
	if (!text)
		bug_no_memory();
	plan_add(p, SV(MANIFEST_NAME), sv_fmt(p->a, "%s\n", text), "what was written, with SHA-256 sums", true);
	free(text);
}

/* A path of an old manifest is followed only if it stays inside the folder. */
static bool is_inner_path(struct sv path)
{
	size_t part = 0;

	if (path.n == 0 || path.n > 300)
		return false;
	for (size_t i = 0; i <= path.n; i++) {
		if (i == path.n || path.p[i] == '/') {
			struct sv c = sv_sub(path, part, i - part);

			if (c.n == 0 || sv_eq(c, SV(".")) || sv_eq(c, SV("..")))
				return false;
			part = i + 1;
		} else if (!ch_is_alnum(path.p[i]) && !strchr("._-", path.p[i])) {
			return false;
		}
	}
	return true;
}

struct old_file {
	struct sv path, sha;
};

/* The files an earlier build wrote there; an unreadable manifest names none. */
static void read_manifest(struct plan *p, const char *dir, struct map *old)
{
	struct sv text, sha;
	json_t *root, *f;
	size_t i;

	map_init(old, p->a, false);
	if (fs_read(p->a, fs_join(p->a, dir, SV(MANIFEST_NAME)), MAX_FILE, &text) != 0)
		return;
	root = json_loadb(text.p, text.n, 0, NULL);
	json_array_foreach(json_object_get(root, "files"), i, f) {
		struct sv path = sv_from(json_string_value(json_object_get(f, "path")));
		struct old_file *o;

		sha = sv_from(json_string_value(json_object_get(f, "sha256")));
		if (!is_inner_path(path) || sha.n != 64)
			continue;
		o = NEW(p->a, struct old_file, 1);
		o->path = sv_dup(p->a, path);
		o->sha = sv_dup(p->a, sha);
		map_add(old, o->path, o);
	}
	json_decref(root);
}

static bool same_but_line_ends(struct sv a, struct sv b)
{
	size_t i = 0, j = 0;

	for (;;) {
		if (i < a.n && a.p[i] == '\r' && i + 1 < a.n && a.p[i + 1] == '\n')
			i++;
		if (j < b.n && b.p[j] == '\r' && j + 1 < b.n && b.p[j + 1] == '\n')
			j++;
		if (i == a.n || j == b.n)
			return i == a.n && j == b.n;
		if (a.p[i++] != b.p[j++])
			return false;
	}
}

/* Files that differ and may be those of the last build: decided when all their sums are made. */
struct doubtful {
	size_t result;
	const struct old_file *old;
};
struct comparing {
	struct plan *p;
	struct arena there; /* what stands in the folder */
	const struct map *old;
	VEC(struct sum) sums;
	VEC(struct doubtful) doubtful;
};

/* A file that is there is ours when labc itself wrote it last time. Line ends may have been changed by a version
 * control system. The manifest itself is always ours. */
static enum plan_state state_of_other(struct comparing *c, const struct plan_file *f, struct sv there)
{
	const struct old_file *o = map_get(c->old, f->path);

	if (same_but_line_ends(there, f->data))
		return PLAN_LINE_ENDS;
	if (sv_eq(f->path, SV(MANIFEST_NAME)))
		return c->old->n > 0 ? PLAN_UPDATED : PLAN_BLOCKED;
	if (!o)
		return PLAN_BLOCKED;
	VEC_ADD(&c->there, &c->sums, (struct sum){ .text = there });
	VEC_ADD(&c->there, &c->doubtful, ((struct doubtful){ c->p->results.n, o }));
	return PLAN_BLOCKED;
}

static int compare_file(struct comparing *c, const char *dir, const struct plan_file *f)
{
	struct plan *p = c->p;
	struct sv there;
	enum plan_state state;
	int err = fs_read(&c->there, fs_join(&c->there, dir, f->path), MAX_FILE, &there);

	if (err == ENOENT || err == ENOTDIR)
		state = PLAN_CREATED;
	else if (err == FS_IS_DIR || err == FS_TOO_LARGE)
		state = PLAN_BLOCKED;
	else if (err)
		return err;
	else if (sv_eq(there, f->data))
		state = PLAN_UNCHANGED;
	else
		state = state_of_other(c, f, there);
	*VEC_PUSH(p->a, &p->results) = (struct plan_result){ f->path, state };
	return 0;
}

static void compare_old(struct plan *p, const char *dir, const struct map *old)
{
	struct map wanted;

	map_init(&wanted, p->a, false);
	for (size_t i = 0; i < p->files.n; i++)
		map_add(&wanted, p->files.v[i].path, &p->files.v[i]);
	for (size_t i = 0; i < old->n; i++) {
		const struct old_file *o = old->v[i].value;
		struct sv there;

		if (map_find(&wanted, o->path) || fs_read(p->a, fs_join(p->a, dir, o->path), MAX_FILE, &there) != 0)
			continue;
		*VEC_PUSH(p->a, &p->results) = (struct plan_result){
			o->path, sv_eq(o->sha, sha256(p->a, there)) ? PLAN_REMOVED : PLAN_KEPT };
	}
}

static int compare_all(struct comparing *c, const char *dir)
{
	struct plan *p = c->p;

	for (size_t i = 0; i < p->files.n; i++) {
		struct arena_mark m = arena_mark(&c->there);
		size_t doubtful = c->doubtful.n;
		int err = compare_file(c, dir, &p->files.v[i]);

		if (err) {
			p->error_path = p->files.v[i].path;
			return err;
		}
		if (c->doubtful.n == doubtful)
			arena_rewind(&c->there, m);
	}
	sums_make(c->sums.v, c->sums.n);
	for (size_t i = 0; i < c->doubtful.n; i++)
		if (sv_eq(c->doubtful.v[i].old->sha, sv_from(c->sums.v[i].hex)))
			p->results.v[c->doubtful.v[i].result].state = PLAN_UPDATED;
	return 0;
}

int plan_compare(struct plan *p, const char *dir)
{
	struct comparing c = { .p = p };
	struct map old;
	int err;

	p->results.n = 0;
	arena_init(&c.there, 0);
	read_manifest(p, dir, &old);
	c.old = &old;
	err = compare_all(&c, dir);
	if (!err)
		compare_old(p, dir, &old);
	arena_release(&c.there);
	return err;
}

bool plan_has(const struct plan *p, enum plan_state state)
{
	for (size_t i = 0; i < p->results.n; i++)
		if (p->results.v[i].state == state)
			return true;
	return false;
}

/* --- writing --- */

struct staged {
	const char *tmp, *path;
	struct sv name;
};

struct stage {
	VEC(struct staged) files;
	VEC(const char *) dirs; /* made by us, outermost first */
};

static void unstage(struct stage *s)
{
	for (size_t i = 0; i < s->files.n; i++)
		unlink(s->files.v[i].tmp);
	for (size_t i = s->dirs.n; i-- > 0;)
		rmdir(s->dirs.v[i]);
}

/* Creates the folders of a path one by one and notes those that were not there. */
static int make_dirs(struct plan *p, struct stage *s, const char *path)
{
	struct sv whole = fs_dirname(path);

	for (size_t i = 1; i <= whole.n; i++) {
		const char *dir;
		int err;

		if (i < whole.n && whole.p[i] != '/')
			continue;
		dir = sv_cstr(p->a, sv_sub(whole, 0, i));
		if (fs_is_dir(dir))
			continue;
		err = fs_mkdirs(dir);
		if (err)
			return err;
		VEC_ADD(p->a, &s->dirs, dir);
	}
	return 0;
}

static int stage_file(struct plan *p, struct stage *s, const char *dir, const struct plan_file *f)
{
	struct staged st = { .path = fs_join(p->a, dir, f->path), .name = f->path };
	int err = make_dirs(p, s, st.path);

	if (err)
		return err;
	st.tmp = sv_fmt(p->a, "%s.labc-%ld", st.path, (long)getpid()).p;
	err = fs_write_atomic(st.tmp, f->data);
	if (!err)
		VEC_ADD(p->a, &s->files, st);
	return err;
}

static bool fail(struct plan *p, struct stage *s, struct sv path, int err)
{
	unstage(s);
	p->error = err;
	p->error_path = path;
	return false;
}

static void remove_old(struct plan *p, const char *dir)
{
	for (size_t i = 0; i < p->results.n; i++) {
		const char *path = fs_join(p->a, dir, p->results.v[i].path);

		if (p->results.v[i].state != PLAN_REMOVED)
			continue;
		unlink(path);
		/* only succeeds when that was the last file of a host that is gone */
		rmdir(sv_cstr(p->a, fs_dirname(path)));
	}
}

bool plan_write(struct plan *p, const char *dir)
{
	struct stage s = { 0 };

	for (size_t i = 0; i < p->files.n; i++) {
		int err;

		if (p->results.v[i].state == PLAN_UNCHANGED)
			continue;
		err = stage_file(p, &s, dir, &p->files.v[i]);
		if (!err && fs_is_dir(fs_join(p->a, dir, p->files.v[i].path)))
			err = EISDIR;
		if (err)
			return fail(p, &s, p->files.v[i].path, err);
	}
	for (size_t i = 0; i < s.files.n; i++) {
		if (rename(s.files.v[i].tmp, s.files.v[i].path) != 0)
			return fail(p, &s, s.files.v[i].name, errno);
	}
	remove_old(p, dir);
	return true;
}
