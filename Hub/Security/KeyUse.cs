using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Access;

namespace IntegrationHub.Hub.Security;

/// <summary>Writes once a minute which keys were used, instead of at each request.</summary>
internal sealed partial class KeyUse(KeyRing keys, OutboxTransaction transactions, TimeProvider time, ILogger<KeyUse> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await WriteAsync(stoppingToken);
        }
    }

    internal async Task WriteAsync(CancellationToken cancellationToken)
    {
        var uses = keys.TakeUses();
        if (uses.Count == 0)
        {
            return;
        }

        try
        {
            await transactions.RunAsync((db, _) => AccessBook.NoteUsesAsync(db, uses, cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotWritten(uses.Count, exception.GetType().Name);
        }
    }

    [LoggerMessage(2101, LogLevel.Warning, "When {Keys} API keys were used last is not written ({Error}); their next use is")]
    private partial void LogNotWritten(int keys, string error);
}
