using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Labc.PowerShellTests.Windows;

/// <summary>
/// A second machine that is in every respect as the first: many tests begin on one that was set up, and a setup takes a second.
/// Each object is copied once, so that what was one thing is one thing in the copy. Actions are shared: a machine that is copied has none
/// that name it.
/// </summary>
public static class DeepCopy
{
    public static T Of<T>(T thing) where T : class => (T)Copy(thing, new Dictionary<object, object>(ReferenceEqualityComparer.Instance))!;

    private static object? Copy(object? from, Dictionary<object, object> known)
    {
        if (from == null || IsValue(from.GetType())) return from;
        if (known.TryGetValue(from, out object? there)) return there;
        Type type = from.GetType();
        if (from is Array array)
        {
            var twin = (Array)array.Clone();
            known[from] = twin;
            for (int i = 0; i < array.Length; i++) twin.SetValue(Copy(array.GetValue(i), known), i);
            return twin;
        }
        object? comparer = Shapes.GetOrAdd(type, ShapeOf).Comparer?.GetValue(from);
        if (comparer != null && from is IEnumerable items) return Hashed(from, items, comparer, known);
        object copy = RuntimeHelpers.GetUninitializedObject(type);
        known[from] = copy;
        foreach (FieldInfo field in Shapes.GetOrAdd(type, ShapeOf).Fields) field.SetValue(copy, Copy(field.GetValue(from), known));
        return copy;
    }

    /// <summary>Dictionaries and sets are filled anew: the keys of the copy have other hashes.</summary>
    private static object Hashed(object from, IEnumerable items, object comparer, Dictionary<object, object> known)
    {
        object copy = Activator.CreateInstance(from.GetType(), comparer)!;
        known[from] = copy;
        MethodInfo add = from.GetType().GetMethod("Add")!;
        if (from is IDictionary table)
        {
            foreach (DictionaryEntry entry in table) add.Invoke(copy, [Copy(entry.Key, known), Copy(entry.Value, known)]);
        }
        else
        {
            foreach (object item in items) add.Invoke(copy, [Copy(item, known)]);
        }
        return copy;
    }

    /// <summary>What a type consists of; found once, for there are a thousand copies of a machine.</summary>
    private sealed record Shape(PropertyInfo? Comparer, FieldInfo[] Fields);

    private static readonly ConcurrentDictionary<Type, Shape> Shapes = new();

    private static Shape ShapeOf(Type type) => new(type.GetProperty("Comparer"), [.. FieldsOf(type)]);

    internal static bool IsValue(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || type == typeof(Guid) || type == typeof(DateTime) || type == typeof(TimeSpan)
        || typeof(Delegate).IsAssignableFrom(type) || typeof(MemberInfo).IsAssignableFrom(type) || type == typeof(System.Security.SecureString) || type == typeof(System.Net.IPAddress);

    internal static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (Type? t = type; t != null; t = t.BaseType)
        {
            foreach (FieldInfo field in t.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)) yield return field;
        }
    }
}
