#!/usr/bin/env python3
"""What arm-ttk and PSRule for Azure ask of a template, as named tests.

usage: quality.py BUILD_DIR...   (--self BUILD_DIR: do the tests see what is broken?) one line a test: "ok DIR: NAME" or "FAIL DIR: NAME: why"; exit 1 on a FAIL
The names are those of arm-ttk (0ec9a41a) and PSRule.Rules.Azure; the tests are our own. Rules that do not fit a class
are not here: VM.ADE, VM.AMA, VM.DiskSizeAlignment (the size is the
spec's), VM.MaintenanceConfig, VM.Standalone, VM.UseHybridUseBenefit (a class is no production),
PublicIP.AvailabilityZone, NSG.LateralTraversal (students reach their neighbours on purpose), VNET.BastionSubnet (the
Developer SKU has none), VNET.FirewallSubnet, Template.MetadataLink.
"""
import glob
import json
import os
import re
import sys

from check import API_VERSIONS, MAX_EXPRESSION, PARAMETERS_SCHEMA, TEMPLATE_SCHEMA, blank_mistakes, is_expression, used_names, walk

HOSTS = """management.core.windows.net gallery.azure.com management.azure.com database.windows.net core.windows.net
login.microsoftonline.com graph.windows.net vault.azure.net datalake.azure.net azuredatalakestore.net
api.loganalytics.io asazure.windows.net batch.core.windows.net""".split()
SECURE = ("securestring", "secureobject")


class Build:
    def __init__(self, folder):
        self.folder = folder
        self.template = json.load(open(os.path.join(folder, "azuredeploy.json"), encoding="utf-8"))
        self.values = json.load(open(os.path.join(folder, "azuredeploy.parameters.json"), encoding="utf-8"))
        self.parameters = self.template["parameters"]
        self.variables = self.template.get("variables", {})
        self.resources = self.template["resources"]

    def of(self, kind):
        return [r for r in self.resources if r["type"] == kind]

    def expressions(self, root=None):
        return [(p, v) for p, v in walk(self.template if root is None else root) if is_expression(v)]

    def secrets(self):
        return [n for n, p in self.parameters.items() if p["type"].lower() in SECURE]

    def keyed(self, *names):
        """Values under such keys in the resources."""
        return [(p, v) for p, v in walk(self.resources) if p and isinstance(p[-1], str) and p[-1].lower() in names]


def place(path):
    return "/".join(map(str, path))


TESTS = []


def test(*names):
    def add(function):
        TESTS.extend((name, function) for name in names)
        return function
    return add


@test("arm-ttk DeploymentTemplate-Schema-Is-Correct", "PSRule Azure.Template.TemplateSchema", "PSRule Azure.Template.TemplateScheme",
      "PSRule Azure.Template.TemplateFile")
def schema(b):
    if b.template["$schema"] != TEMPLATE_SCHEMA or b.template["contentVersion"] != "1.0.0.0":
        yield b.template["$schema"]


@test("arm-ttk Parameters-Must-Be-Referenced", "PSRule Azure.Template.UseParameters")
def parameters_used(b):
    used = used_names(b.template, "parameters")
    yield from (n for n in b.parameters if n.lower() not in used)


@test("arm-ttk Variables-Must-Be-Referenced", "PSRule Azure.Template.UseVariables")
def variables_used(b):
    used = used_names(b.template, "variables")
    yield from (n for n in b.variables if n.lower() not in used)


@test("PSRule Azure.Template.DefineParameters", "PSRule Azure.Template.Resources")
def defined(b):
    if not b.parameters or not b.resources:
        yield "none"


@test("arm-ttk Secure-String-Parameters-Cannot-Have-Default", "PSRule Azure.Deployment.SecureParameter")
def secure_default(b):
    yield from (n for n in b.secrets() if "defaultValue" in b.parameters[n])


@test("arm-ttk Password-params-must-be-secure")
def secret_names(b):
    yield from (n for n in b.parameters if re.search("password|secret|accountkey|token", n, re.I) and n not in b.secrets())


@test("arm-ttk adminUsername-Should-Not-Be-A-Literal", "PSRule Azure.Deployment.AdminUsername", "arm-ttk adminPassword-Should-Not-Be-A-Literal",
      "PSRule Azure.Deployment.SecureValue")
def literal_accounts(b):
    for path, value in b.keyed("adminusername", "adminpassword", "username", "password", "securitytoken"):
        if not is_expression(value):
            yield place(path)
        if path[-1].lower() in ("adminpassword", "password", "securitytoken") and not any("'%s'" % n in value for n in b.secrets()):
            yield place(path) + " is not a secure parameter"


