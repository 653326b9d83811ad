#include "rules/migrate.h"

#include <string.h>

#include "base/buf.h"
#include "rules/rule.h"
#include "schema/table.h"

#define GUIDE "https://learn.microsoft.com/azure/lab-services/transition-devtest-labs-guidance"

enum {
	LS = 1u << TARGET_LAB_SERVICES,
	VM = 1u << TARGET_AZURE_VM,
	DT = 1u << TARGET_DEVTEST_LABS,
	HV = 1u << TARGET_HYPER_V
};
enum { CODE_TARGET, CODE_LOST, CODE_CHANGED, CODE_BY_HAND };

/* Found by `labc migrate` only, never by a check of a spec. */
static void check_nothing(struct rule_ctx *cx, const struct lab *lab)
{
	(void)cx;
	(void)lab;
}

static const struct rule rows[] = {
    [CODE_TARGET] = {{"LAB0850", SEV_NOTE, "migrate-target", "the target of a migrated spec",
		      "Everything else in the report follows from it.", GUIDE, NULL, NULL},
		     check_nothing},
    [CODE_LOST] = {{"LAB0851", SEV_WARNING, "migrate-lost",
		    "something written that the other target does not have",
		    "The class loses it; nobody is told by the service.", GUIDE, NULL, NULL},
		   check_nothing},
    [CODE_CHANGED] =
	{{"LAB0852", SEV_NOTE, "migrate-changed", "something that is otherwise on the other target",
	  "Access, cost or a default that follows the target changes without a word in the spec.", GUIDE,
	  NULL, NULL},
	 check_nothing},
    [CODE_BY_HAND] = {{"LAB0853", SEV_ERROR, "migrate-by-hand", "something only a person can carry over",
		       "The migrated spec would not be built.", GUIDE, NULL, NULL},
		      check_nothing},
};
const struct rule_table migrate_rules = {rows, COUNTOF(rows)};

/* What each target lacks, by its documentation as of 2026-11-29. Sections of another target stay in the spec:
 * they mean nothing there, and a way back needs them. */
const struct migrate_loss migrate_losses[] = {
    {"quota.hours", VM | DT | HV, DT, "nothing limits the hours of a student there"},
    {"quota.budget", VM | DT | HV, 0,
     "there it is compared with a file of `prices` under the new target only, on hyper-v with nothing"},
    {"schedule", VM | HV, 0,
     "machines run when somebody starts them; on azure-vm they stop at auto_shutdown"},
    {"shutdown.on_disconnect", VM | DT | HV, 0,
     "machines go on after a disconnect; auto_shutdown stops them once a day on Azure"},
    {"shutdown.on_idle", VM | DT | HV, 0, "nobody watches whether a machine is used"},
    {"shutdown.when_not_connected", VM | DT | HV, 0, "a machine that was started and forgotten goes on"},
    {"users", VM | HV, 0, "nobody is invited; the list only counts the machines on azure-vm"},
    {"tags", HV, 0, "a server of one's own has no tags"},
    {"targets.lab-services.region", HV, 0, "the server is where it is"},
    {"targets.lab-services.lab_plan", VM | DT | HV, 0,
     "there are no lab plans: the resource group is named when it is deployed"},
    {"targets.lab-services.image", VM | DT | HV, 0,
     "write the image under the new target; one of a gallery must be specialized on azure-vm"},
    {"targets.lab-services.create", VM | DT | HV, 0,
     "every machine is made from an image and set up by the script"},
    {"targets.lab-services.advanced_networking", VM | DT | HV, 0, "all hosts share one network there"},
    {"targets.lab-services.prices", VM | DT | HV, 0, "prices are those of other sizes"},
    {"targets.azure-vm.region", HV, 0, "the server is where it is"},
    {"targets.azure-vm.image", LS | DT | HV, 0, "write the image under the new target"},
    {"targets.azure-vm.security_type", LS | DT | HV, 0, "the target decides"},
    {"targets.azure-vm.vnet", LS | DT | HV, 0, "the target gives the addresses"},
    {"targets.azure-vm.public_ip", LS | DT | HV, 0, "people come in as the target has it"},
    {"targets.azure-vm.bastion", LS | DT | HV, 0, "people come in as the target has it"},
    {"targets.azure-vm.allowed_sources", LS | DT | HV, 0,
     "the target does not ask from where somebody comes"},
    {"targets.azure-vm.auto_shutdown", LS | HV, 0, "on lab-services `shutdown` and `schedule` stop machines"},
    {"targets.azure-vm.prices", LS | DT | HV, 0, "prices are those of other sizes"},
    {"targets.devtest-labs.region", HV, 0, "the server is where it is"},
    {"targets.devtest-labs.image", LS | VM | HV, 0, "write the image under the new target"},
    {"targets.devtest-labs.artifact_repository", LS | VM | HV, 0, "the script comes another way"},
    {"targets.devtest-labs.vms_per_user", LS | VM | HV, 0,
     "a student has the machines that are made for him"},
    {"targets.devtest-labs.auto_shutdown", LS | HV, 0,
     "on lab-services `shutdown` and `schedule` stop machines"},
    {"targets.devtest-labs.prices", LS | VM | HV, 0, "prices are those of other sizes"},
    {"targets.hyper-v.external_switch", LS | VM | DT, 0, "a machine in Azure has no external switch"},
    {"targets.hyper-v.port_step", LS | VM | DT, 0, "every seat is a machine of its own"},
    {"targets.hyper-v.address_step", LS | VM | DT, 0, "every seat is a machine of its own"},
    {"targets.hyper-v.nat_prefix", LS | VM | DT, 0, "every machine has a NAT of its own"},
    {"targets.hyper-v.dedicated", LS | VM | DT, 0, "every machine serves its student alone"},
};
const size_t migrate_losses_count = COUNTOF(migrate_losses);

