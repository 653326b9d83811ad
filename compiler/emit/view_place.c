/* Where the rows of a script's table stand in lab.yaml, so that a failure on the machine can name the line.
 *
 * A place is one text: the path as `labc why` takes it, the line of the row, then KEY=LINE for every property that is
 * written on another line: "guests.ubuntu 31 memory=33 vcpus=8@1". "@1" is the second file of lab.files, 0 no line. */
#include "base/buf.h"
#include "emit/view.h"

/* A property of a row: the key below the row's path, and where the model or the spec keeps its meta. */
struct place_key {
	const char *key;
	uint32_t offset;
};

#define IN(type, member) { #member, offsetof(struct type, member) }
#define NAMED(type, key, member) { key, offsetof(struct type, member) }

/* Only what a script compares, reports or may fail on: each one costs bytes in every script. */
static const struct place_key guest_keys[] = {
	IN(lab_guest, vcpus), IN(lab_guest, generation), NAMED(lab_guest, "memory.minimum", minimum),
	NAMED(lab_guest, "memory.maximum", maximum),
	NAMED(lab_guest, "memory.buffer", buffer), NAMED(lab_guest, "memory.weight", weight), IN(lab_guest, iso),
	IN(lab_guest, tpm), IN(lab_guest, processor_compatibility), IN(lab_guest, nested), IN(lab_guest, on_demand),
	IN(lab_guest, automatic_stop), IN(lab_guest, automatic_start), IN(lab_guest, start_delay),
	IN(lab_guest, checkpoints), IN(lab_guest, notes),
};
static const struct place_key written_guest_keys[] = {
	IN(spec_guest, os), IN(spec_guest, image), IN(spec_guest, secure_boot), IN(spec_guest, start_after),
	IN(spec_guest, tests),
};
static const struct place_key disk_keys[] = {
	IN(lab_disk, size), IN(lab_disk, format), IN(lab_disk, type), IN(lab_disk, source), IN(lab_disk, parent),
};
static const struct place_key nic_keys[] = {
	IN(lab_nic, address), IN(lab_nic, mac), IN(lab_nic, legacy), IN(lab_nic, vlan),
};
static const struct place_key mapping_keys[] = {
	IN(lab_mapping, external), IN(lab_mapping, internal), IN(lab_mapping, protocol), IN(lab_mapping, external_address),
};
static const struct place_key network_keys[] = {
	IN(lab_network, kind), NAMED(lab_network, "switch", switch_name), IN(lab_network, nat), IN(lab_network, subnet),
	IN(lab_network, gateway), IN(lab_network, dns), NAMED(lab_network, "dhcp.range", range),
	NAMED(lab_network, "dhcp.lease", lease), NAMED(lab_network, "dhcp.scope", scope), IN(lab_network, guard),
	IN(lab_network, egress),
};
static const struct place_key host_keys[] = {
	IN(lab_host, data), IN(lab_host, reserve), IN(lab_host, admin_students), IN(lab_host, student_user),
	IN(lab_host, desktop_shortcut), IN(lab_host, resume),
};
#define KEYS(v) (v), sizeof(v) / sizeof((v)[0])

/* A text in the making. */
struct place {
	const struct view *v;
	struct buf b;
	uint32_t line, doc; /* of the row */
};

static uint32_t line_of(const struct place *p, struct meta m)
{
	struct span at = spec_key_span(p->v->lab->spec, m);

	/* properties stand below the line of their row */
	return source_line_near(p->v->lab->diags->sources, at.src, at.off, p->line);
}

static void put_line(struct place *p, uint32_t line, uint32_t doc)
{
	buf_u64(&p->b, line);
	if (doc) {
		buf_ch(&p->b, '@');
		buf_u64(&p->b, doc);
	}
}

/* Behind the path: the line of the row. */
static void put_row(struct place *p, struct meta m)
{
	p->line = meta_written(m) ? line_of(p, m) : 0;
	p->doc = p->line ? m.doc : 0;
	buf_ch(&p->b, ' ');
	put_line(p, p->line, p->doc);
}

static void put_key(struct place *p, const char *key, struct meta m)
{
	uint32_t line;

	if (!meta_written(m))
		return;
	line = line_of(p, m);
	if (line == p->line && m.doc == p->doc)
		return;
	buf_ch(&p->b, ' ');
	buf_str(&p->b, key);
	buf_ch(&p->b, '=');
	put_line(p, line, m.doc);
}

