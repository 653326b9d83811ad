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
