using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Cmdlets;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>Are the simulation and its table true to the contract, and does the engine behave as the tests assume?</summary>
public static class SelfChecks
{
    public static void Run(TestLog log, PowerShellEngine engine, CommandTable commands)
    {
        if (commands.FromContract) log.Test("the simulated commands agree with the contract", () => AgainstContract(commands));
        log.Test("binary cmdlets see a script's -WhatIf, functions of modules do not", () => Preferences(engine));
        log.Test("a process that dies is caught by no script", () => Death(engine));
        log.Test("a removal without a filter removes all", () => FilterlessRemoval(engine));
        log.Test("a question counts as a hang", () => Question(engine));
    }

    private static IEnumerable<string> AgainstContract(CommandTable commands)
    {
        foreach (KnownCommand simulated in CommandTable.Simulated().Values)
        {
            KnownCommand? real = commands.Find(simulated.Name);
            if (real == null) yield return simulated.Name + " is not in the contract";
            else if (real.Module != simulated.Module) yield return $"{simulated.Name} is in {real.Module}";
            else if (real.IsFunction != simulated.IsFunction) yield return $"{simulated.Name}: function or cmdlet?";
            else if (real.ShouldProcess != simulated.ShouldProcess) yield return $"{simulated.Name}: ShouldProcess is {real.ShouldProcess}";
            else
            {
                foreach (string parameter in simulated.Parameters.Keys.Where(p => !real.Parameters.ContainsKey(p))) yield return $"{simulated.Name} has no -{parameter}";
            }
        }
    }

    private static IEnumerable<string> Preferences(PowerShellEngine engine)
    {
        var machine = new Machine();
        machine.Features.InstallEverything();
        machine.Journal.Clear();
        RunResult result = RunText(engine, machine, """
            [CmdletBinding(SupportsShouldProcess = $true)] param()
            $ErrorActionPreference = 'Stop'
            Hyper-V\New-VMSwitch -Name 'x' -SwitchType Internal
            NetNat\New-NetNat -Name 'x' -InternalIPInterfaceAddressPrefix '10.1.0.0/16'
            """, ("WhatIf", true));
        if (machine.HyperV.Switches.Count != 0) yield return "New-VMSwitch did not see -WhatIf";
        if (machine.Network.Nats.Count != 1) yield return "New-NetNat saw -WhatIf: " + result.Describe();
    }

    private static IEnumerable<string> Death(PowerShellEngine engine)
    {
        var machine = new Machine();
        machine.Journal.DieAfter = 1;
        RunResult result = RunText(engine, machine, @"try { New-Item -Path 'C:\a' -ItemType Directory } catch { $null = 1 }; New-Item -Path 'C:\b' -ItemType Directory");
        if (!result.Killed || machine.Files.HasFolder(@"C:\b")) yield return "the script went on";
    }

    private static IEnumerable<string> FilterlessRemoval(PowerShellEngine engine)
    {
        var machine = new Machine();
        machine.Features.InstallEverything();
        machine.Network.NewNat("somebody", "172.20.0.0/16");
        RunText(engine, machine, "NetNat\\Remove-NetNat -Confirm:$false");
        if (machine.Network.Nats.Count != 0) yield return "the NAT is still there";
    }

    private static IEnumerable<string> Question(PowerShellEngine engine)
    {
        var machine = new Machine();
        machine.Features.InstallEverything();
        machine.Journal.Clear();
        machine.Network.NewNat("somebody", "172.20.0.0/16");
        RunText(engine, machine, "NetNat\\Remove-NetNat -Name 'somebody' -ErrorAction Stop");
        if (machine.Journal.Prompts.Count == 0) yield return "Remove-NetNat did not ask";
    }

    public static RunResult RunText(PowerShellEngine engine, Machine machine, string text, params (string, object)[] arguments)
    {
        string path = Path.Combine(Path.GetTempPath(), $"labc-{Guid.NewGuid():N}.ps1");
        File.WriteAllText(path, text);
        try
        {
            return engine.Run(path, machine, arguments);
        }
        finally
        {
            File.Delete(path);
        }
    }
}

/// <summary>The bytes of the files: what Windows PowerShell 5.1 needs to read them as they were meant.</summary>
public static class TextSuite
{
    public const int MostBytes = 100 * 1024;

    public static void Run(TestLog log, List<ScriptFile> scripts, List<ScriptFile> attacks)
    {
        foreach (ScriptFile script in scripts.Concat(attacks))
        {
            log.Test(script.Name + ": bytes", () => Lines(script));
            log.Test(Path.ChangeExtension(script.Name, "cmd"), () => Command(Path.ChangeExtension(script.Path, "cmd")));
        }
        foreach (ScriptFile script in scripts.Where(s => s.IsSound && s.Lab.Guests.Count <= 10))
            log.Test(script.Name + ": below 100 KiB", () => script.Bytes.Length >= MostBytes ? [$"{script.Bytes.Length} bytes"] : []);
        foreach (var kind in scripts.Concat(attacks).GroupBy(s => s.FileName))
        {
            log.Test($"the constant part is the same in all {kind.Key}", () => Constant([.. kind]));
            log.Test($"a part is the same in all {kind.Key} that have it", () => Parts([.. kind]));
        }
    }

