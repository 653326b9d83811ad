# An organisation's own rules: where their findings stand, and who can lower them.
mkdir -p .git
cat >school.policy.yaml <<'Y'
labc: 1
name: Example University
rules:
  ORG-MEMORY:
    path: guests.*.memory
    at_most: 8 GiB
    message: guests of the first year have at most 8 GiB
    url: https://example.org/labs#memory
    why: The budget of a class is 250 USD a month.
  ORG-OWNER: { path: tags.owner, required: true, message: every lab names its owner }
  ORG-OS: { path: hosts.*.guests.*.os, one_of: [debian-12, ubuntu-24.04], message: only systems we keep images of, severity: warning }
  ORG-IMAGE: { path: 'guests.*.image', matches: '^https://images\.example\.org/', message: images come from our server }
  ORG-COMMAND: { path: 'guests.*.provision.commands', not_matches: 'curl', message: nothing is fetched in the class }
  ORG-PORTS: { path: 'guests.*.ports.*.external', at_least: 1024, message: no low ports, severity: note }
  ORG-MAPPINGS: { path: 'guests.*.ports', at_most: 2, message: at most two mappings a guest }
  ORG-START: { path: 'guests.*.automatic_start', equals: always, message: guests start with the host, severity: note }
  ORG-SLOW: { path: title, matches: '^(a+)+$', message: a pattern that runs away }
  ORG-STOP: { path: shutdown.on_idle, at_most: 30m, message: idle machines stop within half an hour }
severities: { one-vcpu: error }
Y
cat >lab.yaml <<'Y'
labc: 1
name: one
title: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab
target: lab-services
host: { size: Large (nested virtualization) }
shutdown: { on_idle: 45m }
defaults:
  guest: { memory: 9 GiB, vcpus: 2 }
profiles:
  old: { os: debian-11, image: 'C:\images\old.vhdx' }
guests:
  server:
    os: debian-12
    image: https://images.example.org/debian-12.vhdx     # labc: ignore LAB0412, LAB0414, LAB0413, LAB0416
    ports: ["22:22", "8080:80", "8081:81"]
    provision: { commands: [apt-get update, "curl http://example.org"] }
  small:
    profile: old
    memory: 2 GiB                                        # labc: ignore ORG-MEMORY
    vcpus: 1                                             # labc: ignore LAB0315 -- one is enough
    ports: ["5022:22"]                                   # labc: ignore ORG-PORTS
Y
printf 'labc: 1\nrules: { ORG-MEMORY: off, one-vcpu: off }\n' >.labc.yaml
show() {
	echo "\$ labc $*"
	"$LABC" "$@"
	echo "exit $?"
}
show lint --notes --policy school.policy.yaml lab.yaml
show lint --policy school.policy.yaml --ignore ORG-MEMORY lab.yaml
show lint --policy school.policy.yaml --select LAB05 --format concise lab.yaml
show build --policy school.policy.yaml lab.yaml -o out
show explain ORG-MEMORY --policy school.policy.yaml
show explain ORG-NONE --policy school.policy.yaml
show config lab.yaml --policy school.policy.yaml
echo "named in the configuration:"
printf 'labc: 1\npolicies: school.policy.yaml\nrules: { ORG-OWNER: note, org-slow: off }\n' >.labc.yaml
show lint --format concise lab.yaml
show config lab.yaml
show lint --format sarif --policy school.policy.yaml lab.yaml | tr ',' '\n' | grep -A4 '"id":"ORG-MEMORY"'
show lint --policy gone.yaml lab.yaml
echo "without the policy its comments are nobody's mistake:"
show lint --no-config --format concise lab.yaml
