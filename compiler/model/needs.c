#include "model/needs.h"

#include "base/bug.h"

struct gather {
	struct arena *a;
	const struct lab *lab;
	struct image_needs *out;
	struct map seen; /* use, path and URL -> number of the need + 1 */
};

const char *need_use_name(enum need_use u)
{
	static const char *const names[NEED_USES] = {"system disk", "further disk", "parent disk", "DVD"};

	return names[u];
}

/* DATA\images\NAME: where scripts look for what has no place of its own. */
static struct sv default_path(struct arena *a, const struct lab_host *h, struct sv name)
{
	struct sv data = h->data.v;

	if (sv_ends(data, SV("\\")))
		data.n--;
	return sv_fmt(a, SV_FMT "\\images\\" SV_FMT, SV_ARG(data), SV_ARG(name));
}

/* --- what is needed --- */

/* The need of that file, new or met before, with the guest noted. NULL: this copy of the guest says nothing
 * new. */
static struct image_need *need_of(struct gather *g, const struct lab_guest *guest, enum need_use use,
				  struct sv path, struct sv url)
{
	struct image_need *n;
	struct map_entry *old;
	size_t index;

	if (guest->copy > 1 || guest->seat > 1)
		return NULL;
	old = map_add(&g->seen, sv_fmt(g->a, "%d " SV_FMT " " SV_FMT, (int)use, SV_ARG(path), SV_ARG(url)),
		      (void *)(g->out->v.n + 1));
	if (!old)
		VEC_ADD(g->a, &g->out->v,
			((struct image_need){.use = use, .path = path, .url = url, .host = guest->host}));
	index = old ? (size_t)old->value - 1 : g->out->v.n - 1;
	n = &g->out->v.v[index];
	VEC_ADD(g->a, &n->guests, guest);
	return old ? NULL : n;
}

/* A file somebody names: a URL is downloaded to the folder of images. */
static struct image_need *named_need(struct gather *g, const struct lab_guest *guest, enum need_use use,
				     struct sv source, struct meta m, struct sv sha256)
{
	struct sv stem = image_name(source).stem;
	struct image_need *n;

	if (image_is_url(source))
		n = need_of(g, guest, use, default_path(g->a, guest->host, stem), source);
	else
		n = need_of(g, guest, use, source, SV(""));
	if (n) {
		n->name = stem;
		n->m = m;
		n->sha256 = sha256;
		n->any_suffix = n->url.n > 0;
	}
	if (n && n->url.n && use != NEED_SYSTEM) {
		n->from = n->url;
		n->url = SV("");
		n->any_suffix = use != NEED_DVD;
		if (use == NEED_DVD)
			n->path = sv_fmt(g->a, SV_FMT ".iso", SV_ARG(n->path));
	}
	return n;
}

static const struct os_image *published(const struct os_info *os)
{
	const struct os_image *m = os ? &os_images[os - os_table] : NULL;

	return m && m->what ? m : NULL;
}

static void system_need(struct gather *g, const struct lab_guest *guest)
{
	struct image_need *n = NULL;

	if (guest->image_from == IMAGE_DISK)
		return;
	if (guest->image_from == IMAGE_RUNTIME) {
		if (!guest->os)
			return;
		n = need_of(g, guest, NEED_SYSTEM, default_path(g->a, guest->host, sv_from(guest->os->id)),
			    SV(""));
		if (n) {
			n->name = sv_from(guest->os->id);
			n->m = guest->m;
			n->any_suffix = true;
		}
	} else if (guest->image.n) {
		n = named_need(g, guest, NEED_SYSTEM, guest->image,
			       guest->image_entry ? guest->image_entry->source.m : guest->spec->image.m,
			       guest->image_sha256);
		if (n && guest->image_entry)
			n->name = guest->image_entry->h.name;
	}
	if (n) {
		n->os = guest->os;
		n->entry = guest->image_entry;
		n->image = published(guest->os);
	}
}

