/* Shared by the tests of the template engine: JSON to values, rendering one text. */
#ifndef LABC_TESTS_CTEMPLATE_HELP_H
#define LABC_TESTS_CTEMPLATE_HELP_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "ctemplate/ctemplate.h"
#include "diag/report.h"

/* One rendering and what came of it. */
struct ct_run {
	struct arena perm, scratch;
	struct sources sources;
	struct diags diags;
	struct ct_env *env;
	json_t *others; /* name -> text, for include and the like */
	struct buf out;
	bool ok;
};

static inline struct ct_value ct_from_json(struct arena *a, json_t *j)
{
	struct ct_value v = ct_none();
	const char *key;
	json_t *item;
	size_t i;

	switch (json_typeof(j)) {
	case JSON_NULL:
		return v;
	case JSON_TRUE:
	case JSON_FALSE:
		return ct_bool(json_is_true(j));
	case JSON_INTEGER:
		return ct_int(json_integer_value(j));
	case JSON_REAL:
		return ct_double(json_real_value(j));
	case JSON_STRING:
		return ct_text((struct sv){ json_string_value(j), json_string_length(j) });
	case JSON_ARRAY:
		v = ct_list_new(a, json_array_size(j));
		json_array_foreach(j, i, item) ct_list_add(a, &v, ct_from_json(a, item));
		return v;
	case JSON_OBJECT:
		v = ct_dict_new(a, json_object_size(j));
		json_object_foreach(j, key, item) ct_dict_set(a, &v, sv_from(key), ct_from_json(a, item));
		return v;
	default:
		return v;
	}
}

static inline bool ct_run_load(void *user, struct sv name, struct sv *text, struct sv *path)
{
	struct ct_run *r = user;
	json_t *t = r->others ? json_object_getn(r->others, name.p, name.n) : NULL;

	(void)path;
	if (!json_is_string(t))
		return false;
	*text = (struct sv){ json_string_value(t), json_string_length(t) };
	return true;
}

static inline void ct_run_begin(struct ct_run *r, const struct ct_options *o, const struct ct_limits *limits)
{
	memset(r, 0, sizeof(*r));
	arena_init(&r->perm, 0);
	arena_init(&r->scratch, 0);
	sources_init(&r->sources, &r->perm);
	diags_init(&r->diags, &r->perm, &r->sources);
	r->env = ct_env_new(&r->perm, &r->diags, limits);
	ct_env_options(r->env, o);
	ct_env_loader(r->env, ct_run_load, r);
}

static inline void ct_run_text(struct ct_run *r, struct sv name, struct sv text, struct ct_value context)
{
	const struct ct_template *t = ct_compile(r->env, name, text);

	r->out.n = 0;
	r->ok = t && ct_render(r->env, t, context, &r->scratch, ct_out_buf, &r->out);
}

static inline void ct_run_end(struct ct_run *r)
{
	buf_release(&r->out);
	arena_release(&r->scratch);
	arena_release(&r->perm);
}

static inline struct ct_value ct_json_context(struct ct_run *r, const char *json, json_t **keep)
{
	*keep = json_loads(json, 0, NULL);
	return *keep ? ct_from_json(&r->perm, *keep) : ct_dict_new(&r->perm, 0);
}

/* A file of the test data that is kept beside the project; NULL (said once) when it is not there. */
static inline json_t *ct_contract(const char *name)
{
	const char *dir = getenv("LABC_CONTRACTS");
	char path[512];
	json_t *j;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "../shared/contracts", name);
	j = json_load_file(path, JSON_ALLOW_NUL, NULL);
	if (!j)
		printf("skipped: no %s\n", path);
	return j;
}

#endif
