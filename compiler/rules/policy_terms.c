/* What a policy's rules compare with: values of the field's own type, and patterns. */
#include "rules/policy.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "base/bug.h"
#include "rules/config_internal.h"

/* A pattern of others on a text of others: it must not cost more than this. */
enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 1000, HEAP_KIB = 1024 };

struct policy_pattern {
	pcre2_code *code;
};

/* Any scalar of schema/spec.h. */
union any_value {
	struct meta m;
	struct v_int i;
	struct v_size size;
	struct v_text text;
	struct v_range range;
	struct v_http http;
	struct v_duration duration;
	max_align_t align;
	char room[64];
};

/* --- values --- */

bool policy_order(enum type_id type, const void *value, int64_t *out)
{
	const struct v_date *date = value;

	switch ((int)type) {
	case TYPE_INTEGER: *out = ((const struct v_int *)value)->v; break;
	case TYPE_SIZE: {
		uint64_t v = ((const struct v_size *)value)->v;

		*out = v > INT64_MAX ? INT64_MAX : (int64_t)v;
		break;
	}
	case TYPE_DURATION:
	case TYPE_DURATION_OFF:
		/* never is later than any time */
		*out = ((const struct v_duration *)value)->off ? INT64_MAX : ((const struct v_duration *)value)->v;
		break;
	case TYPE_TIME: *out = ((const struct v_time *)value)->v; break;
	case TYPE_TIME_OFF: *out = ((const struct v_time *)value)->off ? INT64_MAX : ((const struct v_time *)value)->v; break;
	case TYPE_DATE: *out = date_days(*date); break;
	case TYPE_DECIMAL: *out = ((const struct v_decimal *)value)->v; break;
	case TYPE_PORT:
	case TYPE_PORT_AUTO: *out = ((const struct v_port *)value)->v; break;
	default: return false;
	}
	return true;
}

static struct diag *wrong_value(struct config_file *f, const char *key, const struct type *row,
				const struct type_error *e, struct sv text, struct span at)
{
	struct diag *g = config_report(f, POLICY_VALUE, at, "'%s' wants " SV_FMT ", found '" SV_FMT "'", key,
				       SV_ARG(e->wants.n ? e->wants : sv_from(row->wants)), SV_ARG(text));

	if (e->help.n)
		diag_help(&f->diags, g, SV_FMT, SV_ARG(e->help));
	else if (row->help)
		diag_help(&f->diags, g, "%s", row->help);
	if (e->fix.n)
		diag_edit(&f->diags, g, at, e->fix, e->safe);
	return g;
}

/* The text as a value of the rule's field; false after a finding. */
static bool read_value(struct configs *c, struct config_file *f, const struct policy_rule *r, const char *key,
		       const struct v_text *text, union any_value *out)
{
	enum type_id type = policy_type(r);
	struct type_in in = { .text = text->v, .plain = true, .patterns = c->patterns, .a = &c->a, .max = INT64_MAX };
	struct type_error e = { 0 };

	BUG_IF(types[type].size > sizeof(*out));
	*out = (union any_value){ .room = { 0 } };
	if (r->end == AT_VALUE) {
		in.words = r->field->words;
		in.min = r->field->min;
		if (type != TYPE_INTEGER || r->field->max)
			in.max = r->field->max;
	} else if (type != TYPE_INTEGER) {
		in.max = 0;
	}
	if (type_parse(type, &in, out, &e))
		return true;
	wrong_value(f, key, &types[type], &e, text->v, spec_span(&f->spec, text->m));
	return false;
}

/* The value as it prints, which is how values are compared. */
static bool read_equal(struct configs *c, struct config_file *f, const struct policy_rule *r, const char *key,
		       const struct v_text *text, struct sv *out)
{
	union any_value v;
	struct buf b = { 0 };

	if (!meta_ok(text->m) || !read_value(c, f, r, key, text, &v))
		return false;
	place_print_scalar(&b, &c->a, policy_type(r), r->end == AT_VALUE ? r->field->words : NULL, &v);
	*out = sv_dup(&c->a, buf_view(&b));
	buf_release(&b);
	return true;
}

static bool read_bound(struct configs *c, struct config_file *f, const struct policy_rule *r, const char *key,
		       const struct v_text *text, bool *has, int64_t *out)
{
	/* of a list of values it is their number */
	struct policy_rule n = *r;
	union any_value v;

	if (!meta_ok(text->m))
		return !meta_poisoned(text->m);
	if (r->end == AT_VALUE && r->field->type == TYPE_LIST)
		n.end = AT_ITEMS;
	if (!read_value(c, f, &n, key, text, &v))
		return false;
	*has = policy_order(policy_type(&n), &v, out);
	if (*has)
		return true;
	diag_help(&f->diags,
		  config_report(f, POLICY_CONDITION, spec_key_span(&f->spec, text->m),
				"'%s' wants a value that has an order, and '" SV_FMT "' is %s", key, SV_ARG(r->path),
				types[policy_type(r)].wants),
		  "compare it with equals, one_of, none_of, matches or not_matches");
	return false;
}

