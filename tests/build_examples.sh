#!/bin/sh
# Builds every example into build/examples/NAME, and hostile variants into build/hostile/NAME, for the suites
# that judge the artifacts.
set -u
cd "$(dirname "$0")/.." || exit 1
LABC=${LABC:-build/labc}
passed=0 failed=0
rm -rf build/examples build/hostile
mkdir -p build/examples build/hostile
for y in examples/*/lab.yaml tests/hostile/*.yaml; do
	[ -e "$y" ] || continue
	case $y in
	examples/*) n=$(basename "$(dirname "$y")") dir=build/examples ;;
	*) n=$(basename "$y" .yaml) dir=build/hostile ;;
	esac
	if "$LABC" build -q "$y" -o "$dir/$n" 2>build/examples.err; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $y"
		cat build/examples.err
	fi
done
echo "build-examples: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
