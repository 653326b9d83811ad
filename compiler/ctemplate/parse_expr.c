#include "ctemplate/parse.h"

#include <string.h>

#include "base/bug.h"
#include "ctemplate/codes.h"
#include "ctemplate/table.h"

/* Expressions: one table of binary operators, climbed by precedence; then unary signs, postfixes
 * (.name, [index], (call)), filters and tests as Jinja nests them. */

enum { PREC_OR = 1, PREC_AND, PREC_NOT, PREC_COMPARE, PREC_SUM, PREC_CONCAT, PREC_PRODUCT, PREC_POWER };

static const struct binary_row {
	uint8_t tok, prec, kind, op;
} binary_rows[] = {
	{ TOK_ADD, PREC_SUM, N_BINARY, OP_ADD },
	{ TOK_SUB, PREC_SUM, N_BINARY, OP_SUB },
	{ TOK_TILDE, PREC_CONCAT, N_CONCAT, OP_CONCAT },
	{ TOK_MUL, PREC_PRODUCT, N_BINARY, OP_MUL },
	{ TOK_DIV, PREC_PRODUCT, N_BINARY, OP_DIV },
	{ TOK_FLOORDIV, PREC_PRODUCT, N_BINARY, OP_FLOORDIV },
	{ TOK_MOD, PREC_PRODUCT, N_BINARY, OP_MOD },
	{ TOK_POW, PREC_POWER, N_BINARY, OP_POW },
	{ TOK_EQ, PREC_COMPARE, N_COMPARE, CMP_EQ },
	{ TOK_NE, PREC_COMPARE, N_COMPARE, CMP_NE },
	{ TOK_LT, PREC_COMPARE, N_COMPARE, CMP_LT },
	{ TOK_LE, PREC_COMPARE, N_COMPARE, CMP_LE },
	{ TOK_GT, PREC_COMPARE, N_COMPARE, CMP_GT },
	{ TOK_GE, PREC_COMPARE, N_COMPARE, CMP_GE },
};

static struct node *parse_binary(struct parser *p, unsigned prec);

bool parse_is_keyword(struct sv name)
{
	static const struct sv words[] = { SV_INIT("and"), SV_INIT("or"), SV_INIT("not"),  SV_INIT("in"),
					   SV_INIT("is"),  SV_INIT("if"), SV_INIT("else"), SV_INIT("elif") };

	for (size_t i = 0; i < COUNTOF(words); i++)
		if (sv_eq(name, words[i]))
			return true;
	return false;
}

bool parse_word_literal(struct sv w, struct ct_value *v)
{
	if (sv_eq(w, SV("true")) || sv_eq(w, SV("True")))
		*v = ct_bool(true);
	else if (sv_eq(w, SV("false")) || sv_eq(w, SV("False")))
		*v = ct_bool(false);
	else if (sv_eq(w, SV("none")) || sv_eq(w, SV("None")))
		*v = ct_none();
	else
		return false;
	return true;
}

struct node *parse_error_node(struct parser *p)
{
	return parse_node(p, N_ERROR, p->t->off);
}

bool parse_enter(struct parser *p)
{
	if (p->expr_depth >= p->c->env->limits.expr_depth) {
		parse_fail_at(p, CT_CODE(T403), p->t->off, p->t->len,
			      "this expression nests deeper than %u levels", p->c->env->limits.expr_depth);
		return false;
	}
	p->expr_depth++;
	return true;
}

static bool starts_expression(const struct parser *p)
{
	switch (p->t->kind) {
	case TOK_NAME:
	case TOK_INT:
	case TOK_FLOAT:
	case TOK_STRING:
	case TOK_LPAREN:
	case TOK_LBRACKET:
	case TOK_LBRACE:
	case TOK_ADD:
	case TOK_SUB:
		return true;
	default:
		return false;
	}
}

