#include "ctemplate/filter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"

/* Filters of numbers, and printf-style formatting. */

FILTER(f_abs)
{
	UNUSED;
	if (!value_is_number(in))
		return vm_fail_value(vm, CT_CODE(T203), in, "'abs' needs a number, this is %s",
				     value_kind(in));
	if (in.tag == CT_DOUBLE) {
		*out = ct_double(fabs(in.u.d));
		return true;
	}
	return value_int(in) < 0 ? vm_binary(vm, OP_NEG, in, ct_none(), out)
				 : (*out = ct_int(value_int(in)), true);
}

/* Text as Python's float() reads it. */
static bool parse_double(struct sv s, double *out)
{
	char buf[128], *end;

	s = sv_trim(s);
	if (!s.n || s.n >= sizeof(buf))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ch_is_digit(s.p[i]) && !strchr("+-.eE", s.p[i]))
			return false;
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	*out = strtod(buf, &end);
	return end == buf + s.n && isfinite(*out);
}

static bool parse_int(struct sv s, int64_t base, int64_t *out)
{
	bool neg;
	uint64_t v = 0;
	size_t digits = 0;

	s = sv_trim(s);
	neg = s.n && s.p[0] == '-';
	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = sv_sub(s, 1, s.n);
	if (s.n > 2 && s.p[0] == '0' &&
	    ((base == 16 && ch_lower(s.p[1]) == 'x') || (base == 8 && ch_lower(s.p[1]) == 'o') ||
	     (base == 2 && ch_lower(s.p[1]) == 'b')))
		s = sv_sub(s, 2, s.n);
	for (size_t i = 0; i < s.n; i++) {
		int64_t d = ch_is_digit(s.p[i])	  ? s.p[i] - '0'
			    : ch_is_alpha(s.p[i]) ? ch_lower(s.p[i]) - 'a' + 10
						  : 99;

		if (s.p[i] == '_' && digits && i + 1 < s.n && s.p[i + 1] != '_')
			continue;
		if (d >= base || !num_mul_u64(v, (uint64_t)base, &v) || !num_add_u64(v, (uint64_t)d, &v))
			return false;
		digits++;
	}
	if (!digits || v > (uint64_t)INT64_MAX)
		return false;
	*out = neg ? -(int64_t)v : (int64_t)v;
	return true;
}

FILTER(f_int)
{
	int64_t base = 10, v;
	double d = 0;

	UNUSED;
	if (!arg_int(vm, args, 1, &base))
		return false;
	if (base < 2 || base > 36)
		return vm_fail(vm, CT_CODE(T210), "the base must be 2 to 36");
	*out = args[0].tag == CT_MISSING ? ct_int(0) : args[0];
	if (in.tag == CT_INT || in.tag == CT_BOOL) {
		*out = ct_int(value_int(in));
		return true;
	}
	if (in.tag == CT_TEXT && parse_int(value_sv(in), base, &v)) {
		*out = ct_int(v);
		return true;
	}
	if (in.tag == CT_DOUBLE)
		d = in.u.d;
	else if (in.tag != CT_TEXT || !parse_double(value_sv(in), &d))
		return true;
	if (fabs(d) < 9.2e18)
		*out = ct_int((int64_t)d);
	return true;
}

FILTER(f_float)
{
	double d;

	UNUSED;
	*out = args[0].tag == CT_MISSING ? ct_double(0) : args[0];
	if (value_is_number(in))
		*out = ct_double(value_double(in));
	else if (in.tag == CT_TEXT && parse_double(value_sv(in), &d))
		*out = ct_double(d);
	return true;
}

static bool round_common(struct vm *vm, double d, int64_t precision, struct ct_value *out)
{
	char buf[512];

	if (precision > 300 || fabs(d) > 1e100) {
		*out = ct_double(d);
		return true;
	}
	if (precision < 0) {
		double scale = pow(10, (double)-precision);

		*out = ct_double(precision < -300 ? 0.0 : nearbyint(d / scale) * scale);
		return true;
	}
	/* printf rounds the exact binary value, half to even: as Python does */
	snprintf(buf, sizeof(buf), "%.*f", (int)precision, d);
	*out = ct_double(strtod(buf, NULL));
	(void)vm;
	return true;
}

