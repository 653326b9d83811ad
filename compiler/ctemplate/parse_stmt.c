#include "ctemplate/parse.h"

#include <string.h>

#include "base/bug.h"
#include "ctemplate/codes.h"

/* Statements. Fields of the nodes made here:
 *   OUTPUT a; IF a cond, b body, c else (a list; elif is an IF in it); FOR a target, b iterable,
 *   c filter, d body, e else; SET a target, b value; SETBLOCK a target, b filters, d body;
 *   WITH a list of (KWARG name, a value), d body; MACRO name, a params (PARAM name, a default), d;
 *   CALLBLOCK a call, b params, d; FILTERBLOCK b filters, d; INCLUDE a; IMPORT a, name;
 *   FROM a, b list of IMPNAME (name, val: alias); EXTENDS a; BLOCK name, d. */

static struct node *parse_body(struct parser *p, const char *const *ends);

struct node *parse_node(struct parser *p, enum node_kind kind, uint32_t off)
{
	struct node *n = NEW(p->c->tmp, struct node, 1);

	n->kind = (uint8_t)kind;
	n->off = n->start = off;
	return n;
}

struct node *parse_end(struct parser *p, struct node *n)
{
	uint32_t end = p->prev ? p->prev->off + p->prev->len : n->off;

	n->len = end > n->off ? end - n->off : 0;
	return n;
}

void parse_next(struct parser *p)
{
	p->prev = p->t;
	if (p->t->kind != TOK_EOF)
		p->t++;
}

bool parse_is(const struct parser *p, const char *word)
{
	size_t n = strlen(word);

	return p->t->kind == TOK_NAME && p->t->text_len == n && memcmp(p->t->u.p, word, n) == 0;
}

bool parse_take_word(struct parser *p, const char *word)
{
	if (!parse_is(p, word))
		return false;
	parse_next(p);
	return true;
}

bool parse_take(struct parser *p, enum tok_kind kind)
{
	if (p->t->kind != kind)
		return false;
	parse_next(p);
	return true;
}

struct diag *parse_fail_at(struct parser *p, const struct diag_info *info, uint32_t off, uint32_t len,
			   const char *fmt, ...)
{
	va_list ap;
	struct sv msg;

	if (p->panic)
		return NULL;
	p->panic = true;
	va_start(ap, fmt);
	msg = sv_vfmt(p->c->tmp, fmt, ap);
	va_end(ap);
	return comp_error(p->c, info, off, len, SV_FMT, SV_ARG(msg));
}

struct diag *parse_fail(struct parser *p, const char *expected)
{
	struct sv word = { p->c->text.p + p->t->off, p->t->len };

	if (p->panic)
		return NULL;
	if (p->t->kind == TOK_ERROR) { /* the lexer has spoken */
		p->panic = true;
		return NULL;
	}
	if (p->t->kind == TOK_EOF || p->t->kind == TOK_TEXT)
		return parse_fail_at(p, CT_CODE(T104), p->t->off, 0,
				     "expected %s, found the end of the template", expected);
	if (p->t->kind == TOK_BLOCK_END || p->t->kind == TOK_VAR_END)
		return parse_fail_at(p, CT_CODE(T104), p->t->off, p->t->len,
				     "expected %s, found the end of the tag", expected);
	return parse_fail_at(p, CT_CODE(T104), p->t->off, p->t->len, "expected %s, found '" SV_FMT "'",
			     expected, SV_ARG(word));
}

bool parse_expect(struct parser *p, enum tok_kind kind, const char *what)
{
	if (p->t->kind == kind) {
		parse_next(p);
		return true;
	}
	parse_fail(p, what);
	return false;
}

bool parse_name(struct parser *p, const char *what, struct sv *name, uint32_t *off)
{
	*name = (struct sv){ p->t->u.p, p->t->kind == TOK_NAME ? p->t->text_len : 0 };
	*off = p->t->off;
	return parse_expect(p, TOK_NAME, what);
}

/* To behind the end of this tag, whatever went wrong in it. */
void parse_end_tag(struct parser *p, enum tok_kind end)
{
	if (!p->panic && p->t->kind != end)
		parse_fail(p, end == TOK_BLOCK_END ? "'%}'" : "'}}'");
	while (p->t->kind != end && p->t->kind != TOK_EOF && p->t->kind != TOK_TEXT &&
	       p->t->kind != TOK_VAR_BEGIN && p->t->kind != TOK_BLOCK_BEGIN)
		parse_next(p);
	if (p->t->kind == end)
		parse_next(p);
	p->panic = false;
}

static struct sv tag_word(const struct parser *p)
{
	const struct token *w = p->t + 1;

