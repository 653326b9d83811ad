/* Values that try to break out, in every place of every template.
 *
 *   probes [--out DIR] [--probes FILE] [--mutant] LAB.yaml...
 *
 * The values that the templates see are made of each spec; every text among them becomes every probe, one at a
 * time, and every shipped template is rendered. The tokens of the output must be those of the value "x", unless a
 * finding refused the value. --probes: a JSON file with more of them under "probes". --out: writes a sample of the
 * scripts there, for the real PowerShell parser: NNN-x.ps1 is what NNN-pNNN.ps1 must look like.
 * --mutant: the engine does not insert the escaping filters; then many of the tests must fail. */
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "ctemplate/value.h"
#include "ctemplate/vm.h"
#include "emit/view.h"
#include "rules/registry.h"
#include "schema/decode.h"
#include "tests/templates/kinds.h"
#include "yaml/ydoc.h"

enum { MAX_LEAVES = 4096, MAX_PROBES = 256, SAMPLED_LEAVES = 6, MUTANT_STEP = 8, MUTANT_LEAST = 1000 };

#define S(lit) { "" lit "", sizeof(lit) - 1 }

static const struct sv own_probes[] = {
	S("o'brien"), S("''"), S("'+(Get-VM)+'"), S("a'\nRestart-Computer\n'"), S("\xe2\x80\x98;exit;\xe2\x80\x98"),
	S("\xe2\x80\x9a;exit #"), S("\xe2\x80\x9b,1,'"), S("\"\"; exit"), S("\xe2\x80\x9d;exit;\xe2\x80\x9c"),
	S("$env:TEMP"), S("${a}b"), S("$(exit)"), S("`"), S("a`"), S("`n"), S("@'"), S("'@"), S("\"@"), S("a\r\nexit"),
	S("<#"), S("#>"), S("a #> exit <#"), S("a# b"), S("# SIG # Begin signature block"), S("\xe2\x80\x94Whatif"),
	S("\xe2\x80\xa9" "exit"), S("\xe2\x80\xae" "a"), S("\xc2\xa0"), S("\xef\xbb\xbf" "a"), S("\x1b[2J"), S("\x7f"),
	S("a\0b"), S("\xff\xfe"), S("\xed\xa0\x80"), S("\xc5\x92;exit"), S("\xf0\x9f\x92\xbe"), S("{0:x}"), S("%1%"),
	S("[parameters('adminPassword')]"), S("[[a]"), S("['a']"), S("]"), S("\"],[\""), S("\"}, \"b\": {\""), S("\\u0022"),
	S("\\"), S("\\'"), S("-1"), S("1kb"), S(".5"), S("0b1"), S("null"), S("$false"), S("if"), S(";"), S("|"), S("&"),
	S("> a"), S("@{}"), S("@(1)"), S("a,b"), S(" a "), S("\t"), S("{{ lab.name }}"), S("{% endif %}"), S("{# a #}"),
};

struct probe {
	struct sv text;
	bool ascii;
};

struct leaf {
	struct ct_value *at;
	struct sv path;
};

struct test {
	struct arena a, perm, scratch; /* the program's, an environment's, a rendering's */
	struct sources sources;
	struct diags diags;
	struct ct_env *env;
	struct probe probes[MAX_PROBES];
	size_t n_probes;
	struct leaf leaves[MAX_LEAVES];
	size_t n_leaves;
	const char *out_dir;
	bool mutant;
	bool *rendered, *now; /* of each embedded template: by an earlier spec, by this one */
	bool further;
	struct buf got, want[2], kinds, want_kinds[2], table_text;
	bool want_ok[2];
	uint64_t passed, failed, renders, refused, shown;
};

/* --- probes --- */

static void add_probe(struct test *t, struct sv text)
{
	bool ascii = true;

	for (size_t i = 0; i < text.n; i++)
		ascii = ascii && (uint8_t)text.p[i] < 0x80;
	if (t->n_probes == MAX_PROBES) {
		fprintf(stderr, "probes: too many of them\n");
		exit(2);
	}
	t->probes[t->n_probes++] = (struct probe){ text, ascii };
}

