/* Errors inside [ ] and { }, and missing or surplus colons. */
#include "yaml/internal.h"

#include <string.h>

#include "base/utf8.h"

static bool at_end(const struct yparse *p, uint32_t at)
{
	while (at < p->end && ych_space(p->d->work[at]))
		at++;
	return at >= p->end;
}

/* The bracket that waits for its end, libyaml's context or our own stack's, whichever is further in. */
static uint32_t open_bracket(const struct yparse *p, const struct yframe **block)
{
	const char *s = p->d->work;
	uint32_t open = UINT32_MAX;

	*block = NULL;
	for (uint32_t i = p->depth; i-- > 0;) {
		const struct yframe *f = &p->stack[i];
		uint32_t lo = p->d->nodes[f->node].lo;

		if (!f->is_flow) {
			*block = f;
			break;
		}
		if (open == UINT32_MAX && (s[lo] == '[' || s[lo] == '{'))
			open = lo;
	}
	if (p->fail.has_from && p->fail.from < p->end && (s[p->fail.from] == '[' || s[p->fail.from] == '{') &&
	    (open == UINT32_MAX || (p->fail.from > open && !at_end(p, p->fail.at))))
		open = p->fail.from;
	return open == UINT32_MAX ? p->fail.from : open;
}

/* Of the brackets behind `open` the first that takes in a line no further in than its own: the one whose
 * end was lost, though a later bracket closed it. */
static uint32_t runs_over(const struct yparse *p, uint32_t open)
{
	const struct ydoc *d = p->d;

	for (uint32_t n = ynode_before(d, open) + 1, seen = 0; n < d->n_nodes && seen < 2000; n++) {
		const struct ynode *c = &d->nodes[n];
		uint32_t lo = c->lo, end = c->flags & YN_OPEN ? p->end : c->hi, col, line;

		if (c->style != YSTYLE_FLOW || lo >= p->end || (d->work[lo] != '[' && d->work[lo] != '{'))
			continue;
		seen++;
		col = yline_text(d, lo) - yline_start(d, lo);
		for (line = yline_next(d, lo); line < end; line = yline_next(d, line)) {
			uint32_t at = yline_text(d, line);

			if (at < end && !ych_break(d->work[at]) && at - line <= col &&
			    !strchr("]}#", d->work[at]))
				return lo;
		}
	}
	return open;
}

static struct diag *not_closed(struct yparse *p, uint32_t open, uint32_t at)
{
	struct ydoc *d = p->d;
	bool list = d->work[open] == '[';
	struct diag *g = YDIAG(d, Y_OPEN_BRACKET, yspan(d, open, open + 1),
			       "the %s opened here is not closed", list ? "list" : "map");
	uint32_t end = yline_end(d, open), flows = 0;

	if (!at_end(p, at))
		diag_label(d->diags, g, yspan_word(d, at), "expected ',' or '%c' before this",
			   list ? ']' : '}');
	diag_help(d->diags, g, "close it with %c", list ? ']' : '}');
	for (uint32_t i = p->depth; i-- > 0 && p->stack[i].is_flow;)
		flows++;
	for (uint32_t i = open; i < end; i++)
		if (d->work[i] == '#' && ych_blank(d->work[i - 1]))
			end = i;
	while (end > open && ych_blank(d->work[end - 1]))
		end--;
	if (flows == 1 && end > open + 1 && d->work[end - 1] != ',')
		diag_edit(d->diags, g, yspan(d, end, end), list ? SV("]") : SV("}"), false);
	return g;
}

/* Where the key starts that the colon at `at` ends. */
static uint32_t key_start(const struct ydoc *d, uint32_t at, uint32_t low)
{
	char quote = at > low ? d->work[at - 1] : 0;

	if (quote == '"' || quote == '\'') {
		for (at--; at > low + 1 && d->work[at - 1] != quote;)
			at--;
		return at - 1 > low ? at - 1 : low + 1;
	}
	while (at > low + 1 && !ych_space(d->work[at - 1]) && !strchr(",[]{}", d->work[at - 1]))
		at--;
	return at;
}

struct diag *yaml_place_flow(struct yparse *p, uint32_t *blame)
{
	struct ydoc *d = p->d;
	const struct yframe *block;
	uint32_t at = p->fail.at, open = open_bracket(p, &block), end = at;
	bool same = yline_same(d, open, at), inside;
	char c = at < p->end ? d->work[at] : 0, want = d->work[open] == '[' ? ']' : '}';
	struct diag *g;

