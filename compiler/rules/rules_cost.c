/* LAB09xx: what a class costs, by Microsoft's lab units or by a file of prices. */
#include "rules/examples.h"
#include "rules/rule.h"

#define COST "https://learn.microsoft.com/azure/lab-services/class-type-ethical-hacking#cost"
#define PRICES "SPEC.md#lab-services"

/* Days of the week (bits, Monday first) that fall into a range of days. */
static int64_t count_days(int64_t from, int64_t until, unsigned days)
{
	int64_t n = 0, weeks;

	if (until < from)
		return 0;
	weeks = (until - from + 1) / 7;
	for (unsigned d = 0; d < 7; d++)
		n += days >> d & 1 ? weeks : 0;
	/* 1970-01-01 was a Thursday. */
	for (int64_t day = from + weeks * 7; day <= until; day++)
		n += days >> ((day + 3) % 7 + 7) % 7 & 1;
	return n;
}

/* Minutes a machine runs by the schedules; false when a date or time is not known. */
static bool scheduled_minutes(const struct lab *lab, int64_t *minutes)
{
	*minutes = 0;
	for (uint32_t i = 0; i < lab->n_schedules; i++) {
		const struct spec_schedule *s = lab->schedules[i].spec;
		struct v_date until = lab->schedules[i].until;
		unsigned days = 0;

		if (!is_ok(s->start.m) || !is_ok(s->stop.m) || !is_ok(s->from.m) || !is_ok(until.m) ||
		    s->stop.v <= s->start.v)
			return false;
		for (uint32_t k = 0; k < s->days.n; k++)
			if (is_ok(s->days.v[k].m))
				days |= 1u << s->days.v[k].v;
		*minutes += count_days(date_days(s->from), date_days(until), days) * (s->stop.v - s->start.v);
	}
	return true;
}

/* --- prices --- */

static const struct spec_prices *prices_of(const struct lab *lab)
{
	const struct spec_prices *p = lab->target == TARGET_COUNT ? NULL : &lab->spec->prices[lab->target];

	return p && is_ok(p->m) ? p : NULL;
}

/* Where `prices` is written; ABSENT: nowhere. */
static struct meta prices_meta(const struct lab *lab)
{
	const struct spec_targets *t = &lab->spec->lab.targets;

	switch (lab->target) {
	case TARGET_LAB_SERVICES:
		return t->lab_services.prices.m;
	case TARGET_AZURE_VM:
		return t->azure_vm.prices.m;
	case TARGET_DEVTEST_LABS:
		return t->devtest_labs.prices.m;
	default:
		return (struct meta){0};
	}
}

/* What a size is called does not matter, only which one it is. */
struct size_row {
	const struct lab_size *lab;
	const struct azure_size *azure;
};

static struct size_row row_of(const struct lab *lab, struct sv name)
{
	struct size_row r = {0};

	if (lab->target_info->flags & TG_LAB_SIZES)
		r.lab = catalogue_lab_size(name);
	else
		r.azure = catalogue_azure_size(name);
	if (!r.lab && !r.azure && !(lab->target_info->flags & TG_LAB_SIZES)) {
		const struct lab_size *z = catalogue_lab_size(name);

		r.azure = z && z->azure ? catalogue_azure_size(sv_from(z->azure)) : NULL;
	}
	return r;
}

static bool same_row(struct size_row a, struct size_row b)
{
	return (a.lab || a.azure) && a.lab == b.lab && a.azure == b.azure;
}

static const struct v_price *price_of(const struct lab *lab, const struct lab_host *h,
				      const struct spec_prices *p)
{
	struct size_row want = {0};

	if (lab->target_info->flags & TG_LAB_SIZES)
		want.lab = h->lab_size;
	else
		want.azure = h->azure_size;
	for (uint32_t i = 0; i < p->n; i++)
		if (same_row(row_of(lab, p->v[i].size), want))
			return &p->v[i];
	return NULL;
}

/* Its key: the price itself stands at the value. */
static struct span size_span(struct rule_ctx *cx, const struct v_price *price)
{
	return spec_key_span(cx->s, price->m);
}

