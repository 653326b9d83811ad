/* The part of the view that describes one host: its networks, guests and mappings. */
#include <string.h>

#include "base/num.h"
#include "emit/seed.h"
#include "emit/view.h"
#include "emit/words.h"
#include "model/azure.h"
#include "model/images.h"
#include "schema/table.h"

static void put_word(const struct view *v, struct ct_value *d, const char *key, struct v_enum e, const char *const *words)
{
	view_put_str(v, d, key, meta_ok(e.m) ? words[e.v] : NULL);
}

static void put_size(const struct view *v, struct ct_value *d, const char *key, struct v_size s)
{
	view_put_number(v, d, key, s.m, (int64_t)s.v);
}

static bool is_on(struct v_bool b)
{
	return meta_ok(b.m) && b.v;
}

/* --- guests --- */

/* A path below the folder of the lab's data. */
static struct sv data_path(const struct view *v, const struct lab_host *h, const char *folder, struct sv file)
{
	struct sv data = h->data.v;

	if (sv_ends(data, SV("\\")))
		data.n--;
	return sv_fmt(v->a, SV_FMT "\\%s\\" SV_FMT, SV_ARG(data), folder, SV_ARG(file));
}

/* The part after the last / or \, without a URL's query and without its suffix. */
static struct sv stem(struct sv path)
{
	ptrdiff_t cut = sv_find(path, '?');
	size_t from = 0, dot;

	if (cut >= 0)
		path = sv_sub(path, 0, (size_t)cut);
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] == '/' || path.p[i] == '\\')
			from = i + 1;
	path = sv_sub(path, from, path.n);
	for (dot = path.n; dot > 1; dot--)
		if (path.p[dot - 1] == '.')
			return sv_sub(path, 0, dot - 1);
	return path;
}

/* Where the system disk comes from: `image` (a path to which the script adds a suffix), the disk's `source`
 * (a path as it is), or `iso`. What has to be downloaded is named in image_url and expected at `image`. */
struct origin {
	struct sv image, source, iso, url, sha256;
	uint64_t bytes; /* of what the URL gives; 0: not known */
};

static void from_url(const struct view *v, const struct lab_guest *g, struct origin *o, struct sv url, struct sv sha256)
{
	const struct os_image *maker = g->os ? &os_images[g->os - os_table] : NULL;

	o->url = url;
	o->sha256 = sha256;
	o->image = data_path(v, g->host, "images", stem(url));
	if (image_is_published(maker, url))
		o->bytes = maker->download_mib * MIB;
}

static struct origin origin_of(const struct view *v, const struct lab_guest *g)
{
	struct origin o = { .iso = meta_ok(g->iso.m) ? g->iso.v : SV("") };

	if (image_is_url(o.iso)) /* a person puts it there */
		o.iso = sv_fmt(v->a, SV_FMT ".iso", SV_ARG(data_path(v, g->host, "images", stem(o.iso))));

	if (g->image_from == IMAGE_RUNTIME && g->os) {
		o.image = data_path(v, g->host, "images", sv_from(g->os->id));
	} else if (g->image_from == IMAGE_DISK) {
		if (g->n_disks && meta_ok(g->disks[0].source.m) && image_is_url(g->disks[0].source.v))
			from_url(v, g, &o, g->disks[0].source.v, meta_ok(g->disks[0].sha256.m) ? g->disks[0].sha256.v : SV(""));
	} else if (g->image.n) {
		o.sha256 = g->image_sha256;
		if (image_is_url(g->image)) {
			from_url(v, g, &o, g->image, g->image_sha256);
		} else if (sv_ends(g->image, SV(".zip"))) {
			o.image = data_path(v, g->host, "images", stem(g->image));
		} else {
			o.source = g->image;
		}
	}
	return o;
}

static struct ct_value disk_value(const struct view *v, const struct lab_guest *g, const struct lab_disk *k,
				  const struct origin *o)
{
	struct ct_value d = view_dict(v, VIEW_DISK);

	if (meta_ok(k->path.m))
		view_put_v_text(v, &d, "path", k->path);
	else
		view_put_text(v, &d, "path", data_path(v, g->host, "disks", k->file), g->host->data.m);
	put_size(v, &d, "size", k->size);
	put_word(v, &d, "format", k->format, cmdlet_disk_format);
	put_word(v, &d, "type", k->type, cmdlet_disk_type);
	if (k->boot && o->source.n)
		view_put_text(v, &d, "source", o->source, g->spec->image.m);
	else if (meta_ok(k->source.m) && image_is_url(k->source.v)) /* a person puts it there; of a system disk it is `image` */
		view_put_text(v, &d, "source", k->boot ? SV("") : data_path(v, g->host, "images", stem(k->source.v)), k->source.m);
	else
		view_put_v_text(v, &d, "source", k->source);
	view_put_v_text(v, &d, "parent", k->parent);
	view_put_bool(v, &d, "boot", k->boot);
	view_put(v, &d, "at", view_place_disk(v, g, k));
	return d;
}

