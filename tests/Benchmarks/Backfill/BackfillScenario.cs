using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.Backfill;

/// <summary>
/// N people stand at HubSpot's sandbox in production mode; each gets another first name in the hub, and a backfill writes it while hubs are killed at seeded moments. Then somebody else changes some of
/// them at the vendor, and a rollback, with kills of its own, takes the rest back. What the vendor holds is read before, between and after. Ends with an exception when anything is not as it has to be.
/// </summary>
internal sealed class BackfillScenario(int people, int kills, int touched, int seed)
{
    private const int LargestBatch = 100;
    private readonly Random _random = new(seed);

    public static Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        var (people, seed) = (options.Number("people", 200_000), options.Number("seed", 20_261_127));
        return options.Text("what", "people") switch
        {
            "people" => new BackfillScenario(people, options.Number("kills", 10), options.Number("touched", people / 100), seed).MeasureAsync(),
            "events" => new EventBackfillScenario(people, options.Number("kills", 10), seed).MeasureAsync(),
            var other => throw new ArgumentException($"--what {other}: write people or events."),
        };
    }

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        var settings = SyncRuns.Settings(sandbox, database, broker, quotas: false);
        settings["Hub__Delivery__LeaseLength"] = "00:00:05";
        settings["Hub__ProgressTimeout"] = "00:00:10";
        await using var hub = await HubProcess.ServeAsync(settings);
        var vendor = new HubSpotPeople(sandbox);
        ScenarioOptions.Progress($"{people} people go to HubSpot");
        await SyncRuns.SyncAsync(hub, database, await SyncRuns.LoadAsync(hub, "full", 0, people, 0), "full", "hubspot");
        ScenarioOptions.Progress("each gets another first name");
        await new Renaming(hub, people).PublishAsync();
        var before = await vendor.ReadAsync();

        var written = await RunAsync(hub, vendor, "/v1/backfills", new { destination = "hubspot", audience = "customers", attributes = new[] { "first_name" } }, kills);
        var between = await vendor.ReadAsync();
        Require.That(before.Keys.All(person => between[person] == Renaming.NameOf(person)), "everybody has the new name");
        Require.That(await ImagesAsync(database, before) == before.Count, "what was there of everybody is written down");
        Require.That(written.Again is >= 0 and var again && again <= kills * LargestBatch, "nobody is written again beyond a batch a kill");

        var others = before.Keys.Order().Take(touched).ToList();
        await vendor.TouchAsync(others);
        var back = await RunAsync(hub, vendor, $"/v1/backfills/{written.RunId}/rollback", new { reason = "a wrong list" }, Math.Max(1, kills / 5));
        var after = await vendor.ReadAsync();
        var restored = before.Keys.Except(others).Count(person => after[person] == before[person]);
        Require.That(restored == before.Count - touched, "everybody whom nobody else touched is as before");
        Require.That(others.TrueForAll(person => after[person] == HubSpotPeople.TouchedName), "what somebody else wrote is left");
        Require.That(back.ChangedSince == touched, "and counted as changed_since");
        return new JsonObject
        {
            ["people"] = before.Count,
            ["kills"] = written.Kills,
            ["seconds"] = written.Seconds,
            ["people_per_second"] = Math.Round(before.Count / written.Seconds),
            ["written_again"] = written.Again,
            ["kills_of_the_rollback"] = back.Kills,
            ["seconds_of_the_rollback"] = back.Seconds,
            ["restored"] = restored,
            ["restored_again"] = back.Again,
            ["changed_since"] = back.ChangedSince,
        };
    }

    /// <summary>Lets it run to its end through kills.</summary>
    private async Task<Ended> RunAsync(HubProcess hub, HubSpotPeople vendor, string path, object body, int times)
    {
        var sent = await vendor.SentAsync();
        var run = await new KilledBackfill(hub, _random).RunAsync(path, body, times);
        Require.That(run.State == "Completed", run.Shown.ToString());
        var shown = run.Shown.GetProperty("run");
        var changed = shown.GetProperty("reasons").EnumerateArray().Where(reason => reason.GetProperty("code").GetString() == "changed_since").Sum(reason => reason.GetProperty("count").GetInt64());
        return new Ended(run.RunId, run.Kills, run.Seconds, await vendor.SentAsync() - sent - shown.GetProperty("verification").GetProperty("expected").GetInt64(), changed);
    }

    private static async Task<long> ImagesAsync(PostgresDatabase database, Dictionary<string, string> before)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("SELECT p.external_id, b.fields ->> 'firstname' FROM before_images b JOIN profiles p USING (profile_id)");
        await using var reader = await command.ExecuteReaderAsync();
        var right = 0L;
        while (await reader.ReadAsync())
        {
            right += Was(reader.GetString(1)) == before[reader.GetString(0)] ? 1 : 0;
        }

        return right;
    }

    private static string? Was(string field) => JsonSerializer.Deserialize<string[]>(field) is [var json] ? JsonSerializer.Deserialize<string>(json) : null;

    private sealed record Ended(Guid RunId, int Kills, double Seconds, long Again, long ChangedSince);
}
