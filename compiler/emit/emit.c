#include "emit/emit.h"

#include <string.h>

#include "base/bug.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/pool.h"
#include "emit/earlier.h"
#include "emit/limits.h"
#include "emit/sums.h"
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
	{ "Artifacts/@-%/keep-password.ps1", "azure/keep-password.ps1", OUTPUT_HOST, DEVTEST_LABS, true, true,
	  "keeps the guests' password over the restart; the artifact runs it where they need one" },
	{ "Artifacts/@-%/restart.ps1", "azure/restart.ps1", OUTPUT_HOST, DEVTEST_LABS, true, true,
	  "restarts the machine for Hyper-V; the artifact runs it last" },
	{ "Artifacts/@-%/setup.ps1", "setup.ps1.j2", OUTPUT_HOST, DEVTEST_LABS, true, true,
	  "the script that the artifact runs" },
	{ "Artifacts/@-%/verify.ps1", "verify.ps1.j2", OUTPUT_HOST, DEVTEST_LABS, true, false,
	  "comes to the machine with it, for whoever sets the class up" },
	{ "Artifacts/@-%/start-lab.ps1", "start-lab.ps1.j2", OUTPUT_HOST, DEVTEST_LABS, true, false,
	  "comes to the machine with it, for the students" },
	{ "Artifacts/@-%/reset.ps1", "reset.ps1.j2", OUTPUT_HOST, DEVTEST_LABS, true, false,
	  "comes to the machine with it, for the students" },
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

/* Files of a host that stand inside other files too: the host has the text under this key; where it is empty, put_scripts()
 * takes the text. */
