/* labc lint: reads specs, on several threads when there are many, and prints what is found in the order of the
 * arguments. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/commands.h"
#include "cli/fixer.h"
#include "cli/inputs.h"
#include "base/pool.h"
#include "cli/search.h"
#include "cli/summary.h"
#include "diag/formats.h"

/* A thread costs more than reading a few small specs. */
enum { MANY_FILES = 16, MANY_BYTES = 512 * 1024, RUN_AHEAD = 32, FLUSH_AT = 64 * 1024 };

/* One form in which the findings leave. */
struct channel {
	struct report_setup setup;
	struct report report;
	struct buf out;
	const char *path; /* NULL: standard output */
};

struct lint {
	const struct opts *o;
	struct inputs in;
	struct channel *channels;
	size_t n_channels;
	struct summary total;
	struct meeting *meeting; /* when several specs are read */
	struct search search;
	const struct settings **settings; /* of each input */
	bool failed;
};

struct worker {
	struct session s;
	struct fixer fixer;
};

/* What is known of one spec when it has been read. */
struct result {
	struct report_part *parts; /* one a channel */
	struct buf err, diff;
	struct summary n;
	bool failed;
};

/* --- reading one spec --- */

/* The command line comes before the configuration. */
static bool fails_on_error(const struct lint *l, const struct settings *s)
{
	if (l->o->fail_on != FAIL_ON_UNSET)
		return l->o->fail_on == FAIL_ON_ERROR;
	return s && s->fail_on_error;
}

static void render(const struct lint *l, const struct session *s, struct result *r)
{
	for (size_t i = 0; i < l->n_channels; i++)
		report_render(l->channels[i].report.format, &l->channels[i].setup, &s->diags, &r->parts[i]);
	summary_count(&r->n, &s->diags, fails_on_error(l, s->settings));
}

static void work(void *ctx, void *worker, void *result, size_t i)
{
	const struct lint *l = ctx;
	struct worker *w = worker;
	struct result *r = result;

	for (size_t k = 0; k < l->n_channels; k++)
		report_part_reset(&r->parts[k]);
	r->err.n = r->diff.n = 0;
	summary_reset(&r->n);
	w->s.meeting = l->meeting;
	w->s.turn = i;
	w->s.settings = l->settings[i];
	r->failed = !session_read(&w->s, l->in.paths.v[i], l->o, &r->err);
	if (r->failed)
		return;
	if (l->o->diff) {
		render(l, &w->s, r);
		fixer_run(&w->fixer, &w->s, l->o);
		fixer_diff(&w->fixer, l->o, &r->diff);
	} else if (l->o->fix) {
		fixer_run(&w->fixer, &w->s, l->o);
		r->failed = !fixer_write(&w->fixer, &r->err);
		render(l, &w->s, r);
	} else {
		render(l, &w->s, r);
		return;
	}
	r->n.fixed = w->fixer.n_fixed;
	r->n.fixed_files = w->fixer.n_files;
}

/* --- putting the results together --- */

static bool flush_stdout(struct lint *l, struct buf *out)
{
	if (cli_flush(STDOUT_FILENO, out))
		return true;
	if (!l->failed || errno != EPIPE)
		fputs("labc: cannot write to standard output\n", stderr);
	out->n = 0;
	l->failed = true;
	return false;
}

static bool take(void *ctx, void *result, size_t i)
{
	struct lint *l = ctx;
	struct result *r = result;
	bool ok = true;

	(void)i;
	cli_flush(STDERR_FILENO, &r->err);
	l->failed |= r->failed;
	for (size_t k = 0; k < l->n_channels; k++) {
		struct channel *c = &l->channels[k];

		report_add(&c->report, &r->parts[k], &c->out);
		if (!c->path && c->out.n > FLUSH_AT)
			ok &= flush_stdout(l, &c->out);
	}
	if (r->diff.n)
		ok &= flush_stdout(l, &r->diff);
	summary_add(&l->total, &r->n);
	return ok;
}

static bool are_many(const struct inputs *in)
{
	struct stat st;
	long long bytes = 0;

	if (in->paths.n >= MANY_FILES)
		return true;
	for (size_t i = 0; i < in->paths.n && in->paths.n > 1; i++)
		if (stat(in->paths.v[i], &st) == 0 && S_ISREG(st.st_mode))
			bytes += st.st_size;
	return bytes >= MANY_BYTES;
}

static unsigned count_workers(const struct lint *l)
{
	unsigned n = l->o->jobs ? l->o->jobs : pool_processors();

	/* two arguments may include one file: repairs come one after the other */
	if (l->o->fix || !are_many(&l->in))
		return 1;
	return n < l->in.paths.n ? n : (unsigned)l->in.paths.n;
}

/* Finds the configuration of every input: before there are threads. What is wrong with configurations comes first
 * in the report, as of files of their own. */
static void configure(struct lint *l, struct arena *a)
{
	l->settings = NEW(a, const struct settings *, l->in.paths.n + 1);
	for (size_t i = 0; i < l->in.paths.n; i++)
		l->settings[i] = search_for(&l->search, l->in.paths.v[i]);
	l->failed |= l->search.failed;
	for (const struct config_file *f = l->search.run.files; f; f = f->next)
		for (size_t k = 0; f->diags.v.n && k < l->n_channels; k++)
			report_file(&l->channels[k].report, &f->diags, &l->channels[k].out);
	l->total.errors += search_errors(&l->search);
	l->total.warnings += search_warnings(&l->search);
	l->total.failing += search_errors(&l->search) > 0;
	l->total.config_findings = search_errors(&l->search) + search_warnings(&l->search);
}

