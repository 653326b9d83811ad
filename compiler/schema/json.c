/* The table of fields as JSON Schema 2020-12. Written for strict validators: each `required` names its
 * properties and its type. */
#include "schema/describe.h"

#include <jansson.h>
#include <string.h>

#include "base/bug.h"
#include "base/num.h"
#include "yaml/ydoc.h"

/* --- YAML of examples and defaults as JSON --- */

static json_t *scalar_json(const struct ydoc *y, uint32_t n)
{
	struct sv t = ynode_text(y, n);
	uint64_t v;

	if (ynode_is_plain(y, n)) {
		if (sv_eq(t, SV("true")) || sv_eq(t, SV("false")))
			return json_boolean(t.n == 4);
		if (num_u64(t, &v) && v <= INT64_MAX && (t.p[0] != '0' || t.n == 1))
			return json_integer((json_int_t)v);
	}
	return json_stringn(t.p, t.n);
}

/* Depth is that of our own examples. */
static json_t *node_json(const struct ydoc *y, uint32_t n)
{
	if (ynode_kind(y, n) == YNODE_MAP) {
		json_t *o = json_object();
		struct ymap_it it = ymap_iter(y, n);

		for (struct yentry e; ymap_next(&it, &e);) {
			struct sv key = ynode_text(y, e.key);

			json_object_setn_new(o, key.p, key.n, node_json(y, e.value));
		}
		return o;
	}
	if (ynode_kind(y, n) == YNODE_SEQ) {
		json_t *a = json_array();

		for (uint32_t c = ynode_first(y, n); c; c = ynode_next(y, c))
			json_array_append_new(a, node_json(y, c));
		return a;
	}
	return scalar_json(y, n);
}

static json_t *yaml_json(const char *text)
{
	struct arena a;
	struct sources src;
	struct diags diags;
	struct ydoc y;
	json_t *j = NULL;

	arena_init(&a, 0);
	sources_init(&src, &a);
	diags_init(&diags, &a, &src);
	if (ydoc_parse(&y, &a, &diags, sources_add(&src, SV("example"), sv_fmt(&a, "v: %s\n", text)), NULL)) {
		struct yentry e;

		if (ymap_get(&y, y.root, SV("v"), &e))
			j = node_json(&y, e.value);
	}
	arena_release(&a);
	if (!j)
		BUG("the example '%s' is not YAML", text);
	return j;
}

/* --- pieces --- */

static json_t *ref(const char *name)
{
	struct buf b = { 0 };

	buf_fmt(&b, "#/$defs/%s", name);
	json_t *r = json_pack("{s:s#}", "$ref", b.p, (int)b.n);
	buf_release(&b);
	return r;
}

/* An object that has that key. */
static json_t *having(const char *key)
{
	return json_pack("{s:s, s:{s:b}, s:[s]}", "type", "object", "properties", key, 1, "required", key);
}

static json_t *either(json_t *a, json_t *b)
{
	return json_pack("{s:[o,o]}", "anyOf", a, b);
}

static json_t *exclude(const char *a, const char *b)
{
	return json_pack("{s:{s:s, s:{s:b, s:b}, s:[s, s]}}", "not", "type", "object", "properties", a, 1, b,
			 1, "required", a, b);
}

static json_t *null_or(json_t *schema)
{
	return either(schema, json_pack("{s:s}", "type", "null"));
}

static json_t *enum_schema(const struct words *w)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < w->n; i++)
		json_array_append_new(list, json_string(w->v[i].word));
	return json_pack("{s:o}", "enum", list);
}

static json_t *integer_schema(const struct field *f)
{
	json_t *s = json_pack("{s:s, s:I}", "type", "integer", "minimum", (json_int_t)f->min);

	if (f->max)
		json_object_set_new(s, "maximum", json_integer((json_int_t)f->max));
	return s;
}

