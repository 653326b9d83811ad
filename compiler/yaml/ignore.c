/* Comments: `# labc: ignore CODE[, CODE] [-- reason]`. */
#include "yaml/internal.h"

#include <string.h>

#include "base/buf.h"

static bool is_code_char(char c)
{
	return ch_is_alnum(c) || c == '-';
}

/* The next code in [*at, end): its place; false at the end of the list or at what is no code. */
static bool next_code(const struct ydoc *d, uint32_t *at, uint32_t end, struct span *code)
{
	uint32_t lo = *at;

	while (lo < end && (ych_blank(d->work[lo]) || d->work[lo] == ','))
		lo++;
	*at = lo;
	while (*at < end && is_code_char(d->work[*at]))
		++*at;
	*code = yspan(d, lo, *at);
	return *at > lo;
}

/* What a comment alone on its line applies to: the next entry, its key line only if it holds others. */
static void next_entry(const struct ydoc *d, uint32_t off, struct yignore *ig)
{
	uint32_t n = ynode_before(d, off) + 1, value;

	if (n >= d->n_nodes)
		return;
	while ((d->nodes[n].kind == YNODE_MAP || d->nodes[n].kind == YNODE_SEQ) && d->nodes[n].first)
		n = d->nodes[n].first;
	ig->lo = yline_start(d, d->nodes[n].lo);
	value = d->nodes[n].flags & YN_KEY ? d->nodes[n].next : n;
	if (d->nodes[value].kind != YNODE_SCALAR && d->nodes[value].kind != YNODE_ALIAS)
		value = n;
	ig->hi = yline_end(d, d->nodes[value].hi);
}

static void same_line(const struct ydoc *d, uint32_t off, struct yignore *ig)
{
	const struct ynode *n = &d->nodes[ynode_before(d, off)];

	ig->lo = yline_start(d, off);
	ig->hi = yline_end(d, off);
	/* on the header of a block text: all of the text */
	if (n->kind == YNODE_SCALAR && (n->style == YSTYLE_LITERAL || n->style == YSTYLE_FOLDED) &&
	    n->hi > ig->hi)
		ig->hi = n->hi;
}

static struct diag *malformed(struct ydoc *d, uint32_t lo, uint32_t hi, const char *what)
{
	struct diag *g = YDIAG(d, Y_IGNORE_BAD, yspan(d, lo, hi), "%s in 'labc: ignore'", what);

	diag_help(d->diags, g, "write # labc: ignore LAB0123, LAB0124 -- reason");
	return g;
}

/* [at, end) is the text behind the word `ignore`. False if it is no list of codes. */
static bool read_codes(struct ydoc *d, struct yignore *ig, uint32_t at, uint32_t end)
{
	struct span code;
	uint32_t n = 0;

	while (at < end && ych_blank(d->work[at]))
		at++;
	ig->codes = ig->codes_end = at;
	for (;;) {
		uint32_t from = at;

		while (at < end && ych_blank(d->work[at]))
			at++;
		if (at == end || (at + 1 < end && d->work[at] == '-' && d->work[at + 1] == '-'))
			break;
		if (n && d->work[at] != ',') {
			struct diag *g = malformed(d, at, end, "text without '--'");

			diag_edit(d->diags, g, yspan(d, at, at), SV("-- "), true);
			ig->reported = true;
			break;
		}
		at += n ? 1 : 0;
		while (at < end && ych_blank(d->work[at]))
			at++;
		if (!next_code(d, &at, end, &code) || !ch_is_alpha(d->work[code.off])) {
			malformed(d, from, end, "expected a code");
			return false;
		}
		n++;
		ig->codes_end = at;
	}
	if (n)
		return true;
	YDIAG(d, Y_IGNORE_BARE, ig->comment, "'labc: ignore' names no code");
	diag_help(d->diags, d->diags->v.v[d->diags->v.n - 1],
		  "name what it silences: # labc: ignore LAB0123 -- reason");
	return false;
}

static bool is_ignore_word(struct sv w)
{
	return sv_eq(w, SV("disable")) || sv_eq(w, SV("suppress")) || sv_starts(w, SV("ignore")) ||
	       sv_eq(w, SV("noqa")) || (w.n > 3 && sv_distance(w, SV("ignore"), 2) <= 2);
}

