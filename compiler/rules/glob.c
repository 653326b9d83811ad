#include "rules/glob.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "base/bug.h"
#include "base/utf8.h"

enum { MATCH_LIMIT = 20000, DEPTH_LIMIT = 500, MAX_PATTERN = 500 };

struct glob {
	struct glob *next;
	pcre2_code *code;
	bool by_name;
};

struct glob *glob_new(struct sv pattern)
{
	PCRE2_UCHAR *converted = NULL;
	PCRE2_SIZE n = 0, off;
	struct glob *g;
	pcre2_code *code;
	int e;

	if (pattern.n == 0 || pattern.n > MAX_PATTERN || utf8_check(pattern) >= 0)
		return NULL;
	e = pcre2_pattern_convert((PCRE2_SPTR)pattern.p, pattern.n, PCRE2_CONVERT_GLOB | PCRE2_CONVERT_UTF, &converted, &n,
				  NULL);
	if (e != 0)
		return NULL;
	code = pcre2_compile(converted, n, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &e, &off, NULL);
	pcre2_converted_pattern_free(converted);
	if (!code)
		return NULL;
	g = xmalloc(sizeof(*g));
	*g = (struct glob){ NULL, code, sv_find(pattern, '/') < 0 };
	return g;
}

void glob_join(struct glob **list, struct glob *g)
{
	g->next = *list;
	*list = g;
}

void globs_free(const struct glob *list)
{
	const struct glob *next;

	for (; list; list = next) {
		next = list->next;
		pcre2_code_free(list->code);
		free((void *)(uintptr_t)list);
	}
}

static struct sv name_of(struct sv path)
{
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '/')
			return sv_sub(path, i, path.n);
	return path;
}

bool globs_match(const struct glob *list, struct sv path)
{
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	bool found = false, sound = utf8_check(path) < 0;

	if (!limits || !data)
		bug_no_memory();
	pcre2_set_match_limit(limits, MATCH_LIMIT);
	pcre2_set_depth_limit(limits, DEPTH_LIMIT);
	for (; list && sound && !found; list = list->next) {
		struct sv text = list->by_name ? name_of(path) : path;

		found = pcre2_match(list->code, (PCRE2_SPTR)text.p, text.n, 0, 0, data, limits) >= 0;
	}
	pcre2_match_data_free(data);
	pcre2_match_context_free(limits);
	return found;
}
