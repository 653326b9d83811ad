/* Reading a text in a test: open, look, close. */
#ifndef LABC_TEST_YAML_H
#define LABC_TEST_YAML_H

#include <check.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "diag/diag.h"
#include "yaml/ydoc.h"

struct yt {
	struct arena a;
	struct sources sources;
	struct diags diags;
	struct ydoc d;
	bool ok;
};

static inline bool yt_known(void *ctx, struct sv code)
{
	(void)ctx;
	return sv_starts(code, SV("LAB")) && code.n == 7 && !sv_eq(code, SV("LAB9999"));
}

static inline void yt_open_opts(struct yt *t, struct sv text, const struct ydoc_opts *o)
{
	arena_init(&t->a, 0);
	sources_init(&t->sources, &t->a);
	diags_init(&t->diags, &t->a, &t->sources);
	t->ok = ydoc_parse(&t->d, &t->a, &t->diags, sources_add(&t->sources, SV("lab.yaml"), text), o);
}

static inline void yt_open(struct yt *t, const char *text)
{
	yt_open_opts(t, sv_from(text), NULL);
}

static inline void yt_ignores(struct yt *t)
{
	ydoc_apply_ignores(&t->d, &t->diags, yt_known, NULL, NULL);
}

static inline void yt_close(struct yt *t)
{
	arena_release(&t->a);
}

static inline const struct diag *yt_diag(const struct yt *t, size_t i)
{
	ck_assert_uint_lt(i, t->diags.v.n);
	return t->diags.v.v[i];
}

/* "LAB0021 9:6" of finding i. */
static inline const char *yt_place(struct yt *t, size_t i)
{
	const struct diag *g = yt_diag(t, i);
	struct pos at = source_pos(&t->sources, g->at.src, g->at.off);

	return sv_cstr(&t->a, sv_fmt(&t->a, "%s %u:%u", g->info->code, (unsigned)at.line, (unsigned)at.col));
}

static inline struct sv yt_text(const struct yt *t, const char *key)
{
	struct yentry e;

	ck_assert_msg(ymap_get(&t->d, t->d.root, sv_from(key), &e), "no key %s", key);
	return ynode_text(&t->d, e.value);
}

#define ck_sv_eq(got, want)                                                                                  \
	do {                                                                                                 \
		struct sv got_ = (got);                                                                      \
		const char *want_ = (want);                                                                  \
		ck_assert_msg(sv_eq(got_, sv_from(want_)), "got '" SV_FMT "', want '%s'", SV_ARG(got_),      \
			      want_);                                                                        \
	} while (0)

/* The text with the edits of one finding made. */
static inline struct sv yt_fixed(struct yt *t, const struct diag *g)
{
	struct buf b = {0};
	struct sv text = t->d.text, out;
	size_t at = 0;

	/* edits stand in the order of adding: take the lowest one that is left */
	for (;;) {
		const struct diag_edit *next = NULL;

		for (const struct diag_edit *e = g->edits; e; e = e->next)
			if (e->at.off >= at && (!next || e->at.off < next->at.off))
				next = e;
		if (!next)
			break;
		buf_add(&b, text.p + at, next->at.off - at);
		buf_sv(&b, next->text);
		at = next->at.off + next->at.len;
		if (next->at.len == 0)
			break;
	}
	buf_add(&b, text.p + at, text.n - at);
	out = buf_take(&b, &t->a);
	buf_release(&b);
	return out;
}

#endif
