#include "edits.h"

#include "base/buf.h"

/* What takes a value's place. */
static const struct {
	const char *name;
	struct sv by;
} kinds[] = {
	{ "number", SV_INIT("7") },
	{ "zero", SV_INIT("0") },
	{ "negative", SV_INIT("-1") },
	{ "fraction", SV_INIT("1.5") },
	{ "huge", SV_INIT("99999999999999999999") },
	{ "text", SV_INIT("word") },
	{ "yes", SV_INIT("yes") },
	{ "true", SV_INIT("true") },
	{ "null", SV_INIT("null") },
	{ "empty text", SV_INIT("\"\"") },
	{ "list", SV_INIT("[word]") },
	{ "empty list", SV_INIT("[]") },
	{ "map", SV_INIT("{ word: 7 }") },
	{ "empty map", SV_INIT("{}") },
	{ "alias", SV_INIT("*word") },
};

struct collector {
	struct edits *e;
	struct arena *a;
	const struct ydoc *d;
	struct sources *sources;
};

static struct sv text_of(const struct collector *c, struct span at)
{
	return sv_sub(c->d->text, at.off, at.len);
}

static void add(struct collector *c, const char *what, const char *name, struct span at, struct sv by)
{
	struct edit *e;

	if (sv_eq(text_of(c, at), by))
		return;
	e = VEC_PUSH(c->a, &c->e->v);
	e->name = sv_cstr(c->a, sv_fmt(c->a, "%s %s", what, name));
	e->line = source_pos(c->sources, at.src, at.off).line;
	e->at = at;
	e->by = by;
}

static struct sv twice(struct collector *c, struct sv between, struct sv s)
{
	return sv_fmt(c->a, SV_FMT SV_FMT SV_FMT, SV_ARG(s), SV_ARG(between), SV_ARG(s));
}

static void add_kinds(struct collector *c, const char *what, struct span at)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		add(c, what, kinds[i].name, at, kinds[i].by);
}

/* A comment or blank line has nothing to get wrong. */
static bool is_content(struct sv line)
{
	line = sv_trim(line);
	return line.n && line.p[0] != '#';
}

static void add_lines(struct collector *c)
{
	uint32_t n = source_line_count(c->sources, c->d->src);

	for (uint32_t l = 1; l <= n; l++) {
		struct sv line = source_line(c->sources, c->d->src, l), body = sv_trim(line);
		struct span at = { c->d->src, source_line_start(c->sources, c->d->src, l), 0 }, inner = at;

		if (!is_content(line))
			continue;
		at.len = (uint32_t)line.n + (at.off + line.n < c->d->text.n ? 1 : 0);
		inner.off += (uint32_t)(body.p - line.p);
		inner.len = (uint32_t)body.n;
		add(c, "line", "deleted", at, SV(""));
		add(c, "line", "doubled", at, twice(c, SV(""), text_of(c, at)));
		add(c, "line", "text", inner, SV("word"));
		add(c, "line", "entry", inner, SV("word: 7"));
		add(c, "line", "item", inner, SV("- word"));
		add(c, "line", "map", inner, SV("{ word: 7 }"));
		add(c, "line", "without indentation", (struct span){ at.src, at.off, inner.off - at.off }, SV(""));
		add(c, "line", "one blank deeper", (struct span){ at.src, at.off, 0 }, SV(" "));
	}
}

/* "4 GiB" loses its unit, a text of other kinds its last character. */
static void add_shortened(struct collector *c, const char *what, struct span at)
{
	struct sv s = text_of(c, at);
	size_t n = 0;

	while (n < s.n && (ch_is_digit(s.p[n]) || s.p[n] == '.'))
		n++;
	if (n && n < s.n && (s.p[n] == ' ' || ch_is_alpha(s.p[n])))
		add(c, what, "unit dropped", at, sv_sub(s, 0, n));
	if (s.n > 1)
		add(c, what, "last character dropped", at, sv_sub(s, 0, s.n - 1));
}

static void add_scalar(struct collector *c, uint32_t node, bool is_key)
{
	const char *what = is_key ? "key" : "value";
	struct span at = ynode_span(c->d, node);
	struct sv s = text_of(c, at);

	if (at.len == 0)
		return;
	add(c, what, "deleted", at, SV(""));
	add(c, what, "doubled", at, twice(c, SV(""), s));
	add(c, what, "doubled with a blank", at, twice(c, SV(" "), s));
	add(c, what, "in quotes", at, sv_fmt(c->a, "\"" SV_FMT "\"", SV_ARG(s)));
	if (!is_key)
		add(c, what, "in a list", at, sv_fmt(c->a, "[" SV_FMT "]", SV_ARG(s)));
	add_shortened(c, what, at);
	add_kinds(c, what, at);
}

static void add_collection(struct collector *c, uint32_t node)
{
	struct span at = ynode_span(c->d, node);

	if (at.len == 0 || node == c->d->root)
		return;
	add(c, "collection", "deleted", at, SV(""));
	add_kinds(c, "collection", at);
}

static void add_nodes(struct collector *c)
{
	/* a collection's children follow it in the order of the text; keys are marked */
	for (uint32_t n = 1; n < c->d->n_nodes; n++)
		switch (ynode_kind(c->d, n)) {
		case YNODE_SCALAR:
			add_scalar(c, n, ynode_is(c->d, n, YN_KEY));
			break;
		case YNODE_MAP:
		case YNODE_SEQ:
			add_collection(c, n);
			break;
		case YNODE_ALIAS:
			add(c, "alias", "deleted", ynode_span(c->d, n), SV(""));
			add_kinds(c, "alias", ynode_span(c->d, n));
			break;
		case YNODE_NONE:
			break;
		}
}

void edits_collect(struct edits *e, struct arena *a, const struct ydoc *d)
{
	struct collector c = { e, a, d, d->sources };

	*e = (struct edits){ 0 };
	add_lines(&c);
	add_nodes(&c);
}
