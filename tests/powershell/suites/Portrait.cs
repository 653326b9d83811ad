using System.Globalization;
using System.Text;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Cmdlets;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>A machine's state as text, without ids, indexes and times: two machines with the same portrait are the same to a person.</summary>
public static class Portrait
{
    public static string Of(Machine machine)
    {
        Machine.Current = machine;
        var text = new StringBuilder();
        foreach (VMSwitch one in machine.HyperV.Switches.OrderBy(s => s.Name, StringComparer.Ordinal)) text.AppendLine(CultureInfo.InvariantCulture, $"switch {one.Name} {one.SwitchType} {one.Notes}");
        foreach (VirtualMachine vm in machine.HyperV.Machines.OrderBy(m => m.Name, StringComparer.Ordinal)) text.Append(Of(vm));
        foreach (HostAddress address in machine.Network.Addresses.OrderBy(a => a.IPAddress, StringComparer.Ordinal).Where(a => a.Origin != "WellKnown"))
            text.AppendLine(CultureInfo.InvariantCulture, $"address {address.IPAddress}/{address.PrefixLength} {address.Adapter.Name} DHCP {address.Adapter.Dhcp} DNS {address.Adapter.Registers}");
        foreach (Nat nat in machine.Network.Nats) text.AppendLine(CultureInfo.InvariantCulture, $"nat {nat.Name} {nat.Prefix}");
        foreach (Mapping m in machine.Network.Mappings.OrderBy(m => m.Protocol + m.ExternalPort, StringComparer.Ordinal))
            text.AppendLine(CultureInfo.InvariantCulture, $"mapping {m.NatName} {m.Protocol} {m.ExternalAddress} {m.ExternalPort} {m.InternalAddress} {m.InternalPort}");
        foreach (Service service in machine.Services) text.AppendLine(CultureInfo.InvariantCulture, $"service {service.Name} {service.StartType}");
        foreach (LocalAccount member in machine.HyperVAdministrators) text.AppendLine(CultureInfo.InvariantCulture, $"member {member.Name}");
        foreach (var (path, file) in machine.Files.All.Where(f => !f.Key.EndsWith(".jsonl", StringComparison.Ordinal)))
            text.AppendLine(CultureInfo.InvariantCulture, $"file {Undated(path)} {file.Length} {file.Disk?.Size} {file.Disk?.Type} {file.Disk?.Content} {string.Join(';', file.Lines)}");
        foreach (FirewallRule r in machine.Serving.Rules.OrderBy(r => r.Name, StringComparer.Ordinal)) text.AppendLine(CultureInfo.InvariantCulture, $"rule {r.Name} {r.DisplayName} {r.Group} {r.Direction} {r.Action} {r.Enabled} {r.Protocol} {string.Join(',', r.Ports)}");
        foreach (DhcpScope s in machine.Serving.Scopes) text.AppendLine(CultureInfo.InvariantCulture, $"scope {s.ScopeId} {s.Name} {s.Description} {s.StartRange} {s.EndRange} {s.LeaseDuration} {s.State} {string.Join(';', s.Options.OrderBy(o => o.Key).Select(o => o.Key + "=" + string.Join(',', o.Value)))}");
        if (machine.Features.State("DHCP") == "Installed")
        {
            foreach (DhcpBinding b in machine.Serving.Bindings().OrderBy(b => b.InterfaceAlias, StringComparer.Ordinal)) text.AppendLine(CultureInfo.InvariantCulture, $"binding {b.InterfaceAlias} {b.BindingState}");
        }
        foreach (LogicalDrive drive in machine.Drives) text.AppendLine(CultureInfo.InvariantCulture, $"drive {drive.Letter} {drive.FileSystem}");
        foreach (PhysicalDisk disk in machine.PhysicalDisks) text.AppendLine(CultureInfo.InvariantCulture, $"disk {disk.Number} {disk.PartitionStyle} {disk.NumberOfPartitions}");
        foreach (ScheduledTask task in machine.Tasks) text.AppendLine("task " + task.TaskName);
        foreach (var (path, rights) in machine.Files.Rights.OrderBy(r => r.Key, StringComparer.Ordinal)) text.AppendLine(CultureInfo.InvariantCulture, $"rights {path} {rights}");
        foreach (string folder in machine.Files.Folders.Where(f => !f.StartsWith(@"C:\Program Files\labc", StringComparison.OrdinalIgnoreCase))) text.AppendLine("folder " + folder);
        return text.ToString();
    }

