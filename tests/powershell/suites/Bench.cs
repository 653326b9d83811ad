using System.Collections;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>Machines for a script to run on, and the ways it is run.</summary>
public static class Bench
{
    private const long GiB = 1L << 30;

    /// <summary>A new machine as the lab describes it, with the images the guests are made from.</summary>
    public static Machine Blank(ScriptFile script, bool images = true, bool? server = null)
    {
        LabTable lab = script.Lab;
        var machine = new Machine(server ?? lab.IsServer, FreeAddress(lab)) { FreeDisk = 4096 * GiB };
        string drive = lab.Data[..2];
        if (lab.DataDisk) machine.PhysicalDisks.Add(new PhysicalDisk { Number = 2, Location = "Integrated : Adapter 3 : Port 0 : Target 0 : LUN 0", PartitionStyle = "RAW", Size = 4096 * GiB });
        // guests and images lie where the spec says; what it names elsewhere is on a drive of its own
        foreach (string letter in script.Letters.Where(l => l != "C:" && !(lab.DataDisk && l == drive)))
        {
            machine.Drives.Add(new LogicalDrive(letter, "NTFS") { Free = 4096 * GiB });
            machine.Files.AddDrive(letter);
        }
        machine.LogicalProcessors = Math.Max(4, lab.Guests.Max(g => (int)g["Vcpus"]!));
        long guests = lab.Guests.Sum(g => Convert.ToInt64(((Hashtable)g["Memory"]!)["Startup"]));
        machine.Memory = guests + lab.Reserve + (4 * GiB) - 500_000;
        if (!machine.IsServer) machine.HyperV.Switches.Add(new VMSwitch { Id = new Guid("c08cb7b8-9b3c-408e-8e30-5e16a3aeb444"), Name = "Standardswitch", SwitchType = VMSwitchType.Private });
        foreach (Hashtable network in lab.Networks.Where(n => (string)n["Kind"]! == "external"))
            machine.HyperV.Switches.Add(new VMSwitch { Name = (string)network["Switch"]!, SwitchType = VMSwitchType.External });
        foreach (Hashtable guest in lab.Guests)
        {
            foreach (Hashtable disk in LabTable.List(guest["Disks"]))
            {
                if (disk["Parent"] is string parent) AddImage(machine, parent, guest);
                if (disk["Source"] is string source && !source.StartsWith("http", StringComparison.Ordinal))
                {
                    if (source.EndsWith(".iso", StringComparison.OrdinalIgnoreCase)) AddMedium(machine, source, guest);
                    else AddImage(machine, source, guest);
                }
            }
            if (guest["Iso"] is string iso) AddMedium(machine, iso, guest);
            if (images && guest["Image"] is string image && guest["Url"] == null) AddImage(machine, image, guest);
            if (guest["Url"] is string url)
                machine.Web[url] = new WebFile("system of " + url, (guest["Sha256"] as string ?? "").ToUpperInvariant(), url.Contains(".zip", StringComparison.OrdinalIgnoreCase) ? "disk.vhdx" : null) { System = KindOf(guest), Editions = EditionsOf(guest) };
        }
        return machine;
    }

    /// <summary>The system of a guest's images understands the seed that its configuration speaks.</summary>
    public static SystemKind KindOf(Hashtable? guest) =>
        guest == null || (string)guest["Configure"]! == "cloud-init" ? SystemKind.CloudInit : (string)guest["Configure"]! == "unattend" ? SystemKind.Windows : SystemKind.ByHand;

    public static List<Partition> PartitionsOf(SystemKind kind) =>
        kind == SystemKind.Windows ? [new Partition { FileSystem = "NTFS", Files = { [@"Windows\System32\config\SYSTEM"] = "" } }] : [];

