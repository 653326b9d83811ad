using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;
using Labc.PowerShellTests.Cmdlets;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Engine;

/// <summary>What a run of a script left: its exit code, what it said, and how each resource was reported.</summary>
public sealed record RunResult(int ExitCode, List<string> Text, List<string> Warnings, List<string> Errors, bool Killed)
{
    /// <summary>Lines such as "Created   switch LabServicesSwitch  Internal".</summary>
    public List<string> Reported(string state) => [.. Text.Where(t => t.StartsWith(state + " ", StringComparison.Ordinal) && States.Contains(state))];

    public string LastLine => Text.LastOrDefault(t => t.Length > 0) ?? "";

    private static readonly string[] States = ["Unchanged", "Created", "Repaired", "Planned", "Failed", "Done", "Removed", "Kept", "Orphan", "Differs", "Missing", "Noted"];

    public string Describe() => $"exit {ExitCode}; failed: [{string.Join(" | ", Reported("Failed"))}]; errors: [{string.Join(" | ", Errors)}]; warnings: [{string.Join(" | ", Warnings)}]";
}

/// <summary>The real PowerShell engine with the simulated Windows commands, each in the module it has on Windows.</summary>
public sealed class PowerShellEngine : IDisposable
{
    private readonly string modules = Directory.CreateTempSubdirectory("labc-powershell-").FullName;
    private readonly Dictionary<(bool Server, bool HyperV), Runspace> runspaces = [];

    public PowerShellEngine()
    {
        // else the engine counts every command for its makers, and looks for them in the network
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        Environment.SetEnvironmentVariable("PUBLIC", @"C:\Users\Public");
        Environment.SetEnvironmentVariable("SystemRoot", @"C:\Windows");
        Environment.SetEnvironmentVariable("SystemDrive", "C:");
        // no module of this machine may come in by itself
        Environment.SetEnvironmentVariable("PSModulePath", modules);
        StandInForWindowsTypes();
        foreach (var module in CdxmlModule.Modules)
            File.WriteAllText(Path.Combine(modules, module.Key + ".psm1"), CdxmlModule.Write(module));
    }

    public RunResult Run(string script, Machine machine, params (string Name, object Value)[] arguments)
    {
        Machine.Current = machine;
        var splat = new Hashtable();
        foreach (var (name, value) in arguments) splat[name] = value;
        using var shell = PowerShell.Create(RunspaceFor(machine));
        shell.AddScript("param($Path, $Splat) $global:LASTEXITCODE = 0; & $Path @Splat; $global:LASTEXITCODE").AddArgument(script).AddArgument(splat);
        int code = -1;
        List<string> errors = [];
        try
        {
            foreach (PSObject output in shell.Invoke())
            {
                if (output?.BaseObject is int number) code = number;
                else errors.Add("unexpected output: " + output);
            }
        }
        catch (PipelineStoppedException) { }
        catch (RuntimeException error)
        {
            errors.Add("uncaught: " + error.Message + " at " + error.ErrorRecord?.InvocationInfo?.PositionMessage);
        }
        errors.AddRange(shell.Streams.Error.Select(e => e + " " + e.InvocationInfo?.PositionMessage));
        return new RunResult(code, [.. shell.Streams.Information.Select(i => i.MessageData?.ToString() ?? "")],
            [.. shell.Streams.Warning.Select(w => w.Message)], errors, machine.Journal.Dead);
    }

    /// <summary>A script that comes through a pipe and lies in no file: what it reported. Its exit ends the session and tells no code.</summary>
    public List<string> RunText(string text, Machine machine)
    {
        Machine.Current = machine;
        using var shell = PowerShell.Create(RunspaceFor(machine));
        shell.AddScript(text).Invoke();
        return [.. shell.Streams.Information.Select(i => i.MessageData?.ToString() ?? ""), .. shell.Streams.Error.Select(e => "Failed    " + e)];
    }

    /// <summary>The value of an expression that runs nothing, such as a script's data table.</summary>
    public object? Evaluate(string expression)
    {
        using var shell = PowerShell.Create(RunspaceFor(new Machine()));
        return shell.AddScript(expression).Invoke().FirstOrDefault()?.BaseObject;
    }

    public void Dispose()
    {
        foreach (Runspace runspace in runspaces.Values) runspace.Dispose();
        Directory.Delete(modules, recursive: true);
    }

