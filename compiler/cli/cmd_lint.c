#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/load.h"

struct totals {
	uint64_t specs, with_findings, errors, warnings, notes;
};

static void add(struct totals *t, const struct session *s)
{
	t->specs++;
	t->with_findings += s->diags.n_errors + s->diags.n_warnings > 0;
	t->errors += s->diags.n_errors;
	t->warnings += s->diags.n_warnings;
	t->notes += s->diags.n_notes;
}

static void summary(const struct totals *t, const struct opts *o)
{
	struct buf b = { 0 };

	if (t->errors + t->warnings == 0) {
		cli_count(&b, t->specs, "spec");
		buf_str(&b, ", no findings");
	} else {
		if (t->errors)
			cli_count(&b, t->errors, "error");
		if (t->errors && t->warnings)
			buf_str(&b, ", ");
		if (t->warnings)
			cli_count(&b, t->warnings, "warning");
		if (t->specs > 1) {
			buf_fmt(&b, " in %llu of ", (unsigned long long)t->with_findings);
			cli_count(&b, t->specs, "spec");
		}
	}
	if (t->notes) {
		buf_str(&b, "; ");
		cli_count(&b, t->notes, "note");
		if (!o->notes)
			buf_str(&b, t->notes == 1 ? " (--notes shows it)" : " (--notes shows them)");
	}
	buf_ch(&b, '\n');
	cli_flush(STDERR_FILENO, &b);
	buf_release(&b);
}

enum exit_code cmd_lint(const struct opts *o)
{
	struct totals t = { 0 };
	struct session s;
	struct inputs in;
	struct arena a;
	struct buf out = { 0 };
	bool color = cli_has_color(o, STDOUT_FILENO), failed;

	arena_init(&a, 0);
	inputs_find(&in, &a, o->args.v, o->args.n);
	failed = in.failed;
	session_init(&s);
	for (size_t i = 0; i < in.paths.n; i++) {
		if (!session_load(&s, in.paths.v[i], o)) {
			failed = true;
			continue;
		}
		if (t.errors + t.warnings && s.diags.n_errors + s.diags.n_warnings && o->format == FORMAT_TEXT)
			buf_ch(&out, '\n');
		session_report(&s, &out, o, color);
		add(&t, &s);
		if (out.n > 64 * 1024 || i + 1 == in.paths.n)
			if (!cli_flush(STDOUT_FILENO, &out)) {
				fputs("labc: cannot write to standard output\n", stderr);
				failed = true;
				break;
			}
	}
	if (!o->quiet && t.specs)
		summary(&t, o);
	session_release(&s);
	arena_release(&a);
	buf_release(&out);
	if (failed)
		return EXIT_SYSTEM;
	return t.errors || (t.warnings && o->fail_on == FAIL_ON_WARNING) ? EXIT_FINDINGS : EXIT_CLEAN;
}
