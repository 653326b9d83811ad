#include "ctemplate/parse.h"

#include "ctemplate/codes.h"

/* The statements about macros, blocks and other templates. */

/* (a, b=1): behind the opening parenthesis. */
static struct node *parse_params(struct parser *p)
{
	struct node *head = NULL, **tail = &head;
	bool defaults = false;
	unsigned count = 0;

	while (!p->panic && p->t->kind != TOK_RPAREN) {
		struct node *target = parse_target(p, false, false);
		struct node *q = parse_node(p, N_PARAM, target->off);

		q->name = target->name;
		if (!p->panic && parse_take(p, TOK_ASSIGN)) {
			q->a = parse_expr(p);
			defaults = true;
		} else if (!p->panic && defaults) {
			parse_fail_at(p, CT_CODE(T104), q->off, target->len,
				      "the argument '" SV_FMT
				      "' without a default follows one with a default",
				      SV_ARG(q->name));
		}
		if (++count > PARSE_MAX_NAMES)
			parse_fail_at(p, CT_CODE(T414), q->off, target->len,
				      "there are more than %u arguments", PARSE_MAX_NAMES);
		for (struct node *x = head; x && !p->panic; x = x->next)
			if (sv_eq(x->name, q->name))
				parse_fail_at(p, CT_CODE(T104), q->off, target->len,
					      "the argument '" SV_FMT "' is named twice", SV_ARG(q->name));
		*tail = parse_end(p, q);
		tail = &q->next;
		if (p->panic || p->t->kind == TOK_RPAREN)
			break;
		parse_expect(p, TOK_COMMA, "',' or ')'");
	}
	if (!p->panic)
		parse_next(p);
	return head;
}

struct node *parse_macro(struct parser *p, struct node *n)
{
	struct open_tag o;
	struct node *target = parse_target(p, false, false);

	n->name = target->name;
	parse_expect(p, TOK_LPAREN, "'(' and the arguments");
	if (!p->panic)
		n->a = parse_params(p);
	parse_end_tag(p, TOK_BLOCK_END);
	if (parse_push_open(p, &o, "macro", "endmacro", n->off)) {
		n->d = parse_block_body(p, parse_end(p, n), "endmacro");
		if (!p->panic && n->name.n &&
		    sv_eq((struct sv){ p->t->u.p, p->t->kind == TOK_NAME ? p->t->text_len : 0 }, n->name))
			parse_next(p);
	}
	return n;
}

struct node *parse_call_block(struct parser *p, struct node *n)
{
	struct open_tag o;

	if (parse_take(p, TOK_LPAREN))
		n->b = parse_params(p);
	if (!p->panic)
		n->a = parse_postfix_call(p);
	if (!p->panic && n->a->kind != N_CALL)
		parse_fail_at(p, CT_CODE(T104), n->a->off, n->a->len, "expected the call of a macro");
	parse_end_tag(p, TOK_BLOCK_END);
	if (parse_push_open(p, &o, "call", "endcall", n->off))
		n->d = parse_block_body(p, parse_end(p, n), "endcall");
	return n;
}

struct node *parse_filter_block(struct parser *p, struct node *n)
{
	struct open_tag o;

	n->b = parse_filter_chain(p, NULL);
	parse_end_tag(p, TOK_BLOCK_END);
	if (parse_push_open(p, &o, "filter", "endfilter", n->off))
		n->d = parse_block_body(p, parse_end(p, n), "endfilter");
	return n;
}

static void parse_context_words(struct parser *p, struct node *n)
{
	bool with = parse_is(p, "with");

	if (!p->panic && (with || parse_is(p, "without")) && p->t[1].kind == TOK_NAME &&
	    sv_eq((struct sv){ p->t[1].u.p, p->t[1].text_len }, SV("context"))) {
		parse_next(p);
		parse_next(p);
		n->flags = (uint8_t)(with ? n->flags | NF_WITH_CONTEXT : n->flags & ~NF_WITH_CONTEXT);
	}
}