	if (p->t->kind != TOK_BLOCK_BEGIN || w->kind != TOK_NAME)
		return (struct sv){ NULL, 0 };
	return (struct sv){ w->u.p, w->text_len };
}

static bool word_in(struct sv w, const char *const *list)
{
	for (; *list; list++)
		if (sv_eq(w, sv_from(*list)))
			return true;
	return false;
}

bool parse_push_open(struct parser *p, struct open_tag *o, const char *name, const char *end, uint32_t off)
{
	*o = (struct open_tag){ p->open, name, end, off, p->prev->off + p->prev->len - off };
	p->open = o;
	if (++p->stmt_depth > p->c->env->limits.stmt_depth) {
		parse_fail_at(p, CT_CODE(T404), off, o->len, "statements nest deeper than %u levels",
			      p->c->env->limits.stmt_depth);
		p->gave_up = true;
		while (p->t->kind != TOK_EOF)
			parse_next(p);
		return false;
	}
	return true;
}

/* An end tag that was meant for the innermost statement, written wrongly: it counts as that one, so that
 * what follows is not out of step. */
static bool is_meant(const struct open_tag *o, struct sv word)
{
	unsigned d;

	return o && sv_starts(word, SV("end")) && sv_is_near(word, sv_from(o->end), &d);
}

/* The end tag of the innermost open statement: takes it up to (not with) the rest of the tag. */
static void close_open(struct parser *p, struct node *n)
{
	struct open_tag *o = p->open;
	struct diag *g;

	p->open = o->outer;
	p->stmt_depth--;
	if (sv_eq(tag_word(p), sv_from(o->end))) {
		n->end_off = p->t->off;
		parse_next(p);
		parse_next(p);
		n->end_len = p->prev->off + p->prev->len - n->end_off;
		return;
	}
	if (is_meant(o, tag_word(p))) {
		n->end_off = p->t->off;
		parse_next(p);
		g = parse_fail_at(p, CT_CODE(T112), p->t->off, p->t->len,
				  "'" SV_FMT "' does not close '%s': expected '%s'",
				  SV_ARG(((struct sv){ p->t->u.p, p->t->text_len })), o->name, o->end);
		comp_label(p->c, g, o->off, o->len, "opened here");
		comp_edit(p->c, g, p->t->off, p->t->len, sv_from(o->end));
		parse_next(p);
		n->end_len = p->prev->off + p->prev->len - n->end_off;
		return;
	}
	if (p->t->kind == TOK_EOF && !p->gave_up) {
		g = parse_fail_at(p, CT_CODE(T108), p->t->off, 0,
				  "'%s' is never closed: expected '{%% %s %%}'", o->name, o->end);
		comp_label(p->c, g, o->off, o->len, "opened here");
	}
	p->panic = true;
}

static const char *const no_ends[] = { NULL };

struct node *parse_block_body(struct parser *p, struct node *n, const char *end)
{
	const char *const ends[] = { end, NULL };
	struct node *body = parse_body(p, ends);

	close_open(p, n);
	return body;
}

#define MAX_ARMS 1000u

static struct node *parse_if(struct parser *p, struct node *n)
{
	static const char *const ends[] = { "elif", "else", "endif", NULL };
	static const char *const last[] = { "endif", NULL };
	struct open_tag o;
	struct node *arm = n;
	unsigned arms = 0;

	n->a = parse_tuple(p, false);
	parse_end_tag(p, TOK_BLOCK_END);
	if (!parse_push_open(p, &o, "if", "endif", n->off))
		return n;
	parse_end(p, n);
	for (;;) {
		arm->b = parse_body(p, ends);
		if (sv_eq(tag_word(p), SV("elif"))) {
			struct node *elif = parse_node(p, N_IF, p->t->off);

			parse_next(p);
			parse_next(p);
			elif->a = parse_tuple(p, false);
			parse_end_tag(p, TOK_BLOCK_END);
			parse_end(p, elif);
			if (++arms == MAX_ARMS)
				comp_error(p->c, CT_CODE(T404), elif->off, elif->len,
					   "this 'if' has more than %u branches", MAX_ARMS);
			if (arms >= MAX_ARMS)
				elif = arm; /* each is a level of the tree: what is said once is left out */
			else
				arm->c = elif;
			arm = elif;
			continue;
		}
		if (sv_eq(tag_word(p), SV("else"))) {
			parse_next(p);
			parse_next(p);
			parse_end_tag(p, TOK_BLOCK_END);
			arm->c = parse_body(p, last);
		}
		break;
	}
	close_open(p, n);
	return n;
}

