#!/bin/sh
# The seeds of every example and of one spec that tries to break out of them, judged by their readers (check.py).
# Needs mtools and cloud-init (.ci/deps.sh); the one without the other is a failure.
# Last line: "seeds: N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/../.." || exit 1
LABC=${LABC:-build/labc}
rm -rf build/seeds
"$LABC" build -q tests/seeds/hostile.yaml -o build/seeds/hostile 2>build/seeds.err || {
	cat build/seeds.err
	echo "seeds: 0 passed, 1 failed, 0 skipped"
	exit 1
}
set -- build/seeds/hostile tests/seeds/hostile.yaml
for y in examples/*/lab.yaml; do
	n=$(basename "$(dirname "$y")")
	"$LABC" build -q "$y" -o "build/seeds/$n" 2>/dev/null && set -- "$@" "build/seeds/$n" "$y"
done
# cloud-init belongs to the system's own Python, which need not be the first one
python=python3
for p in python3 /usr/bin/python3; do
	PYTHONPATH=build/cloud-init/usr/lib/python3/dist-packages $p -c 'import cloudinit, yaml, jsonschema' 2>/dev/null && python=$p && break
done
exec $python tests/seeds/check.py "$@"
