#include "base/arena.h"

#include <stdint.h>
#include <string.h>

#include "base/bug.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum { FIRST_BLOCK = 64 * 1024, MAX_BLOCK = 4 * 1024 * 1024 };

struct arena_block {
	struct arena_block *below;
	size_t size, fill; /* of data */
	size_t last;       /* offset of the newest allocation, for growing in place */
	_Alignas(max_align_t) char data[];
};

void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

static void drop(struct arena_block *b)
{
	UNPOISON(b->data, b->size);
	free(b);
}

static void drop_top(struct arena *a)
{
	struct arena_block *b = a->top;

	a->top = b->below;
	drop(b);
}

void arena_release(struct arena *a)
{
	while (a->top)
		drop_top(a);
	a->used = 0;
}

void arena_reset(struct arena *a)
{
	/* the newest block is the largest: what was enough may be enough again */
	while (a->top && a->top->size > MAX_BLOCK && a->top->below)
		drop_top(a);
	while (a->top && a->top->below) {
		struct arena_block *b = a->top->below;

		a->top->below = b->below;
		drop(b);
	}
	if (a->top) {
		POISON(a->top->data, a->top->size);
		a->top->fill = a->top->last = 0;
	}
	a->used = 0;
}

static struct arena_block *add_block(struct arena *a, size_t need)
{
	size_t size = a->top ? a->top->size * 2 : FIRST_BLOCK;
	struct arena_block *b;

	if (size > MAX_BLOCK)
		size = MAX_BLOCK;
	if (size < need)
		size = need;
	if (size > SIZE_MAX - sizeof(*b))
		bug_no_memory();
	b = xmalloc(sizeof(*b) + size);
	b->below = a->top;
	b->size = size;
	b->fill = b->last = 0;
	POISON(b->data, size);
	a->top = b;
	return b;
}

void *arena_alloc_raw(struct arena *a, size_t n, size_t size, size_t align)
{
	struct arena_block *b = a->top;
	size_t bytes, at;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2)
		bug_no_memory();
	at = b ? (b->fill + align - 1) & ~(align - 1) : 0;
	if (!b || at > b->size || bytes > b->size - at) {
		b = add_block(a, bytes);
		at = 0;
	}
	a->used += bytes;
	if (a->limit && a->used > a->limit)
		bug_no_memory();
	UNPOISON(b->data + at, bytes);
	b->last = at;
	b->fill = at + bytes;
	return b->data + at;
}

void *arena_alloc(struct arena *a, size_t n, size_t size, size_t align)
{
	void *p = arena_alloc_raw(a, n, size, align);

	/* the product was checked */
	if (n > 0 && size > 0)
		memset(p, 0, n * size);
	return p;
}

void *arena_grow(struct arena *a, void *old, size_t old_n, size_t new_n, size_t size, size_t align)
{
	struct arena_block *b = a->top;
	size_t old_bytes = old_n * size, new_bytes;
	void *p;

	if (__builtin_mul_overflow(new_n, size, &new_bytes) || new_bytes > SIZE_MAX / 2)
		bug_no_memory();
	if (old && b && old == b->data + b->last && b->fill == b->last + old_bytes &&
	    new_bytes <= b->size - b->last) {
		UNPOISON((char *)old + old_bytes, new_bytes - old_bytes);
		memset((char *)old + old_bytes, 0, new_bytes - old_bytes);
		b->fill = b->last + new_bytes;
		a->used += new_bytes - old_bytes;
		return old;
	}
	p = arena_alloc(a, new_n, size, align);
	if (old_bytes)
		memcpy(p, old, old_bytes);
	return p;
}

struct arena_mark arena_mark(struct arena *a)
{
	return (struct arena_mark){ a->top, a->top ? a->top->fill : 0, a->used };
}

void arena_rewind(struct arena *a, struct arena_mark m)
{
	while (a->top != m.top)
		drop_top(a);
	if (a->top) {
		POISON(a->top->data + m.fill, a->top->size - m.fill);
		a->top->fill = a->top->last = m.fill;
	}
	a->used = m.used;
}
