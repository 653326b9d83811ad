/* LAB03xx: memory and processors of one guest. */
#include "rules/capacity.h"
#include "rules/examples.h"
#include "rules/rule.h"

#define SET_MEMORY "https://learn.microsoft.com/powershell/module/hyper-v/set-vmmemory"
#define SCALE "https://learn.microsoft.com/windows-server/virtualization/hyper-v/maximum-scale-limits"
#define CHECKER "https://github.com/Azure/LabServices/tree/main/ClassTypes/PowerShell/HyperV/CheckHypervVm"
#define NEW_VM                                                                           \
	"https://learn.microsoft.com/windows-server/virtualization/hyper-v/get-started/" \
	"create-a-virtual-machine-in-hyper-v"

static void check_order(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			struct diag *d = NULL;

			if (is_ok(g->minimum.m) && is_ok(g->maximum.m) && g->minimum.v > g->maximum.v) {
				d = rule_at(cx, g->minimum.m, g->m,
					    "minimum " SV_FMT " is more than maximum " SV_FMT,
					    SV_ARG(gib(cx, g->minimum.v)), SV_ARG(gib(cx, g->maximum.v)));
				rule_label(cx, d, g->maximum.m, "the maximum");
			} else if (is_ok(g->minimum.m) && is_ok(g->startup.m) &&
				   g->minimum.v > g->startup.v) {
				d = rule_at(cx, g->minimum.m, g->m,
					    "minimum " SV_FMT " is more than startup " SV_FMT,
					    SV_ARG(gib(cx, g->minimum.v)), SV_ARG(gib(cx, g->startup.v)));
				rule_label(cx, d, g->startup.m, "the memory at start");
			} else if (is_ok(g->maximum.m) && is_ok(g->startup.m) &&
				   g->startup.v > g->maximum.v) {
				d = rule_at(cx, g->maximum.m, g->m,
					    "maximum " SV_FMT " is less than startup " SV_FMT,
					    SV_ARG(gib(cx, g->maximum.v)), SV_ARG(gib(cx, g->startup.v)));
				rule_label(cx, d, g->startup.m, "the memory at start");
			}
			if (d)
				rule_help(cx, d, "minimum <= startup <= maximum");
		}
}

static void check_half_dynamic(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			bool min = g->minimum.m.state != META_ABSENT, max = g->maximum.m.state != META_ABSENT;
			struct diag *d;

			if (min == max || meta_poisoned(g->minimum.m) || meta_poisoned(g->maximum.m))
				continue;
			d = rule_at(cx, min ? g->minimum.m : g->maximum.m, g->m, "%s without %s",
				    min ? "minimum" : "maximum", min ? "maximum" : "minimum");
			rule_help(cx, d, "give both for dynamic memory, or neither for static memory");
		}
}

/* A written figure of a Linux guest that is no multiple of 128 MiB. */
static void check_step_of(struct rule_ctx *cx, const struct lab_guest *g, const struct v_size *v)
{
	uint64_t step = 128 * MIB;
	struct diag *d;

	if (!is_ok(v->m) || v->v % step == 0 || v->v > UINT64_MAX / 2)
		return;
	d = rule_at(cx, v->m, g->m, SV_FMT " is no multiple of 128 MiB", SV_ARG(num_size_text(cx->a, v->v)));
	rule_help(cx, d, "with dynamic memory Linux takes memory in steps of 128 MiB: " SV_FMT " or " SV_FMT,
		  SV_ARG(num_size_text(cx->a, v->v / step * step)),
		  SV_ARG(num_size_text(cx->a, (v->v / step + 1) * step)));
	rule_fix(cx, d, v->m, sv_cstr(cx->a, num_size_text(cx->a, (v->v / step + 1) * step)), false);
}

static void check_step(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			if (!g->dynamic || !g->os || g->os->family != FAMILY_LINUX)
				continue;
			check_step_of(cx, g, &g->startup);
			check_step_of(cx, g, &g->minimum);
			check_step_of(cx, g, &g->maximum);
		}
}

static void check_maximum(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		if (!capacity_is_known(h))
			continue;
		EACH_GUEST(h, g) {
			struct diag *d;

			if (!is_ok(g->maximum.m) || g->maximum.v <= h->memory.v)
				continue;
			d = rule_at(cx, g->maximum.m, g->m,
				    "maximum " SV_FMT " is more than the host's " SV_FMT,
				    SV_ARG(gib(cx, g->maximum.v)), SV_ARG(gib(cx, h->memory.v)));
			rule_label(cx, d, h->size_m, SV_FMT, SV_ARG(gib(cx, h->memory.v)));
			rule_help(cx, d, "Hyper-V accepts it, and the guest never gets it");
		}
	}
}

