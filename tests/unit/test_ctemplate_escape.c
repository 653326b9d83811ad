#include <check.h>

#include "ctemplate/lang.h"
#include "tests/unit/ctemplate_help.h"

/* The escapers against the recorded cases and against injection. */

Suite *test_ctemplate_escape_suite(void);

/* Renders {{ v }} in a text of a language; empty when refused. */
static struct sv render_in(struct ct_run *r, const char *name, const char *text, struct sv value)
{
	struct ct_value ctx = ct_dict_new(&r->perm, 1);

	ct_dict_set(&r->perm, &ctx, SV("v"), ct_text(value));
	ct_run_text(r, sv_from(name), sv_from(text), ctx);
	return r->ok ? buf_view(&r->out) : SV("(refused)");
}

static void run_rule(struct ct_run *r, const char *rule, struct sv v, struct buf *out)
{
	struct escape e = { .out = out };

	if (strcmp(rule, "ps-single-quoted") == 0)
		rule_ps_single_quoted(out, v);
	else if (strcmp(rule, "ps-block-comment") == 0)
		rule_ps_block_comment(out, v);
	else if (strcmp(rule, "ps-format") == 0)
		rule_ps_format(out, v);
	else if (strcmp(rule, "ps-braced-variable") == 0)
		rule_ps_braced_variable(out, v);
	else if (strcmp(rule, "json-string") == 0)
		escape_json(&e, ct_text(v));
	else if (strcmp(rule, "arm-literal") == 0)
		escape_arm(&e, ct_text(v));
	else if (strcmp(rule, "arm-expression-string") == 0) {
		buf_ch(out, '\'');
		escape_arm_sq(&e, ct_text(v));
		buf_ch(out, '\'');
	}
	(void)r;
}

START_TEST(recorded_rules)
{
	json_t *all = ct_contract("escape-cases.json"), *c;
	size_t i, passed = 0, n = json_array_size(json_object_get(all, "cases"));
	struct buf out = { 0 };

	json_array_foreach(json_object_get(all, "cases"), i, c)
	{
		json_t *v = json_object_get(c, "value"), *want = json_object_get(c, "expected");

		out.n = 0;
		run_rule(NULL, json_string_value(json_object_get(c, "rule")),
			 (struct sv){ json_string_value(v), json_string_length(v) }, &out);
		if (out.n == json_string_length(want) &&
		    (!out.n || memcmp(out.p, json_string_value(want), out.n) == 0))
			passed++;
		else
			printf("%s: got %.*s\n", json_string_value(json_object_get(c, "id")), (int)out.n,
			       out.p);
	}
	if (all)
		printf("escape cases: %zu of %zu\n", passed, n);
	ck_assert_uint_eq(passed, n);
	buf_release(&out);
	json_decref(all);
}
END_TEST

START_TEST(powershell_literals)
{
	json_t *all = ct_contract("powershell-quoting-vectors.json"), *c, *cp;
	size_t i, k;
	struct ct_run r;

	json_array_foreach(json_object_get(all, "accept"), i, c)
	{
		json_t *v = json_object_get(c, "value");
		const char *want = json_string_value(json_object_get(c, "ascii"));
		struct sv got;

		ct_run_begin(&r, &ct_shipped_options, NULL);
		got = render_in(&r, "t.ps1.j2", "$x = {{ v }}",
				(struct sv){ json_string_value(v), json_string_length(v) });
		ck_assert_msg(got.n == strlen(want) + 5 && memcmp(got.p + 5, want, strlen(want)) == 0,
			      "got %.*s expected %s", (int)got.n, got.p, want);
		ct_run_end(&r);
	}
	json_array_foreach(json_object_get(all, "reject"), i, c)
	{
		struct buf text = { 0 };

		json_array_foreach(json_object_get(c, "codepoints"), k, cp)
		{
			uint32_t u = (uint32_t)json_integer_value(cp);

			if (u >= 0xd800 && u < 0xe000) /* as it stands in bad UTF-8 */
				buf_add(&text, "\xed\xa0\x80", 3);
			else
				buf_utf8(&text, u);
		}
		ct_run_begin(&r, &ct_shipped_options, NULL);
		render_in(&r, "t.ps1.j2", "$x = {{ v }}", buf_view(&text));
		ck_assert(!r.ok);
		ck_assert_str_eq(r.diags.v.v[0]->info->code, "T306");
		ct_run_end(&r);
		buf_release(&text);
	}
	json_decref(all);
}
END_TEST

