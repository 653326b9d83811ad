/* From a spec to a lab: the top, and the order of the steps. */
#include "model/lower.h"

#include "base/buf.h"

bool lower_may_be_lost(const struct lowering *lw, struct meta section)
{
	return lw->s->incomplete || section.state == META_POISONED || (section.flags & (META_INCOMPLETE | META_STRAY));
}

struct diag *lower_report(struct lowering *lw, enum model_code code, struct span at, const char *fmt, ...)
{
	va_list ap;
	struct diag *g;

	lw->failed = true;
	va_start(ap, fmt);
	g = diag_vat(lw->d, &model_codes[code], at, fmt, ap);
	va_end(ap);
	/* nothing can be built from what leads nowhere, whoever wants to look away */
	g->locked = g->severity == SEV_ERROR;
	return g;
}

void lower_suggest(struct lowering *lw, struct diag *g, struct span at, struct sv near)
{
	if (!near.n)
		return;
	diag_help(lw->d, g, "did you mean '" SV_FMT "'?", SV_ARG(near));
	diag_edit(lw->d, g, at, near, false);
}

void lower_offer(struct lowering *lw, struct lower_near *n, struct sv name)
{
	unsigned distance;

	if (!lw->guesses)
		return;
	lw->guesses--;
	if (sv_is_near(n->want, name, &distance) && (!n->best.n || distance < n->distance)) {
		n->best = name;
		n->distance = distance;
	}
}

static struct v_text text_of(struct v_text t, const char *value, enum meta_origin origin)
{
	if (t.m.state == META_ABSENT)
		t = (struct v_text){ lower_filled(origin), sv_from(value) };
	return t;
}

/* Of a target that could not be read nothing is known: no rule of a target applies. */
static const struct target_info no_target = { "?", "?", "", 0, NULL, "SPEC.md#top" };

static void lower_top(struct lowering *lw)
{
	struct lab *l = lw->l;
	const struct spec_lab *sl = &lw->s->lab;

	l->m = sl->h.m;
	l->name = sl->name.m.state == META_OK ? sl->name.v : SV("lab");
	l->title = sl->title.m.state == META_OK ? sl->title.v : l->name;
	l->description = sl->description.v;
	l->tag = sv_join(lw->a, (struct sv[]){ SV("labc:"), l->name }, 2);
	l->target_m = sl->target.m;
	l->target = TARGET_LAB_SERVICES;
	if (sl->target.m.state == META_OK)
		l->target = (enum target)sl->target.v;
	else if (meta_poisoned(sl->target.m))
		l->target = TARGET_COUNT;
	l->own_target = l->target;
	if (lw->s->has_build_target && l->target != TARGET_COUNT)
		l->target = lw->s->build_target;
	l->own_info = l->own_target == TARGET_COUNT ? &no_target : &target_table[l->own_target];
	l->target_info = l->target == TARGET_COUNT ? &no_target : &target_table[l->target];
	l->locale = text_of(sl->locale, "en-US", ORIGIN_BUILTIN);
	l->time_zone = text_of(sl->time_zone, "UTC", ORIGIN_BUILTIN);
	l->keyboard = sl->keyboard;
	if (l->keyboard.m.state == META_ABSENT)
		l->keyboard = (struct v_text){ lower_filled(ORIGIN_DERIVED), l->locale.v };
	if (l->time_zone.m.state == META_OK)
		l->zone = catalogue_zone(l->time_zone.v);
	l->n_users = sl->users.list.m.state == META_OK ? sl->users.list.n : 0;
	l->advanced_networking = sl->targets.lab_services.advanced_networking.m.state == META_OK &&
				 sl->targets.lab_services.advanced_networking.v;

	map_init(&l->by_image, lw->a, true);
	for (uint32_t i = 0; i < sl->images.n; i++)
		map_add(&l->by_image, sl->images.v[i].h.name, &sl->images.v[i]);
}

