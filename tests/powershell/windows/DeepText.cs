using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Labc.PowerShellTests.Windows;

/// <summary>
/// Every field of everything a machine consists of, as text: two machines with the same text differ in nothing. Identifiers that are made up anew
/// in each run are numbered in the order they are met; times of day, salted passwords and the bytes of keys are left out, and so are the
/// journal and what Write-Progress showed, which are the test's and not the machine's.
/// </summary>
public sealed partial class DeepText
{
    private readonly StringBuilder text = new();
    private readonly Dictionary<object, int> objects = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> ids = new(StringComparer.OrdinalIgnoreCase);

    public static string Of(Machine machine)
    {
        var one = new DeepText();
        one.Write(machine, 0);
        return one.text.ToString();
    }

    private void Write(object? thing, int depth)
    {
        if (thing is null or Delegate or MemberInfo or Journal)
        {
            text.AppendLine(thing is null ? "null" : "-");
            return;
        }
        Type type = thing.GetType();
        if (DeepCopy.IsValue(type))
        {
            text.AppendLine(Same(Convert.ToString(thing, CultureInfo.InvariantCulture)!));
            return;
        }
        if (thing is byte[] key)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{key.Length} bytes");
            return;
        }
        if (!type.IsValueType)
        {
            if (objects.TryGetValue(thing, out int number))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"#{number}");
                return;
            }
            objects[thing] = objects.Count;
        }
        text.AppendLine(type.Name);
        if (thing is IEnumerable items)
        {
            foreach (object? item in items) Line("", item, depth + 1);
            return;
        }
        foreach (FieldInfo field in DeepCopy.FieldsOf(type).Where(f => !f.Name.StartsWith("<Progress>", StringComparison.Ordinal))) Line(field.Name, field.GetValue(thing), depth + 1);
    }

    private void Line(string name, object? value, int depth)
    {
        text.Append(' ', depth).Append(name).Append(' ');
        Write(value, depth);
    }

    /// <summary>A text without the salted passwords in it.</summary>
    public static string Unsalted(string text) => Salted().Replace(text, "CRYPT");

    private string Same(string value) => Unsalted(Time().Replace(Id().Replace(value, m => "id" + Number(m.Value)), "TIME"));

    private int Number(string id)
    {
        if (!ids.TryGetValue(id, out int number)) ids[id] = number = ids.Count;
        return number;
    }

    [GeneratedRegex("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|00155D[0-9A-F]{6}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z?|-\d{17}")]
    private static partial Regex Time();

    [GeneratedRegex(@"\$6\$[./0-9A-Za-z]+\$[./0-9A-Za-z]+")]
    private static partial Regex Salted();
}
