/* LAB05xx: networks and their ranges. */
#include <stdlib.h>

#include "model/azure.h"
#include "rules/examples.h"
#include "rules/rule.h"
#include "schema/table.h"

#define WINNAT                                                     \
	"https://techcommunity.microsoft.com/blog/virtualization/" \
	"windows-nat-winnat----capabilities-and-limitations/382303"
#define NAT "https://learn.microsoft.com/windows-server/virtualization/hyper-v/setup-nat-network"
#define VNET "https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq"
#define SCRIPT                                            \
	"https://learn.microsoft.com/azure/lab-services/" \
	"how-to-enable-nested-virtualization-template-vm-using-script"
#define SWITCH "https://github.com/canonical/multipass/issues/1153"

#define EACH(lab, h, n)   \
	EACH_HOST(lab, h) \
		EACH_NETWORK(h, n)

static bool is_kind(const struct lab_network *n, enum network_kind kind)
{
	return is_ok(n->kind.m) && n->kind.v == (int)kind;
}

static void check_second_nat(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, n) {
		struct diag *d;

		if (n->is_nat_section || !is_kind(n, KIND_NAT) || !is_kind(&h->networks[0], KIND_NAT) ||
		    (n->m.flags & META_INCOMPLETE) || meta_poisoned(n->m))
			continue;
		d = rule_at(cx, n->kind.m, n->m, "a second NAT network: Windows has one a host");
		rule_label(cx, d, h->networks[0].m, "the NAT network of the host");
		rule_help(cx, d,
			  "make it `kind: internal` (guests and host) or `kind: private` (guests only)");
	}
}

/* Whether an address of the host itself, or its virtual network, lies in a prefix. */
static bool overlaps_host(struct rule_ctx *cx, const struct lab_host *h, const struct lab_network *n)
{
	struct v_prefix vnet = azure_vnet(cx->lab);
	struct diag *d;

	if (is_ok(h->address.m) && prefix_has(n->subnet, h->address.v)) {
		d = rule_at(cx, n->subnet.m, n->m,
			    "the subnet " SV_FMT " holds the host's own address " SV_FMT,
			    SV_ARG(prefix_text(cx->a, n->subnet)), SV_ARG(ip_text(cx, h->address.v)));
		rule_label(cx, d, h->address.m, "the host is here");
		rule_help(cx, d, "take another private range, such as 192.168.0.0/24");
		return true;
	}
	if (cx->lab->target == TARGET_AZURE_VM && is_ok(vnet.m) && prefix_overlaps(n->subnet, vnet)) {
		d = rule_at(cx, n->subnet.m, n->m,
			    "the subnet " SV_FMT " overlaps the virtual network " SV_FMT,
			    SV_ARG(prefix_text(cx->a, n->subnet)), SV_ARG(prefix_text(cx->a, vnet)));
		rule_label(cx, d, vnet.m, "the host's network");
		rule_help(cx, d, "take another private range, such as 192.168.0.0/24");
		return true;
	}
	return false;
}

static int by_subnet(const void *pa, const void *pb)
{
	const struct lab_network *const *a = pa, *const *b = pb;

	if ((*a)->subnet.v != (*b)->subnet.v)
		return (*a)->subnet.v < (*b)->subnet.v ? -1 : 1;
	if ((*a)->subnet.len != (*b)->subnet.len)
		return (*a)->subnet.len < (*b)->subnet.len ? -1 : 1;
	return *a < *b ? -1 : 1;
}

/* The copies of one private network have the same range and never meet. */
static bool may_share(const struct lab_network *a, const struct lab_network *b)
{
	return a->spec == b->spec || (a->seat && b->seat && a->seat != b->seat) ||
	       (is_kind(a, KIND_PRIVATE) && is_kind(b, KIND_PRIVATE));
}

static void report_overlap(struct rule_ctx *cx, const struct lab_network *a, const struct lab_network *b)
{
	const struct lab_network *late = a, *early = b;
	struct diag *d;

	if (!meta_written(a->subnet.m) ||
	    (meta_written(b->subnet.m) &&
	     spec_span(cx->s, a->subnet.m).off < spec_span(cx->s, b->subnet.m).off)) {
		late = b;
		early = a;
	}
	d = rule_at(cx, late->subnet.m, late->m,
		    "the subnet " SV_FMT " of '" SV_FMT "' overlaps " SV_FMT " of '" SV_FMT "'",
		    SV_ARG(prefix_text(cx->a, late->subnet)), SV_ARG(late->base),
		    SV_ARG(prefix_text(cx->a, early->subnet)), SV_ARG(early->base));
	rule_label(cx, d, early->subnet.m, "overlaps this one");
	rule_help(cx, d, "give every network of a host a range of its own");
}

