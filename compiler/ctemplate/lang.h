/* The languages of templates: an automaton that follows the literal text at compile time, and the
 * escapers that write values at run time. One row a language, one row a place in the output. */
#ifndef LABC_CTEMPLATE_LANG_H
#define LABC_CTEMPLATE_LANG_H

#include "ctemplate/ast.h"

/* What an escaper made of a value; such text may stand only where its kind is accepted. */
enum frag {
	FRAG_DATA,
	FRAG_PS_EXPR,
	FRAG_PS_SQ,
	FRAG_PS_COMMENT,
	FRAG_PS_IDENT,
	FRAG_PS_VAR,
	FRAG_PS_BLOCK,
	FRAG_JSON_VALUE,
	FRAG_JSON_STR,
	FRAG_ARM_SQ,
	FRAG_JSON_BLOCK,
	FRAG_MD_TEXT,
	FRAG_MD_CODE,
	FRAG_MD_BLOCK,
	FRAG_MARKUP_TEXT,
	FRAG_MARKUP_ATTR,
	FRAG_MARKUP_BLOCK,
	FRAG_COUNT
};

/* Kinds of output: the operand of EMIT. */
enum emit {
	EMIT_TEXT,
	EMIT_PS,
	EMIT_PS_ARG,
	EMIT_PS_NUMBER,
	EMIT_PS_IDENT,
	EMIT_PS_SQ,
	EMIT_PS_LINE,
	EMIT_PS_HELP,
	EMIT_PS_VAR,
	EMIT_JSON,
	EMIT_ARM,
	EMIT_JSON_KEY,
	EMIT_JSON_STR,
	EMIT_ARM_STR,
	EMIT_ARM_SQ,
	EMIT_MD,
	EMIT_MD_CODE,
	EMIT_MD_CELL,
	EMIT_MD_FENCE,
	EMIT_MARKUP,
	EMIT_MARKUP_ATTR,
	EMIT_UNCHECKED, /* tests only: what the output is without escaping */
	EMIT_NONE,	/* an error was reported for this hole */
	EMIT_COUNT
};

/* More output than any limit allows. */
#define ESCAPE_MAX (80u << 20)

/* An escaper writes to out; on failure out may hold part, code and why say what is wrong. */
struct escape {
	struct buf *out;
	struct buf *why;
	const struct diag_info *code;
	unsigned depth;
	uint32_t values; /* lists and dicts written: they can hold each other many times over */
	char word[48];	 /* the text of a number or the like */
};

typedef bool (*ct_escape_fn)(struct escape *e, struct ct_value v);

struct emit_row {
	const char *place;  /* "a PowerShell expression" */
	const char *filter; /* what is inserted: "ps" */
	uint32_t accepts;   /* 1 << frag */
	uint8_t frag;	    /* of its result */
	ct_escape_fn escape;
};
extern const struct emit_row ct_emits[EMIT_COUNT];
const char *ct_frag_name(unsigned frag);

bool escape_fail(struct escape *e, const struct diag_info *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Refuses invalid UTF-8 and characters that must not reach a file for people or machines. */
bool escape_check(struct escape *e, struct sv s);
/* The text of a value that stands inside other text, as {{ }} would write it: the value's own, or in
 * e->word. A list or dict has none: false, where says what the place is. Allocates nothing. */
bool escape_text(struct escape *e, struct ct_value v, const char *where, struct sv *s);
/* Text of a value as {{ }} writes it in text mode; false for what has none. */
bool escape_plain(struct escape *e, struct ct_value v);

bool escape_ps(struct escape *e, struct ct_value v);
bool escape_ps_arg(struct escape *e, struct ct_value v);
bool escape_ps_number(struct escape *e, struct ct_value v);
bool escape_ps_ident(struct escape *e, struct ct_value v);
bool escape_ps_sq(struct escape *e, struct ct_value v);
bool escape_ps_line(struct escape *e, struct ct_value v);
bool escape_ps_help(struct escape *e, struct ct_value v);
bool escape_ps_var(struct escape *e, struct ct_value v);
bool escape_json(struct escape *e, struct ct_value v);
bool escape_arm(struct escape *e, struct ct_value v);
bool escape_json_key(struct escape *e, struct ct_value v);
bool escape_json_str(struct escape *e, struct ct_value v);
bool escape_arm_str(struct escape *e, struct ct_value v);
bool escape_arm_sq(struct escape *e, struct ct_value v);
bool escape_md(struct escape *e, struct ct_value v);
bool escape_md_code(struct escape *e, struct ct_value v);
bool escape_md_cell(struct escape *e, struct ct_value v);
bool escape_md_fence(struct escape *e, struct ct_value v);
bool escape_markup(struct escape *e, struct ct_value v);

/* The bare rules of the output languages, for escapers and tests. */
void rule_ps_single_quoted(struct buf *out, struct sv s);
void rule_ps_block_comment(struct buf *out, struct sv s);
void rule_ps_format(struct buf *out, struct sv s);
void rule_ps_braced_variable(struct buf *out, struct sv s);
void rule_ps_literal(struct buf *out, struct sv s, bool wrapped);
void rule_json_string(struct buf *out, struct sv s);

/* ---- the automata ---- */

#define PREV_HOLE 1    /* a value stands before */
#define PREV_UNKNOWN 2 /* different things may stand before */

struct pass {
	struct comp *c;
	const struct lang_row *lang;
	struct ct_state s;
	struct node *last_hole; /* the hole right before, blanks aside */
	bool multiline;		/* a literal went over a line end since last cleared */
	bool lost;		/* a branch or body ended elsewhere: the end will, too */
	bool guess;		/* literal text was refused: where it ends is a guess */
	uint32_t told;		/* 1 + offset last complained about: one mistake, one finding */
};

struct lang_row {
	const char *name, *suffixes[8];
	uint8_t n_modes;
	const char *const *modes; /* "inside a line comment" */
	uint8_t block_frag;	  /* of captures and macros, which start in mode 0 */
	uint8_t turn; /* into spare where a loop's turn or an include has ended, not in mode 0 */
	/* One character of literal text at offset off; updates p->s but prev, lastnb, bol. */
	void (*feed)(struct pass *p, char ch, uint32_t off);
	/* The kind of output of a hole. */
	enum emit (*hole)(struct pass *p, struct node *n);
	void (*settle)(struct pass *p);		   /* a branch ends: nothing is pending; NULL */
	void (*end)(struct pass *p, uint32_t off); /* end of the file; NULL */
};
const struct lang_row *ct_lang_row(enum ct_lang_id lang);
extern const struct lang_row lang_ps_row, lang_json_row, lang_md_row, lang_markup_row;

/* Reports a place where no data may stand. */
struct diag *pass_refuse(struct pass *p, const struct diag_info *code, const struct node *n, const char *fmt,
			 ...) __attribute__((format(printf, 4, 5)));
struct diag *pass_refuse_text(struct pass *p, const struct diag_info *code, uint32_t off, const char *fmt,
			      ...) __attribute__((format(printf, 4, 5)));
/* The outermost filter of a hole's expression, or an empty name. */
struct sv pass_filter(const struct node *n);

static inline bool ch_is_word(uint8_t c)
{
	return ch_is_alnum((char)c) || c == '_';
}
static inline bool ch_is_blank(uint8_t c)
{
	return c == 0 || c == ' ' || c == '\t' || c == '\n';
}

#endif
