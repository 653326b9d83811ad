#include "diag/report.h"

#include <stdlib.h>

#include "base/utf8.h"

enum { GUTTER = 4, WINDOW = 120, BEFORE = 40, TAB = 4 };

struct style {
	const char *bold, *error, *warning, *note, *frame, *off;
};

static const struct style plain = { "", "", "", "", "", "" };
static const struct style color = { "\033[1m", "\033[1;31m", "\033[1;33m", "\033[1;36m", "\033[34m", "\033[0m" };

static const char *severity_style(const struct style *st, enum severity s)
{
	return s == SEV_ERROR ? st->error : s == SEV_WARNING ? st->warning : st->note;
}

/* Appends one code point in a form that is safe on a terminal; returns the cells it takes. */
static unsigned put_cp(struct buf *out, uint32_t cp, unsigned cell, bool bad, unsigned char byte)
{
	size_t from = out->n;

	if (bad || cp < 0x20 || (cp >= 0x7F && cp < 0xA0)) {
		if (cp == '\t') {
			buf_fill(out, ' ', TAB - cell % TAB);
			return TAB - cell % TAB;
		}
		buf_fmt(out, "\\x%02x", bad ? byte : (unsigned)cp);
		return (unsigned)(out->n - from);
	}
	if (utf8_is_unsafe(cp) || (utf8_width(cp) == 0 && cp >= 0x200B && cp <= 0x206F) || cp == 0xFEFF) {
		buf_fmt(out, "<U+%04X>", cp);
		return (unsigned)(out->n - from);
	}
	buf_utf8(out, cp);
	return utf8_width(cp);
}

/* Number of bytes from i on that are printable ASCII: one cell each, safe as they are. */
static size_t plain_run(struct sv text, size_t i)
{
	size_t k = i;

	while (k < text.n && text.p[k] >= 0x20 && text.p[k] < 0x7F)
		k++;
	return k - i;
}

void report_escape(struct buf *out, struct sv text)
{
	for (size_t i = 0, len; i < text.n; i += len) {
		bool bad = false;
		uint32_t cp;

		len = plain_run(text, i);
		if (len) {
			buf_add(out, text.p + i, len);
			continue;
		}
		len = utf8_decode(text, i, &cp, &bad);
		if (cp == '\n' && !bad)
			buf_str(out, "\\n");
		else if (cp == '\t' && !bad)
			buf_str(out, "\\t");
		else
			put_cp(out, cp, 0, bad, (unsigned char)text.p[i]);
	}
}

/* Cells that the first n bytes of a line take. */
static unsigned cells(struct sv line, size_t n, struct buf *scratch)
{
	unsigned cell = 0;

	for (size_t i = 0; i < n && i < line.n;) {
		bool bad = false;
		uint32_t cp;
		size_t run = plain_run(line, i), len;

		if (run) {
			run = run > n - i ? n - i : run;
			cell += (unsigned)run;
			i += run;
			continue;
		}
		len = utf8_decode(line, i, &cp, &bad);

		scratch->n = 0;
		cell += put_cp(scratch, cp, cell, bad, (unsigned char)line.p[i]);
		i += len;
	}
	return cell;
}

/* A line of the source, or the part of a long one round the caret, and which of its cells are shown. */
struct view {
	struct sv text;
	uint32_t start;       /* offset of the text in its source */
	unsigned first, last; /* cells [first, last) */
	bool cut_left, cut_right;
};

static void put_line(struct buf *out, const struct view *v)
{
	struct buf one = { 0 };
	unsigned cell = 0;

	if (v->cut_left)
		buf_str(out, "...");
	if (v->first == 0 && plain_run(v->text, 0) >= v->last) {
		buf_add(out, v->text.p, v->last);
		cell = v->last;
	}
	for (size_t i = 0; i < v->text.n && cell < v->last;) {
		bool bad = false;
		uint32_t cp;
		size_t len = utf8_decode(v->text, i, &cp, &bad);
		unsigned w;

		one.n = 0;
		w = put_cp(&one, cp, cell, bad, (unsigned char)v->text.p[i]);
		if (cell >= v->first && cell + w <= v->last)
			buf_sv(out, buf_view(&one));
		cell += w;
		i += len;
	}
	if (v->cut_right)
		buf_str(out, "...");
	buf_release(&one);
}

struct mark {
	struct span at;
	struct sv text;
	uint32_t line;
	bool primary;
};

