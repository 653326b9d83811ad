using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

public sealed class WindowsFeature(string name, string state)
{
    public string Name { get; } = name;

    public string InstallState { get; } = state;
}

[InModule("ServerManager"), Cmdlet("Get", "WindowsFeature")]
public sealed class GetWindowsFeature : BinaryCmdlet
{
    [Parameter(Position = 0)] public string[]? Name { get; set; }

    protected override void Run()
    {
        foreach (string name in Name!)
        {
            if (Pc.Features.State(name) is { } state) WriteObject(new WindowsFeature(name, state));
        }
    }
}

public sealed class FeatureResult
{
    public bool Success => true;

    public string RestartNeeded { get; init; } = "No";

    public string ExitCode { get; init; } = "Success";
}

[InModule("ServerManager"), Cmdlet("Install", "WindowsFeature", SupportsShouldProcess = true)]
public sealed class InstallWindowsFeature : BinaryCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public object[] Name { get; set; } = [];

    [Parameter] public SwitchParameter IncludeManagementTools { get; set; }

    [Parameter] public SwitchParameter Restart { get; set; }

    protected override void Run()
    {
        if (Restart) Pc.Journal.Prompts.Add("the machine restarts in the middle of the script");
        foreach (object name in Name)
        {
            Change(name.ToString()!, () =>
            {
                Pc.Features.InstallServer(name.ToString()!, IncludeManagementTools);
                WriteObject(new FeatureResult { RestartNeeded = "Yes", ExitCode = "SuccessRestartRequired" });
            });
        }
    }
}

public sealed class OptionalFeature(string name, string state)
{
    public string FeatureName { get; } = name;

    public string State { get; } = state;
}

[InModule("Dism"), Cmdlet("Get", "WindowsOptionalFeature", DefaultParameterSetName = "Online")]
public sealed class GetWindowsOptionalFeature : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "Online")] public SwitchParameter Online { get; set; }

    [Parameter] public string FeatureName { get; set; } = "";

    protected override void Run()
    {
        if (!Pc.Elevated) throw new WindowsError("The requested operation requires elevation.", "Microsoft.Dism.Commands.GetWindowsOptionalFeatureCommand");
        if (Pc.Features.State(FeatureName) is { } state) WriteObject(new OptionalFeature(FeatureName, state));
    }
}

/// <summary>Has no -WhatIf, as on Windows; without -NoRestart it asks and waits.</summary>
[InModule("Dism"), Cmdlet("Enable", "WindowsOptionalFeature", DefaultParameterSetName = "Online")]
public sealed class EnableWindowsOptionalFeature : BinaryCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "Online")] public SwitchParameter Online { get; set; }

    [Parameter(Mandatory = true)] public string[] FeatureName { get; set; } = [];

    [Parameter] public SwitchParameter All { get; set; }

    [Parameter] public SwitchParameter NoRestart { get; set; }

    protected override void Run()
    {
        if (!NoRestart) Pc.Journal.Prompts.Add("Enable-WindowsOptionalFeature asks whether to restart");
        Pc.Journal.Change(CommandName, FeatureName[0], Pc.Features.EnableClient);
        WriteObject(new FeatureResult());
    }
}

[InModule("CimCmdlets"), Cmdlet("Get", "CimInstance")]
public sealed class GetCimInstance : BinaryCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public string ClassName { get; set; } = "";

    [Parameter] public string Namespace { get; set; } = "";

    protected override void Run()
    {
        switch (ClassName)
        {
            case "Win32_OperatingSystem":
                Emit(("Caption", Pc.IsServer ? "Microsoft Windows Server 2022 Datacenter" : "Microsoft Windows 11 Pro"),
                    ("ProductType", (uint)(Pc.IsServer ? 3 : 1)), ("OperatingSystemSKU", (uint)Pc.Sku), ("BuildNumber", "20348"));
                break;
            case "Win32_ComputerSystem":
                bool present = (Pc.IsVirtualMachine && Pc.HasVirtualization) || Pc.Service("vmms")?.Status == "Running";
                Emit(("HypervisorPresent", present), ("TotalPhysicalMemory", (ulong)Pc.Memory), ("NumberOfLogicalProcessors", (uint)Pc.LogicalProcessors));
                break;
            case "Win32_Processor":
                Emit(("NumberOfLogicalProcessors", (uint)Pc.LogicalProcessors),
                    ("VirtualizationFirmwareEnabled", Pc.HasVirtualization && !Pc.IsVirtualMachine));
                break;
            case "Win32_LogicalDisk":
                foreach (LogicalDrive drive in Pc.Drives) Emit(("DeviceID", drive.Letter), ("FreeSpace", (ulong)drive.Free), ("FileSystem", drive.FileSystem));
                break;
            default:
                throw new WindowsError("Invalid class", "HRESULT 0x80041010,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand");
        }
    }

    private void Emit(params (string Name, object Value)[] properties)
    {
        var instance = new PSObject();
        foreach (var (name, value) in properties) instance.Properties.Add(new PSNoteProperty(name, value));
        WriteObject(instance);
    }
}

/// <summary>Stands for [Security.Principal.WindowsIdentity], which exists on Windows only.</summary>
public sealed class SimulatedIdentity
{
    public static SimulatedIdentity GetCurrent() => new();
}

/// <summary>Stands for [Security.Principal.WindowsPrincipal].</summary>
public sealed class SimulatedPrincipal
{
    public bool IsInRole(SimulatedRole role) => role == SimulatedRole.Administrator && Machine.Current.Elevated;
}

public enum SimulatedRole { Administrator = 544, User = 545 }
