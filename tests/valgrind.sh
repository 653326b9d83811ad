#!/bin/sh
# Unit tests and every example under valgrind: no invalid access, no use of uninitialised memory, no leak.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
if ! command -v valgrind >/dev/null 2>&1; then
	echo "valgrind: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
run() {
	if "$@" >build/valgrind.log 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $*"
		tail -n 30 build/valgrind.log
	fi
}
make -s build/opt/labc-shared || exit 1
labc=build/opt/labc-shared
vg="valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite"
rm -rf build/valgrind-out
for y in examples/*/lab.yaml; do
	# shellcheck disable=SC2086
	run $vg $labc build -q "$y" -o "build/valgrind-out/$(basename "$(dirname "$y")")"
done
# a finding of every kind passes through the reporters; findings themselves exit with 1
set -- tests/golden/lint/*.yaml
# shellcheck disable=SC2086
$vg $labc lint -q "$@" >build/valgrind.log 2>&1
[ $? -le 1 ] && passed=$((passed + 1)) || { failed=$((failed + 1)); grep -A12 '^==' build/valgrind.log | head -n 40; }
echo "valgrind: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
