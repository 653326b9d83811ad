#include "diag/fix.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { BOM = 3 };

static bool has_bom(struct sv text) { return sv_starts(text, SV("\xEF\xBB\xBF")); }

/* Insertions touch what begins or ends where they stand: which comes first would be a guess. */
static bool touch(const struct fix_edit *a, const struct fix_edit *b)
{
	uint32_t ea = a->off + a->len, eb = b->off + b->len;

	if (a->len == 0 || b->len == 0)
		return a->off <= eb && b->off <= ea;
	return a->off < eb && b->off < ea;
}

static bool before(const struct fix_edit *a, const struct fix_edit *b)
{
	return a->off < b->off || (a->off == b->off && a->len < b->len);
}

/* Where an edit belongs among the chosen ones; behind its equals. */
static size_t place(const struct fix_plan *p, const struct fix_edit *e)
{
	size_t lo = 0, hi = p->edits.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (before(e, &p->edits.v[mid]))
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

static bool is_free(const struct fix_plan *p, const struct fix_edit *e)
{
	size_t at = place(p, e);

	return !(at > 0 && touch(&p->edits.v[at - 1], e)) &&
	       !(at < p->edits.n && touch(&p->edits.v[at], e));
}

static void insert(struct fix_plan *p, struct arena *a, struct fix_edit e)
{
	size_t at = place(p, &e);

	(void)VEC_PUSH(a, &p->edits);
	memmove(&p->edits.v[at + 1], &p->edits.v[at], (p->edits.n - 1 - at) * sizeof(e));
	p->edits.v[at] = e;
}

/* An edit of the text behind its byte order mark. */
static struct fix_edit edit_of(const struct diag_edit *e, struct sv text, size_t set)
{
	struct fix_edit f = { e->at.off, e->at.len, e->text, (uint32_t)set };

	if (has_bom(text) && f.off < BOM) {
		uint32_t cut = BOM - f.off;

		f.off = BOM;
		f.len = f.len > cut ? f.len - cut : 0;
	}
	return f;
}

/* Edits of one finding may stand side by side, but not overlap. */
static bool is_sound(const struct diag *g, uint32_t src, size_t n)
{
	for (const struct diag_edit *e = g->edits; e; e = e->next) {
		if (e->at.src != src || e->at.off > n || e->at.len > n - e->at.off)
			return false;
		for (const struct diag_edit *o = e->next; o; o = o->next)
			if (e->at.off < o->at.off + o->at.len && o->at.off < e->at.off + e->at.len)
				return false;
	}
	return g->edits != NULL;
}

static bool is_wanted(const struct fix_plan *p, const struct diag *g, struct sv text, uint32_t src, bool unsafe)
{
	if (g->suppressed || !(g->fix_is_safe || unsafe) || !is_sound(g, src, text.n))
		return false;
	for (const struct diag_edit *e = g->edits; e; e = e->next) {
		struct fix_edit f = edit_of(e, text, 0);

		if (!is_free(p, &f))
			return false;
	}
	return true;
}

bool fix_plan(struct fix_plan *p, struct arena *a, const struct diags *d, uint32_t src, bool unsafe)
{
	struct sv text = sources_get(d->sources, src)->text;

	*p = (struct fix_plan){ 0 };
	for (size_t i = 0; i < d->v.n; i++) {
		const struct diag *g = d->v.v[i];

		if (!is_wanted(p, g, text, src, unsafe))
			continue;
		for (const struct diag_edit *e = g->edits; e; e = e->next)
			insert(p, a, edit_of(e, text, p->sets.n));
		*VEC_PUSH(a, &p->sets) = (struct fix_set){ g, false };
	}
	return p->sets.n > 0;
}

size_t fix_count(const struct fix_plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->sets.n; i++)
		n += !p->sets.v[i].dropped;
	return n;
}

/* --- rendering --- */

static struct sv break_at(struct sv text, size_t i)
{
	if (text.p[i] == '\r')
		return i + 1 < text.n && text.p[i + 1] == '\n' ? SV("\r\n") : SV("\r");
	return SV("\n");
}

/* The last line end in text[from, to), else `known`. */
static struct sv last_break(struct sv text, size_t from, size_t to, struct sv known)
{
	while (to > from) {
		to--;
		if (text.p[to] == '\r')
			return break_at(text, to);
		if (text.p[to] == '\n')
			return to > 0 && text.p[to - 1] == '\r' ? SV("\r\n") : SV("\n");
	}
	return known;
}

