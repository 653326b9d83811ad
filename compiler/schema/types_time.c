/* Durations, times of day and dates. */
#include "schema/types_internal.h"

#include "base/buf.h"
#include "base/num.h"
#include "schema/spec.h"

static int64_t unit_seconds(char c)
{
	return c == 's' ? 1 : c == 'm' ? 60 : c == 'h' ? 3600 : c == 'd' ? 86400 : 0;
}

static bool scaled(struct sv digits, int64_t unit, int64_t *sum)
{
	uint64_t v;
	int64_t part;

	return num_u64(digits, &v) && v <= INT64_MAX && num_mul_i64((int64_t)v, unit, &part) &&
	       num_add_i64(*sum, part, sum);
}

/* ISO 8601: P[nW] or P[nD][T[nH][nM][nS]], parts in order, at least one. */
static bool iso_duration(struct sv t, int64_t *out)
{
	static const struct {
		char c;
		int64_t unit;
		bool time;
	} parts[] = {
		{ 'W', 604800, false }, { 'D', 86400, false }, { 'H', 3600, true },
		{ 'M', 60, true },      { 'S', 1, true },
	};
	size_t i = 1, k = 0, n_parts = 0;
	bool in_time = false;

	*out = 0;
	while (i < t.n) {
		if (t.p[i] == 'T' && !in_time) {
			in_time = true;
			i++;
			if (i == t.n)
				return false;
			continue;
		}
		size_t d = type_digits(sv_sub(t, i, t.n));
		if (d == 0 || i + d == t.n)
			return false;
		while (k < 5 && !(parts[k].c == t.p[i + d] && parts[k].time == in_time))
			k++;
		if (k == 5 || !scaled(sv_sub(t, i, d), parts[k].unit, out))
			return false;
		k++;
		n_parts++;
		i += d + 1;
	}
	return n_parts > 0;
}

/* "15 min", "2 hours", "1h30m": what was meant is clear; the fix spells it in one unit. */
static void loose_duration(const struct type_in *in, struct type_error *e)
{
	struct sv t = in->text;
	int64_t sum = 0;
	size_t i = 0;

	while (i < t.n) {
		size_t d = type_digits(sv_sub(t, i, t.n)), w;
		size_t from = i;

		for (i += d; i < t.n && t.p[i] == ' '; i++)
			;
		w = i;
		while (i < t.n && ch_is_alpha(t.p[i]))
			i++;
		char unit = i > w ? ch_lower(t.p[w]) : 0;
		struct sv word = sv_sub(t, w, i - w);
		bool known = word.n == 1 || sv_eq_nocase(word, SV("min")) || sv_eq_nocase(word, SV("mins")) ||
			     sv_eq_nocase(word, SV("minutes")) || sv_eq_nocase(word, SV("minute")) ||
			     sv_eq_nocase(word, SV("sec")) || sv_eq_nocase(word, SV("seconds")) ||
			     sv_eq_nocase(word, SV("hour")) || sv_eq_nocase(word, SV("hours")) ||
			     sv_eq_nocase(word, SV("day")) || sv_eq_nocase(word, SV("days"));

		if (d == 0 || !known || !unit_seconds(unit) ||
		    !scaled(sv_sub(t, from, d), unit_seconds(unit), &sum))
			return;
		while (i < t.n && t.p[i] == ' ')
			i++;
	}
	static const char names[] = "dhms";
	for (size_t k = 0; k < 4; k++)
		if (sum > 0 && sum % unit_seconds(names[k]) == 0) {
			type_fix(in, e, true, "%lld%c", (long long)(sum / unit_seconds(names[k])), names[k]);
			return;
		}
}

bool parse_duration(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_duration *out = value;
	struct sv t = in->text;
	size_t n = type_digits(t);
	int64_t sum = 0;

	out->off = false;
	if (n && n + 1 == t.n && unit_seconds(t.p[n])) {
		if (scaled(sv_sub(t, 0, n), unit_seconds(t.p[n]), &sum)) {
			out->v = sum;
			return true;
		}
		return type_found(in, e, ", which is out of range");
	}
	if (t.n && t.p[0] == 'P' && iso_duration(t, &out->v))
		return true;
	if (type_foreign_digit(in, e))
		return false;
	if (n && n == t.n) {
		type_found(in, e, " without a unit");
		return type_help(in, e, "which unit? '%.*ss', '%.*sm' or '%.*sh'", SV_ARG(t), SV_ARG(t),
				 SV_ARG(t));
	}
	if (n)
		loose_duration(in, e);
	return false;
}

