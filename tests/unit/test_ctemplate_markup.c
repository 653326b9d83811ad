#include <check.h>

#include "tests/unit/ctemplate_help.h"

/* Markup: where values may stand, and what literal text is refused because HTML and XML do not read it alike.
 */

Suite *test_ctemplate_markup_suite(void);

/* {{ v }} is <"x & 'y'>, b is true, l has two items, the template 'p' is " id=\"i\"" */
static const struct {
	const char *text, *want;
} accepted[] = {
#define V "&lt;&quot;x &amp; &#39;y&#39;&gt;"
	{ "{{ v }}", V },
	{ "<b class=\"{{ v }}\">{{ v }}</b>", "<b class=\"" V "\">" V "</b>" },
	{ "<br/><p title=\"a{{ v }}\"/>{{ v }}", "<br/><p title=\"a" V "\"/>" V },
	{ "<p title=\"{{ v }}\"\n\thidden id=\"a > b\">{{ v }}",
	  "<p title=\"" V "\"\n\thidden id=\"a > b\">" V },
	{ "<p hidden/>{{ v }}", "<p hidden/>" V },
	{ "<x:a.b-c_1 x:title=\"{{ v }}\"></x:a.b-c_1>{{ v }}",
	  "<x:a.b-c_1 x:title=\"" V "\"></x:a.b-c_1>" V },
	{ "<a href=\"x?a=1&amp;b=2\" onclick=\"f('&#38;')\">{{ v }}</a>",
	  "<a href=\"x?a=1&amp;b=2\" onclick=\"f('&#38;')\">" V "</a>" },
	{ "\"quotes\" 'and' > are text, &lt; &#60; &#x3c; {{ v }}",
	  "\"quotes\" 'and' > are text, &lt; &#60; &#x3c; " V },
	{ "<!DOCTYPE html>\n<?xml version=\"1.0\" encoding=\"utf-8\"?>{{ v }}",
	  "<!DOCTYPE html>\n<?xml version=\"1.0\" encoding=\"utf-8\"?>" V },
	{ "<!doctype html>{{ v }}", "<!doctype html>" V },
	{ "<!-- <b> & \" - it's --><p>{{ v }}", "<!-- <b> & \" - it's --><p>" V },
	{ "<!----><!-- --><!--- a -->{{ v }}", "<!----><!-- --><!--- a -->" V },
	{ "<script src=\"a\">if (a < b && c<=d) e = \"<\\/b>\" ;</SCRIPT>{{ v }}",
	  "<script src=\"a\">if (a < b && c<=d) e = \"<\\/b>\" ;</SCRIPT>" V },
	{ "<svg:style>a > b</svg:style>{{ v }}", "<svg:style>a > b</svg:style>" V },
	{ "<title>{{ v }} &amp; {{ v }}</title>{{ v }}", "<title>" V " &amp; " V "</title>" V },
	{ "<textarea>{{ v }}</textarea>", "<textarea>" V "</textarea>" },
	{ "<svg:title>{{ v }}<b/></svg:title>", "<svg:title>" V "<b/></svg:title>" },
	/* statements: a name ends there, and attributes begin with a blank */
	{ "<p{% if b %} class=\"{{ v }}\"{% endif %}>{{ v }}", "<p class=\"" V "\">" V },
	{ "<p {% if b %}class=\"a\"{% endif %} id=\"i\">{{ v }}", "<p class=\"a\" id=\"i\">" V },
	{ "<p{% for x in l %} a{% endfor %}/>{{ v }}", "<p a a/>" V },
	{ "<p{% for x in l %} a=\"{{ x }}\"{% endfor %} b=\"\">", "<p a=\"1\" a=\"2\" b=\"\">" },
	{ "<p {% include 'p' %}>{{ v }}", "<p  id=\"i\">" V },
	{ "<p a=\"{% if b %}{{ v }}{% else %}&lt;{% endif %}\">", "<p a=\"" V "\">" },
	{ "<p a={% if b %}\"b\"{% else %}\"c\"{% endif %}>{{ v }}", "<p a=\"b\">" V },
	{ "<{% if b %}ol{% else %}ul{% endif %} class=\"{{ v }}\">", "<ol class=\"" V "\">" },
	{ "{% macro m(x) %}<b>{{ x }}</b>{% endmacro %}<p>{{ m(v) }}</p>", "<p><b>" V "</b></p>" },
	{ "<script>{% if b %}a{% endif %}</script>{{ v }}", "<script>a</script>" V },
#undef V
};

