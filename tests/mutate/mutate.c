/* Mutation tests of the front end, in one process.
 *
 *   mutate [--full] [--stride N] [--limit-ms N] [--exceptions FILE] [--list] [--no-examples] FILE...
 *
 * Every FILE is cut at every N-th byte and has every N-th byte changed (0: not at all): nothing crashes, every
 * position lies in the text, no run takes over the limit. Files called lab.yaml are examples besides: every line
 * and scalar of theirs is deleted, doubled and given another type, which must give at most three findings, and one
 * on or next to the change when the result has an error. What does not is in the list of exceptions, with a
 * reason, or fails. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "edits.h"

enum { MAX_FINDINGS = 3, MAX_EXCEPTIONS = 64 };

struct exception {
	bool many; /* else: misplaced */
	struct sv code;
	uint64_t used;
};

struct counters {
	uint64_t runs, changes, clean, many, far, wrong, excused, outside, slow, files;
	uint64_t findings[MAX_FINDINGS + 2];
	double slowest;
	char slowest_name[256];
};

struct test {
	struct trial t;
	struct arena a; /* what lives as long as the program */
	struct counters n;
	struct exception exceptions[MAX_EXCEPTIONS];
	size_t n_exceptions;
	double limit;
	uint64_t stride;
	bool full, list, examples;
};

/* --- one run --- */

static void note_time(struct test *m, struct sv text, const char *what)
{
	/* the machine may have been busy: a run counts by the best of three */
	double best = m->t.seconds;

	for (int i = 0; i < 2 && m->limit > 0 && best > m->limit; i++) {
		trial_run(&m->t, text, what);
		if (m->t.seconds < best)
			best = m->t.seconds;
	}
	if (m->limit > 0 && best > m->limit) {
		printf("FAILED %s: %.0f ms\n", what, best * 1e3);
		m->n.slow++;
	}
	if (best > m->n.slowest) {
		m->n.slowest = best;
		snprintf(m->n.slowest_name, sizeof(m->n.slowest_name), "%s", what);
	}
}

/* An own copy of the text that ends where its memory ends, so that reading on is found. */
static char *run(struct test *m, struct sv text, const char *what)
{
	char *copy = malloc(text.n ? text.n : 1);

	if (!copy)
		exit(3);
	memcpy(copy, text.p, text.n);
	m->n.runs++;
	if (!trial_run(&m->t, (struct sv){ copy, text.n }, what))
		m->n.outside++;
	note_time(m, (struct sv){ copy, text.n }, what);
	return copy;
}

/* --- every byte --- */

static const char special[] = "\t\n\r\":#{}[]'*&!|>-? %@`,\\\0\xff\xe2";
enum { N_SPECIAL = sizeof(special) - 1, N_CHANGES = 2 + N_SPECIAL, LARGE = 4096 };

/* The k-th thing that may become of a byte. */
static char changed(char c, size_t k)
{
	return (char)(k == 0 ? c ^ 0x01 : k == 1 ? c ^ 0x80 : special[k - 2]);
}

static void change_byte(struct test *m, char *copy, struct sv text, size_t i, size_t k, const char *path)
{
	char what[300], c = changed(text.p[i], k);

	if (c == text.p[i])
		return;
	copy[i] = c;
	snprintf(what, sizeof(what), "%s: byte %zu is 0x%02x", path, i, (unsigned char)c);
	free(run(m, (struct sv){ copy, text.n }, what));
	copy[i] = text.p[i];
}

/* Cuts at every byte and flips every byte; every fourth byte becomes something else besides, each time the next of
 * the list, with --full every byte everything. Of large files an eighth must do without --full. */
static void sweep(struct test *m, struct sv text, const char *path)
{
	size_t stride = m->full || text.n < LARGE ? m->stride : m->stride * 8;
	size_t phase = sv_hash(sv_from(path)) % stride, nth = 0;
	char *copy = malloc(text.n + 1), what[300];

	if (!copy)
		exit(3);
	memcpy(copy, text.p, text.n);
	for (size_t i = phase; i <= text.n; i += stride, nth++) {
		snprintf(what, sizeof(what), "%s: cut at byte %zu", path, i);
		free(run(m, sv_sub(text, 0, i), what));
		if (i == text.n)
			break;
		change_byte(m, copy, text, i, 0, path);
		for (size_t k = 1; k < N_CHANGES; k++)
			if (m->full || (nth % 4 == 0 && k == 1 + (nth / 4 + phase) % (N_CHANGES - 1)))
				change_byte(m, copy, text, i, k, path);
	}
	free(copy);
	m->n.files++;
}

/* --- every line and scalar of an example --- */

static struct sv field(struct sv *line)
{
	ptrdiff_t bar = sv_find(*line, '|');
	struct sv f = bar < 0 ? *line : sv_sub(*line, 0, (size_t)bar);

	*line = bar < 0 ? (struct sv){ "", 0 } : sv_sub(*line, (size_t)bar + 1, line->n);
	return sv_trim(f);
}

