#include "schema/table.h"

#include <string.h>

#include "base/bug.h"

const struct field *section_field(const struct section *sec, struct sv key, uint32_t *hint)
{
	uint32_t start = hint ? *hint : 0;

	for (uint32_t k = 0, i = start; k < sec->n; k++, i = i + 1 == sec->n ? 0 : i + 1) {
		const struct field *f = &sec->fields[i < sec->n ? i : 0];

		if (f->key.n == key.n && key.n && f->key.p[0] == key.p[0] && memcmp(f->key.p, key.p, key.n) == 0) {
			if (hint)
				*hint = i + 1 < sec->n ? i + 1 : 0;
			return f->flags & FIELD_SHORT_ONLY ? NULL : f;
		}
	}
	return NULL;
}

size_t field_size(const struct field *f)
{
	switch (f->type) {
	case TYPE_SECTION:
		return f->section->size;
	case TYPE_LIST:
		return f->item == TYPE_IPV4 ? sizeof(struct v_ip_list) : sizeof(struct v_text_list);
	case TYPE_TEXT_MAP:
	case TYPE_SECTION_LIST:
	case TYPE_SECTION_MAP:
		return sizeof(struct v_text_list);
	default:
		if (f->type >= TYPE_SCALARS)
			BUG("field '%s' has no type", f->key.p);
		return types[f->type].size;
	}
}
