/* What exists outside a spec: sizes, operating systems, targets, reserved names and ports, time zones.
 *
 * Data tables with a source and a date, and the look-ups that accept every spelling of them. Of a spec it
 * knows only the words of its enumerations, and nothing of findings. */
#ifndef LABC_MODEL_CATALOGUE_H
#define LABC_MODEL_CATALOGUE_H

#include "base/num.h"
#include "base/sv.h"
#include "schema/spec.h"

/* The day on which the sources of the tables were read; rows that say another have their own. */
#define CATALOGUE_DATE "2026-11-22"

/* --- sizes --- */

/* A size of Azure Lab Services. One of the names may be NULL: not documented. */
struct lab_size {
	const char *portal; /* "Medium (nested virtualization)": what a person picks */
	const char *sku;    /* sku.name of the ARM resource */
	const char *api;    /* short name of the API: "Virtualization" */
	const char *azure;  /* the Azure VM size behind it */
	uint32_t vcpus;
	uint32_t memory_mib;
	uint32_t disk_gib; /* the one disk of a lab VM */
	bool nested;       /* documented to run Hyper-V guests */
	bool classic;      /* offered only where lab accounts existed */
	bool gpu;
	uint32_t units; /* lab units an hour, 0: not documented */
	const char *source, *date;
};

enum azure_flag {
	AZ_NESTED = 1 << 0,
	AZ_GEN1 = 1 << 1, /* takes images of generation 1 */
	AZ_GEN2 = 1 << 2,
	AZ_TRUSTED_LAUNCH = 1 << 3,
	AZ_TEMP_DISK = 1 << 4, /* has a temporary disk, D: in Windows */
	AZ_PREMIUM = 1 << 5,
	AZ_NVME = 1 << 6, /* wants an image that boots from NVMe */
};

struct azure_series {
	const char *name;
	const char *source;
	const char *processor; /* "Intel", "AMD", "Arm64", "x64" */
	const char *retires;   /* "2029-11-15" or NULL */
	unsigned flags;        /* enum azure_flag */
};

struct azure_size {
	const char *name;
	const struct azure_series *series;
	uint32_t vcpus;
	uint32_t memory_mib;
};

extern const struct lab_size lab_sizes[];
extern const size_t lab_sizes_count;
extern const struct azure_series azure_series[];
extern const size_t azure_series_count;
extern const struct azure_size azure_sizes[];
extern const size_t azure_sizes_count;

/* What a lab unit costs an hour, in hundredths of a US cent. */
#define LAB_UNIT_PRICE_E4 100

/* Looks a size up by any of its names: case and blanks do not matter. NULL: none. */
const struct lab_size *catalogue_lab_size(struct sv name);
const struct azure_size *catalogue_azure_size(struct sv name);
/* The smallest one for nested virtualization with at least that much, in today's series; NULL: none. */
const struct lab_size *catalogue_lab_size_for(uint32_t vcpus, uint64_t memory_mib);
const struct azure_size *catalogue_azure_size_for(uint32_t vcpus, uint64_t memory_mib);
/* The generation of an Azure size: the number behind its last "_v", 1 if there is none. */
unsigned azure_size_version(const struct azure_size *z);
/* The nearest name of a size a target offers, empty when nothing is near. lab: sizes of Lab Services
 * (portal names, SKUs, short names), else Azure sizes. */
struct sv catalogue_size_near(struct sv name, bool lab);

/* --- operating systems --- */

enum os_family { FAMILY_WINDOWS_CLIENT, FAMILY_WINDOWS_SERVER, FAMILY_LINUX, FAMILY_BSD, FAMILY_APPLIANCE };
enum boot_template { BOOT_OFF, BOOT_WINDOWS, BOOT_LINUX }; /* Secure Boot: off, or the template to use */

enum os_flag {
	OSF_TPM = 1 << 0,         /* needs a TPM, and has one by default */
	OSF_NEEDS_BOOT = 1 << 1,  /* needs Secure Boot */
	OSF_NO_BOOT = 1 << 2,     /* is documented without Secure Boot */
	OSF_NO_COMPAT = 1 << 3,   /* does not start in processor compatibility mode */
	OSF_COMPAT_RISK = 1 << 4, /* needs instructions that the mode may hide */
	OSF_VULNERABLE = 1 << 5,  /* made to be broken into */
	OSF_OLD_NIC = 1 << 6,     /* has no driver for the synthetic network adapter */
	OSF_SMALL = 1 << 7,       /* runs well with one processor and little memory */
	OSF_GENERIC = 1 << 8,     /* other-linux, other-windows: nothing more is known */
	OSF_AGENTLESS = 1 << 9,   /* no memory or shutdown service: dynamic memory does not work */
	OSF_NO_DIRECT = 1 << 10,  /* a Windows before PowerShell Direct */
	OSF_NO_SSHD = 1 << 11,    /* a Windows before its own SSH server */
};

