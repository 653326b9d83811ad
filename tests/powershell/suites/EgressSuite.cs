using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// What guests reach beyond their network (weeks/egress.yaml): the internet and not the school's network behind NAT, nothing at all from
/// a cell; and egress-all.yaml, the same lab after its teacher has opened both.
/// </summary>
public sealed class EgressSuite(PowerShellEngine engine, ScriptFile held, ScriptFile open)
{
    private const string Resolver = "10.1.0.53", Campus = "10.1.2.3", Internet = "93.184.216.34", OtherServer = "10.1.9.9";

    public static void Run(TestLog log, PowerShellEngine engine, string folder)
    {
        ScriptFile Setup(string week) => ScriptFile.FindIn(Path.Combine(folder, week), engine).First(s => s.IsSetup);
        var suite = new EgressSuite(engine, Setup("egress"), Setup("egress-all"));
        log.Test("egress: the internet, its own network, the resolver and where connections lead, and no other private address", suite.Internets);
        log.Test("egress: from a cell nothing but its own network", suite.Cell);
        log.Test("egress: mapped ports answer the school's network", suite.Mapped);
        log.Test("egress: in a network that leads nowhere there is no rule", suite.Inside);
        log.Test("egress: a new resolver of the server is let through", suite.OtherResolver);
        log.Test("egress: rules of others stay", suite.Foreign);
        log.Test("egress: verify names the line", suite.Lines);
        log.Test("egress: opened again, the rules are left over until -Prune", suite.Opened);
    }

    private Machine Ready()
    {
        Machine machine = Bench.Blank(held);
        machine.Network.Resolvers.Clear();
        machine.Network.Resolvers.Add(Resolver);
        RunResult result = Bench.Complete(engine, held, machine);
        if (result.ExitCode != 0) throw new InvalidOperationException(result.Describe());
        machine.Journal.Clear();
        return machine;
    }

    private static VMNetworkAdapter Adapter(Machine machine, string guest, string network) => machine.HyperV.Find(guest)!.Adapters.Find(a => a.Name == network)!;

    private static IEnumerable<string> Opens(VMNetworkAdapter adapter, bool want, params (string Protocol, string Address, int Port)[] ends) =>
        from end in ends
        where Reach.Opens(adapter, end.Protocol, end.Address, end.Port) != want
        select (want ? "does not reach " : "reaches ") + end;

    private IEnumerable<string> Internets()
    {
        VMNetworkAdapter adapter = Adapter(Ready(), "web", "nat");
        return Opens(adapter, true, ("TCP", Internet, 443), ("UDP", "9.9.9.9", 53), ("TCP", "172.29.60.1", 22), ("TCP", "172.29.60.99", 22),
                ("UDP", Resolver, 53), ("TCP", Resolver, 53), ("UDP", "255.255.255.255", 67), ("TCP", OtherServer, 8443))
            .Concat(Opens(adapter, false, ("TCP", Campus, 445), ("TCP", OtherServer, 3389), ("TCP", Resolver, 443), ("UDP", Campus, 53), ("TCP", "172.16.0.9", 80), ("TCP", "172.29.61.9", 80),
                ("TCP", "192.168.1.1", 80), ("TCP", "172.20.20.9", 22), ("TCP", "169.254.169.254", 80), ("TCP", "100.100.1.1", 80), ("TCP", "fd00::1", 80)));
    }

    private IEnumerable<string> Cell()
    {
        VMNetworkAdapter adapter = Adapter(Ready(), "jail", "cell");
        return Opens(adapter, true, ("TCP", "172.20.10.1", 22), ("TCP", "172.20.10.31", 22), ("UDP", "255.255.255.255", 67), ("UDP", "224.0.0.251", 5353), ("TCP", "fe80::1", 22))
            .Concat(Opens(adapter, false, ("TCP", Internet, 443), ("TCP", Campus, 445), ("UDP", Resolver, 53), ("TCP", "172.29.60.20", 80), ("TCP", "2001:db8::1", 80)));
    }

