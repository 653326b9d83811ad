#!/bin/sh
# deploy.sh and destroy.sh of every target, run by sh against a stand-in for the Azure CLI (tests/azure/az).
# Last line: "azure: N passed, N failed, N skipped".
. "$(dirname "$0")/cli_help.sh"
skipped=0
bin=$root/tests/azure
canary='Sesam"öffne\dich 1$(x)`y`'

for target in lab-services azure-vm devtest-labs; do
	"$LABC" build -q --target $target lab.yaml -o "$target" 2>e || bad "build for $target" e
done
# A folder whose name a shell could trip over.
mv azure-vm "it's \$(here) & there"
vm="$tmp/it's \$(here) & there"

fresh() {
	rm -rf "$tmp/log"
	mkdir "$tmp/log"
	: >"$tmp/log/calls"
	: >"$tmp/log/resources"
}
# script STATUS NAME INPUT FILE ARGS...: runs it with what a person would type
script() {
	want=$1 name=$2 input=$3 file=$4
	shift 4
	printf "$input" >in
	env PATH="$bin:$PATH" AZ_LOG="$tmp/log" TODAY="${TODAY:-20261129}" TMPDIR="$tmp/temp" sh "$file" "$@" <in >o 2>e
	got=$?
	if [ $got -eq "$want" ]; then ok; else bad "$name: exit $got, expected $want" o e log/calls; fi
	if [ -z "$(ls -A temp)" ]; then ok; else bad "$name: something stays in the temporary folder"; fi
	# what was typed is on no command line and in no file but the one that is gone
	if grep -rqF 'Sesam' log/calls o e "$vm" lab-services devtest-labs; then bad "$name: a password was left"; else ok; fi
}
mkdir temp
asked() { if sed -n '/^call/,$p' log/calls | grep -qxF "  $1"; then ok; else bad "az was not given: $1" log/calls; fi; }
calls() { if [ "$(grep -A3 '^call' log/calls | grep -cxF "  $1")" -eq "$2" ]; then ok; else bad "$2 calls with $1" log/calls; fi; }

if command -v shellcheck >/dev/null 2>&1; then
	for f in deploy.sh destroy.sh; do
		if shellcheck -s sh "$vm/$f" >o 2>&1; then ok; else bad "shellcheck $f" o; fi
	done
elif [ "${LABC_REQUIRE_ALL:-0}" = 1 ]; then
	bad 'shellcheck is missing (apt-get install shellcheck)'
else
	skipped=$((skipped + 1))
fi
for f in deploy.sh destroy.sh deploy.ps1 destroy.ps1; do
	same "$vm/$f" lab-services/$f
	same "$vm/$f" devtest-labs/$f
done

# --- deploy: says, looks, asks, does ---
typed=$(printf '%s' "$canary" | sed 's/\\/\\\\/g; s/%/%%/g')
fresh
script 0 'deploy' "$typed\n$typed\nyes\n" "$vm/deploy.sh" class --count 1
has o "2 machines of Standard_D4s_v4: 8 vCPUs of the quota of the Dsv4 series"
calls what-if 1
calls create 1
asked "$vm/azuredeploy.json"
asked "@$vm/azuredeploy.parameters.json"
asked seats=1
asked cross-lab-access
if [ "$(grep -n -m1 what-if log/calls | cut -d: -f1)" -lt "$(grep -n -m1 '^  create' log/calls | cut -d: -f1)" ]; then ok; else bad 'what-if comes first' log/calls; fi
if python3 -c 'import json, sys
assert json.load(open(sys.argv[1], encoding="utf-8"))["parameters"] == {"adminPassword": {"value": sys.argv[2]}}' log/secret.json "$canary"; then ok; else bad 'the password arrives as it was typed' log/secret.json; fi

fresh
script 2 'deploy, not wanted' "$typed\n$typed\nno\n" "$vm/deploy.sh" class
calls what-if 1
calls create 0
fresh
script 2 'deploy, nothing typed' '' "$vm/deploy.sh" class
calls what-if 0
fresh
script 2 'weak password' 'short\n' "$vm/deploy.sh" class
has e '12 to 72 characters'
calls what-if 0
fresh
script 2 'passwords that differ' "$typed\n${typed}x\n" "$vm/deploy.sh" class
has e 'differ'
fresh
AZ_GROUP=false
export AZ_GROUP
script 2 'no group, no region' '' "$vm/deploy.sh" class
has e 'add --region REGION'
calls create 0
fresh
script 0 'no group, a region' "yes\n$typed\n$typed\nyes\n" "$vm/deploy.sh" --region westeurope class
calls create 2
asked labc=cross-lab-access
fresh
script 2 'the group is not wanted' "no\n" "$vm/deploy.sh" --region westeurope class
calls create 0
unset AZ_GROUP
fresh
export AZ_FAIL='deployment group what-if'
script 1 'Azure says no to looking' "$typed\n$typed\nyes\n" "$vm/deploy.sh" class
calls create 0
export AZ_FAIL='deployment group create'
fresh
script 1 'Azure says no' "$typed\n$typed\nyes\n" "$vm/deploy.sh" class
unset AZ_FAIL
fresh
export AZ_SIGNED_IN=no
script 2 'not signed in' '' "$vm/deploy.sh" class
has e 'az login'
unset AZ_SIGNED_IN
for group in 'a b' 'x;reboot' '$(reboot)' '-g' '' 'a/b' "it's" 'x.'; do
	fresh
	script 2 "group '$group'" '' "$vm/deploy.sh" "$group"
	if [ -s log/calls ]; then bad "group '$group' reached az" log/calls; else ok; fi
	fresh
	script 2 "destroy, group '$group'" '' "$vm/destroy.sh" "$group"
	if [ -s log/calls ]; then bad "group '$group' reached az" log/calls; else ok; fi
