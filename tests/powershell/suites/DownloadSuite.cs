using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>Images from the net (weeks/download.yaml): what broke off goes on, and a folder with images spares the net.</summary>
public sealed class DownloadSuite(PowerShellEngine engine, ScriptFile script)
{
    private const string Url = "https://images.example.org/debian-12.vhdx", Zip = "https://images.example.org/kali.zip", Stick = @"E:\class images";

    public static void Run(TestLog log, PowerShellEngine engine, string weeks)
    {
        var suite = new DownloadSuite(engine, ScriptFile.FindIn(Path.Combine(weeks, "download"), engine).First(s => s.IsSetup));
        log.Test("download: what broke off goes on in the next run, from where it was", () => suite.BrokenOff(BitsState.Error));
        log.Test("download: ten minutes without a byte are reported, and the next run goes on", () => suite.BrokenOff(BitsState.TransientError));
        log.Test("download: the script dies while it comes: the next run takes what has come", suite.Died);
        log.Test("download: whole but not yet used: it is not fetched again", suite.Whole);
        log.Test("download: remove.ps1 ends what broke off", suite.Removed);
        log.Test("download: the progress is shown", suite.Progress);
        log.Test("download: an address that is not there", suite.Missing);
        log.Test("-ImageDir: files there are taken first, and nothing is fetched", suite.Folder);
        log.Test("-ImageDir: a file with another checksum is not used", suite.OtherChecksum);
        log.Test("-ImageDir: a folder that is not there changes nothing", suite.NoFolder);
    }

    /// <summary>Hyper-V is there, the images are not.</summary>
    private Machine Begin()
    {
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        return machine;
    }

    private IEnumerable<string> Settled(Machine machine, RunResult result, int begun = 1)
    {
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
        if (machine.Files.File(script.Lab.Data + @"\disks\web.vhdx")?.Disk?.Content != "system of " + Url) yield return "web has another system";
        if (machine.Web[Url].Begun != begun) yield return $"it was asked for {machine.Web[Url].Begun} times from its beginning";
        if (machine.Transfers.Count > 0) yield return "a job is left";
        foreach (var file in machine.Files.All.Where(f => f.Key.Contains("debian-12.partial", StringComparison.Ordinal))) yield return file.Key + " is left";
    }

