#include "yaml/internal.h"

#include <string.h>

#include "base/utf8.h"

uint32_t yline_start(const struct ydoc *d, uint32_t off)
{
	while (off > d->base && !ych_break(d->work[off - 1]))
		off--;
	return off > d->base ? off : d->base;
}

uint32_t yline_end(const struct ydoc *d, uint32_t off)
{
	while (off < d->text.n && !ych_break(d->work[off]))
		off++;
	return off;
}

uint32_t yline_next(const struct ydoc *d, uint32_t off)
{
	off = yline_end(d, off);
	if (off < d->text.n && d->work[off] == '\r' && off + 1 < d->text.n && d->work[off + 1] == '\n')
		return off + 2;
	return off < d->text.n ? off + 1 : off;
}

uint32_t yline_text(const struct ydoc *d, uint32_t off)
{
	off = yline_start(d, off);
	while (off < d->text.n && ych_blank(d->work[off]))
		off++;
	return off;
}

bool yline_above(const struct ydoc *d, uint32_t off, uint32_t *start)
{
	off = yline_start(d, off);
	while (off > d->base) {
		uint32_t text;

		off--;
		if (off > d->base && d->work[off] == '\n' && d->work[off - 1] == '\r')
			off--;
		off = yline_start(d, off);
		text = yline_text(d, off);
		if (text < d->text.n && !ych_break(d->work[text]) && d->work[text] != '#') {
			*start = off;
			return true;
		}
	}
	return false;
}

uint32_t yline_col(const struct ydoc *d, uint32_t off)
{
	return (uint32_t)utf8_count(yslice(d, yline_start(d, off), off));
}

struct span yspan(const struct ydoc *d, uint32_t lo, uint32_t hi)
{
	return (struct span){d->src, lo, hi > lo ? hi - lo : 0};
}

struct span yspan_char(const struct ydoc *d, uint32_t off)
{
	uint32_t cp, n = (uint32_t)d->text.n;

	if (off > n)
		off = n;
	/* an error at the end of the file stands at its last character */
	while (off > 0 && (off == n || ych_break(d->work[off])) && (ych_space(d->work[off - 1]) || off == n))
		off--;
	while (off > 0 && ((unsigned char)d->text.p[off] & 0xC0) == 0x80)
		off--;
	if (off >= n)
		return yspan(d, off, off);
	return yspan(d, off, off + (uint32_t)utf8_decode(d->text, off, &cp, NULL));
}

struct span yspan_word(const struct ydoc *d, uint32_t off)
{
	uint32_t hi = off;

	while (hi < d->text.n && !ych_space(d->work[hi]))
		hi++;
	return hi > off ? yspan(d, off, hi) : yspan_char(d, off);
}

struct sv yslice(const struct ydoc *d, uint32_t lo, uint32_t hi)
{
	return (struct sv){d->work + lo, hi > lo ? hi - lo : 0};
}

uint32_t ynode_before(const struct ydoc *d, uint32_t off)
{
	uint32_t lo = 0, hi = d->n_nodes;

	/* nodes stand in the order of their first bytes */
	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (d->nodes[mid].lo <= off)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

uint32_t yscalar_at(const struct ydoc *d, uint32_t off)
{
	uint32_t n = ynode_before(d, off);
	const struct ynode *s = &d->nodes[n];

	/* empty scalars may share the place of the one that holds off */
	while (n > 1 && s->kind == YNODE_SCALAR && s->lo == s->hi)
		s = &d->nodes[--n];
	if (n == 0 || s->kind != YNODE_SCALAR || off >= s->hi)
		return 0;
	if ((s->style == YSTYLE_LITERAL || s->style == YSTYLE_FOLDED) && off < yline_end(d, s->lo))
		return 0;
	return n;
}

uint32_t ycomment_start(const struct ydoc *d, uint32_t off)
{
	uint32_t at = yline_start(d, off), end = yline_end(d, off);

	while (at < end) {
		const char *hash = memchr(d->work + at, '#', end - at);
		uint32_t n;

		if (!hash)
			break;
		at = (uint32_t)(hash - d->work);
		n = yscalar_at(d, at);
		if (n == 0)
			return at;
		at = d->nodes[n].hi;
	}
	return end;
}
