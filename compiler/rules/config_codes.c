/* LAB015x: configuration files; LAB016x: policies. Their examples are such files, not specs. */
#include "rules/config.h"

#include "base/bug.h"

#define ROW(n, code_, name_, summary_, why_, source_, bad_, good_)                                     \
	[n] = { .code = "LAB" code_, .severity = SEV_ERROR, .name = name_, .summary = summary_, .why = why_, \
		.source = "SPEC.md#" source_, .bad = bad_, .good = good_ }
#define CONFIG "labc: 1\n"
#define RULE CONFIG "rules:\n  ORG-MEMORY:\n    message: guests have at most 8 GiB\n"
#define MEMORY "    path: guests.*.memory\n"

const struct diag_info config_codes[] = {
	ROW(CONFIG_UNKNOWN_RULE, "0150", "config-rule", "a rule that does not exist",
	    "What was meant to be off or stricter stays as it is.", "configuration",
	    CONFIG "rules: { one-vpcu: off }\n", CONFIG "rules: { one-vcpu: off }\n"),
	ROW(CONFIG_LEVEL, "0151", "config-severity", "a severity that does not exist",
	    "Nothing is guessed: the rule would keep its own severity.", "configuration",
	    CONFIG "rules: { one-vcpu: none }\n", CONFIG "rules: { one-vcpu: off }\n"),
	ROW(CONFIG_LOCKED, "0152", "config-locked", "a severity that this rule cannot have",
	    "With an error hidden, the artifacts would fail or mislead, and nobody would be told.", "configuration",
	    CONFIG "rules: { memory-together: off }\n", CONFIG "rules: { memory-together: warning }\n"),
	ROW(CONFIG_EXTENDS, "0153", "config-extends", "a file under extends that cannot be used",
	    "What it would set is missing from this configuration.", "configuration",
	    CONFIG "extends: [no-such.yaml]\n", CONFIG),
	ROW(CONFIG_GLOB, "0154", "config-pattern", "a pattern of file names that is none",
	    "The override would hold for no spec.", "configuration",
	    CONFIG "overrides:\n  - { files: ['exams/[a-'], rules: { one-vcpu: off } }\n",
	    CONFIG "overrides:\n  - { files: ['exams/[a-c]*'], rules: { one-vcpu: off } }\n"),
	ROW(CONFIG_TWICE, "0155", "config-twice", "one rule set twice, by code and by name",
	    "Which of the two holds would depend on their order.", "configuration",
	    CONFIG "rules: { one-vcpu: off, LAB0315: note }\n", CONFIG "rules: { one-vcpu: off }\n"),
	ROW(CONFIG_POLICY_FILE, "0156", "config-policies", "a file under policies that cannot be used",
	    "Its rules would not be looked at.", "policies", CONFIG "policies: [no-such.yaml]\n", CONFIG),
	ROW(POLICY_CODE, "0160", "policy-code", "a code that no policy may have",
	    "Codes of policies are told from labc's own by their beginning, and stand in comments.", "policies",
	    CONFIG "rules:\n  memory: { path: guests.*.memory, at_most: 8 GiB, message: at most 8 GiB }\n",
	    RULE MEMORY "    at_most: 8 GiB\n"),
	ROW(POLICY_PATH, "0161", "policy-path", "a path that leads nowhere",
	    "The rule would hold for no spec.", "policies", RULE "    path: guests.*.ram\n    at_most: 8 GiB\n",
	    RULE MEMORY "    at_most: 8 GiB\n"),
	ROW(POLICY_CONDITION, "0162", "policy-condition", "a rule without a condition, or with one that cannot be",
	    "The rule would always hold, or never.", "policies", RULE MEMORY, RULE MEMORY "    at_most: 8 GiB\n"),
	ROW(POLICY_VALUE, "0163", "policy-value", "a value that the field at the path cannot have",
	    "It would be compared with what is never there.", "policies", RULE MEMORY "    at_most: 8\n",
	    RULE MEMORY "    at_most: 8 GiB\n"),
	ROW(POLICY_PATTERN, "0164", "policy-pattern", "a pattern that PCRE2 does not take",
	    "The rule could not be looked at.", "policies",
	    CONFIG "rules:\n  ORG-IMAGE: { path: guests.*.image, matches: '[', message: images are ours }\n",
	    CONFIG "rules:\n  ORG-IMAGE: { path: guests.*.image, matches: '^C:', message: images are ours }\n"),
	ROW(POLICY_TWICE, "0165", "policy-twice", "one code in two policies",
	    "A finding must lead to one rule.", "policies", NULL, NULL),
};
const size_t config_codes_count = COUNTOF(config_codes);

_Static_assert(COUNTOF(config_codes) == CONFIG_CODE_COUNT, "a row for each kind of finding");
