#include "rules/trace.h"

#include "base/num.h"

static const char *protocol(const struct lab_connection *c) { return c->protocol == PROTO_UDP ? "UDP" : "TCP"; }

/* "line 14", where a value is written; nothing for others. */
static void put_line(struct buf *out, const struct lab *lab, struct meta m)
{
	struct span at;

	if (!meta_written(m))
		return;
	at = spec_span(lab->spec, m);
	buf_fmt(out, "  (line %u)", source_pos(lab->diags->sources, at.src, at.off).line);
}

static const struct lab_nic *nic_towards(const struct lab_guest *from, const struct lab_guest *to)
{
	for (uint32_t i = 0; i < from->n_nics; i++)
		for (uint32_t k = 0; to && k < to->n_nics; k++)
			if (from->nics[i].network && from->nics[i].network == to->nics[k].network)
				return &from->nics[i];
	return NULL;
}

static void put_address(struct arena *a, struct buf *out, struct v_ip ip)
{
	if (meta_ok(ip.m) && ip.word == IP_ADDRESS)
		buf_fmt(out, " " SV_FMT, SV_ARG(num_ip_text(a, ip.v)));
}

/* Out of a guest: by its NAT, whose address then is its host's. */
static void put_source(struct arena *a, struct buf *out, const struct lab_connection *c, const struct lab_end *from)
{
	const struct lab_guest *g = from->guest;

	if (from->neighbour) {
		buf_str(out, "    from  another copy of the host\n");
		return;
	}
	buf_fmt(out, "    from  %s " SV_FMT, g ? "guest" : "host", SV_ARG(g ? g->name : from->host->name));
	if (g && g->n_nics)
		put_address(a, out, g->nics[0].address);
	else if (!g)
		put_address(a, out, from->host->address);
	buf_ch(out, '\n');
	if (g && !c->local) {
		if (g->nat_nic && g->nat_nic->network && meta_ok(g->nat_nic->network->nat.m))
			buf_fmt(out, "    out   by the NAT '" SV_FMT "' of host " SV_FMT, SV_ARG(g->nat_nic->network->nat.v),
				SV_ARG(from->host->name));
		else
			buf_str(out, "    out   by the guest that routes for it, or not at all");
		if (g->nat_nic)
			put_address(a, out, from->host->address);
		buf_ch(out, '\n');
	}
}

static void put_local(struct arena *a, struct buf *out, const struct lab_connection *c, const struct lab_end *from)
{
	const struct lab_nic *nic = from->guest ? nic_towards(from->guest, c->to.guest) : NULL;

	buf_str(out, "    way   straight to the guest: on its own host no mapping is used");
	if (nic)
		buf_fmt(out, "; both are in '" SV_FMT "'", SV_ARG(nic->network->name));
	buf_ch(out, '\n');
	(void)a;
}

static void put_remote(struct arena *a, struct buf *out, const struct lab *lab, const struct lab_connection *c)
{
	const struct lab_mapping *m = c->mapping;

	buf_fmt(out, "    to    host " SV_FMT, SV_ARG(c->to.host->name));
	if (meta_ok(c->address.m))
		put_address(a, out, c->address);
	else
		buf_str(out, ", whose address the handout says how to look up");
	if (!m) {
		buf_fmt(out, "\n    STOP  no mapping leads to %s port %u of the guest ('labc lint' says more)\n", protocol(c),
			c->internal_port);
		return;
	}
	buf_fmt(out, ", %s port %u\n    by    the mapping to", protocol(c), c->port);
	if (m->nic)
		put_address(a, out, m->nic->address);
	buf_fmt(out, " port %u", m->internal.v);
	put_line(out, lab, m->m);
	buf_ch(out, '\n');
}

static void put_end(struct arena *a, struct buf *out, const struct lab_connection *c)
{
	const struct lab_guest *g = c->to.guest;

	buf_fmt(out, "    end   guest " SV_FMT, SV_ARG(g->name));
	if (c->local)
		put_address(a, out, c->address);
	buf_fmt(out, ", %s port %u", protocol(c), c->internal_port);
	if (c->service.n)
		buf_fmt(out, ", " SV_FMT, SV_ARG(c->service));
	buf_ch(out, '\n');
}

void trace_explain(struct arena *a, struct buf *out, const struct lab *lab, uint32_t i)
{
	const struct lab_connection *c = &lab->connections[i];

	buf_fmt(out, "connection %u", i + 1);
	put_line(out, lab, c->m);
	buf_ch(out, '\n');
	if (!c->to.guest) {
		buf_str(out, "    not known where to, because of an error ('labc lint' says which)\n");
		return;
	}
	for (uint32_t k = 0; k < c->n_from; k++) {
		const struct lab_end *from = &c->from[k];

		if (!from->neighbour && !from->host)
			continue;
		put_source(a, out, c, from);
		if (c->local)
			put_local(a, out, c, from);
		else
			put_remote(a, out, lab, c);
		put_end(a, out, c);
		if (k + 1 < c->n_from)
			buf_ch(out, '\n');
	}
}
