#!/bin/sh
# What happens on several threads, under ThreadSanitizer (make check-threads). Last line: "threads: N passed, ...".
set -u
cd "$(dirname "$0")/.." || exit 1
dir=build/threads
passed=0 failed=0
rm -rf $dir
mkdir -p $dir
# addresses at random are more than some kernels leave the sanitizer
run() { # NAME ARGUMENTS...: the same twice, the second time onto what is there
	name=$1
	shift
	for i in 1 2; do
		if setarch -R build/tsan/labc "$@" >$dir/log 2>&1; then passed=$((passed + 1)); else
			failed=$((failed + 1))
			echo "FAILED $name, time $i"
			head -n 40 $dir/log
		fi
	done
}
python3 tests/bench/generate.py files 60 $dir/specs
python3 tests/bench/generate.py guests 2200 $dir/large.yaml
run 'lint of many specs' lint --fail-on error -j 4 examples $dir/specs
run 'build of many specs' build -q -j 4 $dir/specs -o $dir/many
run 'build of the examples' build -q -j 4 examples -o $dir/examples
run 'build of a large lab' build -q -j 4 $dir/large.yaml -o $dir/one
echo "threads: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
