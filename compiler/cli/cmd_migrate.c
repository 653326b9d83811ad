#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/search.h"
#include "diag/fix.h"
#include "diag/report.h"
#include "rules/migrate.h"

/* The spec as it is, the same for the other target, and the new text read again. */
struct job {
	const struct opts *o;
	const char *path;
	struct session was, translated, now;
	struct diags report; /* what is lost and what changes: places in the old text */
	struct buf text;     /* the new spec */
};

static bool is_worse(const struct session *now, const struct session *was)
{
	return now->diags.n_errors > was->diags.n_errors || now->diags.n_warnings > was->diags.n_warnings ||
	       !now->has_lab;
}

/* Reads the old text with --target, without its findings: they are the new spec's matter. */
static bool translate(struct job *j)
{
	struct opts o = *j->o;
	struct edited same = {NULL, sv_from(j->path), sources_get(&j->was.sources, 0)->text};
	struct buf err = {0};
	bool ok;

	o.has_target = true;
	o.for_target = j->o->for_target;
	j->translated.edited = &same;
	ok = session_read(&j->translated, j->path, &o, &err) && j->translated.has_lab;
	buf_release(&err);
	return ok;
}

static bool read_again(struct job *j, const struct edited *new)
{
	struct opts o = *j->o;
	struct buf err = {0};
	bool ok;

	o.has_target = false;
	j->now.edited = new;
	ok = session_read(&j->now, j->path, &o, &err);
	buf_release(&err);
	return ok;
}

static void print(struct job *j, const struct diags *d, bool notes)
{
	struct report_opts r = {
	    .color = cli_has_color(j->o, STDERR_FILENO), .notes = notes, .max = j->o->max};
	struct buf out = {0};

	report_text(&out, d, &r);
	cli_flush(STDERR_FILENO, &out);
	buf_release(&out);
}

static enum exit_code write_spec(struct job *j)
{
	const char *path = j->o->out;
	int err;

	if (!path || strcmp(path, "-") == 0)
		return cli_flush(STDOUT_FILENO, &j->text) ? EXIT_CLEAN : EXIT_SYSTEM;
	if (fs_exists(path) && !j->o->force) {
		fprintf(
		    stderr,
		    "labc migrate: '%s' exists, and is not replaced; give another name with -o, or --force\n",
		    path);
		return EXIT_SYSTEM;
	}
	err = fs_mkdirs(sv_cstr(&j->was.a, fs_dirname(path)));
	if (!err)
		err = fs_write_atomic(path, buf_view(&j->text));
	if (err)
		fprintf(stderr, "labc migrate: cannot write '%s': %s\n", path, strerror(err));
	return err ? EXIT_SYSTEM : EXIT_CLEAN;
}

static enum exit_code migrate(struct job *j)
{
	const struct source *old = sources_get(&j->was.sources, 0);
	struct edited new = {NULL, sv_from(j->path), SV("")};
	enum exit_code code;

	/* the findings point into the old text as both sessions have it */
	diags_init(&j->report, &j->translated.a, &j->translated.sources);
	migrate_find(&j->translated.lab, &j->translated.doc, &j->report);
	diags_finish(&j->report);
	if (!fix_apply(&j->text, &j->translated.a, &j->report, 0, true, NULL))
		buf_sv(&j->text, old->text);
	new.text = buf_view(&j->text);
	if (!read_again(j, &new))
		return EXIT_SYSTEM;
	if (j->now.has_lab)
		migrate_compare(&j->was.lab, &j->now.lab, &j->report);
	diags_finish(&j->report);
	print(j, &j->report, true);
	if (is_worse(&j->now, &j->was)) {
		fputs("\nIn the new spec, to be decided by hand:\n\n", stderr);
		print(j, &j->now.diags, false);
	}
	code = write_spec(j);
	if (code == EXIT_CLEAN && (is_worse(&j->now, &j->was) || j->report.n_errors))
		code = EXIT_FINDINGS;
	return code;
}

static enum exit_code run(struct job *j)
{
	if (!session_load(&j->was, j->path, j->o))
		return EXIT_SYSTEM;
	if (j->was.diags.n_errors || !j->was.has_lab) {
		print(j, &j->was.diags, false);
		fputs("\nlabc migrate: nothing was written: the spec has errors\n", stderr);
		return EXIT_FINDINGS;
	}
	if (j->was.lab.target == j->o->for_target) {
		fprintf(stderr, "labc migrate: %s is for %s already\n", j->path,
			target_word(j->o->for_target));
		return EXIT_USAGE;
	}
	return translate(j) ? migrate(j) : EXIT_SYSTEM;
}

enum exit_code cmd_migrate(const struct opts *o)
{
	struct opts own = *o;
	struct job j = {.o = &own};
	struct search search;
	enum exit_code code = EXIT_USAGE;

	if (o->args.n != 1 || !o->has_target) {
		fputs(o->has_target ? "labc migrate: wants one spec\n"
				    : "labc migrate: --to TARGET says where to\n",
		      stderr);
		return EXIT_USAGE;
	}
	j.path = o->args.v[0];
	/* the spec is read for its own target first */
	own.has_target = false;
	session_init(&j.was);
	session_init(&j.translated);
	session_init(&j.now);
	search_init(&search, &own);
	if (search_session(&search, &j.was, j.path, &code) &&
	    search_session(&search, &j.translated, j.path, &code) &&
	    search_session(&search, &j.now, j.path, &code))
		code = run(&j);
	search_release(&search);
	buf_release(&j.text);
	session_release(&j.now);
	session_release(&j.translated);
	session_release(&j.was);
	return code;
}
