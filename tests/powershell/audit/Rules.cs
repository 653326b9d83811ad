using System.Management.Automation.Language;
using System.Text.RegularExpressions;

namespace Labc.PowerShellTests.Audit;

/// <summary>A rule about the text of a script, asked of its syntax tree.</summary>
public abstract class Rule
{
    public virtual string Name => Regex.Replace(GetType().Name, "(?<!^)([A-Z])", m => " " + m.Value.ToLowerInvariant());

    public abstract IEnumerable<string> Check(ScriptFile script, CommandTable commands);

    protected static string At(Ast ast, string what) => $"line {ast.Extent.StartLineNumber}: {what}";

    protected static IEnumerable<Call> Calls(ScriptFile script) => script.All<CommandAst>().Where(c => c.GetCommandName() != null).Select(c => new Call(c));

    protected static HashSet<string> Helpers(ScriptFile script) => new(script.All<FunctionDefinitionAst>().Select(f => f.Name), StringComparer.OrdinalIgnoreCase);
}

/// <summary>Windows PowerShell 5.1 must read the script: nothing that only 7 parses.</summary>
public sealed class OnlyWindowsPowerShellSyntax : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        foreach (Ast node in script.All<Ast>())
        {
            string? what = node switch
            {
                TernaryExpressionAst => "a ternary",
                PipelineChainAst => "&& or ||",
                PipelineAst { Background: true } => "a background pipeline",
                BinaryExpressionAst { Operator: TokenKind.QuestionQuestion } => "??",
                AssignmentStatementAst { Operator: TokenKind.QuestionQuestionEquals } => "??=",
                MemberExpressionAst { NullConditional: true } => "?.",
                IndexExpressionAst { NullConditional: true } => "?[",
                NamedBlockAst { Unnamed: false } block when block.Extent.Text.StartsWith("clean", StringComparison.OrdinalIgnoreCase) => "a clean block",
                UsingStatementAst => "a using statement",
                TypeDefinitionAst => "a class",
                _ => null,
            };
            if (what != null) yield return At(node, what);
        }
        foreach (Token token in script.Tokens.Where(t => t.Kind == TokenKind.LineContinuation)) yield return $"line {token.Extent.StartLineNumber}: a backtick at the end";
    }
}

/// <summary>No expandable strings and no here-strings at all: in a single-quoted string data stays data.</summary>
public sealed class OnlySingleQuotes : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands) =>
        script.Tokens.Where(t => t.Kind is TokenKind.StringExpandable or TokenKind.HereStringExpandable or TokenKind.HereStringLiteral)
            .Select(t => $"line {t.Extent.StartLineNumber}: {t.Text}");
}

/// <summary>Every command is known: a helper of the script, or a command of the table under its full name.</summary>
public sealed class OnlyKnownCommands : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        HashSet<string> helpers = Helpers(script);
        foreach (CommandAst command in script.All<CommandAst>())
        {
            string? name = command.GetCommandName();
            if (name == null)
            {
                // blocks of the script itself may be run, and the setup.ps1 that only administrators can change; nothing that was computed
                string run = command.CommandElements[0].Extent.Text;
                if (command.InvocationOperator != TokenKind.Ampersand || !(run is "$Action" or "$Question" || (run == "$Setup" && IsOwnSetup(script))))
                    yield return At(command, "a computed command: " + command.Extent.Text);
                continue;
            }
            if (helpers.Contains(name)) continue;
            if (commands.Find(name) is not { } known) yield return At(command, "unknown command " + name);
            else if (name.Contains('\\') && !name.StartsWith(known.Module + "\\", StringComparison.OrdinalIgnoreCase)) yield return At(command, $"{name} is in {known.Module}");
        }
    }

    private static bool IsOwnSetup(ScriptFile script) =>
        script.All<AssignmentStatementAst>().Where(a => a.Left.Extent.Text.Equals("$Setup", StringComparison.OrdinalIgnoreCase)).Select(a => a.Right.Extent.Text)
            .SequenceEqual([@"$Lab.Scripts + '\setup.ps1'"]);
}

