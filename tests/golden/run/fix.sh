# Repairs: shown, applied, counted; comments stay.
cat >lab.yaml <<'Y'
labc: 1
name: fix
target: hyper-v            # a server of our own
host:
  size: { vcpus: 16, memory: "64 GiB" }
  disk: 500 GiB
guests:
  web:
    os: ubuntu-22.04
    vcpus: "2"             # two are enough
    memory: 4096           # which unit?
    nested: no
    chekpoints: disabled
Y
show() {
	echo "\$ labc lint $*"
	"$LABC" lint "$@" lab.yaml
	echo "exit $?"
}
show --format concise
show --diff
show --diff --unsafe-fixes
show --fix --format concise
cat lab.yaml
show --fix
