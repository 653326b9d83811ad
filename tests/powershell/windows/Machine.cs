using Labc.PowerShellTests.Cmdlets;

namespace Labc.PowerShellTests.Windows;

/// <summary>
/// The simulated Windows machine: what setup.ps1 can see and change. The rules that make it behave like Windows stand with the
/// parts: <see cref="FileSystem"/>, <see cref="Features"/>, <see cref="Network"/>, <see cref="HyperV"/>.
/// </summary>
public sealed class Machine
{
    [ThreadStatic]
    private static Machine? current;

    /// <summary>The machine the cmdlets of the running script act on; scripts run on the thread of their test.</summary>
    public static Machine Current
    {
        get => current ??= new Machine();
        set => current = value;
    }

    public Machine(bool server = true, string address = "10.0.0.8")
    {
        IsServer = server;
        Features = new Features(this);
        Network = new Network(this, address);
        HyperV = new HyperV(this);
        Serving = new Serving(this);
        Files.AddDrive("C:");
        Storage = new Storage(Files);
        Files.AddFolder(@"C:\Users\Public\Desktop");
        Files.AddFolder(@"C:\Program Files");
        Users.Add(new LocalAccount("labadmin", "S-1-5-21-1-2-3-1001"));
        Users.Add(new LocalAccount("student", "S-1-5-21-1-2-3-1002"));
        // WinNat is there on every Windows; by default it is started by hand, that is, lost after a restart
        Services.Add(new Service("WinNat", "Manual", "Stopped"));
        Services.Add(new Service("LanmanServer", "Automatic", "Running"));
    }

    public Journal Journal { get; } = new();

    public bool IsServer { get; }

    public bool Elevated { get; set; } = true;

    /// <summary>Whose session it is: what Windows encrypts for one account, another cannot read.</summary>
    public string Account { get; set; } = "labadmin";

    public bool HasVirtualization { get; set; } = true;

    /// <summary>Inside a virtual machine of Azure a hypervisor is always present; on a PC only while Hyper-V runs.</summary>
    public bool IsVirtualMachine { get; set; } = true;

    public int Sku { get; set; } = 7;

    public int LogicalProcessors { get; set; } = 4;

    /// <summary>Windows reports some hundred KiB less than the size promises.</summary>
    public long Memory { get; set; } = (16L << 30) - 500_000;

    /// <summary>Free on every drive.</summary>
    public long FreeDisk { set => Drives.ForEach(d => d.Free = value); }

    /// <summary>Seconds since the start of the simulation; only Start-Sleep and slow calls move it.</summary>
    public double Clock { get; set; }

    public FileSystem Files { get; } = new();

    public Features Features { get; }

    public Network Network { get; }

    public HyperV HyperV { get; }

    public Serving Serving { get; }

    public List<PhysicalDisk> PhysicalDisks { get; } =
    [
        new PhysicalDisk { Number = 0, Location = "Integrated : Adapter 0 : Port 0 : Target 0 : LUN 0", PartitionStyle = "GPT", NumberOfPartitions = 4, IsBoot = true, IsSystem = true },
        new PhysicalDisk { Number = 1, Location = "Integrated : Adapter 1 : Port 0 : Target 1 : LUN 0", PartitionStyle = "MBR", NumberOfPartitions = 1 },
    ];

    public List<LogicalDrive> Drives { get; } = [new LogicalDrive("C:", "NTFS")];

    /// <summary>Port ranges that Windows keeps back.</summary>
    public List<(string Protocol, int First, int Last)> ExcludedPorts { get; } = [("TCP", 5357, 5357), ("TCP", 50000, 50059)];

    public Storage Storage { get; }

    /// <summary>What a person types when asked; null: nobody is there.</summary>
    public string? Typed { get; set; } = "Kanarienvogel-7391";

    /// <summary>What the person was asked.</summary>
    public List<string> Questions { get; } = [];

    public List<Service> Services { get; } = [];

    /// <summary>The scheduler's tasks.</summary>
    public List<ScheduledTask> Tasks { get; } = [];

    public List<LocalAccount> Users { get; } = [];

    /// <summary>The members of groups, by their SIDs: the names are localized.</summary>
    public Dictionary<string, List<LocalAccount>> Groups { get; } = new() { ["S-1-5-32-544"] = [], ["S-1-5-32-545"] = [], ["S-1-5-32-555"] = [], ["S-1-5-32-578"] = [] };

    public List<LocalAccount> HyperVAdministrators => Groups["S-1-5-32-578"];

    /// <summary>Seconds until Windows restarts, once a program has asked for it.</summary>
    public int? RestartIn { get; set; }

    /// <summary>What can be downloaded.</summary>
    public Dictionary<string, WebFile> Web { get; } = [];

    /// <summary>What Write-Progress showed.</summary>
    public List<string> Progress { get; } = [];

    /// <summary>The jobs of BITS.</summary>
    public List<BitsJob> Transfers { get; } = [];

    /// <summary>What a person does to the machine while it restarts.</summary>
    public List<Action<Machine>> WhileRestarting { get; } = [];

    public bool LogWritten { get; set; }

    /// <summary>Whether somebody accepts a TCP connection at that address and port.</summary>
    public Func<string, int, bool>? Answers { get; set; }

    /// <summary>The status of the page at that address; null: nothing answers.</summary>
    public Func<string, int?>? Pages { get; set; }

    /// <summary>What guests with Windows have inside, by their names.</summary>
    public Dictionary<string, GuestInside> Inside { get; } = [];

    /// <summary>How often somebody asked to be let into a guest, by its name.</summary>
    public Dictionary<string, int> Knocks { get; } = [];

    /// <summary>Virtual disks mounted in Windows.</summary>
    public HashSet<string> Mounted { get; } = new(StringComparer.OrdinalIgnoreCase);

    public Service? Service(string name) => Services.Find(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public void Restart()
    {
        Journal.Clear();
        RestartIn = null;
        Clock += 60;
        foreach (Action<Machine> action in WhileRestarting.ToList()) action(this);
        WhileRestarting.Clear();
        Features.Restart();
        Network.Restart();
        HyperV.Restart();
        Storage.Restart();
    }
}

public sealed class LocalAccount(string name, string sid)
{
    public string Name { get; } = name;

    public string SID { get; } = sid;

    public string Password { get; init; } = "";

    public string Description { get; init; } = "";
}

public sealed class Service(string name, string startType, string status)
{
    public string Name { get; } = name;

    public string StartType { get; set; } = startType;

    /// <summary>When the service is up; before that it is StartPending.</summary>
    internal double ReadyAt { get; init; }

    public string Status
    {
        get => status == "Running" && Machine.Current.Clock < ReadyAt ? "StartPending" : status;
        set => status = value;
    }
}
