using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

// NetAdapter, NetTCPIP, DnsClient: CDXML functions. A query with a filter that finds nothing is an error of its own, as on
// Windows; without a filter an empty result is just empty.

[InModule("NetAdapter"), Cdxml("Get", "NetAdapter")]
public sealed class GetNetAdapter : CdxmlCommand
{
    [Parameter] public SwitchParameter IncludeHidden { get; set; }

    [Parameter] public string[]? Name { get; set; }

    public override void Run()
    {
        List<NetAdapter> found = [.. Pc.Network.Visible.Where(a => Name == null || Name.Any(n => new WildcardPattern(n, WildcardOptions.IgnoreCase).IsMatch(a.Name)))];
        if (found.Count == 0) throw new WindowsError("No adapter of this name.", "CmdletizationQuery_NotFound_Name,Get-NetAdapter", ErrorCategory.ObjectNotFound);
        foreach (NetAdapter adapter in found) Emit(adapter);
    }
}

[InModule("NetTCPIP"), Cdxml("Get", "NetIPAddress")]
public sealed class GetNetIPAddress : CdxmlCommand
{
    [Parameter, ValidateSet("IPv4", "IPv6")] public string[]? AddressFamily { get; set; }

    [Parameter] public uint[]? InterfaceIndex { get; set; }

    [Parameter] public string[]? IPAddress { get; set; }

    public override void Run()
    {
        List<HostAddress> found = [.. Pc.Network.Addresses.Where(a => Pc.Network.Visible.Contains(a.Adapter)
            && (InterfaceIndex == null || InterfaceIndex.Contains(a.InterfaceIndex)) && (IPAddress == null || IPAddress.Contains(a.IPAddress)))];
        if (found.Count == 0) throw new WindowsError("No matching address.", "CmdletizationQuery_NotFound,Get-NetIPAddress", ErrorCategory.ObjectNotFound);
        foreach (HostAddress address in found) Emit(address);
    }
}

[InModule("NetTCPIP"), Cdxml("New", "NetIPAddress", ShouldProcess = true, DefaultSet = "ByInterfaceAlias")]
public sealed class NewNetIPAddress : CdxmlCommand
{
    [Parameter(Mandatory = true)] public string IPAddress { get; set; } = "";

    [Parameter(Mandatory = true, ParameterSetName = "ByInterfaceAlias")] public string? InterfaceAlias { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "ByInterfaceIndex")] public uint InterfaceIndex { get; set; }

    [Parameter] public byte PrefixLength { get; set; } = 255;

    [Parameter] public string? DefaultGateway { get; set; }

    [Parameter, ValidateSet("IPv4", "IPv6")] public string? AddressFamily { get; set; }

    public override void Run()
    {
        uint index = InterfaceIndex;
        if (InterfaceAlias != null)
        {
            index = Pc.Network.Visible.FirstOrDefault(a => a.Name == InterfaceAlias)?.InterfaceIndex
                ?? throw new WindowsError("Element not found.", "Windows System Error 1168,New-NetIPAddress");
        }
        Change($"{IPAddress}/{PrefixLength}" + (DefaultGateway == null ? "" : " gateway " + DefaultGateway),
            () => Pc.Network.NewAddress(index, IPAddress, PrefixLength));
    }
}

[InModule("NetTCPIP"), Cdxml("Remove", "NetIPAddress", ShouldProcess = true, Impact = "High", DefaultSet = "Query")]
public sealed class RemoveNetIPAddress : CdxmlCommand
{
    [Parameter(ParameterSetName = "Query")] public string[]? IPAddress { get; set; }

    [Parameter(ParameterSetName = "Query")] public uint[]? InterfaceIndex { get; set; }

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")] public HostAddress[]? InputObject { get; set; }

    public override void Run()
    {
        IEnumerable<HostAddress> doomed = InputObject ?? Pc.Network.Addresses.Where(a =>
            (IPAddress == null || IPAddress.Contains(a.IPAddress)) && (InterfaceIndex == null || InterfaceIndex.Contains(a.InterfaceIndex)));
        foreach (HostAddress address in doomed.ToList()) Change(address.IPAddress, () => Pc.Network.Addresses.Remove(address));
    }
}

/// <summary>What Get-NetIPInterface emits: a copy, as CIM objects are.</summary>
public sealed class IPInterface(NetAdapter adapter)
{
    public uint InterfaceIndex { get; } = adapter.InterfaceIndex;

    public string InterfaceAlias { get; } = adapter.Name;

    public string AddressFamily { get; } = "IPv4";

    public string Dhcp { get; } = adapter.Dhcp ? "Enabled" : "Disabled";
}

[InModule("NetTCPIP"), Cdxml("Get", "NetIPInterface")]
public sealed class GetNetIPInterface : CdxmlCommand
{
    [Parameter] public uint[]? InterfaceIndex { get; set; }

    [Parameter, ValidateSet("IPv4", "IPv6")] public string[]? AddressFamily { get; set; }

