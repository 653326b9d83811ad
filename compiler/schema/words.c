/* The words of every enumeration, in the order of the enums of spec.h, and what other tools call them. */
#include "schema/table.h"

#define COUNT(v) (uint32_t)(sizeof(v) / sizeof(*(v)))
#define WORDS(name, the_noun)                                                                                \
	const struct words words_##name = { .noun = (the_noun), .v = name##_v, .n = COUNT(name##_v) }
#define WORDS_ALIASED(name, the_noun)                                                                        \
	const struct words words_##name = { .noun = (the_noun),                                              \
					    .v = name##_v,                                                   \
					    .n = COUNT(name##_v),                                            \
					    .aliases = name##_a,                                             \
					    .n_aliases = COUNT(name##_a) }

static const struct word target_v[] = {
	{ "lab-services", "Azure Lab Services: a template VM and copies of it" },
	{ "azure-vm", "plain Azure VMs" },
	{ "devtest-labs", "Azure DevTest Labs" },
	{ "hyper-v", "a Windows server of your own" },
};
static const struct word_alias target_a[] = {
	{ "azure-lab-services", "lab-services", NULL },
	{ "labservices", "lab-services", NULL },
	{ "als", "lab-services", NULL },
	{ "azure", "azure-vm",
	  "say which service of Azure: 'azure-vm' for plain VMs, 'lab-services' or 'devtest-labs'" },
	{ "vm", "azure-vm", NULL },
	{ "dtl", "devtest-labs", NULL },
	{ "hyperv", "hyper-v", NULL },
	{ "on-premises", "hyper-v", NULL },
	{ "local", "hyper-v", NULL },
};
WORDS_ALIASED(target, NULL);

static const struct word host_os_v[] = {
	{ "windows-server-2016", NULL },
	{ "windows-server-2019", NULL },
	{ "windows-server-2022", NULL },
	{ "windows-server-2025", NULL },
	{ "windows-10", "Pro, Enterprise or Education" },
	{ "windows-11", "Pro, Enterprise or Education" },
};
#define HOST_IS_WINDOWS                                                                                      \
	"the host runs Hyper-V: nested virtualization needs a Windows machine of these versions"
#define NO_HOME "the Home edition has no Hyper-V"
static const struct word_alias host_os_a[] = {
	{ "windows-10-home", "windows-10", NO_HOME },
	{ "windows-11-home", "windows-11", NO_HOME },
	{ "ubuntu-20.04", NULL, HOST_IS_WINDOWS },
	{ "ubuntu-22.04", NULL, HOST_IS_WINDOWS },
	{ "ubuntu-24.04", NULL, HOST_IS_WINDOWS },
	{ "debian-11", NULL, HOST_IS_WINDOWS },
	{ "debian-12", NULL, HOST_IS_WINDOWS },
	{ "debian-13", NULL, HOST_IS_WINDOWS },
	{ "kali", NULL, HOST_IS_WINDOWS },
	{ "other-linux", NULL, HOST_IS_WINDOWS },
	{ "windows", NULL, "say which: the name holds the version" },
	{ "server-2022", "windows-server-2022", NULL },
	{ "server-2025", "windows-server-2025", NULL },
	{ "server-2019", "windows-server-2019", NULL },
	{ "win10", "windows-10", NULL },
	{ "win11", "windows-11", NULL },
	{ "windows-2022", "windows-server-2022", NULL },
	{ "windows-server-2012-r2", NULL, "nested virtualization came with Windows Server 2016" },
};
WORDS_ALIASED(host_os, NULL);

static const struct word guest_os_v[] = {
	{ "windows-10", NULL },
	{ "windows-11", NULL },
	{ "windows-server-2012-r2", NULL },
	{ "windows-server-2016", NULL },
	{ "windows-server-2019", NULL },
	{ "windows-server-2022", NULL },
	{ "windows-server-2025", NULL },
	{ "ubuntu-20.04", NULL },
	{ "ubuntu-22.04", NULL },
	{ "ubuntu-24.04", NULL },
	{ "debian-11", NULL },
	{ "debian-12", NULL },
	{ "debian-13", NULL },
	{ "kali", NULL },
	{ "rhel-8", NULL },
	{ "rhel-9", NULL },
	{ "rhel-10", NULL },
	{ "rocky-8", NULL },
	{ "rocky-9", NULL },
	{ "almalinux-8", NULL },
	{ "almalinux-9", NULL },
	{ "fedora", NULL },
	{ "opensuse-leap-15", NULL },
	{ "freebsd-13", NULL },
	{ "freebsd-14", NULL },
	{ "opnsense", NULL },
	{ "pfsense", NULL },
	{ "gns3-vm", NULL },
	{ "metasploitable-2", NULL },
	{ "other-linux", "any other Linux" },
	{ "other-windows", "any other Windows" },
};
#define NO_HYPERVISOR                                                                                        \
	"other hypervisors are not supported inside Hyper-V: describe their machines as guests of the host"
static const struct word_alias guest_os_a[] = {
	{ "win10", "windows-10", NULL },
	{ "win11", "windows-11", NULL },
	{ "server-2022", "windows-server-2022", NULL },
	{ "server-2025", "windows-server-2025", NULL },
	{ "windows-2022", "windows-server-2022", NULL },
	{ "windows-2025", "windows-server-2025", NULL },
	{ "windows-server-2012", "windows-server-2012-r2", NULL },
	{ "focal", "ubuntu-20.04", NULL },
	{ "jammy", "ubuntu-22.04", NULL },
	{ "noble", "ubuntu-24.04", NULL },
	{ "bullseye", "debian-11", NULL },
	{ "bookworm", "debian-12", NULL },
	{ "trixie", "debian-13", NULL },
	{ "kali-linux", "kali", NULL },
	{ "kali-rolling", "kali", NULL },
	{ "metasploitable", "metasploitable-2", NULL },
	{ "metasploitable2", "metasploitable-2", NULL },
	{ "gns3", "gns3-vm", NULL },
	{ "gns3vm", "gns3-vm", NULL },
	{ "alma-8", "almalinux-8", NULL },
	{ "alma-9", "almalinux-9", NULL },
	{ "rockylinux-8", "rocky-8", NULL },
	{ "rockylinux-9", "rocky-9", NULL },
	{ "opensuse", "opensuse-leap-15", NULL },
	{ "linux", "other-linux", NULL },
	{ "windows", NULL, "say which: the name holds the version, as in 'windows-11'; or 'other-windows'" },
	{ "ubuntu", NULL, "say which: ubuntu-20.04, ubuntu-22.04 or ubuntu-24.04" },
	{ "debian", NULL, "say which: debian-11, debian-12 or debian-13" },
	{ "freebsd", NULL, "say which: freebsd-13 or freebsd-14" },
	{ "esxi", NULL, NO_HYPERVISOR },
	{ "vmware-esxi", NULL, NO_HYPERVISOR },
	{ "vmware-esxi-7", NULL, NO_HYPERVISOR },
	{ "vmware-esxi-8", NULL, NO_HYPERVISOR },
	{ "proxmox", NULL, NO_HYPERVISOR },
	{ "proxmox-ve", NULL, NO_HYPERVISOR },
	{ "virtualbox", NULL, NO_HYPERVISOR },
	{ "xcp-ng", NULL, NO_HYPERVISOR },
	{ "vmware", NULL, NO_HYPERVISOR },
	{ "esxi-7", NULL, NO_HYPERVISOR },
	{ "esxi-8", NULL, NO_HYPERVISOR },
};
WORDS_ALIASED(guest_os, "an operating system of the catalogue");

static const struct word resume_v[] = {
	{ "manual", "run the script again; it ends with 3010 when Windows must restart" },
	{ "task", "a start-up task runs it" },
};
WORDS(resume, NULL);

static const struct word kind_v[] = {
	{ "nat", "reaches out through the host; port mappings lead in" },
	{ "internal", "guests and the host" },
	{ "private", "guests alone" },
	{ "default-switch", "the switch Windows 10 and 11 bring along" },
};
#define NO_BRIDGE                                                                                            \
	"there is no external switch: Azure drops frames of foreign MAC addresses; use nat and port "        \
	"mappings"
static const struct word_alias kind_a[] = {
	{ "external", NULL, NO_BRIDGE },       { "bridge", NULL, NO_BRIDGE },
	{ "bridged", NULL, NO_BRIDGE },        { "hostonly", "internal", NULL },
	{ "host-only", "internal", NULL },     { "isolated", "private", NULL },
	{ "default", "default-switch", NULL }, { "default switch", "default-switch", NULL },
};
WORDS_ALIASED(kind, NULL);

static const struct word egress_v[] = {
	{ "all", "whatever the host reaches" },
	{ "internet", "no private ranges but their own" },
	{ "none", "nothing beyond their network" },
};
static const struct word_alias egress_a[] = {
	{ "true", "all", NULL }, { "false", "none", NULL }, { "any", "all", NULL },
	{ "off", "none", NULL }, { "deny", "none", NULL },  { "allow", "all", NULL },
};
WORDS_ALIASED(egress, NULL);

static const struct word disk_format_v[] = { { "vhdx", NULL },
					     { "vhd", "the format before 2012: generation 1 only" } };
#define NO_FORMAT "Hyper-V reads vhdx and vhd: convert the disk first, with 'qemu-img convert -O vhdx'"
static const struct word_alias disk_format_a[] = {
	{ "qcow2", NULL, NO_FORMAT },
	{ "vmdk", NULL, NO_FORMAT },
	{ "vdi", NULL, NO_FORMAT },
	{ "raw", NULL, NO_FORMAT },
};
WORDS_ALIASED(disk_format, NULL);

static const struct word disk_type_v[] = {
	{ "dynamic", "grows as it is filled" },
	{ "fixed", "takes its whole size at once" },
	{ "differencing", "holds what differs from its `parent`" },
};
static const struct word_alias disk_type_a[] = {
	{ "expandable", "dynamic", NULL }, { "thin", "dynamic", NULL },        { "thick", "fixed", NULL },
	{ "static", "fixed", NULL },       { "linked", "differencing", NULL },
};
WORDS_ALIASED(disk_type, NULL);

static const struct word configure_v[] = {
	{ "cloud-init", "a seed disk that cloud-init reads" },
	{ "unattend", "an answer file of Windows Setup" },
	{ "manual", "by hand; the handout says what to set" },
};
static const struct word_alias configure_a[] = {
	{ "cloudinit", "cloud-init", NULL }, { "cloud_init", "cloud-init", NULL },
	{ "sysprep", "unattend", NULL },     { "none", "manual", NULL },
	{ "false", "manual", NULL },
};
WORDS_ALIASED(configure, NULL);

static const struct word password_v[] = {
	{ "ask", "the script asks once, or takes a parameter" },
	{ "image", "the image has one" },
};
WORDS(password, "ask or image (a password itself is never written in a spec)");

static const struct word serves_v[] = {
	{ "dhcp", "gives addresses to other guests" },
	{ "router", "forwards for other guests" },
};
static const struct word_alias serves_a[] = { { "gateway", "router", NULL }, { "firewall", "router", NULL } };
WORDS_ALIASED(serves, NULL);

static const struct word secure_boot_v[] = {
	{ "auto", "what the operating system needs" },
	{ "off", NULL },
	{ "windows", "the template MicrosoftWindows" },
	{ "linux", "the template MicrosoftUEFICertificateAuthority" },
};
static const struct word_alias secure_boot_a[] = {
	{ "false", "off", NULL },    { "true", "auto", NULL },
	{ "on", "auto", NULL },      { "no", "off", NULL },
	{ "yes", "auto", NULL },     { "MicrosoftWindows", "windows", NULL },
	{ "disabled", "off", NULL }, { "MicrosoftUEFICertificateAuthority", "linux", NULL },
};
WORDS_ALIASED(secure_boot, NULL);

static const struct word automatic_stop_v[] = {
	{ "shutdown", "asks the guest to shut down, as Microsoft recommends" },
	{ "save", "writes the memory to disk" },
	{ "turn-off", "pulls the plug" },
};
static const struct word_alias automatic_stop_a[] = {
	{ "TurnOff", "turn-off", NULL }, { "shut-down", "shutdown", NULL }, { "off", "turn-off", NULL },
	{ "true", "shutdown", NULL },    { "false", "turn-off", NULL },
};
WORDS_ALIASED(automatic_stop, NULL);

static const struct word automatic_start_v[] = {
	{ "nothing", NULL },
	{ "if-running", "when it ran before the host stopped" },
	{ "always", NULL },
};
static const struct word_alias automatic_start_a[] = {
	{ "StartIfRunning", "if-running", NULL },
	{ "Start", "always", NULL },
	{ "true", "always", NULL },
	{ "false", "nothing", NULL },
	{ "never", "nothing", NULL },
	{ "off", "nothing", NULL },
	{ "on", "always", NULL },
	{ "none", "nothing", NULL },
};
WORDS_ALIASED(automatic_start, NULL);

static const struct word checkpoints_v[] = {
	{ "disabled", NULL },
	{ "production", "by the guest's own backup means" },
	{ "standard", "with the memory" },
};
static const struct word_alias checkpoints_a[] = {
	{ "false", "disabled", NULL }, { "true", "production", NULL },
	{ "off", "disabled", NULL },   { "on", "production", NULL },
	{ "none", "disabled", NULL },  { "ProductionOnly", "production", NULL },
};
WORDS_ALIASED(checkpoints, NULL);

static const struct word protocol_v[] = { { "tcp", NULL }, { "udp", NULL } };
#define TCP_UDP "the NAT of Windows maps tcp and udp only; ping cannot be mapped"
static const struct word_alias protocol_a[] = {
	{ "icmp", NULL, TCP_UDP }, { "any", NULL, TCP_UDP }, { "both", NULL, "write two mappings, one each" },
	{ "http", "tcp", NULL },   { "ssh", "tcp", NULL },
};
WORDS_ALIASED(protocol, NULL);

static const struct word weekday_v[] = {
	{ "monday", NULL }, { "tuesday", NULL },  { "wednesday", NULL }, { "thursday", NULL },
	{ "friday", NULL }, { "saturday", NULL }, { "sunday", NULL },
};
static const struct word_alias weekday_a[] = {
	{ "mon", "monday", NULL },
	{ "tue", "tuesday", NULL },
	{ "wed", "wednesday", NULL },
	{ "thu", "thursday", NULL },
	{ "fri", "friday", NULL },
	{ "sat", "saturday", NULL },
	{ "sun", "sunday", NULL },
	{ "tues", "tuesday", NULL },
	{ "thur", "thursday", NULL },
	{ "thurs", "thursday", NULL },
	{ "weekdays", NULL, "name them: [monday, tuesday, wednesday, thursday, friday]" },
	{ "daily", NULL, "name the days" },
};
WORDS_ALIASED(weekday, "a day from monday to sunday");

static const struct word create_v[] = {
	{ "template", "with a template VM, on which the script runs" },
	{ "image", "straight from the image" },
};
static const struct word_alias create_a[] = { { "TemplateVM", "template", NULL } };
WORDS_ALIASED(create, NULL);

static const struct word security_type_v[] = { { "standard", NULL }, { "trusted-launch", NULL } };
static const struct word_alias security_type_a[] = {
	{ "TrustedLaunch", "trusted-launch", NULL },
	{ "none", "standard", NULL },
	{ "ConfidentialVM", NULL, "confidential VMs cannot nest" },
};
WORDS_ALIASED(security_type, NULL);

static const struct word public_ip_v[] = { { "none", NULL }, { "static", NULL } };
static const struct word_alias public_ip_a[] = {
	{ "false", "none", NULL },
	{ "true", "static", NULL },
	{ "no", "none", NULL },
	{ "yes", "static", NULL },
	{ "dynamic", "static", "the Standard addresses of Azure are static" },
};
WORDS_ALIASED(public_ip, NULL);

const char *target_word(enum target t)
{
	return words_target.v[t].word;
}

const char *guest_os_word(enum guest_os os)
{
	return words_guest_os.v[os].word;
}

const char *host_os_word(enum host_os os)
{
	return words_host_os.v[os].word;
}

_Static_assert(COUNT(target_v) == TARGET_COUNT, "a word for each target");
_Static_assert(COUNT(host_os_v) == HOST_OS_COUNT, "a word for each host OS");
_Static_assert(COUNT(guest_os_v) == OS_COUNT, "a word for each guest OS");
