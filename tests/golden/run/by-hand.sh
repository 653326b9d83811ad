# What README.md says about guests that a person installs, and about the tests and keys inside of Windows.
cat >lab.yaml <<'Y'
labc: 1
name: by-hand
target: lab-services
host: { size: Large (nested virtualization) }
guests:
  kali:
    os: kali
    iso: C:\iso\kali`x.iso
  fw:
    os: pfsense
    image: C:\iso\pfsense.iso
    nics: [{ network: nat, address: 192.168.0.9 }]
  win:
    os: windows-11
    user: ann
    licence: per user
    ssh_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI teacher]
    tests: [{ service: Spooler }, { command: hostname, expect: win }]
Y
"$LABC" build -q lab.yaml -o out 2>/dev/null
sed -n '/^### 7/,/^### 9/p' out/README.md
sed -n '/^## Check/,/^## When/p' out/STUDENTS.md
