/* Texts with a form: names, paths, URLs and the like. */
#include "schema/types_internal.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "schema/spec.h"

bool parse_text(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_text *out = value;

	out->v = in->text;
	/* Bytes bound code points from above: count only when it can matter. */
	if (in->max && in->text.n > (size_t)in->max && utf8_count(in->text) > (size_t)in->max) {
		e->wants = sv_fmt(in->a, "at most %lld characters", (long long)in->max);
		e->found = sv_fmt(in->a, "%zu", utf8_count(in->text));
		return false;
	}
	return true;
}

/* A name Windows keeps for devices, with or without a suffix: CON, NUL.txt, COM1 ... */
static bool is_device(struct sv s)
{
	static const struct sv fixed[] = { SV_INIT("con"), SV_INIT("prn"), SV_INIT("aux"), SV_INIT("nul"),
					   SV_INIT("conin$"), SV_INIT("conout$") };
	ptrdiff_t dot = sv_find(s, '.');
	struct sv stem = dot < 0 ? s : sv_sub(s, 0, (size_t)dot);

	if (stem.n < 3 || stem.n > 7 || !memchr("acnplACNPL", stem.p[0], 10))
		return false;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
		if (stem.n == fixed[i].n && sv_eq_nocase(stem, fixed[i]))
			return true;
	return stem.n == 4 && ch_is_digit(stem.p[3]) &&
	       (sv_eq_nocase(sv_sub(stem, 0, 3), SV("com")) || sv_eq_nocase(sv_sub(stem, 0, 3), SV("lpt")));
}

static bool name_ok(struct sv s, bool dots)
{
	if (s.n == 0 || s.n > 63 || !ch_is_alpha(s.p[0]) || !ch_is_alnum(s.p[s.n - 1]) || is_device(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ch_is_alnum(s.p[i]) && s.p[i] != '-' && !(dots && s.p[i] == '.'))
			return false;
	return true;
}

bool type_is_name(struct sv s) { return name_ok(s, false); }

/* Blanks and underscores as hyphens: what other tools allow in a name. */
static void name_fix(const struct type_in *in, bool dots, struct type_error *e)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < in->text.n; i++) {
		char c = in->text.p[i];

		buf_ch(&b, c == '_' || c == ' ' || (c == '.' && !dots) ? '-' : c);
	}
	if (name_ok(buf_view(&b), dots)) {
		e->fix = buf_take(&b, in->a);
		e->safe = false;
	}
	buf_release(&b);
}

static bool name_refused(const struct type_in *in, bool dots, struct type_error *e)
{
	struct sv t = in->text;

	if (t.n == 0)
		return type_found(in, e, ", which is empty");
	if (!ch_is_alpha(t.p[0])) {
		struct sv c = type_char_at(in, 0);

		return type_found(in, e, ", which starts with %.*s", SV_ARG(c));
	}
	for (size_t i = 0; i < t.n; i++)
		if (!ch_is_alnum(t.p[i]) && t.p[i] != '-' && !(dots && t.p[i] == '.')) {
			struct sv c = type_char_at(in, i);

			type_found(in, e, ", which holds %.*s", SV_ARG(c));
			name_fix(in, dots, e);
			return false;
		}
	if (t.n > 63)
		return type_found(in, e, ", which has %zu characters", t.n);
	if (is_device(t))
		return type_found(in, e, ", which Windows keeps for a device");
	return type_found(in, e, ", which ends with '%c'", t.p[t.n - 1]);
}

bool parse_lab_name(const struct type_in *in, void *value, struct type_error *e)
{
	((struct v_text *)value)->v = in->text;
	return name_ok(in->text, false) || name_refused(in, false, e);
}

bool parse_image_name(const struct type_in *in, void *value, struct type_error *e)
{
	((struct v_text *)value)->v = in->text;
	return name_ok(in->text, true) || name_refused(in, true, e);
}

bool parse_user(const struct type_in *in, void *value, struct type_error *e)
{
	struct sv t = in->text;

	((struct v_text *)value)->v = t;
	if (t.n == 0)
		return type_found(in, e, ", which is empty");
	if (!ch_is_alpha(t.p[0]) && t.p[0] != '_') {
		struct sv c = type_char_at(in, 0);

		return type_found(in, e, ", which starts with %.*s", SV_ARG(c));
	}
	for (size_t i = 0; i < t.n; i++)
		if (!ch_is_alnum(t.p[i]) && !memchr("._-", t.p[i], 3)) {
			struct sv c = type_char_at(in, i);

			return type_found(in, e, ", which holds %.*s", SV_ARG(c));
		}
	return true;
}

/* --- Windows paths --- */

