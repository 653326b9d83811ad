/* One host or several: what is written becomes one list. */
#include "schema/decode_internal.h"

static void report_both_hosts(struct decoder *d, struct meta one, const char *name, struct meta many)
{
	bool one_later = one.doc == many.doc && one.node > many.node;
	struct meta later = one_later ? one : many, first = one_later ? many : one;

	decoder_enter(d, later.doc);
	struct diag *g = report_at(d, CODE_HOST_AND_HOSTS, spec_key_span(d->s, later),
				   "'hosts' and '%s' exclude each other", name);

	diag_label(d->diags, g, spec_key_span(d->s, first), "'%s' is here", one_later ? "hosts" : name);
	diag_help(d->diags, g, "one host: 'host' and 'guests'; several: 'hosts', each with its own 'guests'");
}

static void check_hosts(struct decoder *d)
{
	struct spec_lab *lab = &d->s->lab;
	bool one = lab->host.h.m.state != META_ABSENT, guests = lab->guests.m.state != META_ABSENT;
	bool many = lab->hosts.m.state != META_ABSENT;
	/* Guests may rely on a host that is all defaults. */
	bool implied = guests && lab->defaults.host.size.h.m.state != META_ABSENT;

	if (many && (one || guests)) {
		report_both_hosts(d, one ? lab->host.h.m : lab->guests.m, one ? "host" : "guests",
				  lab->hosts.m);
		return;
	}
	if (many && lab->hosts.m.state == META_OK && lab->hosts.n == 0)
		many = false;
	if (one || many || implied || d->s->incomplete || (lab->h.m.flags & META_INCOMPLETE))
		return;
	uint32_t at = guests ? lab->guests.m.node - 1 : ynode_first(d->y, ynode_resolve(d->y, d->y->root));
	struct diag *g = report_at(d, CODE_NO_HOST, ynode_span(d->y, at ? at : d->y->root),
				   guests ? "'guests' without 'host': the lab has no machine to run them"
					  : "the lab has no host");
	diag_help(d->diags, g, "add 'host: { size: Medium (Nested virtualization) }'%s",
		  guests ? "" : " and 'guests'");
}

/* The one host becomes the only item of hosts; beside hosts it joins them, so that names still resolve. */
static void unify_hosts(struct spec *s)
{
	struct spec_lab *lab = &s->lab;
	bool one = lab->host.h.m.state != META_ABSENT || lab->guests.m.state != META_ABSENT;

	if (!one)
		return;
	struct spec_host *v = NEW(s->a, struct spec_host, lab->hosts.n + 1);
	*v = lab->host;
	v->h.name = lab->host.name.m.state == META_OK ? lab->host.name.v : SV("host");
	v->guests = lab->guests;
	/* what the host lacks was said once, of all of it */
	if (v->h.m.state == META_ABSENT) {
		v->h.m = lab->guests.m;
		v->h.m.flags |= META_INCOMPLETE;
	}
	for (uint32_t i = 0; i < lab->hosts.n; i++)
		v[i + 1] = lab->hosts.v[i];
	s->single_host = lab->hosts.n == 0;
	lab->hosts.v = v;
	lab->hosts.n++;
	if (lab->hosts.m.state == META_ABSENT)
		lab->hosts.m = v->h.m;
}

void decode_hosts(struct decoder *d)
{
	check_hosts(d);
	unify_hosts(d->s);
}