static struct node *parse_strings(struct parser *p)
{
	struct node *n = parse_node(p, N_CONST, p->t->off);
	size_t total = 0, k = 0;
	const struct token *first = p->t;
	char *joined;

	for (const struct token *t = first; t->kind == TOK_STRING; t++)
		total += t->text_len;
	if (first[1].kind != TOK_STRING) {
		n->val = ct_text((struct sv){ first->u.p, first->text_len });
		parse_next(p);
		return parse_end(p, n);
	}
	joined = NEW(p->c->a, char, total + 1);
	for (; p->t->kind == TOK_STRING; parse_next(p)) {
		memcpy(joined + k, p->t->u.p, p->t->text_len);
		k += p->t->text_len;
	}
	n->val = ct_text((struct sv){ joined, total });
	return parse_end(p, n);
}

/* Items up to a closing token; a comma at the end is allowed. */
static struct node *parse_items(struct parser *p, enum tok_kind close, bool dict)
{
	struct node *head = NULL, **tail = &head;

	while (!p->panic && p->t->kind != close) {
		struct node *item = parse_expr(p);

		if (dict) {
			struct node *pair = parse_node(p, N_PAIR, item->off);

			parse_expect(p, TOK_COLON, "':' and the value of this key");
			pair->a = item;
			if (!p->panic)
				pair->b = parse_expr(p);
			item = parse_end(p, pair);
		}
		*tail = item;
		tail = &item->next;
		if (p->panic || p->t->kind == close)
			break;
		if (!parse_take(p, TOK_COMMA)) {
			parse_fail(p, close == TOK_RBRACKET ? "',' or ']'" : "',' or '}'");
			break;
		}
	}
	if (!p->panic)
		parse_next(p);
	return head;
}

static struct node *parse_paren(struct parser *p)
{
	uint32_t off = p->t->off;
	struct node *n;

	parse_next(p);
	if (p->t->kind == TOK_RPAREN) {
		n = parse_node(p, N_TUPLE, off);
		parse_next(p);
		return parse_end(p, n);
	}
	n = parse_tuple(p, true);
	parse_expect(p, TOK_RPAREN, "')'");
	if (n->kind == N_TUPLE) {
		n->off = off;
		parse_end(p, n);
	}
	n->start = off;
	return n;
}

static struct node *parse_primary(struct parser *p)
{
	const struct token *t = p->t;
	struct node *n;

	switch (t->kind) {
	case TOK_NAME: {
		struct sv w = { t->u.p, t->text_len };

		n = parse_node(p, N_NAME, t->off);
		if (parse_is_keyword(w))
			break;
		parse_next(p);
		if (parse_word_literal(w, &n->val))
			n->kind = N_CONST;
		n->name = w;
		return parse_end(p, n);
	}
	case TOK_INT:
	case TOK_FLOAT:
		n = parse_node(p, N_CONST, t->off);
		n->val = t->kind == TOK_INT ? ct_int(t->u.i) : ct_double(t->u.d);
		parse_next(p);
		return parse_end(p, n);
	case TOK_STRING:
		return parse_strings(p);
	case TOK_LPAREN:
		return parse_paren(p);
	case TOK_LBRACKET:
	case TOK_LBRACE: {
		bool dict = t->kind == TOK_LBRACE;

		n = parse_node(p, dict ? N_DICT : N_LIST, t->off);
		parse_next(p);
		n->a = parse_items(p, dict ? TOK_RBRACE : TOK_RBRACKET, dict);
		return parse_end(p, n);
	}
	default:
		break;
	}
	parse_fail(p, "an expression");
	return parse_error_node(p);
}

static struct node *parse_subscript(struct parser *p, struct node *of)
{
	struct node *n = parse_node(p, N_INDEX, of->start), *part[3] = { NULL, NULL, NULL };
	unsigned k = 0;
	bool slice = false;

