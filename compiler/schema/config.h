/* Files that are no labs: the configuration (`.labc.yaml`) and policies (an organisation's own rules).
 *
 * Owns their tables of fields and their decoding with the grammar of specs; what is wrong with structure and
 * types is reported as in a spec (LAB01xx). Must not know which rules there are. */
#ifndef LABC_SCHEMA_CONFIG_H
#define LABC_SCHEMA_CONFIG_H

#include "schema/spec.h"
#include "schema/table.h"

struct buf;
struct patterns;

enum config_fail_on { CONFIG_FAIL_ON_WARNING, CONFIG_FAIL_ON_ERROR };
/* Also the words of `severity` in a policy, where `off` is not one. */
enum config_level { CONFIG_OFF, CONFIG_NOTE, CONFIG_WARNING, CONFIG_ERROR };

struct spec_override {
	struct spec_head h;
	struct v_text_list files;
	struct v_text_map rules;
};
SPEC_LIST(v_override_list, spec_override);

struct spec_config {
	struct spec_head h;
	struct v_int labc;
	struct v_text_list extends;
	struct v_text_map rules; /* code or name -> off, note, warning, error: for the caller to check */
	struct v_override_list overrides;
	struct v_text_list policies;
	struct v_date date;
	struct v_enum fail_on; /* enum config_fail_on */
	struct v_bool strict;
};

/* `name` of the head is the code. */
struct spec_policy_rule {
	struct spec_head h;
	struct v_text path, message;
	struct v_enum severity; /* enum config_level - 1; absent: error */
	struct v_text url, why;
	/* Conditions: texts, whose grammar is that of the field at the path. */
	struct v_bool required;
	struct v_text equals, at_least, at_most;
	struct v_text_list one_of, none_of;
	struct v_text matches, not_matches;
};
SPEC_LIST(v_policy_rule_map, spec_policy_rule);

struct spec_policy {
	struct spec_head h;
	struct v_int labc;
	struct v_text name;
	struct v_policy_rule_map rules;
	struct v_text_map severities; /* of labc's own rules: at least that */
};

extern const struct section section_config, section_override, section_policy, section_policy_rule;
/* All of them, in the order of their chapter. */
extern const struct section *const config_sections[];
extern const size_t config_sections_count;
extern const struct words words_level, words_severity;

/* Decodes a document into *out; *s, which needs no initialisation, then knows where its values stand. False:
 * there is no map. Everything wrong was reported to doc->diags. patterns may be NULL. */
bool config_decode(struct spec *s, struct ydoc *doc, struct patterns *patterns, struct spec_config *out);
bool policy_decode(struct spec *s, struct ydoc *doc, struct patterns *patterns, struct spec_policy *out);
/* The chapter of their fields, as tables in Markdown. */
void config_markdown(struct buf *out);

#endif
