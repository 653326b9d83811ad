/* Catalogues, and the lowering of a spec: defaults, copies, seats, automatic values, connections, groups. */
#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "lab_help.h"

Suite *test_model_suite(void);

#define HEAD "labc: 1\nname: t\ntarget: lab-services\n"
#define HOST HEAD "host: { size: Large (nested virtualization) }\n"

/* --- catalogues --- */

START_TEST(sizes_have_many_names)
{
	static const char *const names[] = { "Medium (Nested virtualization)",
					     "medium(nestedvirtualization)",
					     "Virtualization",
					     "CLASSIC_DSV4_4_16GB_128_P_SSD",
					     "standard_d4s_v4",
					     " Medium  (nested   virtualization) " };
	const struct lab_size *first = catalogue_lab_size(sv_from(names[0]));

	ck_assert_ptr_nonnull(first);
	ck_assert_uint_eq(first->units, 55);
	for (size_t i = 0; i < COUNTOF(names); i++)
		ck_assert_msg(catalogue_lab_size(sv_from(names[i])) == first, "%s", names[i]);
	ck_assert_ptr_null(catalogue_lab_size(SV("Medium (nested)")));
	ck_assert_ptr_null(catalogue_lab_size(SV("")));
	ck_assert(sv_eq(catalogue_size_near(SV("Large (Nested virtualisation)"), true),
			SV("Large (nested virtualization)")));
	ck_assert(sv_eq(catalogue_size_near(SV("D8s_v5"), false), SV("Standard_D8s_v5")));
	ck_assert_uint_eq(catalogue_size_near(SV("an elephant"), true).n, 0);
}
END_TEST

START_TEST(azure_sizes_are_sound)
{
	size_t nested = 0;

	ck_assert_uint_eq(azure_sizes_count, 255);
	ck_assert_uint_eq(azure_series_count, 29);
	for (size_t i = 0; i < azure_sizes_count; i++) {
		const struct azure_size *z = &azure_sizes[i];

		ck_assert_msg(z->vcpus && z->memory_mib && z->series && z->series->name, "%s", z->name);
		ck_assert_msg(z->series->flags & (AZ_GEN1 | AZ_GEN2), "%s", z->name);
		ck_assert_ptr_eq(catalogue_azure_size(sv_from(z->name)), z);
		nested += z->series->flags & AZ_NESTED ? 1 : 0;
	}
	ck_assert_uint_eq(nested, 202);
	ck_assert_uint_eq(azure_size_version(catalogue_azure_size(SV("Standard_D8s_v5"))), 5);
	ck_assert_uint_eq(azure_size_version(catalogue_azure_size(SV("Standard_B2s"))), 1);
}
END_TEST

START_TEST(catalogue_agrees_with_the_words)
{
	for (int i = 0; i < OS_COUNT; i++) {
		const struct os_info *o = &os_table[i];

		ck_assert_str_eq(o->id, guest_os_word((enum guest_os)i));
		ck_assert_msg(o->memory_mib >= o->min_memory_mib && o->disk_gib >= o->min_disk_gib, "%s",
			      o->id);
		ck_assert_msg(o->generations & o->generation, "%s", o->id);
		ck_assert_msg(!strncmp(o->source, "https://", 8), "%s", o->id);
	}
	for (int i = 0; i < HOST_OS_COUNT; i++)
		ck_assert_str_eq(host_os_table[i].id, host_os_word((enum host_os)i));
	for (int i = 0; i < TARGET_COUNT; i++)
		ck_assert_str_eq(target_table[i].id, target_word((enum target)i));
}
END_TEST

START_TEST(time_zones)
{
	const struct time_zone *z = catalogue_zone(SV("Europe/Madrid"));

	ck_assert_ptr_nonnull(z);
	ck_assert_str_eq(z->windows, "Romance Standard Time");
	ck_assert(sv_eq(catalogue_zone_first(z), SV("Europe/Paris")));
	ck_assert_ptr_nonnull(catalogue_zone(SV("UTC")));
	ck_assert_ptr_null(catalogue_zone(SV("europe/madrid")));
	ck_assert_ptr_null(catalogue_zone(SV("Romance Standard Time")));
	ck_assert(sv_eq(catalogue_zone_near(SV("Romance Standard Time")), SV("Europe/Paris")));
	ck_assert(sv_eq(catalogue_zone_near(SV("Europe/Madird")), SV("Europe/Madrid")));
	ck_assert(sv_eq(catalogue_zone_near(SV("europe/madrid")), SV("Europe/Madrid")));
}
END_TEST