/* Each is one finding, at that text. */
static const struct {
	const char *text, *code, *at, *message;
} refused[] = {
#define HOLE "{{ v }}"
	/* values */
	{ "<a href=\"{{ v }}\">", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<a x:href=\"{{ v }}\">", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<img srcset=\"{{ v }}\"/>", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<link imagesrcset=\"{{ v }}\"/>", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<p xml:base=\"{{ v }}\">", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<meta content=\"{{ v }}\"/>", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<animate to=\"{{ v }}\"/>", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<p onx=\"{{ v }}\">", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<p ONCLICK=\"{{ v }}\">", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<p on:click=\"{{ v }}\">", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<p xmlns=\"{{ v }}\">", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<p xmlns:a=\"{{ v }}\">", "T303", HOLE,
	  "data cannot stand in an attribute that holds a link or code" },
	{ "<script>{{ v }}</script>", "T303", HOLE,
	  "data cannot stand in a script, style or other element without tags" },
	{ "<style>{{ v }}</style>", "T303", HOLE,
	  "data cannot stand in a script, style or other element without tags" },
	{ "<svg:script>{{ v }}</svg:script>", "T303", HOLE,
	  "data cannot stand in a script, style or other element without tags" },
	{ "<noscript>{{ v }}</noscript>", "T303", HOLE,
	  "data cannot stand in a script, style or other element without tags" },
	{ "<title>a <{{ v }}</title>", "T303", HOLE, "data cannot stand behind '<'" },
	{ "<title></{{ v }}></title>", "T303", HOLE, "data cannot stand behind '<'" },
	{ "<!-- {{ v }} -->", "T303", HOLE, "data cannot stand in a comment" },
	{ "<!DOCTYPE {{ v }}>", "T303", HOLE, "data cannot stand in a declaration" },
	{ "<?xml {{ v }}?>", "T303", HOLE, "data cannot stand in a declaration" },
	{ "<{{ v }}>", "T303", HOLE, "data cannot stand behind '<'" },
	{ "</{{ v }}>", "T303", HOLE, "data cannot stand behind '<'" },
	{ "<b{{ v }}>", "T303", HOLE, "data cannot stand in the name of an element" },
	{ "<b {{ v }}>", "T303", HOLE, "data cannot stand inside a tag" },
	{ "<b {{ v }}=\"x\">", "T303", HOLE, "data cannot stand inside a tag" },
	{ "<b a{{ v }}=\"x\">", "T303", HOLE, "data cannot stand in the name of an attribute" },
	{ "<b a={{ v }}>", "T303", HOLE, "data cannot stand behind '=' without double quotes" },
	{ "<b/{{ v }}>", "T303", HOLE, "data cannot stand behind the '/' of a tag" },
	{ "&{{ v }};", "T304", HOLE, "a value cannot be part of a reference" },
	{ "<b a=\"&#{{ v }};\">", "T304", HOLE, "a value cannot be part of a reference" },
	{ "<title>&amp{{ v }}</title>", "T304", HOLE, "a value cannot be part of a reference" },
	/* text */
	{ "a < b {{ v }}", "T316", "<", "a '<' that begins no tag" },
	{ "a <3 {{ v }}", "T316", "<", "a '<' that begins no tag" },
	{ "a <<b>{{ v }}</b>", "T316", "<", "a '<' that begins no tag" },
	{ "a {{ v }} <", "T316", "<", "a '<' that begins no tag" },
	{ "a & b {{ v }}", "T316", "&",
	  "an '&' begins a reference such as &lt; and this one is not complete" },
	{ "a &amp {{ v }}", "T316", "&",
	  "an '&' begins a reference such as &lt; and this one is not complete" },
	{ "a &#; {{ v }}", "T316", "&",
	  "an '&' begins a reference such as &lt; and this one is not complete" },
	{ "a && {{ v }}", "T316", "&",
	  "an '&' begins a reference such as &lt; and this one is not complete" },
	{ "a &<b>{{ v }}</b>", "T316", "&",
	  "an '&' begins a reference such as &lt; and this one is not complete" },
	{ "{{ v }} &copy", "T316", "&",
	  "an '&' begins a reference such as &lt; and this one is not complete" },
	/* tags */
	{ "<b\" title=\"{{ v }}\">", "T316", "\"",
	  "a character that cannot stand in the name of an element" },
	{ "<b:c:d>{{ v }}", "T316", ":", "a character that cannot stand in the name of an element" },
	{ "<b:>{{ v }}", "T316", ">", "a name is missing behind ':'" },
	{ "<b:1>{{ v }}", "T316", "1", "a name is missing behind ':'" },
	{ "<caf\xc3\xa9>{{ v }}", "T316", "\xc3\xa9",
	  "a character that cannot stand in the name of an element" },
	{ "<b =\"{{ v }}\">", "T316", "=", "a '=' that does not touch the name of its attribute" },
	{ "<b=\"{{ v }}\">", "T316", "=", "a character that cannot stand in the name of an element" },
	{ "<p title = \"{{ v }}\">", "T316", "=", "a '=' that does not touch the name of its attribute" },
	{ "<p title= \"{{ v }}\">", "T316", " ",
	  "an attribute's value that does not begin with a double quote" },
	{ "<a b='{{ v }}'>", "T316", "'", "an attribute's value that does not begin with a double quote" },
	{ "<a b=c title=\"{{ v }}\">", "T316", "c",
	  "an attribute's value that does not begin with a double quote" },
	{ "<a b: =c=\"{{ v }}\">", "T316", " ", "a name is missing behind ':'" },
	{ "<a x:y:z=\"{{ v }}\">", "T316", ":", "a character that cannot stand in the name of an attribute" },
	{ "<a @click=\"{{ v }}\">", "T316", "@", "a character that cannot stand in a tag" },
	{ "<a %x% =\"{{ v }}\">", "T316", "%", "a character that cannot stand in a tag" },
	{ "<a b\"=\"{{ v }}\">", "T316", "\"", "a character that cannot stand in the name of an attribute" },
	{ "<a <b>{{ v }}", "T316", "<", "a character that cannot stand in a tag" },
	{ "<a b=\"<\" c=\"{{ v }}\">", "T316", "<", "a '<' in the value of an attribute" },
	{ "<a b=\"&\" c=\"{{ v }}\">", "T316", "&",
	  "an '&' begins a reference such as &lt; and this one is not complete" },
	{ "<a b=\"c\"d=\"{{ v }}\">", "T316", "d", "white space is missing in front of an attribute" },
	{ "<a/b=\"{{ v }}\">", "T316", "b", "a '/' in a tag that is not followed by '>'" },
	{ "<a / >{{ v }}", "T316", " ", "a '/' in a tag that is not followed by '>'" },
	{ "</ p>{{ v }}", "T316", " ", "an end tag is '</', the name and '>'" },
	{ "</p >{{ v }}", "T316", " ", "an end tag is '</', the name and '>'" },
	{ "</p a=\"{{ v }}\">", "T316", " ", "an end tag is '</', the name and '>'" },
	{ "</>{{ v }}", "T316", ">", "an end tag is '</', the name and '>'" },
	/* elements without tags */
	{ "<script>a<b</script>{{ v }}", "T316", "<", "a '<' in an element without tags" },
	{ "<script><!-- x</script>{{ v }}", "T316", "<", "a '<' in an element without tags" },
	{ "<script>var a = \"</b>\"; {{ v }}</script>", "T316", ">",
	  "in an element without tags '</' begins its end tag and nothing else" },
	{ "<style>a</script>{{ v }}</style>", "T316", ">",
	  "in an element without tags '</' begins its end tag and nothing else" },
	{ "<script></scripty>{{ v }}</script>", "T316", ">",
	  "in an element without tags '</' begins its end tag and nothing else" },
	{ "<script></script >{{ v }}", "T316", " ",
	  "in an element without tags '</' begins its end tag and nothing else" },
	{ "<script></svg:script>{{ v }}</script>", "T316", ">",
	  "in an element without tags '</' begins its end tag and nothing else" },
	{ "<svg:script></script>{{ v }}</svg:script>", "T316", ">",
	  "in an element without tags '</' begins its end tag and nothing else" },
	{ "<script/>{{ v }}", "T316", ">", "HTML does not read '/>' as the end of this element" },
	{ "<title>a < b {{ v }}</title>", "T316", "<", "a '<' in an element without tags" },
	{ "<title><b>{{ v }}</title>", "T316", "<", "a '<' in an element without tags" },
	{ "<title>a & b</title>", "T316", "&",
	  "an '&' begins a reference such as &lt; and this one is not complete" },
	/* declarations and comments */
	{ "<?php title=\"{{ v }}\"?>", "T316", "p",
	  "what begins with '<?' is <?xml version=\"1.0\" encoding=\"utf-8\"?>" },
	{ "<?xml a='b'?>{{ v }}", "T316", "'",
	  "what begins with '<?' is <?xml version=\"1.0\" encoding=\"utf-8\"?>" },
	{ "<?xml a=\">\"?>{{ v }}", "T316", ">",
	  "what begins with '<?' is <?xml version=\"1.0\" encoding=\"utf-8\"?>" },
	{ "<?xml ?b?>{{ v }}", "T316", "b",
	  "what begins with '<?' is <?xml version=\"1.0\" encoding=\"utf-8\"?>" },
	{ "<![CDATA[ {{ v }} ]]>", "T316", "[",
	  "what begins with '<!' is <!DOCTYPE name> or <!-- a comment -->" },
	{ "<!DOCTYPE a [ {{ v }} ]>", "T316", "[",
	  "what begins with '<!' is <!DOCTYPE name> or <!-- a comment -->" },
	{ "<!DOCTYPE a PUBLIC \"{{ v }}\">", "T316", "\"",
	  "what begins with '<!' is <!DOCTYPE name> or <!-- a comment -->" },
	{ "<!x>{{ v }}", "T316", "x", "what begins with '<!' is <!DOCTYPE name> or <!-- a comment -->" },
	{ "<!-x>{{ v }}", "T316", "x", "what begins with '<!' is <!DOCTYPE name> or <!-- a comment -->" },
	{ "<!-->{{ v }}-->", "T316", ">", "a comment that begins with '>'" },
	{ "<!--->{{ v }}-->", "T316", ">", "a comment that begins with '>'" },
	{ "<!-- --!> b -->{{ v }}", "T316", "!", "a comment goes on behind '--'" },
	{ "<!-- a -- b -->{{ v }}", "T316", " ", "a comment goes on behind '--'" },
	{ "<!-- a --->{{ v }}", "T316", "-", "a comment goes on behind '--'" },
	/* statements */
	{ "<p{% if b %}re{% endif %}>{{ v }}", "T316", "r",
	  "white space is missing in front of an attribute" },
	{ "<p a{% if b %}b{% endif %}=\"\">{{ v }}", "T316", "b",
	  "white space is missing in front of an attribute" },
	{ "<p {% for x in l %}a=\"\"{% endfor %}>{{ v }}", "T316", "a",
	  "white space is missing in front of an attribute" },
	{ "<p {% if b %}a=\"\"{% endif %}b>{{ v }}", "T316", "b",
	  "white space is missing in front of an attribute" },
	{ "<p {% include 'p' %}b>{{ v }}", "T316", "b", "white space is missing in front of an attribute" },
	{ "<p {% if b %}a='1'{% endif %}>{{ v }}", "T316", "'",
	  "an attribute's value that does not begin with a double quote" },
	{ "<{% if b %}script{% endif %}>{{ v }}", "T301", "{% if b %}",
	  "one branch ends inside a tag, the other behind '<'" },
	{ "<{% if b %}script{% else %}b{% endif %}>", "T301", "{% if b %}",
	  "one branch ends inside a tag, the other inside a tag in another state" },
	{ "<p a={% if b %}\"b\"{% endif %}>{{ v }}", "T301", "{% if b %}",
	  "one branch ends inside a tag, the other behind '=' without double quotes" },
	{ "{% for x in l %}<script>{% endfor %}{{ v }}", "T302", "{% for x in l %}",
	  "the body of the loop begins in text and ends in a script, style or other element without tags" },
	{ "&{% if b %}amp{% endif %};{{ v }}", "T301", "{% if b %}",
	  "one branch ends in a reference such as &lt;, the other in a reference such as &lt; in another "
	  "state" },
	{ "{% for x in l %}&{% endfor %}amp; {{ v }}", "T302", "{% for x in l %}",
	  "the body of the loop begins in text and ends in a reference such as &lt;" },
	{ "{{ v }}<p", "T302", "", "the template ends in the name of an element" },
	{ "{{ v }}<!-- a", "T302", "", "the template ends in a comment" },
#undef HOLE
};

