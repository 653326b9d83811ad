/* labc build: reads specs, on several threads when there are many, and writes the files of all of them or none. */
#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/map.h"
#include "base/num.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/load.h"
#include "base/pool.h"
#include "cli/search.h"
#include "cli/template_dir.h"
#include "emit/earlier.h"
#include "emit/emit.h"
#include "emit/stage.h"
#include "emit/sums.h"

/* A thread costs more than a few small specs, or one of less than half a megabyte. */
enum { MANY_SPECS = 8, RUN_AHEAD = 8, LARGE_SPEC = 512 * 1024 };

struct build {
	const struct opts *o;
	struct inputs in;
	struct search search;
	const struct settings **settings; /* of each input */
	struct template_dir own;
	struct meeting *meeting; /* when there are several specs */
	struct arena a;
	struct lab_name *names;  /* of the specs without errors */
	size_t n_names;
	struct stage stage;      /* what all specs want written */
	pthread_mutex_t lock;    /* of a spec's stage, when several threads write for it */
	struct buf blocked, broken, after, out; /* said at the end: files in the way, what failed, the rest */
	unsigned threads;        /* for one spec */
	struct earlier *earlier; /* files in the folder of the one spec, when it is large; or NULL */
	enum exit_code code;     /* of reading and rendering */
	bool differs;            /* --check found something */
	atomic_bool hopeless;    /* nothing will be written: staging can be left out */
};

struct lab_name {
	struct sv name;
	const char *path;
};

/* What one thread has for itself. */
struct worker {
	struct session s;
	struct plan plan;
	struct plan_memory memory;
};

/* What is known of one spec when it is done. */
struct result {
	struct arena a;
	enum exit_code code; /* of reading and rendering */
	bool differs;
	struct sv name; /* of the lab; empty: there is none */
	struct stage stage;
	struct buf err;                         /* said at once */
	struct buf blocked, broken, after, out; /* as in struct build */
};

/* --- one spec, on any thread --- */

/* The spec a thread is at. */
struct unit {
	struct build *b;
	struct session *s;
	struct plan *plan;
	struct result *r;
	const char *dir;
};

static bool refuse_target(const struct unit *u)
{
	if (emit_has_target(u->s->lab.target))
		return false;
	buf_fmt(&u->r->err, "labc: %s: labc checks specs for the target %s, but writes no artifacts for it yet\n",
		u->s->path, target_word(u->s->lab.target));
	return true;
}

static struct sv spec_name(const struct unit *u)
{
	const char *name = u->b->o->stdin_name;

	if (strcmp(u->s->path, "-") != 0)
		return fs_basename(u->s->path);
	return name ? fs_basename(name) : SV("lab.yaml");
}

/* Where the files of a spec go, or those of several in folders of their own. */
static const char *out_dir(const struct build *b, struct arena *a, const char *path)
{
	if (b->o->out)
		return b->o->out;
	return strcmp(path, "-") == 0 ? "out" : fs_join(a, sv_cstr(a, fs_dirname(path)), SV("out"));
}

static const char *dir_of(struct unit *u)
{
	struct arena *a = &u->s->a;
	const char *dir = out_dir(u->b, a, u->s->path);

	return u->b->in.paths.n > 1 ? fs_join(a, dir, u->s->lab.name) : dir;
}

/* A file of a large lab is written as soon as it is made: holding them all takes as long again. */
static bool put(void *user, const struct plan_file *f)
{
	struct unit *u = user;

	return !u->b->hopeless && stage_put(&u->r->stage, f, u->dir);
}

/* Loads and renders the spec. */
static enum exit_code prepare(struct unit *u, const char *path)
{
	const struct opts *o = u->b->o;
	struct template_dir *own = &u->b->own;
	struct emit_opts e = { .load = own->dir ? template_dir_load : NULL, .user = own, .earlier = u->b->earlier,
			       .put = o->check ? NULL : put, .put_user = u, .threads = u->b->threads };
	struct buf *err = &u->r->err;
	enum exit_code code = EXIT_CLEAN;
	bool ok;