/* The comment that starts at `hash` begins with `labc:`. */
static void read_comment(struct yparse *p, uint32_t hash, uint32_t at)
{
	struct ydoc *d = p->d;
	uint32_t end = yline_end(d, hash), word;
	struct yignore ig = {0};
	struct sv text;
	bool alone = yline_text(d, hash) == hash;

	while (end > at && ych_blank(d->work[end - 1]))
		end--;
	while (at < end && ych_blank(d->work[at]))
		at++;
	for (word = at; at < end && (ch_is_alpha(d->work[at]) || d->work[at] == '-' || d->work[at] == '_');)
		at++;
	text = yslice(d, word, at);
	if (!is_ignore_word(text))
		return;
	ig.comment = yspan(d, hash, end);
	if (sv_eq(text, SV("ignore-file"))) {
		if (ynode_before(d, hash) > 0) {
			malformed(d, word, at, "'ignore-file' below the first key");
			return;
		}
		ig.hi = p->end + 1;
	} else if (!sv_eq(text, SV("ignore"))) {
		struct diag *g = malformed(d, word, at, "unknown word");

		diag_edit(d->diags, g, yspan(d, word, at), SV("ignore"), false);
		return;
	} else if (alone) {
		next_entry(d, hash, &ig);
	} else {
		same_line(d, hash, &ig);
	}
	if (read_codes(d, &ig, at, end))
		VEC_ADD(d->a, &d->ignores, ig);
}

static void glued(struct yparse *p, uint32_t at)
{
	struct ydoc *d = p->d;
	struct diag *g =
	    YDIAG(d, Y_GLUED, yspan(d, at, yline_end(d, at)), "a comment needs a blank before its '#'");

	diag_help(d->diags, g, "write ' #': YAML 1.2 readers refuse the file");
	diag_edit(d->diags, g, yspan(d, at, at), SV(" "), true);
}

void yaml_read_comments(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint32_t at = p->base;

	while (at < p->end && !p->partial) {
		const char *hit = memchr(d->work + at, '#', p->end - at);
		uint32_t hash, text, start;
		bool attached, ours;

		if (!hit)
			return;
		hash = text = (uint32_t)(hit - d->work);
		attached = hash > p->base && !ych_space(d->work[hash - 1]);
		for (text++; text < p->end && (ych_blank(d->work[text]) || d->work[text] == '#');)
			text++;
		ours = sv_starts(yslice(d, text, p->end), SV("labc:"));
		at = hash + 1;
		if (!attached && !ours)
			continue;
		start = ycomment_start(d, hash);
		if (start > hash)
			continue;
		/* the rest of a comment is a comment */
		at = yline_end(d, hash);
		if (start < hash)
			continue;
		if (attached)
			glued(p, hash);
		if (ours)
			read_comment(p, hash, text + 5);
	}
}

static bool is_locked(struct sv code, enum severity severity)
{
	return sv_starts(code, SV("LAB01")) || (sv_starts(code, SV("LAB00")) && severity == SEV_ERROR);
}

static bool names_locked(struct sv code)
{
	for (size_t i = 0; i < yaml_codes_count; i++)
		if (sv_eq(code, sv_from(yaml_codes[i].code)))
			return is_locked(code, yaml_codes[i].severity);
	return is_locked(code, SEV_WARNING);
}

static int by_offset(const void *a, const void *b)
{
	const struct diag *x = *(struct diag *const *)a, *y = *(struct diag *const *)b;

	return x->at.off < y->at.off ? -1 : x->at.off > y->at.off;
}

struct found {
	struct diag **v;
	size_t n;
};

static struct found findings_of(const struct ydoc *d, const struct diags *diags)
{
	struct found f = {NEW(d->a, struct diag *, diags->v.n - d->first_diag + 1), 0};

	for (size_t i = d->first_diag; i < diags->v.n; i++)
		if (diags->v.v[i]->at.src == d->src)
			f.v[f.n++] = diags->v.v[i];
	qsort(f.v, f.n, sizeof(*f.v), by_offset);
	return f;
}

