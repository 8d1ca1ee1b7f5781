using System.Net;
using System.Text.Json;
using IntegrationHub.TestServers;
using Npgsql;

namespace EndToEnd.Tests;

/// <summary>
/// A hub is killed (SIGKILL) three times while it replays letters: after the claim, after the vendor answered and before that is written down, and between a letter's new status and its
/// action's count. The database holds the hub up at the row in question. Each letter ends with one outcome, no event is there twice, and the vendor itself says what the hub could not know.
/// </summary>
[TestFixture]
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_hub_is_killed_in_a_replay
{
    private const string BeforeTheCallIsMarked = "BEFORE UPDATE OF sending_since ON deliveries FOR EACH ROW WHEN (NEW.letter_id IS NOT NULL AND NEW.operation = 5)";
    private const string BeforeTheAnswerIsSettled = "BEFORE DELETE ON deliveries FOR EACH ROW WHEN (OLD.letter_id IS NOT NULL AND OLD.operation = 5)";
    private const string BeforeTheActionCounts = "BEFORE INSERT ON letter_results FOR EACH ROW WHEN (NEW.status = 'came_back')";
    private readonly World _world = new(40);

    [Test]
    public async Task Should_give_each_letter_one_outcome_and_no_vendor_an_event_twice()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var sql = NpgsqlDataSource.Create($"{database.ConnectionString};Pooling=false");
        var settings = Settings.AtSandbox(sandbox).Production(database.ConnectionString, broker.Uri);
        settings["Hub__Delivery__Partitions"] = "1";
        settings["Hub__DeadLetters__Batch"] = "7";
        await using var hub = await HubProcess.ServeAsync(settings);
        await Job.FinishAsync(hub, await Job.StartAsync(hub, await Job.LoadSnapshotAsync(hub, _world.Csv()), "full", "braze", "hubspot"));
        await hub.KillAsync();
        var views = Enumerable.Range(0, _world.Size).Select(person => Happenings.View(World.ExternalId(person), DateTimeOffset.UtcNow)).ToList();
        await StoredFacts.AppendAsync(settings, [.. views.Select(Happenings.Stored)]);
        var (events, people) = await BuryAsync(sql);

        await hub.StartAsync();
        var told = await ReplayAsync(hub, "hubspot", people);
        var happened = await ReplayAsync(hub, "braze", events, holding: (sql, BeforeTheCallIsMarked));
        foreach (var point in new[] { BeforeTheAnswerIsSettled, BeforeTheActionCounts })
        {
            await using (await HeldRows.HoldAsync(sql, point))
            {
                await hub.StartAsync();
                await HeldRows.UntilHeldUpAsync(sql);
                await Poll.Until(async () => (await Happenings.AtAsync(sandbox.Http, "braze")).Count == events, "the calls that are on their way to arrive");
                await hub.KillAsync();
            }
        }

        await hub.StartAsync();
        Assert.That(await ResultsAsync(hub, told), Is.EqualTo($"{people} delivered"));
        Assert.That(await ResultsAsync(hub, happened), Is.EqualTo($"{events} came_back ambiguous"), "sent, and nobody wrote the answer down");
        await Happenings.SettleAsync(sandbox.Http, "braze");
        Assert.That((await Happenings.AtAsync(sandbox.Http, "braze")).Values, Has.Exactly((int)events).EqualTo(1).And.All.EqualTo(1));

        var (status, asked) = await hub.PostAsync("/v1/dead-letters/settle", new { destination = "braze", by_vendor = true, expected = events });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), asked.ToString());
        Assert.That(await ResultsAsync(hub, asked.GetProperty("action_id").GetInt64()), Is.EqualTo($"{events} delivered settled_by_vendor"));
        Assert.That(await Happenings.PendingAsync(hub), Is.Zero);
    }

    /// <summary>What was owed of the events at Braze, and everybody whom HubSpot has, are letters now; nothing else is owed.</summary>
    private static async Task<(long Events, long People)> BuryAsync(NpgsqlDataSource sql)
    {
        var events = await CountAsync(sql,
            """
            WITH gone AS (DELETE FROM deliveries WHERE operation = 5 RETURNING *),
            dead AS (
                INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at, event_id, fact_position, fact_received_at)
                SELECT run_id, destination, audience, profile_id, operation, 'rejected', 'buried', 1, now(), event_id, fact_position, fact_received_at FROM gone WHERE destination = 'braze' RETURNING 1)
            SELECT count(*) FROM dead
            """);
        var people = await CountAsync(sql,
            """
            WITH unsure AS (UPDATE destination_profiles SET content_hash = NULL WHERE destination = 'hubspot'),
            dead AS (
                INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at)
                SELECT '00000000-0000-0000-0000-000000000001', 'hubspot', audience, profile_id, 2, 'rejected', 'buried', 1, now() FROM destination_members WHERE destination = 'hubspot' AND is_member RETURNING 1)
            SELECT count(*) FROM dead
            """);
        Assert.That((events > 20, people > 20), Is.EqualTo((true, true)));
        return (events, people);
    }

    /// <summary>Confirms a replay; with a point to hold it up at, the hub is killed there.</summary>
    private static async Task<long> ReplayAsync(HubProcess hub, string destination, long expected, (NpgsqlDataSource Sql, string Point)? holding = null)
    {
        await using var hold = holding is var (sql, point) ? await HeldRows.HoldAsync(sql, point) : null;
        var (status, body) = await hub.PostAsync("/v1/dead-letters/replay", new { destination, code = "buried", expected, reason = "the cause is gone" });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), body.ToString());
        if (holding is { } held)
        {
            await HeldRows.UntilHeldUpAsync(held.Sql);
            await hub.KillAsync();
        }

        return body.GetProperty("action_id").GetInt64();
    }

    /// <summary>What became of an action's letters, once it is done.</summary>
    private static async Task<string> ResultsAsync(HubProcess hub, long actionId)
    {
        var action = await Poll.For(() => hub.GetAsync($"/v1/dead-letters/actions/{actionId}"), shown => shown.GetProperty("state").GetString() == "done", $"action {actionId} to be done");
        Assert.That(action.GetProperty("done").GetInt64(), Is.EqualTo(action.GetProperty("frozen").GetInt64()), "each has one outcome");
        return string.Join(", ", action.GetProperty("results").EnumerateArray().Select(result => $"{result.GetProperty("count")} {result.GetProperty("status")} {(result.GetProperty("code").ValueKind == JsonValueKind.Null ? "" : result.GetProperty("code"))}".TrimEnd()));
    }

    private static async Task<long> CountAsync(NpgsqlDataSource sql, string question)
    {
        await using var command = sql.CreateCommand(question);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
