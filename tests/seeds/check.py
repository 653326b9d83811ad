"""The documents that guests read at their first boot, judged by those who read them.

usage: check.py BUILD_DIR SPEC.yaml [BUILD_DIR SPEC.yaml]...

Takes the seeds out of every setup.ps1 (a reader of its own for the few literals a table may hold), puts in what the
script puts in, and asks: cloud-init's own schema and network renderers about the documents of Linux guests, an XML
parser and the table of facts below about the answer files of Windows guests. Texts of the spec must arrive unchanged.
Files of a cloud-init seed go through a FAT volume labelled CIDATA and back.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import yaml

HERE = Path(__file__).parent
HASH = "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1"
ENCODED = "UABhAHMAcwB3AG8AcgBkAA=="
OPEN = {"HASH": HASH, "USER": ENCODED, "ADMIN": ENCODED}
counts = {"passed": 0, "failed": 0, "skipped": 0}


def check(what, ok, detail=""):
    counts["passed" if ok else "failed"] += 1
    if not ok:
        print(f"FAILED {what}: {detail}")


# --- reading the table ---------------------------------------------------------------------------------------

LITERAL = re.compile(r"\b([0-9]+)\b(?=,|\)|$)|\[regex\]::Unescape\('((?:[^']|'')*)'\)|'((?:[^']|'')*)'")


def unescape(text):
    """.NET's Regex.Unescape, as far as labc writes it."""
    text = text.replace("''", "'")
    out = re.sub(r"\\u([0-9a-fA-F]{4})|\\t|\\n|\\(.)",
                 lambda m: chr(int(m[1], 16)) if m[1] else m[2] if m[2] else {"\\t": "\t", "\\n": "\n"}[m[0]], text)
    return out.encode("utf-16", "surrogatepass").decode("utf-16")


def literals(text):
    return [int(m[1]) if m[1] else unescape(m[2]) if m[2] is not None else m[3].replace("''", "'") for m in LITERAL.finditer(text)]


TOKEN = re.compile(r"@\(,? ?|\)|, |" + LITERAL.pattern)


def lines(text):
    """A list of texts, and of lists of them."""
    found, inner = [], None
    for m in TOKEN.finditer(text):
        if m[0].startswith("@("):
            inner = []
        elif m[0] == ")":
            found, inner = [*found, inner], None
        elif m[0] != ", ":
            (found if inner is None else inner).extend(literals(m[0]))
    return [line if isinstance(line, list) else [line] for line in found]


def documents(items):
    """A number begins a document, the guest's own texts in it stand behind it."""
    begins = [n for n, i in enumerate(items) if isinstance(i, int)] + [len(items)]
    return [(items[a], items[a + 1:b]) for a, b in zip(begins, begins[1:])]


def seeds_of(script):
    """guest -> {path: text}, from the lines of the table."""
    found, shared, docs = {}, [], []
    for line in script.split("\n"):
        line = line.rstrip("\r")
        if line.startswith("# --- end of lab data"):
            break
        line = line.replace("\t", "    ")
        if m := re.match(r"    Shared = @\((.*)\)$", line):
            shared = literals(m[1])
        if m := re.match(r"        @\{ Path = (.*); Text = @\(,? ?(.*)\) \}$", line):
            docs.append((literals(m[1])[0], lines(m[2])))
        if not (m := re.match(r"        , @\((.*)\)$", line)):
            continue
        guest, *seed = literals(m[1])
        for number, own in documents(seed):
            path, items = docs[number]
            between = [i for line in items for i in line[1::2]]
            open_words = [i for i in between if isinstance(i, str)]
            check(f"{guest}: only known words are open", set(open_words) <= {*OPEN, "DNS"}, str(open_words))
            check(f"{guest}: all own texts are used", {i for i in between if isinstance(i, int)} == set(range(1, len(own) + 1)), str(items))
            dns = '192.168.0.1","9.9.9.9' if path == "network-config" else "9.9.9.9"
            text = "\n".join("".join((own[i - 1] if isinstance(i, int) else {**OPEN, "DNS": dns}[i]) if n % 2 else shared[i] if isinstance(i, int) else i
                                     for n, i in enumerate(line)) for line in items)
            if not path.startswith(("lab\\", "Windows\\Setup")):
                check(f"{guest}: {path} is ASCII", text.isascii(), text)
            found.setdefault(guest, {})[path] = text
    return found


