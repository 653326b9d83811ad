/* Figures of a host that several rules need: what runs together, and which size would fit. */
#include "rules/capacity.h"

#include "base/bug.h"

bool capacity_is_known(const struct lab_host *h)
{
	enum target t = h->lab->target;

	if (!is_ok(h->vcpus.m) || !is_ok(h->memory.m))
		return false;
	if (t == TARGET_LAB_SERVICES && h->lab_size)
		return h->lab_size->nested || sv_starts(sv_from(h->lab_size->sku), SV("Standard_"));
	return t == TARGET_HYPER_V || !h->azure_size || h->azure_size->series->flags & AZ_NESTED;
}

/* Whether Azure size a is to be preferred to b for this host: less memory, then fewer processors, then the
 * series the host has or the ones documented best. */
static bool is_better(const struct lab_host *h, const struct azure_size *a, const struct azure_size *b)
{
	const char *const usual[] = { h->azure_size ? h->azure_size->series->name : "Dsv5", "Dsv5", "Esv5" };

	if (!b || a->memory_mib != b->memory_mib)
		return !b || a->memory_mib < b->memory_mib;
	if (a->vcpus != b->vcpus)
		return a->vcpus < b->vcpus;
	for (size_t i = 0; i < COUNTOF(usual); i++) {
		bool is_a = sv_eq(sv_from(a->series->name), sv_from(usual[i]));

		if (is_a != sv_eq(sv_from(b->series->name), sv_from(usual[i])))
			return is_a;
	}
	return false;
}

struct sv capacity_smallest(struct arena *a, const struct lab_host *h, uint64_t memory, int64_t vcpus)
{
	enum target target = h->lab->target;
	const struct azure_size *best = NULL;

	if (target == TARGET_HYPER_V)
		return SV("");
	if (target == TARGET_LAB_SERVICES) {
		for (size_t i = 0; i < lab_sizes_count; i++) {
			const struct lab_size *z = &lab_sizes[i];

			/* The table has the smaller of the two first. */
			if (z->nested && !z->classic && z->memory_mib * MIB >= memory && z->vcpus >= vcpus)
				return sv_fmt(a, "'%s' (%u vCPUs, %u GiB)", z->portal, z->vcpus,
					      z->memory_mib / 1024);
		}
		return SV("");
	}
	for (size_t i = 0; i < azure_sizes_count; i++) {
		const struct azure_size *z = &azure_sizes[i];

		if (z->series->flags & AZ_NESTED && !z->series->retires && z->memory_mib * MIB >= memory &&
		    z->vcpus >= vcpus && is_better(h, z, best))
			best = z;
	}
	if (!best)
		return SV("");
	return sv_fmt(a, "'%s' (%u vCPUs, %u GiB)", best->name, best->vcpus, best->memory_mib / 1024);
}

/* At most this many guests or disks are listed; the rest is one line. */
enum { LISTED = 12 };

