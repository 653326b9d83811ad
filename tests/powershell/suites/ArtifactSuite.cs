using System.Text;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// What DevTest Labs runs on a new machine, in its order: account.ps1, setup.ps1, restart.ps1; after the restart the start-up task.
/// </summary>
public static class ArtifactSuite
{
    private const string Name = "Zo\u00eb & co", Password = "Sesam\"\u00f6ffne\\dich 1$(x)`y`";

    public static void Run(TestLog log, PowerShellEngine engine, IEnumerable<string> builds, IEnumerable<ScriptFile> setups, CommandTable commands)
    {
        string? artifact = builds.Select(b => Path.Combine(b, "Artifacts")).Where(Directory.Exists).SelectMany(Directory.GetDirectories).FirstOrDefault();
        if (artifact == null) return;
        foreach (string name in new[] { "account.ps1", "keep-password.ps1", "restart.ps1" })
        {
            ScriptFile script = ScriptFile.Load(name, Path.Combine(artifact, name), engine);
            log.Test(name + ": parses", () => script.Errors.Select(e => $"line {e.Extent.StartLineNumber}: {e.Message}"));
            foreach (Rule rule in AuditSuite.Rules)
                log.Test($"{name}: {rule.Name}", () => rule.Check(script, commands));
        }
        string account = Path.Combine(artifact, "account.ps1"), restart = Path.Combine(artifact, "restart.ps1");
        string text = File.ReadAllText(Path.Combine(artifact, "setup.ps1"));
        ScriptFile? setup = setups.FirstOrDefault(s => s.IsSound && s.Text == Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(artifact, "setup.ps1"))));
        log.Test("artifact: its setup.ps1 is the host's", () => setup == null ? [$"none of the hosts has these {text.Length} characters"] : []);
        log.Test("account.ps1: makes an account without rights, once", () => Account(engine, account));
        log.Test("account.ps1: an account of others stays", () => Foreign(engine, account));
        log.Test("account.ps1: what a failure left is completed", () => Half(engine, account));
        log.Test("account.ps1: -WhatIf changes nothing", () => Planned(engine, account));
        log.Test("account.ps1: by hand it asks for the password, once", () => ByHand(engine, account));
        log.Test("restart.ps1: without a task and without Hyper-V it fails", () => NoTask(engine, restart));
        if (setup != null) log.Test("artifact: account, setup, restart, and the task after it", () => Whole(engine, setup, account, restart));
    }

    private static (string Name, object Value)[] Arguments(string name) =>
        [("UserBase64", Convert.ToBase64String(Encoding.UTF8.GetBytes(name))), ("PasswordBase64", Convert.ToBase64String(Encoding.UTF8.GetBytes(Password)))];

    private static IEnumerable<string> Account(PowerShellEngine engine, string account)
    {
        var machine = new Machine();
        RunResult result = engine.Run(account, machine, Arguments(Name));
        if (result.ExitCode != 0 || result.Errors.Count > 0) yield return result.Describe();
        LocalAccount? made = machine.Users.Find(u => u.Name == Name);
        if (made?.Password != Password) yield return "the password arrives as " + made?.Password;
        string groups = string.Join(' ', machine.Groups.Where(g => made != null && g.Value.Contains(made)).Select(g => g.Key).Order(StringComparer.Ordinal));
        if (groups != "S-1-5-32-545 S-1-5-32-555") yield return "its groups are " + groups;
        if (result.Text.Exists(t => t.Contains("Sesam", StringComparison.Ordinal))) yield return "the password is shown";
        if (machine.Files.All.Any(f => f.Value.Lines.Concat([f.Value.Text ?? ""]).Any(l => l.Contains("Sesam", StringComparison.Ordinal)))) yield return "the password is in a file";
        machine.Journal.Clear();
        result = engine.Run(account, machine, Arguments(Name));
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return "again: " + result.Describe() + string.Join(", ", machine.Journal.Entries);
    }

    private static IEnumerable<string> Foreign(PowerShellEngine engine, string account)
    {
        var machine = new Machine();
        RunResult result = engine.Run(account, machine, Arguments("student"));
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return result.Describe() + string.Join(", ", machine.Journal.Entries);
        if (!result.Text.Contains("The account student exists.")) yield return "does not say that it exists";
    }

    private static IEnumerable<string> Half(PowerShellEngine engine, string account)
    {
        var machine = new Machine();
        machine.Journal.FailAll = call => call.StartsWith("Add-LocalGroupMember S-1-5-32-555", StringComparison.Ordinal);
        RunResult result = engine.Run(account, machine, Arguments(Name));
        if (result.ExitCode == 0 && result.Errors.Count == 0) yield return "a failure is not said";
        machine.Journal.FailAll = null;
        result = engine.Run(account, machine, Arguments(Name));
        if (result.ExitCode != 0 || result.Errors.Count > 0) yield return "after a failure: " + result.Describe();
        if (machine.Groups.Count(g => g.Value.Exists(u => u.Name == Name)) != 2) yield return "the account is not complete";
    }

    private static IEnumerable<string> Planned(PowerShellEngine engine, string account)
    {
        var machine = new Machine();
        RunResult result = engine.Run(account, machine, [.. Arguments(Name), ("WhatIf", true)]);
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return result.Describe() + string.Join(", ", machine.Journal.Entries);
    }

    /// <summary>A person with -User, as README.md says where no artifact runs; nobody, and a planned run, ask or change nothing.</summary>
    private static IEnumerable<string> ByHand(PowerShellEngine engine, string account)
    {
        var machine = new Machine { Typed = null };
        RunResult result = engine.Run(account, machine, ("User", "ann"), ("WhatIf", true));
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0 || machine.Questions.Count > 0) yield return "-WhatIf: " + result.Describe();
        result = engine.Run(account, machine, ("User", "ann"));
        if (result.ExitCode == 0 && result.Errors.Count == 0) yield return "nobody answers, and it does not say so";
        if (machine.Users.Exists(u => u.Name == "ann")) yield return "an account without a password";
        foreach ((string typed, bool made) in new[] { ("", false), (Password, true) })
        {
            machine.Typed = typed;
            result = engine.Run(account, machine, ("User", "ann"));
            bool well = result.ExitCode == 0 && result.Errors.Count == 0;
            if (well != made || machine.Users.Exists(u => u.Name == "ann") != made) yield return $"'{typed}' typed: {result.Describe()}";
        }
        if (machine.Users.Find(u => u.Name == "ann")?.Password != Password) yield return "the password is not the typed one";
        machine.Journal.Clear();
        machine.Questions.Clear();
        result = engine.Run(account, machine, ("User", "ann"));
        if (result.ExitCode != 0 || machine.Journal.Entries.Count > 0 || machine.Questions.Count > 0) yield return "again: " + result.Describe();
    }

    private static IEnumerable<string> NoTask(PowerShellEngine engine, string restart)
    {
        var machine = new Machine();
        RunResult result = engine.Run(restart, machine, ("TaskName", "labc-x"));
        if (result.ExitCode != 1 || machine.RestartIn != null) yield return result.Describe();
        machine.Features.InstallEverything();
        result = engine.Run(restart, machine, ("TaskName", "labc-x"));
        if (result.ExitCode != 0 || machine.RestartIn != null) yield return "Hyper-V runs: " + result.Describe();
    }

    private static IEnumerable<string> Whole(PowerShellEngine engine, ScriptFile setup, string account, string restart)
    {
        Machine machine = Bench.Blank(setup);
        machine.Users.RemoveAll(u => u.Name == setup.Lab.StudentUser);
        foreach (string step in new[] { account, setup.Path, restart })
        {
            RunResult result = engine.Run(step, machine, step == account ? Arguments(setup.Lab.StudentUser) : step == restart ? [("TaskName", "labc-" + setup.Lab.Name)] : []);
            if (result.ExitCode != (step == setup.Path ? 3010 : 0) || result.Errors.Count > 0) yield return Path.GetFileName(step) + ": " + result.Describe();
        }
        if (machine.RestartIn != 60) yield return "Windows does not restart";
        RunResult twice = engine.Run(restart, machine, ("TaskName", "labc-" + setup.Lab.Name));
        if (twice.ExitCode != 0) yield return "a restart that is on its way: " + twice.Describe();
        if (machine.Tasks.Count != 1) yield return $"{machine.Tasks.Count} tasks";
        machine.Restart();
        RunResult task = engine.Run(setup.Path, machine, ("Resumed", true));
        if (task.ExitCode != 0 || task.Errors.Count > 0) yield return "the task: " + task.Describe();
        foreach (string difference in StateCheck.Differences(setup.Lab, machine)) yield return difference;
        if (machine.Tasks.Count != 0) yield return "the task stays";
        machine.Journal.Clear();
        RunResult again = engine.Run(setup.Path, machine);
        if (again.ExitCode != 0 || machine.Journal.Entries.Count > 0) yield return "again: " + again.Describe() + string.Join(", ", machine.Journal.Entries);
    }
}
