/* LAB07xx: schedules, quota, shutdown, users. */
#include "base/utf8.h"
#include "rules/examples.h"
#include "rules/rule.h"

#define SCHEDULES "https://learn.microsoft.com/rest/api/labservices/schedules/create-or-update"
#define LABS "https://learn.microsoft.com/rest/api/labservices/labs/create-or-update"
#define USERS "https://learn.microsoft.com/azure/lab-services/how-to-manage-lab-users"
#define BULK "https://github.com/Azure/LabServices/tree/main/LabManagement/PowerShell/BulkOperations"

const struct v_date lab_services_end = { .year = 2027, .month = 6, .day = 28 };

struct sv date_text(struct arena *a, struct v_date d)
{
	return sv_fmt(a, "%04u-%02u-%02u", d.year, d.month, d.day);
}

int date_cmp(struct v_date a, struct v_date b)
{
	int64_t x = date_days(a), y = date_days(b);

	return x < y ? -1 : x > y;
}

/* The civil calendar, with the year beginning in March so that leap days come last. */
int64_t date_days(struct v_date d)
{
	int64_t y = (int64_t)d.year - (d.month <= 2), era = y / 400, in_era = y - era * 400;
	int64_t day_of_year = (153 * ((int64_t)d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + day_of_year - 719468;
}

#define EACH_SCHEDULE(lab, c) \
	for (const struct lab_schedule *c = (lab)->schedules; c < (lab)->schedules + (lab)->n_schedules; c++)

struct v_date date_of(const char *text)
{
	struct v_date d = { .m.state = META_OK };
	uint64_t year = 0, month = 0, day = 0;
	struct sv s = sv_from(text);

	num_u64(sv_sub(s, 0, 4), &year);
	num_u64(sv_sub(s, 5, 2), &month);
	num_u64(sv_sub(s, 8, 2), &day);
	d.year = (uint16_t)year;
	d.month = (uint8_t)month;
	d.day = (uint8_t)day;
	return d;
}

static void take_later(struct v_date *last, struct v_date d)
{
	if (is_ok(d.m) && (!is_ok(last->m) || date_cmp(d, *last) > 0))
		*last = d;
}

bool last_date(const struct rule_ctx *cx, struct v_date *out)
{
	*out = (struct v_date){ .m.state = META_ABSENT };
	take_later(out, cx->date);
	/* a date of a configuration has no place in the spec */
	out->m.node = 0;
	for (uint32_t i = 0; i < cx->lab->n_schedules; i++) {
		const struct spec_schedule *s = cx->lab->schedules[i].spec;

		if (meta_written(s->until.m))
			take_later(out, s->until);
		if (meta_written(s->from.m))
			take_later(out, s->from);
	}
	return is_ok(out->m);
}

static void unknown_zone(struct rule_ctx *cx, struct v_text zone, struct meta owner)
{
	/* Comparing with all zones takes a while: the first mistakes get a suggestion. */
	struct sv near = cx->n_seen < 50 ? catalogue_zone_near(zone.v) : SV("");
	struct diag *d = rule_at(cx, zone.m, owner, "'" SV_FMT "' is no IANA time zone", SV_ARG(zone.v));

	if (near.n)
		rule_help(cx, d, "did you mean '" SV_FMT "'?", SV_ARG(near));
	else
		rule_help(cx, d, "write a name such as Europe/Berlin or America/New_York");
	if (near.n)
		rule_fix(cx, d, zone.m, sv_cstr(cx->a, near), false);
}

static void check_zone(struct rule_ctx *cx, const struct lab *lab)
{
	if (is_ok(lab->time_zone.m) && !lab->zone)
		unknown_zone(cx, lab->time_zone, lab->m);
	EACH_SCHEDULE(lab, c)
		if (is_ok(c->spec->time_zone.m) && !c->zone)
			unknown_zone(cx, c->spec->time_zone, c->m);
}

static void check_no_zone(struct rule_ctx *cx, const struct lab *lab)
{
	if (lab->spec->incomplete)
		return;
	EACH_SCHEDULE(lab, c)
		if (c->time_zone.m.state == META_ABSENT && !(c->m.flags & META_INCOMPLETE) &&
		    !meta_poisoned(c->m)) {
			rule_help(
				cx,
				rule_at(cx, c->m, lab->m, "nothing says in which time zone this schedule is"),
				"write `time_zone` here or at the top, such as Europe/Berlin: without it the "
				"machines start by UTC");
			return;
		}
}

static void check_times(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_SCHEDULE(lab, c) {
		struct diag *d;

		if (!is_ok(c->spec->start.m) || !is_ok(c->spec->stop.m) || c->spec->stop.off ||
		    c->spec->start.off || c->spec->start.v < c->spec->stop.v)
			continue;
		d = rule_at(cx, c->spec->stop.m, c->m, "the schedule stops before it starts");
		rule_label(cx, d, c->spec->start.m, "the start");
		rule_help(cx, d, "both are times of one day, 24 hours; for a night write two entries");
	}
}

static void check_notes(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_SCHEDULE(lab, c)
		if (is_ok(c->spec->notes.m) && utf8_count(c->spec->notes.v) > 1000)
			rule_help(cx,
				  rule_at(cx, c->spec->notes.m, c->m,
					  "notes have at most 1000 characters, and these have %zu",
					  utf8_count(c->spec->notes.v)),
				  "write shorter ones");
}

static void check_dates(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_SCHEDULE(lab, c) {
		struct diag *d;

		if (!is_ok(c->spec->from.m) || !is_ok(c->spec->until.m) ||
		    date_cmp(c->spec->from, c->spec->until) <= 0)
			continue;
		d = rule_at(cx, c->spec->until.m, c->m, "the schedule ends on " SV_FMT ", before it begins",
			    SV_ARG(date_text(cx->a, c->spec->until)));
		rule_label(cx, d, c->spec->from.m, "the first day");
	}
}

static void one_delay(struct rule_ctx *cx, const struct v_duration *v)
{
	if (is_ok(v->m) && meta_written(v->m) && !v->off && (v->v < 15 * 60 || v->v > 59 * 60))
		rule_help(cx,
			  rule_at(cx, v->m, cx->lab->m,
				  "a delay of 15 to 59 minutes is what Microsoft's tools take, and this is "
				  "%lld minute%s",
				  (long long)(v->v / 60), v->v / 60 == 1 ? "" : "s"),
			  "write 15m to 59m, or off");
}

static void check_delays(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_shutdown *s = &lab->spec->lab.shutdown;

	if (lab->target != TARGET_LAB_SERVICES)
		return;
	one_delay(cx, &s->on_disconnect);
	one_delay(cx, &s->on_idle);
	one_delay(cx, &s->when_not_connected);
}

static void check_hours(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_int *hours = &lab->spec->lab.quota.hours;

	if (is_ok(hours->m) && (hours->v < 0 || hours->v > 9999))
		rule_help(cx,
			  rule_at(cx, hours->m, lab->m, "a quota is 0 to 9999 hours, and this is %lld",
				  (long long)hours->v),
			  "write the hours of one student");
}

static void check_students(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_int *students = &lab->spec->lab.quota.students;
	const struct spec_users *users = &lab->spec->lab.users;

	if (lab->target != TARGET_LAB_SERVICES)
		return;
	if (is_ok(students->m) && students->v > 400)
		rule_help(cx,
			  rule_at(cx, students->m, lab->m, "a lab has at most 400 users, and this is %lld",
				  (long long)students->v),
			  "split the class into several labs");
	if (is_ok(users->list.m) && users->list.n > 400)
		rule_help(cx,
			  rule_at(cx, users->list.m, lab->m, "a lab has at most 400 users, and these are %u",
				  users->list.n),
			  "split the class into several labs");
}

static void check_roster(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_int *students = &lab->spec->lab.quota.students;
	const struct spec_users *users = &lab->spec->lab.users;
	struct diag *d;

	if (!is_ok(students->m) || !is_ok(users->list.m) || (int64_t)users->list.n <= students->v)
		return;
	d = rule_at(cx, students->m, lab->m, "%u users are listed, and there are machines for %lld",
		    users->list.n, (long long)students->v);
	rule_help(cx, d, "the last ones get no machine: raise `students`, or shorten the list");
}

/* What a target has no counterpart for. */
static void check_ignored(struct rule_ctx *cx, const struct lab *lab)
{
	const struct spec_lab *s = &lab->spec->lab;

	if (lab->target != TARGET_HYPER_V && lab->target != TARGET_AZURE_VM)
		return;
	if (is_ok(s->quota.hours.m) && meta_written(s->quota.hours.m) && s->quota.hours.v)
		rule_help(cx,
			  rule_at(cx, s->quota.hours.m, lab->m, "hours a student mean nothing on %s",
				  lab->target_info->id),
			  "nothing limits the hours there");
	if (lab->target == TARGET_HYPER_V && lab->n_schedules)
		rule_help(cx, rule_at(cx, lab->schedules[0].m, lab->m, "a schedule means nothing on hyper-v"),
			  "the server runs when it is switched on");
}

static void check_user_length(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		if (is_ok(h->student_user.m) && h->student_user.v.n > 20)
			rule_help(cx,
				  rule_at(cx, h->student_user.m, h->m,
					  "a user name has at most 20 characters, and this has %zu",
					  h->student_user.v.n),
				  "write a shorter one");
		EACH_GUEST(h, g)
			if (is_ok(g->user.m) && g->user.v.n > (g->os && os_is_windows(g->os) ? 20u : 32u))
				rule_help(cx,
					  rule_at(cx, g->user.m, g->m,
						  "a user name has at most %u characters here, and this has "
						  "%zu",
						  g->os && os_is_windows(g->os) ? 20u : 32u, g->user.v.n),
					  "write a shorter one");
	}
}

#define EX_SLOT "    days: [monday]\n    start: 09:00\n    stop: 11:00\n"

static const struct rule rows[] = {
	{ { "LAB0705", SEV_ERROR, "user-length", "a user name that is too long",
	    "The account is not made: 20 characters in Windows, 32 in Linux.",
	    "https://learn.microsoft.com/windows/win32/api/lmaccess/ns-lmaccess-user_info_1",
	    EX_HOST "  student_user: a-name-of-twenty-one-c\n" EX_DEBIAN,
	    EX_HOST "  student_user: student\n" EX_DEBIAN },
	  check_user_length },
	{ { "LAB0709", SEV_ERROR, "quota-hours", "a quota that is not 0 to 9999 hours",
	    "The service refuses it.", LABS, EX_HOST EX_DEBIAN "quota: { hours: 10000 }\n",
	    EX_HOST EX_DEBIAN "quota: { hours: 20 }\n" },
	  check_hours },
	{ { "LAB0710", SEV_ERROR, "time-zone", "a time zone that does not exist",
	    "Schedules are refused; the names of Windows zones are not those of the service.", SCHEDULES,
	    EX_TOP
	    "time_zone: Romance Standard Time\nhost:\n  size: Medium (nested virtualization)\n" EX_DEBIAN,
	    EX_TOP "time_zone: Europe/Paris\nhost:\n  size: Medium (nested virtualization)\n" EX_DEBIAN },
	  check_zone },
	{ { "LAB0711", SEV_ERROR, "schedule-zone", "a schedule without a time zone",
	    "The service wants one; machines would start hours early or late.", SCHEDULES,
	    EX_HOST EX_DEBIAN "schedule:\n  -\n" EX_SLOT,
	    EX_HOST EX_DEBIAN "schedule:\n  -\n" EX_SLOT "    time_zone: Europe/Paris\n" },
	  check_no_zone },
	{ { "LAB0712", SEV_ERROR, "notes-length", "notes of more than 1000 characters",
	    "The service refuses the schedule.", SCHEDULES, NULL, NULL },
	  check_notes },
	{ { "LAB0713", SEV_ERROR, "dates-order", "a schedule that ends before it begins",
	    "The service refuses it, or the machines never start.", SCHEDULES,
	    EX_HOST EX_DEBIAN "schedule:\n  -\n" EX_SLOT
			      "    time_zone: UTC\n    from: 2027-03-01\n    until: 2027-02-01\n",
	    EX_HOST EX_DEBIAN "schedule:\n  -\n" EX_SLOT
			      "    time_zone: UTC\n    from: 2027-02-01\n    until: 2027-03-01\n" },
	  check_dates },
	{ { "LAB0714", SEV_WARNING, "shutdown-delay", "a delay outside of 15 to 59 minutes",
	    "Microsoft's own tools refuse other values; the service may as well.", BULK,
	    EX_HOST EX_DEBIAN "shutdown: { on_idle: 5m }\n",
	    EX_HOST EX_DEBIAN "shutdown: { on_idle: 20m }\n" },
	  check_delays },
	{ { "LAB0717", SEV_ERROR, "too-many-students", "more than 400 students in a lab",
	    "The service refuses the lab's capacity.", USERS,
	    EX_HOST "  seats: 20\n" EX_DEBIAN "quota: { students: 401 }\n",
	    EX_HOST "  seats: 20\n" EX_DEBIAN "quota: { students: 400 }\n" },
	  check_students },
	{ { "LAB0719", SEV_WARNING, "more-users-than-machines", "more users than students' machines",
	    "The last users to register get no machine.", USERS,
	    EX_HOST EX_DEBIAN "quota: { students: 1 }\nusers: [ann@example.edu, ben@example.edu]\n",
	    EX_HOST EX_DEBIAN "quota: { students: 2 }\nusers: [ann@example.edu, ben@example.edu]\n" },
	  check_roster },
	{ { "LAB0721", SEV_NOTE, "no-counterpart", "a quota or schedule that the target does not know",
	    "Only Lab Services has hours a student, and a server of one's own has no schedule.",
	    "SPEC.md#top", EX_HV_HOST EX_DEBIAN "quota: { hours: 20 }\n", EX_HV_HOST EX_DEBIAN },
	  check_ignored },
	{ { "LAB0720", SEV_ERROR, "times-order", "a schedule that stops before it starts",
	    "The service refuses it: start and stop are of one day.", SCHEDULES,
	    EX_HOST EX_DEBIAN
	    "schedule:\n  - { days: [monday], start: \"11:00\", stop: \"09:00\", time_zone: UTC }\n",
	    EX_HOST EX_DEBIAN
	    "schedule:\n  - { days: [monday], start: \"09:00\", stop: \"11:00\", time_zone: UTC }\n" },
	  check_times },
};

const struct rule_table schedule_rules = { rows, COUNTOF(rows) };
