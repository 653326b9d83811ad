#include "schema/decode.h"

#include <string.h>

#include "base/bug.h"
#include "schema/decode_internal.h"

struct meta decode_meta(const struct decoder *d, uint32_t as_written, enum meta_state state)
{
	return (struct meta){
		.node = as_written, .doc = d->doc, .state = (uint8_t)state, .origin = d->origin
	};
}

static bool is_collection(enum type_id t)
{
	return t >= TYPE_SCALARS;
}

/* --- lists --- */

static size_t item_size(const struct field *f)
{
	return f->type == TYPE_LIST ? types[f->item].size : f->section->size;
}

/* The short form of a section: the value fills one field of it. */
static bool decode_short(struct decoder *d, const struct field *f, bool item, uint32_t as_written, void *out)
{
	const struct section *sec = f->section;
	const struct field *full = NULL;

	for (uint32_t i = 0; i < sec->n && !full; i++)
		if (sv_eq(sec->fields[i].key, sv_from(sec->short_key)))
			full = &sec->fields[i];
	BUG_IF(!full);
	/* Messages speak of the field that was written, with the grammar of the one it fills. */
	struct field shown = *full;
	struct meta *m = field_at(full, out);
	shown.key = f->key;
	if (full->type == TYPE_LIST) {
		decode_field(d, &shown, 0, as_written, m);
		return true;
	}
	bool ok =
		decode_scalar(d, &shown, (enum type_id)full->type, item, ynode_resolve(d->y, as_written), m);
	*m = decode_meta(d, as_written, ok ? META_OK : META_POISONED);
	if (item)
		m->flags |= META_ITEM;
	return ok;
}

/* A section as item or value: a map, or its short form. Sets the head's meta. */
static void decode_section_value(struct decoder *d, const struct field *f, bool item, uint32_t as_written,
				 void *out, struct owner owner)
{
	const struct section *sec = f->section;
	uint32_t value = ynode_resolve(d->y, as_written);
	enum ynode_kind kind = ynode_kind(d->y, value);
	struct spec_head *h = out;

	h->m = decode_meta(d, as_written, META_POISONED);
	if (item)
		h->m.flags |= META_ITEM;
	if (ynode_is_poisoned(d->y, value))
		return;
	if (kind == YNODE_MAP) {
		if (!decode_tag(d, f->key.p, value, TAG_BIT(YTAG_MAP)))
			return;
		h->m.state = META_OK;
		decode_section(d, sec, value, out, owner);
		return;
	}
	bool ok = false;
	if ((kind == YNODE_SCALAR && sec->short_form == SHORT_FIELD) ||
	    (kind == YNODE_SEQ && sec->short_form == SHORT_LIST)) {
		ok = decode_short(d, f, item, as_written, out);
	} else if (kind == YNODE_SCALAR && sec->short_form == SHORT_MAPPING && item) {
		ok = decode_mapping(d, value, out);
	} else if (kind == YNODE_SCALAR && sec->short_form == SHORT_OFF &&
		   sv_eq(ynode_text(d->y, value), SV("off"))) {
		ok = true;
		((struct spec_dhcp *)out)->off = true;
	} else {
		report_kind(d, f, item, value);
	}
	h->m.flags |= META_SHORT;
	h->m.state = ok ? META_OK : META_POISONED;
}

static void decode_item(struct decoder *d, const struct field *f, uint32_t as_written, void *out)
{
	uint32_t value = ynode_resolve(d->y, as_written), outer = d->alias;
	struct meta *m = out;

	if (value != as_written)
		d->alias = as_written;
	*m = decode_meta(d, as_written, META_POISONED);
	m->flags |= META_ITEM;
	if (ynode_is_null(d->y, value) && !ynode_is_poisoned(d->y, value)) {
		report_no_value(d, f, 0, as_written);
	} else if (f->type == TYPE_SECTION_LIST) {
		struct owner self = { f->section->noun, { 0 } };

		decode_section_value(d, f, true, as_written, out, self);
	} else if (decode_scalar(d, f, (enum type_id)f->item, true, value, out)) {
		m->state = META_OK;
	}
	d->alias = outer;
}

/* What cannot be an item at all: most often the line above it is gone, and the list is of something else. */
static bool is_stray(const struct decoder *d, const struct field *f, uint32_t item)
{
	uint32_t value = ynode_resolve(d->y, item);

	return f->type == TYPE_SECTION_LIST && f->section->short_form == SHORT_NONE &&
	       ynode_kind(d->y, value) != YNODE_MAP && !ynode_is_null(d->y, value) &&
	       !ynode_is_poisoned(d->y, value);
}

