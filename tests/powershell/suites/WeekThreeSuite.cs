using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// A lab in its third week: people have worked on the guests, then the description changes. What was there survives, what was asked
/// for happens. The scripts are built from the specs under tests/powershell/weeks.
/// </summary>
public sealed class WeekThreeSuite(PowerShellEngine engine, Dictionary<string, ScriptFile> weeks)
{
    private const string Data = @"C:\labc\term\disks\";

    public static void Run(TestLog log, PowerShellEngine engine, string folder)
    {
        var weeks = Directory.GetDirectories(folder).ToDictionary(d => Path.GetFileName(d), d => ScriptFile.FindIn(d, engine).First(s => s.Name.EndsWith("/setup.ps1", StringComparison.Ordinal)));
        var suite = new WeekThreeSuite(engine, weeks);
        log.Test("week three: a guest renamed", suite.Renamed);
        log.Test("week three: a guest removed", suite.Removed);
        log.Test("week three: another image", suite.OtherImage);
        log.Test("week three: another generation", suite.OtherGeneration);
        log.Test("week three: more memory", suite.MoreMemory);
        log.Test("week three: a port moved", suite.PortMoved);
        log.Test("week three: a disk, an adapter and a network removed", suite.Less);
        log.Test("week three: another NAT, switch and subnet", suite.OtherNat);
        log.Test("week three: two labs on one machine", suite.TwoLabs);
        log.Test("week three: another type of disk", suite.OtherType);
        log.Test("week three: an image in place of a copy of it: one parent, and back", suite.SharedParent);
        log.Test("resume: the task goes on after the restart and is gone when all is done", suite.Resume);
        log.Test("resume: the task gives up after three failures", suite.GivesUp);
        log.Test("resume: the task goes on with the folder of -ImageDir, and without it when it is gone", suite.ResumeFrom);
        log.Test("-Phase does that part only", suite.Phases);
    }

    /// <summary>The lab of the first week, with people's work on its disks.</summary>
    private Machine Worked()
    {
        Machine machine = Bench.Blank(weeks["term"]);
        Bench.AddImage(machine, @"C:\labs\images\web-2.vhdx");
        Bench.Complete(engine, weeks["term"], machine);
        foreach (string disk in (string[])["web.vhdx", "db.vhdx", "db-2.vhdx"]) Work(machine, Data + disk);
        machine.Journal.Clear();
        return machine;
    }

    private static void Work(Machine machine, string path)
    {
        SimulatedFile file = machine.Files.File(path) ?? throw new InvalidOperationException(path + " is not there");
        file.Disk!.Content += " and work";
        file.Length = Math.Max(file.Length, 5L << 30);
    }

    private RunResult Change(Machine machine, string week, params (string, object)[] arguments) => Bench.Complete(engine, weeks[week], machine, arguments);

    /// <summary>However the description changed, no disk with work on it is lost.</summary>
    private static IEnumerable<string> WorkSurvives(Machine machine, int disks = 3)
    {
        int left = machine.Files.All.Count(f => f.Value.Disk?.Content.EndsWith(" and work", StringComparison.Ordinal) ?? false);
        if (left != disks) yield return $"{left} of {disks} disks with work are left";
    }

    /// <summary>The machine is as described, and another run finds nothing to do.</summary>
    private IEnumerable<string> Settled(Machine machine, string week, int mappings = 0)
    {
        foreach (string difference in StateCheck.Differences(weeks[week].Lab, machine).Where(d => mappings == 0 || !d.StartsWith("mappings ", StringComparison.Ordinal))) yield return difference;
        machine.Journal.Clear();
        RunResult again = engine.Run(weeks[week].Path, machine);
        if (again.ExitCode != 0) yield return "again: " + again.Describe();
        foreach (string call in machine.Journal.Entries) yield return "again: " + call;
    }

