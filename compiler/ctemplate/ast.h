/* Tokens and the tree of a template, with byte spans into its source. */
#ifndef LABC_CTEMPLATE_AST_H
#define LABC_CTEMPLATE_AST_H

#include "ctemplate/code.h"

enum tok_kind {
	TOK_TEXT,
	TOK_VAR_BEGIN,
	TOK_VAR_END,
	TOK_BLOCK_BEGIN,
	TOK_BLOCK_END,
	TOK_NAME,
	TOK_INT,
	TOK_FLOAT,
	TOK_STRING,
	TOK_ERROR,
	TOK_EOF,
	TOK_ADD,
	TOK_SUB,
	TOK_MUL,
	TOK_DIV,
	TOK_FLOORDIV,
	TOK_MOD,
	TOK_POW,
	TOK_TILDE,
	TOK_PIPE,
	TOK_DOT,
	TOK_COMMA,
	TOK_COLON,
	TOK_ASSIGN,
	TOK_LPAREN,
	TOK_RPAREN,
	TOK_LBRACKET,
	TOK_RBRACKET,
	TOK_LBRACE,
	TOK_RBRACE,
	TOK_EQ,
	TOK_NE,
	TOK_LT,
	TOK_LE,
	TOK_GT,
	TOK_GE,
	TOK_COUNT
};

struct token {
	uint8_t kind;
	uint32_t off, len;
	union {
		int64_t i;
		double d;
		const char *p; /* a string's text, or the name */
	} u;
	uint32_t text_len;
};

struct tokens {
	struct token *v;
	uint32_t n;
};

enum node_kind {
	/* expressions */
	N_CONST,
	N_NAME,
	N_LIST,
	N_TUPLE,
	N_DICT,
	N_PAIR,
	N_ATTR,
	N_INDEX,
	N_SLICE,
	N_CALL,
	N_KWARG,
	N_STAR,
	N_KWSTAR,
	N_FILTER,
	N_TEST,
	N_BINARY,
	N_UNARY,
	N_COMPARE,
	N_CMPOP,
	N_AND,
	N_OR,
	N_NOT,
	N_COND,
	N_CONCAT,
	N_ERROR,
	/* statements */
	N_TEXT,
	N_OUTPUT,
	N_IF,
	N_FOR,
	N_SET,
	N_SETBLOCK,
	N_WITH,
	N_MACRO,
	N_PARAM,
	N_CALLBLOCK,
	N_FILTERBLOCK,
	N_INCLUDE,
	N_IMPORT,
	N_FROM,
	N_IMPNAME,
	N_EXTENDS,
	N_BLOCK,
	N_COUNT
};

enum {
	NF_RECURSIVE = 1,
	NF_SCOPED = 2,
	NF_REQUIRED = 4,
	NF_IGNORE_MISSING = 8,
	NF_WITH_CONTEXT = 16,
	NF_MULTILINE = 32, /* the text captured holds a literal over several lines */
	NF_ROOT = 64
};

/* One shape for all; which fields are meant is said in parse.h. */
struct node {
	uint8_t kind, op, flags;
	uint8_t emit;	/* N_OUTPUT: kind of output; captures: kind of fragment */
	uint16_t id;	/* filter or test */
	uint16_t state; /* N_INCLUDE, N_IMPORT: index of the output state + 1 */
	uint32_t off, len;
	uint32_t start;		   /* with the parentheses around it */
	uint32_t end_off, end_len; /* its end tag */
	struct node *next;
	struct node *a, *b, *c, *d, *e;
	struct sv name;
	struct ct_value val;
};

/* What the passes of one compilation share. */
struct comp {
	struct ct_env *env;
	struct arena *a;   /* of the environment: what stays */
	struct arena *tmp; /* tokens, tree */
	struct sv text;	   /* line ends are LF */
	uint32_t src;
	enum ct_lang_id lang;
	struct ct_options opt;
	struct ct_state start;
	uint32_t n_errors;
	bool ends_open; /* the last line is a comment or fence without a line end */
	uint32_t base;	/* bytes of a BOM dropped: none are left in text */
	VEC(struct ct_state) states;
};

/* Reports at bytes [off, off + len); at most 20 errors per template. NULL beyond. */
struct diag *comp_error(struct comp *c, const struct diag_info *info, uint32_t off, uint32_t len,
			const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void comp_label(struct comp *c, struct diag *g, uint32_t off, uint32_t len, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void comp_help(struct comp *c, struct diag *g, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void comp_edit(struct comp *c, struct diag *g, uint32_t off, uint32_t len, struct sv text);

/* lex.c */
struct tokens ct_lex(struct comp *c);
const char *tok_name(enum tok_kind k);
/* The text of a source with LF line ends and without BOM and (unless kept) the last line end. */
struct sv ct_normalise(struct arena *a, struct sv text, bool keep_last);

/* parse_stmt.c: the list of top-level statements. */
struct node *ct_parse(struct comp *c, struct tokens t);

/* context.c: computes where every hole stands, sets node.emit; errors are reported. */
void ct_contexts(struct comp *c, struct node *body);

/* types.c: escaped text that is changed or stands in the wrong place; errors are reported. After ct_contexts. */
void ct_types(struct comp *c, struct node *body);

/* compile.c */
const struct ct_code *ct_codegen(struct comp *c, struct node *body);

#endif
