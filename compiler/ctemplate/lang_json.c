#include "ctemplate/lang.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "ctemplate/codes.h"
#include "ctemplate/value.h"

/* JSON as Azure Resource Manager reads it: a string in [ ] is an expression, so a value that would
 * look like one gets a second bracket. */

enum { J_OUT, J_BEGIN, J_STR, J_ARM, J_ARM_SQ, J_WHOLE };

static const char *const modes[] = {
	"between values",
	"at the beginning of a string",
	"inside a string",
	"inside an ARM expression",
	"inside '...' of an ARM expression",
	"behind a value that is a whole string",
};

enum { F_ESC = 1 };

static void feed_string(struct pass *p, char ch, uint32_t off)
{
	if (p->s.flag & F_ESC) {
		p->s.flag = 0;
		return;
	}
	if (ch == '"') {
		p->s.mode = J_OUT;
		return;
	}
	if (ch == '\\')
		p->s.flag = F_ESC;
	switch (p->s.mode) {
	case J_BEGIN:
		p->s.mode = ch == '[' ? J_ARM : J_STR;
		break;
	case J_WHOLE:
		pass_refuse_text(p, CT_CODE(T309), off,
				 "the value that begins this string must be all of it");
		p->s.mode = J_STR;
		break;
	case J_ARM:
	case J_ARM_SQ:
		if (ch == '\'')
			p->s.mode = p->s.mode == J_ARM ? J_ARM_SQ : J_ARM;
		break;
	default:
		break;
	}
}

static void feed_json(struct pass *p, char ch, uint32_t off)
{
	if (p->s.mode != J_OUT) {
		feed_string(p, ch, off);
		return;
	}
	if (p->s.lastnb == PREV_HOLE && ch == ':') {
		if (p->last_hole && p->last_hole->emit != EMIT_NONE)
			p->last_hole->emit = EMIT_JSON_KEY;
		else if (!p->last_hole)
			pass_refuse_text(p, CT_CODE(T303), off, "a key must be written in one hole");
	} else if (p->s.prev == PREV_HOLE && !ch_is_blank((uint8_t)ch) && !strchr(",]}", ch)) {
		pass_refuse_text(p, CT_CODE(T304), off, "'%c' touches the value before it", ch);
	}
	if (ch == '"')
		p->s.mode = J_BEGIN;
}

static enum emit hole_json(struct pass *p, struct node *n)
{
	uint8_t prev = p->s.prev;

	if (p->s.flag & F_ESC) {
		pass_refuse(p, CT_CODE(T303), n, "data cannot stand behind a backslash");
		return EMIT_NONE;
	}
	switch (p->s.mode) {
	case J_OUT:
		if (ch_is_blank(prev) || strchr("[{,:", prev))
			return EMIT_ARM;
		pass_refuse(p, CT_CODE(T304), n, "this value touches the text beside it");
		return EMIT_NONE;
	case J_BEGIN:
		p->s.mode = J_WHOLE;
		return EMIT_ARM_STR;
	case J_STR:
		return EMIT_JSON_STR;
	case J_ARM_SQ:
		return EMIT_ARM_SQ;
	case J_WHOLE:
		pass_refuse(p, CT_CODE(T309), n, "the value that begins this string must be all of it");
		return EMIT_NONE;
	default:
		comp_help(p->c,
			  pass_refuse(p, CT_CODE(T303), n, "data cannot stand inside an ARM expression"),
			  "put it in '...', or pass it as a parameter or variable");
		return EMIT_NONE;
	}
}

const struct lang_row lang_json_row = {
	.name = "json",
	.suffixes = { ".json" },
	.n_modes = 6,
	.modes = modes,
	.block_frag = FRAG_JSON_BLOCK,
	.feed = feed_json,
	.hole = hole_json,
};

/* ---- writing values ---- */

/* The inside of a JSON string. */
static void json_chars(struct buf *out, struct sv s)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	size_t begin = 0; /* of what stands as it is */

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		const char *f;

		if ((uint8_t)c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_sv(out, sv_sub(s, begin, i - begin));
		begin = i + 1;
		f = c ? strchr(from, c) : NULL;
		if (f) {
			buf_ch(out, '\\');
			buf_ch(out, to[f - from]);
		} else {
			buf_fmt(out, "\\u%04x", (unsigned)(uint8_t)c);
		}
	}
	buf_sv(out, sv_sub(s, begin, s.n));
}

void rule_json_string(struct buf *out, struct sv s)
{
	buf_ch(out, '"');
	json_chars(out, s);
	buf_ch(out, '"');
}

