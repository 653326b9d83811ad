/* The images a lab needs: which files, where the scripts look for them, and how a person gets them.
 *
 * Owns the list and its steps, in words; `labc images` and the README of a build show the same ones. Knows the
 * lowered lab and the catalogue of images; must not know forms of output. */
#ifndef LABC_MODEL_NEEDS_H
#define LABC_MODEL_NEEDS_H

#include "base/vec.h"
#include "model/images.h"
#include "model/lab.h"

enum need_use {
	NEED_SYSTEM, /* the system disk is made from it */
	NEED_DISK,   /* a further disk is a copy of it */
	NEED_PARENT, /* a differencing disk differs from it */
	NEED_DVD,    /* it lies in the drive */
	NEED_USES
};

/* A step is made of pieces: words, what is typed or a name as it is, an address to open. */
enum part_kind { PART_TEXT, PART_CODE, PART_LINK };
struct need_part {
	enum part_kind kind;
	struct sv text;
};
struct need_step {
	VEC(struct need_part) parts;
};

struct image_need {
	struct sv name;                 /* of its entry under `images`, the system's id, or the file's name */
	enum need_use use;
	struct meta m;                  /* where the spec names it; a guest's own place when it does not */
	const struct lab_host *host;
	const struct os_info *os;       /* of the first guest that needs it; NULL: unknown */
	const struct os_image *image;   /* what its maker publishes; NULL: not known, or not asked for (NEED_DISK, NEED_DVD) */
	const struct spec_image *entry; /* NULL: it has none */
	struct sv url;                  /* the script downloads it from there; empty: a person puts it into place */
	struct sv from;                 /* a person downloads it from there; empty: it has no URL, or the script does */
	struct sv path;                 /* where the script looks */
	bool any_suffix;                /* `path` lacks its suffix: .vhdx, .vhd and .iso will do */
	struct sv sha256;               /* as written, or empty */
	VEC(const struct lab_guest *) guests; /* as written: copies and seats once */
	struct need_step steps[10];     /* in order */
	uint32_t n_steps;
};

struct image_needs {
	VEC(struct image_need) v;
};

/* Every image of the lab, each once, in the order of first need; on lab-services those of template machines. Everything
 * lives in `a` or in the lab. */
void lab_image_needs(struct image_needs *out, struct arena *a, const struct lab *lab);
/* "system disk", "further disk", "parent disk", "DVD". */
const char *need_use_name(enum need_use u);

#endif
