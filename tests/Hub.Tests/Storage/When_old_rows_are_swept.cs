using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Fields;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using IntegrationHub.Storage.Schedules;
using IntegrationHub.Storage.Watch;
using IntegrationHub.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What is old and over goes; what is young, and what is still needed, stays. Everything here happens at noon.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_old_rows_are_swept(StorageDatabase database) : SweepFixture(database)
{
    private static readonly DateTimeOffset _later = Noon.AddHours(2);

    [Test]
    public async Task Should_delete_old_decisions_but_never_what_holds_now()
    {
        var person = Unique("p");
        await AppendAsync(Consent(person, "granted"));
        await AppendAsync(Consent(person, "denied", 1));
        await AppendAsync(Consent(person, "granted", 2));
        await ExecuteAsync("UPDATE consent_history SET recorded_at = @at WHERE subject_key LIKE @person", ("at", Noon), ("person", $"%{person}%"));
        var young = Unique("p");
        await AppendAsync(Consent(young, "denied"));
        await ExecuteAsync("UPDATE consent_history SET recorded_at = @at WHERE subject_key LIKE @person", ("at", _later), ("person", $"%{young}%"));

        await SweepAsync(Kept.ConsentHistory);
        Assert.That((await CountLikeAsync("consent_history", person), await CountLikeAsync("consent_history", young)), Is.EqualTo((0L, 1L)));
        Assert.That((await CountLikeAsync("consents", person), await CountLikeAsync("consents", young)), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public async Task Should_delete_the_records_of_runs_that_are_long_over()
    {
        var (ended, young, open) = (await DeliveredAsync(Noon), await DeliveredAsync(_later), await DeliveredAsync(null));
        var counts = (await RunAsync(ended)).Counts;
        await ExecuteAsync("INSERT INTO run_tallies (run_id, outcome, code, count) VALUES (@run, 'rejected', 'x', 2), (@run, 'rejected', 'x', 3), (@run, 'planned', '', 5)", ("run", ended));
        await SweepAsync(Kept.RunRecords);
        string[] tables = ["outcomes", "read_backs", "read_back_findings", "verification_members"];
        foreach (var table in tables)
        {
            Assert.That(await CountRowsAsync(table, ended), Is.Zero, table);
            Assert.That((await CountRowsAsync(table, young), await CountRowsAsync(table, open)), Is.EqualTo((Rows(table), Rows(table))), table);
        }

        var swept = await RunAsync(ended);
        Assert.That((swept.State, swept.Counts), Is.EqualTo(("Completed", counts with { Planned = counts.Planned + 5, Rejected = counts.Rejected + 5 })), "the run itself and its counts stay");
        Assert.That(swept.Reasons, Has.Member(new IntegrationHub.Storage.Runs.ReasonCount("rejected", "x", 5)));
        Assert.That(await CountRowsAsync("run_tallies", ended), Is.EqualTo(3), "planned, delivered, rejected");

        static long Rows(string table) => table switch
        {
            "outcomes" => 5,
            "read_backs" => 1,
            _ => 3,
        };
    }

    /// <summary>What somebody may still look at or take back keeps its run.</summary>
    [Test]
    public async Task Should_delete_runs_of_which_nothing_is_left()
    {
        var (empty, young, told, buried) = (await DeliveredAsync(Noon), await DeliveredAsync(_later), await DeliveredAsync(Noon), await DeliveredAsync(Noon));
        string[] records = ["outcomes", "read_backs", "read_back_findings", "verification_members", "run_events"];
        foreach (var (table, run) in records.SelectMany(table => new[] { (table, empty), (table, young), (table, buried) }))
        {
            await ExecuteAsync($"DELETE FROM {table} WHERE run_id = @run", ("run", run));
        }

        await ExecuteAsync(
            "INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at) VALUES (@run, 'acme', 'a', 1, 1, 'rejected', 'x', 1, @at)", ("run", buried), ("at", Noon));
        var backfill = Guid.NewGuid();
        await WriteAsync(async db =>
        {
            db.Add(new IntegrationHub.Sagas.BackfillRun.BackfillRunState
            {
                CorrelationId = backfill, CurrentState = "Completed", Kind = "backfill_attributes", Destination = Unique("dest"), RequestedBy = "person:anna", RequestedAt = Noon, LastProgressAt = Noon, FinishedAt = Noon,
            });
            await IntegrationHub.Storage.Backfills.BackfillBook.AddAsync(db, backfill, new IntegrationHub.Storage.Backfills.BackfillScope("backfill_attributes"), null, null, null, CancellationToken.None);
        });

        await ExecuteAsync("DELETE FROM run_events WHERE run_id = @run", ("run", backfill)); // the database notes that it began
        var (usualRecords, usualLetters) = (Kept.RunRecords, Kept.DeadLetters);
        (Kept.RunRecords, Kept.DeadLetters) = (2 * Kept.Runs, 2 * Kept.Runs);
        try
        {
            await SweepAsync(Kept.Runs);
        }
        finally
        {
            (Kept.RunRecords, Kept.DeadLetters) = (usualRecords, usualLetters);
        }

        foreach (var table in new[] { "audience_syncs", "run_tallies", "run_plans" })
        {
            var key = table == "audience_syncs" ? "correlation_id" : "run_id";
            Assert.That(await CountAsync(table, key, empty), Is.Zero, table);
            Assert.That(new[] { await CountAsync(table, key, young), await CountAsync(table, key, told), await CountAsync(table, key, buried) }, Is.All.GreaterThan(0), table);
        }

        Assert.That((await CountAsync("backfill_runs", "correlation_id", backfill), await CountAsync("backfill_plans", "run_id", backfill)), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public async Task Should_delete_that_a_list_came_but_not_the_latest_of_an_audience()
    {
        var audience = Unique("aud");
        var (former, latest) = (await ApplyAsync(audience, "full", 0, [Unique("p")]), await ApplyAsync(audience, "full", 1, [Unique("p")]));
        await ExecuteAsync("UPDATE snapshots SET created_at = @at, applied_at = @at WHERE audience = @audience", ("at", Noon), ("audience", audience));
        await SweepAsync(Kept.Snapshots);
        Assert.That((await CountAsync("snapshots", "snapshot_id", former), await CountAsync("snapshots", "snapshot_id", latest)), Is.EqualTo((0L, 1L)));
    }

    [Test]
    public async Task Should_delete_old_dead_letters_and_facts_that_were_set_aside()
    {
        var (old, young) = (Guid.NewGuid(), Guid.NewGuid());
        foreach (var (id, at) in new[] { (old, Noon), (old, Noon), (old, Noon), (young, _later) })
        {
            await ExecuteAsync(
                """
                INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at)
                VALUES (@run, 'acme', 'a', 1, 1, 'rejected', 'x', 1, @at)
                """,
                ("run", id), ("at", at));
            await ExecuteAsync(
                "INSERT INTO quarantined_facts (quarantine_id, received_at, path, code, problem, body) VALUES (@id, @at, 'p', 'c', @fact, @body)",
                ("id", Guid.NewGuid()), ("at", at), ("fact", id.ToString()), ("body", new byte[] { 1 }));
        }

        await SweepAsync(Kept.DeadLetters);
        await SweepAsync(Kept.Quarantine);
        Assert.That((await CountRowsAsync("dead_letters", old), await CountRowsAsync("dead_letters", young)), Is.EqualTo((0L, 1L)));
        Assert.That(
            (await CountAsync("quarantined_facts", "problem", old.ToString()), await CountAsync("quarantined_facts", "problem", young.ToString())), Is.EqualTo((0L, 1L)));
    }

    [Test]
    public async Task Should_forget_what_the_catalog_counted_long_ago()
    {
        var producer = Unique("shop");
        foreach (var (at, type) in new[] { (Noon, "a"), (Noon, "b"), (Noon, "c"), (_later, "a") })
        {
            await ExecuteAsync(
                "INSERT INTO fact_volumes (hour, event_type, producer, facts, quarantined, last_at) VALUES (@at, @type, @producer, 1, 0, @at)", ("at", at), ("type", type), ("producer", producer));
            await ExecuteAsync(
                "INSERT INTO violations (type, event_type, name, path, producer, action, count, first_at, last_at) VALUES ('unplanned_property', @type, @name, 'p', @producer, 'kept', 1, @at, @at)",
                ("at", at), ("type", type), ("name", at == Noon ? "old" : "young"), ("producer", producer));
        }

        await SweepAsync(Kept.Violations);
        Assert.That(await CountAsync("violations", "producer", producer), Is.EqualTo(1));
        Assert.That(await CountAsync("fact_volumes", "producer", producer), Is.EqualTo(4));
        await SweepAsync(Kept.FactVolumes);
        Assert.That(await CountAsync("fact_volumes", "producer", producer), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_forget_bells_of_long_ago()
    {
        var schedule = Unique("nightly");
        foreach (var at in new[] { Noon, Noon.AddMinutes(1), _later })
        {
            await WriteAsync(db => JobRuns.AddAsync(db, new JobRun(schedule, at, at, "hub", JobOutcome.Started, null, null, []), CancellationToken.None));
        }

        await SweepAsync(Kept.JobRuns);
        Assert.That(await CountAsync("job_runs", "schedule", schedule), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_forget_trips_of_canaries_of_long_ago()
    {
        var canary = Unique("anna");
        foreach (var at in new[] { Noon, Noon.AddMinutes(1), _later })
        {
            await WriteAsync(db => CanaryTrips.AddAsync(db, [new CanaryTrip(canary, "d", at, "Trip", at)], CancellationToken.None));
        }

        await SweepAsync(Kept.CanaryTrips);
        Assert.That(await CountAsync("canary_trips", "canary", canary), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_forget_match_rates_and_owed_events_of_long_ago()
    {
        var audience = Unique("aud");
        foreach (var at in new[] { Noon, Noon.AddMinutes(1), _later })
        {
            await WriteAsync(db => MatchRates.NoteAsync(db, new MatchRate(audience, "d", 1, 0, 0, 1, 0, 1), at, null, CancellationToken.None));
            await ExecuteAsync("INSERT INTO events_owed (destination, event_name, received_at, owed) VALUES (@destination, 'x', @at, 1)", ("destination", audience), ("at", at));
        }

        await SweepAsync(Kept.EventsOwed);
        Assert.That((await CountAsync("events_owed", "destination", audience), await CountAsync("match_rates", "audience", audience)), Is.EqualTo((1, 3)));
        await SweepAsync(Kept.MatchRates);
        Assert.That(await CountAsync("match_rates", "audience", audience), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_delete_old_counts_of_the_live_lane()
    {
        var destination = Unique("dest");
        foreach (var (partition, at) in new[] { (0, Noon), (1, Noon), (2, Noon), (0, _later) })
        {
            await ExecuteAsync(
                "INSERT INTO live_counts (destination, minute, partition, outcome, count) VALUES (@destination, @at, @partition, 'delivered', 1)",
                ("destination", destination), ("at", at), ("partition", partition));
        }

        await SweepAsync(Kept.LiveCounts);
        Assert.That(await CountAsync("live_counts", "destination", destination), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_delete_what_destinations_were_told_of_denials_long_ago()
    {
        var destination = Unique("dest");
        foreach (var at in new[] { Noon, _later })
        {
            await ExecuteAsync("INSERT INTO told_denials (destination, name, topic, began_at, ended_at) VALUES (@destination, 'n', '', @at, @at)", ("destination", destination), ("at", at));
        }

        await SweepAsync(Kept.ToldDenials);
        Assert.That(await CountAsync("told_denials", "destination", destination), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_forget_how_fields_were_long_ago_and_never_how_they_are()
    {
        var destination = Unique("d");
        foreach (var (at, type) in new[] { (Noon.AddDays(-1), "string"), (Noon, "number"), (_later, "date"), (_later.AddMinutes(1), "string") })
        {
            await WriteAsync(db => FieldVersions.NoteAsync(db, destination, new Dictionary<string, FieldShape> { ["town"] = new(FieldState.There, type, null, false), ["old"] = new(FieldState.There, "string", null, false) }, at, CancellationToken.None));
        }

        await SweepAsync(Kept.FieldVersions);
        var kept = await ReadAsync(db => FieldVersions.ListAsync(db, destination, withHistory: true, CancellationToken.None));
        Assert.That(kept.Select(version => (version.Name, version.Shape.Type)), Is.EqualTo(new[] { ("old", "string"), ("town", "string"), ("town", "date") }));
    }

    [Test]
    public async Task Should_forget_what_a_vendor_said_long_ago()
    {
        var destination = Unique("d");
        foreach (var (operation, at) in new[] { ("GET /old", Noon), ("GET /new", _later) })
        {
            await WriteAsync(db => VendorNotices.AddAsync(db, [new StoredNotice(destination, operation, "sunset", "", Noon, at, 1)], CancellationToken.None));
        }

        await SweepAsync(Kept.VendorNotices);
        Assert.That(await CountAsync("vendor_notices", "destination", destination), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_delete_old_minutes_hubs_alerts_that_are_over_and_what_was_told_of_them()
    {
        var name = Unique("n");
        foreach (var at in new[] { Noon, _later })
        {
            await ExecuteAsync(
                "INSERT INTO delivery_minutes SELECT @name, 'live', @at, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0", ("name", name), ("at", at));
            await ExecuteAsync(
                "INSERT INTO instances (name, started_at, seen_at, version, configuration, roles) VALUES (@id, @at, @at, '1', '', @name)", ("id", Guid.NewGuid().ToString()), ("name", name), ("at", at));
            await ExecuteAsync(
                "INSERT INTO alerts (cause, severity, code, sentence, runbook, records, since, opened_at, seen_at, resolved_at) VALUES (@name, 'low', 'c', 's', 'r', 0, @at, @at, @at, @at)", ("name", name), ("at", at));
            await ExecuteAsync("INSERT INTO alert_sends (alert_id, route, event, body, at, due_at) VALUES (1, @name, 'trigger', '{}', @at, @at)", ("name", name), ("at", at));
        }

        await ExecuteAsync("INSERT INTO alerts (cause, severity, code, sentence, runbook, records, since, opened_at, seen_at) VALUES (@name, 'low', 'c', 's', 'r', 0, @at, @at, @at)", ("name", name), ("at", Noon));
        foreach (var (age, table, column, left) in new[]
        {
            (Kept.Instances, "instances", "roles", 1L), (Kept.DeliveryMinutes, "delivery_minutes", "destination", 1L), (Kept.AlertSends, "alert_sends", "route", 1L), (Kept.Alerts, "alerts", "cause", 2L),
        })
        {
            await SweepAsync(age);
            Assert.That(await CountAsync(table, column, name), Is.EqualTo(left), $"of {table} the young ones, and the alert that is not over");
        }
    }

    [Test]
    public async Task Should_empty_and_then_delete_old_calls_of_webhooks_that_are_facts()
    {
        var source = Unique("src");
        foreach (var (at, state) in new[] { (Noon, "done"), (Noon, "done"), (Noon, "done"), (Noon, "waiting"), (_later, "done") })
        {
            await ExecuteAsync(
                "INSERT INTO webhook_receipts (receipt_id, source, idempotency_key, received_at, state, headers, size, body) VALUES (@id, @source, 'k', @at, @state, '{}', 1, @body)",
                ("id", Guid.NewGuid()), ("source", source), ("at", at), ("state", state), ("body", new byte[] { 1 }));
        }

        await SweepAsync(Kept.WebhookBodies);
        Assert.That(await CountAsync($"SELECT count(*) FROM webhook_receipts WHERE source = '{source}' AND body IS NOT NULL"), Is.EqualTo(2), "the young one and the one that waits");
        Assert.That(await CountAsync("webhook_receipts", "source", source), Is.EqualTo(5));
        await SweepAsync(Kept.WebhookReceipts);
        Assert.That(await CountAsync("webhook_receipts", "source", source), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_delete_no_more_at_once_than_it_may()
    {
        var run = await DeliveredAsync(Noon);
        var (most, sum) = (0, 0);
        while (await DeleteAsync(RetentionClass.RunRecords, Noon.AddHours(1), 2) is > 0 and var deleted)
        {
            (most, sum) = (Math.Max(most, deleted), sum + deleted);
        }

        Assert.That((most, sum, await CountRowsAsync("outcomes", run)), Is.EqualTo((2, 14, 0L)));
    }

    [Test]
    public async Task Should_sweep_the_others_when_some_fail_and_say_which()
    {
        Clock.Now = Noon + Kept.DeadLetters;
        var scopes = new StumblingScopes(Scopes, 2);
        var sweeper = new RetentionSweeper(new OutboxTransaction(scopes), LogPartitions, Microsoft.Extensions.Options.Options.Create(Kept), Clock, NullLogger<RetentionSweeper>.Instance);
        var failure = (await Assert.ThrowsAsync<HubJobException>(() => sweeper.WorkAsync(CancellationToken.None)))!;
        await scopes.Healed.WaitAsync(Poll.Patience);
        Assert.That(failure.Message, Does.StartWith("Not done: ").And.Contain(", "));
        Assert.That(await sweeper.WorkAsync(CancellationToken.None), Does.Contain("are deleted"));
    }

    private Task<int?> DeleteAsync(RetentionClass rows, DateTimeOffset before, int limit) =>
        WriteAsync(db => ExpiredRows.DeleteAsync(db, rows, before, limit, CancellationToken.None));

    /// <summary>A run of five people, read back once, that ended at the given time or goes on.</summary>
    private async Task<Guid> DeliveredAsync(DateTimeOffset? finishedAt)
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(audience, "full", 0, [.. Enumerable.Range(0, 5).Select(_ => Unique("p"))]);
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, destination: destination);
        await DeliverAllAsync(destination: destination);
        await ExecuteAsync(
            "INSERT INTO read_backs (run_id, round, is_last, expected, found, missing, unexpected, with_issues, at) VALUES (@run, 1, @last, 5, 2, 3, 0, 3, @at)",
            ("run", run), ("last", true), ("at", Noon));
        for (var i = 0; i < 3; i++)
        {
            await ExecuteAsync("INSERT INTO read_back_findings (run_id, kind, profile_id) VALUES (@run, 'missing', @profile)", ("run", run), ("profile", (long)i));
            await ExecuteAsync("INSERT INTO verification_members (run_id, round, remote_id) VALUES (@run, 1, 'same')", ("run", run));
        }

        await WriteAsync(async db =>
        {
            var row = await db.Set<AudienceSyncState>().SingleAsync(saga => saga.CorrelationId == run);
            (row.CurrentState, row.FinishedAt) = (finishedAt is null ? "Verifying" : "Completed", finishedAt);
        });
        return run;
    }

    private Task<long> CountLikeAsync(string table, string person) => CountAsync($"SELECT count(*) FROM {table} WHERE subject_key LIKE '%{person}%'");
}
