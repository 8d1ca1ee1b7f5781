using System.Net;
using System.Text.Json;
using IntegrationHub.TestServers;
using Npgsql;

namespace EndToEnd.Tests;

/// <summary>
/// A hub is killed (SIGKILL) twice while it tells of events of the log again: before the call is written down, and after the vendor took the events and before that is written down. Braze counts an event as often as
/// it is told: each is there once, and what the hub could not know is said.
/// </summary>
[TestFixture]
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_hub_is_killed_while_it_tells_again
{
    private const string BeforeTheCallIsMarked = "BEFORE UPDATE OF sending_since ON deliveries FOR EACH ROW WHEN (NEW.lane = 'backfill' AND NEW.operation = 5)";
    private const string BeforeTheAnswerIsSettled = "BEFORE DELETE ON deliveries FOR EACH ROW WHEN (OLD.lane = 'backfill' AND OLD.operation = 5)";
    private readonly World _world = new(40);

    [Test]
    public async Task Should_tell_no_vendor_of_an_event_twice_and_say_what_it_does_not_know()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var sql = NpgsqlDataSource.Create($"{database.ConnectionString};Pooling=false");
        var settings = Settings.AtSandbox(sandbox).Production(database.ConnectionString, broker.Uri);
        settings["Hub__Delivery__Partitions"] = "1";
        await using var hub = await HubProcess.ServeAsync(settings);
        await Job.FinishAsync(hub, await Job.StartAsync(hub, await Job.LoadSnapshotAsync(hub, _world.Csv()), "full", "braze"));
        await hub.KillAsync();
        await StoredFacts.AppendAsync(settings, [.. Enumerable.Range(0, _world.Size).Select(person => Happenings.Stored(Happenings.View(World.ExternalId(person), DateTimeOffset.UtcNow)))]);
        await using (var forgotten = sql.CreateCommand("DELETE FROM deliveries WHERE operation = 5"))
        {
            await forgotten.ExecuteNonQueryAsync();
        }

        await hub.StartAsync();
        var (runId, owed) = await PlanAsync(hub);
        foreach (var point in new[] { BeforeTheCallIsMarked, BeforeTheAnswerIsSettled })
        {
            await using (await HeldRows.HoldAsync(sql, point))
            {
                await (point == BeforeTheCallIsMarked ? ApproveAsync(hub, runId) : hub.StartAsync());
                await HeldRows.UntilHeldUpAsync(sql);
                await hub.KillAsync();
            }
        }

        await hub.StartAsync();
        var ended = await Poll.For(() => hub.GetAsync($"/v1/backfills/{runId}"), shown => shown.GetProperty("run").GetProperty("finished_at").ValueKind == JsonValueKind.String, "the run to end");
        await Happenings.SettleAsync(sandbox.Http, "braze");
        Assert.That((await Happenings.AtAsync(sandbox.Http, "braze")).Values, Has.Exactly(owed).EqualTo(1).And.All.EqualTo(1));
        Assert.That(ended.GetProperty("run").GetProperty("state").GetString(), Is.EqualTo("CompletedWithIssues"));
        Assert.That((await Happenings.LettersAsync(hub, "braze")).Values, Has.Exactly(owed).EqualTo("ambiguous").And.All.EqualTo("ambiguous"), "sent, and nobody wrote the answer down");
    }

    private static async Task<(Guid RunId, int Owed)> PlanAsync(HubProcess hub)
    {
        var (status, planned) = await hub.PostAsync("/v1/backfills", new { kind = "redeliver", destination = "braze", types = new[] { Happenings.Viewed } });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), planned.ToString());
        var runId = planned.GetProperty("run").GetProperty("run_id").GetGuid();
        planned = await Poll.For(() => hub.GetAsync($"/v1/backfills/{runId}"), shown => shown.GetProperty("plan_hash").ValueKind == JsonValueKind.String, "the plan to stand");
        var owed = planned.GetProperty("plan").GetProperty("to_write").GetInt32();
        Assert.That(owed, Is.InRange(20, 75), "all of them in one call");
        return (runId, owed);
    }

    private static async Task ApproveAsync(HubProcess hub, Guid runId)
    {
        var hash = (await hub.GetAsync($"/v1/backfills/{runId}")).GetProperty("plan_hash").GetString();
        var (status, approved) = await hub.PostAsync($"/v1/backfills/{runId}/approve", new { plan_hash = hash, reason = "as planned" });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), approved.ToString());
    }
}
