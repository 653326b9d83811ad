using System.Management.Automation;
using System.Text.Json;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

// The few commands of PowerShell's own Utility module that the scripts use; the module itself does not come with the engine.

[InModule("Microsoft.PowerShell.Utility"), Cmdlet("Write", "Information")]
public sealed class WriteInformation : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public object MessageData { get; set; } = "";

    [Parameter] public string[] Tags { get; set; } = [];

    protected override void ProcessRecord() => WriteInformation(MessageData, Tags);
}

[InModule("Microsoft.PowerShell.Utility"), Cmdlet("Write", "Verbose")]
public sealed class WriteVerbose : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0), AllowEmptyString] public string Message { get; set; } = "";

    protected override void ProcessRecord() => WriteVerbose(Message);
}

[InModule("Microsoft.PowerShell.Utility"), Cmdlet("Write", "Warning")]
public sealed class WriteWarning : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0), AllowEmptyString] public string Message { get; set; } = "";

    protected override void ProcessRecord() => WriteWarning(Message);
}

[InModule("Microsoft.PowerShell.Utility"), Cmdlet("Write", "Progress")]
public sealed class WriteProgressCmdlet : PSCmdlet
{
    [Parameter(Position = 2)] public int Id { get; set; }

    [Parameter(Mandatory = true, Position = 0)] public string Activity { get; set; } = "";

    [Parameter(Position = 1)] public string Status { get; set; } = "Processing";

    [Parameter, ValidateRange(-1, 100)] public int PercentComplete { get; set; } = -1;

    [Parameter] public SwitchParameter Completed { get; set; }

    protected override void ProcessRecord() => Machine.Current.Progress.Add($"{Activity} {Status} {PercentComplete}%");
}

[InModule("Microsoft.PowerShell.Utility"), Cmdlet("ConvertTo", "Json")]
public sealed class ConvertToJson : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)] public object? InputObject { get; set; }

    [Parameter] public SwitchParameter Compress { get; set; }

    /// <summary>Deeper objects become their text; 2 when it is not given.</summary>
    [Parameter] public int Depth { get; set; } = 2;

    // options keep what the serializer knows of types, so they are made once
    private static readonly JsonSerializerOptions OneLine = new(), Indented = new() { WriteIndented = true };

    protected override void ProcessRecord() => WriteObject(JsonSerializer.Serialize(Plain(InputObject, Depth), Compress ? OneLine : Indented));

    private static object? Plain(object? value, int depth)
    {
        object? inner = value is PSObject wrapped ? wrapped.BaseObject : value;
        if (inner is null or string or bool or int or long or uint or ulong or double or ushort or byte) return inner;
        if (inner is Enum) return Convert.ToInt64(inner, System.Globalization.CultureInfo.InvariantCulture);
        if (depth < 0) return inner.ToString();
        if (inner is System.Collections.IEnumerable list) return list.Cast<object?>().Select(i => Plain(i, depth - 1)).ToArray();
        var values = new Dictionary<string, object?>();
        foreach (PSPropertyInfo property in PSObject.AsPSObject(value).Properties) values[property.Name] = Plain(property.Value, depth - 1);
        return values;
    }
}

/// <summary>Time passes only in the simulation: a second of sleep costs nothing.</summary>
[InModule("Microsoft.PowerShell.Utility"), Cmdlet("Start", "Sleep", DefaultParameterSetName = "Seconds")]
public sealed class StartSleep : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Seconds")] public int Seconds { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Milliseconds")] public int Milliseconds { get; set; }

    protected override void ProcessRecord() => Machine.Current.Clock += Seconds + (Milliseconds / 1000.0);
}

[InModule("Microsoft.PowerShell.Utility"), Cmdlet("New", "Object", DefaultParameterSetName = "Net")]
public sealed class NewObject : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Net")] public string TypeName { get; set; } = "";

    [Parameter(Position = 1, ParameterSetName = "Net")] public object[] ArgumentList { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Com")] public string? ComObject { get; set; }

    protected override void ProcessRecord()
    {
        if (ComObject != null)
        {
            if (ComObject != "WScript.Shell") throw new WindowsError("No such COM class.", "NoCOMClassIdentified,Microsoft.PowerShell.Commands.NewObjectCommand");
            WriteObject(new WScriptShell());
            return;
        }
        if (TypeName == "Security.Principal.WindowsPrincipal")
        {
            WriteObject(new SimulatedPrincipal());
            return;
        }
        if (TypeName == "System.Net.Sockets.TcpClient")
        {
            WriteObject(new SimulatedTcpClient());
            return;
        }
        if (TypeName is "System.Security.AccessControl.DirectorySecurity" or "System.Security.AccessControl.FileSecurity")
        {
            WriteObject(new FolderSecurity());
            return;
        }
        Type type = LanguagePrimitives.ConvertTo<Type>(TypeName);
        WriteObject(Activator.CreateInstance(type, ArgumentList));
    }
}

/// <summary>The COM object behind shortcuts.</summary>
public sealed class WScriptShell
{
    public Shortcut CreateShortcut(string path) => new(path);
}

public sealed class Shortcut(string path)
{
    public string TargetPath { get; set; } = "";

    public string Arguments { get; set; } = "";

    public void Save() => Machine.Current.Journal.Change("Shortcut.Save", path, () => Machine.Current.Files.AddFile(path, 1_500).Lines.Add((TargetPath + " " + Arguments).TrimEnd()));
}
