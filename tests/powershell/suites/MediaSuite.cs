using System.Collections;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>Windows from its installation media: the sequence of calls, and a failure or death at each of them.</summary>
public static class MediaSuite
{
    /// <summary>The one script whose installation is disturbed at each call: the code is the same in all.</summary>
    public static ScriptFile? Sample { get; set; }

    public static Hashtable? GuestOf(ScriptFile script) =>
        script.Lab.Guests.Find(g => (string)g["Configure"]! == "unattend" && !(bool)g["OnDemand"]! && g["Image"] is string && g["Iso"] == null && g["Url"] == null);

    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script, bool accidents)
    {
        if (GuestOf(script) is not { } guest) return;
        log.Test(script.Name + ": Windows is applied from its media, without a key press", () => Applied(engine, script, guest));
        log.Test(script.Name + ": media with several editions and none written are refused with their names", () => WhichEdition(engine, script, guest));
        log.Test(script.Name + ": what is no media of Windows is refused", () => NoMedia(engine, script, guest));
        if (!accidents) return;
        log.Test(script.Name + ": a failure at each call of the installation leaves nothing mounted and no half disk", () => Accidents(log, engine, script, guest, false));
        log.Test(script.Name + ": death at each call of the installation is mended by the next run", () => Accidents(log, engine, script, guest, true));
    }

    private static Machine WithMedia(ScriptFile script, Hashtable guest, params string[] editions)
    {
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        string image = (string)guest["Image"]!;
        machine.Files.Remove(image + ".vhdx");
        machine.Files.AddFile(image + ".iso", 5L << 30).Editions.AddRange(editions);
        machine.Journal.Clear();
        return machine;
    }

    private static string BootPath(Hashtable guest) => (string)LabTable.List(guest["Disks"]).First(d => (bool)d["Boot"]!)["Path"]!;

    /// <summary>The names of the calls between the making of the disk and its final name.</summary>
    private static List<(int Number, string Call)> Installation(Machine machine, Hashtable guest)
    {
        string path = BootPath(guest), partial = path.Replace(".vhdx", ".partial.vhdx", StringComparison.Ordinal);
        List<(int Number, string Call)> all = [.. machine.Journal.Entries.Select((e, i) => (i + 1, e))];
        int first = all.FindIndex(e => e.Call == "New-VHD " + partial), last = all.FindIndex(e => e.Call == $"Move-Item {partial} -> {path}");
        return first < 0 || last < first ? [] : all[first..(last + 1)];
    }

    private static IEnumerable<string> Applied(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = WithMedia(script, guest, "Windows Education");
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        bool uefi = (int)guest["Generation"]! == 2;
        string[] want = uefi
            ? ["New-VHD", "Mount-DiskImage", "Mount-VHD", "Initialize-Disk", "New-Partition", "Format-Volume", "New-Partition", "Format-Volume", "Expand-WindowsImage", "bcdboot.exe"]
            : ["New-VHD", "Mount-DiskImage", "Mount-VHD", "Initialize-Disk", "New-Partition", "Format-Volume", "Expand-WindowsImage", "bcdboot.exe"];
        List<string> calls = [.. Installation(machine, guest).Select(c => c.Call.Split(' ')[0])];
        string[] end = uefi ? ["Set-Partition", "Dismount-VHD", "Dismount-DiskImage", "Move-Item"] : ["Dismount-VHD", "Dismount-DiskImage", "Move-Item"];
        List<string> middle = [.. calls.Skip(want.Length).SkipLast(end.Length)];
        if (!calls.Take(want.Length).SequenceEqual(want) || !calls.TakeLast(end.Length).SequenceEqual(end) || middle.Except(["New-Item", "Set-Content"]).Any())
            yield return "the calls are " + string.Join(", ", calls);
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
        if (machine.HyperV.Find((string)guest["Name"]!)!.Dvds.Exists(d => d.Path != null)) yield return "the media is in the guest's drive";
        machine.Journal.Clear();
        engine.Run(script.Path, machine);
        if (machine.Journal.Entries.Count > 0) yield return "the next run calls " + machine.Journal.Entries[0];
    }

    private static IEnumerable<string> WhichEdition(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = WithMedia(script, guest, "Windows Home", "Windows Pro");
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 1 || !result.Reported("Failed").Exists(l => l.Contains("Windows Home, Windows Pro", StringComparison.Ordinal))) yield return result.Describe();
        foreach (string path in machine.Storage.Mounted) yield return path + " stays mounted";
        if (machine.Files.File(BootPath(guest)) != null) yield return "there is a disk";
    }

    private static IEnumerable<string> NoMedia(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = WithMedia(script, guest);
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 1 || !result.Reported("Failed").Exists(l => l.Contains("no installation media", StringComparison.Ordinal))) yield return result.Describe();
        foreach (string path in machine.Storage.Mounted) yield return path + " stays mounted";
    }

    private static IEnumerable<string> Accidents(TestLog log, PowerShellEngine engine, ScriptFile script, Hashtable guest, bool death)
    {
        Machine undisturbed = WithMedia(script, guest, "Windows Education");
        engine.Run(script.Path, undisturbed);
        List<(int Number, string Call)> calls = Installation(undisturbed, guest);
        if (calls.Count < 10) yield return "no installation";
        foreach (var (number, call) in calls)
        {
            Machine machine = WithMedia(script, guest, "Windows Education");
            if (death) machine.Journal.DieAfter = number;
            else machine.Journal.FailAt = number;
            RunResult broken = engine.Run(script.Path, machine);
            string where = $"{(death ? "death after" : "failure of")} {call}";
            if (!death && broken.ExitCode != 1) yield return $"{where}: {broken.Describe()}";
            if (!death && machine.Files.File(BootPath(guest)) != null) yield return where + ": a half disk is in use";
            // what failed to be dismounted is mounted still; nobody else's failure leaves anything
            if (!death && !call.StartsWith("Dismount", StringComparison.Ordinal))
            {
                foreach (string path in machine.Storage.Mounted) yield return $"{where}: {path} stays mounted";
            }
            machine.Journal.Clear();
            RunResult next = engine.Run(script.Path, machine);
            if (next.ExitCode != 0) yield return $"{where}: next run: {next.Describe()}";
            foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return $"{where}: {difference}";
        }
        log.Figure($"media {script.Name}: {calls.Count} calls, each {(death ? "died after" : "failed")}");
    }
}
