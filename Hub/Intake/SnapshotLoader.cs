using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Consents;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Ledger;
using MassTransit;

namespace IntegrationHub.Hub.Intake;

/// <summary>Streams a snapshot into the staging tables with bounded memory. Nothing of it reaches the ledger before a run applies it, but what it says of consent: that holds from when it is read.</summary>
internal sealed partial class SnapshotLoader(OutboxTransaction transactions, ISnapshotStore snapshots, ListedConsents listed, HubConfiguration configuration, TimeProvider time, ILogger<SnapshotLoader> logger)
{
    private const int BatchRows = 5_000;

    /// <summary>Loads the stream to its end; a file that cannot be read as a whole leaves a failed snapshot behind and nothing else.</summary>
    /// <param name="audience">Whose members are listed.</param>
    /// <param name="kind"><c>full</c> or <c>delta</c>.</param>
    /// <param name="stream">The file's bytes; not closed.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="fileName">Name for error messages and the report.</param>
    /// <param name="progress">Told the rows read so far, about every batch; may be null.</param>
    /// <param name="cancellationToken">Ends the loading; the snapshot is marked failed.</param>
    /// <exception cref="SnapshotFormatException">The file as a whole cannot be read.</exception>
    public async Task<SnapshotReport> LoadAsync(
        AudienceConfiguration audience, string kind, Stream stream, SnapshotFormat format, string fileName, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var snapshotId = NewId.NextGuid();
        var grantsRefused = 0L;
        await transactions.RunAsync((db, _) => snapshots.CreateAsync(db, snapshotId, audience.Key, kind, fileName, time.GetUtcNow(), cancellationToken), cancellationToken);
        try
        {
            grantsRefused = await StageAsync(snapshotId, audience.Key, new SnapshotReader(configuration.Ownership?.OwnedBy(audience) ?? audience, now: time.GetUtcNow()).ReadAsync(stream, format, fileName, cancellationToken), progress, cancellationToken);
        }
        catch (Exception exception)
        {
            var code = (exception as SnapshotFormatException)?.Code ?? "interrupted";
            await transactions.RunAsync((db, _) => snapshots.FailAsync(db, snapshotId, code, CancellationToken.None), CancellationToken.None);
            LogFailed(snapshotId, audience.Key, code);
            throw;
        }

        var report = await transactions.RunAsync((db, _) => snapshots.FinishAsync(db, snapshotId, time.GetUtcNow(), cancellationToken), cancellationToken);
        LogLoaded(snapshotId, audience.Key, kind, report.Rows, report.Accepted, report.Rejected, report.Duplicates);
        if (configuration.Ownership?.ForeignTo(audience).ToList() is { Count: > 0 } foreign)
        {
            LogForeign(snapshotId, audience.Key, string.Join(", ", foreign), OwnershipRules.NotOwner);
        }

        if (grantsRefused > 0)
        {
            LogGrantsRefused(snapshotId, grantsRefused, ConsentSource.ListOf(audience.Key));
        }

        return report with { GrantsRefused = grantsRefused };
    }

    /// <returns>How many rows grant and do not count.</returns>
    private async Task<long> StageAsync(Guid snapshotId, string audience, IAsyncEnumerable<SnapshotRow> rows, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var members = new List<StagedMember>(BatchRows);
        var rejects = new List<SnapshotReject>();
        var consents = new List<ConsentStatement>();
        var (read, grantsRefused) = (0L, 0L);
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            if (row.Reject is { } reject)
            {
                rejects.Add(reject);
            }
            else
            {
                members.Add(row.Member);
            }

            consents.AddRange(row.Consents ?? []);
            if (++read % BatchRows == 0)
            {
                await FlushAsync();
            }
        }

        await FlushAsync();
        return grantsRefused;

        async Task FlushAsync()
        {
            if (members.Count + rejects.Count > 0)
            {
                await transactions.RunAsync((db, _) => snapshots.StageAsync(db, snapshotId, members, rejects, cancellationToken), cancellationToken);
            }

            grantsRefused += await listed.TakeInAsync(audience, consents, cancellationToken);
            progress?.Report(read);
            members.Clear();
            rejects.Clear();
            consents.Clear();
        }
    }

    [LoggerMessage(1311, LogLevel.Information, "Snapshot {SnapshotId} of {Audience} ({Kind}) is loaded: {Rows} rows, {Accepted} accepted, {Rejected} rejected, {Duplicates} repeated")]
    private partial void LogLoaded(Guid snapshotId, string audience, string kind, long rows, long accepted, long rejected, long duplicates);

    [LoggerMessage(1313, LogLevel.Warning, "Snapshot {SnapshotId}: {Grants} times its columns of consent say yes, which does not count: {Source} may only deny (sources in consent.yaml)")]
    private partial void LogGrantsRefused(Guid snapshotId, long grants, string source);

    [LoggerMessage(3915, LogLevel.Warning, "Snapshot {SnapshotId} of {Audience} does not change {Columns}, which belong to other sources ({Code}, ownership.yaml)")]
    private partial void LogForeign(Guid snapshotId, string audience, string columns, string code);

    [LoggerMessage(1312, LogLevel.Warning, "Snapshot {SnapshotId} of {Audience} could not be loaded ({Code}); nothing of it was applied")]
    private partial void LogFailed(Guid snapshotId, string audience, string code);
}
