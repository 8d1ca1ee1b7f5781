using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage.Runs;
using Microsoft.EntityFrameworkCore;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>One suite over both databases, and the words that the tests are written in: facts, snapshots, runs, leases and what becomes of a delivery.</summary>
public abstract class StorageFixture(StorageDatabase database) : DatabaseFixture(database)
{
    protected const string Braze = "braze";
    protected const string Bulk = "bulk";
    protected static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    protected Task<IntakeResult> AppendAsync(params LedgerFact[] facts) => WriteAsync(db => Ledger.AppendAsync(db, facts, CancellationToken.None));

    protected Task<long> MembersAsync(string audience) => CountAsync($"SELECT count(*) FROM memberships WHERE audience = '{audience}' AND is_member");

    /// <summary>Adds a version of the configuration and puts it in force.</summary>
    protected Task<long> ActivateAsync(string content, DateTimeOffset? at = null) => WriteAsync(async db =>
    {
        await ConfigurationBook.LockAsync(db, Noon, CancellationToken.None);
        var version = await ConfigurationBook.AppendAsync(db, new ConfigurationEntry(0, content, ConfigurationSource.Applied, null, "person:ben", Noon, null, null, null), new Dictionary<string, string> { ["consent.yaml"] = content }, CancellationToken.None);
        await ConfigurationBook.ActivateAsync(db, version, "person:ben", at ?? Noon, CancellationToken.None);
        return version;
    });

    /// <summary>A profile fact. Times are minutes after noon.</summary>
    protected static LedgerFact Profile(string? externalId, string attributes, int minute = 0, string? email = null) => new()
    {
        EventId = Guid.NewGuid(),
        EventType = "profile_updated",
        OccurredAt = Noon.AddMinutes(minute),
        Producer = "test",
        ExternalId = externalId,
        Email = email,
        AttributesJson = attributes,
        BodyJson = "{}",
    };

    protected static LedgerFact Consent(string? externalId, string status, int minute = 0, string? email = null) => new()
    {
        EventId = Guid.NewGuid(),
        EventType = "consent_updated",
        OccurredAt = Noon.AddMinutes(minute),
        Producer = "test",
        ExternalId = externalId,
        Email = email,
        Consents = [new FactConsent("email_marketing", status, "form", Noon.AddMinutes(minute))],
        BodyJson = "{}",
    };

    protected static LedgerFact Membership(string externalId, string audience, bool isMember, int minute = 0) => new()
    {
        EventId = Guid.NewGuid(),
        EventType = "audience_membership_changed",
        OccurredAt = Noon.AddMinutes(minute),
        Producer = "test",
        ExternalId = externalId,
        Membership = new FactMembership(audience, isMember),
        BodyJson = "{}",
    };

    /// <summary>Loads and applies a snapshot of the given people.</summary>
    protected async Task<Guid> ApplyAsync(string audience, string kind, int minute, params string[] externalIds)
    {
        var snapshot = await LoadAsync(audience, kind, minute, [.. externalIds.Select((id, i) => new StagedMember(i + 2, id, null, null, "{}", true))]);
        await ApplyAsync(snapshot);
        return snapshot;
    }

    protected async Task<Guid> LoadAsync(string audience, string kind, int minute, params StagedMember[] members)
    {
        var snapshot = Guid.NewGuid();
        await WriteAsync(async db =>
        {
            await Snapshots.CreateAsync(db, snapshot, audience, kind, "file.csv", Noon.AddMinutes(minute), CancellationToken.None);
            await Snapshots.StageAsync(db, snapshot, members, [], CancellationToken.None);
            await Snapshots.FinishAsync(db, snapshot, Noon.AddMinutes(minute), CancellationToken.None);
        });
        return snapshot;
    }

    protected async Task ApplyAsync(Guid snapshot, int chunk = 1000)
    {
        while (await WriteAsync(db => Snapshots.ApplyNextChunkAsync(db, snapshot, chunk, Noon.AddDays(1), CancellationToken.None)))
        {
        }
    }

    protected static PlanRequest Request(Guid run, string audience, string mode = "full", string destination = Braze) =>
        new(run, destination, audience, mode, Bulk, "plan-1", 4);

    /// <summary>A run whose saga stands in the given state.</summary>
    protected async Task<Guid> StartRunAsync(
        string audience, string state = "Delivering", string destination = Braze, int minute = 0, double maxRemovalShare = 0, double? maxAdditionMultiple = null)
    {
        var run = Guid.NewGuid();
        await WriteAsync(db =>
        {
            db.Add(new AudienceSyncState
            {
                CorrelationId = run,
                CurrentState = state,
                Audience = audience,
                Destination = destination,
                Mode = "full",
                RequestedAt = Noon.AddMinutes(minute),
                LastProgressAt = Noon,
                MaxRemovalShare = maxRemovalShare,
                MaxAdditionMultiple = maxAdditionMultiple,
            });
            return Task.CompletedTask;
        });
        return run;
    }

    protected Task SetStateAsync(Guid run, string state) => WriteAsync(async db =>
    {
        var row = await db.Set<AudienceSyncState>().SingleAsync(saga => saga.CorrelationId == run);
        row.CurrentState = state;
        row.FinishedAt = state is "Completed" or "Canceled" ? Noon : null;
    });

