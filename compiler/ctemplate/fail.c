#include "ctemplate/table.h"
#include "ctemplate/vm.h"

#include <string.h>

/* Reporting while a template runs: the place, the way there through includes, macros and loops, and
 * the line of the user's file that the value came from. And the limits. */

static struct span span_at(const struct ct_template *t, struct ct_loc at)
{
	return (struct span){ ct_template_src(t), at.off, at.len };
}

static struct ct_loc loc_of(const struct frame *f, uint32_t pc)
{
	return f->code->locs[f->fn->start + pc];
}

/* Where in the user's file a value came from: found by identity, only when something is wrong. */
static bool find_origin(struct ct_value in, struct ct_value v, unsigned depth, unsigned *budget,
			struct span *at)
{
	uint32_t n = in.tag == CT_LIST ? in.u.list->n : in.tag == CT_DICT ? in.u.dict->n : 0;

	if (depth > 40)
		return false;
	for (uint32_t i = 0; i < n && *budget; i++) {
		bool dict = in.tag == CT_DICT;
		struct ct_value item = dict ? in.u.dict->v[i].value : in.u.list->v[i];
		struct span origin = dict		  ? in.u.dict->v[i].origin
				     : in.u.list->origins ? in.u.list->origins[i]
							  : SPAN_NONE;

		--*budget;
		if (item.tag == v.tag && item.u.obj == v.u.obj && item.len == v.len &&
		    origin.src != UINT32_MAX) {
			*at = origin;
			return true;
		}
		if ((item.tag == CT_LIST || item.tag == CT_DICT) &&
		    find_origin(item, v, depth + 1, budget, at))
			return true;
	}
	return false;
}

static void note_loops(struct vm *vm, struct diag *g, const struct frame *f)
{
	for (const struct loop *l = f->loops; l; l = l->outer)
		if (!l->kept && l->i)
			diag_label(vm->env->diags, g, span_at(f->t, loc_of(f, l->pc)), "turn %u of this loop",
				   l->i);
}

static void note_frames(struct vm *vm, struct diag *g)
{
	unsigned n = 0;

	note_loops(vm, g, vm->frame);
	for (const struct frame *f = vm->frame; f->caller && n < 12; f = f->caller, n++) {
		struct sv name = f->fn->name == UINT32_MAX ? f->t->name : vm_name(f->code, f->fn->name);

		diag_label(vm->env->diags, g, span_at(f->caller->t, loc_of(f->caller, f->caller->pc)),
			   "in %s '" SV_FMT "'", f->how, SV_ARG(name));
		note_loops(vm, g, f->caller);
	}
}

static struct diag *fail_at(struct vm *vm, const struct diag_info *code, struct span at, struct ct_value v,
			    struct sv msg)
{
	struct diag *g;
	struct span origin;
	unsigned budget = 200000;

	vm->failed = true;
	g = diag_at(vm->env->diags, code, at, SV_FMT, SV_ARG(msg));
	if (v.tag == CT_LIST || v.tag == CT_DICT || (v.tag == CT_TEXT && v.len))
		if (find_origin(vm->base, v, 0, &budget, &origin))
			diag_label(vm->env->diags, g, origin, "the value was read here");
	note_frames(vm, g);
	vm->failure = g;
	return g;
}

void vm_help(struct vm *vm, const char *fmt, ...)
{
	va_list ap;
	struct sv s;

	if (!vm->failure)
		return;
	va_start(ap, fmt);
	s = sv_vfmt(vm->a, fmt, ap);
	va_end(ap);
	diag_help(vm->env->diags, vm->failure, SV_FMT, SV_ARG(s));
}

bool vm_fail_value(struct vm *vm, const struct diag_info *code, struct ct_value v, const char *fmt, ...)
{
	va_list ap;
	struct sv msg;

	if (vm->failed)
		return false;
	va_start(ap, fmt);
	msg = sv_vfmt(vm->a, fmt, ap);
	va_end(ap);
	fail_at(vm, code, span_at(vm->frame->t, loc_of(vm->frame, vm->frame->pc)), v, msg);
	return false;
}

bool vm_fail(struct vm *vm, const struct diag_info *code, const char *fmt, ...)
{
	va_list ap;
	struct sv msg;

	if (vm->failed)
		return false;
	va_start(ap, fmt);
	msg = sv_vfmt(vm->a, fmt, ap);
	va_end(ap);
	fail_at(vm, code, span_at(vm->frame->t, loc_of(vm->frame, vm->frame->pc)), ct_none(), msg);
	return false;
}

