#include "base/map.h"

#include <stdalign.h>

/* Up to this many entries a scan beats hashing. */
enum { SCAN_MAX = 8 };

void map_init(struct map *m, struct arena *a, bool nocase)
{
	*m = (struct map){ .a = a, .nocase = nocase };
}

static uint32_t hash_of(const struct map *m, struct sv key)
{
	return m->nocase ? sv_hash_nocase(key) : sv_hash(key);
}

static bool same(const struct map *m, const struct map_entry *e, uint32_t hash, struct sv key)
{
	return e->hash == hash && (m->nocase ? sv_eq_nocase(e->key, key) : sv_eq(e->key, key));
}

static struct map_entry *find(const struct map *m, uint32_t hash, struct sv key)
{
	if (!m->slots) {
		for (size_t i = 0; i < m->n; i++)
			if (same(m, &m->v[i], hash, key))
				return &m->v[i];
		return NULL;
	}
	for (size_t i = hash & (m->n_slots - 1); m->slots[i]; i = (i + 1) & (m->n_slots - 1)) {
		struct map_entry *e = &m->v[m->slots[i] - 1];

		if (same(m, e, hash, key))
			return e;
	}
	return NULL;
}

struct map_entry *map_find(const struct map *m, struct sv key)
{
	return find(m, hash_of(m, key), key);
}

void *map_get(const struct map *m, struct sv key)
{
	struct map_entry *e = map_find(m, key);

	return e ? e->value : NULL;
}

static void rebuild(struct map *m)
{
	m->n_slots = m->n_slots ? m->n_slots * 2 : 32;
	m->slots = NEW(m->a, uint32_t, m->n_slots);
	for (size_t k = 0; k < m->n; k++) {
		size_t i = m->v[k].hash & (m->n_slots - 1);

		while (m->slots[i])
			i = (i + 1) & (m->n_slots - 1);
		m->slots[i] = (uint32_t)k + 1;
	}
}

struct map_entry *map_add(struct map *m, struct sv key, void *value)
{
	uint32_t hash = hash_of(m, key);
	struct map_entry *e = find(m, hash, key);

	if (e)
		return e;
	if (m->n == m->cap) {
		size_t cap = m->cap ? m->cap * 2 : SCAN_MAX;

		m->v = arena_grow(m->a, m->v, m->cap, cap, sizeof(*m->v), alignof(struct map_entry));
		m->cap = cap;
	}
	m->v[m->n++] = (struct map_entry){ key, value, hash };
	if (m->n > SCAN_MAX && m->n * 2 > m->n_slots) {
		rebuild(m);
	} else if (m->slots) {
		size_t i = hash & (m->n_slots - 1);

		while (m->slots[i])
			i = (i + 1) & (m->n_slots - 1);
		m->slots[i] = (uint32_t)m->n;
	}
	return NULL;
}
