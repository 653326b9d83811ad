using System.Collections;
using System.Globalization;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// Does the machine look as the script's data table says? Written from the table and from Microsoft's documentation, not from the
/// script: a script that sets the opposite of what is wanted and checks for the opposite would be found here.
/// </summary>
public sealed class StateCheck(LabTable lab, Machine machine)
{
    private readonly List<string> found = [];

    public static List<string> Differences(LabTable lab, Machine machine) => new StateCheck(lab, machine).Run();

    private List<string> Run()
    {
        Machine.Current = machine; // addresses and heartbeats ask for its clock
        Networks();
        Mappings();
        Firewall();
        Dhcp();
        foreach (PhysicalDisk disk in machine.PhysicalDisks.Where(d => d.Number == 1)) Same("partitions of the temporary disk", disk.PartitionStyle + disk.NumberOfPartitions, "MBR1");
        if (lab.DataDisk) Same("partitions of the data disk", machine.PhysicalDisks.Find(d => d.Number == 2)?.NumberOfPartitions, 2);
        if (lab.DataDisk) Same("file system of " + lab.Data[..2], machine.Drives.Find(d => d.Letter == lab.Data[..2])?.FileSystem, "NTFS");
        foreach (Hashtable guest in lab.Guests) Guest(guest);
        foreach (string folder in new[] { "", @"\disks", @"\images", @"\machines" })
            Same("folder " + folder, machine.Files.HasFolder(lab.Data + folder), true);
        Same("rights of " + lab.Data, machine.Files.Rights.GetValueOrDefault(lab.Data), "own: S-1-5-18 S-1-5-32-544 S-1-5-32-578");
        foreach (string name in new[] { "setup.ps1", "verify.ps1", "start-lab.ps1", "reset.ps1" })
            Same("copy of " + name, machine.Files.File($@"C:\Program Files\labc\{lab.Name}\{name}")?.Text?.Contains("$Lab = @{", StringComparison.Ordinal), true);
        if (lab.Shortcut) Same("shortcut that starts the lab", machine.Files.File($@"C:\Users\Public\Desktop\Start {lab.Name}.lnk")?.Lines.FirstOrDefault(),
            $@"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe -NoProfile -ExecutionPolicy Bypass -NoExit -Command & 'C:\Program Files\labc\{lab.Name}\start-lab.ps1'");
        if (lab.Shortcut) Same("shortcut", machine.Files.File(@"C:\Users\Public\Desktop\Hyper-V Manager.lnk")?.Lines.FirstOrDefault(), @"C:\Windows\System32\virtmgmt.msc");
        found.AddRange(SecretsLeft(lab, machine));
        if (!lab.AdminStudents) Same("Hyper-V Administrators", machine.HyperVAdministrators.Exists(m => m.Name == lab.StudentUser), true);
        return found;
    }

    /// <summary>
    /// Files that hold the password that was typed, as it is or encoded, or its hash. Guests started by hand keep their seed until then,
    /// and the script says so.
    /// </summary>
    public static IEnumerable<string> SecretsLeft(LabTable lab, Machine machine)
    {
        HashSet<string> secrets = Secrets(machine);
        List<string> waiting = [.. lab.Guests.Where(g => (bool)g["OnDemand"]!).Select(g => $@"{lab.Data}\disks\{g["Name"]}.")];
        foreach (var (path, file) in machine.Files.All.Where(f => !waiting.Exists(w => f.Key.StartsWith(w, StringComparison.OrdinalIgnoreCase))))
        {
            IEnumerable<string?> texts = file.Lines.Append(file.Text).Concat(file.Disk?.Partitions.SelectMany(p => p.Files.Values) ?? []);
            if (texts.Any(t => t != null && secrets.Any(s => t.Contains(s, StringComparison.Ordinal)))) yield return "a password is left in " + path;
        }
    }

    public static HashSet<string> Secrets(Machine machine)
    {
        HashSet<string> secrets = [.. machine.Files.All.Select(f => f.Value.Disk?.Password ?? "").Where(p => p.Length > 0)];
        if (machine.Typed is { Length: > 0 } typed) secrets.UnionWith([typed, Convert.ToBase64String(System.Text.Encoding.Unicode.GetBytes(typed))[..20]]);
        return secrets;
    }

    private void Same(string what, object? have, object? want)
    {
        string left = Convert.ToString(have, CultureInfo.InvariantCulture) ?? "", right = Convert.ToString(want, CultureInfo.InvariantCulture) ?? "";
        if (left != right) found.Add($"{what} is {left}, not {right}");
    }

