/* LAB04xx: how a guest is run: start, stop, nesting, adapters, neighbours. */
#include "rules/examples.h"
#include "rules/rule.h"

#define NESTED "https://learn.microsoft.com/azure/lab-services/concept-nested-virtualization-template-vm"
#define GENERATION                                                                \
	"https://learn.microsoft.com/windows-server/virtualization/hyper-v/plan/" \
	"should-i-create-a-generation-1-or-2-virtual-machine-in-hyper-v"
#define NESTING \
	"https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/nested-virtualization"
#define LINUX                                                                \
	"https://learn.microsoft.com/windows-server/virtualization/hyper-v/" \
	"best-practices-for-running-linux-on-hyper-v"

#define EACH(lab, h, g)   \
	EACH_HOST(lab, h) \
		EACH_GUEST(h, g)

static void check_legacy_generation(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g)
		EACH_NIC(g, n) {
			struct diag *d;

			if (!is_true(n->legacy) || !is_ok(g->generation.m) || g->generation.v != 2)
				continue;
			d = rule_at(cx, n->legacy.m, n->m,
				    "a guest of generation 2 has no legacy network adapter");
			rule_label(cx, d, g->generation.m, "generation 2");
			rule_help(cx, d, "leave `legacy` away");
			rule_fix(cx, d, n->legacy.m, "false", true);
		}
}

static void check_legacy_modern(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g)
		EACH_NIC(g, n) {
			struct diag *d;

			if (!is_true(n->legacy) || !is_ok(g->generation.m) || g->generation.v != 1 ||
			    !g->os || g->os->flags & (OSF_OLD_NIC | OSF_GENERIC) ||
			    g->os->family == FAMILY_APPLIANCE)
				continue;
			d = rule_at(cx, n->legacy.m, n->m, "%s has drivers for the usual network adapter",
				    g->os->name);
			rule_help(cx, d,
				  "the legacy one is slow and needs more of the host's processors: leave "
				  "`legacy` away");
			rule_fix(cx, d, n->legacy.m, "false", true);
		}
}

static bool moves(const struct lab *lab) { return lab->target_info->flags & TG_MOVES; }

/* A saved state that another processor cannot take up is the error; otherwise it is against the advice. */
static bool cannot_resume(const struct lab *lab, const struct lab_guest *g)
{
	return moves(lab) && g->automatic_stop.v == STOP_SAVE && is_ok(g->processor_compatibility.m) &&
	       !g->processor_compatibility.v;
}

static void check_stop(struct rule_ctx *cx, const struct lab *lab)
{
	/* a value that guests share is one mistake, the worse one */
	EACH(lab, h, g)
		if (is_ok(g->automatic_stop.m) && cannot_resume(lab, g))
			rule_skip(cx, spec_where(cx->s, g->automatic_stop.m, g->m));
	EACH(lab, h, g) {
		struct diag *d;

		if (!is_ok(g->automatic_stop.m) || g->automatic_stop.v == STOP_SHUTDOWN ||
		    cannot_resume(lab, g))
			continue;
		d = rule_at(cx, g->automatic_stop.m, g->m,
			    g->automatic_stop.v == STOP_SAVE
				    ? "guests should be shut down with the host, not saved"
				    : "guests should be shut down with the host, not switched off");
		rule_help(cx, d,
			  g->automatic_stop.v == STOP_SAVE
				  ? "a saved guest may not start again after the host was stopped: write "
				    "`shutdown`"
				  : "switching off may damage the guest's disk: write `shutdown`");
		rule_fix(cx, d, g->automatic_stop.m, "shutdown", false);
	}
}

static void check_save(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!is_ok(g->automatic_stop.m) || !cannot_resume(lab, g))
			continue;
		d = rule_at(cx, g->automatic_stop.m, g->m,
			    "a saved guest does not start again on another processor");
		rule_label(cx, d, g->processor_compatibility.m, "without processor compatibility");
		rule_help(cx, d, "every start of the host may bring another processor: write `shutdown`");
		rule_fix(cx, d, g->automatic_stop.m, "shutdown", false);
	}
}

static void check_checkpoints(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!moves(lab) || !is_ok(g->checkpoints.m) || g->checkpoints.v != CHECKPOINTS_STANDARD)
			continue;
		d = rule_at(cx, g->checkpoints.m, g->m, "standard checkpoints keep the processor's state");
		rule_help(cx, d,
			  "it cannot be applied on another processor, and the files fill the disk: write "
			  "`disabled` or "
			  "`production`");
	}
}

