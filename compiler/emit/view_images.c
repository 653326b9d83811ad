/* The images of a lab as templates see them: the same list and the same words as `labc images`. */
#include "emit/view.h"

#include "model/needs.h"

static struct ct_value step_value(const struct view *v, const struct need_step *s)
{
	static const char *const kinds[] = { [PART_TEXT] = "text", [PART_CODE] = "code", [PART_LINK] = "link" };
	struct ct_value list = ct_list_new(v->a, (uint32_t)s->parts.n);

	for (size_t i = 0; i < s->parts.n; i++) {
		struct ct_value d = ct_dict_new(v->a, 3);

		for (enum part_kind k = PART_TEXT; k <= PART_LINK; k++)
			view_put(v, &d, kinds[k], k == s->parts.v[i].kind ? ct_text(s->parts.v[i].text) : ct_none());
		ct_list_add(v->a, &list, d);
	}
	return list;
}

/* The guests as written, each once, of the hosts that images are put on. */
static size_t written_guests(const struct lab *lab)
{
	size_t n = 0;

	for (uint32_t i = 0; i < lab->n_hosts; i++) {
		const struct lab_host *h = &lab->hosts[i];

		if (!h->group || h->group->template_host == h)
			for (uint32_t k = 0; k < h->n_guests; k++)
				n += h->guests[k].copy <= 1 && h->guests[k].seat <= 1;
	}
	return n;
}

static struct ct_value need_value(const struct view *v, const struct image_need *n, size_t n_guests)
{
	struct ct_value d = ct_dict_new(v->a, 8), guests = ct_list_new(v->a, (uint32_t)n->guests.n);
	struct ct_value steps = ct_list_new(v->a, n->n_steps);

	view_put_text(v, &d, "name", n->name, n->m);
	view_put_bool(v, &d, "download", n->url.n > 0);
	view_put_str(v, &d, "use", need_use_name(n->use));
	view_put_str(v, &d, "os_name", n->os ? n->os->name : NULL);
	for (size_t i = 0; i < n->guests.n; i++) {
		struct ct_value g = view_dict(v, VIEW_IMAGE_GUEST);

		view_put_text(v, &g, "host", n->guests.v[i]->host->name, n->guests.v[i]->host->m);
		view_put_text(v, &g, "guest", n->guests.v[i]->base, n->guests.v[i]->m);
		ct_list_add(v->a, &guests, g);
	}
	view_put(v, &d, "guests", guests);
	/* of further disks a guest may have two from one file */
	view_put_bool(v, &d, "all", n->use == NEED_SYSTEM && n->guests.n > 3 && n->guests.n == n_guests);
	for (uint32_t i = 0; i < n->n_steps; i++)
		ct_list_add(v->a, &steps, step_value(v, &n->steps[i]));
	view_put(v, &d, "steps", steps);
	return d;
}

struct ct_value view_images(const struct view *v)
{
	struct image_needs needs;
	size_t n_guests = written_guests(v->lab);
	struct ct_value list;

	lab_image_needs(&needs, v->a, v->lab);
	list = ct_list_new(v->a, (uint32_t)needs.v.n);
	for (size_t i = 0; i < needs.v.n; i++)
		ct_list_add(v->a, &list, need_value(v, &needs.v.v[i], n_guests));
	return list;
}
