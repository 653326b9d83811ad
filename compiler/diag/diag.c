#include "diag/diag.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

void diags_init(struct diags *d, struct arena *a, struct sources *sources)
{
	*d = (struct diags){ .a = a, .sources = sources };
}

static uint32_t *counter(struct diags *d, enum severity s)
{
	return s == SEV_ERROR ? &d->n_errors : s == SEV_WARNING ? &d->n_warnings : &d->n_notes;
}

struct diag *diag_vat(struct diags *d, const struct diag_info *info, struct span at, const char *fmt, va_list ap)
{
	struct diag *g = NEW(d->a, struct diag, 1);

	g->info = info;
	g->severity = info->severity;
	g->at = at;
	g->msg = sv_vfmt(d->a, fmt, ap);
	g->seq = d->seq++;
	VEC_ADD(d->a, &d->v, g);
	++*counter(d, g->severity);
	d->sorted = false;
	return g;
}

struct diag *diag_at(struct diags *d, const struct diag_info *info, struct span at, const char *fmt, ...)
{
	struct diag *g;
	va_list ap;

	va_start(ap, fmt);
	g = diag_vat(d, info, at, fmt, ap);
	va_end(ap);
	return g;
}

void diag_label(struct diags *d, struct diag *g, struct span at, const char *fmt, ...)
{
	struct diag_label *l = NEW(d->a, struct diag_label, 1), **end = &g->labels;
	va_list ap;

	va_start(ap, fmt);
	l->at = at;
	l->text = sv_vfmt(d->a, fmt, ap);
	va_end(ap);
	while (*end)
		end = &(*end)->next;
	*end = l;
}

void diag_help(struct diags *d, struct diag *g, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	g->help = sv_vfmt(d->a, fmt, ap);
	va_end(ap);
}

void diag_edit(struct diags *d, struct diag *g, struct span at, struct sv text, bool safe)
{
	struct diag_edit *e = NEW(d->a, struct diag_edit, 1), **end = &g->edits;

	if (!g->edits)
		g->fix_is_safe = safe;
	e->at = at;
	e->text = sv_dup(d->a, text);
	while (*end)
		end = &(*end)->next;
	*end = e;
}

void diag_set_severity(struct diags *d, struct diag *g, enum severity severity)
{
	if (!g->suppressed && !g->dropped) {
		--*counter(d, g->severity);
		++*counter(d, severity);
	}
	g->severity = severity;
}

void diag_drop(struct diags *d, struct diag *g)
{
	if (g->dropped)
		return;
	if (!g->suppressed)
		--*counter(d, g->severity);
	g->dropped = true;
	d->sorted = false;
}

static int order(const void *pa, const void *pb)
{
	const struct diag *a = *(struct diag *const *)pa, *b = *(struct diag *const *)pb;
	int c;

	if (a->at.src != b->at.src)
		return a->at.src < b->at.src ? -1 : 1;
	if (a->at.off != b->at.off)
		return a->at.off < b->at.off ? -1 : 1;
	c = strcmp(a->info->code, b->info->code);
	return c ? c : a->seq < b->seq ? -1 : 1;
}

static bool equal(const struct diag *a, const struct diag *b)
{
	return a->at.src == b->at.src && a->at.off == b->at.off && a->at.len == b->at.len &&
	       strcmp(a->info->code, b->info->code) == 0 && sv_eq(a->msg, b->msg);
}

void diags_finish(struct diags *d)
{
	size_t n = 0;

	if (d->sorted)
		return;
	if (d->v.n)
		qsort(d->v.v, d->v.n, sizeof(d->v.v[0]), order);
	d->n_errors = d->n_warnings = d->n_notes = 0;
	d->hidden[SEV_NOTE] = d->hidden[SEV_WARNING] = d->hidden[SEV_ERROR] = 0;
	for (size_t i = 0; i < d->v.n; i++) {
		if (d->v.v[i]->dropped)
			continue;
		if (n && equal(d->v.v[n - 1], d->v.v[i]))
			continue;
		d->v.v[n++] = d->v.v[i];
		if (!d->v.v[i]->suppressed)
			++*counter(d, d->v.v[i]->severity);
	}
	d->v.n = n;
	d->sorted = true;
}

void diags_hide(struct diags *d, bool (*is_hidden)(void *ctx, const struct diags *d, const struct diag *g), void *ctx)
{
	size_t n = 0;

	for (size_t i = 0; i < d->v.n; i++) {
		struct diag *g = d->v.v[i];

		if (!is_hidden(ctx, d, g))
			d->v.v[n++] = g;
		else if (!g->suppressed)
			d->hidden[g->severity]++;
	}
	d->v.n = n;
}

const char *severity_name(enum severity s)
{
	return s == SEV_ERROR ? "error" : s == SEV_WARNING ? "warning" : "note";
}
