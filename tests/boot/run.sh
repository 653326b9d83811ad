#!/bin/sh
# A real Linux guest: a small Debian made with debootstrap boots under qemu (software emulation) with the seed that
# setup.ps1 carries, and is logged in to by SSH at its static address. Slow; not part of `make test`.
# Needs root (debootstrap), debootstrap, qemu-system-x86_64, mke2fs, mtools, ssh. Last line: "boot: N passed, ...".
set -u
cd "$(dirname "$0")/../.." || exit 1
LABC=${LABC:-build/labc}
MIRROR=${MIRROR:-http://deb.debian.org/debian}
SUITE=${SUITE:-bookworm}
dir=build/boot
for tool in debootstrap qemu-system-x86_64 mke2fs mcopy ssh ssh-keygen openssl; do
	if ! command -v $tool >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
		echo "test-boot needs root and $tool"
		echo "boot: 0 passed, 0 failed, 1 skipped"
		exit 0
	fi
done
passed=0 failed=0
check() { # NAME STATUS
	if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAILED $1"
	fi
}
mkdir -p $dir
began=$(date +%s)

# the system, once: what a maker's cloud image has inside
if [ ! -e $dir/root.done ]; then
	rm -rf $dir/root
	debootstrap --variant=minbase \
		--include=linux-image-amd64,cloud-init,openssh-server,systemd-sysv,ifupdown,iproute2,sudo,locales,udev,dbus,netbase \
		$SUITE $dir/root "$MIRROR" >$dir/debootstrap.log 2>&1 || {
		tail -n 5 $dir/debootstrap.log
		echo "boot: 0 passed, 1 failed, 0 skipped"
		exit 1
	}
	echo 'datasource_list: [NoCloud, None]' >$dir/root/etc/cloud/cloud.cfg.d/90_source.cfg
	echo 'LABEL=root / ext4 defaults 0 1' >$dir/root/etc/fstab
	rm -f $dir/root/etc/hostname $dir/root/etc/ssh/ssh_host_*
	touch $dir/root.done
fi
echo "figure: system made after $(($(date +%s) - began)) s"

# the lab, with a key of this run
rm -f $dir/key $dir/key.pub
ssh-keygen -q -t ed25519 -N '' -C 'teacher of the boot test' -f $dir/key
sed "s|@KEY@|$(cat $dir/key.pub)|" tests/boot/lab.yaml >$dir/lab.yaml
"$LABC" build -q $dir/lab.yaml -o $dir/out 2>$dir/build.log
check "labc builds the lab" $?
hash=$(openssl passwd -6 -salt 0123456789abcdef 'Kanarienvogel-7391')
rm -rf $dir/seed
python3 tests/boot/seed.py $dir/out/host/setup.ps1 "$hash" $dir/seed
check "the seed comes out of the table" $?
rm -f $dir/seed.img
mformat -C -i $dir/seed.img -v CIDATA -T 65536 :: && mcopy -i $dir/seed.img $dir/seed/* ::
check "the seed lies on a FAT volume" $?
rm -f $dir/disk.img
mke2fs -q -t ext4 -L root -d $dir/root $dir/disk.img 3G 2>$dir/mke2fs.log
check "the disk is made" $?

mac=$(sed -n 's/.*"macaddress":"\([0-9a-f:]*\)".*/\1/p' $dir/seed/network-config)
start=$(date +%s)
qemu-system-x86_64 -machine q35,accel=tcg -cpu max -smp 2 -m 1024 -display none -serial file:$dir/console.log \
	-kernel "$(ls $dir/root/boot/vmlinuz-* | tail -n 1)" -initrd "$(ls $dir/root/boot/initrd.img-* | tail -n 1)" \
	-append 'root=LABEL=root ro console=ttyS0 net.ifnames=1' \
	-drive file=$dir/disk.img,format=raw,if=virtio -drive file=$dir/seed.img,format=raw,if=virtio \
	-netdev user,id=n,net=192.168.0.0/24,host=192.168.0.1,restrict=on,hostfwd=tcp:127.0.0.1:22222-192.168.0.102:22 \
	-device virtio-net-pci,netdev=n,mac="$mac" >$dir/qemu.log 2>&1 &
qemu=$!
trap 'kill $qemu 2>/dev/null' EXIT
inside() {
	ssh -q -i $dir/key -p 22222 -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o ConnectTimeout=10 student@127.0.0.1 "$@"
}
up=1
while [ $(($(date +%s) - start)) -lt "${LIMIT:-900}" ] && kill -0 $qemu 2>/dev/null; do
	if inside true 2>/dev/null; then
		up=0
		break
	fi
	sleep 5
done
check "SSH answers at the static address" $up
if [ $up -eq 0 ]; then
	echo "figure: SSH answered $(($(date +%s) - start)) s after the start (software emulation)"
	inside 'sudo cloud-init status --wait' >$dir/status.log 2>&1
	# everything but an error counts: modules of other systems may warn
	grep -q 'status: done' $dir/status.log
	check "cloud-init is done: $(cat $dir/status.log)" $?
	[ "$(inside hostname)" = web ]
	check "the host name" $?
	inside 'ip -4 -o address' | grep -q '192\.168\.0\.102/24'
	check "the address" $?
	inside 'ip route' | grep -q 'default via 192\.168\.0\.1'
	check "the gateway" $?
	[ "$(inside 'cat /etc/motd')" = "it's \"here\": €" ]
	check "the file of provision" $?
	inside 'cat /var/tmp/ran' | grep -q "it's done"
	check "the command of provision" $?
	inside 'sudo grep ^student: /etc/shadow' | grep -qF "$hash"
	check "the password" $?
	inside 'readlink /etc/localtime || cat /etc/timezone' | grep -q 'Europe/Berlin'
	check "the time zone" $?
	inside 'test -e /etc/cloud/cloud-init.disabled'
	check "cloud-init does not run again" $?
	echo "figure: first boot done $(($(date +%s) - start)) s after the start"
fi
[ $failed -eq 0 ] || tail -n 20 $dir/console.log
echo "boot: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
