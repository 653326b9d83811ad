/* reviewdog's diagnostic format: columns count bytes, ends are exclusive. */
#include "diag/formats_internal.h"

static json_t *position(const struct diags *d, uint32_t src, struct pos p, uint32_t off)
{
	uint32_t start = source_line_start(d->sources, src, p.line);
	json_t *o = jout_object();

	jout_put(o, "line", jout_int(p.line));
	jout_put(o, "column", jout_int(off >= start ? off - start + 1 : 1));
	return o;
}

static json_t *range_json(const struct diags *d, uint32_t src, struct range r)
{
	json_t *o = jout_object();

	jout_put(o, "start", position(d, src, r.start, r.from));
	jout_put(o, "end", position(d, src, r.end, r.to));
	return o;
}

/* Each suggestion stands alone there, so a set of several edits is none. */
static json_t *suggestions(const struct diags *d, const struct diag *g)
{
	json_t *all = jout_array(), *o = jout_object();

	jout_put(o, "range", range_json(d, g->edits->at.src, range_of_edit(d, g->edits->at)));
	jout_put(o, "text", jout_sv(g->edits->text));
	jout_add(all, o);
	return all;
}

static struct sv message(const struct report_setup *s, const struct diags *d, const struct diag *g)
{
	struct buf b = { 0 };
	struct sv out;

	buf_sv(&b, finding_text(d, g));
	for (const struct diag_label *l = g->labels; l; l = l->next) {
		struct pos p = range_of(d, l->at).start;

		buf_ch(&b, '\n');
		buf_sv(&b, range_path(s, d, l->at.src));
		buf_fmt(&b, ":%u:%u: " SV_FMT, p.line, p.col, SV_ARG(l->text));
	}
	out = buf_take(&b, d->a);
	buf_release(&b);
	return out;
}

static json_t *diagnostic(const struct report_setup *s, const struct diags *d, const struct diag *g)
{
	static const char *const severity[] = { "INFO", "WARNING", "ERROR" };
	json_t *o = jout_object(), *location = jout_object(), *code = jout_object();

	jout_put(location, "path", jout_sv(range_path(s, d, g->at.src)));
	jout_put(location, "range", range_json(d, g->at.src, range_of_edit(d, g->at)));
	jout_put(code, "value", jout_str(g->info->code));
	if (finding_url(g->info))
		jout_put(code, "url", jout_str(g->info->source));
	jout_put(o, "message", jout_sv(message(s, d, g)));
	jout_put(o, "location", location);
	jout_put(o, "severity", jout_str(severity[g->severity]));
	jout_put(o, "code", code);
	if (g->edits && !g->edits->next && g->edits->at.src == g->at.src)
		jout_put(o, "suggestions", suggestions(d, g));
	return o;
}

void rdjson_begin(struct buf *out, const struct report_setup *s)
{
	json_t *o = jout_object();

	jout_put(o, "name", jout_sv(s->tool));
	if (s->url.n)
		jout_put(o, "url", jout_sv(s->url));
	buf_str(out, "{\"source\":");
	jout_dump(out, o);
	buf_str(out, ",\"diagnostics\":[\n");
}

void rdjson_file(struct report_part *p, const struct report_setup *s, const struct diags *d)
{
	for (size_t i = 0; i < d->v.n; i++)
		if (!d->v.v[i]->suppressed)
			jout_item(p, ",\n", diagnostic(s, d, d->v.v[i]));
}

void rdjson_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules)
{
	(void)s;
	(void)n;
	(void)rules;
	buf_str(out, "\n]}\n");
}
