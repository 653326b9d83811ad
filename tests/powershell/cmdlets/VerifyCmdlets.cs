using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

/// <summary>Stands for System.Net.Sockets.TcpClient: a connection is made if the machine says that somebody answers there.</summary>
public sealed class SimulatedTcpClient
{
    public bool Connected { get; private set; }

    public PendingConnection BeginConnect(string host, int port, object? callback, object? state)
    {
        Connected = Machine.Current.Answers?.Invoke(host, port) ?? false;
        return new PendingConnection(new PendingHandle(Connected));
    }

    public void Close() { }
}

public sealed record PendingConnection(PendingHandle AsyncWaitHandle);

/// <summary>A closed port answers at once, or not at all.</summary>
public sealed class PendingHandle(bool connected)
{
    public bool WaitOne(int milliseconds)
    {
        if (!connected) Machine.Current.Clock += milliseconds / 1000.0;
        return connected;
    }
}

/// <summary>As in 5.1: a status that is no success is an error, which has the answer with it, or none where nothing answered.</summary>
[InModule("Microsoft.PowerShell.Utility"), Cmdlet("Invoke", "WebRequest")]
public sealed class InvokeWebRequest : BinaryCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public Uri Uri { get; set; } = null!;

    [Parameter] public SwitchParameter UseBasicParsing { get; set; }

    [Parameter] public int TimeoutSec { get; set; }

    [Parameter] public int MaximumRedirection { get; set; } = 5;

    [Parameter, ValidateSet("Default", "Get", "Head", "Post")] public string Method { get; set; } = "Default";

    protected override void Run()
    {
        if (Method == "Head")
        {
            Head();
            return;
        }
        if (!UseBasicParsing) Pc.Journal.Prompts.Add("Internet Explorer's first-run window");
        int? status = Pc.Pages?.Invoke(Uri.AbsoluteUri);
        if (status is >= 300 and < 400)
        {
            if (MaximumRedirection > 0) status = 200;
            else WriteError(new ErrorRecord(new InvalidOperationException("The maximum redirection count has been exceeded."), "MaximumRedirectExceeded", ErrorCategory.InvalidOperation, null));
        }
        if (status is >= 200 and < 400) WriteObject(new WebAnswer(status.Value));
        else ThrowTerminatingError(new ErrorRecord(new WebFailure(status), "WebCmdletWebResponseException", ErrorCategory.InvalidOperation, null));
    }

    /// <summary>A download's size, asked of its server: some do not say it, and some do not know the question.</summary>
    private void Head()
    {
        if (!UseBasicParsing) Pc.Journal.Prompts.Add("Internet Explorer's first-run window");
        WebFile? file = Pc.Web.GetValueOrDefault(Uri.OriginalString);
        if (file != null) file.Asked++;
        if (file == null || file.Says == null) ThrowTerminatingError(new ErrorRecord(new WebFailure(file == null ? 404 : 405), "WebCmdletWebResponseException", ErrorCategory.InvalidOperation, null));
        else WriteObject(new WebAnswer(200, file.Says < 0 ? [] : new() { ["Content-Length"] = file.Says.Value.ToString(System.Globalization.CultureInfo.InvariantCulture) }));
    }
}

public sealed record WebAnswer(int StatusCode, System.Collections.Generic.Dictionary<string, string>? Headers = null);

public sealed class WebFailure(int? status) : Exception(status == null ? "Unable to connect to the remote server" : "The remote server returned an error.")
{
    public WebAnswer? Response { get; } = status == null ? null : new WebAnswer(status.Value);
}