    /// <summary>A session with the modules this machine has: ServerManager only on servers, Hyper-V only after its installation.</summary>
    private Runspace RunspaceFor(Machine machine)
    {
        var key = (machine.IsServer, machine.Features.ModuleThere);
        if (runspaces.TryGetValue(key, out Runspace? known)) return known;
        InitialSessionState state = InitialSessionState.CreateDefault2();
        foreach (Type type in typeof(BinaryCmdlet).Assembly.GetTypes())
        {
            string? module = type.GetCustomAttribute<InModuleAttribute>()?.Name;
            if (type.GetCustomAttribute<CmdletAttribute>() is not { } cmdlet || module == null) continue;
            if (module == "ServerManager" && !machine.IsServer) continue;
            if (module == "Hyper-V" && !machine.Features.ModuleThere) continue;
            var entry = new SessionStateCmdletEntry(cmdlet.VerbName + "-" + cmdlet.NounName, type, null);
            PutInModule(entry, module);
            // the engine's own one would really look for a machine
            state.Commands.Remove(entry.Name, typeof(SessionStateCmdletEntry));
            state.Commands.Add(entry);
        }
        // what it is anyway; but for this the engine asks the environment, which all threads share, at every command
        state.Variables.Add(new SessionStateVariableEntry("PSModuleAutoLoadingPreference", PSModuleAutoLoadingPreference.All, ""));
        Runspace runspace = RunspaceFactory.CreateRunspace(new ScriptHost(), state);
        runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        runspace.Open();
        runspace.SessionStateProxy.InvokeCommand.CommandNotFoundAction += FindScript;
        foreach (var module in CdxmlModule.Modules)
        {
            using var shell = PowerShell.Create(runspace);
            shell.AddCommand("Import-Module").AddParameter("Name", Path.Combine(modules, module.Key + ".psm1")).AddParameter("DisableNameChecking").Invoke();
            if (shell.HadErrors) throw new InvalidOperationException($"module {module.Key}: " + string.Join("; ", shell.Streams.Error));
        }
        using (var shell = PowerShell.Create(runspace))
            shell.AddScript($"function global:bcdboot.exe {{ $global:LASTEXITCODE = [{typeof(Programs).FullName}]::Bcdboot($args) }}; function global:shutdown.exe {{ $global:LASTEXITCODE = [{typeof(Programs).FullName}]::Shutdown($args) }}").Invoke();
        return runspaces[key] = runspace;
    }

    /// <summary>A script on the simulated machine's own drives, run by another one.</summary>
    private void FindScript(object? sender, CommandLookupEventArgs wanted)
    {
        if (!wanted.CommandName.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase) || Machine.Current.Files.File(wanted.CommandName)?.Text is not { } text) return;
        string copy = Path.Combine(modules, wanted.CommandName[(wanted.CommandName.LastIndexOf('\\') + 1)..]);
        File.WriteAllText(copy, text);
        wanted.CommandScriptBlock = ScriptBlock.Create($"& '{copy}' @args");
        wanted.StopSearch = true;
    }

    /// <summary>One assembly cannot be imported as several modules, so a cmdlet is told its module's name by hand.</summary>
    private static void PutInModule(SessionStateCmdletEntry entry, string name)
    {
        const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;
        ConstructorInfo create = typeof(PSModuleInfo).GetConstructors(Hidden)
            .First(c => c.GetParameters() is { Length: 4 } p && p[0].ParameterType == typeof(string) && p[1].ParameterType == typeof(string));
        object module = create.Invoke([name, "", null, null]);
        typeof(InitialSessionStateEntry).GetMethod("SetModule", Hidden)!.Invoke(entry, [module]);
    }

    private static readonly Lock Once = new();
    private static bool stoodIn;

    private static void StandInForWindowsTypes()
    {
        lock (Once)
        {
            if (stoodIn) return;
            stoodIn = true;
            AddAccelerators();
            KeepFromSystemLog();
        }
    }

    /// <summary>Else the engine tells the system's log of every command: a tenth of the time.</summary>
    private static void KeepFromSystemLog()
    {
        const BindingFlags Hidden = BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic;
        object? provider = typeof(PSObject).Assembly.GetType("System.Management.Automation.Tracing.PSSysLogProvider")?.GetField("s_provider", Hidden)?.GetValue(null);
        provider?.GetType().GetField("_keywordFilter", Hidden)?.SetValue(provider, 0UL);
    }

    private static void AddAccelerators()
    {
        MethodInfo add = typeof(PSObject).Assembly.GetType("System.Management.Automation.TypeAccelerators")!.GetMethod("Add")!;
        add.Invoke(null, ["Security.Principal.WindowsIdentity", typeof(SimulatedIdentity)]);
        add.Invoke(null, ["Security.Principal.WindowsBuiltInRole", typeof(SimulatedRole)]);
    }
}