# --- cloud-init ----------------------------------------------------------------------------------------------

def cloud_init():
    sys.path[:0] = [p for p in ("build/cloud-init/usr/lib/python3/dist-packages",) if os.path.isdir(p)]
    try:
        from cloudinit.config import schema
        from cloudinit.net import eni, netplan, network_state, sysconfig
    except ImportError as error:
        if os.environ.get("LABC_REQUIRE_ALL"):
            check("cloud-init is there", False, str(error))
        else:
            counts["skipped"] += 1
        return None
    return schema, network_state, {"netplan": netplan, "eni": eni, "sysconfig": sysconfig}


# where cloud-init writes on the relatives of Red Hat
RHEL = {"control": "etc/sysconfig/network", "iface_templates": "%(base)s/network-scripts/ifcfg-%(name)s",
        "route_templates": {"ipv4": "%(base)s/network-scripts/route-%(name)s", "ipv6": "%(base)s/network-scripts/route6-%(name)s"}}


def check_network(name, text, spec_guest, tools):
    config = json.loads(text)
    jsonschema.validate(config, json.loads((HERE / "network-config.schema.json").read_text()))
    check(f"{name}: network-config is the same in YAML", yaml.safe_load(text) == config)
    wanted = [n.get("address") for n in spec_guest.get("nics", [spec_guest])]
    subnets = [e.get("subnets", [{}])[0] for e in config["config"] if e["type"] == "physical"]
    have = [s.get("address", "dhcp" if s else None) for s in subnets]
    for want, got in zip(wanted, have):
        if want and want != "auto":
            check(f"{name}: address {want}", (got or "").split("/")[0] == want, str(have))
    if tools is None:
        return
    state = tools[1].parse_net_config_data(config)
    for kind, module in tools[2].items():
        with tempfile.TemporaryDirectory() as root:
            try:
                module.Renderer(RHEL if kind == "sysconfig" else None).render_network_state(state, target=root)
            except Exception as error:  # whatever it is, cloud-init would stop there
                check(f"{name}: {kind} takes network-config", False, repr(error))
                continue
            written = "".join(p.read_text() for p in sorted(Path(root).rglob("*")) if p.is_file())
            for want in wanted:
                if want and want not in ("auto", "dhcp"):
                    check(f"{name}: {kind} sets {want}", want in written, written)
        for subnet in subnets:
            # the system's own word for it, and no command, whose program the image may not have
            line = {"eni": "    gateway {}\n", "netplan": "via: {}", "sysconfig": "GATEWAY={}\n"}[kind].format(subnet.get("gateway"))
            lines = {line, f"gateway4: {subnet.get('gateway')}\n"}
            check(f"{name}: {kind} sets the gateway", "gateway" not in subnet or any(i in written for i in lines), written)
        for server in {d for s in subnets for d in s.get("dns_nameservers", [])}:
            check(f"{name}: {kind} asks {server}", server in written, written)


def check_user_data(name, text, guest, tools):
    check(f"{name}: user-data begins with #cloud-config", text.startswith("#cloud-config\n"))
    data = yaml.safe_load(text)
    plain = re.sub(r"\\U([0-9a-f]{8})", lambda m: chr(int(m[1], 16)), text.split("\n", 1)[1])
    check(f"{name}: user-data is JSON behind its first line", json.loads(plain) == data)
    provision = guest.get("provision", {})
    same = {
        "packages": (data.get("packages"), provision.get("packages")),
        "commands": (data["runcmd"][:-1], provision.get("commands", [])),
        "files": ([(f["path"], f["content"]) for f in data.get("write_files", [])],
                  [(f["path"], f["content"]) for f in provision.get("files", [])]),
        "keys": (data.get("ssh_authorized_keys") or (data.get("users") or [{}])[0].get("ssh_authorized_keys"), guest.get("ssh_keys")),
    }
    for what, (have, want) in same.items():
        check(f"{name}: {what} arrive unchanged", have == want, f"{have!r} is not {want!r}")
    if "user" in guest:
        check(f"{name}: the user", data["users"][0]["name"] == guest["user"])
        check(f"{name}: the hash", data["users"][0].get("hashed_passwd") == HASH and text.count(HASH) == 1)
    if tools is None:
        return
    check(f"{name}: the host knows its own name", data["manage_etc_hosts"] == "localhost")
    # the layout that images have is not set again: cloud-init fails at it where console-setup is missing
    check(f"{name}: the keyboard", data.get("keyboard", {}).get("layout") != "us", text)
    locale = data.get("locale")
    check(f"{name}: {locale} is there before it is set", locale is None or f"{locale} UTF-8" in data["bootcmd"][0].split(" >")[0], text)
    schema = tools[0]
    try:
        schema.validate_cloudconfig_schema(data, schema=schema.get_schema(), strict=True)
        check(f"{name}: cloud-init's schema", True)
    except schema.SchemaValidationError as error:
        check(f"{name}: cloud-init's schema", False, str(error))


