#include "ctemplate/vm.h"

#include <string.h>

#include "base/bug.h"
#include "ctemplate/lang.h"
#include "ctemplate/table.h"

/* Calls: macros, built-in functions, blocks, includes, imports, extends; filters and tests by row. */

/* ---- macros ---- */

static bool bind_named(struct vm *vm, const struct macro *m, struct ct_dict *kw, struct ct_value *slots,
		       uint32_t n_args)
{
	const struct ct_code *c = m->t->code;
	const struct ct_fn *fn = m->fn;
	uint32_t extra = fn->n_params + (fn->flags & FN_VARARGS ? 1u : 0u);
	struct ct_value rest = ct_dict_new(vm->a, 0);

	for (uint32_t i = 0; kw && i < kw->n; i++) {
		struct sv name = value_sv(value_key(kw, i));
		uint32_t k = 0;

		while (k < fn->n_params && !sv_eq(name, vm_name(c, c->aux[fn->slot_names + k])))
			k++;
		if (k < fn->n_params) {
			if (k < n_args)
				return vm_fail(vm, CT_CODE(T204), "the argument '" SV_FMT "' is given twice",
					       SV_ARG(name));
			slots[k] = kw->v[i].value;
		} else if (sv_eq(name, SV("caller")) && (fn->flags & FN_CALLER)) {
			slots[extra + (fn->flags & FN_KWARGS ? 1u : 0u)] = kw->v[i].value;
		} else if (fn->flags & FN_KWARGS) {
			value_set(vm->a, rest.u.dict, value_key(kw, i), kw->v[i].value);
		} else if (sv_eq(name, SV("caller"))) {
			return vm_fail(vm, CT_CODE(T204),
				       "'" SV_FMT "' uses no caller(): it cannot take a call block",
				       SV_ARG(vm_name(c, fn->name)));
		} else {
			return vm_fail(vm, CT_CODE(T204), "'" SV_FMT "' has no argument '" SV_FMT "'",
				       SV_ARG(vm_name(c, fn->name)), SV_ARG(name));
		}
	}
	if (fn->flags & FN_KWARGS)
		slots[extra] = rest;
	return true;
}

static bool enter(struct vm *vm)
{
	if (vm->macro_depth >= vm->env->limits.macro_depth)
		return vm_fail(vm, CT_CODE(T406), "macros and blocks call each other deeper than %u levels",
			       vm->env->limits.macro_depth);
	vm->macro_depth++;
	return true;
}

static bool call_macro(struct vm *vm, const struct macro *m, const struct ct_value *args, uint32_t n,
		       struct ct_dict *kw, struct ct_value *out)
{
	const struct ct_fn *fn = m->fn;
	uint32_t total = fn->n_params + 3u, k = n < fn->n_params ? n : fn->n_params;
	struct ct_value slots[16] = { { 0 } },
			*s = total > COUNTOF(slots) ? NEW(vm->a, struct ct_value, total) : slots;
	bool multiline = vm->multiline, ok;

	if (n > fn->n_params && !(fn->flags & FN_VARARGS))
		return vm_fail(vm, CT_CODE(T204), "'" SV_FMT "' takes %u argument%s, %u are given",
			       SV_ARG(vm_name(m->t->code, fn->name)), fn->n_params,
			       fn->n_params == 1 ? "" : "s", n);
	if (k)
		memcpy(s, args, k * sizeof(*s));
	if (fn->flags & FN_VARARGS) {
		s[fn->n_params] = value_list(vm->a, n - k, true);
		for (uint32_t i = k; i < n; i++)
			value_push(vm->a, s[fn->n_params].u.list, args[i]);
	}
	if (!bind_named(vm, m, kw, s, k) || !enter(vm))
		return false;
	vm->multiline = false;
	vm_capture_begin(vm);
	total = fn->n_params;
	for (unsigned bit = FN_VARARGS; bit <= FN_CALLER; bit <<= 1)
		total += fn->flags & bit ? 1u : 0u;
	ok = vm_run(vm, m, s, total, fn->flags & FN_LOOP ? "the recursion of" : "macro", 0);
	vm->macro_depth--;
	if (!ok || !vm_capture_end(vm, fn->frag, out))
		return false;
	if (vm->multiline)
		out->flags |= VF_MULTILINE;
	vm->multiline = multiline;
	return true;
}

