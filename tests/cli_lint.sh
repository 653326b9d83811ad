#!/bin/sh
# The command line, part two: formats and outputs, repairs, threads, summaries, why, init, pipelines.
. "$(dirname "$0")/cli_help.sh"

sed '0,/memory: 4 GiB/s//memory: 4GiBs/' lab.yaml >wrong.yaml
cat >fix.yaml <<'Y'
labc: 1
name: fix                # kept
target: lab-services
host:
  size: Large (Nested virtualization)
guests:
  one:
    os: ubuntu-22.04
    vcpus: "2"           # kept too
    memory: 4 GiB
    remote_desktop: no
Y

# --- formats and outputs ---
for f in text concise json jsonl sarif github gitlab azure junit checkstyle rdjson; do
	run 1 "format $f" lint -q --format $f wrong.yaml
	has o wrong.yaml
	empty e
	run 0 "format $f, clean" lint -q --format $f lab.yaml
	run 0 "help" lint --help
	has o "  $f "
done
for f in text concise; do
	run 0 "format $f, clean" lint --format $f lab.yaml
	empty o
done
run 2 'format with a typing mistake' lint --format sarfi lab.yaml
has e "did you mean 'sarif'"
run 1 'several outputs' lint -q --format concise --output json=a.json -o sarif=deep/b.sarif --output=junit=c.xml wrong.yaml
[ "$(wc -l <o)" -eq 1 ] && ok || bad 'standard output is not one line' o
for f in a.json deep/b.sarif; do python3 -m json.tool $f >/dev/null 2>e && ok || bad "$f is not JSON" e; done
python3 -c 'import sys, xml.dom.minidom as m; m.parse("c.xml")' 2>e && ok || bad 'c.xml is not XML' e
has deep/b.sarif '"LAB'
run 1 'the same by --format' lint -q --format json wrong.yaml
same o a.json
run 0 'outputs of a clean run' lint -q --output json=a.json --output github=g lab.yaml
empty o
has a.json '"findings"'
hasnt g '::error'
run 2 'output without a file' lint --output sarif lab.yaml
has e 'FORMAT=FILE'
run 2 'output of no format' lint --output xml=a lab.yaml
run 2 'two outputs in one file' lint --output json=a --output sarif=a lab.yaml
run 3 'output that cannot be written' lint -q --output json=lab.yaml/x lab.yaml
run 1 'output into a device' lint -q --output json=/dev/null wrong.yaml
[ -c /dev/null ] && ok || bad '/dev/null was replaced'
run 1 'colour stays out of files' lint -q --color always --output text=a.txt wrong.yaml
if grep -q "$(printf '\033')" a.txt; then bad 'colour in a file' a.txt; else ok; fi

# --- pipelines ---
pipeline() { # NAME=VALUE ARGS...: like run, with a variable
	env "$1" "$LABC" lint -q $2 wrong.yaml >o 2>e </dev/null
}
pipeline GITHUB_ACTIONS=true ''
has o '::error title=LAB'
pipeline TF_BUILD=True ''
has o '##vso[task.logissue type=error;sourcepath=wrong.yaml'
pipeline GITHUB_ACTIONS=true '--format concise'
hasnt o '::error'
pipeline GITHUB_ACTIONS=false ''
hasnt o '::error'
GITHUB_ACTIONS=true "$LABC" build wrong.yaml >o 2>e
hasnt e '::error'
GITHUB_ACTIONS=true "$LABC" lint lab.yaml >o 2>e
hasnt o '::error'
hasnt o '::warning'

# --- repairs ---
cp fix.yaml before.yaml
run 1 'diff writes nothing' lint --diff fix.yaml
same fix.yaml before.yaml
has o '--- fix.yaml'
has o '+    vcpus: 2'
has e 'would repair 2 findings in 1 file'
cp fix.yaml patched.yaml
if command -v patch >/dev/null; then
	sed 's/fix\.yaml/patched.yaml/' o | patch -s -p0 >e 2>&1 && ok || bad 'patch does not take the diff' e
	run 0 'the patched spec is clean' lint patched.yaml
