/* LAB083x: what a deployment to plain Azure machines or DevTest Labs takes and what it does not. */
#include <string.h>

#include "model/azure.h"
#include "rules/examples.h"
#include "rules/rule.h"

#define NAMES "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules"
#define LIMITS                                                                                               \
	"https://learn.microsoft.com/azure/azure-resource-manager/templates/best-practices#template-limits"
#define VNET_FAQ                                                                                             \
	"https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq"                             \
	"#are-there-any-restrictions-on-using-ip-addresses-within-these-subnets"
#define TAGS "https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations"
#define BASTION "https://learn.microsoft.com/azure/bastion/bastion-overview"
#define GEN2 "https://learn.microsoft.com/azure/virtual-machines/generation-2"

static bool is_deployed(const struct lab *lab)
{
	return lab->target == TARGET_AZURE_VM || lab->target == TARGET_DEVTEST_LABS;
}

/* Azure keeps the first four addresses and the last one of every subnet. */
static void check_address(struct rule_ctx *cx, const struct lab *lab)
{
	struct v_prefix net = azure_vnet(lab);

	if (lab->target != TARGET_AZURE_VM || !is_ok(net.m))
		return;
	EACH_HOST(lab, h)
	{
		bool inside = is_ok(h->address.m) && prefix_has(net, h->address.v);
		struct diag *d;

		if (!is_ok(h->address.m) ||
		    (inside && h->address.v - net.v >= 4 && h->address.v != prefix_broadcast(net)))
			continue;
		d = rule_at(cx, h->address.m, h->m,
			    inside ? SV_FMT " is one of the addresses Azure keeps in " SV_FMT
				   : SV_FMT " is outside of the virtual network " SV_FMT,
			    SV_ARG(ip_text(cx, h->address.v)), SV_ARG(prefix_text(cx->a, net)));
		rule_label(cx, d, net.m, "the virtual network");
		rule_help(cx, d, "write an address from " SV_FMT " on, or widen targets.azure-vm.vnet",
			  SV_ARG(ip_text(cx, net.v + 4)));
	}
}

static void check_size(struct rule_ctx *cx, const struct lab *lab)
{
	uint64_t n = azure_resources(lab);
	const struct lab_host *most = NULL;
	struct diag *d;

	if (!is_deployed(lab) || n <= AZURE_MAX_RESOURCES)
		return;
	EACH_HOST(lab, h)
	if (!most || h->seats.v > most->seats.v)
		most = h;
	d = rule_at(cx, most ? most->seats.m : lab->m, most ? most->m : lab->m,
		    "the lab makes %llu resources, and one deployment has at most %d", (unsigned long long)n,
		    AZURE_MAX_RESOURCES);
	rule_help(cx, d, "split the class into several specs, each with a resource group of its own");
}

/* Parameters and variables grow with the hosts, not with their seats. */
static void check_hosts(struct rule_ctx *cx, const struct lab *lab)
{
	/* a size and its security type, an administrator: at worst three parameters a host */
	uint32_t most = AZURE_MAX_PARAMETERS / 3 - 3;

	if (is_deployed(lab) && lab->n_hosts > most)
		rule_help(
		    cx,
		    rule_at(cx, lab->spec->lab.hosts.m, lab->m,
			    "%u hosts in one deployment, which has room for %u", lab->n_hosts, most),
		    "write hosts that are alike once, with `seats`, or split the class into several specs");
}

