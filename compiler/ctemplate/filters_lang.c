#include "ctemplate/filter.h"

#include "ctemplate/lang.h"

/* Escapers as filters: what the place of a value inserts by itself, for the cases where the author
 * wants to narrow it. Their results may stand only in places of their kind. */

static bool escape_with(struct vm *vm, enum emit kind, struct ct_value in, struct ct_value *out)
{
	const struct emit_row *row = &ct_emits[kind];
	struct buf why = { 0 };
	struct escape e = { .out = &vm->tmp, .why = &why };
	bool ok;

	vm->tmp.n = 0;
	ok = row->escape(&e, in);
	if (!ok)
		vm_fail_value(vm, e.code ? e.code : CT_CODE(T307), in, SV_FMT " (in %s)",
			      SV_ARG(buf_view(&why)), row->place);
	buf_release(&why);
	if (!ok || !vm_text(vm, out))
		return false;
	out->frag = row->frag;
	return true;
}

FILTER(f_ps)
{
	UNUSED;
	return escape_with(vm, EMIT_PS, in, out);
}
FILTER(f_ps_arg)
{
	UNUSED;
	return escape_with(vm, EMIT_PS_ARG, in, out);
}
FILTER(f_ps_ident)
{
	UNUSED;
	return escape_with(vm, EMIT_PS_IDENT, in, out);
}
FILTER(f_ps_sq)
{
	UNUSED;
	return escape_with(vm, EMIT_PS_SQ, in, out);
}
FILTER(f_ps_comment)
{
	UNUSED;
	return escape_with(vm, EMIT_PS_HELP, in, out);
}
FILTER(f_ps_var)
{
	UNUSED;
	return escape_with(vm, EMIT_PS_VAR, in, out);
}
FILTER(f_json)
{
	UNUSED;
	return escape_with(vm, EMIT_JSON, in, out);
}
FILTER(f_arm)
{
	UNUSED;
	return escape_with(vm, EMIT_ARM, in, out);
}
FILTER(f_json_str)
{
	UNUSED;
	return escape_with(vm, EMIT_JSON_STR, in, out);
}
FILTER(f_arm_sq)
{
	UNUSED;
	return escape_with(vm, EMIT_ARM_SQ, in, out);
}
FILTER(f_md)
{
	UNUSED;
	return escape_with(vm, EMIT_MD, in, out);
}
FILTER(f_md_code)
{
	UNUSED;
	return escape_with(vm, EMIT_MD_CODE, in, out);
}
FILTER(f_markup)
{
	UNUSED;
	return escape_with(vm, EMIT_MARKUP, in, out);
}

/* Still data: only the braces of a -f format string are doubled. */
FILTER(f_ps_format)
{
	struct sv s;

	UNUSED;
	if (!in_text(vm, in, &s))
		return false;
	rule_ps_format(&vm->tmp, s);
	return vm_text(vm, out);
}

#define ROW(name, doc, ex, res, frag, fn)                                                                    \
	{                                                                                                    \
		{ name, name, doc, ex, res }, { 0 }, ROW_ESCAPER, frag, fn, NULL                             \
	}

const struct ct_row ct_filters_lang[] = {
	ROW("ps", "a PowerShell literal", "{{ \"it's\"|ps }}", "'it''s'", FRAG_PS_EXPR, f_ps),
	ROW("ps_arg", "a PowerShell literal for an argument", "{{ 5|ps_arg }}", "5", FRAG_PS_EXPR, f_ps_arg),
	ROW("ps_ident", "a checked name of letters, digits and '_'", "{{ 'dc01'|ps_ident }}", "dc01",
	    FRAG_PS_IDENT, f_ps_ident),
	ROW("ps_sq", "the inside of '...' in PowerShell", "{{ \"it's\"|ps_sq }}", "it''s", FRAG_PS_SQ,
	    f_ps_sq),
	ROW("ps_comment", "text of a PowerShell comment", "{{ 'a #> b'|ps_comment }}", "a #`> b",
	    FRAG_PS_COMMENT, f_ps_comment),
	ROW("ps_var", "the name in ${...}", "{{ 'a{b'|ps_var }}", "a`{b", FRAG_PS_VAR, f_ps_var),
	ROW("ps_format", "braces doubled for a -f format string", "{{ '{0}'|ps_format }}", "{{0}}", FRAG_DATA,
	    f_ps_format),
	ROW("json", "a JSON value", "{{ ['a', 1]|json }}", "[\"a\", 1]", FRAG_JSON_VALUE, f_json),
	ROW("arm", "a JSON value that ARM does not take for an expression", "{{ '[x]'|arm }}", "\"[[x]\"",
	    FRAG_JSON_VALUE, f_arm),
	ROW("json_str", "the inside of a JSON string", "{{ 'a\"b'|json_str }}", "a\\\"b", FRAG_JSON_STR,
	    f_json_str),
	ROW("arm_sq", "the inside of '...' in an ARM expression", "{{ \"it's\"|arm_sq }}", "it''s",
	    FRAG_ARM_SQ, f_arm_sq),
	ROW("md", "Markdown text", "{{ 'a*b'|md }}", "a\\*b", FRAG_MD_TEXT, f_md),
	ROW("md_code", "text of a Markdown code span", "{{ 'a`b'|md_code }}", "a'b", FRAG_MD_CODE, f_md_code),
	ROW("markup", "text of HTML, SVG or XML", "{{ 'a<b'|markup }}", "a&lt;b", FRAG_MARKUP_TEXT, f_markup),
	{ { NULL, NULL, NULL, NULL, NULL }, { 0 }, 0, 0, NULL, NULL },
};
