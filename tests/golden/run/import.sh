# labc import: a host whose guests were made by hand; one of its labs; files that are none of collect.ps1's.
cp "$GOLDEN/run/import/host.json" .
labc() {
	echo "\$ labc $*"
	"$LABC" "$@"
	echo "exit $?"
}
labc import host.json -o lab.yaml
cat lab.yaml
labc lint -q --fail-on error lab.yaml
labc import host.json -o lab.yaml
labc import -q --force --target azure-vm --lab other-lab host.json -o lab.yaml
sed -n '/^name/,/  network/p' lab.yaml
labc import --lab nobody host.json
labc import lab.yaml
echo '{"collected": 1, "guests": [{"name": 5, "memory": {"startup": -1}}, 7]}' >wrong.json
labc import wrong.json
echo '{"collected": 2}' >newer.json
labc import newer.json
# deeper than any reader follows
awk 'BEGIN { printf "{\"collected\": 1, \"guests\": "; for (i = 0; i < 5000; i++) printf "["; }' >deep.json
labc import deep.json
labc import
labc import --script host.json
labc import nowhere.json
"$LABC" import --script | sed -n '/SYNOPSIS/{n;p;}' | tr -d '\r'
