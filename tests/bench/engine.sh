#!/bin/sh
# The template engine by itself (ct.c) and Jinja2 on the same template and data, in one run, against the bars.
set -eu
cd "$(dirname "$0")/../.."
b=build/bench
mkdir -p $b
objects=$(find build/opt/base build/opt/diag build/opt/ctemplate build/opt/gen -name '*.o' ! -name embed.o)
# shellcheck disable=SC2046,SC2086
cc -O2 -g -std=c17 -D_POSIX_C_SOURCE=200809L -Icompiler -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free \
	-o $b/ct tests/bench/ct.c $objects $(pkg-config --libs jansson libutf8proc libmd) -lm
python=
for p in python3 /usr/bin/python3; do
	if [ -z "$python" ] && $p -c 'import jinja2' 2>/dev/null; then python=$p; fi
done

echo "The template engine, 1,000 machines (CPU time, best of many):"
for i in 1 2 3; do
	echo "$($b/ct time) $(if [ -n "$python" ]; then $python tests/bench/ct_with_jinja.py; else echo 0 0; fi)"
done | awk '{ for (i = 1; i <= NF; i++) if (NR == 1 || $i < v[i]) v[i] = $i }
	END {
		printf "  compile    %8.2f us   (bar 15)      Jinja2 %10.1f us  x%.0f\n", v[1], v[6], v[6] / v[1]
		printf "  render     %8.1f us   (bar 2000)    Jinja2 %10.1f us  x%.1f (bar 4)\n", v[2], v[7], v[7] / v[2]
		printf "  %.0f MB/s; %d allocations for %d bytes of output, memory at most %.2f x the output (bar 4)\n", v[5] / v[2], v[3], v[5], v[4] / v[5]
	}'
$b/ct growth
if command -v valgrind >/dev/null 2>&1; then
	ir() { valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null | sed -n 's/.*Collected : //p'; }
	for n in 1000 4000 16000; do
		few=$(ir $b/ct run $n 1) many=$(ir $b/ct run $n 3)
		echo "$few $many $n" | awk '{ printf "  instructions of rendering %6d machines: %11d, %.1f each\n", $3, ($2 - $1) / 2, ($2 - $1) / 2 / $3 }'
	done
fi
