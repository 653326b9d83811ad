/* What runs together on a host, and what it needs: simulated, not only summed. */
#ifndef LABC_RULES_CAPACITY_H
#define LABC_RULES_CAPACITY_H

#include "base/vec.h"
#include "rules/rule.h"

/* A guest that starts with the host. */
struct capacity_step {
	const struct lab_guest *guest;
	int64_t at;      /* seconds after the host: its start delay */
	uint64_t in_use; /* memory needed when it starts, if every guest that started at an earlier time has gone down to its
			  * minimum: Hyper-V gives a starting guest all of its startup memory */
};

struct capacity {
	struct capacity_step *steps; /* in the order of time, then of the start order */
	uint32_t n_steps;
	uint64_t startup; /* all of them, as they start */
	uint64_t least;   /* all of them, shrunk to their minimum */
	uint64_t most;    /* all of them at their maximum */
	uint64_t peak;    /* the largest in_use: below it the host certainly cannot start them */
};

/* Guests on demand are not among them. False: a figure is missing or absurd, and was reported. Linear, or n log n with
 * start delays. */
bool capacity_simulate(struct arena *a, const struct lab_host *h, struct capacity *c);
/* Whether the host's size is known and may run guests at all: of another one no sum is worth a word. */
bool capacity_is_known(const struct lab_host *h);
/* The smallest size of the lab's target with that much memory and that many vCPUs, with its figures
 * ("'Large (nested virtualization)' (8 vCPUs, 32 GiB)"); empty: there is none. */
struct sv capacity_smallest(struct arena *a, const struct lab_host *h, uint64_t memory, int64_t vcpus);
/* Appends the arithmetic of a host's memory as a table, one line a guest. */
void capacity_table(struct arena *a, struct buf *b, const struct lab_host *h, const struct capacity *c);
/* An image file of a host, once however many guests are made from it. */
struct capacity_image {
	struct sv name;   /* the file's */
	uint64_t bytes;   /* as it lies there when it is ready; 0: not known */
	uint64_t archive; /* the .zip it was in, which lies beside it */
	bool least;       /* it may be more */
	bool unverified;  /* nobody could read the figure on a page */
	bool media;       /* systems are installed from it, not copied */
	bool elsewhere;   /* on another drive than the guests' disks */
	uint32_t copies;  /* growing disks that are copies of it */
};
struct capacity_images {
	VEC(struct capacity_image) v; /* in the order of first need */
	uint64_t lie;                 /* all that lie on the disk of the guests' disks */
	uint64_t copies;              /* all growing copies of them, as they are made */
};
/* Everything lives in `a` or in the lab. Linear. */
void capacity_images(struct arena *a, const struct lab_host *h, struct capacity_images *out);
/* Appends its line: "image x.iso (as published)". */
void capacity_image_text(struct buf *b, const struct capacity_image *i);
/* The image of which one common parent in place of copies would save most; NULL: none is known to save anything. */
const struct capacity_image *capacity_shared(const struct capacity_images *all);

/* What all disks of the guests take when they are full, what their images take, and what Windows takes on the disk it
 * shares with them. */
struct capacity_disk {
	uint64_t all, fixed, windows, room;
	uint64_t at_once; /* of `room`, while setup.ps1 makes the guests: images, copies of them, fixed disks; at least */
	uint32_t n_disks, n_unknown; /* unknown: as large as the image is */
	struct capacity_images images;
};
/* False: a figure is missing, and was reported. */
bool capacity_disk(struct arena *a, const struct lab_host *h, struct capacity_disk *d);
/* Appends it as a table. */
void capacity_disk_table(struct arena *a, struct buf *b, const struct lab_host *h, const struct capacity_disk *d);
/* The whole arithmetic of a host, for people: memory over time, processors, disk. */
void capacity_explain(struct arena *a, struct buf *out, const struct lab_host *h);

#endif
