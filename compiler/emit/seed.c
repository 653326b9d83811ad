#define _DEFAULT_SOURCE /* getentropy */
#include "emit/seed.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/bug.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/utf8.h"
#include "emit/seed_like.h"
#include "yaml/ydoc.h"

struct seed_file {
	enum configure configure;
	const char *path, *source;
	const char *head; /* first line, or NULL */
	const struct seed_reads *reads; /* NULL: it is made for every guest */
};

static const struct seed_reads meta_data = { .own = { "name", "hostname" } };
static const struct seed_reads user_data = {
	.of = { "keyboard_xkb", "keyboard_variant", "user", "password_asked", "ssh_keys", "packages", "files", "commands" },
};
static const struct seed_reads network_config = {
	.nic_of = { "dhcp", "prefix_length", "gateway", "dns", "dns_from_host" },
	.nic_own = { "mac_colons", "address" },
};

static const struct seed_file seed_table[] = {
	{ CONFIGURE_CLOUD_INIT, "meta-data", "seed/meta-data.json.j2", NULL, &meta_data },
	{ CONFIGURE_CLOUD_INIT, "user-data", "seed/user-data.json.j2", "#cloud-config", &user_data },
	{ CONFIGURE_CLOUD_INIT, "network-config", "seed/network-config.json.j2", NULL, &network_config },
	{ CONFIGURE_UNATTEND, "Windows\\Panther\\unattend.xml", "seed/unattend.xml.j2", NULL, NULL },
};

/* What the script puts in: the word in the template, the name in the script. */
static const struct {
	const char *word, *name;
} open_words[] = { { "hash", "HASH" }, { "user", "USER" }, { "admin", "ADMIN" }, { "dns", "DNS" }, { "own", "" } };

/* A word that no text of the spec can hold, since nobody knows it beforehand. None of it gets into a document. */
static struct sv make_marker(struct arena *a)
{
	uint64_t r[2];

	if (getentropy(r, sizeof(r)) != 0)
		BUG("the system gives no random numbers");
	return sv_fmt(a, "labc%016" PRIx64 "%016" PRIx64, r[0], r[1]);
}

