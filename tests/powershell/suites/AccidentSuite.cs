using System.Text.RegularExpressions;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// The process dies right after any of its changing calls, or any of these calls fails once: the next run must bring the machine to
/// the same state as an undisturbed one. Every call of a script has both accidents. Each has a machine of its own in the scripts of
/// <see cref="Bench.IsWhole"/>; in the others many calls fail in one run, a call of each guest, and deaths come in chains, see <see cref="Chain"/>.
/// In a script of many guests (<see cref="IsLarge"/>) a process dies after each kind of call only. <see cref="All"/> tries everything singly.
/// </summary>
public static partial class AccidentSuite
{
    /// <summary>So many accidents are one piece of work for a thread.</summary>
    private const int Together = 20;

    private static int scripts, calls, deaths, failures;

    /// <summary>So many deaths are at most one chain.</summary>
    private const int Links = 40;

    /// <summary>Try both accidents at every change of every script singly: hours of work for one processor, so only when asked for.</summary>
    public static bool All { get; set; }

    public static bool IsLarge(ScriptFile script) => script.Lab.Guests.Count > 10;

    private static bool Wanted => TestLog.Wants("death") || TestLog.Wants("failure");

    /// <summary>Runs a script undisturbed, if its accidents are wanted: <see cref="Pieces"/> counts what it does.</summary>
    public static void Learn(PowerShellEngine engine, ScriptFile script)
    {
        if (Wanted) Undisturbed.Of(engine, script);
    }

    /// <summary>The accidents of a script in pieces, each worth some seconds; a piece may run on any thread.</summary>
    public static IEnumerable<Work> Pieces(ScriptFile script)
    {
        if (!Wanted) yield break;
        var life = Undisturbed.Of(script);
        yield return new Work(0, (log, _) => log.Test(script.Name + ": an undisturbed setup, for death and failure, succeeds", () => life.Trouble));
        if (life.Trouble.Count > 0) yield break;
        bool large = IsLarge(script) && !All, many = !Bench.IsWhole(script) && !All;
        List<int> every = [.. Enumerable.Range(1, life.Calls.Count)], dying = large ? OfEachKind(life.Calls) : every;
        yield return new Work(3, (log, own) => log.Test(script.Name + ": death: what a process leaves is the machine as it was after that change", () => Left(own, script, life)));
        foreach (int[] points in dying.Chunk(many ? Links : Together))
        {
            string which = $"{points.Length} of {life.Calls.Count} changes, {points[0]} to {points[^1]}";
            yield return new Work(points.Length * (large ? 2 : 1), (log, own) => log.Test($"{script.Name}: death after {which}", () => many ? Chain(own, script, life, points) : Deaths(own, script, life, points)));
        }
        if (many) yield return new Work(large ? 300 : 60, (log, own) => log.Test($"{script.Name}: failure of each of {life.Calls.Count} changes, many in a run", () => Batches(log, own, script, life)));
        foreach (int[] points in many ? [] : every.Chunk(Together))
            yield return new Work(points.Length * 2, (log, own) => log.Test($"{script.Name}: failure of {points.Length} of {life.Calls.Count} changes, {points[0]} to {points[^1]}", () => points.SelectMany(p => Failure(own, script, life, p))));
        string death = large ? $"death after one of each of {dying.Count} kinds, in chains" : many ? "death after each, in chains" : "death after each";
        yield return new Work(0, (log, _) => log.Figure($"accidents {script.Name}: {every.Count} changing calls; each fails once, {(many ? "many in a run" : "alone in its run")}; {death}"));
        scripts++;
        calls += every.Count;
    }

    public static void Sum(TestLog log)
    {
        if (scripts > 0) log.Figure($"fault sweep: {calls} changing calls of {scripts} scripts: {failures} failures, {deaths} deaths");
    }

    /// <summary>A call of each kind, each in another seat: calls are of one kind that differ only in numbers, those of a guest or network and of its copies.</summary>
    private static List<int> OfEachKind(IReadOnlyList<string> calls) =>
        [.. calls.Select((call, i) => (Kind: Number().Replace(call, "N"), Point: i + 1)).GroupBy(c => c.Kind).Select((kind, i) => kind.ElementAt(7 * i % kind.Count()).Point).Order()];

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();

