#include "diag/formats.h"

#include "diag/formats_internal.h"

static void text_file(struct report_part *p, const struct report_setup *s, const struct diags *d)
{
	report_text(&p->text, d, &s->text);
}

static void concise_file(struct report_part *p, const struct report_setup *s, const struct diags *d)
{
	report_concise(&p->text, d, &s->text);
}

const struct report_format report_formats[] = {
	{ "text", "for people: place, excerpt, help and source", "\n", false, NULL, text_file, NULL },
	{ "concise", "for people and editors: one line a finding", "", false, NULL, concise_file, NULL },
	{ "json", "one JSON document with every finding, its fix and a summary", ",\n", true,
	  json_begin, json_file, json_end },
	{ "jsonl", "one JSON object a line and finding", "\n", true, NULL, jsonl_file, jsonl_end },
	{ "sarif", "SARIF 2.1.0, for code scanning and editors", ",\n", true,
	  sarif_begin, sarif_file, sarif_end },
	{ "github", "annotations in a GitHub Actions log", "", false, NULL, github_file, NULL },
	{ "gitlab", "GitLab code quality report", ",\n", true, gitlab_begin, gitlab_file, gitlab_end },
	{ "azure", "issues in an Azure Pipelines log", "", false, NULL, azure_file, NULL },
	{ "junit", "JUnit XML, a test suite a file", "", true, junit_begin, junit_file, junit_end },
	{ "checkstyle", "Checkstyle XML", "", true, checkstyle_begin, checkstyle_file, checkstyle_end },
	{ "rdjson", "reviewdog's JSON, with suggestions", ",\n", true, rdjson_begin, rdjson_file, rdjson_end },
};
const size_t report_formats_count = sizeof(report_formats) / sizeof(report_formats[0]);

const struct report_format *report_format_find(struct sv name)
{
	for (size_t i = 0; i < report_formats_count; i++)
		if (sv_eq(sv_from(report_formats[i].name), name))
			return &report_formats[i];
	return NULL;
}

const struct report_format *report_format_near(struct sv name)
{
	const struct report_format *best = NULL;
	unsigned least = 0, n;

	for (size_t i = 0; i < report_formats_count; i++) {
		if (!sv_is_near(name, sv_from(report_formats[i].name), &n) || (best && n >= least))
			continue;
		best = &report_formats[i];
		least = n;
	}
	return best;
}

void report_part_reset(struct report_part *p)
{
	p->text.n = p->rules.n = 0;
	p->n = (struct report_counts){ 0 };
}

void report_part_release(struct report_part *p)
{
	buf_release(&p->text);
	buf_release(&p->rules);
}

void report_begin(struct report *r, const struct report_format *f, const struct report_setup *s,
		  struct buf *out)
{
	*r = (struct report){ .format = f, .setup = s };
	arena_init(&r->a, 0);
	map_init(&r->rules, &r->a, false);
	if (f->begin)
		f->begin(out, s);
}

void report_render(const struct report_format *f, const struct report_setup *s, const struct diags *d,
		   struct report_part *p)
{
	p->n.files++;
	for (size_t i = 0; i < d->v.n; i++) {
		const struct diag *g = d->v.v[i];

		if (g->suppressed)
			p->n.suppressed++;
		else if (g->severity == SEV_ERROR)
			p->n.errors++;
		else if (g->severity == SEV_WARNING)
			p->n.warnings++;
		else
			p->n.notes++;
	}
	f->file(p, s, d);
}

static struct sv next_line(struct sv *rest)
{
	ptrdiff_t nl = sv_find(*rest, '\n');
	struct sv line = sv_sub(*rest, 0, nl < 0 ? rest->n : (size_t)nl);

	*rest = sv_sub(*rest, line.n + 1, rest->n);
	return line;
}

static void add_rules(struct report *r, struct sv rows)
{
	while (rows.n) {
		struct sv code = next_line(&rows), row = next_line(&rows);

		if (map_find(&r->rules, code))
			continue;
		map_add(&r->rules, sv_dup(&r->a, code), NULL);
		if (r->rule_rows.n)
			buf_str(&r->rule_rows, ",\n");
		buf_sv(&r->rule_rows, row);
	}
}

void report_add(struct report *r, const struct report_part *p, struct buf *out)
{
	r->n.files += p->n.files;
	r->n.errors += p->n.errors;
	r->n.warnings += p->n.warnings;
	r->n.notes += p->n.notes;
	r->n.suppressed += p->n.suppressed;
	add_rules(r, buf_view(&p->rules));
	if (p->text.n == 0)
		return;
	if (r->any)
		buf_str(out, r->format->separator);
	r->any = true;
	buf_sv(out, buf_view(&p->text));
}

void report_file(struct report *r, const struct diags *d, struct buf *out)
{
	report_part_reset(&r->part);
	report_render(r->format, r->setup, d, &r->part);
	report_add(r, &r->part, out);
}

void report_end(struct report *r, struct buf *out)
{
	if (r->format->end)
		r->format->end(out, r->setup, &r->n, buf_view(&r->rule_rows));
	report_part_release(&r->part);
	buf_release(&r->rule_rows);
	arena_release(&r->a);
}