/// <summary>Every parameter exists on every supported Windows, or stands behind a question whether it does.</summary>
public sealed class OnlyKnownParameters : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        foreach (Call call in Calls(script))
        {
            if (commands.Find(call.Name) is not { } known) continue;
            if (call.UnknownSplat != null) yield return At(call.Ast, $"the table @{call.UnknownSplat} is not set in this function");
            foreach (string parameter in call.Arguments.Keys)
            {
                if (CommandTable.IsCommon(parameter)) continue;
                if (!known.Parameters.TryGetValue(parameter, out KnownParameter? found)) yield return At(call.Ast, $"{known.Name} has no -{parameter}");
                else if (!found.Everywhere && !script.Text.Contains($"ContainsKey('{parameter}')", StringComparison.Ordinal))
                    yield return At(call.Ast, $"{known.Name} -{parameter} does not exist everywhere");
                else if (found.Values.Length > 0 && call.Constant(parameter) is { } value && !found.Values.Contains(value, StringComparer.OrdinalIgnoreCase))
                    yield return At(call.Ast, $"{known.Name} -{parameter} does not take {value}");
            }
        }
    }
}

/// <summary>Commands of Windows' own modules are called with their module: other products export the same names.</summary>
public sealed class WindowsModulesNamed : Rule
{
    private static readonly string[] Modules = ["Hyper-V", "NetNat", "NetTCPIP", "NetAdapter", "DnsClient", "Dism", "ServerManager", "CimCmdlets"];

    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands) =>
        Calls(script).Where(c => !c.Name.Contains('\\') && commands.Find(c.Name) is { } known && Modules.Contains(known.Module))
            .Select(c => At(c.Ast, c.Name + " without its module"));
}

/// <summary>CDXML functions do not see $ErrorActionPreference: every call says -ErrorAction Stop.</summary>
public sealed class ErrorActionOnFunctions : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands) =>
        Calls(script).Where(c => commands.Find(c.Name) is { IsFunction: true, IsNative: false } && c.Constant("ErrorAction") != "Stop")
            .Select(c => At(c.Ast, c.Name + " without -ErrorAction Stop"));
}

/// <summary>CDXML functions do not see -WhatIf and ask for confirmation by themselves: changes say -Confirm:$false.</summary>
public sealed class NoQuestionsFromFunctions : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands) =>
        Calls(script).Where(c => commands.Find(c.Name) is { IsFunction: true, ShouldProcess: true } && !c.Has("Confirm"))
            .Select(c => At(c.Ast, c.Name + " without -Confirm:$false"));
}

/// <summary>A removal without a filter removes everything: it must be given the object, or an id.</summary>
public sealed class NoFilterlessRemoval : Rule
{
    private static readonly string[] Selectors = ["InputObject", "StaticMappingID", "LiteralPath", "VMHardDiskDrive", "VMNetworkAdapter", "VMSwitch", "VMSnapshot", "VM", "Member", "ScopeId", "BitsJob"];

    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        HashSet<string> helpers = Helpers(script);
        foreach (Call call in Calls(script))
        {
            string name = call.Name[(call.Name.LastIndexOf('\\') + 1)..];
            bool removes = name.StartsWith("Remove-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Unregister-", StringComparison.OrdinalIgnoreCase);
            if (removes && !helpers.Contains(name) && !Selectors.Any(call.Has)) yield return At(call.Ast, name + " without a filter");
        }
    }
}

/// <summary>Windows PowerShell quotes arguments of native programs wrongly, so they get constant words only.</summary>
public sealed class NativeProgramsWithConstantWords : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands) =>
        Calls(script).Where(c => commands.Find(c.Name) is { IsNative: true, Name: not "bcdboot.exe" } && c.Ast.CommandElements.Any(e => e is not StringConstantExpressionAst { StringConstantType: StringConstantType.BareWord } and not ConstantExpressionAst { Value: int }))
            .Select(c => At(c.Ast, c.Ast.Extent.Text));
}

