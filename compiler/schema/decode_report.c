/* What the decoder says, and how often. */
#include "schema/decode_internal.h"

#include "base/buf.h"
#include "schema/config.h"

bool report_once(struct decoder *d, uint32_t node)
{
	uint32_t **bits;

	if (d->mute)
		return false;
	bits = &decoded_doc(d)->said;
	if (!*bits)
		*bits = NEW(d->a, uint32_t, d->y->n_nodes / 32 + 1);
	if ((*bits)[node / 32] >> (node % 32) & 1)
		return false;
	(*bits)[node / 32] |= 1U << (node % 32);
	return true;
}

struct diag *report_at(struct decoder *d, enum schema_code code, struct span at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	struct diag *g = diag_vat(d->diags, &schema_codes[code], at, fmt, ap);
	va_end(ap);
	if (d->alias)
		diag_label(d->diags, g, ynode_span(d->y, d->alias), "used here");
	return g;
}

enum { CROWD = 2 };

bool report_crowded(struct decoder *d, struct crowd *c, const void *what, uint32_t map, struct span at)
{
	if (c->what != what || c->map != map)
		*c = (struct crowd){ .what = what, .map = map };
	if (c->n++ < CROWD || !c->last)
		return false;
	diag_label(d->diags, c->last, at, "and here");
	return true;
}

struct sv report_owner(struct decoder *d, struct owner owner)
{
	if (owner.name.n)
		return sv_fmt(d->a, "%s '%.*s'", owner.noun, SV_ARG(owner.name));
	if (sv_starts(sv_from(owner.noun), SV("the ")))
		return sv_from(owner.noun);
	return sv_fmt(d->a, "the %s fields", owner.noun);
}

/* --- unknown fields --- */

static const struct field *nearest_field(const struct section *sec, struct sv key)
{
	const struct field *best = NULL;
	unsigned best_d = 0, dist;

	for (uint32_t i = 0; i < sec->n; i++) {
		const struct field *f = &sec->fields[i];

		if (f->flags & FIELD_SHORT_ONLY)
			continue;
		if (sv_eq_nocase(f->key, key))
			return f;
		if (sv_is_near(key, f->key, &dist) && (!best || dist < best_d)) {
			best = f;
			best_d = dist;
		}
	}
	return best;
}

static const struct misnomer *misnomer_of(const struct section *sec, struct sv key)
{
	for (uint32_t i = 0; i < sec->n_misnomers; i++)
		if (sv_eq_nocase(sv_from(sec->misnomers[i].wrong), key))
			return &sec->misnomers[i];
	return NULL;
}

/* The path of a field of exactly that name in one of the big sections. */
static const char *elsewhere(struct decoder *d, const struct section *sec, struct sv key)
{
	static const struct {
		const struct section *sec;
		const char *prefix;
	} places[] = {
		{ &section_guest, "guests.NAME." },
		{ &section_host, "host." },
		{ &section_network, "host.network." },
		{ &section_top, "" },
	};

	/* a configuration or a policy is no lab */
	if (sec == &section_config || sec == &section_override || sec == &section_policy || sec == &section_policy_rule)
		return NULL;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const struct section *other = places[i].sec;

		if (other == sec || (other == &section_host && sec == &section_single_host))
			continue;
		if (section_field(other, key))
			return sv_cstr(d->a, sv_fmt(d->a, "%s%.*s%s", places[i].prefix, SV_ARG(key),
						    other == &section_top ? " at the top" : ""));
	}
	return NULL;
}

static void rename_help(struct decoder *d, struct diag *g, uint32_t map, uint32_t key, struct sv to,
			bool safe)
{
	struct yentry other;

	if (ymap_get(d->y, map, to, &other)) {
		diag_label(d->diags, g, ynode_span(d->y, other.key), "'%.*s' is here", SV_ARG(to));
		return;
	}
	diag_edit(d->diags, g, ynode_span(d->y, key), to, safe);
}

static void report_wrong_place(struct decoder *d, const struct misnomer *mis, const char *place,
			       struct sv name, struct span at, struct sv where)
{
	struct diag *g;

	if (place) {
		g = report_at(d, CODE_MISPLACED_FIELD, at, "'%.*s' does not belong to %.*s", SV_ARG(name),
			      SV_ARG(where));
		diag_help(d->diags, g, "it belongs to %s", place);
	} else {
		g = report_at(d, CODE_REFUSED_FIELD, at, "there is no field '%.*s' in %.*s", SV_ARG(name),
			      SV_ARG(where));
		diag_help(d->diags, g, "%s", mis->note);
	}
	d->strays.last = g;
}

