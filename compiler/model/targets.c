/* Targets, and the ports and names that are taken on them. */
#include "model/catalogue.h"

#define RETIREMENT "https://learn.microsoft.com/azure/lab-services/retirement-guide"

const struct target_info target_table[TARGET_COUNT] = {
	[TARGET_LAB_SERVICES] = { "lab-services", "Azure Lab Services",
		"one template VM, copied for every student; closed to new customers, ends on 2027-06-28",
		TG_AZURE | TG_MOVES | TG_LAB_SIZES | TG_QUOTA_HOURS | TG_SCHEDULES | TG_TEMPLATE, "2027-06-28", RETIREMENT },
	[TARGET_AZURE_VM] = { "azure-vm", "Azure virtual machines",
		"plain virtual machines with their network; the scripts run by themselves",
		TG_AZURE | TG_MOVES, NULL, "https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/nested-virtualization" },
	[TARGET_DEVTEST_LABS] = { "devtest-labs", "Azure DevTest Labs",
		"virtual machines in a lab with policies; the only Microsoft successor named for nested labs",
		TG_AZURE | TG_MOVES, NULL, "https://learn.microsoft.com/azure/lab-services/transition-devtest-labs-guidance" },
	[TARGET_HYPER_V] = { "hyper-v", "a Hyper-V server",
		"one Windows server of one's own; seats are copies of the guests on it",
		TG_SEATS_INSIDE, NULL, "https://learn.microsoft.com/windows-server/virtualization/hyper-v/setup-nat-network" },
};

#define VNET_FAQ "https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq"

const struct reserved_port reserved_ports[] = {
	{ 3389, true, true, false, true, "Remote Desktop to the host itself",
	  "https://learn.microsoft.com/azure/lab-services/classroom-labs-fundamentals" },
	{ 5985, true, false, false, false, "Windows Remote Management of the host (HTTP)",
	  "https://learn.microsoft.com/windows/win32/winrm/installation-and-configuration-for-windows-remote-management" },
	{ 5986, true, false, false, false, "Windows Remote Management of the host (HTTPS)",
	  "https://learn.microsoft.com/windows/win32/winrm/installation-and-configuration-for-windows-remote-management" },
	{ 135, true, false, false, false, "the host's RPC end point mapper",
	  "https://learn.microsoft.com/troubleshoot/windows-server/networking/service-overview-and-network-port-requirements" },
	{ 139, true, false, false, false, "the host's file sharing",
	  "https://learn.microsoft.com/troubleshoot/windows-server/networking/service-overview-and-network-port-requirements" },
	{ 445, true, false, false, false, "the host's file sharing",
	  "https://learn.microsoft.com/troubleshoot/windows-server/networking/service-overview-and-network-port-requirements" },
	{ 2179, true, false, false, false, "the consoles of Hyper-V guests",
	  "https://learn.microsoft.com/troubleshoot/windows-server/networking/service-overview-and-network-port-requirements" },
	{ 65330, false, true, true, true, "Azure keeps it for itself", VNET_FAQ },
	{ 67, false, true, true, true, "Azure blocks DHCP in its networks", VNET_FAQ },
	{ 68, false, true, true, true, "Azure blocks DHCP in its networks", VNET_FAQ },
};
const size_t reserved_ports_count = sizeof(reserved_ports) / sizeof(reserved_ports[0]);

const struct reserved_port *catalogue_reserved_port(uint32_t port, bool udp, bool azure)
{
	for (size_t i = 0; i < reserved_ports_count; i++) {
		const struct reserved_port *p = &reserved_ports[i];

		if (p->port == port && (udp ? p->udp : p->tcp) && (azure || !p->azure_only))
			return p;
	}
	return NULL;
}

/* https://learn.microsoft.com/azure/virtual-machines/windows/faq (user names), 2024 */
const char *const banned_users[] = {
	"1", "123", "a", "actuser", "adm", "admin", "admin1", "admin2", "administrator", "aspnet", "backup",
	"console", "david", "guest", "john", "owner", "root", "server", "sql", "support", "support_388945a0",
	"sys", "test", "test1", "test2", "test3", "user", "user1", "user2", "user3", "user4", "user5",
};
const size_t banned_users_count = sizeof(banned_users) / sizeof(banned_users[0]);

bool catalogue_user_is_banned(struct sv name)
{
	for (size_t i = 0; i < banned_users_count; i++)
		if (sv_eq_nocase(sv_from(banned_users[i]), name))
			return true;
	return false;
}

uint32_t catalogue_service_port(struct sv service)
{
	static const struct {
		const char *name;
		uint32_t port;
	} services[] = { { "ssh", 22 }, { "rdp", 3389 }, { "http", 80 }, { "https", 443 } };

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (sv_eq(sv_from(services[i].name), service))
			return services[i].port;
	return 0;
}
