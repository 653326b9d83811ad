/* The registry: its rows are well formed, and their examples show what they say. */
#include <string.h>

#include "lab_help.h"
#include "rules/across.h"
#include "rules/config.h"
#include "rules/rule.h"

Suite *test_rules_suite(void);

START_TEST(codes_are_unique_and_in_order)
{
	for (size_t i = 0; i + 1 < registry_count(); i++)
		ck_assert_msg(sv_cmp(sv_from(registry_row(i)->code), sv_from(registry_row(i + 1)->code)) < 0,
			      "%s twice", registry_row(i)->code);
	ck_assert_ptr_null(registry_row(registry_count()));
}
END_TEST

START_TEST(names_are_unique)
{
	struct arena a;
	struct map names;

	arena_init(&a, 0);
	map_init(&names, &a, false);
	for (size_t i = 0; i < registry_count(); i++) {
		const struct diag_info *row = registry_row(i);

		if (row->name)
			ck_assert_msg(!map_add(&names, sv_from(row->name), &a), "%s: name '%s' twice",
				      row->code, row->name);
	}
	arena_release(&a);
}
END_TEST

START_TEST(rows_are_complete)
{
	for (size_t i = 0; i < registry_count(); i++) {
		const struct diag_info *row = registry_row(i);
		struct sv summary = sv_from(row->summary);

		ck_assert_msg(summary.n > 0 && summary.n <= 72, "%s: summary of %zu bytes", row->code,
			      summary.n);
		ck_assert_msg(summary.p[summary.n - 1] != '.', "%s: summary ends with a period", row->code);
		if (!sv_starts(sv_from(row->code), SV("LAB0")) || row->code[4] < '2')
			continue;
		ck_assert_msg(row->name && *row->name, "%s has no name", row->code);
		ck_assert_msg(row->why && *row->why, "%s has no reason", row->code);
		ck_assert_msg(row->source && (!strncmp(row->source, "https://", 8) ||
					      !strncmp(row->source, "SPEC.md#", 8)),
			      "%s has no source", row->code);
	}
}
END_TEST

/* Examples of LAB015x are configurations, of LAB016x policies. */
static bool is_of_config(const struct diag_info *row)
{
	return row >= config_codes && row < config_codes + config_codes_count;
}

/* Findings of a configuration or policy; *own: those with the row's code. */
static uint32_t config_findings(const struct diag_info *row, const char *text, uint32_t *own)
{
	static const struct config_args none;
	struct configs c;
	struct config_file *f;
	uint32_t n;

	configs_init(&c, &none);
	f = row->code[5] == '5' ? configs_read_text(&c, SV("x.yaml"), sv_from(text))
				: configs_read_policy_text(&c, SV("x.yaml"), sv_from(text));
	*own = 0;
	for (size_t i = 0; i < f->diags.v.n; i++)
		*own += f->diags.v.v[i]->info == row;
	n = (uint32_t)f->diags.v.n;
	configs_release(&c);
	return n;
}

START_TEST(config_examples)
{
	const struct diag_info *row = &config_codes[_i];
	uint32_t own;

	if (row->bad) {
		ck_assert_msg(config_findings(row, row->bad, &own) == 1 && own == 1, "%s: the bad example:\n%s", row->code,
			      row->bad);
		ck_assert_msg(config_findings(row, row->good, &own) == 0, "%s: the good example:\n%s", row->code, row->good);
	}
}
END_TEST

/* With one check emptied, the bad example of its row must no longer pass its test: it proves that check and no other. */
START_TEST(emptied_check_is_noticed)
{
	const struct rule_table *t = rule_tables[_i];

	for (size_t k = 0; k < t->n; k++) {
		struct lab_run r;

		if (!t->rules[k].info.bad)
			continue;
		lab_run_begin_without(&r, t->rules[k].info.bad, &t->rules[k]);
		ck_assert_msg(lab_run_count(&r, t->rules[k].info.code, SEV_NOTE) == 0,
			      "%s is reported without its check", t->rules[k].info.code);
		lab_run_end(&r);
	}
}
END_TEST

