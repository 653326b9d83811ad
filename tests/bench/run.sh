#!/bin/sh
# Ratios, not milliseconds: each figure stands beside a floor measured in the same run on the same machine.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build/bench
cc -O2 -o build/bench/noop tests/bench/noop.c
cc -O2 -o build/bench/noop-yaml tests/bench/noop.c -Wl,--no-as-needed -lyaml
cc -O2 -o build/bench/events tests/bench/events.c -lyaml
cc -O2 -D_GNU_SOURCE -o build/bench/spawn tests/bench/spawn.c
rounds=${ROUNDS:-200}
y=examples/two-hosts/lab.yaml
rm -rf build/bench/out
build/labc build -q $y -o build/bench/out

echo "One spec, from spawn to exit (median of $rounds rounds; the first line is a process that does nothing, dynamically linked):"
build/bench/spawn "$rounds" build/bench/noop -- build/bench/noop-yaml -- build/bench/events $y -- build/labc version -- \
	build/labc lint $y -- build/labc build -q $y -o build/bench/out

echo
echo "10,000 specs of 2 KB (ratio to libyaml's bare events on the same files):"
rm -rf build/bench/small
python3 tests/bench/generate.py files 10000 build/bench/small
find build/bench/small -name '*.lab.yaml' | sort >build/bench/list
xargs -n 20000 build/bench/events <build/bench/list >/dev/null # warm the cache
cat >build/bench/floor.sh <<'S'
exec xargs -n 20000 build/bench/events <build/bench/list
S
cat >build/bench/lint.sh <<'S'
exec build/labc lint -q build/bench/small
S
build/bench/spawn 5 /bin/sh build/bench/floor.sh -- /bin/sh build/bench/lint.sh

if command -v valgrind >/dev/null 2>&1; then
	echo
	echo "Instructions for 200 of them (callgrind, both less their start-up):"
	mkdir -p build/bench/some && rm -f build/bench/some/* && head -n 200 build/bench/list | xargs cp -t build/bench/some
	ir() { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | sed -n 's/.*Collected : //p'; }
	base=$(ir build/bench/events) floor=$(ir build/bench/events build/bench/some/*)
	lbase=$(ir build/labc version) lint=$(ir build/labc lint -q build/bench/some)
	echo "$floor $base $lint $lbase" | awk '{ printf "  events %d, lint %d: x%.2f\n", $1 - $2, $3 - $4, ($3 - $4) / ($1 - $2) }'
fi

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
cat >build/bench/policy.yaml <<'P'
labc: 1
rules:
  ORG-MEMORY: { path: guests.*.memory, at_most: 8 GiB, message: at most 8 GiB }
  ORG-IMAGE: { path: guests.*.image, matches: '^D:', message: images of our server }
P
t=$(cpu build/labc lint -q -j 1 --policy build/bench/policy.yaml build/bench/clean.yaml)
echo "$t $clean" | awk '{ printf "  %-28s %7.3f s  x%.2f of clean\n", "clean, a policy of two rules", $1, $1 / $2 }'
rm -rf build/bench/small