@test("arm-ttk CommandToExecute-Must-Use-ProtectedSettings-For-Secrets", "PSRule Azure.VM.ScriptExtensions",
      "arm-ttk ManagedIdentityExtension-must-not-be-used")
def no_extensions(b):
    yield from (r["type"] for r in b.resources if "/extensions" in r["type"])
    yield from (place(p) for p, _ in b.keyed("commandtoexecute"))


@test("arm-ttk Outputs-Must-Not-Contain-Secrets", "PSRule Azure.Deployment.OutputSecretValue")
def outputs(b):
    for path, value in b.expressions(b.template["outputs"]):
        if re.search(r"\blist\w*\(", value) or any("'%s'" % n in value for n in b.secrets()):
            yield place(path)


@test("arm-ttk Secure-Params-In-Nested-Deployments", "arm-ttk Deployment-Resources-Must-Not-Be-Debug", "PSRule Azure.Template.DebugDeployment",
      "PSRule Azure.Deployment.OuterSecret", "PSRule Azure.Deployment.Name")
def not_nested(b):
    yield from (r["type"] for r in b.resources if r["type"] == "Microsoft.Resources/deployments")


@test("arm-ttk Location-Should-Not-Be-Hardcoded", "PSRule Azure.Template.LocationDefault", "PSRule Azure.Template.LocationType",
      "PSRule Azure.Template.UseLocationParameter")
def location(b):
    declared = b.parameters["location"]
    if declared["type"] != "string" or declared["defaultValue"] != "[resourceGroup().location]" or "allowedValues" in declared:
        yield "the parameter"
    yield from (place(p) for p, v in b.expressions(b.resources) if "resourceGroup().location" in v)


@test("arm-ttk Resources-Should-Have-Location", "PSRule Azure.Template.ResourceLocation")
def resource_location(b):
    for r in b.resources:
        if (r["type"].count("/") == 1 or "location" in r) and r.get("location") != "[parameters('location')]":
            yield r["type"]


@test("arm-ttk apiVersions-Should-Be-Recent", "arm-ttk apiVersions-Should-Be-Recent-In-Reference-Functions")
def api_versions(b):
    yield from (r["type"] for r in b.resources if r["apiVersion"] != API_VERSIONS[r["type"].split("/")[0]])
    yield from (place(p) for p, v in b.expressions() if "reference(" in v)


@test("arm-ttk Template-Should-Not-Contain-Blanks")
def blanks(b):
    yield from blank_mistakes(b.template)


@test("arm-ttk DeploymentTemplate-Must-Not-Contain-Hardcoded-Uri", "arm-ttk URIs-Should-Be-Properly-Constructed")
def uris(b):
    for path, value in walk(b.template):
        if isinstance(value, str) and path != ("$schema",):
            yield from ("%s has %s" % (place(path), h) for h in HOSTS if h in value)
            if is_expression(value) and "http" in value:
                yield place(path) + " builds an address"


@test("arm-ttk IDs-Should-Be-Derived-From-ResourceIDs")
def derived_ids(b):
    for path, value in walk(b.resources):
        key = path[-1] if path else ""
        if isinstance(key, str) and key.lower().endswith("id") and key.lower() != "timezoneid" and isinstance(value, str):
            if not re.match(r"\[(resourceId|parameters|variables)\(", value):
                yield place(path)


@test("arm-ttk ResourceIds-should-not-contain", "arm-ttk Resources-Should-Not-Be-Ambiguous")
def resource_ids(b):
    for path, value in b.expressions():
        for inner in re.findall(r"resourceId\(\s*([^,]*)", value):
            if not re.fullmatch(r"'Microsoft\.[A-Za-z]+(/[A-Za-z]+)+'", inner):
                yield "%s: %s" % (place(path), inner)
        if re.search(r"resourceId\([^)]*(concat|subscription\(|resourceGroup\()", value):
            yield place(path)


@test("arm-ttk DependsOn-Best-Practices")
def depends(b):
    for r in b.resources:
        yield from (d for d in r.get("dependsOn", []) if re.search(r"\b(concat|if|reference)\(", d))


@test("arm-ttk VM-Size-Should-Be-A-Parameter", "PSRule Azure.VM.BasicSku")
def vm_size(b):
    for path, value in b.keyed("vmsize") + [(p, v) for p, v in b.keyed("size") if "Lab" in str(b.resources[p[0]]["type"]) and len(p) == 3]:
        name = re.fullmatch(r"\[parameters\('(\w+)'\)\]", value)
        if not name or b.parameters[name.group(1)]["defaultValue"].startswith("Basic_"):
            yield place(path)


