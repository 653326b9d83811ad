/* The start of a host's guests, moment by moment: who starts when, and what is in use then. */
#include "rules/capacity.h"

#include <stdlib.h>

#include "base/bug.h"

static int by_time(const void *pa, const void *pb)
{
	const struct capacity_step *a = pa, *b = pb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return a->guest->start_order < b->guest->start_order ? -1 : 1;
}

/* What a guest keeps in the end if the host is short: dynamic memory shrinks to its minimum. */
static uint64_t least(const struct lab_guest *g)
{
	return g->dynamic && is_ok(g->minimum.m) && g->minimum.v < g->startup.v ? g->minimum.v : g->startup.v;
}

static uint64_t most(const struct lab_guest *g)
{
	return g->dynamic && is_ok(g->maximum.m) && g->maximum.v > g->startup.v ? g->maximum.v : g->startup.v;
}

bool capacity_simulate(struct arena *a, const struct lab_host *h, struct capacity *c)
{
	uint64_t before = 0; /* the least of those who started at an earlier time */
	bool delays = false;

	*c = (struct capacity){ .steps = NEW(a, struct capacity_step, h->n_guests + 1) };
	for (uint32_t i = 0; i < h->n_guests; i++) {
		const struct lab_guest *g = h->start_order[i];
		struct capacity_step *s = &c->steps[c->n_steps];

		if (is_true(g->on_demand))
			continue;
		if (!is_ok(g->startup.m) || g->startup.v > UINT64_MAX / 4 || !num_add_u64(c->startup, g->startup.v, &c->startup) ||
		    !num_add_u64(c->most, most(g), &c->most))
			return false;
		c->least += least(g);
		s->guest = g;
		s->at = is_ok(g->start_delay.m) && !g->start_delay.off ? g->start_delay.v : 0;
		delays = delays || s->at > 0;
		c->n_steps++;
	}
	if (c->startup > UINT64_MAX / 4 || c->most > UINT64_MAX / 4)
		return false;
	if (delays)
		qsort(c->steps, c->n_steps, sizeof(c->steps[0]), by_time);
	for (uint32_t i = 0, end; i < c->n_steps; i = end) {
		uint64_t together = before;

		for (end = i; end < c->n_steps && c->steps[end].at == c->steps[i].at; end++) {
			together += c->steps[end].guest->startup.v;
			c->steps[end].in_use = together;
			before += least(c->steps[end].guest);
		}
		c->peak = together > c->peak ? together : c->peak;
	}
	return true;
}
