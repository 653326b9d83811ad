/* The part of the view that describes a lab of Azure Lab Services: hosts that are copies of one template. */
#include "emit/view.h"
#include "emit/words.h"

static struct ct_value image_value(const struct view *v, const struct lab_host *h)
{
	const struct spec_target_image *i = &v->lab->spec->lab.targets.lab_services.image;
	struct ct_value d = ct_dict_new(v->a, 5);

	view_put_v_text(v, &d, "id", i->id);
	if (meta_ok(i->publisher.m)) {
		view_put_v_text(v, &d, "publisher", i->publisher);
		view_put_v_text(v, &d, "offer", i->offer);
		view_put_v_text(v, &d, "sku", i->sku);
	} else {
		view_put_str(v, &d, "publisher", h->os ? h->os->publisher : NULL);
		view_put_str(v, &d, "offer", h->os ? h->os->offer : NULL);
		view_put_str(v, &d, "sku", h->os ? h->os->sku : NULL);
	}
	view_put(v, &d, "version", meta_ok(i->version.m) ? ct_text(i->version.v) : ct_text(SV("latest")));
	return d;
}

static struct ct_value schedule_value(const struct view *v, const struct lab_schedule *s, uint32_t n)
{
	const struct spec_schedule *p = s->spec;
	struct ct_value d = ct_dict_new(v->a, 8), list = ct_list_new(v->a, 7);
	struct sv from = iso_date(v->a, p->from);

	view_put(v, &d, "name", ct_text(sv_fmt(v->a, "schedule-%u", n + 1)));
	for (uint32_t i = 0; meta_ok(p->days.m) && i < p->days.n; i++)
		ct_list_add(v->a, &list, ct_text(sv_from(azure_weekday[p->days.v[i].v])));
	view_put(v, &d, "days", list);
	view_put_text(v, &d, "start", clock_text(v->a, p->start), p->start.m);
	view_put_text(v, &d, "stop", clock_text(v->a, p->stop), p->stop.m);
	view_put_text(v, &d, "start_at", from.n ? sv_fmt(v->a, SV_FMT "T%02u:%02u:00", SV_ARG(from), p->start.v / 60u,
							p->start.v % 60u) : SV(""), p->from.m);
	view_put_v_text(v, &d, "time_zone", s->time_zone);
	view_put_text(v, &d, "until", iso_date(v->a, s->until), s->until.m);
	view_put_v_text(v, &d, "notes", p->notes);
	return d;
}

static void put_lists(const struct view *v, struct ct_value *d)
{
	const struct spec_lab *p = &v->lab->spec->lab;
	struct ct_value schedules = ct_list_new(v->a, v->lab->n_schedules), users = ct_list_new(v->a, p->users.list.n);

	for (uint32_t i = 0; i < v->lab->n_schedules; i++)
		ct_list_add(v->a, &schedules, schedule_value(v, &v->lab->schedules[i], i));
	view_put(v, d, "schedules", schedules);
	for (uint32_t i = 0; meta_ok(p->users.list.m) && i < p->users.list.n; i++)
		ct_list_add_at(v->a, &users, ct_text(p->users.list.v[i].v), spec_span(v->lab->spec, p->users.list.v[i].m));
	view_put(v, d, "users", users);
	view_put(v, d, "tags", view_tags(v));
}

static struct ct_value shutdown_value(const struct view *v)
{
	const struct spec_shutdown *s = &v->lab->spec->lab.shutdown;
	struct ct_value d = ct_dict_new(v->a, 3);

	view_put_duration(v, &d, "on_disconnect", s->on_disconnect);
	view_put_duration(v, &d, "on_idle", s->on_idle);
	view_put_duration(v, &d, "when_not_connected", s->when_not_connected);
	return d;
}

static struct sv quota_text(const struct view *v)
{
	struct v_int hours = v->lab->spec->lab.quota.hours;

	return meta_ok(hours.m) && hours.v ? sv_fmt(v->a, "PT%lldH", (long long)hours.v) : SV("PT0S");
}

struct ct_value view_group(const struct view *v, const struct lab_group *g)
{
	const struct spec_lab *p = &v->lab->spec->lab;
	const struct spec_target_lab_services *t = &p->targets.lab_services;
	const struct lab_host *h = g->template_host;
	struct ct_value d = ct_dict_new(v->a, 24), hosts = ct_list_new(v->a, g->n_hosts);

	view_put_text(v, &d, "name", g->name, p->name.m);
	view_put_text(v, &d, "title", g->title, p->title.m);
	view_put_text(v, &d, "description", v->lab->description, p->description.m);
	for (uint32_t i = 0; i < g->n_hosts; i++)
		ct_list_add(v->a, &hosts, ct_text(g->hosts[i]->name));
	view_put(v, &d, "hosts", hosts);
	view_put_text(v, &d, "template_host", h->name, h->m);
	view_put_int(v, &d, "capacity", (int64_t)g->capacity);
	view_put_text(v, &d, "sku", h->sku, h->size_m);
	view_put_text(v, &d, "size", h->size_text, h->size_m);
	view_put_int(v, &d, "vcpus", h->vcpus.v);
	view_put_v_text(v, &d, "admin_user", h->admin_user);
	view_put_bool(v, &d, "admin_students", meta_ok(h->admin_students.m) && h->admin_students.v);
	view_put_v_text(v, &d, "student_user", h->student_user);
	view_put(v, &d, "image", image_value(v, h));
	view_put(v, &d, "quota", ct_text(quota_text(v)));
	view_put(v, &d, "shutdown", shutdown_value(v));
	view_put_v_text(v, &d, "location", t->region);
	view_put_v_text(v, &d, "lab_plan", t->lab_plan);
	view_put_str(v, &d, "create", meta_ok(t->create.m) && t->create.v == CREATE_IMAGE ? "Image" : "TemplateVM");
	put_lists(v, &d);
	return d;
}
