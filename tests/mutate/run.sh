#!/bin/sh
# Changes and cuts specs in every way that one slip of the hand, or of a disk, can, and judges what the front end
# says (see mutate.c). The fast build takes every byte and the clock, the one with ASan and UBSan a sample.
#   run.sh          about a minute and a half
#   run.sh --full   every byte in both, everything a byte can become: most of an hour
# Corpora kept beside the project are used where they are, else the golden tests. MUTATE_STRIDE: how many bytes the
# sample steps over, else 24.
# Last line: "mutate: N passed, N failed, 0 skipped".
set -u
cd "$(dirname "$0")/../.." || exit 1
MAKE=${MAKE:-make}
data=../shared/contracts
log=build/mutate
full='' stride=${MUTATE_STRIDE:-24}
[ "${1:-}" = --full ] && full=--full stride=1
mkdir -p $log

build() { $MAKE --no-print-directory -s -j2 DEVELOPER=1 VARIANT="$1" "build/$1/mutate"; }
if ! build opt || ! build asan; then
	echo "FAILED the program does not build"
	echo "mutate: 0 passed, 1 failed, 0 skipped"
	exit 1
fi

set -- examples/*/lab.yaml tests/hostile/*.yaml
if [ -d $data/bad-yaml ]; then
	set -- "$@" $data/bad-yaml/*.yaml $data/tricky-yaml/*.yaml $data/labs/valid/*.yaml
else
	set -- "$@" tests/golden/lint/*.yaml
fi
export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1 UBSAN_OPTIONS=abort_on_error=1:print_stacktrace=1
build/asan/mutate ${full:+$full} --stride "$stride" --exceptions tests/mutate/exceptions.txt "$@" >$log/asan 2>&1 &
asan=$!
build/opt/mutate ${full:+$full} --limit-ms 100 --exceptions tests/mutate/exceptions.txt "$@" >$log/opt 2>&1
opt=$?
wait $asan
asan=$?

passed=0 failed=0
for build in opt asan; do
	eval "status=\$$build"
	line=$(grep -E '^mutate: [0-9]+ passed' $log/$build)
	p=$(echo "$line" | sed -n 's/^mutate: \([0-9]*\) passed.*/\1/p')
	f=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
	p=${p:-0} f=${f:-0}
	# a crash prints no figures
	[ "$status" -ne 0 ] && [ "$f" -eq 0 ] && f=1
	passed=$((passed + p)) failed=$((failed + f))
	grep -v -e '^mutate: ' -e '^figure: ' $log/$build | head -n 200
	sed -n "s/^figure: mutate: /figure: mutate, $build: /p" $log/$build
done
echo "mutate: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
