#!/bin/sh
# Runs suites and adds up their "N passed, N failed, N skipped" lines; the sum is the last line printed.
#   run.sh quick     C only: unit and golden tests, layers, headers, the command line
#   run.sh asan      unit and golden tests under ASan and UBSan
#   run.sh valgrind  unit tests and examples under valgrind
#   run.sh all       everything
# Most suites keep one processor busy: those that have nothing in common run side by side.
# With LABC_REQUIRE_ALL=1 a skipped test is a failure.
set -u
cd "$(dirname "$0")/.." || exit 1
MAKE=${MAKE:-make}
jobs=$(nproc 2>/dev/null || echo 2)
passed=0 failed=0 skipped=0
log=build/test-logs
mkdir -p "$log"

# suite NAME COMMAND...: prints the suite's last line, and its whole output when it failed.
suite() {
	name=$1
	shift
	start=$(date +%s)
	"$@" >"$log/$name.log" 2>&1
	rc=$?
	line=$(grep -E '[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$log/$name.log" | tail -n 1)
	p=$(printf '%s\n' "$line" | sed -n 's/.*[^0-9]\([0-9][0-9]*\) passed.*/\1/p;s/^\([0-9][0-9]*\) passed.*/\1/p' | head -n 1)
	f=$(printf '%s\n' "$line" | sed -n 's/.* \([0-9][0-9]*\) failed.*/\1/p')
	s=$(printf '%s\n' "$line" | sed -n 's/.* \([0-9][0-9]*\) skipped.*/\1/p')
	p=${p:-0} f=${f:-0} s=${s:-0}
	# a suite that printed no figures is one test: did it succeed?
	if [ -z "$line" ]; then
		if [ $rc -eq 0 ]; then p=1; else f=1; fi
	elif [ $rc -ne 0 ] && [ "$f" -eq 0 ]; then
		f=1
	fi
	if [ "${LABC_REQUIRE_ALL:-0}" = 1 ] && [ "$s" -gt 0 ]; then
		f=$((f + s)) s=0
		echo "  $name: skipped tests count as failures here (LABC_REQUIRE_ALL=1)"
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	{
		printf '%-14s %5d passed %3d failed %3d skipped  %4ds\n' "$name" "$p" "$f" "$s" $(($(date +%s) - start))
		grep -E '^(score|figure): ' "$log/$name.log" | sed 's/^/    /'
		if [ "$f" -gt 0 ]; then
			sed 's/^/    /' "$log/$name.log" | tail -n 60
		fi
	} >"$log/$name.said"
	cat "$log/$name.said"
}

# side FUNCTION FUNCTION: both at the same time.
side() {
	for lane in "$@"; do
		rm -f "$log/$lane.sum"
		(
			passed=0 failed=0 skipped=0
			"$lane"
			echo "$passed $failed $skipped" >"$log/$lane.sum"
		) &
	done
	wait
	for lane in "$@"; do
		# a lane that died leaves no sum
		p=0 f=1 s=0
		[ ! -f "$log/$lane.sum" ] || read -r p f s <"$log/$lane.sum"
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	done
}

build() { $MAKE --no-print-directory -s -j"$jobs" DEVELOPER=1 "$@"; }

quick() {
	suite build build all unit
	suite layers $MAKE -s check-layers
	suite headers $MAKE -s check-headers
	suite unit build/opt/unit
	suite golden sh tests/golden.sh
	suite cli sh tests/cli.sh
	suite cli-lint sh tests/cli_lint.sh
	suite cli-config sh tests/cli_config.sh
	suite cli-render sh tests/cli_render.sh
	suite docs sh tests/docs.sh
}

asan() {
	suite build-asan build VARIANT=asan all unit
	suite unit-asan env CK_FORK=no CK_TIMEOUT_MULTIPLIER=10 build/asan/unit
	suite golden-asan env LABC=build/asan/labc sh tests/golden.sh
	suite cli-asan env LABC=build/asan/labc sh tests/cli.sh
	suite replay sh tests/fuzz/replay.sh
}

clang() {
	if command -v clang >/dev/null 2>&1; then
		suite build-clang build VARIANT=clang all
	fi
}

valgrind_suite() {
	suite valgrind sh tests/valgrind.sh
}

# The compiler under other tools.
instrumented() {
	asan
	clang
	valgrind_suite
}

# What the optimised compiler and its artifacts are judged by, other people's programs for the most part.
judged() {
	suite corpora sh tests/corpora.sh
	suite seeds sh tests/seeds/run.sh
	suite probes sh tests/templates/run.sh
	suite templates python3 tests/templates/conformance.py build/labc
	suite formats sh tests/formats/run.sh
	suite schema sh tests/schema/run.sh
	suite build-examples sh tests/build_examples.sh
	suite targets sh tests/targets.sh
	suite azure sh tests/azure.sh
	suite migrate sh tests/migrate.sh
	# a hostile text must leave the structure of every artifact as a harmless one does
	set --
	for d in build/hostile/*/; do
		[ "$d" = build/hostile/harmless/ ] || set -- "$@" --same build/hostile/harmless "${d%/}"
	done
	more=
	for target in azure-vm devtest-labs; do
		for d in build/hostile-azure/*."$target"/; do
			[ "$d" = build/hostile-azure/harmless.$target/ ] || more="$more --same build/hostile-azure/harmless.$target ${d%/}"
		done
	done
	# every example for every target, and one hostile spec for each, through Bicep too
	# shellcheck disable=SC2086
	suite arm sh tests/arm/run.sh "$@" $more build/targets/*/ build/hostile/arm-expression build/hostile-azure/arm-expression.*/
	suite markdown sh tests/md/run.sh "$@" build/examples/*/ build/specs/*/ build/targets/*/
}

case ${1:-all} in
quick) quick ;;
asan) asan ;;
valgrind) build all unit && valgrind_suite ;;
all)
	quick
	side instrumented judged
	# these have two processors busy by themselves
	suite mutate sh tests/mutate/run.sh
	suite powershell sh tests/powershell/run.sh
	;;
*) echo "usage: run.sh quick|asan|valgrind|all" >&2; exit 2 ;;
esac

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
