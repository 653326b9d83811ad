/* labc explain, schema, version and internal: what the tables say. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "cli/commands.h"
#include "cli/search.h"
#include "ctemplate/ctemplate.h"
#include "rules/policy.h"
#include "rules/registry.h"
#include "schema/describe.h"

/* Ends a command whose whole output is in the buffer. */
static enum exit_code finish(struct buf *out, enum exit_code code)
{
	if (!cli_flush(STDOUT_FILENO, out))
		code = EXIT_SYSTEM;
	buf_release(out);
	return code;
}

/* A rule of the policies given; false: there is none of that code, or they are wrong, which was printed. */
static bool explain_policy(struct buf *out, const struct opts *o, struct sv what, enum exit_code *code)
{
	struct search s;
	bool found = false;

	if (o->config.policies.n == 0)
		return false;
	search_init(&s, o);
	search_report(&s);
	for (size_t i = 0; !found && i < s.run.demanded.n; i++)
		found = policy_explain(out, s.run.demanded.v[i], what);
	if (s.failed)
		*code = EXIT_SYSTEM;
	search_release(&s);
	return found;
}

enum exit_code cmd_explain(const struct opts *o)
{
	enum exit_code code = EXIT_USAGE;
	struct buf out = { 0 };
	struct sv what;

	if (o->args.n != 1) {
		fputs("labc explain: wants one code (LAB0301), rule name or field (guest.memory)\n", stderr);
		return EXIT_USAGE;
	}
	what = sv_from(o->args.v[0]);
	if (explain_policy(&out, o, what, &code) || registry_explain(&out, what))
		return finish(&out, EXIT_CLEAN);
	if (sv_starts(what, SV("ORG-")) || code == EXIT_SYSTEM) {
		if (code != EXIT_SYSTEM)
			fprintf(stderr, "labc explain: no policy given with --policy has the rule '%s'\n", o->args.v[0]);
		buf_release(&out);
		return code;
	}
	if (schema_explain(&out, what))
		return finish(&out, EXIT_CLEAN);
	fprintf(stderr, "labc explain: '%s' is no code, rule or field; 'labc list rules' lists the rules", o->args.v[0]);
	if (out.n)
		fprintf(stderr, "\n%.*s", (int)out.n, out.p);
	fputc('\n', stderr);
	buf_release(&out);
	return EXIT_USAGE;
}

enum exit_code cmd_schema(const struct opts *o)
{
	struct buf out = { 0 };

	(void)o;
	schema_json(&out);
	return finish(&out, EXIT_CLEAN);
}

enum exit_code cmd_version(const struct opts *o)
{
	struct buf out = { 0 };

	(void)o;
	buf_str(&out, "labc " LABC_VERSION "\n");
	return finish(&out, EXIT_CLEAN);
}

/* The filters and tests of templates, with an example each. */
static void templates_markdown(struct buf *out)
{
	static const struct {
		const char *title;
		const struct ct_doc *(*row)(size_t i);
	} parts[] = { { "Filters", ct_filter_doc }, { "Tests", ct_test_doc } };

	buf_str(out, "# Filters and tests of templates\n\nGenerated from the tables of the engine by `make docs`.\n");
	for (size_t p = 0; p < COUNTOF(parts); p++) {
		const struct ct_doc *d;

		buf_fmt(out, "\n## %s\n\n| name | what it does | example | gives |\n| --- | --- | --- | --- |\n", parts[p].title);
		for (size_t i = 0; (d = parts[p].row(i)); i++) {
			buf_fmt(out, "| `%s` | %s | `", d->signature, d->doc);
			for (const char *c = d->example ? d->example : ""; *c; c++)
				buf_str(out, *c == '|' ? "\\|" : (char[]){ *c, '\0' });
			buf_str(out, "` | `");
			for (const char *c = d->result ? d->result : ""; *c; c++)
				buf_str(out, *c == '|' ? "\\|" : *c == '\n' ? "\\n" : (char[]){ *c, '\0' });
			buf_str(out, "` |\n");
		}
	}
}

static const struct {
	const char *name;
	void (*print)(struct buf *out);
} chapters[] = {
	{ "fields", schema_markdown }, { "schema", schema_json }, { "rules", registry_markdown },
	{ "templates", templates_markdown }, { "man", opts_man }, { "exit-codes", opts_exit_codes },
	{ "config", config_markdown },
};

enum exit_code cmd_internal(const struct opts *o)
{
	struct buf out = { 0 };

	for (size_t i = 0; o->args.n == 2 && strcmp(o->args.v[0], "docs") == 0 && i < COUNTOF(chapters); i++)
		if (strcmp(o->args.v[1], chapters[i].name) == 0) {
			chapters[i].print(&out);
			return finish(&out, EXIT_CLEAN);
		}
	if (o->args.n == 2 && strcmp(o->args.v[0], "template-dump") == 0)
		return cmd_template_dump(o->args.v[1]);
	fputs("labc internal: template-dump FILE, or docs fields|schema|rules|templates|man|exit-codes|config\n", stderr);
	return EXIT_USAGE;
}
