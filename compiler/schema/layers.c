/* Which value holds: the item's own, else its profile's, else the defaults', else the language's. */
#include "schema/decode_internal.h"

#include <string.h>

#include "base/bug.h"
#include "base/buf.h"

/* --- static defaults --- */

static void set_builtins(struct decoder *d, const struct section *sec, void *out);

static void set_builtin(struct decoder *d, struct arena *a, const struct field *f, void *out)
{
	struct meta *m = out;
	struct type_in in = { .text = sv_from(f->def),
			      .plain = true,
			      .words = f->words,
			      .min = f->min,
			      .max = f->type == TYPE_INTEGER && f->max == 0 ? INT64_MAX : f->max,
			      .patterns = d->in.patterns,
			      .a = a };
	struct type_error e = { 0 };

	if (f->type == TYPE_SECTION) {
		BUG_IF(f->section->short_form != SHORT_OFF);
		((struct spec_dhcp *)out)->off = true;
		m->flags = META_SHORT;
	} else if (!type_parse((enum type_id)f->type, &in, out, &e)) {
		BUG("the default '%s' of '%s' is not valid", f->def, f->key.p);
	}
	m->state = META_OK;
	m->origin = ORIGIN_BUILTIN;
}

static bool is_below(const struct field *f)
{
	return f->type == TYPE_SECTION && !f->def && f->section != &section_defaults;
}

/* The static defaults of a section, made once. */
static const struct known_section *builtins_of(struct decoder *d, const struct section *sec)
{
	struct known_section *b = section_known(d, sec);
	struct arena *a;

	if (b->values)
		return b;
	patterns_kept(d->in.patterns, &a);
	b->values = arena_alloc(a, 1, sec->size, _Alignof(max_align_t));
	b->set = NEW(a, const struct field *, sec->n);
	b->into = NEW(a, const struct field *, sec->n);
	for (uint32_t i = 0; i < sec->n; i++) {
		const struct field *f = &sec->fields[i];

		if (f->def) {
			set_builtin(d, a, f, field_at(f, b->values));
			b->set[b->n_set++] = f;
		} else if (is_below(f)) {
			const struct known_section *below = builtins_of(d, f->section);

			if (below->n_set || below->n_into)
				b->into[b->n_into++] = f;
		}
	}
	return b;
}

static void set_builtins(struct decoder *d, const struct section *sec, void *out)
{
	const struct known_section *b = builtins_of(d, sec);

	for (uint32_t i = 0; i < b->n_set; i++) {
		const struct field *f = b->set[i];
		struct meta *m = field_at(f, out);

		if (m->state == META_ABSENT)
			memcpy(m, field_at_const(f, b->values), field_size(f));
	}
	for (uint32_t i = 0; i < b->n_into; i++)
		set_builtins(d, b->into[i]->section, field_at(b->into[i], out));
}

/* --- merging --- */

/* `nics` says where the adapters are: a farther `network` or `address` no longer means anything, and the
 * reverse. */
static bool guest_skips(const struct spec_guest *dst, const struct field *f)
{
	if (f->offset == offsetof(struct spec_guest, network) ||
	    f->offset == offsetof(struct spec_guest, address))
		return dst->nics.m.state != META_ABSENT;
	if (f->offset == offsetof(struct spec_guest, nics))
		return dst->network.m.state != META_ABSENT || dst->address.m.state != META_ABSENT;
	return false;
}

void section_merge(const struct section *sec, void *dst, const void *src)
{
	bool guest = sec == &section_guest;
	struct spec_guest before = { 0 };

	if (guest) {
		/* What dst had before anything of src came in decides. */
		const struct spec_guest *g = dst;

		before.nics.m = g->nics.m;
		before.network.m = g->network.m;
		before.address.m = g->address.m;
	}
	for (uint32_t i = 0; i < sec->n; i++) {
		const struct field *f = &sec->fields[i];
		struct meta *dm = field_at(f, dst);
		const struct meta *sm = field_at_const(f, src);

		if (f->flags & FIELD_BY_FIELD) {
			if (dm->state == META_ABSENT)
				*dm = *sm;
			if (dm->state != META_POISONED && sm->state == META_OK)
				section_merge(f->section, dm, sm);
			continue;
		}
		if (dm->state != META_ABSENT || sm->state == META_ABSENT ||
		    (guest && guest_skips(&before, f)))
			continue;
		memcpy(dm, sm, field_size(f));
	}
}