/* "02:15:5d:00:00:01"; `between` '\0': nothing */
static struct ct_value mac_text(const struct view *v, struct v_mac mac, const char *digits, char between)
{
	char text[6 * 3];
	size_t n = 0;

	if (!meta_ok(mac.m))
		return ct_none();
	for (int i = 44; i >= 0; i -= 4) {
		text[n++] = digits[mac.v >> i & 0xf];
		if (between && i % 8 == 0 && i > 0)
			text[n++] = between;
	}
	return ct_text(sv_dup(v->a, (struct sv){ text, n }));
}

/* What an adapter has from its network. */
static void put_nic_network(const struct view *v, struct ct_value *d, const struct lab_network *n)
{
	view_put_v_text(v, d, "switch", n ? n->switch_name : (struct v_text){ 0 });
	view_put_kind(v, d, n);
	view_put_subnet(v, d, n);
}

static struct ct_value nic_value(const struct view *v, const struct lab_nic *n, uint32_t index)
{
	struct ct_value d = view_dict(v, VIEW_NIC);
	const struct lab_network *net = n->network;
	struct sv name = net ? net->name : SV("");

	/* two adapters in one network need two names */
	for (uint32_t i = 0; i < index; i++)
		if (n->guest->nics[i].network == net) {
			name = sv_fmt(v->a, SV_FMT "-%u", SV_ARG(name), index + 1);
			break;
		}
	view_put_text(v, &d, "name", name, n->m);
	view_put(v, &d, "at", view_place_nic(v, n));
	view_put_text(v, &d, "network", net ? net->name : SV(""), n->m);
	put_nic_network(v, &d, net);
	view_put_ip(v, &d, "address", n->address);
	view_put_ip(v, &d, "gateway", n->gateway);
	view_put(v, &d, "dns", view_dns(v, n->dns));
	view_put(v, &d, "mac", mac_text(v, n->mac, "0123456789ABCDEF", '\0'));
	view_put(v, &d, "mac_colons", mac_text(v, n->mac, "0123456789abcdef", ':'));
	view_put(v, &d, "mac_dashes", mac_text(v, n->mac, "0123456789abcdef", '-'));
	view_put_bool(v, &d, "dhcp", meta_ok(n->address.m) && n->address.word == IP_DHCP);
	view_put_bool(v, &d, "dns_from_host", meta_ok(n->dns.m) && n->dns.is_host);
	view_put_bool(v, &d, "legacy", is_on(n->legacy));
	view_put_number(v, &d, "vlan", n->vlan.m, n->vlan.v);
	view_put_bool(v, &d, "dhcp_guard", n->dhcp_guard);
	view_put_bool(v, &d, "router_guard", n->router_guard);
	view_put_bool(v, &d, "mac_spoofing", n->mac_spoofing);
	return d;
}

static struct ct_value memory_value(const struct view *v, const struct lab_guest *g)
{
	struct ct_value d = view_dict(v, VIEW_MEMORY);

	put_size(v, &d, "startup", g->startup);
	put_size(v, &d, "minimum", g->minimum);
	put_size(v, &d, "maximum", g->maximum);
	view_put_bool(v, &d, "dynamic", g->dynamic);
	view_put_number(v, &d, "buffer", g->buffer.m, g->buffer.v);
	view_put_number(v, &d, "weight", g->weight.m, g->weight.v);
	return d;
}

static void put_firmware(const struct view *v, struct ct_value *d, const struct lab_guest *g)
{
	bool gen2 = meta_ok(g->generation.m) && g->generation.v == 2;

	view_put_number(v, d, "generation", g->generation.m, g->generation.v);
	view_put_str(v, d, "secure_boot", !gen2 ? NULL : g->boot == BOOT_OFF ? "Off" : "On");
	view_put_str(v, d, "secure_boot_template", gen2 ? cmdlet_boot_template[g->boot] : NULL);
	view_put_bool(v, d, "tpm", is_on(g->tpm));
}