/* ---- built-in functions ---- */

static bool call_range(struct vm *vm, const struct ct_value *args, uint32_t n, struct ct_value *out)
{
	int64_t v[3] = { 0, 0, 1 }, count = 0;
	uint64_t distance;

	if (n < 1 || n > 3)
		return vm_fail(vm, CT_CODE(T204), "range takes 1 to 3 arguments, %u are given", n);
	for (uint32_t i = 0; i < n; i++) {
		if (args[i].tag == CT_UNDEF)
			return vm_fail_undef(vm, args[i]);
		if (args[i].tag != CT_INT && args[i].tag != CT_BOOL)
			return vm_fail_value(vm, CT_CODE(T203), args[i], "range needs integers, this is %s",
					     value_kind(args[i]));
		v[n == 1 ? 1 : i] = value_int(args[i]);
	}
	if (v[2] == 0)
		return vm_fail(vm, CT_CODE(T203), "the step of a range cannot be 0");
	if (v[2] > 0 ? v[1] > v[0] : v[1] < v[0]) {
		distance = v[2] > 0 ? (uint64_t)v[1] - (uint64_t)v[0] : (uint64_t)v[0] - (uint64_t)v[1];
		distance = (distance - 1) / (v[2] > 0 ? (uint64_t)v[2] : (uint64_t)0 - (uint64_t)v[2]) + 1;
		if (distance > vm->env->limits.range_items)
			return vm_fail(vm, CT_CODE(T408), "a range can have at most %u numbers",
				       vm->env->limits.range_items);
		count = (int64_t)distance;
	}
	if (!vm_list_limit(vm, (uint64_t)count))
		return false;
	*out = value_list(vm->a, (uint32_t)count, false);
	for (int64_t i = 0; i < count; i++)
		value_push(vm->a, out->u.list, ct_int(v[0] + i * v[2]));
	return true;
}

static bool call_namespace(struct vm *vm, const struct ct_value *args, uint32_t n, struct ct_dict *kw,
			   struct ct_value *out)
{
	struct ct_value d = ct_dict_new(vm->a, 0);

	for (uint32_t i = 0; i < n; i++)
		if (!vm_extend_dict(vm, d, args[i]))
			return false;
	for (uint32_t i = 0; kw && i < kw->n; i++)
		value_set(vm->a, d.u.dict, value_key(kw, i), kw->v[i].value);
	*out = (struct ct_value){ .tag = CT_NAMESPACE, .u.obj = d.u.dict };
	return true;
}

static bool call_builtin(struct vm *vm, struct ct_value f, const struct ct_value *args, uint32_t n,
			 struct ct_dict *kw, struct ct_value *out)
{
	struct loop *l = (struct loop *)(uintptr_t)f.u.obj;

	if (kw && kw->n && f.flags != BUILTIN_NAMESPACE)
		return vm_fail(vm, CT_CODE(T204), "this function takes no named arguments");
	switch (f.flags) {
	case BUILTIN_RANGE:
		return call_range(vm, args, n, out);
	case BUILTIN_NAMESPACE:
		return call_namespace(vm, args, n, kw, out);
	case BUILTIN_CYCLE:
		if (!n)
			return vm_fail(vm, CT_CODE(T204), "loop.cycle needs something to cycle through");
		*out = args[l->i ? (l->i - 1) % n : 0];
		return true;
	default: {
		struct ct_value now = value_list(vm->a, n, true);
		bool same;

		for (uint32_t i = 0; i < n; i++)
			value_push(vm->a, now.u.list, args[i]);
		same = l->changed.tag == CT_LIST;
		if (same && !vm_equal(vm, l->changed, now, &same))
			return false;
		l->changed = now;
		*out = ct_bool(!same);
		return true;
	}
	}
}

