using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

/// <summary>Cmdlets that take virtual machines, by wildcard name or as objects.</summary>
public abstract class VMCmdlet : HyperVCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "VMObject")] public VirtualMachine[]? VM { get; set; }

    protected abstract string[]? Names { get; }

    protected List<VirtualMachine> Targets()
    {
        if (VM != null) return [.. VM];
        List<VirtualMachine> found = [.. Pc.HyperV.Machines.Where(m => Names!.Any(n => Like(n, m.Name)))];
        if (found.Count == 0) throw HyperV.Invalid("Hyper-V was unable to find a virtual machine of this name.");
        return found;
    }

    protected bool Given(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);
}

public abstract class NamedVMCmdlet : VMCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "VMName")] public string[]? VMName { get; set; }

    protected override string[]? Names => VMName;
}

[InModule("Hyper-V"), Cmdlet("Get", "VM", DefaultParameterSetName = "Name")]
public sealed class GetVM : HyperVCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "Name")] public string[]? Name { get; set; }

    [Parameter(ParameterSetName = "Id")] public Guid? Id { get; set; }

    protected override void Run()
    {
        Emit(Pc.HyperV.Machines.Where(m => (Name == null || Name.Any(n => Like(n, m.Name))) && (Id == null || m.Id == Id)).ToList());
    }
}

[InModule("Hyper-V"), Cmdlet("New", "VM", SupportsShouldProcess = true, DefaultParameterSetName = "No VHD")]
public sealed class NewVM : HyperVCmdlet
{
    [Parameter(Position = 0)] public string Name { get; set; } = "New Virtual Machine";

    [Parameter, ValidateSet("1", "2")] public short Generation { get; set; } = 1;

    [Parameter] public long MemoryStartupBytes { get; set; } = 512L << 20;

    [Parameter] public string Path { get; set; } = @"C:\ProgramData\Microsoft\Windows\Hyper-V";

    [Parameter(ParameterSetName = "No VHD")] public SwitchParameter NoVHD { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Existing VHD")] public string? VHDPath { get; set; }

    protected override void Run()
    {
        // creation takes Hyper-V seconds, and may still die half way: the machine then exists with default settings
        Change(Name, () => WriteObject(Pc.HyperV.NewMachine(Name, Generation, MemoryStartupBytes, Path)));
    }
}

[InModule("Hyper-V"), Cmdlet("Set", "VM", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
public sealed class SetVM : VMCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")] public string[]? Name { get; set; }

    [Parameter] public string? Notes { get; set; }

    [Parameter] public StopAction AutomaticStopAction { get; set; }

    [Parameter] public StartAction AutomaticStartAction { get; set; }

    [Parameter] public int AutomaticStartDelay { get; set; }

    [Parameter] public CheckpointType CheckpointType { get; set; }

    [Parameter] public bool AutomaticCheckpointsEnabled { get; set; }

    [Parameter] public SwitchParameter StaticMemory { get; set; }

    [Parameter] public SwitchParameter DynamicMemory { get; set; }

    [Parameter] public long MemoryStartupBytes { get; set; }

    [Parameter] public long MemoryMinimumBytes { get; set; }

    [Parameter] public long MemoryMaximumBytes { get; set; }

    protected override string[]? Names => Name;

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            string what = string.Join(' ', MyInvocation.BoundParameters.Keys.Where(k => k is not ("VM" or "Confirm")).Order());
            Change($"{vm.Name} {what}", () => Apply(vm));
        }
    }

    private void Apply(VirtualMachine vm)
    {
        if (StaticMemory && DynamicMemory) throw HyperV.Invalid("StaticMemory and DynamicMemory exclude each other.");
        if (Given("Notes")) vm.Notes = Notes ?? "";
        if (Given("AutomaticStopAction")) vm.AutomaticStopAction = AutomaticStopAction;
        if (Given("AutomaticStartAction")) vm.AutomaticStartAction = AutomaticStartAction;
        if (Given("AutomaticStartDelay")) vm.AutomaticStartDelay = AutomaticStartDelay;
        if (Given("CheckpointType")) vm.CheckpointType = CheckpointType;
        if (Given("AutomaticCheckpointsEnabled")) vm.AutomaticCheckpointsEnabled = AutomaticCheckpointsEnabled;
        if (StaticMemory || DynamicMemory || Given("MemoryStartupBytes")) ApplyMemory(vm);
    }

    private void ApplyMemory(VirtualMachine vm)
    {
        HyperV.RequireOff(vm, "memory");
        VMMemory memory = vm.Memory;
        if (StaticMemory || DynamicMemory) memory.DynamicMemoryEnabled = DynamicMemory;
        if ((Given("MemoryMinimumBytes") || Given("MemoryMaximumBytes")) && !memory.DynamicMemoryEnabled)
            throw HyperV.Invalid("Minimum and maximum belong to dynamic memory.");
        long startup = Given("MemoryStartupBytes") ? MemoryStartupBytes : memory.Startup;
        long minimum = Given("MemoryMinimumBytes") ? MemoryMinimumBytes : memory.Minimum;
        long maximum = Given("MemoryMaximumBytes") ? MemoryMaximumBytes : memory.Maximum;
        HyperV.CheckMemory(startup);
        if (memory.DynamicMemoryEnabled)
        {
            HyperV.CheckMemory(minimum);
            HyperV.CheckMemory(maximum);
            if (minimum > startup || startup > maximum) throw HyperV.Invalid("Memory must be minimum <= startup <= maximum.");
            (memory.Minimum, memory.Maximum) = (minimum, maximum);
        }
        memory.Startup = startup;
    }
}

