#include "cli/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "diag/report.h"
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

static bool read_included(void *user, struct sv path, struct sv *text)
{
	struct session *s = user;

	return fs_read(&s->a, sv_cstr(&s->a, path), YDOC_MAX_BYTES, text) == 0;
}

static bool is_known(void *ctx, struct sv code)
{
	(void)ctx;
	return registry_find(code) != NULL;
}

static const char *nearest(void *ctx, struct sv code)
{
	(void)ctx;
	return registry_near(code);
}

static void find_all(struct session *s, uint32_t src)
{
	struct spec_opts so = { .read_file = strcmp(s->path, "-") == 0 ? NULL : read_included, .user = s,
				.patterns = s->patterns };

	if (ydoc_parse(&s->doc, &s->a, &s->diags, src, NULL) && spec_decode(&s->spec, &s->doc, &so)) {
		lab_lower(&s->lab, &s->spec);
		s->has_lab = true;
		rules_run(&s->lab);
	}
	ydoc_apply_ignores(&s->doc, &s->diags, is_known, nearest, NULL);
	diags_finish(&s->diags);
}

bool session_load(struct session *s, const char *path, const struct opts *o)
{
	struct sv text, name = sv_from(path);
	int err;

	arena_reset(&s->a);
	sources_init(&s->sources, &s->a);
	diags_init(&s->diags, &s->a, &s->sources);
	s->path = path;
	s->has_lab = false;
	if (strcmp(path, "-") == 0)
		name = o->stdin_name ? sv_from(o->stdin_name) : SV("<stdin>");
	err = fs_read(&s->a, path, YDOC_MAX_BYTES, &text);
	if (err) {
		fprintf(stderr, "labc: cannot read '%s': %s\n", path,
			err == FS_TOO_LARGE ? "larger than 64 MiB" : err == FS_IS_DIR ? "is a folder" : strerror(err));
		return false;
	}
	find_all(s, sources_add(&s->sources, name, text));
	return true;
}

void session_report(const struct session *s, struct buf *out, const struct opts *o, bool color)
{
	struct report_opts r = { .color = color, .notes = o->notes, .max = o->max };

	if (o->format == FORMAT_CONCISE)
		report_concise(out, &s->diags, &r);
	else
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
