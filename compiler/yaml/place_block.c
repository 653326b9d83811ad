/* Lines of block maps and lists that stand in the wrong column, or behind a value that has ended. */
#include "yaml/internal.h"

#include <string.h>

static bool is_block_text(const struct ynode *s)
{
	return s->kind == YNODE_SCALAR && (s->style == YSTYLE_LITERAL || s->style == YSTYLE_FOLDED);
}

static bool is_quoted(const struct ynode *s)
{
	return s->kind == YNODE_SCALAR && (s->style == YSTYLE_SINGLE || s->style == YSTYLE_DOUBLE);
}

/* The word that names a line: its key, or what it starts with. */
static struct sv line_word(const struct ydoc *d, uint32_t at)
{
	uint32_t hi = at, end = yline_end(d, at);

	while (hi < end && hi - at < 40 && !ych_blank(d->work[hi]) &&
	       !(d->work[hi] == ':' && (hi + 1 == end || ych_blank(d->work[hi + 1]))))
		hi++;
	return yslice(d, at, hi);
}

static bool has_key(const struct ydoc *d, uint32_t at)
{
	uint32_t end = yline_end(d, at);

	for (; at < end; at++)
		if (d->work[at] == ':' && (at + 1 == end || ych_blank(d->work[at + 1])))
			return true;
	return false;
}

static void fix_indent(struct yparse *p, struct diag *g, uint32_t at, uint32_t col)
{
	struct ydoc *d = p->d;
	uint32_t lo = yline_start(d, at);

	if (col <= 1000)
		diag_edit(d->diags, g, yspan(d, lo, at), sv_fmt(d->a, "%*s", (int)col, ""), false);
}

/* Text behind a value that is complete. */
static struct diag *after_value(struct yparse *p, uint32_t value)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.at, end = yaml_value_end(p, at), lo = d->nodes[value].lo;
	struct diag *g;

	if (d->work[at] == ',') {
		uint32_t last = p->end;

		g = YDIAG(d, Y_AFTER_QUOTE, yspan(d, at, at + 1), "a ',' after a value outside of brackets");
		while (last > at && ych_space(d->work[last - 1]))
			last--;
		/* a JSON text without its first bracket: every line would be another mistake */
		p->hopeless = d->work[last - 1] == '}';
		diag_help(d->diags, g,
			  p->hopeless ? "a JSON text starts with '{'"
				      : "entries on lines of their own need no commas");
		if (!p->hopeless && end == at + 1)
			diag_edit(d->diags, g, yspan(d, at, end), SV(""), false);
		return g;
	}
	g = YDIAG(d, Y_AFTER_QUOTE, yspan(d, at, end), "text after the end of the value");

	if (d->nodes[value].lo < d->nodes[value].hi)
		diag_label(d->diags, g, ynode_span(d, value), "the value");
	if (is_quoted(&d->nodes[value]))
		yaml_fix_quote(p, g, lo, end);
	return g;
}

static struct diag *out_of_block(struct yparse *p, uint32_t text)
{
	struct ydoc *d = p->d;
	uint32_t first = yline_text(d, yline_next(d, d->nodes[text].lo)), at = p->fail.at;
	struct diag *g = YDIAG(d, Y_INDENT, yspan(d, at, yline_end(d, at)),
			       "this line is at column %u, the block text above starts at column %u",
			       (unsigned)yline_col(d, at) + 1, (unsigned)yline_col(d, first) + 1);

	diag_label(d->diags, g, yspan(d, first, yline_end(d, first)), "the first line sets the indentation");
	diag_help(d->diags, g, "indent it as deep as the first line");
	fix_indent(p, g, at, yline_col(d, first));
	return g;
}

/* `a: one`, a comment, then a second line of the text: the comment ended it. */
static struct diag *after_comment(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.at, line = yline_start(d, at), text, end;
	const struct ynode *s = &d->nodes[p->last_scalar];
	struct diag *g;

	if (line <= p->base || s->kind != YNODE_SCALAR || s->style != YSTYLE_PLAIN || s->lo == s->hi ||
	    has_key(d, at))
		return NULL;
	line =
	    yline_start(d, line - 1 - (line > 1 && d->work[line - 1] == '\n' && d->work[line - 2] == '\r'));
	end = yline_end(d, line);
	text = yline_text(d, line);
	for (; text < end; text++)
		if (d->work[text] == '#' && (text == line || ych_blank(d->work[text - 1])))
			break;
	if (text >= end || text < s->hi)
		return NULL;
	g = YDIAG(d, Y_COMMENT_IN_TEXT, yspan(d, at, yaml_value_end(p, at)),
		  "this line continues a text that the comment above has ended");
	diag_label(d->diags, g, yspan(d, text, end), "the comment");
	diag_help(d->diags, g, "move the comment, or write the text as a block after '|'");
	return g;
}

