/* One text through the whole front end in memory, and what must hold of every result whatever the text is. */
#ifndef LABC_TESTS_MUTATE_TRIAL_H
#define LABC_TESTS_MUTATE_TRIAL_H

#include "base/arena.h"
#include "diag/diag.h"
#include "model/lab.h"
#include "schema/spec.h"
#include "schema/types.h"
#include "yaml/ydoc.h"

struct trial {
	struct arena a;
	struct sources sources;
	struct diags diags;
	struct ydoc doc;
	struct spec spec;
	struct lab lab;
	struct patterns *patterns;
	bool has_tree;
	double seconds; /* of processor time, reports included */
};

void trial_init(struct trial *t);
void trial_release(struct trial *t);
/* Reads the text, finds all that is wrong with it and prints the findings into a buffer that is thrown away.
 * `what` names the case on standard error should the program crash or hang. The text is borrowed until the next
 * run. False, and a line on standard output, when a position lies outside the text. */
bool trial_run(struct trial *t, struct sv text, const char *what);
/* Makes crashes and hangs name the case. */
void trial_watch(void);

#endif
