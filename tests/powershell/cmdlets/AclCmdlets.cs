using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

// The rules of adapters: parameters and sets as Microsoft's reference has them. What the reference does not say, and users of the
// switch have measured: a stateful rule is for TCP or UDP and never denies, and a weight ends at 65535.

[InModule("Hyper-V"), Cmdlet("Get", "VMNetworkAdapterExtendedAcl", DefaultParameterSetName = "VMName")]
[Page("https://learn.microsoft.com/powershell/module/hyper-v/get-vmnetworkadapterextendedacl")]
public sealed class GetVMNetworkAdapterExtendedAcl : HyperVCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "VMName")] public string[]? VMName { get; set; }

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "ResourceObject")] public VMNetworkAdapter[]? VMNetworkAdapter { get; set; }

    protected override void Run()
    {
        IEnumerable<VMNetworkAdapter> adapters = VMNetworkAdapter
            ?? Pc.HyperV.Machines.Where(m => VMName == null || VMName.Any(n => Like(n, m.Name))).SelectMany(m => m.Adapters);
        Emit(adapters.SelectMany(a => a.Rules).ToList());
    }
}

[InModule("Hyper-V"), Cmdlet("Add", "VMNetworkAdapterExtendedAcl", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
[Page("https://learn.microsoft.com/powershell/module/hyper-v/add-vmnetworkadapterextendedacl")]
public sealed class AddVMNetworkAdapterExtendedAcl : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "VMName")] public string[]? VMName { get; set; }

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "ResourceObject")] public VMNetworkAdapter[]? VMNetworkAdapter { get; set; }

    [Parameter(Mandatory = true, Position = 1)] public AclAction Action { get; set; }

    [Parameter(Mandatory = true, Position = 2)] public AclDirection Direction { get; set; }

    [Parameter(Position = 3)] public string LocalIPAddress { get; set; } = "ANY";

    [Parameter(Position = 4)] public string RemoteIPAddress { get; set; } = "ANY";

    [Parameter(Position = 5)] public string LocalPort { get; set; } = "ANY";

    [Parameter(Position = 6)] public string RemotePort { get; set; } = "ANY";

    [Parameter(Position = 7)] public string Protocol { get; set; } = "ANY";

    [Parameter(Mandatory = true, Position = 8)] public int Weight { get; set; }

    [Parameter] public bool Stateful { get; set; }

    [Parameter] public int IdleSessionTimeout { get; set; } = 255;

    [Parameter] public int IsolationID { get; set; }

    [Parameter] public SwitchParameter Passthru { get; set; }

    protected override void Run()
    {
        IEnumerable<VMNetworkAdapter> adapters = VMNetworkAdapter ?? [.. Pc.HyperV.Machines.Where(m => VMName!.Any(n => Like(n, m.Name))).SelectMany(m => m.Adapters)];
        foreach (VMNetworkAdapter adapter in adapters)
            Change($"{adapter.Owner?.Name} {adapter.Name} {Direction} {Action} {Weight}", () => Add(adapter));
    }

    private void Add(VMNetworkAdapter adapter)
    {
        if (Stateful && (Action == AclAction.Deny || Protocol is not ("TCP" or "UDP"))) throw HyperV.Invalid("A stateful rule allows TCP or UDP.");
        if (Weight is < 0 or > 65535) throw HyperV.Invalid("The weight is out of range.");
        if ((LocalPort != "ANY" || RemotePort != "ANY") && Protocol == "ANY") throw HyperV.Invalid("A port needs a protocol.");
        foreach (string address in (string[])[LocalIPAddress, RemoteIPAddress])
        {
            string[] parts = address.Split('/');
            if (address != "ANY" && (!System.Net.IPAddress.TryParse(parts[0], out _) || (parts.Length > 1 && !System.Net.IPNetwork.TryParse(address, out _))))
                throw HyperV.Invalid($"'{address}' is no address and no prefix.");
        }
        if (adapter.Rules.Exists(r => r.Direction == Direction && r.Weight == Weight)) throw HyperV.Invalid("A rule of this direction and weight exists.");
        var rule = new VMNetworkAdapterExtendedAclSetting
        {
            Owner = adapter, Direction = Direction, Action = Action, LocalIPAddress = LocalIPAddress, RemoteIPAddress = RemoteIPAddress,
            LocalPort = LocalPort, RemotePort = RemotePort, Protocol = Protocol, Weight = Weight, Stateful = Stateful,
            IdleSessionTimeout = IdleSessionTimeout, IsolationID = IsolationID,
        };
        adapter.Rules.Add(rule);
        if (Passthru) WriteObject(rule);
    }
}

[InModule("Hyper-V"), Cmdlet("Remove", "VMNetworkAdapterExtendedAcl", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
[Page("https://learn.microsoft.com/powershell/module/hyper-v/remove-vmnetworkadapterextendedacl")]
public sealed class RemoveVMNetworkAdapterExtendedAcl : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "VMName")] public string[]? VMName { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ResourceObject")] public VMNetworkAdapter[]? VMNetworkAdapter { get; set; }

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "InputObjectParameter")] public VMNetworkAdapterExtendedAclSetting[]? InputObject { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "VMName")]
    [Parameter(Mandatory = true, ParameterSetName = "ResourceObject")]
    public int Weight { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "VMName")]
    [Parameter(Mandatory = true, ParameterSetName = "ResourceObject")]
    public AclDirection Direction { get; set; }

    [Parameter] public SwitchParameter Passthru { get; set; }

    protected override void Run()
    {
        IEnumerable<VMNetworkAdapter> adapters = VMNetworkAdapter ?? [.. Pc.HyperV.Machines.Where(m => VMName?.Any(n => Like(n, m.Name)) ?? false).SelectMany(m => m.Adapters)];
        foreach (VMNetworkAdapterExtendedAclSetting rule in InputObject ?? [.. adapters.SelectMany(a => a.Rules).Where(r => r.Weight == Weight && r.Direction == Direction)])
            Change($"{rule.Owner.Owner?.Name} {rule.Owner.Name} {rule.Direction} {rule.Weight}", () => rule.Owner.Rules.Remove(rule));
    }
}
