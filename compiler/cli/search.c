#include "cli/search.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "diag/report.h"
#include "rules/policy.h"

static bool could_read(struct search *s, const struct config_file *f)
{
	if (f->error == 0)
		return true;
	if (!s->failed)
		fprintf(stderr, "labc: cannot read '" SV_FMT "': %s\n", SV_ARG(f->path),
			f->error == FS_IS_DIR	   ? "is a folder"
			: f->error == FS_TOO_LARGE ? "larger than 64 MiB"
						   : strerror(f->error));
	s->failed = true;
	return false;
}

/* Whoever gives both must mean one of them. */
static void check_ignored(struct search *s)
{
	const struct config_args *args = s->run.args;

	for (size_t i = 0; i < args->ignore.n; i++)
		for (size_t k = 0; k < s->run.demanded.n; k++) {
			const struct policy *p = s->run.demanded.v[k];

			if (!policy_find(p, sv_from(args->ignore.v[i])))
				continue;
			fprintf(stderr, "labc: --ignore: '%s' is a rule of --policy " SV_FMT ": leave one of them away\n",
				args->ignore.v[i], SV_ARG(p->file->path));
			s->refused = true;
		}
}

void search_init(struct search *s, const struct opts *o)
{
	char cwd[4096];

	*s = (struct search){ .o = o };
	configs_init(&s->run, &o->config);
	map_init(&s->folders, &s->run.a, false);
	if (getcwd(cwd, sizeof(cwd)))
		s->run.cwd = sv_dup(&s->run.a, sv_from(cwd));
	for (size_t i = 1; i < s->run.cwd.n; i++)
		s->depth += s->run.cwd.p[i] != '/' && s->run.cwd.p[i - 1] == '/';
	configs_read_policies(&s->run);
	for (const struct config_file *f = s->run.files; f; f = f->next)
		could_read(s, f);
	check_ignored(s);
}

void search_release(struct search *s) { configs_release(&s->run); }

/* The folder above a cleaned one; NULL: there is none. */
static const char *above(const struct search *s, struct arena *a, const char *dir)
{
	struct sv d = sv_from(dir);
	size_t ups = 0;

	if (sv_eq(d, SV("/")))
		return NULL;
	if (!sv_eq(d, SV(".")) && !sv_eq(fs_basename(dir), SV("..")))
		return sv_cstr(a, fs_dirname(dir));
	for (struct sv rest = d; sv_starts(rest, SV("..")); rest = sv_sub(rest, 3, rest.n))
		ups++;
	if (ups >= s->depth)
		return NULL;
	return ups ? fs_join(a, dir, SV("..")) : "..";
}

static const struct config_file *in_folder(struct search *s, const char *dir)
{
	struct arena *a = &s->run.a;
	struct map_entry *known = map_find(&s->folders, sv_from(dir));
	const struct config_file *f = NULL;
	const char *path, *up;

	if (known)
		return known->value == s ? NULL : known->value;
	path = fs_join(a, dir, SV(CONFIG_NAME));
	if (fs_exists(path)) {
		f = configs_read(&s->run, sv_from(path));
		if (!could_read(s, f))
			f = NULL;
	} else if (!fs_exists(fs_join(a, dir, SV(".git"))) && (up = above(s, a, dir))) {
		f = in_folder(s, up);
	}
	map_add(&s->folders, sv_from(dir), f ? (void *)(uintptr_t)f : s);
	return f;
}

static const char *path_of(const struct search *s, const char *path)
{
	if (strcmp(path, "-") != 0)
		return path;
	return s->o->stdin_name ? s->o->stdin_name : "stdin";
}

const struct config_file *search_file(struct search *s, const char *path)
{
	struct arena *a = &s->run.a;
	const struct config_file *f;

	if (s->o->no_config)
		return NULL;
	if (s->o->config_path) {
		f = configs_read(&s->run, sv_from(fs_clean(a, s->o->config_path)));
		return could_read(s, f) ? f : NULL;
	}
	return in_folder(s, fs_clean(a, sv_cstr(a, fs_dirname(path_of(s, path)))));
}

const struct settings *search_for(struct search *s, const char *path)
{
	const struct config_file *f = search_file(s, path);

	return settings_for(&s->run, f, sv_from(path_of(s, path)));
}

bool search_session(struct search *s, struct session *session, const char *path, enum exit_code *code)
{
	session->settings = search_for(s, path);
	search_report(s);
	*code = s->failed ? EXIT_SYSTEM : search_errors(s) ? EXIT_FINDINGS : EXIT_CLEAN;
	return *code == EXIT_CLEAN;
}

uint32_t search_errors(const struct search *s)
{
	uint32_t n = 0;

	for (const struct config_file *f = s->run.files; f; f = f->next)
		n += f->diags.n_errors;
	return n;
}

uint32_t search_warnings(const struct search *s)
{
	uint32_t n = 0;

	for (const struct config_file *f = s->run.files; f; f = f->next)
		n += f->diags.n_warnings;
	return n;
}

void search_report(const struct search *s)
{
	struct report_opts r = { .color = cli_has_color(s->o, STDERR_FILENO), .notes = s->o->notes, .max = s->o->max };
	struct buf out = { 0 };

	for (const struct config_file *f = s->run.files; f; f = f->next) {
		if (out.n && f->diags.v.n)
			buf_ch(&out, '\n');
		report_text(&out, &f->diags, &r);
	}
	cli_flush(STDERR_FILENO, &out);
	buf_release(&out);
}
