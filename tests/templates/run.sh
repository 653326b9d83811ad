#!/bin/sh
# Every probe in every text value of the examples, through every shipped template (see probes.c). A sample of the
# scripts goes to build/probes, where the PowerShell suite judges it with the real parser.
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
set -- --out build/probes
[ -f ../shared/contracts/escape-cases.json ] && set -- "$@" --probes ../shared/contracts/escape-cases.json
exec build/opt/probes "$@" examples/two-hosts/lab.yaml