void seeds_make(const struct view *v)
{
	struct seeds *s = v->seeds;

	if (s->marker.n)
		return;
	s->marker = make_marker(v->a);
	s->open = ct_dict_new(v->a, COUNTOF(open_words));
	for (size_t i = 0; i < COUNTOF(open_words); i++)
		view_put(v, &s->open, open_words[i].word,
			 ct_text(sv_fmt(v->a, SV_FMT "%s.", SV_ARG(s->marker), open_words[i].word)));
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

static bool is_ascii(struct sv s)
{
	uint8_t all = 0;

	for (size_t i = 0; i < s.n; i++)
		all |= (uint8_t)s.p[i];
	return all < 0x80;
}

static bool is_plain(struct sv s)
{
	return is_ascii(s) && sv_find(s, '\\') < 0;
}

/* 5.1 writes UTF-8 with a mark that cloud-init does not take, so the documents are ASCII. Beyond the first
 * plane JSON has pairs, which YAML does not know: there stands what only YAML knows. */
static struct sv to_ascii(struct arena *a, struct sv s, bool json)
{
	struct buf b = { 0 };
	struct sv out;

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

static const char line_end[] = "line end";

struct piece {
	struct sv text;
	const char *word; /* what comes in behind it; NULL: the guest's own text, or nothing behind the last */
	uint32_t own;     /* 1 + its number among the guest's own; 0: none */
};

/* A document as guests share it: own texts are left out. */
struct doc {
	struct sv path;
	VEC(struct piece) pieces;
};

/* The documents of one host, and the one at hand. */
struct work {
	const struct view *v;
	struct arena *tmp, scratch; /* scratch: of one rendering */
	struct buf out, key;
	struct map known; /* documents by all they say */
	VEC(struct doc) docs;
	struct doc doc;
	struct own_texts own;
	struct seed_last last[COUNTOF(seed_table)];
};

/* The name of the word behind a marker at offset `at`; *skip becomes the length of both. */
static const char *open_word(const struct work *w, struct sv text, size_t at, size_t *skip)
{
	size_t n = w->v->seeds->marker.n;
	struct sv word = sv_sub(text, at + n, text.n);

	for (size_t i = 0; i < COUNTOF(open_words); i++)
		if (sv_starts(word, sv_from(open_words[i].word))) {
			*skip = n + strlen(open_words[i].word) + 1;
			return open_words[i].name;
		}
	BUG("a marker without a word");
}

/* Cuts the document at hand at line ends, at what is open, and around what is the guest's own. */
static void cut(struct work *w, struct sv text)
{
	for (;;) {
		ptrdiff_t nl = sv_find(text, '\n'), mark = sv_search(text, w->v->seeds->marker);
		struct piece *p = VEC_PUSH(w->tmp, &w->doc.pieces);
		size_t skip = 1;

		*p = (struct piece){ text, NULL, 0 };
		if (nl < 0 && mark < 0)
			return;
		if (mark < 0 || (nl >= 0 && nl < mark)) {
			p->word = line_end;
			p->text = sv_sub(text, 0, (size_t)nl);
		} else {
			p->word = open_word(w, text, (size_t)mark, &skip);
			p->text = sv_sub(text, 0, (size_t)mark);
		}
		text = sv_sub(text, p->text.n + skip, text.n);
		if (*p->word)
			continue;
		mark = sv_search(text, w->v->seeds->marker);
		if (mark < 0)
			BUG("an own text without an end");
		p->word = NULL;
		p->own = own_number(w->tmp, &w->own, sv_dup(w->v->a, sv_sub(text, 0, (size_t)mark)));
		text = sv_sub(text, (size_t)mark + skip, text.n);
	}
}

/* The number of the document at hand, which is kept if it is new. */
static size_t keep_doc(struct work *w)
{
	struct map_entry *e;
	struct doc *d;

	w->key.n = 0;
	buf_sv(&w->key, w->doc.path);
	for (size_t i = 0; i < w->doc.pieces.n; i++) {
		const struct piece *p = &w->doc.pieces.v[i];

		buf_ch(&w->key, '\0');
		buf_sv(&w->key, p->text);
		buf_ch(&w->key, '\0');
		buf_str(&w->key, p->word ? p->word : "");
		buf_u64(&w->key, p->own);
	}
	e = map_find(&w->known, buf_view(&w->key));
	if (e)
		return (size_t)((uintptr_t)e->value - 1);
	map_add(&w->known, sv_dup(w->tmp, buf_view(&w->key)), (void *)(uintptr_t)(w->docs.n + 1));
	d = VEC_PUSH(w->tmp, &w->docs);
	*d = (struct doc){ .path = w->doc.path };
	for (size_t i = 0; i < w->doc.pieces.n; i++) {
		struct piece p = w->doc.pieces.v[i];

		p.text = sv_dup(w->v->a, p.text);
		VEC_ADD(w->tmp, &d->pieces, p);
	}
	return w->docs.n - 1;
}

static void begin_doc(struct work *w, struct sv path)
{
	w->doc.path = path;
	w->doc.pieces.n = 0;
	w->own.n = 0;
}

/* Adds a document to the seed of a guest, with the guest's own texts, which live as long. */
static void add_use(struct work *w, struct ct_value *files, size_t number)
{
	struct arena *a = w->v->a;
	struct ct_value one = view_dict(w->v, VIEW_SEED_USE), own = ct_list_new(a, w->own.n);

	for (size_t i = 0; i < w->own.n; i++)
		ct_list_add(a, &own, ct_text(w->own.v[i]));
	view_put(w->v, &one, "of", ct_int((int64_t)number));
	view_put(w->v, &one, "own", own);
	ct_list_add(a, files, one);
}

/* Adds the document at hand, and gives its number. */
static size_t end_doc(struct work *w, struct ct_value *files)
{
	size_t number = keep_doc(w);

	add_use(w, files, number);
	return number;
}

const struct seed_reads *seed_reads_of(const char *source)
{
	for (size_t i = 0; i < COUNTOF(seed_table); i++)
		if (strcmp(seed_table[i].source, source) == 0)
			return seed_table[i].reads;
	return NULL;
}

/* The text is good until the next rendering. */
static bool render(struct work *w, const struct ct_template *t, struct ct_value context, struct sv *text)
{
	struct arena_mark m = arena_mark(&w->scratch);
	bool ok;

	w->out.n = 0;
	ok = ct_render(w->v->env, t, context, &w->scratch, ct_out_buf, &w->out);
	arena_rewind(&w->scratch, m);
	while (w->out.n && w->out.p[w->out.n - 1] == '\n')
		w->out.n--;
	*text = buf_view(&w->out);
	return ok;
}

/* Where the keys wait for SetupComplete.cmd: only administrators change files there. */
#define SSH_KEYS "administrators_authorized_keys"

/* Windows has its SSH server in it (Server 2025) or fetches it from Windows Update, for which the network may need a
 * moment. Keys of administrators lie in one file that nobody else may change; groups are named by their SIDs, since
 * names are translated. The rule that comes with the server leaves out public networks.
 * https://learn.microsoft.com/windows-server/administration/openssh/openssh_install_firstuse
 * https://learn.microsoft.com/windows-server/administration/openssh/openssh_keymanagement */
static const char ssh_commands[] =
	"for /l %%i in (1,1,3) do sc query sshd >nul 2>nul || "
	"(dism /online /add-capability /capabilityname:OpenSSH.Server~~~~0.0.1.0 /norestart /quiet || "
	"ping -n 31 127.0.0.1 >nul)\n"
	"sc config sshd start= auto\n"
	"net start sshd\n"
	"copy /y \"%SystemRoot%\\Setup\\Scripts\\" SSH_KEYS "\" \"%ProgramData%\\ssh\\" SSH_KEYS "\"\n"
	"icacls \"%ProgramData%\\ssh\\" SSH_KEYS "\" /inheritance:r /grant *S-1-5-32-544:F /grant *S-1-5-18:F\n"
	"netsh advfirewall firewall add rule name=\"SSH\" dir=in action=allow protocol=TCP localport=22\n";

bool seed_has_windows_keys(const struct lab_guest *g)
{
	return g->configure.v == CONFIGURE_UNATTEND && g->spec->ssh_keys.n && g->os && os_has_sshd(g->os);
}

/* The first line is for the mark that Windows PowerShell puts before UTF-8: a key behind it would be none. */
static void add_keys(struct work *w, struct ct_value *files, const struct lab_guest *g)
{
	if (!seed_has_windows_keys(g))
		return;
	begin_doc(w, SV("Windows\\Setup\\Scripts\\" SSH_KEYS));
	w->out.n = 0;
	buf_str(&w->out, "# from setup.ps1\n");
	for (uint32_t i = 0; i < g->spec->ssh_keys.n; i++) {
		buf_sv(&w->out, g->spec->ssh_keys.v[i].v);
		buf_ch(&w->out, '\n');
	}
	cut(w, buf_view(&w->out));
	end_doc(w, files);
}

/* Windows Setup runs this once, before anybody can sign in. Commands are code: they stand as they were written. */
static void add_setup_complete(struct work *w, struct ct_value *files, const struct lab_guest *g)
{
	const struct v_text_list *commands = &g->spec->provision.commands;
	bool ascii = true;

	for (uint32_t i = 0; i < commands->n; i++)
		ascii &= is_ascii(commands->v[i].v);
	begin_doc(w, SV("Windows\\Setup\\Scripts\\SetupComplete.cmd"));
	w->out.n = 0;
	/* beyond ASCII it is UTF-8 behind a mark, which takes a line of its own, and cmd has to be told */
	buf_str(&w->out, ascii ? "" : "\n");
	buf_str(&w->out, "@echo off\n");
	buf_str(&w->out, ascii ? "" : "chcp 65001 >nul\n");
	buf_str(&w->out,
			 "del /q /f \"%SystemRoot%\\Panther\\unattend.xml\" "
			 "\"%SystemRoot%\\System32\\Sysprep\\unattend.xml\" 2>nul\n");
	if (seed_has_windows_keys(g))
		buf_str(&w->out, ssh_commands);
	for (uint32_t i = 0; i < commands->n; i++) {
		buf_sv(&w->out, commands->v[i].v);
		buf_ch(&w->out, '\n');
	}
	cut(w, buf_view(&w->out));
	end_doc(w, files);
}

/* The files of `provision` lie on Windows' own disk before its first boot; cloud-init writes its own. */
static void add_provisioned(struct work *w, struct ct_value *files, const struct lab_guest *g)
{
	const struct v_file_list *list = &g->spec->provision.files;

	for (uint32_t i = 0; i < list->n; i++) {
		struct sv path = list->v[i].path.v;

		if (!meta_ok(list->v[i].path.m) || path.n <= 3 || path.p[1] != ':')
			continue;
		begin_doc(w, sv_sub(path, 3, path.n));
		cut(w, list->v[i].content.v);
		end_doc(w, files);
	}
}

static bool add_docs(struct work *w, const struct lab_guest *g, struct ct_value guest, struct ct_value *files)
{
	const struct view *v = w->v;
	struct ct_value context;

	if (!v->env || !meta_ok(g->configure.m) || g->configure.v == CONFIGURE_MANUAL)
		return true;
	seeds_make(v);
	context = ct_dict_new(w->tmp, 3);
	view_put(v, &context, "lab", v->lab_value);
	view_put(v, &context, "guest", guest);
	view_put(v, &context, "secret", v->seeds->open);
	for (size_t i = 0; i < COUNTOF(seed_table); i++) {
		const struct seed_file *f = &seed_table[i];
		const struct ct_template *t;
		struct sv text;

		if (f->configure != (enum configure)g->configure.v)
			continue;
		if (seed_is_like(w->tmp, &w->last[i], f->reads, guest, &w->own)) {
			add_use(w, files, w->last[i].doc);
			continue;
		}
		t = ct_get(v->env, sv_from(f->source));
		if (!t || !render(w, t, context, &text))
			return false;
		begin_doc(w, sv_from(f->path));
		if (f->head)
			*VEC_PUSH(w->tmp, &w->doc.pieces) = (struct piece){ sv_from(f->head), line_end, 0 };
		if (!is_plain(text))
			text = to_ascii(w->tmp, text, f->configure == CONFIGURE_CLOUD_INIT);
		cut(w, text);
		w->last[i].doc = end_doc(w, files);
		/* what a user's own template reads nobody knows */
		seed_note(w->tmp, &w->last[i], ct_is_embedded(t) ? f->reads : NULL, guest, &w->own);
	}
	if (g->configure.v == CONFIGURE_UNATTEND) {
		add_keys(w, files, g);
		add_setup_complete(w, files, g);
		add_provisioned(w, files, g);
	}
	return true;
}

/* --- what several documents have in common stands once --- */

enum { SHARED_BYTES = 20 };

struct shared {
	uint32_t uses, index; /* index: 1 + place in the list, 0: none yet */
};

static void count_pieces(struct work *w, struct map *m, const struct doc *d)
{
	for (size_t k = 0; k < d->pieces.n; k++) {
		struct sv text = d->pieces.v[k].text;
		struct map_entry *e;

		if (text.n < SHARED_BYTES)
			continue;
		e = map_find(m, text);
		if (e)
			((struct shared *)e->value)->uses++;
		else
			map_add(m, text, NEW(w->tmp, struct shared, 1));
	}
}

/* What a piece says: its text, or the number of what is shared. */
static struct ct_value piece_value(const struct view *v, struct sv text, const struct map *m, struct ct_value *list)
{
	struct shared *s = text.n < SHARED_BYTES ? NULL : map_get(m, text);

	if (!s || !s->uses)
		return ct_text(text);
	if (!s->index) {
		ct_list_add(v->a, list, ct_text(text));
		s->index = (uint32_t)ct_count(*list);
	}
	return ct_int(s->index - 1);
}

static struct ct_value doc_value(const struct view *v, const struct doc *d, const struct map *m, struct ct_value *list)
{
	struct ct_value one = view_dict(v, VIEW_SEED), text = ct_list_new(v->a, 8), line = ct_list_new(v->a, 1);

	for (size_t i = 0; i < d->pieces.n; i++) {
		const struct piece *p = &d->pieces.v[i];
		struct ct_value said = piece_value(v, p->text, m, list);
		bool last = !p->own && (!p->word || p->word == line_end);

		if (last && !ct_count(line)) {
			ct_list_add(v->a, &text, said);
			continue;
		}
		ct_list_add(v->a, &line, said);
		if (last) {
			ct_list_add(v->a, &text, line);
			line = ct_list_new(v->a, 1);
		} else {
			ct_list_add(v->a, &line, p->own ? ct_int(p->own) : ct_text(sv_from(p->word)));
		}
	}
	view_put(v, &one, "path", ct_text(d->path));
	view_put(v, &one, "text", text);
	return one;
}

static void put_docs(struct work *w, struct ct_value *host)
{
	struct ct_value list = ct_list_new(w->v->a, 8), docs = ct_list_new(w->v->a, w->docs.n);
	struct map m;

	map_init(&m, w->tmp, false);
	for (size_t i = 0; i < w->docs.n; i++)
		count_pieces(w, &m, &w->docs.v[i]);
	for (size_t i = 0; i < w->docs.n; i++)
		ct_list_add(w->v->a, &docs, doc_value(w->v, &w->docs.v[i], &m, &list));
	view_put(w->v, host, "seed_shared", list);
	view_put(w->v, host, "seeds", docs);
}

void seed_put(const struct view *v, const struct lab_host *h, struct ct_value *host, struct ct_value *guests)
{
	struct arena tmp;
	struct work w = { .v = v, .tmp = &tmp };

	arena_init(&w.scratch, 0);
	arena_alloc_raw(&w.scratch, 1, 1, 1); /* the first block stays from one rendering to the next */
	arena_init(&tmp, 0);
	map_init(&w.known, &tmp, false);
	for (uint32_t i = 0; i < h->n_guests; i++) {
		struct ct_value files = ct_list_new(v->a, 3);

		if (!add_docs(&w, h->start_order[i], guests[i], &files))
			*v->ok = false;
		view_put(v, &guests[i], "seed", files);
	}
	put_docs(&w, host);
	buf_release(&w.out);
	buf_release(&w.key);
	arena_release(&w.scratch);
	arena_release(&tmp);
}
