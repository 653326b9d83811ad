using System.Collections;
using System.Diagnostics;
using System.Text.Json;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Windows;

namespace Labc.PowerShellTests.Suites;

/// <summary>
/// After setup everybody who is named under `connections` gets an answer: from another machine through a mapping, on the same one at
/// the guest's own address. Guests that are set up by hand are finished first, as README.md says.
/// </summary>
public static class ConnectionSuite
{
    private sealed record Connection(string To, string Service, bool Local, string? Address, int Port, int InternalPort, string Protocol);

    public static void Run(TestLog log, PowerShellEngine engine, List<string> builds, List<ScriptFile> setups, string labc)
    {
        int count = 0;
        foreach (string build in builds)
        {
            string name = Path.GetFileName(build.TrimEnd('/')), spec = Path.Combine("examples", name, "lab.yaml");
            if (!File.Exists(spec)) continue;
            List<Connection> connections = Described(labc, spec);
            List<ScriptFile> own = [.. setups.Where(s => s.IsSound && s.Name.StartsWith(name + "/", StringComparison.Ordinal))];
            foreach (Connection one in connections)
                log.Test($"{name}: {one.Service} of {one.To} answers after setup", () => Answers(engine, one, own, build));
            count += connections.Count;
        }
        log.Figure($"connections of the examples that were tried: {count}");
    }

    private static IEnumerable<string> Answers(PowerShellEngine engine, Connection one, List<ScriptFile> setups, string build)
    {
        string[] to = one.To.Split('/');
        ScriptFile script = setups.First(s => s.Name.Split('/')[1] == to[0]);
        Hashtable guest = script.Lab.Guests.First(g => (string)g["Name"]! == to[1]);
        Machine machine = Bench.Ready(engine, script);
        if ((string)guest["Configure"]! == "manual")
        {
            string readme = File.ReadAllText(Path.Combine(build, "README.md"));
            if (!readme.Contains($"address `{guest["Address"]}`", StringComparison.Ordinal)) yield return $"README.md does not say which address {to[1]} gets by hand";
            Finish(machine, guest, one.InternalPort);
        }
        string address = one.Address ?? "";
        int port = one.Port;
        if (!one.Local)
        {
            Mapping? mapping = machine.Network.Mappings.Find(m => m.Protocol == one.Protocol && m.ExternalPort == one.Port);
            if (mapping == null || !machine.Network.Nats.Exists(n => n.Name == mapping.NatName))
            {
                yield return $"nothing leads from port {one.Port} to the guest";
                yield break;
            }
            (address, port) = (mapping.InternalAddress, mapping.InternalPort);
        }
        if (port != one.InternalPort || address != (string)guest["Address"]!) yield return $"leads to {address}:{port}";
        if (!GuestSystem.Answers(machine, address, port)) yield return $"nothing answers at {address}:{port}";
    }

    /// <summary>Somebody types the address in; what the appliance serves is in its image.</summary>
    private static void Finish(Machine machine, Hashtable guest, int port)
    {
        VirtualMachine vm = machine.HyperV.Find((string)guest["Name"]!)!;
        VirtualDisk disk = machine.Files.File(vm.Disks[0].Path!)!.Disk!;
        disk.Address = (string)guest["Address"]!;
        disk.Mac = vm.Adapters.First(a => a.SwitchName != null && machine.HyperV.RequireSwitch(a.SwitchName).SwitchType == VMSwitchType.Internal).MacAddress;
        disk.Services.Add(port);
        machine.Clock += GuestSystem.BootSeconds;
    }

    private static List<Connection> Described(string labc, string spec)
    {
        var start = new ProcessStartInfo(labc, ["dump", "--format", "json", spec]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using JsonDocument lab = JsonDocument.Parse(process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException("labc dump: " + errors.Result);
        return [.. lab.RootElement.GetProperty("connections").EnumerateArray().Select(c => new Connection(c.GetProperty("to").GetString()!, c.GetProperty("service").GetString()!,
            c.GetProperty("local").GetBoolean(), c.TryGetProperty("address", out JsonElement a) ? a.GetString() : null, c.GetProperty("port").GetInt32(), c.GetProperty("internalPort").GetInt32(), c.GetProperty("protocol").GetString()!))];
    }
}
