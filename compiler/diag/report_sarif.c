/* SARIF 2.1.0 as GitHub's code scanning and editors read it. */
#include "base/utf8.h"
#include "diag/formats_internal.h"
#include "diag/linehash.h"

enum { TEXT_MAX = 1024 }; /* GitHub refuses longer descriptions */

/* What the results of one file share. */
struct ctx {
	const struct report_setup *setup;
	const struct diags *diags;
	uint32_t src; /* whose hashes these are; UINT32_MAX: none yet */
	struct line_hash *hashes;
	uint32_t n_hashes;
};

static json_t *text_object(struct sv text)
{
	json_t *o = jout_object();

	jout_put(o, "text", jout_sv(text));
	return o;
}

/* A relative path as a relative URI, an absolute one as file:///. */
static json_t *uri_of(const struct ctx *c, uint32_t src)
{
	struct sv path = range_path(c->setup, c->diags, src);
	struct buf b = { 0 };
	json_t *o = jout_object();

	if (sv_starts(path, SV("/")))
		buf_str(&b, "file://");
	for (size_t i = 0; i < path.n; i++) {
		char ch = path.p[i];

		if (ch_is_alnum(ch) || ch == '/' || ch == '-' || ch == '.' || ch == '_' || ch == '~')
			buf_ch(&b, ch);
		else
			buf_fmt(&b, "%%%02X", (unsigned)(unsigned char)ch);
	}
	jout_put(o, "uri", jout_sv(buf_view(&b)));
	buf_release(&b);
	return o;
}

static json_t *region_of(struct range r)
{
	json_t *o = jout_object();

	jout_put(o, "startLine", jout_int(r.start.line));
	jout_put(o, "startColumn", jout_int(r.start.col));
	jout_put(o, "endLine", jout_int(r.end.line));
	jout_put(o, "endColumn", jout_int(r.end.col));
	jout_put(o, "byteOffset", jout_int(r.from));
	jout_put(o, "byteLength", jout_int(r.to - r.from));
	return o;
}

static json_t *location_of(const struct ctx *c, struct span at)
{
	json_t *o = jout_object(), *physical = jout_object();

	jout_put(physical, "artifactLocation", uri_of(c, at.src));
	jout_put(physical, "region", region_of(range_of(c->diags, at)));
	jout_put(o, "physicalLocation", physical);
	return o;
}

/* In a message "[text](1)" is a link: brackets that are none are escaped. */
static void put_literal(struct buf *b, struct sv text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '[' || text.p[i] == ']' || text.p[i] == '\\')
			buf_ch(b, '\\');
		buf_ch(b, text.p[i]);
	}
}

static void put_text(struct buf *b, struct sv text)
{
	if (sv_search(text, SV("](")) >= 0)
		put_literal(b, text);
	else
		buf_sv(b, text);
}

static void put_stop(struct buf *b)
{
	if (b->n && b->p[b->n - 1] != '.')
		buf_ch(b, '.');
}

/* The message, its labels as links to the related locations, the help. */
static json_t *message_of(const struct diag *g)
{
	struct buf b = { 0 };
	json_t *o;
	int id = 1;

	put_text(&b, g->msg);
	for (const struct diag_label *l = g->labels; l; l = l->next, id++) {
		buf_str(&b, id == 1 ? " ([" : ", [");
		put_literal(&b, l->text.n ? l->text : SV("related"));
		buf_fmt(&b, "](%d)", id);
	}
	if (g->labels)
		buf_ch(&b, ')');
	put_stop(&b);
	if (g->help.n) {
		buf_str(&b, "\nHelp: ");
		put_text(&b, g->help);
		put_stop(&b);
	}
	o = text_object(buf_view(&b));
	buf_release(&b);
	return o;
}

static json_t *related_of(const struct ctx *c, const struct diag *g)
{
	json_t *all = jout_array();
	uint64_t id = 1;

	for (const struct diag_label *l = g->labels; l; l = l->next) {
		json_t *o = location_of(c, l->at);

		jout_put(o, "id", jout_int(id++));
		jout_put(o, "message", text_object(l->text.n ? l->text : SV("related")));
		jout_add(all, o);
	}
	return all;
}

