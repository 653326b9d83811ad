/* LAB07xx: names of people and machines. */
#include "base/utf8.h"
#include "rules/examples.h"
#include "rules/rule.h"

#define VM_FAQ                                                        \
	"https://learn.microsoft.com/azure/virtual-machines/windows/" \
	"faq#what-are-the-username-requirements-when-creating-a-vm-"
#define NAMES                                                                       \
	"https://learn.microsoft.com/troubleshoot/windows-server/active-directory/" \
	"naming-conventions-for-computer-domain-site-ou"
#define LABS "https://learn.microsoft.com/rest/api/labservices/labs/create-or-update"
#define NESTED "https://learn.microsoft.com/azure/lab-services/concept-nested-virtualization-template-vm"

/* Where a host name is written: its field, or the guest's key. */
static struct span hostname_at(struct rule_ctx *cx, const struct lab_guest *g)
{
	if (g->spec->hostname.m.state == META_OK)
		return spec_where(cx->s, g->hostname_m, g->m);
	return spec_key_span(cx->s, g->m);
}

static void check_hostname(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h)
		EACH_GUEST(h, g) {
			struct diag *d;

			if (!g->os || !os_is_windows(g->os) ||
			    g->hostname.n - rule_seat_suffix(g) <= 15)
				continue;
			d = rule_report(cx, hostname_at(cx, g),
					"Windows takes at most 15 characters, and '" SV_FMT "' has %zu",
					SV_ARG(g->hostname), g->hostname.n);
			rule_help(cx, d,
				  g->spec->hostname.m.state == META_OK ? "write a shorter name"
								       : "the guest's name is its computer "
									 "name: write a shorter `hostname`");
		}
}

static void check_hostname_twice(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct map seen;

		map_init(&seen, cx->a, true);
		for (uint32_t i = 0; i < h->n_guests; i++) {
			const struct lab_guest *g = &h->guests[i], *first;
			struct map_entry *e = map_add(&seen, g->hostname, &h->guests[i]);
			struct span a, b;
			struct diag *d;

			if (!e)
				continue;
			first = e->value;
			/* Guests of one name were reported with their names. */
			if (first->spec == g->spec || sv_eq_nocase(first->name, g->name))
				continue;
			a = hostname_at(cx, g);
			b = hostname_at(cx, first);
			d = rule_report(cx, a.src == b.src && a.off < b.off ? b : a,
					"two guests of '" SV_FMT "' are called '" SV_FMT "'", SV_ARG(h->name),
					SV_ARG(g->hostname));
			if (d != &cx->scratch)
				diag_label(cx->d, d, a.src == b.src && a.off < b.off ? a : b,
					   "the other one");
			rule_help(cx, d,
				  "names of computers are compared ignoring case; write another `hostname`");
		}
	}
}

static void check_admin(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		const struct v_text *u = &h->admin_user;
		struct diag *d;

		if (!is_ok(u->m) || !(lab->target_info->flags & TG_AZURE))
			continue;
		if (catalogue_user_is_banned(u->v)) {
			d = rule_at(cx, u->m, h->m, "Azure refuses the user name '" SV_FMT "'", SV_ARG(u->v));
			rule_help(cx, d, "well-known names are refused; 'labadmin' is the default");
			rule_fix(cx, d, u->m, "labadmin", false);
		} else if (u->v.n > 20) {
			d = rule_at(cx, u->m, h->m, "a user name has at most 20 characters, and this has %zu",
				    u->v.n);
			rule_help(cx, d, "write a shorter one");
		} else if (sv_ends(u->v, SV("."))) {
			rule_at(cx, u->m, h->m, "a user name cannot end with a period");
		}
	}
}

static void check_same_user(struct rule_ctx *cx, const struct lab *lab)
{
	EACH_HOST(lab, h) {
		struct diag *d;

		if (!is_ok(h->admin_user.m) || !is_ok(h->student_user.m) || is_true(h->admin_students) ||
		    !sv_eq_nocase(h->admin_user.v, h->student_user.v))
			continue;
		d = rule_at(cx, meta_written(h->student_user.m) ? h->student_user.m : h->admin_user.m, h->m,
			    "administrator and student have the same name '" SV_FMT "'",
			    SV_ARG(h->student_user.v));
		if (meta_written(h->student_user.m))
			rule_label(cx, d, h->admin_user.m, "the administrator");
		rule_help(cx, d, "write different names: Azure refuses the deployment");
	}
}

