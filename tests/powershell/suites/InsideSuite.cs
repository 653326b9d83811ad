using System.Management.Automation;
using System.Security;
using System.Xml.Linq;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Cmdlets;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>The tests of services and commands in weeks/inside.yaml: who is asked, what reaches the guest, what is said about it.</summary>
public sealed class InsideSuite(PowerShellEngine engine, ScriptFile script)
{
    private readonly ScriptFile script = script;

    private const string Canary = "Kanarienvogel-7391", Cases = @"C:\verify.xml";
    private const string Hostile = "echo \"it's\" & 'x' %PATH% $(1) `n; {0} } €", Quoted = "\"C:\\Program Files\\a b\\c.exe\" \"d e\"";

    public static void Run(TestLog log, PowerShellEngine engine, string weeks)
    {
        var suite = new InsideSuite(engine, ScriptFile.FindIn(Path.Combine(weeks, "inside"), engine).First(s => s.IsSetup));
        log.Test("inside: Invoke-Command is simulated with the parameters and sets it has", TrueToTheEngine);
        log.Test("inside: the audit refuses other uses of Invoke-Command", () => Refused(engine));
        log.Test("inside: without a credential all is skipped", suite.Nobody);
        log.Test("inside: services and lines", suite.Looks);
        log.Test("inside: what differs", suite.Differs);
        log.Test("inside: a line that does not end", suite.Endless);
        log.Test("inside: a wrong password is tried once", suite.WrongPassword);
        log.Test("inside: another account", suite.OtherAccount);
        log.Test("inside: a guest that is off, and one that is booting", suite.NotUp);
        log.Test("inside: the name of an account asks for the password", suite.AskedFor);
        log.Test("inside: -From", suite.From);
        log.Test("inside: hostile keys", () => SeedSuite.Keys(engine, suite.script, "desk", "ssh-ed25519 AAAAC3Nz o'brien \"x\" & del C:\\ %PATH% $(id) `n \u2019 \u20ac", "ssh-rsa AAAAB3Nz ben"));
        log.Test("inside: a hostile password", () => SeedSuite.Passwords(engine, suite.script, "O'b\"r<i>&amp; ]]> %PATH% $(1) `n; {0} \\ \u20ac\U0001F600 "));
        log.Test("inside: a password that is left is found", suite.Left);
        log.Test("inside: a seed that is left is named", suite.SeedLeft);
        log.Test("inside: plain keys", () => SeedSuite.Keys(engine, suite.script, "dc", "ssh-ed25519 AAAAC3Nz plain"));
        log.Test("inside: a Windows without an SSH server", () => SeedSuite.Keys(engine, suite.script, "old"));
    }

    private static PSCredential Account(string name, string password = Canary)
    {
        var secure = new SecureString();
        foreach (char c in password) secure.AppendChar(c);
        return new PSCredential(name, secure);
    }

    private Machine Ready()
    {
        Machine machine = Bench.Ready(engine, script);
        var desk = new GuestInside();
        desk.Lines = line => line switch
        {
            "hostname" => (0, "desk\r\n", ""),
            "ipconfig /all" => (0, "", ""),
            Hostile => (0, "\u001b[31mred\r\nx", ""),
            _ => (9009, "", "no such command"),
        };
        desk.Services.RemoveAll(s => s.Name == "Spooler");
        desk.Services.Add(new InsideService("Spooler", "Print Spooler", ServiceState.Running));
        machine.Inside["desk"] = desk;
        machine.Inside["dc"] = new GuestInside { Lines = line => line == Quoted ? (0, "", "") : (1, "", line) };
        machine.Inside["dc"].Services.Add(new InsideService("x'; Remove-Item C:\\; '", "", ServiceState.Running));
        return machine;
    }