    private IEnumerable<string> BrokenOff(BitsState state)
    {
        Machine machine = Begin();
        (machine.Web[Url].BreaksAt, machine.Web[Url].Breaks) = (0.5, state);
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 1 || !result.Reported("Failed").Exists(l => l.Contains("image web", StringComparison.Ordinal) && l.Contains("broke off after 1536 MiB", StringComparison.Ordinal)))
            yield return result.Describe();
        if (machine.HyperV.Find("db")?.State == null) yield return "the other guests were not made";
        if (machine.Clock > 1500) yield return $"it waited {machine.Clock} seconds";
        foreach (string reason in Settled(machine, engine.Run(script.Path, machine))) yield return reason;
    }

    private IEnumerable<string> Removed()
    {
        Machine machine = Begin();
        (machine.Web[Url].BreaksAt, machine.Web[Url].Breaks) = (0.5, BitsState.Error);
        engine.Run(script.Path, machine);
        machine.Transfers.Add(new BitsJob { Source = "https://elsewhere.example.org/a", Destination = @"C:\a", DisplayName = "of somebody else" });
        string remove = Path.Combine(Path.GetDirectoryName(script.Path)!, "remove.ps1");
        RunResult planned = engine.Run(remove, machine, ("WhatIf", true));
        if (planned.ExitCode != 0 || machine.Transfers.Count != 2) yield return "-WhatIf: " + planned.Describe();
        RunResult result = engine.Run(remove, machine, ("Force", true));
        if (result.ExitCode != 0 || !result.Reported("Removed").Exists(l => l.Contains("download " + Url, StringComparison.Ordinal))) yield return result.Describe();
        if (machine.Transfers.Count != 1 || machine.Transfers[0].DisplayName != "of somebody else") yield return "left: " + string.Join(", ", machine.Transfers.Select(t => t.DisplayName));
    }

    private IEnumerable<string> Died()
    {
        Machine first = Begin();
        engine.Run(script.Path, first);
        int at = first.Journal.Entries.ToList().FindIndex(e => e.StartsWith("Start-BitsTransfer " + Url, StringComparison.Ordinal)) + 1;
        if (at == 0) yield return "it is not fetched";
        Machine machine = Begin();
        machine.Journal.DieAfter = at;
        engine.Run(script.Path, machine);
        if (machine.Transfers.Count != 1) yield return "no job is left to go on";
        machine.Journal.Clear();
        machine.Clock += 3600;
        RunResult result = engine.Run(script.Path, machine);
        if (machine.Journal.Entries.Any(e => e.StartsWith("Start-BitsTransfer " + Url, StringComparison.Ordinal))) yield return "it was begun again";
        foreach (string reason in Settled(machine, result)) yield return reason;
    }

    private IEnumerable<string> Whole()
    {
        Machine machine = Begin();
        machine.Journal.FailAll = e => e.StartsWith("Move-Item", StringComparison.Ordinal) && e.Contains(".partial", StringComparison.Ordinal);
        RunResult broken = engine.Run(script.Path, machine);
        if (broken.ExitCode != 1) yield return broken.Describe();
        machine.Journal.Clear();
        foreach (string reason in Settled(machine, engine.Run(script.Path, machine))) yield return reason;
    }

    private IEnumerable<string> Progress()
    {
        Machine machine = Begin();
        RunResult result = engine.Run(script.Path, machine);
        foreach (string reason in Settled(machine, result)) yield return reason;
        if (!machine.Progress.Exists(p => p.StartsWith(Url, StringComparison.Ordinal) && p.EndsWith(" 53%", StringComparison.Ordinal))) yield return "shown: " + string.Join(", ", machine.Progress.Where(p => p.StartsWith("http", StringComparison.Ordinal)).Take(20));
    }

    private IEnumerable<string> Missing()
    {
        Machine machine = Begin();
        WebFile file = machine.Web[Url];
        machine.Web.Remove(Url);
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 1 || !result.Reported("Failed").Exists(l => l.Contains("image web", StringComparison.Ordinal))) yield return result.Describe();
        machine.Web[Url] = file;
        foreach (string reason in Settled(machine, engine.Run(script.Path, machine))) yield return reason;
    }

    private static void Put(Machine machine, string sum)
    {
        machine.Drives.Add(new LogicalDrive("E:", "NTFS"));
        machine.Files.AddDrive("E:");
        machine.Files.AddFolder(Stick);
        Bench.AddImage(machine, Stick + @"\debian-11.vhdx");
        machine.Files.AddFile(Stick + @"\debian-12.vhdx", (long)WebFile.Bytes, machine.Web[Url].Disk("debian-12.vhdx")).Lines.Add(sum);
        machine.Files.AddFile(Stick + @"\kali.zip", (long)WebFile.Bytes).Lines.Add(Zip);
        // where the description looks, there is nothing
        machine.Files.Remove(@"D:\images\debian-11.vhdx");
    }

    private IEnumerable<string> Folder()
    {
        Machine machine = Begin();
        Put(machine, Url);
        RunResult result = engine.Run(script.Path, machine, ("ImageDir", Stick + @"\"));
        foreach (string reason in Settled(machine, result, 0)) yield return reason;
        if (machine.Web[Zip].Begun > 0) yield return "the archive was fetched";
        if (machine.Files.File(script.Lab.Data + @"\disks\old.vhdx")?.Disk?.Content != $@"system of {Stick}\debian-11.vhdx") yield return "old has another system";
        if (machine.Files.File(Stick + @"\debian-12.vhdx") == null) yield return "the file is gone from the folder";
        // the folder is a stick, and is not there the next time
        machine.Files.Remove(Stick + @"\debian-11.vhdx");
        machine.Journal.Clear();
        RunResult again = engine.Run(script.Path, machine);
        if (again.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return "again: " + again.Describe() + machine.Journal.Entries.FirstOrDefault();
    }

    private IEnumerable<string> OtherChecksum()
    {
        Machine machine = Begin();
        Put(machine, "https://elsewhere.example.org/another.vhdx");
        RunResult result = engine.Run(script.Path, machine, ("ImageDir", Stick));
        if (result.ExitCode != 1 || !result.Reported("Failed").Exists(l => l.Contains("SHA-256", StringComparison.Ordinal))) yield return result.Describe();
        if (machine.Files.File(script.Lab.Data + @"\disks\web.vhdx") != null) yield return "it was used";
    }

    private IEnumerable<string> NoFolder()
    {
        Machine machine = Begin();
        RunResult result = engine.Run(script.Path, machine, ("ImageDir", @"E:\nothing"));
        if (result.ExitCode != 2 || !result.Warnings.Exists(w => w.Contains(@"E:\nothing", StringComparison.Ordinal))) yield return result.Describe();
        if (machine.Journal.Entries.Count > 0) yield return machine.Journal.Entries[0];
    }
}
