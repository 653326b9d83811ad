#!/usr/bin/env python3
"""facts.py DIR LABC: every fact of the valid specs in DIR/index.json must hold in `labc dump`."""
import ipaddress
import json
import subprocess
import sys


def compare(want, have, path, out):
    """A fact is a subset: keys it does not name are not asserted."""
    if isinstance(want, dict):
        if not isinstance(have, dict):
            out.append(f"{path}: expected a map, found {have!r}")
            return
        for key, value in want.items():
            if key not in have:
                out.append(f"{path}.{key}: missing")
            else:
                compare(value, have[key], f"{path}.{key}", out)
    elif isinstance(want, list):
        if not isinstance(have, list) or len(want) != len(have):
            out.append(f"{path}: expected {len(want)} items, found {have!r}")
            return
        for i, value in enumerate(want):
            compare(value, have[i], f"{path}[{i}]", out)
    elif want != have:
        out.append(f"{path}: expected {want!r}, found {have!r}")


def resolve_auto(want, have, prefix):
    """`auto` in a fact is any usable value."""
    for key in ("internalAddress", "externalPort", "address"):
        if want.get(key) == "auto":
            value = have.get(key)
            if key == "externalPort":
                good = isinstance(value, int) and 20000 <= value <= 29999
            else:
                good = isinstance(value, str) and (not prefix or ipaddress.ip_address(value) in ipaddress.ip_network(prefix))
            want[key] = value if good else "a usable one"


def prepare(facts, dump):
    """Order of mappings, and of networks, is free; with one host a bare name is a guest of it. The third part of
    the default subnet on hyper-v is a hash of the lab's name."""
    names = list(facts.get("hosts", {}))
    for c in facts.get("connections", []):
        c["from"] = [f"{names[0]}/{f}" if len(names) == 1 and "/" not in f and f not in names + ["neighbour"] else f
                     for f in c["from"]]
    if facts.get("target") == "hyper-v":
        text = json.dumps(dump)
        for host in dump.get("hosts", {}).values():
            for n in host["networks"]:
                if n.get("prefix", "").startswith("172.29."):
                    third = n["prefix"].split(".")[2]
                    text = text.replace(f"172.29.{third}.", "172.29.0.")
        dump.update(json.loads(text))
    for name, host in facts.get("hosts", {}).items():
        have = dump.get("hosts", {}).get(name, {})
        prefix = next((n.get("prefix") for n in have.get("networks", []) if n.get("kind") == "nat"), None)
        if "mappings" in host:
            def order(m):
                return (m.get("guest", ""), m.get("protocol", ""), m.get("internalPort", 0), str(m.get("externalPort", "")))
            host["mappings"].sort(key=order)
            have.get("mappings", []).sort(key=order)
            for want, got in zip(host["mappings"], have.get("mappings", [])):
                resolve_auto(want, got, prefix)
        if "networks" in host:
            have["networks"] = [next((n for n in have.get("networks", []) if n.get("switch") == w.get("switch") and
                                      n.get("kind") == w.get("kind")), {}) for w in host["networks"]]
        for guest, want in host.get("guests", {}).items():
            got = have.get("guests", {}).get(guest, {})
            for w, g in zip(want.get("nics", []), got.get("nics", [])):
                resolve_auto(w, g, prefix if w.get("network") == "nat" else None)
            if "startAfter" in want:
                want["startAfter"].sort()
                got.get("startAfter", []).sort()


def main():
    folder, labc = sys.argv[1:3]
    good = total = 0
    for case in json.load(open(f"{folder}/index.json"))["valid"]:
        total += 1
        run = subprocess.run([labc, "dump", f"{folder}/{case['file']}"], capture_output=True, timeout=20)
        wrong = []
        if run.returncode:
            wrong.append(f"exit {run.returncode}: {run.stderr.decode()[:300]}")
        else:
            dump = json.loads(run.stdout)
            prepare(case["facts"], dump)
            compare(case["facts"], dump, "", wrong)
            for name, host in case["facts"].get("hosts", {}).items():
                if "guests" in host and list(host["guests"]) != list(dump["hosts"].get(name, {}).get("guests", {})):
                    wrong.append(f".hosts.{name}.guests: other names or another order")
        if wrong:
            print(case["file"])
            for line in wrong[:12]:
                print("   ", line)
        else:
            good += 1
    print(f"{good} of {total} valid specs with all facts")
    sys.exit(good != total)


main()
