#!/bin/sh
# The command line as a person meets it: exit codes, what goes where, nothing half-written.
. "$(dirname "$0")/cli_help.sh"

# --- help, usage ---
run 2 'no arguments'
empty o
has e 'Usage: labc COMMAND'
run 0 help --help
has o 'labc build lab.yaml'
empty e
for c in lint build explain list schema version; do
	run 0 "help $c" $c --help
	has o 'Usage: labc '
done
run 2 'misspelt command' bild lab.yaml
has e "did you mean 'labc build'"
run 2 'misspelt option' lint --nots lab.yaml
has e "did you mean '--notes'"
run 2 'option without value' build -o
run 2 'value that is none of the words' lint --format xml lab.yaml
has e 'text concise'
run 0 version --version
run 0 'explain a code' explain LAB0301
run 0 'explain a field' explain guest.memory
run 2 'explain nothing known' explain LAB9999

# --- lint: clean ---
run 0 'lint, clean' lint lab.yaml
empty o
run 0 'lint, quiet' lint -q lab.yaml
empty o
empty e

# --- lint: each one clear finding at the right place, exit 1, nothing written ---
: >empty.yaml
run 1 'empty file' lint empty.yaml
has o 'empty.yaml:1:1: error['
count o 1
mkdir nothing
run 3 'folder without a lab' lint nothing
has e 'nothing'
run 3 'missing file' lint missing.yaml
has e 'missing.yaml'
empty o
head -c 4096 /dev/urandom >rnd
printf '\000\001\002\377\376' | cat - rnd >binary.yaml
run 1 'binary file' lint binary.yaml
count o 1
sed '3s/.*/title: "never closed/' lab.yaml >syntax.yaml
run 1 'syntax error on line 3' lint syntax.yaml
has o 'syntax.yaml:3:8: error['
count o 1
sed '0,/memory: 4 GiB/s//memroy: 4 GiB/' lab.yaml >misspelt.yaml
run 1 'misspelt field' lint misspelt.yaml
has o "'memroy'"
has o 'memory'
count o 1
sed '0,/memory: 4 GiB/s//memory: 4096/' lab.yaml >unit.yaml
run 1 'size without unit' lint unit.yaml
has o "'4096'"
count o 1
sed 's/size: Medium (Nested virtualization)/size: Medium/' lab.yaml >small.yaml
run 1 'size that is not nested' lint small.yaml
has o 'Medium'
count o 1
cat >big.yaml <<'Y'
labc: 1
name: big
target: lab-services
host:
  size: Medium (Nested virtualization)
guests:
  one: { os: ubuntu-22.04, vcpus: 2, memory: 12 GiB }
  two: { os: ubuntu-22.04, vcpus: 2, memory: 12 GiB }
Y
run 1 'two guests of 12 GiB on 16 GiB' lint big.yaml
has o 'big.yaml:5:9: error['
has o '24 GiB'
has o '28 GiB'
count o 1
cat >ports.yaml <<'Y'
labc: 1
name: ports
target: lab-services
host:
  size: Medium (Nested virtualization)
guests:
  one: { os: ubuntu-22.04, vcpus: 2, memory: 4 GiB, ports: ["2222:22"] }
  two: { os: ubuntu-22.04, vcpus: 2, memory: 4 GiB, ports: ["2222:22"] }
Y
run 1 'two equal external ports' lint ports.yaml
has o 'ports.yaml:8:61: error['
count o 1
for y in empty binary syntax misspelt unit small big ports; do
	run 1 "build $y" build $y.yaml
	empty o
	absent out
done
run 3 'build of a missing file' build missing.yaml
absent out

# --- several inputs, standard input, folders ---
mkdir -p tree/a tree/b/c
cp lab.yaml tree/a/lab.yaml
cp misspelt.yaml tree/b/c/x.lab.yml
run 1 'lint of a folder' lint tree
has o 'tree/b/c/x.lab.yml:'
"$LABC" lint --stdin-filename given.yaml - <misspelt.yaml >o 2>e
has o 'given.yaml:'
"$LABC" lint - <misspelt.yaml >o 2>e
has o '<stdin>:'
run 1 concise lint --format concise misspelt.yaml
[ "$(wc -l <o)" -eq 1 ] && ok || bad 'concise is one line a finding' o
hasnt o '^'
run 0 'fail-on error' lint --fail-on error lab.yaml

# --- labs that meet on one server ---
for n in one two; do
	cat >meet-$n.yaml <<Y
labc: 1
name: $n
target: hyper-v
host: { name: cellar, size: { vcpus: 16, memory: 64 GiB, disk: 1 TiB } }
guests:
  web-$n: { os: debian-12, vcpus: 2, image: 'D:\debian.vhdx', ports: ["2222:22"] }
