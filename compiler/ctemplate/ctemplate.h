/* The template engine: Jinja's language, compiled to bytecode, with escaping by the place in the
 * output (PowerShell, JSON/ARM, Markdown, markup). The only public header of the room. The engine
 * opens no files, prints nothing, never exits, keeps no global state; it knows nothing of labs or
 * YAML. Findings (T1xx syntax, T2xx run time, T3xx output context, T4xx limits, T5xx loading) go to
 * the diags given; template sources are registered in its sources, so they carry spans. */
#ifndef LABC_CTEMPLATE_CTEMPLATE_H
#define LABC_CTEMPLATE_CTEMPLATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/sv.h"
#include "diag/diag.h"

/* ---- values ---- */

enum ct_tag {
	CT_MISSING, /* engine only: an argument or local not given */
	CT_UNDEF,   /* engine only: the result of looking up what is not there */
	CT_NONE,
	CT_BOOL,
	CT_INT,
	CT_DOUBLE,
	CT_TEXT, /* UTF-8, borrowed: must live as long as the rendering */
	CT_LIST,
	CT_DICT,
	CT_MACRO, /* the rest are engine only */
	CT_FUNC,
	CT_LOOP,
	CT_NAMESPACE,
	CT_MODULE,
	CT_BLOCKREF
};

/* 16 bytes, copied freely. Treat as opaque; make them with the constructors below. */
struct ct_value {
	uint8_t tag;	/* enum ct_tag */
	uint8_t frag;	/* text made by an escaper: its kind, 0 for data (engine only) */
	uint16_t flags; /* engine only */
	uint32_t len;	/* bytes of a text */
	union {
		bool b;
		int64_t i;
		double d;
		const char *p;
		struct ct_list *list;
		struct ct_dict *dict;
		const void *obj;
	} u;
};

struct ct_value ct_none(void);
struct ct_value ct_bool(bool b);
struct ct_value ct_int(int64_t i);
struct ct_value ct_double(double d);
struct ct_value ct_text(struct sv s);

/* Lists and dicts live in the arena; a value copied refers to the same list. The _at forms note
 * where the value was read in the user's file: a run-time finding about that value (it is refused
 * by an escaper, it lacks a key) then points there too. Texts and containers are recognised by
 * identity, so pass the same text view on. */
struct ct_value ct_list_new(struct arena *a, size_t capacity_hint);
void ct_list_add(struct arena *a, struct ct_value *list, struct ct_value item);
void ct_list_add_at(struct arena *a, struct ct_value *list, struct ct_value item, struct span origin);
struct ct_value ct_dict_new(struct arena *a, size_t capacity_hint);
/* Dicts with the same keys in the same order, and many of them: the keys stand once, in a layout that lives as long as
 * the dicts. What gets other keys has them for itself. A layout and its dicts are filled by one thread. */
struct ct_layout *ct_layout_new(struct arena *a);
struct ct_value ct_dict_like(struct arena *a, struct ct_layout *layout);
/* Replaces the value when the key is there; order of insertion is kept. The key is borrowed. */
void ct_dict_set(struct arena *a, struct ct_value *dict, struct sv key, struct ct_value value);
void ct_dict_set_at(struct arena *a, struct ct_value *dict, struct sv key, struct ct_value value,
		    struct span origin);
/* Number of items; 0 for what is no list or dict. */
size_t ct_count(struct ct_value v);
/* Item i of a list; none when there is no such item. */
struct ct_value ct_list_get(struct ct_value list, size_t i);
/* Whether v is a text, and which. */
bool ct_get_text(struct ct_value v, struct sv *out);
/* As == in a template. */
bool ct_equal(struct ct_value a, struct ct_value b);
/* The item of that key; false when absent or v is no dict. */
bool ct_dict_get(struct ct_value dict, struct sv key, struct ct_value *out);

/* ---- languages ---- */

enum ct_lang_id { CT_LANG_TEXT, CT_LANG_PS, CT_LANG_JSON, CT_LANG_MD, CT_LANG_MARKUP, CT_LANG_COUNT };
#define CT_LANG_AUTO CT_LANG_COUNT /* decided by the file name */

/* By the end of the name: .ps1.j2/.psm1.j2/.psd1.j2 ps, .json.j2 json, .md.j2 md,
 * .html.j2/.svg.j2/.xml.j2 markup, else text. The .j2 may be missing. */
enum ct_lang_id ct_lang_of(struct sv name);
/* "text", "ps", "json", "md", "markup". */
const char *ct_lang_name(enum ct_lang_id lang);
bool ct_lang_by_name(struct sv name, enum ct_lang_id *out);

