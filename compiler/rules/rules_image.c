/* LAB04xx: where disks come from. */
#include "model/images.h"
#include "rules/examples.h"
#include "rules/rule.h"

#define IMAGES "SPEC.md#top"

typedef void visit_source(struct rule_ctx *cx, struct v_text source, struct meta sha256, struct meta owner);

/* Every place that names a file to copy or download. */
static void each_source(struct rule_ctx *cx, const struct lab *lab, visit_source *visit)
{
	const struct v_image_map *images = &lab->spec->lab.images;

	for (uint32_t i = 0; i < images->n; i++)
		visit(cx, images->v[i].source, images->v[i].sha256.m, images->v[i].h.m);
	EACH_HOST(lab, h)
	EACH_GUEST(h, g)
	{
		if (g->image_from == IMAGE_URL || g->image_from == IMAGE_PATH)
			visit(cx, g->spec->image, (struct meta){0}, g->m);
		EACH_DISK(g, k)
		visit(cx, k->source, k->sha256.m, g->m);
		visit(cx, g->iso, g->iso_sha256.m, g->m);
	}
}

static void one_checksum(struct rule_ctx *cx, struct v_text source, struct meta sha256, struct meta owner)
{
	if (is_ok(source.m) && image_is_url(source.v) && sha256.state == META_ABSENT)
		rule_help(cx, rule_at(cx, source.m, owner, "nothing checks what this URL gives"),
			  "add `sha256:` with the checksum the publisher names (`certutil -hashfile FILE "
			  "SHA256` makes one); "
			  "at a guest use an entry under `images`");
}

static void check_checksum(struct rule_ctx *cx, const struct lab *lab)
{
	each_source(cx, lab, one_checksum);
}

/* What to do with a file of that name first, so that it is a disk for Hyper-V. */
static struct sv conversion(struct rule_ctx *cx, const struct image_name *n)
{
	struct buf help = {0};
	struct sv stem = n->stem, text;

	if (n->form == FORM_COUNT) {
		buf_fmt(&help, "unpack it first, with 7-Zip for example, and name the disk in it; is that a "
			       ".qcow2, .vmdk or .raw: ");
		image_convert_text(&help, PACK_NONE, FORM_QCOW2, SV("IN"), SV("OUT.vhdx"));
	} else {
		struct sv in = sv_fmt(cx->a, SV_FMT ".%s", SV_ARG(stem),
				      n->form == FORM_OVA ? "vmdk" : image_form_name(n->form));

		if (n->pack == PACK_NONE && n->form != FORM_OVA) {
			in = sv_fmt(cx->a, SV_FMT SV_FMT, SV_ARG(stem), SV_ARG(n->suffix));
			buf_str(&help, "convert it first: ");
		}
		image_convert_text(&help, n->pack, n->form, in, sv_fmt(cx->a, SV_FMT ".vhdx", SV_ARG(stem)));
	}
	text = buf_take(&help, cx->a);
	buf_release(&help);
	return text;
}

static void one_format(struct rule_ctx *cx, struct v_text source, struct meta sha256, struct meta owner)
{
	struct image_name n;
	struct diag *d;

	(void)sha256;
	if (!is_ok(source.m))
		return;
	n = image_name(source.v);
	if (!image_name_is_foreign(&n))
		return;
	d = rule_at(cx, source.m, owner,
		    "Hyper-V reads .vhdx, .vhd and .iso, and the script unpacks .zip; this is a " SV_FMT,
		    SV_ARG(n.suffix));
	rule_help(cx, d, SV_FMT, SV_ARG(conversion(cx, &n)));
}

static void check_format(struct rule_ctx *cx, const struct lab *lab)
{
	each_source(cx, lab, one_format);
}

static void check_runtime(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
	EACH_GUEST(h, g)
	if (g->image_from == IMAGE_RUNTIME && g->iso.m.state == META_ABSENT && g->os &&
	    g->spec->image.m.state == META_ABSENT)
		rule_help(cx,
			  rule_report(cx, spec_key_span(cx->s, g->m),
				      "the disk of '" SV_FMT "' is expected when the script runs",
				      SV_ARG(g->base)),
			  "put " SV_FMT "\\images\\%s.vhdx (or .vhd, .iso) on the host, or "
			  "name an `image`; without it the "
			  "guest starts empty",
			  SV_ARG(h->data.v), g->os->id);
}

static const struct rule rows[] = {
    {{"LAB0432", SEV_WARNING, "url-without-sha256", "a download without a checksum",
      "A changed or broken file would become every student's machine, and nobody would notice.", IMAGES,
      EX_HOST "guests:\n  server: { os: debian-12, disk: { source: "
	      "'https://images.example.edu/debian.vhdx' } }\n",
      EX_HOST "guests:\n  server:\n    os: debian-12\n    disk:\n      source: "
	      "https://images.example.edu/debian.vhdx\n"
	      "      sha256: 53f7f3ad2e271ede2c0a7465605081f1c37936e587d861afe5621608b226565d\n"},
     check_checksum},
    {{"LAB0433", SEV_ERROR, "image-format", "a disk in a format that Hyper-V does not read",
      "The guest cannot be made: New-VM refuses the file.",
      "https://learn.microsoft.com/azure/lab-services/class-type-ethical-hacking",
      EX_HOST "guests:\n  server: { os: debian-12, image: 'C:\\images\\debian.qcow2' }\n", EX_HOST EX_DEBIAN},
     check_format},
    {{"LAB0434", SEV_NOTE, "image-at-run-time", "a disk that must be there when the script runs",
      "Without it the guest is made with an empty disk, reported as having no operating system.",
      "SPEC.md#guest", EX_HV_HOST "guests:\n  server: { os: debian-12 }\n", EX_HV_HOST EX_DEBIAN},
     check_runtime},
};

const struct rule_table image_rules = {rows, COUNTOF(rows)};
