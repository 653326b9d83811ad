#include "emit/view.h"

#include <string.h>

#include "base/num.h"
#include "base/pool.h"
#include "emit/seed.h"
#include "emit/words.h"

static void layouts_make(struct view *v)
{
	for (int i = 0; i < VIEW_KINDS; i++)
		v->layouts[i] = ct_layout_new(v->a);
}

struct ct_value view_dict(const struct view *v, enum view_kind kind)
{
	return ct_dict_like(v->a, v->layouts[kind]);
}

void view_put_text(const struct view *v, struct ct_value *dict, const char *key, struct sv text, struct meta m)
{
	if (text.n == 0)
		view_put(v, dict, key, ct_none());
	else if (meta_written(m))
		ct_dict_set_at(v->a, dict, sv_from(key), ct_text(text), spec_span(v->lab->spec, m));
	else
		view_put(v, dict, key, ct_text(text));
}

void view_put_v_text(const struct view *v, struct ct_value *dict, const char *key, struct v_text t)
{
	view_put_text(v, dict, key, meta_ok(t.m) ? t.v : SV(""), t.m);
}

void view_put_int(const struct view *v, struct ct_value *dict, const char *key, int64_t n)
{
	view_put(v, dict, key, ct_int(n));
}

void view_put_bool(const struct view *v, struct ct_value *dict, const char *key, bool b)
{
	view_put(v, dict, key, ct_bool(b));
}

void view_put_str(const struct view *v, struct ct_value *dict, const char *key, const char *text)
{
	view_put(v, dict, key, text && *text ? ct_text(sv_from(text)) : ct_none());
}

void view_put_ip(const struct view *v, struct ct_value *dict, const char *key, struct v_ip ip)
{
	if (meta_ok(ip.m) && ip.word == IP_ADDRESS)
		view_put(v, dict, key, ct_text(num_ip_text(v->a, ip.v)));
	else
		view_put(v, dict, key, ct_none());
}

void view_put_enum(const struct view *v, struct ct_value *dict, const char *key, struct v_enum e, const struct words *words)
{
	view_put_str(v, dict, key, meta_ok(e.m) ? words->v[e.v].word : NULL);
}

void view_put_number(const struct view *v, struct ct_value *dict, const char *key, struct meta m, int64_t n)
{
	view_put(v, dict, key, meta_ok(m) ? ct_int(n) : ct_none());
}

void view_put_duration(const struct view *v, struct ct_value *dict, const char *key, struct v_duration d)
{
	struct sv text = meta_ok(d.m) && !d.off ? iso_duration(v->a, d.v) : SV("");

	view_put_text(v, dict, key, text, (struct meta){ 0 });
}

struct ct_value view_dns(const struct view *v, struct v_ip_list dns)
{
	struct ct_value list = ct_list_new(v->a, dns.n);

	for (uint32_t i = 0; meta_ok(dns.m) && !dns.is_host && i < dns.n; i++)
		ct_list_add(v->a, &list, ct_text(num_ip_text(v->a, dns.v[i].v)));
	return list;
}

/* --- connections --- */

static struct ct_value end_value(const struct view *v, const struct lab_end *e)
{
	struct ct_value d = view_dict(v, VIEW_END);

	view_put_text(v, &d, "host", e->host ? e->host->name : SV(""), e->host ? e->host->m : e->m);
	view_put_text(v, &d, "guest", e->guest ? e->guest->name : SV(""), e->m);
	view_put_bool(v, &d, "neighbour", e->neighbour);
	return d;
}

struct ct_value view_connection(const struct view *v, const struct lab_connection *c)
{
	struct ct_value d = view_dict(v, VIEW_CONNECTION), from = ct_list_new(v->a, c->n_from);

