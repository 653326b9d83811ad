/* Borrowed string views. A view owns nothing and promises no NUL behind its text;
 * sv_cstr() is the only bridge to C strings. Knows nothing of labc. */
#ifndef LABC_BASE_SV_H
#define LABC_BASE_SV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct sv {
	const char *p;
	size_t n;
};

/* A view of a string literal; refuses anything but a literal. */
#define SV(lit) ((struct sv){ "" lit "", sizeof(lit) - 1 })
/* The same for static initialisers. */
#define SV_INIT(lit) { "" lit "", sizeof(lit) - 1 }
#define SV_FMT "%.*s"
#define SV_ARG(s) (int)(s).n, (s).p

/* A view of a NUL-terminated string; NULL gives the empty view. */
static inline struct sv sv_from(const char *s)
{
	return s ? (struct sv){ s, strlen(s) } : (struct sv){ "", 0 };
}
/* A NUL-terminated copy in the arena. */
const char *sv_cstr(struct arena *a, struct sv s);
/* A copy of the text in the arena. */
struct sv sv_dup(struct arena *a, struct sv s);

static inline bool sv_eq(struct sv a, struct sv b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
/* ASCII letters compare equal whatever their case; no locale. */
bool sv_eq_nocase(struct sv a, struct sv b);
/* Byte order, shorter first on a tie: <0, 0, >0. */
int sv_cmp(struct sv a, struct sv b);
bool sv_starts(struct sv s, struct sv prefix);
bool sv_ends(struct sv s, struct sv suffix);
/* Offset of the first c, or -1. */
ptrdiff_t sv_find(struct sv s, char c);
/* Offset of the first occurrence of needle, or -1. */
ptrdiff_t sv_search(struct sv s, struct sv needle);
/* The part [from, from + n), cut to what is there. */
static inline struct sv sv_sub(struct sv s, size_t from, size_t n)
{
	from = from < s.n ? from : s.n;
	return (struct sv){ s.p + from, n < s.n - from ? n : s.n - from };
}
/* Without blanks, tabs and line ends at both sides. */
struct sv sv_trim(struct sv s);
uint32_t sv_hash(struct sv s);
uint32_t sv_hash_nocase(struct sv s);

/* Number of edits between two texts (insert, delete, replace, swap), at most cap + 1.
 * Texts over 64 bytes count as cap + 1 apart. */
unsigned sv_distance(struct sv a, struct sv b, unsigned cap);
/* Whether b is near enough to a to be suggested: distance <= 2 or a third of the longer text. */
bool sv_is_near(struct sv a, struct sv b, unsigned *distance);

static inline bool ch_is_digit(char c) { return c >= '0' && c <= '9'; }
static inline bool ch_is_lower(char c) { return c >= 'a' && c <= 'z'; }
static inline bool ch_is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static inline bool ch_is_alpha(char c) { return ch_is_lower(c) || ch_is_upper(c); }
static inline bool ch_is_alnum(char c) { return ch_is_alpha(c) || ch_is_digit(c); }
static inline char ch_lower(char c) { return ch_is_upper(c) ? (char)(c + 32) : c; }

#endif
