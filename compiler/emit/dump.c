#include "emit/dump.h"

#include <jansson.h>

#include "base/bug.h"
#include "emit/words.h"
#include "model/azure.h"
#include "schema/table.h"

static json_t *text(struct sv s)
{
	return json_stringn(s.p, s.n);
}

static void put_text(json_t *o, const char *key, struct sv s)
{
	if (s.n)
		json_object_set_new(o, key, text(s));
}

static void put_v(json_t *o, const char *key, struct v_text t)
{
	if (meta_ok(t.m))
		json_object_set_new(o, key, text(t.v));
}

static void put_int(json_t *o, const char *key, struct meta m, int64_t n)
{
	if (meta_ok(m))
		json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void put_bool(json_t *o, const char *key, struct v_bool b)
{
	if (meta_ok(b.m))
		json_object_set_new(o, key, json_boolean(b.v));
}

static void put_word(json_t *o, const char *key, struct v_enum e, const char *const *words)
{
	if (meta_ok(e.m))
		json_object_set_new(o, key, json_string(words[e.v]));
}

static void put_enum(json_t *o, const char *key, struct v_enum e, const struct words *words)
{
	if (meta_ok(e.m))
		json_object_set_new(o, key, json_string(words->v[e.v].word));
}

static void put_ip(const struct lab *l, json_t *o, const char *key, struct v_ip ip)
{
	if (meta_ok(ip.m))
		put_text(o, key, ip.word == IP_DHCP ? SV("dhcp") : num_ip_text(l->a, ip.v));
}

static void put_prefix(const struct lab *l, json_t *o, const char *key, struct v_prefix p)
{
	if (meta_ok(p.m))
		put_text(o, key, prefix_text(l->a, p));
}

static void put_time(const struct lab *l, json_t *o, const char *key, struct v_time t)
{
	if (meta_ok(t.m))
		put_text(o, key, t.off ? SV("off") : clock_text(l->a, t));
}

static void put_duration(const struct lab *l, json_t *o, const char *key, struct v_duration d)
{
	if (meta_ok(d.m))
		put_text(o, key, d.off ? SV("off") : iso_duration(l->a, d.v));
}

static json_t *dns(const struct lab *l, struct v_ip_list list)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < list.n; i++)
		json_array_append_new(a, text(num_ip_text(l->a, list.v[i].v)));
	return a;
}

/* --- guests --- */

static json_t *disks(const struct lab_guest *g)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < g->n_disks; i++) {
		const struct lab_disk *d = &g->disks[i];
		json_t *o = json_object();

		put_int(o, "sizeBytes", d->size.m, (int64_t)d->size.v);
		put_enum(o, "format", d->format, &words_disk_format);
		put_enum(o, "type", d->type, &words_disk_type);
		put_v(o, "source", d->source);
		put_v(o, "sha256", d->sha256);
		put_v(o, "parent", d->parent);
		put_v(o, "file", d->path);
		json_array_append_new(a, o);
	}
	return a;
}

/* The name as the spec has it, the same for every seat; the host's section goes by its kind. */
static struct sv network_name(const struct lab_network *n)
{
	return n->is_nat_section && n->kind.v == KIND_DEFAULT_SWITCH ? SV("default-switch") : n->base;
}

static json_t *nics(const struct lab *l, const struct lab_guest *g)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < g->n_nics; i++) {
		const struct lab_nic *n = &g->nics[i];
		json_t *o = json_object();

		if (n->network) {
			put_text(o, "network", network_name(n->network));
			put_v(o, "switch", n->network->switch_name);
		}
		put_ip(l, o, "address", n->address);
		put_ip(l, o, "gateway", n->gateway);
		if (meta_ok(n->dns.m))
			json_object_set_new(o, "dns", n->dns.is_host ? json_string("host") : dns(l, n->dns));
		if (meta_ok(n->mac.m))
			put_text(o, "mac", sv_fmt(l->a, "%012llX", (unsigned long long)n->mac.v));
		put_bool(o, "legacy", n->legacy);
		put_int(o, "vlan", n->vlan.m, n->vlan.v);
		json_object_set_new(o, "dhcpGuard", json_boolean(n->dhcp_guard));
		json_object_set_new(o, "routerGuard", json_boolean(n->router_guard));
		json_object_set_new(o, "macSpoofing", json_boolean(n->mac_spoofing));
		json_array_append_new(a, o);
	}
	return a;
}

