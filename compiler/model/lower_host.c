/* A host: its size in every spelling, its fields, its networks. */
#include "model/lower.h"

#include "base/buf.h"

/* 168.63.129.16: what answers DNS in every Azure network.
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16 */
#define AZURE_DNS 0xa83f8110u

/* --- size --- */

static void take_size(struct lab_host *h, uint32_t vcpus, uint64_t memory)
{
	h->vcpus = (struct v_int){ lower_filled(ORIGIN_CATALOGUE), (int64_t)vcpus };
	h->memory = (struct v_size){ lower_filled(ORIGIN_CATALOGUE), memory };
}

static void take_lab_size(struct lab_host *h, const struct lab_size *z)
{
	h->lab_size = z;
	h->size_text = sv_from(z->portal ? z->portal : z->sku);
	h->sku = sv_from(z->sku);
	h->vm_size = sv_from(z->azure);
	take_size(h, z->vcpus, z->memory_mib * MIB);
}

static void take_azure_size(struct lab_host *h, const struct azure_size *z)
{
	h->azure_size = z;
	h->size_text = h->vm_size = sv_from(z->name);
	take_size(h, z->vcpus, z->memory_mib * MIB);
}

static void unknown_size(struct lowering *lw, const struct spec_host *sh, bool lab)
{
	struct sv name = sh->size.name.v, near = { "", 0 };
	struct span at = spec_where(lw->s, sh->size.name.m, sh->h.m);
	const struct azure_size *azure = catalogue_azure_size(name);
	struct diag *g;

	if (lab && azure) {
		g = lower_report(lw, MODEL_UNKNOWN_SIZE, at, "Azure Lab Services has no size that runs on %s",
				 azure->name);
		diag_help(lw->d, g,
			  "its sizes for nested virtualization are 'Medium (nested virtualization)' "
			  "(Standard_D4s_v4, 4 vCPUs, 16 GiB) and 'Large (nested virtualization)' "
			  "(Standard_D8s_v4, 8 vCPUs, 32 GiB); other Azure sizes need `target: azure-vm`");
		return;
	}
	g = lower_report(lw, MODEL_UNKNOWN_SIZE, at, "unknown size '" SV_FMT "'", SV_ARG(name));
	if (lw->guesses >= 300) {
		lw->guesses -= 300;
		near = catalogue_size_near(name, lab);
	}
	if (near.n)
		lower_suggest(lw, g, at, near);
	else if (lab)
		diag_help(lw->d, g,
			  "the sizes for nested virtualization are 'Medium (nested virtualization)' "
			  "and 'Large (nested virtualization)'; `labc list sizes` shows all");
	else
		diag_help(lw->d, g,
			  "write the name of an Azure size, such as 'Standard_D8s_v5'; "
			  "`labc list sizes` shows all");
}

/* The name of a size, on any target. */
static void lower_size_name(struct lowering *lw, struct lab_host *h, const struct spec_host *sh)
{
	struct sv name = sh->size.name.v;
	const struct lab_size *lab = catalogue_lab_size(name);
	const struct azure_size *azure = catalogue_azure_size(name);
	bool only_lab = lw->l->target_info->flags & TG_LAB_SIZES;

	if (only_lab) {
		if (lab)
			take_lab_size(h, lab);
		else
			unknown_size(lw, sh, true);
		return;
	}
	if (!azure && lab && lab->azure)
		azure = catalogue_azure_size(sv_from(lab->azure));
	if (azure)
		take_azure_size(h, azure);
	else if (lab)
		take_lab_size(h, lab);
	else
		unknown_size(lw, sh, false);
	h->lab_size = lab;
}

/* With --target the size is another target's: the smallest one that holds as much. False when there is none. */
static bool translate_size(struct lowering *lw, struct lab_host *h, const struct spec_host_size *z)
{
	const struct lab_size *lab = z->name.m.state == META_OK ? catalogue_lab_size(z->name.v) : NULL;
	const struct azure_size *azure = z->name.m.state == META_OK ? catalogue_azure_size(z->name.v) : NULL;
	uint64_t memory = azure ? azure->memory_mib : z->memory.v / MIB;
	uint32_t vcpus = azure ? azure->vcpus : (uint32_t)z->vcpus.v;

	if (!azure && (z->name.m.state == META_OK || z->vcpus.m.state != META_OK || z->memory.m.state != META_OK ||
		       z->vcpus.v > UINT32_MAX))
		return false;
	if (lw->l->target == TARGET_LAB_SERVICES && !lab) {
		lab = catalogue_lab_size_for(vcpus, memory);
		if (lab)
			take_lab_size(h, lab);
		return lab != NULL;
	}
	if (lw->l->target != TARGET_LAB_SERVICES && !azure && !lab) {
		azure = catalogue_azure_size_for(vcpus, memory);
		if (azure)
			take_azure_size(h, azure);
		return azure != NULL;
	}
	return false;
}

