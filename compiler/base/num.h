/* Checked integers and the few number formats that must not depend on the locale. */
#ifndef LABC_BASE_NUM_H
#define LABC_BASE_NUM_H

#include "base/sv.h"

/* Decimal ASCII digits only, at least one; false on anything else or on overflow. */
bool num_u64(struct sv s, uint64_t *out);
static inline bool num_add_u64(uint64_t a, uint64_t b, uint64_t *out) { return !__builtin_add_overflow(a, b, out); }
static inline bool num_mul_u64(uint64_t a, uint64_t b, uint64_t *out) { return !__builtin_mul_overflow(a, b, out); }
static inline bool num_add_i64(int64_t a, int64_t b, int64_t *out) { return !__builtin_add_overflow(a, b, out); }
static inline bool num_sub_i64(int64_t a, int64_t b, int64_t *out) { return !__builtin_sub_overflow(a, b, out); }
static inline bool num_mul_i64(int64_t a, int64_t b, int64_t *out) { return !__builtin_mul_overflow(a, b, out); }

/* "4 GiB", "512 MiB", "1536 MiB": the largest unit that divides, in the arena. */
struct sv num_size_text(struct arena *a, uint64_t bytes);
/* "192.168.0.1" of a host-order address, in the arena. */
struct sv num_ip_text(struct arena *a, uint32_t ip);
/* Strict dotted decimal, no leading zeros. */
bool num_ip(struct sv s, uint32_t *out);

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define TIB ((uint64_t)1 << 40)

#endif
