#!/bin/sh
# The chapters that are generated from labc's tables: compare them with what labc prints now, or, with
# --update, write them anew. A generated part of a file stands between two marker lines.
set -u
cd "$(dirname "$0")/.." || exit 1
LABC=${LABC:-build/labc}
update=0
[ "${1:-}" = --update ] && update=1
passed=0 failed=0
tmp=$(mktemp -d "${TMPDIR:-/tmp}/labc-docs.XXXXXX")
trap 'rm -rf "$tmp"' EXIT

# whole FILE CHAPTER: the file is nothing but that chapter
whole() {
	"$LABC" internal docs "$2" >"$tmp/new" || { failed=$((failed + 1)); return; }
	compare "$1"
}
# part FILE CHAPTER: the chapter stands between its markers
part() {
	"$LABC" internal docs "$2" >"$tmp/part" || { failed=$((failed + 1)); return; }
	awk -v chapter="$2" -v part="$tmp/part" '
		$0 == "<!-- generated: " chapter " -->" { print; while ((getline line < part) > 0) print line; skip = 1; seen = 1; next }
		$0 == "<!-- end -->" { skip = 0 }
		!skip { print }
		END { if (!seen) exit 1 }' "$1" >"$tmp/new" || { echo "$1 has no place for the chapter $2"; failed=$((failed + 1)); return; }
	compare "$1"
}
compare() {
	if cmp -s "$tmp/new" "$1"; then
		passed=$((passed + 1))
	elif [ $update = 1 ]; then
		cp "$tmp/new" "$1" && echo "updated $1"
	else
		failed=$((failed + 1))
		echo "$1 differs from the tables; 'make docs' writes it anew:"
		diff -u "$1" "$tmp/new" | head -n 20
	fi
}

part SPEC.md fields
part SPEC.md exit-codes
part SPEC.md config
whole docs/rules.md rules
whole docs/labc.1 man
whole docs/templates.md templates
whole docs/lab.schema.json schema

# every candidate is a rule or left out with a reason
"$LABC" list rules --format json | grep -o '"LAB[0-9]*"' | tr -d '"' | sort -u >"$tmp/codes"
n=0
while read -r id what; do
	case $id in '#'*) continue ;; esac
	n=$((n + 1))
	words=${what#*-}
	[ $id = $n ] || { echo "tests/candidates.txt: $id stands at the place of $n"; failed=$((failed + 1)); }
	for code in ${what%%-*}; do
		grep -qx "$code" "$tmp/codes" || { echo "tests/candidates.txt: $id: there is no $code"; failed=$((failed + 1)); }
	done
	[ "$words" = "$what" ] || grep -qF -- "$words" docs/rules-left-out.md ||
		{ echo "docs/rules-left-out.md does not speak of '$words' ($id)"; failed=$((failed + 1)); }
done <tests/candidates.txt
[ $n = 137 ] && passed=$((passed + 1)) || { echo "tests/candidates.txt has $n candidates"; failed=$((failed + 1)); }

[ $update = 1 ] || echo "docs: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
