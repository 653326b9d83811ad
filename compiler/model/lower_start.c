/* The order in which a host starts its guests: as written, moved only as far as `start_after` needs. */
#include "model/lower.h"

enum mark { NEW_GUEST, OPEN, DONE };

struct visit {
	uint32_t guest, next; /* next: index into its start_after */
};

/* All guests of that name of the same seat: a counted name means every copy. */
static uint32_t find_named(const struct lab_host *h, const struct lab_guest *g, struct sv name,
			   uint32_t *first)
{
	const struct lab_guest *hit = map_get(&h->by_guest, name);
	uint32_t per_seat, n = 1;

	if (!hit)
		return 0;
	per_seat = g->seat ? h->n_guests / (uint32_t)h->seats.v : 0;
	*first = (uint32_t)(hit - h->guests);
	if (g->seat)
		*first = *first % per_seat + per_seat * (g->seat - 1);
	/* Found by its full name ("web-2"), it is that copy alone. */
	if (!hit->copy || !sv_eq_nocase(hit->base, name))
		return 1;
	while (*first + n < h->n_guests && h->guests[*first + n].spec == hit->spec &&
	       h->guests[*first + n].copy > 1)
		n++;
	return n;
}

static void unknown_guest(struct lowering *lw, const struct lab_guest *g, const struct v_text *name)
{
	struct lower_near near = { .want = name->v };
	struct span at = spec_where(lw->s, name->m, g->m);
	struct diag *d = lower_report(lw, MODEL_START_AFTER, at,
				      "host '" SV_FMT "' has no guest '" SV_FMT "' to start after",
				      SV_ARG(g->host->name), SV_ARG(name->v));

	for (uint32_t i = 0; lw->guesses && i < g->host->spec->guests.n; i++)
		lower_offer(lw, &near, g->host->spec->guests.v[i].h.name);
	lower_suggest(lw, d, at, near.best);
	if (!near.best.n)
		diag_help(lw->d, d, "start_after names guests of the same host");
}

static void resolve(struct lowering *lw, struct lab_host *h, struct lab_guest *g)
{
	const struct v_text_list *list = &g->spec->start_after;
	uint32_t n = 0, first = 0;

	for (uint32_t i = 0; i < list->n; i++)
		if (list->v[i].m.state == META_OK)
			n += find_named(h, g, list->v[i].v, &first);
	lw->waits += n;
	if (lw->waits > LOWER_MAX_WAITS) {
		if (lw->waits - n <= LOWER_MAX_WAITS)
			lower_report(lw, MODEL_TOO_MANY_COPIES, spec_where(lw->s, list->m, g->m),
				     "with all copies these are more than %u waits", LOWER_MAX_WAITS);
		return;
	}
	g->start_after = NEW(lw->a, struct lab_guest *, n + 1);
	for (uint32_t i = 0; i < list->n; i++) {
		uint32_t found;

		if (list->v[i].m.state != META_OK)
			continue;
		found = find_named(h, g, list->v[i].v, &first);
		if (!found && g->copy <= 1 && g->seat <= 1)
			unknown_guest(lw, g, &list->v[i]);
		for (uint32_t k = 0; k < found; k++)
			g->start_after[g->n_start_after++] = &h->guests[first + k];
	}
}

/* Where a guest says that it waits for another one. */
static struct span waits_at(struct lowering *lw, const struct lab_guest *g, const struct lab_guest *other)
{
	const struct v_text_list *list = &g->spec->start_after;

	for (uint32_t i = 0; i < list->n; i++)
		if (sv_eq_nocase(list->v[i].v, other->base) || sv_eq_nocase(list->v[i].v, other->name))
			return spec_where(lw->s, list->v[i].m, g->m);
	return spec_where(lw->s, list->m, g->m);
}

/* The guests from stack[from] on wait for each other: the latest entry is wrong, the others are labels. */
static void report_cycle(struct lowering *lw, struct lab_host *h, const struct visit *stack, uint32_t from,
			 uint32_t n)
{
	struct diag *d;
	uint32_t late = from;
	struct span at = { 0, 0, 0 };

	for (uint32_t i = from; i < n; i++) {
		const struct lab_guest *g = &h->guests[stack[i].guest];
		const struct lab_guest *next = &h->guests[stack[i + 1 < n ? i + 1 : from].guest];
		struct span here = waits_at(lw, g, next);

		if (i == from || here.off > at.off) {
			at = here;
			late = i;
		}
	}
	d = lower_report(lw, MODEL_START_CYCLE, at,
			 n - from == 1 ? "'" SV_FMT "' waits for itself" : "'" SV_FMT "' waits in a circle",
			 SV_ARG(h->guests[stack[late].guest].base));
	for (uint32_t i = from; i < n && i < from + 8; i++) {
		const struct lab_guest *g = &h->guests[stack[i].guest];
		const struct lab_guest *next = &h->guests[stack[i + 1 < n ? i + 1 : from].guest];

		if (i != late)
			diag_label(lw->d, d, waits_at(lw, g, next), "'" SV_FMT "' waits for '" SV_FMT "'",
				   SV_ARG(g->base), SV_ARG(next->base));
	}
	diag_help(lw->d, d, "remove one of these: none of them could ever start first");
}

/* Depth first from one guest, on an explicit stack; reports the first circle only. */
static void visit(struct lowering *lw, struct lab_host *h, uint32_t guest, uint8_t *marks,
		  struct visit *stack, uint32_t *order, bool *reported)
{
	uint32_t depth = 0;

	stack[depth++] = (struct visit){ guest, 0 };
	marks[guest] = OPEN;
	while (depth) {
		struct visit *v = &stack[depth - 1];
		struct lab_guest *g = &h->guests[v->guest];

		if (v->next < g->n_start_after) {
			uint32_t other = (uint32_t)(g->start_after[v->next++] - h->guests);

			if (marks[other] == NEW_GUEST) {
				marks[other] = OPEN;
				stack[depth++] = (struct visit){ other, 0 };
			} else if (marks[other] == OPEN && !*reported) {
				uint32_t from = depth - 1;

				while (stack[from].guest != other)
					from--;
				report_cycle(lw, h, stack, from, depth);
				*reported = true;
			}
			continue;
		}
		marks[v->guest] = DONE;
		g->start_order = *order;
		h->start_order[(*order)++] = g;
		depth--;
	}
}

void lower_start_order(struct lowering *lw, struct lab_host *h)
{
	uint8_t *marks = NEW(lw->a, uint8_t, h->n_guests + 1);
	struct visit *stack = NEW(lw->a, struct visit, h->n_guests + 1);
	uint32_t order = 0;
	bool reported = false;

	h->start_order = NEW(lw->a, struct lab_guest *, h->n_guests + 1);
	for (uint32_t i = 0; i < h->n_guests; i++)
		resolve(lw, h, &h->guests[i]);
	for (uint32_t i = 0; i < h->n_guests; i++)
		if (marks[i] == NEW_GUEST)
			visit(lw, h, i, marks, stack, &order, &reported);
}