Y
done
run 0 'a lab alone' lint meet-one.yaml
run 1 'two labs with one port' lint --jobs 1 meet-one.yaml meet-two.yaml
has o 'meet-two.yaml:6:'
has o 'error[LAB0621]'
has o 'error[LAB0526]'
has o "meet-one.yaml:6:72: note: lab 'one' has it"
count o 2

# --- colour ---
run 1 'no colour in a pipe' lint misspelt.yaml
if grep -q "$(printf '\033')" o; then bad 'colour in a pipe' o; else ok; fi
run 1 'colour when asked' lint --color always misspelt.yaml
if grep -q "$(printf '\033')" o; then ok; else bad 'no colour though asked' o; fi

# --- a guest named after an attack is refused, and the terminal is safe ---
cat >attack.yaml <<'Y'
labc: 1
name: attack
target: lab-services
host:
  size: Medium (Nested virtualization)
guests:
  "x'; Remove-Item C:\\ -Recurse #":
    os: ubuntu-22.04
Y
run 1 'hostile guest name' lint attack.yaml
has o 'attack.yaml:7:3: error['
count o 1

# --- build ---
run 0 build build lab.yaml -o out
for f in README.md STUDENTS.md azuredeploy.json azuredeploy.parameters.json manifest.json .gitattributes \
	lab-vm-1/setup.ps1 lab-vm-1/setup.cmd lab-vm-2/setup.ps1 lab-vm-2/setup.cmd; do
	[ -s out/$f ] && ok || bad "no out/$f"
done
if cmp -s out/lab-vm-1/setup.ps1 out/lab-vm-2/setup.ps1; then ok; else bad 'hosts of one lab have different scripts'; fi
has o 'README.md'
(cd out && sed -n 's/.*"path": "\(.*\)",/\1/p' manifest.json | while read -r f; do
	grep -q "$(sha256sum "$f" | cut -d' ' -f1)" manifest.json || echo "$f"
done) >sums
empty sums
# the constant part of a script, as SPEC.md computes it, is the same for every lab and host
run 0 'build of another lab' build "$root/examples/first-lab/lab.yaml" -o out3
for f in out/*/*.ps1 out3/*/*.ps1; do
	sum=$(sed '/^# --- lab data/,/^# --- end of lab data/d' "$f" | sha256sum | cut -d' ' -f1)
	[ "$(sed -n "/\"path\": \".*\/${f##*/}\"/,/}/s/.*\"constant_sha256\": \"\(.*\)\"/\1/p" out/manifest.json | uniq)" = "$sum" ] && ok || bad "$f: not the constant part of the manifest"
	[ "$(grep -c '^# --- lab data' "$f")" = 1 ] && ok || bad "$f: not one table"
done
# scripts stay readable in one sitting: none of ten guests reaches 92,000 bytes
run 0 'build of ten guests' build "$root/tests/specs/ten-guests.yaml" -o out4
for f in out4/*/*.ps1; do
	[ "$(wc -c <"$f")" -lt 92000 ] && ok || bad "$f has $(wc -c <"$f") bytes"
done
# nor 100 KiB where it has parts for everything, which one lab hardly ever has all at once; so on every target
run 0 'build of every part' build "$root/tests/specs/every-part.yaml" -o out5
for p in resolver egress dhcp download 'data disk' task 'new volumes' cloud-init dvd password media; do
	grep -q "^# --- part $p ---" out5/host/setup.ps1 && ok || bad "every-part.yaml has no part $p"
done
every_part() { # TARGET SED-SCRIPT: the same spec for another target
	sed -e "s/^target: .*/target: $1/" -e '/^  azure-vm:/d' -e '/^targets:/d' -e "$2" "$root/tests/specs/every-part.yaml" >"$1.yaml"
	run 0 "build of every part for $1" build -q "$1.yaml" -o "out5-$1"
}
every_part devtest-labs 's/^quota:/targets: { devtest-labs: { region: westeurope, artifact_repository: https:\/\/example.org\/a.git } }\n&/;s/^  size: .*/&\n  resume: task/'
every_part hyper-v '/^quota:/d;s/^  size: .*/  size: { vcpus: 32, memory: 128 GiB }\n  resume: task/;s/ # labc: ignore .*//'
every_part lab-services '/windows-server-2022$/{n;s/size: .*/size: Large (nested virtualization)\n  resume: task/;n;s/4 GiB/2 GiB/};/ TiB$/d'
for p in 'shared server' dvd; do
	grep -q "^# --- part $p ---" out5-hyper-v/host/setup.ps1 && ok || bad "every-part.yaml for hyper-v has no part $p"