static bool is_small(const struct lab_guest *g) { return g->os && g->os->flags & OSF_SMALL; }

static void check_floor(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			const struct v_size *const values[] = { &g->startup, &g->minimum };

			for (size_t i = 0; i < 2; i++)
				if (is_ok(values[i]->m) && values[i]->v < 32 * MIB)
					rule_help(cx,
						  rule_at(cx, values[i]->m, g->m,
							  "Hyper-V gives no guest less than 32 MiB, and this "
							  "is " SV_FMT,
							  SV_ARG(num_size_text(cx->a, values[i]->v))),
						  "write 2 GiB or more for a system of today");
		}
}

static bool below_minimum(const struct lab_guest *g)
{
	return g->startup.v < 32 * MIB || (g->os && g->startup.v < g->os->min_memory_mib * MIB) ||
	       (g->os && g->os->setup_memory_mib && g->startup.v <= g->os->setup_memory_mib * MIB) ||
	       (is_true(g->nested) && g->startup.v < 4 * GIB);
}

static void check_recommended(struct rule_ctx *cx, const struct lab *lab)
{
	/* a value that guests share is one mistake, the worse one */
	EACH_HOST(lab, h)
		EACH_GUEST(h, g)
			if (g->os && is_ok(g->startup.m) && below_minimum(g))
				rule_skip(cx, spec_where(cx->s, g->startup.m, g->m));
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			/* how much is enough, the system says */
			if (!g->os || !is_ok(g->startup.m) || g->startup.v >= 2 * GIB || is_small(g) ||
			    below_minimum(g))
				continue;
			rule_help(cx,
				  rule_at(cx, g->startup.m, g->m,
					  SV_FMT " at start is less than the 2 GiB Microsoft's checker wants",
					  SV_ARG(gib(cx, g->startup.v))),
				  "too little memory shows as slow starts and killed programs");
		}
}

static void check_one_vcpu(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			struct diag *d;

			if (!g->os || !is_ok(g->vcpus.m) || g->vcpus.v != 1 || is_small(g) || g->os->min_vcpus > 1)
				continue;
			d = rule_at(cx, g->vcpus.m, g->m, "one vCPU is often too few");
			rule_help(cx, d, "Microsoft's checker wants two");
			rule_fix(cx, d, g->vcpus.m, "2", false);
		}
}

static void check_scale(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			uint32_t most = 0;
			const char *what = "";
			struct diag *d;

			if (!is_ok(g->vcpus.m) || !is_ok(g->generation.m) ||
			    (is_ok(h->vcpus.m) && g->vcpus.v > h->vcpus.v))
				continue;
			if (g->os && g->os->max_vcpus) {
				most = g->os->max_vcpus;
				what = g->os->name;
			}
			if (g->generation.v == 1 && (!most || most > 64)) {
				most = 64;
				what = "a generation 1 guest";
			} else if (g->generation.v == 2 && h->os && (!most || most > h->os->max_vcpus)) {
				most = h->os->max_vcpus;
				what = "a guest of this host's Windows";
			}
			if (!most || g->vcpus.v <= most)
				continue;
			d = rule_at(cx, g->vcpus.m, g->m, "%s uses at most %u vCPUs, not %lld", what, most,
				    (long long)g->vcpus.v);
			rule_help(cx, d, "write %u or less", most);
		}
}

static void check_terabyte(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			const struct v_size *v = is_ok(g->maximum.m) ? &g->maximum : &g->startup;

			if (is_ok(v->m) && is_ok(g->generation.m) && g->generation.v == 1 && v->v > TIB)
				rule_help(cx,
					  rule_at(cx, v->m, g->m,
						  "a generation 1 guest has at most 1 TiB of memory"),
					  "take generation 2");
		}
}

static void check_static(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			const struct v_int *const values[] = { &g->buffer, &g->weight };

			if (g->minimum.m.state != META_ABSENT || g->maximum.m.state != META_ABSENT)
				continue;
			for (size_t i = 0; i < 2; i++)
				if (is_ok(values[i]->m) && meta_written(values[i]->m))
					rule_help(cx,
						  rule_at(cx, values[i]->m, g->m,
							  "`%s` does nothing with static memory",
							  i ? "weight" : "buffer"),
						  "add `minimum` and `maximum` for dynamic memory, or remove "
						  "it");
		}
}