/* Where a value may stand, and what harmless text surrounds it there. */
static const struct {
	const char *name, *text;
} places[] = {
	{ "a.ps1.j2", "$x = {{ v }}\n" },
	{ "a.ps1.j2", "New-VM -Name {{ v }} -Path 'C:\\x'\n" },
	{ "a.ps1.j2", "$x = 'a-{{ v }}-b'\n" },
	{ "a.ps1.j2", "# note {{ v }}\nGet-VM\n" },
	{ "a.ps1.j2", "<# note {{ v }}#>\nGet-VM\n" },
	{ "a.ps1.j2", "<# #{{ v }}> #>\nGet-VM\n" },
	{ "a.ps1.j2", "${a{{ v }}b} = 1\n" },
	{ "a.ps1.j2", "$x = @({{ [v, v] }}, {{ {'k': v} }})\n" },
	{ "a.ps1.j2", "$x = \"$({{ v }})\"\n" },
	{ "a.json.j2", "{ \"a\": {{ v }}, \"b\": \"x{{ v }}y\", \"c\": \"{{ v }}\", {{ v }}: 1 }" },
	{ "a.json.j2", "{ \"a\": \"[concat('{{ v }}', 'x')]\", \"b\": {{ [v, {'k': v}] }} }" },
};

/* A small lexer of PowerShell written for this test alone: kinds of tokens, one letter each. */
static void ps_kinds(struct sv s, struct buf *out)
{
	for (size_t i = 0; i < s.n;) {
		char c = s.p[i];

		if ((uint8_t)c >= 0x80 || (uint8_t)c < 0x09) {
			buf_ch(out, '!');
			i++;
		} else if (c == ' ' || c == '\t') {
			i++;
		} else if (c == '\n') {
			buf_ch(out, 'n');
			i++;
		} else if (c == '\'') {
			for (i++; i < s.n && (s.p[i] != '\'' || (i + 1 < s.n && s.p[i + 1] == '\'')); i++)
				i += s.p[i] == '\'';
			buf_ch(out, i < s.n ? 's' : '?');
			i++;
		} else if (c == '"') {
			buf_ch(out, 'd');
			i++;
		} else if (c == '<' && i + 1 < s.n && s.p[i + 1] == '#') {
			for (i += 2; i + 1 < s.n && !(s.p[i] == '#' && s.p[i + 1] == '>'); i++)
				;
			buf_ch(out, i + 1 < s.n ? 'b' : '?');
			i += 2;
		} else if (c == '#') {
			struct sv line = sv_sub(s, i, s.n);

			buf_ch(out, sv_search(line, SV("SIG #")) >= 0 ? '?' : 'c');
			while (i < s.n && s.p[i] != '\n')
				i++;
		} else if (c == '$' && i + 1 < s.n && s.p[i + 1] == '{') {
			for (i += 2; i < s.n && s.p[i] != '}'; i++)
				i += s.p[i] == '`';
			buf_ch(out, 'v');
			i++;
		} else if (ch_is_alnum(c) || c == '_') {
			while (i < s.n && (ch_is_alnum(s.p[i]) || s.p[i] == '_'))
				i++;
			buf_ch(out, 'w');
		} else {
			buf_ch(out, c);
			i++;
		}
	}
}

/* [regex]::Unescape('...') counts as one string. */
static void fold_unescape(struct buf *b)
{
	static const char *const forms[] = { "([w]::w(s))", "[w]::w(s)" };

	for (size_t f = 0; f < 2; f++)
		for (size_t i = 0; i + strlen(forms[f]) <= b->n; i++)
			if (memcmp(b->p + i, forms[f], strlen(forms[f])) == 0 &&
			    !(f == 0 && i && b->p[i - 1] == '$')) {
				memmove(b->p + i + 1, b->p + i + strlen(forms[f]),
					b->n - i - strlen(forms[f]));
				b->p[i] = 's';
				b->n -= strlen(forms[f]) - 1;
			}
}

static void json_kinds(json_t *j, struct buf *out)
{
	const char *key;
	json_t *item;
	size_t i;

	buf_ch(out, (char)('0' + (int)json_typeof(j)));
	json_array_foreach(j, i, item) json_kinds(item, out);
	json_object_foreach(j, key, item) json_kinds(item, out);
}