static void line(struct arena *a, struct buf *b, uint64_t bytes, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void line(struct arena *a, struct buf *b, uint64_t bytes, const char *fmt, ...)
{
	struct sv amount = lab_gib_text(a, bytes);
	va_list ap;

	if (b->n)
		buf_ch(b, '\n');
	if (amount.n < 10)
		buf_fill(b, ' ', 10 - amount.n);
	buf_sv(b, amount);
	buf_str(b, "  ");
	va_start(ap, fmt);
	buf_vfmt(b, fmt, ap);
	va_end(ap);
}

void capacity_table(struct arena *a, struct buf *b, const struct lab_host *h, const struct capacity *c)
{
	uint64_t rest = 0;

	for (uint32_t i = 0; i < c->n_steps; i++) {
		const struct lab_guest *g = c->steps[i].guest;

		if (i >= LISTED)
			rest += g->startup.v;
		else if (c->steps[i].at)
			line(a, b, g->startup.v, SV_FMT " (%lld s after the host)", SV_ARG(g->name), (long long)c->steps[i].at);
		else
			line(a, b, g->startup.v, SV_FMT, SV_ARG(g->name));
	}
	if (c->n_steps > LISTED)
		line(a, b, rest, "%u more guests", c->n_steps - LISTED);
	line(a, b, h->reserve.v, "kept for Windows (reserve)");
	line(a, b, c->startup + h->reserve.v, "needed");
	line(a, b, h->memory.v, "host (" SV_FMT ")", SV_ARG(h->size_text));
}

/* --- disks --- */

/* What a Windows host takes of a disk it lives on. */
#define WINDOWS (32 * GIB)

bool capacity_disk(struct arena *a, const struct lab_host *h, struct capacity_disk *d)
{
	*d = (struct capacity_disk){ .windows = h->disk_is_shared ? WINDOWS : 0 };
	if (is_ok(h->disk.m))
		d->room = h->disk.v > d->windows ? h->disk.v - d->windows : 0;
	EACH_GUEST(h, g)
		EACH_DISK(g, k) {
			if (meta_poisoned(k->size.m) || meta_poisoned(k->type.m))
				return false;
			d->n_disks++;
			if (!is_ok(k->size.m)) {
				d->n_unknown++;
				continue;
			}
			if (!num_add_u64(d->all, k->size.v, &d->all) || d->all > UINT64_MAX / 4)
				return false;
			if (k->type.v == DISK_FIXED)
				d->fixed += k->size.v;
		}
	capacity_images(a, h, &d->images);
	d->at_once = d->fixed + d->images.lie + d->images.copies;
	return true;
}

static const char *type_of(const struct lab_disk *k)
{
	return k->type.v == DISK_FIXED ? "fixed: at once" : k->type.v == DISK_DIFFERENCING ? "differencing" : "dynamic";
}

static void image_lines(struct arena *a, struct buf *b, const struct capacity_images *all)
{
	uint64_t rest = 0;

	for (size_t i = 0; i < all->v.n; i++) {
		const struct capacity_image *one = &all->v.v[i];
		struct buf text = { 0 };

		if (i >= LISTED) {
			rest += one->elsewhere ? 0 : one->bytes + one->archive;
			continue;
		}
		capacity_image_text(&text, one);
		line(a, b, one->elsewhere ? 0 : one->bytes, SV_FMT, SV_ARG(buf_view(&text)));
		if (one->archive && !one->elsewhere)
			line(a, b, one->archive, "its archive");
		buf_release(&text);
	}
	if (all->v.n > LISTED)
		line(a, b, rest, "%zu more images", all->v.n - LISTED);
}

void capacity_disk_table(struct arena *a, struct buf *b, const struct lab_host *h, const struct capacity_disk *d)
{
	uint32_t listed = 0, more = 0;
	uint64_t rest = 0;

	EACH_GUEST(h, g)
		EACH_DISK(g, k) {
			if (!is_ok(k->size.m))
				continue;
			if (listed++ < LISTED) {
				line(a, b, k->size.v, SV_FMT " (%s)", SV_ARG(k->file), type_of(k));
			} else {
				rest += k->size.v;
				more++;
			}
		}
	if (more)
		line(a, b, rest, "%u more disks", more);
	image_lines(a, b, &d->images);
	if (d->windows)
		line(a, b, d->windows, "Windows itself");
	line(a, b, d->all + d->images.lie + d->windows, "when all of them are full");
	if (is_ok(h->disk.m))
		line(a, b, h->disk.v, "the host's disk");
}

/* --- labc why capacity --- */

static void memory_over_time(struct arena *a, struct buf *out, const struct capacity *c)
{
	buf_str(out, "  memory, as the guests start\n");
	buf_str(out, "     after      starts with       in use  guest\n");
	for (uint32_t i = 0; i < c->n_steps && i < 10 * LISTED; i++) {
		const struct capacity_step *s = &c->steps[i];
		const struct lab_guest *g = s->guest;
		struct sv own = lab_gib_text(a, g->startup.v), all = lab_gib_text(a, s->in_use);

		buf_fmt(out, "  %6lld s  %15.*s  %11.*s  " SV_FMT, (long long)s->at, (int)own.n, own.p, (int)all.n, all.p,
			SV_ARG(g->name));
		if (g->dynamic && is_ok(g->minimum.m) && is_ok(g->maximum.m))
			buf_fmt(out, ", dynamic: " SV_FMT " to " SV_FMT, SV_ARG(lab_gib_text(a, g->minimum.v)),
				SV_ARG(lab_gib_text(a, g->maximum.v)));
		buf_ch(out, '\n');
	}
	if (c->n_steps > 10 * LISTED)
		buf_fmt(out, "  ... and %u more guests\n", c->n_steps - 10 * LISTED);
	if (c->peak != c->startup)
		buf_str(out, "  (in use: guests that started earlier have gone down to their minimum)\n");
}

static void list_on_demand(struct arena *a, struct buf *out, const struct lab_host *h)
{
	uint32_t n = 0;
	uint64_t most = 0;

	EACH_GUEST(h, g) {
		if (!is_true(g->on_demand))
			continue;
		if (n < LISTED)
			buf_fmt(out, "%s" SV_FMT, n ? ", " : "  on demand, not counted: ", SV_ARG(g->name));
		n++;
		if (is_ok(g->startup.m) && g->startup.v > most)
			most = g->startup.v;
	}
	if (n > LISTED)
		buf_fmt(out, " and %u more", n - LISTED);
	if (n)
		buf_fmt(out, " (the largest starts with " SV_FMT ")\n", SV_ARG(lab_gib_text(a, most)));
}

static void put_memory(struct arena *a, struct buf *out, const struct lab_host *h, const struct capacity *c)
{
	struct buf b = { 0 };
	uint64_t needed = c->startup + h->reserve.v;

	memory_over_time(a, out, c);
	line(a, &b, c->startup, "all guests as they start");
	line(a, &b, h->reserve.v, "kept for Windows (reserve)");
	line(a, &b, needed, "needed");
	line(a, &b, h->memory.v, "host");
	if (needed <= h->memory.v)
		line(a, &b, h->memory.v - needed, "left");
	else
		line(a, &b, needed - h->memory.v, "too little");
	if (c->least != c->startup || c->most != c->startup)
		buf_fmt(&b, "\n  dynamic memory: all guests together between " SV_FMT " and " SV_FMT,
			SV_ARG(lab_gib_text(a, c->least)), SV_ARG(lab_gib_text(a, c->most)));
	buf_sv(out, buf_view(&b));
	buf_ch(out, '\n');
	buf_release(&b);
	list_on_demand(a, out, h);
}

static int64_t put_processors(struct buf *out, const struct lab_host *h)
{
	int64_t sum = 0, widest = 0;

	EACH_GUEST(h, g) {
		if (!is_ok(g->vcpus.m) || is_true(g->on_demand))
			continue;
		if (!num_add_i64(sum, g->vcpus.v, &sum))
			return widest;
		widest = g->vcpus.v > widest ? g->vcpus.v : widest;
	}
	buf_fmt(out, "\n  processors\n  %8lld  vCPUs of all guests that run together, the largest has %lld\n",
		(long long)sum, (long long)widest);
	buf_fmt(out, "  %8lld  vCPUs of the host", (long long)h->vcpus.v);
	if (h->lab->target_info && h->lab->target_info->flags & TG_AZURE)
		buf_fmt(out, ", which are %lld physical cores with two threads each", (long long)(h->vcpus.v + 1) / 2);
	buf_ch(out, '\n');
	return widest;
}

static void put_disk(struct arena *a, struct buf *out, const struct lab_host *h)
{
	struct capacity_disk d;
	struct buf b = { 0 };
	uint64_t full;

	buf_str(out, "\n  disk\n");
	if (!capacity_disk(a, h, &d)) {
		buf_str(out, "  not known, because of an error ('labc lint' says which)\n");
		return;
	}
	capacity_disk_table(a, &b, h, &d);
	full = d.all + d.images.lie;
	if (!is_ok(h->disk.m))
		buf_str(&b, "\n  how large the host's disk is, is not written: `disk` at the host");
	else if (full > d.room)
		line(a, &b, full - d.room, "too little when they are full");
	else
		line(a, &b, d.room - full, "left when they are full");
	if (d.images.v.n)
		line(a, &b, d.at_once, "at least, at once: images, copies of them, fixed disks");
	buf_sv(out, buf_view(&b));
	buf_ch(out, '\n');
	buf_release(&b);
	if (d.n_unknown)
		buf_fmt(out, "  and %u disk%s as large as what %s made from\n", d.n_unknown, d.n_unknown == 1 ? "" : "s",
			d.n_unknown == 1 ? "it is" : "they are");
}

void capacity_explain(struct arena *a, struct buf *out, const struct lab_host *h)
{
	struct capacity c;
	struct sv fits;

	buf_fmt(out, "host '" SV_FMT "': " SV_FMT, SV_ARG(h->name), SV_ARG(h->size_text));
	if ((h->lab_size || h->azure_size) && is_ok(h->vcpus.m) && is_ok(h->memory.m))
		buf_fmt(out, ", %lld vCPUs, " SV_FMT, (long long)h->vcpus.v, SV_ARG(lab_gib_text(a, h->memory.v)));
	buf_str(out, "\n\n");
	if (!capacity_is_known(h) || !is_ok(h->reserve.m) || !capacity_simulate(a, h, &c)) {
		buf_str(out, "  a figure is not known, or the size runs no guests ('labc lint' says which)\n");
		return;
	}
	put_memory(a, out, h, &c);
	fits = capacity_smallest(a, h, c.startup + h->reserve.v, put_processors(out, h));
	put_disk(a, out, h);
	if (fits.n)
		buf_fmt(out, "\n  smallest size that has the memory and the processors: " SV_FMT "\n", SV_ARG(fits));
}
