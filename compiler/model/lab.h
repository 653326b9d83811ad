/* A lab with nothing left to guess: short forms expanded, every default filled in, names resolved, copies
 * and seats made, addresses and ports assigned.
 *
 * Owns the lowering of a spec (struct spec) to struct lab and the findings of what does not resolve (unknown
 * size, network, guest ...). Whether the values make sense together is the rules' matter; output knows only
 * this model. Values keep the spec's types: `m.state` says whether there is one (a POISONED one was reported,
 * ABSENT means none), `m.origin` where it came from, and spec_span() where it stands. */
#ifndef LABC_MODEL_LAB_H
#define LABC_MODEL_LAB_H

#include "base/map.h"
#include "model/catalogue.h"
#include "schema/spec.h"

struct lab;
struct lab_host;
struct lab_guest;
struct lab_network;
struct lab_group;

/* The name of the NAT network in `network:` and `nics:`. */
#define LAB_NAT "nat"

struct lab_disk {
	const struct spec_disk *spec; /* NULL: the system disk, with nothing written about it */
	struct meta m;                /* of the disk: its section, or the guest */
	struct v_size size;
	struct v_enum format, type; /* enum disk_format, disk_type */
	struct v_text source, sha256, parent;
	bool boot;
	struct v_text path; /* written; ABSENT: below the folder of disks */
	struct sv file;     /* "ubuntu.vhdx", "ubuntu-2.vhdx": its name in the folder of disks */
};

struct lab_nic {
	const struct spec_nic *spec; /* NULL: the one NIC of a guest without `nics` */
	struct meta m;               /* of the NIC: its item, `network` or the guest */
	struct lab_guest *guest;
	struct lab_network *network; /* NULL: its name did not resolve (reported) */
	struct v_ip address;  /* state OK and word IP_ADDRESS: fixed; word IP_DHCP: leased; ABSENT: none.
			       * `auto` is resolved: origin DERIVED, m still where `auto` was written */
	struct v_ip gateway;  /* inside the guest; ABSENT: none */
	struct v_ip_list dns; /* inside the guest; is_host: the host's resolvers */
	struct v_mac mac;
	struct v_bool legacy;
	struct v_int vlan;
	bool dhcp_guard, router_guard, mac_spoofing;
};

struct lab_mapping {
	const struct spec_port *spec;
	struct lab_guest *guest;
	struct meta m;          /* of the port mapping */
	struct v_text name;     /* written, or the usual service of its internal port; may be empty */
	struct v_enum protocol; /* enum protocol */
	struct v_port external, internal;
	struct v_ip external_address;
	struct v_bool expose;
	struct v_text note;
	struct lab_nic *nic; /* the guest's NIC in the NAT network, or NULL */
};

/* Where the system disk comes from. */
enum image_from {
	IMAGE_RUNTIME, /* the script looks in DATA\images for the OS's id; else an empty disk */
	IMAGE_ENTRY,   /* an entry under `images` */
	IMAGE_PATH,    /* a path written at the guest */
	IMAGE_URL,     /* a URL written at the guest */
	IMAGE_DISK,    /* disk.source, disk.parent, or what disk.file holds */
};

/* Another machine of the lab that a guest connects to: `egress: internet` would stop it, its address being private. */
struct lab_reach {
	const struct lab_reach *next;
	uint32_t address, port;
	enum protocol protocol;
};

struct lab_guest {
	const struct spec_guest *spec;
	struct lab_host *host;
	struct meta m;            /* of the guest as written; copies share it */
	struct sv name;           /* "web-2", "kali-s01" */
	struct sv base;           /* the name as written: "web" */
	uint32_t copy;            /* 1 ... of `count`; 0: not counted */
	uint32_t seat;            /* 1 ... of the host's seats on hyper-v; 0: not copied */
	const struct os_info *os; /* NULL: poisoned or missing */

	struct v_int vcpus, generation;
	struct v_size startup, minimum, maximum; /* bytes; minimum and maximum ABSENT: static memory */
	bool dynamic;
	struct v_int buffer, weight;
	struct lab_disk *disks; /* [0]: the system disk */
	uint32_t n_disks;
	enum image_from image_from;
	struct sv image; /* source of ENTRY, PATH, URL */
	struct sv image_sha256, image_edition;
	const struct spec_image *image_entry;
	struct v_text iso, iso_sha256;

