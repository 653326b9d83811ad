/* UTF-8 without the locale: decoding, counting, display width (utf8proc's tables). */
#ifndef LABC_BASE_UTF8_H
#define LABC_BASE_UTF8_H

#include <string.h>

#include "base/sv.h"

/* Decodes the code point at s.p[off]; returns its length in bytes, 0 at the end.
 * An invalid byte gives U+FFFD and length 1, and sets *bad when bad is not NULL. */
size_t utf8_decode(struct sv s, size_t off, uint32_t *cp, bool *bad);
/* Offset of the first invalid byte, or -1. */
ptrdiff_t utf8_check(struct sv s);
/* Whether all of it is printable ASCII, blank to tilde: what nearly every text is, told eight bytes at a time. */
static inline bool utf8_is_printable_ascii(struct sv s)
{
	const uint64_t ones = UINT64_MAX / 255, high = ones * 0x80;
	uint64_t w, odd = 0;
	size_t i = 0;

	/* the top bit of a byte: it is set, or becomes so by adding 1 (DEL), or by taking a blank away (controls) */
	for (; i + 8 <= s.n; i += 8) {
		memcpy(&w, s.p + i, 8);
		odd |= w | (w + ones) | (w - ones * ' ');
	}
	for (; i < s.n; i++)
		odd |= (uint64_t)(s.p[i] < ' ' || s.p[i] > '~') << 7;
	return (odd & high) == 0;
}
/* Number of code points. */
size_t utf8_count(struct sv s);
/* Cells of a terminal: 0 for combining and format characters, 2 for wide ones. Control
 * characters count 0; callers print them in some visible form. */
unsigned utf8_width(uint32_t cp);
/* Characters that must not reach a terminal or a script: C0 but tab and line feed, DEL, C1,
 * U+2028/2029, bidirectional controls, noncharacters, BOM. */
bool utf8_is_unsafe(uint32_t cp);
/* Bidirectional overrides and isolates: U+202A-202E, U+2066-2069. */
bool utf8_is_bidi(uint32_t cp);

#endif