	view_put_text(v, &d, "to_host", c->to.host->name, c->to.m);
	view_put_text(v, &d, "to_guest", c->to.guest->name, c->to.m);
	view_put_text(v, &d, "service", c->service, c->spec->service.m);
	view_put_text(v, &d, "user", c->user, c->spec->user.m);
	view_put_text(v, &d, "note", c->note, c->spec->note.m);
	view_put(v, &d, "seat", c->seat ? ct_int(c->seat) : ct_none());
	view_put_bool(v, &d, "local", c->local);
	view_put_ip(v, &d, "address", c->address);
	view_put(v, &d, "port", c->port ? ct_int(c->port) : ct_none());
	view_put_str(v, &d, "protocol", cmdlet_protocol[c->protocol]);
	view_put(v, &d, "internal_port", c->internal_port ? ct_int(c->internal_port) : ct_none());
	view_put_text(v, &d, "scheme", c->scheme, c->spec->service.m);
	for (uint32_t i = 0; i < c->n_from; i++)
		ct_list_add(v->a, &from, end_value(v, &c->from[i]));
	view_put(v, &d, "from", from);
	return d;
}

/* --- the whole --- */

/* The spec and the files it includes, as places count them. */
static struct ct_value files_value(const struct view *v, struct sv spec_name)
{
	struct ct_value list = ct_list_new(v->a, v->lab->spec->docs.n);

	ct_list_add(v->a, &list, ct_text(spec_name));
	for (size_t i = 1; i < v->lab->spec->docs.n; i++)
		if (!v->lab->spec->docs.v[i].is_beside)
			ct_list_add(v->a, &list, ct_text(v->lab->spec->docs.v[i].path));
	return list;
}

/* "de_DE.UTF-8"; empty when the tag names no country, for which there is no such locale. */
static struct sv posix_locale(struct arena *a, struct sv tag)
{
	if (tag.n != 5 || tag.p[2] != '-')
		return SV("");
	return sv_fmt(a, "%.2s_%.2s.UTF-8", tag.p, tag.p + 3);
}

static struct ct_value lab_value(const struct view *v, struct sv spec_name)
{
	const struct lab *l = v->lab;
	const struct spec_target_hyper_v *hv = &l->spec->lab.targets.hyper_v;
	struct ct_value d = ct_dict_new(v->a, 14);

	view_put_text(v, &d, "name", l->name, l->spec->lab.name.m);
	view_put_text(v, &d, "title", l->title, l->spec->lab.title.m);
	view_put_text(v, &d, "description", l->description, l->spec->lab.description.m);
	view_put_text(v, &d, "tag", l->tag, l->spec->lab.name.m);
	view_put_str(v, &d, "target", target_word(l->target));
	view_put(v, &d, "spec", ct_text(spec_name));
	view_put(v, &d, "files", files_value(v, spec_name));
	view_put_v_text(v, &d, "locale", l->locale);
	view_put_text(v, &d, "locale_posix", posix_locale(v->a, l->locale.v), l->locale.m);
	view_put_v_text(v, &d, "time_zone", l->time_zone);
	view_put_bool(v, &d, "dedicated", l->target == TARGET_HYPER_V && meta_ok(hv->dedicated.m) && hv->dedicated.v);
	view_put_v_text(v, &d, "external_switch", l->target == TARGET_HYPER_V ? hv->external_switch : (struct v_text){ 0 });
	return d;
}

/* Making the hosts and the list of images, on one thread or several. */
struct parts {
	const struct lab *lab;
	struct ct_value *hosts, images;
};

/* What is otherwise made on first use, and by one thread. */
static void make_first(const struct view *v)
{
	struct sources *s = v->lab->diags->sources;

	seeds_make(v);
	for (uint32_t i = 0; i < s->n; i++)
		source_line_count(s, i);
}

static void make_part(void *ctx, void *worker, void *result, size_t i)
{
	struct parts *p = ctx;

	(void)result;
	if (i == 0)
		p->images = view_images(worker);
	else
		p->hosts[i - 1] = view_host(worker, &p->lab->hosts[i - 1]);
}

