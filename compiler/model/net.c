/* Arithmetic of addresses and prefixes, and figures for messages. */
#include "model/lab.h"

#include "base/buf.h"

static uint32_t mask_of(uint8_t len) { return len ? 0xffffffffu << (32 - len) : 0; }

uint32_t prefix_broadcast(struct v_prefix p) { return p.v | ~mask_of(p.len); }

/* A /31 and a /32 have no network and broadcast address to spare. */
uint32_t prefix_first(struct v_prefix p) { return p.len >= 31 ? p.v : p.v + 1; }

uint32_t prefix_last(struct v_prefix p)
{
	return p.len >= 31 ? prefix_broadcast(p) : prefix_broadcast(p) - 1;
}

bool prefix_has(struct v_prefix p, uint32_t ip) { return (ip & mask_of(p.len)) == (p.v & mask_of(p.len)); }

bool prefix_overlaps(struct v_prefix a, struct v_prefix b)
{
	uint32_t mask = mask_of(a.len < b.len ? a.len : b.len);

	return (a.v & mask) == (b.v & mask);
}

struct sv prefix_text(struct arena *a, struct v_prefix p)
{
	struct sv ip = num_ip_text(a, p.v);

	return sv_fmt(a, SV_FMT "/%u", SV_ARG(ip), p.len);
}

bool ip_is_private(uint32_t ip) { return ip >> 24 == 10 || ip >> 20 == 0xac1 || ip >> 16 == 0xc0a8; }

struct sv lab_gib_text(struct arena *a, uint64_t bytes)
{
	if (bytes < GIB)
		return sv_fmt(a, "%llu MiB", (unsigned long long)(bytes / MIB));
	if (bytes % GIB == 0)
		return sv_fmt(a, "%llu GiB", (unsigned long long)(bytes / GIB));
	return sv_fmt(a, "%llu.%llu GiB", (unsigned long long)(bytes / GIB),
		      (unsigned long long)(bytes % GIB * 10 / GIB));
}

bool lab_guest_is_whole(const struct lab_guest *g)
{
	for (uint32_t i = 0; i < g->n_nics; i++)
		if (!g->nics[i].network || g->nics[i].address.m.state == META_POISONED)
			return false;
	/* without a system, whatever else was to stand here may be lost too */
	return g->os && !meta_poisoned(g->m) && !(g->m.flags & META_INCOMPLETE);
}

enum egress lab_held_egress(const struct lab_network *n)
{
	if (!meta_ok(n->subnet.m) || !meta_ok(n->egress.m))
		return EGRESS_ALL;
	if (n->egress.v == EGRESS_INTERNET && n->kind.v != KIND_NAT)
		return EGRESS_ALL;
	return (enum egress)n->egress.v;
}
