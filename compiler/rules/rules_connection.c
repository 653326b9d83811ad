/* LAB06xx: connections, hop by hop. */
#include "rules/examples.h"
#include "rules/rule.h"
#include "schema/table.h"

#define CONCEPT                                           \
	"https://learn.microsoft.com/azure/lab-services/" \
	"concept-nested-virtualization-template-vm#connect-to-a-nested-vm-in-another-lab-vm"

static bool mapping_is_unknown(const struct lab_guest *g)
{
	if (meta_poisoned(g->spec->ports.m) || !lab_guest_is_whole(g))
		return true;
	for (uint32_t i = 0; i < g->n_mappings; i++)
		if (meta_poisoned(g->mappings[i].m) || meta_poisoned(g->mappings[i].internal.m) ||
		    meta_poisoned(g->mappings[i].protocol.m))
			return true;
	return false;
}

/* A mapping that was perhaps meant: to that port by the other protocol, or with its two ports swapped. */
static const struct lab_mapping *nearly(const struct lab_connection *c, bool *swapped)
{
	const struct lab_guest *to = c->to.guest;

	for (uint32_t i = 0; i < to->n_mappings; i++) {
		const struct lab_mapping *m = &to->mappings[i];

		*swapped = m->internal.v != c->internal_port && m->external.v == c->internal_port;
		if (is_ok(m->internal.m) && (m->internal.v == c->internal_port || *swapped))
			return m;
	}
	return NULL;
}

static void check_mapping(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_CONNECTION(lab, c) {
		struct diag *d;
		const struct lab_guest *to = c->to.guest;
		const struct lab_mapping *near;
		bool swapped = false;

		if (c->local || c->mapping || mapping_is_unknown(to))
			continue;
		near = nearly(c, &swapped);
		d = rule_at(cx, c->spec->service.m, c->m, "no mapping leads to %s port %u of '" SV_FMT "'",
			    c->protocol == PROTO_UDP ? "UDP" : "TCP", c->internal_port, SV_ARG(to->base));
		if (near && swapped) {
			rule_label(cx, d, near->m, "leads from port %u of the host to port %u", near->external.v, near->internal.v);
			rule_help(cx, d, "the guest's port stands behind the colon: \"%u:%u\"",
				  near->internal.v == c->internal_port ? near->external.v : near->internal.v, c->internal_port);
			continue;
		}
		if (near) {
			rule_label(cx, d, near->m, "this one is for %s", near->protocol.v == PROTO_UDP ? "UDP" : "TCP");
			rule_help(cx, d, "write \"%u:%u/%s\"", near->external.v, near->internal.v,
				  c->protocol == PROTO_UDP ? "udp" : "tcp");
			continue;
		}
		rule_label(cx, d, to->spec->ports.m, "its mappings");
		rule_help(cx, d,
			  "from another machine a nested guest is reached by a mapping only: add \"auto:%u\" "
			  "or such as "
			  "\"%u:%u\" to its `ports`",
			  c->internal_port, 20000 + c->internal_port % 10000, c->internal_port);
	}
}

/* A guest that another one sends everything to, and that has a leg in the NAT network. */
static bool has_router(const struct lab_guest *g)
{
	EACH_NIC(g, n)
		if (is_ok(n->gateway.m))
			return true;
	return false;
}

/* Other machines of the lab have private addresses: `egress: internet` leads to those only that are known, and let
 * through. *held becomes the network whose egress is in the way, if there is one. */
static bool reaches_out(const struct lab_guest *g, bool is_known, const struct lab_network **held)
{
	*held = NULL;
	EACH_NIC(g, n) {
		const struct lab_network *w = n->network;
		enum egress egress;

		if (!w || !is_ok(w->kind.m) || w->kind.v == KIND_DEFAULT_SWITCH)
			return true;
		egress = lab_held_egress(w);
		if (egress == EGRESS_NONE || (egress == EGRESS_INTERNET && !is_known))
			*held = w;
		else if (w->kind.v == KIND_NAT || is_ok(n->gateway.m))
			return true;
	}
	return false;
}

static bool share_network(const struct lab_guest *a, const struct lab_guest *b)
{
	EACH_NIC(a, n)
		EACH_NIC(b, m)
			if (!n->network || !m->network || n->network == m->network)
				return true;
	return false;
}

/* The host itself is in every network that is not private. */
static bool host_reaches(const struct lab_guest *g)
{
	EACH_NIC(g, n)
		if (!n->network || !is_ok(n->network->kind.m) || n->network->kind.v != KIND_PRIVATE)
			return true;
	return false;
}

static struct meta network_of(const struct lab_guest *g)
{
	if (!g->n_nics)
		return g->m;
	return g->nics[0].spec ? g->nics[0].spec->network.m : g->spec->network.m;
}