/// <summary>What runs text as code, opens the door to it, or is answered by a person.</summary>
public sealed class NothingDangerous : Rule
{
    private static readonly string[] Forbidden = ["Invoke-Expression", "Add-Type", "Start-Process", "Set-ExecutionPolicy",
        "Write-Host", "Get-WmiObject", "Start-Transcript", "Restart-Computer", "Out-Host"];

    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        foreach (Call call in Calls(script).Where(c => Forbidden.Contains(c.Name, StringComparer.OrdinalIgnoreCase))) yield return At(call.Ast, call.Name);
        // text that is no secret any more does not become one; what Windows encrypted may be read back
        foreach (Call call in Calls(script).Where(c => c.Name is "ConvertTo-SecureString" or "ConvertFrom-SecureString" && (c.Has("AsPlainText") || c.Has("Key") || c.Has("SecureKey")))) yield return At(call.Ast, call.Name);
        // a person may be asked for a password and for nothing else
        foreach (Call call in Calls(script).Where(c => c.Name == "Read-Host" && !c.Has("AsSecureString"))) yield return At(call.Ast, "Read-Host");
        foreach (var member in script.All<InvokeMemberExpressionAst>())
        {
            string name = member.Member.Extent.Text;
            // the folder of the process is that of everything else in it
            if (name is "ShouldContinue" or "Create" or "InvokeScript" or "Invoke" or "NewScriptBlock" or "SetCurrentDirectory") yield return At(member, "." + name);
        }
        foreach (CatchClauseAst clause in script.All<CatchClauseAst>().Where(c => c.Body.Statements.Count == 0)) yield return At(clause, "an empty catch");
    }
}

/// <summary>Helpers have approved verbs and the noun prefix Lab, so that they never hide a command of Windows.</summary>
public sealed class ApprovedVerbs : Rule
{
    private static readonly HashSet<string> Verbs = new(typeof(System.Management.Automation.VerbsCommon).Assembly.GetExportedTypes()
        .Where(t => t.Namespace == "System.Management.Automation" && t.Name.StartsWith("Verbs", StringComparison.Ordinal))
        .SelectMany(t => t.GetFields()).Select(f => f.Name), StringComparer.Ordinal);

    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        foreach (FunctionDefinitionAst function in script.All<FunctionDefinitionAst>())
        {
            string[] parts = function.Name.Split('-');
            if (parts.Length != 2 || !Verbs.Contains(parts[0])) yield return At(function, function.Name + ": no approved verb");
            else if (!parts[1].StartsWith("Lab", StringComparison.Ordinal)) yield return At(function, function.Name + ": the noun does not begin with Lab");
        }
    }
}

