/* The part of the view that the Azure deployments need: what is shared, and what differs between hosts. */
#include <string.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/num.h"
#include "emit/view.h"
#include "emit/words.h"
#include "model/azure.h"

/* "vmSize", "vmSize2", "vmSize3": one parameter for each distinct value. */
static struct sv parameter(const struct view *v, const char *name, size_t index)
{
	return index ? sv_fmt(v->a, "%s%zu", name, index + 1) : sv_from(name);
}

static struct ct_value image_value(const struct view *v, const struct lab_host *h)
{
	const struct spec_target_image *i = azure_image(v->lab);
	struct ct_value d = ct_dict_new(v->a, 5);

	if (i && meta_ok(i->id.m)) {
		view_put_v_text(v, &d, "id", i->id);
		return d;
	}
	view_put(v, &d, "id", ct_none());
	if (i) {
		view_put_v_text(v, &d, "publisher", i->publisher);
		view_put_v_text(v, &d, "offer", i->offer);
		view_put_v_text(v, &d, "sku", i->sku);
	} else {
		view_put_str(v, &d, "publisher", h->os ? h->os->publisher : NULL);
		view_put_str(v, &d, "offer", h->os ? h->os->offer : NULL);
		view_put_str(v, &d, "sku", h->os ? h->os->sku : NULL);
	}
	view_put(v, &d, "version",
		 i && meta_ok(i->version.m) ? ct_text(i->version.v) : ct_text(SV("latest")));
	return d;
}

/* --- sizes and accounts: one parameter for each that differs --- */

/* The hosts that share a value, and what they have in common. */
struct share {
	const struct lab_host *first;
	struct ct_value names;
	uint64_t machines;
	uint32_t hosts;
};

static uint32_t share_hosts(const struct view *v, struct share *list, uint32_t *of,
			    bool (*same)(const struct lab_host *, const struct lab_host *))
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < v->lab->n_hosts; i++) {
		const struct lab_host *h = &v->lab->hosts[i];
		uint32_t k = 0;

		while (k < n && !same(list[k].first, h))
			k++;
		if (k == n)
			list[n++] = (struct share){.first = h, .names = ct_list_new(v->a, 1)};
		ct_list_add(v->a, &list[k].names, ct_text(h->name));
		list[k].machines += (uint64_t)h->seats.v;
		list[k].hosts++;
		of[i] = k;
	}
	return n;
}

static bool same_size(const struct lab_host *a, const struct lab_host *b)
{
	return sv_eq(a->vm_size, b->vm_size);
}

static bool same_admin(const struct lab_host *a, const struct lab_host *b)
{
	return sv_eq(a->admin_user.v, b->admin_user.v);
}

static struct ct_value size_value(const struct view *v, const struct share *s, uint32_t index)
{
	const struct lab_host *h = s->first;
	struct ct_value d = ct_dict_new(v->a, 8);

	view_put(v, &d, "param", ct_text(parameter(v, "vmSize", index)));
	view_put(v, &d, "security_param", ct_text(parameter(v, "securityType", index)));
	view_put_text(v, &d, "name", h->vm_size, h->size_m);
	view_put_str(v, &d, "security",
		     azure_security(h) == SECURITY_TRUSTED_LAUNCH ? "TrustedLaunch" : "Standard");
	view_put_str(v, &d, "series", h->azure_size ? h->azure_size->series->name : NULL);
	view_put_int(v, &d, "machines", (int64_t)s->machines);
	view_put_int(v, &d, "vcpus", (int64_t)s->machines * (meta_ok(h->vcpus.m) ? h->vcpus.v : 0));
	view_put(v, &d, "hosts", s->names);
	return d;
}

static struct ct_value account_value(const struct view *v, const struct share *s, uint32_t index)
{
	struct ct_value d = ct_dict_new(v->a, 3);

	view_put(v, &d, "param", ct_text(parameter(v, "adminUsername", index)));
	view_put_v_text(v, &d, "name", s->first->admin_user);
	view_put(v, &d, "hosts", s->names);
	return d;
}

static void put_shares(const struct view *v, struct ct_value *azure, struct ct_value *hosts)
{
	uint32_t n_hosts = v->lab->n_hosts, n;
	struct share *list = NEW(v->a, struct share, n_hosts);
	uint32_t *of = NEW(v->a, uint32_t, n_hosts);
	struct ct_value sizes, accounts;
	int64_t machines = 0, vcpus = 0;

	n = share_hosts(v, list, of, same_size);
	sizes = ct_list_new(v->a, n);
	for (uint32_t i = 0; i < n; i++) {
		ct_list_add(v->a, &sizes, size_value(v, &list[i], i));
		machines += (int64_t)list[i].machines;
		vcpus += (int64_t)list[i].machines *
			 (meta_ok(list[i].first->vcpus.m) ? list[i].first->vcpus.v : 0);
	}
	for (uint32_t i = 0; i < n_hosts; i++) {
		view_put(v, &hosts[i], "size_param", ct_text(parameter(v, "vmSize", of[i])));
		view_put(v, &hosts[i], "security_param", ct_text(parameter(v, "securityType", of[i])));
	}
	n = share_hosts(v, list, of, same_admin);
	accounts = ct_list_new(v->a, n);
	for (uint32_t i = 0; i < n; i++)
		ct_list_add(v->a, &accounts, account_value(v, &list[i], i));
	for (uint32_t i = 0; i < n_hosts; i++)
		view_put(v, &hosts[i], "admin_param", ct_text(parameter(v, "adminUsername", of[i])));
	view_put(v, azure, "sizes", sizes);
	view_put(v, azure, "accounts", accounts);
	view_put_int(v, azure, "machines", machines);
	view_put_int(v, azure, "vcpus", vcpus);
}

