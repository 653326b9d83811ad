/* The part of the view that puts guests together of which the documents say the same, so that a README of many guests
 * says it once. */
#include "base/map.h"
#include "base/vec.h"
#include "emit/seed.h"
#include "emit/view.h"

/* So many are no longer named one by one where a word for all of them will do. */
#define MANY 4

struct group {
	struct v_text text;    /* what is said of them */
	VEC(uint32_t) members; /* indices in start order */
};

struct groups {
	const struct view *v;
	const struct lab_host *host;
	const struct ct_value *guests; /* the host's, in start order */
	struct map by_key;
	VEC(struct group *) list; /* in the order of their first guests */
};

/* key need not live longer than the call. */
static void groups_add(struct groups *s, struct sv key, struct v_text text, uint32_t guest)
{
	struct group *g = map_get(&s->by_key, key);

	if (!g) {
		g = NEW(s->v->a, struct group, 1);
		g->text = text;
		map_add(&s->by_key, sv_dup(s->v->a, key), g);
		VEC_ADD(s->v->a, &s->list, g);
	}
	VEC_ADD(s->v->a, &g->members, guest);
}

static bool is_copy(const struct lab_guest *g)
{
	return g->copy || g->seat;
}

/* How many copies of each guest as written are among n guests of the host, by the name as written. `which`: their
 * indices; NULL: the first n. */
static void count_copies(struct map *m, const struct groups *s, const uint32_t *which, size_t n)
{
	map_init(m, s->v->a, false);
	for (size_t i = 0; i < n; i++) {
		const struct lab_guest *g = s->host->start_order[which ? which[i] : i];
		uint32_t *count;

		if (!is_copy(g))
			continue;
		count = map_get(m, g->base);
		if (!count) {
			count = NEW(s->v->a, uint32_t, 1);
			map_add(m, g->base, count);
		}
		++*count;
	}
}

/* `copied`: guests as written of which there are many copies here and nowhere else on the host; `names`: the others. */
static void put_names(const struct groups *s, const struct map *everywhere, struct ct_value *d, const struct group *g)
{
	const struct view *v = s->v;
	struct ct_value copied = ct_list_new(v->a, 0), names = ct_list_new(v->a, 0);
	struct map here;

	count_copies(&here, s, g->members.v, g->members.n);
	for (size_t i = 0; i < g->members.n; i++) {
		const struct lab_guest *m = s->host->start_order[g->members.v[i]];
		uint32_t *n = is_copy(m) ? map_get(&here, m->base) : NULL;

		if (!n || (*n && (*n < MANY || *n < *(uint32_t *)map_get(everywhere, m->base)))) {
			ct_list_add_at(v->a, &names, ct_text(m->name), spec_span(v->lab->spec, m->m));
		} else if (*n) {
			struct ct_value c = ct_dict_new(v->a, 2);

			view_put_text(v, &c, "name", m->base, m->m);
			view_put_int(v, &c, "n", *n);
			ct_list_add(v->a, &copied, c);
			*n = 0; /* named */
		}
	}
	view_put(v, d, "copied", copied);
	view_put(v, d, "names", names);
}

static struct ct_value groups_value(const struct groups *s, const struct map *everywhere, bool with_guests)
{
	const struct view *v = s->v;
	struct ct_value out = ct_list_new(v->a, s->list.n);

	for (size_t i = 0; i < s->list.n; i++) {
		const struct group *g = s->list.v[i];
		bool all = g->members.n >= MANY && g->members.n == s->host->n_guests;
		struct ct_value d = view_dict(v, VIEW_ALIKE), guests = ct_none();

		view_put_v_text(v, &d, "text", g->text);
		view_put_int(v, &d, "n", (int64_t)g->members.n);
		view_put_bool(v, &d, "all", all);
		if (with_guests)
			guests = ct_list_new(v->a, g->members.n);
		for (size_t k = 0; with_guests && k < g->members.n; k++)
			ct_list_add(v->a, &guests, s->guests[g->members.v[k]]);
		view_put(v, &d, "guests", guests);
		if (!all)
			put_names(s, everywhere, &d, g);
		ct_list_add(v->a, &out, d);
	}
	return out;
}

