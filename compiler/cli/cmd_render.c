/* labc render and templates: for those who write templates. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/fs.h"
#include "cli/commands.h"
#include "cli/data.h"
#include "cli/load.h"
#include "cli/template_dir.h"
#include "diag/report.h"

enum { MAX_TEMPLATE = 2 * 1024 * 1024, MAX_DATA = 64 * 1024 * 1024 };

struct render {
	struct arena a, scratch;
	struct sources sources;
	struct diags diags;
	struct ct_env *env;
	struct template_dir dir; /* where includes are looked for */
};

static void report_to(int fd, struct render *r, const struct opts *o)
{
	struct buf out = { 0 };

	diags_finish(&r->diags);
	report_text(&out, &r->diags, &(struct report_opts){ .color = cli_has_color(o, fd), .max = o->max });
	cli_flush(fd, &out);
	buf_release(&out);
}

static bool read_file(struct render *r, const char *path, size_t limit, struct sv *text)
{
	int err = fs_read(&r->a, path, limit, text);

	if (!err)
		return true;
	fprintf(stderr, "labc: cannot read '%s': %s\n", path,
		err == FS_TOO_LARGE ? "too large" : err == FS_IS_DIR ? "is a folder" : strerror(err));
	return false;
}

static bool set_options(struct render *r, const struct opts *o)
{
	struct ct_options c = { .lang = CT_LANG_AUTO, .trim_blocks = o->trim_blocks, .lstrip_blocks = o->lstrip_blocks,
				.keep_trailing_newline = o->keep_newline };

	if (o->lang && !ct_lang_by_name(sv_from(o->lang), &c.lang)) {
		fprintf(stderr, "labc render: --lang: '%s' is not one of text, ps, json, md, markup\n", o->lang);
		return false;
	}
	ct_env_options(r->env, &c);
	return true;
}

static enum exit_code write_out(const struct opts *o, struct buf *out)
{
	int err;

	if (!o->out)
		return cli_flush(STDOUT_FILENO, out) ? EXIT_CLEAN : EXIT_SYSTEM;
	err = fs_write_atomic(o->out, buf_view(out));
	if (err)
		fprintf(stderr, "labc: cannot write '%s': %s\n", o->out, strerror(err));
	return err ? EXIT_SYSTEM : EXIT_CLEAN;
}

static enum exit_code render(struct render *r, const char *path, const struct opts *o)
{
	struct sv text, data = SV("{}"), data_name = SV("data.json");
	struct ct_value values;
	const struct ct_template *t;
	struct buf out = { 0 };
	enum exit_code code;

	if (!read_file(r, path, MAX_TEMPLATE, &text))
		return EXIT_SYSTEM;
	if (o->data) {
		data_name = strcmp(o->data, "-") == 0 ? SV("<stdin>") : sv_from(o->data);
		if (!read_file(r, o->data, MAX_DATA, &data))
			return EXIT_SYSTEM;
	}
	if (!set_options(r, o))
		return EXIT_USAGE;
	if (!data_read(&values, &r->a, &r->diags, data_name, data))
		return EXIT_FINDINGS;
	t = ct_compile(r->env, sv_from(path), text);
	if (!t || !ct_render(r->env, t, values, &r->scratch, ct_out_buf, &out))
		code = EXIT_FINDINGS;
	else if (r->dir.failed)
		code = EXIT_SYSTEM;
	else
		code = write_out(o, &out);
	buf_release(&out);
	return code;
}

enum exit_code cmd_render(const struct opts *o)
{
	struct render r = { 0 };
	enum exit_code code;

	if (o->args.n != 1) {
		fputs("labc render: wants one template\n", stderr);
		return EXIT_USAGE;
	}
	if (o->template_dir && !fs_is_dir(o->template_dir)) {
		fprintf(stderr, "labc: --template-dir: there is no folder '%s'\n", o->template_dir);
		return EXIT_SYSTEM;
	}
	arena_init(&r.a, 0);
	arena_init(&r.scratch, 0);
	sources_init(&r.sources, &r.a);
	diags_init(&r.diags, &r.a, &r.sources);
	template_dir_init(&r.dir, &r.a, o->template_dir ? o->template_dir : sv_cstr(&r.a, fs_dirname(o->args.v[0])));
	r.env = ct_env_new(&r.a, &r.diags, NULL);
	ct_env_loader(r.env, template_dir_load, &r.dir);
	code = render(&r, o->args.v[0], o);
	if (r.dir.failed)
		code = EXIT_SYSTEM;
	else
		report_to(STDERR_FILENO, &r, o);
	arena_release(&r.scratch);
	arena_release(&r.a);
	return code;
}

/* --- templates --- */

/* The binary holds the examples of labc init too. */
static bool is_template(const struct ct_embedded *e)
{
	return !sv_starts(sv_from(e->name), SV("examples/"));
}

static enum exit_code export_all(const char *dir)
{
	enum exit_code code = EXIT_CLEAN;
	struct arena a;

	arena_init(&a, 0);
	for (size_t i = 0; i < ct_embedded_count && code == EXIT_CLEAN; i++) {
		const struct ct_embedded *e = &ct_embedded_templates[i];
		const char *path = fs_join(&a, dir, sv_from(e->name));
		int err;

		if (!is_template(e))
			continue;
		err = fs_exists(path) ? EEXIST : fs_mkdirs(sv_cstr(&a, fs_dirname(path)));
		if (!err)
			err = fs_write_atomic(path, (struct sv){ e->text, e->text_len });
		if (err) {
			fprintf(stderr, "labc: cannot write '%s': %s\n", path, strerror(err));
			code = EXIT_SYSTEM;
		}
	}
	arena_release(&a);
	return code;
}

enum exit_code cmd_templates(const struct opts *o)
{
	struct buf out = { 0 };
	bool ok;

	if (o->args.n) {
		fputs("labc templates: takes no files; --export DIR writes them\n", stderr);
		return EXIT_USAGE;
	}
	if (o->export_dir)
		return export_all(o->export_dir);
	for (size_t i = 0; i < ct_embedded_count; i++)
		if (is_template(&ct_embedded_templates[i]))
			buf_fmt(&out, "%s\n", ct_embedded_templates[i].name);
	ok = cli_flush(STDOUT_FILENO, &out);
	buf_release(&out);
	return ok ? EXIT_CLEAN : EXIT_SYSTEM;
}

enum exit_code cmd_template_dump(const char *path)
{
	struct render r = { 0 };
	struct buf out = { 0 };
	enum exit_code code = EXIT_SYSTEM;
	struct sv text;

	arena_init(&r.a, 0);
	sources_init(&r.sources, &r.a);
	diags_init(&r.diags, &r.a, &r.sources);
	if (read_file(&r, path, MAX_TEMPLATE, &text)) {
		r.env = ct_env_new(&r.a, &r.diags, NULL);
		ct_dump(r.env, sv_from(path), text, &out);
		cli_flush(STDOUT_FILENO, &out);
		code = diags_errors(&r.diags) ? EXIT_FINDINGS : EXIT_CLEAN;
		report_to(STDERR_FILENO, &r, &(struct opts){ .color = COLOR_NEVER });
	}
	buf_release(&out);
	arena_release(&r.a);
	return code;
}
