/* Rows of a host, of its size and of its networks. */
#include "schema/table.h"

static const struct field host_size_fields[] = {
	{ KEY("name"), TYPE_TEXT, AT(spec_host_size, name), .flags = FIELD_SHORT_ONLY, .def_doc = "none",
	  .doc = "The name of the size; normally written as `size: NAME`.",
	  .example = "Medium (Nested virtualization)" },
	{ KEY("vcpus"), TYPE_INTEGER, AT(spec_host_size, vcpus), .flags = FIELD_REQUIRED, .min = 1,
	  .doc = "On hyper-v: logical processors of the server.", .example = "16" },
	{ KEY("memory"), TYPE_SIZE, AT(spec_host_size, memory), .flags = FIELD_REQUIRED,
	  .doc = "On hyper-v: memory of the server.", .example = "64 GiB" },
	{ KEY("disk"), TYPE_SIZE, AT(spec_host_size, disk), .def_doc = "none",
	  .doc = "On hyper-v: space for guests; not beside the host's `disk`.", .example = "1 TiB" },
};
static const struct misnomer host_size_misnomers[] = {
	RENAME("cpus", "vcpus"),   RENAME("cores", "vcpus"), RENAME("ram", "memory"),
	RENAME("storage", "disk"), RENAME("cpu", "vcpus"),
};
const struct section section_host_size = {
	.name = "size",
	.title = "Size of a host",
	.noun = "the size",
	.size = sizeof(struct spec_host_size),
	.doc = "A name (portal, ARM, API or Azure VM size), or on hyper-v a map of `vcpus`, `memory` and "
	       "`disk`.",
	FIELDS(host_size_fields),
	MISNOMERS(host_size_misnomers),
	.short_form = SHORT_FIELD,
	.short_key = "name",
};

/* --- networks --- */

static const struct field dhcp_fields[] = {
	{ KEY("range"), TYPE_RANGE, AT(spec_dhcp, range), .flags = FIELD_REQUIRED,
	  .doc = "First and last address to give.", .example = "192.168.0.100-192.168.0.200" },
	{ KEY("lease"), TYPE_DURATION, AT(spec_dhcp, lease), .def_doc = "8h, a day of classes",
	  .doc = "How long an address is given for.", .example = "8h" },
	{ KEY("scope"), TYPE_TEXT, AT(spec_dhcp, scope), .max = 100, .def_doc = "LabServicesDhcpScope",
	  .doc = "Name of the scope.", .example = "TeachScope" },
};
static const struct misnomer dhcp_misnomers[] = {
	RENAME("pool", "range"),
	RENAME("lease_time", "lease"),
	RENAME("name", "scope"),
	REFUSED("start", "write `range: FIRST-LAST`"),
	REFUSED("end", "write `range: FIRST-LAST`"),
	MOVED("dns", "host.network.dns"),
	MOVED("gateway", "host.network.gateway"),
};
const struct section section_dhcp = {
	.name = "dhcp",
	.title = "DHCP of a network",
	.noun = "the DHCP scope",
	.size = sizeof(struct spec_dhcp),
	.doc = "`off`, or a map: the host's DHCP role serves the network.",
	FIELDS(dhcp_fields),
	MISNOMERS(dhcp_misnomers),
	.short_form = SHORT_OFF,
};

