using System.Management.Automation;
using System.Net;
using System.Security;
using System.Text;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

// Local accounts and groups, and what Windows keeps for one account.

[InModule("Microsoft.PowerShell.LocalAccounts"), Cmdlet("Get", "LocalUser")]
public sealed class GetLocalUser : BinaryCmdlet
{
    protected override void Run() => WriteObject(Pc.Users, enumerateCollection: true);
}

[InModule("Microsoft.PowerShell.LocalAccounts"), Cmdlet("Get", "LocalGroupMember", DefaultParameterSetName = "Default")]
public sealed class GetLocalGroupMember : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "SecurityIdentifier")] public string SID { get; set; } = "";

    protected override void Run()
    {
        if (!Pc.Groups.TryGetValue(SID, out List<LocalAccount>? members)) throw new WindowsError("Group not found.", "GroupNotFound,Microsoft.PowerShell.Commands.GetLocalGroupMemberCommand");
        WriteObject(members, enumerateCollection: true);
    }
}

[InModule("Microsoft.PowerShell.LocalAccounts"), Cmdlet("Add", "LocalGroupMember", SupportsShouldProcess = true)]
public sealed class AddLocalGroupMember : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "SecurityIdentifier")] public string SID { get; set; } = "";

    [Parameter(Mandatory = true)] public string[] Member { get; set; } = [];

    protected override void Run()
    {
        if (!Pc.Groups.TryGetValue(SID, out List<LocalAccount>? members)) throw new WindowsError("Group not found.", "GroupNotFound,Microsoft.PowerShell.Commands.AddLocalGroupMemberCommand");
        foreach (string name in Member)
        {
            LocalAccount account = Pc.Users.Find(u => u.Name == name)
                ?? throw new WindowsError($"Principal {name} was not found.", "PrincipalNotFound,Microsoft.PowerShell.Commands.AddLocalGroupMemberCommand");
            Change($"{SID} {name}", () =>
            {
                if (members.Contains(account)) throw new WindowsError("Already a member.", "MemberExists,Microsoft.PowerShell.Commands.AddLocalGroupMemberCommand");
                members.Add(account);
            });
        }
    }
}

[InModule("Microsoft.PowerShell.LocalAccounts"), Cmdlet("New", "LocalUser", SupportsShouldProcess = true)]
[Page("https://learn.microsoft.com/powershell/module/microsoft.powershell.localaccounts/new-localuser")]
public sealed class NewLocalUser : BinaryCmdlet
{
    [Parameter(Mandatory = true)] public string Name { get; set; } = "";

    [Parameter(Mandatory = true)] public SecureString? Password { get; set; }

    [Parameter] public string Description { get; set; } = "";

    protected override void Run()
    {
        const string Where = ",Microsoft.PowerShell.Commands.NewLocalUserCommand";
        if (Name.Length > 20) throw new WindowsError("The name is longer than 20 characters.", "InvalidName" + Where);
        if (Description.Length > 48) throw new WindowsError("The description is longer than 48 characters.", "ParameterArgumentValidationError" + Where);
        Change(Name, () =>
        {
            if (Pc.Users.Exists(u => u.Name.Equals(Name, StringComparison.OrdinalIgnoreCase))) throw new WindowsError($"User {Name} already exists.", "UserExists" + Where);
            Pc.Users.Add(new LocalAccount(Name, "S-1-5-21-1-2-3-" + (1001 + Pc.Users.Count)) { Description = Description, Password = new NetworkCredential("", Password).Password });
        });
        WriteObject(Pc.Users.Find(u => u.Name == Name));
    }
}

/// <summary>Windows PowerShell encrypts for the account of the session; the engine's own cmdlet would not, outside of Windows.</summary>
[InModule("Microsoft.PowerShell.Security"), Cmdlet("ConvertFrom", "SecureString")]
[Page("https://learn.microsoft.com/powershell/module/microsoft.powershell.security/convertfrom-securestring")]
public sealed class ConvertFromSecureString : BinaryCmdlet
{
    [Parameter(Mandatory = true)] public SecureString? SecureString { get; set; }

    protected override void Run()
    {
        if (SecureString!.Length == 0) throw new WindowsError("The string is empty.", "ImportSecureString,Microsoft.PowerShell.Commands.ConvertFromSecureStringCommand");
        byte[] text = Encoding.Unicode.GetBytes(Pc.Account + "\n" + new NetworkCredential("", SecureString).Password);
        WriteObject(Convert.ToHexStringLower([.. text.Select(b => (byte)(b ^ 0x5a))]));
    }
}

/// <summary>Reads what the same account has encrypted, and nothing else.</summary>
[InModule("Microsoft.PowerShell.Security"), Cmdlet("ConvertTo", "SecureString")]
[Page("https://learn.microsoft.com/powershell/module/microsoft.powershell.security/convertto-securestring")]
public sealed class ConvertToSecureString : BinaryCmdlet
{
    [Parameter(Mandatory = true)] public string String { get; set; } = "";

    protected override void Run()
    {
        const string Where = ",Microsoft.PowerShell.Commands.ConvertToSecureStringCommand";
        if (String.Length % 2 != 0 || String.Any(c => !char.IsAsciiHexDigit(c))) throw new WindowsError("Input string was not in a correct format.", "ImportSecureString_InvalidArgument" + Where);
        string text = Encoding.Unicode.GetString([.. Convert.FromHexString(String).Select(b => (byte)(b ^ 0x5a))]);
        int end = text.IndexOf('\n');
        if (end < 0 || text[..end] != Pc.Account) throw new WindowsError("Key not valid for use in specified state.", "ImportSecureString_InvalidArgument_CryptographicError" + Where);
        var secure = new SecureString();
        foreach (char c in text[(end + 1)..]) secure.AppendChar(c);
        WriteObject(secure);
    }
}
