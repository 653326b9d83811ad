using System.Collections;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>A machine that cannot hold the lab as it is: exit 2, the reason in words, and nothing changed, not even a log.</summary>
public static class RefusalSuite
{
    /// <param name="Says">a word the reason must contain</param>
    private sealed record Obstacle(string Name, Action<Machine, LabTable> Prepare, string Says, bool NeedsHyperV = false, Func<LabTable, bool>? Applies = null,
        bool ForEachGuest = false);

    private static readonly Obstacle[] Obstacles =
    [
        new("not elevated", (m, l) => m.Elevated = false, "administrator"),
        new("no virtualization", (m, l) => m.HasVirtualization = false, "virtualization"),
        new("no virtualization on a PC", (m, l) => (m.HasVirtualization, m.IsVirtualMachine) = (false, false), "virtualization"),
        new("a Home edition", (m, l) => m.Sku = 101, "no Hyper-V"),
        new("too little memory", (m, l) => m.Memory = 3L << 30, "memory"),
        new("too few processors", (m, l) => m.LogicalProcessors = 1, "processors", Applies: l => l.Guests.Exists(g => (int)g["Vcpus"]! > 1), ForEachGuest: true),
        new("too little disk", (m, l) => m.FreeDisk = 1L << 30, "free", Applies: l => !l.DataDisk),
        new("a foreign NAT", (m, l) => m.Network.NewNat("DockerNAT", "172.17.0.0/16"), "DockerNAT", true, l => l.NatNetwork != null),
        new("a NAT of the same name that is not ours", (m, l) => m.Network.NewNat((string)l.NatNetwork!["Nat"]!, "172.17.0.0/16"), "172.17.0.0/16", true, l => l.NatNetwork != null),
        new("an address of the host in the lab's network", (m, l) => AddAddress(m, (string)l.NatNetwork!["Gateway"]!, 16), "overlaps", Applies: l => l.NatNetwork != null),
        new("a foreign switch of the same name", (m, l) => m.HyperV.NewSwitch((string)l.Networks[0]["Switch"]!, VMSwitchType.Internal, ""), "switch", true, HasSwitch),
        new("a switch of another lab", (m, l) => m.HyperV.NewSwitch((string)l.Networks[0]["Switch"]!, VMSwitchType.Internal, "labc:other-lab"), "other-lab", true, HasSwitch),
        new("a foreign machine of the same name", (m, l) => m.HyperV.NewMachine((string)l.Guests[0]["Name"]!, 2, 1L << 30, @"C:\vms"), "virtual machine", true),
        new("a machine of another lab", (m, l) => m.HyperV.NewMachine((string)l.Guests[0]["Name"]!, 2, 1L << 30, @"C:\vms").Notes = "labc:other-lab\nx", "other-lab", true),
        new("a machine of another lab in our own folder", (m, l) => m.HyperV.NewMachine((string)l.Guests[0]["Name"]!, 2, 1L << 30, l.Data + @"\machines").Notes = "labc:other-lab\nx", "other-lab", true),
        new("a machine with notes of its own in our folder", (m, l) => m.HyperV.NewMachine((string)l.Guests[0]["Name"]!, 2, 1L << 30, l.Data + @"\machines").Notes = "mine", "did not create it", true),
        new("a UDP port in use", (m, l) => m.Network.UdpListeners.Add(("0.0.0.0", Convert.ToUInt16(First(l, "UDP")!["ExternalPort"]), 777)), "777", Applies: l => First(l, "UDP") != null),
        new("a port in a range Windows keeps back", (m, l) => m.ExcludedPorts.Add(("TCP", Convert.ToInt32(FirstTcp(l)!["ExternalPort"]) - 5, Convert.ToInt32(FirstTcp(l)!["ExternalPort"]) + 5)), "keeps back", Applies: l => l.Mappings.Count(m => (string)m["Protocol"]! == "TCP") == 1),
        new("a DHCP scope that is not ours", (m, l) => ForeignScope(m, l), "DHCP scope", true, l => DhcpNetwork(l) != null),
        new("no raw data disk", (m, l) => m.PhysicalDisks.RemoveAll(d => d.PartitionStyle == "RAW"), "raw data disk", Applies: l => l.DataDisk),
        new("a raw data disk that is too small", (m, l) => { PhysicalDisk d = m.PhysicalDisks.Last(); m.PhysicalDisks.Remove(d); m.PhysicalDisks.Add(new PhysicalDisk { Number = d.Number, Location = d.Location, PartitionStyle = "RAW", Size = 3L << 30 }); }, "setting up needs", Applies: l => l.DataDisk),
        new("a data disk with partitions", (m, l) => { PhysicalDisk d = m.PhysicalDisks.Last(); (d.PartitionStyle, d.NumberOfPartitions) = ("GPT", 1); }, "raw data disk", Applies: l => l.DataDisk),
        new("a port in use", (m, l) => m.Network.Listeners.Add(("0.0.0.0", Convert.ToUInt16(FirstTcp(l)!["ExternalPort"]), 4242)), "4242", Applies: l => FirstTcp(l) != null),
    ];

