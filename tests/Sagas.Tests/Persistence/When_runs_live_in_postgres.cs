using IntegrationHub.Contracts.Audiences;
using IntegrationHub.TestServers;
using MassTransit;
using Npgsql;

namespace Sagas.Tests.Persistence;

internal sealed class When_runs_live_in_postgres
{
    private PostgresDatabase _database = null!;
    private Guid _runId;

    [SetUp]
    public async Task CreateAsync()
    {
        _database = await PostgresDatabase.CreateAsync();
        _runId = NewId.NextGuid();
    }

    [TearDown]
    public async Task DropAsync() => await _database.DisposeAsync();

    [Test]
    public async Task Should_go_on_from_the_row_after_a_restart()
    {
        await using (var first = await HubInstance.StartAsync(_database))
        {
            await DeliveringAsync(first);
        }

        await using var second = await HubInstance.StartAsync(_database);
        await second.PublishUntilAsync(Delivered(), _runId, run => run.CurrentState == "Verifying");
        await Poll.Until(() => second.Said<VerifyAudienceSync>().Count == 1);
        var run = await second.PublishUntilAsync(Verified(), _runId, run => run.CurrentState == "Completed");
        await Poll.Until(() => second.Said<AudienceSyncCompleted>().Count == 1);

        Assert.Multiple(() =>
        {
            Assert.That((run.Planned, run.ToAdd, run.CurrentMembers, run.Expected), Is.EqualTo((1_100, 100, 1_000, 1_050)));
            Assert.That(run.MaxRemovalShare, Is.EqualTo(0.3));
            Assert.That(run.FinishedAt, Is.Not.Null);
            Assert.That(run.ProgressTimeoutTokenId, Is.Null);
        });
    }

    [Test]
    public async Task Should_wake_up_for_a_timeout_that_was_set_before_the_restart()
    {
        await using (var first = await HubInstance.StartAsync(_database, options: patience => patience.ProgressTimeout = TimeSpan.FromSeconds(2)))
        {
            await DeliveringAsync(first);
        }

        await using var second = await HubInstance.StartAsync(_database, options: patience => patience.ProgressTimeout = TimeSpan.FromSeconds(2));
        await Poll.Until(() => second.Said<DiagnoseAudienceSync>().Count > 0);

        Assert.That(second.Said<DiagnoseAudienceSync>()[0].State, Is.EqualTo("Delivering"));
    }

    [Test]
    public async Task Should_apply_both_of_two_clashing_updates_when_rows_are_versioned()
    {
        var meeting = new MeetBeforeSaving();
        await using var left = await HubInstance.StartAsync(_database, ConcurrencyMode.Optimistic, interceptor: meeting);
        await using var right = await HubInstance.StartAsync(_database, ConcurrencyMode.Optimistic, interceptor: meeting);
        await DeliveringAsync(left);
        meeting.Armed = true;

        await Task.WhenAll(left.PublishAsync(Delivered()), right.PublishAsync(Pause()));
        var run = await Poll.For(() => left.ReadAsync(_runId), run => run!.ResumeState == "Verifying");

        Assert.Multiple(() =>
        {
            Assert.That(meeting.Clashes, Is.EqualTo(1), "one of them was tried again");
            Assert.That(run!.CurrentState, Is.EqualTo("Paused"));
            Assert.That(run.DeliveredAt, Is.Not.Null);
            Assert.That(run.WaitingFor, Does.Contain("Paused by ada"));
        });
    }

    [Test]
    public async Task Should_apply_both_of_two_clashing_updates_when_rows_are_locked()
    {
        var clashes = new MeetBeforeSaving();
        await using var left = await HubInstance.StartAsync(_database, interceptor: clashes);
        await using var right = await HubInstance.StartAsync(_database, interceptor: clashes);
        await DeliveringAsync(left);

        await Task.WhenAll(left.PublishAsync(Delivered()), right.PublishAsync(Pause()));
        var run = await Poll.For(() => left.ReadAsync(_runId), run => run!.ResumeState == "Verifying");

        Assert.Multiple(() =>
        {
            Assert.That(clashes.Clashes, Is.Zero);
            Assert.That(run!.CurrentState, Is.EqualTo("Paused"));
            Assert.That(run.DeliveredAt, Is.Not.Null);
        });
    }

