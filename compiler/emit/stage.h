/* Putting files in place, all or none: each is written beside its place first, then all are renamed.
 * Knows folders; must not know what is in the files. */
#ifndef LABC_EMIT_STAGE_H
#define LABC_EMIT_STAGE_H

#include <pthread.h>

#include "base/arena.h"
#include "base/sv.h"
#include "base/vec.h"

struct plan;
struct plan_file;

struct staged {
	const char *tmp, *path; /* where it is, where it goes */
	const char *dir;        /* the folder of its build */
	struct sv name;         /* in that folder */
};

/* Empty it has an arena and a lock, and is zeroed else. */
struct stage {
	struct arena *a; /* of the names */
	pthread_mutex_t *lock; /* for stage_put on several threads */
	VEC(struct staged) files;
	VEC(const char *) dirs; /* made for them, as may have been by others at the same time */
	VEC(const char *) gone; /* files of earlier builds, removed when the others are in place */
	const char *error_dir;  /* what failed, and in which folder */
	struct sv error_path;
	int error;              /* errno, 0: nothing failed */
};

/* Writes a file beside its place if nothing is there, on any thread; false: not, for whatever reason. */
bool stage_put(struct stage *s, const struct plan_file *f, const char *dir);
/* Writes what plan_compare found missing or different beside its place, on so many threads if it is much; blocked files
 * count as different (the caller has asked). On failure no file of the plan stays, and s->error says why. */
bool stage_add(struct stage *s, const struct plan *p, const char *dir, unsigned threads);
/* Takes over what another one holds, whose arena may go then. */
void stage_move(struct stage *s, const struct stage *from);
/* Renames everything and removes what is no longer wanted. False as with stage_add; the files renamed until then
 * stay, since what stood there is gone. */
bool stage_commit(struct stage *s);
/* Takes away what was written, and the folders made for it. To be called after a failure, too. */
void stage_drop(struct stage *s);

#endif
