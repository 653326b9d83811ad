#include "schema/spec.h"

#include "schema/table.h"
#include "yaml/ydoc.h"

static struct span no_place(const struct spec *s)
{
	return (struct span) { .src = s->docs.n ? s->docs.v[0].y->src : 0 };
}

struct span spec_span(const struct spec *s, struct meta m)
{
	if (m.node == 0 || m.doc >= s->docs.n)
		return no_place(s);
	const struct ydoc *y = s->docs.v[m.doc].y;
	return ynode_span(y, ynode_resolve(y, m.node));
}

struct span spec_key_span(const struct spec *s, struct meta m)
{
	if (m.node < 2 || (m.flags & META_ITEM) || m.doc >= s->docs.n)
		return spec_span(s, m);
	/* The tree is in reading order and a key is one node: it stands before its value. */
	return ynode_span(s->docs.v[m.doc].y, m.node - 1);
}

struct span spec_where(const struct spec *s, struct meta m, struct meta owner)
{
	return m.node ? spec_span(s, m) : spec_key_span(s, owner);
}

bool spec_alias_span(const struct spec *s, struct meta m, struct span *at)
{
	if (m.node == 0 || m.doc >= s->docs.n)
		return false;
	const struct ydoc *y = s->docs.v[m.doc].y;
	if (ynode_kind(y, m.node) != YNODE_ALIAS)
		return false;
	*at = ynode_span(y, m.node);
	return true;
}