static void put_memory(json_t *o, const struct lab_guest *g)
{
	put_int(o, "memoryStartupBytes", g->startup.m, (int64_t)g->startup.v);
	json_object_set_new(o, "dynamicMemory", json_boolean(g->dynamic));
	put_int(o, "memoryMinimumBytes", g->minimum.m, (int64_t)g->minimum.v);
	put_int(o, "memoryMaximumBytes", g->maximum.m, (int64_t)g->maximum.v);
	put_int(o, "memoryBuffer", g->buffer.m, g->buffer.v);
	put_int(o, "memoryWeight", g->weight.m, g->weight.v);
}

static void put_firmware(json_t *o, const struct lab_guest *g)
{
	put_int(o, "generation", g->generation.m, g->generation.v);
	if (meta_ok(g->generation.m) && g->generation.v == 2) {
		json_object_set_new(o, "secureBoot", json_string(g->boot == BOOT_OFF ? "Off" : "On"));
		if (g->boot != BOOT_OFF)
			json_object_set_new(o, "secureBootTemplate", json_string(cmdlet_boot_template[g->boot]));
	}
	put_bool(o, "tpm", g->tpm);
}

static void put_image(json_t *o, const struct lab_guest *g)
{
	json_t *i = json_object();

	put_text(i, "source", g->image);
	put_text(i, "sha256", g->image_sha256);
	put_text(i, "edition", g->image_edition);
	if (json_object_size(i))
		json_object_set_new(o, "image", i);
	else
		json_decref(i);
}

static void put_lifecycle(json_t *o, const struct lab_guest *g)
{
	json_t *after = json_array(), *serves = json_array();

	put_word(o, "automaticStopAction", g->automatic_stop, cmdlet_stop);
	put_word(o, "automaticStartAction", g->automatic_start, cmdlet_start);
	put_int(o, "automaticStartDelaySeconds", g->start_delay.m, g->start_delay.v);
	put_word(o, "checkpointType", g->checkpoints, cmdlet_checkpoint);
	put_bool(o, "onDemand", g->on_demand);
	for (uint32_t i = 0; i < g->n_start_after; i++)
		json_array_append_new(after, text(g->start_after[i]->name));
	json_object_set_new(o, "startAfter", after);
	if (g->serves_dhcp)
		json_array_append_new(serves, json_string("dhcp"));
	if (g->serves_router)
		json_array_append_new(serves, json_string("router"));
	json_object_set_new(o, "serves", serves);
}

static json_t *guest(const struct lab *l, const struct lab_guest *g)
{
	json_t *o = json_object();

	if (g->os)
		json_object_set_new(o, "os", json_string(g->os->id));
	put_int(o, "vcpus", g->vcpus.m, g->vcpus.v);
	put_memory(o, g);
	put_firmware(o, g);
	put_lifecycle(o, g);
	put_bool(o, "processorCompatibility", g->processor_compatibility);
	put_bool(o, "nested", g->nested);
	put_bool(o, "remoteDesktop", g->remote_desktop);
	json_object_set_new(o, "disks", disks(g));
	put_v(o, "iso", g->iso);
	put_image(o, g);
	json_object_set_new(o, "nics", nics(l, g));
	put_enum(o, "configure", g->configure, &words_configure);
	put_enum(o, "password", g->password, &words_password);
	put_text(o, "hostname", g->hostname);
	put_v(o, "user", g->user);
	put_v(o, "licence", g->licence);
	put_v(o, "notes", g->notes);
	return o;
}

/* --- hosts --- */

static json_t *network(const struct lab *l, const struct lab_network *n)
{
	json_t *o = json_object(), *d;

	put_text(o, "name", n->name);
	put_enum(o, "kind", n->kind, &words_kind);
	put_v(o, "switch", n->switch_name);
	put_v(o, "nat", n->nat);
	if (l->target == TARGET_HYPER_V)
		put_prefix(l, o, "natPrefix", n->nat_prefix);
	if (n->is_external)
		json_object_set_new(o, "external", json_true());
	put_prefix(l, o, "prefix", n->subnet);
	put_int(o, "prefixLength", n->subnet.m, n->subnet.len);
	put_ip(l, o, "gateway", n->gateway);
	if (n->dhcp) {
		d = json_object();
		if (meta_ok(n->range.m)) {
			put_text(d, "start", num_ip_text(l->a, n->range.lo));
			put_text(d, "end", num_ip_text(l->a, n->range.hi));
		}
		put_int(d, "leaseSeconds", n->lease.m, n->lease.v);
		put_v(d, "scope", n->scope);
		json_object_set_new(o, "dhcp", d);
	}
	put_enum(o, "egress", n->egress, &words_egress);
	put_bool(o, "guard", n->guard);
	return o;
}

