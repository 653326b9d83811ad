#include "diag/formats_internal.h"

#include "base/bug.h"
#include "base/utf8.h"

static bool is_before(struct pos a, struct pos b)
{
	return a.line < b.line || (a.line == b.line && a.col < b.col);
}

/* A span whose ends lie inside the text. */
static struct span clamp(const struct diags *d, struct span at)
{
	size_t n = sources_get(d->sources, at.src)->text.n;

	if (at.off > n)
		at.off = (uint32_t)n;
	if (at.len > n - at.off)
		at.len = (uint32_t)(n - at.off);
	return at;
}

struct range range_of(const struct diags *d, struct span at)
{
	struct range r;

	at = clamp(d, at);
	r = (struct range){
		.start = source_pos(d->sources, at.src, at.off),
		.end = source_pos(d->sources, at.src, at.off + at.len),
		.from = at.off,
		.to = at.off + at.len,
	};
	if (is_before(r.end, r.start))
		r.end = r.start;
	return r;
}

static struct pos edit_pos(const struct diags *d, uint32_t src, uint32_t off)
{
	struct sv text = sources_get(d->sources, src)->text;

	if (off == text.n && off && (text.p[off - 1] == '\n' || text.p[off - 1] == '\r'))
		return (struct pos){ source_line_count(d->sources, src), 1 };
	return source_pos(d->sources, src, off);
}

struct range range_of_edit(const struct diags *d, struct span at)
{
	at = clamp(d, at);
	return (struct range){
		.start = edit_pos(d, at.src, at.off),
		.end = edit_pos(d, at.src, at.off + at.len),
		.from = at.off,
		.to = at.off + at.len,
	};
}

struct sv range_path(const struct report_setup *s, const struct diags *d, uint32_t src)
{
	struct sv name = sources_get(d->sources, src)->name, root = s->root;
	struct buf b = { 0 };
	struct sv out;

	while (root.n > 1 && root.p[root.n - 1] == '/')
		root.n--;
	if (root.n && sv_starts(name, root) && name.n > root.n + 1 && (name.p[root.n] == '/' || root.n == 1))
		name = sv_sub(name, root.n == 1 ? 1 : root.n + 1, name.n);
	else if (sv_starts(name, SV("/")))
		buf_ch(&b, '/');
	for (size_t i = 0; i < name.n;) {
		ptrdiff_t slash = sv_find(sv_sub(name, i, name.n), '/');
		struct sv part = sv_sub(name, i, slash < 0 ? name.n : (size_t)slash);

		i += part.n + 1;
		if (part.n == 0 || sv_eq(part, SV(".")))
			continue;
		if (b.n && b.p[b.n - 1] != '/')
			buf_ch(&b, '/');
		buf_sv(&b, part);
	}
	out = b.n ? buf_take(&b, d->a) : name;
	buf_release(&b);
	return out;
}

struct sv finding_text(const struct diags *d, const struct diag *g)
{
	if (!g->help.n)
		return g->msg;
	return sv_fmt(d->a, SV_FMT "\nhelp: " SV_FMT, SV_ARG(g->msg), SV_ARG(g->help));
}

const char *finding_url(const struct diag_info *info)
{
	struct sv s = sv_from(info->source);

	return sv_starts(s, SV("https://")) || sv_starts(s, SV("http://")) ? info->source : NULL;
}

/* --- JSON --- */

static json_t *need(json_t *v)
{
	if (!v)
		bug_no_memory();
	return v;
}

json_t *jout_sv(struct sv s)
{
	json_t *v = utf8_check(s) < 0 ? json_stringn(s.n ? s.p : "", s.n) : NULL;
	struct buf b = { 0 };
	uint32_t cp;

	if (v)
		return v;
	for (size_t i = 0; i < s.n;) {
		i += utf8_decode(s, i, &cp, NULL);
		buf_utf8(&b, cp);
	}
	v = need(json_stringn(b.n ? b.p : "", b.n));
	buf_release(&b);
	return v;
}

json_t *jout_str(const char *s) { return jout_sv(sv_from(s)); }
json_t *jout_int(uint64_t n) { return need(json_integer((json_int_t)n)); }
json_t *jout_bool(bool b) { return json_boolean(b); }
json_t *jout_object(void) { return need(json_object()); }
json_t *jout_array(void) { return need(json_array()); }

void jout_put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(object, key, value) != 0)
		bug_no_memory();
}

void jout_add(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		bug_no_memory();
}

static int add_bytes(const char *p, size_t n, void *out)
{
	buf_add(out, p, n);
	return 0;
}

void jout_dump(struct buf *out, json_t *value)
{
	/* ASCII: no terminal, code page or log can turn it into something else */
	if (json_dump_callback(value, add_bytes, out, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ENCODE_ANY) != 0)
		bug_no_memory();
	json_decref(value);
}

void jout_item(struct report_part *p, const char *separator, json_t *value)
{
	if (p->text.n)
		buf_str(&p->text, separator);
	jout_dump(&p->text, value);
}
