# The arithmetic of hosts whose guests fit.
cp "$GOLDEN/lint/LAB0324-memory-by-delay.yaml" delay.yaml
cat >disks.yaml <<'Y'
labc: 1
name: disks
target: lab-services
host: { name: one, size: Large (nested virtualization) }
guests:
  files: { os: windows-server-2022, image: 'C:\i\s.vhdx', licence: evaluation, memory: 8 GiB, disks: [{ size: 20 GiB, type: fixed }, { size: 10 GiB }] }
  kali: { os: kali, image: 'C:\i\kali.vhdx', on_demand: true }
Y
sed 's/20 GiB/120 GiB/' disks.yaml >fixed.yaml
sed 's/10 GiB/60 GiB/' disks.yaml >dynamic.yaml
for f in "$GOLDEN/../../examples/two-hosts/lab.yaml" delay.yaml disks.yaml; do
	"$LABC" why capacity "$f"
	echo "exit $?"
done
"$LABC" why capacity.two disks.yaml
echo "exit $?"
"$LABC" lint fixed.yaml
"$LABC" lint dynamic.yaml
