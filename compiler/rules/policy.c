/* Reading policies: codes, paths, and what goes with labc's own rules. */
#include "rules/policy.h"

#include "base/bug.h"
#include "rules/config_internal.h"
#include "rules/registry.h"
#include "schema/describe.h"

enum { MAX_CODE = 40 };

/* ORG- and then capital letters, digits and single hyphens: it can stand in a comment, and is nobody else's. */
static bool is_code(struct sv code)
{
	if (code.n > MAX_CODE || !sv_starts(code, SV("ORG-")) || code.n == 4)
		return false;
	for (size_t i = 4; i < code.n; i++)
		if (!ch_is_upper(code.p[i]) && !ch_is_digit(code.p[i]) &&
		    (code.p[i] != '-' || code.p[i - 1] == '-' || i + 1 == code.n))
			return false;
	return true;
}

const struct policy_rule *policy_find(const struct policy *p, struct sv code)
{
	for (uint32_t i = 0; i < p->n_rules; i++)
		if (sv_eq_nocase(code, sv_from(p->rules[i].rule.info.code)) ||
		    sv_eq(code, sv_from(p->rules[i].rule.info.name)))
			return &p->rules[i];
	return NULL;
}

/* --- paths --- */

static struct sv next_part(struct sv *rest)
{
	size_t n = 0;
	struct sv part;

	while (n < rest->n && rest->p[n] != '.' && rest->p[n] != '[')
		n++;
	part = sv_sub(*rest, 0, n);
	while (n < rest->n && (rest->p[n] == '.' || rest->p[n] == '['))
		n++;
	*rest = sv_sub(*rest, n, rest->n);
	if (part.n && part.p[part.n - 1] == ']')
		part.n--;
	return part;
}

struct path {
	struct configs *c;
	struct config_file *f;
	struct policy_rule *r;
	struct span at;
	struct sv rest;
	bool is_silent; /* what is added is not written in the path */
};

static bool no_path(struct path *p, struct sv part, const struct section *sec, const char *why)
{
	struct sv written = p->r->spec->path.v, path = p->r->path;
	struct diag *g = config_report(p->f, POLICY_PATH, p->at, "the path '" SV_FMT "' leads nowhere: %s",
				       SV_ARG(written), why);
	size_t lead = (size_t)(part.p - path.p), left_out = sv_starts(written, SV("hosts")) ? 0 : path.n - written.n;
	const char *near = NULL;
	unsigned best = 0, d;

	for (uint32_t i = 0; sec && i < sec->n; i++)
		if (!(sec->fields[i].flags & FIELD_SHORT_ONLY) && sv_is_near(part, sec->fields[i].key, &d) &&
		    (!near || d < best)) {
			near = sec->fields[i].key.p;
			best = d;
		}
	if (near)
		diag_help(&p->f->diags, g, "did you mean '" SV_FMT "%s" SV_FMT "'?",
			  SV_ARG(sv_sub(written, 0, lead - left_out)), near, SV_ARG(sv_sub(path, lead + part.n, path.n)));
	else
		diag_help(&p->f->diags, g, "SPEC.md lists the fields; 'labc explain PATH' knows them too");
	return false;
}

static bool add_step(struct path *p, const struct field *f, struct sv item)
{
	if (p->r->n_steps == POLICY_MAX_STEPS)
		return no_path(p, item, NULL, "it has too many parts");
	p->r->steps[p->r->n_steps++] = (struct policy_step){ f, item, p->is_silent };
	return true;
}

/* Short ways to begin: `guests` and `host` stand for those of every host. */
static struct sv whole_path(struct arena *a, struct sv path)
{
	if (sv_starts(path, SV("guests.")) || sv_eq(path, SV("guests")))
		return sv_fmt(a, "hosts.*." SV_FMT, SV_ARG(path));
	if (sv_starts(path, SV("host.")))
		return sv_fmt(a, "hosts.*." SV_FMT, SV_ARG(sv_sub(path, 5, path.n)));
	return path;
}