enum { LONG_LIST = 16 };

/* Where the values of a long list of scalars are kept for the next alias that leads here; NULL: it is no such list. */
static struct read_list **kept_list(struct decoder *d, const struct field *f, uint32_t value)
{
	if (f->type != TYPE_LIST || !d->y->anchors.n || ynode_get(d->y, value)->count < LONG_LIST)
		return NULL;
	struct decoded_doc *doc = decoded_doc(d);

	if (!doc->lists)
		doc->lists = NEW(d->a, struct read_list *, d->y->n_nodes);
	return &doc->lists[value];
}

static bool read_before(const struct decoder *d, const struct field *f, const struct read_list *kept,
			struct any_list *list)
{
	if (!kept || kept->origin != d->origin || kept->f.key.p != f->key.p || kept->f.item != f->item ||
	    kept->f.words != f->words || kept->f.min != f->min || kept->f.max != f->max ||
	    kept->f.flags != f->flags)
		return false;
	list->v = kept->list.v;
	list->n = kept->list.n;
	return true;
}

static void decode_list(struct decoder *d, const struct field *f, uint32_t as_written, void *out)
{
	uint32_t value = ynode_resolve(d->y, as_written);
	enum ynode_kind kind = ynode_kind(d->y, value);
	struct any_list *list = out;
	size_t size = item_size(f);
	uint32_t mute = d->mute;

	if (kind == YNODE_SCALAR && (f->flags & FIELD_OR_HOST) &&
	    sv_eq(ynode_text(d->y, value), SV("host"))) {
		((struct v_ip_list *)out)->is_host = true;
		return;
	}
	if (kind == YNODE_SCALAR && (f->flags & FIELD_OR_ONE)) {
		list->v = arena_alloc(d->a, 1, size, _Alignof(max_align_t));
		list->n = 1;
		decode_item(d, f, as_written, list->v);
		list->m.state = ((struct meta *)list->v)->state;
		return;
	}
	if (kind != YNODE_SEQ) {
		report_kind(d, f, false, value);
		list->m.state = META_POISONED;
		return;
	}
	if (!decode_tag(d, f->key.p, value, TAG_BIT(YTAG_SEQ))) {
		list->m.state = META_POISONED;
		return;
	}
	struct read_list **kept = kept_list(d, f, value);
	if (kept && read_before(d, f, *kept, list))
		return;
	list->v = arena_alloc(d->a, ynode_get(d->y, value)->count + 1, size, _Alignof(max_align_t));
	for (uint32_t n = ynode_first(d->y, value); n; n = ynode_next(d->y, n)) {
		struct meta *m = (void *)((char *)list->v + size * list->n++);

		decode_item(d, f, n, m);
		if (is_stray(d, f, n)) {
			d->mute++;
			list->m.flags |= META_INCOMPLETE;
		}
		if (d->mute > mute)
			m->flags |= META_INCOMPLETE;
	}
	d->mute = mute;
	if (kept) {
		*kept = NEW(d->a, struct read_list, 1);
		**kept = (struct read_list){ .f = *f, .origin = d->origin, .list = *list };
	}
}

/* --- maps of names --- */

static uint32_t entry_count(const struct ydoc *y, uint32_t map)
{
	return ynode_is(y, map, YN_MERGES) ? ymap_count(y, map) : ynode_get(y, map)->count / 2;
}

static void check_name(struct decoder *d, const struct field *f, uint32_t key, const char *noun)
{
	struct type_error e = { 0 };
	struct v_text ignored;
	const struct type *row = &types[f->item];

	d->in.text = ynode_text(d->y, key);
	d->in.plain = ynode_is_plain(d->y, key);
	d->in.max = 0;
	if (row->parse(&d->in, &ignored, &e) || !report_once(d, key))
		return;
	struct diag *g = report_at(d, CODE_NAME, ynode_span(d->y, key), "no %s can be called %.*s", noun,
				   SV_ARG(e.found));
	if (e.fix.n) {
		diag_help(d->diags, g, "write '%.*s'", SV_ARG(e.fix));
		diag_edit(d->diags, g, ynode_span(d->y, key), e.fix, e.safe);
	} else {
		diag_help(d->diags, g, "%s", row->help);
	}
}

