/* LAB02xx: hosts and their sizes. */
#include "rules/capacity.h"
#include "rules/examples.h"
#include "rules/rule.h"

#define NESTED "https://learn.microsoft.com/azure/lab-services/concept-nested-virtualization-template-vm"
#define SIZING "https://learn.microsoft.com/azure/lab-services/administrator-guide#vm-sizing"
#define RETIRING                                                              \
	"https://learn.microsoft.com/azure/virtual-machines/sizes/lifecycle/" \
	"retirements-and-capacity-restrictions"

static void check_nested(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		const struct azure_size *z = h->azure_size;
		const struct lab_size *l = lab->target == TARGET_LAB_SERVICES ? h->lab_size : NULL;
		struct diag *g;
		struct sv better;

		if (!h->n_guests || lab->target == TARGET_HYPER_V)
			continue;
		if (!is_ok(h->vcpus.m) || capacity_is_known(h) || (!l && !z))
			continue;
		g = rule_at(cx, h->size_m, h->m, "'" SV_FMT "' cannot run Hyper-V guests",
			    SV_ARG(h->size_text));
		better = capacity_smallest(cx->a, h, h->memory.v, h->vcpus.v);
		if (!better.n)
			better = capacity_smallest(cx->a, h, 0, 0);
		if (!l)
			rule_help(
				cx, g,
				"the %s series has no nested virtualization (%s); one that has it is " SV_FMT,
				z->series->name, z->series->source, SV_ARG(better));
		else
			rule_help(cx, g, "%sonly the sizes called 'nested virtualization' do; take " SV_FMT,
				  l->gpu ? "no GPU size of Lab Services does: " : "", SV_ARG(better));
		if (l)
			rule_fix(cx, g, h->size_m,
				 h->vcpus.v > 4 || l->gpu ? "Large (nested virtualization)"
							  : "Medium (nested virtualization)",
				 false);
	}
}

static void check_undocumented(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct diag *g;

		if (!h->n_guests || lab->target != TARGET_LAB_SERVICES || !h->lab_size ||
		    h->lab_size->nested || !sv_starts(sv_from(h->lab_size->sku), SV("Standard_")))
			continue;
		g = rule_at(cx, h->size_m, h->m, "nothing says that '" SV_FMT "' runs Hyper-V guests",
			    SV_ARG(h->size_text));
		rule_help(
			cx, g,
			"only a policy lists this size; 'Medium (nested virtualization)' and 'Large (nested "
			"virtualization)' are the documented ones");
	}
}

/* Whether the size retires, and whether the class goes on after that. */
static bool retires(struct rule_ctx *cx, const struct lab_host *h, bool *gone, struct v_date *last)
{
	const struct azure_size *z = h->azure_size;

	if (cx->lab->target == TARGET_HYPER_V || !z || !z->series->retires || !(z->series->flags & AZ_NESTED))
		return false;
	*gone = last_date(cx, last) && date_cmp(*last, date_of(z->series->retires)) > 0;
	return true;
}

static void check_retired(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct v_date last;
		struct diag *g;
		bool gone;

		if (!retires(cx, h, &gone, &last) || !gone)
			continue;
		g = rule_at(cx, h->size_m, h->m, "%s is gone by " SV_FMT ": it retires on %s", h->azure_size->name,
			    SV_ARG(date_text(cx->a, last)), h->azure_size->series->retires);
		rule_label(cx, g, last.m, "the class goes on until here");
		rule_help(cx, g, "take a size that stays: " SV_FMT,
			  SV_ARG(capacity_smallest(cx->a, h, h->memory.v, h->vcpus.v)));
	}
}

static void check_retiring(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		const struct azure_size *z = h->azure_size;
		struct v_date last;
		struct diag *g;
		bool gone;

		if (!retires(cx, h, &gone, &last) || gone)
			continue;
		g = rule_at(cx, h->size_m, h->m, "%s retires on %s and is closed to new subscriptions",
			    z->name, z->series->retires);
		rule_help(cx, g, "take a size of the Dsv5 or Esv5 series: " SV_FMT,
			  SV_ARG(capacity_smallest(cx->a, h, h->memory.v, h->vcpus.v)));
	}
}