/// <summary>
/// A helper that changes something declares SupportsShouldProcess and asks, or everybody who calls it has been asked: the blocks of $Fix, and
/// helpers that ask before. One whose verb promises a change asks in any case; one that declares it asks.
/// </summary>
public sealed class ChangesAskFirst : Rule
{
    private static readonly string[] Verbs = ["New", "Set", "Remove", "Start", "Stop", "Restart", "Reset", "Update"];

    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        foreach (FunctionDefinitionAst function in script.All<FunctionDefinitionAst>())
        {
            bool declares = function.Body.ParamBlock?.Attributes.Any(a => a.Extent.Text.Contains("SupportsShouldProcess", StringComparison.Ordinal)) ?? false;
            bool asks = Asks(function);
            bool changes = Verbs.Contains(function.Name.Split('-')[0]) ||
                (function.FindAll(n => n is CommandAst, true).Cast<CommandAst>().Any(c => Changes(c, commands)) && !BehindTheQuestion(script, function.Name, []));
            if (changes && !declares) yield return At(function, function.Name + " changes things and does not declare SupportsShouldProcess");
            if (changes && !asks) yield return At(function, function.Name + " changes things and does not call ShouldProcess");
            if (declares && !asks) yield return At(function, function.Name + " declares SupportsShouldProcess and never asks");
        }
    }

    /// <summary>Is the helper called, and only where somebody has been asked?</summary>
    public static bool BehindTheQuestion(ScriptFile script, string name, HashSet<string> seen)
    {
        if (!seen.Add(name)) return true;
        List<CommandAst> calls = [.. script.All<CommandAst>().Where(c => string.Equals(c.GetCommandName(), name, StringComparison.OrdinalIgnoreCase))];
        return calls.Count > 0 && calls.TrueForAll(call =>
        {
            Ast? place = call;
            while (place != null && place is not FunctionDefinitionAst && !Call.IsBlockOfItsOwn(place)) place = place.Parent;
            if (place is not FunctionDefinitionAst caller) return place != null && Owner(place).StartsWith("$Fix.", StringComparison.Ordinal);
            var question = caller.Find(n => n is InvokeMemberExpressionAst m && m.Member.Extent.Text == "ShouldProcess", true);
            return (question != null && question.Extent.StartOffset < call.Extent.StartOffset) || BehindTheQuestion(script, caller.Name, seen);
        });
    }

    /// <summary>What a block is assigned to: "$Fix.disk".</summary>
    public static string Owner(Ast block)
    {
        Ast? up = block.Parent;
        while (up is not null and not AssignmentStatementAst) up = up.Parent;
        return (up as AssignmentStatementAst)?.Left.Extent.Text ?? "";
    }

    public static bool Asks(Ast ast) => ast.Find(n => n is InvokeMemberExpressionAst m && m.Member.Extent.Text == "ShouldProcess", true) != null;

    /// <summary>A command that has -WhatIf changes something, but for those that only read and the log.</summary>
    public static bool Changes(CommandAst command, CommandTable commands)
    {
        if (command.GetCommandName() is not { } name || commands.Find(name) is not { ShouldProcess: true } known) return false;
        if (known.Name.StartsWith("Get-", StringComparison.Ordinal) || known.Name == "ForEach-Object") return false;
        return !(known.Name is "Add-Content" or "Set-Content" && new Call(command).Has("WhatIf"));
    }
}

/// <summary>
/// Outside of functions things are changed only in the blocks $Fix.KIND, and these run only in a function that has asked: the place
/// that takes a block out of $Fix stands behind its ShouldProcess.
/// </summary>
public sealed class RepairsBehindTheQuestion : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        foreach (CommandAst command in script.All<CommandAst>().Where(c => ChangesAskFirst.Changes(c, commands)))
        {
            Ast? place = command;
            while (place != null && place is not FunctionDefinitionAst && !Call.IsBlockOfItsOwn(place)) place = place.Parent;
            if (place is FunctionDefinitionAst) continue;
            if (place == null || !ChangesAskFirst.Owner(place).StartsWith("$Fix.", StringComparison.Ordinal)) yield return At(command, command.GetCommandName() + " outside of a function and of $Fix");
        }
        foreach (IndexExpressionAst use in script.All<IndexExpressionAst>().Where(i => i.Target.Extent.Text == "$Fix"))
        {
            Ast? place = use;
            while (place != null && place is not FunctionDefinitionAst) place = place.Parent;
            var question = place?.Find(n => n is InvokeMemberExpressionAst m && m.Member.Extent.Text == "ShouldProcess", true);
            bool asked = question != null && question.Extent.StartOffset < use.Extent.StartOffset;
            if (!asked && !(place is FunctionDefinitionAst helper && ChangesAskFirst.BehindTheQuestion(script, helper.Name, []))) yield return At(use, "a repair that nobody is asked about");
        }
        foreach (MemberExpressionAst use in script.All<MemberExpressionAst>().Where(m => m.Expression.Extent.Text == "$Fix" && m.Parent is not AssignmentStatementAst))
            yield return At(use, "a repair taken out by name");
    }
}

