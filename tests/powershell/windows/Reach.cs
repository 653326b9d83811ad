using System.Globalization;
using System.Net;

namespace Labc.PowerShellTests.Windows;

/// <summary>
/// What the switch lets a guest's adapter send. The rule of the largest weight that fits decides, and without one everything passes. A
/// stateful rule remembers the connection it let in, and its answers pass whatever the rules say; a stateless one does not.
/// </summary>
public static class Reach
{
    /// <summary>Whether a guest can open a connection to that address and port.</summary>
    public static bool Opens(VMNetworkAdapter adapter, string protocol, string address, int port) =>
        Decides(adapter, AclDirection.Outbound, protocol, 50123, address, port) is not { Action: AclAction.Deny };

    /// <summary>Whether a connection of somebody at that address to a port of the guest comes in, and its answers go out.</summary>
    public static bool Serves(VMNetworkAdapter adapter, string protocol, int port, string client)
    {
        VMNetworkAdapterExtendedAclSetting? rule = Decides(adapter, AclDirection.Inbound, protocol, port, client, 50123);
        if (rule?.Action == AclAction.Deny) return false;
        return rule is { Stateful: true } || Decides(adapter, AclDirection.Outbound, protocol, port, client, 50123) is not { Action: AclAction.Deny };
    }

    private static VMNetworkAdapterExtendedAclSetting? Decides(VMNetworkAdapter adapter, AclDirection direction, string protocol, int local, string remote, int port) =>
        adapter.Rules.Where(r => r.Direction == direction && Fits(r, protocol, local, remote, port)).MaxBy(r => r.Weight);

    private static bool Fits(VMNetworkAdapterExtendedAclSetting rule, string protocol, int local, string remote, int port)
    {
        if (rule.Protocol != "ANY" && rule.Protocol != protocol) return false;
        if (rule.LocalPort != "ANY" && rule.LocalPort != local.ToString(CultureInfo.InvariantCulture)) return false;
        if (rule.RemotePort != "ANY" && rule.RemotePort != port.ToString(CultureInfo.InvariantCulture)) return false;
        if (rule.RemoteIPAddress == "ANY") return true;
        var address = IPAddress.Parse(remote);
        return rule.RemoteIPAddress.Contains('/', StringComparison.Ordinal) ? IPNetwork.Parse(rule.RemoteIPAddress).Contains(address) : IPAddress.Parse(rule.RemoteIPAddress).Equals(address);
    }
}
