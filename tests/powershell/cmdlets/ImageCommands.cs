using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

[InModule("Storage"), Page("https://learn.microsoft.com/powershell/module/storage/set-partition"), Cdxml("Set", "Partition", ShouldProcess = true, DefaultSet = "InputObject")]
public sealed class SetPartition : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "InputObject")] public Partition? InputObject { get; set; }

    [Parameter] public string? GptType { get; set; }

    public override void Run() => Change($"{GptType}", () => InputObject!.GptType = GptType!);
}

[InModule("Storage"), Cdxml("Get", "Partition", DefaultSet = "ByNumber")]
public sealed class GetPartition : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "ByNumber")] public uint[]? DiskNumber { get; set; }

    public override void Run()
    {
        foreach (Partition partition in Pc.Storage.Disk(DiskNumber![0]).Partitions) Emit(partition);
    }
}

[InModule("Storage"), Cdxml("Mount", "DiskImage", ShouldProcess = true, DefaultSet = "ByImagePath")]
public sealed class MountDiskImage : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "ByImagePath")] public string[]? ImagePath { get; set; }

    [Parameter] public SwitchParameter PassThru { get; set; }

    public override void Run()
    {
        DiskImage? made = null;
        Change(ImagePath![0], () => made = Pc.Storage.MountImage(ImagePath[0]));
        if (PassThru && made != null) Emit(made);
    }
}

[InModule("Storage"), Cdxml("Dismount", "DiskImage", ShouldProcess = true, DefaultSet = "ByImagePath")]
public sealed class DismountDiskImage : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "ByImagePath")] public string[]? ImagePath { get; set; }

    public override void Run() => Change(ImagePath![0], () => Pc.Storage.DismountImage(ImagePath[0]));
}

[InModule("Storage"), Cdxml("Get", "DiskImage", DefaultSet = "ByImagePath")]
public sealed class GetDiskImage : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "ByImagePath")] public string[]? ImagePath { get; set; }

    public override void Run()
    {
        if (Pc.Files.File(ImagePath![0]) == null) throw FileSystem.NotFound(ImagePath[0], CommandName);
        Emit(Pc.Storage.Images.GetValueOrDefault(ImagePath[0]) ?? new DiskImage(ImagePath[0]));
    }
}

public sealed class VolumeInfo(char letter)
{
    public char DriveLetter { get; } = letter;
}

[InModule("Storage"), Cdxml("Get", "Volume", DefaultSet = "ByDiskImage")]
public sealed class GetVolume : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "ByDiskImage")] public DiskImage? DiskImage { get; set; }

    public override void Run() => Emit(new VolumeInfo(DiskImage!.Letter));
}

[InModule("Dism"), Page("https://learn.microsoft.com/powershell/module/dism/get-windowsimage"), Cmdlet("Get", "WindowsImage")]
public sealed class GetWindowsImage : BinaryCmdlet
{
    [Parameter(Mandatory = true)] public string ImagePath { get; set; } = "";

    protected override void Run()
    {
        SimulatedFile file = Pc.Files.File(ImagePath) ?? throw FileSystem.NotFound(ImagePath, CommandName);
        for (int i = 0; i < file.Editions.Count; i++) WriteObject(new WindowsImage((uint)i + 1, file.Editions[i]));
    }
}

[InModule("Dism"), Page("https://learn.microsoft.com/powershell/module/dism/expand-windowsimage"), Cmdlet("Expand", "WindowsImage")]
public sealed class ExpandWindowsImage : BinaryCmdlet
{
    [Parameter(Mandatory = true)] public string ImagePath { get; set; } = "";

    [Parameter] public uint Index { get; set; }

    [Parameter(Mandatory = true)] public string ApplyPath { get; set; } = "";

    protected override void Run()
    {
        SimulatedFile file = Pc.Files.File(ImagePath) ?? throw FileSystem.NotFound(ImagePath, CommandName);
        Pc.Journal.Change(CommandName, $"{ImagePath} {Index} {ApplyPath}", () =>
        {
            if (Index < 1 || Index > file.Editions.Count) throw new WindowsError("The index is not in the image.", "Microsoft.Dism.Commands.ExpandWindowsImageCommand");
            Partition volume = Pc.Storage.ByRoot(ApplyPath) is { FileSystem: "NTFS" } found ? found : throw FileSystem.NotFound(ApplyPath, CommandName);
            Pc.Files.AddFile(ApplyPath + @"Windows\System32\config\SYSTEM", 1 << 20).Text = file.Editions[(int)Index - 1];
            VirtualDisk disk = Pc.Storage.DiskOf(volume);
            (disk.System, disk.Content, disk.Firmware) = (SystemKind.Windows, file.Editions[(int)Index - 1], "none");
        });
    }
}