static const struct field network_fields[] = {
	{ KEY("kind"), TYPE_ENUM, AT(spec_network, kind), .words = &words_kind, .def = "nat",
	  .source = DOC_NESTED, .doc = "Whom its guests reach.", .example = "private" },
	{ KEY("switch"), TYPE_TEXT, AT(spec_network, switch_name), .max = 100,
	  .def_doc = "LabServicesSwitch; in `networks` the network's name", .source = DOC_SCRIPT,
	  .doc = "Name of the virtual switch.", .example = "LabServicesSwitch" },
	{ KEY("nat"), TYPE_TEXT, AT(spec_network, nat), .max = 100,
	  .def_doc = "LabServicesNat; in `networks` none", .source = DOC_SCRIPT,
	  .doc = "Name of the NAT object; one a host.", .example = "LabServicesNat" },
	{ KEY("subnet"), TYPE_PREFIX, AT(spec_network, subnet),
	  .def_doc = "192.168.0.0/24 (on hyper-v a /24 of 172.29.0.0/16); in `networks` none",
	  .source = DOC_NESTED, .doc = "Addresses of the network.", .example = "192.168.10.0/24" },
	{ KEY("gateway"), TYPE_IPV4, AT(spec_network, gateway),
	  .def_doc = "the first address of `subnet`; in `networks` none", .source = DOC_NAT,
	  .doc = "The host's address in it.", .example = "192.168.10.1" },
	{ KEY("dns"), TYPE_LIST, AT(spec_network, dns), .item = TYPE_IPV4,
	  .def_doc = "the host's `dns_for_guests`", .doc = "DNS servers of its guests.",
	  .example = "[9.9.9.9]" },
	{ KEY("dhcp"), TYPE_SECTION, AT(spec_network, dhcp), .section = &section_dhcp, .def = "off",
	  .source = DOC_LABS "how-to-enable-nested-virtualization-template-vm",
	  .doc = "Whether the host gives addresses.", .example = "off" },
	{ KEY("guard"), TYPE_BOOLEAN, AT(spec_network, guard), .def = "true",
	  .source = DOC_HYPERV "set-vmnetworkadapter",
	  .doc = "DHCP and router guard on every guest but those that `serves` names.", .example = "true" },
	{ KEY("egress"), TYPE_ENUM, AT(spec_network, egress), .words = &words_egress,
	  .def_doc = "all; internet on hyper-v", .doc = "What guests reach beyond their network.",
	  .example = "internet" },
};
static const struct misnomer network_misnomers[] = {
	RENAME("type", "kind"),
	RENAME("mode", "kind"),
	RENAME("cidr", "subnet"),
	RENAME("prefix", "subnet"),
	RENAME("address", "subnet"),
	RENAME("range", "subnet"),
	RENAME("address_space", "subnet"),
	RENAME("router", "gateway"),
	RENAME("nameservers", "dns"),
	RENAME("dns_servers", "dns"),
	RENAME("switch_name", "switch"),
	RENAME("nat_name", "nat"),
	RENAME("internet", "egress"),
	REFUSED("name", "the name of a network is its key under `networks`; the NAT network is called `nat`"),
	MOVED("ports", "guests.NAME.ports"),
	MOVED("vlan", "guests.NAME.nics"),
	MOVED("guests", "guests.NAME.network"),
};
const struct section section_network = {
	.name = "network",
	.title = "Network",
	.noun = "network",
	.size = sizeof(struct spec_network),
	.doc = "The NAT network of a host, or one of its further networks.",
	FIELDS(network_fields),
	MISNOMERS(network_misnomers),
};

/* --- the host --- */

