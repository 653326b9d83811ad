#include "base/num.h"

#include "base/arena.h"
#include "base/buf.h"

bool num_u64(struct sv s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ch_is_digit(s.p[i]) || !num_mul_u64(v, 10, &v) ||
		    !num_add_u64(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	*out = v;
	return true;
}

struct sv num_size_text(struct arena *a, uint64_t bytes)
{
	static const struct { uint64_t unit; const char *name; } units[] = {
		{ TIB, "TiB" }, { GIB, "GiB" }, { MIB, "MiB" }, { KIB, "KiB" },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (bytes && bytes % units[i].unit == 0)
			return sv_fmt(a, "%llu %s", (unsigned long long)(bytes / units[i].unit), units[i].name);
	return sv_fmt(a, "%llu bytes", (unsigned long long)bytes);
}

struct sv num_ip_text(struct arena *a, uint32_t ip)
{
	return sv_fmt(a, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

bool num_ip(struct sv s, uint32_t *out)
{
	uint32_t ip = 0;
	size_t i = 0;

	for (int part = 0; part < 4; part++) {
		size_t from = i;
		uint32_t v = 0;

		while (i < s.n && ch_is_digit(s.p[i]) && i - from < 4)
			v = v * 10 + (uint32_t)(s.p[i++] - '0');
		if (i == from || v > 255 || (s.p[from] == '0' && i - from > 1))
			return false;
		if (part < 3 && (i == s.n || s.p[i++] != '.'))
			return false;
		ip = ip << 8 | v;
	}
	if (i != s.n)
		return false;
	*out = ip;
	return true;
}
