/* Rows of what only one target understands. */
#include "schema/table.h"

static const struct field target_image_fields[] = {
	{ KEY("id"), TYPE_RESOURCE_ID, AT(spec_target_image, id), .flags = FIELD_SHORT_ONLY,
	  .def_doc = "none", .doc = "A gallery image's resource ID; normally written as `image: ID`.",
	  .example = "/subscriptions/SUB/resourceGroups/images/providers/Microsoft.Compute/galleries/school/"
		     "images/lab" },
	{ KEY("publisher"), TYPE_TEXT, AT(spec_target_image, publisher), .flags = FIELD_REQUIRED,
	  .doc = "Publisher in the marketplace.", .example = "MicrosoftWindowsServer" },
	{ KEY("offer"), TYPE_TEXT, AT(spec_target_image, offer), .flags = FIELD_REQUIRED, .doc = "Its offer.",
	  .example = "WindowsServer" },
	{ KEY("sku"), TYPE_TEXT, AT(spec_target_image, sku), .flags = FIELD_REQUIRED,
	  .doc = "The plan of the offer.", .example = "2022-datacenter-g2" },
	{ KEY("version"), TYPE_TEXT, AT(spec_target_image, version), .def = "latest",
	  .source = DOC_SPEC "target-image", .doc = "Its version.", .example = "latest" },
};
const struct section section_target_image = {
	.name = "target-image",
	.title = "Image of the host",
	.noun = "the image",
	.size = sizeof(struct spec_target_image),
	.doc = "A marketplace image, or a gallery image's resource ID.",
	FIELDS(target_image_fields),
	.short_form = SHORT_FIELD,
	.short_key = "id",
};

#define ROW_REGION(type)                                                                                     \
	{                                                                                                    \
		KEY("region"), TYPE_TEXT, AT(type, region),                                                  \
			.max = 60, .def_doc = "that of the resource group", .doc = "Azure region.",          \
			.example = "westeurope"                                                              \
	}
#define ROW_IMAGE(type)                                                                                      \
	{                                                                                                    \
		KEY("image"), TYPE_SECTION, AT(type, image),                                                 \
			.section = &section_target_image,                                                    \
			.def_doc = "the marketplace's for the host's `os`",                                  \
			.doc = "What the host is made from.",                                                \
			.example = "{ publisher: MicrosoftWindowsServer, offer: WindowsServer, sku: "        \
				   "2022-datacenter-g2 }"                                                    \
	}
#define ROW_PRICES(type, without)                                                                            \
	{                                                                                                    \
		KEY("prices"), TYPE_FILE, AT(type, prices),                                                  \
			.def_doc = without,                                                                  \
			.doc = "A YAML file beside the spec, or in a folder below: `currency`, and for each " \
			       "size its price an hour, such as `Standard_D8s_v5: 0.55`. The budget is "     \
			       "compared with it.",                                                          \
			.example = "prices.yaml"                                                             \
	}

#define AZURE_MISNOMERS                                                                                      \
	RENAME("location", "region"), RENAME("price_file", "prices"), MOVED("size", "host.size"),            \
		MOVED("seats", "host.seats"), MOVED("tags", "tags at the top"),                              \
		REFUSED("resource_group", "the resource group is named when the template is deployed: "      \
					  "'az deployment group create -g NAME'"),                           \
		REFUSED("subscription",                                                                      \
			"the subscription is chosen when the template is deployed: 'az account set -s NAME'"), \
		REFUSED("password",                                                                          \
			"a password is never written in a spec: it is a parameter of the deployment")

static const struct misnomer lab_services_misnomers[] = {
	AZURE_MISNOMERS,
	RENAME("plan", "lab_plan"),
	RENAME("labPlanId", "lab_plan"),
	RENAME("vnet_injection", "advanced_networking"),
	MOVED("shutdown", "shutdown at the top"),
};
static const struct misnomer azure_vm_misnomers[] = {
	AZURE_MISNOMERS,
	RENAME("vnet_prefix", "vnet"),
	RENAME("network", "vnet"),
	RENAME("public", "public_ip"),
	RENAME("allowed_ips", "allowed_sources"),
	RENAME("sources", "allowed_sources"),
	RENAME("shutdown", "auto_shutdown"),
};
static const struct misnomer devtest_labs_misnomers[] = {
	AZURE_MISNOMERS,
	RENAME("artifacts", "artifact_repository"),
	RENAME("repository", "artifact_repository"),
	RENAME("shutdown", "auto_shutdown"),
};