FILTER(f_round)
{
	int64_t precision = 0;
	struct sv method = { "common", 6 };
	double scale, d;

	UNUSED;
	if (!arg_int(vm, args, 0, &precision) || !arg_text(vm, args, 1, &method))
		return false;
	if (!value_is_number(in))
		return vm_fail_value(vm, CT_CODE(T203), in, "'round' needs a number, this is %s",
				     value_kind(in));
	if (sv_eq(method, SV("common"))) {
		if (in.tag == CT_DOUBLE)
			return round_common(vm, in.u.d, precision, out);
		if (precision >= 0) {
			*out = ct_int(value_int(in));
			return true;
		}
		if (!round_common(vm, value_double(in), precision, out))
			return false;
		*out = ct_int((int64_t)out->u.d);
		return true;
	}
	if (!sv_eq(method, SV("ceil")) && !sv_eq(method, SV("floor")))
		return vm_fail(vm, CT_CODE(T210), "the method must be 'common', 'ceil' or 'floor'");
	precision = precision > 300 ? 300 : precision < -300 ? -300 : precision;
	scale = pow(10, (double)precision);
	d = value_double(in) * scale;
	*out = ct_double((sv_eq(method, SV("ceil")) ? ceil(d) : floor(d)) / scale);
	return true;
}

/* ---- format ---- */

struct spec {
	bool minus, plus, zero, space, alt;
	int64_t width, precision;
	char conv;
};

static void put_padded(struct buf *out, struct sv s, const struct spec *p, bool number)
{
	int64_t pad = p->width - (int64_t)utf8_count(s);
	size_t signs = 0;

	if (pad <= 0) {
		buf_sv(out, s);
		return;
	}
	if (number && p->zero && !p->minus) {
		signs = s.n && strchr("+- ", s.p[0]) ? 1 : 0;
		buf_add(out, s.p, signs);
		buf_fill(out, '0', (size_t)pad);
		buf_add(out, s.p + signs, s.n - signs);
		return;
	}
	if (!p->minus)
		buf_fill(out, ' ', (size_t)pad);
	buf_sv(out, s);
	if (p->minus)
		buf_fill(out, ' ', (size_t)pad);
}

static bool put_integer(struct vm *vm, struct ct_value v, const struct spec *p)
{
	struct buf num = { 0 };
	int64_t i;
	uint64_t u;

	if (!value_is_number(v) || (v.tag == CT_DOUBLE && (fabs(v.u.d) >= 9.2e18 || strchr("xXo", p->conv))))
		return vm_fail_value(vm, CT_CODE(T203), v, "'%%%c' needs an integer, this is %s", p->conv,
				     value_kind(v));
	i = v.tag == CT_DOUBLE ? (int64_t)v.u.d : value_int(v);
	u = i < 0 ? (uint64_t)0 - (uint64_t)i : (uint64_t)i;
	if (i < 0)
		buf_ch(&num, '-');
	else if (p->plus || p->space)
		buf_ch(&num, p->plus ? '+' : ' ');
	if (p->alt && p->conv != 'd' && p->conv != 'i')
		buf_fmt(&num, "0%c", p->conv);
	{
		char digits[72];
		int len = snprintf(digits, sizeof(digits),
				   p->conv == 'x'   ? "%llx"
				   : p->conv == 'X' ? "%llX"
				   : p->conv == 'o' ? "%llo"
						    : "%llu",
				   (unsigned long long)u);

		if (p->precision > len)
			buf_fill(&num, '0', (size_t)(p->precision - len));
		buf_add(&num, digits, (size_t)len);
	}
	put_padded(&vm->tmp, buf_view(&num), p, true);
	buf_release(&num);
	return true;
}

