namespace Labc.PowerShellTests.Windows;

/// <summary>
/// Hyper-V's own rules: two machines may share a name; most properties can only be set while a machine is off; memory is an even
/// number of MiB; a generation-1 machine has no firmware and boots from IDE; a TPM needs a key protector; a disk file that was
/// replaced behind Hyper-V's back can no longer be opened.
/// </summary>
public sealed class HyperV(Machine machine)
{
    public List<VMSwitch> Switches { get; } = [];

    public List<VirtualMachine> Machines { get; } = [];

    public VirtualMachine? Find(string name) => Machines.Find(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The error every Hyper-V cmdlet gives while its service does not run.</summary>
    public void RequireService()
    {
        Checkpoints.Merge(machine);
        if (machine.Service("vmms")?.Status == "Running") return;
        throw new WindowsError("Hyper-V encountered an error trying to access an object because the object was not found. "
            + "Verify that the Virtual Machine Management service on the computer is running.",
            "ObjectNotFound,Microsoft.HyperV.PowerShell.Commands");
    }

    public static WindowsError Invalid(string message) => new(message, "InvalidState,Microsoft.HyperV.PowerShell.Commands");

    public static void RequireOff(VirtualMachine vm, string what)
    {
        if (vm.State != VMState.Off) throw Invalid($"Cannot modify {what} of '{vm.Name}' while the virtual machine is {vm.State}.");
    }

    public VMSwitch NewSwitch(string name, VMSwitchType type, string notes)
    {
        var made = new VMSwitch { Name = name, SwitchType = type, Notes = notes };
        Switches.Add(made);
        if (type == VMSwitchType.Internal) machine.Network.AddSwitchAdapter(name, made.DeviceId);
        return made;
    }

    public VMSwitch RequireSwitch(string name) =>
        Switches.Find(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw Invalid($"Hyper-V was unable to find a virtual switch with name \"{name}\".");

    public VirtualMachine NewMachine(string name, int generation, long memory, string path)
    {
        CheckMemory(memory);
        var vm = new VirtualMachine
        {
            Name = name, Generation = generation, Path = path.TrimEnd('\\') + '\\' + name, AutomaticCheckpointsEnabled = !machine.IsServer,
        };
        vm.Memory.Startup = memory;
        if (generation == 1)
        {
            vm.Dvds.Add(new DvdDrive { Owner = vm, ControllerType = ControllerType.IDE, ControllerNumber = 1 });
        }
        Machines.Add(vm);
        // always one adapter, connected to nothing, under a localized name
        AddAdapter(vm, "Netzwerkkarte", null, false);
        return vm;
    }

    public static void CheckMemory(long bytes)
    {
        if (bytes < 32L << 20 || bytes % (2L << 20) != 0) throw Invalid("Memory values must be properly aligned.");
    }

    public VMNetworkAdapter AddAdapter(VirtualMachine vm, string name, string? switchName, bool legacy)
    {
        if (switchName != null) switchName = RequireSwitch(switchName).Name;
        if (legacy && vm.Generation != 1) throw Invalid("A legacy network adapter needs a virtual machine of generation 1.");
        if (legacy) RequireOff(vm, "a legacy network adapter");
        var adapter = new VMNetworkAdapter { Owner = vm, Name = name, SwitchName = switchName, IsLegacy = legacy };
        vm.Adapters.Add(adapter);
        if (vm.Generation == 2) vm.Firmware.Order.Add(new BootSource(BootSourceType.Network, adapter));
        return adapter;
    }

    public void AttachDisk(VirtualMachine vm, string path, ControllerType? type)
    {
        ControllerType controller = type ?? (vm.Generation == 1 ? ControllerType.IDE : ControllerType.SCSI);
        SimulatedFile file = machine.Files.File(path) ?? throw Invalid($"The file '{path}' does not exist.");
        if (file.Disk == null) throw Invalid($"The file '{path}' is not a virtual disk.");
        if (vm.Generation == 2 && file.Disk.Format != VhdFormat.VHDX) throw Invalid("A generation 2 virtual machine cannot use VHD files.");
        if (vm.Generation == 2 && controller == ControllerType.IDE) throw Invalid("A generation 2 virtual machine has no IDE controller.");
        if (controller == ControllerType.IDE) RequireOff(vm, "IDE drives");
        if (Machines.Any(m => m.Disks.Exists(d => d.Path!.Equals(path, StringComparison.OrdinalIgnoreCase))))
            throw Invalid($"The disk '{path}' is attached already.");
        int location = vm.Disks.Count(d => d.ControllerType == controller) + vm.Dvds.Count(d => d.ControllerType == controller && d.ControllerNumber == 0);
        var drive = new HardDiskDrive { Owner = vm, Path = path, ControllerType = controller, ControllerLocation = location };
        vm.Disks.Add(drive);
        file.Granted.Add(vm.Id);
        if (vm.Generation == 2) vm.Firmware.Order.Add(new BootSource(BootSourceType.Drive, drive));
    }

    public void DetachDisk(HardDiskDrive drive)
    {
        drive.Owner.Disks.Remove(drive);
        drive.Owner.Firmware.Order.RemoveAll(o => o.Device == drive);
    }

    public void InsertDvd(VirtualMachine vm, DvdDrive? drive, string path)
    {
        if (machine.Files.File(path) == null) throw Invalid($"The file '{path}' does not exist.");
        if (drive == null)
        {
            var type = vm.Generation == 1 ? ControllerType.IDE : ControllerType.SCSI;
            drive = new DvdDrive { Owner = vm, ControllerType = type, ControllerLocation = 8 + vm.Dvds.Count };
            vm.Dvds.Add(drive);
            if (vm.Generation == 2) vm.Firmware.Order.Add(new BootSource(BootSourceType.Drive, drive));
        }
        drive.Path = path;
    }

    public void Start(VirtualMachine vm)
    {
        if (vm.State == VMState.Running) return;
        if (!machine.HasVirtualization) throw Invalid("Virtual machine could not be started because the hypervisor is not running.");
        long used = Machines.Where(m => m.State == VMState.Running).Sum(m => m.Memory.Startup);
        if (used + vm.Memory.Startup > machine.Memory - (1L << 30)) throw Invalid($"Not enough memory in the system to start the virtual machine {vm.Name}.");
        foreach (HardDiskDrive drive in vm.Disks)
        {
            SimulatedFile? file = machine.Files.File(drive.Path!);
            if (file == null) throw Invalid($"The disk '{drive.Path}' is missing.");
            if (!file.Granted.Contains(vm.Id)) throw Invalid($"General access denied error: '{drive.Path}'.");
        }
        foreach (VMNetworkAdapter adapter in vm.Adapters.Where(a => a.DynamicMacAddressEnabled))
            adapter.MacAddress = "00155D" + vm.Id.ToString("N")[..6].ToUpperInvariant();
        vm.State = VMState.Running;
        vm.StartedAt = machine.Clock;
    }

    public void Restart()
    {
        foreach (VirtualMachine vm in Machines)
        {
            bool ran = vm.State == VMState.Running;
            vm.State = vm.AutomaticStopAction == StopAction.Save && ran ? VMState.Saved : VMState.Off;
            if (vm.AutomaticStartAction == StartAction.Start || (ran && vm.AutomaticStartAction == StartAction.StartIfRunning)) vm.State = VMState.Running;
            vm.StartedAt = machine.Clock;
        }
    }
}
