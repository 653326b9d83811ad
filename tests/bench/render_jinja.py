"""setup.ps1.j2 with Jinja2: render_jinja.py VALUES.json EXPECTED.ps1. Prints the best time of several in microseconds.

Every hole of the script is a PowerShell expression, so one function that writes literals does for all of them. What
it gives must be what labc gave, but for indentation and comments: labc's templates lose these when they are built in.
"""
import json
import sys
import time

import jinja2
from markupsafe import Markup


def hole(v):
    """What macros give, and the table, is code already."""
    return v if isinstance(v, Markup) else Markup(literal(v))


def literal(v):
    if v is None:
        return "$null"
    if isinstance(v, bool):
        return "$true" if v else "$false"
    if isinstance(v, (int, float)):
        return str(v)
    if isinstance(v, list):
        return "@(" + (", " if len(v) == 1 and isinstance(v[0], list) else "") + ", ".join(map(literal, v)) + ")"
    if isinstance(v, dict):
        return "@{ " + "; ".join(f"{literal(k)} = {literal(x)}" for k, x in v.items()) + " }" if v else "@{}"
    if v.isascii() and v.isprintable():
        return "'" + v.replace("'", "''") + "'"
    text = []
    for c in v:
        if " " <= c <= "~":
            text.append({"\\": "\\\\", "'": "''"}.get(c, c))
        else:
            raw = c.encode("utf-16-be").hex()
            text.append("".join("\\u" + raw[i:i + 4] for i in range(0, len(raw), 4)))
    return "[regex]::Unescape('" + "".join(text) + "')"


env = jinja2.Environment(loader=jinja2.FileSystemLoader("templates"), finalize=hole, autoescape=True, trim_blocks=True,
                         lstrip_blocks=True, keep_trailing_newline=True)
table, template = env.get_template("ps/data.ps1.j2"), env.get_template("setup.ps1.j2")
with open(sys.argv[1], encoding="utf-8") as f:
    values = json.load(f)
times = []
for _ in range(15):
    start = time.process_time()
    text = template.render({**values, "table": Markup(table.render(values).rstrip("\n"))})
    times.append(time.process_time() - start)


def bare(script):
    return [line.lstrip() for line in script.split("\n") if not line.lstrip().startswith("#")]


with open(sys.argv[2], encoding="utf-8", newline="") as f:
    if bare(f.read()) != bare(text):
        sys.exit("Jinja2 gives another text")
print(f"{min(times) * 1e6:.1f}")