static void put_lifecycle(const struct view *v, struct ct_value *d, const struct lab_guest *g)
{
	struct ct_value after = ct_list_new(v->a, g->n_start_after);

	put_word(v, d, "automatic_stop", g->automatic_stop, cmdlet_stop);
	put_word(v, d, "automatic_start", g->automatic_start, cmdlet_start);
	view_put_int(v, d, "start_delay", meta_ok(g->start_delay.m) ? g->start_delay.v : 0);
	for (uint32_t i = 0; i < g->n_start_after; i++)
		ct_list_add(v->a, &after, ct_text(g->start_after[i]->name));
	view_put(v, d, "start_after", after);
	put_word(v, d, "checkpoint", g->checkpoints, cmdlet_checkpoint);
	view_put_bool(v, d, "on_demand", is_on(g->on_demand));
}

static void put_storage(const struct view *v, struct ct_value *d, const struct lab_guest *g)
{
	struct ct_value disks = ct_list_new(v->a, g->n_disks);
	struct origin o = origin_of(v, g);

	for (uint32_t i = 0; i < g->n_disks; i++)
		ct_list_add(v->a, &disks, disk_value(v, g, &g->disks[i], &o));
	view_put(v, d, "disks", disks);
	view_put_text(v, d, "image", o.image, g->host->data.m);
	view_put_text(v, d, "image_url", o.url, g->spec->image.m);
	view_put(v, d, "image_bytes", ct_int((int64_t)o.bytes));
	view_put_text(v, d, "image_sha256", o.sha256, g->spec->image.m);
	view_put_text(v, d, "iso", o.iso, meta_ok(g->iso.m) ? g->iso.m : g->spec->image.m);
}

static struct ct_value texts_value(const struct view *v, const struct v_text_list *list)
{
	struct ct_value d = ct_list_new(v->a, list->n);

	for (uint32_t i = 0; i < list->n; i++)
		if (meta_ok(list->v[i].m))
			ct_list_add_at(v->a, &d, ct_text(list->v[i].v), spec_span(v->lab->spec, list->v[i].m));
	return d;
}

static struct ct_value files_value(const struct view *v, const struct v_file_list *list)
{
	struct ct_value d = ct_list_new(v->a, list->n);

	for (uint32_t i = 0; i < list->n; i++) {
		struct ct_value f = ct_dict_new(v->a, 2);

		view_put_v_text(v, &f, "path", list->v[i].path);
		view_put(v, &f, "content", ct_text(list->v[i].content.v));
		ct_list_add(v->a, &d, f);
	}
	return d;
}

/* The adapter at which the host can reach the guest: its address in a network the host is in too. */
static const struct lab_nic *probed_nic(const struct lab_guest *g)
{
	for (uint32_t i = 0; i < g->n_nics; i++)
		if (nic_is_fixed(&g->nics[i]) && g->nics[i].network && meta_ok(g->nics[i].network->gateway.m) &&
		    g->nics[i].network->kind.v != KIND_PRIVATE)
			return &g->nics[i];
	return NULL;
}

/* Where the host itself can ask whether the guest lives, and the port through which people sign in. Mapped services come and go with the class; of a guest set up by hand they are all
 * there is to ask. */
static void put_probe(const struct view *v, struct ct_value *d, const struct lab_guest *g)
{
	struct ct_value ports = ct_list_new(v->a, 2);
	const struct lab_nic *at = probed_nic(g);

	if (at && g->configure.v == CONFIGURE_CLOUD_INIT)
		ct_list_add(v->a, &ports, ct_int(22));
	else if (at && g->configure.v == CONFIGURE_UNATTEND && is_on(g->remote_desktop))
		ct_list_add(v->a, &ports, ct_int(3389));
	for (uint32_t i = 0; at && g->configure.v == CONFIGURE_MANUAL && i < g->n_mappings; i++)
		if (g->mappings[i].protocol.v == PROTO_TCP && meta_ok(g->mappings[i].internal.m))
			ct_list_add(v->a, &ports, ct_int(g->mappings[i].internal.v));
	view_put_ip(v, d, "probe_address", at ? at->address : (struct v_ip){ 0 });
	view_put(v, d, "probe_ports", ports);
}

