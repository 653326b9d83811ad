#!/bin/sh
# labc lint against a process that does nothing and libyaml's bare events. Ratios, not milliseconds: each figure stands
# beside a floor measured in the same run on the same machine.
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
for j in 1 2; do
	echo "exec build/labc lint -q -j $j build/bench/small" >build/bench/lint-$j.sh
done
echo " one thread (bar x1.5), two threads (bar x0.85):"
build/bench/spawn 5 /bin/sh build/bench/floor.sh -- /bin/sh build/bench/lint-1.sh -- /bin/sh build/bench/lint-2.sh
# not from python: a child's peak counts what its parent held
build/bench/spawn 1 build/bench/noop -- build/labc lint -q build/bench/small |
	awk 'END { printf "  memory at most %.1f MB (bar 10)\n", $(NF - 3) }'

if command -v valgrind >/dev/null 2>&1; then
	echo
	echo "Instructions for 200 of them (callgrind, both less their start-up):"
	mkdir -p build/bench/some && rm -f build/bench/some/* && head -n 200 build/bench/list | xargs cp -t build/bench/some
	ir() { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | sed -n 's/.*Collected : //p'; }
	base=$(ir build/bench/events) floor=$(ir build/bench/events build/bench/some/*)
	lbase=$(ir build/labc version) lint=$(ir build/labc lint -q build/bench/some)
	echo "$floor $base $lint $lbase" | awk '{ printf "  events %d, lint %d: x%.3f (bar 1.45)\n", $1 - $2, $3 - $4, ($3 - $4) / ($1 - $2) }'
fi
rm -rf build/bench/small
