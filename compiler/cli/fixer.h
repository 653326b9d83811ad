/* Applying fixes to files: round by round, each set only if the text read again has no new error or warning. */
#ifndef LABC_CLI_FIXER_H
#define LABC_CLI_FIXER_H

#include "cli/load.h"

struct fixer {
	struct session trial;  /* in which a changed text is read */
	struct arena texts;    /* of the files as they were and as they become */
	struct edited *before; /* of the last run: the texts as they were */
	struct edited *after;  /* in the same order */
	size_t n_fixed;        /* findings */
	size_t n_files;        /* files that differ */
};

void fixer_init(struct fixer *f);
void fixer_release(struct fixer *f);
/* Repairs in memory what the loaded session found, in the spec and the files it includes, until nothing more can be
 * repaired. The session is then that of the repaired texts, valid until the next run. */
void fixer_run(struct fixer *f, struct session *s, const struct opts *o);
/* Writes the changed files, keeping their mode; a link is followed. False after saying why in err. */
bool fixer_write(const struct fixer *f, struct buf *err);
/* Appends the changes as a unified diff. */
void fixer_diff(const struct fixer *f, const struct opts *o, struct buf *out);

#endif
