/* Fuzz target: a text through every stage a linted spec passes: prepass, tree, typed decode, lowering, rules,
 * ignore comments, the text report and the first round of fixes. Positions must lie inside the text. */
#include <stdlib.h>

#include "diag/report.h"
#include "rules/registry.h"
#include "schema/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static void check_places(const struct diags *d, size_t size)
{
	for (size_t i = 0; i < d->v.n; i++) {
		const struct diag *g = d->v.v[i];

		if (g->at.src == 0 && (g->at.off > size || g->at.len > size - g->at.off))
			abort();
		for (const struct diag_edit *e = g->edits; e; e = e->next)
			if (e->at.src == 0 && (e->at.off > size || e->at.len > size - e->at.off))
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv text = { (const char *)data, size };
	struct arena a;
	struct sources sources;
	struct diags diags;
	struct ydoc doc;
	struct spec spec;
	struct lab lab;
	struct buf out = { 0 };

	arena_init(&a, 0);
	sources_init(&sources, &a);
	diags_init(&diags, &a, &sources);
	if (ydoc_parse(&doc, &a, &diags, sources_add(&sources, SV("fuzz.yaml"), sv_dup(&a, text)), NULL) &&
	    spec_decode(&spec, &doc, NULL)) {
		lab_lower(&lab, &spec);
		rules_run(&lab);
	}
	ydoc_apply_ignores(&doc, &diags, is_known, nearest, NULL);
	diags_finish(&diags);
	check_places(&diags, size);
	report_text(&out, &diags, &(struct report_opts){ .notes = true, .max = 20 });
	buf_release(&out);
	arena_release(&a);
	return 0;
}