static void check_overlap(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		const struct lab_network **v = NEW(cx->a, const struct lab_network *, h->n_networks);
		size_t n = 0;
		const struct lab_network *widest = NULL;

		EACH_NETWORK(h, w)
			if (is_ok(w->subnet.m) && w->kind.v != KIND_DEFAULT_SWITCH && w->seat <= 1 &&
			    (is_kind(w, KIND_PRIVATE) || !overlaps_host(cx, h, w)))
				v[n++] = w;
		if (n > 1)
			qsort(v, n, sizeof(v[0]), by_subnet);
		/* Sorted by start, prefixes overlap exactly when one begins inside the widest before it. */
		for (size_t i = 0; i < n; i++) {
			if (widest && prefix_has(widest->subnet, v[i]->subnet.v)) {
				if (!may_share(widest, v[i]))
					report_overlap(cx, widest, v[i]);
			} else {
				widest = v[i];
			}
		}
	}
}

static void check_private_range(struct rule_ctx *cx, const struct lab *lab)
{
	static const struct {
		uint32_t v;
		uint8_t len;
		const char *what;
	} special[] = {
		{ 0x7f000000u, 8, "the machine itself" },
		{ 0xa9fe0000u, 16, "link-local addresses" },
		{ 0xe0000000u, 4, "multicast" },
		{ 0xa83f8110u, 32, "Azure's own services" },
	};

	EACH(lab, h, n) {
		const char *what = "public addresses";
		struct diag *d;

		if (!is_ok(n->subnet.m) || n->kind.v == KIND_DEFAULT_SWITCH ||
		    (ip_is_private(n->subnet.v) && ip_is_private(prefix_broadcast(n->subnet))))
			continue;
		for (size_t i = 0; i < COUNTOF(special); i++)
			if (n->subnet.len >= special[i].len &&
			    prefix_has((struct v_prefix){ .v = special[i].v, .len = special[i].len },
				       n->subnet.v))
				what = special[i].what;
		d = rule_at(cx, n->subnet.m, n->m, SV_FMT " is no private range: it holds %s",
			    SV_ARG(prefix_text(cx->a, n->subnet)), what);
		rule_help(cx, d, "take a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16");
	}
}

static void check_lab_range(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, n) {
		struct v_prefix labs = { .v = 0x0a000000u, .len = 16 };

		if (lab->target != TARGET_LAB_SERVICES || !is_kind(n, KIND_NAT) || !is_ok(n->subnet.m) ||
		    !prefix_overlaps(n->subnet, labs) ||
		    (is_ok(h->address.m) && prefix_has(n->subnet, h->address.v)))
			continue;
		rule_help(cx,
			  rule_at(cx, n->subnet.m, n->m,
				  "lab VMs usually have addresses in " SV_FMT " themselves",
				  SV_ARG(prefix_text(cx->a, labs))),
			  "take another private range, such as 192.168.0.0/24, or the host may not reach its "
			  "own network");
	}
}

static void check_gateway(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, n) {
		const char *what = NULL;
		struct diag *d;

		if (!is_ok(n->subnet.m) || !is_ok(n->gateway.m) || n->kind.v == KIND_DEFAULT_SWITCH)
			continue;
		if (!prefix_has(n->subnet, n->gateway.v))
			what = "lies outside the subnet";
		else if (n->subnet.len < 31 && n->gateway.v == n->subnet.v)
			what = "is the network address of";
		else if (n->subnet.len < 31 && n->gateway.v == prefix_broadcast(n->subnet))
			what = "is the broadcast address of";
		if (!what)
			continue;
		d = rule_at(cx, n->gateway.m, n->m, "the gateway " SV_FMT " %s " SV_FMT,
			    SV_ARG(ip_text(cx, n->gateway.v)), what, SV_ARG(prefix_text(cx->a, n->subnet)));
		rule_label(cx, d, n->subnet.m, SV_FMT " to " SV_FMT,
			   SV_ARG(ip_text(cx, prefix_first(n->subnet))),
			   SV_ARG(ip_text(cx, prefix_last(n->subnet))));
		rule_help(cx, d, "write an address of the subnet, usually " SV_FMT,
			  SV_ARG(ip_text(cx, prefix_first(n->subnet))));
		rule_fix(cx, d, n->gateway.m, sv_cstr(cx->a, ip_text(cx, prefix_first(n->subnet))), false);
	}
}