	parse_next(p);
	n->a = of;
	while (!p->panic && p->t->kind != TOK_RBRACKET) {
		if (p->t->kind == TOK_COLON) {
			slice = true;
			if (++k > 2) {
				parse_fail(p, "']'");
				break;
			}
			parse_next(p);
		} else if (part[k]) {
			parse_fail(p, "']'");
		} else {
			part[k] = parse_expr(p);
		}
	}
	if (!p->panic && !slice && !part[0])
		parse_fail(p, "an index");
	if (!p->panic)
		parse_next(p);
	n->kind = slice ? N_SLICE : N_INDEX;
	n->b = part[0];
	n->c = part[1];
	n->d = part[2];
	return parse_end(p, n);
}

struct node *parse_dot(struct parser *p, struct node *of)
{
	struct node *n = parse_node(p, N_ATTR, of->start);

	parse_next(p);
	n->a = of;
	if (p->t->kind == TOK_NAME) {
		n->name = (struct sv){ p->t->u.p, p->t->text_len };
	} else if (p->t->kind == TOK_INT) {
		n->kind = N_INDEX;
		n->b = parse_node(p, N_CONST, p->t->off);
		n->b->len = p->t->len;
		n->b->val = ct_int(p->t->u.i);
	} else {
		parse_fail(p, "a name or number behind '.'");
		return n;
	}
	parse_next(p);
	return parse_end(p, n);
}

static struct node *parse_call(struct parser *p, struct node *of)
{
	struct node *n = parse_node(p, N_CALL, of->start);

	parse_next(p);
	n->a = of;
	n->b = parse_args(p);
	return parse_end(p, n);
}

static struct node *parse_postfix(struct parser *p, struct node *n)
{
	unsigned links = 0;

	while (!p->panic) {
		if (p->t->kind == TOK_DOT)
			n = parse_dot(p, n);
		else if (p->t->kind == TOK_LBRACKET)
			n = parse_subscript(p, n);
		else if (p->t->kind == TOK_LPAREN)
			n = parse_call(p, n);
		else
			break;
		if (++links > p->c->env->limits.expr_depth)
			parse_fail_at(p, CT_CODE(T403), n->off, n->len, "this chain has more than %u links",
				      p->c->env->limits.expr_depth);
	}
	return n;
}

/* Whether the word at hand begins the argument of a test written without parentheses. */
static bool starts_test_argument(const struct parser *p)
{
	switch (p->t->kind) {
	case TOK_NAME:
		return !parse_is_keyword((struct sv){ p->t->u.p, p->t->text_len });
	case TOK_STRING:
	case TOK_INT:
	case TOK_FLOAT:
	case TOK_LBRACKET:
	case TOK_LBRACE:
		return true;
	default:
		return false;
	}
}

/* The row of a filter or test; an unknown one is reported with the nearest name. */
static uint16_t find_row(struct parser *p, bool test, struct sv name, uint32_t off)
{
	struct sv near = { NULL, 0 };
	int id = test ? ct_test_find(name) : ct_filter_find(name);
	struct diag *g;

	if (id >= 0)
		return (uint16_t)id;
	g = parse_fail_at(p, CT_CODE(T105), off, (uint32_t)name.n, "there is no %s '" SV_FMT "'",
			  test ? "test" : "filter", SV_ARG(name));
	if (ct_row_near(test, name, &near))
		comp_help(p->c, g, "did you mean '" SV_FMT "'?", SV_ARG(near));
	return 0;
}

static struct node *parse_test(struct parser *p, struct node *of)
{
	struct node *n = parse_node(p, N_TEST, of->start), *result = n;
	uint32_t off;

	parse_next(p);
	if (parse_take_word(p, "not")) {
		result = parse_node(p, N_NOT, of->start);
		result->a = n;
	}
	n->a = of;
	if (!parse_name(p, "the name of a test", &n->name, &off))
		return n;
	n->id = find_row(p, true, n->name, off);
	if (!p->panic && p->t->kind == TOK_LPAREN) {
		parse_next(p);
		n->b = parse_args(p);
	} else if (!p->panic && starts_test_argument(p)) {
		n->b = parse_postfix(p, parse_primary(p));
	} else if (!p->panic && parse_is(p, "is")) {
		parse_fail_at(p, CT_CODE(T106), p->t->off, p->t->len, "tests cannot be chained");
	}
	parse_end(p, n);
	return parse_end(p, result);
}

