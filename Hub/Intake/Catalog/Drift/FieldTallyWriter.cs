using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Catalog.Drift;

/// <summary>Writes down what was counted, twice a minute and at the end. What cannot be written is lost: they are counts to look for drift with.</summary>
internal sealed partial class FieldTallyWriter(FieldTally tally, OutboxTransaction transactions, TimeProvider time, ILogger<FieldTallyWriter> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await WriteAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await WriteAsync(stoppingToken);
        }
    }

    /// <summary>Writes what was counted so far.</summary>
    internal async Task WriteAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (fields, values) = tally.Take(new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero), now);
        if (fields.Count == 0)
        {
            return;
        }

        try
        {
            await transactions.RunAsync((db, _) => FieldBook.AddAsync(db, fields, values, now, cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogLost(nameof(FieldTallyWriter), fields.Count, exception.GetType().Name);
        }
    }

    [LoggerMessage(1341, LogLevel.Warning, "{Loop} could not write the counts of {Fields} fields of facts ({Error}); they are lost, and drift of them may go unseen")]
    private partial void LogLost(string loop, int fields, string error);
}
