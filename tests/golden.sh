#!/bin/sh
# Golden tests: what labc prints, exactly.
#   tests/golden/lint/NAME.yaml   NAME.diag: stdout of `labc lint --notes NAME.yaml` (position and text)
#   tests/golden/build/NAME/      the whole output folder of examples/NAME/lab.yaml
#   tests/golden/run/NAME.sh      NAME.out: stdout, stderr and exit status of the script's commands
# With --update the expected files, tests/targets.tsv and tests/migrate/table.tsv are written anew; review the diff before you commit it.
set -u
cd "$(dirname "$0")/golden" || exit 1
root=$(cd ../.. && pwd)
LABC=${LABC:-build/labc}
case $LABC in /*) ;; *) LABC=$root/$LABC ;; esac
export LABC
update=0
[ "${1:-}" = --update ] && update=1
passed=0 failed=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/labc-golden.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
unset GITHUB_ACTIONS TF_BUILD NO_COLOR LABC_REQUIRE_ALL

# check NAME EXPECTED GOT
check() {
	if [ $update = 1 ]; then
		cmp -s "$3" "$2" || { cp "$3" "$2" && echo "updated $1"; }
		return
	fi
	if [ -f "$2" ] && cmp -s "$2" "$3"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $1"
		diff -u "$2" "$3" 2>&1 | head -n 40
	fi
}

for y in lint/*.yaml; do
	[ -e "$y" ] || continue
	n=${y%.yaml}
	(cd lint && "$LABC" lint --notes "${y#lint/}") >"$tmp/diag" 2>"$tmp/err"
	rc=$?
	if [ $rc -ge 2 ]; then
		failed=$((failed + 1))
		echo "FAILED $n: exit status $rc"
		cat "$tmp/err"
		continue
	fi
	check "$n" "$n.diag" "$tmp/diag"
done

for d in build/*/; do
	[ -d "$d" ] || continue
	n=${d%/}
	rm -rf "$tmp/out"
	"$LABC" build "$root/examples/${n#build/}/lab.yaml" -o "$tmp/out" >"$tmp/log" 2>&1 || { failed=$((failed + 1)); echo "FAILED $n"; cat "$tmp/log"; continue; }
	if [ $update = 1 ]; then
		diff -rq "$n" "$tmp/out" >/dev/null 2>&1 || { rm -rf "$n" && cp -R "$tmp/out" "$n" && echo "updated $n"; }
	elif diff -r "$n" "$tmp/out" >"$tmp/diff" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $n"
		head -n 60 "$tmp/diff"
	fi
done

for s in run/*.sh; do
	[ -e "$s" ] || continue
	n=${s%.sh}
	rm -rf "$tmp/work" && mkdir "$tmp/work"
	here=$(pwd)
	(cd "$tmp/work" && GOLDEN=$here sh "$here/$s") >"$tmp/got" 2>&1
	check "$n" "$n.out" "$tmp/got"
done

# every code has a case; LAB0042 stands for words that no text brings libyaml to say (tests/unit/test_yaml_errors.c)
if [ $update = 0 ]; then
	"$LABC" list rules --format json | grep -o '"LAB[0-9]*"' | tr -d '"' | sort -u | grep -v LAB0042 >"$tmp/codes"
	cat lint/*.diag run/*.out | grep -o '\[LAB[0-9]*\]' | tr -d '[]' | sort -u >"$tmp/seen"
	if comm -23 "$tmp/codes" "$tmp/seen" | grep .; then
		failed=$((failed + 1))
		echo "FAILED the codes above have no golden case"
	else
		passed=$((passed + 1))
	fi
fi

[ $update = 0 ] || (cd "$root" && sh tests/targets.sh --update && sh tests/migrate.sh --update)

echo "golden: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
