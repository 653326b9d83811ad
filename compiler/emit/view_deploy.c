/* What the deploy scripts read: they are the same for every lab, this is not. Everything here is words of
 * labc's own tables, numbers and names, so that a shell may read it line by line. */
#include "emit/view.h"
#include "model/azure.h"

static void need(const struct view *v, struct ct_value *list, uint64_t n, struct sv size, uint64_t vcpus,
		 const char *quota)
{
	ct_list_add(v->a, list,
		    ct_text(sv_fmt(v->a, "%llu machine%s of %.*s: %llu vCPUs of the quota of %s",
				   (unsigned long long)n, n == 1 ? "" : "s", SV_ARG(size),
				   (unsigned long long)vcpus, quota)));
}

/* Each size once, with the machines of all hosts that have it. */
static struct ct_value needs(const struct view *v)
{
	const struct lab *l = v->lab;
	struct ct_value list = ct_list_new(v->a, 4);

	for (uint32_t i = 0; i < l->n_hosts; i++) {
		const struct lab_host *h = &l->hosts[i];
		uint64_t n = 0, vcpus = meta_ok(h->vcpus.m) ? (uint64_t)h->vcpus.v : 0;
		bool first = true;

		for (uint32_t k = 0; k < l->n_hosts; k++)
			if (sv_eq(l->hosts[k].vm_size, h->vm_size)) {
				first = first && k >= i;
				n += (uint64_t)l->hosts[k].seats.v;
			}
		if (!first)
			continue;
		if (l->target == TARGET_LAB_SERVICES)
			need(v, &list, n, h->size_text, n * vcpus,
			     "Azure Lab Services in the lab plan's region");
		else
			need(v, &list, n, h->vm_size, n * vcpus,
			     h->azure_size ? sv_fmt(v->a, "the %s series and of the region's total",
						    h->azure_size->series->name)
						 .p
					   : "the region");
	}
	return list;
}

/* Whether the deployment makes an account of the students: on devtest-labs the artifact does. */
static bool wants_student(const struct view *v)
{
	const struct lab *l = v->lab;
	const struct spec_target_image *image = azure_image(l);
	bool any = false;

	if (l->target == TARGET_LAB_SERVICES)
		return l->n_groups && !l->groups[0].template_host->admin_students.v;
	for (uint32_t i = 0; i < l->n_hosts; i++)
		any = any || !l->hosts[i].admin_students.v;
	if (l->target == TARGET_DEVTEST_LABS)
		return any && meta_ok(l->spec->lab.targets.devtest_labs.artifact_repository.m);
	return any && !(image && meta_ok(image->id.m));
}

/* Parameters without a default: passwords, and what nobody wrote. */
static struct ct_value secrets(const struct view *v)
{
	const struct lab *l = v->lab;
	const struct spec_target_image *image = azure_image(l);
	struct ct_value list = ct_list_new(v->a, 3);

	/* a specialized image keeps its accounts */
	if (l->target != TARGET_AZURE_VM || !image || !meta_ok(image->id.m))
		ct_list_add(v->a, &list, ct_text(SV("adminPassword")));
	if (wants_student(v))
		ct_list_add(v->a, &list, ct_text(SV("studentPassword")));
	for (uint32_t i = 0; i < l->n_hosts; i++)
		if (azure_keeps_password(&l->hosts[i])) {
			ct_list_add(v->a, &list, ct_text(SV("guestPassword")));
			break;
		}
	if (l->target == TARGET_LAB_SERVICES && !meta_ok(l->spec->lab.targets.lab_services.lab_plan.m))
		ct_list_add(v->a, &list, ct_text(SV("labPlanId")));
	if (l->target == TARGET_DEVTEST_LABS &&
	    meta_ok(l->spec->lab.targets.devtest_labs.artifact_repository.m))
		ct_list_add(v->a, &list, ct_text(SV("artifactRepoToken")));
	return list;
}

struct ct_value view_tags(const struct view *v)
{
	const struct spec_lab *p = &v->lab->spec->lab;
	struct ct_value list = ct_list_new(v->a, p->tags.n + 1), tag = ct_dict_new(v->a, 2);

	view_put_str(v, &tag, "name", AZURE_LAB_TAG);
	view_put(v, &tag, "value", ct_text(v->lab->name));
	ct_list_add(v->a, &list, tag);
	for (uint32_t i = 0; meta_ok(p->tags.m) && i < p->tags.n; i++) {
		tag = ct_dict_new(v->a, 2);
		view_put_text(v, &tag, "name", p->tags.v[i].name, p->tags.v[i].m);
		/* an empty text is a value too */
		view_put(v, &tag, "value", ct_text(p->tags.v[i].v));
		ct_list_add(v->a, &list, tag);
	}
	return list;
}

struct ct_value view_deploy(const struct view *v)
{
	struct ct_value d = ct_dict_new(v->a, 8);

	view_put(v, &d, "lab", ct_text(v->lab->name));
	view_put_str(v, &d, "target", target_word(v->lab->target));
	view_put_str(v, &d, "retires", v->lab->target_info->retires);
	view_put_str(v, &d, "count", v->lab->target == TARGET_LAB_SERVICES ? "capacity" : "seats");
	view_put(v, &d, "needs", needs(v));
	view_put(v, &d, "secrets", secrets(v));
	return d;
}