static const struct field lab_services_fields[] = {
	ROW_REGION(spec_target_lab_services),
	{ KEY("lab_plan"), TYPE_RESOURCE_ID, AT(spec_target_lab_services, lab_plan),
	  .def_doc = "a parameter of the deployment", .doc = "Resource ID of the lab plan.",
	  .example =
		  "/subscriptions/SUB/resourceGroups/school/providers/Microsoft.LabServices/labPlans/plan" },
	ROW_IMAGE(spec_target_lab_services),
	{ KEY("create"), TYPE_ENUM, AT(spec_target_lab_services, create), .words = &words_create,
	  .def = "template", .source = DOC_NESTED, .doc = "How the lab is made.", .example = "template" },
	{ KEY("advanced_networking"), TYPE_BOOLEAN, AT(spec_target_lab_services, advanced_networking),
	  .def = "false", .source = DOC_LABS "how-to-connect-vnet-injection",
	  .doc = "Whether the lab plan joins labs to a network of yours.", .example = "true" },
	ROW_PRICES(spec_target_lab_services, "the documented lab units"),
};
const struct section section_lab_services = {
	.name = "lab-services",
	.title = "Target lab-services",
	.noun = "the target",
	.size = sizeof(struct spec_target_lab_services),
	.doc = "Azure Lab Services.",
	FIELDS(lab_services_fields),
	MISNOMERS(lab_services_misnomers),
};

static const struct field azure_vm_fields[] = {
	ROW_REGION(spec_target_azure_vm),
	ROW_IMAGE(spec_target_azure_vm),
	{ KEY("security_type"), TYPE_ENUM, AT(spec_target_azure_vm, security_type),
	  .words = &words_security_type,
	  .def_doc = "trusted-launch for sizes of version 5 and later, else standard; standard for a gallery image",
	  .source = "https://learn.microsoft.com/azure/virtual-machines/trusted-launch",
	  .doc = "Whether the hosts get Trusted Launch; Hyper-V does not start with it on older sizes.",
	  .example = "standard" },
	{ KEY("vnet"), TYPE_PREFIX, AT(spec_target_azure_vm, vnet), .def_doc = "10.0.0.0/16",
	  .doc = "Addresses of the virtual network.", .example = "10.1.0.0/16" },
	{ KEY("public_ip"), TYPE_ENUM, AT(spec_target_azure_vm, public_ip), .words = &words_public_ip,
	  .def = "none", .source = DOC_SPEC "azure-vm", .doc = "A public address for each host.",
	  .example = "static" },
	{ KEY("bastion"), TYPE_BOOLEAN, AT(spec_target_azure_vm, bastion),
	  .def_doc = "true when there is no public address",
	  .source = "https://learn.microsoft.com/azure/bastion/bastion-overview",
	  .doc = "Azure Bastion to reach the hosts.", .example = "true" },
	{ KEY("allowed_sources"), TYPE_LIST, AT(spec_target_azure_vm, allowed_sources), .item = TYPE_PREFIX,
	  .def_doc = "none; required with a public address",
	  .doc = "Who may connect to a public address; never everyone.", .example = "[198.51.100.0/24]" },
	{ KEY("auto_shutdown"), TYPE_TIME_OFF, AT(spec_target_azure_vm, auto_shutdown), .def = "19:00",
	  .source = "https://learn.microsoft.com/azure/virtual-machines/auto-shutdown-vm",
	  .doc = "When the hosts stop each day.", .example = "19:00" },
	ROW_PRICES(spec_target_azure_vm, "none: a budget is compared with nothing"),
};
const struct section section_azure_vm = {
	.name = "azure-vm",
	.title = "Target azure-vm",
	.noun = "the target",
	.size = sizeof(struct spec_target_azure_vm),
	.doc = "Plain Azure VMs.",
	FIELDS(azure_vm_fields),
	MISNOMERS(azure_vm_misnomers),
};

