/* The table of fields as people and editors read it: explanations, SPEC.md's field chapter, JSON Schema.
 *
 * Owns the wording of types and defaults. Must not know trees or findings. */
#ifndef LABC_SCHEMA_DESCRIBE_H
#define LABC_SCHEMA_DESCRIBE_H

#include "base/buf.h"
#include "schema/table.h"

/* What a path such as "guest.memory", "guests.*.memory", "hosts.lab-1.guests.web.disk.size" or
 * "targets.azure-vm.vnet" names. Names of items may be any, `*` included, or left out. */
struct schema_place {
	const struct field *field;      /* NULL: the path names a section */
	const struct section *section;  /* the one that holds the field, or the section named */
	struct sv unknown;              /* when not found: the first part nobody knows */
	const char *near;               /* and the key nearest to it, or NULL */
};
bool schema_find(struct sv path, struct schema_place *out);

/* Type, default with its source, description and example of a field, or the fields of a section, as text to
 * print. False: no such path; *out then says so, with the nearest one. */
bool schema_explain(struct buf *out, struct sv path);

/* The field chapter of SPEC.md: a table of types, then one table a section, with an anchor each. */
void schema_markdown(struct buf *out);

/* One of its tables. */
void describe_section(struct buf *out, const struct section *sec);

/* JSON Schema 2020-12 of a lab file, pretty-printed, with a final line end. */
void schema_json(struct buf *out);

/* "size, or a map", "list of IPv4 addresses", "integer, 1 to 1000". */
void describe_type(struct buf *out, const struct field *f);
/* "2", "`name`", "required"; empty for nothing to say. */
void describe_default(struct buf *out, const struct field *f);

/* Every section once, in the order of the chapter. */
extern const struct section *const schema_sections[];
extern const size_t schema_sections_count;

#endif
