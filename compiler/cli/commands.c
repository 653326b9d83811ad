#include "cli/commands.h"

#include <errno.h>
#include <unistd.h>

#include "base/bug.h"

const struct command commands[] = {
	{ "lint", "[FILE|DIR|-]...", "check specs and explain every finding",
	  "Checks each spec against the documented constraints and prints the findings on standard output, a summary on\n"
	  "standard error. A folder is searched for lab.yaml, lab.yml, *.lab.yaml and *.lab.yml; without an argument the\n"
	  "current folder is. '-' reads standard input.\n"
	  "\n"
	  "--fix repairs what has a safe repair, and only where the result has no new error or warning. A comment such as\n"
	  "'# labc: ignore LAB0425 -- reason' silences a finding on its line; a .labc.yaml sets severities\n"
	  "for all specs below it ('labc config' shows them). The summary counts what is silenced.",
	  "  labc lint lab.yaml                 # one spec\n"
	  "  labc lint --format concise .       # every spec below here, one line a finding\n"
	  "  labc lint --diff lab.yaml          # what --fix would change\n"
	  "  labc lint --fix lab.yaml           # change it\n"
	  "  labc lint -o sarif=labc.sarif .    # and a report for code scanning\n"
	  "  labc lint --fail-on error lab.yaml # warnings do not fail a pipeline\n"
	  "  labc lint --policy school.policy.yaml . # a school's own rules\n"
	  "  labc explain LAB0301               # what a finding means\n",
	  CMD_LINT, false, cmd_lint },
	{ "build", "[FILE|-]...", "write the scripts and templates of a spec",
	  "Checks the spec and, if it has no error, writes its artifacts: all of them or none. Files of an earlier build\n"
	  "that no longer belong are removed; files you changed by hand are never touched without --force. Findings go\n"
	  "to standard error. Several specs go to DIR/NAME/ each.",
	  "  labc build lab.yaml              # writes out/ beside lab.yaml\n"
	  "  labc build lab.yaml -o class     # writes class/\n"
	  "  labc build --check lab.yaml      # is out/ up to date? exit 4 if not\n",
	  CMD_BUILD, false, cmd_build },
	{ "migrate", "FILE|-", "write the spec for another target, and say what that costs",
	  "Prints the same lab for another target: the target, sizes and what the other one refuses are changed, comments and\n"
	  "everything else stay. The report on standard error says what has no counterpart there and what changes in access, cost\n"
	  "and defaults, each at its line. Exit 1 when something is left that a person must decide; the spec is written all the\n"
	  "same. No file is replaced without --force.",
	  "  labc migrate --to azure-vm lab.yaml -o azure/lab.yaml\n"
	  "  labc migrate --to hyper-v lab.yaml >/dev/null   # the report alone\n",
	  CMD_MIGRATE, false, cmd_migrate },
	{ "import", "FILE|-", "write the spec of a Hyper-V host that is there already",
	  "Prints a commented spec of a machine whose guests were made by hand or by setup.ps1. collect.ps1, which --script\n"
	  "prints, is run on that machine as administrator; it changes nothing and writes one JSON file, which is read here.\n"
	  "What the language cannot say stands in a comment and in the report on standard error, with its line in that file.\n"
	  "Exit 1 when the file is not one of collect.ps1 (nothing is written), or when something in the spec is left to be\n"
	  "decided. Then 'setup.ps1 -Adopt' of the spec's build takes the machine over as it is.",
	  "  labc import --script -o collect.ps1    # run it on the host\n"
	  "  labc import collected.json -o lab.yaml # what it wrote there\n"
	  "  labc import --target azure-vm collected.json\n",
	  CMD_IMPORT, false, cmd_import },
	{ "init", "", "write a first lab.yaml",
	  "Writes a commented spec to start from, which lints clean: the smallest class for a target, or one of the shipped\n"
	  "examples. An existing file is never replaced.",
	  "  labc init --target azure-vm\n"
	  "  labc init --example two-hosts -o class/lab.yaml\n",
	  CMD_INIT, false, cmd_init },
	{ "why", "PATH FILE|-", "say where a value comes from",
	  "Prints the value that a path of the lab has in the end, and where it comes from: written at the item, by its\n"
	  "profile, by defaults, the language's default, a catalogue, or computed; and what it took precedence over.\n"
	  "'capacity' prints whether the guests fit their hosts: memory over time, processors, disk; 'reach'\n"
	  "follows every connection from hop to hop.",
	  "  labc why guests.ubuntu.memory lab.yaml\n"
	  "  labc why hosts.lab-vm-1.guests.ubuntu.vcpus lab.yaml\n"
	  "  labc why host.size.memory lab.yaml\n"
	  "  labc why capacity lab.yaml\n"
	  "  labc why reach lab.yaml\n",
	  CMD_WHY, false, cmd_why },
	{ "dump", "FILE|-", "print what a spec means, as JSON",
	  "Prints the lab with nothing left to guess: short forms expanded, defaults filled in, copies made, addresses and\n"
	  "ports assigned. A spec with errors is not printed; the findings are.",
	  "  labc dump lab.yaml\n"
	  "  labc dump --format json lab.yaml   # the same: JSON is the only form\n", CMD_DUMP, false, cmd_dump },
	{ "config", "[FILE]", "show the configuration of a spec",
	  "Prints which severities, date and policies hold for a spec (default: lab.yaml) and the line of the configuration\n"
	  "that says so. A configuration is .labc.yaml in the spec's folder or the nearest one above, up to the folder that\n"
	  "holds .git, or the root.",
	  "  labc config class/lab.yaml\n"
	  "  labc config --policy school.policy.yaml --format json\n",
	  CMD_CONFIG, false, cmd_config },
	{ "images", "FILE|-", "list the images a spec needs, and how to get them",
	  "Lists every disk and medium the guests are made from: which guests need it, the line of the spec that names it,\n"
	  "where the script looks for it, and the steps to get it there: what to download, which checksums to compare, the\n"
	  "line of qemu-img that converts it. Works offline; labc downloads nothing itself.",
	  "  labc images lab.yaml\n"
	  "  labc images --format json lab.yaml\n",
	  CMD_IMAGES, false, cmd_images },
	{ "explain", "CODE|RULE|FIELD", "explain a finding, a rule or a field",
	  "Says what a finding means, why it matters on the machine, how right and wrong look, and where the constraint\n"
	  "is documented; or what a field of the language means, its type and its default. Works offline.",
	  "  labc explain LAB0301\n"
	  "  labc explain guest.memory\n"
	  "  labc explain ORG-MEMORY --policy school.policy.yaml\n",
	  CMD_EXPLAIN, false, cmd_explain },
	{ "list", "sizes|os|rules|targets", "list sizes, operating systems, rules or targets",
	  "Prints one of labc's tables.",
	  "  labc list sizes\n"
	  "  labc list os --format json\n",
	  CMD_LIST, false, cmd_list },
	{ "schema", "", "print the JSON Schema of lab.yaml",
	  "Prints a JSON Schema (2020-12) of the language for editors: completion, hover texts, marks.",
	  "  labc schema > lab.schema.json\n",
	  CMD_SCHEMA, false, cmd_schema },
	{ "render", "TEMPLATE", "render a template with JSON or YAML data",
	  "Renders any template: for those who write their own. The language of the output, by default told by the name\n"
	  "(x.ps1.j2, x.json.j2, x.md.j2, x.html.j2), decides how values are escaped.",
	  "  labc render setup.ps1.j2 --data values.json --trim-blocks --lstrip-blocks\n", CMD_RENDER, false, cmd_render },
	{ "templates", "", "list or export the built-in templates",
	  "Lists the templates in the program. Export them, change one, and give the folder to 'labc build --templates'.",
	  "  labc templates --export my-templates\n", CMD_TEMPLATES, false, cmd_templates },
	{ "version", "", "print the version", "Prints the version of labc.", "  labc version\n", CMD_VERSION, false,
	  cmd_version },
	{ "internal", "docs CHAPTER | template-dump FILE", "for labc's own tests and documentation", "Not for users; may change any day.", "",
	  CMD_INTERNAL, true, cmd_internal },
};
const size_t commands_count = COUNTOF(commands);

bool cli_flush(int fd, struct buf *b)
{
	struct sv left = buf_view(b);

	while (left.n) {
		ssize_t w = write(fd, left.p, left.n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return false;
		left = sv_sub(left, (size_t)w, left.n);
	}
	b->n = 0;
	return true;
}
