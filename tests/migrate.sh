#!/bin/sh
# labc migrate: every example to every target and back lints as clean as before, or is refused with the codes that
# tests/migrate/table.tsv expects; the loss report is complete against tests/migrate/losses.tsv; comments stay.
# --update writes table.tsv anew; review its diff.
update=0
[ "${1:-}" = --update ] && update=1
. "$(dirname "$0")/cli_help.sh"
tests=$root/tests/migrate
tab=$(printf '\t')

# findings FILE: errors and warnings, as two numbers
findings() {
	"$LABC" lint --format concise "$1" >found 2>/dev/null
	echo "$(grep -c ': error' found) $(grep -c ': warning' found)"
}
# no_worse NAME BEFORE AFTER
no_worse() {
	if [ "${3% *}" -le "${2% *}" ] && [ "${3#* }" -le "${2#* }" ]; then ok; else bad "$1: errors and warnings were $2 and are $3" found; fi
}

: >rows
for spec in "$root"/examples/*/lab.yaml; do
	example=$(basename "$(dirname "$spec")")
	own=$(sed -n 's/^target: *\([a-z-]*\).*/\1/p' "$spec")
	mkdir -p "$example"
	cp -R "$(dirname "$spec")/." "$example/"
	before=$(findings "$example/lab.yaml")
	for target in lab-services azure-vm devtest-labs hyper-v; do
		[ $target != "$own" ] || continue
		new=$example/$target.yaml
		"$LABC" migrate --to $target --max-findings 0 "$example/lab.yaml" -o "$new" >o 2>e
		status=$?
		codes=$(grep -o 'error\[[A-Z0-9]*\]' e | tr -d 'a-z[]' | sort -u | tr '\n' ' ' | sed 's/ $//')
		printf '%s\t%s\t%s\n' "$example" $target "$([ $status -eq 0 ] && echo migrated || echo "exit $status $codes")" >>rows
		[ -s "$new" ] || { bad "$example to $target: nothing was written" e; continue; }
		[ $status -eq 0 ] || continue
		no_worse "$example to $target" "$before" "$(findings "$new")"
		# what stands behind # is still there, but for what goes with its entry
		sed -n 's/.*\( #.*\)/\1/p;s/^\(#.*\)/\1/p' "$example/lab.yaml" | sort >comments
		sed -n 's/.*\( #.*\)/\1/p;s/^\(#.*\)/\1/p' "$new" | sort >kept
		gone=$(comm -23 comments kept | wc -l)
		went=$(grep -c 'and goes$\|slot have a counterpart' e)
		if [ "$gone" -le $((went * 3)) ]; then ok; else bad "$example to $target: $gone comments are gone" comments kept; fi
		"$LABC" migrate --to "$own" "$new" -o "$example/back.yaml" --force >o 2>e
		if [ $? -le 1 ] && [ -s "$example/back.yaml" ]; then ok; else bad "$example to $target and back" e; fi
		no_worse "$example to $target and back" "$before" "$(findings "$example/back.yaml")"
		if grep -q "^target: $own" "$example/back.yaml"; then ok; else bad "$example: the target is not back"; fi
	done
done
if [ $update = 1 ]; then
	cmp -s rows "$tests/table.tsv" || { cp rows "$tests/table.tsv" && echo "updated tests/migrate/table.tsv"; }
	exit 0
fi
while IFS= read -r row; do
	if grep -qxF "$row" "$tests/table.tsv"; then
		ok
	else
		bad "$row (the table says: $(grep -F "$(echo "$row" | cut -f 1,2)$tab" "$tests/table.tsv" | cut -f 3))"
	fi
done <rows