static bool is_off(const struct type_in *in, struct type_error *e, bool *off)
{
	static const char *const words[] = { "off", "no", "false", "never", "none", "disabled", "0" };

	*off = sv_eq(in->text, SV("off"));
	for (size_t i = 1; i < sizeof(words) / sizeof(*words); i++)
		if (sv_eq_nocase(in->text, sv_from(words[i])) || sv_eq_nocase(in->text, SV("off"))) {
			type_help(in, e, "here it is 'off'");
			type_fix(in, e, true, "off");
			return true;
		}
	return *off;
}

bool parse_duration_off(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_duration *out = value;
	bool off;

	if (is_off(in, e, &off)) {
		*e = off ? (struct type_error) { 0 } : *e;
		out->off = off;
		out->v = 0;
		return off;
	}
	return parse_duration(in, value, e);
}

static unsigned two(const char *p)
{
	return (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
}

bool parse_time(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_time *out = value;
	struct sv t = in->text;
	size_t h = type_digits(t);
	size_t m = h < t.n && t.p[h] == ':' ? type_digits(sv_sub(t, h + 1, t.n)) : 0;

	out->off = false;
	if (h == 2 && m == 2 && t.n == 5 && two(t.p) < 24 && two(t.p + 3) < 60) {
		out->v = (uint16_t)(two(t.p) * 60 + two(t.p + 3));
		return true;
	}
	if (type_foreign_digit(in, e))
		return false;
	if (h == 1 && m == 2 && t.n == 4 && two(t.p + 2) < 60) {
		type_found(in, e, " with one digit for the hour");
		return type_fix(in, e, true, "0%.*s", SV_ARG(t));
	}
	if (h == 2 && m == 2 && t.n == 8 && two(t.p) < 24 && two(t.p + 3) < 60 && t.p[5] == ':' &&
	    t.p[6] == '0' && t.p[7] == '0') {
		type_found(in, e, " with seconds");
		return type_fix(in, e, true, "%.5s", t.p);
	}
	if (h == 2 && m == 2 && t.n == 5) {
		if (two(t.p) >= 24)
			type_help(in, e, "a day has the hours 00 to 23");
		return type_found(in, e, ", which no clock shows");
	}
	return false;
}

bool parse_time_off(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_time *out = value;
	bool off;

	if (is_off(in, e, &off)) {
		*e = off ? (struct type_error) { 0 } : *e;
		out->v = 0;
		out->off = off;
		return off;
	}
	return parse_time(in, value, e);
}

static unsigned month_days(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

bool parse_date(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_date *out = value;
	struct sv t = in->text;
	uint64_t part[3];
	size_t i = 0, n = 0;

	for (; n < 3; n++) {
		size_t d = type_digits(sv_sub(t, i, t.n));

		if (d == 0 || d > 4 || !num_u64(sv_sub(t, i, d), &part[n]))
			break;
		i += d;
		if (n < 2 && (i == t.n || t.p[i++] != '-'))
			break;
	}
	if (n < 3 || i != t.n) {
		type_foreign_digit(in, e);
		return false;
	}
	if (part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31)
		return type_found(in, e, ", which is no day of the calendar");
	if (part[2] > month_days((unsigned)part[0], (unsigned)part[1]))
		return type_found(in, e, ", but that month has %u days",
				  month_days((unsigned)part[0], (unsigned)part[1]));
	if (t.n != 10 || t.p[4] != '-') {
		if (part[0] >= 1000)
			type_fix(in, e, true, "%04u-%02u-%02u", (unsigned)part[0], (unsigned)part[1],
				 (unsigned)part[2]);
		return false;
	}
	out->year = (uint16_t)part[0];
	out->month = (uint8_t)part[1];
	out->day = (uint8_t)part[2];
	return true;
}
