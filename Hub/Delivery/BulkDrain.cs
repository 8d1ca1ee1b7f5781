using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.Options;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>What a look at a partition's vendor job came to.</summary>
internal enum BulkTurn
{
    /// <summary>There is none and none is worth it: send as usual.</summary>
    None,

    /// <summary>One runs, or its turn has not come: nothing to do for now.</summary>
    Waiting,

    /// <summary>Records were settled: look again.</summary>
    Settled,
}

/// <summary>
/// Hands large amounts of a partition to the vendor's own jobs and follows each to its end and to the row. The job is written down with
/// its records before anything else happens, so whoever holds the lease next goes on following it. Records that the job
/// did not bring through are tried again one batch at a time, which tells why.
/// </summary>
internal sealed partial class BulkDrain(
    OutboxTransaction transactions,
    IDeliveryStore deliveries,
    IBulkJobStore jobs,
    AudienceTargets targets,
    BatchSender sender,
    ClaimSettler settler,
    DestinationHealth health,
    BulkExperience experience,
    GivenUpJobs givenUp,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<BulkDrain> logger)
{
    /// <summary>Code of what a vendor's job has not told of in time.</summary>
    public const string TooLong = "vendor_job_too_long";

    /// <summary>Between two looks at a job of a kind that the connector does not start any more.</summary>
    private static readonly TimeSpan _pollWithoutLimits = TimeSpan.FromMinutes(1);

    /// <summary>Most records that one claim for a destination may hold, for calls or for a job.</summary>
    public static int LargestClaim(Destination destination, DeliveryOptions options) => Math.Max(
        destination.ClaimSize(options.ClaimSize),
        destination.ConnectorFor(Lane.Bulk) is IBulkDelivery bulk ? bulk.BulkOperations.Values.Select(limits => limits.MaxRecords).DefaultIfEmpty().Max() : 0);

    /// <summary>Takes a turn on a partition under its lease.</summary>
    public async Task<BulkTurn> TakeTurnAsync(Destination destination, Lease lease, CancellationToken cancellationToken)
    {
        if (lease.IsLive || lease.Lane == Lane.Backfill || destination.ConnectorFor(lease.Lane) is not IBulkDelivery bulk)
        {
            return BulkTurn.None;
        }

        await givenUp.LookAsync(destination, bulk, lease, cancellationToken);

        // What runs is followed to its end, also when jobs were turned off since.
        var job = await transactions.ReadAsync(db => jobs.FindAsync(db, lease.Destination, lease.Lane, lease.Partition, cancellationToken));
        return job is null
            ? options.Value.Bulk && destination is { CreatesPeople: true, UncomparedFields.Count: 0 } ? await StartAsync(destination, bulk, lease, cancellationToken) : BulkTurn.None
            : job.PollAt > time.GetUtcNow() ? BulkTurn.Waiting : await FollowAsync(destination, bulk, lease, job, cancellationToken);
    }

    private async Task<BulkTurn> StartAsync(Destination destination, IBulkDelivery bulk, Lease lease, CancellationToken cancellationToken)
    {
        var due = await transactions.ReadAsync(db => jobs.CountDueAsync(db, lease, time.GetUtcNow(), cancellationToken));
        if (due.FirstOrDefault(work => bulk.BulkOperations.TryGetValue(work.Operation, out var limits) && work.Count >= limits.MinRecords
                && experience.IsWorth(lease.Destination, work.Operation, Math.Min(work.Count, limits.MaxRecords), limits)) is not { } large)
        {
            return BulkTurn.None;
        }

        if (await transactions.ReadAsync(db => jobs.OfAudienceAsync(db, lease.Destination, large.Audience, cancellationToken)) is not AudienceJobs.None and var standing)
        {
            return standing == AudienceJobs.Running ? BulkTurn.Waiting : BulkTurn.None;
        }

        await using var pass = await health.EnterAsync(destination.Name, lease.Lane, large.Audience, cancellationToken);
        var (target, _) = pass.Block is null ? await targets.FindAsync(destination, large.Audience, lease.Lane, cancellationToken) : new EnsureAudienceResult(null, null);
        if (target is null)
        {
            // The batches meet the same trouble and say what it concerns.
            return BulkTurn.None;
        }

        var limit = bulk.BulkOperations[large.Operation];
        var claim = await transactions.ReadAsync(db => deliveries.ClaimAsync(db, lease, time.GetUtcNow(), limit.MaxRecords, cancellationToken));
        List<ClaimedDelivery> fresh =
            [.. claim.Where(delivery => delivery is { Attempt: 0, MaybeSent: false, IsUnseen: false } && delivery.RunId == large.RunId && delivery.Operation == large.Operation && delivery.Audience == large.Audience)];
        var ahead = await transactions.ReadAsync(db => deliveries.FindIdentityAheadAsync(db, destination, fresh, cancellationToken));
        var preparation = ClaimPreparation.For(
            destination,
            fresh,
            limits: new OperationLimits(limit.MaxRecords, limit.MaxBytes, RepeatIsHarmless: true),
            keyHolders: await transactions.ReadAsync(db => deliveries.FindKeyHoldersAsync(db, destination, fresh, cancellationToken)),
            ahead: ahead);
        if (preparation.Batches is not [var batch, ..] || batch.Records.Count < limit.MinRecords)
        {
            return BulkTurn.None;
        }

        var recheck = sender.Recheck(destination, lease, batch);
        BulkStart start;
        try
        {
            start = await bulk.StartBulkAsync(batch.For(target, recheck), cancellationToken);
        }
        finally
        {
            await recheck.LeaveAllAsync();
        }

        var leftOut = (start.Receipt?.Outcomes ?? []).Select(outcome => outcome.RecordId).ToHashSet();
        var (others, taken) = (batch.Records.Where(IsLeftOut).ToList(), batch.Records.Where(record => !IsLeftOut(record)).ToList());
        List<Settlement> settlements = [.. await sender.UnderWay.AwaitGivenUpAsync(preparation.Settled, cancellationToken)];
        if (start.Receipt is { } receipt)
        {
            settlements.AddRange(await sender.ReadAsync(destination, lease.Lane, batch with { Records = others }, target, receipt, pass, recheck, cancellationToken));
        }

        if (start.Job is null)
        {
            var isSettled = settlements.Count > 0 && await settler.SettleAsync(lease, settlements, null, cancellationToken);
            return start.Receipt?.Condition is not null ? BulkTurn.Waiting : isSettled ? BulkTurn.Settled : BulkTurn.None;
        }

        var now = time.GetUtcNow();
        var job = new BulkJob(
            0, lease.Destination, lease.Lane, lease.Partition, large.RunId, large.Audience, large.Operation, start.Job, destination.PlanVersion, now, now + (limit.PollInterval / 3))
        {
            Decided = batch.Records[0].Delivery.Decided,
        };
        var rows = taken.ConvertAll(record => new BulkJobRow(record.Delivery.DeliveryId, record.Delivery.ProfileId, record.Item.Key, record.ContentHash, record.Delivery.ProfileVersion));
        if (await settler.SettleAsync(lease, settlements, db => jobs.AddAsync(db, job, rows, cancellationToken), cancellationToken))
        {
            LogStarted(job.RunId, job.Destination, job.Partition, job.RemoteJob, rows.Count);
        }

        if (start.Receipt is null)
        {
            await health.RecoverAsync(pass, cancellationToken);
        }

        return BulkTurn.Waiting;

        bool IsLeftOut(PreparedRecord record) => leftOut.Contains(record.Delivery.DeliveryId);
    }

    private async Task<BulkTurn> FollowAsync(Destination destination, IBulkDelivery bulk, Lease lease, BulkJob job, CancellationToken cancellationToken)
    {
        var rows = await transactions.ReadAsync(db => jobs.ClaimAsync(db, job, cancellationToken));
        if (rows.Count == 0)
        {
            await transactions.RunAsync((db, _) => jobs.EndAsync(db, job, cancellationToken), cancellationToken);
            return BulkTurn.Settled;
        }

        var batch = new PreparedBatch(job.Operation, job.Audience, [.. rows.Select(row => Prepare(destination, job, row))]);
        await using var pass = await health.EnterAsync(destination.Name, lease.Lane, job.Audience, cancellationToken);
        if (pass.Block is not null)
        {
            return BulkTurn.Waiting;
        }

        var (target, condition) = await targets.FindAsync(destination, job.Audience, lease.Lane, cancellationToken);
        if (target is null)
        {
            await sender.ReportAsync(destination, lease.Lane, batch, target, condition!, pass, cancellationToken);
            await PostponeAsync(bulk, job, cancellationToken);
            return BulkTurn.Waiting;
        }

        try
        {
            var receipt = await bulk.FollowBulkAsync(
                job.RemoteJob, new Batch { Operation = job.Operation, Audience = target, Items = [.. batch.Records.Select(record => record.Item)] }, cancellationToken);
            if (receipt is not null || time.GetUtcNow() - job.StartedAt > options.Value.LongestVendorJob)
            {
                experience.Note(job, rows.Count);
            }

            var isGivenUp = receipt is null && time.GetUtcNow() - job.StartedAt > options.Value.LongestVendorJob;
            if (isGivenUp)
            {
                LogTooLong(job.RunId, job.RemoteJob, job.Destination, job.StartedAt);
                receipt = new Receipt { Outcomes = [.. batch.Records.Select(record => new RecordOutcome { RecordId = record.Delivery.DeliveryId, Outcome = Outcome.RetryLater, Code = TooLong })] };
            }

            if (receipt is null)
            {
                await health.RecoverAsync(pass, cancellationToken);
                await PostponeAsync(bulk, job, cancellationToken);
                return BulkTurn.Waiting;
            }

            var settlements = await sender.ReadAsync(destination, lease.Lane, batch, target, receipt, pass, null, cancellationToken);
            Func<HubDbContext, Task> end = isGivenUp
                ? db => jobs.GiveUpAsync(db, job, time.GetUtcNow(), time.GetUtcNow() + GivenUpJobs.BetweenLooks, cancellationToken)
                : db => jobs.EndAsync(db, job, cancellationToken);
            LogEnded(job.RunId, job.Destination, job.Partition, job.RemoteJob, settlements.Count(settlement => settlement.Outcome == LedgerOutcome.Delivered), rows.Count);
            if (bulk.BulkOperations.TryGetValue(job.Operation, out var limits) && !experience.IsWorth(job.Destination, job.Operation, rows.Count, limits))
            {
                LogSlow(job.RunId, job.Destination, rows.Count, (time.GetUtcNow() - job.StartedAt).TotalSeconds, rows.Count / limits.CallsPace);
            }

            return await settler.SettleAsync(lease, settlements, end, cancellationToken) ? BulkTurn.Settled : BulkTurn.Waiting;
        }
        catch (DestinationException trouble)
        {
            await sender.ReportAsync(destination, lease.Lane, batch, target, trouble.Condition, pass, cancellationToken);
            await PostponeAsync(bulk, job, cancellationToken);
            return BulkTurn.Waiting;
        }
    }

    private Task PostponeAsync(IBulkDelivery bulk, BulkJob job, CancellationToken cancellationToken) => transactions.RunAsync(
        (db, _) => jobs.PostponeAsync(db, job, time.GetUtcNow() + (bulk.BulkOperations.TryGetValue(job.Operation, out var limits) ? limits.PollInterval : _pollWithoutLimits), cancellationToken),
        cancellationToken);

    /// <summary>
    /// The record as it was handed over: what it holds now does not matter any more. Nobody keeps the consent that it was handed over with: whoever's profile
    /// moved since is owed theirs once more. What was left out of it is told by mapping the person again, as long as that gives what was handed over.
    /// </summary>
    private static PreparedRecord Prepare(Destination destination, BulkJob job, BulkDelivered row)
    {
        var delivery = row.Delivery;
        var key = row.Key ?? destination.KeyOf(delivery.ExternalId, delivery.Email) ?? delivery.RemoteId ?? "";
        var mapped = destination.Mapping.Map(new ProfileView(delivery.ExternalId, delivery.Email, delivery.Phone, delivery.AttributesJson));
        var note = mapped.Rejection is null && mapped.ContentHash == row.ContentHash ? ClaimPreparation.NoteOf(mapped) : null;
        return new PreparedRecord(
            delivery.WithoutProfile() with { ConsentJson = "", Decided = job.Decided }, new BatchItem { RecordId = delivery.DeliveryId, Key = key, RemoteId = delivery.RemoteId }, row.ContentHash, note);
    }

    [LoggerMessage(1161, LogLevel.Information, "Run {RunId}: {Destination} took {Records} records of partition {Partition} as its job {Job}")]
    private partial void LogStarted(Guid runId, string destination, int partition, string job, int records);

    [LoggerMessage(1163, LogLevel.Warning, "Run {RunId}: job {Job} of {Destination} has been going on since {Since:u}: it is given up, its records are sent one batch at a time. Look at the job in the vendor's own console")]
    private partial void LogTooLong(Guid runId, string job, string destination, DateTimeOffset since);

    [LoggerMessage(3050, LogLevel.Information, "Run {RunId}: a job of {Destination} took {Seconds:0} s for {Records} records, calls for single records bring as many in {CallSeconds:0} s: such calls are used for a week")]
    private partial void LogSlow(Guid runId, string destination, int records, double seconds, double callSeconds);

    [LoggerMessage(1162, LogLevel.Information, "Run {RunId}: job {Job} of {Destination}, partition {Partition}, is over: {Delivered} of {Records} records are there")]
    private partial void LogEnded(Guid runId, string destination, int partition, string job, int delivered, int records);
}
