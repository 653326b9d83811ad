/* The guests of an imported machine, as the spec writes them. */
#include <string.h>

#include "base/bug.h"
#include "base/num.h"
#include "emit/import_internal.h"

static struct sv squeezed(struct arena *a, struct sv s)
{
	struct buf b = { 0 };
	struct sv out;

	for (size_t i = 0; i < s.n; i++)
		if (ch_is_alnum(s.p[i]))
			buf_ch(&b, ch_lower(s.p[i]));
	out = buf_take(&b, a);
	buf_release(&b);
	return out;
}

/* The catalogue's system whose name is the longest one in the text, and which runs in this generation. */
static const struct os_info *os_in(struct import *m, const struct import_guest *g, struct sv text)
{
	struct sv in = squeezed(m->a, text);
	const struct os_info *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < OS_COUNT; i++) {
		const struct os_info *o = &os_table[i];
		struct sv id = squeezed(m->a, sv_from(o->id));

		if (o->flags & OSF_GENERIC || id.n <= most || sv_search(in, id) < 0)
			continue;
		if (!(o->generations & (unsigned)(g->generation == 1 ? 1 : 2)) || (uint64_t)g->startup < o->min_memory_mib * MIB ||
		    g->processors < o->min_vcpus)
			continue;
		best = o;
		most = id.n;
	}
	return best;
}

static const char *guess_os(struct import *m, const struct import_guest *g, const char **why)
{
	struct sv disk = g->n_disks ? g->disks[0].path : SV(""), parent = g->n_disks ? g->disks[0].parent : SV("");
	const struct { struct sv text; const char *why; } from[] = {
		{ g->system, "what the guest says it runs" },
		{ disk, "by the name of its disk" },
		{ parent, "by the name of its disk's parent" },
		{ g->name, "by its name" },
	};
	bool windows = g->tpm || (g->generation == 2 && sv_eq(g->secure_boot, SV("On")) && sv_eq(g->boot_template, SV("MicrosoftWindows")));

	for (size_t i = 0; i < COUNTOF(from) && !g->generic; i++) {
		const struct os_info *o = from[i].text.n ? os_in(m, g, from[i].text) : NULL;

		if (o) {
			*why = from[i].why;
			return o->id;
		}
	}
	*why = "not known: 'labc list os' lists the systems";
	return windows ? "other-windows" : "other-linux";
}

static void put_memory(struct import *m, struct buf *b, const struct import_guest *g)
{
	buf_str(b, "    memory: ");
	if (!g->dynamic) {
		import_put_size(m, b, g->startup);
		buf_ch(b, '\n');
		return;
	}
	buf_str(b, "{ startup: ");
	import_put_size(m, b, g->startup);
	buf_str(b, ", minimum: ");
	import_put_size(m, b, g->minimum);
	buf_str(b, ", maximum: ");
	import_put_size(m, b, g->maximum);
	buf_fmt(b, ", buffer: %lld, weight: %lld }\n", (long long)g->buffer, (long long)g->weight);
}

/* The fields of a disk in one line. */
static void put_disk(struct import *m, struct buf *b, const struct import_guest *g, uint32_t i)
{
	const struct import_disk *k = &g->disks[i];

	buf_str(b, "{ size: ");
	import_put_size(m, b, k->size);
	if (sv_eq(k->format, SV("VHD")))
		buf_str(b, ", format: vhd");
	buf_fmt(b, ", type: %s", sv_eq(k->type, SV("Fixed")) ? "fixed" : sv_eq(k->type, SV("Differencing")) ? "differencing" : "dynamic");
	if (k->parent.n && sv_eq(k->type, SV("Differencing"))) {
		buf_str(b, ", parent: ");
		import_put_text(b, k->parent);
	}
	/* its own file, even where setup.ps1 would make it: what is in it is known to nobody */
	buf_str(b, ", file: ");
	import_put_text(b, k->path);
	buf_str(b, " }\n");
}

