#include "ctemplate/filter.h"

#include <string.h>

#include "base/utf8.h"

/* Filters of text. */

bool arg_int(struct vm *vm, const struct ct_value *args, unsigned i, int64_t *out)
{
	if (args[i].tag == CT_MISSING || args[i].tag == CT_NONE)
		return true;
	if (args[i].tag != CT_INT && args[i].tag != CT_BOOL)
		return vm_fail_value(vm, CT_CODE(T203), args[i], "argument %u must be an integer, this is %s",
				     i + 1, value_kind(args[i]));
	*out = value_int(args[i]);
	return true;
}

bool arg_bool(struct vm *vm, const struct ct_value *args, unsigned i, bool *out)
{
	return args[i].tag == CT_MISSING || vm_truth(vm, args[i], out);
}

bool arg_text(struct vm *vm, const struct ct_value *args, unsigned i, struct sv *out)
{
	struct sv s;

	if (args[i].tag == CT_MISSING || args[i].tag == CT_NONE)
		return true;
	if (args[i].frag)
		return vm_fail(vm, CT_CODE(T311), "argument %u is escaped text", i + 1);
	if (!vm_string(vm, args[i], &s))
		return false;
	*out = args[i].tag == CT_TEXT ? s : sv_dup(vm->a, s);
	return true;
}

bool in_text(struct vm *vm, struct ct_value in, struct sv *out)
{
	struct sv s;

	if (!vm_string(vm, in, &s))
		return false;
	*out = in.tag == CT_TEXT ? s : sv_dup(vm->a, s);
	vm->tmp.n = 0;
	return vm_charge(vm, out->n);
}

static bool is_space(uint32_t cp)
{
	return cp == ' ' || (cp >= 9 && cp <= 13) || (cp >= 0x1c && cp <= 0x1f) || cp == 0x85 || cp == 0xa0 ||
	       cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 ||
	       cp == 0x202f || cp == 0x205f || cp == 0x3000;
}

static void put_upper(struct buf *b, uint32_t cp)
{
	if (cp == 0xdf)
		buf_str(b, "SS");
	else
		buf_utf8(b, value_upper(cp));
}

enum casing { UPPER, LOWER, CAPITALIZE, TITLE };

static bool recase(struct vm *vm, struct ct_value in, enum casing how, struct ct_value *out)
{
	struct sv s;
	bool start = true;

	if (!in_text(vm, in, &s))
		return false;
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;

		i += utf8_decode(s, i, &cp, NULL);
		if (how == UPPER || ((how == TITLE || how == CAPITALIZE) && start))
			put_upper(&vm->tmp, cp);
		else
			buf_utf8(&vm->tmp, value_lower(cp));
		/* a new word begins behind these, not behind an apostrophe */
		start = how == TITLE && (is_space(cp) || (cp < 0x80 && strchr("-([{<", (int)cp)));
	}
	return vm_text(vm, out);
}

FILTER(f_upper)
{
	UNUSED;
	return recase(vm, in, UPPER, out);
}
FILTER(f_lower)
{
	UNUSED;
	return recase(vm, in, LOWER, out);
}
FILTER(f_capitalize)
{
	UNUSED;
	return recase(vm, in, CAPITALIZE, out);
}
FILTER(f_title)
{
	UNUSED;
	return recase(vm, in, TITLE, out);
}

static bool in_set(struct sv set, uint32_t cp)
{
	for (size_t i = 0; i < set.n;) {
		uint32_t c;

		i += utf8_decode(set, i, &c, NULL);
		if (c == cp)
			return true;
	}
	return false;
}

FILTER(f_trim)
{
	struct sv s, set = { NULL, 0 };
	size_t from = 0, to, step;
	uint32_t cp;

	UNUSED;
	if (!in_text(vm, in, &s) || !arg_text(vm, args, 0, &set))
		return false;
	while (from < s.n) {
		step = utf8_decode(s, from, &cp, NULL);
		if (set.p ? !in_set(set, cp) : !is_space(cp))
			break;
		from += step;
	}
	to = s.n;
	while (to > from) {
		size_t k = to - 1;

		while (k > from && ((uint8_t)s.p[k] & 0xc0) == 0x80)
			k--;
		utf8_decode(s, k, &cp, NULL);
		if (set.p ? !in_set(set, cp) : !is_space(cp))
			break;
		to = k;
	}
	*out = value_text(s.p + from, to - from);
	return true;
}

