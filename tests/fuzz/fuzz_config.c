/* Fuzz target: a text as configuration and as policy; a policy is then run over a small lab. Positions must lie
 * inside the text. */
#include <stdlib.h>

#include "diag/report.h"
#include "rules/config.h"
#include "rules/registry.h"
#include "schema/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char lab_text[] =
	"labc: 1\nname: demo\ntarget: lab-services\ntags: { owner: ann }\nhost: { size: Medium (nested virtualization) }\n"
	"guests:\n  web: { os: debian-12, memory: 4 GiB, ports: [\"8080:80\"], image: 'C:\\i\\d.vhdx', count: 2 }\n"
	"connections: [{ from: neighbour, to: web, service: http }]\n";

static void check_file(struct config_file *f, size_t size)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < f->diags.v.n; i++) {
		const struct diag *g = f->diags.v.v[i];

		if (g->at.off > size || g->at.len > size - g->at.off)
			abort();
		for (const struct diag_edit *e = g->edits; e; e = e->next)
			if (e->at.off > size || e->at.len > size - e->at.off)
				abort();
	}
	report_text(&out, &f->diags, &(struct report_opts){ .notes = true, .max = 20 });
	buf_release(&out);
}

static void run_over_lab(const struct settings *settings)
{
	struct sources sources;
	struct diags diags;
	struct arena a;
	struct ydoc doc;
	struct spec spec;
	struct lab lab;

	arena_init(&a, 0);
	sources_init(&sources, &a);
	diags_init(&diags, &a, &sources);
	if (ydoc_parse(&doc, &a, &diags, sources_add(&sources, SV("lab.yaml"), sv_from(lab_text)), NULL) &&
	    spec_decode(&spec, &doc, NULL)) {
		lab_lower(&lab, &spec);
		rules_run_with(&lab, settings);
	}
	settings_apply(settings, &diags, 0);
	settings_apply_strict(settings, &diags);
	diags_finish(&diags);
	arena_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct config_args none;
	struct sv text = { (const char *)data, size };
	struct config_file *config, *policy;
	struct configs c;

	if (size > 65536)
		return 0;
	configs_init(&c, &none);
	c.no_files = true;
	policy = configs_read_policy_text(&c, SV("p.yaml"), sv_dup(&c.a, text));
	if (policy->policy)
		VEC_ADD(&c.a, &c.demanded, policy->policy);
	config = configs_read_text(&c, SV(".labc.yaml"), sv_dup(&c.a, text));
	check_file(policy, size);
	check_file(config, size);
	run_over_lab(settings_for(&c, config, SV("lab.yaml")));
	configs_release(&c);
	return 0;
}
