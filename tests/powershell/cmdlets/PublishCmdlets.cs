using System.Management.Automation;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Cmdlets;

// What making disks small needs.

[InModule("Hyper-V"), Cmdlet("Resume", "VM", SupportsShouldProcess = true, DefaultParameterSetName = "Name")]
[Page("https://learn.microsoft.com/powershell/module/hyper-v/resume-vm")]
public sealed class ResumeVM : VMCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Name")] public string[]? Name { get; set; }

    protected override string[]? Names => Name;

    protected override void Run()
    {
        foreach (VirtualMachine vm in Targets())
        {
            Change(vm.Name, () =>
            {
                if (vm.State != VMState.Paused) throw HyperV.Invalid($"'{vm.Name}' is not paused.");
                vm.State = VMState.Running;
            });
        }
    }
}

public abstract class VhdCmdlet : HyperVCmdlet
{
    protected static SimulatedFile Require(string path)
    {
        SimulatedFile? file = Pc.Files.File(path);
        if (file?.Disk == null) throw HyperV.Invalid($"'{path}' is not a virtual disk.");
        if (Pc.HyperV.Machines.Exists(m => m.State != VMState.Off && m.Disks.Exists(d => d.Path!.Equals(path, StringComparison.OrdinalIgnoreCase))))
            throw HyperV.Invalid($"'{path}' is being used by another process.");
        return file;
    }
}

[InModule("Hyper-V"), Cmdlet("Mount", "VHD", SupportsShouldProcess = true, DefaultParameterSetName = "")]
public sealed class MountVhd : VhdCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public string[] Path { get; set; } = [];

    [Parameter] public SwitchParameter ReadOnly { get; set; }

    [Parameter] public SwitchParameter NoDriveLetter { get; set; }

    protected override void Run()
    {
        string path = WildcardPattern.Unescape(Path[0]);
        Change(path, () =>
        {
            Require(path);
            if (!ReadOnly)
            {
                if (Pc.HyperV.Machines.Exists(m => m.Disks.Exists(d => d.Path!.Equals(path, StringComparison.OrdinalIgnoreCase))))
                    throw HyperV.Invalid("A disk of a guest that is mounted for writing is changed by Windows.");
                Pc.Storage.Mount(path);
                return;
            }
            if (!Pc.Mounted.Add(path)) throw HyperV.Invalid($"'{path}' is mounted already.");
        });
    }
}

[InModule("Hyper-V"), Cmdlet("Dismount", "VHD", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class DismountVhd : VhdCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")] public string[] Path { get; set; } = [];

    protected override void Run()
    {
        string path = WildcardPattern.Unescape(Path[0]);
        Change(path, () =>
        {
            if (Pc.Storage.Number(path) != null) Pc.Storage.Dismount(path);
            else if (!Pc.Mounted.Remove(path)) throw HyperV.Invalid($"'{path}' is not mounted.");
        });
    }
}

/// <summary>Full and Quick work on a disk that is mounted read-only; what is left here are two GiB.</summary>
[InModule("Hyper-V"), Cmdlet("Optimize", "VHD", SupportsShouldProcess = true)]
public sealed class OptimizeVhd : VhdCmdlet
{
    [Parameter(Mandatory = true, Position = 0)] public string[] Path { get; set; } = [];

    [Parameter, ValidateSet("Full", "Quick", "Retrim", "Pretrimmed", "Prezeroed")] public string Mode { get; set; } = "Quick";

    protected override void Run()
    {
        string path = WildcardPattern.Unescape(Path[0]);
        Change($"{path} {Mode}", () =>
        {
            SimulatedFile file = Require(path);
            if (file.Disk!.Type == VhdType.Fixed) throw HyperV.Invalid("A fixed disk cannot be compacted.");
            if (Mode is "Full" or "Quick" && !Pc.Mounted.Contains(path)) throw HyperV.Invalid($"'{path}' must be mounted read-only.");
            file.Length = Math.Min(file.Length, 2L << 30);
        });
    }
}