static void disk_needs(struct gather *g, const struct lab_guest *guest)
{
	for (uint32_t i = 0; i < guest->n_disks; i++) {
		const struct lab_disk *k = &guest->disks[i];
		struct image_need *n = NULL;

		if (k->parent.m.state == META_OK)
			n = named_need(g, guest, NEED_PARENT, k->parent.v, k->parent.m, SV(""));
		else if (k->source.m.state == META_OK)
			n = named_need(g, guest, k->boot ? NEED_SYSTEM : NEED_DISK, k->source.v, k->source.m,
				       k->sha256.m.state == META_OK ? k->sha256.v : SV(""));
		if (n && k->boot) {
			n->os = guest->os;
			n->image = published(guest->os);
		}
	}
	if (guest->iso.m.state == META_OK)
		named_need(g, guest, NEED_DVD, guest->iso.v, guest->iso.m,
			   guest->iso_sha256.m.state == META_OK ? guest->iso_sha256.v : SV(""));
}

/* --- how to get it --- */

static struct need_step *new_step(struct image_need *n)
{
	if (n->n_steps == COUNTOF(n->steps))
		BUG("an image has too many steps");
	return &n->steps[n->n_steps++];
}

static void put(struct gather *g, struct need_step *s, enum part_kind kind, struct sv text)
{
	VEC_ADD(g->a, &s->parts, ((struct need_part){kind, text}));
}
#define WORDS(g, s, text) put((g), (s), PART_TEXT, SV(text))

/* ", about 654 MiB", or nothing when that is not known: another version has another size. */
static struct sv size_text(struct gather *g, const struct os_image *m, uint32_t mib)
{
	if (!mib)
		return SV("");
	return sv_fmt(g->a, ", about " SV_FMT "%s", SV_ARG(lab_gib_text(g->a, mib * MIB)), m->sizes ? "" : " (unverified)");
}

static void checksum_step(struct gather *g, struct image_need *n, struct sv file)
{
	const struct os_image *m = n->image;
	struct need_step *s = new_step(n);

	if (!m->checksums) {
		WORDS(g, s, "There is no checksum beside it to compare with.");
		return;
	}
	put(g, s, PART_TEXT, m->sha512 ? SV("Compare its SHA-512 with ") : SV("Compare its SHA-256 with "));
	put(g, s, PART_LINK, sv_from(m->checksums));
	WORDS(g, s, ": ");
	put(g, s, PART_CODE,
	    sv_fmt(g->a, "certutil -hashfile " SV_FMT " %s", SV_ARG(file), m->sha512 ? "SHA512" : "SHA256"));
}

/* Unpacks; returns the name of what is there then. */
static struct sv unpack_step(struct gather *g, struct image_need *n, struct sv file)
{
	const struct os_image *m = n->image;
	struct need_step *s;

	if (m->pack == PACK_NONE)
		return file;
	s = new_step(n);
	if (m->pack == PACK_ZIP)
		WORDS(g, s, "Unpack it");
	else
		WORDS(g, s, "Unpack it, with 7-Zip for example");
	if (m->inside) {
		WORDS(g, s, ": what is wanted is ");
		put(g, s, PART_CODE, sv_from(m->inside));
		put(g, s, PART_TEXT, size_text(g, m, m->disk_mib));
		file = sv_from(m->inside);
	} else {
		file = sv_sub(file, 0, file.n - sv_from(image_pack_name(m->pack)).n - 1);
	}
	WORDS(g, s, ".");
	return file;
}

/* The name the disk gets: that of its place, else the system's. */
static struct sv disk_name(struct gather *g, const struct image_need *n)
{
	struct sv last = image_file(n->path);

	return n->any_suffix ? sv_fmt(g->a, SV_FMT ".vhdx", SV_ARG(last)) : last;
}

