using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

[InModule("Hyper-V"), Cmdlet("Get", "VMHardDiskDrive", DefaultParameterSetName = "VMName")]
public sealed class GetVMHardDiskDrive : NamedVMCmdlet
{
    protected override void Run() => Emit(Targets().SelectMany(m => m.Disks).ToList());
}

[InModule("Hyper-V"), Cmdlet("Add", "VMHardDiskDrive", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
public sealed class AddVMHardDiskDrive : NamedVMCmdlet
{
    [Parameter] public string Path { get; set; } = "";

    [Parameter] public ControllerType? ControllerType { get; set; }

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets()) Change($"{vm.Name} {Path}", () => Pc.HyperV.AttachDisk(vm, Path, ControllerType));
    }
}

[InModule("Hyper-V"), Cmdlet("Remove", "VMHardDiskDrive", SupportsShouldProcess = true, DefaultParameterSetName = "VMHardDiskDrive")]
public sealed class RemoveVMHardDiskDrive : HyperVCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "VMHardDiskDrive")] public HardDiskDrive[] VMHardDiskDrive { get; set; } = [];

    protected override void Run()
    {
        foreach (HardDiskDrive drive in VMHardDiskDrive) Change($"{drive.Owner.Name} {drive.Path}", () => Pc.HyperV.DetachDisk(drive));
    }
}

[InModule("Hyper-V"), Cmdlet("Get", "VMDvdDrive", DefaultParameterSetName = "VMName")]
public sealed class GetVMDvdDrive : NamedVMCmdlet
{
    protected override void Run() => Emit(Targets().SelectMany(m => m.Dvds).ToList());
}

[InModule("Hyper-V"), Cmdlet("Add", "VMDvdDrive", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
public sealed class AddVMDvdDrive : NamedVMCmdlet
{
    [Parameter] public string Path { get; set; } = "";

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets()) Change($"{vm.Name} {Path}", () => Pc.HyperV.InsertDvd(vm, null, Path));
    }
}

[InModule("Hyper-V"), Cmdlet("Set", "VMDvdDrive", SupportsShouldProcess = true, DefaultParameterSetName = "Object")]
public sealed class SetVMDvdDrive : HyperVCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Object")] public DvdDrive[] VMDvdDrive { get; set; } = [];

    [Parameter] public string Path { get; set; } = "";

    protected override void Run()
    {
        foreach (DvdDrive drive in VMDvdDrive) Change($"{drive.Owner.Name} {Path}", () =>
            {
                // without a path the drive is emptied
                if (string.IsNullOrEmpty(Path)) drive.Path = null;
                else Pc.HyperV.InsertDvd(drive.Owner, drive, Path);
            });
    }
}

[InModule("Hyper-V"), Cmdlet("Get", "VMNetworkAdapter", DefaultParameterSetName = "VMName")]
public sealed class GetVMNetworkAdapter : NamedVMCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "ManagementOS")] public SwitchParameter ManagementOS { get; set; }

    [Parameter] public string? Name { get; set; }

    protected override void Run()
    {
        IEnumerable<VMNetworkAdapter> found = ManagementOS
            ? Pc.HyperV.Switches.Where(s => s.SwitchType == VMSwitchType.Internal)
                .Select(s => new VMNetworkAdapter { Name = s.Name, SwitchName = s.Name, DeviceId = s.DeviceId })
            : Targets().SelectMany(m => m.Adapters);
        Emit(found.Where(a => Like(Name, a.Name)).ToList());
    }
}

[InModule("Hyper-V"), Cmdlet("Add", "VMNetworkAdapter", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
public sealed class AddVMNetworkAdapter : NamedVMCmdlet
{
    [Parameter] public string Name { get; set; } = "Netzwerkkarte";

    [Parameter] public string? SwitchName { get; set; }

    [Parameter] public bool IsLegacy { get; set; }

    [Parameter] public SwitchParameter Passthru { get; set; }

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            VMNetworkAdapter? made = null;
            Change($"{vm.Name} {Name}", () => made = Pc.HyperV.AddAdapter(vm, Name, SwitchName, IsLegacy));
            if (Passthru && made != null) WriteObject(made);
        }
    }
}

