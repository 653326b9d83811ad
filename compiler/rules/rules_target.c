/* LAB08xx: what a target has and does not have. */
#include "model/azure.h"
#include "rules/examples.h"
#include "rules/rule.h"

#define RETIREMENT "https://learn.microsoft.com/azure/lab-services/retirement-guide"
#define TRUSTED "https://learn.microsoft.com/azure/virtual-machines/trusted-launch"
#define DEVTEST "https://learn.microsoft.com/azure/lab-services/transition-devtest-labs-guidance"
#define NAMES "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
#define NSG                                                        \
	"https://learn.microsoft.com/azure/security/fundamentals/" \
	"network-best-practices#disable-rdpssh-access-to-virtual-machines"

static void check_missing(struct rule_ctx *cx, const struct lab *lab)
{
	if (lab->target_m.state == META_ABSENT && !lab->spec->incomplete && !lab->spec->has_build_target)
		rule_help(cx,
			  rule_at(cx, lab->spec->lab.name.m, lab->m,
				  "no `target` is written, so it is lab-services"),
			  "write `target: lab-services`, or a service that takes new customers: azure-vm, "
			  "devtest-labs, hyper-v");
}

static void check_retirement(struct rule_ctx *cx, const struct lab *lab)
{
	if (lab->target == TARGET_LAB_SERVICES && is_ok(lab->target_m))
		rule_help(cx,
			  rule_at(cx, lab->target_m, lab->m,
				  "Azure Lab Services ends on 2027-06-28 and takes no new customers"),
			  "the same spec can name azure-vm, devtest-labs or hyper-v as its `target`");
}

static bool is_after(struct v_date d)
{
	return is_ok(d.m) && meta_written(d.m) && date_cmp(d, lab_services_end) > 0;
}

static void check_after(struct rule_ctx *cx, const struct lab *lab)
{
	if (lab->target != TARGET_LAB_SERVICES)
		return;
	if (is_ok(cx->date.m) && date_cmp(cx->date, lab_services_end) > 0)
		rule_help(cx,
			  rule_at(cx, lab->target_m, lab->spec->lab.name.m,
				  "on " SV_FMT " Azure Lab Services is gone: its last day is 2027-06-28",
				  SV_ARG(date_text(cx->a, cx->date))),
			  "take another target: azure-vm, devtest-labs or hyper-v");
	for (uint32_t i = 0; i < lab->n_schedules; i++) {
		const struct spec_schedule *s = lab->schedules[i].spec;
		struct v_date late = is_after(s->until) ? s->until : s->from;
		struct diag *d;

		if (!is_after(late))
			continue;
		d = rule_at(cx, late.m, s->h.m,
			    SV_FMT " is after the last day of Azure Lab Services, 2027-06-28",
			    SV_ARG(date_text(cx->a, late)));
		rule_label(cx, d, lab->target_m, "this service");
		rule_help(cx, d, "end the schedule earlier, or take another target");
	}
}

static void check_trusted(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_enum *type = &lab->spec->lab.targets.azure_vm.security_type;

	if (lab->target != TARGET_AZURE_VM || !is_ok(type->m) || type->v != SECURITY_TRUSTED_LAUNCH)
		return;
	EACH_HOST(lab, h) {
		const struct azure_size *z = h->azure_size;
		bool none = z && !(z->series->flags & AZ_TRUSTED_LAUNCH);
		struct diag *d;

		if (!z || !h->n_guests || (azure_size_version(z) >= 5 && !none))
			continue;
		d = rule_at(cx, type->m, h->m,
			    none ? "%s has no Trusted Launch"
				 : "Hyper-V does not start on %s with Trusted Launch",
			    z->name);
		rule_label(cx, d, h->size_m, "version %u of the series", azure_size_version(z));
		rule_help(cx, d, "write `standard`, or take a size of version 5 or later");
		rule_fix(cx, d, type->m, "standard", false);
	}
}

static void check_windows_11(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_enum *type = &lab->spec->lab.targets.azure_vm.security_type;

	if (lab->target != TARGET_AZURE_VM || !is_ok(type->m) || !meta_written(type->m) ||
	    type->v != SECURITY_STANDARD)
		return;
	EACH_HOST(lab, h)
		if (h->os == &host_os_table[HOST_OS_WINDOWS_11]) {
			struct diag *d =
				rule_at(cx, type->m, h->m, "Windows 11 on Azure expects Trusted Launch");

			rule_label(cx, d, h->os_m, "the host's system");
			rule_help(
				cx, d,
				"write `trusted-launch` with a size of version 5 or later, or take a server");
		}
}

