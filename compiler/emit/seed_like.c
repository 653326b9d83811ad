#include "emit/seed_like.h"

#include <string.h>

#include "base/arena.h"

uint32_t own_number(struct arena *a, struct own_texts *own, struct sv text)
{
	for (size_t i = 0; i < own->n; i++)
		if (sv_eq(own->v[i], text))
			return (uint32_t)i + 1;
	VEC_ADD(a, own, text);
	return (uint32_t)own->n;
}

static bool equal_in(const char *const *keys, struct ct_value a, struct ct_value b)
{
	struct ct_value x, y;

	for (; *keys; keys++) {
		struct sv key = sv_from(*keys);

		if (!ct_dict_get(a, key, &x) || !ct_dict_get(b, key, &y) || !ct_equal(x, y))
			return false;
	}
	return true;
}

static struct ct_value nics_of(struct ct_value guest)
{
	struct ct_value nics;

	return ct_dict_get(guest, SV("nics"), &nics) ? nics : ct_none();
}

/* A text that every escaper leaves as it is. */
static bool is_bare(struct sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ch_is_alnum(s.p[i]) && !strchr("-._:", s.p[i]))
			return false;
	return s.n > 0;
}

struct reading {
	struct arena *a;
	struct own_texts *own;
	const uint32_t *expected; /* numbers, or NULL */
	size_t n, n_expected;
	struct seed_last *noted; /* gets the numbers; or NULL */
};

/* Reads the own texts of a guest or a NIC; a key without a text has none. False where they differ from what is expected. */
static bool read_own(struct reading *r, const char *const *keys, struct ct_value of)
{
	for (; *keys; keys++) {
		struct ct_value v;
		uint32_t number;
		struct sv text;

		if (!ct_dict_get(of, sv_from(*keys), &v) || !ct_get_text(v, &text))
			continue;
		if (!is_bare(text))
			return false;
		number = own_number(r->a, r->own, text);
		if (r->noted)
			VEC_ADD(r->a, &r->noted->numbers, number);
		else if (r->n == r->n_expected || r->expected[r->n++] != number)
			return false;
	}
	return true;
}

static bool read_all(struct reading *r, const struct seed_reads *reads, struct ct_value guest)
{
	struct ct_value nics = nics_of(guest);

	r->own->n = 0;
	if (!read_own(r, reads->own, guest))
		return false;
	for (size_t i = 0; reads->nic_own[0] && i < ct_count(nics); i++)
		if (!read_own(r, reads->nic_own, ct_list_get(nics, i)))
			return false;
	return r->n == r->n_expected;
}

static bool are_nics_alike(const struct seed_reads *r, struct ct_value guest, struct ct_value other)
{
	struct ct_value a = nics_of(guest), b = nics_of(other);

	if (!r->nic_of[0])
		return true;
	if (ct_count(a) != ct_count(b))
		return false;
	for (size_t i = 0; i < ct_count(a); i++)
		if (!equal_in(r->nic_of, ct_list_get(a, i), ct_list_get(b, i)))
			return false;
	return true;
}

bool seed_is_like(struct arena *a, const struct seed_last *last, const struct seed_reads *r, struct ct_value guest,
		  struct own_texts *own)
{
	struct reading reading = { .a = a, .own = own, .expected = last->numbers.v, .n_expected = last->numbers.n };

	return r && last->usable && equal_in(r->of, guest, last->guest) && are_nics_alike(r, guest, last->guest) &&
	       read_all(&reading, r, guest);
}

void seed_note(struct arena *a, struct seed_last *last, const struct seed_reads *r, struct ct_value guest,
	       const struct own_texts *own)
{
	struct own_texts read = { 0 };
	struct reading reading = { .a = a, .own = &read, .noted = last };

	last->guest = guest;
	last->numbers.n = 0;
	/* a document that has not just these texts is nobody else's */
	last->usable = r && read_all(&reading, r, guest) && read.n == own->n;
	for (size_t i = 0; last->usable && i < own->n; i++)
		last->usable = sv_eq(read.v[i], own->v[i]);
}
