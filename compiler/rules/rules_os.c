/* LAB04xx: what a guest's operating system needs and refuses. */
#include <string.h>

#include "rules/examples.h"
#include "rules/rule.h"

#define GUESTS                                                               \
	"https://learn.microsoft.com/windows-server/virtualization/hyper-v/" \
	"supported-windows-guest-operating-systems-for-hyper-v-on-windows"
#define GENERATION                                                                \
	"https://learn.microsoft.com/windows-server/virtualization/hyper-v/plan/" \
	"should-i-create-a-generation-1-or-2-virtual-machine-in-hyper-v"
#define WIN11 "https://learn.microsoft.com/windows/whats-new/windows-11-requirements"
#define HARDWARE "https://learn.microsoft.com/windows-server/get-started/hardware-requirements"
#define SECURITY                                                                        \
	"https://learn.microsoft.com/windows-server/virtualization/hyper-v/learn-more/" \
	"generation-2-virtual-machine-security-settings-for-hyper-v"

#define EACH(lab, h, g)   \
	EACH_HOST(lab, h) \
		EACH_GUEST(h, g)

static bool written_generation(const struct lab_guest *g, int64_t generation)
{
	return is_ok(g->generation.m) && g->generation.v == generation;
}

static void check_generation(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;
		unsigned other;

		if (!g->os || !is_ok(g->generation.m) || g->os->generations & (unsigned)g->generation.v)
			continue;
		other = 3 - (unsigned)g->generation.v;
		d = rule_at(cx, g->generation.m, g->m, "%s does not start in generation %lld", g->os->name,
			    (long long)g->generation.v);
		rule_label(cx, d, g->spec->os.m, "needs generation %u", other);
		rule_help(cx, d, "write `generation: %u`, or leave it away", other);
		rule_fix(cx, d, g->generation.m, other == 1 ? "1" : "2", true);
	}
}

static void check_tpm(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!g->os || !(g->os->flags & OSF_TPM) || !is_ok(g->tpm.m) || g->tpm.v ||
		    !written_generation(g, 2))
			continue;
		d = rule_at(cx, g->tpm.m, g->m, "%s needs a TPM", g->os->name);
		rule_label(cx, d, g->spec->os.m, "%s", g->os->name);
		rule_help(cx, d, "leave `tpm` away: it is true for this system");
		rule_fix(cx, d, g->tpm.m, "true", true);
	}
}

static void check_needs_boot(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!g->os || !(g->os->flags & OSF_NEEDS_BOOT) || meta_poisoned(g->spec->secure_boot.m) ||
		    g->boot == BOOT_WINDOWS || g->boot == BOOT_LINUX || !written_generation(g, 2))
			continue;
		d = rule_at(cx, g->spec->secure_boot.m, g->m, "%s needs Secure Boot", g->os->name);
		rule_label(cx, d, g->spec->os.m, "%s", g->os->name);
		rule_help(cx, d, "write `secure_boot: auto`, or leave it away");
		rule_fix(cx, d, g->spec->secure_boot.m, "auto", true);
	}
}

static void check_compat(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!g->os || !(g->os->flags & OSF_NO_COMPAT) || !is_true(g->processor_compatibility))
			continue;
		d = rule_at(cx, g->processor_compatibility.m, g->m,
			    "%s does not start with processor compatibility", g->os->name);
		rule_label(cx, d, g->spec->os.m, "needs SSE4.2 and POPCNT, which the mode hides");
		rule_help(cx, d, "write false, or leave it away");
		rule_fix(cx, d, g->processor_compatibility.m, "false", true);
	}
}

static void check_compat_risk(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!g->os || !(g->os->flags & OSF_COMPAT_RISK) || !is_true(g->processor_compatibility))
			continue;
		d = rule_at(cx, g->processor_compatibility.m, g->m,
			    "%s needs instructions that processor compatibility hides", g->os->name);
		rule_help(cx, d, "leave it away: it is false for this system");
		rule_fix(cx, d, g->processor_compatibility.m, "false", true);
	}
}

/* The system's own page, where it is not the rule's. */
static void help_source(struct rule_ctx *cx, struct diag *d, const struct os_info *os)
{
	if (strcmp(os->source, cx->rule->info.source) != 0)
		rule_help(cx, d, "documented at %s", os->source);
}

static void check_memory(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;
		uint64_t least;

		if (!g->os || !is_ok(g->startup.m))
			continue;
		least = g->os->min_memory_mib * MIB;
		if (g->startup.v >= least || g->startup.v < 32 * MIB ||
		    (g->os->setup_memory_mib && g->startup.v <= g->os->setup_memory_mib * MIB))
			continue;
		d = rule_at(cx, g->startup.m, g->m, "%s needs " SV_FMT " of memory, not " SV_FMT, g->os->name,
			    SV_ARG(gib(cx, least)), SV_ARG(gib(cx, g->startup.v)));
		help_source(cx, d, g->os);
		rule_fix(cx, d, g->startup.m, sv_cstr(cx->a, num_size_text(cx->a, least)), false);
	}
}

