using System.Collections;
using System.Text.RegularExpressions;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// The drifts of a host with many guests, where a run takes long: each is made in a guest of each kind (copies of one guest, which differ in
/// numbers only, are one kind), or once where it is the host's. Many are made before one run, each in a guest of its own: what verify
/// reports and setup repairs must be exactly these. What only a person may decide is tried alone.
/// </summary>
public static partial class DriftSuite
{
    /// <param name="Guest">whose drift it is; null: the host's</param>
    private sealed record Place(Drift Drift, string? Guest)
    {
        public string Name => Guest == null ? Drift.Name : $"{Drift.Name} ({Guest})";
    }

    public static void RunTogether(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        if (!TestLog.Wants(script.Name + ": drift: ")) return;
        Machine ready = Bench.Ready(engine, script);
        string portrait = Portrait.Of(ready);
        HashSet<string> seen = [];
        List<Drift> alone = [.. Drifts.Where(d => d.Hold != null && d.Change(DeepCopy.Of(ready), script.Lab))];
        foreach (Drift drift in alone)
        {
            Machine machine = DeepCopy.Of(ready);
            drift.Change(machine, script.Lab);
            log.Test($"{script.Name}: drift: {drift.Name}", () => Repair(engine, script, machine, drift, portrait, seen));
        }
        List<List<Place>> groups = Groups(ready, script.Lab);
        foreach (var (number, group) in groups.Index())
            log.Test($"{script.Name}: drift: {group.Count} drifts at once, part {number + 1}", () => RepairAll(engine, script, DeepCopy.Of(ready), group, portrait, seen));
        log.Test(script.Name + ": drift: every property is changed by hand once", () => VerifySuite.Untouched(engine, script, ready, seen));
        List<Place> all = [.. groups.SelectMany(g => g)];
        log.Figure($"drifts {script.Name}: {all.Count(p => p.Guest != null)} of {Kinds(script.Lab).Count} kinds of guests and {all.Count(p => p.Guest == null)} of the host in {groups.Count} parts; {alone.Count} alone");
    }

    /// <summary>The guests by their kinds.</summary>
    private static List<List<Hashtable>> Kinds(LabTable lab) => [.. lab.Guests.GroupBy(g => Digits().Replace((string)g["Name"]!, "N")).Select(k => k.ToList())];

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    /// <summary>Which drifts are made together: no two in one guest, and no two of the host that are reported as the same kind of thing.</summary>
    private static List<List<Place>> Groups(Machine ready, LabTable lab)
    {
        List<List<Place>> groups = [];
        foreach (var (number, drift) in Drifts.Where(d => d.Hold == null).Index())
        {
            if (drift.Change(DeepCopy.Of(ready), lab.Of()))
            {
                Add(g => g.Exists(p => p.Guest == null && p.Drift.Kind.Intersect(drift.Kind).Any()) ? null : new Place(drift, null));
                continue;
            }
            foreach (List<Hashtable> kind in Kinds(lab))
            {
                if (!drift.Change(DeepCopy.Of(ready), lab.Of(kind[0]))) continue;
                IEnumerable<string> names = Enumerable.Range(0, kind.Count).Select(i => (string)kind[(i + (3 * number)) % kind.Count]["Name"]!);
                Add(g => names.FirstOrDefault(n => !g.Exists(p => p.Guest == n)) is { } free ? new Place(drift, free) : null);
            }
        }
        return groups;

        void Add(Func<List<Place>, Place?> find)
        {
            foreach (List<Place> group in groups.Append([]))
            {
                if (find(group) is not { } place) continue;
                group.Add(place);
                if (group.Count == 1) groups.Add(group);
                return;
            }
        }
    }

