#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "ctemplate/value.h"

/* Values as text: Python's spelling, and Jinja's JSON. */

void value_put_double(struct buf *out, double d)
{
	char s[40];
	int n = 0;

	if (isnan(d) || isinf(d)) {
		buf_str(out, isnan(d) ? "nan" : d < 0 ? "-inf" : "inf");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		n = snprintf(s, sizeof(s), "%.*g", digits, d);
		if (strtod(s, NULL) == d)
			break;
	}
	/* C switches to an exponent at the precision, Python at 16 digits */
	if (strchr(s, 'e') && fabs(d) < 1e16 && fabs(d) >= 1)
		n = snprintf(s, sizeof(s), "%.0f", d);
	buf_add(out, s, (size_t)n);
	if (!strpbrk(s, ".e"))
		buf_str(out, ".0");
}

/* Python's repr of a text. */
static void put_quoted(struct buf *out, struct sv s)
{
	char q = sv_find(s, '\'') >= 0 && sv_find(s, '"') < 0 ? '"' : '\'';

	buf_ch(out, q);
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		size_t n = utf8_decode(s, i, &cp, NULL);

		if (cp == '\n')
			buf_str(out, "\\n");
		else if (cp == '\t')
			buf_str(out, "\\t");
		else if (cp == '\r')
			buf_str(out, "\\r");
		else if (cp == (uint32_t)q || cp == '\\')
			buf_fmt(out, "\\%c", (char)cp);
		else if (cp < 0x20 || (cp >= 0x7f && cp <= 0xa0) || cp == 0xad)
			buf_fmt(out, "\\x%02x", (unsigned)cp);
		else if (cp != 0xfffd && utf8_is_unsafe(cp))
			buf_fmt(out, cp < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)cp);
		else
			buf_add(out, s.p + i, n);
		i += n;
	}
	buf_ch(out, q);
}

/* Lists can hold each other many times over: spelling stops at a size and a number of values. */
#define MAX_BYTES (20u << 20)
#define MAX_VALUES 1100000u

struct put {
	struct buf *out;
	size_t end;	/* size of the buffer at which to stop */
	uint32_t left;	/* values still to be written */
	int64_t indent; /* of JSON; -1: on one line */
	bool failed;
};

static struct put put_begin(struct buf *out, int64_t indent)
{
	return (struct put){ .out = out, .end = out->n + MAX_BYTES, .left = MAX_VALUES, .indent = indent };
}

static bool put_more(struct put *p, unsigned depth)
{
	if (depth > 200 || p->out->n > p->end || !p->left)
		p->failed = true;
	else
		p->left--;
	return !p->failed;
}

static void put_value(struct put *p, struct ct_value v, bool quoted, unsigned depth);

static void put_list(struct put *p, const struct ct_list *l, unsigned depth)
{
	struct buf *out = p->out;

	buf_ch(out, l->tuple ? '(' : '[');
	for (uint32_t i = 0; i < l->n && !p->failed; i++) {
		if (i)
			buf_str(out, ", ");
		put_value(p, l->v[i], true, depth + 1);
	}
	buf_str(out, l->tuple ? (l->n == 1 ? ",)" : ")") : "]");
}

static void put_dict(struct put *p, const struct ct_dict *d, unsigned depth)
{
	struct buf *out = p->out;

	buf_ch(out, '{');
	for (uint32_t i = 0; i < d->n && !p->failed; i++) {
		if (i)
			buf_str(out, ", ");
		put_value(p, value_key(d, i), true, depth + 1);
		buf_str(out, ": ");
		put_value(p, d->v[i].value, true, depth + 1);
	}
	buf_ch(out, '}');
}

static void put_value(struct put *p, struct ct_value v, bool quoted, unsigned depth)
{
	struct buf *out = p->out;

	if (!put_more(p, depth))
		return;
	switch (v.tag) {
	case CT_NONE:
		buf_str(out, "None");
		break;
	case CT_BOOL:
		buf_str(out, v.u.b ? "True" : "False");
		break;
	case CT_INT:
		buf_i64(out, v.u.i);
		break;
	case CT_DOUBLE:
		value_put_double(out, v.u.d);
		break;
	case CT_TEXT:
		if (quoted)
			put_quoted(out, value_sv(v));
		else
			buf_sv(out, value_sv(v));
		break;
	case CT_LIST:
		put_list(p, v.u.list, depth);
		break;
	case CT_DICT:
		put_dict(p, v.u.dict, depth);
		break;
	case CT_UNDEF:
	case CT_MISSING:
		if (quoted)
			buf_str(out, "Undefined");
		break;
	default:
		buf_fmt(out, "<%s>", value_kind(v) + (value_kind(v)[1] == ' ' ? 2 : 3));
		break;
	}
}