static struct node *parse_one_filter(struct parser *p, struct node *in)
{
	struct node *n = parse_node(p, N_FILTER, in ? in->start : p->t->off);
	uint32_t off;

	n->a = in;
	if (!parse_name(p, "the name of a filter", &n->name, &off))
		return n;
	n->id = find_row(p, false, n->name, off);
	if (!p->panic && p->t->kind == TOK_LPAREN) {
		parse_next(p);
		n->b = parse_args(p);
	}
	return parse_end(p, n);
}

/* name(args)|name...: the text in front of it is the input. */
struct node *parse_filter_chain(struct parser *p, struct node *in)
{
	struct node *n = parse_one_filter(p, in);
	unsigned links = 0;

	while (!p->panic && parse_take(p, TOK_PIPE) && links++ < p->c->env->limits.expr_depth)
		n = parse_one_filter(p, n);
	return n;
}

static struct node *parse_filters(struct parser *p, struct node *n)
{
	unsigned links = 0;

	while (!p->panic) {
		if (p->t->kind == TOK_PIPE) {
			parse_next(p);
			n = parse_one_filter(p, n);
		} else if (parse_is(p, "is")) {
			n = parse_test(p, n);
		} else if (p->t->kind == TOK_LPAREN) {
			n = parse_call(p, n);
		} else {
			break;
		}
		if (++links > p->c->env->limits.expr_depth)
			parse_fail_at(p, CT_CODE(T403), n->off, n->len, "this chain has more than %u links",
				      p->c->env->limits.expr_depth);
	}
	return n;
}

static struct node *parse_unary(struct parser *p, bool filters)
{
	struct node *n;

	if (!parse_enter(p))
		return parse_error_node(p);
	if (p->t->kind == TOK_SUB || p->t->kind == TOK_ADD) {
		n = parse_node(p, N_UNARY, p->t->off);
		n->op = p->t->kind == TOK_SUB ? OP_NEG : OP_POS;
		parse_next(p);
		n->a = parse_unary(p, false);
		parse_end(p, n);
	} else {
		n = parse_primary(p);
	}
	n = parse_postfix(p, n);
	if (filters)
		n = parse_filters(p, n);
	p->expr_depth--;
	return n;
}

/* The row of the operator at hand when it binds at that level; "in" and "not in" are words. */
static bool operator_at(struct parser *p, unsigned prec, struct binary_row *row)
{
	if (prec == PREC_COMPARE && p->t->kind == TOK_NAME) {
		bool negated = parse_is(p, "not") && p->t[1].kind == TOK_NAME &&
			       sv_eq((struct sv){ p->t[1].u.p, p->t[1].text_len }, SV("in"));

		*row = (struct binary_row){ TOK_NAME, PREC_COMPARE, N_COMPARE,
					    (uint8_t)(negated ? CMP_NOTIN : CMP_IN) };
		if (negated)
			parse_next(p);
		return negated || parse_is(p, "in");
	}
	for (size_t i = 0; i < COUNTOF(binary_rows); i++)
		if (binary_rows[i].tok == p->t->kind && binary_rows[i].prec == prec) {
			*row = binary_rows[i];
			return true;
		}
	return false;
}

/* a < b < c is one node with a list of (operator, operand). */
static struct node *parse_comparison(struct parser *p, struct node *left)
{
	struct node *n = NULL, **tail = NULL;
	struct binary_row row;