static void check_classic(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct diag *g;

		if (lab->target != TARGET_LAB_SERVICES || !h->lab_size || !h->lab_size->classic ||
		    !h->lab_size->nested)
			continue;
		g = rule_at(cx, h->size_m, h->m,
			    "'" SV_FMT "' exists only where lab accounts were used before",
			    SV_ARG(h->size_text));
		rule_help(cx, g, "the same room on newer processors is '%s'",
			  h->vcpus.v > 4 ? "Large (nested virtualization)"
					 : "Medium (nested virtualization)");
	}
}

static void check_windows_10(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct diag *g;

		if (h->os != &host_os_table[HOST_OS_WINDOWS_10])
			continue;
		g = rule_at(cx, h->os_m, h->m, "Windows 10 is no longer the recommended client host");
		rule_help(cx, g, "take windows-11, or a server for NAT with port mappings");
		rule_fix(cx, g, h->os_m, "windows-11", false);
	}
}

static void check_lab_disk(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct diag *g;

		if (lab->target != TARGET_LAB_SERVICES || !h->lab_size || !is_ok(h->spec->disk.m) ||
		    h->spec->disk.v <= h->lab_size->disk_gib * GIB)
			continue;
		g = rule_at(cx, h->spec->disk.m, h->m, "a lab VM has one disk of %u GiB, not " SV_FMT,
			    h->lab_size->disk_gib, SV_ARG(gib(cx, h->spec->disk.v)));
		rule_help(
			cx, g,
			"remove `disk`; a larger one needs `target: azure-vm`, with a data disk of any size");
	}
}

static void check_private(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct diag *g;

		if (!is_ok(h->address.m) || ip_is_private(h->address.v))
			continue;
		g = rule_at(cx, h->address.m, h->m, "the host's address " SV_FMT " is not private",
			    SV_ARG(ip_text(cx, h->address.v)));
		rule_help(cx, g,
			  "write the address the machine has in its own network (10.x, 172.16-31.x or "
			  "192.168.x): "
			  "mappings work between private addresses only");
	}
}

static void check_same_address(struct rule_ctx *cx, const struct lab *lab)
{
	struct map seen;

	map_init(&seen, cx->a, false);
	EACH_HOST(lab, h) {
		struct map_entry *e;
		const struct lab_host *first;
		struct diag *d;
		struct sv key;

		if (!is_ok(h->address.m))
			continue;
		key = ip_text(cx, h->address.v);
		e = map_add(&seen, key, &lab->hosts[h->index]);
		if (!e)
			continue;
		first = e->value;
		d = rule_at(cx, h->address.m, h->m, "host '" SV_FMT "' has the address of host '" SV_FMT "'",
			    SV_ARG(h->name), SV_ARG(first->name));
		rule_label(cx, d, first->address.m, "'" SV_FMT "' has it already", SV_ARG(first->name));
		rule_help(cx, d, "write the address that this machine has, or leave it away: connections then name it by DNS");
	}
}

static void check_seats(struct rule_ctx *cx, const struct lab *lab)
{
	for (uint32_t i = 0; i < lab->n_groups; i++) {
		const struct lab_group *g = &lab->groups[i];
		const struct lab_host *h = g->hosts[0];
		struct diag *d;

		if (g->capacity <= 400 || !meta_written(h->spec->seats.m))
			continue;
		d = rule_at(cx, h->spec->seats.m, h->m, "a lab has at most 400 machines, and this makes %llu",
			    (unsigned long long)g->capacity);
		rule_help(cx, d, "split the class into several labs");
	}
}

static void check_admin_students(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_bool *dedicated = &lab->spec->lab.targets.hyper_v.dedicated;

	if (lab->target != TARGET_HYPER_V || is_true(*dedicated) || meta_poisoned(dedicated->m))
		return;
	EACH_HOST(lab, h) {
		struct diag *g;

		if (!is_true(h->admin_students))
			continue;
		g = rule_at(cx, h->admin_students.m, h->m,
			    "students would administer a server that also serves others");
		rule_label(cx, g, dedicated->m, "not dedicated");
		rule_help(cx, g,
			  "write `admin_students: false`, or `dedicated: true` under targets.hyper-v when "
			  "the server "
			  "serves this lab alone");
	}
}

