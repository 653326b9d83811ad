/* The table of fields, decoding, layers, included files, and what is generated from the table. */
#include <check.h>
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "schema/codes.h"
#include "schema/decode.h"
#include "schema/describe.h"

Suite *test_schema_suite(void);

struct run {
	struct arena a;
	struct sources sources;
	struct diags diags;
	struct ydoc y;
	struct spec s;
	bool ok;
};

static bool read_fake(void *user, struct sv path, struct sv *text)
{
	const char *const *files = user;

	for (; *files; files += 2)
		if (sv_eq(path, sv_from(files[0]))) {
			*text = sv_from(files[1]);
			return true;
		}
	return false;
}

static void open_with(struct run *r, const char *text, const char *const *files)
{
	struct spec_opts o = { .read_file = files ? read_fake : NULL };

	o.user = (void *)(uintptr_t)files;
	memset(r, 0, sizeof(*r));
	arena_init(&r->a, 0);
	sources_init(&r->sources, &r->a);
	diags_init(&r->diags, &r->a, &r->sources);
	uint32_t src = sources_add(&r->sources, SV("dir/lab.yaml"), sv_from(text));
	r->ok = ydoc_parse(&r->y, &r->a, &r->diags, src, NULL) && spec_decode(&r->s, &r->y, &o);
	diags_finish(&r->diags);
}

static void open_run(struct run *r, const char *text)
{
	open_with(r, text, NULL);
}

static const char *first_message(struct run *r)
{
	return r->diags.v.n ? sv_cstr(&r->a, r->diags.v.v[0]->msg) : "";
}

static void close_run(struct run *r)
{
	arena_release(&r->a);
}

/* Fails with the findings there are unless they are exactly these, in order: "CODE:LINE:COL". */
static void expect(struct run *r, const char *want)
{
	struct buf got = { 0 };

	for (size_t i = 0; i < r->diags.v.n; i++) {
		struct diag *g = r->diags.v.v[i];
		struct pos p = source_pos(&r->sources, g->at.src, g->at.off);

		buf_fmt(&got, "%s%s:%u:%u", i ? " " : "", g->info->code, p.line, p.col);
	}
	buf_ch(&got, '\0');
	ck_assert_str_eq(got.p, want);
	buf_release(&got);
}

#define HEAD "labc: 1\nname: demo\n"
#define HOST "host: { size: Medium (Nested virtualization) }\n"
#define GUESTS "guests:\n  web:\n    os: debian-12\n"

/* --- the table --- */

START_TEST(rows_are_sound)
{
	for (size_t i = 0; i < schema_sections_count; i++) {
		const struct section *sec = schema_sections[i];

		ck_assert_uint_le(sec->n, 64);
		for (uint32_t k = 0; k < sec->n; k++) {
			const struct field *f = &sec->fields[k];

			ck_assert_msg(f->offset >= sizeof(struct spec_head), "%s.%s has no member", sec->name,
				      f->key.p);
			ck_assert_msg(f->offset + field_size(f) <= sec->size, "%s.%s lies outside", sec->name,
				      f->key.p);
			ck_assert_msg(f->doc && f->example, "%s.%s lacks words", sec->name, f->key.p);
			ck_assert_msg(f->def || f->def_doc ||
					      (f->flags & (FIELD_REQUIRED | FIELD_REQUIRED_MERGED)),
				      "%s.%s says nothing of its default", sec->name, f->key.p);
			ck_assert_msg(!f->def || f->source, "the default of %s.%s has no source", sec->name,
				      f->key.p);
			ck_assert_msg((f->type == TYPE_ENUM) == (f->words && f->type != TYPE_LIST),
				      "%s.%s and its words", sec->name, f->key.p);
			for (uint32_t j = 0; j < k; j++) {
				ck_assert_msg(!sv_eq(f->key, sec->fields[j].key), "%s.%s twice", sec->name,
					      f->key.p);
				ck_assert_msg(f->offset != sec->fields[j].offset, "%s.%s shares a member",
					      sec->name, f->key.p);
			}
		}
		for (uint32_t k = 0; k < sec->n_misnomers; k++) {
			const struct misnomer *m = &sec->misnomers[k];

			ck_assert_msg(!section_field(sec, sv_from(m->wrong)),
				      "%s.%s is a field and a misnomer", sec->name, m->wrong);
			ck_assert_msg(!m->right || section_field(sec, sv_from(m->right)),
				      "%s.%s leads to no field", sec->name, m->wrong);
		}
	}
}
END_TEST

