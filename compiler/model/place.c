/* Following a path through the spec, and beside it through the model made of it. */
#include "model/place.h"

#include <string.h>

#include "base/bug.h"

/* How every list and map of sections begins. */
struct __attribute__((may_alias)) items {
	struct meta m;
	char *v;
	uint32_t n;
};

/* --- what the model filled in --- */

enum layer { IN_LAB, IN_HOST, IN_GUEST, IN_NETWORK, IN_NIC, IN_DISK, IN_MAPPING, IN_SCHEDULE };

/* A field whose final value stands in the model; the others stand in the spec. */
struct overlay {
	const struct section *sec;
	const char *key;
	enum layer layer;
	size_t offset;
};

#define IN(section, layer, type, key) { &section, #key, layer, offsetof(struct type, key) }
#define NAMED(section, layer, type, key, member) { &section, key, layer, offsetof(struct type, member) }
#define HOST(key) IN(section_host, IN_HOST, lab_host, key)
#define GUEST(key) IN(section_guest, IN_GUEST, lab_guest, key)
#define NETWORK(key) IN(section_network, IN_NETWORK, lab_network, key)
#define MEMORY(key) IN(section_memory, IN_GUEST, lab_guest, key)
#define DISK(key) IN(section_disk, IN_DISK, lab_disk, key)
#define NIC(key) IN(section_nic, IN_NIC, lab_nic, key)
#define PORT(key) IN(section_port, IN_MAPPING, lab_mapping, key)

static const struct overlay overlays[] = {
	IN(section_top, IN_LAB, lab, locale), IN(section_top, IN_LAB, lab, time_zone),
	IN(section_top, IN_LAB, lab, keyboard),
	HOST(reserve), HOST(data), HOST(admin_user), HOST(student_user), HOST(admin_students), HOST(desktop_shortcut),
	HOST(resume), HOST(dns_for_guests), HOST(seats), HOST(address), HOST(disk),
	IN(section_host_size, IN_HOST, lab_host, vcpus), IN(section_host_size, IN_HOST, lab_host, memory),
	IN(section_host_size, IN_HOST, lab_host, disk),
	NETWORK(kind), NAMED(section_network, IN_NETWORK, lab_network, "switch", switch_name), NETWORK(nat),
	NETWORK(subnet), NETWORK(gateway), NETWORK(dns), NETWORK(guard), NETWORK(egress),
	IN(section_dhcp, IN_NETWORK, lab_network, range), IN(section_dhcp, IN_NETWORK, lab_network, lease),
	IN(section_dhcp, IN_NETWORK, lab_network, scope),
	GUEST(vcpus), GUEST(generation), GUEST(tpm), GUEST(processor_compatibility), GUEST(nested), GUEST(remote_desktop),
	GUEST(on_demand), GUEST(configure), GUEST(password), GUEST(automatic_stop), GUEST(automatic_start),
	GUEST(checkpoints), GUEST(start_delay), GUEST(user), GUEST(licence), GUEST(notes),
	IN(section_guest, IN_NIC, lab_nic, address), IN(section_guest, IN_NIC, lab_nic, gateway),
	IN(section_guest, IN_NIC, lab_nic, dns),
	MEMORY(startup), MEMORY(minimum), MEMORY(maximum), MEMORY(buffer), MEMORY(weight),
	NAMED(section_iso, IN_GUEST, lab_guest, "source", iso), NAMED(section_iso, IN_GUEST, lab_guest, "sha256", iso_sha256),
	DISK(size), DISK(format), DISK(type), DISK(source), DISK(sha256), DISK(parent),
	NIC(address), NIC(mac), NIC(legacy), NIC(vlan),
	PORT(name), PORT(protocol), PORT(external), PORT(internal), PORT(external_address), PORT(expose), PORT(note),
	IN(section_schedule, IN_SCHEDULE, lab_schedule, time_zone), IN(section_schedule, IN_SCHEDULE, lab_schedule, until),
};

