#include "rules/config.h"

#include <errno.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/fs.h"
#include "rules/config_internal.h"
#include "rules/glob.h"
#include "rules/policy.h"
#include "rules/registry.h"

enum { MAX_FILES = 100 };

void configs_init(struct configs *c, const struct config_args *args)
{
	*c = (struct configs){ .args = args };
	arena_init(&c->a, 0);
	c->end = &c->files;
	map_init(&c->by_path, &c->a, false);
	map_init(&c->settings, &c->a, false);
	c->patterns = patterns_new();
}

void configs_release(struct configs *c)
{
	for (struct config_file *f = c->files; f; f = f->next) {
		for (size_t i = 0; i < f->globs.n; i++)
			globs_free(f->globs.v[i]);
		policy_release(f->policy);
	}
	patterns_free(c->patterns);
	arena_release(&c->a);
}

struct diag *config_report(struct config_file *f, enum config_code code, struct span at, const char *fmt, ...)
{
	va_list ap;
	struct diag *g;

	va_start(ap, fmt);
	g = diag_vat(&f->diags, &config_codes[code], at, fmt, ap);
	va_end(ap);
	return g;
}

/* --- severities --- */

const char *config_refusal(const struct diag_info *row, enum config_level level)
{
	struct sv code = sv_from(row->code);

	if (sv_starts(code, SV("LAB01")) || sv_starts(code, SV("T")) ||
	    (sv_starts(code, SV("LAB00")) && row->severity == SEV_ERROR))
		return "a file with this error cannot be read: it has to be corrected";
	if (row >= model_codes && row < model_codes + model_codes_count && row->severity == SEV_ERROR)
		return "what is written there leads nowhere, and nothing can be built from it: it has to be corrected";
	if (row->severity == SEV_ERROR && level < CONFIG_WARNING && !sv_starts(code, SV("ORG-")))
		return "it is an error, and what is built from the spec would fail: at most make it a warning, which 'labc "
		       "build' prints; a comment '# labc: ignore CODE -- reason' silences a single place";
	return NULL;
}

void config_unknown_rule(struct config_file *f, struct sv name, struct span key)
{
	struct diag *g = config_report(f, CONFIG_UNKNOWN_RULE, key, "there is no rule '" SV_FMT "'", SV_ARG(name));
	const char *near = registry_near(name);

	if (near) {
		diag_help(&f->diags, g, "did you mean '%s'?", near);
		diag_edit(&f->diags, g, key, sv_from(near), false);
	} else {
		diag_help(&f->diags, g, "'labc list rules' lists codes and names");
	}
}

static const struct diag_info *own_policy_row(const struct config_file *f, struct sv name)
{
	const struct policy_rule *r;

	for (size_t i = 0; i < f->policies.n; i++)
		if ((r = policy_find(f->policies.v[i], name)))
			return &r->rule.info;
	for (uint32_t i = 0; i < f->n_extends; i++) {
		const struct diag_info *row = own_policy_row(f->extends[i], name);

		if (row)
			return row;
	}
	return NULL;
}

static const struct diag_info *find_row(struct configs *c, struct config_file *f, const struct config_entry *e)
{
	const struct diag_info *row = registry_find(e->name);
	const struct policy_rule *r;

	if (!row)
		row = own_policy_row(f, e->name);
	for (size_t i = 0; !row && i < c->demanded.n; i++)
		if ((r = policy_find(c->demanded.v[i], e->name)))
			row = &r->rule.info;
	/* a policy may be given in other runs only */
	if (!row && !sv_starts(e->name, SV("ORG-")))
		config_unknown_rule(f, e->name, e->key);
	return row;
}

bool config_read_level(struct config_file *f, const struct v_pair *p, const struct words *words,
		       enum config_level first, enum config_level *level)
{
	struct type_in in = { .text = p->v, .plain = true, .words = words, .a = f->diags.a };
	struct type_error e = { 0 };
	struct v_enum v;
	struct diag *g;

	if (type_parse(TYPE_ENUM, &in, &v, &e)) {
		*level = (enum config_level)(v.v + (int)first);
		return true;
	}
	g = config_report(f, CONFIG_LEVEL, spec_span(&f->spec, p->m), "'" SV_FMT "' wants " SV_FMT ", found '" SV_FMT "'",
		   SV_ARG(p->name), SV_ARG(e.wants.n ? e.wants : SV("one of the words")), SV_ARG(p->v));
	if (e.fix.n)
		diag_edit(&f->diags, g, spec_span(&f->spec, p->m), e.fix, e.safe);
	if (e.help.n)
		diag_help(&f->diags, g, SV_FMT, SV_ARG(e.help));
	return false;
}