static void check_devtest_quota(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_int *hours = &lab->spec->lab.quota.hours;

	if (lab->target == TARGET_DEVTEST_LABS && is_ok(hours->m) && meta_written(hours->m) && hours->v != 0)
		rule_help(cx, rule_at(cx, hours->m, lab->m, "DevTest Labs has no hours a student"),
			  "remove it; `auto_shutdown` and `vms_per_user` under targets.devtest-labs limit "
			  "the use");
}

static void check_devtest_schedule(struct rule_ctx *cx, const struct lab *lab)
{
	struct diag *d;

	if (lab->target != TARGET_DEVTEST_LABS || lab->n_schedules < 2)
		return;
	d = rule_at(cx, lab->schedules[1].m, lab->m, "DevTest Labs starts and stops once a day");
	rule_label(cx, d, lab->schedules[0].m, "the first slot");
	rule_help(cx, d, "keep one slot that covers the others");
}

static void check_vm_name(struct rule_ctx *cx, const struct lab *lab)
{
	if (lab->target != TARGET_DEVTEST_LABS && lab->target != TARGET_AZURE_VM)
		return;
	EACH_HOST(lab, h) {
		struct span at = is_ok(h->spec->name.m) && meta_written(h->spec->name.m)
					 ? spec_span(cx->s, h->spec->name.m)
					 : spec_key_span(cx->s, h->m);

		struct sv longest = azure_machine_name(cx->a, h, (uint32_t)h->seats.v);

		if (longest.n > 15)
			rule_help(cx,
				  rule_report(cx, at,
					      "a Windows machine's name has at most 15 characters, and "
					      "'" SV_FMT "' has %zu",
					      SV_ARG(longest), longest.n),
				  "write a shorter name");
	}
}

static void check_seat_name(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			struct diag *d;

			if (!g->seat || !g->os || !os_is_windows(g->os) || g->hostname.n <= 15 ||
			    g->hostname.n - rule_seat_suffix(g) > 15)
				continue;
			d = rule_report(cx,
					is_ok(g->spec->hostname.m) ? spec_where(cx->s, g->hostname_m, g->m)
								   : spec_key_span(cx->s, g->m),
					"with its seat a computer name has at most 15 characters, and '" SV_FMT
					"' has %zu",
					SV_ARG(g->hostname), g->hostname.n);
			rule_label(cx, d, h->seats.m, "every seat has a copy of the guest, of a name with its number");
			rule_help(cx, d, "write a shorter `hostname`: it gets `-s01` and so on");
		}
}

static void check_lab_name(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_text *name = &lab->spec->lab.name;

	if (lab->target == TARGET_DEVTEST_LABS && is_ok(name->m) && name->v.n > 50)
		rule_help(cx,
			  rule_at(cx, name->m, lab->m,
				  "a lab of DevTest Labs has at most 50 characters in its name, and this has "
				  "%zu",
				  name->v.n),
			  "write a shorter name; `title` may be longer");
}

static void check_temporary(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct diag *d;

		if (!(lab->target_info->flags & TG_AZURE) || !h->azure_size || !is_ok(h->data.m) ||
		    h->data.v.n < 2 || ch_lower(h->data.v.p[0]) != 'd' || h->data.v.p[1] != ':' ||
		    !(h->azure_size->series->flags & AZ_TEMP_DISK))
			continue;
		d = rule_at(cx, h->data.m, h->m, "D: is the temporary disk of %s", h->azure_size->name);
		rule_label(cx, d, h->size_m, "a size with a temporary disk");
		rule_help(cx, d,
			  "it is empty after the machine was moved: take the data disk, F:\\labc\\" SV_FMT,
			  SV_ARG(lab->name));
	}
}

static bool is_public(const struct lab *lab)
{
	const struct v_enum *ip = &lab->spec->lab.targets.azure_vm.public_ip;

	return lab->target == TARGET_AZURE_VM && is_ok(ip->m) && ip->v != PUBLIC_IP_NONE;
}

