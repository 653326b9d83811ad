using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

/// <summary>
/// PowerShell Direct: a block runs in a session of its own inside of a guest. Only the block's text and its arguments get there,
/// and what comes back was written down and read again, as everything that passes between two PowerShells.
/// </summary>
[InModule("Microsoft.PowerShell.Core"), Cmdlet("Invoke", "Command", DefaultParameterSetName = "InProcess")]
[Page("https://learn.microsoft.com/powershell/module/microsoft.powershell.core/invoke-command?view=powershell-5.1")]
public sealed class InvokeCommand : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "VMId", ValueFromPipelineByPropertyName = true), Alias("VMGuid")] public Guid[] VMId { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "VMName", ValueFromPipelineByPropertyName = true)] public string[] VMName { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "VMId"), Parameter(Mandatory = true, ParameterSetName = "VMName"), Credential] public PSCredential Credential { get; set; } = PSCredential.Empty;

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "VMId"), Parameter(Mandatory = true, Position = 1, ParameterSetName = "VMName")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "InProcess"), Alias("Command")] public ScriptBlock ScriptBlock { get; set; } = null!;

    [Parameter, Alias("Args")] public object[] ArgumentList { get; set; } = [];

    protected override void Run()
    {
        foreach (VirtualMachine vm in Wanted())
        {
            Pc.Knocks[vm.Name] = Pc.Knocks.GetValueOrDefault(vm.Name) + 1;
            if (vm.State != VMState.Running) throw new WindowsError($"The virtual machine {vm.Name} is not in running state.", "InvalidVMState");
            if (GuestSystem.Windows(Pc, vm) is not { } disk)
                throw new WindowsError("An error has occurred which Windows PowerShell cannot handle. A remote session might have ended.", "PSSessionStateBroken");
            if (!disk.Accounts.TryGetValue(Credential.UserName, out string? password) || password != Credential.GetNetworkCredential().Password)
                throw new WindowsError("The credential is invalid.", "PSSessionStateBroken");
            if (!Pc.Inside.TryGetValue(vm.Name, out GuestInside? inside)) Pc.Inside[vm.Name] = inside = new GuestInside();
            Session(inside);
        }
    }

    private IEnumerable<VirtualMachine> Wanted()
    {
        if (ParameterSetName == "InProcess") throw new WindowsError("this machine's own session is not simulated", "InProcess");
        List<VirtualMachine> found = ParameterSetName == "VMId" ? Pc.HyperV.Machines.FindAll(m => VMId.Contains(m.Id)) : Pc.HyperV.Machines.FindAll(m => VMName.Any(n => Like(n, m.Name)));
        return found.Count > 0 ? found : throw new WindowsError("The input VMId parameter does not resolve to any virtual machine.", "InvalidVMIdNotSingle");
    }

    private void Session(GuestInside inside)
    {
        GuestInside.Current = inside;
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.Commands.Add(new SessionStateCmdletEntry("Get-Service", typeof(InsideGetService), null));
        state.Commands.Add(new SessionStateCmdletEntry("New-Object", typeof(InsideNewObject), null));
        state.EnvironmentVariables.Add([new("ComSpec", @"C:\Windows\system32\cmd.exe", ""), new("SystemRoot", @"C:\Windows", "")]);
        using Runspace runspace = RunspaceFactory.CreateRunspace(state);
        runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        Runspace outer = Runspace.DefaultRunspace;
        List<object> answers = [];
        List<ErrorRecord> errors;
        try
        {
            runspace.Open();
            using var shell = PowerShell.Create(runspace);
            shell.AddScript(ScriptBlock.ToString());
            foreach (object argument in ArgumentList) shell.AddArgument(Sent(argument));
            foreach (PSObject one in shell.Invoke()) answers.Add(Sent(one));
            errors = [.. shell.Streams.Error];
        }
        catch (RuntimeException error)
        {
            errors = [new ErrorRecord(new WindowsError(error.Message, error.ErrorRecord.FullyQualifiedErrorId), error.ErrorRecord.FullyQualifiedErrorId, ErrorCategory.NotSpecified, null)];
        }
        finally
        {
            Runspace.DefaultRunspace = outer;
        }
        foreach (object answer in answers) WriteObject(answer);
        foreach (ErrorRecord error in errors) WriteError(error);
    }

    private static object Sent(object what) => PSSerializer.Deserialize(PSSerializer.Serialize(what, 1));
}