    private void Networks()
    {
        foreach (Hashtable network in lab.Networks)
        {
            string kind = (string)network["Kind"]!;
            if (kind == "default-switch") continue;
            string name = (string)network["Switch"]!;
            VMSwitch? made = machine.HyperV.Switches.Find(s => s.Name == name);
            Same("switch " + name, made?.SwitchType, kind switch { "private" => VMSwitchType.Private, "external" => VMSwitchType.External, _ => VMSwitchType.Internal });
            Same("tag of switch " + name, made?.Notes, kind == "external" ? "" : lab.Tag);
            if (made != null && network["Gateway"] is string gateway && kind != "private") Gateway(made, gateway, Convert.ToByte(network["PrefixLength"], CultureInfo.InvariantCulture));
            if (kind != "nat") continue;
            Same("NAT", string.Join(", ", machine.Network.Nats.Select(n => n.Name + " " + n.Prefix)), $"{network["Nat"]} {network["NatPrefix"]}");
            Same("start type of WinNat", machine.Service("WinNat")?.StartType, "Automatic");
        }
    }

    private void Gateway(VMSwitch made, string gateway, byte length)
    {
        var addresses = machine.Network.Addresses.Where(a => a.Adapter.DeviceID == made.DeviceId).ToList();
        Same("host address on " + made.Name, string.Join(", ", addresses.Select(a => a.IPAddress + "/" + a.PrefixLength)), gateway + "/" + length);
        Same("state of " + gateway, addresses.FirstOrDefault()?.AddressState, "Preferred");
        Same("DHCP on " + made.Name, addresses.FirstOrDefault()?.Adapter.Dhcp, false);
    }

    private void Mappings()
    {
        if (lab.NatNetwork is not { } nat) return;
        // other labs of the server have theirs in the same NAT
        string own = ((string)nat["Gateway"]!)[..(((string)nat["Gateway"]!).LastIndexOf('.') + 1)];
        Same("mappings", machine.Network.Mappings.Count(m => (string)nat["NatPrefix"]! == (string)nat["Subnet"]! || m.InternalAddress.StartsWith(own, StringComparison.Ordinal)), lab.Mappings.Count);
        foreach (Hashtable want in lab.Mappings)
        {
            Mapping? have = machine.Network.Mappings.Find(m => m.Protocol == (string)want["Protocol"]! && m.ExternalPort == Convert.ToInt32(want["ExternalPort"], CultureInfo.InvariantCulture));
            string label = $"mapping {want["Protocol"]} {want["ExternalPort"]}";
            Same(label, have == null ? "missing" : $"{have.NatName} {have.ExternalAddress.Split('/')[0]} {have.InternalAddress}:{have.InternalPort}",
                $"{nat["Nat"]} {want["ExternalAddress"]} {want["InternalAddress"]}:{want["InternalPort"]}");
        }
    }

    private void Firewall()
    {
        foreach (var group in lab.Mappings.GroupBy(m => (string)m["Protocol"]!))
        {
            string name = $"labc-{lab.Name}-{group.Key.ToLowerInvariant()}";
            FirewallRule? rule = machine.Serving.Rules.Find(r => r.Name == name);
            string ports = string.Join(',', group.Select(m => Convert.ToInt32(m["ExternalPort"], CultureInfo.InvariantCulture)).Order());
            Same("firewall rule " + name, rule == null ? "missing" : $"{rule.Group} {rule.Direction} {rule.Action} {rule.Enabled} {rule.Protocol} {string.Join(',', rule.Ports)}",
                $"{lab.Tag} Inbound Allow True {group.Key} {ports}");
        }
        Same("firewall rules of the lab", machine.Serving.Rules.Count(r => r.Group == lab.Tag), lab.Mappings.Select(m => m["Protocol"]).Distinct().Count());
    }

