/* LAB03xx: what runs together against what the host has. */
#include "rules/capacity.h"
#include "rules/examples.h"

#define SIZING                                            \
	"https://learn.microsoft.com/azure/lab-services/" \
	"concept-nested-virtualization-template-vm#considerations"
#define SCRIPT                                            \
	"https://learn.microsoft.com/azure/lab-services/" \
	"how-to-enable-nested-virtualization-template-vm-using-script"

static struct meta size_of(const struct lab_host *h) { return h->size_m; }

static bool has_memory(struct rule_ctx *cx, const struct lab_host *h, struct capacity *c)
{
	return capacity_is_known(h) && is_ok(h->reserve.m) && h->n_guests && capacity_simulate(cx->a, h, c);
}

static int64_t widest(const struct lab_host *h)
{
	int64_t most = 0;

	EACH_GUEST(h, g)
		if (is_ok(g->vcpus.m) && g->vcpus.v > most)
			most = g->vcpus.v;
	return most;
}

/* The table, and what would help. */
static void help_memory(struct rule_ctx *cx, struct diag *g, const struct lab_host *h, const struct capacity *c)
{
	struct buf b = { 0 };
	struct sv fits = capacity_smallest(cx->a, h, c->startup + h->reserve.v, widest(h));

	capacity_table(cx->a, &b, h, c);
	if (fits.n)
		buf_fmt(&b, "\nsmallest size that fits: " SV_FMT, SV_ARG(fits));
	else if (cx->lab->target == TARGET_LAB_SERVICES)
		buf_str(&b, "\nno size of Lab Services fits: give the guests less, or mark some `on_demand: true`");
	else
		buf_str(&b, "\ngive the guests less memory, or mark those that need not run together `on_demand: true`");
	rule_help(cx, g, SV_FMT, SV_ARG(buf_view(&b)));
	buf_release(&b);
}

static uint64_t room_of(const struct lab_host *h)
{
	return h->memory.v > h->reserve.v ? h->memory.v - h->reserve.v : 0;
}

static void check_memory(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct capacity c;
		struct diag *g;

		if (!has_memory(cx, h, &c) || c.peak + h->reserve.v <= h->memory.v)
			continue;
		g = rule_at(cx, size_of(h), h->m,
			    "the guests of '" SV_FMT "' need " SV_FMT " %s, and the host has " SV_FMT " for them",
			    SV_ARG(h->name), SV_ARG(gib(cx, c.peak)),
			    c.peak == c.startup ? "together" : "at one moment of their start", SV_ARG(gib(cx, room_of(h))));
		help_memory(cx, g, h, &c);
	}
}

/* Start delays may make room: what earlier guests give back, later ones can have. */
static void check_start(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct capacity c;
		struct diag *g;

		if (!has_memory(cx, h, &c) || c.startup + h->reserve.v <= h->memory.v || c.peak + h->reserve.v > h->memory.v)
			continue;
		g = rule_at(cx, size_of(h), h->m,
			    "the guests of '" SV_FMT "' start only if earlier ones have given memory back: " SV_FMT
			    " together, and the host has " SV_FMT " for them",
			    SV_ARG(h->name), SV_ARG(gib(cx, c.startup)), SV_ARG(gib(cx, room_of(h))));
		help_memory(cx, g, h, &c);
	}
}

static void check_headroom(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct capacity c;
		struct diag *g;
		struct buf b = { 0 };

		if (!has_memory(cx, h, &c) || h->memory.v <= h->reserve.v)
			continue;
		if (c.startup > room_of(h) || c.startup / 9 <= room_of(h) / 10)
			continue;
		g = rule_at(cx, size_of(h), h->m,
			    "the guests of '" SV_FMT "' take " SV_FMT " of the " SV_FMT " there is for them",
			    SV_ARG(h->name), SV_ARG(gib(cx, c.startup)), SV_ARG(gib(cx, room_of(h))));
		capacity_table(cx->a, &b, h, &c);
		rule_help(cx, g,
			  SV_FMT "\nmore than 90 percent: Hyper-V itself needs some memory for every guest",
			  SV_ARG(buf_view(&b)));
		buf_release(&b);
	}
}