/* Names that differ in case alone are one name to Windows. */
static void check_unique(struct decoder *d, struct map *seen, uint32_t key, struct spec_head *item,
			 const char *noun)
{
	struct map_entry *first = map_add(seen, item->name, item);

	if (!first || !report_once(d, key))
		return;
	struct spec_head *other = first->value;
	struct diag *g = report_at(d, CODE_DUPLICATE_NAME, ynode_span(d->y, key),
				   "the name '%.*s' is taken: Windows does not tell '%.*s' and '%.*s' apart",
				   SV_ARG(item->name), SV_ARG(item->name), SV_ARG(other->name));
	diag_label(d->diags, g, spec_key_span(d->s, other->m), "the first %s of that name", noun);
	diag_help(d->diags, g, "give one of them another name");
}

static const char *item_noun(const struct field *f)
{
	return sv_eq(f->key, SV("profiles")) ? "profile" : f->section->noun;
}

static void decode_section_map(struct decoder *d, const struct field *f, uint32_t map, struct any_list *list)
{
	struct ymap_it it = ymap_iter(d->y, map);
	size_t size = f->section->size;
	const char *noun = item_noun(f);
	struct map seen;
	uint32_t mute = d->mute;

	map_init(&seen, d->a, true);
	list->v = arena_alloc(d->a, entry_count(d->y, map) + 1, size, _Alignof(max_align_t));
	for (struct yentry e; ymap_next(&it, &e);) {
		struct spec_head *h = (void *)((char *)list->v + size * list->n++);
		uint32_t outer = d->alias;

		d->alias = e.alias ? e.alias : e.via ? e.via : outer;
		h->name = ynode_text(d->y, e.key);
		if (ynode_is_null(d->y, e.value) && !ynode_is_poisoned(d->y, e.value)) {
			h->m = decode_meta(d, e.value, META_OK);
		} else if (ynode_kind(d->y, e.value) == YNODE_MAP || ynode_is_poisoned(d->y, e.value)) {
			decode_section_value(d, f, false, e.alias ? e.alias : e.value, h,
					     (struct owner){ noun, h->name });
		} else {
			/* Most often the line that held this key is gone: what follows is of another map. */
			h->m = decode_meta(d, e.alias ? e.alias : e.value, META_POISONED);
			report_item_kind(d, e.value, noun, h->name);
			d->mute++;
			list->m.flags |= META_INCOMPLETE;
		}
		if (d->mute > mute)
			h->m.flags |= META_INCOMPLETE;
		check_name(d, f, e.key, noun);
		if (f->flags & FIELD_UNIQUE)
			check_unique(d, &seen, e.key, h, noun);
		d->alias = outer;
	}
	d->mute = mute;
}

static void decode_text_map(struct decoder *d, const struct field *f, uint32_t map, struct v_text_map *list)
{
	struct ymap_it it = ymap_iter(d->y, map);

	list->v = NEW(d->a, struct v_pair, entry_count(d->y, map) + 1);
	for (struct yentry e; ymap_next(&it, &e);) {
		struct v_pair *p = &list->v[list->n++];
		struct v_text text = { 0 };

		p->name = ynode_text(d->y, e.key);
		p->m = decode_meta(d, e.alias ? e.alias : e.value, META_POISONED);
		if (ynode_is_null(d->y, e.value))
			report_no_value(d, f, e.key, e.value);
		else if (decode_scalar(d, f, TYPE_TEXT, true, e.value, &text))
			p->m.state = META_OK;
		p->v = text.v;
	}
}

static void decode_map(struct decoder *d, const struct field *f, uint32_t as_written, void *out)
{
	uint32_t value = ynode_resolve(d->y, as_written);
	struct any_list *list = out;

	if (ynode_kind(d->y, value) != YNODE_MAP) {
		report_kind(d, f, false, value);
		list->m.state = META_POISONED;
	} else if (!decode_tag(d, f->key.p, value, TAG_BIT(YTAG_MAP))) {
		list->m.state = META_POISONED;
	} else if (f->type == TYPE_TEXT_MAP) {
		decode_text_map(d, f, value, out);
	} else {
		decode_section_map(d, f, value, list);
	}
	if (ynode_is(d->y, value, YN_INCOMPLETE))
		list->m.flags |= META_INCOMPLETE;
}

/* --- fields and sections --- */

