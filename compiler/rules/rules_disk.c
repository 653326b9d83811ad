/* LAB03xx and LAB04xx: disks against the host's disk, and their form. */
#include "model/images.h"
#include "rules/capacity.h"
#include "rules/examples.h"
#include "schema/table.h"

#define SIZING "https://learn.microsoft.com/azure/lab-services/administrator-guide"
#define NESTED                                            \
	"https://learn.microsoft.com/azure/lab-services/" \
	"concept-nested-virtualization-template-vm#use-vhdx-disk-format-for-nested-vms"
#define SCALE "https://learn.microsoft.com/windows-server/virtualization/hyper-v/maximum-scale-limits"
#define GENERATION                                                                \
	"https://learn.microsoft.com/windows-server/virtualization/hyper-v/plan/" \
	"should-i-create-a-generation-1-or-2-virtual-machine-in-hyper-v"
#define NEW_VHD "https://learn.microsoft.com/powershell/module/hyper-v/new-vhd"
#define WIZARD (127 * GIB)

/* Whether a disk has the wizard's size, which another rule names. */
static bool has_wizard_disk(const struct lab_host *h)
{
	EACH_GUEST(h, g)
		EACH_DISK(g, k)
			if (is_ok(k->size.m) && k->size.v == WIZARD && h->disk_is_shared)
				return true;
	return false;
}

/* The fixed disk with which the sum goes over. */
static const struct lab_disk *over_at(const struct lab_host *h, uint64_t limit,
				      const struct lab_guest **owner)
{
	uint64_t sum = 0;

	EACH_GUEST(h, g)
		EACH_DISK(g, k) {
			if (!is_ok(k->size.m) || k->type.v != DISK_FIXED)
				continue;
			sum += k->size.v;
			if (sum > limit) {
				*owner = g;
				return k;
			}
		}
	return NULL;
}

static bool has_disk(struct rule_ctx *cx, const struct lab_host *h, struct capacity_disk *c)
{
	return is_ok(h->disk.m) && capacity_disk(cx->a, h, c);
}

/* What guests that share an image would save by sharing its blocks, too. */
static void put_shared(struct rule_ctx *cx, struct buf *b, const struct capacity_disk *d)
{
	const struct capacity_image *i = capacity_shared(&d->images);

	if (i)
		buf_fmt(b,
			"\n%u disks are copies of " SV_FMT
			": with `disk: { type: differencing }` and an `image` that is a path they hold only what differs "
			"from it, and that is at least " SV_FMT " less at once",
			i->copies, SV_ARG(i->name), SV_ARG(gib(cx, i->bytes * (i->copies - 1))));
}

static void help_disk(struct rule_ctx *cx, struct diag *g, const struct lab_host *h, const struct capacity_disk *d,
		      const char *advice)
{
	struct buf b = { 0 };

	capacity_disk_table(cx->a, &b, h, d);
	buf_fmt(&b, "\n%s", advice);
	put_shared(cx, &b, d);
	rule_help(cx, g, SV_FMT, SV_ARG(buf_view(&b)));
	buf_release(&b);
}

static void check_fixed(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		const struct lab_guest *g = NULL;
		const struct lab_disk *k;
		struct capacity_disk c;
		struct diag *d;

		if (!has_disk(cx, h, &c) || c.fixed <= c.room)
			continue;
		k = over_at(h, c.room, &g);
		if (!k)
			continue;
		d = rule_at(cx, k->size.m, g->m, "fixed disks take " SV_FMT " at once, and there is " SV_FMT,
			    SV_ARG(gib(cx, c.fixed)), SV_ARG(gib(cx, c.room)));
		rule_label(cx, d, h->size_m, "a disk of " SV_FMT "%s", SV_ARG(gib(cx, h->disk.v)),
			   h->disk_is_shared ? ", 32 GiB of it for Windows" : "");
		help_disk(cx, d, h, &c, "make it `type: dynamic`, which grows as it is filled, or smaller");
	}
}

static void check_dynamic(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct capacity_disk c;

		if (!has_disk(cx, h, &c) || c.fixed > c.room || c.all <= c.room || has_wizard_disk(h))
			continue;
		help_disk(cx,
			  rule_at(cx, h->size_m, h->m,
				  "the guests' disks can grow to " SV_FMT ", and the host has " SV_FMT " for them",
				  SV_ARG(gib(cx, c.all)), SV_ARG(gib(cx, c.room))),
			  h, &c,
			  h->disk_is_shared ? "with less than 1 GiB free the machine does not start: make the disks smaller"
					    : "write a larger `disk` at the host, or smaller ones at the guests");
	}
}

