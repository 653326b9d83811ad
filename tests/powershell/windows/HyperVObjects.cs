namespace Labc.PowerShellTests.Windows;

// The public members are those of the real objects: a script under strict mode may read these and no others.

public enum VMState { Off, Running, Saved, Paused }

public enum StopAction { TurnOff, Save, ShutDown }

public enum StartAction { Nothing, StartIfRunning, Start }

public enum CheckpointType { Disabled, Production, ProductionOnly, Standard }

public enum OnOffState { On, Off }

public enum VMSwitchType { Private, Internal, External }

public enum ControllerType { IDE, SCSI }

public enum BootDevice { Floppy, CD, IDE, LegacyNetworkAdapter, NetworkAdapter, VHD }

public enum VhdType { Unknown, Fixed, Dynamic, Differencing }

public enum VhdFormat { Unknown, VHD, VHDX, VHDSet }

public enum BootSourceType { Unknown, Drive, Network, File }

public enum VlanMode { Untagged, Access, Trunk }

public sealed class VMSwitch
{
    public Guid Id { get; init; } = Guid.NewGuid();

    public required string Name { get; set; }

    public VMSwitchType SwitchType { get; set; }

    public string Notes { get; set; } = "";

    internal string DeviceId { get; init; } = Guid.NewGuid().ToString("B").ToUpperInvariant();
}

public sealed class VirtualMachine
{
    public Guid Id { get; } = Guid.NewGuid();

    public required string Name { get; set; }

    public required int Generation { get; init; }

    public required string Path { get; init; }

    public string Notes { get; set; } = "";

    public VMState State { get; set; }

    public StopAction AutomaticStopAction { get; set; } = StopAction.Save;

    public StartAction AutomaticStartAction { get; set; } = StartAction.StartIfRunning;

    public int AutomaticStartDelay { get; set; }

    public CheckpointType CheckpointType { get; set; } = CheckpointType.Production;

    public bool AutomaticCheckpointsEnabled { get; set; }

    public string Heartbeat => State == VMState.Running && GuestSystem.HasHeartbeat(Machine.Current, this) ? "OkApplicationsUnknown" : "NoContact";

    internal double StartedAt { get; set; }

    /// <summary>The start for which <see cref="GuestSystem"/> looked at firmware and adapters, and what it saw: later changes wait for the next start.</summary>
    internal double LookedAt { get; set; } = -1;

    internal bool Fits { get; set; }

    internal VMNetworkAdapter? Wired { get; set; }

    internal VMMemory Memory { get; } = new();

    internal VMProcessor Processor { get; } = new();

    internal VMFirmware Firmware { get; } = new();

    internal List<BootDevice> StartupOrder { get; set; } = [BootDevice.CD, BootDevice.IDE, BootDevice.LegacyNetworkAdapter, BootDevice.Floppy];

    internal bool TpmEnabled { get; set; }

    internal byte[] KeyProtector { get; set; } = [0, 0, 0, 4];

    internal List<HardDiskDrive> Disks { get; } = [];

    internal List<DvdDrive> Dvds { get; } = [];

    internal List<VMNetworkAdapter> Adapters { get; } = [];

    internal List<VMSnapshot> Checkpoints { get; } = [];

    /// <summary>Removed checkpoints whose files are still to be merged.</summary>
    internal List<VMSnapshot> Merging { get; } = [];

    /// <summary>It has no integration services: nothing shuts it down.</summary>
    internal bool Stubborn { get; set; }
}

public sealed class VMMemory
{
    public bool DynamicMemoryEnabled { get; set; }

    public long Startup { get; set; } = 1L << 30;

    public long Minimum { get; set; } = 512L << 20;

    public long Maximum { get; set; } = 1L << 40;

    public int Buffer { get; set; } = 20;

    public int Priority { get; set; } = 50;
}

public sealed class VMProcessor
{
    public long Count { get; set; } = 1;

    public bool CompatibilityForMigrationEnabled { get; set; }

    public bool ExposeVirtualizationExtensions { get; set; }
}

