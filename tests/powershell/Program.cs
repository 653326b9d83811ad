using Labc.PowerShellTests;
using Labc.PowerShellTests.Audit;
using Labc.PowerShellTests.Engine;
using Labc.PowerShellTests.Suites;

// usage: LabcPowerShellTests [-v] [--times] [--sweep] [--only TEXT] [--contracts DIR] [--hostile DIR] [--probes DIR] [--weeks DIR] [--labc PROGRAM] BUILD_DIR...
// BUILD_DIR is the output of `labc build`; DIR of --hostile holds such outputs, built from specs that try to break out;
// DIR of --probes holds what tests/templates/run.sh writes, DIR of --weeks what run.sh builds from weeks/*.yaml.

bool verbose = args.Contains("-v");
string? contracts = Place("--contracts"), hostile = Place("--hostile"), probes = Place("--probes"), weeks = Place("--weeks"), labc = Place("--labc");
TestLog.Only = Option("--only");
TestLog.Times = args.Contains("--times");
AccidentSuite.All = args.Contains("--sweep");
List<string> builds = [.. args.Where((a, i) => !a.StartsWith('-') && (i == 0 || args[i - 1] is not ("--contracts" or "--hostile" or "--probes" or "--weeks" or "--only" or "--labc"))).Select(Path.GetFullPath)];

var log = new TestLog(verbose);
using var engine = new PowerShellEngine();
var commands = CommandTable.Load(contracts);
List<ScriptFile> scripts = [.. builds.SelectMany(b => ScriptFile.FindIn(b, engine))];
List<ScriptFile> attacks = hostile == null ? [] : [.. Directory.GetDirectories(hostile).Order().SelectMany(b => ScriptFile.FindIn(b, engine))];

List<ScriptFile> setups = [.. scripts.Where(s => s.IsSetup)];

if (setups.Count == 0) log.Test("scripts", () => ["no setup.ps1 found in " + string.Join(", ", builds)]);
using ImportSuite? import = labc == null ? null : new ImportSuite(labc);

// Hosts of one lab share their script: what was run once need not be run again.
List<ScriptFile> distinct = [.. setups.Where(s => s.IsSound).DistinctBy(s => s.Text)];
MediaSuite.Sample = distinct.Find(s => MediaSuite.GuestOf(s) != null);
Work.Do([.. distinct.Select(script => new Work(script.Lab.Guests.Count, (_, own) => AccidentSuite.Learn(own, script)))], log, verbose);
List<Work> work =
[
    new Work(10, (part, own) => SelfChecks.Run(part, own, commands)),
    new Work(10, (part, _) => TextSuite.Run(part, scripts, attacks)),
    new Work(30, (part, _) => AuditSuite.Run(part, scripts.Concat(attacks), commands)),
    new Work(10, (part, own) => TwoHostsSuite.Run(part, own, setups)),
    new Work(30, (part, own) => DeploySuite.Run(part, own, builds, commands)),
    new Work(30, (part, own) => ArtifactSuite.Run(part, own, builds, setups, commands)),
    new Work(10, (part, own) => RunCommandSuite.Run(part, own, builds, setups)),
    new Work(100, (part, own) => SharedServerSuite.Run(part, own, setups)),
    new Work(50, (part, own) => HostileSuite.Run(part, own, [.. attacks.Where(a => a.IsSetup)])),
];
if (weeks != null) work.Add(new Work(100, (part, own) => WeekThreeSuite.Run(part, own, weeks)));
if (weeks != null) work.Add(new Work(10, (part, own) => TestsSuite.Run(part, own, weeks)));
if (weeks != null) work.Add(new Work(20, (part, own) => EgressSuite.Run(part, own, weeks)));
if (weeks != null) work.Add(new Work(20, (part, own) => DownloadSuite.Run(part, own, weeks)));
if (weeks != null) work.Add(new Work(50, (part, own) => PasswordSuite.Run(part, own, weeks)));
if (setups.Find(s => s.IsSound && s.Parts.Any(p => p.Name == "cloud-init")) is { } any) work.Add(new Work(10, (part, own) => SeedSuite.Crypt(part, own, any)));
if (labc != null) work.Add(new Work(10, (part, own) => ConnectionSuite.Run(part, own, builds, setups, labc)));
if (import != null) work.Add(new Work(10, (part, own) => import.Script(part, own, commands)));
if (probes != null) work.Add(new Work(50, (part, _) => ProbeSuite.Run(part, probes)));
foreach (ScriptFile script in distinct)
{
    work.Add(new Work(Bench.IsWhole(script) || AccidentSuite.IsLarge(script) ? 200 : 100, (part, own) => Everything(part, own, script)));
    if (import != null) work.Add(new Work(20, (part, own) => import.Run(part, own, script)));
    work.AddRange(AccidentSuite.Pieces(script));
}
Work.Do(work, log, verbose);
AccidentSuite.Sum(log);
return log.Finish();

string? Place(string name) => Option(name) is { } path ? Path.GetFullPath(path) : null;

string? Option(string name)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
}

static void Everything(TestLog log, PowerShellEngine engine, ScriptFile script)
{
    RunSuite.Run(log, engine, script);
    LinesSuite.Run(log, engine, script);
    if (AccidentSuite.IsLarge(script))
    {
        DriftSuite.RunTogether(log, engine, script);
        return;
    }
    DriftSuite.Run(log, engine, script);
    RefusalSuite.Run(log, engine, script);
    ImageSuite.Run(log, engine, script);
    SeedSuite.Run(log, engine, script);
    MediaSuite.Run(log, engine, script, script == MediaSuite.Sample);
    DefectSuite.Run(log, engine, script);
    VerifySuite.Run(log, engine, script);
    RemoveSuite.Run(log, engine, script);
    PublishSuite.Run(log, engine, script);
    StartSuite.Run(log, engine, script);
    ResetSuite.Run(log, engine, script);
}