static void read_probes(struct test *t, const char *path)
{
	json_t *all = json_load_file(path, JSON_ALLOW_NUL, NULL), *list = json_object_get(all, "probes");

	if (!list) {
		fprintf(stderr, "probes: no probes in '%s'\n", path);
		exit(2);
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *p = json_array_get(list, i);

		add_probe(t, sv_dup(&t->a, (struct sv){ json_string_value(p), json_string_length(p) }));
	}
	json_decref(all);
}

static void all_probes(struct test *t)
{
	char *longest = malloc(20000);

	for (size_t i = 0; i < sizeof(own_probes) / sizeof(own_probes[0]); i++)
		add_probe(t, own_probes[i]);
	if (!longest)
		exit(3);
	for (size_t i = 0; i < 20000; i++)
		longest[i] = "a'"[i % 2];
	add_probe(t, sv_dup(&t->a, (struct sv){ longest, 20000 }));
	free(longest);
}

/* --- the values of a spec --- */

static bool was_added(const struct test *t, const struct ct_value *v)
{
	for (size_t i = 0; i < t->n_leaves; i++)
		if (t->leaves[i].at == v)
			return true;
	return false;
}

/* Every text, and every none: another spec may have a text there. */
static void find_leaves(struct test *t, struct ct_value *v, struct sv path)
{
	if (v->tag == CT_LIST) {
		/* a seed's texts are made by templates, which are judged by themselves */
		uint32_t n = sv_ends(path, SV("seed")) ? 0 : v->u.list->n;

		for (uint32_t i = 0; i < n && i < v->u.list->n; i++)
			find_leaves(t, &v->u.list->v[i], sv_fmt(&t->a, SV_FMT "[%u]", SV_ARG(path), i));
	} else if (v->tag == CT_DICT) {
		for (uint32_t i = 0; i < v->u.dict->n; i++)
			find_leaves(t, &v->u.dict->v[i].value,
				    sv_fmt(&t->a, SV_FMT "%s" SV_FMT, SV_ARG(path), path.n ? "." : "",
					   SV_ARG(value_sv(value_key(v->u.dict, i)))));
	} else if ((v->tag == CT_TEXT || v->tag == CT_NONE) && !was_added(t, v)) {
		if (t->n_leaves == MAX_LEAVES) {
			fprintf(stderr, "probes: too many values\n");
			exit(2);
		}
		t->leaves[t->n_leaves++] = (struct leaf){ v, path };
	}
}

static bool lower(struct test *t, const char *path, struct lab *lab, struct spec *spec, struct ydoc *doc)
{
	struct sources *sources = NEW(&t->a, struct sources, 1);
	struct diags *diags = NEW(&t->a, struct diags, 1);
	struct sv text;

	sources_init(sources, &t->a);
	diags_init(diags, &t->a, sources);
	if (fs_read(&t->a, path, 1 << 20, &text) != 0)
		return false;
	if (!ydoc_parse(doc, &t->a, diags, sources_add(sources, sv_from(path), text), NULL) ||
	    !spec_decode(spec, doc, NULL))
		return false;
	lab_lower(lab, spec);
	rules_run(lab);
	return diags_errors(diags) == 0;
}

/* --- rendering --- */

/* The shipped sources, so that they are compiled again. */
static bool load_shipped(void *user, struct sv name, struct sv *text, struct sv *path)
{
	const struct ct_embedded *e = ct_embedded_find(ct_embedded_templates, ct_embedded_count, name);

	(void)user;
	(void)path;
	if (e)
		*text = (struct sv){ e->text, e->text_len };
	return e != NULL;
}

/* A new environment: findings and what belongs to them are forgotten. */
static void renew(struct test *t)
{
	arena_reset(&t->perm);
	sources_init(&t->sources, &t->perm);
	diags_init(&t->diags, &t->perm, &t->sources);
	t->env = ct_env_new(&t->perm, &t->diags, NULL);
	if (t->mutant) {
		t->env->no_insertion = true;
		ct_env_loader(t->env, load_shipped, NULL);
	} else {
		ct_env_embedded(t->env, ct_embedded_templates, ct_embedded_count);
	}
}

