namespace Labc.PowerShellTests.Windows;

/// <summary>
/// Adapters, addresses, NAT. What is peculiar: the adapter of a new switch appears late and under an unpredictable name, a new
/// address is Tentative first, interface indexes change with a restart, there is one NAT, and a Remove without a filter removes all.
/// </summary>
public sealed class Network
{
    private readonly Machine machine;
    private uint nextIndex = 12;
    private uint nextMapping;

    public Network(Machine machine, string address)
    {
        this.machine = machine;
        NetAdapter ethernet = Add("Ethernet", "{00000000-0000-0000-0000-00000000AAAA}", 0);
        Addresses.Add(new HostAddress(ethernet, address, 24) { Origin = "Dhcp" });
        NetAdapter loopback = Add("Loopback Pseudo-Interface 1", "{00000000-0000-0000-0000-000000000001}", 0);
        loopback.Dhcp = false;
        Addresses.Add(new HostAddress(loopback, "127.0.0.1", 8) { Origin = "WellKnown" });
    }

    public List<NetAdapter> Adapters { get; } = [];

    public List<HostAddress> Addresses { get; } = [];

    public List<Nat> Nats { get; } = [];

    public List<Mapping> Mappings { get; } = [];

    public List<(string Address, ushort Port, uint Process)> Listeners { get; } = [("0.0.0.0", 3389, 1040), ("0.0.0.0", 445, 4), ("0.0.0.0", 135, 900)];

    public List<(string Address, ushort Port, uint Process)> UdpListeners { get; } = [("0.0.0.0", 123, 1200), ("0.0.0.0", 500, 3100)];

    /// <summary>DNS servers the machine itself uses.</summary>
    public List<string> Resolvers { get; } = ["168.63.129.16"];

    /// <summary>Some systems store the external address of a mapping with a prefix length.</summary>
    public bool StoresPrefix { get; set; }

    /// <summary>The WMI class of NAT comes with Hyper-V.</summary>
    public bool HasNatClass => machine.Service("vmms") != null;

    public IEnumerable<NetAdapter> Visible => Adapters.Where(a => a.AppearsAt <= machine.Clock);

    public NetAdapter Add(string name, string deviceId, double delay)
    {
        var adapter = new NetAdapter { Name = name, DeviceID = deviceId, InterfaceIndex = nextIndex++, AppearsAt = machine.Clock + delay };
        Adapters.Add(adapter);
        return adapter;
    }

    public void AddSwitchAdapter(string switchName, string deviceId)
    {
        // never exactly "vEthernet (Name)": a script that builds the name itself finds nothing
        NetAdapter adapter = Add($"vEthernet ({switchName}) 2", deviceId, 7);
        Addresses.Add(new HostAddress(adapter, "169.254.33." + adapter.InterfaceIndex, 16) { Origin = "WellKnown" });
    }

    public void RemoveAdapter(string deviceId)
    {
        Addresses.RemoveAll(a => a.Adapter.DeviceID == deviceId);
        Adapters.RemoveAll(a => a.DeviceID == deviceId);
    }

    public void NewAddress(uint index, string address, byte prefixLength)
    {
        NetAdapter adapter = Visible.FirstOrDefault(a => a.InterfaceIndex == index)
            ?? throw new WindowsError("Element not found.", "Windows System Error 1168,New-NetIPAddress");
        if (Addresses.Exists(a => a.IPAddress == address))
            throw new WindowsError("Instance MSFT_NetIPAddress already exists", "Windows System Error 5010,New-NetIPAddress");
        Addresses.RemoveAll(a => a.Adapter == adapter && a.Origin == "WellKnown");
        Addresses.Add(new HostAddress(adapter, address, prefixLength) { Origin = "Manual", UsableAt = machine.Clock + 5 });
    }

    public void NewNat(string name, string prefix)
    {
        if (Nats.Count > 0) throw new WindowsError("The parameter is incorrect.", "Windows System Error 87,New-NetNat");
        Nats.Add(new Nat { Name = name, Prefix = prefix });
        if (machine.Service("WinNat") is { } service) service.Status = "Running";
    }

    public void RemoveNat(Nat nat)
    {
        Nats.Remove(nat);
        Mappings.RemoveAll(m => m.NatName == nat.Name);
    }

    public void AddMapping(string nat, string protocol, string externalAddress, ushort externalPort, string address, ushort port)
    {
        if (!Nats.Exists(n => n.Name == nat)) throw new WindowsError("The system cannot find the file specified.", "Windows System Error 2,Add-NetNatStaticMapping");
        if (externalAddress != "0.0.0.0" || Mappings.Exists(m => m.Protocol == protocol && m.ExternalPort == externalPort)
            || (protocol == "TCP" ? Listeners : UdpListeners).Exists(l => l.Port == externalPort)
            || machine.ExcludedPorts.Exists(r => r.Protocol == protocol && r.First <= externalPort && externalPort <= r.Last))
        {
            throw new WindowsError("The process cannot access the file because it is being used by another process.",
                "Windows System Error 32,Add-NetNatStaticMapping");
        }
        Mappings.Add(new Mapping
        {
            Id = nextMapping++, NatName = nat, Protocol = protocol, ExternalAddress = StoresPrefix ? "0.0.0.0/24" : externalAddress,
            ExternalPort = externalPort, InternalAddress = address, InternalPort = port,
        });
    }

    public void Restart()
    {
        foreach (NetAdapter adapter in Adapters) adapter.InterfaceIndex = nextIndex++;
        if (machine.Service("WinNat") is { } service) service.Status = service.StartType == "Automatic" ? "Running" : "Stopped";
    }
}

public sealed class NetAdapter
{
    public required string Name { get; set; }

    public required string DeviceID { get; init; }

    public uint InterfaceIndex { get; set; }

    internal double AppearsAt { get; init; }

    internal bool Dhcp { get; set; } = true;

    /// <summary>Does Windows tell the DNS server the adapter's addresses?</summary>
    internal bool Registers { get; set; } = true;
}

public sealed class HostAddress(NetAdapter adapter, string address, byte prefixLength)
{
    internal NetAdapter Adapter { get; } = adapter;

    internal string Origin { get; init; } = "Manual";

    internal double UsableAt { get; init; }

    public uint InterfaceIndex => Adapter.InterfaceIndex;

    public string InterfaceAlias => Adapter.Name;

    public string AddressFamily => "IPv4";

    public string IPAddress { get; } = address;

    public byte PrefixLength { get; set; } = prefixLength;

    public string PrefixOrigin => Origin;

    public string AddressState => Machine.Current.Clock < UsableAt ? "Tentative" : "Preferred";
}

public sealed class Nat
{
    public required string Name { get; init; }

    public required string Prefix { get; set; }
}

public sealed class Mapping
{
    public required uint Id { get; init; }

    public required string NatName { get; init; }

    public required string Protocol { get; init; }

    public required string ExternalAddress { get; init; }

    public required ushort ExternalPort { get; init; }

    public required string InternalAddress { get; set; }

    public required ushort InternalPort { get; set; }
}
