#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"

void buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

char *buf_room(struct buf *b, size_t n)
{
	if (n > b->cap - b->n) {
		size_t want = b->n + n;

		if (want < n)
			bug_no_memory();
		b->cap = b->cap ? b->cap : 256;
		while (b->cap < want)
			b->cap = b->cap > SIZE_MAX / 2 ? want : b->cap * 2;
		b->p = xrealloc(b->p, b->cap);
	}
	return b->p + b->n;
}

void buf_fill(struct buf *b, char c, size_t n)
{
	if (n == 0)
		return;
	memset(buf_room(b, n), c, n);
	b->n += n;
}

void buf_u64(struct buf *b, uint64_t v)
{
	char t[20];
	size_t i = sizeof(t);

	do
		t[--i] = (char)('0' + v % 10);
	while (v /= 10);
	buf_add(b, t + i, sizeof(t) - i);
}

void buf_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_ch(b, '-');
	buf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_utf8(struct buf *b, uint32_t cp)
{
	char t[4];
	size_t n;

	if (cp < 0x80) {
		t[0] = (char)cp;
		n = 1;
	} else if (cp < 0x800) {
		t[0] = (char)(0xC0 | cp >> 6);
		t[1] = (char)(0x80 | (cp & 63));
		n = 2;
	} else if (cp < 0x10000) {
		t[0] = (char)(0xE0 | cp >> 12);
		t[1] = (char)(0x80 | (cp >> 6 & 63));
		t[2] = (char)(0x80 | (cp & 63));
		n = 3;
	} else {
		t[0] = (char)(0xF0 | cp >> 18);
		t[1] = (char)(0x80 | (cp >> 12 & 63));
		t[2] = (char)(0x80 | (cp >> 6 & 63));
		t[3] = (char)(0x80 | (cp & 63));
		n = 4;
	}
	buf_add(b, t, n);
}

void buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(buf_room(b, 128), 128, fmt, ap);
	if (n < 0)
		BUG("bad format '%s'", fmt);
	if (n >= 128)
		vsnprintf(buf_room(b, (size_t)n + 1), (size_t)n + 1, fmt, again);
	va_end(again);
	b->n += (size_t)n;
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(b, fmt, ap);
	va_end(ap);
}

struct sv buf_view(const struct buf *b)
{
	return (struct sv){ b->p ? b->p : "", b->n };
}

struct sv buf_take(struct buf *b, struct arena *a)
{
	struct sv s = sv_dup(a, buf_view(b));

	b->n = 0;
	return s;
}

struct sv sv_vfmt(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char small[256], *p;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	if (n < 0)
		BUG("bad format '%s'", fmt);
	p = NEW(a, char, (size_t)n + 1);
	if ((size_t)n < sizeof(small))
		memcpy(p, small, (size_t)n + 1);
	else
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct sv){ p, (size_t)n };
}

struct sv sv_fmt(struct arena *a, const char *fmt, ...)
{
	struct sv s;
	va_list ap;

	va_start(ap, fmt);
	s = sv_vfmt(a, fmt, ap);
	va_end(ap);
	return s;
}

struct sv sv_join(struct arena *a, const struct sv *parts, size_t n)
{
	size_t bytes = 0, at = 0;
	char *p;

	for (size_t i = 0; i < n; i++)
		bytes += parts[i].n;
	p = arena_alloc_raw(a, bytes + 1, 1, 1);
	for (size_t i = 0; i < n; i++) {
		if (parts[i].n)
			memcpy(p + at, parts[i].p, parts[i].n);
		at += parts[i].n;
	}
	p[bytes] = '\0';
	return (struct sv){ p, bytes };
}
