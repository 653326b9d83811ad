/* THE table of fields. Decoding, suggestions, required fields, static defaults, JSON Schema, explain and the
 * field chapter of SPEC.md all walk these rows; a new field is a row and a member of its spec struct.
 *
 * Owns what exists and how it is described. Must not know trees, findings or what values mean together. */
#ifndef LABC_SCHEMA_TABLE_H
#define LABC_SCHEMA_TABLE_H

#include <stddef.h>

#include "schema/spec.h"
#include "schema/types.h"

enum field_flag {
	FIELD_REQUIRED = 1 << 0,        /* in the map itself */
	FIELD_REQUIRED_MERGED = 1 << 1, /* from the item, its profile or the defaults */
	FIELD_FREE = 1 << 2,            /* free text: line breaks and folding are fine */
	FIELD_BY_FIELD = 1 << 3,        /* a section that layers merge field by field, not whole */
	FIELD_OR_ONE = 1 << 4,          /* a list that may be written as one item without brackets */
	FIELD_OR_HOST = 1 << 5,         /* a list of addresses that may be the word `host` */
	FIELD_UNIQUE = 1 << 6,          /* names of a map that may not differ in case alone */
	FIELD_SHORT_ONLY = 1 << 7,      /* filled by the section's short form; no key of its own */
};

struct section;

struct field {
	struct sv key;
	uint8_t type;                   /* enum type_id */
	uint8_t item;                   /* TYPE_LIST: enum type_id of the items; a map: of its names */
	uint16_t flags;                 /* enum field_flag */
	uint32_t offset;                /* of its member in the section's struct */
	const struct words *words;      /* TYPE_ENUM, or a list of it */
	const struct section *section;  /* TYPE_SECTION, _LIST, _MAP */
	int64_t min, max;               /* integers: range (max 0: none); texts: max characters */
	const char *def;                /* static default as it would be written; NULL: none */
	const char *def_doc;            /* a default that depends on other things, in words */
	const char *source;             /* where the default or the constraint is documented */
	const char *doc;                /* one or two sentences */
	const char *example;            /* a value, as YAML */
};

/* A word people know from elsewhere. */
struct misnomer {
	const char *wrong;
	const char *right;              /* the field's name in this section, or NULL */
	const char *place;              /* the path where it belongs, or NULL */
	const char *note;               /* why there is no such field, or more on the place */
};

enum short_form {
	SHORT_NONE,
	SHORT_FIELD,                    /* one scalar fills the field short_key */
	SHORT_MAPPING,                  /* the text form of a port mapping */
	SHORT_OFF,                      /* the word `off` */
	SHORT_LIST,                     /* a list fills the field short_key */
};

struct section {
	const char *name;               /* "guest": start of paths for explain, anchor in SPEC.md */
	const char *title;              /* "Guest" */
	const char *noun;               /* "guest": "in guest 'web'" */
	const char *doc;
	const struct field *fields;
	uint32_t n;
	uint32_t size;                  /* of its struct */
	uint8_t short_form;             /* enum short_form */
	const char *short_key;
	const struct misnomer *misnomers;
	uint32_t n_misnomers;
};

extern const struct section section_top, section_include, section_host, section_single_host, section_guest,
	section_network, section_dhcp, section_host_size, section_memory, section_disk, section_iso, section_nic,
	section_port, section_provision, section_file, section_test, section_image, section_connection,
	section_schedule, section_quota, section_shutdown, section_users, section_defaults, section_targets,
	section_target_image, section_lab_services, section_azure_vm, section_devtest_labs, section_hyper_v;

extern const struct words words_target, words_host_os, words_guest_os, words_resume, words_kind, words_egress,
	words_disk_format, words_disk_type, words_configure, words_password, words_serves, words_secure_boot,
	words_automatic_stop, words_automatic_start, words_checkpoints, words_protocol, words_weekday,
	words_create, words_security_type, words_public_ip;

/* The row of that key, or NULL. */
const struct field *section_field(const struct section *sec, struct sv key);

/* Size and alignment helpers of the generic walkers. */
static inline void *field_at(const struct field *f, void *section_struct)
{
	return (char *)section_struct + f->offset;
}
static inline const void *field_at_const(const struct field *f, const void *section_struct)
{
	return (const char *)section_struct + f->offset;
}
/* Bytes of the member behind a row: its v_* or spec_* struct. */
size_t field_size(const struct field *f);

/* What the rows of fields_*.c are written with. */
#define FIELDS(v) .fields = (v), .n = (uint32_t)(sizeof(v) / sizeof(*(v)))
#define MISNOMERS(v) .misnomers = (v), .n_misnomers = (uint32_t)(sizeof(v) / sizeof(*(v)))
#define AT(type, member) .offset = offsetof(struct type, member)
#define KEY(s) .key = SV_INIT(s)
#define RENAME(from, to) { from, to, NULL, NULL }
#define MOVED(from, to) { from, NULL, to, NULL }
#define REFUSED(from, why) { from, NULL, NULL, why }

#define DOC_LABS "https://learn.microsoft.com/azure/lab-services/"
#define DOC_NESTED DOC_LABS "concept-nested-virtualization-template-vm"
#define DOC_SCRIPT DOC_LABS "how-to-enable-nested-virtualization-template-vm-using-script"
#define DOC_ADMIN DOC_LABS "administrator-guide"
#define DOC_RETIRE DOC_LABS "retirement-guide"
#define DOC_HYPERV "https://learn.microsoft.com/powershell/module/hyper-v/"
#define DOC_NAT "https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/setup-nat-network"
#define DOC_SPEC "SPEC.md#"

#endif
