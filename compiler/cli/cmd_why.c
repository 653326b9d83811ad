/* labc why: prints where values come from. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/search.h"
#include "diag/report.h"
#include "model/place.h"
#include "rules/capacity.h"
#include "rules/trace.h"

struct why {
	struct session *s;
	struct lab *lab;
	struct buf out, b;
};

static void put_place(struct why *w, struct span at)
{
	struct pos p = source_pos(&w->s->sources, at.src, at.off);

	report_escape(&w->out, sources_get(&w->s->sources, at.src)->name);
	buf_fmt(&w->out, ":%u:%u", p.line, p.col);
}

static unsigned cells(struct sv text)
{
	struct buf b = { 0 };
	unsigned n = 0;
	uint32_t cp;

	report_escape(&b, text);
	for (size_t i = 0; i < b.n; i += utf8_decode(buf_view(&b), i, &cp, NULL)) {
		utf8_decode(buf_view(&b), i, &cp, NULL);
		n += utf8_width(cp);
	}
	buf_release(&b);
	return n;
}

/* The line of a value, underlined. */
static void put_excerpt(struct why *w, struct span at)
{
	struct sources *s = &w->s->sources;
	struct pos p = source_pos(s, at.src, at.off);
	struct sv line = source_line(s, at.src, p.line);
	size_t from = at.off - source_line_start(s, at.src, p.line), len = at.len;
	unsigned under;

	/* behind a byte order mark the view begins later than the line */
	from = from > line.n ? line.n : from;
	if (from + len > line.n)
		len = line.n - from;
	if (line.n > 200)
		return;
	buf_fmt(&w->out, "%6u | ", p.line);
	report_escape(&w->out, line);
	buf_str(&w->out, "\n       | ");
	buf_fill(&w->out, ' ', cells(sv_sub(line, 0, from)));
	under = cells(sv_sub(line, from, len));
	buf_fill(&w->out, '^', under ? under : 1);
	buf_ch(&w->out, '\n');
}

/* Backquotes are for Markdown. */
static void put_words(struct why *w, const char *text)
{
	for (; *text; text++)
		if (*text != '`')
			buf_ch(&w->out, *text);
}

/* --- which layer --- */

static void put_profile(struct why *w, const struct place *at)
{
	if (at->guest && meta_ok(at->guest->spec->profile.m))
		buf_fmt(&w->out, "profile '" SV_FMT "'", SV_ARG(at->guest->spec->profile.v));
	else
		buf_str(&w->out, "a profile");
}

static void put_origin(struct why *w, const struct place *at, const struct meta *m)
{
	switch (m->origin) {
	case ORIGIN_PROFILE: put_profile(w, at); break;
	case ORIGIN_DEFAULTS: buf_str(&w->out, "defaults"); break;
	case ORIGIN_BUILTIN: buf_str(&w->out, "the language's default"); break;
	case ORIGIN_CATALOGUE: buf_str(&w->out, "the catalogue"); break;
	case ORIGIN_DERIVED: buf_str(&w->out, "worked out by labc"); break;
	default: buf_str(&w->out, "written here"); break;
	}
}

/* What a value of the catalogue hangs on. */
static void put_cause(struct why *w, const struct place *at)
{
	struct lab *l = w->lab;

	if (at->guest && at->guest->os && at->sec != &section_network) {
		buf_fmt(&w->out, "  os: %s", at->guest->os->id);
		if (meta_written(at->guest->spec->os.m)) {
			buf_str(&w->out, ", ");
			put_place(w, spec_span(l->spec, at->guest->spec->os.m));
		}
		buf_ch(&w->out, '\n');
	} else if (at->host && at->host->size_text.n) {
		buf_fmt(&w->out, "  size: " SV_FMT, SV_ARG(at->host->size_text));
		if (meta_written(at->host->size_m)) {
			buf_str(&w->out, ", ");
			put_place(w, spec_span(l->spec, at->host->size_m));
		}
		buf_ch(&w->out, '\n');
	}
	if (l->target < TARGET_COUNT) {
		buf_fmt(&w->out, "  target: %s", target_word(l->target));
		if (meta_written(l->target_m)) {
			buf_str(&w->out, ", ");
			put_place(w, spec_span(l->spec, l->target_m));
		}
		buf_ch(&w->out, '\n');
	}
}