static bool is_disk(struct import *m, const struct import_guest *g, uint32_t i)
{
	const struct import_disk *k = &g->disks[i];
	struct sv path = sv_fmt(m->a, ".disks[%u].path", i);

	if (k->checkpoint)
		import_report(m, IMPORT_LEFT_OUT, "guests", g->index, path.p, "'" SV_FMT "' has checkpoints, which the spec does not know",
			      SV_ARG(g->name));
	if (k->size && k->path.n > 3 && (k->path.p[1] == ':' || sv_starts(k->path, SV("\\\\"))))
		return true;
	import_report(m, IMPORT_LEFT_OUT, "guests", g->index, path.p, "a disk of '" SV_FMT "' that is no file of Hyper-V",
		      SV_ARG(g->name));
	return false;
}

static void put_disks(struct import *m, struct buf *b, const struct import_guest *g)
{
	bool any = false;

	for (uint32_t i = 0; i < g->n_disks; i++) {
		if (!is_disk(m, g, i))
			continue;
		if (i == 0) {
			buf_str(b, "    disk: ");
		} else {
			if (!any)
				buf_str(b, "    disks:\n");
			any = true;
			buf_str(b, "      - ");
		}
		put_disk(m, b, g, i);
	}
	if (!g->n_disks)
		import_report(m, IMPORT_LEFT_OUT, "guests", g->index, ".disks",
			      "'" SV_FMT "' has no disk; the spec gives every guest one", SV_ARG(g->name));
	for (uint32_t i = 0; i < g->n_dvds; i++)
		if (g->dvds[i].n > 3 && g->dvds[i].p[1] == ':') {
			buf_str(b, "    iso: ");
			import_put_text(b, g->dvds[i]);
			buf_ch(b, '\n');
			break;
		}
}

static void put_mac(struct buf *b, struct sv mac)
{
	for (size_t i = 0; i + 1 < mac.n && i < 12; i += 2)
		buf_fmt(b, "%s%c%c", i ? "-" : "", mac.p[i], mac.p[i + 1]);
}

static void put_nic(struct import *m, struct buf *b, const struct import_adapter *a)
{
	buf_fmt(b, "{ network: " SV_FMT, SV_ARG(a->in->key));
	if (a->address)
		buf_fmt(b, ", address: " SV_FMT, SV_ARG(num_ip_text(m->a, a->address)));
	if (!a->dynamic_mac && a->mac.n == 12) {
		buf_str(b, ", mac: ");
		put_mac(b, a->mac);
	}
	if (a->legacy)
		buf_str(b, ", legacy: true");
	if (a->vlan)
		buf_fmt(b, ", vlan: %lld", (long long)a->vlan);
	buf_str(b, " }");
}

static void check_adapter(struct import *m, const struct import_guest *g, uint32_t k)
{
	const struct import_adapter *a = &g->adapters[k];
	struct sv at;

	if (!a->in) {
		at = sv_fmt(m->a, ".adapters[%u].switch", k);
		import_report(m, IMPORT_LEFT_OUT, "guests", g->index, at.p, "an adapter of '" SV_FMT "' is connected to nothing",
			      SV_ARG(g->name));
		return;
	}
	at = sv_fmt(m->a, ".adapters[%u].spoofing", k);
	if (a->spoofing != g->nested)
		import_report(m, IMPORT_LEFT_OUT, "guests", g->index, at.p,
			      "MAC spoofing of '" SV_FMT "' is %s; the spec ties it to `nested`", SV_ARG(g->name), a->spoofing ? "on" : "off");
	at = sv_fmt(m->a, ".adapters[%u].vlanMode", k);
	if (sv_eq(a->vlan_mode, SV("Trunk")))
		import_report(m, IMPORT_LEFT_OUT, "guests", g->index, at.p, "a trunk of VLANs at '" SV_FMT "'", SV_ARG(g->name));
}

static void put_nics(struct import *m, struct buf *b, const struct import_guest *g)
{
	bool any = false, dhcp = false, router = false;

	for (uint32_t k = 0; k < g->n_adapters; k++) {
		const struct import_adapter *a = &g->adapters[k];

		check_adapter(m, g, k);
		if (!a->in)
			continue;
		buf_str(b, any ? "      - " : "    nics:\n      - ");
		put_nic(m, b, a);
		buf_ch(b, '\n');
		any = true;
		dhcp = dhcp || (a->in->guard && !a->dhcp_guard);
		router = router || (a->in->guard && !a->router_guard);
	}
	if (!any)
		buf_str(b, "    nics: []\n");
	if (dhcp || router)
		buf_fmt(b, "    serves: [%s%s%s]\n", dhcp ? "dhcp" : "", dhcp && router ? ", " : "", router ? "router" : "");
}

