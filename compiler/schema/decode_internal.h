/* What the files of the decoder share. */
#ifndef LABC_SCHEMA_DECODE_INTERNAL_H
#define LABC_SCHEMA_DECODE_INTERNAL_H

#include "base/map.h"
#include "schema/codes.h"
#include "schema/decode.h"
#include "schema/table.h"

/* Whose map is being read, for messages: "guest 'web'", "the network adapter". */
struct owner {
	const char *noun;
	struct sv name;
};

/* Any list or map of items, whatever its items. */
struct __attribute__((may_alias)) any_list {
	struct meta m;
	void *v;
	uint32_t n;
};

struct read_list {
	struct field f;
	uint8_t origin;
	struct any_list list;
};

enum { KEY_SLOTS = 64, MAX_SECTIONS = 48, SECTION_SLOTS = 128 };

/* What is worked out of a section's rows once. */
struct known_section {
	const struct section *sec;
	uint8_t first[KEY_SLOTS]; /* by hash of the key: a row, counted from 1 ... */
	uint8_t next[64];         /* ... by row: the next one of that hash */
	uint64_t required, required_merged; /* as bits of the rows */
	/* static defaults: one item that has them all, and the fields worth looking at */
	void *values;              /* NULL: not made yet */
	const struct field **set;  /* with a default */
	const struct field **into; /* sections below that have some */
	uint32_t n_set, n_into;
};

/* The sections met so far; kept with the patterns, from one spec to the next. */
struct known_sections {
	struct known_section v[MAX_SECTIONS];
	uint32_t n;
	uint8_t at[SECTION_SLOTS]; /* by address: a section of v, counted from 1 */
};

struct decoder {
	struct spec *s;
	const struct spec_opts *opts;
	struct arena *a;
	struct diags *diags;
	struct ydoc *y;            /* the document being read */
	uint8_t doc;
	uint8_t origin;            /* of what is read now */
	uint32_t alias;            /* the innermost alias or `<<` on the way here, or 0 */
	struct type_in in;         /* patterns and arena filled in */
	struct decoded_doc {
		uint32_t *said;           /* a bit per node: reported already */
		struct read_list **lists; /* per node, when there are aliases: long lists, as first read */
	} *docs;                   /* by number; grown on first use */
	uint32_t n_docs;
	struct map profiles;       /* name -> struct spec_guest */
	struct map no_profiles;    /* unknown name -> its struct diag */
	uint32_t mute;             /* over 0: say nothing; the place is lost anyway */
	struct crowd {
		const void *what;  /* findings of one kind and place ... */
		uint32_t map;
		unsigned n;        /* ... so far */
		struct diag *last;
	} strays, lacking;
};

/* --- decode.c --- */

/* What is known of a section's rows, worked out when it is first asked for. */
struct known_section *section_known(struct decoder *d, const struct section *sec);
/* The field of that key, or NULL. */
const struct field *known_field(const struct known_section *k, struct sv key);
/* Those of the wanted rows, as bits, that the item does not have. */
uint64_t section_lacks(const struct section *sec, uint64_t wanted, const void *item);
/* What the decoder keeps of the document it reads. */
struct decoded_doc *decoded_doc(struct decoder *d);
/* Reads a map into the section's struct; `value` is a map, its meta is set by the caller. */
void decode_section(struct decoder *d, const struct section *sec, uint32_t value, void *out,
		    struct owner owner);
/* Reads the value of field f, written as node `as_written`, into its member. */
void decode_field(struct decoder *d, const struct field *f, uint32_t key, uint32_t as_written, void *out);
/* The meta of a node of the current document. */
struct meta decode_meta(const struct decoder *d, uint32_t as_written, enum meta_state state);

/* --- decode_value.c --- */

/* One scalar of field f (its item type for lists). The subject of messages is f->key. False: poisoned. */
bool decode_scalar(struct decoder *d, const struct field *f, enum type_id type, bool item, uint32_t value,
		   void *out);
/* The short form of a port mapping. */
bool decode_mapping(struct decoder *d, uint32_t value, struct spec_port *out);
/* Checks the tag of a node against what is wanted there. */
bool decode_tag(struct decoder *d, const char *key, uint32_t value, uint32_t allowed);
#define TAG_BIT(t) (1U << (t))

/* --- decode_report.c --- */

/* True the first time a node of the current document is complained about. */
bool report_once(struct decoder *d, uint32_t node);
/* The first few findings of one kind and place stand for themselves, the rest are labels on the last of
 * them: true when this one became a label. */
bool report_crowded(struct decoder *d, struct crowd *c, const void *what, uint32_t map, struct span at);
/* A finding at a place of the current document; adds where an alias uses it. */
struct diag *report_at(struct decoder *d, enum schema_code code, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
struct sv report_owner(struct decoder *d, struct owner owner);
/* Returns the field that was probably meant, or NULL. */
const struct field *report_unknown_field(struct decoder *d, const struct section *sec, uint32_t map, uint32_t key,
					 struct owner owner);
/* Fields missing in a map: one finding for all. `mask` as bits of the section's rows. */
void report_missing(struct decoder *d, const struct section *sec, struct meta m, uint64_t mask,
		    struct owner owner);
void report_no_value(struct decoder *d, const struct field *f, uint32_t key, uint32_t value);
/* A list where a map is wanted and the like. */
void report_kind(struct decoder *d, const struct field *f, bool item, uint32_t value);
/* The same for one item of a map of names. */
void report_item_kind(struct decoder *d, uint32_t value, const char *noun, struct sv name);
void report_type(struct decoder *d, const struct type *row, struct sv subject, uint32_t value,
		 const struct type_in *in, const struct type_error *e);

/* --- layers.c --- */

/* Puts what src has and dst lacks into dst. */
void section_merge(const struct section *sec, void *dst, const void *src);
/* Profiles, defaults and static defaults under every item; required fields afterwards. */
void layers_apply(struct decoder *d);

/* --- decode_hosts.c --- */

/* `host` and `guests` become the only item of `hosts`; both forms at once, and neither, are findings. */
void decode_hosts(struct decoder *d);

/* --- include.c --- */

void include_files(struct decoder *d);
/* Why a path as written may not be read: it has to lie below the folder of its file. NULL: it may. */
const char *include_path_problem(struct sv path);
/* Makes `doc` the document being read. */
void decoder_enter(struct decoder *d, uint8_t doc);

/* --- beside.c --- */

/* Reads the files that `users` and `prices` name. */
void files_beside(struct decoder *d);

#endif
