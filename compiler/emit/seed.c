#include "emit/seed.h"

#include <sha2.h>
#include <string.h>

#include "base/bug.h"
#include "base/buf.h"
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
} open_words[] = { { "hash", "HASH" }, { "user", "USER" }, { "admin", "ADMIN" }, { "dns", "DNS" } };

struct sv seed_marker(struct arena *a, const struct lab *lab)
{
	char hex[SHA256_DIGEST_STRING_LENGTH];
	SHA2_CTX sum;

	SHA256Init(&sum);
	for (size_t i = 0; i < lab->spec->docs.n; i++) {
		struct sv text = lab->spec->docs.v[i].y->text;

		if (!lab->spec->docs.v[i].is_beside)
			SHA256Update(&sum, (const uint8_t *)text.p, text.n);
	}
	SHA256End(&sum, hex);
	return sv_fmt(a, "labc%.32s", hex);
}

static struct ct_value open_values(const struct view *v)
{
	struct ct_value d = ct_dict_new(v->a, COUNTOF(open_words));

	for (size_t i = 0; i < COUNTOF(open_words); i++)
		view_put(v, &d, open_words[i].word,
			 ct_text(sv_fmt(v->a, SV_FMT "%s.", SV_ARG(v->marker), open_words[i].word)));
	return d;
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

/* PyYAML, which reads the documents, takes the two halves of a surrogate pair for two characters: the character
 * itself is written instead. */
static struct sv without_pairs(struct arena *a, struct sv s)
{
	struct buf b = { 0 };
	struct sv out;

	if (sv_search(s, SV("\\ud")) < 0)
		return s;
	for (size_t i = 0; i < s.n;) {
		uint32_t hi, lo;

		if (s.p[i] != '\\' || i + 1 >= s.n) {
			buf_ch(&b, s.p[i++]);
		} else if (i + 12 <= s.n && hex4(s, i, &hi) && hi >> 10 == 0x36 && hex4(s, i + 6, &lo) && lo >> 10 == 0x37) {
			buf_utf8(&b, 0x10000 + ((hi & 0x3ff) << 10) + (lo & 0x3ff));
			i += 12;
		} else {
			buf_add(&b, s.p + i, 2);
			i += 2;
		}
	}
	out = buf_take(&b, a);
	buf_release(&b);
	return out;
}

/* Cuts a document at line ends and at what is open. */
static struct ct_value pieces(const struct view *v, struct sv text, const char *head)
{
	struct ct_value list = ct_list_new(v->a, 8);

	if (head) {
		ct_list_add(v->a, &list, ct_text(sv_from(head)));
		ct_list_add(v->a, &list, ct_text(SV("NL")));
	}
	for (;;) {
		ptrdiff_t nl = sv_find(text, '\n'), mark = sv_search(text, v->marker);
		size_t cut = text.n, skip = 0;
		const char *name = NULL;

		if (nl >= 0 && (mark < 0 || nl < mark)) {
			cut = (size_t)nl;
			skip = 1;
			name = "NL";
		} else if (mark >= 0) {
			struct sv word = sv_sub(text, (size_t)mark + v->marker.n, text.n);

			for (size_t i = 0; i < COUNTOF(open_words) && !name; i++)
				if (sv_starts(word, sv_from(open_words[i].word))) {
					name = open_words[i].name;
					cut = (size_t)mark;
					skip = v->marker.n + strlen(open_words[i].word) + 1;
				}
		}
		ct_list_add(v->a, &list, ct_text(sv_sub(text, 0, cut)));
		if (!name)
			return list;
		ct_list_add(v->a, &list, ct_text(sv_from(name)));
		text = sv_sub(text, cut + skip, text.n);
	}
}

static struct ct_value one_file(const struct view *v, struct sv path, struct ct_value text)
{
	struct ct_value d = ct_dict_new(v->a, 2);

	view_put(v, &d, "path", ct_text(path));
	view_put(v, &d, "text", text);
	return d;
}

static bool render(const struct view *v, const struct seed_file *f, struct ct_value context, struct sv *text)
{
	const struct ct_template *t = ct_get(v->env, sv_from(f->source));
	struct buf out = { 0 };
	struct arena scratch;
	bool ok;

	if (!t)
		return false;
	arena_init(&scratch, 0);
	ok = ct_render(v->env, t, context, &scratch, ct_out_buf, &out);
	while (out.n && out.p[out.n - 1] == '\n')
		out.n--;
	*text = buf_take(&out, v->a);
	buf_release(&out);
	arena_release(&scratch);
	return ok;
}

/* Windows Setup runs this once, before anybody can sign in. Commands are code: they stand as they were written. */
static void add_setup_complete(const struct view *v, struct ct_value *list, const struct lab_guest *g)
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
	ct_list_add(v->a, list, one_file(v, SV("Windows\\Setup\\Scripts\\SetupComplete.cmd"),
					 pieces(v, buf_take(&b, v->a), NULL)));
	buf_release(&b);
}

/* The files of `provision` lie on Windows' own disk before its first boot; cloud-init writes its own. */
static void add_provisioned(const struct view *v, struct ct_value *list, const struct lab_guest *g)
{
	const struct v_file_list *files = &g->spec->provision.files;

	for (uint32_t i = 0; i < files->n; i++) {
		struct sv path = files->v[i].path.v;

		if (!meta_ok(files->v[i].path.m) || path.n < 4 || path.p[1] != ':')
			continue;
		ct_list_add(v->a, list, one_file(v, sv_sub(path, 3, path.n), pieces(v, files->v[i].content.v, NULL)));
	}
}

struct ct_value seed_files(const struct view *v, const struct lab_guest *g, struct ct_value guest, bool *ok)
{
	struct ct_value list = ct_list_new(v->a, 4), context = ct_dict_new(v->a, 3);

	if (!v->env || !meta_ok(g->configure.m) || g->configure.v == CONFIGURE_MANUAL)
		return list;
	view_put(v, &context, "lab", v->lab_value);
	view_put(v, &context, "guest", guest);
	view_put(v, &context, "secret", open_values(v));
	for (size_t i = 0; i < COUNTOF(seed_table); i++) {
		const struct seed_file *f = &seed_table[i];
		struct sv text;

		if (f->configure != (enum configure)g->configure.v)
			continue;
		if (!render(v, f, context, &text)) {
			*ok = false;
			return list;
		}
		if (f->configure == CONFIGURE_CLOUD_INIT)
			text = without_pairs(v->a, text);
		ct_list_add(v->a, &list, one_file(v, sv_from(f->path), pieces(v, text, f->head)));
	}
	if (g->configure.v != CONFIGURE_UNATTEND)
		return list;
	add_setup_complete(v, &list, g);
	add_provisioned(v, &list, g);
	return list;
}
