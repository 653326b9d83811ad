/* Seats on one server: whether the copies of guests find addresses and external ports, a step further each.
 *
 * A spec that suits one machine a student need not suit one server for all of them. What the first seat has wrong
 * is its own mistake and the rules' business; here is what only the further seats do not get, once a network and
 * once a host, at the seats. */
#include "model/lower.h"

#include "base/buf.h"

/* What a seat's copy cannot have, and why. */
struct clash {
	const struct lab_guest *guest;
	struct sv why;
	struct meta at; /* what the steps start from */
};

uint32_t lower_seats_inside(const struct lab_host *h)
{
	return h->lab->target_info->flags & TG_SEATS_INSIDE && h->seats.v > 1 ? (uint32_t)h->seats.v : 1;
}

uint32_t lower_address_step(const struct lowering *lw)
{
	const struct v_int *step = &lw->s->lab.targets.hyper_v.address_step;

	return step->m.state == META_OK ? (uint32_t)step->v : 16;
}

uint32_t lower_port_step(const struct lowering *lw)
{
	const struct v_int *step = &lw->s->lab.targets.hyper_v.port_step;

	return step->m.state == META_OK ? (uint32_t)step->v : 100;
}

struct diag *lower_report_seat(struct lowering *lw, enum model_code code, const struct lab_guest *g,
			       struct sv where, struct sv why)
{
	const struct lab_host *h = g->host;

	return lower_report(lw, code, spec_where(lw->s, h->seats.m, h->m), "seat %u of %lld " SV_FMT ": " SV_FMT,
			    g->seat, (long long)h->seats.v, SV_ARG(where), SV_ARG(why));
}

static void label(struct lowering *lw, struct diag *d, struct meta m, const char *text)
{
	if (meta_written(m))
		diag_label(lw->d, d, spec_span(lw->s, m), "%s", text);
}

/* The first seat's copy of a guest: the copies of a seat lie in a row. */
static const struct lab_guest *first_seats(const struct lab_guest *g)
{
	const struct lab_host *h = g->host;

	return &h->guests[(size_t)(g - h->guests) % (h->n_guests / lower_seats_inside(h))];
}

/* --- addresses --- */

/* Why no guest can have this address in the network; empty when one can. */
static struct sv no_place(const struct lab_network *n, uint32_t ip)
{
	if (!prefix_has(n->subnet, ip))
		return SV("outside of it");
	if (n->subnet.len < 31 && ip == n->subnet.v)
		return SV("its network address");
	if (n->subnet.len < 31 && ip == prefix_broadcast(n->subnet))
		return SV("its broadcast address");
	if (n->gateway.m.state == META_OK && n->gateway.v == ip)
		return SV("the server's own");
	if (n->dhcp && ip >= n->range.lo && ip <= n->range.hi)
		return SV("which DHCP gives away");
	return SV("");
}

/* A network whose seats' addresses are judged: shared by them, with a subnet that is no mistake itself. */
static bool is_shared(const struct lab_network *n)
{
	const struct v_ip *own = &n->host->address;

	return !n->seat && n->subnet.m.state == META_OK && n->kind.v != KIND_DEFAULT_SWITCH &&
	       !(own->m.state == META_OK && prefix_has(n->subnet, own->v));
}

/* The smallest subnet around this one with a place for all seats; /0 when no private one has. */
static struct v_prefix larger_subnet(const struct lowering *lw, const struct lab_network *n)
{
	const struct lab_host *h = n->host;
	uint64_t shift = (uint64_t)(h->seats.v - 1) * lower_address_step(lw);
	uint32_t per_seat = h->n_guests / lower_seats_inside(h);
	struct v_prefix p = n->subnet;

	for (; p.len > 8; p.len--) {
		bool holds = true;

		p.v &= ~(uint32_t)0 << (32 - p.len);
		for (uint32_t i = 0; holds && i < per_seat; i++)
			for (uint32_t k = 0; holds && k < h->guests[i].n_nics; k++) {
				const struct lab_nic *nic = &h->guests[i].nics[k];

				holds = nic->network != n || !nic_is_fixed(nic) ||
					(shift < 1u << 24 && nic->address.v + shift <= prefix_last(p));
			}
		if (holds)
			break;
	}
	if (p.len <= 8 || !ip_is_private(p.v) || !ip_is_private(prefix_broadcast(p)))
		p.len = 0;
	return p;
}

