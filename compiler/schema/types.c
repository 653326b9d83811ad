#include "schema/types.h"

#include <stdarg.h>
#include <string.h>
#include <utf8proc.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/utf8.h"
#include "schema/codes.h"
#include "schema/spec.h"
#include "schema/types_internal.h"

#define JSON_SIZE "{\"type\":\"string\",\"pattern\":\"^[0-9]+[ \\\\t]*[KkMmGgTt][Ii]?[Bb]$\"}"
#define JSON_DURATION_PATTERN "^([0-9]+[smhd]|P([0-9]+W|([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?))$"
#define JSON_OCTET "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#define JSON_IP JSON_OCTET "(\\\\." JSON_OCTET "){3}"
#define JSON_PORT_DIGITS                                                                                     \
	"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
#define JSON_PORT                                                                                            \
	"{\"type\":\"integer\",\"minimum\":1,\"maximum\":65535},"                                            \
	"{\"type\":\"string\",\"pattern\":\"^" JSON_PORT_DIGITS "$\"}"
/* Text is whatever stands there: a YAML reader may make a number or a boolean of it. */
#define JSON_TEXT                                                                                            \
	"{\"anyOf\":[{\"type\":\"string\"},{\"not\":{\"anyOf\":["                                            \
	"{\"type\":\"object\"},{\"type\":\"array\"},{\"type\":\"null\"}]}}]}"
#define JSON_WINDOWS_PATH "[A-Za-z]:\\\\\\\\|\\\\\\\\\\\\\\\\"

#define P(s) "{\"type\":\"string\",\"pattern\":\"" s "\"}"

