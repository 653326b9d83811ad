/* Which part of a machine is the lab, and how the spec calls it: the lab's name, its networks, its guests' names and addresses. */
#include "base/bug.h"
#include "base/map.h"
#include "base/num.h"
#include "emit/import.h"
#include "schema/types.h"

void import_release(struct import *m) { buf_release(&m->renames); }

/* --- names --- */

struct sv import_name(struct arena *a, struct sv text, const char *otherwise)
{
	struct buf b = { 0 };
	struct sv out;

	for (size_t i = 0; i < text.n && b.n < 50; i++) {
		char c = text.p[i];

		if (ch_is_alnum(c) && (b.n || ch_is_alpha(c)))
			buf_ch(&b, c);
		else if (b.n && b.p[b.n - 1] != '-')
			buf_ch(&b, '-');
	}
	while (b.n && b.p[b.n - 1] == '-')
		b.n--;
	if (!type_is_name(buf_view(&b))) {
		b.n = 0;
		buf_str(&b, otherwise);
	}
	out = buf_take(&b, a);
	buf_release(&b);
	return out;
}

/* The name itself where labc takes it and nobody has it yet, else a free one like it. */
static struct sv free_name(struct import *m, struct map *taken, struct sv want, const char *otherwise)
{
	struct sv name = type_is_name(want) ? want : import_name(m->a, want, otherwise), try = name;
	uint32_t *last = NEW(m->a, uint32_t, 1);
	struct map_entry *first = map_add(taken, name, last);

	while (first) {
		uint32_t *n = first->value;

		try = sv_fmt(m->a, SV_FMT "-%u", SV_ARG(name), *n += *n ? 1 : 2);
		if (!map_add(taken, try, last))
			break;
	}
	return try;
}

/* A text in single quotes of PowerShell, the five that close it doubled. */
static void put_ps(struct buf *b, struct sv s)
{
	buf_ch(b, '\'');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n' || s.p[i] == '\t') {
			buf_ch(b, ' ');
			continue;
		}
		if (s.p[i] == '\'')
			buf_ch(b, '\'');
		if (s.n - i >= 3 && memcmp(s.p + i, "\xe2\x80", 2) == 0 && (unsigned char)s.p[i + 2] >= 0x98 &&
		    (unsigned char)s.p[i + 2] <= 0x9b)
			buf_add(b, s.p + i, 3);
		buf_ch(b, s.p[i]);
	}
	buf_ch(b, '\'');
}

/* --- the lab --- */

static void split_notes(struct import_guest *g)
{
	ptrdiff_t end = sv_find(g->notes, '\n');
	struct sv first = end < 0 ? g->notes : sv_sub(g->notes, 0, (size_t)end);

	g->text = g->notes;
	if (!sv_starts(first, SV("labc:")))
		return;
	g->tag = sv_sub(first, 5, first.n);
	g->text = end < 0 ? SV("") : sv_sub(g->notes, (size_t)end + 1, g->notes.n);
}

/* The tag that most guests have, the first of several; empty when most have none. */
static struct sv usual_tag(struct import *m)
{
	struct map counts;
	struct sv best = SV("");
	uint32_t *n, most = 0;

	map_init(&counts, m->a, false);
	for (uint32_t i = 0; i < m->n_guests; i++) {
		struct map_entry *e;

		n = NEW(m->a, uint32_t, 1);
		e = map_add(&counts, m->guests[i].tag, n);
		if (e)
			n = e->value;
		++*n;
	}
	for (size_t i = 0; i < counts.n; i++) {
		n = counts.v[i].value;
		if (*n > most || (*n == most && !best.n)) {
			most = *n;
			best = counts.v[i].key;
		}
	}
	return best;
}

static bool choose_lab(struct import *m, const struct import_opts *o)
{
	struct sv tag;
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->n_guests; i++)
		split_notes(&m->guests[i]);
	tag = o->lab.n ? o->lab : usual_tag(m);
	for (uint32_t i = 0; i < m->n_guests; i++) {
		m->guests[i].is_in = sv_eq(m->guests[i].tag, tag);
		n += m->guests[i].is_in;
	}
	for (uint32_t i = 0; n && i < m->n_guests; i++) {
		const struct import_guest *g = &m->guests[i];

		if (!g->is_in && g->tag.n)
			import_report(m, IMPORT_LEFT_OUT, "guests", i, ".notes", "'" SV_FMT "' belongs to the lab '" SV_FMT "'",
				      SV_ARG(g->name), SV_ARG(g->tag));
		else if (!g->is_in)
			import_report(m, IMPORT_LEFT_OUT, "guests", i, ".name", "'" SV_FMT "' belongs to no lab of labc",
				      SV_ARG(g->name));
	}
	m->lab = type_is_name(tag) ? tag : SV("imported");
	if (n)
		return true;
	if (o->lab.n)
		import_report(m, IMPORT_FILE, NULL, 0, ".guests", "no guest has the tag of a lab '" SV_FMT "'", SV_ARG(o->lab));
	else
		import_report(m, IMPORT_FILE, NULL, 0, ".guests", "there are no guests to import");
	return false;
}

