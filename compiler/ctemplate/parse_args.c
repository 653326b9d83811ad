#include "ctemplate/parse.h"

#include "ctemplate/codes.h"

/* Arguments of calls, and what can be assigned to. */

struct node *parse_args(struct parser *p)
{
	struct node *head = NULL, **tail = &head;
	bool keyword = false;

	while (!p->panic && p->t->kind != TOK_RPAREN) {
		uint32_t off = p->t->off;
		struct node *arg;

		if (p->t->kind == TOK_MUL || p->t->kind == TOK_POW) {
			arg = parse_node(p, p->t->kind == TOK_MUL ? N_STAR : N_KWSTAR, off);
			keyword |= p->t->kind == TOK_POW;
			parse_next(p);
			arg->a = parse_expr(p);
		} else if (p->t->kind == TOK_NAME && p->t[1].kind == TOK_ASSIGN) {
			arg = parse_node(p, N_KWARG, off);
			arg->name = (struct sv){ p->t->u.p, p->t->text_len };
			parse_next(p);
			parse_next(p);
			arg->a = parse_expr(p);
			keyword = true;
		} else {
			arg = parse_expr(p);
			if (keyword && !p->panic)
				parse_fail_at(p, CT_CODE(T104), arg->off, arg->len,
					      "a positional argument stands behind a named one");
		}
		*tail = parse_end(p, arg);
		tail = &arg->next;
		if (p->panic || p->t->kind == TOK_RPAREN)
			break;
		if (!parse_take(p, TOK_COMMA)) {
			parse_fail(p, "',' or ')'");
			break;
		}
	}
	if (!p->panic)
		parse_next(p);
	return head;
}

static struct node *parse_one_target(struct parser *p, bool ns)
{
	struct node *n;
	struct ct_value v;

	if (parse_take(p, TOK_LPAREN)) {
		n = parse_target(p, true, ns);
		parse_expect(p, TOK_RPAREN, "')'");
		return n;
	}
	n = parse_node(p, N_NAME, p->t->off);
	if (p->t->kind != TOK_NAME) {
		parse_fail(p, "a name to assign to");
		return n;
	}
	n->name = (struct sv){ p->t->u.p, p->t->text_len };
	if (parse_word_literal(n->name, &v) || parse_is_keyword(n->name)) {
		parse_fail_at(p, CT_CODE(T107), p->t->off, p->t->len, "'" SV_FMT "' cannot be assigned to",
			      SV_ARG(n->name));
		return n;
	}
	parse_next(p);
	parse_end(p, n);
	if (ns && p->t->kind == TOK_DOT)
		n = parse_dot(p, n);
	return n;
}

struct node *parse_target(struct parser *p, bool tuple, bool ns)
{
	struct node *n, *list, **tail;
	unsigned count = 1;

	if (!parse_enter(p))
		return parse_error_node(p);
	n = parse_one_target(p, ns);
	if (tuple && !p->panic && p->t->kind == TOK_COMMA) {
		list = parse_node(p, N_TUPLE, n->off);
		list->a = n;
		tail = &n->next;
		while (!p->panic && parse_take(p, TOK_COMMA)) {
			if (p->t->kind != TOK_NAME && p->t->kind != TOK_LPAREN)
				break;
			if (parse_is(p, "in"))
				break;
			*tail = parse_one_target(p, ns);
			if (++count > PARSE_MAX_NAMES)
				parse_fail_at(p, CT_CODE(T414), (*tail)->off, (*tail)->len,
					      "there are more than %u names", PARSE_MAX_NAMES);
			tail = &(*tail)->next;
		}
		n = parse_end(p, list);
	}
	p->expr_depth--;
	return n;
}
