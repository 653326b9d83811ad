/* Guests: copies and seats, defaults of the operating system, disks, images. */
#include "model/lower.h"

#include "base/buf.h"
#include "base/bug.h"
#include "model/images.h"

/* --- hardware --- */

static void poison(struct meta *m)
{
	if (m->state == META_ABSENT)
		m->state = META_POISONED;
}

static void lower_memory(struct lab_guest *g)
{
	const struct spec_memory *m = &g->spec->memory;

	g->startup = m->startup;
	g->minimum = m->minimum;
	g->maximum = m->maximum;
	g->buffer = m->buffer;
	g->weight = m->weight;
	if (meta_poisoned(m->h.m) || !g->os)
		poison(&g->startup.m);
	else
		FILL(g->startup, g->os->memory_mib * MIB, ORIGIN_CATALOGUE);
	g->dynamic = g->minimum.m.state == META_OK || g->maximum.m.state == META_OK;
	if (g->dynamic) {
		FILL(g->buffer, 20, ORIGIN_BUILTIN);
		FILL(g->weight, 50, ORIGIN_BUILTIN);
	}
}

static void lower_firmware(struct lab_guest *g)
{
	const struct spec_guest *sg = g->spec;
	int word = sg->secure_boot.m.state == META_OK ? sg->secure_boot.v : SECURE_BOOT_AUTO;

	g->generation = sg->generation;
	if (g->os)
		FILL(g->generation, (int64_t)g->os->generation, ORIGIN_CATALOGUE);
	else
		poison(&g->generation.m);
	g->boot = BOOT_OFF;
	if (g->generation.m.state == META_OK && g->generation.v == 2) {
		if (word == SECURE_BOOT_WINDOWS)
			g->boot = BOOT_WINDOWS;
		else if (word == SECURE_BOOT_LINUX)
			g->boot = BOOT_LINUX;
		else if (word == SECURE_BOOT_AUTO && g->os)
			g->boot = g->os->boot;
	}
	g->tpm = sg->tpm;
	FILL(g->tpm, g->os && g->os->flags & OSF_TPM && g->generation.v == 2, ORIGIN_CATALOGUE);
}

static void lower_processor(const struct lab *l, struct lab_guest *g)
{
	const struct spec_guest *sg = g->spec;
	bool compat = l->own_info->flags & TG_MOVES;

	g->vcpus = sg->vcpus;
	FILL(g->vcpus, 2, ORIGIN_BUILTIN);
	g->nested = sg->nested;
	FILL(g->nested, false, ORIGIN_BUILTIN);
	if (g->nested.v || (g->os && g->os->flags & (OSF_NO_COMPAT | OSF_COMPAT_RISK)))
		compat = false;
	g->processor_compatibility = sg->processor_compatibility;
	FILL(g->processor_compatibility, compat, ORIGIN_CATALOGUE);
}

/* --- disks and images --- */

static bool is_vhd_path(struct sv path)
{
	return path.n > 4 && sv_eq_nocase(sv_sub(path, path.n - 4, path.n), SV(".vhd"));
}

static void lower_disk(struct lowering *lw, struct lab_guest *g, struct lab_disk *d,
		       const struct spec_disk *sd, uint32_t number)
{
	const char *suffix;

	d->spec = sd;
	d->m = sd->h.m;
	d->size = sd->size;
	d->format = sd->format;
	d->type = sd->type;
	d->source = sd->source;
	d->sha256 = sd->sha256;
	d->parent = sd->parent;
	d->path = sd->path;
	if (d->format.m.state == META_ABSENT && d->path.m.state == META_OK && is_vhd_path(d->path.v))
		d->format = (struct v_enum){ lower_filled(ORIGIN_DERIVED), DISK_VHD };
	d->boot = number == 1;
	FILL(d->format, (int)DISK_VHDX, ORIGIN_BUILTIN);
	if (d->type.m.state == META_ABSENT && d->parent.m.state == META_OK)
		d->type = (struct v_enum){ lower_filled(ORIGIN_DERIVED), DISK_DIFFERENCING };
	FILL(d->type, (int)DISK_DYNAMIC, ORIGIN_BUILTIN);
	if (meta_poisoned(sd->h.m) || !g->os)
		poison(&d->size.m);
	else if (number == 1)
		FILL(d->size, g->os->disk_gib * GIB, ORIGIN_CATALOGUE);
	suffix = d->format.v == DISK_VHD ? "vhd" : "vhdx";
	d->file = number == 1 ? sv_join(lw->a, (struct sv[]){ g->name, SV("."), sv_from(suffix) }, 3)
			      : sv_fmt(lw->a, SV_FMT "-%u.%s", SV_ARG(g->name), number, suffix);
}

static void lower_disks(struct lowering *lw, struct lab_guest *g)
{
	const struct spec_guest *sg = g->spec;

	g->n_disks = 1 + sg->disks.n;
	g->disks = NEW(lw->a, struct lab_disk, g->n_disks);
	lower_disk(lw, g, &g->disks[0], &sg->disk, 1);
	if (g->disks[0].m.state == META_ABSENT)
		g->disks[0].m = g->m;
	for (uint32_t i = 0; i < sg->disks.n; i++)
		lower_disk(lw, g, &g->disks[1 + i], &sg->disks.v[i], 2 + i);
}

