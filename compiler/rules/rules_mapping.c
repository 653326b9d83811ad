/* LAB06xx: port mappings. */
#include "rules/examples.h"
#include "rules/rule.h"

#define MAPPING "https://learn.microsoft.com/powershell/module/netnat/add-netnatstaticmapping"
#define CONCEPT                                           \
	"https://learn.microsoft.com/azure/lab-services/" \
	"concept-nested-virtualization-template-vm#connect-to-a-nested-vm-in-another-lab-vm"
#define WINNAT                                                     \
	"https://techcommunity.microsoft.com/blog/virtualization/" \
	"windows-nat-winnat----capabilities-and-limitations/382303"

#define EACH(lab, h, m)   \
	EACH_HOST(lab, h) \
		EACH_MAPPING(h, m)

static const char *word(const struct lab_mapping *m) { return m->protocol.v == PROTO_UDP ? "UDP" : "TCP"; }

static bool has_port(const struct lab_mapping *m)
{
	return is_ok(m->external.m) && is_ok(m->protocol.m) && !m->external.is_auto;
}

static bool is_later(struct rule_ctx *cx, const struct lab_mapping *a, const struct lab_mapping *b)
{
	struct span sa = spec_where(cx->s, a->external.m, a->m), sb = spec_where(cx->s, b->external.m, b->m);

	return sa.src != sb.src ? sa.src > sb.src : sa.off >= sb.off;
}

static void report_collision(struct rule_ctx *cx, const struct lab_mapping *a, const struct lab_mapping *b)
{
	const struct lab_mapping *late = is_later(cx, b, a) ? b : a, *early = late == a ? b : a;
	struct diag *d =
		rule_at(cx, late->external.m, late->m, "%s port %u leads to '" SV_FMT "' and to '" SV_FMT "'",
			word(late), late->external.v, SV_ARG(early->guest->name), SV_ARG(late->guest->name));

	if (early->spec != late->spec)
		rule_label(cx, d, early->external.m.node ? early->external.m : early->m,
			   "taken here for '" SV_FMT "'", SV_ARG(early->guest->name));
	if (a->guest->copy != b->guest->copy || (a->guest->copy && a->guest->spec == b->guest->spec))
		rule_label(cx, d, (a->guest->copy ? a : b)->guest->spec->count.m,
			   "external ports go up by one a copy");
	rule_help(
		cx, d,
		"one protocol and external port lead to one place: write another port, or `external: auto`");
}

static void check_collision(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct map seen;
		uint32_t *keys = NEW(cx->a, uint32_t, h->n_mappings + 1);

		map_init(&seen, cx->a, false);
		for (uint32_t i = 0; i < h->n_mappings; i++) {
			struct lab_mapping *m = &h->mappings[i];
			struct map_entry *e;

			if (!has_port(m))
				continue;
			keys[i] = (uint32_t)m->external.v << 1 | (m->protocol.v == PROTO_UDP);
			e = map_add(&seen, (struct sv){ (const char *)&keys[i], sizeof(keys[i]) }, m);
			if (e)
				report_collision(cx, e->value, m);
		}
	}
}

static void check_ports(struct rule_ctx *cx, const struct lab *lab, bool certain)
{
	EACH(lab, h, m) {
		const struct reserved_port *p;
		struct diag *d;

		if (!has_port(m))
			continue;
		p = catalogue_reserved_port(m->external.v, m->protocol.v == PROTO_UDP,
					    lab->target_info->flags & TG_AZURE);
		if (!p || p->certain != certain)
			continue;
		d = rule_at(cx, m->external.m, m->m, "external %s port %u is taken: %s", word(m),
			    m->external.v, p->why);
		if (m->external.v == 3389)
			rule_help(cx, d,
				  "take another external port, such as 3390, and keep 3389 as the internal "
				  "one");
		else
			rule_help(cx, d, "take another external port; see %s", p->source);
	}
}

static void check_reserved(struct rule_ctx *cx, const struct lab *lab) { check_ports(cx, lab, true); }

static void check_host_service(struct rule_ctx *cx, const struct lab *lab) { check_ports(cx, lab, false); }

/* What Windows hands out to programs, and cuts blocks out of for itself. */
enum { DYNAMIC_FIRST = 49152 };

