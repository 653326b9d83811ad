/* What only the whole tree tells: aliases, anchors, the budget, keys, tags. */
#include "yaml/internal.h"

#include <string.h>

#include "base/bug.h"

/* The anchor may stand in an entry that was passed over. */
static bool is_passed_over(const struct ydoc *d, struct sv name, size_t searched)
{
	struct sv rest = d->text;
	ptrdiff_t at;

	if (!d->incomplete || searched > 20)
		return d->incomplete;
	while ((at = sv_search(rest, name)) >= 0) {
		if (at > 0 && rest.p[at - 1] == '&')
			return true;
		rest = sv_sub(rest, (size_t)at + 1, rest.n);
	}
	return false;
}

static void check_undefined(struct yparse *p)
{
	struct ydoc *d = p->d;

	for (size_t i = 0; i < p->undefined.n; i++) {
		const struct ynamed *u = &p->undefined.v[i];

		if (is_passed_over(d, u->name, i))
			continue;
		struct diag *g =
		    YDIAG(d, Y_UNDEFINED, u->at, "no anchor '" SV_FMT "' above this alias", SV_ARG(u->name));
		uintptr_t later = (uintptr_t)map_get(&p->names, u->name);
		struct yanchor *near = later ? &d->anchors.v[later - 1] : NULL;
		unsigned best = UINT32_MAX, distance;

		for (size_t k = 0; !later && k < d->anchors.n && k < 1000; k++)
			if (sv_is_near(u->name, d->anchors.v[k].name, &distance) && distance < best) {
				best = distance;
				near = &d->anchors.v[k];
			}
		if (!near) {
			diag_help(d->diags, g, "a text that starts with '*' needs quotes");
			continue;
		}
		near->used = true;
		if (later) {
			diag_label(d->diags, g, near->at, "the anchor stands here");
			diag_help(d->diags, g, "an anchor must stand before its aliases");
			continue;
		}
		diag_label(d->diags, g, near->at, "similar name");
		diag_help(d->diags, g, "did you mean *" SV_FMT "?", SV_ARG(near->name));
		diag_edit(d->diags, g, u->at, sv_fmt(d->a, "*" SV_FMT, SV_ARG(near->name)), false);
	}
	for (size_t i = 0; i < p->cycles.n; i++) {
		const struct yanchor *a = &d->anchors.v[p->cycles.v[i].b];
		struct diag *g = YDIAG(d, Y_CYCLE, ynode_span(d, p->cycles.v[i].a),
				       "'*" SV_FMT "' stands inside what it names", SV_ARG(a->name));

		diag_label(d->diags, g, a->at, "the anchor");
		diag_help(d->diags, g, "a value cannot contain itself");
	}
}

/* Aliases are counted as if they were written out; from the one that crosses the limit on none is followed. */
static bool check_budget(struct yparse *p)
{
	struct ydoc *d = p->d;
	uint64_t limit = p->o.max_decoded + 2 * (uint64_t)(d->n_nodes - 1);
	bool over = false;

	if (p->decoded <= limit)
		return true;
	for (size_t i = 0; i < p->aliases.n; i++) {
		const struct ynamed *n = &p->aliases.v[i];
		uint64_t count = (uint64_t)n->at.len << 32 | n->at.off;

		if (count <= limit)
			continue;
		if (!over) {
			struct diag *g = YDIAG(d, Y_EXPANSION, ynode_span(d, n->node),
					       "with this alias the file holds more than %llu values",
					       (unsigned long long)limit);

			diag_help(d->diags, g, "aliases count as often as they are used: use fewer");
		}
		over = true;
		d->nodes[n->node].aux = 0;
		d->nodes[n->node].flags |= YN_POISONED;
	}
	return false;
}

bool yaml_check_aliases(struct yparse *p)
{
	check_undefined(p);
	return check_budget(p);
}

static void check_anchors(struct yparse *p)
{
	struct ydoc *d = p->d;

	/* after an error the alias may be what is missing */
	if (d->incomplete || p->partial || d->diags->n_errors > p->errors_before)
		return;
	for (size_t i = 0; i < d->anchors.n; i++) {
		const struct yanchor *a = &d->anchors.v[i];
		uint32_t hi = a->at.off + a->at.len;
		struct diag *g;

		if (a->used)
			continue;
		g = YDIAG(d, Y_UNUSED_ANCHOR, a->at, "no alias uses the anchor '" SV_FMT "'",
			  SV_ARG(a->name));
		diag_help(d->diags, g, "remove it");
		while (hi < p->end && ych_blank(d->work[hi]))
			hi++;
		diag_edit(d->diags, g, yspan(d, a->at.off, hi), SV(""), true);
	}
}

/* `{{ name }}`, a hole of a template language, reads as a map whose key is a map. */
static bool is_template(const struct ydoc *d, uint32_t key)
{
	const struct ynode *k = &d->nodes[key];

	return k->kind == YNODE_MAP && k->style == YSTYLE_FLOW && k->lo > 0 && d->work[k->lo - 1] == '{' &&
	       key > 1 && d->nodes[key - 1].kind == YNODE_MAP && d->nodes[key - 1].lo == k->lo - 1;
}

