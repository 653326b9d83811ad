/* Operating systems: of guests with their defaults and limits, and of lab VMs with the image Azure has.
 * Defaults of memory and disk are the language's; limits stand where Microsoft or the maker documents them. */
#include "model/catalogue.h"

#define WIN11 "https://learn.microsoft.com/windows/whats-new/windows-11-requirements"
#define GUESTS "https://learn.microsoft.com/windows-server/virtualization/hyper-v/supported-windows-guest-operating-systems-for-hyper-v-on-windows"
#define HARDWARE "https://learn.microsoft.com/windows-server/get-started/hardware-requirements"
#define LINUX "https://learn.microsoft.com/windows-server/virtualization/hyper-v/supported-linux-and-freebsd-virtual-machines-for-hyper-v-on-windows"
#define HACKING "https://learn.microsoft.com/azure/lab-services/class-type-ethical-hacking"
#define GNS3 "https://learn.microsoft.com/azure/lab-services/class-type-networking-gns3"
#define RHEL "https://docs.redhat.com/en/documentation/red_hat_enterprise_linux/9/html/considerations_in_adopting_rhel_9/assembly_architectures_considerations-in-adopting-rhel-9"
#define BOTH 3

#define WINDOWS FAMILY_WINDOWS_CLIENT
#define SERVER FAMILY_WINDOWS_SERVER
#define G(n) ((n) * 1024u)

/* id, name, family, memory, disk | generation, generations, Secure Boot, configure |
 * least vCPUs, memory, disk, memory of setup, most vCPUs, host year | flags, source */
const struct os_info os_table[OS_COUNT] = {
	[OS_WINDOWS_10] = { "windows-10", "Windows 10", WINDOWS, G(4), 40,
		2, BOTH, BOOT_WINDOWS, CONFIGURE_UNATTEND, 1, G(2), 20, 0, 32, 0, 0, GUESTS },
	[OS_WINDOWS_11] = { "windows-11", "Windows 11", WINDOWS, G(4), 64,
		2, 2, BOOT_WINDOWS, CONFIGURE_UNATTEND, 2, G(4), 64, 0, 32, 2019,
		OSF_TPM | OSF_NEEDS_BOOT | OSF_NO_COMPAT, WIN11 },
	[OS_WINDOWS_SERVER_2012_R2] = { "windows-server-2012-r2", "Windows Server 2012 R2", SERVER, G(4), 40,
		2, BOTH, BOOT_WINDOWS, CONFIGURE_UNATTEND, 1, 512, 32, 800, 64, 0, OSF_NO_DIRECT | OSF_NO_SSHD,
		GUESTS },
	[OS_WINDOWS_SERVER_2016] = { "windows-server-2016", "Windows Server 2016", SERVER, G(4), 40,
		2, BOTH, BOOT_WINDOWS, CONFIGURE_UNATTEND, 1, 512, 32, 800, 240, 0, OSF_NO_SSHD, HARDWARE },
	[OS_WINDOWS_SERVER_2019] = { "windows-server-2019", "Windows Server 2019", SERVER, G(4), 40,
		2, BOTH, BOOT_WINDOWS, CONFIGURE_UNATTEND, 1, 512, 32, 800, 240, 0, 0, HARDWARE },
	[OS_WINDOWS_SERVER_2022] = { "windows-server-2022", "Windows Server 2022", SERVER, G(4), 40,
		2, BOTH, BOOT_WINDOWS, CONFIGURE_UNATTEND, 1, 512, 32, 800, 1024, 2019, 0, HARDWARE },
	[OS_WINDOWS_SERVER_2025] = { "windows-server-2025", "Windows Server 2025", SERVER, G(4), 40,
		2, BOTH, BOOT_WINDOWS, CONFIGURE_UNATTEND, 1, 512, 32, 800, 2048, 2022, OSF_COMPAT_RISK, HARDWARE },

	[OS_UBUNTU_20_04] = { "ubuntu-20.04", "Ubuntu 20.04 LTS", FAMILY_LINUX, G(4), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, 512, 3, 0, 0, 0, 0, LINUX },
	[OS_UBUNTU_22_04] = { "ubuntu-22.04", "Ubuntu 22.04 LTS", FAMILY_LINUX, G(4), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, 512, 3, 0, 0, 0, 0, LINUX },
	[OS_UBUNTU_24_04] = { "ubuntu-24.04", "Ubuntu 24.04 LTS", FAMILY_LINUX, G(4), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, 1024, 3, 0, 0, 0, 0, LINUX },
	[OS_DEBIAN_11] = { "debian-11", "Debian 11", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, 256, 2, 0, 0, 0, 0, LINUX },
	[OS_DEBIAN_12] = { "debian-12", "Debian 12", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, 256, 2, 0, 0, 0, 0, LINUX },
	[OS_DEBIAN_13] = { "debian-13", "Debian 13", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, 512, 4, 0, 0, 0, 0, LINUX },
	[OS_KALI] = { "kali", "Kali Linux", FAMILY_LINUX, G(4), 40,
		2, BOTH, BOOT_OFF, CONFIGURE_MANUAL, 1, 512, 2, 0, 0, 0, OSF_NO_BOOT,
		"https://www.kali.org/docs/installation/hard-disk-install/" },
	[OS_RHEL_8] = { "rhel-8", "Red Hat Enterprise Linux 8", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, G(1), 10, 0, 0, 0, 0, LINUX },
	[OS_RHEL_9] = { "rhel-9", "Red Hat Enterprise Linux 9", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, G(1), 10, 0, 0, 0, OSF_COMPAT_RISK, RHEL },
	[OS_RHEL_10] = { "rhel-10", "Red Hat Enterprise Linux 10", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, G(1), 10, 0, 0, 0, OSF_COMPAT_RISK, RHEL },
	[OS_ROCKY_8] = { "rocky-8", "Rocky Linux 8", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, G(1), 10, 0, 0, 0, 0, LINUX },
	[OS_ROCKY_9] = { "rocky-9", "Rocky Linux 9", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, G(1), 10, 0, 0, 0, OSF_COMPAT_RISK, RHEL },
	[OS_ALMALINUX_8] = { "almalinux-8", "AlmaLinux 8", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, G(1), 10, 0, 0, 0, 0, LINUX },
	[OS_ALMALINUX_9] = { "almalinux-9", "AlmaLinux 9", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, G(1), 10, 0, 0, 0, OSF_COMPAT_RISK, RHEL },
	[OS_FEDORA] = { "fedora", "Fedora Linux", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, G(1), 10, 0, 0, 0, 0, LINUX },
	[OS_OPENSUSE_LEAP_15] = { "opensuse-leap-15", "openSUSE Leap 15", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_CLOUD_INIT, 1, G(1), 8, 0, 0, 0, 0, LINUX },
	[OS_FREEBSD_13] = { "freebsd-13", "FreeBSD 13", FAMILY_BSD, G(2), 25,
		2, BOTH, BOOT_OFF, CONFIGURE_MANUAL, 1, 256, 2, 0, 0, 0, OSF_NO_BOOT, LINUX },
	[OS_FREEBSD_14] = { "freebsd-14", "FreeBSD 14", FAMILY_BSD, G(2), 25,
		2, BOTH, BOOT_OFF, CONFIGURE_MANUAL, 1, 256, 2, 0, 0, 0, OSF_NO_BOOT, LINUX },

	[OS_OPNSENSE] = { "opnsense", "OPNsense", FAMILY_APPLIANCE, G(2), 20,
		2, BOTH, BOOT_OFF, CONFIGURE_MANUAL, 1, G(2), 4, 0, 0, 0, OSF_NO_BOOT | OSF_SMALL,
		"https://docs.opnsense.org/manual/hardware.html" },
	[OS_PFSENSE] = { "pfsense", "pfSense", FAMILY_APPLIANCE, G(2), 20,
		2, BOTH, BOOT_OFF, CONFIGURE_MANUAL, 1, G(1), 8, 0, 0, 0, OSF_NO_BOOT | OSF_SMALL,
		"https://docs.netgate.com/pfsense/en/latest/hardware/minimum-requirements.html" },
	[OS_GNS3_VM] = { "gns3-vm", "GNS3 VM", FAMILY_APPLIANCE, G(2), 20,
		1, 1, BOOT_OFF, CONFIGURE_MANUAL, 1, G(1), 0, 0, 0, 0, OSF_NO_BOOT, GNS3 },
	[OS_METASPLOITABLE_2] = { "metasploitable-2", "Metasploitable 2", FAMILY_APPLIANCE, 512, 20,
		1, 1, BOOT_OFF, CONFIGURE_MANUAL, 1, 512, 8, 0, 0, 0,
		OSF_NO_BOOT | OSF_VULNERABLE | OSF_OLD_NIC | OSF_SMALL | OSF_AGENTLESS, HACKING },

	[OS_OTHER_LINUX] = { "other-linux", "Linux", FAMILY_LINUX, G(2), 25,
		2, BOTH, BOOT_LINUX, CONFIGURE_MANUAL, 1, 0, 0, 0, 0, 0, OSF_GENERIC, LINUX },
	[OS_OTHER_WINDOWS] = { "other-windows", "Windows", WINDOWS, G(4), 40,
		2, BOTH, BOOT_WINDOWS, CONFIGURE_MANUAL, 1, 0, 0, 0, 0, 0, OSF_GENERIC, GUESTS },
};

