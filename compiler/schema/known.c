/* What is worked out of a section's rows once and kept from spec to spec. */
#include "schema/decode_internal.h"

#include <string.h>

#include "base/bug.h"

static unsigned key_slot(struct sv key)
{
	unsigned first = (unsigned char)key.p[0], last = (unsigned char)key.p[key.n - 1];

	return (first * 5 + last * 3 + (unsigned)key.n) % KEY_SLOTS;
}

static void learn(struct known_section *k, const struct section *sec)
{
	*k = (struct known_section){ .sec = sec };
	BUG_IF(sec->n > COUNTOF(k->next));
	for (uint32_t i = 0; i < sec->n; i++) {
		const struct field *f = &sec->fields[i];

		if (f->flags & FIELD_REQUIRED)
			k->required |= (uint64_t)1 << i;
		if (f->flags & FIELD_REQUIRED_MERGED)
			k->required_merged |= (uint64_t)1 << i;
	}
	/* from the end: the first row of a key is found first */
	for (uint32_t i = sec->n; i-- > 0;) {
		unsigned slot;

		if (sec->fields[i].key.n == 0)
			continue;
		slot = key_slot(sec->fields[i].key);
		k->next[i] = k->first[slot];
		k->first[slot] = (uint8_t)(i + 1);
	}
}

struct known_section *section_known(struct decoder *d, const struct section *sec)
{
	struct known_sections *all;
	struct arena *a;
	void **kept = patterns_kept(d->in.patterns, &a);
	size_t i = (size_t)((uintptr_t)sec >> 3) * 0x9e3779b1u / 65536 % SECTION_SLOTS;

	if (!*kept)
		*kept = NEW(a, struct known_sections, 1);
	all = *kept;
	for (; all->at[i]; i = (i + 1) % SECTION_SLOTS)
		if (all->v[all->at[i] - 1].sec == sec)
			return &all->v[all->at[i] - 1];
	BUG_IF(all->n == MAX_SECTIONS);
	learn(&all->v[all->n], sec);
	all->at[i] = (uint8_t)++all->n;
	return &all->v[all->n - 1];
}

const struct field *known_field(const struct known_section *k, struct sv key)
{
	if (key.n == 0)
		return NULL;
	for (uint8_t i = k->first[key_slot(key)]; i; i = k->next[i - 1]) {
		const struct field *f = &k->sec->fields[i - 1];

		if (sv_eq(f->key, key))
			return f->flags & FIELD_SHORT_ONLY ? NULL : f;
	}
	return NULL;
}

uint64_t section_lacks(const struct section *sec, uint64_t wanted, const void *item)
{
	uint64_t missing = 0;

	for (; wanted; wanted &= wanted - 1) {
		const struct meta *m = field_at_const(&sec->fields[__builtin_ctzll(wanted)], item);

		if (m->state == META_ABSENT)
			missing |= wanted & -wanted;
	}
	return missing;
}
