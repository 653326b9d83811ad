/* The image files of a host: which lie on the disk of the guests' disks, and what they and the copies of them take. */
#include "rules/capacity.h"

#include "model/images.h"

struct gather {
	struct arena *a;
	const struct lab_host *h;
	struct capacity_images *out;
	struct map seen; /* path or URL -> number of the image + 1 */
};

/* Whether a path lies on another drive than the host's data. */
static bool is_elsewhere(const struct lab_host *h, struct sv path)
{
	return path.n > 1 && path.p[1] == ':' && is_ok(h->data.m) &&
	       !sv_eq_nocase(sv_sub(path, 0, 2), sv_sub(h->data.v, 0, 2));
}

/* A file that is named: its size is known if it is the maker's, by its name or because `labc images` tells to put that
 * there. A URL gives the file of its name and nothing else. */
static struct capacity_image named(const struct lab_host *h, const struct os_image *maker, struct sv path, bool is_system)
{
	struct capacity_image i = { .name = image_file(path), .elsewhere = is_elsewhere(h, path) };
	struct image_name n = image_name(path);
	bool is_maker = image_is_published(maker, path);

	i.media = n.form == FORM_ISO;
	if (!is_maker && (!is_system || image_is_url(path) || n.pack != PACK_NONE))
		return i;
	i.bytes = image_bytes(maker, is_maker ? FORM_COUNT : n.form, &i.least);
	i.media |= is_maker && maker->form == FORM_ISO;
	i.unverified = i.bytes && !maker->sizes;
	if (is_maker && n.pack == PACK_ZIP)
		i.archive = maker->download_mib * MIB;
	return i;
}

/* What the script looks for by the system's name; its maker's form has the suffix it will have. */
static struct capacity_image expected(struct arena *a, const struct os_info *os, const struct os_image *maker)
{
	struct capacity_image i = { .media = maker && maker->form == FORM_ISO };

	i.name = sv_fmt(a, "%s.%s", os->id, i.media ? "iso" : "vhdx");
	i.bytes = image_bytes(maker, FORM_COUNT, &i.least);
	i.unverified = i.bytes && !maker->sizes;
	return i;
}

static struct capacity_image *met(struct gather *g, struct sv key)
{
	const void *number = map_get(&g->seen, key);

	return number ? &g->out->v.v[(size_t)number - 1] : NULL;
}

static struct capacity_image *meet(struct gather *g, struct sv key, struct capacity_image i)
{
	map_add(&g->seen, key, (void *)(g->out->v.n + 1));
	VEC_ADD(g->a, &g->out->v, i);
	if (!i.elsewhere)
		num_add_u64(g->out->lie, i.bytes + i.archive, &g->out->lie);
	return &g->out->v.v[g->out->v.n - 1];
}

static struct capacity_image *meet_named(struct gather *g, const struct os_image *maker, struct sv path, bool is_system)
{
	struct capacity_image *i = met(g, path);

	return i ? i : meet(g, path, named(g->h, maker, path, is_system));
}

/* A disk made from it: a copy of a disk is as large as that at once; what a medium installs is not known. */
static void count_copy(struct gather *g, struct capacity_image *i, const struct lab_disk *k)
{
	if (i->media || !is_ok(k->type.m) || k->type.v != DISK_DYNAMIC)
		return;
	i->copies++;
	num_add_u64(g->out->copies, i->bytes, &g->out->copies);
}

static struct capacity_image *system_image(struct gather *g, const struct lab_guest *guest)
{
	const struct os_image *maker = guest->os ? &os_images[guest->os - os_table] : NULL;
	struct capacity_image *i;

	if (guest->image_from == IMAGE_DISK)
		return NULL;
	if (guest->image.n)
		return meet_named(g, maker, guest->image, true);
	if (guest->image_from != IMAGE_RUNTIME || !guest->os || guest->iso.m.state != META_ABSENT)
		return NULL;
	i = met(g, sv_from(guest->os->id));
	return i ? i : meet(g, sv_from(guest->os->id), expected(g->a, guest->os, maker));
}

void capacity_images(struct arena *a, const struct lab_host *h, struct capacity_images *out)
{
	struct gather g = { .a = a, .h = h, .out = out };

	*out = (struct capacity_images){ 0 };
	map_init(&g.seen, a, true);
	EACH_GUEST(h, guest) {
		const struct os_image *maker = guest->os ? &os_images[guest->os - os_table] : NULL;
		struct capacity_image *i = system_image(&g, guest);

		if (i && guest->n_disks)
			count_copy(&g, i, &guest->disks[0]);
		EACH_DISK(guest, k) {
			if (is_ok(k->source.m))
				count_copy(&g, meet_named(&g, maker, k->source.v, k->boot), k);
			else if (is_ok(k->parent.m))
				meet_named(&g, maker, k->parent.v, k->boot);
		}
		if (is_ok(guest->iso.m))
			meet_named(&g, maker, guest->iso.v, false);
	}
}

void capacity_image_text(struct buf *b, const struct capacity_image *i)
{
	buf_fmt(b, "image " SV_FMT, SV_ARG(i->name));
	if (i->elsewhere)
		buf_str(b, " (on another drive: not counted)");
	else if (!i->bytes)
		buf_str(b, " (not known: counts as 0)");
	else
		buf_fmt(b, " (%sas published%s)", i->least ? "at least; " : "", i->unverified ? ", unverified" : "");
}

const struct capacity_image *capacity_shared(const struct capacity_images *all)
{
	const struct capacity_image *best = NULL;

	for (size_t i = 0; i < all->v.n; i++) {
		const struct capacity_image *one = &all->v.v[i];

		if (one->bytes && one->copies > 1 &&
		    (!best || one->bytes * (one->copies - 1) > best->bytes * (best->copies - 1)))
			best = one;
	}
	return best;
}
