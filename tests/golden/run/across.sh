# Labs that meet: what another spec of the same run has taken.
server='target: hyper-v\nhost: { name: cellar, size: { vcpus: 16, memory: 64 GiB, disk: 1 TiB }, network: { subnet: 10.7.0.0/24 } }\n'
for n in one two; do
	printf "labc: 1\nname: $n\n${server}guests:\n  web: { os: debian-12, vcpus: 2, image: 'D:\\\\debian.vhdx', ports: [\"2222:22\"] }\n" >$n.yaml
	printf "labc: 1\nname: same\ntarget: lab-services\ntargets: { lab-services: { lab_plan: /subscriptions/1/resourceGroups/g/providers/Microsoft.LabServices/labPlans/p } }\nhost: { size: Medium (nested virtualization) }\nguests: { web: { os: debian-12, vcpus: 2, image: 'C:\\\\d.vhdx' } }\n" >plan-$n.yaml
done
"$LABC" lint one.yaml two.yaml
echo "exit $?"
"$LABC" lint plan-one.yaml plan-two.yaml
echo "exit $?"
# one server, each with something else of its own: a name of another lab, its folder, a second NAT
server() { # NAME SWITCH SUBNET MORE
	printf 'labc: 1\nname: %s\ntarget: hyper-v\nhost:\n  name: cellar\n  size: { vcpus: 16, memory: 64 GiB, disk: 1 TiB }\n%s  network: { switch: %s, subnet: %s }\n' "$1" "$4" "$2" "$3"
	printf "guests: { %s: { os: debian-12, vcpus: 2, image: 'D:\\\\debian.vhdx' } }\n" "$2"
}
server a vm-a 172.29.1.0/24 '  data: D:\labs
' >a.yaml
server A vm-b 172.29.2.0/24 '' >namesake.yaml
server c vm-c 10.8.0.0/24 '  data: D:\LABS
' >c.yaml
"$LABC" lint a.yaml namesake.yaml c.yaml
echo "exit $?"
# a faulty file that several specs include is reported once, and fails each of them
mkdir -p common
printf 'labc: 1\ndefaults:\n  guest: { vcpus: many }\n' >common/faulty.yaml
for n in first second; do
	printf "labc: 1\nname: $n\ntarget: azure-vm\ninclude: [common/faulty.yaml]\nhost: { size: Standard_D4s_v5 }\nguests: { web: { os: debian-12, image: 'F:\\\\d.vhdx' } }\n" >$n.yaml
done
"$LABC" lint first.yaml second.yaml
echo "exit $?"
"$LABC" lint second.yaml
echo "exit $?"
"$LABC" lint -q --format concise -j 2 first.yaml one.yaml second.yaml nowhere.yaml
echo "exit $?"
"$LABC" lint -q --format json first.yaml second.yaml
"$LABC" build first.yaml second.yaml -o out
echo "exit $?"
"$LABC" lint --diff first.yaml second.yaml
echo "exit $?"