/* The layers that this value came before. */
static void put_hidden(struct why *w, const struct place *at, const struct field *f, const struct meta *m)
{
	int from = m->origin == ORIGIN_ITEM ? ALT_PROFILE : m->origin == ORIGIN_PROFILE ? ALT_DEFAULTS : ALT_COUNT;

	for (int i = from; i < ALT_COUNT; i++) {
		const struct meta *alt = at->alts[i] ? field_at_const(f, at->alts[i]) : NULL;

		if (!alt || !meta_ok(*alt) || !meta_written(*alt) || (alt->node == m->node && alt->doc == m->doc))
			continue;
		buf_str(&w->out, "  comes before ");
		if (i == ALT_PROFILE)
			put_profile(w, at);
		else
			buf_str(&w->out, "defaults");
		w->b.n = 0;
		place_print(&w->b, w->lab->a, f, alt);
		buf_str(&w->out, ": ");
		report_escape(&w->out, buf_view(&w->b));
		buf_str(&w->out, ", ");
		put_place(w, spec_span(w->lab->spec, *alt));
		buf_ch(&w->out, '\n');
	}
}

/* --- one value --- */

static void put_written(struct why *w, const struct place *at, const struct meta *m)
{
	struct span here = spec_span(w->lab->spec, *m), alias;

	buf_str(&w->out, "  ");
	if (m->origin == ORIGIN_DERIVED)
		buf_str(&w->out, "worked out by labc for what is ");
	put_origin(w, at, m->origin == ORIGIN_DERIVED ? &(struct meta){ .origin = ORIGIN_ITEM } : m);
	buf_str(&w->out, ": ");
	put_place(w, here);
	buf_ch(&w->out, '\n');
	put_excerpt(w, here);
	if (spec_alias_span(w->lab->spec, *m, &alias)) {
		buf_str(&w->out, "  through the alias: ");
		put_place(w, alias);
		buf_ch(&w->out, '\n');
		put_excerpt(w, alias);
	}
}

static void put_default(struct why *w, const struct place *at, const struct field *f, const struct meta *m)
{
	bool says_so = m->origin == ORIGIN_CATALOGUE && sv_starts(sv_from(f->def_doc), SV("the catalogue"));

	buf_str(&w->out, "  ");
	if (!says_so)
		put_origin(w, at, m);
	if (f->def_doc) {
		buf_str(&w->out, says_so ? "" : ": ");
		put_words(w, f->def_doc);
	}
	buf_ch(&w->out, '\n');
	if (m->origin == ORIGIN_CATALOGUE)
		put_cause(w, at);
	if (f->source)
		buf_fmt(&w->out, "  source: %s\n", f->source);
}

static void put_value(struct why *w, const struct place *at, const struct field *f, struct sv path)
{
	const struct meta *m = place_value(at, w->lab, f);

	report_escape(&w->out, path);
	buf_str(&w->out, ": ");
	if (meta_ok(*m)) {
		w->b.n = 0;
		place_print(&w->b, w->lab->a, f, m);
		report_escape(&w->out, buf_view(&w->b));
		buf_ch(&w->out, '\n');
		if (meta_written(*m))
			put_written(w, at, m);
		else
			put_default(w, at, f, m);
		put_hidden(w, at, f, m);
	} else if (meta_poisoned(*m) && meta_written(*m)) {
		buf_str(&w->out, "not known, what is written is wrong ('labc lint' says how)\n");
		put_written(w, at, m);
	} else {
		buf_str(&w->out, meta_poisoned(*m) ? "not known, because of an error ('labc lint' says which)\n" : "not set\n");
		if (f->def_doc && !meta_poisoned(*m)) {
			buf_str(&w->out, "  default: ");
			put_words(w, f->def_doc);
			buf_ch(&w->out, '\n');
		}
	}
}

