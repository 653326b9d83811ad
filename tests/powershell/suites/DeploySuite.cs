using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using System.Text.Json;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Cmdlets;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// deploy.ps1 and destroy.ps1: audited like every script, and run by the engine with a function in the place of the
/// Azure CLI and somebody who answers what they ask. The sh scripts have the same tests in tests/azure.sh.
/// </summary>
public static class DeploySuite
{
    private const string Canary = "Sesam\"öffne\\dich 1$(x)`y`";

    public static void Run(TestLog log, PowerShellEngine engine, IEnumerable<string> builds, CommandTable commands)
    {
        string? vm = Find(builds, "azure-vm"), service = Find(builds, "lab-services");
        foreach (string build in new[] { vm, service }.OfType<string>().Take(1))
        {
            foreach (string name in new[] { "deploy.ps1", "destroy.ps1" })
            {
                ScriptFile script = ScriptFile.Load(name, Path.Combine(build, name), engine);
                log.Test(name + ": parses", () => script.Errors.Select(e => $"line {e.Extent.StartLineNumber}: {e.Message}"));
                log.Test(name + ": pure ASCII with CRLF", () => script.Bytes.Any(b => b > 126) || script.Text.Replace("\r\n", "").Contains('\n') ? ["it is not"] : []);
                // az is no command of Windows and has no parameter names
                foreach (Rule rule in AuditSuite.Rules)
                    log.Test($"{name}: {rule.Name}", () => rule.Check(script, commands).Where(m => !m.Contains(": unknown command az") && !m.Contains(": az ")));
            }
        }
        if (vm != null) Machines(log, vm);
        if (builds.FirstOrDefault(b => Secrets(b).Contains("guestPassword")) is { } guests) Guests(log, guests);
        if (service != null) Service(log, service);
    }

    private static void Machines(TestLog log, string build)
    {
        log.Test("deploy.ps1: looks, asks, does", () => Deploys(build));
        log.Test("deploy.ps1: not wanted", () => Expect(new Session(build, Answers(build, "no")).Deploy(), 2, "what-if", "create"));
        log.Test("deploy.ps1: -WhatIf only looks", () => Expect(new Session(build, Answers(build)).Deploy(("WhatIf", true)), 0, "what-if", "create"));
        log.Test("deploy.ps1: a weak password", () => Expect(new Session(build, "short").Deploy(), 1, "exists", "what-if"));
        log.Test("deploy.ps1: passwords that differ", () => Expect(new Session(build, Canary, Canary + "x").Deploy(), 1, "exists", "what-if"));
        log.Test("deploy.ps1: no group, no region", () => Expect(new Session(build) { GroupExists = "false" }.Deploy(), 1, "exists", "create"));
        log.Test("deploy.ps1: no group, a region", () => MakesGroup(build));
        log.Test("deploy.ps1: Azure says no to looking", () => Expect(new Session(build, Answers(build, "yes")) { Fails = "what-if" }.Deploy(), 1, "what-if", "create"));
        log.Test("deploy.ps1: not signed in", () => Expect(new Session(build) { Fails = "show" }.Deploy(), 2, "show", "exists"));
        foreach (string group in new[] { "a b", "x;reboot", "$(reboot)", "-g", "it's", "x&y", "x." })
            log.Test($"deploy.ps1: the group {group}", () => Refused(new Session(build).Deploy(group)));
        log.Test("destroy.ps1: deletes after the name was typed", () => Destroys(build));
        log.Test("destroy.ps1: another name", () => Expect(Resources(new Session(build, "cross-lab")).Destroy(), 2, "list", "delete"));
        log.Test("destroy.ps1: -WhatIf only lists", () => Expect(Resources(new Session(build)).Destroy(("WhatIf", true)), 0, "list", "delete"));
        log.Test("destroy.ps1: nothing there", () => Expect(new Session(build).Destroy(), 0, "list", "delete"));
        log.Test("destroy.ps1: something is stuck", () => Expect(Resources(new Session(build, Lab(build)), "Microsoft.Network/natGateways/stuck").Destroy(), 1, "delete", "nothing"));
    }

    /// <summary>What the password of guests must be is their matter; typed twice it is all the same.</summary>
    private static void Guests(TestLog log, string build)
    {
        string[] before = [.. Secrets(build).TakeWhile(s => s != "guestPassword").SelectMany(_ => new[] { Canary, Canary })];
        string[] after = [.. Secrets(build).SkipWhile(s => s != "guestPassword").Skip(1).SelectMany(s => s.EndsWith("Password", StringComparison.Ordinal) ? [Canary, Canary] : new[] { Canary })];
        log.Test("deploy.ps1: a short password of guests", () => Expect(new Session(build, [.. before, "ab", "ab", .. after, "yes"]).Deploy(), 0, "create", "nothing"));
        log.Test("deploy.ps1: passwords of guests that differ", () => Expect(new Session(build, [.. before, "ab", "ac"]).Deploy(), 1, "exists", "what-if"));
        log.Test("deploy.ps1: no password of guests", () => Expect(new Session(build, [.. before, "", ""]).Deploy(), 1, "exists", "what-if"));
        log.Test("deploy.ps1: a password of guests that is too long", () => Expect(new Session(build, [.. before, new string('a', 128)]).Deploy(), 1, "exists", "what-if"));
    }

