#!/bin/sh
# Every probe in every text value of the two-host example, through every shipped template (see probes.c), then the
# proof that this sees anything: without the engine's escaping many of them fail. A sample of the scripts goes to
# build/probes, where the PowerShell suite judges it with the real parser.
# Last line: "probes: N passed, N failed, 0 skipped".
set -u
cd "$(dirname "$0")/../.." || exit 1
MAKE=${MAKE:-make}
if ! $MAKE --no-print-directory -s DEVELOPER=1 build/opt/probes; then
	echo "probes: 0 passed, 1 failed, 0 skipped"
	exit 1
fi
rm -rf build/probes
mkdir -p build/probes
spec=examples/two-hosts/lab.yaml
others='examples/azure-vm/lab.yaml examples/devtest-labs/lab.yaml'
more=../shared/contracts/escape-cases.json
set --
[ -f $more ] && set -- --probes $more
build/opt/probes --out build/probes "$@" $spec $others >build/probes/all.log 2>&1
build/opt/probes --mutant $spec >build/probes/mutant.log 2>&1

passed=0 failed=0
for run in all mutant; do
	line=$(grep '^probes: [0-9]* passed' build/probes/$run.log)
	p=$(echo "$line" | sed -n 's/^probes: \([0-9]*\) passed.*/\1/p')
	f=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
	# a crash prints no figures
	passed=$((passed + ${p:-0})) failed=$((failed + ${f:-1}))
	grep -v '^probes: ' build/probes/$run.log | head -n 100
done
echo "probes: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
