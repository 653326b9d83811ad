using System.Collections;
using System.Text.RegularExpressions;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>Every row of the table names its line of lab.yaml, and what fails on the machine says it.</summary>
public static partial class LinesSuite
{
    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        log.Test(script.Name + ": every row names its line", () => Rows(script));
        log.Test(script.Name + ": what fails names its line", () => Failures(engine, script));
    }

    [GeneratedRegex(@"^\S+ \d+(@\d+)?( \S+=\d+(@\d+)?)*$")]
    private static partial Regex Place();

    [GeneratedRegex(@"; described at [^ ]+\.yaml(:\d+)? \((guests|hosts?)(\.[^ ()]+)*\)$")]
    private static partial Regex Told();

    /// <summary>The places of all rows.</summary>
    public static IEnumerable<string> Places(ScriptFile script) => TableRows(script.Table!).Select(r => r["At"] as string).OfType<string>();

    private static IEnumerable<string> Rows(ScriptFile script)
    {
        string[] source = Source(script);
        foreach (Hashtable row in TableRows(script.Table!))
        {
            // a seed is made of the whole guest
            if (row.ContainsKey("Text")) continue;
            string name = string.Join(", ", row.Keys.Cast<string>().Order());
            if (row["At"] is not string at) yield return "no place in the row with " + name;
            else if (!Place().IsMatch(at)) yield return "a place without form: " + at;
            else if (source.Length > 0)
            {
                foreach (string reason in Lines(at, source)) yield return reason;
            }
        }
    }

    /// <summary>The line of a property holds its key, or the item of which it is a part.</summary>
    private static IEnumerable<string> Lines(string at, string[] source)
    {
        string[] words = at.Split(' ');
        foreach (string word in words[1..])
        {
            int equal = word.IndexOf('=', StringComparison.Ordinal);
            string path = equal < 0 ? words[0] : words[0] + '.' + word[..equal], line = word[(equal + 1)..];
            if (line.Contains('@', StringComparison.Ordinal) || line == "0") continue;
            int number = int.Parse(line, System.Globalization.CultureInfo.InvariantCulture);
            string text = number <= source.Length ? source[number - 1] : "";
            string[] parts = path.Split('.');
            // a disk nobody wrote about stands at its guest, an item of a list has no key
            bool there = parts[^1].EndsWith(']') ? text.Length > 0 : parts[^1] == "disk" || text.Contains(parts[^1] + ":", StringComparison.Ordinal)
                // a network's servers may be those of its host
                || (parts[^1] == "dns" && text.Contains("dns_for_guests:", StringComparison.Ordinal));
            if (!there) yield return $"line {line} has no {parts[^1]}: {text.Trim()}";
        }
    }

    private static string[] Source(ScriptFile script)
    {
        string lab = script.Name.Split('/')[0];
        string? file = new[] { $"examples/{lab}/lab.yaml", $"tests/hostile/{lab}.yaml" }.FirstOrDefault(File.Exists);
        return file == null ? [] : File.ReadAllLines(file);
    }

    /// <summary>The rows of lists, at every depth, and the table itself.</summary>
    private static IEnumerable<Hashtable> TableRows(Hashtable table)
    {
        yield return table;
        foreach (object? value in table.Values)
        {
            if (value is string or IDictionary or not IEnumerable) continue;
            foreach (object? item in (IEnumerable)value)
            {
                // a seed, and the files it is made of, belong to their guest
                if ((item is System.Management.Automation.PSObject p ? p.BaseObject : item) is not Hashtable row || row.ContainsKey("Text") || row.ContainsKey("Seed")) continue;
                foreach (Hashtable inner in TableRows(row)) yield return inner;
            }
        }
    }

    private static IEnumerable<string> Failures(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        machine.Journal.Clear();
        machine.Journal.FailAll = call => call.StartsWith("Add-", StringComparison.Ordinal) || call.StartsWith("New-VHD", StringComparison.Ordinal);
        RunResult result = engine.Run(script.Path, machine);
        List<string> failed = result.Reported("Failed");
        if (failed.Count < script.Lab.Guests.Count) yield return "only " + failed.Count + " failures are reported";
        foreach (string line in failed.Where(l => !Told().IsMatch(l))) yield return line;
    }
}
