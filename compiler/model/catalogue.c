/* Look-ups in the tables of sizes. */
#include "model/catalogue.h"

/* Equal but for case and blanks. */
static bool same_name(struct sv a, struct sv b)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a.n && (a.p[i] == ' ' || a.p[i] == '\t'))
			i++;
		while (j < b.n && (b.p[j] == ' ' || b.p[j] == '\t'))
			j++;
		if (i == a.n || j == b.n)
			return i == a.n && j == b.n;
		if (ch_lower(a.p[i++]) != ch_lower(b.p[j++]))
			return false;
	}
}

const struct lab_size *catalogue_lab_size(struct sv name)
{
	char first;

	while (name.n && (name.p[0] == ' ' || name.p[0] == '\t'))
		name = sv_sub(name, 1, name.n);
	first = name.n ? ch_lower(name.p[0]) : '\0';
	for (size_t i = 0; i < lab_sizes_count; i++) {
		const char *const names[] = { lab_sizes[i].portal, lab_sizes[i].sku, lab_sizes[i].api,
					      lab_sizes[i].azure };

		for (size_t k = 0; k < 4; k++)
			if (names[k] && ch_lower(names[k][0]) == first && same_name(sv_from(names[k]), name))
				return &lab_sizes[i];
	}
	return NULL;
}

const struct azure_size *catalogue_azure_size(struct sv name)
{
	/* what does not even begin like Standard_... needs no comparing with all */
	if (!sv_eq_nocase(sv_sub(sv_trim(name), 0, 1), SV("S")))
		return NULL;
	for (size_t i = 0; i < azure_sizes_count; i++)
		if (same_name(sv_from(azure_sizes[i].name), name))
			return &azure_sizes[i];
	return NULL;
}

const struct lab_size *catalogue_lab_size_for(uint32_t vcpus, uint64_t memory_mib)
{
	const struct lab_size *best = NULL;

	for (size_t i = 0; i < lab_sizes_count; i++) {
		const struct lab_size *z = &lab_sizes[i];

		if (z->nested && !z->classic && z->vcpus >= vcpus && z->memory_mib >= memory_mib &&
		    (!best || z->memory_mib < best->memory_mib))
			best = z;
	}
	return best;
}

const struct azure_size *catalogue_azure_size_for(uint32_t vcpus, uint64_t memory_mib)
{
	/* the series that Microsoft recommends for Hyper-V inside: general, then with much memory */
	static const char *const series[] = { "Dsv5", "Esv5" };
	const struct azure_size *best = NULL;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < azure_sizes_count; i++) {
			const struct azure_size *z = &azure_sizes[i];

			if (sv_eq(sv_from(z->series->name), sv_from(series[k])) && z->vcpus >= vcpus &&
			    z->memory_mib >= memory_mib && (!best || z->vcpus < best->vcpus))
				best = z;
		}
	return best;
}

unsigned azure_size_version(const struct azure_size *z)
{
	struct sv name = sv_from(z->name);

	for (size_t i = name.n; i > 1; i--)
		if (name.p[i - 2] == '_' && name.p[i - 1] == 'v') {
			uint64_t v;

			return num_u64(sv_sub(name, i, name.n), &v) ? (unsigned)v : 1;
		}
	return 1;
}

/* Lower case and without blanks and parentheses: what is compared to find the nearest name. */
static struct sv simplify(struct sv s, char *buf, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < cap; i++)
		if (s.p[i] != ' ' && s.p[i] != '(' && s.p[i] != ')' && s.p[i] != '_' && s.p[i] != '-')
			buf[n++] = ch_lower(s.p[i]);
	return (struct sv){ buf, n };
}

struct nearest {
	struct sv want, best;
	unsigned distance;
};

static void try_name(struct nearest *n, const char *name)
{
	char buf[64];
	unsigned distance;

	if (!name || !sv_is_near(n->want, simplify(sv_from(name), buf, sizeof(buf)), &distance))
		return;
	if (!n->best.n || distance < n->distance) {
		n->best = sv_from(name);
		n->distance = distance;
	}
}

struct sv catalogue_size_near(struct sv name, bool lab)
{
	/* Names people use for the two nested sizes. */
	static const struct {
		const char *word, *size;
	} words[] = {
		{ "mediumnested", "Medium (nested virtualization)" },
		{ "largenested", "Large (nested virtualization)" },
		{ "nestedmedium", "Medium (nested virtualization)" },
		{ "nestedlarge", "Large (nested virtualization)" },
	};
	char buf[64], azure[80] = "standard";
	struct nearest n = { .want = simplify(name, buf, sizeof(buf)) };

	if (lab) {
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (sv_eq(n.want, sv_from(words[i].word)))
				return sv_from(words[i].size);
		/* The documented nested sizes first: on a tie they are what was meant. */
		for (int nested = 1; nested >= 0; nested--)
			for (size_t i = 0; i < lab_sizes_count; i++)
				if (lab_sizes[i].nested == (bool)nested) {
					try_name(&n, lab_sizes[i].portal);
					try_name(&n, lab_sizes[i].api);
					try_name(&n, lab_sizes[i].sku);
				}
		return n.best;
	}
	if (!sv_starts(n.want, SV("standard"))) {
		for (size_t i = 0; i < n.want.n; i++)
			azure[8 + i] = n.want.p[i];
		n.want = (struct sv){ azure, n.want.n + 8 };
	}
	for (size_t i = 0; i < azure_sizes_count; i++)
		try_name(&n, azure_sizes[i].name);
	return n.best;
}
