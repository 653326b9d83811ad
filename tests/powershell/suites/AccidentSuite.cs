using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// The process dies right after any of its changing calls, or any of these calls fails once: the next run must bring the machine to
/// the same state as an undisturbed one.
/// </summary>
public static class AccidentSuite
{
    public const int LargeSample = 2;

    /// <summary>Try every change of every script: an hour of work for one processor, so only when asked for.</summary>
    public static bool All { get; set; }

    private static int scripts, whole, accidents;

    /// <summary>Every change is tried in the scripts of <see cref="Bench.IsWhole"/>, in others so many, spread evenly.</summary>
    private static int MostPoints(ScriptFile script, int changes) => All || Bench.IsWhole(script) ? changes : script.Lab.Guests.Count > 10 ? LargeSample : 6;

    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        if (TestLog.Only != null && !"accident death failure".Contains(TestLog.Only, StringComparison.Ordinal)) return;
        Machine undisturbed = Bench.Blank(script);
        int before = Calls(engine, script, undisturbed);
        int after = Calls(engine, script, undisturbed);
        string goal = Portrait.Of(undisturbed);
        List<int> points = Spread(before + after, MostPoints(script, before + after));
        // where every change is tried, one script has both accidents at each and the others take turns
        bool turns = points.Count == before + after && !All && !script.Name.StartsWith("two-hosts/", StringComparison.Ordinal);
        List<int> deaths = [.. points.Where(p => !turns || p % 2 == 0)], failures = [.. points.Where(p => !turns || p % 2 == 1)];
        log.Test($"{script.Name}: death after each of {deaths.Count} of {before + after} changes", () => deaths.SelectMany(p => Accident(engine, script, p, before, true, goal)));
        log.Test($"{script.Name}: failure of each of {failures.Count} of {before + after} changes", () => failures.SelectMany(p => Accident(engine, script, p, before, false, goal)));
        log.Figure($"accidents {script.Name}: {before + after} changing calls, {deaths.Count + failures.Count} accidents survived or reported");
        Interlocked.Increment(ref scripts);
        if (points.Count == before + after) Interlocked.Increment(ref whole);
        Interlocked.Add(ref accidents, deaths.Count + failures.Count);
    }

    /// <summary>Runs once and restarts Windows: how many changing calls were there?</summary>
    private static int Calls(PowerShellEngine engine, ScriptFile script, Machine machine)
    {
        RunResult result = engine.Run(script.Path, machine);
        int count = machine.Journal.Entries.Count;
        if (result.ExitCode == 3010) machine.Restart();
        return count;
    }

    public static void Sum(TestLog log) => log.Figure($"fault sweep: {accidents} accidents (failures and deaths) in {scripts} scripts, every call of {whole} of them, a sample of the others");

    private static List<int> Spread(int count, int most)
    {
        if (count <= most) return [.. Enumerable.Range(1, count)];
        return [.. Enumerable.Range(0, most).Select(i => 1 + (int)((long)i * (count - 1) / (most - 1))).Distinct()];
    }

    private static IEnumerable<string> Accident(PowerShellEngine engine, ScriptFile script, int point, int before, bool death, string goal)
    {
        Machine machine = point > before ? Bench.Restarted(engine, script) : Bench.Blank(script);
        string where = (death ? "death after" : "failure of") + " change " + point;
        if (point > before) point -= before;
        if (death) machine.Journal.DieAfter = point;
        else machine.Journal.FailAt = point;
        RunResult broken = engine.Run(script.Path, machine);
        string call = machine.Journal.Entries.Count >= point ? machine.Journal.Entries[point - 1] : "?";
        if (!death && broken.ExitCode is 0 or 2) yield return $"{where} ({call}) is not reported: exit {broken.ExitCode}";
        if (!death && broken.Reported("Failed").Count == 0) yield return $"{where} ({call}): no resource is reported as Failed";
        // only what could not be dismounted itself may be mounted still
        if (!death && !call.StartsWith("Dismount", StringComparison.Ordinal))
        {
            foreach (string path in machine.Storage.Mounted) yield return $"{where} ({call}): {path} stays mounted";
        }
        machine.Journal.Clear();
        machine.Clock += 30;
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0)
        {
            yield return $"{where} ({call}): next run: {result.Describe()}";
            yield break;
        }
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return $"{where} ({call}): {difference}";
        if (Portrait.Of(machine) != goal) yield return $"{where} ({call}): another state: {FirstDifference(Portrait.Of(machine), goal)}";
    }

    private static string FirstDifference(string have, string want)
    {
        string[] left = have.Split('\n'), right = want.Split('\n');
        string? extra = left.Except(right).FirstOrDefault(), missing = right.Except(left).FirstOrDefault();
        return $"has [{extra}], lacks [{missing}]";
    }
}
