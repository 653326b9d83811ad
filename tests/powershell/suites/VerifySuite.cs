using System.Collections;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using System.Xml.Schema;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>One finding of verify.ps1, as its JSON document has it.</summary>
public sealed record Finding(string Kind, string Name, string State, string Property, string Detail, string Place, string[] Compared);

/// <summary>verify.ps1: reads only, says exactly what differs and where it is described, and tells why a mapping does not work.</summary>
public static partial class VerifySuite
{
    private const string Document = @"C:\verify.json", Cases = @"C:\verify.xml";

    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        if (script.Sibling("verify.ps1") is not { } verify)
        {
            log.Test(script.Name + ": verify.ps1", () => ["is missing"]);
            return;
        }
        string name = script.Name.Replace("setup.ps1", "verify.ps1", StringComparison.Ordinal);
        log.Test(name + ": after setup all is right, and nothing is changed", () => Ready(engine, script));
        log.Test(name + ": a blank machine", () => Blank(engine, script, verify));
        log.Test(name + ": why a mapping does not work", () => Mappings(engine, script));
        log.Test(name + ": -From another machine", () => From(engine, script, verify));
        log.Test(name + ": JUnit and JSON", () => Documents(engine, script, verify));
        log.Test(name + ": what cannot be looked at", () => Errors(engine, script, verify));
    }

    [GeneratedRegex(@"^[^ ]+\.yaml(:(?<line>\d+))? \((?<path>(guests|hosts?)(\.[^ ()]+)*)\)$")]
    private static partial Regex Place();

    /// <summary>Runs verify.ps1 beside a script: exit code and findings.</summary>
    public static (int Code, List<Finding> Findings, RunResult Result) Look(PowerShellEngine engine, ScriptFile script, Machine machine, params (string, object)[] more)
    {
        machine.Answers ??= (address, port) => Serves(script, machine, address, port);
        RunResult result = engine.Run(script.Sibling("verify.ps1")!, machine, [("Json", Document), .. more]);
        // the documents it was asked for are no changes of the machine
        if (machine.Journal.Prompts.Count == 0 && machine.Journal.Entries.All(e => e is "Set-Content " + Document or "Set-Content " + Cases)) machine.Journal.Clear();
        string? text = machine.Files.File(Document) is { } file ? string.Join('\n', file.Lines) : null;
        if (text == null) return (result.ExitCode, [], result);
        machine.Files.Remove(Document);
        using JsonDocument document = JsonDocument.Parse(text);
        List<Finding> findings = [.. document.RootElement.GetProperty("findings").EnumerateArray().Select(f => new Finding(Text(f, "kind"), Text(f, "name"), Text(f, "state"),
            Text(f, "property"), Text(f, "detail"), Text(f, "place"), [.. f.GetProperty("compared").EnumerateArray().Select(c => c.GetString()!)]))];
        return (result.ExitCode, findings, result);

        static string Text(JsonElement finding, string name) => finding.GetProperty(name).GetString() ?? "";
    }

    /// <summary>A guest answers at its own address while it runs and has a system; one that was set up with all it is to serve.</summary>
    public static bool Serves(ScriptFile script, Machine machine, string address, int port) =>
        script.Lab.Mappings.Any(m => (string?)m["InternalAddress"] == address && Convert.ToInt32(m["InternalPort"]) == port
            && machine.HyperV.Find((string)m["Guest"]!)?.State == VMState.Running)
        || script.Lab.Guests.Any(g => (string?)g["Address"] == address && (string)g["Configure"]! != "manual" && machine.HyperV.Find((string)g["Name"]!)?.State == VMState.Running);

    /// <summary>What somebody changed is reported, nothing else is, and the line is that of the description.</summary>
    public static IEnumerable<string> Reports(PowerShellEngine engine, ScriptFile script, Machine machine, string[] kinds, HashSet<string> seen)
    {
        if (script.Sibling("verify.ps1") == null) yield break;
        var (code, findings, result) = Look(engine, script, machine);
        if (code != 4) yield return "verify: " + result.Describe();
        if (machine.Journal.Entries.Count > 0) yield return "verify calls " + machine.Journal.Entries[0];
        // a guest that is cut off does not answer either
        List<Finding> wrong = [.. findings.Where(f => f.State is "Differs" or "Missing" or "Failed" && f.Kind != "alive")];
        foreach (Finding one in wrong)
        {
            seen.Add(one.Kind + '/' + one.Property);
            if (!kinds.Contains(one.Kind)) yield return $"verify reports {one.Kind} {one.Name} too: {one.Detail}";
            foreach (string reason in PlaceOf(script, one)) yield return reason;
        }
        string[] main = [.. kinds.Where(k => k != "start")];
        if (wrong.Count == 0) yield return "verify sees nothing";
        else if (main.Length == 1 && wrong.Where(w => w.Kind != "start").DistinctBy(w => w.Kind + ' ' + w.Name).Count() > 1) yield return "verify reports more than one thing: " + string.Join(" | ", wrong.Select(w => w.Kind + ' ' + w.Detail));
        foreach (Finding one in wrong.Where(w => !result.Text.Exists(t => t.Contains(w.Place, StringComparison.Ordinal)))) yield return "does not print " + one.Place;
    }

    /// <summary>The line behind a finding is the one that the table gives for its property, or for its row.</summary>
    public static IEnumerable<string> PlaceOf(ScriptFile script, Finding finding)
    {
        Match place = Place().Match(finding.Place);
        if (!place.Success)
        {
            yield return "a place without form: " + finding.Place;
            yield break;
        }
        string path = place.Groups["path"].Value;
        string[]? words = LinesSuite.Places(script).Select(a => a.Split(' ')).Where(w => path == w[0] || path.StartsWith(w[0] + '.', StringComparison.Ordinal)).MaxBy(w => w[0].Length);
        if (words == null)
        {
            yield return path + " is no row of the table";
            yield break;
        }
        // two rows may have one path: an adapter nobody wrote about stands at its guest
        string key = path.Length > words[0].Length ? path[(words[0].Length + 1)..] : "";
        HashSet<string> lines = [.. LinesSuite.Places(script).Select(a => a.Split(' ')).Where(w => w[0] == words[0])
            .Select(w => w.FirstOrDefault(x => x.StartsWith(key + "=", StringComparison.Ordinal))?.Split('=')[1] ?? w[1]).Select(l => l.Split('@')[0])];
        string line = place.Groups["line"].Success ? place.Groups["line"].Value : "0";
        if (!lines.Contains(line)) yield return $"{finding.Place}: the table says line {string.Join(" or ", lines)}";
        if (PropertyKey().IsMatch(finding.Property) && finding.Property != "answer" && key.Length == 0 && finding.Kind is not ("folder" or "rights" or "member" or "shortcut" or "feature" or "service"))
            yield return $"{finding.Kind} {finding.Property}: the place {finding.Place} does not name the property";
    }

    [GeneratedRegex("^[a-z_.]+$")]
    private static partial Regex PropertyKey();

    /// <summary>verify says that nothing differs.</summary>
    public static IEnumerable<string> IsRight(PowerShellEngine engine, ScriptFile script, Machine machine)
    {
        if (script.Sibling("verify.ps1") == null) yield break;
        var (code, findings, result) = Look(engine, script, machine);
        if (code != 0) yield return "verify afterwards: " + result.Describe() + string.Join(" | ", findings.Where(f => f.State is "Differs" or "Missing" or "Failed").Select(f => f.Kind + ' ' + f.Name + ' ' + f.Detail));
    }

    /// <summary>Every property that verify compares was changed by hand in some test.</summary>
    public static IEnumerable<string> Untouched(PowerShellEngine engine, ScriptFile script, Machine machine, HashSet<string> seen)
    {
        if (script.Sibling("verify.ps1") == null) yield break;
        var (_, findings, _) = Look(engine, script, machine);
        foreach (Finding one in findings.Where(f => f.State is "Right" or "Noted").DistinctBy(f => f.Kind + '/' + string.Join('/', f.Compared)))
        {
            foreach (string property in one.Compared.Where(p => one.Kind != "alive" && !seen.Contains(one.Kind + '/' + p))) yield return $"no test changes {one.Kind} {property}";
            // a feature comes back with a restart only, without its drive all is gone, and the copy of an image is not compared
            if (one.Compared.Length == 0 && one.Kind is not ("feature" or "volume" or "port" or "image" or "start" or "seed" or "seeddrive" or "unseed" or "alive") && !seen.Contains(one.Kind + "/")) yield return "no test takes away a " + one.Kind;
        }
    }

    private static IEnumerable<string> Ready(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        string before = Portrait.Of(machine);
        machine.LogWritten = false;
        foreach (string reason in IsRight(engine, script, machine)) yield return reason;
        if (machine.Journal.Entries.Count > 0 || machine.LogWritten) yield return "changes something: " + string.Join(", ", machine.Journal.Entries);
        foreach (string prompt in machine.Journal.Prompts) yield return "asks " + prompt;
        if (Portrait.Of(machine) != before) yield return "the machine is not what it was";
    }

    private static IEnumerable<string> Blank(PowerShellEngine engine, ScriptFile script, string verify)
    {
        Machine machine = Bench.Blank(script);
        RunResult result = engine.Run(verify, machine);
        if (result.ExitCode != 4 || result.Errors.Count > 0) yield return result.Describe() + result.LastLine;
        foreach (var guest in script.Lab.Guests.Where(g => !result.Text.Exists(t => t.StartsWith($"Missing   guest {g["Name"]} ", StringComparison.Ordinal)))) yield return $"does not miss {guest["Name"]}";
        if (!result.LastLine.StartsWith("Next: run setup.cmd", StringComparison.Ordinal)) yield return "the last line is: " + result.LastLine;
        if (machine.Journal.Entries.Count > 0 || machine.LogWritten) yield return "changes something";
    }

    /// <summary>A mapping that is missing, a guest that is off, one without a system, a closed port: four different answers.</summary>
    private static IEnumerable<string> Mappings(PowerShellEngine engine, ScriptFile script)
    {
        Hashtable? mapping = script.Lab.Mappings.Find(m => (string)m["Protocol"]! == "TCP" && m["InternalAddress"] != null);
        if (mapping == null) yield break;
        string name = "TCP " + mapping["ExternalPort"], guest = (string)mapping["Guest"]!;
        Machine machine = Bench.Ready(engine, script);
        if (machine.HyperV.Find(guest)!.State != VMState.Running) yield break;

        machine.Answers = (_, _) => false;
        var (code, findings, _) = Look(engine, script, machine);
        Finding? port = findings.Find(f => f.Kind == "port" && f.Name == name);
        if (code != 4 || port is not { State: "Differs" } || !port.Detail.Contains("runs, but nothing answers", StringComparison.Ordinal)) yield return "a closed port: " + port;

        machine = Bench.Ready(engine, script);
        machine.HyperV.Find(guest)!.State = VMState.Off;
        (code, findings, _) = Look(engine, script, machine);
        port = findings.Find(f => f.Kind == "port" && f.Name == name);
        if (code != 4 || port?.Detail != $"not tried: the guest {guest} is off") yield return "a guest that is off: " + port;

        machine = Bench.Ready(engine, script);
        machine.Network.Mappings.RemoveAll(m => m.ExternalPort == Convert.ToInt32(mapping["ExternalPort"]) && m.Protocol == "TCP");
        (code, findings, _) = Look(engine, script, machine);
        if (code != 4 || !findings.Exists(f => f.Kind == "mapping" && f.Name == name && f.State == "Missing")) yield return "a missing mapping is not seen";
        if (findings.Exists(f => f.Kind == "port" && f.Name == name)) yield return "a missing mapping is tried";

        machine = Bench.Blank(script, images: false);
        Bench.Complete(engine, script, machine);
        (_, findings, _) = Look(engine, script, machine);
        port = findings.Find(f => f.Kind == "port" && f.Name == name);
        if (machine.HyperV.Find(guest)!.State != VMState.Running && port?.Detail != $"not tried: the guest {guest} has no operating system") yield return "a guest without a system: " + port;
    }

    private static IEnumerable<string> From(PowerShellEngine engine, ScriptFile script, string verify)
    {
        List<int> ports = [.. script.Lab.Mappings.Where(m => (string)m["Protocol"]! == "TCP").Select(m => Convert.ToInt32(m["ExternalPort"]))];
        // the other machine has no Hyper-V, and its user no rights
        var other = new Machine(script.Lab.IsServer) { Elevated = false };
        List<string> tried = [];
        other.Answers = (address, port) =>
        {
            tried.Add($"{address}:{port}");
            return true;
        };
        RunResult result = engine.Run(verify, other, ("From", "10.0.0.8"));
        if (result.ExitCode != 0 || result.Errors.Count > 0) yield return result.Describe();
        foreach (int port in ports.Where(p => !tried.Contains("10.0.0.8:" + p))) yield return $"does not try port {port}";
        if (tried.Count != ports.Count) yield return "tries " + string.Join(", ", tried);
        if (ports.Count == 0) yield break;
        other.Answers = (_, port) => port != ports[0];
        result = engine.Run(verify, other, ("From", "10.0.0.8"));
        if (result.ExitCode != 4 || !result.Text.Exists(t => t.StartsWith($"Differs   port TCP {ports[0]} ", StringComparison.Ordinal) && t.Contains("10.0.0.8:" + ports[0], StringComparison.Ordinal))) yield return "a port that does not answer: " + result.Describe();
        if (other.Journal.Entries.Count > 0) yield return "changes something";
    }

    private static IEnumerable<string> Documents(PowerShellEngine engine, ScriptFile script, string verify)
    {
        var schema = new XmlSchemaSet();
        schema.Add(null, Path.Combine(Root(), "docs", "formats", "junit.xsd"));
        foreach (bool ready in (bool[])[true, false])
        {
            Machine machine = ready ? Bench.Ready(engine, script) : Bench.Blank(script);
            var (code, findings, result) = Look(engine, script, machine, ("JUnit", Cases));
            if (code != result.ExitCode || findings.Count == 0) yield return "no findings in the JSON document: " + result.Describe();
            string text = string.Join('\n', machine.Files.File(Cases)?.Lines ?? []);
            List<string> wrong = [];
            XDocument document = XDocument.Parse(text);
            document.Validate(schema, (_, e) => wrong.Add(e.Message));
            foreach (string reason in wrong.Take(3)) yield return "JUnit: " + reason;
            XElement suite = document.Root!.Element("testsuite")!;
            int failures = findings.Count(f => f.State is "Differs" or "Missing" or "Failed");
            if ((int)suite.Attribute("tests")! != findings.Count || (int)suite.Attribute("failures")! != failures) yield return "JUnit and JSON count differently";
            if (suite.Elements("testcase").Count() != findings.Count || suite.Descendants("failure").Count() != failures) yield return "JUnit does not count right";
        }
        Machine nowhere = Bench.Ready(engine, script);
        RunResult unwritable = engine.Run(verify, nowhere, ("Json", @"C:\not there\verify.json"));
        if (unwritable.ExitCode != 1) yield return "a document that cannot be written: " + unwritable.Describe();
    }

    private static string Root()
    {
        string at = Directory.GetCurrentDirectory();
        while (!File.Exists(Path.Combine(at, "docs", "formats", "junit.xsd"))) at = Path.GetDirectoryName(at) ?? throw new FileNotFoundException("docs/formats/junit.xsd");
        return at;
    }

    private static IEnumerable<string> Errors(PowerShellEngine engine, ScriptFile script, string verify)
    {
        Machine machine = Bench.Ready(engine, script);
        machine.Elevated = false;
        RunResult result = engine.Run(verify, machine);
        if (result.ExitCode != 1) yield return "without rights: " + result.Describe();
        // two guests of one name: nobody can say which one is meant
        machine = Bench.Ready(engine, script);
        VirtualMachine vm = machine.HyperV.Machines[0];
        machine.HyperV.NewMachine(vm.Name, vm.Generation, 1L << 30, script.Lab.Data + @"\machines").Notes = vm.Notes;
        result = engine.Run(verify, machine);
        if (result.ExitCode != 1 || result.Reported("Failed").Count == 0) yield return "two guests of one name: " + result.Describe();
    }
}
