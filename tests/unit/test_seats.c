/* Seats of a server: what is copied, what the copies share, and what is said about them once. */
#include "lab_help.h"

Suite *test_seats_suite(void);

#define SERVER                                                                                       \
	"labc: 1\nname: t\ntarget: hyper-v\ntargets:\n  hyper-v: { address_step: 10, port_step: 50"
#define HOST                                                                                          \
	SERVER " }\nhost:\n  size: { vcpus: 64, memory: 256 GiB }\n  seats: 3\n"                       \
	       "  network: { subnet: 172.29.5.0/24 }\n"                                               \
	       "  networks:\n    lan: { kind: private, subnet: 172.16.5.0/24 }\n"
#define GUESTS                                                                                       \
	"guests:\n  web:\n    os: debian-12\n"                                                       \
	"    nics: [{ network: nat, address: 172.29.5.20 }, { network: lan, address: 172.16.5.9 }]\n" \
	"    ports: [\"22000:22\"]\n"                                                                 \
	"  db: { os: debian-12, network: lan, address: 172.16.5.10 }\n"

static const struct lab_connection *connection(const struct lab_run *r, uint32_t i)
{
	ck_assert_uint_lt(i, r->lab.n_connections);
	return &r->lab.connections[i];
}

START_TEST(every_seat_connects_to_its_own_copy)
{
	struct lab_run r;

	lab_run_begin(&r, HOST GUESTS "connections:\n  - { from: web, to: db, service: ssh }\n");
	ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 0, "%s", lab_run_report(&r));
	ck_assert_uint_eq(r.lab.n_connections, 3);
	for (uint32_t i = 0; i < 3; i++) {
		const struct lab_connection *c = connection(&r, i);

		ck_assert_uint_eq(c->seat, i + 1);
		ck_assert_uint_eq(c->from[0].guest->seat, i + 1);
		ck_assert_uint_eq(c->to.guest->seat, i + 1);
		ck_assert_uint_eq(c->address.v, 0xac10050au);
		/* who is reached is started, at every seat */
		ck_assert_int_eq(c->to.guest->automatic_start.v, START_ALWAYS);
	}
	lab_run_end(&r);
}
END_TEST

START_TEST(a_neighbour_is_the_next_seat)
{
	static const uint32_t address[] = { 0xac1d051eu, 0xac1d0528u, 0xac1d0514u };
	struct lab_run r;

	lab_run_begin(&r, HOST GUESTS "connections:\n  - { from: neighbour, to: web, service: ssh }\n");
	ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 0, "%s", lab_run_report(&r));
	ck_assert_uint_eq(r.lab.n_connections, 3);
	for (uint32_t i = 0; i < 3; i++) {
		const struct lab_connection *c = connection(&r, i);

		ck_assert(c->local && !c->mapping);
		ck_assert_uint_eq(c->to.guest->seat, (i + 1) % 3 + 1);
		ck_assert_uint_eq(c->address.v, address[i]);
		ck_assert_uint_eq(c->port, 22);
	}
	lab_run_end(&r);
}
END_TEST

START_TEST(a_neighbour_does_not_reach_private_networks)
{
	struct lab_run r;

	lab_run_begin(&r, HOST GUESTS "connections:\n  - { from: neighbour, to: db, service: ssh }\n");
	ck_assert_uint_eq(lab_run_count(&r, "LAB0616", SEV_NOTE), 1);
	ck_assert_ptr_nonnull(strstr(lab_run_report(&r),
				     "a neighbour on 'host' is not in the private network of 'db'"));
	lab_run_end(&r);
}
END_TEST

START_TEST(one_copy_may_be_named)
{
	struct lab_run r;

	lab_run_begin(&r, HOST GUESTS "connections:\n  - { from: web, to: web-s02, service: ssh }\n"
				      "  - { from: web-s01, to: web-s03, service: ssh }\n");
	ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 0, "%s", lab_run_report(&r));
	ck_assert_uint_eq(r.lab.n_connections, 4);
	for (uint32_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(connection(&r, i)->from[0].guest->seat, i + 1);
		ck_assert_uint_eq(connection(&r, i)->to.guest->seat, 2);
	}
	ck_assert_uint_eq(connection(&r, 3)->to.guest->seat, 3);
	ck_assert_uint_eq(connection(&r, 3)->seat, 0);
	lab_run_end(&r);
}
END_TEST

/* `count` and seats: "web-2" without a seat is the first seat's. */
START_TEST(a_copy_goes_without_its_seat)
{
	struct lab_run r;

	lab_run_begin(&r, HOST "guests:\n  web: { os: debian-12, count: 2 }\n"
			       "  db: { os: debian-12, start_after: [web-2] }\n"
			       "connections:\n  - { from: db, to: web-2, service: ssh }\n");
	ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 0, "%s", lab_run_report(&r));
	ck_assert_uint_eq(r.lab.n_connections, 3);
	ck_assert(sv_eq(connection(&r, 2)->to.guest->name, SV("web-2-s03")));
	ck_assert(sv_eq(lab_run_guest(&r, 0, "db-s03")->start_after[0]->name, SV("web-2-s03")));
	lab_run_end(&r);
}
END_TEST

