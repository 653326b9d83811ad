/* Where the rows of a script's table are written: view_place.c. */
#include <string.h>

#include "ctemplate/value.h"
#include "emit/seed.h"
#include "emit/view.h"

#include "lab_help.h"

/* Guests share a document when what it reads of them is equal: the list of that must be whole. */
START_TEST(shared_seeds_name_what_they_read)
{
	int shared = 0;

	for (size_t i = 0; i < ct_embedded_count; i++) {
		const struct ct_embedded *e = &ct_embedded_templates[i];
		const char *const *reads = seed_reads(e->name);
		struct sv rest = { e->text, e->text_len };
		size_t listed = 0;

		for (ptrdiff_t at; reads && (at = sv_search(rest, SV("guest"))) >= 0;) {
			struct sv name = rest = sv_sub(rest, (size_t)at + 5, rest.n);
			size_t k = 0;

			ck_assert_msg(rest.p[0] == '.', "%s reads the whole guest", e->name);
			name = sv_sub(rest, 1, 1);
			while (rest.p[1 + name.n] == '_' || (rest.p[1 + name.n] >= 'a' && rest.p[1 + name.n] <= 'z'))
				name.n++;
			while (reads[k] && !sv_eq(name, sv_from(reads[k])))
				k++;
			ck_assert_msg(reads[k] != NULL, "%s reads guest." SV_FMT, e->name, SV_ARG(name));
		}
		for (; reads && reads[listed]; listed++)
			ck_assert_msg(sv_search((struct sv){ e->text, e->text_len },
						sv_from(reads[listed])) >= 0, "%s does not read %s", e->name, reads[listed]);
		shared += reads != NULL;
	}
	ck_assert_int_eq(shared, 1);
}
END_TEST

/* Guests are finished in one paragraph when what it reads of them is equal, as view_alike.c compares it: what a template
 * of these reads of a guest, an adapter or a disk must be there. */
START_TEST(finished_alike_is_what_is_read)
{
	static const char *const templates[] = { "md/finish.md.j2", "md/finish-windows.md.j2", "md/finish-settings.md.j2" };
	/* of the names, networks and addresses each guest has its own beside it */
	static const char *const known[] = { " g.name", " g.os", " g.os_name", " g.configure", " g.user", " g.password_asked",
		" g.ssh_windows", " g.iso", " g.disks", " g.nics", " g.remote_desktop", " d.boot", " d.source", " nic.network",
		" nic.address", " nic.prefix_length", " nic.mask", " nic.gateway", " nic.dns", " nic.dns_from_host" };
	static const char *const of[] = { " g.", " d.", " nic." };
	size_t seen = 0;

	for (size_t t = 0; t < sizeof(templates) / sizeof(*templates); t++) {
		const struct ct_embedded *e = ct_embedded_find(ct_embedded_templates, ct_embedded_count, sv_from(templates[t]));

		ck_assert_msg(e != NULL, "no %s", templates[t]);
		for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++) {
			struct sv rest = { e->text, e->text_len };

			for (ptrdiff_t at; (at = sv_search(rest, sv_from(of[i]))) >= 0; seen++) {
				struct sv name;
				size_t n = strlen(of[i]), k = 0;

				rest = sv_sub(rest, (size_t)at, rest.n);
				while (rest.p[n] == '_' || (rest.p[n] >= 'a' && rest.p[n] <= 'z'))
					n++;
				name = sv_sub(rest, 0, n);
				while (k < sizeof(known) / sizeof(*known) && !sv_eq(name, sv_from(known[k])))
					k++;
				ck_assert_msg(k < sizeof(known) / sizeof(*known), "%s reads" SV_FMT, e->name, SV_ARG(name));
				rest = sv_sub(rest, n, rest.n);
			}
		}
	}
	ck_assert_uint_gt(seen, 20);
}
END_TEST

Suite *test_view_suite(void);

/* An included file with a host of its own. */
static bool read_one(void *user, struct sv path, struct sv *text)
{
	(void)user;
	if (!sv_eq(path, SV("more.yaml")))
		return false;
	*text = SV("labc: 1\n"
		   "hosts:\n"
		   "  two:\n"
		   "    networks:\n"
		   "      corp: { kind: internal, subnet: 10.1.0.0/24 }\n"
		   "    guests:\n"
		   "      db:\n"
		   "        os: debian-12\n"
		   "        nics:\n"
		   "          - network: corp\n"
		   "            address: 10.1.0.5\n");
	return true;
}

static const char two_hosts[] =
	"labc: 1\n"
	"name: t\n"
	"target: lab-services\n"
	"include: [more.yaml]\n"
	"defaults:\n"
	"  host: { size: Large (nested virtualization) }\n"
	"  guest: { vcpus: 2 }\n"
	"profiles:\n"
	"  small:\n"
	"    memory: 2 GiB\n"
	"hosts:\n"
	"  one:\n"
	"    data: D:\\labs\n"
	"    guests:\n"
	"      web:\n"
	"        os: ubuntu-24.04\n"
	"        profile: small\n"
	"        count: 2\n"
	"        address: 192.168.0.50\n"
	"        disks:\n"
	"          - 4 GiB\n"
	"          - size: 8 GiB\n"
	"            type: fixed\n"
	"        ports:\n"
	"          - { external: auto, internal: 80 }\n"
	"          - { external: 2222,\n"
	"              internal: 22 }\n";