/* --- required after merging --- */

static bool incomplete(const struct spec_head *h)
{
	return h->m.state == META_POISONED || (h->m.flags & META_INCOMPLETE);
}

/* Whether something at the top was lost to a finding: what seems missing may have stood there. */
static bool top_lost(const struct decoder *d)
{
	return d->s->incomplete || (d->s->lab.h.m.flags & META_INCOMPLETE);
}

static void require(struct decoder *d, const struct section *sec, void *item, struct owner owner)
{
	struct spec_head *h = item;
	uint64_t missing = section_lacks(sec, section_known(d, sec)->required_merged, item);

	if (missing == 0 || top_lost(d) || incomplete(h))
		return;
	if (h->m.doc < d->s->docs.n)
		decoder_enter(d, h->m.doc);
	report_missing(d, sec, h->m, missing, owner);
}

/* --- items --- */

/* The lists of a guest before anything is merged into it: their items are complete after this, whoever
 * shares them. */
static void finish_lists(struct decoder *d, struct spec_guest *g)
{
	struct spec_defaults *def = &d->s->lab.defaults;
	struct owner port = { section_port.noun, { 0 } };

	for (uint32_t i = 0; i < g->ports.n; i++) {
		if (g->ports.v[i].h.m.state != META_OK)
			continue;
		if (def->port.h.m.state == META_OK)
			section_merge(&section_port, &g->ports.v[i], &def->port);
		set_builtins(d, &section_port, &g->ports.v[i]);
		if (!incomplete(&def->port.h))
			require(d, &section_port, &g->ports.v[i], port);
	}
	for (uint32_t i = 0; i < g->nics.n; i++)
		set_builtins(d, &section_nic, &g->nics.v[i]);
	for (uint32_t i = 0; i < g->disks.n; i++)
		set_builtins(d, &section_disk, &g->disks.v[i]);
}

static void report_profile(struct decoder *d, const struct v_text *name)
{
	struct span at = spec_span(d->s, name->m);
	struct map_entry *known = map_find(&d->no_profiles, name->v);
	const char *near = NULL;
	unsigned best = 0, dist;

	/* References to one unknown name are one mistake. */
	if (known) {
		struct diag *first = known->value;

		diag_label(d->diags, first, at, "and here");
		/* repaired in one place, the others would still be wrong */
		if (first->edits)
			diag_edit(d->diags, first, at, first->edits->text, false);
		return;
	}
	for (size_t i = 0; i < d->profiles.n; i++)
		if (sv_is_near(name->v, d->profiles.v[i].key, &dist) && (!near || dist < best)) {
			near = sv_cstr(d->a, d->profiles.v[i].key);
			best = dist;
		}
	struct diag *g =
		report_at(d, CODE_UNKNOWN_PROFILE, at, "there is no profile '%.*s'", SV_ARG(name->v));
	map_add(&d->no_profiles, name->v, g);
	if (near) {
		diag_help(d->diags, g, "did you mean '%s'?", near);
		diag_edit(d->diags, g, at, sv_from(near), false);
	} else if (d->profiles.n == 0) {
		diag_help(d->diags, g, "the lab has no 'profiles'");
	} else {
		diag_help(d->diags, g, "add it under 'profiles'");
	}
}

/* A guest with that profile, or NULL; an unknown one is reported where it is written, once. */
static const struct spec_guest *profile_of(struct decoder *d, struct v_text *name)
{
	const struct spec_guest *p = map_get(&d->profiles, name->v);
	struct meta all = d->s->lab.profiles.m;

	if (p)
		return p;
	decoder_enter(d, name->m.doc);
	name->m.state = META_POISONED;
	if (!top_lost(d) && !(all.flags & META_INCOMPLETE) && all.state != META_POISONED &&
	    report_once(d, ynode_resolve(d->y, name->m.node)))
		report_profile(d, name);
	return NULL;
}

