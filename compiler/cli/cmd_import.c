/* labc import: the spec of a Hyper-V host, from what collect.ps1 wrote there; and that script itself. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "ctemplate/ctemplate.h"
#include "diag/report.h"
#include "emit/import.h"

struct job {
	const struct opts *o;
	const char *path;
	struct arena a;
	struct sources sources;
	uint32_t src;
	struct diags report; /* places in the JSON file */
	struct import m;
	struct session now;  /* the new spec, read again */
	struct buf text;
};

static void print(const struct job *j, const struct diags *d, bool notes)
{
	struct report_opts r = { .color = cli_has_color(j->o, STDERR_FILENO), .notes = notes, .max = j->o->max };
	struct buf out = { 0 };

	report_text(&out, d, &r);
	cli_flush(STDERR_FILENO, &out);
	buf_release(&out);
}

static enum exit_code write_text(const struct job *j, struct buf *text)
{
	const char *path = j->o->out;
	struct arena a;
	int err;

	if (!path || strcmp(path, "-") == 0)
		return cli_flush(STDOUT_FILENO, text) ? EXIT_CLEAN : EXIT_SYSTEM;
	if (fs_exists(path) && !j->o->force) {
		fprintf(stderr, "labc import: '%s' exists, and is not replaced; give another name with -o, or --force\n", path);
		return EXIT_SYSTEM;
	}
	arena_init(&a, 0);
	err = fs_mkdirs(sv_cstr(&a, fs_dirname(path)));
	arena_release(&a);
	if (!err)
		err = fs_write_atomic(path, buf_view(text));
	if (err)
		fprintf(stderr, "labc import: cannot write '%s': %s\n", path, strerror(err));
	return err ? EXIT_SYSTEM : EXIT_CLEAN;
}

/* --- the script --- */

static enum exit_code print_script(const struct job *j)
{
	const struct ct_embedded *row = ct_embedded_find(ct_embedded_templates, ct_embedded_count, SV("collect.ps1"));
	struct buf b = { 0 };
	enum exit_code code;

	/* Windows line ends, as every script has them */
	for (size_t i = 0; row && i < row->text_len; i++) {
		if (row->text[i] == '\n')
			buf_ch(&b, '\r');
		buf_ch(&b, row->text[i]);
	}
	code = write_text(j, &b);
	buf_release(&b);
	if (code == EXIT_CLEAN && j->o->out && strcmp(j->o->out, "-") != 0 && !j->o->quiet)
		fprintf(stderr, "%s written\n\nNext, on the Hyper-V host, as administrator:\n"
				"  powershell.exe -NoProfile -ExecutionPolicy Bypass -File .\\collect.ps1\n"
				"then here: labc import collected.json -o lab.yaml\n", j->o->out);
	return code;
}

/* --- the spec --- */

static bool read_file(struct job *j)
{
	struct sv text;
	int err = fs_read(&j->a, j->path, IMPORT_MAX_BYTES, &text);

	if (err) {
		fprintf(stderr, "labc import: cannot read '%s': %s\n", j->path,
			err == FS_TOO_LARGE ? "it is larger than 16 MiB"
			: err == FS_IS_DIR  ? "it is a folder"
					    : strerror(err));
		return false;
	}
	j->src = sources_add(&j->sources, strcmp(j->path, "-") == 0 ? SV("<stdin>") : sv_from(j->path), text);
	return true;
}

/* Makes the spec. False: the file is no good, as the report says. */
static bool make(struct job *j)
{
	struct import_opts o = {
		.file = fs_basename(sv_cstr(&j->a, sources_get(&j->sources, j->src)->name)),
		.lab = sv_from(j->o->lab ? j->o->lab : ""),
		.target = j->o->has_target ? j->o->for_target : TARGET_COUNT,
	};

	diags_init(&j->report, &j->a, &j->sources);
	if (!import_read(&j->m, &j->a, &j->report, j->src) || !import_plan(&j->m, &o))
		return false;
	import_write(&j->m, &j->text);
	return true;
}

/* What a check of the new spec finds. */
static uint32_t errors_of(struct job *j)
{
	const char *name = j->o->out && strcmp(j->o->out, "-") != 0 ? j->o->out : "lab.yaml";
	struct edited *new = NEW(&j->a, struct edited, 1);
	struct opts o = *j->o;
	struct buf err = { 0 };
	bool ok;

	o.has_target = false;
	*new = (struct edited){ NULL, sv_from(name), sv_dup(&j->a, buf_view(&j->text)) };
	j->now.edited = new;
	ok = session_read(&j->now, name, &o, &err);
	buf_release(&err);
	return ok ? j->now.diags.n_errors : UINT32_MAX;
}

/* A system that was guessed may not fit what the machine has. Guests with errors get none, and the spec is written again. */
static uint32_t settle(struct job *j)
{
	uint32_t errors = errors_of(j);
	bool again = false;

	for (size_t i = 0; errors && errors != UINT32_MAX && i < j->now.diags.v.n; i++) {
		const struct diag *d = j->now.diags.v.v[i];

		for (uint32_t k = 0; d->severity == SEV_ERROR && k < j->m.n_guests; k++) {
			struct import_guest *g = &j->m.guests[k];

			if (d->at.off >= g->from && d->at.off < g->to && !g->generic)
				g->generic = again = true;
		}
	}
	if (!again)
		return errors;
	j->text.n = 0;
	import_write(&j->m, &j->text);
	return errors_of(j);
}

static enum exit_code import(struct job *j)
{
	uint32_t errors;
	enum exit_code code;
	bool made;

	if (!read_file(j))
		return EXIT_SYSTEM;
	made = make(j);
	errors = made ? settle(j) : 0;
	diags_finish(&j->report);
	print(j, &j->report, true);
	if (!made) {
		fputs("\nlabc import: nothing was written\n", stderr);
		return EXIT_FINDINGS;
	}
	if (errors) {
		fputs("\nIn the new spec, to be decided by hand:\n\n", stderr);
		print(j, &j->now.diags, false);
	}
	code = write_text(j, &j->text);
	return code == EXIT_CLEAN && errors ? EXIT_FINDINGS : code;
}

enum exit_code cmd_import(const struct opts *o)
{
	struct job j = { .o = o };
	enum exit_code code;

	if (o->script ? o->args.n != 0 : o->args.n != 1) {
		fputs(o->script ? "labc import: --script takes no file\n"
				: "labc import: wants the file that collect.ps1 wrote; 'labc import --script' prints that script\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (o->script)
		return print_script(&j);
	j.path = o->args.v[0];
	arena_init(&j.a, 0);
	sources_init(&j.sources, &j.a);
	session_init(&j.now);
	code = import(&j);
	session_release(&j.now);
	import_release(&j.m);
	buf_release(&j.text);
	arena_release(&j.a);
	return code;
}
