/* Scalars: tag, quotes, folding, grammar. */
#include "schema/decode_internal.h"

#include <string.h>

#include "base/buf.h"
#include "base/num.h"

static uint32_t scalar_tags(enum type_id type)
{
	switch (type) {
	case TYPE_INTEGER:
	case TYPE_DECIMAL:
		return TAG_BIT(YTAG_INT);
	case TYPE_BOOLEAN:
		return TAG_BIT(YTAG_BOOL);
	case TYPE_PORT:
	case TYPE_PORT_AUTO:
		return TAG_BIT(YTAG_INT) | TAG_BIT(YTAG_STR);
	default:
		return TAG_BIT(YTAG_STR);
	}
}

bool decode_tag(struct decoder *d, const char *key, uint32_t value, uint32_t allowed)
{
	static const char *const names[] = {
		[YTAG_STR] = "!!str", [YTAG_INT] = "!!int", [YTAG_BOOL] = "!!bool",
		[YTAG_MAP] = "!!map", [YTAG_SEQ] = "!!seq",
	};
	struct span at, val;

	if (!ynode_is(d->y, value, YN_TAGGED))
		return true;
	enum ytag tag = ynode_tag(d->y, value, &at);
	if (tag == YTAG_NONE || (allowed & TAG_BIT(tag)))
		return true;
	if (!report_once(d, value))
		return false;
	struct diag *g = report_at(d, CODE_TAG, at, "the tag %s does not agree with '%s'", names[tag], key);
	diag_help(d->diags, g, "remove the tag: the field decides the type");
	val = ynode_span(d->y, value);
	if (val.off > at.off + at.len) {
		struct sv gap = sv_sub(d->y->text, at.off + at.len, val.off - at.off - at.len);

		if (sv_trim(gap).n == 0 && sv_find(gap, '\n') < 0)
			diag_edit(d->diags, g, (struct span) { at.src, at.off, val.off - at.off }, SV(""),
				  true);
	}
	return false;
}

/* A plain text over several lines is one only by folding: most often two lines ran together. */
static void check_folding(struct decoder *d, const struct field *f, uint32_t value)
{
	if (!ynode_is(d->y, value, YN_MULTILINE) || ynode_is(d->y, value, YN_SWALLOWS) ||
	    !report_once(d, value))
		return;
	struct diag *g = report_at(d, CODE_FOLDED, ynode_span(d->y, value),
				   "the value of '%.*s' goes on over line breaks", SV_ARG(f->key));
	diag_help(d->diags, g, "write it on one line, or put it in quotes if it is meant so");
}

/* Texts of one line: the line end of a block scalar is no part of them. */
static bool one_line(struct decoder *d, const struct field *f, uint32_t value, struct sv *text)
{
	enum ynode_style style = ynode_style(d->y, value);

	if (style == YSTYLE_LITERAL || style == YSTYLE_FOLDED)
		while (text->n && text->p[text->n - 1] == '\n')
			text->n--;
	if (!text->n || !memchr(text->p, '\n', text->n))
		return true;
	if (report_once(d, value)) {
		struct diag *g = report_at(d, CODE_TEXT, ynode_span(d->y, value),
					   "'%.*s' wants a text of one line, found several", SV_ARG(f->key));
		diag_help(d->diags, g, "longer texts belong in 'description' or 'notes'");
	}
	return false;
}

static void fill_input(struct decoder *d, const struct field *f, enum type_id type, uint32_t value)
{
	d->in.text = ynode_text(d->y, value);
	d->in.plain = ynode_is_plain(d->y, value);
	d->in.words = f->words;
	d->in.min = f->min;
	d->in.max = type == TYPE_INTEGER && f->max == 0 ? INT64_MAX : f->max;
}

/* A version this program does not know is another matter than a number out of range. */
static bool is_version(const struct field *f, const struct type_in *in)
{
	uint64_t v;

	return f->section == NULL && sv_eq(f->key, SV("labc")) && in->plain && num_u64(in->text, &v) &&
	       in->text.p[0] != '0';
}

static void report_version(struct decoder *d, uint32_t value)
{
	if (!report_once(d, value))
		return;
	struct diag *g =
		report_at(d, CODE_VERSION, ynode_span(d->y, value),
			  "'labc' wants 1, the version of the language, found '%.*s'", SV_ARG(d->in.text));
	diag_help(d->diags, g, "write 1, or use the labc that knows this version");
	diag_edit(d->diags, g, ynode_span(d->y, value), SV("1"), false);
}

bool decode_scalar(struct decoder *d, const struct field *f, enum type_id type, bool item, uint32_t value,
		   void *out)
{
	const struct type *row = &types[type];
	struct type_error e = { 0 };

	if (ynode_is_poisoned(d->y, value))
		return false;
	if (ynode_kind(d->y, value) != YNODE_SCALAR) {
		report_kind(d, f, item, value);
		return false;
	}
	if (!decode_tag(d, f->key.p, value, scalar_tags(type)))
		return false;
	fill_input(d, f, type, value);
	if (type == TYPE_TEXT && !(f->flags & FIELD_FREE)) {
		check_folding(d, f, value);
		if (!one_line(d, f, value, &d->in.text))
			return false;
	}
	if (type_parse(type, &d->in, out, &e))
		return true;
	if (is_version(f, &d->in))
		report_version(d, value);
	else if (!ynode_is(d->y, value, YN_SWALLOWS))
		report_type(d, row, sv_fmt(d->a, item ? "an item of '%.*s'" : "'%.*s'", SV_ARG(f->key)),
			    value, &d->in, &e);
	return false;
}

bool decode_mapping(struct decoder *d, uint32_t value, struct spec_port *out)
{
	struct port_mapping m;
	struct type_error e = { 0 };
	struct meta part = decode_meta(d, value, META_OK);

	if (!decode_tag(d, "ports", value, TAG_BIT(YTAG_STR) | TAG_BIT(YTAG_INT)))
		return false;
	d->in.text = ynode_text(d->y, value);
	d->in.plain = ynode_is_plain(d->y, value);
	if (!type_parse_mapping(&d->in, &m, &e)) {
		if (!ynode_is(d->y, value, YN_SWALLOWS))
			report_type(d, &type_mapping, SV("an item of 'ports'"), value, &d->in, &e);
		return false;
	}
	/* The parts stand where the text stands: they have no keys. */
	part.flags |= META_ITEM;
	out->external = (struct v_port) { .m = part, .v = m.external };
	out->internal = (struct v_port) { .m = part, .v = m.internal ? m.internal : m.external };
	if (m.protocol >= 0)
		out->protocol = (struct v_enum) { .m = part, .v = m.protocol };
	return true;
}
