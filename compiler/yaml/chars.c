/* Texts that are not what they look like: invisible characters, escapes that decode to refused ones, lines
 * folded by accident, comments glued to what they follow. */
#include "yaml/internal.h"

#include <string.h>

#include "base/utf8.h"

static void poison(struct ydoc *d, uint32_t n)
{
	d->nodes[n].flags |= YN_POISONED;
	if (d->nodes[n].flags & YN_KEY)
		d->incomplete = true;
}

static void report_odd(struct yparse *p, uint32_t n, struct span at, uint32_t cp)
{
	struct ydoc *d = p->d;
	bool key = n && d->nodes[n].flags & YN_KEY, joiner = yaml_odd_class(cp) == YODD_JOINER;
	struct sv name;
	struct diag *g;

	if (joiner && !key)
		return;
	name = yaml_char_name(d->a, cp);
	if (n && !key)
		g = YDIAG(d, Y_INVISIBLE_VALUE, at, "the value holds " SV_FMT, SV_ARG(name));
	else
		g = YDIAG(d, Y_INVISIBLE, at, SV_FMT " %s", SV_ARG(name),
			  key ? "in a key" : "between the values");
	diag_help(d->diags, g, "replace it by a space, or remove it");
	diag_edit(d->diags, g, at, cp == 0xA0 || cp == 0x202F || cp == 0x3000 ? SV(" ") : SV(""), false);
	if (!n || key) {
		if (n)
			poison(d, n);
		else
			d->incomplete = true;
	}
}

static void check_odd(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t last = 0, reported = 0;

	for (size_t i = 0; i < p->scrubbed.n; i++) {
		uint32_t n = yscalar_at(d, p->scrubbed.v[i].off);

		if (n)
			poison(d, n);
	}
	for (size_t i = 0; i < p->odd.n && reported < 50; i++) {
		const struct yodd *o = &p->odd.v[i];
		uint32_t n;

		if (d->work[o->off] == '#')
			continue;
		n = yscalar_at(d, o->off);
		/* one finding a text says enough; comments may hold them */
		if ((n && n == last) || (n && d->nodes[n].flags & YN_POISONED))
			continue;
		if (!n && (p->partial || ycomment_start(d, o->off) <= o->off))
			continue;
		last = n;
		reported++;
		report_odd(p, n, yspan(d, o->off, o->off + o->len), o->cp);
	}
}

/* The code point of the escape at the backslash `at`, and its length. */
static uint32_t escape_value(const struct ydoc *d, uint32_t at, uint32_t *len)
{
	static const struct {
		char c;
		uint32_t cp;
	} table[] = {{'0', 0},	{'a', 7},  {'b', 8},  {'t', 9},	   {'\t', 9},	{'n', 10},     {'v', 11},
		     {'f', 12}, {'r', 13}, {'e', 27}, {'N', 0x85}, {'_', 0xA0}, {'L', 0x2028}, {'P', 0x2029}};
	char c = d->work[at + 1];
	uint32_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0, v = 0;

	*len = 2 + digits;
	for (uint32_t i = 0; i < digits; i++) {
		char h = ch_lower(d->work[at + 2 + i]);

		v = v * 16 + (uint32_t)(ch_is_digit(h) ? h - '0' : h - 'a' + 10);
	}
	if (digits)
		return v;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].c == c)
			return table[i].cp;
	return ' ';
}

/* What an escape decodes to falls under the rules for what is written. */
static void check_escapes(struct yparse *p, uint32_t n)
{
	struct ydoc *d = p->d;
	const struct ynode *s = &d->nodes[n];
	uint32_t at = s->lo + 1, len;

	for (; at + 1 < s->hi; at += len) {
		uint32_t cp;
		enum yodd_class class;

		len = 1;
		if (d->work[at] != '\\')
			continue;
		cp = escape_value(d, at, &len);
		class = yaml_odd_class(cp);
		if (class == YODD_SPACE || class == YODD_JOINER || class == YODD_BOM) {
			report_odd(p, n, yspan(d, at, at + len), cp);
		} else if (class != YODD_NONE) {
			struct diag *g =
			    YDIAG(d,
				  class == YODD_BIDI	? Y_BIDI
				  : class == YODD_BREAK ? Y_BREAK
							: Y_CONTROL,
				  yspan(d, at, at + len),
				  "'" SV_FMT "' stands for " SV_FMT ", which no field can hold",
				  SV_ARG(yslice(d, at, at + len)), SV_ARG(yaml_char_name(d->a, cp)));

			diag_help(d->diags, g, "remove it");
			diag_edit(d->diags, g, yspan(d, at, at + len), SV(""), false);
			poison(d, n);
			return;
		}
	}
}