static bool is_items(const struct field *f) { return f->type == TYPE_SECTION_LIST || f->type == TYPE_SECTION_MAP; }

/* Ends at a field, or goes on below it; *sec is where the next part is looked for. */
static bool enter(struct path *p, const struct section **sec, struct sv part, const struct field *f)
{
	struct policy_rule *r = p->r;

	r->field = f;
	if (is_items(f)) {
		struct sv item = p->rest.n ? next_part(&p->rest) : SV("");

		r->end = AT_ITEMS;
		*sec = f->section;
		return add_step(p, f, item);
	}
	r->end = AT_VALUE;
	if (f->type == TYPE_SECTION) {
		*sec = f->section;
		return add_step(p, f, SV(""));
	}
	if (f->type == TYPE_TEXT_MAP) {
		r->end = AT_PAIR;
		r->pair = p->rest.n ? p->rest : SV("*");
		p->rest.n = 0;
	} else if (p->rest.n) {
		return no_path(p, part, NULL, "it goes on behind a value");
	}
	return add_step(p, f, SV(""));
}

static bool read_path(struct path *p)
{
	const struct section *sec = &section_top;
	struct policy_rule *r = p->r;

	r->path = whole_path(&p->c->a, r->path);
	p->rest = r->path;
	if (p->rest.n == 0)
		return no_path(p, r->path, NULL, "it is empty");
	while (p->rest.n) {
		struct sv part = next_part(&p->rest);
		const struct field *f = section_field(sec, part);

		if (!f || (f->flags & FIELD_SHORT_ONLY) || (sec == &section_top && f->section == &section_single_host))
			return no_path(p, part, sec,
				       sv_eq(part, SV("*")) ? "'*' stands for an item of a map or list only"
							    : "there is no such field");
		if (!enter(p, &sec, part, f))
			return false;
	}
	/* `memory` is what its short form says: the memory at start */
	while (r->field->type == TYPE_SECTION || (r->end == AT_ITEMS && r->steps[r->n_steps - 1].item.n)) {
		const struct field *f = sec->short_form == SHORT_FIELD ? section_field(sec, sv_from(sec->short_key)) : NULL;

		if (!f)
			return no_path(p, SV(""), NULL, "it ends at a map: name one of its fields");
		p->is_silent = true;
		if (!enter(p, &sec, SV(""), f))
			return false;
	}
	return true;
}

enum type_id policy_type(const struct policy_rule *r)
{
	return r->end == AT_ITEMS ? TYPE_INTEGER
	       : r->end == AT_PAIR ? TYPE_TEXT
	       : r->field->type == TYPE_LIST ? (enum type_id)r->field->item
					     : (enum type_id)r->field->type;
}

/* --- rules --- */

static const char *lower(struct arena *a, struct sv code)
{
	struct sv out = sv_dup(a, code);
	char *p = (char *)(uintptr_t)out.p;

	for (size_t i = 0; i < out.n; i++)
		p[i] = ch_lower(p[i]);
	return sv_cstr(a, out);
}

static bool is_taken(struct configs *c, struct config_file *f, const struct policy_rule *r)
{
	for (size_t i = 0; i < c->all.n; i++) {
		const struct policy_rule *o = policy_find(c->all.v[i], sv_from(r->rule.info.code));

		if (!o)
			continue;
		diag_help(&f->diags,
			  config_report(f, POLICY_TWICE, r->key, "the code '%s' is taken: " SV_FMT " has it too",
					r->rule.info.code, SV_ARG(c->all.v[i]->file->path)),
			  "give one of the rules another code");
		return true;
	}
	return false;
}

static bool read_rule(struct configs *c, struct config_file *f, const struct spec_policy_rule *spec,
		      struct policy_rule *r)
{
	struct arena *a = &c->a;
	struct path p = { .c = c, .f = f, .r = r, .at = spec_span(&f->spec, spec->path.m) };
	struct diag *g;

