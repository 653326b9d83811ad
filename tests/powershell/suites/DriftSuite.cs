using System.Collections;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>Somebody changes one thing by hand; the next run repairs exactly that.</summary>
public static partial class DriftSuite
{
    /// <param name="Name">what was changed by hand</param>
    /// <param name="Change">the change; false if the lab has nothing of the kind</param>
    /// <param name="Kind">kinds of resources that may be reported as repaired or created</param>
    /// <param name="Off">the repair needs the guest to be off</param>
    /// <param name="Hold">what setup says instead of repairing it by itself</param>
    private sealed record Drift(string Name, Func<Machine, LabTable, bool> Change, string[] Kind, bool Off = false, string? Hold = null);

    private static readonly Drift[] Drifts =
    [
        new("a mapping leads elsewhere", (m, l) => First(m.Network.Mappings, x => x.InternalPort = 4444), ["mapping"]),
        new("a mapping is gone", (m, l) => m.Network.Mappings.Count > 0 && Do(() => m.Network.Mappings.RemoveAt(0)), ["mapping"]),
        new("the NAT has another prefix", (m, l) => First(m.Network.Nats, n => n.Prefix = "192.168.77.0/24"), ["nat", "mapping"]),
        new("the NAT is gone", (m, l) => m.Network.Nats.Count > 0 && Do(() => m.Network.RemoveNat(m.Network.Nats[0])), ["nat", "mapping"]),
        new("the gateway address is missing", (m, l) => m.Network.Addresses.RemoveAll(a => IsGateway(a, l)) > 0, ["address", "binding"]),
        new("the gateway address has another prefix length", (m, l) => First(m.Network.Addresses.Where(a => IsGateway(a, l)), a => a.PrefixLength = 30), ["address"]),
        new("the switch's adapter asks for an address", (m, l) => First(m.Network.Addresses.Where(a => IsGateway(a, l)), a => a.Adapter.Dhcp = true), ["address"]),
        new("the switch is private", (m, l) => First(Switches(m, l, VMSwitchType.Internal), s => MakePrivate(m, s)), ["switch", "address"]),
        new("a private switch is internal", (m, l) => First(Switches(m, l, VMSwitchType.Private), s => MakeInternal(m, s)), ["switch"]),
        new("the start type of WinNat is Manual", (m, l) => l.NatNetwork != null && Do(() => m.Service("WinNat")!.StartType = "Manual"), ["service"]),
        new("a firewall rule is gone", (m, l) => m.Serving.Rules.RemoveAll(r => r.Group == l.Tag && r.Protocol == "TCP") > 0, ["firewall"]),
        new("a firewall rule is off", (m, l) => First(m.Serving.Rules.Where(r => r.Group == l.Tag), r => r.Enabled = "False"), ["firewall"]),
        new("a firewall rule blocks", (m, l) => First(m.Serving.Rules.Where(r => r.Group == l.Tag), r => r.Action = "Block"), ["firewall"]),
        new("a firewall rule is for what goes out", (m, l) => First(m.Serving.Rules.Where(r => r.Group == l.Tag), r => r.Direction = "Outbound"), ["firewall"]),
        new("a firewall rule is for another port", (m, l) => First(m.Serving.Rules.Where(r => r.Group == l.Tag), r => r.Ports = ["1"]), ["firewall"]),
        new("DHCP listens on the adapter of Azure", (m, l) => m.Serving.Scopes.Count > 0 && Do(() => m.Serving.Bound["Ethernet"] = true), ["binding"]),
        new("DHCP does not listen on the switch", (m, l) => m.Serving.Scopes.Count > 0 && Do(() => m.Serving.Bound[m.Serving.Bindings().First(b => b.InterfaceAlias != "Ethernet").InterfaceAlias] = false), ["binding"]),
        new("the scope is gone", (m, l) => m.Serving.Scopes.RemoveAll(s => s.Description == l.Tag) > 0, ["scope"]),
        new("the scope has another name", (m, l) => First(m.Serving.Scopes, s => s.Name = "x"), ["scope"]),
        new("the scope has another range", (m, l) => First(m.Serving.Scopes, s => s.EndRange = s.StartRange), ["scope"]),
        new("the scope has another lease", (m, l) => First(m.Serving.Scopes, s => s.LeaseDuration *= 2), ["scope"]),
        new("the scope is not active", (m, l) => First(m.Serving.Scopes, s => s.State = "InActive"), ["scope"]),
        new("the scope has another router", (m, l) => First(m.Serving.Scopes, s => s.Options[3] = ["10.9.9.9"]), ["scope"]),
        new("the scope's DNS servers are in another order", (m, l) => First(m.Serving.Scopes, s => s.Options[6] = [.. s.Options[6].Reverse()]), ["scope"]),
        new("the scope is another's", (m, l) => First(m.Serving.Scopes, s => s.Description = "class of others"), ["scope"], Hold: "scope"),
        new("the folder of the guests is open to users", (m, l) => m.Files.Rights.Remove(l.Data), ["rights"]),
        new("the copy of the script is another", (m, l) => Do(() => m.Files.AddFile($@"C:\Program Files\labc\{l.Name}\setup.ps1", 3).Lines.Add("x")), ["script"]),
        new("the shortcut that starts the lab is gone", (m, l) => l.Shortcut && Do(() => m.Files.Remove($@"C:\Users\Public\Desktop\Start {l.Name}.lnk")), ["shortcut"]),
        new("the copy of reset.ps1 is another", (m, l) => Do(() => m.Files.File($@"C:\Program Files\labc\{l.Name}\reset.ps1")!.Text = "x"), ["script"]),
        new("the shortcut is gone", (m, l) => l.Shortcut && Do(() => m.Files.Remove(@"C:\Users\Public\Desktop\Hyper-V Manager.lnk")), ["shortcut"]),
        new("the student left Hyper-V Administrators", (m, l) => !l.AdminStudents && Do(m.HyperVAdministrators.Clear), ["member"]),
        new("the stop action is Save", Guest(v => v.AutomaticStopAction = StopAction.Save), ["guest"]),
        new("the start action is another", Guest(v => v.AutomaticStartAction = v.AutomaticStartAction == StartAction.Start ? StartAction.Nothing : StartAction.Start), ["autostart"]),
        new("the start delay is another", Guest(v => v.AutomaticStartDelay += 77), ["guest"]),
        new("checkpoints are made", Guest(v => v.CheckpointType = CheckpointType.ProductionOnly), ["guest"]),
        new("checkpoints are made by themselves", Guest(v => v.AutomaticCheckpointsEnabled = true), ["guest"]),
        new("memory is another", Guest(v => v.Memory.Startup += 2 << 20), ["guest", "start"], Off: true),
        new("dynamic memory is switched over", Guest(v => v.Memory.DynamicMemoryEnabled = !v.Memory.DynamicMemoryEnabled), ["guest", "start"], Off: true),
        new("there is one processor more", Guest(v => v.Processor.Count++), ["guest", "start"], Off: true),
        new("processor compatibility is switched over", Guest(v => v.Processor.CompatibilityForMigrationEnabled ^= true), ["guest", "start"], Off: true),
        new("nested virtualization is switched over", Guest(v => v.Processor.ExposeVirtualizationExtensions ^= true), ["guest", "start"], Off: true),
        new("secure boot is switched over", Guest(v => v.Firmware.SecureBoot = v.Firmware.SecureBoot == OnOffState.On ? OnOffState.Off : OnOffState.On, 2), ["guest", "start"], Off: true),
        new("the TPM is off", (m, l) => Own(m, l).FirstOrDefault(v => v.TpmEnabled) is { } v && Do(() => v.TpmEnabled = false), ["guest", "start"], Off: true),
        new("an adapter is unplugged", Adapter(a => a.SwitchName = null), ["adapter"]),
        new("DHCP guard is switched over", Adapter(a => a.DhcpGuard = a.DhcpGuard == OnOffState.On ? OnOffState.Off : OnOffState.On), ["adapter"]),
        new("router guard is switched over", Adapter(a => a.RouterGuard = a.RouterGuard == OnOffState.On ? OnOffState.Off : OnOffState.On), ["adapter"]),
        new("MAC spoofing is switched over", Adapter(a => a.MacAddressSpoofing = a.MacAddressSpoofing == OnOffState.On ? OnOffState.Off : OnOffState.On), ["adapter"]),
        new("an adapter is in a VLAN", Adapter(a => (a.Vlan.OperationMode, a.Vlan.AccessVlanId) = (VlanMode.Access, 99)), ["adapter"]),
        new("a rule of an adapter is gone", Ruled(a => a.Rules.RemoveAll(r => r.RemoteIPAddress == "10.0.0.0/8")), ["egress"]),
        new("all rules of an adapter are gone", Ruled(a => a.Rules.Clear()), ["egress"]),
        new("a rule of an adapter allows what it denied", Ruled(a => a.Rules.Find(r => r.Action == AclAction.Deny)!.Action = AclAction.Allow), ["egress"]),
        new("a rule of an adapter forgets the connection", Ruled(a => a.Rules.FindAll(r => r.Stateful).ForEach(r => r.Stateful = false)), ["egress"]),
        new("a guest was turned off", (m, l) => Own(m, l).FirstOrDefault(v => v.State == VMState.Running) is { } v && Do(() => v.State = VMState.Off), ["start"]),
        new("the notes are gone", Guest(v => v.Notes = ""), ["guest"]),
        new("the least memory is another", Dynamic(v => v.Memory.Minimum += 2 << 20), ["guest", "start"], Off: true),
        new("the most memory is another", Dynamic(v => v.Memory.Maximum += 2 << 20), ["guest", "start"], Off: true),
        new("the memory buffer is another", Wanted("Buffer", v => v.Memory.Buffer += 7), ["guest"]),
        new("the memory weight is another", Wanted("Weight", v => v.Memory.Priority += 7), ["guest"]),
        new("the MAC address is another", (m, l) => First(Own(m, l).SelectMany(v => v.Adapters).Where(a => !a.DynamicMacAddressEnabled && a.MacAddress != "000000000000"), a => a.MacAddress = "00155DFFFFFF"), ["adapter", "start"], Off: true),
        new("the secure boot template is another", Template(v => v.Firmware.SecureBootTemplate = v.Firmware.SecureBootTemplate == "MicrosoftWindows" ? "MicrosoftUEFICertificateAuthority" : "MicrosoftWindows"), ["guest", "start"], Off: true),
        new("the DVD comes first", (m, l) => First(Own(m, l).Where(v => v.State == VMState.Off && v.StartupOrder[0] == BootDevice.IDE && v.Generation == 1), v => v.StartupOrder = [BootDevice.CD, BootDevice.IDE, BootDevice.LegacyNetworkAdapter, BootDevice.Floppy]), ["boot"]),
        new("a guest is gone", (m, l) => Own(m, l).FirstOrDefault(v => v.Disks.Count > 0) is { } v && Do(() => m.HyperV.Machines.Remove(v)), ["guest", "drive", "dvd", "boot", "adapter", "egress", "autostart", "start"]),
        new("a folder is gone", (m, l) => Do(() => m.Files.Remove(l.Data + @"\machines")), ["folder"]),
        new("users may look into the folder of the guests", (m, l) => Do(() => m.Files.Rights[l.Data].SetSecurityDescriptorSddlForm("D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FR;;;BU)")), ["rights"]),
        new("the folder of the guests has the rights of the one above", (m, l) => m.Files.Rights.Remove(l.Data), ["rights"]),
        new("a guest that is off has an adapter to nowhere", (m, l) => First(Own(m, l).Where(v => v.State == VMState.Running), v => Idle(m, v)), ["guest", "start"]),
        new("a disk came from another image", (m, l) => Remember(m, l), ["disk"], Hold: "-Recreate"),
        new("a disk has another parent", (m, l) => First(Own(m, l).SelectMany(v => v.Disks).Select(d => m.Files.File(d.Path!)!.Disk!).Where(d => d.ParentPath.Length > 0), d => d.ParentPath = @"C:\other.vhdx"), ["disk"], Hold: "-Recreate"),
        new("the switch belongs to nobody", (m, l) => First(Switches(m, l, VMSwitchType.Internal), s => s.Notes = ""), ["switch"], Hold: "-Adopt"),
        new("a disk is smaller", (m, l) => First(Own(m, l).SelectMany(v => v.Disks).Select(d => m.Files.File(d.Path!)!.Disk!), d => d.Size /= 2), ["disk", "start"], Off: true),
        new("a disk is of another type", (m, l) => Retype(m, l), ["disk"], Hold: "-Recreate"),
    ];

    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        if (!TestLog.Wants(script.Name + ": drift: ")) return;
        Machine ready = Bench.Ready(engine, script);
        string portrait = Portrait.Of(ready);
        var seen = new HashSet<string>();
        foreach (var (number, drift) in Drifts.Index())
        {
            if (!Bench.IsSampled(script, number)) continue;
            // the machine is used again after each repair: repaired means as before
            if (!drift.Change(ready, script.Lab)) continue;
            log.Test($"{script.Name}: drift: {drift.Name}", () => Repair(engine, script, ready, drift, portrait, seen));
            if (drift.Hold != null || Portrait.Of(ready) != portrait) ready = Bench.Ready(engine, script);
            ready.Journal.Clear();
        }
        // of the others only a part is run
        if (Enumerable.Range(0, Drifts.Length).All(n => Bench.IsSampled(script, n)))
            log.Test(script.Name + ": drift: every property is changed by hand once", () => VerifySuite.Untouched(engine, script, ready, seen));
        log.Test(script.Name + ": notes a person added stay", () => NotesStay(engine, script));
        log.Test(script.Name + ": an adapter a person connected stays", () => AdapterStays(engine, script));
    }

    private static IEnumerable<string> Repair(PowerShellEngine engine, ScriptFile script, Machine machine, Drift drift, string portrait, HashSet<string> seen)
    {
        string drifted = Portrait.Of(machine);
        // the copy of setup.ps1 is a means of its own, and no part of the description
        if (drift.Kind is not ["script"])
            foreach (string reason in VerifySuite.Reports(engine, script, machine, drift.Kind, seen)) yield return reason;
        if (drift.Hold != null)
        {
            foreach (string reason in Held(engine, script, machine, drift, drifted)) yield return reason;
            yield break;
        }
        RunResult plan = engine.Run(script.Path, machine, ("WhatIf", true));
        if (machine.Journal.Entries.Count > 0) yield return "-WhatIf calls " + machine.Journal.Entries[0];
        if (plan.Reported("Planned").Count == 0) yield return "-WhatIf does not see it";
        bool mustStop = drift.Off && machine.HyperV.Machines.Exists(v => v.State == VMState.Running);
        if (mustStop)
        {
            RunResult cautious = engine.Run(script.Path, machine);
            if (cautious.ExitCode != 0) yield return cautious.Describe();
            if (machine.Journal.Entries.Any(e => e.StartsWith("Stop-VM", StringComparison.Ordinal))) yield return "stops a running guest without being told";
            bool ran = Portrait.Of(machine) == drifted;
            if (ran && !cautious.Reported("Planned").Exists(l => l.Contains("-AllowStop", StringComparison.Ordinal))) yield return "does not say that it needs -AllowStop";
        }
        RunResult result = engine.Run(script.Path, machine, drift.Off ? [("AllowStop", true)] : []);
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string line in result.Reported("Repaired").Concat(result.Reported("Created")))
        {
            // a guest that was stopped for the repair is waited for
            if (line[10..].StartsWith("alive ", StringComparison.Ordinal)) continue;
            if (!drift.Kind.Any(k => line[10..].StartsWith(k + " ", StringComparison.Ordinal))) yield return "also: " + line;
        }
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
        if (Portrait.Of(machine) != portrait) yield return "is not what it was before";
        foreach (string reason in VerifySuite.IsRight(engine, script, machine)) yield return reason;
    }

    /// <summary>What nobody but the person may decide is reported by setup and left alone.</summary>
    private static IEnumerable<string> Held(PowerShellEngine engine, ScriptFile script, Machine machine, Drift drift, string drifted)
    {
        RunResult result = engine.Run(script.Path, machine, ("AllowStop", true));
        if (!result.Text.Concat(result.Warnings).Any(t => t.Contains(drift.Hold!, StringComparison.Ordinal))) yield return $"does not say '{drift.Hold}': {result.Describe()}";
        if (Portrait.Of(machine) != drifted) yield return "changed something all the same";
    }

    private static IEnumerable<string> NotesStay(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        VirtualMachine vm = Own(machine, script.Lab).First();
        vm.Notes += "\r\nask Ann before you change this";
        engine.Run(script.Path, machine);
        if (!vm.Notes.Contains("ask Ann", StringComparison.Ordinal)) yield return "the note is gone";
        if (machine.Journal.Entries.Count > 0) yield return machine.Journal.Entries[0];
    }

    private static IEnumerable<string> AdapterStays(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        VirtualMachine vm = Own(machine, script.Lab).First();
        machine.HyperV.NewSwitch("office", VMSwitchType.Private, "");
        vm.State = VMState.Off;
        machine.HyperV.AddAdapter(vm, "backup", "office", false);
        engine.Run(script.Path, machine);
        if (!vm.Adapters.Exists(a => a.Name == "backup")) yield return "the adapter is gone";
    }

    private static Func<Machine, LabTable, bool> Guest(Action<VirtualMachine> change, int generation = 0) =>
        (m, l) => First(Own(m, l).Where(v => generation == 0 || v.Generation == generation), change);

    private static Func<Machine, LabTable, bool> Dynamic(Action<VirtualMachine> change) =>
        (m, l) => First(Own(m, l).Where(v => v.Memory.DynamicMemoryEnabled), change);

    private static Func<Machine, LabTable, bool> Template(Action<VirtualMachine> change) =>
        (m, l) => First(Own(m, l).Where(v => v.Generation == 2 && v.Firmware.SecureBoot == OnOffState.On), change);

    /// <summary>Guests for which the lab sets that part of memory.</summary>
    private static Func<Machine, LabTable, bool> Wanted(string key, Action<VirtualMachine> change) =>
        (m, l) => First(Own(m, l).Where(v => ((Hashtable)l.Guests.First(g => (string)g["Name"]! == v.Name)["Memory"]!)[key] != null), change);

    /// <summary>Adapters that are held to their network, and let in what a mapping brings.</summary>
    private static Func<Machine, LabTable, bool> Ruled(Action<VMNetworkAdapter> change) =>
        (m, l) => First(Own(m, l).SelectMany(v => v.Adapters).Where(a => a.Rules.Exists(r => r.Stateful) && a.Rules.Exists(r => r.RemoteIPAddress == "10.0.0.0/8")), change);

    private static void Idle(Machine machine, VirtualMachine vm)
    {
        vm.State = VMState.Off;
        machine.HyperV.AddAdapter(vm, "Netzwerkkarte", null, false);
    }

    /// <summary>The record says that a disk was made of another file.</summary>
    private static bool Remember(Machine machine, LabTable lab)
    {
        List<string> lines = machine.Files.File($@"C:\Program Files\labc\{lab.Name}\created.jsonl")!.Lines;
        int at = lines.FindIndex(l => l.Contains("\"kind\":\"content\"", StringComparison.Ordinal));
        if (at < 0) return false;
        lines[at] = System.Text.RegularExpressions.Regex.Replace(lines[at], "\"from\":\"[^\"]*\"", "\"from\":\"C:\\\\other.vhdx\"");
        return true;
    }

    private static bool Retype(Machine machine, LabTable lab)
    {
        foreach (HardDiskDrive drive in Own(machine, lab).SelectMany(v => v.Disks))
        {
            SimulatedFile file = machine.Files.File(drive.Path!)!;
            if (file.Disk!.Type != VhdType.Dynamic || file.Disk.Content.Length == 0) continue;
            SimulatedFile other = machine.Files.AddFile(drive.Path!, file.Disk.Size, new VirtualDisk { Size = file.Disk.Size, Type = VhdType.Fixed, Format = file.Disk.Format, Content = file.Disk.Content });
            other.Granted.UnionWith(file.Granted);
            return true;
        }
        return false;
    }

    private static Func<Machine, LabTable, bool> Adapter(Action<VMNetworkAdapter> change) =>
        (m, l) => First(Own(m, l).SelectMany(v => v.Adapters.Take(1)), change);

    private static IEnumerable<VirtualMachine> Own(Machine machine, LabTable lab) =>
        machine.HyperV.Machines.Where(m => m.Notes.StartsWith(lab.Tag, StringComparison.Ordinal) && lab.Guests.Exists(g => (string)g["Name"]! == m.Name));

    private static IEnumerable<VMSwitch> Switches(Machine machine, LabTable lab, VMSwitchType type) =>
        machine.HyperV.Switches.Where(s => s.Notes == lab.Tag && s.SwitchType == type);

    private static bool IsGateway(HostAddress address, LabTable lab) => lab.NatNetwork != null && address.IPAddress == (string)lab.NatNetwork["Gateway"]!;

    private static void MakePrivate(Machine machine, VMSwitch one)
    {
        machine.Network.RemoveAdapter(one.DeviceId);
        one.SwitchType = VMSwitchType.Private;
    }

    private static void MakeInternal(Machine machine, VMSwitch one)
    {
        machine.Network.AddSwitchAdapter(one.Name, one.DeviceId);
        one.SwitchType = VMSwitchType.Internal;
    }

    private static bool First<T>(IEnumerable<T> items, Action<T> change)
    {
        foreach (T item in items.ToList())
        {
            change(item);
            return true;
        }
        return false;
    }

    private static bool Do(Action action)
    {
        action();
        return true;
    }
}