bool value_put(struct buf *out, struct ct_value v, bool quoted)
{
	struct put p = put_begin(out, -1);

	put_value(&p, v, quoted, 0);
	return !p.failed;
}

static void json_line(struct put *p, unsigned depth)
{
	if (p->indent < 0)
		return;
	buf_ch(p->out, '\n');
	buf_fill(p->out, ' ', (size_t)p->indent * depth);
}

/* Jinja's tojson is made for HTML: it hides <, >, & and '. */
static void json_text(struct buf *out, struct sv s)
{
	buf_ch(out, '"');
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;

		i += utf8_decode(s, i, &cp, NULL);
		if (cp == '"' || cp == '\\')
			buf_fmt(out, "\\%c", (char)cp);
		else if (cp == '\n')
			buf_str(out, "\\n");
		else if (cp == '\r')
			buf_str(out, "\\r");
		else if (cp == '\t')
			buf_str(out, "\\t");
		else if (cp == '\b')
			buf_str(out, "\\b");
		else if (cp == '\f')
			buf_str(out, "\\f");
		else if (cp < 0x20 || cp == 0x7f || (cp >= 0x80 && cp < 0x10000) || cp == '<' || cp == '>' ||
			 cp == '&' || cp == '\'')
			buf_fmt(out, cp == 0x7f ? "\x7f" : "\\u%04x", (unsigned)cp);
		else if (cp >= 0x10000)
			buf_fmt(out, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((cp - 0x10000) >> 10)),
				(unsigned)(0xdc00 + ((cp - 0x10000) & 0x3ff)));
		else
			buf_ch(out, (char)cp);
	}
	buf_ch(out, '"');
}

struct pair {
	struct ct_value key, value;
};

static int by_key(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	uint64_t cost = 0;
	int order = 0;

	if (!value_order(x->key, y->key, false, &order, &cost))
		order = x->key.tag - y->key.tag;
	return order;
}

static void put_json(struct put *p, struct ct_value v, unsigned depth);

static void json_dict(struct put *p, const struct ct_dict *d, unsigned depth)
{
	struct buf *out = p->out;
	struct arena tmp;
	struct pair *e;

	arena_init(&tmp, 0);
	e = NEW(&tmp, struct pair, d->n + 1);
	for (uint32_t i = 0; i < d->n; i++)
		e[i] = (struct pair){ value_key(d, i), d->v[i].value };
	qsort(e, d->n, sizeof(*e), by_key);
	for (uint32_t i = 0; i < d->n && !p->failed; i++) {
		if (i)
			buf_str(out, p->indent < 0 ? ", " : ",");
		json_line(p, depth + 1);
		if (e[i].key.tag == CT_TEXT) {
			json_text(out, value_sv(e[i].key));
		} else {
			buf_ch(out, '"');
			put_json(p, e[i].key, depth + 1);
			buf_ch(out, '"');
		}
		buf_str(out, ": ");
		put_json(p, e[i].value, depth + 1);
	}
	arena_release(&tmp);
}

static void put_json(struct put *p, struct ct_value v, unsigned depth)
{
	struct buf *out = p->out;

	if (!put_more(p, depth))
		return;
	switch (v.tag) {
	case CT_NONE:
		buf_str(out, "null");
		break;
	case CT_BOOL:
		buf_str(out, v.u.b ? "true" : "false");
		break;
	case CT_TEXT:
		json_text(out, value_sv(v));
		break;
	case CT_INT:
		buf_i64(out, v.u.i);
		break;
	case CT_DOUBLE:
		p->failed |= !isfinite(v.u.d);
		value_put_double(out, v.u.d);
		break;
	case CT_LIST:
		buf_ch(out, '[');
		for (uint32_t i = 0; i < v.u.list->n && !p->failed; i++) {
			if (i)
				buf_str(out, p->indent < 0 ? ", " : ",");
			json_line(p, depth + 1);
			put_json(p, v.u.list->v[i], depth + 1);
		}
		if (v.u.list->n)
			json_line(p, depth);
		buf_ch(out, ']');
		break;
	case CT_DICT:
		buf_ch(out, '{');
		json_dict(p, v.u.dict, depth);
		if (v.u.dict->n)
			json_line(p, depth);
		buf_ch(out, '}');
		break;
	default:
		p->failed = true;
	}
}

bool value_put_json(struct buf *out, struct ct_value v, int64_t indent)
{
	struct put p = put_begin(out, indent);

	put_json(&p, v, 0);
	return !p.failed;
}