static bool put_float(struct vm *vm, struct ct_value v, const struct spec *p)
{
	static const char *const forms[] = { "%.*e", "%.*E", "%.*f", "%.*F", "%.*g", "%.*G" };
	const char *form = forms[strchr("eEfFgG", p->conv) - "eEfFgG"];
	int precision = p->precision < 0 ? 6 : (int)p->precision, n;
	struct buf num = { 0 };
	double d;

	form = forms[(p->conv == 'E') + 2 * (p->conv == 'f') + 3 * (p->conv == 'F') + 4 * (p->conv == 'g') +
		     5 * (p->conv == 'G')];
	if (!value_is_number(v))
		return vm_fail_value(vm, CT_CODE(T203), v, "'%%%c' needs a number, this is %s", p->conv,
				     value_kind(v));
	d = value_double(v);
	if (d >= 0 && (p->plus || p->space))
		buf_ch(&num, p->plus ? '+' : ' ');
	n = precision + 340;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	num.n += (size_t)snprintf(buf_room(&num, (size_t)n), (size_t)n, form, precision, d);
#pragma GCC diagnostic pop
	put_padded(&vm->tmp, buf_view(&num), p, true);
	buf_release(&num);
	return true;
}

static bool put_text(struct vm *vm, struct ct_value v, const struct spec *p)
{
	struct buf text = { 0 };
	bool too_long = false;
	struct sv s;

	if (v.tag == CT_UNDEF && !(v.flags & VF_LAX))
		return vm_fail_undef(vm, v);
	if (p->conv == 'c' && v.tag == CT_INT)
		buf_utf8(&text, v.u.i >= 0 && v.u.i < 0x110000 ? (uint32_t)v.u.i : 0xfffd);
	else
		too_long = !value_put(&text, v, p->conv == 'r' || p->conv == 'a');
	s = buf_view(&text);
	if (p->precision >= 0) {
		size_t off = 0;
		uint32_t cp;

		for (int64_t i = 0; i < p->precision && off < s.n; i++)
			off += utf8_decode(s, off, &cp, NULL);
		s.n = off;
	}
	put_padded(&vm->tmp, s, p, false);
	buf_release(&text);
	return !too_long || vm_fail_value(vm, CT_CODE(T410), v, "the value is too long");
}

struct feed {
	const struct ct_value *args;
	unsigned n, used;
	struct ct_value names; /* a dict */
};

static bool next_arg(struct vm *vm, struct feed *f, struct sv name, struct ct_value *v)
{
	if (name.p) {
		if (!ct_dict_get(f->names, name, v))
			return vm_fail(vm, CT_CODE(T204), "there is no value named '" SV_FMT "'",
				       SV_ARG(name));
		return true;
	}
	if (f->used >= f->n)
		return vm_fail(vm, CT_CODE(T204), "there are fewer values than conversions");
	*v = f->args[f->used++];
	return v->tag != CT_UNDEF || (v->flags & VF_LAX) || vm_fail_undef(vm, *v);
}

static bool read_number(struct vm *vm, struct feed *f, struct sv fmt, size_t *i, int64_t *out)
{
	struct ct_value v;

	*out = 0;
	if (*i < fmt.n && fmt.p[*i] == '*') {
		++*i;
		if (!next_arg(vm, f, (struct sv){ NULL, 0 }, &v))
			return false;
		*out = v.tag == CT_INT ? v.u.i : 0;
	}
	for (; *i < fmt.n && ch_is_digit(fmt.p[*i]); ++*i)
		if (*out < INT32_MAX)
			*out = *out * 10 + (fmt.p[*i] - '0');
	if (*out > vm->env->limits.format_width || *out < -(int64_t)vm->env->limits.format_width)
		return vm_fail(vm, CT_CODE(T413), "a width of %lld is over the limit of %u", (long long)*out,
			       vm->env->limits.format_width);
	return true;
}

static bool read_flags(struct sv fmt, size_t *i, struct spec *p)
{
	for (; *i < fmt.n; ++*i) {
		switch (fmt.p[*i]) {
		case '-':
			p->minus = true;
			break;
		case '+':
			p->plus = true;
			break;
		case '0':
			p->zero = true;
			break;
		case ' ':
			p->space = true;
			break;
		case '#':
			p->alt = true;
			break;
		default:
			return true;
		}
	}
	return true;
}