    private IEnumerable<string> Renamed()
    {
        Machine machine = Worked();
        RunResult result = Change(machine, "renamed");
        if (!result.Reported("Orphan").Exists(l => l.Contains(" guest db", StringComparison.Ordinal))) yield return "the old guest is no orphan: " + result.Describe();
        if (machine.HyperV.Find("db") == null || machine.HyperV.Find("store") == null) yield return "not both guests are there";
        foreach (string reason in WorkSurvives(machine)) yield return reason;
        RunResult pruned = Change(machine, "renamed", ("Prune", true), ("AllowStop", true));
        if (pruned.ExitCode != 0 || machine.HyperV.Find("db") != null) yield return "not pruned: " + pruned.Describe();
        foreach (string reason in WorkSurvives(machine).Concat(Settled(machine, "renamed"))) yield return reason;
    }

    private IEnumerable<string> Removed()
    {
        Machine machine = Worked();
        RunResult result = Change(machine, "removed");
        if (machine.HyperV.Find("db") is not { State: VMState.Running }) yield return "the guest is gone or stopped without being asked";
        if (!result.Reported("Orphan").Exists(l => l.Contains(" mapping TCP 5432", StringComparison.Ordinal))) yield return "the mapping is no orphan: " + result.Describe();
        if (!result.LastLine.Contains("-Prune", StringComparison.Ordinal)) yield return "the last line is: " + result.LastLine;
        RunResult careful = Change(machine, "removed", ("Prune", true));
        if (machine.HyperV.Find("db") == null) yield return "a running guest was pruned without -AllowStop";
        if (!careful.Reported("Orphan").Exists(l => l.Contains("-AllowStop", StringComparison.Ordinal))) yield return "does not ask for -AllowStop: " + careful.Describe();
        machine.Journal.Clear();
        Change(machine, "removed", ("Prune", true), ("AllowStop", true), ("WhatIf", true));
        foreach (string call in machine.Journal.Entries) yield return "-WhatIf: " + call;
        Change(machine, "removed", ("Prune", true), ("AllowStop", true));
        if (machine.HyperV.Find("db") != null || machine.Network.Mappings.Exists(m => m.ExternalPort == 5432)) yield return "not pruned";
        foreach (string reason in WorkSurvives(machine).Concat(Settled(machine, "removed"))) yield return reason;
    }

    private IEnumerable<string> OtherImage()
    {
        Machine machine = Worked();
        RunResult result = Change(machine, "image", ("AllowStop", true));
        if (!result.Reported("Planned").Exists(l => l.Contains("needs -Recreate web", StringComparison.Ordinal))) yield return "is no drift: " + result.Describe();
        if (!machine.Files.File(Data + "web.vhdx")!.Disk!.Content.Contains("web-1", StringComparison.Ordinal)) yield return "the disk was replaced without being asked";
        Change(machine, "image", ("AllowStop", true), ("Recreate", "web"));
        if (machine.Files.File(Data + "web.vhdx")?.Disk?.Content != @"system of C:\labs\images\web-2.vhdx") yield return "the disk holds " + machine.Files.File(Data + "web.vhdx")?.Disk?.Content;
        foreach (string reason in WorkSurvives(machine).Concat(Settled(machine, "image"))) yield return reason;
    }

    private IEnumerable<string> OtherType()
    {
        Machine machine = Worked();
        SimulatedFile file = machine.Files.File(Data + "db-2.vhdx")!;
        machine.Files.Remove(Data + "db-2.vhdx");
        machine.Files.AddFile(Data + "db-2.vhdx", 20L << 30, new VirtualDisk { Size = 20L << 30, Type = VhdType.Fixed, Format = VhdFormat.VHDX, Content = file.Disk!.Content }).Granted.UnionWith(file.Granted);
        RunResult result = Change(machine, "term");
        if (!result.Reported("Planned").Exists(l => l.Contains("needs -Recreate db: type Fixed -> Dynamic", StringComparison.Ordinal))) yield return "is no drift: " + result.Describe();
        Change(machine, "term", ("AllowStop", true), ("Recreate", "db"));
        if (machine.Files.File(Data + "db-2.vhdx")?.Disk?.Type != VhdType.Dynamic) yield return "was not made anew";
        foreach (string reason in WorkSurvives(machine).Concat(Settled(machine, "term"))) yield return reason;
    }

