/* An organisation's own rules, as data: reading them, and finding where a lab does not follow them. */
#ifndef LABC_RULES_POLICY_H
#define LABC_RULES_POLICY_H

#include "model/place.h"
#include "rules/config.h"
#include "rules/rule.h"

enum { POLICY_MAX_STEPS = 16 };

/* One part of a path: a field, and which items of it when it is a list or map. */
struct policy_step {
	const struct field *field;
	struct sv item; /* empty: the field is no list, or the path ends here; "*": every one */
	bool is_silent; /* not written: what a short form fills */
};

/* What the end of a path is. */
enum policy_end { AT_VALUE, AT_ITEMS, AT_PAIR };

struct policy_pattern;

struct policy_rule {
	struct rule rule; /* its row; no check */
	const struct policy *policy;
	const struct spec_policy_rule *spec;
	struct span key; /* of its code, in the policy file */
	struct sv path;
	struct policy_step steps[POLICY_MAX_STEPS];
	uint32_t n_steps;
	enum policy_end end;
	const struct field *field; /* at the end */
	struct sv pair;            /* AT_PAIR: the key of the text map, or "*" */
	bool required;
	bool has_least, has_most;
	int64_t least, most;
	struct sv equals, *one_of, *none_of; /* as the value prints */
	uint32_t n_one_of, n_none_of;
	struct policy_pattern *matches, *not_matches;
};

/* "This rule of labc's has at least that severity." */
struct policy_floor {
	const struct diag_info *row;
	enum config_level level;
};

struct policy {
	const struct config_file *file;
	struct sv name;
	struct policy_rule *rules;
	uint32_t n_rules;
	uint32_t first; /* number of its first rule among those of all policies of the run */
	struct policy_floor *floors;
	uint32_t n_floors;
	bool is_demanded; /* by the command line */
};

/* Makes the policy of a file that was parsed; mistakes become findings of the file. */
struct policy *policy_make(struct configs *c, struct config_file *f);
void policy_release(struct policy *p);
/* The rule of that code, any case, or NULL. */
const struct policy_rule *policy_find(const struct policy *p, struct sv code);
/* What a rule of a policy says, for people. False: it has no such code. */
bool policy_explain(struct buf *out, const struct policy *p, struct sv code);
/* Whether a pattern is found in a text, NULL pattern: no. *gave_up: it did not come to an end. */
bool policy_matches(const struct policy_pattern *p, struct sv text, bool *gave_up);
/* Runs the rules of every policy in the settings over a lab. */
void policies_run(struct rule_ctx *cx, const struct settings *s);
/* A value's place among others of its type: bytes, seconds, days, addresses. False: they have no order. */
bool policy_order(enum type_id type, const void *value, int64_t *out);
/* The type of a single value at the end of the path. */
enum type_id policy_type(const struct policy_rule *r);
/* "at most 8 GiB", "one of a, b": what a rule allows, for help and explanations. */
void policy_allows(struct buf *out, const struct policy_rule *r);

#endif
