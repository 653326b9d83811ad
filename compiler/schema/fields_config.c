/* Fields of the configuration file and of policies. */
#include "schema/config.h"

#define LIST_OF(words) { .v = (words), .n = (uint32_t)(sizeof(words) / sizeof(*(words))) }

static const struct word level_v[] = {
	{ "off", "not looked for" },
	{ "note", "never changes an exit code" },
	{ "warning", "`labc lint` fails, `labc build` goes on" },
	{ "error", "`labc build` writes nothing" },
};
const struct words words_level = LIST_OF(level_v);

static const struct word severity_v[] = {
	{ "note", "never changes an exit code" },
	{ "warning", "`labc lint` fails, `labc build` goes on" },
	{ "error", "`labc build` writes nothing" },
};
const struct words words_severity = LIST_OF(severity_v);

static const struct word fail_on_v[] = {
	{ "warning", "exit 1 on a warning or an error" },
	{ "error", "exit 1 on an error only" },
};
static const struct words words_fail_on = LIST_OF(fail_on_v);

#define ROW_LABC(type)                                                                                 \
	{                                                                                              \
		KEY("labc"), TYPE_INTEGER, AT(type, labc), .flags = FIELD_REQUIRED, .min = 1, .max = 1, \
							   .doc = "Version of the format.", .example = "1" \
	}
#define RULES_DOC "Severity of rules, by code or name: off, note, warning or error."

static const struct field override_fields[] = {
	{ KEY("files"), TYPE_LIST, .item = TYPE_TEXT, AT(spec_override, files),
	  .flags = FIELD_REQUIRED | FIELD_OR_ONE,
	  .doc = "Which specs: patterns relative to the configuration file's folder, `*`, `?`, `[a-z]` and `**` for any "
		 "number of folders; one without a slash is compared with the name alone.",
	  .example = "[exams/**]" },
	{ KEY("rules"), TYPE_TEXT_MAP, AT(spec_override, rules), .flags = FIELD_REQUIRED, .doc = RULES_DOC,
	  .example = "{ one-vcpu: off }" },
};
const struct section section_override = {
	.name = "override",
	.title = "Override",
	.noun = "the override",
	.size = sizeof(struct spec_override),
	.doc = "Severities for some of the specs.",
	FIELDS(override_fields),
};

static const struct field config_fields[] = {
	ROW_LABC(spec_config),
	{ KEY("extends"), TYPE_LIST, .item = TYPE_FILE, AT(spec_config, extends), .flags = FIELD_OR_ONE,
	  .def_doc = "none",
	  .doc = "Configuration files that hold first, relative to this one; later ones and this file come before them.",
	  .example = "[../school.labc.yaml]" },
	{ KEY("rules"), TYPE_TEXT_MAP, AT(spec_config, rules), .def_doc = "each rule's own", .doc = RULES_DOC,
	  .example = "{ one-vcpu: off, LAB0425: error }" },
	{ KEY("overrides"), TYPE_SECTION_LIST, AT(spec_config, overrides), .section = &section_override,
	  .def_doc = "none", .doc = "Severities for some of the specs; later ones come before earlier ones.",
	  .example = "[{ files: [exams/**], rules: { one-vcpu: off } }]" },
	{ KEY("policies"), TYPE_LIST, .item = TYPE_FILE, AT(spec_config, policies), .flags = FIELD_OR_ONE,
	  .def_doc = "none", .doc = "Files with rules of one's own, relative to this one.",
	  .example = "[school.policy.yaml]" },
	{ KEY("date"), TYPE_DATE, AT(spec_config, date), .def_doc = "the dates in the spec",
	  .doc = "The day that retirements are judged by, beside the dates in the spec; never the clock's.",
	  .example = "2026-10-01" },
	{ KEY("fail_on"), TYPE_ENUM, AT(spec_config, fail_on), .words = &words_fail_on, .def_doc = "warning",
	  .doc = "From which severity on `labc lint` exits with 1.", .example = "error" },
	{ KEY("strict"), TYPE_BOOLEAN, AT(spec_config, strict), .def_doc = "false",
	  .doc = "Warnings count as errors: `labc build` writes nothing.", .example = "true" },
};
static const struct misnomer config_misnomers[] = {
	RENAME("version", "labc"),      RENAME("extend", "extends"),   RENAME("include", "extends"),
	RENAME("rule", "rules"),        RENAME("severity", "rules"),   RENAME("severities", "rules"),
	RENAME("override", "overrides"), RENAME("policy", "policies"), RENAME("today", "date"),
	REFUSED("ignore", "rules are switched off under 'rules': RULE: off"),
	REFUSED("root", "the search ends at the repository; what lies farther is named under 'extends'"),
};
const struct section section_config = {
	.name = "config",
	.title = "Configuration file",
	.noun = "the configuration",
	.size = sizeof(struct spec_config),
	.doc = "The keys of `.labc.yaml`.",
	FIELDS(config_fields),
	MISNOMERS(config_misnomers),
};

