using System.Collections.Concurrent;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>A setup that nothing disturbs: its changing calls, those before the restart first, and the state it ends in.</summary>
public sealed class Undisturbed
{
    private static readonly ConcurrentDictionary<string, Undisturbed> Known = new();

    private Undisturbed(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        RunResult first = engine.Run(script.Path, machine);
        List<string> calls = [.. machine.Journal.Entries];
        Before = calls.Count;
        if (first.ExitCode == 3010) machine.Restart();
        RunResult second = engine.Run(script.Path, machine);
        calls.AddRange(machine.Journal.Entries);
        if (first.ExitCode != 3010) Trouble.Add("first run: " + first.Describe());
        if (second.ExitCode != 0) Trouble.Add("after the restart: " + second.Describe());
        Calls = calls;
        Goal = Portrait.Of(machine);
    }

    /// <summary>Why the setup did not succeed.</summary>
    public List<string> Trouble { get; } = [];

    public IReadOnlyList<string> Calls { get; }

    /// <summary>So many of the calls are made before the restart.</summary>
    public int Before { get; }

    /// <summary>The portrait of the machine in the end.</summary>
    public string Goal { get; }

    public static Undisturbed Of(PowerShellEngine engine, ScriptFile script) => Known.GetOrAdd(script.Path, _ => new Undisturbed(engine, script));

    /// <summary>That of a script that was run so already.</summary>
    public static Undisturbed Of(ScriptFile script) => Known[script.Path];

    /// <summary>
    /// The machines as they are after those calls: what a process leaves that dies there. One run gives them all;
    /// <see cref="AccidentSuite"/> compares some with what a process leaves that did die.
    /// </summary>
    public Dictionary<int, Machine> StoppedAt(PowerShellEngine engine, ScriptFile script, IReadOnlyCollection<int> points)
    {
        Dictionary<int, Machine> found = [];
        if (points.Any(p => p <= Before)) Collect(Bench.Blank(script), 0);
        if (points.Any(p => p > Before)) Collect(Bench.Restarted(engine, script), Before);
        return found;

        void Collect(Machine machine, int done)
        {
            foreach (var (point, copy) in Copies(engine, script.Path, machine, n => points.Contains(done + n))) found.TryAdd(done + point, copy);
        }
    }

    /// <summary>Runs a script to its end and copies the machine after those of its calls that are wanted.</summary>
    public static SortedDictionary<int, Machine> Copies(PowerShellEngine engine, string script, Machine machine, Predicate<int> wanted)
    {
        SortedDictionary<int, Machine> copies = [];
        machine.Journal.AfterChange = number =>
        {
            if (wanted(number)) copies[number] = DeepCopy.Of(machine);
        };
        engine.Run(script, machine);
        machine.Journal.AfterChange = null;
        return copies;
    }
}
