/* The documents a guest reads at its first boot: for cloud-init three of JSON, which is YAML; for Windows Setup an
 * answer file of XML. Made from templates here, because setup.ps1 carries them; what only the run knows (the hash
 * of the password, the host's resolvers) is left open in them. */
#ifndef LABC_EMIT_SEED_H
#define LABC_EMIT_SEED_H

#include "emit/view.h"

/* Puts into the dict of a host what its guests read at their first boot. `seeds` are the documents: `path` in the seed
 * and `text`, a list of lines. A line is a text (or its number in `seed_shared`), or a list of in turn such a text and
 * what comes in behind it: a word for what only the run knows (HASH, USER, ADMIN, DNS), or the number, from 1, of a text
 * of the guest's own. The dicts of the guests, which stand in start order, get `seed`: `of` (the document's number) and
 * `own` (the texts). It is empty for guests set up by hand. Findings go to the environment's sink; *v->ok becomes false
 * then. */
void seed_put(const struct view *v, const struct lab_host *h, struct ct_value *host, struct ct_value *guests);

/* Does its seed put public keys into a Windows guest, with the SSH server that takes them? */
bool seed_has_windows_keys(const struct lab_guest *g);

/* What the seeds of a lab share; empty until the first is made. */
struct seeds {
	struct sv marker;     /* what stands in a seed for what only the run knows: no text of the spec can hold it */
	struct ct_value open; /* `secret` of the templates */
};

/* What a template of a seed reads of the guest, where guests that are alike in it share the document; NULL for the others.
 * source: the template's name. */
const struct seed_reads *seed_reads_of(const char *source);

/* Makes them now: before several threads want them. */
void seeds_make(const struct view *v);

#endif