static void check_tags(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_lab *p = &lab->spec->lab;

	if (!(lab->target_info->flags & TG_AZURE) || !is_ok(p->tags.m))
		return;
	if (p->tags.n > 49)
		rule_help(cx,
			  rule_at(cx, p->tags.m, lab->m,
				  "a resource has at most 50 tags, and with the lab's own these are %u",
				  p->tags.n + 1),
			  "remove some");
	for (uint32_t i = 0; i < p->tags.n; i++) {
		struct sv name = p->tags.v[i].name, value = p->tags.v[i].v;
		char bad = 0;

		for (size_t k = 0; k < name.n; k++)
			if (strchr("<>%&\\?/", name.p[k]) || (uint8_t)name.p[k] < 0x20)
				bad = name.p[k];
		if (sv_eq_nocase(name, SV(AZURE_LAB_TAG)))
			rule_help(cx,
				  rule_at(cx, p->tags.v[i].m, p->tags.m,
					  "the tag '" AZURE_LAB_TAG "' belongs to labc"),
				  "take another name: destroy finds the lab's resources by this tag");
		else if (bad)
			rule_help(cx,
				  rule_at(cx, p->tags.v[i].m, p->tags.m,
					  "Azure takes no '%c' in the name of a tag", bad < 0x20 ? ' ' : bad),
				  "the characters < > %% & \\ ? / are refused");
		else if (name.n > 512 || value.n > 256)
			rule_help(cx,
				  rule_at(cx, p->tags.v[i].m, p->tags.m,
					  "a tag has at most 512 characters in its name and 256 in its "
					  "value, and this has "
					  "%zu and %zu",
					  name.n, value.n),
				  "write a shorter one");
	}
}

static void check_way_in(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_target_azure_vm *t = &lab->spec->lab.targets.azure_vm;

	if (lab->target == TARGET_AZURE_VM && !azure_has_public_ip(lab) && !azure_has_bastion(lab))
		rule_help(cx,
			  rule_at(cx, t->bastion.m, t->h.m,
				  "neither a public address nor Bastion leads to the hosts"),
			  "they are reached from your own network only, by a VPN or peering that you make "
			  "yourself");
}

static void check_expose(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_target_azure_vm *t = &lab->spec->lab.targets.azure_vm;

	if (lab->target != TARGET_AZURE_VM || t->allowed_sources.n || meta_poisoned(t->allowed_sources.m))
		return;
	EACH_HOST(lab, h)
	EACH_MAPPING(h, m)
	if (is_true(m->expose))
		rule_help(cx, rule_at(cx, m->expose.m, m->m, "a port is exposed, and nobody may come to it"),
			  "write who may, under targets.azure-vm: `allowed_sources: [198.51.100.0/24]`");
}

static void check_images(struct rule_ctx *cx, const struct lab *lab)
{
	if (!is_deployed(lab))
		return;
	EACH_HOST(lab, h)
	{
		unsigned flags = h->azure_size ? h->azure_size->series->flags : 0;
		struct diag *d;

		if (!h->azure_size || (flags & AZ_GEN2 && flags & AZ_PREMIUM))
			continue;
		d = rule_at(cx, h->size_m, h->m, "%s takes neither images of generation 2 nor premium disks",
			    h->azure_size->name);
		rule_help(
		    cx, d,
		    "take the size with an 's' in its name, or one of version 5, such as Standard_D8s_v5");
	}
}

static void check_no_vm_size(struct rule_ctx *cx, const struct lab *lab)
{
	if (!is_deployed(lab))
		return;
	EACH_HOST(lab, h)
	if (is_ok(h->size_m) && is_ok(h->vcpus.m) && !h->vm_size.n)
		rule_help(cx,
			  rule_at(cx, h->size_m, h->m,
				  "no Azure size is known to be the same as '" SV_FMT "'",
				  SV_ARG(h->size_text)),
			  "write the name of an Azure size, such as Standard_D8s_v5");
}

/* Found where the texts are made: emit/limits.c. */
static void check_nothing(struct rule_ctx *cx, const struct lab *lab)
{
	(void)cx;
	(void)lab;
}

/* DevTest Labs makes machines from the images of its own lab; a gallery's go through the lab's own page. */
static void check_custom_image(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_text *id = &lab->spec->lab.targets.devtest_labs.image.id;

	if (lab->target == TARGET_DEVTEST_LABS && is_ok(id->m) &&
	    sv_search(id->v, SV("/customimages/")) < 0 && sv_search(id->v, SV("/customImages/")) < 0)
		rule_help(
		    cx, rule_at(cx, id->m, lab->m, "DevTest Labs deploys from custom images of the lab only"),
		    "make a custom image in the lab and write its ID: "
		    "/subscriptions/.../providers/Microsoft.DevTestLab/"
		    "labs/LAB/customimages/NAME");
}

#define EX_NET(more) EX_VM "targets:\n  azure-vm: { " more " }\nhost:\n  size: Standard_D8s_v5\n"

