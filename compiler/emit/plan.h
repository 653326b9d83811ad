/* The files of a build: compared with what is there; the stage (stage.h) writes them.
 * Knows folders and manifests; must not know what the files say. */
#ifndef LABC_EMIT_PLAN_H
#define LABC_EMIT_PLAN_H

#include "base/arena.h"
#include "base/map.h"
#include "base/sv.h"
#include "base/vec.h"

#define MANIFEST_NAME "manifest.json"

struct plan_file {
	struct sv path;    /* relative, with '/'; letters, digits, '.', '_', '-' */
	struct sv data;
	const char *what;  /* one line: what to do with it */
	bool listed;       /* named in the manifest and shown to the user */
	bool put;          /* nothing was there, and it waits for its place already: of data only n is left */
	bool same;         /* the folder was seen to have it: of data only n may be left */
	size_t own, own_n; /* a script: the bytes of its table, which alone differ between labs; own_n 0: none */
	struct sum *sum, *constant; /* of the data; without the table */
};

/* What applying a plan does, or would do, with one file. */
enum plan_state {
	PLAN_UNCHANGED,
	PLAN_CREATED,
	PLAN_UPDATED,
	PLAN_REMOVED,     /* written by an earlier build, no longer wanted, unchanged since */
	PLAN_KEPT,        /* the same, but changed by hand: left there and named */
	PLAN_BLOCKED,     /* in the way: changed by hand or not written by labc */
	PLAN_LINE_ENDS,   /* differs in line ends only (check) */
};

/* A file that an earlier build wrote. */
struct plan_old {
	struct sv path, sha;
};

struct plan_result {
	struct sv path;
	enum plan_state state;
};

struct earlier;
struct sum;
struct sums;

/* A script without its table. */
struct plan_constant {
	char *text;
	struct sv head, tail; /* in text */
	struct sum *sum;      /* NULL: none is known */
};

/* What the plans of one thread share: the last scripts summed up without their tables, and the queue of sums (NULL:
 * each is made at once). Zeroed it is empty. */
struct plan_memory {
	struct arena a; /* of sums */
	struct plan_constant known[16];
	size_t next;
	struct sums *sums;
};

/* When the queue is closed and no plan is used any more. */
void plan_memory_release(struct plan_memory *m);

struct plan {
	struct arena *a;
	struct plan_memory *memory;
	VEC(struct arena *) rooms; /* of other threads */
	VEC(struct plan_file) files;
	VEC(struct plan_result) results;  /* filled by plan_compare, in the order of the files */
	struct sv error_path;             /* set when plan_compare fails */
};

/* Texts and results live in the arena, the memory is borrowed. */
void plan_init(struct plan *p, struct arena *a, struct plan_memory *memory);
void plan_release(struct plan *p);
/* Adds a file with its sum; texts and sums are borrowed. */
void plan_add(struct plan *p, const struct plan_file *f);
/* Has the sum of a script without its table made, which is known now; for a file of a plan or on the way to one. */
void plan_sum_constant(struct plan_memory *m, struct plan_file *f);
/* An arena that goes with the plan, for texts made by another thread. */
struct arena *plan_more_room(struct plan *p);
/* Adds the manifest: the lab, the target and every file with size and SHA-256, sorted by path; for a script also
 * the SHA-256 of what is left without its table. */
void plan_add_manifest(struct plan *p, struct sv lab, struct sv target);
/* The files of a folder's manifest (struct plan_old by path), in the arena; an unreadable one names none. */
void plan_read_manifest(struct arena *a, const char *dir, struct map *old);
/* Reads the folder and fills p->results; earlier: what is known of it, or NULL. A folder that does not exist is empty. 0, or
 * an errno value with p->error_path set. */
int plan_compare(struct plan *p, const char *dir, const struct earlier *earlier);
/* Whether any result is of that state. */
bool plan_has(const struct plan *p, enum plan_state state);

#endif
