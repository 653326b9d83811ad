/* Shared by the tests of model and rules: a spec in a string, lowered and checked. */
#ifndef LABC_TESTS_LAB_HELP_H
#define LABC_TESTS_LAB_HELP_H

#include <check.h>

#include "base/buf.h"
#include "diag/report.h"
#include "model/lab.h"
#include "rules/registry.h"
#include "rules/rule.h"
#include "schema/decode.h"
#include "yaml/ydoc.h"

struct lab_run {
	struct arena arena;
	struct sources sources;
	struct diags diags;
	struct ydoc doc;
	struct spec spec;
	struct lab lab;
	bool lowered;
};

static inline bool lab_run_known(void *ctx, struct sv code)
{
	(void)ctx;
	return registry_find(code) != NULL;
}

/* All rules but one. */
static inline void lab_run_rules(const struct lab *lab, const struct rule *without)
{
	struct rule_ctx cx = { .lab = lab, .s = lab->spec, .d = lab->diags, .a = lab->a };

	for (size_t t = 0; t < rule_tables_count; t++)
		for (size_t k = 0; k < rule_tables[t]->n; k++)
			if (&rule_tables[t]->rules[k] != without) {
				rule_begin(&cx, &rule_tables[t]->rules[k]);
				cx.rule->check(&cx, lab);
			}
}

/* Reads and lowers a text for `target` (TARGET_COUNT: its own) and checks all rules but one. */
static inline void lab_run_all(struct lab_run *r, const char *text, const struct rule *without, enum target target)
{
	uint32_t src;

	*r = (struct lab_run){ .lowered = false };
	arena_init(&r->arena, 0);
	sources_init(&r->sources, &r->arena);
	diags_init(&r->diags, &r->arena, &r->sources);
	src = sources_add(&r->sources, SV("lab.yaml"), sv_from(text));
	if (ydoc_parse(&r->doc, &r->arena, &r->diags, src, NULL)) {
		if (spec_decode(&r->spec, &r->doc, NULL)) {
			r->spec.has_build_target = target != TARGET_COUNT;
			if (r->spec.has_build_target)
				r->spec.build_target = target;
			lab_lower(&r->lab, &r->spec);
			if (without)
				lab_run_rules(&r->lab, without);
			else
				rules_run(&r->lab);
			r->lowered = true;
		}
		ydoc_apply_ignores(&r->doc, &r->diags, lab_run_known, NULL, NULL);
	}
	diags_finish(&r->diags);
}

/* With one rule's check left out; NULL: with all. */
static inline void lab_run_begin_without(struct lab_run *r, const char *text, const struct rule *without)
{
	lab_run_all(r, text, without, TARGET_COUNT);
}

/* As with `--target`. */
static inline void lab_run_target(struct lab_run *r, enum target target, const char *text)
{
	lab_run_all(r, text, NULL, target);
}

/* Reads, lowers and checks a text; lab_run_end() gives everything back. */
static inline void lab_run_begin(struct lab_run *r, const char *text) { lab_run_begin_without(r, text, NULL); }

static inline void lab_run_end(struct lab_run *r) { arena_release(&r->arena); }

/* Findings of that code; all of at least that severity when code is NULL. */
static inline unsigned lab_run_count(const struct lab_run *r, const char *code, enum severity least)
{
	unsigned n = 0;

	for (size_t i = 0; i < r->diags.v.n; i++) {
		const struct diag *d = r->diags.v.v[i];

		n += !d->suppressed &&
		     (code ? sv_eq(sv_from(d->info->code), sv_from(code)) : d->severity >= least);
	}
	return n;
}

/* The report, for messages of failed tests; it lives as long as the run. */
static inline const char *lab_run_report(struct lab_run *r)
{
	struct buf b = { 0 };
	struct report_opts o = { .notes = true };
	const char *text;

	report_text(&b, &r->diags, &o);
	buf_ch(&b, '\0');
	text = buf_take(&b, &r->arena).p;
	buf_release(&b);
	return text;
}

static inline const struct lab_guest *lab_run_guest(const struct lab_run *r, uint32_t host, const char *name)
{
	ck_assert(r->lowered && host < r->lab.n_hosts);
	return map_get(&r->lab.hosts[host].by_guest, sv_from(name));
}

#endif