static void report_address(struct lowering *lw, const struct lab_network *n, const struct clash *c)
{
	struct sv subnet = prefix_text(lw->a, n->subnet);
	struct sv where = sv_fmt(lw->a, "has no place in " SV_FMT, SV_ARG(subnet));
	struct diag *d = lower_report_seat(lw, MODEL_SEAT_ADDRESS, c->guest, where, c->why);
	struct v_prefix larger = larger_subnet(lw, n);
	uint32_t fit = c->guest->seat - 1;

	label(lw, d, c->at, "a step further for every seat");
	label(lw, d, n->subnet.m, "the subnet");
	if (larger.len && larger.len < n->subnet.len)
		diag_help(lw->d, d, "%u seat%s fit%s in steps of %u: write `subnet: " SV_FMT "`, another `address_step` "
			  "under targets.hyper-v, or `address: auto`", fit, fit == 1 ? "" : "s", fit == 1 ? "s" : "",
			  lower_address_step(lw), SV_ARG(prefix_text(lw->a, larger)));
	else
		diag_help(lw->d, d, "%u seat%s fit%s in steps of %u: write another `address_step` under "
			  "targets.hyper-v, or `address: auto`", fit, fit == 1 ? "" : "s", fit == 1 ? "s" : "",
			  lower_address_step(lw));
}

/* Whether a further seat's NIC has no address of its own; the first one of its network says why. */
static bool address_clashes(struct lowering *lw, struct map *seen, struct lab_nic *nic, uint64_t *key,
			    struct clash *out)
{
	const struct lab_guest *g = nic->guest, *first = first_seats(g);
	struct lab_network *n = nic->network;
	const struct lab_nic *start = &first->nics[nic - g->nics];
	struct sv why = SV("");
	struct map_entry *e;

	*out = (struct clash){ .guest = g, .at = nic->address.m };
	if (g->seat > 1 && no_place(n, start->address.v).n)
		return false;
	if (g->seat > 1)
		why = no_place(n, nic->address.v);
	if (why.n) {
		out->why = sv_fmt(lw->a, "'" SV_FMT "' would get " SV_FMT ", " SV_FMT, SV_ARG(g->name),
				  SV_ARG(num_ip_text(lw->a, nic->address.v)), SV_ARG(why));
		return true;
	}
	*key = (uint64_t)(n - n->host->networks) << 32 | nic->address.v;
	e = map_add(seen, (struct sv){ (const char *)key, sizeof(*key) }, nic);
	if (!e || ((struct lab_nic *)e->value)->guest->seat == g->seat)
		return false;
	out->why = sv_fmt(lw->a, "'" SV_FMT "' would get " SV_FMT ", which '" SV_FMT "' has", SV_ARG(g->name),
			  SV_ARG(num_ip_text(lw->a, nic->address.v)), SV_ARG(((struct lab_nic *)e->value)->guest->name));
	return true;
}

static void check_addresses(struct lowering *lw, struct lab_host *h)
{
	bool *told = NEW(lw->a, bool, h->n_networks);
	size_t n_nics = 0, k = 0;
	struct map seen;
	uint64_t *keys;

	for (uint32_t i = 0; i < h->n_guests; i++)
		n_nics += h->guests[i].n_nics;
	keys = NEW(lw->a, uint64_t, n_nics + 1);
	map_init(&seen, lw->a, false);
	for (uint32_t i = 0; i < h->n_guests; i++)
		for (uint32_t j = 0; j < h->guests[i].n_nics; j++) {
			struct lab_nic *nic = &h->guests[i].nics[j];
			struct clash c;

			if (!nic->network || !nic_is_fixed(nic) || !is_shared(nic->network) ||
			    told[nic->network - h->networks] ||
			    !address_clashes(lw, &seen, nic, &keys[k++], &c))
				continue;
			told[nic->network - h->networks] = true;
			report_address(lw, nic->network, &c);
		}
	/* What was said is said: nothing else about these networks' further seats. */
	for (uint32_t i = 0; i < h->n_guests; i++)
		for (uint32_t j = 0; h->guests[i].seat > 1 && j < h->guests[i].n_nics; j++)
			if (h->guests[i].nics[j].network && told[h->guests[i].nics[j].network - h->networks])
				h->guests[i].nics[j].address.m.state = META_POISONED;
}

/* --- MAC addresses --- */