static const struct rule rows[] = {
    {{"LAB0830", SEV_ERROR, "address-outside", "a host's address that its virtual network does not give",
      "The deployment fails at the adapter: the address is not in the subnet, or is one of the five that "
      "Azure keeps.",
      VNET_FAQ, EX_NET("vnet: 10.1.0.0/16") "  address: 10.0.0.8\n" EX_DEBIAN,
      EX_NET("vnet: 10.1.0.0/16") "  address: 10.1.0.8\n" EX_DEBIAN},
     check_address},
    {{"LAB0831", SEV_ERROR, "too-many-resources", "a lab that is too large for one deployment",
      "Azure refuses a deployment of more than 800 resources as a whole.", LIMITS,
      EX_VM_HOST "  seats: 300\n" EX_DEBIAN, EX_VM_HOST "  seats: 30\n" EX_DEBIAN},
     check_size},
    {{"LAB0832", SEV_ERROR, "too-many-hosts", "more hosts than the parameters of one deployment can describe",
      "Azure refuses a template of more than 256 parameters or variables.", LIMITS, NULL, NULL},
     check_hosts},
    {{"LAB0833", SEV_ERROR, "azure-tag", "a tag that Azure does not take",
      "The deployment fails at its first resource.", TAGS,
      EX_VM_HOST EX_DEBIAN "tags: { \"cost/center\": school }\n",
      EX_VM_HOST EX_DEBIAN "tags: { cost-center: school }\n"},
     check_tags},
    {{"LAB0834", SEV_NOTE, "no-way-in", "hosts without a public address and without Bastion",
      "Nobody can sign in from outside; somebody has to connect the virtual network to another one first.",
      BASTION, EX_NET("bastion: false") EX_DEBIAN, EX_NET("bastion: true") EX_DEBIAN},
     check_way_in},
    {{"LAB0835", SEV_ERROR, "expose-without-sources", "an exposed port without the networks that may use it",
      "The network security group has no rule for it: the port stays closed.",
      "https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview",
      EX_VM_HOST EX_DEBIAN "    ports: [{ external: 2222, internal: 22, expose: true }]\n",
      EX_VM "targets:\n  azure-vm: { allowed_sources: [198.51.100.0/24] }\nhost:\n  size: "
	    "Standard_D8s_v5\n" EX_DEBIAN "    ports: [{ external: 2222, internal: 22, expose: true }]\n"},
     check_expose},
    {{"LAB0836", SEV_ERROR, "size-generation-1", "a size for images of generation 1 and standard disks only",
      "The machine is not created: its image is of generation 2, its disks are premium ones.", GEN2,
      EX_VM "host:\n  size: Standard_D8_v3 # labc: ignore LAB0204 -- still ours\n" EX_DEBIAN,
      EX_VM "host:\n  size: Standard_D8s_v5\n" EX_DEBIAN},
     check_images},
    {{"LAB0837", SEV_ERROR, "no-equivalent-size",
      "a size of Lab Services without a known Azure size behind it", "There is nothing to deploy.",
      "https://learn.microsoft.com/azure/lab-services/administrator-guide#vm-sizing", NULL, NULL},
     check_no_vm_size},
    {{"LAB0839", SEV_ERROR, "devtest-image", "an image that DevTest Labs cannot deploy from",
      "The deployment fails at the machine.",
      "https://learn.microsoft.com/azure/devtest-labs/devtest-lab-comparing-vm-base-image-types",
      EX_DTL "targets:\n  devtest-labs: { image: "
	     "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/"
	     "school/images/lab }\nhost:\n  size: Standard_D8s_v5\n" EX_DEBIAN,
      EX_DTL "targets:\n  devtest-labs: { image: "
	     "/subscriptions/s/resourceGroups/g/providers/Microsoft.DevTestLab/labs/"
	     "school/customimages/lab }\nhost:\n  size: Standard_D8s_v5\n" EX_DEBIAN},
     check_custom_image},
    {{"LAB0838", SEV_ERROR, "template-limit", "a template that is larger than Azure takes",
      "Azure refuses templates of more than 4 MB and expressions of more than 24,576 characters.", LIMITS,
      NULL, NULL},
     check_nothing},
};

const struct rule_table azure_rules = {rows, COUNTOF(rows)};