	ok = session_read(u->s, path, o, err);
	earlier_stop(u->b->earlier);
	if (!ok)
		return EXIT_SYSTEM;
	if (u->s->diags.n_errors == 0 && u->s->has_lab) {
		e.spec_name = spec_name(u);
		e.dir = u->dir = dir_of(u);
		if (refuse_target(u))
			code = EXIT_USAGE;
		else if (!emit_lab(u->plan, &u->s->lab, &e))
			code = EXIT_FINDINGS;
		if (own->failed)
			return EXIT_SYSTEM;
	} else {
		code = EXIT_FINDINGS;
	}
	diags_finish(&u->s->diags);
	session_report(u->s, err, o, cli_has_color(o, STDERR_FILENO));
	if ((err->n || u->s->diags.hidden[SEV_ERROR]) && !o->quiet && code == EXIT_FINDINGS)
		buf_fmt(err, "%slabc: nothing was written for %s\n", err->n ? "\n" : "", path);
	return code;
}

static void system_error(const struct unit *u, struct sv path, const char *dir, int err)
{
	buf_fmt(&u->r->broken, "labc: cannot write " SV_FMT " in '%s': %s\n", SV_ARG(path), dir, strerror(err));
}

/* Names the files that are in the way; true when the build may not go on. */
static bool is_blocked(const struct unit *u)
{
	if (u->b->o->force || !plan_has(u->plan, PLAN_BLOCKED))
		return false;
	for (size_t i = 0; i < u->plan->results.n; i++)
		if (u->plan->results.v[i].state == PLAN_BLOCKED)
			buf_fmt(&u->r->blocked, "labc: %s/" SV_FMT " was changed by hand or not written by labc\n", u->dir,
				SV_ARG(u->plan->results.v[i].path));
	return true;
}

/* Whether something differs. */
static bool check(const struct unit *u)
{
	static const char *const words[] = {
		[PLAN_CREATED] = "is missing", [PLAN_UPDATED] = "differs", [PLAN_BLOCKED] = "differs",
		[PLAN_REMOVED] = "no longer belongs there", [PLAN_KEPT] = "no longer belongs there, and was changed by hand",
		[PLAN_LINE_ENDS] = "differs in line ends only (git's autocrlf? keep the .gitattributes of the build)",
	};
	bool differs = false;

	for (size_t i = 0; i < u->plan->results.n; i++) {
		const struct plan_result *r = &u->plan->results.v[i];

		if (r->state == PLAN_UNCHANGED)
			continue;
		buf_fmt(&u->r->after, "%s/" SV_FMT " %s\n", u->dir, SV_ARG(r->path), words[r->state]);
		differs = true;
	}
	return differs;
}

static void list_files(const struct unit *u, struct buf *out)
{
	struct sv host = SV(""), artifact = SV("");
	size_t more = 0;

	for (size_t i = 0; i < u->plan->files.n; i++) {
		const struct plan_file *f = &u->plan->files.v[i];
		ptrdiff_t slash = sv_find(f->path, '/');

		if (!f->listed)
			continue;
		if (slash >= 0) {
			struct sv dir = sv_sub(f->path, 0, (size_t)slash), *first = &host;

			/* Artifacts/LAB-HOST/...: a folder below it is a host's */
			if (sv_eq(dir, SV("Artifacts"))) {
				struct sv rest = sv_sub(f->path, (size_t)slash + 1, f->path.n);

				dir = sv_sub(rest, 0, (size_t)sv_find(rest, '/'));
				first = &artifact;
			}
			if (first->n == 0)
				*first = dir;
			if (!sv_eq(*first, dir)) {
				more++;
				continue;
			}
		}
		buf_fmt(out, "  %-28.*s  %s\n", (int)f->path.n, f->path.p, f->what);
	}
	if (more && u->s->lab.n_hosts > 1)
		buf_fmt(out, "  ... and the same for %u more host%s\n", u->s->lab.n_hosts - 1,
			u->s->lab.n_hosts == 2 ? "" : "s");
}