static struct diag *in_sequence(struct yparse *p)
{
	struct ydoc *d = p->d;
	const struct yframe *f = p->depth ? &p->stack[p->depth - 1] : NULL;
	uint32_t at = p->fail.at, item, pad;
	struct diag *g;

	if (!f || f->is_map || !f->last)
		return NULL;
	if (d->work[at] == '-') {
		g = YDIAG(d, Y_INDENT, yspan_char(d, at),
			  "this item is at column %u, the items of its list are at column %u",
			  (unsigned)yline_col(d, at) + 1, (unsigned)f->col + 1);
		diag_label(d->diags, g, yspan(d, d->nodes[f->node].lo, d->nodes[f->node].lo + 1),
			   "the first item");
		diag_help(d->diags, g, "start each item in the same column");
		fix_indent(p, g, at, f->col);
		return g;
	}
	g = YDIAG(d, Y_MIXED, yspan(d, at, at + (uint32_t)line_word(d, at).n),
		  "'" SV_FMT "' stands in the column of the list's dashes", SV_ARG(line_word(d, at)));
	item = d->nodes[f->last].lo;
	diag_label(d->diags, g, yspan(d, item, item + (uint32_t)line_word(d, item).n), "the item above");
	pad = yline_col(d, item);
	diag_help(d->diags, g, "to belong to the item above it must start in column %u", (unsigned)pad + 1);
	if (yline_text(d, at) == at)
		fix_indent(p, g, at, pad);
	return g;
}

/* The block column nearest to col, the one closed last preferred; its key is named if there is one. */
static uint32_t nearest_column(const struct yparse *p, uint32_t col, uint32_t *key)
{
	uint32_t best = UINT32_MAX, away = UINT32_MAX;

	*key = 0;
	if (p->closed.a != UINT32_MAX && p->closed.a > col) {
		best = p->closed.a;
		away = best - col;
		*key = p->closed.b;
	}
	for (uint32_t i = p->depth; i-- > 0;) {
		const struct yframe *f = &p->stack[i];
		uint32_t gap = f->col > col ? f->col - col : col - f->col;

		if (f->is_flow || f->col == UINT32_MAX || gap >= away)
			continue;
		best = f->col;
		away = gap;
		*key = i ? p->stack[i - 1].key : 0;
	}
	return best;
}

/* How deep the file indents: the first line that is indented tells. */
static uint32_t file_step(const struct ydoc *d)
{
	uint32_t line = d->base;

	for (; line < d->text.n; line = yline_next(d, line)) {
		uint32_t at = yline_text(d, line);

		if (at > line && at < d->text.n && !ych_break(d->work[at]) && d->work[at] != '#')
			return at - line;
	}
	return 0;
}

/* The line is in place and the map before it is not: its heading is lost, or its first line moved. */
static struct diag *wrong_before(struct yparse *p, uint32_t *blame)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.at, col = yline_col(d, at), step = file_step(d), map = 0, first, its,
		 depth = p->depth;
	struct diag *g;

	if (depth == 0)
		return NULL;
	its = p->closed.a;
	if (its > col && p->closed.b)
		map = d->nodes[p->closed.b].next;
	if (p->stack[depth - 1].col < col && p->stack[depth - 1].last) {
		/* perhaps the map that is still open stands too far to the left */
		const struct yframe *f = &p->stack[depth - 1];

		if (depth > 1 && f->col > p->stack[depth - 2].col && col == p->stack[depth - 2].col + step) {
			map = f->node;
			its = f->col;
			depth--;
		}
	}
	if (!map || d->nodes[map].kind != YNODE_MAP || its == UINT32_MAX ||
	    col != p->stack[depth - 1].col + step || its <= p->stack[depth - 1].col || its == col)
		return NULL;
	first = d->nodes[map].first;
	*blame = d->nodes[first].lo;
	g = YDIAG(d, Y_INDENT, ynode_span(d, first),
		  "'" SV_FMT "' is at column %u, '" SV_FMT "' of the same map at column %u",
		  SV_ARG(sv_sub(ynode_text(d, first), 0, 60)), (unsigned)its + 1, SV_ARG(line_word(d, at)),
		  (unsigned)col + 1);
	diag_label(d->diags, g, yspan(d, at, at + (uint32_t)line_word(d, at).n), "in place");
	diag_help(
	    d->diags, g,
	    "keys of one map start in the same column; perhaps the line above, with a name, is missing");
	return g;
}

