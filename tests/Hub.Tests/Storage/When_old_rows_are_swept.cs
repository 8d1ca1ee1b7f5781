using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using IntegrationHub.Storage.Schedules;
using IntegrationHub.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What is old and over goes; what is young, and what is still needed, stays. Everything here happens at noon.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_old_rows_are_swept(StorageDatabase database) : DeliveryFixture(database)
{
    private static readonly DateTimeOffset _later = Noon.AddHours(2);
    private readonly RetentionOptions _kept = new() { RowsPerStatement = 2 };

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

        await SweepAsync(_kept.ConsentHistory);
        Assert.That((await CountLikeAsync("consent_history", person), await CountLikeAsync("consent_history", young)), Is.EqualTo((0L, 1L)));
        Assert.That((await CountLikeAsync("consents", person), await CountLikeAsync("consents", young)), Is.EqualTo((1L, 1L)));
    }

    [Test]
    public async Task Should_delete_the_records_of_runs_that_are_long_over()
    {
        var (ended, young, open) = (await DeliveredAsync(Noon), await DeliveredAsync(_later), await DeliveredAsync(null));
        var counts = (await RunAsync(ended)).Counts;
        await ExecuteAsync("INSERT INTO run_tallies (run_id, outcome, code, count) VALUES (@run, 'rejected', 'x', 2), (@run, 'rejected', 'x', 3), (@run, 'planned', '', 5)", ("run", ended));
        await SweepAsync(_kept.RunRecords);
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

        await SweepAsync(_kept.DeadLetters);
        await SweepAsync(_kept.Quarantine);
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

        await SweepAsync(_kept.Violations);
        Assert.That(await CountAsync("violations", "producer", producer), Is.EqualTo(1));
        Assert.That(await CountAsync("fact_volumes", "producer", producer), Is.EqualTo(4));
        await SweepAsync(_kept.FactVolumes);
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

        await SweepAsync(_kept.JobRuns);
        Assert.That(await CountAsync("job_runs", "schedule", schedule), Is.EqualTo(1));
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

        await SweepAsync(_kept.LiveCounts);
        Assert.That(await CountAsync("live_counts", "destination", destination), Is.EqualTo(1));
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
            (_kept.Instances, "instances", "roles", 1L), (_kept.DeliveryMinutes, "delivery_minutes", "destination", 1L), (_kept.AlertSends, "alert_sends", "route", 1L), (_kept.Alerts, "alerts", "cause", 2L),
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

        await SweepAsync(_kept.WebhookBodies);
        Assert.That(await CountAsync($"SELECT count(*) FROM webhook_receipts WHERE source = '{source}' AND body IS NOT NULL"), Is.EqualTo(2), "the young one and the one that waits");
        Assert.That(await CountAsync("webhook_receipts", "source", source), Is.EqualTo(5));
        await SweepAsync(_kept.WebhookReceipts);
        Assert.That(await CountAsync("webhook_receipts", "source", source), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_delete_rejects_but_those_of_an_audience_latest_list()
    {
        var audience = Unique("aud");
        var replaced = await UnreadAsync(audience, "full", 0);
        var latest = await UnreadAsync(audience, "full", 1);
        var changes = await UnreadAsync(audience, "delta", 2);
        var waiting = await LoadAsync(audience, "full", 3);
        await RejectAsync(waiting);
        await StartRunAsync(audience, "Snapshotting");
        await ExecuteAsync("UPDATE audience_syncs SET snapshot_id = @snapshot WHERE audience = @audience", ("snapshot", waiting), ("audience", audience));
        await SweepAsync(_kept.Rejects + TimeSpan.FromDays(1)); // lists are applied a day after noon
        foreach (var table in new[] { "snapshot_rejects", "snapshot_repeats" })
        {
            Assert.That((await CountOfAsync(table, replaced), await CountOfAsync(table, changes)), Is.EqualTo((0L, 0L)), table);
            Assert.That(await CountOfAsync(table, latest), Is.GreaterThan(0), table);
        }

        Assert.That(await CountOfAsync("snapshot_rejects", waiting), Is.EqualTo(5), "it is still to be applied");
        Assert.That(await ReadAsync(db => Plans.ReadUnknownAsync(db, audience, CancellationToken.None)), Has.Count.EqualTo(1), "whom the latest list leaves unknown");
    }

    [Test]
    public async Task Should_keep_young_rejects()
    {
        var audience = Unique("aud");
        var replaced = await UnreadAsync(audience, "full", 0);
        await UnreadAsync(audience, "full", 1);
        await SweepAsync(_kept.Rejects + TimeSpan.FromHours(22));
        Assert.That(await CountOfAsync("snapshot_rejects", replaced), Is.GreaterThan(0));
    }

    [Test]
    public async Task Should_give_up_lists_that_nobody_applies()
    {
        var audience = Unique("aud");
        string[] people = [.. Enumerable.Range(0, 5).Select(_ => Unique("p"))];
        await ApplyAsync(audience, "full", 0, people);
        StagedMember[] members = [.. people.Select((person, i) => new StagedMember(i + 2, person, null, null, "{}", true))];
        var unapplied = await LoadAsync(audience, "full", 0, members);
        var unfinished = Guid.NewGuid();
        await WriteAsync(async db =>
        {
            await Snapshots.CreateAsync(db, unfinished, audience, "full", null, Noon, CancellationToken.None);
            await Snapshots.StageAsync(db, unfinished, members, [], CancellationToken.None);
        });
        var awaited = await LoadAsync(audience, "full", 0, members);
        await StartRunAsync(audience, "Snapshotting");
        await ExecuteAsync("UPDATE audience_syncs SET snapshot_id = @snapshot WHERE audience = @audience", ("snapshot", awaited), ("audience", audience));
        var young = await LoadAsync(audience, "full", 120, members);

        await SweepAsync(_kept.AbandonedSnapshots);
        Assert.That((await CountOfAsync("snapshot_rows", unapplied), await CountOfAsync("snapshot_rows", unfinished)), Is.EqualTo((0L, 0L)));
        Assert.That((await CountOfAsync("snapshot_rows", awaited), await CountOfAsync("snapshot_rows", young)), Is.EqualTo((5L, 5L)));
        Assert.That((await StateAsync(unapplied), await StateAsync(unfinished), await StateAsync(awaited), await StateAsync(young)), Is.EqualTo(("failed", "failed", "loaded", "loaded")));
        Assert.That((await ReadAsync(db => Snapshots.FindAsync(db, unapplied, 0, CancellationToken.None)))!.FailureCode, Is.EqualTo(SnapshotReport.Abandoned));
        Assert.That(async () => await ApplyAsync(unapplied), Throws.InvalidOperationException, "half a list would make people leave");
        Assert.That(await MembersAsync(audience), Is.EqualTo(5));
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

        Assert.That((most, sum, await CountRowsAsync("outcomes", run)), Is.EqualTo((2, 12, 0L)));
    }

    [Test]
    public async Task Should_go_on_after_a_turn_that_failed_and_end_at_once()
    {
        Clock.Now = Noon + _kept.DeadLetters;
        _kept.SweepInterval = TimeSpan.FromMilliseconds(20);
        var scopes = new StumblingScopes(Scopes, Enum.GetValues<RetentionClass>().Length);
        using var sweeper = new RetentionSweeper(
            new OutboxTransaction(scopes), LogPartitions, Microsoft.Extensions.Options.Options.Create(_kept), Clock, NullLogger<RetentionSweeper>.Instance);
        await sweeper.StartAsync(CancellationToken.None);
        await scopes.Healed.WaitAsync(Poll.Patience);
        await sweeper.StopAsync(CancellationToken.None).WaitAsync(Poll.Patience);
        Assert.That(sweeper.ExecuteTask!.IsCompleted, Is.True);
    }

    /// <summary>Sweeps when things of noon are an hour too old.</summary>
    private async Task SweepAsync(TimeSpan age)
    {
        Clock.Now = Noon + age + TimeSpan.FromHours(1);
        using var sweeper = new RetentionSweeper(
            Transactions, LogPartitions, Microsoft.Extensions.Options.Options.Create(_kept), Clock, NullLogger<RetentionSweeper>.Instance);
        await sweeper.SweepAsync(CancellationToken.None);
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

    /// <summary>An applied list with five rows that could not be read, one of which names somebody, and with repeated ones.</summary>
    private async Task<Guid> UnreadAsync(string audience, string kind, int minute)
    {
        var (person, named) = (Unique("p"), Unique("p"));
        await AppendAsync(Profile(named, "{}"));
        var snapshot = Guid.NewGuid();
        await WriteAsync(async db =>
        {
            await Snapshots.CreateAsync(db, snapshot, audience, kind, "file.csv", Noon.AddMinutes(minute), CancellationToken.None);
            await Snapshots.StageAsync(
                db, snapshot, [.. Enumerable.Range(2, 4).Select(line => new StagedMember(line, person, null, null, "{}", true))],
                [new SnapshotReject(6, "email", "bad", "cannot be read") { ExternalIds = [named] }], CancellationToken.None);
            await Snapshots.FinishAsync(db, snapshot, Noon.AddMinutes(minute), CancellationToken.None);
        });
        await RejectAsync(snapshot);
        await ApplyAsync(snapshot);
        return snapshot;
    }

    private Task RejectAsync(Guid snapshot) => WriteAsync(db => Snapshots.StageAsync(
        db, snapshot, [], [.. Enumerable.Range(0, 5).Select(_ => new SnapshotReject(7, "email", "bad", "cannot be read"))], CancellationToken.None));

    private async Task<string?> StateAsync(Guid snapshot) => (await ReadAsync(db => Snapshots.FindAsync(db, snapshot, 0, CancellationToken.None)))?.State;

    private Task<long> CountOfAsync(string table, Guid snapshot) => CountAsync(table, "snapshot_id", snapshot);

    private Task<long> CountLikeAsync(string table, string person) => CountAsync($"SELECT count(*) FROM {table} WHERE subject_key LIKE '%{person}%'");

    private Task<long> CountAsync(string table, string column, object value) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (long)(await session.ScalarAsync($"SELECT count(*) FROM {table} WHERE {column} = @value", CancellationToken.None, ("value", value)))!;
    });

    private Task ExecuteAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });
}