static void run(struct ct_run *r, const char *text)
{
	static const struct ct_options o = { .lang = CT_LANG_MARKUP };
	struct ct_value c, l;

	ct_run_begin(r, &o, NULL);
	c = ct_dict_new(&r->perm, 0);
	l = ct_list_new(&r->perm, 0);
	r->others = json_pack("{s:s}", "p", " id=\"i\"");
	ct_list_add(&r->perm, &l, ct_int(1));
	ct_list_add(&r->perm, &l, ct_int(2));
	ct_dict_set(&r->perm, &c, SV("v"), ct_text(SV("<\"x & 'y'>")));
	ct_dict_set(&r->perm, &c, SV("b"), ct_bool(true));
	ct_dict_set(&r->perm, &c, SV("l"), l);
	ct_run_text(r, SV("t"), sv_from(text), c);
}

static void run_end(struct ct_run *r)
{
	json_decref(r->others);
	ct_run_end(r);
}

START_TEST(well_formed)
{
	for (size_t i = 0; i < sizeof(accepted) / sizeof(*accepted); i++) {
		struct ct_run r;

		run(&r, accepted[i].text);
		ck_assert_msg(r.ok && sv_eq(buf_view(&r.out), sv_from(accepted[i].want)), "%s: got %.*s (%s)",
			      accepted[i].text, (int)r.out.n, r.out.p,
			      r.diags.v.n ? r.diags.v.v[0]->info->code : "");
		run_end(&r);
	}
}
END_TEST