static void check_price_sizes(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_prices *p = prices_of(lab);

	for (uint32_t i = 0; p && i < p->n; i++) {
		struct size_row row = row_of(lab, p->v[i].size);
		struct sv near;

		if (!row.lab && !row.azure) {
			struct diag *d =
			    rule_report(cx, size_span(cx, &p->v[i]), "no size of %s is called '" SV_FMT "'",
					lab->target_info->name, SV_ARG(p->v[i].size));

			near = catalogue_size_near(p->v[i].size, lab->target_info->flags & TG_LAB_SIZES);
			if (near.n)
				rule_help(cx, d, "did you mean '" SV_FMT "'?", SV_ARG(near));
			else
				rule_help(cx, d, "`labc list sizes` has them");
			continue;
		}
		for (uint32_t k = 0; k < i; k++)
			if (same_row(row_of(lab, p->v[k].size), row)) {
				rule_label(cx,
					   rule_report(cx, size_span(cx, &p->v[i]),
						       "'" SV_FMT "' is the same size as '" SV_FMT "'",
						       SV_ARG(p->v[i].size), SV_ARG(p->v[k].size)),
					   p->v[k].m, "its price so far");
				break;
			}
	}
}

static void check_price_missing(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_prices *p = prices_of(lab);

	if (!p || p->incomplete || !is_ok(lab->spec->lab.quota.budget.m))
		return;
	EACH_HOST(lab, h)
	{
		struct diag *d;

		if ((!h->lab_size && !h->azure_size) || price_of(lab, h, p))
			continue;
		d = rule_at(cx, h->size_m, h->m, "the file of prices has none for '" SV_FMT "'",
			    SV_ARG(h->size_text));
		rule_label(cx, d, prices_meta(lab), "the file");
		rule_help(cx, d, "without it the budget is not compared with anything");
	}
}

static void check_currency(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_prices *p = prices_of(lab);
	const struct v_text *currency = &lab->spec->lab.quota.currency;
	struct diag *d;

	if (!p || !is_ok(p->currency.m) || !is_ok(currency->m) || sv_eq(p->currency.v, currency->v))
		return;
	d = rule_at(cx, currency->m, lab->m, "the budget is in " SV_FMT ", and prices are in " SV_FMT,
		    SV_ARG(currency->v), SV_ARG(p->currency.v));
	rule_label(cx, d, p->currency.m, "the currency of the prices");
	rule_help(cx, d, "give both in one currency: labc knows no rates");
}

/* --- the budget --- */

/* What one machine of a host costs an hour, in ten-thousandths. */
struct rate {
	int64_t e4;
	uint32_t units; /* lab units it is made of; 0: a price of the file */
};

static bool rate_of(const struct lab *lab, const struct lab_host *h, const struct spec_prices *p,
		    struct rate *out)
{
	const struct v_price *price = p ? price_of(lab, h, p) : NULL;

	*out = (struct rate){0};
	if (price)
		out->e4 = price->v;
	else if (!p && lab->target == TARGET_LAB_SERVICES && h->lab_size && h->lab_size->units)
		*out = (struct rate){(int64_t)h->lab_size->units * LAB_UNIT_PRICE_E4, h->lab_size->units};
	return price || out->units;
}

/* Whether budget and prices are in one currency; *name is what to call it. */
static bool one_currency(const struct lab *lab, const struct spec_prices *p, struct sv *name)
{
	const struct v_text *currency = &lab->spec->lab.quota.currency;

	*name = p ? p->currency.v : SV("USD");
	if (p && !is_ok(p->currency.m))
		return false;
	return currency->m.state == META_ABSENT || (is_ok(currency->m) && sv_eq_nocase(currency->v, *name));
}

struct bill {
	int64_t minutes, hours; /* by schedule; by quota, for each machine */
	int64_t machines, cents;
	uint32_t kinds;	  /* of machines */
	struct rate rate; /* of the last kind */
};

