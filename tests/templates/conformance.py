#!/usr/bin/env python3
"""labc render, as a template author calls it, against Jinja2.

Two sets of cases: the recorded ones of jinja-conformance.json (kept beside the project; left out when not there),
and those below, which the installed Jinja2 renders in the same run. Each is one run of the program, with the
template, its data and the templates it includes in files. Output is compared byte by byte; where an error is
expected, the template and line of the first finding are.
Usage: conformance.py LABC [CORPUS]. Last line: "templates: N passed, N failed, N skipped".
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

# (template, data, templates by name, options); what Jinja2 makes of them is the expectation.
T, L, K = "trim_blocks", "lstrip_blocks", "keep_trailing_newline"
DATA = {
    "name": "dc01", "n": 7, "f": 2.5, "yes": True, "nothing": None, "empty": [], "text": "a <b> 'c' \"d\"\nzwei\n",
    "vms": [{"name": "dc01", "ram": 4, "tags": ["a", "b"]}, {"name": "web", "ram": 2, "tags": []},
            {"name": "db", "ram": 4, "tags": ["b"]}],
    "tree": [{"n": "a", "kids": [{"n": "b", "kids": []}, {"n": "c", "kids": [{"n": "d", "kids": []}]}]}],
    "map": {"b": 1, "a": {"x": [1, 2, 3]}},
}
OTHER = {
    "base": "<{% block head %}head{% endblock %}|{% block body scoped %}{{ name }}{% endblock %}>{% set s = 1 %}",
    "mid": "{% extends 'base' %}{% block head %}mid({{ super() }}){% endblock %}",
    "part": "part {{ name }}{% if x is defined %} x={{ x }}{% endif %}",
    "plain": "plain {{ x is defined }}{{ name is defined }}",
    "lib": "{% macro greet(who, sign='!') %}hi {{ who }}{{ sign }}{% endmacro %}{% set answer = 42 %}{% macro _in() %}{% endmacro %}",
}
OWN = [
    # expressions
    "{{ 1 + 2 * 3 ** 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 'a' ~ 1 ~ true }}",
    "{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' in 'cat' }} {{ 4 not in [1, 2] }} {{ not yes or n == 7 }}",
    "{{ name if yes else 'no' }}{{ 'x' if nothing }}{{ (1, 2) }}{{ [1, 'a', none, 1.5] }}{{ {'k': [true]} }}",
    "{{ vms[0].name }} {{ vms[-1]['name'] }} {{ map.a.x[1:] }} {{ map['a']['x'][::-1] }} {{ name[1:3] }}",
    "{{ n|default(3) }} {{ missing|default('d') }} {{ ''|default('e', true) }} {{ missing is defined }}",
    "{{ 3|string + '4' }} {{ '12'|int + 1 }} {{ 2.5|round }} {{ 3.5|round }} {{ 2.567|round(1, 'floor') }}",
    "{{ [3, 1, 2]|sort|join(',') }} {{ ['b', 'A', 'a']|sort|join }} {{ vms|map(attribute='name')|join('-') }}",
    "{{ vms|selectattr('ram', 'ge', 4)|map(attribute='name')|list }} {{ vms|sum(attribute='ram') }}",
    "{% for g in vms|groupby('ram') %}{{ g.grouper }}:{{ g.list|length }} {% endfor %}{{ map|dictsort }}",
    "{{ 'the quick brown fox'|truncate(11) }} {{ 'it\\'s a test'|title }} {{ 'x'|center(5) }}|{{ 'ab'|reverse }}",
    "{{ [1, 2, 3, 4, 5]|batch(2, 0)|list }} {{ [1, 2, 3]|slice(2)|list }} {{ [1, 1, 2]|unique|list }}",
    "{{ '%s has %03d and %.2f'|format(name, n, f) }} {{ 'a b'|wordcount }} {{ text|trim|replace('\\n', '/') }}",
    "{{ text|indent(2) }}{{ text|indent(2, true) }}{{ 'aa bb cc'|wordwrap(5) }}{{ map|tojson }}",
    # statements
    "{% for vm in vms if vm.ram > 2 %}{{ loop.index }}/{{ loop.length }}{{ vm.name }}{% if not loop.last %}, {% endif %}{% else %}none{% endfor %}",
    "{% for k in tree recursive %}{{ k.n }}{{ loop.depth }}{% if k.kids %}({{ loop(k.kids) }}){% endif %}{% endfor %}",
    "{% for a, b in [(1, 2), (3, 4)] %}{{ a }}{{ b }}{{ loop.cycle('x', 'y') }}{{ loop.changed(b) }}{% endfor %}",
    "{% for x in empty %}x{% else %}{{ name }}{% endfor %}{% for i in range(3) %}{{ loop.previtem is defined }}{% endfor %}",
    "{% set a = 1 %}{% for i in [1, 2] %}{% set a = i %}{% endfor %}{{ a }}{% set ns = namespace(v=0) %}{% for i in [1, 2] %}{% set ns.v = ns.v + i %}{% endfor %}{{ ns.v }}",
    "{% set x %}a{{ n }}{% endset %}{{ x }}{% set y | upper | replace('B', 'c') %}ab{% endset %}{{ y }}",
    "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}",
    "{% macro m(a, b='x', c=b) %}{{ a }}{{ b }}{{ c }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }}{{ m(1, 2, 3, 4, k=5) }}",
    "{% macro box(t) %}[{{ t }}:{{ caller(n) }}]{% endmacro %}{% call(q) box('T') %}{{ q }}{{ name }}{% endcall %}",
    "{% macro f(n) %}{% if n %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}",
    "{% filter upper|replace('B', '-') %}a{{ name }}b{% endfilter %}{% raw %}{{ x }}{% y %}{% endraw %}{# c #}",
    "{% if n > 9 %}a{% elif n > 6 %}b{% else %}c{% endif %}{{ 'a' if n is odd else 'b' }}{{ n is divisibleby 7 }}",
    # other templates
    "{% extends 'base' %}{% block body %}B{{ super() }}{{ self.head() }}{% endblock %}dropped",
    "{% extends 'mid' %}{% block head %}H{{ super() }}{% endblock %}",
    "{% set x = 5 %}{% include 'part' %}|{% include 'plain' without context %}{% include 'plain' %}",
    "{% include ['nope', 'part'] %}{% include 'nope' ignore missing %}",
    "{% import 'lib' as l %}{{ l.greet('a') }}{{ l.answer }}{% from 'lib' import greet as g, answer %}{{ g('b', sign='?') }}{{ answer }}",
    # blanks
    ("  {% if yes %}\n  a\n  {%- endif %}\n{{ n -}}   \n b {#- c -#} d\n", {}),
    ("  {% if yes %}\n  a\n  {% endif %}\nb\n", {T: True}),
    ("  {% if yes %}\n  a\n  {% endif %}\nb\n", {L: True}),
    ("  {% if yes %}\n\t{%+ if yes %}a{% endif +%}\n  {% endif %}\nb\n", {T: True, L: True}),
    ("a\n\n", {K: True}), ("a\r\nb\r\n", {K: True}), ("{# x #}\n  {# y #}\nz", {T: True, L: True}),
    # errors: template and line
    "a\n{{ name.nope }}", "a\n\n{{ nope + 1 }}", "{% for x in 5 %}\n{% endfor %}", "a\n{{ 1 + 'a' }}", "{{ n / 0 }}",
    "{% include 'part' %}\n{% include 'nope' %}", "\n{% if n %}", "{{ 1 +\n }}", "\n{{ n|nope }}", "\n\n{{ n is nope }}",
    "{% set %}", "{% endfor %}", "{{ 'a }}", "{% block a %}{% endblock %}\n{% block a %}{% endblock %}",
    "{% macro m(a) %}\n{{ a.b.c }}{% endmacro %}\n{{ m(1) }}", "{{ m( }}", "{% extends 'nope' %}", "{{ vms|sort }}",
]


def own_cases():
    try:
        import jinja2
    except ImportError:
        return None
    cases = []
    for i, row in enumerate(OWN):
        template, options = row if isinstance(row, tuple) else (row, {})
        env = jinja2.Environment(undefined=jinja2.StrictUndefined, loader=jinja2.DictLoader(OTHER), **options)
        case = {"id": f"own-{i + 1:03}", "template": template, "templates": OTHER, "context": DATA, "options": options}
        try:
            case["expected"] = env.from_string(template).render(**DATA)
        except jinja2.TemplateSyntaxError as e:
            case["error"] = {"template": e.name or "", "line": e.lineno}
        except Exception as e:
            frames = [f for f in trace(e) if f[0] == "<template>" or f[0] in OTHER]
            case["error"] = {"template": frames[-1][0].replace("<template>", ""), "line": frames[-1][1]}
        cases.append(case)
    return cases


def trace(error):
    tb = error.__traceback__
    while tb:
        yield tb.tb_frame.f_code.co_filename, tb.tb_lineno
        tb = tb.tb_next


def run_case(labc, folder, case, defaults):
    """What is wrong, or None."""
    where = os.path.join(folder, case["id"])
    os.mkdir(where)
    for name, text in [("main", case["template"]), *case.get("templates", {}).items()]:
        path = os.path.join(where, "t", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as f:
            f.write(text)
    with open(os.path.join(where, "data.json"), "w") as f:
        json.dump(case["context"], f)
    options = {**defaults, **case.get("options", {})}
    flags = ["--" + o.replace("_", "-") for o, on in options.items() if on]
    done = subprocess.run([labc, "render", "t/main", "--data", "data.json", "--lang", "text", *flags], cwd=where,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if "error" not in case:
        if done.returncode == 0 and done.stdout == case["expected"].encode() and not done.stderr:
            return None
        return f"exit {done.returncode}, {done.stdout!r} instead of {case['expected'].encode()!r}\n{done.stderr.decode()}"
    name = case["error"]["template"] or "main"
    first = re.match(rb"t/([^:]+):(\d+):\d+: error\[T", done.stderr)
    if done.returncode == 1 and not done.stdout and first and first[1].decode() == name and int(first[2]) == case["error"]["line"]:
        return None
    return f"exit {done.returncode}, expected an error at {name}:{case['error']['line']}\n{done.stderr.decode()}"


def main():
    labc = os.path.abspath(sys.argv[1])
    corpus = sys.argv[2] if len(sys.argv) > 2 else "../shared/contracts/jinja-conformance.json"
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        sets = [("of Jinja2's here", own_cases(), {})]
        if os.path.exists(corpus):
            with open(corpus, encoding="utf-8") as f:
                recorded = json.load(f)
            sets.append(("recorded", recorded["cases"], recorded["option_defaults"]))
        for what, cases, defaults in sets:
            if cases is None:
                print("skipped: python3-jinja2 is not installed")
                skipped += 1
                continue
            wrong = list(pool.map(lambda c: run_case(labc, folder, c, defaults), cases))
            for case, why in zip(cases, wrong):
                if why:
                    print(f"FAILED {case['id']}: {case['template']!r}\n    {why}")
            good = wrong.count(None)
            print(f"score: labc render gives {good} of the {len(cases)} cases {what}")
            passed += good
            failed += len(cases) - good
    print(f"templates: {passed} passed, {failed} failed, {skipped} skipped")
    return failed > 0


sys.exit(main())
