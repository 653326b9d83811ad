#include "base/utf8.h"

#include <string.h>
#include <utf8proc.h>

size_t utf8_decode(struct sv s, size_t off, uint32_t *cp, bool *bad)
{
	const unsigned char *p = (const unsigned char *)s.p + off;
	size_t left = off < s.n ? s.n - off : 0, len;
	uint32_t c;

	if (left == 0) {
		*cp = 0;
		return 0;
	}
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	len = p[0] >= 0xF0 && p[0] < 0xF5 ? 4 : p[0] >= 0xE0 && p[0] < 0xF0 ? 3 : p[0] >= 0xC2 && p[0] < 0xE0 ? 2 : 0;
	if (len == 0 || len > left)
		goto invalid;
	c = p[0] & (0xFFu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			goto invalid;
		c = c << 6 | (p[i] & 0x3F);
	}
	if ((len == 3 && c < 0x800) || (len == 4 && c < 0x10000) || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		goto invalid;
	*cp = c;
	return len;
invalid:
	if (bad)
		*bad = true;
	*cp = 0xFFFD;
	return 1;
}

ptrdiff_t utf8_check(struct sv s)
{
	size_t i = 0;

	while (i < s.n) {
		uint64_t word;
		uint32_t cp;
		bool bad = false;

		if (s.n - i >= sizeof(word)) {
			memcpy(&word, s.p + i, sizeof(word));
			if (!(word & 0x8080808080808080u)) {
				i += sizeof(word);
				continue;
			}
		}
		i += utf8_decode(s, i, &cp, &bad);
		if (bad)
			return (ptrdiff_t)i - 1;
	}
	return -1;
}

size_t utf8_count(struct sv s)
{
	size_t n = 0, i = 0;
	uint32_t cp;

	while (i < s.n) {
		i += utf8_decode(s, i, &cp, NULL);
		n++;
	}
	return n;
}

unsigned utf8_width(uint32_t cp)
{
	int w;

	if (cp >= 0x20 && cp < 0x7F)
		return 1;
	w = utf8proc_charwidth((utf8proc_int32_t)cp);
	return w < 0 ? 0 : (unsigned)w;
}

bool utf8_is_bidi(uint32_t cp)
{
	return (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069);
}

bool utf8_is_unsafe(uint32_t cp)
{
	if (cp < 0x20)
		return cp != '\t' && cp != '\n';
	if (cp < 0x7F)
		return false;
	return cp <= 0x9F || cp == 0x2028 || cp == 0x2029 || utf8_is_bidi(cp) || cp == 0xFEFF ||
	       (cp & 0xFFFE) == 0xFFFE || (cp >= 0xFDD0 && cp <= 0xFDEF) || (cp >= 0xD800 && cp < 0xE000);
}
