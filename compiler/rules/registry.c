#include "rules/registry.h"

#include <stdlib.h>

#include "base/bug.h"
#include "ctemplate/ctemplate.h"
#include "rules/policy.h"
#include "rules/rule.h"
#include "schema/codes.h"
#include "yaml/ydoc.h"

const struct rule_table *const rule_tables[] = {
	&host_rules,   &capacity_rules, &memory_rules,  &disk_rules,      &os_rules,         &guest_rules,
	&image_rules,  &network_rules,  &address_rules, &mapping_rules,   &connection_rules, &identity_rules,
	&secret_rules, &schedule_rules, &target_rules,  &azure_rules,     &migrate_rules,        &operation_rules,  &cost_rules,
	&notyet_rules, &start_rules,    &provision_rules, &across_rules,  &import_rules,
};
const size_t rule_tables_count = COUNTOF(rule_tables);

/* --- running --- */

static size_t slot_of(const struct rule_ctx *cx, uint64_t key)
{
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15ull) >> 20) & (cx->n_slots - 1);

	while (cx->seen[i] && cx->seen[i] != key + 1)
		i = (i + 1) & (cx->n_slots - 1);
	return i;
}

/* Whether this rule reports a place for the first time. */
static bool first_time(struct rule_ctx *cx, struct span at)
{
	uint64_t key = (uint64_t)at.src << 32 | at.off;
	size_t i;

	if (cx->n_seen * 2 >= cx->n_slots) {
		uint64_t *old = cx->seen;
		size_t n = cx->n_slots;

		cx->n_slots = n ? n * 4 : 64;
		cx->seen = NEW(cx->a, uint64_t, cx->n_slots);
		for (size_t k = 0; k < n; k++)
			if (old[k])
				cx->seen[slot_of(cx, old[k] - 1)] = old[k];
	}
	i = slot_of(cx, key);
	if (cx->seen[i])
		return false;
	cx->seen[i] = key + 1;
	cx->n_seen++;
	return true;
}

void rule_skip(struct rule_ctx *cx, struct span at) { first_time(cx, at); }

struct diag *rule_report(struct rule_ctx *cx, struct span at, const char *fmt, ...)
{
	va_list ap;
	struct diag *g;

	if (!first_time(cx, at)) {
		cx->scratch = (struct diag){ .info = &cx->rule->info, .at = at };
		return &cx->scratch;
	}
	va_start(ap, fmt);
	g = diag_vat(cx->d, &cx->rule->info, at, fmt, ap);
	va_end(ap);
	return g;
}

void rule_label(struct rule_ctx *cx, struct diag *g, struct meta m, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	if (!meta_written(m) || g == &cx->scratch)
		return;
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	diag_label(cx->d, g, spec_span(cx->s, m), SV_FMT, SV_ARG(buf_view(&b)));
	buf_release(&b);
}

void rule_fix(struct rule_ctx *cx, struct diag *g, struct meta m, const char *text, bool safe)
{
	if (meta_written(m) && g != &cx->scratch)
		diag_edit(cx->d, g, spec_span(cx->s, m), sv_from(text), safe);
}

void rule_begin(struct rule_ctx *cx, const struct rule *rule)
{
	cx->rule = rule;
	cx->seen = NULL;
	cx->n_seen = cx->n_slots = 0;
}

static void run_table(struct rule_ctx *cx, const struct rule_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		rule_begin(cx, &t->rules[i]);
		cx->rule->check(cx, cx->lab);
	}
}

void rules_run(const struct lab *lab) { rules_run_with(lab, NULL); }

void rules_run_with(const struct lab *lab, const struct settings *settings)
{
	struct rule_ctx cx = { .lab = lab, .s = lab->spec, .d = lab->diags, .a = lab->a };

	if (settings)
		cx.date = settings->date;
	for (size_t t = 0; t < COUNTOF(rule_tables); t++)
		run_table(&cx, rule_tables[t]);
	if (settings && settings->policies.n)
		policies_run(&cx, settings);
}