/* --- places --- */

struct place {
	uint32_t map, key, value; /* as written; map 0: not there */
	uint32_t parent_map, parent_key;
};

static uint32_t key_of(const struct ydoc *d, uint32_t map, struct sv name)
{
	for (uint32_t k = ynode_first(d, map); k; k = ynode_next(d, ynode_next(d, k)))
		if (sv_eq(ynode_text(d, k), name))
			return k;
	return 0;
}

/* A dotted path from the root; entries that come by an alias or `<<` are not found, and stay. */
static struct place find_place(const struct ydoc *d, const char *path)
{
	struct place p = {.map = d->root};
	struct sv rest = sv_from(path);

	for (;;) {
		ptrdiff_t dot = sv_find(rest, '.');
		struct sv name = dot < 0 ? rest : sv_sub(rest, 0, (size_t)dot);

		if (ynode_kind(d, p.map) != YNODE_MAP)
			return (struct place){0};
		p.key = key_of(d, p.map, name);
		if (!p.key)
			return (struct place){0};
		p.value = ynode_next(d, p.key);
		if (dot < 0)
			return p;
		p.parent_map = p.map;
		p.parent_key = p.key;
		p.map = ynode_resolve(d, p.value);
		rest = sv_sub(rest, (size_t)dot + 1, rest.n);
	}
}

static struct span place_span(const struct ydoc *d, struct place p)
{
	struct span at = ynode_span(d, p.value);

	return at.len && ynode_kind(d, p.value) == YNODE_SCALAR ? at : ynode_span(d, p.key);
}

static bool removal(const struct ydoc *d, struct place p, struct span *at)
{
	if (ymap_removal(d, p.map, p.key, at))
		return true;
	/* the only entry goes with its section */
	return p.parent_map && d->nodes[p.map].count == 2 && ymap_removal(d, p.parent_map, p.parent_key, at);
}

/* --- what is written and lost, with the edits --- */

struct migration {
	const struct lab *to;
	const struct ydoc *d;
	struct diags *out;
	const char *word;
};

static bool is_in_main(const struct migration *m, struct meta at)
{
	return meta_written(at) && at.doc == 0 && m->to->spec->docs.n && m->to->spec->docs.v[0].y == m->d;
}

/* A word in the quotes that the one before it had, so that JSON stays JSON. */
static struct sv in_place_of(const struct migration *m, uint32_t node, struct sv text)
{
	if (ynode_style(m->d, node) == YSTYLE_DOUBLE)
		return sv_fmt(m->out->a, "\"" SV_FMT "\"", SV_ARG(text));
	return ynode_quote(m->out->a, text);
}

