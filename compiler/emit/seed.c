#include "emit/seed.h"

#include <sha2.h>
#include <string.h>

#include "base/bug.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/utf8.h"
#include "yaml/ydoc.h"

struct seed_file {
	enum configure configure;
	const char *path, *source;
	const char *head; /* first line, or NULL */
};

static const struct seed_file seed_table[] = {
	{ CONFIGURE_CLOUD_INIT, "meta-data", "seed/meta-data.json.j2", NULL },
	{ CONFIGURE_CLOUD_INIT, "user-data", "seed/user-data.json.j2", "#cloud-config" },
	{ CONFIGURE_CLOUD_INIT, "network-config", "seed/network-config.json.j2", NULL },
	{ CONFIGURE_UNATTEND, "Windows\\Panther\\unattend.xml", "seed/unattend.xml.j2", NULL },
};

/* What the script puts in: the word in the template, the name in the script. */
static const struct {
	const char *word, *name;
} open_words[] = { { "hash", "HASH" }, { "user", "USER" }, { "admin", "ADMIN" }, { "dns", "DNS" }, { "cut", "" } };

/* A word that no text of the spec can hold: made of the checksum of its source. SHA-512 is the faster one. */
static struct sv make_marker(struct arena *a, const struct lab *lab)
{
	char hex[SHA512_DIGEST_STRING_LENGTH];
	SHA2_CTX sum;

	SHA512Init(&sum);
	for (size_t i = 0; i < lab->spec->docs.n; i++) {
		struct sv text = lab->spec->docs.v[i].y->text;

		if (!lab->spec->docs.v[i].is_beside)
			SHA512Update(&sum, (const uint8_t *)text.p, text.n);
	}
	SHA512End(&sum, hex);
	return sv_fmt(a, "labc%.32s", hex);
}

static const struct seeds *shared_by_seeds(const struct view *v)
{
	struct seeds *s = v->seeds;

	if (s->marker.n)
		return s;
	s->marker = make_marker(v->a, v->lab);
	s->open = ct_dict_new(v->a, COUNTOF(open_words));
	for (size_t i = 0; i < COUNTOF(open_words); i++)
		view_put(v, &s->open, open_words[i].word,
			 ct_text(sv_fmt(v->a, SV_FMT "%s.", SV_ARG(s->marker), open_words[i].word)));
	return s;
}

