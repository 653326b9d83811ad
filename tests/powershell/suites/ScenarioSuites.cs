using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>The documented scenario: two lab VMs, SSH by port 23 and RDP by port 3390 to the guests of the first.</summary>
public static class TwoHostsSuite
{
    public static void Run(TestLog log, PowerShellEngine engine, List<ScriptFile> scripts)
    {
        ScriptFile? script = scripts.Find(s => s.IsSound && s.Lab.Name == "cross-lab-access" && s.Name.Contains("/lab-vm-1/", StringComparison.Ordinal));
        if (script == null)
        {
            log.Skip("two hosts", "no build of the documented scenario among the arguments");
            return;
        }
        log.Test("two hosts: ports 23 and 3390 of lab-vm-1 lead to its guests", () =>
        {
            Machine machine = Bench.Ready(engine, script);
            return ((string, string)[])[("23", "192.168.0.102:22"), ("3390", "192.168.0.103:3389")] is var wanted
                ? wanted.Where(w => !machine.Network.Mappings.Exists(m => m is { Protocol: "TCP", NatName: "LabServicesNat" } && m.ExternalAddress == "0.0.0.0"
                    && $"{m.ExternalPort}" == w.Item1 && $"{m.InternalAddress}:{m.InternalPort}" == w.Item2)).Select(w => $"{w.Item1} does not lead to {w.Item2}")
                : [];
        });
        log.Test("two hosts: the same on a system that stores the external address with a prefix", () =>
        {
            Machine machine = Bench.Blank(script);
            machine.Network.StoresPrefix = true;
            Bench.Complete(engine, script, machine);
            machine.Journal.Clear();
            engine.Run(script.Path, machine);
            return machine.Journal.Entries;
        });
    }
}

/// <summary>Scripts built from specs whose texts try to break out of the table.</summary>
public static class HostileSuite
{
    public static void Run(TestLog log, PowerShellEngine engine, List<ScriptFile> attacks)
    {
        foreach (ScriptFile script in attacks)
        {
            log.Test(script.Name + ": hostile: parses, and the table holds literals only", () =>
                [.. script.Errors.Select(e => e.Message), .. script.TableAst == null ? ["no table"] : TableRules.Check(script.TableAst)]);
            if (!script.IsSound) continue;
            log.Test(script.Name + ": hostile: the tokens outside the table are those of every lab", () => Structure(script, attacks[0]));
            log.Test(script.Name + ": hostile: -WhatIf changes nothing", () => WhatIf(engine, script));
            log.Test(script.Name + ": hostile: no call outside the plan", () => Plan(engine, script));
        }
    }

    private static IEnumerable<string> Structure(ScriptFile script, ScriptFile other)
    {
        if (script.Head != other.Head || script.Tail != other.Tail) yield return "differs from " + other.Name;
        int start = script.TableAst!.Extent.StartOffset, end = script.TableAst.Extent.EndOffset;
        int outside = script.Tokens.Count(t => t.Extent.StartOffset < start || t.Extent.EndOffset > end);
        int usual = other.Tokens.Count(t => t.Extent.StartOffset < other.TableAst!.Extent.StartOffset || t.Extent.EndOffset > other.TableAst!.Extent.EndOffset);
        if (outside != usual) yield return $"{outside} tokens outside the table, usual are {usual}";
        if (script.Tokens.Any(t => t.Kind == System.Management.Automation.Language.TokenKind.Comment && t.Extent.StartOffset > start && t.Extent.EndOffset < end)) yield return "a comment in the table";
    }

    private static IEnumerable<string> WhatIf(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        RunResult result = engine.Run(script.Path, machine, ("WhatIf", true));
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string reason in RunSuite.Quiet(machine, result)) yield return reason;
    }

    private static IEnumerable<string> Plan(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        string before = Portrait.OfForeign(machine, script.Lab);
        engine.Run(script.Path, machine);
        List<string> calls = [.. machine.Journal.Entries];
        machine.Restart();
        RunResult result = engine.Run(script.Path, machine);
        calls.AddRange(machine.Journal.Entries);
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
        string disks = script.Lab.Data + @"\disks\";
        foreach (string call in calls.Where(c => c.StartsWith("Remove-Item ", StringComparison.Ordinal)))
        {
            if (!call.Contains(disks, StringComparison.OrdinalIgnoreCase) || !(call.Contains(".partial.", StringComparison.Ordinal) || call.EndsWith(".seed.vhdx", StringComparison.Ordinal))) yield return call;
        }
        foreach (string call in calls.Where(c => c.StartsWith("New-Item ", StringComparison.Ordinal)))
        {
            if (!call.Contains(script.Lab.Data, StringComparison.OrdinalIgnoreCase) && !call.Contains(@"C:\Program Files\labc\", StringComparison.OrdinalIgnoreCase)) yield return call;
        }
        if (Portrait.OfForeign(machine, script.Lab) != before) yield return "something foreign changed";
    }
}
