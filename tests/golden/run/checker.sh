# What Microsoft's own checker of nested machines gets wrong (CheckHypervVm/Test-HypervVmConfig.ps1), and what labc does.
spec() {
	cat <<'Y'
labc: 1
name: checker
target: lab-services
host: { size: Medium (nested virtualization) }
guests:
  first: { os: ubuntu-22.04, vcpus: 2, memory: 2 GiB, image: 'C:\images\u.vhdx' }
Y
}
case_of() {
	echo
	echo "--- $1"
}

case_of "it needs the machine: labc needs the text alone"
spec >lab.yaml
"$LABC" lint lab.yaml </dev/null
echo "exit $?"

case_of "it looks at the first machine only: labc looks at every one"
{
	spec
	echo "  second: { os: ubuntu-22.04, vcpus: 1, memory: 2 GiB, image: 'C:\\images\\u.vhdx' }"
	echo "  third: { os: ubuntu-22.04, vcpus: 2, memory: 1 GiB, image: 'C:\\images\\u.vhdx' }"
	echo "  fourth: { os: ubuntu-22.04, vcpus: 2, memory: 2 GiB, automatic_stop: save, processor_compatibility: false, image: 'C:\\images\\u.vhdx' }"
	echo "  fifth: { os: ubuntu-22.04, vcpus: 2, memory: 2 GiB, generation: 1, disk: { size: 20 GiB, format: vhd }, image: 'C:\\images\\u.vhdx' }"
} >lab.yaml
"$LABC" lint --format concise lab.yaml
echo "exit $?"

case_of "it runs what a value says: for labc a value is a text"
spec | sed 's/2 GiB/$(New-Item pwned) GiB/; s/vcpus: 2/vcpus: "$(touch pwned)"/' >lab.yaml
"$LABC" lint --format concise lab.yaml
echo "exit $?"
spec | sed "s/checker/checker\ndescription: '\$(touch pwned); \`touch pwned\`; Remove-Item C:'/" >lab.yaml
"$LABC" build -q lab.yaml -o out
echo "exit $?, $(ls | grep -c pwned) files made"

case_of "it asks questions (ShouldContinue): labc never does, and ends with a status"
spec | sed 's/memory: 2 GiB/memory: 13 GiB/' >lab.yaml
"$LABC" lint -q --format concise lab.yaml </dev/null
echo "exit $?"

case_of "its error for a full disk cannot be reached: labc tells the warning from the error"
spec | sed "s/vcpus: 2/vcpus: 2, disk: 100 GiB/" >warning.yaml
spec | sed "s/vcpus: 2/vcpus: 2, disk: { size: 97 GiB, type: fixed }/" >error.yaml
spec | sed "s/vcpus: 2/vcpus: 2, disk: { size: 95 GiB, type: fixed }/" >fits.yaml
"$LABC" lint --format concise warning.yaml error.yaml fits.yaml

case_of "it has no output for programs: labc has"
"$LABC" lint -q --format jsonl error.yaml

case_of "what it recommends, labc recommends: stop action, vCPUs, memory, VHDX, no saved state, no DHCP role"
spec | sed "s/memory: 2 GiB/memory: 1 GiB/; s/vcpus: 2/vcpus: 1, automatic_stop: turn-off, checkpoints: standard, generation: 1/; s/generation: 1/generation: 1, disk: { size: 20 GiB, format: vhd }/; s/^host: .*/host: { size: Medium (nested virtualization), network: { dhcp: { range: 192.168.0.100-192.168.0.200 } } }/" >lab.yaml
"$LABC" lint --format concise lab.yaml
echo "exit $?"