START_TEST(reserved_names_and_ports)
{
	ck_assert(catalogue_user_is_banned(SV("Administrator")));
	ck_assert(!catalogue_user_is_banned(SV("labadmin")));
	ck_assert_ptr_nonnull(catalogue_reserved_port(3389, false, false));
	ck_assert_ptr_nonnull(catalogue_reserved_port(65330, true, true));
	ck_assert_ptr_null(catalogue_reserved_port(65330, true, false));
	ck_assert_ptr_null(catalogue_reserved_port(3390, false, true));
	ck_assert_uint_eq(catalogue_service_port(SV("rdp")), 3389);
}
END_TEST

START_TEST(prefixes)
{
	struct v_prefix p = { .v = 0xc0a80000u, .len = 24 }, q = { .v = 0xc0a80080u, .len = 25 },
			one = { .v = 5, .len = 32 };

	ck_assert_uint_eq(prefix_first(p), 0xc0a80001u);
	ck_assert_uint_eq(prefix_last(p), 0xc0a800feu);
	ck_assert_uint_eq(prefix_broadcast(p), 0xc0a800ffu);
	ck_assert_uint_eq(prefix_first(one), 5);
	ck_assert_uint_eq(prefix_last(one), 5);
	ck_assert(prefix_has(p, 0xc0a80042u));
	ck_assert(!prefix_has(q, 0xc0a80042u));
	ck_assert(prefix_overlaps(p, q) && prefix_overlaps(q, p));
	ck_assert(prefix_has((struct v_prefix){ .v = 0, .len = 0 }, 0xffffffffu));
	ck_assert(ip_is_private(0x0a000001u) && ip_is_private(0xac1fffffu) && !ip_is_private(0xac200000u));
}
END_TEST

/* --- lowering --- */

START_TEST(defaults_of_the_catalogue)
{
	struct lab_run r;
	const struct lab_guest *g;

	lab_run_begin(&r,
		      HOST "guests:\n  desk: { os: windows-11 }\n  box: { os: rocky-9, generation: 1 }\n");
	g = lab_run_guest(&r, 0, "desk");
	ck_assert_int_eq(g->vcpus.v, 2);
	ck_assert_uint_eq(g->startup.v, 4 * GIB);
	ck_assert_uint_eq(g->disks[0].size.v, 64 * GIB);
	ck_assert_int_eq(g->disks[0].size.m.origin, ORIGIN_CATALOGUE);
	ck_assert(g->tpm.v && g->boot == BOOT_WINDOWS && !g->processor_compatibility.v &&
		  g->remote_desktop.v);
	ck_assert_int_eq(g->automatic_start.v, START_IF_RUNNING);
	ck_assert_int_eq(g->configure.v, CONFIGURE_UNATTEND);
	g = lab_run_guest(&r, 0, "box");
	ck_assert(g->boot == BOOT_OFF && !g->tpm.v && !g->remote_desktop.v);
	ck_assert(sv_eq(g->disks[0].file, SV("box.vhdx")));
	ck_assert(sv_eq(r.lab.hosts[0].sku, SV("Classic_Dsv4_8_32GB_128_P_SSD")));
	ck_assert_uint_eq(r.lab.hosts[0].networks[0].gateway.v, 0xc0a80001u);
	lab_run_end(&r);
}
END_TEST

START_TEST(parent_makes_a_disk_differencing)
{
	struct lab_run r;
	const struct lab_guest *g;

	lab_run_begin(&r, HOST "guests:\n  web:\n    os: debian-12\n    disk: { parent: 'C:\\b.vhdx' }\n"
			       "    disks: [{ parent: 'C:\\d.vhdx', type: fixed }, { size: 8 GiB }]\n");
	g = lab_run_guest(&r, 0, "web");
	ck_assert_int_eq(g->disks[0].type.v, DISK_DIFFERENCING);
	ck_assert_int_eq(g->disks[0].type.m.origin, ORIGIN_DERIVED);
	ck_assert_int_eq(g->disks[1].type.v, DISK_FIXED); /* LAB0447 */
	ck_assert_int_eq(g->disks[2].type.v, DISK_DYNAMIC);
	lab_run_end(&r);
}
END_TEST

