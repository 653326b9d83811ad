/* json and jsonl: everything a finding knows, described in docs/formats/json.schema.json. */
#include "diag/formats_internal.h"

static json_t *position(struct pos p, uint32_t offset)
{
	json_t *o = jout_object();

	jout_put(o, "line", jout_int(p.line));
	jout_put(o, "column", jout_int(p.col));
	jout_put(o, "offset", jout_int(offset));
	return o;
}

static json_t *place(const struct report_setup *s, const struct diags *d, uint32_t src, struct range r)
{
	json_t *o = jout_object();

	jout_put(o, "path", jout_sv(range_path(s, d, src)));
	jout_put(o, "start", position(r.start, r.from));
	jout_put(o, "end", position(r.end, r.to));
	return o;
}

static json_t *labels(const struct report_setup *s, const struct diags *d, const struct diag *g)
{
	json_t *all = jout_array();

	for (const struct diag_label *l = g->labels; l; l = l->next) {
		json_t *o = place(s, d, l->at.src, range_of(d, l->at));

		jout_put(o, "message", jout_sv(l->text));
		jout_add(all, o);
	}
	return all;
}

static json_t *fix(const struct report_setup *s, const struct diags *d, const struct diag *g)
{
	json_t *o, *all;

	if (!g->edits)
		return json_null();
	o = jout_object();
	all = jout_array();
	for (const struct diag_edit *e = g->edits; e; e = e->next) {
		json_t *one = place(s, d, e->at.src, range_of_edit(d, e->at));

		jout_put(one, "text", jout_sv(e->text));
		jout_add(all, one);
	}
	jout_put(o, "safe", jout_bool(g->fix_is_safe));
	jout_put(o, "edits", all);
	return o;
}

static json_t *finding(const struct report_setup *s, const struct diags *d, const struct diag *g)
{
	json_t *o = place(s, d, g->at.src, range_of(d, g->at));

	jout_put(o, "code", jout_str(g->info->code));
	jout_put(o, "name", jout_str(g->info->name));
	jout_put(o, "severity", jout_str(severity_name(g->severity)));
	jout_put(o, "message", jout_sv(g->msg));
	jout_put(o, "help", g->help.n ? jout_sv(g->help) : json_null());
	jout_put(o, "source", g->info->source ? jout_str(g->info->source) : json_null());
	jout_put(o, "suppressed", jout_bool(g->suppressed));
	jout_put(o, "labels", labels(s, d, g));
	jout_put(o, "fix", fix(s, d, g));
	return o;
}

void json_begin(struct buf *out, const struct report_setup *s)
{
	buf_str(out, "{\"version\":1,\"tool\":{\"name\":");
	jout_dump(out, jout_sv(s->tool));
	buf_str(out, ",\"version\":");
	jout_dump(out, jout_sv(s->version));
	buf_str(out, "},\"findings\":[\n");
}

void json_file(struct report_part *p, const struct report_setup *s, const struct diags *d)
{
	for (size_t i = 0; i < d->v.n; i++)
		jout_item(p, ",\n", finding(s, d, d->v.v[i]));
}

void json_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules)
{
	json_t *o = jout_object();

	(void)s;
	(void)rules;
	jout_put(o, "files", jout_int(n->files));
	jout_put(o, "errors", jout_int(n->errors));
	jout_put(o, "warnings", jout_int(n->warnings));
	jout_put(o, "notes", jout_int(n->notes));
	jout_put(o, "suppressed", jout_int(n->suppressed));
	buf_str(out, "\n],\"summary\":");
	jout_dump(out, o);
	buf_str(out, "}\n");
}

void jsonl_file(struct report_part *p, const struct report_setup *s, const struct diags *d)
{
	for (size_t i = 0; i < d->v.n; i++)
		jout_item(p, "\n", finding(s, d, d->v.v[i]));
}

void jsonl_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules)
{
	(void)s;
	(void)rules;
	if (n->errors + n->warnings + n->notes + n->suppressed)
		buf_ch(out, '\n');
}
