#!/usr/bin/env python3
"""Specs for the benchmarks.  generate.py files COUNT DIR | guests COUNT FILE | findings COUNT FILE"""
import os
import sys

SMALL_OS = ["ubuntu-22.04", "debian-12", "rocky-9", "ubuntu-24.04"]


def small(i):
    lines = ["labc: 1", f"name: course-{i}", f"title: Networking course number {i}, second term", "target: lab-services",
             "host:", "  size: Large (Nested virtualization)", "  os: windows-server-2022", "  reserve: 4 GiB",
             "  network:", "    subnet: 192.168.0.0/24", "    gateway: 192.168.0.1", "guests:"]
    for g in range(4):
        lines += [f"  machine-{g}:", f"    os: {SMALL_OS[(i + g) % 4]}", "    vcpus: 2", "    memory: 4 GiB",
                  "    generation: 2", "    disk: { size: 20 GiB, format: vhdx, type: dynamic }",
                  f"    address: 192.168.0.{10 + g}", "    image: " + f"C:\\labs\\images\\course\\machine-{g}.vhdx",
                  "    licence: covered by the campus agreement",
                  f"    ports: [\"{2200 + g}:22\", {{ external: {8000 + g}, internal: 80, protocol: tcp, name: web }}]",
                  "    automatic_stop: shutdown", "    # what it is for", f"    notes: machine {g} of the class; the students meet it in the week of its topic",
                  "    automatic_start: if-running", "    checkpoints: disabled"]
    return "\n".join(lines) + "\n"


def guests(n, vcpus=2):
    yield ("labc: 1\nname: big\ntarget: hyper-v\ntargets:\n  hyper-v: { dedicated: true }\nhosts:\n")
    per = 1000
    for h in range((n + per - 1) // per):
        yield (f"  server-{h}:\n    size: {{ vcpus: 2048, memory: 8 TiB, disk: 60 TiB }}\n    os: windows-server-2025\n"
               f"    network: {{ subnet: 10.{h}.0.0/16 }}\n    guests:\n")
        for g in range(min(per, n - h * per)):
            port = f"\n        ports: [\"{20000 + g}:22\"]" if g % 10 == 0 else ""
            yield (f"      guest-{g}:\n        os: ubuntu-22.04\n        vcpus: {vcpus}\n        memory: 4 GiB\n        disk: 40 GiB\n"
                   f"        address: 10.{h}.{1 + g // 200}.{1 + g % 200}\n        licence: free\n"
                   f"        image: D:\\images\\ubuntu.vhdx\n        notes: guest number {g} of server {h}, for the benchmark{port}\n")


def main():
    what, count, where = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    if what == "files":
        for i in range(count):
            d = os.path.join(where, f"{i // 1000:03}")
            os.makedirs(d, exist_ok=True)
            with open(os.path.join(d, f"{i:05}.lab.yaml"), "w") as f:
                f.write(small(i))
    else:
        # one vCPU is a warning at every guest
        with open(where, "w") as f:
            for part in guests(count, 1 if what == "findings" else 2):
                f.write(part)


main()
