using System.Collections;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// Two labs on one server that others use too (tests/specs/server-lab-a.yaml and -b.yaml): they share its one NAT, and neither
/// touches what belongs to the other or to nobody.
/// </summary>
public static class SharedServerSuite
{
    private const string Prefix = "172.29.0.0/16";

    public static void Run(TestLog log, PowerShellEngine engine, List<ScriptFile> scripts)
    {
        ScriptFile? a = scripts.Find(s => s.IsSound && s.Lab.Name == "server-lab-a"), b = scripts.Find(s => s.IsSound && s.Lab.Name == "server-lab-b");
        if (a == null || b == null)
        {
            log.Skip("shared server", "no builds of the two labs of one server among the arguments");
            return;
        }
        log.Test("shared server: two labs, one after the other, in one NAT", () => Both(engine, a, b));
        log.Test("shared server: a second run of both changes nothing", () => Again(engine, a, b));
        log.Test("shared server: what is nobody's stays as it was", () => Foreign(engine, a, b));
        log.Test("shared server: a NAT lost by hand comes back with the mappings of each", () => Lost(engine, a, b));
        log.Test("shared server: who joins the NAT takes it into its record, but no NAT of others", () => Records(engine, a, b));
        log.Test("shared server: -WhatIf of the second lab joins nothing", () => Looks(engine, a, b));
        log.Test("shared server: removing one lab leaves the other, removing the last one takes the NAT", () => Removed(engine, a, b));
        log.Test("shared server: refused: a NAT with another prefix that others use", () => Refused(engine, b, OtherPrefix, "nat_prefix", "10.9.0.0/24"));
        log.Test("shared server: refused: a NAT with another name", () => Refused(engine, b, m => m.Network.NewNat("DockerNAT", Prefix), "DockerNAT"));
        log.Test("shared server: refused: a port that leads to a guest of others", () => Refused(engine, b, TakenPort, "8002", "172.29.9.9:80"));
        log.Test("shared server: refused: an address of the server in the shared prefix", () => Refused(engine, b, InPrefix, "nat_prefix", "172.29.77.5"));
        log.Test("shared server: refused: no external switch", () => Refused(engine, a, m => m.HyperV.Switches.RemoveAll(s => s.Name == "School"), "external switch School"));
        log.Test("shared server: refused: an external switch that is none", () => Refused(engine, a, Inner, "not an external one"));
        log.Test("shared server: refused: the switch of the other lab", () => Refused(engine, b, m => m.HyperV.NewSwitch("LabB", VMSwitchType.Internal, "labc:server-lab-a"), "server-lab-a"));
    }

    /// <summary>A server with Hyper-V that others use: their machine, their switch, and the one to the outside.</summary>
    internal static Machine Server(params ScriptFile[] labs)
    {
        Machine machine = Bench.Blank(labs[0]);
        foreach (ScriptFile lab in labs)
        {
            foreach (Hashtable guest in lab.Lab.Guests)
            {
                foreach (Hashtable disk in LabTable.List(guest["Disks"]))
                {
                    if (disk["Source"] is string source) Bench.AddImage(machine, source);
                }
            }
        }
        machine.Memory = 64L << 30;
        machine.LogicalProcessors = 16;
        machine.Features.InstallEverything();
        machine.HyperV.NewSwitch("Offices", VMSwitchType.Internal, "of the offices");
        VirtualMachine payroll = machine.HyperV.NewMachine("payroll", 2, 4L << 30, @"D:\offices");
        payroll.Notes = "do not touch";
        payroll.Adapters[0].SwitchName = "Offices";
        machine.Journal.Clear();
        return machine;
    }

    private static Machine Ready(PowerShellEngine engine, params ScriptFile[] labs)
    {
        Machine machine = Server(labs);
        foreach (ScriptFile lab in labs)
        {
            RunResult result = Bench.Complete(engine, lab, machine);
            if (result.ExitCode != 0) throw new InvalidOperationException($"{lab.Lab.Name}: {result.Describe()}");
        }
        machine.Journal.Clear();
        return machine;
    }