static void check_cage(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_CONNECTION(lab, c)
		for (uint32_t i = 0; i < c->n_from; i++) {
			const struct lab_guest *from = c->from[i].guest;
			const struct lab_network *held;
			bool is_known = is_ok(c->address.m) && lab->target != TARGET_LAB_SERVICES;
			struct diag *d;

			if (c->local || !from || reaches_out(from, is_known, &held))
				continue;
			if (held) {
				d = rule_at(cx, c->from[i].m, c->m, "'" SV_FMT "' reaches no other machine: egress is `%s`",
					    SV_ARG(from->base), words_egress.v[held->egress.v].word);
				rule_label(cx, d, meta_written(held->egress.m) ? held->egress.m : network_of(from),
					   "its network");
				rule_help(cx, d, "%s",
					  held->egress.v == EGRESS_NONE || lab->target == TARGET_LAB_SERVICES
						  ? "write `egress: all` for the network"
						  : "write the `address` of the other host, which is then let through, or `egress: all`");
				continue;
			}
			d = rule_at(cx, c->from[i].m, c->m,
				    "'" SV_FMT "' reaches nothing outside of its network",
				    SV_ARG(from->base));
			rule_label(cx, d, network_of(from), "its only network");
			rule_help(cx, d, "give it an adapter in `nat`, or a gateway that has one");
		}
}

/* A network that all seats of the server share. */
static bool neighbour_reaches(const struct lab_guest *g)
{
	EACH_NIC(g, n)
		if (!n->network || !n->network->seat)
			return true;
	return false;
}

static bool local_reaches(const struct lab_connection *c, const struct lab_end *from)
{
	const struct lab_guest *to = c->to.guest;

	if (from->neighbour)
		return neighbour_reaches(to);
	if (!from->guest)
		return host_reaches(to);
	return share_network(from->guest, to) || (has_router(from->guest) && has_router(to));
}

static void check_local(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_CONNECTION(lab, c)
		for (uint32_t i = 0; c->local && i < c->n_from; i++) {
			const struct lab_end *from = &c->from[i];
			struct sv to = c->to.guest->base;
			struct diag *d;

			if (local_reaches(c, from))
				continue;
			if (from->guest)
				d = rule_at(cx, from->m, c->m, "'" SV_FMT "' and '" SV_FMT "' have no network in common",
					    SV_ARG(from->guest->base), SV_ARG(to));
			else
				d = rule_at(cx, from->m, c->m, "%s '" SV_FMT "' is not in the private network of '" SV_FMT "'",
					    from->neighbour ? "a neighbour on" : "the host", SV_ARG(c->to.host->name),
					    SV_ARG(to));
			rule_label(cx, d, network_of(c->to.guest), "the network of '" SV_FMT "'", SV_ARG(to));
			rule_help(cx, d,
				  "within one host a connection goes straight to the guest: both need an "
				  "adapter in one network");
		}
}

static void check_meet(struct rule_ctx *cx, const struct lab *lab)
{
	if (lab->target != TARGET_LAB_SERVICES || lab->advanced_networking || lab->is_partial ||
	    meta_poisoned(lab->spec->lab.targets.lab_services.advanced_networking.m))
		return;
	EACH_CONNECTION(lab, c)
		for (uint32_t i = 0; i < c->n_from; i++) {
			const struct lab_host *a = c->from[i].host, *b = c->to.host;
			struct diag *d;

			if (!a || a->group == b->group)
				continue;
			d = rule_at(cx, c->spec->to.m, c->m,
				    "'" SV_FMT "' and '" SV_FMT "' are in different labs, which do not meet",
				    SV_ARG(a->name), SV_ARG(b->name));
			diag_label(cx->d, d, spec_key_span(cx->s, a->m), "the lab '" SV_FMT "'",
				   SV_ARG(a->group->name));
			diag_label(cx->d, d, spec_key_span(cx->s, b->m), "the lab '" SV_FMT "'",
				   SV_ARG(b->group->name));
			rule_help(cx, d,
				  "hosts that differ in more than name and address become labs of their own, "
				  "each with a network of "
				  "its own: write `advanced_networking: true` under targets.lab-services, "
				  "with a lab plan that has it, or "
				  "make the hosts alike");
			return;
		}
}

static void check_neighbour(struct rule_ctx *cx, const struct lab *lab)
{
	if (lab->spec->incomplete || meta_poisoned(lab->spec->lab.quota.h.m))
		return;
	EACH_CONNECTION(lab, c)
		for (uint32_t i = 0; i < c->n_from; i++) {
			const struct lab_host *h = c->to.host;
			struct diag *d;

			if (!c->from[i].neighbour || h->seats.v > 1 || (h->group && h->group->capacity > 1) ||
			    h->spec->h.m.flags & (META_INCOMPLETE | META_STRAY))
				continue;
			d = rule_at(cx, c->from[i].m, c->m,
				    "'" SV_FMT "' has a single seat, and so no neighbour", SV_ARG(h->name));
			rule_help(cx, d, "write `seats` at the host, or `students` under `quota`");
		}
}

