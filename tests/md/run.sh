#!/bin/sh
# Judges the Markdown that `labc build` wrote, with a real parser of GitHub's dialect.
#
#   tests/md/run.sh BUILD_DIR...                  every README.md and STUDENTS.md below the folders is well formed
#   tests/md/run.sh --same HARMLESS HOSTILE ...   and those of two builds, from specs that differ in their texts only,
#                                                 have the same structure (may stand several times, before BUILD_DIR)
#
# Last line: "markdown: N passed, N failed, N skipped". Exit 1 on a failure; with LABC_REQUIRE_ALL=1 a skipped check fails.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=$root/build/md
passed=0 failed=0 skipped=0

finish() {
	rm -rf "$work"
	echo "markdown: $passed passed, $failed failed, $skipped skipped"
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
	finish
}

fetch_parser() {
	mkdir -p "$tools"
	cp "$here/structure.mjs" "$here/package.json" "$tools/"
	cmp -s "$here/package-lock.json" "$tools/package-lock.json" && [ -f "$tools/node_modules/.package-lock.json" ] && return
	cp "$here/package-lock.json" "$tools/"
	(cd "$tools" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error) >"$tools/npm.log" 2>&1 && return
	tail -5 "$tools/npm.log"
	# so that the next run tries again
	rm -f "$tools/package-lock.json"
	skip "everything: the Markdown parser could not be fetched"
}

judge() { # MODE FILE...
	node "$tools/structure.mjs" "$@" >"$work/rules.txt" 2>"$work/errors.txt"
	status=$?
	passed=$((passed + $(grep -c '^ok ' "$work/rules.txt")))
	failed=$((failed + $(grep -c '^FAIL ' "$work/rules.txt")))
	grep '^FAIL ' "$work/rules.txt"
	if [ "$status" -gt 1 ] || [ -s "$work/errors.txt" ]; then
		fail "structure.mjs $1 $2 ...: ended with $status"
		cat "$work/errors.txt"
	fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# -eq 0 ]; then
	echo "usage: tests/md/run.sh [--same HARMLESS HOSTILE]... [BUILD_DIR...]" >&2
	exit 2
fi
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
	skip "everything: node or npm is missing (apt-get install nodejs npm)"
fi
if ! node -e 'process.exit(parseInt(process.versions.node) >= 16 ? 0 : 1)'; then
	skip "everything: node $(node --version) is too old, 16 is needed"
fi
fetch_parser

while [ $# -ge 3 ] && [ "$1" = --same ]; do
	for name in README.md STUDENTS.md; do
		judge same "$2/$name" "$3/$name"
	done
	shift 3
done
if [ $# -gt 0 ]; then
	find "$@" \( -name README.md -o -name STUDENTS.md \) | LC_ALL=C sort >"$work/files"
	[ -s "$work/files" ] || fail "no README.md and no STUDENTS.md in $*"
	set --
	while IFS= read -r file; do
		set -- "$@" "$file"
	done <"$work/files"
	[ $# -eq 0 ] || judge check "$@"
fi
finish