/* The first key of the file is indented and the others are not: everything ends behind it. */
static struct diag *wrong_root(struct yparse *p, uint32_t *blame)
{
	struct ydoc *d = p->d;
	const struct ynode *root = &d->nodes[d->root];
	uint32_t col, key = root->first;
	struct diag *g;

	if (root->kind != YNODE_MAP || root->style != YSTYLE_BLOCK || !key ||
	    yline_text(d, p->fail.at) != p->fail.at)
		return NULL;
	col = yline_col(d, d->nodes[key].lo);
	if (col == 0 || yline_col(d, p->fail.at) >= col)
		return NULL;
	p->hopeless = true;
	*blame = d->nodes[key].lo;
	g = YDIAG(d, Y_INDENT, ynode_span(d, key),
		  "'" SV_FMT "' is at column %u, the lines below at column %u",
		  SV_ARG(sv_sub(ynode_text(d, key), 0, 60)), (unsigned)col + 1,
		  (unsigned)yline_col(d, p->fail.at) + 1);
	diag_help(d->diags, g, "start all fields in column 1");
	if (root->count == 2)
		fix_indent(p, g, d->nodes[key].lo, yline_col(d, p->fail.at));
	return g;
}

static struct diag *wrong_column(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.at, col = yline_col(d, at), key, want = nearest_column(p, col, &key);
	struct sv word = line_word(d, at);
	struct span where = yspan(d, at, at + (uint32_t)word.n);
	struct diag *g;

	if (want == UINT32_MAX || want == col)
		return NULL;
	if (key)
		g = YDIAG(d, Y_INDENT, where,
			  "'" SV_FMT "' is at column %u, the keys of '" SV_FMT "' are at column %u",
			  SV_ARG(word), (unsigned)col + 1, SV_ARG(sv_sub(ynode_text(d, key), 0, 60)),
			  (unsigned)want + 1);
	else
		g = YDIAG(d, Y_INDENT, where,
			  "'" SV_FMT "' is at column %u, the keys around it are at column %u", SV_ARG(word),
			  (unsigned)col + 1, (unsigned)want + 1);
	diag_help(d->diags, g, "keys of one map start in the same column");
	fix_indent(p, g, at, want);
	return g;
}

struct diag *yaml_place_block(struct yparse *p, uint32_t *blame)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.at, n = p->last_scalar, above = 0, lead;
	const struct ynode *s = &d->nodes[n];
	char c = at < p->end ? d->work[at] : 0;
	struct diag *g;

	if (at >= p->end || c == ']' || c == '}')
		return NULL;
	lead = yline_text(d, at);
	if (n && s->hi <= at && is_quoted(s) && !yline_same(d, s->lo, s->hi) && yline_same(d, s->hi, at)) {
		*blame = s->lo;
		return NULL;
	}
	if (lead != at && !(d->work[lead] == '-' && lead + 1 < p->end && ych_blank(d->work[lead + 1]) && !n))
		return after_value(p, n);
	if (strstr(p->fail.problem, "document start"))
		return wrong_root(p, blame);
	if (n && is_block_text(s) && yline_above(d, at, &above) && above < s->hi && above > s->lo)
		return out_of_block(p, n);
	g = after_comment(p);
	if (!g && strstr(p->fail.problem, "'-'"))
		g = in_sequence(p);
	if (g)
		return g;
	if (c == '-' && at + 1 < p->end && ych_space(d->work[at + 1])) {
		g = YDIAG(d, Y_MIXED, yspan(d, at, at + 1), "a list item among the keys of a map");
		diag_help(d->diags, g,
			  "write 'key: value', as the lines above, or indent the list below its key");
		if (has_key(d, at) && ych_blank(d->work[at + 1]))
			diag_edit(d->diags, g, yspan(d, at, at + 2), SV(""), false);
		return g;
	}
	g = wrong_before(p, blame);
	return g ? g : wrong_column(p);
}
