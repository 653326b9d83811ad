using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

[InModule("BitsTransfer"), Cmdlet("Start", "BitsTransfer", SupportsShouldProcess = true)]
public sealed class StartBitsTransfer : BinaryCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public string[] Source { get; set; } = [];

    [Parameter(Position = 1)] public string[] Destination { get; set; } = [];

    protected override void Run()
    {
        Change($"{Source[0]} -> {Destination[0]}", () =>
        {
            if (!Pc.Web.TryGetValue(Source[0], out WebFile? found)) throw new WindowsError("HTTP status 404.", "StartBitsTransferCOMException,Microsoft.BackgroundIntelligentTransfer.Management.NewBitsTransferCommand");
            if (!Pc.Files.HasFolder(FileSystem.Parent(Destination[0]))) throw FileSystem.NotFound(Destination[0], CommandName);
            bool iso = Destination[0].EndsWith(".iso", StringComparison.OrdinalIgnoreCase);
            SimulatedFile file = Pc.Files.AddFile(Destination[0], 3L << 30, found.Inside != null || iso ? null : found.Disk(Destination[0]));
            file.Lines.Add(Source[0]);
            if (iso) file.Editions.AddRange(found.Editions);
        });
    }
}

public sealed class FileHashInfo(string hash)
{
    public string Algorithm => "SHA256";

    public string Hash { get; } = hash;
}

[InModule("Microsoft.PowerShell.Utility"), Cdxml("Get", "FileHash")]
public sealed class GetFileHash : CdxmlCommand
{
    [Parameter(Mandatory = true)] public string[]? LiteralPath { get; set; }

    [Parameter, ValidateSet("SHA1", "SHA256", "SHA384", "SHA512", "MD5")] public string? Algorithm { get; set; }

    public override void Run()
    {
        SimulatedFile file = Pc.Files.File(LiteralPath![0]) ?? throw FileSystem.NotFound(LiteralPath[0], CommandName);
        string hash = file.Text != null
            ? System.Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(file.Text)))
            : Pc.Web.GetValueOrDefault(file.Lines.FirstOrDefault() ?? "")?.Sha256 ?? new string('A', 64);
        Emit(new FileHashInfo(hash));
    }
}

[InModule("Microsoft.PowerShell.Archive"), Cdxml("Expand", "Archive", ShouldProcess = true)]
public sealed class ExpandArchive : CdxmlCommand
{
    [Parameter(Mandatory = true)] public string? LiteralPath { get; set; }

    [Parameter] public string? DestinationPath { get; set; }

    [Parameter] public SwitchParameter Force { get; set; }

    public override void Run()
    {
        SimulatedFile file = Pc.Files.File(LiteralPath!) ?? throw FileSystem.NotFound(LiteralPath!, CommandName);
        WebFile web = Pc.Web[file.Lines[0]];
        string inside = DestinationPath + @"\image\" + web.Inside;
        Change(LiteralPath!, () =>
        {
            if (Pc.Files.File(inside) != null && !Force) throw new WindowsError("The file exists.", "ExpandArchiveFileExists,ExpandArchiveHelper");
            Pc.Files.AddFile(inside, 3L << 30, web.Disk(inside));
            Pc.Files.AddFile(DestinationPath + @"\image\readme.txt", 100);
        });
    }
}
