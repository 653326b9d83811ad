#include "trial.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "diag/report.h"
#include "rules/registry.h"
#include "schema/decode.h"

enum { HANG_SECONDS = 20 };

static char current[512];

static void name_the_case(int sig)
{
	static const char hang[] = "mutate: no end after 20 seconds: ", crash[] = "mutate: crash: ";

	if (sig == SIGALRM)
		(void)!write(STDERR_FILENO, hang, sizeof(hang) - 1);
	else
		(void)!write(STDERR_FILENO, crash, sizeof(crash) - 1);
	(void)!write(STDERR_FILENO, current, strlen(current));
	(void)!write(STDERR_FILENO, "\n", 1);
	_exit(1);
}

void trial_watch(void)
{
	static const int signals[] = { SIGALRM, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct sigaction old, act = { .sa_handler = name_the_case };

		/* a sanitizer that handles it already says more */
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(signals[i], &act, NULL);
	}
}

void trial_init(struct trial *t)
{
	*t = (struct trial){ 0 };
	arena_init(&t->a, 0);
	t->patterns = patterns_new();
}

void trial_release(struct trial *t)
{
	arena_release(&t->a);
	patterns_free(t->patterns);
}

static bool is_known(void *ctx, struct sv code)
{
	(void)ctx;
	return registry_find(code) != NULL;
}

static const char *nearest(void *ctx, struct sv code)
{
	(void)ctx;
	return registry_near(code);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool span_is_inside(struct sources *s, struct span at)
{
	size_t size;
	struct pos pos;

	if (at.src >= s->n)
		return false;
	size = sources_get(s, at.src)->text.n;
	if (at.off > size || at.len > size - at.off)
		return false;
	pos = source_pos(s, at.src, at.off);
	return pos.line >= 1 && pos.line <= source_line_count(s, at.src) && pos.col >= 1 && pos.col <= size + 1;
}

static bool is_inside(struct trial *t, const struct diag *g)
{
	if (!span_is_inside(&t->sources, g->at))
		return false;
	for (const struct diag_label *l = g->labels; l; l = l->next)
		if (!span_is_inside(&t->sources, l->at))
			return false;
	for (const struct diag_edit *e = g->edits; e; e = e->next)
		if (!span_is_inside(&t->sources, e->at))
			return false;
	return true;
}

static void find_all(struct trial *t, struct sv text)
{
	struct spec_opts so = { .patterns = t->patterns };
	uint32_t src = sources_add(&t->sources, SV("lab.yaml"), text);

	t->has_tree = ydoc_parse(&t->doc, &t->a, &t->diags, src, NULL);
	if (t->has_tree && spec_decode(&t->spec, &t->doc, &so)) {
		lab_lower(&t->lab, &t->spec);
		rules_run(&t->lab);
	}
	ydoc_apply_ignores(&t->doc, &t->diags, is_known, nearest, NULL);
	diags_finish(&t->diags);
}

bool trial_run(struct trial *t, struct sv text, const char *what)
{
	struct buf out = { 0 };
	double start;

	snprintf(current, sizeof(current), "%s", what);
	alarm(HANG_SECONDS);
	arena_reset(&t->a);
	sources_init(&t->sources, &t->a);
	diags_init(&t->diags, &t->a, &t->sources);
	start = now();
	find_all(t, text);
	report_text(&out, &t->diags, &(struct report_opts){ .notes = true });
	t->seconds = now() - start;
	alarm(0);
	buf_release(&out);
	for (size_t i = 0; i < t->diags.v.n; i++)
		if (!is_inside(t, t->diags.v.v[i])) {
			printf("FAILED %s: %s points outside the text\n", what, t->diags.v.v[i]->info->code);
			return false;
		}
	return true;
}
