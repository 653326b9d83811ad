/* Bump allocation. Everything of a run lives in one of two arenas and is released at once;
 * running out of memory ends the process (exit 3), it is never a return value. */
#ifndef LABC_BASE_ARENA_H
#define LABC_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *top;
	size_t used;   /* bytes handed out, all blocks */
	size_t limit;  /* 0: none; crossing it calls on_limit, then ends the process */
};

struct arena_mark {
	struct arena_block *top;
	size_t fill, used;
};

void arena_init(struct arena *a, size_t limit);
void arena_release(struct arena *a);
/* Takes everything back but keeps a block for what comes next. */
void arena_reset(struct arena *a);
/* n * size bytes, zeroed, aligned; the product is checked; never NULL. */
void *arena_alloc(struct arena *a, size_t n, size_t size, size_t align);
/* The same, but with whatever was there before: for what is written over at once. */
void *arena_alloc_raw(struct arena *a, size_t n, size_t size, size_t align);
/* Grows the last allocation in place if it can, else copies; the new part is zeroed. */
void *arena_grow(struct arena *a, void *old, size_t old_n, size_t new_n, size_t size, size_t align);
struct arena_mark arena_mark(struct arena *a);
/* Takes back all that was allocated since the mark. */
void arena_rewind(struct arena *a, struct arena_mark m);

#define NEW(a, type, n) ((type *)arena_alloc((a), (n), sizeof(type), _Alignof(type)))

#endif
