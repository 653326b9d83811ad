/* Compiles the shipped templates while the program is built and writes them as one C file of
 * constant data:  embed OUT.c DIR FILE...  A file that does not end in .j2 is kept as it is;
 * NAME=PATH keeps the plain file of that path, which may be anywhere, under that name. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/bug.h"
#include "base/fs.h"
#include "ctemplate/code.h"
#include "diag/report.h"

struct job {
	struct arena a;
	struct sources sources;
	struct diags diags;
	struct ct_env *env;
	const char *dir;
	struct buf out;
};

/* Azure carries a script in one message: in the binary it is indented by tabs, and comments inside functions stay in
 * the template. That is a fifth of its bytes. */
static struct sv pack_script(struct arena *a, struct sv text)
{
	struct buf b = { 0 };
	struct sv out;

	while (text.n) {
		ptrdiff_t nl = sv_find(text, '\n');
		struct sv line = sv_sub(text, 0, nl < 0 ? text.n : (size_t)nl + 1);
		size_t blanks = 0;

		text = sv_sub(text, line.n, text.n);
		while (blanks < line.n && line.p[blanks] == ' ')
			blanks++;
		if (blanks && sv_starts(sv_sub(line, blanks, line.n), SV("# ")))
			continue;
		for (size_t i = 0; i < blanks / 4; i++)
			buf_ch(&b, '\t');
		buf_sv(&b, sv_sub(line, blanks - blanks % 4, line.n));
	}
	out = buf_take(&b, a);
	buf_release(&b);
	return out;
}

static bool load(void *user, struct sv name, struct sv *text, struct sv *path)
{
	struct job *j = user;
	const char *file = fs_join(&j->a, j->dir, name);

	*path = sv_from(file);
	if (fs_read(&j->a, file, 1u << 20, text) != 0)
		return false;
	if (sv_ends(name, SV(".ps1.j2")))
		*text = pack_script(&j->a, *text);
	return true;
}

static void put_bytes(struct buf *b, const char *name, size_t i, struct sv s)
{
	buf_fmt(b, "static const char %s%zu[] = {", name, i);
	for (size_t k = 0; k < s.n; k++) {
		int c = (signed char)s.p[k];

		buf_fmt(b, "%s%d,", k % 24 ? "" : "\n", c);
	}
	buf_str(b, "0\n};\n");
}

static void put_words(struct buf *b, const char *name, size_t i, const uint32_t *v, uint32_t n)
{
	buf_fmt(b, "static const uint32_t %s%zu[] = {", name, i);
	for (uint32_t k = 0; k < n; k++)
		buf_fmt(b, "%s%uu,", k % 12 ? "" : "\n", v[k]);
	buf_str(b, "0\n};\n");
}

static void put_locs(struct buf *b, const char *name, size_t i, const struct ct_loc *v, uint32_t n)
{
	buf_fmt(b, "static const struct ct_loc %s%zu[] = {", name, i);
	for (uint32_t k = 0; k < n; k++)
		buf_fmt(b, "%s{%u,%u},", k % 10 ? "" : "\n", v[k].off, v[k].len);
	buf_str(b, "{0,0}\n};\n");
}

static void put_consts(struct buf *b, size_t i, const struct ct_code *c)
{
	buf_fmt(b, "static const struct ct_const k%zu[] = {", i);
	for (uint32_t k = 0; k < c->n_consts; k++)
		buf_fmt(b, "%s{%u,%u,(int64_t)%lluu},", k % 6 ? "" : "\n", c->consts[k].tag, c->consts[k].len,
			(unsigned long long)c->consts[k].bits);
	buf_str(b, "{0,0,0}\n};\n");
	buf_fmt(b, "static const struct ct_name n%zu[] = {", i);
	for (uint32_t k = 0; k < c->n_names; k++)
		buf_fmt(b, "%s{%u,%u,%uu,%u},", k % 6 ? "" : "\n", c->names[k].off, c->names[k].len,
			c->names[k].hash, c->names[k].builtin);
	buf_str(b, "{0,0,0,0}\n};\n");
}

static void put_fns(struct buf *b, size_t i, const struct ct_code *c)
{
	buf_fmt(b, "static const struct ct_fn f%zu[] = {", i);
	for (uint32_t k = 0; k < c->n_fns; k++) {
		const struct ct_fn *f = &c->fns[k];

		buf_fmt(b, "\n{%u,%u,%u,%uu,%u,%u,%u,%u,%u,%u},", f->start, f->off, f->len, f->name,
			f->slot_names, f->n_params, f->n_slots, f->max_stack, f->flags, f->frag);
	}
	buf_str(b, "\n};\n");
	buf_fmt(b, "static const struct ct_block b%zu[] = {", i);
	for (uint32_t k = 0; k < c->n_blocks; k++)
		buf_fmt(b, "{%u,%u},", c->blocks[k].name, c->blocks[k].fn);
	buf_str(b, "{0,0}};\n");
}

static void put_states(struct buf *b, size_t i, const struct ct_code *c)
{
	buf_fmt(b, "static const struct ct_state s%zu[] = {", i);
	for (uint32_t k = 0; k < c->n_states; k++) {
		const struct ct_state *s = &c->states[k];

		buf_fmt(b, "\n{%u,%u,%u,%u,{", s->mode, s->depth, s->n, s->flag);
		for (int x = 0; x < 8; x++)
			buf_fmt(b, "%u,", s->stack[x]);
		buf_str(b, "},{");
		for (int x = 0; x < 8; x++)
			buf_fmt(b, "%u,", s->parens[x]);
		buf_fmt(b, "},%u,%u,%u,%u},", s->prev, s->lastnb, s->bol, s->spare);
	}
	buf_str(b, "\n{0}\n};\n");
}

