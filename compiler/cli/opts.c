#include "cli/opts.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "base/num.h"
#include "cli/commands.h"
#include "diag/formats.h"
#include "rules/registry.h"
#include "schema/table.h"

enum opt_id {
	OPT_OUTPUT, OPT_CHECK, OPT_FORCE, OPT_FORMAT, OPT_LIST_FORMAT, OPT_NOTES, OPT_FAIL_ON, OPT_MAX,
	OPT_STDIN, OPT_COLOR, OPT_QUIET, OPT_HELP, OPT_RENDER_OUT, OPT_DATA, OPT_LANG, OPT_TEMPLATE_DIR, OPT_TRIM, OPT_LSTRIP,
	OPT_KEEP, OPT_TEMPLATES, OPT_EXPORT, OPT_REPORT, OPT_FIX, OPT_UNSAFE, OPT_DIFF, OPT_JOBS, OPT_INIT_OUT, OPT_TARGET,
	OPT_EXAMPLE, OPT_SELECT, OPT_IGNORE, OPT_POLICY, OPT_DATE, OPT_STRICT, OPT_CONFIG, OPT_NO_CONFIG, OPT_DUMP_FORMAT,
	OPT_FOR_TARGET, OPT_SCRIPT, OPT_LAB,
};

struct option {
	enum opt_id id;
	const char *name;
	char letter;       /* 0: none */
	const char *arg;   /* NULL: takes none */
	const char *help;
	unsigned commands; /* bits of enum command_bit */
};