@test("arm-ttk VM-Images-Should-Use-Latest-Version", "arm-ttk Virtual-Machines-Should-Not-Be-Preview")
def images(b):
    for path, value in walk(b.variables):
        if path and path[-1] == "image" and (value.get("version") != "latest" or "preview" in json.dumps(value)):
            yield place(path)


@test("arm-ttk Min-And-Max-Value-Are-Numbers", "PSRule Azure.Template.ParameterMinMaxValue", "PSRule Azure.Template.ParameterDataTypes",
      "arm-ttk Parameter-Types-Should-Be-Consistent")
def parameter_types(b):
    types = {"string": str, "int": int, "array": list, "object": dict, "bool": bool}
    for name, p in b.parameters.items():
        yield from ("%s.%s" % (name, k) for k in ("minValue", "maxValue", "minLength", "maxLength") if k in p and type(p[k]) is not int)
        default = p.get("defaultValue")
        if default is not None and not is_expression(default) and not isinstance(default, types[p["type"]]):
            yield name


@test("arm-ttk Dynamic-Variable-References-Should-Not-Use-Concat", "arm-ttk providers_apiVersions-Is-Not-Permitted")
def dynamic(b):
    yield from (place(p) for p, v in b.expressions() if re.search(r"variables\((?!')|parameters\((?!')|\bproviders\(", v))


@test("PSRule Azure.Template.ParameterMetadata")
def metadata(b):
    yield from (n for n, p in b.parameters.items() if not p.get("metadata", {}).get("description"))


@test("PSRule Azure.Template.UseComments")
def comments(b):
    yield from (r["type"] for r in b.resources if not r.get("comments"))


@test("PSRule Azure.Template.ExpressionLength")
def expression_length(b):
    yield from (place(p) for p, v in b.expressions() if len(v) > MAX_EXPRESSION)


@test("arm-ttk DeploymentParameters-Should-Have-Schema", "arm-ttk DeploymentParameters-Should-Have-ContentVersion",
      "PSRule Azure.Template.ParameterFile", "PSRule Azure.Template.ParameterScheme")
def parameter_file(b):
    if b.values["$schema"] != PARAMETERS_SCHEMA or b.values["contentVersion"] != "1.0.0.0":
        yield b.values["$schema"]


@test("arm-ttk DeploymentParameters-Should-Have-Parameters", "arm-ttk DeploymentParameters-Should-Have-Value",
      "PSRule Azure.Template.ParameterValue", "PSRule Azure.Template.ValidSecretRef")
def parameter_values(b):
    yield from (n for n, v in b.values["parameters"].items() if set(v) != {"value"} or n in b.secrets() or n not in b.parameters)
    # whatever has no default is asked for by deploy, or stands there
    asked = json.load(open(os.path.join(b.folder, "deploy.json"), encoding="utf-8"))["secrets"]
    needed = {n for n, p in b.parameters.items() if "defaultValue" not in p}
    yield from sorted((needed - set(b.values["parameters"])) ^ set(asked))


@test("PSRule Azure.VM.Agent", "PSRule Azure.VM.Updates", "PSRule Azure.VM.UseManagedDisks")
def machines(b):
    for vm in b.of("Microsoft.Compute/virtualMachines"):
        p = vm["properties"]
        windows = p.get("osProfile", {}).get("windowsConfiguration", {"provisionVMAgent": True, "enableAutomaticUpdates": True})
        if not windows["provisionVMAgent"] or not windows["enableAutomaticUpdates"]:
            yield "the agent or updates"
        disks = [p["storageProfile"]["osDisk"]] + p["storageProfile"].get("dataDisks", [])
        yield from (d.get("name", "a disk") for d in disks if "managedDisk" not in d or d.get("deleteOption") != "Delete")


@test("PSRule Azure.VM.AcceleratedNetworking", "PSRule Azure.VM.NICName", "PSRule Azure.VM.DiskName", "PSRule Azure.VM.Name", "PSRule Azure.VM.ComputerName")
def names(b):
    for nic in b.of("Microsoft.Network/networkInterfaces"):
        if nic["properties"]["enableAcceleratedNetworking"] is not True:
            yield "accelerated networking"
    for name, host in b.variables.items():
        for machine in host.get("machines", []) if isinstance(host, dict) and name.startswith("host") else []:
            if not re.fullmatch(r"[A-Za-z]([A-Za-z0-9-]{0,13}[A-Za-z0-9])?", machine):
                yield machine