static void check_macs(struct lowering *lw, struct lab_host *h)
{
	struct map seen;
	bool told = false;

	map_init(&seen, lw->a, false);
	for (uint32_t i = 0; i < h->n_guests; i++)
		for (uint32_t j = 0; j < h->guests[i].n_nics; j++) {
			struct lab_nic *nic = &h->guests[i].nics[j], *other;
			struct map_entry *e;
			struct diag *d;

			if (nic->mac.m.state != META_OK || !meta_written(nic->mac.m))
				continue;
			e = told ? NULL : map_add(&seen, (struct sv){ (const char *)&nic->mac.v, sizeof(nic->mac.v) }, nic);
			other = e ? e->value : NULL;
			if (other && other->guest->seat != nic->guest->seat) {
				told = true;
				d = lower_report_seat(lw, MODEL_SEAT_ADDRESS, nic->guest,
						      SV("has no MAC addresses of its own"),
						      sv_fmt(lw->a, "'" SV_FMT "' would get that of '" SV_FMT "'",
							     SV_ARG(nic->guest->name), SV_ARG(other->guest->name)));
				label(lw, d, nic->mac.m, "further for every seat");
				diag_help(lw->d, d, "leave `mac` away: Hyper-V gives every adapter one of its own");
			}
			if (told && nic->guest->seat > 1)
				nic->mac.m.state = META_POISONED;
		}
}

/* --- external ports --- */

static struct sv port_taken(struct lowering *lw, struct map *seen, struct lab_mapping *m, uint64_t *key)
{
	const struct lab_guest *g = m->guest;
	bool udp = m->protocol.v == PROTO_UDP;
	const struct reserved_port *p =
		g->seat > 1 ? catalogue_reserved_port(m->external.v, udp, false) : NULL;
	struct map_entry *e;
	struct sv port;

	*key = (uint64_t)udp << 32 | m->external.v;
	e = map_add(seen, (struct sv){ (const char *)key, sizeof(*key) }, m);
	if (!e && !(p && p->certain))
		return SV("");
	port = sv_fmt(lw->a, "'" SV_FMT "' would get %s port %u", SV_ARG(g->name), udp ? "udp" : "tcp", m->external.v);
	if (e && ((struct lab_mapping *)e->value)->guest->seat != g->seat)
		return sv_fmt(lw->a, SV_FMT ", which '" SV_FMT "' has", SV_ARG(port),
			      SV_ARG(((struct lab_mapping *)e->value)->guest->name));
	if (p && p->certain)
		return sv_fmt(lw->a, SV_FMT ", which is taken: %s", SV_ARG(port), p->why);
	return SV("");
}

void lower_report_seat_port(struct lowering *lw, const struct lab_mapping *m, struct sv why)
{
	const struct lab_host *h = m->guest->host;
	uint32_t fit = m->guest->seat - 1;
	struct diag *d;

	if (lw->seat_ports_told == h)
		return;
	lw->seat_ports_told = h;
	d = lower_report_seat(lw, MODEL_SEAT_PORT, m->guest, SV("has no external port"), why);
	label(lw, d, m->external.m, "a step further for every seat");
	diag_help(lw->d, d, "%u seat%s fit%s in steps of %u: write another `port_step` under targets.hyper-v, other "
		  "external ports, or `external: auto`", fit, fit == 1 ? "" : "s", fit == 1 ? "s" : "",
		  lower_port_step(lw));
}

static void check_ports(struct lowering *lw, struct lab_host *h)
{
	uint64_t *keys = NEW(lw->a, uint64_t, h->n_mappings + 1);
	struct map seen;

	map_init(&seen, lw->a, false);
	for (uint32_t i = 0; i < h->n_mappings && lw->seat_ports_told != h; i++) {
		struct lab_mapping *m = &h->mappings[i];
		struct sv why;

		if (m->external.m.state != META_OK || m->external.is_auto || m->protocol.m.state != META_OK ||
		    !meta_written(m->external.m))
			continue;
		why = port_taken(lw, &seen, m, &keys[i]);
		if (why.n)
			lower_report_seat_port(lw, m, why);
	}
	for (uint32_t i = 0; i < h->n_mappings && lw->seat_ports_told == h; i++)
		if (h->mappings[i].guest->seat > 1)
			h->mappings[i].external.m.state = META_POISONED;
}

void lower_check_seats(struct lowering *lw, struct lab_host *h)
{
	if (lower_seats_inside(h) < 2 || !h->n_guests)
		return;
	check_addresses(lw, h);
	check_macs(lw, h);
	check_ports(lw, h);
}
