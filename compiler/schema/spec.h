/* The lab description as decoded: one struct per section of the language, one typed value per field.
 *
 * Owns the shape of a spec and nothing else. Every value begins with `struct meta`: where it was written,
 * whether it is there, and which layer it came from. After spec_decode() the layers (item, profile,
 * defaults, static built-in defaults) are merged; defaults that depend on the OS, the target or another
 * value are still ABSENT and the model's business. Must not know what values mean together.
 *
 * Reading a value:   if (g->vcpus.m.state == META_OK) use(g->vcpus.v);
 * A POISONED value was reported already: stay silent about everything that needs it. */
#ifndef LABC_SCHEMA_SPEC_H
#define LABC_SCHEMA_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/sv.h"
#include "base/vec.h"
#include "diag/diag.h"

struct ydoc;

enum meta_state { META_ABSENT, META_OK, META_POISONED };
enum meta_origin {
	ORIGIN_NONE,
	ORIGIN_ITEM,      /* written at the item itself */
	ORIGIN_PROFILE,   /* by its profile */
	ORIGIN_DEFAULTS,  /* by defaults: */
	ORIGIN_BUILTIN,   /* the language's static default; no place in a file */
	ORIGIN_CATALOGUE, /* filled by the model from a size, OS or target row */
	ORIGIN_DERIVED,   /* computed by the model (auto addresses ...) */
};
enum meta_flag {
	META_ITEM = 1 << 0,       /* an item of a list: it has no key */
	META_SHORT = 1 << 1,      /* a section written in its short form (`memory: 4 GiB`, `"23:22"`) */
	META_INCOMPLETE = 1 << 2, /* entries were lost to a finding: say nothing of what is missing */
	META_STRAY = 1 << 3,      /* has an unknown field, which was to say something: a default may be wrong */
};

struct meta {
	uint32_t node;   /* the value as written (an alias node included) in document `doc`; 0: no place */
	uint8_t doc;     /* index into spec.docs */
	uint8_t flags;   /* enum meta_flag */
	uint8_t state;   /* enum meta_state */
	uint8_t origin;  /* enum meta_origin */
};

/* --- typed values --- */

struct v_int { struct meta m; int64_t v; };
struct v_bool { struct meta m; bool v; };
struct v_enum { struct meta m; int v; };                            /* one of the enums below, by field */
struct v_size { struct meta m; uint64_t v; };                       /* bytes */
struct v_duration { struct meta m; int64_t v; bool off; };          /* seconds */
struct v_text { struct meta m; struct sv v; };
struct v_decimal { struct meta m; int64_t v; };                     /* hundredths */
enum ip_word { IP_ADDRESS, IP_AUTO, IP_DHCP };
struct v_ip { struct meta m; uint32_t v; uint8_t word; };           /* host order; word: enum ip_word */
struct v_prefix { struct meta m; uint32_t v; uint8_t len; };
struct v_range { struct meta m; uint32_t lo, hi; };                 /* IPv4 addresses, lo <= hi */
struct v_date { struct meta m; uint16_t year; uint8_t month, day; };
struct v_time { struct meta m; uint16_t v; bool off; };             /* minutes since midnight */
struct v_port { struct meta m; uint16_t v; bool is_auto; };
struct v_mac { struct meta m; uint64_t v; };                        /* 48 bits */
struct v_http { struct meta m; uint16_t port; struct sv path; };    /* [:PORT]/PATH; port 0: the scheme's */

/* Lists and maps, in file order. */
struct v_text_list { struct meta m; struct v_text *v; uint32_t n; };
struct v_ip_list { struct meta m; struct v_ip *v; uint32_t n; bool is_host; };  /* is_host: the word `host` */
struct v_prefix_list { struct meta m; struct v_prefix *v; uint32_t n; };
struct v_enum_list { struct meta m; struct v_enum *v; uint32_t n; };
struct v_pair { struct meta m; struct sv v; struct sv name; };
struct v_text_map { struct meta m; struct v_pair *v; uint32_t n; };

/* How every section struct begins. `name` is its key in a map of sections, else empty. */
struct spec_head {
	struct meta m;
	struct sv name;
};

#define SPEC_LIST(tag, item) struct tag { struct meta m; struct item *v; uint32_t n; }

/* --- words of enumerations --- */

