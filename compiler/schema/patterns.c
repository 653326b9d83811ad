#include "schema/types_internal.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/bug.h"

/* A hostile text must not cost more than this: a pattern that gives up does not match. */
enum { MATCH_LIMIT = 20000, DEPTH_LIMIT = 500, HEAP_KIB = 256 };

struct patterns {
	pcre2_code *code[PATTERN_COUNT];
	pcre2_match_data *data;
	pcre2_match_context *limits;
	struct arena a;
	void *kept;
};

/* Possessive and anchored: none of them can backtrack badly. */
static const char *const sources[PATTERN_COUNT] = {
	[PATTERN_EMAIL] = "\\A[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++)*+"
			  "@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]{2,63}\\z",
	[PATTERN_URL] =
		"\\A(?i:https?)://(?:[^\\s/?#@]++@)?"
		"(?:\\[[0-9A-Fa-f:.]++\\]|[^\\s/?#@:\\[\\]\\\\]++)(?::[0-9]{1,5})?(?:[/?#][^\\s]*+)?\\z",
	[PATTERN_LOCALE] = "\\A[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?\\z",
	[PATTERN_RESOURCE_ID] = "\\A(?i:/subscriptions)/[^/\\s]++(?i:/resourceGroups)/[^/\\s]++"
				"(?i:/providers)/[^/\\s]++(?:/[^/\\s]++/[^/\\s]++)++\\z",
};

struct patterns *patterns_new(void)
{
	struct patterns *p = xmalloc(sizeof(*p));

	*p = (struct patterns) { 0 };
	return p;
}

void patterns_free(struct patterns *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < PATTERN_COUNT; i++)
		pcre2_code_free(p->code[i]);
	pcre2_match_data_free(p->data);
	pcre2_match_context_free(p->limits);
	arena_release(&p->a);
	free(p);
}

void **patterns_kept(struct patterns *p, struct arena **a)
{
	*a = &p->a;
	return &p->kept;
}

static void prepare(struct patterns *p)
{
	p->limits = pcre2_match_context_create(NULL);
	p->data = pcre2_match_data_create(1, NULL);
	if (!p->limits || !p->data)
		bug_no_memory();
	pcre2_set_match_limit(p->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(p->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(p->limits, HEAP_KIB);
}

bool pattern_matches(struct patterns *p, enum pattern which, struct sv text)
{
	if (!p->limits)
		prepare(p);
	if (!p->code[which]) {
		int error;
		PCRE2_SIZE at;

		p->code[which] = pcre2_compile((PCRE2_SPTR)sources[which], PCRE2_ZERO_TERMINATED, 0, &error,
					       &at, NULL);
		if (!p->code[which])
			BUG("pattern %d does not compile: error %d at %zu", (int)which, error, (size_t)at);
	}
	return pcre2_match(p->code[which], (PCRE2_SPTR)text.p, text.n, 0, PCRE2_NO_UTF_CHECK, p->data,
			   p->limits) >= 0;
}