    /// <summary>Deaths begin with a copy of an undisturbed machine; here a process does die, and leaves the same to the last field.</summary>
    private static IEnumerable<string> Left(PowerShellEngine engine, ScriptFile script, Undisturbed life)
    {
        int[] points = [1, life.Before, (life.Before + life.Calls.Count) / 2, life.Calls.Count - 1];
        Dictionary<int, Machine> copies = life.StoppedAt(engine, script, points);
        foreach (int point in points.Distinct())
        {
            Machine machine = Begin(engine, script, life, point);
            machine.Journal.DieAfter = point > life.Before ? point - life.Before : point;
            RunResult result = engine.Run(script.Path, machine);
            if (!result.Killed) yield return $"nothing died after change {point}";
            if (DeepText.Of(machine) is var have && DeepText.Of(copies[point]) is var want && have != want) yield return $"death after change {point} ({life.Calls[point - 1]}): {FirstDifference(have, want)}";
        }
    }

    private static Machine Begin(PowerShellEngine engine, ScriptFile script, Undisturbed life, int point) => point > life.Before ? Bench.Restarted(engine, script) : Bench.Blank(script);

    private static IEnumerable<string> Deaths(PowerShellEngine engine, ScriptFile script, Undisturbed life, int[] points)
    {
        Dictionary<int, Machine> copies = life.StoppedAt(engine, script, points);
        foreach (int point in points)
        {
            Interlocked.Increment(ref deaths);
            if (!copies.TryGetValue(point, out Machine? machine)) yield return $"there is no change {point}";
            else foreach (string reason in Next(engine, script, machine, life)) yield return $"death after change {point} ({life.Calls[point - 1]}): {reason}";
        }
    }

    /// <summary>
    /// One machine on which process after process dies. Each begins on what the one before left and must first bring everything to where an
    /// undisturbed setup has it right after a later change; there it dies. What a script does depends on the machine
    /// only, so from there it goes on as after that death alone. The last one is followed by an undisturbed run, and so is a copy now and then.
    /// A process that does not make that change any more must have come to the end of setup; the next one begins where that change was made.
    /// </summary>
    private static IEnumerable<string> Chain(PowerShellEngine engine, ScriptFile script, Undisturbed life, int[] points)
    {
        Dictionary<int, Machine> stopped = life.StoppedAt(engine, script, points);
        Machine machine = Begin(engine, script, life, points[0]);
        string before = "nothing";
        foreach (var (turn, point) in points.Index())
        {
            string call = life.Calls[point - 1], right = DeepText.Unsalted(Portrait.Of(stopped[point]));
            machine.Journal.AfterChange = number =>
            {
                if (machine.Journal.Entries[^1] == call && DeepText.Unsalted(Portrait.Of(machine)) == right) machine.Journal.DieAfter = number;
            };
            RunResult result = engine.Run(script.Path, machine);
            Interlocked.Increment(ref deaths);
            string where = $"death after change {point} ({call}), the death before was after {before}: ";
            foreach (string line in result.Reported("Failed")) yield return where + line;
            if (!result.Killed)
            {
                foreach (string reason in Next(engine, script, machine, life)) yield return where + "it was not made again, and " + reason;
                machine = stopped[point];
            }
            bool last = point == points[^1] || (point <= life.Before && points[turn + 1] > life.Before);
            if (last || turn % (Links / 2) == 0)
                foreach (string reason in Next(engine, script, DeepCopy.Of(machine), life)) yield return where + reason;
            if (last) machine = Bench.Restarted(engine, script);
            machine.Journal.Clear();
            machine.Clock += 30;
            before = $"change {point} ({call})";
        }
    }

    private static IEnumerable<string> Failure(PowerShellEngine engine, ScriptFile script, Undisturbed life, int point)
    {
        Machine machine = Begin(engine, script, life, point);
        machine.Journal.FailAt = point > life.Before ? point - life.Before : point;
        RunResult broken = engine.Run(script.Path, machine);
        Interlocked.Increment(ref failures);
        string call = life.Calls[point - 1];
        if (machine.Journal.Entries.ElementAtOrDefault(machine.Journal.FailAt - 1) != call) yield return $"change {point} is not {call} in this run";
        foreach (string reason in Reported(machine, broken, [call]).Concat(Next(engine, script, machine, life))) yield return $"failure of change {point} ({call}): {reason}";
    }

    /// <summary>What was broken is said, and no disk is left mounted but one that could not be dismounted.</summary>
    private static IEnumerable<string> Reported(Machine machine, RunResult broken, IReadOnlyCollection<string> failed)
    {
        if (broken.ExitCode is 0 or 2) yield return $"not reported: exit {broken.ExitCode}";
        if (broken.Reported("Failed").Count == 0) yield return "no resource is reported as Failed";
        if (failed.Any(c => c.StartsWith("Dismount", StringComparison.Ordinal))) yield break;
        foreach (string path in machine.Storage.Mounted) yield return path + " stays mounted";
    }

