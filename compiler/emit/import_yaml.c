/* The lab.yaml of an imported machine: every value that setup.ps1 compares is written out, so that the spec means this machine
 * whatever the defaults become. */
#include <string.h>

#include "base/bug.h"
#include "base/num.h"
#include "emit/import_internal.h"
#include "schema/table.h"

enum { COMMENT_AT = 40 };

/* --- values --- */


void import_put_text(struct buf *b, struct sv s)
{
	bool plain = s.n > 0 && ch_is_alpha(s.p[0]) && s.p[s.n - 1] != ' ';
	bool simple = true;

	for (size_t i = 0; i < s.n; i++) {
		plain = plain && (ch_is_alnum(s.p[i]) || strchr("-_. /", s.p[i]));
		simple = simple && s.p[i] != '\n' && s.p[i] != '\t';
	}
	if (plain) {
		buf_sv(b, s);
		return;
	}
	buf_ch(b, simple ? '\'' : '"');
	for (size_t i = 0; i < s.n; i++) {
		if (simple && s.p[i] == '\'')
			buf_ch(b, '\'');
		else if (!simple && (s.p[i] == '"' || s.p[i] == '\\'))
			buf_ch(b, '\\');
		if (s.p[i] == '\n')
			buf_str(b, "\\n");
		else if (s.p[i] == '\t')
			buf_str(b, "\\t");
		else
			buf_ch(b, s.p[i]);
	}
	buf_ch(b, simple ? '\'' : '"');
}


void import_put_comment_text(struct buf *b, struct sv s)
{
	for (size_t i = 0; i < s.n && i < 200; i++)
		buf_ch(b, s.p[i] == '\n' || s.p[i] == '\t' ? ' ' : s.p[i]);
}


void import_put_comment(struct buf *b, size_t from, const char *text)
{
	size_t used = b->n - from;

	buf_fill(b, ' ', used < COMMENT_AT ? COMMENT_AT - used : 2);
	buf_fmt(b, "# %s\n", text);
}

void import_put_size(struct import *m, struct buf *b, int64_t bytes)
{
	uint64_t n = (uint64_t)bytes;

	/* a size is whole KiB; the script only grows disks, so less is right */
	if (n % MIB && n >= KIB)
		buf_fmt(b, "%llu KiB", (unsigned long long)(n / KIB));
	else
		buf_sv(b, num_size_text(m->a, n));
}

/* --- the host --- */

static struct sv host_os(const struct import *m)
{
	size_t best = HOST_OS_WINDOWS_SERVER_2022;

	for (size_t i = 0; i < HOST_OS_COUNT; i++)
		if (sv_search(m->system, sv_from(host_os_table[i].name)) >= 0)
			best = i;
	if (!m->server && host_os_table[best].server)
		best = HOST_OS_WINDOWS_11;
	return sv_from(host_os_table[best].id);
}

static uint64_t host_memory(const struct import *m)
{
	/* Windows reports a little less than there is */
	return ((uint64_t)m->memory + GIB - 1) / GIB * GIB;
}

/* The smallest Azure size that runs Hyper-V with as much. */
static const char *azure_size_for(const struct import *m)
{
	const struct azure_size *best = NULL;

	for (size_t i = 0; i < azure_sizes_count; i++) {
		const struct azure_size *z = &azure_sizes[i];

		if (!(z->series->flags & AZ_NESTED) || z->series->retires || z->vcpus < (uint64_t)m->processors ||
		    z->memory_mib * MIB < host_memory(m))
			continue;
		if (!best || z->memory_mib < best->memory_mib ||
		    (z->memory_mib == best->memory_mib && sv_eq(sv_from(z->series->name), SV("Dsv5"))))
			best = z;
	}
	return best ? best->name : "Standard_D8s_v5";
}

static void put_size_of_host(struct import *m, struct buf *b)
{
	size_t from = b->n;

	if (m->target == TARGET_HYPER_V) {
		buf_fmt(b, "  size: { vcpus: %lld, memory: ", (long long)(m->processors ? m->processors : 1));
		import_put_size(m, b, (int64_t)host_memory(m));
		buf_str(b, " }");
		import_put_comment(b, from, "what this machine has");
	} else if (m->target == TARGET_LAB_SERVICES) {
		bool large = m->processors > 4 || host_memory(m) > 16 * GIB;

		buf_fmt(b, "  size: %s (Nested virtualization)", large ? "Large" : "Medium");
		import_put_comment(b, from, "the size nearest to this machine");
	} else {
		buf_fmt(b, "  size: %s", azure_size_for(m));
		import_put_comment(b, from, "the smallest size with as much as this machine");
	}
}