    private IEnumerable<string> Mapped()
    {
        VMNetworkAdapter adapter = Adapter(Ready(), "web", "nat");
        foreach (string client in (string[])[Campus, Internet, "172.29.60.1"])
        {
            if (!Reach.Serves(adapter, "TCP", 80, client)) yield return $"port 80 does not answer {client}";
            if (!Reach.Serves(adapter, "UDP", 53, client)) yield return $"port 53 does not answer {client}";
        }
        if (Reach.Serves(adapter, "TCP", 22, Campus)) yield return "a port without a mapping answers the school";
        if (Reach.Opens(adapter, "TCP", Campus, 80)) yield return "what the mapped port may answer is open";
    }

    private IEnumerable<string> Inside()
    {
        if (Adapter(Ready(), "web", "lan").Rules.Count > 0) yield return "it has rules";
    }

    private IEnumerable<string> OtherResolver()
    {
        Machine machine = Ready();
        machine.Network.Resolvers[0] = "10.7.7.7";
        RunResult result = engine.Run(held.Path, machine);
        if (result.ExitCode != 0 || !result.Reported("Repaired").Exists(l => l.Contains(" egress web/nat", StringComparison.Ordinal))) yield return result.Describe();
        VMNetworkAdapter adapter = Adapter(machine, "web", "nat");
        foreach (string reason in Opens(adapter, true, ("UDP", "10.7.7.7", 53)).Concat(Opens(adapter, false, ("UDP", Resolver, 53)))) yield return reason;
    }

    private IEnumerable<string> Foreign()
    {
        Machine machine = Ready();
        VMNetworkAdapter adapter = Adapter(machine, "web", "nat");
        adapter.Rules.Add(new VMNetworkAdapterExtendedAclSetting { Owner = adapter, Direction = AclDirection.Outbound, Action = AclAction.Deny, RemoteIPAddress = "9.9.9.9", Weight = 40000 });
        RunResult result = engine.Run(held.Path, machine, ("Prune", true));
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return result.Describe();
        if (!adapter.Rules.Exists(r => r.Weight == 40000)) yield return "the rule is gone";
    }

    private IEnumerable<string> Lines()
    {
        Machine machine = Ready();
        Adapter(machine, "web", "nat").Rules.RemoveAll(r => r.RemoteIPAddress == "10.0.0.0/8");
        Adapter(machine, "jail", "cell").Rules.Clear();
        RunResult result = engine.Run(held.Sibling("verify.ps1")!, machine);
        string want = "egress is none, described Outbound Deny ANY ANY 10.0.0.0/8 ANY stateless; described at egress.yaml:8 (hosts.server-1.network.egress)";
        if (result.ExitCode != 4 || !result.Text.Exists(t => t.Contains(want, StringComparison.Ordinal))) yield return string.Join(" / ", result.Text.Where(t => t.Contains("egress", StringComparison.Ordinal)));
        if (!result.Text.Exists(t => t.StartsWith("Missing", StringComparison.Ordinal) && t.Contains("egress jail/cell", StringComparison.Ordinal) && t.Contains("egress.yaml:10 ", StringComparison.Ordinal)))
            yield return "the cell: " + string.Join(" / ", result.Text.Where(t => t.Contains("jail", StringComparison.Ordinal)));
    }

    private IEnumerable<string> Opened()
    {
        Machine machine = Ready();
        RunResult result = Bench.Complete(engine, open, machine);
        if (result.Reported("Orphan").Count(l => l.Contains(" egress ", StringComparison.Ordinal)) != 2) yield return "not both are left over: " + result.Describe();
        machine.Journal.Clear();
        engine.Run(open.Path, machine, ("Prune", true), ("WhatIf", true));
        foreach (string call in machine.Journal.Entries) yield return "-WhatIf: " + call;
        RunResult pruned = engine.Run(open.Path, machine, ("Prune", true));
        if (pruned.ExitCode != 0) yield return pruned.Describe();
        foreach (VMNetworkAdapter adapter in machine.HyperV.Machines.SelectMany(m => m.Adapters).Where(a => a.Rules.Count > 0)) yield return adapter.Name + " has rules";
        foreach (string difference in StateCheck.Differences(open.Lab, machine)) yield return difference;
        machine.Journal.Clear();
        RunResult again = engine.Run(held.Path, machine);
        if (again.ExitCode != 0 || again.Reported("Created").Count(l => l.Contains(" egress ", StringComparison.Ordinal)) != 2) yield return "held again: " + again.Describe();
        foreach (string difference in StateCheck.Differences(held.Lab, machine)) yield return difference;
    }
}
