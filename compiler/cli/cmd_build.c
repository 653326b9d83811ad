#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/map.h"
#include "base/num.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/load.h"
#include "cli/search.h"
#include "cli/template_dir.h"
#include "emit/emit.h"
#include "emit/sums.h"

/* One spec of a build. */
struct unit {
	struct session s;
	struct plan plan;
	struct plan_memory *memory; /* of the whole build */
	const char *dir;
};

static bool refuse_target(const struct unit *u)
{
	if (emit_has_target(u->s.lab.target))
		return false;
	fprintf(stderr, "labc: %s: labc checks specs for the target %s, but writes no artifacts for it yet\n",
		u->s.path, target_word(u->s.lab.target));
	return true;
}

static struct sv spec_name(const struct unit *u, const struct opts *o)
{
	if (strcmp(u->s.path, "-") != 0)
		return fs_basename(u->s.path);
	return o->stdin_name ? fs_basename(o->stdin_name) : SV("lab.yaml");
}

/* Loads and renders one spec; findings go to stderr. */
static enum exit_code prepare(struct unit *u, const char *path, const struct opts *o, struct template_dir *own)
{
	struct emit_opts e = { .load = own->dir ? template_dir_load : NULL, .user = own };
	struct buf out = { 0 };
	enum exit_code code = EXIT_CLEAN;

	if (!session_load(&u->s, path, o))
		return EXIT_SYSTEM;
	plan_init(&u->plan, &u->s.a);
	u->plan.memory = u->memory;
	if (u->s.diags.n_errors == 0 && u->s.has_lab) {
		e.spec_name = spec_name(u, o);
		if (refuse_target(u))
			code = EXIT_USAGE;
		else if (!emit_lab(&u->plan, &u->s.lab, &e))
			code = EXIT_FINDINGS;
		if (own->failed)
			return EXIT_SYSTEM;
	} else {
		code = EXIT_FINDINGS;
	}
	diags_finish(&u->s.diags);
	session_report(&u->s, &out, o, cli_has_color(o, STDERR_FILENO));
	if (out.n && !o->quiet && code == EXIT_FINDINGS)
		buf_fmt(&out, "\nlabc: nothing was written for %s\n", path);
	cli_flush(STDERR_FILENO, &out);
	buf_release(&out);
	return code;
}

static const char *dir_of(struct unit *u, const struct opts *o, bool several)
{
	const char *base = o->out;

	if (!base)
		base = strcmp(u->s.path, "-") == 0 ? "out" : fs_join(&u->s.a, sv_cstr(&u->s.a, fs_dirname(u->s.path)), SV("out"));
	return several ? fs_join(&u->s.a, base, u->s.lab.name) : base;
}

static enum exit_code system_error(const struct unit *u, struct sv path, int err)
{
	fprintf(stderr, "labc: cannot write " SV_FMT " in '%s': %s\n", SV_ARG(path), u->dir, strerror(err));
	return EXIT_SYSTEM;
}

/* Names the files that are in the way; true when the build may not go on. */
static bool is_blocked(const struct unit *u, const struct opts *o)
{
	if (o->force || !plan_has(&u->plan, PLAN_BLOCKED))
		return false;
	for (size_t i = 0; i < u->plan.results.n; i++)
		if (u->plan.results.v[i].state == PLAN_BLOCKED)
			fprintf(stderr, "labc: %s/" SV_FMT " was changed by hand or not written by labc\n", u->dir,
				SV_ARG(u->plan.results.v[i].path));
	fputs("labc: nothing was written; move these files away, choose another folder with -o, or replace them with --force\n",
	      stderr);
	return true;
}

static enum exit_code check(const struct unit *u)
{
	static const char *const words[] = {
		[PLAN_CREATED] = "is missing", [PLAN_UPDATED] = "differs", [PLAN_BLOCKED] = "differs",
		[PLAN_REMOVED] = "no longer belongs there", [PLAN_KEPT] = "no longer belongs there, and was changed by hand",
		[PLAN_LINE_ENDS] = "differs in line ends only (git's autocrlf? keep the .gitattributes of the build)",
	};
	bool differs = false;

