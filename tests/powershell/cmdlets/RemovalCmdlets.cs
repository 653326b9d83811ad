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

[InModule("Hyper-V"), Cmdlet("Get", "VMSnapshot", DefaultParameterSetName = "VMName")]
public sealed class GetVMSnapshot : NamedVMCmdlet
{
    protected override void Run() => Emit(Targets().SelectMany(m => m.Checkpoints).ToList());
}

[InModule("Hyper-V"), Cmdlet("Remove", "VMSnapshot", SupportsShouldProcess = true, DefaultParameterSetName = "SnapshotName")]
public sealed class RemoveVMSnapshot : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "SnapshotName")] public string[]? VMName { get; set; }

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "SnapshotObject")] public VMSnapshot[] VMSnapshot { get; set; } = [];

    protected override void Run()
    {
        foreach (VMSnapshot one in VMSnapshot) Change($"{one.VMName} {one.Name}", () => Checkpoints.Remove(Pc, one));
    }
}

/// <summary>Refused where the machine's checkpoints are disabled.</summary>
[InModule("Hyper-V"), Cmdlet("Checkpoint", "VM", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
public sealed class CheckpointVM : VMCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")] public string[]? Name { get; set; }

    [Parameter(Position = 1)] public string SnapshotName { get; set; } = "";

    protected override string[]? Names => Name;

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            Change($"{vm.Name} {SnapshotName}", () =>
            {
                if (vm.CheckpointType == CheckpointType.Disabled) throw HyperV.Invalid($"Checkpoints have been disabled for '{vm.Name}'.");
                Checkpoints.Take(Pc, vm, SnapshotName);
            });
        }
    }
}

/// <summary>Turns a running machine off without a word; asks unless it is told not to.</summary>
[InModule("Hyper-V"), Cmdlet("Restore", "VMSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = "SnapshotName")]
[Page("https://learn.microsoft.com/powershell/module/hyper-v/restore-vmsnapshot")]
public sealed class RestoreVMSnapshot : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "SnapshotName")] public string? Name { get; set; }

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "SnapshotName")] public string? VMName { get; set; }

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "SnapshotObject")] public VMSnapshot? VMSnapshot { get; set; }

    protected override void Run()
    {
        VMSnapshot one = VMSnapshot ?? Pc.HyperV.Find(VMName!)!.Checkpoints.First(c => c.Name == Name);
        Change($"{one.VMName} {one.Name}", () => Checkpoints.Restore(Pc, one));
    }
}

[InModule("Hyper-V"), Cmdlet("Remove", "VMSavedState", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
public sealed class RemoveVMSavedState : NamedVMCmdlet
{
    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            Change(vm.Name, () =>
            {
                if (vm.State != VMState.Saved) throw HyperV.Invalid($"'{vm.Name}' has no saved state.");
                vm.State = VMState.Off;
            });
        }
    }
}

[InModule("ServerManager"), Cmdlet("Uninstall", "WindowsFeature", SupportsShouldProcess = true)]
public sealed class UninstallWindowsFeature : BinaryCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public object[] Name { get; set; } = [];

    [Parameter] public SwitchParameter IncludeManagementTools { get; set; }

    [Parameter] public SwitchParameter Restart { get; set; }

    protected override void Run()
    {
        if (Restart) Pc.Journal.Prompts.Add("the machine restarts in the middle of the script");
        foreach (object name in Name)
        {
            Change(name.ToString()!, () =>
            {
                Pc.Features.Uninstall(name.ToString()!);
                WriteObject(new FeatureResult { RestartNeeded = "Yes", ExitCode = "SuccessRestartRequired" });
            });
        }
    }
}

/// <summary>Has no -WhatIf, as on Windows; without -NoRestart it asks and waits.</summary>
[InModule("Dism"), Cmdlet("Disable", "WindowsOptionalFeature", DefaultParameterSetName = "Online")]
public sealed class DisableWindowsOptionalFeature : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "Online")] public SwitchParameter Online { get; set; }

    [Parameter(Mandatory = true)] public string[] FeatureName { get; set; } = [];

    [Parameter] public SwitchParameter NoRestart { get; set; }

    protected override void Run()
    {
        if (!NoRestart) Pc.Journal.Prompts.Add("Disable-WindowsOptionalFeature asks whether to restart");
        Pc.Journal.Change(CommandName, FeatureName[0], () => Pc.Features.Uninstall(FeatureName[0]));
        WriteObject(new FeatureResult());
    }
}

[InModule("Microsoft.PowerShell.LocalAccounts"), Cmdlet("Remove", "LocalGroupMember", SupportsShouldProcess = true)]
[Page("https://learn.microsoft.com/powershell/module/microsoft.powershell.localaccounts/remove-localgroupmember")]
public sealed class RemoveLocalGroupMember : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "SecurityIdentifier")] public string SID { get; set; } = "";

    [Parameter(Mandatory = true)] public string[] Member { get; set; } = [];

    protected override void Run()
    {
        foreach (string name in Member)
        {
            Change($"{SID} {name}", () =>
            {
                if (Pc.HyperVAdministrators.RemoveAll(a => a.Name == name) == 0)
                    throw new WindowsError("Not a member.", "MemberNotFound,Microsoft.PowerShell.Commands.RemoveLocalGroupMemberCommand");
            });
        }
    }
}