static const struct {
	const char *path, *key;
	unsigned targets;
} embedded[] = {
	{ "%/setup.ps1", "script", AZURE_VM },
	{ "%/start-lab.ps1", "", AZURE_VM },
	{ "%/reset.ps1", "", AZURE_VM },
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

/* What one thread renders with. */
struct hand {
	struct job *j;
	struct arena *a; /* of the texts: as long as the plan */
	struct ct_env *env;
	struct plan_memory *memory, own;
	struct arena scratch;
	struct buf out, table_text;
	struct ct_value table; /* of the host whose number is table_of - 1 */
	uint32_t table_of;
	bool failed;
};

/* A lab on its way to files. */
struct job {
	struct plan *plan;
	const struct lab *lab;
	struct lab_view view;
	const struct emit_opts *eo;
	struct hand *hands;
	unsigned n_hands;
	struct plan_file *made; /* outputs row by row, in each host by host; data.n 0: not made yet */
};

static struct plan_file *made_at(const struct job *j, size_t row, uint32_t host)
{
	return &j->made[row * j->lab->n_hosts + host];
}

/* A template rendered or a plain file as it is, one line end behind the last line. Good until the next rendering. */
static bool text_of(struct hand *h, const struct output *o, struct ct_value values, struct sv *text)
{
	const struct ct_embedded *row = ct_embedded_find(ct_embedded_templates, ct_embedded_count, sv_from(o->source));
	const struct emit_opts *eo = h->j->eo;
	const struct ct_template *t;
	struct arena_mark m;
	bool ok;

	if (!row)
		BUG("no template '%s' in the binary", o->source);
	if (!row->code) {
		struct sv path;

		if (!eo->load || !eo->load(eo->user, sv_from(o->source), text, &path))
			*text = (struct sv){ row->text, row->text_len };
		return true;
	}
	t = ct_get(h->env, sv_from(o->source));
	if (!t)
		return false;
	m = arena_mark(&h->scratch);
	h->out.n = 0;
	ok = ct_render(h->env, t, values, &h->scratch, ct_out_buf, &h->out);
	arena_rewind(&h->scratch, m);
	while (h->out.n && h->out.p[h->out.n - 1] == '\n')
		h->out.n--;
	buf_ch(&h->out, '\n');
	*text = buf_view(&h->out);
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

/* % is the host's name, @ the lab's. */
static struct sv host_path(const struct job *j, struct arena *a, const char *pattern, uint32_t host)
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
	path = buf_take(&b, a);
	buf_release(&b);
	return path;
}

/* Whether a file is in its place already. Without a queue of sums, that is: with it, what is in the folder is compared
 * while they are made. */
static bool is_there(struct hand *h, const struct plan_file *f)
{
	struct arena_mark s = arena_mark(&h->scratch);
	bool same = false;

	if (h->j->eo->dir && !h->memory->sums)
		same = fs_equals(fs_join(&h->scratch, h->j->eo->dir, f->path), f->data);
	arena_rewind(&h->scratch, s);
	return same;
}

/* The sum of a file, and of a script without its table. */
static void sum_up(struct hand *h, struct plan_file *f)
{
	const char *known = f->same ? earlier_sum(h->j->eo->earlier, f->path) : NULL;

	f->sum->text = f->data;
	if (known)
		memcpy(f->sum->hex, known, sizeof(f->sum->hex));
	else
		sums_add(h->memory->sums, f->sum);
	if (sv_ends(f->path, SV(".ps1"))) {
		find_table(f);
		plan_sum_constant(h->memory, f);
	}
}

/* Makes a file, unless it is made; its sums while the next one is rendered. */
static bool make(struct hand *h, size_t row, uint32_t host, struct ct_value values)
{
	const struct output *o = &outputs[row];
	struct plan_file *f = made_at(h->j, row, host);
	struct arena_mark m;
	struct sv text;

	if (f->data.n)
		return true;
	if (!text_of(h, o, values, &text))
		return false;
	*f = (struct plan_file){ .path = host_path(h->j, h->a, o->path, host), .what = o->what, .listed = o->listed,
				 .sum = NEW(h->a, struct sum, 1) };
	m = arena_mark(h->a);
	f->data = o->crlf ? for_windows(h->a, text, sv_ends(sv_from(o->source), SV(".ps1.j2"))) : sv_dup(h->a, text);
	f->same = is_there(h, f);
	sum_up(h, f);
	/* a lab's file may be read by rules; others stand in others; a queue of sums reads them later */
	if (o->scope != OUTPUT_HOST || embedded_key(o, h->j->lab->target) || h->memory->sums)
		return true;
	f->put = !f->same && h->j->eo->put && h->j->eo->put(h->j->eo->put_user, f);
	if (f->same || f->put) {
		f->data.p = f->sum->text.p = NULL;
		arena_rewind(h->a, m);
	}
	return true;
}

static bool make_for_host(struct hand *h, size_t row, uint32_t host)
{
	struct ct_value values = view_with_host(h->a, &h->j->view, host);

	/* most scripts have the same table */
	if (h->table_of != host + 1) {
		h->table_of = 0;
		if (!view_table(h->env, values, &h->scratch, &h->table_text, &h->table))
			return false;
		h->table_of = host + 1;
	}
	ct_dict_set(h->a, &values, SV("table"), h->table);
	return make(h, row, host, values);
}

/* The text of a host's output that was rendered early. */
static struct sv early_text(const struct job *j, const char *path, uint32_t host)
{
	for (size_t i = 0; i < outputs_count; i++)
		if (strcmp(outputs[i].path, path) == 0 && outputs[i].targets & 1u << j->lab->target)
			return made_at(j, i, host)->data;
	BUG("no output '%s'", path);
}

/* The script that puts others onto a machine: their texts in it, as here-strings. What ends one stands at the start of a
 * line, where no script of ours has a quotation mark. Not verify.ps1: nobody has documented how long a run command's script
 * may be, and with it this one would be longer than setup.ps1. */
static struct sv put_scripts(const struct job *j, uint32_t host)
{
	static const char *const files[] = { "start-lab.ps1", "reset.ps1" };
	const struct ct_embedded *row =
		ct_embedded_find(ct_embedded_templates, ct_embedded_count, SV("azure/put-scripts.ps1"));
	struct sv frame = { row->text, row->text_len }, text;
	ptrdiff_t at = sv_search(frame, SV("# --- end of the files ---"));
	struct buf b = { 0 };

	if (at < 0)
		BUG("azure/put-scripts.ps1 has no place for the files");
	buf_sv(&b, sv_sub(frame, 0, (size_t)at));
	for (size_t i = 0; i < COUNTOF(files); i++) {
		text = early_text(j, sv_fmt(j->plan->a, "%%/%s", files[i]).p, host);
		if (sv_search(text, SV("\n'@")) >= 0)
			BUG("%s cannot stand in a here-string", files[i]);
		buf_fmt(&b, "$file['%s'] = @'\n" SV_FMT "'@\n", files[i], SV_ARG(text));
	}
	buf_sv(&b, sv_sub(frame, (size_t)at, frame.n));
	text = buf_take(&b, j->plan->a);
	buf_release(&b);
	return text;
}

/* Renders what other files embed, and gives it to their templates. */
static bool make_early(struct job *j)
{
	bool ok = true;

	for (size_t i = 0; i < outputs_count; i++) {
		const char *key = embedded_key(&outputs[i], j->lab->target);

		for (uint32_t h = 0; key && h < j->lab->n_hosts; h++) {
			if (!make_for_host(&j->hands[0], i, h))
				ok = false;
			else if (*key)
				ct_dict_set(j->plan->a, &j->view.hosts[h], sv_from(key), ct_text(made_at(j, i, h)->data));
		}
	}
	for (uint32_t h = 0; ok && j->lab->target == TARGET_AZURE_VM && h < j->lab->n_hosts; h++)
		ct_dict_set(j->plan->a, &j->view.hosts[h], SV("put_script"), ct_text(put_scripts(j, h)));
	return ok;
}

static bool is_wanted(const struct job *j, const struct output *o)
{
	return o->targets & 1u << j->lab->target;
}

/* A file of the lab, or a host with all its files: its values are near then. Stops at what fails. */
static void make_item(void *ctx, void *worker, void *result, size_t i)
{
	struct job *j = ctx;
	struct hand *h = worker;

	(void)result;
	if (h->failed)
		return;
	if (i < outputs_count) {
		if (is_wanted(j, &outputs[i]) && outputs[i].scope == OUTPUT_LAB)
			h->failed = !make(h, i, 0, j->view.all);
		return;
	}
	for (size_t row = 0; row < outputs_count && !h->failed; row++)
		if (is_wanted(j, &outputs[row]) && outputs[row].scope == OUTPUT_HOST)
			h->failed = !make_for_host(h, row, (uint32_t)(i - outputs_count));
}

static bool make_files(struct job *j)
{
	struct pool p = { .n = outputs_count + j->lab->n_hosts, .n_workers = j->n_hands, .handful = 1, .ctx = j,
			  .work = make_item };
	bool ok = true;

	p.n_results = p.n;
	p.results = NEW(j->plan->a, void *, p.n);
	p.workers = NEW(j->plan->a, void *, p.n_workers);
	for (unsigned i = 0; i < j->n_hands; i++)
		p.workers[i] = &j->hands[i];
	pool_run(&p);
	for (unsigned i = 0; i < j->n_hands; i++)
		ok &= !j->hands[i].failed;
	return ok;
}

/* Puts what was made into the plan, in the order of the table. */
static bool put_all(struct job *j)
{
	for (size_t i = 0; i < outputs_count; i++) {
		const struct output *o = &outputs[i];
		uint32_t n = o->scope == OUTPUT_LAB ? 1 : j->lab->n_hosts;

		for (uint32_t h = 0; is_wanted(j, o) && h < n; h++) {
			const struct plan_file *f = made_at(j, i, h);

			if (sv_eq(f->path, SV("azuredeploy.json")) && !limits_hold(j->lab, f->path, f->data))
				return false;
			plan_add(j->plan, f);
		}
	}
	return true;
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
		l.text_bytes += size * 20000;
	}
	return l;
}

