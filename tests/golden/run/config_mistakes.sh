# Mistakes in a configuration are findings of the configuration.
cat >lab.yaml <<'Y'
labc: 1
name: one
target: lab-services
host: { size: Medium (nested virtualization) }
guests:
  server: { os: debian-12, vcpus: 2, image: 'C:\images\debian.vhdx' }
Y
mkdir -p .git folder
printf 'labc: 1\nextends: .labc.yaml\n' >circle.yaml
cat >.labc.yaml <<'Y'
labc: 1
extends: [gone.yaml, folder, /etc/labc.yaml, circle.yaml, .labc.yaml]
rules:
  one-vpcu: off
  no-such-thing-at-all: off
  vhd: none
  LAB0415: warning
  memory-together: off
  missing-field: warning
  ORG-OTHER: off
  one-vcpu: off
  LAB0315: error
  unknown-size: warning
overrides:
  - files: ['[a-']
    rules: { one-vcpu: off }
  - rules: { one-vcpu: off }
  - { files: lab.yaml, rules: [one-vcpu] }
policies: [gone.policy.yaml]
date: tomorrow
fail_on: note
strict: yes
severities: { one-vcpu: off }
guests: {}
Y
show() {
	echo "\$ labc $*"
	"$LABC" "$@"
	echo "exit $?"
}
show lint lab.yaml
show lint --format concise lab.yaml lab.yaml
show build lab.yaml -o out
printf 'labc: 1\nrules: [one-vcpu\n' >.labc.yaml
show lint lab.yaml
printf '' >.labc.yaml
show lint lab.yaml
printf 'labc: 1\n' >.labc.yaml
sed 's/Medium (nested virtualization) }/Huge }  # labc: ignore LAB0201 -- we know better/' lab.yaml >huge.yaml
show build huge.yaml -o out
rm .labc.yaml && mkdir .labc.yaml
show lint lab.yaml
rmdir .labc.yaml
show lint --config gone.yaml lab.yaml