static struct sv first_break(struct sv text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\r' || text.p[i] == '\n')
			return break_at(text, i);
	return SV("\n");
}

static void put_insert(struct buf *out, struct sv text, struct sv line_end)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] != '\r' && text.p[i] != '\n') {
			buf_ch(out, text.p[i]);
			continue;
		}
		i += text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n';
		buf_sv(out, line_end);
	}
}

void fix_render(struct buf *out, struct sv text, const struct fix_plan *p)
{
	struct sv line_end = first_break(text);
	size_t at = 0;

	for (size_t i = 0; i < p->edits.n; i++) {
		const struct fix_edit *e = &p->edits.v[i];

		if (p->sets.v[e->set].dropped)
			continue;
		buf_add(out, text.p + at, e->off - at);
		line_end = last_break(text, at, e->off, line_end);
		put_insert(out, e->text, line_end);
		at = e->off + e->len;
	}
	buf_sv(out, sv_sub(text, at, text.n));
}

bool fix_apply(struct buf *out, struct arena *a, const struct diags *d, uint32_t src, bool unsafe,
	       size_t *applied)
{
	struct fix_plan p;
	bool any = fix_plan(&p, a, d, src, unsafe);

	if (applied)
		*applied = p.sets.n;
	if (any)
		fix_render(out, sources_get(d->sources, src)->text, &p);
	return any;
}

/* --- which sets do good --- */

enum { TRIES = 64 };

struct settle {
	struct fix_plan *p;
	struct sv text;
	fix_judge *is_good;
	void *ctx;
	struct buf out;
};

static void drop(struct fix_plan *p, size_t from, size_t to, bool dropped)
{
	for (size_t i = from; i < to; i++)
		p->sets.v[i].dropped = dropped;
}

/* Takes in the sets [from, to) beside those taken before, if that does good. */
static bool take(struct settle *s, size_t from, size_t to)
{
	drop(s->p, from, to, false);
	s->out.n = 0;
	fix_render(&s->out, s->text, s->p);
	if (s->is_good(s->ctx, buf_view(&s->out), fix_count(s->p)))
		return true;
	drop(s->p, from, to, true);
	return false;
}

/* Large parts come before small ones: a text full of bad sets costs TRIES checks, and most good ones are
 * found. */
bool fix_settle(struct fix_plan *p, struct sv text, fix_judge *is_good, void *ctx)
{
	struct settle s = { .p = p, .text = text, .is_good = is_good, .ctx = ctx };
	struct { size_t from, to; } parts[2 * TRIES + 1] = { { 0, p->sets.n } };
	size_t n = p->sets.n > 0;

	drop(p, 0, p->sets.n, true);
	for (size_t i = 0; i < n && i < TRIES; i++) {
		size_t from = parts[i].from, to = parts[i].to, mid = from + (to - from) / 2;

		if (take(&s, from, to) || to - from < 2)
			continue;
		parts[n].from = from;
		parts[n++].to = mid;
		parts[n].from = mid;
		parts[n++].to = to;
	}
	buf_release(&s.out);
	return fix_count(p) > 0;
}

bool fix_is_better(struct arena *a, const struct diags *old, const struct diags *now, size_t sets)
{
	size_t n_old = 0, n_now = 0;
	struct map left;

	map_init(&left, a, false);
	for (size_t i = 0; i < old->v.n; i++) {
		struct sv code = sv_from(old->v.v[i]->info->code);
		uint32_t *n = map_get(&left, code);

		if (!n) {
			n = NEW(a, uint32_t, 2);
			map_add(&left, code, n);
		}
		n[old->v.v[i]->suppressed]++;
		n_old += !old->v.v[i]->suppressed;
	}
	for (size_t i = 0; i < now->v.n; i++) {
		uint32_t *n = map_get(&left, sv_from(now->v.v[i]->info->code));
		bool hidden = now->v.v[i]->suppressed;

		if (!n || n[hidden] == 0) {
			/* what was not known before may be worth a note now: no harm done */
			if (now->v.v[i]->severity == SEV_NOTE)
				continue;
			return false;
		}
		n[hidden]--;
		n_now += !hidden;
	}
	return n_now + sets <= n_old;
}
