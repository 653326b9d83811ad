using System.Management.Automation.Language;

namespace Labc.PowerShellTests.Audit;

/// <summary>A call of a command with its named arguments, those of splatted tables included.</summary>
public sealed class Call
{
    public Call(CommandAst ast)
    {
        Ast = ast;
        string? name = ast.GetCommandName();
        Name = name ?? "";
        for (int i = 1; i < ast.CommandElements.Count; i++)
        {
            switch (ast.CommandElements[i])
            {
                case CommandParameterAst parameter:
                    ExpressionAst? argument = parameter.Argument;
                    if (argument == null && i + 1 < ast.CommandElements.Count && ast.CommandElements[i + 1] is ExpressionAst next and not VariableExpressionAst { Splatted: true })
                    {
                        argument = next;
                        i++;
                    }
                    Arguments[parameter.ParameterName] = argument;
                    break;
                case VariableExpressionAst { Splatted: true } splat:
                    AddSplat(splat);
                    break;
                default:
                    Positional++;
                    break;
            }
        }
    }

    public CommandAst Ast { get; }

    /// <summary>As written, with the module if there is one.</summary>
    public string Name { get; }

    public int Line => Ast.Extent.StartLineNumber;

    public Dictionary<string, Ast?> Arguments { get; } = new(StringComparer.OrdinalIgnoreCase);

    public int Positional { get; private set; }

    /// <summary>The variable of a splat whose table was not found in the same function.</summary>
    public string? UnknownSplat { get; private set; }

    /// <summary>The part of a guest whose rows give the other arguments.</summary>
    public string? Part { get; private set; }

    /// <summary>A block kept in a table, such as $Fix.switch = { ... }.</summary>
    public static bool IsBlockOfItsOwn(Ast ast) =>
        ast is ScriptBlockExpressionAst { Parent: CommandExpressionAst { Parent: AssignmentStatementAst { Left: MemberExpressionAst } } }
        or ScriptBlockExpressionAst { Parent: CommandExpressionAst { Parent: PipelineAst { Parent: AssignmentStatementAst { Left: MemberExpressionAst } } } };

    public bool Has(string parameter) => Arguments.ContainsKey(parameter);

    public string? Constant(string parameter) => Value(Arguments.GetValueOrDefault(parameter));

    private static string? Value(Ast? ast) => ast switch
    {
        StringConstantExpressionAst text => text.Value,
        ConstantExpressionAst constant => constant.Value?.ToString(),
        PipelineAst { PipelineElements: [CommandExpressionAst expression] } => Value(expression.Expression),
        _ => null,
    };

    private void AddSplat(VariableExpressionAst splat)
    {
        string name = splat.VariablePath.UserPath;
        Ast scope = Ast;
        while (scope.Parent != null && scope is not FunctionDefinitionAst && !IsBlockOfItsOwn(scope)) scope = scope.Parent;
        // the tables all of the script uses
        while (scope.Parent != null && name is "Sure" or "Stop") scope = scope.Parent;
        bool found = false;
        foreach (AssignmentStatementAst assignment in scope.FindAll(n => n is AssignmentStatementAst, true).Cast<AssignmentStatementAst>())
        {
            if (assignment.Extent.StartOffset > Ast.Extent.StartOffset) break;
            if (assignment.Left is not VariableExpressionAst v || v.VariablePath.UserPath != name) { }
            else if (assignment.Right is PipelineAst { PipelineElements: [CommandAst maker] } && maker.GetCommandName() == "Get-LabArgument")
            {
                // the parameters of the rows of that part: RowsNameParameters looks at them
                found = true;
                Part = new Call(maker).Constant("Of");
            }
            else if (assignment.Right.Find(n => n is HashtableAst, false) is HashtableAst table)
            {
                found = true;
                if (Arguments.Count > 0 && (scope is FunctionDefinitionAst || IsBlockOfItsOwn(scope))) RemoveSplatted();
                foreach (var (key, value) in table.KeyValuePairs) Arguments[key.Extent.Text] = value;
            }
            if (assignment.Left is MemberExpressionAst { Expression: VariableExpressionAst owner } member && owner.VariablePath.UserPath == name)
                Arguments[member.Member.Extent.Text] = assignment.Right;
        }
        if (!found) UnknownSplat = name;
    }

    /// <summary>A later table of the same variable replaces the earlier one.</summary>
    private void RemoveSplatted()
    {
        foreach (string key in Arguments.Where(a => a.Value is PipelineAst or CommandExpressionAst or StatementAst).Select(a => a.Key).ToList()) Arguments.Remove(key);
    }
}
