#include "ctemplate/lang.h"

#include <math.h>
#include <string.h>

#include "base/map.h"
#include "base/utf8.h"
#include "ctemplate/codes.h"
#include "ctemplate/value.h"

/* Values as PowerShell: complete literals, the inside of '...', of a comment, of ${...}. ASCII only. */

void rule_ps_single_quoted(struct buf *out, struct sv s)
{
	for (size_t i = 0; i < s.n;) {
		size_t from = i, n;
		uint32_t cp;

		while (i < s.n && s.p[i] != '\'' && (uint8_t)s.p[i] < 0x80)
			i++;
		buf_add(out, s.p + from, i - from);
		if (i == s.n)
			return;
		n = utf8_decode(s, i, &cp, NULL);
		if (cp == '\'' || (cp >= 0x2018 && cp <= 0x201b))
			buf_add(out, s.p + i, n);
		buf_add(out, s.p + i, n);
		i += n;
	}
}

void rule_ps_block_comment(struct buf *out, struct sv s)
{
	for (size_t i = 0; i < s.n; i++) {
		bool opens = s.p[i] == '<' && i + 1 < s.n && s.p[i + 1] == '#';

		buf_ch(out, s.p[i]);
		if (opens || (s.p[i] == '#' && i + 1 < s.n && s.p[i + 1] == '>'))
			buf_ch(out, '`');
	}
}

void rule_ps_format(struct buf *out, struct sv s)
{
	for (size_t i = 0; i < s.n; i++) {
		buf_ch(out, s.p[i]);
		if (s.p[i] == '{' || s.p[i] == '}')
			buf_ch(out, s.p[i]);
	}
}

void rule_ps_braced_variable(struct buf *out, struct sv s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '`' || s.p[i] == '{' || s.p[i] == '}')
			buf_ch(out, '`');
		buf_ch(out, s.p[i]);
	}
}

static void put_u16(struct buf *out, uint32_t u)
{
	buf_fmt(out, "\\u%04x", (unsigned)u);
}

void rule_ps_literal(struct buf *out, struct sv s, bool wrapped)
{
	if (utf8_is_printable_ascii(s)) {
		buf_ch(out, '\'');
		if (sv_find(s, '\'') < 0)
			buf_sv(out, s);
		else
			rule_ps_single_quoted(out, s);
		buf_ch(out, '\'');
		return;
	}
	buf_str(out, wrapped ? "([regex]::Unescape('" : "[regex]::Unescape('");
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;

		i += utf8_decode(s, i, &cp, NULL);
		if (cp == '\\')
			buf_str(out, "\\\\");
		else if (cp == '\'')
			buf_str(out, "''");
		else if (cp >= ' ' && cp <= '~')
			buf_ch(out, (char)cp);
		else if (cp < 0x10000)
			put_u16(out, cp);
		else {
			put_u16(out, 0xd800 + ((cp - 0x10000) >> 10));
			put_u16(out, 0xdc00 + ((cp - 0x10000) & 0x3ff));
		}
	}
	buf_str(out, wrapped ? "'))" : "')");
}

static bool ps_value(struct escape *e, struct ct_value v, bool wrapped);

static bool ps_list(struct escape *e, struct ct_value v)
{
	const struct ct_list *l = v.u.list;

	/* @() around one array gives that array back: a comma keeps the nesting */
	buf_str(e->out, l->n == 1 && l->v[0].tag == CT_LIST ? "@(, " : "@(");
	for (uint32_t i = 0; i < l->n; i++) {
		if (i)
			buf_str(e->out, ", ");
		if (!ps_value(e, l->v[i], false))
			return false;
	}
	buf_ch(e->out, ')');
	return true;
}

/* Keys of a hash table do not differ by case. Small dicts are compared pair by pair, without allocating. */
static bool ps_keys(struct escape *e, const struct ct_dict *d)
{
	struct arena tmp;
	struct map seen;
	bool ok = true;

	arena_init(&tmp, 0);
	map_init(&seen, &tmp, true);
	for (uint32_t i = 0; i < d->n && ok; i++) {
		struct sv k = value_sv(value_key(d, i));

		if (value_key(d, i).tag != CT_TEXT)
			continue;
		if (d->n > 16)
			ok = !map_add(&seen, k, e);
		for (uint32_t j = 0; j < i && ok && d->n <= 16; j++)
			ok = value_key(d, j).tag != CT_TEXT || !sv_eq_nocase(k, value_sv(value_key(d, j)));
		if (!ok)
			escape_fail(e, CT_CODE(T307), "the keys of a hash table differ only in case: '" SV_FMT "'",
				    SV_ARG(k));
	}
	arena_release(&tmp);
	return ok;
}

static bool ps_dict(struct escape *e, struct ct_value v)
{
	const struct ct_dict *d = v.u.dict;

	if (!ps_keys(e, d))
		return false;
	buf_str(e->out, d->n ? "@{ " : "@{");
	for (uint32_t i = 0; i < d->n; i++) {
		if (i)
			buf_str(e->out, "; ");
		if (!ps_value(e, value_key(d, i), true))
			return false;
		buf_str(e->out, " = ");
		if (!ps_value(e, d->v[i].value, false))
			return false;
	}
	buf_str(e->out, d->n ? " }" : "}");
	return true;
}

