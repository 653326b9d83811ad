/* The documents a guest reads at its first boot: for cloud-init three of JSON, which is YAML; for Windows Setup an
 * answer file of XML. Made from templates here, because setup.ps1 carries them; what only the run knows (the hash
 * of the password, the host's resolvers) is left open in them. */
#ifndef LABC_EMIT_SEED_H
#define LABC_EMIT_SEED_H

#include "emit/view.h"

/* Puts `seed` into the dicts of a host's guests, which stand in start order: the list of files, each with `path` in
 * the seed and `text`, whose items are in turn a text, or the number of one in the list that is returned, and the
 * name of what comes in behind it (HASH, USER, ADMIN, DNS, NL; empty: nothing). Empty for guests set up by hand.
 * Findings go to the environment's sink; *v->ok becomes false then. */
struct ct_value seed_put(const struct view *v, const struct lab_host *h, struct ct_value *guests);

/* What the seeds of a lab share; empty until the first is made, since the marker takes the checksum of the spec. */
struct seeds {
	struct sv marker;     /* what stands in a seed for what only the run knows: no text of the spec can hold it */
	struct ct_value open; /* `secret` of the templates */
	struct arena *tmp;    /* of one host's documents while they are cut and counted */
};

#endif
