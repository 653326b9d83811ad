using System.Collections;
using System.Management.Automation.Language;
using System.Text;
using System.Text.Json;
using Labc.PowerShellTests.Engine;

namespace Labc.PowerShellTests.Audit;

/// <summary>One generated script: its bytes, its syntax tree, its data table, and the constant text around the table.</summary>
public sealed class ScriptFile
{
    private const string TableStart = "# --- lab data: the only part that differs between labs";
    private const string TableEnd = "# --- end of lab data";

    private ScriptFile(string name, string path, PowerShellEngine engine)
    {
        Name = name;
        Path = path;
        Bytes = File.ReadAllBytes(path);
        Text = Encoding.Latin1.GetString(Bytes);
        Ast = Parser.ParseInput(Text, path, out Token[] tokens, out ParseError[] errors);
        Tokens = tokens;
        Errors = errors;
        int start = Text.IndexOf(TableStart, StringComparison.Ordinal), end = Text.IndexOf(TableEnd, StringComparison.Ordinal);
        HasMarkers = start > 0 && end > start && Text.IndexOf(TableStart, start + 1, StringComparison.Ordinal) < 0;
        if (!HasMarkers)
        {
            Head = Text;
            return;
        }
        Head = Text[..start];
        Tail = Text[end..];
        TableAst = Ast.Find(n => n is AssignmentStatementAst a && a.Left.Extent.Text == "$Lab", true) as AssignmentStatementAst;
        if (errors.Length == 0 && TableAst != null && TableRules.Check(TableAst).Count == 0)
            Table = engine.Evaluate(TableAst.Right.Extent.Text) as Hashtable;
        if (Table != null && Ast.Find(n => n is AssignmentStatementAst a && a.Left.Extent.Text == "$Usual", true) is AssignmentStatementAst usual)
            Complete(Table, (Hashtable)engine.Evaluate($"$Lab = {TableAst!.Right.Extent.Text}\n{usual.Right.Extent.Text}")!);
    }

    /// <summary>Gives rows what they leave out because it is usual, as the script does.</summary>
    private static void Complete(Hashtable table, Hashtable usual)
    {
        Hashtable? above = null;
        List<Hashtable> files = [];
        foreach (Hashtable guest in LabTable.List(table["Guests"]))
        {
            if ((string?)guest["Image"] == "as above")
            {
                foreach (string key in (string[])["Os", "Configure", "Image", "Url", "Bytes", "Sha256", "Edition"]) guest[key] = above![key];
            }
            above = guest;
            Add(guest, usual[guest["Configure"]!]);
            Add(guest, usual["Guest"]);
            Add((Hashtable)guest["Memory"]!, usual["Memory"]);
            foreach (Hashtable disk in LabTable.List(guest["Disks"]))
            {
                Add(disk, usual["Disk"]);
                disk["Path"] ??= $@"{table["Data"]}\disks\{guest["Name"]}.vhdx";
            }
            // for the suites an image has no ending yet: a file as it is, is the source of the system's disk
            if (guest["Image"] is string file && System.IO.Path.GetExtension(file) is ".vhdx" or ".vhd" or ".iso" && LabTable.List(guest["Disks"]).Find(d => (bool)d["Boot"]!) is { } system)
            {
                system["Source"] = file;
                files.Add(guest);
            }
            foreach (Hashtable adapter in LabTable.List(guest["Adapters"]))
            {
                Add(adapter, usual["Adapter"]);
                adapter["Name"] ??= adapter["Network"];
                adapter["At"] ??= guest["At"];
            }
        }
        foreach (Hashtable guest in files) guest["Image"] = null;
        foreach (Hashtable network in LabTable.List(table["Networks"])) Add(network, usual["Network"]);
        foreach (Hashtable mapping in LabTable.List(table["Mappings"]))
        {
            Add(mapping, usual["Mapping"]);
            mapping["InternalAddress"] ??= LabTable.List(table["Guests"]).Find(g => (string)g["Name"]! == (string)mapping["Guest"]!)?["Address"];
        }

        static void Add(Hashtable row, object? usual)
        {
            foreach (DictionaryEntry value in (Hashtable)usual!)
            {
                if (!row.ContainsKey(value.Key)) row[value.Key] = value.Value;
            }
        }
    }

