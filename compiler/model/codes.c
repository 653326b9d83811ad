/* The findings of lowering: what a spec names that does not exist, or cannot be made. */
#include "model/lower.h"

#define LANGUAGE "SPEC.md#short-forms-and-reuse"
#define SIZES "https://learn.microsoft.com/azure/lab-services/administrator-guide#vm-sizing"
#define NAT "https://learn.microsoft.com/windows-server/virtualization/hyper-v/setup-nat-network"
#define MAPPING                                           \
	"https://learn.microsoft.com/azure/lab-services/" \
	"concept-nested-virtualization-template-vm#connect-to-a-nested-vm-in-another-lab-vm"

/* A small lab: what is around the line that matters. */
#define TOP "labc: 1\nname: example\ntarget: lab-services\n"
#define HOST TOP "host:\n  size: Medium (nested virtualization)\n"
#define SERVER "labc: 1\nname: example\ntarget: hyper-v\nhost:\n  size: { vcpus: 64, memory: 256 GiB }\n"
#define LARGE TOP "host:\n  size: Large (nested virtualization)\n"
#define GUEST "guests:\n  server:\n    os: debian-12\n    image: C:\\images\\debian.vhdx\n    licence: free\n"
#define TWO                                                                                              \
	TOP "defaults:\n  host: { size: Medium (nested virtualization) }\n"                              \
	    "  guest: { os: debian-12, image: 'C:\\images\\debian.vhdx', licence: free }\n"              \
	    "hosts:\n"                                                                                   \
	    "  one:\n    address: 10.0.0.8\n    guests:\n      server: { address: 192.168.0.10, ports: " \
	    "[\"2222:22\"] }\n"                                                                          \
	    "  two:\n    address: 10.0.0.9\n    guests:\n      server: { address: 192.168.0.10, ports: " \
	    "[\"2222:22\"] }\n"                                                                          \
	    "connections:\n"