# --- the loss report is complete, and says nothing more ---
cp "$tests"/*.yaml .
for from in lab-services azure-vm devtest-labs hyper-v; do
	for target in lab-services azure-vm devtest-labs hyper-v; do
		[ $target != $from ] || continue
		"$LABC" migrate --to $target --max-findings 0 $from.yaml >new.yaml 2>e
		grep -o '`[a-z._-]*` has no counterpart' e | cut -d'`' -f 2 | sort >said
		grep "^$from$tab" "$tests/losses.tsv" | grep "$tab.*$tab.*$target" | cut -f 2 | sort >expected
		if cmp -s said expected; then ok; else bad "$from to $target: the report is not the table" said expected; fi
		if grep -q "access: " e && grep -q "cost: " e; then ok; else bad "$from to $target: access and cost" e; fi
	done
done
# each at its place
"$LABC" migrate --to devtest-labs lab-services.yaml >new.yaml 2>e
has e 'lab-services.yaml:10:10: warning[LAB0851]: `quota.hours` has no counterpart on devtest-labs, and goes'
hasnt new.yaml 'hours: 10'
has new.yaml '# the lecture'
hasnt new.yaml 'friday'
has new.yaml 'devtest-labs: { region: westeurope }'
"$LABC" migrate --to lab-services azure-vm.yaml >new.yaml 2>e
has new.yaml 'expose: false }   # the school may come in'
"$LABC" migrate --to hyper-v --max-findings 0 lab-services.yaml >new.yaml 2>e
has new.yaml 'admin_students: false'
"$LABC" migrate --to azure-vm hyper-v.yaml >new.yaml 2>e
has new.yaml 'size: Standard_D16s_v5'

# --- files ---
run 2 'without --to' migrate lab.yaml
run 2 'a target that is none' migrate --to azur lab.yaml
has e 'azure-vm'
run 2 'the same target' migrate --to lab-services lab.yaml
run 0 'to standard output' migrate --to azure-vm lab.yaml
has o 'target: azure-vm'
cp o expected.yaml
run 0 'to a file' migrate --to azure-vm lab.yaml -o new/lab.yaml
same expected.yaml new/lab.yaml
run 3 'never over a file' migrate --to azure-vm lab.yaml -o lab.yaml
has e '--force'
same lab.yaml "$root/examples/two-hosts/lab.yaml"
run 0 'with --force' migrate --to azure-vm lab.yaml -o lab.yaml --force
same expected.yaml lab.yaml
cp "$root/examples/two-hosts/lab.yaml" .
sed '3s/.*/title: "never closed/' lab.yaml >broken.yaml
run 1 'a spec with errors' migrate --to azure-vm broken.yaml -o other.yaml
absent other.yaml
cat lab.yaml | "$LABC" migrate --to azure-vm - >o 2>e
same o expected.yaml
grep -v '^target:' lab.yaml >untold.yaml
run 0 'no target written' migrate --to azure-vm untold.yaml
has o 'target: azure-vm'
printf 'labc: 1\r\nname: crlf\r\ntarget: lab-services\r\nhost:\r\n  size: Medium (nested virtualization)\r\nguests: { a: { os: debian-12 } }\r\n' >crlf.yaml
"$LABC" migrate --to azure-vm crlf.yaml >o 2>e
if [ "$(grep -c "$(printf '\r')" o)" -eq 6 ]; then ok; else bad 'line ends stay' o; fi

printf '{"labc": 1, "name": "json", "host": {"size": "Medium (nested virtualization)"}, "guests": {"a": {"os": "debian-12"}}}\n' >json.yaml
"$LABC" migrate --to devtest-labs json.yaml >o 2>e
if python3 -c 'import json; d = json.load(open("o")); assert d["target"] == "devtest-labs" and d["host"]["size"] == "Standard_D4s_v4"'; then ok; else bad 'JSON stays JSON' o e; fi

# --- --target of the other commands ---
run 0 'lint for another target' lint --target azure-vm lab.yaml
run 0 'dump for another target' dump --target azure-vm lab.yaml
has o '"target": "azure-vm"'
has o 'C:\\labc\\cross-lab-access'
run 0 'build for another target' build -q --target azure-vm lab.yaml -o vm
has vm/azuredeploy.json 'Microsoft.Compute/virtualMachines'
run 2 'a target that is none' build --target azure lab.yaml -o vm2
absent vm2

echo "migrate: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