	while (!p->panic && operator_at(p, PREC_COMPARE, &row)) {
		struct node *op = parse_node(p, N_CMPOP, p->t->off);

		parse_next(p);
		op->op = row.op;
		op->a = parse_binary(p, PREC_COMPARE + 1);
		if (!n) {
			n = parse_node(p, N_COMPARE, left->start);
			n->a = left;
			tail = &n->b;
		}
		*tail = parse_end(p, op);
		tail = &op->next;
	}
	return n ? parse_end(p, n) : left;
}

static struct node *parse_binary(struct parser *p, unsigned prec)
{
	struct node *left;
	struct binary_row row;
	unsigned links = 0;

	if (prec > PREC_POWER)
		return parse_unary(p, true);
	left = parse_binary(p, prec + 1);
	if (prec == PREC_COMPARE)
		return parse_comparison(p, left);
	while (!p->panic && operator_at(p, prec, &row)) {
		struct node *n = parse_node(p, row.kind, left->start);

		parse_next(p);
		n->op = row.op;
		n->a = left;
		n->b = parse_binary(p, prec + 1);
		left = parse_end(p, n);
		if (++links > p->c->env->limits.expr_depth)
			parse_fail_at(p, CT_CODE(T403), left->off, left->len,
				      "this expression has more than %u operators in a row",
				      p->c->env->limits.expr_depth);
	}
	return left;
}

static struct node *parse_not(struct parser *p)
{
	struct node *n;

	if (!parse_is(p, "not"))
		return parse_binary(p, PREC_COMPARE);
	if (!parse_enter(p))
		return parse_error_node(p);
	n = parse_node(p, N_NOT, p->t->off);
	parse_next(p);
	n->a = parse_not(p);
	p->expr_depth--;
	return parse_end(p, n);
}

static struct node *parse_logic(struct parser *p, bool or)
{
	struct node *left = or ? parse_logic(p, false) : parse_not(p);
	unsigned links = 0;

	while (!p->panic && parse_take_word(p, or ? "or" : "and")) {
		struct node *n = parse_node(p, or ? N_OR : N_AND, left->start);

		n->a = left;
		n->b = or ? parse_logic(p, false) : parse_not(p);
		left = parse_end(p, n);
		if (++links > p->c->env->limits.expr_depth)
			parse_fail_at(p, CT_CODE(T403), left->off, left->len,
				      "this expression has more than %u operators in a row",
				      p->c->env->limits.expr_depth);
	}
	return left;
}

struct node *parse_or(struct parser *p)
{
	return parse_logic(p, true);
}

struct node *parse_expr(struct parser *p)
{
	struct node *n = parse_or(p);
	unsigned links = 0;

	while (!p->panic && parse_take_word(p, "if")) {
		struct node *cond = parse_node(p, N_COND, n->start);

		cond->b = n;
		cond->a = parse_or(p);
		if (!p->panic && parse_take_word(p, "else") && parse_enter(p)) {
			cond->c = parse_expr(p);
			p->expr_depth--;
		}
		n = parse_end(p, cond);
		if (++links > p->c->env->limits.expr_depth)
			parse_fail_at(p, CT_CODE(T403), n->off, n->len,
				      "this expression has more than %u conditions in a row",
				      p->c->env->limits.expr_depth);
	}
	return n;
}

struct node *parse_tuple(struct parser *p, bool cond)
{
	struct node *n = cond ? parse_expr(p) : parse_or(p), *tuple, **tail;

	if (p->panic || p->t->kind != TOK_COMMA)
		return n;
	tuple = parse_node(p, N_TUPLE, n->start);
	tuple->a = n;
	tail = &n->next;
	while (!p->panic && parse_take(p, TOK_COMMA)) {
		if (!starts_expression(p) || (p->t->kind == TOK_NAME && parse_is(p, "recursive")))
			break;
		*tail = cond ? parse_expr(p) : parse_or(p);
		tail = &(*tail)->next;
	}
	return parse_end(p, tuple);
}

struct node *parse_postfix_call(struct parser *p)
{
	return parse_filters(p, parse_postfix(p, parse_primary(p)));
}