def through_fat(name, files):
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "seed.img")
        subprocess.run(["mformat", "-C", "-i", image, "-v", "CIDATA", "-T", "65536", "::"], check=True)
        for path, text in files.items():
            (Path(folder) / path).write_bytes(text.encode())
            subprocess.run(["mcopy", "-i", image, os.path.join(folder, path), "::" + path], check=True)
        label = subprocess.run(["mlabel", "-s", "-i", image, "::"], capture_output=True, text=True, check=True).stdout
        check(f"{name}: the volume is CIDATA", "CIDATA" in label, label)
        for path, text in files.items():
            back = subprocess.run(["mtype", "-i", image, "::" + path], capture_output=True, check=True).stdout
            check(f"{name}: {path} comes back", back.decode() == text, back)


# --- Windows Setup -------------------------------------------------------------------------------------------
# Which component may stand in which pass, and the elements it knows there, after
# https://learn.microsoft.com/windows-hardware/customize/desktop/unattend/

NS = "{urn:schemas-microsoft-com:unattend}"
INTERFACE = "Interfaces/Interface/"
FACTS = {
    ("specialize", "Microsoft-Windows-Shell-Setup"): {"ComputerName", "TimeZone"},
    ("specialize", "Microsoft-Windows-TerminalServices-LocalSessionManager"): {"fDenyTSConnections"},
    ("specialize", "Networking-MPSSVC-Svc"): {"FirewallGroups/FirewallGroup/" + e for e in ("Active", "Group", "Profile")},
    ("specialize", "Microsoft-Windows-TCPIP"): {INTERFACE + e for e in (
        "Identifier", "Ipv4Settings/DhcpEnabled", "UnicastIpAddresses/IpAddress", "Routes/Route/Identifier",
        "Routes/Route/Prefix", "Routes/Route/NextHopAddress")},
    ("specialize", "Microsoft-Windows-DNS-Client"): {INTERFACE + "Identifier", INTERFACE + "DNSServerSearchOrder/IpAddress"},
    ("oobeSystem", "Microsoft-Windows-International-Core"): {"InputLocale", "SystemLocale", "UILanguage", "UserLocale"},
    ("oobeSystem", "Microsoft-Windows-Shell-Setup"): {
        *("OOBE/" + e for e in ("HideEULAPage", "HideOnlineAccountScreens", "HideWirelessSetupInOOBE", "ProtectYourPC")),
        *("UserAccounts/AdministratorPassword/" + e for e in ("Value", "PlainText")),
        *("UserAccounts/LocalAccounts/LocalAccount/" + e for e in ("Password/Value", "Password/PlainText", "DisplayName", "Group", "Name"))},
}


def leaves(element, path=""):
    for child in element:
        own = (path + "/" if path else "") + child.tag.removeprefix(NS)
        if len(child):
            yield from leaves(child, own)
        else:
            yield own, child.text


