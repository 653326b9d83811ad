#include "diag/linehash.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "base/vec.h"

enum { WINDOW = 100, FACTOR = 37, END = 0xFFFF };

/* A line whose window is still filling. */
struct start {
	uint64_t unit;   /* its first unit */
	uint64_t before; /* the hash of all units before */
};

struct roll {
	struct arena *a;
	uint64_t units, all; /* number and hash of all units so far */
	uint64_t out;        /* FACTOR ^ WINDOW */
	VEC(struct start) starts;
	struct line_hash *lines;
	size_t done;
	bool at_start;
};

/* Takes the hash of the line that began WINDOW units ago, if one did. */
static void settle(struct roll *r)
{
	const struct start *s;

	if (r->done == r->starts.n)
		return;
	s = &r->starts.v[r->done];
	if (s->unit + WINDOW == r->units)
		r->lines[r->done++].hash = r->all - r->out * s->before;
}

static void push(struct roll *r, uint32_t unit)
{
	settle(r);
	r->all = r->all * FACTOR + unit;
	r->units++;
}

static void push_text(struct roll *r, uint32_t unit)
{
	if (r->at_start)
		*VEC_PUSH(r->a, &r->starts) = (struct start){ r->units, r->all };
	r->at_start = unit == '\n';
	push(r, unit);
}

static void push_all(struct roll *r, struct sv text)
{
	bool after_cr = false;
	uint32_t cp;

	for (size_t i = 0; i < text.n;) {
		i += utf8_decode(text, i, &cp, NULL);
		if (cp == ' ' || cp == '\t' || (after_cr && cp == '\n')) {
			after_cr = false;
			continue;
		}
		after_cr = cp == '\r';
		if (cp > 0xFFFF) {
			push_text(r, 0xD800 + ((cp - 0x10000) >> 10));
			push_text(r, 0xDC00 + ((cp - 0x10000) & 0x3FF));
		} else {
			push_text(r, after_cr ? '\n' : cp);
		}
	}
	push_text(r, END);
}

struct key {
	uint64_t hash;
	uint32_t line;
};

static int key_order(const void *pa, const void *pb)
{
	const struct key *a = pa, *b = pb;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->line < b->line ? -1 : a->line > b->line;
}

static void count_equal(struct arena *a, struct line_hash *v, uint32_t n)
{
	struct key *k = NEW(a, struct key, n);

	for (uint32_t i = 0; i < n; i++)
		k[i] = (struct key){ v[i].hash, i };
	qsort(k, n, sizeof(*k), key_order);
	for (uint32_t i = 0; i < n; i++)
		v[k[i].line].nth = i && k[i].hash == k[i - 1].hash ? v[k[i - 1].line].nth + 1 : 1;
}

struct line_hash *line_hashes(struct arena *a, struct sv text, uint32_t *n)
{
	struct roll r = { .a = a, .out = 1, .at_start = true };
	size_t lines = 2;

	for (int i = 0; i < WINDOW; i++)
		r.out *= FACTOR;
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n' || text.p[i] == '\r';
	r.lines = NEW(a, struct line_hash, lines);
	push_all(&r, text);
	for (int i = 0; i < WINDOW; i++)
		push(&r, 0);
	settle(&r);
	*n = (uint32_t)r.done;
	count_equal(a, r.lines, *n);
	return r.lines;
}