static bool call_block(struct vm *vm, const struct block_def *b, struct ctx *ctx, struct ct_value *out)
{
	struct macro m = { b->t, b->fn, NULL, ctx, vm->frame->chain, b };
	bool ok;

	if (!enter(vm))
		return false;
	if (out)
		vm_capture_begin(vm);
	ok = vm_run(vm, &m, NULL, 0, "block", 0);
	vm->macro_depth--;
	return ok && (!out || vm_capture_end(vm, b->fn->frag, out));
}

bool vm_call(struct vm *vm, struct ct_value callee, const struct ct_value *args, uint32_t n,
	     struct ct_dict *kw, struct ct_value *out)
{
	switch (callee.tag) {
	case CT_UNDEF:
		return vm_fail_undef(vm, callee);
	case CT_MACRO:
		return call_macro(vm, callee.u.obj, args, n, kw, out);
	case CT_FUNC:
		return call_builtin(vm, callee, args, n, kw, out);
	case CT_BLOCKREF:
		if (callee.u.obj && !n)
			return call_block(vm, callee.u.obj, vm->frame->ctx, out);
		break;
	case CT_LOOP: {
		const struct loop *l = callee.u.obj;
		bool ok;

		if (!l->recurse)
			return vm_fail(vm, CT_CODE(T205), "this loop is not marked 'recursive'");
		if (n != 1)
			return vm_fail(vm, CT_CODE(T204), "loop(...) takes the items to go through");
		if (!enter(vm))
			return false;
		vm_capture_begin(vm);
		ok = vm_run(vm, l->recurse, args, 1, "recursive loop", l->depth + 1);
		vm->macro_depth--;
		return ok && vm_capture_end(vm, l->recurse->fn->frag, out);
	}
	default:
		break;
	}
	return vm_fail_value(vm, CT_CODE(T205), callee, "%s cannot be called", value_kind(callee));
}

bool vm_recurse(struct vm *vm, const struct ct_fn *fn, struct ct_value items)
{
	struct frame *f = vm->frame;
	struct macro m = { f->t, fn, f->self_env, f->ctx, f->chain, f->block };

	return vm_run(vm, &m, &items, 1, "recursive loop", 0);
}

/* ---- blocks ---- */

static struct ctx *overlay(struct vm *vm, struct ctx *outer, const uint32_t *aux)
{
	struct frame *f = vm->frame;
	uint32_t n = aux[1];
	struct ctx *c = NEW(vm->a, struct ctx, 1);

	c->outer = outer;
	if (!n)
		return c;
	c->vars = ct_dict_new(vm->a, n).u.dict;
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t *v = aux + 2 + i * 3;
		const struct scope_env *e = f->self_env;

		for (uint32_t k = 0; k < v[1]; k++)
			e = e->outer;
		if (e->slots[v[2]].tag != CT_MISSING)
			value_set(vm->a, c->vars, ct_text(vm_name(f->code, v[0])), e->slots[v[2]]);
	}
	return c;
}

static struct block_entry *find_block(struct chain *chain, struct sv name)
{
	struct block_entry *b = chain->blocks;

	while (b && !sv_eq(b->name, name))
		b = b->next;
	return b;
}

/* A template's blocks go behind those of the templates that extend it. */
static void add_blocks(struct vm *vm, struct chain *chain, const struct ct_template *t)
{
	for (uint32_t i = 0; i < t->code->n_blocks; i++) {
		struct sv name = vm_name(t->code, t->code->blocks[i].name);
		struct block_entry *e = find_block(chain, name);
		struct block_def *d = NEW(vm->a, struct block_def, 1), **tail;

		d->t = t;
		d->fn = &t->code->fns[t->code->blocks[i].fn];
		if (!e) {
			e = NEW(vm->a, struct block_entry, 1);
			e->name = name;
			e->next = chain->blocks;
			chain->blocks = e;
		}
		for (tail = &e->first; *tail; tail = &(*tail)->parent)
			;
		*tail = d;
	}
}

