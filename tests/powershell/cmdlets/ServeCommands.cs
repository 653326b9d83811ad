using System.Management.Automation;
using System.Net;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

// The firewall and the DHCP server: CDXML functions.

[InModule("NetSecurity"), Cdxml("Get", "NetFirewallRule", DefaultSet = "GetAll")]
public sealed class GetNetFirewallRule : CdxmlCommand
{
    [Parameter(ParameterSetName = "ByName")] public string[]? Name { get; set; }

    public override void Run()
    {
        foreach (FirewallRule rule in Pc.Serving.Rules.Where(r => Name == null || Name.Any(n => new WildcardPattern(n, WildcardOptions.IgnoreCase).IsMatch(r.Name))).ToList()) Emit(rule);
    }
}

public sealed class PortFilter(string protocol, string[] ports)
{
    public string Protocol { get; } = protocol;

    public string[] LocalPort { get; } = ports;
}

[InModule("NetSecurity"), Cdxml("Get", "NetFirewallPortFilter", DefaultSet = "GetAll")]
public sealed class GetNetFirewallPortFilter : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "ByAssociatedNetFirewallRule")] public FirewallRule? AssociatedNetFirewallRule { get; set; }

    public override void Run() => Emit(new PortFilter(AssociatedNetFirewallRule!.Protocol, [.. AssociatedNetFirewallRule.Ports]));
}

/// <summary>Only the display name is mandatory, and it may be there twice: a rule without a name is a new one at every run.</summary>
[InModule("NetSecurity"), Cdxml("New", "NetFirewallRule", ShouldProcess = true)]
public sealed class NewNetFirewallRule : CdxmlCommand
{
    [Parameter] public string? Name { get; set; }

    [Parameter(Mandatory = true)] public string? DisplayName { get; set; }

    [Parameter] public string? Group { get; set; }

    [Parameter, ValidateSet("Inbound", "Outbound")] public string? Direction { get; set; }

    [Parameter, ValidateSet("Allow", "Block")] public string? Action { get; set; }

    [Parameter, ValidateSet("True", "False")] public string? Enabled { get; set; }

    [Parameter] public string? Protocol { get; set; }

    [Parameter] public string[]? LocalPort { get; set; }

    public override void Run() => Change(Name ?? DisplayName!, () =>
    {
        if (Pc.Serving.Rules.Exists(r => r.Name == Name)) throw new WindowsError("Cannot create a file when that file already exists.", "Windows System Error 183,New-NetFirewallRule");
        Pc.Serving.Rules.Add(new FirewallRule
        {
            Name = Name ?? Guid.NewGuid().ToString(), DisplayName = DisplayName!, Group = Group ?? "", Direction = Direction ?? "Inbound",
            Action = Action ?? "Allow", Enabled = Enabled ?? "True", Protocol = Protocol ?? "Any", Ports = [.. LocalPort ?? []],
        });
    });
}

[InModule("NetSecurity"), Cdxml("Set", "NetFirewallRule", ShouldProcess = true)]
public sealed class SetNetFirewallRule : CdxmlCommand
{
    [Parameter(Mandatory = true)] public FirewallRule[]? InputObject { get; set; }

    [Parameter, ValidateSet("Inbound", "Outbound")] public string? Direction { get; set; }

    [Parameter, ValidateSet("Allow", "Block")] public string? Action { get; set; }

    [Parameter, ValidateSet("True", "False")] public string? Enabled { get; set; }

    [Parameter] public string? Protocol { get; set; }

    [Parameter] public string[]? LocalPort { get; set; }

    public override void Run()
    {
        foreach (FirewallRule rule in InputObject!)
        {
            Change(rule.Name, () =>
            {
                (rule.Direction, rule.Action) = (Direction ?? rule.Direction, Action ?? rule.Action);
                (rule.Enabled, rule.Protocol) = (Enabled ?? rule.Enabled, Protocol ?? rule.Protocol);
                if (LocalPort != null) rule.Ports = [.. LocalPort];
            });
        }
    }
}

/// <summary>Without a filter every rule of the machine goes.</summary>
[InModule("NetSecurity"), Cdxml("Remove", "NetFirewallRule", ShouldProcess = true, DefaultSet = "GetAll")]
public sealed class RemoveNetFirewallRule : CdxmlCommand
{
    [Parameter(Mandatory = true, ParameterSetName = "InputObject")] public FirewallRule[]? InputObject { get; set; }

