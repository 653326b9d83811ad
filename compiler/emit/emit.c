#include "emit/emit.h"

#include <string.h>

#include "base/bug.h"
#include "base/buf.h"
#include "emit/limits.h"
#include "emit/view.h"

#define LAB_SERVICES (1u << TARGET_LAB_SERVICES)
#define AZURE_VM     (1u << TARGET_AZURE_VM)
#define DEVTEST_LABS (1u << TARGET_DEVTEST_LABS)
#define HYPER_V      (1u << TARGET_HYPER_V)
#define AZURE        (LAB_SERVICES | AZURE_VM | DEVTEST_LABS)
#define EVERY        (LAB_SERVICES | AZURE_VM | DEVTEST_LABS | HYPER_V)

const struct output outputs[] = {
	{ "README.md", "lab-services/README.md.j2", OUTPUT_LAB, LAB_SERVICES, false, true,
	  "start here: the steps, in order, with every command" },
	{ "STUDENTS.md", "lab-services/STUDENTS.md.j2", OUTPUT_LAB, LAB_SERVICES, false, true,
	  "hand this to the students: who connects where, and how" },
	{ "README.md", "azure-vm/README.md.j2", OUTPUT_LAB, AZURE_VM, false, true,
	  "start here: the steps, in order, with every command" },
	{ "STUDENTS.md", "azure-vm/STUDENTS.md.j2", OUTPUT_LAB, AZURE_VM, false, true,
	  "hand this to the students: who connects where, and how" },
	{ "README.md", "devtest-labs/README.md.j2", OUTPUT_LAB, DEVTEST_LABS, false, true,
	  "start here: the steps, in order, with every command" },
	{ "STUDENTS.md", "devtest-labs/STUDENTS.md.j2", OUTPUT_LAB, DEVTEST_LABS, false, true,
	  "hand this to the students: who connects where, and how" },
	{ "README.md", "hyper-v/README.md.j2", OUTPUT_LAB, HYPER_V, false, true,
	  "start here: the steps on the server, in order" },
	{ "STUDENTS.md", "hyper-v/STUDENTS.md.j2", OUTPUT_LAB, HYPER_V, false, true,
	  "hand this to the students: what each seat has, and how to connect" },
	{ "azuredeploy.json", "lab-services/azuredeploy.json.j2", OUTPUT_LAB, LAB_SERVICES, false, true,
	  "creates the lab in Azure; README.md has the command" },
	{ "azuredeploy.parameters.json", "lab-services/azuredeploy.parameters.json.j2", OUTPUT_LAB, LAB_SERVICES, false,
	  true, "its parameters; passwords are asked for, never written" },
	{ "azuredeploy.json", "azure-vm/azuredeploy.json.j2", OUTPUT_LAB, AZURE_VM, false, true,
	  "creates the machines in Azure; README.md has the command" },
	{ "azuredeploy.parameters.json", "azure-vm/azuredeploy.parameters.json.j2", OUTPUT_LAB, AZURE_VM, false, true,
	  "its parameters; passwords are asked for, never written" },
	{ "azuredeploy.json", "devtest-labs/azuredeploy.json.j2", OUTPUT_LAB, DEVTEST_LABS, false, true,
	  "creates the lab in Azure; README.md has the command" },
	{ "azuredeploy.parameters.json", "devtest-labs/azuredeploy.parameters.json.j2", OUTPUT_LAB, DEVTEST_LABS, false,
	  true, "its parameters; passwords are asked for, never written" },
	{ "Artifacts/@-%/artifactfile.json", "devtest-labs/artifactfile.json.j2", OUTPUT_HOST, DEVTEST_LABS, false, true,
	  "put the folder Artifacts into the lab's Git repository" },
	{ "Artifacts/@-%/account.ps1", "azure/account.ps1", OUTPUT_HOST, DEVTEST_LABS, true, true,
	  "creates the students' account; the artifact runs it first, without one a person does" },
	{ "Artifacts/@-%/restart.ps1", "azure/restart.ps1", OUTPUT_HOST, DEVTEST_LABS, true, true,
	  "restarts the machine for Hyper-V; the artifact runs it last" },
	{ "Artifacts/@-%/setup.ps1", "setup.ps1.j2", OUTPUT_HOST, DEVTEST_LABS, true, true,
	  "the script that the artifact runs" },
	{ "deploy.ps1", "azure/deploy.ps1", OUTPUT_LAB, AZURE, true, true,
	  "creates the lab from Windows: says what it needs, shows what would happen, asks" },
	{ "deploy.sh", "azure/deploy.sh", OUTPUT_LAB, AZURE, false, true, "the same from Linux, macOS or the Cloud Shell" },
	{ "deploy.json", "azure/deploy.json.j2", OUTPUT_LAB, AZURE, false, true, "what the two read" },
	{ "destroy.ps1", "azure/destroy.ps1", OUTPUT_LAB, AZURE, true, true,
	  "deletes what carries the lab's tag, after its name was typed" },
	{ "destroy.sh", "azure/destroy.sh", OUTPUT_LAB, AZURE, false, true, "the same from Linux, macOS or the Cloud Shell" },
	{ "%/setup.cmd", "start.cmd", OUTPUT_HOST, EVERY, true, true,
	  "run this on the machine: starts setup.ps1 with administrator rights" },
	{ "%/setup.ps1", "setup.ps1.j2", OUTPUT_HOST, EVERY, true, true,
	  "sets up Hyper-V, network, guests and port mappings; safe to run again" },
	{ "%/verify.cmd", "start.cmd", OUTPUT_HOST, EVERY, true, false, "starts verify.ps1 with administrator rights" },
	{ "%/verify.ps1", "verify.ps1.j2", OUTPUT_HOST, EVERY, true, true,
	  "says what differs from the description, and changes nothing; -From tries the port mappings from elsewhere" },
	{ "%/start-lab.cmd", "start.cmd", OUTPUT_HOST, EVERY, true, false, "starts start-lab.ps1 with administrator rights" },
	{ "%/start-lab.ps1", "start-lab.ps1.j2", OUTPUT_HOST, EVERY, true, true,
	  "starts the guests in their order and waits until they answer; for students, too" },
	{ "%/reset.cmd", "start.cmd", OUTPUT_HOST, EVERY, true, false, "starts reset.ps1 with administrator rights" },
	{ "%/reset.ps1", "reset.ps1.j2", OUTPUT_HOST, EVERY, true, true,
	  "brings guests back to a marked state or to their image; for students, too" },
	{ "%/remove.cmd", "start.cmd", OUTPUT_HOST, EVERY, true, false, "starts remove.ps1 with administrator rights" },
	{ "%/remove.ps1", "remove.ps1.j2", OUTPUT_HOST, EVERY, true, true,
	  "takes away what setup.ps1 created, and nothing else; the guests' disks stay" },
	{ "%/prepare-publish.cmd", "start.cmd", OUTPUT_HOST, LAB_SERVICES, true, false,
	  "starts prepare-publish.ps1 with administrator rights" },
	{ "%/prepare-publish.ps1", "prepare-publish.ps1.j2", OUTPUT_HOST, LAB_SERVICES, true, true,
	  "makes the template machine ready to be published, and says what still blocks it" },
	{ ".gitattributes", "gitattributes", OUTPUT_LAB, EVERY, false, false, "keeps git from changing line ends" },
};
const size_t outputs_count = COUNTOF(outputs);