enum target { TARGET_LAB_SERVICES, TARGET_AZURE_VM, TARGET_DEVTEST_LABS, TARGET_HYPER_V, TARGET_COUNT };
enum host_os {
	HOST_OS_WINDOWS_SERVER_2016, HOST_OS_WINDOWS_SERVER_2019, HOST_OS_WINDOWS_SERVER_2022,
	HOST_OS_WINDOWS_SERVER_2025, HOST_OS_WINDOWS_10, HOST_OS_WINDOWS_11, HOST_OS_COUNT
};
enum guest_os {
	OS_WINDOWS_10, OS_WINDOWS_11, OS_WINDOWS_SERVER_2012_R2, OS_WINDOWS_SERVER_2016, OS_WINDOWS_SERVER_2019,
	OS_WINDOWS_SERVER_2022, OS_WINDOWS_SERVER_2025, OS_UBUNTU_20_04, OS_UBUNTU_22_04, OS_UBUNTU_24_04,
	OS_DEBIAN_11, OS_DEBIAN_12, OS_DEBIAN_13, OS_KALI, OS_RHEL_8, OS_RHEL_9, OS_RHEL_10, OS_ROCKY_8, OS_ROCKY_9,
	OS_ALMALINUX_8, OS_ALMALINUX_9, OS_FEDORA, OS_OPENSUSE_LEAP_15, OS_FREEBSD_13, OS_FREEBSD_14, OS_OPNSENSE,
	OS_PFSENSE, OS_GNS3_VM, OS_METASPLOITABLE_2, OS_OTHER_LINUX, OS_OTHER_WINDOWS, OS_COUNT
};
enum resume { RESUME_MANUAL, RESUME_TASK };
enum network_kind { KIND_NAT, KIND_INTERNAL, KIND_PRIVATE, KIND_DEFAULT_SWITCH };
enum egress { EGRESS_ALL, EGRESS_INTERNET, EGRESS_NONE };
enum disk_format { DISK_VHDX, DISK_VHD };
enum disk_type { DISK_DYNAMIC, DISK_FIXED, DISK_DIFFERENCING };
enum configure { CONFIGURE_CLOUD_INIT, CONFIGURE_UNATTEND, CONFIGURE_MANUAL };
enum password { PASSWORD_ASK, PASSWORD_IMAGE };
enum serves { SERVES_DHCP, SERVES_ROUTER };
enum secure_boot { SECURE_BOOT_AUTO, SECURE_BOOT_OFF, SECURE_BOOT_WINDOWS, SECURE_BOOT_LINUX };
enum automatic_stop { STOP_SHUTDOWN, STOP_SAVE, STOP_TURN_OFF };
enum automatic_start { START_NOTHING, START_IF_RUNNING, START_ALWAYS };
enum checkpoints { CHECKPOINTS_DISABLED, CHECKPOINTS_PRODUCTION, CHECKPOINTS_STANDARD };
enum protocol { PROTO_TCP, PROTO_UDP };
enum weekday { DAY_MONDAY, DAY_TUESDAY, DAY_WEDNESDAY, DAY_THURSDAY, DAY_FRIDAY, DAY_SATURDAY, DAY_SUNDAY };
enum create { CREATE_TEMPLATE, CREATE_IMAGE };
enum security_type { SECURITY_STANDARD, SECURITY_TRUSTED_LAUNCH };
enum public_ip { PUBLIC_IP_NONE, PUBLIC_IP_STATIC };

/* --- parts of a guest --- */

/* Short form `memory: 4 GiB` (META_SHORT) gives startup alone. */
struct spec_memory {
	struct spec_head h;
	struct v_size startup, minimum, maximum;
	struct v_int buffer, weight;
};

/* Short form `disk: 40 GiB` gives size alone. */
struct spec_disk {
	struct spec_head h;
	struct v_size size;
	struct v_enum format, type;         /* enum disk_format, disk_type */
	struct v_text source, sha256, parent, path;
};
SPEC_LIST(v_disk_list, spec_disk);

/* Short form `iso: C:\x.iso` gives source alone. */
struct spec_iso {
	struct spec_head h;
	struct v_text source, sha256;
};

struct spec_nic {
	struct spec_head h;
	struct v_text network;              /* `nat`: the NAT network */
	struct v_ip address;                /* address, auto, dhcp */
	struct v_mac mac;
	struct v_bool legacy;
	struct v_int vlan;
};
SPEC_LIST(v_nic_list, spec_nic);

/* Short form "23:22/tcp" (META_SHORT) gives external, internal and, if written, protocol. */
struct spec_port {
	struct spec_head h;
	struct v_port external, internal;   /* only external can be auto */
	struct v_enum protocol;             /* enum protocol */
	struct v_text name;
	struct v_ip external_address;
	struct v_bool expose;
	struct v_text note;
};
SPEC_LIST(v_port_list, spec_port);

struct spec_file {
	struct spec_head h;
	struct v_text path, content;
};
SPEC_LIST(v_file_list, spec_file);

struct spec_provision {
	struct spec_head h;
	struct v_text_list packages, commands;
	struct v_file_list files;
};

