#include "cli/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/map.h"

enum { MAX_DEPTH = 32 };

static bool is_lab_file(struct sv name)
{
	return sv_eq(name, SV("lab.yaml")) || sv_eq(name, SV("lab.yml")) || sv_ends(name, SV(".lab.yaml")) ||
	       sv_ends(name, SV(".lab.yml"));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Hidden folders, and those of installed packages, hold no specs of this project. */
static bool is_skipped(const char *name)
{
	return name[0] == '.' || strcmp(name, "node_modules") == 0;
}

static void search(struct inputs *in, struct arena *a, const char *dir, unsigned depth)
{
	VEC(const char *) names = { 0 };
	struct dirent *e;
	DIR *d = opendir(dir);

	if (!d) {
		fprintf(stderr, "labc: cannot read the folder '%s': %s\n", dir, strerror(errno));
		in->failed = true;
		return;
	}
	while ((e = readdir(d)))
		if (!is_skipped(e->d_name))
			VEC_ADD(a, &names, sv_cstr(a, sv_from(e->d_name)));
	closedir(d);
	if (names.n)
		qsort(names.v, names.n, sizeof(names.v[0]), by_text);
	for (size_t i = 0; i < names.n; i++) {
		struct sv name = sv_from(names.v[i]);
		const char *path = fs_join(a, dir, name);
		struct stat st;

		/* links are not followed: a circle of them would not end */
		if (lstat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < MAX_DEPTH)
			search(in, a, path, depth + 1);
		else if (is_lab_file(name))
			VEC_ADD(a, &in->paths, path);
	}
}

/* A spec named twice, by itself and by its folder say, is read once. */
static void drop_doubles(struct inputs *in, struct arena *a)
{
	struct map seen;
	size_t n = 0;

	map_init(&seen, a, false);
	for (size_t i = 0; i < in->paths.n; i++)
		if (!map_add(&seen, sv_from(in->paths.v[i]), NULL))
			in->paths.v[n++] = in->paths.v[i];
	in->paths.n = n;
}

void inputs_find(struct inputs *in, struct arena *a, const char *const *args, size_t n)
{
	static const char *const here[] = { "." };

	*in = (struct inputs){ 0 };
	if (n == 0) {
		args = here;
		n = 1;
	}
	for (size_t i = 0; i < n; i++) {
		size_t before = in->paths.n;

		if (strcmp(args[i], "-") == 0 || !fs_is_dir(args[i])) {
			VEC_ADD(a, &in->paths, args[i]);
			continue;
		}
		search(in, a, args[i], 0);
		if (in->paths.n == before) {
			fprintf(stderr, "labc: no spec in '%s': looked for lab.yaml, lab.yml, *.lab.yaml and *.lab.yml\n",
				args[i]);
			in->failed = true;
		}
	}
	if (n > 1)
		drop_doubles(in, a);
}
