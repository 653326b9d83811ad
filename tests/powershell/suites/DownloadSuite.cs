using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>Images from the net (weeks/download.yaml): what broke off goes on, and a folder with images spares the net.</summary>
public sealed class DownloadSuite(PowerShellEngine engine, ScriptFile script)
{
    private const string Url = "https://images.example.org/debian-12.vhdx", Zip = "https://images.example.org/kali.zip", Source = "https://images.example.org/files.vhdx", Stick = @"E:\class images";

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
        log.Test("download: what has to come has no room: refused, with the image and the figures", suite.NoRoom);
        log.Test("download: what has to come has just enough room", suite.JustRoom);
        log.Test("download: the server's own size counts", suite.OtherSize);
        log.Test("download: a server that does not say its size stops nothing", suite.SaysNothing);
        log.Test("download: what came before it broke off is not counted again", suite.PartCame);
        log.Test("download: what is there is neither asked for nor counted", suite.AllThere);
        log.Test("-ImageDir: what is taken from there is counted by its own size", suite.FolderRoom);
        log.Test("-ImageDir: files there are taken first, and nothing is fetched", suite.Folder);
        log.Test("-ImageDir: a DVD is taken from there", suite.FolderDvd);
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
        // a disk's own source is downloaded as an image is; what a further disk is made from, a person has put there
        if (machine.Files.File(script.Lab.Data + @"\disks\files.vhdx")?.Disk?.Content != "system of " + Source) yield return "files has another system";
        if (machine.Files.File(script.Lab.Data + @"\disks\files-2.vhdx")?.Disk?.Content != $@"system of {script.Lab.Data}\images\data.vhdx") yield return "files has another second disk";
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
        machine.Files.AddFile(Stick + @"\files.vhdx", (long)WebFile.Bytes, machine.Web[Source].Disk("files.vhdx")).Lines.Add(Source);
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

