/* Where the rows of a script's table are written: view_place.c. */
#include <string.h>

#include "ctemplate/value.h"
#include "emit/seed.h"
#include "emit/seed_like.h"
#include "emit/view.h"

#include "lab_help.h"

static bool is_listed(const char *const *keys, struct sv key)
{
	while (*keys && !sv_eq(key, sv_from(*keys)))
		keys++;
	return *keys != NULL;
}

/* What follows each `word` in a template must be ".KEY" of a key that one of the lists has. */
static void expect_reads(const struct ct_embedded *e, const char *word, const char *const *of, const char *const *own)
{
	struct sv rest = { e->text, e->text_len };

	for (ptrdiff_t at; (at = sv_search(rest, sv_from(word))) >= 0;) {
		struct sv name;
		bool inside = at > 0 && (ch_is_alnum(rest.p[at - 1]) || rest.p[at - 1] == '_');

		rest = sv_sub(rest, (size_t)at + strlen(word), rest.n);
		if (inside || rest.p[0] != '.')
			continue;
		name = sv_sub(rest, 1, 1);
		while (rest.p[1 + name.n] == '_' || ch_is_lower(rest.p[1 + name.n]))
			name.n++;
		ck_assert_msg(is_listed(of, name) || is_listed(own, name) || sv_eq(name, SV("nics")), "%s reads %s." SV_FMT, e->name,
			      word, SV_ARG(name));
	}
}

static void expect_used(const struct ct_embedded *e, const char *const *keys)
{
	for (; *keys; keys++)
		ck_assert_msg(sv_search((struct sv){ e->text, e->text_len }, sv_from(*keys)) >= 0, "%s does not read %s",
			      e->name, *keys);
}

/* Guests share a document when what it reads of them is equal: the lists of that must be whole. */
START_TEST(shared_seeds_name_what_they_read)
{
	int shared = 0;

	for (size_t i = 0; i < ct_embedded_count; i++) {
		const struct ct_embedded *e = &ct_embedded_templates[i];
		const struct seed_reads *r = seed_reads_of(e->name);

		if (!r)
			continue;
		shared++;
		expect_reads(e, "guest", r->of, r->own);
		expect_reads(e, "n", r->nic_of, r->nic_own);
		expect_used(e, r->of);
		expect_used(e, r->own);
		expect_used(e, r->nic_of);
		expect_used(e, r->nic_own);
	}
	ck_assert_int_eq(shared, 3);
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
	struct ct_env *env;
	uint32_t src;
	bool ok = true;

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
	env = ct_env_new(&r->arena, &r->diags, NULL);
	ct_env_embedded(env, ct_embedded_templates, ct_embedded_count);
	t->view = view_lab(&r->arena, &r->lab, SV("lab.yaml"), env, &ok);
	ck_assert(ok);
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
	expect_at(g, "hosts.one.guests.web 15 memory=10 vcpus=7 os=16 address=19");
	expect_at(item(key(g, "disks"), 0), "hosts.one.guests.web.disk 15");
	expect_at(item(key(g, "disks"), 1), "hosts.one.guests.web.disks[0] 21");
	expect_at(item(key(g, "disks"), 2), "hosts.one.guests.web.disks[1] 22 type=23");
	ck_assert(key(item(key(g, "nics"), 0), "at").tag == CT_NONE);
	/* copies are written once */
	g = item(key(host, "guests"), 1);
	expect_at(g, "hosts.one.guests.web 15 memory=10 vcpus=7 os=16 address=19");
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
	expect_at(g, "guests.b 10 memory.startup=9 os=7 network=12");
	ck_assert(key(item(key(g, "nics"), 0), "at").tag == CT_NONE);
	lab_run_end(&t.r);
}
END_TEST

#define SEED_LAB                                                                                   \
	"labc: 1\n"                                                                                \
	"name: t\n"                                                                                \
	"target: lab-services\n"                                                                   \
	"host: { size: Large (nested virtualization) }\n"                                          \
	"defaults: { guest: { os: ubuntu-24.04, memory: 2 GiB, image: 'D:\\u.vhdx' } }\n"         \
	"guests:\n"
#define ONE   "  one: { address: 192.168.0.11 }\n"
#define TWO   "  two: { address: 192.168.0.12 }\n"
#define OTHER "  x: { address: 192.168.0.13, hostname: other }\n"
#define DHCP  "  y: { hostname: y.corp.test, provision: { packages: [nginx] } }\n"

/* A text, or the number of one that documents share. */
static void put_piece(struct buf *b, struct ct_value piece, struct ct_value shared)
{
	ck_assert(value_put(b, piece.tag == CT_INT ? item(shared, (size_t)piece.u.i) : piece, true));
}

static void put_doc(struct buf *b, struct ct_value doc, struct ct_value shared)
{
	struct ct_value text = key(doc, "text");

	ck_assert(value_put(b, key(doc, "path"), true));
	for (size_t i = 0; i < ct_count(text); i++) {
		struct ct_value line = item(text, i);

		buf_ch(b, '\n');
		if (line.tag != CT_LIST)
			put_piece(b, line, shared);
		else
			for (size_t k = 0; k < ct_count(line); k++)
				if (k % 2)
					ck_assert(value_put(b, item(line, k), true));
				else
					put_piece(b, item(line, k), shared);
	}
}

/* All that the seed of a guest says: its documents, each with the own texts. */
static struct sv seed_of(struct view_run *t, size_t guest)
{
	struct ct_value host = t->view.hosts[0], seed = key(item(key(host, "guests"), guest), "seed");
	struct buf b = { 0 };
	struct sv text;

	for (size_t i = 0; i < ct_count(seed); i++) {
		put_doc(&b, item(key(host, "seeds"), (size_t)key(item(seed, i), "of").u.i), key(host, "seed_shared"));
		ck_assert(value_put(&b, key(item(seed, i), "own"), true));
	}
	text = buf_take(&b, &t->r.arena);
	buf_release(&b);
	return text;
}

/* A seed taken over from the guest before is the one that would have been made. */
START_TEST(seeds_of_like_guests_are_as_if_made)
{
	static const char *const labs[] = { SEED_LAB ONE TWO, SEED_LAB ONE OTHER TWO, SEED_LAB OTHER TWO ONE, SEED_LAB DHCP TWO ONE,
					    SEED_LAB OTHER DHCP TWO };
	static const size_t two[] = { 1, 2, 1, 1, 2 };
	struct view_run first, t;

	begin(&first, labs[0]);
	ck_assert(sv_search(seed_of(&first, 1), SV("['two']")) >= 0);
	ck_assert(sv_search(seed_of(&first, 1), SV("192.168.0.12")) >= 0);
	for (size_t i = 1; i < COUNTOF(labs); i++) {
		begin(&t, labs[i]);
		ck_assert_msg(sv_eq(seed_of(&t, two[i]), seed_of(&first, 1)), "lab %zu: " SV_FMT "\nnot " SV_FMT, i,
			      SV_ARG(seed_of(&t, two[i])), SV_ARG(seed_of(&first, 1)));
		lab_run_end(&t.r);
	}
	lab_run_end(&first.r);
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
	tcase_add_test(c, seeds_of_like_guests_are_as_if_made);
	suite_add_tcase(s, c);
	return s;
}