START_TEST(words_are_sound)
{
	ck_assert_str_eq(spec_enum_word("guest.automatic_start", START_IF_RUNNING), "if-running");
	ck_assert_str_eq(spec_enum_word("network.kind", KIND_DEFAULT_SWITCH), "default-switch");
	ck_assert_str_eq(spec_enum_word("targets.azure-vm.public_ip", PUBLIC_IP_STATIC), "static");
	ck_assert_ptr_null(spec_enum_word("guest.automatic_start", 9));
	ck_assert_ptr_null(spec_enum_word("guest.memory", 0));
	ck_assert_str_eq(guest_os_word(OS_METASPLOITABLE_2), "metasploitable-2");
	ck_assert_str_eq(target_word(TARGET_HYPER_V), "hyper-v");
	ck_assert_str_eq(host_os_word(HOST_OS_WINDOWS_11), "windows-11");
}
END_TEST

START_TEST(codes_are_sound)
{
	for (size_t i = 0; i < schema_codes_count; i++) {
		const struct diag_info *c = &schema_codes[i];
		struct run r;

		ck_assert_msg(strncmp(c->code, "LAB01", 5) == 0 && strlen(c->code) == 7, "code %s", c->code);
		ck_assert_msg(strlen(c->summary) <= 72, "%s: summary of %zu bytes", c->code,
			      strlen(c->summary));
		ck_assert_ptr_nonnull(c->why);
		ck_assert_ptr_nonnull(c->source);
		for (size_t k = 0; k < i; k++) {
			ck_assert_str_ne(c->code, schema_codes[k].code);
			ck_assert_str_ne(c->name, schema_codes[k].name);
		}
		if (c->bad) {
			open_run(&r, c->bad);
			ck_assert_msg(r.diags.v.n == 1, "%s: %zu findings on the bad example", c->code,
				      r.diags.v.n);
			ck_assert_str_eq(r.diags.v.v[0]->info->code, c->code);
			close_run(&r);
		}
		if (c->good) {
			open_run(&r, c->good);
			ck_assert_msg(r.diags.v.n == 0, "%s: the good example has findings: %s", c->code,
				      first_message(&r));
			close_run(&r);
		}
	}
}
END_TEST

/* --- values --- */

