using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>remove.ps1: the initial state again but for disks, features, shared services and logs; what is not the lab's stays.</summary>
public static class RemoveSuite
{
    /// <summary>So many points of a setup at which it is stopped and removed, spread evenly.</summary>
    private const int Points = 5;

    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        if (script.Sibling("remove.ps1") is not { } remove)
        {
            log.Test(script.Name + ": remove.ps1", () => ["is missing"]);
            return;
        }
        string name = script.Name.Replace("setup.ps1", "remove.ps1", StringComparison.Ordinal);
        log.Test(name + ": disks and features stay", () => Keep(engine, script, remove));
        log.Test(name + ": everything goes", () => All(engine, script, remove));
        log.Test(name + ": -WhatIf changes nothing", () => WhatIf(engine, script, remove));
        log.Test(name + ": asks first", () => Question(engine, script, remove));
        log.Test(name + ": what others have stays", () => Foreign(engine, script, remove));
        log.Test(name + ": checkpoints, saved and stubborn guests", () => Checkpoint(engine, script, remove));
        log.Test(name + ": a thing that cannot be removed", () => Failure(engine, script, remove));
        log.Test(name + $": after a setup stopped at {Points} points", () => HalfFinished(engine, script, remove));
        log.Test(name + ": stopped itself", () => Stopped(engine, script, remove));
        log.Test(name + ": setup again finds its disks", () => Again(engine, script, remove));
    }

    private static readonly (string, object)[] Unattended = [("Force", true)];
    private static readonly (string, object)[] Everything = [("Force", true), ("DeleteDisks", true), ("RemoveFeatures", true)];

    private static IEnumerable<string> Keep(PowerShellEngine engine, ScriptFile script, string remove)
    {
        Machine machine = Bench.Ready(engine, script), blank = Before(script);
        Dictionary<string, string> disks = Contents(machine);
        RunResult result = engine.Run(remove, machine, Unattended);
        if (result.ExitCode != 0 || result.Errors.Count > 0) yield return result.Describe();
        foreach (string prompt in machine.Journal.Prompts) yield return "asks " + prompt;
        foreach (string reason in Differences(machine, blank, script, disks: true)) yield return reason;
        foreach (var (path, content) in disks.Where(d => machine.Files.File(d.Key)?.Disk?.Content != d.Value)) yield return $"{path} with [{content}] is gone";
        if (!result.LastLine.StartsWith("Done: ", StringComparison.Ordinal)) yield return "the last line is: " + result.LastLine;
        if (disks.Keys.Any(d => d.StartsWith(script.Lab.Data + @"\disks\", StringComparison.OrdinalIgnoreCase)) && !result.LastLine.Contains("-DeleteDisks", StringComparison.Ordinal))
            yield return "does not say how disks are deleted: " + result.LastLine;
        machine.Journal.Clear();
        result = engine.Run(remove, machine, Unattended);
        if (result.ExitCode != 0) yield return "second run: " + result.Describe();
        foreach (string entry in machine.Journal.Entries) yield return "second run calls " + entry;
    }

    private static IEnumerable<string> All(PowerShellEngine engine, ScriptFile script, string remove)
    {
        Machine machine = Bench.Ready(engine, script), blank = Bench.Blank(script);
        // where others have a switch, Hyper-V stays
        bool shared = blank.HyperV.Switches.Exists(s => s.SwitchType == VMSwitchType.External);
        if (shared) blank = Before(script);
        RunResult result = engine.Run(remove, machine, Everything);
        if (result.ExitCode != (shared ? 0 : 3010)) yield return result.Describe();
        if (shared && !result.Reported("Kept").Exists(k => k.Contains("feature", StringComparison.Ordinal))) yield return "does not say why features stay: " + result.Describe();
        if (!shared && !result.LastLine.Contains("restart Windows", StringComparison.Ordinal)) yield return "does not say that Windows must be restarted: " + result.LastLine;
        machine.Restart();
        foreach (string reason in Differences(machine, blank, script, disks: false)) yield return reason;
        result = engine.Run(remove, machine, Everything);
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return "after the restart: " + result.Describe() + string.Join(", ", machine.Journal.Entries);
    }

    private static IEnumerable<string> WhatIf(PowerShellEngine engine, ScriptFile script, string remove)
    {
        Machine machine = Bench.Ready(engine, script);
        machine.LogWritten = false;
        RunResult result = engine.Run(remove, machine, ("WhatIf", true), ("DeleteDisks", true), ("RemoveFeatures", true));
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string reason in RunSuite.Quiet(machine, result)) yield return reason;
        List<string> planned = result.Reported("Planned");
        foreach (VirtualMachine vm in machine.HyperV.Machines.Where(m => !planned.Contains("Planned   guest " + m.Name))) yield return vm.Name + " is not planned";
        Machine blank = Bench.Blank(script);
        result = engine.Run(remove, blank, ("WhatIf", true));
        if (result.ExitCode != 0) yield return "on a blank machine: " + result.Describe();
        foreach (string reason in RunSuite.Quiet(blank, result)) yield return "on a blank machine: " + reason;
    }

    /// <summary>The host of the tests answers no question: nothing may happen then, and -Force must not ask.</summary>
    private static IEnumerable<string> Question(PowerShellEngine engine, ScriptFile script, string remove)
    {
        Machine machine = Bench.Ready(engine, script);
        RunResult result = engine.Run(remove, machine);
        if (result.ExitCode != 2) yield return "without an answer: " + result.Describe();
        if (machine.Journal.Prompts.Count != 1) yield return $"asks {machine.Journal.Prompts.Count} times";
        foreach (string entry in machine.Journal.Entries) yield return "calls " + entry;
        machine.Journal.Clear();
        machine.Elevated = false;
        result = engine.Run(remove, machine, Unattended);
        if (result.ExitCode != 2 || machine.Journal.Entries.Count > 0) yield return "without rights: " + result.Describe();
        machine.Elevated = true;
        result = engine.Run(remove, machine, ("Confirm", false));
        if (result.ExitCode != 0 || machine.Journal.Prompts.Count > 0) yield return "-Confirm:$false: " + result.Describe() + string.Join(", ", machine.Journal.Prompts);
    }

    private static IEnumerable<string> Foreign(PowerShellEngine engine, ScriptFile script, string remove)
    {
        Machine machine = Bench.Ready(engine, script);
        machine.HyperV.NewSwitch("office", VMSwitchType.Private, "");
        machine.HyperV.NewSwitch("other lab", VMSwitchType.Private, "labc:other");
        VirtualMachine books = machine.HyperV.NewMachine("accounting", 2, 1L << 30, @"C:\vms");
        books.Notes = "labc:other";
        machine.Files.AddFile(@"C:\vms\accounting.vhdx", 1L << 30, new VirtualDisk { Size = 1L << 40, Type = VhdType.Dynamic, Format = VhdFormat.VHDX, Content = "books" });
        machine.HyperV.AttachDisk(books, @"C:\vms\accounting.vhdx", null);
        // somebody put a file of his own between the lab's
        string thesis = script.Lab.Data + @"\disks\thesis.docx";
        machine.Files.AddFile(thesis, 1000);
        string? used = script.Lab.Networks.Select(n => n["Switch"] as string).FirstOrDefault(s => machine.HyperV.Switches.Exists(w => w.Name == s && w.Notes == script.Lab.Tag));
        if (used != null) machine.HyperV.AddAdapter(books, "Netzwerkkarte 2", used, false);
        if (script.Lab.NatNetwork != null) machine.Network.AddMapping((string)script.Lab.NatNetwork["Nat"]!, "TCP", "0.0.0.0", 47123, "192.168.0.250", 80);
        string before = Portrait.OfForeign(machine, script.Lab);
        RunResult result = engine.Run(remove, machine, Everything);
        if (result.ExitCode is not (0 or 3010)) yield return result.Describe();
        string[] left = before.Split('\n'), right = Portrait.OfForeign(machine, script.Lab).Split('\n');
        foreach (string line in left.Except(right)) yield return "gone: " + line;
        if (machine.Files.File(thesis) == null) yield return "a file somebody put there is gone";
        if (used != null && !machine.HyperV.Switches.Exists(s => s.Name == used)) yield return $"the switch {used}, to which another machine is connected, is gone";
        if (script.Lab.NatNetwork != null && !machine.Network.Mappings.Exists(m => m.ExternalPort == 47123)) yield return "the mapping of somebody else is gone";
        if (machine.Features.State(script.Lab.IsServer ? "Hyper-V" : "Microsoft-Hyper-V-All") is not ("Installed" or "Enabled")) yield return "Hyper-V is gone although a machine needs it";
        if (machine.HyperV.Machines.Any(m => script.Lab.Guests.Any(g => (string)g["Name"]! == m.Name))) yield return "a guest is left";
    }

    private static IEnumerable<string> Checkpoint(PowerShellEngine engine, ScriptFile script, string remove)
    {
        Machine machine = Bench.Ready(engine, script);
        foreach (VirtualMachine vm in machine.HyperV.Machines)
        {
            Checkpoints.Take(machine, vm, "before the exam");
            Checkpoints.Take(machine, vm, "second");
        }
        machine.HyperV.Machines[0].State = VMState.Saved;
        machine.HyperV.Machines[^1].State = VMState.Running;
        machine.HyperV.Machines[^1].Stubborn = true;
        List<string> bases = [.. machine.HyperV.Machines.SelectMany(m => m.Disks).Select(d => Checkpoints.Base(machine, d.Path!)).Where(b => !IsSeed(b))];
        RunResult result = engine.Run(remove, machine, Unattended);
        if (result.ExitCode != 0) yield return result.Describe();
        if (machine.HyperV.Machines.Count > 0) yield return "guests are left";
        foreach (string path in bases.Where(b => machine.Files.File(b)?.Disk?.Content.EndsWith("second", StringComparison.Ordinal) != true)) yield return path + " lacks what was written after the checkpoints";
        foreach (var (path, _) in machine.Files.All.Where(f => f.Key.EndsWith(".avhdx", StringComparison.Ordinal))) yield return path + " is left";
        foreach (string prompt in machine.Journal.Prompts) yield return "asks " + prompt;
    }

    private static IEnumerable<string> Failure(PowerShellEngine engine, ScriptFile script, string remove)
    {
        Machine machine = Bench.Ready(engine, script);
        machine.Journal.FailAll = call => call.StartsWith("Remove-VM ", StringComparison.Ordinal);
        RunResult result = engine.Run(remove, machine, Unattended);
        if (result.ExitCode != 1 || result.Reported("Failed").Count < script.Lab.Guests.Count) yield return result.Describe();
        machine.Journal.Clear();
        result = engine.Run(remove, machine, Unattended);
        if (result.ExitCode != 0) yield return "next run: " + result.Describe();
        foreach (string reason in Differences(machine, Before(script), script, disks: true)) yield return reason;
    }

    private static IEnumerable<string> HalfFinished(PowerShellEngine engine, ScriptFile script, string remove)
    {
        Machine whole = Bench.Blank(script);
        whole.Features.InstallEverything();
        whole.Journal.Clear();
        SortedDictionary<int, Machine> copies = Undisturbed.Copies(engine, script.Path, whole, _ => true);
        int calls = copies.Count;
        for (int i = 0; i < Points && i < calls; i++)
        {
            int point = 1 + (int)((long)i * (calls - 1) / Math.Max(1, Math.Min(Points, calls) - 1));
            Machine machine = copies[point];
            string call = machine.Journal.Entries.Count >= point ? machine.Journal.Entries[point - 1] : "?";
            machine.Journal.Clear();
            machine.Clock += 30;
            RunResult result = engine.Run(remove, machine, ("Force", true), ("DeleteDisks", true));
            if (result.ExitCode != 0) yield return $"after {call}: {result.Describe()}";
            // an installation medium stays a drive until Windows restarts
            foreach (string image in machine.Storage.Images.Keys.ToList()) machine.Storage.DismountImage(image);
            Machine blank = Before(script);
            foreach (string reason in Differences(machine, blank, script, disks: false)) yield return $"after {call}: {reason}";
        }
        // before the restart Windows asks for nothing is there but the features
        Machine early = Bench.Blank(script);
        engine.Run(script.Path, early);
        early.Journal.Clear();
        RunResult first = engine.Run(remove, early, Everything);
        if (first.ExitCode is not (0 or 3010)) yield return "before the restart: " + first.Describe();
        early.Restart();
        foreach (string reason in Differences(early, Bench.Blank(script), script, disks: false)) yield return "before the restart: " + reason;
    }

    /// <summary>The removal itself dies after each third of its changes; the next one finishes it.</summary>
    private static IEnumerable<string> Stopped(PowerShellEngine engine, ScriptFile script, string remove)
    {
        Machine whole = Bench.Ready(engine, script);
        engine.Run(remove, whole, Unattended);
        int calls = whole.Journal.Entries.Count;
        for (int point = 1; point <= calls; point += Math.Max(1, calls / 3))
        {
            Machine machine = Bench.Ready(engine, script);
            machine.Journal.DieAfter = point;
            engine.Run(remove, machine, Unattended);
            string call = machine.Journal.Entries[^1];
            machine.Journal.Clear();
            RunResult result = engine.Run(remove, machine, Unattended);
            if (result.ExitCode != 0) yield return $"after {call}: {result.Describe()}";
            foreach (string reason in Differences(machine, Before(script), script, disks: true)) yield return $"after {call}: {reason}";
        }
    }

    private static IEnumerable<string> Again(PowerShellEngine engine, ScriptFile script, string remove)
    {
        Machine machine = Bench.Ready(engine, script);
        foreach (HardDiskDrive drive in machine.HyperV.Machines.SelectMany(m => m.Disks)) machine.Files.File(drive.Path!)!.Disk!.Content += " and a week of work";
        Dictionary<string, string> disks = Contents(machine);
        engine.Run(remove, machine, Unattended);
        machine.Journal.Clear();
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
        foreach (var (path, content) in disks.Where(d => machine.Files.File(d.Key)?.Disk?.Content != d.Value)) yield return $"{path} with [{content}] is gone";
    }

    /// <summary>The machine as it was before setup.ps1, but for what stays: features and shared services.</summary>
    private static Machine Before(ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        machine.Service("WinNat")!.StartType = "Automatic";
        return machine;
    }

    /// <summary>A seed holds the hash of a password and nothing of its guest's: it goes with the lab.</summary>
    private static bool IsSeed(string path) => path.EndsWith(".seed.vhdx", StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, string> Contents(Machine machine) =>
        machine.Files.All.Where(f => f.Value.Disk != null && !IsSeed(f.Key)).ToDictionary(f => f.Key, f => f.Value.Disk!.Content);

    /// <summary>Lines of the two machines' portraits that differ.</summary>
    private static IEnumerable<string> Differences(Machine machine, Machine blank, ScriptFile script, bool disks)
    {
        string data = script.Lab.Data;
        bool Relevant(string line) =>
            line.Length > 0 && !line.Contains(@"C:\Windows", StringComparison.OrdinalIgnoreCase)
            // the folder above the lab's may be that of other labs, too
            && line != "folder " + Windows.FileSystem.Parent(data)
            && !(script.Lab.DataDisk && OfDataDisk(line, data))
            && !OfImage(line, script.Lab)
            && !(disks && (line.StartsWith("folder " + data, StringComparison.OrdinalIgnoreCase) || line.StartsWith("rights " + data, StringComparison.OrdinalIgnoreCase) || line.StartsWith("file " + data, StringComparison.OrdinalIgnoreCase)))
            // a mapping brings WinNat; whether it was Automatic before is nothing the lab knows
            && !(line.StartsWith("service WinNat", StringComparison.Ordinal) && machine.Features.ModuleThere)
            // the service of a role, and where it listens, is Windows' own and goes with the role
            && !line.StartsWith("service vmms", StringComparison.Ordinal) && !line.StartsWith("service DHCPServer", StringComparison.Ordinal) && !line.StartsWith("binding ", StringComparison.Ordinal);
        List<string> have = [.. Portrait.Of(machine).Split('\n', '\r').Where(Relevant)], want = [.. Portrait.Of(blank).Split('\n', '\r').Where(Relevant)];
        foreach (string line in have.Except(want)) yield return "is left: " + line;
        foreach (string line in want.Except(have)) yield return "is gone: " + line;
    }

    /// <summary>The data disk stays initialised, as disks stay, with what the person put on it; the lab's own folder is judged.</summary>
    private static bool OfDataDisk(string line, string data)
    {
        string[] words = line.Split(' ', 3);
        return line.StartsWith("disk 2 ", StringComparison.Ordinal) || line.StartsWith("drive " + data[..2], StringComparison.Ordinal)
            || (words[0] is "file" or "folder" or "rights" && words[1].StartsWith(data[..2], StringComparison.OrdinalIgnoreCase) && !words[1].StartsWith(data, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// An image that a person put into the lab's own folder stays, and so do that folder and its rights. On a data disk
    /// nothing of it was there at first: it is put there after the disk was made.
    /// </summary>
    private static bool OfImage(string line, LabTable lab)
    {
        string[] words = line.Split(' ', 3);
        return lab.Guests.Exists(g => g["Url"] == null && g["Image"] is string image && image.StartsWith(lab.Data + @"\images\", StringComparison.OrdinalIgnoreCase)
            && (words[0] == "rights" ? words[1] == lab.Data
                : lab.DataDisk && (words[0] == "file" ? words[1] == image + ".vhdx" : words[0] == "folder" && (words[1] == lab.Data || words[1] == lab.Data + @"\images"))));
    }
}
