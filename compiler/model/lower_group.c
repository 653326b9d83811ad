/* Which hosts are copies of one template: those that differ in address and name only.
 *
 * Two hosts are compared by a text that spells out everything their scripts depend on. */
#include "model/lower.h"

#include "base/buf.h"

static void put_text(struct buf *b, struct sv s)
{
	buf_u64(b, s.n);
	buf_ch(b, ':');
	buf_sv(b, s);
}

static void put_num(struct buf *b, struct meta m, int64_t v)
{
	buf_ch(b, m.state == META_OK ? '=' : '-');
	if (m.state == META_OK)
		buf_i64(b, v);
}

static void put_str(struct buf *b, struct v_text t)
{
	put_num(b, t.m, 0);
	if (t.m.state == META_OK)
		put_text(b, t.v);
}

/* Lists of texts that hosts share by an alias or a profile are spelled out once: a number stands for them. */
struct spelled {
	struct map by_text;       /* text -> its number */
	struct {
		const void *v;    /* the list as the decoder shares it */
		uintptr_t number;
	} seen[64];               /* by address: the last one with that address modulo 64 */
};

static void put_texts(struct buf *b, struct spelled *lists, struct v_text_list l)
{
	size_t slot = (uintptr_t)l.v / 64 % 64, from = b->n;
	struct map_entry *old;

	put_num(b, l.m, l.n);
	if (l.n == 0)
		return;
	if (lists->seen[slot].v != l.v) {
		for (uint32_t i = 0; i < l.n; i++)
			put_str(b, l.v[i]);
		uintptr_t number = lists->by_text.n + 1;
		struct sv text = sv_fmt(lists->by_text.a, "%.*s", (int)(b->n - from), b->p + from);

		old = map_add(&lists->by_text, text, (void *)number);
		lists->seen[slot].v = l.v;
		lists->seen[slot].number = old ? (uintptr_t)old->value : number;
	}
	b->n = from;
	buf_ch(b, '#');
	buf_u64(b, lists->seen[slot].number);
}

static void put_ip(struct buf *b, struct v_ip ip) { put_num(b, ip.m, (int64_t)ip.v << 8 | ip.word); }

static void put_ips(struct buf *b, struct v_ip_list l)
{
	put_num(b, l.m, l.is_host);
	for (uint32_t i = 0; i < l.n; i++)
		put_ip(b, l.v[i]);
}

static void put_network(struct buf *b, const struct lab_network *n)
{
	put_text(b, n->name);
	put_num(b, n->kind.m, n->kind.v);
	put_str(b, n->switch_name);
	put_str(b, n->nat);
	put_num(b, n->subnet.m, (int64_t)n->subnet.v << 8 | n->subnet.len);
	put_ip(b, n->gateway);
	put_ips(b, n->dns);
	if (n->dhcp) {
		put_num(b, n->range.m, n->range.lo);
		put_num(b, n->range.m, n->range.hi);
		put_num(b, n->lease.m, n->lease.v);
		put_str(b, n->scope);
	}
	put_num(b, n->guard.m, n->guard.v);
	put_num(b, n->egress.m, n->egress.v);
}

static void put_disk(struct buf *b, const struct lab_disk *d)
{
	put_num(b, d->size.m, (int64_t)d->size.v);
	put_num(b, d->format.m, d->format.v);
	put_num(b, d->type.m, d->type.v);
	put_str(b, d->source);
	put_str(b, d->sha256);
	put_str(b, d->parent);
	put_str(b, d->path);
}

static void put_nic(struct buf *b, const struct lab_nic *n)
{
	put_text(b, n->network ? n->network->name : SV("?"));
	put_ip(b, n->address);
	put_ip(b, n->gateway);
	put_ips(b, n->dns);
	put_num(b, n->mac.m, (int64_t)n->mac.v);
	put_num(b, n->legacy.m, n->legacy.v);
	put_num(b, n->vlan.m, n->vlan.v);
	buf_fmt(b, "%d%d%d", n->dhcp_guard, n->router_guard, n->mac_spoofing);
}

static void put_provision(struct buf *b, struct spelled *lists, const struct spec_guest *g)
{
	put_texts(b, lists, g->ssh_keys);
	put_texts(b, lists, g->provision.packages);
	put_texts(b, lists, g->provision.commands);
	for (uint32_t i = 0; i < g->provision.files.n; i++) {
		put_str(b, g->provision.files.v[i].path);
		put_str(b, g->provision.files.v[i].content);
	}
	for (uint32_t i = 0; i < g->tests.n; i++) {
		const struct spec_test *t = &g->tests.v[i];

		put_num(b, t->tcp.m, t->tcp.v);
		put_num(b, t->http.m, t->http.port);
		put_text(b, t->http.path);
		put_num(b, t->status.m, t->status.v);
		put_str(b, t->service);
		put_str(b, t->command);
		put_str(b, t->expect);
		put_str(b, t->name);
	}
}

