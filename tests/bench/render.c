/* setup.ps1 rendered from a lowered model, nothing read and nothing written: render SPEC VALUES.json OUT.ps1
 * The values and the script of the first host go to files, for the same with Jinja2 (render_jinja.py).
 * Prints microseconds (the best of many) and bytes of a rendering, and microseconds of making all the values. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fs.h"
#include "ctemplate/value.h"
#include "emit/view.h"
#include "schema/decode.h"
#include "yaml/ydoc.h"

static json_t *to_json(struct ct_value v)
{
	json_t *j;

	switch (v.tag) {
	case CT_BOOL:
		return json_boolean(v.u.b);
	case CT_INT:
		return json_integer(v.u.i);
	case CT_DOUBLE:
		return json_real(v.u.d);
	case CT_TEXT:
		return json_stringn(v.u.p, v.len);
	case CT_LIST:
		j = json_array();
		for (uint32_t i = 0; i < v.u.list->n; i++)
			json_array_append_new(j, to_json(v.u.list->v[i]));
		return j;
	case CT_DICT:
		j = json_object();
		for (uint32_t i = 0; i < v.u.dict->n; i++)
			json_object_setn_new(j, value_key(v.u.dict, i).u.p, value_key(v.u.dict, i).len, to_json(v.u.dict->v[i].value));
		return j;
	default:
		return json_null();
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* what others do on the machine does not count */
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void fail(const char *what)
{
	fprintf(stderr, "render: %s\n", what);
	exit(1);
}

int main(int argc, char **argv)
{
	static struct sources sources;
	static struct diags diags;
	static struct arena a, scratch;
	static struct ydoc doc;
	static struct spec spec;
	static struct lab lab;
	struct ct_limits limits = ct_default_limits;
	const struct ct_template *t;
	double best = 1e12, viewing = 1e12, from, start;
	struct lab_view view = { .hosts = NULL };
	struct ct_value values, table = ct_none();
	struct ct_env *env;
	struct buf out = { 0 }, table_text = { 0 };
	struct sv text;

	if (argc != 4)
		return 2;
	arena_init(&a, 0);
	arena_init(&scratch, 0);
	sources_init(&sources, &a);
	diags_init(&diags, &a, &sources);
	if (fs_read(&a, argv[1], 64 << 20, &text) != 0 ||
	    !ydoc_parse(&doc, &a, &diags, sources_add(&sources, SV("lab.yaml"), text), NULL) ||
	    !spec_decode(&spec, &doc, NULL))
		fail("the spec cannot be read");
	lab_lower(&lab, &spec);
	limits.fuel *= 100;
	env = ct_env_new(&a, &diags, &limits);
	ct_env_embedded(env, ct_embedded_templates, ct_embedded_count);
	for (int i = 0; i < 5; i++) {
		bool ok = true;

		from = now();
		view = view_lab(&a, &lab, SV("lab.yaml"), env, &ok);
		from = now() - from;
		viewing = from < viewing ? from : viewing;
		if (!ok)
			fail("no values");
	}
	values = view_with_host(&a, &view, 0);
	t = ct_get(env, SV("setup.ps1.j2"));
	for (start = now(); t && now() - start < 2e6;) {
		struct arena_mark m = arena_mark(&scratch);

		out.n = 0;
		from = now();
		if (!view_table(env, values, &scratch, &table_text, &table))
			fail("no table");
		ct_dict_set(&a, &values, SV("table"), table);
		if (!ct_render(env, t, values, &scratch, ct_out_buf, &out))
			fail("no script");
		from = now() - from;
		best = from < best ? from : best;
		arena_rewind(&scratch, m);
	}
	ct_dict_set(&a, &values, SV("table"), ct_none());
	if (json_dump_file(to_json(values), argv[2], 0) != 0 || fs_write_atomic(argv[3], buf_view(&out)) != 0)
		fail("the files cannot be written");
	printf("%.1f %zu %.1f\n", best, out.n, viewing);
	buf_release(&out);
	buf_release(&table_text);
	arena_release(&scratch);
	arena_release(&a);
	return 0;
}