START_TEST(copies_step_by_one)
{
	struct lab_run r;
	const struct lab_guest *g;

	lab_run_begin(&r, HOST "guests:\n  web:\n    os: debian-12\n    memory: 2 GiB\n    count: 3\n    "
			       "hostname: www\n"
			       "    address: 192.168.0.21\n    ports: [\"8081:80\"]\n");
	ck_assert_uint_eq(r.lab.hosts[0].n_guests, 3);
	g = lab_run_guest(&r, 0, "web-3");
	ck_assert_ptr_nonnull(g);
	ck_assert_uint_eq(g->nics[0].address.v, 0xc0a80017u);
	ck_assert_uint_eq(g->mappings[0].external.v, 8083);
	ck_assert_uint_eq(g->mappings[0].internal.v, 80);
	ck_assert(sv_eq(g->hostname, SV("www-3")));
	ck_assert_ptr_eq(lab_run_guest(&r, 0, "web"), lab_run_guest(&r, 0, "web-1"));
	lab_run_end(&r);
}
END_TEST

START_TEST(seats_on_one_server)
{
	struct lab_run r;
	const struct lab_guest *a, *b;

	lab_run_begin(
		&r, "labc: 1\nname: t\ntarget: hyper-v\ntargets:\n  hyper-v: { port_step: 50 }\n"
		    "host:\n  size: { vcpus: 64, memory: 256 GiB }\n  seats: 4\n  networks:\n    lan: { "
		    "kind: private, subnet: 172.16.5.0/24 }\n"
		    "guests:\n  web:\n    os: debian-12\n    nics: [{ network: nat }, { network: lan, "
		    "address: 172.16.5.9 }]\n"
		    "    ports: [\"22000:22\"]\n  db: { os: debian-12, network: lan, start_after: [web] }\n");
	ck_assert_uint_eq(r.lab.hosts[0].n_guests, 8);
	a = lab_run_guest(&r, 0, "web-s01");
	b = lab_run_guest(&r, 0, "web-s04");
	ck_assert(a && b);
	ck_assert_ptr_ne(a->nics[1].network, b->nics[1].network);
	ck_assert_uint_eq(b->nics[1].address.v, a->nics[1].address.v);
	ck_assert_uint_ne(b->nics[0].address.v, a->nics[0].address.v);
	ck_assert_uint_eq(b->mappings[0].external.v, 22150);
	ck_assert_ptr_eq(lab_run_guest(&r, 0, "db-s04")->start_after[0], b);
	ck_assert(sv_eq(b->nics[1].network->switch_name.v, SV("lan-s04")));
	lab_run_end(&r);
}
END_TEST

/* A guest added last moves no automatic address or port. */
START_TEST(automatic_values_stay)
{
	struct lab_run r, s;

#define GUESTS                                                                                               \
	"guests:\n  a: { os: debian-12, ports: [{ external: auto, internal: 22 }] }\n"                       \
	"  b: { os: debian-12, ports: [{ external: auto, internal: 22 }, { external: auto, internal: 80 }] " \
	"}\n"                                                                                                \
	"  c: { os: debian-12, address: 192.168.0.30 }\n"
	lab_run_begin(&r, HOST GUESTS);
	lab_run_begin(&s, HOST GUESTS "  d: { os: debian-12, ports: [{ external: auto, internal: 22 }] }\n");
	for (uint32_t i = 0; i < 3; i++) {
		const struct lab_guest *x = &r.lab.hosts[0].guests[i], *y = &s.lab.hosts[0].guests[i];

		ck_assert_uint_eq(x->nics[0].address.v, y->nics[0].address.v);
		for (uint32_t k = 0; k < x->n_mappings; k++) {
			ck_assert_uint_eq(x->mappings[k].external.v, y->mappings[k].external.v);
			ck_assert_uint_ge(x->mappings[k].external.v, 20000);
			ck_assert_uint_le(x->mappings[k].external.v, 29999);
		}
		if (i < 2) {
			ck_assert_uint_ge(x->nics[0].address.v & 255, 10);
			ck_assert_uint_le(x->nics[0].address.v & 255, 99);
		}
	}
	lab_run_end(&r);
	lab_run_end(&s);
}
END_TEST

