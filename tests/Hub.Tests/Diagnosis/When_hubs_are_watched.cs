using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Tests.Storage;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Diagnosis;

/// <summary>The facts of a diagnosis, read from either database.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_hubs_are_watched(StorageDatabase database) : StorageFixture(database)
{
    [Test]
    public async Task Should_tell_the_living_from_those_that_ended_without_a_word()
    {
        var (alive, dead, stopped) = (Unique("alive"), Unique("dead"), Unique("stopped"));
        foreach (var name in new[] { alive, dead, stopped })
        {
            await BeatAsync(name, null);
        }

        await ExecuteAsync("UPDATE instances SET seen_at = @long WHERE name = @name", ("long", DateTimeOffset.UtcNow - Heartbeats.Patience * 2), ("name", dead));
        await WriteAsync(db => Heartbeats.LeaveAsync(db, stopped, CancellationToken.None));
        await BeatAsync(alive, "broker");
        var hubs = await ReadAsync(db => Heartbeats.ListAsync(db, CancellationToken.None));
        Assert.That(hubs.Single(hub => hub.Name == alive), Has.Property(nameof(HubSighting.IsAlive)).True.And.Property(nameof(HubSighting.Trouble)).EqualTo("broker").And.Property(nameof(HubSighting.Roles)).EqualTo(new[] { "runs", "deliver-acme" }));
        Assert.That(hubs.Single(hub => hub.Name == dead).IsAlive, Is.False);
        Assert.That(hubs.Select(hub => hub.Name), Has.None.EqualTo(stopped));
    }

    [Test]
    public async Task Should_give_a_duty_to_one_hub_at_a_time()
    {
        var duty = Unique("duty");
        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => WriteAsync(db => WatchTurns.TryTakeAsync(db, duty, TimeSpan.FromMinutes(1), CancellationToken.None))));
        Assert.That(taken.Count(one => one), Is.EqualTo(1));
        await ExecuteAsync("UPDATE watch_turns SET taken_at = @before WHERE duty = @duty", ("before", DateTimeOffset.UtcNow.AddMinutes(-2)), ("duty", duty));
        Assert.That(await WriteAsync(db => WatchTurns.TryTakeAsync(db, duty, TimeSpan.FromMinutes(1), CancellationToken.None)), Is.True);
    }

    [Test]
    public async Task Should_count_a_claim_in_the_minute_in_which_it_was_settled()
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(audience, "full", 0, [.. Enumerable.Range(0, 4).Select(i => $"{audience}-{i}")]);
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, destination: destination);
        var lease = await LeaseAsync(destination: destination);
        var claim = await ClaimAsync(lease);
        Assert.That(claim.Select(owed => owed.OwedSince), Is.All.Not.Null);
        await SettleAsync(lease, [Delivered(claim[0]), Ended(claim[1], LedgerOutcome.Rejected, "email_malformed"), Ended(claim[2], LedgerOutcome.Suppressed, "consent_denied")]);
        var minute = (await ReadAsync(db => DeliveryMinutes.ListAsync(db, destination, DateTimeOffset.UnixEpoch, CancellationToken.None))).Single();
        Assert.That((minute.Delivered, minute.Rejected, minute.Suppressed, minute.Attempted, minute.ErrorShare, minute.Lag.Total), Is.EqualTo((1L, 1L, 1L, 2L, 0.5, 1L)));

        await SettleAsync(lease, [Delivered(claim[3])]);
        var sum = (await ReadAsync(db => DeliveryMinutes.SumAsync(db, DateTimeOffset.UnixEpoch, CancellationToken.None))).Single(one => one.Destination == destination);
        Assert.That((sum.Delivered, sum.Lane), Is.EqualTo((2L, Bulk)));
    }

    [Test]
    public async Task Should_explain_a_run_by_what_the_database_holds()
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(audience, "full", 0, $"{audience}-1", $"{audience}-2");
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, destination: destination);
        await SetStateAsync(run, RunState.Delivering);
        await WriteAsync(db => Destinations.ReportAsync(db, new ConditionReport(destination, "unauthorized", "http_401", Noon, null), _ => Noon.AddMinutes(1), CancellationToken.None));
        var situation = await ReadAsync(db => Situations.ReadAsync(db, Noon, CancellationToken.None)) with { Hubs = [] };
        var verdict = Diagnoser.OfRun(situation.Runs.Single(open => open.RunId == run), situation)!;
        Assert.That((verdict.Code, verdict.Records, verdict.Since), Is.EqualTo((DiagnosisCode.Unauthorized, 2L, Noon)));
        Assert.That(Diagnoser.Explain(situation).Where(one => one.Destination == destination).Select(one => one.Kind), Is.EquivalentTo(new[] { "run", "backlog" }));
        var alone = await ReadAsync(db => Situations.ReadAsync(db, Noon, [run], CancellationToken.None));
        Assert.That(alone.Pending.Select(work => work.RunId).Distinct(), Is.EqualTo(new[] { run }), "of the queue only what was asked for");
    }

    [Test]
    public async Task Should_remember_the_last_check_of_a_destination()
    {
        var destination = Unique("dest");
        await WriteAsync(db => DestinationChecks.NoteAsync(db, new StoredCheck(destination, Noon, false, ["field_missing (score)"]), CancellationToken.None));
        await WriteAsync(db => DestinationChecks.NoteAsync(db, new StoredCheck(destination, Noon.AddHours(1), true, []), CancellationToken.None));
        var check = (await ReadAsync(db => DestinationChecks.ListAsync(db, CancellationToken.None))).Single(one => one.Destination == destination);
        Assert.That((check.At, check.IsOk, check.Findings.Count), Is.EqualTo((Noon.AddHours(1), true, 0)));
    }

    private Task BeatAsync(string name, string? trouble) => WriteAsync(db => Heartbeats.BeatAsync(db, name, "1.0", "config", ["runs", "deliver-acme"], trouble, CancellationToken.None));

    private Task ExecuteAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });
}
