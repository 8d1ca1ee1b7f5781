using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Benchmarks.AudienceSync;
using IntegrationHub.TestServers;
using Npgsql;

namespace IntegrationHub.Benchmarks.DeadLetters;

/// <summary>
/// N people stand at Braze's sandbox in production mode, and each of them is a dead letter. A replay is stopped after a tenth; another one takes the rest while the hub is killed again
/// and again. Each letter ends with one outcome, and the database's counts are those of the letters.
/// </summary>
internal sealed class LettersScenario(int count, int kills)
{
    private const string Code = "buried";

    public static Task<JsonObject> RunAsync(ScenarioOptions options) => new LettersScenario(options.Number("count", 20_000), options.Number("kills", 5)).MeasureAsync();

    private async Task<JsonObject> MeasureAsync()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var sql = NpgsqlDataSource.Create(database.ConnectionString);
        await using var hub = await HubProcess.ServeAsync(SyncRuns.Settings(sandbox, database, broker, quotas: false));
        ScenarioOptions.Progress($"{count} people go to Braze");
        await SyncRuns.SyncAsync(hub, database, await SyncRuns.LoadAsync(hub, "full", 0, count, 0), "full", "braze");
        var letters = await BuryAsync(sql);

        ScenarioOptions.Progress($"{letters} letters; a replay is stopped after a tenth");
        var first = await ReplayAsync(hub, letters);
        await UntilAsync(hub, first, action => Done(action) >= letters / 10);
        var stopping = Stopwatch.GetTimestamp();
        await hub.PostAsync($"/v1/dead-letters/actions/{first}/stop", new { });
        var stopped = await UntilAsync(hub, first, IsOver);
        var stop = Stopwatch.GetElapsedTime(stopping);
        var left = letters - Of(stopped, "delivered");

        ScenarioOptions.Progress($"{left} are left; the hub is killed {kills} times while it replays them");
        var started = Stopwatch.GetTimestamp();
        var second = await ReplayAsync(hub, left);
        for (var kill = 1; kill <= kills; kill++)
        {
            var share = left * kill / (kills + 1);
            await UntilAsync(hub, second, action => Done(action) >= share || IsOver(action));
            await hub.KillAsync();
            await hub.StartAsync();
        }

        var done = await UntilAsync(hub, second, IsOver);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new JsonObject
        {
            ["letters"] = letters,
            ["stopped"] = JsonNode.Parse(stopped.GetProperty("results").GetRawText()),
            ["stop_seconds"] = stop.TotalSeconds,
            ["kills"] = kills,
            ["state"] = done.GetProperty("state").GetString(),
            ["results"] = JsonNode.Parse(done.GetProperty("results").GetRawText()),
            ["seconds"] = seconds,
            ["letters_per_second"] = left / seconds,
            ["letters_with_an_outcome_twice"] = await CountAsync(sql, "SELECT count(*) FROM (SELECT letter_id FROM letter_history WHERE status = 'delivered' GROUP BY letter_id HAVING count(*) > 1) t"),
            ["delivered_letters"] = await CountAsync(sql, "SELECT count(*) FROM dead_letters WHERE status = 'delivered'"),
            ["delivered_by_the_counts"] = await CountAsync(sql, "SELECT coalesce(sum(count), 0)::bigint FROM letter_tallies WHERE status = 'delivered'"),
            ["still_owed"] = await CountAsync(sql, "SELECT count(*) FROM deliveries"),
        };
    }

    /// <summary>Everybody whom Braze has is a letter now, and nobody knows what it holds of them.</summary>
    private static Task<long> BuryAsync(NpgsqlDataSource sql) => CountAsync(
        sql,
        $"""
        WITH unsure AS (UPDATE destination_profiles SET content_hash = NULL WHERE destination = 'braze'),
        dead AS (
            INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at)
            SELECT '00000000-0000-0000-0000-000000000001', destination, audience, profile_id, 2, 'rejected', '{Code}', 1, now() FROM destination_members WHERE destination = 'braze' AND is_member RETURNING 1)
        SELECT count(*) FROM dead
        """);

    private static async Task<long> ReplayAsync(HubProcess hub, long expected)
    {
        var (status, body) = await hub.PostAsync("/v1/dead-letters/replay", new { destination = "braze", code = Code, expected, reason = "the cause is gone" });
        return (int)status == 202 ? body.GetProperty("action_id").GetInt64() : throw new InvalidOperationException(body.ToString());
    }

    private static async Task<JsonElement> UntilAsync(HubProcess hub, long actionId, Func<JsonElement, bool> isThere)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var action = await hub.Http.GetFromJsonAsync<JsonElement>($"/v1/dead-letters/actions/{actionId}");
            if (isThere(action))
            {
                return action;
            }

            await timer.WaitForNextTickAsync();
        }
    }

    private static bool IsOver(JsonElement action) => action.GetProperty("finished_at").ValueKind == JsonValueKind.String;

    private static long Done(JsonElement action) => action.GetProperty("done").GetInt64();

    private static long Of(JsonElement action, string status) =>
        action.GetProperty("results").EnumerateArray().Where(result => result.GetProperty("status").GetString() == status).Sum(result => result.GetProperty("count").GetInt64());

    private static async Task<long> CountAsync(NpgsqlDataSource sql, string question)
    {
        await using var command = sql.CreateCommand(question);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
