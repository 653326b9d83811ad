#!/bin/sh
# Judges the ARM templates that `labc build` wrote.
#
#   tests/arm/run.sh [--same HARMLESS HOSTILE]... [BUILD_DIR...]
#
# --same names two builds, from specs that differ in their texts only: both templates must evaluate the same expressions.
# For every azuredeploy.json below the given folders: our own rules (check.py), the offline schema checker where
# the reference material is at hand, and Bicep: decompile, build, and compare with what went in.
# Last line: "arm: N passed, N failed, N skipped". Exit 1 on a failure; with LABC_REQUIRE_ALL=1 a skipped check fails.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=$root/build/bicep
bicep=$tools/azure.bicep.commandline.linux-x64/0.49.2/tools/bicep
schema_checker=$root/../shared/tools/check_arm.py
passed=0 failed=0 skipped=0

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAIL $*"; }
skip() {
	if [ "${LABC_REQUIRE_ALL:-0}" = 1 ]; then
		fail "$* (and LABC_REQUIRE_ALL is set)"
	else
		skipped=$((skipped + 1))
		echo "skip $*"
	fi
}
finish() {
	rm -rf "$work"
	echo "arm: $passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
}

# Debian's interpreter comes first: it is the one that has Debian's modules.
find_python() {
	for candidate in /usr/bin/python3 python3; do
		if "$candidate" -c "$1" 2>/dev/null; then
			echo "$candidate"
			return
		fi
	done
}

fetch_bicep() {
	[ -f "$bicep" ] && return
	command -v dotnet >/dev/null 2>&1 || return
	mkdir -p "$tools"
	cp "$here/bicep.csproj" "$tools/bicep.csproj"
	(cd "$tools" && DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 \
		dotnet restore bicep.csproj --packages "$tools" --verbosity quiet) >"$tools/restore.log" 2>&1 ||
		{ echo "Bicep could not be fetched:"; tail -5 "$tools/restore.log"; }
}

check_with_schemas() { # TEMPLATE
	if "$schema_python" "$schema_checker" --werror "$1" >"$work/schema.txt" 2>&1; then
		pass
	else
		fail "$1: schema check"
		cat "$work/schema.txt"
	fi
}

check_with_bicep() { # TEMPLATE
	rm -rf "$work/bicep"
	mkdir "$work/bicep"
	cp "$1" "$work/bicep/azuredeploy.json"
	if ! "$bicep" decompile "$work/bicep/azuredeploy.json" >"$work/bicep.txt" 2>&1; then
		fail "$1: bicep decompile"
		cat "$work/bicep.txt"
		return
	fi
	pass
	if ! "$bicep" build "$work/bicep/azuredeploy.bicep" --outfile "$work/bicep/again.json" >"$work/bicep.txt" 2>&1; then
		fail "$1: bicep build"
		cat "$work/bicep.txt"
		return
	fi
	pass
	if "$python" "$here/check.py" --same "$1" "$work/bicep/again.json"; then
		pass
	else
		fail "$1: Bicep's template differs"
	fi
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# -eq 0 ]; then
	echo "usage: tests/arm/run.sh [--same HARMLESS HOSTILE]... [BUILD_DIR...]" >&2
	exit 2
fi
python=$(find_python 'import json')
if [ -z "$python" ]; then
	skip "everything: python3 is missing (apt-get install python3)"
	finish
fi

while [ $# -ge 3 ] && [ "$1" = --same ]; do
	if "$python" "$here/check.py" --inert "$2/azuredeploy.json" "$3/azuredeploy.json"; then
		pass
	else
		fail "$3/azuredeploy.json: a text of the spec became code"
	fi
	shift 3
done
if [ $# -eq 0 ]; then
	finish
fi
find "$@" -name azuredeploy.json | LC_ALL=C sort >"$work/templates"
if [ ! -s "$work/templates" ]; then
	fail "no azuredeploy.json in $*"
	finish
fi

schema_python=
if [ ! -f "$schema_checker" ]; then
	# Reference material that is not part of the product: its absence is no one's fault.
	echo "note: the offline schema checker is not at hand; Bicep and our own rules judge alone"
else
	schema_python=$(find_python 'import jsonschema')
	[ -n "$schema_python" ] || skip "schema check: python3-jsonschema is missing (apt-get install python3-jsonschema)"
fi

export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
fetch_bicep
if [ -f "$bicep" ]; then
	chmod +x "$bicep"
elif command -v dotnet >/dev/null 2>&1; then
	skip "Bicep: could not be fetched"
	bicep=
else
	skip "Bicep: .NET is missing"
	bicep=
fi

while IFS= read -r template; do
	folder=$(dirname "$template")
	"$python" "$here/check.py" "$template" "$folder/azuredeploy.parameters.json" >"$work/own.txt"
	status=$?
	passed=$((passed + $(grep -c '^ok ' "$work/own.txt")))
	failed=$((failed + $(grep -c '^FAIL ' "$work/own.txt")))
	grep '^FAIL ' "$work/own.txt"
	if [ "$status" -gt 1 ]; then
		fail "$template: check.py itself ended with $status"
		continue
	fi
	grep -q '^FAIL [^:]*: is valid JSON' "$work/own.txt" && continue
	[ -n "$schema_python" ] && check_with_schemas "$template"
	[ -n "$bicep" ] && check_with_bicep "$template"
done <"$work/templates"
finish
