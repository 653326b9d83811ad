#include "ctemplate/codes.h"
#include "ctemplate/lang.h"
#include "ctemplate/vm.h"

#include <string.h>

#include "base/bug.h"
#include "base/utf8.h"

/* The environment: finding and compiling templates, and starting a rendering. */

const struct ct_limits ct_default_limits = {
	.source_bytes = 1u << 20,
	.tokens = 200000,
	.expr_depth = 150,
	.stmt_depth = 64,
	.include_depth = 16,
	.macro_depth = 100,
	.loop_turns = 1000000,
	.range_items = 100000,
	.list_items = 1000000,
	.fuel = 10000000,
	.text_bytes = 16u << 20,
	.output_bytes = 64u << 20,
	.format_width = 4096,
};

const struct ct_options ct_shipped_options = {
	.lang = CT_LANG_AUTO,
	.trim_blocks = true,
	.lstrip_blocks = true,
	.keep_trailing_newline = true,
};

#define MAX_ERRORS 20

struct diag *comp_error(struct comp *c, const struct diag_info *info, uint32_t off, uint32_t len,
			const char *fmt, ...)
{
	struct span at = { c->src, off, len };
	struct diag *g;
	va_list ap;

	if (c->n_errors++ >= MAX_ERRORS)
		return NULL;
	va_start(ap, fmt);
	g = diag_vat(c->env->diags, info, at, fmt, ap);
	va_end(ap);
	return g;
}

void comp_label(struct comp *c, struct diag *g, uint32_t off, uint32_t len, const char *fmt, ...)
{
	va_list ap;
	struct sv s;

	if (!g)
		return;
	va_start(ap, fmt);
	s = sv_vfmt(c->tmp, fmt, ap);
	va_end(ap);
	diag_label(c->env->diags, g, (struct span){ c->src, off, len }, SV_FMT, SV_ARG(s));
}

void comp_help(struct comp *c, struct diag *g, const char *fmt, ...)
{
	va_list ap;
	struct sv s;

	if (!g)
		return;
	va_start(ap, fmt);
	s = sv_vfmt(c->tmp, fmt, ap);
	va_end(ap);
	diag_help(c->env->diags, g, SV_FMT, SV_ARG(s));
}

void comp_edit(struct comp *c, struct diag *g, uint32_t off, uint32_t len, struct sv text)
{
	if (g)
		diag_edit(c->env->diags, g, (struct span){ c->src, off, len }, text, true);
}

struct ct_env *ct_env_new(struct arena *perm, struct diags *diags, const struct ct_limits *limits)
{
	struct ct_env *e = NEW(perm, struct ct_env, 1);

	e->a = perm;
	e->diags = diags;
	e->limits = limits ? *limits : ct_default_limits;
	e->options = ct_shipped_options;
	return e;
}

void ct_env_options(struct ct_env *e, const struct ct_options *o)
{
	e->options = *o;
}

void ct_env_loader(struct ct_env *e, ct_load_fn load, void *user)
{
	e->load = load;
	e->load_user = user;
}

void ct_env_embedded(struct ct_env *e, const struct ct_embedded *table, size_t n)
{
	e->embedded = table;
	e->n_embedded = n;
}

const struct ct_embedded *ct_embedded_find(const struct ct_embedded *table, size_t n, struct sv name)
{
	for (size_t i = 0; i < n; i++)
		if (sv_eq(name, sv_from(table[i].name)))
			return &table[i];
	return NULL;
}

uint32_t ct_template_src(const struct ct_template *t)
{
	if (t->src == UINT32_MAX) { /* embedded ones are registered when first spoken of */
		struct ct_template *w = (struct ct_template *)(uintptr_t)t;

		w->src = sources_add(t->env->diags->sources, t->path,
				     (struct sv){ t->code->text, t->code->text_len });
	}
	return t->src;
}

static struct ct_template *add_template(struct ct_env *e, struct sv name, const struct ct_state *state)
{
	struct ct_template *t = NEW(e->a, struct ct_template, 1);

	t->env = e;
	t->name = sv_dup(e->a, name);
	t->path = t->name;
	t->src = UINT32_MAX;
	if (state)
		t->state = *state;
	t->next = e->templates;
	e->templates = t;
	return t;
}

static struct ct_state start_state(void)
{
	return (struct ct_state){ .bol = 1 };
}

bool ct_check_source(struct ct_env *e, struct sv path, struct sv text)
{
	ptrdiff_t bad = utf8_check(text);
	uint32_t src;

	if (text.n > e->limits.source_bytes) {
		/* its first line may be all of it: there is nothing to show */
		src = sources_add(e->diags->sources, sv_dup(e->a, path), SV(""));
		diag_at(e->diags, CT_CODE(T401), (struct span){ src, 0, 0 },
			"the template has %zu bytes, the limit is %u", text.n, e->limits.source_bytes);
		return false;
	}
	if (bad >= 0) {
		src = sources_add(e->diags->sources, sv_dup(e->a, path), text);
		diag_at(e->diags, CT_CODE(T502), (struct span){ src, (uint32_t)bad, 1 },
			"the template is not UTF-8 here");
	}
	return bad < 0;
}

