/* From what collect.ps1 wrote on a Hyper-V host to a lab.yaml that describes that host.
 *
 * Reads the JSON file into struct import, decides which of it is the lab and how its networks and guests are called, and
 * writes the spec with comments. What the language cannot say becomes a comment and a note at its place in the JSON file.
 * Must not know the command line. */
#ifndef LABC_EMIT_IMPORT_H
#define LABC_EMIT_IMPORT_H

#include "base/buf.h"
#include "diag/diag.h"
#include "model/lab.h"

/* A file larger than this is refused before it is parsed. */
#define IMPORT_MAX_BYTES ((size_t)16 << 20)
/* Guests, switches, mappings ... of one file. */
#define IMPORT_MAX_ITEMS 20000u
/* Disks, adapters ... of one guest; Hyper-V takes 256. */
#define IMPORT_MAX_PARTS 1000u

struct import_switch {
	struct sv name, type, notes;
	bool is_default;
	struct sv address; /* the first of the host's own in it, "172.29.1.1/24"; empty: none */
	uint32_t index;    /* in the file */

	uint32_t n_adapters; /* of the lab's guests */
	struct sv key;       /* its network's key in the spec; LAB_NAT: the section `network` */
	struct v_prefix subnet;
	uint32_t gateway;    /* 0: none */
	bool guard;          /* some adapter of the lab in it is guarded */
	bool is_external;
	enum egress egress; /* the strictest that an adapter of the lab in it is held to */
};

struct import_adapter {
	struct sv name, switch_name, mac, vlan_mode;
	bool dynamic_mac, legacy, dhcp_guard, router_guard, spoofing;
	enum egress egress;
	int64_t vlan;
	struct sv addresses[4];
	uint32_t n_addresses;
	struct import_switch *in; /* NULL: not connected */
	uint32_t address;         /* 0: not known */
};

struct import_disk {
	struct sv path, format, type, parent;
	int64_t size;
	bool checkpoint;
};

struct import_guest {
	struct sv name, system, notes, state, folder, stop, start, checkpoints, secure_boot, boot_template;
	int64_t generation, processors, delay, startup, minimum, maximum, buffer, weight;
	bool compatibility, nested, dynamic, tpm;
	struct import_disk *disks;
	struct import_adapter *adapters;
	struct sv *dvds;
	uint32_t n_disks, n_adapters, n_dvds;
	uint32_t index; /* in the file */

	bool is_in;    /* the lab's */
	struct sv tag; /* of the lab that made it, without "labc:"; empty: none */
	struct sv text; /* the notes without the tag */
	struct sv key; /* its name in the spec */
	uint32_t first_mapping; /* their number: none */
	bool generic;           /* no system is guessed */
	size_t from, to;        /* its part of the spec */
};

struct import_mapping {
	struct sv nat, protocol, external_address, guest_name;
	int64_t external_port, internal_port;
	uint32_t internal_address;
	struct import_guest *guest; /* NULL: nobody is known to have the address */
	uint32_t index, next;       /* next: of the same guest */
};

struct import_scope {
	struct sv name, start, end;
	struct sv *dns;
	uint32_t n_dns;
	uint32_t id;
	int64_t lease;
};

struct import_nat {
	struct sv name;
	struct v_prefix prefix;
};

struct import {
	struct arena *a;
	struct diags *d;
	uint32_t src;
	struct sv text, file; /* text without its byte order mark, which is `shift` bytes long */
	uint32_t shift;

	struct sv system;
	int64_t processors, memory;
	bool server, azure, shortcut;
	struct sv *operators;
	uint32_t n_operators;
	struct import_switch *switches;
	struct import_nat *nats;
	struct import_mapping *mappings;
	struct import_scope *scopes;
	struct import_guest *guests;
	uint32_t n_switches, n_nats, n_mappings, n_scopes, n_guests;

	struct sv lab;                  /* name of the lab in the spec */
	enum target target;
	struct import_switch *nat;      /* the switch of the section `network`, or NULL */
	const struct import_nat *chosen; /* the NAT behind it, or NULL */
	const struct import_switch *outside; /* the switch that `external_switch` names, or NULL */
	struct sv data;                 /* folder of the lab's data, empty: the usual one */
	struct buf renames;             /* commands that give things the names of the spec, one a line */

	/* where the items of the top-level lists start in the text, found on first use */
	struct import_places *places;
};

struct import_opts {
	struct sv file;        /* base name of the JSON file, for the comments */
	struct sv lab;         /* the lab to import, by its tag; empty: the one with most guests */
	enum target target;    /* TARGET_COUNT: what the file says */
};

/* Reads the text of source src. False after reporting: the file is not what collect.ps1 writes. */
bool import_read(struct import *m, struct arena *a, struct diags *d, uint32_t src);
/* Chooses the lab, its networks and names. False after reporting: there is nothing to import. */
bool import_plan(struct import *m, const struct import_opts *o);
/* Writes the spec; notes go to the sink. May be called again with other `generic` guests: the notes are then those of
 * both, and the sink keeps one of each. */
void import_write(struct import *m, struct buf *out);
void import_release(struct import *m);

/* --- used by the parts --- */

enum import_code { IMPORT_FILE, IMPORT_LEFT_OUT, IMPORT_RENAMED };

/* A finding at list[index] of the file, or deeper at `path` (".adapters[0].name"); list NULL: at the start of the file. */
struct diag *import_report(struct import *m, enum import_code code, const char *list, uint32_t index, const char *path,
			   const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/* The bytes of a value: from its first one to behind its last. */
struct span import_place(struct import *m, const char *list, uint32_t index, const char *path);
/* A name that labc takes, made of any text: "Ubuntu 22.04" gives "Ubuntu-22-04". */
struct sv import_name(struct arena *a, struct sv text, const char *otherwise);

#endif