static void read_all(struct lint *l, struct arena *a)
{
	struct pool p = { .n = l->in.paths.n, .ctx = l, .work = work, .take = take };
	struct meeting meeting;
	struct worker *w;
	struct result *r;

	/* Jansson makes the seed of its tables on first use: here, before there are threads */
	json_object_seed(1);
	p.n_workers = count_workers(l);
	p.n_results = p.n_workers > 1 ? (size_t)p.n_workers * RUN_AHEAD : 1;
	p.workers = NEW(a, void *, p.n_workers);
	p.results = NEW(a, void *, p.n_results);
	for (unsigned i = 0; i < p.n_workers; i++) {
		p.workers[i] = w = NEW(a, struct worker, 1);
		session_init(&w->s);
		fixer_init(&w->fixer);
	}
	for (size_t i = 0; i < p.n_results; i++) {
		p.results[i] = r = NEW(a, struct result, 1);
		r->parts = NEW(a, struct report_part, l->n_channels + 1);
	}
	meeting_init(&meeting, p.n);
	l->meeting = p.n > 1 ? &meeting : NULL;
	pool_run(&p);
	meeting_release(&meeting);
	for (unsigned i = 0; i < p.n_workers; i++) {
		session_release(&((struct worker *)p.workers[i])->s);
		fixer_release(&((struct worker *)p.workers[i])->fixer);
	}
	for (size_t i = 0; i < p.n_results; i++) {
		r = p.results[i];
		for (size_t k = 0; k < l->n_channels; k++)
			report_part_release(&r->parts[k]);
		buf_release(&r->err);
		buf_release(&r->diff);
		summary_release(&r->n);
	}
}

/* --- channels --- */

/* In a pipeline the findings become annotations, unless a format is asked for. */
static const struct report_format *format_of(const struct opts *o)
{
	const char *github = getenv("GITHUB_ACTIONS"), *azure = getenv("TF_BUILD");

	if (o->format)
		return o->format;
	if (github && strcmp(github, "true") == 0)
		return report_format_find(SV("github"));
	if (azure && sv_eq_nocase(sv_from(azure), SV("true")))
		return report_format_find(SV("azure"));
	return report_format_find(SV("text"));
}

static void open_channels(struct lint *l, struct arena *a)
{
	const struct opts *o = l->o;
	struct report_setup setup = { .text = { .notes = o->notes, .max = o->max }, .tool = SV("labc"),
				      .version = SV(LABC_VERSION), .url = SV(LABC_URL) };
	char cwd[4096];

	if (getcwd(cwd, sizeof(cwd)))
		setup.root = sv_dup(a, sv_from(cwd));
	l->channels = NEW(a, struct channel, o->outputs.n + 1);
	/* the diff has standard output for itself */
	for (size_t i = o->diff ? 1 : 0; i <= o->outputs.n; i++) {
		struct channel *c = &l->channels[l->n_channels++];

		c->setup = setup;
		c->setup.text.color = i == 0 && cli_has_color(o, STDOUT_FILENO);
		c->path = i ? o->outputs.v[i - 1].path : NULL;
		report_begin(&c->report, i ? o->outputs.v[i - 1].format : format_of(o), &c->setup, &c->out);
	}
}

/* A report on the way to a device or a pipe is written there; every other one replaces its file whole. */
static int write_report(struct arena *a, const char *path, struct buf *b)
{
	struct stat st;
	int fd, err;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return errno;
		err = cli_flush(fd, b) ? 0 : errno;
		return close(fd) != 0 && !err ? errno : err;
	}
	err = fs_mkdirs(sv_cstr(a, fs_dirname(path)));
	return err ? err : fs_write_atomic(path, buf_view(b));
}

static void close_channels(struct lint *l, struct arena *a)
{
	for (size_t i = 0; i < l->n_channels; i++) {
		struct channel *c = &l->channels[i];
		int err;

		report_end(&c->report, &c->out);
		if (!c->path) {
			if (c->out.n)
				flush_stdout(l, &c->out);
		} else if ((err = write_report(a, c->path, &c->out)) != 0) {
			fprintf(stderr, "labc: cannot write '%s': %s\n", c->path, strerror(err));
			l->failed = true;
		}
		buf_release(&c->out);
	}
}

/* --- the command --- */

static bool is_sound(const struct opts *o)
{
	if (o->unsafe_fixes && !o->fix && !o->diff) {
		fputs("labc lint: --unsafe-fixes goes with --fix or --diff\n", stderr);
		return false;
	}
	for (size_t i = 0; o->fix && !o->diff && i < o->args.n; i++)
		if (strcmp(o->args.v[i], "-") == 0) {
			fputs("labc lint: --fix cannot write to standard input; --diff prints what would change\n", stderr);
			return false;
		}
	return true;
}

enum exit_code cmd_lint(const struct opts *o)
{
	struct lint l = { .o = o };
	struct arena a;
	bool found;

	if (!is_sound(o))
		return EXIT_USAGE;
	arena_init(&a, 0);
	inputs_find(&l.in, &a, o->args.v, o->args.n);
	l.failed = l.in.failed;
	search_init(&l.search, o);
	if (l.search.refused) {
		search_release(&l.search);
		arena_release(&a);
		return EXIT_USAGE;
	}
	open_channels(&l, &a);
	configure(&l, &a);
	read_all(&l, &a);
	close_channels(&l, &a);
	summary_count_off(&l.total, &l.search.run);
	if (!o->quiet && l.total.specs)
		summary_print(&l.total, o);
	found = l.total.failing > 0;
	summary_release(&l.total);
	search_release(&l.search);
	arena_release(&a);
	return l.failed ? EXIT_SYSTEM : found ? EXIT_FINDINGS : EXIT_CLEAN;
}
