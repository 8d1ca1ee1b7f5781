using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Retention;

/// <summary>
/// Deletes what was kept long enough, every night: whole partitions, or batch by batch, each in a transaction of its own. Makes the partitions of the next weeks before.
/// </summary>
internal sealed partial class RetentionSweeper(
    OutboxTransaction transactions, ILogPartitions partitions, IOptions<RetentionOptions> options, TimeProvider time, ILogger<RetentionSweeper> logger) : IHubJob
{
    private static readonly RetentionClass[] _classes = Enum.GetValues<RetentionClass>();

    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan("retention", "0 20 0 * * ?", MissedBell.Once);

    /// <inheritdoc />
    public string Description => "Makes the partitions of the next weeks and deletes what was kept long enough: partitions, receipts, before-images, records of runs.";

    /// <inheritdoc />
    public Task<string> WorkAsync(CancellationToken cancellationToken) => SweepAsync(cancellationToken);

    /// <summary>Makes partitions ahead and sweeps every class; one that fails keeps none of the others.</summary>
    /// <returns>What was swept.</returns>
    /// <exception cref="HubJobException">Something of it failed.</exception>
    internal async Task<string> SweepAsync(CancellationToken cancellationToken)
    {
        var (failed, swept) = (new List<string>(), 0L);
        try
        {
            await partitions.MakeAheadAsync(time.GetUtcNow(), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            failed.Add("the partitions of the next weeks");
            LogNotMade(exception.GetType().Name);
        }

        foreach (var rows in _classes)
        {
            try
            {
                var deleted = await SweepAsync(rows, cancellationToken);
                swept += deleted;
                if (deleted > 0)
                {
                    LogSwept(rows, deleted, options.Value.AgeOf(rows).TotalDays);
                }
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failed.Add($"{rows}");
                LogFailed(rows, exception.GetType().Name);
            }
        }

        return failed.Count == 0
            ? FormattableString.Invariant($"{swept:N0} rows were kept long enough and are deleted; the partitions of the next weeks stand.")
            : throw new HubJobException($"Not done: {string.Join(", ", failed)}. It is tried again; the hub's log says why.");
    }

    private async Task<long> SweepAsync(RetentionClass rows, CancellationToken cancellationToken)
    {
        var (before, limit) = (time.GetUtcNow() - options.Value.AgeOf(rows), options.Value.RowsPerStatement);
        if (await partitions.DropAsync(rows, before, limit, cancellationToken) is { } dropped)
        {
            return dropped;
        }

        var total = 0L;
        int? deleted;
        do
        {
            deleted = await transactions.RunAsync((db, _) => ExpiredRows.DeleteAsync(db, rows, before, limit, cancellationToken), cancellationToken);
            total += deleted ?? 0;
        }
        while (deleted >= limit);

        return total;
    }

    [LoggerMessage(1321, LogLevel.Information, "Retention of {Rows}: {Deleted} rows older than {Days:0.#} days are deleted")]
    private partial void LogSwept(RetentionClass rows, long deleted, double days);

    [LoggerMessage(1323, LogLevel.Warning, "The log's partitions of the next weeks are not made ({Error}); that is tried again in minutes")]
    private partial void LogNotMade(string error);

    [LoggerMessage(1322, LogLevel.Warning, "Retention of {Rows} failed ({Error}); that is tried again in minutes")]
    private partial void LogFailed(RetentionClass rows, string error);
}
