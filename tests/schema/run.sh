#!/bin/sh
# Judges the JSON Schema that `labc schema` prints with programs that are not ours:
#   npm ajv (strict, 2020-12)     compiles it; every example and every spec that labc finds no error in is valid, every
#                                 spec with a mistake of structure or type (LAB01xx) is refused but for those of
#                                 beyond.txt. npm yaml reads the specs as YAML 1.2 (core).
#   npm yaml-language-server      completes, explains and marks fields, driven over its protocol
# Specs: the examples, tests/golden/lint, and whole labs kept beside the project where they are.
# Needs node, npm and, at the first run, the network. LABC: the program, else build/labc.
# Last line: "schema: N passed, N failed, N skipped". With LABC_REQUIRE_ALL=1 a skip is a failure.
set -u
cd "$(dirname "$0")/../.." || exit 1
LABC=${LABC:-build/labc}
here=tests/schema tools=build/schema-tests data=../shared/contracts
passed=0 failed=0 skipped=0

finish() {
	echo "schema: $passed passed, $failed failed, $skipped skipped"
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

fetch_tools() {
	mkdir -p $tools
	cp $here/package.json $here/validate.mjs $here/editor.mjs $tools/
	cmp -s $here/package-lock.json $tools/package-lock.json && [ -f $tools/node_modules/.package-lock.json ] && return 0
	cp $here/package-lock.json $tools/
	(cd $tools && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error) >$tools/npm.log 2>&1 && return 0
	tail -n 5 $tools/npm.log
	# so that the next run tries again
	rm -f $tools/package-lock.json
	return 1
}

# tally NAME STATUS: counts the lines of the judge
tally() {
	ok=$(grep -c '^ok ' $tools/judged)
	passed=$((passed + ok)) failed=$((failed + $(grep -c '^FAIL ' $tools/judged)))
	grep '^FAIL ' $tools/judged
	if [ "$2" -ne 0 ] || [ "$ok" -eq 0 ]; then
		fail "$1 ended with $2"
		tail -n 5 $tools/judged
	fi
	echo "figure: schema, $1: $ok checks passed"
}

# beyond NAME: whether beyond.txt has it
beyond() { grep -q "^$1 |" $here/beyond.txt; }

# expectation FILE NAME: what labc's errors say the schema has to do. By the first error: a mistake of structure
# hides what follows from it.
expectation() {
	code=$("$LABC" lint --format concise -q "$1" 2>/dev/null | sed -n 's/.*: error\[\([A-Z0-9]*\)\].*/\1/p' |
		LC_ALL=C sort | grep -m 1 -e '^LAB01' -e '^LAB00' -e .)
	case $code in
	'') echo "valid $1" ;;
	LAB00*) ;;
	LAB01*) if beyond "$code" || beyond "$2"; then echo "either $1"; else echo "refused $1"; fi ;;
	# a mistake in what values mean may be one that the schema's patterns see too
	*) echo "either $1" ;;
	esac
}

for need in node npm; do
	command -v $need >/dev/null 2>&1 || skip "everything: $need is missing (make deps-test)"
done
[ -x "$LABC" ] || skip "everything: $LABC is missing (make)"
fetch_tools || skip "everything: the validators could not be fetched"

"$LABC" schema >$tools/labc.schema.json || fail "labc schema ended with $?"
for y in examples/*/lab.yaml; do
	echo "valid $y"
done >$tools/list
# (cases of 00xx are about YAML itself, where other readers differ on purpose)
for y in tests/golden/lint/LAB0[1-9]*.yaml tests/golden/lint/[!L]*.yaml $data/labs/valid/*.yaml $data/labs/invalid/*.yaml $data/tricky-yaml/*.yaml; do
	if [ -e "$y" ]; then expectation "$y" "$(basename "$y" .yaml)"; fi
done >>$tools/list
node $tools/validate.mjs $tools/labc.schema.json $tools/list >$tools/judged 2>&1
tally ajv $?
echo "figure: schema, ajv: $(grep -c '^valid ' $tools/list) valid, $(grep -c '^refused ' $tools/list) refused," \
	"$(grep -c '^either .* refused$' $tools/judged) of $(grep -c '^either ' $tools/list) others refused too"

# an exception that nothing needs is a mistake in the list
for name in $(sed -n 's/^\([A-Z0-9]*-[^ ]*\) |.*/\1/p' $here/beyond.txt); do
	if grep -q "^either .*/$name.yaml valid$" $tools/judged; then
		passed=$((passed + 1))
	else
		fail "beyond.txt lists $name, which is refused or not there"
	fi
done

node $tools/editor.mjs $tools/node_modules/yaml-language-server/bin/yaml-language-server $tools/labc.schema.json \
	examples/*/lab.yaml >$tools/judged 2>&1
tally yaml-language-server $?
finish