struct node *parse_include(struct parser *p, struct node *n)
{
	n->a = parse_expr(p);
	n->flags |= NF_WITH_CONTEXT;
	if (!p->panic && parse_is(p, "ignore")) {
		parse_next(p);
		if (parse_take_word(p, "missing"))
			n->flags |= NF_IGNORE_MISSING;
		else
			parse_fail(p, "'missing'");
	}
	parse_context_words(p, n);
	return n;
}

struct node *parse_import(struct parser *p, struct node *n)
{
	n->a = parse_expr(p);
	if (!p->panic && !parse_take_word(p, "as"))
		parse_fail(p, "'as' and a name");
	if (!p->panic)
		n->name = parse_target(p, false, false)->name;
	parse_context_words(p, n);
	return n;
}

struct node *parse_from(struct parser *p, struct node *n)
{
	struct node **tail = &n->b;

	n->a = parse_expr(p);
	if (!p->panic && !parse_take_word(p, "import"))
		parse_fail(p, "'import'");
	while (!p->panic) {
		struct node *i = parse_node(p, N_IMPNAME, p->t->off);

		if (n->b && (parse_is(p, "with") || parse_is(p, "without")))
			break;
		i->name = parse_target(p, false, false)->name;
		i->val = ct_text(i->name);
		if (!p->panic && i->name.n && i->name.p[0] == '_')
			parse_fail_at(p, CT_CODE(T109), i->off, (uint32_t)i->name.n,
				      "names that begin with '_' stay in their template");
		if (!p->panic && parse_take_word(p, "as"))
			i->val = ct_text(parse_target(p, false, false)->name);
		*tail = parse_end(p, i);
		tail = &i->next;
		if (p->panic || !parse_take(p, TOK_COMMA) || p->t->kind != TOK_NAME)
			break;
	}
	parse_context_words(p, n);
	return n;
}

struct node *parse_extends(struct parser *p, struct node *n)
{
	n->a = parse_expr(p);
	return n;
}

#define MAX_BLOCKS 1000u

struct node *parse_block(struct parser *p, struct node *n)
{
	struct open_tag o;
	uint32_t off;

	if (parse_name(p, "the name of the block", &n->name, &off)) {
		for (size_t i = 0; i < p->blocks.n && p->blocks.n <= MAX_BLOCKS; i++)
			if (sv_eq(p->blocks.v[i]->name, n->name)) {
				struct diag *g =
				    parse_fail_at(p, CT_CODE(T110), off, (uint32_t)n->name.n,
						  "the block '" SV_FMT "' is defined twice", SV_ARG(n->name));
				comp_label(p->c, g, p->blocks.v[i]->off, p->blocks.v[i]->len, "first here");
				break;
			}
		if (p->blocks.n == MAX_BLOCKS)
			parse_fail_at(p, CT_CODE(T414), off, (uint32_t)n->name.n,
				      "there are more than %u blocks", MAX_BLOCKS);
		if (p->blocks.n <= MAX_BLOCKS) /* one more, so that it is said once */
			VEC_ADD(p->c->tmp, &p->blocks, n);
	}
	for (;;) {
		if (!p->panic && parse_take_word(p, "scoped"))
			n->flags |= NF_SCOPED;
		else if (!p->panic && parse_take_word(p, "required"))
			n->flags |= NF_REQUIRED;
		else
			break;
	}
	parse_end_tag(p, TOK_BLOCK_END);
	if (!parse_push_open(p, &o, "block", "endblock", n->off))
		return n;
	n->d = parse_block_body(p, parse_end(p, n), "endblock");
	if (!p->panic && p->t->kind == TOK_NAME) {
		if (!sv_eq((struct sv){ p->t->u.p, p->t->text_len }, n->name))
			comp_label(p->c, parse_fail(p, "the name of the block it closes"), n->off, n->len,
				   "this block");
		else
			parse_next(p);
	}
	for (struct node *x = n->d; x && (n->flags & NF_REQUIRED) && !p->panic; x = x->next)
		if (x->kind != N_TEXT || sv_trim((struct sv){ p->c->text.p + x->off, x->len }).n)
			parse_fail_at(p, CT_CODE(T111), x->off, x->len,
				      "a required block holds nothing but blanks");
	return n;
}