    public override void Run()
    {
        foreach (FirewallRule rule in Pc.Serving.Rules.Where(r => InputObject?.Contains(r) ?? true).ToList()) Change(rule.Name, () => Pc.Serving.Rules.Remove(rule));
    }
}

public abstract class DhcpCommand : CdxmlCommand
{
    /// <summary>The commands are there only with the role, and Windows 10 and 11 do not have it.</summary>
    protected void RequireRole()
    {
        if (Pc.Features.State("DHCP") != "Installed") throw new WindowsError("The term is not recognized.", "CommandNotFoundException," + CommandName);
    }

    protected DhcpScope RequireScope(IPAddress id) => Pc.Serving.Scopes.Find(s => s.ScopeId.Equals(id))
        ?? throw new WindowsError("Failed to get the scope.", "DHCP 20005," + CommandName);
}

[InModule("DhcpServer"), Cdxml("Add", "DhcpServerSecurityGroup", ShouldProcess = true)]
public sealed class AddDhcpServerSecurityGroup : DhcpCommand
{
    public override void Run()
    {
        RequireRole();
        Change("local groups", () => Pc.Serving.Groups = true);
    }
}

[InModule("DhcpServer"), Cdxml("Get", "DhcpServerv4Binding")]
public sealed class GetDhcpServerv4Binding : DhcpCommand
{
    public override void Run()
    {
        RequireRole();
        foreach (DhcpBinding binding in Pc.Serving.Bindings()) Emit(binding);
    }
}

[InModule("DhcpServer"), Cdxml("Set", "DhcpServerv4Binding", ShouldProcess = true)]
public sealed class SetDhcpServerv4Binding : DhcpCommand
{
    [Parameter(Mandatory = true)] public string[]? InterfaceAlias { get; set; }

    [Parameter(Mandatory = true)] public bool BindingState { get; set; }

    public override void Run()
    {
        RequireRole();
        foreach (string alias in InterfaceAlias!)
        {
            if (!Pc.Serving.Bindings().Any(b => b.InterfaceAlias == alias)) throw new WindowsError("The interface has no static address.", "DHCP 20101," + CommandName);
            Change($"{alias} {BindingState}", () => Pc.Serving.Bound[alias] = BindingState);
        }
    }
}

[InModule("DhcpServer"), Cdxml("Get", "DhcpServerv4Scope")]
public sealed class GetDhcpServerv4Scope : DhcpCommand
{
    [Parameter] public IPAddress[]? ScopeId { get; set; }

    public override void Run()
    {
        RequireRole();
        foreach (DhcpScope scope in Pc.Serving.Scopes.Where(s => ScopeId == null || ScopeId.Contains(s.ScopeId)).ToList()) Emit(scope);
    }
}

[InModule("DhcpServer"), Cdxml("Add", "DhcpServerv4Scope", ShouldProcess = true)]
public sealed class AddDhcpServerv4Scope : DhcpCommand
{
    [Parameter(Mandatory = true)] public string? Name { get; set; }

    [Parameter] public string? Description { get; set; }

    [Parameter(Mandatory = true)] public IPAddress? StartRange { get; set; }

    [Parameter(Mandatory = true)] public IPAddress? EndRange { get; set; }

    [Parameter(Mandatory = true)] public IPAddress? SubnetMask { get; set; }

    [Parameter] public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromDays(8);

    [Parameter, ValidateSet("Active", "InActive")] public string State { get; set; } = "Active";

    public override void Run()
    {
        RequireRole();
        byte[] id = [.. StartRange!.GetAddressBytes().Zip(SubnetMask!.GetAddressBytes(), (a, m) => (byte)(a & m))];
        Change(Name!, () =>
        {
            if (Pc.Serving.Scopes.Exists(s => s.ScopeId.Equals(new IPAddress(id)))) throw new WindowsError("The scope exists.", "DHCP 20052," + CommandName);
            Pc.Serving.Scopes.Add(new DhcpScope
            {
                ScopeId = new IPAddress(id), SubnetMask = SubnetMask, Name = Name!, Description = Description ?? "", StartRange = StartRange,
                EndRange = EndRange!, LeaseDuration = LeaseDuration, State = State,
            });
        });
    }
}

