#include "cli/data.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "yaml/ydoc.h"

static const struct diag_info bad_data = {
	"T502", SEV_ERROR, "data-not-read", "the data of a template cannot be read",
	"Templates get their values from one map; without it there is nothing to render.", "SPEC.md#templates", NULL, NULL,
};

/* --- JSON --- */

static struct ct_value from_json(struct arena *a, const json_t *j)
{
	struct ct_value v;
	const char *key;
	json_t *item;
	size_t i;

	switch (json_typeof(j)) {
	case JSON_OBJECT:
		v = ct_dict_new(a, json_object_size(j));
		json_object_foreach((json_t *)(uintptr_t)j, key, item)
			ct_dict_set(a, &v, sv_dup(a, sv_from(key)), from_json(a, item));
		return v;
	case JSON_ARRAY:
		v = ct_list_new(a, json_array_size(j));
		json_array_foreach(j, i, item)
			ct_list_add(a, &v, from_json(a, item));
		return v;
	case JSON_STRING: return ct_text(sv_dup(a, (struct sv){ json_string_value(j), json_string_length(j) }));
	case JSON_INTEGER: return ct_int(json_integer_value(j));
	case JSON_REAL: return ct_double(json_real_value(j));
	case JSON_TRUE: return ct_bool(true);
	case JSON_FALSE: return ct_bool(false);
	default: return ct_none();
	}
}

static bool read_json(struct ct_value *out, struct arena *a, struct diags *diags, uint32_t src, struct sv text)
{
	json_error_t e;
	json_t *j = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &e);

	if (!j) {
		uint32_t at = e.position > 0 && (size_t)e.position <= text.n ? (uint32_t)e.position - 1 : 0;

		diag_at(diags, &bad_data, (struct span){ src, at, 1 }, "not JSON: %s", e.text);
		return false;
	}
	*out = from_json(a, j);
	json_decref(j);
	return true;
}

/* --- YAML, core schema --- */

static bool is_word(struct sv t, const char *a, const char *b, const char *c)
{
	return sv_eq(t, sv_from(a)) || sv_eq(t, sv_from(b)) || sv_eq(t, sv_from(c));
}

static struct ct_value from_scalar(const struct ydoc *d, struct arena *a, uint32_t n)
{
	struct sv t = ynode_text(d, n), digits = t;
	char *end;
	double real;
	uint64_t u;

	if (!ynode_is_plain(d, n))
		return ct_text(t);
	if (ynode_is_null(d, n))
		return ct_none();
	if (is_word(t, "true", "True", "TRUE") || is_word(t, "false", "False", "FALSE"))
		return ct_bool(ch_lower(t.p[0]) == 't');
	if (t.p[0] == '-' || t.p[0] == '+')
		digits = sv_sub(t, 1, t.n);
	if (num_u64(digits, &u) && u <= INT64_MAX)
		return ct_int(t.p[0] == '-' ? -(int64_t)u : (int64_t)u);
	if (digits.n && (ch_is_digit(digits.p[0]) || digits.p[0] == '.')) {
		const char *c = sv_cstr(a, t);

		errno = 0;
		real = strtod(c, &end);
		if (!*end && !errno && !strpbrk(c, "xXnN"))
			return ct_double(real);
	}
	return ct_text(t);
}

/* Depth is bounded by the reader's limit on nesting; aliases by its budget. */
static struct ct_value from_node(const struct ydoc *d, struct arena *a, uint32_t n)
{
	struct ct_value v;
	struct ymap_it it;
	struct yentry e;

	n = ynode_resolve(d, n);
	switch (ynode_kind(d, n)) {
	case YNODE_MAP:
		v = ct_dict_new(a, ymap_count(d, n));
		for (it = ymap_iter(d, n); ymap_next(&it, &e);)
			ct_dict_set_at(a, &v, ynode_text(d, e.key), from_node(d, a, e.value), ynode_span(d, e.value));
		return v;
	case YNODE_SEQ:
		v = ct_list_new(a, ynode_get(d, n)->count);
		for (uint32_t i = ynode_first(d, n); i; i = ynode_next(d, i))
			ct_list_add_at(a, &v, from_node(d, a, i), ynode_span(d, ynode_resolve(d, i)));
		return v;
	case YNODE_SCALAR: return from_scalar(d, a, n);
	default: return ct_none();
	}
}

bool data_read(struct ct_value *out, struct arena *a, struct diags *diags, struct sv name, struct sv text)
{
	uint32_t src = sources_add(diags->sources, name, text), before = diags_errors(diags);
	struct ydoc doc;

	if (sv_ends(name, SV(".json")) || sv_starts(sv_trim(text), SV("{"))) {
		if (!read_json(out, a, diags, src, text))
			return false;
	} else {
		if (!ydoc_parse(&doc, a, diags, src, NULL) || diags_errors(diags) > before)
			return false;
		*out = from_node(&doc, a, doc.root);
	}
	if (out->tag == CT_DICT)
		return true;
	diag_at(diags, &bad_data, (struct span){ src, 0, 1 }, "expected a map of names and values at the top");
	return false;
}
