/* Reading the tree, and spelling texts as YAML. */
#include "yaml/ydoc.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "yaml/internal.h"

struct span ynode_span(const struct ydoc *d, uint32_t n)
{
	const struct ynode *node = &d->nodes[n];

	return (struct span){d->src, node->lo, node->hi - node->lo};
}

bool ynode_is_null(const struct ydoc *d, uint32_t n)
{
	struct sv t;

	if (!ynode_is_plain(d, n) || (d->nodes[n].count > 1 && d->nodes[n].count != 4))
		return false;
	if (d->nodes[n].flags & YN_TAGGED && ynode_tag(d, n, NULL) == YTAG_STR)
		return false;
	t = ynode_text(d, n);
	return t.n == 0 || (t.n == 1 && t.p[0] == '~') ||
	       (t.n == 4 && (sv_eq(t, SV("null")) || sv_eq(t, SV("Null")) || sv_eq(t, SV("NULL"))));
}

enum ytag ynode_tag(const struct ydoc *d, uint32_t n, struct span *at)
{
	size_t lo = 0, hi = d->tags.n;

	if (!(d->nodes[n].flags & YN_TAGGED))
		return YTAG_NONE;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (d->tags.v[mid].node <= n)
			lo = mid;
		else
			hi = mid;
	}
	if (lo >= d->tags.n || d->tags.v[lo].node != n)
		return YTAG_NONE;
	if (at)
		*at = d->tags.v[lo].at;
	return d->tags.v[lo].tag;
}

const char *ynode_kind_name(const struct ydoc *d, uint32_t n)
{
	switch (ynode_kind(d, n)) {
	case YNODE_SCALAR:
		return ynode_is_null(d, n) ? "nothing" : "a text";
	case YNODE_MAP:
		return "a map";
	case YNODE_SEQ:
		return "a list";
	case YNODE_ALIAS:
		return "an alias";
	default:
		return "nothing";
	}
}

static struct sv double_quoted(struct arena *a, struct sv text)
{
	struct buf b = {0};
	struct sv out;

	buf_ch(&b, '"');
	for (size_t i = 0; i < text.n;) {
		uint32_t cp;
		size_t len = utf8_decode(text, i, &cp, NULL);

		if (cp == '"' || cp == '\\')
			buf_fmt(&b, "\\%c", (char)cp);
		else if (cp == '\n' || cp == '\t' || cp == '\r')
			buf_str(&b, cp == '\n' ? "\\n" : cp == '\t' ? "\\t" : "\\r");
		else if (cp < 0x100 && yaml_odd_class(cp) != YODD_NONE)
			buf_fmt(&b, "\\x%02X", (unsigned)cp);
		else if (yaml_odd_class(cp) != YODD_NONE)
			buf_fmt(&b, cp > 0xFFFF ? "\\U%08X" : "\\u%04X", (unsigned)cp);
		else
			buf_add(&b, text.p + i, len);
		i += len;
	}
	buf_ch(&b, '"');
	out = buf_take(&b, a);
	buf_release(&b);
	return out;
}

static bool needs_escapes(struct sv text)
{
	for (size_t i = 0; i < text.n;) {
		uint32_t cp;

		i += utf8_decode(text, i, &cp, NULL);
		if (cp < 0x20 || yaml_odd_class(cp) != YODD_NONE)
			return true;
	}
	return false;
}

struct sv ynode_quote_always(struct arena *a, struct sv text)
{
	if (sv_find(text, '\'') >= 0 || needs_escapes(text))
		return double_quoted(a, text);
	return sv_fmt(a, "'" SV_FMT "'", SV_ARG(text));
}

/* Letters, digits and a few harmless signs, and nothing that any reader takes for another type. */
struct sv ynode_quote(struct arena *a, struct sv text)
{
	bool plain = text.n > 0 && (ch_is_alpha(text.p[0]) || text.p[0] == '/') &&
		     text.p[text.n - 1] != ' ' && text.p[text.n - 1] != ':';
	static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"};

	for (size_t i = 0; plain && i < text.n; i++) {
		char c = text.p[i];

		plain = ch_is_alnum(c) || c == '_' || c == '-' || c == '.' || c == '/' || c == '+' ||
			c == '(' || c == ')' || c == ' ' || c == '\\' || (c == ':' && text.p[i + 1] != ' ');
	}
	for (size_t i = 0; plain && i < sizeof(words) / sizeof(words[0]); i++)
		plain = !sv_eq_nocase(text, sv_from(words[i]));
	return plain ? sv_dup(a, text) : ynode_quote_always(a, text);
}
