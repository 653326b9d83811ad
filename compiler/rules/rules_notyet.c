/* LAB0990: what the language knows and the scripts do not do yet. Each row goes when the scripts learn it. */
#include "model/images.h"
#include "rules/examples.h"
#include "rules/rule.h"

static void by_hand(struct rule_ctx *cx, struct meta m, const char *what, const char *instead)
{
	struct diag *d;

	if (!is_ok(m) || !meta_written(m))
		return;
	d = rule_report(cx, spec_key_span(cx->s, m), "the scripts do not %s yet", what);
	rule_help(cx, d, "%s", instead);
}

/* verify.ps1 looks into other guests through PowerShell Direct. */
static void outside(struct rule_ctx *cx, struct meta m, const struct lab_guest *g, const char *what, const char *instead)
{
	struct diag *d;

	if (!is_ok(m) || !meta_written(m))
		return;
	d = rule_report(cx, spec_key_span(cx->s, m), "the scripts do not %s inside of %s", what, g->os->name);
	rule_help(cx, d,
		  "verify.ps1 looks into Windows 10, Windows Server 2016 and later, and names this test: %s in the guest, "
		  "or test what others see of it with `tcp` or `http`",
		  instead);
}

static void old_ssh(struct rule_ctx *cx, struct meta m, const struct lab_guest *g)
{
	struct diag *d;

	if (!is_ok(m) || !meta_written(m) || !g->os || os_has_sshd(g->os))
		return;
	d = rule_report(cx, spec_key_span(cx->s, m), "the scripts do not set up SSH in %s", g->os->name);
	rule_help(cx, d,
		  "it has no SSH server of its own: install one with lines under `commands`, and write the keys with an "
		  "item of `files`");
}

/* The scripts download what system disks are made from, and nothing else. */
static void check_downloads(struct rule_ctx *cx, const struct lab_guest *g)
{
	const char *where = "download it to where `labc images` says, once";

	for (uint32_t i = 1; i < g->n_disks; i++)
		if (image_is_url(g->disks[i].source.v))
			by_hand(cx, g->disks[i].source.m, "download further disks", where);
	if (image_is_url(g->iso.v))
		by_hand(cx, g->iso.m, "download DVDs", where);
}

static void check_guest(struct rule_ctx *cx, const struct lab_guest *g)
{
	const struct spec_guest *s = g->spec;

	check_downloads(cx, g);
	for (uint32_t i = 0; g->os && !os_has_direct(g->os) && i < s->tests.n; i++) {
		outside(cx, s->tests.v[i].service.m, g, "look at services", "look at it");
		outside(cx, s->tests.v[i].command.m, g, "run lines", "run it");
	}
	if (!is_ok(g->configure.m) || g->configure.v == CONFIGURE_CLOUD_INIT)
		return;
	if (g->configure.v == CONFIGURE_UNATTEND) {
		by_hand(cx, s->provision.packages.m, "install packages in Windows",
			"its package manager (winget) works only where somebody has signed in: install them with a line under "
			"`commands`, such as `msiexec /i`");
		old_ssh(cx, s->ssh_keys.m, g);
		return;
	}
	by_hand(cx, s->provision.h.m, "install anything in a guest that is set up by hand",
		"do it once by hand in the template, or use `configure: cloud-init` with an image that has it");
	by_hand(cx, s->ssh_keys.m, "put keys into a guest that is set up by hand",
		"put them there by hand, once, in the template");
}

static void check_not_yet(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		EACH_GUEST(h, g)
			check_guest(cx, g);
	}
}

static const struct rule rows[] = {
	{ { "LAB0990", SEV_NOTE, "by-hand", "something the scripts do not set up yet",
	    "The spec says it, and nobody does it: the lab would lack it without a word.", "SPEC.md#by-hand",
	    EX_HOST EX_DEBIAN "    tests: [{ service: nginx }]\n", EX_HOST EX_DEBIAN },
	  check_not_yet },
};

const struct rule_table notyet_rules = { rows, COUNTOF(rows) };