/// <summary>The rows of properties name parameters that the command of their part has.</summary>
public sealed class RowsNameParameters : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        var setters = Calls(script).Where(c => c.Part != null).GroupBy(c => c.Part!).ToDictionary(g => g.Key, g => g.First());
        // verify.ps1 only compares
        if (setters.Count == 0) yield break;
        foreach (HashtableAst row in script.All<HashtableAst>())
        {
            Dictionary<string, string> keys = row.KeyValuePairs.ToDictionary(p => p.Item1.Extent.Text, p => p.Item2.Extent.Text.Trim('\''));
            if (!keys.TryGetValue("As", out string? parameter) && !keys.TryGetValue("Read", out parameter)) continue;
            string? part = keys.GetValueOrDefault("Of") ?? Table(row);
            if (part == "Dynamic") part = "Memory";
            if (part == null || !setters.TryGetValue(part, out Call? setter)) yield return At(row, "nothing sets the part " + part);
            else if (commands.Find(setter.Name) is not { } known || !known.Parameters.TryGetValue(parameter, out KnownParameter? found)) yield return At(row, $"{setter.Name} has no -{parameter}");
            else if (!found.Everywhere && !script.Text.Contains($"ContainsKey('{parameter}')", StringComparison.Ordinal)) yield return At(row, $"{setter.Name} -{parameter} does not exist everywhere");
        }
    }

    private static string? Table(Ast row)
    {
        for (Ast? up = row.Parent; up != null; up = up.Parent)
        {
            if (up is HashtableAst table && table.KeyValuePairs.FirstOrDefault(p => p.Item2.Extent.StartOffset <= row.Extent.StartOffset && p.Item2.Extent.EndOffset >= row.Extent.EndOffset) is { } pair)
                return pair.Item1.Extent.Text;
        }
        return null;
    }
}

/// <summary>No variable with a meaning of its own is assigned.</summary>
public sealed class NoAutomaticVariables : Rule
{
    private static readonly string[] Names = ["host", "error", "input", "args", "matches", "event", "profile", "sender", "pid", "iswindows", "home",
        "this", "switch", "foreach", "pscmdlet", "psitem", "_", "true", "false", "null", "psboundparameters", "myinvocation", "pwd", "shellid"];

    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        foreach (AssignmentStatementAst assignment in script.All<AssignmentStatementAst>())
        {
            Ast left = assignment.Left is ConvertExpressionAst convert ? convert.Child : assignment.Left;
            if (left is not VariableExpressionAst variable) continue;
            string name = variable.VariablePath.UserPath.ToLowerInvariant();
            if (name != "null" && Names.Contains(name)) yield return At(assignment, "$" + name + " is assigned");
        }
    }
}

/// <summary>$null stands on the left of a comparison: on the right it filters a list.</summary>
public sealed class NullOnTheLeft : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands) =>
        script.All<BinaryExpressionAst>().Where(b => b.Right.Extent.Text == "$null" && b.Operator is TokenKind.Ieq or TokenKind.Ine)
            .Where(b => b.Right.Extent.Text == "$null").Select(b => At(b, b.Extent.Text));
}

/// <summary>Arguments of commands are named, but for the block of Where-Object and ForEach-Object.</summary>
public sealed class NamedArguments : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands) =>
        Calls(script).Where(c => commands.Find(c.Name) is not { IsNative: true } && c.Positional > (c.Name is "Where-Object" or "ForEach-Object" ? 1 : 0)).Select(c => At(c.Ast, c.Name + " with an argument without a name"));
}

/// <summary>Strict mode, Stop, and the version line stand where they must.</summary>
public sealed class HeaderComplete : Rule
{
    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        if (script.Ast.ScriptRequirements?.RequiredPSVersion != new Version(5, 1)) yield return "no #Requires -Version 5.1";
        if (!script.Head.Contains("Set-StrictMode -Version 3.0", StringComparison.Ordinal)) yield return "no strict mode";
        if (!script.Head.Contains("$ErrorActionPreference = 'Stop'", StringComparison.Ordinal)) yield return "no Stop";
        if (!script.Head.Contains(".SYNOPSIS", StringComparison.Ordinal)) yield return "no help";
        if (script.Tail.Contains("SIG # Begin", StringComparison.Ordinal)) yield return "looks like a signature";
    }
}
