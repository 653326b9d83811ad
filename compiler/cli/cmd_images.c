/* labc images: which images a lab needs, what names them, and how to get them. Offline. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/search.h"
#include "model/needs.h"

enum { WIDTH = 100, MAX_GUESTS = 12 };

/* --- for people --- */

/* One step as one text; codes stand as they are, to be copied. */
static void put_step(struct buf *out, const struct need_step *s)
{
	for (size_t i = 0; i < s->parts.n; i++)
		buf_sv(out, s->parts.v[i].text);
}

/* Words, wrapped under their first line; none is broken, so that addresses stay whole. */
static void put_wrapped(struct buf *out, struct sv text, size_t indent)
{
	size_t column = indent;

	for (size_t i = 0; i < text.n;) {
		size_t end = i, cells = 0;

		while (end < text.n && text.p[end] != ' ')
			end++;
		cells = utf8_count(sv_sub(text, i, end - i));
		if (column > indent && column + 1 + cells > WIDTH) {
			buf_ch(out, '\n');
			buf_fill(out, ' ', indent);
			column = indent;
		} else if (column > indent) {
			buf_ch(out, ' ');
			column++;
		}
		buf_sv(out, sv_sub(text, i, end - i));
		column += cells;
		i = end + 1;
	}
	buf_ch(out, '\n');
}

/* A command at the end of a step stands on a line of its own, unbroken: it is pasted. */
static void put_step_text(struct buf *out, const struct need_step *s, unsigned number)
{
	struct buf text = { 0 };
	const struct need_part *last = &s->parts.v[s->parts.n - 1];
	bool own = last->kind == PART_CODE && sv_find(last->text, ' ') >= 0 && s->parts.n > 1;

	for (size_t i = 0; i + own < s->parts.n; i++)
		buf_sv(&text, s->parts.v[i].text);
	buf_fmt(out, "  %2u. ", number);
	put_wrapped(out, sv_trim(buf_view(&text)), 6);
	if (own)
		buf_fmt(out, "          " SV_FMT "\n", SV_ARG(last->text));
	buf_release(&text);
}

static void put_guests(struct buf *out, const struct image_need *n, bool several)
{
	size_t shown = n->guests.n > MAX_GUESTS ? MAX_GUESTS : n->guests.n;

	for (size_t i = 0; i < shown; i++) {
		const struct lab_guest *g = n->guests.v[i];

		buf_str(out, i ? ", " : "");
		if (several)
			buf_fmt(out, SV_FMT "/", SV_ARG(g->host->name));
		buf_sv(out, g->base);
	}
	if (n->guests.n > shown)
		buf_fmt(out, " and %zu more", n->guests.n - shown);
}

static void put_where(struct buf *out, struct session *s, const struct image_need *n)
{
	struct span at = spec_where(&s->spec, n->m, n->guests.v[0]->m);
	struct pos pos = source_pos(&s->sources, at.src, at.off);

	buf_fmt(out, SV_FMT ":%u", SV_ARG(sources_get(&s->sources, at.src)->name), pos.line);
}

static void put_text(struct buf *out, struct session *s, const struct image_needs *needs)
{
	if (needs->v.n == 0)
		buf_str(out, "This lab needs no image.\n");
	for (size_t i = 0; i < needs->v.n; i++) {
		const struct image_need *n = &needs->v.v[i];

		buf_fmt(out, "%s" SV_FMT ": %s of ", i ? "\n" : "", SV_ARG(n->name), need_use_name(n->use));
		put_guests(out, n, s->lab.n_hosts > 1);
		buf_fmt(out, "%s%s (", n->os ? ", " : "", n->os ? n->os->name : "");
		put_where(out, s, n);
		buf_str(out, ")\n");
		for (uint32_t k = 0; k < n->n_steps; k++)
			put_step_text(out, &n->steps[k], k + 1);
	}
}

/* --- for programs --- */

static json_t *text(struct sv s) { return s.n ? json_stringn(s.p, s.n) : json_null(); }
static json_t *str(const char *s) { return s ? json_string(s) : json_null(); }

