#include <jansson.h>

#include "base/utf8.h"
#include "ctemplate/lang.h"
#include "tests/fuzz/fuzz_ct.h"

/* Escapers: what they write reads back as the value, or they refuse it. */

/* '...' at s.p[*i]; false when it is no such string. */
static bool read_quoted(struct sv s, size_t *i, struct buf *out)
{
	if (*i >= s.n || s.p[*i] != '\'')
		return false;
	for (++*i; *i < s.n; ++*i) {
		if (s.p[*i] == '\'') {
			if (*i + 1 >= s.n || s.p[*i + 1] != '\'')
				break;
			++*i;
		}
		buf_ch(out, s.p[*i]);
	}
	++*i;
	return *i <= s.n;
}

static uint32_t hex4(const char *p)
{
	char d[5] = { p[0], p[1], p[2], p[3], 0 };

	return (uint32_t)strtoul(d, NULL, 16);
}

static void unescape(struct sv s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		uint32_t cp;

		if (s.p[i] != '\\') {
			buf_ch(out, s.p[i]);
			continue;
		}
		if (i + 1 < s.n && s.p[i + 1] == '\\') {
			buf_ch(out, s.p[++i]);
			continue;
		}
		cp = hex4(s.p + i + 2);
		i += 5;
		if (cp >= 0xd800 && cp < 0xdc00) {
			cp = 0x10000 + ((cp - 0xd800) << 10) + (hex4(s.p + i + 3) - 0xdc00);
			i += 6;
		}
		buf_utf8(out, cp);
	}
}

static void check_ps(struct sv got, struct sv value)
{
	struct buf raw = { 0 }, text = { 0 };
	bool regex = sv_starts(got, SV("[regex]::Unescape("));
	size_t i = regex ? 18 : 0;

	fuzz_expect(read_quoted(got, &i, &raw), "no literal", got);
	fuzz_expect(i + (regex ? 1 : 0) == got.n, "text behind the literal", got);
	if (regex)
		unescape(buf_view(&raw), &text);
	else
		buf_sv(&text, buf_view(&raw));
	fuzz_expect(sv_eq(buf_view(&text), value), "the literal reads back differently", got);
	for (size_t k = 0; k < got.n; k++)
		fuzz_expect(got.p[k] >= ' ' && got.p[k] <= '~', "not printable ASCII", got);
	buf_release(&raw);
	buf_release(&text);
}

static void check_json(struct sv got, struct sv value, bool arm)
{
	json_t *j = json_loadb(got.p, got.n, JSON_DECODE_ANY, NULL);
	bool bracketed = arm && value.n >= 2 && value.p[0] == '[' && value.p[value.n - 1] == ']';
	struct sv back;

	fuzz_expect(json_is_string(j), "no JSON string", got);
	back = (struct sv){ json_string_value(j), json_string_length(j) };
	if (bracketed)
		back = sv_sub(back, 1, back.n);
	fuzz_expect(sv_eq(back, value), "the string reads back differently", got);
	json_decref(j);
}

static void check_inside(enum emit kind, struct sv got)
{
	for (size_t i = 0; i < got.n; i++)
		fuzz_expect(got.p[i] != '\n' || kind == EMIT_MARKUP || kind == EMIT_MARKUP_ATTR, "a line end",
			    got);
	switch (kind) {
	case EMIT_PS_HELP:
		fuzz_expect(sv_search(got, SV("#>")) < 0, "ends the comment", got);
		break;
	case EMIT_PS_LINE:
		fuzz_expect(sv_search(got, SV("SIG #")) < 0, "begins a signature", got);
		break;
	case EMIT_MD_CODE:
	case EMIT_MD_CELL:
		fuzz_expect(sv_find(got, '`') < 0, "a backtick", got);
		break;
	case EMIT_MARKUP:
		fuzz_expect(sv_find(got, '<') < 0 && sv_find(got, '"') < 0 && sv_find(got, '\'') < 0,
			    "markup", got);
		break;
	case EMIT_MD:
		fuzz_expect(sv_find(got, '<') < 0 && sv_find(got, '>') < 0, "markup", got);
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv value = { (const char *)data + 1, size ? size - 1 : 0 };
	struct buf out = { 0 }, why = { 0 };
	struct escape e = { .out = &out, .why = &why };
	enum emit kind;
	bool ok;

	if (!size)
		return 0;
	kind = (enum emit)(1 + data[0] % (EMIT_UNCHECKED - 1));
	ok = ct_emits[kind].escape(&e, ct_text(value));
	fuzz_expect(ok || (why.n && e.code), "refused without saying why", value);
	if (ok && kind == EMIT_PS)
		check_ps(buf_view(&out), value);
	else if (ok && (kind == EMIT_JSON || kind == EMIT_ARM || kind == EMIT_JSON_KEY))
		check_json(buf_view(&out), value, kind == EMIT_ARM);
	else if (ok)
		check_inside(kind, buf_view(&out));
	if (ok)
		fuzz_expect(utf8_check(buf_view(&out)) < 0, "not UTF-8", value);
	buf_release(&out);
	buf_release(&why);
	return 0;
}
