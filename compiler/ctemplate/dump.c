#include <string.h>

#include "base/bug.h"
#include "ctemplate/lang.h"
#include "ctemplate/table.h"
#include "ctemplate/value.h"
#include "diag/report.h"

/* Every stage of a compilation as text: tokens, tree with the places of the output, code. */

static const char *const node_names[N_COUNT] = {
	"const",	"name",	   "list",	"tuple",   "dict",	  "pair",    "attr",
	"index",	"slice",   "call",	"kwarg",   "star",	  "kwstar",  "filter",
	"test",		"binary",  "unary",	"compare", "cmpop",	  "and",     "or",
	"not",		"cond",	   "concat",	"error",   "text",	  "output",  "if",
	"for",		"set",	   "set-block", "with",	   "macro",	  "param",   "call-block",
	"filter-block", "include", "import",	"from",	   "import-name", "extends", "block",
};

static void put_short(struct buf *out, struct sv s)
{
	struct buf one = { 0 };

	for (size_t i = 0; i < s.n && i < 60; i++) {
		if (s.p[i] == '\n')
			buf_str(&one, "\\n");
		else
			buf_ch(&one, s.p[i]);
	}
	report_escape(out, buf_view(&one));
	if (s.n > 60)
		buf_str(out, "...");
	buf_release(&one);
}

static void dump_tokens(struct comp *c, struct tokens t, struct buf *out)
{
	buf_str(out, "tokens\n");
	for (uint32_t i = 0; i < t.n; i++) {
		struct pos p = source_pos(c->env->diags->sources, c->src, t.v[i].off);

		buf_fmt(out, "  %u:%u %s ", p.line, p.col, tok_name((enum tok_kind)t.v[i].kind));
		put_short(out, sv_sub(c->text, t.v[i].off, t.v[i].len));
		buf_ch(out, '\n');
	}
}

static void dump_list(struct comp *c, const struct node *n, unsigned depth, struct buf *out);

static void dump_node(struct comp *c, const struct node *n, unsigned depth, struct buf *out)
{
	struct pos p = source_pos(c->env->diags->sources, c->src, n->off);

	buf_fill(out, ' ', 2 + (size_t)depth * 2);
	buf_fmt(out, "%s %u:%u", n->kind < N_COUNT ? node_names[n->kind] : "?", p.line, p.col);
	if (n->name.n)
		buf_fmt(out, " " SV_FMT, SV_ARG(n->name));
	if (n->kind == N_CONST) {
		struct buf v = { 0 };

		buf_ch(out, ' ');
		value_put(&v, n->val, true);
		put_short(out, buf_view(&v));
		buf_release(&v);
	}
	if (n->kind == N_TEXT) {
		buf_ch(out, ' ');
		put_short(out, sv_sub(c->text, n->off, n->len));
	}
	if (n->kind == N_OUTPUT && n->emit < EMIT_COUNT)
		buf_fmt(out, " -> %s, %s", ct_emits[n->emit].filter, ct_emits[n->emit].place);
	buf_ch(out, '\n');
	if (depth > 400)
		return;
	dump_list(c, n->a, depth + 1, out);
	dump_list(c, n->b, depth + 1, out);
	dump_list(c, n->c, depth + 1, out);
	dump_list(c, n->d, depth + 1, out);
	dump_list(c, n->e, depth + 1, out);
}

static void dump_list(struct comp *c, const struct node *n, unsigned depth, struct buf *out)
{
	for (; n; n = n->next)
		dump_node(c, n, depth, out);
}

static void dump_const(const struct ct_code *k, uint32_t i, struct buf *out)
{
	const struct ct_const *v = &k->consts[i];
	struct buf text = { 0 };
	struct ct_value value = { .tag = v->tag, .len = v->len };

	if (v->tag == CT_TEXT)
		value.u.p = k->pool + v->bits;
	else if (v->tag == CT_BOOL)
		value.u.b = v->bits != 0;
	else
		memcpy(&value.u, &v->bits, sizeof(v->bits));
	value_put(&text, value, true);
	put_short(out, buf_view(&text));
	buf_release(&text);
}