static int mark_order(const void *pa, const void *pb)
{
	const struct mark *a = pa, *b = pb;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->primary != b->primary)
		return a->primary ? -1 : 1;
	return a->at.off < b->at.off ? -1 : a->at.off > b->at.off;
}

static void put_gutter(struct buf *out, const struct style *st, uint32_t line, unsigned width)
{
	buf_str(out, st->frame);
	if (line)
		buf_fmt(out, "%*u |", (int)width, line);
	else
		buf_fmt(out, "%*s |", (int)width, "");
	buf_str(out, st->off);
}

static void put_underline(struct buf *out, const struct style *st, const struct mark *m, const struct view *v,
			  enum severity sev)
{
	struct buf scratch = { 0 };
	size_t from = m->at.off > v->start ? m->at.off - v->start : 0, to = from + m->at.len;
	unsigned a = cells(v->text, from, &scratch), b = cells(v->text, to, &scratch);
	bool more = to > v->text.n;
	unsigned lead = v->cut_left ? 3 : 0;

	buf_release(&scratch);
	if (b > v->last)
		b = v->last;
	buf_ch(out, ' ');
	buf_fill(out, ' ', a > v->first ? lead + a - v->first : lead);
	buf_str(out, m->primary ? severity_style(st, sev) : st->note);
	buf_fill(out, m->primary ? '^' : '-', b > a ? b - a : 1);
	if (more && m->at.len)
		buf_str(out, "...");
	if (m->text.n) {
		buf_ch(out, ' ');
		report_escape(out, m->text);
	}
	buf_str(out, st->off);
	buf_ch(out, '\n');
}

/* Of a line longer than this only the part round the caret is looked at. */
enum { LONG_LINE = 4096, PART_BEFORE = 512, PART = 2048 };

static void cut_long(struct view *v, uint32_t caret)
{
	uint32_t from = caret > PART_BEFORE ? caret - PART_BEFORE : 0;
	size_t whole = v->text.n;

	if (whole <= LONG_LINE)
		return;
	while (from > 0 && ((unsigned char)v->text.p[from] & 0xC0) == 0x80)
		from--;
	v->text = sv_sub(v->text, from, PART);
	v->start += from;
	v->cut_left = from > 0;
	v->cut_right = from + v->text.n < whole;
}

static struct view view_of(struct sources *s, const struct mark *m)
{
	struct view v = { .text = source_line(s, m->at.src, m->line) };
	struct buf scratch = { 0 };
	unsigned caret, total;

	v.start = (uint32_t)(v.text.p - sources_get(s, m->at.src)->text.p);
	cut_long(&v, m->at.off > v.start ? m->at.off - v.start : 0);
	caret = cells(v.text, m->at.off > v.start ? m->at.off - v.start : 0, &scratch);
	total = cells(v.text, v.text.n, &scratch);
	buf_release(&scratch);
	v.last = total;
	if (total > WINDOW) {
		v.first = caret > BEFORE ? caret - BEFORE : 0;
		v.cut_left = v.cut_left || v.first > 0;
		if (v.first + WINDOW < total) {
			v.last = v.first + WINDOW;
			v.cut_right = true;
		}
	}
	return v;
}

static void put_marks(struct buf *out, const struct style *st, struct sources *s, const struct mark *m, size_t n,
		      enum severity sev)
{
	unsigned width = GUTTER;

	for (uint32_t l = m[n - 1].line; l >= 10000; l /= 10)
		width++;
	for (size_t i = 0; i < n;) {
		struct view v = view_of(s, &m[i]);
		uint32_t line = m[i].line;

		put_gutter(out, st, line, width);
		if (v.text.n)
			buf_ch(out, ' ');
		put_line(out, &v);
		buf_ch(out, '\n');
		for (; i < n && m[i].line == line; i++) {
			put_gutter(out, st, 0, width);
			put_underline(out, st, &m[i], &v, sev);
		}
	}
}

static void put_place(struct buf *out, struct sources *s, struct span at)
{
	struct pos p = source_pos(s, at.src, at.off);

	report_escape(out, sources_get(s, at.src)->name);
	buf_fmt(out, ":%u:%u: ", p.line, p.col);
}