    /// <summary>Between the table and the end of the lab's data there are parts and nothing else; one of a name is the same everywhere.</summary>
    private static IEnumerable<string> Parts(List<ScriptFile> all)
    {
        Dictionary<string, string> known = [];
        foreach (ScriptFile script in all.Where(s => s.TableAst != null))
        {
            string behind = script.Text[script.TableAst!.Extent.EndOffset..(script.Text.Length - script.Tail.Length)];
            if (behind.Trim() != string.Join("", script.Parts.Select(p => "# --- part " + p.Text)).Trim()) yield return script.Name + ": code that is in no part";
            foreach (var (name, text) in script.Parts)
            {
                if (!known.TryAdd(name, text.Trim()) && known[name] != text.Trim()) yield return $"{script.Name}: another part {name}";
            }
        }
    }

    private static IEnumerable<string> Lines(ScriptFile script)
    {
        foreach (string reason in Plain(script.Bytes)) yield return reason;
        string[] lines = script.Text.Split("\r\n");
        int at = 0;
        for (int i = 0; i < lines.Length; at += lines[i].Length + 2, i++)
        {
            if (lines[i].Length > 0 && lines[i][^1] is ' ' or '\t') yield return $"line {i + 1} ends with a blank";
            // a line of the table is one name and one literal, or a row of them, which cannot be broken
            bool literal = (lines[i].StartsWith("\t\t, @('", StringComparison.Ordinal) || lines[i].TrimStart('\t', ' ', '@', '{').Split('=')[0].Trim().All(char.IsAsciiLetter)) && at >= script.Head.Length && at < script.Text.Length - script.Tail.Length;
            if (lines[i].Length >= 120 && !literal) yield return $"line {i + 1} has {lines[i].Length} characters";
        }
    }

    /// <summary>ASCII only (read alike in every code page), CRLF only, an end of line at the end.</summary>
    private static IEnumerable<string> Plain(byte[] bytes)
    {
        if (bytes.Length == 0) yield return "empty";
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] > 126 || (bytes[i] < 32 && bytes[i] is not (13 or 10 or 9))) yield return $"byte {bytes[i]} at {i}";
            if (bytes[i] == 10 && (i == 0 || bytes[i - 1] != 13)) yield return $"a lone LF at {i}";
            if (bytes[i] == 13 && (i + 1 == bytes.Length || bytes[i + 1] != 10)) yield return $"a lone CR at {i}";
        }
        if (bytes.Length < 2 || bytes[^1] != 10 || (bytes.Length > 3 && bytes[^3] == 10)) yield return "does not end with exactly one end of line";
    }

    private static IEnumerable<string> Command(string path)
    {
        if (!File.Exists(path)) return ["is missing"];
        string text = Encoding.Latin1.GetString(File.ReadAllBytes(path));
        return [.. Plain(File.ReadAllBytes(path)),
            .. text.Contains("-ExecutionPolicy Bypass -File \"%LABC_SCRIPT%\"", StringComparison.Ordinal) ? Array.Empty<string>() : ["does not start the script with its own policy"],
            .. text.Contains("-Verb RunAs", StringComparison.Ordinal) ? Array.Empty<string>() : ["does not ask for elevation"],
            .. text.Contains("pause", StringComparison.Ordinal) ? Array.Empty<string>() : ["does not keep the window"]];
    }

    private static IEnumerable<string> Constant(List<ScriptFile> all)
    {
        foreach (ScriptFile script in all)
        {
            if (!script.HasMarkers) yield return script.Name + ": no data table";
            else if (Hash(script) != Hash(all[0])) yield return $"{script.Name} differs from {all[0].Name} outside the table";
            else if (Hash(script) != InManifest(script)) yield return $"{script.Name}: manifest.json says {InManifest(script)}, it is {Hash(script)}";
        }
    }

    /// <summary>Without the lines of the table, as SPEC.md defines it.</summary>
    private static string Hash(ScriptFile script) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(script.Head + script.Tail[(script.Tail.IndexOf('\n', StringComparison.Ordinal) + 1)..])));

    private static string? InManifest(ScriptFile script)
    {
        string folder = Path.GetDirectoryName(script.Path)!;
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "..", "manifest.json")));
        string name = Path.GetFileName(folder) + '/' + script.FileName;
        return manifest.RootElement.GetProperty("files").EnumerateArray().First(f => f.GetProperty("path").GetString() == name).GetProperty("constant_sha256").GetString();
    }
}

/// <summary>The rules about syntax and commands, one by one, for every script.</summary>
public static class AuditSuite
{
    public static readonly Rule[] Rules = [.. typeof(Rule).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Rule))).OrderBy(t => t.Name, StringComparer.Ordinal)
        .Select(t => (Rule)Activator.CreateInstance(t)!)];

    public static void Run(TestLog log, IEnumerable<ScriptFile> scripts, CommandTable commands)
    {
        foreach (ScriptFile script in scripts)
        {
            log.Test(script.Name + ": parses", () => script.Errors.Select(e => $"line {e.Extent.StartLineNumber}: {e.Message}"));
            log.Test(script.Name + ": the table holds literals only", () => script.TableAst == null ? ["no table"] : TableRules.Check(script.TableAst));
        }
        // the constant part is the same everywhere, so its rules are asked once for each text
        foreach (ScriptFile script in scripts.DistinctBy(s => s.Head + string.Concat(s.Parts.Select(p => p.Text)) + s.Tail))
        {
            foreach (Rule rule in Rules) log.Test($"{script.Name}: {rule.Name}", () => rule.Check(script, commands));
        }
    }
}