    private IEnumerable<string> FolderDvd()
    {
        Machine machine = Begin();
        Put(machine, Url);
        machine.Files.Move(@"D:\images\tools.iso", Stick + @"\tools.iso");
        RunResult result = engine.Run(script.Path, machine, ("ImageDir", Stick));
        if (result.ExitCode != 0 || result.Warnings.Count > 0) yield return result.Describe();
        if (machine.HyperV.Find("old")?.Dvds.Exists(d => d.Path == Stick + @"\tools.iso") != true) yield return "the DVD is not in the drive of old";
        machine.Journal.Clear();
        RunResult again = engine.Run(script.Path, machine, ("ImageDir", Stick));
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

    /// <summary>
    /// 4 GiB for Windows, 3 for each copy of an image that is there (old's, files' second), 3 for web's and files' and for their
    /// copies, 3 for the archive, for its disk and for its copy.
    /// </summary>
    private const long Needed = 31L << 30;

    private IEnumerable<string> Refused(Machine machine, string needs, string words, params (string, object)[] arguments)
    {
        machine.Journal.Clear();
        string before = Portrait.Of(machine);
        RunResult result = engine.Run(script.Path, machine, arguments);
        if (result.ExitCode != 2 || result.Warnings.Count != 1) yield return result.Describe() + string.Join(" | ", result.Warnings);
        foreach (string say in new[] { "setting up needs " + needs + ".", words })
            if (!result.Warnings.Exists(w => w.Contains(say, StringComparison.Ordinal))) yield return $"does not say '{say}': {string.Join(" | ", result.Warnings)}";
        if (machine.Journal.Entries.Count > 0) yield return machine.Journal.Entries[0];
        if (Portrait.Of(machine) != before) yield return "the machine is not what it was";
    }

    private IEnumerable<string> NoRoom()
    {
        Machine machine = Begin();
        machine.FreeDisk = Needed - 1;
        foreach (string reason in Refused(machine, "31 GiB", $" {Url}: 3 GiB to download, 3 GiB for what is made from it. {Zip}: 3 GiB to download, 6 GiB for what is made from it.")) yield return reason;
        if (machine.Web[Url].Asked != 1 || machine.Web[Url].Begun > 0) yield return $"asked {machine.Web[Url].Asked} times, begun {machine.Web[Url].Begun} times";
    }

    private IEnumerable<string> JustRoom()
    {
        Machine machine = Begin();
        machine.FreeDisk = Needed;
        return Settled(machine, engine.Run(script.Path, machine));
    }

    private IEnumerable<string> OtherSize()
    {
        Machine machine = Begin();
        machine.Web[Url].Says = 20L << 30;
        machine.FreeDisk = Needed + (34L << 30) - 1;
        return Refused(machine, "65 GiB", $" {Url}: 20 GiB to download, 20 GiB for what is made from it.");
    }

    private IEnumerable<string> SaysNothing()
    {
        foreach (long? says in new long?[] { null, -1 })
        {
            Machine machine = Begin();
            machine.Web[Url].Says = machine.Web[Zip].Says = machine.Web[Source].Says = says;
            machine.FreeDisk = 10L << 30;
            foreach (string reason in Settled(machine, engine.Run(script.Path, machine))) yield return reason;
        }
    }

    private IEnumerable<string> PartCame()
    {
        Machine machine = Begin();
        (machine.Web[Url].BreaksAt, machine.Web[Url].Breaks) = (0.5, BitsState.Error);
        engine.Run(script.Path, machine);
        // the other guests are made; web lacks half of the image and its copy
        machine.FreeDisk = (8L << 30) + (1L << 29) - 1;
        foreach (string reason in Refused(machine, "8704 MiB", $" {Url}: 1536 MiB to download, 3 GiB for what is made from it.")) yield return reason;
        if (machine.Web[Url].Asked != 1) yield return "BITS knows the size, and the server was asked again";
        machine.FreeDisk = (8L << 30) + (1L << 29);
        foreach (string reason in Settled(machine, engine.Run(script.Path, machine))) yield return reason;
    }

    private IEnumerable<string> AllThere()
    {
        Machine machine = Begin();
        engine.Run(script.Path, machine);
        foreach (WebFile file in machine.Web.Values) file.Asked = 0;
        machine.FreeDisk = 4L << 30;
        foreach (string reason in Settled(machine, engine.Run(script.Path, machine))) yield return reason;
        if (machine.Web.Values.Any(f => f.Asked > 0)) yield return "the server was asked";
        // its copy is made, so the image may go
        machine.Files.Remove(script.Lab.Data + @"\images\debian-12.vhdx");
        foreach (string reason in Settled(machine, engine.Run(script.Path, machine))) yield return reason;
        if (machine.Web.Values.Any(f => f.Asked > 0)) yield return "the server was asked for what is not needed";
    }

    private IEnumerable<string> FolderRoom()
    {
        Machine machine = Begin();
        Put(machine, Url);
        machine.Files.File(Stick + @"\kali.zip")!.Length = 2L << 30;
        machine.Drives.Find(d => d.Letter == "C:")!.Free = (28L << 30) - 1;
        foreach (string reason in Refused(machine, "28 GiB", $" {Zip}: 2 GiB to download, 4 GiB for what is made from it.", ("ImageDir", Stick))) yield return reason;
        if (machine.Web.Values.Any(f => f.Asked > 0)) yield return "the server was asked";
    }

    private IEnumerable<string> NoFolder()
    {
        Machine machine = Begin();
        RunResult result = engine.Run(script.Path, machine, ("ImageDir", @"E:\nothing"));
        if (result.ExitCode != 2 || !result.Warnings.Exists(w => w.Contains(@"E:\nothing", StringComparison.Ordinal))) yield return result.Describe();
        if (machine.Journal.Entries.Count > 0) yield return machine.Journal.Entries[0];
    }
}