    /// <summary>The next run, some time later, brings the described state, and that of an undisturbed setup.</summary>
    private static IEnumerable<string> Next(PowerShellEngine engine, ScriptFile script, Machine machine, Undisturbed life)
    {
        machine.Journal.Clear();
        machine.Clock += 30;
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0)
        {
            yield return "next run: " + result.Describe();
            yield break;
        }
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
        if (Portrait.Of(machine) is var have && have != life.Goal) yield return "another state: " + FirstDifference(have, life.Goal);
    }

    /// <summary>
    /// A machine is set up again and again, and each call fails the first time it is made: in one run a call of each guest does. What the
    /// repairs passed over fails so on the next machine; what is left then, singly.
    /// </summary>
    private static IEnumerable<string> Batches(TestLog log, PowerShellEngine engine, ScriptFile script, Undisturbed life)
    {
        List<string> left = [.. life.Calls.Select((call, i) => Named(call, life.Calls.Take(i + 1).Count(c => c == call)))];
        var count = new Count();
        for (int before = int.MaxValue; left.Count > 0 && left.Count < before;)
        {
            before = left.Count;
            HashSet<string> wanted = [.. left], failed = [];
            bool all = before == life.Calls.Count;
            foreach (string reason in FailEach(engine, script, life, name => (all || wanted.Contains(name)) && failed.Add(name), count)) yield return reason;
            left.RemoveAll(failed.Contains);
        }
        log.Figure($"accidents {script.Name}: {life.Calls.Count - left.Count} of {life.Calls.Count} changing calls failed in {count.Runs} runs, {left.Count} singly");
        foreach (int point in Enumerable.Range(1, life.Calls.Count).Where(p => left.Contains(Named(life.Calls[p - 1], life.Calls.Take(p).Count(c => c == life.Calls[p - 1])))))
            foreach (string reason in Failure(engine, script, life, point)) yield return reason;
    }

    private static string Named(string call, int turn) => $"{call} #{turn}";

    private sealed class Count
    {
        public int Runs { get; set; }
    }

    /// <summary>
    /// Runs setup on one machine until nothing fails any more. After each run with failures a copy of the machine has an undisturbed next one;
    /// in a large script after some of them, for there the next run with failures goes through most of it, too.
    /// </summary>
    /// <param name="fails">asked once for each call, by its name and how often it was made in this run</param>
    private static IEnumerable<string> FailEach(PowerShellEngine engine, ScriptFile script, Undisturbed life, Predicate<string> fails, Count count)
    {
        Machine machine = Bench.Blank(script);
        for (int runs = 1; runs <= 300; runs++)
        {
            Dictionary<string, int> met = [];
            List<string> now = [];
            machine.Journal.FailAll = call =>
            {
                met[call] = met.GetValueOrDefault(call) + 1;
                if (!fails(Named(call, met[call]))) return false;
                now.Add(call);
                return true;
            };
            RunResult broken = engine.Run(script.Path, machine);
            if (now.Count > 0)
            {
                count.Runs++;
                Interlocked.Add(ref failures, now.Count);
                string where = $"run {runs}, failure of {now.Count} changes ({now[0]} ...): ";
                foreach (string reason in Reported(machine, broken, now)) yield return where + reason;
                // a program tells its failure by a code
                List<string> said = ["Simulated failure", .. now.Where(c => c.Contains(".exe ", StringComparison.Ordinal)).Select(c => c[..c.IndexOf(".exe ", StringComparison.Ordinal)] + " failed with")];
                foreach (string line in broken.Reported("Failed").Where(l => !said.Exists(t => l.Contains(t, StringComparison.Ordinal)))) yield return where + line;
                if (!IsLarge(script) || runs % 8 == 1)
                    foreach (string reason in Next(engine, script, DeepCopy.Of(machine), life)) yield return where + reason;
            }
            else if (broken.ExitCode == 0)
            {
                foreach (string reason in Next(engine, script, machine, life)) yield return "the run after the last failure: " + reason;
                yield break;
            }
            if (broken.ExitCode == 3010) machine.Restart();
            machine.Journal.Clear();
            machine.Clock += 30;
        }
        yield return "300 runs and no end";
    }

    private static string FirstDifference(string have, string want)
    {
        string[] left = have.Split('\n'), right = want.Split('\n');
        string? extra = left.Except(right).FirstOrDefault(), missing = right.Except(left).FirstOrDefault();
        return $"has [{extra}], lacks [{missing}]";
    }
}
