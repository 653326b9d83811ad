/* Applying the edits of findings to the text they stand in, and showing what changed. Knows nothing of files or
 * of how a text is checked again: whoever fixes gives a function for that.
 *
 *   fix_plan(&plan, &arena, &diags, src, unsafe);
 *   fix_settle(&plan, text, is_good, ctx);     tries all sets, then halves, until is_good says yes
 *   fix_render(&out, text, &plan);
 *
 * is_good() parses the new text and answers fix_is_better(arena, &before, &after, sets).
 */
#ifndef LABC_DIAG_FIX_H
#define LABC_DIAG_FIX_H

#include "base/arena.h"
#include "base/buf.h"
#include "diag/diag.h"

/* The edits of one finding: all of them or none. */
struct fix_set {
	const struct diag *finding;
	bool dropped; /* left out of the result */
};

struct fix_edit {
	uint32_t off, len;
	struct sv text;
	uint32_t set; /* index into sets */
};

struct fix_plan {
	VEC(struct fix_set) sets;   /* in the order of the findings */
	VEC(struct fix_edit) edits; /* by offset; those of different sets do not touch */
};

/* Chooses which edits of the finished findings to apply to source src: the safe ones, with `unsafe` all.
 * Suppressed findings, sets that reach into another source and sets that touch one chosen before are left out
 * (the next round takes the latter). False when nothing is left. */
bool fix_plan(struct fix_plan *p, struct arena *a, const struct diags *d, uint32_t src, bool unsafe);
/* Number of sets that are not dropped. */
size_t fix_count(const struct fix_plan *p);
/* Appends the text with the edits of all sets that are not dropped. A byte order mark stays in front, and line
 * ends in inserted text become those of the text around it. */
void fix_render(struct buf *out, struct sv text, const struct fix_plan *p);
/* Whether a text with so many sets applied is better than the text without any. */
typedef bool fix_judge(void *ctx, struct sv fixed, size_t sets);
/* Drops sets until is_good() accepts the rest; sets that do harm are found by halving, in at most 64 calls of
 * is_good(): what is not settled by then is dropped. True when a set is left. */
bool fix_settle(struct fix_plan *p, struct sv text, fix_judge *is_good, void *ctx);
/* Whether the findings `after` are what `before` promised: no code more often than before, and at least `sets`
 * findings fewer. Suppressed ones are no findings, and one that a fix made suppressed is not better. */
bool fix_is_better(struct arena *a, const struct diags *before, const struct diags *after, size_t sets);

/* fix_plan and fix_render; false when there was nothing to apply, and out is then unchanged. applied may be
 * NULL. */
bool fix_apply(struct buf *out, struct arena *a, const struct diags *d, uint32_t src, bool unsafe,
	       size_t *applied);

/* Appends a unified diff that `patch -p0` takes, nothing when the texts are equal. Time and memory are linear in
 * the texts; where they differ over hundreds of lines the diff may not be the shortest. */
void fix_diff(struct buf *out, struct sv name, struct sv before, struct sv after);

#endif
