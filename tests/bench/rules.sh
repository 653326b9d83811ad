#!/bin/sh
# All rules on large specs, in processor seconds: many guests, many findings, a policy.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build/bench
[ -x build/bench/events ] || cc -O2 -o build/bench/events tests/bench/events.c -lyaml
# processor seconds of a command, which other load disturbs less than the clock; the least of three
cpu() {
	python3 - "$@" <<'P'
import resource, subprocess, sys
best = None
for _ in range(3):
    a = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    b = resource.getrusage(resource.RUSAGE_CHILDREN)
    t = b.ru_utime + b.ru_stime - a.ru_utime - a.ru_stime
    best = t if best is None else min(best, t)
print("%.6f" % best)
P
}

echo
echo "One spec of many guests (hyper-v, all rules; processor seconds, ratio to bare events, slope from 1,000 guests):"
first=
for n in 1000 4000 16000 50000 64000; do
	python3 tests/bench/generate.py guests $n build/bench/guests-$n.yaml
	t=$(cpu build/labc lint -q -j 1 build/bench/guests-$n.yaml)
	f=$(cpu build/bench/events build/bench/guests-$n.yaml)
	first=${first:-$t}
	echo "$n $t $f $first" | awk '{ printf "  %6d guests %7.3f s  x%.2f", $1, $2, $2 / $3; if ($1 > 1000) printf "  slope %.3f", log($2 / $4) / log($1 / 1000); print "" }'
done

echo
echo "10,000 findings in one spec, against the same spec without (processor seconds):"
python3 tests/bench/generate.py guests 10000 build/bench/clean.yaml
python3 tests/bench/generate.py findings 10000 build/bench/findings.yaml
clean=$(cpu build/labc lint -q -j 1 build/bench/clean.yaml)
echo "$clean" | awk '{ printf "  %-28s %7.3f s\n", "clean", $1 }'
for how in "text --max-findings 50" "text --max-findings 0" "concise --max-findings 0" json sarif; do
	t=$(cpu build/labc lint -q -j 1 --format $how build/bench/findings.yaml)
	echo "$t $clean" | awk -v how="$how" '{ printf "  %-28s %7.3f s  x%.2f of clean\n", how, $1, $1 / $2 }'
done
if command -v valgrind >/dev/null 2>&1; then
	echo " instructions, which no other load disturbs:"
	count() {
		valgrind --tool=callgrind --callgrind-out-file=/dev/null build/labc lint -q -j 1 "$@" 2>&1 >/dev/null |
			sed -n 's/.*Collected : //p'
	}
	few=$(count build/bench/guests-1000.yaml) many=$(count build/bench/guests-64000.yaml)
	echo "$few $many" | awk '{ printf "  64,000 guests to 1,000: slope %.3f (bar 0.95 to 1.05)\n", log($2 / $1) / log(64) }'
	few=$(count build/bench/clean.yaml) many=$(count --format sarif build/bench/findings.yaml)
	echo "$few $many" | awk '{ printf "  sarif of 10,000 findings x%.2f of clean (bar x4)\n", $2 / $1 }'
fi
cat >build/bench/policy.yaml <<'P'
labc: 1
rules:
  ORG-MEMORY: { path: guests.*.memory, at_most: 8 GiB, message: at most 8 GiB }
  ORG-IMAGE: { path: guests.*.image, matches: '^D:', message: images of our server }
P
t=$(cpu build/labc lint -q -j 1 --policy build/bench/policy.yaml build/bench/clean.yaml)
echo "$t $clean" | awk '{ printf "  %-28s %7.3f s  x%.2f of clean\n", "clean, a policy of two rules", $1, $1 / $2 }'
