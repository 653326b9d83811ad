/* Shared by the fuzz targets of the template engine. */
#ifndef LABC_TESTS_FUZZ_CT_H
#define LABC_TESTS_FUZZ_CT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "ctemplate/code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
	struct arena perm, scratch;
	struct sources sources;
	struct diags diags;
	struct ct_env *env;
};

static inline void fuzz_begin(struct fuzz *f, uint8_t options)
{
	struct ct_limits l = ct_default_limits;
	struct ct_options o = { .lang = (enum ct_lang_id)((options & 7) % CT_LANG_COUNT),
				.trim_blocks = options & 8,
				.lstrip_blocks = options & 16,
				.keep_trailing_newline = options & 32 };

	memset(f, 0, sizeof(*f));
	l.fuel = 50000;
	l.text_bytes = 1u << 16;
	l.output_bytes = 1u << 18;
	l.list_items = 10000;
	l.loop_turns = 10000;
	l.macro_depth = 30;
	arena_init(&f->perm, 0);
	arena_init(&f->scratch, 0);
	sources_init(&f->sources, &f->perm);
	diags_init(&f->diags, &f->perm, &f->sources);
	f->env = ct_env_new(&f->perm, &f->diags, &l);
	ct_env_options(f->env, &o);
}

static inline void fuzz_end(struct fuzz *f)
{
	arena_release(&f->scratch);
	arena_release(&f->perm);
}

/* What must not be: says so and stops. */
static inline void fuzz_expect(bool ok, const char *what, struct sv got)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n%.*s\n", what, (int)got.n, got.p);
	abort();
}

#endif
