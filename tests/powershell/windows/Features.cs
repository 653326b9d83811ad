namespace Labc.PowerShellTests.Windows;

/// <summary>
/// Windows features. Hyper-V is pending until Windows restarts; its PowerShell module on a server is there at once, but answers
/// only when the service vmms runs, which exists only after the restart.
/// </summary>
public sealed class Features(Machine machine)
{
    private readonly Dictionary<string, string> state = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Hyper-V"] = "Available",
        ["Hyper-V-PowerShell"] = "Available",
        ["Hyper-V-Tools"] = "Available",
        ["Microsoft-Hyper-V-All"] = "Disabled",
        ["DHCP"] = "Available",
    };

    public string? State(string name) => state.GetValueOrDefault(name);

    public bool ModuleThere => machine.IsServer
        ? state["Hyper-V-PowerShell"] == "Installed"
        : state["Microsoft-Hyper-V-All"] == "Enabled";

    public bool RestartPending => state.Values.Any(v => v.EndsWith("Pending", StringComparison.Ordinal));

    public void InstallServer(string name, bool managementTools)
    {
        if (name.Equals("Hyper-V", StringComparison.OrdinalIgnoreCase))
        {
            if (!machine.HasVirtualization)
            {
                throw new WindowsError("Hyper-V cannot be installed because virtualization support is not enabled in the BIOS.",
                    "Alteration_PrerequisiteCheck_Failed,Microsoft.Windows.ServerManager.Commands.AddWindowsFeatureCommand");
            }
            if (state["Hyper-V"] == "Available") state["Hyper-V"] = "InstallPending";
        }
        if (name.Equals("DHCP", StringComparison.OrdinalIgnoreCase))
        {
            state["DHCP"] = "Installed";
            if (machine.Service("DHCPServer") == null) machine.Services.Add(new Service("DHCPServer", "Automatic", "Running"));
            return;
        }
        if (name.Equals("Hyper-V-PowerShell", StringComparison.OrdinalIgnoreCase) || managementTools)
        {
            state["Hyper-V-PowerShell"] = "Installed";
            if (managementTools) InstallTools();
        }
    }

    public void EnableClient()
    {
        if (state["Microsoft-Hyper-V-All"] == "Disabled") state["Microsoft-Hyper-V-All"] = "EnablePending";
    }

    /// <summary>Somebody set the machine up before: Hyper-V is installed and running.</summary>
    public void InstallEverything()
    {
        if (machine.IsServer) InstallServer("Hyper-V", true);
        else EnableClient();
        machine.Restart();
        machine.Clock += 30;
    }

    /// <summary>What goes leaves with a restart, too; until then the state is UninstallPending.</summary>
    public void Uninstall(string name)
    {
        if (!state.TryGetValue(name, out string? now)) throw new WindowsError($"There is no feature {name}.", "NameDoesNotExist");
        if (now is "InstallPending") state[name] = "Available";
        else if (now is "EnablePending") state[name] = "Disabled";
        else if (now is "Installed") state[name] = name == "Hyper-V" ? "UninstallPending" : "Available";
        else if (now is "Enabled") state[name] = "DisablePending";
        if (state[name] == "Available" && name == "Hyper-V-PowerShell") state["Hyper-V-Tools"] = "Available";
    }

    public void Restart()
    {
        bool arrives = false;
        foreach (string name in state.Keys.ToList())
        {
            if (state[name] == "UninstallPending") state[name] = "Available";
            if (state[name] == "DisablePending") state[name] = "Disabled";
        }
        foreach (string name in state.Keys.ToList())
        {
            if (state[name] == "InstallPending") (state[name], arrives) = ("Installed", true);
            if (state[name] == "EnablePending") (state[name], arrives) = ("Enabled", true);
        }
        if (!machine.IsServer && arrives) InstallTools();
        bool installed = state["Hyper-V"] == "Installed" || state["Microsoft-Hyper-V-All"] == "Enabled";
        machine.Services.RemoveAll(s => s.Name == "vmms");
        if (!installed) return;
        string status = machine.HasVirtualization ? "Running" : "Stopped";
        machine.Services.Add(new Service("vmms", "Automatic", status) { ReadyAt = machine.Clock + 8 });
    }

    private void InstallTools()
    {
        state["Hyper-V-Tools"] = "Installed";
        machine.Files.AddFile(@"C:\Windows\System32\virtmgmt.msc", 150_000);
    }
}