	inside = same || !block || block->col == UINT32_MAX || yline_col(d, yline_text(d, at)) > block->col;
	if (at_end(p, at) || !inside || (!same && (c == ']' || c == '}'))) {
		open = runs_over(p, open);
		*blame = open;
		return not_closed(p, open, at);
	}
	*blame = at;
	if (c == ']' || c == '}') {
		g = YDIAG(d, Y_WRONG_BRACKET, yspan(d, at, at + 1), "'%c' cannot close a %s, expected '%c'",
			  c, want == ']' ? "list" : "map", want);
		diag_label(d->diags, g, yspan(d, open, open + 1), "opened here");
		diag_help(d->diags, g, "write %c", want);
		diag_edit(d->diags, g, yspan(d, at, at + 1), want == ']' ? SV("]") : SV("}"), false);
		return g;
	}
	if (c == ':') {
		/* the key that this colon ends came too early */
		end = at = key_start(d, at, open);
		while (end > open && ych_blank(d->work[end - 1]))
			end--;
		if (d->work[end - 1] == ':')
			return YDIAG(d, Y_COLON_IN_VALUE, yspan(d, p->fail.at, p->fail.at + 1),
				     "a second ': ' in one entry: a text that holds one needs quotes");
		*blame = end = at;
	}
	g = YDIAG(d, Y_NO_COMMA, yspan(d, at, c == ':' ? p->fail.at : yaml_value_end(p, at)),
		  "expected ',' or '%c' before this", want);
	diag_label(d->diags, g, yspan(d, open, open + 1), "in the %s that starts here",
		   want == ']' ? "list" : "map");
	diag_help(d->diags, g, "separate the entries by commas");
	while (end > open && ych_space(d->work[end - 1]))
		end--;
	if (end > open + 1 && !memchr(d->work + yline_start(d, end), '#', end - yline_start(d, end)))
		diag_edit(d->diags, g, yspan(d, end, end), SV(","), false);
	return g;
}

/* Behind the dashes that start a line's text. */
static uint32_t skip_dashes(const struct ydoc *d, uint32_t at)
{
	while (at + 1 < d->text.n && d->work[at] == '-' && ych_blank(d->work[at + 1]))
		for (at++; at < d->text.n && ych_blank(d->work[at]);)
			at++;
	return at;
}

/* The first ':' in [at, end) that ends a key, or end. */
static uint32_t key_colon(const struct ydoc *d, uint32_t at, uint32_t end)
{
	char quote = at < end && (d->work[at] == '"' || d->work[at] == '\'') ? d->work[at] : 0;

	if (quote)
		for (at++; at < end && d->work[at] != quote;)
			at++;
	for (; at < end; at++) {
		if (d->work[at] == '#' && ych_blank(d->work[at - 1]))
			return end;
		if (d->work[at] == ':' && (at + 1 == end || ych_blank(d->work[at + 1])))
			return at;
	}
	return end;
}

/* "word:word": the blank behind the colon was forgotten. Gives the place of the blank, or 0. */
static uint32_t glued_colon(const struct ydoc *d, uint32_t at)
{
	uint32_t i = at;

	while (i < d->text.n && (ch_is_alnum(d->work[i]) || d->work[i] == '_' || d->work[i] == '-'))
		i++;
	return i > at && i + 1 < d->text.n && d->work[i] == ':' && !ych_space(d->work[i + 1]) &&
		       d->work[i + 1] != ':' && d->work[i + 1] != '/' && d->work[i + 1] != '\\'
		   ? i + 1
		   : 0;
}

/* A line that should be an entry: `word:word`, or no colon at all. */
static struct diag *no_entry(struct yparse *p, uint32_t at)
{
	struct ydoc *d = p->d;
	uint32_t gap = glued_colon(d, at), end = yaml_value_end(p, at), word = at;
	struct diag *g;

