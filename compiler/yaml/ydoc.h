/* A YAML text as a flat tree with byte spans.
 *
 * Owns everything about the text: encoding, limits, syntax, keys, anchors, aliases, merge keys, tags and
 * comments that silence findings. Reports all of it itself (LAB00xx). Every scalar is text: types are the
 * schema's matter. Must not know fields or labs.
 *
 *   struct ydoc d;
 *   if (ydoc_parse(&d, arena, diags, src, NULL)) {
 *           uint32_t map = ynode_resolve(&d, d.root);
 *           struct ymap_it it = ymap_iter(&d, map);
 *           for (struct yentry e; ymap_next(&it, &e);) ...
 *   }
 */
#ifndef LABC_YAML_YDOC_H
#define LABC_YAML_YDOC_H

#include "base/arena.h"
#include "base/sv.h"
#include "base/vec.h"
#include "diag/diag.h"
#include "diag/source.h"

enum ynode_kind { YNODE_NONE, YNODE_SCALAR, YNODE_MAP, YNODE_SEQ, YNODE_ALIAS };

enum ynode_style {
	YSTYLE_PLAIN, /* scalars */
	YSTYLE_SINGLE,
	YSTYLE_DOUBLE,
	YSTYLE_LITERAL,
	YSTYLE_FOLDED,
	YSTYLE_BLOCK, /* maps and sequences */
	YSTYLE_FLOW,
};

enum ynode_flag {
	YN_COPIED = 1 << 0, /* the text differs from its slice of the source and lives in ydoc.copies */
	YN_ANCHORED = 1 << 1,
	YN_TAGGED = 1 << 2, /* ynode_tag() says more */
	YN_POISONED =
	    1 << 3, /* a finding says what is wrong here: stay silent about this node and what is below */
	YN_INCOMPLETE =
	    1 << 4, /* a map some of whose entries were lost to a finding: no "missing field" findings */
	YN_MULTILINE = 1 << 5, /* a plain scalar folded from several lines (perhaps swallowed ones) */
	YN_SWALLOWS = 1 << 6,  /* such a scalar, already reported as swallowing a `- x` or `word:` line */
	YN_MERGES = 1 << 7,    /* a map with `<<` */
	YN_OPEN = 1 << 8,      /* being parsed */
	YN_MERGE_KEY = 1 << 9, /* the plain key `<<` */
	YN_KEY = 1 << 10,      /* stands as a key */
};

/* One node, 32 bytes. A collection's first child is the node behind it. */
struct ynode {
	uint8_t kind, style;
	uint16_t flags;
	uint32_t lo, hi; /* bytes of the value in the source, properties (anchor, tag) excluded */
	uint32_t next;	 /* sibling or 0; the children of a map alternate key, value */
	uint32_t first;	 /* scalar: offset of the text; collection: first child or 0 */
	uint32_t count;	 /* scalar: bytes of text; collection: children (a map: keys and values) */
	uint32_t hash;	 /* key: hash of the text; map: 1 + number of its key index, or 0 */
	uint32_t aux;	 /* alias: target node, 0 if it has none; else 1 + number of the anchor, or 0 */
};

/* The tags that may stand in a spec. Every other tag is reported here and poisons its node. */
enum ytag { YTAG_NONE, YTAG_STR, YTAG_INT, YTAG_BOOL, YTAG_MAP, YTAG_SEQ };

struct ytag_use {
	uint32_t node;
	enum ytag tag;
	struct span at;
};

struct yanchor;
struct yindex;
struct ymerge;
struct yignore;

/* Zero means the default of the language. */
struct ydoc_opts {
	uint32_t max_depth;   /* 64, root = 1; at most 1000 */
	uint32_t max_run;     /* 4096 blanks or line ends in a row */
	uint32_t max_percent; /* 64 lines that start with % */
	uint32_t max_scalar;  /* 1 MiB of text; literal and folded blocks have only the file's limit */
	uint64_t max_decoded; /* 1,000,000; twice the nodes of the file come on top */
	bool any_root;	      /* no lab: the root may be anything, or nothing (d.root is 0 then); the caller looks */
};