static bool put_conversion(struct vm *vm, struct feed *f, struct sv fmt, size_t *i)
{
	struct spec p = { .precision = -1 };
	struct sv name = { NULL, 0 };
	struct ct_value v;

	if (*i < fmt.n && fmt.p[*i] == '(') {
		ptrdiff_t close = sv_find(sv_sub(fmt, *i, fmt.n), ')');

		if (close < 0)
			return vm_fail(vm, CT_CODE(T210), "'%%(' is never closed");
		name = sv_sub(fmt, *i + 1, (size_t)close - 1);
		*i += (size_t)close + 1;
	}
	read_flags(fmt, i, &p);
	if (!read_number(vm, f, fmt, i, &p.width))
		return false;
	if (p.width < 0) {
		p.minus = true;
		p.width = -p.width;
	}
	if (*i < fmt.n && fmt.p[*i] == '.') {
		++*i;
		if (!read_number(vm, f, fmt, i, &p.precision))
			return false;
	}
	if (*i >= fmt.n)
		return vm_fail(vm, CT_CODE(T210), "the format ends in the middle of a conversion");
	p.conv = fmt.p[(*i)++];
	if (p.conv == '%') {
		buf_ch(&vm->tmp, '%');
		return true;
	}
	if (!strchr("diuxXoeEfFgGsrac", p.conv))
		return vm_fail(vm, CT_CODE(T210), "there is no conversion '%%%c'", p.conv);
	if (!next_arg(vm, f, name, &v))
		return false;
	p.conv = p.conv == 'u' || p.conv == 'i' ? 'd' : p.conv;
	return strchr("dxXo", p.conv)	  ? put_integer(vm, v, &p)
	       : strchr("eEfFgG", p.conv) ? put_float(vm, v, &p)
					  : put_text(vm, v, &p);
}

bool format_percent(struct vm *vm, struct sv fmt, const struct ct_value *args, unsigned n,
		    struct ct_value *out)
{
	struct feed f = { .args = args, .n = n - 1, .names = args[n - 1] };
	bool named = f.names.u.dict->n > 0;

	if (named && f.n)
		return vm_fail(vm, CT_CODE(T204), "format takes values or named values, not both");
	if (!named && f.n == 1 && args[0].tag == CT_DICT)
		f.names = args[0], named = true;
	vm->tmp.n = 0;
	for (size_t i = 0; i < fmt.n;) {
		if (fmt.p[i] != '%') {
			buf_ch(&vm->tmp, fmt.p[i++]);
			continue;
		}
		i++;
		if (!put_conversion(vm, &f, fmt, &i) || !vm_text_limit(vm, vm->tmp.n / 64))
			return false;
		if (vm->tmp.n > vm->env->limits.text_bytes)
			break;
	}
	if (f.used < f.n && !named)
		return vm_fail(vm, CT_CODE(T204), "there are more values than conversions");
	return vm_text(vm, out);
}

const struct ct_row ct_filters_num[] = {
	{ { "abs", "abs", "the number without its sign", "{{ -5|abs }}", "5" }, { 0 }, 0, 0, f_abs, NULL },
	{ { "int", "int(default=0, base=10)", "as an integer; the default when it is none",
	    "{{ '42'|int + 1 }}", "43" },
	  { "default", "base" },
	  0,
	  0,
	  f_int,
	  NULL },
	{ { "float", "float(default=0.0)", "as a number; the default when it is none", "{{ '1.5'|float }}",
	    "1.5" },
	  { "default" },
	  0,
	  0,
	  f_float,
	  NULL },
	{ { "round", "round(precision=0, method='common')", "rounded: half to even, 'ceil' or 'floor'",
	    "{{ 2.567|round(2) }}", "2.57" },
	  { "precision", "method" },
	  0,
	  0,
	  f_round,
	  NULL },
	{ { NULL, NULL, NULL, NULL, NULL }, { 0 }, 0, 0, NULL, NULL },
};
