#!/bin/sh
# Creates or changes the lab in Azure: says what it needs, shows what would happen, asks, then does it.
#
#   sh deploy.sh RESOURCE-GROUP [--region REGION] [--count N] [--parameters FILE]...
#
# --region REGION     where the resource group is made, if it does not exist yet
# --count N           at most N machines of each kind; 1 to try the lab first
# --parameters FILE   more parameters, such as references to a key vault; what stands there is not asked for
#
# The same for every lab: the lab's data stands in deploy.json, azuredeploy.json and azuredeploy.parameters.json.
# Needs the Azure CLI, signed in. Exit: 0 done, 1 Azure said no, 2 refused or not wanted: nothing was changed.
set -eu

say() { printf '%s\n' "$*"; }
refuse() {
	printf 'deploy.sh: %s\n' "$*" >&2
	exit 2
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
data=$here/deploy.json
for file in deploy.json azuredeploy.json azuredeploy.parameters.json; do
	[ -f "$here/$file" ] || refuse "$file is missing beside this script"
done

# One line a value; what does not look like one is not taken.
value() { sed -n 's/^  "'"$1"'": "\([A-Za-z0-9-]*\)",*$/\1/p' "$data"; }
items() { sed -n '/^  "'"$1"'": \[$/,/^  \]/s/^    "\(.*\)",*$/\1/p' "$data"; }

lab=$(value lab)
retires=$(value retires)
count_name=$(value count)
if [ -z "$lab" ] || [ -z "$count_name" ]; then refuse "deploy.json was changed; build the lab again"; fi

group='' region='' count=''
work=$(mktemp -d "${TMPDIR:-/tmp}/labc.XXXXXX")
chmod 700 "$work"
trap 'stty echo 2>/dev/null || :; rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP
: >"$work/more"

while [ $# -gt 0 ]; do
	case $1 in
	--region | --count | --parameters)
		[ $# -ge 2 ] || refuse "$1 wants a value behind it"
		case $1 in
		--region) region=$2 ;;
		--count) count=$2 ;;
		--parameters)
			[ -f "$2" ] || refuse "there is no file '$2'"
			printf '%s\n' "$2" >>"$work/more"
			;;
		esac
		shift
		;;
	-*) refuse "there is no option '$1'" ;;
	*)
		[ -z "$group" ] || refuse "one resource group, not '$group' and '$1'"
		group=$1
		;;
	esac
	shift
done
[ -n "$group" ] || refuse "name the resource group: sh deploy.sh RESOURCE-GROUP"
case $group in
*[!A-Za-z0-9_.-]* | *.) refuse "'$group' is no name of a resource group: letters, digits, hyphens, periods, underscores" ;;
esac
case $region in *[!A-Za-z0-9]*) refuse "'$region' is no region; 'az account list-locations --output table' lists them" ;; esac
case $count in *[!0-9]* | ?????*) refuse "'$count' is no number of machines" ;; esac

today=$(date -u +%Y%m%d)
if [ -n "$retires" ] && [ "$today" -gt "$(printf '%s' "$retires" | tr -d -)" ]; then
	refuse "this service ended on $retires: nothing can be deployed to it any more. 'labc migrate' moves the lab"
fi

command -v az >/dev/null 2>&1 || refuse "the Azure CLI is missing: https://aka.ms/azure-cli"
az account show --output none 2>/dev/null || refuse "sign in first: az login"

say "The lab '$lab' needs, with all its machines:"
items needs | sed 's/^/  /'
say "What the region's quota has left: az vm list-usage --location REGION --output table"
say

ask() { # QUESTION: true for yes
	printf '%s Type yes: ' "$1"
	answer=''
	read -r answer || :
	[ "$answer" = yes ]
}

if [ "$(az group exists --name "$group")" != true ]; then
	[ -n "$region" ] || refuse "there is no resource group '$group'; to make it, add --region REGION"
	ask "There is no resource group '$group'. Make it in $region?" || refuse "nothing was changed"
	az group create --name "$group" --location "$region" --tags "labc=$lab" --output none || exit 1
fi

# --- passwords and what else the template cannot know: asked, kept in a file that only this user may read, gone at the end ---

secret() { # NAME: into $text; passwords and tokens are not shown
	case $1 in *Password* | *Token*) [ ! -t 0 ] || stty -echo ;; esac
	printf '%s: ' "$1"
	text=''
	IFS= read -r text || :
	[ ! -t 0 ] || stty echo
	say
}

# 12 to 72 characters of three kinds, as Azure wants them.
is_password() {
	kinds=0
	for kind in '*[a-z]*' '*[A-Z]*' '*[0-9]*' '*[!a-zA-Z0-9]*'; do
		# shellcheck disable=SC2254
		case $1 in $kind) kinds=$((kinds + 1)) ;; esac
	done
	[ ${#1} -ge 12 ] && [ ${#1} -le 72 ] && [ $kinds -ge 3 ]
}

given() { # NAME: stands in a file of --parameters
	while IFS= read -r file; do
		if grep -q "\"$1\"[[:space:]]*:" "$file"; then return 0; fi
	done <"$work/more"
	return 1
}

umask 077
items secrets >"$work/secrets"
{
	# shellcheck disable=SC2016
	printf '{ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",'
	printf ' "contentVersion": "1.0.0.0", "parameters": {'
} >"$work/secret.json"
comma=''
exec 3<"$work/secrets"
while IFS= read -r name <&3; do
	if given "$name"; then continue; fi
	# what a guest's password must be, the guest's system decides; Azure's own rule is for its machines
	[ "$name" != guestPassword ] || say "The password of the accounts in the guests; Windows wants 8 characters of three kinds."
	secret "$name"
	first=$text
	case $name in
	guestPassword) [ ${#first} -le 127 ] || refuse "$name: 127 characters at most" ;;
	*Password)
		is_password "$first" || refuse "$name: 12 to 72 characters, with three of lower case, upper case, digits, symbols"
		;;
	esac
	case $name in
	*Password)
		secret "$name again"
		[ "$text" = "$first" ] || refuse "$name: the two differ"
		;;
	esac
	[ -n "$first" ] || refuse "$name is needed"
	case $first in *[[:cntrl:]]*) refuse "$name has a control character" ;; esac
	printf '%s "%s": { "value": "%s" }' "$comma" "$name" "$(printf '%s' "$first" | sed 's/[\\"]/\\&/g')" >>"$work/secret.json"
	comma=','
done
exec 3<&-
printf ' } }\n' >>"$work/secret.json"

# --- look, ask, do ---

set -- --resource-group "$group" --name "$lab" --template-file "$here/azuredeploy.json" \
	--parameters "@$here/azuredeploy.parameters.json"
while IFS= read -r file; do
	set -- "$@" --parameters "@$file"
done <"$work/more"
set -- "$@" --parameters "@$work/secret.json"
[ -z "$count" ] || set -- "$@" --parameters "$count_name=$count"

say "What would happen:"
az deployment group what-if "$@" || exit 1
ask "Do this in '$group'?" || refuse "nothing was changed"
az deployment group create "$@" --query properties.outputs || exit 1
say "Done. README.md has the next step."