done
for f in out5*/host/*.ps1; do
	[ "$(wc -c <"$f")" -le 102400 ] && ok || bad "$f has $(wc -c <"$f") bytes"
done
for f in out/*/setup.*; do
	if LC_ALL=C grep -q '[^	-~]' "$f" && LC_ALL=C tr -d '\r' <"$f" | LC_ALL=C grep -q '[^	-~]'; then bad "$f is not ASCII"; else ok; fi
	[ "$(grep -c "$(printf '\r')$" "$f")" -eq "$(wc -l <"$f")" ] && ok || bad "$f: not every line ends in CRLF"
done
for f in out/*.md out/*.json out/.gitattributes; do
	if grep -q "$(printf '\r')" "$f"; then bad "$f has CR"; else ok; fi
	case $(head -c 3 "$f" | od -An -tx1) in *'ef bb bf'*) bad "$f has a BOM" ;; *) ok ;; esac
done
find out -type f -exec touch -d '2001-01-01' {} +
run 0 'build again' build lab.yaml -o out
[ -z "$(find out -type f -newermt 2001-01-02)" ] && ok || bad 'unchanged files were written again'
# a large spec: what stands in the folder is summed up while it is read
awk 'BEGIN {
	print "labc: 1\nname: large\ntarget: hyper-v\ntargets:\n  hyper-v: { dedicated: true }\nhosts:"
	for (h = 0; h < 2; h++) {
		print "  server-" h ":\n    size: { vcpus: 2048, memory: 8 TiB, disk: 60 TiB }\n    os: windows-server-2025\n    network: { subnet: 10.0.0.0/16 }\n    guests:"
		for (i = 0; i < 400; i++)
			printf "      guest-%d:\n        os: ubuntu-22.04\n        image: D:\\ubuntu.vhdx\n        vcpus: 2\n        memory: 2 GiB\n        disk: 25 GiB\n        licence: free # %600s\n", i, ""
	}
}' >large.yaml
run 0 'a large spec' build -q -j 2 large.yaml -o large
cp large/manifest.json first.json
sleep 1
run 0 'and again' build -j 2 large.yaml -o large
has o ' 0 files written'
cmp -s first.json large/manifest.json && ok || bad 'the sums of unchanged files differ'
rm -r large/server-0
printf 'x' >>large/server-1/verify.ps1
run 3 'a file of a large build changed by hand' build -q -j 2 large.yaml -o large
has e 'server-1/verify.ps1'
absent large/server-0
[ -z "$(find large -name '*.labc-*')" ] && ok || bad 'a refused build left files behind'
run 0 'replaced with --force' build -q --force -j 2 large.yaml -o large
cmp -s first.json large/manifest.json && ok || bad 'the sums differ after --force'
(cd large && sed -n 's/.*"path": "\(.*\)",/\1/p' manifest.json | while read -r f; do
	grep -q "$(sha256sum "$f" | cut -d' ' -f1)" manifest.json || echo "$f"
done) >sums
empty sums
mkdir elsewhere
(cd elsewhere && TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 LANG=de_DE.UTF-8 "$LABC" build -q ../lab.yaml -o ../out2) >o 2>e
same out out2
(cd elsewhere && cp ../lab.yaml . && umask 077 && "$LABC" build -q lab.yaml) >o 2>e
same out elsewhere/out
run 0 'check, equal' build --check lab.yaml -o out
sed -i 's/$/ /;1q' out2/STUDENTS.md
run 4 'check, different' build --check lab.yaml -o out2
has e 'STUDENTS.md'
sed -i 's/\r$//' elsewhere/out/lab-vm-1/setup.ps1
run 4 'check, line ends' build --check lab.yaml -o elsewhere/out
has e 'line ends'
run 3 'a file changed by hand is not replaced' build lab.yaml -o out2
has e 'STUDENTS.md'
has e '--force'
run 0 'but with --force' build --force lab.yaml -o out2
same out out2

# files of an earlier build
sed 's/lab-vm-2/lab-vm-9/g' lab.yaml >renamed.yaml
echo mine >>out2/lab-vm-2/setup.cmd
run 0 'a host renamed' build renamed.yaml -o out2
absent out2/lab-vm-2/setup.ps1
[ -f out2/lab-vm-2/setup.cmd ] && ok || bad 'a file changed by hand was removed'
has e 'lab-vm-2/setup.cmd'
[ -f out2/lab-vm-9/setup.ps1 ] && ok || bad 'the renamed host is missing'

# all or none
mkdir ro
: >ro/keep
chmod a-w ro
if [ "$(id -u)" -ne 0 ]; then
	run 3 'a folder that cannot be written' build lab.yaml -o ro
	[ "$(ls ro)" = keep ] && ok || bad 'something was written'
fi
mkdir -p blocked/README.md
run 3 'a folder stands where a file goes' build lab.yaml -o blocked
[ "$(find blocked | wc -l)" -eq 2 ] && ok || bad 'half a build was written'
: >plainfile
run 3 'the output folder is a file' build lab.yaml -o plainfile
if [ -w /dev/full ]; then
	"$LABC" lint misspelt.yaml >/dev/full 2>e
	[ $? -eq 3 ] && ok || bad 'a full disk on standard output is not noticed' e
fi

# several specs
sed 's/^name: .*/name: second-lab/' lab.yaml >second.yaml
run 0 'two specs' build -q lab.yaml second.yaml -o many
[ -f many/second-lab/README.md ] && ok || bad 'no folder for the second lab'
run 2 'two specs of one name' build -q lab.yaml renamed.yaml -o many2
absent many2