/* What is left for Windows when the guests that run take nearly all. */
static void put_reserve(struct import *m, struct buf *b)
{
	uint64_t all = 0, have = host_memory(m), left;
	size_t from = b->n;

	for (uint32_t i = 0; i < m->n_guests; i++)
		if (m->guests[i].is_in && !num_add_u64(all, (uint64_t)m->guests[i].startup, &all))
			return;
	if (all >= have || have - all >= 4 * GIB)
		return;
	left = (have - all) / MIB * MIB;
	buf_str(b, "  reserve: ");
	import_put_size(m, b, (int64_t)left);
	import_put_comment(b, from, "less than the usual 4 GiB: the guests have the rest");
}

static void put_students(struct import *m, struct buf *b)
{
	size_t from = b->n;

	if (m->n_operators && m->operators[0].n) {
		buf_str(b, "  admin_students: false\n");
		from = b->n;
		buf_str(b, "  student_user: ");
		import_put_text(b, m->operators[0]);
		import_put_comment(b, from, "in the group Hyper-V Administrators");
		for (uint32_t i = 1; i < m->n_operators; i++)
			import_report(m, IMPORT_LEFT_OUT, NULL, 0, ".machine.operators",
				      "'" SV_FMT "' is in Hyper-V Administrators too, which only one student account is",
				      SV_ARG(m->operators[i]));
		return;
	}
	buf_str(b, "  admin_students: true");
	import_put_comment(b, from, "nobody else is in Hyper-V Administrators");
}

/* DATA of "DATA\disks\web.vhdx": what most guests' first disks have. */
static void choose_data(struct import *m)
{
	static const char middle[] = "\\disks\\";

	for (uint32_t i = 0; i < m->n_guests; i++) {
		const struct import_guest *g = &m->guests[i];
		ptrdiff_t at = g->is_in && g->n_disks ? sv_search(g->disks[0].path, sv_from(middle)) : -1;

		if (at > 2 && g->disks[0].path.p[1] == ':' &&
		    sv_find(sv_sub(g->disks[0].path, (size_t)at + sizeof(middle) - 1, g->disks[0].path.n), '\\') < 0) {
			m->data = sv_sub(g->disks[0].path, 0, (size_t)at);
			return;
		}
	}
}

/* --- networks --- */

static void put_network_fields(struct import *m, struct buf *b, const struct import_switch *w, const char *indent)
{
	buf_fmt(b, "%sswitch: ", indent);
	import_put_text(b, w->name);
	buf_ch(b, '\n');
	if (w->subnet.m.state == META_OK && w->gateway && !w->is_external) {
		buf_fmt(b, "%ssubnet: " SV_FMT "\n", indent, SV_ARG(prefix_text(m->a, w->subnet)));
		buf_fmt(b, "%sgateway: " SV_FMT, indent, SV_ARG(num_ip_text(m->a, w->gateway)));
		buf_str(b, "\n");
	}
	/* in other networks than the NAT's `internet` and `all` are the same */
	if (w == m->nat ? w->egress != (m->target == TARGET_HYPER_V ? EGRESS_INTERNET : EGRESS_ALL) : w->egress == EGRESS_NONE)
		buf_fmt(b, "%segress: %s\n", indent, words_egress.v[w->egress].word);
	if (!w->guard)
		buf_fmt(b, "%sguard: false\n", indent);
	for (uint32_t i = 0; w->gateway && i < m->n_scopes; i++) {
		const struct import_scope *s = &m->scopes[i];

		if (s->id != w->subnet.v)
			continue;
		buf_fmt(b, "%sdns: [", indent);
		for (uint32_t k = 0, n = 0; k < s->n_dns; k++) {
			uint32_t ip;

			if (num_ip(s->dns[k], &ip))
				buf_fmt(b, "%s" SV_FMT, n++ ? ", " : "", SV_ARG(s->dns[k]));
		}
		buf_str(b, "]\n");
		buf_fmt(b, "%sdhcp:\n%s  range: " SV_FMT "-" SV_FMT "\n%s  lease: %llds\n%s  scope: ", indent, indent,
			SV_ARG(s->start), SV_ARG(s->end), indent, (long long)(s->lease > 0 ? s->lease : 28800), indent);
		import_put_text(b, s->name);
		buf_ch(b, '\n');
	}
}

static void put_networks(struct import *m, struct buf *b)
{
	bool any = false;

	buf_str(b, "  network:\n");
	if (m->chosen) {
		buf_str(b, "    nat: ");
		import_put_text(b, m->chosen->name);
		buf_ch(b, '\n');
		put_network_fields(m, b, m->nat, "    ");
	} else {
		size_t from = b->n;

		buf_fmt(b, "    kind: %s", m->nat ? "default-switch" : "private");
		import_put_comment(b, from, m->nat ? "Windows' own; this machine has no NAT of labc's kind" : "there is no NAT, and nobody is in this one");
	}
	for (uint32_t i = 0; i < m->n_switches; i++) {
		const struct import_switch *w = &m->switches[i];

		if (w == m->nat || !w->n_adapters)
			continue;
		if (!any)
			buf_str(b, "  networks:\n");
		any = true;
		buf_fmt(b, "    " SV_FMT ":\n      kind: %s\n", SV_ARG(w->key),
			w->is_default ? "default-switch" : sv_eq(w->type, SV("Private")) ? "private" : "internal");
		if (!w->is_default)
			put_network_fields(m, b, w, "      ");
	}
}