    public override void Run()
    {
        List<NetAdapter> found = [.. Pc.Network.Visible.Where(a => (InterfaceIndex == null || InterfaceIndex.Contains(a.InterfaceIndex)) && AddressFamily?.Contains("IPv4") != false)];
        if (found.Count == 0 && InterfaceIndex != null)
            throw new WindowsError($"No MSFT_NetIPInterface objects found with property 'InterfaceIndex' equal to '{InterfaceIndex[0]}'.", "CmdletizationQuery_NotFound_InterfaceIndex,Get-NetIPInterface");
        foreach (NetAdapter adapter in found) Emit(new IPInterface(adapter));
    }
}

[InModule("NetTCPIP"), Cdxml("Set", "NetIPInterface", ShouldProcess = true)]
public sealed class SetNetIPInterface : CdxmlCommand
{
    [Parameter] public uint[]? InterfaceIndex { get; set; }

    [Parameter, ValidateSet("IPv4", "IPv6")] public string[]? AddressFamily { get; set; }

    [Parameter, ValidateSet("Enabled", "Disabled")] public string? Dhcp { get; set; }

    public override void Run()
    {
        foreach (NetAdapter adapter in Pc.Network.Visible.Where(a => InterfaceIndex == null || InterfaceIndex.Contains(a.InterfaceIndex)).ToList())
        {
            Change($"{adapter.Name} DHCP {Dhcp}", () =>
            {
                adapter.Dhcp = Dhcp == "Enabled";
                if (!adapter.Dhcp) Pc.Network.Addresses.RemoveAll(a => a.Adapter == adapter && a.Origin == "WellKnown");
            });
        }
    }
}

/// <summary>One row of Get-NetTCPConnection.</summary>
public sealed class TcpConnection(string address, ushort port, uint process)
{
    public string LocalAddress { get; } = address;

    public ushort LocalPort { get; } = port;

    public string State { get; } = "Listen";

    public uint OwningProcess { get; } = process;
}

[InModule("NetTCPIP"), Cdxml("Get", "NetTCPConnection")]
public sealed class GetNetTCPConnection : CdxmlCommand
{
    [Parameter] public ushort[]? LocalPort { get; set; }

    public override void Run()
    {
        var found = Pc.Network.Listeners.Where(l => LocalPort == null || LocalPort.Contains(l.Port)).ToList();
        if (found.Count == 0) throw new WindowsError("No matching connection.", "CmdletizationQuery_NotFound,Get-NetTCPConnection", ErrorCategory.ObjectNotFound);
        foreach (var (address, port, process) in found) Emit(new TcpConnection(address, port, process));
    }
}

[InModule("NetTCPIP"), Cdxml("Get", "NetUDPEndpoint"), Page("https://learn.microsoft.com/powershell/module/nettcpip/get-netudpendpoint")]
public sealed class GetNetUdpEndpoint : CdxmlCommand
{
    [Parameter] public ushort[]? LocalPort { get; set; }

    public override void Run()
    {
        foreach (var (address, port, process) in Pc.Network.UdpListeners.Where(l => LocalPort == null || LocalPort.Contains(l.Port)).ToList()) Emit(new TcpConnection(address, port, process));
    }
}

/// <summary>The one native program: netsh.exe interface ipv4 show excludedportrange, in a language that is not English.</summary>
[InModule("netsh"), Cdxml("netsh", "exe"), Page("https://learn.microsoft.com/windows-server/administration/windows-commands/netsh-interface")]
public sealed class NetshExe : CdxmlCommand
{
    [Parameter(ValueFromRemainingArguments = true)] public string[]? Words { get; set; }

    public override void Run()
    {
        string words = string.Join(' ', Words ?? []);
        const string Wanted = "interface ipv4 show excludedportrange protocol=";
        if (!words.StartsWith(Wanted, StringComparison.Ordinal)) throw new WindowsError("netsh " + words + " is not simulated", "Simulated,netsh");
        Emit("");
        Emit("Ausgeschlossener Portbereich");
        Emit("----------    --------");
        foreach (var (protocol, first, last) in Pc.ExcludedPorts.Where(r => r.Protocol.Equals(words[Wanted.Length..], StringComparison.OrdinalIgnoreCase)))
            Emit($"{first,10}    {last,8}     *");
        Emit("* - Administrierte Portausschlüsse.");
    }
}

[InModule("DnsClient"), Cdxml("Set", "DnsClient", ShouldProcess = true, DefaultSet = "ByAlias")]
public sealed class SetDnsClient : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "ByAlias")] public string[]? InterfaceAlias { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "ByName")] public uint[]? InterfaceIndex { get; set; }

    [Parameter] public bool RegisterThisConnectionsAddress { get; set; }

    public override void Run() => Change($"interface {InterfaceIndex?[0]} register {RegisterThisConnectionsAddress}", () =>
    {
        foreach (NetAdapter adapter in Pc.Network.Adapters.Where(a => InterfaceIndex?.Contains((uint)a.InterfaceIndex) ?? InterfaceAlias!.Contains(a.Name))) adapter.Registers = RegisterThisConnectionsAddress;
    });
}
