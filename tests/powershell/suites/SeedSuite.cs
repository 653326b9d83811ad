using System.Collections;
using System.Management.Automation.Language;
using System.Security;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>Passwords and seeds: who is asked, what is written, and that nothing secret is left anywhere.</summary>
public static class SeedSuite
{
    private const string Canary = "Kanarienvogel-7391";

    /// <summary>Made by `openssl passwd -6 -salt saltstring`: short, around the length of a digest, longer, beyond ASCII.</summary>
    private static readonly (string Text, string Crypt)[] Vectors =
    [
        ("a", "$6$saltstring$MO53nAXQUKXVLlsbiXyPgMsR6q10N7eF7sPvanwdXnEeCj5kE3eYaRvFv0wVW1UZ4SnNTzc1v4OCOq1ASDQZY0"),
        ("Hello world!", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"),
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "$6$saltstring$GqYQzkALZb2XssQ4JYO6h8OrGdbnVbVYuv8o5IjS4NL5PdNZa6jJUI7Mtn5dACTZNWwg0cVBqpsM2a3EPYUg1/"),
        ("yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", "$6$saltstring$V3nU/DMyyQP2aRAcH7K596A2xB.7dfmhK4kR9Zss6FSu1umnLe.GFTVXRwVNKHaJGTg2Qv5LZW1gZe0q3Ir1X."),
        ("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "$6$saltstring$5ybynPRslmeDZdyuVGHr1ncGvw66TmmrVkFyo7hKqyQnKVTKz3urhgrgx8WqzIRFEQ29.PRiF7BDmG60DJt800"),
        ("abcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabcabc", "$6$saltstring$nsPBg6YKuXx57hl9ZO1X0Ed0R7TiWlrdDf5wbYqmBGQZq9oB9pa0aM4FvvLD8MFwWwM2MzADHo0oDhXBaSz7X."),
        ("Grüße, \"Welt\" '$x`;€😀", "$6$saltstring$GnoiFMMhzZU8QIpALOLea07AEzPsfKmDQIywSeTUYzaB.ohtvtmb2/F2YVO90Yy54P.U9vKFK.7QhJE1NrU9L/"),
    ];

    public static void Run(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        log.Test(script.Name + ": no password is left anywhere", () => NothingLeft(engine, script));
        if (script.TableAst!.Extent.Text.Contains(", 'DNS', ", StringComparison.Ordinal))
            log.Test(script.Name + ": a machine without DNS servers is named, and goes on when it has one", () => NoServers(engine, script));
        Hashtable? guest = script.Lab.Guests.Find(g => (bool)g["Ask"]! && !(bool)g["OnDemand"]!);
        if (guest == null) return;
        // where the script makes the drive that the images will be on, it has nothing to ask for yet
        if (guest["Url"] != null || Bench.Blank(script).WhileRestarting.Count == 0)
            log.Test(script.Name + ": without a person and a password nothing is changed", () => NobodyThere(engine, script));
        log.Test(script.Name + ": -GuestPassword is used, nobody is asked", () => HandedOver(engine, script));
        log.Test(script.Name + ": -WhatIf asks nobody", () => WhatIf(engine, script));
        if (script.Lab.Guests.Find(g => (string)g["Configure"]! == "cloud-init" && g["Image"] is string && g["Url"] == null && LabTable.Items(g["Ports"]).Any()) is { } linux)
            log.Test(script.Name + ": an image without cloud-init is found out", () => Deaf(engine, script, linux));
    }

    /// <summary>Once for all scripts: the function is the same in each.</summary>
    public static void Crypt(TestLog log, PowerShellEngine engine, ScriptFile script)
    {
        string function = script.All<FunctionDefinitionAst>().First(f => f.Name == "ConvertTo-LabCrypt").Extent.Text;
        foreach (var (text, crypt) in Vectors)
        {
            log.Test($"the crypt of {text.Length} characters", () =>
            {
                string literal = text.Replace("'", "''", StringComparison.Ordinal);
                string have = engine.Evaluate($"{function}\nConvertTo-LabCrypt -Text '{literal}' -Salt 'saltstring'")?.ToString() ?? "";
                return have == crypt ? [] : [have];
            });
        }
    }

    /// <summary>The keys of a Windows guest arrive as they stand in the spec, whatever they hold, and its SSH server answers.</summary>
    public static IEnumerable<string> Keys(PowerShellEngine engine, ScriptFile script, string guest, params string[] keys)
    {
        Machine machine = Bench.Ready(engine, script);
        VirtualMachine vm = machine.HyperV.Find(guest)!;
        VirtualDisk? disk = GuestSystem.Windows(machine, vm);
        if (disk == null) yield return guest + " does not run";
        else if (!disk.Keys.SequenceEqual(keys)) yield return "takes the keys " + string.Join(" | ", disk.Keys);
        else if (GuestSystem.Answers(machine, disk.Address, 22) != keys.Length > 0) yield return "SSH: " + (keys.Length > 0 ? "no answer" : "somebody answers");
    }

    private static IEnumerable<string> NothingLeft(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        machine.Typed = Canary;
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        if (machine.Questions.Count > 1) yield return $"asked {machine.Questions.Count} times";
        if (machine.Questions.Count == 1 && !machine.Questions[0].Contains("assword", StringComparison.Ordinal)) yield return "asks: " + machine.Questions[0];
        bool asked = script.Lab.Guests.Exists(g => (bool)g["Ask"]! && !(bool)g["OnDemand"]! && LabTable.List(g["Disks"]).Exists(d => machine.Files.File((string)d["Path"]!)?.Disk?.Password.Length > 0));
        if (asked && machine.Questions.Count == 0) yield return "a guest has a password that nobody was asked for";
        HashSet<string> secrets = StateCheck.Secrets(machine);
        foreach (string text in (string[])[.. result.Text, .. result.Warnings, .. result.Errors, .. machine.Journal.Entries, .. machine.Questions])
        {
            if (secrets.Any(s => text.Contains(s, StringComparison.Ordinal))) yield return "a password is left in what was said: " + text.Split(' ')[0];
        }
        foreach (string left in StateCheck.SecretsLeft(script.Lab, machine)) yield return left;
    }

    /// <summary>A password arrives as it was typed, whatever it holds: in answer files encoded, for Linux as its hash.</summary>
    public static IEnumerable<string> Passwords(PowerShellEngine engine, ScriptFile script, string password)
    {
        Machine machine = Bench.Blank(script);
        machine.Typed = password;
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        string function = script.All<FunctionDefinitionAst>().First(f => f.Name == "ConvertTo-LabCrypt").Extent.Text;
        foreach (Hashtable guest in script.Lab.Guests.Where(g => (bool)g["Ask"]!))
        {
            VirtualDisk disk = machine.Files.File(machine.HyperV.Find((string)guest["Name"]!)!.Disks[0].Path!)!.Disk!;
            if ((string)guest["Configure"]! == "unattend")
            {
                if (disk.Accounts.Count == 0 || disk.Accounts.Values.Any(p => p != password)) yield return $"{guest["Name"]} has {string.Join(", ", disk.Accounts)}";
                continue;
            }
            string salt = disk.Password.Split('$').ElementAtOrDefault(2) ?? "", literal = password.Replace("'", "''", StringComparison.Ordinal);
            string want = engine.Evaluate($"{function}\nConvertTo-LabCrypt -Text '{literal}' -Salt '{salt}'")?.ToString() ?? "";
            if (salt.Length < 16 || disk.Password != want) yield return $"{guest["Name"]} has {disk.Password}";
        }
        foreach (string left in StateCheck.SecretsLeft(script.Lab, machine)) yield return left;
    }

    private static IEnumerable<string> NobodyThere(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        machine.Typed = null;
        machine.Journal.Clear();
        RunResult result = engine.Run(script.Path, machine);
        if (result.ExitCode != 2) yield return result.Describe();
        if (machine.Journal.Entries.Count > 0) yield return "calls " + machine.Journal.Entries[0];
        if (machine.LogWritten) yield return "writes a log";
        if (!result.Warnings.Exists(w => w.Contains("-GuestPassword", StringComparison.Ordinal))) yield return "does not say how: " + string.Join(" | ", result.Warnings);
    }

    private static IEnumerable<string> HandedOver(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        machine.Typed = null;
        using var password = new SecureString();
        foreach (char c in Canary) password.AppendChar(c);
        RunResult result = Bench.Complete(engine, script, machine, ("GuestPassword", password));
        if (result.ExitCode != 0) yield return result.Describe();
        if (machine.Questions.Count > 0) yield return "asks " + machine.Questions[0];
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
    }

    private static IEnumerable<string> NoServers(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        List<string> servers = [.. machine.Network.Resolvers];
        machine.Network.Resolvers.Clear();
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 1 || !result.Reported("Failed").Exists(t => t.Contains("no DNS server", StringComparison.Ordinal))) yield return result.Describe();
        machine.Network.Resolvers.AddRange(servers);
        result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 0) yield return result.Describe();
        foreach (string difference in StateCheck.Differences(script.Lab, machine)) yield return difference;
    }

    private static IEnumerable<string> WhatIf(PowerShellEngine engine, ScriptFile script)
    {
        Machine machine = Bench.Blank(script);
        machine.Features.InstallEverything();
        RunResult result = engine.Run(script.Path, machine, ("WhatIf", true));
        if (result.ExitCode != 0) yield return result.Describe();
        if (machine.Questions.Count > 0) yield return "asks " + machine.Questions[0];
    }

    private static IEnumerable<string> Deaf(PowerShellEngine engine, ScriptFile script, Hashtable guest)
    {
        Machine machine = Bench.Blank(script);
        foreach (var (path, file) in machine.Files.All.Where(f => f.Key.StartsWith((string)guest["Image"]! + ".", StringComparison.OrdinalIgnoreCase))) file.Disk!.System = SystemKind.ByHand;
        RunResult result = Bench.Complete(engine, script, machine);
        if (result.ExitCode != 1) yield return result.Describe();
        if (!result.Reported("Failed").Exists(l => l.Contains("closed", StringComparison.Ordinal) && l.Contains((string)guest["Name"]!, StringComparison.Ordinal))) yield return "does not say what is wrong: " + result.Describe();
    }
}