    /// <summary>"lab/host/setup.ps1"</summary>
    public string Name { get; }

    public string Path { get; }

    public byte[] Bytes { get; }

    public string Text { get; }

    public ScriptBlockAst Ast { get; }

    public Token[] Tokens { get; }

    public ParseError[] Errors { get; }

    public bool HasMarkers { get; }

    public string Head { get; } = "";

    public string Tail { get; } = "";

    public AssignmentStatementAst? TableAst { get; }

    /// <summary>The code behind the table that not every lab has, by its name.</summary>
    public IEnumerable<(string Name, string Text)> Parts =>
        from part in Text[(TableAst?.Extent.EndOffset ?? Text.Length)..(Text.Length - Tail.Length)].Split("# --- part ").Skip(1)
        select (part[..part.IndexOf(" ---", StringComparison.Ordinal)], part);

    public Hashtable? Table { get; }

    /// <summary>The drives the table names.</summary>
    public IEnumerable<string> Letters => System.Text.RegularExpressions.Regex.Matches(TableAst?.Extent.Text ?? "", @"'([A-Z]:)\\").Select(m => m.Groups[1].Value).Distinct();

    public bool IsSound => Errors.Length == 0 && Table != null;

    /// <summary>"setup.ps1"</summary>
    public string FileName => System.IO.Path.GetFileName(Path);

    public bool IsSetup => FileName == "setup.ps1";

    /// <summary>The path of another script of the same host; null if there is none.</summary>
    public string? Sibling(string name)
    {
        string path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, name);
        return File.Exists(path) ? path : null;
    }

    public LabTable Lab => new(Table!);

    /// <summary>A script without a table, such as deploy.ps1.</summary>
    public static ScriptFile Load(string name, string path, PowerShellEngine engine) => new(name, path, engine);

    public static IEnumerable<ScriptFile> FindIn(string build, PowerShellEngine engine)
    {
        string lab = System.IO.Path.GetFileName(build.TrimEnd('/'));
        foreach (string folder in Directory.GetDirectories(build).Order(StringComparer.Ordinal))
        {
            foreach (string path in Directory.GetFiles(folder, "*.ps1").Order(StringComparer.Ordinal))
                yield return new ScriptFile($"{lab}/{System.IO.Path.GetFileName(folder)}/{System.IO.Path.GetFileName(path)}", path, engine);
        }
    }

    public IEnumerable<T> All<T>() where T : Ast => Ast.FindAll(n => n is T, true).Cast<T>();
}

/// <summary>The data table of a script, read by name.</summary>
public sealed class LabTable(Hashtable table)
{
    public string Name => (string)table["Name"]!;

    public string Data => (string)table["Data"]!;

    public string Tag => (string)table["Tag"]!;

    /// <summary>Does the host get a raw data disk?</summary>
    public bool DataDisk => table["DataDisk"] is string;

    public bool IsServer => (bool)table["HostIsServer"]!;

    public bool AdminStudents => (bool)table["AdminStudents"]!;

    public string StudentUser => (string)table["StudentUser"]!;

    public bool Shortcut => (bool)table["Shortcut"]!;

    public long Reserve => Convert.ToInt64(table["HostReserve"], System.Globalization.CultureInfo.InvariantCulture);

    public string Scripts => (string)table["Scripts"]!;

    public List<Hashtable> Guests => List(table["Guests"]);

    public List<Hashtable> Networks => List(table["Networks"]);

    public List<Hashtable> Mappings => List(table["Mappings"]);

    public Hashtable? NatNetwork => Networks.Find(n => (string)n["Kind"]! == "nat");

    /// <summary>The same lab with these guests only.</summary>
    public LabTable Of(params Hashtable[] guests) => new(new Hashtable(table) { ["Guests"] = guests });

    public static List<Hashtable> List(object? value) => [.. ((IEnumerable)value!).Cast<object>().Select(o => (Hashtable)(o is System.Management.Automation.PSObject p ? p.BaseObject : o))];

    public static IEnumerable<object> Items(object? value) => ((IEnumerable)value!).Cast<object>().Select(o => o is System.Management.Automation.PSObject p ? p.BaseObject : o);
}
