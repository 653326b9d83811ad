/* LAB04xx to LAB08xx across several specs: what two labs on one server or in one lab plan both want. The
 * finding stands in the later spec, with a label at the place in the earlier one. */
#include "rules/across.h"
#include "rules/examples.h"
#include "rules/registry.h"
#include "rules/rule.h"

/* Who has something, and where it is written: a place in one of the memory's copies. */
struct taken {
	uint32_t lab;
	struct span at;
	struct sv nat;          /* of a NAT: its name */
	struct v_prefix prefix; /* and what it serves */
};

void rules_memory_init(struct rules_memory *m, struct arena *a)
{
	*m = (struct rules_memory){ .a = a };
	map_init(&m->taken, a, true);
	sources_init(&m->sources, a);
}

void rules_compare(const struct lab *lab, struct rules_memory *m, struct sv file)
{
	m->n_copied = lab->diags->sources->n;
	m->copied = NEW(lab->a, uint32_t, m->n_copied);
	m->n_shown = m->sources.n;
	m->shown = NEW(lab->a, uint32_t, m->n_shown);
	VEC_ADD(m->a, &m->labs, ((struct known_lab){ sv_dup(m->a, lab->name), sv_dup(m->a, file) }));
	rules_run_across(lab, m);
}

/* --- places --- */

/* The place among the copies; its source is copied when it is the first of it. */
static struct span keep_place(struct rule_ctx *cx, struct span at)
{
	struct rules_memory *m = cx->memory;

	if (at.src >= m->n_copied)
		return at;
	if (!m->copied[at.src]) {
		const struct source *s = sources_get(cx->d->sources, at.src);

		m->copied[at.src] = sources_add(&m->sources, sv_dup(m->a, s->name), sv_dup(m->a, s->text)) + 1;
	}
	at.src = m->copied[at.src] - 1;
	return at;
}

/* A label at the place in the earlier spec; how that is called, for the help. */
static struct sv show(struct rule_ctx *cx, struct diag *d, const struct taken *t)
{
	struct rules_memory *m = cx->memory;
	const struct known_lab *l = &m->labs.v[t->lab];
	struct sv who = sv_fmt(cx->a, "lab '" SV_FMT "' in " SV_FMT, SV_ARG(l->name), SV_ARG(l->file));
	struct span at = t->at;

	if (d == &cx->scratch || at.src >= m->n_shown)
		return who;
	if (!m->shown[at.src]) {
		const struct source *s = sources_get(&m->sources, at.src);

		m->shown[at.src] = sources_add(cx->d->sources, s->name, s->text) + 1;
	}
	at.src = m->shown[at.src] - 1;
	diag_label(cx->d, d, at, "lab '" SV_FMT "' has it", SV_ARG(l->name));
	return who;
}

/* Another lab's, or NULL. Of two labs of one name only that is said: all else follows from it. */
static const struct taken *look(const struct rule_ctx *cx, struct sv key)
{
	const struct taken *t = map_get(&cx->memory->taken, key);

	return t && t->lab != cx->memory->labs.n - 1 &&
			       !sv_eq_nocase(cx->memory->labs.v[t->lab].name, cx->lab->name)
		       ? t
		       : NULL;
}

/* The same, namesakes too; what nobody has is this lab's from now on. */
static const struct taken *take_name(struct rule_ctx *cx, struct sv key, struct span at)
{
	struct rules_memory *m = cx->memory;
	const struct taken *have = map_get(&m->taken, key);
	struct taken *t;

	if (have)
		return have->lab != m->labs.n - 1 ? have : NULL;
	t = NEW(m->a, struct taken, 1);
	*t = (struct taken){ .lab = (uint32_t)m->labs.n - 1, .at = keep_place(cx, at) };
	map_add(&m->taken, sv_dup(m->a, key), t);
	return NULL;
}

static const struct taken *take(struct rule_ctx *cx, struct sv key, struct span at)
{
	take_name(cx, key, at);
	return look(cx, key);
}

static struct sv key_of(struct rule_ctx *cx, const char *kind, struct sv place, struct sv value)
{
	return sv_fmt(cx->a, "%s/" SV_FMT "/" SV_FMT, kind, SV_ARG(place), SV_ARG(value));
}

