using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Retention;

/// <summary>Deletes what was kept long enough, at the start and then at intervals: batch by batch, each in a transaction of its own, one instance at a time.</summary>
internal sealed partial class RetentionSweeper(
    OutboxTransaction transactions, ExpiredRows expired, IOptions<RetentionOptions> options, TimeProvider time, ILogger<RetentionSweeper> logger) : BackgroundService
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

    /// <summary>Sweeps every class; one that fails is left to the next turn.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
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
        var total = 0L;
        int? deleted;
        do
        {
            deleted = await transactions.RunAsync((db, _) => expired.DeleteAsync(db, rows, before, limit, cancellationToken), cancellationToken);
            total += deleted ?? 0;
        }
        while (deleted >= limit);

        return total;
    }

    [LoggerMessage(1321, LogLevel.Information, "Retention of {Rows}: {Deleted} rows older than {Days:0.#} days are deleted")]
    private partial void LogSwept(RetentionClass rows, long deleted, double days);

    [LoggerMessage(1322, LogLevel.Warning, "Retention of {Rows} failed ({Error}); the next sweep, in {Minutes:0.#} minutes, tries again")]
    private partial void LogFailed(RetentionClass rows, string error, double minutes);
}