static void lower_schedules(struct lowering *lw)
{
	struct lab *l = lw->l;
	const struct v_schedule_list *list = &lw->s->lab.schedule;

	l->n_schedules = list->n;
	l->schedules = NEW(lw->a, struct lab_schedule, list->n + 1);
	for (uint32_t i = 0; i < list->n; i++) {
		struct lab_schedule *c = &l->schedules[i];

		c->spec = &list->v[i];
		c->m = c->spec->h.m;
		c->time_zone = c->spec->time_zone;
		if (c->time_zone.m.state == META_ABSENT && meta_written(lw->s->lab.time_zone.m))
			c->time_zone = l->time_zone;
		if (c->time_zone.m.state == META_OK)
			c->zone = catalogue_zone(c->time_zone.v);
		c->until = c->spec->until;
		if (c->until.m.state == META_ABSENT && l->target == TARGET_LAB_SERVICES)
			c->until = (struct v_date){ lower_filled(ORIGIN_CATALOGUE), 2027, 6, 28 };
	}
}

/* What a host grows to: guests with their parts, times copies, times seats on one server. */
static uint64_t count_items(const struct lab *l, const struct spec_host *sh)
{
	uint64_t n = 1 + sh->networks.n, seats = 1;

	for (uint32_t i = 0; i < sh->guests.n; i++) {
		const struct spec_guest *g = &sh->guests.v[i];
		uint64_t parts = 4 + (uint64_t)g->ports.n + g->nics.n + g->disks.n;

		n += parts * (g->count.m.state == META_OK && g->count.v > 1 ? (uint64_t)g->count.v : 1);
	}
	if (l->target_info->flags & TG_SEATS_INSIDE)
		seats = (uint64_t)lower_seat_count(l, sh).v;
	return seats > LOWER_MAX_ITEMS ? LOWER_MAX_ITEMS + 1 : n * seats;
}

/* What is not given is decided once connections are known. */
static void lower_start_actions(struct lab_host *h)
{
	for (uint32_t i = 0; i < h->n_guests; i++) {
		struct lab_guest *g = &h->guests[i];
		enum automatic_start start = START_IF_RUNNING;

		if (g->on_demand.m.state == META_OK && g->on_demand.v)
			start = START_NOTHING;
		else if (g->n_mappings || g->serves_dhcp || g->serves_router || g->is_connected)
			start = START_ALWAYS;
		FILL(g->automatic_start, (int)start, ORIGIN_DERIVED);
	}
}

static void lower_hosts(struct lowering *lw)
{
	struct lab *l = lw->l;
	const struct v_host_map *hosts = &lw->s->lab.hosts;
	uint64_t total = 0;

	map_init(&l->by_host, lw->a, true);
	l->hosts = NEW(lw->a, struct lab_host, hosts->n + 1);
	for (uint32_t i = 0; i < hosts->n; i++) {
		const struct spec_host *sh = &hosts->v[i];
		struct lab_host *h = &l->hosts[l->n_hosts];

		total += count_items(l, sh);
		if (total > LOWER_MAX_ITEMS) {
			struct meta at = lower_seat_count(l, sh).m;
			struct diag *g = lower_report(
				lw, MODEL_TOO_MANY_COPIES, spec_where(lw->s, at, sh->h.m),
				"this makes more guests, adapters, disks and ports than can be built");

			diag_help(lw->d, g, "lower `seats` or `count`, or split the lab into several specs");
			break;
		}
		h->index = l->n_hosts++;
		h->lab = l;
		lower_host(lw, h, sh);
		map_add(&l->by_host, h->name, h);
		lower_guests(lw, h);
		lower_nics(lw, h);
		lower_mappings(lw, h);
		lower_check_seats(lw, h);
		lower_start_order(lw, h);
		l->n_guests += h->n_guests;
	}
}

bool lab_lower(struct lab *l, struct spec *s)
{
	struct lowering lw = { .l = l, .s = s, .a = s->a, .d = s->diags, .guesses = LOWER_GUESSES };

	*l = (struct lab){
		.a = s->a, .diags = s->diags, .spec = s, .is_partial = diags_errors(s->diags) > 0
	};
	lower_top(&lw);
	lower_schedules(&lw);
	lower_hosts(&lw);
	lower_connections(&lw);
	lower_accounts(&lw);
	for (uint32_t i = 0; i < l->n_hosts; i++)
		lower_start_actions(&l->hosts[i]);
	lower_groups(&lw);
	return !lw.failed;
}
