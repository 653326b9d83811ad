/* What is tried in or at the guests, for verify.ps1 and for students. */
#include "emit/view.h"

/* What a test is called where the spec does not say. */
static struct sv test_name(const struct view *v, const struct spec_test *t)
{
	if (meta_ok(t->name.m))
		return t->name.v;
	if (meta_ok(t->tcp.m))
		return sv_fmt(v->a, "TCP %u", (unsigned)t->tcp.v);
	if (meta_ok(t->http.m))
		return sv_fmt(v->a, "http :%u" SV_FMT, t->http.port ? t->http.port : 80u, SV_ARG(t->http.path));
	if (meta_ok(t->service.m))
		return sv_fmt(v->a, "service " SV_FMT, SV_ARG(t->service.v));
	return sv_fmt(v->a, "command " SV_FMT, SV_ARG(t->command.v));
}

static struct ct_value test_value(const struct view *v, const struct spec_test *t)
{
	struct ct_value d = ct_dict_new(v->a, 7);
	bool http = meta_ok(t->http.m);

	view_put(v, &d, "name", ct_text(test_name(v, t)));
	view_put(v, &d, "port",
		 http			 ? ct_int(t->http.port ? t->http.port : 80)
		 : meta_ok(t->tcp.m) ? ct_int(t->tcp.v)
					 : ct_none());
	view_put(v, &d, "path", http ? ct_text(t->http.path) : ct_none());
	view_put(v, &d, "status", http ? ct_int(meta_ok(t->status.m) ? t->status.v : 200) : ct_none());
	view_put_v_text(v, &d, "service", t->service);
	view_put_v_text(v, &d, "command", t->command);
	view_put_v_text(v, &d, "expect", t->expect);
	return d;
}

struct ct_value view_tests(const struct view *v, const struct v_test_list *list)
{
	struct ct_value tests = ct_list_new(v->a, list->n);

	for (uint32_t i = 0; i < list->n; i++)
		ct_list_add(v->a, &tests, test_value(v, &list->v[i]));
	return tests;
}

bool view_has_tests_inside(const struct lab_guest *g)
{
	const struct v_test_list *list = &g->spec->tests;

	for (uint32_t i = 0; g->os && os_has_direct(g->os) && i < list->n; i++)
		if (meta_ok(list->v[i].service.m) || meta_ok(list->v[i].command.m))
			return true;
	return false;
}
