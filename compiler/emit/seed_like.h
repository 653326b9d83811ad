/* Guests whose documents are the same but for their own texts: the document is made once, which spares a large lab two
 * renderings for each guest. Must not know what the documents are. */
#ifndef LABC_EMIT_SEED_LIKE_H
#define LABC_EMIT_SEED_LIKE_H

#include "base/vec.h"
#include "ctemplate/ctemplate.h"

/* What a document reads of a guest and of its NICs; each list ends with a NULL. */
struct seed_reads {
	const char *of[9], *nic_of[6];  /* may be the same for many */
	const char *own[3], *nic_own[3]; /* the guest's own texts, in the order of the document */
};

/* The texts of a document that are the guest's own, each once; their numbers begin with 1. */
struct own_texts {
	struct sv *v;
	size_t n, cap;
};

/* The guest whose document was made last. Zeroed: there is none. */
struct seed_last {
	struct ct_value guest;
	size_t doc;
	VEC(uint32_t) numbers; /* of its own texts as they are read */
	bool usable;
};

/* The number of a text, which is borrowed. */
uint32_t own_number(struct arena *a, struct own_texts *own, struct sv text);
/* Whether the document of the last guest is this one's; its own texts are then in `own`. */
bool seed_is_like(struct arena *a, const struct seed_last *last, const struct seed_reads *r, struct ct_value guest,
		  struct own_texts *own);
/* Notes the guest whose document was just made, with the own texts that are in it. */
void seed_note(struct arena *a, struct seed_last *last, const struct seed_reads *r, struct ct_value guest,
	       const struct own_texts *own);

#endif