    private static IEnumerable<string> RepairAll(PowerShellEngine engine, ScriptFile script, Machine machine, List<Place> group, string portrait, HashSet<string> seen)
    {
        LabTable lab = script.Lab;
        foreach (Place place in group)
        {
            LabTable part = place.Guest == null ? lab.Of() : lab.Of(lab.Guests.First(g => (string)g["Name"]! == place.Guest));
            if (!place.Drift.Change(machine, part)) yield return "cannot be made: " + place.Name;
        }
        foreach (string reason in ReportsAll(engine, script, machine, group, seen)) yield return reason;

        RunResult plan = engine.Run(script.Path, machine, ("WhatIf", true));
        if (machine.Journal.Entries.Count > 0) yield return "-WhatIf calls " + machine.Journal.Entries[0];
        foreach (string reason in Attributed(group, lab, plan.Reported("Planned"), "-WhatIf").Reasons) yield return reason;

        RunResult cautious = engine.Run(script.Path, machine);
        if (cautious.ExitCode != 0) yield return cautious.Describe();
        if (machine.Journal.Entries.Any(e => e.StartsWith("Stop-VM", StringComparison.Ordinal))) yield return "stops a running guest without being told";
        List<string> first = [.. cautious.Reported("Repaired"), .. cautious.Reported("Created")], done = [.. first];
        if (group.Exists(p => p.Drift.Off))
        {
            RunResult result = engine.Run(script.Path, machine, ("AllowStop", true));
            if (result.ExitCode != 0) yield return result.Describe();
            done.AddRange([.. result.Reported("Repaired"), .. result.Reported("Created")]);
        }
        foreach (string reason in Attributed(group, lab, done, "setup").Reasons) yield return reason;

        // what needs the guest off is said to need it; what does not is repaired at once
        List<string> held = [.. cautious.Reported("Planned").Where(l => l.Contains("needs -AllowStop", StringComparison.Ordinal))];
        foreach (Place place in group)
        {
            bool once = first.Exists(l => Owner([place], lab, l) != null), waits = held.Exists(l => Owner([place], lab, l) != null);
            if (!once && !waits) yield return "neither repaired nor said to need -AllowStop: " + place.Name;
            if (waits && !place.Drift.Off) yield return "said to need -AllowStop: " + place.Name;
        }
        foreach (string difference in StateCheck.Differences(lab, machine)) yield return difference;
        if (Portrait.Of(machine) != portrait) yield return "is not what it was before";
        foreach (string reason in VerifySuite.IsRight(engine, script, machine)) yield return reason;
    }

    /// <summary>verify reports each of the drifts, with its line, and nothing else.</summary>
    private static IEnumerable<string> ReportsAll(PowerShellEngine engine, ScriptFile script, Machine machine, List<Place> group, HashSet<string> seen)
    {
        var (code, findings, result) = VerifySuite.Look(engine, script, machine);
        if (code != 4) yield return "verify: " + result.Describe();
        if (machine.Journal.Entries.Count > 0) yield return "verify calls " + machine.Journal.Entries[0];
        List<Finding> wrong = [.. findings.Where(f => f.State is "Differs" or "Missing" or "Failed" && f.Kind != "alive")];
        foreach (Finding one in wrong)
        {
            seen.Add(one.Kind + '/' + one.Property);
            foreach (string reason in VerifySuite.PlaceOf(script, one)) yield return reason;
            if (!result.Text.Exists(t => t.Contains(one.Place, StringComparison.Ordinal))) yield return "does not print " + one.Place;
        }
        // the copies of the scripts are means of their own, and no part of the description
        List<Place> described = group.FindAll(p => p.Drift.Kind is not ["script"]);
        var (reasons, by) = Attributed(described, script.Lab, wrong.Select(f => $"{f.State,-9} {f.Kind} {f.Name}  {f.Detail}"), "verify");
        foreach (string reason in reasons) yield return reason;
        foreach (var (place, lines) in by)
        {
            List<string> main = [.. lines.Select(l => l[10..].Split("  ")[0]).Where(l => !l.StartsWith("start ", StringComparison.Ordinal)).Distinct()];
            if (place.Drift.Kind.Count(k => k != "start") == 1 && main.Count > 1) yield return $"verify reports more than one thing for {place.Name}: {string.Join(" | ", main)}";
        }
    }

    /// <summary>Each line (as setup reports a resource) is of one of the drifts, and each drift has a line.</summary>
    private static (List<string> Reasons, Dictionary<Place, List<string>> By) Attributed(List<Place> group, LabTable lab, IEnumerable<string> lines, string who)
    {
        List<string> reasons = [];
        Dictionary<Place, List<string>> by = group.ToDictionary(p => p, _ => new List<string>());
        foreach (string line in lines)
        {
            // a guest that was stopped for the repair is waited for
            if (line[10..].StartsWith("alive ", StringComparison.Ordinal)) continue;
            if (Owner(group, lab, line) is { } place) by[place].Add(line);
            else reasons.Add($"{who}, also: {line}");
        }
        reasons.AddRange(by.Where(b => b.Value.Count == 0).Select(b => $"{who} does not see: {b.Key.Name}"));
        return (reasons, by);
    }

    private static Place? Owner(List<Place> group, LabTable lab, string line)
    {
        string thing = line[10..].Split("  ")[0], kind = thing.Split(' ')[0], name = thing[(kind.Length + 1)..];
        string? guest = lab.Guests.Select(g => (string)g["Name"]!).FirstOrDefault(g => name == g || name.StartsWith(g + "/", StringComparison.Ordinal)
            || name.StartsWith(g + " <- ", StringComparison.Ordinal) || name.Contains($@"\{g}.", StringComparison.Ordinal));
        return group.Find(p => p.Guest == guest && p.Drift.Kind.Contains(kind));
    }
}