static void change_target(const struct migration *m)
{
	struct place p = find_place(m->d, "target"), name;
	struct diag *g;
	bool json;

	if (p.map) {
		g = diag_at(m->out, &rows[CODE_TARGET].info, place_span(m->d, p), "the target is now %s",
			    m->word);
		diag_edit(m->out, g, ynode_span(m->d, p.value), in_place_of(m, p.value, sv_from(m->word)), true);
		return;
	}
	name = find_place(m->d, "name");
	if (!name.map)
		return;
	json = ynode_is_quoted(m->d, name.key);
	g = diag_at(m->out, &rows[CODE_TARGET].info, ynode_span(m->d, name.key),
		    "the target is now written: %s", m->word);
	if (ynode_style(m->d, m->d->root) == YSTYLE_FLOW)
		diag_edit(m->out, g, (struct span){m->d->src, m->d->nodes[name.key].lo, 0},
			  sv_fmt(m->out->a, json ? "\"target\": \"%s\", " : "target: %s, ", m->word), true);
	else
		diag_edit(m->out, g, (struct span){m->d->src, m->d->nodes[name.key].lo, 0},
			  sv_fmt(m->out->a, "target: %s" SV_FMT, m->word, SV_ARG(ydoc_line_end(m->d))), true);
}

static void find_losses(const struct migration *m)
{
	for (size_t i = 0; i < migrate_losses_count; i++) {
		const struct migrate_loss *l = &migrate_losses[i];
		unsigned target = 1u << m->to->target;
		struct place p = l->lacking & target ? find_place(m->d, l->path) : (struct place){0};
		struct diag *g;
		struct span at;

		/* the section of another target: lost only when it was the one in use */
		if (!p.map || (strncmp(l->path, "targets.", 8) == 0 &&
			       strncmp(l->path + 8, target_word(m->to->own_target),
				       strlen(target_word(m->to->own_target))) != 0))
			continue;
		if (!(l->refused & target)) {
			g = diag_at(m->out, &rows[CODE_LOST].info, place_span(m->d, p),
				    "`%s` has no counterpart on %s", l->path, m->word);
			diag_help(m->out, g, "it stays in the spec; %s", l->instead);
		} else if (removal(m->d, p, &at)) {
			g = diag_at(m->out, &rows[CODE_LOST].info, place_span(m->d, p),
				    "`%s` has no counterpart on %s, and goes", l->path, m->word);
			diag_help(m->out, g, "%s", l->instead);
			diag_edit(m->out, g, at, SV(""), true);
		} else {
			g = diag_at(m->out, &rows[CODE_BY_HAND].info, place_span(m->d, p),
				    "`%s` has no counterpart on %s: remove it", l->path, m->word);
			diag_help(m->out, g, "%s", l->instead);
		}
	}
}

/* DevTest Labs starts once a day: the first slot stays, without its end. */
static void find_slots(const struct migration *m)
{
	struct place p =
	    m->to->target == TARGET_DEVTEST_LABS ? find_place(m->d, "schedule") : (struct place){0};
	uint32_t item = p.map ? ynode_first(m->d, p.value) : 0, first = item;
	struct diag *g;
	struct span at, all = {0};

	if (!first)
		return;
	g = diag_at(m->out, &rows[CODE_LOST].info, ynode_span(m->d, p.key),
		    "only the start and the days of the first slot have a counterpart on %s", m->word);
	diag_help(m->out, g, "machines stop at auto_shutdown, every day, without a last day");
	for (item = ynode_next(m->d, first); item; item = ynode_next(m->d, item)) {
		if (!yseq_removal(m->d, p.value, item, &at)) {
			g = diag_at(m->out, &rows[CODE_BY_HAND].info, ynode_span(m->d, item),
				    "%s starts and stops once a day: remove this slot", m->word);
			continue;
		}
		if (!all.len)
			all = at;
		all.len = at.off + at.len - all.off;
	}
	if (all.len)
		diag_edit(m->out, g, all, SV(""), true);
}

/* --- sizes, and values of hosts that the other target refuses --- */

