/* Values in the spelling of the language. */
#include "model/place.h"

#include <string.h>

#include "base/num.h"

/* How every list of schema/spec.h begins. */
struct __attribute__((may_alias)) list {
	struct meta m;
	void *v;
	uint32_t n;
};

static void put_duration(struct buf *out, struct v_duration d)
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };

	if (d.off) {
		buf_str(out, "off");
		return;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].seconds == 1 || (d.v && d.v % units[i].seconds == 0)) {
			buf_i64(out, d.v / units[i].seconds);
			buf_ch(out, units[i].unit);
			return;
		}
}

static void put_ip(struct buf *out, struct arena *a, struct v_ip ip)
{
	if (ip.word == IP_ADDRESS)
		buf_sv(out, num_ip_text(a, ip.v));
	else
		buf_str(out, ip.word == IP_DHCP ? "dhcp" : "auto");
}

static void put_mac(struct buf *out, uint64_t mac)
{
	for (int shift = 40; shift >= 0; shift -= 8)
		buf_fmt(out, "%02x%s", (unsigned)(mac >> shift & 0xff), shift ? ":" : "");
}

static void put_time(struct buf *out, struct v_time t)
{
	if (t.off)
		buf_str(out, "off");
	else
		buf_fmt(out, "%02u:%02u", t.v / 60u, t.v % 60u);
}

/* One line, whatever the text. */
static void put_text(struct buf *out, struct sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n')
			buf_str(out, "\\n");
		else
			buf_ch(out, s.p[i]);
	if (s.n == 0)
		buf_str(out, "''");
}

void place_print_scalar(struct buf *out, struct arena *a, enum type_id type, const struct words *words, const void *v)
{
	const struct v_date *date = v;
	const struct v_prefix *prefix = v;
	const struct v_port *port = v;
	const struct v_range *range = v;
	const struct v_http *http = v;
	int64_t n;

	switch ((int)type) {
	case TYPE_INTEGER: buf_i64(out, ((const struct v_int *)v)->v); break;
	case TYPE_BOOLEAN: buf_str(out, ((const struct v_bool *)v)->v ? "true" : "false"); break;
	case TYPE_ENUM: buf_str(out, words->v[((const struct v_enum *)v)->v].word); break;
	case TYPE_SIZE: buf_sv(out, num_size_text(a, ((const struct v_size *)v)->v)); break;
	case TYPE_DURATION:
	case TYPE_DURATION_OFF: put_duration(out, *(const struct v_duration *)v); break;
	case TYPE_TIME:
	case TYPE_TIME_OFF: put_time(out, *(const struct v_time *)v); break;
	case TYPE_DATE: buf_fmt(out, "%04u-%02u-%02u", date->year, date->month, date->day); break;
	case TYPE_DECIMAL:
		n = ((const struct v_decimal *)v)->v;
		buf_fmt(out, "%lld.%02lld", (long long)(n / 100), (long long)(n % 100));
		break;
	case TYPE_IPV4:
	case TYPE_IPV4_AUTO: put_ip(out, a, *(const struct v_ip *)v); break;
	case TYPE_PREFIX: buf_fmt(out, SV_FMT "/%u", SV_ARG(num_ip_text(a, prefix->v)), prefix->len); break;
	case TYPE_RANGE:
		buf_fmt(out, SV_FMT "-" SV_FMT, SV_ARG(num_ip_text(a, range->lo)), SV_ARG(num_ip_text(a, range->hi)));
		break;
	case TYPE_PORT:
	case TYPE_PORT_AUTO: port->v ? buf_u64(out, port->v) : buf_str(out, "auto"); break;
	case TYPE_MAC: put_mac(out, ((const struct v_mac *)v)->v); break;
	case TYPE_HTTP:
		if (http->port)
			buf_fmt(out, ":%u", http->port);
		buf_sv(out, http->path);
		break;
	default: put_text(out, ((const struct v_text *)v)->v); break;
	}
}

static void put_list(struct buf *out, struct arena *a, const struct field *f, const void *value)
{
	const struct list *l = value;

	if (f->item == TYPE_IPV4 && ((const struct v_ip_list *)value)->is_host) {
		buf_str(out, "host");
		return;
	}
	buf_ch(out, '[');
	for (uint32_t i = 0; i < l->n; i++) {
		buf_str(out, i ? ", " : "");
		place_print_scalar(out, a, (enum type_id)f->item, f->words, (const char *)l->v + (size_t)i * types[f->item].size);
	}
	buf_ch(out, ']');
}

static void put_map(struct buf *out, const struct v_text_map *map)
{
	buf_str(out, "{ ");
	for (uint32_t i = 0; i < map->n; i++) {
		buf_str(out, i ? ", " : "");
		put_text(out, map->v[i].name);
		buf_str(out, ": ");
		put_text(out, map->v[i].v);
	}
	buf_str(out, " }");
}

void place_print(struct buf *out, struct arena *a, const struct field *f, const struct meta *value)
{
	if (f->type == TYPE_LIST)
		put_list(out, a, f, value);
	else if (f->type == TYPE_TEXT_MAP)
		put_map(out, (const struct v_text_map *)(const void *)value);
	else if (f->type == TYPE_SECTION_LIST || f->type == TYPE_SECTION_MAP)
		buf_fmt(out, "%u item%s", ((const struct list *)(const void *)value)->n,
			((const struct list *)(const void *)value)->n == 1 ? "" : "s");
	else if (f->type == TYPE_SECTION)
		buf_str(out, f->section == &section_dhcp && ((const struct spec_dhcp *)(const void *)value)->off ? "off" : "a map");
	else
		place_print_scalar(out, a, (enum type_id)f->type, f->words, value);
}