FILTER(f_replace)
{
	struct sv s, old = { "", 0 }, new = { "", 0 };
	int64_t count = -1;
	size_t i = 0;

	UNUSED;
	if (!in_text(vm, in, &s) || !arg_text(vm, args, 0, &old) || !arg_text(vm, args, 1, &new) ||
	    !arg_int(vm, args, 2, &count))
		return false;
	vm->tmp.n = 0;
	while (i <= s.n && count != 0) {
		ptrdiff_t at = sv_search(sv_sub(s, i, s.n), old);
		uint32_t cp;

		if (at < 0)
			break;
		buf_add(&vm->tmp, s.p + i, (size_t)at);
		buf_sv(&vm->tmp, new);
		i += (size_t)at + old.n;
		count -= count > 0;
		if (!old.n) { /* between all characters */
			size_t step = utf8_decode(s, i, &cp, NULL);

			buf_add(&vm->tmp, s.p + i, step);
			i += step ? step : 1;
		}
		if (!vm_text_limit(vm, vm->tmp.n / 16))
			return false;
		if (vm->tmp.n > vm->env->limits.text_bytes)
			return vm_text(vm, out);
	}
	if (i < s.n)
		buf_add(&vm->tmp, s.p + i, s.n - i);
	return vm_text(vm, out);
}

FILTER(f_center)
{
	struct sv s;
	int64_t width = 80, pad, left, len;

	UNUSED;
	if (!in_text(vm, in, &s) || !arg_int(vm, args, 0, &width))
		return false;
	len = (int64_t)utf8_count(s);
	pad = width > len ? width - len : 0;
	if (!vm_text_limit(vm, (uint64_t)pad + s.n))
		return false;
	left = pad / 2 + (pad & width & 1);
	buf_fill(&vm->tmp, ' ', (size_t)left);
	buf_sv(&vm->tmp, s);
	buf_fill(&vm->tmp, ' ', (size_t)(pad - left));
	return vm_text(vm, out);
}

static bool indent_unit(struct vm *vm, const struct ct_value *args, struct sv *unit)
{
	int64_t width = 4;
	char *p;

	if (args[0].tag == CT_TEXT)
		return arg_text(vm, args, 0, unit);
	if (!arg_int(vm, args, 0, &width))
		return false;
	width = width < 0 ? 0 : width;
	if (!vm_text_limit(vm, (uint64_t)width))
		return false;
	p = NEW(vm->a, char, (size_t)width + 1);
	memset(p, ' ', (size_t)width);
	*unit = (struct sv){ p, (size_t)width };
	return true;
}

FILTER(f_indent)
{
	struct sv s, unit = { "    ", 4 };
	bool first = false, blank = false, start = true;

	UNUSED;
	if (in.flags & VF_MULTILINE)
		return vm_fail(vm, CT_CODE(T311),
			       "'indent' would change a string that goes over several lines");
	if (!in_text(vm, in, &s) || !indent_unit(vm, args, &unit) || !arg_bool(vm, args, 1, &first) ||
	    !arg_bool(vm, args, 2, &blank))
		return false;
	/* what is put in is not escaped: a text of the data would reach the output as code */
	for (size_t i = 0; i < unit.n && in.frag; i++)
		if (unit.p[i] != ' ' && unit.p[i] != '\t')
			return vm_fail_value(vm, CT_CODE(T311), args[0],
					     "text that is escaped already can only be indented by blanks");
	vm->tmp.n = 0;
	for (size_t i = 0; i < s.n || start; start = false) {
		const char *nl = i < s.n ? memchr(s.p + i, '\n', s.n - i) : NULL;
		size_t end = nl ? (size_t)(nl - s.p) : s.n;

		if ((!start || first) && (blank || end > i || (start && first)))
			buf_sv(&vm->tmp, unit);
		buf_add(&vm->tmp, s.p + i, end - i);
		if (nl)
			buf_ch(&vm->tmp, '\n');
		if (vm->tmp.n > vm->env->limits.text_bytes)
			break;
		i = end + 1;
		if (!nl)
			break;
		if (i >= s.n && blank)
			buf_sv(&vm->tmp, unit);
	}
	if (!vm_text(vm, out))
		return false;
	out->frag = in.frag;
	return true;
}

