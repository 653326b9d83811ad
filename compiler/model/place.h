/* Values of a lab by path: what they are in the end and which layer they come from. */
#ifndef LABC_MODEL_PLACE_H
#define LABC_MODEL_PLACE_H

#include "base/buf.h"
#include "model/lab.h"
#include "schema/table.h"

enum place_alt { ALT_PROFILE, ALT_DEFAULTS, ALT_COUNT };

/* A place in the lab: a section's struct, what the model made of it, and the same section of the layers below. */
struct place {
	const struct section *sec;
	const void *item;                 /* the section's spec struct; NULL: nothing is written */
	const void *alts[ALT_COUNT];      /* NULL: that layer has none */
	const struct lab_host *host;      /* when the path leads through one */
	const struct lab_guest *guest;
	const struct lab_network *network;
	const struct lab_nic *nic;
	const struct lab_disk *disk;
	const struct lab_mapping *mapping;
	const struct lab_schedule *schedule;
	const struct field *field;        /* the path ends at a field; NULL: at the section itself */
	const struct field *list;         /* the path ends at a list or map of sections */
	struct sv end;                    /* the part of the path behind which nothing was found */
	struct buf near;                  /* what may have been meant there, or empty */
};

/* Follows a path such as "hosts.lab-vm-1.guests.ubuntu.disks[0].size"; false: at.end names the part that does
 * not exist, at.near the nearest that does. Release at.near either way. */
bool place_find(struct place *at, const struct lab *lab, struct sv path);
/* Goes on to one more part; false as above. */
bool place_enter(struct place *at, const struct lab *lab, struct sv part);
/* After entering a list or map of sections: how many items it has, and going on to one of them by its number. The
 * layers below (alts) are left out: this is for walking over many. */
uint32_t place_count(const struct place *at, const struct lab *lab);
void place_nth(struct place *at, const struct lab *lab, uint32_t i);
/* What an item of a list is called: its key, the name of a guest or mapping; empty: nothing. */
struct sv place_name(const struct place *at);
/* The value of a field at a place, as the model has it; begins with its meta. */
const struct meta *place_value(const struct place *at, const struct lab *lab, const struct field *f);
/* One scalar as one would write it. */
void place_print_scalar(struct buf *out, struct arena *a, enum type_id type, const struct words *words, const void *v);
/* A value as one would write it. */
void place_print(struct buf *out, struct arena *a, const struct field *f, const struct meta *value);

#endif
