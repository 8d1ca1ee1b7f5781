using IntegrationHub.Benchmarks;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.Benchmarks.Backfill;
using IntegrationHub.Benchmarks.Bridge;
using IntegrationHub.Benchmarks.Change;
using IntegrationHub.Benchmarks.DeadLetters;
using IntegrationHub.Benchmarks.Diagnosis;
using IntegrationHub.Benchmarks.Erasure;
using IntegrationHub.Benchmarks.Explain;
using IntegrationHub.Benchmarks.Facts;
using IntegrationHub.Benchmarks.Fuzz;
using IntegrationHub.Benchmarks.Histories;
using IntegrationHub.Benchmarks.Laws;
using IntegrationHub.Benchmarks.Mapping;
using IntegrationHub.Benchmarks.Outage;
using IntegrationHub.Benchmarks.Pages;
using IntegrationHub.Benchmarks.Plan;
using IntegrationHub.Benchmarks.Policy;
using IntegrationHub.Benchmarks.Quota;
using IntegrationHub.Benchmarks.Reconciliation;
using IntegrationHub.Benchmarks.Upgrade;

Scenario[] scenarios =
[
    new("outbox", "bus outbox: save and delivery, beside the raw broker and database", OutboxScenario.RunAsync),
    new("saga", "saga messages through inbox, state and outbox, beside the raw broker and database", SagaScenario.RunAsync),
    new("audience-sync", "--members N (20000) --delta N (1000): an audience reaches three vendors, beside the same requests from memory", AudienceSyncScenario.RunAsync),
    new("intake", "--facts N (60000) --people N (10000) --callers N (4): facts per second taken in over AMQP and HTTP, beside the raw broker and database", IntakeScenario.RunAsync),
    new("live", "--facts-per-second N (1000) --seconds N (30) --members N (20000) --bulk on|off (off): from a fact's publication to the call that the vendor accepts", LiveScenario.RunAsync),
    new("log", "--facts N (1000000): partitions made and dropped, events claimed, the log read by position, beside a hundredth of it", LogScenario.RunAsync),
    new("fuzz", "--count N (100000) --callers N (8): malformed bodies and signatures over HTTP and AMQP: never 5xx, never a crash, each counted", FuzzScenario.RunAsync),
    new("mapping", "mapping and request building alone: profiles per second and core, bytes allocated", MappingScenario.RunAsync),
    new("quota", "--vendor braze|hubspot|marketo --members N (200000) --hubs N (1): how much of a counted quota is used, and what is refused", QuotaScenario.RunAsync),
    new("imports", "--members N (60000) --import-seconds N (45): members reach Marketo by the calls for single records and by imports, at its documented limits", ImportScenario.RunAsync),
    new("reconcile", "--vendor hubspot|marketo (hubspot) --members N (20000) --planted N (1000) --fields whole|sample (whole) --settle SECONDS (120 at HubSpot, 0 at Marketo: so long it may not show what was changed) --first whole|marks (whole; marks writes what the first whole comparison would leave): differences planted there are all found, none is invented, one pass heals them; memory, calls, time", ReconcileScenario.RunAsync),
    new("letters", "--count N (20000) --kills N (5): dead letters are replayed while the hub is stopped and killed: progress, time to stop, results by reason, none twice", LettersScenario.RunAsync),
    new("backfill", "--what people|events (people) --people N (200000) --kills N (10) --touched N (1 %) --seed N: a backfill at HubSpot is killed while it writes, then taken back: nobody is written twice, everybody whom nobody else touched is as before; or one of three events of everybody at Braze: none is there twice, none is missing that is not said to be in doubt", BackfillScenario.RunAsync),
    new("erasure", "--members N (5000) --people N (20): people are erased while two hubs work with them and one is killed; no call names them once that was answered, nothing brings them back, and they stand nowhere", ErasureScenario.RunAsync),
    new("histories", "--count N (20) --people N (2000) --seed N (1): runs on real servers are paused, resumed, canceled, refused and rolled back while their hub is killed; the ledger balances after every word", HistoriesScenario.RunAsync),
    new("outage", "--members N (100000) --rounds N (5) --seconds N (600): one vendor is down; what that takes from the others and costs the hub", OutageScenario.RunAsync),
    new("urgent", "--members N (60000) --withdrawals N (200) --hubs N (1) --scale N (1): withdrawals while bulk work saturates HubSpot's quota", UrgentScenario.RunAsync),
    new("order", "--facts N (100000) --people N (1000) --hubs N (3): facts shuffled and doubled while hubs are killed: people, consents, members and what vendors hold equal the model's", OrderScenario.RunAsync),
    new("race", "--members N (60000) --withdrawals N (10000) --scale N (1) --egress both|on|off (both): no call that starts after a withdrawal was accepted names the person", RaceScenario.RunAsync),
    new("stuck", "--acts destinations,bells,canaries,comparisons,intake,erasures,servers,hubs (all): whatever stands still, provoked with the usual thresholds and servers that are stopped: seconds until it is named, right or wrong, where it is said, and until it is over; takes some ten minutes", StuckScenario.RunAsync),
    new("upgrade", "--members N (6000) --from COMMIT (where this branch left origin/main, or the one before): two hubs of an earlier commit, which is built first, are replaced one after another under load: no request fails, no record is lost or doubled", UpgradeScenario.RunAsync),
    new("change", "--members N (20000) --rounds N (3): the mapping is changed again and again while three hubs deliver: no record goes by two versions at once, none is lost", ChangeScenario.RunAsync),
    new("policy", "--people N (5000) --questions N (4000): whether people may be sent something, asked over HTTP", PolicyScenario.RunAsync),
    new("explain", "--facts N (100000) --people N (10000) --questions N (300): why people are where they are, asked over HTTP against a log over all partitions that are kept", ExplainScenario.RunAsync),
    new("plan", "--people N (100000): what another mapping does to people whom the vendor has, told of a sample and of all, over HTTP", PlanScenario.RunAsync),
    new("pages", "--outcomes N (1000000) --runs N (1000) --letters N (10000) --pending N (100000) --asks N (40): the console's pages over what a hub of some months keeps: how long, how large, and whether the end of a list is as near as its beginning", PagesScenario.RunAsync),
];

var json = args.Contains("--json");
var rest = args.Where(x => x != "--json").ToList();
if (rest.Count == 0 || scenarios.FirstOrDefault(x => x.Name == rest[0]) is not { } scenario || rest.Count % 2 == 0)
{
    await Console.Error.WriteLineAsync("Usage: dotnet run -c Release --project tests/Benchmarks -- SCENARIO [--option value ...] [--json]");
    foreach (var known in scenarios)
        await Console.Error.WriteLineAsync($"  {known.Name,-16}{known.Summary}");
    return 2;
}

var options = rest.Skip(1).Chunk(2).ToDictionary(x => x[0].TrimStart('-'), x => x[1]);
var result = await scenario.RunAsync(new ScenarioOptions(options));
if (json)
{
    Console.WriteLine(result.ToJsonString());
    return 0;
}

foreach (var (name, value) in result)
    Console.WriteLine($"{name,-64}{value,16}");
return 0;