static void lower_size(struct lowering *lw, struct lab_host *h, const struct spec_host *sh)
{
	const struct spec_host_size *z = &sh->size;

	h->size_m = z->h.m;
	h->vcpus.m.state = h->memory.m.state = META_POISONED;
	if (lw->l->target != lw->l->own_target && lw->l->target != TARGET_HYPER_V && translate_size(lw, h, z)) {
		h->size_m = z->name.m.state == META_OK ? z->name.m : z->h.m;
		return;
	}
	if (z->name.m.state == META_OK) {
		h->size_m = z->name.m;
		lower_size_name(lw, h, sh);
		return;
	}
	if (z->vcpus.m.state != META_OK || z->memory.m.state != META_OK)
		return;
	if (lw->l->target != TARGET_HYPER_V && lw->l->target != TARGET_COUNT) {
		struct diag *g = lower_report(lw, MODEL_SIZE_FORM, spec_where(lw->s, z->h.m, sh->h.m),
					      "a size of one's own is for `target: hyper-v`, and this is %s",
					      lw->l->target_info->id);

		diag_help(lw->d, g, "write the name of a size, such as '%s'",
			  lw->l->target == TARGET_LAB_SERVICES ? "Large (nested virtualization)"
							       : "Standard_D8s_v5");
		return;
	}
	h->vcpus = z->vcpus;
	h->memory = z->memory;
	h->size_text = sv_fmt(lw->a, "%lld vCPUs, " SV_FMT, (long long)z->vcpus.v,
			      SV_ARG(lab_gib_text(lw->a, z->memory.v)));
}

/* --- disk, data, users --- */

static void lower_disk(struct lowering *lw, struct lab_host *h, const struct spec_host *sh)
{
	h->disk = sh->disk;
	switch (lw->l->own_target) {
	case TARGET_LAB_SERVICES:
		h->disk_is_shared = true;
		if (h->lab_size)
			FILL(h->disk, h->lab_size->disk_gib * GIB, ORIGIN_CATALOGUE);
		break;
	case TARGET_AZURE_VM:
	case TARGET_DEVTEST_LABS:
		FILL(h->disk, 256 * GIB, ORIGIN_DERIVED);
		break;
	default:
		if (sh->size.disk.m.state == META_OK && h->disk.m.state == META_ABSENT)
			h->disk = sh->size.disk;
		break;
	}
}

static void lower_paths(struct lowering *lw, struct lab_host *h, const struct spec_host *sh)
{
	bool data_disk = lw->l->own_target == TARGET_AZURE_VM || lw->l->own_target == TARGET_DEVTEST_LABS;

	h->data = sh->data;
	if (h->data.m.state == META_ABSENT)
		h->data = (struct v_text){ lower_filled(ORIGIN_DERIVED),
					   sv_join(lw->a,
						   (struct sv[]){ data_disk ? SV("F:\\labc\\") : SV("C:\\labc\\"),
								  lw->l->name },
						   2) };
	h->scripts = sv_join(lw->a, (struct sv[]){ SV("C:\\Program Files\\labc\\"), lw->l->name }, 2);
}

static struct v_text user_of(struct v_text t, const char *usual)
{
	if (t.m.state == META_ABSENT)
		t = (struct v_text){ lower_filled(ORIGIN_BUILTIN), sv_from(usual) };
	return t;
}

struct v_int lower_seat_count(const struct lab *l, const struct spec_host *sh)
{
	const struct v_int *students = &l->spec->lab.quota.students;
	struct v_int seats = sh->seats;

	if (seats.m.state == META_ABSENT && l->own_target != TARGET_HYPER_V) {
		if (students->m.state == META_OK)
			seats = *students;
		else if (l->n_users)
			FILL(seats, (int64_t)l->n_users, ORIGIN_DERIVED);
	}
	if (seats.m.state != META_OK || seats.v < 1) {
		seats.v = 1;
		seats.m.state = META_OK;
		if (seats.m.origin == ORIGIN_NONE)
			seats.m.origin = ORIGIN_BUILTIN;
	}
	return seats;
}

