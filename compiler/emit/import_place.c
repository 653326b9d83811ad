/* Where the values of a JSON file stand in its text. Jansson has read the text before, so it is well formed; it does not say
 * where it found what. The items of each top-level list are counted once, so that many findings take linear time. */
#include "base/bug.h"
#include "emit/import.h"

#define LISTS 8

struct import_places {
	struct {
		struct sv name;
		uint32_t *start; /* of each item */
		uint32_t n;
	} lists[LISTS];
	uint32_t n;
};

static size_t skip_blanks(struct sv s, size_t i)
{
	while (i < s.n && (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\n' || s.p[i] == '\r'))
		i++;
	return i;
}

/* Behind the text that begins at i. */
static size_t skip_text(struct sv s, size_t i)
{
	for (i++; i < s.n && s.p[i] != '"'; i++)
		if (s.p[i] == '\\')
			i++;
	return i < s.n ? i + 1 : s.n;
}

/* Behind the value that begins at i; depth is counted, not followed. */
static size_t skip_value(struct sv s, size_t i)
{
	uint32_t depth = 0;

	do {
		i = skip_blanks(s, i);
		if (i >= s.n)
			return s.n;
		if (s.p[i] == '"') {
			i = skip_text(s, i);
		} else if (s.p[i] == '{' || s.p[i] == '[') {
			depth++;
			i++;
		} else if (s.p[i] == '}' || s.p[i] == ']') {
			if (!depth)
				return i;
			depth--;
			i++;
		} else if (s.p[i] == ',' || s.p[i] == ':') {
			if (!depth)
				return i;
			i++;
		} else {
			while (i < s.n && !strchr(",:{}[]\" \t\r\n", s.p[i]))
				i++;
		}
	} while (depth);
	return i;
}

/* The value of a key of the object at i; s.n: it has none. */
static size_t enter_key(struct sv s, size_t i, struct sv key)
{
	i = skip_blanks(s, i);
	if (i >= s.n || s.p[i] != '{')
		return s.n;
	for (i = skip_blanks(s, i + 1); i < s.n && s.p[i] == '"';) {
		size_t end = skip_text(s, i), value;
		struct sv name = sv_sub(s, i + 1, end - i - 2);

		value = skip_blanks(s, end);
		value = skip_blanks(s, value < s.n ? value + 1 : s.n);
		if (sv_eq(name, key))
			return value;
		i = skip_blanks(s, skip_value(s, value));
		if (i < s.n && s.p[i] == ',')
			i = skip_blanks(s, i + 1);
	}
	return s.n;
}

/* The next item of a list: at is behind '[' or behind an item. */
static size_t next_item(struct sv s, size_t at)
{
	at = skip_blanks(s, at);
	if (at < s.n && s.p[at] == ',')
		at = skip_blanks(s, at + 1);
	return at < s.n && s.p[at] != ']' ? at : s.n;
}

static size_t enter_index(struct sv s, size_t i, uint64_t index)
{
	i = skip_blanks(s, i);
	if (i >= s.n || s.p[i] != '[')
		return s.n;
	for (i = next_item(s, i + 1); i < s.n && index; index--)
		i = next_item(s, skip_value(s, i));
	return i;
}

static size_t enter_list(struct import *m, struct sv list, uint32_t index)
{
	struct import_places *p = m->places;
	uint32_t k = 0, cap = 0;
	size_t at;

	if (!p)
		p = m->places = NEW(m->a, struct import_places, 1);
	while (k < p->n && !sv_eq(p->lists[k].name, list))
		k++;
	if (k == LISTS)
		BUG("more than %d lists", LISTS);
	if (k == p->n) {
		p->n++;
		p->lists[k].name = list;
		at = skip_blanks(m->text, enter_key(m->text, 0, list));
		if (at < m->text.n && m->text.p[at] == '[')
			for (at = next_item(m->text, at + 1); at < m->text.n; at = next_item(m->text, skip_value(m->text, at))) {
				if (p->lists[k].n == cap) {
					uint32_t *grown = NEW(m->a, uint32_t, cap ? cap * 2 : 64);

					if (cap)
						memcpy(grown, p->lists[k].start, cap * sizeof(*grown));
					p->lists[k].start = grown;
					cap = cap ? cap * 2 : 64;
				}
				p->lists[k].start[p->lists[k].n++] = (uint32_t)at;
			}
	}
	return index < p->lists[k].n ? p->lists[k].start[index] : m->text.n;
}

struct span import_place(struct import *m, const char *list, uint32_t index, const char *path)
{
	size_t at = list ? enter_list(m, sv_from(list), index) : 0, deeper = at;

	while (*path && at < m->text.n) {
		size_t n = strcspn(path + 1, ".[]");

		deeper = *path == '.' ? enter_key(m->text, at, (struct sv){ path + 1, n })
				      : enter_index(m->text, at, strtoul(path + 1, NULL, 10));
		if (deeper >= m->text.n)
			break;
		at = deeper;
		path += 1 + n + (path[1 + n] == ']');
	}
	at = at < m->text.n ? skip_blanks(m->text, at) : 0;
	deeper = skip_value(m->text, at);
	/* of an object or a list the bracket is enough */
	if (at < m->text.n && (m->text.p[at] == '{' || m->text.p[at] == '['))
		deeper = at + 1;
	return (struct span){ m->src, m->shift + (uint32_t)at, (uint32_t)(deeper > at ? deeper - at : 0) };
}
