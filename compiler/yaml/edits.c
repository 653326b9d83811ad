/* Places for edits: whole entries with their lines, and where a new entry goes. */
#include "yaml/ydoc.h"

#include <string.h>

#include "base/buf.h"
#include "yaml/internal.h"

struct sv ydoc_line_end(const struct ydoc *d)
{
	uint32_t end = yline_end(d, d->base);

	if (end >= d->text.n || d->work[end] == '\n')
		return SV("\n");
	return end + 1 < d->text.n && d->work[end + 1] == '\n' ? SV("\r\n") : SV("\r");
}

/* Takes in the comment lines directly above that start in the same column. */
static uint32_t with_comments(const struct ydoc *d, uint32_t line, uint32_t col)
{
	while (line > d->base) {
		uint32_t above = yline_start(
		    d, line - 1 - (line > 1 && d->work[line - 1] == '\n' && d->work[line - 2] == '\r'));

		if (above + col >= line || yline_text(d, above) != above + col || d->work[above + col] != '#')
			break;
		line = above;
	}
	return line;
}

static bool has_properties(const struct ydoc *d, uint32_t n)
{
	return (d->nodes[n].flags & (YN_ANCHORED | YN_TAGGED)) != 0;
}

/* In brackets an entry goes with the comma behind it, the last one with the comma before it. */
static bool flow_removal(const struct ydoc *d, uint32_t lo, uint32_t hi, uint32_t prev, uint32_t next,
			 struct span *out)
{
	if (next && !has_properties(d, next))
		*out = yspan(d, lo, d->nodes[next].lo);
	else if (!next && prev)
		*out = yspan(d, d->nodes[prev].hi, hi);
	else
		return false;
	return !memchr(d->work + out->off, '#', out->len);
}

static bool line_removal(const struct ydoc *d, uint32_t lo, uint32_t hi, bool first, struct span *out)
{
	uint32_t line = yline_start(d, lo), end = yline_next(d, hi);

	*out = yspan(d, first && line == d->base ? line : with_comments(d, line, lo - line), end);
	return true;
}

bool ymap_removal(const struct ydoc *d, uint32_t map, uint32_t key, struct span *out)
{
	const struct ynode *m = &d->nodes[map];
	uint32_t value = d->nodes[key].next, next = d->nodes[value].next, prev = 0, hi = d->nodes[value].hi;

	if (m->kind != YNODE_MAP || m->count <= 2 || has_properties(d, key))
		return false;
	if (hi < d->nodes[key].hi)
		hi = d->nodes[key].hi;
	for (uint32_t k = m->first; k && k != key; k = d->nodes[d->nodes[k].next].next)
		prev = d->nodes[k].next;
	if (m->style == YSTYLE_FLOW)
		return flow_removal(d, d->nodes[key].lo, hi, prev, next, out);
	if (yline_text(d, d->nodes[key].lo) == d->nodes[key].lo)
		return line_removal(d, d->nodes[key].lo, hi, !prev, out);
	/* behind a dash: the next entry takes its place */
	if (prev || !next || has_properties(d, next))
		return false;
	*out = yspan(d, d->nodes[key].lo, d->nodes[next].lo);
	return !memchr(d->work + out->off, '#', out->len);
}

bool yseq_removal(const struct ydoc *d, uint32_t seq, uint32_t item, struct span *out)
{
	const struct ynode *s = &d->nodes[seq];
	uint32_t prev = 0, dash, at;

	if (s->kind != YNODE_SEQ || s->count <= 1 || has_properties(d, item))
		return false;
	for (uint32_t n = s->first; n && n != item; n = d->nodes[n].next)
		prev = n;
	if (s->style == YSTYLE_FLOW)
		return flow_removal(d, d->nodes[item].lo, d->nodes[item].hi, prev, d->nodes[item].next, out);
	dash = at = yline_text(d, d->nodes[item].lo);
	if (d->work[dash] != '-')
		return false;
	for (at++; at < d->nodes[item].lo && ych_blank(d->work[at]);)
		at++;
	return at == d->nodes[item].lo && line_removal(d, dash, d->nodes[item].hi, !prev, out);
}

bool ymap_insertion(const struct ydoc *d, uint32_t map, struct span *at, struct sv *before)
{
	const struct ynode *m = &d->nodes[map];
	struct buf b = {0};
	uint32_t end, line;

	if (m->kind != YNODE_MAP || m->style != YSTYLE_BLOCK || !m->first)
		return false;
	end = yline_end(d, m->hi);
	line = yline_next(d, m->hi);
	if (end == line)
		buf_sv(&b, ydoc_line_end(d));
	buf_fill(&b, ' ', yline_col(d, d->nodes[m->first].lo));
	*at = yspan(d, line, line);
	*before = buf_take(&b, d->a);
	buf_release(&b);
	return true;
}