/* `base` is the struct the offsets are of. */
static void put_keys(struct place *p, const void *base, const struct place_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_key(p, keys[i].key, *(const struct meta *)(const void *)((const char *)base + keys[i].offset));
}

static struct ct_value finish(struct place *p)
{
	struct sv text = buf_take(&p->b, p->v->a);

	buf_release(&p->b);
	return ct_text(text);
}

static void put_host_path(struct place *p, const struct lab_host *h)
{
	if (p->v->lab->spec->single_host) {
		buf_str(&p->b, "host");
	} else {
		buf_str(&p->b, "hosts.");
		buf_sv(&p->b, h->name);
	}
}

static void put_guest_path(struct place *p, const struct lab_guest *g)
{
	if (!p->v->lab->spec->single_host) {
		put_host_path(p, g->host);
		buf_ch(&p->b, '.');
	}
	buf_str(&p->b, "guests.");
	buf_sv(&p->b, g->base);
}

/* --- hosts of one lab have one script: the lines in it are those of the template's host --- */

static const struct lab_host *template_of(const struct lab_host *h)
{
	return h->group ? h->group->template_host : h;
}

static const struct lab_guest *template_guest(const struct lab_guest *g)
{
	return &template_of(g->host)->guests[g - g->host->guests];
}

struct ct_value view_place_host(const struct view *v, const struct lab_host *h)
{
	struct place p = { .v = v };

	h = template_of(h);
	put_host_path(&p, h);
	put_row(&p, h->m);
	put_keys(&p, h, KEYS(host_keys));
	return finish(&p);
}

struct ct_value view_place_network(const struct view *v, const struct lab_network *n)
{
	struct place p = { .v = v };

	n = &template_of(n->host)->networks[n - n->host->networks];
	put_host_path(&p, n->host);
	if (n->is_nat_section) {
		buf_str(&p.b, ".network");
	} else {
		buf_str(&p.b, ".networks.");
		buf_sv(&p.b, n->base);
	}
	put_row(&p, n->m);
	put_keys(&p, n, KEYS(network_keys));
	return finish(&p);
}

static void put_nic_keys(struct place *p, const struct lab_nic *n, struct meta network)
{
	put_key(p, "network", network);
	put_keys(p, n, KEYS(nic_keys));
}

struct ct_value view_place_guest(const struct view *v, const struct lab_guest *g)
{
	struct place p = { .v = v };

	g = template_guest(g);
	put_guest_path(&p, g);
	put_row(&p, g->m);
	put_key(&p, g->spec->memory.h.m.flags & META_SHORT ? "memory" : "memory.startup", g->startup.m);
	put_keys(&p, g, KEYS(guest_keys));
	put_keys(&p, g->spec, KEYS(written_guest_keys));
	for (uint32_t i = 0; i < g->n_nics; i++)
		if (!g->nics[i].spec)
			put_nic_keys(&p, &g->nics[i], g->spec->network.m);
	return finish(&p);
}

struct ct_value view_place_disk(const struct view *v, const struct lab_guest *g, const struct lab_disk *d)
{
	struct place p = { .v = v };
	size_t i = (size_t)(d - g->disks);

	g = template_guest(g);
	d = &g->disks[i];
	put_guest_path(&p, g);
	if (i == 0)
		buf_str(&p.b, ".disk");
	else
		buf_fmt(&p.b, ".disks[%zu]", i - 1);
	put_row(&p, d->m);
	put_keys(&p, d, KEYS(disk_keys));
	return finish(&p);
}

struct ct_value view_place_nic(const struct view *v, const struct lab_nic *n)
{
	struct place p = { .v = v };
	size_t i = (size_t)(n - n->guest->nics);

	n = &template_guest(n->guest)->nics[i];
	if (!n->spec)
		return ct_none();
	put_guest_path(&p, n->guest);
	buf_fmt(&p.b, ".nics[%zu]", i);
	put_row(&p, n->m);
	put_nic_keys(&p, n, n->spec->network.m);
	return finish(&p);
}

struct ct_value view_place_mapping(const struct view *v, const struct lab_mapping *m)
{
	struct place p = { .v = v };
	size_t i = (size_t)(m - m->guest->mappings);

	m = &template_guest(m->guest)->mappings[i];
	put_guest_path(&p, m->guest);
	buf_fmt(&p.b, ".ports[%zu]", (size_t)(m->spec - m->guest->spec->ports.v));
	put_row(&p, m->m);
	put_keys(&p, m, KEYS(mapping_keys));
	return finish(&p);
}
