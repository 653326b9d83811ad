/* labc init: a first spec, from the table of fields or from a shipped example. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/fs.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "ctemplate/ctemplate.h"
#include "schema/describe.h"

/* --- the starter --- */

enum { LS = 1 << TARGET_LAB_SERVICES, VM = 1 << TARGET_AZURE_VM, DT = 1 << TARGET_DEVTEST_LABS, HV = 1 << TARGET_HYPER_V };
enum { ALL = LS | VM | DT | HV, COMMENT_AT = 30, COMMENT_MAX = 70 };

/* One line of the starter. The comment is the description of the field at `path`, unless there is one of its own. */
struct line {
	unsigned targets;     /* bits */
	bool off;             /* only shown: commented out */
	const char *text;
	const char *path;     /* of its field, or NULL */
	const char *comment;  /* instead of the field's description, or NULL */
};

static const struct line starter[] = {
	{ ALL, false, "labc: 1", "labc", NULL },
	{ ALL, false, "name: my-lab", "name", NULL },
	{ ALL, true, "title: My lab", "title", NULL },
	{ LS, false, "target: lab-services", NULL, "Azure Lab Services; it takes no new customers" },
	{ VM, false, "target: azure-vm", NULL, "plain Azure VMs" },
	{ DT, false, "target: devtest-labs", NULL, "Azure DevTest Labs" },
	{ HV, false, "target: hyper-v", NULL, "a Windows server of your own" },
	{ ALL, true, "time_zone: Europe/Berlin", "time_zone", NULL },
	{ LS, true, "quota: { students: 24, hours: 5 }", "quota", NULL },
	{ ALL, false, "", NULL, NULL },
	{ LS | VM | DT, false, "host:", NULL, "the Windows machine; 'labc list sizes' lists its sizes" },
	{ HV, false, "host:", NULL, "the server: write what it has" },
	{ LS, false, "  size: Large (Nested virtualization)", NULL, "8 vCPUs, 32 GiB" },
	{ VM | DT, false, "  size: Standard_D8s_v5", NULL, "8 vCPUs, 32 GiB" },
	{ HV, false, "  size: { vcpus: 16, memory: 64 GiB }", NULL, NULL },
	{ HV, false, "  disk: 500 GiB", NULL, "what guests and images may take" },
	{ HV, true, "  seats: 1", "host.seats", "copies of the guests, one for each student" },
	{ ALL, true, "  os: windows-server-2022", "host.os", NULL },
	{ ALL, true, "  reserve: 4 GiB", "host.reserve", NULL },
	{ ALL, false, "", NULL, NULL },
	{ ALL, false, "guests:", NULL, "the machines inside it, in start order" },
	{ ALL, false, "  ubuntu:", NULL, "a name of your choice" },
	{ ALL, false, "    os: ubuntu-22.04", NULL, "'labc list os' lists them" },
	{ ALL, false, "    vcpus: 2", "guest.vcpus", NULL },
	{ ALL, false, "    memory: 4 GiB", "guest.memory", NULL },
	{ ALL, true, "    disk: 40 GiB", "guest.disk", NULL },
	{ ALL, true, "    address: auto", "guest.address", NULL },
	{ ALL, false, "    ports: [\"2222:22\"]", NULL, "port 2222 of the host leads to SSH of this guest" },
	{ ALL, true, "    automatic_start: always", "guest.automatic_start", NULL },
	{ VM | DT, false, "", NULL, NULL },
	{ VM | DT, true, "targets:", NULL, "what only this target understands" },
	{ VM, true, "  azure-vm:", NULL, NULL },
	{ DT, true, "  devtest-labs:", NULL, NULL },
	{ VM, true, "    region: westeurope", "targets.azure-vm.region", NULL },
	{ VM, true, "    auto_shutdown: 19:00", "targets.azure-vm.auto_shutdown", NULL },
	{ DT, true, "    region: westeurope", "targets.devtest-labs.region", NULL },
	{ DT, true, "    auto_shutdown: 19:00", "targets.devtest-labs.auto_shutdown", NULL },
};