/* --- the network --- */

/* Mapped ports that the sources may reach, each once. */
static struct ct_value exposed(const struct view *v)
{
	struct ct_value list = ct_list_new(v->a, 4);
	struct map seen;
	int64_t n = 0;

	map_init(&seen, v->a, false);
	for (uint32_t i = 0; i < v->lab->n_hosts; i++)
		for (uint32_t k = 0; k < v->lab->hosts[i].n_mappings; k++) {
			const struct lab_mapping *m = &v->lab->hosts[i].mappings[k];
			const char *protocol = m->protocol.v == PROTO_UDP ? "Udp" : "Tcp";
			struct sv name = sv_fmt(v->a, "Allow%s%u", protocol, m->external.v);
			struct ct_value d;

			if (!meta_ok(m->expose.m) || !m->expose.v || !meta_ok(m->external.m) ||
			    map_add(&seen, name, v->lab->hosts[i].mappings))
				continue;
			d = ct_dict_new(v->a, 4);
			view_put(v, &d, "name", ct_text(name));
			view_put_int(v, &d, "priority", 1100 + n++);
			view_put_str(v, &d, "protocol", protocol);
			view_put(v, &d, "port", ct_text(sv_fmt(v->a, "%u", m->external.v)));
			ct_list_add(v->a, &list, d);
		}
	return list;
}

static void put_network(const struct view *v, struct ct_value *d)
{
	const struct spec_target_azure_vm *t = &v->lab->spec->lab.targets.azure_vm;
	struct ct_value sources = ct_list_new(v->a, t->allowed_sources.n);

	for (uint32_t i = 0; i < t->allowed_sources.n; i++)
		if (meta_ok(t->allowed_sources.v[i].m))
			ct_list_add(v->a, &sources, ct_text(prefix_text(v->a, t->allowed_sources.v[i])));
	view_put(v, d, "vnet", ct_text(prefix_text(v->a, azure_vnet(v->lab))));
	view_put_bool(v, d, "public_ip", azure_has_public_ip(v->lab));
	view_put_bool(v, d, "bastion", azure_has_bastion(v->lab));
	view_put(v, d, "sources", sources);
	view_put(v, d, "exposed", exposed(v));
}

/* --- what DevTest Labs has besides --- */

/* The one slot of the week at whose start the machines start; none: they are started by hand. */
static struct ct_value autostart(const struct view *v)
{
	const struct lab_schedule *s = v->lab->n_schedules ? &v->lab->schedules[0] : NULL;
	struct ct_value d = ct_dict_new(v->a, 3), days = ct_list_new(v->a, 7);

	if (!s || !meta_ok(s->spec->start.m))
		return ct_none();
	for (uint32_t i = 0; meta_ok(s->spec->days.m) && i < s->spec->days.n; i++)
		ct_list_add(v->a, &days, ct_text(sv_from(azure_weekday[s->spec->days.v[i].v])));
	view_put(v, &d, "days", days);
	view_put(v, &d, "time",
		 ct_text(sv_fmt(v->a, "%02u%02u", s->spec->start.v / 60u, s->spec->start.v % 60u)));
	view_put(v, &d, "time_text", ct_text(clock_text(v->a, s->spec->start)));
	view_put_str(v, &d, "time_zone",
		     s->zone	    ? s->zone->windows
		     : v->lab->zone ? v->lab->zone->windows
				    : "UTC");
	return d;
}

/* The sizes as the text of a JSON list: what a policy of allowed values wants. */
static struct sv size_list(const struct view *v)
{
	struct buf b = {0};
	struct sv text;

	for (uint32_t i = 0; i < v->lab->n_hosts; i++) {
		bool seen = false;

		for (uint32_t k = 0; k < i; k++)
			seen = seen || same_size(&v->lab->hosts[i], &v->lab->hosts[k]);
		if (!seen)
			buf_fmt(&b, "%s\"" SV_FMT "\"", i ? "," : "[", SV_ARG(v->lab->hosts[i].vm_size));
	}
	buf_ch(&b, ']');
	text = buf_take(&b, v->a);
	buf_release(&b);
	return text;
}

