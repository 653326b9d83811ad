# Mistakes in a policy are findings of the policy.
mkdir -p .git
cat >lab.yaml <<'Y'
labc: 1
name: one
target: lab-services
host: { size: Medium (nested virtualization) }
guests:
  server: { os: debian-12, vcpus: 2, image: 'C:\images\debian.vhdx' }
Y
cat >a.policy.yaml <<'Y'
labc: 1
rules:
  memory: { path: guests.*.memory, at_most: 8 GiB, message: m }
  ORG-lower: { path: guests.*.memory, at_most: 8 GiB, message: m }
  ORG-PATH: { path: guests.*.ram, at_most: 8 GiB, message: m }
  ORG-NEAR: { path: guests.*.memroy, at_most: 8 GiB, message: m }
  ORG-STAR: { path: guests.*.*.startup, at_most: 8 GiB, message: m }
  ORG-BEHIND: { path: guests.*.os.name, equals: x, message: m }
  ORG-MAP: { path: shutdown, required: true, message: m }
  ORG-NONE: { path: guests.*.memory, message: m }
  ORG-ORDER: { path: guests.*.os, at_most: debian-12, message: m }
  ORG-VALUE: { path: guests.*.memory, at_most: 8, message: m }
  ORG-WORD: { path: guests.*.os, one_of: [debian-12, ubunto-24.04], message: m }
  ORG-PATTERN: { path: guests.*.image, matches: '(unclosed', message: m }
  ORG-FIELD: { path: guests.*.memory, max: 8 GiB, message: m }
  ORG-LEVEL: { path: guests.*.memory, at_most: 8 GiB, message: m, severity: off }
  ORG-TWICE: { path: guests.*.memory, at_most: 8 GiB, message: m }
  ORG-GOOD: { path: guests.*.memory, at_most: 2 GiB, message: at most 2 GiB }
severities: { one-vpcu: error, vhd: off, missing-field: error }
Y
printf 'labc: 1\nrules:\n  ORG-TWICE: { path: name, matches: "^x-", message: names begin with x }\n' >b.policy.yaml
echo '$ labc lint --policy a.policy.yaml --policy b.policy.yaml lab.yaml'
"$LABC" lint --policy a.policy.yaml --policy b.policy.yaml lab.yaml
echo "exit $?"
