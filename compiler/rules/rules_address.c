/* LAB05xx: addresses of guests. */
#include "rules/examples.h"
#include "rules/rule.h"

#define SCRIPT                                            \
	"https://learn.microsoft.com/azure/lab-services/" \
	"how-to-enable-nested-virtualization-template-vm-using-script"
#define NAT "https://learn.microsoft.com/windows-server/virtualization/hyper-v/setup-nat-network"

/* NICs whose address and network are known. */
#define EACH_FIXED(lab, h, g, n)       \
	EACH_HOST(lab, h)              \
		EACH_GUEST(h, g)       \
			EACH_NIC(g, n) \
				if (n->network && nic_is_fixed(n))

/* The first address a guest may have. */
static uint32_t first_free(const struct lab_network *w)
{
	uint32_t first = prefix_first(w->subnet);

	return is_ok(w->gateway.m) && w->gateway.v == first && first < prefix_last(w->subnet) ? first + 1
											      : first;
}

static void check_in_subnet(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_FIXED(lab, h, g, n) {
		const struct lab_network *w = n->network;
		const char *what = NULL;
		struct diag *d;

		if (!is_ok(w->subnet.m) || w->kind.v == KIND_DEFAULT_SWITCH)
			continue;
		/* such a subnet is the mistake, not the addresses */
		if (is_ok(h->address.m) && prefix_has(w->subnet, h->address.v))
			continue;
		if (!prefix_has(w->subnet, n->address.v))
			what = "lies outside the subnet";
		else if (w->subnet.len < 31 && n->address.v == w->subnet.v)
			what = "is the network address of";
		else if (w->subnet.len < 31 && n->address.v == prefix_broadcast(w->subnet))
			what = "is the broadcast address of";
		else if (is_ok(w->gateway.m) && n->address.v == w->gateway.v)
			what = "is the gateway of";
		if (!what)
			continue;
		d = rule_at(cx, n->address.m, n->m, "the guest's address " SV_FMT " %s " SV_FMT,
			    SV_ARG(ip_text(cx, n->address.v)), what, SV_ARG(prefix_text(cx->a, w->subnet)));
		rule_label(cx, d,
			   is_ok(w->gateway.m) && n->address.v == w->gateway.v ? w->gateway.m : w->subnet.m,
			   is_ok(w->gateway.m) && n->address.v == w->gateway.v ? "the host's address"
									       : "the subnet");
		if (g->copy > 1)
			rule_label(cx, d, g->spec->count.m, "copy %u gets this address", g->copy);
		rule_help(cx, d, "write one of " SV_FMT " to " SV_FMT " that no other guest has, or `auto`",
			  SV_ARG(ip_text(cx, first_free(w))), SV_ARG(ip_text(cx, prefix_last(w->subnet))));
	}
}

/* Whether a lies behind b in the file. */
static bool is_later(struct rule_ctx *cx, const struct lab_nic *a, const struct lab_nic *b)
{
	struct span sa = spec_where(cx->s, a->address.m, a->m), sb = spec_where(cx->s, b->address.m, b->m);

	return sa.src != sb.src ? sa.src > sb.src : sa.off >= sb.off;
}

static void report_twice(struct rule_ctx *cx, const struct lab_nic *a, const struct lab_nic *b)
{
	const struct lab_nic *late = is_later(cx, a, b) ? a : b, *early = late == a ? b : a;
	const struct lab_guest *g = late->guest;
	struct diag *d = rule_at(
		cx, late->address.m, late->m, "'" SV_FMT "' and '" SV_FMT "' have the address " SV_FMT,
		SV_ARG(early->guest->name), SV_ARG(g->name), SV_ARG(ip_text(cx, late->address.v)));

	if (early->address.m.node != late->address.m.node)
		rule_label(cx, d, early->address.m, "'" SV_FMT "' has it already",
			   SV_ARG(early->guest->name));
	if (a->guest->copy)
		rule_label(cx, d, a->guest->spec->count.m, "addresses go up by one a copy");
	if (b->guest->copy && b->guest->spec != a->guest->spec)
		rule_label(cx, d, b->guest->spec->count.m, "addresses go up by one a copy");
	rule_help(cx, d, "write another one, or `auto`");
}