static const struct option options[] = {
	{ OPT_OUTPUT, "output", 'o', "DIR", "folder to write into (default: 'out' beside the spec)", CMD_BUILD },
	{ OPT_CHECK, "check", 0, NULL, "write nothing; exit 4 if the folder is not what a build would write", CMD_BUILD },
	{ OPT_FORCE, "force", 0, NULL, "replace files that were changed by hand or not written by labc", CMD_BUILD },
	{ OPT_FORMAT, "format", 0, "FORMAT", "how to print findings (default: text; github or azure in such a pipeline)", CMD_LINT },
	{ OPT_REPORT, "output", 'o', "FORMAT=FILE", "write the findings to FILE too; may be given several times", CMD_LINT },
	{ OPT_FIX, "fix", 0, NULL, "repair what has a safe repair, in the file; keeps comments and line ends", CMD_LINT },
	{ OPT_UNSAFE, "unsafe-fixes", 0, NULL, "with --fix or --diff: apply likely repairs too", CMD_LINT },
	{ OPT_DIFF, "diff", 0, NULL, "print what --fix would change, as a unified diff, and write nothing", CMD_LINT },
	{ OPT_JOBS, "jobs", 'j', "N", "read N files at a time (default: as many as there are processors)",
	  CMD_LINT | CMD_BUILD },
	{ OPT_TARGET, "target", 0, "TARGET", "lab-services, azure-vm, devtest-labs or hyper-v; asked for on a terminal", CMD_INIT },
	{ OPT_FOR_TARGET, "target", 0, "TARGET", "check and build for this target instead of the spec's own, whose defaults stay",
	  CMD_LINT | CMD_BUILD | CMD_DUMP },
	{ OPT_FOR_TARGET, "to", 0, "TARGET", "lab-services, azure-vm, devtest-labs or hyper-v", CMD_MIGRATE },
	{ OPT_INIT_OUT, "output", 'o', "FILE", "file to write (default: standard output)", CMD_MIGRATE },
	{ OPT_FORCE, "force", 0, NULL, "replace FILE if it exists", CMD_MIGRATE },
	{ OPT_SCRIPT, "script", 0, NULL, "print collect.ps1, the script to run on the host", CMD_IMPORT },
	{ OPT_FOR_TARGET, "target", 0, "TARGET", "of the spec (default: hyper-v, or azure-vm when the host is in Azure)", CMD_IMPORT },
	{ OPT_LAB, "lab", 0, "NAME", "the lab to import, when labc made several there (default: the one with most guests)",
	  CMD_IMPORT },
	{ OPT_INIT_OUT, "output", 'o', "FILE", "file to write (default: standard output)", CMD_IMPORT },
	{ OPT_FORCE, "force", 0, NULL, "replace FILE if it exists", CMD_IMPORT },
	{ OPT_EXAMPLE, "example", 0, "NAME", "start from a shipped example; without a match they are listed", CMD_INIT },
	{ OPT_INIT_OUT, "output", 'o', "FILE", "file to write (default: lab.yaml; '-': standard output)", CMD_INIT },
	{ OPT_FORCE, "force", 0, NULL, "replace FILE if it exists", CMD_INIT },
	{ OPT_LIST_FORMAT, "format", 0, "FORMAT", "text (default) or json", CMD_LIST | CMD_CONFIG | CMD_IMAGES },
	{ OPT_SELECT, "select", 0, "RULE", "look for these rules only: codes, names or beginnings such as LAB05; ','", CMD_LINT | CMD_CONFIG },
	{ OPT_IGNORE, "ignore", 0, "RULE", "leave these rules out; ',' between several", CMD_LINT | CMD_CONFIG },
	{ OPT_POLICY, "policy", 0, "FILE", "check rules of one's own too; neither configuration nor comments lower them",
	  CMD_LINT | CMD_BUILD | CMD_CONFIG | CMD_EXPLAIN },
	{ OPT_DATE, "date", 0, "DATE", "judge retirements as of this day, YYYY-MM-DD; never the clock's",
	  CMD_LINT | CMD_BUILD | CMD_CONFIG },
	{ OPT_STRICT, "strict", 0, NULL, "warnings count as errors", CMD_LINT | CMD_BUILD | CMD_CONFIG },
	{ OPT_CONFIG, "config", 0, "FILE", "the configuration, instead of the nearest .labc.yaml",
	  CMD_LINT | CMD_BUILD | CMD_DUMP | CMD_WHY | CMD_IMAGES | CMD_MIGRATE | CMD_CONFIG },
	{ OPT_NO_CONFIG, "no-config", 0, NULL, "read no configuration",
	  CMD_LINT | CMD_BUILD | CMD_DUMP | CMD_WHY | CMD_IMAGES | CMD_MIGRATE | CMD_CONFIG },
	{ OPT_DUMP_FORMAT, "format", 0, "FORMAT", "json, the only one", CMD_DUMP },
	{ OPT_NOTES, "notes", 0, NULL, "print notes too; else they are only counted", CMD_LINT | CMD_BUILD },
	{ OPT_FAIL_ON, "fail-on", 0, "SEVERITY", "exit 1 on a warning (default) or only on an error", CMD_LINT | CMD_CONFIG },
	{ OPT_MAX, "max-findings", 0, "N", "print at most N findings a file (default 50, 0: all)",
	  CMD_LINT | CMD_BUILD | CMD_MIGRATE | CMD_IMPORT },
	{ OPT_STDIN, "stdin-filename", 0, "NAME", "the name to show for '-'; included files are looked for beside it",
	  CMD_LINT | CMD_BUILD | CMD_DUMP | CMD_WHY | CMD_IMAGES | CMD_MIGRATE },
	{ OPT_COLOR, "color", 0, "WHEN", "auto (default: on a terminal, unless NO_COLOR is set), always or never",
	  CMD_LINT | CMD_BUILD | CMD_DUMP | CMD_RENDER | CMD_WHY | CMD_IMAGES | CMD_MIGRATE | CMD_IMPORT },
	{ OPT_TEMPLATES, "templates", 0, "DIR", "templates that replace the built-in ones of the same name", CMD_BUILD },
	{ OPT_DATA, "data", 0, "FILE", "JSON or YAML with the values; '-' reads standard input", CMD_RENDER },
	{ OPT_LANG, "lang", 0, "LANG", "language of the output: text, ps, json, md, markup (default: by the name)", CMD_RENDER },
	{ OPT_RENDER_OUT, "output", 'o', "FILE", "file to write (default: standard output)", CMD_RENDER },
	{ OPT_TEMPLATE_DIR, "template-dir", 0, "DIR", "where includes are looked for (default: beside the template)",
	  CMD_RENDER },
	{ OPT_TRIM, "trim-blocks", 0, NULL, "remove the line end behind a block tag", CMD_RENDER },
	{ OPT_LSTRIP, "lstrip-blocks", 0, NULL, "remove blanks before a block tag at the start of a line", CMD_RENDER },
	{ OPT_KEEP, "keep-trailing-newline", 0, NULL, "keep the line end at the end of the template", CMD_RENDER },
	{ OPT_EXPORT, "export", 0, "DIR", "write them below DIR; nothing is replaced", CMD_TEMPLATES },
	{ OPT_QUIET, "quiet", 'q', NULL, "no summary", CMD_LINT | CMD_BUILD | CMD_INIT | CMD_IMPORT },
	{ OPT_HELP, "help", 'h', NULL, "show this help", ~0u },
};

