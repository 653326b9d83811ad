#!/bin/sh
# Judges the ARM templates that `labc build` wrote.
#
#   tests/arm/run.sh [--same HARMLESS HOSTILE]... [BUILD_DIR...]
#
# --same names two builds, from specs that differ in their texts only: both templates must evaluate the same expressions.
# For every azuredeploy.json below the given folders: our own rules (check.py), what arm-ttk and PSRule ask (quality.py),
# our own JSON Schema (schema.py), the offline checker with Azure's where the reference material is at hand, and Bicep: decompile, build, and compare with what
# went in (batch.py).
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

# All templates at once: reading the schemas takes longer than checking.
check_with_schemas() { # TEMPLATE...
	"$schema_python" "$schema_checker" --werror "$@" >"$work/schema.txt" 2>&1
	for template; do
		if grep -q "^$template: ok (0 errors, 0 warnings)" "$work/schema.txt"; then
			pass
		else
			fail "$template: schema check"
			grep -F "$template: " "$work/schema.txt"
		fi
	done
}

count_lines() { # STATUS FILE: lines "ok ..." and "FAIL ..."
	passed=$((passed + $(grep -c '^ok ' "$2")))
	failed=$((failed + $(grep -c '^FAIL ' "$2")))
	grep '^FAIL ' "$2"
	if [ "$1" -ne 0 ] && ! grep -q '^FAIL ' "$2"; then
		fail "a program of the suite ended with $1"
		tail -5 "$2"
	fi
}

# Decompiled and built in one process each, as nested deployments of one template.
check_with_bicep() { # TEMPLATE...
	rm -rf "$work/bicep"
	mkdir "$work/bicep"
	"$python" "$here/batch.py" wrap "$work/bicep/all.json" "$@" || { fail 'batch.py'; return; }
	if ! "$bicep" decompile "$work/bicep/all.json" >"$work/bicep.txt" 2>&1; then
		fail "bicep decompile"
		cat "$work/bicep.txt"
		return
	fi
	passed=$((passed + $#))
	if ! "$bicep" build "$work/bicep/all.bicep" --outfile "$work/bicep/again.json" >"$work/bicep.txt" 2>&1; then
		fail "bicep build"
		grep -i error "$work/bicep.txt"
		return
	fi
	"$python" "$here/batch.py" judge "$work/bicep/again.json" "$work/bicep.txt" "$@" >"$work/same.txt" 2>&1
	count_lines $? "$work/same.txt"
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
	dump=
	[ ! -f "$3/dump.json" ] || dump=$3/dump.json
	if "$python" "$here/check.py" --inert "$2/azuredeploy.json" "$3/azuredeploy.json" ${dump:+"$dump"}; then
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

schema_python=$(find_python 'import jsonschema')
[ -n "$schema_python" ] || skip "schema checks: python3-jsonschema is missing (apt-get install python3-jsonschema)"
# Azure's own schemas are reference material that is no part of the product: their absence is no one's fault.
[ -f "$schema_checker" ] || echo "note: Azure's own schemas are not at hand; ours, Bicep and our rules judge alone"

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
	"$python" "$here/check.py" "$template" "$folder/azuredeploy.parameters.json" >"$work/own.txt" 2>&1
	count_lines $? "$work/own.txt"
	grep -q '^FAIL [^:]*: is valid JSON' "$work/own.txt" || echo "$template" >>"$work/sound"
done <"$work/templates"
[ -s "$work/sound" ] || finish

# folders of builds have no blanks in their names
# shellcheck disable=SC2046
set -- $(cat "$work/sound")
# what arm-ttk and PSRule ask, and do these tests see what is broken?
# shellcheck disable=SC2046
"$python" "$here/quality.py" $(dirname "$@") >"$work/quality.txt" 2>&1
count_lines $? "$work/quality.txt"
for template; do
	if grep -q '"target": "azure-vm"' "$(dirname "$template")/deploy.json" && grep -q Microsoft.Network/bastionHosts "$template"; then
		"$python" "$here/quality.py" --self "$(dirname "$template")" >"$work/quality.txt" 2>&1
		count_lines $? "$work/quality.txt"
		[ -z "$schema_python" ] || { "$schema_python" "$here/schema.py" --self "$template" >"$work/own-schema.txt" 2>&1; count_lines $? "$work/own-schema.txt"; }
		break
	fi
done
if [ -n "$schema_python" ]; then
	"$schema_python" "$here/schema.py" "$@" >"$work/own-schema.txt" 2>&1
	count_lines $? "$work/own-schema.txt"
	[ ! -f "$schema_checker" ] || check_with_schemas "$@"
fi
[ -z "$bicep" ] || check_with_bicep "$@"
finish
