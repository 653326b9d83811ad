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
    public static Machine Blank(ScriptFile script, bool images = true)
    {
        LabTable lab = script.Lab;
        var machine = new Machine(lab.IsServer, FreeAddress(lab)) { FreeDisk = 4096 * GiB };
        AddDrive(machine, lab);
        machine.LogicalProcessors = Math.Max(4, lab.Guests.Max(g => (int)g["Vcpus"]!));
        long guests = lab.Guests.Sum(g => Convert.ToInt64(((Hashtable)g["Memory"]!)["Startup"]));
        machine.Memory = guests + lab.Reserve + (4 * GiB) - 500_000;
        if (!lab.IsServer) machine.HyperV.Switches.Add(new VMSwitch { Id = new Guid("c08cb7b8-9b3c-408e-8e30-5e16a3aeb444"), Name = "Standardswitch", SwitchType = VMSwitchType.Private });
        foreach (Hashtable network in lab.Networks.Where(n => (string)n["Kind"]! == "external"))
            machine.HyperV.Switches.Add(new VMSwitch { Name = (string)network["Switch"]!, SwitchType = VMSwitchType.External });
        foreach (Hashtable guest in lab.Guests)
        {
            foreach (Hashtable disk in LabTable.List(guest["Disks"]))
            {
                if (disk["Parent"] is string parent) AddImage(machine, parent);
                if (disk["Source"] is string source && !source.StartsWith("http", StringComparison.Ordinal)) AddImage(machine, source);
            }
            if (guest["Iso"] is string iso) machine.Files.AddFile(iso, 5 * GiB);
            if (images && guest["Image"] is string image && guest["Url"] == null) AddImage(machine, image);
            if (guest["Url"] is string url)
                machine.Web[url] = new WebFile("system of " + url, (guest["Sha256"] as string ?? "").ToUpperInvariant(), url.Contains(".zip", StringComparison.OrdinalIgnoreCase) ? "disk.vhdx" : null);
        }
        return machine;
    }

    /// <summary>The drive of the lab's data.</summary>
    public static void AddDrive(Machine machine, LabTable lab)
    {
        string drive = lab.Data[..2].ToUpperInvariant();
        if (machine.Drives.Contains(drive)) return;
        machine.Drives.Add(drive);
        machine.Files.AddFolder(drive + @"\");
    }

    public static void AddImage(Machine machine, string place)
    {
        string path = place.EndsWith(".vhdx", StringComparison.OrdinalIgnoreCase) || place.EndsWith(".vhd", StringComparison.OrdinalIgnoreCase) ? place : place + ".vhdx";
        VhdFormat format = path.EndsWith(".vhd", StringComparison.OrdinalIgnoreCase) ? VhdFormat.VHD : VhdFormat.VHDX;
        if (machine.Files.File(path) == null)
            machine.Files.AddFile(path, 3 * GiB, new VirtualDisk { Size = 10 * GiB, Type = VhdType.Dynamic, Format = format, Content = "system of " + path });
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

    /// <summary>A machine on which everything is done.</summary>
    public static Machine Ready(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Blank(script);
        RunResult result = Complete(engine, script, machine);
        if (result.ExitCode != 0) throw new InvalidOperationException("setup did not succeed: " + result.Describe());
        machine.Journal.Clear();
        return machine;
    }

    /// <summary>An address of the host that does not overlap the lab's networks.</summary>
    private static string FreeAddress(LabTable lab) =>
        lab.Networks.Any(n => n["Gateway"] is string g && g.StartsWith("10.0.0.", StringComparison.Ordinal)) ? "172.31.7.8" : "10.0.0.8";
}
