using System.Collections;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// The defects found by reading the setup script that Azure Lab Services publishes for nested virtualization, each as a test of
/// ours.
/// </summary>
public static class DefectSuite
{
    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        string name = script.Name + ": Microsoft's defect ";
        log.Test(name + "1: the DHCP scope, or anything else, is never created", () => NothingForgotten(engine, script));
        log.Test(name + "2: options of the whole server instead of the scope's", () => OptionsOfTheScope(engine, script));
        log.Test(name + "3: a DNS server that does not answer makes the options fail", () => DnsNeedNotAnswer(engine, script));
        log.Test(name + "4: DHCP listens on the adapter of Azure", () => NotOnTheAzureAdapter(engine, script));
        log.Test(name + "5: a feature installation that asks about the restart", () => NoRestartQuestion(engine, script));
        log.Test(name + "6: the adapter is guessed by a part of its name", () => AdapterById(engine, script));
        log.Test(name + "7: names are compared as wildcards", () => NamesAreLiteral(engine, script));
        log.Test(name + "8: code that is dead or missing in PowerShell 7", () => NoDeadCode(script));
        log.Test(name + "9: a restart cannot be told from a failure", () => RestartIsNoFailure(engine, script));
        log.Test(name + "10: the same words for two different steps", () => DistinctReports(engine, script));
        log.Test(name + "11: no -WhatIf, questions instead", () => NoQuestions(engine, script));
    }

    private static IEnumerable<string> NothingForgotten(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        return StateCheck.Differences(script.Lab, machine);
    }

    private static IEnumerable<string> OptionsOfTheScope(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        if (machine.Serving.ServerOptions.Count > 0) yield return "options of the whole server are set";
        foreach (DhcpScope scope in machine.Serving.Scopes.Where(s => s.Options.Count != 2)) yield return $"the scope {scope.ScopeId} has {scope.Options.Count} options";
    }

    /// <summary>The simulated cmdlet refuses a DNS server unless it is forced, as the real one does one that does not answer.</summary>
    private static IEnumerable<string> DnsNeedNotAnswer(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        int wanted = script.Lab.Networks.Count(n => n["Dhcp"] is Hashtable);
        int served = machine.Serving.Scopes.Count(s => s.Options.ContainsKey(6));
        if (served != wanted) yield return $"{served} scopes of {wanted} have a DNS server";
    }

    private static IEnumerable<string> NotOnTheAzureAdapter(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Ready(engine, script);
        bool wanted = script.Lab.Networks.Exists(n => n["Dhcp"] is Hashtable);
        if (!wanted && machine.Features.State("DHCP") != "Available") yield return "the DHCP role was installed";
        if (wanted && machine.Serving.Bound.GetValueOrDefault("Ethernet", true)) yield return "DHCP listens on it";
        NetAdapter azure = machine.Network.Adapters.First(a => a.Name == "Ethernet");
        if (!azure.Dhcp || machine.Network.Addresses.Count(a => a.Adapter == azure) != 1) yield return "the adapter was changed";
    }

    private static IEnumerable<string> NoRestartQuestion(PowerShellEngine engine, ScriptFile script)
    {
        foreach (bool server in (bool[])[true, false])
        {
            if (!server && script.Lab.Networks.Exists(n => n["Dhcp"] is Hashtable)) continue; // no DHCP role there
            Machine machine = Bench.Blank(script, server: server);
            RunResult result = engine.Run(script.Path, machine);
            if (result.ExitCode != 3010) yield return (server ? "server: " : "client: ") + result.Describe();
            if (machine.Journal.Prompts.Count > 0) yield return machine.Journal.Prompts[0];
            if (!machine.Features.RestartPending) yield return "nothing is pending";
        }
    }

    private static IEnumerable<string> AdapterById(PowerShellEngine engine, ScriptFile script)
    {
        if (script.Lab.NatNetwork is not { } nat) yield break;
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        // another adapter whose name would match better
        NetAdapter decoy = machine.Network.Add($"vEthernet ({nat["Switch"]})", "{11111111-1111-1111-1111-111111111111}", 0);
        machine.Journal.Clear();
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        if (machine.Network.Addresses.Exists(a => a.Adapter == decoy)) yield return "the wrong adapter got an address";
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
    }

    private static IEnumerable<string> NamesAreLiteral(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        string guest = (string)script.Lab.Guests[0]["Name"]!;
        VirtualMachine longer = machine.HyperV.NewMachine(guest + "-old", 2, 1L << 30, @"C:\vms");
        machine.HyperV.NewSwitch((script.Lab.NatNetwork?["Switch"] ?? "x") + "2", VMSwitchType.Private, "");
        machine.Journal.Clear();
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        if (longer.Notes.Length > 0 || longer.State != VMState.Off) yield return "a machine with a longer name was changed";
    }

    private static IEnumerable<string> NoDeadCode(ScriptFile script)
    {
        foreach (string word in (string[])["goto", "Get-WmiObject", "-Like "])
        {
            if (script.Tail.Contains(word, StringComparison.OrdinalIgnoreCase)) yield return word;
        }
    }

    private static IEnumerable<string> RestartIsNoFailure(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        RunResult restart = engine.Run(script.Path, machine);
        if (restart.ExitCode != 3010 || restart.Errors.Count > 0 || restart.Reported("Failed").Count > 0) yield return restart.Describe();
        Machine broken = Bench.Blank(script);
        broken.Features.InstallEverything();
        broken.Journal.Clear();
        broken.Journal.FailAt = 6;
        RunResult failure = engine.Run(script.Path, broken);
        if (failure.ExitCode != 1) yield return "a failure: " + failure.Describe();
    }

    private static IEnumerable<string> DistinctReports(PowerShellEngine engine, ScriptFile script)
    {
        RunResult result = engine.Run(script.Path, Bench.Blank(script), ("WhatIf", true));
        return result.Reported("Planned").GroupBy(l => l).Where(g => g.Count() > 1).Select(g => "twice: " + g.Key);
    }

    private static IEnumerable<string> NoQuestions(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        RunResult result = Bench.Complete(engine, script, machine);
        if (machine.Journal.Prompts.Count > 0) yield return machine.Journal.Prompts[0];
        if (result.ExitCode != 0) yield return result.Describe();
        if (!script.Head.Contains("SupportsShouldProcess", StringComparison.Ordinal)) yield return "no -WhatIf";
    }
}