static void lower_fields(struct lowering *lw, struct lab_host *h, const struct spec_host *sh)
{
	enum target t = lw->l->own_target;

	h->os_m = sh->os.m;
	if (sh->os.m.state == META_ABSENT)
		h->os = &host_os_table[HOST_OS_WINDOWS_SERVER_2022];
	else if (sh->os.m.state == META_OK)
		h->os = &host_os_table[sh->os.v];
	h->address = sh->address;
	h->reserve = sh->reserve;
	FILL(h->reserve, 4 * GIB, ORIGIN_BUILTIN);
	h->admin_user = user_of(sh->admin_user, "labadmin");
	h->student_user = user_of(sh->student_user, "student");
	h->admin_students = sh->admin_students;
	FILL(h->admin_students, t == TARGET_LAB_SERVICES, ORIGIN_CATALOGUE);
	h->desktop_shortcut = sh->desktop_shortcut;
	FILL(h->desktop_shortcut, true, ORIGIN_BUILTIN);
	h->resume = sh->resume;
	FILL(h->resume, t == TARGET_AZURE_VM || t == TARGET_DEVTEST_LABS ? RESUME_TASK : RESUME_MANUAL,
	     ORIGIN_CATALOGUE);
	h->dns_for_guests = sh->dns_for_guests;
	if (h->dns_for_guests.m.state == META_ABSENT) {
		h->dns_for_guests = (struct v_ip_list){ .m = lower_filled(ORIGIN_CATALOGUE) };
		if (t == TARGET_HYPER_V) {
			h->dns_for_guests.is_host = true;
		} else {
			h->dns_for_guests.v = NEW(lw->a, struct v_ip, 1);
			h->dns_for_guests.v[0] =
				(struct v_ip){ lower_filled(ORIGIN_CATALOGUE), AZURE_DNS, IP_ADDRESS };
			h->dns_for_guests.n = 1;
		}
	}
}

/* --- networks --- */

static struct v_prefix server_nat(const struct lowering *lw)
{
	struct v_prefix nat = lw->s->lab.targets.hyper_v.nat_prefix;

	if (nat.m.state != META_OK)
		nat = (struct v_prefix){ .m = lower_filled(ORIGIN_BUILTIN), .v = 0xac1d0000u, .len = 16 };
	return nat;
}

/* A /24 of the server's NAT, chosen by the lab's name. */
static struct v_prefix hyper_v_subnet(const struct lowering *lw)
{
	struct v_prefix nat = server_nat(lw);

	if (nat.len < 24) {
		uint32_t slices = (uint32_t)1 << (24 - nat.len);

		nat.v += (sv_hash(lw->l->name) % slices) << 8;
		nat.len = 24;
	}
	nat.m = lower_filled(ORIGIN_DERIVED);
	return nat;
}

/* Labs of one server share its NAT: each has a slice. A subnet written outside of it gets a NAT of its own, which
 * works while it is the server's only one. */
static void lower_nat_prefix(const struct lowering *lw, struct lab_network *n)
{
	struct v_prefix shared = server_nat(lw);

	if (n->nat.m.state != META_OK || n->subnet.m.state != META_OK)
		return;
	n->nat_prefix = n->subnet;
	if (lw->l->target == TARGET_HYPER_V && shared.len <= n->subnet.len && prefix_has(shared, n->subnet.v))
		n->nat_prefix = shared;
}

/* The one switch of the server that leads outside is named at the target. */
static bool is_external(const struct lowering *lw, const struct lab_network *n)
{
	const struct v_text *outside = &lw->s->lab.targets.hyper_v.external_switch;

	return lw->l->target == TARGET_HYPER_V && outside->m.state == META_OK && n->kind.v == KIND_INTERNAL &&
	       n->switch_name.m.state == META_OK && sv_eq_nocase(outside->v, n->switch_name.v);
}

static void lower_dhcp(struct lowering *lw, struct lab_network *n, const struct spec_dhcp *d)
{
	n->range = d->range;
	n->lease = d->lease;
	n->scope = d->scope;
	n->dhcp = !d->off && (d->h.m.state != META_ABSENT) && d->range.m.state == META_OK;
	FILL(n->lease, (int64_t)8 * 3600, ORIGIN_BUILTIN);
	if (n->scope.m.state == META_ABSENT)
		n->scope = (struct v_text){ lower_filled(ORIGIN_DERIVED),
					    n->is_nat_section
						    ? SV("LabServicesDhcpScope")
						    : sv_fmt(lw->a, SV_FMT "-scope", SV_ARG(n->name)) };
}