static json_t *fixes_of(const struct ctx *c, const struct diag *g)
{
	json_t *all = jout_array(), *fix = jout_object(), *changes = jout_array(), *props = jout_object();
	json_t *replacements = NULL;
	uint32_t src = 0;

	for (const struct diag_edit *e = g->edits; e; e = e->next) {
		json_t *o = jout_object();

		if (!replacements || e->at.src != src) {
			json_t *change = jout_object();

			src = e->at.src;
			replacements = jout_array();
			jout_put(change, "artifactLocation", uri_of(c, src));
			jout_put(change, "replacements", replacements);
			jout_add(changes, change);
		}
		jout_put(o, "deletedRegion", region_of(range_of_edit(c->diags, e->at)));
		jout_put(o, "insertedContent", text_object(e->text));
		jout_add(replacements, o);
	}
	jout_put(props, "safe", jout_bool(g->fix_is_safe));
	jout_put(fix, "description", text_object(g->help.n ? g->help : SV("Apply the suggested edit.")));
	jout_put(fix, "artifactChanges", changes);
	jout_put(fix, "properties", props);
	jout_add(all, fix);
	return all;
}

static json_t *fingerprints_of(struct ctx *c, const struct diag *g)
{
	uint32_t line = range_of(c->diags, g->at).start.line;
	json_t *o = jout_object();
	struct line_hash *h;

	if (c->src != g->at.src) {
		c->src = g->at.src;
		c->hashes = line_hashes(c->diags->a, sources_get(c->diags->sources, c->src)->text,
					&c->n_hashes);
	}
	h = &c->hashes[line <= c->n_hashes ? line - 1 : c->n_hashes - 1];
	jout_put(o, "primaryLocationLineHash",
		 jout_sv(sv_fmt(c->diags->a, "%llx:%u", (unsigned long long)h->hash, h->nth)));
	return o;
}

static json_t *suppressions_of(const struct diag *g)
{
	json_t *all = jout_array();

	if (g->suppressed) {
		json_t *o = jout_object();

		jout_put(o, "kind", jout_str("inSource"));
		jout_add(all, o);
	}
	return all;
}

static json_t *result_of(struct ctx *c, const struct diag *g)
{
	json_t *o = jout_object(), *locations = jout_array();

	jout_add(locations, location_of(c, g->at));
	jout_put(o, "ruleId", jout_str(g->info->code));
	jout_put(o, "level", jout_str(severity_name(g->severity)));
	jout_put(o, "message", message_of(g));
	jout_put(o, "locations", locations);
	if (g->labels)
		jout_put(o, "relatedLocations", related_of(c, g));
	jout_put(o, "partialFingerprints", fingerprints_of(c, g));
	/* all results say whether they are suppressed, or none may */
	jout_put(o, "suppressions", suppressions_of(g));
	if (g->edits)
		jout_put(o, "fixes", fixes_of(c, g));
	return o;
}

/* --- the rows --- */

/* At most TEXT_MAX characters, cut at a character, with a full stop. */
static struct sv sentence(struct arena *a, const char *text)
{
	struct sv s = sv_trim(sv_from(text));
	size_t end = 0, n = 0;
	uint32_t cp;

	while (end < s.n && n < TEXT_MAX - 4) {
		end += utf8_decode(s, end, &cp, NULL);
		n++;
	}
	if (end < s.n)
		return sv_fmt(a, SV_FMT "...", (int)end, s.p);
	return sv_ends(s, SV(".")) || !s.n ? s : sv_fmt(a, SV_FMT ".", SV_ARG(s));
}