static void put_line(struct buf *out, const struct line *l)
{
	struct schema_place at;
	const char *comment = l->comment;
	size_t from = out->n, indent = strspn(l->text, " "), used;

	if (!comment && l->path && schema_find(sv_from(l->path), &at) && at.field)
		comment = at.field->doc;
	if (comment && strlen(comment) > COMMENT_MAX) {
		buf_fill(out, ' ', indent);
		buf_str(out, "# ");
		for (const char *c = comment; *c; c++)
			if (*c != '`')
				buf_ch(out, *c);
		buf_ch(out, '\n');
		comment = NULL;
		from = out->n;
	}
	/* the mark stands in front of the key, so that taking it away is all */
	buf_fill(out, ' ', indent);
	buf_fmt(out, "%s%s", l->off ? "#" : "", l->text + indent);
	used = out->n - from;
	if (comment) {
		buf_fill(out, ' ', used < COMMENT_AT ? COMMENT_AT - used : 2);
		buf_str(out, "# ");
		for (const char *c = comment; *c; c++)
			if (*c != '`')
				buf_ch(out, *c);
	}
	buf_ch(out, '\n');
}

static void put_starter(struct buf *out, enum target target)
{
	buf_str(out, "# A class for labc: Windows machines with Hyper-V guests inside.\n"
		     "#   labc lint lab.yaml              what is wrong, where and why\n"
		     "#   labc build lab.yaml             the scripts and templates\n"
		     "#   labc explain guest.memory       more about a field\n"
		     "# Lines that begin with '#' and a field show what else there is, mostly with its default.\n\n");
	for (size_t i = 0; i < COUNTOF(starter); i++)
		if (starter[i].targets & 1u << target)
			put_line(out, &starter[i]);
}

/* --- the target --- */

static bool find_target(struct sv word, enum target *out)
{
	for (int i = 0; i < TARGET_COUNT; i++)
		if (sv_eq(word, sv_from(target_word((enum target)i)))) {
			*out = (enum target)i;
			return true;
		}
	return false;
}

static bool no_target(const char *what, struct sv word)
{
	const char *near = words_nearest(&words_target, word);

	fprintf(stderr, "labc init: %s", what);
	for (int i = 0; i < TARGET_COUNT; i++)
		fprintf(stderr, " %s", target_word((enum target)i));
	if (near && word.n)
		fprintf(stderr, "; did you mean '%s'?", near);
	fputc('\n', stderr);
	return false;
}

/* Asks until a word or a number is one of the targets; an empty answer or the end gives up. */
static bool ask_target(enum target *out)
{
	char answer[128];

	fputs("Where does the lab run?\n", stderr);
	for (int i = 0; i < TARGET_COUNT; i++)
		fprintf(stderr, "  %d  %-14s %s\n", i + 1, target_word((enum target)i), words_target.v[i].doc);
	for (;;) {
		struct sv s;

		fputs("Number or name: ", stderr);
		fflush(stderr);
		if (!fgets(answer, sizeof(answer), stdin) || (s = sv_trim(sv_from(answer))).n == 0)
			return no_target("without a target there is nothing to write; give --target, one of:", SV(""));
		if (s.n == 1 && s.p[0] >= '1' && s.p[0] < '1' + TARGET_COUNT) {
			*out = (enum target)(s.p[0] - '1');
			return true;
		}
		if (find_target(s, out))
			return true;
	}
}

static bool choose_target(const struct opts *o, enum target *out)
{
	if (o->target)
		return find_target(sv_from(o->target), out) ||
		       no_target("--target wants one of:", sv_from(o->target));
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		return ask_target(out);
	return no_target("--target TARGET says where the lab runs, one of:", SV(""));
}

/* --- examples --- */

/* "two-hosts" of "examples/two-hosts.yaml"; empty for other files of the binary. */
static struct sv example_name(const struct ct_embedded *e)
{
	struct sv name = sv_from(e->name), folder = SV("examples/"), end = SV(".yaml");

	if (!sv_starts(name, folder) || !sv_ends(name, end))
		return SV("");
	return sv_sub(name, folder.n, name.n - folder.n - end.n);
}