static void check_copied(struct yparse *p)
{
	struct ydoc *d = p->d;

	if (!d->n_copies)
		return;
	for (uint32_t n = 1; n < d->n_nodes; n++)
		if (d->nodes[n].style == YSTYLE_DOUBLE && d->nodes[n].flags & YN_COPIED)
			check_escapes(p, n);
}

/* A deeper line under a plain value is folded into it. That is how YAML writes long texts, and how it
 * swallows a list item or an entry without a blank behind its colon. */
static void check_swallowed(struct yparse *p)
{
	struct ydoc *d = p->d;

	for (size_t i = 0; i < p->swallows.n; i++) {
		struct ynode *s = &d->nodes[p->swallows.v[i]];
		uint32_t line = yline_next(d, s->lo);

		for (; line < s->hi; line = yline_next(d, line)) {
			uint32_t at = yline_text(d, line), hi = at;
			bool item = at + 1 < s->hi && d->work[at] == '-' && d->work[at + 1] == ' ';
			struct diag *g;

			while (hi < s->hi &&
			       (ch_is_alnum(d->work[hi]) || d->work[hi] == '_' || d->work[hi] == '-'))
				hi++;
			if (!item && !(hi > at && hi + 1 < s->hi && d->work[hi] == ':' &&
				       d->work[hi + 1] != '/' && d->work[hi + 1] != '\\'))
				continue;
			g = YDIAG(
			    d, Y_SWALLOWED, yspan(d, at, yline_end(d, at) < s->hi ? yline_end(d, at) : s->hi),
			    "this line is part of the text above, not %s", item ? "a list item" : "an entry");
			diag_label(d->diags, g, yspan(d, s->lo, yline_end(d, s->lo)), "the text starts here");
			diag_help(d->diags, g,
				  item ? "start the list below its key, or quote the text"
				       : "write a blank after the ':' and indent it like the entries around "
					 "it, or quote the text");
			s->flags |= YN_SWALLOWS;
			break;
		}
	}
}

/* YAML 1.2 readers refuse lines of brackets and quotes that stand left of their key. */
static void check_ragged(struct yparse *p)
{
	struct ydoc *d = p->d;

	for (size_t i = 0; i < p->ragged.n; i++) {
		const struct ynode *n = &d->nodes[p->ragged.v[i].a];
		uint32_t col = p->ragged.v[i].b, line = yline_next(d, n->lo);
		struct diag *g;

		for (; col != UINT32_MAX && line < n->hi; line = yline_next(d, line)) {
			uint32_t at = yline_text(d, line);

			if (at >= n->hi || ych_break(d->work[at]) || at - line > col || d->work[at] == '#')
				continue;
			if (n->style == YSTYLE_FLOW && (d->work[at] == ']' || d->work[at] == '}'))
				continue;
			/* a closing quote alone is as plain as a bracket */
			if (n->style != YSTYLE_FLOW && at + 1 == n->hi)
				continue;
			g = YDIAG(d, Y_RAGGED, yspan_word(d, at),
				  "this line of a %s is at column %u, expected it right of column %u",
				  n->style == YSTYLE_FLOW ? "value in brackets" : "quoted text",
				  (unsigned)(at - line) + 1, (unsigned)col + 1);
			diag_help(d->diags, g,
				  "indent it deeper than the key above: YAML 1.2 readers refuse the file");
			if (n->style == YSTYLE_FLOW && col < 1000)
				diag_edit(d->diags, g, yspan(d, line, at),
					  sv_fmt(d->a, "%*s", (int)col + 2, ""), false);
			break;
		}
	}
}

void yaml_check_text(struct yparse *p)
{
	check_odd(p);
	check_copied(p);
	check_swallowed(p);
	check_ragged(p);
}
