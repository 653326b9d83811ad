/* Configuration files and policies of a run, and what they make hold for one spec.
 *
 * Owns reading them (each once), what is wrong with them (LAB015x, LAB016x), and struct settings: severities,
 * date and policies for one spec. Must not know where a configuration is looked for. */
#ifndef LABC_RULES_CONFIG_H
#define LABC_RULES_CONFIG_H

#include "base/map.h"
#include "diag/diag.h"
#include "schema/config.h"
#include "yaml/ydoc.h"

struct policy;
struct glob;

/* One configuration or policy file; its findings are its own. */
struct config_file {
	struct config_file *next; /* in the order of reading */
	struct sv path;           /* as findings call it */
	struct sources sources;
	struct diags diags;
	struct ydoc doc;
	struct spec spec;
	struct spec_config config; /* of a configuration */
	struct config_file **extends;
	uint32_t n_extends;
	VEC(struct config_entry *) entries; /* of this file alone: its rules, then its overrides */
	VEC(const struct policy *) policies;
	VEC(const struct glob *) globs; /* of its overrides, to be released */
	struct policy *policy; /* NULL: a configuration */
	int error;             /* errno when it could not be read */
	bool is_open;          /* being read: whoever extends it closes a circle */
};

/* "This rule has that severity", and where it says so. */
struct config_entry {
	const struct diag_info *row; /* NULL: of a policy that this run does not have, or unknown */
	struct sv name;              /* as written */
	enum config_level level;
	const struct glob *files; /* NULL: all */
	uint32_t override;        /* number of the override in its file, from 1; 0: none */
	const struct config_file *file;
	struct span at; /* of the value */
	struct span key;
};

/* What the command line adds. */
struct config_args {
	VEC(const char *) select, ignore; /* codes, names or beginnings of codes */
	VEC(const char *) policies;       /* files whose rules nothing can lower */
	struct v_date date;               /* ABSENT: not given */
	bool strict;
};

struct configs {
	struct arena a;
	struct config_file *files, **end;
	struct map by_path;
	struct patterns *patterns;
	const struct config_args *args; /* borrowed */
	struct sv cwd;                  /* absolute, for patterns of specs above it; empty: not known */
	VEC(const struct policy *) demanded;
	VEC(const struct policy *) all;
	uint32_t n_policy_rules;
	struct map settings; /* by file and matching overrides */
	bool no_files;       /* files named in a configuration are not looked for: texts of strangers */
};

enum setting_from { FROM_DEFAULT, FROM_FILE, FROM_SELECT, FROM_IGNORE, FROM_POLICY };

/* What holds for one rule. */
struct setting {
	bool is_set;
	bool is_locked;                   /* demanded by a policy of the command line */
	uint8_t level;                    /* enum config_level */
	uint8_t from;                     /* enum setting_from */
	const struct config_entry *entry; /* FROM_FILE */
	const struct policy *policy;      /* FROM_POLICY */
};

/* What holds for a spec. Immutable: threads share it. */
struct settings {
	const struct configs *run;
	const struct config_file *file; /* the nearest configuration, or NULL */
	struct setting *rules;          /* by settings_index() */
	uint32_t n_rules;
	struct v_date date;
	const struct config_file *date_from, *fail_on_from, *strict_from; /* NULL: command line or default */
	bool fail_on_error, has_fail_on, strict;
	VEC(const struct policy *) policies; /* those of the command line first */
	uint32_t n_off;                      /* rules switched off, not counting what --select leaves out */
};

/* `args` must outlive *c. */
void configs_init(struct configs *c, const struct config_args *args);
void configs_release(struct configs *c);
/* Reads the policies of the command line; to be called once, before any configuration. */
void configs_read_policies(struct configs *c);
/* Reads a configuration with all it extends, or gives the one read before. Never NULL; `error` says whether it
 * could be read at all. */
struct config_file *configs_read(struct configs *c, struct sv path);
/* The same from a text. */
struct config_file *configs_read_text(struct configs *c, struct sv path, struct sv text);
struct config_file *configs_read_policy_text(struct configs *c, struct sv path, struct sv text);
/* What holds for the spec at `path` under that configuration (NULL: none); NULL when that is what always holds. */
const struct settings *settings_for(struct configs *c, const struct config_file *file, struct sv path);

/* The row of a number. */
const struct diag_info *settings_row(const struct settings *s, uint32_t i);
/* The row's number in settings.rules. */
uint32_t settings_index(const struct settings *s, const struct diag_info *row);
/* The row of a code or name: labc's own, or of a policy. s may be NULL. */
const struct diag_info *settings_find(const struct settings *s, struct sv code_or_name);
/* The nearest code or name, or NULL. */
const char *settings_near(const struct settings *s, struct sv code_or_name);
/* Gives findings from `first` on their severities; those of rules that are off are marked and dropped by
 * diags_finish(). An error made a warning gets a label at the line of the configuration that did it. */
void settings_apply(const struct settings *s, struct diags *d, size_t first);
/* With `strict`, makes what is left of the warnings errors: last, when comments have silenced theirs. */
void settings_apply_strict(const struct settings *s, struct diags *d);
/* Whether a word given to --select or --ignore can mean a rule: a code, a name, a beginning of codes; ORG-... is
 * taken on trust. */
bool config_names_rule(struct sv word);
/* Whether it means this one. */
bool config_names(struct sv word, const struct diag_info *row);
/* Why no configuration may set this row so: "an error of reading cannot be lowered" ...; NULL: it may. */
const char *config_refusal(const struct diag_info *row, enum config_level level);

enum config_code {
	CONFIG_UNKNOWN_RULE,
	CONFIG_LEVEL,
	CONFIG_LOCKED,
	CONFIG_EXTENDS,
	CONFIG_GLOB,
	CONFIG_TWICE,
	CONFIG_POLICY_FILE,
	POLICY_CODE,
	POLICY_PATH,
	POLICY_CONDITION,
	POLICY_VALUE,
	POLICY_PATTERN,
	POLICY_TWICE,
	CONFIG_CODE_COUNT
};
extern const struct diag_info config_codes[];
extern const size_t config_codes_count;

#endif
