using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// What Azure runs on a new machine: the run commands of azuredeploy.json, taken out of the JSON, under a file name that is Azure's, in the
/// order of their dependsOn, as SYSTEM; then the restart and the start-up task. Nobody is there at any time.
/// </summary>
public sealed partial class RunCommandSuite : IDisposable
{
    private const string Canary = "Kanarienvogel\"7391 $(x)`y`\u00e4";

    private readonly PowerShellEngine engine;
    private readonly ScriptFile setup;
    private readonly string folder = Directory.CreateTempSubdirectory("labc-run-command-").FullName;
    private readonly List<(string Name, string Path, List<(string, object)> Arguments)> commands = [];

    private RunCommandSuite(PowerShellEngine engine, string template, IEnumerable<ScriptFile> setups)
    {
        this.engine = engine;
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(template));
        string lab = document.RootElement.GetProperty("variables").GetProperty("networkName").GetString()!;
        List<(string Copy, string[] After, string Name, JsonElement Properties)> all = [];
        foreach (JsonElement resource in document.RootElement.GetProperty("resources").EnumerateArray())
        {
            if (resource.GetProperty("type").GetString() != "Microsoft.Compute/virtualMachines/runCommands" || !resource.GetProperty("name").GetString()!.Contains("'host1'", StringComparison.Ordinal)) continue;
            all.Add((resource.GetProperty("copy").GetProperty("name").GetString()!, [.. resource.GetProperty("dependsOn").EnumerateArray().Select(d => d.GetString()!)],
                Label().Match(resource.GetProperty("name").GetString()!).Groups[1].Value, resource.GetProperty("properties")));
        }
        string student = "";
        foreach (ScriptFile script in setups.Where(s => s.IsSound && s.Path.StartsWith(Path.GetDirectoryName(template)!, StringComparison.Ordinal)).Take(1)) setup = script;
        if (setup == null) throw new InvalidOperationException("no script of " + template);
        student = setup.Lab.StudentUser;
        var values = new Dictionary<string, string>
        {
            ["[variables('networkName')]"] = lab, ["[format('labc-{0}', variables('networkName'))]"] = "labc-" + lab,
            ["[base64(parameters('studentUsername'))]"] = Base64(student), ["[base64(parameters('studentPassword'))]"] = Base64("Start-1234567"), ["[base64(parameters('guestPassword'))]"] = Base64(Canary),
        };
        while (all.Count > 0)
        {
            var next = all.First(c => !c.After.Any(a => all.Exists(o => o.Copy == a)));
            all.Remove(next);
            string path = Path.Combine(folder, $"script{commands.Count}.ps1");
            File.WriteAllText(path, next.Properties.GetProperty("source").GetProperty("script").GetString());
            List<(string, object)> arguments = [];
            foreach (string kind in new[] { "parameters", "protectedParameters" })
            {
                if (!next.Properties.TryGetProperty(kind, out JsonElement list)) continue;
                arguments.AddRange(list.EnumerateArray().Select(p => (p.GetProperty("name").GetString()!, (object)values[p.GetProperty("value").GetString()!])));
            }
            commands.Add((next.Name, path, arguments));
        }
    }

    [GeneratedRegex(@"/labc-([a-z]+)'")]
    private static partial Regex Label();

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public static void Run(TestLog log, PowerShellEngine engine, IEnumerable<string> builds, List<ScriptFile> setups)
    {
        string? template = builds.Select(b => Path.Combine(b, "azuredeploy.json")).FirstOrDefault(f => File.Exists(f) && File.ReadAllText(f).Contains("/labc-scripts'", StringComparison.Ordinal));
        if (template == null) return;
        using var suite = new RunCommandSuite(engine, template, setups);
        log.Test("run commands: in their order, the restart, the task: the lab is there", suite.Whole);
        log.Test("run commands: what puts the scripts onto the machine does it once, and says nothing with -WhatIf", suite.Puts);
    }

    private Machine Blank()
    {
        Machine machine = Bench.Blank(setup);
        machine.Account = "SYSTEM";
        machine.Typed = null;
        machine.Users.RemoveAll(u => u.Name == setup.Lab.StudentUser);
        return machine;
    }

    private IEnumerable<string> Whole()
    {
        Machine machine = Blank();
        string order = string.Join(' ', commands.Select(c => c.Name));
        if (!order.EndsWith("setup restart", StringComparison.Ordinal)) yield return "the order is " + order;
        foreach (var (name, path, arguments) in commands)
        {
            RunResult result = engine.Run(path, machine, [.. arguments]);
            if (result.ExitCode != (name == "setup" ? 3010 : 0) || result.Errors.Count > 0) yield return name + ": " + result.Describe();
        }
        if (machine.RestartIn == null || machine.Tasks.Count != 1) yield return "nothing goes on";
        string line = machine.Tasks.Count > 0 ? machine.Tasks[0].Action.Argument : "";
        string file = line.Split('"') is { Length: > 1 } parts ? parts[1] : "";
        if (machine.Files.File(file)?.Text != setup.Text) yield return $"the task runs {file}, which is not the script";
        machine.Restart();
        RunResult last = engine.Run(setup.Path, machine, ("Resumed", true));
        if (last.ExitCode != 0 || last.Errors.Count > 0) yield return "the task: " + last.Describe();
        foreach (string difference in StateCheck.Differences(setup.Lab, machine).Where(d => !d.StartsWith("copy of verify.ps1", StringComparison.Ordinal))) yield return difference;
        if (machine.Questions.Count + machine.Tasks.Count > 0) yield return "somebody is asked, or a task is left";
        if (machine.Files.All.Any(f => f.Key.EndsWith(".dpapi", StringComparison.Ordinal))) yield return "a password is left";
        foreach (string name in new[] { "start-lab.ps1", "reset.ps1" })
        {
            string want = File.ReadAllText(setup.Sibling(name)!);
            if (machine.Files.File($@"C:\Program Files\labc\{setup.Lab.Name}\{name}")?.Text != want) yield return name + " on the machine is another";
        }
        RunResult removed = engine.Run(setup.Sibling("remove.ps1")!, machine, ("Force", true));
        if (removed.ExitCode != 0) yield return removed.Describe();
        foreach (var (path, _) in machine.Files.All.Where(f => f.Key.StartsWith(@"C:\Program Files\labc", StringComparison.OrdinalIgnoreCase) && f.Key.EndsWith(".ps1", StringComparison.Ordinal))) yield return "remove.ps1 leaves " + path;
    }

    private IEnumerable<string> Puts()
    {
        Machine machine = Blank();
        var (_, path, arguments) = commands.Find(c => c.Name == "scripts");
        RunResult result = engine.Run(path, machine, [.. arguments, ("WhatIf", true)]);
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return "-WhatIf: " + result.Describe() + string.Join(", ", machine.Journal.Entries);
        result = engine.Run(path, machine, [.. arguments]);
        if (result.ExitCode != 0 || result.Text.Count != 2) yield return result.Describe();
        machine.Journal.Clear();
        result = engine.Run(path, machine, [.. arguments]);
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return "again: " + result.Describe() + string.Join(", ", machine.Journal.Entries);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
