#!/bin/sh
# Real Linux guests: a small Debian made with debootstrap boots under qemu (software emulation) with the seed that
# setup.ps1 carries, and is logged in to by SSH at its static address. Twice, because cloud-init writes for what sets up
# the network: once as Debian's cloud images are since 12 (netplan), once as they were before (ifupdown).
# Slow; not part of `make test`. `make test-boot` installs what it needs and runs it as root; the systems are kept in
# build/boot for the next run. MIRROR: where Debian comes from; SUITE: which; NETWORKS: "netplan ifupdown" or one of
# them; LIMIT: seconds until SSH must answer. Last line: "boot: N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/../.." || exit 1
LABC=${LABC:-build/labc}
SUITE=${SUITE:-bookworm}
# debootstrap knows no virtual packages: python3-oauthlib, which cloud-init needs, gets at this one through such
packages=linux-image-amd64,cloud-init,e2fsprogs,python3-cffi-backend,openssh-server,systemd-sysv,iproute2,sudo,locales,udev,dbus,netbase
# the mirror this machine uses, if it is a Debian; else Debian's own
mirror_of_apt() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 2>/dev/null | sed -n 's/^Debian|//p' | head -n 1
}
MIRROR=${MIRROR:-$(mirror_of_apt)}
MIRROR=${MIRROR:-http://deb.debian.org/debian}
dir=build/boot
missing=
for tool in debootstrap qemu-system-x86_64 mke2fs mformat mcopy ssh ssh-keygen openssl python3; do
	command -v $tool >/dev/null 2>&1 || missing="$missing $tool"
done
[ "$(id -u)" -eq 0 ] || missing="$missing root"
if [ -n "$missing" ]; then
	echo "test-boot needs, and does not find:$missing. 'make test-boot' as root installs it on Debian and Ubuntu."
	echo "boot: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
passed=0 failed=0 network='' qemu=''
trap '[ -z "$qemu" ] || kill $qemu 2>/dev/null' EXIT
check() { # NAME STATUS
	if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAILED $network: $1"
	fi
}
now() { date +%s; }

# The system, once: what a maker's cloud image has inside.
make_system() {
	root=$dir/root-$network
	include=$packages,ifupdown,resolvconf
	[ "$network" = ifupdown ] || include=$packages,netplan.io,systemd-resolved
	[ "$(cat "$root.done" 2>/dev/null)" = "$SUITE $include" ] && return 0
	began=$(now)
	rm -rf "$root" "$root".done
	debootstrap --variant=minbase --include=$include "$SUITE" "$root" "$MIRROR" >"$root".log 2>&1 || {
		tail -n 5 "$root".log "$root"/debootstrap/debootstrap.log
		return 1
	}
	echo 'datasource_list: [NoCloud, None]' >"$root"/etc/cloud/cloud.cfg.d/90_source.cfg
	echo 'LABEL=root / ext4 defaults 0 1' >"$root"/etc/fstab
	rm -f "$root"/etc/hostname "$root"/etc/ssh/ssh_host_*
	echo "$SUITE $include" >"$root".done
	echo "figure: $network: debootstrap made the system in $(($(now) - began)) s"
}

# The lab, with a key of this run, and its seed on a FAT volume.
make_seed() {
	rm -rf $dir/key $dir/key.pub $dir/seed $dir/seed.img
	ssh-keygen -q -t ed25519 -N '' -C 'teacher of the boot test' -f $dir/key
	sed "s|@KEY@|$(cat $dir/key.pub)|" tests/boot/lab.yaml >$dir/lab.yaml
	"$LABC" build -q $dir/lab.yaml -o $dir/out 2>$dir/build.log
	check "labc builds the lab" $?
	python3 tests/boot/seed.py $dir/out/host/setup.ps1 "$hash" $dir/seed
	check "the seed comes out of the table" $?
	mformat -C -i $dir/seed.img -v CIDATA -T 65536 :: && mcopy -i $dir/seed.img $dir/seed/* ::
	check "the seed lies on a FAT volume" $?
}

inside() {
	ssh -q -i $dir/key -p 22222 -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o ConnectTimeout=10 student@127.0.0.1 "$@"
}

# Starts the guest; succeeds once SSH answers.
boot() {
	rm -f $dir/disk.img
	mke2fs -q -t ext4 -L root -d "$root" $dir/disk.img 3G >$dir/mke2fs.log 2>&1
	check "the disk is made" $?
	start=$(now)
	qemu-system-x86_64 -machine q35,accel=tcg -cpu max -smp 2 -m 1024 -display none -serial file:$dir/console.log \
		-kernel "$(echo "$root"/boot/vmlinuz-*)" -initrd "$(echo "$root"/boot/initrd.img-*)" \
		-append 'root=LABEL=root ro console=ttyS0 net.ifnames=1' \
		-drive file=$dir/disk.img,format=raw,if=virtio -drive file=$dir/seed.img,format=raw,if=virtio \
		-netdev user,id=n,net=192.168.0.0/24,host=192.168.0.1,restrict=on,hostfwd=tcp:127.0.0.1:22222-192.168.0.102:22 \
		-device virtio-net-pci,netdev=n,mac="$(sed -n 's/.*"mac_address":"\([0-9a-f:]*\)".*/\1/p' $dir/seed/network-config)" \
		>$dir/qemu.log 2>&1 &
	qemu=$!
	while [ $(($(now) - start)) -lt "${LIMIT:-900}" ] && kill -0 $qemu 2>/dev/null; do
		if inside true 2>/dev/null; then
			echo "figure: $network: SSH answered $(($(now) - start)) s after the start (software emulation)"
			return 0
		fi
		sleep 5
	done
	return 1
}

# What the description says, asked inside.
look() {
	# `cloud-init status` only says that it is disabled: the seed asks for that at its end
	inside 'until [ -e /run/cloud-init/result.json ]; do sleep 2; done; cat /run/cloud-init/result.json' >$dir/result.json
	python3 -c 'import json, sys; sys.exit(json.load(sys.stdin)["v1"]["errors"] != [])' <$dir/result.json
	check "cloud-init is done, without errors: $(cat $dir/result.json)" $?
	echo "figure: $network: first boot done $(($(now) - start)) s after the start"
	[ "$(inside hostname)" = web ]
	check "the host name" $?
	[ -z "$(inside 'sudo true' 2>&1)" ]
	check "sudo finds the host's name without DNS" $?
	inside 'ip -4 -o address' | grep -q '192\.168\.0\.102/24'
	check "the address" $?
	inside 'ip route' | grep -q 'default via 192\.168\.0\.1 '
	check "the gateway" $?
	inside 'cat /etc/resolv.conf /run/systemd/resolve/resolv.conf 2>/dev/null' | grep -q '^nameserver 168\.63\.129\.16'
	check "the DNS server" $?
	inside 'locale -a; cat /etc/default/locale' | tr '\n' ' ' | grep -q 'en_US.utf8 .*LANG=.*en_US.UTF-8'
	check "the locale" $?
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
}

mkdir -p $dir
hash=$(openssl passwd -6 -salt 0123456789abcdef 'Kanarienvogel-7391')
for network in ${NETWORKS:-netplan ifupdown}; do
	before=$failed
	if make_system && make_seed && boot; then look; else check "SSH answers at the static address" 1; fi
	[ "$failed" -eq $before ] || [ ! -e $dir/console.log ] || tail -n 20 $dir/console.log
	if [ -n "$qemu" ]; then
		kill "$qemu" 2>/dev/null
		wait "$qemu" 2>/dev/null
		qemu=
	fi
done
echo "boot: $passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