/* v: what the first thread has. False when a host could not be made. */
static bool make_parts(const struct view *v, struct parts *parts, const struct view_hand *hands, unsigned n)
{
	struct pool p = { .n = v->lab->n_hosts + 1, .n_workers = n, .n_results = v->lab->n_hosts + 1, .handful = 1,
			  .ctx = parts, .work = make_part };
	struct view *each = NEW(v->a, struct view, n);
	bool *ok = NEW(v->a, bool, n), all = true;

	p.workers = NEW(v->a, void *, n);
	p.results = NEW(v->a, void *, p.n_results);
	for (unsigned i = 0; i < n; i++) {
		ok[i] = true;
		each[i] = *v;
		each[i].a = hands[i].a;
		each[i].env = hands[i].env;
		each[i].ok = &ok[i];
		layouts_make(&each[i]);
		p.workers[i] = &each[i];
	}
	if (n > 1)
		make_first(v);
	pool_run(&p);
	for (unsigned i = 0; i < n; i++)
		all &= ok[i];
	return all;
}

struct lab_view view_lab_by(const struct lab *lab, struct sv spec_name, const struct view_hand *hands, unsigned n, bool *ok)
{
	struct arena *a = hands[0].a;
	struct view v = { .a = a, .lab = lab, .env = hands[0].env, .ok = ok };
	struct lab_view view = { ct_dict_new(a, 7), NEW(a, struct ct_value, lab->n_hosts) };
	struct ct_value hosts = ct_list_new(a, lab->n_hosts), labs = ct_list_new(a, lab->n_groups);
	struct ct_value conns = ct_list_new(a, lab->n_connections);
	struct parts parts = { .lab = lab, .hosts = view.hosts };
	struct seeds seeds = { .marker = SV("") };

	layouts_make(&v);
	v.seeds = &seeds;
	v.lab_value = lab_value(&v, spec_name);
	view_put(&v, &view.all, "lab", v.lab_value);
	if (!make_parts(&v, &parts, hands, n))
		*ok = false;
	for (uint32_t i = 0; i < lab->n_hosts; i++)
		ct_list_add(a, &hosts, parts.hosts[i]);
	view_put(&v, &view.all, "hosts", hosts);
	if (lab->target_info->flags & TG_AZURE)
		view_put(&v, &view.all, "deploy", view_deploy(&v));
	if (lab->target == TARGET_AZURE_VM || lab->target == TARGET_DEVTEST_LABS)
		view_put(&v, &view.all, "azure", view_azure(&v, view.hosts));
	for (uint32_t i = 0; i < lab->n_groups; i++)
		ct_list_add(a, &labs, view_group(&v, &lab->groups[i]));
	view_put(&v, &view.all, "labs", labs);
	for (uint32_t i = 0; i < lab->n_connections; i++)
		if (lab->connections[i].to.guest)
			ct_list_add(a, &conns, view_connection(&v, &lab->connections[i]));
	view_put(&v, &view.all, "connections", conns);
	view_put(&v, &view.all, "images", parts.images);
	return view;
}

struct lab_view view_lab(struct arena *a, const struct lab *lab, struct sv spec_name, struct ct_env *env, bool *ok)
{
	struct view_hand hand = { a, env };

	return view_lab_by(lab, spec_name, &hand, 1, ok);
}

struct ct_value view_with_host(struct arena *a, const struct lab_view *view, uint32_t host)
{
	static const char *const shared[] = { "lab", "hosts", "labs", "connections", "azure" };
	struct ct_value d = ct_dict_new(a, 6), value;

	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		if (ct_dict_get(view->all, sv_from(shared[i]), &value))
			ct_dict_set(a, &d, sv_from(shared[i]), value);
	ct_dict_set(a, &d, SV("host"), view->hosts[host]);
	return d;
}

bool view_table(struct ct_env *env, struct ct_value values, struct arena *scratch, struct buf *text, struct ct_value *table)
{
	const struct ct_template *t = ct_get(env, SV("ps/data.ps1.j2"));
	struct arena_mark m = arena_mark(scratch);
	bool ok = t && ct_render_block(env, t, values, scratch, text, table);

	arena_rewind(scratch, m);
	return ok;
}