static json_t *mapping(const struct lab *l, const struct lab_mapping *m)
{
	json_t *o = json_object();

	put_text(o, "guest", m->guest->name);
	put_v(o, "name", m->name);
	put_word(o, "protocol", m->protocol, cmdlet_protocol);
	put_ip(l, o, "externalAddress", m->external_address);
	put_int(o, "externalPort", m->external.m, m->external.v);
	if (m->nic)
		put_ip(l, o, "internalAddress", m->nic->address);
	put_int(o, "internalPort", m->internal.m, m->internal.v);
	put_bool(o, "expose", m->expose);
	return o;
}

static json_t *host(const struct lab *l, const struct lab_host *h)
{
	json_t *o = json_object(), *networks = json_array(), *guests = json_object(), *mappings = json_array();

	if (h->os)
		json_object_set_new(o, "os", json_string(h->os->id));
	put_int(o, "vcpus", h->vcpus.m, h->vcpus.v);
	put_int(o, "memoryBytes", h->memory.m, (int64_t)h->memory.v);
	put_int(o, "diskBytes", h->disk.m, (int64_t)h->disk.v);
	put_int(o, "reserveBytes", h->reserve.m, (int64_t)h->reserve.v);
	put_text(o, "sku", h->sku);
	put_text(o, "vmSize", h->vm_size);
	put_ip(l, o, "address", h->address);
	put_int(o, "seats", h->seats.m, h->seats.v);
	put_v(o, "data", h->data);
	put_v(o, "adminUser", h->admin_user);
	put_v(o, "studentUser", h->student_user);
	put_bool(o, "adminStudents", h->admin_students);
	put_bool(o, "desktopShortcut", h->desktop_shortcut);
	put_enum(o, "resume", h->resume, &words_resume);
	for (uint32_t i = 0; i < h->n_networks; i++)
		json_array_append_new(networks, network(l, &h->networks[i]));
	json_object_set_new(o, "networks", networks);
	for (uint32_t i = 0; i < h->n_guests; i++)
		json_object_setn_new(guests, h->guests[i].name.p, h->guests[i].name.n, guest(l, &h->guests[i]));
	json_object_set_new(o, "guests", guests);
	for (uint32_t i = 0; i < h->n_mappings; i++)
		json_array_append_new(mappings, mapping(l, &h->mappings[i]));
	json_object_set_new(o, "mappings", mappings);
	return o;
}

/* --- the lab --- */

static struct sv end_text(const struct lab *l, const struct lab_end *e)
{
	if (e->neighbour)
		return SV("neighbour");
	if (!e->host)
		return SV("");
	return e->guest ? sv_fmt(l->a, SV_FMT "/" SV_FMT, SV_ARG(e->host->name), SV_ARG(e->guest->name)) : e->host->name;
}

static json_t *connection(const struct lab *l, const struct lab_connection *c)
{
	json_t *o = json_object(), *from = json_array();

	for (uint32_t i = 0; i < c->n_from; i++)
		json_array_append_new(from, text(end_text(l, &c->from[i])));
	json_object_set_new(o, "from", from);
	put_text(o, "to", end_text(l, &c->to));
	if (c->seat)
		json_object_set_new(o, "seat", json_integer(c->seat));
	put_text(o, "service", c->service);
	put_text(o, "user", c->user);
	json_object_set_new(o, "local", json_boolean(c->local));
	put_ip(l, o, "address", c->address);
	if (c->port)
		json_object_set_new(o, "port", json_integer(c->port));
	if (c->internal_port)
		json_object_set_new(o, "internalPort", json_integer(c->internal_port));
	json_object_set_new(o, "protocol", json_string(cmdlet_protocol[c->protocol]));
	return o;
}

static json_t *schedule(const struct lab *l, const struct lab_schedule *s)
{
	json_t *o = json_object(), *days = json_array();

	for (uint32_t i = 0; i < s->spec->days.n; i++)
		json_array_append_new(days, json_string(words_weekday.v[s->spec->days.v[i].v].word));
	json_object_set_new(o, "days", days);
	put_time(l, o, "start", s->spec->start);
	put_time(l, o, "stop", s->spec->stop);
	put_v(o, "timeZoneId", s->time_zone);
	if (meta_ok(s->spec->from.m))
		put_text(o, "from", iso_date(l->a, s->spec->from));
	if (meta_ok(s->until.m))
		put_text(o, "until", iso_date(l->a, s->until));
	return o;
}

