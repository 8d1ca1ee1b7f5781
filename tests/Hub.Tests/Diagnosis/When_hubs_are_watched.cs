using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Tests.Storage;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Watch;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;

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

        await ExecuteAsync("UPDATE instances SET heard_until = @long WHERE name = @name", ("long", DateTimeOffset.UtcNow.AddMinutes(-1)), ("name", dead));
        var (earlier, gone) = (Unique("earlier"), Unique("gone"));
        await ExecuteAsync("INSERT INTO instances (name, started_at, seen_at, version, configuration, roles) VALUES (@earlier, @now, @now, '1', 'c', ''), (@gone, @now, @long, '1', 'c', '')", ("earlier", earlier), ("gone", gone), ("now", DateTimeOffset.UtcNow), ("long", DateTimeOffset.UtcNow.AddMinutes(-1)));
        await WriteAsync(db => Heartbeats.LeaveAsync(db, stopped, CancellationToken.None));
        await BeatAsync(alive, "broker");
        var hubs = await ReadAsync(db => Heartbeats.ListAsync(db, CancellationToken.None));
        Assert.That(hubs.Single(hub => hub.Name == alive), Has.Property(nameof(HubSighting.IsAlive)).True.And.Property(nameof(HubSighting.Trouble)).EqualTo("broker").And.Property(nameof(HubSighting.Roles)).EqualTo(new[] { "runs", "deliver-acme" }));
        Assert.That(hubs.Single(hub => hub.Name == dead).IsAlive, Is.False);
        Assert.That((hubs.Single(hub => hub.Name == earlier).IsAlive, hubs.Single(hub => hub.Name == gone).IsAlive), Is.EqualTo((true, false)), "hubs of the version before");
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
    public async Task Should_read_runs_of_every_kind_with_what_they_wait_for_and_nothing_personal()
    {
        const string Personal = "kim.canary@example.org";
        var (audience, destination, stalled) = (Unique("aud"), Unique("dest"), Noon.AddMinutes(-5));
        var (backfill, rollback, erasure) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var letters = await WriteAsync(async db =>
        {
            db.Add(new BackfillRunState { CorrelationId = backfill, CurrentState = RunState.AwaitingApproval, Kind = "attributes", Audience = audience, Destination = destination, RequestedBy = "person:anna", RequestedAt = Noon, LastProgressAt = Noon, StalledSince = stalled, WaitingFor = "Approval: 7 of 9." });
            db.Add(new BackfillRunState { CorrelationId = rollback, CurrentState = RunState.Delivering, Kind = "rollback", Destination = destination, RollsBack = backfill, RequestedAt = Noon, LastProgressAt = Noon });
            db.Add(new BackfillRunState { CorrelationId = Guid.NewGuid(), CurrentState = RunState.Completed, Kind = "attributes", Destination = destination, RequestedAt = Noon, LastProgressAt = Noon, FinishedAt = Noon });
            db.Add(new ErasureState { CorrelationId = erasure, CurrentState = ErasurePhase.ErasingDestinations, Law = ErasureLaw.Gdpr, Reason = Personal, SubjectHash = "hmac:1:x", RequestedBy = "person:ben", RequestedAt = Noon, SuppressedAt = Noon.AddMinutes(2), Deadline = Noon.AddMonths(1), WaitingFor = $"{destination} (http_403): asked again." });
            await db.SaveChangesAsync();
            await ApprovalDesk.RequestAsync(db, new ApprovalRequest("backfill", $"backfill:{backfill}", "hash", "person:anna", Noon, null, 1, true, "A backfill."), CancellationToken.None);
            return await LetterActions.AddAsync(db, new LetterAction { Kind = LetterActionKind.Replay, Filter = new LetterFilter(destination), By = "person:anna", Reason = Personal, Confirmed = 1, RequestedAt = Noon }, CancellationToken.None);
        });

        var situation = await ReadAsync(db => Situations.ReadAsync(db, Noon.AddHours(1), CancellationToken.None)) with { Hubs = [] };
        OpenRun Run(Guid id) => situation.Runs.Single(run => run.RunId == id);
        Assert.Multiple(() =>
        {
            Assert.That(Run(backfill), Is.EqualTo(new OpenRun(backfill, OpenRunKind.Backfill, RunState.AwaitingApproval, audience, destination, Lane.Backfill, Noon, Noon, stalled, "Approval: 7 of 9.", null) { RequestedBy = "person:anna" }));
            Assert.That((Run(rollback).Kind, Run(rollback).RollsBack), Is.EqualTo((OpenRunKind.Rollback, (Guid?)backfill)));
            Assert.That((Run(erasure).Kind, Run(erasure).LastProgressAt, Run(erasure).Deadline), Is.EqualTo((OpenRunKind.Erasure, (DateTimeOffset?)Noon.AddMinutes(2), (DateTimeOffset?)Noon.AddMonths(1))));
            Assert.That(situation.Runs.Where(run => run.Destination == destination).Select(run => (run.Kind, run.Subject)), Is.EquivalentTo(new[]
            {
                (OpenRunKind.Backfill, backfill.ToString()), (OpenRunKind.Rollback, rollback.ToString()), (OpenRunKind.LetterAction, letters.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            }));
            Assert.That(Run(LiveStream.IdOf(destination, Lane.Replay)).State, Is.EqualTo(LetterActionState.Freezing));
        });

        var late = situation with { At = Noon.AddDays(20) };
        var verdicts = Diagnoser.Explain(late);
        Assert.That(verdicts.Single(verdict => verdict.Subject == backfill.ToString()).Sentence, Does.Contain("person:anna asked"));
        Assert.That(verdicts.Single(verdict => verdict.Subject == erasure.ToString()), Has.Property(nameof(Verdict.Code)).EqualTo(DiagnosisCode.ErasureLate).And.Property(nameof(Verdict.Sentence)).Contains(destination));
        var told = AlertRules.Of(verdicts, late.At).Select(alarm => JsonSerializer.Serialize(AlertNotice.Of(new AlertChange(new StoredAlert(7, "", alarm, Noon, Noon, null, null), AlertChange.Trigger)))).ToList();
        Assert.That(told, Has.Some.Contains(destination));
        Assert.That(told, Has.None.Contains(Personal));
        Assert.That(verdicts.Select(verdict => JsonSerializer.Serialize(DiagnosisJson.From(verdict))), Has.None.Contains(Personal));
    }

    [Test]
    public async Task Should_count_what_waits_and_is_no_delivery()
    {
        var route = Unique("route");
        var (long_, before) = (DateTimeOffset.UtcNow.AddMinutes(-9), (await QueuesAsync()).ToDictionary(queue => queue.Name ?? queue.Kind));
        foreach (var (code, outcome) in new[] { ("in_the_future", "NULL"), ("in_the_future", "NULL"), ("missing", "NULL"), ("missing", "'discarded'") })
        {
            await ExecuteAsync($"INSERT INTO quarantined_facts (quarantine_id, received_at, path, code, problem, body, outcome) VALUES (@id, @at, '', '{code}', 'x', @body, {outcome})", ("id", Guid.NewGuid()), ("at", long_), ("body", Array.Empty<byte>()));
        }

        foreach (var state in new[] { "waiting", "done" })
        {
            await ExecuteAsync($"INSERT INTO webhook_receipts (receipt_id, source, idempotency_key, received_at, state, headers, size) VALUES (@id, 's', @key, @at, '{state}', '{{}}', 1)", ("id", Guid.NewGuid()), ("key", Unique("key")), ("at", long_));
        }

        foreach (var attempts in new[] { 1, 3, 7 })
        {
            await ExecuteAsync("INSERT INTO alert_sends (alert_id, route, event, body, at, due_at, attempts, error) VALUES (7, @route, 'trigger', '{}', @at, @at, @attempts, 'http_404')", ("route", route), ("at", long_), ("attempts", attempts));
        }

        foreach (var wait in new TimeSpan?[] { null, TimeSpan.Zero, TimeSpan.FromHours(1) })
        {
            await WriteAsync(db =>
            {
                db.Add(new OutboxMessage
                {
                    OutboxId = Guid.NewGuid(), MessageId = Guid.NewGuid(), ContentType = "json", MessageType = "x", Body = "{}", SentTime = long_.UtcDateTime, EnqueueTime = DateTime.UtcNow + wait,
                });
                return Task.CompletedTask;
            });
        }

        var queues = (await QueuesAsync()).ToDictionary(queue => queue.Name ?? queue.Kind);
        Assert.That((queues[QueuedWork.Outbox].Records, queues[QueuedWork.Outbox].Oldest), Is.EqualTo((2L, new DateTimeOffset(long_.UtcDateTime.Ticks / 10 * 10, TimeSpan.Zero))).Or.EqualTo((2L, long_)), "what is to be sent later does not wait");
        Assert.That((queues[QueuedWork.Quarantine].Records, queues[QueuedWork.Quarantine].Code), Is.EqualTo((3L, "in_the_future")));
        Assert.That(queues[QueuedWork.Quarantine].Oldest, Is.EqualTo(long_).Within(TimeSpan.FromMilliseconds(1)));
        Assert.That((queues[QueuedWork.Webhooks].Records, queues[route].Records, queues[route].Code, queues[route].Kind), Is.EqualTo((1L, 2L, "http_404", QueuedWork.Route)));
        Assert.That(before.Keys, Has.None.EqualTo(QueuedWork.Quarantine).And.None.EqualTo(QueuedWork.Webhooks), "what is empty is no queue");
        await ExecuteAsync("UPDATE quarantined_facts SET outcome = 'discarded'");
        await ExecuteAsync("DELETE FROM alert_sends");
        await WriteAsync(async db => _ = await db.Set<OutboxMessage>().ExecuteDeleteAsync());
    }

    [TestCase("report", "Completed", 3)]
    [TestCase("missing", "Completed", 1)]
    [TestCase("missing", "Canceled", 3)]
    [TestCase("all", "CompletedWithIssues", 0)]
    public async Task Should_know_what_the_last_comparison_left(string heal, string state, int left)
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await CompareAsync(audience, destination, Noon.AddDays(-1), heal, state, missing: 90);
        var last = await CompareAsync(audience, destination, Noon, heal, state, missing: 1);
        var drifts = (await ReadAsync(db => Situations.ReadAsync(db, Noon, CancellationToken.None))).Drifts.Where(drift => drift.Audience == audience).ToList();
        Assert.That(drifts.Select(drift => (drift.Destination, drift.RunId, drift.ComparedAt, drift.Left().Total)), Is.EqualTo(new[] { (destination, last, Noon, (long)left) }));
        await CompareAsync(audience, destination, Noon.AddHours(1), heal, state, missing: 0, others: 0);
        Assert.That((await ReadAsync(db => Situations.ReadAsync(db, Noon, CancellationToken.None))).Drifts.Select(drift => drift.Audience), Has.None.EqualTo(audience), "a comparison found nobody");
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

    private async Task<IReadOnlyList<QueuedWork>> QueuesAsync() => (await ReadAsync(db => Situations.ReadAsync(db, DateTimeOffset.UtcNow, CancellationToken.None))).Queues;

    private async Task<Guid> CompareAsync(string audience, string destination, DateTimeOffset at, string heal, string state, long missing, long others = 1)
    {
        var run = await StartRunAsync(audience, state, destination);
        await ExecuteAsync("UPDATE audience_syncs SET finished_at = @at, mode = 'reconcile' WHERE correlation_id = @run", ("at", at), ("run", run));
        var compared = new ComparisonState
        {
            RunId = run, Audience = audience, Destination = destination, Heal = heal, WholeFields = false, Sample = 1, RequestedBy = "schedule:nightly", RequestedAt = at, Stage = ReconciliationStage.Done,
            ComparedAt = at, Missing = missing, Unexpected = others, Different = others,
        };
        await WriteAsync(async db =>
        {
            await ReconciliationBook.AddAsync(db, compared, CancellationToken.None);
            await ReconciliationBook.SaveAsync(db, compared, CancellationToken.None);
        });
        return run;
    }

    private Task BeatAsync(string name, string? trouble) => WriteAsync(db => Heartbeats.BeatAsync(db, name, "1.0", "config", ["runs", "deliver-acme"], trouble, TimeSpan.FromSeconds(20), CancellationToken.None));

    private Task ExecuteAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });
}
