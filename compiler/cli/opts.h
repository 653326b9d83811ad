/* The command line: one table of commands, one of options; parsing, --help and the man page derive
 * from them. Must not know what the commands do. */
#ifndef LABC_CLI_OPTS_H
#define LABC_CLI_OPTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "rules/config.h"
#include "schema/spec.h"

struct report_format;

/* Documented exit codes of every command. */
enum exit_code {
	EXIT_CLEAN = 0,      /* nothing found; notes do not count */
	EXIT_FINDINGS = 1,   /* findings */
	EXIT_USAGE = 2,      /* the command line is wrong */
	EXIT_SYSTEM = 3,     /* something could not be read or written, or an internal error */
	EXIT_DIFFERS = 4,    /* build --check: the folder is not what a build would write */
};

enum fail_on { FAIL_ON_UNSET, FAIL_ON_WARNING, FAIL_ON_ERROR };
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* --output FORMAT=FILE */
struct out_file {
	const struct report_format *format;
	const char *path;
};

struct opts {
	const struct command *command;
	VEC(const char *) args;
	const struct report_format *format; /* of lint; NULL: not given */
	VEC(struct out_file) outputs;       /* of lint */
	enum fail_on fail_on;
	struct config_args config;          /* --select, --ignore, --policy, --date, --strict */
	const char *config_path;            /* --config, or NULL */
	bool no_config;
	enum color_when color;
	const char *out;        /* -o, or NULL */
	const char *stdin_name; /* --stdin-filename, or NULL */
	const char *list_format; /* --format of list, or NULL */
	const char *data, *lang, *template_dir; /* of render, or NULL */
	const char *templates;  /* --templates of build, or NULL */
	const char *export_dir; /* --export of templates, or NULL */
	const char *target, *example; /* of init, or NULL */
	const char *lab;              /* --lab of import, or NULL */
	bool script;                  /* --script of import */
	bool has_target;        /* --target of the commands that read specs */
	enum target for_target;
	uint32_t max;           /* --max-findings */
	uint32_t jobs;          /* --jobs, 0: not given */
	bool trim_blocks, lstrip_blocks, keep_newline;
	bool notes, check, force, quiet, help;
	bool fix, unsafe_fixes, diff;
};

struct command {
	const char *name;
	const char *args;     /* "[FILE|DIR]...", for the usage line */
	const char *summary;  /* one line */
	const char *text;     /* more, for help and the man page */
	const char *examples; /* "command  # what it does" lines */
	unsigned bit;         /* which options it takes */
	bool hidden;
	enum exit_code (*run)(const struct opts *o);
};

extern const struct command commands[];
extern const size_t commands_count;

/* Parses argv. On a mistake prints what is wrong and what was perhaps meant to stderr and returns false.
 * Without a command, o->command is NULL. */
bool opts_parse(struct opts *o, struct arena *a, int argc, char **argv);
/* The help of a command, or of the program when cmd is NULL. */
void opts_help(struct buf *out, const struct command *cmd);
/* The man page, roff. */
void opts_man(struct buf *out);
/* The documented exit codes as Markdown. */
void opts_exit_codes(struct buf *out);

#endif