/* Mappings of another server's seats; its own finding stands where it is written, once. */
START_TEST(findings_of_copies_are_reported_once)
{
	struct lab_run r;

	lab_run_begin(&r, SERVER " }\nhost:\n  size: { vcpus: 64, memory: 256 GiB }\n  seats: 20\n"
				 "  network: { subnet: 172.29.5.0/24 }\n"
				 "guests:\n  web: { os: debian-12, address: 172.29.5.200, ports: [\"22000:22\"] }\n");
	ck_assert_uint_eq(lab_run_count(&r, NULL, SEV_WARNING), 1);
	ck_assert_uint_eq(lab_run_count(&r, "LAB0816", SEV_NOTE), 1);
	ck_assert_ptr_nonnull(strstr(lab_run_report(&r), "lab.yaml:8:10: error[LAB0816]: seat 7 of 20 has no place in "
				     "172.29.5.0/24: 'web-s07' would get 172.29.6.4, outside of it"));
	lab_run_end(&r);
}
END_TEST

/* One lab of one guest line per row: what its third seat does not get. */
static void expect_seat(const char *host, const char *guests, const char *code, const char *text)
{
	struct lab_run r;
	struct buf b = { 0 };

	buf_fmt(&b, "%s }\nhost:\n  size: { vcpus: 64, memory: 256 GiB }\n  seats: 3\n%sguests:\n%s", SERVER, host, guests);
	buf_ch(&b, '\0');
	lab_run_begin(&r, b.p);
	ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 1 && lab_run_count(&r, code, SEV_NOTE) == 1 &&
			      strstr(lab_run_report(&r), text),
		      "%s: %s", text, lab_run_report(&r));
	lab_run_end(&r);
	buf_release(&b);
}

START_TEST(what_seats_take_from_each_other)
{
	expect_seat("  network: { subnet: 172.29.5.0/24 }\n",
		    "  a: { os: debian-12, address: 172.29.5.40 }\n  b: { os: debian-12, address: 172.29.5.30 }\n",
		    "LAB0816", "seat 2 of 3 has no place in 172.29.5.0/24: 'b-s02' would get 172.29.5.40, which 'a-s01' has");
	expect_seat("  network: { subnet: 172.29.5.0/27 }\n", "  a: { os: debian-12, address: 172.29.5.11 }\n", "LAB0816",
		    "'a-s03' would get 172.29.5.31, its broadcast address");
	expect_seat("  network: { subnet: 172.29.5.0/27 }\n", "  a: { os: debian-12, address: 172.29.5.11 }\n", "LAB0816",
		    "2 seats fit in steps of 10: write `subnet: 172.29.5.0/26`, another `address_step`");
	expect_seat("  network: { subnet: 172.29.5.0/30 }\n", "  a: { os: debian-12 }\n", "LAB0816",
		    "seat 2 of 3 has no place in 172.29.5.0/30: no address is left for 'a-s02'");
	expect_seat("", "  a: { os: debian-12, ports: [\"22000:22\"] }\n  b: { os: debian-12, ports: [\"22100:22\"] }\n",
		    "LAB0817", "seat 3 of 3 has no external port: 'a-s03' would get tcp port 22100, which 'b-s01' has");
	expect_seat("", "  a: { os: debian-12, ports: [\"3289:22\"] }\n", "LAB0817",
		    "'a-s03' would get tcp port 3389, which is taken: Remote Desktop");
	expect_seat("", "  lecture-hall: { os: windows-server-2022, licence: evaluation }\n", "LAB0818",
		    "with its seat a computer name has at most 15 characters, and 'lecture-hall-s01' has 16");
	expect_seat("", "  a: { os: debian-12, nics: [{ network: nat, mac: 02-00-00-00-00-01 }] }\n"
			"  b: { os: debian-12, nics: [{ network: nat, mac: 02-00-00-00-00-03 }] }\n",
		    "LAB0816", "seat 3 of 3 has no MAC addresses of its own: 'a-s03' would get that of 'b-s01'");
}
END_TEST

/* What the first seat has wrong is not said again of the others, and keeps its own code. */
START_TEST(the_first_seats_mistakes_are_its_own)
{
	expect_seat("  network: { subnet: 172.29.5.0/24 }\n", "  a: { os: debian-12, address: 172.29.6.9 }\n", "LAB0507",
		    "172.29.6.9 lies outside the subnet");
	expect_seat("  network: { subnet: 172.29.5.0/24 }\n",
		    "  a: { os: debian-12, address: 172.29.5.40 }\n  b: { os: debian-12, address: 172.29.5.40 }\n",
		    "LAB0508", "have the address 172.29.5.40");
	expect_seat("", "  main-lecture-hall: { os: windows-server-2022, licence: evaluation }\n", "LAB0701", "Windows takes at most 15");
	expect_seat("", "  a: { os: debian-12, count: 2, ports: [\"65535:22\"] }\n", "LAB0619",
		    "a copy's external port is beyond 65535");
}
END_TEST

