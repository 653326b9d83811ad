/* Keys: each once in its map; `<<`; walking and looking up entries. */
#include "yaml/internal.h"

#include <string.h>

uint32_t yaml_hash(const char *s, size_t n)
{
	uint64_t h = 0x9E3779B97F4A7C15u ^ n;

	while (n >= 8) {
		uint64_t word;

		memcpy(&word, s, 8);
		h = (h ^ word) * 0xFF51AFD7ED558CCDu;
		h ^= h >> 32;
		s += 8;
		n -= 8;
	}
	if (n) {
		uint64_t word = 0;

		memcpy(&word, s, n);
		h = (h ^ word) * 0xFF51AFD7ED558CCDu;
		h ^= h >> 32;
	}
	h *= 0xC4CEB9FE1A85EC53u;
	return (uint32_t)(h >> 32);
}

static bool same_key(const struct ydoc *d, uint32_t a, uint32_t b)
{
	return d->nodes[a].hash == d->nodes[b].hash &&
	       (d->nodes[a].flags & YN_MERGE_KEY) == (d->nodes[b].flags & YN_MERGE_KEY) &&
	       sv_eq(ynode_text(d, a), ynode_text(d, b));
}

static void index_put(struct yindex *x, uint32_t hash, uint32_t value)
{
	uint32_t i = hash & x->mask;

	while (x->slots[i])
		i = (i + 1) & x->mask;
	x->slots[i] = value;
}

static void index_grow(struct ydoc *d, struct yindex *x)
{
	struct yindex wide = {NEW(d->a, uint32_t, ((size_t)x->mask + 1) * 2), x->mask * 2 + 1};

	for (uint32_t i = 0; i <= x->mask; i++)
		if (x->slots[i])
			index_put(&wide, d->nodes[x->slots[i]].hash, x->slots[i]);
	*x = wide;
}

uint32_t yaml_key_enter(struct yparse *p, struct yframe *f, uint32_t key)
{
	struct ydoc *d = p->d;
	struct ynode *node = &d->nodes[key];
	struct sv text = ynode_text(d, key);

	node->hash = yaml_hash(text.p, text.n);
	if (f->n_keys < KEYS_INLINE) {
		for (uint32_t i = 0; i < f->n_keys; i++)
			if (f->khash[i] == node->hash && same_key(d, f->knode[i], key))
				return f->knode[i];
		f->khash[f->n_keys] = node->hash;
		f->knode[f->n_keys++] = key;
		return 0;
	}
	if (!f->index.slots) {
		f->index = (struct yindex){NEW(d->a, uint32_t, 64), 63};
		for (uint32_t i = 0; i < KEYS_INLINE; i++)
			index_put(&f->index, f->khash[i], f->knode[i]);
	}
	for (uint32_t i = node->hash & f->index.mask; f->index.slots[i]; i = (i + 1) & f->index.mask)
		if (same_key(d, f->index.slots[i], key))
			return f->index.slots[i];
	if (++f->n_keys > f->index.mask / 2)
		index_grow(d, &f->index);
	index_put(&f->index, node->hash, key);
	return 0;
}

/* The written, valid entry of that key, or 0. */
static uint32_t own_key(const struct ydoc *d, uint32_t map, struct sv key, uint32_t hash)
{
	const struct ynode *m = &d->nodes[map];

	if (m->hash) {
		const struct yindex *x = &d->indexes.v[m->hash - 1];

		for (uint32_t i = hash & x->mask; x->slots[i]; i = (i + 1) & x->mask) {
			uint32_t k = x->slots[i];

			if (d->nodes[k].hash == hash && !(d->nodes[k].flags & (YN_MERGE_KEY | YN_POISONED)) &&
			    sv_eq(ynode_text(d, k), key))
				return k;
		}
		return 0;
	}
	for (uint32_t k = m->first; k; k = d->nodes[d->nodes[k].next].next)
		if (d->nodes[k].kind == YNODE_SCALAR && d->nodes[k].hash == hash &&
		    !(d->nodes[k].flags & (YN_MERGE_KEY | YN_POISONED)) && sv_eq(ynode_text(d, k), key))
			return k;
	return 0;
}

