#include "schema/config.h"

#include "schema/decode_internal.h"
#include "schema/describe.h"

const struct section *const config_sections[] = { &section_config, &section_override, &section_policy,
						  &section_policy_rule };
const size_t config_sections_count = sizeof(config_sections) / sizeof(config_sections[0]);

static bool decode(struct spec *s, struct ydoc *doc, struct patterns *patterns, const struct section *sec, void *out)
{
	static const struct spec_opts none;
	struct decoder *d = NEW(doc->a, struct decoder, 1);
	uint32_t root = ynode_resolve(doc, doc->root);
	struct patterns *own = NULL;
	struct spec_head *h = out;

	*s = (struct spec){ .a = doc->a, .diags = doc->diags, .incomplete = doc->incomplete };
	VEC_ADD(s->a, &s->docs, ((struct spec_doc){ .y = doc, .path = sources_get(doc->sources, doc->src)->name }));
	if (ynode_kind(doc, root) != YNODE_MAP || ynode_is_poisoned(doc, root))
		return false;
	d->s = s;
	d->opts = &none;
	d->a = s->a;
	d->diags = s->diags;
	d->origin = ORIGIN_ITEM;
	d->in.a = s->a;
	d->in.patterns = patterns ? patterns : (own = patterns_new());
	decoder_enter(d, 0);
	h->m = decode_meta(d, root, META_POISONED);
	if (decode_tag(d, "the file", root, TAG_BIT(YTAG_MAP))) {
		h->m.state = META_OK;
		h->m.flags |= META_ITEM; /* no key stands for the file */
		decode_section(d, sec, root, out, (struct owner){ sec->noun, { 0 } });
	}
	patterns_free(own);
	return h->m.state == META_OK;
}

bool config_decode(struct spec *s, struct ydoc *doc, struct patterns *patterns, struct spec_config *out)
{
	*out = (struct spec_config){ 0 };
	return decode(s, doc, patterns, &section_config, out);
}

bool policy_decode(struct spec *s, struct ydoc *doc, struct patterns *patterns, struct spec_policy *out)
{
	*out = (struct spec_policy){ 0 };
	return decode(s, doc, patterns, &section_policy, out);
}

void config_markdown(struct buf *out)
{
	for (size_t i = 0; i < config_sections_count; i++)
		describe_section(out, config_sections[i]);
}