    private static List<string> Secrets(string build)
    {
        string file = Path.Combine(build, "deploy.json");
        if (!File.Exists(file)) return [];
        using JsonDocument data = JsonDocument.Parse(File.ReadAllText(file));
        return [.. data.RootElement.GetProperty("secrets").EnumerateArray().Select(s => s.GetString()!)];
    }

    private static void Service(TestLog log, string build) =>
        log.Test("deploy.ps1: Lab Services by the real clock", () =>
        {
            // this machine's own clock decides: before the end it goes on to the password, after it nothing is called
            Session session = new(build, "short");
            session.Deploy();
            bool over = DateTime.UtcNow.Date > new DateTime(2027, 6, 28);
            return over == session.Called("exists") ? [$"over: {over}, {session.Describe()}"] : [];
        });

    private static IEnumerable<string> Deploys(string build)
    {
        Session session = new Session(build, Answers(build, "yes")).Deploy(("Count", 1));
        foreach (string problem in Expect(session, 0, "create", "nothing")) yield return problem;
        List<string[]> calls = session.Calls;
        string[] looked = calls.Find(c => c.Contains("what-if")) ?? [], done = calls.Find(c => c.Contains("create")) ?? [];
        if (calls.IndexOf(looked) > calls.IndexOf(done)) yield return "it did before it looked";
        if (!done.Contains("seats=1") || !done.Contains("@azuredeploy.parameters.json") || !done.Contains(Lab(build))) yield return string.Join(" ", done);
        if (calls.Any(c => c.Any(a => a.Contains("Sesam")))) yield return "the password is on a command line";
        string secret = session.Files["@secret.json"];
        using JsonDocument document = JsonDocument.Parse(secret);
        string? value = document.RootElement.GetProperty("parameters").GetProperty("adminPassword").GetProperty("value").GetString();
        if (value != Canary) yield return "the password arrives as " + value;
        if (session.Text.Any(t => t.Contains("Sesam"))) yield return "the password is shown";
        if (session.Folder.Length == 0 || Directory.Exists(session.Folder)) yield return "its folder stays: " + session.Folder;
        if (!session.Text.Any(t => t.Contains("vCPUs of the quota"))) yield return "it does not say what is needed";
    }

    private static IEnumerable<string> MakesGroup(string build)
    {
        Session session = new Session(build, ["yes", .. Answers(build, "yes")]) { GroupExists = "false" }.Deploy(("Region", "westeurope"));
        foreach (string problem in Expect(session, 0, "create", "nothing")) yield return problem;
        if (session.Calls.Count(c => c.Contains("create")) != 2) yield return session.Describe();
    }

    private static IEnumerable<string> Destroys(string build)
    {
        Session session = Resources(new Session(build, Lab(build))).Destroy();
        foreach (string problem in Expect(session, 0, "delete", "nothing")) yield return problem;
        if (session.Calls.Count(c => c.Contains("delete")) != 3) yield return session.Describe();
        if (!session.Calls.First(c => c.Contains("delete")).Any(a => a.Contains("/virtualMachines/"))) yield return "machines go first";
        if (!session.Calls.Any(c => c.Contains($"[?tags.labc=='{Lab(build)}'].id"))) yield return "the tag is not asked for";
    }

    /// <summary>Each password of the lab, twice, and what is said then.</summary>
    private static string[] Answers(string build, params string[] then)
    {
        using JsonDocument data = JsonDocument.Parse(File.ReadAllText(Path.Combine(build, "deploy.json")));
        return [.. data.RootElement.GetProperty("secrets").EnumerateArray().SelectMany(_ => new[] { Canary, Canary }), .. then];
    }

    private static IEnumerable<string> Expect(Session session, int code, string called, string never)
    {
        if (session.Code != code) yield return $"exit {session.Code}, expected {code}: {session.Describe()}";
        if (!session.Called(called)) yield return $"az {called} was not called: {session.Describe()}";
        if (session.Called(never)) yield return $"az {never} was called";
    }

    private static IEnumerable<string> Refused(Session session) =>
        session.Calls.Count > 0 || !session.Describe().Contains("Cannot validate argument") ? ["it was not refused: " + session.Describe()] : [];

