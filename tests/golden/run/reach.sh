# Connections, hop by hop: to another host, within one, from a neighbour, and one that does not arrive.
cat >lab.yaml <<'Y'
labc: 1
name: reach
target: lab-services
defaults:
  host: { size: Medium (nested virtualization) }
  guest: { os: debian-12, image: 'C:\i\d.vhdx' }
hosts:
  one:
    address: 10.0.0.8
    guests:
      web: { address: 192.168.0.10, ports: ["8080:80", "2222:22"] }
      db: { address: 192.168.0.11, ports: ["5353:53/udp"] }
  two:
    address: 10.0.0.9
    guests:
      web: { address: 192.168.0.10, ports: ["8080:80", "2222:22"] }
      db: { address: 192.168.0.11, ports: ["5353:53/udp"] }
connections:
  - { from: [two, two/db], to: one/web, service: ssh, user: ann }
  - { from: one/db, to: one/web, service: http }
  - { from: neighbour, to: one/web, service: ssh }
  - { from: two, to: one/db, service: https }
Y
"$LABC" why reach lab.yaml
echo "exit $?"
"$LABC" lint --format concise lab.yaml