static void check_sources(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_target_azure_vm *t = &lab->spec->lab.targets.azure_vm;

	if (is_public(lab) && !meta_poisoned(t->allowed_sources.m) && !t->allowed_sources.n)
		rule_help(cx,
			  rule_at(cx, t->public_ip.m, t->h.m, "a public address without `allowed_sources`"),
			  "write the prefixes that may sign in, such as your school's: `allowed_sources: "
			  "[198.51.100.0/24]`");
}

static void check_everyone(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_prefix_list *list = &lab->spec->lab.targets.azure_vm.allowed_sources;

	for (uint32_t i = 0; lab->target == TARGET_AZURE_VM && i < list->n; i++)
		if (is_ok(list->v[i].m) && list->v[i].len == 0)
			rule_help(cx, rule_at(cx, list->v[i].m, list->m, "this lets everyone in"),
				  "a machine open to all is attacked within minutes: write the prefixes of "
				  "your own networks");
}

static void check_image(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_target_lab_services *t = &lab->spec->lab.targets.lab_services;

	if (lab->target == TARGET_LAB_SERVICES && is_ok(t->create.m) && meta_written(t->create.m) &&
	    t->create.v == CREATE_IMAGE && lab->n_guests && t->image.id.m.state == META_ABSENT)
		rule_help(cx,
			  rule_at(cx, t->create.m, t->h.m,
				  "without a template machine nobody can run the setup script"),
			  "write `create: template`, or an `image` of your gallery that already holds the "
			  "guests");
}

#define EX_SLOT "schedule:\n  - { days: [monday], start: \"09:00\", stop: \"11:00\", time_zone: UTC"

