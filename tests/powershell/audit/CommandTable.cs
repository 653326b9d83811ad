using System.Management.Automation;
using System.Reflection;
using System.Text.Json;
using Labc.PowerShellTests.Cmdlets;

namespace Labc.PowerShellTests.Audit;

public sealed record KnownParameter(string Name, string[] Values, bool Everywhere);

public sealed record KnownCommand(string Name, string Module, bool IsFunction, bool ShouldProcess, Dictionary<string, KnownParameter> Parameters, string? Page = null)
{
    public bool IsNative => Name.EndsWith(".exe", StringComparison.Ordinal);
}

/// <summary>
/// The commands a script may use. From a contract file (powershell-cmdlets.json, facts taken from Microsoft's reference pages) if
/// one is given; else the simulated commands themselves are the table.
/// </summary>
public sealed class CommandTable
{
    private static readonly string[] Common = ["ErrorAction", "ErrorVariable", "WarningAction", "WarningVariable", "InformationAction",
        "InformationVariable", "Verbose", "Debug", "OutVariable", "OutBuffer", "PipelineVariable"];

    private CommandTable(Dictionary<string, KnownCommand> commands, bool contract) => (Commands, FromContract) = (commands, contract);

    public Dictionary<string, KnownCommand> Commands { get; }

    public bool FromContract { get; }

    public KnownCommand? Find(string name) => Commands.GetValueOrDefault(name[(name.LastIndexOf('\\') + 1)..]);

    public static bool IsCommon(string parameter) => Common.Contains(parameter, StringComparer.OrdinalIgnoreCase);

    public static CommandTable Load(string? contracts)
    {
        string? file = contracts == null ? null : Path.Combine(contracts, "powershell-cmdlets.json");
        if (file == null || !File.Exists(file)) return new CommandTable(Simulated(), false);
        Dictionary<string, KnownCommand> table = ReadContract(file);
        foreach (KnownCommand own in Simulated().Values.Where(c => c.Page != null)) table.TryAdd(own.Name, own);
        return new CommandTable(table, true);
    }

    private static Dictionary<string, KnownCommand> ReadContract(string file)
    {
        var table = new Dictionary<string, KnownCommand>(StringComparer.OrdinalIgnoreCase);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
        foreach (JsonProperty command in document.RootElement.EnumerateObject())
        {
            var parameters = new Dictionary<string, KnownParameter>(StringComparer.OrdinalIgnoreCase);
            HashSet<string> newer = [];
            if (command.Value.TryGetProperty("only_in_7_4", out JsonElement only)) newer = [.. only.EnumerateArray().Select(e => e.GetString()!)];
            foreach (JsonProperty parameter in command.Value.GetProperty("parameters").EnumerateObject())
            {
                if (newer.Contains(parameter.Name)) continue;
                string[] values = parameter.Value.TryGetProperty("accepted_values", out JsonElement accepted) ? [.. accepted.EnumerateArray().Select(e => e.ToString())] : [];
                bool everywhere = !parameter.Value.TryGetProperty("absent_in", out _) && !parameter.Value.TryGetProperty("documented_in", out _);
                parameters[parameter.Name] = new KnownParameter(parameter.Name, values, everywhere);
            }
            table[command.Name] = new KnownCommand(command.Name, command.Value.GetProperty("module").GetString()!,
                command.Value.GetProperty("command_type").GetString() == "Function",
                command.Value.TryGetProperty("should_process", out JsonElement should) && should.GetBoolean(), parameters);
        }
        return table;
    }

    /// <summary>The commands this program simulates, and the few of the engine's own that scripts use.</summary>
    public static Dictionary<string, KnownCommand> Simulated()
    {
        var table = new Dictionary<string, KnownCommand>(StringComparer.OrdinalIgnoreCase);
        foreach (Type type in typeof(CommandTable).Assembly.GetTypes().Where(t => !t.IsAbstract))
        {
            if (type.GetCustomAttribute<InModuleAttribute>() is not { } module) continue;
            CmdletAttribute? cmdlet = type.GetCustomAttribute<CmdletAttribute>();
            CdxmlAttribute? function = type.GetCustomAttribute<CdxmlAttribute>();
            string name = function?.CommandName ?? cmdlet!.VerbName + "-" + cmdlet.NounName;
            Add(table, name, module.Name, function != null, function?.ShouldProcess ?? cmdlet!.SupportsShouldProcess, [.. Parameters(type)],
                type.GetCustomAttribute<PageAttribute>()?.Address);
        }
        Add(table, "Where-Object", "Microsoft.PowerShell.Core", false, false, ["FilterScript"]);
        Add(table, "bcdboot.exe", "Windows", false, false, [], "https://learn.microsoft.com/windows-hardware/manufacture/desktop/bcdboot-command-line-options-techref-di");
        Add(table, "shutdown.exe", "Windows", false, false, [], "https://learn.microsoft.com/windows-server/administration/windows-commands/shutdown");
        Add(table, "ForEach-Object", "Microsoft.PowerShell.Core", false, true, ["Process"]);
        Add(table, "Get-Command", "Microsoft.PowerShell.Core", false, false, ["Name"]);
        Add(table, "Set-StrictMode", "Microsoft.PowerShell.Core", false, false, ["Version"]);
        return table;
    }

    private static IEnumerable<string> Parameters(Type type) =>
        type.GetProperties().Where(p => p.GetCustomAttributes<ParameterAttribute>().Any()).Select(p => p.Name);

    private static void Add(Dictionary<string, KnownCommand> table, string name, string module, bool function, bool shouldProcess, string[] parameters, string? page = null)
    {
        if (shouldProcess) parameters = [.. parameters, "WhatIf", "Confirm"];
        table[name] = new KnownCommand(name, module, function, shouldProcess,
            parameters.ToDictionary(p => p, p => new KnownParameter(p, [], true), StringComparer.OrdinalIgnoreCase), page);
    }
}
