using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

[InModule("Microsoft.PowerShell.Management"), Cmdlet("Test", "Path", DefaultParameterSetName = "Path")]
public sealed class TestPath : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")] public string[] LiteralPath { get; set; } = [];

    [Parameter, ValidateSet("Any", "Container", "Leaf")] public string PathType { get; set; } = "Any";

    protected override void Run()
    {
        string path = LiteralPath[0];
        bool leaf = Pc.Files.File(path) != null, folder = Pc.Files.HasFolder(path);
        WriteObject(PathType == "Leaf" ? leaf : PathType == "Container" ? folder : leaf || folder);
    }
}

public sealed class FileItem(string path, long length)
{
    public string FullName { get; } = path;

    public string Name { get; } = path[(path.LastIndexOf('\\') + 1)..];

    public long Length { get; } = length;
}

[InModule("Microsoft.PowerShell.Management"), Cmdlet("Get", "Item", DefaultParameterSetName = "Path")]
public sealed class GetItem : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")] public string[] LiteralPath { get; set; } = [];

    protected override void Run()
    {
        SimulatedFile file = Pc.Files.File(LiteralPath[0]) ?? throw FileSystem.NotFound(LiteralPath[0], CommandName);
        WriteObject(new FileItem(LiteralPath[0], file.Length));
    }
}

[InModule("Microsoft.PowerShell.Management"), Cmdlet("Get", "ChildItem", DefaultParameterSetName = "Items")]
public sealed class GetChildItem : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "LiteralItems")] public string[] LiteralPath { get; set; } = [];

    [Parameter] public SwitchParameter File { get; set; }

    [Parameter] public SwitchParameter Recurse { get; set; }

    protected override void Run()
    {
        string folder = LiteralPath[0].TrimEnd('\\');
        if (!Pc.Files.HasFolder(folder)) throw FileSystem.NotFound(folder, CommandName);
        foreach (var (path, file) in Pc.Files.All)
        {
            if (path.StartsWith(folder + '\\', StringComparison.OrdinalIgnoreCase)) WriteObject(new FileItem(path, file.Length));
        }
    }
}

[InModule("Microsoft.PowerShell.Management"), Cmdlet("New", "Item", SupportsShouldProcess = true, DefaultParameterSetName = "pathSet")]
public sealed class NewItem : BinaryCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "pathSet")] public string[] Path { get; set; } = [];

    [Parameter] public string ItemType { get; set; } = "";

    [Parameter] public SwitchParameter Force { get; set; }

    protected override void Run()
    {
        if (ItemType != "Directory") throw new WindowsError("Only folders are simulated.", "Simulated," + CommandName);
        Change(Path[0], () => Pc.Files.AddFolder(Path[0]));
    }
}

[InModule("Microsoft.PowerShell.Management"), Cmdlet("Copy", "Item", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class CopyItem : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")] public string[] LiteralPath { get; set; } = [];

    [Parameter(Position = 1)] public string Destination { get; set; } = "";

    [Parameter] public SwitchParameter Force { get; set; }

    protected override void Run() => Change($"{LiteralPath[0]} -> {Destination}", () => Pc.Files.Copy(LiteralPath[0], Destination));
}

[InModule("Microsoft.PowerShell.Management"), Cmdlet("Move", "Item", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class MoveItem : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")] public string[] LiteralPath { get; set; } = [];

    [Parameter(Position = 1)] public string Destination { get; set; } = "";

    protected override void Run() => Change($"{LiteralPath[0]} -> {Destination}", () => Pc.Files.Move(LiteralPath[0], Destination));
}

[InModule("Microsoft.PowerShell.Management"), Cmdlet("Remove", "Item", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class RemoveItem : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")] public string[] LiteralPath { get; set; } = [];

    [Parameter] public SwitchParameter Force { get; set; }

    [Parameter] public SwitchParameter Recurse { get; set; }

    protected override void Run() => Change(LiteralPath[0], () => Pc.Files.Remove(LiteralPath[0]));
}

/// <summary>Writes the log. It is not counted among the changes, but a run that must change nothing must not write it either.</summary>
[InModule("Microsoft.PowerShell.Management"), Cmdlet("Add", "Content", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class AddContent : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")] public string[] LiteralPath { get; set; } = [];

    [Parameter(Mandatory = true)] public object[] Value { get; set; } = [];

    [Parameter, ValidateSet("ASCII", "UTF8", "Unicode")] public string Encoding { get; set; } = "";

    protected override void Run()
    {
        if (!ShouldProcess(LiteralPath[0], CommandName)) return;
        if (Pc.Journal.Dead) throw new PipelineStoppedException();
        if (!Pc.Files.HasFolder(FileSystem.Parent(LiteralPath[0]))) throw FileSystem.NotFound(LiteralPath[0], CommandName);
        Pc.LogWritten = true;
        SimulatedFile file = Pc.Files.File(LiteralPath[0]) ?? Pc.Files.AddFile(LiteralPath[0], 0);
        foreach (object line in Value) file.Lines.Add(line.ToString()!);
    }
}

[InModule("Microsoft.PowerShell.Management"), Cmdlet("Get", "Service", DefaultParameterSetName = "Default")]
public sealed class GetService : BinaryCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "Default")] public string[]? Name { get; set; }

    protected override void Run()
    {
        // WinNat is a driver: it is listed only when asked for by name
        foreach (Service service in Pc.Services.Where(s => Name == null ? s.Name != "WinNat" : Name.Contains(s.Name, StringComparer.OrdinalIgnoreCase)).ToList())
            WriteObject(service);
        if (Name != null && Pc.Service(Name[0]) == null)
            throw new WindowsError($"Cannot find any service with service name '{Name[0]}'.", "NoServiceFoundForGivenName,Microsoft.PowerShell.Commands.GetServiceCommand");
    }
}

[InModule("Microsoft.PowerShell.Management"), Cmdlet("Set", "Service", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
public sealed class SetService : BinaryCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")] public string Name { get; set; } = "";

    [Parameter, ValidateSet("Boot", "System", "Automatic", "Manual", "Disabled")] public string StartupType { get; set; } = "";

    protected override void Run()
    {
        Service service = Pc.Service(Name) ?? throw new WindowsError("Service not found.", "NoServiceFoundForGivenName,Microsoft.PowerShell.Commands.SetServiceCommand");
        Change($"{Name} {StartupType}", () => service.StartType = StartupType);
    }
}

[InModule("Microsoft.PowerShell.Management"), Cmdlet("Restart", "Service", SupportsShouldProcess = true, DefaultParameterSetName = "Default")]
public sealed class RestartService : BinaryCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Default")] public string[] Name { get; set; } = [];

    protected override void Run()
    {
        foreach (string name in Name)
        {
            Service service = Pc.Service(name) ?? throw new WindowsError("Service not found.", "NoServiceFoundForGivenName,Microsoft.PowerShell.Commands.RestartServiceCommand");
            Change(name, () => service.Status = "Running");
        }
    }
}