static void use_entry(struct lab_guest *g, const struct spec_image *e)
{
	g->image_from = IMAGE_ENTRY;
	g->image_entry = e;
	g->image = e->source.v;
	g->image_sha256 = e->sha256.v;
	g->image_edition = e->edition.v;
}

static bool is_path(struct sv s)
{
	return sv_find(s, '\\') >= 0 || sv_find(s, '/') >= 0 || sv_find(s, ':') >= 0;
}

/* The name of a file that no script takes, wherever it lies: what to do with it helps more than that it is no entry. */
static bool is_foreign(struct sv name)
{
	struct image_name n = image_name(name);

	return image_name_is_foreign(&n);
}

static void unknown_image(struct lowering *lw, const struct lab_guest *g)
{
	struct lower_near near = { .want = g->spec->image.v };
	struct span at = spec_where(lw->s, g->spec->image.m, g->m);
	const struct v_image_map *images = &lw->s->lab.images;
	struct diag *d;

	if (meta_poisoned(images->m))
		return;
	d = lower_report(lw, MODEL_UNKNOWN_IMAGE, at, "no image '" SV_FMT "' under `images`",
			 SV_ARG(near.want));
	for (uint32_t i = 0; lw->guesses && i < images->n; i++)
		lower_offer(lw, &near, images->v[i].h.name);
	if (near.best.n)
		lower_suggest(lw, d, at, near.best);
	else
		diag_help(lw->d, d,
			  "add an entry of that name under `images`, or write a path (`C:\\...`) or a URL");
}

static void lower_image(struct lowering *lw, struct lab_guest *g)
{
	const struct spec_guest *sg = g->spec;
	const struct spec_image *e = NULL;

	g->iso = sg->iso.source;
	g->iso_sha256 = sg->iso.sha256;
	if (sg->disk.source.m.state != META_ABSENT || sg->disk.parent.m.state != META_ABSENT) {
		g->image_from = IMAGE_DISK;
		return;
	}
	g->image_from = IMAGE_RUNTIME;
	if (sg->image.m.state == META_OK) {
		if (is_path(sg->image.v)) {
			g->image_from = image_is_url(sg->image.v) ? IMAGE_URL : IMAGE_PATH;
			g->image = sg->image.v;
			return;
		}
		e = map_get(&lw->l->by_image, sg->image.v);
		if (!e && is_foreign(sg->image.v)) {
			g->image_from = IMAGE_PATH;
			g->image = sg->image.v;
			return;
		}
		if (!e && g->copy <= 1 && g->seat <= 1)
			unknown_image(lw, g);
	} else if (sg->image.m.state == META_ABSENT && g->os) {
		e = map_get(&lw->l->by_image, sv_from(g->os->id));
	}
	if (e)
		use_entry(g, e);
	else if (sg->image.m.state == META_ABSENT && sg->disk.path.m.state == META_OK)
		g->image_from = IMAGE_DISK;
}

/* What a differencing disk of the system differs from: the guest's image, where that is a disk that lies there already. */
static void lower_base(struct lab_guest *g)
{
	struct lab_disk *d = &g->disks[0];
	struct image_name n = image_name(g->image);

	if (!meta_ok(d->type.m) || d->type.v != DISK_DIFFERENCING || g->image_from == IMAGE_DISK || image_is_url(g->image) ||
	    (n.form != FORM_VHDX && n.form != FORM_VHD) || n.pack != PACK_NONE)
		return;
	d->parent = (struct v_text){ g->image_from == IMAGE_ENTRY ? g->image_entry->source.m : g->spec->image.m, g->image };
	g->image_from = IMAGE_DISK;
	g->image = g->image_sha256 = SV("");
}

/* --- what happens inside and around --- */

static void lower_inside(struct lowering *lw, struct lab_guest *g)
{
	const struct spec_guest *sg = g->spec;

	g->configure = sg->configure;
	FILL(g->configure, g->os ? (int)g->os->configure : CONFIGURE_MANUAL, ORIGIN_CATALOGUE);
	g->user = sg->user;
	g->password = sg->password;
	g->remote_desktop = sg->remote_desktop;
	FILL(g->remote_desktop, g->os && os_is_windows(g->os), ORIGIN_CATALOGUE);
	g->hostname = g->name;
	g->hostname_m = g->m;
	if (sg->hostname.m.state == META_OK) {
		g->hostname = sg->hostname.v;
		g->hostname_m = sg->hostname.m;
		if (g->copy)
			g->hostname = sv_fmt(lw->a, SV_FMT "-%u", SV_ARG(g->hostname), g->copy);
		if (g->seat)
			g->hostname = sv_fmt(lw->a, SV_FMT "-s%02u", SV_ARG(g->hostname), g->seat);
	}
	g->licence = sg->licence;
	g->notes = sg->notes;
}

