#!/bin/sh
# Every example for every target: built, or refused with the codes that tests/targets.tsv expects. The builds stay
# in build/targets/EXAMPLE.TARGET for the suites that judge artifacts. --update writes the table anew; review its diff.
set -u
cd "$(dirname "$0")/.." || exit 1
LABC=${LABC:-build/labc}
table=tests/targets.tsv
out=build/targets
passed=0 failed=0
rm -rf $out
mkdir -p $out
tab=$(printf '\t')
for spec in examples/*/lab.yaml; do
	name=$(basename "$(dirname "$spec")")
	for target in lab-services azure-vm devtest-labs hyper-v; do
		"$LABC" build -q --target $target "$spec" -o "$out/$name.$target" >$out/log 2>&1
		status=$?
		codes=$(grep -o 'error\[[A-Z0-9]*\]' $out/log | tr -d 'a-z[]' | sort -u | tr '\n' ' ' | sed 's/ $//')
		case $status in
		0) printf '%s\t%s\tbuilt\n' "$name" $target ;;
		1) printf '%s\t%s\t%s\n' "$name" $target "$codes" ;;
		*) printf '%s\t%s\texit %s\n' "$name" $target $status ;;
		esac
	done
done >$out/table
# What no example has: every field of a target, gallery images, several administrators.
for spec in tests/targets/*.yaml tests/migrate/lab-services.yaml tests/migrate/azure-vm.yaml tests/migrate/devtest-labs.yaml; do
	name=$(basename "$spec" .yaml)
	if "$LABC" build -q "$spec" -o "$out/more-$name" 2>$out/log; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $spec"
		cat $out/log
	fi
done

# Hostile texts in every field of the specs for the other Azure targets: tests/arm/run.sh judges them.
hostile=build/hostile-azure
rm -rf $hostile
mkdir -p $hostile
for spec in tests/hostile/*.yaml; do
	name=$(basename "$spec" .yaml)
	text=$(sed -n 's/^title: //p' "$spec")
	for target in azure-vm devtest-labs; do
		{
			sed "s/^target: .*/target: $target/" "$spec"
			printf 'targets:\n  %s:\n    image: { publisher: %s, offer: %s, sku: %s }\n' $target "$text" "$text" "$text"
		} >$hostile/$name.$target.yaml
		if "$LABC" build -q $hostile/$name.$target.yaml -o $hostile/$name.$target 2>$out/log &&
			"$LABC" dump $hostile/$name.$target.yaml >$hostile/$name.$target/dump.json 2>>$out/log; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAILED $hostile/$name.$target.yaml"
			cat $out/log
		fi
	done
done

if [ "${1:-}" = --update ]; then
	cmp -s $out/table $table || { cp $out/table $table && echo "updated $table"; }
	exit 0
fi
while IFS= read -r row; do
	if grep -qxF "$row" $table; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $(echo "$row" | tr "$tab" ' ') (the table says: $(grep -F "$(echo "$row" | cut -f 1,2)$tab" $table | cut -f 3))"
	fi
done <$out/table
echo "targets: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