/* Everything that does not depend on which network it is. */
static void lower_network(struct lowering *lw, struct lab_network *n, const struct spec_network *sn)
{
	struct lab_host *h = n->host;
	enum network_kind kind;

	n->spec = sn;
	n->m = sn->h.m;
	n->kind = sn->kind;
	FILL(n->kind, (int)KIND_NAT, ORIGIN_BUILTIN);
	kind = (enum network_kind)n->kind.v;
	n->switch_name = sn->switch_name;
	n->nat = sn->nat;
	n->subnet = sn->subnet;
	n->gateway = sn->gateway;
	n->guard = sn->guard;
	FILL(n->guard, true, ORIGIN_BUILTIN);
	n->egress = sn->egress;
	FILL(n->egress, lw->l->own_target == TARGET_HYPER_V ? EGRESS_INTERNET : EGRESS_ALL, ORIGIN_CATALOGUE);
	if (n->switch_name.m.state == META_ABSENT)
		n->switch_name = (struct v_text){ lower_filled(ORIGIN_DERIVED),
						  kind == KIND_DEFAULT_SWITCH ? SV("Default Switch")
						  : n->is_nat_section         ? SV("LabServicesSwitch")
									      : n->name };
	if (n->is_nat_section && kind == KIND_NAT) {
		if (n->nat.m.state == META_ABSENT)
			n->nat = (struct v_text){ lower_filled(ORIGIN_DERIVED), SV("LabServicesNat") };
		if (n->subnet.m.state == META_ABSENT && n->m.flags & (META_INCOMPLETE | META_STRAY))
			n->subnet.m.state = META_POISONED;
		if (n->subnet.m.state == META_ABSENT)
			n->subnet =
				lw->l->own_target == TARGET_HYPER_V
					? hyper_v_subnet(lw)
					: (struct v_prefix){ lower_filled(ORIGIN_BUILTIN), 0xc0a80000u, 24 };
		if (n->gateway.m.state == META_ABSENT && n->subnet.m.state == META_OK)
			n->gateway = (struct v_ip){ lower_filled(ORIGIN_DERIVED), prefix_first(n->subnet),
						    IP_ADDRESS };
	}
	n->is_external = is_external(lw, n);
	lower_nat_prefix(lw, n);
	n->dns = sn->dns;
	if (n->dns.m.state == META_ABSENT && (kind == KIND_NAT || n->gateway.m.state == META_OK))
		n->dns = h->dns_for_guests;
	lower_dhcp(lw, n, &sn->dhcp);
}

/* On one server every seat has private networks of its own. */
static void lower_networks(struct lowering *lw, struct lab_host *h, const struct spec_host *sh)
{
	uint32_t seats = lower_seats_inside(h);
	uint64_t room = 1;

	for (uint32_t i = 0; i < sh->networks.n; i++)
		room += sh->networks.v[i].kind.v == KIND_PRIVATE ? seats : 1;
	h->networks = NEW(lw->a, struct lab_network, room);
	map_init(&h->by_network, lw->a, true);
	h->networks[0] = (struct lab_network){
		.host = h, .name = SV(LAB_NAT), .base = SV(LAB_NAT), .is_nat_section = true
	};
	lower_network(lw, &h->networks[0], &sh->network);
	map_add(&h->by_network, SV(LAB_NAT), &h->networks[0]);
	h->n_networks = 1;
	for (uint32_t i = 0; i < sh->networks.n; i++) {
		const struct spec_network *sn = &sh->networks.v[i];
		bool per_seat = seats > 1 && sn->kind.m.state == META_OK && sn->kind.v == KIND_PRIVATE;

		for (uint32_t seat = 1; seat <= (per_seat ? seats : 1); seat++) {
			struct lab_network *n = &h->networks[h->n_networks++];

			n->host = h;
			n->base = n->name = sn->h.name;
			n->seat = per_seat ? seat : 0;
			if (per_seat)
				n->name = sv_fmt(lw->a, SV_FMT "-s%02u", SV_ARG(n->base), seat);
			lower_network(lw, n, sn);
			if (per_seat && sn->switch_name.m.state == META_OK)
				n->switch_name.v =
					sv_fmt(lw->a, SV_FMT "-s%02u", SV_ARG(sn->switch_name.v), seat);
			if (seat == 1)
				map_add(&h->by_network, n->base, n);
		}
	}
}

struct lab_network *lower_find_network(const struct lab_host *h, struct sv name, uint32_t seat)
{
	struct lab_network *n = map_get(&h->by_network, name);

	/* The copies of a network follow each other. */
	return n && n->seat && seat ? n + (seat - 1) : n;
}

void lower_host(struct lowering *lw, struct lab_host *h, const struct spec_host *sh)
{
	h->spec = sh;
	h->m = sh->h.m;
	h->name = sh->h.name.n ? sh->h.name : SV("host");
	lower_size(lw, h, sh);
	lower_disk(lw, h, sh);
	lower_paths(lw, h, sh);
	lower_fields(lw, h, sh);
	h->seats = lower_seat_count(lw->l, sh);
	lower_networks(lw, h, sh);
}