/* A field without value: the default for optional collections and texts, a finding for the rest. */
static bool absent(const struct field *f)
{
	if (f->flags & FIELD_REQUIRED)
		return false;
	if (f->type == TYPE_SECTION)
		return f->section->short_form == SHORT_NONE || f->section->short_form == SHORT_LIST;
	return is_collection((enum type_id)f->type) || f->type == TYPE_TEXT;
}

/* `defaults` and `profiles` are layers of their own: what is read there says so. */
static uint8_t origin_below(const struct decoder *d, const struct field *f)
{
	if (f->section == &section_defaults)
		return ORIGIN_DEFAULTS;
	if (f->type == TYPE_SECTION_MAP && sv_eq(f->key, SV("profiles")))
		return ORIGIN_PROFILE;
	return d->origin;
}

void decode_field(struct decoder *d, const struct field *f, uint32_t key, uint32_t as_written, void *out)
{
	uint8_t outer = d->origin;
	uint32_t value = ynode_resolve(d->y, as_written);
	struct meta *m = out;

	*m = decode_meta(d, as_written, META_POISONED);
	if (ynode_is_poisoned(d->y, value))
		return;
	if (ynode_is_null(d->y, value)) {
		if (absent(f))
			*m = (struct meta){ 0 };
		else
			report_no_value(d, f, key, value);
		return;
	}
	m->state = META_OK;
	d->origin = origin_below(d, f);
	switch (f->type) {
	case TYPE_SECTION: {
		struct owner self = { f->section->noun, { 0 } };

		decode_section_value(d, f, false, as_written, out, self);
		break;
	}
	case TYPE_LIST:
	case TYPE_SECTION_LIST:
		decode_list(d, f, as_written, out);
		break;
	case TYPE_TEXT_MAP:
	case TYPE_SECTION_MAP:
		decode_map(d, f, as_written, out);
		break;
	default:
		if (!decode_scalar(d, f, (enum type_id)f->type, false, value, out))
			m->state = META_POISONED;
	}
	d->origin = outer;
}

/* Two fields that exclude each other. */
static void check_not_both(struct decoder *d, struct meta a, const char *a_key, struct meta b,
			   const char *b_key, const char *help)
{
	if (a.state == META_ABSENT || b.state == META_ABSENT)
		return;
	if (a.node > b.node) {
		check_not_both(d, b, b_key, a, a_key, help);
		return;
	}
	if (!report_once(d, b.node - 1))
		return;
	struct diag *g = report_at(d, CODE_NOT_BOTH, spec_key_span(d->s, b),
				   "'%s' and '%s' exclude each other", b_key, a_key);
	diag_label(d->diags, g, spec_key_span(d->s, a), "'%s' is here", a_key);
	diag_help(d->diags, g, "%s", help);
}

static void check_test(struct decoder *d, struct spec_test *t)
{
	const struct meta *kinds[] = { &t->tcp.m, &t->http.m, &t->service.m, &t->command.m };
	struct meta first = { 0 };
	unsigned n = 0;

	for (size_t i = 0; i < 4; i++)
		if (kinds[i]->state != META_ABSENT) {
			first = n++ == 0 || kinds[i]->node < first.node ? *kinds[i] : first;
		}
	if (n == 1 || (n == 0 && (t->h.m.flags & META_INCOMPLETE)))
		return;
	uint32_t map = ynode_resolve(d->y, t->h.m.node);
	t->h.m.state = META_POISONED;
	if ((n == 0 && d->s->incomplete) || !report_once(d, map))
		return;
	struct diag *g = report_at(d, CODE_ONE_OF,
				   ynode_span(d->y, ynode_first(d->y, map) ? ynode_first(d->y, map) : map),
				   n ? "a test has one of tcp, http, service and command, found %u"
				     : "a test has one of tcp, http, service and command, found none",
				   n);
	diag_help(d->diags, g, n ? "make a test of each" : "such as '{ tcp: 80 }'");
}

/* What rows cannot say about a section as written. */
static void check_section(struct decoder *d, const struct section *sec, void *out)
{
	if (sec == &section_guest) {
		struct spec_guest *g = out;

		check_not_both(d, g->network.m, "network", g->nics.m, "nics",
			       "one adapter: 'network'; several: 'nics'");
		if (g->network.m.state == META_ABSENT)
			check_not_both(
				d, g->address.m, "address", g->nics.m, "nics",
				"with 'nics' the address stands in its adapter: 'nics: [{ address: ... }]'");
		check_not_both(d, g->image.m, "image", g->disk.source.m, "disk.source",
			       "the system disk is a copy of one of them: remove the other");
		check_not_both(d, g->image.m, "image", g->disk.parent.m, "disk.parent",
			       "a disk that differs from the image: 'disk: { type: differencing }' without 'parent'");
	} else if (sec == &section_disk) {
		struct spec_disk *k = out;

		check_not_both(d, k->source.m, "source", k->parent.m, "parent",
			       "a copy: 'source'; a disk that holds what differs: 'parent'");
	} else if (sec == &section_test) {
		check_test(d, out);
	}
}

