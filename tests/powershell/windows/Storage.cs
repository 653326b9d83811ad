namespace Labc.PowerShellTests.Windows;

/// <summary>A disk of the machine as Get-Disk shows it.</summary>
public sealed class PhysicalDisk
{
    public required uint Number { get; init; }

    public string UniqueId => "60022480" + Number;

    public required string Location { get; init; }

    public required string PartitionStyle { get; set; }

    public uint NumberOfPartitions { get; set; }

    public long Size { get; init; } = 256L << 30;

    public bool IsBoot { get; init; }

    public bool IsSystem { get; init; }
}

/// <summary>A letter of the machine; without a file system it is a partition that was not formatted yet.</summary>
public sealed class LogicalDrive(string letter, string fileSystem)
{
    public string Letter { get; } = letter;

    public string FileSystem { get; set; } = fileSystem;

    public long Free { get; set; } = 100L << 30;
}