static const struct rule rows[] = {
	{ { "LAB0801", SEV_NOTE, "target-missing", "no target is written",
	    "The default, lab-services, is closed to new customers and ends in 2027: the choice should be "
	    "visible.",
	    RETIREMENT, EX_HEAD "host:\n  size: Medium (nested virtualization)\n" EX_DEBIAN,
	    EX_HV_HOST EX_DEBIAN },
	  check_missing },
	{ { "LAB0802", SEV_NOTE, "lab-services-ends", "a lab on a service that ends",
	    "Azure Lab Services ends on 28 June 2027; after that labs, plans and machines are gone.",
	    RETIREMENT, EX_HOST EX_DEBIAN, EX_HV_HOST EX_DEBIAN },
	  check_retirement },
	{ { "LAB0803", SEV_ERROR, "after-retirement", "a date beyond the end of the service",
	    "There is no machine to start on that day.", RETIREMENT,
	    EX_HOST EX_DEBIAN EX_SLOT ", until: 2027-07-30 }\n",
	    EX_HOST EX_DEBIAN EX_SLOT ", until: 2027-05-30 }\n" },
	  check_after },
	{ { "LAB0804", SEV_ERROR, "trusted-launch",
	    "Trusted Launch on a size where Hyper-V does not start with it",
	    "Setup says that virtualization is not enabled in the firmware.", TRUSTED,
	    EX_VM "targets:\n  azure-vm: { security_type: trusted-launch }\nhost:\n  size: "
		  "Standard_D8s_v4\n" EX_DEBIAN,
	    EX_VM "targets:\n  azure-vm: { security_type: trusted-launch }\nhost:\n  size: "
		  "Standard_D8s_v5\n" EX_DEBIAN },
	  check_trusted },
	{ { "LAB0805", SEV_ERROR, "devtest-quota", "hours a student on DevTest Labs",
	    "The service has no such limit: students could use more than was meant.", DEVTEST,
	    EX_DTL_HOST EX_DEBIAN "quota: { hours: 20 }\n", EX_DTL_HOST EX_DEBIAN },
	  check_devtest_quota },
	{ { "LAB0806", SEV_ERROR, "devtest-schedule", "more than one slot on DevTest Labs",
	    "The service starts and stops machines once a day, at the same time.", DEVTEST,
	    EX_DTL_HOST EX_DEBIAN EX_SLOT
	    " }\n  - { days: [friday], start: \"14:00\", stop: \"16:00\", time_zone: UTC }\n",
	    EX_DTL_HOST EX_DEBIAN EX_SLOT " }\n" },
	  check_devtest_schedule },
	{ { "LAB0807", SEV_ERROR, "vm-name", "a machine's name that Windows does not take",
	    "The deployment fails: computer names have at most 15 characters.", NAMES,
	    EX_DTL "host:\n  name: security-lab-host-1\n  size: Standard_D8s_v5\n" EX_DEBIAN,
	    EX_DTL "host:\n  name: security-1\n  size: Standard_D8s_v5\n" EX_DEBIAN },
	  check_vm_name },
	{ { "LAB0808", SEV_ERROR, "devtest-lab-name", "a lab's name that DevTest Labs does not take",
	    "The deployment fails: 50 characters at most.", NAMES,
	    "labc: 1\nname: an-introduction-to-network-security-for-second-year\ntarget: "
	    "devtest-labs\nhost:\n  size: Standard_D8s_v5\n" EX_DEBIAN,
	    EX_DTL_HOST EX_DEBIAN },
	  check_lab_name },
	{ { "LAB0809", SEV_WARNING, "temporary-disk", "guests' files on the temporary disk",
	    "It is lost when Azure moves or restarts the machine on other hardware, and all guests with it.",
	    "https://learn.microsoft.com/azure/virtual-machines/managed-disks-overview#temporary-disk",
	    EX_VM "host:\n  size: Standard_D8ds_v5\n  data: D:\\labc\n" EX_DEBIAN,
	    EX_VM "host:\n  size: Standard_D8ds_v5\n  data: F:\\labc\n" EX_DEBIAN },
	  check_temporary },
	{ { "LAB0810", SEV_ERROR, "public-without-sources",
	    "a public address without the networks that may use it", "Nobody could sign in, or everybody.",
	    NSG,
	    EX_VM "targets:\n  azure-vm: { public_ip: static }\nhost:\n  size: Standard_D8s_v5\n" EX_DEBIAN,
	    EX_VM "targets:\n  azure-vm: { public_ip: static, allowed_sources: [198.51.100.0/24] }\nhost:\n  "
		  "size: Standard_D8s_v5\n" EX_DEBIAN },
	  check_sources },
	{ { "LAB0811", SEV_ERROR, "open-to-everyone", "a machine that the whole internet may reach",
	    "Open Remote Desktop is tried out by attackers within minutes.", NSG,
	    EX_VM "targets:\n  azure-vm: { public_ip: static, allowed_sources: [0.0.0.0/0] }\nhost:\n  size: "
		  "Standard_D8s_v5\n" EX_DEBIAN,
	    EX_VM "targets:\n  azure-vm: { public_ip: static, allowed_sources: [198.51.100.0/24] }\nhost:\n  "
		  "size: Standard_D8s_v5\n" EX_DEBIAN },
	  check_everyone },
	{ { "LAB0812", SEV_ERROR, "no-template", "guests in a lab without a template machine",
	    "Guests are made once, in the template; without one every student starts with an empty host.",
	    "https://learn.microsoft.com/azure/lab-services/concept-nested-virtualization-template-vm",
	    EX_TOP "targets:\n  lab-services: { create: image }\nhost:\n  size: Medium (nested "
		   "virtualization)\n" EX_DEBIAN,
	    EX_TOP "targets:\n  lab-services: { create: template }\nhost:\n  size: Medium (nested "
		   "virtualization)\n" EX_DEBIAN },
	  check_image },
	{ { "LAB0815", SEV_WARNING, "windows-11-standard", "Windows 11 on Azure without Trusted Launch",
	    "Microsoft documents Trusted Launch with a virtual TPM as a requirement of Windows 11 on Azure.",
	    "https://learn.microsoft.com/windows/whats-new/windows-11-requirements#virtual-machine-support",
	    EX_VM "targets:\n  azure-vm: { security_type: standard }\nhost:\n  size: Standard_D8s_v5\n  os: "
		  "windows-11\n" EX_DEBIAN,
	    EX_VM "targets:\n  azure-vm: { security_type: trusted-launch }\nhost:\n  size: Standard_D8s_v5\n "
		  " os: windows-11\n" EX_DEBIAN },
	  check_windows_11 },
	{ { "LAB0818", SEV_ERROR, "seat-name", "a seat's Windows guest whose name is too long with the seat's number",
	    "On hyper-v the seats' copies are in one network under names of their own; Windows takes 15 characters.",
	    NAMES,
	    EX_HV_HOST "  seats: 2\n" EX_SERVER "    hostname: file-server-1\n    memory: 2 GiB\n",
	    EX_HV_HOST "  seats: 2\n" EX_SERVER "    hostname: file-srv-1\n    memory: 2 GiB\n" },
	  check_seat_name },
};

const struct rule_table target_rules = { rows, COUNTOF(rows) };