START_TEST(decodes_the_smallest_lab)
{
	struct run r;

	open_run(&r, HEAD HOST "guests:\n  ubuntu:\n    os: ubuntu-22.04\n    vcpus: 4\n    memory: 4 GiB\n  "
			       "  ports: [\"23:22\"]\n");
	expect(&r, "");
	ck_assert(r.ok && r.s.single_host);
	ck_assert_uint_eq(r.s.lab.hosts.n, 1);
	struct spec_host *h = &r.s.lab.hosts.v[0];
	ck_assert(sv_eq(h->h.name, SV("host")));
	ck_assert(sv_eq(h->size.name.v, SV("Medium (Nested virtualization)")));
	ck_assert(h->reserve.v == 4 * GIB && h->reserve.m.origin == ORIGIN_BUILTIN);
	ck_assert_uint_eq(h->guests.n, 1);
	struct spec_guest *g = &h->guests.v[0];
	ck_assert(g->os.v == OS_UBUNTU_22_04 && g->vcpus.v == 4 && g->vcpus.m.origin == ORIGIN_ITEM);
	ck_assert(g->memory.startup.v == 4 * GIB && (g->memory.h.m.flags & META_SHORT));
	ck_assert(g->count.v == 1 && g->count.m.origin == ORIGIN_BUILTIN);
	ck_assert(g->generation.m.state == META_ABSENT);
	ck_assert_uint_eq(g->ports.n, 1);
	ck_assert(g->ports.v[0].external.v == 23 && g->ports.v[0].internal.v == 22);
	ck_assert(g->ports.v[0].protocol.v == PROTO_TCP && g->ports.v[0].protocol.m.origin == ORIGIN_BUILTIN);
	ck_assert(sv_eq(span_text(&r.sources, spec_span(&r.s, g->vcpus.m)), SV("4")));
	ck_assert(sv_eq(span_text(&r.sources, spec_key_span(&r.s, g->vcpus.m)), SV("vcpus")));
	ck_assert(sv_eq(span_text(&r.sources, spec_key_span(&r.s, g->h.m)), SV("ubuntu")));
	ck_assert(sv_eq(span_text(&r.sources, spec_where(&r.s, g->count.m, g->h.m)), SV("ubuntu")));
	ck_assert(sv_eq(span_text(&r.sources, spec_span(&r.s, g->ports.v[0].internal.m)), SV("\"23:22\"")));
	close_run(&r);
}
END_TEST

START_TEST(text_stays_text)
{
	struct run r;

	open_run(&r, HEAD HOST "title: no\ntags: { a: 010, b: yes, c: 2026-12-31, d: 1e3 }\nguests:\n  web: "
			       "{ os: debian-12, hostname: 22:22, notes: ~x }\n");
	expect(&r, "");
	ck_assert(sv_eq(r.s.lab.title.v, SV("no")));
	ck_assert(sv_eq(r.s.lab.tags.v[0].v, SV("010")) && sv_eq(r.s.lab.tags.v[3].v, SV("1e3")));
	ck_assert(sv_eq(r.s.lab.hosts.v[0].guests.v[0].hostname.v, SV("22:22")));
	close_run(&r);
}
END_TEST

START_TEST(short_and_long_forms)
{
	struct run r;

	open_run(&r, HEAD "host:\n  size: { vcpus: 16, memory: 64 GiB, disk: 1 TiB }\n  network: { dhcp: off "
			  "}\n  dns_for_guests: host\n"
			  "connections:\n  - { from: a, to: web, service: ssh }\n  - { from: [a, b], to: "
			  "web, service: ssh }\n"
			  "users: [ann@example.org]\nguests:\n  web:\n    os: debian-12\n    disk: { size: "
			  "40 GiB, type: fixed }\n"
			  "    disks: [20 GiB, { size: 30 GiB }]\n    memory: { startup: 1 GiB, minimum: 512 "
			  "MiB, maximum: 2 GiB }\n"
			  "    iso: C:\\x.iso\n    tests: [{ http: ':8080/a' }]\n    nics: [{ address: auto "
			  "}, { network: lan, address: dhcp }]\n");
	expect(&r, "");
	struct spec_host *h = &r.s.lab.hosts.v[0];
	struct spec_guest *g = &h->guests.v[0];
	ck_assert(h->size.vcpus.v == 16 && h->size.name.m.state == META_ABSENT);
	ck_assert(h->network.dhcp.off && h->dns_for_guests.is_host);
	ck_assert(r.s.lab.connections.v[0].from.n == 1 && r.s.lab.connections.v[1].from.n == 2);
	ck_assert(r.s.lab.users.list.n == 1);
	ck_assert(g->disk.type.v == DISK_FIXED && g->disk.format.m.origin == ORIGIN_BUILTIN);
	ck_assert(g->disks.n == 2 && g->disks.v[0].size.v == 20 * GIB && g->disks.v[1].size.v == 30 * GIB);
	ck_assert(g->memory.minimum.v == 512 * MIB && !(g->memory.h.m.flags & META_SHORT));
	ck_assert(sv_eq(g->iso.source.v, SV("C:\\x.iso")));
	ck_assert(g->tests.v[0].http.port == 8080);
	ck_assert(g->nics.v[0].address.word == IP_AUTO && g->nics.v[1].address.word == IP_DHCP);
	close_run(&r);
}
END_TEST