/* The adapter that a guest's own `address`, `gateway` and `dns` speak of. */
static const struct lab_nic *nic_of(const struct place *at)
{
	if (at->nic || !at->guest)
		return at->nic;
	return at->guest->nat_nic ? at->guest->nat_nic : at->guest->n_nics ? at->guest->nics : NULL;
}

static const void *base_of(const struct place *at, const struct lab *lab, enum layer layer)
{
	switch (layer) {
	case IN_LAB: return lab;
	case IN_HOST: return at->host;
	case IN_GUEST: return at->guest;
	case IN_NETWORK: return at->network;
	case IN_NIC: return nic_of(at);
	case IN_DISK: return at->disk;
	case IN_MAPPING: return at->mapping;
	case IN_SCHEDULE: return at->schedule;
	}
	return NULL;
}

static const struct section *plain(const struct section *sec)
{
	return sec == &section_single_host ? &section_host : sec;
}

const struct meta *place_value(const struct place *at, const struct lab *lab, const struct field *f)
{
	static const struct meta absent;

	for (size_t i = 0; i < COUNTOF(overlays); i++) {
		const struct overlay *o = &overlays[i];
		const char *base;

		if (o->sec != plain(at->sec) || !sv_eq(f->key, sv_from(o->key)))
			continue;
		base = base_of(at, lab, o->layer);
		if (base)
			return (const void *)(base + o->offset);
	}
	return at->item ? field_at_const(f, at->item) : &absent;
}

/* --- steps --- */

struct nearest {
	struct sv best;
	unsigned distance;
};

static void offer(struct nearest *n, struct sv want, struct sv name)
{
	unsigned d;

	if (sv_is_near(want, name, &d) && (!n->best.n || d < n->distance)) {
		n->best = name;
		n->distance = d;
	}
}

static bool not_found(struct place *at, struct sv part, const struct nearest *n)
{
	at->end = part;
	buf_sv(&at->near, n->best);
	return false;
}

static bool no_field(struct place *at, struct sv part)
{
	struct nearest n = { 0 };

	for (uint32_t i = 0; i < at->sec->n; i++)
		if (!(at->sec->fields[i].flags & FIELD_SHORT_ONLY))
			offer(&n, part, at->sec->fields[i].key);
	return not_found(at, part, &n);
}

static const struct spec_guest *profile_of(const struct lab *lab, const struct spec_guest *g)
{
	const struct v_guest_map *all = &lab->spec->lab.profiles;

	for (uint32_t i = 0; meta_ok(g->profile.m) && i < all->n; i++)
		if (sv_eq(all->v[i].h.name, g->profile.v))
			return &all->v[i];
	return NULL;
}

static const void *if_there(const struct meta *section)
{
	return section->state == META_OK ? section : NULL;
}

static void at_host(struct place *at, const struct lab *lab, const struct lab_host *h)
{
	at->sec = &section_host;
	at->host = h;
	at->item = h->spec;
	at->alts[ALT_PROFILE] = NULL;
	at->alts[ALT_DEFAULTS] = if_there(&lab->spec->lab.defaults.host.h.m);
}

static void at_guest(struct place *at, const struct lab *lab, const struct lab_guest *g)
{
	at->sec = &section_guest;
	at->host = g->host;
	at->guest = g;
	at->item = g->spec;
	at->alts[ALT_PROFILE] = profile_of(lab, g->spec);
	at->alts[ALT_DEFAULTS] = if_there(&lab->spec->lab.defaults.guest.h.m);
}