	for (size_t i = 0; i < u->plan.results.n; i++) {
		const struct plan_result *r = &u->plan.results.v[i];

		if (r->state == PLAN_UNCHANGED)
			continue;
		fprintf(stderr, "%s/" SV_FMT " %s\n", u->dir, SV_ARG(r->path), words[r->state]);
		differs = true;
	}
	return differs ? EXIT_DIFFERS : EXIT_CLEAN;
}

static void list_files(const struct unit *u, struct buf *out)
{
	struct sv host = SV("");
	size_t more = 0;

	for (size_t i = 0; i < u->plan.files.n; i++) {
		const struct plan_file *f = &u->plan.files.v[i];
		ptrdiff_t slash = sv_find(f->path, '/');

		if (!f->listed)
			continue;
		if (slash >= 0) {
			struct sv dir = sv_sub(f->path, 0, (size_t)slash);

			if (host.n == 0)
				host = dir;
			if (!sv_eq(host, dir)) {
				more++;
				continue;
			}
		}
		buf_fmt(out, "  %-28.*s  %s\n", (int)f->path.n, f->path.p, f->what);
	}
	if (more)
		buf_fmt(out, "  ... and the same for %u more host%s\n", u->s.lab.n_hosts - 1,
			u->s.lab.n_hosts == 2 ? "" : "s");
}

static void report_written(const struct unit *u, struct buf *out)
{
	size_t n[PLAN_LINE_ENDS + 1] = { 0 };
	size_t written;

	for (size_t i = 0; i < u->plan.results.n; i++)
		n[u->plan.results.v[i].state]++;
	written = n[PLAN_CREATED] + n[PLAN_UPDATED] + n[PLAN_BLOCKED] + n[PLAN_LINE_ENDS];
	buf_fmt(out, "%s: ", u->dir);
	cli_count(out, written, "file");
	buf_fmt(out, " written, %zu unchanged", n[PLAN_UNCHANGED]);
	if (n[PLAN_REMOVED])
		buf_fmt(out, ", %zu of an earlier build removed", n[PLAN_REMOVED]);
	buf_ch(out, '\n');
	list_files(u, out);
	buf_fmt(out, "\nNext:\n  1. Open %s/README.md and follow its steps: it has every command.\n", u->dir);
	if (u->s.lab.target_info->flags & TG_AZURE)
		buf_fmt(out, "  2. Look before you deploy: %s/deploy.ps1 (deploy.sh) shows what would happen, and asks.\n", u->dir);
	else
		buf_fmt(out, "  2. Look before you run: setup.cmd -WhatIf, in the folder " SV_FMT " on the server\n",
			SV_ARG(u->s.lab.hosts[0].name));
}

/* What the spec asks for and nobody does is said even to those who want no notes. */
static void report_by_hand(struct unit *u)
{
	struct diags *d = &u->s.diags;

	for (size_t i = 0; i < d->v.n; i++) {
		const struct diag *g = d->v.v[i];
		struct pos p;

		if (g->suppressed || strcmp(g->info->name, "by-hand") != 0)
			continue;
		p = source_pos(d->sources, g->at.src, g->at.off);
		fprintf(stderr, "labc: " SV_FMT ":%u:%u: " SV_FMT "; " SV_FMT "\n",
			SV_ARG(sources_get(d->sources, g->at.src)->name), p.line, p.col, SV_ARG(g->msg), SV_ARG(g->help));
	}
}

static enum exit_code write_unit(struct unit *u, const struct opts *o)
{
	struct buf out = { 0 };

	if (!plan_write(&u->plan, u->dir))
		return system_error(u, u->plan.error_path, u->plan.error);
	for (size_t i = 0; i < u->plan.results.n; i++)
		if (u->plan.results.v[i].state == PLAN_KEPT)
			fprintf(stderr, "labc: %s/" SV_FMT " no longer belongs to the build, but was changed by hand: left there\n",
				u->dir, SV_ARG(u->plan.results.v[i].path));
	if (!o->notes)
		report_by_hand(u);
	if (!o->quiet)
		report_written(u, &out);
	if (!cli_flush(STDOUT_FILENO, &out)) {
		buf_release(&out);
		return EXIT_SYSTEM;
	}
	buf_release(&out);
	return EXIT_CLEAN;
}