const struct diag_info model_codes[MODEL_CODES] = {
	[MODEL_UNKNOWN_SIZE] = { "LAB0201", SEV_ERROR, "unknown-size", "no size of this target has that name",
				 "Azure refuses the deployment, and without a size nothing about capacity "
				 "can be checked.",
				 SIZES, TOP "host:\n  size: Mediun (nested virtualization)\n" GUEST,
				 HOST GUEST },
	[MODEL_SIZE_FORM] = { "LAB0202", SEV_ERROR, "own-size", "a size of one's own outside of hyper-v",
			      "Azure has a fixed list of sizes; only a server of one's own is described by "
			      "numbers.",
			      "SPEC.md#host", TOP "host:\n  size: { vcpus: 4, memory: 16 GiB }\n" GUEST,
			      HOST GUEST },
	[MODEL_TOO_MANY_COPIES] = { "LAB0213", SEV_ERROR, "too-many-guests",
				    "count and seats make more guests than can be built",
				    "No Hyper-V host runs that many; a digit too much in `count` or `seats` "
				    "is the usual reason.",
				    "https://learn.microsoft.com/windows-server/virtualization/hyper-v/"
				    "maximum-scale-limits",
				    "labc: 1\nname: example\ntarget: hyper-v\nhost:\n  size: { vcpus: 64, "
				    "memory: 256 GiB }\n  seats: 999999\n" GUEST,
				    "labc: 1\nname: example\ntarget: hyper-v\nhost:\n  size: { vcpus: 64, "
				    "memory: 256 GiB }\n  seats: 9\n" GUEST },
	[MODEL_UNKNOWN_IMAGE] = { "LAB0410", SEV_ERROR, "unknown-image", "no entry of that name under images",
				  "The script would find no disk to copy, and the guest would start empty.",
				  "SPEC.md#guest",
				  HOST "guests:\n  server: { os: debian-12, image: golden, licence: free }\n",
				  HOST GUEST },
	[MODEL_START_AFTER] = { "LAB0420", SEV_ERROR, "start-after-unknown",
				"start_after names no guest of the host", "The start order cannot be made.",
				"SPEC.md#guest", HOST GUEST "    start_after: [database]\n", HOST GUEST },
	[MODEL_START_CYCLE] = { "LAB0421", SEV_ERROR, "start-cycle", "guests wait for each other in a circle",
				"None of them could ever start first.", "SPEC.md#guest",
				HOST GUEST "    start_after: [server]\n", HOST GUEST },
	[MODEL_COPY_NAME] = { "LAB0430", SEV_ERROR, "copy-name",
			      "a guest is called like a copy of another one",
			      "Hyper-V would have two machines of one name, and the script could not tell "
			      "them apart.",
			      LANGUAGE,
			      LARGE GUEST "    count: 2\n  server-2:\n    os: debian-12\n    image: "
					  "C:\\images\\debian.vhdx\n    licence: free\n",
			      LARGE GUEST "    count: 2\n" },
	[MODEL_UNKNOWN_NETWORK] = { "LAB0501", SEV_ERROR, "unknown-network",
				    "the host has no network of that name",
				    "The guest would be connected to nothing.", "SPEC.md#guest",
				    HOST GUEST "    network: lan\n", HOST GUEST "    network: nat\n" },
	[MODEL_NO_FREE_ADDRESS] = { "LAB0502", SEV_ERROR, "no-free-address",
				    "the subnet has no address left for a guest",
				    "The guest would have no address, and no mapping could lead to it.",
				    "SPEC.md#guest",
				    TOP "host:\n  size: Large (nested virtualization)\n  network: { subnet: "
					"192.168.0.0/30 }\n" GUEST "    count: 2\n    memory: 2 GiB\n",
				    TOP "host:\n  size: Large (nested virtualization)\n  network: { subnet: "
					"192.168.0.0/29 }\n" GUEST "    count: 2\n    memory: 2 GiB\n" },
	[MODEL_NO_FREE_PORT] = { "LAB0602", SEV_ERROR, "no-free-port", "no external port is left for auto",
				 "The mapping could not be made.", "SPEC.md#guest", NULL, NULL },
	[MODEL_PORT_OF_COPY] = { "LAB0619", SEV_ERROR, "port-of-copy",
				 "a copy's external port is beyond 65535",
				 "External ports go up by one a copy and by a step a seat; ports end at "
				 "65535.",
				 "https://learn.microsoft.com/powershell/module/netnat/"
				 "add-netnatstaticmapping",
				 HOST GUEST "    count: 2\n    memory: 2 GiB\n    ports: [\"65535:22\"]\n",
				 HOST GUEST "    count: 2\n    memory: 2 GiB\n    ports: [\"2222:22\"]\n" },
	[MODEL_SEAT_ADDRESS] = { "LAB0816", SEV_ERROR, "seat-address",
				 "seats on one server that have no addresses of their own",
				 "On hyper-v all seats share the server's NAT and its subnet, and fixed addresses "
				 "go up by a step a seat: a copy beyond the subnet, or with another one's address, "
				 "is reached by nobody.",
				 NAT,
				 SERVER "  seats: 20\n  network: { subnet: 172.29.5.0/24 }\n" GUEST
					"    address: 172.29.5.20\n",
				 SERVER "  seats: 9\n  network: { subnet: 172.29.5.0/24 }\n" GUEST
					"    address: 172.29.5.20\n" },
	[MODEL_SEAT_PORT] = { "LAB0817", SEV_ERROR, "seat-port",
			      "seats on one server that have no external ports of their own",
			      "On hyper-v all seats share the server's ports, and external ports go up by a step a "
			      "seat: one protocol and port lead to one guest, and ports end at 65535.",
			      "https://learn.microsoft.com/powershell/module/netnat/add-netnatstaticmapping",
			      SERVER "  seats: 9\n" GUEST "    ports: [\"3289:22\"]\n",
			      SERVER "  seats: 9\n" GUEST "    ports: [\"22000:22\"]\n" },
	[MODEL_CONNECTION_TO] = { "LAB0608", SEV_ERROR, "connection-to-unknown",
				  "a connection leads to nobody",
				  "The students' handout would name a machine that does not exist.", MAPPING,
				  TWO "  - { from: two, to: one/servers, service: ssh }\n",
				  TWO "  - { from: two, to: one/server, service: ssh }\n" },
	[MODEL_CONNECTION_TO_HOST] = { "LAB0609", SEV_ERROR, "connection-to-host",
				       "a connection leads to a host instead of a guest",
				       "Hosts are reached without a mapping; a connection describes the way "
				       "to a nested guest.",
				       MAPPING, TWO "  - { from: two, to: one, service: ssh }\n",
				       TWO "  - { from: two, to: one/server, service: ssh }\n" },
	[MODEL_CONNECTION_FROM] = { "LAB0610", SEV_ERROR, "connection-from-unknown",
				    "a connection comes from nobody",
				    "The students' handout would name a machine that does not exist.",
				    MAPPING, TWO "  - { from: three, to: one/server, service: ssh }\n",
				    TWO "  - { from: two, to: one/server, service: ssh }\n" },
	[MODEL_CONNECTION_OUTSIDE] = { "LAB0620", SEV_ERROR, "connection-from-outside",
				       "a connection comes from outside of the lab",
				       "A static mapping works from private addresses only: another lab VM, "
				       "or a machine in the same network.",
				       MAPPING, TWO "  - { from: internet, to: one/server, service: ssh }\n",
				       TWO "  - { from: two, to: one/server, service: ssh }\n" },
	[MODEL_CONNECTION_SERVICE] = { "LAB0611", SEV_ERROR, "connection-service",
				       "a connection's service is not one the guest has",
				       "Ping never works to or from a nested guest; other services need a "
				       "name or a mapping of that name.",
				       MAPPING, TWO "  - { from: two, to: one/server, service: ping }\n",
				       TWO "  - { from: two, to: one/server, service: ssh }\n" },
};
const size_t model_codes_count = MODEL_CODES;
