using System.Collections;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>reset.ps1: guests are marked, go back to the mark or to their image; what others keep stays, whatever happens in between.</summary>
public static class ResetSuite
{
    private const string Mischief = " and mischief";

    private static readonly (string, object)[] Mark = [("All", true), ("Mark", true)];
    private static readonly (string, object)[] Back = [("All", true), ("Force", true)];

    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        if (script.Sibling("reset.ps1") is not { } path)
        {
            log.Test(script.Name + ": reset.ps1", () => ["is missing"]);
            return;
        }
        // what one lab with cloud images and one with Windows show, the others do
        if (script.Name is not ("two-hosts/lab-vm-1/setup.ps1" or "windows-administration/host/setup.ps1")) return;
        string name = script.Name.Replace("setup.ps1", "reset.ps1", StringComparison.Ordinal);
        log.Test(name + ": back to the image", () => ToImage(engine, script, path));
        log.Test(name + ": back to the mark", () => ToMark(engine, script, path));
        if (!Bench.IsWhole(script)) return;
        log.Test(script.Name + ": through a pipe, with nothing beside it", () => Piped(engine, script));
        log.Test(name + ": -Mark, by a student", () => Marks(engine, script, path));
        log.Test(name + ": -Unmark", () => Unmarks(engine, script, path));
        log.Test(name + ": changes nothing unasked", () => Unasked(engine, script, path));
        log.Test(name + ": says what cannot go back", () => Refusals(engine, script, path));
        log.Test(name + ": verify.ps1, setup.ps1 and remove.ps1 know marks", () => Others(engine, script, path));
        // one guest goes through all of them
        string[] guest = [(string)script.Lab.Guests[0]["Name"]!];
        log.Test(name + ": accidents of -Mark", () => Accidents(engine, script, Marked(engine, script, path, false), path, [("Guest", guest), ("Mark", true)], OneMarkEach));
        log.Test(name + ": accidents on the way to the mark", () => Accidents(engine, script, Marked(engine, script, path, true), path, [("Guest", guest), ("Force", true)], FirstClean));
        log.Test(name + ": accidents on the way to the image", () => Accidents(engine, script, () => Spoil(Bench.Ready(engine, script)), path, [("Guest", guest), ("Force", true)], FirstClean));
    }

    private static IEnumerable<string> Piped(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        machine.Journal.Clear();
        foreach (string failed in engine.RunText(script.Text, machine).Where(t => t.StartsWith("Failed ", StringComparison.Ordinal))) yield return failed;
        // no copy of what lies nowhere, and no shortcut to it
        foreach (string difference in StateCheck.Differences(script.Lab, machine).Where(d => !d.StartsWith("copy of ", StringComparison.Ordinal) && !d.StartsWith("shortcut that starts", StringComparison.Ordinal))) yield return difference;
        if (machine.HyperV.Machines.Count == 0 || machine.Files.All.Any(f => f.Key.Contains(@"\Start ", StringComparison.Ordinal))) yield return "no guests, or a shortcut that leads nowhere";
    }

    private static IEnumerable<string> Marks(PowerShellEngine engine, ScriptFile script, string path)
    {
        Machine machine = Bench.Ready(engine, script);
        machine.Elevated = false;
        RunResult result = engine.Run(path, machine, Mark);
        if (result.ExitCode != 0 || result.Errors.Count > 0) yield return result.Describe();
        foreach (string reason in OneMarkEach(script, machine).Concat(StateCheck.Differences(script.Lab, machine))) yield return reason;
        if (!result.LastLine.StartsWith("Done: marked.", StringComparison.Ordinal)) yield return "the last line is: " + result.LastLine;
        VirtualMachine first = machine.HyperV.Machines.First(HasSystem);
        Guid old = first.Checkpoints[0].Id;
        machine.Clock += 60;
        first.Disks.ForEach(d => machine.Files.File(d.Path!)!.Disk!.Content += " and homework");
        result = engine.Run(path, machine, ("Guest", new[] { first.Name }), ("Mark", true));
        if (result.ExitCode != 0) yield return "again: " + result.Describe();
        foreach (string reason in OneMarkEach(script, machine)) yield return "again: " + reason;
        if (first.Checkpoints[0].Id == old) yield return "the mark is the old one";
        if (!machine.Files.File(first.Checkpoints[0].Frozen.Values.First())!.Disk!.Content.EndsWith("homework", StringComparison.Ordinal)) yield return "the mark lacks what was done before it";
        foreach (string prompt in machine.Journal.Prompts) yield return "asks " + prompt;
    }

    private static IEnumerable<string> ToMark(PowerShellEngine engine, ScriptFile script, string path)
    {
        Machine machine = Marked(engine, script, path, true)();
        VirtualMachine[] guests = [.. machine.HyperV.Machines.Where(HasSystem)];
        VMSnapshot theirs = Checkpoints.Take(machine, guests[0], "before the exam");
        machine.Elevated = false;
        machine.Journal.Clear();
        RunResult result = engine.Run(path, machine, ("Guest", new[] { guests[0].Name }), ("Force", true));
        if (result.ExitCode != 0 || result.Errors.Count > 0) yield return result.Describe();
        if (!guests[0].Checkpoints.Contains(theirs)) yield return "the checkpoint of somebody is gone";
        foreach (string entry in machine.Journal.Entries.Where(e => !e.Split(' ').Contains(guests[0].Name))) yield return "touches another guest: " + entry;
        if (guests.Length > 1 && !Has(machine, guests[1], Mischief)) yield return "another guest went back, too";
        // a saved guest, and one that does not shut down, go back as well
        guests[0].State = VMState.Saved;
        guests[^1].Stubborn = true;
        machine.Journal.Clear();
        result = engine.Run(path, machine, Back);
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string reason in Clean(script, machine).Concat(StateCheck.Differences(script.Lab, machine))) yield return reason;
        foreach (string prompt in machine.Journal.Prompts) yield return "asks " + prompt;
        foreach (VirtualMachine vm in guests.Where(g => !g.Checkpoints.Exists(c => c.Name == MarkName(script)))) yield return vm.Name + " has lost its mark";
        // and once more
        Spoil(machine);
        result = engine.Run(path, machine, Back);
        if (result.ExitCode != 0) yield return "again: " + result.Describe();
        foreach (string reason in Clean(script, machine)) yield return "again: " + reason;
    }

    private static IEnumerable<string> ToImage(PowerShellEngine engine, ScriptFile script, string path)
    {
        Machine machine = Spoil(Bench.Ready(engine, script));
        machine.Questions.Clear();
        RunResult result = engine.Run(path, machine, Back);
        if (result.ExitCode != 0 || result.Errors.Count > 0) yield return result.Describe();
        string want = Portrait.Of(Bench.Ready(engine, script)), have = Portrait.Of(machine);
        foreach (string line in have.Split('\n').Except(want.Split('\n'))) yield return "has " + line;
        foreach (string line in want.Split('\n').Except(have.Split('\n'))) yield return "lacks " + line;
        foreach (string reason in StateCheck.Differences(script.Lab, machine)) yield return reason;
        if (machine.Questions.Count != (script.Lab.Guests.Exists(g => (bool)g["Ask"]!) ? 1 : 0)) yield return "asks for the password: " + string.Join("; ", machine.Questions);
        if (!result.LastLine.StartsWith("Done: ", StringComparison.Ordinal)) yield return "the last line is: " + result.LastLine;
    }

    private static IEnumerable<string> Unmarks(PowerShellEngine engine, ScriptFile script, string path)
    {
        Machine machine = Marked(engine, script, path, true)();
        VirtualMachine first = machine.HyperV.Machines.First(HasSystem);
        RunResult result = engine.Run(path, machine, ("All", true), ("Unmark", true));
        if (result.ExitCode != 0) yield return result.Describe();
        if (machine.HyperV.Machines.Exists(m => m.Checkpoints.Count > 0)) yield return "checkpoints are left";
        foreach (VirtualMachine vm in machine.HyperV.Machines.Where(HasSystem).Where(m => !Has(machine, m, Mischief))) yield return vm.Name + " has lost what was done since";
        foreach (string file in machine.Files.All.Select(f => f.Key).Where(f => f.EndsWith(".avhdx", StringComparison.Ordinal))) yield return file + " is left";
        machine.Journal.Clear();
        result = engine.Run(path, machine, ("All", true), ("Unmark", true));
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return "again: " + result.Describe() + string.Join(", ", machine.Journal.Entries);
        if (first.State != VMState.Running) yield return first.Name + " is not started again";
    }

    private static IEnumerable<string> Unasked(PowerShellEngine engine, ScriptFile script, string path)
    {
        Machine machine = Marked(engine, script, path, true)();
        string before = Portrait.Of(machine);
        string guest = (string)script.Lab.Guests[0]["Name"]!;
        (string Why, int Code, (string, object)[] Arguments)[] runs =
        [
            ("the list", 0, []),
            ("-WhatIf", 0, [("All", true), ("WhatIf", true)]),
            ("-Mark -WhatIf", 0, [("All", true), ("Mark", true), ("WhatIf", true)]),
            ("nobody answers", 2, [("All", true)]),
            ("an unknown guest", 2, [("Guest", new[] { guest, "nobody" }), ("Force", true)]),
            ("-Mark -Unmark", 2, [("All", true), ("Mark", true), ("Unmark", true)]),
            ("-Mark of no guest", 2, [("Mark", true)]),
        ];
        foreach (var (why, code, arguments) in runs)
        {
            machine.Journal.Clear();
            RunResult result = engine.Run(path, machine, arguments);
            if (result.ExitCode != code || result.Errors.Count > 0) yield return $"{why}: {result.Describe()}";
            if (machine.Journal.Entries.Count > 0 || Portrait.Of(machine) != before) yield return $"{why}: changes something: {string.Join(", ", machine.Journal.Entries)}";
            if (machine.Journal.Prompts.Count != (why == "nobody answers" ? 1 : 0)) yield return $"{why}: asks {machine.Journal.Prompts.Count} times";
            if (why == "the list" && !result.Text.Exists(t => t.StartsWith(guest + ": back to the mark of ", StringComparison.Ordinal))) yield return "the list says: " + string.Join(" | ", result.Text);
        }
        Machine blank = Bench.Blank(script);
        RunResult none = engine.Run(path, blank, Back);
        if (none.ExitCode != 2 || blank.Journal.Entries.Count > 0) yield return "without Hyper-V: " + none.Describe();
    }

    private static IEnumerable<string> Refusals(PowerShellEngine engine, ScriptFile script, string path)
    {
        (string Why, string Says, Action<Machine> Make)[] cases =
        [
            ("a student, no mark", "only an administrator", m => m.Elevated = false),
            ("the image is gone", "its image is not there", m => m.Files.All.Where(f => f.Key.Contains(@"\images\", StringComparison.OrdinalIgnoreCase)).ToList().ForEach(f => m.Files.Remove(f.Key))),
            ("somebody's checkpoint", "somebody took the checkpoint", m => m.HyperV.Machines.ForEach(v => Checkpoints.Take(m, v, "mine"))),
            ("setup.ps1 is gone", "run setup.cmd once", m => m.Files.Remove(script.Lab.Scripts + @"\setup.ps1")),
            ("nobody made the disks", "did not make its disk", m => m.Files.Remove(script.Lab.Scripts + @"\created.jsonl")),
        ];
        foreach (var (why, says, make) in cases)
        {
            if (why == "the image is gone" && script.Lab.Guests.Exists(g => g["Url"] != null)) continue;
            Machine machine = Spoil(Bench.Ready(engine, script));
            make(machine);
            string before = Portrait.Of(machine);
            RunResult result = engine.Run(path, machine, Back);
            if (result.ExitCode != 1 || result.Reported("Failed").Count < script.Lab.Guests.Count || !result.Reported("Failed").TrueForAll(f => f.Contains(says, StringComparison.Ordinal) || why == "the image is gone"))
                yield return $"{why}: {result.Describe()}";
            if (Portrait.Of(machine) != before) yield return $"{why}: changes something: {string.Join(", ", machine.Journal.Entries)}";
        }
        if (!script.Lab.Guests.Exists(g => (bool)g["Ask"]!)) yield break;
        Machine silent = Spoil(Bench.Ready(engine, script));
        silent.Typed = null;
        RunResult refused = engine.Run(path, silent, Back);
        if (refused.ExitCode != 2 || silent.Journal.Entries.Count > 0) yield return "no password: " + refused.Describe();
    }

    private static IEnumerable<string> Others(PowerShellEngine engine, ScriptFile script, string path)
    {
        Machine machine = Marked(engine, script, path, true)();
        machine.Answers = (_, _) => true;
        RunResult result = engine.Run(script.Sibling("verify.ps1")!, machine);
        if (result.ExitCode != 0 || result.Reported("Noted").Count(n => n.Contains("reset.cmd brings the guest back", StringComparison.Ordinal)) != machine.HyperV.Machines.Count(HasSystem)) yield return "verify: " + result.Describe() + string.Join(" | ", result.Reported("Noted"));
        machine.Journal.Clear();
        result = engine.Run(script.Path, machine);
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return "setup: " + result.Describe() + string.Join(", ", machine.Journal.Entries);
        // a disk that a checkpoint builds on is not changed under it
        string disk = Checkpoints.Base(machine, machine.HyperV.Machines.First(HasSystem).Disks[0].Path!);
        machine.Files.File(disk)!.Disk!.Size -= 1L << 30;
        result = engine.Run(script.Path, machine, ("AllowStop", true));
        if (!result.Reported("Planned").Exists(p => p.Contains("needs its checkpoints removed", StringComparison.Ordinal)) || machine.Journal.Entries.Any(e => e.StartsWith("Resize-VHD", StringComparison.Ordinal))) yield return "a disk with a checkpoint: " + result.Describe();
        result = engine.Run(script.Sibling("remove.ps1")!, machine, ("Force", true));
        if (result.ExitCode != 0 || machine.Files.All.Any(f => f.Key.EndsWith(".avhdx", StringComparison.Ordinal))) yield return "remove: " + result.Describe();
        if (machine.Files.File(disk)?.Disk?.Content.EndsWith(Mischief, StringComparison.Ordinal) != true) yield return "remove.ps1 loses what was done since the mark";
    }

    /// <summary>Each change fails, and the script dies after each: what it tells is honest, and the next run brings everything right.</summary>
    private static IEnumerable<string> Accidents(PowerShellEngine engine, ScriptFile script, Func<Machine> make, string path, (string, object)[] arguments, Func<ScriptFile, Machine, IEnumerable<string>> judge)
    {
        Machine whole = make();
        whole.Journal.Clear();
        engine.Run(path, whole, arguments);
        // what setup.ps1 does for it has accidents of its own: here it dies once, with a seed in the drive
        List<string> calls = [.. whole.Journal.Entries];
        int setup = calls.FindIndex(c => c.StartsWith("New-VHD", StringComparison.Ordinal)), seeded = calls.FindIndex(c => c.StartsWith("Add-VMHardDiskDrive", StringComparison.Ordinal) && c.Contains(".seed.", StringComparison.Ordinal));
        List<int> points = [.. Enumerable.Range(1, setup < 0 ? calls.Count : setup)];
        if (seeded >= 0) points.Add(seeded + 1);
        foreach (int point in points)
        {
            foreach (bool death in new[] { true, false })
            {
                Machine machine = make();
                machine.Journal.Clear();
                if (death) machine.Journal.DieAfter = point;
                else machine.Journal.FailAt = point;
                RunResult broken = engine.Run(path, machine, arguments);
                string call = machine.Journal.Entries.ElementAtOrDefault(point - 1) ?? "?", where = $"{(death ? "death after" : "failure of")} {call}";
                // a guest that does not shut down is turned off where its state is given up anyway
                bool tolerated = arguments[^1].Item1 == "Force" && call.StartsWith("Stop-VM", StringComparison.Ordinal);
                if (!death && !tolerated && (broken.ExitCode == 0 || broken.Reported("Failed").Count == 0)) yield return $"{where} is not reported: {broken.Describe()}";
                machine.Journal.Clear();
                machine.Clock += 30;
                RunResult result = engine.Run(path, machine, arguments);
                if (result.ExitCode != 0) yield return $"{where}: next run: {result.Describe()}";
                foreach (string reason in judge(script, machine).Concat(StateCheck.Differences(script.Lab, machine))) yield return $"{where}: {reason}";
            }
        }
    }

    /// <summary>A lab whose guests were marked, and worked in since.</summary>
    private static Func<Machine> Marked(PowerShellEngine engine, ScriptFile script, string path, bool spoiled)
    {
        var marked = new Lazy<Machine>(() =>
        {
            Machine machine = Bench.Ready(engine, script);
            RunResult result = engine.Run(path, machine, Mark);
            if (result.ExitCode != 0) throw new InvalidOperationException("not marked: " + result.Describe());
            machine.Journal.Clear();
            machine.Clock += 60;
            return spoiled ? Spoil(machine) : machine;
        });
        return () => DeepCopy.Of(marked.Value);
    }

    private static Machine Spoil(Machine machine)
    {
        foreach (HardDiskDrive drive in machine.HyperV.Machines.Where(HasSystem).SelectMany(m => m.Disks)) machine.Files.File(drive.Path!)!.Disk!.Content += Mischief;
        return machine;
    }

    private static bool HasSystem(VirtualMachine vm) => vm.StartedAt > 0;

    private static bool Has(Machine machine, VirtualMachine vm, string work) => vm.Disks.TrueForAll(d => machine.Files.File(d.Path!)!.Disk!.Content.Contains(work, StringComparison.Ordinal));

    private static IEnumerable<string> Clean(ScriptFile script, Machine machine) =>
        machine.HyperV.Machines.Where(m => m.Disks.Exists(d => machine.Files.File(d.Path!)!.Disk!.Content.Contains(Mischief, StringComparison.Ordinal))).Select(m => m.Name + " is not back");

    private static IEnumerable<string> FirstClean(ScriptFile script, Machine machine) =>
        Has(machine, machine.HyperV.Find((string)script.Lab.Guests[0]["Name"]!)!, Mischief) ? ["it is not back"] : [];

    private static string MarkName(ScriptFile script) => script.Lab.Tag + " mark";

    private static IEnumerable<string> OneMarkEach(ScriptFile script, Machine machine) =>
        machine.HyperV.Machines.Where(HasSystem).Where(m => m.Checkpoints.Count(c => c.Name == MarkName(script)) != 1).Select(m => $"{m.Name} has {m.Checkpoints.Count} checkpoints");
}
