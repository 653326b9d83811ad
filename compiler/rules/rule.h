/* What a rule is: a row with its identity and the check that finds it.
 *
 * A check reports through rule_report(), so that code and severity always come from its row. Rules know the
 * lowered model and nothing of output; a value whose state is not OK was reported before and is none of
 * their business. */
#ifndef LABC_RULES_RULE_H
#define LABC_RULES_RULE_H

#include "base/buf.h"
#include "base/bug.h"
#include "model/lab.h"
#include "rules/across.h"

struct rule_ctx;

struct rule {
	struct diag_info info;
	void (*check)(struct rule_ctx *cx, const struct lab *lab);
};

struct rule_table {
	const struct rule *rules;
	size_t n;
};

/* The state of one run; `rule` is the row whose check is running. */
struct rule_ctx {
	const struct lab *lab;
	const struct spec *s;
	struct diags *d;
	struct arena *a;
	const struct rule *rule;
	uint64_t *seen; /* places this rule has reported: open addressing, value + 1 */
	size_t n_seen, n_slots;
	struct rules_memory *memory; /* other labs of this run, or NULL */
	struct v_date date;          /* the day to judge by, ABSENT: only those of the spec */
	struct diag scratch;         /* what a second finding at one place is written to */
};

/* The rules across several specs, for a lab that the memory knows already. */
void rules_run_across(const struct lab *lab, struct rules_memory *m);
/* Makes a rule the running one. */
void rule_begin(struct rule_ctx *cx, const struct rule *rule);
/* From now on the running rule says nothing about this place: another rule says more. */
void rule_skip(struct rule_ctx *cx, struct span at);
/* A finding of the running rule. A value that reaches several items (a profile, a default, copies) is
 * reported once: further calls for the same place give a finding that nobody sees. Never NULL. */
struct diag *rule_report(struct rule_ctx *cx, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same at a value, or at its owner's key when it is written nowhere. */
#define rule_at(cx, m, owner, ...) rule_report((cx), spec_where((cx)->s, (m), (owner)), __VA_ARGS__)
/* A label at a value that is written somewhere; nothing for others. */
void rule_label(struct rule_ctx *cx, struct diag *g, struct meta m, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
#define rule_help(cx, g, ...) diag_help((cx)->d, (g), __VA_ARGS__)
/* "write x": the edit of a value written at `m`; nothing for a value written nowhere. */
void rule_fix(struct rule_ctx *cx, struct diag *g, struct meta m, const char *text, bool safe);

static inline bool is_ok(struct meta m) { return m.state == META_OK; }
static inline bool is_true(struct v_bool b) { return b.m.state == META_OK && b.v; }
/* Bytes as GiB or MiB, in the arena. */
static inline struct sv gib(struct rule_ctx *cx, uint64_t bytes) { return lab_gib_text(cx->a, bytes); }
static inline struct sv ip_text(struct rule_ctx *cx, uint32_t ip) { return num_ip_text(cx->a, ip); }

/* Bytes of "-s01" at the end of a seat's host name; 0 for guests that are no seat's. */
static inline size_t rule_seat_suffix(const struct lab_guest *g)
{
	size_t n = g->seat ? 4 : 0;

	for (uint32_t more = g->seat; more >= 100; more /= 10)
		n++;
	return n;
}

/* An empty list may have no address to count from. */
#define EACH_OF(type, it, list, count) \
	for (const type *it = (list), *it##_end = (count) ? it + (count) : it; it != it##_end; it++)
#define EACH_HOST(lab, h) EACH_OF(struct lab_host, h, (lab)->hosts, (lab)->n_hosts)
#define EACH_GUEST(h, g) EACH_OF(struct lab_guest, g, (h)->guests, (h)->n_guests)
#define EACH_NIC(g, n) EACH_OF(struct lab_nic, n, (g)->nics, (g)->n_nics)
#define EACH_DISK(g, k) EACH_OF(struct lab_disk, k, (g)->disks, (g)->n_disks)
#define EACH_NETWORK(h, n) EACH_OF(struct lab_network, n, (h)->networks, (h)->n_networks)
#define EACH_MAPPING(h, m) EACH_OF(struct lab_mapping, m, (h)->mappings, (h)->n_mappings)
#define EACH_CONNECTION(lab, c) EACH_OF(struct lab_connection, c, (lab)->connections, (lab)->n_connections)

/* "2027-06-28" of a date, and comparison: <0, 0, >0. */
struct sv date_text(struct arena *a, struct v_date d);
int date_cmp(struct v_date a, struct v_date b);
/* Days since 1970-01-01. */
int64_t date_days(struct v_date d);
/* The date of a text such as "2027-06-28" in a table. */
struct v_date date_of(const char *text);
/* The latest day that the class is known to be on: of its schedules, and the one to judge by. A day that is written
 * in the spec knows its place. False: none is known. */
bool last_date(const struct rule_ctx *cx, struct v_date *out);
/* The last day of Azure Lab Services. */
extern const struct v_date lab_services_end;

/* All tables, in the order in which they run. */
extern const struct rule_table *const rule_tables[];
extern const size_t rule_tables_count;
extern const struct rule_table start_rules, provision_rules, host_rules, capacity_rules, memory_rules, disk_rules, os_rules, guest_rules,
	image_rules, network_rules, address_rules, mapping_rules, connection_rules, identity_rules,
	secret_rules, schedule_rules, target_rules, azure_rules, migrate_rules, operation_rules, cost_rules, notyet_rules, across_rules, import_rules;

#endif