/* Exactly one of tcp, http, service, command is OK, else the item is POISONED. */
struct spec_test {
	struct spec_head h;
	struct v_port tcp;
	struct v_http http;
	struct v_int status;
	struct v_text service, command, expect, name;
};
SPEC_LIST(v_test_list, spec_test);

struct spec_guest {
	struct spec_head h;
	struct v_enum os;                   /* enum guest_os */
	struct v_text profile;
	struct v_text image;
	struct v_int vcpus;
	struct spec_memory memory;
	struct v_int generation;
	struct spec_disk disk;
	struct v_disk_list disks;
	struct spec_iso iso;
	struct v_enum configure;            /* enum configure */
	struct v_enum password;             /* enum password */
	struct v_text network;
	struct v_nic_list nics;
	struct v_enum_list serves;          /* enum serves */
	struct v_ip address;
	struct v_ip gateway;
	struct v_ip_list dns;
	struct v_port_list ports;
	struct v_bool remote_desktop;
	struct v_enum secure_boot;          /* enum secure_boot */
	struct v_bool tpm, processor_compatibility, nested;
	struct v_enum automatic_stop;       /* enum automatic_stop */
	struct v_enum automatic_start;      /* enum automatic_start */
	struct v_duration start_delay;
	struct v_text_list start_after;
	struct v_enum checkpoints;          /* enum checkpoints */
	struct v_text hostname, user;
	struct v_text_list ssh_keys;
	struct spec_provision provision;
	struct v_test_list tests;
	struct v_text licence, notes;
	struct v_int count;
	struct v_bool on_demand;
};
SPEC_LIST(v_guest_map, spec_guest);

/* --- networks and hosts --- */

/* Short form `dhcp: off` sets off (and META_SHORT); else off is false. */
struct spec_dhcp {
	struct spec_head h;
	bool off;
	struct v_range range;
	struct v_duration lease;
	struct v_text scope;
};

struct spec_network {
	struct spec_head h;
	struct v_enum kind;                 /* enum network_kind */
	struct v_text switch_name, nat;
	struct v_prefix subnet;
	struct v_ip gateway;
	struct v_ip_list dns;
	struct spec_dhcp dhcp;
	struct v_bool guard;
	struct v_enum egress;               /* enum egress */
};
SPEC_LIST(v_network_map, spec_network);

/* Short form `size: Large ...` gives name alone; the map is for hyper-v. */
struct spec_host_size {
	struct spec_head h;
	struct v_text name;
	struct v_int vcpus;
	struct v_size memory, disk;
};

struct spec_host {
	struct spec_head h;                 /* the single form: name from `name:`, else "host" */
	struct v_text name;                 /* `name:` inside `host:` only */
	struct spec_host_size size;
	struct v_enum os;                   /* enum host_os */
	struct v_ip address;
	struct v_int seats;
	struct v_size reserve, disk;
	struct v_text data;
	struct v_text admin_user, student_user;
	struct v_bool admin_students;
	struct v_ip_list dns_for_guests;
	struct spec_network network;        /* the NAT network */
	struct v_network_map networks;
	struct v_bool desktop_shortcut;
	struct v_enum resume;               /* enum resume */
	struct v_guest_map guests;
};
SPEC_LIST(v_host_map, spec_host);

/* --- the rest of the top --- */

struct spec_image {
	struct spec_head h;
	struct v_text source, sha256, edition, login;
};
SPEC_LIST(v_image_map, spec_image);

struct spec_connection {
	struct spec_head h;
	struct v_text_list from;            /* one text is a list of one */
	struct v_text to, service, user, note;
};
SPEC_LIST(v_connection_list, spec_connection);

struct spec_schedule {
	struct spec_head h;
	struct v_enum_list days;            /* enum weekday */
	struct v_time start, stop;
	struct v_text time_zone;
	struct v_date from, until;
	struct v_text notes;
};
SPEC_LIST(v_schedule_list, spec_schedule);

struct spec_quota {
	struct spec_head h;
	struct v_int hours, students;
	struct v_decimal budget;
	struct v_text currency;
};

struct spec_shutdown {
	struct spec_head h;
	struct v_duration on_disconnect, on_idle, when_not_connected;
};

/* A list of e-mail addresses, or `file:`, whose lines become the list: items without a place, the list at `file`. */
struct spec_users {
	struct spec_head h;
	struct v_text_list list;
	struct v_text file;
};

/* Short form: a gallery image's resource ID, in id. */
struct spec_target_image {
	struct spec_head h;
	struct v_text id;
	struct v_text publisher, offer, sku, version;
};

