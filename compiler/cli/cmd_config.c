/* labc config: what holds for a spec, and where that is said. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/search.h"
#include "diag/report.h"
#include "rules/policy.h"
#include "rules/registry.h"

struct config_view {
	struct arena *a;
	const struct config_file *file; /* the nearest, or NULL */
	const struct settings *s;       /* or NULL: nothing but defaults */
	const char *spec;
};

static const char *const level_words[] = { "off", "note", "warning", "error" };

/* "path:line". */
static struct sv place_of(struct arena *a, const struct config_file *f, struct span at)
{
	struct buf b = { 0 };
	struct sv out;

	report_escape(&b, f->path);
	buf_fmt(&b, ":%u", source_pos((struct sources *)(uintptr_t)&f->sources, at.src, at.off).line);
	out = sv_dup(a, buf_view(&b));
	buf_release(&b);
	return out;
}

static struct sv place_of_value(struct arena *a, const struct config_file *f, struct meta m)
{
	return place_of(a, f, spec_span(&f->spec, m));
}

static struct sv from_of(const struct config_view *v, const struct setting *set)
{
	switch (set->from) {
	case FROM_FILE: return place_of(v->a, set->entry->file, set->entry->at);
	case FROM_SELECT: return SV("--select");
	case FROM_IGNORE: return SV("--ignore");
	case FROM_POLICY:
		return sv_fmt(v->a, "%s" SV_FMT, set->is_locked ? "--policy " : "policy ", SV_ARG(set->policy->file->path));
	default: return SV("default");
	}
}

struct general {
	const char *key;
	struct sv value, from;
};

enum { GENERAL = 3 };

static void fill_general(const struct config_view *v, const struct opts *o, struct general out[GENERAL])
{
	const struct settings *s = v->s;
	bool by_option = o->fail_on != FAIL_ON_UNSET;
	bool error = by_option ? o->fail_on == FAIL_ON_ERROR : s && s->fail_on_error;

	out[0] = (struct general){ "date", s && meta_ok(s->date.m) ? date_text(v->a, s->date) : SV("the dates in the spec"),
				   s && meta_ok(s->date.m)
					   ? s->date_from ? place_of_value(v->a, s->date_from, s->date_from->config.date.m)
							  : SV("--date")
					   : SV("default") };
	out[1] = (struct general){ "fail_on", error ? SV("error") : SV("warning"),
				   by_option ? SV("--fail-on")
				   : s && s->fail_on_from
					   ? place_of_value(v->a, s->fail_on_from, s->fail_on_from->config.fail_on.m)
					   : SV("default") };
	out[2] = (struct general){ "strict", s && s->strict ? SV("true") : SV("false"),
				   o->config.strict	   ? SV("--strict")
				   : s && s->strict_from ? place_of_value(v->a, s->strict_from, s->strict_from->config.strict.m)
							 : SV("default") };
}

/* Depth first, as they hold. */
static void list_files(const struct config_file *f, struct buf *out, int depth)
{
	if (depth > 16)
		return;
	buf_fill(out, ' ', 2 + 2 * (size_t)depth);
	report_escape(out, f->path);
	buf_str(out, depth ? " (extended)\n" : "\n");
	for (uint32_t i = 0; i < f->n_extends; i++)
		list_files(f->extends[i], out, depth + 1);
}

static void put_rules(const struct config_view *v, struct buf *out)
{
	const struct settings *s = v->s;
	bool any = false;

	for (size_t k = 0; s && k < registry_count(); k++) {
		const struct diag_info *row = registry_row(k);
		const struct setting *set = &s->rules[settings_index(s, row)];
		struct sv from;

		if (!set->is_set || set->from == FROM_SELECT)
			continue;
		buf_str(out, any ? "" : "\nrules with a severity set:\n");
		any = true;
		from = from_of(v, set);
		buf_fmt(out, "  %s  %-26s %-8s instead of %-8s " SV_FMT "\n", row->code, row->name, level_words[set->level],
			severity_name(row->severity), SV_ARG(from));
	}
	if (!any)
		buf_str(out, "\nevery rule has its own severity\n");
}

static void put_policies(const struct config_view *v, struct buf *out)
{
	const struct settings *s = v->s;

	for (size_t i = 0; s && i < s->policies.n; i++) {
		const struct policy *p = s->policies.v[i];

		buf_str(out, "\npolicy ");
		report_escape(out, p->file->path);
		if (p->name.n) {
			buf_str(out, ", ");
			report_escape(out, p->name);
		}
		buf_str(out, p->is_demanded ? " (--policy: nothing lowers it):\n" : ":\n");
		for (uint32_t k = 0; k < p->n_rules; k++) {
			const struct diag_info *row = &p->rules[k].rule.info;
			const struct setting *set = &s->rules[settings_index(s, row)];

			buf_fmt(out, "  %-20s %-8s ", row->code,
				set->is_set ? level_words[set->level] : severity_name(row->severity));
			report_escape(out, sv_from(row->summary));
			if (set->is_set && set->from == FROM_FILE)
				buf_fmt(out, "  (" SV_FMT ")", SV_ARG(from_of(v, set)));
			buf_ch(out, '\n');
		}
	}
}