	struct lab_nic *nics;
	uint32_t n_nics;
	struct lab_nic *nat_nic;      /* the first one in the NAT network, or NULL */
	struct lab_mapping *mappings; /* in the host's list, in a row */
	uint32_t n_mappings;

	enum boot_template boot; /* what Secure Boot does; generation 1: BOOT_OFF */
	struct v_bool tpm, processor_compatibility, nested, remote_desktop, on_demand;
	struct v_enum configure, password; /* enum configure, password */
	struct v_enum automatic_stop, automatic_start, checkpoints;
	struct v_duration start_delay;
	struct lab_guest **start_after; /* resolved, same host and seat */
	uint32_t n_start_after;
	uint32_t start_order; /* 0 ... in which the host starts its guests */
	bool serves_dhcp, serves_router;
	bool is_connected; /* a connection leads here */
	const struct lab_reach *reach; /* where its connections lead, those of known addresses; NULL on lab-services,
					* where one script serves all hosts of a lab */

	struct sv hostname;
	struct meta hostname_m; /* where it is written; the guest's own meta when it is the name */
	struct v_text user;
	struct v_text licence, notes;
};

struct lab_network {
	const struct spec_network *spec; /* NULL: the NAT network with nothing written about it */
	struct lab_host *host;
	struct meta m;
	struct sv name; /* LAB_NAT, or its key (with "-s01" when copied for a seat) */
	struct sv base; /* the key as written */
	uint32_t seat;
	bool is_nat_section;            /* the host's `network` (its kind may still be another one) */
	struct v_enum kind;             /* enum network_kind */
	struct v_text switch_name, nat; /* nat ABSENT: no NAT */
	bool is_external;               /* hyper-v: its switch is the server's external one, which labc never makes */
	struct v_prefix nat_prefix;     /* what the NAT serves: the subnet, or on hyper-v the server's whole prefix */
	struct v_prefix subnet;         /* ABSENT: none */
	struct v_ip gateway;            /* the host's address, or none */
	struct v_ip_list dns;
	bool dhcp;
	struct v_range range;
	struct v_duration lease;
	struct v_text scope;
	struct v_bool guard;
	struct v_enum egress; /* enum egress */
	uint32_t n_nics;      /* of guests in it */
};

struct lab_host {
	const struct spec_host *spec;
	struct lab *lab;
	struct meta m;
	struct sv name;
	uint32_t index;

	struct meta size_m;              /* where its size is written */
	const struct lab_size *lab_size; /* the row that the size names, or stands behind it */
	const struct azure_size *azure_size;
	struct sv size_text;    /* "Medium (nested virtualization)", "Standard_D8s_v5", "64 vCPUs, 256 GiB" */
	struct sv sku, vm_size; /* empty: there is none */
	struct v_int vcpus;     /* state POISONED: no size known */
	struct v_size memory;
	struct v_size disk;  /* for guests and images; ABSENT: not known (hyper-v) */
	bool disk_is_shared; /* Windows lives on that disk too */

	const struct host_os_info *os; /* NULL: poisoned */
	struct meta os_m;
	struct v_ip address;
	struct v_int seats; /* OK always: at least 1 */
	struct v_size reserve;
	struct v_text data;
	struct sv scripts; /* C:\Program Files\labc\NAME */
	struct v_text admin_user, student_user;
	struct v_bool admin_students, desktop_shortcut;
	struct v_enum resume; /* enum resume */
	struct v_ip_list dns_for_guests;

	struct lab_network *networks; /* [0]: the NAT network's section */
	uint32_t n_networks;
	bool is_missed;           /* a connection names a guest of it, and it has none: said once */
	struct lab_guest *guests; /* copies and seats included, in file order */
	uint32_t n_guests;
	struct lab_guest **start_order; /* the same, as they are started */
	struct lab_mapping *mappings;
	uint32_t n_mappings;
	struct map by_guest;     /* name, any case -> struct lab_guest; "web" -> web-1 too */
	struct map by_network;   /* key, any case -> struct lab_network (of the first seat) */
	struct lab_group *group; /* NULL but on lab-services */
};

struct lab_end {
	struct lab_host *host;   /* NULL: did not resolve */
	struct lab_guest *guest; /* NULL: the host itself */
	bool neighbour;
	bool is_copy; /* written with the name of one seat's copy ("kali-s02"): the same for every seat */
	struct meta m;
};