    private static IEnumerable<string> Both(PowerShellEngine engine, ScriptFile a, ScriptFile b)
    {
        Machine machine = Ready(engine, a, b);
        foreach (string difference in StateCheck.Differences(a.Lab, machine).Concat(StateCheck.Differences(b.Lab, machine))) yield return difference;
        if (machine.Network.Nats is not [{ Name: "LabServicesNat", Prefix: Prefix }]) yield return "the server's NATs are " + string.Join(", ", machine.Network.Nats.Select(n => n.Name + " " + n.Prefix));
        VirtualMachine? dns = machine.HyperV.Find("dns-s01");
        if (dns == null || !dns.Adapters.Exists(x => x.SwitchName == "School")) yield return "dns-s01 is not in the external switch";
        if (machine.HyperV.Switches.Find(s => s.Name == "School") is not { SwitchType: VMSwitchType.External, Notes: "" }) yield return "the external switch was changed";
    }

    private static IEnumerable<string> Again(PowerShellEngine engine, ScriptFile a, ScriptFile b)
    {
        Machine machine = Ready(engine, a, b);
        foreach (ScriptFile lab in (ScriptFile[])[a, b, a])
        {
            string before = Portrait.Of(machine);
            RunResult result = engine.Run(lab.Path, machine);
            if (result.ExitCode != 0) yield return result.Describe();
            foreach (string call in machine.Journal.Entries) yield return $"{lab.Lab.Name} calls {call}";
            if (Portrait.Of(machine) != before) yield return lab.Lab.Name + ": the machine is not what it was";
        }
    }

    private static IEnumerable<string> Foreign(PowerShellEngine engine, ScriptFile a, ScriptFile b)
    {
        Machine machine = Server(a, b);
        string before = Others(machine);
        foreach (ScriptFile lab in (ScriptFile[])[a, b]) Bench.Complete(engine, lab, machine);
        if (Others(machine) != before) yield return $"was {before}, is {Others(machine)}";
    }

    private static IEnumerable<string> Lost(PowerShellEngine engine, ScriptFile a, ScriptFile b)
    {
        Machine machine = Ready(engine, a, b);
        machine.Network.RemoveNat(machine.Network.Nats[0]);
        foreach (ScriptFile lab in (ScriptFile[])[b, a])
        {
            RunResult result = engine.Run(lab.Path, machine);
            if (result.ExitCode != 0) yield return result.Describe();
        }
        foreach (string difference in StateCheck.Differences(a.Lab, machine).Concat(StateCheck.Differences(b.Lab, machine))) yield return difference;
    }

    private static IEnumerable<string> Records(PowerShellEngine engine, ScriptFile a, ScriptFile b)
    {
        Machine machine = Ready(engine, a, b);
        foreach (ScriptFile lab in (ScriptFile[])[a, b])
        {
            if (!HasNat(machine, lab)) yield return $"the record of {lab.Lab.Name} has no NAT";
        }
        Machine other = Server(b);
        other.Network.NewNat("LabServicesNat", Prefix);
        RunResult result = Bench.Complete(engine, b, other);
        if (result.ExitCode != 0) yield return "in a NAT made by hand: " + result.Describe();
        if (HasNat(other, b)) yield return "takes a NAT made by hand into its record";
    }

    private static IEnumerable<string> Looks(PowerShellEngine engine, ScriptFile a, ScriptFile b)
    {
        Machine machine = Ready(engine, a);
        machine.LogWritten = false;
        string before = Portrait.Of(machine);
        RunResult result = engine.Run(b.Path, machine, ("WhatIf", true));
        if (result.ExitCode != 0) yield return result.Describe();
        if (result.Reported("Unchanged").Count(l => l.Contains(" nat ", StringComparison.Ordinal)) != 1) yield return "does not see the shared NAT";
        foreach (string reason in RunSuite.Quiet(machine, result)) yield return reason;
        if (Portrait.Of(machine) != before) yield return "the machine is not what it was";
    }