/* A small subnet is used to its last address, the gateway spared. */
START_TEST(small_subnet_is_filled)
{
	struct lab_run r;

	lab_run_begin(&r,
		      "labc: 1\nname: t\ntarget: hyper-v\nhost:\n  size: { vcpus: 64, memory: 256 GiB }\n"
		      "  network: { subnet: 192.168.9.0/29 }\nguests:\n  g: { os: debian-12, count: 5 }\n");
	ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 0, "%s", lab_run_report(&r));
	for (uint32_t i = 0; i < 5; i++) {
		uint32_t ip = r.lab.hosts[0].guests[i].nics[0].address.v;

		ck_assert(ip > 0xc0a80901u && ip < 0xc0a80907u);
	}
	lab_run_end(&r);
}
END_TEST

START_TEST(start_order_moves_as_little_as_needed)
{
	struct lab_run r;
	const struct lab_host *h;

	lab_run_begin(&r, HOST "guests:\n  a: { os: debian-12, start_after: [c] }\n  b: { os: debian-12 }\n  "
			       "c: { os: debian-12 }\n");
	h = &r.lab.hosts[0];
	ck_assert(sv_eq(h->start_order[0]->name, SV("c")));
	ck_assert(sv_eq(h->start_order[1]->name, SV("a")));
	ck_assert(sv_eq(h->start_order[2]->name, SV("b")));
	lab_run_end(&r);
}
END_TEST

#define TWO                                                                                                  \
	HEAD "defaults:\n  host: { size: Medium (nested virtualization) }\n  guest: { os: debian-12 }\n"     \
	     "hosts:\n  one:\n    address: 10.0.0.8\n    guests:\n      a: { address: 192.168.0.10, ports: " \
	     "[\"2222:22\"] }\n      b: {}\n"                                                                \
	     "  two:\n    address: 10.0.0.9\n    guests:\n      a: { address: 192.168.0.10, ports: "         \
	     "[\"2222:22\"] }\n      b: {}\n"

START_TEST(connections_know_what_is_typed)
{
	struct lab_run r;
	const struct lab_connection *c;

	lab_run_begin(&r,
		      TWO "connections:\n  - { from: [two, one/b], to: one/a, service: ssh, user: ann }\n");
	ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 0, "%s", lab_run_report(&r));
	/* Within the host straight to the guest, from the other one by the mapping. */
	ck_assert_uint_eq(r.lab.n_connections, 2);
	c = &r.lab.connections[0];
	ck_assert(c->local && c->port == 22 && c->address.v == 0xc0a8000au && !c->mapping);
	c = &r.lab.connections[1];
	ck_assert(!c->local && c->port == 2222 && c->internal_port == 22 && c->address.v == 0x0a000008u);
	ck_assert_int_eq(lab_run_guest(&r, 0, "a")->automatic_start.v, START_ALWAYS);
	lab_run_end(&r);
}
END_TEST

START_TEST(equal_hosts_are_one_lab)
{
	struct lab_run r;

	lab_run_begin(&r, TWO);
	ck_assert_uint_eq(r.lab.n_groups, 1);
	ck_assert_uint_eq(r.lab.groups[0].capacity, 2);
	ck_assert(sv_eq(r.lab.groups[0].name, SV("t")));
	lab_run_end(&r);
	lab_run_begin(&r, TWO "  three:\n    guests:\n      a: { address: 192.168.0.10, vcpus: 4 }\n");
	ck_assert_uint_eq(r.lab.n_groups, 2);
	ck_assert(sv_eq(r.lab.groups[1].name, SV("t-three")));
	lab_run_end(&r);
}
END_TEST