static void put_ports(struct import *m, struct buf *b, const struct import_guest *g)
{
	bool any = false;

	for (uint32_t i = g->first_mapping; i < m->n_mappings; i = m->mappings[i].next) {
		const struct import_mapping *p = &m->mappings[i];

		if (!any)
			buf_str(b, "    ports:\n");
		any = true;
		buf_fmt(b, "      - { external: %lld, internal: %lld, protocol: %s", (long long)p->external_port,
			(long long)p->internal_port, sv_eq_nocase(p->protocol, SV("UDP")) ? "udp" : "tcp");
		if (p->external_address.n && !sv_eq(p->external_address, SV("0.0.0.0")))
			buf_fmt(b, ", external_address: " SV_FMT, SV_ARG(p->external_address));
		buf_str(b, " }\n");
	}
}

static const char *word_of(struct sv s, const char *const (*pairs)[2], const char *otherwise)
{
	for (; (*pairs)[0]; pairs++)
		if (sv_eq(s, sv_from((*pairs)[0])))
			return (*pairs)[1];
	return otherwise;
}

static void put_life(struct buf *b, const struct import_guest *g)
{
	static const char *const stop[][2] = { { "TurnOff", "turn-off" }, { "Save", "save" }, { NULL, NULL } };
	static const char *const start[][2] = { { "Nothing", "nothing" }, { "Start", "always" }, { NULL, NULL } };
	static const char *const checkpoints[][2] = { { "Disabled", "disabled" }, { "Standard", "standard" }, { NULL, NULL } };
	size_t from;

	buf_fmt(b, "    automatic_stop: %s\n", word_of(g->stop, stop, "shutdown"));
	buf_fmt(b, "    automatic_start: %s\n", word_of(g->start, start, "if-running"));
	if (g->delay)
		buf_fmt(b, "    start_delay: %llds\n", (long long)g->delay);
	buf_fmt(b, "    checkpoints: %s\n", word_of(g->checkpoints, checkpoints, "production"));
	from = b->n;
	if (sv_eq(g->state, SV("Off")) && !sv_eq(g->start, SV("Start"))) {
		buf_str(b, "    on_demand: true");
		import_put_comment(b, from, "it was off");
	}
}

static void put_firmware(struct buf *b, const struct import_guest *g)
{
	buf_fmt(b, "    generation: %d\n", g->generation == 1 ? 1 : 2);
	if (g->generation != 1) {
		buf_fmt(b, "    secure_boot: %s\n",
			!sv_eq(g->secure_boot, SV("On")) ? "off" : sv_eq(g->boot_template, SV("MicrosoftWindows")) ? "windows" : "linux");
		buf_fmt(b, "    tpm: %s\n", g->tpm ? "true" : "false");
	}
	buf_fmt(b, "    processor_compatibility: %s\n    nested: %s\n", g->compatibility ? "true" : "false", g->nested ? "true" : "false");
}

void import_put_guest(struct import *m, struct buf *b, const struct import_guest *g)
{
	const char *why, *os = guess_os(m, g, &why);
	size_t from;

	buf_fmt(b, "  " SV_FMT ":", SV_ARG(g->key));
	if (!sv_eq(g->key, g->name)) {
		buf_str(b, "  # on the machine: ");
		import_put_comment_text(b, g->name);
	}
	buf_ch(b, '\n');
	from = b->n;
	buf_fmt(b, "    os: %s", os);
	import_put_comment(b, from, why);
	from = b->n;
	buf_str(b, "    configure: manual");
	import_put_comment(b, from, "it is installed already");
	buf_fmt(b, "    vcpus: %lld\n", (long long)(g->processors ? g->processors : 1));
	put_memory(m, b, g);
	put_firmware(b, g);
	put_disks(m, b, g);
	put_nics(m, b, g);
	put_ports(m, b, g);
	put_life(b, g);
	if (g->text.n) {
		buf_str(b, "    notes: ");
		import_put_text(b, g->text);
		buf_ch(b, '\n');
	}
}

