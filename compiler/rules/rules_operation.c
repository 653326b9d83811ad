/* LAB09xx: running a class, and what it costs. */
#include "rules/examples.h"
#include "rules/rule.h"

#define COST "https://learn.microsoft.com/azure/lab-services/class-type-ethical-hacking#cost"
#define CONCEPT                                           \
	"https://learn.microsoft.com/azure/lab-services/" \
	"concept-nested-virtualization-template-vm#connect-to-a-nested-vm-in-another-lab-vm"

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

static bool is_dollar(const struct spec_quota *q)
{
	return q->currency.m.state == META_ABSENT ||
	       (is_ok(q->currency.m) && sv_eq_nocase(q->currency.v, SV("USD")));
}

static void check_budget(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_quota *q = &lab->spec->lab.quota;
	int64_t minutes, quota, cents = 0, machines = 0, units = 0;
	struct diag *d;

	if (lab->target != TARGET_LAB_SERVICES || !is_ok(q->budget.m) || !is_dollar(q) ||
	    !is_ok(q->hours.m) || q->hours.v < 0 || q->hours.v > 9999 ||
	    lab->spec->lab.targets.lab_services.prices.m.state != META_ABSENT ||
	    !scheduled_minutes(lab, &minutes))
		return;
	quota = q->hours.v * 60;
	for (uint32_t i = 0; i < lab->n_groups; i++) {
		const struct lab_group *g = &lab->groups[i];
		const struct lab_size *z = g->hosts[0]->lab_size;

		if (!z || !z->units || g->capacity > 100000)
			return;
		units = z->units;
		machines += (int64_t)g->capacity;
		/* A unit costs a cent an hour. */
		cents += (int64_t)g->capacity * (minutes + quota) * z->units / 60;
	}
	if (cents <= q->budget.v)
		return;
	d = rule_at(cx, q->budget.m, lab->m, "the class may cost %lld USD, more than the budget of %lld",
		    (long long)(cents / 100), (long long)(q->budget.v / 100));
	if (lab->n_groups == 1)
		rule_help(cx, d,
			  "%lld machines x (%lld h by schedule + %lld h quota) x %lld units x 0.01 USD",
			  (long long)machines, (long long)(minutes / 60), (long long)q->hours.v,
			  (long long)units);
	else
		rule_help(cx, d, "%lld machines in %u labs, each %lld h by schedule and %lld h quota",
			  (long long)machines, lab->n_groups, (long long)(minutes / 60),
			  (long long)q->hours.v);
}

/* Whether a command line calls ping as a word of its own. */
static bool calls_ping(struct sv s)
{
	static const char *const words[] = { "ping", "ping.exe", "ping6", "fping", "tracert", "traceroute" };
	size_t i = 0;

	while (i < s.n) {
		size_t from = i;

		while (i < s.n && s.p[i] != ' ' && s.p[i] != '|' && s.p[i] != ';' && s.p[i] != '&')
			i++;
		for (size_t k = 0; k < COUNTOF(words); k++)
			if (sv_eq_nocase(sv_sub(s, from, i - from), sv_from(words[k])))
				return true;
		i++;
	}
	return false;
}

static void check_ping(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g)
			for (uint32_t i = 0; i < g->spec->tests.n; i++) {
				const struct spec_test *t = &g->spec->tests.v[i];

				if (is_ok(t->command.m) && calls_ping(t->command.v))
					rule_help(cx,
						  rule_at(cx, t->command.m, t->h.m,
							  "ping does not work to or from nested guests"),
						  "test a port instead: `tcp: 22`");
			}
}

static const struct rule rows[] = {
	{ { "LAB0901", SEV_WARNING, "budget", "a class that may cost more than its budget",
	    "Machines are paid by the hour, for every student, scheduled and by quota.", COST,
	    EX_HOST "  seats: 20\n" EX_DEBIAN "quota: { hours: 40, budget: 100 }\n",
	    EX_HOST "  seats: 20\n" EX_DEBIAN "quota: { hours: 40, budget: 500 }\n" },
	  check_budget },
	{ { "LAB0902", SEV_WARNING, "ping-test", "a test that uses ping",
	    "Ping to and from a nested guest fails even when everything works.", CONCEPT,
	    EX_HOST EX_DEBIAN "    tests: [{ command: ping -c 3 192.168.0.1 }]\n",
	    EX_HOST EX_DEBIAN "    tests: [{ tcp: 22 }]\n" },
	  check_ping },
};

const struct rule_table operation_rules = { rows, COUNTOF(rows) };