/* Files of a host that stand inside other files too: the host has the text under this key. */
static const struct {
	const char *path, *key;
	unsigned targets;
} embedded[] = {
	{ "%/setup.ps1", "script", AZURE_VM },
};

/* The key under which others see an output, or NULL. */
static const char *embedded_key(const struct output *o, enum target t)
{
	for (size_t i = 0; i < COUNTOF(embedded); i++)
		if (strcmp(embedded[i].path, o->path) == 0 && embedded[i].targets & o->targets & 1u << t)
			return embedded[i].key;
	return NULL;
}

bool emit_has_target(enum target t)
{
	for (size_t i = 0; i < outputs_count; i++)
		if (outputs[i].targets & 1u << t)
			return true;
	return false;
}

/* The next line end that is no CRLF yet (a file of the user may have some), or the end. */
static const char *lone_lf(const char *from, const char *p, const char *end)
{
	while ((p = memchr(p, '\n', (size_t)(end - p))) && p > from && p[-1] == '\r')
		p++;
	return p ? p : end;
}

/* Blanks at the start of a line that are left out: templates of scripts are indented by four, scripts by two. A
 * tenth of a script was blanks, and a script stays below 100 KB. */
static size_t surplus(const char *p, const char *end)
{
	const char *word = p;

	while (word < end && *word == ' ')
		word++;
	return (size_t)(word - p) / 2;
}