static void read_exceptions(struct test *m, const char *path)
{
	struct sv text;

	if (fs_read(&m->a, path, 1 << 20, &text) != 0) {
		fprintf(stderr, "mutate: cannot read '%s'\n", path);
		exit(2);
	}
	while (text.n) {
		ptrdiff_t end = sv_find(text, '\n');
		struct sv line = end < 0 ? text : sv_sub(text, 0, (size_t)end);
		struct exception *x = &m->exceptions[m->n_exceptions];

		text = end < 0 ? (struct sv){ "", 0 } : sv_sub(text, (size_t)end + 1, text.n);
		line = sv_trim(line);
		if (!line.n || line.p[0] == '#')
			continue;
		x->many = sv_eq(field(&line), SV("many"));
		x->code = field(&line);
		if (!sv_trim(line).n || ++m->n_exceptions == MAX_EXCEPTIONS) {
			fprintf(stderr, "mutate: an exception without a reason, or too many of them\n");
			exit(2);
		}
	}
}

static struct exception *find_exception(struct test *m, bool many, const char *code)
{
	for (size_t i = 0; i < m->n_exceptions; i++)
		if (m->exceptions[i].many == many && sv_eq(m->exceptions[i].code, sv_from(code)))
			return &m->exceptions[i];
	return NULL;
}

/* Too many findings are excused by one listed finding among them, misplaced ones when all errors are listed. */
static bool is_excused(struct test *m, bool many)
{
	struct exception *needed[MAX_EXCEPTIONS];
	size_t n = 0;

	for (size_t i = 0; i < m->t.diags.v.n; i++) {
		const struct diag *g = m->t.diags.v.v[i];
		struct exception *x;

		if (g->suppressed || g->severity != SEV_ERROR)
			continue;
		x = find_exception(m, many, g->info->code);
		if (!x && !many)
			return false;
		if (x && n < MAX_EXCEPTIONS)
			needed[n++] = x;
	}
	for (size_t i = 0; i < n; i++)
		needed[i]->used++;
	return n > 0;
}

static bool counts(const struct diag *g)
{
	return !g->suppressed && g->severity != SEV_NOTE;
}

/* The name that a finding about an unknown name speaks of, the last '...' of its message; else empty. */
static struct sv unknown_name(const struct diag *g)
{
	size_t end = g->msg.n, start;

	if (!counts(g) || !strstr(g->info->name, "unknown") || strstr(g->info->name, "field"))
		return SV("");
	while (end && g->msg.p[end - 1] != '\'')
		end--;
	for (start = end ? end - 1 : 0; start && g->msg.p[start - 1] != '\'';)
		start--;
	return end ? sv_sub(g->msg, start, end - 1 - start) : SV("");
}

/* Findings; references to one unknown name are one. */
static size_t count_findings(const struct diags *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->v.n; i++) {
		struct sv name = unknown_name(d->v.v[i]);
		bool again = !counts(d->v.v[i]);

		for (size_t k = 0; k < i && name.n && !again; k++)
			again = sv_eq(unknown_name(d->v.v[k]), name);
		n += !again;
	}
	return n;
}

static bool is_blank_line(struct sources *s, uint32_t src, uint32_t line)
{
	struct sv t = sv_trim(source_line(s, src, line));

	return t.n == 0 || t.p[0] == '#';
}

/* An error whose place is on a changed line or the nearest line with content before or behind; of a deleted line
 * only its neighbours are left. */
static bool is_near(struct trial *t, uint32_t off, uint32_t len, bool deleted)
{
	uint32_t lo = source_pos(&t->sources, 0, off).line, hi = source_pos(&t->sources, 0, off + len).line;
	uint32_t n = source_line_count(&t->sources, 0);

	lo = lo > 1 ? lo - 1 : 1;
	while (lo > 1 && is_blank_line(&t->sources, 0, lo))
		lo--;
	hi += !deleted || is_blank_line(&t->sources, 0, hi);
	while (hi < n && is_blank_line(&t->sources, 0, hi))
		hi++;
	for (size_t i = 0; i < t->diags.v.n; i++) {
		const struct diag *g = t->diags.v.v[i];
		uint32_t line = source_pos(&t->sources, g->at.src, g->at.off).line;

		if (counts(g) && g->severity == SEV_ERROR && line >= lo && line <= hi)
			return true;
	}
	return false;
}

static void show(struct test *m, const char *path, const struct edit *e, struct sv line, const char *verdict)
{
	printf("%s %s:%" PRIu32 ": %s | " SV_FMT " | " SV_FMT "\n", verdict, path, e->line, e->name, SV_ARG(sv_trim(line)),
	       SV_ARG(e->by));
	for (size_t i = 0; i < m->t.diags.v.n; i++) {
		const struct diag *g = m->t.diags.v.v[i];
		struct pos pos = source_pos(&m->t.sources, g->at.src, g->at.off);

		if (counts(g))
			printf("    %" PRIu32 ":%" PRIu32 ": %s[%s]: " SV_FMT "\n", pos.line, pos.col,
			       severity_name(g->severity), g->info->code, SV_ARG(g->msg));
	}
}

