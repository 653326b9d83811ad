#!/bin/sh
# Deletes the lab from Azure: lists what carries the lab's tag, wants the lab's name typed, then deletes just that.
#
#   sh destroy.sh RESOURCE-GROUP
#
# Machines are deleted with their disks and all work on them. The resource group itself stays, and whatever else is in it.
# The same for every lab: the lab's name stands in deploy.json. Needs the Azure CLI, signed in.
# Exit: 0 all gone, 1 something is left, 2 refused or not wanted: nothing was changed.
set -eu

say() { printf '%s\n' "$*"; }
refuse() {
	printf 'destroy.sh: %s\n' "$*" >&2
	exit 2
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
[ -f "$here/deploy.json" ] || refuse "deploy.json is missing beside this script"
lab=$(sed -n 's/^  "lab": "\([A-Za-z0-9-]*\)",*$/\1/p' "$here/deploy.json")
[ -n "$lab" ] || refuse "deploy.json was changed; build the lab again"
[ $# -eq 1 ] || refuse "name the resource group: sh destroy.sh RESOURCE-GROUP"
group=$1
case $group in
'' | -* | *[!A-Za-z0-9_.-]* | *.) refuse "'$group' is no name of a resource group" ;;
esac
command -v az >/dev/null 2>&1 || refuse "the Azure CLI is missing: https://aka.ms/azure-cli"
az account show --output none 2>/dev/null || refuse "sign in first: az login"
[ "$(az group exists --name "$group")" = true ] || refuse "there is no resource group '$group'"

tagged() { az resource list --resource-group "$group" --query "[?tags.labc=='$lab'].id" --output tsv; }

work=$(mktemp -d "${TMPDIR:-/tmp}/labc.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP
tagged >"$work/ids" || exit 1
if [ ! -s "$work/ids" ]; then
	say "Nothing in '$group' carries the tag labc=$lab: there is nothing to delete."
	exit 0
fi
say "These carry the tag labc=$lab, and would be deleted:"
sed 's|.*/providers/|  |' "$work/ids"
say "Disks of machines go with them. This cannot be undone."
printf "Type the lab's name to delete them: "
answer=''
read -r answer || :
[ "$answer" = "$lab" ] || refuse "that is not '$lab': nothing was deleted"

# What others need cannot go first, so whatever is left is tried again; machines and labs take their parts along.
left=$(wc -l <"$work/ids")
while :; do
	{
		grep -i '/virtualMachines/[^/]*$' "$work/ids" || :
		grep -i '/labs/[^/]*$' "$work/ids" || :
		grep -iv -e '/virtualMachines/[^/]*$' -e '/labs/[^/]*$' "$work/ids" || :
	} >"$work/order"
	exec 3<"$work/order"
	while IFS= read -r id <&3; do
		say "deleting ${id##*/providers/}"
		az resource delete --ids "$id" --output none </dev/null 2>"$work/error" || :
	done
	exec 3<&-
	tagged >"$work/ids" || exit 1
	[ -s "$work/ids" ] || break
	now=$(wc -l <"$work/ids")
	if [ "$now" -ge "$left" ]; then
		say "These could not be deleted:" >&2
		sed 's|.*/providers/|  |' "$work/ids" >&2
		cat "$work/error" >&2
		exit 1
	fi
	left=$now
done
say "Done: nothing in '$group' carries the tag labc=$lab any more."