/* Each guest's mappings in the order of the file, without looking through all of them for each. */
static void link_mappings(struct import *m)
{
	for (uint32_t i = 0; i < m->n_guests; i++)
		m->guests[i].first_mapping = m->n_mappings;
	for (uint32_t i = m->n_mappings; i-- > 0;) {
		struct import_mapping *p = &m->mappings[i];

		if (!p->guest)
			continue;
		p->next = p->guest->first_mapping;
		p->guest->first_mapping = i;
	}
}

/* --- the whole --- */

static void put_head(struct import *m, struct buf *b)
{
	struct sv left = buf_view(&m->renames);

	buf_str(b, "# Made by 'labc import' from ");
	import_put_comment_text(b, m->file);
	buf_str(b, ": what setup.ps1 -Adopt finds there and leaves as it is.\n"
		   "# Look through it: the comments say what was guessed and what could not be said.\n");
	if (left.n)
		buf_str(b, "#\n# Some things have names that labc cannot use. Before the first setup.ps1 -Adopt, give them the names of this\n"
			   "# spec, in PowerShell as administrator on the machine:\n");
	while (left.n) {
		ptrdiff_t end = sv_find(left, '\n');

		buf_fmt(b, "#   " SV_FMT "\n", (int)end, left.p);
		left = sv_sub(left, (size_t)end + 1, left.n);
	}
	buf_fmt(b, "\nlabc: 1\nname: " SV_FMT "\ntarget: %s\n", SV_ARG(m->lab), target_table[m->target].id);
}

static void put_target(struct import *m, struct buf *b)
{
	bool alone = !m->n_operators || !m->operators[0].n;

	if (m->target != TARGET_HYPER_V || (!m->outside && !m->chosen && !alone))
		return;
	buf_str(b, "\ntargets:\n  hyper-v:\n");
	if (m->outside) {
		buf_str(b, "    external_switch: ");
		import_put_text(b, m->outside->name);
		buf_ch(b, '\n');
	}
	if (m->chosen)
		buf_fmt(b, "    nat_prefix: " SV_FMT "\n", SV_ARG(prefix_text(m->a, m->chosen->prefix)));
	if (alone) {
		size_t from = b->n;

		buf_str(b, "    dedicated: true");
		import_put_comment(b, from, "false, with a `student_user`, when others use the machine too");
	}
}

static void put_host(struct import *m, struct buf *b)
{
	size_t from;

	buf_str(b, "\nhost:\n");
	put_size_of_host(m, b);
	from = b->n;
	buf_fmt(b, "  os: " SV_FMT, SV_ARG(host_os(m)));
	import_put_comment(b, from, sv_cstr(m->a, m->system.n ? m->system : SV("not said")));
	put_reserve(m, b);
	if (m->data.n) {
		buf_str(b, "  data: ");
		import_put_text(b, m->data);
		buf_ch(b, '\n');
	}
	put_students(m, b);
	if (!m->shortcut)
		buf_str(b, "  desktop_shortcut: false\n");
	put_networks(m, b);
}

void import_write(struct import *m, struct buf *out)
{
	if (m->chosen && m->target != TARGET_HYPER_V && !sv_eq(prefix_text(m->a, m->chosen->prefix), prefix_text(m->a, m->nat->subnet)))
		import_report(m, IMPORT_LEFT_OUT, "nats", (uint32_t)(m->chosen - m->nats), ".prefix",
			      "on this target the NAT has the prefix of its network, " SV_FMT, SV_ARG(prefix_text(m->a, m->nat->subnet)));
	choose_data(m);
	link_mappings(m);
	put_head(m, out);
	put_target(m, out);
	put_host(m, out);
	buf_str(out, "\nguests:\n");
	for (uint32_t i = 0; i < m->n_guests; i++)
		if (m->guests[i].is_in) {
			m->guests[i].from = out->n;
			import_put_guest(m, out, &m->guests[i]);
			m->guests[i].to = out->n;
		}
	for (uint32_t i = 0; i < m->n_mappings; i++) {
		const struct import_mapping *p = &m->mappings[i];

		if (!p->guest && m->chosen && sv_eq(p->nat, m->chosen->name) && prefix_has(m->nat->subnet, p->internal_address))
			buf_fmt(out, "# left out: %s port %lld leads to " SV_FMT ":%lld, and no guest is known to have that address\n",
				sv_eq_nocase(p->protocol, SV("UDP")) ? "UDP" : "TCP", (long long)p->external_port,
				SV_ARG(num_ip_text(m->a, p->internal_address)), (long long)p->internal_port);
	}
}