START_TEST(malformed)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		const struct diag *g;
		struct ct_run r;
		struct sv at;

		run(&r, refused[i].text);
		ck_assert_msg(!r.ok && r.diags.v.n == 1, "%s: %zu findings, %.*s", refused[i].text,
			      r.diags.v.n, r.diags.v.n > 1 ? (int)r.diags.v.v[1]->msg.n : 0,
			      r.diags.v.n > 1 ? r.diags.v.v[1]->msg.p : "");
		g = r.diags.v.v[0];
		at = span_text(&r.sources, g->at);
		ck_assert_msg(strcmp(g->info->code, refused[i].code) == 0 &&
				  sv_eq(g->msg, sv_from(refused[i].message)),
			      "%s: %s %.*s", refused[i].text, g->info->code, (int)g->msg.n, g->msg.p);
		ck_assert_msg(sv_eq(at, sv_from(refused[i].at)), "%s: at '%.*s'", refused[i].text, (int)at.n,
			      at.p);
		ck_assert_msg(strcmp(refused[i].code, "T316") != 0 || g->help.n, "%s: no help",
			      refused[i].text);
		run_end(&r);
	}
}
END_TEST

/* Each mistake is reported, and none twice. */
START_TEST(several_mistakes)
{
	static const char text[] =
	    "<p a='1'>&copy <br / >\n<script>{{ v }}</script> <b {{ v }} onx='2'> a < b\n"
	    "{% if b %}<p x=1{% endif %}>{% for x in l %}<i>& {% endfor %}";
	static const struct {
		const char *code;
		uint32_t line, column;
	} want[] = { { "T316", 1, 6 },	{ "T316", 1, 10 }, { "T316", 1, 21 }, { "T303", 2, 9 },
		     { "T303", 2, 29 }, { "T316", 2, 48 }, { "T316", 3, 16 }, { "T316", 3, 48 } };
	struct ct_run r;

	run(&r, text);
	ck_assert(!r.ok);
	for (size_t i = 0; i < r.diags.v.n; i++) {
		const struct diag *g = r.diags.v.v[i];
		struct pos at = source_pos(&r.sources, g->at.src, g->at.off);

		ck_assert_msg(i < sizeof(want) / sizeof(*want) && strcmp(g->info->code, want[i].code) == 0 &&
				  at.line == want[i].line && at.col == want[i].column,
			      "%zu: %s at %u:%u", i, g->info->code, (unsigned)at.line, (unsigned)at.col);
	}
	ck_assert_uint_eq(r.diags.v.n, sizeof(want) / sizeof(*want));
	run_end(&r);
}
END_TEST

Suite *test_ctemplate_markup_suite(void)
{
	Suite *s = suite_create("ctemplate markup");
	TCase *t = tcase_create("markup");

	tcase_add_test(t, well_formed);
	tcase_add_test(t, malformed);
	tcase_add_test(t, several_mistakes);
	suite_add_tcase(s, t);
	return s;
}
