#!/bin/sh
# The generated scripts, judged by the real PowerShell engine on a simulated Windows host (a .NET program).
# Every changing call of every script fails once, and is the last before a death; in most scripts many calls fail in one run, and deaths come
# in chains; in a script of more than ten guests one after each kind of call. LABC_SWEEP=1 tries each accident alone: hours for one processor.
# Without .NET the suite is skipped; with LABC_REQUIRE_ALL=1 that is a failure.
set -u
cd "$(dirname "$0")/../.." || exit 1
if ! command -v dotnet >/dev/null 2>&1; then
	echo "The .NET 10 SDK is not installed: the PowerShell suite is skipped."
	echo "powershell: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
dotnet build -c Release -v quiet --nologo tests/powershell || exit 1
rm -rf build/weeks
for y in tests/powershell/weeks/*.yaml; do
	"${LABC:-build/labc}" build -q "$y" -o "build/weeks/$(basename "$y" .yaml)" || exit 1
done
set -- --weeks build/weeks --labc "${LABC:-build/labc}" build/weeks/serve build/weeks/disk
[ "${LABC_SWEEP:-0}" = 1 ] && set -- "$@" --sweep
[ -d ../shared/contracts ] && set -- "$@" --contracts ../shared/contracts
[ -d build/hostile ] && set -- "$@" --hostile build/hostile
[ -d build/probes ] && set -- "$@" --probes build/probes
# shellcheck disable=SC2046
exec dotnet build/powershell/bin/LabcPowerShellTests.dll "$@" $(ls -d build/examples/*/ build/specs/server-lab-*/ 2>/dev/null)
