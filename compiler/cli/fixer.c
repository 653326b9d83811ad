#include "cli/fixer.h"

#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "diag/fix.h"

enum { MAX_ROUNDS = 32, MAX_LINKS = 40 };

void fixer_init(struct fixer *f)
{
	*f = (struct fixer){ 0 };
	session_init(&f->trial);
	arena_init(&f->texts, 0);
}

void fixer_release(struct fixer *f)
{
	session_release(&f->trial);
	arena_release(&f->texts);
}

/* The path by which the session read a source. */
static struct sv path_of(const struct session *s, uint32_t src)
{
	return src == 0 ? sv_from(s->path) : sources_get(&s->sources, src)->name;
}

struct judge {
	struct fixer *f;
	const struct session *s;
	const struct opts *o;
	struct edited *entry; /* of the file being repaired, in f->after */
};

static bool is_good(void *ctx, struct sv fixed, size_t sets)
{
	struct judge *j = ctx;
	struct session *t = &j->f->trial;
	struct sv old = j->entry->text;
	struct buf err = { 0 };
	bool ok;

	j->entry->text = fixed;
	t->edited = j->f->after;
	t->settings = j->s->settings;
	ok = session_read(t, j->s->path, j->o, &err) && fix_is_better(&t->a, &j->s->diags, &t->diags, sets);
	j->entry->text = old;
	buf_release(&err);
	return ok;
}

/* The entry of a file, made on its first change. */
static struct edited *entry_of(struct fixer *f, struct sv path, struct sv text)
{
	struct edited *e, *b;

	for (e = f->after; e; e = e->next)
		if (sv_eq(e->path, path))
			return e;
	e = NEW(&f->texts, struct edited, 1);
	b = NEW(&f->texts, struct edited, 1);
	e->path = b->path = sv_dup(&f->texts, path);
	e->text = b->text = sv_dup(&f->texts, text);
	e->next = f->after;
	b->next = f->before;
	f->after = e;
	f->before = b;
	return e;
}

static bool fix_source(struct fixer *f, struct session *s, uint32_t src, const struct opts *o)
{
	struct sv text = sources_get(&s->sources, src)->text;
	struct judge j = { f, s, o, NULL };
	struct fix_plan plan;
	struct buf out = { 0 };

	if (!fix_plan(&plan, &s->a, &s->diags, src, o->unsafe_fixes))
		return false;
	j.entry = entry_of(f, path_of(s, src), text);
	if (!fix_settle(&plan, text, is_good, &j))
		return false;
	fix_render(&out, text, &plan);
	j.entry->text = (struct sv){ sv_cstr(&f->texts, buf_view(&out)), out.n };
	buf_release(&out);
	f->n_fixed += fix_count(&plan);
	return true;
}

void fixer_run(struct fixer *f, struct session *s, const struct opts *o)
{
	struct buf err = { 0 };
	bool more = true;

	arena_reset(&f->texts);
	f->before = f->after = NULL;
	f->n_fixed = f->n_files = 0;
	for (unsigned round = 0; more && round < MAX_ROUNDS; round++) {
		more = false;
		for (uint32_t src = 0; !more && src < s->sources.n; src++)
			more = fix_source(f, s, src, o);
		if (!more)
			break;
		s->edited = f->after;
		more = session_read(s, s->path, o, &err);
	}
	s->edited = NULL;
	for (const struct edited *b = f->before, *a = f->after; a; a = a->next, b = b->next)
		f->n_files += !sv_eq(a->text, b->text);
	buf_release(&err);
}

/* The file a path stands for: renaming over a link would replace the link. */
static const char *follow(struct arena *a, const char *path)
{
	char to[4096];

	for (int i = 0; i < MAX_LINKS; i++) {
		ssize_t n = readlink(path, to, sizeof(to));
		struct sv text;

		if (n <= 0 || (size_t)n == sizeof(to))
			break;
		text = (struct sv){ to, (size_t)n };
		path = to[0] == '/' ? sv_cstr(a, text) : fs_join(a, sv_cstr(a, fs_dirname(path)), text);
	}
	return path;
}

static bool write_one(struct arena *a, const struct edited *was, const struct edited *now, struct buf *err)
{
	const char *path = follow(a, sv_cstr(a, now->path));
	struct sv text;
	int e = fs_read(a, path, (size_t)-1 / 2, &text);

	if (!e && !sv_eq(text, was->text)) {
		buf_fmt(err, "labc: '" SV_FMT "' was changed by someone else meanwhile; nothing was written to it\n",
			SV_ARG(now->path));
		return false;
	}
	if (!e)
		e = fs_replace_atomic(path, now->text);
	if (e)
		buf_fmt(err, "labc: cannot write '" SV_FMT "': %s\n", SV_ARG(now->path), strerror(e));
	return e == 0;
}

bool fixer_write(const struct fixer *f, struct buf *err)
{
	struct arena a;
	bool ok = true;

	arena_init(&a, 0);
	for (const struct edited *b = f->before, *e = f->after; e; e = e->next, b = b->next)
		if (!sv_eq(e->text, b->text))
			ok &= write_one(&a, b, e, err);
	arena_release(&a);
	return ok;
}

void fixer_diff(const struct fixer *f, const struct opts *o, struct buf *out)
{
	for (const struct edited *b = f->before, *a = f->after; a; a = a->next, b = b->next) {
		struct sv name = a->path;

		if (sv_eq(name, SV("-")))
			name = o->stdin_name ? sv_from(o->stdin_name) : SV("<stdin>");
		fix_diff(out, name, b->text, a->text);
	}
}