static const struct {
	const char *text, *want;
} cases[] = {
	/* One mistake, one finding, at its place. */
	{ HEAD HOST GUESTS "    cpus: 2\n", "LAB0101:7:5" },
	{ HEAD HOST GUESTS "    Memory: 4 GiB\n", "LAB0101:7:5" },
	{ HEAD HOST GUESTS "    frobnicate: 4\n", "LAB0101:7:5" },
	{ HEAD HOST "guests:\n  web: {}\n", "LAB0102:5:3" },
	{ HEAD HOST "guests:\n  web:\n", "LAB0102:5:3" },
	{ HEAD HOST "guests:\n  web: { oss: debian-12 }\n", "LAB0101:5:10" },
	{ HEAD HOST "guests:\n  web: { os: debian-12, memory: }\n", "LAB0103:5:25" },
	{ HEAD HOST "guests:\n  web: { os: debian-12, memory: [1] }\n", "LAB0104:5:33" },
	{ HEAD HOST "guests: { web: no }\n", "LAB0104:4:16" },
	{ HEAD HOST "ports: [80]\n" GUESTS, "LAB0105:4:1" },
	{ HEAD HOST "guests: { web: { os: debian-12, name: web } }\n", "LAB0106:4:33" },
	{ HEAD HOST "guests: { web: { os: debian-12, vcpus: \"2\" } }\n", "LAB0107:4:40" },
	{ HEAD HOST "guests: { web: { os: debian-12, memory: { startup: 1 GiB, buffer: 2001 } } }\n",
	  "LAB0107:4:67" },
	{ HEAD HOST "guests: { web: { os: debian-12, tests: [{}, { tcp: 1, service: x }, { tcp: 80 }] } }\n",
	  "LAB0142:4:41 LAB0142:4:47" },
	{ HEAD HOST "guests: { web: { os: debian-12, network: a, nics: [] } }\n", "LAB0141:4:45" },
	{ HEAD HOST "guests: { web: { os: debian-12, nics: [{ network: a }], address: 10.0.0.1 } }\n",
	  "LAB0141:4:57" },
	{ HEAD HOST "guests: { web: { os: debian-12 }, WEB: { os: debian-12 } }\n", "LAB0137:4:35" },
	{ HEAD HOST "guests: { web: { os: debian-12, ports: [{ external: 80 }] } }\n", "LAB0102:4:43" },
	{ HEAD HOST "guests: { web: { os: debian-12, ports: [{}] } }\n", "LAB0102:4:41" },
	{ HEAD HOST GUESTS "schedule: [{ days: [monday] }]\n", "LAB0102:7:14" },
	{ HEAD HOST GUESTS "schedule: [{ days: [mon], start: 09:00, stop: 10:00 }]\n", "LAB0119:7:21" },
	{ HEAD HOST "guests: { web: { profile: x } }\n", "LAB0138:4:27" },
	{ HEAD HOST GUESTS "profiles: { a: { profile: b }, b: { vcpus: 2 } }\n", "LAB0106:7:18" },
	{ HEAD HOST GUESTS "hosts: {}\n", "LAB0139:7:1" },
	{ HEAD, "LAB0140:1:1" },
	{ HEAD GUESTS, "LAB0140:3:1" },
	{ HEAD "hosts: { a: { guests: { web: { os: debian-12 } } } }\n", "LAB0102:3:10" },
	{ HEAD "hosts: { a: , b: }\n", "LAB0102:3:10 LAB0102:3:15" },
	{ "name: demo\n" HOST GUESTS, "LAB0102:1:1" },
	{ "labc: 1\nname: demo\nnmae: x\n" HOST GUESTS, "LAB0101:3:1" },
	{ "labc: 3\nname: demo\n" HOST GUESTS, "LAB0146:1:7" },
	{ HEAD HOST GUESTS "include: [a.yaml]\n", "LAB0143:7:11" },
	{ HEAD HOST GUESTS "    notes: !!int 5\n", "LAB0135:7:12" },
	{ HEAD HOST GUESTS "    hostname: web\n      server\n", "LAB0136:7:15" },
	{ HEAD HOST GUESTS "    notes: web\n      server\n", "" },
	{ HEAD HOST GUESTS "    title: x\n", "LAB0105:7:5" },
	{ HEAD HOST GUESTS "    network:\n    nics: ~\n    dns:\n    notes:\n", "" },
	/* References to one unknown name are one mistake, many keys of another map too. */
	{ HEAD HOST "guests: { a: { profile: x }, b: { profile: x }, c: { profile: y } }\n",
	  "LAB0138:4:25 LAB0138:4:63" },
	{ HEAD HOST GUESTS "targets:\n  one: 1\n  two: 2\n  three: 3\n  four: 4\n",
	  "LAB0101:8:3 LAB0101:9:3" },
	{ HEAD HOST "guests: { a: , b: , c: , d: }\n", "LAB0102:4:11 LAB0102:4:16" },
	{ HEAD HOST GUESTS "  size: x\n  os: y\n  data_dir: { z: 1 }\n", "LAB0104:7:9" },
	{ HEAD HOST GUESTS "profiles:\nprofiles: { a: { os: kali } }\ndefaults: { guest: { profile: a } }\n",
	  "LAB0031:8:1 LAB0138:9:31" },
	/* Mistakes in what nobody uses are reported too, once. */
	{ HEAD HOST GUESTS "profiles:\n  p: { vcpus: x }\ndefaults:\n  guest: { tpm: yes }\n",
	  "LAB0107:8:15 LAB0108:10:17" },
	{ HEAD HOST
	  "defaults: { guest: { os: debian-11, memory: 5 } }\nguests: { a: , b: , c: { os: kali } }\n",
	  "LAB0109:4:45" },
	{ HEAD HOST "guests:\n  a: &a { os: debian-12, vcpus: two }\n  b: *a\n  c: { <<: *a }\n",
	  "LAB0107:5:33" },
	{ HEAD HOST "guests:\n  a: &a { vcpus: 2 }\n  b: *a\n", "LAB0102:5:3" },
};

