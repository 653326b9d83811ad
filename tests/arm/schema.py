#!/usr/bin/env python3
"""Templates against our own JSON Schema, template.schema.json: of each resource exactly what labc uses, with Azure's types and limits.

usage: schema.py TEMPLATE...         one line each: "ok FILE: fits our schema" or "FAIL FILE: ...: why"; exit 1 on a FAIL
       schema.py --self TEMPLATE     each of a list of mistakes in a sound template of azure-vm must be refused
Needs python3-jsonschema.
"""
import copy
import json
import os
import sys

import jsonschema

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "template.schema.json")


def of(template, kind):
    return next(r for r in template["resources"] if r["type"] == kind)


VM, NSG, RUN = "Microsoft.Compute/virtualMachines", "Microsoft.Network/networkSecurityGroups", "Microsoft.Compute/virtualMachines/runCommands"
MISTAKES = [
    ("an unknown property", lambda t: of(t, VM)["properties"].update(colour="blue")),
    ("a property at the wrong place", lambda t: of(t, VM).update(hardwareProfile={})),
    ("a required property is gone", lambda t: of(t, "Microsoft.DevTestLab/schedules").pop("name")),
    ("another API version", lambda t: of(t, NSG).update(apiVersion="2020-01-01")),
    ("a resource that we never make", lambda t: t["resources"].append({"type": "Microsoft.Storage/storageAccounts"})),
    ("a text for a number", lambda t: of(t, VM)["properties"]["storageProfile"]["osDisk"].update(diskSizeGB="128")),
    ("a number for a text", lambda t: of(t, VM).update(location=7)),
    ("a word that Azure does not know", lambda t: of(t, VM)["properties"]["storageProfile"]["osDisk"].update(caching="Sometimes")),
    ("an empty list", lambda t: of(t, RUN).update(dependsOn=[])),
    ("a secret with a default", lambda t: t["parameters"]["adminPassword"].update(defaultValue="x")),
    ("a parameter without a description", lambda t: t["parameters"]["seats"].pop("metadata")),
    ("an output that is no expression", lambda t: t["outputs"].update(x={"type": "string", "value": "plain"})),
    ("another schema", lambda t: t.update({"$schema": "http://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#"})),
    ("more at the top", lambda t: t.update(functions=[])),
]


def why(error):
    """The branch of an anyOf that got farthest says what is wrong."""
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return "%s: %s" % ("/".join(map(str, error.absolute_path)) or "top", error.message[:160])


def main(args):
    with open(SCHEMA, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    failed = False
    own = args[:1] == ["--self"]
    for path in args[1:] if own else args:
        with open(path, encoding="utf-8") as f:
            template = json.load(f)
        for name, change in MISTAKES if own else [("fits our schema", None)]:
            changed = template
            if change:
                changed = copy.deepcopy(template)
                change(changed)
            errors = [why(e) for e in validator.iter_errors(changed)]
            good = bool(errors) if change else not errors
            failed = failed or not good
            print("%s %s: %s%s" % ("ok" if good else "FAIL", path, name, "" if good else ": " + ("; ".join(errors[:3]) or "it is not refused")))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
