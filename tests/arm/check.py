#!/usr/bin/env python3
"""Our own rules for a generated ARM template, and the comparison of two templates.

usage: check.py TEMPLATE PARAMETERS     one line a rule: "ok FILE: RULE" or "FAIL FILE: RULE: why"; exit 1 on a FAIL
       check.py --same TEMPLATE OTHER   exit 1, with the first differences, unless both deploy the same things
       check.py --inert TEMPLATE OTHER [DUMP]
                                        exit 1 unless both evaluate the same expressions in the same places: of two
                                        templates from specs that differ in their texts, no text became code; and
                                        unless each text arrives at Azure as it was written (DUMP: of the other spec)
Needs nothing but Python's own library.
"""
import json
import re
import sys

TEMPLATE_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
PARAMETERS_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
API_VERSIONS = {"Microsoft.LabServices": "2023-06-07", "Microsoft.Compute": "2025-04-01", "Microsoft.Network": "2025-05-01",
                "Microsoft.DevTestLab": "2018-09-15"}
# Where an empty value means something; anywhere else an optional block is left out.
BLANK_ALLOWED = {"parameters", "variables", "resources", "outputs", "properties", "defaultValue", "value"}
SECRET_NAME = re.compile(r"password|secret|accountkey", re.I)
SECRET_TYPES = ("securestring", "secureobject")
LIMITS = {"parameters": 256, "variables": 256, "resources": 800, "outputs": 64}
MAX_BYTES = 4 * 1024 * 1024
MAX_EXPRESSION = 24576


def is_expression(text):
    return isinstance(text, str) and text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def walk(node, path=()):
    """Every value of a document with its path, parents first."""
    yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, path + (key,))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, path + (index,))


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError("the key %r stands twice" % key)
    return dict(pairs)


def load(path):
    with open(path, "rb") as stream:
        data = stream.read()
    if data.startswith(b"\xef\xbb\xbf"):
        raise ValueError("a byte order mark at the start")
    return json.loads(data.decode("utf-8"), object_pairs_hook=no_duplicates)


class Report:
    def __init__(self, path):
        self.path, self.failed = path, False

    def rule(self, name, mistakes):
        mistakes = list(mistakes)
        if mistakes:
            self.failed = True
            print("FAIL %s: %s: %s" % (self.path, name, "; ".join(mistakes[:5])))
        else:
            print("ok %s: %s" % (self.path, name))


def used_names(document, function):
    """Names that expressions take with parameters('x') or variables('x')."""
    found = set()
    for _, value in walk(document):
        if is_expression(value):
            found.update(name.lower() for name in re.findall(r"(?<!\w)" + function + r"\(\s*'([^']*)'\s*\)", value, re.I))
    return found


def resource_mistakes(resource):
    name = resource.get("type", "a resource without type")
    for key in ("type", "apiVersion", "name", "comments", "properties"):
        # a security group that opens nothing has no properties
        if not resource.get(key) and not (key == "properties" and resource.get(key) == {}):
            yield "%s has no %s" % (name, key)
    provider = name.split("/")[0]
    if resource.get("apiVersion") != API_VERSIONS.get(provider):
        yield "%s has apiVersion %s" % (name, resource.get("apiVersion"))
    # A child lives where its parent does and takes no location of its own.
    top_level = name.count("/") == 1
    if top_level and resource.get("location") != "[parameters('location')]":
        yield "%s does not take its location from the parameter" % name
    if not top_level and not resource.get("dependsOn"):
        yield "%s does not depend on its parent" % name


def lab_mistakes(resource, template):
    if resource.get("type") != "Microsoft.LabServices/labs":
        return
    machine = resource["properties"].get("virtualMachineProfile", {})
    if machine.get("createOption") not in ("TemplateVM", "Image"):
        yield "createOption is %r" % machine.get("createOption")
    for user in ("adminUser", "nonAdminUser"):
        if user not in machine:
            continue
        match = re.fullmatch(r"\[parameters\('([^']+)'\)\]", str(machine[user].get("password")))
        declared = template.get("parameters", {}).get(match.group(1), {}) if match else {}
        if declared.get("type", "").lower() != "securestring":
            yield "%s.password is not a securestring parameter" % user
        if not is_expression(machine[user].get("username")):
            yield "%s.username is a literal" % user
    sku = machine.get("sku", {})
    if not sku.get("name"):
        yield "sku has no name"
    if not is_expression(sku.get("capacity")):
        yield "sku.capacity is not a parameter"
    if "registrationCode" in resource["properties"].get("securityProfile", {}) or "state" in resource["properties"]:
        yield "a read-only property is written"


