using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

/// <summary>What Get-NetNat emits: a copy, as CIM objects are.</summary>
public sealed class NatInfo(Nat nat)
{
    internal Nat Nat { get; } = nat;

    public string Name { get; } = nat.Name;

    public string InternalIPInterfaceAddressPrefix { get; } = nat.Prefix;

    public bool Active => true;
}

/// <summary>What Get-NetNatStaticMapping emits.</summary>
public sealed class MappingInfo(Mapping mapping)
{
    public uint StaticMappingID { get; } = mapping.Id;

    public string NatName { get; } = mapping.NatName;

    public string Protocol { get; } = mapping.Protocol;

    public string ExternalIPAddress { get; } = mapping.ExternalAddress;

    public ushort ExternalPort { get; } = mapping.ExternalPort;

    public string InternalIPAddress { get; } = mapping.InternalAddress;

    public ushort InternalPort { get; } = mapping.InternalPort;

    public bool Active => true;
}

public abstract class NatCommand : CdxmlCommand
{
    /// <summary>Without Hyper-V the WMI class behind these commands is missing.</summary>
    protected void RequireClass()
    {
        if (!Pc.Network.HasNatClass) throw new WindowsError("Invalid class", "HRESULT 0x80041010," + CommandName, ErrorCategory.MetadataError);
    }

    protected static bool Like(string[]? patterns, string name) =>
        patterns == null || patterns.Any(p => new WildcardPattern(p, WildcardOptions.IgnoreCase).IsMatch(name));
}

[InModule("NetNat"), Cdxml("Get", "NetNat")]
public sealed class GetNetNat : NatCommand
{
    [Parameter] public string[]? Name { get; set; }

    public override void Run()
    {
        RequireClass();
        foreach (Nat nat in Pc.Network.Nats.Where(n => Like(Name, n.Name)).ToList()) Emit(new NatInfo(nat));
    }
}

[InModule("NetNat"), Cdxml("New", "NetNat", ShouldProcess = true)]
public sealed class NewNetNat : NatCommand
{
    [Parameter(Mandatory = true)] public string Name { get; set; } = "";

    [Parameter] public string InternalIPInterfaceAddressPrefix { get; set; } = "";

    public override void Run()
    {
        RequireClass();
        Change($"{Name} {InternalIPInterfaceAddressPrefix}", () => Pc.Network.NewNat(Name, InternalIPInterfaceAddressPrefix));
    }
}

[InModule("NetNat"), Cdxml("Remove", "NetNat", ShouldProcess = true, Impact = "High", DefaultSet = "Query")]
public sealed class RemoveNetNat : NatCommand
{
    [Parameter(ParameterSetName = "Query")] public string[]? Name { get; set; }

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")] public NatInfo[]? InputObject { get; set; }

    public override void Run()
    {
        RequireClass();
        IEnumerable<Nat> doomed = InputObject?.Select(i => i.Nat) ?? Pc.Network.Nats.Where(n => Like(Name, n.Name));
        foreach (Nat nat in doomed.ToList()) Change(nat.Name, () => Pc.Network.RemoveNat(nat));
    }
}

[InModule("NetNat"), Cdxml("Get", "NetNatStaticMapping")]
public sealed class GetNetNatStaticMapping : NatCommand
{
    [Parameter] public string[]? NatName { get; set; }

    public override void Run()
    {
        RequireClass();
        foreach (Mapping mapping in Pc.Network.Mappings.Where(m => Like(NatName, m.NatName)).ToList()) Emit(new MappingInfo(mapping));
    }
}

[InModule("NetNat"), Cdxml("Add", "NetNatStaticMapping", ShouldProcess = true)]
public sealed class AddNetNatStaticMapping : NatCommand
{
    [Parameter(Mandatory = true)] public string NatName { get; set; } = "";

    [Parameter(Mandatory = true), ValidateSet("TCP", "UDP")] public string Protocol { get; set; } = "";

    [Parameter(Mandatory = true)] public string ExternalIPAddress { get; set; } = "";

    [Parameter(Mandatory = true)] public ushort ExternalPort { get; set; }

    [Parameter(Mandatory = true)] public string InternalIPAddress { get; set; } = "";

    [Parameter] public ushort InternalPort { get; set; }

    public override void Run()
    {
        RequireClass();
        ushort port = InternalPort == 0 ? ExternalPort : InternalPort;
        Change($"{Protocol} {ExternalPort} -> {InternalIPAddress}:{port}",
            () => Pc.Network.AddMapping(NatName, Protocol, ExternalIPAddress, ExternalPort, InternalIPAddress, port));
    }
}

[InModule("NetNat"), Cdxml("Remove", "NetNatStaticMapping", ShouldProcess = true, Impact = "High", DefaultSet = "Query")]
public sealed class RemoveNetNatStaticMapping : NatCommand
{
    [Parameter(ParameterSetName = "Query")] public string[]? NatName { get; set; }

    [Parameter(ParameterSetName = "Query")] public uint[]? StaticMappingID { get; set; }

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")] public MappingInfo[]? InputObject { get; set; }

    public override void Run()
    {
        RequireClass();
        IEnumerable<Mapping> doomed = Pc.Network.Mappings.Where(m => InputObject != null
            ? InputObject.Any(i => i.StaticMappingID == m.Id)
            : Like(NatName, m.NatName) && (StaticMappingID == null || StaticMappingID.Contains(m.Id)));
        foreach (Mapping mapping in doomed.ToList())
            Change($"{mapping.Protocol} {mapping.ExternalPort}", () => Pc.Network.Mappings.Remove(mapping));
    }
}