#define HOST_FIELDS                                                                                          \
	{ KEY("size"),                                                                                       \
	  TYPE_SECTION,                                                                                      \
	  AT(spec_host, size),                                                                               \
	  .section = &section_host_size,                                                                     \
	  .flags = FIELD_REQUIRED_MERGED,                                                                    \
	  .source = DOC_ADMIN "#vm-sizing",                                                                  \
	  .doc = "Its size: portal name, ARM SKU, API short name or Azure VM size, any case; on hyper-v "    \
		 "also a map.",                                                                              \
	  .example = "Medium (Nested virtualization)" },                                                     \
		{ KEY("os"),                                                                                 \
		  TYPE_ENUM,                                                                                 \
		  AT(spec_host, os),                                                                         \
		  .words = &words_host_os,                                                                   \
		  .def = "windows-server-2022",                                                              \
		  .source = DOC_NESTED,                                                                      \
		  .doc = "Its operating system.",                                                            \
		  .example = "windows-11" },                                                                 \
		{ KEY("address"),                                                                            \
		  TYPE_IPV4,                                                                                 \
		  AT(spec_host, address),                                                                    \
		  .def_doc = "none: others name it by DNS, or the handout asks for it",                      \
		  .doc = "Its private address.",                                                             \
		  .example = "10.0.0.8" },                                                                   \
		{ KEY("seats"),                                                                              \
		  TYPE_INTEGER,                                                                              \
		  AT(spec_host, seats),                                                                      \
		  .min = 1,                                                                                  \
		  .def_doc = "`quota.students`, else the number of users, else 1; on hyper-v 1",             \
		  .doc = "Copies of it for students; on hyper-v copies of its guests and private networks "  \
			 "on the one server.",                                                               \
		  .example = "24" },                                                                         \
		{ KEY("reserve"),         TYPE_SIZE,                                                         \
		  AT(spec_host, reserve), .def = "4 GiB",                                                    \
		  .source = DOC_NESTED,   .doc = "Memory kept for Windows.",                                 \
		  .example = "4 GiB" },                                                                      \
		{ KEY("disk"),         TYPE_SIZE,                                                            \
		  AT(spec_host, disk), .def_doc = "what the lab size gives; 256 GiB for a data disk",        \
		  .source = DOC_ADMIN, .doc = "The lab's disk; on azure-vm and devtest-labs the data disk.", \
		  .example = "512 GiB" },                                                                    \
		{ KEY("data"),                                                                               \
		  TYPE_PATH,                                                                                 \
		  AT(spec_host, data),                                                                       \
		  .def_doc = "`C:\\labc\\NAME`; on azure-vm `F:\\labc\\NAME`",                               \
		  .doc = "Folder of guest disks and images.",                                                \
		  .example = "D:\\labs" },                                                                   \
		{ KEY("admin_user"),                                                                         \
		  TYPE_USER,                                                                                 \
		  AT(spec_host, admin_user),                                                                 \
		  .max = 20,                                                                                 \
		  .def = "labadmin",                                                                         \
		  .source = DOC_SPEC "host",                                                                 \
		  .doc = "Administrator of the host.",                                                       \
		  .example = "labadmin" },                                                                   \
		{ KEY("student_user"),                                                                       \
		  TYPE_USER,                                                                                 \
		  AT(spec_host, student_user),                                                               \
		  .max = 20,                                                                                 \
		  .def = "student",                                                                          \
		  .source = DOC_SPEC "host",                                                                 \
		  .doc = "Created where students are not administrators; joins Hyper-V Administrators.",     \
		  .example = "student" },                                                                    \
		{ KEY("admin_students"),                                                                     \
		  TYPE_BOOLEAN,                                                                              \
		  AT(spec_host, admin_students),                                                             \
		  .def_doc = "true on lab-services, else false",                                             \
		  .doc = "Students are administrators of the host.",                                         \
		  .example = "false" },                                                                      \
		{ KEY("dns_for_guests"),                                                                     \
		  TYPE_LIST,                                                                                 \
		  AT(spec_host, dns_for_guests),                                                             \
		  .item = TYPE_IPV4,                                                                         \
		  .flags = FIELD_OR_HOST,                                                                    \
		  .def_doc = "168.63.129.16 on Azure targets, `host` on hyper-v",                            \
		  .source = "https://learn.microsoft.com/azure/virtual-network/"                             \
			    "what-is-ip-address-168-63-129-16",                                              \
		  .doc = "DNS servers for guests, or `host`: the host's own.",                               \
		  .example = "[9.9.9.9]" },                                                                  \
		{ KEY("network"),                                                                            \
		  TYPE_SECTION,                                                                              \
		  AT(spec_host, network),                                                                    \
		  .section = &section_network,                                                               \
		  .flags = FIELD_BY_FIELD,                                                                   \
		  .def_doc = "the documented one",                                                           \
		  .source = DOC_NESTED,                                                                      \
		  .doc = "The NAT network.",                                                                 \
		  .example = "{ subnet: 192.168.10.0/24 }" },                                                \
		{ KEY("networks"),                                                                           \
		  TYPE_SECTION_MAP,                                                                          \
		  AT(spec_host, networks),                                                                   \
		  .section = &section_network,                                                               \
		  .item = TYPE_NAME,                                                                         \
		  .flags = FIELD_UNIQUE,                                                                     \
		  .def_doc = "none",                                                                         \
		  .doc = "Further networks, by name.",                                                       \
		  .example = "{ lan: { kind: private, subnet: 172.16.50.0/24 } }" },                         \
		{ KEY("desktop_shortcut"),                                                                   \
		  TYPE_BOOLEAN,                                                                              \
		  AT(spec_host, desktop_shortcut),                                                           \
		  .def = "true",                                                                             \
		  .source = DOC_SCRIPT,                                                                      \
		  .doc = "Shortcuts on the desktop: to Hyper-V Manager, and to start the lab.",                                    \
		  .example = "true" },                                                                       \
	{                                                                                                    \
		KEY("resume"), TYPE_ENUM, AT(spec_host, resume),                                             \
			.words = &words_resume, .def_doc = "task on azure-vm and devtest-labs, else manual", \
			.doc = "How the script goes on after the restart that Hyper-V needs.",               \
			.example = "manual"                                                                  \
	}