START_TEST(findings)
{
	struct run r;

	open_run(&r, cases[_i].text);
	expect(&r, cases[_i].want);
	close_run(&r);
}
END_TEST

START_TEST(poison_and_silence)
{
	struct run r;

	/* What was meant by a misspelt field is unknown, not absent. */
	open_run(&r, HEAD HOST GUESTS "    ram: 4 GiB\n");
	ck_assert(meta_poisoned(r.s.lab.hosts.v[0].guests.v[0].memory.h.m));
	close_run(&r);
	open_run(&r, HEAD HOST GUESTS "    vcpus: x\n");
	ck_assert(meta_poisoned(r.s.lab.hosts.v[0].guests.v[0].vcpus.m));
	close_run(&r);
	/* After a syntax error nothing is missing. */
	open_run(&r, "labc: 1\n" HOST "title: \"x\nguests:\n  web: {}\n");
	for (size_t i = 0; i < r.diags.v.n; i++)
		ck_assert_str_ne(r.diags.v.v[i]->info->code, "LAB0102");
	close_run(&r);
}
END_TEST

/* --- layers --- */

START_TEST(layers_by_field)
{
	struct run r;

	open_run(&r, HEAD "defaults:\n  host: { size: Large (Nested virtualization), os: windows-11, "
			  "network: { guard: false } }\n"
			  "  guest: { vcpus: 8, memory: 8 GiB, disk: { size: 80 GiB, type: fixed }, serves: "
			  "[dhcp], checkpoints: standard }\n"
			  "  network: { subnet: 10.9.0.0/24, egress: none }\n  port: { protocol: udp, note: "
			  "from the defaults }\n"
			  "profiles:\n  small: { os: debian-12, memory: 2 GiB, vcpus: 1 }\n"
			  "host: { network: { gateway: 10.9.0.254 } }\n"
			  "guests:\n  web: { profile: small, vcpus: 3, disk: 20 GiB, ports: [80, { external: "
			  "443, internal: 443, protocol: tcp }] }\n");
	expect(&r, "");
	struct spec_host *h = &r.s.lab.hosts.v[0];
	struct spec_guest *g = &h->guests.v[0];
	ck_assert(h->os.v == HOST_OS_WINDOWS_11 && h->os.m.origin == ORIGIN_DEFAULTS);
	ck_assert(meta_ok(h->size.name.m) && h->size.h.m.origin == ORIGIN_DEFAULTS);
	/* The items of `network` merge by field: item, defaults.host, defaults.network, language. */
	ck_assert(h->network.gateway.m.origin == ORIGIN_ITEM &&
		  h->network.guard.m.origin == ORIGIN_DEFAULTS && !h->network.guard.v);
	ck_assert(h->network.subnet.len == 24 && h->network.egress.v == EGRESS_NONE &&
		  h->network.kind.m.origin == ORIGIN_BUILTIN);
	ck_assert(g->vcpus.v == 3 && g->vcpus.m.origin == ORIGIN_ITEM);
	ck_assert(g->memory.startup.v == 2 * GIB && g->memory.h.m.origin == ORIGIN_PROFILE);
	ck_assert(g->os.m.origin == ORIGIN_PROFILE && g->checkpoints.m.origin == ORIGIN_DEFAULTS);
	ck_assert(g->serves.n == 1 && g->serves.m.origin == ORIGIN_DEFAULTS);
	/* A map is replaced whole. */
	ck_assert(g->disk.size.v == 20 * GIB && g->disk.type.m.state == META_ABSENT &&
		  g->disk.format.v == DISK_VHDX && g->disk.format.m.origin == ORIGIN_BUILTIN);
	/* The items of ports merge by field. */
	ck_assert(g->ports.v[0].protocol.v == PROTO_UDP &&
		  g->ports.v[0].protocol.m.origin == ORIGIN_DEFAULTS);
	ck_assert(g->ports.v[1].protocol.v == PROTO_TCP && meta_ok(g->ports.v[1].note.m));
	close_run(&r);
}
END_TEST