/* So many guests are worth threads. */
enum { WORTH_A_CREW = 200 };

static unsigned count_hands(const struct lab *lab, const struct emit_opts *eo)
{
	/* the templates of a folder are read as they are asked for: by one thread */
	if (eo->load || lab->n_guests < WORTH_A_CREW)
		return 1;
	return eo->threads < lab->n_hosts ? eo->threads : lab->n_hosts;
}

/* The only hand tells what is wrong to the lab's sink. Those of a crew have one each, which nobody reads. */
static struct hand make_hand(struct job *j, const struct ct_limits *limits, bool alone)
{
	struct hand h = { .j = j, .a = alone ? j->plan->a : plan_more_room(j->plan) };
	struct diags *d = j->lab->diags;

	if (!alone) {
		struct sources *s = NEW(h.a, struct sources, 1);

		*s = *d->sources;
		s->a = h.a;
		s->cap = s->n; /* what is added goes to a copy */
		d = NEW(h.a, struct diags, 1);
		diags_init(d, h.a, s);
	}
	h.env = ct_env_new(h.a, d, limits);
	if (j->eo->load)
		ct_env_loader(h.env, j->eo->load, j->eo->user);
	ct_env_embedded(h.env, ct_embedded_templates, ct_embedded_count);
	arena_init(&h.scratch, 0);
	return h;
}

/* Values and files; false when something failed. */
static bool make_all(struct job *j, unsigned n)
{
	struct ct_limits limits = limits_of(j->lab);
	struct view_hand *v = NEW(j->plan->a, struct view_hand, n);
	bool ok = true;

	j->n_hands = n;
	j->hands = NEW(j->plan->a, struct hand, n);
	j->made = NEW(j->plan->a, struct plan_file, outputs_count * j->lab->n_hosts);
	for (unsigned i = 0; i < n; i++) {
		j->hands[i] = make_hand(j, &limits, n == 1);
		j->hands[i].memory = n == 1 ? j->plan->memory : &j->hands[i].own;
		v[i] = (struct view_hand){ j->hands[i].a, j->hands[i].env };
	}
	j->view = view_lab_by(j->lab, j->eo->spec_name, v, n, &ok);
	ok = ok && make_early(j) && make_files(j);
	for (unsigned i = 0; i < n; i++) {
		buf_release(&j->hands[i].out);
		buf_release(&j->hands[i].table_text);
		arena_release(&j->hands[i].scratch);
	}
	return ok;
}

/* The sums of a crew are needed until the manifest is made. */
static void release_hands(struct job *j)
{
	for (unsigned i = 0; i < j->n_hands; i++)
		plan_memory_release(&j->hands[i].own);
	j->n_hands = 0;
}

bool emit_lab(struct plan *p, const struct lab *lab, const struct emit_opts *eo)
{
	struct job j = { .plan = p, .eo = eo, .lab = lab };
	unsigned n = count_hands(lab, eo);
	bool ok = n > 1 && make_all(&j, n);

	/* what fails is done again by one thread, which tells it as every other lab's is told */
	if (!ok) {
		release_hands(&j);
		ok = make_all(&j, 1);
	}
	ok = ok && put_all(&j);
	if (ok)
		plan_add_manifest(p, lab->name, sv_from(target_word(lab->target)));
	release_hands(&j);
	return ok;
}
