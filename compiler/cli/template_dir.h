/* The templates of a folder of the user, found by name below it and never outside. Each file is read once. */
#ifndef LABC_CLI_TEMPLATE_DIR_H
#define LABC_CLI_TEMPLATE_DIR_H

#include "base/map.h"

struct template_dir {
	struct arena *a; /* texts live here */
	const char *dir;
	struct map files; /* name -> what was read */
	bool failed;	  /* a file is there and cannot be read: said on stderr, the command must not go on */
};

void template_dir_init(struct template_dir *t, struct arena *a, const char *dir);
/* A ct_load_fn. A file that cannot be read counts as an empty one, so that only its own message is shown. */
bool template_dir_load(void *user, struct sv name, struct sv *text, struct sv *path);
/* Says on stderr which files of the folder replaced no built-in template and were not included by one either. */
void template_dir_name_unused(const struct template_dir *t);

#endif