struct choice {
	const char *word;
	int value;
};

static const struct choice fail_ons[] = { { "warning", FAIL_ON_WARNING }, { "error", FAIL_ON_ERROR }, { NULL, 0 } };
static const struct choice dump_formats[] = { { "json", 0 }, { NULL, 0 } };
static const struct choice colors[] = {
	{ "auto", COLOR_AUTO }, { "always", COLOR_ALWAYS }, { "never", COLOR_NEVER }, { NULL, 0 }
};

/* The choice's value, or -1 after saying which words there are. */
static int choose(const char *option, const char *got, const struct choice *c)
{
	for (const struct choice *k = c; k->word; k++)
		if (strcmp(got, k->word) == 0)
			return k->value;
	fprintf(stderr, "labc: --%s: '%s' is not one of:", option, got);
	for (; c->word; c++)
		fprintf(stderr, " %s", c->word);
	fputc('\n', stderr);
	return -1;
}

static const struct report_format *choose_format(const char *option, struct sv got)
{
	const struct report_format *f = report_format_find(got), *near;

	if (f)
		return f;
	fprintf(stderr, "labc: --%s: '" SV_FMT "' is not one of:", option, SV_ARG(got));
	for (size_t i = 0; i < report_formats_count; i++)
		fprintf(stderr, " %s", report_formats[i].name);
	near = report_format_near(got);
	if (near)
		fprintf(stderr, "; did you mean '%s'?", near->name);
	fputc('\n', stderr);
	return NULL;
}

/* FORMAT=FILE */
static bool add_output(struct opts *o, struct arena *a, const char *arg)
{
	struct sv text = sv_from(arg);
	ptrdiff_t eq = sv_find(text, '=');
	struct out_file f;

	if (eq <= 0 || (size_t)eq + 1 == text.n) {
		fprintf(stderr, "labc: --output: '%s' is not FORMAT=FILE, such as sarif=labc.sarif\n", arg);
		return false;
	}
	f.format = choose_format("output", sv_sub(text, 0, (size_t)eq));
	f.path = arg + eq + 1;
	for (size_t i = 0; f.format && i < o->outputs.n; i++)
		if (strcmp(o->outputs.v[i].path, f.path) == 0) {
			fprintf(stderr, "labc: --output: two formats for the one file '%s'\n", f.path);
			return false;
		}
	if (f.format)
		VEC_ADD(a, &o->outputs, f);
	return f.format != NULL;
}

static bool choose_target(struct opts *o, const char *option, const char *arg)
{
	const char *near = words_nearest(&words_target, sv_from(arg));

	for (int i = 0; i < TARGET_COUNT; i++)
		if (strcmp(target_word((enum target)i), arg) == 0) {
			o->target = arg;
			o->for_target = (enum target)i;
			o->has_target = true;
			return true;
		}
	fprintf(stderr, "labc: --%s: '%s' is not one of:", option, arg);
	for (int i = 0; i < TARGET_COUNT; i++)
		fprintf(stderr, " %s", target_word((enum target)i));
	if (near)
		fprintf(stderr, "; did you mean '%s'?", near);
	fputc('\n', stderr);
	return false;
}

static bool number(const char *option, const char *arg, uint32_t min, uint32_t *out)
{
	uint64_t n;

	if (!num_u64(sv_from(arg), &n) || n > UINT32_MAX || n < min) {
		fprintf(stderr, "labc: --%s: '%s' is not a number%s\n", option, arg, min ? " from 1 on" : "");
		return false;
	}
	*out = (uint32_t)n;
	return true;
}

/* "LAB0301,one-vcpu,LAB05": each names a rule, or is the beginning of codes. */
static bool add_rules(struct opts *o, struct arena *a, const char *option, const char *arg)
{
	struct sv rest = sv_from(arg);

	while (rest.n) {
		ptrdiff_t comma = sv_find(rest, ',');
		struct sv word = sv_trim(sv_sub(rest, 0, comma < 0 ? rest.n : (size_t)comma));
		const char *near;

		rest = comma < 0 ? SV("") : sv_sub(rest, (size_t)comma + 1, rest.n);
		if (!config_names_rule(word)) {
			near = registry_near(word);
			fprintf(stderr, "labc: --%s: there is no rule '" SV_FMT "'", option, SV_ARG(word));
			if (near)
				fprintf(stderr, "; did you mean '%s'?\n", near);
			else
				fputs("; 'labc list rules' lists them\n", stderr);
			return false;
		}
		if (strcmp(option, "select") == 0)
			VEC_ADD(a, &o->config.select, sv_cstr(a, word));
		else
			VEC_ADD(a, &o->config.ignore, sv_cstr(a, word));
	}
	return true;
}

