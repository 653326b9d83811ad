using System.Collections.Concurrent;
using Labc.PowerShellTests;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Suites;

// usage: LabcPowerShellTests [-v] [--times] [--sweep] [--only TEXT] [--contracts DIR] [--hostile DIR] [--probes DIR] [--weeks DIR] [--labc PROGRAM] BUILD_DIR...
// BUILD_DIR is the output of `labc build`; DIR of --hostile holds such outputs, built from specs that try to break out;
// DIR of --probes holds what tests/templates/run.sh writes, DIR of --weeks what run.sh builds from weeks/*.yaml.

bool verbose = args.Contains("-v");
string? contracts = Option("--contracts"), hostile = Option("--hostile"), probes = Option("--probes"), weeks = Option("--weeks"), labc = Option("--labc");
TestLog.Only = Option("--only");
TestLog.Times = args.Contains("--times");
AccidentSuite.All = args.Contains("--sweep");
List<string> builds = [.. args.Where((a, i) => !a.StartsWith('-') && (i == 0 || args[i - 1] is not ("--contracts" or "--hostile" or "--probes" or "--weeks" or "--only" or "--labc")))];

var log = new TestLog(verbose);
using var engine = new PowerShellEngine();
var commands = CommandTable.Load(contracts);
List<ScriptFile> scripts = [.. builds.SelectMany(b => ScriptFile.FindIn(b, engine))];
List<ScriptFile> attacks = hostile == null ? [] : [.. Directory.GetDirectories(hostile).Order().SelectMany(b => ScriptFile.FindIn(b, engine))];

List<ScriptFile> setups = [.. scripts.Where(s => s.IsSetup)];

if (setups.Count == 0) log.Test("scripts", () => ["no setup.ps1 found in " + string.Join(", ", builds)]);
SelfChecks.Run(log, engine, commands);
TextSuite.Run(log, scripts, attacks);
AuditSuite.Run(log, scripts.Concat(attacks), commands);
TwoHostsSuite.Run(log, engine, setups);
if (weeks != null) WeekThreeSuite.Run(log, engine, weeks);
if (weeks != null) TestsSuite.Run(log, engine, weeks);
if (weeks != null) EgressSuite.Run(log, engine, weeks);
if (weeks != null) DownloadSuite.Run(log, engine, weeks);
if (setups.Find(s => s.IsSound && s.Parts.Any(p => p.Name == "cloud-init")) is { } any) SeedSuite.Crypt(log, engine, any);
DeploySuite.Run(log, engine, builds, commands);
if (weeks != null) PasswordSuite.Run(log, engine, weeks);
RunCommandSuite.Run(log, engine, builds, setups);
ArtifactSuite.Run(log, engine, builds, setups, commands);
SharedServerSuite.Run(log, engine, setups);
if (labc != null) ConnectionSuite.Run(log, engine, builds, setups, labc);
using ImportSuite? import = labc == null ? null : new ImportSuite(Path.GetFullPath(labc));
import?.Script(log, engine, commands);
if (probes != null) ProbeSuite.Run(log, probes);

// Hosts of one lab share their script: what was run once need not be run again. Each script has an engine and a thread of its own.
List<ScriptFile> distinct = [.. setups.Where(s => s.IsSound).DistinctBy(s => s.Text)];
MediaSuite.Sample = distinct.Find(s => MediaSuite.GuestOf(s) != null);
List<TestLog> parts = [.. distinct.Select(_ => new TestLog(verbose)), new TestLog(verbose)];
var turns = Partitioner.Create(Enumerable.Range(0, parts.Count).OrderByDescending(i => i < distinct.Count && Bench.IsWhole(distinct[i])), EnumerablePartitionerOptions.NoBuffering);
Parallel.ForEach(turns, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
{
    using var own = new PowerShellEngine();
    if (i == distinct.Count) HostileSuite.Run(parts[i], own, [.. attacks.Where(a => a.IsSetup)]);
    else
    {
        Everything(parts[i], own, distinct[i]);
        if (distinct[i].Lab.Guests.Count <= 10) import?.Run(parts[i], own, distinct[i]);
    }
});
foreach (TestLog part in parts) log.Add(part);
AccidentSuite.Sum(log);
return log.Finish();

string? Option(string name)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}

static void Everything(TestLog log, PowerShellEngine engine, ScriptFile script)
{
    RunSuite.Run(log, engine, script);
    LinesSuite.Run(log, engine, script);
    if (script.Lab.Guests.Count > 10)
    {
        // a run takes seconds there, and what one guest shows a hundred show
        log.Figure($"{script.Name}: {script.Lab.Guests.Count} guests: its life and {AccidentSuite.LargeSample} accidents of each kind, no drifts");
        AccidentSuite.Run(log, engine, script);
        return;
    }
    DriftSuite.Run(log, engine, script);
    RefusalSuite.Run(log, engine, script);
    ImageSuite.Run(log, engine, script);
    SeedSuite.Run(log, engine, script);
    MediaSuite.Run(log, engine, script, script == MediaSuite.Sample);
    AccidentSuite.Run(log, engine, script);
    DefectSuite.Run(log, engine, script);
    VerifySuite.Run(log, engine, script);
    RemoveSuite.Run(log, engine, script);
    PublishSuite.Run(log, engine, script);
    StartSuite.Run(log, engine, script);
    ResetSuite.Run(log, engine, script);
}