static void suggest(struct vm *vm, struct diag *g, const struct undef *u)
{
	struct sv best = { NULL, 0 };
	unsigned least = 99, d;

	for (const struct ctx *c = u->kind == 0 ? vm->frame->ctx : NULL; c; c = c->outer)
		for (uint32_t i = 0; c->vars && i < c->vars->n; i++)
			if (value_key(c->vars, i).tag == CT_TEXT &&
			    sv_is_near(u->name, value_sv(value_key(c->vars, i)), &d) && d < least) {
				least = d;
				best = value_sv(value_key(c->vars, i));
			}
	for (uint32_t i = 0; u->kind && u->of.tag == CT_DICT && i < u->of.u.dict->n; i++)
		if (value_key(u->of.u.dict, i).tag == CT_TEXT &&
		    sv_is_near(u->name, value_sv(value_key(u->of.u.dict, i)), &d) && d < least) {
			least = d;
			best = value_sv(value_key(u->of.u.dict, i));
		}
	if (u->kind && u->of.tag == CT_LOOP)
		best = ct_loop_attr_near(u->name);
	if (best.n)
		diag_help(vm->env->diags, g, "did you mean '" SV_FMT "'?", SV_ARG(best));
	else if (u->kind && ct_filter_find(u->name) >= 0)
		diag_help(vm->env->diags, g, "there are no methods; the filter is written '|" SV_FMT "'",
			  SV_ARG(u->name));
}

bool vm_fail_undef(struct vm *vm, struct ct_value v)
{
	const struct undef *u = v.u.obj;
	struct ct_loc at = loc_of(vm->frame, vm->frame->pc);
	bool here = u->t == vm->frame->t && u->at.off >= at.off && u->at.off + u->at.len <= at.off + at.len;
	struct diag *g;
	struct sv msg;

	if (vm->failed)
		return false;
	if (u->kind == 0)
		msg = sv_fmt(vm->a, "'" SV_FMT "' is not defined", SV_ARG(u->name));
	else if (u->kind == 3)
		msg = sv_fmt(vm->a, "the argument '" SV_FMT "' was not given", SV_ARG(u->name));
	else
		msg = sv_fmt(vm->a, "'" SV_FMT "' (%s) has no %s '" SV_FMT "'", SV_ARG(u->owner),
			     value_kind(u->of), u->of.tag == CT_DICT ? "key" : "item", SV_ARG(u->name));
	g = fail_at(vm, u->kind == 0 || u->kind == 3 ? CT_CODE(T201) : CT_CODE(T202),
		    here ? span_at(u->t, u->at) : span_at(vm->frame->t, at), u->of, msg);
	if (!here && u->t)
		diag_label(vm->env->diags, g, span_at(u->t, u->at), "it was looked up here");
	suggest(vm, g, u);
	return false;
}

struct ct_value vm_undef(struct vm *vm, uint8_t kind, struct sv name, struct ct_value of)
{
	struct undef *u = NEW(vm->a, struct undef, 1);
	struct frame *f = vm->frame;
	struct sv text;

	u->kind = kind;
	u->name = name;
	u->of = of;
	u->t = f->t;
	u->at = loc_of(f, f->pc);
	text = sv_sub((struct sv){ f->code->text, f->code->text_len }, u->at.off, u->at.len);
	/* the expression without its last step */
	if (kind == 1 && text.n > name.n && sv_ends(text, name)) {
		text.n -= name.n;
		text = sv_trim(text);
		u->owner = text.n && text.p[text.n - 1] == '.' ? sv_trim(sv_sub(text, 0, text.n - 1)) : text;
	} else if (kind == 2) {
		ptrdiff_t open = -1;

		for (size_t i = 0; i < text.n; i++)
			if (text.p[i] == '[')
				open = (ptrdiff_t)i;
		u->owner = open > 0 ? sv_sub(text, 0, (size_t)open) : text;
	} else {
		u->owner = text;
	}
	return (struct ct_value){ .tag = CT_UNDEF, .u.obj = u };
}

bool vm_charge(struct vm *vm, uint64_t bytes)
{
	uint64_t cost = bytes / 16;

	if (vm->fuel <= cost)
		return vm_fail(vm, CT_CODE(T409), "the rendering takes more than %llu steps",
			       (unsigned long long)vm->env->limits.fuel);
	vm->fuel -= cost;
	return true;
}

bool vm_text_limit(struct vm *vm, uint64_t bytes)
{
	if (bytes > vm->env->limits.text_bytes)
		return vm_fail(vm, CT_CODE(T410), "a text of %llu bytes is over the limit of %llu",
			       (unsigned long long)bytes, (unsigned long long)vm->env->limits.text_bytes);
	return vm_charge(vm, bytes);
}

bool vm_list_limit(struct vm *vm, uint64_t items)
{
	if (items > vm->env->limits.list_items)
		return vm_fail(vm, CT_CODE(T412), "a list of %llu items is over the limit of %u",
			       (unsigned long long)items, vm->env->limits.list_items);
	return vm_charge(vm, items * 16);
}

bool vm_text(struct vm *vm, struct ct_value *out)
{
	char *p;

	if (!vm_text_limit(vm, vm->tmp.n)) {
		vm->tmp.n = 0;
		return false;
	}
	p = NEW(vm->a, char, vm->tmp.n + 1);
	if (vm->tmp.n)
		memcpy(p, vm->tmp.p, vm->tmp.n);
	*out = value_text(p, vm->tmp.n);
	vm->tmp.n = 0;
	return true;
}
