/* Typed growable arrays over an arena.
 *
 *   VEC(struct guest) guests = { 0 };
 *   struct guest *g = VEC_PUSH(arena, &guests);     (zeroed)
 *   for (size_t i = 0; i < guests.n; i++) use(&guests.v[i]);
 */
#ifndef LABC_BASE_VEC_H
#define LABC_BASE_VEC_H

#include "base/arena.h"

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *v;                                                                           \
		size_t n, cap;                                                                     \
	}

/* Room for one more; returns its address, zeroed. Earlier addresses may move. */
#define VEC_PUSH(a, vec)                                                                           \
	(((vec)->n == (vec)->cap                                                                   \
		  ? (void)((vec)->v = arena_grow((a), (vec)->v, (vec)->cap,                        \
						 (vec)->cap ? (vec)->cap * 2 : 8,                  \
						 sizeof(*(vec)->v), _Alignof(max_align_t)),        \
			   (vec)->cap = (vec)->cap ? (vec)->cap * 2 : 8)                           \
		  : (void)0),                                                                      \
	 &(vec)->v[(vec)->n++])

#define VEC_ADD(a, vec, item) (*VEC_PUSH((a), (vec)) = (item))

#endif
