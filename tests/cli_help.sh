# What the tests of the command line share; read with `.`. They work in a folder of their own, with the two-host
# example as lab.yaml.
set -u
cd "$(dirname "$0")/.." || exit 1
root=$(pwd)
LABC=${LABC:-build/labc}
case $LABC in /*) ;; *) LABC=$root/$LABC ;; esac
tmp=$(mktemp -d "${TMPDIR:-/tmp}/labc-cli.XXXXXX")
trap 'chmod -R u+w "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
unset GITHUB_ACTIONS TF_BUILD NO_COLOR
passed=0 failed=0
cd "$tmp" || exit 1
cp "$root/examples/two-hosts/lab.yaml" .

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED $1"
	shift
	for f in "$@"; do [ -f "$f" ] && sed 's/^/    /' "$f" | head -n 30; done
}
# run STATUS NAME ARGS...: runs labc, checks its exit status; output in ./o and ./e
run() {
	want=$1 name=$2
	shift 2
	"$LABC" "$@" >o 2>e </dev/null
	got=$?
	if [ $got -eq "$want" ]; then ok; else bad "$name: exit $got, expected $want" o e; fi
}
has() { if grep -qF -- "$2" "$1"; then ok; else bad "$1 lacks: $2" "$1"; fi; }
hasnt() { if grep -qF -- "$2" "$1"; then bad "$1 has: $2" "$1"; else ok; fi; }
empty() { if [ -s "$1" ]; then bad "$1 is not empty" "$1"; else ok; fi; }
# count FILE N: so many findings, one a line
count() { n=$(grep -c ': \(error\|warning\)\[' "$1"); if [ "$n" -eq "$2" ]; then ok; else bad "$n findings, expected $2" "$1"; fi; }
absent() { if [ -e "$1" ]; then bad "$1 exists"; else ok; fi; }
same() { if diff -r "$1" "$2" >d 2>&1; then ok; else bad "$1 and $2 differ" d; fi; }