static void check_twice(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct map seen;
		uint64_t *keys;
		size_t n_nics = 0, k = 0;

		EACH_GUEST(h, g)
			n_nics += g->n_nics;
		keys = NEW(cx->a, uint64_t, n_nics + 1);
		map_init(&seen, cx->a, false);
		for (uint32_t i = 0; i < h->n_guests; i++)
			for (uint32_t j = 0; j < h->guests[i].n_nics; j++) {
				struct lab_nic *n = &h->guests[i].nics[j];
				struct map_entry *e;

				if (!n->network || !nic_is_fixed(n))
					continue;
				keys[k] = (uint64_t)(n->network - h->networks) << 32 | n->address.v;
				e = map_add(&seen, (struct sv){ (const char *)&keys[k], sizeof(keys[k]) }, n);
				k++;
				if (e)
					report_twice(cx, e->value, n);
			}
	}
}

static void check_in_range(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_FIXED(lab, h, g, n) {
		const struct lab_network *w = n->network;
		struct diag *d;

		if (!w->dhcp || n->address.v < w->range.lo || n->address.v > w->range.hi)
			continue;
		d = rule_at(cx, n->address.m, n->m, SV_FMT " lies in the range that DHCP gives away",
			    SV_ARG(ip_text(cx, n->address.v)));
		rule_label(cx, d, w->range.m, "the range");
		rule_help(cx, d,
			  "the server may lease it to another guest: take an address outside the range");
	}
}

static void check_default_switch(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_FIXED(lab, h, g, n) {
		struct diag *d;

		if (!is_ok(n->network->kind.m) || n->network->kind.v != KIND_DEFAULT_SWITCH)
			continue;
		d = rule_at(cx, n->address.m, n->m, "a fixed address on the Default Switch");
		rule_label(cx, d, n->network->kind.m, "its addresses change at every start of the host");
		rule_help(cx, d, "write `dhcp`, or give the host a network of `kind: nat`");
		rule_fix(cx, d, n->address.m, "dhcp", false);
	}
}

static void check_guest_gateway(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_FIXED(lab, h, g, n) {
		const struct lab_network *w = n->network;
		struct diag *d;

		if (!is_ok(w->subnet.m) || !is_ok(n->gateway.m) || !meta_written(g->spec->gateway.m) ||
		    w->kind.v == KIND_DEFAULT_SWITCH ||
		    (prefix_has(w->subnet, n->gateway.v) && n->gateway.v != n->address.v))
			continue;
		d = rule_at(cx, n->gateway.m, n->m,
			    prefix_has(w->subnet, n->gateway.v) ? "a guest that is its own gateway, " SV_FMT
								: "the gateway " SV_FMT
								  " lies outside the guest's network",
			    SV_ARG(ip_text(cx, n->gateway.v)));
		rule_label(cx, d, w->subnet.m, "the subnet");
		rule_help(cx, d, "a gateway is the address of another machine in " SV_FMT,
			  SV_ARG(prefix_text(cx->a, w->subnet)));
	}
}

static void report_mac(struct rule_ctx *cx, const struct lab_nic *first, const struct lab_nic *n)
{
	struct diag *d = rule_at(cx, n->mac.m, n->m, "'" SV_FMT "' and '" SV_FMT "' have one MAC address",
				 SV_ARG(first->guest->name), SV_ARG(n->guest->name));

	if (first->mac.m.node != n->mac.m.node)
		rule_label(cx, d, first->mac.m, "the same");
	rule_help(cx, d, "leave `mac` away: Hyper-V gives every adapter one of its own");
}

static void check_mac(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct map seen;

		map_init(&seen, cx->a, false);
		for (uint32_t i = 0; i < h->n_guests; i++)
			for (uint32_t j = 0; j < h->guests[i].n_nics; j++) {
				struct lab_nic *n = &h->guests[i].nics[j];
				struct sv key = { (const char *)&n->mac.v, sizeof(n->mac.v) };
				struct map_entry *e;

				if (!is_ok(n->mac.m))
					continue;
				e = map_add(&seen, key, n);
				if (n->mac.v >> 40 & 1)
					rule_help(
						cx,
						rule_at(cx, n->mac.m, n->m,
							"a group address, which no adapter can have"),
						"the second digit must be even; 02-... is free for own use");
				else if (e)
					report_mac(cx, e->value, n);
			}
	}
}

