#include "ctemplate/value.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

struct ct_value ct_none(void)
{
	return (struct ct_value){ .tag = CT_NONE };
}
struct ct_value ct_bool(bool b)
{
	return (struct ct_value){ .tag = CT_BOOL, .u.b = b };
}
struct ct_value ct_int(int64_t i)
{
	return (struct ct_value){ .tag = CT_INT, .u.i = i };
}
struct ct_value ct_double(double d)
{
	return (struct ct_value){ .tag = CT_DOUBLE, .u.d = d };
}

struct ct_value ct_text(struct sv s)
{
	return (struct ct_value){ .tag = CT_TEXT,
				  .len = (uint32_t)(s.n > UINT32_MAX ? UINT32_MAX : s.n),
				  .u.p = s.p };
}

const char *value_kind(struct ct_value v)
{
	static const char *const kinds[] = { "nothing",	    "an undefined value",
					     "none",	    "a boolean",
					     "an integer",  "a number",
					     "a text",	    "a list",
					     "a dict",	    "a macro",
					     "a function",  "a loop",
					     "a namespace", "a module",
					     "a block" };

	return v.tag < sizeof(kinds) / sizeof(*kinds) ? kinds[v.tag] : "a value";
}

struct ct_value value_list(struct arena *a, uint32_t cap, bool tuple)
{
	struct ct_list *l = NEW(a, struct ct_list, 1);

	l->v = cap ? NEW(a, struct ct_value, cap) : NULL;
	l->cap = cap;
	l->tuple = tuple;
	return (struct ct_value){ .tag = CT_LIST, .u.list = l };
}

void value_push(struct arena *a, struct ct_list *l, struct ct_value item)
{
	if (l->n == l->cap) {
		uint32_t cap = l->cap ? l->cap * 2 : 8;

		l->v = arena_grow(a, l->v, l->cap, cap, sizeof(*l->v), _Alignof(struct ct_value));
		if (l->origins)
			l->origins = arena_grow(a, l->origins, l->cap, cap, sizeof(*l->origins),
						_Alignof(struct span));
		l->cap = cap;
	}
	l->v[l->n++] = item;
}

struct ct_value ct_list_new(struct arena *a, size_t capacity_hint)
{
	return value_list(a, (uint32_t)(capacity_hint > 1u << 20 ? 1u << 20 : capacity_hint), false);
}

void ct_list_add_at(struct arena *a, struct ct_value *list, struct ct_value item, struct span origin)
{
	struct ct_list *l = list->u.list;

	value_push(a, l, item);
	if (!l->origins && origin.src == UINT32_MAX)
		return;
	if (!l->origins) {
		l->origins = NEW(a, struct span, l->cap);
		for (uint32_t i = 0; i < l->n; i++)
			l->origins[i] = SPAN_NONE;
	}
	l->origins[l->n - 1] = origin;
}

void ct_list_add(struct arena *a, struct ct_value *list, struct ct_value item)
{
	ct_list_add_at(a, list, item, SPAN_NONE);
}

static struct ct_value new_dict(struct arena *a, struct ct_layout *layout, size_t capacity)
{
	struct ct_dict *d = NEW(a, struct ct_dict, 1);

	d->layout = layout;
	if (capacity && capacity < 1u << 20) {
		d->v = arena_alloc_raw(a, capacity, sizeof(*d->v), _Alignof(struct ct_entry));
		d->cap = (uint32_t)capacity;
	}
	return (struct ct_value){ .tag = CT_DICT, .u.dict = d };
}

struct ct_value ct_dict_new(struct arena *a, size_t capacity_hint)
{
	return new_dict(a, NULL, capacity_hint);
}

struct ct_layout *ct_layout_new(struct arena *a)
{
	return NEW(a, struct ct_layout, 1);
}

struct ct_value ct_dict_like(struct arena *a, struct ct_layout *layout)
{
	return new_dict(a, layout, layout->n);
}

