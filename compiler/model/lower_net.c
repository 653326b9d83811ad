/* Network adapters and addresses, port mappings and ports; `auto` ones after all fixed ones.
 *
 * `auto` starts at a hash of names and goes upward past what is taken, in file order, so that a guest added
 * last moves no other. */
#include "model/lower.h"

#include "base/buf.h"

/* Numbers that are taken: open addressing, never more than half full. */
struct taken {
	uint64_t *slots; /* 0: free, else value + 1 */
	size_t n_slots;
};

static void taken_init(struct taken *t, struct arena *a, size_t most)
{
	t->n_slots = 16;
	while (t->n_slots < most * 2 + 2)
		t->n_slots *= 2;
	t->slots = NEW(a, uint64_t, t->n_slots);
}

/* False when it was there. */
static bool taken_add(struct taken *t, uint64_t value)
{
	size_t i = (size_t)((value * 0x9e3779b97f4a7c15ull) >> 20) & (t->n_slots - 1);

	for (; t->slots[i]; i = (i + 1) & (t->n_slots - 1))
		if (t->slots[i] == value + 1)
			return false;
	t->slots[i] = value + 1;
	return true;
}

/* --- NICs --- */

static void unknown_network(struct lowering *lw, const struct lab_guest *g, struct v_text name)
{
	const struct lab_host *h = g->host;
	struct lower_near near = { .want = name.v };
	struct span at = spec_where(lw->s, name.m, g->m);
	struct diag *d;

	if (lower_may_be_lost(lw, h->spec->networks.m) || lower_may_be_lost(lw, h->spec->h.m))
		return;
	d = lower_report(lw, MODEL_UNKNOWN_NETWORK, at, "host '" SV_FMT "' has no network '" SV_FMT "'",
			 SV_ARG(h->name), SV_ARG(name.v));
	for (uint32_t i = 0; lw->guesses && i < h->n_networks; i++)
		lower_offer(lw, &near, h->networks[i].base);
	if (near.best.n)
		lower_suggest(lw, d, at, near.best);
	else if (h->n_networks == 1)
		diag_help(lw->d, d,
			  "the host has the NAT network alone, called 'nat'; others stand under its "
			  "`networks`");
	else
		diag_help(lw->d, d, "its networks are 'nat' and those under its `networks`");
}

static struct lab_network *resolve_network(struct lowering *lw, const struct lab_guest *g, struct v_text name)
{
	struct lab_network *n;

	if (name.m.state == META_ABSENT)
		return &g->host->networks[0];
	if (name.m.state == META_POISONED)
		return NULL;
	n = lower_find_network(g->host, name.v, g->seat);
	if (!n && g->copy <= 1 && g->seat <= 1)
		unknown_network(lw, g, name);
	return n;
}

/* A fixed address goes up by one a copy, and by a step a seat in a network the seats share. */
static uint32_t address_shift(const struct lowering *lw, const struct lab_guest *g,
			      const struct lab_network *n)
{
	uint32_t shift = g->copy ? g->copy - 1 : 0;

	if (g->seat && !n->seat)
		shift += (g->seat - 1) * lower_address_step(lw);
	return shift;
}

static void lower_address(struct lowering *lw, struct lab_nic *nic, struct v_ip written)
{
	struct lab_network *n = nic->network;

	nic->address = written;
	if (!n) {
		nic->address.m.state = META_POISONED;
		return;
	}
	if (n->kind.v == KIND_DEFAULT_SWITCH &&
	    (written.m.state == META_ABSENT || (written.m.state == META_OK && written.word == IP_AUTO))) {
		nic->address = (struct v_ip){ lower_filled(ORIGIN_DERIVED), 0, IP_DHCP };
		return;
	}
	if (written.m.state == META_ABSENT) {
		if (n->subnet.m.state == META_POISONED || meta_poisoned(n->m))
			nic->address.m.state = META_POISONED;
		else if (n->subnet.m.state == META_OK)
			nic->address = (struct v_ip){ lower_filled(ORIGIN_DERIVED), 0, IP_AUTO };
		return;
	}
	if (written.m.state == META_OK && written.word == IP_ADDRESS)
		nic->address.v = written.v + address_shift(lw, nic->guest, n);
	/* An automatic address in a network without one to give: none. */
	if (written.m.state == META_OK && written.word == IP_AUTO && n->subnet.m.state != META_OK)
		nic->address.m.state = n->subnet.m.state;
}