/// <summary>Cmdlets that take network adapters as objects.</summary>
public abstract class AdapterCmdlet : HyperVCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "ResourceObject")]
    public VMNetworkAdapter[] VMNetworkAdapter { get; set; } = [];

    protected bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    protected static string Label(VMNetworkAdapter adapter) => $"{adapter.Owner?.Name} {adapter.Name}";
}

[InModule("Hyper-V"), Cmdlet("Set", "VMNetworkAdapter", SupportsShouldProcess = true, DefaultParameterSetName = "ResourceObject")]
public sealed class SetVMNetworkAdapter : AdapterCmdlet
{
    [Parameter] public OnOffState DhcpGuard { get; set; }

    [Parameter] public OnOffState RouterGuard { get; set; }

    [Parameter] public OnOffState MacAddressSpoofing { get; set; }

    [Parameter, ValidatePattern("^[0-9A-Fa-f]{12}$")] public string? StaticMacAddress { get; set; }

    protected override void Run()
    {
        foreach (VMNetworkAdapter adapter in VMNetworkAdapter)
        {
            Change(Label(adapter), () =>
            {
                if (Given("DhcpGuard")) adapter.DhcpGuard = DhcpGuard;
                if (Given("RouterGuard")) adapter.RouterGuard = RouterGuard;
                if (Given("MacAddressSpoofing")) adapter.MacAddressSpoofing = MacAddressSpoofing;
                if (StaticMacAddress == null) return;
                HyperV.RequireOff(adapter.Owner!, "the MAC address");
                (adapter.MacAddress, adapter.DynamicMacAddressEnabled) = (StaticMacAddress.ToUpperInvariant(), false);
            });
        }
    }
}

[InModule("Hyper-V"), Cmdlet("Connect", "VMNetworkAdapter", SupportsShouldProcess = true, DefaultParameterSetName = "ResourceObject")]
public sealed class ConnectVMNetworkAdapter : AdapterCmdlet
{
    [Parameter(Mandatory = true)] public string SwitchName { get; set; } = "";

    protected override void Run()
    {
        foreach (VMNetworkAdapter adapter in VMNetworkAdapter)
            Change($"{Label(adapter)} {SwitchName}", () => adapter.SwitchName = Pc.HyperV.RequireSwitch(SwitchName).Name);
    }
}

[InModule("Hyper-V"), Cmdlet("Remove", "VMNetworkAdapter", SupportsShouldProcess = true, DefaultParameterSetName = "ResourceObject")]
public sealed class RemoveVMNetworkAdapter : AdapterCmdlet
{
    protected override void Run()
    {
        foreach (VMNetworkAdapter adapter in VMNetworkAdapter)
        {
            Change(Label(adapter), () =>
            {
                adapter.Owner!.Adapters.Remove(adapter);
                adapter.Owner.Firmware.Order.RemoveAll(o => o.Device == adapter);
            });
        }
    }
}

[InModule("Hyper-V"), Cmdlet("Get", "VMNetworkAdapterVlan", DefaultParameterSetName = "ResourceObject")]
public sealed class GetVMNetworkAdapterVlan : AdapterCmdlet
{
    protected override void Run() => Emit(VMNetworkAdapter.Select(a => a.Vlan));
}

[InModule("Hyper-V"), Cmdlet("Set", "VMNetworkAdapterVlan", SupportsShouldProcess = true, DefaultParameterSetName = "ResourceObject")]
public sealed class SetVMNetworkAdapterVlan : AdapterCmdlet
{
    [Parameter] public SwitchParameter Untagged { get; set; }

    [Parameter] public SwitchParameter Access { get; set; }

    [Parameter] public int VlanId { get; set; }

    protected override void Run()
    {
        foreach (VMNetworkAdapter adapter in VMNetworkAdapter)
        {
            Change(Label(adapter), () =>
            {
                if (Access && VlanId is < 1 or > 4094) throw HyperV.Invalid("A VLAN is 1 to 4094.");
                adapter.Vlan.OperationMode = Access ? VlanMode.Access : VlanMode.Untagged;
                adapter.Vlan.AccessVlanId = Access ? VlanId : 0;
            });
        }
    }
}
