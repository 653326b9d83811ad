/* What the files of this room share: the state of one reading, text helpers, findings' rows.
 * Not for other rooms. */
#ifndef LABC_YAML_INTERNAL_H
#define LABC_YAML_INTERNAL_H

#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "yaml/ydoc.h"

enum { KEYS_INLINE = 12, RESYNC_MAX = 10, KEY_MAX = 1024 };

struct yanchor {
	struct sv name;
	struct span at; /* from the & on */
	uint32_t node;
	bool used;
	uint64_t size; /* decoded nodes, aliases below expanded */
};

/* Open addressing over numbers (key nodes, or 1 + positions in a merge list); 0 is free. */
struct yindex {
	uint32_t *slots;
	uint32_t mask;
};

struct ymerge {
	uint32_t map, n, cap;
	struct yentry *v;    /* entries that come from `<<`, nothing hidden among them */
	struct yindex index; /* over v when it is long */
};

struct yignore {
	struct span comment;	   /* from # to the line end */
	uint32_t lo, hi;	   /* findings that start in here */
	uint32_t codes, codes_end; /* the list as written */
	bool reported;
};

/* A collection being parsed. */
struct yframe {
	uint32_t node, last, key; /* key: the one waiting for its value */
	uint32_t n_keys, col;	  /* col: of keys or dashes, in code points from 0 */
	bool is_map, is_flow;
	uint64_t size;
	size_t line;
	uint32_t khash[KEYS_INLINE], knode[KEYS_INLINE];
	struct yindex index;
};

enum yfail_kind { YFAIL_NONE, YFAIL_SYNTAX, YFAIL_DEPTH };

struct yfail {
	enum yfail_kind kind;
	const char *context, *problem; /* libyaml's words */
	uint32_t at, from;	       /* problem and context, in bytes */
	bool has_from;
};

struct ypair {
	uint32_t a, b;
};

struct ynamed {
	uint32_t node;
	struct span at;
	struct sv name;
};

struct yodd {
	uint32_t off, len, cp;
};

struct yparse {
	struct ydoc *d;
	struct ydoc_opts o;
	char *masked;	    /* own copy of the text once something had to be masked */
	uint32_t base, end; /* what libyaml sees: [base, end) */
	bool ascii;
	uint32_t cp, byte; /* cursor of the code point to byte conversion */
	struct yframe *stack;
	uint32_t depth, cap_stack;
	struct ypair closed; /* column and parent key of the block closed last */
	uint32_t cap_nodes, cap_copies;
	uint32_t last_scalar;
	uint64_t decoded;
	bool has_doc, ended;
	bool hopeless;		/* a mistake that no passed-over entry repairs */
	uint32_t errors_before; /* in the sink, when this text began */
	bool partial;		/* the last attempt ended early: nothing is known of the rest */
	uint32_t second_doc;	/* offset of a second document, or 0 */
	struct map names;	/* anchor name -> 1 + number */
	struct yfail fail;
	VEC(struct ynamed) undefined; /* aliases */
	VEC(struct ypair) cycles;     /* alias, target */
	VEC(struct ypair) twins;      /* key, first copy */
	VEC(uint32_t) bad_keys;
	VEC(uint32_t) long_scalars;
	VEC(uint32_t) swallows;	  /* plain scalars over several lines */
	VEC(struct ypair) ragged; /* flow or quoted over several lines, column of the block around */
	VEC(struct ynamed) bad_tags;
	VEC(struct ynamed) aliases; /* at.off: low, at.len: high half of the decoded count behind it */
	VEC(struct yodd) odd;	    /* characters to judge once the tree is known */
	VEC(struct yodd) scrubbed;  /* refused characters, reported */
};

/* prepass.c: encoding, refused characters, limits. False: nothing can be parsed. */
bool yaml_prepass(struct yparse *p);
enum yodd_class { YODD_NONE, YODD_CONTROL, YODD_BIDI, YODD_BREAK, YODD_BOM, YODD_SPACE, YODD_JOINER };
enum yodd_class yaml_odd_class(uint32_t cp);
/* A refused character by name, "U+202E (right-to-left override)". */
struct sv yaml_char_name(struct arena *a, uint32_t cp);
/* Makes p->masked the parsed text. */
void yaml_own_text(struct yparse *p);

/* parse.c: one run of libyaml over the text into d->nodes; false with p->fail set. */
bool yaml_attempt(struct yparse *p);
/* Closes what an error left open, once the error has been placed. */
void yaml_close_open(struct yparse *p);

/* keys.c */
uint32_t yaml_hash(const char *s, size_t n);
/* Enters a scalar key; the first key with the same text, or 0. */
uint32_t yaml_key_enter(struct yparse *p, struct yframe *f, uint32_t key);
void yaml_merge_all(struct yparse *p);

/* place.c: reports p->fail in our words; returns the offset of the mistake. */
uint32_t yaml_place(struct yparse *p);
/* End of the plain value that starts at off: before a comment, in brackets before the next indicator. */
uint32_t yaml_value_end(const struct yparse *p, uint32_t off);
/* Help and edit that put [lo, hi) in quotes. */
void yaml_fix_quote(struct yparse *p, struct diag *g, uint32_t lo, uint32_t hi);
/* Reports the quote as never closed; returns its offset. */
uint32_t yaml_place_open_quote(struct yparse *p, uint32_t quote);
/* place_flow.c, place_block.c: one family of errors each. Both set *blame; NULL with a new *blame says
 * that an unclosed quote stands there, NULL with the old one that there is nothing better to say. */
