#include "cli/template_dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "ctemplate/ctemplate.h"

enum { MAX_TEMPLATE = 2 * 1024 * 1024, MAX_DEPTH = 8 };

struct file {
	struct sv text, path;
	bool there;
};

void template_dir_init(struct template_dir *t, struct arena *a, const char *dir)
{
	*t = (struct template_dir){ .a = a, .dir = dir };
	map_init(&t->files, a, false);
}

/* "-" would be read from standard input. */
static bool is_inner(struct sv name)
{
	return name.n && !sv_eq(name, SV("-")) && name.p[0] != '/' && sv_search(name, SV("..")) < 0 && sv_find(name, '\0') < 0;
}

static struct file *read_file(struct template_dir *t, struct sv name)
{
	struct file *f = NEW(t->a, struct file, 1);
	const char *path = fs_join(t->a, t->dir, name);
	int err = fs_read(t->a, path, MAX_TEMPLATE, &f->text);

	f->path = sv_from(path);
	f->there = !err;
	if (err && err != ENOENT && err != ENOTDIR) {
		fprintf(stderr, "labc: cannot read '%s': %s\n", path,
			err == FS_TOO_LARGE ? "too large" : err == FS_IS_DIR ? "is a folder" : strerror(err));
		f->there = t->failed = true;
		f->text = SV("");
	}
	map_add(&t->files, sv_dup(t->a, name), f);
	return f;
}

bool template_dir_load(void *user, struct sv name, struct sv *text, struct sv *path)
{
	struct template_dir *t = user;
	struct map_entry *e;
	struct file *f;

	if (!is_inner(name))
		return false;
	e = map_find(&t->files, name);
	f = e ? e->value : read_file(t, name);
	*path = f->path;
	*text = f->text;
	return f->there;
}

static void name_unused(const struct template_dir *t, struct sv name)
{
	struct sv best = { NULL, 0 };
	unsigned least = 99, d;

	if (map_find(&t->files, name) || ct_embedded_find(ct_embedded_templates, ct_embedded_count, name))
		return;
	for (size_t i = 0; i < ct_embedded_count; i++)
		if (sv_is_near(name, sv_from(ct_embedded_templates[i].name), &d) && d < least) {
			least = d;
			best = sv_from(ct_embedded_templates[i].name);
		}
	fprintf(stderr, "labc: '%s' is not used: no template has that name%s" SV_FMT "%s\n", fs_join(t->a, t->dir, name),
		best.n ? "; did you mean '" : ", and none includes it", SV_ARG(best), best.n ? "'?" : "");
}

static void walk(const struct template_dir *t, struct sv below, unsigned depth)
{
	const char *dir = below.n ? fs_join(t->a, t->dir, below) : t->dir;
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		struct sv name = sv_from(names[i]->d_name);

		if (name.p[0] != '.') {
			name = sv_from(fs_join(t->a, sv_cstr(t->a, below), name));
			if (!fs_is_dir(fs_join(t->a, t->dir, name)))
				name_unused(t, name);
			else if (depth < MAX_DEPTH)
				walk(t, name, depth + 1);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

void template_dir_name_unused(const struct template_dir *t)
{
	walk(t, SV(""), 0);
}
