using System.Text.Json;
using System.Xml.Linq;

namespace Labc.PowerShellTests.Windows;

/// <summary>What kind of system lies on a disk, and so which seed it understands.</summary>
public enum SystemKind { None, CloudInit, Windows, ByHand }

/// <summary>
/// What goes on inside a guest. It boots only a system that fits its generation and firmware; at its first boot it reads the seed its
/// system understands, and has an address from then on. Written from the documentation of cloud-init and Windows Setup, not from the
/// scripts.
/// </summary>
public static class GuestSystem
{
    public const double BootSeconds = 40;

    private static readonly XNamespace Ns = "urn:schemas-microsoft-com:unattend";

    /// <summary>Whether a TCP connection from the host to this address is taken.</summary>
    public static bool Answers(Machine machine, string address, int port)
    {
        foreach (VirtualMachine vm in machine.HyperV.Machines)
        {
            if (Booted(machine, vm) is not { } disk || disk.Address != address || !disk.Services.Contains(port)) continue;
            VMNetworkAdapter? adapter = vm.Wired;
            // the host reaches networks it has an adapter in
            if (adapter?.SwitchName != null && vm.Adapters.Contains(adapter) && machine.HyperV.RequireSwitch(adapter.SwitchName).SwitchType == VMSwitchType.Internal) return true;
        }
        return false;
    }

    public static bool HasHeartbeat(Machine machine, VirtualMachine vm) => Booted(machine, vm) != null;

    /// <summary>The disk of a running Windows, which PowerShell Direct reaches; null where there is none.</summary>
    public static VirtualDisk? Windows(Machine machine, VirtualMachine vm) => Booted(machine, vm) is { System: SystemKind.Windows } disk ? disk : null;

    /// <summary>The disk of the running system, null while there is none.</summary>
    private static VirtualDisk? Booted(Machine machine, VirtualMachine vm)
    {
        if (vm.State != VMState.Running || machine.Clock < vm.StartedAt + BootSeconds) return null;
        VirtualDisk? disk = vm.Disks.Select(d => machine.Files.File(d.Path!)?.Disk).FirstOrDefault();
        if (disk == null) return null;
        bool again = vm.LookedAt != vm.StartedAt;
        if (again) (vm.LookedAt, vm.Fits, vm.Wired) = (vm.StartedAt, Fits(vm, disk), null);
        if (!vm.Fits) return null;
        if (disk.Address == "") FirstBoot(machine, vm, disk);
        vm.Wired ??= vm.Adapters.Find(a => a.MacAddress.Equals(disk.Mac, StringComparison.OrdinalIgnoreCase));
        return disk;
    }

    private static bool Fits(VirtualMachine vm, VirtualDisk disk)
    {
        if (disk.System == SystemKind.None) return false;
        // what was applied by hand starts from its own partitions; images of makers bring theirs
        if (disk.Firmware.Length > 0 && disk.Firmware != (vm.Generation == 2 ? "UEFI" : "BIOS")) return false;
        bool signed = vm.Generation != 2 || vm.Firmware.SecureBoot == OnOffState.Off
            || vm.Firmware.SecureBootTemplate == (disk.System == SystemKind.Windows ? "MicrosoftWindows" : "MicrosoftUEFICertificateAuthority");
        return signed || disk.System == SystemKind.ByHand;
    }

    private static void FirstBoot(Machine machine, VirtualMachine vm, VirtualDisk disk)
    {
        if (disk.System == SystemKind.CloudInit)
        {
            Partition? seed = vm.Disks.Select(d => machine.Files.File(d.Path!)?.Disk).Where(d => d != null).SelectMany(d => d!.Partitions)
                .FirstOrDefault(p => p.FileSystem is "FAT" or "FAT32" && p.Label.Equals("cidata", StringComparison.OrdinalIgnoreCase));
            if (seed != null) CloudInit(vm, disk, seed);
        }
        if (disk.System == SystemKind.Windows && disk.Partitions.Find(p => p.Files.ContainsKey(@"Windows\Panther\unattend.xml")) is { } volume) Unattend(vm, disk, volume);
    }

    private static void CloudInit(VirtualMachine vm, VirtualDisk disk, Partition seed)
    {
        if (!seed.Files.TryGetValue("user-data", out string? user) || !user.StartsWith("#cloud-config\n", StringComparison.Ordinal)) return;
        if (!seed.Files.ContainsKey("meta-data") || !seed.Files.TryGetValue("network-config", out string? network)) return;
        using JsonDocument data = JsonDocument.Parse(user["#cloud-config\n".Length..].Replace(@"\U", @"\\U", StringComparison.Ordinal));
        if (data.RootElement.TryGetProperty("users", out JsonElement users) && users[0].TryGetProperty("hashed_passwd", out JsonElement hash)) disk.Password = hash.GetString()!;
        using JsonDocument config = JsonDocument.Parse(network);
        foreach (JsonElement nic in config.RootElement.GetProperty("config").EnumerateArray().Where(n => n.GetProperty("type").GetString() == "physical"))
        {
            string mac = nic.GetProperty("mac_address").GetString()!.Replace(":", "", StringComparison.Ordinal);
            if (!nic.TryGetProperty("subnets", out JsonElement subnets) || !subnets[0].TryGetProperty("address", out JsonElement address) || disk.Address.Length > 0) continue;
            if (!vm.Adapters.Exists(a => a.MacAddress.Equals(mac, StringComparison.OrdinalIgnoreCase))) continue;
            (disk.Mac, disk.Address) = (mac, address.GetString()!.Split('/')[0]);
        }
        disk.Services.Add(22);
        Provision(disk, data.RootElement);
    }