static void check_reserve(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct diag *g;

		if (!is_ok(h->reserve.m) || h->reserve.v >= 4 * GIB || !h->n_guests)
			continue;
		g = rule_at(cx, h->reserve.m, h->m, SV_FMT " is little for Windows with Hyper-V",
			    SV_ARG(gib(cx, h->reserve.v)));
		rule_help(cx, g, "a Hyper-V host needs 4 GiB at least");
	}
}

static void check_logical_processors(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct diag *g;

		if (!(lab->target_info->flags & TG_AZURE) || !h->os || h->os->year != 2019 ||
		    !is_ok(h->vcpus.m) || h->vcpus.v <= 225)
			continue;
		g = rule_at(cx, h->os_m, h->m, "%s starts with at most 225 vCPUs, and this size has %lld",
			    h->os->name, (long long)h->vcpus.v);
		rule_label(cx, g, h->size_m, "%lld vCPUs", (long long)h->vcpus.v);
		rule_help(cx, g, "take windows-server-2022 or later, or a smaller size");
	}
}

static void check_amd(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		const struct azure_size *z = h->azure_size;
		struct diag *g;

		if (!(lab->target_info->flags & TG_AZURE) || !z || !h->os || h->os->year >= 2022 ||
		    !h->n_guests || !sv_eq(sv_from(z->series->processor), SV("AMD")) ||
		    !(z->series->flags & AZ_NESTED))
			continue;
		g = rule_at(cx, h->os_m, h->m, "%s has no nested virtualization on AMD processors",
			    h->os->name);
		rule_label(cx, g, h->size_m, "AMD");
		rule_help(cx, g, "take windows-server-2022 or later, or a size with Intel processors");
	}
}

#define DISK_128 "https://learn.microsoft.com/azure/lab-services/administrator-guide"

