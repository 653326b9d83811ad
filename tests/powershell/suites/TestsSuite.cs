using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>The `tests` of weeks/tests.yaml: verify.ps1 runs what can be tried from the host, and names the others.</summary>
public static class TestsSuite
{
    private static readonly string[] Names = ["web: TCP 22", "web: the start page", "web: http :8080/gone", "web: http :80/old", "web: service nginx", "web: command hostname", "outside: TCP 80"];

    public static void Run(TestLog log, PowerShellEngine engine, string weeks)
    {
        ScriptFile script = ScriptFile.FindIn(Path.Combine(weeks, "tests"), engine).First(s => s.IsSetup);
        log.Test("verify.ps1: tests that succeed", () => Expect(engine, script, 0, ["Right", "Right", "Right", "Right", "Noted", "Noted", "Noted"], _ => { }));
        log.Test("verify.ps1: other pages", () => Expect(engine, script, 4, ["Right", "Right", "Differs", "Differs", "Noted", "Noted", "Noted"], m => m.Pages = _ => 200, "answers 200, described 404", "answers 200, described 301"));
        log.Test("verify.ps1: no web server", () => Expect(engine, script, 4, ["Right", "Differs", "Differs", "Differs", "Noted", "Noted", "Noted"], m => m.Pages = _ => null, "nothing answers at http://"));
        log.Test("verify.ps1: a page that fails", () => Expect(engine, script, 4, ["Right", "Differs", "Right", "Differs", "Noted", "Noted", "Noted"], m => m.Pages = u => u.EndsWith("/gone", StringComparison.Ordinal) ? 404 : 500, "answers 500, described 200"));
        log.Test("verify.ps1: a closed port", () => Expect(engine, script, 4, ["Differs", "Right", "Right", "Right", "Noted", "Noted", "Noted"], m => m.Answers = (_, _) => false, "nothing answers at "));
        log.Test("verify.ps1: a guest that is off", () => Expect(engine, script, 4, ["Noted", "Noted", "Noted", "Noted", "Noted", "Noted", "Noted"], m => m.HyperV.Find("web")!.State = VMState.Off, "the guest web is off"));
        InsideSuite.Run(log, engine, weeks);
        log.Test("verify.ps1: -From elsewhere runs no tests", () =>
            engine.Run(script.Sibling("verify.ps1")!, new Machine(), ("From", "10.0.0.8")).Text.Where(t => t.Contains(" test ", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Expect(PowerShellEngine engine, ScriptFile script, int code, string[] states, Action<Machine> change, params string[] says)
    {
        Machine machine = Bench.Ready(engine, script);
        machine.Answers = (_, _) => true;
        machine.Pages = uri => uri.EndsWith("/gone", StringComparison.Ordinal) ? 404 : uri.EndsWith("/old", StringComparison.Ordinal) ? 301 : 200;
        change(machine);
        var (exit, findings, result) = VerifySuite.Look(engine, script, machine);
        if (exit != code || result.Errors.Count > 0) yield return result.Describe();
        List<Finding> tests = findings.FindAll(f => f.Kind == "test");
        string have = string.Join(", ", tests.Select(t => t.Name + " " + t.State)), want = string.Join(", ", Names.Zip(states, (n, s) => n + " " + s));
        if (have != want) yield return "has " + have;
        foreach (string text in says.Where(s => !tests.Exists(t => t.Detail.Contains(s, StringComparison.Ordinal)))) yield return $"nobody says '{text}': " + string.Join(" | ", tests.Select(t => t.Detail));
        foreach (Finding test in tests.Where(t => !t.Place.StartsWith("tests.yaml:", StringComparison.Ordinal) || !t.Place.EndsWith(".tests)", StringComparison.Ordinal))) yield return "stands at " + test.Place;
        if (machine.Journal.Entries.Count > 0 || machine.Journal.Prompts.Count > 0) yield return "changes or asks something: " + string.Join(", ", machine.Journal.Entries.Concat(machine.Journal.Prompts));
    }
}
