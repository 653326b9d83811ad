using System.Collections;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>Images that come late, in other formats, or not at all; and that a disk somebody wrote on is never lost.</summary>
public static class ImageSuite
{
    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        if (script.Lab.Guests.Find(g => g["Sha256"] is string) is { } checkedGuest)
            log.Test(script.Name + ": a download with another checksum is refused", () => WrongChecksum(engine, script, checkedGuest));
        Hashtable? guest = script.Lab.Guests.Find(g => g["Image"] is string && !(bool)g["OnDemand"]! && g["Iso"] == null && g["Url"] == null);
        if (guest == null) return;
        log.Test(script.Name + ": an image that comes later replaces the empty disk", () => ComesLater(engine, script, guest));
        log.Test(script.Name + ": a disk somebody installed on is not replaced", () => Installed(engine, script, guest));
        log.Test(script.Name + ": a guest that runs is not touched by an image", () => Running(engine, script, guest));
        log.Test(script.Name + ": a .vhd is converted", () => Converted(engine, script, guest));
        log.Test(script.Name + ": an .iso is put into the drive, booted after the empty disk", () => Medium(engine, script, guest));
        log.Test(script.Name + ": a disk is grown to the described size and never cut", () => Sizes(engine, script, guest));
        log.Test(script.Name + ": the lost file of a disk is made again, others stay", () => LostFile(engine, script, guest));
    }

    private static IEnumerable<string> WrongChecksum(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = Bench.Blank(script);
        machine.Web[(string)guest["Url"]!] = new WebFile("something else", new string('0', 64));
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 1) yield return result.Describe();
        if (machine.Files.All.Any(f => f.Value.Disk?.Content == "something else" && !f.Key.Contains(".partial", StringComparison.Ordinal))) yield return "it was used";
        if (!result.Reported("Failed").Exists(l => l.Contains("SHA-256", StringComparison.Ordinal))) yield return "does not say why";
    }

    private static IEnumerable<string> ComesLater(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = Bench.Blank(script, images: false);
        Bench.Complete(engine, script, machine);
        Bench.AddImage(machine, Image(guest), guest);
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        VirtualDisk? disk = machine.Files.File(BootDisk(guest))?.Disk;
        if (disk?.Content != "system of " + Image(guest) + ".vhdx") yield return "the disk holds: " + disk?.Content;
        if (!machine.Files.All.Any(f => f.Key.Contains(".empty-", StringComparison.Ordinal))) yield return "the empty disk was not set aside";
        if (Vm(machine, guest).State != VMState.Running) yield return "the guest does not run: " + result.Describe();
        machine.Journal.Clear();
        engine.Run(script.Path, machine);
        if (machine.Journal.Entries.Count > 0) yield return "the next run calls " + machine.Journal.Entries[0];
    }

    private static IEnumerable<string> Installed(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = Bench.Blank(script, images: false);
        Bench.Complete(engine, script, machine);
        SimulatedFile file = machine.Files.File(BootDisk(guest))!;
        file.Length = 9L << 30;
        file.Disk!.Content = "a term's work";
        Bench.AddImage(machine, Image(guest), guest);
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        if (machine.Files.File(BootDisk(guest))?.Disk?.Content != "a term's work") yield return "the work is gone";
        if (Vm(machine, guest).State != VMState.Running) yield return "the guest was not started";
    }

    private static IEnumerable<string> Running(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = Bench.Blank(script, images: false);
        Bench.Complete(engine, script, machine);
        Vm(machine, guest).State = VMState.Running; // started by hand, about to install
        Bench.AddImage(machine, Image(guest), guest);
        machine.Journal.Clear();
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        if (machine.Journal.Entries.Any(e => e.Contains(BootDisk(guest), StringComparison.OrdinalIgnoreCase))) yield return "the disk in use was touched";
    }

    private static IEnumerable<string> Converted(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = Bench.Blank(script, images: false);
        machine.Files.AddFile(Image(guest) + ".vhd", 3L << 30, new VirtualDisk { Size = 10L << 30, Type = VhdType.Fixed, Format = VhdFormat.VHD, Content = "old system" });
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        VirtualDisk? disk = machine.Files.File(BootDisk(guest))?.Disk;
        Hashtable want = LabTable.List(guest["Disks"])[0];
        if (disk?.Content != "old system" || disk.Format.ToString() != (string)want["Format"]! || disk.Type.ToString() != (string)want["Type"]!) yield return $"the disk is {disk?.Format} {disk?.Type} with {disk?.Content}";
    }

    private static IEnumerable<string> Medium(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = Bench.Blank(script, images: false);
        machine.Files.AddFile(Image(guest) + ".iso", 5L << 30);
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        VirtualMachine vm = Vm(machine, guest);
        if (!vm.Dvds.Exists(d => d.Path == Image(guest) + ".iso")) yield return "no DVD";
        if (vm.State != VMState.Off) yield return "was started without a system";
        if (vm.Generation == 2 && vm.Firmware.Order.Count(o => o.BootType == BootSourceType.Drive) > 1
            && (vm.Firmware.Order[0].Device is not HardDiskDrive || vm.Firmware.Order[1].Device is not DvdDrive)) yield return "the boot order is wrong";
        if (!result.Text.Exists(t => t.StartsWith(guest["Name"] + ": install", StringComparison.Ordinal))) yield return "does not tell to install it";
        machine.Journal.Clear();
        engine.Run(script.Path, machine);
        if (machine.Journal.Entries.Count > 0) yield return "the next run calls " + machine.Journal.Entries[0];
    }

    private static IEnumerable<string> Sizes(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = Bench.Ready(engine, script);
        long want = Convert.ToInt64(LabTable.List(guest["Disks"])[0]["Size"]);
        VirtualDisk disk = machine.Files.File(BootDisk(guest))!.Disk!;
        if (disk.Size != want) yield return $"the copy of a 10 GiB image has {disk.Size >> 30} GiB";
        disk.Size = want * 2;
        engine.Run(script.Path, machine);
        if (machine.Files.File(BootDisk(guest))!.Disk!.Size != want * 2) yield return "a larger disk was cut";
    }

    private static IEnumerable<string> LostFile(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = Bench.Ready(engine, script);
        foreach (VirtualMachine vm in machine.HyperV.Machines) vm.State = VMState.Off;
        foreach (var (path, file) in machine.Files.All.Where(f => f.Key.Contains(@"\disks\", StringComparison.Ordinal)).ToList())
        {
            if (path == BootDisk(guest)) machine.Files.Remove(path);
            else file.Disk!.Content += " and work";
        }
        int works = machine.Files.All.Count(f => f.Value.Disk?.Content.EndsWith(" and work", StringComparison.Ordinal) ?? false);
        engine.Run(script.Path, machine);
        if (machine.Files.File(BootDisk(guest)) == null) yield return "the disk was not made again";
        if (machine.Files.All.Count(f => f.Value.Disk?.Content.EndsWith(" and work", StringComparison.Ordinal) ?? false) != works) yield return "another disk was replaced";
    }

    private static string Image(Hashtable guest) => (string)guest["Image"]!;

    private static string BootDisk(Hashtable guest) => (string)LabTable.List(guest["Disks"]).First(d => (bool)d["Boot"]!)["Path"]!;

    private static VirtualMachine Vm(Machine machine, Hashtable guest) => machine.HyperV.Find((string)guest["Name"]!)!;
}