static void check_guest_vcpus(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		if (!capacity_is_known(h))
			continue;
		EACH_GUEST(h, g) {
			struct diag *d;
			struct sv fits;

			if (!is_ok(g->vcpus.m) || g->vcpus.v <= h->vcpus.v)
				continue;
			d = rule_at(cx, g->vcpus.m, g->m, "%lld vCPUs are more than the host's %lld",
				    (long long)g->vcpus.v, (long long)h->vcpus.v);
			rule_label(cx, d, h->size_m, "%lld vCPUs", (long long)h->vcpus.v);
			fits = capacity_smallest(cx->a, h, h->memory.v, g->vcpus.v);
			if (fits.n)
				rule_help(cx, d,
					  "at most %lld here; the smallest size with as many is " SV_FMT,
					  (long long)h->vcpus.v, SV_ARG(fits));
			else
				rule_help(cx, d, "at most %lld here", (long long)h->vcpus.v);
		}
	}
}

static bool counts_vcpus(const struct lab_guest *g) { return is_ok(g->vcpus.m) && !is_true(g->on_demand); }

/* "2 + 4 + 2", at most a dozen. */
static struct sv vcpus_added(struct rule_ctx *cx, const struct lab_host *h)
{
	struct buf b = { 0 };
	struct sv text;
	unsigned n = 0;

	EACH_GUEST(h, g) {
		if (!counts_vcpus(g))
			continue;
		if (n == 12) {
			buf_str(&b, " + ...");
			break;
		}
		buf_fmt(&b, "%s%lld", n++ ? " + " : "", (long long)g->vcpus.v);
	}
	text = buf_take(&b, cx->a);
	buf_release(&b);
	return text;
}

static void check_sum_vcpus(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		int64_t sum = 0;
		struct diag *d;

		if (!capacity_is_known(h) || widest(h) > h->vcpus.v)
			continue;
		EACH_GUEST(h, g)
			if (counts_vcpus(g) && !num_add_i64(sum, g->vcpus.v, &sum))
				break;
		if (sum <= h->vcpus.v)
			continue;
		d = rule_at(cx, size_of(h), h->m,
			    "the guests of '" SV_FMT "' have %lld vCPUs together, and the host has %lld",
			    SV_ARG(h->name), (long long)sum, (long long)h->vcpus.v);
		rule_help(cx, d, SV_FMT " = %lld vCPUs; mark guests that need not run together `on_demand: true`",
			  SV_ARG(vcpus_added(cx, h)), (long long)sum);
	}
}

static void check_maxima(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct capacity c;

		if (!has_memory(cx, h, &c) || c.peak + h->reserve.v > h->memory.v || c.most == c.startup ||
		    c.most + h->reserve.v <= h->memory.v)
			continue;
		rule_help(cx,
			  rule_at(cx, size_of(h), h->m,
				  "the guests of '" SV_FMT "' cannot all have their maximum memory at once", SV_ARG(h->name)),
			  "the maxima are " SV_FMT " together with Windows, the host has " SV_FMT
			  "; Hyper-V allows that and shares what there is",
			  SV_ARG(gib(cx, c.most + h->reserve.v)), SV_ARG(gib(cx, h->memory.v)));
	}
}

/* Lab sizes give two vCPUs for one core. */
static void check_gns3(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		if (!(lab->target_info->flags & TG_AZURE) || !capacity_is_known(h))
			continue;
		EACH_GUEST(h, g) {
			struct diag *d;

			if (g->os != &os_table[OS_GNS3_VM] || !is_ok(g->vcpus.m) ||
			    g->vcpus.v <= h->vcpus.v / 2 || g->vcpus.v > h->vcpus.v)
				continue;
			d = rule_at(cx, g->vcpus.m, g->m,
				    "%lld vCPUs are more than the host's %lld physical cores",
				    (long long)g->vcpus.v, (long long)h->vcpus.v / 2);
			rule_label(cx, d, h->size_m, "%lld vCPUs are %lld cores", (long long)h->vcpus.v,
				   (long long)h->vcpus.v / 2);
			rule_help(cx, d, "GNS3 refuses to set more than there are cores");
		}
	}
}