static void compile(struct ct_template *t, struct sv text, const struct ct_state *state,
		    const struct ct_options *o)
{
	struct ct_env *e = t->env;
	struct arena tmp;
	struct comp c = { .env = e, .a = e->a, .tmp = &tmp, .opt = *o };
	struct node *body;

	t->failed = !ct_check_source(e, t->path, text);
	if (t->failed)
		return;
	c.text = ct_normalise(e->a, text, o->keep_trailing_newline);
	t->src = c.src = sources_add(e->diags->sources, t->path, c.text);
	c.lang = o->lang == CT_LANG_AUTO ? ct_lang_of(t->name) : o->lang;
	c.start = state ? *state : start_state();
	arena_init(&tmp, 0);
	body = ct_parse(&c, ct_lex(&c));
	if (!c.n_errors) {
		ct_contexts(&c, body);
		ct_types(&c, body);
	}
	if (!c.n_errors)
		t->code = ct_codegen(&c, body);
	t->failed = c.n_errors > 0;
	arena_release(&tmp);
#ifdef CT_VERIFY
	if (t->code) {
		arena_init(&tmp, 0);
		const char *why = ct_verify(t->code, &tmp);

		if (why)
			BUG("the code of a template is wrong: %s", why);
		arena_release(&tmp);
	}
#endif
}

const struct ct_template *ct_compile(struct ct_env *e, struct sv name, struct sv text)
{
	struct ct_template *t = add_template(e, name, NULL);

	t->state = start_state();
	compile(t, text, NULL, &e->options);
	return t->failed ? NULL : t;
}

static bool is_start(const struct ct_state *s)
{
	struct ct_state start = start_state();

	return memcmp(s, &start, sizeof(start)) == 0;
}

const struct ct_template *ct_get_at(struct ct_env *e, struct sv name, const struct ct_state *state,
				    bool *missing)
{
	struct ct_state want = state ? *state : start_state();
	struct sv text, path = name;
	const struct ct_embedded *row;
	struct ct_template *t;

	*missing = false;
	for (t = e->templates; t; t = t->next)
		if (sv_eq(t->name, name) && memcmp(&t->state, &want, sizeof(want)) == 0)
			return t->failed ? NULL : t;
	if (e->load && e->load(e->load_user, name, &text, &path)) {
		t = add_template(e, name, &want);
		t->path = sv_dup(e->a, path);
		compile(t, text, &want, &e->options);
		return t->failed ? NULL : t;
	}
	row = ct_embedded_find(e->embedded, e->n_embedded, name);
	*missing = !row || !row->code;
	if (*missing) {
		e->missed = sv_eq(path, name) ? SV("") : sv_dup(e->a, path);
		return NULL;
	}
	t = add_template(e, name, &want);
	if (is_start(&want))
		t->code = row->code;
	else /* another place than the one compiled for: rare, and the source is there */
		compile(t, (struct sv){ row->text, row->text_len }, &want, &ct_shipped_options);
	return t->failed ? NULL : t;
}

const struct ct_template *ct_get(struct ct_env *e, struct sv name)
{
	bool missing;
	const struct ct_template *t = ct_get_at(e, name, NULL, &missing);

	if (missing)
		diag_at(e->diags, CT_CODE(T501),
			(struct span){ sources_add(e->diags->sources, sv_dup(e->a, name), SV("")), 0, 0 },
			"there is no template '" SV_FMT "'", SV_ARG(name));
	return t;
}

bool ct_is_embedded(const struct ct_template *t)
{
	const struct ct_embedded *row = ct_embedded_find(t->env->embedded, t->env->n_embedded, t->name);

	return row && t->code == row->code;
}

bool ct_out_buf(void *user, struct sv piece)
{
	buf_sv(user, piece);
	return true;
}

bool ct_render(struct ct_env *e, const struct ct_template *t, struct ct_value context, struct arena *scratch,
	       ct_out_fn out, void *user)
{
	struct ctx base = { NULL, context.tag == CT_DICT ? context.u.dict : NULL }, own = { &base, NULL };
	struct chain chain = { NULL };
	struct vm vm = {
		.env = e, .a = scratch, .sink = out, .user = user, .fuel = e->limits.fuel, .base = context
	};
	bool ok;

	ok = vm_run_template(&vm, t, &own, &chain, "template");
	if (ok && vm.out.n) {
		if (vm.written + vm.out.n > e->limits.output_bytes) {
			diag_at(e->diags, CT_CODE(T411), (struct span){ ct_template_src(t), 0, 0 },
				"the output is longer than %llu bytes",
				(unsigned long long)e->limits.output_bytes);
			ok = false;
		} else if (!out(user, buf_view(&vm.out))) {
			diag_at(e->diags, CT_CODE(T213), (struct span){ ct_template_src(t), 0, 0 },
				"the output could not be taken");
			ok = false;
		}
	}
	buf_release(&vm.out);
	buf_release(&vm.tmp);
	return ok;
}

bool ct_render_block(struct ct_env *e, const struct ct_template *t, struct ct_value context, struct arena *scratch,
		     struct buf *out, struct ct_value *value)
{
	out->n = 0;
	if (!ct_render(e, t, context, scratch, ct_out_buf, out))
		return false;
	if (out->n > e->limits.text_bytes) {
		diag_at(e->diags, CT_CODE(T410), (struct span){ ct_template_src(t), 0, 0 },
			"the text has %zu bytes, the limit is %llu", out->n, (unsigned long long)e->limits.text_bytes);
		return false;
	}
	/* the line it comes to stand in has an end of its own */
	*value = value_text(out->p, out->n && out->p[out->n - 1] == '\n' ? out->n - 1 : out->n);
	value->frag = ct_lang_row(t->code->lang)->block_frag;
	value->flags = VF_MULTILINE;
	return true;
}
