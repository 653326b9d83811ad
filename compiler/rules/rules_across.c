/* LAB06xx to LAB08xx across several specs: names, ports and addresses that two labs on one server or in one
 * lab plan both want. The finding stands in the later spec; the earlier one is named in its help. */
#include "rules/across.h"
#include "rules/examples.h"
#include "rules/registry.h"
#include "rules/rule.h"

void rules_memory_init(struct rules_memory *m, struct arena *a)
{
	m->a = a;
	map_init(&m->taken, a, true);
}

/* Who has "kind/place/value" already, or the empty text after remembering that this lab has it. */
static struct sv taken_by(struct rule_ctx *cx, const char *kind, struct sv place, struct sv value)
{
	struct rules_memory *m = cx->memory;
	struct sv key = sv_fmt(m->a, "%s/" SV_FMT "/" SV_FMT, kind, SV_ARG(place), SV_ARG(value));
	struct map_entry *e = map_add(&m->taken, key, cx);
	struct sv *who;

	if (!e) {
		who = NEW(m->a, struct sv, 1);
		*who = sv_fmt(m->a, "lab '" SV_FMT "' in " SV_FMT, SV_ARG(cx->lab->name), SV_ARG(cx->file));
		m->taken.v[m->taken.n - 1].value = who;
		return SV("");
	}
	who = e->value;
	return *who;
}

static void check_guest_names(struct rule_ctx *cx, const struct lab *lab)
{
	if (!cx->memory || lab->target != TARGET_HYPER_V)
		return;
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			struct sv who = taken_by(cx, "guest", h->name, g->name);

			if (who.n)
				rule_help(cx,
					  rule_report(cx, spec_key_span(cx->s, g->m),
						      "the server '" SV_FMT "' has a guest '" SV_FMT
						      "' of another lab",
						      SV_ARG(h->name), SV_ARG(g->name)),
					  SV_FMT " has one of that name: rename this one", SV_ARG(who));
		}
}

static void check_ports(struct rule_ctx *cx, const struct lab *lab)
{
	if (!cx->memory || lab->target != TARGET_HYPER_V)
		return;
	EACH_HOST(lab, h)
		EACH_MAPPING(h, m) {
			bool udp = m->protocol.v == PROTO_UDP;
			struct sv who;

			if (!is_ok(m->external.m) || !is_ok(m->protocol.m) || m->external.is_auto)
				continue;
			who = taken_by(cx, udp ? "udp" : "tcp", h->name, sv_fmt(cx->a, "%u", m->external.v));
			if (who.n)
				rule_help(cx,
					  rule_at(cx, m->external.m, m->m,
						  "%s port %u of the server '" SV_FMT
						  "' belongs to another lab",
						  udp ? "UDP" : "TCP", m->external.v, SV_ARG(h->name)),
					  SV_FMT " maps it: take another external port", SV_ARG(who));
		}
}

static void check_subnets(struct rule_ctx *cx, const struct lab *lab)
{
	if (!cx->memory || lab->target != TARGET_HYPER_V)
		return;
	EACH_HOST(lab, h)
		EACH_NETWORK(h, n) {
			struct sv who;

			if (!is_ok(n->subnet.m) || n->kind.v == KIND_PRIVATE ||
			    n->kind.v == KIND_DEFAULT_SWITCH)
				continue;
			who = taken_by(cx, "subnet", h->name, prefix_text(cx->a, n->subnet));
			if (who.n)
				rule_help(cx,
					  rule_at(cx, n->subnet.m, h->m,
						  "the subnet " SV_FMT " on the server '" SV_FMT
						  "' belongs to another lab",
						  SV_ARG(prefix_text(cx->a, n->subnet)), SV_ARG(h->name)),
					  SV_FMT " has it: write another `subnet`", SV_ARG(who));
		}
}

static void check_lab_names(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_text *plan = &lab->spec->lab.targets.lab_services.lab_plan;

	if (!cx->memory || lab->target != TARGET_LAB_SERVICES || !is_ok(plan->m))
		return;
	for (uint32_t i = 0; i < lab->n_groups; i++) {
		struct sv who = taken_by(cx, "lab", plan->v, lab->groups[i].name);

		if (who.n)
			rule_help(cx,
				  rule_at(cx, lab->spec->lab.name.m, lab->m,
					  "the lab plan has a lab '" SV_FMT "' already",
					  SV_ARG(lab->groups[i].name)),
				  SV_FMT " is called so: write another `name`", SV_ARG(who));
	}
}

bool rules_may_meet(const struct lab *lab)
{
	return lab->target == TARGET_HYPER_V || (lab->target == TARGET_LAB_SERVICES &&
						 is_ok(lab->spec->lab.targets.lab_services.lab_plan.m));
}

static const struct rule rows[] = {
	{ { "LAB0440", SEV_ERROR, "guest-of-another-lab",
	    "a guest called like one of another lab on the server",
	    "Hyper-V takes both, and the script of one lab would change the other's guest.",
	    "SPEC.md#hyper-v", NULL, NULL },
	  check_guest_names },
	{ { "LAB0523", SEV_ERROR, "subnet-of-another-lab", "a subnet that another lab on the server has",
	    "Guests of two labs would have one network, with the same addresses.",
	    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/setup-nat-network", NULL,
	    NULL },
	  check_subnets },
	{ { "LAB0621", SEV_ERROR, "port-of-another-lab",
	    "an external port that another lab on the server maps",
	    "WinNAT keeps one endpoint a port: the second lab's mapping fails.",
	    "https://learn.microsoft.com/powershell/module/netnat/add-netnatstaticmapping", NULL, NULL },
	  check_ports },
	{ { "LAB0820", SEV_ERROR, "lab-name-twice", "two labs of one name in a lab plan",
	    "The second deployment would change the first lab.",
	    "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules", NULL,
	    NULL },
	  check_lab_names },
};

const struct rule_table across_rules = { rows, COUNTOF(rows) };
