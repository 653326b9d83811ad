/* The JSON file of collect.ps1, read into struct import. Values of a wrong kind are findings, missing ones are empty: an older
 * or newer collect.ps1 is no reason to refuse a file. */
#include <jansson.h>

#include "base/bug.h"
#include "base/num.h"
#include "base/utf8.h"
#include "emit/import.h"
#include "rules/registry.h"

static const char *const code_names[] = { "LAB0860", "LAB0861", "LAB0862" };

struct diag *import_report(struct import *m, enum import_code code, const char *list, uint32_t index, const char *path,
			   const char *fmt, ...)
{
	const struct diag_info *info = registry_find(sv_from(code_names[code]));
	struct diag *g;
	va_list ap;

	if (!info)
		BUG("%s has no row", code_names[code]);
	va_start(ap, fmt);
	g = diag_vat(m->d, info, import_place(m, list, index, path), fmt, ap);
	va_end(ap);
	return g;
}

/* The object whose fields are read, and where it stands. */
struct from {
	struct import *m;
	json_t *o;
	const char *list;
	uint32_t index;
	const char *path;
};

static void wrong_kind(const struct from *f, const char *key, const char *wanted)
{
	struct sv path = sv_fmt(f->m->a, "%s.%s", f->path, key);

	import_report(f->m, IMPORT_FILE, f->list, f->index, path.p, "'%s' wants %s", key, wanted);
}

/* A text without what no file may hold: control and bidirectional characters become '?', broken UTF-8 Jansson refuses. */
static struct sv clean(struct arena *a, const char *p, size_t n)
{
	struct buf b = { 0 };
	struct sv out;

	for (size_t i = 0; i < n;) {
		uint32_t cp;
		size_t len = utf8_decode((struct sv){ p, n }, i, &cp, NULL);

		if (cp == '\r' && i + 1 < n && p[i + 1] == '\n')
			len = 1;
		else if (utf8_is_unsafe(cp) || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xad)
			buf_ch(&b, '?');
		else
			buf_add(&b, p + i, len);
		i += len;
	}
	out = buf_take(&b, a);
	buf_release(&b);
	return out;
}

static struct sv text_of(struct import *m, json_t *v)
{
	return json_is_string(v) ? clean(m->a, json_string_value(v), json_string_length(v)) : SV("");
}

static struct sv get_text(const struct from *f, const char *key)
{
	json_t *v = json_object_get(f->o, key);

	if (v && !json_is_string(v) && !json_is_null(v))
		wrong_kind(f, key, "a text");
	return text_of(f->m, v);
}

static int64_t get_int(const struct from *f, const char *key)
{
	json_t *v = json_object_get(f->o, key);

	if (v && (!json_is_integer(v) || json_integer_value(v) < 0)) {
		wrong_kind(f, key, "a whole number that is not negative");
		return 0;
	}
	return v ? json_integer_value(v) : 0;
}

static bool get_bool(const struct from *f, const char *key)
{
	json_t *v = json_object_get(f->o, key);

	if (v && !json_is_boolean(v))
		wrong_kind(f, key, "true or false");
	return json_is_true(v);
}

/* A list of at most IMPORT_MAX_ITEMS; *n is 0 when there is none. */
static json_t *get_list(const struct from *f, const char *key, uint32_t *n)
{
	json_t *v = json_object_get(f->o, key);
	size_t size = json_array_size(v);

	*n = 0;
	if (v && !json_is_array(v) && !json_is_null(v))
		wrong_kind(f, key, "a list");
	else if (size > (f->list ? IMPORT_MAX_PARTS : IMPORT_MAX_ITEMS))
		wrong_kind(f, key, "fewer items than that");
	else
		*n = (uint32_t)size;
	return v;
}

static struct from item_of(const struct from *f, json_t *list, const char *name, uint32_t i)
{
	struct from it = { f->m, json_array_get(list, i), f->list, f->index, f->path };

	if (f->list) {
		it.path = sv_fmt(f->m->a, "%s.%s[%u]", f->path, name, i).p;
	} else {
		it.list = name;
		it.index = i;
		it.path = "";
	}
	if (!json_is_object(it.o))
		import_report(f->m, IMPORT_FILE, it.list, it.index, it.path, "an item of '%s' wants fields", name);
	return it;
}

static struct sv *texts_of(const struct from *f, const char *key, uint32_t *n)
{
	json_t *list = get_list(f, key, n);
	struct sv *v = NEW(f->m->a, struct sv, *n + 1);

	for (uint32_t i = 0; i < *n; i++)
		v[i] = text_of(f->m, json_array_get(list, i));
	return v;
}

/* --- guests --- */