static bool set_date(struct opts *o, struct arena *a, const char *arg)
{
	struct type_in in = { .text = sv_from(arg), .plain = true, .a = a };
	struct type_error e = { 0 };

	o->config.date.m.state = META_OK;
	if (type_parse(TYPE_DATE, &in, &o->config.date, &e))
		return true;
	fprintf(stderr, "labc: --date: '%s' is not a date such as 2026-10-01\n", arg);
	return false;
}

static bool apply(struct opts *o, struct arena *a, const struct option *opt, const char *arg)
{
	int v = 0;

	switch (opt->id) {
	case OPT_OUTPUT:
	case OPT_INIT_OUT:
	case OPT_RENDER_OUT: o->out = arg; break;
	case OPT_DATA: o->data = arg; break;
	case OPT_LANG: o->lang = arg; break;
	case OPT_TEMPLATE_DIR: o->template_dir = arg; break;
	case OPT_TRIM: o->trim_blocks = true; break;
	case OPT_LSTRIP: o->lstrip_blocks = true; break;
	case OPT_KEEP: o->keep_newline = true; break;
	case OPT_TEMPLATES: o->templates = arg; break;
	case OPT_EXPORT: o->export_dir = arg; break;
	case OPT_CHECK: o->check = true; break;
	case OPT_FORCE: o->force = true; break;
	case OPT_LIST_FORMAT: o->list_format = arg; break;
	case OPT_DUMP_FORMAT: return choose("format", arg, dump_formats) >= 0;
	case OPT_FORMAT: return (o->format = choose_format("format", sv_from(arg))) != NULL;
	case OPT_REPORT: return add_output(o, a, arg);
	case OPT_FIX: o->fix = true; break;
	case OPT_UNSAFE: o->unsafe_fixes = true; break;
	case OPT_DIFF: o->diff = true; break;
	case OPT_JOBS: return number("jobs", arg, 1, &o->jobs);
	case OPT_TARGET: o->target = arg; break;
	case OPT_FOR_TARGET: return choose_target(o, opt->name, arg);
	case OPT_SCRIPT: o->script = true; break;
	case OPT_LAB: o->lab = arg; break;
	case OPT_EXAMPLE: o->example = arg; break;
	case OPT_NOTES: o->notes = true; break;
	case OPT_FAIL_ON: o->fail_on = (enum fail_on)(v = choose("fail-on", arg, fail_ons)); break;
	case OPT_SELECT:
	case OPT_IGNORE: return add_rules(o, a, opt->name, arg);
	case OPT_POLICY: VEC_ADD(a, &o->config.policies, arg); break;
	case OPT_DATE: return set_date(o, a, arg);
	case OPT_STRICT: o->config.strict = true; break;
	case OPT_CONFIG: o->config_path = arg; break;
	case OPT_NO_CONFIG: o->no_config = true; break;
	case OPT_COLOR: o->color = (enum color_when)(v = choose("color", arg, colors)); break;
	case OPT_STDIN: o->stdin_name = arg; break;
	case OPT_QUIET: o->quiet = true; break;
	case OPT_HELP: o->help = true; break;
	case OPT_MAX: return number("max-findings", arg, 0, &o->max);
	}
	return v >= 0;
}

static const struct option *find_option(const struct command *cmd, struct sv name, char letter)
{
	for (size_t i = 0; i < COUNTOF(options); i++)
		if ((options[i].commands & cmd->bit) &&
		    (letter ? options[i].letter == letter : sv_eq(name, sv_from(options[i].name))))
			return &options[i];
	return NULL;
}

static bool unknown_option(const struct command *cmd, const char *arg, struct sv name)
{
	const struct option *best = NULL;
	unsigned best_d = 99, d;

	fprintf(stderr, "labc %s: there is no option '%s'", cmd->name, arg);
	for (size_t i = 0; i < COUNTOF(options); i++)
		if ((options[i].commands & cmd->bit) && sv_is_near(name, sv_from(options[i].name), &d) && d < best_d) {
			best = &options[i];
			best_d = d;
		}
	if (best)
		fprintf(stderr, "; did you mean '--%s'?\n", best->name);
	else
		fprintf(stderr, "; 'labc %s --help' lists them\n", cmd->name);
	return false;
}

