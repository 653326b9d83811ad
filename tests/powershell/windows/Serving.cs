using System.Net;

namespace Labc.PowerShellTests.Windows;

/// <summary>
/// What the machine serves to others: the firewall's rules and the DHCP role. A new DHCP server listens on every adapter with a fixed
/// address, and names those that ask for one, too, as not bound; bindings are by alias.
/// </summary>
public sealed class Serving(Machine machine)
{
    public List<FirewallRule> Rules { get; } = [new FirewallRule { Name = "CoreNet-DHCP-In", DisplayName = "Core Networking", Group = "@FirewallAPI.dll,-25000" }];

    public List<DhcpScope> Scopes { get; } = [];

    public Dictionary<string, bool> Bound { get; } = [];

    public Dictionary<uint, string[]> ServerOptions { get; } = [];

    /// <summary>The local groups DHCP Users and DHCP Administrators.</summary>
    public bool Groups { get; set; }

    public IEnumerable<DhcpBinding> Bindings() => machine.Network.Visible.Where(a => !a.Name.StartsWith("Loopback", StringComparison.Ordinal))
        .Where(a => a.Name == "Ethernet" || machine.Network.Addresses.Exists(x => x.Adapter == a && x.Origin == "Manual"))
        .Select(a => new DhcpBinding(a.Name, Bound.GetValueOrDefault(a.Name, true))).ToList();
}

public sealed class FirewallRule
{
    public required string Name { get; init; }

    public required string DisplayName { get; init; }

    public string Group { get; init; } = "";

    public string Direction { get; set; } = "Inbound";

    public string Action { get; set; } = "Allow";

    public string Enabled { get; set; } = "True";

    internal string Protocol { get; set; } = "Any";

    internal List<string> Ports { get; set; } = [];
}

public sealed class DhcpBinding(string alias, bool state)
{
    public string InterfaceAlias { get; } = alias;

    public bool BindingState { get; } = state;
}

public sealed class DhcpScope
{
    public required IPAddress ScopeId { get; init; }

    public required IPAddress SubnetMask { get; init; }

    public required string Name { get; set; }

    public required string Description { get; set; }

    public required IPAddress StartRange { get; set; }

    public required IPAddress EndRange { get; set; }

    public required TimeSpan LeaseDuration { get; set; }

    public required string State { get; set; }

    internal Dictionary<uint, string[]> Options { get; } = [];
}