/* `table` made again, of the values as they are now. */
static bool make_table(struct test *t, struct ct_value values)
{
	struct ct_value table;

	if (!view_table(t->env, values, &t->scratch, &t->table_text, &table))
		return false;
	ct_dict_set(&t->a, &values, SV("table"), table);
	return true;
}

/* Other scripts have the table of the first two, as it stands there. */
static bool shows_table(const char *name) { return strcmp(name, "setup.ps1.j2") == 0 || strcmp(name, "verify.ps1.j2") == 0; }

static bool render(struct test *t, const char *name, struct ct_value values, struct buf *out)
{
	const struct ct_template *tpl = ct_get(t->env, sv_from(name));
	bool ok;

	out->n = 0;
	t->renders++;
	ok = tpl && (!shows_table(name) || make_table(t, values)) && ct_render(t->env, tpl, values, &t->scratch, ct_out_buf, out);
	arena_reset(&t->scratch);
	return ok;
}

static void say(const struct test *t, const char *name, const struct leaf *leaf, const struct probe *p,
		const char *what)
{
	if (t->mutant)
		return;
	printf("FAILED %s with '%.60s' in " SV_FMT ": %s\n", name, p->text.p, SV_ARG(leaf->path), what);
	if (t->diags.v.n)
		printf("  " SV_FMT "\n", SV_ARG(t->diags.v.v[0]->msg));
}

/* What is around the first kind that differs. */
static void show_difference(const struct buf *got, const struct buf *want)
{
	size_t i = 0, from;

	while (i < got->n && i < want->n && got->p[i] == want->p[i])
		i++;
	from = i < 20 ? 0 : i - 20;
	printf("  got      %.40s\n  expected %.40s\n", got->p + from, want->p + from);
}

