namespace Labc.PowerShellTests.Windows;

/// <summary>A checkpoint, as Get-VMSnapshot emits it.</summary>
public sealed class VMSnapshot
{
    internal VirtualMachine Owner { get; init; } = null!;

    public required string Name { get; init; }

    public Guid Id { get; } = Guid.NewGuid();

    public string VMName => Owner.Name;

    public DateTime CreationTime { get; init; }

    /// <summary>The file that holds each drive's state of then; nothing is written to it any more.</summary>
    internal Dictionary<HardDiskDrive, string> Frozen { get; init; } = [];

    /// <summary>A setting of then; the machine gets it back with the disks.</summary>
    internal CheckpointType CheckpointType { get; init; }

    internal double MergesAt { get; set; }
}

/// <summary>
/// Checkpoints put a differencing file (.avhdx) before each disk. Removing one merges the file that follows into the disk: only while
/// the machine is off, and some seconds after the call has come back. Who removes the machine before that loses what was written since.
/// </summary>
public static class Checkpoints
{
    public static VMSnapshot Take(Machine machine, VirtualMachine vm, string name)
    {
        var taken = new VMSnapshot
        {
            Owner = vm, Name = name, CheckpointType = vm.CheckpointType, Frozen = vm.Disks.ToDictionary(d => d, d => d.Path!),
            CreationTime = new DateTime(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc).AddSeconds(machine.Clock).AddMilliseconds(vm.Checkpoints.Count),
        };
        foreach (HardDiskDrive drive in vm.Disks) Branch(machine, drive, taken, " and work since " + name);
        vm.Checkpoints.Add(taken);
        return taken;
    }

    /// <summary>The present state is given up; disks and settings are those of then, and the machine is off.</summary>
    public static void Restore(Machine machine, VMSnapshot checkpoint)
    {
        VirtualMachine vm = checkpoint.Owner;
        if (!vm.Checkpoints.Contains(checkpoint)) throw HyperV.Invalid($"The checkpoint '{checkpoint.Name}' does not exist.");
        foreach (HardDiskDrive drive in vm.Disks.ToList())
        {
            if (!checkpoint.Frozen.ContainsKey(drive)) machine.HyperV.DetachDisk(drive);
            else if (!vm.Checkpoints.Exists(c => c.Frozen.ContainsValue(drive.Path!))) machine.Files.Remove(drive.Path!);
        }
        vm.Disks.AddRange(checkpoint.Frozen.Keys.Except(vm.Disks));
        foreach (HardDiskDrive drive in checkpoint.Frozen.Keys) Branch(machine, drive, checkpoint, "");
        (vm.State, vm.CheckpointType) = (VMState.Off, checkpoint.CheckpointType);
    }

    public static void Remove(Machine machine, VMSnapshot checkpoint)
    {
        checkpoint.Owner.Checkpoints.Remove(checkpoint);
        checkpoint.MergesAt = machine.Clock + 6;
        checkpoint.Owner.Merging.Add(checkpoint);
    }

    /// <summary>What Hyper-V does by itself as time passes.</summary>
    public static void Merge(Machine machine)
    {
        foreach (VirtualMachine vm in machine.HyperV.Machines.Where(m => m.State == VMState.Off))
        {
            foreach (VMSnapshot due in vm.Merging.Where(c => c.MergesAt <= machine.Clock).ToList())
            {
                vm.Merging.Remove(due);
                foreach (string frozen in due.Frozen.Values.ToList()) MergeInto(machine, vm, frozen);
            }
        }
    }

    /// <summary>The disk that a drive's file goes back to.</summary>
    public static string Base(Machine machine, string path)
    {
        while (path.EndsWith(".avhdx", StringComparison.OrdinalIgnoreCase)) path = machine.Files.File(path)!.Disk!.ParentPath;
        return path;
    }

    private static void Branch(Machine machine, HardDiskDrive drive, VMSnapshot checkpoint, string work)
    {
        string frozen = checkpoint.Frozen[drive];
        VirtualDisk disk = machine.Files.File(frozen)!.Disk!;
        string path = frozen[..frozen.LastIndexOf('.')] + $"_{Guid.NewGuid()}.avhdx";
        SimulatedFile file = machine.Files.AddFile(path, 1L << 30, disk.CopyAs(VhdType.Differencing, disk.Format, frozen));
        file.Disk!.Content += work;
        file.Granted.Add(drive.Owner.Id);
        drive.Path = path;
    }

    /// <summary>The one file that follows is merged into it and is gone; where two do, the state of then is still needed.</summary>
    private static void MergeInto(Machine machine, VirtualMachine vm, string frozen)
    {
        if (vm.Checkpoints.Exists(c => c.Frozen.ContainsValue(frozen))) return;
        List<KeyValuePair<string, SimulatedFile>> next = [.. machine.Files.All.Where(f => f.Value.Disk?.ParentPath == frozen)];
        if (next.Count != 1) return;
        SimulatedFile older = machine.Files.File(frozen)!;
        older.Disk = next[0].Value.Disk!.CopyAs(older.Disk!.Type, older.Disk.Format, older.Disk.ParentPath);
        older.Length += 1L << 28;
        foreach (SimulatedFile file in machine.Files.All.Select(f => f.Value).Where(f => f.Disk?.ParentPath == next[0].Key).ToList())
            file.Disk = file.Disk!.CopyAs(file.Disk.Type, file.Disk.Format, frozen);
        foreach (VMSnapshot one in vm.Checkpoints.Concat(vm.Merging))
        {
            foreach (HardDiskDrive drive in one.Frozen.Where(f => f.Value == next[0].Key).Select(f => f.Key).ToList()) one.Frozen[drive] = frozen;
        }
        foreach (HardDiskDrive drive in vm.Disks.Where(d => d.Path == next[0].Key)) drive.Path = frozen;
        machine.Files.Remove(next[0].Key);
    }
}