/* A note's own examples are judged with notes, the others without. */
START_TEST(bad_example_yields_its_code)
{
	const struct diag_info *row = registry_row((size_t)_i);
	struct lab_run r;

	if (!row->bad || row->code[0] == 'T' || is_of_config(row))
		return;
	lab_run_begin(&r, row->bad);
	ck_assert_msg(lab_run_count(&r, row->code, SEV_NOTE) == 1, "%s is not reported once:\n%s\n%s",
		      row->code, row->bad, lab_run_report(&r));
	if (row->severity != SEV_NOTE)
		ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 1, "%s is not alone:\n%s\n%s",
			      row->code, row->bad, lab_run_report(&r));
	else
		ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 0, "%s comes with more:\n%s\n%s",
			      row->code, row->bad, lab_run_report(&r));
	lab_run_end(&r);
}
END_TEST

START_TEST(good_example_yields_nothing)
{
	const struct diag_info *row = registry_row((size_t)_i);
	struct lab_run r;

	if (!row->good || row->code[0] == 'T' || is_of_config(row))
		return;
	lab_run_begin(&r, row->good);
	ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 0 &&
			      lab_run_count(&r, row->code, SEV_NOTE) == 0,
		      "%s: the good example is not:\n%s\n%s", row->code, row->good, lab_run_report(&r));
	lab_run_end(&r);
}
END_TEST

START_TEST(find_by_code_and_name)
{
	ck_assert_ptr_nonnull(registry_find(SV("lab0301")));
	ck_assert_ptr_eq(registry_find(SV("memory-together")), registry_find(SV("LAB0301")));
	ck_assert_ptr_null(registry_find(SV("LAB9999")));
	ck_assert_str_eq(registry_near(SV("memory-togther")), "memory-together");
}
END_TEST

START_TEST(explain_says_everything)
{
	struct buf b = { 0 };

	ck_assert(registry_explain(&b, SV("LAB0301")));
	ck_assert(sv_search(buf_view(&b), SV("memory-together")) >= 0);
	ck_assert(sv_search(buf_view(&b), SV("https://")) >= 0);
	ck_assert(sv_search(buf_view(&b), SV("labc: ignore LAB0301")) >= 0);
	b.n = 0;
	ck_assert(!registry_explain(&b, SV("nothing")));
	b.n = 0;
	registry_markdown(&b);
	ck_assert(sv_search(buf_view(&b), SV("### LAB0601 mapping-collision")) >= 0);
	buf_release(&b);
}
END_TEST

#define HEAD "labc: 1\nname: t\ntarget: lab-services\n"

/* The value of a profile is wrong once, however many guests use it. */
START_TEST(shared_value_is_reported_once)
{
	struct lab_run r;

	lab_run_begin(&r, HEAD "profiles:\n  p: { os: debian-12, automatic_stop: turn-off, memory: 2 GiB }\n"
			       "host: { size: Large (nested virtualization) }\n"
			       "guests:\n  a: { profile: p }\n  b: { profile: p }\n  c: { profile: p }\n");
	ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 1, "%s", lab_run_report(&r));
	ck_assert_uint_eq(lab_run_count(&r, "LAB0418", SEV_NOTE), 1);
	lab_run_end(&r);
}
END_TEST

/* What cannot be read has no consequences. */
START_TEST(poisoned_values_are_silent)
{
	struct lab_run r;

	lab_run_begin(&r, HEAD
		      "host:\n  size: Huge (nested virtualization)\n  network: { subnet: 192.168.0.300/24 }\n"
		      "guests:\n  a: { os: debian-12, memory: 64 GiB, vcpus: 64, address: 10.9.9.9, ports: "
		      "[\"22:22\"] }\n");
	ck_assert_msg(lab_run_count(&r, NULL, SEV_WARNING) == 2, "%s", lab_run_report(&r));
	lab_run_end(&r);
}
END_TEST

START_TEST(arithmetic_is_shown)
{
	struct lab_run r;
	const char *text;

	lab_run_begin(&r, HEAD "host: { size: Medium (nested virtualization) }\n"
			       "guests:\n  a: { os: debian-12, memory: 12 GiB }\n  b: { os: debian-12, "
			       "memory: 12 GiB }\n");
	ck_assert_uint_eq(lab_run_count(&r, "LAB0301", SEV_NOTE), 1);
	text = lab_run_report(&r);
	ck_assert_ptr_nonnull(strstr(text, "28 GiB  needed"));
	ck_assert_ptr_nonnull(strstr(text, "16 GiB  host (Medium (nested virtualization))"));
	ck_assert_ptr_nonnull(strstr(text, "'Large (nested virtualization)' (8 vCPUs, 32 GiB)"));
	lab_run_end(&r);
}
END_TEST

#define SERVER                                                                                         \
	"target: hyper-v\nhost: { name: srv, size: { vcpus: 16, memory: 64 GiB }, network: { subnet: " \
	"10.1.1.0/24 } }\n"