static bool add_machines(struct bill *b, const struct lab *lab, const struct lab_host *h,
			 const struct spec_prices *p, uint64_t n)
{
	int64_t each;

	if (n > 100000 || !rate_of(lab, h, p, &b->rate))
		return false;
	each = (b->minutes + b->hours * 60) * b->rate.e4 / 60;
	b->machines += (int64_t)n;
	b->cents += (int64_t)n * each / 100;
	b->kinds++;
	return true;
}

static bool make_bill(const struct lab *lab, const struct spec_prices *p, struct bill *b)
{
	const struct spec_quota *q = &lab->spec->lab.quota;

	*b = (struct bill){0};
	if (lab->target_info->flags & TG_QUOTA_HOURS) {
		if (!is_ok(q->hours.m) || q->hours.v < 0 || q->hours.v > 9999)
			return false;
		b->hours = q->hours.v;
	}
	if (!scheduled_minutes(lab, &b->minutes))
		return false;
	for (uint32_t i = 0; i < lab->n_groups; i++)
		if (!add_machines(b, lab, lab->groups[i].hosts[0], p, lab->groups[i].capacity))
			return false;
	if (lab->n_groups == 0)
		EACH_HOST(lab, h)
	if (!add_machines(b, lab, h, p, (uint64_t)h->seats.v))
		return false;
	return true;
}

static void check_budget(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_quota *q = &lab->spec->lab.quota;
	const struct spec_prices *p = prices_of(lab);
	struct bill b;
	struct sv money;
	struct diag *d;

	if (!is_ok(q->budget.m) || (!p && prices_meta(lab).state != META_ABSENT) ||
	    !one_currency(lab, p, &money) || !make_bill(lab, p, &b) || b.cents <= q->budget.v)
		return;
	d = rule_at(cx, q->budget.m, lab->m,
		    "the class may cost %lld " SV_FMT ", more than the budget of %lld",
		    (long long)(b.cents / 100), SV_ARG(money), (long long)(q->budget.v / 100));
	if (b.kinds > 1)
		rule_help(cx, d, "%lld machines of %u kinds, each %lld h by schedule and %lld h quota",
			  (long long)b.machines, b.kinds, (long long)(b.minutes / 60), (long long)b.hours);
	else if (b.rate.units)
		rule_help(cx, d, "%lld machines x (%lld h by schedule + %lld h quota) x %u units x 0.01 USD",
			  (long long)b.machines, (long long)(b.minutes / 60), (long long)b.hours,
			  b.rate.units);
	else
		rule_help(cx, d, "%lld machines x (%lld h by schedule + %lld h quota) x %lld.%04lld " SV_FMT,
			  (long long)b.machines, (long long)(b.minutes / 60), (long long)b.hours,
			  (long long)(b.rate.e4 / 10000), (long long)(b.rate.e4 % 10000), SV_ARG(money));
	rule_label(cx, d, prices_meta(lab), "by these prices");
}

static const struct rule rows[] = {
    {{"LAB0901", SEV_WARNING, "budget", "a class that may cost more than its budget",
      "Machines are paid by the hour, for every student, scheduled and by quota.", COST,
      EX_HOST "  seats: 20\n" EX_DEBIAN "quota: { hours: 40, budget: 100 }\n",
      EX_HOST "  seats: 20\n" EX_DEBIAN "quota: { hours: 40, budget: 500 }\n"},
     check_budget},
    {{"LAB0903", SEV_WARNING, "price-size", "a price for a size that is unknown or has one already",
      "It counts for no machine, and the one that was meant has no price.", PRICES, NULL, NULL},
     check_price_sizes},
    {{"LAB0904", SEV_WARNING, "no-price", "a host whose size is not among the prices",
      "There is a budget, and nothing to compare it with.", PRICES, NULL, NULL},
     check_price_missing},
    {{"LAB0905", SEV_WARNING, "budget-currency", "a budget in another currency than the prices",
      "The two cannot be compared.", PRICES, NULL, NULL},
     check_currency},
};

const struct rule_table cost_rules = {rows, COUNTOF(rows)};
