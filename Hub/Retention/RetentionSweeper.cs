using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Retention;

/// <summary>
/// Deletes what was kept long enough, at the start and then at intervals: whole partitions, or batch by batch, each in a transaction of its own, one instance
/// at a time. Makes the partitions of the next weeks before.
/// </summary>
internal sealed partial class RetentionSweeper(
    OutboxTransaction transactions, ILogPartitions partitions, IOptions<RetentionOptions> options, TimeProvider time, ILogger<RetentionSweeper> logger) : BackgroundService
{
    private static readonly RetentionClass[] _classes = Enum.GetValues<RetentionClass>();

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        do
        {
            await SweepAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Makes partitions ahead and sweeps every class; what fails is left to the next turn.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await partitions.MakeAheadAsync(time.GetUtcNow(), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotMade(exception.GetType().Name, options.Value.SweepInterval.TotalMinutes);
        }

        foreach (var rows in _classes)
        {
            try
            {
                var deleted = await SweepAsync(rows, cancellationToken);
                if (deleted > 0)
                {
                    LogSwept(rows, deleted, options.Value.AgeOf(rows).TotalDays);
                }
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(rows, exception.GetType().Name, options.Value.SweepInterval.TotalMinutes);
            }
        }
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

    [LoggerMessage(1323, LogLevel.Warning, "The log's partitions of the next weeks are not made ({Error}); the next sweep, in {Minutes:0.#} minutes, tries again")]
    private partial void LogNotMade(string error, double minutes);

    [LoggerMessage(1322, LogLevel.Warning, "Retention of {Rows} failed ({Error}); the next sweep, in {Minutes:0.#} minutes, tries again")]
    private partial void LogFailed(RetentionClass rows, string error, double minutes);
}