/* A guest operating system. Memory in MiB, disks in GiB; 0: no such limit known. */
struct os_info {
	const char *id, *name;
	enum os_family family;
	uint32_t memory_mib, disk_gib; /* defaults */
	unsigned generation;           /* default */
	unsigned generations;          /* bits 1 and 2: the generations it starts in */
	enum boot_template boot;       /* what secure_boot: auto means on generation 2 */
	enum configure configure;      /* default */
	uint32_t min_vcpus, min_memory_mib, min_disk_gib;
	uint32_t setup_memory_mib; /* setup from an ISO needs more than this */
	uint32_t max_vcpus;
	uint32_t host_year; /* oldest Windows Server generation it is supported on */
	unsigned flags;     /* enum os_flag */
	const char *source; /* documents the limits */
};

/* An operating system of a lab VM, with the image Azure has for it. */
struct host_os_info {
	const char *id, *name;
	bool server;
	uint32_t year;      /* the Windows Server generation it shares its Hyper-V with */
	uint32_t max_vcpus; /* processors its Hyper-V gives a guest of generation 2 */
	const char *publisher, *offer, *sku;
	const char *source;
};

extern const struct os_info os_table[OS_COUNT];                /* by enum guest_os */
extern const struct host_os_info host_os_table[HOST_OS_COUNT]; /* by enum host_os */

static inline bool os_is_windows(const struct os_info *o)
{
	return o->family == FAMILY_WINDOWS_CLIENT || o->family == FAMILY_WINDOWS_SERVER;
}
/* PowerShell Direct looks into it: Windows 10, Windows Server 2016 and later.
 * https://learn.microsoft.com/windows-server/virtualization/hyper-v/powershell-direct */
static inline bool os_has_direct(const struct os_info *o)
{
	return os_is_windows(o) && !(o->flags & OSF_NO_DIRECT);
}
/* A Windows that has an SSH server of its own: Windows 10 1809, Windows Server 2019 and later.
 * https://learn.microsoft.com/windows-server/administration/openssh/openssh_install_firstuse */
static inline bool os_has_sshd(const struct os_info *o)
{
	return os_is_windows(o) && !(o->flags & OSF_NO_SSHD);
}
const char *os_family_name(enum os_family f);

/* --- targets --- */

enum target_flag {
	TG_AZURE = 1 << 0,        /* hosts are Azure VMs */
	TG_MOVES = 1 << 1,        /* a start may bring another processor */
	TG_LAB_SIZES = 1 << 2,    /* only sizes of Lab Services */
	TG_QUOTA_HOURS = 1 << 3,  /* hours a student */
	TG_SCHEDULES = 1 << 4,    /* any number of weekly slots */
	TG_SEATS_INSIDE = 1 << 5, /* seats are copies of guests on one server */
	TG_TEMPLATE = 1 << 6,     /* one template machine, copied for the students */
};

struct target_info {
	const char *id, *name;
	const char *about; /* one line */
	unsigned flags;
	const char *retires; /* last day of the service, or NULL */
	const char *source;
};

extern const struct target_info target_table[TARGET_COUNT]; /* by enum target */

/* --- ports and names --- */

/* An external port no mapping may take. */
struct reserved_port {
	uint16_t port;
	bool tcp, udp;
	bool azure_only; /* elsewhere it is free */
	bool certain;    /* documented to fail, not only to be in the way */
	const char *why;
	const char *source;
};

extern const struct reserved_port reserved_ports[];
extern const size_t reserved_ports_count;
const struct reserved_port *catalogue_reserved_port(uint32_t port, bool udp, bool azure);

/* Whether Azure refuses this name for an administrator, ignoring case. */
bool catalogue_user_is_banned(struct sv name);
extern const char *const banned_users[];
extern const size_t banned_users_count;

/* The port a service listens on (ssh 22, rdp 3389, http 80, https 443), 0: not a known one. */
uint32_t catalogue_service_port(struct sv service);

/* --- time zones --- */

struct time_zone {
	const char *windows; /* name of the Windows zone */
	const char *iana;    /* blank-separated IANA zones it stands for, the usual one first */
};

extern const struct time_zone catalogue_zones[];
extern const size_t catalogue_zones_count;
/* The row that has this IANA zone (exact case), or NULL. */
const struct time_zone *catalogue_zone(struct sv iana);
struct sv catalogue_zone_first(const struct time_zone *z);
/* The zone that was meant: of a Windows name its usual zone, else the nearest name; empty: none. */
struct sv catalogue_zone_near(struct sv name);

/* --- keyboards --- */

struct keyboard {
	const char *xkb, *variant; /* layout of X11 and its variant, or NULL */
	const char *windows;       /* input locale */
	const char *tags;          /* blank-separated language tags where it is usual */
};

extern const struct keyboard catalogue_keyboards[];
extern const size_t catalogue_keyboards_count;
/* By language tag (the language alone will do) or by the X11 name, ignoring case; NULL: none known. */
const struct keyboard *catalogue_keyboard(struct sv name);

#endif