const struct field *report_unknown_field(struct decoder *d, const struct section *sec, uint32_t map,
					 uint32_t key, struct owner owner)
{
	struct sv name = ynode_text(d->y, key);
	struct span at = ynode_span(d->y, key);
	const struct misnomer *mis = misnomer_of(sec, name);
	const struct field *near = nearest_field(sec, name);
	bool case_only = near && sv_eq_nocase(near->key, name);
	struct sv where = report_owner(d, owner);
	struct diag *g;

	if (mis && mis->right && !case_only)
		near = section_field(sec, sv_from(mis->right));
	if (!report_once(d, key))
		return near;
	if (sec == &section_include && section_field(&section_top, name)) {
		g = report_at(d, CODE_INCLUDE_FIELD, at, "'%.*s' cannot stand in an included file",
			      SV_ARG(name));
		diag_help(d->diags, g, "an included file holds labc, defaults, profiles, images and hosts");
		return NULL;
	}
	if (!case_only && !(mis && mis->right)) {
		const char *place = mis ? mis->place : elsewhere(d, sec, name);

		/* Many keys that do not belong in one map: the line above them is what is wrong. */
		if ((place || (!mis && !near)) && report_crowded(d, &d->strays, sec, map, at))
			return NULL;
		if (mis || place) {
			report_wrong_place(d, mis, place, name, at, where);
			return NULL;
		}
	}
	g = report_at(d, CODE_UNKNOWN_FIELD, at, "unknown field '%.*s' in %.*s", SV_ARG(name), SV_ARG(where));
	if (near) {
		bool sure = case_only || (mis && mis->right);

		diag_help(d->diags, g, sure ? "here it is '%.*s'" : "did you mean '%.*s'?",
			  SV_ARG(near->key));
		rename_help(d, g, map, key, near->key, sure);
	} else {
		diag_help(d->diags, g, "'labc explain %s' lists the fields", sec->name);
		d->strays.last = g;
	}
	return near;
}

/* --- missing fields and values --- */

void report_missing(struct decoder *d, const struct section *sec, struct meta m, uint64_t mask,
		    struct owner owner)
{
	struct sv where = report_owner(d, owner);
	struct buf names = { 0 };
	const struct field *first = NULL;
	unsigned left = (unsigned)__builtin_popcountll(mask), total = left;
	struct span at;

	if (m.node && !report_once(d, ynode_resolve(d->y, m.node)))
		return;
	for (uint32_t i = 0; i < sec->n; i++) {
		if (!(mask >> i & 1))
			continue;
		buf_fmt(&names, "%s'%.*s'",
			first == NULL ? ""
			: --left == 1 ? " and no "
				      : ", no ",
			SV_ARG(sec->fields[i].key));
		first = first ? first : &sec->fields[i];
	}
	at = spec_key_span(d->s, m);
	if ((m.flags & META_ITEM) || (sec == &section_top || sec == &section_include)) {
		/* No key stands for an item or the file: its first key does. */
		uint32_t child = ynode_first(d->y, ynode_resolve(d->y, m.node));

		at = child ? ynode_span(d->y, child) : spec_span(d->s, m);
	}
	if (report_crowded(d, &d->lacking, sec, first ? (uint32_t)(first - sec->fields) : 0, at)) {
		buf_release(&names);
		return;
	}
	struct diag *g = report_at(d, CODE_MISSING_FIELD, at, "%.*s has no %.*s", SV_ARG(where),
				   SV_ARG(buf_view(&names)));
	d->lacking.last = g;
	if (first && total == 1)
		diag_help(d->diags, g, "add '%.*s: %s'", SV_ARG(first->key), first->example);
	buf_release(&names);
}

void report_no_value(struct decoder *d, const struct field *f, uint32_t key, uint32_t value)
{
	uint32_t at = key ? key : value;

	if (!report_once(d, at))
		return;
	struct diag *g =
		report_at(d, CODE_NO_VALUE, ynode_span(d->y, at),
			  key ? "'%.*s' has no value" : "an item of '%.*s' has no value", SV_ARG(f->key));
	if (f->example && f->type < TYPE_SCALARS)
		diag_help(d->diags, g, "write one, such as '%.*s: %s'%s", SV_ARG(f->key), f->example,
			  f->flags & FIELD_REQUIRED ? "" : ", or remove the field");
	else
		diag_help(d->diags, g, "write one or remove it");
}

/* --- wrong kinds --- */

static struct sv kind_wanted(struct decoder *d, const struct field *f, bool item)
{
	const struct section *sec = f->section;

