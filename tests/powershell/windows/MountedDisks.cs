namespace Labc.PowerShellTests.Windows;

public enum PartitionStyle { RAW, MBR, GPT }

public sealed class Partition
{
    public uint DiskNumber { get; init; }

    public uint PartitionNumber { get; init; }

    /// <summary>NUL while it has none.</summary>
    public char DriveLetter { get; set; }

    public string GptType { get; set; } = "{ebd0a0a2-b9e5-4433-87c0-68b6b72699c7}";

    public bool IsActive { get; init; }

    public long Size { get; init; }

    internal string FileSystem { get; set; } = "";

    internal string Label { get; set; } = "";

    /// <summary>What lies on it while it is not mounted: path below its root and text.</summary>
    internal Dictionary<string, string> Files { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    internal bool IsOrdinary => GptType.StartsWith("{ebd0a0a2", StringComparison.OrdinalIgnoreCase);

    internal Partition Copy() => new()
    {
        DiskNumber = DiskNumber, PartitionNumber = PartitionNumber, GptType = GptType, IsActive = IsActive, Size = Size,
        FileSystem = FileSystem, Label = Label, Files = new(Files, StringComparer.OrdinalIgnoreCase),
    };
}

public sealed class DiskImage(string path)
{
    public string ImagePath { get; } = path;

    public bool Attached => Letter != '\0';

    internal char Letter { get; init; }
}

/// <summary>An edition in the media of Windows.</summary>
public sealed class WindowsImage(uint index, string name)
{
    public uint ImageIndex { get; } = index;

    public string ImageName { get; } = name;
}

/// <summary>
/// Disks that are mounted in Windows: their partitions get drive letters, and what is written there is on the disk afterwards. A file
/// that is mounted can be neither moved nor removed.
/// </summary>
public sealed class Storage(FileSystem files)
{
    private readonly SortedDictionary<uint, (string Path, VirtualDisk Disk)> disks = [];

    public Dictionary<string, DiskImage> Images { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Paths of everything that is mounted.</summary>
    public IEnumerable<string> Mounted => disks.Values.Select(d => d.Path).Concat(Images.Keys);

    public uint? Number(string path)
    {
        foreach (var (number, disk) in disks)
        {
            if (disk.Path.Equals(path, StringComparison.OrdinalIgnoreCase)) return number;
        }
        return null;
    }

    public bool IsMounted(uint number) => disks.ContainsKey(number);

    public VirtualDisk Disk(uint number) =>
        disks.TryGetValue(number, out var found) ? found.Disk : throw new WindowsError("No MSFT_Disk objects found.", "CmdletizationQuery_NotFound_Number,Get-Disk");

    public void Mount(string path)
    {
        VirtualDisk disk = files.File(path)?.Disk ?? throw HyperV.Invalid($"Failed to mount '{path}'.");
        if (Number(path) != null) throw HyperV.Invalid($"The disk '{path}' is mounted already.");
        uint number = 8; // behind the disks of the machine
        while (disks.ContainsKey(number)) number++;
        disks[number] = (path, disk);
        foreach (Partition partition in disk.Partitions.Where(p => p.IsOrdinary && p.FileSystem.Length > 0)) GiveLetter(partition);
    }

    public void Dismount(string path)
    {
        uint number = Number(path) ?? throw HyperV.Invalid($"The disk '{path}' is not mounted.");
        foreach (Partition partition in disks[number].Disk.Partitions.Where(p => p.DriveLetter != '\0'))
        {
            partition.Files = files.TakeDrive(partition.DriveLetter);
            partition.DriveLetter = '\0';
        }
        SimulatedFile file = files.File(path)!;
        if (disks[number].Disk.Partitions.Count > 0) file.Length = Math.Max(file.Length, 64L << 20);
        disks.Remove(number);
    }

    public Partition AddPartition(uint number, long size, bool active)
    {
        VirtualDisk disk = Disk(number);
        if (disk.Style == PartitionStyle.RAW) throw new WindowsError("The disk has not been initialized.", "StorageWMI 41000,New-Partition");
        if (active && disk.Style != PartitionStyle.MBR) throw new WindowsError("Invalid Parameter", "StorageWMI 5,New-Partition");
        var made = new Partition { DiskNumber = number, PartitionNumber = (uint)disk.Partitions.Count + 1, IsActive = active, Size = size };
        disk.Partitions.Add(made);
        GiveLetter(made);
        return made;
    }

    public DiskImage MountImage(string path)
    {
        if (files.File(path) == null) throw new WindowsError("The system cannot find the file specified.", "CmdletizationQuery_NotFound,Mount-DiskImage");
        if (Images.ContainsKey(path)) throw new WindowsError("The image is mounted already.", "StorageWMI 1,Mount-DiskImage");
        var image = new DiskImage(path) { Letter = FreeLetter() };
        Images[path] = image;
        files.AddDrive(image.Letter + ":");
        if (files.File(path)!.Editions.Count > 0) files.AddFile(image.Letter + @":\sources\install.wim", 4L << 30).Editions.AddRange(files.File(path)!.Editions);
        return image;
    }

    public void DismountImage(string path)
    {
        if (!Images.Remove(path, out DiskImage? image)) throw new WindowsError("The image is not mounted.", "StorageWMI 2,Dismount-DiskImage");
        files.TakeDrive(image.Letter);
    }

    public Partition? ByRoot(string root) => disks.Values.SelectMany(d => d.Disk.Partitions).FirstOrDefault(p => p.DriveLetter != '\0' && p.DriveLetter == char.ToUpperInvariant(root[0]));

    public VirtualDisk DiskOf(Partition partition) => disks.Values.First(d => d.Disk.Partitions.Contains(partition)).Disk;

    /// <summary>A restart dismounts everything.</summary>
    public void Restart()
    {
        foreach (string path in disks.Values.Select(d => d.Path).ToList()) Dismount(path);
        foreach (string path in Images.Keys.ToList()) DismountImage(path);
    }

    private void GiveLetter(Partition partition)
    {
        partition.DriveLetter = FreeLetter();
        files.AddDrive(partition.DriveLetter + ":");
        foreach (var (path, text) in partition.Files) files.AddFile(partition.DriveLetter + @":\" + path, text.Length).Text = text;
    }

    private char FreeLetter()
    {
        char letter = 'E';
        while (files.HasFolder(letter + @":\")) letter++;
        return letter;
    }
}
