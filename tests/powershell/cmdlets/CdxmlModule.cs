using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using System.Reflection;
using System.Text;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

/// <summary>Turns the classes of CDXML commands into the text of script modules, whose functions call back into the classes.</summary>
public static class CdxmlModule
{
    private static readonly Dictionary<string, Type> Commands = typeof(CdxmlModule).Assembly.GetTypes()
        .Where(t => t.GetCustomAttribute<CdxmlAttribute>() != null)
        .ToDictionary(t => t.GetCustomAttribute<CdxmlAttribute>()!.CommandName, StringComparer.OrdinalIgnoreCase);

    public static IEnumerable<IGrouping<string, Type>> Modules => Commands.Values.GroupBy(t => t.GetCustomAttribute<InModuleAttribute>()!.Name);

    public static string Write(IEnumerable<Type> commands)
    {
        var text = new StringBuilder();
        foreach (Type type in commands)
        {
            CdxmlAttribute command = type.GetCustomAttribute<CdxmlAttribute>()!;
            text.Append($"function {command.CommandName} {{\n[CmdletBinding(SupportsShouldProcess = ${command.ShouldProcess}, ConfirmImpact = '{command.Impact}'");
            if (command.DefaultSet.Length > 0) text.Append($", DefaultParameterSetName = '{command.DefaultSet}'");
            text.Append(")]\nparam(\n");
            text.Append(string.Join(",\n", Parameters(type).Select(Declaration)));
            text.Append($"\n)\nprocess {{ [{typeof(CdxmlModule).FullName}]::Call('{command.CommandName}', $PSBoundParameters, $PSCmdlet) }}\n}}\n");
        }
        return text.ToString();
    }

    public static void Call(string name, IDictionary bound, PSCmdlet caller)
    {
        var command = (CdxmlCommand)Activator.CreateInstance(Commands[name])!;
        typeof(CdxmlCommand).GetProperty(nameof(CdxmlCommand.Caller))!.SetValue(command, caller);
        typeof(CdxmlCommand).GetProperty(nameof(CdxmlCommand.CommandName))!.SetValue(command, name);
        foreach (PropertyInfo property in Parameters(command.GetType()))
        {
            if (bound.Contains(property.Name)) property.SetValue(command, LanguagePrimitives.ConvertTo(bound[property.Name], property.PropertyType));
        }
        try
        {
            command.Run();
        }
        catch (WindowsError error)
        {
            caller.WriteError(new ErrorRecord(error, error.Id, error.Category, null));
        }
    }

    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Known = new();

    private static PropertyInfo[] Parameters(Type type) =>
        Known.GetOrAdd(type, t => [.. t.GetProperties().Where(p => p.GetCustomAttributes<ParameterAttribute>().Any())]);

    private static string Declaration(PropertyInfo property)
    {
        var text = new StringBuilder();
        foreach (ParameterAttribute attribute in property.GetCustomAttributes<ParameterAttribute>())
        {
            text.Append("[Parameter(");
            text.Append($"Mandatory = ${attribute.Mandatory}, ValueFromPipeline = ${attribute.ValueFromPipeline}, ValueFromRemainingArguments = ${attribute.ValueFromRemainingArguments}");
            if (attribute.ParameterSetName != ParameterAttribute.AllParameterSets) text.Append($", ParameterSetName = '{attribute.ParameterSetName}'");
            text.Append(")] ");
        }
        if (property.GetCustomAttribute<ValidateSetAttribute>() is { } set)
            text.Append($"[ValidateSet({string.Join(", ", set.ValidValues.Select(v => $"'{v}'"))})] ");
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        text.Append($"[{type.FullName}] ${property.Name}");
        return text.ToString();
    }
}