    private IEnumerable<string> SharedParent()
    {
        const string parent = @"C:\labs\images\web-1.vhdx";
        Machine machine = Worked();
        string before = machine.Files.File(parent)!.Disk!.Content;
        RunResult result = Change(machine, "shared", ("AllowStop", true));
        if (!result.Reported("Planned").Exists(l => l.Contains("needs -Recreate web: type Dynamic -> Differencing", StringComparison.Ordinal))) yield return "does not say what it needs: " + result.Describe();
        Change(machine, "shared", ("AllowStop", true), ("Recreate", "web"));
        if (machine.Files.File(Data + "web.vhdx")?.Disk is not { Type: VhdType.Differencing, ParentPath: parent }) yield return "web is no child of the image";
        if (machine.Files.File(parent)!.Disk!.Content != before) yield return "the parent was written to";
        foreach (string reason in WorkSurvives(machine).Concat(Settled(machine, "shared"))) yield return reason;
        result = Change(machine, "term", ("AllowStop", true), ("Recreate", "web"));
        if (result.ExitCode != 0 || machine.Files.File(Data + "web.vhdx")?.Disk is not { Type: VhdType.Dynamic }) yield return "back: " + result.Describe();
        foreach (string reason in Settled(machine, "term")) yield return reason;
    }

    private IEnumerable<string> OtherGeneration()
    {
        Machine machine = Worked();
        machine.Journal.Clear();
        RunResult result = Change(machine, "generation", ("AllowStop", true));
        if (!result.Reported("Planned").Exists(l => l.Contains("needs -Recreate web: generation 2 -> 1", StringComparison.Ordinal))) yield return "does not say what it needs: " + result.Describe();
        if (result.ExitCode != 0 || result.Reported("Failed").Count > 0) yield return result.Describe();
        foreach (string call in machine.Journal.Entries.Where(c => !c.StartsWith("Copy-Item ", StringComparison.Ordinal))) yield return "unasked: " + call;
        RunResult careful = Change(machine, "generation", ("Recreate", "web"));
        if (!careful.Reported("Planned").Exists(l => l.Contains("needs -AllowStop: generation", StringComparison.Ordinal))) yield return "does not ask before it stops a guest: " + careful.Describe();
        Change(machine, "generation", ("AllowStop", true), ("Recreate", "web"), ("WhatIf", true));
        foreach (string call in machine.Journal.Entries.Where(c => !c.StartsWith("Copy-Item ", StringComparison.Ordinal))) yield return "unasked: " + call;
        RunResult done = Change(machine, "generation", ("AllowStop", true), ("Recreate", "web"));
        if (machine.HyperV.Find("web") is not { Generation: 1 }) yield return "is still of the old generation: " + done.Describe();
        if (machine.Files.File(Data + "web.vhdx")?.Disk?.Content != @"system of C:\labs\images\web-1.vhdx") yield return "the disk holds " + machine.Files.File(Data + "web.vhdx")?.Disk?.Content;
        foreach (string reason in WorkSurvives(machine).Concat(Settled(machine, "generation"))) yield return reason;
    }

    private IEnumerable<string> MoreMemory()
    {
        Machine machine = Worked();
        RunResult result = Change(machine, "memory");
        if (!result.Reported("Planned").Exists(l => l.Contains("needs -AllowStop: memory.startup 2 GiB -> 3 GiB", StringComparison.Ordinal))) yield return "does not say what it needs: " + result.Describe();
        Change(machine, "memory", ("AllowStop", true));
        foreach (string reason in WorkSurvives(machine).Concat(Settled(machine, "memory"))) yield return reason;
    }