/// <summary>Programs of Windows that scripts call by name.</summary>
public static class Programs
{
    /// <summary>shutdown /r /t SECONDS</summary>
    public static int Shutdown(object[] arguments)
    {
        string[] a = [.. arguments.Select(x => x.ToString()!)];
        if (a is not ["/r", "/t", var seconds] || !int.TryParse(seconds, out int after)) return 87;
        Machine pc = Machine.Current;
        if (pc.RestartIn != null) return 1190; // a restart is under way already
        pc.Journal.Change("shutdown.exe", string.Join(' ', a), () => pc.RestartIn = after);
        return 0;
    }

    /// <summary>bcdboot SOURCE /s VOLUME /f FIRMWARE</summary>
    public static int Bcdboot(object[] arguments)
    {
        string[] a = [.. arguments.Select(x => x.ToString()!)];
        Machine pc = Machine.Current;
        int code = 1;
        if (a.Length != 5 || a[1] != "/s" || a[3] != "/f") return 87;
        try
        {
            pc.Journal.Change("bcdboot.exe", string.Join(' ', a), () =>
            {
                if (!pc.Files.HasFolder(a[0] + @"\System32") || pc.Storage.ByRoot(a[2]) is not { } system) return;
                VirtualDisk disk = pc.Storage.DiskOf(system);
                bool fits = a[4] == "UEFI" ? disk.Style == PartitionStyle.GPT && system.FileSystem == "FAT32" : disk.Style == PartitionStyle.MBR && system.IsActive;
                if (fits) (disk.Firmware, code) = (a[4], 0);
            });
        }
        catch (WindowsError)
        {
            return 193; // a program that fails says so by its number
        }
        return code;
    }
}

[InModule("Microsoft.PowerShell.Management"), Cmdlet("Set", "Content", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class SetContent : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")] public string[] LiteralPath { get; set; } = [];

    [Parameter(Mandatory = true)] public object[] Value { get; set; } = [];

    [Parameter] public SwitchParameter NoNewline { get; set; }

    [Parameter] public SwitchParameter Force { get; set; }

    [Parameter, ValidateSet("ASCII", "UTF8", "Unicode")] public string Encoding { get; set; } = "";

    protected override void Run()
    {
        Change(LiteralPath[0], () =>
        {
            if (!Pc.Files.HasFolder(FileSystem.Parent(LiteralPath[0]))) throw FileSystem.NotFound(LiteralPath[0], CommandName);
            string text = string.Join("\r\n", Value);
            if (Encoding == "ASCII" && text.Any(c => c > 0x7f)) throw new WindowsError("Characters were lost.", "Simulated,Set-Content");
            SimulatedFile file = Pc.Files.AddFile(LiteralPath[0], text.Length);
            file.Text = (Encoding == "UTF8" ? "\ufeff" : "") + text + (NoNewline ? "" : "\r\n");
            file.Lines.AddRange(Value.Select(v => v.ToString()!));
        });
    }
}

[InModule("Microsoft.PowerShell.Utility"), Page("https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/read-host"), Cmdlet("Read", "Host")]
public sealed class ReadHost : BinaryCmdlet
{
    [Parameter(Position = 0)] public object? Prompt { get; set; }

    [Parameter] public SwitchParameter AsSecureString { get; set; }

    protected override void Run()
    {
        Pc.Questions.Add(Prompt?.ToString() ?? "");
        if (Pc.Typed == null) throw new PSInvalidOperationException("PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.");
        var text = new System.Security.SecureString();
        foreach (char c in Pc.Typed) text.AppendChar(c);
        WriteObject(text);
    }
}

[InModule("NetTCPIP"), Cdxml("Test", "NetConnection")]
public sealed class TestNetConnection : CdxmlCommand
{
    [Parameter] public string ComputerName { get; set; } = "";

    [Parameter] public int Port { get; set; }

    [Parameter, ValidateSet("Quiet", "Detailed")] public string InformationLevel { get; set; } = "";

    public override void Run()
    {
        Pc.Clock += 1;
        Emit(GuestSystem.Answers(Pc, ComputerName, Port));
    }
}
