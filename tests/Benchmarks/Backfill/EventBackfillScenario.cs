using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Backfill;

/// <summary>
/// N people viewed products before Braze knew them, which recognises no repeat; a backfill tells it the views of three days, quietly, while hubs are killed at seeded moments. What the sandbox has is
/// compared with what the hub says: no event twice, none of other days, each that the hub calls delivered is there, and each that is not there is called ambiguous. What is ambiguous is then settled by the
/// vendor where it can tell, and by somebody who looks where it cannot; in the end each is there once. Ends with an exception when anything is not as it has to be.
/// </summary>
internal sealed class EventBackfillScenario(int people, int kills, int seed)
{
    /// <summary>Of Braze's descriptor: calls at a time, and events in one.</summary>
    private const int MostInDoubtPerKill = 16 * 75;

    private static readonly TimeSpan _slowAnswer = TimeSpan.FromMilliseconds(400);

    public async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        var settings = SyncRuns.Settings(sandbox, database, broker, quotas: false);
        settings["Hub__Delivery__LeaseLength"] = "00:00:05";
        settings["Hub__ProgressTimeout"] = "00:00:10";
        await using var hub = await HubProcess.ServeAsync(settings);
        var vendor = new BrazeEvents(sandbox);
        var views = new Views(people);
        ScenarioOptions.Progress($"{people} people view products");
        await new Renaming(hub, people).PublishAsync(); // an event makes nobody known
        await views.PublishAsync(hub);
        ScenarioOptions.Progress("they go to Braze");
        await SyncRuns.SyncAsync(hub, database, await SyncRuns.LoadAsync(hub, "full", 0, people, 0), "full", "braze");
        Require.That((await vendor.ReadAsync()).Count == 0, "what people did before Braze knew them it is not told");

        await vendor.SlowDownAsync(_slowAnswer);
        var run = await new KilledBackfill(hub, new Random(seed)).RunAsync(
            "/v1/backfills", new { kind = "redeliver", destination = "braze", types = new[] { Views.Name }, from = views.From, to = views.To }, kills);
        var doubts = new DoubtfulEvents(hub, run.RunId);
        var ambiguous = await doubts.ListAsync("ambiguous");
        var there = await IdsAsync(vendor);
        var (inDoubt, wanted) = (ambiguous.Select(letter => letter.EventId).ToHashSet(), views.Wanted.ToHashSet());
        Require.That(run.Planned == wanted.Count, $"{wanted.Count} events are planned, not {run.Planned}");
        Require.That(there.IsSubsetOf(wanted), "the vendor has no event of other days");
        Require.That(wanted.All(id => there.Contains(id) || inDoubt.Contains(id)), "whatever is missing is called ambiguous");
        Require.That(run.Count("delivered") + inDoubt.Count == wanted.Count && run.Count("dead_lettered") == inDoubt.Count, $"each event is delivered or ambiguous: {run.Shown}");
        Require.That(run.State == (inDoubt.Count == 0 ? "Completed" : "CompletedWithIssues"), $"the run says whether something is in doubt: {run.State}");
        Require.That(inDoubt.Count <= run.Kills * MostInDoubtPerKill, $"no more is in doubt than was in calls: {inDoubt.Count}");

        ScenarioOptions.Progress($"{inDoubt.Count} events are ambiguous, of which the vendor has {inDoubt.Count(there.Contains)}");
        var byVendor = ambiguous.Count == 0 ? 0 : await doubts.AskAsync(ambiguous.Count);
        var left = await doubts.ListAsync("ambiguous");
        Require.That(byVendor + left.Count == ambiguous.Count, "each is settled by the vendor or waits for a person");
        Require.That(ambiguous.Except(left).All(letter => there.Contains(letter.EventId)), "what the vendor is said to have it has");
        var (arrived, lost) = (left.FindAll(letter => there.Contains(letter.EventId)), left.FindAll(letter => !there.Contains(letter.EventId)));
        await doubts.SettleAsync(arrived, lost);
        Require.That((await IdsAsync(vendor)).SetEquals(wanted), "in the end each event is there");
        return new JsonObject
        {
            ["people"] = people,
            ["events"] = wanted.Count,
            ["kills"] = run.Kills,
            ["seconds"] = run.Seconds,
            ["events_per_second"] = Math.Round(wanted.Count / run.Seconds),
            ["delivered"] = run.Count("delivered"),
            ["ambiguous"] = ambiguous.Count,
            ["ambiguous_and_there"] = inDoubt.Count(there.Contains),
            ["settled_by_the_vendor"] = byVendor,
            ["settled_by_a_person_as_there"] = arrived.Count,
            ["settled_by_a_person_and_sent_again"] = lost.Count,
            ["twice"] = 0,
            ["missing"] = 0,
        };
    }

    /// <summary>The ids of the events at the vendor, each of which is there once, under the name of the past.</summary>
    private static async Task<HashSet<Guid>> IdsAsync(BrazeEvents vendor)
    {
        var events = await vendor.ReadAsync();
        var twice = events.CountBy(happened => happened.Id).Count(id => id.Value > 1);
        Require.That(twice == 0, $"no event is there twice: {twice} are");
        Require.That(events.TrueForAll(happened => happened.Name == $"{Views.Name}_backfill"), "all go by a name by which nothing starts");
        return [.. events.Select(happened => happened.Id)];
    }
}