def secret_mistakes(template):
    parameters = template.get("parameters", {})
    for name, declared in parameters.items():
        secure = declared.get("type", "").lower() in SECRET_TYPES
        if secure and "defaultValue" in declared:
            yield "the secret %s has a default" % name
        if SECRET_NAME.search(name) and not secure:
            yield "%s is named like a secret and is a %s" % (name, declared.get("type"))
    secrets = [n for n, d in parameters.items() if d.get("type", "").lower() in SECRET_TYPES]
    for path, value in walk(template.get("outputs", {})):
        for name in secrets:
            if is_expression(value) and "parameters('%s')" % name in value:
                yield "the output %s shows %s" % (path[0], name)


def blank_mistakes(template):
    for path, value in walk(template):
        if value in ({}, [], "") or value is None:
            if path[-1] not in BLANK_ALLOWED and "tags" not in path[:-1]:
                yield "/".join(map(str, path)) + " is empty"


def limit_mistakes(template, path):
    for key, most in LIMITS.items():
        if len(template.get(key, {})) > most:
            yield "%d %s, at most %d" % (len(template[key]), key, most)
    with open(path, "rb") as stream:
        if len(stream.read()) > MAX_BYTES:
            yield "larger than 4 MB"
    for where, value in walk(template):
        if is_expression(value) and len(value) > MAX_EXPRESSION:
            yield "/".join(map(str, where)) + " is an expression of more than %d characters" % MAX_EXPRESSION


def check_template(report, template, path):
    parameters, resources = template.get("parameters", {}), template.get("resources", [])
    report.rule("has the exact schema", [] if template.get("$schema") == TEMPLATE_SCHEMA else [str(template.get("$schema"))])
    report.rule("has a content version", [] if template.get("contentVersion") == "1.0.0.0" else ["no 1.0.0.0"])
    report.rule("describes every parameter", (n for n, p in parameters.items() if not p.get("metadata", {}).get("description")))
    used = used_names(template, "parameters")
    report.rule("uses every parameter", (n for n in parameters if n.lower() not in used))
    report.rule("declares every parameter it uses", sorted(used - {n.lower() for n in parameters}))
    variables = template.get("variables", {})
    used = used_names(template, "variables")
    report.rule("uses every variable", (n for n in variables if n.lower() not in used))
    report.rule("declares every variable it uses", sorted(used - {n.lower() for n in variables}))
    report.rule("keeps secrets", secret_mistakes(template))
    report.rule("has resources", [] if resources else ["none"])
    report.rule("has complete resources", (m for r in resources for m in resource_mistakes(r)))
    report.rule("has sound labs", (m for r in resources for m in lab_mistakes(r, template)))
    report.rule("has outputs", [] if template.get("outputs") else ["none"])
    report.rule("writes nothing empty", blank_mistakes(template))
    report.rule("stays within the limits", limit_mistakes(template, path))
    location = parameters.get("location", {}).get("defaultValue")
    report.rule("takes the region of the resource group", [] if location == "[resourceGroup().location]" else [str(location)])


def check_parameters(report, document, template):
    declared = {name.lower(): p for name, p in template.get("parameters", {}).items()}
    values = document.get("parameters", {})
    report.rule("has the exact schema", [] if document.get("$schema") == PARAMETERS_SCHEMA else [str(document.get("$schema"))])
    report.rule("has a content version", [] if document.get("contentVersion") == "1.0.0.0" else ["no 1.0.0.0"])
    report.rule("gives only declared parameters", (n for n in values if n.lower() not in declared))
    report.rule("gives each a value", (n for n, v in values.items() if set(v) not in ({"value"}, {"reference"})))
    report.rule("gives no secret", (n for n, v in values.items() if "value" in v and
                                    declared.get(n.lower(), {}).get("type", "").lower() in SECRET_TYPES))
    types = {"string": str, "int": int, "bool": bool, "array": list, "object": dict}
    report.rule("gives the declared types", (
        n for n, v in values.items() if "value" in v and not isinstance(
            v["value"], types.get(declared.get(n.lower(), {}).get("type", "").lower(), object))))


def closing(text, start):
    """Index after the parenthesis that closes the one before start."""
    depth, quoted = 1, False
    for index in range(start, len(text)):
        char = text[index]
        if char == "'":
            quoted = not quoted
        elif not quoted:
            depth += {"(": 1, ")": -1}.get(char, 0)
            if depth == 0:
                return index + 1
    return len(text)