START_TEST(nics_and_network)
{
	struct run r;

	open_run(&r, HEAD HOST "defaults: { guest: { os: debian-12, network: lan, address: 10.0.0.9 } }\n"
			       "profiles: { two: { nics: [{ network: lan }, {}] } }\n"
			       "guests:\n  a: { nics: [{ address: 10.0.0.1 }] }\n  b: {}\n  c: { profile: "
			       "two }\n  d: { profile: two, address: 10.0.0.2 }\n");
	expect(&r, "");
	struct spec_guest *g = r.s.lab.hosts.v[0].guests.v;
	ck_assert(meta_ok(g[0].nics.m) && !meta_ok(g[0].network.m) && !meta_ok(g[0].address.m));
	ck_assert(!meta_ok(g[1].nics.m) && meta_ok(g[1].network.m) && meta_ok(g[1].address.m));
	ck_assert(meta_ok(g[2].nics.m) && !meta_ok(g[2].network.m) && !meta_ok(g[2].address.m));
	ck_assert(!meta_ok(g[3].nics.m) && meta_ok(g[3].network.m) && g[3].address.m.origin == ORIGIN_ITEM);
	close_run(&r);
}
END_TEST

/* --- included files --- */

START_TEST(includes)
{
	static const char *const files[] = {
		"dir/common.yaml",
		"labc: 1\ndefaults: { guest: { memory: 2 GiB } }\nprofiles: { web: { os: debian-12 } }\n",
		"dir/more/hosts.yaml",
		"labc: 1\nhosts: { b: { size: x } }\nimages: { kali: { source: 'C:\\k.vhdx' } }\n",
		"dir/bad.yaml",
		"labc: 1\nname: x\ninclude: [y]\nprofiles: { p: { vcpus: no } }\n",
		"dir/again.yaml",
		"labc: 1\nprofiles: { WEB: { os: kali } }\ndefaults: { guest: { memory: 1 GiB, vcpus: 1 } "
		"}\n",
		NULL,
		NULL,
	};
	struct run r;

	open_with(&r,
		  HEAD "include: [common.yaml, more/hosts.yaml]\nhosts: { a: { size: x, guests: { w: { "
		       "profile: web } } } }\n",
		  files);
	expect(&r, "");
	ck_assert_uint_eq(r.s.lab.hosts.n, 2);
	ck_assert(sv_eq(r.s.lab.hosts.v[0].h.name, SV("a")) && sv_eq(r.s.lab.hosts.v[1].h.name, SV("b")));
	struct spec_guest *g = &r.s.lab.hosts.v[0].guests.v[0];
	ck_assert(g->memory.startup.v == 2 * GIB && g->memory.h.m.doc == 1);
	ck_assert(sv_eq(span_text(&r.sources, spec_span(&r.s, g->memory.startup.m)), SV("2 GiB")));
	ck_assert(r.s.lab.images.n == 1 && r.s.docs.n == 3);
	close_run(&r);

	open_with(&r, HEAD HOST GUESTS "include: [bad.yaml]\n", files);
	expect(&r, "LAB0145:2:1 LAB0145:3:1 LAB0107:4:25");
	close_run(&r);
	open_with(&r, HEAD HOST GUESTS "include: [common.yaml, again.yaml]\n", files);
	expect(&r, "LAB0144:2:13 LAB0144:3:22");
	ck_assert_uint_eq(r.diags.v.v[0]->labels->at.src, 1);
	close_run(&r);
	open_with(&r,
		  HEAD HOST GUESTS
		  "include: [../x.yaml, /etc/passwd, 'C:/x', gone.yaml, common.yaml, common.yaml]\n",
		  files);
	expect(&r, "LAB0143:7:11 LAB0143:7:22 LAB0143:7:35 LAB0143:7:43 LAB0143:7:67");
	close_run(&r);
	/* A single host in the main file and hosts in an included one. */
	open_with(&r, HEAD HOST GUESTS "include: [more/hosts.yaml]\n", files);
	ck_assert_uint_eq(r.diags.n_errors, 1);
	close_run(&r);
}
END_TEST

