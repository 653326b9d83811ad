/* Integers, booleans, words, sizes and amounts of money. */
#include "schema/types_internal.h"

#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "schema/spec.h"

static bool all_hex(struct sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ch_is_digit(s.p[i]) && !(ch_lower(s.p[i]) >= 'a' && ch_lower(s.p[i]) <= 'f'))
			return false;
	return s.n > 0;
}

/* The value of digits in a base; false when a digit does not belong or it overflows. */
static bool in_base(struct sv s, unsigned base, uint64_t *out)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = ch_lower(s.p[i]);
		unsigned d = ch_is_digit(c)   ? (unsigned)(c - '0')
			     : ch_is_lower(c) ? (unsigned)(c - 'a') + 10
					      : 99;

		if (d >= base || !num_mul_u64(v, base, &v) || !num_add_u64(v, d, &v))
			return false;
	}
	*out = v;
	return s.n > 0;
}

static bool in_range(const struct type_in *in, uint64_t v)
{
	return v <= INT64_MAX && (int64_t)v >= in->min && (int64_t)v <= in->max;
}

/* An integer in the spelling of some other language; the fix is its value. */
static bool other_spelling(const struct type_in *in, struct type_error *e)
{
	struct sv t = in->text;
	struct sv rest = sv_sub(t, 2, t.n);
	char c = t.n > 1 ? ch_lower(t.p[1]) : 0;
	uint64_t v = 0;
	unsigned base = t.p[0] != '0' ? 0 : c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;

	if (base == 16 && !all_hex(rest))
		return false;
	if (base) {
		type_found(in, e, ", which is not decimal");
		if (in_base(rest, base, &v) && in_range(in, v))
			type_fix(in, e, true, "%llu", (unsigned long long)v);
		return true;
	}
	char digits[24];
	size_t n = 0;
	bool underscores = false;
	for (size_t i = 0; i < t.n && n < sizeof(digits); i++) {
		if (ch_is_digit(t.p[i]))
			digits[n++] = t.p[i];
		else if (t.p[i] == '_' && i > 0)
			underscores = true;
		else
			return false;
	}
	if (!underscores)
		return false;
	type_found(in, e, ", whose underscores some readers drop and others keep");
	if (digits[0] != '0' && num_u64((struct sv) { digits, n }, &v) && in_range(in, v))
		type_fix(in, e, true, "%llu", (unsigned long long)v);
	return true;
}

/* 1e3, 2.0, 2.5: numbers, but no integers as written. */
static bool is_float(const struct type_in *in, struct type_error *e)
{
	struct sv t = in->text;
	size_t whole = type_digits(t), i = whole, frac = 0;
	uint64_t v = 0, exp = 0;

	if (i < t.n && t.p[i] == '.') {
		frac = type_digits(sv_sub(t, i + 1, t.n));
		i += 1 + frac;
	}
	if (i < t.n && ch_lower(t.p[i]) == 'e' && whole) {
		if (!num_u64(sv_sub(t, i + 1, t.n), &exp) || exp > 18)
			return false;
		i = t.n;
	}
	if (!whole || i != t.n || i == whole)
		return false;
	type_found(in, e, ", which is a fractional number to YAML");
	bool zeros = true;
	for (size_t k = 0; k < frac; k++)
		zeros &= t.p[whole + 1 + k] == '0';
	if (!zeros || (whole > 1 && t.p[0] == '0') || !num_u64(sv_sub(t, 0, whole), &v))
		return true;
	for (; exp; exp--)
		if (!num_mul_u64(v, 10, &v))
			return true;
	if (in_range(in, v))
		type_fix(in, e, true, "%llu", (unsigned long long)v);
	return true;
}

static void integer_wants(const struct type_in *in, struct type_error *e)
{
	if (in->max != INT64_MAX)
		e->wants = in->min == in->max ? sv_fmt(in->a, "%lld", (long long)in->min)
					      : sv_fmt(in->a, "an integer from %lld to %lld",
						       (long long)in->min, (long long)in->max);
	else if (in->min > 0)
		e->wants = sv_fmt(in->a, "an integer of at least %lld", (long long)in->min);
}

