#include "tests/fuzz/fuzz_ct.h"

/* Rendering with little fuel: ends, and fails only with a finding. The text up to a NUL is the
 * template, the rest another one it may include; pieces of the input are values, too. */

struct texts {
	struct sv other;
};

static bool load(void *user, struct sv name, struct sv *text, struct sv *path)
{
	struct texts *t = user;

	(void)path;
	*text = t->other;
	return sv_eq(name, SV("o"));
}

static struct ct_value context(struct arena *a, struct sv text)
{
	struct ct_value d = ct_dict_new(a, 0), l = ct_list_new(a, 0), vm = ct_dict_new(a, 0);

	ct_dict_set(a, &vm, SV("name"), ct_text(sv_sub(text, 0, 12)));
	ct_dict_set(a, &vm, SV("n"), ct_int((int64_t)text.n));
	ct_dict_set(a, &vm, SV("d"), ct_double(1.5));
	for (int i = 0; i < 3; i++)
		ct_list_add(a, &l, i ? vm : ct_int(-3));
	ct_list_add(a, &l, l); /* a list that holds itself */
	ct_dict_set(a, &d, SV("a"), ct_text(text));
	ct_dict_set(a, &d, SV("b"), ct_bool(true));
	ct_dict_set(a, &d, SV("c"), ct_none());
	ct_dict_set(a, &d, SV("l"), l);
	ct_dict_set(a, &d, SV("v"), vm);
	return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f;
	const struct ct_template *t;
	struct sv text = { (const char *)data + 1, size ? size - 1 : 0 };
	const char *nul = size ? memchr(data + 1, 0, size - 1) : NULL;
	struct texts others = { SV("") };
	struct buf out = { 0 };

	if (!size)
		return 0;
	if (nul) {
		others.other = sv_sub(text, (size_t)(nul - text.p) + 1, text.n);
		text.n = (size_t)(nul - text.p);
	}
	fuzz_begin(&f, data[0]);
	ct_env_loader(f.env, load, &others);
	t = ct_compile(f.env, SV("t"), text);
	if (t && !ct_render(f.env, t, context(&f.perm, others.other.n ? others.other : text), &f.scratch,
			    ct_out_buf, &out))
		fuzz_expect(f.diags.n_errors == 1 || others.other.n, "failed without one finding", text);
	buf_release(&out);
	fuzz_end(&f);
	return 0;
}
