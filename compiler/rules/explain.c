/* Rows told to people: `labc explain CODE`, and the page of all rules. */
#include "rules/registry.h"

#include "base/bug.h"
#include "rules/policy.h"

static const struct {
	const char *prefix, *title;
} chapters[] = {
	{ "LAB00", "The file and its YAML" },
	{ "LAB01", "Structure and types" },
	{ "LAB02", "Hosts and sizes" },
	{ "LAB03", "Capacity" },
	{ "LAB04", "Guests" },
	{ "LAB05", "Networks and addresses" },
	{ "LAB06", "Port mappings and connections" },
	{ "LAB07", "Identity, secrets, schedule, quota" },
	{ "LAB08", "Targets" },
	{ "LAB09", "Operations and cost" },
	{ "T", "Templates" },
};

/* A text with every line behind some blanks. */
static void indented(struct buf *out, const char *text, const char *blanks)
{
	struct sv rest = sv_from(text);

	while (rest.n) {
		ptrdiff_t nl = sv_find(rest, '\n');
		struct sv line = sv_sub(rest, 0, nl < 0 ? rest.n : (size_t)nl);

		if (line.n)
			buf_fmt(out, "%s" SV_FMT, blanks, SV_ARG(line));
		buf_ch(out, '\n');
		rest = sv_sub(rest, line.n + 1, rest.n);
	}
}

static void how_to_set(struct buf *out, const struct diag_info *row)
{
	const char *refusal = config_refusal(row, CONFIG_OFF);
	bool is_error = row->severity == SEV_ERROR && !sv_starts(sv_from(row->code), SV("ORG-"));

	if (config_refusal(row, CONFIG_WARNING)) {
		buf_fmt(out, "\nIt can be neither silenced nor configured: %s.\n", config_refusal(row, CONFIG_WARNING));
		return;
	}
	buf_fmt(out,
		"\nTo silence it at one place, end the line (or write on a line of its own above the entry):\n\n"
		"    # labc: ignore %s -- why it is right here\n",
		row->code);
	buf_fmt(out, "\nTo change it for all specs below a folder, write into its .labc.yaml:\n\n    labc: 1\n"
		     "    rules: { %s: %s }\n",
		row->name, refusal ? "warning" : row->severity == SEV_NOTE ? "off" : "note");
	if (is_error)
		buf_str(out, "\nAn error cannot be made less than a warning there: 'labc build' prints warnings, so that nobody "
			     "builds\nwithout being told.\n");
}

static void explain_row(struct buf *out, const struct diag_info *row)
{
	buf_fmt(out, "%s %s (%s)\n\n", row->code, row->name, severity_name(row->severity));
	buf_fmt(out, "  what   %s\n", row->summary);
	if (row->why)
		buf_fmt(out, "  why    %s\n", row->why);
	if (row->source)
		buf_fmt(out, "  source %s\n", row->source);
}

bool registry_explain(struct buf *out, struct sv code_or_name)
{
	const struct diag_info *row = registry_find(code_or_name);

	if (!row)
		return false;
	explain_row(out, row);
	if (row->bad) {
		buf_str(out, "\nThis is reported:\n\n");
		indented(out, row->bad, "    ");
	}
	if (row->good) {
		buf_str(out, "\nThis is fine:\n\n");
		indented(out, row->good, "    ");
	}
	how_to_set(out, row);
	return true;
}

bool policy_explain(struct buf *out, const struct policy *p, struct sv code)
{
	const struct policy_rule *r = policy_find(p, code);

	if (!r)
		return false;
	explain_row(out, &r->rule.info);
	buf_fmt(out, "  path   " SV_FMT "\n  allows ", SV_ARG(r->spec->path.v));
	policy_allows(out, r);
	buf_fmt(out, "\n  from   " SV_FMT, SV_ARG(p->file->path));
	if (p->name.n)
		buf_fmt(out, ", " SV_FMT, SV_ARG(p->name));
	buf_str(out, "\n\nGiven with --policy it can be neither silenced nor configured. A policy that a .labc.yaml names under\n"
		     "'policies' is silenced and configured like labc's own rules.\n");
	return true;
}

/* Markdown's own characters inside a table cell. */
static void cell(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '|' || *text == '<' || *text == '*' || *text == '_')
			buf_ch(out, '\\');
		buf_ch(out, *text);
	}
}

static void section(struct buf *out, const struct diag_info *row)
{
	buf_fmt(out, "\n### %s %s\n\n", row->code, row->name ? row->name : "");
	buf_fmt(out, "%s: %s.\n\n", severity_name(row->severity), row->summary);
	if (row->why)
		buf_fmt(out, "%s\n\n", row->why);
	if (row->bad) {
		buf_str(out, "Reported:\n\n```yaml\n");
		buf_str(out, row->bad);
		buf_str(out, "```\n\n");
	}
	if (row->good) {
		buf_str(out, "Fine:\n\n```yaml\n");
		buf_str(out, row->good);
		buf_str(out, "```\n\n");
	}
	if (row->source)
		buf_fmt(out, "Source: <%s>\n", row->source);
}

void registry_markdown(struct buf *out)
{
	size_t n = registry_count();

	buf_fmt(out,
		"# Findings\n\n"
		"Made by `labc docs rules` from the tables of the program: %zu kinds. `labc explain CODE` "
		"shows one of "
		"them.\nA finding is silenced by `# labc: ignore CODE -- reason` at the end of its line or "
		"above its "
		"entry, or for whole folders in .labc.yaml (SPEC.md, Configuration); LAB015x and LAB016x are about such files.\n",
		n);
	for (size_t c = 0; c < COUNTOF(chapters); c++) {
		struct sv prefix = sv_from(chapters[c].prefix);

		buf_fmt(out, "\n## %s\n\n| code | name | severity | what |\n| --- | --- | --- | --- |\n",
			chapters[c].title);
		for (size_t i = 0; i < n; i++) {
			const struct diag_info *row = registry_row(i);

			if (!sv_starts(sv_from(row->code), prefix))
				continue;
			buf_fmt(out, "| %s | %s | %s | ", row->code, row->name ? row->name : "",
				severity_name(row->severity));
			cell(out, row->summary);
			buf_str(out, " |\n");
		}
		for (size_t i = 0; i < n; i++) {
			const struct diag_info *row = registry_row(i);

			if (sv_starts(sv_from(row->code), prefix))
				section(out, row);
		}
	}
}
