/* After a syntax error the top-level entry that holds it is turned into comments and the text is read
 * again: one run reports a broken guest list and a broken network list. */
#include "yaml/internal.h"

#include <string.h>

#include "base/utf8.h"

/* Whether a line opens an entry of the root map, whose keys stand in column col. */
static bool starts_entry(const struct yparse *p, uint32_t line, uint32_t col)
{
	const struct ydoc *d = p->d;
	uint32_t at = line, cp;
	char c;

	while (at < p->end && ych_blank(d->work[at]))
		at++;
	if (at >= p->end || at - line > col || ych_break(d->work[at]))
		return false;
	c = d->work[at];
	if (c == '#' || c == ']' || c == '}')
		return false;
	if (c == '-' && at + 1 < p->end && ych_space(d->work[at + 1]))
		return false;
	utf8_decode(d->text, at, &cp, NULL);
	return yaml_odd_class(cp) != YODD_SPACE;
}

static void mask_line(struct yparse *p, uint32_t line)
{
	uint32_t end = yline_end(p->d, line);

	if (end > line)
		memset(p->masked + line, '#', end - line);
}

bool yaml_resync(struct yparse *p, uint32_t blame)
{
	struct ydoc *d = p->d;
	uint32_t col = 0, lo, hi, line;
	const struct ynode *root = &d->nodes[d->root];

	if (d->root && (root->kind != YNODE_MAP || root->style != YSTYLE_BLOCK))
		return false;
	if (d->root)
		col = yline_col(d, root->lo);
	lo = yline_start(d, blame < p->end ? blame : p->end);
	hi = yline_next(d, lo);
	if (sv_starts(yslice(d, lo, p->end), SV("<<<<<<<"))) {
		while (hi < p->end && !sv_starts(yslice(d, hi, p->end), SV(">>>>>>>")))
			hi = yline_next(d, hi);
		hi = yline_next(d, hi);
	} else {
		while (lo > p->base && !starts_entry(p, lo, col)) {
			lo--;
			if (lo > p->base && d->work[lo] == '\n' && d->work[lo - 1] == '\r')
				lo--;
			lo = yline_start(d, lo);
		}
		while (hi < p->end && !starts_entry(p, hi, col))
			hi = yline_next(d, hi);
	}
	if (lo >= p->end || d->work[lo] == '#')
		return false;
	yaml_own_text(p);
	for (line = lo; line < hi; line = yline_next(d, line))
		mask_line(p, line);
	return true;
}