static struct sv new_size(const struct migration *m, const struct lab_host *h)
{
	if (m->to->target == TARGET_LAB_SERVICES)
		return h->lab_size ? sv_from(h->lab_size->portal ? h->lab_size->portal : h->lab_size->sku)
				   : SV("");
	return h->vm_size;
}

static void change_size(const struct migration *m, const struct lab_host *h)
{
	struct sv name = new_size(m, h);
	const struct spec_host_size *z = &h->spec->size;
	struct meta at = z->name.m.state == META_OK ? z->name.m : z->h.m;
	struct diag *g;
	uint32_t node = at.node;

	/* on a server every name of a size means its vCPUs and memory */
	if (m->to->target == TARGET_HYPER_V || !meta_written(at))
		return;
	if (!name.n || !meta_ok(h->vcpus.m)) {
		g = diag_at(m->out, &rows[CODE_BY_HAND].info, spec_where(m->to->spec, at, h->m),
			    "no size of %s holds what this one does", m->word);
		diag_help(m->out, g, "choose one of `labc list sizes`, or make the guests smaller");
		return;
	}
	if (z->name.m.state == META_OK && sv_eq_nocase(z->name.v, name))
		return;
	g = diag_at(m->out, &rows[CODE_CHANGED].info, spec_where(m->to->spec, at, h->m),
		    "the size is now " SV_FMT ": %lld vCPUs, " SV_FMT, SV_ARG(name), (long long)h->vcpus.v,
		    SV_ARG(lab_gib_text(m->out->a, h->memory.v)));
	diag_help(m->out, g, "what it costs an hour is another price");
	if (is_in_main(m, at) && ynode_kind(m->d, node) != YNODE_ALIAS)
		diag_edit(m->out, g, ynode_span(m->d, node), in_place_of(m, node, name), true);
}

/* Replaces a boolean that the other target refuses. */
static void turn_off(const struct migration *m, struct v_bool b, const char *what, const char *help)
{
	struct diag *g;

	if (!meta_ok(b.m) || !b.v || !meta_written(b.m))
		return;
	g = diag_at(m->out, &rows[CODE_LOST].info, spec_span(m->to->spec, b.m), "%s %s", what, m->word);
	diag_help(m->out, g, "%s", help);
	if (is_in_main(m, b.m))
		diag_edit(m->out, g, ynode_span(m->d, b.m.node), SV("false"), true);
}

/* A value that defaults or a profile bring to several items is one place, and one finding. */
static bool is_new_place(struct map *seen, struct arena *a, struct meta at)
{
	return !meta_written(at) || !map_add(seen, sv_fmt(a, "%u.%u", at.doc, at.node), seen);
}

static void find_in_hosts(const struct migration *m)
{
	const struct lab *l = m->to;
	bool dedicated =
	    meta_ok(l->spec->lab.targets.hyper_v.dedicated.m) && l->spec->lab.targets.hyper_v.dedicated.v;
	struct map seen;

	map_init(&seen, m->out->a, false);
	for (uint32_t i = 0; i < l->n_hosts; i++) {
		const struct lab_host *h = &l->hosts[i];
		struct meta size =
		    h->spec->size.name.m.state == META_OK ? h->spec->size.name.m : h->spec->size.h.m;

		if (is_new_place(&seen, m->out->a, size))
			change_size(m, h);
		if (l->target == TARGET_HYPER_V && !dedicated &&
		    is_new_place(&seen, m->out->a, h->spec->admin_students.m))
			turn_off(
			    m, h->spec->admin_students,
			    "students cannot be administrators of a shared server on",
			    "on a server of the class alone write `dedicated: true` under targets.hyper-v");
		for (uint32_t k = 0; l->target != TARGET_AZURE_VM && k < h->n_mappings; k++)
			if (is_new_place(&seen, m->out->a, h->mappings[k].expose.m))
				turn_off(m, h->mappings[k].expose, "ports cannot be opened to the outside on",
					 "mappings are reached from private addresses there");
	}
}

