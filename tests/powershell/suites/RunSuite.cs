using System.Text.Json;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>From nothing to the described machine, and again: the life of a script that nothing disturbs.</summary>
public static class RunSuite
{
    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        log.Test(script.Name + ": -WhatIf on a blank machine runs to the end and changes nothing", () => WhatIfBlank(engine, script));
        log.Test(script.Name + ": -WhatIf before the restart changes nothing either", () => WhatIfPending(engine, script));
        log.Test(script.Name + ": from nothing through the restart to the described state", () => FromNothing(engine, script));
        log.Test(script.Name + ": without images the machine is complete but for the systems", () => WithoutImages(engine, script));
        log.Test(script.Name + ": a second run changes nothing", () => SecondRun(engine, script));
        log.Test(script.Name + ": a machine is judged by itself, whatever ran last", () =>
        {
            Machine machine = Bench.Ready(engine, script);
            Machine.Current = new Machine();
            return StateCheck.Differences(script.Lab, machine);
        });
        log.Test(script.Name + ": -WhatIf on the complete machine plans nothing", () => WhatIfComplete(engine, script));
        log.Test(script.Name + ": a restart of Windows changes nothing", () => AfterRestart(engine, script));
        log.Test(script.Name + ": the log is one JSON object a line; -LogPath '' writes none", () => Logs(engine, script));
        log.Test(script.Name + ": nothing foreign is touched", () => Foreign(engine, script));
    }

    private static IEnumerable<string> WhatIfBlank(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        string before = Portrait.Of(machine);
        RunResult result = engine.Run(script.Path, machine, ("WhatIf", true));
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string reason in Quiet(machine, result)) yield return reason;
        if (Portrait.Of(machine) != before) yield return "the machine is not what it was";
        foreach (string kind in (string[])["feature", "folder", "guest", "disk", "drive", "adapter"])
        {
            if (!result.Reported("Planned").Exists(l => l.Contains($" {kind} ", StringComparison.Ordinal))) yield return "plans no " + kind;
        }
        int guests = result.Reported("Planned").Count(l => l.Contains(" guest ", StringComparison.Ordinal));
        if (guests != script.Lab.Guests.Count) yield return $"plans {guests} guests";
        int mappings = result.Reported("Planned").Count(l => l.Contains(" mapping ", StringComparison.Ordinal));
        if (mappings != script.Lab.Mappings.Count) yield return $"plans {mappings} mappings";
        if (result.Reported("Created").Count + result.Reported("Repaired").Count + result.Reported("Failed").Count > 0) yield return "claims to have done something";
    }

    private static IEnumerable<string> WhatIfPending(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        engine.Run(script.Path, machine);
        machine.Journal.Clear();
        machine.LogWritten = false;
        RunResult result = engine.Run(script.Path, machine, ("WhatIf", true));
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string reason in Quiet(machine, result)) yield return reason;
    }

    private static IEnumerable<string> FromNothing(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        RunResult first = engine.Run(script.Path, machine);
        if (first.ExitCode != 3010) yield return "first run: " + first.Describe();
        if (!first.LastLine.StartsWith("Next: ", StringComparison.Ordinal)) yield return "the last line is: " + first.LastLine;
        RunResult again = engine.Run(script.Path, machine);
        if (again.ExitCode != 3010) yield return "without a restart: " + again.Describe();
        List<string> prompts = [.. machine.Journal.Prompts];
        machine.Restart();
        RunResult second = engine.Run(script.Path, machine);
        if (second.ExitCode != 0 || second.Errors.Count > 0) yield return "after the restart: " + second.Describe();
        if (second.Reported("Failed").Count > 0) yield return second.Describe();
        if (prompts.Count + machine.Journal.Prompts.Count > 0) yield return "asks: " + string.Join(", ", prompts.Concat(machine.Journal.Prompts));
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
        if (!second.LastLine.StartsWith("Done: ", StringComparison.Ordinal)) yield return "the last lines are: " + string.Join(" / ", second.Text.TakeLast(3));
    }

    private static IEnumerable<string> WithoutImages(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script, images: false);
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
        foreach (var guest in script.Lab.Guests.Where(g => g["Image"] != null && g["Url"] == null))
        {
            // a guest with a DVD needs no image
            string say = guest["Iso"] is string iso && machine.Files.File(iso) != null ? "install it from its DVD" : (string)guest["Image"]!;
            if (!result.Text.Exists(t => t.StartsWith(guest["Name"] + ": ", StringComparison.Ordinal) && t.Contains(say, StringComparison.Ordinal)))
                yield return $"does not say how {guest["Name"]} gets its system: {say}";
        }
    }

    private static IEnumerable<string> SecondRun(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        string before = Portrait.Of(machine);
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        if (machine.Journal.Entries.Count > 0) yield return "calls " + string.Join(", ", machine.Journal.Entries);
        foreach (string state in (string[])["Created", "Repaired", "Planned", "Failed"])
        {
            foreach (string line in result.Reported(state)) yield return line;
        }
        if (Portrait.Of(machine) != before) yield return "the machine is not what it was";
    }

    private static IEnumerable<string> WhatIfComplete(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        machine.LogWritten = false;
        RunResult result = engine.Run(script.Path, machine, ("WhatIf", true));
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string line in result.Reported("Planned")) yield return line;
        foreach (string reason in Quiet(machine, result)) yield return reason;
    }

    private static IEnumerable<string> AfterRestart(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        machine.Restart(); // interface indexes are others now, the service vmms needs some seconds
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string entry in machine.Journal.Entries.Where(e => !e.StartsWith("Start-VM ", StringComparison.Ordinal))) yield return entry;
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
    }

    private static IEnumerable<string> Logs(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        string path = $@"C:\Program Files\labc\{script.Lab.Name}\setup.jsonl";
        List<string> lines = machine.Files.File(path)?.Lines ?? [];
        if (lines.Count == 0) yield return "no log at " + path;
        foreach (string line in lines)
        {
            using JsonDocument record = JsonDocument.Parse(line);
            foreach (string field in (string[])["time", "kind", "name", "state", "detail", "place"])
            {
                if (!record.RootElement.TryGetProperty(field, out _)) yield return "no " + field + " in " + line;
            }
        }
        machine = Bench.Ready(engine, script);
        machine.LogWritten = false;
        engine.Run(script.Path, machine, ("LogPath", ""));
        if (machine.LogWritten) yield return "-LogPath '' wrote a log";
    }

    private static IEnumerable<string> Foreign(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        machine.HyperV.NewSwitch("office", VMSwitchType.Private, "");
        machine.HyperV.NewMachine("accounting", 2, 1L << 30, @"C:\vms");
        machine.Files.AddFile(@"C:\vms\accounting.vhdx", 1L << 30, new VirtualDisk { Size = 1L << 40, Type = VhdType.Dynamic, Format = VhdFormat.VHDX, Content = "books" });
        string before = Portrait.OfForeign(machine, script.Lab);
        machine.Journal.Clear();
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        if (Portrait.OfForeign(machine, script.Lab) != before) yield return "something foreign changed";
    }

    /// <summary>Reasons why a run was not as quiet as it had to be.</summary>
    public static IEnumerable<string> Quiet(Machine machine, RunResult result)
    {
        foreach (string entry in machine.Journal.Entries) yield return "calls " + entry;
        foreach (string prompt in machine.Journal.Prompts) yield return "asks " + prompt;
        if (machine.LogWritten) yield return "writes a log";
        foreach (string error in result.Errors) yield return error;
    }
}
