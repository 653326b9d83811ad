#include "emit/plan.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/fs.h"
#include "emit/earlier.h"
#include "emit/sums.h"

enum { MAX_FILE = 256 * 1024 * 1024 };

void plan_init(struct plan *p, struct arena *a, struct plan_memory *memory)
{
	*p = (struct plan){ .a = a, .memory = memory };
}

void plan_release(struct plan *p)
{
	for (size_t i = 0; i < p->rooms.n; i++)
		arena_release(p->rooms.v[i]);
	p->rooms.n = 0;
}

struct arena *plan_more_room(struct plan *p)
{
	struct arena *a = NEW(p->a, struct arena, 1);

	arena_init(a, 0);
	VEC_ADD(p->a, &p->rooms, a);
	return a;
}

void plan_add(struct plan *p, const struct plan_file *f)
{
	VEC_ADD(p->a, &p->files, *f);
}

static int by_path(const void *pa, const void *pb)
{
	const struct plan_file *const *a = pa, *const *b = pb;

	return sv_cmp((*a)->path, (*b)->path);
}

static struct sv before_own(const struct plan_file *f) { return sv_sub(f->data, 0, f->own); }
static struct sv behind_own(const struct plan_file *f) { return sv_sub(f->data, f->own + f->own_n, f->data.n); }

/* The script of the memory that is alike without its table, or NULL. */
static const struct plan_constant *find_constant(const struct plan_memory *m, struct sv head, struct sv tail)
{
	for (size_t i = 0; i < COUNTOF(m->known); i++)
		if (m->known[i].sum && sv_eq(m->known[i].head, head) && sv_eq(m->known[i].tail, tail))
			return &m->known[i];
	return NULL;
}

/* Remembers a script in the place of the oldest one. */
static const struct plan_constant *add_constant(struct plan_memory *m, struct sv head, struct sv tail)
{
	struct plan_constant *c = &m->known[m->next++ % COUNTOF(m->known)];

	if (c->sum)
		sums_wait(m->sums); /* its text may not have been read yet; files keep the sum */
	free(c->text);
	c->text = xmalloc(head.n + tail.n + 1);
	memcpy(c->text, head.p, head.n);
	memcpy(c->text + head.n, tail.p, tail.n);
	c->head = (struct sv){ c->text, head.n };
	c->tail = (struct sv){ c->text + head.n, tail.n };
	c->sum = NEW(&m->a, struct sum, 1);
	c->sum->text = c->head;
	c->sum->more = c->tail;
	sums_add(m->sums, c->sum);
	return c;
}

void plan_memory_release(struct plan_memory *m)
{
	for (size_t i = 0; i < COUNTOF(m->known); i++)
		free(m->known[i].text);
	arena_release(&m->a);
}

void plan_sum_constant(struct plan_memory *m, struct plan_file *f)
{
	struct sv head = before_own(f), tail = behind_own(f);
	const struct plan_constant *c;

	if (!f->own_n)
		return;
	/* scripts are alike without their tables, all of a build: comparing is cheaper than summing up again */
	c = find_constant(m, head, tail);
	f->constant = c ? c->sum : add_constant(m, head, tail)->sum;
}

static json_t *list_files(struct plan *p)
{
	const struct plan_file **sorted = NEW(p->a, const struct plan_file *, p->files.n);
	json_t *list = json_array();

	for (size_t i = 0; i < p->files.n; i++)
		sorted[i] = &p->files.v[i];
	sums_wait(p->memory->sums);
	if (p->files.n)
		qsort(sorted, p->files.n, sizeof(sorted[0]), by_path);
	for (size_t i = 0; i < p->files.n; i++) {
		json_t *f = json_object();

		json_object_set_new(f, "path", json_stringn(sorted[i]->path.p, sorted[i]->path.n));
		json_object_set_new(f, "bytes", json_integer((json_int_t)sorted[i]->data.n));
		json_object_set_new(f, "sha256", json_string(sorted[i]->sum->hex));
		if (sorted[i]->constant)
			json_object_set_new(f, "constant_sha256", json_string(sorted[i]->constant->hex));
		json_array_append_new(list, f);
	}
	return list;
}

