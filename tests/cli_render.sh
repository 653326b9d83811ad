#!/bin/sh
# What authors of templates meet: labc render with all its options, templates, build --templates, template-dump.
. "$(dirname "$0")/cli_help.sh"

# --- render ---
printf 'hi {{ a }}\n' >hi.j2
printf '{"a": "x"}' >a.json
run 0 'data in JSON' render hi.j2 --data a.json
[ "$(cat o)" = 'hi x' ] && ok || bad 'render to standard output' o
empty e
printf 'a: [1, 0x1F, 1.5, "5", true, null, .5]\n' | "$LABC" render hi.j2 --data - >o 2>e
has o "hi [1, 31, 1.5, '5', True, None, 0.5]"
printf '{"a": "in"}' | "$LABC" render hi.j2 --data - -o out.txt >o 2>e
empty o
[ "$(cat out.txt)" = 'hi in' ] && ok || bad 'render -o with data from standard input' out.txt e
printf '{a: flow}' | "$LABC" render hi.j2 --data - >o 2>e
has o 'hi flow'
run 2 'no template' render
run 2 'two templates' render hi.j2 hi.j2
run 2 'unknown language' render hi.j2 --lang xml
has e 'text, ps, json, md, markup'
run 3 'template that is not there' render no.j2
run 3 'data that are not there' render hi.j2 --data no.json
run 3 'folder that is not there' render hi.j2 --template-dir no
has e "no folder 'no'"
run 1 'no data' render hi.j2
has e "hi.j2:1:7: error[T201]: 'a' is not defined"
for d in '' '# nothing' 'null' '[1]' '{"a": 1,}' '{"a": 1, "a": 2}' '{"a": 99999999999999999999}' 'a: 99999999999999999999' '5'; do
	printf '%s' "$d" | "$LABC" render hi.j2 --data - >o 2>e
	[ $? -eq 1 ] && ok || bad "data $d" o e
	empty o
	has e 'error[T504]'
	count e 1
done
printf 'a: 1\na: 2\n' | "$LABC" render hi.j2 --data - >o 2>e
has e "'a' is set twice"
printf 'x {{ 1 }}\n{{ a.nope }}' >bad.j2
run 1 'a failed rendering writes nothing' render bad.j2 --data a.json -o never.txt
absent never.txt

# blanks
printf '{%% if true %%}\n  {%% set x = 1 %%}\n x\n{%% endif %%}\n' >b.j2
run 0 'blanks as they are' render b.j2
[ "$(od -c o | head -n 1)" = "$(printf '\n  \n x\n' | od -c | head -n 1)" ] && ok || bad 'blanks' o
run 0 'trim and lstrip' render b.j2 --trim-blocks --lstrip-blocks --keep-trailing-newline
[ "$(cat o)" = ' x' ] && ok || bad 'trim and lstrip' o
run 0 'the last line end stays' render hi.j2 --data a.json --keep-trailing-newline
[ "$(od -An -c o | tr -d ' \n')" = 'hix\n' ] && ok || bad 'the last line end' o

# languages: by the name, or as asked
printf '$x = {{ a }}' >x.ps1.j2
printf '"it'"'"'s" ' | sed 's/^/{"a": /; s/$/}/' >q.json
run 0 'PowerShell by name' render x.ps1.j2 --data q.json
has o "\$x = 'it''s'"
run 0 'text as asked' render x.ps1.j2 --data q.json --lang text
has o "\$x = it's"
printf '{"k": {{ a }}}' >x.json.j2
run 0 'JSON by name' render x.json.j2 --data q.json
has o '{"k": "it'"'"'s"}'
printf '<a title="{{ a }}">{{ a }}</a>' >x.svg.j2
run 0 'markup by name' render x.svg.j2 --data q.json
has o '<a title="it&#39;s">it&#39;s</a>'
for place in "<a title='{{ a }}'>" '<a href="{{ a }}">' '<a onclick="{{ a }}">' '<{{ a }}>' '<a {{ a }}>' '<script>{{ a }}</script>' \
	'<style>{{ a }}</style>' '<!-- {{ a }} -->' '<a title={{ a }}>'; do
	printf '%s' "$place" >y.html.j2
	run 1 "$place" render y.html.j2 --data q.json
	has e 'error[T3'
	count e 1
done
printf 'Set-X "{{ a }}" {{ a|json }} {{ a|ps|upper }}' >z.ps1.j2
run 1 'three mistakes, three findings' render z.ps1.j2 --data q.json
has e 'z.ps1.j2:1:8: error[T303]'
has e 'z.ps1.j2:1:20: error[T310]'
has e 'z.ps1.j2:1:33: error[T311]'
count e 3