FILTER(f_truncate)
{
	struct sv s, end = { "...", 3 };
	int64_t length = 255, leeway = 5, count, keep;
	bool kill = false;
	size_t off = 0;
	uint32_t cp;

	UNUSED;
	if (!in_text(vm, in, &s) || !arg_int(vm, args, 0, &length) || !arg_bool(vm, args, 1, &kill) ||
	    !arg_text(vm, args, 2, &end) || !arg_int(vm, args, 3, &leeway))
		return false;
	count = (int64_t)utf8_count(s);
	keep = length - (int64_t)utf8_count(end);
	if (keep < 0 || leeway < 0)
		return vm_fail(vm, CT_CODE(T210), "the length to cut to must hold the ending '" SV_FMT "'",
			       SV_ARG(end));
	if (leeway > INT64_MAX - length || count <= length + leeway) {
		*out = value_text(s.p, s.n);
		return true;
	}
	while (keep-- > 0)
		off += utf8_decode(s, off, &cp, NULL);
	if (!kill) { /* back to the last blank */
		size_t k = off;

		while (k > 0 && s.p[k - 1] != ' ')
			k--;
		if (k > 0)
			off = k - 1;
	}
	vm->tmp.n = 0;
	buf_add(&vm->tmp, s.p, off);
	buf_sv(&vm->tmp, end);
	return vm_text(vm, out);
}

FILTER(f_wordcount)
{
	struct sv s;
	int64_t words = 0;
	bool inside = false;

	UNUSED;
	if (!in_text(vm, in, &s))
		return false;
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		bool word;

		i += utf8_decode(s, i, &cp, NULL);
		word = cp >= 0x80 ? !is_space(cp) : ch_is_alnum((char)cp) || cp == '_';
		words += word && !inside;
		inside = word;
	}
	*out = ct_int(words);
	return true;
}

/* One line of wordwrap: greedy, blanks kept inside a line and dropped at its ends. */
static void wrap_line(struct buf *b, struct sv line, uint64_t width, bool break_long, struct sv nl)
{
	uint64_t col = 0;
	size_t i = 0, pending = 0;
	bool first = true;

	while (i < line.n) {
		size_t start = i, word, chars;
		bool blank = line.p[i] == ' ' || line.p[i] == '\t';

		while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t') == blank)
			i++;
		word = i - start;
		chars = utf8_count(sv_sub(line, start, word));
		if (blank) {
			pending = first && col == 0 ? 0 : word;
			if (first && col == 0) {
				buf_add(b, line.p + start, word);
				col = chars;
			}
			continue;
		}
		if (col && col + pending + chars > width) {
			buf_sv(b, nl);
			col = 0;
			pending = 0;
		}
		buf_fill(b, ' ', pending);
		col += pending;
		pending = 0;
		for (size_t k = start; break_long && chars > width && k < i;) {
			uint32_t cp;
			size_t step = utf8_decode(line, k, &cp, NULL);

			if (col >= width) {
				buf_sv(b, nl);
				col = 0;
			}
			buf_add(b, line.p + k, step);
			k += step;
			col++;
			start = k;
			first = false;
		}
		if (start < i) {
			buf_add(b, line.p + start, i - start);
			col += chars;
		}
		first = false;
	}
}

FILTER(f_wordwrap)
{
	struct sv s, nl = { "\n", 1 };
	int64_t width = 79;
	bool break_long = true;

	UNUSED;
	if (!in_text(vm, in, &s) || !arg_int(vm, args, 0, &width) || !arg_bool(vm, args, 1, &break_long) ||
	    !arg_text(vm, args, 2, &nl))
		return false;
	if (width < 1)
		return vm_fail(vm, CT_CODE(T210), "the width must be at least 1");
	vm->tmp.n = 0;
	for (size_t i = 0; i < s.n;) {
		const char *end = memchr(s.p + i, '\n', s.n - i);
		size_t stop = end ? (size_t)(end - s.p) : s.n;

		if (i)
			buf_sv(&vm->tmp, nl);
		wrap_line(&vm->tmp, sv_sub(s, i, stop - i), (uint64_t)width, break_long, nl);
		if (vm->tmp.n > vm->env->limits.text_bytes)
			break;
		i = stop + 1;
	}
	return vm_text(vm, out);
}

FILTER(f_string)
{
	struct sv s;

	UNUSED;
	if (in.tag == CT_TEXT) {
		*out = in;
		return true;
	}
	if (!in_text(vm, in, &s))
		return false;
	*out = value_text(s.p, s.n);
	return true;
}