uint32_t value_hash(struct ct_value key)
{
	uint64_t h;

	switch (key.tag) {
	case CT_TEXT:
		return sv_hash(value_sv(key));
	case CT_DOUBLE:
		if (key.u.d != floor(key.u.d) || fabs(key.u.d) > 9e15) {
			memcpy(&h, &key.u.d, sizeof(h));
			break;
		}
		h = (uint64_t)(int64_t)key.u.d;
		break;
	case CT_INT:
	case CT_BOOL:
		h = (uint64_t)value_int(key);
		break;
	default:
		h = key.tag;
	}
	return (uint32_t)((h * 0x9e3779b97f4a7c15u) >> 32);
}

static bool key_equal(struct ct_value a, struct ct_value b)
{
	uint64_t cost = 0; /* keys are no lists */

	if (a.tag == CT_TEXT || b.tag == CT_TEXT)
		return a.tag == b.tag && a.len == b.len &&
		       (a.u.p == b.u.p || memcmp(a.u.p, b.u.p, a.len) == 0);
	return value_equal(a, b, &cost);
}

/* The key's place, or UINT32_MAX. */
static uint32_t place_of(const struct ct_layout *l, struct ct_value key, uint32_t hash)
{
	if (!l->slots) {
		for (uint32_t i = 0; i < l->n; i++)
			if (l->keys[i].hash == hash && key_equal(l->keys[i].key, key))
				return i;
		return UINT32_MAX;
	}
	for (uint32_t i = hash & (l->n_slots - 1); l->slots[i]; i = (i + 1) & (l->n_slots - 1)) {
		const struct ct_key *k = &l->keys[l->slots[i] - 1];

		if (k->hash == hash && key_equal(k->key, key))
			return l->slots[i] - 1;
	}
	return UINT32_MAX;
}

struct ct_entry *value_find(const struct ct_dict *d, struct ct_value key, uint32_t hash)
{
	uint32_t i = d->n ? place_of(d->layout, key, hash) : UINT32_MAX;

	return i < d->n ? &d->v[i] : NULL;
}

struct ct_entry *value_find_text(const struct ct_dict *d, struct sv key, uint32_t hash)
{
	return value_find(d, value_text(key.p, key.n), hash);
}

static void put_slot(struct ct_layout *l, uint32_t index)
{
	uint32_t i = l->keys[index].hash & (l->n_slots - 1);

	while (l->slots[i])
		i = (i + 1) & (l->n_slots - 1);
	l->slots[i] = index + 1;
}

/* A key that is not in it. room: how many are expected. */
static void add_key(struct arena *a, struct ct_layout *l, struct ct_value key, uint32_t hash, uint32_t room)
{
	if (l->n == l->cap) {
		uint32_t cap = l->cap ? l->cap * 2 : room < 8 ? 8 : room;

		l->keys = arena_grow(a, l->keys, l->cap, cap, sizeof(*l->keys), _Alignof(struct ct_key));
		l->cap = cap;
	}
	l->keys[l->n++] = (struct ct_key){ key, hash };
	if (l->n > 8 && l->n * 2 > l->n_slots) {
		l->n_slots = l->n_slots ? l->n_slots * 2 : 32;
		while (l->n_slots < l->cap * 2) /* room was asked for: one table does */
			l->n_slots *= 2;
		l->slots = NEW(a, uint32_t, l->n_slots);
		for (uint32_t i = 0; i < l->n; i++)
			put_slot(l, i);
	} else if (l->slots) {
		put_slot(l, l->n - 1);
	}
}

/* The layout that d can put another key into: its own from where its keys differ from those of its kind. */
static struct ct_layout *own_layout(struct arena *a, struct ct_dict *d)
{
	const struct ct_layout *l = d->layout;

	if (l && d->n == l->n)
		return d->layout;
	d->layout = NEW(a, struct ct_layout, 1);
	for (uint32_t i = 0; i < d->n; i++)
		add_key(a, d->layout, l->keys[i].key, l->keys[i].hash, d->cap);
	return d->layout;
}

static struct ct_entry *add_entry(struct arena *a, struct ct_dict *d, struct ct_value value)
{
	struct ct_entry *e;

	if (d->n == d->cap) {
		uint32_t cap = d->cap ? d->cap * 2 : 8;

		d->v = arena_grow(a, d->v, d->cap, cap, sizeof(*d->v), _Alignof(struct ct_entry));
		d->cap = cap;
	}
	e = &d->v[d->n++];
	*e = (struct ct_entry){ .value = value, .origin = SPAN_NONE };
	return e;
}