    private IEnumerable<string> Look(Machine machine, int code, PSCredential? account, params (string Test, string State, string Says)[] wanted)
    {
        machine.Answers = (_, _) => true;
        (string, object)[] more = account == null ? [("JUnit", Cases)] : [("GuestCredential", account), ("JUnit", Cases)];
        var (exit, findings, result) = VerifySuite.Look(engine, script, machine, more);
        if (exit != code || result.Errors.Count > 0) yield return result.Describe();
        foreach (var (test, state, says) in wanted)
        {
            Finding? one = findings.Find(f => f.Kind == "test" && f.Name == test);
            if (one?.State != state || !one.Detail.Contains(says, StringComparison.Ordinal)) yield return $"{test}: wanted {state} '{says}', has {one}";
            else if (one.Detail.Any(char.IsControl)) yield return test + ": control characters on the screen";
            else if (!one.Place.StartsWith("inside.yaml:", StringComparison.Ordinal) || !one.Place.EndsWith(".tests)", StringComparison.Ordinal)) yield return "stands at " + one.Place;
        }
        XDocument cases = XDocument.Parse(string.Join('\n', machine.Files.File(Cases)!.Lines));
        int skipped = findings.Count(f => f.State == "Noted");
        if (cases.Descendants("skipped").Count() != skipped) yield return "JUnit counts other skipped ones";
        foreach (string text in result.Text.Concat(result.Warnings).Concat(machine.Files.All.SelectMany(f => f.Value.Lines)).Where(t => t.Contains(Canary, StringComparison.Ordinal))) yield return "the password is in " + text;
        if (machine.Journal.Entries.Count > 0 || machine.Journal.Prompts.Count > 0) yield return "changes or asks something: " + string.Join(", ", machine.Journal.Entries.Concat(machine.Journal.Prompts));
    }

    private IEnumerable<string> Nobody()
    {
        Machine machine = Ready();
        List<string> wrong = [.. Look(machine, 0, null,
            ("desk: service Dnscache", "Noted", "skipped: verify.cmd -GuestCredential ann tries the service Dnscache inside of the guest"),
            ("desk: command hostname", "Noted", "skipped: verify.cmd -GuestCredential ann tries hostname"),
            ("old: service Dnscache", "Noted", "skipped: the host can look into Windows 10, Windows Server 2016 and later only"),
            ("web: service nginx", "Noted", "sign in and try the service nginx"))];
        if (machine.Knocks.Count > 0) wrong.Add("asks in " + string.Join(", ", machine.Knocks.Keys));
        return wrong;
    }

    private IEnumerable<string> Looks()
    {
        Machine machine = Ready();
        List<string> wrong = [.. Look(machine, 0, Account("Ann"),
            ("desk: service Dnscache", "Right", "the service Dnscache: as described"),
            ("desk: nobody prints", "Right", "the service print spooler: as described"),
            ("desk: command hostname", "Right", "hostname: as described"),
            ("desk: command ipconfig /all", "Right", "ipconfig /all: as described"),
            ("desk: hostile", "Right", "as described"),
            ("dc: command " + Quoted, "Noted", "skipped: the account there is ben: run verify.cmd -GuestCredential ben, too"),
            ("old: service Dnscache", "Noted", "skipped: the host can look into"),
            ("web: service nginx", "Noted", "skipped: the host can look into"))];
        string[] lines = ["hostname", "ipconfig /all", Hostile];
        if (!machine.Inside["desk"].Ran.SequenceEqual(lines)) wrong.Add("ran " + string.Join(" | ", machine.Inside["desk"].Ran));
        machine = Ready();
        wrong.AddRange(Look(machine, 0, Account("ben"),
            ("dc: service x'; Remove-Item C:\\; '", "Right", "as described"), ("dc: command " + Quoted, "Right", "as described"), ("desk: command hostname", "Noted", "the account there is ann")));
        if (!machine.Inside["dc"].Ran.SequenceEqual([Quoted])) wrong.Add("ran " + string.Join(" | ", machine.Inside["dc"].Ran));
        return wrong;
    }

    private IEnumerable<string> Left()
    {
        foreach (string secret in StateCheck.Secrets(Ready()).Append(Canary))
        {
            Machine machine = Ready();
            if (StateCheck.SecretsLeft(script.Lab, machine).Any()) yield return "something is left by itself";
            machine.Files.AddFile(@"C:\Windows\Temp\x.log", 10).Lines.Add("x " + secret + " x");
            if (!StateCheck.SecretsLeft(script.Lab, machine).SequenceEqual([@"a password is left in C:\Windows\Temp\x.log"])) yield return "not found: " + secret;
        }
    }