START_TEST(target_decides_defaults)
{
	struct lab_run r;

	lab_run_begin(&r, "labc: 1\nname: t\ntarget: azure-vm\nhost: { size: Medium (nested virtualization) "
			  "}\nguests:\n  a: { os: debian-12 }\n");
	ck_assert(sv_eq(r.lab.hosts[0].vm_size, SV("Standard_D4s_v4")));
	ck_assert(sv_eq(r.lab.hosts[0].data.v, SV("F:\\labc\\t")));
	ck_assert(!r.lab.hosts[0].admin_students.v);
	ck_assert_int_eq(r.lab.hosts[0].resume.v, RESUME_TASK);
	ck_assert_uint_eq(r.lab.n_groups, 0);
	lab_run_end(&r);
	lab_run_begin(&r, "labc: 1\nname: t\ntarget: hyper-v\nhost: { size: { vcpus: 8, memory: 32 GiB } "
			  "}\nguests:\n  a: { os: debian-12 }\n");
	ck_assert_uint_eq(r.lab.hosts[0].networks[0].subnet.v >> 16, 0xac1d);
	ck_assert(r.lab.hosts[0].dns_for_guests.is_host);
	ck_assert(!lab_run_guest(&r, 0, "a")->processor_compatibility.v);
	lab_run_end(&r);
}
END_TEST

START_TEST(too_many_guests_are_refused)
{
	struct lab_run r;

	lab_run_begin(&r, "labc: 1\nname: t\ntarget: hyper-v\nhost:\n  size: { vcpus: 8, memory: 32 GiB }\n  "
			  "seats: 9000000000000000000\n"
			  "guests:\n  a: { os: debian-12, count: 1000 }\n");
	ck_assert_uint_eq(lab_run_count(&r, "LAB0213", SEV_NOTE), 1);
	lab_run_end(&r);
}
END_TEST

/* One mistake, one finding: what a lost key was to say is not guessed from a default. */
START_TEST(what_a_lost_key_said_is_not_guessed)
{
	static const char *const stray =
		"labc: 1\nname: t\ntarget: hyper-v\nhost:\n  size: { vcpus: 8, memory: 32 GiB }\n"
		"  network:\n    %s: 172.29.50.0/24\n    gateway: 172.29.50.1\n"
		"guests:\n  a: { os: debian-12, address: 172.29.50.20 }\n";
	static const char *const keys[] = { "word", "[word]", "null" };
	struct lab_run r;
	char text[400];

	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), stray, keys[i]);
		lab_run_begin(&r, text);
		ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 1, "%s", lab_run_report(&r));
		lab_run_end(&r);
	}
	/* neither its networks nor its seats are missing as well */
	lab_run_begin(&r, "labc: 1\nname: t\ntarget: lab-services\nguests:\n"
			  "  a: { os: debian-12, network: lan }\n  b: { os: debian-12, ports: ['23:22'] }\n"
			  "connections:\n  - { from: neighbour, to: b, service: ssh }\n");
	ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 1, "%s", lab_run_report(&r));
	ck_assert_uint_eq(lab_run_count(&r, "LAB0140", SEV_ERROR), 1);
	lab_run_end(&r);
}
END_TEST

Suite *test_model_suite(void)
{
	Suite *s = suite_create("model");
	TCase *c = tcase_create("catalogue"), *l = tcase_create("lowering");

	tcase_add_test(c, sizes_have_many_names);
	tcase_add_test(c, azure_sizes_are_sound);
	tcase_add_test(c, catalogue_agrees_with_the_words);
	tcase_add_test(c, time_zones);
	tcase_add_test(c, reserved_names_and_ports);
	tcase_add_test(c, prefixes);
	tcase_add_test(l, defaults_of_the_catalogue);
	tcase_add_test(l, copies_step_by_one);
	tcase_add_test(l, parent_makes_a_disk_differencing);
	tcase_add_test(l, seats_on_one_server);
	tcase_add_test(l, automatic_values_stay);
	tcase_add_test(l, small_subnet_is_filled);
	tcase_add_test(l, start_order_moves_as_little_as_needed);
	tcase_add_test(l, connections_know_what_is_typed);
	tcase_add_test(l, equal_hosts_are_one_lab);
	tcase_add_test(l, target_decides_defaults);
	tcase_add_test(l, too_many_guests_are_refused);
	tcase_add_test(l, what_a_lost_key_said_is_not_guessed);
	suite_add_tcase(s, c);
	suite_add_tcase(s, l);
	return s;
}