    /// <summary>Plans: missing members are added, remote members that left are removed, the rest is unchanged.</summary>
    protected async Task<PlanTotals> PlanAsync(Guid run, string audience, string mode = "full", int chunk = 1000, string destination = Braze, int partitions = 1)
    {
        var request = Request(run, audience, mode, destination);
        var progress = await WriteAsync(db => Plans.OpenAsync(db, request, CancellationToken.None));
        var cursor = progress.Cursor;
        while (!progress.Completed)
        {
            var after = cursor;
            var candidates = await ReadAsync(db => Plans.ReadCandidatesAsync(db, request, after, chunk, CancellationToken.None));
            if (candidates.Count == 0)
            {
                break;
            }

            var plan = Decide(candidates, after, partitions);
            Assert.That(await WriteAsync(db => Plans.WriteChunkAsync(db, request, plan, Noon, CancellationToken.None)), Is.True);
            cursor = plan.Cursor;
        }

        return await WriteAsync(db => Plans.CompleteAsync(db, request, CancellationToken.None));
    }

    protected static PlanChunk Decide(IReadOnlyList<PlanCandidate> candidates, long previousCursor, int partitions = 1)
    {
        var deliveries = new List<PlannedDelivery>();
        var outcomes = new List<PlannedOutcome>();
        foreach (var candidate in candidates)
        {
            Operation? operation = candidate switch
            {
                { IsMember: true, IsRemoteMember: false } => Operation.AddMember,
                { IsMember: true, AttributesJson: not null } => Operation.UpsertProfile,
                { IsMember: false, IsRemoteMember: true, AddedByHub: true } => Operation.RemoveMember,
                _ => null,
            };
            if (operation is { } owed)
            {
                deliveries.Add(new PlannedDelivery(candidate.ProfileId, owed, (int)(candidate.ProfileId % partitions)));
            }
            else
            {
                outcomes.Add(new PlannedOutcome(candidate.ProfileId, LedgerOutcome.Unchanged, candidate.IsMember ? null : "not_a_member"));
            }
        }

        return new PlanChunk { PreviousCursor = previousCursor, Cursor = candidates[^1].ProfileId, Deliveries = deliveries, Outcomes = outcomes };
    }

    protected Task<Lease?> TryLeaseAsync(string owner = "one", int partition = 0, string destination = Braze, string lane = Bulk) =>
        WriteAsync(db => Deliveries.TakeLeaseAsync(db, destination, lane, partition, owner, TimeSpan.FromMinutes(1), CancellationToken.None));

    /// <summary>Takes a lease, whoever holds it: the one before is over, as when its owner died.</summary>
    protected async Task<Lease> LeaseAsync(string owner = "one", int partition = 0, string destination = Braze, string lane = Bulk)
    {
        await ExpireLeaseAsync(destination, lane, partition);
        return (await TryLeaseAsync(owner, partition, destination, lane))!;
    }

    /// <summary>Lets the time of a lease run out.</summary>
    protected Task ExpireLeaseAsync(string destination, string lane = Bulk, int partition = 0) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(
            $"UPDATE leases SET expires_at = {session.Clock} WHERE destination = @destination AND lane = @lane AND partition = @partition", CancellationToken.None,
            ("destination", destination), ("lane", lane), ("partition", partition));
    });

    protected Task<IReadOnlyList<ClaimedDelivery>> ClaimAsync(Lease lease, int limit = 1000, int minute = 0) =>
        ReadAsync(db => Deliveries.ClaimAsync(db, lease, Noon.AddMinutes(minute), limit, CancellationToken.None));

    protected Task<IReadOnlyList<SettledRun>?> SettleAsync(Lease lease, IEnumerable<Settlement> settlements) =>
        WriteAsync(db => Deliveries.SettleAsync(db, lease, [.. settlements], Noon, CancellationToken.None));

    protected static Settlement Delivered(ClaimedDelivery delivery) => new()
    {
        Delivery = delivery,
        Outcome = LedgerOutcome.Delivered,
        RemoteId = $"r{delivery.ProfileId}",
        ConfirmedHash = delivery.Operation == Operation.RemoveMember ? null : Guid.NewGuid(),
        PlanVersion = "plan-1",
    };

    protected static Settlement Ended(ClaimedDelivery delivery, string outcome, string code) => new() { Delivery = delivery, Outcome = outcome, Code = code };

    protected static Settlement Later(ClaimedDelivery delivery, int minute, bool costs = true) =>
        new() { Delivery = delivery, Code = "busy", DueAt = Noon.AddMinutes(minute), CostsAttempt = costs };

    /// <summary>Delivers everything of a run's partition at once.</summary>
    protected async Task DeliverAllAsync(string owner = "one", int partition = 0, string destination = Braze)
    {
        var lease = await LeaseAsync(owner, partition, destination);
        while (await ClaimAsync(lease) is { Count: > 0 } claim)
        {
            await SettleAsync(lease, claim.Select(Delivered));
        }

        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, lease, isSettled: true, CancellationToken.None));
    }

    protected async Task<RunView> RunAsync(Guid run) => (await ReadAsync(db => Runs.FindAsync(db, run, CancellationToken.None)))!;

    /// <summary>The ledger balances, and the tallies say what the rows say.</summary>
    protected async Task AssertBalancedAsync(Guid run)
    {
        var view = await RunAsync(run);
        Assert.That(view.Counts.Balances, Is.True, view.Counts.ToString());
        var rows = await CountRowsAsync("outcomes", run);
        Assert.That(view.Counts.Planned - view.Counts.Pending, Is.EqualTo(rows));
        Assert.That(await CountRowsAsync("deliveries", run), Is.EqualTo(view.Counts.Pending));
    }

    protected Task<long> CountRowsAsync(string table, Guid run) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return Convert.ToInt64(
            await session.ScalarAsync($"SELECT count(*) FROM {table} WHERE run_id = @run", CancellationToken.None, ("run", run)),
            System.Globalization.CultureInfo.InvariantCulture);
    });
}