fi
chmod 640 fix.yaml
run 0 fix lint --fix fix.yaml
has e 'repaired 2 findings in 1 file; 1 spec, no findings left'
empty o
[ "$(stat -c %a fix.yaml)" = 640 ] && ok || bad 'the mode changed'
has fix.yaml 'name: fix                # kept'
has fix.yaml 'vcpus: 2           # kept too'
has fix.yaml 'remote_desktop: false'
cp fix.yaml once.yaml
run 0 'fix again' lint --fix fix.yaml
same fix.yaml once.yaml
has e 'repaired 0 findings'
[ -f fix.yaml.*.tmp ] && bad 'a temporary file is left' || ok
run 0 'nothing to show' lint --diff fix.yaml
empty o
# by the exit code of what remains
sed 's/memory: 4 GiB/memory: 400 GiB/' before.yaml >rest.yaml
run 1 'fix, something remains' lint --fix rest.yaml
has e 'repaired 2 findings in 1 file; '
has o 'LAB03'
# line ends, byte order mark
printf '\357\273\277' >crlf.yaml
sed 's/$/\r/' before.yaml >>crlf.yaml
run 0 'fix of CRLF with a BOM' lint --fix crlf.yaml
[ "$(grep -c "$(printf '\r')$" crlf.yaml)" -eq "$(wc -l <crlf.yaml)" ] && ok || bad 'a line end changed' crlf.yaml
[ "$(head -c 3 crlf.yaml | od -An -tx1 | tr -d ' ')" = efbbbf ] && ok || bad 'the BOM is gone'
# a link stays one
cp before.yaml real.yaml
ln -s real.yaml link.yaml
run 0 'fix through a link' lint --fix link.yaml
[ -L link.yaml ] && ok || bad 'the link was replaced'
same real.yaml once.yaml
# safe and likely ones
cat >typo.yaml <<'Y'
labc: 1
name: typo
target: lab-services
host: { size: Large (Nested virtualization) }
guests:
  one: { os: ubuntu-22.04, vcpsu: 2 }
Y
cp typo.yaml typo2.yaml
run 1 'an unsafe repair needs its option' lint --fix typo.yaml
same typo.yaml typo2.yaml
has e 'repaired 0 findings'
run 0 'unsafe fixes' lint --fix --unsafe-fixes typo.yaml
has typo.yaml 'vcpus: 2'
run 2 'unsafe fixes alone' lint --unsafe-fixes typo.yaml
run 2 'fix of standard input' lint --fix -
"$LABC" lint --diff --stdin-filename given.yaml - <before.yaml >o 2>e
has o '+++ given.yaml'
# an included file
mkdir inc
cat >inc/lab.yaml <<'Y'
labc: 1
name: inc
target: lab-services
include: [common.yaml]
host: { size: Large (Nested virtualization) }
guests:
  one: { os: ubuntu-22.04 }