static void judge(struct test *m, const char *path, const struct edit *e, struct sv line)
{
	size_t n = count_findings(&m->t.diags);
	bool many = n > MAX_FINDINGS, deleted = sv_eq(sv_from(e->name), SV("line deleted"));
	bool far = m->t.diags.n_errors > 0 && !is_near(&m->t, e->at.off, (uint32_t)e->by.n, deleted);

	m->n.changes++;
	m->n.findings[n > MAX_FINDINGS ? MAX_FINDINGS + 1 : n]++;
	m->n.many += many;
	m->n.far += far;
	if (!many && !far)
		return;
	if ((!many || is_excused(m, true)) && (!far || is_excused(m, false))) {
		m->n.excused++;
		if (m->list)
			show(m, path, e, line, "excused");
		return;
	}
	m->n.wrong++;
	show(m, path, e, line, many && far ? "FAILED many, far" : many ? "FAILED many" : "FAILED far");
}

static void mutate(struct test *m, struct sv text, const char *path)
{
	struct trial original;
	struct edits edits;
	struct buf b = { 0 };

	trial_init(&original);
	if (!trial_run(&original, text, path) || count_findings(&original.diags) != 0) {
		printf("FAILED %s: has findings as it is\n", path);
		m->n.outside++;
	}
	edits_collect(&edits, &m->a, &original.doc);
	for (size_t i = 0; i < edits.v.n; i++) {
		const struct edit *e = &edits.v.v[i];
		char what[300], *copy;

		snprintf(what, sizeof(what), "%s:%" PRIu32 ": %s", path, e->line, e->name);
		b.n = 0;
		buf_sv(&b, sv_sub(text, 0, e->at.off));
		buf_sv(&b, e->by);
		buf_sv(&b, sv_sub(text, e->at.off + e->at.len, text.n));
		copy = run(m, buf_view(&b), what);
		judge(m, path, e, source_line(&original.sources, 0, e->line));
		free(copy);
	}
	buf_release(&b);
	trial_release(&original);
}

/* --- all --- */

static void test_file(struct test *m, const char *path)
{
	struct sv text;

	if (fs_read(&m->a, path, YDOC_MAX_BYTES, &text) != 0) {
		fprintf(stderr, "mutate: cannot read '%s'\n", path);
		exit(2);
	}
	if (m->examples && sv_eq(fs_basename(path), SV("lab.yaml")))
		mutate(m, text, path);
	if (m->stride)
		sweep(m, text, path);
}

static int report(const struct test *m)
{
	const struct counters *n = &m->n;
	uint64_t failed = n->outside + n->slow + n->wrong, odd = 0;

	for (size_t i = 0; i < m->n_exceptions && n->changes; i++) {
		const struct exception *x = &m->exceptions[i];

		printf("%s %s " SV_FMT ": %" PRIu64 "\n", x->used ? "excused:" : "FAILED an exception that nothing needs:",
		       x->many ? "many" : "far", SV_ARG(x->code), x->used);
		odd += !x->used;
	}
	if (n->changes) {
		printf("figure: mutate: %" PRIu64 " changes to examples; findings 0: %" PRIu64 ", 1: %" PRIu64 ", 2: %" PRIu64
		       ", 3: %" PRIu64 ", more: %" PRIu64 "; misplaced %" PRIu64 "; exceptions %" PRIu64 " (%.2f %%)\n",
		       n->changes, n->findings[0], n->findings[1], n->findings[2], n->findings[3], n->many, n->far, n->excused,
		       100.0 * (double)n->excused / (double)n->changes);
		failed += odd;
		if (n->excused * 50 > n->changes) {
			printf("FAILED more than 2 %% exceptions\n");
			failed++;
		}
	}
	if (n->files)
		printf("figure: mutate: %" PRIu64 " files cut and changed at one byte of %" PRIu64 ", %" PRIu64
		       " texts; slowest %.1f ms (%s)\n",
		       n->files, m->stride, n->runs - n->changes, n->slowest * 1e3, n->slowest_name);
	printf("mutate: %" PRIu64 " passed, %" PRIu64 " failed, 0 skipped\n", n->runs - failed, failed);
	return failed != 0;
}

int main(int argc, char **argv)
{
	static struct test m = { .stride = 1, .examples = true };
	int i = 1, status;

	arena_init(&m.a, 0);
	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "0";

		if (strcmp(argv[i], "--full") == 0)
			m.full = true;
		else if (strcmp(argv[i], "--list") == 0)
			m.list = true;
		else if (strcmp(argv[i], "--no-examples") == 0)
			m.examples = false;
		else if (strcmp(argv[i], "--stride") == 0)
			m.stride = strtoul(value, NULL, 10), i++;
		else if (strcmp(argv[i], "--limit-ms") == 0)
			m.limit = strtod(value, NULL) / 1e3, i++;
		else if (strcmp(argv[i], "--exceptions") == 0)
			read_exceptions(&m, value), i++;
		else
			return fprintf(stderr, "mutate: no option '%s'\n", argv[i]), 2;
	}
	trial_watch();
	trial_init(&m.t);
	for (; i < argc; i++)
		test_file(&m, argv[i]);
	status = report(&m);
	trial_release(&m.t);
	arena_release(&m.a);
	return status;
}