[InModule("DhcpServer"), Cdxml("Set", "DhcpServerv4Scope", ShouldProcess = true, DefaultSet = "WithoutRange")]
public sealed class SetDhcpServerv4Scope : DhcpCommand
{
    [Parameter(Mandatory = true)] public IPAddress? ScopeId { get; set; }

    [Parameter] public string? Name { get; set; }

    [Parameter] public string? Description { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "WithRange")] public IPAddress? StartRange { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "WithRange")] public IPAddress? EndRange { get; set; }

    [Parameter] public TimeSpan? LeaseDuration { get; set; }

    [Parameter, ValidateSet("Active", "InActive")] public string? State { get; set; }

    public override void Run()
    {
        RequireRole();
        DhcpScope scope = RequireScope(ScopeId!);
        Change(ScopeId!.ToString(), () =>
        {
            (scope.Name, scope.Description, scope.State) = (Name ?? scope.Name, Description ?? scope.Description, State ?? scope.State);
            (scope.StartRange, scope.EndRange) = (StartRange ?? scope.StartRange, EndRange ?? scope.EndRange);
            scope.LeaseDuration = LeaseDuration ?? scope.LeaseDuration;
        });
    }
}

[InModule("DhcpServer"), Cdxml("Remove", "DhcpServerv4Scope", ShouldProcess = true, Impact = "High")]
public sealed class RemoveDhcpServerv4Scope : DhcpCommand
{
    [Parameter(Mandatory = true)] public IPAddress[]? ScopeId { get; set; }

    [Parameter] public SwitchParameter Force { get; set; }

    public override void Run()
    {
        RequireRole();
        foreach (IPAddress id in ScopeId!)
        {
            DhcpScope scope = RequireScope(id);
            Change(id.ToString(), () => Pc.Serving.Scopes.Remove(scope));
        }
    }
}

public sealed class DhcpOption(uint id, string[] value)
{
    public uint OptionId { get; } = id;

    public string[] Value { get; } = value;
}

[InModule("DhcpServer"), Cdxml("Get", "DhcpServerv4OptionValue")]
public sealed class GetDhcpServerv4OptionValue : DhcpCommand
{
    [Parameter] public IPAddress? ScopeId { get; set; }

    public override void Run()
    {
        RequireRole();
        foreach (var (id, value) in ScopeId == null ? Pc.Serving.ServerOptions : RequireScope(ScopeId).Options) Emit(new DhcpOption(id, value));
    }
}

/// <summary>Without -ScopeId the values are the whole server's; without -Force the DNS server must answer.</summary>
[InModule("DhcpServer"), Cdxml("Set", "DhcpServerv4OptionValue", ShouldProcess = true, DefaultSet = "CommonOptions")]
public sealed class SetDhcpServerv4OptionValue : DhcpCommand
{
    [Parameter] public IPAddress? ScopeId { get; set; }

    [Parameter] public IPAddress[]? DnsServer { get; set; }

    [Parameter] public IPAddress[]? Router { get; set; }

    [Parameter] public SwitchParameter Force { get; set; }

    public override void Run()
    {
        RequireRole();
        if (DnsServer != null && !Force) throw new WindowsError("The DNS server is not valid.", "DHCP 20023," + CommandName);
        Dictionary<uint, string[]> options = ScopeId == null ? Pc.Serving.ServerOptions : RequireScope(ScopeId).Options;
        Change(ScopeId?.ToString() ?? "server", () =>
        {
            if (Router != null) options[3] = [.. Router.Select(a => a.ToString())];
            if (DnsServer != null) options[6] = [.. DnsServer.Select(a => a.ToString())];
        });
    }
}

public sealed class DnsServers(uint index, string[] addresses)
{
    public uint InterfaceIndex { get; } = index;

    public string[] ServerAddresses { get; } = addresses;
}

[InModule("DnsClient"), Cdxml("Get", "DnsClientServerAddress")]
public sealed class GetDnsClientServerAddress : CdxmlCommand
{
    [Parameter, ValidateSet("IPv4", "IPv6")] public string[]? AddressFamily { get; set; }

    public override void Run()
    {
        foreach (NetAdapter adapter in Pc.Network.Visible.ToList())
            Emit(new DnsServers(adapter.InterfaceIndex, adapter.Name == "Ethernet" ? [.. Pc.Network.Resolvers] : []));
    }
}
