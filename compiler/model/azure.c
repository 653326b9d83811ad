#include "model/azure.h"

#include "base/buf.h"

static const struct spec_target_azure_vm *vm_of(const struct lab *lab)
{
	return &lab->spec->lab.targets.azure_vm;
}

struct v_prefix azure_vnet(const struct lab *lab)
{
	struct v_prefix p = vm_of(lab)->vnet;

	if (p.m.state == META_ABSENT)
		p = (struct v_prefix){{.state = META_OK, .origin = ORIGIN_BUILTIN}, 0x0a000000u, 16};
	return p;
}

bool azure_has_public_ip(const struct lab *lab)
{
	const struct v_enum *ip = &vm_of(lab)->public_ip;

	return meta_ok(ip->m) && ip->v != PUBLIC_IP_NONE;
}

bool azure_has_bastion(const struct lab *lab)
{
	const struct v_bool *b = &vm_of(lab)->bastion;

	return meta_ok(b->m) ? b->v : !azure_has_public_ip(lab);
}

const struct spec_target_image *azure_image(const struct lab *lab)
{
	const struct spec_target_image *i = lab->target == TARGET_DEVTEST_LABS
						? &lab->spec->lab.targets.devtest_labs.image
						: &lab->spec->lab.targets.azure_vm.image;

	return meta_ok(i->id.m) || meta_ok(i->publisher.m) ? i : NULL;
}

enum security_type azure_security(const struct lab_host *h)
{
	const struct v_enum *type = &vm_of(h->lab)->security_type;
	const struct spec_target_image *image = azure_image(h->lab);
	const struct azure_size *z = h->azure_size;

	if (meta_ok(type->m))
		return (enum security_type)type->v;
	if ((image && meta_ok(image->id.m)) || !z || !(z->series->flags & AZ_TRUSTED_LAUNCH) ||
	    azure_size_version(z) < 5)
		return SECURITY_STANDARD;
	return SECURITY_TRUSTED_LAUNCH;
}

bool azure_has_data_disk(const struct lab_host *h)
{
	char letter =
	    meta_ok(h->data.m) && h->data.v.n > 1 && h->data.v.p[1] == ':' ? ch_lower(h->data.v.p[0]) : 0;

	return letter != 'c' && letter != 'd';
}

struct sv azure_machine_name(struct arena *a, const struct lab_host *h, uint32_t seat)
{
	int digits = 2;

	if (h->seats.v <= 1)
		return h->name;
	for (int64_t n = h->seats.v; n >= 100; n /= 10)
		digits++;
	return sv_fmt(a, SV_FMT "-%0*u", SV_ARG(h->name), digits, seat);
}

struct v_time azure_shutdown(const struct lab *lab)
{
	return lab->target == TARGET_DEVTEST_LABS ? lab->spec->lab.targets.devtest_labs.auto_shutdown
						  : vm_of(lab)->auto_shutdown;
}

bool azure_keeps_password(const struct lab_host *h)
{
	const struct lab *lab = h->lab;

	if (h->resume.v != RESUME_TASK)
		return false;
	if (lab->target == TARGET_DEVTEST_LABS) {
		if (!meta_ok(lab->spec->lab.targets.devtest_labs.artifact_repository.m))
			return false;
	} else if (lab->target != TARGET_AZURE_VM)
		return false;
	for (uint32_t i = 0; i < h->n_guests; i++)
		if (guest_asks_password(&h->guests[i]))
			return true;
	return false;
}

uint64_t azure_resources(const struct lab *lab)
{
	struct v_time off = azure_shutdown(lab);
	/* group, network, gateway with its address, Bastion */
	uint64_t n = 5;

	for (uint32_t i = 0; i < lab->n_hosts && n < 1000000000; i++) {
		const struct lab_host *h = &lab->hosts[i];
		/* adapter, machine, two run commands; shutdown, public address, account, password, restart */
		uint64_t per_seat = 4u + (meta_ok(off.m) && !off.off) + azure_has_public_ip(lab) +
				    !h->admin_students.v + azure_keeps_password(h) + (h->resume.v == RESUME_TASK);

		n += (lab->target == TARGET_DEVTEST_LABS ? 1 : per_seat) * (uint64_t)h->seats.v;
	}
	return n;
}