done
fresh
script 2 'hostile region' '' "$vm/deploy.sh" class --region 'x; reboot'
script 2 'hostile count' '' "$vm/deploy.sh" class --count '1 -x'
script 2 'no such option' '' "$vm/deploy.sh" class --yes
script 2 'no such file' '' "$vm/deploy.sh" class --parameters nowhere.json
if [ -s log/calls ]; then bad 'reached az' log/calls; else ok; fi

# --- the guests' password: what it must be is the guest's matter, but it is typed twice ---
"$LABC" build -q "$root/examples/azure-vm/lab.yaml" -o guests 2>e || bad 'build with guests' e
fresh
script 0 'guests' "$typed\n$typed\n$typed\n$typed\nab c\nab c\nyes\n" guests/deploy.sh class
has o 'Windows wants 8 characters'
if python3 -c 'import json, sys
p = json.load(open(sys.argv[1], encoding="utf-8"))["parameters"]
assert list(p) == ["adminPassword", "studentPassword", "guestPassword"] and p["guestPassword"] == {"value": "ab c"}' log/secret.json; then ok; else bad 'three passwords arrive' log/secret.json; fi
if grep -qF 'ab c' log/calls o e; then bad 'the password of the guests was left' log/calls o e; else ok; fi
fresh
script 2 'guests, typed differently' "$typed\n$typed\n$typed\n$typed\nabc\nabd\n" guests/deploy.sh class
has e 'guestPassword: the two differ'
fresh
script 2 'guests, nothing typed' "$typed\n$typed\n$typed\n$typed\n\n\n" guests/deploy.sh class
has e 'guestPassword is needed'
fresh
long=$(printf '%0128d' 0)
script 2 'guests, too long' "$typed\n$typed\n$typed\n$typed\n$long\n" guests/deploy.sh class
has e '127 characters at most'
calls what-if 0

# --- a key vault instead of typing ---
cat >"my vault.json" <<'J'
{ "parameters": { "adminPassword": { "reference": { "keyVault": { "id": "/x" }, "secretName": "y" } } } }
J
fresh
script 0 'key vault' 'yes\n' "$vm/deploy.sh" class --parameters 'my vault.json'
asked '@my vault.json'
hasnt log/secret.json adminPassword

# --- Lab Services by the real clock ---
fresh
TODAY=20270628
script 0 'the last day' "$typed\n$typed\n/subscriptions/s/plan\nyes\n" lab-services/deploy.sh class --count 1
asked capacity=1
has log/secret.json '"labPlanId": { "value": "/subscriptions/s/plan" }'
TODAY=20270629
fresh
script 2 'after the last day' "$typed\n$typed\nyes\n" lab-services/deploy.sh class
has e '2027-06-28'
if [ -s log/calls ]; then bad 'reached az' log/calls; else ok; fi
fresh
script 0 'others live on' "$typed\n$typed\nyes\n" "$vm/deploy.sh" class
unset TODAY

# --- a folder that was changed ---
cp -R "$vm" changed
sed -i 's/"lab": ".*"/"lab": "x$(reboot)"/' changed/deploy.json
fresh
script 2 'deploy.json was changed' '' changed/deploy.sh class
script 2 'deploy.json was changed (destroy)' '' changed/destroy.sh class
rm changed/azuredeploy.json
script 2 'a file is missing' '' changed/deploy.sh class
if [ -s log/calls ]; then bad 'reached az' log/calls; else ok; fi

# --- destroy: lists, wants the name, deletes in an order that works ---
resources() {
	fresh
	for r in Network/virtualNetworks/net Compute/virtualMachines/vm-1 Network/bastionHosts/b Compute/virtualMachines/vm-2 "$@"; do
		echo "/subscriptions/s/resourceGroups/class/providers/Microsoft.$r"
	done >log/resources
}
resources
script 2 'wrong name' 'cross-lab\n' "$vm/destroy.sh" class
has o 'Microsoft.Compute/virtualMachines/vm-1'
calls delete 0
resources
script 2 'nothing typed' '' "$vm/destroy.sh" class
calls delete 0
resources
script 0 'destroy' 'cross-lab-access\n' "$vm/destroy.sh" class
calls delete 4
asked "[?tags.labc=='cross-lab-access'].id"
has o 'Done'
resources Network/natGateways/stuck
script 1 'something is stuck' 'cross-lab-access\n' "$vm/destroy.sh" class
has e 'natGateways/stuck'
fresh
script 0 'nothing there' '' "$vm/destroy.sh" class
has o 'nothing to delete'

echo "azure: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