void rules_run_across(const struct lab *lab, struct rules_memory *m)
{
	struct rule_ctx cx = { .lab = lab, .s = lab->spec, .d = lab->diags, .a = lab->a, .memory = m };

	run_table(&cx, &across_rules);
}

/* --- all rows --- */

#define MAX_ROWS 1024

static size_t rules_count(void)
{
	size_t n = 0;

	for (size_t t = 0; t < COUNTOF(rule_tables); t++)
		n += rule_tables[t]->n;
	return n;
}

size_t registry_count(void)
{
	return yaml_codes_count + schema_codes_count + config_codes_count + model_codes_count + rules_count() +
	       ct_codes_count;
}

const struct diag_info *registry_raw_row(size_t i)
{
	if (i < yaml_codes_count)
		return &yaml_codes[i];
	i -= yaml_codes_count;
	if (i < schema_codes_count)
		return &schema_codes[i];
	i -= schema_codes_count;
	if (i < config_codes_count)
		return &config_codes[i];
	i -= config_codes_count;
	if (i < model_codes_count)
		return &model_codes[i];
	i -= model_codes_count;
	for (size_t t = 0; t < COUNTOF(rule_tables); i -= rule_tables[t]->n, t++)
		if (i < rule_tables[t]->n)
			return &rule_tables[t]->rules[i].info;
	return i < ct_codes_count ? &ct_codes[i] : NULL;
}

static bool is_in(const struct diag_info *row, const struct diag_info *table, size_t n, size_t *i)
{
	if (row >= table && row < table + n) {
		*i += (size_t)(row - table);
		return true;
	}
	*i += n;
	return false;
}

bool registry_index(const struct diag_info *row, size_t *i)
{
	*i = 0;
	if (is_in(row, yaml_codes, yaml_codes_count, i) || is_in(row, schema_codes, schema_codes_count, i) ||
	    is_in(row, config_codes, config_codes_count, i) || is_in(row, model_codes, model_codes_count, i))
		return true;
	for (size_t t = 0; t < COUNTOF(rule_tables); t++) {
		const char *at = (const char *)row, *first = (const char *)&rule_tables[t]->rules[0].info;
		size_t size = rule_tables[t]->n * sizeof(struct rule);

		if (at >= first && at < first + size) {
			*i += (size_t)(at - first) / sizeof(struct rule);
			return true;
		}
		*i += rule_tables[t]->n;
	}
	return is_in(row, ct_codes, ct_codes_count, i);
}

static int by_code(const void *pa, const void *pb)
{
	const struct diag_info *const *a = pa, *const *b = pb;

	return sv_cmp(sv_from((*a)->code), sv_from((*b)->code));
}

const struct diag_info *registry_row(size_t i)
{
	const struct diag_info *rows[MAX_ROWS];
	size_t n = registry_count();

	BUG_IF(n > MAX_ROWS);
	for (size_t k = 0; k < n; k++)
		rows[k] = registry_raw_row(k);
	qsort(rows, n, sizeof(rows[0]), by_code);
	return i < n ? rows[i] : NULL;
}

const struct diag_info *registry_find(struct sv code_or_name)
{
	size_t n = registry_count();

	for (size_t i = 0; i < n; i++) {
		const struct diag_info *row = registry_raw_row(i);

		if (sv_eq_nocase(code_or_name, sv_from(row->code)) ||
		    (row->name && sv_eq(code_or_name, sv_from(row->name))))
			return row;
	}
	return NULL;
}

const char *registry_near(struct sv code_or_name)
{
	const char *best = NULL;
	unsigned best_distance = 0, distance;
	size_t n = registry_count();

	for (size_t i = 0; i < n; i++) {
		const struct diag_info *row = registry_raw_row(i);
		const char *const names[] = { row->code, row->name };

		for (size_t k = 0; k < 2; k++)
			if (names[k] && sv_is_near(code_or_name, sv_from(names[k]), &distance) &&
			    (!best || distance < best_distance)) {
				best = names[k];
				best_distance = distance;
			}
	}
	return best;
}