/* Who signs in to a guest for which the spec makes no account: the user of its image, or, where nothing sets it up
 * at its first boot, the login its maker publishes. */
static void put_login(const struct view *v, struct ct_value *d, const struct lab_guest *g)
{
	const struct os_image *maker = g->os ? &os_images[g->os - os_table] : NULL;
	struct v_text user = g->image_entry ? g->image_entry->login : (struct v_text){ 0 };
	bool said = meta_ok(user.m);
	bool known = maker && maker->login && maker->password && g->configure.v == CONFIGURE_MANUAL &&
		     (!said || sv_eq(user.v, sv_from(maker->login)));

	if (meta_ok(g->user.m))
		known = said = false;
	view_put_str(v, d, "login", known ? maker->login : NULL);
	if (said)
		view_put_v_text(v, d, "login", user);
	view_put_str(v, d, "login_password", known ? maker->password : NULL);
}

/* What the answer documents say. */
static void put_inside(const struct view *v, struct ct_value *d, const struct lab_guest *g)
{
	const struct keyboard *k = catalogue_keyboard(v->lab->keyboard.v);

	put_probe(v, d, g);
	view_put_enum(v, d, "configure", g->configure, &words_configure);
	view_put_v_text(v, d, "user", g->user);
	put_login(v, d, g);
	view_put_bool(v, d, "password_asked", guest_asks_password(g));
	view_put(v, d, "ssh_keys", texts_value(v, &g->spec->ssh_keys));
	view_put(v, d, "packages", texts_value(v, &g->spec->provision.packages));
	view_put(v, d, "commands", texts_value(v, &g->spec->provision.commands));
	view_put(v, d, "files", files_value(v, &g->spec->provision.files));
	view_put(v, d, "tests", view_tests(v, &g->spec->tests));
	/* makers' images have it, and setting it again fails where nothing of the kind is installed */
	if (k && !meta_written(v->lab->keyboard.m) && strcmp(k->xkb, "us") == 0 && !k->variant)
		view_put_str(v, d, "keyboard_xkb", NULL);
	else
		view_put_str(v, d, "keyboard_xkb", k ? k->xkb : NULL);
	view_put_str(v, d, "keyboard_variant", k ? k->variant : NULL);
	view_put_str(v, d, "keyboard_windows", k ? k->windows : NULL);
	view_put_str(v, d, "zone_windows", v->lab->zone ? v->lab->zone->windows : NULL);
	view_put_bool(v, d, "is_windows", g->os && os_is_windows(g->os));
	view_put_bool(v, d, "is_server", g->os && g->os->family == FAMILY_WINDOWS_SERVER);
	view_put_bool(v, d, "powershell_direct", g->os && os_has_direct(g->os));
	view_put_bool(v, d, "tests_inside", view_has_tests_inside(g));
	view_put_bool(v, d, "ssh_windows", seed_has_windows_keys(g));
	view_put_text(v, d, "edition", g->image_edition, g->m);
}

/* Rules of the virtual switch as ps/props-egress.ps1.j2 writes them: protocol, own port, address and port. */
static struct ct_value reach_value(const struct view *v, const struct lab_guest *g)
{
	struct ct_value list = ct_list_new(v->a, 1);

	for (const struct lab_reach *r = g->reach; r; r = r->next) {
		struct sv ip = num_ip_text(v->a, r->address);

		ct_list_add(v->a, &list, ct_text(sv_fmt(v->a, "%s ANY " SV_FMT " %u", cmdlet_protocol[r->protocol],
							SV_ARG(ip), r->port)));
	}
	return list;
}

struct ct_value view_guest(const struct view *v, const struct lab_guest *g)
{
	struct ct_value d = view_dict(v, VIEW_GUEST), nics = ct_list_new(v->a, g->n_nics);

