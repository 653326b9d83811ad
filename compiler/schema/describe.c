#include "schema/describe.h"

#include <string.h>

static void words_in_line(struct buf *out, const struct words *w)
{
	for (uint32_t i = 0; i < w->n; i++)
		buf_fmt(out, "%s%s", i ? ", " : "", w->v[i].word);
}

static const char *plural(const struct section *sec)
{
	return sec == &section_nic    ? "network adapters"
	       : sec == &section_disk ? "disks (sizes or maps)"
	       : sec == &section_port ? "port mappings (texts or maps)"
	       : sec == &section_test ? "tests"
	       : sec == &section_file ? "files"
				      : "maps";
}

static void section_type(struct buf *out, const struct section *sec)
{
	switch (sec->short_form) {
	case SHORT_FIELD:
		for (uint32_t i = 0; i < sec->n; i++)
			if (sv_eq(sec->fields[i].key, sv_from(sec->short_key)))
				buf_str(out, types[sec->fields[i].type].title);
		buf_str(out, ", or a map");
		break;
	case SHORT_OFF:
		buf_str(out, "`off`, or a map");
		break;
	case SHORT_LIST:
		buf_str(out, "list of e-mail addresses, or a map with `file`");
		break;
	default:
		buf_str(out, "map");
	}
}

static void list_type(struct buf *out, const struct field *f)
{
	if (f->item == TYPE_ENUM) {
		buf_str(out, "list of: ");
		words_in_line(out, f->words);
		return;
	}
	const char *title = types[f->item].title;
	size_t n = strlen(title);
	buf_fmt(out, "list of %s%s", title,
		f->item == TYPE_FILE           ? "s"
		: title[n - 1] == 's'          ? "es"
		: n > 1 && title[n - 1] == 'x' ? "es"
					       : "s");
	if (f->flags & FIELD_OR_ONE)
		buf_str(out, ", or one");
	if (f->flags & FIELD_OR_HOST)
		buf_str(out, ", or `host`");
}

void describe_type(struct buf *out, const struct field *f)
{
	switch (f->type) {
	case TYPE_SECTION:
		section_type(out, f->section);
		return;
	case TYPE_SECTION_LIST:
		buf_fmt(out, "list of %s", plural(f->section));
		return;
	case TYPE_SECTION_MAP:
		buf_fmt(out, "map of name to %s", f->section->name);
		return;
	case TYPE_TEXT_MAP:
		buf_str(out, "map of text to text");
		return;
	case TYPE_LIST:
		list_type(out, f);
		return;
	case TYPE_ENUM:
		words_in_line(out, f->words);
		return;
	default:
		buf_str(out, types[f->type].title);
	}
	if (f->type == TYPE_INTEGER && f->max && f->min == f->max)
		buf_fmt(out, ", %lld", (long long)f->min);
	else if (f->type == TYPE_INTEGER && f->max)
		buf_fmt(out, ", %lld to %lld", (long long)f->min, (long long)f->max);
	else if (f->type == TYPE_INTEGER && f->min)
		buf_fmt(out, ", at least %lld", (long long)f->min);
	else if (f->type != TYPE_INTEGER && f->max)
		buf_fmt(out, ", at most %lld characters", (long long)f->max);
}

void describe_default(struct buf *out, const struct field *f)
{
	if (f->flags & (FIELD_REQUIRED | FIELD_REQUIRED_MERGED))
		buf_str(out, "required");
	else if (f->def)
		buf_str(out, f->def);
	else if (f->def_doc)
		buf_str(out, f->def_doc);
}

/* --- explain --- */

/* The words with what they mean, where any of them says so. */
static void explain_words(struct buf *out, const struct words *w)
{
	bool any = false;

	for (uint32_t i = 0; i < w->n; i++)
		any |= w->v[i].doc != NULL;
	for (uint32_t i = 0; any && i < w->n; i++)
		buf_fmt(out, "  %s  %-16s %s\n", i ? "       " : "words  ", w->v[i].word,
			w->v[i].doc ? w->v[i].doc : "");
}

static void explain_fields(struct buf *out, const struct section *sec)
{
	size_t width = 0;

	for (uint32_t i = 0; i < sec->n; i++)
		if (!(sec->fields[i].flags & FIELD_SHORT_ONLY) && sec->fields[i].key.n > width)
			width = sec->fields[i].key.n;
	for (uint32_t i = 0; i < sec->n; i++) {
		const struct field *f = &sec->fields[i];

		if (f->flags & FIELD_SHORT_ONLY)
			continue;
		buf_fmt(out, "  %-*s  %s%s\n", (int)width, f->key.p,
			f->flags & (FIELD_REQUIRED | FIELD_REQUIRED_MERGED) ? "(required) " : "", f->doc);
	}
}