# other templates: beside the template, or in a folder; never outside
mkdir -p lib/sub
printf '{%% include "sub/part.j2" %%}' >lib/main.j2
printf '\n{%% for v in vms %%}{{ v.ip }}{%% endfor %%}' >lib/sub/part.j2
printf 'vms:\n- ip: 1\n- nope: 2\n' >vms.yaml
run 1 'a backtrace' render lib/main.j2 --data vms.yaml
has e "lib/sub/part.j2:2:22: error[T202]: 'v' (a dict) has no key 'ip'"
has e 'turn 2 of this loop'
has e "lib/main.j2:1:1: note: in include 'sub/part.j2'"
has e 'vms.yaml:3:3: note: the value was read here'
cp lib/main.j2 main.j2
run 1 'not beside it' render main.j2 --data vms.yaml
has e "no template 'sub/part.j2'"
printf '{%% include "part.txt" %%}' >main.j2
printf 'there' >lib/part.txt
run 0 'in a folder' render main.j2 --template-dir lib
has o there
for name in ../hi.j2 /etc/hostname - sub/../../hi.j2; do
	printf '{%% include "%s" %%}' "$name" >lib/out.j2
	run 1 "include $name" render lib/out.j2
	has e 'error[T501]'
	count e 1
done
printf '{%% include "self.j2" %%}' >self.j2
run 1 'a template that includes itself' render self.j2
has e "the template 'self.j2' leads back to itself"
mkdir lib/folder.j2
printf '{%% include "folder.j2" %%}' >lib/out.j2
run 3 'a template that is a folder' render lib/out.j2
has e "cannot read 'lib/folder.j2': is a folder"

# --- templates, build --templates ---
run 0 'list of templates' templates
has o setup.ps1.j2
run 2 'templates takes no files' templates x
run 0 'export' templates --export mine
for t in $("$LABC" templates); do [ -f "mine/$t" ] && ok || bad "not exported: $t"; done
run 3 'nothing is replaced' templates --export mine
run 0 'a build' build -q lab.yaml -o one
run 0 'a build from what was exported' build -q lab.yaml -o two --templates mine
empty e
same one two
rm -r mine
mkdir mine
printf '# mine: {{ lab.name }}\n' >mine/setup.ps1.j2
printf '@rem mine\n' >mine/start.cmd
run 0 'own templates' build -q lab.yaml -o three --templates mine
head -n 1 three/*/setup.ps1 >o
has o '# mine: cross-lab-access'
head -n 1 three/*/setup.cmd >o
has o '@rem mine'
cmp -s one/azuredeploy.json three/azuredeploy.json && ok || bad 'the other templates stay' o
# guests that are alike for the shipped template are not so for one that reads more of them
mkdir mine2 mine2/seed
printf '{"vcpus":{{ guest.vcpus }}}\n' >mine2/seed/user-data.json.j2
cat >alike.yaml <<'Y'
labc: 1
name: alike
target: lab-services
host: { size: Large (nested virtualization) }
defaults: { guest: { os: ubuntu-24.04, memory: 2 GiB, image: 'D:\u.vhdx' } }
guests:
  one: { vcpus: 1 }
  two: { vcpus: 2 }
Y
run 0 'an own template of a seed' build -q alike.yaml -o alike --templates mine2
grep -h '"vcpus":' alike/*/setup.ps1 >o
has o '"vcpus":1'
has o '"vcpus":2'
printf '{{ lab.nme }}' >mine/setup.ps1.j2
run 1 'own templates that fail' build -q lab.yaml -o four --templates mine
has e "mine/setup.ps1.j2:1:4: error[T202]"
has e "did you mean 'name'?"
absent four
printf '"{{ lab.name }}"' >mine/setup.ps1.j2
run 1 'own templates are escaped by their place, too' build -q lab.yaml -o four --templates mine
has e 'error[T303]'
absent four
mv mine/setup.ps1.j2 mine/setup.ps.j2
run 0 'a name that replaces nothing' build -q lab.yaml -o five --templates mine
has e "'mine/setup.ps.j2' is not used: no template has that name; did you mean 'setup.ps1.j2'?"
run 3 'no such folder of templates' build -q lab.yaml -o six --templates no
has e "no folder 'no'"
absent six
rm mine/setup.ps.j2
mkdir mine/setup.ps1.j2
run 3 'a template that cannot be read' build -q lab.yaml -o six --templates mine
has e "cannot read 'mine/setup.ps1.j2'"
absent six

# --- template-dump: tokens, tree, contexts, code ---
printf "\$x = {{ a|upper }} '{{ b }}' # {{ c }}" >d.ps1.j2
run 0 'template-dump' internal template-dump d.ps1.j2
for w in 'language ps' tokens "name upper" tree 'filter 1:9 upper' 'a PowerShell expression' "a PowerShell '...' string" 'a PowerShell comment' \
	'function 0' 'FILTER' 'EMIT'; do has o "$w"; done
printf '{{ x' >d.j2
run 1 'template-dump of a broken one' internal template-dump d.j2
has e 'error[T104]'
run 3 'template-dump of nothing' internal template-dump no.j2
run 2 'template-dump without a file' internal template-dump

echo "cli-render: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
