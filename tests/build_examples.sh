#!/bin/sh
# Lints every example, and builds each into build/examples/NAME, the specs made for tests alone into build/specs/NAME
# and hostile variants into build/hostile/NAME, for the suites that judge the artifacts.
set -u
cd "$(dirname "$0")/.." || exit 1
LABC=${LABC:-build/labc}
# Targets whose examples are linted only, as long as the suites that judge artifacts do not know them. Take yours off.
NOT_JUDGED=''
passed=0 failed=0
tally() { # NAME STATUS
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $1"
		cat build/examples.err
	fi
}

rm -rf build/examples build/specs build/hostile
mkdir -p build/examples build/specs build/hostile
for y in examples/*/lab.yaml tests/specs/*.yaml tests/hostile/*.yaml; do
	[ -e "$y" ] || continue
	case $y in
	examples/*) out=build/examples/$(basename "$(dirname "$y")") ;;
	tests/specs/*) out=build/specs/$(basename "$y" .yaml) ;;
	*) out=build/hostile/$(basename "$y" .yaml) ;;
	esac
	case $y in
	tests/hostile/*) ;;
	*)
		"$LABC" lint -q "$y" >build/examples.err 2>&1
		tally "lint of $y" $?
		;;
	esac
	target=$(sed -n 's/^target: *\([a-z-]*\).*/\1/p' "$y")
	case " $NOT_JUDGED " in *" $target "*) continue ;; esac
	"$LABC" build -q "$y" -o "$out" 2>build/examples.err
	tally "$y" $?
done
echo "build-examples: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