struct ydoc {
	struct sources *sources;
	struct diags *diags;
	struct arena *a;
	uint32_t src;
	struct sv text;	     /* the whole source as read, byte order mark included */
	const char *work;    /* what was parsed: the text, with refused characters and entries masked */
	uint32_t base;	     /* first byte behind a byte order mark */
	struct ynode *nodes; /* [0] is the node "none" */
	uint32_t n_nodes;
	uint32_t root;	 /* 0: no tree */
	bool incomplete; /* a syntax error was passed over: no "missing field" findings at all */
	char *copies;	 /* texts of scalars that are not slices of the source */
	uint32_t n_copies;
	VEC(struct ytag_use) tags;
	VEC(struct yanchor) anchors;
	VEC(struct yindex) indexes;
	VEC(struct ymerge) merges;
	VEC(struct yignore) ignores;
	uint32_t first_diag; /* number of findings in the sink before this text */
};

/* The largest text that may be read, in bytes. */
#define YDOC_MAX_BYTES ((size_t)64 << 20)

/* Reads source `src` of diags->sources and reports what is wrong with it as YAML. The tree lives in `a`
 * and borrows the source's text. opts may be NULL. False when there is no tree, or none that may be walked. */
bool ydoc_parse(struct ydoc *d, struct arena *a, struct diags *diags, uint32_t src,
		const struct ydoc_opts *opts);

/* --- nodes (number 0 is accepted everywhere and is of kind YNODE_NONE) --- */

static inline const struct ynode *ynode_get(const struct ydoc *d, uint32_t n)
{
	return &d->nodes[n];
}
/* The kind as written: an alias is YNODE_ALIAS. */
static inline enum ynode_kind ynode_kind(const struct ydoc *d, uint32_t n)
{
	return (enum ynode_kind)d->nodes[n].kind;
}
static inline enum ynode_style ynode_style(const struct ydoc *d, uint32_t n)
{
	return (enum ynode_style)d->nodes[n].style;
}
static inline bool ynode_is(const struct ydoc *d, uint32_t n, enum ynode_flag f)
{
	return (d->nodes[n].flags & f) != 0;
}
static inline bool ynode_is_poisoned(const struct ydoc *d, uint32_t n)
{
	return ynode_is(d, n, YN_POISONED);
}
/* A scalar without quotes or block indicator. */
static inline bool ynode_is_plain(const struct ydoc *d, uint32_t n)
{
	return d->nodes[n].kind == YNODE_SCALAR && d->nodes[n].style == YSTYLE_PLAIN;
}
static inline bool ynode_is_quoted(const struct ydoc *d, uint32_t n)
{
	return d->nodes[n].kind == YNODE_SCALAR &&
	       (d->nodes[n].style == YSTYLE_SINGLE || d->nodes[n].style == YSTYLE_DOUBLE);
}
/* The node an alias stands for; every other node itself. A poisoned alias (undefined, cyclic, over the
 * budget) has no target: it gives itself, of kind YNODE_ALIAS, and has been reported. */
static inline uint32_t ynode_resolve(const struct ydoc *d, uint32_t n)
{
	return d->nodes[n].kind == YNODE_ALIAS && d->nodes[n].aux ? d->nodes[n].aux : n;
}
/* Where the value stands. A scalar's quotes are inside, a block scalar starts at its `|`, trailing blank
 * lines left out; an empty value has length 0. */