static const struct rule rows[] = {
	{ { "LAB0203", SEV_ERROR, "size-not-nested", "a host with guests on a size that cannot run Hyper-V",
	    "Hyper-V does not install there, or starts no guest: the processor's virtualization is not "
	    "passed on.",
	    NESTED, EX_TOP "host:\n  size: Large\n" EX_DEBIAN, EX_LARGE EX_DEBIAN },
	  check_nested },
	{ { "LAB0217", SEV_ERROR, "size-retired", "a size that is gone before the class is over",
	    "On that day the machines are switched off for good, and no new ones can be made.", RETIRING,
	    EX_VM "host:\n  size: Standard_D8s_v3\nschedule:\n  - { days: [monday], start: 09:00, stop: 12:00, time_zone: UTC, "
		  "until: 2029-12-31 }\n" EX_DEBIAN,
	    EX_VM "host:\n  size: Standard_D8s_v5\nschedule:\n  - { days: [monday], start: 09:00, stop: 12:00, time_zone: UTC, "
		  "until: 2029-12-31 }\n" EX_DEBIAN },
	  check_retired },
	{ { "LAB0204", SEV_WARNING, "size-retiring", "a size whose series has a date of retirement",
	    "New subscriptions cannot deploy it since July 2026, quota is no longer raised, and one day it "
	    "stops.",
	    RETIRING, EX_VM "host:\n  size: Standard_D4s_v3\n" EX_DEBIAN, EX_VM_HOST EX_DEBIAN },
	  check_retiring },
	{ { "LAB0205", SEV_WARNING, "size-classic", "a size that needs lab accounts of the first generation",
	    "The portal offers it only in subscriptions that had lab accounts; it runs on older processors.",
	    SIZING, EX_TOP "host:\n  size: Classic Medium (nested virtualization)\n" EX_DEBIAN,
	    EX_HOST EX_DEBIAN },
	  check_classic },
	{ { "LAB0206", SEV_WARNING, "size-undocumented", "a size without a word about nested virtualization",
	    "It may refuse Hyper-V; find out with one machine before the class depends on it.", SIZING,
	    EX_TOP "host:\n  size: Standard_Dsv4_4_16GB_128_P_SSD\n" EX_DEBIAN, EX_HOST EX_DEBIAN },
	  check_undocumented },
	{ { "LAB0207", SEV_WARNING, "host-windows-10", "a host with Windows 10",
	    "Microsoft's instructions name Windows 11 since 2024; Windows 10 gets no free updates any more.",
	    "https://learn.microsoft.com/azure/lab-services/"
	    "how-to-enable-nested-virtualization-template-vm-using-script",
	    EX_HOST "  os: windows-10\n  network: { kind: default-switch }\n" EX_DEBIAN,
	    EX_HOST "  os: windows-11\n  network: { kind: default-switch }\n" EX_DEBIAN },
	  check_windows_10 },
	{ { "LAB0208", SEV_ERROR, "lab-disk", "a lab VM with more disk than there is",
	    "The disk of a lab VM is 128 GB and there is no second one: the guests' disks would not fit.",
	    DISK_128, EX_HOST "  disk: 256 GiB\n" EX_DEBIAN, EX_HOST EX_DEBIAN },
	  check_lab_disk },
	{ { "LAB0209", SEV_ERROR, "host-address-public", "a host's address that is not private",
	    "Lab VMs have private addresses, and a static mapping is reached by those only.",
	    NESTED "#connect-to-a-nested-vm-in-another-lab-vm", EX_HOST "  address: 52.169.1.1\n" EX_DEBIAN,
	    EX_HOST "  address: 10.0.0.8\n" EX_DEBIAN },
	  check_private },
	{ { "LAB0210", SEV_ERROR, "host-address-twice", "two hosts with one address",
	    "Connections to one of them would end at the other, or nowhere.",
	    "https://learn.microsoft.com/azure/virtual-network/ip-services/private-ip-addresses",
	    EX_TOP "hosts:\n  one: { size: Medium (nested virtualization), address: 10.0.0.8, guests: {} }\n"
		   "  two: { size: Medium (nested virtualization), address: 10.0.0.8, guests: {} }\n",
	    EX_TOP "hosts:\n  one: { size: Medium (nested virtualization), address: 10.0.0.8, guests: {} }\n"
		   "  two: { size: Medium (nested virtualization), address: 10.0.0.9, guests: {} }\n" },
	  check_same_address },
	{ { "LAB0211", SEV_ERROR, "too-many-seats", "more than 400 machines in a lab",
	    "Lab Services refuses a capacity above 400.",
	    "https://learn.microsoft.com/azure/lab-services/how-to-manage-lab-users",
	    EX_HOST "  seats: 401\n" EX_DEBIAN, EX_HOST "  seats: 400\n" EX_DEBIAN },
	  check_seats },
	{ { "LAB0212", SEV_ERROR, "admin-students", "students as administrators of a shared server",
	    "An administrator of the server sees and changes everybody's guests and everything else on it.",
	    "SPEC.md#host", EX_HV_HOST "  admin_students: true\n" EX_DEBIAN,
	    EX_HV "targets:\n  hyper-v: { dedicated: true }\nhost:\n  size: { vcpus: 16, memory: 64 GiB }\n  "
		  "admin_students: true\n" EX_DEBIAN },
	  check_admin_students },
	{ { "LAB0214", SEV_WARNING, "small-reserve", "less than 4 GiB kept for Windows",
	    "With too little memory the host swaps, and every guest becomes slow.",
	    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/get-started/install-hyper-v",
	    EX_HOST "  reserve: 1 GiB\n" EX_DEBIAN, EX_HOST "  reserve: 4 GiB\n" EX_DEBIAN },
	  check_reserve },
	{ { "LAB0216", SEV_ERROR, "amd-host", "an AMD size with a host system that does not nest there",
	    "Nested virtualization on AMD needs Windows Server 2022 or Windows 11.",
	    "https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/"
	    "enable-nested-virtualization",
	    EX_VM "host:\n  size: Standard_D8as_v5\n  os: windows-server-2019\n" EX_DEBIAN,
	    EX_VM "host:\n  size: Standard_D8as_v5\n  os: windows-server-2022\n" EX_DEBIAN },
	  check_amd },
	{ { "LAB0215", SEV_ERROR, "host-processors", "more processors than the host's Windows starts with",
	    "Windows Server 2019 does not start on a size with more than 225 vCPUs.",
	    "https://learn.microsoft.com/azure/virtual-machines/sizes/general-purpose/dsv7-series",
	    EX_VM "host:\n  size: Standard_D248s_v7\n  os: windows-server-2019\n" EX_DEBIAN,
	    EX_VM "host:\n  size: Standard_D248s_v7\n  os: windows-server-2022\n" EX_DEBIAN },
	  check_logical_processors },
};

const struct rule_table host_rules = { rows, COUNTOF(rows) };