static void report_written(const struct unit *u)
{
	struct buf *out = &u->r->out;
	size_t n[PLAN_LINE_ENDS + 1] = { 0 };
	size_t written;

	for (size_t i = 0; i < u->plan->results.n; i++)
		n[u->plan->results.v[i].state]++;
	written = n[PLAN_CREATED] + n[PLAN_UPDATED] + n[PLAN_BLOCKED] + n[PLAN_LINE_ENDS];
	buf_fmt(out, "%s: ", u->dir);
	cli_count(out, written, "file");
	buf_fmt(out, " written, %zu unchanged", n[PLAN_UNCHANGED]);
	if (n[PLAN_REMOVED])
		buf_fmt(out, ", %zu of an earlier build removed", n[PLAN_REMOVED]);
	buf_ch(out, '\n');
	list_files(u, out);
	buf_fmt(out, "\nNext:\n  1. Open %s/README.md and follow its steps: it has every command.\n", u->dir);
	if (u->s->lab.target_info->flags & TG_AZURE)
		buf_fmt(out, "  2. Look before you deploy: %s/deploy.ps1 (deploy.sh) shows what would happen, and asks.\n", u->dir);
	else
		buf_fmt(out, "  2. Look before you run: setup.cmd -WhatIf, in the folder " SV_FMT " on the server\n",
			SV_ARG(u->s->lab.hosts[0].name));
}

/* What the spec asks for and nobody does is said even to those who want no notes. */
static void report_by_hand(const struct unit *u)
{
	const struct diags *d = &u->s->diags;

	for (size_t i = 0; i < d->v.n; i++) {
		const struct diag *g = d->v.v[i];
		struct pos p;

		if (g->suppressed || strcmp(g->info->name, "by-hand") != 0)
			continue;
		p = source_pos(d->sources, g->at.src, g->at.off);
		buf_fmt(&u->r->after, "labc: " SV_FMT ":%u:%u: " SV_FMT "; " SV_FMT "\n",
			SV_ARG(sources_get(d->sources, g->at.src)->name), p.line, p.col, SV_ARG(g->msg), SV_ARG(g->help));
	}
}

/* What is said when the files are in their places. */
static void report_done(const struct unit *u)
{
	for (size_t i = 0; i < u->plan->results.n; i++)
		if (u->plan->results.v[i].state == PLAN_KEPT)
			buf_fmt(&u->r->after, "labc: %s/" SV_FMT " no longer belongs to the build, but was changed by hand: left there\n",
				u->dir, SV_ARG(u->plan->results.v[i].path));
	if (!u->b->o->notes)
		report_by_hand(u);
	if (!u->b->o->quiet)
		report_written(u);
}

/* Compares with what is there, and writes beside it what differs. */
static void place(struct unit *u)
{
	struct plan *p = u->plan;
	struct stage *s = &u->r->stage;
	int err;

	err = fs_exists(u->dir) && !fs_is_dir(u->dir) ? ENOTDIR : plan_compare(p, u->dir, u->b->earlier);
	if (err)
		system_error(u, p->error_path.n ? p->error_path : SV("anything"), u->dir, err);
	else if (u->b->o->check)
		u->r->differs = check(u);
	else if (is_blocked(u))
		u->b->hopeless = true;
	else if (!u->b->hopeless && !stage_add(s, p, u->dir, u->b->threads))
		system_error(u, s->error_path, s->error_dir, s->error);
	else if (!u->b->hopeless)
		report_done(u);
}