static void check_default_switch(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, n) {
		const struct meta *m = NULL;

		if (!is_kind(n, KIND_DEFAULT_SWITCH) || !n->spec)
			continue;
		if (meta_written(n->spec->subnet.m))
			m = &n->spec->subnet.m;
		else if (meta_written(n->spec->gateway.m))
			m = &n->spec->gateway.m;
		else if (n->dhcp)
			m = &n->spec->dhcp.h.m;
		if (!m || meta_poisoned(*m))
			continue;
		rule_help(cx, rule_at(cx, *m, n->m, "nobody can choose the addresses of the Default Switch"),
			  "remove this, or take `kind: nat` for a subnet of your own");
	}
}

static void check_no_default_switch(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, n) {
		struct diag *d;

		if (!is_kind(n, KIND_DEFAULT_SWITCH) || !h->os || !h->os->server)
			continue;
		d = rule_at(cx, n->kind.m, n->m, "%s has no Default Switch", h->os->name);
		rule_label(cx, d, h->os_m, "a server");
		rule_help(cx, d, "take `kind: nat`, or windows-11 for the host");
	}
}

static void check_unused(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, n)
		if (!n->is_nat_section && !n->n_nics && n->seat <= 1 && !lab->is_partial)
			rule_help(cx,
				  rule_report(cx, spec_key_span(cx->s, n->m),
					      "no guest is in the network '" SV_FMT "'", SV_ARG(n->base)),
				  "connect a guest by `network` or `nics`, or remove it");
}

static void check_private_nat(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, n) {
		struct diag *d;

		if (!is_ok(n->nat.m) || !meta_written(n->nat.m) || is_kind(n, KIND_NAT) || !is_ok(n->kind.m))
			continue;
		d = rule_at(cx, n->nat.m, n->m, "a network of kind %s has no NAT",
			    is_kind(n, KIND_PRIVATE)    ? "private"
			    : is_kind(n, KIND_INTERNAL) ? "internal"
							: "default-switch");
		rule_label(cx, d, n->kind.m, "%s",
			   is_kind(n, KIND_PRIVATE) ? "the host is not in it" : "not a NAT network");
		rule_help(cx, d, "remove `nat`; a guest with a second adapter can be the way out");
	}
}

static void check_dhcp_range(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, n) {
		struct diag *d = NULL;

		if (!n->dhcp || !is_ok(n->subnet.m) || n->kind.v == KIND_DEFAULT_SWITCH)
			continue;
		if (!prefix_has(n->subnet, n->range.lo) || !prefix_has(n->subnet, n->range.hi) ||
		    n->range.lo < prefix_first(n->subnet) || n->range.hi > prefix_last(n->subnet)) {
			d = rule_at(cx, n->range.m, n->m, "the DHCP range lies outside the subnet " SV_FMT,
				    SV_ARG(prefix_text(cx->a, n->subnet)));
			rule_label(cx, d, n->subnet.m, SV_FMT " to " SV_FMT,
				   SV_ARG(ip_text(cx, prefix_first(n->subnet))),
				   SV_ARG(ip_text(cx, prefix_last(n->subnet))));
		} else if (is_ok(n->gateway.m) && n->gateway.v >= n->range.lo &&
			   n->gateway.v <= n->range.hi) {
			d = rule_at(cx, n->range.m, n->m, "the DHCP range holds the gateway " SV_FMT,
				    SV_ARG(ip_text(cx, n->gateway.v)));
			rule_label(cx, d, n->gateway.m, "the gateway");
		}
		if (d)
			rule_help(cx, d,
				  "write a part of the subnet that nothing else uses, such as .100 to .200");
	}
}

static void check_dhcp_lab_vm(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, n)
		if (n->dhcp && lab->target_info->flags & TG_AZURE && h->os && h->os->server &&
		    n->kind.v != KIND_DEFAULT_SWITCH)
			rule_help(cx,
				  rule_at(cx, n->spec->dhcp.h.m, n->m,
					  "a DHCP server on a machine in Azure is unsupported"),
				  "give the guests addresses (`auto` is the default), or let a guest serve "
				  "DHCP in a private network");
}

