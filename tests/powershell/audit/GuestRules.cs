using System.Management.Automation.Language;

namespace Labc.PowerShellTests.Audit;

/// <summary>
/// Invoke-Command only looks into guests: the machine by its own id, with a credential, and a block that stands there and sees nothing
/// but its parameters. So what a spec says gets there as an argument and never as code.
/// </summary>
public sealed class CommandsInGuestsAreConstant : Rule
{
    private static readonly string[] Allowed = ["VMId", "Credential", "ArgumentList", "ScriptBlock", "ErrorAction"];
    private static readonly string[] Given = ["_", "null", "true", "false"];

    public override IEnumerable<string> Check(ScriptFile script, CommandTable commands)
    {
        foreach (Call call in Calls(script).Where(c => c.Name[(c.Name.LastIndexOf('\\') + 1)..].Equals("Invoke-Command", StringComparison.OrdinalIgnoreCase)))
        {
            if (!Allowed.All(call.Has)) yield return At(call.Ast, "Invoke-Command without -" + Allowed.First(a => !call.Has(a)));
            foreach (string other in call.Arguments.Keys.Except(Allowed, StringComparer.OrdinalIgnoreCase)) yield return At(call.Ast, "Invoke-Command -" + other);
            // in the call itself: what a table holds may come from somewhere
            if (call.Ast.CommandElements.OfType<ScriptBlockExpressionAst>().SingleOrDefault() is not { } block)
            {
                yield return At(call.Ast, "Invoke-Command without a block of its own");
                continue;
            }
            HashSet<string> own = new(Given, StringComparer.OrdinalIgnoreCase);
            own.UnionWith(block.ScriptBlock.ParamBlock?.Parameters.Select(p => p.Name.VariablePath.UserPath) ?? []);
            own.UnionWith(block.FindAll(n => n is AssignmentStatementAst, true).Cast<AssignmentStatementAst>().Select(a => a.Left).OfType<VariableExpressionAst>().Select(v => v.VariablePath.UserPath));
            own.UnionWith(block.FindAll(n => n is ForEachStatementAst, true).Cast<ForEachStatementAst>().Select(f => f.Variable.VariablePath.UserPath));
            foreach (VariableExpressionAst seen in block.FindAll(n => n is VariableExpressionAst, true).Cast<VariableExpressionAst>())
            {
                if (seen.VariablePath.DriveName is not "env" && !own.Contains(seen.VariablePath.UserPath)) yield return At(seen, seen.Extent.Text + " is not there in the guest");
            }
            foreach (Ast seen in block.FindAll(n => n is UsingExpressionAst, true)) yield return At(seen, seen.Extent.Text);
            foreach (CommandAst inner in block.FindAll(n => n is CommandAst, true).Cast<CommandAst>().Where(c => c.GetCommandName() is not ("Get-Service" or "New-Object")))
                yield return At(inner, inner.Extent.Text + " in a guest");
        }
    }
}