/* Into a section that is one value: host.network, guest.memory. */
static void at_section(struct place *at, const struct lab *lab, const struct field *f)
{
	at->item = at->item ? field_at_const(f, at->item) : NULL;
	for (int i = 0; i < ALT_COUNT; i++)
		at->alts[i] = at->alts[i] ? field_at_const(f, at->alts[i]) : NULL;
	if (f->section == &section_network && at->host) {
		at->network = at->host->n_networks ? &at->host->networks[0] : NULL;
		at->alts[ALT_DEFAULTS] = if_there(&lab->spec->lab.defaults.network.h.m);
	}
	if (f->section == &section_disk && at->guest && !at->disk)
		at->disk = at->guest->n_disks ? &at->guest->disks[0] : NULL;
	at->sec = f->section;
}

/* What the model made of item i of a list. */
static void at_item(struct place *at, const struct lab *lab, const struct field *f, const void *item, uint32_t i)
{
	const struct lab_guest *g = at->guest;

	at->sec = f->section;
	at->item = item;
	memset(at->alts, 0, sizeof(at->alts));
	if (f->section == &section_port) {
		at->alts[ALT_DEFAULTS] = if_there(&lab->spec->lab.defaults.port.h.m);
		for (uint32_t k = 0; g && k < g->n_mappings; k++)
			if (g->mappings[k].spec == item)
				at->mapping = &g->mappings[k];
	} else if (f->section == &section_disk && g && i + 1 < g->n_disks) {
		at->disk = &g->disks[i + 1];
	} else if (f->section == &section_nic && g && i < g->n_nics) {
		at->nic = &g->nics[i];
	} else if (f->section == &section_schedule) {
		for (uint32_t k = 0; k < lab->n_schedules; k++)
			if (lab->schedules[k].spec == item)
				at->schedule = &lab->schedules[k];
	} else if (f->section == &section_network && at->host) {
		for (uint32_t k = 0; k < at->host->n_networks; k++)
			if (at->host->networks[k].spec == item)
				at->network = &at->host->networks[k];
	}
}

static bool enter_host(struct place *at, const struct lab *lab, struct sv name)
{
	const struct lab_host *h = map_get(&lab->by_host, name);
	struct nearest n = { 0 };

	if (h) {
		at_host(at, lab, h);
		return true;
	}
	for (uint32_t i = 0; i < lab->n_hosts; i++)
		offer(&n, name, lab->hosts[i].name);
	return not_found(at, name, &n);
}

static bool enter_guest(struct place *at, const struct lab *lab, struct sv name)
{
	const struct lab_guest *g = map_get(&at->host->by_guest, name);
	struct nearest n = { 0 };

	if (g) {
		at_guest(at, lab, g);
		return true;
	}
	for (uint32_t i = 0; i < at->host->n_guests; i++)
		offer(&n, name, at->host->guests[i].name);
	return not_found(at, name, &n);
}

/* An item by its number from 0 on, or by its name. */
static bool enter_item(struct place *at, const struct lab *lab, struct sv part)
{
	const struct field *f = at->list;
	const struct items *items = at->item ? field_at_const(f, at->item) : NULL;
	struct nearest n = { 0 };
	uint64_t want = UINT64_MAX;

	if (f->section == &section_host)
		return enter_host(at, lab, part);
	if (f->section == &section_guest && at->host)
		return enter_guest(at, lab, part);
	num_u64(part, &want);
	for (uint32_t i = 0; items && i < items->n; i++) {
		const void *item = items->v + (size_t)i * f->section->size;
		const struct v_text *port = f->section == &section_port ? &((const struct spec_port *)item)->name : NULL;
		struct sv name = port && meta_ok(port->m) ? port->v : ((const struct spec_head *)item)->name;

		if (want == i || (name.n && sv_eq_nocase(name, part))) {
			at_item(at, lab, f, item, i);
			return true;
		}
		offer(&n, part, name);
	}
	return not_found(at, part, &n);
}