/* The disks fit, and their images do not: while setup.ps1 runs, or once the disks are full. */
static bool has_no_room(struct rule_ctx *cx, const struct lab_host *h, struct capacity_disk *c, bool at_once)
{
	return has_disk(cx, h, c) && c->all <= c->room &&
	       (c->at_once > c->room ? at_once : !at_once && c->all + c->images.lie > c->room);
}

static void check_at_once(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct capacity_disk c;

		if (has_no_room(cx, h, &c, true))
			help_disk(cx,
				  rule_at(cx, h->size_m, h->m,
					  "images, copies of them and fixed disks take at least " SV_FMT
					  " at once, and the host has " SV_FMT " for them",
					  SV_ARG(gib(cx, c.at_once)), SV_ARG(gib(cx, c.room))),
				  h, &c,
				  c.fixed ? "make fixed disks `type: dynamic`, or smaller"
					  : "keep images on another drive, from which `setup.ps1 -ImageDir` takes them");
	}
}

static void check_images(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct capacity_disk c;

		if (has_no_room(cx, h, &c, false))
			help_disk(cx,
				  rule_at(cx, h->size_m, h->m,
					  "the guests' disks can grow to " SV_FMT ", their images take " SV_FMT
					  ", and the host has " SV_FMT " for both",
					  SV_ARG(gib(cx, c.all)), SV_ARG(gib(cx, c.images.lie)), SV_ARG(gib(cx, c.room))),
				  h, &c,
				  "an image may be deleted once its disks are made (`reset.ps1` then goes back to marks only); "
				  "or make the disks smaller");
	}
}

static void check_wizard(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		if (!h->disk_is_shared)
			continue;
		EACH_GUEST(h, g)
			EACH_DISK(g, k)
				if (is_ok(k->size.m) && k->size.v == WIZARD && k->type.v != DISK_FIXED)
					rule_help(
						cx,
						rule_at(cx, k->size.m, g->m,
							"127 GiB, the wizard's default, is all of the lab "
							"VM's disk"),
						"leave `disk` away: the usual size of this system is %u GiB",
						g->os ? g->os->disk_gib : 40);
	}
}

static void check_limits(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g)
			EACH_DISK(g, k) {
				uint64_t most = k->format.v == DISK_VHD ? 2040 * GIB : 64 * TIB;
				bool mbr = k->boot && is_ok(g->generation.m) && g->generation.v == 1;

				if (mbr && most > 2 * TIB)
					most = 2 * TIB;
				if (!is_ok(k->size.m) || k->size.v <= most)
					continue;
				rule_help(cx,
					  rule_at(cx, k->size.m, g->m, SV_FMT " is more than %s can have",
						  SV_ARG(gib(cx, k->size.v)),
						  mbr ? "the system disk of generation 1"
						  : k->format.v == DISK_VHD ? "a .vhd"
									    : "a .vhdx"),
					  "at most " SV_FMT, SV_ARG(gib(cx, most)));
			}
}

static void check_devices(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			uint32_t nics = g->generation.v == 1 ? 8 : h->os && h->os->year == 2016 ? 8 : 64;

			if (!is_ok(g->generation.m))
				continue;
			if (g->n_disks > 256)
				rule_at(cx, g->spec->disks.m, g->m,
					"Hyper-V takes at most 256 disks, and this guest has %u", g->n_disks);
			if (g->n_nics > nics)
				rule_at(cx, g->spec->nics.m, g->m,
					"Hyper-V takes at most %u network adapters, and this guest has %u",
					nics, g->n_nics);
		}
}

static struct sv suffix_of(struct sv path)
{
	struct sv s = path;
	ptrdiff_t query = sv_find(s, '?');
	size_t i;

	if (query >= 0 && image_is_url(s))
		s.n = (size_t)query;
	for (i = s.n; i > 0 && s.p[i - 1] != '.' && s.p[i - 1] != '/' && s.p[i - 1] != '\\'; i--)
		;
	return i > 0 && s.p[i - 1] == '.' ? sv_sub(s, i, s.n) : SV("");
}