/* --- one server --- */

/* Two specs that name no server may be for two of them: silent. */
static bool is_on_server(const struct rule_ctx *cx, const struct lab_host *h)
{
	return cx->memory && h->lab->target == TARGET_HYPER_V &&
	       (!sv_eq_nocase(h->name, SV("host")) || (h->spec && is_ok(h->spec->name.m)));
}

#define EACH_SERVER(cx, lab, h) EACH_HOST(lab, h) if (is_on_server(cx, h))

static void check_names_on_server(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_SERVER(cx, lab, h)
	{
		struct span at = spec_where(cx->s, lab->spec->lab.name.m, lab->m);
		const struct taken *t = take_name(cx, key_of(cx, "name", h->name, lab->name), at);
		struct diag *d;
		struct sv who;

		if (!t)
			continue;
		d = rule_report(cx, at, "the server '" SV_FMT "' has a lab '" SV_FMT "' already", SV_ARG(h->name),
				SV_ARG(lab->name));
		who = show(cx, d, t);
		rule_help(cx, d, SV_FMT " is called so: write another `name`", SV_ARG(who));
	}
}

static void check_guest_names(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_SERVER(cx, lab, h)
	EACH_GUEST(h, g)
	{
		struct span at = spec_key_span(cx->s, g->m);
		const struct taken *t = take(cx, key_of(cx, "guest", h->name, g->name), at);
		struct diag *d;
		struct sv who;

		if (!t)
			continue;
		d = rule_report(cx, at, "the server '" SV_FMT "' has a guest '" SV_FMT "' of another lab",
				SV_ARG(h->name), SV_ARG(g->name));
		who = show(cx, d, t);
		rule_help(cx, d, SV_FMT " has one of that name: rename this one", SV_ARG(who));
	}
}

static void check_folders(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_SERVER(cx, lab, h)
	{
		struct span at = spec_where(cx->s, h->data.m, h->m);
		const struct taken *t =
			is_ok(h->data.m) ? take(cx, key_of(cx, "folder", h->name, h->data.v), at) : NULL;
		struct diag *d;
		struct sv who;

		if (!t)
			continue;
		d = rule_report(cx, at, "the folder '" SV_FMT "' on the server '" SV_FMT "' is another lab's, too",
				SV_ARG(h->data.v), SV_ARG(h->name));
		who = show(cx, d, t);
		rule_help(cx, d, SV_FMT " keeps its disks there: write another folder as `data`",
			  SV_ARG(who));
	}
}

/* Whether the scripts make something for it. */
static bool is_made(const struct lab_network *n)
{
	return !n->is_external && n->kind.v != KIND_DEFAULT_SWITCH &&
	       (n->n_nics || n->kind.v == KIND_NAT || !n->is_nat_section);
}

/* Of a value of a network: where it, the network or its host is written. */
static struct span place_of(const struct rule_ctx *cx, struct meta m, const struct lab_network *n)
{
	return spec_where(cx->s, m, meta_written(n->m) ? n->m : n->host->m);
}

static void check_switches(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_SERVER(cx, lab, h)
	EACH_NETWORK(h, n)
	{
		struct span at = place_of(cx, n->switch_name.m, n);
		const struct taken *t;
		struct diag *d;
		struct sv who;

		if (!is_made(n) || !is_ok(n->switch_name.m))
			continue;
		t = take(cx, key_of(cx, "switch", h->name, n->switch_name.v), at);
		if (!t)
			continue;
		d = rule_report(cx, at, "the server '" SV_FMT "' has a switch '" SV_FMT "' of another lab",
				SV_ARG(h->name), SV_ARG(n->switch_name.v));
		who = show(cx, d, t);
		rule_help(cx, d, SV_FMT " makes it: write another name as `switch` of the network '" SV_FMT "'",
			  SV_ARG(who), SV_ARG(n->base));
	}
}

/* --- addresses --- */

static struct sv prefix_key(struct rule_ctx *cx, const char *kind, const struct lab_host *h,
			    struct v_prefix p, uint8_t len)
{
	p.v &= len ? ~(uint32_t)0 << (32 - len) : 0;
	p.len = len;
	return key_of(cx, kind, h->name, prefix_text(cx->a, p));
}