static void put_text(const struct config_view *v, const struct opts *o, struct buf *out)
{
	struct general g[GENERAL];

	report_escape(out, sv_from(v->spec));
	if (v->file) {
		buf_str(out, ": configured by\n");
		list_files(v->file, out, 0);
	} else {
		buf_str(out, o->no_config ? ": no configuration (--no-config)\n" : ": no " CONFIG_NAME " in its folder or above\n");
	}
	fill_general(v, o, g);
	buf_ch(out, '\n');
	for (size_t i = 0; i < GENERAL; i++)
		buf_fmt(out, "%-8s  %-22.*s  " SV_FMT "\n", g[i].key, (int)g[i].value.n, g[i].value.p, SV_ARG(g[i].from));
	put_policies(v, out);
	put_rules(v, out);
}

/* --- JSON --- */

static json_t *text(struct sv s)
{
	json_t *v = json_stringn(s.n ? s.p : "", s.n);

	return v ? v : json_string("(not UTF-8)");
}

static json_t *rule_json(const struct config_view *v, const struct diag_info *row)
{
	const struct setting *set = v->s ? &v->s->rules[settings_index(v->s, row)] : NULL;
	json_t *o = json_object();

	json_object_set_new(o, "code", json_string(row->code));
	json_object_set_new(o, "name", json_string(row->name));
	json_object_set_new(o, "default", json_string(severity_name(row->severity)));
	json_object_set_new(o, "severity",
			    json_string(set && set->is_set ? level_words[set->level] : severity_name(row->severity)));
	json_object_set_new(o, "from", text(set && set->is_set ? from_of(v, set) : SV("default")));
	json_object_set_new(o, "locked", json_boolean(set && set->is_locked));
	return o;
}

static void put_json(const struct config_view *v, const struct opts *o, struct buf *out)
{
	json_t *top = json_object(), *files = json_array(), *rules = json_array();
	struct general g[GENERAL];
	char *dump;

	for (const struct config_file *f = v->file; f; f = f->n_extends ? f->extends[f->n_extends - 1] : NULL)
		json_array_append_new(files, text(f->path));
	json_object_set_new(top, "spec", text(sv_from(v->spec)));
	json_object_set_new(top, "files", files);
	fill_general(v, o, g);
	for (size_t i = 0; i < GENERAL; i++) {
		json_t *one = json_object();

		json_object_set_new(one, "value", text(g[i].value));
		json_object_set_new(one, "from", text(g[i].from));
		json_object_set_new(top, g[i].key, one);
	}
	for (size_t i = 0; i < registry_count(); i++)
		json_array_append_new(rules, rule_json(v, registry_row(i)));
	for (size_t i = 0; v->s && i < v->s->policies.n; i++)
		for (uint32_t k = 0; k < v->s->policies.v[i]->n_rules; k++)
			json_array_append_new(rules, rule_json(v, &v->s->policies.v[i]->rules[k].rule.info));
	json_object_set_new(top, "rules", rules);
	dump = json_dumps(top, JSON_INDENT(2));
	if (!dump)
		bug_no_memory();
	buf_str(out, dump);
	buf_ch(out, '\n');
	free(dump);
	json_decref(top);
}

enum exit_code cmd_config(const struct opts *o)
{
	const char *format = o->list_format ? o->list_format : "text";
	struct config_view v = { .spec = o->args.n ? o->args.v[0] : "lab.yaml" };
	enum exit_code code = EXIT_CLEAN;
	struct search search;
	struct buf out = { 0 };
	struct arena a;

	if (o->args.n > 1 || (strcmp(format, "text") != 0 && strcmp(format, "json") != 0)) {
		fputs("labc config: wants at most one spec, and --format text or json\n", stderr);
		return EXIT_USAGE;
	}
	arena_init(&a, 0);
	search_init(&search, o);
	v.a = &a;
	v.file = search_file(&search, v.spec);
	v.s = search_for(&search, v.spec);
	search_report(&search);
	code = search.refused ? EXIT_USAGE : search.failed ? EXIT_SYSTEM : search_errors(&search) ? EXIT_FINDINGS : EXIT_CLEAN;
	if (!search.refused && !search.failed) {
		if (strcmp(format, "json") == 0)
			put_json(&v, o, &out);
		else
			put_text(&v, o, &out);
		if (!cli_flush(STDOUT_FILENO, &out))
			code = EXIT_SYSTEM;
	}
	buf_release(&out);
	search_release(&search);
	arena_release(&a);
	return code;
}