static void choose_target(struct import *m, const struct import_opts *o)
{
	m->target = o->target;
	if (m->target == TARGET_COUNT)
		m->target = m->azure ? TARGET_AZURE_VM : TARGET_HYPER_V;
	m->file = o->file;
}

static void name_guests(struct import *m)
{
	struct map taken;

	map_init(&taken, m->a, true);
	/* good names first, so that a mapped one does not take theirs */
	for (int pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < m->n_guests; i++) {
			struct import_guest *g = &m->guests[i];
			bool good = type_is_name(g->name) && !map_find(&taken, g->name);

			if (!g->is_in || g->key.n || (pass == 0 && !good))
				continue;
			g->key = free_name(m, &taken, g->name, "guest");
			if (sv_eq(g->key, g->name))
				continue;
			import_report(m, IMPORT_RENAMED, "guests", i, ".name", "'" SV_FMT "' is called '" SV_FMT "' in the spec",
				      SV_ARG(g->name), SV_ARG(g->key));
			buf_str(&m->renames, "Rename-VM -Name ");
			put_ps(&m->renames, g->name);
			buf_fmt(&m->renames, " -NewName '" SV_FMT "'\n", SV_ARG(g->key));
		}
}

/* --- networks --- */

/* "range" of adapters called range or range-2: their switch's network is called so, unless others are called differently. */
static void offer_name(const struct import_guest *g, uint32_t k)
{
	struct import_switch *w = g->adapters[k].in;
	struct sv name = g->adapters[k].name;

	for (uint32_t j = 0; j < k; j++)
		if (g->adapters[j].in == w)
			return;
	if (w->n_adapters == 1)
		w->key = name;
	else if (!sv_eq(w->key, name))
		w->key = SV("");
}

static void connect(struct import *m)
{
	struct map by_name;

	map_init(&by_name, m->a, false);
	for (uint32_t i = 0; i < m->n_switches; i++)
		map_add(&by_name, m->switches[i].name, &m->switches[i]);
	for (uint32_t i = 0; i < m->n_guests; i++)
		for (uint32_t k = 0; m->guests[i].is_in && k < m->guests[i].n_adapters; k++) {
			struct import_adapter *a = &m->guests[i].adapters[k];

			a->in = a->switch_name.n ? map_get(&by_name, a->switch_name) : NULL;
			if (!a->in)
				continue;
			a->in->n_adapters++;
			a->in->guard = a->in->guard || a->dhcp_guard || a->router_guard;
			if (a->egress > a->in->egress)
				a->in->egress = a->egress;
			offer_name(&m->guests[i], k);
		}
}

static bool is_inner(const struct import_switch *w) { return sv_eq(w->type, SV("Internal")) && !w->is_default; }

/* The switch behind the NAT; without one Windows' Default Switch, else none. */
static void choose_nat(struct import *m)
{
	for (uint32_t i = 0; i < m->n_switches; i++) {
		struct import_switch *w = &m->switches[i];

		for (uint32_t k = 0; is_inner(w) && w->gateway && k < m->n_nats; k++)
			if (prefix_has(m->nats[k].prefix, w->gateway) && (!m->nat || w->n_adapters > m->nat->n_adapters)) {
				m->nat = w;
				m->chosen = &m->nats[k];
			}
	}
	for (uint32_t i = 0; !m->nat && i < m->n_switches; i++)
		if (m->switches[i].is_default && m->switches[i].n_adapters)
			m->nat = &m->switches[i];
	if (m->nat)
		m->nat->key = SV(LAB_NAT);
}

static void name_networks(struct import *m)
{
	const struct import_switch *outside = NULL;
	struct map taken;

	map_init(&taken, m->a, true);
	map_add(&taken, SV(LAB_NAT), NEW(m->a, uint32_t, 1));
	for (uint32_t i = 0; i < m->n_switches; i++) {
		struct import_switch *w = &m->switches[i];
		struct sv name;

		w->is_external = sv_eq(w->type, SV("External"));
		if (w == m->nat || !w->n_adapters)
			continue;
		name = w->key;
		w->key = free_name(m, &taken, type_is_name(name) && !sv_eq_nocase(name, SV(LAB_NAT)) ? name : w->name, "network");
		if (w->is_external && m->target == TARGET_HYPER_V && !outside)
			outside = w;
		else if (w->is_external)
			import_report(m, IMPORT_LEFT_OUT, "switches", i, ".type",
				      m->target == TARGET_HYPER_V
					      ? "a second external switch: the spec makes '" SV_FMT "' an internal one"
					      : "'" SV_FMT "' leads outside, which no network does on this target: it becomes an internal one",
				      SV_ARG(w->name));
	}
	m->outside = outside;
}