static bool parse_option(struct opts *o, struct arena *a, int argc, char **argv, int *i)
{
	const char *arg = argv[*i], *value = NULL;
	const struct option *opt;
	struct sv name = SV("");

	if (arg[1] == '-') {
		ptrdiff_t eq;

		name = sv_from(arg + 2);
		eq = sv_find(name, '=');
		if (eq >= 0) {
			value = name.p + eq + 1;
			name.n = (size_t)eq;
		}
		opt = find_option(o->command, name, 0);
	} else {
		opt = find_option(o->command, name, arg[1]);
		name = sv_from(arg + 1);
		if (opt && arg[2])
			value = arg + 2;
	}
	if (!opt)
		return unknown_option(o->command, arg, name);
	if (!opt->arg && value) {
		fprintf(stderr, "labc %s: '%s' takes no value\n", o->command->name, arg);
		return false;
	}
	if (opt->arg && !value) {
		if (*i + 1 >= argc) {
			fprintf(stderr, "labc %s: '%s' wants %s behind it\n", o->command->name, arg, opt->arg);
			return false;
		}
		value = argv[++*i];
	}
	return apply(o, a, opt, value);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < commands_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static bool unknown_command(const char *name)
{
	const struct command *best = NULL;
	unsigned best_d = 99, d;

	for (size_t i = 0; i < commands_count; i++)
		if (!commands[i].hidden && sv_is_near(sv_from(name), sv_from(commands[i].name), &d) && d < best_d) {
			best = &commands[i];
			best_d = d;
		}
	fprintf(stderr, "labc: there is no command '%s'", name);
	if (best)
		fprintf(stderr, "; did you mean 'labc %s'?\n", best->name);
	else
		fputs("; 'labc --help' lists them\n", stderr);
	return false;
}

static bool is_version(const char *arg)
{
	return strcmp(arg, "--version") == 0 || strcmp(arg, "-V") == 0;
}

bool opts_parse(struct opts *o, struct arena *a, int argc, char **argv)
{
	bool only_args = false;
	int i = 1;

	*o = (struct opts){ .max = 50 };
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		o->help = true;
		return true;
	}
	if (argc < 2)
		return true;
	o->command = find_command(is_version(argv[1]) ? "version" : argv[1]);
	i++;
	if (!o->command)
		return unknown_command(argv[1]);
	for (; i < argc; i++) {
		const char *arg = argv[i];

		if (!only_args && strcmp(arg, "--") == 0)
			only_args = true;
		else if (!only_args && arg[0] == '-' && arg[1]) {
			if (!parse_option(o, a, argc, argv, &i))
				return false;
		} else
			VEC_ADD(a, &o->args, arg);
	}
	return true;
}

/* --- help and man page --- */

static void option_left(struct buf *out, const struct option *o)
{
	if (o->letter)
		buf_fmt(out, "-%c, ", o->letter);
	buf_fmt(out, "--%s", o->name);
	if (o->arg)
		buf_fmt(out, " %s", o->arg);
}

static void help_program(struct buf *out)
{
	buf_str(out, "labc compiles the description of a class - Windows lab VMs with Hyper-V guests inside - into\n"
		     "PowerShell scripts and Azure templates, and says before you deploy what would fail.\n\n"
		     "Usage: labc COMMAND [OPTION]... [FILE]...\n\nCommands:\n");
	for (size_t i = 0; i < commands_count; i++)
		if (!commands[i].hidden)
			buf_fmt(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	buf_str(out, "\nStart here:\n"
		     "  labc lint lab.yaml             # what is wrong, at which line, and why\n"
		     "  labc build lab.yaml -o out     # the scripts and templates; read out/README.md next\n"
		     "\n'labc COMMAND --help' says more about a command.\n");
}

void opts_help(struct buf *out, const struct command *cmd)
{
	struct buf left = { 0 };

	if (!cmd) {
		help_program(out);
		return;
	}
	buf_fmt(out, "labc %s: %s\n\nUsage: labc %s [OPTION]... %s\n\n%s\n\nOptions:\n", cmd->name, cmd->summary, cmd->name,
		cmd->args, cmd->text);
	for (size_t i = 0; i < COUNTOF(options); i++) {
		if (!(options[i].commands & cmd->bit))
			continue;
		left.n = 0;
		option_left(&left, &options[i]);
		buf_fmt(out, "  %-24.*s %s\n", (int)left.n, left.p, options[i].help);
	}
	buf_release(&left);
	if (cmd->bit & CMD_LINT) {
		buf_str(out, "\nFormats:\n");
		for (size_t i = 0; i < report_formats_count; i++)
			buf_fmt(out, "  %-24s %s\n", report_formats[i].name, report_formats[i].summary);
	}
	buf_fmt(out, "\nExamples:\n%s", cmd->examples);
}

static const struct {
	enum exit_code code;
	const char *what;
} exit_codes[] = {
	{ EXIT_CLEAN, "Nothing found. Notes do not count; nor do warnings for `build`, or with `--fail-on error`." },
	{ EXIT_FINDINGS, "Findings." },
	{ EXIT_USAGE, "The command line is wrong." },
	{ EXIT_SYSTEM, "Something could not be read or written, or an internal error." },
	{ EXIT_DIFFERS, "`build --check`: the folder is not what a build would write." },
};

void opts_exit_codes(struct buf *out)
{
	buf_str(out, "| exit code | meaning |\n| --- | --- |\n");
	for (size_t i = 0; i < COUNTOF(exit_codes); i++)
		buf_fmt(out, "| %d | %s |\n", (int)exit_codes[i].code, exit_codes[i].what);
}

/* Text in roff: backslashes, hyphens and leading dots made safe; backquotes dropped. */
static void roff(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '`')
			continue;
		if ((*p == '.' || *p == '\'') && (p == text || p[-1] == '\n'))
			buf_str(out, "\\&");
		if (*p == '\\')
			buf_str(out, "\\e");
		else if (*p == '-')
			buf_str(out, "\\-");
		else
			buf_ch(out, *p);
	}
}

