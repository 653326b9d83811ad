# What is too large for one deployment: hosts by their number, and the texts of their scripts together.
lab() {
	printf 'labc: 1\nname: large\ntarget: azure-vm\ndefaults:\n  host: { size: Standard_D8s_v5 }\n  guest: { os: debian-12 }\nhosts:\n'
	i=1
	while [ $i -le "$1" ]; do
		printf '  h%s: { guests: { server: {} } }\n' $i
		i=$((i + 1))
	done
}
lab 60 >texts.yaml
"$LABC" build texts.yaml 2>&1 | sed 's/of [0-9]\{7\} characters/of N characters/'
echo "$(ls | tr '\n' ' ')"
lab 90 >hosts.yaml
"$LABC" lint hosts.yaml
echo "exit $?"