bool vm_block(struct vm *vm, uint32_t flags, const uint32_t *aux)
{
	struct frame *f = vm->frame;
	struct sv name = vm_name(f->code, f->code->blocks[aux[0]].name);
	struct block_entry *e = find_block(f->chain, name);
	struct ctx *ctx = flags & BLOCK_SCOPED ? overlay(vm, f->ctx, aux) : f->ctx;

	BUG_IF(!e);
	if (e->first->fn->flags & FN_REQUIRED)
		return vm_fail(vm, CT_CODE(T211),
			       "the block '" SV_FMT "' must be defined by a template that extends this one",
			       SV_ARG(name));
	return call_block(vm, e->first, ctx, NULL);
}

bool vm_super(struct vm *vm, struct ct_value *out)
{
	const struct block_def *b = vm->frame->block;

	if (!b)
		return vm_fail(vm, CT_CODE(T212), "super() stands outside a block");
	if (!b->parent)
		return vm_fail(vm, CT_CODE(T212), "there is no parent block '" SV_FMT "'",
			       SV_ARG(vm_name(b->t->code, b->fn->name)));
	return call_block(vm, b->parent, vm->frame->ctx, out);
}

/* ---- other templates ---- */

static const struct ct_template *get(struct vm *vm, struct ct_value name, const struct ct_state *state,
				     bool *missing)
{
	const struct ct_template *t;

	*missing = false;
	if (name.tag == CT_UNDEF) {
		vm_fail_undef(vm, name);
		return NULL;
	}
	if (name.tag != CT_TEXT || name.frag) {
		vm_fail_value(vm, CT_CODE(T203), name, "the name of a template must be text, this is %s",
			      value_kind(name));
		return NULL;
	}
	t = ct_get_at(vm->env, value_sv(name), state, missing);
	if (!t && !*missing)
		vm->failed = true; /* its errors are reported */
	return t;
}

static bool not_found(struct vm *vm, struct ct_value name)
{
	struct ct_env *e = vm->env;
	struct sv s = value_sv(name);

	if (name.tag != CT_TEXT)
		return vm_fail(vm, CT_CODE(T501), "there is none of these templates");
	vm_fail_value(vm, CT_CODE(T501), name, "there is no template '" SV_FMT "'", SV_ARG(s));
	if (sv_starts(s, SV("/")) || sv_search(s, SV("..")) >= 0)
		vm_help(vm, "names lead below the folder of templates, never out of it");
	else if (e->missed.n)
		vm_help(vm, "it was looked for at '" SV_FMT "'", SV_ARG(e->missed));
	return false;
}

static bool too_deep(struct vm *vm, const struct ct_template *t)
{
	bool cycle = false;

	if (vm->include_depth < vm->env->limits.include_depth)
		return false;
	for (const struct frame *f = vm->frame; f && !cycle; f = f->caller)
		cycle = f->t == t;
	if (cycle)
		vm_fail(vm, CT_CODE(T503), "the template '" SV_FMT "' leads back to itself", SV_ARG(t->name));
	else
		vm_fail(vm, CT_CODE(T405), "templates are nested deeper than %u levels",
			vm->env->limits.include_depth);
	return true;
}

bool vm_run_template(struct vm *vm, const struct ct_template *t, struct ctx *ctx, struct chain *chain,
		     const char *how)
{
	unsigned links = 0;

	while (t) {
		struct macro m = { t, &t->code->fns[0], NULL, ctx, chain, NULL };

		add_blocks(vm, chain, t);
		if (!vm_run(vm, &m, NULL, 0, how, 0))
			return false;
		vm->ends_open = t->code->flags & CODE_ENDS_OPEN;
		t = vm->parent;
		if (++links > vm->env->limits.include_depth)
			return vm_fail(vm, CT_CODE(T503), "templates extend each other without end");
	}
	return true;
}

