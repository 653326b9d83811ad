/* The parser's state and what the two halves (expressions, statements) call of each other. */
#ifndef LABC_CTEMPLATE_PARSE_H
#define LABC_CTEMPLATE_PARSE_H

#include "ctemplate/ast.h"

/* Arguments, names of a 'with' or of a target. */
#define PARSE_MAX_NAMES 250u

struct parser {
	struct comp *c;
	const struct token *t; /* current */
	const struct token *prev;
	bool panic;   /* an error was reported in this tag: be silent until its end */
	bool gave_up; /* too deep: nothing more is said about what is left open */
	uint32_t expr_depth, stmt_depth;
	struct open_tag *open; /* statements waiting for their end tag */
	VEC(struct node *) blocks;
};

struct open_tag {
	struct open_tag *outer;
	const char *name, *end;
	uint32_t off, len;
};

struct node *parse_node(struct parser *p, enum node_kind kind, uint32_t off);
/* Closes the span of a node at the token before the current one. */
struct node *parse_end(struct parser *p, struct node *n);
bool parse_is(const struct parser *p, const char *word);
bool parse_take_word(struct parser *p, const char *word);
bool parse_take(struct parser *p, enum tok_kind kind);
void parse_next(struct parser *p);
bool parse_expect(struct parser *p, enum tok_kind kind, const char *what);
/* Reports "expected X, found Y" at the current token, once per tag. */
struct diag *parse_fail(struct parser *p, const char *expected);
struct diag *parse_fail_at(struct parser *p, const struct diag_info *info, uint32_t off, uint32_t len,
			   const char *fmt, ...) __attribute__((format(printf, 5, 6)));

struct node *parse_expr(struct parser *p);	       /* with "if" */
struct node *parse_tuple(struct parser *p, bool cond); /* a, b: a tuple when there is a comma */
struct node *parse_or(struct parser *p);
struct node *parse_target(struct parser *p, bool tuple, bool ns);
struct node *parse_filter_chain(struct parser *p, struct node *in);
struct node *parse_postfix_call(struct parser *p);
struct node *parse_args(struct parser *p); /* behind the opening parenthesis */
bool parse_name(struct parser *p, const char *what, struct sv *name, uint32_t *off);
/* true, false, none: as values, not names. */
bool parse_word_literal(struct sv w, struct ct_value *v);
struct node *parse_dot(struct parser *p, struct node *of);
struct node *parse_error_node(struct parser *p);
/* One level deeper; false when that is too deep. */
bool parse_enter(struct parser *p);
bool parse_is_keyword(struct sv name);

/* To behind the end of this tag, whatever went wrong in it. */
void parse_end_tag(struct parser *p, enum tok_kind end);
/* Notes an open statement (o lives in the caller's frame); false when they nest too deeply. */
bool parse_push_open(struct parser *p, struct open_tag *o, const char *name, const char *end, uint32_t off);
/* The body up to that end tag, which is taken. */
struct node *parse_block_body(struct parser *p, struct node *n, const char *end);

/* parse_tags.c: what follows the word; n is made. */
struct node *parse_macro(struct parser *p, struct node *n);
struct node *parse_call_block(struct parser *p, struct node *n);
struct node *parse_filter_block(struct parser *p, struct node *n);
struct node *parse_include(struct parser *p, struct node *n);
struct node *parse_import(struct parser *p, struct node *n);
struct node *parse_from(struct parser *p, struct node *n);
struct node *parse_extends(struct parser *p, struct node *n);
struct node *parse_block(struct parser *p, struct node *n);

#endif
