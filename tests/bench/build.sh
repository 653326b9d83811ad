#!/bin/sh
# labc build against K (k.c), the program that only reads the spec, hashes and writes or compares the same bytes; and
# setup.ps1 rendered from a lowered model against Jinja2. Ratios of one run; SPECS (10000) and GUESTS (50000) are sizes.
set -eu
cd "$(dirname "$0")/../.."
MAKE=${MAKE:-make}
b=build/bench
mkdir -p $b
cc -O2 -o $b/k tests/bench/k.c -lyaml -lmd
cc -O2 -D_GNU_SOURCE -o $b/spawn tests/bench/spawn.c
y=examples/two-hosts/lab.yaml
sed 's/^title:.*/title: another title/' $y >$b/other.yaml

# packs SPECS... DIR NAME: what labc writes, as K's input, in a folder of K's own
pack() {
	rm -rf "$2" "$3"
	build/labc build -q "$1" -o "$2"
	cp -R "$2" "$3"
}

echo "One spec, from spawn to exit (the floor is K, which writes two labs in turn, then compares):"
pack $y $b/lout $b/kout && $b/k pack $b/kout >$b/one.pack
pack $b/other.yaml $b/lout $b/kout && $b/k pack $b/kout >$b/two.pack
cat >$b/k-swap.sh <<S
$b/k build $b/one.pack $y
exec $b/k build $b/two.pack $b/other.yaml
S
cat >$b/l-swap.sh <<S
build/labc build -q $y -o $b/lout
exec build/labc build -q $b/other.yaml -o $b/lout
S
echo " replaced (bar x1.5):"
$b/spawn "${ROUNDS:-100}" /bin/sh $b/k-swap.sh -- /bin/sh $b/l-swap.sh
echo " unchanged (bar x1.5):"
$b/spawn "${ROUNDS:-100}" $b/k build $b/two.pack $b/other.yaml -- build/labc build -q $b/other.yaml -o $b/lout
if command -v valgrind >/dev/null 2>&1; then
	ir() { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | sed -n 's/.*Collected : //p'; }
	kr=$(ir $b/k build $b/one.pack $y) lr=$(ir build/labc build -q $y -o $b/lout)
	ku=$(ir $b/k build $b/one.pack $y) lu=$(ir build/labc build -q $y -o $b/lout)
	echo "$kr $lr $ku $lu" | awk '{ printf " instructions, all threads: replaced %d to %d x%.2f, unchanged %d to %d x%.2f\n", $2, $1, $2 / $1, $4, $3, $4 / $3 }'
fi

# compare NAME K-COMMAND LABC-COMMAND [BEFORE]: so many rounds in turn, the best of each; BEFORE each of the two
compare() {
	for _ in $(seq "$turns"); do
		[ -z "${4-}" ] || sh -c "$4"
		s=$(date +%s%N); sh -c "$2"; m=$(date +%s%N)
		[ -z "${4-}" ] || sh -c "$4"
		t=$(date +%s%N); sh -c "$3"; e=$(date +%s%N)
		echo "$s $m $((m + e - t))"
	done | awk -v name="$1" '{ k = $2 - $1; l = $3 - $2; if (!bk || k < bk) bk = k; if (!bl || l < bl) bl = l }
		END { printf "  %-36s K %8.3f s, labc %8.3f s  x%.2f (bar x1.5)\n", name, bk / 1e9, bl / 1e9, bl / bk }'
}
n=${SPECS:-10000}
turns=3
echo "Many (the best of $turns rounds):"
rm -rf $b/specs $b/lmany $b/kmany
python3 tests/bench/generate.py files "$n" $b/specs
pack $b/specs $b/lmany $b/kmany
find $b/specs -name '*.lab.yaml' | sort >$b/specs.list
sed "s|.*/0*\([0-9]\)|$b/kmany/course-\1|; s|\.lab\.yaml$||" $b/specs.list | xargs -s 1900000 -n 20000 $b/k pack >$b/many.pack
compare "$n specs, unchanged" "xargs -s 1900000 -n 20000 $b/k build $b/many.pack <$b/specs.list" "build/labc build -q $b/specs -o $b/lmany"
rm -rf $b/lmany $b/kmany
mkdir $b/lmany $b/kmany
compare "$n specs, first written, then unchanged" "xargs -s 1900000 -n 20000 $b/k build $b/many.pack <$b/specs.list" "build/labc build -q $b/specs -o $b/lmany"
rm -rf $b/specs $b/lmany $b/kmany $b/many.pack

g=${GUESTS:-50000}
python3 tests/bench/generate.py guests "$g" $b/big.yaml
pack $b/big.yaml $b/lbig $b/kbig && $b/k pack $b/kbig >$b/big.pack
sync # what was written until now takes a processor until it is on the disk
turns=7 # two threads find two idle processors less often than one finds one
compare "one spec of $g guests, unchanged" "$b/k build $b/big.pack $b/big.yaml" "build/labc build -q $b/big.yaml -o $b/lbig"
compare "the same, first written" "$b/k build $b/big.pack $b/big.yaml" "build/labc build -q $b/big.yaml -o $b/lbig" \
	"rm -rf $b/lbig $b/kbig; sync"
sed 's/for the benchmark/for this benchmark/' $b/big.yaml >$b/big-2.yaml
pack $b/big-2.yaml $b/lbig $b/kbig && $b/k pack $b/kbig >$b/big-2.pack
turns=3
compare "two of them, each replaced" "$b/k build $b/big.pack $b/big.yaml; sync; $b/k build $b/big-2.pack $b/big-2.yaml" \
	"build/labc build -q $b/big.yaml -o $b/lbig; sync; build/labc build -q $b/big-2.yaml -o $b/lbig" sync
rm -rf $b/lbig $b/kbig $b/big.pack $b/big-2.pack

echo "setup.ps1 from a lowered model (bars: 80 MB/s, 4 times Jinja2):"
objects=$(find build/opt -name '*.o' ! -path '*/tests/*' ! -name main.o ! -name embed.o)
# shellcheck disable=SC2046,SC2086
cc -O2 -std=c17 -D_POSIX_C_SOURCE=200809L -Icompiler -o $b/render tests/bench/render.c $objects \
	$(pkg-config --libs yaml-0.1 libpcre2-8 jansson libutf8proc libmd) -lm
python3 tests/bench/generate.py guests 1000 $b/guests.yaml
for s in $y $b/guests.yaml; do
	ours=$($b/render $s $b/values.json $b/setup.ps1)
	theirs=$(python3 tests/bench/render_jinja.py $b/values.json $b/setup.ps1 || echo 0)
	echo "$ours $theirs $s" | awk '{ printf "  %-28s %8d bytes in %9.1f us: %6.0f MB/s, x%.1f as fast as Jinja2; making the values %.1f us\n", $5, $2, $1, $2 / $1, $4 / $1, $3 }'
done