# many specs, on one thread and on several: the same files, the same words, all or none
mkdir class
for i in 1 2 3 4 5 6 7 8 9; do sed "s/^name: .*/name: lab-$i/" lab.yaml >class/$i.lab.yaml; done
run 0 'nine specs' build -j 1 class -o nine
cp o o1
run 0 'nine specs on four threads' build -j 4 class -o nine4
sed 's/nine4/nine/g' o >o4
same o1 o4
same nine nine4
find nine4 -type f -exec touch -d '2001-01-01' {} +
echo mine >>nine4/lab-3/README.md
echo mine >>nine4/lab-8/lab-vm-1/setup.ps1
rm nine4/lab-1/README.md nine4/lab-9/manifest.json
run 4 'nine specs, checked' build --check -j 4 class -o nine4
printf 'nine4/lab-%s\n' '1/README.md is missing' '3/README.md differs' '8/lab-vm-1/setup.ps1 differs' '9/manifest.json is missing' >want
same want e
for j in 1 4; do
	run 3 "two of nine are blocked, $j threads" build -q -j $j class -o nine4
	[ "$(grep -c 'changed by hand or not' e)" -eq 2 ] && ok || bad 'both files in the way are named' e
	absent nine4/lab-1/README.md
	[ -z "$(find nine4 -newermt 2001-01-02 -type f ! -path '*lab-[38]*')" ] && ok || bad 'a blocked build wrote something'
done
sed 's/memory:.*/memory: lots/' lab.yaml >class/5.lab.yaml
for j in 1 4; do
	run 1 "one of nine is wrong, $j threads" build -q --force -j $j class -o nine5
	absent nine5
	run 1 "one of nine is wrong and others differ, $j threads" build -q --check -j $j class -o nine4
done
sed 's/^name: .*/name: lab-4/' lab.yaml >class/5.lab.yaml
run 2 'two of nine have one name' build -q -j 4 class -o nine5
absent nine5
: >nine5
run 3 'the output folder of nine is a file' build -q -j 4 second.yaml lab.yaml -o nine5
[ "$(wc -l <e)" -eq 1 ] && ok || bad 'said once' e

# --- the README's example prints what the README says ---
mkdir readme
awk '/^```yaml/ { f = 1; next } /^```/ { f = 0 } f' "$root/README.md" >readme/lab.yaml
awk '/^\$ labc lint lab.yaml/ { f = 1; next } /^```/ { f = 0 } f' "$root/README.md" >readme/want
(cd readme && "$LABC" lint lab.yaml >got 2>err)
cmp -s readme/want readme/got && ok || bad 'the README shows another finding' readme/got

# --- every place in SPEC.md that a finding names exists ---
"$LABC" list rules --format json | grep -o 'SPEC.md#[a-z0-9-]*' | sort -u | sed 's/.*#//' >anchors
while read -r anchor; do
	if grep -q "<a id=\"$anchor\">" "$root/SPEC.md" ||
		sed -n 's/^#* //p' "$root/SPEC.md" | tr 'A-Z ' 'a-z-' | grep -qx "$anchor"; then ok; else bad "SPEC.md has no #$anchor"; fi
done <anchors

# --- install ---
if [ "$LABC" = "$root/build/labc" ]; then
	make -s -C "$root" install PREFIX=/usr DESTDIR="$tmp/dest" >o 2>&1
	"$tmp/dest/usr/bin/labc" version >o 2>&1 && ok || bad 'the installed labc does not run' o
	[ -f dest/usr/share/man/man1/labc.1 ] && ok || bad 'no man page installed'
fi

echo "cli: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