static bool ps_value(struct escape *e, struct ct_value v, bool wrapped)
{
	bool ok;

	switch (v.tag) {
	case CT_NONE:
		buf_str(e->out, "$null");
		return true;
	case CT_BOOL:
		buf_str(e->out, v.u.b ? "$true" : "$false");
		return true;
	case CT_INT:
		buf_i64(e->out, v.u.i);
		return true;
	case CT_DOUBLE:
		if (!isfinite(v.u.d))
			return escape_fail(e, CT_CODE(T306), "a number that is not finite cannot be written");
		value_put_double(e->out, v.u.d);
		return true;
	case CT_TEXT:
		if (!escape_check(e, value_sv(v)))
			return false;
		rule_ps_literal(e->out, value_sv(v), wrapped);
		return true;
	case CT_LIST:
	case CT_DICT:
		if (++e->values > 1000000 || e->out->n > ESCAPE_MAX)
			return escape_fail(e, CT_CODE(T410), "the value is too long");
		if (e->depth >= 32)
			return escape_fail(e, CT_CODE(T307), "the value nests deeper than 32 levels");
		e->depth++;
		ok = v.tag == CT_LIST ? ps_list(e, v) : ps_dict(e, v);
		e->depth--;
		return ok;
	default:
		return escape_fail(e, CT_CODE(T307), "%s cannot be written as a PowerShell value",
				   value_kind(v));
	}
}

bool escape_ps(struct escape *e, struct ct_value v)
{
	return ps_value(e, v, false);
}
bool escape_ps_arg(struct escape *e, struct ct_value v)
{
	return ps_value(e, v, true);
}

bool escape_ps_number(struct escape *e, struct ct_value v)
{
	if (v.tag != CT_INT)
		return escape_fail(e, CT_CODE(T307),
				   "only a whole number can touch the text beside it, this is %s",
				   value_kind(v));
	buf_i64(e->out, v.u.i);
	return true;
}

bool escape_ps_ident(struct escape *e, struct ct_value v)
{
	struct sv s = v.tag == CT_TEXT ? value_sv(v) : SV("");
	bool ok = s.n > 0 && s.n <= 128;

	for (size_t i = 0; i < s.n && ok; i++)
		ok = ch_is_word((uint8_t)s.p[i]);
	if (!ok)
		return escape_fail(e, CT_CODE(T307),
				   "expected a name of letters, digits and '_', found %s%s" SV_FMT "%s",
				   v.tag == CT_TEXT ? "" : value_kind(v), v.tag == CT_TEXT ? "'" : "",
				   SV_ARG(s), v.tag == CT_TEXT ? "'" : "");
	buf_sv(e->out, s);
	return true;
}

/* The text of a value in a place that holds text. */
static bool plain_text(struct escape *e, struct ct_value v, struct sv *s)
{
	return escape_text(e, v, "inside text", s) && escape_check(e, *s);
}

bool escape_ps_sq(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!plain_text(e, v, &s))
		return false;
	if (!utf8_is_printable_ascii(s))
		return escape_fail(
		    e, CT_CODE(T308),
		    "only printable ASCII can stand inside '...': write the value without quotes");
	rule_ps_single_quoted(e->out, s);
	return true;
}

/* Comments are for people: what cannot be shown in ASCII becomes '?', line ends become blanks. */
static char comment_char(struct sv s, size_t *i)
{
	uint32_t cp;

	*i += utf8_decode(s, *i, &cp, NULL);
	return cp == '\n' || cp == '\t' ? ' ' : cp > '~' ? '?' : (char)cp;
}

bool escape_ps_line(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!plain_text(e, v, &s))
		return false;
	for (size_t i = 0; i < s.n;) {
		char c = comment_char(s, &i);

		/* no '#': "SIG # Begin signature block" would end the script */
		if (c == '#')
			buf_ch(e->out, '`');
		buf_ch(e->out, c);
	}
	return true;
}

bool escape_ps_help(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!plain_text(e, v, &s))
		return false;
	/* nothing at all would bring a '#' before and a '>' behind the hole together */
	if (!s.n)
		buf_ch(e->out, ' ');
	else if (s.p[0] == '>')
		buf_ch(e->out, '`');
	for (size_t i = 0; i < s.n;) {
		char c = comment_char(s, &i), next = i < s.n ? s.p[i] : '>';

		buf_ch(e->out, c);
		if ((c == '<' && next == '#') || (c == '#' && next == '>'))
			buf_ch(e->out, '`');
	}
	return true;
}

bool escape_ps_var(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!plain_text(e, v, &s))
		return false;
	if (!utf8_is_printable_ascii(s))
		return escape_fail(e, CT_CODE(T308), "only printable ASCII can stand inside ${...}");
	rule_ps_braced_variable(e->out, s);
	return true;
}
