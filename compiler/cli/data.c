#include "cli/data.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "rules/registry.h"
#include "yaml/ydoc.h"

static const struct diag_info *bad_data(void)
{
	return registry_find(SV("T504"));
}

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
	json_t *j = json_loadb(text.p, text.n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &e);

	if (!j) {
		uint32_t at = e.position > 0 && (size_t)e.position <= text.n ? (uint32_t)e.position - 1 : 0;

		diag_at(diags, bad_data(), (struct span){ src, at, 1 }, "not JSON: %s", e.text);
		return false;
	}
	*out = from_json(a, j);
	json_decref(j);
	return true;
}

/* --- YAML, core schema --- */

struct reader {
	const struct ydoc *doc;
	struct arena *a;
	struct diags *diags;
};

static bool is_word(struct sv t, const char *a, const char *b, const char *c)
{
	return sv_eq(t, sv_from(a)) || sv_eq(t, sv_from(b)) || sv_eq(t, sv_from(c));
}

/* Digits of a base, and nothing else; *large: a number beyond 64 bits. */
static bool read_digits(struct sv t, unsigned base, uint64_t *out, bool *large)
{
	*out = 0;
	for (size_t i = 0; i < t.n; i++) {
		char c = ch_lower(t.p[i]);
		unsigned digit = ch_is_digit(c) ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;

		if (digit >= base)
			return false;
		*large |= !num_mul_u64(*out, base, out) || !num_add_u64(*out, digit, out);
	}
	return t.n > 0;
}

static bool read_integer(struct reader *r, uint32_t n, struct sv t, struct ct_value *out)
{
	bool minus = t.p[0] == '-', sign = minus || t.p[0] == '+', large = false;
	struct sv digits = sv_sub(t, sign, t.n);
	uint64_t u;
	unsigned base = 10;

	if (!sign && (sv_starts(t, SV("0x")) || sv_starts(t, SV("0o")))) {
		base = t.p[1] == 'x' ? 16 : 8;
		digits = sv_sub(t, 2, t.n);
	}
	if (!read_digits(digits, base, &u, &large))
		return false;
	if (large || u > (uint64_t)INT64_MAX + minus) {
		struct diag *g = diag_at(r->diags, bad_data(), ynode_span(r->doc, n),
					 "the number " SV_FMT " is beyond 64 bits", SV_ARG(t));

		diag_help(r->diags, g, "put it in quotes to keep it as text");
	}
	*out = ct_int(minus ? (int64_t)(0 - u) : (int64_t)u);
	return true;
}

static bool read_real(struct reader *r, struct sv t, struct ct_value *out)
{
	struct sv digits = sv_sub(t, t.p[0] == '-' || t.p[0] == '+', t.n);
	const char *c = sv_cstr(r->a, t);
	char *end;
	double d;

	if (is_word(digits, ".inf", ".Inf", ".INF")) {
		*out = ct_double(t.p[0] == '-' ? -INFINITY : INFINITY);
		return true;
	}
	if (is_word(t, ".nan", ".NaN", ".NAN")) {
		*out = ct_double(NAN);
		return true;
	}
	if (!digits.n || !(ch_is_digit(digits.p[0]) || digits.p[0] == '.') || strpbrk(c, "xXnNpP"))
		return false;
	errno = 0;
	d = strtod(c, &end);
	*out = ct_double(d);
	return !*end && !errno;
}

static struct ct_value from_scalar(struct reader *r, uint32_t n)
{
	struct sv t = ynode_text(r->doc, n);
	struct ct_value v;

	if (!ynode_is_plain(r->doc, n))
		return ct_text(t);
	if (ynode_is_null(r->doc, n))
		return ct_none();
	if (is_word(t, "true", "True", "TRUE") || is_word(t, "false", "False", "FALSE"))
		return ct_bool(ch_lower(t.p[0]) == 't');
	return read_integer(r, n, t, &v) || read_real(r, t, &v) ? v : ct_text(t);
}

/* Depth is bounded by the reader's limit on nesting; aliases by its budget. */
static struct ct_value from_node(struct reader *r, uint32_t n)
{
	const struct ydoc *d = r->doc;
	struct ct_value v;
	struct ymap_it it;
	struct yentry e;

	n = ynode_resolve(d, n);
	switch (ynode_kind(d, n)) {
	case YNODE_MAP:
		v = ct_dict_new(r->a, ymap_count(d, n));
		for (it = ymap_iter(d, n); ymap_next(&it, &e);)
			ct_dict_set_at(r->a, &v, ynode_text(d, e.key), from_node(r, e.value), ynode_span(d, e.value));
		return v;
	case YNODE_SEQ:
		v = ct_list_new(r->a, ynode_get(d, n)->count);
		for (uint32_t i = ynode_first(d, n); i; i = ynode_next(d, i))
			ct_list_add_at(r->a, &v, from_node(r, i), ynode_span(d, ynode_resolve(d, i)));
		return v;
	case YNODE_SCALAR: return from_scalar(r, n);
	default: return ct_none();
	}
}

/* { "key": or {}: what no YAML author writes. */
static bool looks_like_json(struct sv text)
{
	struct sv rest = sv_trim(text);

	if (!sv_starts(rest, SV("{")))
		return false;
	rest = sv_trim(sv_sub(rest, 1, rest.n));
	return sv_starts(rest, SV("\"")) || sv_starts(rest, SV("}"));
}

static bool is_yaml_name(struct sv name)
{
	return sv_ends(name, SV(".yaml")) || sv_ends(name, SV(".yml"));
}

bool data_read(struct ct_value *out, struct arena *a, struct diags *diags, struct sv name, struct sv text)
{
	uint32_t src = sources_add(diags->sources, name, text), before = diags_errors(diags);
	struct ydoc doc;
	struct reader r = { &doc, a, diags };

	if (!sv_trim(text).n) {
		diag_at(diags, bad_data(), (struct span){ src, 0, 0 }, "there are no values: expected a map of names and values");
		return false;
	}
	if (sv_ends(name, SV(".json")) || (!is_yaml_name(name) && looks_like_json(text))) {
		if (!read_json(out, a, diags, src, text))
			return false;
	} else {
		if (!ydoc_parse(&doc, a, diags, src, &(struct ydoc_opts){ .any_root = true }) || diags_errors(diags) > before)
			return false;
		*out = doc.root ? from_node(&r, doc.root) : ct_none();
		if (diags_errors(diags) > before)
			return false;
	}
	if (out->tag == CT_DICT)
		return true;
	diag_at(diags, bad_data(), (struct span){ src, 0, 1 }, "expected a map of names and values at the top");
	return false;
}
