using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

// What takes things away again.

/// <summary>Leaves the disks; a running machine is refused. Asks unless -Force is given.</summary>
[InModule("Hyper-V"), Cmdlet("Remove", "VM", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
public sealed class RemoveVM : VMCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")] public string[]? Name { get; set; }

    [Parameter] public SwitchParameter Force { get; set; }

    protected override string[]? Names => Name;

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            if (!Force) Pc.Journal.Prompts.Add("Remove-VM " + vm.Name);
            Change(vm.Name, () =>
            {
                if (vm.State is not (VMState.Off or VMState.Saved)) throw HyperV.Invalid($"'{vm.Name}' cannot be removed while it is {vm.State}.");
                Pc.HyperV.Machines.Remove(vm);
            });
        }
    }
}

[InModule("Hyper-V"), Cmdlet("Remove", "VMSwitch", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
public sealed class RemoveVMSwitch : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")] public string[]? Name { get; set; }

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "VMSwitch")] public VMSwitch[]? VMSwitch { get; set; }

    [Parameter] public SwitchParameter Force { get; set; }

    protected override void Run()
    {
        foreach (VMSwitch one in VMSwitch ?? [.. Pc.HyperV.Switches.Where(s => Name!.Any(n => Like(n, s.Name)))])
        {
            if (!Force) Pc.Journal.Prompts.Add("Remove-VMSwitch " + one.Name);
            Change(one.Name, () =>
            {
                Pc.HyperV.Switches.Remove(one);
                Pc.Network.RemoveAdapter(one.DeviceId);
                foreach (VMNetworkAdapter adapter in Pc.HyperV.Machines.SelectMany(m => m.Adapters).Where(a => a.SwitchName == one.Name)) adapter.SwitchName = null;
            });
        }
    }
}
