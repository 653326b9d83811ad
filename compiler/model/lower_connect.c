/* Connections: who is meant at both ends, and what the client types. */
#include "model/lower.h"

#include "base/buf.h"

/* --- ends --- */

/* The nearest way to write an end: HOST/GUEST, or a host or guest alone. */
static struct sv near_end(struct lowering *lw, const struct lab_host *h, struct sv name)
{
	struct lower_near near = { .want = name };

	if (h) {
		for (uint32_t i = 0; lw->guesses && i < h->spec->guests.n; i++)
			lower_offer(lw, &near, h->spec->guests.v[i].h.name);
		if (near.best.n && lw->l->n_hosts > 1)
			return sv_fmt(lw->a, SV_FMT "/" SV_FMT, SV_ARG(h->name), SV_ARG(near.best));
		return near.best;
	}
	for (uint32_t i = 0; lw->guesses && i < lw->l->n_hosts; i++)
		lower_offer(lw, &near, lw->l->hosts[i].name);
	return near.best;
}

static void bad_end(struct lowering *lw, enum model_code code, struct meta m, const struct lab_connection *c,
		    struct lab_host *h, struct sv name)
{
	struct span at = spec_where(lw->s, m, c->m);

	if (lower_may_be_lost(lw, lw->s->lab.hosts.m) || lw->l->n_hosts == 0)
		return;
	if (h && (h->is_missed || lower_may_be_lost(lw, h->m) || lower_may_be_lost(lw, h->spec->guests.m)))
		return;
	if (h)
		h->is_missed = h->spec->guests.n == 0;
	struct diag *d = h ? lower_report(lw, code, at, "host '" SV_FMT "' has no guest '" SV_FMT "'",
					  SV_ARG(h->name), SV_ARG(name))
			   : lower_report(lw, code, at, "no host is called '" SV_FMT "'", SV_ARG(name));
	struct sv near = near_end(lw, h, name);

	lower_suggest(lw, d, at, near);
}

static void find_guest(struct lab_end *out, struct lab_host *h, struct sv name)
{
	out->guest = map_get(&h->by_guest, name);
	out->is_copy = out->guest && out->guest->seat && sv_eq_nocase(name, out->guest->name);
}

/* "HOST/GUEST", "HOST", or with one host "GUEST". False when it did not resolve, which was reported. */
static bool resolve_end(struct lowering *lw, const struct lab_connection *c, struct meta m, struct sv text,
			enum model_code code, struct lab_end *out)
{
	struct lab *l = lw->l;
	ptrdiff_t slash = sv_find(text, '/');
	struct sv host = slash < 0 ? text : sv_sub(text, 0, (size_t)slash);
	struct sv guest = slash < 0 ? SV("") : sv_sub(text, (size_t)slash + 1, text.n);
	struct lab_host *h = map_get(&l->by_host, host);

	*out = (struct lab_end){ .m = m };
	if (slash < 0 && l->n_hosts == 1) {
		find_guest(out, &l->hosts[0], text);
		if (out->guest || h) {
			out->host = &l->hosts[0];
			return true;
		}
		bad_end(lw, code, m, c, &l->hosts[0], text);
		return false;
	}
	if (!h) {
		bad_end(lw, code, m, c, NULL, host);
		return false;
	}
	out->host = h;
	if (slash < 0)
		return true;
	find_guest(out, h, guest);
	if (!out->guest)
		bad_end(lw, code, m, c, h, guest);
	return out->guest != NULL;
}

