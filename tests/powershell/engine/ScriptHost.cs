using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Engine;

/// <summary>A host nobody sits at: every question is written down as a hang and ends the script.</summary>
public sealed class ScriptHost : PSHost
{
    public override string Name => "labc tests";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI { get; } = new SilentInterface();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override void EnterNestedPrompt() => throw new InvalidOperationException("nested prompt");

    public override void ExitNestedPrompt() { }

    public override void NotifyBeginApplication() { }

    public override void NotifyEndApplication() { }

    public override void SetShouldExit(int exitCode) { }

    private sealed class SilentInterface : PSHostUserInterface
    {
        public override PSHostRawUserInterface? RawUI => null;

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw Hang(message);

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => throw Hang(message);

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw Hang(message);

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName,
            PSCredentialTypes types, PSCredentialUIOptions options) => throw Hang(message);

        public override string ReadLine() => throw Hang("read line");

        public override SecureString ReadLineAsSecureString() => throw Hang("read password");

        public override void Write(string value) { }

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) { }

        public override void WriteLine(string value) { }

        public override void WriteErrorLine(string value) { }

        public override void WriteDebugLine(string message) { }

        public override void WriteProgress(long sourceId, ProgressRecord record) { }

        public override void WriteVerboseLine(string message) { }

        public override void WriteWarningLine(string message) { }

        private static InvalidOperationException Hang(string what)
        {
            Machine.Current.Journal.Prompts.Add(what);
            return new InvalidOperationException("The script asks: " + what);
        }
    }
}