Y
printf 'labc: 1\ndefaults:\n  guest:\n    vcpus: "2"\n' >inc/common.yaml
run 0 'fix in an included file' lint --fix inc
has inc/common.yaml 'vcpus: 2'
# comments in an included file silence what stands in it
printf 'labc: 1\ndefaults:\n  guest:\n    vcpus: 1     # labc: ignore LAB0315 -- small\n    memory: 4 GiB # labc: ignore LAB0316\n' >inc/common.yaml
run 1 'ignores in an included file' lint --format concise inc
hasnt o LAB0315
has o 'inc/common.yaml:5:'
has o 'LAB0072'
# standard input has the folder of its name, or none
"$LABC" lint --format concise --stdin-filename inc/lab.yaml - <inc/lab.yaml >o 2>e
has o 'inc/common.yaml:5:'
"$LABC" lint --format concise - <inc/lab.yaml >o 2>e
has o LAB0143
# a file of prices is repaired where it stands
printf 'currency: eur\nStandard_D8s_v5: 0.55\n' >inc/prices.yaml
sed 's/target: .*/target: azure-vm/;s/Large.*}/Standard_D8s_v5 }/;/include/d' inc/lab.yaml >inc/priced.lab.yaml
printf 'targets:\n  azure-vm: { prices: prices.yaml }\n' >>inc/priced.lab.yaml
run 0 'fix in a file of prices' lint --fix inc/priced.lab.yaml
has inc/prices.yaml 'currency: EUR'
rm inc/priced.lab.yaml
run 1 'the summary says what can be repaired' lint before.yaml
has e '2 with a safe repair (--fix)'

# every golden case with a repair: the finding is gone, nothing new but notes, comments stay, twice is once
mkdir gold
cp -R "$root"/tests/golden/lint/. gold
cd gold || exit 1
tried=0
for y in *.yaml; do
	case $y in *.lab.yaml) continue ;; esac
	"$LABC" lint --diff --unsafe-fixes "$y" >../d 2>../e </dev/null
	[ -s ../d ] || continue
	tried=$((tried + 1))
	"$LABC" lint -q --format concise "$y" | sed 's/^[^[]*\[\([A-Z0-9]*\)\].*/\1/' | sort >../codes1
	grep -o '#.*' "$y" | grep -v 'labc: ignore' | sort >../comments1
	cp "$y" ../old
	"$LABC" lint --fix --unsafe-fixes "$y" >../o 2>../e </dev/null
	"$LABC" lint -q --format concise "$y" 2>/dev/null | sed 's/^[^[]*\[\([A-Z0-9]*\)\].*/\1/' | sort >../codes2
	grep -o '#.*' "$y" | grep -v 'labc: ignore' | sort >../comments2
	n=$(sed -n 's/^repaired \([0-9]*\) .*/\1/p' ../e)
	if [ "$(wc -l <../codes2)" -le $(($(wc -l <../codes1) - n)) ] && [ -z "$(comm -13 ../codes1 ../codes2)" ]; then ok; else bad "fix of $y" ../old "$y" ../o; fi
	[ -z "$(comm -23 ../comments1 ../comments2)" ] && ok || bad "fix of $y loses a comment" ../old "$y"
	cp "$y" ../new
	"$LABC" lint --fix --unsafe-fixes "$y" >../o 2>../e </dev/null
	cmp -s "$y" ../new && ok || bad "fix of $y again" ../new "$y"
