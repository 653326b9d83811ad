using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Labc.PowerShellTests;

/// <summary>Counts tests, prints those that fail (all of them with -v), and the sum as the last line.</summary>
public sealed class TestLog(bool verbose)
{
    private readonly StringBuilder text = new();

    /// <summary>Run only tests with this text in their names; null: all.</summary>
    public static string? Only { get; set; }

    /// <summary>Print what takes half a second or more.</summary>
    public static bool Times { get; set; }

    /// <summary>Whether a suite whose tests begin so is worth the preparation.</summary>
    public static bool Wants(string name) => Only == null || name.Contains(Only, StringComparison.Ordinal) || Only.Contains(name, StringComparison.Ordinal);

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    public int Skipped { get; private set; }

    /// <summary>One test: it returns nothing when all is well, else the reasons.</summary>
    public void Test(string name, Func<IEnumerable<string>> test)
    {
        if (Only != null && !name.Contains(Only, StringComparison.Ordinal)) return;
        List<string> reasons;
        long start = Stopwatch.GetTimestamp();
        try
        {
            reasons = [.. test().Take(8)];
        }
        catch (Exception error)
        {
            reasons = [error.GetType().Name + ": " + error.Message + " " + error.StackTrace?.Split('\n')[0].Trim()];
        }
        double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (Times && took >= 0.5) text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"time: {took:F1} s {name}"));
        if (reasons.Count == 0)
        {
            Passed++;
            if (verbose) text.AppendLine("ok      " + name);
            return;
        }
        Failed++;
        text.AppendLine($"FAILED  {name}: {string.Join(" || ", reasons)}");
    }

    public void Skip(string name, string reason)
    {
        Skipped++;
        text.AppendLine($"skipped {name}: {reason}");
    }

    public void Figure(string figure) => text.AppendLine("figure: " + figure);

    /// <summary>Takes over the counts and the text of tests that ran on another thread.</summary>
    public void Add(TestLog part)
    {
        Passed += part.Passed;
        Failed += part.Failed;
        Skipped += part.Skipped;
        Console.Write(part.text);
    }

    public int Finish()
    {
        Console.Write(text);
        Console.WriteLine($"powershell: {Passed} passed, {Failed} failed, {Skipped} skipped");
        return Failed == 0 ? 0 : 1;
    }
}
