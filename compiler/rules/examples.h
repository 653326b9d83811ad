/* Pieces of the small specs that rows show as bad and good. */
#ifndef LABC_RULES_EXAMPLES_H
#define LABC_RULES_EXAMPLES_H

#define EX_HEAD "labc: 1\nname: example\n"
#define EX_TOP EX_HEAD "target: lab-services\n"
#define EX_VM EX_HEAD "target: azure-vm\n"
#define EX_DTL EX_HEAD "target: devtest-labs\n"
#define EX_HV EX_HEAD "target: hyper-v\n"
#define EX_HOST EX_TOP "host:\n  size: Medium (nested virtualization)\n"
#define EX_LARGE EX_TOP "host:\n  size: Large (nested virtualization)\n"
#define EX_VM_HOST EX_VM "host:\n  size: Standard_D8s_v5\n"
#define EX_DTL_HOST EX_DTL "host:\n  size: Standard_D8s_v5\n"
#define EX_HV_HOST EX_HV "host:\n  size: { vcpus: 16, memory: 64 GiB }\n"

/* Guests: the fields of the last one can go on below. */
#define EX_DEBIAN "guests:\n  server:\n    os: debian-12\n    image: C:\\images\\debian.vhdx\n"
#define EX_SECOND "  second:\n    os: debian-12\n    image: C:\\images\\debian.vhdx\n"
#define EX_UBUNTU "guests:\n  desk:\n    os: ubuntu-22.04\n    image: C:\\images\\ubuntu.vhdx\n"
#define EX_KALI "guests:\n  kali:\n    os: kali\n    image: C:\\images\\kali.vhdx\n"
#define EX_WIN11 "guests:\n  desk:\n    os: windows-11\n    image: C:\\images\\windows-11.vhdx\n    licence: evaluation\n"
#define EX_WIN10 "guests:\n  desk:\n    os: windows-10\n    image: C:\\images\\windows-10.vhdx\n    licence: evaluation\n"
#define EX_SERVER "guests:\n  files:\n    os: windows-server-2022\n    image: C:\\images\\server.vhdx\n    licence: evaluation\n"
#define EX_SERVER25 "guests:\n  files:\n    os: windows-server-2025\n    image: C:\\images\\server.vhdx\n    licence: evaluation\n"
#define EX_PREY "guests:\n  prey:\n    os: metasploitable-2\n    vcpus: 1\n    image: C:\\images\\metasploitable.vhdx\n"

/* Two hosts and the beginning of a list of connections. */
#define EX_TWO EX_TOP \
	"defaults:\n" \
	"  host: { size: Medium (nested virtualization) }\n" \
	"  guest: { os: debian-12, image: 'C:\\images\\debian.vhdx' }\n" \
	"hosts:\n" \
	"  one:\n    address: 10.0.0.8\n    guests:\n" \
	"      server: { address: 192.168.0.10, ports: [\"2222:22\"] }\n" \
	"  two:\n    address: 10.0.0.9\n    guests:\n" \
	"      server: { address: 192.168.0.10, ports: [\"2222:22\"] }\n"

#endif
