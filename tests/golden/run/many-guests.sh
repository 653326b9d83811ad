# What README.md says of many guests: once for those that have the same steps, and a line of a table for each.
cat >lab.yaml <<'Y'
labc: 1
name: many-guests
target: hyper-v
host:
  size: { vcpus: 256, memory: 1 TiB }
  os: windows-server-2022
  disk: 10 TiB
  seats: 2
  network: { subnet: 172.29.60.0/23 }
  networks:
    back: { kind: private, subnet: 10.40.0.0/24 }
images:
  kali: { source: 'D:\iso\kali.iso' }
guests:
  web:
    os: debian-12
    count: 4
    licence: free
    notes: "copy `me` *not*"
    ports: ["8080:80"]
    tests: [{ tcp: 80 }]
  desk-1: &desk { os: windows-11, configure: manual, licence: per user, tests: [{ command: hostname }] }
  desk-2: *desk
  files: { os: windows-server-2022, user: teacher, notes: shares, tests: [{ service: LanmanServer }] }
  files-2: { os: windows-server-2022, user: teacher, tests: [{ service: LanmanServer }], remote_desktop: false }
  fw:
    os: pfsense
    count: 3
    nics: [{ network: nat }, { network: back, address: 10.40.0.10 }]
  kali: { os: kali, configure: manual, count: 2 }
  bsd: { os: freebsd-14, address: dhcp }
Y
"$LABC" build -q lab.yaml -o out 2>err
sed -n '/^What the class adds/,/^### 2/p;/^### 4/,/^### 6/p;/^The machine has/,/^## Changing/p' out/README.md

# A guest more is a row in the table of guests, and one for its mapping (web) or for the addresses to enter (fw, kali):
# 24 guests more are 48 lines more. STUDENTS.md has no addresses to enter, but a row for the test of web: 40.
for n in 5 9; do
	sed "s/count: [0-9]*/count: $n/" lab.yaml >lab-$n.yaml
	"$LABC" build -q lab-$n.yaml -o out-$n 2>err || cat err
	for f in README STUDENTS; do wc -l <out-$n/$f.md >$f-$n; done
done
for f in README STUDENTS; do
	echo "$f.md of 24 guests more: $(($(cat $f-9) - $(cat $f-5))) lines more"
done