/* title, wants, JSON Schema, help, code, struct, unquoted, parse */
#define ROW(id, title, wants, json, help, code, val, unq, fn)                                                \
	[TYPE_##id] = { title, wants, json, help, CODE_##code, sizeof(struct val), unq, parse_##fn }

const struct type types[TYPE_SCALARS] = {
	ROW(INTEGER, "integer", "an integer", NULL, NULL, INTEGER, v_int, true, integer),
	ROW(BOOLEAN, "boolean", "true or false", "{\"type\":\"boolean\"}", NULL, BOOLEAN, v_bool, true,
	    boolean),
	ROW(ENUM, "word", "one of the words", NULL, NULL, ENUM, v_enum, false, enum),
	ROW(SIZE, "size", "a size such as '4 GiB'", JSON_SIZE,
	    "write digits and a unit: KiB, MiB, GiB or TiB (KB to TB mean the same, as in PowerShell)", SIZE,
	    v_size, false, size),
	ROW(DURATION, "duration", "a duration such as '15m'", P(JSON_DURATION_PATTERN),
	    "write digits and a unit: s, m, h or d; or ISO 8601, as in 'PT15M'", DURATION, v_duration, false,
	    duration),
	ROW(DURATION_OFF, "duration, or `off`", "a duration such as '15m', or off",
	    "{\"anyOf\":[{\"const\":\"off\"}," P(JSON_DURATION_PATTERN) "]}",
	    "write digits and a unit: s, m, h or d; or ISO 8601, as in 'PT15M'; or off", DURATION, v_duration,
	    false, duration_off),
	ROW(TIME, "time", "a time of day such as '09:00'", P("^([01][0-9]|2[0-3]):[0-5][0-9]$"),
	    "write hours and minutes of 24 hours with two digits each: HH:MM", TIME, v_time, false, time),
	ROW(TIME_OFF, "time, or `off`", "a time of day such as '19:00', or off",
	    "{\"anyOf\":[{\"const\":\"off\"}," P("^([01][0-9]|2[0-3]):[0-5][0-9]$") "]}",
	    "write hours and minutes of 24 hours with two digits each, HH:MM, or off", TIME, v_time, false,
	    time_off),
	ROW(DATE, "date", "a date such as '2027-01-31'",
	    P("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"), "write year, month and day: YYYY-MM-DD",
	    DATE, v_date, false, date),
	ROW(DECIMAL, "amount", "an amount such as '250' or '249.50'", "{\"type\":\"number\",\"minimum\":0}",
	    NULL, DECIMAL, v_decimal, true, decimal),
	ROW(IPV4, "IPv4 address", "an IPv4 address such as '192.168.0.10'", P("^" JSON_IP "$"), NULL, IPV4,
	    v_ip, false, ipv4),
	ROW(IPV4_AUTO, "IPv4 address, `auto` or `dhcp`", "an IPv4 address, auto or dhcp",
	    "{\"anyOf\":[{\"enum\":[\"auto\",\"dhcp\"]}," P("^" JSON_IP "$") "]}", NULL, IPV4, v_ip, false,
	    ipv4_auto),
	ROW(PREFIX, "prefix", "a prefix such as '192.168.0.0/24'", P("^" JSON_IP "/([12]?[0-9]|3[0-2])$"),
	    NULL, PREFIX, v_prefix, false, prefix),
	ROW(RANGE, "address range", "an address range such as '192.168.0.100-192.168.0.200'",
	    P("^" JSON_IP " *- *" JSON_IP "$"), NULL, RANGE, v_range, false, range),
	ROW(PORT, "port", "a port from 1 to 65535", "{\"anyOf\":[" JSON_PORT "]}", NULL, PORT, v_port, false,
	    port),
	ROW(PORT_AUTO, "port, or `auto`", "a port from 1 to 65535, or auto",
	    "{\"anyOf\":[{\"const\":\"auto\"}," JSON_PORT "]}", NULL, PORT, v_port, false, port_auto),
	ROW(MAC, "MAC address", "a MAC address such as '00:15:5d:00:00:0a'",
	    "{\"anyOf\":[{\"type\":\"integer\"}," P("^([0-9A-Fa-f]{2}([:-]?)){5}[0-9A-Fa-f]{2}$") "]}",
	    "write six pairs of hexadecimal digits with colons or hyphens between them", MAC, v_mac, false,
	    mac),
	ROW(HTTP, "`[:PORT]/PATH`", "a path such as '/' or ':8080/status'", P("^(:[0-9]{1,5})?/[^ ]*$"),
	    "write '/PATH', or ':PORT/PATH' where the guest listens elsewhere than on port 80", HTTP, v_http,
	    false, http),
	ROW(TEXT, "text", "a text", JSON_TEXT, NULL, TEXT, v_text, false, text),
	ROW(NAME, "name", "a name", P("^[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"),
	    "a letter, then letters, digits and hyphens, at most 63", NAME, v_text, false, lab_name),
	ROW(IMAGE_NAME, "name, dots allowed", "an image name",
	    P("^[A-Za-z]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$"),
	    "a letter, then letters, digits, hyphens and dots, at most 63", NAME, v_text, false, image_name),
	ROW(USER, "user name", "a user name", P("^[A-Za-z_][A-Za-z0-9._-]*$"),
	    "a letter or _, then letters, digits, '.', '_' and '-'", USER, v_text, false, user),
	ROW(PATH, "Windows path", "an absolute Windows path such as 'C:\\labs'",
	    P("^(" JSON_WINDOWS_PATH ")"), NULL, PATH, v_text, false, path),
	ROW(URL, "URL", "a URL with http or https", P("^[Hh][Tt][Tt][Pp][Ss]?://[^ ]+$"), NULL, URL, v_text,
	    false, url),
	ROW(SOURCE, "Windows path or URL", "an absolute Windows path or a URL",
	    P("^(" JSON_WINDOWS_PATH "|[Hh][Tt][Tt][Pp][Ss]?://)"), NULL, SOURCE, v_text, false, source),
	ROW(IMAGE_REF, "name, Windows path or URL",
	    "a name under 'images', an absolute Windows path or a URL",
	    P("^(" JSON_WINDOWS_PATH "|[Hh][Tt][Tt][Pp][Ss]?://|[A-Za-z][A-Za-z0-9.-]*$)"), NULL, SOURCE,
	    v_text, false, image_ref),
	ROW(SHA256, "SHA-256", "a SHA-256 of 64 hexadecimal digits", P("^[0-9A-Fa-f]{64}$"),
	    "PowerShell's Get-FileHash FILE prints it", SHA256, v_text, false, sha256),
	ROW(EMAIL, "e-mail address", "an e-mail address such as 'ann@example.org'",
	    P("^[^@ ]+@[^@ ]+\\\\.[^@ ]+$"), NULL, EMAIL, v_text, false, email),
	ROW(ZONE, "IANA time zone", "an IANA time zone such as 'Europe/Berlin' or 'UTC'",
	    P("^(UTC|GMT|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$"), NULL, TEXT, v_text, false, zone),
	ROW(LOCALE, "language tag", "a language tag such as 'en-US'",
	    P("^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"), "language, hyphen, region: 'de-DE'",
	    LOCALE, v_text, false, locale),
	ROW(CURRENCY, "currency", "a currency such as 'USD'", P("^[A-Z]{3}$"),
	    "three capital letters (ISO 4217)", CURRENCY, v_text, false, currency),
	ROW(RESOURCE_ID, "Azure resource ID", "an Azure resource ID",
	    P("^/[Ss]ubscriptions/[^/ ]+/[Rr]esource[Gg]roups/[^/ ]+/[Pp]roviders/[^/ ]+(/[^/ ]+/[^/ ]+)+$"),
	    "'/subscriptions/ID/resourceGroups/GROUP/providers/...', as 'az resource show --query id' prints "
	    "it",
	    RESOURCE_ID, v_text, false, resource_id),
	ROW(FILE, "path", "the path of a file beside the spec", "{\"type\":\"string\",\"minLength\":1}", NULL,
	    FILE, v_text, false, file),
};

const struct type type_mapping = {
	.title = "port mapping",
	.wants = "a port mapping such as '8080:80' or '53:53/udp'",
	.json = "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1,\"maximum\":65535},"
		"{\"type\":\"string\",\"pattern\":\"^" JSON_PORT_DIGITS "(:" JSON_PORT_DIGITS
		")?(/(tcp|udp))?$\"}]}",
	.help = "write 'EXTERNAL:INTERNAL', with '/tcp' or '/udp' after it if you like, or 'PORT' for both",
	.code = CODE_PORT_MAPPING,
};

struct sv type_quoted(const struct type_in *in)
{
	struct sv t = in->text;
	size_t n = 0;
	uint32_t cp;

	if (t.n <= 60)
		return sv_fmt(in->a, "'%.*s'", SV_ARG(t));
	while (n < 56)
		n += utf8_decode(t, n, &cp, NULL);
	return sv_fmt(in->a, "'%.*s...'", (int)n, t.p);
}

bool type_found(const struct type_in *in, struct type_error *e, const char *fmt, ...)
{
	struct sv q = type_quoted(in);
	va_list ap;

	va_start(ap, fmt);
	struct sv clause = sv_vfmt(in->a, fmt, ap);
	va_end(ap);
	e->found = sv_fmt(in->a, "%.*s%.*s", SV_ARG(q), SV_ARG(clause));
	return false;
}

bool type_fix(const struct type_in *in, struct type_error *e, bool safe, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	e->fix = sv_vfmt(in->a, fmt, ap);
	va_end(ap);
	e->safe = safe;
	return false;
}

bool type_help(const struct type_in *in, struct type_error *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	e->help = sv_vfmt(in->a, fmt, ap);
	va_end(ap);
	return false;
}

bool type_foreign_digit(const struct type_in *in, struct type_error *e)
{
	uint32_t cp;

	for (size_t i = 0, n; (n = utf8_decode(in->text, i, &cp, NULL)) > 0; i += n)
		if (cp >= 0x80 && utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_ND) {
			type_found(in, e, ", whose '%.*s' is a digit of another script", (int)n,
				   in->text.p + i);
			type_help(in, e, "write the digits 0 to 9");
			return true;
		}
	return false;
}

struct sv type_char_at(const struct type_in *in, size_t off)
{
	uint32_t cp;
	size_t n = utf8_decode(in->text, off, &cp, NULL);

	if (cp == ' ')
		return SV("a blank");
	if (cp == '\t')
		return SV("a tab");
	if (cp == '\n' || cp == '\r')
		return SV("a line break");
	return sv_fmt(in->a, "'%.*s'", (int)n, in->text.p + off);
}

size_t type_digits(struct sv s)
{
	size_t n = 0;

	while (n < s.n && ch_is_digit(s.p[n]))
		n++;
	return n;
}

bool type_parse(enum type_id t, const struct type_in *in, void *value, struct type_error *e)
{
	const struct type *row = &types[t];

	if (row->unquoted && !in->plain) {
		struct type_in bare = *in;

		type_found(in, e, " in quotes, which is a text");
		bare.plain = true;
		struct type_error ignored = { 0 };
		if (row->parse(&bare, value, &ignored)) {
			type_help(in, e, "remove the quotes");
			type_fix(in, e, true, "%.*s", SV_ARG(in->text));
		}
		return false;
	}
	return row->parse(in, value, e);
}
