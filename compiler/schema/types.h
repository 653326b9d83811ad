/* The strict grammar of each type of the language, one row a type.
 *
 * Owns what a text must look like to be a size, a port, a name ... and how to say what is wrong with it.
 * Must not know fields, trees or findings: it gets a text and returns a value or an explanation. */
#ifndef LABC_SCHEMA_TYPES_H
#define LABC_SCHEMA_TYPES_H

#include "base/arena.h"
#include "base/sv.h"

enum type_id {
	/* Scalars. */
	TYPE_INTEGER,
	TYPE_BOOLEAN,
	TYPE_ENUM,
	TYPE_SIZE,
	TYPE_DURATION,
	TYPE_DURATION_OFF,
	TYPE_TIME,
	TYPE_TIME_OFF,
	TYPE_DATE,
	TYPE_DECIMAL,
	TYPE_IPV4,
	TYPE_IPV4_AUTO,   /* or `auto`, `dhcp` */
	TYPE_PREFIX,
	TYPE_RANGE,
	TYPE_PORT,
	TYPE_PORT_AUTO,   /* or `auto` */
	TYPE_MAC,
	TYPE_HTTP,
	TYPE_TEXT,
	TYPE_NAME,
	TYPE_IMAGE_NAME,  /* a name that may hold dots */
	TYPE_USER,
	TYPE_PATH,
	TYPE_URL,
	TYPE_SOURCE,      /* Windows path or URL */
	TYPE_IMAGE_REF,   /* image name, Windows path or URL */
	TYPE_SHA256,
	TYPE_EMAIL,
	TYPE_ZONE,
	TYPE_LOCALE,
	TYPE_CURRENCY,
	TYPE_RESOURCE_ID,
	TYPE_FILE,        /* a file beside the spec */
	TYPE_SCALARS,     /* number of scalar types */
	/* Collections. */
	TYPE_LIST = TYPE_SCALARS,
	TYPE_TEXT_MAP,
	TYPE_SECTION,
	TYPE_SECTION_LIST,
	TYPE_SECTION_MAP,
};

/* A word of an enumeration. */
struct word {
	const char *word;
	const char *doc;     /* what it means, or NULL */
};

/* A word of another tool and the one that says the same here; right NULL: nothing does, note says why. */
struct word_alias {
	const char *wrong, *right, *note;
};

struct words {
	const char *noun;            /* "an operating system of the catalogue"; NULL: the words are listed */
	const struct word *v;
	uint32_t n;
	const struct word_alias *aliases;
	uint32_t n_aliases;
};

struct patterns;

struct type_in {
	struct sv text;
	bool plain;                  /* no quotes, no block indicator */
	const struct words *words;   /* enumerations */
	int64_t min, max;            /* integers: range; texts: max is the length in code points, 0: none */
	struct patterns *patterns;
	struct arena *a;             /* for explanations */
};

/* "SUBJECT wants WANTS, found FOUND"; the texts live in the arena or are literals. */
struct type_error {
	struct sv wants;             /* empty: the type's own phrase */
	struct sv found;             /* empty: the text in quotes */
	struct sv help;
	struct sv fix;               /* the text to put in place of the value; n == 0: none is exact */
	bool safe;                   /* the fix keeps what the author meant */
};

struct type {
	const char *title;           /* "size": for tables of documents */
	const char *wants;           /* "a size such as '4 GiB'" */
	const char *json;            /* JSON Schema of a value, as JSON text; NULL: built from the field */
	const char *help;            /* said when the error itself knows nothing better, or NULL */
	uint16_t code;               /* enum schema_code of its findings */
	uint16_t size;               /* of its v_* struct */
	bool unquoted;               /* quotes make it a text: refused */
	/* Fills the v_* struct behind its meta. False: *e says why, the value is unspecified. */
	bool (*parse)(const struct type_in *in, void *value, struct type_error *e);
};

extern const struct type types[TYPE_SCALARS];

/* Parses in->text as that type, quoting rules included. */
bool type_parse(enum type_id t, const struct type_in *in, void *value, struct type_error *e);

/* The short form of a port mapping. internal == 0 means the same as external; protocol -1: not written. */
struct port_mapping {
	uint16_t external, internal;
	int protocol;
};
bool type_parse_mapping(const struct type_in *in, struct port_mapping *out, struct type_error *e);
extern const struct type type_mapping;

/* The word of the table nearest to text, or NULL. */
const char *words_nearest(const struct words *w, struct sv text);

/* The few patterns that are regular expressions, compiled on first use and kept for the run. One set
 * per thread. */
struct patterns *patterns_new(void);
void patterns_free(struct patterns *p);
/* A place beside them for what a decode makes once and later ones use again; the arena lives as long. */
void **patterns_kept(struct patterns *p, struct arena **a);

/* Whether a text is a name of a host, a guest or a network as the language has it. */
bool type_is_name(struct sv s);

#endif
