/* LAB04xx: where disks come from. */
#include "rules/examples.h"
#include "rules/rule.h"

#define IMAGES "SPEC.md#top"

static bool is_url(struct sv s) { return sv_starts(s, SV("http://")) || sv_starts(s, SV("https://")); }

/* The text behind the last dot of the last part of a path or URL. */
static struct sv suffix_of(struct sv s)
{
	size_t i;

	if (is_url(s)) {
		ptrdiff_t query = sv_find(s, '?');

		if (query >= 0)
			s.n = (size_t)query;
	}
	for (i = s.n; i > 0 && s.p[i - 1] != '.' && s.p[i - 1] != '/' && s.p[i - 1] != '\\'; i--)
		;
	return i > 0 && s.p[i - 1] == '.' ? sv_sub(s, i, s.n) : SV("");
}

typedef void visit_source(struct rule_ctx *cx, struct v_text source, struct meta sha256, struct meta owner);

/* Every place that names a file to copy or download. */
static void each_source(struct rule_ctx *cx, const struct lab *lab, visit_source *visit)
{
	const struct v_image_map *images = &lab->spec->lab.images;

	for (uint32_t i = 0; i < images->n; i++)
		visit(cx, images->v[i].source, images->v[i].sha256.m, images->v[i].h.m);
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			if (g->image_from == IMAGE_URL || g->image_from == IMAGE_PATH)
				visit(cx, g->spec->image, (struct meta){ 0 }, g->m);
			EACH_DISK(g, k)
				visit(cx, k->source, k->sha256.m, g->m);
			visit(cx, g->iso, g->iso_sha256.m, g->m);
		}
}

static void one_checksum(struct rule_ctx *cx, struct v_text source, struct meta sha256, struct meta owner)
{
	if (is_ok(source.m) && is_url(source.v) && sha256.state == META_ABSENT)
		rule_help(cx, rule_at(cx, source.m, owner, "nothing checks what this URL gives"),
			  "add `sha256:` with the checksum the publisher names (`certutil -hashfile FILE "
			  "SHA256` makes one); "
			  "at a guest use an entry under `images`");
}

static void check_checksum(struct rule_ctx *cx, const struct lab *lab) { each_source(cx, lab, one_checksum); }

static void one_format(struct rule_ctx *cx, struct v_text source, struct meta sha256, struct meta owner)
{
	static const char *const known[] = { "vhdx", "vhd", "iso", "zip" };
	static const char *const foreign[] = { "qcow2", "qcow", "vmdk", "vdi", "img",
					       "raw",   "ova",  "ovf",  "hdd", "dmg" };
	struct sv suffix;

	(void)sha256;
	if (!is_ok(source.m))
		return;
	suffix = suffix_of(source.v);
	for (size_t i = 0; i < COUNTOF(known); i++)
		if (sv_eq_nocase(suffix, sv_from(known[i])))
			return;
	for (size_t i = 0; i < COUNTOF(foreign); i++)
		if (sv_eq_nocase(suffix, sv_from(foreign[i]))) {
			rule_help(cx,
				  rule_at(cx, source.m, owner, "Hyper-V reads .vhdx, .vhd and .iso, not .%s",
					  foreign[i]),
				  "convert it first: `qemu-img convert -O vhdx -o subformat=dynamic IN.%s "
				  "OUT.vhdx`",
				  foreign[i]);
			return;
		}
}

static void check_format(struct rule_ctx *cx, const struct lab *lab) { each_source(cx, lab, one_format); }

static void check_runtime(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g)
			if (g->image_from == IMAGE_RUNTIME && g->iso.m.state == META_ABSENT && g->os &&
			    g->spec->image.m.state == META_ABSENT)
				rule_help(cx,
					  rule_report(cx, spec_key_span(cx->s, g->m),
						      "the disk of '" SV_FMT
						      "' is expected when the script runs",
						      SV_ARG(g->base)),
					  "put " SV_FMT "\\images\\%s.vhdx (or .vhd, .iso) on the host, or "
					  "name an `image`; without it the "
					  "guest starts empty",
					  SV_ARG(h->data.v), g->os->id);
}

static const struct rule rows[] = {
	{ { "LAB0432", SEV_WARNING, "url-without-sha256", "a download without a checksum",
	    "A changed or broken file would become every student's machine, and nobody would notice.", IMAGES,
	    EX_HOST "guests:\n  server: { os: debian-12, disk: { source: "
		    "'https://images.example.edu/debian.vhdx' } }\n",
	    EX_HOST "guests:\n  server:\n    os: debian-12\n    disk:\n      source: "
		    "https://images.example.edu/debian.vhdx\n"
		    "      sha256: 53f7f3ad2e271ede2c0a7465605081f1c37936e587d861afe5621608b226565d\n" },
	  check_checksum },
	{ { "LAB0433", SEV_ERROR, "image-format", "a disk in a format that Hyper-V does not read",
	    "The guest cannot be made: New-VM refuses the file.",
	    "https://learn.microsoft.com/azure/lab-services/class-type-ethical-hacking",
	    EX_HOST "guests:\n  server: { os: debian-12, image: 'C:\\images\\debian.qcow2' }\n",
	    EX_HOST EX_DEBIAN },
	  check_format },
	{ { "LAB0434", SEV_NOTE, "image-at-run-time", "a disk that must be there when the script runs",
	    "Without it the guest is made with an empty disk, reported as having no operating system.",
	    "SPEC.md#guest", EX_HV_HOST "guests:\n  server: { os: debian-12 }\n", EX_HV_HOST EX_DEBIAN },
	  check_runtime },
};

const struct rule_table image_rules = { rows, COUNTOF(rows) };