/* A fence longer than any run of backticks in the text. */
static void put_fenced(struct buf *b, const char *title, const char *text)
{
	size_t run = 0, longest = 2;

	if (!text)
		return;
	for (const char *p = text; *p; p++) {
		run = *p == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	buf_fmt(b, "\n\n%s\n\n", title);
	buf_fill(b, '`', longest + 1);
	buf_fmt(b, "yaml\n%s", text);
	if (b->p[b->n - 1] != '\n')
		buf_ch(b, '\n');
	buf_fill(b, '`', longest + 1);
}

static json_t *help_of(struct arena *a, const struct diag_info *i)
{
	struct sv why = sentence(a, i->why && *i->why ? i->why : i->summary);
	struct buf text = { 0 }, md = { 0 };
	json_t *o = jout_object();

	buf_sv(&text, why);
	buf_sv(&md, why);
	put_fenced(&md, "Wrong:", i->bad);
	put_fenced(&md, "Right:", i->good);
	if (i->source) {
		buf_fmt(&text, "\nSource: %s", i->source);
		buf_fmt(&md, finding_url(i) ? "\n\nSource: <%s>" : "\n\nSource: `%s`", i->source);
	}
	jout_put(o, "text", jout_sv(buf_view(&text)));
	jout_put(o, "markdown", jout_sv(buf_view(&md)));
	buf_release(&text);
	buf_release(&md);
	return o;
}

/* "memory-together" as "MemoryTogether", the form SARIF asks for. */
static struct sv pascal(struct arena *a, const char *name)
{
	struct buf b = { 0 };
	bool up = true;
	struct sv out;

	for (; *name; name++) {
		if (ch_is_alnum(*name))
			buf_ch(&b, up && ch_is_lower(*name) ? (char)(*name - 32) : *name);
		up = !ch_is_alnum(*name);
	}
	out = buf_take(&b, a);
	buf_release(&b);
	return out;
}

static json_t *rule_of(struct arena *a, const struct diag_info *i)
{
	json_t *o = jout_object(), *level = jout_object(), *props = jout_object();

	jout_put(o, "id", jout_str(i->code));
	jout_put(o, "name", jout_sv(pascal(a, i->name)));
	jout_put(o, "shortDescription", text_object(sentence(a, i->summary)));
	jout_put(o, "fullDescription", text_object(sentence(a, i->why && *i->why ? i->why : i->summary)));
	jout_put(o, "help", help_of(a, i));
	if (finding_url(i))
		jout_put(o, "helpUri", jout_str(i->source));
	jout_put(level, "level", jout_str(severity_name(i->severity)));
	jout_put(o, "defaultConfiguration", level);
	jout_put(props, "precision", jout_str("very-high"));
	jout_put(props, "problem.severity",
		 jout_str(i->severity == SEV_NOTE ? "recommendation" : severity_name(i->severity)));
	jout_put(o, "properties", props);
	return o;
}

void sarif_begin(struct buf *out, const struct report_setup *s)
{
	struct buf id = { 0 };

	buf_str(out, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
		     "\"version\":\"2.1.0\",\"runs\":[{\"columnKind\":\"unicodeCodePoints\","
		     "\"defaultEncoding\":\"utf-8\",\"language\":\"en-US\",\"automationDetails\":{\"id\":");
	buf_sv(&id, s->tool);
	buf_str(&id, "/lint/");
	jout_dump(out, jout_sv(buf_view(&id)));
	buf_release(&id);
	buf_str(out, "},\"results\":[\n");
}

void sarif_file(struct report_part *p, const struct report_setup *s, const struct diags *d)
{
	struct ctx c = { .setup = s, .diags = d, .src = UINT32_MAX };
	struct map seen;

	map_init(&seen, d->a, false);
	for (size_t i = 0; i < d->v.n; i++) {
		const struct diag *g = d->v.v[i];

		jout_item(p, ",\n", result_of(&c, g));
		if (map_add(&seen, sv_from(g->info->code), NULL))
			continue;
		buf_fmt(&p->rules, "%s\n", g->info->code);
		jout_dump(&p->rules, rule_of(d->a, g->info));
		buf_ch(&p->rules, '\n');
	}
}

/* The rows come last: only then is it known which were used. */
void sarif_end(struct buf *out, const struct report_setup *s, const struct report_counts *n, struct sv rules)
{
	(void)n;
	buf_str(out, "\n],\"tool\":{\"driver\":{\"name\":");
	jout_dump(out, jout_sv(s->tool));
	if (s->version.n) {
		buf_str(out, ",\"version\":");
		jout_dump(out, jout_sv(s->version));
		buf_str(out, ",\"semanticVersion\":");
		jout_dump(out, jout_sv(s->version));
	}
	if (s->url.n) {
		buf_str(out, ",\"informationUri\":");
		jout_dump(out, jout_sv(s->url));
	}
	buf_str(out, ",\"rules\":[\n");
	buf_sv(out, rules);
	buf_str(out, "\n]}},\"invocations\":[{\"executionSuccessful\":true}]}]}\n");
}