static struct node *find_loop_target(struct node *n)
{
	if (n->kind == N_NAME)
		return sv_eq(n->name, SV("loop")) ? n : NULL;
	if (n->kind == N_TUPLE)
		for (struct node *x = n->a; x; x = x->next) {
			struct node *f = find_loop_target(x);

			if (f)
				return f;
		}
	return NULL;
}

static struct node *parse_for(struct parser *p, struct node *n)
{
	static const char *const ends[] = { "else", "endfor", NULL };
	static const char *const last[] = { "endfor", NULL };
	struct open_tag o;
	struct node *bad;

	n->a = parse_target(p, true, false);
	if (!p->panic && (bad = find_loop_target(n->a)) != NULL)
		parse_fail_at(p, CT_CODE(T107), bad->off, bad->len, "'loop' cannot be a loop's own variable");
	if (!p->panic && !parse_take_word(p, "in"))
		parse_fail(p, "'in'");
	if (!p->panic)
		n->b = parse_tuple(p, false);
	if (!p->panic && parse_take_word(p, "if"))
		n->c = parse_expr(p);
	if (!p->panic && parse_take_word(p, "recursive"))
		n->flags |= NF_RECURSIVE;
	parse_end_tag(p, TOK_BLOCK_END);
	if (!parse_push_open(p, &o, "for", "endfor", n->off))
		return n;
	parse_end(p, n);
	n->d = parse_body(p, ends);
	if (sv_eq(tag_word(p), SV("else"))) {
		parse_next(p);
		parse_next(p);
		parse_end_tag(p, TOK_BLOCK_END);
		n->e = parse_body(p, last);
	}
	close_open(p, n);
	return n;
}

static struct node *parse_set(struct parser *p, struct node *n)
{
	struct open_tag o;

	n->a = parse_target(p, true, true);
	if (p->panic)
		return n;
	if (parse_take(p, TOK_ASSIGN)) {
		n->b = parse_tuple(p, true);
		return n;
	}
	if (p->t->kind != TOK_PIPE && p->t->kind != TOK_BLOCK_END) {
		parse_fail(p, "'=' and a value");
		return n;
	}
	n->kind = N_SETBLOCK;
	if (parse_take(p, TOK_PIPE))
		n->b = parse_filter_chain(p, NULL);
	parse_end_tag(p, TOK_BLOCK_END);
	if (parse_push_open(p, &o, "set", "endset", n->off))
		n->d = parse_block_body(p, parse_end(p, n), "endset");
	return n;
}

static struct node *parse_with(struct parser *p, struct node *n)
{
	struct node **tail = &n->a;
	struct open_tag o;
	unsigned count = 0;

	while (!p->panic && p->t->kind != TOK_BLOCK_END) {
		struct node *v = parse_node(p, N_SET, p->t->off);

		v->a = parse_target(p, false, false);
		parse_expect(p, TOK_ASSIGN, "'='");
		if (!p->panic)
			v->b = parse_expr(p);
		if (++count > PARSE_MAX_NAMES)
			parse_fail_at(p, CT_CODE(T414), v->off, v->a->len, "there are more than %u names",
				      PARSE_MAX_NAMES);
		*tail = parse_end(p, v);
		tail = &v->next;
		if (p->panic || p->t->kind == TOK_BLOCK_END)
			break;
		parse_expect(p, TOK_COMMA, "',' or '%}'");
	}
	parse_end_tag(p, TOK_BLOCK_END);
	if (parse_push_open(p, &o, "with", "endwith", n->off))
		n->d = parse_block_body(p, parse_end(p, n), "endwith");
	return n;
}

static const struct stmt_row {
	const char *word;
	struct node *(*parse)(struct parser *p, struct node *n);
	uint8_t kind;
} stmt_rows[] = {
	{ "if", parse_if, N_IF },
	{ "for", parse_for, N_FOR },
	{ "set", parse_set, N_SET },
	{ "with", parse_with, N_WITH },
	{ "macro", parse_macro, N_MACRO },
	{ "call", parse_call_block, N_CALLBLOCK },
	{ "filter", parse_filter_block, N_FILTERBLOCK },
	{ "include", parse_include, N_INCLUDE },
	{ "import", parse_import, N_IMPORT },
	{ "from", parse_from, N_FROM },
	{ "extends", parse_extends, N_EXTENDS },
	{ "block", parse_block, N_BLOCK },
};

