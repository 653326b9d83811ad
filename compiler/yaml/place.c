/* Where a syntax error stands and what it is called: libyaml's marks and words are only the hint. */
#include "yaml/internal.h"

#include <string.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/utf8.h"

/* End of the plain value that starts at off: before a comment, in brackets before the next indicator. */
uint32_t yaml_value_end(const struct yparse *p, uint32_t off)
{
	const char *s = p->d->work;
	uint32_t end = yline_end(p->d, off), at;
	bool flow = p->depth && p->stack[p->depth - 1].is_flow;

	for (at = off; at < end; at++) {
		if (s[at] == '#' && at > off && ych_blank(s[at - 1]))
			break;
		if (flow && (s[at] == ',' || s[at] == ']' || s[at] == '}'))
			break;
	}
	while (at > off && ych_blank(s[at - 1]))
		at--;
	return at;
}

void yaml_fix_quote(struct yparse *p, struct diag *g, uint32_t lo, uint32_t hi)
{
	struct ydoc *d = p->d;
	struct sv quoted = ynode_quote_always(d->a, yslice(d, lo, hi));

	diag_help(d->diags, g, "put the text in quotes: " SV_FMT, SV_ARG(quoted));
	diag_edit(d->diags, g, yspan(d, lo, hi), quoted, false);
}

static uint32_t place_tab(struct yparse *p, uint32_t at)
{
	struct ydoc *d = p->d;
	uint32_t lo = at, hi = at;
	struct diag *g;
	struct buf spaces = {0};

	while (hi < p->end && ych_blank(d->work[hi]))
		hi++;
	while (lo < hi && d->work[lo] != '\t')
		lo++;
	g = YDIAG(d, Y_TAB, yspan(d, lo, hi), "a tab cannot indent, expected spaces");
	diag_help(d->diags, g, "replace each tab by two spaces");
	for (uint32_t i = lo; i < hi; i++)
		buf_str(&spaces, d->work[i] == '\t' ? "  " : " ");
	diag_edit(d->diags, g, yspan(d, lo, hi), buf_take(&spaces, d->a), false);
	buf_release(&spaces);
	return lo;
}

static uint32_t place_start(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.at;
	char c = at < p->end ? d->work[at] : '\n';
	struct diag *g;

	if (ych_blank(c))
		return place_tab(p, at);
	if (c == '@' || c == '`' || c == '%') {
		g = YDIAG(d, Y_RESERVED, yspan_char(d, at),
			  "a text cannot start with '%c' unless it is quoted", c);
		yaml_fix_quote(p, g, at, yaml_value_end(p, at));
		return at;
	}
	g = YDIAG(d, Y_UNEXPECTED, yspan_char(d, at), "'" SV_FMT "' cannot stand here",
		  SV_ARG(span_text(d->sources, yspan_char(d, at))));
	if (c == '|' || c == '>')
		diag_help(d->diags, g, "inside brackets use a quoted text");
	return at;
}

/* A string without end swallows the file; the first later line that looks like an entry tells where the
 * author thought it had ended. */
uint32_t yaml_place_open_quote(struct yparse *p, uint32_t quote)
{
	struct ydoc *d = p->d;
	char q = d->work[quote];
	struct diag *g =
	    YDIAG(d, Y_OPEN_QUOTE, yspan(d, quote, quote + 1), "the text that starts here is never closed");
	uint32_t end = yline_end(d, quote), line = yline_next(d, quote);
	bool is_key = yline_text(d, quote) == quote;

	for (; line < p->end; line = yline_next(d, line)) {
		uint32_t at = yline_text(d, line), hi = at;

		while (hi < p->end && (ch_is_alnum(d->work[hi]) || d->work[hi] == '_' || d->work[hi] == '-'))
			hi++;
		if (hi > at && hi < p->end && d->work[hi] == ':' &&
		    (hi + 1 == p->end || ych_space(d->work[hi + 1]))) {
			diag_label(d->diags, g, yspan(d, at, hi + 1), "this line would be inside the text");
			break;
		}
	}
	while (end > quote && ych_blank(d->work[end - 1]))
		end--;
	diag_help(d->diags, g, "close it with %c%s", q, is_key ? "" : " at the end of the line");
	if (!is_key && end > quote + 1)
		diag_edit(d->diags, g, yspan(d, end, end), (struct sv){d->work + quote, 1}, false);
	return quote;
}

static uint32_t place_quote(struct yparse *p)
{
	return yaml_place_open_quote(p, p->fail.from);
}

