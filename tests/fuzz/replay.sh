#!/bin/sh
# Every fuzz target over its kept corpus, the golden specs and the shipped templates, under ASan and UBSan.
set -u
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
for f in tests/fuzz/fuzz_*.c; do
	n=$(basename "$f" .c)
	n=${n#fuzz_}
	if make -s replay-"$n" >"build/replay-$n.log" 2>&1; then
		p=$(sed -n 's/^replay: \([0-9]*\) passed.*/\1/p' "build/replay-$n.log")
		passed=$((passed + ${p:-0}))
		echo "figure: $n: ${p:-0} inputs"
	else
		failed=$((failed + 1))
		echo "FAILED $n"
		tail -n 20 "build/replay-$n.log"
	fi
done
echo "replay: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