def plain_loops(text):
    """Bicep turns copyIndex() over a number into range(0, number)[copyIndex()]: undo that."""
    for head, tail, whole in (("length(range(0,", ")", False), ("range(0,", "[copyIndex()]", True)):
        at = text.find(head)
        while at >= 0:
            end = closing(text, at + len(head))
            if text.startswith(tail, end):
                inner = "copyIndex()" if whole else text[at + len(head):end - 1]
                text = text[:at] + inner + text[end + len(tail):]
                at = text.find(head)
            else:
                at = text.find(head, at + 1)
    return text


def plain_formats(text):
    """Bicep writes format('{0}', x) where it joins names: that is x."""
    head = "format('{0}',"
    at = text.find(head)
    while at >= 0:
        end = closing(text, at + len("format("))
        text = text[:at] + text[at + len(head):end - 1] + text[end:]
        at = text.find(head)
    return text


def normal(node, loops):
    """The document without what has no effect: comments, descriptions, blanks in expressions, names of loops."""
    if isinstance(node, dict):
        return {k: normal(v, loops) for k, v in node.items() if k not in ("comments", "metadata")}
    if isinstance(node, list):
        return [normal(v, loops) for v in node]
    if is_expression(node):
        parts = re.split(r"('(?:[^']|'')*')", node)
        return plain_formats(plain_loops("".join(p if i % 2 else re.sub(r"\s", "", p) for i, p in enumerate(parts))))
    return loops.get(node, node) if isinstance(node, str) else node


def normal_template(template):
    resources = template.get("resources", [])
    copies = [r["copy"]["name"] for r in resources if isinstance(r.get("copy"), dict)]
    loops = {name: "loop %d" % index for index, name in enumerate(copies)}
    result = {key: normal(template.get(key, {}), {}) for key in ("parameters", "variables", "outputs")}
    result["resources"] = []
    for resource in resources:
        known = {key: normal(resource.get(key), loops) for key in ("copy", "dependsOn") if key in resource}
        result["resources"].append({**normal(resource, {}), **known})
    return result


def differences(left, right, path=""):
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(set(left) | set(right)):
            if key not in left or key not in right:
                yield "%s/%s is only in one of them" % (path, key)
            else:
                yield from differences(left[key], right[key], "%s/%s" % (path, key))
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, pair in enumerate(zip(left, right)):
            yield from differences(*pair, "%s/%d" % (path, index))
    elif left != right or type(left) is not type(right):
        yield "%s: %s here, %s there" % (path, json.dumps(left), json.dumps(right))


def expressions(template):
    """Place -> what is evaluated there, and every place there is."""
    return {"/".join(map(str, path)): value if is_expression(value) else type(value).__name__
            for path, value in walk(template)}


def evaluated(text):
    """What Azure makes of a string that is no expression."""
    return text[1:] if text.startswith("[[") and text.endswith("]") else text


def other_texts(harmless, hostile, text):
    """Where the harmless spec says x, the other one says its text."""
    there = dict(walk(hostile))
    places = [path for path, value in walk(harmless) if value == "x"]
    if not places:
        yield "no text of the spec is in the template"
    for path in places:
        if not isinstance(there.get(path), str) or evaluated(there[path]) != text:
            yield "%s is %r there, and the spec says %r" % ("/".join(map(str, path)), there.get(path), text)


def main(arguments):
    if len(arguments) == 3 and arguments[0] == "--same":
        found = list(differences(*(normal_template(load(path)) for path in arguments[1:])))
        for line in found[:10]:
            print("  " + line)
        return 1 if found else 0
    if len(arguments) in (3, 4) and arguments[0] == "--inert":
        harmless, hostile = (load(path) for path in arguments[1:3])
        found = list(differences(expressions(harmless), expressions(hostile)))
        if len(arguments) == 4:
            found += other_texts(harmless, hostile, load(arguments[3])["title"])
        for line in found[:10]:
            print("  " + line)
        return 1 if found else 0
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    documents, failed = [], False
    for path in arguments:
        report = Report(path)
        try:
            documents.append(load(path))
            report.rule("is valid JSON", [])
        except (OSError, ValueError) as error:
            report.rule("is valid JSON", [str(error)])
        failed = failed or report.failed
    if len(documents) == 2:
        for check, path, extra in ((check_template, arguments[0], arguments[0]),
                                   (check_parameters, arguments[1], documents[0])):
            report = Report(path)
            check(report, documents[0] if check is check_template else documents[1], extra)
            failed = failed or report.failed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
