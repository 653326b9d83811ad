#!/bin/sh
# The command line, part three: whatever a configuration lowers, a build is whole or says why not.
. "$(dirname "$0")/cli_help.sh"

mkdir lowered
cd lowered || exit 1
# every error that may be lowered, as a warning, over the example that shows it
{
	echo 'labc: 1'
	echo 'rules:'
	"$LABC" config --format json x.yaml | tr -d '\n' | sed 's/{ *"code"/\n{"code"/g' |
		sed -n 's/^{"code": "LAB0[2-9][0-9]*", *"name": "\([a-z0-9-]*\)", *"default": "error".*/  \1: warning/p'
} >all.yaml
"$LABC" config --config all.yaml x.yaml >o 2>e
sed -n "s/^[^:]*:[0-9]*:[0-9]*: error.LAB0152.: '\([a-z0-9-]*\)' cannot be made .*/\1/p" e >refused
grep -v -F -w -f refused all.yaml >.labc.yaml
"$LABC" config x.yaml >o 2>e && ok || bad 'what remains may be lowered' e
awk '/^### LAB0[2-9]/ { name = $2; on = 0 } /^error: / { on = 1 } /^Reported:/ && on { want = 1 } /^```yaml$/ && want { out = name ".lab.yaml"; want = 0; next }
	/^```$/ { out = ""; on = 0 } out { print > out }' "$root/docs/rules.md"
tried=0
for y in LAB*.lab.yaml; do
	code=${y%.lab.yaml}
	"$LABC" lint -q --format concise "$y" >o 2>e
	# of LAB015x and names that lead nowhere the example stays an error
	grep -q 'error\[' o && continue
	tried=$((tried + 1))
	rm -rf out
	run 0 "a build with $code as a warning" build -q "$y" -o out
	has e "warning[$code]"
	has e 'an error, made a warning here'
done
cd ..
[ $tried -ge 80 ] && ok || bad "only $tried errors were lowered"
echo "errors lowered to a warning and built: $tried"

# a finding of a configuration stands in every format, once
printf 'labc: 1\nrules: { one-vpcu: off }\n' >.labc.yaml
for f in text concise json jsonl sarif github gitlab azure junit checkstyle rdjson; do
	run 1 "a mistake in the configuration as $f" lint --format $f lab.yaml lab.yaml
	[ "$(grep -c "there is no rule .*one-vpcu" o)" -ge 1 ] && ok || bad "$f lacks it" o
done
rm .labc.yaml

# the configuration is looked for once a folder, and threads agree
mkdir -p deep/a/b deep/c deep/.git
printf 'labc: 1\nrules: { one-vcpu: off }\noverrides: [{ files: c/**, rules: { one-vcpu: error } }]\n' >deep/.labc.yaml
for i in 1 2 3 4 5 6 7 8 9; do
	for d in a/b c; do
		sed "s/vcpus: 2/vcpus: 1/; s/^name: .*/name: lab-$i/" lab.yaml >deep/$d/$i.lab.yaml
	done
done
for j in 1 4; do
	"$LABC" lint -j $j --format json deep >o$j 2>e$j
done
same o1 o4
same e1 e4
if command -v strace >/dev/null 2>&1; then
	strace -f -e trace=file "$LABC" lint -q deep 2>&1 >/dev/null | grep -c 'b/.labc.yaml' >o
	[ "$(cat o)" -le 2 ] && ok || bad 'a folder is looked into once' o
fi

echo "cli-config: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