@test("PSRule Azure.NSG.AnyInboundSource", "PSRule Azure.NSG.DenyAllInbound")
def inbound(b):
    for group in b.of("Microsoft.Network/networkSecurityGroups"):
        for rule in group["properties"].get("securityRules", []):
            p = rule["properties"]
            source = p.get("sourceAddressPrefix", p.get("sourceAddressPrefixes"))
            if p["access"] != "Allow" or source in ("*", "Internet", "0.0.0.0/0", None) or p["destinationPortRange"] == "*":
                yield rule["name"]
        numbers = [r["properties"]["priority"] for r in group["properties"].get("securityRules", [])]
        if len(set(numbers)) != len(numbers):
            yield "a priority stands twice"


@test("PSRule Azure.NSG.Associated", "PSRule Azure.VNET.UseNSGs", "PSRule Azure.NSG.Name", "PSRule Azure.VNET.Name", "PSRule Azure.VNET.SubnetName")
def network(b):
    for net in b.of("Microsoft.Network/virtualNetworks"):
        for subnet in net["properties"]["subnets"]:
            p = subnet["properties"]
            if "networkSecurityGroup" not in p or p["defaultOutboundAccess"] is not False:
                yield subnet["name"]
            # one way out, and only one: a NAT gateway, or an address of each machine
            own = any("publicIPAddress" in c["properties"] for n in b.of("Microsoft.Network/networkInterfaces")
                      for c in n["properties"]["ipConfigurations"])
            if own == ("natGateway" in p):
                yield "no way out, or two"


@test("PSRule Azure.PublicIP.StandardSKU", "PSRule Azure.PublicIP.MigrateStandard", "PSRule Azure.PublicIP.Name", "PSRule Azure.PublicIP.DNSLabel",
      "PSRule Azure.Bastion.Name")
def addresses(b):
    for ip in b.of("Microsoft.Network/publicIPAddresses"):
        if ip["sku"]["name"] != "Standard" or ip["properties"] != {"publicIPAllocationMethod": "Static"}:
            yield ip["name"]
    for bastion in b.of("Microsoft.Network/bastionHosts"):
        if bastion["sku"]["name"] != "Developer":
            yield bastion["name"]


@test("PSRule Azure.Resource.UseTags")
def tags(b):
    for r in b.resources:
        if r["type"].count("/") == 1 or "tags" in r:
            found = b.variables.get("tags") if r.get("tags") == "[variables('tags')]" else r.get("tags")
            if not found or not found.get("labc"):
                yield r["type"]


SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "templates", "azure")
OTHERS = {
    "account": ("account.ps1", ["studentUsername", "studentPassword"]),
    "password": ("keep-password.ps1", ["guestPassword"]),
    "restart": ("restart.ps1", []),
}


@test("labc: the guests' password goes where a guest asks for one, protected, and nowhere else")
def guest_password(b):
    asking = [p for p in glob.glob(os.path.join(b.folder, "*", "setup.ps1")) if "# --- part password ---" in open(p, encoding="ascii").read()]
    if bool(asking) != ("guestPassword" in b.parameters):
        yield "the parameter"
    if "guestPassword" in b.parameters and b.parameters["guestPassword"]["type"] != "securestring":
        yield "the parameter's type"
    for r in b.of("Microsoft.Compute/virtualMachines/runCommands"):
        if "labc-setup" in r["name"] and asking and len(asking) == len(glob.glob(os.path.join(b.folder, "*", "setup.ps1"))):
            if not any(d.startswith("passwords") for d in r["dependsOn"]):
                yield r["name"] + " does not wait for it"
    for line in json.dumps(b.template, indent=1).splitlines():
        if "guestPassword'" in line and "[base64(parameters('guestPassword'))]" not in line:
            yield line.strip()


def host_of(b, r):
    """The folder of the host whose machines the resource is for."""
    first = b.variables[re.search(r"variables\('(host\d+)'\)", r["name"]).group(1)]["machines"][0]
    return first if os.path.isdir(os.path.join(b.folder, first)) else first.rsplit("-", 1)[0]