bool vm_extends(struct vm *vm, struct ct_value name)
{
	struct frame *f = vm->frame;
	bool missing;
	const struct ct_template *t = get(vm, name, NULL, &missing);

	if (!t)
		return missing ? not_found(vm, name) : false;
	if (f->parent)
		return vm_fail(vm, CT_CODE(T204), "this template extends '" SV_FMT "' already",
			       SV_ARG(f->parent->name));
	if (t == f->t || t->code->lang != f->code->lang)
		return vm_fail(vm, t == f->t ? CT_CODE(T503) : CT_CODE(T312),
			       t == f->t ? "a template cannot extend itself"
					 : "a template can only extend one of its own language");
	f->parent = t;
	return true;
}

/* The first template there is of a name or a list of names. */
static const struct ct_template *choose(struct vm *vm, struct ct_value name, const struct ct_state *state,
					bool *missing)
{
	const struct ct_template *t = NULL;

	if (name.tag != CT_LIST)
		return get(vm, name, state, missing);
	*missing = true;
	for (uint32_t i = 0; i < name.u.list->n && *missing; i++)
		t = get(vm, name.u.list->v[i], state, missing);
	return t;
}

static bool run_other(struct vm *vm, const struct ct_template *t, struct ctx *ctx, const char *how)
{
	struct chain *chain = NEW(vm->a, struct chain, 1);
	bool ok;

	if (too_deep(vm, t))
		return false;
	vm->include_depth++;
	ok = vm_run_template(vm, t, ctx, chain, how);
	vm->include_depth--;
	return ok;
}

bool vm_include(struct vm *vm, uint32_t flags, const uint32_t *aux, struct ct_value name)
{
	struct frame *f = vm->frame;
	const struct ct_state *state = aux[0] ? &f->code->states[aux[0] - 1] : NULL;
	struct ctx *ctx = NEW(vm->a, struct ctx, 1);
	bool missing;
	const struct ct_template *t = choose(vm, name, state, &missing);

	if (!t) {
		if (missing && (flags & INC_IGNORE_MISSING))
			return true;
		return missing ? not_found(vm, name) : false;
	}
	if (t->code->lang != f->code->lang)
		return vm_fail(vm, CT_CODE(T312), "'" SV_FMT "' is a template of %s, this one is of %s",
			       SV_ARG(t->name), ct_lang_name((enum ct_lang_id)t->code->lang),
			       ct_lang_name((enum ct_lang_id)f->code->lang));
	if (flags & INC_WITH_CONTEXT)
		ctx->outer = aux[1] ? overlay(vm, f->ctx, aux) : f->ctx;
	if (!run_other(vm, t, ctx, "include"))
		return false;
	if (vm->ends_open && vm->out.n && vm->out.p[vm->out.n - 1] != '\n')
		buf_ch(&vm->out, '\n'); /* what follows must not become part of a comment */
	return true;
}

bool vm_import(struct vm *vm, uint32_t flags, const uint32_t *aux, struct ct_value name, struct ct_value *out)
{
	struct frame *f = vm->frame;
	struct ctx *ctx = NEW(vm->a, struct ctx, 1);
	struct ct_value dropped;
	bool missing;
	const struct ct_template *t = get(vm, name, NULL, &missing);

	if (!t)
		return missing ? not_found(vm, name) : false;
	if (flags & INC_WITH_CONTEXT)
		ctx->outer = aux[1] ? overlay(vm, f->ctx, aux) : f->ctx;
	vm_capture_begin(vm);
	if (!run_other(vm, t, ctx, "import") || !vm_capture_end(vm, 0, &dropped))
		return false;
	*out = (struct ct_value){ .tag = CT_MODULE, .u.obj = ctx };
	return true;
}

/* ---- filters and tests ---- */

static bool check_args(struct vm *vm, const struct ct_row *row, const struct ct_value *args, unsigned n)
{
	for (unsigned i = 0; i < n && !(row->flags & ROW_UNDEF_ARGS); i++)
		if (args[i].tag == CT_UNDEF && !(args[i].flags & VF_LAX))
			return vm_fail_undef(vm, args[i]);
	return true;
}