/// <summary>The guest's own services.</summary>
[Cmdlet("Get", "Service")]
public sealed class InsideGetService : PSCmdlet
{
    protected override void ProcessRecord()
    {
        foreach (InsideService service in GuestInside.Current.Services)
        {
            if (service.Status != null) WriteObject(service);
            else WriteError(new ErrorRecord(new InvalidOperationException($"Service '{service.DisplayName}' cannot be queried due to the following error: "), "CouldNotGetServiceInfo", ErrorCategory.PermissionDenied, null));
        }
    }
}

/// <summary>Processes of the guest; nothing else is made there.</summary>
[Cmdlet("New", "Object")]
public sealed class InsideNewObject : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public string TypeName { get; set; } = "";

    protected override void ProcessRecord() =>
        WriteObject(TypeName == "System.Diagnostics.Process" ? new InsideProcess() : throw new InvalidOperationException("the guest has no " + TypeName));
}

/// <summary>Stands for System.Diagnostics.Process: cmd.exe with the line it was given, and taskkill.exe.</summary>
public sealed class InsideProcess
{
    private static int ids = 4000;
    private (int? Code, string Output, string Error) result;

    public ProcessStartInfo StartInfo { get; } = new();

    public int Id { get; } = Interlocked.Increment(ref ids);

    public StringWriter StandardInput { get; } = new();

    public StringReader StandardOutput => new(StartInfo.RedirectStandardOutput ? result.Output : throw new InvalidOperationException("StandardOut has not been redirected"));

    public StringReader StandardError => new(StartInfo.RedirectStandardError ? result.Error : throw new InvalidOperationException("StandardError has not been redirected"));

    public int ExitCode => result.Code ?? throw new InvalidOperationException("Process must exit before requested information can be determined.");

    public bool Start()
    {
        if (StartInfo.UseShellExecute) throw new InvalidOperationException("streams cannot be redirected with UseShellExecute");
        GuestInside guest = GuestInside.Current;
        switch (StartInfo.FileName)
        {
            case @"C:\Windows\system32\cmd.exe":
                string line = Line(StartInfo.Arguments);
                guest.Ran.Add(line);
                result = guest.Lines(line);
                return true;
            case @"C:\Windows\System32\taskkill.exe" when StartInfo.Arguments.StartsWith("/t /f /pid ", StringComparison.Ordinal):
                guest.Ended.Add(int.Parse(StartInfo.Arguments["/t /f /pid ".Length..], System.Globalization.CultureInfo.InvariantCulture));
                result = (0, "", "");
                return true;
            default:
                throw new System.ComponentModel.Win32Exception(2, "The system cannot find the file specified");
        }
    }

    public bool WaitForExit(int milliseconds)
    {
        if (result.Code == null) Machine.Current.Clock += milliseconds / 1000.0;
        return result.Code != null;
    }

    /// <summary>With /s cmd.exe takes away the first character, if it is a quotation mark, and the last one of these.</summary>
    private static string Line(string arguments)
    {
        const string Switches = "/d /s /c ";
        if (!arguments.StartsWith(Switches, StringComparison.Ordinal)) throw new FormatException("cmd.exe " + arguments);
        string rest = arguments[Switches.Length..];
        if (rest[0] != '"') return rest;
        int last = rest.LastIndexOf('"');
        return last == 0 ? rest[1..] : rest[1..last] + rest[(last + 1)..];
    }
}