    private IEnumerable<string> PortMoved()
    {
        Machine machine = Worked();
        RunResult result = Change(machine, "port");
        if (!machine.Network.Mappings.Exists(m => m.ExternalPort == 8081)) yield return "the new port is not open";
        if (!result.Reported("Orphan").Exists(l => l.Contains(" mapping TCP 8080", StringComparison.Ordinal))) yield return "the old port is no orphan: " + result.Describe();
        Change(machine, "port", ("Prune", true));
        if (machine.Network.Mappings.Exists(m => m.ExternalPort == 8080)) yield return "the old port is still open";
        foreach (string reason in WorkSurvives(machine).Concat(Settled(machine, "port"))) yield return reason;
        machine = Worked();
        machine.Network.AddMapping("LabServicesNat", "TCP", "0.0.0.0", 9999, "192.168.0.77", 99);
        Change(machine, "port", ("Prune", true));
        if (!machine.Network.Mappings.Exists(m => m.ExternalPort == 9999)) yield return "a mapping made by hand is gone";
    }

    private IEnumerable<string> Less()
    {
        Machine machine = Worked();
        RunResult result = Change(machine, "less", ("Prune", true), ("AllowStop", true));
        VirtualMachine db = machine.HyperV.Find("db")!;
        if (db.Disks.Count != 1 || db.Adapters.Count != 1) yield return $"{db.Disks.Count} disks, {db.Adapters.Count} adapters: {result.Describe()}";
        if (machine.Files.File(Data + "db-2.vhdx") == null) yield return "the file of the disk is gone";
        foreach (string reason in WorkSurvives(machine).Concat(Settled(machine, "less"))) yield return reason;
    }

    private IEnumerable<string> OtherNat()
    {
        Machine machine = Worked();
        RunResult refused = Change(machine, "nat");
        if (refused.ExitCode != 2 || !refused.Warnings.Exists(w => w.Contains("-Prune", StringComparison.Ordinal))) yield return refused.Describe();
        RunResult result = Change(machine, "nat", ("Prune", true), ("AllowStop", true));
        // what a guest was told at its first boot it keeps until a person goes in and changes it
        if (result.ExitCode != 1 || result.Reported("Failed").Exists(l => !l.Contains("Inside it has the address of its first boot", StringComparison.Ordinal))) yield return result.Describe();
        foreach (SimulatedFile disk in machine.Files.All.Select(f => f.Value).Where(f => f.Disk?.Address.StartsWith("192.168.0.", StringComparison.Ordinal) ?? false))
            disk.Disk!.Address = disk.Disk.Address.Replace("192.168.0.", "192.168.50.", StringComparison.Ordinal);
        if (machine.HyperV.Switches.Exists(s => s.Name == "LabServicesSwitch")) yield return "the old switch is still there";
        foreach (string reason in WorkSurvives(machine).Concat(Settled(machine, "nat"))) yield return reason;
    }

