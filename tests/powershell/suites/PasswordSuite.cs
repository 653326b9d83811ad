using System.Collections;
using System.Text;
using System.Text.RegularExpressions;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// Guests with passwords where nobody is there (weeks/unattended.yaml): Azure hands the password over before the restart, the start-up
/// task makes the guests after it, and nothing of it is left. An accident anywhere on the way changes nothing of that.
/// </summary>
public sealed class PasswordSuite
{
    private const string Canary = "Kanarienvogel\"7391 $(x)`y`\u00e4", Kept = @"C:\Program Files\labc\alone\password.dpapi";

    private readonly PowerShellEngine engine;
    private readonly ScriptFile setup;
    private readonly (string Path, (string, object)[] Arguments, int Code)[] steps;

    private PasswordSuite(PowerShellEngine engine, string weeks)
    {
        this.engine = engine;
        setup = ScriptFile.FindIn(Path.Combine(weeks, "unattended"), engine).First(s => s.IsSetup);
        string artifact = Directory.GetDirectories(Path.Combine(weeks, "unattended", "Artifacts"))[0];
        steps =
        [
            (Path.Combine(artifact, "account.ps1"), [("UserBase64", Base64("student")), ("PasswordBase64", Base64("Start-1234567"))], 0),
            (Path.Combine(artifact, "keep-password.ps1"), [("LabName", "alone"), ("PasswordBase64", Base64(Canary))], 0),
            (setup.Path, [], 3010),
            (Path.Combine(artifact, "restart.ps1"), [("TaskName", "labc-alone")], 0),
        ];
    }

