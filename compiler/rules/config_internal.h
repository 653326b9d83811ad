/* What the readers of configurations and policies share. */
#ifndef LABC_RULES_CONFIG_INTERNAL_H
#define LABC_RULES_CONFIG_INTERNAL_H

#include "rules/config.h"

/* A finding of the file. */
struct diag *config_report(struct config_file *f, enum config_code code, struct span at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Says that there is no such rule, and which may have been meant. */
void config_unknown_rule(struct config_file *f, struct sv name, struct span key);
/* The level written at p, one of `words`, the first of which is `first`; false after a finding. */
bool config_read_level(struct config_file *f, const struct v_pair *p, const struct words *words,
		       enum config_level first, enum config_level *level);
/* Checks and makes what a rule's conditions compare with; the path was found. False after findings. */
struct policy_rule;
bool policy_read_conditions(struct configs *c, struct config_file *f, struct policy_rule *r);
struct policy_pattern;
void policy_pattern_free(struct policy_pattern *p);

#endif