static const struct ymerge *merge_of(const struct ydoc *d, uint32_t map)
{
	uint32_t lo = 0, hi = (uint32_t)d->merges.n;

	if (!(d->nodes[map].flags & YN_MERGES))
		return NULL;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (d->merges.v[mid].map < map)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < d->merges.n && d->merges.v[lo].map == map ? &d->merges.v[lo] : NULL;
}

static const struct yentry *merge_find(const struct ydoc *d, const struct ymerge *m, struct sv key,
				       uint32_t hash)
{
	if (m->index.slots) {
		for (uint32_t i = hash & m->index.mask; m->index.slots[i]; i = (i + 1) & m->index.mask) {
			const struct yentry *e = &m->v[m->index.slots[i] - 1];

			if (d->nodes[e->key].hash == hash && sv_eq(ynode_text(d, e->key), key))
				return e;
		}
		return NULL;
	}
	for (uint32_t i = 0; i < m->n; i++)
		if (d->nodes[m->v[i].key].hash == hash && sv_eq(ynode_text(d, m->v[i].key), key))
			return &m->v[i];
	return NULL;
}

static void merge_add(struct ydoc *d, struct ymerge *m, struct yentry e, uint32_t via)
{
	struct sv key = ynode_text(d, e.key);
	uint32_t hash = d->nodes[e.key].hash;

	if (own_key(d, m->map, key, hash) || merge_find(d, m, key, hash))
		return;
	if (m->n == m->cap) {
		uint32_t cap = m->cap ? m->cap * 2 : 8;

		m->v = arena_grow(d->a, m->v, m->cap, cap, sizeof(*m->v), _Alignof(struct yentry));
		m->cap = cap;
	}
	e.via = via;
	m->v[m->n++] = e;
	if (m->n <= KEYS_INLINE)
		return;
	if (!m->index.slots || m->n > m->index.mask / 2) {
		uint32_t size = m->index.slots ? (m->index.mask + 1) * 2 : 64;

		m->index = (struct yindex){NEW(d->a, uint32_t, size), size - 1};
		for (uint32_t i = 0; i + 1 < m->n; i++)
			index_put(&m->index, d->nodes[m->v[i].key].hash, i + 1);
	}
	index_put(&m->index, hash, m->n);
}

static void merge_bad(struct yparse *p, struct ymerge *m, uint32_t key, uint32_t value)
{
	struct ydoc *d = p->d;
	uint32_t target = ynode_resolve(d, value);
	bool nothing = ynode_is_null(d, value);
	struct diag *g = YDIAG(d, Y_MERGE, ynode_span(d, nothing ? key : value),
			       "'<<' merges a map, found %s", ynode_kind_name(d, target));
	uintptr_t number = 0;

	if (ynode_is_plain(d, value) && !nothing)
		number = (uintptr_t)map_get(&p->names, ynode_text(d, value));
	if (number)
		d->anchors.v[number - 1].used = true;
	if (number && d->nodes[d->anchors.v[number - 1].node].kind == YNODE_MAP) {
		/* the star before the alias was forgotten */
		const struct yanchor *a = &d->anchors.v[number - 1];

		diag_label(d->diags, g, a->at, "this anchor has that name");
		diag_help(d->diags, g, "write *" SV_FMT " for the map with that anchor", SV_ARG(a->name));
		diag_edit(d->diags, g, yspan(d, d->nodes[value].lo, d->nodes[value].lo), SV("*"), false);
	} else {
		diag_help(d->diags, g, "give an alias of a map (*name), a map in braces, or a list of those");
	}
	d->nodes[m->map].flags |= YN_INCOMPLETE;
	d->nodes[value].flags |= YN_POISONED;
}