static const struct field host_fields[] = {
	HOST_FIELDS,
	{ KEY("guests"), TYPE_SECTION_MAP, AT(spec_host, guests), .section = &section_guest,
	  .item = TYPE_NAME, .flags = FIELD_UNIQUE, .def_doc = "none",
	  .doc = "Its guests, by name, in start order.", .example = "{ web: { os: debian-12 } }" },
};
static const struct field single_host_fields[] = {
	{ KEY("name"), TYPE_NAME, AT(spec_host, name), .def = "host", .source = DOC_SPEC "host",
	  .doc = "Its name.", .example = "lab-vm" },
	HOST_FIELDS,
};

#define HOST_MISNOMERS                                                                                       \
	RENAME("sku", "size"), RENAME("vm_size", "size"), RENAME("vmSize", "size"),                          \
		RENAME("instance_type", "size"), RENAME("ip", "address"), RENAME("ip_address", "address"),   \
		RENAME("operating_system", "os"), RENAME("image", "os"), RENAME("students", "seats"),        \
		RENAME("count", "seats"), RENAME("copies", "seats"), RENAME("dns", "dns_for_guests"),        \
		RENAME("admin", "admin_user"), RENAME("user", "admin_user"),                                 \
		RENAME("username", "admin_user"), RENAME("admin_username", "admin_user"),                    \
		RENAME("data_dir", "data"), RENAME("path", "data"), RENAME("reserved_memory", "reserve"),    \
		MOVED("ports", "guests.NAME.ports"), MOVED("vcpus", "guests.NAME.vcpus"),                    \
		MOVED("cpus", "guests.NAME.vcpus"), MOVED("memory", "guests.NAME.memory"),                   \
		MOVED("ram", "guests.NAME.memory"),                                                          \
		MOVED("region", "targets.lab-services.region, targets.azure-vm.region or "                   \
				"targets.devtest-labs.region"),                                              \
		MOVED("subnet", "host.network.subnet"), MOVED("gateway", "host.network.gateway"),            \
		MOVED("switch", "host.network.switch"), MOVED("nat", "host.network.nat"),                    \
		MOVED("dhcp", "host.network.dhcp"), MOVED("egress", "host.network.egress"),                  \
		MOVED("profile", "guests.NAME.profile"), MOVED("profiles", "profiles at the top"),           \
		MOVED("tags", "tags at the top"), MOVED("schedule", "schedule at the top"),                  \
		MOVED("quota", "quota at the top"), MOVED("users", "users at the top"),                      \
		REFUSED("password",                                                                          \
			"a password is never written in a spec: it is a parameter of the deployment"),       \
		REFUSED("admin_password",                                                                    \
			"a password is never written in a spec: it is a parameter of the deployment"),       \
		REFUSED("credentials",                                                                       \
			"passwords are never written in a spec: they are parameters of the deployment")

static const struct misnomer host_misnomers[] = {
	HOST_MISNOMERS,
	REFUSED("name", "the name of a host is its key under `hosts`"),
};
static const struct misnomer single_host_misnomers[] = {
	HOST_MISNOMERS,
	MOVED("guests", "guests at the top, beside `host`"),
};

const struct section section_host = {
	.name = "host",
	.title = "Host",
	.noun = "host",
	.size = sizeof(struct spec_host),
	.doc = "The machine that runs Hyper-V: a lab VM, an Azure VM or a server.",
	FIELDS(host_fields),
	MISNOMERS(host_misnomers),
};
const struct section section_single_host = {
	.name = "host",
	.title = "Host",
	.noun = "the host",
	.size = sizeof(struct spec_host),
	.doc = "The one host; its guests stand beside it.",
	FIELDS(single_host_fields),
	MISNOMERS(single_host_misnomers),
};