static void check_nested_dynamic(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!is_true(g->nested) || !g->dynamic)
			continue;
		d = rule_at(cx, g->spec->memory.h.m, g->m,
			    "a guest that runs virtual machines itself needs static memory");
		rule_label(cx, d, g->nested.m, "virtualization inside this guest");
		rule_help(cx, d,
			  "write one size: with virtualization inside, memory cannot change while the guest "
			  "runs");
	}
}

static void check_nested_memory(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!is_true(g->nested) || g->dynamic || !is_ok(g->startup.m) || g->startup.v >= 4 * GIB ||
		    g->startup.v < 32 * MIB)
			continue;
		d = rule_at(cx, g->startup.m, g->m,
			    SV_FMT " is little for a guest that runs virtual machines itself",
			    SV_ARG(gib(cx, g->startup.v)));
		rule_label(cx, d, g->nested.m, "virtualization inside this guest");
		rule_help(cx, d, "write 4 GiB or more, and what its own guests need");
	}
}

static void check_third_level(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g)
		if (lab->target_info->flags & TG_AZURE && is_true(g->nested))
			rule_help(
				cx,
				rule_at(cx, g->nested.m, g->m,
					"virtualization inside a guest of an Azure machine is a third level"),
				"one level of nesting is supported; beyond it guests are slow and may not "
				"start");
}

/* What puts a guest into a network: the name of it, the adapter, or nothing but the guest. */
static struct meta network_place(const struct lab_guest *g, const struct lab_nic *n)
{
	if (n->spec)
		return is_ok(n->spec->network.m) ? n->spec->network.m : n->m;
	return is_ok(g->spec->network.m) ? g->spec->network.m : g->spec->os.m;
}

static void check_vulnerable(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		if (!g->os || !(g->os->flags & OSF_VULNERABLE))
			continue;
		EACH_NIC(g, n) {
			const struct lab_network *w = n->network;
			struct diag *d;

			if (!w || !is_ok(w->kind.m) || w->kind.v == KIND_PRIVATE)
				continue;
			d = rule_at(cx, network_place(g, n), g->m,
				    "%s is made to be broken into, and this network reaches the host",
				    g->os->name);
			rule_label(cx, d, w->kind.m, "the host is in this network");
			rule_help(cx, d, "put it in a network of `kind: private`, which only guests are in");
			break;
		}
		if (g->n_mappings && g->nat_nic == NULL)
			rule_help(cx,
				  rule_at(cx, g->mappings[0].m, g->m,
					  "%s is made to be broken into and must not have ports",
					  g->os->name),
				  "reach it from another guest of its network");
	}
}

static void check_on_demand(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		struct diag *d;

		if (!is_true(g->on_demand) || !is_ok(g->automatic_start.m) ||
		    !meta_written(g->automatic_start.m) || g->automatic_start.v != START_ALWAYS)
			continue;
		d = rule_at(cx, g->automatic_start.m, g->m, "a guest on demand is never started by itself");
		rule_label(cx, d, g->on_demand.m, "on demand");
		rule_help(cx, d, "remove `automatic_start`, or `on_demand`");
	}
}

/* Packages that bring the Azure agent. */
static bool is_agent(struct sv s)
{
	static const struct sv names[] = { SV_INIT("walinuxagent"), SV_INIT("waagent"),
					   SV_INIT("windowsazureguestagent"), SV_INIT("azure-vm-agent") };

	for (size_t i = 0; i < COUNTOF(names); i++) {
		struct sv name = names[i];

		for (size_t k = 0; k + name.n <= s.n; k++)
			if (sv_eq_nocase(sv_sub(s, k, name.n), name))
				return true;
	}
	return false;
}

static void check_agent(struct rule_ctx *cx, const struct lab *lab)
{
	const void *before[2] = { NULL, NULL };

	EACH(lab, h, g) {
		const struct v_text_list *const lists[] = { &g->spec->provision.packages,
							    &g->spec->provision.commands };

		for (size_t k = 0; k < 2; k++) {
			/* an alias or a profile brings one list to many guests */
			if (lists[k]->v == before[k])
				continue;
			before[k] = lists[k]->v;
			for (uint32_t i = 0; i < lists[k]->n; i++)
				if (is_ok(lists[k]->v[i].m) && is_agent(lists[k]->v[i].v))
					rule_help(
						cx,
						rule_at(cx, lists[k]->v[i].m, g->m,
							"the Azure agent is not supported in a nested guest"),
						"remove it: it would look for a host that is not there");
		}
	}
}