static const struct {
	const char *word, *help;
} no_statements[] = {
	{ "autoescape", "values are escaped by their place in the output, always" },
	{ "do", "assign with '{% set %}'" },
	{ "break", "give the loop a condition: '{% for x in y if ... %}'" },
	{ "continue", "give the loop a condition: '{% for x in y if ... %}'" },
	{ "elseif", "write 'elif'" },
	{ "elsif", "write 'elif'" },
	{ "trans", "there is no translation" },
};

/* A word that begins no statement: an end tag of something else, or unknown. */
static void bad_statement(struct parser *p, struct sv word)
{
	const struct token *t = p->t;
	struct sv best = { NULL, 0 };
	unsigned least = 99, d;
	struct diag *g;

	if (sv_starts(word, SV("end")) || sv_eq(word, SV("else")) || sv_eq(word, SV("elif"))) {
		if (p->open) {
			g = parse_fail_at(p, CT_CODE(T112), t->off, t->len,
					  "'" SV_FMT "' does not close '%s': expected '%s'", SV_ARG(word),
					  p->open->name, p->open->end);
			comp_label(p->c, g, p->open->off, p->open->len, "opened here");
		} else {
			parse_fail_at(p, CT_CODE(T112), t->off, t->len, "'" SV_FMT "' closes nothing",
				      SV_ARG(word));
		}
		return;
	}
	g = parse_fail_at(p, CT_CODE(T113), t->off, t->len, "there is no statement '" SV_FMT "'",
			  SV_ARG(word));
	for (size_t i = 0; i < COUNTOF(no_statements); i++)
		if (sv_eq(word, sv_from(no_statements[i].word))) {
			comp_help(p->c, g, "%s", no_statements[i].help);
			return;
		}
	for (size_t i = 0; i < COUNTOF(stmt_rows); i++)
		if (sv_is_near(word, sv_from(stmt_rows[i].word), &d) && d < least) {
			least = d;
			best = sv_from(stmt_rows[i].word);
		}
	if (best.n)
		comp_help(p->c, g, "did you mean '" SV_FMT "'?", SV_ARG(best));
}

static bool end_of_outer(const struct parser *p, struct sv word)
{
	for (const struct open_tag *o = p->open ? p->open->outer : NULL; o; o = o->outer)
		if (sv_eq(word, sv_from(o->end)))
			return true;
	return false;
}

static struct node *parse_statement(struct parser *p)
{
	uint32_t off = p->t->off;
	struct node *n = NULL;
	struct sv word;

	parse_next(p);
	word = (struct sv){ p->t->u.p, p->t->kind == TOK_NAME ? p->t->text_len : 0 };
	if (p->t->kind != TOK_NAME) {
		parse_fail(p, "the name of a statement");
	} else {
		for (size_t i = 0; i < COUNTOF(stmt_rows); i++)
			if (sv_eq(word, sv_from(stmt_rows[i].word))) {
				n = parse_node(p, stmt_rows[i].kind, off);
				parse_next(p);
				n = stmt_rows[i].parse(p, n);
				break;
			}
		if (!n)
			bad_statement(p, word);
	}
	parse_end_tag(p, TOK_BLOCK_END);
	if (n && !n->end_len)
		parse_end(p, n);
	return n;
}

/* Statements up to a tag whose word is in ends (not taken), or the end of the template. */
static struct node *parse_body(struct parser *p, const char *const *ends)
{
	struct node *head = NULL, **tail = &head, *n;

	while (p->t->kind != TOK_EOF) {
		uint32_t off = p->t->off;
		struct sv word = tag_word(p);

		n = NULL;
		if (word.n && word_in(word, ends))
			break;
		if (word.n && end_of_outer(p, word)) {
			/* The inner statement is the one left open: say so, and let the outer one close. */
			parse_next(p);
			bad_statement(p, word);
			p->t--;
			p->panic = false;
			break;
		}
		if (word.n && is_meant(p->open, word))
			break;
		if (p->t->kind == TOK_TEXT) {
			n = parse_node(p, N_TEXT, off);
			n->len = p->t->len;
			parse_next(p);
		} else if (p->t->kind == TOK_VAR_BEGIN) {
			n = parse_node(p, N_OUTPUT, off);
			parse_next(p);
			n->a = parse_tuple(p, true);
			parse_end_tag(p, TOK_VAR_END);
			parse_end(p, n);
		} else if (p->t->kind == TOK_BLOCK_BEGIN) {
			n = parse_statement(p);
		} else {
			parse_next(p); /* an error token of the lexer */
		}
		if (n) {
			*tail = n;
			tail = &n->next;
		}
	}
	return head;
}

struct node *ct_parse(struct comp *c, struct tokens t)
{
	struct parser p = { .c = c, .t = t.v };

	return parse_body(&p, no_ends);
}
