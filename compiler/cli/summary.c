#include "cli/summary.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "diag/report.h"
#include "rules/config.h"

enum { MAX_WHERE = 3 };

void summary_reset(struct summary *n)
{
	struct buf where = n->where;

	where.n = 0;
	*n = (struct summary){ .where = where };
}

void summary_release(struct summary *n)
{
	buf_release(&n->where);
	buf_release(&n->off_where);
}

static void count_ignored(struct summary *n, const struct diags *d, const struct diag *g)
{
	n->ignored++;
	if (n->n_where == MAX_WHERE)
		return;
	if (n->n_where++)
		buf_str(&n->where, ", ");
	buf_fmt(&n->where, "%s at ", g->info->code);
	report_escape(&n->where, sources_get(d->sources, g->at.src)->name);
	buf_fmt(&n->where, ":%u", source_pos(d->sources, g->at.src, g->at.off).line);
}

void summary_count(struct summary *n, const struct diags *d, bool fail_on_error)
{
	n->specs++;
	n->with_findings += d->n_errors + d->n_warnings > 0;
	n->failing += d->n_errors || (d->n_warnings && !fail_on_error);
	n->errors += d->n_errors - d->hidden[SEV_ERROR];
	n->warnings += d->n_warnings - d->hidden[SEV_WARNING];
	n->notes += d->n_notes - d->hidden[SEV_NOTE];
	for (size_t i = 0; i < d->v.n; i++) {
		const struct diag *g = d->v.v[i];

		if (g->suppressed)
			count_ignored(n, d, g);
		else if (g->edits && g->severity != SEV_NOTE)
			*(g->fix_is_safe ? &n->fixable : &n->fixable_unsafe) += 1;
	}
}

static void count_off(struct summary *n, const struct settings *s, bool *seen)
{
	for (uint32_t i = 0; i < s->n_rules; i++) {
		const struct setting *set = &s->rules[i];
		const struct config_entry *e = set->entry;

		if (!set->is_set || set->level != CONFIG_OFF || set->from == FROM_SELECT || seen[i])
			continue;
		seen[i] = true;
		if (n->off++ >= MAX_WHERE)
			continue;
		buf_fmt(&n->off_where, "%s%s ", n->off > 1 ? ", " : "", settings_row(s, i)->code);
		if (set->from == FROM_IGNORE) {
			buf_str(&n->off_where, "by --ignore");
			continue;
		}
		buf_str(&n->off_where, "at ");
		report_escape(&n->off_where, e->file->path);
		buf_fmt(&n->off_where, ":%u",
			source_pos((struct sources *)(uintptr_t)&e->file->sources, e->at.src, e->at.off).line);
	}
}

void summary_count_off(struct summary *n, const struct configs *c)
{
	uint32_t rules = 0;
	bool *seen;

	for (size_t i = 0; i < c->settings.n; i++) {
		const struct settings *s = c->settings.v[i].value;

		rules = s->n_rules > rules ? s->n_rules : rules;
	}
	seen = xmalloc(rules + 1);
	memset(seen, 0, rules + 1);
	for (size_t i = 0; i < c->settings.n; i++)
		count_off(n, c->settings.v[i].value, seen);
	free(seen);
}

void summary_add(struct summary *t, const struct summary *n)
{
	t->specs += n->specs;
	t->with_findings += n->with_findings;
	t->failing += n->failing;
	t->errors += n->errors;
	t->warnings += n->warnings;
	t->notes += n->notes;
	t->ignored += n->ignored;
	t->fixable += n->fixable;
	t->fixable_unsafe += n->fixable_unsafe;
	t->fixed += n->fixed;
	t->fixed_files += n->fixed_files;
	if (n->n_where == 0 || t->n_where >= MAX_WHERE)
		return;
	if (t->n_where)
		buf_str(&t->where, ", ");
	buf_sv(&t->where, buf_view(&n->where));
	t->n_where += n->n_where;
}

static void put_found(struct buf *b, const struct summary *n, bool fixed)
{
	if (n->errors + n->warnings == 0) {
		cli_count(b, n->specs, "spec");
		buf_str(b, fixed ? ", no findings left" : ", no findings");
		return;
	}
	if (n->errors)
		cli_count(b, n->errors, "error");
	if (n->errors && n->warnings)
		buf_str(b, ", ");
	if (n->warnings)
		cli_count(b, n->warnings, "warning");
	if (fixed)
		buf_str(b, " left");
	if (n->specs > 1 && n->with_findings) {
		buf_fmt(b, " in %llu of ", (unsigned long long)n->with_findings);
		cli_count(b, n->specs, "spec");
	}
	if (n->config_findings)
		buf_str(b, n->specs > 1 && n->with_findings ? " and in the configuration"
			   : n->with_findings	 ? ", some in the configuration"
							 : " in the configuration");
}

static void put_fixable(struct buf *b, const struct summary *n)
{
	if (n->fixable)
		buf_fmt(b, "; %llu with a safe repair (--fix)", (unsigned long long)n->fixable);
	if (n->fixable_unsafe)
		buf_fmt(b, "; %llu with a likely one (--fix --unsafe-fixes)", (unsigned long long)n->fixable_unsafe);
}

/* Repairs that were there to choose and did more harm than good. */
static void put_left_out(struct buf *b, const struct summary *n, const struct opts *o)
{
	uint64_t left = n->fixable + (o->unsafe_fixes ? n->fixable_unsafe : 0);

	/* with --diff they are counted before anything is repaired */
	if (o->diff)
		left = left > n->fixed ? left - n->fixed : 0;
	if (left == 0)
		return;
	buf_str(b, "; ");
	cli_count(b, left, "repair");
	buf_str(b, left == 1 ? " left out: it would bring new findings" : " left out: they would bring new findings");
}

void summary_print(const struct summary *n, const struct opts *o)
{
	struct buf b = { 0 };

	if (o->fix || o->diff) {
		buf_str(&b, o->diff ? "would repair " : "repaired ");
		cli_count(&b, n->fixed, "finding");
		if (n->fixed) {
			buf_str(&b, " in ");
			cli_count(&b, n->fixed_files, "file");
		}
		buf_str(&b, "; ");
	}
	put_found(&b, n, o->fix && !o->diff);
	if (n->notes) {
		buf_str(&b, "; ");
		cli_count(&b, n->notes, "note");
		if (!o->notes)
			buf_str(&b, n->notes == 1 ? " (--notes shows it)" : " (--notes shows them)");
	}
	if (n->ignored) {
		buf_str(&b, "; ");
		buf_u64(&b, n->ignored);
		buf_str(&b, " ignored by comments (");
		buf_sv(&b, buf_view(&n->where));
		buf_str(&b, n->ignored > n->n_where || n->n_where > MAX_WHERE ? ", ...)" : ")");
	}
	if (n->off) {
		buf_str(&b, "; ");
		cli_count(&b, n->off, "rule");
		buf_str(&b, " switched off (");
		buf_sv(&b, buf_view(&n->off_where));
		buf_str(&b, n->off > MAX_WHERE ? ", ...)" : ")");
	}
	if (o->fix || o->diff)
		put_left_out(&b, n, o);
	else
		put_fixable(&b, n);
	buf_ch(&b, '\n');
	cli_flush(STDERR_FILENO, &b);
	buf_release(&b);
}