static void check_profile_folder(struct rule_ctx *cx, const struct lab *lab)
{
	static const struct sv users = SV_INIT("c:\\users\\"), public = SV_INIT("c:\\users\\public");

	EACH_HOST(lab, h) {
		struct diag *d;

		if (!is_ok(h->data.m) || is_true(h->admin_students) ||
		    !sv_eq_nocase(sv_sub(h->data.v, 0, users.n), users) ||
		    sv_eq_nocase(sv_sub(h->data.v, 0, public.n), public))
			continue;
		d = rule_at(cx, h->data.m, h->m,
			    "students who are no administrators cannot read '" SV_FMT "'", SV_ARG(h->data.v));
		rule_label(cx, d, h->admin_students.m, "students are no administrators");
		rule_help(cx, d, "take a folder outside of C:\\Users, such as the default C:\\labc\\" SV_FMT,
			  SV_ARG(lab->name));
	}
}

static void check_title(struct rule_ctx *cx, const struct lab *lab)
{
	const struct v_text *t = &lab->spec->lab.title;

	if (lab->target != TARGET_LAB_SERVICES || !is_ok(t->m))
		return;
	if (sv_trim(t->v).n == 0)
		rule_help(cx, rule_at(cx, t->m, lab->m, "a lab's title has at least one character, and this is empty"),
			  "write one, or leave `title` away: it is then the name");
	else if (utf8_count(t->v) > 120)
		rule_help(cx,
			  rule_at(cx, t->m, lab->m,
				  "a lab's title has at most 120 characters, and this has %zu",
				  utf8_count(t->v)),
			  "write a shorter one; `description` may be longer");
}

static const struct rule rows[] = {
	{ { "LAB0701", SEV_ERROR, "hostname-length", "a computer name that Windows does not take",
	    "Setup stops, or Windows cuts the name and two machines are called alike.", NAMES,
	    EX_HOST EX_WIN10 "    hostname: accounting-desk-1\n", EX_HOST EX_WIN10 "    hostname: desk-1\n" },
	  check_hostname },
	{ { "LAB0702", SEV_ERROR, "hostname-twice", "two guests with one computer name",
	    "Names do not resolve, and a domain takes only one of them.", NAMES,
	    EX_HOST EX_DEBIAN "    hostname: web\n" EX_SECOND "    hostname: WEB\n",
	    EX_HOST EX_DEBIAN "    hostname: web\n" EX_SECOND "    hostname: web2\n" },
	  check_hostname_twice },
	{ { "LAB0703", SEV_ERROR, "admin-user", "an administrator's name that Azure refuses",
	    "The deployment fails with an error about the admin user name.", VM_FAQ,
	    EX_HOST "  admin_user: administrator\n" EX_DEBIAN, EX_HOST "  admin_user: teacher\n" EX_DEBIAN },
	  check_admin },
	{ { "LAB0704", SEV_ERROR, "same-user", "one name for administrator and student",
	    "Azure answers the deployment with HTTP 400.", LABS,
	    EX_HOST "  admin_students: false\n  admin_user: ann\n  student_user: Ann\n" EX_DEBIAN,
	    EX_HOST "  admin_students: false\n  admin_user: ann\n  student_user: student\n" EX_DEBIAN },
	  check_same_user },
	{ { "LAB0715", SEV_ERROR, "title-length", "an empty title, or one of more than 120 characters",
	    "The service refuses it.", LABS,
	    EX_TOP
	    "title: Shell basics for everybody who has never seen a prompt, and for those who have seen one "
	    "and closed the window "
	    "again, with a cat on the keyboard\nhost:\n  size: Medium (nested virtualization)\n" EX_DEBIAN,
	    EX_TOP "title: Shell basics\nhost:\n  size: Medium (nested virtualization)\n" EX_DEBIAN },
	  check_title },
	{ { "LAB0718", SEV_ERROR, "unreadable-data", "guests' files in a folder students cannot read",
	    "Guests do not start for students: access to the disk is denied.", NESTED,
	    EX_HOST "  admin_students: false\n  data: C:\\Users\\labadmin\\vms\n" EX_DEBIAN,
	    EX_HOST "  admin_students: false\n  data: C:\\vms\n" EX_DEBIAN },
	  check_profile_folder },
};

const struct rule_table identity_rules = { rows, COUNTOF(rows) };
