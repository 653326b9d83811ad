using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Labc.PowerShellTests.Engine;

/// <summary>A host at which somebody sits who gives the answers of a list, in their order; a question too many is an error.</summary>
public sealed class AnsweringHost(IEnumerable<string> answers) : PSHost
{
    public override string Name => "labc tests";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI { get; } = new Person(new Queue<string>(answers));

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override void EnterNestedPrompt() => throw new InvalidOperationException("nested prompt");

    public override void ExitNestedPrompt() { }

    public override void NotifyBeginApplication() { }

    public override void NotifyEndApplication() { }

    public override void SetShouldExit(int exitCode) { }

    private sealed class Person(Queue<string> answers) : PSHostUserInterface
    {
        public override PSHostRawUserInterface? RawUI => null;

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw TooMany(message);

        /// <summary>The choice that says what the answer says: Yes or No of a confirmation.</summary>
        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            string answer = Next(message);
            for (int i = 0; i < choices.Count; i++)
                if (choices[i].Label.Replace("&", "", StringComparison.Ordinal).Equals(answer, StringComparison.OrdinalIgnoreCase)) return i;
            throw TooMany(message);
        }

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw TooMany(message);

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName,
            PSCredentialTypes types, PSCredentialUIOptions options) => throw TooMany(message);

        public override string ReadLine() => Next("read line");

        public override SecureString ReadLineAsSecureString()
        {
            var secure = new SecureString();
            foreach (char c in Next("read password")) secure.AppendChar(c);
            return secure;
        }

        public override void Write(string value) { }

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) { }

        public override void WriteLine(string value) { }

        public override void WriteErrorLine(string value) { }

        public override void WriteDebugLine(string message) { }

        public override void WriteProgress(long sourceId, ProgressRecord record) { }

        public override void WriteVerboseLine(string message) { }

        public override void WriteWarningLine(string message) { }

        private string Next(string question) => answers.Count > 0 ? answers.Dequeue() : throw TooMany(question);

        private static InvalidOperationException TooMany(string question) => new("nobody answers: " + question);
    }
}
