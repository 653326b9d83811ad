/* Before libyaml sees a byte: encoding, characters a spec must not hold, and the inputs on which libyaml
 * takes quadratic time. Refused characters are masked in a copy, so that the rest is still read. */
#include "yaml/internal.h"

#include <string.h>

#include "base/bug.h"
#include "base/utf8.h"

enum { ODD_MAX = 10000, REPORT_MAX = 50 };

static bool is_noncharacter(uint32_t cp)
{
	return cp == 0xFFFE || cp == 0xFFFF;
}

enum yodd_class yaml_odd_class(uint32_t cp)
{
	if (cp < 0x20)
		return cp == '\t' || cp == '\n' || cp == '\r' ? YODD_NONE : YODD_CONTROL;
	if (cp < 0x7F)
		return YODD_NONE;
	if (cp < 0xA0)
		return cp == 0x85 ? YODD_BREAK : YODD_CONTROL;
	if (cp == 0x2028 || cp == 0x2029)
		return YODD_BREAK;
	if (utf8_is_bidi(cp))
		return YODD_BIDI;
	if (cp == 0xFEFF)
		return YODD_BOM;
	if (cp == 0xA0 || cp == 0xAD || cp == 0x1680 || cp == 0x180E || (cp >= 0x2000 && cp <= 0x200B) ||
	    cp == 0x202F || cp == 0x205F || cp == 0x2060 || cp == 0x3000 || (cp >= 0xE0000 && cp <= 0xE007F))
		return YODD_SPACE;
	if ((cp >= 0x200C && cp <= 0x200F) || cp == 0x061C)
		return YODD_JOINER;
	return is_noncharacter(cp) ? YODD_CONTROL : YODD_NONE;
}

struct sv yaml_char_name(struct arena *a, uint32_t cp)
{
	static const struct {
		uint32_t cp;
		const char *name;
	} names[] = {
	    {0x00, "NUL"},
	    {0x07, "bell"},
	    {0x08, "backspace"},
	    {0x0C, "form feed"},
	    {0x1B, "escape"},
	    {0x7F, "delete"},
	    {0x85, "next line"},
	    {0xA0, "no-break space"},
	    {0xAD, "soft hyphen"},
	    {0x61C, "Arabic letter mark"},
	    {0x200B, "zero-width space"},
	    {0x200C, "zero-width non-joiner"},
	    {0x200D, "zero-width joiner"},
	    {0x200E, "left-to-right mark"},
	    {0x200F, "right-to-left mark"},
	    {0x2028, "line separator"},
	    {0x2029, "paragraph separator"},
	    {0x202A, "left-to-right embedding"},
	    {0x202B, "right-to-left embedding"},
	    {0x202C, "pop directional formatting"},
	    {0x202D, "left-to-right override"},
	    {0x202E, "right-to-left override"},
	    {0x202F, "narrow no-break space"},
	    {0x2060, "word joiner"},
	    {0x2066, "left-to-right isolate"},
	    {0x2067, "right-to-left isolate"},
	    {0x2068, "first strong isolate"},
	    {0x2069, "pop directional isolate"},
	    {0x3000, "ideographic space"},
	    {0xFEFF, "byte order mark"},
	};

	for (size_t i = 0; i < COUNTOF(names); i++)
		if (names[i].cp == cp)
			return sv_fmt(a, "U+%04X (%s)", (unsigned)cp, names[i].name);
	return sv_fmt(a, "U+%04X", (unsigned)cp);
}

void yaml_own_text(struct yparse *p)
{
	struct ydoc *d = p->d;

	if (p->masked)
		return;
	p->masked = NEW(d->a, char, d->text.n + 1);
	memcpy(p->masked, d->text.p, d->text.n);
	d->work = p->masked;
}

static void mask(struct yparse *p, uint32_t off, uint32_t len, uint32_t cp)
{
	yaml_own_text(p);
	memset(p->masked + off, '_', len);
	if (p->scrubbed.n < ODD_MAX)
		VEC_ADD(p->d->a, &p->scrubbed, ((struct yodd){off, len, cp}));
}

/* "UTF-16", "UTF-32" or NULL. Without a byte order mark every second byte of the first ones is NUL. */
static const char *wide_encoding(struct sv t)
{
	const unsigned char *s = (const unsigned char *)t.p;
	size_t n = t.n < 64 ? t.n & ~(size_t)1 : 64, even = 0, odd = 0;

	if (t.n >= 4 && (memcmp(s, "\xFF\xFE\0\0", 4) == 0 || memcmp(s, "\0\0\xFE\xFF", 4) == 0))
		return "UTF-32";
	if (t.n >= 2 && ((s[0] == 0xFF && s[1] == 0xFE) || (s[0] == 0xFE && s[1] == 0xFF)))
		return "UTF-16";
	for (size_t i = 0; i < n; i += 2) {
		even += s[i] == 0;
		odd += s[i + 1] == 0;
	}
	if (n < 4 || even + odd > n)
		return NULL;
	if (n >= 8 && (even + odd) * 8 >= n * 5)
		return "UTF-32";
	return (odd * 4 >= n / 2 * 3 && even == 0) || (even * 4 >= n / 2 * 3 && odd == 0) ? "UTF-16" : NULL;
}