static void work(void *ctx, void *worker, void *result, size_t i)
{
	struct build *b = ctx;
	struct worker *w = worker;
	struct result *r = result;
	struct unit u = { .b = b, .s = &w->s, .plan = &w->plan, .r = r };

	arena_reset(&r->a);
	r->stage = (struct stage){ .a = &r->a, .lock = &b->lock };
	r->err.n = r->blocked.n = r->broken.n = r->after.n = r->out.n = 0;
	r->name = SV("");
	r->differs = false;
	w->s.meeting = b->meeting;
	w->s.turn = i;
	w->s.settings = b->settings[i];
	plan_init(&w->plan, &w->s.a, &w->memory);
	r->code = prepare(&u, b->in.paths.v[i]);
	if (r->code == EXIT_CLEAN) {
		r->name = sv_dup(&r->a, w->s.lab.name);
		place(&u);
	} else {
		b->hopeless = true;
	}
	sums_wait(w->memory.sums); /* a rendering that failed leaves some, and the next spec takes their texts */
	plan_release(&w->plan);
}

/* --- putting the results together, in the order of the specs --- */

static bool take(void *ctx, void *result, size_t i)
{
	struct build *b = ctx;
	struct result *r = result;

	cli_flush(STDERR_FILENO, &r->err);
	b->code = r->code > b->code ? r->code : b->code;
	b->differs |= r->differs;
	if (r->name.n)
		b->names[b->n_names++] = (struct lab_name){ sv_dup(&b->a, r->name), b->in.paths.v[i] };
	stage_move(&b->stage, &r->stage);
	if (!b->broken.n)
		buf_sv(&b->broken, buf_view(&r->broken));
	buf_sv(&b->blocked, buf_view(&r->blocked));
	buf_sv(&b->after, buf_view(&r->after));
	buf_sv(&b->out, buf_view(&r->out));
	return true;
}

static bool names_are_unique(struct build *b)
{
	struct map seen;

	map_init(&seen, &b->a, true);
	for (size_t i = 0; i < b->n_names; i++) {
		const struct lab_name *n = &b->names[i];
		const struct map_entry *e = map_add(&seen, n->name, (void *)(uintptr_t)n->path);

		if (e) {
			fprintf(stderr, "labc: %s and %s both describe a lab named '" SV_FMT "'; nothing was written\n",
				(const char *)e->value, n->path, SV_ARG(n->name));
			return false;
		}
	}
	return true;
}

/* Nothing is in its place yet: only when every spec of the build is sound and no file is in the way it all goes
 * there. */
static enum exit_code finish(struct build *b)
{
	if (b->code != EXIT_CLEAN)
		return b->code;
	if (!names_are_unique(b))
		return EXIT_USAGE;
	if (b->o->templates)
		template_dir_name_unused(&b->own);
	/* every file in the way is known; whether writing would have failed is not, once there was one */
	if (b->blocked.n) {
		cli_flush(STDERR_FILENO, &b->blocked);
		fputs("labc: nothing was written; move these files away, choose another folder with -o, or replace them with --force\n",
		      stderr);
		return EXIT_SYSTEM;
	}
	if (b->broken.n) {
		cli_flush(STDERR_FILENO, &b->broken);
		return EXIT_SYSTEM;
	}
	if (!stage_commit(&b->stage)) {
		fprintf(stderr, "labc: cannot write " SV_FMT " in '%s': %s\n", SV_ARG(b->stage.error_path), b->stage.error_dir,
			strerror(b->stage.error));
		return EXIT_SYSTEM;
	}
	cli_flush(STDERR_FILENO, &b->after);
	if (!cli_flush(STDOUT_FILENO, &b->out))
		return EXIT_SYSTEM;
	return b->differs ? EXIT_DIFFERS : EXIT_CLEAN;
}

/* --- the command --- */

/* The templates of a folder are read once for all specs: one after the other then. */
static unsigned count_workers(const struct build *b)
{
	unsigned n = b->o->jobs ? b->o->jobs : pool_processors();

	if ((!b->o->jobs && b->in.paths.n < MANY_SPECS) || b->own.dir)
		return 1;
	return n < b->in.paths.n ? n : (unsigned)b->in.paths.n;
}

/* While a large spec is read, by one thread, another one can look at the files that are there. */
static void look_at_earlier(struct build *b)
{
	const char *path = b->in.paths.v[0];
	struct fs_stamp spec;

	if (b->threads > 1 && fs_stamp(path, &spec) && spec.size >= LARGE_SPEC)
		b->earlier = earlier_start(out_dir(b, &b->a, path));
}