static void lower_nic(struct lowering *lw, struct lab_nic *nic, const struct spec_nic *sn)
{
	const struct lab_guest *g = nic->guest;
	uint64_t copies =
		g->spec->count.m.state == META_OK && g->spec->count.v > 1 ? (uint64_t)g->spec->count.v : 1;

	nic->spec = sn;
	if (sn) {
		nic->m = sn->h.m;
		nic->network = resolve_network(lw, g, sn->network);
		nic->mac = sn->mac;
		nic->legacy = sn->legacy;
		nic->vlan = sn->vlan;
		lower_address(lw, nic, sn->address);
	} else {
		nic->m = g->spec->network.m.state == META_OK ? g->spec->network.m : g->m;
		nic->network = resolve_network(lw, g, g->spec->network);
		lower_address(lw, nic, g->spec->address);
	}
	if (nic->mac.m.state == META_OK) {
		nic->mac.v += (g->copy ? g->copy - 1 : 0) + (g->seat ? copies * (g->seat - 1) : 0);
		nic->mac.v &= 0xffffffffffffull;
	}
	FILL(nic->legacy, false, ORIGIN_BUILTIN);
	if (nic->network) {
		bool guard = nic->network->guard.v;

		nic->network->n_nics++;
		nic->dhcp_guard = guard && !g->serves_dhcp;
		nic->router_guard = guard && !g->serves_router;
	}
	nic->mac_spoofing = g->nested.v;
}

/* The way out and the names: for the NIC in the NAT network, else the first. */
static void lower_gateway(struct lab_guest *g)
{
	struct lab_nic *nic = g->nat_nic ? g->nat_nic : g->n_nics ? &g->nics[0] : NULL;
	struct lab_network *n;

	if (!nic || !(n = nic->network))
		return;
	nic->gateway = g->spec->gateway;
	nic->dns = g->spec->dns;
	if (nic->address.m.state == META_OK && nic->address.word == IP_DHCP)
		return;
	if (nic->gateway.m.state == META_ABSENT)
		nic->gateway = n->gateway;
	if (nic->dns.m.state == META_ABSENT)
		nic->dns = n->dns;
}

static void lower_guest_nics(struct lowering *lw, struct lab_guest *g)
{
	const struct v_nic_list *list = &g->spec->nics;
	bool listed = list->m.state == META_OK;

	if (meta_poisoned(list->m))
		return;
	g->n_nics = listed ? list->n : 1;
	g->nics = NEW(lw->a, struct lab_nic, g->n_nics + 1);
	for (uint32_t i = 0; i < g->n_nics; i++) {
		struct lab_nic *nic = &g->nics[i];

		nic->guest = g;
		lower_nic(lw, nic, listed ? &list->v[i] : NULL);
		if (!g->nat_nic && nic->network == &g->host->networks[0])
			g->nat_nic = nic;
	}
	lower_gateway(g);
}

/* --- automatic addresses --- */

/* Where a network's automatic addresses come from. */
struct pool {
	uint32_t lo, size;   /* the window that names hash into */
	uint32_t used;       /* of the window */
	uint64_t next, last; /* beyond it, upward; then what is below */
	bool below;
	bool full, ready;
};

static void pool_init(struct pool *p, const struct lab_network *n)
{
	struct v_prefix s = n->subnet;

	p->ready = true;
	p->lo = prefix_first(s);
	p->last = prefix_last(s);
	p->size = (uint32_t)(p->last - p->lo + 1);
	if (s.len <= 25) {
		p->lo = s.v + 10;
		p->size = 90;
	}
	p->next = (uint64_t)p->lo + p->size;
}

static bool is_free(struct taken *t, const struct lab_network *n, uint32_t ip)
{
	if (n->gateway.m.state == META_OK && n->gateway.v == ip)
		return false;
	if (n->dhcp && ip >= n->range.lo && ip <= n->range.hi)
		return false;
	return taken_add(t, (uint64_t)(n - n->host->networks) << 32 | ip);
}

static bool pool_take(struct pool *p, struct taken *t, const struct lab_network *n, uint32_t hash,
		      uint32_t *ip)
{
	if (p->used < p->size)
		for (uint32_t i = 0; i < p->size; i++) {
			*ip = p->lo + (hash % p->size + i) % p->size;
			if (is_free(t, n, *ip)) {
				p->used++;
				return true;
			}
		}
	p->used = p->size;
	for (;;) {
		if (p->next > p->last || (p->below && p->next >= p->lo)) {
			if (p->below || prefix_first(n->subnet) >= p->lo)
				return false;
			p->below = true;
			p->next = prefix_first(n->subnet);
			continue;
		}
		*ip = (uint32_t)p->next++;
		if (n->dhcp && *ip >= n->range.lo && *ip <= n->range.hi) {
			p->next = (uint64_t)n->range.hi + 1;
			continue;
		}
		if (is_free(t, n, *ip))
			return true;
	}
}

static uint32_t name_hash(struct lowering *lw, struct sv guest, struct sv port)
{
	struct sv key =
		sv_fmt(lw->a, SV_FMT "/" SV_FMT "/" SV_FMT, SV_ARG(lw->l->name), SV_ARG(guest), SV_ARG(port));

	return sv_hash(key);
}

