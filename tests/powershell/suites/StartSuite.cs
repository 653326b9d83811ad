using System.Collections;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>start-lab.ps1: the guests of a lab that was set up and is off.</summary>
public static class StartSuite
{
    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        if (script.Sibling("start-lab.ps1") is not { } path) return;
        log.Test(script.Name + ": start-lab.ps1 starts the guests in their order and waits", () => Starts(engine, script, path));
        log.Test(script.Name + ": start-lab.ps1 says what does not come up", () => Broken(engine, script, path));
        log.Test(script.Name + ": start-lab.ps1 without Hyper-V changes nothing", () => NoHyperV(engine, script, path));
    }

    private static IEnumerable<string> Starts(PowerShellEngine engine, ScriptFile script, string path)
    {
        Machine machine = Bench.Ready(engine, script);
        foreach (VirtualMachine vm in machine.HyperV.Machines) vm.State = VMState.Off;
        machine.Elevated = false;
        RunResult plan = engine.Run(path, machine, ("WhatIf", true));
        if (machine.Journal.Entries.Count > 0 || plan.ExitCode != 0) yield return "-WhatIf: " + plan.Describe();
        RunResult result = engine.Run(path, machine);
        if (result.ExitCode != 0 || result.Errors.Count > 0) yield return result.Describe();
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
        List<string> want = [.. script.Lab.Guests.Where(g => !(bool)g["OnDemand"]! && machine.HyperV.Find((string)g["Name"]!)!.State == VMState.Running).Select(g => "Start-VM " + g["Name"])];
        if (!machine.Journal.Entries.SequenceEqual(want)) yield return "calls " + string.Join(", ", machine.Journal.Entries);
        machine.Journal.Clear();
        result = engine.Run(path, machine);
        if (machine.Journal.Entries.Count > 0) yield return "the second run calls " + machine.Journal.Entries[0];
        if (result.Reported("Repaired").Count > 0) yield return "the second run repairs " + result.Reported("Repaired")[0];
    }

    private static IEnumerable<string> Broken(PowerShellEngine engine, ScriptFile script, string path)
    {
        if (script.Lab.Guests.Find(g => (string)g["Configure"]! != "manual" && !(bool)g["OnDemand"]! && LabTable.Items(g["Ports"]).Any()) is not { } guest) yield break;
        Machine machine = Bench.Ready(engine, script);
        VirtualMachine vm = machine.HyperV.Find((string)guest["Name"]!)!;
        if (vm.State != VMState.Running) yield break; // it has no image in this lab
        vm.State = VMState.Off;
        machine.Files.File(vm.Disks[0].Path!)!.Disk!.Address = "192.0.2.1"; // somebody changed it inside
        RunResult result = engine.Run(path, machine);
        if (result.ExitCode != 1 || !result.Reported("Failed").Exists(l => l.Contains("closed", StringComparison.Ordinal))) yield return result.Describe();
    }

    private static IEnumerable<string> NoHyperV(PowerShellEngine engine, ScriptFile script, string path)
    {
        Machine machine = Bench.Blank(script);
        RunResult result = engine.Run(path, machine);
        if (result.ExitCode != 2 || machine.Journal.Entries.Count > 0) yield return result.Describe();
    }
}
