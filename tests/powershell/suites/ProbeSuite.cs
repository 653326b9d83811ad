using System.Management.Automation.Language;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// Scripts rendered with hostile values, as tests/templates/probes.c writes them: NNN-pMMM.ps1 must have the tokens of NNN-x.ps1,
/// whose value is harmless. A text spelled [regex]::Unescape('...') counts as one string.
/// </summary>
public static class ProbeSuite
{
    private static readonly TokenKind[] Unescape = [TokenKind.LBracket, TokenKind.Identifier, TokenKind.RBracket, TokenKind.ColonColon,
        TokenKind.Identifier, TokenKind.LParen, TokenKind.StringLiteral, TokenKind.RParen];

    public static void Run(TestLog log, string folder)
    {
        int judged = 0;
        foreach (string harmless in Directory.GetFiles(folder, "*-x.ps1").Order(StringComparer.Ordinal))
        {
            string value = Path.GetFileName(harmless).Split('-')[0];
            List<TokenKind> expected = Kinds(harmless, out int errors);
            if (errors > 0) log.Test($"probes: {value}", () => [$"the harmless script has {errors} errors"]);
            foreach (string hostile in Directory.GetFiles(folder, value + "-p*.ps1").Order(StringComparer.Ordinal))
            {
                judged++;
                log.Test("probes: " + Path.GetFileName(hostile), () => Compare(hostile, expected));
            }
        }
        if (judged == 0) log.Test("probes", () => [folder + " holds no scripts"]);
        log.Figure($"probes: {judged} scripts with hostile values, tokens by the real parser");
    }

    private static IEnumerable<string> Compare(string hostile, List<TokenKind> expected)
    {
        List<TokenKind> kinds = Kinds(hostile, out int errors);
        if (errors > 0) yield return $"{errors} syntax errors";
        int at = kinds.Zip(expected).TakeWhile(p => p.First == p.Second).Count();
        if (at < kinds.Count || at < expected.Count)
            yield return $"token {at} is {kinds.ElementAtOrDefault(at)} and should be {expected.ElementAtOrDefault(at)}";
    }

    private static List<TokenKind> Kinds(string path, out int errors)
    {
        // as Windows PowerShell reads a file without a mark: every byte a character
        Parser.ParseInput(System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(path)), path, out Token[] tokens, out ParseError[] found);
        errors = found.Length;
        List<TokenKind> kinds = [];
        for (int i = 0; i < tokens.Length; i++)
        {
            if (IsUnescape(tokens, i))
            {
                kinds.Add(TokenKind.StringLiteral);
                i += Unescape.Length - 1;
            }
            else
            {
                kinds.Add(tokens[i].Kind);
            }
        }
        return kinds;
    }

    private static bool IsUnescape(Token[] tokens, int at)
    {
        if (at + Unescape.Length > tokens.Length || tokens[at + 1].Text != "regex" || tokens[at + 4].Text != "Unescape") return false;
        for (int i = 0; i < Unescape.Length; i++)
        {
            bool name = Unescape[i] == TokenKind.Identifier;
            if (!name && tokens[at + i].Kind != Unescape[i]) return false;
        }
        return true;
    }
}