static void put_code(struct buf *b, size_t i, const struct ct_code *c)
{
	put_bytes(b, "t", i, (struct sv){ c->text, c->text_len });
	put_bytes(b, "p", i, (struct sv){ c->pool, c->pool_len });
	put_words(b, "c", i, c->code, c->n_code);
	put_words(b, "a", i, c->aux, c->n_aux);
	put_locs(b, "l", i, c->locs, c->n_code);
	put_locs(b, "x", i, c->pieces, c->n_pieces);
	put_consts(b, i, c);
	put_fns(b, i, c);
	put_states(b, i, c);
	buf_fmt(
	    b,
	    "static const struct ct_code code%zu = {\n"
	    "\t.lang = %u, .flags = %u, .text_len = %u, .n_code = %u, .n_consts = %u, .n_names = %u,\n"
	    "\t.n_fns = %u, .n_blocks = %u, .n_pieces = %u, .n_aux = %u, .n_states = %u, .pool_len = %u,\n",
	    i, c->lang, c->flags, c->text_len, c->n_code, c->n_consts, c->n_names, c->n_fns, c->n_blocks,
	    c->n_pieces, c->n_aux, c->n_states, c->pool_len);
	buf_fmt(b,
		"\t.text = t%zu, .code = c%zu, .locs = l%zu, .consts = k%zu, .names = n%zu, .fns = f%zu,\n"
		"\t.blocks = b%zu, .pieces = x%zu, .aux = a%zu, .states = s%zu, .pool = p%zu,\n};\n\n",
		i, i, i, i, i, i, i, i, i, i, i);
}

static bool is_template(struct sv name)
{
	return sv_ends(name, SV(".j2"));
}

static bool add_file(struct job *j, size_t i, const char *arg, struct buf *table)
{
	struct sv name = sv_from(arg), dir = sv_from(j->dir), text, path;
	const struct ct_template *t;

	if (sv_find(name, '=') > 0) {
		size_t n = (size_t)sv_find(name, '=');

		path = sv_sub(name, n + 1, name.n);
		name.n = n;
		if (is_template(name) || fs_read(&j->a, sv_cstr(&j->a, path), 1u << 20, &text) != 0) {
			fprintf(stderr, "embed: cannot take %s\n", arg);
			return false;
		}
		put_bytes(&j->out, "file", i, text);
		buf_fmt(table, "\t{ \"" SV_FMT "\", file%zu, %zuu, NULL },\n", SV_ARG(name), i, text.n);
		return true;
	}
	/* FILE may be given with or without DIR in front */
	if (sv_starts(name, dir) && name.n > dir.n && name.p[dir.n] == '/')
		name = sv_sub(name, dir.n + 1, name.n);
	if (!load(j, name, &text, &path)) {
		fprintf(stderr, "embed: cannot read %s\n", sv_cstr(&j->a, path));
		return false;
	}
	buf_fmt(table, "\t{ \"" SV_FMT "\", ", SV_ARG(name));
	put_bytes(&j->out, "file", i, text);
	if (!is_template(name)) {
		buf_fmt(table, "file%zu, %zuu, NULL },\n", i, text.n);
		return true;
	}
	if (ct_lang_of(name) == CT_LANG_TEXT) {
		fprintf(
		    stderr,
		    "embed: %s: a shipped template is never plain text: its name must tell its language\n",
		    sv_cstr(&j->a, name));
		return false;
	}
	t = ct_get(j->env, name);
	if (!t)
		return false;
	put_code(&j->out, i, t->code);
	buf_fmt(table, "file%zu, %zuu, &code%zu },\n", i, text.n, i);
	return true;
}

static void print_findings(struct job *j)
{
	struct buf text = { 0 };
	struct report_opts o = { 0 };

	diags_finish(&j->diags);
	report_text(&text, &j->diags, &o);
	fwrite(text.p, 1, text.n, stderr);
	buf_release(&text);
}

int main(int argc, char **argv)
{
	struct job j = { 0 };
	struct buf table = { 0 };
	bool ok = true;
	int err = 0;

	if (argc < 3) {
		fprintf(stderr, "usage: embed OUT.c DIR FILE...\n");
		return 2;
	}
	j.dir = argv[2];
	arena_init(&j.a, 0);
	sources_init(&j.sources, &j.a);
	diags_init(&j.diags, &j.a, &j.sources);
	j.env = ct_env_new(&j.a, &j.diags, NULL);
	ct_env_loader(j.env, load, &j);
	buf_str(&j.out, "/* Written by embed; do not edit. */\n#include \"ctemplate/code.h\"\n\n");
	for (int i = 3; i < argc; i++)
		ok &= add_file(&j, (size_t)i - 3, argv[i], &table);
	buf_fmt(&j.out,
		"const struct ct_embedded ct_embedded_templates[] = {\n" SV_FMT
		"\t{ NULL, NULL, 0, NULL },\n};\n\n",
		SV_ARG(buf_view(&table)));
	buf_fmt(&j.out, "const size_t ct_embedded_count = %d;\n", argc - 3);
	if (j.diags.n_errors)
		print_findings(&j);
	ok = ok && !j.diags.n_errors;
	if (ok && (err = fs_write_atomic(argv[1], buf_view(&j.out))) != 0)
		fprintf(stderr, "embed: cannot write %s: %s\n", argv[1], strerror(err));
	buf_release(&j.out);
	buf_release(&table);
	arena_release(&j.a);
	return ok && !err ? 0 : 1;
}
