using System.Collections;
using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

/// <summary>The Windows module a simulated command belongs to.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class InModuleAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>The page of Microsoft's reference that describes a command which the contract does not list.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PageAttribute(string address) : Attribute
{
    public string Address { get; } = address;
}

/// <summary>
/// A binary cmdlet. As on Windows it inherits the caller's preferences: -WhatIf of the script reaches it, and an error becomes
/// terminating where the script says so.
/// </summary>
public abstract class BinaryCmdlet : PSCmdlet
{
    protected static Machine Pc => Machine.Current;

    protected string CommandName => MyInvocation.MyCommand.Name;

    protected virtual bool NeedsHyperV => false;

    protected abstract void Run();

    protected override void ProcessRecord()
    {
        try
        {
            if (NeedsHyperV) Pc.HyperV.RequireService();
            Run();
        }
        catch (WindowsError error)
        {
            WriteError(new ErrorRecord(error, error.Id, error.Category, null));
        }
    }

    /// <summary>Asks ShouldProcess, writes the call into the journal, does it.</summary>
    protected void Change(string target, Action effect)
    {
        if (!ShouldProcess(target, CommandName)) return;
        Pc.Journal.Change(CommandName, target, effect);
    }
}

public abstract class HyperVCmdlet : BinaryCmdlet
{
    protected override bool NeedsHyperV => true;

    protected static bool Like(string? pattern, string name) =>
        pattern == null || new WildcardPattern(pattern, WildcardOptions.IgnoreCase).IsMatch(name);

    protected void Emit(IEnumerable items)
    {
        foreach (object item in items) WriteObject(item);
    }
}

/// <summary>
/// A CDXML command: on Windows a function of a module, which sees neither the script's preferences nor its -WhatIf. The class
/// declares the parameters; <see cref="CdxmlModule"/> writes the function that hands over to <see cref="Run"/>.
/// </summary>
public abstract class CdxmlCommand
{
    protected static Machine Pc => Machine.Current;

    public required PSCmdlet Caller { get; init; }

    public required string CommandName { get; init; }

    public abstract void Run();

    protected void Emit(object item) => Caller.WriteObject(item);

    protected void Change(string target, Action effect)
    {
        if (!Caller.ShouldProcess(target, CommandName)) return;
        Pc.Journal.Change(CommandName, target, effect);
    }
}

/// <summary>Verb and noun of a CDXML command, and what -Confirm defaults to.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CdxmlAttribute(string verb, string noun) : Attribute
{
    public string Verb { get; } = verb;

    public string Noun { get; } = noun;

    /// <summary>A native program is written as verb and ending.</summary>
    public string CommandName => Noun == "exe" ? Verb + ".exe" : Verb + "-" + Noun;

    public bool ShouldProcess { get; init; }

    public string Impact { get; init; } = "Medium";

    public string DefaultSet { get; init; } = "";
}
