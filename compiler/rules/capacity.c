/* Figures of a host that several rules need: what runs together, and which size would fit. */
#include "rules/rule.h"

static bool runs(const struct lab_guest *g) { return !is_true(g->on_demand); }

bool capacity_is_known(const struct lab_host *h)
{
	enum target t = h->lab->target;

	if (!is_ok(h->vcpus.m) || !is_ok(h->memory.m))
		return false;
	if (t == TARGET_LAB_SERVICES && h->lab_size)
		return h->lab_size->nested || sv_starts(sv_from(h->lab_size->sku), SV("Standard_"));
	return t == TARGET_HYPER_V || !h->azure_size || h->azure_size->series->flags & AZ_NESTED;
}

bool capacity_memory(const struct lab_host *h, uint64_t *startup)
{
	uint64_t sum = 0;

	EACH_GUEST(h, g) {
		if (!runs(g))
			continue;
		if (!is_ok(g->startup.m) || !num_add_u64(sum, g->startup.v, &sum))
			return false;
	}
	*startup = sum;
	return true;
}

/* Whether Azure size a is to be preferred to b for this host: less memory, then fewer processors, then the
 * series the host has or the ones documented best. */
static bool is_better(const struct lab_host *h, const struct azure_size *a, const struct azure_size *b)
{
	const char *const usual[] = { h->azure_size ? h->azure_size->series->name : "Dsv5", "Dsv5", "Esv5" };

	if (!b || a->memory_mib != b->memory_mib)
		return !b || a->memory_mib < b->memory_mib;
	if (a->vcpus != b->vcpus)
		return a->vcpus < b->vcpus;
	for (size_t i = 0; i < COUNTOF(usual); i++) {
		bool is_a = sv_eq(sv_from(a->series->name), sv_from(usual[i]));

		if (is_a != sv_eq(sv_from(b->series->name), sv_from(usual[i])))
			return is_a;
	}
	return false;
}

struct sv capacity_smallest(struct rule_ctx *cx, const struct lab_host *h, uint64_t memory, int64_t vcpus)
{
	const struct azure_size *best = NULL;

	if (cx->lab->target == TARGET_HYPER_V)
		return SV("");
	if (cx->lab->target == TARGET_LAB_SERVICES) {
		for (size_t i = 0; i < lab_sizes_count; i++) {
			const struct lab_size *z = &lab_sizes[i];

			/* The table has the smaller of the two first. */
			if (z->nested && !z->classic && z->memory_mib * MIB >= memory && z->vcpus >= vcpus)
				return sv_fmt(cx->a, "'%s' (%u vCPUs, %u GiB)", z->portal, z->vcpus,
					      z->memory_mib / 1024);
		}
		return SV("");
	}
	for (size_t i = 0; i < azure_sizes_count; i++) {
		const struct azure_size *z = &azure_sizes[i];

		if (z->series->flags & AZ_NESTED && !z->series->retires && z->memory_mib * MIB >= memory &&
		    z->vcpus >= vcpus && is_better(h, z, best))
			best = z;
	}
	if (!best)
		return SV("");
	return sv_fmt(cx->a, "'%s' (%u vCPUs, %u GiB)", best->name, best->vcpus, best->memory_mib / 1024);
}

static void line(struct buf *b, struct sv amount, const char *what)
{
	if (b->n)
		buf_ch(b, '\n');
	if (amount.n < 10)
		buf_fill(b, ' ', 10 - amount.n);
	buf_sv(b, amount);
	buf_str(b, "  ");
	buf_str(b, what);
}

/* At most this many guests are listed; the rest is one line. */
enum { LISTED = 12 };

void capacity_table(struct rule_ctx *cx, struct buf *b, const struct lab_host *h)
{
	uint64_t sum = 0, rest = 0;
	uint32_t listed = 0, more = 0;

	for (uint32_t i = 0; i < h->n_guests; i++) {
		const struct lab_guest *g = h->start_order[i];

		if (!runs(g))
			continue;
		sum += g->startup.v;
		if (listed++ >= LISTED) {
			rest += g->startup.v;
			more++;
			continue;
		}
		line(b, gib(cx, g->startup.v), sv_cstr(cx->a, g->name));
	}
	if (more)
		line(b, gib(cx, rest), sv_cstr(cx->a, sv_fmt(cx->a, "%u more guests", more)));
	line(b, gib(cx, h->reserve.v), "kept for Windows (reserve)");
	line(b, gib(cx, sum + h->reserve.v), "needed");
	line(b, gib(cx, h->memory.v),
	     sv_cstr(cx->a, sv_fmt(cx->a, "host (" SV_FMT ")", SV_ARG(h->size_text))));
}
