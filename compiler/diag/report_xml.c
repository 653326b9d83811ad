/* JUnit and Checkstyle. */
#include "base/utf8.h"
#include "diag/formats_internal.h"

/* XML 1.0 has no form for most controls: they become visible text. Line ends and tabs in attributes are
 * written as references, else a parser turns them into blanks. */
static void put(struct buf *out, struct sv text)
{
	for (size_t i = 0, len; i < text.n; i += len) {
		size_t at = out->n;
		uint32_t cp;

		len = utf8_decode(text, i, &cp, NULL);
		switch (text.p[i]) {
		case '&': buf_str(out, "&amp;"); break;
		case '<': buf_str(out, "&lt;"); break;
		case '>': buf_str(out, "&gt;"); break;
		case '"': buf_str(out, "&quot;"); break;
		case '\n': buf_str(out, "&#10;"); break;
		case '\r': buf_str(out, "&#13;"); break;
		case '\t': buf_str(out, "&#9;"); break;
		default:
			report_escape(out, sv_sub(text, i, len));
			if (out->p[at] == '<') { /* <U+202E> */
				out->n = at;
				buf_fmt(out, "&lt;U+%04X&gt;", cp);
			}
		}
	}
}

static void put_attribute(struct buf *out, const char *name, struct sv value)
{
	buf_fmt(out, " %s=\"", name);
	put(out, value);
	buf_ch(out, '"');
}

static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/* --- JUnit: a suite a file, a case a finding --- */

void junit_begin(struct buf *out, const struct report_setup *s)
{
	buf_str(out, declaration);
	buf_str(out, "<testsuites");
	put_attribute(out, "name", s->tool);
	buf_str(out, ">\n");
}

static void junit_case(struct buf *out, const struct diags *d, const struct diag *g, struct sv path)
{
	struct pos at = range_of(d, g->at).start;

	buf_str(out, "    <testcase");
	put_attribute(out, "name", sv_fmt(d->a, "%s at line %u, column %u", g->info->code, at.line, at.col));
	put_attribute(out, "classname", path);
	put_attribute(out, "file", path);
	buf_fmt(out, " line=\"%u\">\n      ", at.line);
	if (g->suppressed) {
		buf_str(out, "<skipped");
		put_attribute(out, "message", sv_fmt(d->a, "suppressed: " SV_FMT, SV_ARG(g->msg)));
		buf_str(out, "/>");
	} else if (g->severity == SEV_NOTE) {
		buf_str(out, "<system-out>");
		put(out, finding_text(d, g));
		buf_str(out, "</system-out>");
	} else {
		buf_str(out, "<failure");
		put_attribute(out, "type", sv_from(severity_name(g->severity)));
		put_attribute(out, "message", g->msg);
		buf_ch(out, '>');
		put(out, path);
		buf_fmt(out, ":%u:%u: ", at.line, at.col);
		put(out, finding_text(d, g));
		buf_str(out, "</failure>");
	}
	buf_str(out, "\n    </testcase>\n");
}

/* The findings [from, to) of one source; none: one case that passed. */
static void junit_suite(struct buf *out, const struct report_setup *s, const struct diags *d, uint32_t src,
			size_t from, size_t to)
{
	struct sv path = range_path(s, d, src);
	unsigned failures = 0, skipped = 0;

	for (size_t i = from; i < to; i++) {
		skipped += d->v.v[i]->suppressed;
		failures += !d->v.v[i]->suppressed && d->v.v[i]->severity != SEV_NOTE;
	}
	buf_str(out, "  <testsuite");
	put_attribute(out, "name", path);
	buf_fmt(out, " tests=\"%zu\" failures=\"%u\" errors=\"0\" skipped=\"%u\">\n", to > from ? to - from : 1,
		failures, skipped);
	for (size_t i = from; i < to; i++)
		junit_case(out, d, d->v.v[i], path);
	if (from == to) {
		buf_str(out, "    <testcase");
		put_attribute(out, "name", SV("no findings"));
		put_attribute(out, "classname", path);
		put_attribute(out, "file", path);
		buf_str(out, "/>\n");
	}
	buf_str(out, "  </testsuite>\n");
}

/* End of the run of findings that stand in the same source. */
static size_t same_source(const struct diags *d, size_t i)
{
	uint32_t src = d->v.v[i]->at.src;

	while (i < d->v.n && d->v.v[i]->at.src == src)
		i++;
	return i;
}

void junit_file(struct report_part *p, const struct report_setup *s, const struct diags *d)
{
	if (d->v.n == 0 && d->sources->n)
		junit_suite(&p->text, s, d, 0, 0, 0);
	for (size_t i = 0, end; i < d->v.n; i = end) {
		end = same_source(d, i);
		junit_suite(&p->text, s, d, d->v.v[i]->at.src, i, end);
	}
}

void junit_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules)
{
	(void)s;
	(void)n;
	(void)rules;
	buf_str(out, "</testsuites>\n");
}

/* --- Checkstyle --- */

void checkstyle_begin(struct buf *out, const struct report_setup *s)
{
	(void)s;
	buf_str(out, declaration);
	buf_str(out, "<checkstyle version=\"4.3\">\n");
}

static void checkstyle_error(struct buf *out, const struct report_setup *s, const struct diags *d,
			     const struct diag *g)
{
	struct pos at = range_of(d, g->at).start;

	buf_fmt(out, "    <error line=\"%u\" column=\"%u\"", at.line, at.col);
	put_attribute(out, "severity", sv_from(g->severity == SEV_NOTE ? "info" : severity_name(g->severity)));
	put_attribute(out, "message", finding_text(d, g));
	put_attribute(out, "source", sv_fmt(d->a, SV_FMT ".%s", SV_ARG(s->tool), g->info->code));
	buf_str(out, "/>\n");
}

void checkstyle_file(struct report_part *p, const struct report_setup *s, const struct diags *d)
{
	struct buf *out = &p->text;

	for (size_t i = 0, end; i < d->v.n; i = end) {
		size_t before = out->n, inside;

		end = same_source(d, i);
		buf_str(out, "  <file");
		put_attribute(out, "name", range_path(s, d, d->v.v[i]->at.src));
		buf_str(out, ">\n");
		inside = out->n;
		for (size_t k = i; k < end; k++)
			if (!d->v.v[k]->suppressed)
				checkstyle_error(out, s, d, d->v.v[k]);
		if (out->n == inside)
			out->n = before;
		else
			buf_str(out, "  </file>\n");
	}
}

void checkstyle_end(struct buf *out, const struct report_setup *s, const struct report_counts *n,
		    struct sv rules)
{
	(void)s;
	(void)n;
	(void)rules;
	buf_str(out, "</checkstyle>\n");
}
