#!/usr/bin/env python3
"""Many templates through Bicep in one go: each becomes a nested deployment of one template.

usage: batch.py wrap WRAPPER TEMPLATE...               writes the wrapper
       batch.py judge AGAIN BUILD_OUTPUT TEMPLATE...   one line a test: "ok ..." or "FAIL ..."; exit 1 on a FAIL
Long texts (scripts) are cut down to their SHA-256 but for the first template, so that Bicep reads one whole.
"""
import hashlib
import json
import re
import sys

from check import differences, load, normal_template, walk

# What the decompiler brings about and a person would tidy up by hand; nothing of it is in our JSON.
#   simplify-interpolation, use-parent-property: how it spells names of children
#   no-unnecessary-dependson: it sees a resourceId() as a reference, which Azure does not
LISTED = {"simplify-interpolation", "use-parent-property", "no-unnecessary-dependson"}


def shortened(template, keep):
    for path, value in walk(template):
        if not keep and isinstance(value, str) and len(value) > 4000:
            parent = template
            for key in path[:-1]:
                parent = parent[key]
            parent[path[-1]] = "# " + hashlib.sha256(value.encode()).hexdigest()
    return template


def templates(paths):
    return [shortened(load(path), keep=index == 0) for index, path in enumerate(paths)]


def wrap(target, paths):
    nested = []
    for index, template in enumerate(templates(paths)):
        needed = {n: {"value": "[parameters('given_%s')]" % p["type"]} for n, p in template["parameters"].items() if "defaultValue" not in p}
        nested.append({"type": "Microsoft.Resources/deployments", "apiVersion": "2025-04-01", "name": "t%d" % index, "properties": {
            "mode": "Incremental", "expressionEvaluationOptions": {"scope": "inner"}, "parameters": needed, "template": template}})
    kinds = sorted({v["value"].split("given_")[1][:-3] for n in nested for v in n["properties"]["parameters"].values()})
    with open(target, "w", encoding="utf-8") as stream:
        json.dump({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
                   "parameters": {"given_" + k: {"type": k} for k in kinds}, "resources": nested}, stream)


def judge(again, output, paths):
    failed = False
    results = {r["name"]: r["properties"]["template"] for r in load(again)["resources"]}
    with open(output, encoding="utf-8", errors="replace") as stream:
        said = stream.read()
    for index, (path, template) in enumerate(zip(paths, templates(paths))):
        found = list(differences(normal_template(template), normal_template(results["t%d" % index])))
        print("%s %s: Bicep's template is the same%s" % ("FAIL" if found else "ok", path, ": " + "; ".join(found[:5]) if found else ""))
        mine = re.findall(r"nested_t%d\.bicep\(\d+,\d+\) : (Error|Warning) ([\w-]+)" % index, said)
        odd = sorted({"%s %s" % m for m in mine if m[0] == "Error" or m[1] not in LISTED})
        print("%s %s: Bicep builds without error, and without a warning that is not listed%s" %
              ("FAIL" if odd else "ok", path, ": " + ", ".join(odd) if odd else ""))
        failed = failed or bool(found) or bool(odd)
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) > 3 and sys.argv[1] == "wrap":
        sys.exit(wrap(sys.argv[2], sys.argv[3:]))
    if len(sys.argv) > 4 and sys.argv[1] == "judge":
        sys.exit(judge(sys.argv[2], sys.argv[3], sys.argv[4:]))
    sys.exit(__doc__)
