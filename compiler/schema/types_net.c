/* Addresses, prefixes, ports and what is made of them. */
#include "schema/types_internal.h"

#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "schema/spec.h"

bool type_is_ipv6(struct sv s)
{
	size_t colons = 0, i;

	for (i = 0; i < s.n && s.p[i] != '/' && s.p[i] != '%'; i++) {
		char c = ch_lower(s.p[i]);

		colons += c == ':';
		if (c != ':' && c != '.' && !ch_is_digit(c) && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return colons >= 2 && (colons >= 3 || sv_search(s, SV("::")) >= 0);
}

static bool ipv6(const struct type_in *in, struct type_error *e)
{
	type_found(in, e, ", which is IPv6");
	return type_help(in, e,
			 "the NAT of Windows and the networks of a lab are IPv4 only: write an IPv4 address");
}

/* What is wrong with s as four decimal parts; nothing when only the type's phrase is left to say. */
static bool ip_refused(const struct type_in *in, struct sv s, struct type_error *e)
{
	static const char *const counts[] = { "no", "one", "two", "three" };
	size_t parts = 0, i = 0;

	if (type_foreign_digit(in, e))
		return false;
	if (type_is_ipv6(s))
		return ipv6(in, e);
	while (i < s.n) {
		size_t d = type_digits(sv_sub(s, i, s.n));
		struct sv part = sv_sub(s, i, d);
		uint64_t v;

		if (d == 0 || (i + d < s.n && s.p[i + d] != '.') || i + d + 1 == s.n)
			return false;
		if (d > 1 && part.p[0] == '0') {
			type_help(in, e,
				  "some programs read a leading zero as octal: write the part without it");
			return type_found(in, e, ", whose part '%.*s' has a leading zero", SV_ARG(part));
		}
		if (d > 3 || !num_u64(part, &v) || v > 255)
			return type_found(in, e, ", whose part '%.*s' is over 255", SV_ARG(part));
		parts++;
		i += d + 1;
	}
	if (parts && parts < 4)
		return type_found(in, e, ", which has %s of four parts", counts[parts]);
	if (parts > 4)
		return type_found(in, e, ", which has more than four parts");
	return false;
}

bool parse_ipv4(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_ip *out = value;
	ptrdiff_t slash;
	uint32_t ip;

	out->word = IP_ADDRESS;
	if (num_ip(in->text, &out->v))
		return true;
	slash = sv_find(in->text, '/');
	if (slash > 0 && num_ip(sv_sub(in->text, 0, (size_t)slash), &ip)) {
		type_found(in, e, ", which is a prefix");
		return type_fix(in, e, false, "%.*s", (int)slash, in->text.p);
	}
	return ip_refused(in, in->text, e);
}

bool parse_ipv4_auto(const struct type_in *in, void *value, struct type_error *e)
{
	static const struct word v[] = { { "auto", NULL }, { "dhcp", NULL } };
	static const struct words words = { .v = v, .n = 2 };
	struct v_ip *out = value;

	if (sv_eq(in->text, SV("auto")) || sv_eq(in->text, SV("dhcp"))) {
		out->v = 0;
		out->word = in->text.p[0] == 'a' ? IP_AUTO : IP_DHCP;
		return true;
	}
	if (parse_ipv4(in, value, e))
		return true;
	const char *near = in->text.n && ch_is_alpha(in->text.p[0]) ? words_nearest(&words, in->text) : NULL;
	if (near) {
		type_help(in, e, "did you mean '%s'?", near);
		type_fix(in, e, sv_eq_nocase(in->text, sv_from(near)), "%s", near);
	}
	return false;
}

static uint32_t mask_of(unsigned len)
{
	return len == 0 ? 0 : 0xffffffffU << (32 - len);
}

/* 192.168.0.0/255.255.255.0: the length of the mask, or -1. */
static int mask_length(struct sv s)
{
	uint32_t mask;

	if (!num_ip(s, &mask))
		return -1;
	for (unsigned len = 0; len <= 32; len++)
		if (mask_of(len) == mask)
			return (int)len;
	return -1;
}

bool parse_prefix(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_prefix *out = value;
	struct sv t = in->text;
	ptrdiff_t slash = sv_find(t, '/');
	struct sv addr = slash < 0 ? t : sv_sub(t, 0, (size_t)slash);
	struct sv len = slash < 0 ? (struct sv) { 0 } : sv_sub(t, (size_t)slash + 1, t.n);
	uint64_t n = 0;
	uint32_t ip;

	if (!num_ip(addr, &ip)) {
		ip_refused(in, addr, e);
		return false;
	}
	if (slash < 0) {
		type_found(in, e, " without a length");
		return type_help(in, e,
				 "write the length behind it: '%.*s/24' has the 254 addresses from .1 to "
				 ".254, '%.*s/32' is one address",
				 SV_ARG(addr), SV_ARG(addr));
	}
	if (!num_u64(len, &n) || n > 32 || len.n > 2 || (len.n == 2 && len.p[0] == '0')) {
		int m = mask_length(len);

		type_found(in, e, ", whose length is not 0 to 32");
		if (m >= 0)
			type_fix(in, e, true, "%.*s/%d", SV_ARG(addr), m);
		return false;
	}
	if (ip & ~mask_of((unsigned)n)) {
		struct sv net = num_ip_text(in->a, ip & mask_of((unsigned)n));

		type_found(in, e, ", which has host bits");
		type_help(in, e, "the network is '%.*s/%u'", SV_ARG(net), (unsigned)n);
		return type_fix(in, e, false, "%.*s/%u", SV_ARG(net), (unsigned)n);
	}
	out->v = ip;
	out->len = (uint8_t)n;
	return true;
}

bool parse_range(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_range *out = value;
	ptrdiff_t dash = sv_find(in->text, '-');
	struct sv lo = dash < 0 ? in->text : sv_trim(sv_sub(in->text, 0, (size_t)dash));
	struct sv hi = dash < 0 ? in->text : sv_trim(sv_sub(in->text, (size_t)dash + 1, in->text.n));

	if (!num_ip(lo, &out->lo))
		return ip_refused(in, lo, e);
	if (!num_ip(hi, &out->hi)) {
		uint64_t last;

		if (num_u64(hi, &last) && last <= 255) {
			struct sv full = num_ip_text(in->a, (out->lo & 0xffffff00U) | (uint32_t)last);

			type_found(in, e, ", whose end is not a whole address");
			return type_fix(in, e, true, "%.*s-%.*s", SV_ARG(lo), SV_ARG(full));
		}
		return ip_refused(in, hi, e);
	}
	if (dash < 0)
		return type_found(in, e, ", which is one address");
	if (out->lo > out->hi) {
		type_found(in, e, ", which ends before it starts");
		return type_fix(in, e, false, "%.*s-%.*s", SV_ARG(hi), SV_ARG(lo));
	}
	return true;
}

static bool one_port(struct sv s, uint16_t *out)
{
	uint64_t v;

	if (s.n == 0 || s.n > 5 || s.p[0] == '0' || !num_u64(s, &v) || v > 65535)
		return false;
	*out = (uint16_t)v;
	return true;
}

/* Why s, the whole text or a part of it, is no port. */
static bool port_refused(const struct type_in *in, struct sv s, struct type_error *e)
{
	ptrdiff_t dash = sv_find(s, '-');
	uint16_t p;

	if (type_foreign_digit(in, e))
		return false;
	if (dash > 0 && one_port(sv_sub(s, 0, (size_t)dash), &p) &&
	    one_port(sv_sub(s, (size_t)dash + 1, s.n), &p)) {
		type_help(in, e, "ranges do not exist: write one mapping for each port");
		return type_found(in, e, ", which is a range");
	}
	if (s.n && type_digits(s) == s.n) {
		if (s.n == 1 && s.p[0] == '0')
			return type_found(in, e, ": there is no port 0");
		if (s.p[0] == '0')
			return type_found(in, e, ", whose '%.*s' has a leading zero", SV_ARG(s));
		if (s.n == in->text.n)
			return type_found(in, e, ", which is over 65535");
		return type_found(in, e, ", whose '%.*s' is over 65535", s.n > 40 ? 40 : (int)s.n, s.p);
	}
	return false;
}

bool parse_port(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_port *out = value;

	out->is_auto = false;
	if (one_port(in->text, &out->v))
		return true;
	return port_refused(in, in->text, e);
}

bool parse_port_auto(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_port *out = value;

	if (sv_eq(in->text, SV("auto"))) {
		out->v = 0;
		out->is_auto = true;
		return true;
	}
	if (parse_port(in, value, e))
		return true;
	if (sv_eq_nocase(in->text, SV("auto")))
		type_fix(in, e, true, "auto");
	return false;
}

static bool mapping_protocol(const struct type_in *in, struct sv word, struct port_mapping *out,
			     struct type_error *e)
{
	static const char *const words[] = { "tcp", "udp" };

	for (int i = 0; i < 2; i++) {
		if (!sv_eq_nocase(word, sv_from(words[i])))
			continue;
		out->protocol = i;
		if (sv_eq(word, sv_from(words[i])))
			return true;
		return type_fix(in, e, true, "%.*s%s", (int)(in->text.n - word.n), in->text.p, words[i]);
	}
	type_help(in, e, "the NAT of Windows maps tcp and udp only");
	return type_found(in, e, ", whose protocol is '%.*s'", word.n > 20 ? 20 : (int)word.n, word.p);
}

static bool mapping_parts(const struct type_in *in, struct sv ports, size_t colons, struct port_mapping *out,
			  struct type_error *e)
{
	ptrdiff_t colon = sv_find(ports, ':');
	struct sv ext = colon < 0 ? ports : sv_sub(ports, 0, (size_t)colon);
	struct sv internal = colon < 0 ? (struct sv) { 0 } : sv_sub(ports, (size_t)colon + 1, ports.n);

	if (colons > 1) {
		type_help(in, e,
			  "for one address of the host write '{ external: PORT, internal: PORT, "
			  "external_address: ADDRESS }'");
		return type_found(in, e, ", which has %zu parts", colons + 1);
	}
	out->internal = 0;
	if (colon >= 0 && !one_port(internal, &out->internal)) {
		port_refused(in, internal, e);
		return false;
	}
	if (one_port(ext, &out->external))
		return true;
	if (sv_eq(ext, SV("auto")) && out->internal) {
		type_help(in, e,
			  "a free port is chosen for the long form: '{ external: auto, internal: %u }'",
			  out->internal);
		if (out->protocol < 0)
			type_fix(in, e, true, "{ external: auto, internal: %u }", out->internal);
		return false;
	}
	port_refused(in, ext, e);
	return false;
}

bool type_parse_mapping(const struct type_in *in, struct port_mapping *out, struct type_error *e)
{
	struct sv t = in->text;
	ptrdiff_t slash = sv_find(t, '/');
	struct sv ports = slash < 0 ? t : sv_sub(t, 0, (size_t)slash);
	size_t colons = 0;

	out->protocol = -1;
	for (size_t i = 0; i < ports.n; i++)
		colons += ports.p[i] == ':';
	if (type_is_ipv6(ports) && colons > 2)
		return ipv6(in, e);
	if (slash >= 0 && !mapping_protocol(in, sv_sub(t, (size_t)slash + 1, t.n), out, e))
		return false;
	return mapping_parts(in, ports, colons, out, e);
}

static int hex_digit(char c)
{
	c = ch_lower(c);
	return ch_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool parse_mac(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_mac *out = value;
	struct sv t = in->text;
	char sep = t.n == 17 ? t.p[2] : 0;
	uint64_t v = 0;

	if ((t.n != 17 || (sep != ':' && sep != '-')) && t.n != 12) {
		type_foreign_digit(in, e);
		return false;
	}
	for (size_t i = 0, k = 0; i < t.n; i++, k++) {
		if (sep && k % 3 == 2) {
			if (t.p[i] != sep)
				return false;
			continue;
		}
		if (hex_digit(t.p[i]) < 0)
			return false;
		v = v << 4 | (unsigned)hex_digit(t.p[i]);
	}
	if (v >> 40 & 1)
		return type_found(in, e, ", which is a group address: its first byte is odd");
	out->v = v;
	return true;
}

bool parse_http(const struct type_in *in, void *value, struct type_error *e)
{
	struct v_http *out = value;
	struct sv t = in->text;
	size_t d = 0;

	out->port = 0;
	if (t.n && t.p[0] == ':') {
		d = type_digits(sv_sub(t, 1, t.n));
		if (!one_port(sv_sub(t, 1, d), &out->port)) {
			port_refused(in, sv_sub(t, 1, d), e);
			return false;
		}
		d++;
	}
	out->path = sv_sub(t, d, t.n);
	if (out->path.n == 0 || out->path.p[0] != '/') {
		if (sv_starts(t, SV("http://")) || sv_starts(t, SV("https://")))
			return type_found(in, e, ": the guest is known, only its path is asked for");
		return false;
	}
	for (size_t i = 0; i < out->path.n; i++)
		if ((unsigned char)out->path.p[i] <= ' ')
			return type_found(in, e, ", which holds a blank");
	return true;
}