    private static Session Resources(Session session, params string[] more)
    {
        foreach (string name in new[] { "Microsoft.Network/virtualNetworks/net", "Microsoft.Compute/virtualMachines/vm-1", "Microsoft.Compute/virtualMachines/vm-2" }.Concat(more))
            session.Tagged.Add("/subscriptions/s/resourceGroups/class/providers/" + name);
        return session;
    }

    private static string Lab(string build) => JsonDocument.Parse(File.ReadAllText(Path.Combine(build, "deploy.json"))).RootElement.GetProperty("lab").GetString()!;

    private static string? Find(IEnumerable<string> builds, string target) => builds.FirstOrDefault(b =>
        Path.Combine(b, "deploy.json") is var file && File.Exists(file) && File.ReadAllText(file).Contains($"\"target\": \"{target}\""));

    /// <summary>One run of a script: the answers that will be given, and what came of it.</summary>
    private sealed class Session(string build, params string[] answers)
    {
        public string GroupExists { get; init; } = "true";

        public string Fails { get; init; } = "";

        public List<string> Tagged { get; } = [];

        public List<string[]> Calls { get; } = [];

        public Dictionary<string, string> Files { get; } = [];

        public string Folder { get; private set; } = "";

        public List<string> Text { get; private set; } = [];

        public int Code { get; private set; } = -1;

        private List<string> problems = [];

        public bool Called(string word) => Calls.Any(c => c.Contains(word));

        public string Describe() => $"exit {Code}; calls: {string.Join(" | ", Calls.Select(c => string.Join(' ', c)))}; {string.Join(" | ", problems)}";

        public Session Deploy(params (string, object)[] more) => Start("deploy.ps1", "class", more);

        public Session Deploy(string group) => Start("deploy.ps1", group, []);

        public Session Destroy(params (string, object)[] more) => Start("destroy.ps1", "class", more);

        /// <summary>The Azure CLI, started in a folder: its output, or null when it fails.</summary>
        public string[]? Answer(string place, object[] arguments)
        {
            string[] call = [.. arguments.Select(a => a.ToString()!)];
            Calls.Add(call);
            if (call.Contains("what-if")) Folder = place;
            foreach (string file in call.Where(a => a.StartsWith('@'))) Files[file] = File.ReadAllText(Path.Combine(place, file[1..]));
            if (Fails.Length > 0 && call.Contains(Fails)) return null;
            if (call.Contains("exists")) return [GroupExists];
            if (call.Contains("list")) return [.. Tagged];
            if (!call.Contains("delete")) return [];
            string id = call[Array.IndexOf(call, "--ids") + 1];
            if (id.EndsWith("/stuck", StringComparison.Ordinal)) return null;
            Tagged.Remove(id);
            return [];
        }

        private Session Start(string script, string group, (string Name, object Value)[] more)
        {
            Machine.Current = new Machine();
            using Runspace runspace = RunspaceFactory.CreateRunspace(new AnsweringHost(answers), Commands());
            runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
            runspace.Open();
            runspace.SessionStateProxy.SetVariable("Session", this);
            using var shell = PowerShell.Create(runspace);
            shell.AddScript("""
                param($Path, $Group, $More)
                function global:az {
                    $answer = $Session.Answer($ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath, [object[]] $args)
                    $global:LASTEXITCODE = [int] ($null -eq $answer)
                    $answer
                }
                $global:LASTEXITCODE = 0
                & $Path -ResourceGroup $Group @More
                $global:LASTEXITCODE
                """).AddArgument(Path.GetFullPath(Path.Combine(build, script))).AddArgument(group).AddArgument(new System.Collections.Hashtable(more.ToDictionary(m => m.Name, m => m.Value)));
            try
            {
                foreach (PSObject output in shell.Invoke())
                {
                    if (output?.BaseObject is int number) Code = number;
                    else problems.Add("unexpected output: " + output);
                }
            }
            catch (RuntimeException error)
            {
                problems.Add(error.Message);
            }
            problems = [.. problems, .. shell.Streams.Error.Select(e => e.ToString()), .. shell.Streams.Warning.Select(w => w.Message)];
            Text = [.. shell.Streams.Information.Select(i => i.MessageData?.ToString() ?? "")];
            return this;
        }

        /// <summary>The engine's own commands and the few of the Utility module; nothing of Windows.</summary>
        private static InitialSessionState Commands()
        {
            InitialSessionState state = InitialSessionState.CreateDefault2();
            foreach (Type type in typeof(BinaryCmdlet).Assembly.GetTypes())
                if (type.GetCustomAttribute<CmdletAttribute>() is { } cmdlet && type.GetCustomAttribute<InModuleAttribute>()?.Name == "Microsoft.PowerShell.Utility")
                    state.Commands.Add(new SessionStateCmdletEntry(cmdlet.VerbName + "-" + cmdlet.NounName, type, null));
            return state;
        }
    }
}