	*r = (struct policy_rule){ .spec = spec, .key = spec_key_span(&f->spec, spec->h.m) };
	if (!meta_ok(spec->h.m) || !meta_ok(spec->path.m) || !meta_ok(spec->message.m) || meta_poisoned(spec->severity.m))
		return false;
	if (!is_code(spec->h.name)) {
		g = config_report(f, POLICY_CODE, r->key, "'" SV_FMT "' is no code of a policy", SV_ARG(spec->h.name));
		diag_help(&f->diags, g, "write ORG- and then capital letters, digits and hyphens, such as ORG-MEMORY");
		return false;
	}
	r->rule.info = (struct diag_info){
		.code = sv_cstr(a, spec->h.name),
		.severity = meta_ok(spec->severity.m) ? (enum severity)spec->severity.v : SEV_ERROR,
		.name = lower(a, spec->h.name),
		.summary = sv_cstr(a, spec->message.v),
		.why = meta_ok(spec->why.m) ? sv_cstr(a, sv_trim(spec->why.v)) : NULL,
		.source = meta_ok(spec->url.m) ? sv_cstr(a, spec->url.v) : NULL,
	};
	r->path = spec->path.v;
	if (is_taken(c, f, r) || !read_path(&p))
		return false;
	return policy_read_conditions(c, f, r);
}

static void read_floors(struct configs *c, struct config_file *f, const struct v_text_map *map, struct policy *p)
{
	p->floors = NEW(&c->a, struct policy_floor, map->n + 1);
	for (uint32_t i = 0; i < map->n; i++) {
		const struct v_pair *pair = &map->v[i];
		struct policy_floor *floor = &p->floors[p->n_floors];
		const char *why;

		if (!meta_ok(pair->m))
			continue;
		floor->row = registry_find(pair->name);
		if (!floor->row)
			config_unknown_rule(f, pair->name, spec_key_span(&f->spec, pair->m));
		if (!config_read_level(f, pair, &words_severity, CONFIG_NOTE, &floor->level) || !floor->row)
			continue;
		why = config_refusal(floor->row, CONFIG_ERROR);
		if (why)
			diag_help(&f->diags,
				  config_report(f, CONFIG_LOCKED, spec_key_span(&f->spec, pair->m),
						"'" SV_FMT "' always holds", SV_ARG(pair->name)),
				  "%s", why);
		else
			p->n_floors++;
	}
}

struct policy *policy_make(struct configs *c, struct config_file *f)
{
	struct spec_policy *spec = NEW(&c->a, struct spec_policy, 1);
	struct policy *p = NEW(&c->a, struct policy, 1);

	p->file = f;
	p->first = c->n_policy_rules;
	if (!policy_decode(&f->spec, &f->doc, c->patterns, spec))
		return p;
	p->name = meta_ok(spec->name.m) ? spec->name.v : SV("");
	p->rules = NEW(&c->a, struct policy_rule, spec->rules.n + 1);
	for (uint32_t i = 0; i < spec->rules.n; i++) {
		struct policy_rule *r = &p->rules[p->n_rules];

		r->policy = p;
		if (read_rule(c, f, &spec->rules.v[i], r)) {
			r->policy = p;
			p->n_rules++;
		} else {
			policy_pattern_free(r->matches);
			policy_pattern_free(r->not_matches);
		}
	}
	read_floors(c, f, &spec->severities, p);
	c->n_policy_rules += p->n_rules;
	VEC_ADD(&c->a, &c->all, p);
	return p;
}

void policy_release(struct policy *p)
{
	for (uint32_t i = 0; p && i < p->n_rules; i++) {
		policy_pattern_free(p->rules[i].matches);
		policy_pattern_free(p->rules[i].not_matches);
	}
}