done
cd ..
[ $tried -ge 20 ] && ok || bad "only $tried golden cases have a repair"
echo "golden cases with a repair: $tried"
# a repair that is offered and not applied is named in the summary
cp -R "$root"/tests/golden/lint/. gold
for y in gold/*.yaml; do
	"$LABC" lint --diff --unsafe-fixes "$y" >d 2>e </dev/null
	[ -s d ] && continue
	"$LABC" lint "$y" >o 2>e2 </dev/null
	grep -q 'with a safe repair\|with a likely one' e2 || continue
	grep -q 'left out' e || echo "$y"
done >unrepaired
empty unrepaired

# --- threads ---
mkdir many
i=0
for y in gold/*.yaml; do
	i=$((i + 1))
	cp "$y" many/$i.lab.yaml
done
for f in text json sarif; do
	for j in 1 2 3 8 64; do
		"$LABC" lint --notes -j $j --format $f many lab.yaml missing.yaml >o$j 2>e$j
	done
	for j in 2 3 8 64; do
		same o1 o$j
		same e1 e$j
	done
done
run 1 'one spec, many threads' lint --jobs=8 wrong.yaml
run 2 'no threads' lint --jobs 0 wrong.yaml
run 2 'no number of threads' lint -j x wrong.yaml
"$LABC" lint many many/1.lab.yaml -j 2 2>/dev/null | head -n 1 >/dev/null && ok || bad 'a closed pipe'

# --- summaries ---
run 0 'ignored findings are counted' lint "$root/examples/networking-gns3"
has e 'no findings'
has e '1 ignored by comments (LAB0425 at '
has e 'lab.yaml:31)'
run 1 'counts' lint wrong.yaml lab.yaml
has e '1 error in 1 of 2 specs'
run 3 'nothing matched' lint inc/nothing
mkdir none
run 3 'a folder without a spec' lint none
has e 'no spec in'

run 1 'a spec named twice is read once' lint wrong.yaml wrong.yaml
has e '1 error;'
run 3 'a pattern that matches nothing' lint 'nowhere/*.lab.yaml'

# --- dump ---
run 0 'dump' dump lab.yaml
cp o plain
run 0 'dump as JSON' dump --format json lab.yaml
same o plain
run 2 'dump in no other form' dump --format yaml lab.yaml
has e json

# --- why ---
cat >why.yaml <<'Y'
labc: 1
name: why
target: lab-services
defaults:
  guest: { memory: 2 GiB, vcpus: 1 }
profiles:
  big: { memory: 8 GiB }
host:
  size: Large (Nested virtualization)
guests:
  web:
    os: ubuntu-22.04
    profile: big
    vcpus: 4
    count: 2
    disks: [20 GiB]
    ports: ["8080:80", { external: auto, internal: 22, name: ssh }]
Y
run 0 'why: item' why guests.web.vcpus why.yaml
has o 'guests.web.vcpus: 4'
has o 'why.yaml:14:12'
has o '    vcpus: 4'
has o 'comes before defaults: 1, why.yaml:5:34'
run 0 'why: profile' why guests.web.memory why.yaml
has o 'guests.web.memory: 8 GiB'
has o "profile 'big': why.yaml:7:18"
has o 'comes before defaults: 2 GiB, why.yaml:5:20'
run 0 'why: copy' why guests.web-2.memory why.yaml
has o '8 GiB'
run 0 'why: built-in' why guests.web.checkpoints why.yaml
has o "the language's default"
has o 'source: '
run 0 'why: catalogue' why guests.web.disk.size why.yaml
has o 'the catalogue'
has o 'os: ubuntu-22.04, why.yaml:12:9'
run 0 'why: derived' why guests.web.address why.yaml
has o 'worked out by labc'
run 0 'why: derived from what is written' why guests.web.ports.ssh.external why.yaml
has o 'why.yaml:17:36'
run 0 'why: item of a list' why 'guests.web.disks[0].size' why.yaml
has o '20 GiB'
run 0 'why: short form' why guests.web.ports.0.internal why.yaml
has o ': 80'
run 0 'why: not set' why guests.web.iso.source why.yaml
has o 'not set'
run 0 'why: a whole guest' why guests.web why.yaml
has o 'memory.startup'
run 0 'why: host by its name' why hosts.host.reserve why.yaml
has o '4 GiB'
run 0 'why: alias' why hosts.lab-vm-2.guests.ubuntu.os lab.yaml
has o 'lab.yaml:27:13'
run 0 'why: everything' why '' why.yaml
run 2 'why: misspelt field' why guests.web.memroy why.yaml
has e "did you mean 'guests.web.memory'"
run 2 'why: unknown guest' why hosts.lab-vm-1.guests.ubunut.memory lab.yaml
has e "did you mean 'hosts.lab-vm-1.guests.ubuntu.memory'"
run 2 'why: host left out' why guests.ubuntu.os lab.yaml
has e 'hosts.lab-vm-1.guests.ubuntu.os'
run 2 'why: too deep' why guests.web.vcpus.x why.yaml
run 2 'why: no spec' why guests.web.vcpus
run 3 'why: missing spec' why guests.web.vcpus missing.yaml
run 0 'why: wrong value' why hosts.lab-vm-1.guests.ubuntu.memory wrong.yaml
has o 'wrong'
: >empty.yaml
run 1 'why: empty spec' why guests empty.yaml
# every path that the listing shows can be asked
"$LABC" why guests.web why.yaml | sed -n 's/^  \([a-z_.]*\) .*/\1/p' >paths
while read -r p; do
	"$LABC" why "guests.web.$p" why.yaml >o 2>e || bad "why guests.web.$p" e
