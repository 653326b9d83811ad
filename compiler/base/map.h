/* String -> value map over an arena. Keys are borrowed views, entries keep the order of insertion. */
#ifndef LABC_BASE_MAP_H
#define LABC_BASE_MAP_H

#include "base/arena.h"
#include "base/sv.h"

struct map_entry {
	struct sv key;
	void *value;
	uint32_t hash;
};

struct map {
	struct arena *a;
	struct map_entry *v;  /* in insertion order */
	size_t n, cap;
	uint32_t *slots;      /* index + 1 into v; built from the ninth entry on */
	size_t n_slots;
	bool nocase;          /* ASCII letters compare equal whatever their case */
};

void map_init(struct map *m, struct arena *a, bool nocase);
/* The entry of that key, or NULL. */
struct map_entry *map_find(const struct map *m, struct sv key);
/* The value of that key, or NULL. */
void *map_get(const struct map *m, struct sv key);
/* Adds key -> value and returns NULL; if the key is there, changes nothing and returns that entry. */
struct map_entry *map_add(struct map *m, struct sv key, void *value);

#endif