public sealed class VMFirmware
{
    public OnOffState SecureBoot { get; set; } = OnOffState.On;

    public string SecureBootTemplate { get; set; } = "MicrosoftWindows";

    internal List<BootSource> Order { get; } = [];

    public BootSource[] BootOrder => [.. Order];
}

public sealed class BootSource(BootSourceType type, object device)
{
    public BootSourceType BootType { get; } = type;

    public object Device { get; } = device;
}

public abstract class Drive
{
    internal VirtualMachine Owner { get; init; } = null!;

    public string? Path { get; set; }

    public ControllerType ControllerType { get; init; }

    public int ControllerNumber { get; init; }

    public int ControllerLocation { get; init; }
}

public sealed class HardDiskDrive : Drive;

public sealed class DvdDrive : Drive;

public sealed class VMNetworkAdapter
{
    internal VirtualMachine? Owner { get; init; }

    public required string Name { get; set; }

    public string? SwitchName { get; set; }

    public bool IsLegacy { get; init; }

    public string MacAddress { get; set; } = "000000000000";

    /// <summary>What the guest's integration services say; nothing while no system runs.</summary>
    public string[] IPAddresses { get; set; } = [];

    public bool DynamicMacAddressEnabled { get; set; } = true;

    public OnOffState DhcpGuard { get; set; } = OnOffState.Off;

    public OnOffState RouterGuard { get; set; } = OnOffState.Off;

    public OnOffState MacAddressSpoofing { get; set; } = OnOffState.Off;

    /// <summary>Only adapters of the host have one.</summary>
    public string DeviceId { get; init; } = "";

    internal Vlan Vlan { get; } = new();

    internal List<VMNetworkAdapterExtendedAclSetting> Rules { get; } = [];
}

public enum AclAction { Allow = 1, Deny }

public enum AclDirection { Inbound = 1, Outbound }

/// <summary>A rule of an adapter's port; what is not said is ANY.</summary>
public sealed class VMNetworkAdapterExtendedAclSetting
{
    internal VMNetworkAdapter Owner { get; init; } = null!;

    public AclDirection Direction { get; init; }

    public AclAction Action { get; set; }

    public string LocalIPAddress { get; init; } = "ANY";

    public string RemoteIPAddress { get; set; } = "ANY";

    public string LocalPort { get; init; } = "ANY";

    public string RemotePort { get; init; } = "ANY";

    public string Protocol { get; init; } = "ANY";

    public int Weight { get; init; }

    public bool Stateful { get; set; }

    public int IdleSessionTimeout { get; init; }

    public int IsolationID { get; init; }
}

public sealed class Vlan
{
    public VlanMode OperationMode { get; set; }

    public int AccessVlanId { get; set; }
}

public sealed class VMSecurityInfo(bool tpm)
{
    public bool TpmEnabled { get; } = tpm;
}

public sealed class VMBiosInfo(IEnumerable<BootDevice> order)
{
    public BootDevice[] StartupOrder { get; } = [.. order];
}

public sealed class VhdInfo(string path, SimulatedFile file, VirtualDisk disk)
{
    public string Path { get; } = path;

    public VhdFormat VhdFormat { get; } = disk.Format;

    public VhdType VhdType { get; } = disk.Type;

    public ulong FileSize { get; } = (ulong)file.Length;

    public ulong Size { get; } = (ulong)disk.Size;

    public string ParentPath { get; } = disk.ParentPath;

    /// <summary>Mounted in Windows, or in use by a machine that is not off.</summary>
    public bool Attached => Machine.Current.Mounted.Contains(Path) || DiskNumber != null || Machine.Current.HyperV.Machines.Exists(m => m.State != VMState.Off && m.Disks.Exists(d => d.Path == Path));

    public uint? DiskNumber { get; } = Machine.Current.Storage.Number(path);

    public uint BlockSize { get; } = disk.Type == VhdType.Fixed ? 0 : disk.Format == VhdFormat.VHD ? 2u << 20 : 32u << 20;
}
