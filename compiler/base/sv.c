#include "base/sv.h"

#include <string.h>

#include "base/arena.h"

const char *sv_cstr(struct arena *a, struct sv s)
{
	char *p = arena_alloc_raw(a, s.n + 1, 1, 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct sv sv_dup(struct arena *a, struct sv s)
{
	return (struct sv){ sv_cstr(a, s), s.n };
}

bool sv_eq_nocase(struct sv a, struct sv b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (ch_lower(a.p[i]) != ch_lower(b.p[i]))
			return false;
	return true;
}

int sv_cmp(struct sv a, struct sv b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool sv_starts(struct sv s, struct sv prefix)
{
	return s.n >= prefix.n && sv_eq((struct sv){ s.p, prefix.n }, prefix);
}

bool sv_ends(struct sv s, struct sv suffix)
{
	return s.n >= suffix.n && sv_eq((struct sv){ s.p + s.n - suffix.n, suffix.n }, suffix);
}

ptrdiff_t sv_find(struct sv s, char c)
{
	const char *p = s.n ? memchr(s.p, c, s.n) : NULL;

	return p ? p - s.p : -1;
}

ptrdiff_t sv_search(struct sv s, struct sv needle)
{
	size_t from = 0;

	if (needle.n == 0)
		return 0;
	while (s.n - from >= needle.n) {
		const char *p = memchr(s.p + from, needle.p[0], s.n - from - needle.n + 1);

		if (!p)
			return -1;
		if (memcmp(p, needle.p, needle.n) == 0)
			return p - s.p;
		from = (size_t)(p - s.p) + 1;
	}
	return -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct sv sv_trim(struct sv s)
{
	while (s.n && is_blank(s.p[0]))
		s.p++, s.n--;
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

uint32_t sv_hash(struct sv s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 16777619u;
	return h;
}

uint32_t sv_hash_nocase(struct sv s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)ch_lower(s.p[i])) * 16777619u;
	return h;
}

enum { DISTANCE_MAX = 64 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned sv_distance(struct sv a, struct sv b, unsigned cap)
{
	unsigned rows[3][DISTANCE_MAX + 1];

	if (a.n > DISTANCE_MAX || b.n > DISTANCE_MAX)
		return cap + 1;
	for (unsigned j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *now = rows[i % 3], *prev = rows[(i + 2) % 3], *prev2 = rows[(i + 1) % 3];
		unsigned best = now[0] = (unsigned)i;

		for (size_t j = 1; j <= b.n; j++) {
			bool same = ch_lower(a.p[i - 1]) == ch_lower(b.p[j - 1]);

			now[j] = min3(prev[j] + 1, now[j - 1] + 1, prev[j - 1] + (same ? 0 : 1));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] &&
			    prev2[j - 2] + 1 < now[j])
				now[j] = prev2[j - 2] + 1;
			if (now[j] < best)
				best = now[j];
		}
		if (best > cap)
			return cap + 1;
	}
	return rows[a.n % 3][b.n] > cap ? cap + 1 : rows[a.n % 3][b.n];
}

bool sv_is_near(struct sv a, struct sv b, unsigned *distance)
{
	size_t longer = a.n > b.n ? a.n : b.n;
	unsigned cap = longer / 3 > 2 ? (unsigned)(longer / 3) : 2;

	/* of very short words everything would be near */
	if (longer <= 3)
		cap = 1;
	*distance = sv_distance(a, b, cap);
	return *distance <= cap;
}