/* A subnet of another lab that overlaps: it holds this one, or lies inside of it. Each that was taken is known
 * by itself and by all that hold it. */
static const struct taken *overlapping(struct rule_ctx *cx, const struct lab_host *h, struct v_prefix p)
{
	const struct taken *t = look(cx, prefix_key(cx, "inside", h, p, p.len));

	for (uint8_t len = p.len; !t && len; len--)
		t = look(cx, prefix_key(cx, "subnet", h, p, len));
	return t;
}

static bool has_addresses(const struct lab_network *n)
{
	return is_made(n) && is_ok(n->subnet.m) && n->kind.v != KIND_PRIVATE;
}

static void check_subnets(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_SERVER(cx, lab, h)
	EACH_NETWORK(h, n)
	{
		struct span at = place_of(cx, n->subnet.m, n);
		const struct taken *t;
		struct diag *d;
		struct sv who;

		if (!has_addresses(n))
			continue;
		t = overlapping(cx, h, n->subnet);
		take(cx, prefix_key(cx, "subnet", h, n->subnet, n->subnet.len), at);
		for (uint8_t len = n->subnet.len; len; len--)
			take(cx, prefix_key(cx, "inside", h, n->subnet, len), at);
		if (!t)
			continue;
		d = rule_report(cx, at, "the subnet " SV_FMT " on the server '" SV_FMT "' overlaps one of another lab",
				SV_ARG(prefix_text(cx->a, n->subnet)), SV_ARG(h->name));
		who = show(cx, d, t);
		rule_help(cx, d, SV_FMT " has it: write another `subnet`", SV_ARG(who));
	}
}

/* A server has one NAT: its name and what it serves are the first lab's. */
static void check_nats(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_SERVER(cx, lab, h)
	EACH_NETWORK(h, n)
	{
		struct sv key = key_of(cx, "nat", h->name, SV(""));
		const struct taken *t;
		struct span at;
		struct diag *d;
		struct sv who;

		if (!is_made(n) || n->kind.v != KIND_NAT || !is_ok(n->nat.m) || !is_ok(n->nat_prefix.m))
			continue;
		t = take(cx, key, place_of(cx, n->subnet.m, n));
		if (!t) {
			struct taken *own = map_get(&cx->memory->taken, key);

			if (own->nat.n)
				continue;
			own->nat = sv_dup(cx->memory->a, n->nat.v);
			own->prefix = n->nat_prefix;
			continue;
		}
		if (overlapping(cx, h, n->subnet))
			continue;
		if (!sv_eq_nocase(t->nat, n->nat.v)) {
			at = place_of(cx, n->nat.m, n);
			d = rule_report(cx, at, "the server '" SV_FMT "' has one NAT, and it is called '" SV_FMT
					"', not '" SV_FMT "'", SV_ARG(h->name), SV_ARG(t->nat), SV_ARG(n->nat.v));
			who = show(cx, d, t);
			rule_help(cx, d, SV_FMT " makes it, all labs of a server share it: write that name as `nat`",
				  SV_ARG(who));
		} else if (t->prefix.v != n->nat_prefix.v || t->prefix.len != n->nat_prefix.len) {
			at = place_of(cx, n->subnet.m, n);
			d = rule_report(cx, at, "the one NAT of the server '" SV_FMT "' serves " SV_FMT
					", and this lab needs " SV_FMT, SV_ARG(h->name),
					SV_ARG(prefix_text(cx->a, t->prefix)), SV_ARG(prefix_text(cx->a, n->nat_prefix)));
			who = show(cx, d, t);
			rule_help(cx, d, SV_FMT " makes it: all labs of a server want one `nat_prefix` and subnets inside of it",
				  SV_ARG(who));
		}
	}
}