static const struct field rule_fields[] = {
	{ KEY("path"), TYPE_TEXT, AT(spec_policy_rule, path), .flags = FIELD_REQUIRED, .max = 200,
	  .doc = "Which values: a path as of `labc why`, with `*` for every item of a map or list.",
	  .example = "hosts.*.guests.*.memory" },
	{ KEY("message"), TYPE_TEXT, AT(spec_policy_rule, message), .flags = FIELD_REQUIRED, .max = 200,
	  .doc = "What the finding says.", .example = "guests of the first year have at most 8 GiB" },
	{ KEY("severity"), TYPE_ENUM, AT(spec_policy_rule, severity), .words = &words_severity, .def_doc = "error",
	  .doc = "How severe a finding is.", .example = "warning" },
	{ KEY("url"), TYPE_URL, AT(spec_policy_rule, url), .def_doc = "none", .doc = "Where the rule is explained.",
	  .example = "https://example.org/labs#memory" },
	{ KEY("why"), TYPE_TEXT, AT(spec_policy_rule, why), .flags = FIELD_FREE, .max = 1000, .def_doc = "none",
	  .doc = "The reason, for `labc explain`.", .example = "The budget of a class is 250 USD a month." },
	{ KEY("required"), TYPE_BOOLEAN, AT(spec_policy_rule, required), .def_doc = "false",
	  .doc = "The value must be there; without it the other conditions hold for values that are.", .example = "true" },
	{ KEY("equals"), TYPE_TEXT, AT(spec_policy_rule, equals), .def_doc = "none", .doc = "Exactly this value.",
	  .example = "shutdown" },
	{ KEY("at_least"), TYPE_TEXT, AT(spec_policy_rule, at_least), .def_doc = "none",
	  .doc = "This value or more; of a list or map of items, that many of them.", .example = "2 GiB" },
	{ KEY("at_most"), TYPE_TEXT, AT(spec_policy_rule, at_most), .def_doc = "none",
	  .doc = "This value or less; of a list or map of items, that many of them.", .example = "8 GiB" },
	{ KEY("one_of"), TYPE_LIST, .item = TYPE_TEXT, AT(spec_policy_rule, one_of), .def_doc = "none",
	  .doc = "One of these values.", .example = "[ubuntu-22.04, debian-12]" },
	{ KEY("none_of"), TYPE_LIST, .item = TYPE_TEXT, AT(spec_policy_rule, none_of), .def_doc = "none",
	  .doc = "None of these values.", .example = "[metasploitable-2]" },
	{ KEY("matches"), TYPE_TEXT, AT(spec_policy_rule, matches), .max = 1000, .def_doc = "none",
	  .doc = "A pattern (PCRE2) that is found in the value as it would be written; `^` and `$` bind it to the ends.",
	  .example = "^https://images\\.example\\.org/" },
	{ KEY("not_matches"), TYPE_TEXT, AT(spec_policy_rule, not_matches), .max = 1000, .def_doc = "none",
	  .doc = "A pattern (PCRE2) that is not found in it.", .example = "(?i)test" },
};
static const struct misnomer rule_misnomers[] = {
	RENAME("max", "at_most"),       RENAME("maximum", "at_most"), RENAME("min", "at_least"),
	RENAME("minimum", "at_least"),  RENAME("pattern", "matches"), RENAME("regex", "matches"),
	RENAME("values", "one_of"),     RENAME("in", "one_of"),       RENAME("enum", "one_of"),
	RENAME("not_in", "none_of"),    RENAME("level", "severity"),  RENAME("link", "url"),
	RENAME("source", "url"),        RENAME("reason", "why"),      RENAME("field", "path"),
	RENAME("msg", "message"),       RENAME("text", "message"),    RENAME("exists", "required"),
};
const struct section section_policy_rule = {
	.name = "policy_rule",
	.title = "Rule of a policy",
	.noun = "rule",
	.size = sizeof(struct spec_policy_rule),
	.doc = "A rule has a path, a message and at least one condition; all of them must hold.",
	FIELDS(rule_fields),
	MISNOMERS(rule_misnomers),
};

static const struct field policy_fields[] = {
	ROW_LABC(spec_policy),
	{ KEY("name"), TYPE_TEXT, AT(spec_policy, name), .max = 100, .def_doc = "none",
	  .doc = "Whose rules these are.", .example = "Example University" },
	{ KEY("rules"), TYPE_SECTION_MAP, AT(spec_policy, rules), .section = &section_policy_rule, .item = TYPE_NAME,
	  .def_doc = "none", .doc = "The rules, by code: ORG- and then letters, digits and hyphens.",
	  .example = "{ ORG-TAGS: { path: tags.owner, required: true, message: every lab has an owner } }" },
	{ KEY("severities"), TYPE_TEXT_MAP, AT(spec_policy, severities), .def_doc = "none",
	  .doc = "The least severity of labc's own rules, by code or name: note, warning or error.",
	  .example = "{ url-without-sha256: error }" },
};
const struct section section_policy = {
	.name = "policy",
	.title = "Policy file",
	.noun = "the policy",
	.size = sizeof(struct spec_policy),
	.doc = "The keys of a policy file.",
	FIELDS(policy_fields),
};
