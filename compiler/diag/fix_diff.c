/* A unified diff by Myers' greedy algorithm in bounded steps: after at most REACH differences it keeps the path
 * that got furthest and starts anew from there, so that time and memory stay linear. */
#include <string.h>

#include "diag/fix.h"

enum { CONTEXT = 3, REACH = 128, NONE = -1 };

struct line {
	struct sv text; /* with its line end */
	uint32_t hash;
};

struct lines {
	VEC(struct line) l;
	bool *changed;
};

static void split(struct arena *a, struct sv text, struct lines *out)
{
	while (text.n) {
		ptrdiff_t nl = sv_find(text, '\n');
		struct sv one = sv_sub(text, 0, nl < 0 ? text.n : (size_t)nl + 1);

		*VEC_PUSH(a, &out->l) = (struct line){ one, sv_hash(one) };
		text = sv_sub(text, one.n, text.n);
	}
	out->changed = NEW(a, bool, out->l.n + 1);
}

static bool same(const struct lines *a, size_t i, const struct lines *b, size_t k)
{
	return a->l.v[i].hash == b->l.v[k].hash && sv_eq(a->l.v[i].text, b->l.v[k].text);
}

struct walk {
	const struct lines *a, *b;
	size_t x0, y0;                            /* where this step starts */
	ptrdiff_t na, nb;                         /* lines from there on */
	ptrdiff_t at[REACH + 1][2 * REACH + 1];   /* furthest x on each diagonal after d differences */
};

/* The furthest x after d differences on diagonal k = x - y, NONE if no path inside the texts ends there. */
static ptrdiff_t reached(const struct walk *w, ptrdiff_t d, ptrdiff_t k)
{
	return k < -d || k > d ? NONE : w->at[d][REACH + k];
}

/* The x at which the d-th difference leads onto diagonal k, and whether by taking a line of b. */
static ptrdiff_t arrive(const struct walk *w, ptrdiff_t d, ptrdiff_t k, bool *down)
{
	ptrdiff_t by_b = reached(w, d - 1, k + 1), by_a = reached(w, d - 1, k - 1);

	if (by_b != NONE && by_b - k > w->nb)
		by_b = NONE;
	if (by_a != NONE)
		by_a = by_a < w->na ? by_a + 1 : NONE;
	*down = by_b >= by_a;
	return *down ? by_b : by_a;
}

static ptrdiff_t slide(const struct walk *w, ptrdiff_t x, ptrdiff_t y)
{
	size_t i = w->x0 + (size_t)x, k = w->y0 + (size_t)y;

	while (i < w->a->l.n && k < w->b->l.n && same(w->a, i, w->b, k))
		i++, k++;
	return (ptrdiff_t)(i - w->x0);
}

/* Marks the lines that differ on the way to diagonal k after d differences. */
static void mark(const struct walk *w, ptrdiff_t d, ptrdiff_t k)
{
	for (; d > 0; d--) {
		bool down;
		ptrdiff_t x = arrive(w, d, k, &down), y = x - k;

		if (down)
			w->b->changed[w->y0 + (size_t)y - 1] = true;
		else
			w->a->changed[w->x0 + (size_t)x - 1] = true;
		k += down ? 1 : -1;
	}
}

/* One step: marks the lines that differ up to the end, or to the place that got furthest, and moves there. */
static void step(struct walk *w)
{
	ptrdiff_t best_k = 0, d;
	bool done = false, down;

	w->na = (ptrdiff_t)(w->a->l.n - w->x0);
	w->nb = (ptrdiff_t)(w->b->l.n - w->y0);
	for (d = 0; !done; d++) {
		ptrdiff_t best = NONE;

		for (ptrdiff_t k = -d; k <= d && !done; k += 2) {
			ptrdiff_t x = d ? arrive(w, d, k, &down) : 0;

			if (x != NONE)
				x = slide(w, x, x - k);
			w->at[d][REACH + k] = x;
			if (x == NONE || x + x - k <= best)
				continue;
			best = x + x - k;
			best_k = k;
			done = x == w->na && x - k == w->nb;
		}
		done |= d == REACH;
	}
	d--;
	mark(w, d, best_k);
	w->x0 += (size_t)w->at[d][REACH + best_k];
	w->y0 += (size_t)(w->at[d][REACH + best_k] - best_k);
}

