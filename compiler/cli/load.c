#include "cli/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/commands.h"
#include "diag/report.h"
#include "rules/config.h"
#include "rules/registry.h"
#include "schema/decode.h"

void session_init(struct session *s)
{
	*s = (struct session){ 0 };
	arena_init(&s->a, 0);
	s->patterns = patterns_new();
}

void session_release(struct session *s)
{
	arena_release(&s->a);
	patterns_free(s->patterns);
}

static bool find_edited(const struct session *s, struct sv path, struct sv *text)
{
	for (const struct edited *e = s->edited; e; e = e->next)
		if (sv_eq(e->path, path)) {
			*text = e->text;
			return true;
		}
	return false;
}

static bool read_included(void *user, struct sv path, struct sv *text)
{
	struct session *s = user;

	return find_edited(s, path, text) || fs_read(&s->a, sv_cstr(&s->a, path), YDOC_MAX_BYTES, text) == 0;
}

static bool is_known(void *ctx, struct sv code)
{
	const struct session *s = ctx;

	/* a policy of another run may be meant */
	return settings_find(s->settings, code) != NULL || sv_starts(code, SV("ORG-"));
}

static const char *nearest(void *ctx, struct sv code)
{
	const struct session *s = ctx;

	return settings_near(s->settings, code);
}

/* Each spec has its turns, whether it could be read or not. */
static void meet(const struct session *s)
{
	if (s->meeting)
		meeting_pass(s->meeting, s->turn, s->has_lab ? &s->lab : NULL, sv_from(s->path));
}

/* What is to be repaired is repaired in each spec. */
static void say_once(struct session *s, const struct opts *o, bool is_read)
{
	struct meeting *m = s->meeting;

	s->meeting = NULL;
	if (m)
		meeting_once(m, s->turn, is_read && !o->fix && !o->diff ? &s->diags : NULL);
}

static void find_all(struct session *s, uint32_t src, const struct opts *o)
{
	struct spec_opts so = { .read_file = s->has_folder ? read_included : NULL, .user = s,
				.patterns = s->patterns };
	size_t before;

	if (ydoc_parse(&s->doc, &s->a, &s->diags, src, NULL) && spec_decode(&s->spec, &s->doc, &so)) {
		s->spec.has_build_target = o->has_target;
		s->spec.build_target = o->for_target;
		lab_lower(&s->lab, &s->spec);
		s->has_lab = true;
		rules_run_with(&s->lab, s->settings);
	}
	meet(s);
	settings_apply(s->settings, &s->diags, 0);
	before = s->diags.v.n;
	ydoc_apply_ignores(&s->doc, &s->diags, is_known, nearest, s);
	/* files it includes or names silence what stands in them */
	for (size_t i = 1; s->has_lab && i < s->spec.docs.n; i++)
		ydoc_apply_ignores(s->spec.docs.v[i].y, &s->diags, is_known, nearest, s);
	settings_apply(s->settings, &s->diags, before);
	settings_apply_strict(s->settings, &s->diags);
	diags_finish(&s->diags);
	say_once(s, o, true);
}

bool session_read(struct session *s, const char *path, const struct opts *o, struct buf *err)
{
	struct sv text, name = sv_from(path);
	int e;

	arena_reset(&s->a);
	sources_init(&s->sources, &s->a);
	diags_init(&s->diags, &s->a, &s->sources);
	s->path = path;
	s->has_lab = false;
	/* a text from standard input stands where its name says */
	s->has_folder = strcmp(path, "-") != 0 || o->stdin_name;
	if (strcmp(path, "-") == 0)
		name = o->stdin_name ? sv_from(o->stdin_name) : SV("<stdin>");
	e = find_edited(s, sv_from(path), &text) ? 0 : fs_read(&s->a, path, YDOC_MAX_BYTES, &text);
	if (e == FS_TOO_LARGE) {
		diag_at(&s->diags, registry_find(SV("LAB0009")),
			(struct span){ sources_add(&s->sources, name, SV("")), 0, 0 }, "the file is larger than %zu MiB",
			YDOC_MAX_BYTES >> 20);
		diags_finish(&s->diags);
		meet(s);
		say_once(s, o, false);
		return true;
	}
	if (e) {
		buf_fmt(err, "labc: cannot read '%s': %s\n", path, e == FS_IS_DIR ? "is a folder" : strerror(e));
		meet(s);
		say_once(s, o, false);
		return false;
	}
	find_all(s, sources_add(&s->sources, name, text), o);
	return true;
}

bool session_load(struct session *s, const char *path, const struct opts *o)
{
	struct buf err = { 0 };
	bool ok = session_read(s, path, o, &err);

	cli_flush(STDERR_FILENO, &err);
	buf_release(&err);
	return ok;
}

void session_report(const struct session *s, struct buf *out, const struct opts *o, bool color)
{
	struct report_opts r = { .color = color, .notes = o->notes, .max = o->max };

	report_text(out, &s->diags, &r);
}

bool cli_has_color(const struct opts *o, int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return isatty(fd) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

void cli_count(struct buf *out, uint64_t n, const char *what)
{
	buf_u64(out, n);
	buf_fmt(out, " %s%s", what, n == 1 ? "" : "s");
}
