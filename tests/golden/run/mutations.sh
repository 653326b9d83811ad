# The documented two-host lab, changed in the ways people change such a file, and what they are told: for reviewers to
# read as the user would. A change that is right says nothing.
cat >lab.yaml <<'Y'
labc: 1
name: cross-lab-access
target: lab-services
defaults:
  host: { size: Medium (Nested virtualization), os: windows-server-2022 }
  guest: { memory: 4 GiB, vcpus: 2 }
hosts:
  lab-vm-1:
    address: 10.0.0.8
    guests: &both
      ubuntu:
        os: ubuntu-20.04
        address: 192.168.0.102
        ports: ["23:22/tcp"]
      windows-11:
        os: windows-11
        address: 192.168.0.103
        remote_desktop: true
        ports:
          - { external: 3390, internal: 3389, protocol: tcp, name: rdp }
  lab-vm-2:
    address: 10.0.0.9
    guests: *both
connections:
  - { from: lab-vm-2, to: lab-vm-1/ubuntu, service: ssh, user: user1 }
  - { from: [lab-vm-2, lab-vm-2/ubuntu], to: lab-vm-1/windows-11, service: rdp, user: user1 }
images:
  ubuntu-20.04: { source: 'C:\labs\images\ubuntu-20.04.vhdx' }
  windows-11: { source: 'C:\labs\images\windows-11.vhdx' }
Y
n=0
change() {
	n=$((n + 1))
	what=$1
	shift
	sed "$@" lab.yaml >changed.yaml
	echo
	echo "--- $n. $what"
	diff lab.yaml changed.yaml | grep '^[<>]'
	cmp -s lab.yaml changed.yaml && [ "$what" != "nothing" ] && echo "NOTHING WAS CHANGED"
	"$LABC" lint changed.yaml
	echo "exit $?"
}
change "nothing" -e ''
change "the host's own Remote Desktop port is mapped" -e 's/external: 3390/external: 3389/'
change "both guests want one port of the host" -e 's/external: 3390/external: 23/'
change "the wrong port inside: nobody listens for SSH there" -e 's/23:22/23:2222/'
change "the ports are swapped" -e 's/23:22/22:23/'
change "a port that does not exist" -e 's/23:22/23:65536/'
change "UDP instead of TCP" -e 's,23:22/tcp,23:22/udp,'
change "ICMP, to be able to ping" -e 's,23:22/tcp,23:22/icmp,'
change "the guests' addresses are swapped" -e 's/0\.102/0.x/; s/0\.103/0.102/; s/0\.x/0.103/'
change "both guests have one address" -e 's/0\.103/0.102/'
change "a guest has the gateway's address" -e 's/0\.102/0.1/'
change "a guest has the network's broadcast address" -e 's/0\.102/0.255/'
change "a guest's address is of another network" -e 's/192\.168\.0\.102/192.168.1.102/'
change "a guest's address is one of the hosts' network" -e 's/192\.168\.0\.102/10.0.0.102/'
change "the guest's address comes by DHCP" -e 's/192\.168\.0\.102/dhcp/'
change "both hosts have one address" -e 's/10\.0\.0\.9/10.0.0.8/'
change "a public address for a host" -e 's/10\.0\.0\.8/20.10.0.8/'
change "bigger memory: the guests do not fit" -e 's/memory: 4 GiB/memory: 8 GiB/'
change "memory without a unit" -e 's/memory: 4 GiB/memory: 4096/'
change "much less memory" -e 's/memory: 4 GiB/memory: 512 MiB/'
change "more processors than the host has" -e 's/vcpus: 2/vcpus: 8/'
change "more processors together than the host has" -e 's/vcpus: 2/vcpus: 3/'
change "a size without nested virtualization" -e 's/Medium (Nested virtualization)/Medium/'
change "a size that does not exist" -e 's/Medium (Nested virtualization)/Huge (Nested virtualization)/'
change "the second host is larger: the hosts become two labs" -e 's/address: 10\.0\.0\.9/address: 10.0.0.9\n    size: Large (nested virtualization)/'
change "a misspelt guest in a connection" -e 's,to: lab-vm-1/ubuntu,to: lab-vm-1/ubunut,'
change "a misspelt host in a connection" -e 's,from: lab-vm-2\, to,from: lab-vm-3\, to,'
change "a service that nothing maps" -e 's/service: ssh/service: https/'
change "the mapping of a connection is gone" -e '/23:22/d'
change "Remote Desktop is off" -e 's/remote_desktop: true/remote_desktop: false/'
change "another name for the mapping that a connection uses" -e 's/name: rdp/name: desktop/'
change "Windows 11 as generation 1" -e 's/remote_desktop: true/generation: 1/'
change "Windows 11 without a TPM" -e 's/remote_desktop: true/tpm: false/'
change "guests are saved when the host stops" -e 's/vcpus: 2 }/vcpus: 2, automatic_stop: save }/'
change "the cmdlet's word for the stop action" -e 's/vcpus: 2 }/vcpus: 2, automatic_stop: ShutDown }/'
change "a private switch instead of the NAT network" -e 's/remote_desktop: true/network: lan/; s/^    address: 10\.0\.0\.8/    address: 10.0.0.8\n    networks: { lan: { kind: private, subnet: 192.168.7.0\/24 } }/'
change "the NAT network is the hosts' own" -e 's/os: windows-server-2022 }/os: windows-server-2022 }\n  network: { subnet: 10.0.0.0\/24 }/'
change "a field of another tool" -e 's/vcpus: 2/cpus: 2/'
change "the image is of another hypervisor" -e 's/20\.04\.vhdx/20.04.qcow2/'
change "a line is indented too little" -e 's/^        os: windows-11/       os: windows-11/'
change "the target is another one" -e 's/target: lab-services/target: azure-vm/'