/* ---- environment ---- */

struct ct_env; /* loader, limits, options; owns compiled templates */
struct ct_template;

struct ct_limits {
	uint32_t source_bytes, tokens, expr_depth, stmt_depth; /* per template */
	uint32_t include_depth, macro_depth;
	uint32_t loop_turns; /* of one rendering, all loops together */
	uint32_t range_items, list_items;
	uint64_t fuel;	     /* instructions, and bytes filters produce / 16 */
	uint64_t text_bytes; /* one text value */
	uint64_t output_bytes;
	uint32_t format_width;
};
extern const struct ct_limits ct_default_limits;

struct ct_options {
	enum ct_lang_id lang; /* CT_LANG_AUTO: by name */
	bool trim_blocks, lstrip_blocks, keep_trailing_newline;
};
/* What shipped templates are compiled with: language by name, all three switches on. */
extern const struct ct_options ct_shipped_options;

/* Everything the environment owns lives in perm. limits NULL: ct_default_limits.
 * Options default to ct_shipped_options. */
struct ct_env *ct_env_new(struct arena *perm, struct diags *diags, const struct ct_limits *limits);
void ct_env_options(struct ct_env *e, const struct ct_options *o);

/* Name -> source text (borrowed for the life of the environment) and the path shown in findings
 * (set to the name beforehand). false: there is no such template. Asked before the embedded table. */
typedef bool (*ct_load_fn)(void *user, struct sv name, struct sv *text, struct sv *path);
void ct_env_loader(struct ct_env *e, ct_load_fn load, void *user);

/* Compiles the template of that name once; NULL after reporting (not found is T501). */
const struct ct_template *ct_get(struct ct_env *e, struct sv name);
/* Whether it is the one in the binary, and not one that the loader put before it. */
bool ct_is_embedded(const struct ct_template *t);
/* Compiles a text under a name, replacing none; NULL after reporting. */
const struct ct_template *ct_compile(struct ct_env *e, struct sv name, struct sv text);

/* Pieces of output in order; returning false stops the rendering (T213). */
typedef bool (*ct_out_fn)(void *user, struct sv piece);
/* Renders with a dict of names. Everything made on the way lives in scratch (the caller marks and
 * rewinds). false after reporting; out may have been called before. */
bool ct_render(struct ct_env *e, const struct ct_template *t, struct ct_value context, struct arena *scratch,
	       ct_out_fn out, void *user);
/* The same into a buffer; ct_out_buf(user = struct buf *) is the callback. */
bool ct_out_buf(void *user, struct sv piece);

/* Renders a template of a language that escapes into a buffer and makes a value of it that stands in other templates
 * of that language as a macro's result does: {{ it }} at the start of a line. The value is good until the buffer
 * changes. */
bool ct_render_block(struct ct_env *e, const struct ct_template *t, struct ct_value context, struct arena *scratch,
		     struct buf *out, struct ct_value *value);

/* ---- templates in the binary ---- */

struct ct_code; /* bytecode and constants of one template, static const data */
struct ct_embedded {
	const char *name; /* "sub/name.ps1.j2", relative to the folder embedded */
	const char *text; /* the file as it is; text_len bytes */
	uint32_t text_len;
	const struct ct_code *code; /* NULL: a plain file, only its text is wanted */
};
/* In the file written by `embed OUT.c DIR FILE...`. */
extern const struct ct_embedded ct_embedded_templates[];
extern const size_t ct_embedded_count;
/* Makes the templates loadable by name, without compiling; the table is borrowed. Options of the
 * environment do not matter to them. */
void ct_env_embedded(struct ct_env *e, const struct ct_embedded *table, size_t n);
/* The row of that name, or NULL. */
const struct ct_embedded *ct_embedded_find(const struct ct_embedded *table, size_t n, struct sv name);

/* ---- tables for reference and inspection ---- */

extern const struct diag_info ct_codes[];
extern const size_t ct_codes_count;

struct ct_doc {
	const char *name, *signature, *doc; /* "join", "join(d='', attribute)", one line */
	const char *example, *result;	    /* a template and what it renders to (language text) */
};
/* Row i of the filters or tests; NULL behind the last. */
const struct ct_doc *ct_filter_doc(size_t i);
const struct ct_doc *ct_test_doc(size_t i);

/* Tokens, tree, contexts and code of a template as text; what failed is reported and left out. */
void ct_dump(struct ct_env *e, struct sv name, struct sv text, struct buf *out);

#endif