static void merge_one(struct yparse *p, struct ymerge *m, uint32_t key, uint32_t value)
{
	struct ydoc *d = p->d;
	uint32_t target = ynode_resolve(d, value);
	struct ymap_it it;

	if (d->nodes[value].flags & YN_POISONED || d->nodes[target].flags & YN_POISONED) {
		d->nodes[m->map].flags |= YN_INCOMPLETE;
		return;
	}
	if (d->nodes[target].kind != YNODE_MAP) {
		merge_bad(p, m, key, value);
		return;
	}
	if (d->nodes[target].flags & YN_INCOMPLETE)
		d->nodes[m->map].flags |= YN_INCOMPLETE;
	it = ymap_iter(d, target);
	for (struct yentry e; ymap_next(&it, &e);)
		merge_add(d, m, e, value);
}

static int by_map(const void *a, const void *b)
{
	uint32_t x = ((const struct ymerge *)a)->map, y = ((const struct ymerge *)b)->map;

	return x < y ? -1 : x > y;
}

void yaml_merge_all(struct yparse *p)
{
	struct ydoc *d = p->d;

	if (!d->merges.n)
		return;
	/* An alias comes after the end of what it names, so maps that close earlier come first; that is the
	 * order in which they are listed. Lookup by number of the map needs them sorted, a copy each. */
	VEC(uint32_t) order = {0};

	for (size_t i = 0; i < d->merges.n; i++)
		VEC_ADD(d->a, &order, d->merges.v[i].map);
	qsort(d->merges.v, d->merges.n, sizeof(*d->merges.v), by_map);
	for (size_t i = 0; i < order.n; i++) {
		struct ymerge *m = &d->merges.v[merge_of(d, order.v[i]) - d->merges.v];

		for (uint32_t k = d->nodes[m->map].first; k; k = d->nodes[d->nodes[k].next].next) {
			uint32_t value = d->nodes[k].next;

			if (!(d->nodes[k].flags & YN_MERGE_KEY) || d->nodes[k].flags & YN_POISONED)
				continue;
			if (d->nodes[value].kind != YNODE_SEQ) {
				merge_one(p, m, k, value);
				continue;
			}
			for (uint32_t item = d->nodes[value].first; item; item = d->nodes[item].next)
				merge_one(p, m, k, item);
		}
	}
}

struct ymap_it ymap_iter(const struct ydoc *d, uint32_t map)
{
	struct ymap_it it = {.d = d};

	map = ynode_resolve(d, map);
	if (d->nodes[map].kind != YNODE_MAP)
		return it;
	it.map = map;
	it.key = d->nodes[map].first;
	it.merge = merge_of(d, map);
	return it;
}

bool ymap_next(struct ymap_it *it, struct yentry *e)
{
	const struct ydoc *d = it->d;

	while (it->key) {
		uint32_t key = it->key, value = d->nodes[key].next;

		it->key = d->nodes[value].next;
		if (d->nodes[key].flags & (YN_POISONED | YN_MERGE_KEY))
			continue;
		*e = (struct yentry){.key = key,
				     .value = ynode_resolve(d, value),
				     .alias = d->nodes[value].kind == YNODE_ALIAS ? value : 0};
		return true;
	}
	if (!it->merge || it->i == it->merge->n)
		return false;
	*e = it->merge->v[it->i++];
	return true;
}

bool ymap_get(const struct ydoc *d, uint32_t map, struct sv key, struct yentry *e)
{
	uint32_t hash = yaml_hash(key.p, key.n), k, value;
	const struct ymerge *m;

	*e = (struct yentry){0};
	map = ynode_resolve(d, map);
	if (d->nodes[map].kind != YNODE_MAP)
		return false;
	k = own_key(d, map, key, hash);
	if (k) {
		value = d->nodes[k].next;
		*e = (struct yentry){.key = k,
				     .value = ynode_resolve(d, value),
				     .alias = d->nodes[value].kind == YNODE_ALIAS ? value : 0};
		return true;
	}
	m = merge_of(d, map);
	if (m) {
		const struct yentry *found = merge_find(d, m, key, hash);

		if (found)
			*e = *found;
		return found != NULL;
	}
	return false;
}

uint32_t ymap_count(const struct ydoc *d, uint32_t map)
{
	struct ymap_it it = ymap_iter(d, map);
	uint32_t n = 0;

	for (struct yentry e; ymap_next(&it, &e);)
		n++;
	return n;
}