static void check_dhcp_client(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, n) {
		struct diag *d;

		if (!n->dhcp || !h->os || h->os->server || n->kind.v == KIND_DEFAULT_SWITCH)
			continue;
		d = rule_at(cx, n->range.m, n->m, "%s has no DHCP server role", h->os->name);
		rule_label(cx, d, h->os_m, "a client");
		rule_help(cx, d, "take a server for the host, or give the guests addresses");
	}
}

/* Rules of adapters tell what lies beyond a network by the network's own addresses. */
static void check_egress(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, n) {
		bool is_inside = is_kind(n, KIND_INTERNAL) || is_kind(n, KIND_PRIVATE);
		struct diag *d;

		if (!n->n_nics || n->seat > 1 || !meta_written(n->egress.m) || !is_ok(n->egress.m) || n->egress.v == EGRESS_ALL ||
		    n->subnet.m.state != META_ABSENT || (is_inside && n->egress.v == EGRESS_INTERNET))
			continue;
		d = rule_at(cx, n->egress.m, n->m, "`egress: %s` has no effect: the addresses of '" SV_FMT "' are not known",
			    words_egress.v[n->egress.v].word, SV_ARG(n->base));
		rule_help(cx, d, is_inside ? "write its `subnet`" : "put its guests into the NAT network");
	}
}