static bool hex4(const struct ydoc *d, uint32_t at, uint32_t *v)
{
	*v = 0;
	for (uint32_t i = at; i < at + 4; i++) {
		char c = i < d->text.n ? ch_lower(d->work[i]) : 'x';

		if (!ch_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		*v = *v * 16 + (uint32_t)(ch_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return true;
}

/* A path that holds no other escape becomes a single-quoted text. */
static void fix_path(struct yparse *p, struct diag *g, uint32_t open)
{
	struct ydoc *d = p->d;
	uint32_t end = yline_end(d, open), close = open + 1;
	struct sv raw, quoted;

	while (close < end && d->work[close] != '"')
		close++;
	raw = yslice(d, open + 1, close);
	if (close == end || sv_search(raw, SV("\\\\")) >= 0 || sv_ends(raw, SV("\\")) ||
	    sv_find(raw, '\'') >= 0) {
		diag_help(d->diags, g,
			  "write \\\\ for a backslash, or use single quotes, where it means itself");
		return;
	}
	quoted = ynode_quote_always(d->a, raw);
	diag_help(d->diags, g, "a backslash means itself in single quotes: " SV_FMT, SV_ARG(quoted));
	diag_edit(d->diags, g, yspan(d, open, close + 1), quoted, false);
}

static uint32_t place_escape(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.at, open = p->fail.from, hi, high, low, cp;
	struct diag *g;

	if (at >= p->end && at > 0)
		at = p->end - 1;
	while (at > open && d->work[at] != '\\')
		at--;
	hi = at + 2 <= p->end ? at + 2 : p->end;
	if (hex4(d, at + 2, &high) && high >= 0xD800 && high < 0xE000 && d->work[at + 1] == 'u') {
		g = YDIAG(d, Y_ESCAPE, yspan(d, at, at + 6),
			  "'\\u%04x' is half of a character, YAML has no surrogate pairs", (unsigned)high);
		if (at + 7 < p->end && d->work[at + 6] == '\\' && d->work[at + 7] == 'u' &&
		    hex4(d, at + 8, &low) && high < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
			cp = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
			diag_help(d->diags, g, "write the character itself, or \\U%08X", (unsigned)cp);
			diag_edit(d->diags, g, yspan(d, at, at + 12), sv_fmt(d->a, "\\U%08X", (unsigned)cp),
				  false);
		}
		return at;
	}
	if (hi < p->end && ((unsigned char)d->work[hi - 1] & 0xC0) == 0xC0)
		hi = at + 1;
	if (strstr(p->fail.problem, "hexdecimal"))
		g = YDIAG(d, Y_ESCAPE, yspan(d, at, hi), "'" SV_FMT "' wants %s hexadecimal digits",
			  SV_ARG(yslice(d, at, hi)),
			  d->work[hi - 1] == 'x'   ? "two"
			  : d->work[hi - 1] == 'u' ? "four"
						   : "eight");
	else
		g = YDIAG(d, Y_ESCAPE, yspan(d, at, hi),
			  "'" SV_FMT "' is no escape of a text in double quotes", SV_ARG(yslice(d, at, hi)));
	if ((open + 2 < p->end && (d->work[open + 2] == ':' || d->work[open + 1] == '\\')) ||
	    !strstr(p->fail.problem, "hexdecimal"))
		fix_path(p, g, open);
	return at;
}

static uint32_t place_anchor(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.from;
	bool alias = d->work[at] == '*';
	struct diag *g = YDIAG(d, Y_ANCHOR_NAME, yspan_word(d, at), "'" SV_FMT "' is no %s name",
			       SV_ARG(span_text(d->sources, yspan_word(d, at))), alias ? "alias" : "anchor");

	if (alias || at + 1 >= p->end || !ch_is_alnum(d->work[at + 1]))
		yaml_fix_quote(p, g, at, yaml_value_end(p, at));
	else
		diag_help(d->diags, g, "anchor names use letters, digits, _ and -");
	return at;
}

static uint32_t place_tag(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.has_from ? p->fail.from : p->fail.at;
	struct diag *g;

	while (at < p->end && d->work[at] != '!' && !ych_break(d->work[at]))
		at++;
	if (at == p->end || d->work[at] != '!')
		at = p->fail.at;
	g = YDIAG(d, Y_TAG_SYNTAX, yspan_word(d, at), "'" SV_FMT "' is no tag",
		  SV_ARG(span_text(d->sources, yspan_word(d, at))));
	yaml_fix_quote(p, g, at, yaml_value_end(p, at));
	return at;
}

static uint32_t place_directive(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t at = yline_start(d, p->fail.has_from ? p->fail.from : p->fail.at);
	struct diag *g;

	g = YDIAG(d, Y_DIRECTIVE, yspan(d, at, yline_end(d, at)),
		  "'" SV_FMT "' is no directive of YAML 1.1 or 1.2", SV_ARG(yslice(d, at, yline_end(d, at))));
	diag_help(d->diags, g, "remove the line");
	diag_edit(d->diags, g, yspan(d, at, yline_next(d, at)), SV(""), false);
	return at;
}

static uint32_t place_block_header(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.at;
	struct diag *g;

	if (strstr(p->fail.problem, "tab")) {
		g = YDIAG(d, Y_TAB, yspan_char(d, at),
			  "a tab cannot indent the lines of a block text, expected spaces");
		diag_help(d->diags, g, "indent the text by spaces");
		diag_edit(d->diags, g, yspan_char(d, at), SV("  "), false);
		return at;
	}
	if (strstr(p->fail.problem, "equal to 0")) {
		g = YDIAG(d, Y_BLOCK_HEADER, yspan_char(d, at),
			  "the indentation of a block text cannot be 0");
		diag_help(d->diags, g, "remove the digit: the first line of the text tells the indentation");
		diag_edit(d->diags, g, yspan_char(d, at), SV(""), false);
		return at;
	}
	g = YDIAG(d, Y_BLOCK_HEADER, yspan(d, at, yaml_value_end(p, at)),
		  "text on the line of '%c', where a block text only announces itself",
		  d->work[p->fail.from]);
	diag_help(d->diags, g, "start the text on the next line, indented");
	return at;
}

static uint32_t place_version(struct yparse *p)
{
	p->fail.has_from = false;
	return place_directive(p);
}

static uint32_t place_unexpected(struct yparse *p)
{
	struct ydoc *d = p->d;
	struct span at = yspan_char(d, p->fail.at);
	char c = at.len ? d->work[at.off] : 0;
	struct diag *g;

	if (c == ']' || c == '}')
		g = YDIAG(d, Y_UNEXPECTED, at, "this '%c' closes nothing", c);
	else if (c == ',')
		g = YDIAG(d, Y_UNEXPECTED, at, "an item is missing before this ','");
	else if (c == ':' && strstr(p->fail.problem, "expected key"))
		g = YDIAG(d, Y_EMPTY_KEY, at, "the key before this ':' is missing");
	else if (strstr(p->fail.problem, "document start"))
		g = YDIAG(d, Y_UNEXPECTED, at, "text after the end of the document");
	else if (strstr(p->fail.problem, "unexpected ':'"))
		g = YDIAG(d, Y_NO_SPACE, at, "a value or a blank is missing after this ':'");
	else if (strstr(p->fail.problem, "mapping keys"))
		g = YDIAG(d, Y_UNEXPECTED, at, "a key cannot start with '?' here");
	else if (strstr(p->fail.problem, "node content"))
		g = YDIAG(d, Y_UNEXPECTED, at, "a value is missing before '" SV_FMT "'",
			  SV_ARG(span_text(d->sources, at)));
	else
		g = YDIAG(d, Y_SYNTAX, at, "%s%s%s", p->fail.context, *p->fail.context ? ": " : "",
			  p->fail.problem);
	if (c == ']' || c == '}') {
		diag_help(d->diags, g, "remove it");
		diag_edit(d->diags, g, at, SV(""), false);
	}
	return at.off;
}

static uint32_t place_list(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t at = p->fail.at;
	struct diag *g =
	    YDIAG(d, Y_LIST_ON_LINE, yspan_char(d, at), "a list cannot start on the line of its key");

	diag_help(d->diags, g, "start the list on a line of its own, or write it in brackets: [...]");
	return at;
}

static uint32_t by_flow(struct yparse *p)
{
	uint32_t blame = p->fail.at;

	yaml_place_flow(p, &blame);
	return blame;
}

static uint32_t by_colon(struct yparse *p)
{
	uint32_t blame = p->fail.at;

	if (!yaml_place_colon(p, &blame))
		return yaml_place_open_quote(p, blame);
	return blame;
}

static uint32_t by_block(struct yparse *p)
{
	uint32_t blame = p->fail.at;

	if (!yaml_place_block(p, &blame))
		return blame != p->fail.at ? yaml_place_open_quote(p, blame) : place_unexpected(p);
	return blame;
}

static uint32_t place_depth(struct yparse *p)
{
	struct ydoc *d = p->d;
	struct diag *g = YDIAG(d, Y_DEPTH, yspan_char(d, p->fail.at), "nested more than %u levels deep",
			       (unsigned)p->o.max_depth);

	diag_help(d->diags, g, "no lab needs more than a few levels");
	return p->fail.at;
}

/* Git's markers break the syntax in many ways: they are looked for whatever libyaml said. */
static bool find_conflict(struct yparse *p, uint32_t *at)
{
	struct ydoc *d = p->d;
	uint32_t off = p->base;

	while (off < p->end) {
		struct sv rest = {d->work + off, p->end - off};
		ptrdiff_t hit = sv_search(rest, SV("<<<<<<< "));

		if (hit < 0)
			return false;
		off += (uint32_t)hit;
		if (off == p->base || ych_break(d->work[off - 1])) {
			*at = off;
			return true;
		}
		off++;
	}
	return false;
}

static uint32_t place_conflict(struct yparse *p, uint32_t at)
{
	struct ydoc *d = p->d;
	struct diag *g = YDIAG(d, Y_CONFLICT, yspan(d, at, at + 7), "a merge conflict is left in the file");
	uint32_t line = at;

	for (line = yline_next(d, line); line < p->end; line = yline_next(d, line))
		if (sv_starts(yslice(d, line, p->end), SV(">>>>>>>"))) {
			diag_label(d->diags, g, yspan(d, line, line + 7), "it ends here");
			break;
		}
	diag_help(d->diags, g,
		  "keep one of the two versions and remove the lines with <<<<<<<, ======= and >>>>>>>");
	return at;
}

/* Quotes and colons of a word processor look right and are none. */
static void name_lookalikes(struct yparse *p, uint32_t blame)
{
	struct ydoc *d = p->d;
	struct diag *g = d->diags->v.n ? d->diags->v.v[d->diags->v.n - 1] : NULL;
	uint32_t at = yline_start(d, blame), end = yline_end(d, blame), cp;

	while (!p->ascii && g && at < end) {
		at += (uint32_t)utf8_decode(d->text, at, &cp, NULL);
		if (cp != 0x2018 && cp != 0x2019 && cp != 0x201C && cp != 0x201D && cp != 0xFF1A)
			continue;
		diag_help(d->diags, g, "the line holds U+%04X (%s), which is plain text to YAML: type %s",
			  (unsigned)cp, cp == 0xFF1A ? "a full-width colon" : "a curly quote",
			  cp == 0xFF1A	? ":"
			  : cp < 0x201C ? "'"
					: "\"");
		return;
	}
}

uint32_t yaml_place(struct yparse *p)
{
	static const struct {
		const char *part; /* of libyaml's problem, else of its context */
		uint32_t (*place)(struct yparse *p);
	} rules[] = {
	    {"unexpected end of stream", place_quote},
	    {"unexpected document indicator", place_quote},
	    {"cannot start any token", place_start},
	    {"violates indentation", place_start},
	    {"escape character", place_escape},
	    {"hexdecimal", place_escape},
	    {"Unicode character escape", place_escape},
	    {"alphabetic or numeric", place_anchor},
	    {"',' or", by_flow},
	    {"could not find expected ':'", by_colon},
	    {"mapping values are not allowed", by_colon},
	    {"expected key", by_block},
	    {"expected '-' indicator", by_block},
	    {"document start", by_block},
	    {"block sequence entries", place_list},
	    {"tag handle", place_tag},
	    {"incompatible YAML", place_version},
	    {"duplicate %", place_version},
	};
	static const struct {
		const char *part;
		uint32_t (*place)(struct yparse *p);
	} contexts[] = {
	    {"block scalar", place_block_header},
	    {"directive", place_directive},
	    {"tag", place_tag},
	};
	uint32_t blame = 0;

	if (p->fail.kind == YFAIL_DEPTH)
		return place_depth(p);
	if (find_conflict(p, &blame))
		return place_conflict(p, blame);
	for (size_t i = 0; i < COUNTOF(rules); i++)
		if (strstr(p->fail.problem, rules[i].part)) {
			blame = rules[i].place(p);
			name_lookalikes(p, blame);
			return blame;
		}
	for (size_t i = 0; i < COUNTOF(contexts); i++)
		if (strstr(p->fail.context, contexts[i].part))
			return contexts[i].place(p);
	return place_unexpected(p);
}
