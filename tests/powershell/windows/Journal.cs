using System.Management.Automation;

namespace Labc.PowerShellTests.Windows;

/// <summary>
/// Every call that changes the simulated machine passes through here. The journal counts and names the calls, and it can make
/// one of them fail, or let the process die right after it: the two accidents a script must survive.
/// </summary>
public sealed class Journal
{
    private readonly List<string> entries = [];

    public IReadOnlyList<string> Entries => entries;

    /// <summary>The number (from 1) of the call after which the process dies; 0: never.</summary>
    public int DieAfter { get; set; }

    /// <summary>The number (from 1) of the call that fails once; 0: none.</summary>
    public int FailAt { get; set; }

    /// <summary>Calls that always fail: asked with the command and its target.</summary>
    public Func<string, bool>? FailAll { get; set; }

    /// <summary>Told the number of each call that was done, while the machine is as that call left it.</summary>
    public Action<int>? AfterChange { get; set; }

    public bool Dead { get; private set; }

    /// <summary>Questions asked of a person: in an unattended run each would hang forever.</summary>
    public List<string> Prompts { get; } = [];

    public void Change(string command, string target, Action effect)
    {
        if (Dead) throw new PipelineStoppedException();
        entries.Add(command + " " + target);
        if (FailAt == entries.Count) throw new WindowsError("Simulated failure of " + command, "Simulated," + command);
        if (FailAll != null && FailAll(entries[^1])) throw new WindowsError("Simulated failure of " + command, "Simulated," + command);
        effect();
        AfterChange?.Invoke(entries.Count);
        if (DieAfter != entries.Count) return;
        Dead = true;
        throw new PipelineStoppedException(); // the only exception that no catch block of a script sees
    }

    public void Clear()
    {
        entries.Clear();
        Prompts.Clear();
        Dead = false;
        DieAfter = 0;
        FailAt = 0;
        FailAll = null;
        AfterChange = null;
    }
}

/// <summary>An error of Windows with the identity a script may compare (messages are localized and must not be compared).</summary>
public sealed class WindowsError(string message, string id, ErrorCategory category = ErrorCategory.NotSpecified) : Exception(message)
{
    public string Id { get; } = id;

    public ErrorRecord Record => new(this, Id, Category, null);

    public ErrorCategory Category { get; } = category;
}
