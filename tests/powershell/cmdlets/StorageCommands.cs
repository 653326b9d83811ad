using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

// Physical disks: CDXML functions of the module Storage.

[InModule("Storage"), Cdxml("Get", "Disk")]
public sealed class GetDisk : CdxmlCommand
{
    [Parameter] public uint[]? Number { get; set; }

    public override void Run()
    {
        foreach (PhysicalDisk disk in Pc.PhysicalDisks.Where(d => Number == null || Number.Contains(d.Number)).ToList()) Emit(disk);
    }
}

[InModule("Storage"), Cdxml("Initialize", "Disk", ShouldProcess = true), Page("https://learn.microsoft.com/powershell/module/storage/initialize-disk")]
public sealed class InitializeDisk : CdxmlCommand
{
    [Parameter(Mandatory = true)] public uint[]? Number { get; set; }

    [Parameter, ValidateSet("MBR", "GPT")] public string? PartitionStyle { get; set; }

    public override void Run()
    {
        if (Pc.Storage.IsMounted(Number![0]))
        {
            Change($"{Number[0]} {PartitionStyle}", () =>
            {
                VirtualDisk mounted = Pc.Storage.Disk(Number[0]);
                if (mounted.Style != Windows.PartitionStyle.RAW) throw new WindowsError("The disk has already been initialized.", "StorageWMI 41002,Initialize-Disk");
                mounted.Style = Enum.Parse<PartitionStyle>(PartitionStyle ?? "GPT");
            });
            return;
        }
        PhysicalDisk disk = Pc.PhysicalDisks.First(d => d.Number == Number![0]);
        Change($"disk {disk.Number}", () =>
        {
            if (disk.PartitionStyle != "RAW") throw new WindowsError("The disk has already been initialized.", "StorageWMI 41002,Initialize-Disk");
            // Windows adds a partition for itself
            (disk.PartitionStyle, disk.NumberOfPartitions) = (PartitionStyle ?? "GPT", 1);
        });
    }
}

[InModule("Storage"), Cdxml("New", "Partition"), Page("https://learn.microsoft.com/powershell/module/storage/new-partition")]
public sealed class NewPartition : CdxmlCommand
{
    [Parameter(Mandatory = true)] public uint[]? DiskNumber { get; set; }

    [Parameter] public SwitchParameter UseMaximumSize { get; set; }

    [Parameter] public char DriveLetter { get; set; }

    [Parameter] public ulong Size { get; set; }

    [Parameter] public SwitchParameter AssignDriveLetter { get; set; }

    [Parameter] public SwitchParameter IsActive { get; set; }

    public override void Run()
    {
        uint number = DiskNumber![0];
        if (Pc.Storage.IsMounted(number))
        {
            Pc.Journal.Change(CommandName, $"{number}", () => Emit(Pc.Storage.AddPartition(number, UseMaximumSize ? Pc.Storage.Disk(number).Size : (long)Size, IsActive)));
            return;
        }
        PhysicalDisk disk = Pc.PhysicalDisks.First(d => d.Number == DiskNumber![0]);
        Pc.Journal.Change(CommandName, $"disk {disk.Number} {DriveLetter}", () =>
        {
            if (disk.PartitionStyle == "RAW") throw new WindowsError("The disk has not been initialized.", "StorageWMI 41000,New-Partition");
            if (Pc.Drives.Exists(d => d.Letter == DriveLetter + ":")) throw new WindowsError("The requested access path is already in use.", "StorageWMI 42002,New-Partition");
            disk.NumberOfPartitions++;
            Pc.Drives.Add(new LogicalDrive(DriveLetter + ":", "") { Free = disk.Size });
        });
    }
}

[InModule("Storage"), Cdxml("Format", "Volume", ShouldProcess = true, Impact = "High", DefaultSet = "ByDriveLetter"), Page("https://learn.microsoft.com/powershell/module/storage/format-volume")]
public sealed class FormatVolume : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "ByDriveLetter")] public char[]? DriveLetter { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "ByPartition")] public Partition? Partition { get; set; }

    [Parameter, ValidateSet("NTFS", "ReFS", "FAT", "FAT32")] public string? FileSystem { get; set; }

    [Parameter] public string? NewFileSystemLabel { get; set; }

    public override void Run()
    {
        if (Partition != null)
        {
            Change($"{FileSystem} {NewFileSystemLabel}", () => (Partition.FileSystem, Partition.Label) = (FileSystem ?? "NTFS", NewFileSystemLabel ?? ""));
            return;
        }
        LogicalDrive drive = Pc.Drives.Find(d => d.Letter == DriveLetter![0] + ":") ?? throw new WindowsError("No such volume.", "StorageWMI 4,Format-Volume");
        Change(drive.Letter, () =>
        {
            if (drive.FileSystem.Length > 0) Pc.Journal.Prompts.Add($"{drive.Letter} is formatted although it has a file system");
            drive.FileSystem = FileSystem ?? "NTFS";
            Pc.Files.AddDrive(drive.Letter);
        });
    }
}