static const char *type_def_names[TYPE_SCALARS] = {
	[TYPE_BOOLEAN] = "boolean",
	[TYPE_SIZE] = "size-text",
	[TYPE_DURATION] = "duration",
	[TYPE_DURATION_OFF] = "duration-or-off",
	[TYPE_TIME] = "time",
	[TYPE_TIME_OFF] = "time-or-off",
	[TYPE_DATE] = "date",
	[TYPE_DECIMAL] = "amount",
	[TYPE_IPV4] = "ipv4",
	[TYPE_IPV4_AUTO] = "ipv4-auto-dhcp",
	[TYPE_PREFIX] = "prefix",
	[TYPE_RANGE] = "address-range",
	[TYPE_PORT] = "port-number",
	[TYPE_PORT_AUTO] = "port-number-or-auto",
	[TYPE_MAC] = "mac-address",
	[TYPE_HTTP] = "http-path",
	[TYPE_TEXT] = "text",
	[TYPE_NAME] = "name",
	[TYPE_IMAGE_NAME] = "image-name",
	[TYPE_USER] = "user-name",
	[TYPE_PATH] = "windows-path",
	[TYPE_URL] = "url",
	[TYPE_SOURCE] = "windows-path-or-url",
	[TYPE_IMAGE_REF] = "image-reference",
	[TYPE_SHA256] = "sha256",
	[TYPE_EMAIL] = "e-mail",
	[TYPE_ZONE] = "time-zone",
	[TYPE_LOCALE] = "language-tag",
	[TYPE_CURRENCY] = "currency",
	[TYPE_RESOURCE_ID] = "resource-id",
	[TYPE_FILE] = "file-path",
};

static json_t *scalar_schema(const struct field *f, enum type_id type)
{
	if (type == TYPE_ENUM)
		return enum_schema(f->words);
	if (type == TYPE_INTEGER)
		return integer_schema(f);
	return ref(type_def_names[type]);
}

static const char *section_def_name(const struct section *sec)
{
	return sec == &section_single_host ? "single-host" : sec->name;
}

static json_t *field_shape(const struct field *f)
{
	switch (f->type) {
	case TYPE_SECTION:
		return ref(section_def_name(f->section));
	case TYPE_SECTION_LIST:
		return json_pack("{s:s, s:o}", "type", "array", "items", ref(section_def_name(f->section)));
	case TYPE_SECTION_MAP:
		return json_pack("{s:s, s:o, s:o}", "type", "object", "propertyNames",
				 ref(type_def_names[f->item]), "additionalProperties",
				 null_or(ref(section_def_name(f->section))));
	case TYPE_TEXT_MAP:
		return json_pack("{s:s, s:o}", "type", "object", "additionalProperties", ref("text"));
	case TYPE_LIST: {
		json_t *list = json_pack("{s:s, s:o}", "type", "array", "items",
					 scalar_schema(f, (enum type_id)f->item));

		if (f->flags & FIELD_OR_ONE)
			return either(scalar_schema(f, (enum type_id)f->item), list);
		if (f->flags & FIELD_OR_HOST)
			return either(json_pack("{s:s}", "const", "host"), list);
		return list;
	}
	default:
		return scalar_schema(f, (enum type_id)f->type);
	}
}

/* What may be left empty: see the decoder's own rule. */
static bool may_be_null(const struct field *f)
{
	if (f->flags & FIELD_REQUIRED)
		return false;
	if (f->type == TYPE_SECTION)
		return f->section->short_form == SHORT_NONE || f->section->short_form == SHORT_LIST;
	return f->type >= TYPE_SCALARS || f->type == TYPE_TEXT;
}

static json_t *field_schema(const struct field *f)
{
	json_t *shape = field_shape(f);
	struct buf doc = { 0 };

	if (may_be_null(f))
		shape = null_or(shape);
	buf_str(&doc, f->doc);
	if (!f->def && f->def_doc)
		buf_fmt(&doc, " Default: %s.", f->def_doc);
	json_object_set_new(shape, "description", json_stringn(doc.p, doc.n));
	buf_release(&doc);
	if (f->def)
		json_object_set_new(shape, "default", yaml_json(f->def));
	if (f->example)
		json_object_set_new(shape, "examples", json_pack("[o]", yaml_json(f->example)));
	return shape;
}

/* --- sections --- */

static json_t *section_object(const struct section *sec)
{
	json_t *props = json_object(), *required = json_array();

	for (uint32_t i = 0; i < sec->n; i++) {
		const struct field *f = &sec->fields[i];

		if (f->flags & FIELD_SHORT_ONLY)
			continue;
		json_object_set_new(props, f->key.p, field_schema(f));
		if (f->flags & FIELD_REQUIRED)
			json_array_append_new(required, json_string(f->key.p));
	}
	json_t *o = json_pack("{s:s, s:s, s:o, s:b}", "type", "object", "description", sec->doc, "properties",
			      props, "additionalProperties", 0);
	if (json_array_size(required))
		json_object_set_new(o, "required", required);
	else
		json_decref(required);
	if (sec == &section_guest) {
		json_object_update_new(o, exclude("network", "nics"));
		json_object_set_new(o, "allOf",
				    json_pack("[{s:{s:s, s:{s:b, s:o}, s:[s, s]}}]", "not", "type", "object",
					      "properties", "image", 1, "disk",
					      either(having("source"), having("parent")), "required", "image",
					      "disk"));
	}
	if (sec == &section_disk)
		json_object_update_new(o, exclude("source", "parent"));
	if (sec == &section_test)
		json_object_set_new(o, "oneOf",
				    json_pack("[o,o,o,o]", having("tcp"), having("http"), having("service"),
					      having("command")));
	return o;
}