static bool same(const struct buf *a, const struct buf *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

static bool holds(struct test *t, const char *name, const struct leaf *leaf, const struct probe *p,
		  struct ct_value values)
{
	bool plain = p->ascii, ok;

	*leaf->at = ct_text(p->text);
	ok = render(t, name, values, &t->got);
	if (!ok) {
		bool said = t->diags.n_errors > 0;

		t->refused++;
		if (!said)
			say(t, name, leaf, p, "no output and no finding");
		renew(t);
		return said;
	}
	if (!t->want_ok[!plain]) {
		say(t, name, leaf, p, "the harmless value was refused, this one was not");
		return false;
	}
	if (same(&t->got, &t->want[!plain]))
		return true;
	t->shown++;
	kinds_of(name, buf_view(&t->got), &t->kinds);
	if (same(&t->kinds, &t->want_kinds[!plain]) && !memchr(t->kinds.p, '?', t->kinds.n))
		return true;
	say(t, name, leaf, p, "another structure");
	buf_ch(&t->kinds, '\0');
	if (!t->mutant)
		show_difference(&t->kinds, &t->want_kinds[!plain]);
	return false;
}

/* The output for "x" and for "e" with an accent. */
static void render_harmless(struct test *t, const char *name, const struct leaf *leaf, struct ct_value values)
{
	static const struct sv harmless[2] = { SV_INIT("x"), SV_INIT("\xc3\xa9") };

	for (size_t i = 0; i < 2; i++) {
		*leaf->at = ct_text(harmless[i]);
		t->want_ok[i] = render(t, name, values, &t->want[i]);
		if (t->want_ok[i])
			kinds_of(name, buf_view(&t->want[i]), &t->want_kinds[i]);
		else
			renew(t);
	}
}

/* --- the sample for the real parser --- */

static void write_sample(struct test *t, size_t leaf, const char *suffix, const struct buf *text)
{
	struct sv path = sv_fmt(&t->a, "%s/%03zu-%s.ps1", t->out_dir, leaf, suffix);

	if (fs_write_atomic(sv_cstr(&t->a, path), buf_view(text)) != 0) {
		fprintf(stderr, "probes: cannot write '" SV_FMT "'\n", SV_ARG(path));
		exit(2);
	}
}

static void sample_leaf(struct test *t, size_t l, struct ct_value values)
{
	struct leaf *leaf = &t->leaves[l];
	struct ct_value kept = *leaf->at;

	*leaf->at = ct_text(SV("x"));
	if (render(t, "setup.ps1.j2", values, &t->got))
		write_sample(t, l, "x", &t->got);
	for (size_t i = 0; i < t->n_probes; i++) {
		char suffix[16];

		*leaf->at = ct_text(t->probes[i].text);
		snprintf(suffix, sizeof(suffix), "p%03zu", i);
		if (render(t, "setup.ps1.j2", values, &t->got))
			write_sample(t, l, suffix, &t->got);
		else
			renew(t);
	}
	*leaf->at = kept;
}

static bool is_shown(struct test *t, struct leaf *leaf, struct ct_value values)
{
	struct ct_value kept = *leaf->at;

	render_harmless(t, "setup.ps1.j2", leaf, values);
	*leaf->at = kept;
	return kept.tag == CT_TEXT && t->want_ok[0] && t->want_ok[1] && !same(&t->want[0], &t->want[1]);
}

/* Values spread over those that the script shows. */
static void write_samples(struct test *t, struct ct_value values)
{
	size_t *shown = NEW(&t->a, size_t, t->n_leaves), n = 0;

	for (size_t i = 0; i < t->n_leaves; i++)
		if (is_shown(t, &t->leaves[i], values))
			shown[n++] = i;
	for (size_t k = 0; k < SAMPLED_LEAVES && k < n; k++)
		sample_leaf(t, shown[k * n / SAMPLED_LEAVES], values);
}

/* --- all of it --- */

static bool is_judged(const struct ct_embedded *e)
{
	return e->code && (strstr(e->name, ".ps1") || strstr(e->name, ".json"));
}

static void probe_template(struct test *t, const char *name, struct ct_value values)
{
	for (size_t l = 0; l < t->n_leaves; l += t->mutant ? MUTANT_STEP : 1) {
		struct leaf *leaf = &t->leaves[l];
		struct ct_value kept = *leaf->at;

		render_harmless(t, name, leaf, values);
		for (size_t i = 0; i < t->n_probes; i++) {
			if (holds(t, name, leaf, &t->probes[i], values))
				t->passed++;
			else
				t->failed++;
		}
		*leaf->at = kept;
	}
	if (shows_table(name) && !make_table(t, values))
		t->failed++;
}

static bool is_seed(const struct ct_embedded *e) { return strncmp(e->name, "seed/", 5) == 0; }

/* Those that render for this spec; of a further spec those that none before it could render. */
static void probe_templates(struct test *t, bool seeds, struct ct_value values)
{
	for (size_t i = 0; i < ct_embedded_count; i++) {
		const struct ct_embedded *e = &ct_embedded_templates[i];

		if (!is_judged(e) || is_seed(e) != seeds || (t->further && t->rendered[i]))
			continue;
		if (render(t, e->name, values, &t->got)) {
			probe_template(t, e->name, values);
			t->now[i] = true;
		} else {
			renew(t);
		}
	}
}

/* A template that no spec renders is judged by nobody. Pieces are rendered where they are included. */
static void check_all_rendered(struct test *t)
{
	for (size_t i = 0; i < ct_embedded_count; i++) {
		const struct ct_embedded *e = &ct_embedded_templates[i];

		if (!is_judged(e) || t->rendered[i] || strncmp(e->name, "ps/", 3) == 0)
			continue;
		printf("FAILED %s is rendered for none of the specs\n", e->name);
		t->failed++;
	}
}

/* The documents inside guests see one guest and words for what is secret. */
static void probe_seeds(struct test *t, struct ct_value all, struct ct_value host)
{
	struct ct_value values = ct_dict_new(&t->a, 3), secret = ct_dict_new(&t->a, 5), lab, guests;
	static const char *const words[] = { "hash", "dns", "user", "admin", "own" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		ct_dict_set(&t->a, &secret, sv_from(words[i]), ct_text(SV("WORD")));
	if (!ct_dict_get(all, SV("lab"), &lab) || !ct_dict_get(host, SV("guests"), &guests) || !ct_count(guests))
		return;
	ct_dict_set(&t->a, &values, SV("lab"), lab);
	ct_dict_set(&t->a, &values, SV("secret"), secret);
	ct_dict_set(&t->a, &values, SV("guest"), guests.u.list->v[0]);
	t->n_leaves = 0;
	find_leaves(t, &values, SV(""));
	renew(t);
	probe_templates(t, true, values);
}

static void probe_spec(struct test *t, const char *path)
{
	struct lab *lab = NEW(&t->a, struct lab, 1);
	struct spec *spec = NEW(&t->a, struct spec, 1);
	struct ydoc *doc = NEW(&t->a, struct ydoc, 1);
	struct lab_view view;
	struct ct_value values, deploy;
	bool ok = true;

	if (!lower(t, path, lab, spec, doc)) {
		printf("FAILED %s cannot be read\n", path);
		t->failed++;
		return;
	}
	renew(t);
	view = view_lab(&t->a, lab, SV("lab.yaml"), t->env, &ok);
	/* what is made by other templates, which are judged by themselves */
	for (uint32_t h = 0; h < lab->n_hosts; h++) {
		ct_dict_set(&t->a, &view.hosts[h], SV("script"), ct_text(SV("made")));
		ct_dict_set(&t->a, &view.hosts[h], SV("put_script"), ct_text(SV("made")));
	}
	/* its other hosts go through the same templates */
	values = view_with_host(&t->a, &view, 0);
	ct_dict_set(&t->a, &values, SV("table"), ct_none());
	if (ct_dict_get(view.all, SV("deploy"), &deploy))
		ct_dict_set(&t->a, &values, SV("deploy"), deploy);
	t->n_leaves = 0;
	find_leaves(t, &values, SV(""));
	renew(t);
	if (!make_table(t, values)) {
		printf("FAILED %s has no table\n", path);
		t->failed++;
	}
	probe_templates(t, false, values);
	if (t->out_dir)
		write_samples(t, values);
	printf("%s: %zu values\n", path, t->n_leaves);
	probe_seeds(t, view.all, view.hosts[0]);
}

static int report(const struct test *t)
{
	unsigned long long passed = t->passed, failed = t->failed;

	if (t->mutant) {
		printf("figure: probes: without escaping %llu of %llu change the structure\n", failed, passed + failed);
		printf("probes: %d passed, %d failed, 0 skipped\n", failed >= MUTANT_LEAST, failed < MUTANT_LEAST);
		return failed < MUTANT_LEAST;
	}
	printf("figure: probes: %zu in every value, %llu renderings: %llu show the value, %llu refused\n", t->n_probes,
	       (unsigned long long)t->renders, (unsigned long long)t->shown, (unsigned long long)t->refused);
	printf("probes: %llu passed, %llu failed, 0 skipped\n", passed, failed);
	return failed != 0;
}

int main(int argc, char **argv)
{
	static struct test t;
	int status;

	arena_init(&t.a, 0);
	arena_init(&t.perm, 0);
	arena_init(&t.scratch, 0);
	all_probes(&t);
	t.rendered = NEW(&t.a, bool, ct_embedded_count);
	t.now = NEW(&t.a, bool, ct_embedded_count);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--out") == 0 && i + 1 < argc)
			t.out_dir = argv[++i];
		else if (strcmp(argv[i], "--probes") == 0 && i + 1 < argc)
			read_probes(&t, argv[++i]);
		else if (strcmp(argv[i], "--mutant") == 0)
			t.mutant = true;
		else {
			probe_spec(&t, argv[i]);
			t.out_dir = NULL; /* a sample of the first is enough */
			t.further = true;
			for (size_t k = 0; k < ct_embedded_count; k++)
				t.rendered[k] |= t.now[k];
		}
	}
	if (!t.mutant)
		check_all_rendered(&t);
	status = report(&t);
	for (size_t i = 0; i < 2; i++) {
		buf_release(&t.want[i]);
		buf_release(&t.want_kinds[i]);
	}
	buf_release(&t.got);
	buf_release(&t.kinds);
	buf_release(&t.table_text);
	arena_release(&t.scratch);
	arena_release(&t.perm);
	arena_release(&t.a);
	return status;
}