    [Test]
    public async Task Should_start_once_when_two_instances_are_told_to()
    {
        await using var left = await HubInstance.StartAsync(_database);
        await using var right = await HubInstance.StartAsync(_database);

        await Task.WhenAll(left.PublishAsync(Start()), right.PublishAsync(Start()));
        await Poll.Until(async () => await CountAsync("SELECT count(*) FROM \"InboxState\" WHERE \"Delivered\" IS NOT NULL") == 2);

        Assert.Multiple(() =>
        {
            Assert.That(left.Said<AudienceSyncStarted>().Count + right.Said<AudienceSyncStarted>().Count, Is.EqualTo(1));
            Assert.That(left.Said<PlanAudienceSync>().Count + right.Said<PlanAudienceSync>().Count, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_keep_the_names_that_hand_written_sql_joins_on()
    {
        await using var hub = await HubInstance.StartAsync(_database);
        await DeliveringAsync(hub);

        var claimable = await CountAsync(
            """
            SELECT count(*) FROM audience_syncs
            WHERE correlation_id IS NOT NULL AND current_state = 'Delivering' AND audience = 'vip' AND destination = 'braze' AND mode = 'full'
              AND lane = 'bulk' AND snapshot_id IS NULL AND requested_by = 'cli' AND requested_at IS NOT NULL AND planned_at IS NOT NULL
              AND delivering_at IS NOT NULL AND delivered_at IS NULL AND verified_at IS NULL AND finished_at IS NULL AND last_progress_at IS NOT NULL
              AND stalled_since IS NULL AND waiting_for IS NULL AND diagnosis_code IS NULL AND diagnosis_detail IS NULL AND failure_code IS NULL
              AND failure_detail IS NULL AND resume_state IS NULL AND planned = 1100 AND to_add = 100 AND to_remove = 50 AND to_update = 20
              AND current_members = 1000 AND expected IS NULL AND found IS NULL AND missing IS NULL AND unexpected IS NULL
              AND verification_round IS NULL AND max_removal_share = 0.3 AND max_addition_multiple IS NULL AND approved_by IS NULL
              AND approved_at IS NULL AND canceled_by IS NULL AND progress_timeout_token_id IS NOT NULL AND verification_delay_token_id IS NULL
              AND xmin IS NOT NULL
            """);
        var indexes = await CountAsync("SELECT count(*) FROM pg_indexes WHERE tablename = 'audience_syncs'");

        Assert.Multiple(() =>
        {
            Assert.That(claimable, Is.EqualTo(1));
            Assert.That(indexes, Is.EqualTo(4), "the key and three for the console");
        });
    }

    private async Task DeliveringAsync(HubInstance hub)
    {
        await hub.PublishUntilAsync(Start(), _runId, run => run.CurrentState == "Planning");
        await hub.PublishUntilAsync(Planned(), _runId, run => run.CurrentState == "Delivering");
        await Poll.Until(() => hub.Said<DeliverAudienceSync>().Count == 1);
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private StartAudienceSync Start() => new()
    {
        RunId = _runId, Audience = "vip", Destination = "braze", Mode = SyncMode.Full, MaxRemovalShare = 0.3, By = "cli", At = Now,
    };

    private AudienceSyncPlanned Planned() => new()
    {
        RunId = _runId, Planned = 1_100, ToAdd = 100, ToRemove = 50, ToUpdate = 20, CurrentMembers = 1_000, At = Now,
    };

    private AudienceSyncDelivered Delivered() => new() { RunId = _runId, At = Now };

    private PauseAudienceSync Pause() => new() { RunId = _runId, By = "ada", At = Now };

    private AudienceSyncVerified Verified() => new()
    {
        RunId = _runId, Round = 1, Expected = 1_050, Found = 1_050, Missing = 0, Unexpected = 0, WithIssues = 0, At = Now,
    };

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
