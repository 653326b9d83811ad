using System.Management.Automation;
using System.Security.Principal;
using System.Text.Json;
using System.Text.RegularExpressions;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

// Rights of folders, start-up tasks, small files that are read back.

/// <summary>What Get-Acl emits, and what New-Object makes of DirectorySecurity and FileSecurity.</summary>
public sealed class FolderSecurity
{
    private static readonly Dictionary<string, string> Short = new() { ["SY"] = "S-1-5-18", ["BA"] = "S-1-5-32-544", ["BU"] = "S-1-5-32-545" };
    private List<string> sids = ["S-1-5-18", "S-1-5-32-544", "S-1-5-32-545"];

    /// <summary>False: the folder has the rights of the one above, which let every user in.</summary>
    public bool AreAccessRulesProtected { get; private set; }

    public void SetSecurityDescriptorSddlForm(string sddl)
    {
        MatchCollection entries = Regex.Matches(sddl, @"\(A;[A-Z]*;[A-Z]+;;;([^)]+)\)");
        if (!sddl.StartsWith("D:", StringComparison.Ordinal) || entries.Count == 0) throw new ArgumentException("Not a security descriptor: " + sddl);
        sids = [.. entries.Select(e => Short.GetValueOrDefault(e.Groups[1].Value, e.Groups[1].Value))];
        AreAccessRulesProtected = sddl.StartsWith("D:P", StringComparison.Ordinal);
    }

    public AccessRule[] GetAccessRules(bool explicitOnes, bool inherited, Type identity)
    {
        if (identity != typeof(SecurityIdentifier)) throw new ArgumentException("Names are localized.");
        return [.. sids.Where(_ => AreAccessRulesProtected ? explicitOnes : inherited).Select(s => new AccessRule(s))];
    }

    public override string ToString() => (AreAccessRulesProtected ? "own: " : "inherited: ") + string.Join(' ', sids);
}

public sealed class AccessRule(string sid)
{
    public string IdentityReference { get; } = sid;
}

[InModule("Microsoft.PowerShell.Security"), Page("https://learn.microsoft.com/powershell/module/microsoft.powershell.security/get-acl")]
[Cmdlet("Get", "Acl", DefaultParameterSetName = "ByPath")]
public sealed class GetAcl : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath")] public string[] LiteralPath { get; set; } = [];

    protected override void Run()
    {
        if (!Pc.Files.HasFolder(LiteralPath[0])) throw FileSystem.NotFound(LiteralPath[0], CommandName);
        WriteObject(Pc.Files.Rights.GetValueOrDefault(LiteralPath[0]) ?? new FolderSecurity());
    }
}

[InModule("Microsoft.PowerShell.Security"), Page("https://learn.microsoft.com/powershell/module/microsoft.powershell.security/set-acl")]
[Cmdlet("Set", "Acl", SupportsShouldProcess = true, DefaultParameterSetName = "ByPath")]
public sealed class SetAcl : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath")] public string[] LiteralPath { get; set; } = [];

    [Parameter(Mandatory = true)] public FolderSecurity? AclObject { get; set; }

    protected override void Run()
    {
        if (!Pc.Files.HasFolder(LiteralPath[0]) && Pc.Files.File(LiteralPath[0]) == null) throw FileSystem.NotFound(LiteralPath[0], CommandName);
        Change(LiteralPath[0], () => Pc.Files.Rights[LiteralPath[0]] = AclObject!);
    }
}

[InModule("Microsoft.PowerShell.Management"), Cmdlet("Get", "Content", DefaultParameterSetName = "Path")]
public sealed class GetContent : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")] public string[] LiteralPath { get; set; } = [];

    [Parameter, ValidateSet("ASCII", "UTF8", "Unicode")] public string Encoding { get; set; } = "";

    protected override void Run()
    {
        SimulatedFile file = Pc.Files.File(LiteralPath[0]) ?? throw FileSystem.NotFound(LiteralPath[0], CommandName);
        WriteObject(file.Lines.ToArray(), enumerateCollection: true);
    }
}

[InModule("Microsoft.PowerShell.Utility"), Cmdlet("ConvertFrom", "Json")]
public sealed class ConvertFromJson : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)] public string InputObject { get; set; } = "";

    protected override void ProcessRecord()
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(InputObject);
            WriteObject(Convert(document.RootElement));
        }
        catch (JsonException error)
        {
            ThrowTerminatingError(new ErrorRecord(new ArgumentException(error.Message), "System.ArgumentException", ErrorCategory.NotSpecified, null));
        }
    }

    private static object? Convert(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var made = new PSObject();
                foreach (JsonProperty property in value.EnumerateObject()) made.Properties.Add(new PSNoteProperty(property.Name, Convert(property.Value)));
                return made;
            case JsonValueKind.Array: return value.EnumerateArray().Select(Convert).ToArray();
            case JsonValueKind.String: return value.GetString();
            case JsonValueKind.Number: return value.TryGetInt32(out int number) ? number : value.GetDouble();
            case JsonValueKind.True or JsonValueKind.False: return value.GetBoolean();
            default: return null;
        }
    }
}