/* Two addresses of the server may each have the port; 0.0.0.0 is all of them. */
static void check_ports(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_SERVER(cx, lab, h)
	EACH_MAPPING(h, m)
	{
		const char *udp = m->protocol.v == PROTO_UDP ? "udp" : "tcp";
		uint32_t on = is_ok(m->external_address.m) ? m->external_address.v : 0;
		struct span at = spec_where(cx->s, m->external.m, m->m);
		struct sv port, every, exact;
		const struct taken *t;
		struct diag *d;
		struct sv who;

		if (!is_ok(m->external.m) || !is_ok(m->protocol.m) || m->external.is_auto)
			continue;
		port = sv_fmt(cx->a, "%u", m->external.v);
		every = key_of(cx, udp, h->name, sv_fmt(cx->a, "%u/0", m->external.v));
		exact = key_of(cx, udp, h->name, sv_fmt(cx->a, "%u/%u", m->external.v, on));
		t = on ? look(cx, every) : look(cx, key_of(cx, udp, h->name, port));
		if (!t)
			t = take(cx, exact, at);
		take(cx, key_of(cx, udp, h->name, port), at);
		if (!t)
			continue;
		d = rule_report(cx, at, "%s port %u of the server '" SV_FMT "' belongs to another lab",
				m->protocol.v == PROTO_UDP ? "UDP" : "TCP", m->external.v, SV_ARG(h->name));
		who = show(cx, d, t);
		rule_help(cx, d, SV_FMT " maps it: take another external port", SV_ARG(who));
	}
}

/* --- one lab plan --- */

static void check_lab_names(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_text *plan = &lab->spec->lab.targets.lab_services.lab_plan;
	struct span at = spec_where(cx->s, lab->spec->lab.name.m, lab->m);

	if (!cx->memory || lab->target != TARGET_LAB_SERVICES || !is_ok(plan->m))
		return;
	for (uint32_t i = 0; i < lab->n_groups; i++) {
		const struct taken *t = take_name(cx, key_of(cx, "lab", plan->v, lab->groups[i].name), at);
		struct diag *d;
		struct sv who;

		if (!t)
			continue;
		d = rule_report(cx, at, "the lab plan has a lab '" SV_FMT "' already", SV_ARG(lab->groups[i].name));
		who = show(cx, d, t);
		rule_help(cx, d, SV_FMT " is called so: write another `name`", SV_ARG(who));
	}
}

bool rules_may_meet(const struct lab *lab)
{
	return lab->target == TARGET_HYPER_V || (lab->target == TARGET_LAB_SERVICES &&
						 is_ok(lab->spec->lab.targets.lab_services.lab_plan.m));
}

#define NAT "https://learn.microsoft.com/windows-server/virtualization/hyper-v/setup-nat-network"

static const struct rule rows[] = {
	{ { "LAB0822", SEV_ERROR, "name-on-server-twice", "two labs of one name on a server",
	    "What a lab has made is known by its name: each script would take the other's guests for its own, and "
	    "remove.ps1 of one would remove both.",
	    "SPEC.md#hyper-v", NULL, NULL },
	  check_names_on_server },
	{ { "LAB0440", SEV_ERROR, "guest-of-another-lab",
	    "a guest called like one of another lab on the server",
	    "Hyper-V takes both, and the script of one lab would change the other's guest.",
	    "SPEC.md#hyper-v", NULL, NULL },
	  check_guest_names },
	{ { "LAB0446", SEV_WARNING, "folder-of-another-lab", "a folder of disks that another lab on the server has",
	    "Files of two labs lie beside each other: nobody can tell which disks go with which lab, and the "
	    "folder is removed only when both are gone.",
	    "SPEC.md#hyper-v", NULL, NULL },
	  check_folders },
	{ { "LAB0526", SEV_ERROR, "switch-of-another-lab", "a switch that another lab on the server makes",
	    "The script of the second lab refuses to run: it changes no switch of others.",
	    "SPEC.md#hyper-v", NULL, NULL },
	  check_switches },
	{ { "LAB0523", SEV_ERROR, "subnet-of-another-lab", "a subnet that overlaps one of another lab on the server",
	    "The server has an address in both, and sends what is for the one network into the other.",
	    NAT, NULL, NULL },
	  check_subnets },
	{ { "LAB0527", SEV_ERROR, "nat-of-another-lab", "a NAT that differs from that of another lab on the server",
	    "Windows supports one NAT: the script of the second lab refuses to run.", NAT, NULL, NULL },
	  check_nats },
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
