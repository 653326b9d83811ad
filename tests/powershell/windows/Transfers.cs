namespace Labc.PowerShellTests.Windows;

public enum BitsState { Queued, Connecting, Transferring, Suspended, Error, TransientError, Transferred, Acknowledged, Cancelled }

/// <summary>
/// A job of the Background Intelligent Transfer Service. It belongs to Windows and not to the script: it goes on when the script has
/// died, and what it has brought is kept when the connection breaks off.
/// </summary>
public sealed class BitsJob
{
    private double since, had;
    private bool stopped, refused;

    public Guid JobId { get; } = Guid.NewGuid();

    public string DisplayName { get; init; } = "BITS Transfer";

    public string ErrorDescription { get; private set; } = "";

    public ulong BytesTotal => Web == null ? ulong.MaxValue : WebFile.Bytes;

    public ulong BytesTransferred => (ulong)(Now() * WebFile.Bytes);

    public BitsState JobState
    {
        get
        {
            double now = Now();
            if (refused) return BitsState.Error;
            if (stopped) return Breaks(now) ? Web!.Breaks : BitsState.Suspended;
            if (!Breaks(now)) return now >= 1 ? BitsState.Transferred : now > 0 ? BitsState.Transferring : BitsState.Connecting;
            (had, stopped, ErrorDescription) = (now, true, "The connection with the server was terminated abnormally.");
            return Web!.Breaks;
        }
    }

    internal string Source { get; init; } = "";

    internal string Destination { get; init; } = "";

    internal WebFile? Web => Machine.Current.Web.GetValueOrDefault(Source);

    internal void Start()
    {
        (since, refused) = (Machine.Current.Clock, Web == null);
        if (refused) ErrorDescription = "HTTP status 404: The requested URL does not exist on the server.";
        if (Web != null && had == 0) Web.Begun++;
    }

    internal void Resume()
    {
        if (stopped && Web != null) Web.BreaksAt = 1;
        (stopped, ErrorDescription) = (false, "");
        Start();
    }

    private bool Breaks(double now) => Web is { BreaksAt: < 1 } && now >= Web.BreaksAt;

    /// <summary>The part that has come: the whole takes 30 seconds.</summary>
    private double Now()
    {
        if (Web == null) return 0;
        double now = stopped ? had : Math.Min(1, had + ((Machine.Current.Clock - since) / 30));
        return Math.Min(now, Web.BreaksAt);
    }
}