    private static IEnumerable<string> Removed(PowerShellEngine engine, ScriptFile a, ScriptFile b)
    {
        // whoever goes first: the creator of the NAT, or the one that joined it
        foreach ((ScriptFile first, ScriptFile last) in ((ScriptFile, ScriptFile)[])[(a, b), (b, a)])
        {
            Machine machine = Ready(engine, a, b);
            string others = Others(machine);
            RunResult result = engine.Run(first.Sibling("remove.ps1")!, machine, ("Force", true));
            if (result.ExitCode != 0) yield return $"{first.Lab.Name}: {result.Describe()}";
            foreach (string difference in StateCheck.Differences(last.Lab, machine)) yield return $"without {first.Lab.Name}: {difference}";
            machine.Journal.Clear();
            result = engine.Run(last.Path, machine);
            if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return $"setup of {last.Lab.Name} again: {result.Describe()} calls {string.Join(", ", machine.Journal.Entries)}";
            result = engine.Run(last.Sibling("remove.ps1")!, machine, ("Force", true));
            if (result.ExitCode != 0) yield return $"{last.Lab.Name}: {result.Describe()}";
            if (machine.Network.Nats.Count > 0) yield return $"{last.Lab.Name} was the last, and the NAT is still there";
            if (machine.HyperV.Machines.Count != 1 || machine.HyperV.Switches.Count != 2) yield return "not everything of the labs is gone";
            if (Others(machine) != others) yield return $"was {others}, is {Others(machine)}";
        }
        // a NAT that was there before stays
        Machine own = Server(b);
        own.Network.NewNat("LabServicesNat", Prefix);
        Bench.Complete(engine, b, own);
        RunResult gone = engine.Run(b.Sibling("remove.ps1")!, own, ("Force", true));
        if (gone.ExitCode != 0 || own.Network.Nats.Count != 1) yield return "takes away a NAT made by hand: " + gone.Describe();
    }

    private static IEnumerable<string> Refused(PowerShellEngine engine, ScriptFile lab, Action<Machine> prepare, params string[] says)
    {
        Machine machine = Server(lab);
        prepare(machine);
        machine.Journal.Clear();
        string before = Portrait.Of(machine);
        RunResult result = engine.Run(lab.Path, machine);
        if (result.ExitCode != 2) yield return result.Describe();
        if (result.Warnings.Count != 1) yield return $"gives {result.Warnings.Count} reasons: {string.Join(" | ", result.Warnings)}";
        foreach (string word in says)
        {
            if (!result.Warnings.Exists(w => w.Contains(word, StringComparison.Ordinal))) yield return $"does not say '{word}': {string.Join(" | ", result.Warnings)}";
        }
        foreach (string reason in RunSuite.Quiet(machine, result)) yield return reason;
        if (Portrait.Of(machine) != before) yield return "the machine is not what it was";
    }

    private static void OtherPrefix(Machine machine)
    {
        machine.Network.NewNat("LabServicesNat", "10.9.0.0/24");
        machine.Network.AddMapping("LabServicesNat", "TCP", "0.0.0.0", 7000, "10.9.0.7", 80);
    }

    private static void TakenPort(Machine machine)
    {
        machine.Network.NewNat("LabServicesNat", Prefix);
        machine.Network.AddMapping("LabServicesNat", "TCP", "0.0.0.0", 8002, "172.29.9.9", 80);
    }

    private static void InPrefix(Machine machine) => machine.Network.Addresses.Add(new HostAddress(machine.Network.Adapters[0], "172.29.77.5", 24));

    private static void Inner(Machine machine) => machine.HyperV.Switches.Find(s => s.Name == "School")!.SwitchType = VMSwitchType.Private;

    private static bool HasNat(Machine machine, ScriptFile lab) =>
        machine.Files.File(lab.Lab.Scripts + @"\created.jsonl")?.Lines.Exists(l => l.Contains("\"nat\"", StringComparison.Ordinal)) == true;

    private static string Others(Machine machine)
    {
        VirtualMachine? payroll = machine.HyperV.Find("payroll");
        VMSwitch? offices = machine.HyperV.Switches.Find(s => s.Name == "Offices"), school = machine.HyperV.Switches.Find(s => s.Name == "School");
        return $"{payroll?.State} {payroll?.Notes} {payroll?.Memory.Startup} {payroll?.Adapters.Count} {payroll?.Adapters[0].SwitchName}; {offices?.SwitchType} {offices?.Notes}; {school?.SwitchType} {school?.Notes}";
    }
}