enum silenced { NOTHING, SILENCED, LOCKED };

static enum silenced silence(struct diags *diags, const struct found *f, const struct yignore *ig, struct sv code)
{
	size_t lo = 0, hi = f->n;
	enum silenced any = NOTHING;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->v[mid]->at.off < ig->lo)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < f->n && f->v[lo]->at.off < ig->hi; lo++) {
		struct diag *g = f->v[lo];

		if (!sv_eq(code, sv_from(g->info->code)) || is_locked(code, g->severity))
			continue;
		if (g->locked) {
			any = LOCKED;
			continue;
		}
		any = any == LOCKED ? LOCKED : SILENCED;
		if (g->suppressed || g->dropped)
			continue;
		g->suppressed = true;
		*(g->severity == SEV_ERROR     ? &diags->n_errors
		  : g->severity == SEV_WARNING ? &diags->n_warnings
					       : &diags->n_notes) -= 1;
	}
	return any;
}

static void unused(struct ydoc *d, const struct yignore *ig, struct sv list, struct sv rest, bool all)
{
	uint32_t lo = ig->comment.off, hi = lo + ig->comment.len, start = yline_start(d, lo);
	struct diag *g = YDIAG(d, Y_IGNORE_UNUSED, ig->comment, "nothing here has " SV_FMT, SV_ARG(list));

	diag_help(d->diags, g, all ? "remove the comment" : "remove the code");
	if (!all) {
		diag_edit(d->diags, g, yspan(d, ig->codes, ig->codes_end), rest, true);
		return;
	}
	while (lo > start && ych_blank(d->work[lo - 1]))
		lo--;
	diag_edit(d->diags, g, lo == start ? yspan(d, lo, yline_next(d, hi)) : yspan(d, lo, hi), SV(""),
		  true);
}

void ydoc_apply_ignores(struct ydoc *d, struct diags *diags, bool (*is_known)(void *ctx, struct sv code),
			const char *(*nearest)(void *ctx, struct sv code), void *ctx)
{
	struct found f;

	if (!d->ignores.n)
		return;
	f = findings_of(d, diags);
	for (size_t i = 0; i < d->ignores.n; i++) {
		const struct yignore *ig = &d->ignores.v[i];
		struct buf idle = {0}, rest = {0};
		struct span at;
		bool all = true;

		for (uint32_t off = ig->codes; next_code(d, &off, ig->codes_end, &at);) {
			struct sv code = yslice(d, at.off, at.off + at.len);
			struct buf *list = &rest;

			if (names_locked(code)) {
				struct diag *g = YDIAG(d, Y_IGNORE_FORBIDDEN, at,
						       "'" SV_FMT "' cannot be ignored", SV_ARG(code));

				diag_help(diags, g,
					  "a spec with this error cannot be read: correct it instead");
			} else if (!is_known(ctx, code)) {
				const char *near = nearest ? nearest(ctx, code) : NULL;
				struct diag *g = YDIAG(d, Y_IGNORE_UNKNOWN, at,
						       "no finding has the code '" SV_FMT "'", SV_ARG(code));

				if (near) {
					diag_help(diags, g, "did you mean %s?", near);
					diag_edit(diags, g, at, sv_from(near), false);
				}
			} else {
				enum silenced done = silence(diags, &f, ig, code);

				/* a policy may be given in other runs only */
				if (done == NOTHING && !sv_starts(code, SV("ORG-")))
					list = &idle;
				else if (done == LOCKED)
					diag_help(diags,
						  YDIAG(d, Y_IGNORE_FORBIDDEN, at, "'" SV_FMT "' cannot be ignored",
							SV_ARG(code)),
						  "correct the spec: names must lead somewhere, and what a --policy demands must hold");
			}
			all = all && list == &idle;
			buf_str(list, list->n ? ", " : "");
			buf_sv(list, code);
		}
		/* after an error what it silences may not have been looked for */
		if (idle.n && !d->incomplete && !ig->reported && diags_errors(diags) == 0)
			unused(d, ig, buf_view(&idle), sv_dup(d->a, buf_view(&rest)), all);
		buf_release(&idle);
		buf_release(&rest);
	}
}