static const struct rule rows[] = {
	{ { "LAB0503", SEV_ERROR, "second-nat", "more than one NAT network on a host",
	    "WinNAT has one internal prefix a host; a second one puts it in an undefined state.", WINNAT,
	    EX_HOST "  networks:\n    dmz: { kind: nat, subnet: 192.168.9.0/24 }\n" EX_DEBIAN,
	    EX_HOST "  networks:\n    dmz: { kind: internal, subnet: 192.168.9.0/24 }\n" EX_DEBIAN },
	  check_second_nat },
	{ { "LAB0504", SEV_ERROR, "subnet-overlap", "networks with common addresses",
	    "Windows does not know which network an address is in: guests or the host itself are not "
	    "reached.",
	    WINNAT, EX_HOST "  address: 10.0.0.8\n  network: { subnet: 10.0.0.0/24 }\n" EX_DEBIAN,
	    EX_HOST "  address: 10.0.0.8\n  network: { subnet: 192.168.7.0/24 }\n" EX_DEBIAN },
	  check_overlap },
	{ { "LAB0505", SEV_ERROR, "subnet-not-private", "a subnet of addresses that belong to others",
	    "Guests could not reach the real owners of these addresses; some ranges do not work at all.",
	    VNET, EX_HOST "  network: { subnet: 172.32.0.0/24 }\n" EX_DEBIAN,
	    EX_HOST "  network: { subnet: 172.31.0.0/24 }\n" EX_DEBIAN },
	  check_private_range },
	{ { "LAB0506", SEV_ERROR, "gateway", "a gateway that is no address of its subnet",
	    "The host cannot be given that address, and guests find no way out.", NAT,
	    EX_HOST "  network: { subnet: 192.168.7.0/24, gateway: 192.168.8.1 }\n" EX_DEBIAN,
	    EX_HOST "  network: { subnet: 192.168.7.0/24, gateway: 192.168.7.1 }\n" EX_DEBIAN },
	  check_gateway },
	{ { "LAB0510", SEV_ERROR, "dhcp-range", "a DHCP range outside its subnet or over the gateway",
	    "The scope is refused, or a guest is given the gateway's address and cuts off all others.",
	    "https://learn.microsoft.com/powershell/module/dhcpserver/add-dhcpserverv4scope",
	    EX_HV_HOST
	    "  network: { subnet: 192.168.7.0/24, dhcp: { range: 192.168.8.100-192.168.8.200 } }\n" EX_DEBIAN,
	    EX_HV_HOST "  network: { subnet: 192.168.7.0/24, dhcp: { range: 192.168.7.100-192.168.7.200 } "
		       "}\n" EX_DEBIAN },
	  check_dhcp_range },
	{ { "LAB0511", SEV_WARNING, "dhcp-on-lab-vm", "a DHCP server on a machine in Azure",
	    "Unsupported since 2024: published machines saw each other's server, and what one student "
	    "changed reached all.",
	    SCRIPT, EX_HOST "  network: { dhcp: { range: 192.168.0.100-192.168.0.200 } }\n" EX_DEBIAN,
	    EX_HOST EX_DEBIAN },
	  check_dhcp_lab_vm },
	{ { "LAB0512", SEV_ERROR, "dhcp-on-client", "a DHCP server on a Windows client",
	    "The role does not exist there.",
	    "https://github.com/Azure/LabServices/tree/main/ClassTypes/PowerShell/HyperV",
	    EX_HV_HOST "  os: windows-11\n  network: { subnet: 192.168.7.0/24, dhcp: { range: "
		       "192.168.7.100-192.168.7.200 } }\n" EX_DEBIAN,
	    EX_HV_HOST "  os: windows-server-2022\n  network: { subnet: 192.168.7.0/24, dhcp: { range: "
		       "192.168.7.100-192.168.7.200 } }\n" EX_DEBIAN },
	  check_dhcp_client },
	{ { "LAB0514", SEV_ERROR, "default-switch-subnet", "a subnet for the Default Switch",
	    "Windows chooses its addresses anew at every start of the host.", SWITCH,
	    EX_HOST
	    "  os: windows-11\n  network: { kind: default-switch, subnet: 192.168.7.0/24 }\n" EX_DEBIAN,
	    EX_HOST "  os: windows-11\n  network: { kind: default-switch }\n" EX_DEBIAN },
	  check_default_switch },
	{ { "LAB0519", SEV_ERROR, "no-default-switch", "the Default Switch on a server",
	    "Only Windows clients have it: the switch is not found and no guest is connected.",
	    "https://learn.microsoft.com/azure/lab-services/"
	    "how-to-enable-nested-virtualization-template-vm-using-script",
	    EX_HOST "  network: { kind: default-switch }\n" EX_DEBIAN,
	    EX_HOST "  os: windows-11\n  network: { kind: default-switch }\n" EX_DEBIAN },
	  check_no_default_switch },
	{ { "LAB0524", SEV_WARNING, "egress-without-subnet", "an `egress` that cannot be enforced",
	    "The rules of an adapter let its own network through and stop the rest: without a subnet, as on the Default "
	    "Switch, they cannot tell the two apart, and guests reach everything.",
	    "https://learn.microsoft.com/powershell/module/hyper-v/add-vmnetworkadapterextendedacl",
	    EX_HV_HOST "  os: windows-11\n  network: { kind: default-switch, egress: none }\n" EX_DEBIAN,
	    EX_HV_HOST "  os: windows-11\n  network: { subnet: 192.168.7.0/24, egress: none }\n" EX_DEBIAN },
	  check_egress },
	{ { "LAB0522", SEV_NOTE, "unused-network", "a network without a guest",
	    "Its switch is made for nothing; usually a guest was meant to be in it.", "SPEC.md#network",
	    EX_HV_HOST "  networks:\n    lan: { kind: private }\n" EX_DEBIAN,
	    EX_HV_HOST "  networks:\n    lan: { kind: private }\n" EX_DEBIAN "    network: lan\n" },
	  check_unused },
	{ { "LAB0515", SEV_ERROR, "nat-on-private", "a NAT for a network that has none",
	    "A NAT needs the host in the network: guests would expect an internet that is not there.", NAT,
	    EX_HOST "  networks:\n    lan: { kind: private, nat: LanNat }\n" EX_DEBIAN,
	    EX_HOST "  networks:\n    lan: { kind: private }\n" EX_DEBIAN },
	  check_private_nat },
	{ { "LAB0517", SEV_WARNING, "lab-range", "a NAT subnet in the range lab VMs have themselves",
	    "If the lab's own network is in it, WinNAT refuses the prefix or the host is cut off.",
	    "https://learn.microsoft.com/azure/lab-services/"
	    "concept-nested-virtualization-template-vm#example-scenarios",
	    EX_HOST "  network: { subnet: 10.0.7.0/24 }\n" EX_DEBIAN,
	    EX_HOST "  network: { subnet: 192.168.7.0/24 }\n" EX_DEBIAN },
	  check_lab_range },
};

const struct rule_table network_rules = { rows, COUNTOF(rows) };