/* --- generators --- */

START_TEST(explains)
{
	struct buf b = { 0 };

	ck_assert(schema_explain(&b, SV("guests.*.memory")));
	ck_assert(sv_search(buf_view(&b), SV("4 GiB")) > 0);
	b.n = 0;
	ck_assert(schema_explain(&b, SV("hosts.a.guests.b.disk.format")));
	ck_assert(sv_search(buf_view(&b), SV("default  vhdx")) > 0);
	b.n = 0;
	ck_assert(schema_explain(&b, SV("guest")) && schema_explain(&b, SV("quota")));
	b.n = 0;
	ck_assert(!schema_explain(&b, SV("guest.memry")));
	ck_assert(sv_search(buf_view(&b), SV("guest.memory")) > 0);
	b.n = 0;
	ck_assert(!schema_explain(&b, SV("")) && !schema_explain(&b, SV("....")) &&
		  !schema_explain(&b, SV("labc.x")));
	/* Every field has a path. */
	for (size_t i = 0; i < schema_sections_count; i++)
		for (uint32_t k = 0; k < schema_sections[i]->n; k++) {
			const struct field *f = &schema_sections[i]->fields[k];
			struct buf path = { 0 };

			if (f->flags & FIELD_SHORT_ONLY)
				continue;
			if (schema_sections[i] != &section_top && schema_sections[i] != &section_include)
				buf_fmt(&path, "%s.", schema_sections[i]->name);
			buf_sv(&path, f->key);
			b.n = 0;
			ck_assert_msg(schema_explain(&b, buf_view(&path)), "%.*s", SV_ARG(buf_view(&path)));
			buf_release(&path);
		}
	buf_release(&b);
}
END_TEST