/* The four digits behind \u at offset i. */
static bool hex4(struct sv s, size_t i, uint32_t *out)
{
	*out = 0;
	if (s.p[i] != '\\' || s.p[i + 1] != 'u')
		return false;
	for (size_t k = i + 2; k < i + 6; k++) {
		char c = ch_lower(s.p[k]);

		if (!ch_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		*out = *out << 4 | (uint32_t)(ch_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return true;
}

static bool is_plain(struct sv s)
{
	uint8_t all = 0;

	for (size_t i = 0; i < s.n; i++)
		all |= (uint8_t)s.p[i];
	return all < 0x80 && sv_find(s, '\\') < 0;
}

/* 5.1 writes UTF-8 with a mark that cloud-init does not take, so the documents are ASCII. Beyond the first
 * plane JSON has pairs, which YAML does not know: there stands what only YAML knows. */
static struct sv to_ascii(struct arena *a, struct sv s, bool json)
{
	struct buf b = { 0 };
	struct sv out;

	if (is_plain(s))
		return sv_dup(a, s);
	for (size_t i = 0; i < s.n;) {
		uint32_t hi, lo;
		bool bad;

		if (json && i + 12 <= s.n && hex4(s, i, &hi) && hi >> 10 == 0x36 && hex4(s, i + 6, &lo)) {
			buf_fmt(&b, "\\U%08x", (unsigned)(0x10000 + ((hi & 0x3ff) << 10) + (lo & 0x3ff)));
			i += 12;
		} else if (json && s.p[i] == '\\' && i + 1 < s.n) {
			buf_add(&b, s.p + i, 2);
			i += 2;
		} else if ((uint8_t)s.p[i] < 0x80) {
			buf_ch(&b, s.p[i++]);
		} else {
			i += utf8_decode(s, i, &hi, &bad);
			buf_fmt(&b, !json ? "&#x%x;" : hi > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)hi);
		}
	}
	out = buf_take(&b, a);
	buf_release(&b);
	return out;
}

/* --- documents in pieces --- */

struct piece {
	struct sv text;
	const char *word; /* what comes in behind it; NULL behind the last */
};

struct doc {
	struct sv path;
	VEC(struct piece) pieces;
};

struct docs {
	VEC(struct doc) v;
};

/* Cuts a document at line ends, at what is open, and where its template says so. */
static void cut(const struct view *v, struct doc *d, struct sv text)
{
	for (;;) {
		ptrdiff_t nl = sv_find(text, '\n'), mark = sv_search(text, v->seeds->marker);
		size_t at = text.n, skip = 0;
		const char *name = NULL;

		if (nl >= 0 && (mark < 0 || nl < mark)) {
			at = (size_t)nl;
			skip = 1;
			name = "NL";
		} else if (mark >= 0) {
			struct sv word = sv_sub(text, (size_t)mark + v->seeds->marker.n, text.n);

			for (size_t i = 0; i < COUNTOF(open_words) && !name; i++)
				if (sv_starts(word, sv_from(open_words[i].word))) {
					name = open_words[i].name;
					at = (size_t)mark;
					skip = v->seeds->marker.n + strlen(open_words[i].word) + 1;
				}
		}
		*VEC_PUSH(v->seeds->tmp, &d->pieces) = (struct piece){ sv_sub(text, 0, at), name };
		if (!name)
			return;
		text = sv_sub(text, at + skip, text.n);
	}
}

static struct doc *add_doc(const struct view *v, struct docs *docs, struct sv path)
{
	struct doc *d = VEC_PUSH(v->seeds->tmp, &docs->v);

	*d = (struct doc){ .path = path };
	return d;
}

/* One rendering after the other. */
struct renderer {
	struct arena scratch;
	struct buf out;
};

/* The text is good until the next rendering. */
static bool render(const struct view *v, struct renderer *r, const struct seed_file *f, struct ct_value context,
		   struct sv *text)
{
	const struct ct_template *t = ct_get(v->env, sv_from(f->source));
	struct arena_mark m = arena_mark(&r->scratch);
	bool ok;

	if (!t)
		return false;
	r->out.n = 0;
	ok = ct_render(v->env, t, context, &r->scratch, ct_out_buf, &r->out);
	arena_rewind(&r->scratch, m);
	while (r->out.n && r->out.p[r->out.n - 1] == '\n')
		r->out.n--;
	*text = buf_view(&r->out);
	return ok;
}

/* Windows Setup runs this once, before anybody can sign in. Commands are code: they stand as they were written. */
static void add_setup_complete(const struct view *v, struct docs *docs, const struct lab_guest *g)
{
	const struct v_text_list *commands = &g->spec->provision.commands;
	struct buf b = { 0 };

	buf_str(&b, "@echo off\n"
		    "del /q /f \"%SystemRoot%\\Panther\\unattend.xml\" "
		    "\"%SystemRoot%\\System32\\Sysprep\\unattend.xml\" 2>nul\n");
	for (uint32_t i = 0; i < commands->n; i++) {
		buf_sv(&b, commands->v[i].v);
		buf_ch(&b, '\n');
	}
	cut(v, add_doc(v, docs, SV("Windows\\Setup\\Scripts\\SetupComplete.cmd")), buf_take(&b, v->a));
	buf_release(&b);
}

/* The files of `provision` lie on Windows' own disk before its first boot; cloud-init writes its own. */
static void add_provisioned(const struct view *v, struct docs *docs, const struct lab_guest *g)
{
	const struct v_file_list *files = &g->spec->provision.files;

	for (uint32_t i = 0; i < files->n; i++) {
		struct sv path = files->v[i].path.v;

		if (meta_ok(files->v[i].path.m) && path.n > 3 && path.p[1] == ':')
			cut(v, add_doc(v, docs, sv_sub(path, 3, path.n)), files->v[i].content.v);
	}
}

static bool make_docs(const struct view *v, struct renderer *r, struct docs *docs, const struct lab_guest *g,
		      struct ct_value guest)
{
	struct ct_value context;

	if (!v->env || !meta_ok(g->configure.m) || g->configure.v == CONFIGURE_MANUAL)
		return true;
	context = ct_dict_new(v->seeds->tmp, 3);
	view_put(v, &context, "lab", v->lab_value);
	view_put(v, &context, "guest", guest);
	view_put(v, &context, "secret", shared_by_seeds(v)->open);
	for (size_t i = 0; i < COUNTOF(seed_table); i++) {
		const struct seed_file *f = &seed_table[i];
		struct doc *d;
		struct sv text;

		if (f->configure != (enum configure)g->configure.v)
			continue;
		if (!render(v, r, f, context, &text))
			return false;
		d = add_doc(v, docs, sv_from(f->path));
		if (f->head)
			*VEC_PUSH(v->seeds->tmp, &d->pieces) = (struct piece){ sv_from(f->head), "NL" };
		cut(v, d, to_ascii(v->a, text, f->configure == CONFIGURE_CLOUD_INIT));
	}
	if (g->configure.v == CONFIGURE_UNATTEND) {
		add_setup_complete(v, docs, g);
		add_provisioned(v, docs, g);
	}
	return true;
}

/* --- what several guests have in common stands once --- */

enum { SHARED_BYTES = 40 };

struct shared {
	uint32_t uses, index; /* index: 1 + place in the list, 0: none yet */
};

static void count_pieces(const struct view *v, struct map *m, const struct docs *docs)
{
	for (size_t i = 0; i < docs->v.n; i++)
		for (size_t k = 0; k < docs->v.v[i].pieces.n; k++) {
			struct sv text = docs->v.v[i].pieces.v[k].text;
			struct map_entry *e;

			if (text.n < SHARED_BYTES)
				continue;
			e = map_find(m, text);
			if (e)
				((struct shared *)e->value)->uses++;
			else
				map_add(m, text, NEW(v->seeds->tmp, struct shared, 1));
		}
}

static struct ct_value doc_value(const struct view *v, const struct doc *d, const struct map *m, struct ct_value *list)
{
	struct ct_value one = ct_dict_new(v->a, 2), text = ct_list_new(v->a, 2 * d->pieces.n);

	for (size_t i = 0; i < d->pieces.n; i++) {
		const struct piece *p = &d->pieces.v[i];
		struct shared *s = p->text.n < SHARED_BYTES ? NULL : map_get(m, p->text);

		if (s && s->uses) {
			if (!s->index) {
				ct_list_add(v->a, list, ct_text(p->text));
				s->index = (uint32_t)ct_count(*list);
			}
			ct_list_add(v->a, &text, ct_int(s->index - 1));
		} else {
			ct_list_add(v->a, &text, ct_text(p->text));
		}
		if (p->word)
			ct_list_add(v->a, &text, ct_text(sv_from(p->word)));
	}
	view_put(v, &one, "path", ct_text(d->path));
	view_put(v, &one, "text", text);
	return one;
}

struct ct_value seed_put(const struct view *v, const struct lab_host *h, struct ct_value *guests)
{
	struct docs *docs;
	struct ct_value list = ct_list_new(v->a, 8);
	struct renderer r = { 0 };
	struct arena tmp;
	struct map m;

	arena_init(&r.scratch, 0);
	arena_alloc_raw(&r.scratch, 1, 1, 1); /* the first block stays from one rendering to the next */
	arena_init(&tmp, 0);
	v->seeds->tmp = &tmp;
	docs = NEW(&tmp, struct docs, h->n_guests + 1);
	map_init(&m, &tmp, false);
	for (uint32_t i = 0; i < h->n_guests; i++) {
		if (!make_docs(v, &r, &docs[i], h->start_order[i], guests[i]))
			*v->ok = false;
		count_pieces(v, &m, &docs[i]);
	}
	buf_release(&r.out);
	arena_release(&r.scratch);
	for (uint32_t i = 0; i < h->n_guests; i++) {
		struct ct_value files = ct_list_new(v->a, docs[i].v.n);

		for (size_t k = 0; k < docs[i].v.n; k++)
			ct_list_add(v->a, &files, doc_value(v, &docs[i].v.v[k], &m, &list));
		view_put(v, &guests[i], "seed", files);
	}
	v->seeds->tmp = NULL;
	arena_release(&tmp);
	return list;
}