static const char one_host[] =
	"labc: 1\n"
	"name: t\n"
	"target: lab-services\n"
	"host: { size: Large (nested virtualization) }\n"
	"guests:\n"
	"  a: &a\n"
	"    os: debian-12\n"
	"    memory:\n"
	"      startup: 2 GiB\n"
	"  b:\n"
	"    <<: *a\n"
	"    network:\n"
	"      nat\n";

struct view_run {
	struct lab_run r;
	struct lab_view view;
};

static void begin(struct view_run *t, const char *text)
{
	struct spec_opts o = { .read_file = read_one };
	struct lab_run *r = &t->r;
	uint32_t src;

	*r = (struct lab_run){ .lowered = false };
	arena_init(&r->arena, 0);
	sources_init(&r->sources, &r->arena);
	diags_init(&r->diags, &r->arena, &r->sources);
	src = sources_add(&r->sources, SV("lab.yaml"), sv_from(text));
	ck_assert(ydoc_parse(&r->doc, &r->arena, &r->diags, src, NULL));
	ck_assert(spec_decode(&r->spec, &r->doc, &o));
	lab_lower(&r->lab, &r->spec);
	rules_run(&r->lab);
	ck_assert_uint_eq(diags_errors(&r->diags), 0);
	t->view = view_lab(&r->arena, &r->lab, SV("lab.yaml"), NULL, NULL);
}

static struct ct_value key(struct ct_value dict, const char *name)
{
	struct ct_value v;

	ck_assert_msg(ct_dict_get(dict, sv_from(name), &v), "%s", name);
	return v;
}

static struct ct_value item(struct ct_value list, size_t i)
{
	ck_assert_uint_lt(i, ct_count(list));
	return list.u.list->v[i];
}

static void expect_at(struct ct_value row, const char *want)
{
	struct ct_value at = key(row, "at");

	ck_assert_msg(sv_eq(value_sv(at), sv_from(want)), "is '" SV_FMT "', not '%s'", SV_ARG(value_sv(at)), want);
}

START_TEST(rows_name_their_lines)
{
	struct view_run t;
	struct ct_value g, host;

	begin(&t, two_hosts);
	host = t.view.hosts[0];
	expect_at(host, "hosts.one 12 data=13");
	expect_at(item(key(host, "networks"), 0), "hosts.one.network 0");
	g = item(key(host, "guests"), 0);
	expect_at(g, "hosts.one.guests.web 15 memory=10 vcpus=7 os=16");
	expect_at(item(key(g, "disks"), 0), "hosts.one.guests.web.disk 15");
	expect_at(item(key(g, "disks"), 1), "hosts.one.guests.web.disks[0] 21");
	expect_at(item(key(g, "disks"), 2), "hosts.one.guests.web.disks[1] 22 type=23");
	expect_at(item(key(g, "nics"), 0), "hosts.one.guests.web 15 address=19");
	/* copies are written once */
	g = item(key(host, "guests"), 1);
	expect_at(g, "hosts.one.guests.web 15 memory=10 vcpus=7 os=16");
	expect_at(item(key(host, "mappings"), 1), "hosts.one.guests.web.ports[1] 26 internal=27");
	expect_at(item(key(host, "mappings"), 2), "hosts.one.guests.web.ports[0] 25");
	lab_run_end(&t.r);
}
END_TEST

START_TEST(included_files_are_numbered)
{
	struct view_run t;
	struct ct_value g, host;

	begin(&t, two_hosts);
	ck_assert(sv_eq(value_sv(item(key(key(t.view.all, "lab"), "files"), 1)), SV("more.yaml")));
	host = t.view.hosts[1];
	expect_at(host, "hosts.two 3@1");
	expect_at(item(key(host, "networks"), 1), "hosts.two.networks.corp 5@1");
	g = item(key(host, "guests"), 0);
	expect_at(g, "hosts.two.guests.db 7@1 vcpus=7 os=8@1");
	expect_at(item(key(g, "nics"), 0), "hosts.two.guests.db.nics[0] 10@1 address=11@1");
	lab_run_end(&t.r);
}
END_TEST

START_TEST(one_host_has_short_paths)
{
	struct view_run t;
	struct ct_value g;

	begin(&t, one_host);
	expect_at(t.view.hosts[0], "host 4");
	expect_at(item(key(t.view.hosts[0], "networks"), 0), "host.network 0");
	g = item(key(t.view.hosts[0], "guests"), 1);
	expect_at(g, "guests.b 10 memory.startup=9 os=7");
	expect_at(item(key(g, "nics"), 0), "guests.b 10 network=12");
	lab_run_end(&t.r);
}
END_TEST

Suite *test_view_suite(void)
{
	Suite *s = suite_create("view");
	TCase *c = tcase_create("places");

	tcase_add_test(c, rows_name_their_lines);
	tcase_add_test(c, included_files_are_numbered);
	tcase_add_test(c, one_host_has_short_paths);
	tcase_add_test(c, shared_seeds_name_what_they_read);
	tcase_add_test(c, finished_alike_is_what_is_read);
	suite_add_tcase(s, c);
	return s;
}
