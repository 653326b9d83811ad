/* Paths of fields, and the words of enumerations by path. */
#include "schema/describe.h"

#include "base/bug.h"
#include "schema/config.h"

const struct section *const schema_sections[] = {
	&section_top,          &section_host,    &section_host_size,    &section_network,
	&section_dhcp,         &section_guest,   &section_memory,       &section_disk,
	&section_iso,          &section_nic,     &section_port,         &section_provision,
	&section_file,         &section_test,    &section_image,        &section_connection,
	&section_schedule,     &section_quota,   &section_shutdown,     &section_users,
	&section_defaults,     &section_targets, &section_lab_services, &section_azure_vm,
	&section_devtest_labs, &section_hyper_v, &section_target_image, &section_include,
};
const size_t schema_sections_count = COUNTOF(schema_sections);

static struct sv next_part(struct sv *rest)
{
	ptrdiff_t dot = sv_find(*rest, '.');
	size_t n = dot < 0 ? rest->n : (size_t)dot;
	struct sv part = sv_sub(*rest, 0, n);

	*rest = dot < 0 ? (struct sv) { 0 } : sv_sub(*rest, n + 1, rest->n);
	return part;
}

static const struct section *section_named(struct sv name)
{
	for (size_t i = 0; i < schema_sections_count; i++)
		if (sv_eq(sv_from(schema_sections[i]->name), name))
			return schema_sections[i];
	for (size_t i = 0; i < config_sections_count; i++)
		if (sv_eq(sv_from(config_sections[i]->name), name))
			return config_sections[i];
	return NULL;
}

static void nearest_in(const struct section *sec, struct sv part, const char **near, unsigned *best)
{
	unsigned dist;

	for (uint32_t i = 0; i < sec->n; i++)
		if (!(sec->fields[i].flags & FIELD_SHORT_ONLY) &&
		    sv_is_near(part, sec->fields[i].key, &dist) && (!*near || dist < *best)) {
			*near = sec->fields[i].key.p;
			*best = dist;
		}
	for (uint32_t i = 0; i < sec->n_misnomers; i++)
		if (sec->misnomers[i].right && sv_eq_nocase(part, sv_from(sec->misnomers[i].wrong))) {
			*near = sec->misnomers[i].right;
			*best = 0;
		}
}

static bool not_found(struct schema_place *out, const struct section *sec, struct sv part, bool first)
{
	unsigned best = 0, dist;

	out->unknown = part;
	out->near = NULL;
	nearest_in(sec, part, &out->near, &best);
	for (size_t i = 0; first && i < schema_sections_count; i++)
		if (sv_is_near(part, sv_from(schema_sections[i]->name), &dist) &&
		    (!out->near || dist < best)) {
			out->near = schema_sections[i]->name;
			best = dist;
		}
	return false;
}

/* The name or number of an item: anything but a field of it. */
static void skip_item(const struct field *f, struct sv *rest)
{
	struct sv after = *rest;
	struct sv part = next_part(&after);

	if (part.n && (after.n || !section_field(f->section, part)) &&
	    (f->type == TYPE_SECTION_MAP || sv_eq(part, SV("*")) || ch_is_digit(part.p[0])) &&
	    (sv_eq(part, SV("*")) || !section_field(f->section, part) || after.n))
		*rest = after;
}

bool schema_find(struct sv path, struct schema_place *out)
{
	const struct section *sec = &section_top;
	struct sv rest = path;
	bool first = true;

	*out = (struct schema_place) { 0 };
	if (path.n == 0)
		return not_found(out, sec, path, true);
	while (rest.n) {
		struct sv part = next_part(&rest);
		const struct field *f = section_field(sec, part);

		/* `host` also speaks of an item of `hosts`, which holds its guests. */
		if (!f && sec == &section_single_host) {
			sec = &section_host;
			f = section_field(sec, part);
		}

		if (!f && first && section_named(part)) {
			sec = section_named(part);
			first = false;
			out->section = sec;
			continue;
		}
		if (!f)
			return not_found(out, sec, part, first);
		first = false;
		out->field = f;
		out->section = sec;
		if (!rest.n)
			return true;
		if (f->type != TYPE_SECTION && f->type != TYPE_SECTION_LIST && f->type != TYPE_SECTION_MAP)
			return not_found(out, sec, rest, false);
		if (f->type != TYPE_SECTION)
			skip_item(f, &rest);
		sec = f->section;
		if (!rest.n) {
			out->field = NULL;
			out->section = sec;
		}
	}
	return true;
}

const char *spec_enum_word(const char *path, int value)
{
	struct schema_place at;

	if (!schema_find(sv_from(path), &at) || !at.field || !at.field->words || value < 0 ||
	    (uint32_t)value >= at.field->words->n)
		return NULL;
	return at.field->words->v[value].word;
}