static json_t *section_schema(const struct section *sec)
{
	json_t *o = section_object(sec), *brief = NULL;

	if (sec->short_form == SHORT_FIELD || sec->short_form == SHORT_LIST) {
		for (uint32_t i = 0; i < sec->n; i++)
			if (sv_eq(sec->fields[i].key, sv_from(sec->short_key)))
				brief = field_shape(&sec->fields[i]);
	} else if (sec->short_form == SHORT_MAPPING) {
		brief = ref("port-mapping");
	} else if (sec->short_form == SHORT_OFF) {
		brief = json_pack("{s:s}", "const", "off");
	}
	return brief ? either(brief, o) : o;
}

/* --- the top --- */

/* { type: object, properties: { KEY: schema }, required when asked } */
static json_t *within(const char *key, json_t *schema, bool required)
{
	json_t *o = json_pack("{s:s, s:{s:o}}", "type", "object", "properties", key, schema);

	if (required)
		json_object_set_new(o, "required", json_pack("[s]", key));
	return o;
}

static json_t *each(json_t *schema)
{
	return null_or(json_pack("{s:s, s:o}", "type", "object", "additionalProperties", null_or(schema)));
}

/* Guests need an `os` unless a profile, the defaults or an included file may bring it; hosts a `size`. */
static json_t *guest_rule(void)
{
	json_t *brought = either(
		having("include"),
		within("defaults", within("guest", either(having("os"), having("profile")), true), true));
	json_t *guest = either(having("os"), having("profile"));
	json_t *then =
		json_pack("{s:s, s:{s:o, s:o}}", "type", "object", "properties", "guests",
			  each(json_deep_copy(guest)), "hosts", each(within("guests", each(guest), false)));

	return json_pack("{s:{s:o}, s:o}", "if", "not", brought, "then", then);
}

static json_t *host_rule(void)
{
	json_t *brought =
		either(having("include"), within("defaults", within("host", having("size"), true), true));
	json_t *then = json_pack("{s:s, s:{s:o, s:o}}", "type", "object", "properties", "host",
				 null_or(having("size")), "hosts", each(having("size")));

	return json_pack("{s:{s:o}, s:o}", "if", "not", brought, "then", then);
}

/* What a type wants is a comment: as description editors would show it in place of the field's. */
static json_t *definitions(void)
{
	json_t *defs = json_object();

	for (size_t i = 0; i < TYPE_SCALARS; i++) {
		if (!type_def_names[i])
			continue;
		json_t *s = json_loads(types[i].json, 0, NULL);

		if (!s)
			BUG("the JSON Schema of type '%s' is not JSON", types[i].title);
		if (types[i].help)
			json_object_set_new(s, "$comment", json_string(types[i].help));
		json_object_set_new(defs, type_def_names[i], s);
	}
	json_t *mapping = json_loads(type_mapping.json, 0, NULL);
	BUG_IF(!mapping);
	json_object_set_new(mapping, "$comment", json_string(type_mapping.help));
	json_object_set_new(defs, "port-mapping", mapping);
	for (size_t i = 0; i < schema_sections_count; i++) {
		const struct section *sec = schema_sections[i];

		if (sec != &section_top && sec != &section_include)
			json_object_set_new(defs, section_def_name(sec), section_schema(sec));
	}
	json_object_set_new(defs, "single-host", section_schema(&section_single_host));
	return defs;
}

void schema_json(struct buf *out)
{
	json_t *top = section_object(&section_top);
	json_t *hosts = json_pack("{s:[o,o,o,o]}", "anyOf", having("host"), having("hosts"), having("guests"),
				  having("include"));
	json_t *root = json_pack("{s:s, s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema",
				 "title", "labc lab", "description",
				 "A class of Windows lab machines with nested Hyper-V guests.");

	json_object_del(top, "description");
	json_object_update_missing(root, top);
	json_decref(top);
	json_object_set_new(root, "allOf",
			    json_pack("[o,o,o,o,o]", exclude("host", "hosts"), exclude("guests", "hosts"),
				      hosts, guest_rule(), host_rule()));
	json_object_set_new(root, "$defs", definitions());
	char *text = json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	if (!text)
		BUG("the JSON Schema cannot be written");
	buf_str(out, text);
	buf_ch(out, '\n');
	free(text);
	json_decref(root);
}