START_TEST(writes_json_schema)
{
	struct buf b = { 0 };
	json_error_t error;

	schema_json(&b);
	json_t *j = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(j != NULL, "%s at %d", error.text, error.line);
	json_t *guest = json_object_get(json_object_get(j, "$defs"), "guest");
	ck_assert(json_is_false(json_object_get(guest, "additionalProperties")));
	json_t *vcpus = json_object_get(json_object_get(guest, "properties"), "vcpus");
	ck_assert_int_eq(json_integer_value(json_object_get(vcpus, "default")), 2);
	ck_assert_ptr_nonnull(json_object_get(vcpus, "description"));
	json_decref(j);
	buf_release(&b);
}
END_TEST

START_TEST(writes_markdown)
{
	struct buf b = { 0 };

	schema_markdown(&b);
	ck_assert(sv_search(buf_view(&b), SV("<a id=\"guest\"></a>")) > 0);
	ck_assert(sv_search(buf_view(&b), SV("| `automatic_stop` | shutdown, save, turn-off | shutdown ")) >
		  0);
	buf_release(&b);
}
END_TEST

/* The example of every field is right: it decodes in a lab that has nothing else wrong. */
START_TEST(examples_decode)
{
	for (size_t i = 0; i < section_guest.n; i++) {
		const struct field *f = &section_guest.fields[i];
		struct buf b = { 0 };
		struct run r;

		if (sv_eq(f->key, SV("os")) || sv_eq(f->key, SV("profile")))
			continue;
		buf_fmt(&b, HEAD HOST GUESTS "    %s: %s\n", f->key.p, f->example);
		buf_ch(&b, '\0');
		open_run(&r, b.p);
		ck_assert_msg(r.diags.v.n == 0, "%s: %s", f->key.p, first_message(&r));
		close_run(&r);
		buf_release(&b);
	}
	for (size_t i = 0; i < section_top.n; i++) {
		const struct field *f = &section_top.fields[i];
		struct buf b = { 0 };
		struct run r;

		if (sv_eq(f->key, SV("include")))
			continue;
		if (!(f->flags & FIELD_REQUIRED) && !sv_eq(f->key, SV("hosts")) &&
		    !sv_eq(f->key, SV("host")) && !sv_eq(f->key, SV("guests"))) {
			buf_fmt(&b, HEAD HOST GUESTS "%s: %s\n", f->key.p, f->example);
			buf_ch(&b, '\0');
			open_run(&r, b.p);
			ck_assert_msg(r.diags.v.n == 0, "%s: %s", f->key.p, first_message(&r));
			close_run(&r);
		}
		buf_release(&b);
	}
}
END_TEST

Suite *test_schema_suite(void)
{
	Suite *s = suite_create("schema");
	TCase *t = tcase_create("schema");

	tcase_add_test(t, rows_are_sound);
	tcase_add_test(t, words_are_sound);
	tcase_add_test(t, codes_are_sound);
	tcase_add_test(t, decodes_the_smallest_lab);
	tcase_add_test(t, text_stays_text);
	tcase_add_test(t, short_and_long_forms);
	tcase_add_loop_test(t, findings, 0, (int)(sizeof(cases) / sizeof(*cases)));
	tcase_add_test(t, poison_and_silence);
	tcase_add_test(t, layers_by_field);
	tcase_add_test(t, nics_and_network);
	tcase_add_test(t, includes);
	tcase_add_test(t, explains);
	tcase_add_test(t, writes_json_schema);
	tcase_add_test(t, writes_markdown);
	tcase_add_test(t, examples_decode);
	suite_add_tcase(s, t);
	return s;
}