static void check_remote_desktop(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_CONNECTION(lab, c) {
		const struct lab_guest *to = c->to.guest;
		struct diag *d;

		if (c->internal_port != 3389 || !to->os || !os_is_windows(to->os) ||
		    !is_ok(to->remote_desktop.m) || to->remote_desktop.v)
			continue;
		d = rule_at(cx, c->spec->service.m, c->m, "Remote Desktop of '" SV_FMT "' is off",
			    SV_ARG(to->base));
		rule_label(cx, d, to->remote_desktop.m, "switched off here");
		rule_help(cx, d, "write `remote_desktop: true`, or leave it away");
	}
}

static const struct rule rows[] = {
	{ { "LAB0612", SEV_ERROR, "connection-without-mapping", "a connection that no mapping carries",
	    "The guest's address exists on its own host only; from elsewhere nothing answers.", CONCEPT,
	    EX_TWO "connections:\n  - { from: two, to: one/server, service: rdp }\n",
	    EX_TWO "connections:\n  - { from: two, to: one/server, service: ssh }\n" },
	  check_mapping },
	{ { "LAB0613", SEV_ERROR, "connection-from-cage",
	    "a connection from a guest that reaches nothing outside",
	    "A private or internal network has no way out: the connection cannot be made.", CONCEPT,
	    EX_TOP "targets:\n  lab-services: { advanced_networking: true }\n"
		   "defaults:\n  host: { size: Medium (nested virtualization) }\n"
		   "hosts:\n  one:\n    address: 10.0.0.8\n    guests:\n      server: { os: debian-12, "
		   "image: 'C:\\images\\debian.vhdx', ports: [\"2222:22\"] }\n"
		   "  two:\n    networks:\n      cage: { kind: private }\n    guests:\n"
		   "      prisoner: { os: debian-12, image: 'C:\\images\\debian.vhdx', network: cage }\n"
		   "connections:\n  - { from: two/prisoner, to: one/server, service: ssh }\n",
	    EX_TWO "connections:\n  - { from: two/server, to: one/server, service: ssh }\n" },
	  check_cage },
	{ { "LAB0614", SEV_ERROR, "labs-do-not-meet", "a connection between labs with networks of their own",
	    "Each lab of Lab Services has a virtual network of its own, which no other lab reaches.",
	    "https://learn.microsoft.com/azure/lab-services/classroom-labs-fundamentals",
	    EX_TOP "defaults:\n  host: { size: Medium (nested virtualization) }\n"
		   "  guest: { os: debian-12, image: 'C:\\images\\debian.vhdx' }\n"
		   "hosts:\n  one:\n    guests:\n      server: { ports: [\"2222:22\"] }\n  two:\n    "
		   "guests:\n      client: {}\n"
		   "connections:\n  - { from: two, to: one/server, service: ssh }\n",
	    EX_TWO "connections:\n  - { from: two, to: one/server, service: ssh }\n" },
	  check_meet },
	{ { "LAB0615", SEV_ERROR, "neighbour-alone", "a connection from a neighbour that does not exist",
	    "A neighbour is another copy of the same host, and there is one copy only.", "SPEC.md#connection",
	    EX_HOST EX_DEBIAN
	    "    ports: [\"2222:22\"]\nconnections:\n  - { from: neighbour, to: server, service: ssh }\n",
	    EX_HOST "  seats: 2\n" EX_DEBIAN "    ports: [\"2222:22\"]\nconnections:\n  - { from: neighbour, "
		    "to: server, service: ssh }\n" },
	  check_neighbour },
	{ { "LAB0616", SEV_ERROR, "no-common-network", "a connection within a host without a common network",
	    "Networks of one host are separate switches: without an adapter in the same one nothing passes.",
	    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/plan/"
	    "plan-hyper-v-networking-in-windows-server",
	    EX_HOST "  networks:\n    lan: { kind: private }\n" EX_DEBIAN "    network: lan\n" EX_SECOND
		    "connections:\n  - { from: second, to: server, service: ssh }\n",
	    EX_HOST EX_DEBIAN EX_SECOND "connections:\n  - { from: second, to: server, service: ssh }\n" },
	  check_local },
	{ { "LAB0617", SEV_ERROR, "remote-desktop-off",
	    "a connection to a Remote Desktop that is switched off", "The guest refuses the connection.",
	    CONCEPT,
	    EX_HOST EX_WIN10
	    "    remote_desktop: false\nconnections:\n  - { from: host, to: desk, service: rdp }\n",
	    EX_HOST EX_WIN10 "connections:\n  - { from: host, to: desk, service: rdp }\n" },
	  check_remote_desktop },
};

const struct rule_table connection_rules = { rows, COUNTOF(rows) };