	switch (f->type) {
	case TYPE_SECTION_MAP:
		return item ? sv_fmt(d->a, "a map of fields") : sv_fmt(d->a, "a map of names");
	case TYPE_TEXT_MAP:
		return item ? SV("a text") : SV("a map of texts");
	case TYPE_SECTION_LIST:
	case TYPE_SECTION:
		if (f->type == TYPE_SECTION_LIST && !item)
			return SV("a list");
		if (sec->short_form == SHORT_FIELD)
			return sv_fmt(d->a, "a value such as '%s' or a map of fields",
				      f->type == TYPE_SECTION ? f->example : "20 GiB");
		if (sec->short_form == SHORT_MAPPING && item)
			return SV("a text such as '8080:80' or a map of fields");
		if (sec->short_form == SHORT_OFF)
			return SV("off or a map of fields");
		if (sec->short_form == SHORT_LIST)
			return SV("a list, or a map with 'file'");
		return SV("a map of fields");
	case TYPE_LIST:
		if (!item)
			return f->flags & FIELD_OR_HOST ? SV("a list, or the word host") : SV("a list");
		return sv_from(types[f->item].wants);
	default:
		return sv_from(types[f->type].wants);
	}
}

/* A single value where a list is wanted: brackets around it, quoted if it could be read otherwise. */
static void wrap_in_list(struct decoder *d, struct diag *g, uint32_t value)
{
	struct sv text = ynode_text(d->y, value);
	struct span at = ynode_span(d->y, value);
	struct sv source = span_text(d->diags->sources, at);
	bool plain = ynode_is_plain(d->y, value);

	if (!plain && !ynode_is_quoted(d->y, value))
		return;
	for (size_t i = 0; plain && i < text.n; i++)
		if (!ch_is_alnum(text.p[i]) && text.p[i] != '-' && text.p[i] != '.' && text.p[i] != '/' &&
		    text.p[i] != '_')
			plain = false;
	if (plain || ynode_is_quoted(d->y, value))
		diag_edit(d->diags, g, at, sv_fmt(d->a, "[%.*s]", SV_ARG(source)), true);
	else
		diag_edit(d->diags, g, at, sv_fmt(d->a, "[%.*s]", SV_ARG(ynode_quote_always(d->a, text))),
			  true);
}

void report_kind(struct decoder *d, const struct field *f, bool item, uint32_t value)
{
	struct sv wanted = kind_wanted(d, f, item);
	enum ynode_kind kind = ynode_kind(d->y, value);
	/* What an alias stands for may be right at its own place: the use is wrong. */
	bool used = d->alias && ynode_resolve(d->y, d->alias) == value;
	uint32_t at = used ? d->alias : value, outer = d->alias;

	if (!report_once(d, at) || (used && !report_once(d, value)))
		return;
	d->alias = used ? 0 : outer;
	struct diag *g = report_at(d, CODE_WRONG_KIND, ynode_span(d->y, at), "%s'%.*s' wants %.*s, found %s",
				   item ? "an item of " : "", SV_ARG(f->key), SV_ARG(wanted),
				   ynode_kind_name(d->y, value));
	d->alias = outer;
	if (used)
		diag_label(d->diags, g, ynode_span(d->y, value), "the alias stands for this");
	if (kind == YNODE_SCALAR && (f->type == TYPE_LIST || f->type == TYPE_SECTION_LIST) && !item) {
		diag_help(d->diags, g, "write it in brackets");
		wrap_in_list(d, g, value);
	} else if (kind == YNODE_SEQ && f->type == TYPE_SECTION_MAP && !item) {
		diag_help(d->diags, g,
			  "names are keys: write 'NAME:' and the fields below it, without a dash");
	} else if (f->example) {
		diag_help(d->diags, g, "an example: '%.*s: %s'", SV_ARG(f->key), f->example);
	}
}

void report_type(struct decoder *d, const struct type *row, struct sv subject, uint32_t value,
		 const struct type_in *in, const struct type_error *e)
{
	struct sv wants = e->wants.n ? e->wants : sv_from(row->wants);
	struct sv found = e->found;

	if (!report_once(d, value))
		return;
	if (found.n == 0)
		found = in->text.n > 60 ? sv_fmt(d->a, "a text of %zu bytes", in->text.n)
					: sv_fmt(d->a, "'%.*s'", SV_ARG(in->text));
	struct diag *g =
		report_at(d, (enum schema_code)row->code, ynode_span(d->y, value),
			  "%.*s wants %.*s, found %.*s", SV_ARG(subject), SV_ARG(wants), SV_ARG(found));
	if (e->help.n)
		diag_help(d->diags, g, "%.*s", SV_ARG(e->help));
	else if (e->fix.n)
		diag_help(d->diags, g, "write '%.*s'", SV_ARG(e->fix));
	else if (row->help)
		diag_help(d->diags, g, "%s", row->help);
	if (e->fix.n)
		diag_edit(d->diags, g, ynode_span(d->y, value), e->fix, e->safe);
}

void report_item_kind(struct decoder *d, uint32_t value, const char *noun, struct sv name)
{
	if (!report_once(d, value))
		return;
	struct diag *g = report_at(d, CODE_WRONG_KIND, ynode_span(d->y, value),
				   "%s '%.*s' wants a map of fields, found %s", noun, SV_ARG(name),
				   ynode_kind_name(d->y, value));
	diag_help(d->diags, g, "is it a field of something else, or is a line missing above it?");
}