static void bad_key(struct yparse *p, uint32_t key)
{
	struct ydoc *d = p->d;
	const struct ynode *k = &d->nodes[key];
	struct span at = ynode_span(d, key);
	uint32_t end = yline_end(d, at.off);
	struct diag *g;

	at.len = at.off + at.len > end ? end - at.off : at.len;
	if (k->kind == YNODE_SCALAR && k->flags & YN_ANCHORED) {
		struct yanchor *a = &d->anchors.v[k->aux - 1];

		a->used = true;
		g = YDIAG(d, Y_EMPTY_KEY, a->at, "the key is empty: '&" SV_FMT "' is an anchor",
			  SV_ARG(a->name));
		diag_help(d->diags, g, "a key that starts with '&' needs quotes");
	} else if (k->kind == YNODE_SCALAR) {
		g = YDIAG(d, Y_EMPTY_KEY, k->count ? at : yspan_char(d, k->lo),
			  "the key is %s, expected a name", k->count ? "null" : "empty");
		if (k->count)
			yaml_fix_quote(p, g, k->lo, k->hi);
	} else {
		g = YDIAG(d, Y_BAD_KEY, at, "the key is %s, expected a name", ynode_kind_name(d, key));
		diag_help(d->diags, g, "keys are plain names");
	}
}

static void check_keys(struct yparse *p)
{
	struct ydoc *d = p->d;

	/* of a text that breaks off, brackets left open look like keys */
	for (size_t i = 0; i < p->bad_keys.n && !p->partial; i++) {
		uint32_t key = p->bad_keys.v[i];
		const struct ynode *k = &d->nodes[key];

		if (is_template(d, key)) {
			struct ynode *map = &d->nodes[key - 1];
			struct diag *g = YDIAG(d, Y_TEMPLATE, ynode_span(d, key - 1),
					       "unquoted braces of a template language");

			map->flags |= YN_POISONED;
			yaml_fix_quote(p, g, map->lo, map->hi);
		} else if (k->kind != YNODE_ALIAS || k->aux) {
			/* an alias that stands for nothing has been reported as one */
			bad_key(p, key);
		}
		if (k->next)
			d->nodes[k->next].flags |= YN_POISONED;
	}
}

/* Whether b is a later key of a's map, not far away. */
static bool follows(const struct ydoc *d, uint32_t a, uint32_t b)
{
	for (int i = 0; i < 32 && a && a < b; i++)
		a = d->nodes[a].next ? d->nodes[d->nodes[a].next].next : 0;
	return a == b;
}

/* Number of repeated keys from twin i on that stand in one map and repeat different ones. */
static size_t run_of_twins(const struct yparse *p, size_t i)
{
	size_t n = 1;

	for (; i + n < p->twins.n; n++) {
		struct ypair a = p->twins.v[i + n - 1], b = p->twins.v[i + n];

		if (a.b == b.b || !follows(p->d, a.a, b.a))
			break;
	}
	return n;
}

static void check_twins(struct yparse *p)
{
	struct ydoc *d = p->d;
	size_t n;

	for (size_t i = 0; i < p->twins.n; i += n) {
		struct ypair t = p->twins.v[i];
		struct sv name = sv_sub(ynode_text(d, t.a), 0, 200);
		struct diag *g;

		/* three repeated keys are one lost line, the name of an entry */
		n = run_of_twins(p, i);
		if (n < 3) {
			n = 1;
			g = YDIAG(d, Y_DUPLICATE, ynode_span(d, t.a), "'" SV_FMT "' is set twice",
				  SV_ARG(name));
			diag_label(d->diags, g, ynode_span(d, t.b), "first set here");
			diag_help(d->diags, g,
				  d->nodes[t.a].flags & YN_MERGE_KEY
				      ? "merge several maps by a list: '<<: [*a, *b]'"
				      : "remove one of the two");
			continue;
		}
		g = YDIAG(d, Y_DUPLICATE, ynode_span(d, t.a), "'" SV_FMT "' and %zu more keys are set twice",
			  SV_ARG(name), n - 1);
		diag_label(d->diags, g, ynode_span(d, t.b), "first set here");
		diag_help(d->diags, g, "if a new entry starts here, its name is missing on the line above");
	}
}

static void check_tags(struct yparse *p)
{
	struct ydoc *d = p->d;
	static const struct {
		const char *part, *help;
	} known[] = {
	    {"!vault", "nothing secret is written in a spec: passwords are asked for when the script runs"},
	    {"!include", "other files are named by the field 'include' at the top of the spec"},
	    {"python", "a spec holds data, no objects of a program"},
	    {"!ruby", "a spec holds data, no objects of a program"},
	    {"float", "no field of a spec takes a float"},
	};

	for (size_t i = 0; i < p->bad_tags.n; i++) {
		const struct ynamed *t = &p->bad_tags.v[i];
		struct diag *g = YDIAG(d, Y_TAG, t->at, "tag '" SV_FMT "' on %s",
				       SV_ARG(span_text(d->sources, t->at)), ynode_kind_name(d, t->node));
		const char *help = "remove the tag: the field says what its value is; a text that starts "
				   "with '!' needs quotes";
		uint32_t hi = t->at.off + t->at.len;

		for (size_t k = 0; k < COUNTOF(known); k++)
			if (sv_search(t->name, sv_from(known[k].part)) >= 0)
				help = known[k].help;
		diag_help(d->diags, g, "%s", help);
		while (hi < p->end && ych_blank(d->work[hi]))
			hi++;
		diag_edit(d->diags, g, yspan(d, t->at.off, hi), SV(""), false);
	}
}

static void check_lengths(struct yparse *p)
{
	struct ydoc *d = p->d;

	for (size_t i = 0; i < p->long_scalars.n; i++) {
		struct ynode *s = &d->nodes[p->long_scalars.v[i]];

		if (s->flags & YN_KEY && s->count > KEY_MAX)
			continue;
		s->flags |= YN_POISONED;
		YDIAG(d, Y_LONG_SCALAR, yspan_char(d, s->lo), "a text of %u bytes, more than %u",
		      (unsigned)s->count, (unsigned)p->o.max_scalar);
	}
}

void yaml_check_tree(struct yparse *p)
{
	check_keys(p);
	check_twins(p);
	check_tags(p);
	check_lengths(p);
	check_anchors(p);
}