static void put_guest(struct buf *b, struct spelled *lists, const struct lab_guest *g)
{
	put_text(b, g->name);
	put_text(b, g->os ? sv_from(g->os->id) : SV("?"));
	put_num(b, g->vcpus.m, g->vcpus.v);
	put_num(b, g->generation.m, g->generation.v);
	put_num(b, g->startup.m, (int64_t)g->startup.v);
	put_num(b, g->minimum.m, (int64_t)g->minimum.v);
	put_num(b, g->maximum.m, (int64_t)g->maximum.v);
	put_num(b, g->buffer.m, g->buffer.v);
	put_num(b, g->weight.m, g->weight.v);
	for (uint32_t i = 0; i < g->n_disks; i++)
		put_disk(b, &g->disks[i]);
	put_text(b, g->image);
	put_str(b, g->iso);
	for (uint32_t i = 0; i < g->n_nics; i++)
		put_nic(b, &g->nics[i]);
	put_num(b, g->tpm.m, g->tpm.v);
	put_num(b, g->processor_compatibility.m, g->processor_compatibility.v);
	put_num(b, g->nested.m, g->nested.v);
	put_num(b, g->remote_desktop.m, g->remote_desktop.v);
	put_num(b, g->on_demand.m, g->on_demand.v);
	put_num(b, g->configure.m, g->configure.v);
	put_num(b, g->password.m, g->password.v);
	put_num(b, g->automatic_stop.m, g->automatic_stop.v);
	/* not what only follows from where connections lead */
	if (meta_written(g->automatic_start.m))
		put_num(b, g->automatic_start.m, g->automatic_start.v);
	put_num(b, g->start_delay.m, g->start_delay.v);
	put_num(b, g->checkpoints.m, g->checkpoints.v);
	buf_fmt(b, "boot%d %d%d", g->boot, g->serves_dhcp, g->serves_router);
	for (uint32_t i = 0; i < g->n_start_after; i++)
		put_text(b, g->start_after[i]->name);
	put_text(b, g->hostname);
	put_str(b, g->user);
	put_str(b, g->licence);
	put_str(b, g->notes);
	put_provision(b, lists, g->spec);
}

static void put_mapping(struct buf *b, const struct lab_mapping *m)
{
	put_text(b, m->guest->name);
	put_text(b, m->name.v);
	put_num(b, m->protocol.m, m->protocol.v);
	put_num(b, m->external.m, m->external.v);
	put_num(b, m->internal.m, m->internal.v);
	put_ip(b, m->external_address);
	put_str(b, m->note);
}

/* Everything about a host but its name and address. */
static struct sv signature(struct lowering *lw, const struct lab_host *h, struct spelled *lists, struct buf *b)
{
	put_text(b, h->size_text);
	put_text(b, h->os ? sv_from(h->os->id) : SV("?"));
	put_num(b, h->seats.m, h->seats.v);
	put_num(b, h->reserve.m, (int64_t)h->reserve.v);
	put_num(b, h->disk.m, (int64_t)h->disk.v);
	put_str(b, h->data);
	put_str(b, h->admin_user);
	put_str(b, h->student_user);
	put_num(b, h->admin_students.m, h->admin_students.v);
	put_num(b, h->desktop_shortcut.m, h->desktop_shortcut.v);
	put_num(b, h->resume.m, h->resume.v);
	for (uint32_t i = 0; i < h->n_networks; i++)
		put_network(b, &h->networks[i]);
	for (uint32_t i = 0; i < h->n_guests; i++)
		put_guest(b, lists, &h->guests[i]);
	for (uint32_t i = 0; i < h->n_mappings; i++)
		put_mapping(b, &h->mappings[i]);
	return buf_take(b, lw->a);
}

/* Copies of one template have one script: a guest that some connection leads to starts always on all of them. */
static void share_starts(struct lab_group *g)
{
	for (uint32_t i = 0; g->n_hosts > 1 && i < g->hosts[0]->n_guests; i++) {
		bool always = false;

		for (uint32_t h = 0; h < g->n_hosts; h++)
			always = always || g->hosts[h]->guests[i].automatic_start.v == START_ALWAYS;
		for (uint32_t h = 0; always && h < g->n_hosts; h++)
			g->hosts[h]->guests[i].automatic_start.v = START_ALWAYS;
	}
}

/* One lab keeps the spec's name; of several each has its first host's name behind it. */
static void name_groups(struct lowering *lw)
{
	struct lab *l = lw->l;

	for (uint32_t i = 0; i < l->n_groups; i++) {
		struct lab_group *g = &l->groups[i];

		g->template_host = g->hosts[0];
		g->name = l->n_groups == 1 ? l->name
					   : sv_fmt(lw->a, SV_FMT "-" SV_FMT, SV_ARG(l->name),
						    SV_ARG(g->hosts[0]->name));
		g->title = l->n_groups == 1 ? l->title
					    : sv_fmt(lw->a, SV_FMT " (" SV_FMT ")", SV_ARG(l->title),
						     SV_ARG(g->hosts[0]->name));
	}
}

void lower_groups(struct lowering *lw)
{
	struct lab *l = lw->l;
	struct map by_signature;
	struct spelled lists = { 0 };
	struct buf b = { 0 };

	if (!(l->target_info->flags & TG_TEMPLATE))
		return;
	map_init(&by_signature, lw->a, false);
	map_init(&lists.by_text, lw->a, false);
	l->groups = NEW(lw->a, struct lab_group, l->n_hosts + 1);
	for (uint32_t i = 0; i < l->n_hosts; i++) {
		struct lab_host *h = &l->hosts[i];
		/* one host is like itself */
		struct sv key = l->n_hosts > 1 ? signature(lw, h, &lists, &b) : SV("");
		struct lab_group *g = map_get(&by_signature, key);

		if (!g) {
			g = &l->groups[l->n_groups++];
			map_add(&by_signature, key, g);
		}
		h->group = g;
		g->n_hosts++;
		g->capacity += (uint64_t)h->seats.v;
	}
	buf_release(&b);
	for (uint32_t i = 0; i < l->n_groups; i++) {
		l->groups[i].hosts = NEW(lw->a, struct lab_host *, l->groups[i].n_hosts);
		l->groups[i].n_hosts = 0;
	}
	for (uint32_t i = 0; i < l->n_hosts; i++) {
		struct lab_group *g = l->hosts[i].group;

		g->hosts[g->n_hosts++] = &l->hosts[i];
	}
	for (uint32_t i = 0; i < l->n_groups; i++)
		share_starts(&l->groups[i]);
	name_groups(lw);
}