static const struct rule rows[] = {
	{ { "LAB0305", SEV_ERROR, "memory-order", "minimum, startup and maximum are not in order",
	    "Set-VMMemory refuses the values, and the guest is not made.", SET_MEMORY,
	    EX_HOST EX_DEBIAN "    memory: { startup: 4 GiB, minimum: 2 GiB, maximum: 3 GiB }\n",
	    EX_HOST EX_DEBIAN "    memory: { startup: 3 GiB, minimum: 2 GiB, maximum: 4 GiB }\n" },
	  check_order },
	{ { "LAB0306", SEV_ERROR, "memory-half-dynamic", "minimum without maximum, or the reverse",
	    "Dynamic memory needs both; Hyper-V's default for the other one (512 MB, 1 TB) is never what was "
	    "meant.",
	    SET_MEMORY, EX_HOST EX_DEBIAN "    memory: { startup: 4 GiB, maximum: 6 GiB }\n",
	    EX_HOST EX_DEBIAN "    memory: { startup: 4 GiB, minimum: 2 GiB, maximum: 6 GiB }\n" },
	  check_half_dynamic },
	{ { "LAB0307", SEV_ERROR, "linux-memory-step", "dynamic memory of Linux outside of steps of 128 MiB",
	    "Linux adds memory in blocks of 128 MB; with other figures adding fails and the guest stays at "
	    "what it has.",
	    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/"
	    "supported-ubuntu-virtual-machines-on-hyper-v",
	    EX_HOST EX_DEBIAN "    memory: { startup: 2 GiB, minimum: 2 GiB, maximum: 3000 MiB }\n",
	    EX_HOST EX_DEBIAN "    memory: { startup: 2 GiB, minimum: 2 GiB, maximum: 3 GiB }\n" },
	  check_step },
	{ { "LAB0308", SEV_WARNING, "maximum-over-host", "a maximum that the whole host does not have",
	    "Hyper-V accepts it, but the guest can never reach it.", SET_MEMORY,
	    EX_HOST EX_DEBIAN "    memory: { startup: 2 GiB, minimum: 2 GiB, maximum: 32 GiB }\n",
	    EX_HOST EX_DEBIAN "    memory: { startup: 2 GiB, minimum: 2 GiB, maximum: 8 GiB }\n" },
	  check_maximum },
	{ { "LAB0309", SEV_ERROR, "memory-floor", "less than 32 MiB of memory",
	    "Hyper-V's least is 32 MB; a megabyte figure was probably meant as gigabytes.", NEW_VM,
	    EX_HOST EX_DEBIAN "    memory: 16 MiB\n", EX_HOST EX_DEBIAN "    memory: 2 GiB\n" },
	  check_floor },
	{ { "LAB0315", SEV_WARNING, "one-vcpu", "a guest with one processor",
	    "Hyper-V's default of one is often too few for a system with a desktop or services.", CHECKER,
	    EX_HOST EX_DEBIAN "    vcpus: 1\n", EX_HOST EX_DEBIAN "    vcpus: 2\n" },
	  check_one_vcpu },
	{ { "LAB0316", SEV_WARNING, "little-memory", "less than 2 GiB of memory at start",
	    "Systems of today start slowly or fail with less; only small appliances are excepted.", CHECKER,
	    EX_HOST EX_DEBIAN "    memory: 1 GiB\n", EX_HOST EX_DEBIAN "    memory: 2 GiB\n" },
	  check_recommended },
	{ { "LAB0318", SEV_ERROR, "vcpu-limit", "more processors than the guest's system or generation takes",
	    "Hyper-V refuses the number, or the guest's system ignores the rest.", SCALE,
	    EX_VM "host:\n  size: Standard_D96s_v5\n" EX_WIN10 "    vcpus: 40\n",
	    EX_VM "host:\n  size: Standard_D96s_v5\n" EX_WIN10 "    vcpus: 32\n" },
	  check_scale },
	{ { "LAB0323", SEV_WARNING, "static-memory-fields", "buffer or weight of memory that is static",
	    "Both belong to dynamic memory: Hyper-V ignores them.", SET_MEMORY,
	    EX_HOST EX_DEBIAN "    memory: { startup: 2 GiB, buffer: 30 }\n",
	    EX_HOST EX_DEBIAN
	    "    memory: { startup: 2 GiB, minimum: 2 GiB, maximum: 4 GiB, buffer: 30 }\n" },
	  check_static },
	{ { "LAB0320", SEV_ERROR, "generation-1-memory", "more than 1 TiB of memory in generation 1",
	    "Hyper-V refuses it.", SCALE,
	    EX_HV "host:\n  size: { vcpus: 64, memory: 4 TiB }\n" EX_DEBIAN
		  "    generation: 1\n    memory: 2 TiB\n",
	    EX_HV "host:\n  size: { vcpus: 64, memory: 4 TiB }\n" EX_DEBIAN "    memory: 2 TiB\n" },
	  check_terabyte },
};

const struct rule_table memory_rules = { rows, COUNTOF(rows) };