static bool check_encoding(struct yparse *p)
{
	struct ydoc *d = p->d;
	const char *name = wide_encoding(d->text);
	struct diag *g;

	if (!name)
		return true;
	g = YDIAG(d, Y_UTF16, yspan(d, 0, d->text.n ? 1 : 0), "the file is %s, expected UTF-8", name);
	diag_help(
	    d->diags, g,
	    "save it as UTF-8; in Windows PowerShell: (Get-Content lab.yaml) | Set-Content -Encoding UTF8 "
	    "lab.yaml, instead of >");
	return false;
}

struct counts {
	uint32_t invalid, control, first_invalid, reported;
};

static void report_char(struct yparse *p, struct counts *c, enum yodd_class class, uint32_t off, uint32_t len,
			uint32_t cp)
{
	static const enum yaml_code rows[] = {
	    [YODD_CONTROL] = Y_CONTROL, [YODD_BIDI] = Y_BIDI, [YODD_BREAK] = Y_BREAK, [YODD_BOM] = Y_BOM};
	struct ydoc *d = p->d;
	struct sv name;
	struct diag *g;

	if (c->reported++ >= REPORT_MAX)
		return;
	name = yaml_char_name(d->a, cp);
	switch (class) {
	case YODD_CONTROL:
		g = YDIAG(d, rows[class], yspan(d, off, off + len),
			  "control character " SV_FMT " in the file", SV_ARG(name));
		break;
	case YODD_BIDI:
		g = YDIAG(d, rows[class], yspan(d, off, off + len),
			  "bidirectional control " SV_FMT ": the text does not read as it is stored",
			  SV_ARG(name));
		break;
	case YODD_BREAK:
		g = YDIAG(d, rows[class], yspan(d, off, off + len),
			  "line break " SV_FMT " on which editors and YAML readers do not agree",
			  SV_ARG(name));
		break;
	default:
		g = YDIAG(d, rows[class], yspan(d, off, off + len), SV_FMT " inside the file", SV_ARG(name));
		break;
	}
	diag_help(d->diags, g, class == YODD_BREAK ? "replace it by a blank, or by a line end" : "remove it");
	if (class == YODD_BREAK)
		diag_edit(d->diags, g, yspan(d, off, off + len), SV(" "), false);
	else
		diag_edit(d->diags, g, yspan(d, off, off + len), SV(""), false);
}

static void bad_byte(struct yparse *p, struct counts *c, uint32_t off)
{
	if (!c->invalid++)
		c->first_invalid = off;
	mask(p, off, 1, 0xFFFD);
}

/* Windows-1252, the usual culprit, reads these bytes as Latin-1 does. */
static void report_invalid(struct yparse *p, const struct counts *c)
{
	struct ydoc *d = p->d;
	uint32_t off = c->first_invalid;
	unsigned byte = (unsigned char)d->text.p[off];
	struct diag *g = YDIAG(d, Y_UTF8, yspan(d, off, off + 1), "byte 0x%02X is not valid UTF-8", byte);
	bool legacy = byte >= 0xA0 && (off + 1 == d->text.n || (unsigned char)d->text.p[off + 1] < 0x80) &&
		      off + 1 < d->text.n;

	if (c->invalid > 1)
		diag_help(d->diags, g, "save the file as UTF-8; it has %u such bytes", (unsigned)c->invalid);
	else if (legacy)
		diag_help(d->diags, g, "save the file as UTF-8; in Windows-1252 this byte is U+%04X", byte);
	else
		diag_help(d->diags, g, "save the file as UTF-8");
	if (legacy && c->invalid == 1) {
		char utf8[2] = {(char)(0xC0 | byte >> 6), (char)(0x80 | (byte & 0x3F))};

		diag_edit(d->diags, g, yspan(d, off, off + 1), sv_dup(d->a, (struct sv){utf8, 2}), false);
	}
}

/* A byte that is not plain ASCII text; returns its length. */
static uint32_t odd_byte(struct yparse *p, struct counts *c, uint32_t at)
{
	struct ydoc *d = p->d;
	enum yodd_class class;
	bool bad = false;
	uint32_t cp, len = (uint32_t)utf8_decode(d->text, at, &cp, &bad);

	if ((unsigned char)d->text.p[at] >= 0x80)
		p->ascii = false;
	if (bad) {
		bad_byte(p, c, at);
		return 1;
	}
	class = yaml_odd_class(cp);
	if (class == YODD_NONE)
		return len;
	if (class == YODD_SPACE || class == YODD_JOINER) {
		if (p->odd.n < ODD_MAX)
			VEC_ADD(d->a, &p->odd, ((struct yodd){at, len, cp}));
		return len;
	}
	c->control += class == YODD_CONTROL;
	mask(p, at, len, cp);
	return len;
}