    private IEnumerable<string> SeedLeft()
    {
        Machine machine = Ready();
        string seed = script.Lab.Data + @"\disks\web.seed.vhdx";
        machine.Files.AddFile(seed, 4L << 20, new VirtualDisk { Size = 64L << 20, Type = VhdType.Dynamic, Format = VhdFormat.VHDX });
        machine.Answers = (_, _) => true;
        var (code, findings, result) = VerifySuite.Look(engine, script, machine);
        if (code != 4 || findings.Find(f => f.Kind == "unseed") is not { State: "Differs", Name: "web" } one || !one.Detail.Contains("seed is there, described removed", StringComparison.Ordinal))
            yield return result.Describe() + string.Join(" | ", findings.Where(f => f.Kind == "unseed"));
        result = engine.Run(script.Path, machine);
        if (result.ExitCode != 0 || machine.Files.File(seed) != null) yield return "setup.ps1 leaves it there: " + result.Describe() + string.Join(" | ", result.Text.Where(t => t.Contains("seed", StringComparison.Ordinal)));
    }

    private IEnumerable<string> Differs()
    {
        Machine machine = Ready();
        machine.Inside["desk"].Services.RemoveAll(s => s.Name == "Dnscache");
        machine.Inside["desk"].Services.RemoveAll(s => s.Name == "Spooler");
        machine.Inside["desk"].Services.Add(new InsideService("Spooler", "Print Spooler", ServiceState.Stopped));
        machine.Inside["desk"].Lines = line => line switch { "hostname" => (0, "WIN-1\r\n", "x"), Hostile => (0, "", ""), _ => (5, "one\u001b[2J\r\ntwo\r\n", "three") };
        return Look(machine, 4, Account("ann"),
            ("desk: service Dnscache", "Differs", "there is no service Dnscache"),
            ("desk: nobody prints", "Differs", "the service print spooler is Stopped"),
            ("desk: command hostname", "Differs", "hostname says WIN-1 x; described desk"),
            ("desk: command ipconfig /all", "Differs", "ipconfig /all ends with 5 and says: one [2J two three"));
    }

    private IEnumerable<string> Endless()
    {
        Machine machine = Ready();
        machine.Inside["desk"].Lines = line => line == "hostname" ? (null, "desk", "") : (0, "", "");
        List<string> wrong = [.. Look(machine, 4, Account("ann"), ("desk: command hostname", "Differs", "hostname did not end in 60 seconds"), ("desk: hostile", "Right", "as described"))];
        if (machine.Inside["desk"].Ended.Count != 1) wrong.Add("the line is left running");
        return wrong;
    }

    private IEnumerable<string> WrongPassword()
    {
        Machine machine = Ready();
        List<string> wrong = [.. Look(machine, 1, Account("ann", "other"),
            ("desk: service Dnscache", "Failed", "cannot look into the guest as ann: The credential is invalid."),
            ("desk: command hostname", "Noted", "skipped: the guest did not let us in"))];
        if (machine.Knocks.GetValueOrDefault("desk") != 1) wrong.Add($"tried {machine.Knocks.GetValueOrDefault("desk")} times: Windows locks the account");
        return wrong;
    }

    private IEnumerable<string> OtherAccount()
    {
        // servers have an Administrator with the same password; an account with a domain is meant as it stands
        Machine machine = Ready();
        List<string> wrong = [.. Look(machine, 1, Account("Administrator"), ("dc: command " + Quoted, "Right", "as described"), ("desk: service Dnscache", "Failed", "cannot look into the guest as Administrator"))];
        machine = Ready();
        foreach (SimulatedFile file in machine.Files.All.Select(f => f.Value).Where(f => f.Disk?.Accounts.Count > 0)) file.Disk!.Accounts[@"LAB\root"] = Canary;
        wrong.AddRange(Look(machine, 0, Account(@"LAB\root"), ("dc: command " + Quoted, "Right", "as described"), ("desk: command hostname", "Right", "as described")));
        return wrong;
    }

    private IEnumerable<string> NotUp()
    {
        Machine machine = Ready();
        machine.HyperV.Find("desk")!.State = VMState.Off;
        List<string> wrong = [.. Look(machine, 4, Account("ann"), ("desk: command hostname", "Noted", "skipped: the guest desk is off"))];
        if (machine.Knocks.Count > 0) wrong.Add("knocks at a guest that is off");
        machine = Ready();
        machine.HyperV.Find("desk")!.StartedAt = machine.Clock;
        wrong.AddRange(Look(machine, 1, Account("ann"), ("desk: service Dnscache", "Failed", "is its Windows up?"), ("desk: command hostname", "Noted", "skipped")));
        return wrong;
    }

    private IEnumerable<string> AskedFor()
    {
        Machine machine = Ready();
        RunResult result = engine.Run(script.Sibling("verify.ps1")!, machine, ("GuestCredential", "ann"));
        // nobody sits here: the question is all there is to see
        if (machine.Journal.Prompts.Count != 1 || result.Errors.Count != 1) yield return $"asks {machine.Journal.Prompts.Count} times; {result.Describe()}";
        if (machine.Knocks.Count > 0) yield return "goes on without a password";
    }