static void build_all(struct build *b)
{
	struct pool p = { .n = b->in.paths.n, .ctx = b, .work = work, .take = take };
	struct sums *sums = NULL;
	struct meeting meeting;
	struct worker *w;
	struct result *r;

	/* Jansson makes the seed of its tables on first use: here, before there are threads */
	json_object_seed(1);
	p.n_workers = count_workers(b);
	b->threads = p.n_workers > 1 ? 1 : b->o->jobs ? b->o->jobs : pool_processors();
	p.n_results = p.n_workers > 1 ? (size_t)p.n_workers * RUN_AHEAD : 1;
	p.workers = NEW(&b->a, void *, p.n_workers);
	p.results = NEW(&b->a, void *, p.n_results);
	if (p.n_workers == 1)
		sums = sums_open(); /* with several specs at once every processor is busy without */
	for (unsigned i = 0; i < p.n_workers; i++) {
		p.workers[i] = w = NEW(&b->a, struct worker, 1);
		session_init(&w->s);
		w->memory.sums = sums;
	}
	for (size_t i = 0; i < p.n_results; i++) {
		p.results[i] = r = NEW(&b->a, struct result, 1);
		arena_init(&r->a, 0);
	}
	meeting_init(&meeting, p.n);
	b->meeting = p.n > 1 ? &meeting : NULL;
	if (p.n == 1)
		look_at_earlier(b);
	pool_run(&p);
	earlier_release(b->earlier);
	meeting_release(&meeting);
	if (sums)
		sums_close(sums); /* it reads what the sessions own */
	for (unsigned i = 0; i < p.n_workers; i++) {
		w = p.workers[i];
		plan_memory_release(&w->memory);
		session_release(&w->s);
	}
	for (size_t i = 0; i < p.n_results; i++) {
		r = p.results[i];
		arena_release(&r->a);
		buf_release(&r->err);
		buf_release(&r->blocked);
		buf_release(&r->broken);
		buf_release(&r->after);
		buf_release(&r->out);
	}
}

/* Finds the specs and what holds for them: before there are threads. */
static void find_inputs(struct build *b)
{
	inputs_find(&b->in, &b->a, b->o->args.v, b->o->args.n);
	if (b->in.failed)
		b->code = EXIT_SYSTEM;
	b->settings = NEW(&b->a, const struct settings *, b->in.paths.n + 1);
	b->names = NEW(&b->a, struct lab_name, b->in.paths.n + 1);
	search_init(&b->search, b->o);
	for (size_t i = 0; i < b->in.paths.n; i++)
		b->settings[i] = search_for(&b->search, b->in.paths.v[i]);
	search_report(&b->search);
	if (b->search.failed)
		b->code = EXIT_SYSTEM;
	else if (search_errors(&b->search) && b->code == EXIT_CLEAN)
		b->code = EXIT_FINDINGS;
	b->hopeless = b->code != EXIT_CLEAN;
}

enum exit_code cmd_build(const struct opts *o)
{
	struct build b = { .o = o, .code = EXIT_CLEAN };
	enum exit_code code;

	if (o->templates && !fs_is_dir(o->templates)) {
		fprintf(stderr, "labc: --templates: there is no folder '%s'\n", o->templates);
		return EXIT_SYSTEM;
	}
	arena_init(&b.a, 0);
	b.stage.a = &b.a;
	pthread_mutex_init(&b.lock, NULL);
	template_dir_init(&b.own, &b.a, o->templates);
	find_inputs(&b);
	build_all(&b);
	code = finish(&b);
	if (code != EXIT_CLEAN) /* nothing any more when it was committed */
		stage_drop(&b.stage);
	buf_release(&b.blocked);
	buf_release(&b.broken);
	buf_release(&b.after);
	buf_release(&b.out);
	search_release(&b.search);
	pthread_mutex_destroy(&b.lock);
	arena_release(&b.a);
	return code;
}