/* Windows line ends, and for scripts (`narrow`) half the indentation. */
static struct sv for_windows(struct arena *a, struct sv text, bool narrow)
{
	const char *end = text.p + text.n, *p, *nl;
	size_t n = text.n;
	char *out, *to;

	for (p = lone_lf(text.p, text.p, end); p < end; p = lone_lf(text.p, p + 1, end))
		n++;
	out = to = arena_alloc_raw(a, n + 1, 1, 1);
	for (p = text.p; p < end; p = nl + 1) {
		nl = lone_lf(text.p, p, end);
		if (narrow)
			p += surplus(p, nl);
		memcpy(to, p, (size_t)(nl - p));
		to += nl - p;
		if (nl == end)
			break;
		*to++ = '\r';
		*to++ = '\n';
	}
	return (struct sv){ out, (size_t)(to - out) };
}

struct job {
	struct plan *plan;
	const struct lab *lab;
	const struct lab_view *view;
	struct sv *early; /* texts of the outputs that others embed, row by row, then host by host; empty: not made yet */
	struct ct_env *env;
	const struct emit_opts *eo;
	struct arena scratch;
	struct buf out;
};

/* A template rendered or a plain file as it is, one line end behind the last line. Good until the next rendering. */
static bool text_of(struct job *j, const struct output *o, struct ct_value values, struct sv *text)
{
	const struct ct_embedded *row = ct_embedded_find(ct_embedded_templates, ct_embedded_count, sv_from(o->source));
	const struct ct_template *t;
	struct arena_mark m;
	bool ok;

	if (!row)
		BUG("no template '%s' in the binary", o->source);
	if (!row->code) {
		struct sv path;

		if (!j->eo->load || !j->eo->load(j->eo->user, sv_from(o->source), text, &path))
			*text = (struct sv){ row->text, row->text_len };
		return true;
	}
	t = ct_get(j->env, sv_from(o->source));
	if (!t)
		return false;
	m = arena_mark(&j->scratch);
	j->out.n = 0;
	ok = ct_render(j->env, t, values, &j->scratch, ct_out_buf, &j->out);
	arena_rewind(&j->scratch, m);
	while (j->out.n && j->out.p[j->out.n - 1] == '\n')
		j->out.n--;
	buf_ch(&j->out, '\n');
	*text = buf_view(&j->out);
	return ok;
}

/* The lines of a script's table, its two comment lines included: SPEC.md has the command that leaves them out.
 * No value can spell such a line, since a literal has no line end. */
static void find_table(struct plan_file *f)
{
	ptrdiff_t from = sv_search(f->data, SV("\n# --- lab data")), to = sv_search(f->data, SV("\n# --- end of lab data"));
	ptrdiff_t end;

	if (from < 0 || to < from)
		return;
	end = sv_find(sv_sub(f->data, (size_t)to + 1, f->data.n), '\n');
	f->own = (size_t)from + 1;
	f->own_n = end < 0 ? f->data.n - f->own : (size_t)(to + 1 + end + 1) - f->own;
}

/* The text as it will stand in the file. */
static bool file_text(struct job *j, const struct output *o, struct ct_value values, struct sv *text)
{
	if (!text_of(j, o, values, text))
		return false;
	*text = o->crlf ? for_windows(j->plan->a, *text, sv_ends(sv_from(o->source), SV(".ps1.j2")))
			: sv_dup(j->plan->a, *text);
	return true;
}