#define SCALE "https://learn.microsoft.com/windows-server/virtualization/hyper-v/maximum-scale-limits"

/* id, name, server, year, most vCPUs of a guest, publisher, offer, sku, source */
const struct host_os_info host_os_table[HOST_OS_COUNT] = {
	[HOST_OS_WINDOWS_SERVER_2016] = { "windows-server-2016", "Windows Server 2016", true, 2016, 240,
		"MicrosoftWindowsServer", "WindowsServer", "2016-datacenter-gensecond", SCALE },
	[HOST_OS_WINDOWS_SERVER_2019] = { "windows-server-2019", "Windows Server 2019", true, 2019, 240,
		"MicrosoftWindowsServer", "WindowsServer", "2019-datacenter-gensecond", SCALE },
	[HOST_OS_WINDOWS_SERVER_2022] = { "windows-server-2022", "Windows Server 2022", true, 2022, 1024,
		"MicrosoftWindowsServer", "WindowsServer", "2022-datacenter-g2", SCALE },
	[HOST_OS_WINDOWS_SERVER_2025] = { "windows-server-2025", "Windows Server 2025", true, 2025, 2048,
		"MicrosoftWindowsServer", "WindowsServer", "2025-datacenter-g2", SCALE },
	[HOST_OS_WINDOWS_10] = { "windows-10", "Windows 10", false, 2019, 240,
		"MicrosoftWindowsDesktop", "windows-10", "win10-22h2-pro-g2", SCALE },
	[HOST_OS_WINDOWS_11] = { "windows-11", "Windows 11", false, 2022, 1024,
		"MicrosoftWindowsDesktop", "windows-11", "win11-24h2-pro", SCALE },
};

const char *os_family_name(enum os_family f)
{
	static const char *const names[] = { "Windows client", "Windows Server", "Linux", "BSD", "appliance" };

	return names[f];
}