    public static void Run(TestLog log, PowerShellEngine engine, string weeks)
    {
        var suite = new PasswordSuite(engine, weeks);
        log.Test("kept password: the guests have it after the restart, nobody is asked, nothing is left", suite.Whole);
        log.Test("kept password: its file is closed before anything is in it", suite.Rights);
        log.Test("kept password: a death after each change before the restart", suite.DeathsBefore);
        log.Test("kept password: a death after each change after the restart", suite.DeathsAfter);
        log.Test("kept password: a failure of each change of keep-password.ps1", suite.Failures);
        log.Test("kept password: another account is asked, and cleans up", suite.OtherAccount);
        log.Test("kept password: unreadable, nobody there: given up after three starts", suite.Unreadable);
        log.Test("kept password: guests that fail keep it for the next start, not for a fourth", suite.GivesUp);
        log.Test("kept password: gone with a setup that came to nothing", suite.Nothing);
        log.Test("kept password: not on a machine that is set up, not with -WhatIf, not an empty one", suite.NotKept);
        log.Test("kept password: verify.ps1 tells one that waits from one that is left", suite.Verify);
        log.Test("kept password: remove.ps1 takes it along", suite.Remove);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private Machine Blank()
    {
        Machine machine = Bench.Blank(setup);
        machine.Account = "SYSTEM";
        machine.Typed = null;
        return machine;
    }

    /// <summary>What Azure runs, in its order; a step that ends otherwise than it should ends the artifact, as && does.</summary>
    private List<string> Artifact(Machine machine, List<string> texts)
    {
        List<string> wrong = [];
        foreach (var (path, arguments, code) in steps)
        {
            RunResult result = engine.Run(path, machine, arguments);
            Remember(machine, result, texts);
            if (result.ExitCode == code && result.Errors.Count == 0) continue;
            wrong.Add(Path.GetFileName(path) + ": " + result.Describe());
            if (path != setup.Path) break;
        }
        return wrong;
    }

    private static void Remember(Machine machine, RunResult result, List<string> texts)
    {
        texts.AddRange([.. result.Text, .. result.Warnings, .. result.Errors, .. machine.Journal.Entries, .. machine.Questions]);
        machine.Journal.Clear();
    }

    /// <summary>Windows starts, and the task runs, as often as it is there.</summary>
    private RunResult? Starts(Machine machine, List<string> texts, int most = 4)
    {
        RunResult? last = null;
        for (int i = 0; i < most && (i == 0 || machine.Tasks.Count > 0); i++)
        {
            machine.Restart();
            if (machine.Tasks.Count == 0) break;
            last = engine.Run(setup.Path, machine, ("Resumed", true));
            Remember(machine, last, texts);
        }
        return last;
    }

    /// <summary>Every guest runs with the password, no task and no file waits, and no place has the password or what is made of it.</summary>
    private IEnumerable<string> Good(Machine machine, List<string> texts)
    {
        foreach (string difference in StateCheck.Differences(setup.Lab, machine)) yield return difference;
        HashSet<string> secrets = [Canary, Canary[..13], Base64(Canary), Base64(Canary)[..16], Convert.ToBase64String(Encoding.Unicode.GetBytes(Canary))[..20]];
        foreach (Hashtable guest in setup.Lab.Guests)
        {
            string password = machine.Files.File((string)LabTable.List(guest["Disks"])[0]["Path"]!)?.Disk?.Password ?? "";
            if (!Is(password)) yield return $"{guest["Name"]} has another password: {password}";
            if (password.Length > 0) secrets.Add(password);
        }
        if (machine.Tasks.Count > 0) yield return "the task is still there";
        if (machine.Files.File(Kept) != null) yield return "the file is still there";
        if (machine.Questions.Count > 0) yield return "asks " + machine.Questions[0];
        foreach (var (path, file) in machine.Files.All)
        {
            texts.AddRange(file.Lines.Append(file.Text).Select(t => path + " " + t));
            texts.AddRange(file.Disk?.Partitions.SelectMany(p => p.Files).Select(f => $"{path}: {f.Key} {f.Value}") ?? []);
        }
        foreach (string text in texts.Where(t => secrets.Any(s => t.Contains(s, StringComparison.Ordinal)))) yield return "left in " + text.Split(' ')[0];
    }

    /// <summary>A hash of Linux, or the code of Windows, of the canary.</summary>
    private bool Is(string password)
    {
        if (!password.StartsWith("$6$", StringComparison.Ordinal)) return password == Convert.ToBase64String(Encoding.Unicode.GetBytes(Canary + "Password"));
        string function = Regex.Match(setup.Text, @"function ConvertTo-LabCrypt.*?\r?\n\}", RegexOptions.Singleline).Value;
        string literal = Canary.Replace("'", "''", StringComparison.Ordinal);
        return engine.Evaluate($"{function}\nConvertTo-LabCrypt -Text '{literal}' -Salt '{password.Split('$')[2]}'")?.ToString() == password;
    }

    private IEnumerable<string> Whole()
    {
        Machine machine = Blank();
        List<string> texts = [];
        foreach (string problem in Artifact(machine, texts)) yield return problem;
        if (machine.Files.File(Kept) == null) yield return "nothing was kept";
        if (machine.RestartIn == null) yield return "Windows does not restart";
        RunResult? result = Starts(machine, texts, 1);
        if (result is not { ExitCode: 0 } || result.Errors.Count > 0) yield return "the task: " + result?.Describe();
        foreach (string problem in Good(machine, texts)) yield return problem;
    }

    private IEnumerable<string> Rights()
    {
        Machine machine = Blank();
        engine.Run(steps[1].Path, machine, steps[1].Arguments);
        int closed = machine.Journal.Entries.ToList().IndexOf("Set-Acl " + Kept), written = machine.Journal.Entries.ToList().LastIndexOf("Set-Content " + Kept);
        if (closed < 0 || closed > written) yield return string.Join(", ", machine.Journal.Entries);
        if (machine.Files.Rights.GetValueOrDefault(Kept)?.ToString() != "own: S-1-5-18 S-1-5-32-544") yield return machine.Files.Rights.GetValueOrDefault(Kept)?.ToString() ?? "no rights";
        machine.Journal.DieAfter = 0;
        Machine half = Blank();
        half.Journal.DieAfter = closed;
        engine.Run(steps[1].Path, half, steps[1].Arguments);
        if (half.Files.File(Kept)?.Text is { Length: > 0 }) yield return "something is in it while everybody may read it";
    }

    /// <summary>Azure tries again, or a person deploys again: the artifact from its beginning.</summary>
    private IEnumerable<string> DeathsBefore()
    {
        int changes = 0;
        Machine count = Blank();
        foreach (var (path, arguments, _) in steps)
        {
            engine.Run(path, count, arguments);
            changes += count.Journal.Entries.Count;
            count.Journal.Clear();
        }
        for (int point = 1; point <= changes; point++)
        {
            Machine machine = Blank();
            List<string> texts = [];
            int left = point;
            foreach (var (path, arguments, _) in steps)
            {
                machine.Journal.DieAfter = left;
                RunResult result = engine.Run(path, machine, arguments);
                left -= machine.Journal.Entries.Count;
                Remember(machine, result, texts);
                if (result.Killed) break;
            }
            machine.RestartIn = null;
            foreach (string problem in Artifact(machine, texts)) yield return $"death after change {point}, again: {problem}";
            Starts(machine, texts, 1);
            foreach (string problem in Good(machine, texts)) yield return $"death after change {point}: {problem}";
        }
    }

    /// <summary>The machine goes down while the task makes the guests, and comes up again: nobody else does anything.</summary>
    private IEnumerable<string> DeathsAfter()
    {
        Machine before = Blank();
        Artifact(before, []);
        before.Restart();
        Machine count = DeepCopy.Of(before);
        engine.Run(setup.Path, count, ("Resumed", true));
        int changes = count.Journal.Entries.Count;
        for (int point = 1; point <= changes; point++)
        {
            Machine machine = DeepCopy.Of(before);
            machine.Journal.DieAfter = point;
            List<string> texts = [];
            Remember(machine, engine.Run(setup.Path, machine, ("Resumed", true)), texts);
            RunResult? last = machine.Tasks.Count == 0 ? null : Starts(machine, texts);
            if (last is { ExitCode: not 0 }) yield return $"death after change {point}: {last.Describe()}";
            foreach (string problem in Good(machine, texts)) yield return $"death after change {point}: {problem}";
        }
    }

    private IEnumerable<string> Failures()
    {
        Machine count = Blank();
        engine.Run(steps[1].Path, count, steps[1].Arguments);
        for (int point = 1; point <= count.Journal.Entries.Count; point++)
        {
            Machine machine = Blank();
            machine.Journal.FailAt = point;
            RunResult result = engine.Run(steps[1].Path, machine, steps[1].Arguments);
            if (result.Errors.Count == 0 && result.ExitCode == 0) yield return $"failure of change {point} is not said";
            List<string> texts = [];
            Remember(machine, result, texts);
            foreach (string problem in Artifact(machine, texts)) yield return $"failure of change {point}, again: {problem}";
            Starts(machine, texts, 1);
            foreach (string problem in Good(machine, texts)) yield return $"failure of change {point}: {problem}";
        }
    }

    private Machine Waiting()
    {
        Machine machine = Blank();
        Artifact(machine, []);
        machine.Restart();
        return machine;
    }

    private IEnumerable<string> OtherAccount()
    {
        Machine machine = Waiting();
        machine.Account = "labadmin";
        RunResult result = engine.Run(setup.Path, machine);
        if (result.ExitCode != 2 || !result.Warnings.Exists(w => w.Contains("password.dpapi", StringComparison.Ordinal))) yield return "nobody there: " + result.Describe();
        if (machine.Files.File(Kept) == null) yield return "what the task needs is gone";
        machine.Journal.Clear();
        machine.Questions.Clear();
        machine.Typed = Canary;
        result = engine.Run(setup.Path, machine);
        if (result.ExitCode != 0 || machine.Questions.Count != 1) yield return $"asked {machine.Questions.Count} times: {result.Describe()}";
        machine.Questions.Clear();
        foreach (string problem in Good(machine, result.Text)) yield return problem;
    }

    private IEnumerable<string> Unreadable()
    {
        Machine machine = Waiting();
        machine.Files.AddFile(Kept, 0);
        RunResult? result = engine.Run(setup.Path, machine, ("Resumed", true));
        if (result.ExitCode != 2) yield return result.Describe();
        if (machine.Tasks.Count != 1) yield return "the task gives up at once";
        result = Starts(machine, []);
        if (result?.ExitCode != 2) yield return "later: " + result?.Describe();
        if (machine.Tasks.Count + machine.HyperV.Machines.Count > 0) yield return "a task or a guest is left";
        if (machine.Files.File(Kept) != null) yield return "the file is still there";
    }

    private IEnumerable<string> GivesUp()
    {
        Machine machine = Waiting();
        for (int start = 1; start <= 3; start++)
        {
            machine.Journal.FailAll = call => call.StartsWith("New-VM ", StringComparison.Ordinal);
            RunResult result = engine.Run(setup.Path, machine, ("Resumed", true));
            if (result.ExitCode != 1) yield return $"start {start}: {result.Describe()}";
            if ((machine.Files.File(Kept) != null) != (start < 3)) yield return $"start {start}: the file is {(start < 3 ? "gone" : "left")}";
            machine.Restart();
        }
    }

    private IEnumerable<string> Nothing()
    {
        Machine machine = Blank();
        machine.HasVirtualization = false;
        Artifact(machine, []);
        if (machine.Tasks.Count > 0) yield return "a task waits";
        if (machine.Files.File(Kept) != null) yield return "the file is left";
    }

    private IEnumerable<string> NotKept()
    {
        Machine machine = Blank();
        Artifact(machine, []);
        Starts(machine, [], 1);
        RunResult result = engine.Run(steps[1].Path, machine, steps[1].Arguments);
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return "set up: " + result.Describe() + string.Join(", ", machine.Journal.Entries);
        machine = Blank();
        result = engine.Run(steps[1].Path, machine, [.. steps[1].Arguments, ("WhatIf", true)]);
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return "-WhatIf: " + result.Describe();
        result = engine.Run(steps[1].Path, machine, ("LabName", "alone"), ("PasswordBase64", "77u/"));
        if (machine.Files.File(Kept) is { Text.Length: > 0 } file && file.Text.Length < 30) yield return "nearly nothing: " + file.Text;
        foreach (string name in new[] { @"..\x", "a b", "x;y", "" })
        {
            result = engine.Run(steps[1].Path, machine, ("LabName", name), ("PasswordBase64", "eA=="));
            if (result.Errors.Count == 0) yield return $"takes the name '{name}'";
        }
    }

    private IEnumerable<string> Verify()
    {
        Machine machine = Waiting();
        var (_, findings, _) = VerifySuite.Look(engine, setup, machine);
        Finding? one = findings.Find(f => f.Kind == "password");
        if (one is not { State: "Noted", Name: Kept }) yield return "waiting: " + one;
        machine.Tasks.Clear();
        one = VerifySuite.Look(engine, setup, machine).Findings.Find(f => f.Kind == "password");
        if (one is not { State: "Differs", Name: Kept }) yield return "left: " + one;
        machine.Typed = Canary;
        if (engine.Run(setup.Path, machine) is { ExitCode: not 0 } failed) yield return failed.Describe();
        if (VerifySuite.Look(engine, setup, machine).Findings.Exists(f => f.Kind == "password")) yield return "setup.ps1 leaves it";
    }

    private IEnumerable<string> Remove()
    {
        Machine machine = Waiting();
        RunResult result = engine.Run(setup.Sibling("remove.ps1")!, machine, ("Force", true));
        if (result.ExitCode != 0) yield return result.Describe();
        if (machine.Files.File(Kept) != null || machine.Tasks.Count > 0) yield return "it is left: " + string.Join(" | ", result.Reported("Kept"));
        if (!result.Reported("Removed").Exists(l => l.Contains(Kept, StringComparison.Ordinal))) yield return "does not say so";
    }
}
