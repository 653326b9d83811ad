/* The values templates see, made from the lowered model. docs/template-values.md describes them for those
 * who write templates. Knows the model and the engine's values; must not know files. */
#ifndef LABC_EMIT_VIEW_H
#define LABC_EMIT_VIEW_H

#include "ctemplate/ctemplate.h"
#include "model/lab.h"
#include "schema/table.h"

struct lab_view {
	struct ct_value all;     /* lab, hosts, labs, connections, azure, deploy */
	struct ct_value *hosts;  /* the items of hosts */
};

/* The values of a whole lab. Texts borrow from the model and carry the place in lab.yaml where they were
 * written. spec_name is the base name of the input. env renders the guests' seeds (NULL: none are made); *ok becomes
 * false when one of them fails, which its sink knows then. */
struct lab_view view_lab(struct arena *a, const struct lab *lab, struct sv spec_name, struct ct_env *env, bool *ok);
/* What one thread makes values with: they live in its arena. */
struct view_hand {
	struct arena *a;
	struct ct_env *env;
};
/* The same with several hands, which make the hosts at the same time; what all hosts share is the first one's. */
struct lab_view view_lab_by(const struct lab *lab, struct sv spec_name, const struct view_hand *hands, unsigned n,
			    bool *ok);
/* The same with `host`, one of its hosts, for a file of that host. */
struct ct_value view_with_host(struct arena *a, const struct lab_view *view, uint32_t host);

/* `table`, the data of a host as most of its scripts have it on top: made of the values of view_with_host, good until
 * text changes. False after reporting to the environment's sink. */
bool view_table(struct ct_env *env, struct ct_value values, struct arena *scratch, struct buf *text,
		struct ct_value *table);

/* --- used by the parts of the view --- */

/* Values of which a lab may have many: those of a kind share their keys. */
enum view_kind {
	VIEW_GUEST,
	VIEW_MEMORY,
	VIEW_DISK,
	VIEW_NIC,
	VIEW_MAPPING,
	VIEW_SEED,
	VIEW_SEED_USE,
	VIEW_IMAGE_GUEST,
	VIEW_CONNECTION,
	VIEW_END,
	VIEW_ALIKE,
	VIEW_KINDS
};

struct view {
	struct arena *a;
	struct ct_layout *layouts[VIEW_KINDS];
	const struct lab *lab;
	struct ct_env *env;        /* of seeds */
	struct seeds *seeds;       /* what all seeds share */
	struct ct_value lab_value;
	bool *ok;
};

/* An empty dict of that kind. */
struct ct_value view_dict(const struct view *v, enum view_kind kind);
static inline void view_put(const struct view *v, struct ct_value *dict, const char *key, struct ct_value value)
{
	ct_dict_set(v->a, dict, sv_from(key), value);
}
/* A text with the place it was written at; none when empty. */
void view_put_text(const struct view *v, struct ct_value *dict, const char *key, struct sv text, struct meta m);
/* The value if there is one, else none. */
void view_put_v_text(const struct view *v, struct ct_value *dict, const char *key, struct v_text t);
void view_put_int(const struct view *v, struct ct_value *dict, const char *key, int64_t n);
void view_put_bool(const struct view *v, struct ct_value *dict, const char *key, bool b);
void view_put_str(const struct view *v, struct ct_value *dict, const char *key, const char *text);
/* A fixed address as text; none when there is none, when it is leased or was reported. */
void view_put_ip(const struct view *v, struct ct_value *dict, const char *key, struct v_ip ip);
/* An ISO 8601 duration (PT15M), none when off or absent. */
void view_put_duration(const struct view *v, struct ct_value *dict, const char *key, struct v_duration d);
void view_put_enum(const struct view *v, struct ct_value *dict, const char *key, struct v_enum e, const struct words *words);
/* The number where its meta is whole, else none. */
void view_put_number(const struct view *v, struct ct_value *dict, const char *key, struct meta m, int64_t n);
struct ct_value view_dns(const struct view *v, struct v_ip_list dns);

/* Where a row is written, as one text (see view_place.c). */
struct ct_value view_place_host(const struct view *v, const struct lab_host *h);
struct ct_value view_place_network(const struct view *v, const struct lab_network *n);
struct ct_value view_place_guest(const struct view *v, const struct lab_guest *g);
/* d is one of g->disks. */
struct ct_value view_place_disk(const struct view *v, const struct lab_guest *g, const struct lab_disk *d);
struct ct_value view_place_nic(const struct view *v, const struct lab_nic *n);
struct ct_value view_place_mapping(const struct view *v, const struct lab_mapping *m);

/* The images the lab needs, with the steps to get each. */
struct ct_value view_images(const struct view *v);
struct ct_value view_guest(const struct view *v, const struct lab_guest *g);
/* The tests of a guest, each with the name that students read. */
struct ct_value view_tests(const struct view *v, const struct v_test_list *list);
/* Are there tests that verify.ps1 runs inside of the guest? */
bool view_has_tests_inside(const struct lab_guest *g);
struct ct_value view_network(const struct view *v, const struct lab_network *n);
/* What an adapter has from its network as well; n may be NULL. */
void view_put_kind(const struct view *v, struct ct_value *dict, const struct lab_network *n);
void view_put_subnet(const struct view *v, struct ct_value *dict, const struct lab_network *n);
struct ct_value view_host(const struct view *v, const struct lab_host *h);
struct ct_value view_connection(const struct view *v, const struct lab_connection *c);
/* What each student of a server has: one item a seat (`seat`, `guests`, `mappings`, `connections` that lead there),
 * or a single one of seat none; empty where seats are machines. `guests` are the host's in start order, `mappings`
 * its mappings. */
struct ct_value view_seats(const struct view *v, const struct lab_host *h, const struct ct_value *guests,
			   const struct ct_value *mappings);
/* Puts into a host the groups of guests of which the documents say the same: `finish` (they are finished in the same
 * steps), `licences`, `notes`, `accounts` (those tested inside, by who signs in); and `by_hand`: whether a person sets up all guests, some or no guest. `guests` as above. */
void view_put_alike(const struct view *v, struct ct_value *host, const struct lab_host *h, const struct ct_value *guests);
struct ct_value view_group(const struct view *v, const struct lab_group *g);
/* The tags of every Azure resource: the lab's own, then those of the spec (`name`, `value`). */
struct ct_value view_tags(const struct view *v);
/* What the deploy and destroy scripts read. */
struct ct_value view_deploy(const struct view *v);
/* What the deployments of azure-vm and devtest-labs share; puts into each host what they need of it. */
struct ct_value view_azure(const struct view *v, struct ct_value *hosts);

#endif