/* A .vhd by its format, or by the name of the file it comes from; *m is the place that says so. */
static bool is_vhd(const struct lab_disk *k, struct meta *m)
{
	if (is_ok(k->format.m) && k->format.v == DISK_VHD) {
		*m = k->format.m;
		return true;
	}
	if (is_ok(k->source.m) && sv_eq_nocase(suffix_of(k->source.v), SV("vhd")) &&
	    !meta_written(k->format.m)) {
		*m = k->source.m;
		return true;
	}
	if (is_ok(k->parent.m) && sv_eq_nocase(suffix_of(k->parent.v), SV("vhd")) &&
	    !meta_written(k->format.m)) {
		*m = k->parent.m;
		return true;
	}
	return false;
}

static void check_vhd_generation(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g)
			EACH_DISK(g, k) {
				struct meta m;
				struct diag *d;

				if (!is_ok(g->generation.m) || g->generation.v != 2 || !is_vhd(k, &m))
					continue;
				d = rule_at(cx, m, g->m, "a guest of generation 2 takes no .vhd");
				rule_help(cx, d, "use .vhdx; `Convert-VHD` makes one of a .vhd");
				if (meta_written(k->format.m))
					rule_fix(cx, d, m, "vhdx", false);
			}
}

static void check_vhd(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g)
			EACH_DISK(g, k) {
				struct meta m;

				if (!is_ok(g->generation.m) || g->generation.v != 1 || !is_vhd(k, &m))
					continue;
				rule_help(cx, rule_at(cx, m, g->m, "VHDX is the recommended format, not VHD"),
					  "convert it first: `Convert-VHD -Path OLD.vhd -DestinationPath "
					  "NEW.vhdx`");
			}
}

static void check_parent(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g)
			EACH_DISK(g, k)
				if (is_ok(k->type.m) && k->type.v == DISK_DIFFERENCING &&
				    k->parent.m.state == META_ABSENT && !(k->m.flags & META_INCOMPLETE))
					rule_help(cx,
						  rule_at(cx, k->type.m, g->m,
							  "a differencing disk without a parent"),
						  "add `parent:` with the path of the disk it differs from%s",
						  k->boot ? ", or an `image` that is the path of one" : "");
}

static void check_parent_type(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g)
			EACH_DISK(g, k) {
				struct diag *d;

				if (!is_ok(k->parent.m) || !is_ok(k->type.m) || k->type.v == DISK_DIFFERENCING)
					continue;
				d = rule_at(cx, k->type.m, g->m, "a disk with a `parent` is differencing, not %s",
					    words_disk_type.v[k->type.v].word);
				rule_label(cx, d, k->parent.m, "its parent");
				rule_fix(cx, d, k->type.m, "differencing", false);
			}
}

/* One file for two disks: also what `count` and seats make of one `file`. */
static void check_path(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct map seen;

		map_init(&seen, cx->a, true);
		for (uint32_t i = 0; i < h->n_guests; i++)
			for (uint32_t j = 0; j < h->guests[i].n_disks; j++) {
				struct lab_disk *k = &h->guests[i].disks[j];
				struct map_entry *e = is_ok(k->path.m) ? map_add(&seen, k->path.v, k) : NULL;
				const struct lab_disk *first = e ? e->value : NULL;
				struct diag *d;

				if (!first)
					continue;
				d = rule_at(cx, k->path.m, h->guests[i].m, "two disks have the file " SV_FMT,
					    SV_ARG(k->path.v));
				if (first->path.m.node != k->path.m.node)
					rule_label(cx, d, first->path.m, "the first");
				rule_help(cx, d, "a disk belongs to one guest: leave `file` away, and each gets a file "
						 "of its own");
			}
	}
}

