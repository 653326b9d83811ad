"""Reads junit and checkstyle with another XML parser and compares the texts with those of json: messages.py DIR"""
import json
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

root = Path(sys.argv[1])
findings = json.loads((root / "json").read_text("utf-8"))["findings"]
shown = [f for f in findings if not f["suppressed"]]


def visible(text: str) -> str:
    def one(c: str) -> str:
        n = ord(c)
        if c in "\t\r\n":
            return c
        if n < 0x20 or 0x7F <= n < 0xA0:
            return f"\\x{n:02x}"
        if unicodedata.category(c) == "Cf" and n < 0xE0000:
            return f"<U+{n:04X}>"
        return c

    return "".join(map(one, text))


def full(f: dict) -> str:
    return visible(f["message"] if f["help"] is None else f["message"] + "\nhelp: " + f["help"])


def same(name: str, got: list, want: list) -> None:
    # a byte that was no UTF-8 is \xNN in XML and U+FFFD in JSON
    got = [re.sub(r"\\x[89a-f][0-9a-f]", "\ufffd", g) for g in got]
    print(f"ok {name}" if got == want else f"FAIL {name}: {got!r} is not {want!r}")


errors = list(ET.parse(root / "checkstyle").getroot().iter("error"))
same("checkstyle: messages (expat)", [e.get("message") for e in errors], [full(f) for f in shown])
files = [f.get("name") for f in ET.parse(root / "checkstyle").getroot() for _ in f]
same("checkstyle: names (expat)", files, [visible(f["path"]) for f in shown])
cases = list(ET.parse(root / "junit").getroot().iter("failure"))
hard = [f for f in shown if f["severity"] != "note"]
same("junit: messages (expat)", [c.get("message") for c in cases], [visible(f["message"]) for f in hard])
same("junit: texts (expat)", [c.text for c in cases],
     [f'{visible(f["path"])}:{f["start"]["line"]}:{f["start"]["column"]}: {full(f)}' for f in hard])
