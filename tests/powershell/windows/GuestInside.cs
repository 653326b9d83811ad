namespace Labc.PowerShellTests.Windows;

/// <summary>What can be asked inside of a guest with Windows: its services, and what cmd.exe answers to lines.</summary>
public sealed class GuestInside
{
    [ThreadStatic]
    private static GuestInside? current;

    /// <summary>The guest in which a command runs now.</summary>
    public static GuestInside Current
    {
        get => current ?? throw new InvalidOperationException("no session in a guest");
        set => current = value;
    }

    public List<InsideService> Services { get; } = [new("Dnscache", "DNS Client", ServiceState.Running), new("Spooler", "Print Spooler", ServiceState.Stopped), new("McpManagementService", "McpManagementService", null)];

    /// <summary>What cmd.exe does with a line it was given: exit code (null: it never ends), output, error output.</summary>
    public Func<string, (int? Code, string Output, string Error)> Lines { get; set; } = line => (9009, "", $"'{line}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n");

    /// <summary>The lines that cmd.exe ran.</summary>
    public List<string> Ran { get; } = [];

    /// <summary>Processes that taskkill.exe ended with all they had started.</summary>
    public List<int> Ended { get; } = [];
}

public enum ServiceState { Stopped = 1, Running = 4 }

/// <summary>A service; without a state it is one that Windows lets nobody ask for it.</summary>
public sealed record InsideService(string Name, string DisplayName, ServiceState? Status);