/* --- writing --- */

struct hunk {
	size_t a, b;   /* first line of each side */
	size_t na, nb; /* their number */
};

static bool needs_quotes(unsigned char c) { return c < 0x20 || c == 0x7F || c == '"' || c == '\\'; }

static void put_name(struct buf *out, const char *mark, struct sv name)
{
	bool quote = false, blank = false;

	for (size_t i = 0; i < name.n; i++) {
		quote |= needs_quotes((unsigned char)name.p[i]);
		blank |= name.p[i] == ' ';
	}
	buf_str(out, mark);
	if (quote)
		buf_ch(out, '"');
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (quote && needs_quotes(c))
			buf_fmt(out, c == '"' || c == '\\' ? "\\%c" : "\\%03o", c);
		else
			buf_ch(out, name.p[i]);
	}
	/* patch ends a name with blanks at a tab */
	buf_str(out, quote ? "\"\n" : blank ? "\t\n" : "\n");
}

static void put_line(struct buf *out, char sign, struct sv line)
{
	buf_ch(out, sign);
	buf_sv(out, line);
	if (!sv_ends(line, SV("\n")))
		buf_str(out, "\n\\ No newline at end of file\n");
}

static void put_range(struct buf *out, char sign, size_t from, size_t n)
{
	buf_fmt(out, "%c%zu", sign, n ? from + 1 : from);
	if (n != 1)
		buf_fmt(out, ",%zu", n);
}

static void put_hunk(struct buf *out, const struct lines *a, const struct lines *b, const struct hunk *h)
{
	size_t i = h->a, k = h->b;

	buf_str(out, "@@ ");
	put_range(out, '-', h->a, h->na);
	buf_ch(out, ' ');
	put_range(out, '+', h->b, h->nb);
	buf_str(out, " @@\n");
	while (i < h->a + h->na || k < h->b + h->nb) {
		if (i < h->a + h->na && a->changed[i])
			put_line(out, '-', a->l.v[i++].text);
		else if (k < h->b + h->nb && b->changed[k])
			put_line(out, '+', b->l.v[k++].text);
		else
			put_line(out, ' ', a->l.v[i++].text), k++;
	}
}

/* Goes through both sides at once and joins changes that are at most two contexts apart. */
static void put_hunks(struct buf *out, const struct lines *a, const struct lines *b)
{
	size_t i = 0, k = 0, equal = 0;
	struct hunk h = { 0 };
	bool open = false;

	while (i < a->l.n || k < b->l.n) {
		bool ca = i < a->l.n && a->changed[i], cb = k < b->l.n && b->changed[k];

		if (!ca && !cb) {
			equal++, i++, k++;
			if (open && equal > 2 * CONTEXT) {
				h.na = i - equal + CONTEXT - h.a;
				h.nb = k - equal + CONTEXT - h.b;
				put_hunk(out, a, b, &h);
				open = false;
			}
			continue;
		}
		if (!open) {
			size_t lead = equal < CONTEXT ? equal : CONTEXT;

			h = (struct hunk){ i - lead, k - lead, 0, 0 };
			open = true;
		}
		equal = 0;
		i += ca;
		k += !ca;
	}
	if (open) {
		size_t tail = equal < CONTEXT ? equal : CONTEXT;

		h.na = i - equal + tail - h.a;
		h.nb = k - equal + tail - h.b;
		put_hunk(out, a, b, &h);
	}
}

void fix_diff(struct buf *out, struct sv name, struct sv before, struct sv after)
{
	struct lines a = { 0 }, b = { 0 };
	struct arena mem;
	struct walk *w;

	if (sv_eq(before, after))
		return;
	arena_init(&mem, 0);
	split(&mem, before, &a);
	split(&mem, after, &b);
	w = NEW(&mem, struct walk, 1);
	w->a = &a;
	w->b = &b;
	while (w->x0 < a.l.n || w->y0 < b.l.n)
		step(w);
	put_name(out, "--- ", name);
	put_name(out, "+++ ", name);
	put_hunks(out, &a, &b);
	arena_release(&mem);
}