struct ct_entry *value_set(struct arena *a, struct ct_dict *d, struct ct_value key, struct ct_value value)
{
	const struct ct_key *next = d->layout && d->n < d->layout->n ? &d->layout->keys[d->n] : NULL;
	uint32_t hash, i;

	/* dicts of one kind get the same keys from the same code */
	if (next && next->key.tag == CT_TEXT && key.tag == CT_TEXT && next->key.u.p == key.u.p && next->key.len == key.len)
		return add_entry(a, d, value);
	hash = value_hash(key);
	i = d->layout ? place_of(d->layout, key, hash) : UINT32_MAX;
	if (i < d->n) {
		d->v[i].value = value;
		return &d->v[i];
	}
	if (i != d->n)
		add_key(a, own_layout(a, d), key, hash, d->cap);
	return add_entry(a, d, value);
}

void ct_dict_set_at(struct arena *a, struct ct_value *dict, struct sv key, struct ct_value value,
		    struct span origin)
{
	value_set(a, dict->u.dict, ct_text(key), value)->origin = origin;
}

void ct_dict_set(struct arena *a, struct ct_value *dict, struct sv key, struct ct_value value)
{
	ct_dict_set_at(a, dict, key, value, SPAN_NONE);
}

size_t ct_count(struct ct_value v)
{
	return v.tag == CT_LIST ? v.u.list->n : v.tag == CT_DICT ? v.u.dict->n : 0;
}

struct ct_value ct_list_get(struct ct_value list, size_t i)
{
	return list.tag == CT_LIST && i < list.u.list->n ? list.u.list->v[i] : ct_none();
}

bool ct_get_text(struct ct_value v, struct sv *out)
{
	*out = v.tag == CT_TEXT ? value_sv(v) : SV("");
	return v.tag == CT_TEXT;
}

bool ct_dict_get(struct ct_value dict, struct sv key, struct ct_value *out)
{
	struct ct_entry *e = dict.tag == CT_DICT ? value_find_text(dict.u.dict, key, sv_hash(key)) : NULL;

	if (e)
		*out = e->value;
	return e != NULL;
}

bool value_truth(struct ct_value v)
{
	switch (v.tag) {
	case CT_MISSING:
	case CT_UNDEF:
	case CT_NONE:
		return false;
	case CT_BOOL:
		return v.u.b;
	case CT_INT:
		return v.u.i != 0;
	case CT_DOUBLE:
		return v.u.d != 0;
	case CT_TEXT:
		return v.len != 0;
	case CT_LIST:
		return v.u.list->n != 0;
	case CT_DICT:
		return v.u.dict->n != 0;
	default:
		return true;
	}
}

static bool equal(struct ct_value a, struct ct_value b, unsigned depth, uint64_t *cost);

static bool dict_equal(const struct ct_dict *a, const struct ct_dict *b, unsigned depth, uint64_t *cost)
{
	if (a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++) {
		const struct ct_entry *e = value_find(b, value_key(a, i), a->layout->keys[i].hash);

		if (!e || !equal(a->v[i].value, e->value, depth + 1, cost))
			return false;
	}
	return true;
}

static bool equal(struct ct_value a, struct ct_value b, unsigned depth, uint64_t *cost)
{
	*cost += 16;
	if (value_is_number(a) && value_is_number(b)) {
		if (a.tag == CT_DOUBLE || b.tag == CT_DOUBLE)
			return value_double(a) == value_double(b);
		return value_int(a) == value_int(b);
	}
	if (a.tag != b.tag)
		return false;
	if (depth > 200 || *cost > VALUE_COST_MAX) {
		*cost = VALUE_COST_MAX + 1;
		return false;
	}
	switch (a.tag) {
	case CT_NONE:
		return true;
	case CT_TEXT:
		*cost += a.len == b.len ? a.len : 0;
		return sv_eq(value_sv(a), value_sv(b));
	case CT_LIST:
		if (a.u.list == b.u.list)
			return true;
		if (a.u.list->n != b.u.list->n || a.u.list->tuple != b.u.list->tuple)
			return false;
		for (uint32_t i = 0; i < a.u.list->n; i++)
			if (!equal(a.u.list->v[i], b.u.list->v[i], depth + 1, cost))
				return false;
		return true;
	case CT_DICT:
		return a.u.dict == b.u.dict || dict_equal(a.u.dict, b.u.dict, depth, cost);
	case CT_UNDEF:
		return false;
	default:
		return a.u.obj == b.u.obj;
	}
}