static bool read_values(struct configs *c, struct config_file *f, const struct policy_rule *r, const char *key,
			const struct v_text_list *list, struct sv **out, uint32_t *n)
{
	bool ok = !meta_poisoned(list->m);

	*out = NEW(&c->a, struct sv, list->n + 1);
	for (uint32_t i = 0; i < list->n; i++) {
		if (read_equal(c, f, r, key, &list->v[i], &(*out)[*n]))
			++*n;
		else
			ok = false;
	}
	return ok;
}

/* --- patterns --- */

static bool read_pattern(struct config_file *f, const struct v_text *text, struct policy_pattern **out)
{
	PCRE2_UCHAR why[128];
	PCRE2_SIZE off;
	pcre2_code *code;
	int e;

	if (!meta_ok(text->m))
		return !meta_poisoned(text->m);
	code = pcre2_compile((PCRE2_SPTR)text->v.p, text->v.n, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &e, &off, NULL);
	if (!code) {
		pcre2_get_error_message(e, why, sizeof(why));
		config_report(f, POLICY_PATTERN, spec_span(&f->spec, text->m),
			      "'" SV_FMT "' is no pattern: %s, at its character %zu", SV_ARG(text->v), (const char *)why,
			      (size_t)off + 1);
		return false;
	}
	*out = xmalloc(sizeof(**out));
	(*out)->code = code;
	return true;
}

void policy_pattern_free(struct policy_pattern *p)
{
	if (!p)
		return;
	pcre2_code_free(p->code);
	free(p);
}

bool policy_matches(const struct policy_pattern *p, struct sv text, bool *gave_up)
{
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int rc;

	if (!limits || !data)
		bug_no_memory();
	pcre2_set_match_limit(limits, MATCH_LIMIT);
	pcre2_set_depth_limit(limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(limits, HEAP_KIB);
	rc = pcre2_match(p->code, (PCRE2_SPTR)text.p, text.n, 0, 0, data, limits);
	pcre2_match_data_free(data);
	pcre2_match_context_free(limits);
	*gave_up = rc < 0 && rc != PCRE2_ERROR_NOMATCH;
	return rc >= 0;
}

/* --- all conditions of a rule --- */

static bool has_condition(const struct spec_policy_rule *s)
{
	return s->required.m.state != META_ABSENT || s->equals.m.state != META_ABSENT || s->at_least.m.state != META_ABSENT ||
	       s->at_most.m.state != META_ABSENT || s->one_of.m.state != META_ABSENT || s->none_of.m.state != META_ABSENT ||
	       s->matches.m.state != META_ABSENT || s->not_matches.m.state != META_ABSENT;
}

bool policy_read_conditions(struct configs *c, struct config_file *f, struct policy_rule *r)
{
	const struct spec_policy_rule *s = r->spec;
	bool ok = !meta_poisoned(s->required.m) && !meta_poisoned(s->equals.m);

	if (!has_condition(s)) {
		diag_help(&f->diags,
			  config_report(f, POLICY_CONDITION, r->key, "rule '%s' has no condition", r->rule.info.code),
			  "add one of required, equals, at_least, at_most, one_of, none_of, matches and not_matches");
		return false;
	}
	r->required = meta_ok(s->required.m) && s->required.v;
	if (meta_ok(s->equals.m))
		ok = read_equal(c, f, r, "equals", &s->equals, &r->equals) && ok;
	ok = read_bound(c, f, r, "at_least", &s->at_least, &r->has_least, &r->least) && ok;
	ok = read_bound(c, f, r, "at_most", &s->at_most, &r->has_most, &r->most) && ok;
	ok = read_values(c, f, r, "one_of", &s->one_of, &r->one_of, &r->n_one_of) && ok;
	ok = read_values(c, f, r, "none_of", &s->none_of, &r->none_of, &r->n_none_of) && ok;
	ok = read_pattern(f, &s->matches, &r->matches) && ok;
	ok = read_pattern(f, &s->not_matches, &r->not_matches) && ok;
	return ok;
}

static void list(struct buf *out, const char **sep, const char *what, const struct v_text_list *l)
{
	if (l->n == 0)
		return;
	buf_fmt(out, "%s%s ", *sep, what);
	*sep = "; ";
	for (uint32_t i = 0; i < l->n; i++)
		buf_fmt(out, "%s" SV_FMT, i ? ", " : "", SV_ARG(l->v[i].v));
}

void policy_allows(struct buf *out, const struct policy_rule *r)
{
	const struct spec_policy_rule *s = r->spec;
	const char *sep = "";
	const struct {
		const char *what;
		const struct v_text *text;
	} terms[] = { { "only", &s->equals }, { "at least", &s->at_least }, { "at most", &s->at_most },
		      { "what matches", &s->matches }, { "what does not match", &s->not_matches } };

	for (size_t i = 0; i < COUNTOF(terms); i++)
		if (meta_ok(terms[i].text->m)) {
			buf_fmt(out, "%s%s " SV_FMT, sep, terms[i].what, SV_ARG(terms[i].text->v));
			sep = "; ";
		}
	list(out, &sep, "one of", &s->one_of);
	list(out, &sep, "anything but", &s->none_of);
	if (r->required)
		buf_fmt(out, "%sany value, but it must be written", sep);
}