static void no_free_address(struct lowering *lw, const struct lab_nic *nic)
{
	struct lab_network *n = nic->network;
	struct meta at = nic->address.m.node ? nic->address.m : nic->m;
	struct diag *d;

	if (nic->guest->seat > 1) {
		d = lower_report_seat(lw, MODEL_SEAT_ADDRESS, nic->guest,
				      sv_fmt(lw->a, "has no place in " SV_FMT, SV_ARG(prefix_text(lw->a, n->subnet))),
				      sv_fmt(lw->a, "no address is left for '" SV_FMT "'", SV_ARG(nic->guest->name)));
		if (meta_written(n->subnet.m))
			diag_label(lw->d, d, spec_span(lw->s, n->subnet.m), "%u guests' adapters are in this subnet",
				   n->n_nics);
		diag_help(lw->d, d, "write a larger subnet, such as " SV_FMT "/%u, or fewer seats",
			  SV_ARG(num_ip_text(lw->a, n->subnet.v)), n->subnet.len > 16 ? 16u : 8u);
		return;
	}
	d = lower_report(lw, MODEL_NO_FREE_ADDRESS, spec_where(lw->s, at, nic->guest->m),
			     "no free address is left in " SV_FMT, SV_ARG(prefix_text(lw->a, n->subnet)));

	if (meta_written(n->subnet.m))
		diag_label(lw->d, d, spec_span(lw->s, n->subnet.m), "%u guests' adapters are in this subnet",
			   n->n_nics);
	diag_help(lw->d, d, "write a larger subnet, such as " SV_FMT "/%u",
		  SV_ARG(num_ip_text(lw->a, n->subnet.v)), n->subnet.len > 16 ? 16u : 8u);
}

static void assign_auto(struct lowering *lw, struct lab_host *h, struct taken *t)
{
	struct pool *pools = NEW(lw->a, struct pool, h->n_networks);

	for (uint32_t i = 0; i < h->n_guests; i++)
		for (uint32_t k = 0; k < h->guests[i].n_nics; k++) {
			struct lab_nic *nic = &h->guests[i].nics[k];
			struct lab_network *n = nic->network;
			struct pool *p;

			if (!n || nic->address.m.state != META_OK || nic->address.word != IP_AUTO)
				continue;
			p = &pools[n - h->networks];
			if (!p->ready)
				pool_init(p, n);
			if (!p->full &&
			    pool_take(p, t, n, name_hash(lw, h->guests[i].name, SV("")), &nic->address.v)) {
				nic->address.word = IP_ADDRESS;
				nic->address.m.origin = ORIGIN_DERIVED;
				continue;
			}
			if (!p->full)
				no_free_address(lw, nic);
			p->full = true;
			nic->address.m.state = META_POISONED;
		}
}

void lower_nics(struct lowering *lw, struct lab_host *h)
{
	struct taken t;
	size_t n = 0;

	for (uint32_t i = 0; i < h->n_guests; i++) {
		lower_guest_nics(lw, &h->guests[i]);
		n += h->guests[i].n_nics;
	}
	taken_init(&t, lw->a, n);
	for (uint32_t i = 0; i < h->n_guests; i++)
		for (uint32_t k = 0; k < h->guests[i].n_nics; k++) {
			const struct lab_nic *nic = &h->guests[i].nics[k];

			if (nic->network && nic_is_fixed(nic))
				taken_add(&t, (uint64_t)(nic->network - h->networks) << 32 | nic->address.v);
		}
	assign_auto(lw, h, &t);
}

/* --- mappings --- */

#define AUTO_PORT_LO 20000u
#define AUTO_PORTS 10000u

static uint32_t port_shift(const struct lowering *lw, const struct lab_guest *g)
{
	uint32_t shift = g->copy ? g->copy - 1 : 0;

	if (g->seat)
		shift += (g->seat - 1) * lower_port_step(lw);
	return shift;
}

static void port_too_high(struct lowering *lw, struct lab_mapping *m, uint64_t port)
{
	const struct lab_guest *g = m->guest;
	struct meta at = g->spec->count.m;
	struct diag *d;

	if (g->seat > 1) {
		lower_report_seat_port(lw, m, sv_fmt(lw->a, "'" SV_FMT "' would get %llu, and ports end at 65535",
						     SV_ARG(g->name), (unsigned long long)port));
		m->external.m.state = META_POISONED;
		return;
	}
	m->external.m.state = META_POISONED;
	lw->seat_ports_told = g->host;
	d = lower_report(lw, MODEL_PORT_OF_COPY, spec_where(lw->s, m->external.m, m->m),
			 "a copy's external port is beyond 65535");
	if (meta_written(at))
		diag_label(lw->d, d, spec_span(lw->s, at), "copies made here");
	diag_help(lw->d, d, "'" SV_FMT "' would get %llu: start lower, or make fewer copies", SV_ARG(g->name),
		  (unsigned long long)port);
}

