using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

[InModule("Hyper-V"), Cmdlet("Get", "VMSwitch", DefaultParameterSetName = "Name")]
public sealed class GetVMSwitch : HyperVCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "Name")] public string? Name { get; set; }

    [Parameter(ParameterSetName = "Id")] public Guid[]? Id { get; set; }

    protected override void Run() =>
        Emit(Pc.HyperV.Switches.Where(s => Like(Name, s.Name) && (Id == null || Id.Contains(s.Id))).ToList());
}

[InModule("Hyper-V"), Cmdlet("New", "VMSwitch", SupportsShouldProcess = true, DefaultParameterSetName = "NetAdapterName")]
public sealed class NewVMSwitch : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public string Name { get; set; } = "";

    [Parameter(Mandatory = true, ParameterSetName = "NetAdapterName")] public string[]? NetAdapterName { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "SwitchType")] public VMSwitchType SwitchType { get; set; }

    [Parameter] public string Notes { get; set; } = "";

    protected override void Run() => Change($"{Name} {SwitchType}", () => WriteObject(Pc.HyperV.NewSwitch(Name, SwitchType, Notes)));
}

[InModule("Hyper-V"), Cmdlet("Set", "VMSwitch", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
public sealed class SetVMSwitch : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")] public string[]? Name { get; set; }

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "VMSwitch")] public VMSwitch[]? VMSwitch { get; set; }

    [Parameter] public VMSwitchType SwitchType { get; set; }

    [Parameter] public string? Notes { get; set; }

    protected override void Run()
    {
        foreach (VMSwitch one in VMSwitch ?? [.. Pc.HyperV.Switches.Where(s => Name!.Any(n => Like(n, s.Name)))])
        {
            Change(one.Name, () =>
            {
                if (MyInvocation.BoundParameters.ContainsKey("SwitchType") && one.SwitchType != SwitchType)
                {
                    if (SwitchType == VMSwitchType.Internal) Pc.Network.AddSwitchAdapter(one.Name, one.DeviceId);
                    else Pc.Network.RemoveAdapter(one.DeviceId);
                    one.SwitchType = SwitchType;
                }
                if (Notes != null) one.Notes = Notes;
            });
        }
    }
}

[InModule("Hyper-V"), Cmdlet("Get", "VHD", DefaultParameterSetName = "Path")]
public sealed class GetVhd : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")] public string[] Path { get; set; } = [];

    protected override void Run()
    {
        foreach (string path in Path)
        {
            string plain = WildcardPattern.Unescape(path);
            SimulatedFile file = Pc.Files.File(plain) ?? throw HyperV.Invalid($"Failed to find the virtual disk '{plain}'.");
            if (file.Disk == null) throw HyperV.Invalid($"The file '{plain}' is corrupted or not a virtual disk.");
            WriteObject(new VhdInfo(plain, file, file.Disk));
        }
    }
}

[InModule("Hyper-V"), Cmdlet("New", "VHD", SupportsShouldProcess = true, DefaultParameterSetName = "DynamicWithoutSource")]
public sealed class NewVhd : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "DynamicWithoutSource")]
    [Parameter(Mandatory = true, ParameterSetName = "FixedWithoutSource")]
    public ulong SizeBytes { get; set; }

    [Parameter(ParameterSetName = "DynamicWithoutSource")] public SwitchParameter Dynamic { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "FixedWithoutSource")] public SwitchParameter Fixed { get; set; }

    [Parameter(ParameterSetName = "Differencing")] public SwitchParameter Differencing { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Differencing")] public string? ParentPath { get; set; }

    protected override void Run()
    {
        string path = Path[0];
        Change(path, () =>
        {
            if (Pc.Files.File(path) != null) throw HyperV.Invalid($"The file '{path}' exists.");
            if (!Pc.Files.HasFolder(FileSystem.Parent(path))) throw FileSystem.NotFound(FileSystem.Parent(path), CommandName);
            VirtualDisk? parent = null;
            if (ParentPath != null) parent = Pc.Files.File(ParentPath)?.Disk ?? throw HyperV.Invalid($"The parent '{ParentPath}' does not exist.");
            var type = Fixed ? VhdType.Fixed : parent != null ? VhdType.Differencing : VhdType.Dynamic;
            var format = path.EndsWith(".vhd", StringComparison.OrdinalIgnoreCase) ? VhdFormat.VHD : VhdFormat.VHDX;
            long size = parent?.Size ?? (long)SizeBytes;
            long length = Fixed ? size : format == VhdFormat.VHD ? 128 << 10 : 4 << 20;
            Pc.Files.AddFile(path, length, new VirtualDisk { Size = size, Type = type, Format = format, ParentPath = ParentPath ?? "", System = parent?.System ?? SystemKind.None, Firmware = parent?.Firmware ?? "" }).Disk!.Partitions.AddRange(parent?.Copy().Partitions ?? []);
        });
    }
}

[InModule("Hyper-V"), Cmdlet("Resize", "VHD", SupportsShouldProcess = true, DefaultParameterSetName = "Size")]
public sealed class ResizeVhd : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Size")] public ulong SizeBytes { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "MinimumSize")] public SwitchParameter ToMinimumSize { get; set; }

    protected override void Run()
    {
        string path = WildcardPattern.Unescape(Path[0]);
        Change($"{path} {SizeBytes}", () =>
        {
            VirtualDisk disk = Pc.Files.File(path)?.Disk ?? throw HyperV.Invalid($"'{path}' is not there.");
            if ((long)SizeBytes < disk.Size) throw HyperV.Invalid("The disk would be cut.");
            VirtualMachine? user = Pc.HyperV.Machines.Find(m => m.Disks.Exists(d => d.Path == path));
            if (user != null) HyperV.RequireOff(user, "disks");
            disk.Size = (long)SizeBytes;
        });
    }
}

[InModule("Hyper-V"), Cmdlet("Convert", "VHD", SupportsShouldProcess = true)]
public sealed class ConvertVhd : HyperVCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public string Path { get; set; } = "";

    [Parameter(Mandatory = true, Position = 1)] public string DestinationPath { get; set; } = "";

    [Parameter] public VhdType VHDType { get; set; } = VhdType.Dynamic;

    protected override void Run()
    {
        string from = WildcardPattern.Unescape(Path);
        Change($"{from} -> {DestinationPath}", () =>
        {
            VirtualDisk disk = Pc.Files.File(from)?.Disk ?? throw HyperV.Invalid($"'{from}' is not a virtual disk.");
            if (Pc.Files.File(DestinationPath) != null) throw HyperV.Invalid($"The file '{DestinationPath}' exists.");
            var format = DestinationPath.EndsWith(".vhd", StringComparison.OrdinalIgnoreCase) ? VhdFormat.VHD : VhdFormat.VHDX;
            long length = VHDType == VhdType.Fixed ? disk.Size : Pc.Files.File(from)!.Length;
            Pc.Files.AddFile(DestinationPath, length, disk.CopyAs(VHDType, format));
        });
    }
}