static void read_adapter(const struct from *f, struct import_adapter *a)
{
	struct sv *addresses;
	uint32_t n;

	a->name = get_text(f, "name");
	a->switch_name = get_text(f, "switch");
	a->mac = get_text(f, "mac");
	a->vlan_mode = get_text(f, "vlanMode");
	a->dynamic_mac = get_bool(f, "dynamicMac");
	a->legacy = get_bool(f, "legacy");
	a->vlan = get_int(f, "vlan");
	a->dhcp_guard = sv_eq(get_text(f, "dhcpGuard"), SV("On"));
	a->router_guard = sv_eq(get_text(f, "routerGuard"), SV("On"));
	a->egress = sv_eq(get_text(f, "egress"), SV("none"))       ? EGRESS_NONE
		    : sv_eq(get_text(f, "egress"), SV("internet")) ? EGRESS_INTERNET
								   : EGRESS_ALL;
	a->spoofing = sv_eq(get_text(f, "spoofing"), SV("On"));
	addresses = texts_of(f, "addresses", &n);
	for (uint32_t i = 0; i < n && a->n_addresses < COUNTOF(a->addresses); i++)
		a->addresses[a->n_addresses++] = addresses[i];
}

static void read_disk(const struct from *f, struct import_disk *k)
{
	k->path = get_text(f, "path");
	k->format = get_text(f, "format");
	k->type = get_text(f, "type");
	k->parent = get_text(f, "parent");
	k->size = get_int(f, "size");
	k->checkpoint = get_bool(f, "checkpoint");
}

static void read_hardware(const struct from *f, struct import_guest *g)
{
	struct from memory = { f->m, json_object_get(f->o, "memory"), f->list, f->index, ".memory" };
	struct from firmware = { f->m, json_object_get(f->o, "firmware"), f->list, f->index, ".firmware" };

	g->processors = get_int(f, "processors");
	g->compatibility = get_bool(f, "compatibility");
	g->nested = get_bool(f, "nested");
	g->dynamic = get_bool(&memory, "dynamic");
	g->startup = get_int(&memory, "startup");
	g->minimum = get_int(&memory, "minimum");
	g->maximum = get_int(&memory, "maximum");
	g->buffer = get_int(&memory, "buffer");
	g->weight = get_int(&memory, "weight");
	g->secure_boot = get_text(&firmware, "secureBoot");
	g->boot_template = get_text(&firmware, "template");
	g->tpm = get_bool(&firmware, "tpm");
}

static void read_guest(const struct from *f, struct import_guest *g)
{
	json_t *disks, *adapters;

	g->name = get_text(f, "name");
	g->system = get_text(f, "system");
	g->generation = get_int(f, "generation");
	g->notes = get_text(f, "notes");
	g->state = get_text(f, "state");
	g->folder = get_text(f, "folder");
	g->stop = get_text(f, "stop");
	g->start = get_text(f, "start");
	g->delay = get_int(f, "delay");
	g->checkpoints = get_text(f, "checkpoints");
	read_hardware(f, g);
	disks = get_list(f, "disks", &g->n_disks);
	g->disks = NEW(f->m->a, struct import_disk, g->n_disks + 1);
	for (uint32_t i = 0; i < g->n_disks; i++) {
		struct from it = item_of(f, disks, "disks", i);

		read_disk(&it, &g->disks[i]);
	}
	adapters = get_list(f, "adapters", &g->n_adapters);
	g->adapters = NEW(f->m->a, struct import_adapter, g->n_adapters + 1);
	for (uint32_t i = 0; i < g->n_adapters; i++) {
		struct from it = item_of(f, adapters, "adapters", i);

		read_adapter(&it, &g->adapters[i]);
	}
	g->dvds = texts_of(f, "dvds", &g->n_dvds);
}

/* --- the host --- */

/* "172.29.0.0/16" or "172.29.1.1/24": the network; false when it is neither. */
static bool prefix_of(struct sv text, struct v_prefix *out)
{
	ptrdiff_t slash = sv_find(text, '/');
	uint64_t len;
	uint32_t ip;

	if (slash < 0 || !num_ip(sv_sub(text, 0, (size_t)slash), &ip) ||
	    !num_u64(sv_sub(text, (size_t)slash + 1, text.n), &len) || len > 32)
		return false;
	*out = (struct v_prefix){ .m = { .state = META_OK }, .v = len ? ip & UINT32_MAX << (32 - len) : 0, .len = (uint8_t)len };
	return true;
}

static void read_switch(const struct from *f, struct import_switch *w)
{
	struct sv *addresses;
	uint32_t n;

	w->name = get_text(f, "name");
	w->type = get_text(f, "type");
	w->notes = get_text(f, "notes");
	w->is_default = get_bool(f, "default");
	addresses = texts_of(f, "addresses", &n);
	for (uint32_t i = 0; i < n && w->subnet.m.state != META_OK; i++)
		if (prefix_of(addresses[i], &w->subnet)) {
			w->address = addresses[i];
			num_ip(sv_sub(addresses[i], 0, (size_t)sv_find(addresses[i], '/')), &w->gateway);
		}
}