/* The region moves along, where there is a block of targets to write it into. */
static void carry_region(const struct migration *m)
{
	const struct lab *l = m->to;
	struct place old, mine, targets;
	struct span at;
	struct sv before;
	struct diag *g;

	if (!(l->target_info->flags & l->own_info->flags & TG_AZURE))
		return;
	old = find_place(m->d, sv_fmt(m->out->a, "targets.%s.region", target_word(l->own_target)).p);
	mine = find_place(m->d, sv_fmt(m->out->a, "targets.%s", m->word).p);
	targets = find_place(m->d, "targets");
	if (!old.map || mine.map || !ymap_insertion(m->d, targets.value, &at, &before))
		return;
	g = diag_at(m->out, &rows[CODE_CHANGED].info, place_span(m->d, old), "the region goes along");
	diag_help(m->out, g, "ask there whether the sizes exist and the quota is enough");
	diag_edit(m->out, g, at,
		  sv_fmt(m->out->a, SV_FMT "%s: { region: " SV_FMT " }" SV_FMT, SV_ARG(before), m->word,
			 SV_ARG(ynode_quote(m->out->a, ynode_text(m->d, old.value))),
			 SV_ARG(ydoc_line_end(m->d))),
		  true);
}

/* The first fixed address that somebody wrote for a guest in a NAT network whose subnet nobody wrote. */
static const struct lab_nic *pinned(const struct lab *l)
{
	for (uint32_t i = 0; i < l->n_hosts; i++) {
		const struct lab_host *h = &l->hosts[i];

		if (meta_written(h->networks[0].subnet.m) || !meta_ok(h->networks[0].subnet.m))
			continue;
		for (uint32_t k = 0; k < h->n_guests; k++)
			for (uint32_t n = 0; n < h->guests[k].n_nics; n++) {
				const struct lab_nic *nic = &h->guests[k].nics[n];

				if (nic->network == &h->networks[0] && nic_is_fixed(nic) &&
				    meta_written(nic->address.m) && nic->address.m.origin != ORIGIN_DERIVED)
					return nic;
			}
	}
	return NULL;
}

/* The default subnet of the NAT network is another one on hyper-v: written addresses need the old one written
 * too. */
static void keep_subnet(const struct migration *m)
{
	const struct lab *l = m->to;
	const struct lab_nic *nic =
	    (l->target == TARGET_HYPER_V) != (l->own_target == TARGET_HYPER_V) ? pinned(l) : NULL;
	struct place defaults = find_place(m->d, "defaults"), name = find_place(m->d, "guests");
	struct sv eol = ydoc_line_end(m->d), before, text, subnet;
	struct span at;
	struct diag *g;

	if (!nic || find_place(m->d, "defaults.network").map)
		return;
	subnet = prefix_text(m->out->a, nic->network->subnet);
	text = sv_fmt(m->out->a, "network: { subnet: " SV_FMT " }" SV_FMT, SV_ARG(subnet), SV_ARG(eol));
	if (!name.map)
		name = find_place(m->d, "hosts");
	g = diag_at(m->out, &rows[CODE_CHANGED].info, spec_span(l->spec, nic->address.m),
		    "the subnet of the NAT network is now written: " SV_FMT, SV_ARG(subnet));
	diag_help(m->out, g,
		  "the default is another one on %s, and addresses of guests would be outside of it",
		  m->word);
	if (defaults.map && ymap_insertion(m->d, defaults.value, &at, &before))
		diag_edit(m->out, g, at, sv_fmt(m->out->a, SV_FMT SV_FMT, SV_ARG(before), SV_ARG(text)),
			  true);
	else if (!defaults.map && name.map && ynode_style(m->d, m->d->root) == YSTYLE_BLOCK)
		diag_edit(m->out, g, (struct span){m->d->src, m->d->nodes[name.key].lo, 0},
			  sv_fmt(m->out->a, "defaults:" SV_FMT "  " SV_FMT, SV_ARG(eol), SV_ARG(text)), true);
}

void migrate_find(const struct lab *to, const struct ydoc *d, struct diags *out)
{
	struct migration m = {to, d, out, target_word(to->target)};

	change_target(&m);
	find_losses(&m);
	find_slots(&m);
	find_in_hosts(&m);
	carry_region(&m);
	keep_subnet(&m);
}

/* --- what the new spec means --- */