/* Whether later copies have ports that do not exist, which is said. */
static bool copies_run_over(const struct lab_mapping *m)
{
	int64_t count = is_ok(m->guest->spec->count.m) ? m->guest->spec->count.v : 1;

	return m->guest->copy && m->external.v + count - m->guest->copy > 65535;
}

static void check_dynamic(struct rule_ctx *cx, const struct lab *lab)
{
	bool azure = lab->target_info->flags & TG_AZURE;

	EACH(lab, h, m) {
		if (!is_ok(m->external.m) || m->external.v < DYNAMIC_FIRST || m->external.m.origin == ORIGIN_DERIVED ||
		    catalogue_reserved_port(m->external.v, m->protocol.v == PROTO_UDP, azure) || copies_run_over(m))
			continue;
		rule_help(cx,
			  rule_at(cx, m->external.m.node ? m->external.m : m->m, m->guest->m,
				  "external port %u is one that Windows gives to programs", m->external.v),
			  "take a port below %u, or `auto`; 'netsh int ipv4 show excludedportrange protocol=tcp' lists what is taken",
			  DYNAMIC_FIRST);
	}
}

static bool has_nat(const struct lab_host *h)
{
	return is_ok(h->networks[0].kind.m) && h->networks[0].kind.v == KIND_NAT;
}

static void check_no_address(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, m) {
		struct diag *d;

		if (!m->nic || !has_nat(h) || !lab_guest_is_whole(m->guest) || nic_is_fixed(m->nic) ||
		    meta_poisoned(m->m) || meta_poisoned(m->nic->network->subnet.m))
			continue;
		d = rule_at(cx, m->external.m.node ? m->external.m : m->m, m->guest->m,
			    "a mapping needs a fixed address, and '" SV_FMT "' %s", SV_ARG(m->guest->base),
			    is_ok(m->nic->address.m) ? "leases one" : "has none");
		rule_label(cx, d, m->nic->address.m, "leased");
		rule_help(cx, d, "write an address of the NAT network, or `auto`");
	}
}

static void check_no_nat(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, m) {
		const struct lab_guest *g = m->guest;
		struct diag *d;

		if ((m->nic && has_nat(h)) || !lab_guest_is_whole(g) || meta_poisoned(m->m) ||
		    !is_ok(h->networks[0].kind.m))
			continue;
		d = rule_at(cx, m->external.m.node ? m->external.m : m->m, g->m,
			    has_nat(h) ? "a mapping to '" SV_FMT "', which is not in the NAT network"
				       : "a mapping to '" SV_FMT "' on a host without a NAT network",
			    SV_ARG(g->base));
		if (has_nat(h) && g->n_nics)
			rule_label(cx, d, g->nics[0].spec ? g->nics[0].spec->network.m : g->spec->network.m,
				   "its network");
		else
			rule_label(cx, d, h->networks[0].kind.m, "no NAT of its own");
		rule_help(cx, d,
			  has_nat(h) ? "give the guest an adapter in `nat`, or remove the mapping"
				     : "mappings need a network of `kind: nat`");
	}
}

static void check_external_address(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, m) {
		struct diag *d;

		if (!is_ok(m->external_address.m) || m->external_address.v == 0)
			continue;
		d = rule_at(cx, m->external_address.m, m->m,
			    "external address " SV_FMT ": only 0.0.0.0 is known to work",
			    SV_ARG(ip_text(cx, m->external_address.v)));
		rule_help(cx, d, "leave it away: the mapping then listens on every address of the host");
		rule_fix(cx, d, m->external_address.m, "0.0.0.0", false);
	}
}

static void check_expose(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, m)
		if (lab->target != TARGET_AZURE_VM && is_true(m->expose))
			rule_help(cx,
				  rule_at(cx, m->expose.m, m->m,
					  "ports can be opened to the outside on azure-vm only"),
				  "on %s mappings are reached from private addresses; remove `expose`",
				  lab->target_info->id);
}