    private void Dhcp()
    {
        List<Hashtable> networks = lab.Networks.FindAll(n => n["Dhcp"] is Hashtable);
        Same("DHCP role", machine.Features.State("DHCP"), networks.Count > 0 ? "Installed" : "Available");
        Same("options of the whole server", machine.Serving.ServerOptions.Count, 0);
        if (networks.Count == 0) return;
        Same("groups of the DHCP server", machine.Serving.Groups, true);
        foreach (DhcpBinding binding in machine.Serving.Bindings())
        {
            NetAdapter adapter = machine.Network.Adapters.First(a => a.Name == binding.InterfaceAlias);
            bool ours = networks.Exists(n => machine.HyperV.Switches.Find(s => s.Name == (string)n["Switch"]!)?.DeviceId == adapter.DeviceID);
            Same("DHCP on " + adapter.Name, binding.BindingState, ours);
        }
        foreach (Hashtable network in networks)
        {
            var want = (Hashtable)network["Dhcp"]!;
            DhcpScope? scope = machine.Serving.Scopes.Find(s => s.ScopeId.ToString() == (string)want["Id"]!);
            Same("scope " + want["Id"], scope == null ? "missing" : $"{scope.Name} {scope.Description} {scope.SubnetMask} {scope.StartRange}-{scope.EndRange} {scope.LeaseDuration.TotalSeconds} {scope.State}",
                $"{want["Scope"]} {lab.Tag} {want["Mask"]} {want["Start"]}-{want["End"]} {want["Lease"]} Active");
            Same("router of " + want["Id"], string.Join(' ', scope?.Options.GetValueOrDefault(3u) ?? []), network["Gateway"]);
            string[] dns = [.. ((System.Collections.IEnumerable)network["Dns"]!).Cast<object>().Select(d => d.ToString()!)];
            Same("DNS of " + want["Id"], string.Join(' ', scope?.Options.GetValueOrDefault(6u) ?? []), string.Join(' ', dns.Length > 0 ? dns : [.. machine.Network.Resolvers]));
        }
    }

