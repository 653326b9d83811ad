/* From a YAML tree to a spec.
 *
 * Owns the walk of table and tree, the layers (profile, defaults, static defaults) and included files, and
 * reports everything of structure and type itself (LAB01xx). Must not know what values mean together. */
#ifndef LABC_SCHEMA_DECODE_H
#define LABC_SCHEMA_DECODE_H

#include "schema/spec.h"
#include "schema/types.h"
#include "yaml/ydoc.h"

struct spec_opts {
	/* Reads a file named under `include`; path is the main file's folder joined with what was written.
	 * False: it could not be read. NULL: there are no files to include (standard input). The text must
	 * live as long as the spec. */
	bool (*read_file)(void *user, struct sv path, struct sv *text);
	void *user;
	/* Patterns compiled by an earlier run on this thread, or NULL: then the decode makes its own. */
	struct patterns *patterns;
	const struct ydoc_opts *ydoc;   /* limits for included files, or NULL */
};

/* Decodes the main document into *s, which needs no initialisation. Everything lives in main->a; findings go
 * to main->diags. opts may be NULL. False when there is no map to decode; everything wrong was reported. */
bool spec_decode(struct spec *s, struct ydoc *main, const struct spec_opts *opts);

#endif