@test("labc: the embedded script is the file, byte for byte")
def scripts(b):
    folders = {os.path.basename(os.path.dirname(p)): open(p, "rb").read() for p in glob.glob(os.path.join(b.folder, "*", "setup.ps1"))}
    for r in b.of("Microsoft.Compute/virtualMachines/runCommands"):
        if "labc-scripts" in r["name"]:
            # the frame of the file, with the host's own scripts as here-strings
            texts = [os.path.join(b.folder, host_of(b, r), n) for n in ("start-lab.ps1", "reset.ps1")]
            inside = "".join("$file['%s'] = @'\n%s'@\n" % (os.path.basename(t), open(t, "rb").read().decode("ascii")) for t in texts)
            frame = open(os.path.join(SCRIPTS, "put-scripts.ps1"), encoding="ascii").read()
            if r["properties"]["source"]["script"] != frame.replace("# --- end of the files", inside + "# --- end of the files"):
                yield r["name"]
            continue
        other = re.search("labc-(account|password|restart)", r["name"])
        if other:
            file, secret = OTHERS[other.group(1)]
            if r["properties"]["source"]["script"].encode("ascii") != open(os.path.join(SCRIPTS, file), "rb").read():
                yield r["name"]
            if [p["value"] for p in r["properties"].get("protectedParameters", [])] != ["[base64(parameters('%s'))]" % n for n in secret]:
                yield r["name"] + ": protected parameters"
            continue
        name = host_of(b, r)
        # what Azure makes of the literal: one bracket less, if it looked like an expression
        text = r["properties"]["source"]["script"]
        if is_expression(text) or text.startswith("[[") or text.encode("ascii") != folders.pop(name):
            yield name
    if b.of("Microsoft.Compute/virtualMachines") and folders:
        yield "not embedded: " + ", ".join(folders)
    for path in glob.glob(os.path.join(b.folder, "Artifacts", "*", "setup.ps1")):
        folder = os.path.basename(os.path.dirname(path))
        if open(path, "rb").read() not in folders.values() or not any(folder.endswith("-" + n) for n in folders):
            yield path


def artifacts(b):
    for path in glob.glob(os.path.join(b.folder, "Artifacts", "*", "artifactfile.json")):
        yield json.load(open(path, encoding="utf-8")), path


@test("labc: artifacts are what DevTest Labs takes")
def artifact_files(b):
    for a, path in artifacts(b):
        if not all(a.get(k) for k in ("title", "description")) or a.get("targetOsType") != "Windows":
            yield path
        command = a["runCommand"]["commandToExecute"]
        if set(a) & {"runAzureVMExtension"} or "-File setup.ps1" not in command:
            yield path
        # no secret but one that the artifact declares as such
        used = set(re.findall(r"parameters\('(\w+)'\)", command))
        if used != set(a.get("parameters", {})) or any(p["type"] != "securestring" for n, p in a.get("parameters", {}).items() if "assword" in n):
            yield path + ": parameters"
    expected = {n["artifact"] for k, n in b.variables.items() if isinstance(n, dict) and "artifact" in n}
    found = {os.path.basename(os.path.dirname(p)) for _, p in artifacts(b)}
    yield from sorted(expected - found)


# What is broken in a sound template of azure-vm, and a test that must see it.
def vm(b):
    return b.of("Microsoft.Compute/virtualMachines")[0]["properties"]