struct lab_connection {
	const struct spec_connection *spec;
	struct meta m;
	uint32_t seat;     /* whose it is, 1 ... on hyper-v; 0: not copied. Seats follow each other */
	struct lab_end to; /* to.guest NULL: did not resolve, the rest is empty then */
	struct lab_end *from;
	uint32_t n_from;
	struct sv service, user, note;
	struct sv scheme;                  /* "ssh", "rdp", "http", "https" or empty */
	bool local;                        /* within one host: straight to the guest's own address */
	const struct lab_mapping *mapping; /* the one it uses; NULL when local or when there is none */
	struct v_ip address;               /* what the client types; ABSENT: not known */
	uint32_t port, internal_port;      /* what the client uses; 0: not known */
	enum protocol protocol;
};

/* Hosts that are copies of one template: a lab of Azure Lab Services. */
struct lab_group {
	struct sv name, title;
	struct lab_host **hosts;
	uint32_t n_hosts;
	struct lab_host *template_host;
	uint64_t capacity; /* seats of all its hosts */
};

struct lab_schedule {
	const struct spec_schedule *spec;
	struct meta m;
	struct v_text time_zone;      /* its own or the lab's; ABSENT: none written */
	const struct time_zone *zone; /* NULL: not a zone (reported by a rule) */
	struct v_date until;          /* filled on lab-services */
};

struct lab {
	struct arena *a;
	struct diags *diags;
	struct spec *spec;

	struct meta m;
	struct sv name, title, description, tag;
	enum target target;   /* what it is built for; TARGET_COUNT: written and not readable; a finding says so */
	enum target own_target; /* what the spec names: it decides the defaults */
	const struct target_info *own_info;
	struct meta target_m; /* ABSENT: not written */
	const struct target_info *target_info;
	struct v_text locale, time_zone, keyboard;
	const struct time_zone *zone; /* of time_zone; NULL: unknown */

	struct lab_host *hosts;
	uint32_t n_hosts;
	struct map by_host;
	struct map by_image;
	uint64_t n_guests; /* of all hosts */
	struct lab_connection *connections;
	uint32_t n_connections;
	struct lab_schedule *schedules;
	uint32_t n_schedules;
	struct lab_group *groups; /* lab-services only */
	uint32_t n_groups;
	uint32_t n_users; /* in the list of users */
	bool advanced_networking;
	bool is_partial; /* something was poisoned before: hosts may look more different than they are */
};

/* Lowers `s` into *l (zeroed by the call) and reports what does not resolve. The model lives in the arena
 * of the spec. Returns true when nothing was reported; the model is whole and safe to read either way. */
bool lab_lower(struct lab *l, struct spec *s);

/* "1.5 GiB" of bytes for messages: at most one decimal, rounded down. */
struct sv lab_gib_text(struct arena *a, uint64_t bytes);
/* What the scripts hold the adapters in a network to. Out of an internal or a private network leads nothing but a guest
 * with another adapter, which is held itself, so there `internet` is EGRESS_ALL; as is what cannot be held, because the
 * addresses of the network are not known (LAB0524). */
enum egress lab_held_egress(const struct lab_network *n);
/* The first and last usable address of a prefix, and its two ends. */
uint32_t prefix_first(struct v_prefix p);
uint32_t prefix_last(struct v_prefix p);
uint32_t prefix_broadcast(struct v_prefix p);
bool prefix_has(struct v_prefix p, uint32_t ip);
bool prefix_overlaps(struct v_prefix a, struct v_prefix b);
/* "192.168.0.0/24", in the arena. */
struct sv prefix_text(struct arena *a, struct v_prefix p);
/* 10/8, 172.16/12, 192.168/16. */
bool ip_is_private(uint32_t ip);
/* A NIC that has a fixed address. */
static inline bool nic_is_fixed(const struct lab_nic *n)
{
	return n->address.m.state == META_OK && n->address.word == IP_ADDRESS;
}
/* A guest's NIC whose network did not resolve or whose address was reported: say nothing about it. */
bool lab_guest_is_whole(const struct lab_guest *g);
/* Its first boot makes an account whose password somebody chooses when the script runs. */
static inline bool guest_asks_password(const struct lab_guest *g)
{
	return g->configure.v != CONFIGURE_MANUAL && g->password.v == PASSWORD_ASK;
}

/* The kinds of findings made while lowering. */
extern const struct diag_info model_codes[];
extern const size_t model_codes_count;

#endif