/* The next byte from at on that is a control character, DEL or not ASCII; line feeds are passed over. */
static uint32_t next_special(const unsigned char *s, uint32_t at, uint32_t end)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;

	for (; end - at >= 8; at += 8) {
		uint64_t w, low7, feed, special;

		memcpy(&w, s + at, 8);
		low7 = w & ~high;
		/* the high bit of each byte: not ASCII, below a blank, DEL; and not a line feed */
		special = w | ~(low7 + ones * 0x60) | (low7 + ones);
		feed = w ^ (ones * '\n');
		special &= ((feed & ~high) + ones * 0x7F) | feed;
		if (special & high)
			break;
	}
	while (at < end && ((s[at] >= 0x20 && s[at] < 0x7F) || s[at] == '\n'))
		at++;
	return at;
}

/* Lines that start with % are directives to libyaml, each compared with all before it. */
static bool check_percents(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t at = p->base, n = 0;

	while (at < p->end) {
		const char *hit = memchr(d->text.p + at, '%', p->end - at);
		struct diag *g;

		if (!hit)
			return true;
		at = (uint32_t)(hit - d->text.p);
		if ((at == p->base || ych_break(d->text.p[at - 1])) && ++n > p->o.max_percent) {
			g = YDIAG(d, Y_PERCENT, yspan(d, at, at + 1), "more than %u lines start with '%%'",
				  (unsigned)p->o.max_percent);
			diag_help(d->diags, g, "indent this text, or put it into a file of its own");
			return false;
		}
		at++;
	}
	return true;
}

/* libyaml clears a buffer as long as such a run for every word behind it. Any run longer than the
 * limit covers one of the sampled bytes. */
static bool check_runs(struct yparse *p)
{
	const char *s = p->d->text.p;
	uint32_t step = p->o.max_run, done = p->base;

	for (uint64_t i = (uint64_t)p->base + step - 1; i < p->end; i += step) {
		uint32_t lo = (uint32_t)i, hi, blanks = 0, breaks = 0, blank_lo, break_lo;

		if (lo < done || !ych_space(s[lo]))
			continue;
		while (lo > done && ych_space(s[lo - 1]))
			lo--;
		blank_lo = break_lo = hi = lo;
		for (; hi < p->end && ych_space(s[hi]); hi++) {
			struct diag *g;
			bool blank = ych_blank(s[hi]);

			if (blank && blanks++ == 0)
				blank_lo = hi;
			else if (!blank)
				blanks = 0, breaks += s[hi] != '\n' || hi == lo || s[hi - 1] != '\r';
			if (blanks <= step && breaks <= step)
				continue;
			g = YDIAG(p->d, Y_RUN, yspan(p->d, blanks > step ? blank_lo : break_lo, hi + 1),
				  "more than %u %s in a row", (unsigned)step,
				  blanks > step ? "blanks" : "line ends");
			diag_help(p->d->diags, g, "remove them");
			return false;
		}
		done = hi;
	}
	return true;
}

/* A picture or program, not a text with a slip. */
static bool is_binary(struct yparse *p, const struct counts *c)
{
	struct ydoc *d = p->d;
	uint64_t bad = (uint64_t)c->invalid + c->control;

	if (bad < 8 || bad * 32 < p->end - p->base)
		return false;
	YDIAG(d, Y_BINARY, yspan(d, p->scrubbed.v[0].off, p->scrubbed.v[0].off + 1),
	      "this is a binary file, expected a YAML text");
	return true;
}

bool yaml_prepass(struct yparse *p)
{
	struct ydoc *d = p->d;
	struct counts c = {0};
	uint32_t at;

	if (d->text.n > YDOC_MAX_BYTES) {
		YDIAG(d, Y_TOO_LARGE, yspan(d, 0, 0),
		      "the file has %zu bytes, more than the %zu MiB that are read", d->text.n,
		      YDOC_MAX_BYTES >> 20);
		return false;
	}
	if (!check_encoding(p))
		return false;
	p->end = (uint32_t)d->text.n;
	p->base = d->base = d->text.n >= 3 && memcmp(d->text.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	p->ascii = true;
	for (at = p->base; (at = next_special((const unsigned char *)d->text.p, at, p->end)) < p->end;) {
		char ch = d->text.p[at];

		if (ch == '\r' || ch == '\t')
			at++;
		else
			at += odd_byte(p, &c, at);
	}
	if (is_binary(p, &c))
		return false;
	if (c.invalid)
		report_invalid(p, &c);
	for (size_t i = 0; i < p->scrubbed.n; i++)
		if (p->scrubbed.v[i].cp != 0xFFFD || p->scrubbed.v[i].len != 1)
			report_char(p, &c, yaml_odd_class(p->scrubbed.v[i].cp), p->scrubbed.v[i].off,
				    p->scrubbed.v[i].len, p->scrubbed.v[i].cp);
	return check_percents(p) && check_runs(p);
}