static void convert_step(struct gather *g, struct image_need *n, struct sv file)
{
	enum image_form have = n->image->form, want = n->any_suffix ? FORM_COUNT : image_name(n->path).form;
	struct need_step *s;
	struct buf line = {0};

	if (have == FORM_ISO && (want == FORM_VHDX || want == FORM_VHD)) {
		s = new_step(n);
		WORDS(g, s, "It is an installation medium, and ");
		put(g, s, PART_CODE, image_file(n->path));
		WORDS(g, s,
		      " is a disk: install from it once, in a guest of its own, and keep that disk; or name "
		      "the medium, with .iso, "
		      "as the image.");
	} else if (have == FORM_VHD && want != FORM_VHD) {
		s = new_step(n);
		WORDS(g, s, "Make a .vhdx of it, in PowerShell: ");
		put(g, s, PART_CODE,
		    sv_fmt(g->a, "Convert-VHD -Path " SV_FMT " -DestinationPath " SV_FMT, SV_ARG(file),
			   SV_ARG(disk_name(g, n))));
	} else if (!image_form_is_native(have)) {
		s = new_step(n);
		WORDS(g, s, "Convert it: ");
		image_convert_line(&line, have, file, disk_name(g, n));
		put(g, s, PART_CODE, buf_take(&line, g->a));
	}
	buf_release(&line);
}

static void place_step(struct gather *g, struct image_need *n)
{
	static const char *const suffixes[] = {".vhdx", ".vhd", ".iso"};
	struct need_step *s = new_step(n);

	WORDS(g, s, "Put it on the host as ");
	if (!n->any_suffix) {
		put(g, s, PART_CODE, n->path);
	} else {
		for (size_t i = 0; i < COUNTOF(suffixes); i++) {
			if (i)
				put(g, s, PART_TEXT, i + 1 == COUNTOF(suffixes) ? SV(" or ") : SV(", "));
			put(g, s, PART_CODE, sv_fmt(g->a, SV_FMT "%s", SV_ARG(n->path), suffixes[i]));
		}
		WORDS(g, s, ": one of them is enough");
	}
	WORDS(g, s, ".");
}

static void sum_step(struct gather *g, struct image_need *n)
{
	struct need_step *s;

	if (n->sha256.n) {
		s = new_step(n);
		WORDS(g, s, "Its SHA-256 has to be ");
		put(g, s, PART_CODE, n->sha256);
	} else if (n->entry) {
		s = new_step(n);
		WORDS(g, s, "Note the SHA-256 of that file in the spec, as ");
		put(g, s, PART_CODE, sv_fmt(g->a, "images." SV_FMT ".sha256", SV_ARG(n->name)));
		WORDS(g, s, ", so that another file is noticed: ");
		put(g, s, PART_CODE,
		    sv_fmt(g->a, "certutil -hashfile \"" SV_FMT "\" SHA256", SV_ARG(n->path)));
	}
}

/* The first of the editions a medium may hold. */
static struct sv an_edition(const struct os_image *m)
{
	struct sv all = sv_from(m->editions);
	ptrdiff_t end = sv_find(all, '|');

	return end < 0 ? all : sv_sub(all, 0, (size_t)end);
}

static void edition_step(struct gather *g, struct image_need *n)
{
	struct need_step *s;

	if (!n->any_suffix && image_name(n->path).form != FORM_ISO)
		return;
	if (n->entry && n->entry->edition.m.state != META_ABSENT)
		return;
	s = new_step(n);
	WORDS(g, s, "A medium holds several editions: name one as ");
	put(g, s, PART_CODE, SV("edition"));
	WORDS(g, s, " of its entry under ");
	put(g, s, PART_CODE, SV("images"));
	WORDS(g, s, ", such as ");
	put(g, s, PART_CODE, an_edition(n->image));
	WORDS(g, s, ".");
}

static void login_step(struct gather *g, struct image_need *n)
{
	const struct os_image *m = n->image;
	struct need_step *s;

	if (m->editions)
		edition_step(g, n);
	if (!m->login || m->editions)
		return;
	s = new_step(n);
	WORDS(g, s, "Its user is ");
	put(g, s, PART_CODE, sv_from(m->login));
	if (m->password) {
		WORDS(g, s, ", with the public password ");
		put(g, s, PART_CODE, sv_from(m->password));
		WORDS(g, s, ".");
	} else if (m->cloud_init) {
		WORDS(g, s, ", who has no password: cloud-init gives one, or a key.");
	} else {
		WORDS(g, s, ".");
	}
}

