#!/bin/sh
# Installs the Debian packages that the build ("build"), the tests ("test") or `make test-boot` ("boot") need and that are
# missing.
set -eu
build="gcc make pkg-config libyaml-dev libpcre2-dev libjansson-dev libutf8proc-dev libmd-dev"
# what cloud-init imports; itself it is unpacked below, not installed: it would configure this machine
cloud_init="python3-configobj python3-jsonpatch python3-oauthlib python3-requests"
tests="$build check clang valgrind shellcheck python3 python3-jsonschema python3-yaml python3-jinja2 nodejs npm mtools $cloud_init"
case ${1:-build} in
build) want=$build ;;
test) want=$tests ;;
boot) want="$build debootstrap debian-archive-keyring qemu-system-x86 e2fsprogs mtools openssh-client openssl python3 python3-jsonschema python3-yaml" ;;
*) echo "usage: deps.sh build|test|boot" >&2; exit 2 ;;
esac

# What is there already, from a package or otherwise, is not installed again.
have() {
	case $1 in
	gcc | make | clang | valgrind | python3 | npm) command -v "$1" >/dev/null 2>&1 ;;
	nodejs) command -v node >/dev/null 2>&1 ;;
	mtools) command -v mformat >/dev/null 2>&1 ;;
	pkg-config) command -v pkg-config >/dev/null 2>&1 ;;
	*) dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed' ;;
	esac
}
missing=
for p in $want; do have "$p" || missing="$missing $p"; done

if [ -n "$missing" ]; then
	if ! command -v apt-get >/dev/null 2>&1; then
		echo "Missing:$missing. This system has no apt-get: install them by its own means, then run make again." >&2
		exit 1
	fi
	sudo=
	if [ "$(id -u)" -ne 0 ]; then
		sudo=sudo
		echo "labc needs the Debian packages$missing to ${1:-build}; sudo may ask for your password to install them."
	else
		echo "Installing the missing Debian packages:$missing"
	fi
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get update -qq
	# shellcheck disable=SC2086
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

[ "${1:-build}" = test ] || exit 0
# The judge of the documents for Linux guests.
if ! /usr/bin/python3 -c 'import cloudinit' 2>/dev/null && [ ! -d build/cloud-init ] && command -v apt-get >/dev/null 2>&1; then
	mkdir -p build/debs
	(cd build/debs && apt-get download -qq cloud-init >/dev/null) && dpkg -x build/debs/cloud-init_*.deb build/cloud-init
fi
# The PowerShell engine and Bicep run on .NET. Ubuntu has it, Debian does not: there the suites that need it are skipped.
if ! command -v dotnet >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 && apt-cache show dotnet-sdk-10.0 >/dev/null 2>&1; then
	sudo=; [ "$(id -u)" -eq 0 ] || sudo=sudo
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends dotnet-sdk-10.0 >/dev/null || true
fi