    /// <summary>The first network's switch is one that the script makes.</summary>
    private static bool HasSwitch(LabTable lab) => lab.Networks[0]["Switch"] is string && (string)lab.Networks[0]["Kind"]! != "default-switch";

    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        foreach (var (number, obstacle) in Obstacles.Index())
        {
            if (!Bench.IsSampled(script, number)) continue;
            if (obstacle.Applies != null && !obstacle.Applies(script.Lab)) continue;
            log.Test($"{script.Name}: refused: {obstacle.Name}", () => Refused(engine, script, obstacle));
        }
        log.Test(script.Name + ": an unknown machine called like a wildcard is no obstacle", () => Wildcard(engine, script));
        log.Test(script.Name + ": -Adopt takes over what has the right names", () => Adopts(engine, script));
    }

    private static IEnumerable<string> Refused(PowerShellEngine engine, ScriptFile script, Obstacle obstacle)
    {
        Machine machine = Bench.Blank(script);
        if (obstacle.NeedsHyperV) machine.Features.InstallEverything();
        obstacle.Prepare(machine, script.Lab);
        machine.Journal.Clear();
        string before = Portrait.Of(machine);
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 2) yield return result.Describe();
        if (!result.Warnings.Exists(w => w.Contains(obstacle.Says, StringComparison.OrdinalIgnoreCase))) yield return "does not say why: " + string.Join(" | ", result.Warnings);
        if (result.Warnings.Count != 1 && !obstacle.ForEachGuest) yield return $"gives {result.Warnings.Count} reasons: {string.Join(" | ", result.Warnings)}";
        if (!result.LastLine.StartsWith("Nothing was changed. Next: ", StringComparison.Ordinal)) yield return "the last line is: " + result.LastLine;
        foreach (string reason in RunSuite.Quiet(machine, result)) yield return reason;
        if (Portrait.Of(machine) != before) yield return "the machine is not what it was";
    }

    private static IEnumerable<string> Wildcard(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        machine.HyperV.NewMachine("*", 2, 1L << 30, @"C:\vms");
        machine.HyperV.NewSwitch("[a-z]*", VMSwitchType.Private, "");
        machine.Journal.Clear();
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
        if (machine.HyperV.Find("*") is not { Notes: "" }) yield return "the foreign machine was changed";
    }

    private static IEnumerable<string> Adopts(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        var guest = script.Lab.Guests[0];
        if (script.Lab.Networks[0]["Switch"] is string name) machine.HyperV.NewSwitch(name, VMSwitchType.Private, "");
        VirtualMachine vm = machine.HyperV.NewMachine((string)guest["Name"]!, (int)guest["Generation"]!, 1L << 30, script.Lab.Data + @"\machines");
        vm.Notes = "made by hand";
        machine.Journal.Clear();
        RunResult result = Bench.Complete(engine, script, machine, ("Adopt", true));
        if (result.ExitCode != 0) yield return result.Describe();
        if (!vm.Notes.StartsWith(script.Lab.Tag, StringComparison.Ordinal)) yield return "the machine did not get the tag";
        if (machine.HyperV.Machines.Count(m => m.Name == vm.Name) != 1) yield return "a second machine was made";
    }

    private static Hashtable? FirstTcp(LabTable lab) => First(lab, "TCP");

    private static Hashtable? First(LabTable lab, string protocol) => lab.Mappings.Find(m => (string)m["Protocol"]! == protocol);

    private static Hashtable? DhcpNetwork(LabTable lab) => lab.Networks.Find(n => n["Dhcp"] is Hashtable);

    private static void ForeignScope(Machine machine, LabTable lab)
    {
        var want = (Hashtable)DhcpNetwork(lab)!["Dhcp"]!;
        machine.Features.InstallServer("DHCP", true);
        machine.Serving.Scopes.Add(new DhcpScope
        {
            ScopeId = System.Net.IPAddress.Parse((string)want["Id"]!), SubnetMask = System.Net.IPAddress.Parse((string)want["Mask"]!), Name = "office", Description = "",
            StartRange = System.Net.IPAddress.Parse((string)want["Start"]!), EndRange = System.Net.IPAddress.Parse((string)want["End"]!), LeaseDuration = TimeSpan.FromDays(8), State = "Active",
        });
    }

    private static void AddAddress(Machine machine, string gateway, byte length)
    {
        string near = gateway[..(gateway.LastIndexOf('.') + 1)] + "250";
        machine.Network.Addresses.Add(new HostAddress(machine.Network.Adapters[0], near, length));
    }
}