/* What the file behind a target's `prices` says. */
struct v_price { struct meta m; struct sv size; int64_t v; };   /* ten-thousandths of the currency, an hour */
struct spec_prices {
	struct meta m;                      /* of the map in the file; ABSENT: no file, or none that could be read */
	struct v_text currency;
	struct v_price *v;
	uint32_t n;
	bool incomplete;                    /* a price was lost to a finding */
};

struct spec_target_lab_services {
	struct spec_head h;
	struct v_text region, lab_plan;
	struct spec_target_image image;
	struct v_enum create;               /* enum create */
	struct v_bool advanced_networking;
	struct v_text prices;
};

struct spec_target_azure_vm {
	struct spec_head h;
	struct v_text region;
	struct spec_target_image image;
	struct v_enum security_type;        /* enum security_type */
	struct v_prefix vnet;
	struct v_enum public_ip;            /* enum public_ip */
	struct v_bool bastion;
	struct v_prefix_list allowed_sources;
	struct v_time auto_shutdown;
	struct v_text prices;
};

struct spec_target_devtest_labs {
	struct spec_head h;
	struct v_text region;
	struct spec_target_image image;
	struct v_text artifact_repository;
	struct v_int vms_per_user;
	struct v_time auto_shutdown;
	struct v_text prices;
};

struct spec_target_hyper_v {
	struct spec_head h;
	struct v_text external_switch;
	struct v_int port_step, address_step;
	struct v_prefix nat_prefix;
	struct v_bool dedicated;
};

struct spec_targets {
	struct spec_head h;
	struct spec_target_lab_services lab_services;
	struct spec_target_azure_vm azure_vm;
	struct spec_target_devtest_labs devtest_labs;
	struct spec_target_hyper_v hyper_v;
};

/* Already merged into every item; kept for `labc why`. */
struct spec_defaults {
	struct spec_head h;
	struct spec_host host;
	struct spec_guest guest;
	struct spec_network network;
	struct spec_port port;
};

struct spec_lab {
	struct spec_head h;
	struct v_int labc;
	struct v_text name, title, description;
	struct v_enum target;               /* enum target; ABSENT when not written */
	struct spec_host host;              /* as written; the model reads `hosts` */
	struct v_guest_map guests;          /* as written; the model reads hosts.v[0].guests */
	struct v_host_map hosts;            /* every host, included ones too; the single host as one item */
	struct spec_defaults defaults;
	struct v_guest_map profiles;
	struct v_image_map images;
	struct v_text time_zone, locale, keyboard;
	struct v_text_list include;
	struct v_connection_list connections;
	struct v_schedule_list schedule;
	struct spec_quota quota;
	struct spec_shutdown shutdown;
	struct spec_users users;
	struct v_text_map tags;
	struct spec_targets targets;
};

/* One text of a spec: the main file is docs[0], included ones follow. */
struct spec_doc {
	struct ydoc *y;
	struct sv path;                     /* as written: relative to the including file */
	bool is_beside;                     /* a file of prices, not a part of the spec */
};

struct spec {
	struct arena *a;
	struct diags *diags;
	VEC(struct spec_doc) docs;
	struct spec_lab lab;
	struct spec_prices prices[TARGET_COUNT]; /* by target */
	bool single_host;                   /* `host:` and `guests:` at the top */
	bool has_build_target;              /* --target: built for another target than it names */
	enum target build_target;
	bool incomplete;                    /* a syntax error cut the text: be silent about what is missing */
};

/* Where a value stands: the text itself, aliases followed. A value without a place (built-in, derived,
 * absent) gives an empty span at the start of the main file; spec_where() has a better answer. */
struct span spec_span(const struct spec *s, struct meta m);
/* Where its key stands; an item of a list gives its own place. */
struct span spec_key_span(const struct spec *s, struct meta m);
/* The value's place if it has one, else the key of its owner (a guest, a host ...). */
struct span spec_where(const struct spec *s, struct meta m, struct meta owner);
/* The alias or `<<` use that brought the value here is another place; true and *at when there is one. */
bool spec_alias_span(const struct spec *s, struct meta m, struct span *at);

static inline bool meta_ok(struct meta m) { return m.state == META_OK; }
static inline bool meta_poisoned(struct meta m) { return m.state == META_POISONED; }
/* Written somewhere in a file, right or wrong: not absent and not a built-in. */
static inline bool meta_written(struct meta m) { return m.node != 0; }
/* The word of an enumeration's value as the language spells it ("if-running"). */
const char *target_word(enum target t);
const char *guest_os_word(enum guest_os os);
const char *host_os_word(enum host_os os);
/* Any field: PATH as in schema_explain ("guest.automatic_start"); NULL when there is no such word. */
const char *spec_enum_word(const char *path, int value);

#endif