	if (gap) {
		g = YDIAG(d, Y_NO_SPACE, yspan(d, at, end),
			  "a blank is missing after the ':' of '" SV_FMT "'", SV_ARG(yslice(d, at, end)));
		diag_help(d->diags, g, "write '" SV_FMT " " SV_FMT "'", SV_ARG(yslice(d, at, gap)),
			  SV_ARG(yslice(d, gap, end)));
		diag_edit(d->diags, g, yspan(d, gap, gap), SV(" "), false);
		return g;
	}
	while (word < end && (ch_is_alnum(d->work[word]) || d->work[word] == '_' || d->work[word] == '-'))
		word++;
	g = YDIAG(d, Y_NO_COLON, yspan(d, at, end), "expected ':' after the key '" SV_FMT "'",
		  SV_ARG(yslice(d, at, word > at && word < end && ych_blank(d->work[word]) ? word : end)));
	diag_help(d->diags, g, "an entry is 'key: value', or 'key:' with its entries on the lines below");
	if (word > at && (word == end || ych_blank(d->work[word])))
		diag_edit(d->diags, g, yspan(d, word, word), SV(":"), false);
	return g;
}

static struct diag *colon_in_value(struct yparse *p, uint32_t lo)
{
	struct ydoc *d = p->d;
	struct diag *g = YDIAG(d, Y_COLON_IN_VALUE, yspan_char(d, p->fail.at),
			       "a second ': ' in one entry: a text that holds one needs quotes");

	while (lo < p->fail.at && ych_blank(d->work[lo]))
		lo++;
	if (lo < p->fail.at && d->work[lo] != '"' && d->work[lo] != '\'')
		yaml_fix_quote(p, g, lo, yaml_value_end(p, lo));
	return g;
}

static struct diag *long_key(struct yparse *p, uint32_t lo, uint32_t hi)
{
	struct ydoc *d = p->d;
	size_t n = utf8_count(yslice(d, lo, hi));
	struct diag *g;

	if (n <= KEY_MAX)
		return NULL;
	g = YDIAG(d, Y_LONG_KEY, yspan(d, lo, hi),
		  "a key of %zu characters, more than the %d that YAML reads", n, KEY_MAX);
	diag_help(d->diags, g, "shorten it");
	return g;
}

/* A line `word: ...` that libyaml took as the continuation of the value above. */
static struct diag *swallowed_key(struct yparse *p, uint32_t text, uint32_t key, uint32_t *blame)
{
	struct ydoc *d = p->d;
	uint32_t line = text, first = UINT32_MAX, above, colon, col;
	bool one_word = !memchr(d->work + key, ' ', p->fail.at - key);
	struct diag *g;

	while (yline_above(d, line, &above)) {
		uint32_t at = skip_dashes(d, yline_text(d, above)), end = yaml_value_end(p, at);

		line = above;
		colon = key_colon(d, at, end);
		if (colon == end) {
			first = at;
			continue;
		}
		if (colon + 1 == end)
			break;
		/* the value starts on this line */
		if (first != UINT32_MAX && !one_word)
			return NULL;
		col = yline_col(d, at);
		*blame = text;
		g = YDIAG(d, Y_INDENT, yspan(d, text, p->fail.at),
			  "'" SV_FMT "' is at column %u, expected column %u",
			  SV_ARG(yslice(d, key, p->fail.at)), (unsigned)yline_col(d, text) + 1,
			  (unsigned)col + 1);
		diag_label(d->diags, g, yspan(d, at, colon), "the entry above it starts here");
		diag_help(d->diags, g, "a line that is indented deeper continues the value above it");
		if (text == key && yline_start(d, text) + col <= text)
			diag_edit(d->diags, g, yspan(d, yline_start(d, text), text),
				  sv_fmt(d->a, "%*s", (int)(col > 1000 ? 1000 : col), ""), false);
		return g;
	}
	if (first == UINT32_MAX)
		return NULL;
	*blame = first;
	return no_entry(p, first);
}

struct diag *yaml_place_colon(struct yparse *p, uint32_t *blame)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.at, from = p->fail.from, text, key, colon;
	struct diag *g;

	if (strstr(p->fail.problem, "could not find")) {
		uint32_t end = yline_end(d, from);
		char c = from < p->end ? d->work[from] : 0;

		*blame = from;
		if ((c == '"' || c == '\'') && end > from + 1 &&
		    !memchr(d->work + from + 1, c, end - from - 1))
			return NULL;
		g = long_key(p, from, at < end ? at : end);
		return g ? g : no_entry(p, from);
	}
	text = yline_text(d, at);
	key = skip_dashes(d, text);
	if (key > at)
		return colon_in_value(p, at);
	g = long_key(p, key, at);
	if (g) {
		*blame = key;
		return g;
	}
	colon = key_colon(d, key, yline_end(d, at));
	if (colon < at)
		return colon_in_value(p, colon + 1);
	g = swallowed_key(p, text, key, blame);
	return g ? g : colon_in_value(p, key);
}