/* A guest that others have as gateway, behind the guard of its network. */
static void check_router(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct map gateways;

		map_init(&gateways, cx->a, false);
		EACH_GUEST(h, g)
			EACH_NIC(g, n)
				if (is_ok(n->gateway.m) && meta_written(g->spec->gateway.m))
					map_add(&gateways, ip_text(cx, n->gateway.v), cx);
		if (!gateways.n)
			continue;
		EACH_GUEST(h, g)
			EACH_NIC(g, n)
				if (n->router_guard && nic_is_fixed(n) &&
				    map_get(&gateways, ip_text(cx, n->address.v)))
					rule_help(cx,
						  rule_report(cx, spec_key_span(cx->s, g->m),
							      "'" SV_FMT
							      "' is a gateway, and router guard is on",
							      SV_ARG(g->base)),
						  "add `serves: [router]`: the guard drops what a router "
						  "announces");
	}
}

static void check_licence(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g) {
		bool paid = g->os && (os_is_windows(g->os) || g->os == &os_table[OS_RHEL_8] ||
				      g->os == &os_table[OS_RHEL_9] || g->os == &os_table[OS_RHEL_10]);

		if (paid && g->licence.m.state == META_ABSENT)
			rule_help(cx,
				  rule_report(cx, spec_key_span(cx->s, g->m),
					      "no `licence` says under which one '" SV_FMT "' runs %s",
					      SV_ARG(g->base), g->os->name),
				  "nested guests are licensed as machines of their own: note yours, such as "
				  "`licence: evaluation, 90 days`");
	}
}

static void check_tpm_copy(struct rule_ctx *cx, const struct lab *lab)
{
	EACH(lab, h, g)
		if (lab->target_info->flags & TG_TEMPLATE && is_true(g->tpm) && meta_written(g->tpm.m) &&
		    !(g->os && g->os->flags & OSF_TPM))
			rule_help(cx,
				  rule_at(cx, g->tpm.m, g->m, "a TPM's key stays on the template's machine"),
				  "a copy of the guest on another machine may ask for a recovery key: try it "
				  "on one seat first");
}