static const struct rule rows[] = {
	{ { "LAB0601", SEV_ERROR, "mapping-collision", "one external port for two mappings",
	    "WinNAT keeps one endpoint a port: adding the second mapping fails.", WINNAT,
	    EX_HOST EX_DEBIAN "    ports: [\"2222:22\"]\n" EX_SECOND "    ports: [\"2222:22\"]\n",
	    EX_HOST EX_DEBIAN "    ports: [\"2222:22\"]\n" EX_SECOND "    ports: [\"2223:22\"]\n" },
	  check_collision },
	{ { "LAB0603", SEV_ERROR, "reserved-port", "an external port that belongs to the host or to Azure",
	    "With 3389 mapped to a guest nobody reaches the lab VM itself any more; Azure drops the others.",
	    "https://learn.microsoft.com/azure/lab-services/classroom-labs-fundamentals",
	    EX_HOST EX_WIN10 "    ports: [\"3389:3389\"]\n",
	    EX_HOST EX_WIN10 "    ports: [\"3390:3389\"]\n" },
	  check_reserved },
	{ { "LAB0604", SEV_WARNING, "host-service-port", "an external port that a service of Windows uses",
	    "The mapping takes the port from the service, or does not get it.",
	    "https://learn.microsoft.com/troubleshoot/windows-server/networking/"
	    "service-overview-and-network-port-requirements",
	    EX_HOST EX_DEBIAN "    ports: [\"445:445\"]\n", EX_HOST EX_DEBIAN "    ports: [\"4445:445\"]\n" },
	  check_host_service },
	{ { "LAB0622", SEV_WARNING, "dynamic-port", "an external port of the range that programs get",
	    "Windows keeps changing blocks of 49152 to 65535 for itself and lends the rest to programs: the mapping may be "
	    "refused on some starts.",
	    "https://learn.microsoft.com/troubleshoot/windows-server/networking/"
	    "default-dynamic-port-range-tcpip-chang",
	    EX_HOST EX_DEBIAN "    ports: [\"50022:22\"]\n", EX_HOST EX_DEBIAN "    ports: [\"2222:22\"]\n" },
	  check_dynamic },
	{ { "LAB0605", SEV_ERROR, "mapping-without-address", "a mapping to a guest with a leased address",
	    "A mapping names the guest's address; a lease may be another one tomorrow.", MAPPING,
	    EX_HV_HOST "  network: { subnet: 192.168.7.0/24, dhcp: { range: 192.168.7.100-192.168.7.200 } "
		       "}\n" EX_DEBIAN "    address: dhcp\n    ports: [\"2222:22\"]\n",
	    EX_HV_HOST "  network: { subnet: 192.168.7.0/24, dhcp: { range: 192.168.7.100-192.168.7.200 } "
		       "}\n" EX_DEBIAN "    address: 192.168.7.10\n    ports: [\"2222:22\"]\n" },
	  check_no_address },
	{ { "LAB0606", SEV_ERROR, "mapping-without-nat", "a mapping to a guest outside of the NAT network",
	    "Only the NAT instance has mappings, and it leads into its own network alone.", CONCEPT,
	    EX_HOST "  networks:\n    lan: { kind: internal, subnet: 192.168.9.0/24 }\n" EX_DEBIAN
		    "    network: lan\n    ports: [\"2222:22\"]\n",
	    EX_HOST "  networks:\n    lan: { kind: internal, subnet: 192.168.9.0/24 }\n" EX_DEBIAN
		    "    nics: [{ network: nat }, { network: lan }]\n    ports: [\"2222:22\"]\n" },
	  check_no_nat },
	{ { "LAB0607", SEV_WARNING, "external-address", "a mapping for one external address only",
	    "Add-NetNatStaticMapping fails with other addresses: the process cannot access the file.",
	    "https://github.com/MicrosoftDocs/windows-powershell-docs/issues/1594",
	    EX_HOST EX_DEBIAN "    ports: [{ external: 2222, internal: 22, external_address: 10.0.0.8 }]\n",
	    EX_HOST EX_DEBIAN "    ports: [{ external: 2222, internal: 22 }]\n" },
	  check_external_address },
	{ { "LAB0618", SEV_ERROR, "expose", "a port opened to the outside where there is no outside",
	    "Lab VMs have private addresses only; further ports can never be opened to the internet.",
	    CONCEPT, EX_HOST EX_DEBIAN "    ports: [{ external: 2222, internal: 22, expose: true }]\n",
	    EX_HOST EX_DEBIAN "    ports: [{ external: 2222, internal: 22 }]\n" },
	  check_expose },
};

const struct rule_table mapping_rules = { rows, COUNTOF(rows) };