static bool path_component(const struct type_in *in, struct sv c, struct type_error *e)
{
	if (sv_eq(c, SV("..")) || sv_eq(c, SV("."))) {
		type_help(in, e, "write the path without '.' and '..' parts");
		return type_found(in, e, ", which has a '%.*s' part", SV_ARG(c));
	}
	for (size_t i = 0; i < c.n; i++)
		if (!ch_is_alnum(c.p[i]) && (memchr("<>:\"|?*", c.p[i], 7) || (unsigned char)c.p[i] < ' '))
			return type_found(in, e, ", whose '%c' no Windows name can hold",
					  c.p[i] < ' ' ? '?' : c.p[i]);
	if (is_device(c))
		return type_found(in, e, ", whose '%.*s' Windows keeps for a device", SV_ARG(c));
	if (c.p[c.n - 1] == '.' || c.p[c.n - 1] == ' ')
		return type_found(in, e, ", whose part '%.*s' ends with %s, which Windows drops", SV_ARG(c),
				  c.p[c.n - 1] == '.' ? "a point" : "a blank");
	return true;
}

/* The offset behind `X:\` or `\\server\`; 0 when the text starts with neither. */
static size_t path_root(struct sv t)
{
	if (t.n >= 3 && ch_is_alpha(t.p[0]) && t.p[1] == ':' && t.p[2] == '\\')
		return 3;
	if (t.n >= 5 && t.p[0] == '\\' && t.p[1] == '\\' && t.p[2] != '\\') {
		ptrdiff_t end = sv_find(sv_sub(t, 2, t.n), '\\');

		return end > 0 && (size_t)end + 3 < t.n ? 2 : 0;
	}
	return 0;
}

/* The path with backslashes alone, single ones behind the root. */
static struct sv path_spelled(const struct type_in *in)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < in->text.n; i++) {
		char c = in->text.p[i] == '/' ? '\\' : in->text.p[i];

		if (c != '\\' || b.n < 2 || b.p[b.n - 1] != '\\')
			buf_ch(&b, c);
	}
	struct sv s = buf_take(&b, in->a);
	buf_release(&b);
	return s;
}

static bool path_refused(const struct type_in *in, struct type_error *e)
{
	struct sv t = in->text;
	struct sv fixed = path_spelled(in);

	if (sv_find(t, '/') >= 0 && path_root(fixed) && sv_search(t, SV("://")) < 0) {
		struct type_error inner = { 0 };
		struct type_in again = *in;
		struct v_text ignored;

		again.text = fixed;
		type_found(in, e, " with slashes");
		if (parse_path(&again, &ignored, &inner))
			type_fix(in, e, true, "%.*s", SV_ARG(fixed));
		return false;
	}
	if (t.n >= 2 && ch_is_alpha(t.p[0]) && t.p[1] == ':')
		return type_found(in, e, ", which has no '\\' behind the drive");
	if (t.n && (t.p[0] == '/' || t.p[0] == '~'))
		return type_found(in, e, ", which is no path of Windows");
	if (sv_find(t, '\\') >= 0)
		return type_found(in, e, ", which does not start at a drive or a server");
	return false;
}

bool parse_path(const struct type_in *in, void *value, struct type_error *e)
{
	struct sv t = in->text;
	size_t i = path_root(t);

	((struct v_text *)value)->v = t;
	if (i == 0 || sv_find(t, '/') >= 0)
		return path_refused(in, e);
	while (i < t.n) {
		ptrdiff_t end = sv_find(sv_sub(t, i, t.n), '\\');
		size_t n = end < 0 ? t.n - i : (size_t)end;

		if (n == 0) {
			struct sv fixed = path_spelled(in);

			type_found(in, e, " with doubled backslashes");
			return type_fix(in, e, true, "%.*s", SV_ARG(fixed));
		}
		if (!path_component(in, sv_sub(t, i, n), e))
			return false;
		i += n + 1;
	}
	return true;
}

/* --- URLs and what may be one --- */

bool parse_url(const struct type_in *in, void *value, struct type_error *e)
{
	struct sv t = in->text;
	ptrdiff_t scheme = sv_search(t, SV("://"));

	((struct v_text *)value)->v = t;
	if (pattern_matches(in->patterns, PATTERN_URL, t))
		return true;
	if (scheme > 0 && !sv_eq_nocase(sv_sub(t, 0, (size_t)scheme), SV("http")) &&
	    !sv_eq_nocase(sv_sub(t, 0, (size_t)scheme), SV("https")))
		return type_found(in, e, ", whose scheme is '%.*s'", scheme > 20 ? 20 : (int)scheme, t.p);
	for (size_t i = 0; i < t.n; i++)
		if ((unsigned char)t.p[i] <= ' ') {
			type_help(in, e, "write a blank as %%20");
			return type_found(in, e, ", which holds %s",
					  t.p[i] == ' ' ? "a blank" : "a line break or tab");
		}
	if (scheme > 0)
		return type_found(in, e, ", which names no server");
	return false;
}

