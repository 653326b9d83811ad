/* Walking a lab along the paths of policies. */
#include "rules/policy.h"

#include "base/bug.h"

struct walk {
	struct rule_ctx *cx;
	const struct policy_rule *r;
	struct buf path; /* as the spec has it, up to here */
	struct buf value;
};

/* How every list of schema/spec.h begins. */
struct __attribute__((may_alias)) list {
	struct meta m;
	const char *v;
	uint32_t n;
};

/* What would hold the value: a section that is written, the guest, the host, the lab. */
static struct meta owner_of(const struct walk *w, const struct place *at)
{
	const struct meta *m = at->item;

	if (m && at->sec != &section_top && meta_written(*m))
		return *m;
	return at->guest ? at->guest->m : at->host ? at->host->m : w->cx->s->lab.name.m;
}

static const char *origin_of(const struct meta *m)
{
	switch (m->origin) {
	case ORIGIN_BUILTIN: return ", the language's default";
	case ORIGIN_CATALOGUE: return ", the catalogue's default";
	case ORIGIN_DERIVED: return meta_written(*m) ? "" : ", which labc works out";
	case ORIGIN_DEFAULTS: return ", from `defaults`";
	case ORIGIN_PROFILE: return ", from its profile";
	default: return "";
	}
}

/* A finding about what the walk's value buffer holds; nothing in it: there is no value. */
static void break_rule(struct walk *w, const struct place *at, const struct meta *m, const char *verb, const char *why)
{
	struct buf allowed = { 0 };
	struct diag *g;

	g = rule_report(w->cx, spec_where(w->cx->s, m ? *m : (struct meta){ 0 }, owner_of(w, at)),
			"%s: " SV_FMT " %s " SV_FMT "%s", w->r->rule.info.summary, SV_ARG(buf_view(&w->path)), verb,
			SV_ARG(buf_view(&w->value)), m ? origin_of(m) : "");
	policy_allows(&allowed, w->r);
	rule_help(w->cx, g, "allowed: " SV_FMT "%s" SV_FMT, SV_ARG(buf_view(&allowed)), *why ? "; " : "",
		  SV_ARG(sv_from(why)));
	buf_release(&allowed);
}

static bool has(const struct sv *v, uint32_t n, struct sv text)
{
	for (uint32_t i = 0; i < n; i++)
		if (sv_eq(v[i], text))
			return true;
	return false;
}

/* Whether the text in the value buffer, and its place in an order if it has one, follow the rule. */
static bool follows(struct walk *w, const int64_t *order, const char **why)
{
	const struct policy_rule *r = w->r;
	struct sv text = buf_view(&w->value);
	bool gave_up = false;

	if (order && ((r->has_least && *order < r->least) || (r->has_most && *order > r->most)))
		return false;
	if ((r->equals.n && !sv_eq(r->equals, text)) || (r->n_one_of && !has(r->one_of, r->n_one_of, text)) ||
	    has(r->none_of, r->n_none_of, text))
		return false;
	if (r->matches && !policy_matches(r->matches, text, &gave_up)) {
		*why = gave_up ? "the pattern did not come to an end" : "";
		return false;
	}
	if (r->not_matches && (policy_matches(r->not_matches, text, &gave_up) || gave_up)) {
		*why = gave_up ? "the pattern did not come to an end" : "";
		return false;
	}
	return true;
}

static void check_scalar(struct walk *w, const struct place *at, enum type_id type, const struct words *words,
			 const struct meta *m)
{
	const char *why = "";
	int64_t order;
	bool ordered = policy_order(type, m, &order);

	w->value.n = 0;
	place_print_scalar(&w->value, w->cx->a, type, words, m);
	if (!follows(w, ordered ? &order : NULL, &why))
		break_rule(w, at, m, "is", why);
}

static void check_number(struct walk *w, const struct place *at, const struct meta *m, uint32_t n, const char *what)
{
	const struct policy_rule *r = w->r;

	if (!(r->has_least && n < r->least) && !(r->has_most && n > r->most))
		return;
	w->value.n = 0;
	buf_fmt(&w->value, "%u %s%s", n, what, n == 1 ? "" : "s");
	break_rule(w, at, m, "has", "");
}

static void missing(struct walk *w, const struct place *at)
{
	if (!w->r->required || w->cx->s->incomplete)
		return;
	w->value.n = 0;
	buf_str(&w->value, "not set");
	break_rule(w, at, NULL, "is", "");
}

static void check_list(struct walk *w, const struct place *at, const struct field *f, const struct list *l)
{
	if (l->m.flags & META_INCOMPLETE)
		return;
	if (f->item == TYPE_IPV4 && ((const struct v_ip_list *)(const void *)l)->is_host)
		return;
	check_number(w, at, &l->m, l->n, "item");
	if (l->n == 0)
		missing(w, at);
	for (uint32_t i = 0; i < l->n; i++) {
		const struct meta *m = (const void *)(l->v + (size_t)i * types[f->item].size);
		struct policy_rule one = *w->r;

		if (!meta_ok(*m))
			continue;
		/* bounds are of the number of items */
		one.has_least = one.has_most = false;
		w->r = &one;
		check_scalar(w, at, (enum type_id)f->item, f->words, m);
		w->r = (const struct policy_rule *)(const void *)w->cx->rule;
	}
}