void plan_add_manifest(struct plan *p, struct sv lab, struct sv target)
{
	json_t *root = json_object();
	char *text;

	json_object_set_new(root, "manifest", json_integer(1));
	json_object_set_new(root, "lab", json_stringn(lab.p, lab.n));
	json_object_set_new(root, "target", json_stringn(target.p, target.n));
	json_object_set_new(root, "files", list_files(p));
	text = json_dumps(root, JSON_INDENT(2));
	json_decref(root);
	if (!text)
		bug_no_memory();
	plan_add(p, &(struct plan_file){ .path = SV(MANIFEST_NAME), .data = sv_fmt(p->a, "%s\n", text),
					 .what = "what was written, with SHA-256 sums", .listed = true });
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

void plan_read_manifest(struct arena *a, const char *dir, struct map *old)
{
	struct sv text, sha;
	json_t *root, *f;
	size_t i;

	map_init(old, a, false);
	if (fs_read(a, fs_join(a, dir, SV(MANIFEST_NAME)), MAX_FILE, &text) != 0)
		return;
	root = json_loadb(text.p, text.n, 0, NULL);
	json_array_foreach(json_object_get(root, "files"), i, f) {
		struct sv path = sv_from(json_string_value(json_object_get(f, "path")));
		struct plan_old *o;

		sha = sv_from(json_string_value(json_object_get(f, "sha256")));
		if (!is_inner_path(path) || sha.n != 64)
			continue;
		o = NEW(a, struct plan_old, 1);
		o->path = sv_dup(a, path);
		o->sha = sv_dup(a, sha);
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
	struct sv sha; /* as the last build noted it */
	struct sum *sum;
};
struct comparing {
	struct plan *p;
	struct arena there; /* what stands in the folder */
	const struct map *old;
	const struct earlier *earlier;
	VEC(struct doubtful) doubtful;
};

/* Whether it is what was noted is known after sums_wait. */
static void doubt(struct comparing *c, const struct plan_old *o, struct sv there)
{
	struct doubtful d = { c->p->results.n, o->sha, NEW(&c->there, struct sum, 1) };

	d.sum->text = there;
	sums_add(c->p->memory->sums, d.sum);
	VEC_ADD(&c->there, &c->doubtful, d);
}

/* A file that is there is ours when labc itself wrote it last time. Line ends may have been changed by a version
 * control system. The manifest itself is always ours. */
static enum plan_state state_of_other(struct comparing *c, const struct plan_file *f, struct sv there)
{
	const struct plan_old *o = map_get(c->old, f->path);

	if (same_but_line_ends(there, f->data))
		return PLAN_LINE_ENDS;
	if (sv_eq(f->path, SV(MANIFEST_NAME)))
		return c->old->n > 0 ? PLAN_UPDATED : PLAN_BLOCKED;
	if (!o)
		return PLAN_BLOCKED;
	doubt(c, o, there);
	return PLAN_BLOCKED;
}

/* Whether a file that is there is known to be as the last build wrote it: it need not be read then. */
static bool is_as_written(const struct comparing *c, const struct plan_file *f)
{
	const struct plan_old *o = map_get(c->old, f->path);
	const char *sum = o ? earlier_sum(c->earlier, f->path) : NULL;

	return sum && sv_eq(o->sha, sv_from(sum));
}

/* What is to be done with a file; only what is not known yet is read. 0 or errno. */
static int find_state(struct comparing *c, const char *path, const struct plan_file *f, enum plan_state *state)
{
	struct sv there;
	int err;

	*state = PLAN_CREATED;
	if (f->put)
		return 0;
	*state = PLAN_UNCHANGED;
	if (f->same || fs_equals(path, f->data))
		return 0;
	*state = PLAN_UPDATED;
	if (is_as_written(c, f))
		return 0;
	err = fs_read(&c->there, path, MAX_FILE, &there);
	*state = err == ENOENT || err == ENOTDIR ? PLAN_CREATED : PLAN_BLOCKED;
	if (!err)
		*state = state_of_other(c, f, there);
	return *state == PLAN_CREATED || err == FS_IS_DIR || err == FS_TOO_LARGE ? 0 : err;
}

static int compare_file(struct comparing *c, const char *dir, const struct plan_file *f)
{
	enum plan_state state;
	int err = find_state(c, fs_join(&c->there, dir, f->path), f, &state);

	if (!err)
		*VEC_PUSH(c->p->a, &c->p->results) = (struct plan_result){ f->path, state };
	return err;
}

/* What an earlier build wrote and this one does not: kept when it was changed by hand. */
static void compare_old(struct comparing *c, const char *dir)
{
	struct plan *p = c->p;
	struct map wanted;

	map_init(&wanted, p->a, false);
	for (size_t i = 0; i < p->files.n; i++)
		map_add(&wanted, p->files.v[i].path, &p->files.v[i]);
	for (size_t i = 0; i < c->old->n; i++) {
		const struct plan_old *o = c->old->v[i].value;
		struct sv there;

		if (map_find(&wanted, o->path) ||
		    fs_read(&c->there, fs_join(&c->there, dir, o->path), MAX_FILE, &there) != 0)
			continue;
		doubt(c, o, there);
		*VEC_PUSH(p->a, &p->results) = (struct plan_result){ o->path, PLAN_KEPT };
	}
}

static int compare_new(struct comparing *c, const char *dir)
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
	return 0;
}

int plan_compare(struct plan *p, const char *dir, const struct earlier *earlier)
{
	struct comparing c = { .p = p, .earlier = earlier };
	struct map old;
	int err;

	p->results.n = 0;
	arena_init(&c.there, 0);
	plan_read_manifest(p->a, dir, &old);
	c.old = &old;
	err = compare_new(&c, dir);
	if (!err)
		compare_old(&c, dir);
	sums_wait(p->memory->sums);
	for (size_t i = 0; i < c.doubtful.n && !err; i++) {
		struct plan_result *r = &p->results.v[c.doubtful.v[i].result];

		if (sv_eq(c.doubtful.v[i].sha, sv_from(c.doubtful.v[i].sum->hex)))
			r->state = r->state == PLAN_KEPT ? PLAN_REMOVED : PLAN_UPDATED;
	}
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
