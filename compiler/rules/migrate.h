/* From one target to another: what is lost, what changes, and the edits that make the spec one for the other
 * target.
 *
 * Owns the table of what each target lacks. Each finding carries its edit, so that applying all of them gives
 * the new spec; comments and everything else stay as they are. */
#ifndef LABC_RULES_MIGRATE_H
#define LABC_RULES_MIGRATE_H

#include "model/lab.h"
#include "yaml/ydoc.h"

/* One field of the language, and the targets that have nothing like it. */
struct migrate_loss {
	const char *path;    /* from the top of the spec */
	unsigned lacking;    /* bits 1 << enum target */
	unsigned refused;    /* of those, the targets that refuse a spec with it: the entry goes */
	const char *instead; /* what there is instead, for the help line */
};

extern const struct migrate_loss migrate_losses[];
extern const size_t migrate_losses_count;

/* Reports with edits: the target, sizes, and every field written in `d` that the target of `to` lacks. `to`
 * is the lab of the same text lowered for the other target (has_build_target), so its sizes are translated.
 */
void migrate_find(const struct lab *to, const struct ydoc *d, struct diags *out);
/* Reports what the new spec means that the old one did not: access, cost, defaults that follow the target.
 * Places are those of the old spec; `after` is the lab of the new text. */
void migrate_compare(const struct lab *before, const struct lab *after, struct diags *out);

#endif
