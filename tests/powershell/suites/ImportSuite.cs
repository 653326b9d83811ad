using System.Diagnostics;
using System.Text.Json;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// The way back: a machine that was set up is collected by collect.ps1 and imported by labc; the build of the new spec finds the
/// machine as it is described and changes nothing on it.
/// </summary>
public sealed class ImportSuite : IDisposable
{
    private readonly string labc, work = Directory.CreateTempSubdirectory("labc-import-").FullName;

    public ImportSuite(string labc)
    {
        this.labc = labc;
        Collect = Path.Combine(work, "collect.ps1");
        (int code, string text) = Labc("import", "--script", "-o", Collect);
        if (code != 0) throw new InvalidOperationException("labc import --script: " + text);
    }

    public string Collect { get; }

    public void Dispose() => Directory.Delete(work, recursive: true);

    public void Script(TestLog log, PowerShellEngine engine, CommandTable commands)
    {
        string folder = Path.Combine(work, "audit", "host");
        Directory.CreateDirectory(folder);
        File.Copy(Collect, Path.Combine(folder, "collect.ps1"));
        ScriptFile script = ScriptFile.FindIn(Path.Combine(work, "audit"), engine).Single();
        log.Test("collect.ps1: parses; ASCII, CRLF, short lines", () =>
            [.. script.Errors.Select(e => e.Message),
             .. script.Text.Any(c => c > 126) ? ["not ASCII"] : Array.Empty<string>(),
             .. script.Text.Replace("\r\n", "", StringComparison.Ordinal).Contains('\n', StringComparison.Ordinal) ? ["a lone line feed"] : Array.Empty<string>(),
             .. script.Text.Split("\r\n").Where(l => l.Length > 119 || l.EndsWith(' '))]);
        foreach (Rule rule in AuditSuite.Rules)
            log.Test("collect.ps1: " + rule.Name, () => rule.Check(script, commands));
        log.Test("collect.ps1: refuses without rights, without Hyper-V, and to replace a file", () => Refuses(engine));
    }

    public void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        log.Test(script.Name + ": collected, imported, built: setup.ps1 -Adopt changes nothing", () => RoundTrip(engine, script));
    }

    private IEnumerable<string> Refuses(PowerShellEngine engine)
    {
        var machine = new Machine { Elevated = false };
        RunResult result = engine.Run(Collect, machine, ("Path", @"C:\x.json"));
        if (result.ExitCode != 2 || result.Warnings.Count != 1) yield return "not elevated: " + result.Describe();
        machine = new Machine();
        result = engine.Run(Collect, machine, ("Path", @"C:\x.json"));
        if (result.ExitCode != 2 || result.Warnings.Count != 1) yield return "no Hyper-V: " + result.Describe();
        machine.Features.InstallEverything();
        machine.Files.AddFile(@"C:\x.json", 1);
        machine.Journal.Clear();
        result = engine.Run(Collect, machine, ("Path", @"C:\x.json"));
        if (result.ExitCode != 2 || result.Warnings.Count != 1) yield return "file there: " + result.Describe();
        foreach (string call in machine.Journal.Entries) yield return "calls " + call;
        result = engine.Run(Collect, machine, ("Path", @"C:\x.json"), ("Force", true));
        if (result.ExitCode != 0) yield return "with -Force: " + result.Describe();
    }

    private IEnumerable<string> RoundTrip(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        string before = Portrait.Of(machine);
        RunResult result = engine.Run(Collect, machine, ("Path", @"C:\collected.json"));
        if (result.ExitCode != 0)
        {
            yield return "collect.ps1: " + result.Describe();
            yield break;
        }
        if (machine.Journal.Entries is not ["Set-Content C:\\collected.json"]) yield return "collect.ps1 calls " + string.Join(", ", machine.Journal.Entries);
        string folder = Path.Combine(work, script.Name.Replace('/', '-'));
        Directory.CreateDirectory(folder);
        string json = Path.Combine(folder, "collected.json"), spec = Path.Combine(folder, "lab.yaml"), built = Path.Combine(folder, "out");
        File.WriteAllLines(json, machine.Files.File(@"C:\collected.json")!.Lines);
        machine.Files.Remove(@"C:\collected.json");
        machine.Journal.Clear();
        if (Portrait.Of(machine) != before) yield return "collect.ps1 changed the machine";

        (int code, string said) = Labc("import", json, "-o", spec);
        if (code != 0) yield return "labc import: exit " + code + ": " + said;
        if (Path.GetDirectoryName(script.Path) is { } own && Environment.GetEnvironmentVariable("LABC_KEEP") is { } keep)
            File.Copy(spec, Path.Combine(keep, script.Name.Replace('/', '-') + ".yaml"), true);
        (code, said) = Labc("lint", "-q", "--fail-on", "error", spec);
        if (code != 0) yield return "labc lint: " + said;
        (code, said) = Labc("build", "-q", spec, "-o", built);
        if (code != 0)
        {
            yield return "labc build: " + said;
            yield break;
        }
        machine.Answers = (address, port) => VerifySuite.Serves(script, machine, address, port);
        foreach (string difference in Adopted(engine, machine, ScriptFile.FindIn(built, engine).Single(s => s.IsSetup), before)) yield return difference;
    }

    private static IEnumerable<string> Adopted(PowerShellEngine engine, Machine machine, ScriptFile imported, string before)
    {
        if (imported.Sibling("verify.ps1") is { } verify)
        {
            RunResult checkedBy = engine.Run(verify, machine);
            if (checkedBy.ExitCode != 0) yield return "verify.ps1: " + checkedBy.Describe() + " " + string.Join(" | ", checkedBy.Text);
        }
        machine.Journal.Clear();
        RunResult result = engine.Run(imported.Path, machine, ("Adopt", true), ("WhatIf", true));
        if (result.ExitCode != 0) yield return "-WhatIf: " + result.Describe();
        // the new build's own copy of itself is no part of what it describes
        foreach (string line in result.Reported("Planned").Concat(result.Reported("Orphan")).Where(l => !l.Contains(" script ", StringComparison.Ordinal))) yield return line;
        result = engine.Run(imported.Path, machine, ("Adopt", true));
        if (result.ExitCode != 0) yield return "setup.ps1: " + result.Describe();
        foreach (string line in result.Reported("Created").Concat(result.Reported("Repaired")).Where(l => !l.Contains(" script ", StringComparison.Ordinal))) yield return line;
        if (WithoutScripts(Portrait.Of(machine)) != WithoutScripts(before)) yield return "the machine is not what it was";
    }

    /// <summary>setup.ps1 keeps a copy of itself, and this is another build.</summary>
    private static string WithoutScripts(string portrait) =>
        string.Join('\n', portrait.Split('\n').Where(l => !l.StartsWith(@"file C:\Program Files\labc\", StringComparison.OrdinalIgnoreCase)));

    private (int Code, string Said) Labc(params string[] arguments)
    {
        var start = new ProcessStartInfo(labc, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors + output.Result);
    }
}