	view_put_text(v, &d, "name", g->name, g->m);
	view_put_text(v, &d, "base", g->base, g->m);
	view_put(v, &d, "seat", g->seat ? ct_int(g->seat) : ct_none());
	view_put(v, &d, "at", view_place_guest(v, g));
	view_put_str(v, &d, "os", g->os ? g->os->id : NULL);
	view_put_str(v, &d, "os_name", g->os ? g->os->name : NULL);
	view_put_number(v, &d, "vcpus", g->vcpus.m, g->vcpus.v);
	view_put(v, &d, "memory", memory_value(v, g));
	put_firmware(v, &d, g);
	put_storage(v, &d, g);
	for (uint32_t i = 0; i < g->n_nics; i++)
		ct_list_add(v->a, &nics, nic_value(v, &g->nics[i], i));
	view_put(v, &d, "nics", nics);
	view_put(v, &d, "reach", reach_value(v, g));
	view_put_bool(v, &d, "processor_compatibility", is_on(g->processor_compatibility));
	view_put_bool(v, &d, "nested", is_on(g->nested));
	put_lifecycle(v, &d, g);
	view_put_bool(v, &d, "remote_desktop", is_on(g->remote_desktop));
	view_put_text(v, &d, "hostname", g->hostname, g->hostname_m);
	put_inside(v, &d, g);
	view_put_v_text(v, &d, "notes", g->notes);
	view_put_v_text(v, &d, "licence", g->licence);
	return d;
}

/* --- mappings and the host --- */

static bool is_vhd(struct sv path)
{
	return sv_ends(path, SV(".vhdx")) || sv_ends(path, SV(".vhd"));
}

/* May the guest's system come from installation media? Paths without a suffix get it on the machine. */
static bool may_need_media(const struct view *v, const struct lab_guest *g)
{
	struct origin o = origin_of(v, g);

	for (uint32_t i = 0; i < g->n_disks; i++)
		if (g->disks[i].boot && (is_vhd(g->disks[i].source.v) || meta_ok(g->disks[i].parent.m)))
			return false;
	return !is_vhd(o.source) && !is_vhd(o.url);
}

/* Which of the parts that few labs need are in the host's script. */
static void put_parts(const struct view *v, struct ct_value *d, const struct lab_host *h)
{
	bool dhcp = false, cloud_init = false, download = false, dvd = false, egress = false, inside = false;
	bool media = false, tests = false;

	for (uint32_t i = 0; i < h->n_networks; i++) {
		dhcp |= h->networks[i].dhcp;
		egress |= h->networks[i].n_nics && lab_held_egress(&h->networks[i]) != EGRESS_ALL;
	}
	for (uint32_t i = 0; i < h->n_guests; i++) {
		const struct lab_guest *g = h->start_order[i];

		download |= origin_of(v, g).url.n > 0;
		/* what Windows is made from without a hand never stands in the drive */
		if (!meta_ok(g->configure.m) || g->configure.v != CONFIGURE_UNATTEND)
			dvd |= may_need_media(v, g);
		else
			media |= may_need_media(v, g);
		dvd |= meta_ok(g->iso.m) && g->iso.v.n;
		cloud_init |= meta_ok(g->configure.m) && g->configure.v == CONFIGURE_CLOUD_INIT;
		tests |= g->spec->tests.n > 0;
		inside |= view_has_tests_inside(g);
	}
	view_put_bool(v, d, "has_dhcp", dhcp);
	view_put_bool(v, d, "has_download", download);
	view_put_bool(v, d, "has_cloud_init", cloud_init);
	view_put_bool(v, d, "has_dvd", dvd);
	view_put_bool(v, d, "has_egress", egress);
	view_put_bool(v, d, "has_media", media);
	view_put_bool(v, d, "has_tests", tests);
	view_put_bool(v, d, "tests_inside", inside);
}

static struct ct_value mapping_value(const struct view *v, const struct lab_mapping *m)
{
	struct ct_value d = view_dict(v, VIEW_MAPPING);

	view_put_text(v, &d, "guest", m->guest->name, m->guest->m);
	view_put(v, &d, "at", view_place_mapping(v, m));
	view_put_v_text(v, &d, "name", m->name);
	view_put_str(v, &d, "protocol", cmdlet_protocol[m->protocol.v]);
	view_put_ip(v, &d, "external_address", m->external_address);
	view_put_number(v, &d, "external_port", m->external.m, m->external.v);
	view_put_ip(v, &d, "internal_address", m->nic ? m->nic->address : (struct v_ip){ 0 });
	view_put_bool(v, &d, "probed", m->nic && m->nic == probed_nic(m->guest));
	view_put_number(v, &d, "internal_port", m->internal.m, m->internal.v);
	view_put_v_text(v, &d, "note", m->note);
	return d;
}

