# A differencing system disk differs from the guest's image where that is the path of a disk, and from nothing else.
cat >base.yaml <<'S'
labc: 1
name: base
target: hyper-v
host: { name: cellar, size: { vcpus: 16, memory: 32 GiB, disk: 200 GiB } }
guests:
  path: { os: debian-12, image: 'D:\images\debian.vhdx', disk: { size: 20 GiB, type: differencing } }
  entry: { os: ubuntu-22.04, image: jammy, disk: { type: differencing } }
  named: { os: ubuntu-20.04, disk: { type: differencing } }
  fetched: { os: ubuntu-22.04, image: far, disk: { type: differencing } }
  packed: { os: ubuntu-22.04, image: 'D:\images\jammy.zip', disk: { type: differencing } }
  nothing: { os: ubuntu-24.04, disk: { type: differencing } }
images:
  jammy: { source: 'D:\images\jammy.vhd' }
  ubuntu-20.04: { source: 'D:\images\focal.vhdx' }
  far: { source: 'https://example.org/jammy.vhdx', sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef }
S
$LABC lint base.yaml
for guest in path entry named; do $LABC why guests.$guest.disk.parent base.yaml; done
