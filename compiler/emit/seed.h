/* The documents a guest reads at its first boot: for cloud-init three of JSON, which is YAML; for Windows Setup an
 * answer file of XML. Made from templates here, because setup.ps1 carries them; what only the run knows (the hash
 * of the password, the host's resolvers) is left open in them. */
#ifndef LABC_EMIT_SEED_H
#define LABC_EMIT_SEED_H

#include "emit/view.h"

/* The list of a guest's seed files: `path` in the seed and `text`, whose items are in turn a text and the name of
 * what comes in behind it (HASH, USER, ADMIN, DNS, NL). Empty for a guest that is set up by hand. `guest` is the
 * guest's own dict. Findings go to the environment's sink; *ok becomes false then. */
struct ct_value seed_files(const struct view *v, const struct lab_guest *g, struct ct_value guest, bool *ok);

/* A word that no text of the spec can hold: made of the checksum of its source. In the arena. */
struct sv seed_marker(struct arena *a, const struct lab *lab);

#endif