    /// <summary>What is on the machine and not of this lab.</summary>
    public static string OfForeign(Machine machine, LabTable lab)
    {
        HashSet<string> own = [.. lab.Guests.Select(g => (string)g["Name"]!)];
        var text = new StringBuilder();
        foreach (VMSwitch one in machine.HyperV.Switches.Where(s => s.Notes != lab.Tag)) text.AppendLine(CultureInfo.InvariantCulture, $"switch {one.Name} {one.SwitchType} {one.Notes}");
        foreach (VirtualMachine vm in machine.HyperV.Machines.Where(m => !own.Contains(m.Name))) text.Append(Of(vm));
        foreach (HostAddress address in machine.Network.Addresses.Where(a => a.Adapter.Name == "Ethernet")) text.AppendLine(address.IPAddress);
        foreach (var (path, file) in machine.Files.All)
        {
            bool ours = path.StartsWith(lab.Data + '\\', StringComparison.OrdinalIgnoreCase) || path.StartsWith(@"C:\Program Files\labc\", StringComparison.OrdinalIgnoreCase);
            // what features bring lies in C:\Windows
            bool windows = path.StartsWith(@"C:\Windows\", StringComparison.OrdinalIgnoreCase) || path.StartsWith(@"C:\Users\Public\", StringComparison.OrdinalIgnoreCase);
            if (!ours && !windows) text.AppendLine(CultureInfo.InvariantCulture, $"file {path} {file.Length} {file.Disk?.Content}");
        }
        foreach (BitsJob job in machine.Transfers) text.AppendLine(CultureInfo.InvariantCulture, $"transfer {job.DisplayName}");
        return text.ToString();
    }

    private static string Of(VirtualMachine vm)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"vm {vm.Name} {vm.Generation} {vm.State} {vm.Path} {vm.Notes} {vm.AutomaticStopAction} {vm.AutomaticStartAction} {vm.AutomaticStartDelay} {vm.CheckpointType} {vm.AutomaticCheckpointsEnabled}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  memory {vm.Memory.DynamicMemoryEnabled} {vm.Memory.Startup} {vm.Memory.Minimum} {vm.Memory.Maximum} {vm.Memory.Buffer} {vm.Memory.Priority}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  cpu {vm.Processor.Count} {vm.Processor.CompatibilityForMigrationEnabled} {vm.Processor.ExposeVirtualizationExtensions} tpm {vm.TpmEnabled}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  boot {vm.Firmware.SecureBoot} {vm.Firmware.SecureBootTemplate} {vm.Firmware.Order.FirstOrDefault()?.BootType} {vm.StartupOrder[0]}");
        foreach (Drive drive in vm.Disks.Cast<Drive>().Concat(vm.Dvds)) text.AppendLine(CultureInfo.InvariantCulture, $"  drive {drive.GetType().Name} {drive.ControllerType} {drive.Path}");
        foreach (VMNetworkAdapter a in vm.Adapters.OrderBy(a => a.Name, StringComparer.Ordinal))
            text.AppendLine(CultureInfo.InvariantCulture, $"  adapter {a.Name} {a.SwitchName} {a.IsLegacy} {(a.DynamicMacAddressEnabled ? "dynamic" : a.MacAddress)} {a.DhcpGuard} {a.RouterGuard} {a.MacAddressSpoofing} {a.Vlan.AccessVlanId} {string.Join(',', a.Rules.OrderByDescending(r => r.Weight).Select(r => $"{r.Direction} {r.Action} {r.Protocol} {r.LocalPort} {r.RemoteIPAddress} {r.RemotePort} {r.Stateful}"))}");
        return text.ToString();
    }

    private static string Undated(string path) => System.Text.RegularExpressions.Regex.Replace(path, @"-\d{17}", "-TIME");
}