static const struct rule rows[] = {
	{ { "LAB0311", SEV_ERROR, "fixed-disks", "fixed disks that are larger than the room for them",
	    "A fixed disk takes all of its size when it is made: the script would stop in the middle.",
	    SIZING, EX_HOST EX_DEBIAN "    disk: { size: 100 GiB, type: fixed }\n",
	    EX_HOST EX_DEBIAN "    disk: { size: 60 GiB, type: fixed }\n" },
	  check_fixed },
	{ { "LAB0312", SEV_WARNING, "dynamic-disks", "disks that can grow beyond the host's disk",
	    "They grow as students fill them; a full disk stops all guests, and a lab VM without space does "
	    "not start.",
	    SIZING, EX_HOST EX_DEBIAN "    disk: 80 GiB\n    disks: [{ size: 60 GiB }]\n",
	    EX_HOST EX_DEBIAN "    disk: 40 GiB\n    disks: [{ size: 40 GiB }]\n" },
	  check_dynamic },
	{ { "LAB0313", SEV_WARNING, "wizard-disk", "the default size of Hyper-V's wizard",
	    "127 GB is what the wizard proposes and all that a lab VM has.",
	    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/get-started/"
	    "create-a-virtual-machine-in-hyper-v",
	    EX_HOST EX_DEBIAN "    disk: 127 GiB\n", EX_HOST EX_DEBIAN "    disk: 40 GiB\n" },
	  check_wizard },
	{ { "LAB0321", SEV_ERROR, "disk-limit", "a disk larger than its format or generation takes",
	    "New-VHD refuses it.", SCALE, EX_HV_HOST EX_DEBIAN "    generation: 1\n    disk: 3 TiB\n",
	    EX_HV_HOST EX_DEBIAN "    generation: 1\n    disk: 2 TiB\n" },
	  check_limits },
	{ { "LAB0322", SEV_ERROR, "device-limit", "more disks or network adapters than Hyper-V takes",
	    "Adding one more fails.", SCALE,
	    EX_HOST EX_DEBIAN "    generation: 1\n    nics: [{}, {}, {}, {}, {}, {}, {}, {}, {}]\n",
	    EX_HOST EX_DEBIAN "    generation: 1\n    nics: [{}, {}, {}, {}, {}, {}, {}, {}]\n" },
	  check_devices },
	{ { "LAB0325", SEV_WARNING, "room-at-once", "images and new disks that are larger than the room for them",
	    "setup.ps1 refuses to begin, or stops in the middle with a full disk.", SIZING,
	    EX_HOST EX_UBUNTU "    disk: { size: 96 GiB, type: fixed }\n",
	    EX_HOST EX_UBUNTU "    disk: { size: 80 GiB, type: fixed }\n" },
	  check_at_once },
	{ { "LAB0326", SEV_NOTE, "room-for-images", "disks that can grow into the room that their images take",
	    "They fit beside one another only while the disks are not full.", SIZING,
	    EX_HOST EX_UBUNTU "    disk: 96 GiB\n", EX_HOST EX_UBUNTU "    disk: 80 GiB\n" },
	  check_images },
	{ { "LAB0414", SEV_ERROR, "vhd-generation-2", "a .vhd in a guest of generation 2",
	    "Generation 2 has no controller for it: adding the disk fails.", GENERATION,
	    EX_HOST EX_DEBIAN "    disk: { size: 20 GiB, format: vhd }\n",
	    EX_HOST EX_DEBIAN "    disk: { size: 20 GiB, format: vhdx }\n" },
	  check_vhd_generation },
	{ { "LAB0415", SEV_WARNING, "vhd", "a .vhd, the older format",
	    "VHDX takes less space on the lab VM and survives a power failure better.", NESTED,
	    EX_HOST EX_DEBIAN "    generation: 1\n    disk: { size: 20 GiB, format: vhd }\n",
	    EX_HOST EX_DEBIAN "    generation: 1\n    disk: { size: 20 GiB, format: vhdx }\n" },
	  check_vhd },
	{ { "LAB0428", SEV_ERROR, "differencing-parent", "a differencing disk without a parent",
	    "Such a disk holds only what differs from another one, which must be named.", NEW_VHD,
	    EX_HOST EX_DEBIAN "    disks: [{ size: 20 GiB, type: differencing }]\n",
	    EX_HOST EX_DEBIAN "    disks: [{ type: differencing, parent: 'C:\\images\\base.vhdx' }]\n" },
	  check_parent },
	{ { "LAB0447", SEV_ERROR, "parent-type", "a disk with a parent that is not differencing",
	    "What is made with a parent holds only what differs from it.", NEW_VHD,
	    EX_HOST EX_DEBIAN "    disks: [{ type: dynamic, parent: 'C:\\images\\base.vhdx' }]\n",
	    EX_HOST EX_DEBIAN "    disks: [{ parent: 'C:\\images\\base.vhdx' }]\n" },
	  check_parent_type },
	{ { "LAB0442", SEV_ERROR, "disk-file-twice", "two disks with one file",
	    "The second guest does not start: the first one has the file open.",
	    "https://learn.microsoft.com/powershell/module/hyper-v/add-vmharddiskdrive",
	    EX_HOST EX_DEBIAN "    disk: { file: 'D:\\web.vhdx' }\n" EX_SECOND "    disk: { file: 'D:\\web.vhdx' }\n",
	    EX_HOST EX_DEBIAN "    disk: { file: 'D:\\web.vhdx' }\n" EX_SECOND "    disk: { file: 'D:\\second.vhdx' }\n" },
	  check_path },
};

const struct rule_table disk_rules = { rows, COUNTOF(rows) };
