using Labc.PowerShellTests.Cmdlets;

namespace Labc.PowerShellTests.Windows;

/// <summary>The drives, C: and others, with Windows' rules: names ignore case, parents must exist, a move never overwrites.</summary>
public sealed class FileSystem
{
    private readonly Dictionary<string, SimulatedFile> files = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> folders = new(StringComparer.OrdinalIgnoreCase);

    public IEnumerable<KeyValuePair<string, SimulatedFile>> All => files.OrderBy(f => f.Key, StringComparer.OrdinalIgnoreCase);

    public IEnumerable<string> Folders => folders.Order(StringComparer.OrdinalIgnoreCase);

    /// <summary>The rights of folders that have some of their own.</summary>
    public Dictionary<string, FolderSecurity> Rights { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The running script lies on the real disk; everything else is simulated.</summary>
    public SimulatedFile? File(string path) => files.GetValueOrDefault(path)
        ?? (path.StartsWith('/') && System.IO.File.Exists(path) ? new SimulatedFile { Length = new FileInfo(path).Length, Text = System.IO.File.ReadAllText(path) } : null);

    public bool HasFolder(string path) => folders.Contains(path.TrimEnd('\\')) || folders.Contains(path);

    public void AddFolder(string path)
    {
        for (string p = path.TrimEnd('\\'); p.Length > 3; p = Parent(p)) folders.Add(p);
        if (!folders.Contains(path[..2] + @"\")) throw new WindowsError($"Cannot find drive '{path[..1]}'.", "DriveNotFound,NewItem");
    }

    public void AddDrive(string letter) => folders.Add(letter + @"\");

    public SimulatedFile AddFile(string path, long length, VirtualDisk? disk = null)
    {
        AddFolder(Parent(path));
        var file = new SimulatedFile { Length = length, Disk = disk };
        files[path] = file;
        return file;
    }

    /// <summary>What lies on a drive, by its path below the root; the drive is gone.</summary>
    public Dictionary<string, string> TakeDrive(char letter)
    {
        string root = letter + @":\";
        Dictionary<string, string> found = new(StringComparer.OrdinalIgnoreCase);
        foreach (string path in files.Keys.Where(p => p.StartsWith(root, StringComparison.OrdinalIgnoreCase)).ToList())
        {
            found[path[3..]] = files[path].Text ?? "";
            files.Remove(path);
        }
        folders.RemoveWhere(f => f.StartsWith(root[..2], StringComparison.OrdinalIgnoreCase));
        return found;
    }

    public void Copy(string from, string to)
    {
        SimulatedFile source = File(from) ?? throw NotFound(from, "CopyItem");
        if (!HasFolder(Parent(to))) throw NotFound(Parent(to), "CopyItem");
        files[to] = new SimulatedFile { Length = source.Length, Disk = source.Disk?.Copy(), Text = source.Text };
        files[to].Lines.AddRange(source.Lines);
        files[to].Editions.AddRange(source.Editions);
    }

    public void Move(string from, string to)
    {
        SimulatedFile source = File(from) ?? throw NotFound(from, "MoveItem");
        if (files.ContainsKey(to)) throw new WindowsError("Cannot create a file when that file already exists.", "MoveFileInfoItemIOError,MoveItem");
        files.Remove(from);
        files[to] = source;
    }

    public void Remove(string path)
    {
        Rights.Remove(path);
        if (!files.Remove(path) && !folders.Remove(path)) throw NotFound(path, "RemoveItem");
        // a folder goes with all that is in it
        bool Inside(string other) => other.StartsWith(path + @"\", StringComparison.OrdinalIgnoreCase);
        foreach (string file in files.Keys.Where(Inside).ToList()) files.Remove(file);
        foreach (string folder in folders.Where(Inside).ToList()) folders.Remove(folder);
    }

    public static string Parent(string path)
    {
        int cut = path.TrimEnd('\\').LastIndexOf('\\');
        return cut <= 2 ? path[..2] + @"\" : path[..cut];
    }

    public static WindowsError NotFound(string path, string command) =>
        new($"Cannot find path '{path}' because it does not exist.", "PathNotFound," + command);
}

public sealed class SimulatedFile
{
    public long Length { get; set; }

    public VirtualDisk? Disk { get; set; }

    /// <summary>Virtual machines that may open the file: attaching grants it, a new file under the old name has lost it.</summary>
    public HashSet<Guid> Granted { get; } = [];

    public List<string> Lines { get; } = [];

    /// <summary>Of a script or a document.</summary>
    public string? Text { get; set; }

    /// <summary>The editions in it, if it is media of Windows.</summary>
    public List<string> Editions { get; } = [];
}

/// <param name="Inside">the disk inside a .zip</param>
public sealed record WebFile(string Content, string Sha256, string? Inside = null)
{
    public const ulong Bytes = 3UL << 30;

    public SystemKind System { get; init; }

    /// <summary>The size that its server says when asked; negative: it does not say; null: it does not understand the question.</summary>
    public long? Says { get; set; } = (long)Bytes;

    /// <summary>How often the server was asked for its size.</summary>
    public int Asked { get; set; }

    /// <summary>The part at which the connection breaks off once, and how BITS takes it; 1: it does not.</summary>
    public double BreaksAt { get; set; } = 1;

    public BitsState Breaks { get; set; } = BitsState.Error;

    /// <summary>How often somebody asked for it from its first byte on.</summary>
    public int Begun { get; set; }

    /// <summary>The editions in it, if it is media of Windows.</summary>
    public string[] Editions { get; init; } = [];

    public VirtualDisk Disk(string path) => new()
    {
        Size = 10L << 30, Type = VhdType.Dynamic, Content = Content, System = System, Partitions = Suites.Bench.PartitionsOf(System),
        Format = path.EndsWith(".vhd", StringComparison.OrdinalIgnoreCase) ? VhdFormat.VHD : VhdFormat.VHDX,
    };
}

/// <summary>What is inside a .vhdx or .vhd.</summary>
public sealed class VirtualDisk
{
    public required long Size { get; set; }

    public required VhdType Type { get; init; }

    public required VhdFormat Format { get; init; }

    public string ParentPath { get; set; } = "";

    /// <summary>What somebody wrote on it; the thing that must never be lost.</summary>
    public string Content { get; set; } = "";

    public PartitionStyle Style { get; set; }

    public List<Partition> Partitions { get; init; } = [];

    public SystemKind System { get; set; }

    /// <summary>What its boot files are for (UEFI, BIOS); empty: for both.</summary>
    public string Firmware { get; set; } = "";

    /// <summary>What the system was told at its first boot; empty before.</summary>
    public string Address { get; set; } = "";

    public string Mac { get; set; } = "";

    public string Password { get; set; } = "";

    public HashSet<int> Services { get; init; } = [];

    /// <summary>Who can sign in to its Windows, and with which password.</summary>
    public Dictionary<string, string> Accounts { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys that its SSH server takes of administrators.</summary>
    public List<string> Keys { get; init; } = [];

    public VirtualDisk Copy() => CopyAs(Type, Format);

    public VirtualDisk CopyAs(VhdType type, VhdFormat format, string? parent = null) => new()
    {
        Size = Size, Type = type, Format = format, ParentPath = parent ?? ParentPath, Content = Content, Style = Style, System = System, Firmware = Firmware,
        Address = Address, Mac = Mac, Password = Password, Services = [.. Services], Accounts = new(Accounts, StringComparer.OrdinalIgnoreCase), Keys = [.. Keys], Partitions = [.. Partitions.Select(p => p.Copy())],
    };
}
