/* Files. Failures come back as errno values; wording and positions are the caller's. */
#ifndef LABC_BASE_FS_H
#define LABC_BASE_FS_H

#include <sys/types.h>
#include <time.h>

#include "base/sv.h"

#define FS_TOO_LARGE (-2)  /* more bytes than the limit */
#define FS_IS_DIR (-3)

/* Reads a whole file ("-": standard input) into the arena, NUL behind it not counted.
 * 0, an errno value, FS_TOO_LARGE or FS_IS_DIR. */
int fs_read(struct arena *a, const char *path, size_t limit, struct sv *out);
/* Whether path is a regular file of just these bytes. */
bool fs_equals(const char *path, struct sv data);
/* By what a changed file is told without reading it. */
struct fs_stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec written, changed;
};
/* False when path is no regular file. */
bool fs_stamp(const char *path, struct fs_stamp *out);
bool fs_same_stamp(const struct fs_stamp *a, const struct fs_stamp *b);
/* Creates a folder and its parents; 0 or errno. */
int fs_mkdirs(const char *path);
/* Writes a file that must not be there yet; 0 or errno, and there is then none. */
int fs_write_new(const char *path, struct sv data);
/* Writes to a temporary file beside path and renames it; 0 or errno, and path is then unchanged. */
int fs_write_atomic(const char *path, struct sv data);
/* The same for a file that exists; its mode stays. */
int fs_replace_atomic(const char *path, struct sv data);
bool fs_is_dir(const char *path);
bool fs_exists(const char *path);
/* dir + "/" + name in the arena; dir "" or "." gives name alone. */
const char *fs_join(struct arena *a, const char *dir, struct sv name);
/* A path without needless dots and slashes: "a/./b//../c" is "a/c"; links are not looked at. "." for nothing. */
const char *fs_clean(struct arena *a, const char *path);
/* The folder part of a path, "." when there is none. */
struct sv fs_dirname(const char *path);
/* The part after the last slash. */
struct sv fs_basename(const char *path);

#endif