done <paths
[ -s paths ] && ok || bad 'no paths'

# --- init ---
for t in lab-services azure-vm devtest-labs hyper-v; do
	run 0 "init $t" init --target $t -o $t/lab.yaml
	has o "labc lint $t/lab.yaml"
	run 0 "the starter for $t is clean" lint $t
	empty o
	has $t/lab.yaml "target: $t"
	has $t/lab.yaml '# '
	# what is commented out is right too
	sed 's/^\( *\)#\([a-z_-]*:\)/\1\2/' $t/lab.yaml >$t/all.yaml
	run 0 "with everything in it, $t" lint $t/all.yaml
done
run 2 'init without a target' init -o x.yaml
has e 'lab-services azure-vm'
absent x.yaml
run 2 'init, misspelt target' init --target azurevm -o x.yaml
has e "did you mean 'azure-vm'"
cp lab.yaml keep.yaml
run 3 'init replaces nothing' init --target hyper-v
has e 'is not replaced'
has e '--force'
same lab.yaml keep.yaml
cp lab.yaml replaced.yaml
run 0 'init --force' init --target hyper-v -o replaced.yaml --force
has replaced.yaml 'target: hyper-v'
run 2 'init, unknown example' init --example two-host
has e "did you mean 'two-hosts'"
for e in "$root"/examples/*/lab.yaml; do
	n=${e%/lab.yaml} n=${n##*/}
	run 0 "init --example $n" init -q --example "$n" -o ex/$n.yaml
	same ex/$n.yaml "$e"
done
run 0 'init to standard output' init --example first-lab -o -
same o "$root/examples/first-lab/lab.yaml"
run 0 'an example for another target' init -q --example first-lab --target azure-vm -o moved.yaml
run 0 'and it is clean' lint moved.yaml
has moved.yaml 'target: azure-vm'
run 1 'an example that does not fit' init --example two-hosts --target hyper-v -o no.yaml
absent no.yaml
run 0 'templates are not examples' templates
hasnt o examples/
if command -v script >/dev/null 2>&1; then
	printf '4\n' | script -qec "$LABC init -o asked.yaml" /dev/null >o 2>&1
	has asked.yaml 'target: hyper-v'
fi

# --- the action's own script ---
if command -v bash >/dev/null 2>&1; then
	sed -n '/id: lint/,$p' "$root/action.yml" | sed -n '/run: |/,$p' | sed '1d;s/^        //' >step.sh
	mkdir -p act/build
	ln -s "$LABC" act/build/labc
	GITHUB_ACTIONS=true GITHUB_ACTION_PATH=$tmp/act GITHUB_OUTPUT=$tmp/out LABC_FILES="wrong.yaml
lab.yaml" LABC_FAIL_ON=warning LABC_SARIF=act.sarif LABC_JUNIT='' bash -e step.sh >o 2>e
	[ $? -eq 1 ] && ok || bad 'exit code of the action' o e
	has o '::error'
	has out 'exit-code=1'
	has act.sarif '"LAB'
	GITHUB_ACTIONS=true GITHUB_ACTION_PATH=$tmp/act GITHUB_OUTPUT=$tmp/out LABC_FILES='$(touch owned)' LABC_FAIL_ON=warning LABC_SARIF='' LABC_JUNIT='' bash -e step.sh >o 2>e
	absent owned
fi

echo "cli-lint: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