static void dump_operand(const struct ct_code *k, uint32_t ins, struct buf *out)
{
	uint32_t n = INS_N(ins);

	switch (ct_ops[INS_OP(ins)].operand) {
	case OPD_NONE:
		break;
	case OPD_PIECE:
		put_short(out,
			  sv_sub((struct sv){ k->text, k->text_len }, k->pieces[n].off, k->pieces[n].len));
		break;
	case OPD_KIND:
		buf_str(out, ct_emits[n].place);
		break;
	case OPD_CONST:
		dump_const(k, n, out);
		break;
	case OPD_NAME:
		buf_add(out, k->pool + k->names[n].off, k->names[n].len);
		break;
	case OPD_AB:
		if (INS_OP(ins) == OP_FILTER)
			buf_fmt(out, "%s, %u arguments", ct_filter_row(INS_B(ins))->doc.name, INS_A(ins));
		else if (INS_OP(ins) == OP_TEST)
			buf_fmt(out, "%s, %u arguments", ct_test_row(INS_B(ins))->doc.name, INS_A(ins));
		else
			buf_fmt(out, "%u %u", INS_A(ins), INS_B(ins));
		break;
	default:
		buf_fmt(out, "%u", n);
		break;
	}
}

static void dump_code(struct comp *c, const struct ct_code *k, struct buf *out)
{
	for (uint32_t f = 0; f < k->n_fns; f++) {
		const struct ct_fn *fn = &k->fns[f];
		uint32_t end = f + 1 < k->n_fns ? k->fns[f + 1].start : k->n_code;

		buf_fmt(out, "function %u", f);
		if (fn->name < k->n_names)
			buf_fmt(out, " %.*s", (int)k->names[fn->name].len, k->pool + k->names[fn->name].off);
		buf_fmt(out, ": %u parameters, %u slots, stack %u, gives %s\n", fn->n_params, fn->n_slots,
			fn->max_stack, ct_frag_name(fn->frag));
		for (uint32_t pc = fn->start; pc < end; pc++) {
			struct pos p = source_pos(c->env->diags->sources, c->src, k->locs[pc].off);

			buf_fmt(out, "  %4u  %3u:%-3u %-10s ", pc - fn->start, p.line, p.col,
				ct_ops[INS_OP(k->code[pc])].name);
			dump_operand(k, k->code[pc], out);
			buf_ch(out, '\n');
		}
	}
}

void ct_dump(struct ct_env *e, struct sv name, struct sv text, struct buf *out)
{
	struct arena tmp;
	struct comp c = { .env = e, .a = e->a, .tmp = &tmp, .opt = e->options, .start = { .bol = 1 } };
	const struct ct_code *k = NULL;
	struct tokens t;
	struct node *body;

	if (!ct_check_source(e, name, text))
		return;
	c.text = ct_normalise(e->a, text, e->options.keep_trailing_newline);
	c.src = sources_add(e->diags->sources, sv_dup(e->a, name), c.text);
	c.lang = e->options.lang == CT_LANG_AUTO ? ct_lang_of(name) : e->options.lang;
	arena_init(&tmp, 0);
	buf_fmt(out, "language %s\n", ct_lang_name(c.lang));
	t = ct_lex(&c);
	dump_tokens(&c, t, out);
	body = ct_parse(&c, t);
	if (!c.n_errors) {
		ct_contexts(&c, body);
		ct_types(&c, body);
	}
	buf_str(out, "tree\n");
	dump_list(&c, body, 0, out);
	if (!c.n_errors)
		k = ct_codegen(&c, body);
	if (k)
		dump_code(&c, k, out);
	arena_release(&tmp);
}