static json_t *published_json(const struct image_need *n)
{
	const struct os_image *m = n->image;
	json_t *o = json_object();
	struct buf line = { 0 };

	if (!m) {
		json_decref(o);
		return json_null();
	}
	json_object_set_new(o, "page", str(m->page));
	json_object_set_new(o, "file", str(m->file));
	json_object_set_new(o, "format", str(image_form_name(m->form)));
	json_object_set_new(o, "packed", str(m->pack == PACK_NONE ? NULL : image_pack_name(m->pack)));
	json_object_set_new(o, "inside", str(m->inside));
	json_object_set_new(o, "checksums", str(m->checksums));
	json_object_set_new(o, "checksumMethod", str(!m->checksums ? NULL : m->sha512 ? "SHA-512" : "SHA-256"));
	json_object_set_new(o, "generation1", json_boolean(m->generations & 1));
	json_object_set_new(o, "generation2", json_boolean(m->generations & 2));
	json_object_set_new(o, "login", str(m->login));
	json_object_set_new(o, "password", str(m->password));
	json_object_set_new(o, "cloudInit", json_boolean(m->cloud_init));
	image_convert_line(&line, m->form, sv_from(m->inside ? m->inside : m->file), SV("OUT.vhdx"));
	json_object_set_new(o, "convert", text(buf_view(&line)));
	json_object_set_new(o, "downloadMiB", m->download_mib ? json_integer(m->download_mib) : json_null());
	json_object_set_new(o, "diskMiB", m->disk_mib ? json_integer(m->disk_mib) : json_null());
	json_object_set_new(o, "sizeSource", str(m->sizes));
	json_object_set_new(o, "source", str(m->source));
	json_object_set_new(o, "date", str(m->date));
	buf_release(&line);
	return o;
}

static json_t *need_json(struct session *s, const struct image_need *n)
{
	json_t *o = json_object(), *guests = json_array(), *paths = json_array(), *steps = json_array();
	static const char *const suffixes[] = { ".vhdx", ".vhd", ".iso" };
	static const char *const uses[NEED_USES] = { "system", "disk", "parent", "dvd" };
	struct buf b = { 0 };

	json_object_set_new(o, "name", text(n->name));
	json_object_set_new(o, "use", json_string(uses[n->use]));
	json_object_set_new(o, "os", str(n->os ? n->os->id : NULL));
	for (size_t i = 0; i < n->guests.n; i++) {
		json_t *g = json_object();

		json_object_set_new(g, "host", text(n->guests.v[i]->host->name));
		json_object_set_new(g, "guest", text(n->guests.v[i]->base));
		json_array_append_new(guests, g);
	}
	json_object_set_new(o, "guests", guests);
	put_where(&b, s, n);
	json_object_set_new(o, "at", text(buf_view(&b)));
	json_object_set_new(o, "url", text(n->url));
	json_object_set_new(o, "from", text(n->from));
	for (size_t i = 0; i < (n->any_suffix ? 3 : 1); i++) {
		b.n = 0;
		buf_fmt(&b, SV_FMT "%s", SV_ARG(n->path), n->any_suffix ? suffixes[i] : "");
		json_array_append_new(paths, text(buf_view(&b)));
	}
	json_object_set_new(o, "paths", paths);
	json_object_set_new(o, "sha256", text(n->sha256));
	json_object_set_new(o, "published", published_json(n));
	for (uint32_t i = 0; i < n->n_steps; i++) {
		b.n = 0;
		put_step(&b, &n->steps[i]);
		json_array_append_new(steps, text(buf_view(&b)));
	}
	json_object_set_new(o, "steps", steps);
	buf_release(&b);
	return o;
}

static void put_json(struct buf *out, struct session *s, const struct image_needs *needs)
{
	json_t *o = json_object(), *list = json_array();
	char *dumped;

	json_object_set_new(o, "lab", text(s->lab.name));
	json_object_set_new(o, "target", json_string(target_word(s->lab.target)));
	for (size_t i = 0; i < needs->v.n; i++)
		json_array_append_new(list, need_json(s, &needs->v.v[i]));
	json_object_set_new(o, "images", list);
	dumped = json_dumps(o, JSON_INDENT(2));
	if (dumped)
		buf_fmt(out, "%s\n", dumped);
	free(dumped);
	json_decref(o);
}

enum exit_code cmd_images(const struct opts *o)
{
	struct buf out = { 0 };
	struct search search;
	struct session s;
	struct image_needs needs;
	enum exit_code code = EXIT_CLEAN;
	bool json = o->list_format && strcmp(o->list_format, "json") == 0;

	if (o->args.n != 1 || (o->list_format && strcmp(o->list_format, "text") != 0 && !json)) {
		fputs("labc images: wants one spec, and --format text or json\n", stderr);
		return EXIT_USAGE;
	}
	session_init(&s);
	search_init(&search, o);
	if (!search_session(&search, &s, o->args.v[0], &code)) {
		/* said */
	} else if (!session_load(&s, o->args.v[0], o)) {
		code = EXIT_SYSTEM;
	} else if (s.diags.n_errors || !s.has_lab) {
		session_report(&s, &out, o, cli_has_color(o, STDERR_FILENO));
		cli_flush(STDERR_FILENO, &out);
		code = EXIT_FINDINGS;
	} else {
		lab_image_needs(&needs, &s.a, &s.lab);
		if (json)
			put_json(&out, &s, &needs);
		else
			put_text(&out, &s, &needs);
		if (!cli_flush(STDOUT_FILENO, &out))
			code = EXIT_SYSTEM;
	}
	buf_release(&out);
	session_release(&s);
	search_release(&search);
	return code;
}
