# The configuration: found upward, extended, overridden by pattern; what it shows and what it may not do.
mkdir -p class/exams .git
printf 'labc: 1\nrules: { vhd: error, memory-headroom: off }\nfail_on: error\ndate: 2026-10-01\n' >school.yaml
cat >.labc.yaml <<'Y'
labc: 1
extends: school.yaml
rules:
  one-vcpu: off
  memory-headroom: note        # comes before what is extended
  memory-together: warning     # an error, lowered
overrides:
  - files: [class/exams/**, practice-?.lab.yaml]
    rules: { one-vcpu: error }
Y
spec() {
	cat <<Y
labc: 1
name: $1
target: lab-services
host: { size: Medium (nested virtualization) }
guests:
  server: { os: debian-12, vcpus: 1, memory: $2, image: 'C:\images\debian.vhdx' }
Y
}
spec one '4 GiB' >class/lab.yaml
spec two '4 GiB' >class/exams/final.lab.yaml
spec three '14 GiB' >class/large.lab.yaml
show() {
	echo "\$ labc $*"
	"$LABC" "$@"
	echo "exit $?"
}
show lint .
show lint class/lab.yaml
show build class/large.lab.yaml -o out
echo '$ labc lint --format sarif: the row has its own level, the result the configured one'
"$LABC" lint -q --format sarif class/large.lab.yaml | grep -o '"ruleId":"LAB0301","level":"[a-z]*"\|"id":"LAB0301"\|"defaultConfiguration":{"level":"error"}'
(cd class/exams && show config final.lab.yaml)
show config class/lab.yaml --ignore LAB05 --fail-on warning --strict --date 2027-01-01
show config class/lab.yaml --no-config
show config class/lab.yaml --config school.yaml --format json | head -n 40
show lint --strict --no-config class/lab.yaml
show lint --select LAB04 --no-config class/lab.yaml
show lint --ignore one-vpcu class/lab.yaml
show lint --date 2026-13-01 class/lab.yaml
show lint --no-config --ignore one-vcpu class/lab.yaml
show lint --stdin-filename class/exams/x.lab.yaml - <class/lab.yaml
mkdir -p other/.git && cp class/lab.yaml other/
show lint other/lab.yaml
