#!/bin/sh
# Corpora kept beside the project: hostile YAML, tricky YAML, whole labs and their facts. Prints the scores; one
# below its bar fails. Without the corpora there is nothing to do here.
set -u
cd "$(dirname "$0")/.." || exit 1
LABC=${LABC:-build/labc}
data=../shared/contracts
tools=../shared/tools
log=build/corpora.log
passed=0 failed=0
if [ ! -d $data ]; then
	echo "corpora: 0 passed, 0 failed, 0 skipped"
	exit 0
fi
# verdict NAME STATUS SCORE
verdict() {
	echo "score: $1: $3"
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		tail -n 25 $log
	fi
}

# at least 98 % with the first finding at the expected line and column, no crash
python3 $tools/score_bad_yaml.py $data/bad-yaml -v -- "$LABC" lint -q --format concise >$log 2>&1
line=$(grep '^TOTAL' $log)
echo "$line" | awk '{ for (i = 1; i <= NF; i++) if (split($i, p, "=") == 2) v[p[1]] = p[2] == "" ? $(i + 1) : p[2]
	exit !(v["n"] > 0 && v["first"] >= 0.98 * v["n"] && v["bad"] == 0) }'
verdict bad-yaml $? "$line"

# valid specs clean, at least 95 % of the expected findings exact, at most 5 % of the files with an extra one
python3 $tools/score_labs.py --bar 0.95 $data/labs -- "$LABC" lint -q --format concise >$log 2>&1
status=$?
verdict labs $status "$(grep -v '^ *$' $log | tail -n 2 | tr '\n' ' ')"

# every fact of the valid specs holds in the lowered model
python3 tests/facts.py $data/labs "$LABC" >$log 2>&1
status=$?
verdict facts $status "$(tail -n 1 $log)"

n=0 bad=0
: >$log
for y in $data/tricky-yaml/*.yaml $data/tricky-yaml/*.json; do
	case $y in */index.json) continue ;; esac
	[ -e "$y" ] || continue
	n=$((n + 1))
	"$LABC" lint -q --fail-on error --format concise "$y" >>$log 2>&1 || bad=$((bad + 1))
done
verdict tricky-yaml $bad "$((n - bad)) of $n accepted"
echo "corpora: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
