#include "yaml/ydoc.h"

#include <string.h>

#include "base/utf8.h"
#include "yaml/internal.h"

/* Spaces that look like indentation and are text to YAML: the author meant the lines to be nested. */
static bool is_wide_space(uint32_t cp)
{
	return cp == 0xA0 || cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x202F || cp == 0x205F ||
	       cp == 0x3000;
}

static bool in_indentation(const struct ydoc *d, uint32_t off)
{
	uint32_t at = yline_start(d, off), cp;

	while (at < off) {
		uint32_t len = (uint32_t)utf8_decode(d->text, at, &cp, NULL);

		if (cp != ' ' && !is_wide_space(cp))
			return false;
		at += len;
	}
	return true;
}

/* Odd spaces that indent lines change the structure without a syntax error. Reports the first one that
 * does and masks its entry; true if there was one. */
static bool odd_indentation(struct yparse *p, bool parsed)
{
	struct ydoc *d = p->d;

	for (size_t i = 0; i < p->odd.n; i++) {
		struct yodd *o = &p->odd.v[i];
		uint32_t hi = o->off, cp, len, n, cells = 0;
		struct diag *g;

		if (!is_wide_space(o->cp) || d->work[o->off] == '#' || !in_indentation(d, o->off))
			continue;
		n = yscalar_at(d, o->off);
		if (n && !(d->nodes[n].flags & YN_KEY) && !(parsed && d->nodes[n].lo == o->off))
			continue;
		if (!parsed && o->off > p->fail.at)
			continue;
		for (; hi < p->end && (len = (uint32_t)utf8_decode(d->text, hi, &cp, NULL)) &&
		       (cp == ' ' || is_wide_space(cp));
		     hi += len)
			cells++;
		g = YDIAG(d, Y_INVISIBLE, yspan(d, o->off, hi), "indentation by " SV_FMT ", expected spaces",
			  SV_ARG(yaml_char_name(d->a, o->cp)));
		diag_help(d->diags, g, "replace it by spaces");
		diag_edit(d->diags, g, yspan(d, o->off, hi),
			  sv_fmt(d->a, "%*s", (int)(cells > 1000 ? 1000 : cells), ""), false);
		return yaml_resync(p, o->off);
	}
	return false;
}

/* A quoted text that runs on over a line like `key:`, no further in than its own key, has lost its end:
 * libyaml goes on to the next quote, wherever that is. */
static bool lost_quote(struct yparse *p, uint32_t n, uint32_t col)
{
	const struct ydoc *d = p->d;
	uint32_t line = yline_next(d, d->nodes[n].lo), end = d->nodes[n].hi;

	if (!ynode_is_quoted(d, n))
		return false;
	for (; line < end; line = yline_next(d, line)) {
		uint32_t at = yline_text(d, line), hi = at;

		while (hi < end && (ch_is_alnum(d->work[hi]) || d->work[hi] == '_' || d->work[hi] == '-'))
			hi++;
		if (at - line <= col && hi > at && hi < end && d->work[hi] == ':' &&
		    ych_space(d->work[hi + 1]))
			return true;
	}
	return false;
}

static bool swallowing_quote(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t quote = d->root && lost_quote(p, d->root, 0) ? d->root : 0;

	for (size_t i = 0; i < p->ragged.n && !quote; i++)
		if (p->ragged.v[i].b != UINT32_MAX && lost_quote(p, p->ragged.v[i].a, p->ragged.v[i].b))
			quote = p->ragged.v[i].a;
	if (!quote)
		return false;
	d->incomplete = true;
	return yaml_resync(p, yaml_place_open_quote(p, d->nodes[quote].lo));
}

/* Reads the text, passing over broken top-level entries. */
static void read_entries(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint64_t spent = 0;

	for (int tries = 0;; tries++) {
		bool ok = yaml_attempt(p), again;
		uint32_t blame, errors = d->diags->n_errors;

		if (odd_indentation(p, ok) || (d->diags->n_errors == errors && swallowing_quote(p))) {
			again = true;
		} else if (ok) {
			again = false;
		} else if (d->diags->n_errors > errors) {
			again = false;
			d->incomplete = true;
		} else {
			blame = yaml_place(p);
			again = !p->hopeless && yaml_resync(p, blame);
			d->incomplete = true;
		}
		spent += ok ? p->end : p->fail.at;
		if (again)
			d->incomplete = true;
		/* reading again and again must stay linear in the text */
		if (!again || tries == RESYNC_MAX || spent > 3 * (uint64_t)p->end + 65536) {
			p->partial = !ok;
			yaml_close_open(p);
			return;
		}
	}
}

static bool check_document(struct yparse *p)
{
	struct ydoc *d = p->d;
	const struct ynode *root = &d->nodes[d->root];
	struct diag *g;

	if (p->second_doc) {
		uint32_t end = yline_end(d, p->second_doc);

		g = YDIAG(d, Y_MANY_DOCS,
			  yspan(d, p->second_doc, end > p->second_doc + 3 ? p->second_doc + 3 : end),
			  "a second document starts here, expected one");
		diag_help(d->diags, g, "put it into a file of its own");
	}
	if (p->o.any_root)
		return !d->incomplete || d->root;
	if (!d->root || ynode_is_null(d, d->root)) {
		if (!d->incomplete) {
			g = YDIAG(d, Y_EMPTY_DOC, yspan(d, p->base, p->base), "the document is empty");
			diag_help(d->diags, g, "a file begins with 'labc: 1'");
		}
		return false;
	}
	if (root->kind == YNODE_MAP)
		return true;
	if (!d->incomplete && !p->scrubbed.n) {
		struct span at = ynode_span(d, d->root);

		at.len = yline_end(d, at.off) - at.off < at.len ? yline_end(d, at.off) - at.off : at.len;
		g = YDIAG(d, Y_ROOT, at, "a lab is a map of fields, found %s", ynode_kind_name(d, d->root));
		diag_help(d->diags, g, "start with 'labc: 1' and 'name: ...'");
	}
	return false;
}

bool ydoc_parse(struct ydoc *d, struct arena *a, struct diags *diags, uint32_t src,
		const struct ydoc_opts *opts)
{
	struct yparse p = {.d = d};
	bool ok;

	memset(d, 0, sizeof(*d));
	if (opts)
		p.o = *opts;
	p.o.max_depth = p.o.max_depth == 0 ? 64 : p.o.max_depth > 1000 ? 1000 : p.o.max_depth;
	p.o.max_run = p.o.max_run ? p.o.max_run : 4096;
	p.o.max_percent = p.o.max_percent ? p.o.max_percent : 64;
	p.o.max_scalar = p.o.max_scalar ? p.o.max_scalar : (uint32_t)1 << 20;
	p.o.max_decoded = p.o.max_decoded ? p.o.max_decoded : 1000000;
	d->sources = diags->sources;
	d->diags = diags;
	d->a = a;
	d->src = src;
	d->text = sources_get(diags->sources, src)->text;
	d->work = d->text.p ? d->text.p : "";
	d->first_diag = (uint32_t)diags->v.n;
	p.errors_before = diags->n_errors;
	if (!yaml_prepass(&p)) {
		d->nodes = NEW(a, struct ynode, 1);
		d->n_nodes = 1;
		return false;
	}
	p.cap_stack = 8;
	p.stack = NEW(a, struct yframe, p.cap_stack);
	read_entries(&p);
	ok = check_document(&p);
	if (!ok)
		return false;
	ok = yaml_check_aliases(&p);
	yaml_merge_all(&p);
	yaml_check_tree(&p);
	yaml_check_text(&p);
	yaml_read_comments(&p);
	return ok;
}