FILTER(f_format)
{
	struct sv s;

	UNUSED;
	if (!in_text(vm, in, &s))
		return false;
	return format_percent(vm, s, args, n, out);
}

FILTER(f_tojson)
{
	int64_t indent = -1;

	UNUSED;
	if (!arg_int(vm, args, 0, &indent))
		return false;
	if (indent > vm->env->limits.format_width)
		return vm_fail(vm, CT_CODE(T413), "an indentation of %lld is over the limit",
			       (long long)indent);
	vm->tmp.n = 0;
	if (!value_put_json(&vm->tmp, in, indent))
		return vm_fail_value(vm, CT_CODE(T210), in, "the value cannot be written as JSON");
	return vm_text(vm, out);
}

const struct ct_row ct_filters_text[] = {
	{ { "upper", "upper", "all letters in upper case", "{{ 'dc01'|upper }}", "DC01" },
	  { 0 },
	  0,
	  0,
	  f_upper,
	  NULL },
	{ { "lower", "lower", "all letters in lower case", "{{ 'DC01'|lower }}", "dc01" },
	  { 0 },
	  0,
	  0,
	  f_lower,
	  NULL },
	{ { "capitalize", "capitalize", "first letter upper, the rest lower", "{{ 'my LAB'|capitalize }}",
	    "My lab" },
	  { 0 },
	  0,
	  0,
	  f_capitalize,
	  NULL },
	{ { "title", "title", "each word with an upper first letter", "{{ 'it\\'s a lab'|title }}",
	    "It's A Lab" },
	  { 0 },
	  0,
	  0,
	  f_title,
	  NULL },
	{ { "trim", "trim(chars)", "without blanks, or these characters, at both ends", "[{{ ' x '|trim }}]",
	    "[x]" },
	  { "chars" },
	  0,
	  0,
	  f_trim,
	  NULL },
	{ { "replace", "replace(old, new, count)", "old replaced by new, at most count times",
	    "{{ 'a-b-a'|replace('a', 'X', 1) }}", "X-b-a" },
	  { "!old", "!new", "count" },
	  0,
	  0,
	  f_replace,
	  NULL },
	{ { "center", "center(width=80)", "blanks on both sides up to a width", "[{{ 'x'|center(3) }}]",
	    "[ x ]" },
	  { "width" },
	  0,
	  0,
	  f_center,
	  NULL },
	{ { "indent", "indent(width=4, first=false, blank=false)", "lines indented by a width or a text",
	    "{{ 'a\\nb'|indent(2) }}", "a\n  b" },
	  { "width", "first", "blank" },
	  ROW_FRAG | ROW_SAME | ROW_INDENT,
	  0,
	  f_indent,
	  NULL },
	{ { "truncate", "truncate(length=255, killwords=false, end='...', leeway=5)",
	    "cut to a length with an ending", "{{ 'the quick brown fox'|truncate(9) }}", "the..." },
	  { "length", "killwords", "end", "leeway" },
	  0,
	  0,
	  f_truncate,
	  NULL },
	{ { "wordcount", "wordcount", "number of words", "{{ 'one two'|wordcount }}", "2" },
	  { 0 },
	  0,
	  0,
	  f_wordcount,
	  NULL },
	{ { "wordwrap", "wordwrap(width=79, break_long_words=true, wrapstring='\\n')",
	    "lines broken at a width", "{{ 'aa bb cc'|wordwrap(5) }}", "aa bb\ncc" },
	  { "width", "break_long_words", "wrapstring", "break_on_hyphens" },
	  0,
	  0,
	  f_wordwrap,
	  NULL },
	{ { "string", "string", "the value as text", "{{ 5|string ~ '!' }}", "5!" },
	  { 0 },
	  ROW_FRAG | ROW_SAME,
	  0,
	  f_string,
	  NULL },
	{ { "format", "format(values..., names=...)", "printf's conversions filled in",
	    "{{ '%s-%02d'|format('vm', 7) }}", "vm-07" },
	  { 0 },
	  ROW_VARARGS,
	  0,
	  f_format,
	  NULL },
	{ { "tojson", "tojson(indent)", "the value as JSON text, keys sorted",
	    "{{ {'a': [1, true]}|tojson }}", "{\"a\": [1, true]}" },
	  { "indent" },
	  0,
	  0,
	  f_tojson,
	  NULL },
	{ { NULL, NULL, NULL, NULL, NULL }, { 0 }, 0, 0, NULL, NULL },
};