    private IEnumerable<string> From()
    {
        var other = new Machine { Elevated = false };
        RunResult result = engine.Run(script.Sibling("verify.ps1")!, other, ("From", "10.0.0.8"), ("GuestCredential", Account("ann")));
        if (result.ExitCode != 0 || !result.Warnings.Exists(w => w.Contains("on the lab VM", StringComparison.Ordinal))) yield return result.Describe();
        if (other.Knocks.Count > 0) yield return "knocks";
    }

    /// <summary>The engine has the real command: what the simulated one takes, it takes, in the same sets.</summary>
    private static IEnumerable<string> TrueToTheEngine()
    {
        Dictionary<string, List<ParameterAttribute>> real = Sets(typeof(Microsoft.PowerShell.Commands.InvokeCommandCommand));
        foreach (var (name, own) in Sets(typeof(InvokeCommand)))
        {
            if (!real.TryGetValue(name, out List<ParameterAttribute>? theirs))
            {
                yield return "Invoke-Command has no -" + name;
                continue;
            }
            foreach (ParameterAttribute one in own)
            {
                ParameterAttribute? there = theirs.Find(t => t.ParameterSetName == one.ParameterSetName || t.ParameterSetName == ParameterAttribute.AllParameterSets) ?? (one.ParameterSetName == ParameterAttribute.AllParameterSets ? theirs[0] : null);
                if (there == null) yield return $"-{name} is not in the set {one.ParameterSetName}";
                else if (there.Mandatory != one.Mandatory) yield return $"-{name} in {one.ParameterSetName}: mandatory is {there.Mandatory}";
            }
        }
    }

    private static Dictionary<string, List<ParameterAttribute>> Sets(Type type) => type.GetProperties().GroupBy(p => p.Name)
        .Select(g => (g.Key, Found: g.First().GetCustomAttributes(typeof(ParameterAttribute), true).Cast<ParameterAttribute>().ToList()))
        .Where(p => p.Found.Count > 0).ToDictionary(p => p.Key, p => p.Found);

    private static IEnumerable<string> Refused(PowerShellEngine engine)
    {
        const string Right = "param($Vm, $C, $T)\nInvoke-Command -VMId $Vm.Id -Credential $C -ErrorAction Stop -ArgumentList $T -ScriptBlock { param($T) Get-Service; $a = $T; $a }";
        (string What, string Text)[] wrong =
        [
            ("a remote machine", Right.Replace("-VMId $Vm.Id", "-ComputerName $T", StringComparison.Ordinal)),
            ("a name, which is a wildcard", Right.Replace("-VMId $Vm.Id", "-VMName $T", StringComparison.Ordinal)),
            ("no credential", Right.Replace("-Credential $C ", "", StringComparison.Ordinal)),
            ("a block from elsewhere", Right[..Right.IndexOf('{', StringComparison.Ordinal)] + "$T"),
            ("a block made of text", Right[..Right.IndexOf('{', StringComparison.Ordinal)] + "([scriptblock]::Create($T))"),
            ("a variable of the script", Right.Replace("Get-Service", "$Lab", StringComparison.Ordinal)),
            ("$using", Right.Replace("Get-Service", "$using:T", StringComparison.Ordinal)),
            ("a command made of text", Right.Replace("Get-Service", "& $T", StringComparison.Ordinal)),
            ("another command", Right.Replace("Get-Service", "Invoke-Expression $T", StringComparison.Ordinal)),
            ("more than it needs", Right.Replace("-ErrorAction Stop", "-ErrorAction Stop -AsJob", StringComparison.Ordinal)),
        ];
        foreach (string reason in Audit(engine, Right)) yield return "the right one: " + reason;
        foreach (var (what, text) in wrong.Where(w => !Audit(engine, w.Text).Any())) yield return what + " is let through";
    }

    private static List<string> Audit(PowerShellEngine engine, string text)
    {
        string path = Path.Combine(Path.GetTempPath(), $"labc-{Guid.NewGuid():N}", "host", "verify.ps1");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        try
        {
            return [.. new CommandsInGuestsAreConstant().Check(ScriptFile.Load("verify.ps1", path, engine), CommandTable.Load(null))];
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(path))!, true);
        }
    }
}