/* One rule under both its code and its name, or twice in other ways. */
static void check_twice(struct config_file *f, size_t from, const struct config_entry *e)
{
	for (size_t i = from; i < f->entries.n; i++) {
		const struct config_entry *o = f->entries.v[i];
		struct diag *g;

		if (!e->row || o->row != e->row)
			continue;
		g = config_report(f, CONFIG_TWICE, e->key, "'" SV_FMT "' is the rule '" SV_FMT "', which is set already",
			   SV_ARG(e->name), SV_ARG(o->name));
		diag_label(&f->diags, g, o->key, "set here");
		diag_help(&f->diags, g, "keep one of them");
		return;
	}
}

static void read_rules(struct configs *c, struct config_file *f, const struct v_text_map *rules, const struct glob *files,
		       uint32_t override)
{
	size_t from = f->entries.n;

	for (uint32_t i = 0; i < rules->n; i++) {
		const struct v_pair *p = &rules->v[i];
		struct config_entry *e;
		const char *why;

		if (!meta_ok(p->m))
			continue;
		e = NEW(&c->a, struct config_entry, 1);
		*e = (struct config_entry){ .name = p->name, .files = files, .override = override, .file = f,
					    .at = spec_span(&f->spec, p->m), .key = spec_key_span(&f->spec, p->m) };
		e->row = find_row(c, f, e);
		if (!config_read_level(f, p, &words_level, CONFIG_OFF, &e->level))
			continue;
		why = e->row ? config_refusal(e->row, e->level) : NULL;
		if (why) {
			struct diag *g = config_report(f, CONFIG_LOCKED, e->at, "'" SV_FMT "' cannot be made '" SV_FMT "'",
						SV_ARG(p->name), SV_ARG(p->v));

			diag_help(&f->diags, g, "%s", why);
			continue;
		}
		check_twice(f, from, e);
		VEC_ADD(&c->a, &f->entries, e);
	}
}

static const struct glob *read_globs(struct configs *c, struct config_file *f, const struct spec_override *o)
{
	struct glob *all = NULL;

	for (uint32_t i = 0; i < o->files.n; i++) {
		struct glob *g;

		if (!meta_ok(o->files.v[i].m))
			continue;
		g = glob_new(o->files.v[i].v);
		if (g)
			glob_join(&all, g);
		else
			diag_help(&f->diags,
				  config_report(f, CONFIG_GLOB, spec_span(&f->spec, o->files.v[i].m),
					 "'" SV_FMT "' is no pattern of file names", SV_ARG(o->files.v[i].v)),
				  "such as 'exams/**', '*.lab.yaml' or 'class-[ab]/lab.yaml'");
	}
	if (all)
		VEC_ADD(&c->a, &f->globs, all);
	return all;
}

/* --- files named in a configuration --- */

static const char *path_problem(struct sv path)
{
	if (path.p[0] == '/' || path.p[0] == '\\' || (path.n > 1 && ch_is_alpha(path.p[0]) && path.p[1] == ':'))
		return "it is absolute: write it relative to this file";
	if (sv_find(path, '\\') >= 0)
		return "it has backslashes: write '/'";
	return NULL;
}

/* Reads a file named at a value; NULL after saying why not. */
static struct config_file *read_named(struct configs *c, struct config_file *f, const struct v_text *name,
				      enum config_code code, struct config_file *(*get)(struct configs *, struct sv))
{
	struct span at = spec_span(&f->spec, name->m);
	const char *why = path_problem(name->v), *path;
	struct config_file *other;
	struct diag *g;

	if (why) {
		config_report(f, code, at, "'" SV_FMT "' cannot be read: %s", SV_ARG(name->v), why);
		return NULL;
	}
	path = fs_clean(&c->a, fs_join(&c->a, sv_cstr(&c->a, fs_dirname(sv_cstr(&c->a, f->path))), name->v));
	other = get(c, sv_from(path));
	if (other->error) {
		g = config_report(f, code, at, "'" SV_FMT "' cannot be read: %s", SV_ARG(name->v),
			   other->error == ENOENT ? "there is no such file"
			   : other->error == FS_IS_DIR ? "it is a folder"
			   : other->error == FS_TOO_LARGE ? "it is larger than 64 MiB"
							  : strerror(other->error));
		diag_help(&f->diags, g, "the path is relative to the folder of this file");
		return NULL;
	}
	if (other->is_open) {
		g = config_report(f, code, at, other == f ? "'" SV_FMT "' is this file" : "'" SV_FMT "' leads back to this file",
			   SV_ARG(name->v));
		diag_help(&f->diags, g, "files that extend each other in a circle have no order: remove one of the steps");
		return NULL;
	}
	return other;
}