static void explain_field(struct buf *out, const struct schema_place *at)
{
	const struct field *f = at->field;
	bool map = f->type == TYPE_SECTION || f->type == TYPE_SECTION_LIST || f->type == TYPE_SECTION_MAP;

	if (at->section == &section_top || at->section == &section_include)
		buf_fmt(out, "%s\n", f->key.p);
	else
		buf_fmt(out, "%s%s.%s\n",
			section_field(&section_targets, sv_from(at->section->name)) ? "targets." : "",
			at->section->name, f->key.p);
	buf_fmt(out, "  %s\n\n  type     ", f->doc);
	describe_type(out, f);
	if (f->words)
		buf_ch(out, '\n');
	if (f->words)
		explain_words(out, f->words);
	else
		buf_ch(out, '\n');
	buf_str(out, "  default  ");
	describe_default(out, f);
	if (f->flags & FIELD_REQUIRED_MERGED)
		buf_str(out, " (at the item, in its profile or in the defaults)");
	buf_ch(out, '\n');
	if (f->source)
		buf_fmt(out, "  source   %s\n", f->source);
	if (f->example)
		buf_fmt(out, "  example  %s: %s\n", f->key.p, f->example);
	if (map) {
		buf_fmt(out, "\n%s: %s\n", f->section->title, f->section->doc);
		explain_fields(out, f->section);
	}
}

bool schema_explain(struct buf *out, struct sv path)
{
	struct schema_place at;

	if (!schema_find(path, &at)) {
		buf_fmt(out, "there is no field '%.*s'", SV_ARG(path));
		if (at.near && at.unknown.n && at.unknown.p >= path.p &&
		    at.unknown.p + at.unknown.n <= path.p + path.n) {
			size_t lead = (size_t)(at.unknown.p - path.p);

			buf_fmt(out, "; did you mean '%.*s%s%.*s'?", (int)lead, path.p, at.near,
				(int)(path.n - lead - at.unknown.n), at.unknown.p + at.unknown.n);
		}
		buf_ch(out, '\n');
		return false;
	}
	if (at.field) {
		explain_field(out, &at);
	} else {
		buf_fmt(out, "%s\n  %s\n\n", at.section->name, at.section->doc);
		explain_fields(out, at.section);
	}
	return true;
}

/* --- SPEC.md --- */

/* A table cell: no bars, no line ends. */
static void cell(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_str(out, *text == '|' ? "\\|" : (char[]) { *text, '\0' });
}

static void cell_of(struct buf *out, void (*describe)(struct buf *, const struct field *),
		    const struct field *f)
{
	struct buf b = { 0 };

	describe(&b, f);
	buf_ch(&b, '\0');
	cell(out, b.p);
	buf_release(&b);
}

static void markdown_types(struct buf *out)
{
	buf_str(out, "<a id=\"types\"></a>\n### Types\n\n| type | wants | spelling |\n| --- | --- | --- |\n");
	for (size_t i = 0; i < TYPE_SCALARS; i++) {
		buf_str(out, "| ");
		cell(out, types[i].title);
		buf_str(out, " | ");
		cell(out, types[i].wants);
		buf_str(out, " | ");
		cell(out, types[i].help ? types[i].help : "");
		buf_str(out, " |\n");
	}
	buf_fmt(out, "| %s | %s | %s |\n", type_mapping.title, type_mapping.wants, type_mapping.help);
}

void describe_section(struct buf *out, const struct section *sec)
{
	buf_fmt(out,
		"\n<a id=\"%s\"></a>\n### %s\n\n%s\n\n| field | type | default | meaning |\n| --- | --- | "
		"--- | --- |\n",
		sec->name, sec->title, sec->doc);
	for (uint32_t i = 0; i < sec->n; i++) {
		const struct field *f = &sec->fields[i];

		if (f->flags & FIELD_SHORT_ONLY)
			continue;
		buf_fmt(out, "| `%s` | ", f->key.p);
		cell_of(out, describe_type, f);
		buf_str(out, " | ");
		cell_of(out, describe_default, f);
		if (f->source && strncmp(f->source, "https:", 6) == 0)
			buf_fmt(out, " ([source](%s))", f->source);
		buf_str(out, " | ");
		cell(out, f->doc);
		if (f->example) {
			buf_str(out, " Example: `");
			cell(out, f->example);
			buf_ch(out, '`');
		}
		buf_str(out, " |\n");
	}
}

void schema_markdown(struct buf *out)
{
	markdown_types(out);
	for (size_t i = 0; i < schema_sections_count; i++)
		describe_section(out, schema_sections[i]);
}