static bool integer_refused(const struct type_in *in, struct type_error *e)
{
	struct sv t = in->text;
	struct sv tail = sv_sub(t, 1, t.n);

	if (type_foreign_digit(in, e) || t.n == 0)
		return false;
	if (type_digits(t) == t.n) {
		if (t.p[0] == '0' && t.n > 1) {
			uint64_t oct = 0, dec = 0;

			if (in_base(t, 8, &oct) && num_u64(t, &dec))
				return type_found(in, e, ", which is %llu to YAML 1.1 and %llu to YAML 1.2",
						  (unsigned long long)oct, (unsigned long long)dec);
			return type_found(in, e, " with a leading zero");
		}
		return type_found(in, e, t.n > 18 ? ", which is out of range" : "");
	}
	if ((t.p[0] == '+' || t.p[0] == '-') && tail.n && type_digits(tail) == tail.n) {
		uint64_t v = 0;

		type_found(in, e, " with a sign");
		if (t.p[0] == '+' && (tail.p[0] != '0' || tail.n == 1) && num_u64(tail, &v) &&
		    in_range(in, v))
			type_fix(in, e, true, "%.*s", SV_ARG(tail));
		return false;
	}
	if (!other_spelling(in, e))
		is_float(in, e);
	return false;
}

bool parse_integer(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_int *out = value;
	uint64_t v;

	if (num_u64(in->text, &v) && (in->text.p[0] != '0' || in->text.n == 1) && in_range(in, v)) {
		out->v = (int64_t)v;
		return true;
	}
	integer_wants(in, e);
	return integer_refused(in, e);
}

bool parse_boolean(const struct type_in *in, void *value, struct type_error *e)
{
	static const char *const yes[] = { "true", "yes", "y", "on", "1", "$true", "enabled" };
	static const char *const no[] = { "false", "no", "n", "off", "0", "$false", "disabled" };
	struct v_bool *out = value;

	if (sv_eq(in->text, SV("true")) || sv_eq(in->text, SV("false"))) {
		out->v = in->text.n == 4;
		return true;
	}
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		if (sv_eq_nocase(in->text, sv_from(yes[i])))
			return type_fix(in, e, true, "true");
		if (sv_eq_nocase(in->text, sv_from(no[i])))
			return type_fix(in, e, true, "false");
	}
	return false;
}

const char *words_nearest(const struct words *w, struct sv text)
{
	const char *best = NULL;
	unsigned best_d = 0, d;

	for (uint32_t i = 0; i < w->n; i++) {
		struct sv s = sv_from(w->v[i].word);

		if (sv_eq_nocase(s, text))
			return w->v[i].word;
		if (sv_is_near(text, s, &d) && (!best || d < best_d)) {
			best = w->v[i].word;
			best_d = d;
		}
	}
	return best;
}

static void enum_wants(const struct type_in *in, struct type_error *e)
{
	const struct words *w = in->words;
	struct buf b = { 0 };

	if (w->noun) {
		e->wants = sv_from(w->noun);
		return;
	}
	if (w->n > 2)
		buf_str(&b, "one of ");
	for (uint32_t i = 0; i < w->n; i++) {
		buf_str(&b, i == 0 ? "" : i + 1 < w->n ? ", " : w->n > 2 ? ", " : " or ");
		buf_str(&b, w->v[i].word);
	}
	e->wants = buf_take(&b, in->a);
	buf_release(&b);
}

/* Every word in one line, for help on the long lists. */
static struct sv all_words(const struct type_in *in)
{
	struct buf b = { 0 };

	for (uint32_t i = 0; i < in->words->n; i++) {
		buf_str(&b, i ? ", " : "");
		buf_str(&b, in->words->v[i].word);
	}
	struct sv all = buf_take(&b, in->a);
	buf_release(&b);
	return all;
}

bool parse_enum(const struct type_in *in, void *value, struct type_error *e)
{
	const struct words *w = in->words;
	struct v_enum *out = value;

	for (uint32_t i = 0; i < w->n; i++)
		if (sv_eq(in->text, sv_from(w->v[i].word))) {
			out->v = (int)i;
			return true;
		}
	enum_wants(in, e);
	for (uint32_t i = 0; i < w->n_aliases; i++) {
		const struct word_alias *a = &w->aliases[i];

		if (!sv_eq_nocase(in->text, sv_from(a->wrong)))
			continue;
		if (a->note)
			type_help(in, e, "%s", a->note);
		else
			type_help(in, e, "here it is '%s'", a->right);
		if (a->right)
			type_fix(in, e, a->note == NULL, "%s", a->right);
		return false;
	}
	const char *near = words_nearest(w, in->text);
	if (near) {
		bool same = sv_eq_nocase(in->text, sv_from(near));

		type_help(in, e, same ? "here it is '%s'" : "did you mean '%s'?", near);
		return type_fix(in, e, same, "%s", near);
	}
	if (w->noun) {
		struct sv all = all_words(in);

		type_help(in, e, "one of %.*s", SV_ARG(all));
	}
	return false;
}

