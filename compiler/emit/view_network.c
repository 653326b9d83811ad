/* The part of the view that describes a network. */
#include "base/num.h"
#include "emit/view.h"
#include "schema/table.h"

static struct ct_value dhcp_value(const struct view *v, const struct lab_network *n)
{
	struct ct_value d = ct_dict_new(v->a, 4);

	if (!n->dhcp)
		return ct_none();
	view_put(v, &d, "start", meta_ok(n->range.m) ? ct_text(num_ip_text(v->a, n->range.lo)) : ct_none());
	view_put(v, &d, "end", meta_ok(n->range.m) ? ct_text(num_ip_text(v->a, n->range.hi)) : ct_none());
	view_put_number(v, &d, "lease", n->lease.m, n->lease.v);
	view_put_v_text(v, &d, "scope", n->scope);
	return d;
}

void view_put_kind(const struct view *v, struct ct_value *d, const struct lab_network *n)
{
	if (n && n->is_external)
		view_put_str(v, d, "kind", "external");
	else
		view_put_enum(v, d, "kind", n ? n->kind : (struct v_enum){ 0 }, &words_kind);
}

void view_put_subnet(const struct view *v, struct ct_value *d, const struct lab_network *n)
{
	bool known = n && meta_ok(n->subnet.m);
	uint32_t mask = known && n->subnet.len ? UINT32_MAX << (32 - n->subnet.len) : 0;

	view_put(v, d, "subnet", known ? ct_text(prefix_text(v->a, n->subnet)) : ct_none());
	view_put(v, d, "prefix_length", known ? ct_int(n->subnet.len) : ct_none());
	view_put(v, d, "mask", known ? ct_text(num_ip_text(v->a, mask)) : ct_none());
}

struct ct_value view_network(const struct view *v, const struct lab_network *n)
{
	struct ct_value d = ct_dict_new(v->a, 18);

	view_put_text(v, &d, "name", n->name, n->m);
	view_put(v, &d, "at", view_place_network(v, n));
	view_put_kind(v, &d, n);
	view_put(v, &d, "address", meta_ok(n->subnet.m) ? ct_text(num_ip_text(v->a, n->subnet.v)) : ct_none());
	view_put_v_text(v, &d, "switch", n->switch_name);
	view_put_v_text(v, &d, "nat", n->nat);
	view_put(v, &d, "nat_prefix", meta_ok(n->nat_prefix.m) ? ct_text(prefix_text(v->a, n->nat_prefix)) : ct_none());
	view_put_subnet(v, &d, n);
	/* the server's own address in its external switch is not the lab's matter */
	view_put_ip(v, &d, "gateway", n->is_external ? (struct v_ip){ 0 } : n->gateway);
	view_put(v, &d, "dns", view_dns(v, n->dns));
	view_put_bool(v, &d, "dns_from_host", meta_ok(n->dns.m) && n->dns.is_host);
	view_put(v, &d, "dhcp", dhcp_value(v, n));
	view_put_enum(v, &d, "egress", n->egress, &words_egress);
	view_put_str(v, &d, "held", words_egress.v[lab_held_egress(n)].word);
	view_put_bool(v, &d, "guard", meta_ok(n->guard.m) && n->guard.v);
	return d;
}