#define WEB(port) "guests:\n  web: { os: debian-12, ports: [\"" port ":22\"] }\n"
#define ON(name, data, network, more)                                                            \
	"target: hyper-v\nhost: { " name "size: { vcpus: 16, memory: 64 GiB }, " data "network: { " network \
	" } " more "}\n"

/* Two specs of one run, and every finding that the second has because of the first. */
static const struct {
	const char *first, *second, *codes;
} pairs[] = {
	{ "labc: 1\nname: a\n" SERVER WEB("2222"), "labc: 1\nname: b\n" SERVER WEB("2222"),
	  "LAB0440 LAB0523 LAB0526 LAB0621" },
	/* a name on one server: nothing else is said, it follows */
	{ "labc: 1\nname: a\n" SERVER WEB("2222"), "labc: 1\nname: A\n" SERVER WEB("2222"), "LAB0822" },
	/* the names of guests, servers and switches ignore case */
	{ "labc: 1\nname: a\n" ON("name: srv, ", "", "subnet: 172.29.1.0/24, switch: x", "") WEB("1"),
	  "labc: 1\nname: b\n" ON("name: SRV, ", "", "subnet: 172.29.2.0/24, switch: X", "")
		  "guests: { WEB: { os: debian-12 } }\n",
	  "LAB0440 LAB0526" },
	/* slices of one NAT, nothing shared but it */
	{ "labc: 1\nname: a\n" ON("name: srv, ", "", "subnet: 172.29.1.0/24, switch: x", "") WEB("1"),
	  "labc: 1\nname: b\n" ON("name: srv, ", "", "subnet: 172.29.2.0/24, switch: y", "")
		  "guests: { w: { os: debian-12, ports: [\"2:22\"] } }\n",
	  "" },
	/* another server, and servers that nobody has named */
	{ "labc: 1\nname: a\n" SERVER WEB("2222"),
	  "labc: 1\nname: b\n" ON("name: other, ", "", "subnet: 10.1.1.0/24", "") WEB("2222"), "" },
	{ "labc: 1\nname: a\n" ON("", "", "subnet: 10.1.1.0/24", "") WEB("2222"),
	  "labc: 1\nname: b\n" ON("", "", "subnet: 10.1.1.0/24", "") WEB("2222"), "" },
	/* a subnet inside of another, and around one; a folder; a private network is nobody else's business */
	{ "labc: 1\nname: a\n" ON("name: srv, ", "data: 'D:\\labs', ", "subnet: 172.29.0.0/20, switch: x", "")
		  WEB("1"),
	  "labc: 1\nname: b\n" ON("name: srv, ", "data: 'd:\\LABS', ", "subnet: 172.29.4.0/24, switch: y", "")
		  "guests: { w: { os: debian-12 } }\n",
	  "LAB0446 LAB0523" },
	{ "labc: 1\nname: a\n" ON("name: srv, ", "", "subnet: 172.29.4.0/24, switch: x",
				  ", networks: { p: { kind: private, subnet: 10.5.0.0/24 } }") WEB("1"),
	  "labc: 1\nname: b\n" ON("name: srv, ", "", "subnet: 172.29.0.0/20, switch: y",
				  ", networks: { q: { kind: private, subnet: 10.5.0.0/24 } }")
		  "guests: { w: { os: debian-12 } }\n",
	  "LAB0523" },
	/* one NAT: its prefix, its name */
	{ "labc: 1\nname: a\n" ON("name: srv, ", "", "subnet: 172.29.1.0/24, switch: x", "") WEB("1"),
	  "labc: 1\nname: b\n" ON("name: srv, ", "", "subnet: 10.1.1.0/24, switch: y", "")
		  "guests: { w: { os: debian-12 } }\n",
	  "LAB0527" },
	{ "labc: 1\nname: a\n" ON("name: srv, ", "", "subnet: 172.29.1.0/24, switch: x", "") WEB("1"),
	  "labc: 1\nname: b\n" ON("name: srv, ", "", "subnet: 172.29.2.0/24, switch: y, nat: Other", "")
		  "guests: { w: { os: debian-12 } }\n",
	  "LAB0527" },
	/* one port on two addresses of the server, and on all of them */
	{ "labc: 1\nname: a\n" ON("name: srv, ", "", "subnet: 172.29.1.0/24, switch: x", "")
		  "guests: { a: { os: debian-12, ports: [{ external: 80, internal: 80, external_address: 10.0.0.1 }] } }\n",
	  "labc: 1\nname: b\n" ON("name: srv, ", "", "subnet: 172.29.2.0/24, switch: y", "")
		  "guests: { b: { os: debian-12, ports: [{ external: 80, internal: 80, external_address: 10.0.0.2 }] } }\n",
	  "" },
	{ "labc: 1\nname: a\n" ON("name: srv, ", "", "subnet: 172.29.1.0/24, switch: x", "")
		  "guests: { a: { os: debian-12, ports: [{ external: 80, internal: 80, external_address: 10.0.0.1 }] } }\n",
	  "labc: 1\nname: b\n" ON("name: srv, ", "", "subnet: 172.29.2.0/24, switch: y", "")
		  "guests: { b: { os: debian-12, ports: [\"80:80\"] } }\n",
	  "LAB0621" },
};