static const struct {
	const char *access, *cost;
} arrival[TARGET_COUNT] = {
    [TARGET_LAB_SERVICES] =
	{"students claim a machine by an invitation and choose its password",
	 "the class is paid in lab units, by the hour and machine; the service ends on 2027-06-28"},
    [TARGET_AZURE_VM] =
	{"students sign in by Bastion or a public address, with accounts that somebody gives them",
	 "machines are paid by the second while they are allocated; disks, NAT gateway and addresses all the "
	 "time"},
    [TARGET_DEVTEST_LABS] = {"students claim a machine in the portal, as users of the tenant; its Remote "
			     "Desktop port is on the internet",
			     "machines are paid by the second while they are allocated, disks all the time"},
    [TARGET_HYPER_V] = {"students connect to the server, which they share",
			"the server is paid already; its memory is the limit"},
};

struct comparison {
	const struct lab *before;
	struct diags *out;
};

static void differ(const struct comparison *c, struct meta at, struct meta owner, const char *what,
		   struct sv old, struct sv new)
{
	if (!sv_eq(old, new))
		diag_at(c->out, &rows[CODE_CHANGED].info, spec_where(c->before->spec, at, owner),
			"%s is now " SV_FMT ", and was " SV_FMT, what, SV_ARG(new), SV_ARG(old));
}

static struct sv yes_no(struct v_bool b)
{
	return meta_ok(b.m) && b.v ? SV("true") : SV("false");
}

static struct sv word(struct v_enum e, const struct words *w)
{
	return meta_ok(e.m) ? sv_from(w->v[e.v].word) : SV("none");
}

static void compare_hosts(const struct comparison *c, const struct lab_host *a, const struct lab_host *b)
{
	struct arena *mem = c->out->a;
	const struct lab_network *na = &a->networks[0], *nb = &b->networks[0];
	uint32_t compat = 0, n = a->n_guests < b->n_guests ? a->n_guests : b->n_guests;

	differ(c, a->spec->admin_students.m, a->m, "`admin_students`", yes_no(a->admin_students),
	       yes_no(b->admin_students));
	differ(c, a->spec->data.m, a->m, "`data`", a->data.v, b->data.v);
	differ(c, a->spec->resume.m, a->m, "`resume`", word(a->resume, &words_resume),
	       word(b->resume, &words_resume));
	differ(c, a->spec->seats.m, a->m, "`seats`", sv_fmt(mem, "%lld", (long long)a->seats.v),
	       sv_fmt(mem, "%lld", (long long)b->seats.v));
	if (meta_ok(a->disk.m) && meta_ok(b->disk.m))
		differ(c, a->spec->disk.m, a->m, "`disk`", lab_gib_text(mem, a->disk.v),
		       lab_gib_text(mem, b->disk.v));
	differ(c, a->spec->dns_for_guests.m, a->m, "`dns_for_guests`",
	       a->dns_for_guests.is_host ? SV("the host's") : SV("Azure's"),
	       b->dns_for_guests.is_host ? SV("the host's") : SV("Azure's"));
	differ(c, na->egress.m, a->m, "`egress` of the NAT network", word(na->egress, &words_egress),
	       word(nb->egress, &words_egress));
	if (meta_ok(na->subnet.m) && meta_ok(nb->subnet.m))
		differ(c, na->subnet.m, a->m, "the NAT network's subnet", prefix_text(mem, na->subnet),
		       prefix_text(mem, nb->subnet));
	for (uint32_t i = 0; i < n; i++)
		compat += a->guests[i].processor_compatibility.v != b->guests[i].processor_compatibility.v;
	if (compat)
		diag_at(c->out, &rows[CODE_CHANGED].info, spec_where(c->before->spec, a->m, a->m),
			"`processor_compatibility` is now %s for %u of its guests",
			compat && b->guests[0].processor_compatibility.v ? "true" : "false", compat);
}

void migrate_compare(const struct lab *before, const struct lab *after, struct diags *out)
{
	struct comparison c = {before, out};
	struct span at = spec_where(before->spec, before->target_m, before->m);

	diag_at(out, &rows[CODE_CHANGED].info, at, "access: %s", arrival[after->target].access);
	diag_at(out, &rows[CODE_CHANGED].info, at, "cost: %s", arrival[after->target].cost);
	for (uint32_t i = 0; i < before->n_hosts && i < after->n_hosts; i++)
		compare_hosts(&c, &before->hosts[i], &after->hosts[i]);
}