struct diag *yaml_place_flow(struct yparse *p, uint32_t *blame);
struct diag *yaml_place_colon(struct yparse *p, uint32_t *blame);
struct diag *yaml_place_block(struct yparse *p, uint32_t *blame);

/* resync.c: masks the top-level entry around `blame`; false if there is none. */
bool yaml_resync(struct yparse *p, uint32_t blame);

/* check.c: what needs the whole tree. */
void yaml_check_tree(struct yparse *p);
/* False when the aliases stand for too many values: whoever walked the tree would be at it for long. */
bool yaml_check_aliases(struct yparse *p);
/* chars.c: odd characters and escapes, folded and ragged lines. */
void yaml_check_text(struct yparse *p);
/* ignore.c: comments that silence findings, comments without a blank before them. */
void yaml_read_comments(struct yparse *p);

/* text.c: helpers on the parsed text. */
static inline bool ych_blank(char c)
{
	return c == ' ' || c == '\t';
}
static inline bool ych_break(char c)
{
	return c == '\n' || c == '\r';
}
static inline bool ych_space(char c)
{
	return ych_blank(c) || ych_break(c);
}
uint32_t yline_start(const struct ydoc *d, uint32_t off);
/* The line's end, its line break excluded. */
uint32_t yline_end(const struct ydoc *d, uint32_t off);
/* Behind the line break. */
uint32_t yline_next(const struct ydoc *d, uint32_t off);
/* First byte of the line that is no blank. */
uint32_t yline_text(const struct ydoc *d, uint32_t off);
/* Start of the nearest line above that is neither blank nor a comment; false if there is none. */
bool yline_above(const struct ydoc *d, uint32_t off, uint32_t *start);
/* Column in code points from 0. */
uint32_t yline_col(const struct ydoc *d, uint32_t off);
static inline bool yline_same(const struct ydoc *d, uint32_t a, uint32_t b)
{
	return yline_start(d, a) == yline_start(d, b);
}
struct span yspan(const struct ydoc *d, uint32_t lo, uint32_t hi);
/* The word at off: up to a blank, a line end or the file's end. */
struct span yspan_word(const struct ydoc *d, uint32_t off);
/* One code point at off (a line end or the file's end gives the last character before). */
struct span yspan_char(const struct ydoc *d, uint32_t off);
struct sv yslice(const struct ydoc *d, uint32_t lo, uint32_t hi);
/* The number of the last node that starts at or before off, 0 if none. */
uint32_t ynode_before(const struct ydoc *d, uint32_t off);
/* The scalar whose text holds off, or 0: comments, indicators and block headers are in none. */
uint32_t yscalar_at(const struct ydoc *d, uint32_t off);
/* Start of the comment of the line that holds off, or its line end. */
uint32_t ycomment_start(const struct ydoc *d, uint32_t off);

/* codes.c */
enum yaml_code {
	Y_UTF16,
	Y_UTF8,
	Y_CONTROL,
	Y_BOM,
	Y_BIDI,
	Y_BREAK,
	Y_INVISIBLE,
	Y_INVISIBLE_VALUE,
	Y_TOO_LARGE,
	Y_BINARY,
	Y_RUN,
	Y_PERCENT,
	Y_DEPTH,
	Y_EXPANSION,
	Y_LONG_SCALAR,
	Y_LONG_KEY,
	Y_TAB,
	Y_INDENT,
	Y_NO_COLON,
	Y_NO_SPACE,
	Y_COLON_IN_VALUE,
	Y_OPEN_QUOTE,
	Y_AFTER_QUOTE,
	Y_ESCAPE,
	Y_OPEN_BRACKET,
	Y_WRONG_BRACKET,
	Y_UNEXPECTED,
	Y_DUPLICATE,
	Y_NO_COMMA,
	Y_LIST_ON_LINE,
	Y_MIXED,
	Y_RESERVED,
	Y_COMMENT_IN_TEXT,
	Y_CONFLICT,
	Y_BLOCK_HEADER,
	Y_ANCHOR_NAME,
	Y_TAG_SYNTAX,
	Y_DIRECTIVE,
	Y_SYNTAX,
	Y_SWALLOWED,
	Y_RAGGED,
	Y_GLUED,
	Y_EMPTY_KEY,
	Y_BAD_KEY,
	Y_TEMPLATE,
	Y_UNDEFINED,
	Y_CYCLE,
	Y_UNUSED_ANCHOR,
	Y_MERGE,
	Y_TAG,
	Y_EMPTY_DOC,
	Y_MANY_DOCS,
	Y_ROOT,
	Y_IGNORE_BAD,
	Y_IGNORE_UNKNOWN,
	Y_IGNORE_UNUSED,
	Y_IGNORE_FORBIDDEN,
	Y_IGNORE_BARE,
};

#define YDIAG(d, row, at, ...) diag_at((d)->diags, &yaml_codes[row], (at), __VA_ARGS__)

#endif