static void key_text(struct buf *key, struct v_text t)
{
	if (meta_ok(t.m))
		buf_sv(key, t.v);
	buf_ch(key, '\0');
}

static void key_nic(struct buf *key, const struct lab_nic *n)
{
	bool routed = meta_ok(n->gateway.m) && n->gateway.word == IP_ADDRESS, named = meta_ok(n->dns.m);

	if (!nic_is_fixed(n)) {
		buf_ch(key, '-');
		return;
	}
	buf_fmt(key, "+%d %x %d:", n->network && meta_ok(n->network->subnet.m) ? n->network->subnet.len : -1,
		routed ? n->gateway.v : 0, named && n->dns.is_host);
	for (uint32_t i = 0; named && !n->dns.is_host && i < n->dns.n; i++)
		buf_fmt(key, "%x ", n->dns.v[i].v);
}

/* What md/finish.md.j2 says of a guest, but for its name, its addresses and the networks these are in; a unit test knows
 * what that is. */
static void key_finish(struct buf *key, const struct lab_guest *g)
{
	bool manual = !meta_ok(g->configure.m) || g->configure.v == CONFIGURE_MANUAL;

	key->n = 0;
	buf_str(key, g->os ? g->os->id : "");
	buf_ch(key, manual ? 'm' : g->configure.v == CONFIGURE_CLOUD_INIT ? 'c' : 'u');
	if (!manual) {
		key_text(key, g->user);
		buf_ch(key, guest_asks_password(g) ? 'p' : '-');
		buf_ch(key, seed_has_windows_keys(g) ? 's' : '-');
		return;
	}
	key_text(key, g->iso);
	buf_sv(key, g->image);
	for (uint32_t i = 0; i < g->n_disks; i++)
		if (g->disks[i].boot)
			key_text(key, g->disks[i].source);
	buf_ch(key, meta_ok(g->remote_desktop.m) && g->remote_desktop.v ? 'r' : '-');
	for (uint32_t i = 0; i < g->n_nics; i++)
		key_nic(key, &g->nics[i]);
}

void view_put_alike(const struct view *v, struct ct_value *host, const struct lab_host *h, const struct ct_value *guests)
{
	struct groups finish = { v, h, guests, .list = { 0 } }, licences = finish, notes = finish;
	struct groups accounts = finish;
	struct buf key = { 0 };
	struct map copies;
	uint32_t by_hand = 0;

	map_init(&finish.by_key, v->a, false);
	map_init(&licences.by_key, v->a, false);
	map_init(&notes.by_key, v->a, false);
	map_init(&accounts.by_key, v->a, false);
	count_copies(&copies, &finish, NULL, h->n_guests);
	for (uint32_t i = 0; i < h->n_guests; i++) {
		const struct lab_guest *g = h->start_order[i];

		by_hand += !meta_ok(g->configure.m) || g->configure.v == CONFIGURE_MANUAL;
		key_finish(&key, g);
		groups_add(&finish, buf_view(&key), (struct v_text){ 0 }, i);
		if (meta_ok(g->licence.m) && g->licence.v.n)
			groups_add(&licences, g->licence.v, g->licence, i);
		if (meta_ok(g->notes.m) && g->notes.v.n)
			groups_add(&notes, g->notes.v, g->notes, i);
		if (view_has_tests_inside(g))
			groups_add(&accounts, meta_ok(g->user.m) ? g->user.v : SV(""), g->user, i);
	}
	buf_release(&key);
	view_put_str(v, host, "by_hand", !by_hand ? "no" : by_hand < h->n_guests ? "some" : "all");
	view_put(v, host, "finish", groups_value(&finish, &copies, true));
	view_put(v, host, "licences", groups_value(&licences, &copies, false));
	view_put(v, host, "notes", groups_value(&notes, &copies, false));
	view_put(v, host, "accounts", groups_value(&accounts, &copies, false));
}