static void read_mapping(const struct from *f, struct import_mapping *p)
{
	p->nat = get_text(f, "nat");
	p->protocol = get_text(f, "protocol");
	p->external_address = get_text(f, "externalAddress");
	p->external_port = get_int(f, "externalPort");
	p->internal_port = get_int(f, "internalPort");
	p->guest_name = get_text(f, "guest");
	if (!num_ip(get_text(f, "internalAddress"), &p->internal_address))
		wrong_kind(f, "internalAddress", "an IPv4 address");
	if (p->external_port < 1 || p->external_port > 65535 || p->internal_port < 1 || p->internal_port > 65535)
		wrong_kind(f, "externalPort", "a port from 1 to 65535, as 'internalPort' does");
}

static void read_scope(const struct from *f, struct import_scope *s)
{
	s->name = get_text(f, "name");
	s->start = get_text(f, "start");
	s->end = get_text(f, "end");
	s->lease = get_int(f, "lease");
	s->dns = texts_of(f, "dns", &s->n_dns);
	num_ip(get_text(f, "id"), &s->id);
}

static void read_nat(const struct from *f, struct import_nat *n)
{
	n->name = get_text(f, "name");
	if (!prefix_of(get_text(f, "prefix"), &n->prefix))
		wrong_kind(f, "prefix", "a network such as 172.29.0.0/16");
}

static void read_machine(const struct from *top)
{
	struct import *m = top->m;
	struct from f = { m, json_object_get(top->o, "machine"), NULL, 0, ".machine" };

	m->system = get_text(&f, "system");
	m->processors = get_int(&f, "processors");
	m->memory = get_int(&f, "memory");
	m->server = get_bool(&f, "server");
	m->azure = get_bool(&f, "azure");
	m->shortcut = get_bool(&f, "shortcut");
	m->operators = texts_of(&f, "operators", &m->n_operators);
}

/* Reads each item of a top-level list with a function of its own. */
#define READ(list, type, array, count, fn)                                        \
	do {                                                                      \
		json_t *items = get_list(top, list, &m->count);                   \
		m->array = NEW(m->a, type, m->count + 1);                         \
		for (uint32_t i = 0; i < m->count; i++) {                         \
			struct from it = item_of(top, items, list, i);            \
			fn(&it, &m->array[i]);                                    \
		}                                                                 \
	} while (0)

static void read_lists(const struct from *top)
{
	struct import *m = top->m;

	READ("switches", struct import_switch, switches, n_switches, read_switch);
	READ("nats", struct import_nat, nats, n_nats, read_nat);
	READ("mappings", struct import_mapping, mappings, n_mappings, read_mapping);
	READ("scopes", struct import_scope, scopes, n_scopes, read_scope);
	READ("guests", struct import_guest, guests, n_guests, read_guest);
	for (uint32_t i = 0; i < m->n_guests; i++)
		m->guests[i].index = i;
	for (uint32_t i = 0; i < m->n_switches; i++)
		m->switches[i].index = i;
	for (uint32_t i = 0; i < m->n_mappings; i++)
		m->mappings[i].index = i;
}

bool import_read(struct import *m, struct arena *a, struct diags *d, uint32_t src)
{
	const struct diag_info *info = registry_find(sv_from(code_names[IMPORT_FILE]));
	struct sv text = sources_get(d->sources, src)->text;
	json_error_t error;
	json_t *root;

	*m = (struct import){ .a = a, .d = d, .src = src, .text = text };
	/* Windows PowerShell 5.1 puts a byte order mark in front */
	if (sv_starts(text, SV("\xef\xbb\xbf")))
		text = sv_sub(text, 3, text.n);
	root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);
	if (!root) {
		size_t at = error.position > 0 ? (size_t)error.position : 0;
		struct span where = { src, (uint32_t)(at < m->text.n ? at : m->text.n), 0 };
		struct diag *g = diag_at(d, info, where, "this is not JSON: %s", error.text);

		diag_help(d, g, "give the file that collect.ps1 wrote; `labc import --script` prints that script");
		return false;
	}
	m->shift = (uint32_t)(m->text.n - text.n);
	m->text = text;
	if (!json_is_object(root) || json_integer_value(json_object_get(root, "collected")) != 1) {
		struct diag *g = diag_at(d, info, (struct span){ src, 0, 1 }, "this is not a file of collect.ps1");

		diag_help(d, g, "it begins with \"collected\": 1; `labc import --script` prints the script that writes it");
		json_decref(root);
		return false;
	}
	read_machine(&(struct from){ m, root, NULL, 0, "" });
	read_lists(&(struct from){ m, root, NULL, 0, "" });
	json_decref(root);
	return d->n_errors == 0;
}