/// <summary>A task of the scheduler, with what the script described it by.</summary>
public sealed class ScheduledTask(string name, string description, TaskAction action, TaskPrincipal principal, bool atStartup)
{
    public string TaskName { get; } = name;

    public string TaskPath => @"\";

    public string Description { get; } = description;

    internal TaskAction Action { get; } = action;

    internal TaskPrincipal Principal { get; } = principal;

    internal bool AtStartup { get; } = atStartup;
}

public sealed record TaskAction(string Execute, string Argument);

public sealed record TaskPrincipal(string UserId, string LogonType, string RunLevel);

public sealed record TaskTrigger(bool AtStartup);

[InModule("ScheduledTasks"), Cdxml("Get", "ScheduledTask")]
public sealed class GetScheduledTask : CdxmlCommand
{
    [Parameter] public string[]? TaskName { get; set; }

    public override void Run()
    {
        foreach (ScheduledTask task in Pc.Tasks.Where(t => TaskName == null || TaskName.Contains(t.TaskName)).ToList()) Emit(task);
    }
}

[InModule("ScheduledTasks"), Cdxml("New", "ScheduledTaskAction")]
public sealed class NewScheduledTaskAction : CdxmlCommand
{
    [Parameter(Mandatory = true)] public string? Execute { get; set; }

    [Parameter] public string? Argument { get; set; }

    public override void Run() => Emit(new TaskAction(Execute!, Argument ?? ""));
}

[InModule("ScheduledTasks"), Cdxml("New", "ScheduledTaskTrigger", DefaultSet = "Once")]
public sealed class NewScheduledTaskTrigger : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "Startup")] public SwitchParameter AtStartup { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Once")] public SwitchParameter Once { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Once")] public DateTime At { get; set; }

    public override void Run() => Emit(new TaskTrigger(AtStartup));
}

[InModule("ScheduledTasks"), Cdxml("New", "ScheduledTaskPrincipal", DefaultSet = "User")]
public sealed class NewScheduledTaskPrincipal : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "User")] public string? UserId { get; set; }

    [Parameter, ValidateSet("None", "Password", "S4U", "Interactive", "Group", "ServiceAccount", "InteractiveOrPassword")] public string? LogonType { get; set; }

    [Parameter, ValidateSet("Limited", "Highest")] public string? RunLevel { get; set; }

    public override void Run() => Emit(new TaskPrincipal(UserId!, LogonType ?? "", RunLevel ?? "Limited"));
}

/// <summary>Has no -WhatIf, as on Windows.</summary>
[InModule("ScheduledTasks"), Cdxml("Register", "ScheduledTask", DefaultSet = "User")]
public sealed class RegisterScheduledTask : CdxmlCommand
{
    [Parameter(Mandatory = true)] public string? TaskName { get; set; }

    [Parameter(Mandatory = true)] public TaskAction[]? Action { get; set; }

    [Parameter] public TaskTrigger[]? Trigger { get; set; }

    [Parameter(ParameterSetName = "Principal")] public TaskPrincipal? Principal { get; set; }

    [Parameter(ParameterSetName = "User")] public string? User { get; set; }

    [Parameter] public string? Description { get; set; }

    [Parameter] public SwitchParameter Force { get; set; }

    public override void Run() => Pc.Journal.Change(CommandName, TaskName!, () =>
    {
        if (Pc.Tasks.RemoveAll(t => t.TaskName == TaskName) > 0 && !Force) throw new WindowsError("Cannot create a file when that file already exists.", "HRESULT 0x800700b7,Register-ScheduledTask");
        var task = new ScheduledTask(TaskName!, Description ?? "", Action![0], Principal ?? new TaskPrincipal(User ?? "", "", ""), Trigger?[0].AtStartup ?? false);
        Pc.Tasks.Add(task);
        Emit(task);
    });
}

[InModule("ScheduledTasks"), Cdxml("Unregister", "ScheduledTask", ShouldProcess = true, Impact = "High", DefaultSet = "ByPath")]
public sealed class UnregisterScheduledTask : CdxmlCommand
{
    [Parameter(ParameterSetName = "ByPath")] public string[]? TaskName { get; set; }

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "InputObject")] public ScheduledTask[]? InputObject { get; set; }

    public override void Run()
    {
        // without a name every task of the machine goes
        foreach (ScheduledTask task in Pc.Tasks.Where(t => InputObject?.Contains(t) ?? TaskName?.Contains(t.TaskName) ?? true).ToList())
            Change(task.TaskName, () => Pc.Tasks.Remove(task));
    }
}
