namespace Labc.PowerShellTests.Windows;

/// <summary>A checkpoint, as Get-VMSnapshot emits it.</summary>
public sealed class VMSnapshot
{
    internal VirtualMachine Owner { get; init; } = null!;

    public required string Name { get; init; }

    public Guid Id { get; } = Guid.NewGuid();

    public string VMName => Owner.Name;
}

/// <summary>
/// Checkpoints put a differencing file (.avhdx) before each disk. Removing one merges the file into the disk: only while the machine
/// is off, and some seconds after the call has come back. Who removes the machine before that loses what was written since.
/// </summary>
public static class Checkpoints
{
    public static void Take(Machine machine, VirtualMachine vm, string name)
    {
        foreach (HardDiskDrive drive in vm.Disks)
        {
            VirtualDisk disk = machine.Files.File(drive.Path!)!.Disk!;
            string path = drive.Path![..drive.Path!.LastIndexOf('.')] + $"_{Guid.NewGuid()}.avhdx";
            SimulatedFile file = machine.Files.AddFile(path, 1L << 30, new VirtualDisk
            {
                Size = disk.Size, Type = VhdType.Differencing, Format = disk.Format, ParentPath = drive.Path, Content = disk.Content + " and work since " + name,
            });
            file.Granted.Add(vm.Id);
            drive.Path = path;
        }
        vm.Checkpoints.Add(new VMSnapshot { Owner = vm, Name = name });
    }

    public static void Remove(Machine machine, VMSnapshot checkpoint)
    {
        checkpoint.Owner.Checkpoints.Remove(checkpoint);
        checkpoint.Owner.MergesAt.Add(machine.Clock + 6);
    }

    /// <summary>What Hyper-V does by itself as time passes.</summary>
    public static void Merge(Machine machine)
    {
        foreach (VirtualMachine vm in machine.HyperV.Machines.Where(m => m.State == VMState.Off))
        {
            foreach (double due in vm.MergesAt.Where(t => t <= machine.Clock).ToList())
            {
                vm.MergesAt.Remove(due);
                foreach (HardDiskDrive drive in vm.Disks.Where(d => d.Path!.EndsWith(".avhdx", StringComparison.OrdinalIgnoreCase))) MergeOne(machine, drive);
            }
        }
    }

    private static void MergeOne(Machine machine, HardDiskDrive drive)
    {
        VirtualDisk newer = machine.Files.File(drive.Path!)!.Disk!;
        SimulatedFile older = machine.Files.File(newer.ParentPath)!;
        older.Disk!.Content = newer.Content;
        older.Length += 1L << 28;
        machine.Files.Remove(drive.Path!);
        drive.Path = newer.ParentPath;
    }
}
