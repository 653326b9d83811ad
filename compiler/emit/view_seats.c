/* The part of the view that a student of a shared server reads: what there is at each seat. */
#include "base/bug.h"
#include "emit/view.h"

/* The lists of one seat. */
struct seat_lists {
	struct ct_value guests, mappings, connections;
};

static struct seat_lists *lists_of(struct seat_lists *all, uint32_t n, uint32_t seat)
{
	uint32_t i = seat ? seat - 1 : 0;

	if (i >= n)
		BUG("seat %u of %u", seat, n);
	return &all[i];
}

struct ct_value view_seats(const struct view *v, const struct lab_host *h, const struct ct_value *guests,
			   const struct ct_value *mappings)
{
	bool copied = h->n_guests && h->guests[0].seat;
	uint32_t n = copied ? (uint32_t)h->seats.v : 1;
	struct seat_lists *all;
	struct ct_value out;

	if (!(v->lab->target_info->flags & TG_SEATS_INSIDE))
		return ct_list_new(v->a, 0);
	all = NEW(v->a, struct seat_lists, n);
	out = ct_list_new(v->a, n);
	for (uint32_t i = 0; i < n; i++)
		all[i] = (struct seat_lists){ ct_list_new(v->a, h->n_guests / n), ct_list_new(v->a, h->n_mappings / n),
					      ct_list_new(v->a, 0) };
	for (uint32_t i = 0; i < h->n_guests; i++)
		ct_list_add(v->a, &lists_of(all, n, h->start_order[i]->seat)->guests, guests[i]);
	for (uint32_t i = 0; i < h->n_mappings; i++)
		ct_list_add(v->a, &lists_of(all, n, h->mappings[i].guest->seat)->mappings, mappings[i]);
	for (uint32_t i = 0; i < v->lab->n_connections; i++) {
		const struct lab_connection *c = &v->lab->connections[i];

		/* of a connection between servers, the seats of the one that is reached */
		if (c->to.host == h)
			ct_list_add(v->a, &lists_of(all, n, c->seat && c->seat <= n ? c->seat : c->to.guest->seat)->connections,
				    view_connection(v, c));
	}
	for (uint32_t i = 0; i < n; i++) {
		struct ct_value d = ct_dict_new(v->a, 4);

		view_put(v, &d, "seat", copied ? ct_int(i + 1) : ct_none());
		view_put(v, &d, "guests", all[i].guests);
		view_put(v, &d, "mappings", all[i].mappings);
		view_put(v, &d, "connections", all[i].connections);
		ct_list_add(v->a, &out, d);
	}
	return out;
}