def check_unattend(name, text, guest):
    root = ET.fromstring(text)
    check(f"{name}: root element", root.tag == NS + "unattend", root.tag)
    values = {}
    for settings in root:
        for component in settings:
            key = settings.get("pass"), component.get("name")
            check(f"{name}: {key} exists", key in FACTS)
            check(f"{name}: {key} is for this processor", component.get("processorArchitecture") == "amd64"
                  and component.get("publicKeyToken") == "31bf3856ad364e35")
            for path, value in leaves(component):
                if path in ("Interfaces",):
                    continue
                check(f"{name}: {key[1]} knows {path}", path in FACTS.get(key, ()))
                values.setdefault(path, []).append(value)
    check(f"{name}: computer name", values["ComputerName"][0] == guest.get("hostname", name.split("/")[-1]), str(values["ComputerName"]))
    check(f"{name}: computer name fits", len(values["ComputerName"][0]) <= 15)
    user = guest.get("user")
    if user:
        check(f"{name}: the account", values["UserAccounts/LocalAccounts/LocalAccount/Name"] == [user])
    secrets = [v for p, v in values.items() if p.endswith("/Value")]
    check(f"{name}: passwords stand encoded", secrets and all(s == [ENCODED] for s in secrets), str(secrets))
    check(f"{name}: passwords are not plain", all(v == ["false"] for p, v in values.items() if p.endswith("PlainText")))
    for nic in guest.get("nics", [guest]):
        if nic.get("address", "auto") not in ("auto", "dhcp"):
            have = values.get(INTERFACE + "UnicastIpAddresses/IpAddress", [])
            check(f"{name}: address {nic['address']}", any(a.split("/")[0] == nic["address"] for a in have), str(have))


# --- all -----------------------------------------------------------------------------------------------------

def guests_of(spec):
    hosts = spec.get("hosts") or {"host": {"guests": spec.get("guests", {})}}
    every = {}
    for host in hosts.values():
        for name, guest in host.get("guests", {}).items():
            merged = {**spec.get("profiles", {}).get(guest.get("profile"), {}), **guest}
            for copy in range(1, guest.get("count", 1) + 1):
                # addresses of copies count up: only the first is compared
                every[f"{name}-{copy}" if "count" in guest else name] = merged if copy == 1 else {
                    k: v for k, v in merged.items() if k not in ("nics", "address")}
    return every


def main(pairs):
    tools = cloud_init()
    n_linux = n_windows = 0
    for build, spec in zip(pairs[::2], pairs[1::2]):
        guests = guests_of(yaml.safe_load(Path(spec).read_text()))
        for script in sorted(Path(build).glob("*/setup.ps1")):
            for guest, files in seeds_of(script.read_text(encoding="ascii")).items():
                name = f"{Path(build).name}/{guest}"
                want = guests.get(guest) or {k: v for k, v in guests[re.sub(r"-s[0-9]{2}$", "", guest)].items()
                                             if k not in ("nics", "address", "hostname")}
                if "user-data" in files:
                    n_linux += 1
                    jsonschema.validate(json.loads(files["meta-data"]), json.loads((HERE / "meta-data.schema.json").read_text()))
                    check_network(name, files["network-config"], want, tools)
                    check_user_data(name, files["user-data"], want, tools)
                    through_fat(name, files)
                else:
                    n_windows += 1
                    check_unattend(name, files["Windows\\Panther\\unattend.xml"], want)
                    setup = files["Windows\\Setup\\Scripts\\SetupComplete.cmd"]
                    check(f"{name}: the answer file is removed", "del " in setup and "Panther\\unattend.xml" in setup)
                    keys = files.get("Windows\\Setup\\Scripts\\administrators_authorized_keys", "").split("\n")
                    # before the first line there may be a mark
                    check(f"{name}: keys arrive unchanged", keys[1:-1] == want.get("ssh_keys", []), str(keys))
                    check(f"{name}: a server for the keys", ("icacls" in setup) == ("ssh_keys" in want), setup)
                    # cmd.exe reads UTF-8 when it is told, and the mark before it spoils the first line
                    check(f"{name}: cmd.exe knows the encoding", setup.isascii() or setup.startswith("\n@echo off\nchcp 65001 >nul\n"), setup)
                    for command in want.get("provision", {}).get("commands", []):
                        check(f"{name}: command arrives", command + "\n" in setup, setup)
                    for f in want.get("provision", {}).get("files", []):
                        check(f"{name}: {f['path']} arrives", files.get(f["path"][3:]) == f["content"], str(files))
    check("there are seeds of both kinds", n_linux >= 3 and n_windows >= 3, f"{n_linux} Linux, {n_windows} Windows")
    print(f"seeds: {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return counts["failed"] > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
