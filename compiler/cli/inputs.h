/* From arguments to the specs they mean: files, folders searched for lab files, standard input. */
#ifndef LABC_CLI_INPUTS_H
#define LABC_CLI_INPUTS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/vec.h"

struct inputs {
	VEC(const char *) paths; /* "-" for standard input */
	bool failed;             /* an argument meant nothing; the reason is on stderr */
};

/* Expands arguments in their order; a folder gives its lab files sorted by path. No argument means the current
 * folder. */
void inputs_find(struct inputs *in, struct arena *a, const char *const *args, size_t n);

#endif
