#include "diag/source.h"

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"
#include "base/bug.h"
#include "base/utf8.h"

void sources_init(struct sources *s, struct arena *a)
{
	*s = (struct sources){ .a = a };
}

uint32_t sources_add(struct sources *s, struct sv name, struct sv text)
{
	BUG_IF(text.n > UINT32_MAX - 1);
	if (s->n == s->cap) {
		uint32_t cap = s->cap ? s->cap * 2 : 8;

		s->v = arena_grow(s->a, s->v, s->cap, cap, sizeof(*s->v), alignof(struct source));
		s->cap = cap;
	}
	s->v[s->n] = (struct source){ .name = name, .text = text };
	return s->n++;
}

const struct source *sources_get(const struct sources *s, uint32_t src)
{
	BUG_IF(src >= s->n);
	return &s->v[src];
}

/* Where the line that begins at i ends, its line end included; 0 when it has none. */
static size_t line_end(struct sv t, size_t i, bool has_cr)
{
	const char *nl;

	if (!has_cr) {
		nl = memchr(t.p + i, '\n', t.n - i);
		return nl ? (size_t)(nl + 1 - t.p) : 0;
	}
	for (; i < t.n; i++)
		if (t.p[i] == '\n' || t.p[i] == '\r')
			return i + (t.p[i] == '\r' && i + 1 < t.n && t.p[i + 1] == '\n' ? 2 : 1);
	return 0;
}

static const struct source *with_lines(struct sources *s, uint32_t src)
{
	struct source *f = &s->v[src];
	bool has_cr;
	uint32_t n = 1, k = 0;

	BUG_IF(src >= s->n);
	if (f->lines)
		return f;
	has_cr = f->text.n && memchr(f->text.p, '\r', f->text.n);
	for (size_t i = 0; i < f->text.n && (i = line_end(f->text, i, has_cr)) > 0;)
		n++;
	f->lines = NEW(s->a, uint32_t, n);
	f->n_lines = n;
	f->lines[k++] = 0;
	for (size_t i = 0; i < f->text.n && (i = line_end(f->text, i, has_cr)) > 0;)
		f->lines[k++] = (uint32_t)i;
	return f;
}

static uint32_t line_of(const struct source *f, uint32_t off)
{
	uint32_t lo = 0, hi = f->n_lines;

	while (hi - lo > 1) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (f->lines[mid] <= off)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

struct pos source_pos(struct sources *s, uint32_t src, uint32_t off)
{
	const struct source *f = with_lines(s, src);
	uint32_t line, start;

	if (off > f->text.n)
		off = (uint32_t)f->text.n;
	line = line_of(f, off);
	/* the end of a text that ends in a line end is the end of its last line, as a person sees it */
	if (line > 0 && off == f->text.n && f->lines[line] == off) {
		line--;
		while (off > f->lines[line] && (f->text.p[off - 1] == '\n' || f->text.p[off - 1] == '\r'))
			off--;
	}
	start = f->lines[line];
	if (line == 0 && off >= 3 && sv_starts(f->text, SV("\xEF\xBB\xBF")))
		start = 3;
	return (struct pos){ line + 1, (uint32_t)utf8_count(sv_sub(f->text, start, off - start)) + 1 };
}

uint32_t source_line_near(struct sources *s, uint32_t src, uint32_t off, uint32_t near)
{
	const struct source *f = with_lines(s, src);

	if (near && off < f->text.n)
		for (uint32_t n = near - 1; n < near + 30 && n < f->n_lines && f->lines[n] <= off; n++)
			if (n + 1 == f->n_lines || f->lines[n + 1] > off)
				return n + 1;
	return source_pos(s, src, off).line;
}

uint32_t source_line_count(struct sources *s, uint32_t src)
{
	return with_lines(s, src)->n_lines;
}

uint32_t source_line_start(struct sources *s, uint32_t src, uint32_t line)
{
	const struct source *f = with_lines(s, src);

	if (line == 0)
		return 0;
	return line > f->n_lines ? (uint32_t)f->text.n : f->lines[line - 1];
}

struct sv source_line(struct sources *s, uint32_t src, uint32_t line)
{
	const struct source *f = with_lines(s, src);
	uint32_t from, to;

	if (line == 0 || line > f->n_lines)
		return SV("");
	from = f->lines[line - 1];
	to = line < f->n_lines ? f->lines[line] : (uint32_t)f->text.n;
	while (to > from && (f->text.p[to - 1] == '\n' || f->text.p[to - 1] == '\r'))
		to--;
	if (line == 1 && sv_starts(f->text, SV("\xEF\xBB\xBF")))
		from = 3;
	return sv_sub(f->text, from, to - from);
}

struct sv span_text(const struct sources *s, struct span at)
{
	return sv_sub(sources_get(s, at.src)->text, at.off, at.len);
}

struct span span_join(struct span a, struct span b)
{
	uint32_t lo = a.off < b.off ? a.off : b.off;
	uint32_t ea = a.off + a.len, eb = b.off + b.len;

	if (a.src != b.src)
		return a;
	return (struct span){ a.src, lo, (ea > eb ? ea : eb) - lo };
}