/* A class for another target: its students are the seats, however many. */
START_TEST(students_become_seats)
{
	struct lab_run r;

	lab_run_target(&r, TARGET_HYPER_V,
		       "labc: 1\nname: t\ntarget: azure-vm\nquota: { students: 90000000 }\nhost:\n"
		       "  size: Standard_D8s_v5\nguests:\n  a: { os: debian-12 }\n");
	ck_assert_uint_eq(lab_run_count(&r, "LAB0213", SEV_NOTE), 1);
	ck_assert_ptr_nonnull(strstr(lab_run_report(&r), "lab.yaml:4:20: error[LAB0213]"));
	lab_run_end(&r);
}
END_TEST

START_TEST(sums_see_every_seat)
{
	struct lab_run r;

	lab_run_begin(&r, SERVER " }\nhost:\n  size: { vcpus: 64, memory: 64 GiB, disk: 100 GiB }\n  seats: 20\n"
				 "guests:\n  web: { os: debian-12, vcpus: 4, memory: 4 GiB, disk: 20 GiB }\n");
	ck_assert_uint_eq(lab_run_count(&r, "LAB0301", SEV_NOTE), 1);
	ck_assert_uint_eq(lab_run_count(&r, "LAB0304", SEV_NOTE), 1);
	ck_assert_ptr_nonnull(strstr(lab_run_report(&r), "have 80 vCPUs together"));
	ck_assert_ptr_nonnull(strstr(lab_run_report(&r), "can grow to 400 GiB"));
	lab_run_end(&r);
}
END_TEST

START_TEST(too_many_connections_are_refused)
{
	struct lab_run r;
	struct buf b = { 0 };

	buf_str(&b, "labc: 1\nname: t\ntarget: hyper-v\nhost:\n  size: { vcpus: 8, memory: 32 GiB }\n  seats: 90000\n"
		    "guests:\n  a: { os: debian-12 }\n  b: { os: debian-12 }\nconnections:\n");
	for (int i = 0; i < 5; i++)
		buf_str(&b, "  - { from: a, to: b, service: ssh }\n");
	buf_ch(&b, '\0');
	lab_run_begin(&r, b.p);
	ck_assert_uint_eq(lab_run_count(&r, "LAB0213", SEV_NOTE), 1);
	ck_assert_uint_eq(r.lab.n_connections, 180000);
	lab_run_end(&r);
	buf_release(&b);
}
END_TEST

/* --- the server's NAT and its switch to the outside --- */

START_TEST(a_slice_shares_the_nat)
{
	struct lab_run r;
	const struct lab_network *n;

	lab_run_begin(&r, HOST GUESTS);
	n = &r.lab.hosts[0].networks[0];
	ck_assert_uint_eq(n->nat_prefix.v, 0xac1d0000u);
	ck_assert_uint_eq(n->nat_prefix.len, 16);
	lab_run_end(&r);
	lab_run_begin(&r, SERVER " }\nhost:\n  size: { vcpus: 8, memory: 32 GiB }\n"
				 "  network: { subnet: 192.168.5.0/24 }\nguests:\n  a: { os: debian-12 }\n");
	n = &r.lab.hosts[0].networks[0];
	ck_assert_uint_eq(n->nat_prefix.v, 0xc0a80500u);
	ck_assert_uint_eq(n->nat_prefix.len, 24);
	lab_run_end(&r);
}
END_TEST

START_TEST(the_external_switch_is_known_by_its_name)
{
	struct lab_run r;
	const struct lab_host *h;

	lab_run_begin(&r, SERVER ", external_switch: School }\nhost:\n  size: { vcpus: 8, memory: 32 GiB }\n"
				 "  networks:\n    school: { kind: internal, switch: school }\n    lan: { kind: internal }\n"
				 "guests:\n  a: { os: debian-12, nics: [{ network: school }, { network: lan }] }\n");
	h = &r.lab.hosts[0];
	ck_assert(h->networks[1].is_external);
	ck_assert(!h->networks[2].is_external);
	lab_run_end(&r);
}
END_TEST

Suite *test_seats_suite(void)
{
	Suite *s = suite_create("seats");
	TCase *c = tcase_create("seats");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, every_seat_connects_to_its_own_copy);
	tcase_add_test(c, a_neighbour_is_the_next_seat);
	tcase_add_test(c, a_neighbour_does_not_reach_private_networks);
	tcase_add_test(c, one_copy_may_be_named);
	tcase_add_test(c, a_copy_goes_without_its_seat);
	tcase_add_test(c, findings_of_copies_are_reported_once);
	tcase_add_test(c, what_seats_take_from_each_other);
	tcase_add_test(c, the_first_seats_mistakes_are_its_own);
	tcase_add_test(c, students_become_seats);
	tcase_add_test(c, sums_see_every_seat);
	tcase_add_test(c, too_many_connections_are_refused);
	tcase_add_test(c, a_slice_shares_the_nat);
	tcase_add_test(c, the_external_switch_is_known_by_its_name);
	suite_add_tcase(s, c);
	return s;
}