static struct config_file *read_policy(struct configs *c, struct sv path);

static void read_lists(struct configs *c, struct config_file *f)
{
	const struct v_text_list *extends = &f->config.extends, *policies = &f->config.policies;

	f->extends = NEW(&c->a, struct config_file *, extends->n + 1);
	for (uint32_t i = 0; i < extends->n; i++) {
		struct config_file *other =
			meta_ok(extends->v[i].m) ? read_named(c, f, &extends->v[i], CONFIG_EXTENDS, configs_read) : NULL;

		if (other)
			f->extends[f->n_extends++] = other;
	}
	for (uint32_t i = 0; i < policies->n; i++) {
		struct config_file *other =
			meta_ok(policies->v[i].m) ? read_named(c, f, &policies->v[i], CONFIG_POLICY_FILE, read_policy) : NULL;

		if (other && other->policy)
			VEC_ADD(&c->a, &f->policies, other->policy);
	}
}

/* --- reading --- */

static struct config_file *new_file(struct configs *c, struct sv path)
{
	struct config_file *f = NEW(&c->a, struct config_file, 1);

	f->path = sv_dup(&c->a, path);
	sources_init(&f->sources, &c->a);
	diags_init(&f->diags, &c->a, &f->sources);
	*c->end = f;
	c->end = &f->next;
	map_add(&c->by_path, f->path, f);
	return f;
}

static void parse_config(struct configs *c, struct config_file *f, struct sv text)
{
	f->is_open = true;
	if (ydoc_parse(&f->doc, &c->a, &f->diags, sources_add(&f->sources, f->path, text), NULL) &&
	    config_decode(&f->spec, &f->doc, c->patterns, &f->config)) {
		read_lists(c, f);
		read_rules(c, f, &f->config.rules, NULL, 0);
		for (uint32_t i = 0; i < f->config.overrides.n; i++) {
			const struct spec_override *o = &f->config.overrides.v[i];
			const struct glob *files = meta_ok(o->h.m) ? read_globs(c, f, o) : NULL;

			if (files)
				read_rules(c, f, &o->rules, files, i + 1);
		}
	}
	f->is_open = false;
	diags_finish(&f->diags);
}

static void parse_policy(struct configs *c, struct config_file *f, struct sv text)
{
	if (ydoc_parse(&f->doc, &c->a, &f->diags, sources_add(&f->sources, f->path, text), NULL))
		f->policy = policy_make(c, f);
	diags_finish(&f->diags);
}

static struct config_file *read_file(struct configs *c, struct sv path,
				     void (*parse)(struct configs *, struct config_file *, struct sv))
{
	struct config_file *f = map_get(&c->by_path, path);
	struct sv text;

	if (f)
		return f;
	f = new_file(c, path);
	f->error = c->no_files ? ENOENT : fs_read(&c->a, sv_cstr(&c->a, path), YDOC_MAX_BYTES, &text);
	if (f->error == 0)
		parse(c, f, text);
	return f;
}

struct config_file *configs_read(struct configs *c, struct sv path) { return read_file(c, path, parse_config); }

static struct config_file *read_policy(struct configs *c, struct sv path) { return read_file(c, path, parse_policy); }

struct config_file *configs_read_text(struct configs *c, struct sv path, struct sv text)
{
	struct config_file *f = new_file(c, path);

	parse_config(c, f, text);
	return f;
}

struct config_file *configs_read_policy_text(struct configs *c, struct sv path, struct sv text)
{
	struct config_file *f = new_file(c, path);

	parse_policy(c, f, text);
	return f;
}

void configs_read_policies(struct configs *c)
{
	for (size_t i = 0; i < c->args->policies.n; i++) {
		struct config_file *f = read_policy(c, sv_from(fs_clean(&c->a, c->args->policies.v[i])));

		if (!f->policy || f->policy->is_demanded)
			continue;
		f->policy->is_demanded = true;
		VEC_ADD(&c->a, &c->demanded, f->policy);
	}
}