static void put_excerpt(struct buf *out, const struct style *st, const struct diags *d, const struct diag *g)
{
	VEC(struct mark) marks = { 0 };

	if (sources_get(d->sources, g->at.src)->text.n == 0)
		return;
	*VEC_PUSH(d->a, &marks) =
		(struct mark){ g->at, SV(""), source_pos(d->sources, g->at.src, g->at.off).line, true };
	for (const struct diag_label *l = g->labels; l; l = l->next)
		if (l->at.src == g->at.src)
			*VEC_PUSH(d->a, &marks) = (struct mark){
				l->at, l->text, source_pos(d->sources, l->at.src, l->at.off).line, false };
	qsort(marks.v, marks.n, sizeof(marks.v[0]), mark_order);
	put_marks(out, st, d->sources, marks.v, marks.n, g->severity);
	for (const struct diag_label *l = g->labels; l; l = l->next) {
		struct mark m = { l->at, SV(""), 0, false };

		if (l->at.src == g->at.src)
			continue;
		put_place(out, d->sources, l->at);
		buf_fmt(out, "%snote%s: ", st->note, st->off);
		report_escape(out, l->text);
		buf_ch(out, '\n');
		m.line = source_pos(d->sources, l->at.src, l->at.off).line;
		if (sources_get(d->sources, l->at.src)->text.n)
			put_marks(out, st, d->sources, &m, 1, g->severity);
	}
}

/* "   = help: " and the text, later lines aligned under the first. */
static void put_remark(struct buf *out, const struct style *st, const char *what, struct sv text)
{
	size_t indent = 3 + 2 + sv_from(what).n + 2;
	bool first = true;

	while (text.n || first) {
		ptrdiff_t nl = sv_find(text, '\n');
		struct sv line = nl < 0 ? text : sv_sub(text, 0, (size_t)nl);

		if (first)
			buf_fmt(out, "   %s=%s %s%s%s: ", st->frame, st->off, st->bold, what, st->off);
		else
			buf_fill(out, ' ', indent);
		report_escape(out, line);
		buf_ch(out, '\n');
		text = nl < 0 ? SV("") : sv_sub(text, (size_t)nl + 1, text.n);
		first = false;
	}
}

static void put_help(struct buf *out, const struct style *st, const struct diag *g)
{
	const struct diag_edit *e = g->edits;
	struct buf b = { 0 };

	if (g->help.n) {
		put_remark(out, st, "help", g->help);
	} else if (e && !e->next) {
		if (e->text.n)
			buf_fmt(&b, "%s '" SV_FMT "'", e->at.len ? "write" : "add", SV_ARG(sv_trim(e->text)));
		else
			buf_str(&b, "remove this");
		put_remark(out, st, "help", buf_view(&b));
		buf_release(&b);
	}
}

static void put_head(struct buf *out, const struct style *st, const struct diags *d, const struct diag *g)
{
	put_place(out, d->sources, g->at);
	buf_fmt(out, "%s%s[%s]%s: %s", severity_style(st, g->severity), severity_name(g->severity), g->info->code,
		st->off, st->bold);
	report_escape(out, g->msg);
	buf_fmt(out, "%s\n", st->off);
}

static void put_diag(struct buf *out, const struct style *st, const struct diags *d, const struct diag *g)
{
	put_head(out, st, d, g);
	put_excerpt(out, st, d, g);
	put_help(out, st, g);
	if (g->info->source)
		put_remark(out, st, "source", sv_from(g->info->source));
}

static void report(struct buf *out, const struct diags *d, const struct report_opts *o, bool concise)
{
	const struct style *st = o->color ? &color : &plain;
	uint32_t shown = 0, left = 0, src = UINT32_MAX;
	bool any = false;

	for (size_t i = 0; i < d->v.n; i++) {
		const struct diag *g = d->v.v[i];

		if (g->suppressed || (g->severity == SEV_NOTE && !o->notes))
			continue;
		if (g->at.src != src) {
			src = g->at.src;
			shown = 0;
		}
		if (o->max && shown == o->max) {
			left++;
			continue;
		}
		if (any && !concise)
			buf_ch(out, '\n');
		if (concise)
			put_head(out, st, d, g);
		else
			put_diag(out, st, d, g);
		any = true;
		shown++;
	}
	if (left)
		buf_fmt(out, "%s%u more finding%s not shown\n", concise ? "" : "\n", left, left == 1 ? "" : "s");
}

void report_text(struct buf *out, const struct diags *d, const struct report_opts *o)
{
	report(out, d, o, false);
}

void report_concise(struct buf *out, const struct diags *d, const struct report_opts *o)
{
	report(out, d, o, true);
}