static void check_no_dns(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_FIXED(lab, h, g, n)
		if (n == g->nat_nic && is_ok(n->dns.m) && !n->dns.is_host && !n->dns.n &&
		    meta_written(n->dns.m))
			rule_help(cx,
				  rule_at(cx, n->dns.m, n->m,
					  "without a DNS server the guest resolves no names"),
				  "leave `dns` away for the usual one, or write one");
}

static const struct rule rows[] = {
	{ { "LAB0507", SEV_ERROR, "guest-address", "a guest's address that is none of its network's",
	    "The guest reaches nobody and is reached by nobody.", SCRIPT,
	    EX_HOST EX_DEBIAN "    address: 192.168.1.10\n",
	    EX_HOST EX_DEBIAN "    address: 192.168.0.10\n" },
	  check_in_subnet },
	{ { "LAB0508", SEV_ERROR, "address-twice", "two guests with one address",
	    "Whoever answers first gets the traffic; both lose connections at random.", SCRIPT,
	    EX_HOST EX_DEBIAN "    address: 192.168.0.10\n" EX_SECOND "    address: 192.168.0.10\n",
	    EX_HOST EX_DEBIAN "    address: 192.168.0.10\n" EX_SECOND "    address: 192.168.0.11\n" },
	  check_twice },
	{ { "LAB0509", SEV_WARNING, "address-in-dhcp-range", "a fixed address in the range of DHCP",
	    "The server may lease it to another guest; even Microsoft's own example has this overlap.",
	    SCRIPT,
	    EX_HV_HOST "  network: { subnet: 192.168.7.0/24, dhcp: { range: 192.168.7.100-192.168.7.200 } "
		       "}\n" EX_DEBIAN "    address: 192.168.7.102\n",
	    EX_HV_HOST "  network: { subnet: 192.168.7.0/24, dhcp: { range: 192.168.7.100-192.168.7.200 } "
		       "}\n" EX_DEBIAN "    address: 192.168.7.20\n" },
	  check_in_range },
	{ { "LAB0513", SEV_ERROR, "default-switch-address", "a fixed address on the Default Switch",
	    "Windows changes the range at every start of the host: the guest is cut off.",
	    "https://github.com/canonical/multipass/issues/1153",
	    EX_HOST "  os: windows-11\n  network: { kind: default-switch }\n" EX_DEBIAN
		    "    address: 192.168.0.9\n",
	    EX_HOST "  os: windows-11\n  network: { kind: default-switch }\n" EX_DEBIAN
		    "    address: dhcp\n" },
	  check_default_switch },
	{ { "LAB0520", SEV_ERROR, "mac-twice", "a MAC address that two adapters have, or none can have",
	    "Frames reach the wrong guest, or Hyper-V refuses the address.",
	    "https://learn.microsoft.com/powershell/module/hyper-v/set-vmnetworkadapter",
	    EX_HOST EX_DEBIAN "    nics: [{ mac: 02-15-5D-00-00-01 }]\n" EX_SECOND
			      "    nics: [{ mac: 02-15-5D-00-00-01 }]\n",
	    EX_HOST EX_DEBIAN "    nics: [{ mac: 02-15-5D-00-00-01 }]\n" EX_SECOND
			      "    nics: [{ mac: 02-15-5D-00-00-02 }]\n" },
	  check_mac },
	{ { "LAB0521", SEV_WARNING, "no-dns", "a guest in the NAT network without a DNS server",
	    "WinNAT hands out none: names do not resolve, and updates fail.", NAT,
	    EX_HOST EX_DEBIAN "    dns: []\n", EX_HOST EX_DEBIAN "    dns: [9.9.9.9]\n" },
	  check_no_dns },
	{ { "LAB0518", SEV_ERROR, "guest-gateway", "a guest's gateway that it cannot reach",
	    "The guest finds no way out of its network.", NAT, EX_HOST EX_DEBIAN "    gateway: 192.168.5.1\n",
	    EX_HOST EX_DEBIAN "    gateway: 192.168.0.1\n" },
	  check_guest_gateway },
};

const struct rule_table address_rules = { rows, COUNTOF(rows) };