[InModule("Hyper-V"), Cmdlet("Start", "VM", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
public sealed class StartVM : VMCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")] public string[]? Name { get; set; }

    protected override string[]? Names => Name;

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets()) Change(vm.Name, () => Pc.HyperV.Start(vm));
    }
}

[InModule("Hyper-V"), Cmdlet("Stop", "VM", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High, DefaultParameterSetName = "Name")]
public sealed class StopVM : VMCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")] public string[]? Name { get; set; }

    [Parameter] public SwitchParameter Force { get; set; }

    [Parameter] public SwitchParameter TurnOff { get; set; }

    [Parameter] public SwitchParameter Save { get; set; }

    protected override string[]? Names => Name;

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            if (TurnOff && !vm.Stubborn) Pc.Journal.Prompts.Add("turning off loses data in " + vm.Name);
            Change(vm.Name, () =>
            {
                if (vm.Stubborn && !TurnOff) throw HyperV.Invalid($"'{vm.Name}' cannot be shut down: its integration services do not answer.");
                vm.State = Save ? VMState.Saved : VMState.Off;
            });
        }
    }
}

[InModule("Hyper-V"), Cmdlet("Get", "VMMemory", DefaultParameterSetName = "VMName")]
public sealed class GetVMMemory : NamedVMCmdlet
{
    protected override void Run() => Emit(Targets().Select(m => m.Memory));
}

[InModule("Hyper-V"), Cmdlet("Set", "VMMemory", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
public sealed class SetVMMemory : NamedVMCmdlet
{
    [Parameter] public bool DynamicMemoryEnabled { get; set; }

    [Parameter] public long StartupBytes { get; set; }

    [Parameter] public long MinimumBytes { get; set; }

    [Parameter] public long MaximumBytes { get; set; }

    [Parameter] public int Buffer { get; set; }

    [Parameter] public int Priority { get; set; }

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
            Change($"{vm.Name} {string.Join(' ', MyInvocation.BoundParameters.Keys.Where(k => k is not ("VM" or "Confirm")).Order())}", () => Apply(vm));
    }

    private void Apply(VirtualMachine vm)
    {
        VMMemory memory = vm.Memory;
        bool dynamic = Given("DynamicMemoryEnabled") ? DynamicMemoryEnabled : memory.DynamicMemoryEnabled;
        if (Given("DynamicMemoryEnabled") || Given("StartupBytes") || Given("MinimumBytes") || Given("MaximumBytes")) HyperV.RequireOff(vm, "memory");
        if ((Given("MinimumBytes") || Given("MaximumBytes") || Given("Buffer")) && !dynamic) throw HyperV.Invalid("Minimum, maximum and buffer belong to dynamic memory.");
        if (Given("Buffer") && Buffer is < 5 or > 2000) throw HyperV.Invalid("The buffer must be 5 to 2000 percent.");
        long startup = Given("StartupBytes") ? StartupBytes : memory.Startup;
        long minimum = Given("MinimumBytes") ? MinimumBytes : memory.Minimum;
        long maximum = Given("MaximumBytes") ? MaximumBytes : memory.Maximum;
        HyperV.CheckMemory(startup);
        if (dynamic)
        {
            HyperV.CheckMemory(minimum);
            HyperV.CheckMemory(maximum);
            if (minimum > startup || startup > maximum) throw HyperV.Invalid("Memory must be minimum <= startup <= maximum.");
        }
        (memory.DynamicMemoryEnabled, memory.Startup, memory.Minimum, memory.Maximum) = (dynamic, startup, minimum, maximum);
        if (Given("Buffer")) memory.Buffer = Buffer;
        if (Given("Priority")) memory.Priority = Priority;
    }
}

[InModule("Hyper-V"), Cmdlet("Get", "VMProcessor", DefaultParameterSetName = "VMName")]
public sealed class GetVMProcessor : NamedVMCmdlet
{
    protected override void Run() => Emit(Targets().Select(m => m.Processor));
}

[InModule("Hyper-V"), Cmdlet("Set", "VMProcessor", SupportsShouldProcess = true, DefaultParameterSetName = "VMName")]
public sealed class SetVMProcessor : NamedVMCmdlet
{
    [Parameter] public long Count { get; set; }

    [Parameter] public bool CompatibilityForMigrationEnabled { get; set; }

    [Parameter] public bool ExposeVirtualizationExtensions { get; set; }

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            Change(vm.Name, () =>
            {
                HyperV.RequireOff(vm, "processors");
                if (Count > Pc.LogicalProcessors) throw HyperV.Invalid("More processors than the host has.");
                if (Given("Count")) vm.Processor.Count = Count;
                if (Given("CompatibilityForMigrationEnabled")) vm.Processor.CompatibilityForMigrationEnabled = CompatibilityForMigrationEnabled;
                if (Given("ExposeVirtualizationExtensions")) vm.Processor.ExposeVirtualizationExtensions = ExposeVirtualizationExtensions;
            });
        }
    }
}
