#include "tests/fuzz/fuzz_ct.h"

/* Any text compiles or is refused with a finding; what compiles passes the verifier. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz f;
	const struct ct_template *t;
	struct sv text = { (const char *)data + 1, size ? size - 1 : 0 };
	struct buf out = { 0 };

	if (!size)
		return 0;
	fuzz_begin(&f, data[0]);
	t = ct_compile(f.env, SV("t"), text);
	fuzz_expect(t || f.diags.n_errors, "refused without a finding", text);
	if (t) {
		const char *why = ct_verify(t->code, &f.scratch);

		fuzz_expect(!why, why ? why : "", text);
	}
	if (data[0] & 64)
		ct_dump(f.env, SV("t"), text, &out);
	diags_finish(&f.diags);
	buf_release(&out);
	fuzz_end(&f);
	return 0;
}
