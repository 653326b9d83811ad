/* The inside of values: lists, dicts, comparing, spelling. */
#ifndef LABC_CTEMPLATE_VALUE_H
#define LABC_CTEMPLATE_VALUE_H

#include "ctemplate/ctemplate.h"

struct ct_list {
	struct ct_value *v;
	struct span *origins; /* NULL until one is noted; then one per item */
	uint32_t n, cap;
	bool tuple;
	bool group; /* made by groupby: .grouper and .list */
};

struct ct_key {
	struct ct_value key; /* text, or a number, bool or none */
	uint32_t hash;
};

/* Keys in the order of insertion. Dicts of one kind share it: the n entries of a dict have the first n keys. */
struct ct_layout {
	struct ct_key *keys;
	uint32_t n, cap, n_slots;
	uint32_t *slots; /* index + 1; from the ninth key on */
};

struct ct_entry {
	struct ct_value value;
	struct span origin;
};

struct ct_dict {
	struct ct_layout *layout; /* NULL: there are no entries */
	struct ct_entry *v;
	uint32_t n, cap;
};

#define SPAN_NONE ((struct span){ UINT32_MAX, 0, 0 })

enum { VF_LAX = 1, VF_MULTILINE = 2 };

static inline struct sv value_sv(struct ct_value v)
{
	return (struct sv){ v.u.p, v.len };
}
/* Text known to be short enough. */
static inline struct ct_value value_text(const char *p, size_t n)
{
	return (struct ct_value){ .tag = CT_TEXT, .len = (uint32_t)n, .u.p = p };
}
static inline bool value_is_number(struct ct_value v)
{
	return v.tag == CT_INT || v.tag == CT_DOUBLE || v.tag == CT_BOOL;
}
static inline double value_double(struct ct_value v)
{
	return v.tag == CT_DOUBLE ? v.u.d : v.tag == CT_BOOL ? (double)v.u.b : (double)v.u.i;
}
static inline int64_t value_int(struct ct_value v)
{
	return v.tag == CT_BOOL ? v.u.b : v.u.i;
}

/* "a text", "a list": with article, for messages. */
const char *value_kind(struct ct_value v);
struct ct_value value_list(struct arena *a, uint32_t cap, bool tuple);
void value_push(struct arena *a, struct ct_list *l, struct ct_value item);
static inline struct ct_value value_key(const struct ct_dict *d, uint32_t i)
{
	return d->layout->keys[i].key;
}
struct ct_entry *value_find(const struct ct_dict *d, struct ct_value key, uint32_t hash);
struct ct_entry *value_find_text(const struct ct_dict *d, struct sv key, uint32_t hash);
uint32_t value_hash(struct ct_value key);
struct ct_entry *value_set(struct arena *a, struct ct_dict *d, struct ct_value key, struct ct_value value);
/* Not for undefined values. */
bool value_truth(struct ct_value v);
/* Python's ==; undefined is equal to nothing. What it took, about in bytes looked at, is added to cost:
 * lists can hold each other many times over. Beyond VALUE_COST_MAX the answer means nothing. */
#define VALUE_COST_MAX (64u << 20)
bool value_equal(struct ct_value a, struct ct_value b, uint64_t *cost);
/* <0, 0, >0 into *order; false when the two cannot be ordered. Cost as above. */
bool value_order(struct ct_value a, struct ct_value b, bool nocase, int *order, uint64_t *cost);
/* The shortest spelling that reads back the same: 1.0, 0.1, 1e+22. */
void value_put_double(struct buf *out, double d);
/* As {{ }} writes it in text mode; quoted: as inside a list. false: it is too long or nests too deeply. */
bool value_put(struct buf *out, struct ct_value v, bool quoted);
/* false also when there is no JSON for it. indent -1: one line. */
bool value_put_json(struct buf *out, struct ct_value v, int64_t indent);
/* Upper and lower case of ASCII, Latin-1 and Latin Extended-A; others stay. */
uint32_t value_upper(uint32_t cp);
uint32_t value_lower(uint32_t cp);

#endif