static void lower_life(struct lab_guest *g)
{
	const struct spec_guest *sg = g->spec;

	g->automatic_stop = sg->automatic_stop;
	FILL(g->automatic_stop, (int)STOP_SHUTDOWN, ORIGIN_BUILTIN);
	g->automatic_start = sg->automatic_start;
	g->start_delay = sg->start_delay;
	FILL(g->start_delay, 0, ORIGIN_BUILTIN);
	g->checkpoints = sg->checkpoints;
	FILL(g->checkpoints, (int)CHECKPOINTS_DISABLED, ORIGIN_BUILTIN);
	g->on_demand = sg->on_demand;
	FILL(g->on_demand, false, ORIGIN_BUILTIN);
	for (uint32_t i = 0; i < sg->serves.n; i++) {
		if (sg->serves.v[i].m.state != META_OK)
			continue;
		if (sg->serves.v[i].v == SERVES_DHCP)
			g->serves_dhcp = true;
		else
			g->serves_router = true;
	}
}

static struct sv guest_name(struct lowering *lw, const struct lab_guest *g)
{
	struct sv name = g->base;

	if (g->copy)
		name = sv_fmt(lw->a, SV_FMT "-%u", SV_ARG(name), g->copy);
	if (g->seat)
		name = sv_fmt(lw->a, SV_FMT "-s%02u", SV_ARG(name), g->seat);
	return name;
}

static void lower_guest(struct lowering *lw, struct lab_guest *g)
{
	const struct spec_guest *sg = g->spec;

	g->m = sg->h.m;
	g->base = sg->h.name;
	g->name = guest_name(lw, g);
	if (sg->os.m.state == META_OK)
		g->os = &os_table[sg->os.v];
	lower_processor(lw->l, g);
	lower_memory(g);
	lower_firmware(g);
	lower_disks(lw, g);
	lower_image(lw, g);
	lower_base(g);
	lower_inside(lw, g);
	lower_life(g);
}

/* A guest called like a copy of another one: the later in the file is wrong. */
static void same_name(struct lowering *lw, const struct lab_guest *a, const struct lab_guest *b)
{
	struct span at = spec_key_span(lw->s, a->m), bt = spec_key_span(lw->s, b->m);
	const struct lab_guest *late = a, *early = b;
	struct diag *g;

	/* Two written names that differ in case alone were reported with the structure. */
	if (a->spec == b->spec || (!a->copy && !b->copy))
		return;
	if (at.src == bt.src && at.off < bt.off) {
		late = b;
		early = a;
	}
	g = lower_report(lw, MODEL_COPY_NAME, spec_key_span(lw->s, late->m),
			 "two guests would be called '" SV_FMT "'", SV_ARG(a->name));
	diag_label(lw->d, g, spec_key_span(lw->s, early->m),
		   early->copy ? "`count` makes this one '" SV_FMT "'" : "'" SV_FMT "' is here",
		   SV_ARG(early->name));
	diag_help(lw->d, g, "rename one of them: `count` calls the copies NAME-1, NAME-2 and so on");
}

static uint32_t copies_of(const struct spec_guest *sg)
{
	return sg->count.m.state == META_OK && sg->count.v > 1 ? (uint32_t)sg->count.v : 1;
}

/* Names as written and the names of all copies. */
static void index_guests(struct lowering *lw, struct lab_host *h)
{
	map_init(&h->by_guest, lw->a, true);
	for (uint32_t i = 0; i < h->n_guests; i++) {
		struct lab_guest *g = &h->guests[i];
		struct map_entry *other = map_add(&h->by_guest, g->name, g);

		if (other)
			same_name(lw, g, other->value);
	}
	/* what the first seat's copies are called without it: "web-2" for "web-2-s01" */
	for (uint32_t i = 0; i < h->n_guests && h->guests[i].seat == 1; i++)
		if (h->guests[i].copy)
			map_add(&h->by_guest,
				sv_sub(h->guests[i].name, 0, h->guests[i].name.n - sizeof("-s01") + 1),
				&h->guests[i]);
	for (uint32_t i = 0; i < h->n_guests; i++)
		map_add(&h->by_guest, h->guests[i].base, &h->guests[i]);
}

void lower_guests(struct lowering *lw, struct lab_host *h)
{
	const struct v_guest_map *list = &h->spec->guests;
	uint32_t seats = lower_seats_inside(h);
	uint32_t n = 0;

	for (uint32_t i = 0; i < list->n; i++)
		n += copies_of(&list->v[i]);
	h->guests = NEW(lw->a, struct lab_guest, (size_t)n * seats + 1);
	for (uint32_t seat = 1; seat <= seats; seat++)
		for (uint32_t i = 0; i < list->n; i++) {
			uint32_t copies = copies_of(&list->v[i]);

			for (uint32_t copy = 1; copy <= copies; copy++) {
				struct lab_guest *g = &h->guests[h->n_guests++];

				g->spec = &list->v[i];
				g->host = h;
				g->copy = copies > 1 ? copy : 0;
				g->seat = seats > 1 ? seat : 0;
				lower_guest(lw, g);
			}
		}
	index_guests(lw, h);
}