static void put_devtest(const struct view *v, struct ct_value *d)
{
	const struct spec_lab *p = &v->lab->spec->lab;
	const struct spec_target_devtest_labs *t = &p->targets.devtest_labs;
	struct ct_value users = ct_list_new(v->a, p->users.list.n);
	bool github = meta_ok(t->artifact_repository.m) &&
		      sv_starts(t->artifact_repository.v, SV("https://github.com/"));

	view_put_v_text(v, d, "repository", t->artifact_repository);
	view_put_str(v, d, "repository_type", github ? "GitHub" : "VsoGit");
	view_put(v, d, "vms_per_user", meta_ok(t->vms_per_user.m) ? ct_int(t->vms_per_user.v) : ct_none());
	view_put(v, d, "vms_per_user_text",
		 meta_ok(t->vms_per_user.m) ? ct_text(sv_fmt(v->a, "%lld", (long long)t->vms_per_user.v))
					    : ct_none());
	view_put(v, d, "size_list", ct_text(size_list(v)));
	view_put(v, d, "autostart", autostart(v));
	for (uint32_t i = 0; meta_ok(p->users.list.m) && i < p->users.list.n; i++)
		ct_list_add_at(v->a, &users, ct_text(p->users.list.v[i].v),
			       spec_span(v->lab->spec, p->users.list.v[i].m));
	view_put(v, d, "users", users);
}

/* --- the whole --- */

static void put_host(const struct view *v, const struct lab_host *h, struct ct_value *d)
{
	struct ct_value machines = ct_list_new(v->a, (uint32_t)h->seats.v);

	for (uint32_t seat = 1; seat <= (uint32_t)h->seats.v; seat++)
		ct_list_add(v->a, &machines, ct_text(azure_machine_name(v->a, h, seat)));
	view_put(v, d, "machines", machines);
	view_put(v, d, "vm_image", image_value(v, h));
	view_put(v, d, "data_disk_gib",
		 azure_has_data_disk(h) && meta_ok(h->disk.m) ? ct_int((int64_t)(h->disk.v / GIB))
							      : ct_none());
	/* 127 GB is what the marketplace's images have */
	view_put(v, d, "os_disk_gib",
		 !azure_has_data_disk(h) && meta_ok(h->disk.m) && h->disk.v > 127 * GIB
		     ? ct_int((int64_t)(h->disk.v / GIB))
		     : ct_none());
	view_put_bool(v, d, "artifact_parameters", !h->admin_students.v || azure_keeps_password(h));
	view_put(v, d, "artifact",
		 ct_text(sv_fmt(v->a, SV_FMT "-" SV_FMT, SV_ARG(v->lab->name), SV_ARG(h->name))));
}

/* A plain file of the binary. */
static struct ct_value embedded_text(const char *name)
{
	const struct ct_embedded *row =
	    ct_embedded_find(ct_embedded_templates, ct_embedded_count, sv_from(name));

	if (!row)
		BUG("no file '%s' in the binary", name);
	return ct_text((struct sv){row->text, row->text_len});
}

struct ct_value view_azure(const struct view *v, struct ct_value *hosts)
{
	const struct spec_targets *t = &v->lab->spec->lab.targets;
	const struct spec_target_image *image = azure_image(v->lab);
	struct ct_value d = ct_dict_new(v->a, 22);
	struct v_time off = azure_shutdown(v->lab);
	const struct lab_host *first = NULL;
	bool students, guests = false;

	for (uint32_t i = 0; i < v->lab->n_hosts; i++) {
		put_host(v, &v->lab->hosts[i], &hosts[i]);
		guests = guests || azure_keeps_password(&v->lab->hosts[i]);
		if (!first && !v->lab->hosts[i].admin_students.v)
			first = &v->lab->hosts[i];
	}
	/* a specialized image brings its accounts */
	students = first && !(v->lab->target == TARGET_AZURE_VM && image && meta_ok(image->id.m));
	put_shares(v, &d, hosts);
	put_network(v, &d);
	view_put_v_text(v, &d, "location",
			v->lab->target == TARGET_DEVTEST_LABS ? t->devtest_labs.region : t->azure_vm.region);
	view_put(v, &d, "own_image", image && meta_ok(image->id.m) ? ct_text(image->id.v) : ct_none());
	view_put(v, &d, "shutdown",
		 meta_ok(off.m) && !off.off ? ct_text(sv_fmt(v->a, "%02u%02u", off.v / 60u, off.v % 60u))
					    : ct_none());
	view_put(v, &d, "shutdown_text",
		 meta_ok(off.m) && !off.off ? ct_text(clock_text(v->a, off)) : ct_none());
	view_put_str(v, &d, "time_zone", v->lab->zone ? v->lab->zone->windows : "UTC");
	view_put_bool(v, &d, "students", students);
	if (first)
		view_put_v_text(v, &d, "student_user", first->student_user);
	view_put(v, &d, "restart_script", embedded_text("azure/restart.ps1"));
	view_put_bool(v, &d, "guest_password", guests);
	view_put(v, &d, "password_script", embedded_text("azure/keep-password.ps1"));
	view_put(v, &d, "account_script", embedded_text("azure/account.ps1"));
	if (v->lab->target == TARGET_DEVTEST_LABS)
		put_devtest(v, &d);
	view_put(v, &d, "tags", view_tags(v));
	return d;
}