static void layer_guest(struct decoder *d, struct spec_guest *g)
{
	struct spec_defaults *def = &d->s->lab.defaults;
	const struct spec_guest *p = NULL;
	bool lost = incomplete(&def->guest.h) || incomplete(&def->h);

	if (g->h.m.state != META_OK)
		return;
	finish_lists(d, g);
	if (g->profile.m.state == META_ABSENT && def->guest.profile.m.state != META_ABSENT)
		g->profile = def->guest.profile;
	if (g->profile.m.state == META_OK)
		p = profile_of(d, &g->profile);
	lost |= g->profile.m.state == META_POISONED;
	if (p && p->h.m.state == META_OK)
		section_merge(&section_guest, g, p);
	if (p)
		lost |= incomplete(&p->h);
	if (def->guest.h.m.state == META_OK)
		section_merge(&section_guest, g, &def->guest);
	set_builtins(d, &section_guest, g);
	if (!lost)
		require(d, &section_guest, g, (struct owner){ section_guest.noun, g->h.name });
}

static void layer_host(struct decoder *d, struct spec_host *h)
{
	struct spec_defaults *def = &d->s->lab.defaults;
	bool lost = incomplete(&def->host.h) || incomplete(&def->h);

	if (h->h.m.state == META_POISONED)
		return;
	if (def->host.h.m.state == META_OK)
		section_merge(&section_host, h, &def->host);
	if (def->network.h.m.state == META_OK && h->network.h.m.state != META_POISONED) {
		if (h->network.h.m.state == META_ABSENT)
			h->network.h.m = def->network.h.m;
		section_merge(&section_network, &h->network, &def->network);
	}
	set_builtins(d, &section_host, h);
	for (uint32_t i = 0; i < h->networks.n; i++)
		set_builtins(d, &section_network, &h->networks.v[i]);
	for (uint32_t i = 0; i < h->guests.n; i++)
		layer_guest(d, &h->guests.v[i]);
	/* A single host made of defaults alone was reported as a whole if it lacks its size. */
	if (!lost && !(d->s->single_host && d->s->lab.host.h.m.state == META_ABSENT))
		require(d, &section_host, h,
			(struct owner){ d->s->single_host ? section_single_host.noun : section_host.noun,
					d->s->single_host ? (struct sv){ 0 } : h->h.name });
}

static void prepare_profiles(struct decoder *d)
{
	struct spec_lab *lab = &d->s->lab;

	map_init(&d->profiles, d->a, false);
	map_init(&d->no_profiles, d->a, false);
	for (uint32_t i = 0; i < lab->profiles.n; i++) {
		struct spec_guest *p = &lab->profiles.v[i];

		map_add(&d->profiles, p->h.name, p);
		finish_lists(d, p);
		if (p->profile.m.state == META_ABSENT)
			continue;
		decoder_enter(d, p->profile.m.doc);
		if (!report_once(d, p->profile.m.node - 1))
			continue;
		struct diag *g = report_at(d, CODE_REFUSED_FIELD, spec_key_span(d->s, p->profile.m),
					   "a profile uses no other profile");
		diag_help(d->diags, g, "what all guests share stands in 'defaults'");
	}
	finish_lists(d, &lab->defaults.guest);
	if (lab->defaults.guest.profile.m.state == META_OK)
		profile_of(d, &lab->defaults.guest.profile);
}

void layers_apply(struct decoder *d)
{
	struct spec_lab *lab = &d->s->lab;

	prepare_profiles(d);
	for (uint32_t i = 0; i < lab->hosts.n; i++)
		layer_host(d, &lab->hosts.v[i]);
	if (d->s->single_host)
		lab->guests = lab->hosts.v[0].guests;
	/* The rest of the top: quota, shutdown, targets ... `host` as written stays as it was. */
	struct spec_host written = lab->host;
	set_builtins(d, &section_top, lab);
	lab->host = written;
}
