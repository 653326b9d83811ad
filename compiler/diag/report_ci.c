/* Formats of continuous integration services: GitHub's and Azure's log commands, GitLab's report. */
#include <sha2.h>

#include "base/utf8.h"
#include "diag/formats_internal.h"

/* What a log command reads as its own syntax, and what to write instead. */
struct escape {
	char ch;
	const char *as;
};

static const struct escape github_data[] = { { '%', "%25" }, { '\r', "%0D" }, { '\n', "%0A" }, { 0, NULL } };
static const struct escape github_property[] = {
	{ '%', "%25" }, { '\r', "%0D" }, { '\n', "%0A" }, { ':', "%3A" }, { ',', "%2C" }, { 0, NULL }
};
static const struct escape azure_data[] = { { '%', "%AZP25" }, { '\r', "%0D" }, { '\n', "%0A" }, { 0, NULL } };
static const struct escape azure_property[] = {
	{ '%', "%AZP25" }, { '\r', "%0D" }, { '\n', "%0A" }, { ']', "%5D" }, { ';', "%3B" }, { 0, NULL }
};

static const char *escaped(const struct escape *e, char ch)
{
	for (; e->as; e++)
		if (e->ch == ch)
			return e->as;
	return NULL;
}

/* User text in a log: syntax escaped, controls visible. */
static void put(struct buf *out, struct sv text, const struct escape *e)
{
	for (size_t i = 0, len; i < text.n; i += len) {
		const char *as = escaped(e, text.p[i]);
		uint32_t cp;

		len = utf8_decode(text, i, &cp, NULL);
		if (as)
			buf_str(out, as);
		else
			report_escape(out, sv_sub(text, i, len));
	}
}

/* GitHub shows ten errors, ten warnings and ten notices of a step: the worst first. */
static const enum severity worst_first[] = { SEV_ERROR, SEV_WARNING, SEV_NOTE };

static void github_one(struct buf *out, const struct report_setup *s, const struct diags *d,
		       const struct diag *g)
{
	struct range r = range_of(d, g->at);

	buf_fmt(out, "::%s title=", g->severity == SEV_NOTE ? "notice" : severity_name(g->severity));
	put(out, sv_from(g->info->code), github_property);
	buf_str(out, ",file=");
	put(out, range_path(s, d, g->at.src), github_property);
	buf_fmt(out, ",line=%u,endLine=%u", r.start.line, r.end.line);
	/* GitHub drops an annotation with columns that spans lines */
	if (r.start.line == r.end.line)
		buf_fmt(out, ",col=%u,endColumn=%u", r.start.col, r.end.col);
	buf_str(out, "::");
	put(out, finding_text(d, g), github_data);
	buf_ch(out, '\n');
}

void github_file(struct report_part *p, const struct report_setup *s, const struct diags *d)
{
	for (size_t w = 0; w < sizeof(worst_first) / sizeof(worst_first[0]); w++) {
		/* people read this one: as in a terminal, notes are for those who ask */
		if (worst_first[w] == SEV_NOTE && !s->text.notes)
			continue;
		for (size_t i = 0; i < d->v.n; i++)
			if (!d->v.v[i]->suppressed && d->v.v[i]->severity == worst_first[w])
				github_one(&p->text, s, d, d->v.v[i]);
	}
}

/* Azure knows errors and warnings only: notes are left to the other formats. */
void azure_file(struct report_part *p, const struct report_setup *s, const struct diags *d)
{
	struct buf *out = &p->text;

	for (size_t i = 0; i < d->v.n; i++) {
		const struct diag *g = d->v.v[i];
		struct pos at = range_of(d, g->at).start;

		if (g->suppressed || g->severity == SEV_NOTE)
			continue;
		buf_fmt(out, "##vso[task.logissue type=%s;sourcepath=", severity_name(g->severity));
		put(out, range_path(s, d, g->at.src), azure_property);
		buf_fmt(out, ";linenumber=%u;columnnumber=%u;code=", at.line, at.col);
		put(out, sv_from(g->info->code), azure_property);
		buf_str(out, ";]");
		put(out, finding_text(d, g), azure_data);
		buf_ch(out, '\n');
	}
}

/* --- GitLab --- */

static void hash_part(SHA2_CTX *h, struct sv text)
{
	SHA256Update(h, (const uint8_t *)(text.n ? text.p : ""), text.n);
	SHA256Update(h, (const uint8_t *)"", 1);
}

/* Of what stays when lines move: file, code and message; GitLab merges equal ones, so the nth has its number. */
static struct sv fingerprint(struct map *seen, const struct diags *d, const struct diag *g, struct sv path)
{
	struct sv key = sv_fmt(d->a, "%s\n" SV_FMT "\n" SV_FMT, g->info->code, SV_ARG(path), SV_ARG(g->msg));
	struct map_entry *e = map_find(seen, key);
	char hex[SHA256_DIGEST_STRING_LENGTH];
	uint32_t *nth = e ? e->value : NEW(d->a, uint32_t, 1);
	SHA2_CTX h;

	if (!e)
		map_add(seen, key, nth);
	++*nth;
	SHA256Init(&h);
	hash_part(&h, path);
	hash_part(&h, sv_from(g->info->code));
	hash_part(&h, g->msg);
	if (*nth > 1)
		hash_part(&h, sv_fmt(d->a, "%u", *nth));
	SHA256End(&h, hex);
	return sv_dup(d->a, sv_from(hex));
}

static json_t *gitlab_one(struct map *seen, const struct report_setup *s, const struct diags *d,
			  const struct diag *g)
{
	static const char *const severity[] = { "info", "major", "critical" };
	json_t *o = jout_object(), *location = jout_object(), *lines = jout_object();
	struct range r = range_of(d, g->at);
	struct sv path = range_path(s, d, g->at.src), text = finding_text(d, g);

	/* GitLab does not show check_name, so the description names the code too */
	jout_put(o, "description", jout_sv(sv_fmt(d->a, "%s: " SV_FMT, g->info->code, SV_ARG(text))));
	jout_put(o, "check_name", jout_str(g->info->code));
	jout_put(o, "fingerprint", jout_sv(fingerprint(seen, d, g, path)));
	jout_put(o, "severity", jout_str(severity[g->severity]));
	jout_put(lines, "begin", jout_int(r.start.line));
	jout_put(lines, "end", jout_int(r.end.line));
	jout_put(location, "path", jout_sv(path));
	jout_put(location, "lines", lines);
	jout_put(o, "location", location);
	return o;
}

void gitlab_begin(struct buf *out, const struct report_setup *s)
{
	(void)s;
	buf_str(out, "[\n");
}

void gitlab_file(struct report_part *p, const struct report_setup *s, const struct diags *d)
{
	struct map seen;

	map_init(&seen, d->a, false);
	for (size_t i = 0; i < d->v.n; i++)
		if (!d->v.v[i]->suppressed)
			jout_item(p, ",\n", gitlab_one(&seen, s, d, d->v.v[i]));
}

void gitlab_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules)
{
	(void)s;
	(void)n;
	(void)rules;
	buf_str(out, "\n]\n");
}
