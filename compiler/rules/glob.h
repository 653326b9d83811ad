/* Patterns of file names: `*`, `?`, `[a-z]`, and `**` for any number of folders. */
#ifndef LABC_RULES_GLOB_H
#define LABC_RULES_GLOB_H

#include "base/arena.h"
#include "base/sv.h"

struct glob;

/* NULL when it is no pattern. Release it. */
struct glob *glob_new(struct sv pattern);
/* Adds a pattern to a list of them, which owns it. */
void glob_join(struct glob **list, struct glob *g);
/* Releases a list. */
void globs_free(const struct glob *list);
/* Whether a path, relative and with slashes, matches one of the list; a pattern without a slash is compared with
 * the name alone. Any thread. */
bool globs_match(const struct glob *list, struct sv path);

#endif