    private IEnumerable<string> TwoLabs()
    {
        Machine machine = Worked();
        Bench.AddImage(machine, @"C:\labs\images\kali.vhdx");
        machine.Memory += 8L << 30;
        RunResult result = Change(machine, "second");
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string difference in StateCheck.Differences(weeks["second"].Lab, machine)) yield return difference;
        if (result.Reported("Orphan").Count > 0) yield return result.Reported("Orphan")[0];
        RunResult pruned = Change(machine, "second", ("Prune", true), ("AllowStop", true), ("Adopt", true));
        if (pruned.Reported("Repaired").Count > 0) yield return "prunes what is another lab's: " + pruned.Reported("Repaired")[0];
        foreach (string reason in WorkSurvives(machine).Concat(Settled(machine, "term"))) yield return reason;
    }

    private IEnumerable<string> Resume()
    {
        Machine machine = Bench.Blank(weeks["task"]);
        RunResult first = engine.Run(weeks["task"].Path, machine);
        if (first.ExitCode != 3010) yield return first.Describe();
        if (machine.Tasks.Count != 1)
        {
            yield return $"{machine.Tasks.Count} tasks";
            yield break;
        }
        Cmdlets.ScheduledTask task = machine.Tasks[0];
        if (task is not { AtStartup: true, Principal.UserId: "S-1-5-18", Principal.RunLevel: "Highest", Action.Execute: "powershell.exe" }) yield return "the task is not one of SYSTEM at start-up";
        if (task.Action.Argument != @"-NoProfile -ExecutionPolicy Bypass -File ""C:\Program Files\labc\term\setup.ps1"" -Resumed") yield return task.Action.Argument;
        if (machine.Files.File(@"C:\Program Files\labc\term\setup.ps1") == null) yield return "what it runs is not there";
        engine.Run(weeks["task"].Path, machine);
        if (machine.Tasks.Count != 1) yield return $"{machine.Tasks.Count} tasks after another run";
        machine.Restart();
        RunResult second = engine.Run(weeks["task"].Path, machine, ("Resumed", true));
        if (second.ExitCode != 0) yield return second.Describe();
        if (machine.Tasks.Count != 0) yield return "the task is still there";
        foreach (string reason in Settled(machine, "task")) yield return reason;
    }

    private IEnumerable<string> ResumeFrom()
    {
        foreach (bool gone in new[] { false, true })
        {
            Machine machine = Bench.Blank(weeks["task"]);
            machine.Drives.Add(new LogicalDrive("E:", "NTFS"));
            machine.Files.AddDrive("E:");
            machine.Files.AddFolder(@"E:\class images");
            if (!gone) machine.Files.Move(@"C:\labs\images\db.vhdx", @"E:\class images\db.vhdx");
            engine.Run(weeks["task"].Path, machine, ("ImageDir", @"E:\class images\"));
            if (machine.Tasks.Count != 1 || !machine.Tasks[0].Action.Argument.EndsWith(@" -Resumed -ImageDir ""E:\class images""", StringComparison.Ordinal)) yield return machine.Tasks.FirstOrDefault()?.Action.Argument ?? "no task";
            machine.Restart();
            if (gone) machine.Files.Remove(@"E:\class images");
            RunResult second = engine.Run(weeks["task"].Path, machine, ("Resumed", true), ("ImageDir", @"E:\class images"));
            if (second.ExitCode != 0 || machine.Tasks.Count != 0) yield return $"gone: {gone}: {second.Describe()}";
            if (machine.Files.File(@"C:\labc\term\disks\db.vhdx")?.Disk?.Content != @"system of C:\labs\images\db.vhdx") yield return $"gone: {gone}: db has another system";
        }
    }

    private IEnumerable<string> GivesUp()
    {
        Machine machine = Bench.Blank(weeks["task"]);
        engine.Run(weeks["task"].Path, machine);
        for (int start = 1; start <= 3; start++)
        {
            machine.Restart();
            machine.Journal.FailAll = call => call.StartsWith("New-VM ", StringComparison.Ordinal);
            RunResult result = engine.Run(weeks["task"].Path, machine, ("Resumed", true));
            if (result.ExitCode != 1) yield return $"start {start}: {result.Describe()}";
            if (machine.Tasks.Count != (start < 3 ? 1 : 0)) yield return $"{machine.Tasks.Count} tasks after start {start}";
        }
    }

    private IEnumerable<string> Phases()
    {
        Machine machine = Bench.Blank(weeks["term"]);
        machine.Features.InstallEverything();
        Change(machine, "term", ("Phase", "Windows"));
        if (machine.HyperV.Switches.Count + machine.HyperV.Machines.Count > 0) yield return "Windows makes more than asked";
        Change(machine, "term", ("Phase", "Network"));
        if (machine.Network.Mappings.Count != 2 || machine.HyperV.Machines.Count > 0) yield return "Network makes more or less than asked";
        Change(machine, "term", ("Phase", new[] { "Guests", "Access" }));
        if (machine.HyperV.Machines.Count != 2 || machine.HyperV.Machines.Exists(m => m.State == VMState.Running)) yield return "Guests makes more or less than asked";
        Change(machine, "term", ("Phase", "Start"));
        foreach (string reason in Settled(machine, "term")) yield return reason;
    }
}
