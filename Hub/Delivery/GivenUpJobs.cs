using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// Vendor jobs for which nobody waits any more. No vendor takes one back, so it may write yet, and what it writes is from the day on which it was handed over: an older value over a newer
/// one, somebody into a list who has left it or withdrew since. So it is looked at until the vendor tells its end, and then whoever changed meanwhile is owed anew.
/// </summary>
internal sealed partial class GivenUpJobs(
    OutboxTransaction transactions, IDeliveryStore deliveries, IBulkJobStore jobs, AudienceTargets targets, DestinationHealth health, TimeProvider time, ILogger<GivenUpJobs> logger)
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(15);

    /// <summary>A vendor tells of its jobs for a week; whoever was not told anything until then acts as if it had ended.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(8);

    /// <summary>Looks at the job of a partition whose time has come, under the partition's lease.</summary>
    public async Task LookAsync(Destination destination, IBulkDelivery bulk, Lease lease, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await transactions.ReadAsync(db => jobs.FindGivenUpAsync(db, lease.Destination, lease.Lane, lease.Partition, now, cancellationToken)) is not { } job)
        {
            return;
        }

        if (!await IsOverAsync(destination, bulk, lease, job, cancellationToken))
        {
            await transactions.RunAsync((db, _) => jobs.PostponeAsync(db, job, now + BetweenLooks, cancellationToken), cancellationToken);
            return;
        }

        var end = await transactions.RunAsync(
            async (db, _) =>
            {
                var late = await jobs.EndLateAsync(db, job, now, cancellationToken);
                await deliveries.OweConsentsAgainAsync(db, job.Destination, late.Everybody, late.Moved, now, cancellationToken);
                return late;
            },
            cancellationToken);
        LogEnded(job.RunId, job.RemoteJob, job.Destination, end.Everybody.Count, end.Moved.Count);
    }

    private async Task<bool> IsOverAsync(Destination destination, IBulkDelivery bulk, Lease lease, BulkJob job, CancellationToken cancellationToken)
    {
        var rows = await transactions.ReadAsync(db => jobs.ClaimAsync(db, job, cancellationToken));
        if (rows.Count == 0 || time.GetUtcNow() - job.StartedAt > _longest)
        {
            return true;
        }

        await using var pass = await health.EnterAsync(destination.Name, lease.Lane, job.Audience, cancellationToken);
        if (pass.Block is not null || (await targets.FindAsync(destination, job.Audience, lease.Lane, cancellationToken)).Target is not { } target)
        {
            return false;
        }

        try
        {
            BatchItem[] items = [.. rows.Select(row => new BatchItem { RecordId = row.Delivery.DeliveryId, Key = row.Key ?? row.Delivery.RemoteId ?? "", RemoteId = row.Delivery.RemoteId })];
            return await bulk.FollowBulkAsync(job.RemoteJob, new Batch { Operation = job.Operation, Audience = target, Items = items }, cancellationToken) is not null;
        }
        catch (DestinationException)
        {
            return false; // the work that waits for the destination finds out what troubles it
        }
    }

    [LoggerMessage(3790, LogLevel.Warning, "Run {RunId}: job {Job} of {Destination}, which was given up, is over: it may have written {People} people late, {Moved} of them have changed since and are owed anew")]
    private partial void LogEnded(Guid runId, string job, string destination, int people, int moved);
}