    private void Guest(Hashtable want)
    {
        string name = (string)want["Name"]!;
        var same = machine.HyperV.Machines.Where(m => m.Name == name && m.Notes.Split('\n')[0].TrimEnd() == lab.Tag).ToList();
        if (same.Count != 1)
        {
            found.Add($"{same.Count} machines called {name}");
            return;
        }
        VirtualMachine vm = same[0];
        Same(name + " generation", vm.Generation, want["Generation"]);
        Same(name + " folder", vm.Path.StartsWith(lab.Data + @"\machines\", StringComparison.OrdinalIgnoreCase), true);
        Same(name + " notes", vm.Notes.Contains(((string?)want["Notes"] ?? "").Replace("\r", ""), StringComparison.Ordinal), true);
        Same(name + " stop action", vm.AutomaticStopAction, want["StopAction"]);
        Same(name + " start action", vm.AutomaticStartAction, want["StartAction"]);
        Same(name + " start delay", vm.AutomaticStartDelay, want["StartDelay"]);
        Same(name + " checkpoints", vm.CheckpointType, want["Checkpoint"]);
        Same(name + " automatic checkpoints", vm.AutomaticCheckpointsEnabled, false);
        Same(name + " processors", vm.Processor.Count, want["Vcpus"]);
        Same(name + " compatibility", vm.Processor.CompatibilityForMigrationEnabled, want["Compatibility"]);
        Same(name + " nested", vm.Processor.ExposeVirtualizationExtensions, want["Nested"]);
        Memory(name, vm.Memory, (Hashtable)want["Memory"]!);
        if (vm.Generation == 2) Firmware(name, vm, want);
        else Same(name + " first boot device", vm.StartupOrder[0], BootDevice.IDE);
        Disks(name, vm, want);
        Adapters(name, vm, want);
        Alive(name, vm, want);
        bool onDemand = (bool)want["OnDemand"]!;
        Same(name + " state", vm.State, onDemand || !HasSystem(vm) ? VMState.Off : VMState.Running);
    }

    /// <summary>A guest that was given its answers has its address and answers there; no seed is left.</summary>
    private void Alive(string name, VirtualMachine vm, Hashtable want)
    {
        if ((bool)want["OnDemand"]! || !HasSystem(vm) || (string)want["Configure"]! == "manual") return;
        foreach (int port in LabTable.Items(want["Ports"]).Cast<int>())
            Same($"{name} answers at {want["Address"]}:{port}", GuestSystem.Answers(machine, (string)want["Address"]!, port), true);
        Same(name + " seed is left", machine.Files.All.Any(f => f.Key.Contains(@"\" + name + ".seed", StringComparison.OrdinalIgnoreCase)), false);
        Same(name + " answer file is left", machine.Files.All.Any(f => f.Value.Disk?.Partitions.Exists(p => p.Files.ContainsKey(@"Windows\Panther\unattend.xml")) ?? false), false);
        foreach (string path in machine.Storage.Mounted) found.Add(path + " is still mounted");
    }

    private bool HasSystem(VirtualMachine vm)
    {
        SimulatedFile? boot = vm.Disks.Count == 0 ? null : machine.Files.File(vm.Disks[0].Path!);
        return boot?.Disk != null && (boot.Disk.Content.Length > 0 || boot.Disk.Type != VhdType.Dynamic);
    }

    private void Memory(string name, VMMemory have, Hashtable want)
    {
        Same(name + " dynamic memory", have.DynamicMemoryEnabled, want["Dynamic"]);
        Same(name + " memory", have.Startup, want["Startup"]);
        if (want["Weight"] != null) Same(name + " weight", have.Priority, want["Weight"]);
        if (!(bool)want["Dynamic"]!) return;
        Same(name + " least memory", have.Minimum, want["Minimum"]);
        Same(name + " most memory", have.Maximum, want["Maximum"]);
        if (want["Buffer"] != null) Same(name + " buffer", have.Buffer, want["Buffer"]);
    }

    private void Firmware(string name, VirtualMachine vm, Hashtable want)
    {
        Same(name + " secure boot", vm.Firmware.SecureBoot, want["SecureBoot"]);
        if ((string?)want["SecureBoot"] == "On") Same(name + " template", vm.Firmware.SecureBootTemplate, want["BootTemplate"]);
        if ((bool)want["Tpm"]!) Same(name + " TPM", vm.TpmEnabled, true);
        Same(name + " first boot device", vm.Firmware.Order.FirstOrDefault()?.Device is HardDiskDrive first ? Checkpoints.Base(machine, first.Path!) : null, LabTable.List(want["Disks"])[0]["Path"]);
    }

    private void Disks(string name, VirtualMachine vm, Hashtable want)
    {
        List<Hashtable> disks = LabTable.List(want["Disks"]);
        // the seed stays until the first start, which is the person's where the guest is on demand
        int waiting = (bool)want["OnDemand"]! ? vm.Disks.Count(d => d.Path!.EndsWith(".seed.vhdx", StringComparison.OrdinalIgnoreCase)) : 0;
        Same(name + " disks", vm.Disks.Count - waiting, disks.Count);
        foreach (Hashtable disk in disks)
        {
            string path = (string)disk["Path"]!;
            VirtualDisk? have = machine.Files.File(path)?.Disk;
            HardDiskDrive? drive = vm.Disks.Find(d => Checkpoints.Base(machine, d.Path!) == path);
            Same(path + " attached", drive != null, true);
            Same(path + " format", have?.Format, disk["Format"]);
            if (have != null && disk["Parent"] == null) Same(path + " size is at least the described", have.Size >= Convert.ToInt64(disk["Size"], CultureInfo.InvariantCulture), true);
            Same(path + " parent", have?.ParentPath, disk["Parent"] ?? "");
            if (vm.Generation == 1 && (bool)disk["Boot"]!) Same(path + " controller", drive?.ControllerType, ControllerType.IDE);
        }
        // a DVD that nobody has put on the machine yet cannot be in the drive
        if (want["Iso"] is string iso) Same(name + " DVD", vm.Dvds.Exists(d => d.Path == iso), machine.Files.File(iso) != null);
    }

    private void Adapters(string name, VirtualMachine vm, Hashtable want)
    {
        List<Hashtable> adapters = LabTable.List(want["Adapters"]);
        Same(name + " adapters", vm.Adapters.Count, adapters.Count);
        foreach (Hashtable adapter in adapters)
        {
            string label = name + "/" + adapter["Name"];
            VMNetworkAdapter? have = vm.Adapters.Find(a => a.Name == (string)adapter["Name"]!);
            if (have == null)
            {
                found.Add(label + " is missing");
                continue;
            }
            Hashtable network = lab.Networks.Find(n => (string)n["Name"]! == (string)adapter["Network"]!)!;
            if ((string)network["Kind"]! != "default-switch") Same(label + " switch", have.SwitchName, network["Switch"]);
            Same(label + " legacy", have.IsLegacy, adapter["Legacy"]);
            Same(label + " DHCP guard", have.DhcpGuard, adapter["DhcpGuard"]);
            Same(label + " router guard", have.RouterGuard, adapter["RouterGuard"]);
            Same(label + " MAC spoofing", have.MacAddressSpoofing, adapter["MacSpoofing"]);
            Same(label + " VLAN", have.Vlan.AccessVlanId, adapter["Vlan"] ?? 0);
            if ((string)network["Egress"]! != "all")
            {
                bool none = (string)network["Egress"]! == "none";
                Same(label + " reaches another private network", Reach.Opens(have, "TCP", "10.255.255.1", 445), false);
                Same(label + " reaches the internet", Reach.Opens(have, "TCP", "9.9.9.9", 443), !none);
                if (network["Gateway"] is string gateway) Same(label + " reaches its own network", Reach.Opens(have, "TCP", gateway, 445), true);
            }
            if (adapter["Mac"] is string mac) Same(label + " MAC", have.MacAddress, mac.Replace("-", "").Replace(":", "").Replace(".", "").ToUpperInvariant());
        }
    }
}