/* --- sections: a line a value --- */

static void list_value(struct why *w, const struct place *at, const struct field *f, struct sv name)
{
	const struct meta *m = place_value(at, w->lab, f);
	size_t left, used;

	if (!meta_ok(*m))
		return;
	left = w->out.n;
	buf_str(&w->out, "  ");
	report_escape(&w->out, name);
	used = w->out.n - left;
	buf_fill(&w->out, ' ', used < 28 ? 28 - used : 1);
	left = w->out.n;
	w->b.n = 0;
	place_print(&w->b, w->lab->a, f, m);
	report_escape(&w->out, sv_sub(buf_view(&w->b), 0, 60));
	if (w->b.n > 60)
		buf_str(&w->out, "...");
	used = w->out.n - left;
	buf_fill(&w->out, ' ', used < 24 ? 24 - used : 1);
	if (!meta_written(*m)) {
		put_origin(w, at, m);
	} else {
		put_place(w, spec_span(w->lab->spec, *m));
		if (m->origin == ORIGIN_PROFILE || m->origin == ORIGIN_DEFAULTS || m->origin == ORIGIN_DERIVED) {
			buf_str(&w->out, ", ");
			put_origin(w, at, m);
		}
	}
	buf_ch(&w->out, '\n');
}

enum { MAX_NESTING = 4 };

static void list_section(struct why *w, const struct place *at, struct sv prefix, int depth)
{
	struct arena *a = w->lab->a;

	for (uint32_t i = 0; i < at->sec->n && depth < MAX_NESTING; i++) {
		const struct field *f = &at->sec->fields[i];
		struct sv name = prefix.n ? sv_fmt(a, SV_FMT "." SV_FMT, SV_ARG(prefix), SV_ARG(f->key)) : f->key;
		struct place inner = *at;

		if (f->flags & FIELD_SHORT_ONLY) {
			if (meta_ok(*place_value(at, w->lab, f)))
				list_value(w, at, f, prefix.n ? prefix : f->key);
		} else if (f->type != TYPE_SECTION || (f->section == &section_dhcp && at->network && !at->network->dhcp)) {
			list_value(w, at, f, name);
		} else if (place_enter(&inner, w->lab, f->key)) {
			list_section(w, &inner, name, depth + 1);
		}
		buf_release(&inner.near);
	}
}

/* Items of a list or map of sections, each with its place. */
static void list_items(struct why *w, const struct place *at, struct sv path)
{
	const struct __attribute__((may_alias)) {
		struct meta m;
		const char *v;
		uint32_t n;
	} *items = at->item ? field_at_const(at->list, at->item) : NULL;

	report_escape(&w->out, path);
	buf_fmt(&w->out, ":%s\n", items && items->n ? "" : " none");
	for (uint32_t i = 0; items && i < items->n; i++) {
		const struct spec_head *h = (const void *)(items->v + (size_t)i * at->list->section->size);

		buf_str(&w->out, "  ");
		if (h->name.n)
			report_escape(&w->out, h->name);
		else
			buf_u64(&w->out, i);
		buf_fill(&w->out, ' ', h->name.n < 26 ? 26 - (h->name.n ? h->name.n : 1 + (i > 9)) : 1);
		if (meta_written(h->m))
			put_place(w, spec_key_span(w->lab->spec, h->m));
		buf_ch(&w->out, '\n');
	}
}

/* The field that stands for a section written short, or of which nothing is written; else NULL. */
static const struct field *short_field(const struct place *at)
{
	const struct meta *m = at->item;

	if (at->sec->short_form != SHORT_FIELD || (m && m->state != META_ABSENT && !(m->flags & META_SHORT)))
		return NULL;
	return section_field(at->sec, sv_from(at->sec->short_key));
}

static void put_section(struct why *w, struct place *at, struct sv path)
{
	const struct field *f = short_field(at);

	if (f) {
		put_value(w, at, f, path);
		return;
	}
	report_escape(&w->out, path.n ? path : SV("lab"));
	buf_str(&w->out, ":\n");
	list_section(w, at, SV(""), 0);
}

