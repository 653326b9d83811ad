using Labc.PowerShellTests.Engine;

namespace Labc.PowerShellTests;

/// <summary>A piece of work for one thread with an engine of its own.</summary>
/// <param name="Weight">about how long it takes, in fifths of a second: what is long begins first, so that all processors are busy to the end</param>
public sealed record Work(int Weight, Action<TestLog, PowerShellEngine> Run)
{
    /// <summary>Does the work on all processors; what it says comes in the order of the list.</summary>
    public static void Do(IReadOnlyList<Work> list, TestLog log, bool verbose)
    {
        TestLog[] parts = [.. list.Select(_ => new TestLog(verbose))];
        int[] order = [.. Enumerable.Range(0, list.Count).OrderByDescending(i => list[i].Weight)];
        int next = -1;
        List<Thread> threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Turn, 16 << 20))];
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        foreach (TestLog part in parts) log.Add(part);

        void Turn()
        {
            using var engine = new PowerShellEngine();
            while (Interlocked.Increment(ref next) is var i && i < order.Length) list[order[i]].Run(parts[order[i]], engine);
        }
    }
}
