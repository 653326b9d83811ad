#!/bin/sh
# Judges every output format with validators and parsers that are not ours:
#   SARIF         npm @microsoft/sarif-multitool (no error, no warning) and docs/formats/sarif.schema.json
#   JSON formats  docs/formats/*.schema.json under ajv (strict)
#   JUnit, Checkstyle   docs/formats/*.xsd under libxml2, and Python's expat
#   GitHub, Azure       what npm @actions/core writes, what azure-pipelines-task-lib reads
# on findings made to break formats (driver.c) and on what `labc lint` says of the specs of tests/golden/lint and
# the examples. Needs: $CC, node, npm, python3, the network at the first run. LABC: the program, else build/labc.
# Last line: "formats: N passed, N failed, N skipped". Exit 1 on a failure; with LABC_REQUIRE_ALL=1 a skipped check fails.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
LABC=${LABC:-build/labc}
case $LABC in /*) ;; *) LABC=$root/$LABC ;; esac
CC=${CC:-cc}
tools=$root/build/formats
passed=0 failed=0 skipped=0
work=$(mktemp -d "${TMPDIR:-/tmp}/labc-formats.XXXXXX")
trap 'rm -rf "$work"' EXIT
unset GITHUB_ACTIONS TF_BUILD

finish() {
	echo "formats: $passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
}
fail() { failed=$((failed + 1)); echo "FAIL $*"; }
skip() {
	if [ "${LABC_REQUIRE_ALL:-0}" = 1 ]; then
		fail "$* (and LABC_REQUIRE_ALL is set)"
	else
		skipped=$((skipped + 1))
		echo "skip $*"
	fi
}

fetch_tools() {
	mkdir -p "$tools"
	cp "$here/package.json" "$here/validate.mjs" "$tools/"
	cmp -s "$here/package-lock.json" "$tools/package-lock.json" && [ -f "$tools/node_modules/.package-lock.json" ] && return 0
	cp "$here/package-lock.json" "$tools/"
	(cd "$tools" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error) >"$tools/npm.log" 2>&1 && return 0
	tail -5 "$tools/npm.log"
	# so that the next run tries again
	rm -f "$tools/package-lock.json"
	return 1
}

# tally NAME FILE STATUS: counts the ok and FAIL lines that a judge printed
tally() {
	passed=$((passed + $(grep -c '^ok ' "$2")))
	failed=$((failed + $(grep -c '^FAIL ' "$2")))
	sed -n "s/^FAIL /FAIL $1: /p" "$2"
	if [ "$3" -ne 0 ] || ! grep -q '^ok ' "$2"; then
		fail "$1: the judge ended with $3"
		tail -5 "$2"
	fi
}

# judge NAME DIR: DIR holds one output a format
judge() {
	node "$tools/validate.mjs" "$root/docs/formats" "$2" >"$work/judged" 2>&1
	tally "$1" "$work/judged" $?
	python3 "$here/messages.py" "$2" >"$work/judged" 2>&1
	tally "$1" "$work/judged" $?
	judge_sarif "$1" "$2/sarif"
}

judge_sarif() {
	multitool=$tools/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
	if [ ! -f "$multitool" ]; then
		skip "$1: sarif-multitool has no binary for this machine"
		return
	fi
	chmod u+x "$multitool"
	cp "$2" "$work/log.sarif"
	DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$multitool" validate "$work/log.sarif" >"$work/multitool" 2>&1
	status=$?
	if [ $status -ne 0 ] || grep -Eq ': (error|warning) ' "$work/multitool" || ! grep -q 'completed successfully' "$work/multitool"; then
		fail "$1: sarif-multitool (exit $status)"
		grep -E ': (error|warning) ' "$work/multitool" || tail -5 "$work/multitool"
	else
		passed=$((passed + 1))
	fi
}

for need in node npm python3; do
	if ! command -v $need >/dev/null 2>&1; then
		skip "everything: $need is missing (make deps-test)"
		finish
	fi
done
if ! fetch_tools; then
	skip "everything: the validators could not be fetched"
	finish
fi

formats="json jsonl sarif github gitlab azure junit checkstyle rdjson"

# --- findings made to break formats ---
# shellcheck disable=SC2046
if $CC -std=c17 -D_POSIX_C_SOURCE=200809L -I"$root/compiler" $(pkg-config --cflags jansson libutf8proc libmd) -o "$work/driver" \
	"$here/driver.c" "$root"/compiler/base/*.c "$root"/compiler/diag/*.c $(pkg-config --libs jansson libutf8proc libmd); then
	for what in all clean none; do
		mkdir "$work/$what"
		for f in $formats; do
			"$work/driver" $f $what >"$work/$what/$f" || fail "driver $f $what"
		done
		judge "$what" "$work/$what"
	done
else
	fail "driver.c does not build"
fi

# --- what labc says ---
if [ ! -x "$LABC" ]; then
	skip "labc lint: $LABC is missing (make)"
	finish
fi
cd "$root" || exit 1
for what in golden examples; do
	mkdir "$work/$what"
	case $what in
	golden) set -- tests/golden/lint/*.yaml ;;
	examples) set -- examples/*/lab.yaml ;;
	esac
	if [ ! -e "$1" ]; then
		skip "labc lint: no specs in $what"
		continue
	fi
	for f in $formats; do
		"$LABC" lint --notes --format $f "$@" >"$work/$what/$f" 2>"$work/errors"
		[ $? -lt 2 ] || fail "labc lint --format $f: $(head -n 1 "$work/errors")"
	done
	judge "labc lint, $what" "$work/$what"
	# several at once are the same bytes
	set -- --output "sarif=$work/one.sarif" --output "junit=$work/one.junit" --format json "$@"
	"$LABC" lint --notes "$@" >"$work/one.json" 2>/dev/null
	for f in sarif junit json; do
		if cmp -s "$work/one.$f" "$work/$what/$f"; then
			passed=$((passed + 1))
		else
			fail "labc lint --output $f=FILE: not what --format $f prints"
		fi
	done
done
finish