static void remark_step(struct gather *g, struct image_need *n)
{
	const struct os_image *m = n->image;
	struct need_step *s;
	uint32_t generation =
	    n->guests.v[0]->generation.m.state == META_OK ? (uint32_t)n->guests.v[0]->generation.v : 0;

	if (generation && !(m->generations & generation)) {
		s = new_step(n);
		put(g, s, PART_TEXT,
		    sv_fmt(
			g->a,
			"What is published starts in generation %u, and the guest is one of generation %u.",
			3 - generation, generation));
	}
	if (!m->note && m->source)
		return;
	s = new_step(n);
	if (m->note)
		put(g, s, PART_TEXT, sv_from(m->note));
	if (!m->source)
		put(g, s, PART_TEXT,
		    m->note ? SV(" Unverified: not compared with the maker's page.")
			    : SV("Unverified: not compared with the maker's page."));
}

static void download_steps(struct gather *g, struct image_need *n)
{
	struct need_step *s = new_step(n);

	WORDS(g, s, "The script downloads it");
	if (image_is_published(n->image, n->url))
		put(g, s, PART_TEXT, sv_fmt(g->a, SV_FMT ",", SV_ARG(size_text(g, n->image, n->image->download_mib))));
	WORDS(g, s, " from ");
	put(g, s, PART_CODE, n->url);
	if (n->sha256.n) {
		WORDS(g, s, " and compares its SHA-256.");
		return;
	}
	WORDS(g, s, ".");
	s = new_step(n);
	WORDS(g, s, "Nothing checks what comes: note its SHA-256 as ");
	put(g, s, PART_CODE, SV("sha256"));
	WORDS(g, s, " beside the URL.");
}

static void steps(struct gather *g, struct image_need *n)
{
	struct need_step *s;
	struct sv file;

	if (n->url.n) {
		download_steps(g, n);
		return;
	}
	if (n->from.n) {
		s = new_step(n);
		WORDS(g, s, "Download it from ");
		put(g, s, PART_LINK, n->from);
		put(g, s, PART_TEXT, image_name(n->from).pack == PACK_ZIP ? SV(", and unpack it.") : SV("."));
		place_step(g, n);
		sum_step(g, n);
		return;
	}
	if (!n->image) {
		if (n->use == NEED_SYSTEM && n->os) {
			s = new_step(n);
			WORDS(g, s,
			      "Get a disk or an installation medium of this system: labc knows no place that "
			      "publishes one.");
		}
		place_step(g, n);
		sum_step(g, n);
		return;
	}
	s = new_step(n);
	file = sv_from(n->image->file);
	WORDS(g, s, "Download ");
	put(g, s, PART_CODE, file);
	put(g, s, PART_TEXT,
	    sv_fmt(g->a, ", %s" SV_FMT ", from ", n->image->what, SV_ARG(size_text(g, n->image, n->image->download_mib))));
	put(g, s, PART_LINK, sv_from(n->image->page));
	WORDS(g, s, ".");
	checksum_step(g, n, file);
	file = unpack_step(g, n, file);
	convert_step(g, n, file);
	place_step(g, n);
	sum_step(g, n);
	login_step(g, n);
	remark_step(g, n);
}

void lab_image_needs(struct image_needs *out, struct arena *a, const struct lab *lab)
{
	struct gather g = {.a = a, .lab = lab, .out = out};

	*out = (struct image_needs){0};
	map_init(&g.seen, a, true);
	for (uint32_t i = 0; i < lab->n_hosts; i++) {
		const struct lab_host *h = &lab->hosts[i];

		if (h->group && h->group->template_host != h)
			continue;
		for (uint32_t k = 0; k < h->n_guests; k++) {
			system_need(&g, &h->guests[k]);
			disk_needs(&g, &h->guests[k]);
		}
	}
	for (size_t i = 0; i < out->v.n; i++)
		steps(&g, &out->v.v[i]);
}