START_TEST(labs_that_meet)
{
	static const char *const codes[] = { "LAB0440", "LAB0446", "LAB0523", "LAB0526",
					     "LAB0527", "LAB0621", "LAB0822" };
	struct arena a;
	struct rules_memory memory;

	arena_init(&a, 0);
	rules_memory_init(&memory, &a);
	for (size_t i = 0; i < 2; i++) {
		struct lab_run r;

		lab_run_begin(&r, i ? pairs[_i].second : pairs[_i].first);
		rules_compare(&r.lab, &memory, SV("a.yaml"));
		for (size_t k = 0; k < COUNTOF(codes); k++)
			ck_assert_msg(lab_run_count(&r, codes[k], SEV_NOTE) ==
					      (i && strstr(pairs[_i].codes, codes[k])),
				      "%s\n%s", codes[k], lab_run_report(&r));
		if (i && *pairs[_i].codes)
			ck_assert_msg(strstr(lab_run_report(&r), "note: lab 'a' has it") != NULL, "%s",
				      lab_run_report(&r));
		lab_run_end(&r);
	}
	arena_release(&a);
}
END_TEST

/* 20,000 guests that all collide: every check is linear, or this takes minutes. */
START_TEST(many_findings_are_linear)
{
	struct buf b = { 0 };
	struct lab_run r;

	buf_str(&b, "labc: 1\nname: t\ntarget: hyper-v\nhost:\n  size: { vcpus: 64, memory: 256 GiB }\n"
		    "  network: { subnet: 10.0.0.0/8 }\nguests:\n");
	for (int i = 0; i < 20000; i++)
		buf_fmt(&b,
			"  g%d: { os: debian-12, memory: 2 GiB, address: 10.1.1.1, ports: [\"2222:22\"], "
			"start_after: [g0] }\n",
			i + 1);
	buf_ch(&b, '\0');
	lab_run_begin(&r, b.p);
	ck_assert_uint_eq(lab_run_count(&r, "LAB0508", SEV_NOTE), 19999);
	ck_assert_uint_eq(lab_run_count(&r, "LAB0601", SEV_NOTE), 19999);
	lab_run_end(&r);
	buf_release(&b);
}
END_TEST

Suite *test_rules_suite(void)
{
	Suite *s = suite_create("rules");
	TCase *rows = tcase_create("rows"), *examples = tcase_create("examples"),
	      *runs = tcase_create("runs");

	tcase_add_test(rows, codes_are_unique_and_in_order);
	tcase_add_test(rows, names_are_unique);
	tcase_add_test(rows, rows_are_complete);
	tcase_add_test(rows, find_by_code_and_name);
	tcase_add_test(rows, explain_says_everything);
	tcase_add_loop_test(examples, bad_example_yields_its_code, 0, (int)registry_count());
	tcase_add_loop_test(examples, good_example_yields_nothing, 0, (int)registry_count());
	tcase_add_loop_test(examples, config_examples, 0, (int)config_codes_count);
	tcase_add_loop_test(examples, emptied_check_is_noticed, 0, (int)rule_tables_count);
	tcase_add_test(runs, shared_value_is_reported_once);
	tcase_add_test(runs, poisoned_values_are_silent);
	tcase_add_test(runs, arithmetic_is_shown);
	tcase_add_loop_test(runs, labs_that_meet, 0, (int)COUNTOF(pairs));
	tcase_add_test(runs, many_findings_are_linear);
	tcase_set_timeout(runs, 60);
	suite_add_tcase(s, rows);
	suite_add_tcase(s, examples);
	suite_add_tcase(s, runs);
	return s;
}