static void check_setup_memory(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		if (!g->os || !g->os->setup_memory_mib || !is_ok(g->startup.m) || g->startup.v < 32 * MIB ||
		    g->startup.v > g->os->setup_memory_mib * MIB)
			continue;
		rule_help(cx,
			  rule_at(cx, g->startup.m, g->m, "the setup of %s fails with %u MiB or less",
				  g->os->name, g->os->setup_memory_mib),
			  "write 2 GiB or more; it can be lowered after the installation");
	}
}

static void check_disk(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		const struct lab_disk *k = &g->disks[0];
		struct diag *d;
		uint64_t least;

		/* A disk that is copied brings its size along; the written one only grows it. */
		if (!g->os || !is_ok(k->size.m) || k->source.m.state != META_ABSENT ||
		    k->parent.m.state != META_ABSENT)
			continue;
		least = g->os->min_disk_gib * GIB;
		if (k->size.v >= least)
			continue;
		d = rule_at(cx, k->size.m, g->m, "%s needs a disk of " SV_FMT ", not " SV_FMT, g->os->name,
			    SV_ARG(gib(cx, least)), SV_ARG(gib(cx, k->size.v)));
		help_source(cx, d, g->os);
		rule_fix(cx, d, k->size.m, sv_cstr(cx->a, num_size_text(cx->a, least)), false);
	}
}

static void check_vcpus(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!g->os || !is_ok(g->vcpus.m) || g->vcpus.v >= g->os->min_vcpus)
			continue;
		d = rule_at(cx, g->vcpus.m, g->m, "%s needs %u vCPUs", g->os->name, g->os->min_vcpus);
		help_source(cx, d, g->os);
		rule_fix(cx, d, g->vcpus.m, "2", false);
	}
}

static void check_template(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		bool windows;
		struct diag *d;

		if (!g->os || !is_ok(g->spec->secure_boot.m) || g->boot == BOOT_OFF ||
		    (g->os->family != FAMILY_LINUX && !os_is_windows(g->os)))
			continue;
		windows = os_is_windows(g->os);
		if (windows == (g->boot == BOOT_WINDOWS))
			continue;
		d = rule_at(cx, g->spec->secure_boot.m, g->m,
			    "%s does not start under the %s Secure Boot template", g->os->name,
			    windows ? "Linux" : "Windows");
		rule_label(cx, d, g->spec->os.m, "%s", g->os->name);
		rule_help(cx, d, "write `secure_boot: auto`, or leave it away");
		rule_fix(cx, d, g->spec->secure_boot.m, windows ? "windows" : "linux", true);
	}
}

static void check_no_boot(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!g->os || !(g->os->flags & OSF_NO_BOOT) || g->boot == BOOT_OFF ||
		    !is_ok(g->spec->secure_boot.m))
			continue;
		d = rule_at(cx, g->spec->secure_boot.m, g->m, "%s is run with Secure Boot off", g->os->name);
		rule_help(cx, d,
			  "its boot loader is not signed for either template: leave `secure_boot` away");
		rule_fix(cx, d, g->spec->secure_boot.m, "off", false);
	}
}

static void check_firmware(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		const struct v_enum *boot = &g->spec->secure_boot;
		struct diag *d;

		if (!written_generation(g, 1) || !g->os || !(g->os->generations & 1))
			continue;
		if (is_ok(boot->m) && meta_written(boot->m) &&
		    (boot->v == SECURE_BOOT_WINDOWS || boot->v == SECURE_BOOT_LINUX)) {
			d = rule_at(cx, boot->m, g->m, "a guest of generation 1 has no Secure Boot");
			rule_label(cx, d, g->generation.m, "generation 1");
			rule_help(cx, d, "take generation 2, or leave `secure_boot` away");
		}
		if (is_true(g->tpm)) {
			d = rule_at(cx, g->tpm.m, g->m, "a guest of generation 1 has no TPM");
			rule_label(cx, d, g->generation.m, "generation 1");
			rule_help(cx, d, "take generation 2, or leave `tpm` away");
		}
	}
}

static void check_host(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!g->os || !h->os || g->os->host_year <= h->os->year)
			continue;
		d = rule_at(cx, g->spec->os.m, g->m, "%s is no supported guest of %s", g->os->name,
			    h->os->name);
		rule_label(cx, d, h->os_m, "the host runs %s", h->os->name);
		rule_help(cx, d, "take windows-server-%u or later for the host", g->os->host_year);
	}
}