static void put_service(const struct lab *l, json_t *o)
{
	const struct spec_lab *p = &l->spec->lab;
	json_t *labs = json_array(), *down = json_object();

	json_object_set_new(o, "createOption", json_string(p->targets.lab_services.create.v == CREATE_IMAGE &&
							   meta_ok(p->targets.lab_services.create.m) ? "Image" : "TemplateVM"));
	json_object_set_new(o, "advancedNetworking", json_boolean(l->advanced_networking));
	if (meta_ok(p->quota.hours.m))
		put_text(o, "usageQuota", p->quota.hours.v ? sv_fmt(l->a, "PT%lldH", (long long)p->quota.hours.v) : SV("PT0S"));
	put_duration(l, down, "on_disconnect", p->shutdown.on_disconnect);
	put_duration(l, down, "on_idle", p->shutdown.on_idle);
	put_duration(l, down, "when_not_connected", p->shutdown.when_not_connected);
	json_object_set_new(o, "shutdown", down);
	for (uint32_t i = 0; i < l->n_groups; i++) {
		json_t *names = json_array();

		for (uint32_t k = 0; k < l->groups[i].n_hosts; k++)
			json_array_append_new(names, text(l->groups[i].hosts[k]->name));
		json_array_append_new(labs, names);
	}
	json_object_set_new(o, "labs", labs);
}

static void put_azure(const struct lab *l, json_t *o)
{
	const struct spec_target_azure_vm *t = &l->spec->lab.targets.azure_vm;
	json_t *sources = json_array();

	put_enum(o, "publicIp", t->public_ip, &words_public_ip);
	json_object_set_new(o, "bastion", json_boolean(azure_has_bastion(l)));
	for (uint32_t i = 0; i < t->allowed_sources.n; i++)
		json_array_append_new(sources, text(prefix_text(l->a, t->allowed_sources.v[i])));
	json_object_set_new(o, "allowedSources", sources);
	put_prefix(l, o, "vnet", azure_vnet(l));
	put_v(o, "region", t->region);
	put_time(l, o, "autoShutdown", t->auto_shutdown);
}

static void put_target(const struct lab *l, json_t *o)
{
	const struct spec_targets *t = &l->spec->lab.targets;

	switch (l->target) {
	case TARGET_LAB_SERVICES: put_service(l, o); break;
	case TARGET_AZURE_VM: put_azure(l, o); break;
	case TARGET_DEVTEST_LABS:
		put_v(o, "region", t->devtest_labs.region);
		put_time(l, o, "autoShutdown", t->devtest_labs.auto_shutdown);
		break;
	case TARGET_HYPER_V: put_bool(o, "dedicated", t->hyper_v.dedicated); break;
	case TARGET_COUNT: break;
	}
}

void dump_json(struct buf *out, const struct lab *lab)
{
	json_t *o = json_object(), *hosts = json_object(), *conns = json_array(), *plan = json_array(), *users = json_array();
	const struct v_text_list *list = &lab->spec->lab.users.list;
	char *s;

	put_text(o, "lab", lab->name);
	put_text(o, "title", lab->title);
	json_object_set_new(o, "target", json_string(target_word(lab->target)));
	put_v(o, "timeZone", lab->time_zone);
	put_v(o, "locale", lab->locale);
	put_target(lab, o);
	for (uint32_t i = 0; i < lab->n_hosts; i++)
		json_object_setn_new(hosts, lab->hosts[i].name.p, lab->hosts[i].name.n, host(lab, &lab->hosts[i]));
	json_object_set_new(o, "hosts", hosts);
	for (uint32_t i = 0; i < lab->n_connections; i++)
		json_array_append_new(conns, connection(lab, &lab->connections[i]));
	json_object_set_new(o, "connections", conns);
	for (uint32_t i = 0; i < lab->n_schedules; i++)
		json_array_append_new(plan, schedule(lab, &lab->schedules[i]));
	json_object_set_new(o, "schedules", plan);
	for (uint32_t i = 0; meta_ok(list->m) && i < list->n; i++)
		json_array_append_new(users, text(list->v[i].v));
	json_object_set_new(o, "users", users);
	s = json_dumps(o, JSON_INDENT(2));
	json_decref(o);
	if (!s)
		bug_no_memory();
	buf_str(out, s);
	buf_ch(out, '\n');
	free(s);
}