static void kinds_of(const char *name, struct sv text, struct buf *out)
{
	out->n = 0;
	if (strstr(name, ".ps1")) {
		ps_kinds(text, out);
		fold_unescape(out);
	} else {
		json_t *j = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES * 0, NULL);

		if (j)
			json_kinds(j, out);
		else
			buf_str(out, "not JSON");
		json_decref(j);
	}
}

/* Renders every place with every probe; returns how many changed the tokens around. */
static unsigned broken(bool mutate)
{
	json_t *all = ct_contract("escape-cases.json"), *p;
	struct buf want = { 0 }, got = { 0 };
	unsigned n = 0;
	size_t i;

	for (size_t k = 0; k < sizeof(places) / sizeof(*places); k++) {
		struct ct_run r;

		ct_run_begin(&r, &ct_shipped_options, NULL);
		kinds_of(places[k].name, render_in(&r, places[k].name, places[k].text, SV("x")), &want);
		ck_assert_msg(r.ok, "%s", places[k].text);
		ct_run_end(&r);
		json_array_foreach(json_object_get(all, "probes"), i, p)
		{
			struct sv v = { json_string_value(p), json_string_length(p) };

			ct_run_begin(&r, &ct_shipped_options, NULL);
			r.env->no_insertion = mutate;
			render_in(&r, places[k].name, places[k].text, v);
			kinds_of(places[k].name, buf_view(&r.out), &got);
			if (r.ok && (got.n != want.n || memcmp(got.p, want.p, got.n) != 0)) {
				n++;
				if (!mutate)
					printf("%s: %.*s: %.*s instead of %.*s\n", places[k].text,
					       (int)r.out.n, r.out.p, (int)got.n, got.p, (int)want.n, want.p);
			}
			ct_run_end(&r);
		}
	}
	buf_release(&want);
	buf_release(&got);
	json_decref(all);
	return n;
}

START_TEST(structure_is_kept)
{
	ck_assert_uint_eq(broken(false), 0);
}
END_TEST

START_TEST(without_insertion_it_breaks)
{
	json_t *all = ct_contract("escape-cases.json");

	if (all)
		ck_assert_uint_gt(broken(true), 100);
	json_decref(all);
}
END_TEST