static const struct {
	const char *letters;
	uint64_t bytes;
	const char *unit;
} units[] = {
	{ "k", KIB, "KiB" },
	{ "m", MIB, "MiB" },
	{ "g", GIB, "GiB" },
	{ "t", TIB, "TiB" },
};

/* The unit of a text such as "GiB", "gb" or, when cut is allowed, "G" and "Gi"; -1: none. */
static int unit_of(struct sv u, bool *cut)
{
	*cut = false;
	if (u.n == 0 || u.n > 3)
		return -1;
	bool b = ch_lower(u.p[u.n - 1]) == 'b' && u.n > 1;
	size_t n = u.n - (b ? 1 : 0);
	if (n == 2 && ch_lower(u.p[1]) != 'i')
		return -1;
	if (n > 2)
		return -1;
	*cut = !b;
	for (int i = 0; i < 4; i++)
		if (ch_lower(u.p[0]) == units[i].letters[0])
			return i;
	return -1;
}

/* 4.5 GiB: the same as 4608 MiB, if whole bytes of a smaller unit. */
static bool fraction_size(const struct type_in *in, struct type_error *e, size_t whole)
{
	struct sv t = in->text;
	struct sv frac = sv_sub(t, whole + 1, t.n);
	size_t fn = type_digits(frac), i = whole + 1 + fn;
	uint64_t w, f, den = 1, bytes, part;
	bool cut;

	while (i < t.n && (t.p[i] == ' ' || t.p[i] == '\t'))
		i++;
	int u = unit_of(sv_sub(t, i, t.n), &cut);
	if (fn == 0 || u < 0)
		return false;
	type_found(in, e, ", which is not whole");
	if (fn > 9 || !num_u64(sv_sub(t, 0, whole), &w) || !num_u64(sv_sub(frac, 0, fn), &f))
		return false;
	for (size_t k = 0; k < fn; k++)
		den *= 10;
	if (!num_mul_u64(w, units[u].bytes, &bytes) || !num_mul_u64(f, units[u].bytes, &part))
		return false;
	if (part % den || !num_add_u64(bytes, part / den, &bytes) || bytes % KIB)
		return false;
	struct sv fix = num_size_text(in->a, bytes);
	type_help(in, e, "write '%.*s'", SV_ARG(fix));
	return type_fix(in, e, true, "%.*s", SV_ARG(fix));
}

static bool size_refused(const struct type_in *in, struct type_error *e, size_t n)
{
	struct sv t = in->text;

	if (type_foreign_digit(in, e))
		return false;
	if (n && n == t.n) {
		type_found(in, e, " without a unit");
		if (n > 15)
			return false;
		return type_help(in, e, "which unit? '%.*s MiB' or '%.*s GiB'", SV_ARG(t), SV_ARG(t));
	}
	if (t.n && t.p[0] == '-')
		return type_found(in, e, ", which is negative");
	if (n && t.p[n] == '.')
		return fraction_size(in, e, n);
	return false;
}

bool parse_size(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_size *out = value;
	struct sv t = in->text;
	size_t n = type_digits(t), i = n;
	uint64_t v, bytes;
	bool cut;

	while (i < t.n && (t.p[i] == ' ' || t.p[i] == '\t'))
		i++;
	int u = n ? unit_of(sv_sub(t, i, t.n), &cut) : -1;
	if (u < 0)
		return size_refused(in, e, n);
	if (!num_u64(sv_sub(t, 0, n), &v) || !num_mul_u64(v, units[u].bytes, &bytes) || bytes > INT64_MAX) {
		type_help(in, e, "no machine has that much: fewer digits");
		return type_found(in, e, ", which is out of range");
	}
	if (cut) {
		type_found(in, e, ", whose unit is cut short");
		return type_fix(in, e, true, "%llu %s", (unsigned long long)v, units[u].unit);
	}
	out->v = bytes;
	return true;
}

bool parse_decimal(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_decimal *out = value;
	struct sv t = in->text;
	size_t n = type_digits(t);
	struct sv frac = sv_sub(t, n + 1, t.n);
	uint64_t v, c = 0;

	if (type_foreign_digit(in, e))
		return false;
	if (n == 0 || n > 15 || (n > 1 && t.p[0] == '0'))
		return false;
	if (n < t.n && (t.p[n] != '.' || frac.n == 0 || frac.n > 2 || !num_u64(frac, &c)))
		return type_help(in, e,
				 "digits, and at most two behind a point; the currency stands in 'currency'");
	if (!num_u64(sv_sub(t, 0, n), &v))
		return false;
	out->v = (int64_t)(v * 100 + (frac.n == 1 ? c * 10 : c));
	return true;
}