static const struct ct_embedded *find_example(struct sv want)
{
	unsigned best_d = 99, d;
	struct sv best = SV("");

	for (size_t i = 0; i < ct_embedded_count; i++) {
		struct sv name = example_name(&ct_embedded_templates[i]);

		if (name.n && sv_eq(name, want))
			return &ct_embedded_templates[i];
		if (name.n && sv_is_near(want, name, &d) && d < best_d) {
			best = name;
			best_d = d;
		}
	}
	fprintf(stderr, "labc init: there is no example '" SV_FMT "'", SV_ARG(want));
	if (best.n)
		fprintf(stderr, "; did you mean '" SV_FMT "'?", SV_ARG(best));
	fputs("\nThe examples:\n", stderr);
	for (size_t i = 0; i < ct_embedded_count; i++)
		if (example_name(&ct_embedded_templates[i]).n)
			fprintf(stderr, "  " SV_FMT "\n", SV_ARG(example_name(&ct_embedded_templates[i])));
	return NULL;
}

/* The same text with another word behind `target:`. */
static void put_retargeted(struct buf *out, struct sv text, const char *word)
{
	ptrdiff_t at = sv_search(text, SV("\ntarget:"));
	size_t from, to;

	if (at < 0) {
		buf_sv(out, text);
		return;
	}
	from = (size_t)at + SV("\ntarget:").n;
	while (from < text.n && text.p[from] == ' ')
		from++;
	to = from;
	while (to < text.n && text.p[to] != ' ' && text.p[to] != '\n')
		to++;
	buf_sv(out, sv_sub(text, 0, from));
	buf_str(out, word);
	buf_sv(out, sv_sub(text, to, text.n));
}

/* A spec that does not lint clean is no start: an example may not fit another target. */
static bool is_clean(struct sv text, const struct opts *o)
{
	struct edited e = { NULL, SV("lab.yaml"), text };
	struct buf err = { 0 };
	struct session s;
	bool ok;

	session_init(&s);
	s.edited = &e;
	ok = session_read(&s, "lab.yaml", o, &err) && s.diags.n_errors + s.diags.n_warnings == 0;
	if (!ok) {
		fprintf(stderr, "labc init: the example '%s' does not fit the target %s:\n", o->example ? o->example : "",
			o->target ? o->target : "");
		session_report(&s, &err, o, false);
		cli_flush(STDERR_FILENO, &err);
	}
	buf_release(&err);
	session_release(&s);
	return ok;
}

/* --- writing --- */

static enum exit_code write_new(const struct opts *o, struct buf *text)
{
	const char *path = o->out ? o->out : "lab.yaml";
	struct arena a;
	int err;

	if (strcmp(path, "-") == 0)
		return cli_flush(STDOUT_FILENO, text) ? EXIT_CLEAN : EXIT_SYSTEM;
	if (fs_exists(path) && !o->force) {
		fprintf(stderr, "labc init: '%s' exists, and is not replaced; give another name with -o, or --force\n", path);
		return EXIT_SYSTEM;
	}
	arena_init(&a, 0);
	err = fs_mkdirs(sv_cstr(&a, fs_dirname(path)));
	arena_release(&a);
	if (!err)
		err = fs_write_atomic(path, buf_view(text));
	if (err) {
		fprintf(stderr, "labc init: cannot write '%s': %s\n", path, strerror(err));
		return EXIT_SYSTEM;
	}
	text->n = 0;
	if (!o->quiet) {
		buf_fmt(text, "%s written\n\nNext:\n  labc lint %s\n  labc build %s\n", path, path, path);
		return cli_flush(STDOUT_FILENO, text) ? EXIT_CLEAN : EXIT_SYSTEM;
	}
	return EXIT_CLEAN;
}

enum exit_code cmd_init(const struct opts *o)
{
	const struct ct_embedded *example;
	enum target target = TARGET_COUNT;
	enum exit_code code;
	struct buf text = { 0 };

	if (o->args.n) {
		fputs("labc init: takes no files; -o FILE says where to write\n", stderr);
		return EXIT_USAGE;
	}
	if ((o->target || !o->example) && !choose_target(o, &target))
		return EXIT_USAGE;
	if (!o->example) {
		put_starter(&text, target);
	} else {
		example = find_example(sv_from(o->example));
		if (!example)
			return EXIT_USAGE;
		if (o->target)
			put_retargeted(&text, (struct sv){ example->text, example->text_len }, target_word(target));
		else
			buf_add(&text, example->text, example->text_len);
		if (o->target && !is_clean(buf_view(&text), o)) {
			buf_release(&text);
			return EXIT_FINDINGS;
		}
	}
	code = write_new(o, &text);
	buf_release(&text);
	return code;
}
