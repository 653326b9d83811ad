# Where values come from: item, profile, defaults, language, catalogue, computed.
cat >lab.yaml <<'Y'
labc: 1
name: why
target: hyper-v
defaults:
  guest: { memory: 2 GiB, vcpus: 1 }
profiles:
  big:
    memory: { startup: 8 GiB, minimum: 4 GiB, maximum: 16 GiB }
host:
  size: { vcpus: 16, memory: 128 GiB }
  disk: 500 GiB
  networks:
    lan: { kind: private, subnet: 10.7.0.0/24 }
guests:
  web: &web
    os: ubuntu-22.04
    profile: big
    vcpus: 4
    ports: ["8080:80", { external: auto, internal: 22, name: ssh }]
  db:
    os: debian-12
    nics: [{ network: nat }, { network: lan, address: 10.7.0.9 }]
Y
for path in guests.web.vcpus guests.web.memory.maximum guests.web.memory guests.web.disk guests.web.ports.ssh.external \
	guests.db.nics[1].address guests.db.memory guests.db.iso host.network.subnet host.networks.lan guests guests.web \
	guests.web.memroy; do
	echo "\$ labc why $path lab.yaml"
	"$LABC" why "$path" lab.yaml
	echo "exit $?"
done