    /// <summary>What packages serve, once their lines have run: Red Hat's relatives do not start them, and a database stays at home.</summary>
    private static void Provision(VirtualDisk disk, JsonElement data)
    {
        if (!data.TryGetProperty("packages", out JsonElement packages)) return;
        string lines = string.Join('\n', data.GetProperty("runcmd").EnumerateArray().Select(c => c.GetString()));
        foreach (JsonElement package in packages.EnumerateArray())
        {
            if (package.GetString() == "nginx" && lines.Contains("systemctl enable --now nginx", StringComparison.Ordinal)) disk.Services.Add(80);
            if (package.GetString() == "postgresql" && lines.Contains("listen_addresses '*'", StringComparison.Ordinal) && lines.Contains("systemctl restart postgresql", StringComparison.Ordinal)) disk.Services.Add(5432);
        }
    }

    /// <summary>Passwords stand in answer files as base64 of UTF-16, with the name of their element behind.</summary>
    private static string Decoded(XElement owner, string element)
    {
        string text = System.Text.Encoding.Unicode.GetString(Convert.FromBase64String(owner.Element(Ns + element)!.Element(Ns + "Value")!.Value));
        return text.EndsWith(element, StringComparison.Ordinal) ? text[..^element.Length] : throw new FormatException("no encoded " + element);
    }

    private static void Unattend(VirtualMachine vm, VirtualDisk disk, Partition volume)
    {
        XElement root = XDocument.Parse(volume.Files[@"Windows\Panther\unattend.xml"]).Root!;
        disk.Password = root.Descendants(Ns + "Value").FirstOrDefault()?.Value ?? "";
        foreach (XElement account in root.Descendants(Ns + "LocalAccount")) disk.Accounts[account.Element(Ns + "Name")!.Value] = Decoded(account, "Password");
        foreach (XElement all in root.Descendants(Ns + "UserAccounts").Where(a => a.Element(Ns + "AdministratorPassword") != null)) disk.Accounts["Administrator"] = Decoded(all, "AdministratorPassword");
        foreach (XElement nic in root.Descendants(Ns + "Interface"))
        {
            string mac = nic.Element(Ns + "Identifier")!.Value.Replace("-", "", StringComparison.Ordinal);
            XElement? address = nic.Element(Ns + "UnicastIpAddresses")?.Element(Ns + "IpAddress");
            if (address == null || disk.Address.Length > 0 || !vm.Adapters.Exists(a => a.MacAddress.Equals(mac, StringComparison.OrdinalIgnoreCase))) continue;
            (disk.Mac, disk.Address) = (mac, address.Value.Split('/')[0]);
        }
        if (root.Descendants(Ns + "fDenyTSConnections").Any(e => e.Value == "false")) disk.Services.Add(3389);
        // Setup runs this at the end, as the system
        if (!volume.Files.TryGetValue(@"Windows\Setup\Scripts\SetupComplete.cmd", out string? last)) return;
        if (last.Contains(@"\Panther\unattend.xml", StringComparison.Ordinal)) volume.Files.Remove(@"Windows\Panther\unattend.xml");
        Ssh(disk, volume, last.Split("\r\n"));
    }

    /// <summary>
    /// The server is there after the line that gets it, and makes its folder at its first start; it takes keys of administrators from a
    /// file that nobody else may write to, and the firewall lets it through where the network is a public one, too.
    /// </summary>
    private static void Ssh(VirtualDisk disk, Partition volume, string[] lines)
    {
        const string Keys = "administrators_authorized_keys";
        string[] wanted =
        [
            "/capabilityname:OpenSSH.Server~~~~0.0.1.0", "sc config sshd start= auto", "net start sshd",
            $"copy /y \"%SystemRoot%\\Setup\\Scripts\\{Keys}\" \"%ProgramData%\\ssh\\{Keys}\"",
            $"icacls \"%ProgramData%\\ssh\\{Keys}\" /inheritance:r /grant *S-1-5-32-544:F /grant *S-1-5-18:F", "advfirewall firewall add rule name=\"SSH\" dir=in action=allow protocol=TCP localport=22",
        ];
        int[] at = [.. wanted.Select(w => Array.FindIndex(lines, l => l.Contains(w, StringComparison.Ordinal)))];
        if (at.Any(a => a < 0) || !at.SequenceEqual(at.Order()) || !volume.Files.TryGetValue(@"Windows\Setup\Scripts\" + Keys, out string? text)) return;
        disk.Services.Add(22);
        disk.Keys.AddRange(text.Split("\r\n").Where(l => l.StartsWith("ssh-", StringComparison.Ordinal)));
    }
}
