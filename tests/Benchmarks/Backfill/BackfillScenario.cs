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
        var people = options.Number("people", 200_000);
        return new BackfillScenario(people, options.Number("kills", 10), options.Number("touched", people / 100), options.Number("seed", 20_261_127)).MeasureAsync();
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
        Must(before.Keys.All(person => between[person] == Renaming.NameOf(person)), "everybody has the new name");
        Must(await ImagesAsync(database, before) == before.Count, "what was there of everybody is written down");
        Must(written.Again is >= 0 and var again && again <= kills * LargestBatch, "nobody is written again beyond a batch a kill");

        var others = before.Keys.Order().Take(touched).ToList();
        await vendor.TouchAsync(others);
        var back = await RunAsync(hub, vendor, $"/v1/backfills/{written.RunId}/rollback", new { }, Math.Max(1, kills / 5));
        var after = await vendor.ReadAsync();
        var restored = before.Keys.Except(others).Count(person => after[person] == before[person]);
        Must(restored == before.Count - touched, "everybody whom nobody else touched is as before");
        Must(others.TrueForAll(person => after[person] == HubSpotPeople.TouchedName), "what somebody else wrote is left");
        Must(back.ChangedSince == touched, "and counted as changed_since");
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

    /// <summary>Plans, lets pass, kills at seeded moments while it is delivered, and waits for the end.</summary>
    private async Task<Ended> RunAsync(HubProcess hub, HubSpotPeople vendor, string path, object body, int times)
    {
        var sent = await vendor.SentAsync();
        var (status, begun) = await hub.PostAsync(path, body);
        Must((int)status == 202, begun.ToString());
        var runId = begun.GetProperty("run").GetProperty("run_id").GetGuid();
        var planned = await Poll.For(() => hub.GetAsync($"/v1/backfills/{runId}"), shown => shown.GetProperty("plan_hash").ValueKind == JsonValueKind.String, "the plan to stand");
        var toWrite = planned.GetProperty("plan").GetProperty("to_write").GetInt64();
        var started = TimeProvider.System.GetTimestamp();
        (status, var approved) = await hub.PostAsync($"/v1/backfills/{runId}/approve", new { plan_hash = planned.GetProperty("plan_hash").GetString() });
        Must((int)status == 202, approved.ToString());
        var killed = 0;
        foreach (var instant in Enumerable.Range(0, times).Select(_ => _random.NextInt64(1, toWrite)).Order().ToList())
        {
            // Between two looks it moves on by a chance number of records: the kill falls anywhere into a batch.
            var shown = await Poll.For(() => hub.GetAsync($"/v1/backfills/{runId}"), run => Settled(run) >= instant || IsOver(run), "the instant of the kill");
            if (StateOf(shown) != "Delivering")
            {
                break;
            }

            await hub.KillAsync();
            killed++;
            ScenarioOptions.Progress($"killed at {Settled(shown)} of {toWrite}");
            await hub.StartAsync();
        }

        JsonElement ended;
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200)))
        {
            while (!IsOver(ended = await hub.GetAsync($"/v1/backfills/{runId}")))
            {
                await timer.WaitForNextTickAsync();
            }
        }

        Must(StateOf(ended) == "Completed", ended.ToString());
        var verification = ended.GetProperty("run").GetProperty("verification");
        var changed = ended.GetProperty("run").GetProperty("reasons").EnumerateArray().Where(reason => reason.GetProperty("code").GetString() == "changed_since").Sum(reason => reason.GetProperty("count").GetInt64());
        return new Ended(
            runId, killed, TimeProvider.System.GetElapsedTime(started).TotalSeconds, await vendor.SentAsync() - sent - verification.GetProperty("expected").GetInt64(), changed);
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

    private static long Settled(JsonElement backfill) =>
        backfill.GetProperty("run").GetProperty("counts") is var counts ? counts.GetProperty("delivered").GetInt64() + counts.GetProperty("unchanged").GetInt64() : 0;

    private static bool IsOver(JsonElement backfill) => backfill.GetProperty("run").GetProperty("finished_at").ValueKind == JsonValueKind.String;

    private static string? StateOf(JsonElement backfill) => backfill.GetProperty("run").GetProperty("state").GetString();

    private static void Must(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Not so: {what}");
        }
    }

    private sealed record Ended(Guid RunId, int Kills, double Seconds, long Again, long ChangedSince);
}