static bool names_are_unique(const struct unit *units, size_t n, struct arena *a)
{
	struct map seen;

	map_init(&seen, a, true);
	for (size_t i = 0; i < n; i++) {
		const struct map_entry *e = map_add(&seen, units[i].s.lab.name, (void *)(uintptr_t)units[i].s.path);

		if (e) {
			fprintf(stderr, "labc: %s and %s both describe a lab named '" SV_FMT "'; nothing was written\n",
				(const char *)e->value, units[i].s.path, SV_ARG(units[i].s.lab.name));
			return false;
		}
	}
	return true;
}

/* Compares all before anything is written, so that a blocked file stops the whole build. */
static enum exit_code apply(struct unit *units, size_t n, const struct opts *o)
{
	enum exit_code code = EXIT_CLEAN;

	for (size_t i = 0; i < n; i++) {
		int err;

		units[i].dir = dir_of(&units[i], o, n > 1);
		err = fs_exists(units[i].dir) && !fs_is_dir(units[i].dir) ? ENOTDIR : plan_compare(&units[i].plan, units[i].dir);
		if (err)
			return system_error(&units[i], units[i].plan.error_path.n ? units[i].plan.error_path : SV("anything"), err);
		if (o->check && check(&units[i]) != EXIT_CLEAN)
			code = EXIT_DIFFERS;
		if (!o->check && is_blocked(&units[i], o))
			return EXIT_SYSTEM;
	}
	for (size_t i = 0; !o->check && i < n && code == EXIT_CLEAN; i++)
		code = write_unit(&units[i], o);
	return code;
}

enum exit_code cmd_build(const struct opts *o)
{
	enum exit_code code = EXIT_CLEAN, one;
	struct template_dir own;
	struct plan_memory memory = { .sums = NULL };
	struct meeting meeting;
	struct search search;
	struct unit *units;
	struct inputs in;
	struct arena a;

	if (o->templates && !fs_is_dir(o->templates)) {
		fprintf(stderr, "labc: --templates: there is no folder '%s'\n", o->templates);
		return EXIT_SYSTEM;
	}
	memory.sums = sums_open();
	arena_init(&a, 0);
	template_dir_init(&own, &a, o->templates);
	inputs_find(&in, &a, o->args.v, o->args.n);
	units = NEW(&a, struct unit, in.paths.n);
	if (in.failed)
		code = EXIT_SYSTEM;
	search_init(&search, o);
	for (size_t i = 0; i < in.paths.n; i++) {
		session_init(&units[i].s);
		units[i].s.settings = search_for(&search, in.paths.v[i]);
	}
	search_report(&search);
	if (search.failed)
		code = EXIT_SYSTEM;
	else if (search_errors(&search) && code == EXIT_CLEAN)
		code = EXIT_FINDINGS;
	meeting_init(&meeting, in.paths.n);
	for (size_t i = 0; i < in.paths.n; i++) {
		units[i].s.meeting = in.paths.n > 1 ? &meeting : NULL;
		units[i].s.turn = i;
		units[i].memory = &memory;
		one = prepare(&units[i], in.paths.v[i], o, &own);
		if (one > code)
			code = one;
	}
	if (code == EXIT_CLEAN && in.paths.n > 1 && !names_are_unique(units, in.paths.n, &a))
		code = EXIT_USAGE;
	if (code == EXIT_CLEAN && o->templates)
		template_dir_name_unused(&own);
	if (code == EXIT_CLEAN)
		code = apply(units, in.paths.n, o);
	sums_close(memory.sums); /* it reads what the sessions own */
	for (size_t i = 0; i < in.paths.n; i++)
		session_release(&units[i].s);
	meeting_release(&meeting);
	search_release(&search);
	arena_release(&a);
	return code;
}
