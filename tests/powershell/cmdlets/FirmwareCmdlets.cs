using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

[InModule("Hyper-V"), Cmdlet("Get", "VMFirmware", DefaultParameterSetName = "VMName")]
public sealed class GetVMFirmware : NamedVMCmdlet
{
    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            if (vm.Generation == 1) throw HyperV.Invalid("A virtual machine of generation 1 has no firmware settings.");
            WriteObject(vm.Firmware);
        }
    }
}

[InModule("Hyper-V"), Cmdlet("Set", "VMFirmware", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
public sealed class SetVMFirmware : NamedVMCmdlet
{
    private static readonly string[] Templates = ["MicrosoftWindows", "MicrosoftUEFICertificateAuthority", "OpenSourceShieldedVM"];

    [Parameter] public OnOffState EnableSecureBoot { get; set; }

    [Parameter] public string? SecureBootTemplate { get; set; }

    [Parameter] public object? FirstBootDevice { get; set; }

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            string what = FirstBootDevice == null ? "secure boot" : "first boot device";
            Change($"{vm.Name} {what}", () =>
            {
                if (vm.Generation == 1) throw HyperV.Invalid("A virtual machine of generation 1 has no firmware settings.");
                HyperV.RequireOff(vm, "firmware");
                if (SecureBootTemplate != null && !Templates.Contains(SecureBootTemplate)) throw HyperV.Invalid("No such secure boot template.");
                if (Given("EnableSecureBoot")) vm.Firmware.SecureBoot = EnableSecureBoot;
                if (SecureBootTemplate != null) vm.Firmware.SecureBootTemplate = SecureBootTemplate;
                if (FirstBootDevice != null) MoveFirst(vm);
            });
        }
    }

    private void MoveFirst(VirtualMachine vm)
    {
        object device = FirstBootDevice is PSObject wrapped ? wrapped.BaseObject : FirstBootDevice!;
        BootSource source = vm.Firmware.Order.Find(o => o.Device == device) ?? throw HyperV.Invalid("The device does not belong to the machine.");
        vm.Firmware.Order.Remove(source);
        vm.Firmware.Order.Insert(0, source);
    }
}

[InModule("Hyper-V"), Cmdlet("Get", "VMBios", DefaultParameterSetName = "VMName")]
public sealed class GetVMBios : NamedVMCmdlet
{
    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            if (vm.Generation != 1) throw HyperV.Invalid("Only a virtual machine of generation 1 has a BIOS.");
            WriteObject(new VMBiosInfo(vm.StartupOrder));
        }
    }
}

[InModule("Hyper-V"), Cmdlet("Set", "VMBios", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
public sealed class SetVMBios : NamedVMCmdlet
{
    [Parameter] public BootDevice[] StartupOrder { get; set; } = [];

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            Change(vm.Name, () =>
            {
                if (vm.Generation != 1) throw HyperV.Invalid("Only a virtual machine of generation 1 has a BIOS.");
                if (StartupOrder.Length != 4) throw HyperV.Invalid("All four devices must be named.");
                HyperV.RequireOff(vm, "BIOS");
                vm.StartupOrder = [.. StartupOrder];
            });
        }
    }
}

[InModule("Hyper-V"), Cmdlet("Get", "VMSecurity", DefaultParameterSetName = "VMName")]
public sealed class GetVMSecurity : NamedVMCmdlet
{
    protected override void Run() => Emit(Targets().Select(m => new VMSecurityInfo(m.TpmEnabled)));
}

[InModule("Hyper-V"), Cmdlet("Get", "VMKeyProtector", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
public sealed class GetVMKeyProtector : NamedVMCmdlet
{
    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets()) WriteObject(vm.KeyProtector, enumerateCollection: true);
    }
}

[InModule("Hyper-V"), Cmdlet("Set", "VMKeyProtector", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
public sealed class SetVMKeyProtector : NamedVMCmdlet
{
    [Parameter] public SwitchParameter NewLocalKeyProtector { get; set; }

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            Change(vm.Name, () =>
            {
                HyperV.RequireOff(vm, "the key protector");
                vm.KeyProtector = Guid.NewGuid().ToByteArray();
            });
        }
    }
}

[InModule("Hyper-V"), Cmdlet("Enable", "VMTPM", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
public sealed class EnableVMTpm : NamedVMCmdlet
{
    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            Change(vm.Name, () =>
            {
                HyperV.RequireOff(vm, "the TPM");
                if (vm.Generation != 2) throw HyperV.Invalid("A TPM needs generation 2.");
                if (vm.KeyProtector.Length <= 4) throw HyperV.Invalid("The TPM cannot be changed without a valid key protector.");
                vm.TpmEnabled = true;
            });
        }
    }
}