bool parse_source(const struct type_in *in, void *value, struct type_error *e)
{
	if (sv_search(in->text, SV("://")) > 0) {
		if (parse_url(in, value, e))
			return true;
		if (e->found.n == 0)
			e->wants = SV("a URL with http or https");
		return false;
	}
	return parse_path(in, value, e);
}

bool parse_image_ref(const struct type_in *in, void *value, struct type_error *e)
{
	struct sv t = in->text;

	if (sv_search(t, SV("://")) > 0 || sv_find(t, '\\') >= 0 || sv_find(t, '/') >= 0 ||
	    sv_find(t, ':') >= 0)
		return parse_source(in, value, e);
	return parse_image_name(in, value, e);
}

bool parse_sha256(const struct type_in *in, void *value, struct type_error *e)
{
	struct sv t = in->text;
	size_t hex = 0;

	((struct v_text *)value)->v = t;
	for (size_t i = 0; i < t.n; i++)
		hex += ch_is_digit(t.p[i]) || (ch_lower(t.p[i]) >= 'a' && ch_lower(t.p[i]) <= 'f');
	if (t.n == 64 && hex == 64)
		return true;
	if (t.n == 71 && sv_eq_nocase(sv_sub(t, 0, 7), SV("sha256:"))) {
		type_found(in, e, " with its method before it");
		return type_fix(in, e, true, "%.*s", (int)64, t.p + 7);
	}
	if (t.n && hex == t.n)
		e->found = sv_fmt(in->a, "%zu digits", t.n);
	return false;
}

bool parse_email(const struct type_in *in, void *value, struct type_error *e)
{
	((struct v_text *)value)->v = in->text;
	if (pattern_matches(in->patterns, PATTERN_EMAIL, in->text))
		return true;
	if (sv_find(in->text, '@') < 0)
		return type_found(in, e, " without '@'");
	return false;
}

/* Which names are zones is the catalogue's knowledge; here it is a text of one line. */
bool parse_zone(const struct type_in *in, void *value, struct type_error *e)
{
	((struct v_text *)value)->v = in->text;
	if (in->text.n == 0)
		return type_found(in, e, ", which is empty");
	return sv_find(in->text, '\n') < 0 || type_found(in, e, ", which has several lines");
}

bool parse_locale(const struct type_in *in, void *value, struct type_error *e)
{
	struct sv t = in->text;

	((struct v_text *)value)->v = t;
	if (pattern_matches(in->patterns, PATTERN_LOCALE, t))
		return true;
	if (t.n == 5 && (t.p[2] == '_' || t.p[2] == '-') && ch_is_alpha(t.p[0]) && ch_is_alpha(t.p[1]) &&
	    ch_is_alpha(t.p[3]) && ch_is_alpha(t.p[4])) {
		char fix[] = { ch_lower(t.p[0]),
			       ch_lower(t.p[1]),
			       '-',
			       (char)(ch_lower(t.p[3]) - 32),
			       (char)(ch_lower(t.p[4]) - 32),
			       '\0' };

		return type_fix(in, e, true, "%s", fix);
	}
	return false;
}

bool parse_currency(const struct type_in *in, void *value, struct type_error *e)
{
	struct sv t = in->text;

	((struct v_text *)value)->v = t;
	if (t.n == 3 && ch_is_upper(t.p[0]) && ch_is_upper(t.p[1]) && ch_is_upper(t.p[2]))
		return true;
	if (t.n == 3 && ch_is_alpha(t.p[0]) && ch_is_alpha(t.p[1]) && ch_is_alpha(t.p[2])) {
		char fix[4] = { 0 };

		for (size_t i = 0; i < 3; i++)
			fix[i] = (char)(ch_lower(t.p[i]) - 32);
		type_fix(in, e, true, "%s", fix);
	}
	return false;
}

bool parse_resource_id(const struct type_in *in, void *value, struct type_error *e)
{
	((struct v_text *)value)->v = in->text;
	if (pattern_matches(in->patterns, PATTERN_RESOURCE_ID, in->text))
		return true;
	if (in->text.n && in->text.p[0] != '/')
		return type_found(in, e, ", which does not start with '/subscriptions/'");
	return false;
}

bool parse_file(const struct type_in *in, void *value, struct type_error *e)
{
	((struct v_text *)value)->v = in->text;
	if (in->text.n == 0)
		return type_found(in, e, ", which is empty");
	return true;
}