MUTATIONS = [
    ("Parameters-Must-Be-Referenced", lambda b: b.parameters.update(x={"type": "string"})),
    ("Variables-Must-Be-Referenced", lambda b: b.variables.update(x="y")),
    ("Secure-String-Parameters-Cannot-Have-Default", lambda b: b.parameters["adminPassword"].update(defaultValue="x")),
    ("Password-params-must-be-secure", lambda b: b.parameters["adminPassword"].update(type="string")),
    ("adminUsername-Should-Not-Be-A-Literal", lambda b: vm(b)["osProfile"].update(adminUsername="labadmin")),
    ("adminPassword-Should-Not-Be-A-Literal", lambda b: vm(b)["osProfile"].update(adminPassword="[parameters('vmSize')]")),
    ("Outputs-Must-Not-Contain-Secrets", lambda b: b.template["outputs"].update(x={"type": "string", "value": "[parameters('adminPassword')]"})),
    ("Location-Should-Not-Be-Hardcoded", lambda b: b.parameters["location"].update(defaultValue="westeurope")),
    ("Resources-Should-Have-Location", lambda b: b.resources[0].pop("location")),
    ("apiVersions-Should-Be-Recent", lambda b: b.resources[0].update(apiVersion="2020-01-01")),
    ("Template-Should-Not-Contain-Blanks", lambda b: b.resources[0].update(zones=[])),
    ("Hardcoded-Uri", lambda b: b.resources[0].update(comments="https://management.azure.com/")),
    ("IDs-Should-Be-Derived", lambda b: vm(b)["networkProfile"]["networkInterfaces"][0].update(id="/subscriptions/x")),
    ("Resources-Should-Not-Be-Ambiguous", lambda b: vm(b)["networkProfile"]["networkInterfaces"][0].update(id="[resourceId('x')]")),
    ("DependsOn-Best-Practices", lambda b: b.resources[-1].update(dependsOn=["[if(true(), 'a', 'b')]"])),
    ("VM-Size-Should-Be-A-Parameter", lambda b: vm(b)["hardwareProfile"].update(vmSize="Standard_D8s_v5")),
    ("VM-Images-Should-Use-Latest-Version", lambda b: b.variables["host1"]["image"].update(version="1.2.3")),
    ("Min-And-Max-Value-Are-Numbers", lambda b: b.parameters["seats"].update(minValue="1")),
    ("Dynamic-Variable-References", lambda b: b.resources[0].update(name="[variables(concat('a', 'b'))]")),
    ("Template.ParameterMetadata", lambda b: b.parameters["seats"].pop("metadata")),
    ("Template.UseComments", lambda b: b.resources[0].pop("comments")),
    ("Template.ExpressionLength", lambda b: b.resources[0].update(name="[" + "a" * 25000 + "]")),
    ("DeploymentParameters-Should-Have-Value", lambda b: b.values["parameters"].update(adminPassword={"value": "x"})),
    ("VM.Agent", lambda b: vm(b)["osProfile"]["windowsConfiguration"].update(provisionVMAgent=False)),
    ("VM.UseManagedDisks", lambda b: vm(b)["storageProfile"]["osDisk"].pop("managedDisk")),
    ("VM.ComputerName", lambda b: b.variables["host1"]["machines"].append("a-name-of-16-char")),
    ("VM.AcceleratedNetworking", lambda b: b.of("Microsoft.Network/networkInterfaces")[0]["properties"].update(enableAcceleratedNetworking=False)),
    ("NSG.AnyInboundSource", lambda b: b.resources[0]["properties"]["securityRules"][0]["properties"].update(sourceAddressPrefix="*")),
    ("VNET.UseNSGs", lambda b: b.of("Microsoft.Network/virtualNetworks")[0]["properties"]["subnets"][0]["properties"].pop("networkSecurityGroup")),
    ("NSG.Associated", lambda b: b.of("Microsoft.Network/virtualNetworks")[0]["properties"]["subnets"][0]["properties"].pop("natGateway")),
    ("PublicIP.StandardSKU", lambda b: b.of("Microsoft.Network/publicIPAddresses")[0]["sku"].update(name="Basic")),
    ("Bastion.Name", lambda b: b.of("Microsoft.Network/bastionHosts")[0]["sku"].update(name="Basic")),
    ("Resource.UseTags", lambda b: b.resources[0].pop("tags")),
    ("byte for byte", lambda b: [r["properties"]["source"].update(script="# x") for r in b.resources if "labc-setup" in str(r["name"])]),
    ("nowhere else", lambda b: vm(b).update(userData="[parameters('guestPassword')]")),
    ("nowhere else", lambda b: b.parameters.pop("guestPassword")),
    ("byte for byte", lambda b: [r["properties"]["source"].update(script="# x") for r in b.resources if "labc-password" in str(r["name"])]),
    ("Secure-Params-In-Nested-Deployments", lambda b: b.resources.append({"type": "Microsoft.Resources/deployments"})),
    ("CommandToExecute-Must-Use", lambda b: vm(b).update(commandToExecute="x")),
]


def self_test(folder):
    """Each mutation must be seen by the test that is named."""
    failed = False
    for name, change in MUTATIONS:
        build = Build(folder)
        change(build)
        seen = False
        for full, function in TESTS:
            if name in full:
                seen = seen or bool(list(function(build)))
        print("%s self-test: %s" % ("ok" if seen else "FAIL", name))
        failed = failed or not seen
    return 1 if failed else 0


def main(folders):
    failed = False
    if folders and folders[0] == "--self":
        return self_test(folders[1])
    for folder in folders:
        build = Build(folder)
        for name, function in TESTS:
            mistakes = list(function(build))
            if mistakes:
                failed = True
                print("FAIL %s: %s: %s" % (folder, name, "; ".join(map(str, mistakes[:5]))))
            else:
                print("ok %s: %s" % (folder, name))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
