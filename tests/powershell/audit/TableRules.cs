using System.Management.Automation.Language;

namespace Labc.PowerShellTests.Audit;

/// <summary>The data table may hold literals and nothing that could run: text, numbers, $true, $false, $null, lists, tables with
/// fixed keys, and [regex]::Unescape('...') for text beyond ASCII.</summary>
public static class TableRules
{
    public static List<string> Check(AssignmentStatementAst table)
    {
        List<string> found = [];
        foreach (Ast node in table.Right.FindAll(_ => true, true))
        {
            if (!Allowed(node)) found.Add($"line {node.Extent.StartLineNumber}: {node.GetType().Name} in the table");
        }
        return found;
    }

    private static bool Allowed(Ast node) => node switch
    {
        HashtableAst table => table.KeyValuePairs.All(p => p.Item1 is StringConstantExpressionAst { StringConstantType: StringConstantType.BareWord }),
        ArrayExpressionAst or ArrayLiteralAst or StatementBlockAst => true,
        PipelineAst { PipelineElements.Count: 1 } or CommandExpressionAst { Redirections.Count: 0 } => true,
        StringConstantExpressionAst text => text.StringConstantType is StringConstantType.SingleQuoted or StringConstantType.BareWord,
        ConstantExpressionAst => true,
        VariableExpressionAst variable => variable.VariablePath.UserPath is "true" or "false" or "null",
        InvokeMemberExpressionAst call => call.Extent.Text.StartsWith("[regex]::Unescape('", StringComparison.Ordinal) && call.Arguments is [StringConstantExpressionAst],
        TypeExpressionAst type => type.TypeName.FullName == "regex",
        _ => false,
    };
}
