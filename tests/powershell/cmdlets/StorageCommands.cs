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

    public override void Run()
    {
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

[InModule("Storage"), Cdxml("Format", "Volume", ShouldProcess = true, Impact = "High"), Page("https://learn.microsoft.com/powershell/module/storage/format-volume")]
public sealed class FormatVolume : CdxmlCommand
{
    [Parameter(Mandatory = true)] public char[]? DriveLetter { get; set; }

    [Parameter, ValidateSet("NTFS", "ReFS", "FAT32")] public string? FileSystem { get; set; }

    [Parameter] public string? NewFileSystemLabel { get; set; }

    public override void Run()
    {
        LogicalDrive drive = Pc.Drives.Find(d => d.Letter == DriveLetter![0] + ":") ?? throw new WindowsError("No such volume.", "StorageWMI 4,Format-Volume");
        Change(drive.Letter, () =>
        {
            if (drive.FileSystem.Length > 0) Pc.Journal.Prompts.Add($"{drive.Letter} is formatted although it has a file system");
            drive.FileSystem = FileSystem ?? "NTFS";
            Pc.Files.AddDrive(drive.Letter);
        });
    }
}