static const struct {
	const char *name, *text, *value, *want;
} exact[] = {
	{ "a.ps1.j2", "-Name {{ v }}", "a b", "-Name 'a b'" },
	{ "a.ps1.j2", "-Name {{ v }}", "\xc3\xa9", "-Name ([regex]::Unescape('\\u00e9'))" },
	{ "a.ps1.j2", "$a = {{ v }}", "\xc3\xa9", "$a = [regex]::Unescape('\\u00e9')" },
	{ "a.ps1.j2", "'x-{{ v }}'", "o'b", "'x-o''b'" },
	{ "a.ps1.j2", "$d_{{ v|ps_ident }} = 1", "dc01", "$d_dc01 = 1" },
	{ "a.ps1.j2", "# {{ v }}", "a\nb \xc3\xa9", "# a b ?" },
	{ "a.ps1.j2", "@{{ [v] }}", "x", NULL },
	{ "a.ps1.j2", "\"{{ v }}\"", "x", NULL },
	{ "a.ps1.j2", "@'\n{{ v }}\n'@", "x", NULL },
	{ "a.ps1.j2", "$a{{ v }}", "x", NULL },
	{ "a.ps1.j2", "{% if v %}'{% endif %}", "x", NULL },
	{ "a.ps1.j2", "{% for c in v %}\"{% endfor %}", "x", NULL },
	{ "a.ps1.j2", "{{ v }}GB", "x", NULL },
	{ "a.ps1.j2", "{{ v|ps|upper }}", "x", NULL },
	{ "a.ps1.j2", "'{{ v|ps }}'", "x", NULL },
	{ "a.ps1.j2", "{% macro m() %}Get-VM{% endmacro %}{{ m() }} -Name {{ v }}", "x", "Get-VM -Name 'x'" },
	{ "a.ps1.j2", "{% set b %}-Name {{ v }}{% endset %}Get-VM {{ b }}", "x", "Get-VM -Name 'x'" },
	{ "a.ps1.j2", "{% set b %}Get-VM\nGet-VM{% endset %}{{ b|indent(v) }}", ";Remove-VM ", NULL },
	{ "a.ps1.j2", "{% filter indent(v) %}Get-VM\nGet-VM{% endfilter %}", ";Remove-VM ", NULL },
	{ "a.ps1.j2", "{% filter indent(v) %}Get-VM\nGet-VM{% endfilter %}", "\t ", "Get-VM\n\t Get-VM" },
	{ "a.ps1.j2", "{% filter indent(2) %}$a = 'x\ny'{% endfilter %}", "x", NULL },
	{ "a.ps1.j2", "{{ 'a'|indent(v)|upper }}", "x", "'A'" },
	{ "a.ps1.j2", "\xc3\xa9", "x", NULL },
	{ "a.ps1.j2", "<#>{{ v }}#>", "#>", "<#>#`>#>" },
	{ "a.ps1.j2", "@'x\n'@ {{ v }}", "x", NULL },
	{ "a.ps1.j2", "<# {{ v }}> #>", "a#", "<# a#`> #>" },
	{ "a.ps1.j2", "# {{ v }}", "SIG # Begin signature block", "# SIG `# Begin signature block" },
	{ "a.ps1.j2", "1..{{ v }}", "x", NULL },
	{ "a.md.j2", "{% if v %}`{{ v }}`{% else %}none{% endif %} {{ v }}", "a|b", "`a|b` a\\|b" },
	{ "a.json.j2", "[{{ v }}, \"{{ v }}\", \"a{{ v }}\"]", "[x]", "[\"[[x]\", \"[[x]\", \"a[x]\"]" },
	{ "a.json.j2", "\"{{ v }}b\"", "x", NULL },
	{ "a.json.j2", "\"[f({{ v }})]\"", "x", NULL },
	{ "a.json.j2", "{ {{ v }}: 1 }", "[x]", "{ \"[x]\": 1 }" },
	{ "a.md.j2", "# {{ v }}", "a*b <i> [x](y)", "# a\\*b &lt;i&gt; \\[x\\]\\(y\\)" },
	{ "a.md.j2", "{{ v }}", "1. x", "1\\. x" },
	{ "a.md.j2", "{{ v }}", "- x\n- y", "\\- x - y" },
	{ "a.md.j2", "`{{ v }}`", "a`b", "`a'b`" },
	{ "a.md.j2", "| `{{ v }}` |", "a|b", "| `a\\|b` |" },
	{ "a.md.j2", "```\n{{ v }}\n```\n", "```\nx", "```\n'`` x\n```\n" },
	{ "a.md.j2", "[a]({{ v }})", "x", NULL },
	{ "a.md.j2", "<a href=\"{{ v }}\">", "x", NULL },
	{ "a.md.j2", "http://{{ v }}", "x", NULL },
	{ "a.txt.j2", "{{ v }}", "<x>", "<x>" },
};

START_TEST(places_exactly)
{
	for (size_t i = 0; i < sizeof(exact) / sizeof(*exact); i++) {
		struct ct_run r;
		struct sv got;

		ct_run_begin(&r, &ct_shipped_options, NULL);
		got = render_in(&r, exact[i].name, exact[i].text, sv_from(exact[i].value));
		if (exact[i].want)
			ck_assert_msg(r.ok && sv_eq(got, sv_from(exact[i].want)), "%s: got %.*s (%s)",
				      exact[i].text, (int)got.n, got.p,
				      r.diags.v.n ? r.diags.v.v[0]->info->code : "");
		else
			ck_assert_msg(!r.ok && r.diags.v.n == 1 && r.diags.v.v[0]->info->code[1] == '3',
				      "%s: got %.*s", exact[i].text, (int)got.n, got.p);
		ct_run_end(&r);
	}
}
END_TEST

Suite *test_ctemplate_escape_suite(void)
{
	Suite *s = suite_create("ctemplate escape");
	TCase *t = tcase_create("escape");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, recorded_rules);
	tcase_add_test(t, powershell_literals);
	tcase_add_test(t, structure_is_kept);
	tcase_add_test(t, without_insertion_it_breaks);
	tcase_add_test(t, places_exactly);
	suite_add_tcase(s, t);
	return s;
}