static const struct rule rows[] = {
	{ { "LAB0416", SEV_ERROR, "legacy-nic-generation-2", "a legacy network adapter in generation 2",
	    "Generation 2 has none: adding it fails.", GENERATION,
	    EX_HOST EX_DEBIAN "    nics: [{ legacy: true }]\n", EX_HOST EX_DEBIAN "    nics: [{}]\n" },
	  check_legacy_generation },
	{ { "LAB0417", SEV_WARNING, "legacy-nic", "a legacy network adapter for a system of today",
	    "It is emulated: slow, and heavy on the host's processors.", LINUX,
	    EX_HOST EX_DEBIAN "    generation: 1\n    nics: [{ legacy: true }]\n",
	    EX_HOST EX_DEBIAN "    generation: 1\n    nics: [{}]\n" },
	  check_legacy_modern },
	{ { "LAB0418", SEV_WARNING, "automatic-stop", "a guest that is not shut down with its host",
	    "Guests saved or switched off with the lab VM lose data or do not start again.",
	    NESTED "#automatically-shut-down-nested-vms", EX_HOST EX_DEBIAN "    automatic_stop: turn-off\n",
	    EX_HOST EX_DEBIAN "    automatic_stop: shutdown\n" },
	  check_stop },
	{ { "LAB0419", SEV_ERROR, "save-without-compatibility",
	    "a guest saved on a host whose processor may change",
	    "It fails to start: processor-specific features are not supported on this host.",
	    NESTED "#processor-compatibility",
	    EX_HOST EX_DEBIAN "    automatic_stop: save\n    processor_compatibility: false\n",
	    EX_HOST EX_DEBIAN "    automatic_stop: shutdown\n    processor_compatibility: false\n" },
	  check_save },
	{ { "LAB0422", SEV_WARNING, "standard-checkpoints",
	    "standard checkpoints on a machine that is stopped and moved",
	    "They keep memory and processor state, which another processor cannot take up, and fill the "
	    "disk.",
	    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/manage/"
	    "processor-compatibility-mode-hyper-v",
	    EX_HOST EX_DEBIAN "    checkpoints: standard\n",
	    EX_HOST EX_DEBIAN "    checkpoints: production\n" },
	  check_checkpoints },
	{ { "LAB0423", SEV_ERROR, "nested-dynamic-memory",
	    "dynamic memory in a guest that runs virtual machines",
	    "Hyper-V inside the guest does not start with it.", NESTING,
	    EX_HV_HOST EX_SERVER
	    "    nested: true\n    memory: { startup: 8 GiB, minimum: 4 GiB, maximum: 8 GiB }\n",
	    EX_HV_HOST EX_SERVER "    nested: true\n    memory: 8 GiB\n" },
	  check_nested_dynamic },
	{ { "LAB0424", SEV_WARNING, "nested-memory", "less than 4 GiB for a guest that runs virtual machines",
	    "Its own guests do not start.", NESTING,
	    EX_HV_HOST EX_SERVER "    nested: true\n    memory: 3 GiB\n",
	    EX_HV_HOST EX_SERVER "    nested: true\n    memory: 8 GiB\n" },
	  check_nested_memory },
	{ { "LAB0425", SEV_WARNING, "third-level", "virtualization inside a guest of a machine in Azure",
	    "The host is a virtual machine already: this is the third level, and only one of nesting is "
	    "supported.",
	    NESTING, EX_HOST EX_SERVER "    nested: true\n", EX_HOST EX_SERVER },
	  check_third_level },
	{ { "LAB0427", SEV_WARNING, "azure-agent", "the Azure agent in a nested guest",
	    "It is not supported there and delays every start of the guest.", NESTING,
	    EX_HOST EX_DEBIAN "    provision: { packages: [walinuxagent] }\n",
	    EX_HOST EX_DEBIAN "    provision: { packages: [tmux] }\n" },
	  check_agent },
	{ { "LAB0429", SEV_WARNING, "vulnerable-exposed", "a guest made to be broken into within reach",
	    "Whoever takes it over is in the network of the host, and from there in the lab's.",
	    "https://learn.microsoft.com/azure/lab-services/class-type-ethical-hacking", EX_HOST EX_PREY,
	    EX_HOST "  networks:\n    cage: { kind: private }\n" EX_PREY "    network: cage\n" },
	  check_vulnerable },
	{ { "LAB0431", SEV_ERROR, "on-demand-always", "a guest on demand that is always started",
	    "The two say the opposite: one of them does not happen.", "SPEC.md#guest",
	    EX_HOST EX_DEBIAN "    on_demand: true\n    automatic_start: always\n",
	    EX_HOST EX_DEBIAN "    on_demand: true\n" },
	  check_on_demand },
	{ { "LAB0435", SEV_NOTE, "licence", "a guest of a paid system without a licence noted",
	    "Nested guests need licences of their own; an audit asks for them.", NESTED "#considerations",
	    EX_HV_HOST "guests:\n  files:\n    os: windows-server-2022\n    image: C:\\images\\server.vhdx\n",
	    EX_HV_HOST EX_SERVER },
	  check_licence },
	{ { "LAB0437", SEV_NOTE, "router-guard", "a guest that routes for others without saying so",
	    "Router guard drops the announcements of machines that are not declared as routers.",
	    "https://learn.microsoft.com/powershell/module/hyper-v/set-vmnetworkadapter",
	    EX_HV_HOST "  networks:\n    lan: { kind: private, subnet: 192.168.9.0/24 }\n" EX_DEBIAN
		       "    nics: [{ network: nat }, { network: lan, address: 192.168.9.1 }]\n" EX_SECOND
		       "    network: lan\n    gateway: 192.168.9.1\n",
	    EX_HV_HOST "  networks:\n    lan: { kind: private, subnet: 192.168.9.0/24 }\n" EX_DEBIAN
		       "    serves: [router]\n    nics: [{ network: nat }, { network: lan, address: "
		       "192.168.9.1 }]\n" EX_SECOND "    network: lan\n    gateway: 192.168.9.1\n" },
	  check_router },
	{ { "LAB0436", SEV_NOTE, "tpm-copy", "a TPM in a guest that is copied with its template",
	    "The key that protects the TPM belongs to the machine it was made on.",
	    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/learn-more/"
	    "generation-2-virtual-machine-security-settings-for-hyper-v",
	    EX_HOST EX_SERVER "    tpm: true\n", NULL },
	  check_tpm_copy },
};

const struct rule_table guest_rules = { rows, COUNTOF(rows) };