static const struct rule rows[] = {
	{ { "LAB0301", SEV_ERROR, "memory-together",
	    "the guests that run together need more memory than there is",
	    "The last guests to start fail for lack of memory; which ones, depends on the order of that day.",
	    SIZING, EX_HOST EX_DEBIAN "    memory: 8 GiB\n" EX_SECOND "    memory: 8 GiB\n",
	    EX_HOST EX_DEBIAN "    memory: 4 GiB\n" EX_SECOND "    memory: 4 GiB\n" },
	  check_memory },
	{ { "LAB0324", SEV_WARNING, "memory-by-delay",
	    "guests that start only if earlier ones have given memory back",
	    "A guest with dynamic memory goes down to its minimum only when nothing inside needs more: on a busy day the "
	    "last guests do not start.",
	    SIZING,
	    EX_HOST EX_DEBIAN "    memory: { startup: 8 GiB, minimum: 2 GiB, maximum: 8 GiB }\n" EX_SECOND
			      "    memory: 6 GiB\n    start_delay: 2m\n",
	    EX_HOST EX_DEBIAN "    memory: { startup: 4 GiB, minimum: 2 GiB, maximum: 8 GiB }\n" EX_SECOND
			      "    memory: 6 GiB\n    start_delay: 2m\n" },
	  check_start },
	{ { "LAB0302", SEV_WARNING, "memory-headroom",
	    "the guests leave less than a tenth of the memory free",
	    "Hyper-V needs some memory of its own for every guest; with less than a tenth free, one of them "
	    "may not start.",
	    SIZING, EX_HOST EX_DEBIAN "    memory: 11 GiB\n", EX_HOST EX_DEBIAN "    memory: 8 GiB\n" },
	  check_headroom },
	{ { "LAB0303", SEV_ERROR, "guest-vcpus", "a guest with more processors than the host",
	    "Hyper-V refuses to start it.", SCRIPT, EX_HOST EX_DEBIAN "    vcpus: 6\n",
	    EX_HOST EX_DEBIAN "    vcpus: 4\n" },
	  check_guest_vcpus },
	{ { "LAB0304", SEV_WARNING, "vcpus-together",
	    "the guests together have more processors than the host",
	    "The documented limit is the host's processors; beyond it the guests wait for each other.",
	    SCRIPT, EX_HOST EX_DEBIAN "    vcpus: 3\n" EX_SECOND "    vcpus: 3\n",
	    EX_HOST EX_DEBIAN "    vcpus: 2\n" EX_SECOND "    vcpus: 2\n" },
	  check_sum_vcpus },
	{ { "LAB0317", SEV_NOTE, "maxima-together", "the maxima of dynamic memory are more than the host has",
	    "Allowed and often wanted: not all guests can have their maximum at one time.", SCRIPT,
	    EX_HOST EX_DEBIAN "    memory: { startup: 4 GiB, minimum: 4 GiB, maximum: 16 GiB }\n",
	    EX_HOST EX_DEBIAN "    memory: { startup: 4 GiB, minimum: 4 GiB, maximum: 8 GiB }\n" },
	  check_maxima },
	{ { "LAB0319", SEV_WARNING, "gns3-cores", "a GNS3 VM with more processors than the host has cores",
	    "GNS3 compares with physical cores, two of whose threads are two vCPUs in Azure, and refuses.",
	    "https://docs.gns3.com/docs/getting-started/setup-gns3-vm-hyperv",
	    EX_HOST "guests:\n  gns3:\n    os: gns3-vm\n    image: C:\\images\\gns3.vhdx\n    vcpus: 4\n",
	    EX_HOST "guests:\n  gns3:\n    os: gns3-vm\n    image: C:\\images\\gns3.vhdx\n    vcpus: 2\n" },
	  check_gns3 },
};

const struct rule_table capacity_rules = { rows, COUNTOF(rows) };
