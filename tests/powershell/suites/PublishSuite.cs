using System.Text.Json;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>prepare-publish.ps1: guests off, checkpoints merged, DVDs out, downloads gone, disks small, and what blocks is named.</summary>
public static class PublishSuite
{
    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        if (script.Sibling("prepare-publish.ps1") is not { } prepare) return;
        string name = script.Name.Replace("setup.ps1", "prepare-publish.ps1", StringComparison.Ordinal);
        log.Test(name + ": prepares", () => Prepares(engine, script, prepare));
        log.Test(name + ": -WhatIf changes nothing", () => WhatIf(engine, script, prepare));
        log.Test(name + ": refuses", () => Refuses(engine, script, prepare));
        log.Test(name + ": names what blocks", () => Blocks(engine, script, prepare));
        log.Test(name + ": every change fails or is the last", () => Accidents(engine, script, prepare));
    }

    /// <summary>A machine as it is after a week of work: guests run, are saved and paused, have checkpoints and DVDs.</summary>
    private static Machine Used(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        machine.Files.AddFile(@"C:\tools.iso", 1L << 20);
        int turn = 0;
        foreach (VirtualMachine vm in machine.HyperV.Machines)
        {
            foreach (HardDiskDrive drive in vm.Disks)
            {
                SimulatedFile file = machine.Files.File(drive.Path!)!;
                file.Disk!.Content += " of " + vm.Name;
                if (file.Disk.Type != VhdType.Fixed) file.Length = Math.Max(file.Length, 6L << 30);
            }
            Checkpoints.Take(machine, vm, "week 1");
            machine.HyperV.InsertDvd(vm, vm.Dvds.FirstOrDefault(), @"C:\tools.iso");
            vm.State = (turn++ % 4) switch { 0 => VMState.Running, 1 => VMState.Saved, 2 => VMState.Paused, _ => VMState.Off };
        }
        machine.Journal.Clear();
        return machine;
    }

    private static IEnumerable<string> Prepares(PowerShellEngine engine, ScriptFile script, string prepare)
    {
        Machine machine = Used(engine, script);
        RunResult result = engine.Run(prepare, machine);
        if (result.ExitCode != 0 || result.Errors.Count > 0) yield return result.Describe() + string.Join(" | ", result.Text);
        foreach (string reason in NotReady(script, machine)) yield return reason;
        foreach (VirtualMachine vm in machine.HyperV.Machines)
        {
            if (!result.Text.Exists(t => t.StartsWith($"Done      checkpoint {vm.Name}/week 1", StringComparison.Ordinal))) yield return $"does not name the checkpoint of {vm.Name}";
        }
        if (!result.LastLine.StartsWith("Done: ", StringComparison.Ordinal)) yield return "the last line is: " + result.LastLine;
        foreach (string prompt in machine.Journal.Prompts) yield return "asks " + prompt;
        machine.Journal.Clear();
        result = engine.Run(prepare, machine);
        if (result.ExitCode != 0) yield return "second run: " + result.Describe();
        foreach (string entry in machine.Journal.Entries) yield return "second run calls " + entry;
        // a guest that was used since is compacted again, the others are not
        VirtualMachine used = machine.HyperV.Machines[0];
        if (used.Disks.Exists(d => machine.Files.File(d.Path!)!.Disk!.Type == VhdType.Fixed)) yield break;
        machine.Files.File(used.Disks[0].Path!)!.Length += 1L << 30;
        machine.Journal.Clear();
        engine.Run(prepare, machine);
        if (machine.Journal.Entries.Count(e => e.StartsWith("Optimize-VHD", StringComparison.Ordinal)) != 1) yield return "a grown disk: " + string.Join(", ", machine.Journal.Entries);
    }

    private static IEnumerable<string> NotReady(ScriptFile script, Machine machine)
    {
        foreach (string path in machine.Mounted) yield return path + " is still mounted";
        foreach (VirtualMachine vm in machine.HyperV.Machines)
        {
            if (vm.State != VMState.Off) yield return $"{vm.Name} is {vm.State}";
            if (vm.Checkpoints.Count > 0) yield return vm.Name + " has checkpoints";
            if (vm.Dvds.Exists(d => !string.IsNullOrEmpty(d.Path))) yield return vm.Name + " has a DVD";
            foreach (HardDiskDrive drive in vm.Disks)
            {
                SimulatedFile file = machine.Files.File(drive.Path!)!;
                if (!file.Disk!.Content.EndsWith($" of {vm.Name} and work since week 1", StringComparison.Ordinal)) yield return $"{drive.Path} has lost work: {file.Disk.Content}";
                if (file.Disk.Type != VhdType.Fixed && file.Length > 2L << 30) yield return drive.Path + " is not compacted";
            }
        }
        foreach (var guest in script.Lab.Guests.Where(g => g["Url"] != null))
        {
            string image = (string)guest["Image"]!;
            if (machine.Files.All.Any(f => f.Key.StartsWith(image + ".", StringComparison.OrdinalIgnoreCase))) yield return "the download of " + guest["Name"] + " is still there";
        }
    }

    private static IEnumerable<string> WhatIf(PowerShellEngine engine, ScriptFile script, string prepare)
    {
        Machine machine = Used(engine, script);
        machine.LogWritten = false;
        RunResult result = engine.Run(prepare, machine, ("WhatIf", true));
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string reason in RunSuite.Quiet(machine, result)) yield return reason;
        if (result.Reported("Planned").Count < machine.HyperV.Machines.Count * 2) yield return "plans only " + string.Join(", ", result.Reported("Planned"));
    }

    private static IEnumerable<string> Refuses(PowerShellEngine engine, ScriptFile script, string prepare)
    {
        Machine blank = Bench.Blank(script);
        RunResult result = engine.Run(prepare, blank);
        if (result.ExitCode != 2 || blank.Journal.Entries.Count > 0 || blank.LogWritten) yield return "on a blank machine: " + result.Describe();
        Machine machine = Bench.Ready(engine, script);
        machine.Elevated = false;
        result = engine.Run(prepare, machine);
        if (result.ExitCode != 2 || machine.Journal.Entries.Count > 0) yield return "without rights: " + result.Describe();
    }

    private static IEnumerable<string> Blocks(PowerShellEngine engine, ScriptFile script, string prepare)
    {
        // a guest without a system, and one that is missing
        Machine machine = Bench.Blank(script, images: false);
        Bench.Complete(engine, script, machine);
        List<string> empty = [.. machine.HyperV.Machines.Where(v => v.Disks.TrueForAll(d => machine.Files.File(d.Path!)!.Disk!.Content.Length == 0)).Select(v => v.Name)];
        RunResult result = engine.Run(prepare, machine);
        if (empty.Count > 0 && result.ExitCode != 4) yield return "guests without a system: " + result.Describe();
        foreach (string name in empty.Where(n => !result.Text.Exists(t => t.StartsWith("Blocks publishing: ", StringComparison.Ordinal) && t.Contains(n, StringComparison.Ordinal) && t.Contains(".yaml", StringComparison.Ordinal))))
            yield return $"does not say that {name} has no system";
        machine = Used(engine, script);
        VirtualMachine gone = machine.HyperV.Machines[0];
        machine.HyperV.Machines.Remove(gone);
        result = engine.Run(prepare, machine);
        if (result.ExitCode != 4 || !result.Text.Exists(t => t.Contains($"The guest {gone.Name} does not exist", StringComparison.Ordinal))) yield return "a missing guest: " + result.Describe();
        // a guest that does not shut down is not turned off
        machine = Used(engine, script);
        VirtualMachine stubborn = machine.HyperV.Machines[0];
        (stubborn.State, stubborn.Stubborn) = (VMState.Running, true);
        result = engine.Run(prepare, machine);
        if (result.ExitCode != 1 || stubborn.State != VMState.Running) yield return $"a stubborn guest is {stubborn.State}: {result.Describe()}";
        if (!result.Text.Exists(t => t.StartsWith("Blocks publishing: The guest " + stubborn.Name, StringComparison.Ordinal))) yield return "does not say that it runs";
        foreach (string prompt in machine.Journal.Prompts) yield return "asks " + prompt;
    }

    private static IEnumerable<string> Accidents(PowerShellEngine engine, ScriptFile script, string prepare)
    {
        Machine whole = Used(engine, script);
        engine.Run(prepare, whole);
        int calls = whole.Journal.Entries.Count;
        for (int point = 1; point <= calls; point += Math.Max(1, calls / 3))
        {
            foreach (bool death in (bool[])[true, false])
            {
                Machine machine = Used(engine, script);
                if (death) machine.Journal.DieAfter = point;
                else machine.Journal.FailAt = point;
                RunResult broken = engine.Run(prepare, machine);
                string call = machine.Journal.Entries[point - 1];
                if (!death && broken.ExitCode != 1) yield return $"failure of {call} is not reported: {broken.Describe()}";
                machine.Journal.Clear();
                RunResult result = engine.Run(prepare, machine);
                if (result.ExitCode != 0) yield return $"after {call}: {result.Describe()}";
                foreach (string reason in NotReady(script, machine)) yield return $"after {call}: {reason}";
            }
        }
    }
}
