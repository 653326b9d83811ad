# The day that retirements are judged by: an option, the configuration, the spec's own dates; never the clock's.
mkdir -p .git
spec() { printf 'labc: 1\nname: one\ntarget: %s\nhost: { size: %s }\nguests:\n  server: { os: debian-12, image: "C:\\\\images\\\\debian.vhdx" }\n' "$1" "$2"; }
spec lab-services 'Medium (nested virtualization)' >lab.yaml
spec azure-vm Standard_D8s_v3 >vm.yaml
for d in 2027-06-28 2027-06-29 2030-01-01; do
	echo "\$ labc lint --date $d lab.yaml vm.yaml"
	"$LABC" lint --date $d lab.yaml vm.yaml
	echo "exit $?"
done
printf 'labc: 1\ndate: 2030-01-01\n' >.labc.yaml
echo '$ labc lint --format concise lab.yaml vm.yaml     # with a date in .labc.yaml'
"$LABC" lint --format concise lab.yaml vm.yaml
"$LABC" build lab.yaml -o out 2>&1 | tail -n 1
"$LABC" lint --format concise --date 2026-10-01 lab.yaml