/* Words for places outside of the lab. */
static bool is_outside(struct sv s)
{
	static const char *const words[] = { "internet", "world",  "everyone", "anywhere",
					     "outside",  "public", "*" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (sv_eq_nocase(s, sv_from(words[i])))
			return true;
	return false;
}

static bool resolve_from(struct lowering *lw, const struct lab_connection *c, const struct v_text *from,
			 struct lab_end *out)
{
	if (sv_eq(from->v, SV("neighbour"))) {
		*out = (struct lab_end){ .m = from->m, .neighbour = true, .host = c->to.host };
		return true;
	}
	if (is_outside(from->v) && !map_get(&lw->l->by_host, from->v)) {
		struct diag *d = lower_report(lw, MODEL_CONNECTION_OUTSIDE, spec_where(lw->s, from->m, c->m),
					      "a connection cannot come from '" SV_FMT "'", SV_ARG(from->v));

		diag_help(lw->d, d,
			  "mappings are reached from private addresses: a host of this lab, a guest of one, "
			  "or `neighbour`");
		return false;
	}
	return resolve_end(lw, c, from->m, from->v, MODEL_CONNECTION_FROM, out);
}

/* --- the service --- */

static const struct lab_mapping *find_mapping(const struct lab_guest *g, struct sv service, uint32_t port)
{
	for (uint32_t i = 0; i < g->n_mappings; i++)
		if (g->mappings[i].spec->name.m.state == META_OK &&
		    sv_eq_nocase(g->mappings[i].name.v, service))
			return &g->mappings[i];
	for (uint32_t i = 0; port && i < g->n_mappings; i++)
		if (g->mappings[i].internal.m.state == META_OK && g->mappings[i].internal.v == port &&
		    g->mappings[i].protocol.v == PROTO_TCP)
			return &g->mappings[i];
	return NULL;
}

static bool any_mapping_is_bad(const struct lab_guest *g)
{
	if (meta_poisoned(g->spec->ports.m) || !lab_guest_is_whole(g))
		return true;
	for (uint32_t i = 0; i < g->n_mappings; i++)
		if (meta_poisoned(g->mappings[i].m) || meta_poisoned(g->mappings[i].internal.m) ||
		    meta_poisoned(g->mappings[i].spec->name.m))
			return true;
	return false;
}

static void unknown_service(struct lowering *lw, const struct lab_connection *c)
{
	static const char *const known[] = { "ssh", "rdp", "http", "https" };
	struct span at = spec_where(lw->s, c->spec->service.m, c->m);
	const struct lab_guest *g = c->to.guest;
	struct lower_near near = { .want = c->service };
	struct diag *d;

	if (sv_eq_nocase(c->service, SV("ping")) || sv_eq_nocase(c->service, SV("icmp"))) {
		d = lower_report(lw, MODEL_CONNECTION_SERVICE, at, "ping does not reach a nested guest");
		diag_help(lw->d, d,
			  "a mapping carries TCP and UDP only: name a service, such as ssh, and test it with "
			  "`Test-NetConnection ADDRESS -Port PORT`");
		return;
	}
	d = lower_report(lw, MODEL_CONNECTION_SERVICE, at,
			 "'" SV_FMT "' has no port mapping named '" SV_FMT "'", SV_ARG(g->base),
			 SV_ARG(c->service));
	for (size_t i = 0; i < 4; i++)
		lower_offer(lw, &near, sv_from(known[i]));
	for (uint32_t i = 0; lw->guesses && i < g->n_mappings; i++)
		lower_offer(lw, &near, g->mappings[i].name.v);
	if (near.best.n)
		lower_suggest(lw, d, at, near.best);
	else
		diag_help(lw->d, d,
			  "a service is ssh, rdp, http, https, or the name of one of the guest's port "
			  "mappings");
}

static bool resolve_service(struct lowering *lw, struct lab_connection *c)
{
	uint32_t port = catalogue_service_port(c->service);
	const struct lab_mapping *m = find_mapping(c->to.guest, c->service, port);

	c->scheme = port ? c->service : SV("");
	c->mapping = m;
	if (m) {
		c->protocol = (enum protocol)m->protocol.v;
		c->internal_port = m->internal.m.state == META_OK ? m->internal.v : 0;
		if (!c->scheme.n && m->protocol.v == PROTO_TCP)
			c->scheme = m->internal.v == 22     ? SV("ssh")
				    : m->internal.v == 3389 ? SV("rdp")
							    : SV("");
		return true;
	}
	c->internal_port = port;
	if (port || any_mapping_is_bad(c->to.guest))
		return true;
	unknown_service(lw, c);
	return false;
}

/* The target's NIC that a local client reaches: in a network with one of the sources, else the NAT one. */
static const struct lab_nic *local_nic(const struct lab_connection *c)
{
	const struct lab_guest *to = c->to.guest;

	for (uint32_t i = 0; i < c->n_from; i++) {
		const struct lab_guest *from = c->from[i].guest;

		for (uint32_t k = 0; from && k < from->n_nics; k++)
			for (uint32_t j = 0; j < to->n_nics; j++)
				if (from->nics[k].network && from->nics[k].network == to->nics[j].network)
					return &to->nics[j];
	}
	return to->nat_nic ? to->nat_nic : to->n_nics ? &to->nics[0] : NULL;
}

/* What the client types. Where a neighbour is another machine, its address is not known. */
static void resolve_address(struct lab_connection *c)
{
	bool neighbour = false;

	for (uint32_t i = 0; i < c->n_from; i++)
		neighbour = neighbour || c->from[i].neighbour;
	if (c->local) {
		const struct lab_nic *nic = local_nic(c);

		c->mapping = NULL;
		c->port = c->internal_port;
		if (nic && nic_is_fixed(nic))
			c->address = nic->address;
		return;
	}
	if (c->mapping && c->mapping->external.m.state == META_OK)
		c->port = c->mapping->external.v;
	if (!neighbour)
		c->address = c->to.host->address;
}

/* The way to another machine is let through, where the scripts hold the guest to the internet. */
static void add_reach(struct lowering *lw, const struct lab_connection *c)
{
	if (c->local || c->address.m.state != META_OK || !c->port || lw->l->target == TARGET_LAB_SERVICES)
		return;
	for (uint32_t i = 0; i < c->n_from; i++) {
		struct lab_reach *way;

		if (!c->from[i].guest)
			continue;
		way = NEW(lw->a, struct lab_reach, 1);
		*way = (struct lab_reach){ c->from[i].guest->reach, c->address.v, c->port, c->protocol };
		c->from[i].guest->reach = way;
	}
}

/* --- seats on one server --- */

static uint32_t seats_of(const struct lab_end *e)
{
	return e->guest && e->guest->seat ? (uint32_t)e->host->seats.v : 1;
}

/* The same guest of another seat; the copies of a seat lie in a row, in the order of the file. */
static struct lab_guest *guest_of_seat(const struct lab_end *e, uint32_t seat)
{
	struct lab_host *h = e->host;
	uint32_t seats = seats_of(e), per_seat = h->n_guests / seats;

	return seats == 1 || e->is_copy
		       ? e->guest
		       : &h->guests[(size_t)(e->guest - h->guests) % per_seat + per_seat * ((seat - 1) % seats)];
}

/* How many seats make this connection: those of its ends, but for ends that name one copy. */
static uint32_t seats_of_connection(const struct lab_connection *c)
{
	uint32_t most = c->to.is_copy ? 1 : seats_of(&c->to);

	for (uint32_t i = 0; i < c->n_from; i++)
		if (!c->from[i].is_copy && seats_of(&c->from[i]) > most)
			most = seats_of(&c->from[i]);
	return most;
}

/* The connection as one seat makes it. A neighbour's goes to the next seat, the last one's to the first. */
static void for_seat(struct lowering *lw, struct lab_connection *c, uint32_t seat)
{
	const struct lab_guest *first = c->to.guest;
	struct lab_end *from = NEW(lw->a, struct lab_end, c->n_from + 1);
	uint32_t to = seat;

	for (uint32_t i = 0; i < c->n_from; i++) {
		from[i] = c->from[i];
		if (from[i].neighbour)
			to = seat + 1;
		else if (from[i].guest)
			from[i].guest = guest_of_seat(&from[i], seat);
	}
	c->from = from;
	c->seat = seat;
	c->to.guest = guest_of_seat(&c->to, to);
	if (c->mapping)
		c->mapping = &c->to.guest->mappings[c->mapping - first->mappings];
}

/* --- one connection --- */

static bool is_local(const struct lowering *lw, const struct lab_connection *c, const struct lab_end *from)
{
	/* On one server the seats share a NAT, which does not serve its own host: straight to the copy. */
	if (from->neighbour)
		return lw->l->target_info->flags & TG_SEATS_INSIDE;
	return from->host == c->to.host;
}

/* Sources within the host and sources outside type different things: two connections then. */
static void add_connection(struct lowering *lw, const struct lab_connection *base, const struct lab_end *ends,
			   uint32_t n, bool local)
{
	struct lab_connection c = *base;
	uint32_t seats;

	c.from = NEW(lw->a, struct lab_end, n + 1);
	c.local = local;
	for (uint32_t i = 0; i < n; i++)
		if (is_local(lw, base, &ends[i]) == local)
			c.from[c.n_from++] = ends[i];
	if (!c.n_from)
		return;
	seats = lw->l->target_info->flags & TG_SEATS_INSIDE ? seats_of_connection(&c) : 1;
	if (seats > LOWER_MAX_CONNECTIONS - lw->connections) {
		if (lw->connections != LOWER_MAX_CONNECTIONS)
			lower_report(lw, MODEL_TOO_MANY_COPIES, spec_where(lw->s, c.m, c.m),
				     "with all seats these are more than %u connections", LOWER_MAX_CONNECTIONS);
		lw->connections = LOWER_MAX_CONNECTIONS;
		return;
	}
	lw->connections += seats;
	for (uint32_t seat = 1; seat <= seats; seat++) {
		struct lab_connection *one = VEC_PUSH(lw->a, &lw->made);

		*one = c;
		if (seats > 1)
			for_seat(lw, one, seat);
		one->to.guest->is_connected = true;
		resolve_address(one);
		add_reach(lw, one);
	}
}

static void lower_connection(struct lowering *lw, const struct spec_connection *sc)
{
	struct lab_connection c = { .spec = sc, .m = sc->h.m };
	struct lab_end *ends;
	uint32_t n = 0;

	if (meta_poisoned(sc->h.m) || sc->to.m.state != META_OK)
		return;
	c.service = sc->service.v;
	c.user = sc->user.v;
	c.note = sc->note.v;
	if (!resolve_end(lw, &c, sc->to.m, sc->to.v, MODEL_CONNECTION_TO, &c.to))
		return;
	if (!c.to.guest) {
		struct span at = spec_where(lw->s, sc->to.m, sc->h.m);
		struct diag *d = lower_report(lw, MODEL_CONNECTION_TO_HOST, at,
					      "'" SV_FMT "' is a host: a connection leads "
					      "to a guest",
					      SV_ARG(sc->to.v));

		if (c.to.host->spec->guests.n == 1)
			lower_suggest(lw, d, at,
				      sv_fmt(lw->a, SV_FMT "/" SV_FMT, SV_ARG(c.to.host->name),
					     SV_ARG(c.to.host->spec->guests.v[0].h.name)));
		else
			diag_help(
				lw->d, d,
				"write HOST/GUEST; hosts are reached by Remote Desktop without any mapping");
		return;
	}
	ends = NEW(lw->a, struct lab_end, sc->from.n + 1);
	for (uint32_t i = 0; i < sc->from.n; i++)
		if (sc->from.v[i].m.state == META_OK && resolve_from(lw, &c, &sc->from.v[i], &ends[n]))
			n++;
	if (n == 0 || sc->service.m.state != META_OK || !resolve_service(lw, &c))
		return;
	add_connection(lw, &c, ends, n, true);
	add_connection(lw, &c, ends, n, false);
}

void lower_connections(struct lowering *lw)
{
	const struct v_connection_list *list = &lw->s->lab.connections;

	for (uint32_t i = 0; i < list->n; i++)
		lower_connection(lw, &list->v[i]);
	lw->l->connections = lw->made.v;
	lw->l->n_connections = (uint32_t)lw->made.n;
}