static const struct field devtest_labs_fields[] = {
	ROW_REGION(spec_target_devtest_labs),
	ROW_IMAGE(spec_target_devtest_labs),
	{ KEY("artifact_repository"), TYPE_URL, AT(spec_target_devtest_labs, artifact_repository),
	  .def_doc = "none", .doc = "Git repository of artifacts.",
	  .example = "https://example.org/school/artifacts.git" },
	{ KEY("vms_per_user"), TYPE_INTEGER, AT(spec_target_devtest_labs, vms_per_user), .min = 1,
	  .def_doc = "none: no limit",
	  .source = "https://learn.microsoft.com/azure/devtest-labs/devtest-lab-set-lab-policy",
	  .doc = "How many machines a user may have.", .example = "2" },
	{ KEY("auto_shutdown"), TYPE_TIME_OFF, AT(spec_target_devtest_labs, auto_shutdown), .def = "19:00",
	  .source = "https://learn.microsoft.com/azure/devtest-labs/devtest-lab-auto-shutdown",
	  .doc = "When the machines stop each day.", .example = "19:00" },
	ROW_PRICES(spec_target_devtest_labs, "none: a budget is compared with nothing"),
};
const struct section section_devtest_labs = {
	.name = "devtest-labs",
	.title = "Target devtest-labs",
	.noun = "the target",
	.size = sizeof(struct spec_target_devtest_labs),
	.doc = "Azure DevTest Labs.",
	FIELDS(devtest_labs_fields),
	MISNOMERS(devtest_labs_misnomers),
};

static const struct field hyper_v_fields[] = {
	{ KEY("external_switch"), TYPE_TEXT, AT(spec_target_hyper_v, external_switch), .max = 100,
	  .def_doc = "none", .doc = "An external switch of the server.", .example = "School" },
	{ KEY("port_step"), TYPE_INTEGER, AT(spec_target_hyper_v, port_step), .min = 1, .max = 65535,
	  .def = "100", .source = DOC_SPEC "hyper-v", .doc = "From one seat's external ports to the next.",
	  .example = "100" },
	{ KEY("address_step"), TYPE_INTEGER, AT(spec_target_hyper_v, address_step), .min = 1, .max = 65535,
	  .def = "16", .source = DOC_SPEC "hyper-v", .doc = "From one seat's addresses to the next.",
	  .example = "16" },
	{ KEY("nat_prefix"), TYPE_PREFIX, AT(spec_target_hyper_v, nat_prefix), .def = "172.29.0.0/16",
	  .source = DOC_NAT, .doc = "The server's one NAT, of which each lab's subnet is a slice.",
	  .example = "172.29.0.0/16" },
	{ KEY("dedicated"), TYPE_BOOLEAN, AT(spec_target_hyper_v, dedicated), .def = "false",
	  .source = DOC_SPEC "hyper-v", .doc = "This server serves the lab alone.", .example = "true" },
};
static const struct misnomer hyper_v_misnomers[] = {
	RENAME("switch", "external_switch"), RENAME("nat", "nat_prefix"), RENAME("step", "port_step"),
	MOVED("seats", "host.seats"),        MOVED("size", "host.size"),  MOVED("data", "host.data"),
};
const struct section section_hyper_v = {
	.name = "hyper-v",
	.title = "Target hyper-v",
	.noun = "the target",
	.size = sizeof(struct spec_target_hyper_v),
	.doc = "A Windows server of your own.",
	FIELDS(hyper_v_fields),
	MISNOMERS(hyper_v_misnomers),
};

static const struct field targets_fields[] = {
	{ KEY("lab-services"), TYPE_SECTION, AT(spec_targets, lab_services), .section = &section_lab_services,
	  .def_doc = "none", .doc = "Azure Lab Services.", .example = "{ region: westeurope }" },
	{ KEY("azure-vm"), TYPE_SECTION, AT(spec_targets, azure_vm), .section = &section_azure_vm,
	  .def_doc = "none", .doc = "Plain Azure VMs.", .example = "{ region: westeurope }" },
	{ KEY("devtest-labs"), TYPE_SECTION, AT(spec_targets, devtest_labs), .section = &section_devtest_labs,
	  .def_doc = "none", .doc = "Azure DevTest Labs.", .example = "{ vms_per_user: 2 }" },
	{ KEY("hyper-v"), TYPE_SECTION, AT(spec_targets, hyper_v), .section = &section_hyper_v,
	  .def_doc = "none", .doc = "A Windows server of your own.", .example = "{ dedicated: true }" },
};
static const struct misnomer targets_misnomers[] = {
	RENAME("azure", "azure-vm"),
	RENAME("lab_services", "lab-services"),
	RENAME("azure_vm", "azure-vm"),
	RENAME("devtest_labs", "devtest-labs"),
	RENAME("hyper_v", "hyper-v"),
	RENAME("hyperv", "hyper-v"),
	RENAME("vm", "azure-vm"),
	MOVED("region",
	      "targets.lab-services.region, targets.azure-vm.region or targets.devtest-labs.region"),
};
const struct section section_targets = {
	.name = "targets",
	.title = "Targets",
	.noun = "the targets",
	.size = sizeof(struct spec_targets),
	.doc = "One section for each target that needs one.",
	FIELDS(targets_fields),
	MISNOMERS(targets_misnomers),
};