static const struct rule rows[] = {
	{ { "LAB0401", SEV_ERROR, "os-generation", "an operating system in a generation it does not start in",
	    "The guest shows a black screen, or setup refuses to go on.", GENERATION,
	    EX_HOST "  networks:\n    cage: { kind: private }\n" EX_PREY
		    "    network: cage\n    generation: 2\n",
	    EX_HOST "  networks:\n    cage: { kind: private }\n" EX_PREY "    network: cage\n" },
	  check_generation },
	{ { "LAB0402", SEV_ERROR, "windows-11-tpm", "Windows 11 without a TPM",
	    "Setup stops: this PC can't run Windows 11.", WIN11, EX_HOST EX_WIN11 "    tpm: false\n",
	    EX_HOST EX_WIN11 },
	  check_tpm },
	{ { "LAB0403", SEV_ERROR, "windows-11-secure-boot", "Windows 11 without Secure Boot",
	    "Setup stops: this PC can't run Windows 11.", WIN11, EX_HOST EX_WIN11 "    secure_boot: off\n",
	    EX_HOST EX_WIN11 },
	  check_needs_boot },
	{ { "LAB0404", SEV_ERROR, "compatibility-hides",
	    "processor compatibility for a system that cannot live with it",
	    "The mode hides SSE4.2 and POPCNT, without which Windows 11 does not start.", GUESTS,
	    EX_HOST EX_WIN11 "    processor_compatibility: true\n", EX_HOST EX_WIN11 },
	  check_compat },
	{ { "LAB0405", SEV_WARNING, "compatibility-risk",
	    "processor compatibility for a system that needs newer processors",
	    "The mode hides instructions this system needs: it may not start.", HARDWARE,
	    EX_HOST EX_SERVER25 "    processor_compatibility: true\n", EX_HOST EX_SERVER25 },
	  check_compat_risk },
	{ { "LAB0406", SEV_ERROR, "os-memory", "less memory than the operating system needs",
	    "Setup refuses, or the system does not start.", WIN11, EX_HOST EX_WIN11 "    memory: 3 GiB\n",
	    EX_HOST EX_WIN11 "    memory: 4 GiB\n" },
	  check_memory },
	{ { "LAB0407", SEV_ERROR, "os-disk", "a smaller disk than the operating system needs",
	    "Setup refuses, or the first update fills the disk.", WIN11,
	    EX_HOST EX_WIN11 "    disk: 32 GiB\n", EX_HOST EX_WIN11 "    disk: 64 GiB\n" },
	  check_disk },
	{ { "LAB0408", SEV_ERROR, "os-vcpus", "fewer processors than the operating system needs",
	    "Setup stops: this PC can't run Windows 11.", WIN11, EX_HOST EX_WIN11 "    vcpus: 1\n",
	    EX_HOST EX_WIN11 "    vcpus: 2\n" },
	  check_vcpus },
	{ { "LAB0409", SEV_ERROR, "setup-memory", "too little memory for the setup of Windows Server",
	    "Setup fails in the middle with an error about missing files.", HARDWARE,
	    EX_HOST EX_SERVER "    memory: 768 MiB\n", EX_HOST EX_SERVER "    memory: 2 GiB\n" },
	  check_setup_memory },
	{ { "LAB0411", SEV_ERROR, "secure-boot-template", "the Secure Boot template of another family",
	    "The firmware refuses the boot loader: the guest stays at a black screen with the hash of an "
	    "image.",
	    SECURITY, EX_HOST EX_DEBIAN "    secure_boot: windows\n",
	    EX_HOST EX_DEBIAN "    secure_boot: linux\n" },
	  check_template },
	{ { "LAB0412", SEV_WARNING, "unsigned-boot", "Secure Boot for a system that is run without it",
	    "Microsoft's class with Kali turns it off; with it on the guest may not start.",
	    "https://learn.microsoft.com/azure/lab-services/class-type-ethical-hacking",
	    EX_HOST EX_KALI "    secure_boot: linux\n", EX_HOST EX_KALI "    secure_boot: off\n" },
	  check_no_boot },
	{ { "LAB0413", SEV_ERROR, "generation-1-firmware", "Secure Boot or a TPM in generation 1",
	    "Both belong to generation 2; the cmdlets refuse.", SECURITY,
	    EX_HOST EX_DEBIAN "    generation: 1\n    secure_boot: linux\n",
	    EX_HOST EX_DEBIAN "    generation: 1\n" },
	  check_firmware },
	{ { "LAB0426", SEV_ERROR, "guest-newer-than-host",
	    "a guest system that the host's Hyper-V does not support",
	    "It may not start or install; nobody helps with it.", GUESTS,
	    EX_HOST "  os: windows-server-2019\n" EX_SERVER25,
	    EX_HOST "  os: windows-server-2022\n" EX_SERVER25 },
	  check_host },
};

const struct rule_table os_rules = { rows, COUNTOF(rows) };