/* Most rows look at all of their input. */
static bool charge_input(struct vm *vm, const struct ct_row *row, struct ct_value in)
{
	if (row->flags & ROW_UNDEF)
		return true;
	return vm_charge(vm, in.tag == CT_TEXT ? in.len : 8 * (uint64_t)ct_count(in));
}

bool vm_apply_filter(struct vm *vm, unsigned id, struct ct_value in, const struct ct_value *args, unsigned n,
		     struct ct_value *out)
{
	const struct ct_row *row = ct_filter_row(id);
	struct ct_value all[CT_MAX_PARAMS] = { { 0 } };

	if (in.tag == CT_UNDEF && !(row->flags & ROW_UNDEF)) {
		if (!(in.flags & VF_LAX))
			return vm_fail_undef(vm, in);
		in = value_text("", 0);
	}
	if (in.frag && !(row->flags & ROW_FRAG))
		return vm_fail(vm, CT_CODE(T311),
			       "the filter '%s' cannot change text that is escaped already (%s)",
			       row->doc.name, ct_frag_name(in.frag));
	if (!check_args(vm, row, args, n) || !charge_input(vm, row, in))
		return false;
	if (row->flags & ROW_VARARGS)
		return row->filter(vm, in, args, n, out);
	if (n)
		memcpy(all, args, n * sizeof(*all));
	return row->filter(vm, in, all, n, out);
}

bool vm_apply_test(struct vm *vm, unsigned id, struct ct_value in, const struct ct_value *args, unsigned n,
		   bool *out)
{
	const struct ct_row *row = ct_test_row(id);
	struct ct_value all[CT_MAX_PARAMS] = { { 0 } };

	if (in.tag == CT_UNDEF && !(row->flags & ROW_UNDEF) && !(in.flags & VF_LAX))
		return vm_fail_undef(vm, in);
	if (!check_args(vm, row, args, n) || !charge_input(vm, row, in))
		return false;
	if (n)
		memcpy(all, args, n * sizeof(*all));
	return row->test(vm, in, all, n, out);
}

bool vm_apply_star(struct vm *vm, bool test, unsigned id, struct ct_value in, struct ct_value list,
		   struct ct_value dict, struct ct_value *out)
{
	const struct ct_row *row = test ? ct_test_row(id) : ct_filter_row(id);
	struct ct_value args[CT_MAX_PARAMS] = { { 0 } };
	unsigned max = 0;
	bool result = false, ok;

	if (row->flags & ROW_VARARGS) {
		value_push(vm->a, list.u.list, dict);
		return vm_apply_filter(vm, id, in, list.u.list->v, list.u.list->n, out);
	}
	while (max < CT_MAX_PARAMS && row->params[max])
		max++;
	if (list.u.list->n > max)
		return vm_fail(vm, CT_CODE(T204), "'%s' is written %s", row->doc.name, row->doc.signature);
	for (uint32_t i = 0; i < list.u.list->n; i++)
		args[i] = list.u.list->v[i];
	for (uint32_t i = 0; i < dict.u.dict->n; i++) {
		unsigned k = 0;

		while (k < max && !sv_eq(value_sv(value_key(dict.u.dict, i)),
					 sv_from(row->params[k] + (row->params[k][0] == '!'))))
			k++;
		if (k == max)
			return vm_fail(vm, CT_CODE(T204), "'%s' is written %s", row->doc.name,
				       row->doc.signature);
		args[k] = dict.u.dict->v[i].value;
	}
	for (unsigned i = 0; i < max; i++)
		if (row->params[i][0] == '!' && args[i].tag == CT_MISSING)
			return vm_fail(vm, CT_CODE(T204), "'%s' is written %s", row->doc.name,
				       row->doc.signature);
	if (!test)
		return vm_apply_filter(vm, id, in, args, max, out);
	ok = vm_apply_test(vm, id, in, args, max, &result);
	*out = ct_bool(result);
	return ok;
}