/* --- the command --- */

/* "capacity" of all hosts, "capacity.HOST" of one. */
static bool answer_capacity(struct why *w, struct sv path, bool *ok)
{
	struct sv name = sv_sub(path, sizeof("capacity"), path.n);
	bool any = false;

	if (!sv_eq(path, SV("capacity")) && !sv_starts(path, SV("capacity.")))
		return false;
	for (uint32_t i = 0; i < w->lab->n_hosts; i++) {
		if (name.n && !sv_eq_nocase(w->lab->hosts[i].name, name))
			continue;
		if (any)
			buf_ch(&w->out, '\n');
		capacity_explain(w->lab->a, &w->out, &w->lab->hosts[i]);
		any = true;
	}
	if (!any)
		fprintf(stderr, "labc why: there is no host '" SV_FMT "'\n", SV_ARG(name));
	*ok = any;
	return true;
}

/* "reach": every connection, hop by hop. */
static bool answer_reach(struct why *w, struct sv path)
{
	if (!sv_eq(path, SV("reach")))
		return false;
	for (uint32_t i = 0; i < w->lab->n_connections; i++) {
		if (i)
			buf_ch(&w->out, '\n');
		trace_explain(w->lab->a, &w->out, w->lab, i);
	}
	if (w->lab->n_connections == 0)
		buf_str(&w->out, "the lab has no `connections`\n");
	else
		buf_str(&w->out, "\nPing answers on none of these ways: a mapping carries TCP or UDP only.\n");
	return true;
}

static bool answer(struct why *w, struct sv path)
{
	struct place at;
	bool ok;

	if (answer_capacity(w, path, &ok))
		return ok;
	if (answer_reach(w, path))
		return true;
	ok = place_find(&at, w->lab, path);

	if (!ok) {
		size_t lead = (size_t)(at.end.p - path.p);

		fprintf(stderr, "labc why: there is no '" SV_FMT "' in " SV_FMT, SV_ARG(path),
			SV_ARG(sources_get(&w->s->sources, 0)->name));
		if (at.near.n)
			fprintf(stderr, "; did you mean '%.*s%.*s" SV_FMT "'?", (int)lead, path.p, (int)at.near.n, at.near.p,
				SV_ARG(sv_sub(path, lead + at.end.n, path.n)));
		else if (w->lab->n_hosts > 1 && sv_starts(path, SV("guests.")))
			fprintf(stderr, "; with several hosts write hosts." SV_FMT "." SV_FMT, SV_ARG(w->lab->hosts[0].name),
				SV_ARG(path));
		fputc('\n', stderr);
	} else if (at.list) {
		list_items(w, &at, path);
	} else if (at.field) {
		put_value(w, &at, at.field, path);
	} else {
		put_section(w, &at, path);
	}
	buf_release(&at.near);
	return ok;
}

enum exit_code cmd_why(const struct opts *o)
{
	struct search search;
	struct session s;
	struct why w = { .s = &s };
	enum exit_code code = EXIT_CLEAN;

	if (o->args.n != 2) {
		fputs("labc why: wants a path such as guests.ubuntu.memory, and a spec\n", stderr);
		return EXIT_USAGE;
	}
	session_init(&s);
	search_init(&search, o);
	if (!search_session(&search, &s, o->args.v[1], &code)) {
		/* said */
	} else if (!session_load(&s, o->args.v[1], o)) {
		code = EXIT_SYSTEM;
	} else if (!s.has_lab) {
		session_report(&s, &w.out, o, cli_has_color(o, STDERR_FILENO));
		cli_flush(STDERR_FILENO, &w.out);
		code = EXIT_FINDINGS;
	} else {
		w.lab = &s.lab;
		code = answer(&w, sv_from(o->args.v[0])) ? EXIT_CLEAN : EXIT_USAGE;
		if (!cli_flush(STDOUT_FILENO, &w.out))
			code = EXIT_SYSTEM;
	}
	buf_release(&w.out);
	buf_release(&w.b);
	session_release(&s);
	search_release(&search);
	return code;
}