    public static void AddImage(Machine machine, string place, Hashtable? guest = null)
    {
        string path = place.EndsWith(".vhdx", StringComparison.OrdinalIgnoreCase) || place.EndsWith(".vhd", StringComparison.OrdinalIgnoreCase) ? place : place + ".vhdx";
        if (!machine.Files.HasFolder(path[..2] + @"\"))
        {
            // the drive is made by the script: the person puts the image there while Windows restarts
            machine.WhileRestarting.Add(restarting => AddImage(restarting, place, guest));
            return;
        }
        VhdFormat format = path.EndsWith(".vhd", StringComparison.OrdinalIgnoreCase) ? VhdFormat.VHD : VhdFormat.VHDX;
        if (machine.Files.File(path) == null)
            machine.Files.AddFile(path, 3 * GiB, new VirtualDisk { Size = 10 * GiB, Type = VhdType.Dynamic, Format = format, Content = "system of " + path, System = KindOf(guest), Partitions = PartitionsOf(KindOf(guest)) });
    }

    /// <summary>The editions in a medium of Windows: never only the one that is wanted.</summary>
    private static string[] EditionsOf(Hashtable guest) => guest["Edition"] is string edition ? [edition + " N", edition] : [];

    /// <summary>An installation medium, put there while Windows restarts where the script makes the drive.</summary>
    private static void AddMedium(Machine machine, string path, Hashtable guest)
    {
        if (machine.Files.HasFolder(path[..2] + @"\")) machine.Files.AddFile(path, 5 * GiB).Editions.AddRange(EditionsOf(guest));
        else machine.WhileRestarting.Add(restarting => AddMedium(restarting, path, guest));
    }

    /// <summary>
    /// Scripts on which every drift is tried; together they have every kind of resource. On the others a sample
    /// is, another one on each, so that the suite takes minutes and not an hour.
    /// </summary>
    public static bool IsWhole(ScriptFile script) => script.Name is "two-hosts/lab-vm-1/setup.ps1" or "serve/host/setup.ps1" or "disk/host/setup.ps1";

    /// <summary>Whether the item of that number is in the sample of the script: one of four.</summary>
    public static bool IsSampled(ScriptFile script, int item)
    {
        return IsWhole(script) || (item + script.Name.Sum(c => c)) % 4 == 0;
    }

    /// <summary>Runs the script, restarting Windows where it says so, as a person would, until it ends otherwise.</summary>
    public static RunResult Complete(PowerShellEngine engine, ScriptFile script, Machine machine, params (string Name, object Value)[] arguments)
    {
        RunResult result = engine.Run(script.Path, machine, arguments);
        for (int i = 0; i < 3 && result.ExitCode == 3010; i++)
        {
            machine.Restart();
            result = engine.Run(script.Path, machine, arguments);
        }
        return result;
    }

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Machine> Done = new(), FirstDone = new();

    /// <summary>A machine on which everything is done.</summary>
    public static Machine Ready(PowerShellEngine engine, ScriptFile script) => DeepCopy.Of(Done.GetOrAdd(script.Path, _ => SetUp(engine, script)));

    /// <summary>A machine after the first run of setup.ps1 and the restart that it asked for.</summary>
    public static Machine Restarted(PowerShellEngine engine, ScriptFile script) => DeepCopy.Of(FirstDone.GetOrAdd(script.Path, _ => FirstRun(engine, script)));

    private static Machine SetUp(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Blank(script);
        RunResult result = Complete(engine, script, machine);
        if (result.ExitCode != 0) throw new InvalidOperationException("setup did not succeed: " + result.Describe());
        machine.Journal.Clear();
        return machine;
    }

    private static Machine FirstRun(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Blank(script);
        engine.Run(script.Path, machine);
        machine.Restart();
        return machine;
    }

    /// <summary>An address of the host that does not overlap the lab's networks.</summary>
    private static string FreeAddress(LabTable lab) =>
        lab.Networks.Any(n => n["Gateway"] is string g && g.StartsWith("10.0.0.", StringComparison.Ordinal)) ? "172.31.7.8" : "10.0.0.8";
}
