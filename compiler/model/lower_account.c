/* Accounts in guests and the addresses of their adapters: what an answer document needs and nobody wrote. */
#include "model/lower.h"

#include "base/buf.h"

static bool is_seeded(const struct lab_guest *g)
{
	return g->configure.m.state == META_OK && g->configure.v != CONFIGURE_MANUAL;
}

/* Guests of one name and system on several hosts are copies of one template. */
static struct sv kind_of(struct lowering *lw, const struct lab_guest *g)
{
	return sv_fmt(lw->a, SV_FMT "/%s", SV_ARG(g->base), g->os ? g->os->id : "");
}

/* Whom a connection signs in must exist; one to a guest speaks for its copies on other hosts too. */
static void index_users(struct lowering *lw, struct map *users)
{
	for (uint32_t i = 0; i < lw->l->n_connections; i++) {
		const struct lab_connection *c = &lw->l->connections[i];

		if (c->to.guest && c->user.n)
			map_add(users, kind_of(lw, c->to.guest), &lw->l->connections[i]);
	}
}

static void lower_user(struct lowering *lw, const struct map *users, struct lab_guest *g)
{
	const struct lab_connection *c;

	if (!is_seeded(g) || g->user.m.state != META_ABSENT)
		return;
	c = users->n ? map_get(users, kind_of(lw, g)) : NULL;
	if (c) {
		g->user = (struct v_text){ c->spec->user.m, c->user };
		g->user.m.origin = ORIGIN_DERIVED;
	}
	/* Windows Setup asks for an account when the answer file has none: a server has Administrator, a client
	 * keeps that one disabled. */
	else if (g->configure.v == CONFIGURE_UNATTEND && g->os)
		g->user = (struct v_text){ lower_filled(ORIGIN_BUILTIN),
					   g->os->family == FAMILY_WINDOWS_SERVER ? SV("Administrator")
										  : SV("student") };
}

/* Two guests never get one address: the later in the file goes upward past what is taken. */
static uint64_t free_mac(struct lowering *lw, struct map *taken, struct lab_nic *n, uint32_t hash)
{
	for (uint32_t i = 0;; i++) {
		uint64_t *mac = NEW(lw->a, uint64_t, 1);

		/* of one's own, not of a maker: no card and no dynamic range of Hyper-V has it */
		*mac = 0x02155d000000ull | ((hash + i) & 0xffffff);
		if (!map_add(taken, (struct sv){ (const char *)mac, sizeof(*mac) }, n) || i == 0xffffff)
			return *mac;
	}
}

/* "lab/guest/0" */
static struct sv adapter_name(struct lowering *lw, const struct lab_guest *g, uint32_t i)
{
	char digit = (char)('0' + i % 10);

	if (i > 9)
		return sv_fmt(lw->a, SV_FMT "/" SV_FMT "/%u", SV_ARG(lw->l->name), SV_ARG(g->name), i);
	return sv_join(lw->a, (struct sv[]){ lw->l->name, SV("/"), g->name, SV("/"), { &digit, 1 } }, 5);
}

static void lower_macs(struct lowering *lw, struct map *taken, struct lab_guest *g)
{
	for (uint32_t i = 0; i < g->n_nics; i++) {
		struct lab_nic *n = &g->nics[i];

		if (n->mac.m.state != META_ABSENT)
			continue;
		n->mac.v = free_mac(lw, taken, n, sv_hash(adapter_name(lw, g, i)));
		n->mac.m = lower_filled(ORIGIN_DERIVED);
	}
}

static void take_macs(struct map *taken, const struct lab_host *h)
{
	for (uint32_t i = 0; i < h->n_guests; i++)
		for (uint32_t k = 0; k < h->guests[i].n_nics; k++) {
			const struct lab_nic *n = &h->guests[i].nics[k];

			if (n->mac.m.state == META_OK)
				map_add(taken, (struct sv){ (const char *)&n->mac.v, sizeof(n->mac.v) },
					&h->guests[i].nics[k]);
		}
}

void lower_accounts(struct lowering *lw)
{
	struct map users;

	map_init(&users, lw->a, true);
	index_users(lw, &users);
	for (uint32_t i = 0; i < lw->l->n_hosts; i++) {
		struct lab_host *h = &lw->l->hosts[i];
		struct map taken;

		map_init(&taken, lw->a, false);
		take_macs(&taken, h);
		for (uint32_t k = 0; k < h->n_guests; k++) {
			struct lab_guest *g = &h->guests[k];

			lower_user(lw, &users, g);
			FILL(g->password, is_seeded(g) && g->user.m.state == META_OK ? PASSWORD_ASK : PASSWORD_IMAGE,
			     ORIGIN_DERIVED);
			/* an answer document names an adapter by its MAC address: names differ between systems */
			if (is_seeded(g))
				lower_macs(lw, &taken, g);
		}
	}
}