/* A misspelt field is not missing as well, and what it means is unknown: one mistake, one finding. */
static void unknown_field(struct decoder *d, const struct section *sec, uint32_t map, const struct yentry *e,
			  void *out, struct owner owner)
{
	const struct field *meant = report_unknown_field(d, sec, map, e->key, owner);
	struct meta *m = meant ? field_at(meant, out) : NULL;

	/* A test is of one kind: which, the unknown word was to say. */
	if (sec == &section_test)
		((struct spec_head *)out)->m.flags |= META_INCOMPLETE;
	if (!meant)
		((struct spec_head *)out)->m.flags |= META_STRAY;
	if (m && m->state == META_ABSENT)
		*m = decode_meta(d, e->value, META_POISONED);
}

void decode_section(struct decoder *d, const struct section *sec, uint32_t map, void *out, struct owner owner)
{
	struct ymap_it it = ymap_iter(d->y, map);
	struct spec_head *h = out;
	const struct known_section *known = section_known(d, sec);
	uint64_t missing;

	if (ynode_is(d->y, map, YN_INCOMPLETE))
		h->m.flags |= META_INCOMPLETE;
	for (struct yentry e; ymap_next(&it, &e);) {
		const struct field *f = known_field(known, ynode_text(d->y, e.key));
		uint32_t outer = d->alias;

		d->alias = e.alias ? e.alias : e.via ? e.via : outer;
		if (f)
			decode_field(d, f, e.key, e.alias ? e.alias : e.value, field_at(f, out));
		else
			unknown_field(d, sec, map, &e, out, owner);
		d->alias = outer;
	}
	check_section(d, sec, out);
	if (d->s->incomplete || (h->m.flags & META_INCOMPLETE))
		return;
	missing = section_lacks(sec, known->required, out);
	if (missing)
		report_missing(d, sec, h->m, missing, owner);
}

/* --- the whole --- */

struct decoded_doc *decoded_doc(struct decoder *d)
{
	if (d->doc >= d->n_docs) {
		d->docs = arena_grow(d->a, d->docs, d->n_docs, d->doc + 1u, sizeof(*d->docs),
				     _Alignof(struct decoded_doc));
		d->n_docs = d->doc + 1u;
	}
	return &d->docs[d->doc];
}

void decoder_enter(struct decoder *d, uint8_t doc)
{
	d->doc = doc;
	d->y = d->s->docs.v[doc].y;
	d->alias = 0;
}

bool spec_decode(struct spec *s, struct ydoc *main, const struct spec_opts *opts)
{
	static const struct spec_opts none;
	struct decoder *d = NEW(main->a, struct decoder, 1);
	struct patterns *own = NULL;
	uint32_t root = ynode_resolve(main, main->root);

	*s = (struct spec){ .a = main->a, .diags = main->diags, .incomplete = main->incomplete };
	VEC_ADD(s->a, &s->docs,
		((struct spec_doc){ .y = main, .path = sources_get(main->sources, main->src)->name }));
	if (ynode_kind(main, root) != YNODE_MAP || ynode_is_poisoned(main, root))
		return false;
	d->s = s;
	d->opts = opts ? opts : &none;
	d->a = s->a;
	d->diags = s->diags;
	d->origin = ORIGIN_ITEM;
	d->in.a = s->a;
	d->in.patterns = d->opts->patterns ? d->opts->patterns : (own = patterns_new());
	decoder_enter(d, 0);
	if (decode_tag(d, "the file", root, TAG_BIT(YTAG_MAP))) {
		s->lab.h.m = decode_meta(d, root, META_OK);
		decode_section(d, &section_top, root, &s->lab, (struct owner){ section_top.noun, { 0 } });
	}
	include_files(d);
	decoder_enter(d, 0);
	decode_hosts(d);
	layers_apply(d);
	files_beside(d);
	patterns_free(own);
	return true;
}