struct span ynode_span(const struct ydoc *d, uint32_t n);
/* The decoded text of a scalar; empty for other kinds. Valid as long as the arena and the source. */
static inline struct sv ynode_text(const struct ydoc *d, uint32_t n)
{
	const struct ynode *s = &d->nodes[n];

	if (s->kind != YNODE_SCALAR)
		return (struct sv){"", 0};
	return (struct sv){(s->flags & YN_COPIED ? d->copies : d->work) + s->first, s->count};
}
/* An empty plain scalar, `~`, `null`, `Null` or `NULL`, plain. */
bool ynode_is_null(const struct ydoc *d, uint32_t n);
/* The tag and, when `at` is not NULL, its place. */
enum ytag ynode_tag(const struct ydoc *d, uint32_t n, struct span *at);
/* "a text", "a list", "a map", "nothing", "an alias": for "expected ..., found a list". */
const char *ynode_kind_name(const struct ydoc *d, uint32_t n);
/* Spells `text` as a YAML scalar that reads as exactly that text: plain if it can be, else in single
 * quotes, else in double quotes. For fixes. */
struct sv ynode_quote(struct arena *a, struct sv text);
/* The same, but never plain. */
struct sv ynode_quote_always(struct arena *a, struct sv text);

/* Children as written, aliases not followed. */
static inline uint32_t ynode_first(const struct ydoc *d, uint32_t n)
{
	return d->nodes[n].kind == YNODE_MAP || d->nodes[n].kind == YNODE_SEQ ? d->nodes[n].first : 0;
}
static inline uint32_t ynode_next(const struct ydoc *d, uint32_t n)
{
	return d->nodes[n].next;
}

/* --- maps, with `<<` resolved --- */

struct yentry {
	uint32_t key;	/* a scalar */
	uint32_t value; /* with the alias followed; may be poisoned */
	uint32_t alias; /* the alias node that stands as value, or 0: "used here" */
	uint32_t
	    via; /* the alias (or inline map) behind `<<` that brought this entry, or 0 if written here */
};

struct ymap_it {
	const struct ydoc *d;
	const struct ymerge *merge;
	uint32_t map, key, i;
};

/* The entries of a map (an alias to one is followed; other kinds have none): written ones first, in file
 * order, then the merged ones that no nearer key hides. `<<` itself, keys that are not scalars, second
 * copies of a key and other reported keys are left out. */
struct ymap_it ymap_iter(const struct ydoc *d, uint32_t map);
bool ymap_next(struct ymap_it *it, struct yentry *e);
/* The entry of that key under the same rules; false, and *e zeroed, if there is none. */
bool ymap_get(const struct ydoc *d, uint32_t map, struct sv key, struct yentry *e);
/* Number of entries under the same rules. */
uint32_t ymap_count(const struct ydoc *d, uint32_t map);

/* --- places for edits --- */

/* The bytes to delete so that the entry of `key` in `map`, both as written, is gone: whole lines with the
 * comment lines directly above it in a block map, with the comma in a flow map. False when no exact
 * deletion exists (the only entry of a map, say). */
bool ymap_removal(const struct ydoc *d, uint32_t map, uint32_t key, struct span *out);
/* The same for an item of a sequence. */
bool yseq_removal(const struct ydoc *d, uint32_t seq, uint32_t item, struct span *out);
/* Where a new entry of a block map starts (the line behind its last entry) and the text before its key: the
 * indentation, with a line end first when the file lacks one there. False for flow maps. */
bool ymap_insertion(const struct ydoc *d, uint32_t map, struct span *at, struct sv *before);
/* The line end the file uses: "\n", "\r\n" or "\r". */
struct sv ydoc_line_end(const struct ydoc *d);

/* --- `# labc: ignore CODE[, CODE] [-- reason]` --- */

/* Marks the findings of this text that its comments silence, and reports ignores that name an unknown code
 * or silence nothing. Call it when all findings of the text are in, before diags_finish(). is_known says
 * whether a code exists; nearest (may be NULL) gives the code to suggest, or NULL. */
void ydoc_apply_ignores(struct ydoc *d, struct diags *diags, bool (*is_known)(void *ctx, struct sv code),
			const char *(*nearest)(void *ctx, struct sv code), void *ctx);

/* The kinds of findings made here. */
extern const struct diag_info yaml_codes[];
extern const size_t yaml_codes_count;

#endif