/* JSON can spell controls; NUL, bidirectional controls and bad UTF-8 are refused all the same. */
static bool json_check(struct escape *e, struct sv s)
{
	if (utf8_is_printable_ascii(s)) /* nearly always */
		return true;
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		bool bad = false;
		size_t n;

		n = utf8_decode(s, i, &cp, &bad);
		if (bad)
			return escape_fail(e, CT_CODE(T306), "the text is not UTF-8 at byte %zu", i);
		if (cp == 0 || utf8_is_bidi(cp))
			return escape_fail(e, CT_CODE(T306), "the text has a character U+%04X", (unsigned)cp);
		i += n;
	}
	return true;
}

static bool is_bracketed(struct sv s)
{
	return s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']';
}

static bool json_value(struct escape *e, struct ct_value v, bool arm);

static bool json_container(struct escape *e, struct ct_value v, bool arm)
{
	bool is_list = v.tag == CT_LIST;
	uint32_t n = is_list ? v.u.list->n : v.u.dict->n;

	buf_ch(e->out, is_list ? '[' : '{');
	for (uint32_t i = 0; i < n; i++) {
		struct ct_value item = is_list ? v.u.list->v[i] : v.u.dict->v[i].value;

		if (i)
			buf_str(e->out, ", ");
		if (!is_list) {
			if (!escape_json_key(e, value_key(v.u.dict, i)))
				return false;
			buf_str(e->out, ": ");
		}
		if (!json_value(e, item, arm))
			return false;
	}
	buf_ch(e->out, is_list ? ']' : '}');
	return true;
}

static bool json_value(struct escape *e, struct ct_value v, bool arm)
{
	bool ok;

	switch (v.tag) {
	case CT_NONE:
		buf_str(e->out, "null");
		return true;
	case CT_BOOL:
		buf_str(e->out, v.u.b ? "true" : "false");
		return true;
	case CT_INT:
		buf_i64(e->out, v.u.i);
		return true;
	case CT_DOUBLE:
		if (!isfinite(v.u.d))
			return escape_fail(e, CT_CODE(T306), "a number that is not finite cannot be written");
		value_put_double(e->out, v.u.d);
		return true;
	case CT_TEXT:
		if (!json_check(e, value_sv(v)))
			return false;
		buf_str(e->out, arm && is_bracketed(value_sv(v)) ? "\"[" : "\"");
		json_chars(e->out, value_sv(v));
		buf_ch(e->out, '"');
		return true;
	case CT_LIST:
	case CT_DICT:
		if (++e->values > 1000000 || e->out->n > ESCAPE_MAX)
			return escape_fail(e, CT_CODE(T410), "the value is too long");
		if (e->depth >= 64)
			return escape_fail(e, CT_CODE(T307), "the value nests deeper than 64 levels");
		e->depth++;
		ok = json_container(e, v, arm);
		e->depth--;
		return ok;
	default:
		return escape_fail(e, CT_CODE(T307), "%s cannot be written as JSON", value_kind(v));
	}
}

bool escape_json(struct escape *e, struct ct_value v)
{
	return json_value(e, v, false);
}
bool escape_arm(struct escape *e, struct ct_value v)
{
	return json_value(e, v, true);
}

bool escape_json_key(struct escape *e, struct ct_value v)
{
	if (v.tag != CT_TEXT)
		return escape_fail(e, CT_CODE(T307), "a key must be text, this is %s", value_kind(v));
	return json_value(e, v, false);
}

static bool json_text(struct escape *e, struct ct_value v, struct sv *s)
{
	return escape_text(e, v, "inside a string", s) && json_check(e, *s);
}

bool escape_json_str(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!json_text(e, v, &s))
		return false;
	json_chars(e->out, s);
	return true;
}

bool escape_arm_str(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!json_text(e, v, &s))
		return false;
	if (is_bracketed(s))
		buf_ch(e->out, '[');
	json_chars(e->out, s);
	return true;
}

/* Inside '...' of an expression: quotes doubled, then as in any JSON string. */
bool escape_arm_sq(struct escape *e, struct ct_value v)
{
	struct sv s;

	if (!json_text(e, v, &s))
		return false;
	while (s.n) {
		ptrdiff_t quote = sv_find(s, '\'');
		size_t n = quote < 0 ? s.n : (size_t)quote + 1;

		json_chars(e->out, sv_sub(s, 0, n));
		if (quote >= 0)
			buf_ch(e->out, '\'');
		s = sv_sub(s, n, s.n);
	}
	return true;
}