static void man_command(struct buf *out, const struct command *c)
{
	struct buf left = { 0 };

	buf_fmt(out, ".SS labc %s ", c->name);
	roff(out, c->args);
	buf_ch(out, '\n');
	roff(out, c->text);
	buf_ch(out, '\n');
	for (size_t i = 0; i < COUNTOF(options); i++) {
		if (!(options[i].commands & c->bit) || options[i].id == OPT_HELP)
			continue;
		left.n = 0;
		option_left(&left, &options[i]);
		buf_ch(&left, '\0');
		buf_str(out, ".TP\n.B ");
		roff(out, left.p);
		buf_ch(out, '\n');
		roff(out, options[i].help);
		buf_ch(out, '\n');
	}
	buf_release(&left);
	for (size_t i = 0; (c->bit & CMD_LINT) && i < report_formats_count; i++) {
		buf_str(out, i ? ".TP\n.B " : ".PP\nThe formats:\n.TP\n.B ");
		roff(out, report_formats[i].name);
		buf_ch(out, '\n');
		roff(out, report_formats[i].summary);
		buf_ch(out, '\n');
	}
	buf_str(out, ".PP\n.nf\n");
	roff(out, c->examples);
	buf_str(out, ".fi\n");
}

void opts_man(struct buf *out)
{
	buf_str(out, ".\\\" Generated from the tables of labc by 'make docs'.\n.TH LABC 1\n.SH NAME\n"
		     "labc \\- compile a class with nested Hyper\\-V guests into scripts and templates\n"
		     ".SH SYNOPSIS\n.B labc\n.I COMMAND\n[\\fIOPTION\\fR]... [\\fIFILE\\fR]...\n.SH DESCRIPTION\n"
		     "labc reads a declarative lab.yaml, checks it against the documented constraints of Azure, Hyper\\-V\n"
		     "and WinNAT, explains every finding at its line and column, and writes PowerShell scripts and ARM\n"
		     "templates that set the class up.\n.SH COMMANDS\n");
	for (size_t i = 0; i < commands_count; i++)
		if (!commands[i].hidden)
			man_command(out, &commands[i]);
	buf_str(out, ".SH EXIT STATUS\n");
	for (size_t i = 0; i < COUNTOF(exit_codes); i++) {
		buf_fmt(out, ".TP\n.B %d\n", (int)exit_codes[i].code);
		roff(out, exit_codes[i].what);
		buf_ch(out, '\n');
	}
	buf_str(out, ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nIf set and not empty, output has no colour.\n"
		     ".TP\n.B GITHUB_ACTIONS, TF_BUILD\nIf true, 'labc lint' without \\-\\-format prints what GitHub Actions or\n"
		     "Azure Pipelines turn into annotations.\n"
		     ".SH FILES\n.TP\n.I .labc.yaml\nThe configuration, in a spec's folder or above it, up to the repository's root.\n.TP\n.I lab.yaml, lab.yml, *.lab.yaml, *.lab.yml\n"
		     "What a folder given as argument is searched for.\n");
}