/* --- addresses and mappings --- */

static bool fits(const struct import_switch *w, uint32_t ip)
{
	return w && w->subnet.m.state == META_OK && prefix_has(w->subnet, ip) && ip != w->gateway && ip != w->subnet.v &&
	       ip != prefix_broadcast(w->subnet);
}

/* What the guests' integration services say. */
static void known_addresses(struct import *m, struct map *owners)
{
	for (uint32_t i = 0; i < m->n_guests; i++)
		for (uint32_t k = 0; m->guests[i].is_in && k < m->guests[i].n_adapters; k++) {
			struct import_adapter *a = &m->guests[i].adapters[k];

			for (uint32_t j = 0; j < a->n_addresses && !a->address; j++) {
				uint32_t ip;

				if (num_ip(a->addresses[j], &ip) && fits(a->in, ip) &&
				    !map_add(owners, sv_dup(m->a, a->addresses[j]), &m->guests[i]))
					a->address = ip;
			}
		}
}

/* A mapping whose guest was written down gives that guest its address. */
static bool takes(struct import_guest *g, const struct import_switch *nat, uint32_t ip)
{
	for (uint32_t k = 0; k < g->n_adapters; k++) {
		struct import_adapter *a = &g->adapters[k];

		if (a->in != nat || !fits(nat, ip))
			continue;
		if (!a->address)
			a->address = ip;
		return a->address == ip;
	}
	return false;
}

static bool is_of_lab(const struct import *m, const struct import_mapping *p)
{
	return m->chosen && sv_eq(p->nat, m->chosen->name) && prefix_has(m->nat->subnet, p->internal_address);
}

static void assign_mappings(struct import *m)
{
	struct map owners, by_name;

	map_init(&owners, m->a, false);
	map_init(&by_name, m->a, false);
	known_addresses(m, &owners);
	for (uint32_t i = 0; i < m->n_guests; i++)
		if (m->guests[i].is_in)
			map_add(&by_name, m->guests[i].name, &m->guests[i]);
	for (uint32_t i = 0; i < m->n_mappings; i++) {
		struct import_mapping *p = &m->mappings[i];
		struct sv ip = num_ip_text(m->a, p->internal_address);
		struct import_guest *g = map_get(&owners, ip);

		if (!is_of_lab(m, p))
			continue;
		if (!g) {
			g = map_get(&by_name, p->guest_name);
			if (g && takes(g, m->nat, p->internal_address))
				map_add(&owners, ip, g);
			else
				g = NULL;
		}
		p->guest = g;
		if (!g)
			import_report(m, IMPORT_LEFT_OUT, "mappings", i, ".internalAddress",
				      "no guest is known to have the address " SV_FMT, SV_ARG(ip));
	}
}

/* --- adapters' names --- */

static void rename_adapters(struct import *m)
{
	for (uint32_t i = 0; i < m->n_guests; i++)
		for (uint32_t k = 0; m->guests[i].is_in && k < m->guests[i].n_adapters; k++) {
			const struct import_adapter *a = &m->guests[i].adapters[k];
			struct sv want = a->in ? a->in->key : SV("");

			for (uint32_t j = 0; a->in && j < k; j++)
				if (m->guests[i].adapters[j].in == a->in)
					want = sv_fmt(m->a, SV_FMT "-%u", SV_ARG(a->in->key), k + 1);
			if (!a->in || sv_eq(a->name, want))
				continue;
			buf_str(&m->renames, "Rename-VMNetworkAdapter -VMName ");
			put_ps(&m->renames, m->guests[i].key);
			buf_str(&m->renames, " -Name ");
			put_ps(&m->renames, a->name);
			buf_fmt(&m->renames, " -NewName '" SV_FMT "'\n", SV_ARG(want));
		}
}

bool import_plan(struct import *m, const struct import_opts *o)
{
	choose_target(m, o);
	if (!choose_lab(m, o))
		return false;
	name_guests(m);
	connect(m);
	choose_nat(m);
	name_networks(m);
	assign_mappings(m);
	rename_adapters(m);
	return true;
}