bool value_equal(struct ct_value a, struct ct_value b, uint64_t *cost)
{
	return equal(a, b, 0, cost);
}

bool ct_equal(struct ct_value a, struct ct_value b)
{
	uint64_t cost = 0;

	return equal(a, b, 0, &cost) && cost <= VALUE_COST_MAX;
}

static int order_nocase(struct sv a, struct sv b, uint64_t *cost)
{
	size_t i = 0, j = 0;

	while (i < a.n && j < b.n) {
		uint32_t x, y;

		i += utf8_decode(a, i, &x, NULL);
		j += utf8_decode(b, j, &y, NULL);
		x = value_lower(x);
		y = value_lower(y);
		if (x != y) {
			*cost += i * 8;
			return x < y ? -1 : 1;
		}
	}
	*cost += i * 8; /* decoding is slower than comparing bytes */
	return i < a.n ? 1 : j < b.n ? -1 : 0;
}

static bool order_of(struct ct_value a, struct ct_value b, bool nocase, int *order, unsigned depth,
		     uint64_t *cost)
{
	*cost += 16;
	if (value_is_number(a) && value_is_number(b)) {
		if (a.tag == CT_DOUBLE || b.tag == CT_DOUBLE) {
			double x = value_double(a), y = value_double(b);

			*order = x < y ? -1 : x > y ? 1 : 0;
		} else {
			int64_t x = value_int(a), y = value_int(b);

			*order = x < y ? -1 : x > y;
		}
		return true;
	}
	if (a.tag != b.tag || depth > 200)
		return false;
	if (a.tag == CT_TEXT && nocase) {
		*order = order_nocase(value_sv(a), value_sv(b), cost);
		return true;
	}
	if (a.tag == CT_TEXT) {
		*cost += a.len < b.len ? a.len : b.len;
		*order = sv_cmp(value_sv(a), value_sv(b));
		return true;
	}
	if (a.tag == CT_LIST && a.u.list->tuple == b.u.list->tuple) {
		const struct ct_list *x = a.u.list, *y = b.u.list;

		for (uint32_t i = 0; i < x->n && i < y->n; i++) {
			if (equal(x->v[i], y->v[i], depth + 1, cost))
				continue;
			return order_of(x->v[i], y->v[i], nocase, order, depth + 1, cost);
		}
		*order = x->n < y->n ? -1 : x->n > y->n;
		return true;
	}
	return false;
}

bool value_order(struct ct_value a, struct ct_value b, bool nocase, int *order, uint64_t *cost)
{
	return order_of(a, b, nocase, order, 0, cost);
}

/* Latin Extended-A pairs even and odd letters, with the parity turned in two ranges. */
static bool pairs_odd(uint32_t cp)
{
	return (cp >= 0x139 && cp <= 0x148) || (cp >= 0x179 && cp <= 0x17e);
}
static bool pairs(uint32_t cp)
{
	return (cp >= 0x100 && cp <= 0x137 && cp != 0x130 && cp != 0x131) || (cp >= 0x139 && cp <= 0x148) ||
	       (cp >= 0x14a && cp <= 0x177) || (cp >= 0x179 && cp <= 0x17e);
}

uint32_t value_upper(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'a' && cp <= 'z' ? cp - 32 : cp;
	if (cp == 0xff)
		return 0x178;
	if (cp >= 0xe0 && cp <= 0xfe && cp != 0xf7)
		return cp - 32;
	if (pairs(cp) && (cp & 1) == (pairs_odd(cp) ? 0u : 1u))
		return cp - 1;
	return cp;
}

uint32_t value_lower(uint32_t cp)
{
	if (cp < 0x80)
		return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
	if (cp == 0x178)
		return 0xff;
	if (cp >= 0xc0 && cp <= 0xde && cp != 0xd7)
		return cp + 32;
	if (pairs(cp) && (cp & 1) == (pairs_odd(cp) ? 1u : 0u))
		return cp + 1;
	return cp;
}