static void put(struct job *j, const struct output *o, struct sv path, struct sv text)
{
	struct plan_file *f = plan_add(j->plan, path, text, o->what, o->listed);

	if (sv_ends(path, SV(".ps1")))
		find_table(f);
	plan_sum(j->plan, f);
}

static bool add(struct job *j, const struct output *o, struct sv path, struct ct_value values)
{
	struct sv text;

	if (!file_text(j, o, values, &text))
		return false;
	if (sv_ends(path, SV("azuredeploy.json")) && !limits_hold(j->lab, path, text))
		return false;
	put(j, o, path, text);
	return true;
}

/* % is the host's name, @ the lab's. */
static struct sv host_path(const struct job *j, const char *pattern, uint32_t host)
{
	struct buf b = { 0 };
	struct sv path;

	for (; *pattern; pattern++) {
		if (*pattern == '%')
			buf_sv(&b, j->lab->hosts[host].name);
		else if (*pattern == '@')
			buf_sv(&b, j->lab->name);
		else
			buf_ch(&b, *pattern);
	}
	path = buf_take(&b, j->plan->a);
	buf_release(&b);
	return path;
}

static bool add_for_hosts(struct job *j, const struct output *o, size_t row)
{
	bool ok = true;

	for (uint32_t h = 0; h < j->lab->n_hosts; h++) {
		struct sv path = host_path(j, o->path, h);
		struct sv early = j->early[row * j->lab->n_hosts + h];

		if (early.n)
			put(j, o, path, early);
		else
			ok = add(j, o, path, view_with_host(j->plan->a, j->view, h)) && ok;
	}
	return ok;
}

/* Renders what other files embed, and gives it to their templates. */
static bool make_early(struct job *j)
{
	bool ok = true;

	for (size_t i = 0; i < outputs_count; i++) {
		const struct output *o = &outputs[i];
		const char *key = embedded_key(o, j->lab->target);

		for (uint32_t h = 0; key && h < j->lab->n_hosts; h++) {
			struct sv *text = &j->early[i * j->lab->n_hosts + h];

			if (file_text(j, o, view_with_host(j->plan->a, j->view, h), text))
				ct_dict_set(j->plan->a, &j->view->hosts[h], sv_from(key), ct_text(*text));
			else
				ok = false;
		}
	}
	return ok;
}

/* The engine's limits stop a template that never ends; what a large lab needs grows with its guests. */
static struct ct_limits limits_of(const struct lab *lab)
{
	struct ct_limits l = ct_default_limits;
	uint64_t size = lab->n_guests + lab->n_connections;

	if (size > 1000) {
		l.fuel += size * 10000;
		l.loop_turns += size > (UINT32_MAX - l.loop_turns) / 1000 ? UINT32_MAX - l.loop_turns : (uint32_t)size * 1000;
		l.output_bytes += size * 20000;
	}
	return l;
}

bool emit_lab(struct plan *p, const struct lab *lab, const struct emit_opts *eo)
{
	struct ct_limits limits = limits_of(lab);
	struct lab_view view;
	struct job j = { .plan = p, .eo = eo, .lab = lab, .view = &view, .env = ct_env_new(p->a, lab->diags, &limits),
			 .early = NEW(p->a, struct sv, outputs_count * lab->n_hosts) };
	bool ok = true;

	arena_init(&j.scratch, 0);
	if (eo->load)
		ct_env_loader(j.env, eo->load, eo->user);
	ct_env_embedded(j.env, ct_embedded_templates, ct_embedded_count);
	view = view_lab(p->a, lab, eo->spec_name, j.env, &ok);
	ok = ok && make_early(&j);
	for (size_t i = 0; ok && i < outputs_count; i++) {
		const struct output *o = &outputs[i];

		if (!(o->targets & 1u << lab->target))
			continue;
		if (o->scope == OUTPUT_HOST)
			ok = add_for_hosts(&j, o, i);
		else
			ok = add(&j, o, sv_from(o->path), view.all);
	}
	if (ok)
		plan_add_manifest(p, lab->name, sv_from(target_word(lab->target)));
	buf_release(&j.out);
	arena_release(&j.scratch);
	return ok;
}