bool place_enter(struct place *at, const struct lab *lab, struct sv part)
{
	const struct field *f;

	if (at->list) {
		bool ok = enter_item(at, lab, part);

		at->list = NULL;
		return ok;
	}
	if (at->field)
		return not_found(at, part, &(struct nearest){ 0 });
	f = section_field(at->sec, part);
	if (!f || (f->flags & FIELD_SHORT_ONLY))
		return no_field(at, part);
	if (f->type == TYPE_SECTION_LIST || f->type == TYPE_SECTION_MAP) {
		at->list = f;
	} else if (f->type != TYPE_SECTION) {
		at->field = f;
	} else if (at->sec == &section_top && f->section == &section_single_host && lab->n_hosts) {
		at_host(at, lab, &lab->hosts[0]);
	} else {
		at_section(at, lab, f);
	}
	/* with one host its guests stand at the top */
	if (at->list && at->sec == &section_top && f->section == &section_guest && sv_eq(f->key, SV("guests")) &&
	    lab->n_hosts == 1) {
		at_host(at, lab, &lab->hosts[0]);
		at->list = section_field(&section_host, SV("guests"));
	}
	return true;
}

uint32_t place_count(const struct place *at, const struct lab *lab)
{
	const struct items *items;

	if (at->list->section == &section_host)
		return lab->n_hosts;
	if (at->list->section == &section_guest && at->host)
		return at->host->n_guests;
	items = at->item ? field_at_const(at->list, at->item) : NULL;
	return items ? items->n : 0;
}

void place_nth(struct place *at, const struct lab *lab, uint32_t i)
{
	const struct field *f = at->list;
	const struct items *items = at->item ? field_at_const(f, at->item) : NULL;

	at->list = NULL;
	memset(at->alts, 0, sizeof(at->alts));
	if (f->section == &section_host) {
		at->sec = &section_host;
		at->host = &lab->hosts[i];
		at->item = at->host->spec;
	} else if (f->section == &section_guest && at->host) {
		at->sec = &section_guest;
		at->guest = &at->host->guests[i];
		at->item = at->guest->spec;
	} else {
		at_item(at, lab, f, items->v + (size_t)i * f->section->size, i);
	}
}

struct sv place_name(const struct place *at)
{
	if (at->sec == &section_guest && at->guest)
		return at->guest->name;
	if (at->sec == &section_host && at->host)
		return at->host->name;
	if (at->sec == &section_port && meta_ok(((const struct spec_port *)at->item)->name.m))
		return ((const struct spec_port *)at->item)->name.v;
	return ((const struct spec_head *)at->item)->name;
}

/* The next part: up to a dot or a bracket. */
static struct sv next_part(struct sv *rest)
{
	size_t n = 0;
	struct sv part;

	while (n < rest->n && rest->p[n] != '.' && rest->p[n] != '[' && rest->p[n] != ']')
		n++;
	part = sv_sub(*rest, 0, n);
	while (n < rest->n && (rest->p[n] == '.' || rest->p[n] == '[' || rest->p[n] == ']'))
		n++;
	*rest = sv_sub(*rest, n, rest->n);
	return part;
}

/* Names of images may hold dots: all but a field at the end belongs to the name. */
static void take_image_name(struct sv *part, struct sv *rest)
{
	const char *end = rest->p + rest->n, *field = end;

	if (rest->n == 0)
		return;
	while (field > rest->p && field[-1] != '.')
		field--;
	if (section_field(&section_image, (struct sv){ field, (size_t)(end - field) })) {
		if (field > rest->p)
			part->n = (size_t)(field - 1 - part->p);
		*rest = (struct sv){ field, (size_t)(end - field) };
	} else {
		part->n = (size_t)(end - part->p);
		rest->n = 0;
	}
}

bool place_find(struct place *at, const struct lab *lab, struct sv path)
{
	*at = (struct place){ .sec = &section_top, .item = &lab->spec->lab };
	while (path.n) {
		struct sv part = next_part(&path);

		if (at->list && at->list->section == &section_image)
			take_image_name(&part, &path);
		if (!place_enter(at, lab, part))
			return false;
	}
	return true;
}
