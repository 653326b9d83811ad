#include "schema/table.h"

#include <string.h>

#include "base/bug.h"

const struct field *section_field(const struct section *sec, struct sv key)
{
	for (uint32_t i = 0; i < sec->n && key.n; i++)
		if (sv_eq(sec->fields[i].key, key))
			return sec->fields[i].flags & FIELD_SHORT_ONLY ? NULL : &sec->fields[i];
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
