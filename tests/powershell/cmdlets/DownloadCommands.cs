using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

// BITS: without -Asynchronous the call waits and shows progress, and the job is gone when it fails or the process dies.

[InModule("BitsTransfer"), Cmdlet("Start", "BitsTransfer", SupportsShouldProcess = true)]
public sealed class StartBitsTransfer : BinaryCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public string[] Source { get; set; } = [];

    [Parameter(Position = 1)] public string[] Destination { get; set; } = [];

    [Parameter] public string DisplayName { get; set; } = "BITS Transfer";

    [Parameter] public SwitchParameter Asynchronous { get; set; }

    protected override void Run()
    {
        var job = new BitsJob { Source = Source[0], Destination = Destination[0], DisplayName = DisplayName };
        Change($"{Source[0]} -> {Destination[0]}", () =>
        {
            if (!Pc.Files.HasFolder(FileSystem.Parent(Destination[0]))) throw FileSystem.NotFound(Destination[0], CommandName);
            if (!Asynchronous) throw new NotSupportedException("the simulation has asynchronous jobs only");
            Pc.Transfers.Add(job);
            job.Start();
        });
        if (Pc.Transfers.Contains(job)) WriteObject(job);
    }
}

[InModule("BitsTransfer"), Cmdlet("Get", "BitsTransfer", DefaultParameterSetName = "Name")]
[Page("https://learn.microsoft.com/powershell/module/bitstransfer/get-bitstransfer")]
public sealed class GetBitsTransfer : BinaryCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "Name")] public string[]? Name { get; set; }

    [Parameter(ParameterSetName = "Name")] public SwitchParameter AllUsers { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Id")] public Guid[]? JobId { get; set; }

    protected override void Run()
    {
        foreach (BitsJob job in Pc.Transfers.Where(j => (JobId == null || JobId.Contains(j.JobId)) && (Name == null || Name.Any(n => new WildcardPattern(n, WildcardOptions.IgnoreCase).IsMatch(j.DisplayName)))).ToList())
            WriteObject(job);
    }
}

public abstract class BitsJobCmdlet : BinaryCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)] public BitsJob[] BitsJob { get; set; } = [];
}

[InModule("BitsTransfer"), Cmdlet("Resume", "BitsTransfer", SupportsShouldProcess = true)]
[Page("https://learn.microsoft.com/powershell/module/bitstransfer/resume-bitstransfer")]
public sealed class ResumeBitsTransfer : BitsJobCmdlet
{
    [Parameter] public SwitchParameter Asynchronous { get; set; }

    protected override void Run()
    {
        foreach (BitsJob job in BitsJob)
        {
            Change(job.DisplayName, job.Resume);
            WriteObject(job);
        }
    }
}

[InModule("BitsTransfer"), Cmdlet("Complete", "BitsTransfer", SupportsShouldProcess = true)]
[Page("https://learn.microsoft.com/powershell/module/bitstransfer/complete-bitstransfer")]
public sealed class CompleteBitsTransfer : BitsJobCmdlet
{
    protected override void Run()
    {
        foreach (BitsJob job in BitsJob)
        {
            Change(job.DisplayName, () =>
            {
                if (job.JobState != BitsState.Transferred) throw new WindowsError("The job is not transferred.", "CompleteBitsTransferInvalidState");
                bool iso = job.Destination.EndsWith(".iso", StringComparison.OrdinalIgnoreCase);
                WebFile web = job.Web!;
                SimulatedFile file = Pc.Files.AddFile(job.Destination, (long)WebFile.Bytes, web.Inside != null || iso ? null : web.Disk(job.Destination));
                file.Lines.Add(job.Source);
                if (iso) file.Editions.AddRange(web.Editions);
                Pc.Transfers.Remove(job);
            });
        }
    }
}

[InModule("BitsTransfer"), Cmdlet("Remove", "BitsTransfer", SupportsShouldProcess = true)]
[Page("https://learn.microsoft.com/powershell/module/bitstransfer/remove-bitstransfer")]
public sealed class RemoveBitsTransfer : BitsJobCmdlet
{
    protected override void Run()
    {
        foreach (BitsJob job in BitsJob) Change(job.DisplayName, () => Pc.Transfers.Remove(job));
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