static struct sv usual_name(const struct lab_mapping *m)
{
	static const char *const names[] = { "ssh", "rdp", "http", "https" };

	if (m->protocol.v == PROTO_TCP && m->internal.m.state == META_OK)
		for (size_t i = 0; i < 4; i++)
			if (catalogue_service_port(sv_from(names[i])) == m->internal.v)
				return sv_from(names[i]);
	return SV("");
}

static void lower_mapping(struct lowering *lw, struct lab_mapping *m, struct lab_guest *g,
			  const struct spec_port *sp)
{
	uint64_t port;

	m->spec = sp;
	m->guest = g;
	m->m = sp->h.m;
	m->nic = g->nat_nic;
	m->protocol = sp->protocol;
	FILL(m->protocol, (int)PROTO_TCP, ORIGIN_BUILTIN);
	m->external = sp->external;
	m->internal = sp->internal;
	if (m->external.m.state == META_ABSENT && m->internal.m.state == META_OK)
		m->external = (struct v_port){ lower_filled(ORIGIN_DERIVED), 0, true };
	if (m->internal.m.state == META_ABSENT && m->external.m.state == META_OK && !m->external.is_auto)
		m->internal = m->external;
	m->name = sp->name;
	if (m->name.m.state == META_ABSENT)
		m->name.v = usual_name(m);
	m->external_address = sp->external_address;
	FILL(m->external_address, 0, ORIGIN_BUILTIN);
	m->expose = sp->expose;
	FILL(m->expose, false, ORIGIN_BUILTIN);
	m->note = sp->note;
	if (m->external.m.state != META_OK || m->external.is_auto)
		return;
	port = (uint64_t)m->external.v + port_shift(lw, g);
	if (port > 65535)
		port_too_high(lw, m, port);
	else
		m->external.v = (uint16_t)port;
}

static uint64_t port_key(const struct lab_mapping *m, uint32_t port)
{
	return (uint64_t)m->protocol.v << 32 | port;
}

static void assign_port(struct lowering *lw, struct lab_mapping *m, struct taken *t, uint32_t *used)
{
	bool azure = lw->l->target_info->flags & TG_AZURE;
	uint32_t start =
		name_hash(lw, m->guest->name, m->name.v.n ? m->name.v : sv_fmt(lw->a, "%u", m->internal.v)) %
		AUTO_PORTS;

	for (uint32_t i = 0; i < AUTO_PORTS && *used < AUTO_PORTS; i++) {
		uint32_t port = AUTO_PORT_LO + (start + i) % AUTO_PORTS;

		if (catalogue_reserved_port(port, m->protocol.v == PROTO_UDP, azure) ||
		    !taken_add(t, port_key(m, port)))
			continue;
		++*used;
		m->external.v = (uint16_t)port;
		m->external.is_auto = false;
		m->external.m.origin = ORIGIN_DERIVED;
		return;
	}
	m->external.m.state = META_POISONED;
	if (*used == UINT32_MAX)
		return;
	*used = UINT32_MAX;
	diag_help(lw->d,
		  lower_report(lw, MODEL_NO_FREE_PORT, spec_where(lw->s, m->external.m, m->m),
			       "no free port is left for `auto`, which gives out %u to %u", AUTO_PORT_LO,
			       AUTO_PORT_LO + AUTO_PORTS - 1),
		  "write the external ports, or spread the guests over several hosts");
}

void lower_mappings(struct lowering *lw, struct lab_host *h)
{
	struct taken t;
	uint32_t used[2] = { 0, 0 };
	size_t n = 0;

	for (uint32_t i = 0; i < h->n_guests; i++)
		n += h->guests[i].spec->ports.n;
	h->mappings = NEW(lw->a, struct lab_mapping, n + 1);
	taken_init(&t, lw->a, n);
	for (uint32_t i = 0; i < h->n_guests; i++) {
		struct lab_guest *g = &h->guests[i];

		g->mappings = &h->mappings[h->n_mappings];
		g->n_mappings = g->spec->ports.n;
		for (uint32_t k = 0; k < g->n_mappings; k++) {
			struct lab_mapping *m = &h->mappings[h->n_mappings++];

			lower_mapping(lw, m, g, &g->spec->ports.v[k]);
			if (m->external.m.state == META_OK && !m->external.is_auto)
				taken_add(&t, port_key(m, m->external.v));
		}
	}
	for (uint32_t i = 0; i < h->n_mappings; i++) {
		struct lab_mapping *m = &h->mappings[i];

		if (m->external.m.state == META_OK && m->external.is_auto)
			assign_port(lw, m, &t, &used[m->protocol.v == PROTO_UDP]);
	}
}
