/* libFuzzer: any bytes through prepass, tree, checks and comments. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "diag/report.h"
#include "yaml/ydoc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_known(void *ctx, struct sv code)
{
	(void)ctx;
	return code.n == 7;
}

static void walk(const struct ydoc *d)
{
	for (uint32_t n = 1; n < d->n_nodes; n++) {
		struct ymap_it it = ymap_iter(d, n);
		const struct ynode *node = ynode_get(d, n);

		if (node->lo > node->hi || node->hi > d->text.n)
			abort();
		/* aliases of maps would multiply the work */
		if (node->kind != YNODE_MAP)
			continue;
		for (struct yentry e; ymap_next(&it, &e);) {
			struct yentry again;

			if (!ymap_get(d, n, ynode_text(d, e.key), &again) || again.key != e.key)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct sources sources;
	struct diags diags;
	struct ydoc d;
	struct buf out = {0};
	uint32_t src;

	arena_init(&a, 0);
	sources_init(&sources, &a);
	diags_init(&diags, &a, &sources);
	src = sources_add(&sources, SV("lab.yaml"), (struct sv){(const char *)data, size});
	if (!ydoc_parse(&d, &a, &diags, src, NULL) && diags.v.n == 0)
		abort();
	walk(&d);
	ydoc_apply_ignores(&d, &diags, is_known, NULL, NULL);
	for (size_t i = 0; i < diags.v.n; i++)
		if ((size_t)diags.v.v[i]->at.off + diags.v.v[i]->at.len > size)
			abort();
	diags_finish(&diags);
	report_text(&out, &diags, &(struct report_opts){.notes = true});
	buf_release(&out);
	arena_release(&a);
	return 0;
}