static void put_machine(const struct view *v, struct ct_value *d, const struct lab_host *h)
{
	view_put_str(v, d, "os", h->os ? h->os->id : NULL);
	view_put_str(v, d, "os_name", h->os ? h->os->name : NULL);
	view_put_bool(v, d, "os_is_server", h->os && h->os->server);
	view_put_text(v, d, "size", h->size_text, h->size_m);
	view_put_text(v, d, "sku", h->sku, h->size_m);
	view_put_text(v, d, "vm_size", h->vm_size, h->size_m);
	view_put_number(v, d, "vcpus", h->vcpus.m, h->vcpus.v);
	put_size(v, d, "memory", h->memory);
	view_put(v, d, "memory_text", meta_ok(h->memory.m) ? ct_text(num_size_text(v->a, h->memory.v)) : ct_none());
	put_size(v, d, "reserve", h->reserve);
	put_size(v, d, "disk", h->disk);
}

/* "F:" where the target gives the host a raw data disk and the guests are to lie there, else none. */
static struct ct_value data_disk(const struct view *v, const struct lab_host *h)
{
	bool gives = v->lab->target == TARGET_AZURE_VM || v->lab->target == TARGET_DEVTEST_LABS;

	if (!gives || h->disk_is_shared || !meta_ok(h->data.m) || h->data.v.n < 2 || h->data.v.p[0] == 'C')
		return ct_none();
	return ct_text(sv_sub(h->data.v, 0, 2));
}

struct ct_value view_host(const struct view *v, const struct lab_host *h)
{
	struct ct_value d = ct_dict_new(v->a, 46), networks = ct_list_new(v->a, h->n_networks);
	struct ct_value guests = ct_list_new(v->a, h->n_guests), maps = ct_list_new(v->a, h->n_mappings);
	struct ct_value *guest = NEW(v->a, struct ct_value, h->n_guests + 1);
	struct ct_value *mapping = NEW(v->a, struct ct_value, h->n_mappings + 1);

	view_put_text(v, &d, "name", h->name, h->m);
	view_put_text(v, &d, "dir", h->name, h->m);
	view_put(v, &d, "at", view_place_host(v, h));
	view_put_ip(v, &d, "address", h->address);
	put_machine(v, &d, h);
	view_put_int(v, &d, "seats", h->seats.v);
	view_put_v_text(v, &d, "admin_user", h->admin_user);
	view_put_v_text(v, &d, "student_user", h->student_user);
	view_put_bool(v, &d, "admin_students", is_on(h->admin_students));
	view_put_v_text(v, &d, "data", h->data);
	view_put(v, &d, "data_disk", data_disk(v, h));
	view_put_text(v, &d, "scripts", h->scripts, v->lab->spec->lab.name.m);
	/* an image of one's own brings a switch and guests, which become the lab's */
	view_put_bool(v, &d, "adopt",
		      v->lab->target == TARGET_AZURE_VM && meta_ok(v->lab->spec->lab.targets.azure_vm.image.id.m));
	view_put_bool(v, &d, "desktop_shortcut", is_on(h->desktop_shortcut));
	view_put_str(v, &d, "resume", h->resume.v == RESUME_TASK ? "task" : "manual");
	view_put_bool(v, &d, "keeps_password", azure_keeps_password(h));
	view_put_text(v, &d, "lab", h->group ? h->group->name : SV(""), h->m);
	view_put_text(v, &d, "template_host", h->group ? h->group->template_host->name : h->name, h->m);
	for (uint32_t i = 0; i < h->n_networks; i++)
		/* the section of the NAT network is always there; without guests another kind of it is nothing to make */
		if (h->networks[i].n_nics || h->networks[i].kind.v == KIND_NAT || !h->networks[i].is_nat_section)
			ct_list_add(v->a, &networks, view_network(v, &h->networks[i]));
	view_put(v, &d, "networks", networks);
	put_parts(v, &d, h);
	for (uint32_t i = 0; i < h->n_guests; i++)
		guest[i] = view_guest(v, h->start_order[i]);
	seed_put(v, h, &d, guest);
	for (uint32_t i = 0; i < h->n_guests; i++)
		ct_list_add(v->a, &guests, guest[i]);
	view_put(v, &d, "guests", guests);
	for (uint32_t i = 0; i < h->n_mappings; i++) {
		mapping[i] = mapping_value(v, &h->mappings[i]);
		ct_list_add(v->a, &maps, mapping[i]);
	}
	view_put(v, &d, "mappings", maps);
	view_put_alike(v, &d, h, guest);
	view_put(v, &d, "seat_list", view_seats(v, h, guest, mapping));
	return d;
}