static void check_pair(struct walk *w, const struct place *at, const struct v_text_map *map)
{
	bool every = sv_eq(w->r->pair, SV("*")), any = false;
	size_t n = w->path.n;

	for (uint32_t i = 0; i < map->n; i++) {
		if (!every && !sv_eq(map->v[i].name, w->r->pair))
			continue;
		any = true;
		if (!meta_ok(map->v[i].m))
			continue;
		buf_fmt(&w->path, "." SV_FMT, SV_ARG(map->v[i].name));
		check_scalar(w, at, TYPE_TEXT, NULL, &(struct v_text){ map->v[i].m, map->v[i].v }.m);
		w->path.n = n;
	}
	if (any || (map->m.flags & META_INCOMPLETE))
		return;
	if (!every)
		buf_fmt(&w->path, "." SV_FMT, SV_ARG(w->r->pair));
	missing(w, at);
	w->path.n = n;
}

static void check_value(struct walk *w, const struct place *at, const struct field *f)
{
	const struct meta *m = place_value(at, w->cx->lab, f);

	if (meta_poisoned(*m))
		return;
	if (w->r->end == AT_PAIR)
		check_pair(w, at, (const struct v_text_map *)(const void *)m);
	else if (!meta_ok(*m))
		missing(w, at);
	else if (f->type == TYPE_LIST)
		check_list(w, at, f, (const struct list *)(const void *)m);
	else
		check_scalar(w, at, (enum type_id)f->type, f->words, m);
}

/* Adds a part to the path as the spec writes it: with one host `hosts.NAME` is `host`, its guests are at the top. */
static void say(struct walk *w, struct sv part)
{
	if (w->path.n)
		buf_ch(&w->path, '.');
	buf_sv(&w->path, part);
}

static void go(struct walk *w, const struct place *at, uint32_t step);

static void each_item(struct walk *w, const struct place *list, uint32_t step)
{
	const struct policy_step *s = &w->r->steps[step];
	uint32_t n = place_count(list, w->cx->lab);
	uint64_t number = UINT64_MAX;
	size_t len = w->path.n;

	num_u64(s->item, &number);
	for (uint32_t i = 0; i < n; i++) {
		struct place at = *list;
		struct sv name;

		place_nth(&at, w->cx->lab, i);
		name = at.item ? place_name(&at) : SV("");
		if (!sv_eq(s->item, SV("*")) && !sv_eq_nocase(s->item, name) && number != i &&
		    !(at.guest && at.sec == &section_guest && sv_eq_nocase(s->item, at.guest->base)))
			continue;
		if (!at.item || meta_poisoned(((const struct spec_head *)at.item)->m))
			continue;
		if (at.sec == &section_host && w->cx->s->single_host) {
			w->path.n = 0;
			buf_str(&w->path, "host");
		} else {
			if (at.sec == &section_guest && w->cx->s->single_host) {
				w->path.n = 0;
				buf_str(&w->path, "guests");
			}
			say(w, name.n ? name : sv_fmt(w->cx->a, "%u", i));
		}
		go(w, &at, step + 1);
		w->path.n = len;
	}
}

static void go(struct walk *w, const struct place *at, uint32_t step)
{
	const struct policy_step *s = &w->r->steps[step];
	struct place next = *at;
	size_t n = w->path.n;

	if (!s->is_silent)
		say(w, s->field->key);
	if (s->field->type == TYPE_SECTION) {
		if (place_enter(&next, w->cx->lab, s->field->key))
			go(w, &next, step + 1);
		buf_release(&next.near);
	} else if (s->field->type == TYPE_SECTION_LIST || s->field->type == TYPE_SECTION_MAP) {
		next.list = s->field;
		if (s->item.n) {
			each_item(w, &next, step);
		} else {
			const struct meta *m = at->item ? field_at_const(s->field, at->item) : NULL;
			uint32_t count = place_count(&next, w->cx->lab);

			if (!m || (!meta_poisoned(*m) && !(m->flags & META_INCOMPLETE))) {
				check_number(w, at, m, count, "item");
				if (count == 0)
					missing(w, at);
			}
		}
	} else {
		check_value(w, at, s->field);
	}
	w->path.n = n;
}

void policies_run(struct rule_ctx *cx, const struct settings *s)
{
	struct walk w = { .cx = cx };

	for (size_t i = 0; i < s->policies.n; i++)
		for (uint32_t k = 0; k < s->policies.v[i]->n_rules; k++) {
			struct place top = { .sec = &section_top, .item = &cx->s->lab };

			w.r = &s->policies.v[i]->rules[k];
			rule_begin(cx, &w.r->rule);
			w.path.n = 0;
			go(&w, &top, 0);
		}
	buf_release(&w.path);
	buf_release(&w.value);
}
