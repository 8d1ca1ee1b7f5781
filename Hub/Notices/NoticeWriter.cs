using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Notices;

/// <summary>Writes what vendors said beside answers: a few times a minute and once at the end, never in the way of a call.</summary>
internal sealed partial class NoticeWriter(NoticeBoard board, OutboxTransaction transactions, TimeProvider time, ILogger<NoticeWriter> logger) : BackgroundService
{
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(10);

    /// <summary>Writes what was heard; what cannot be written is tried again with the next.</summary>
    /// <returns>How many different notices were written.</returns>
    internal async Task<int> WriteAsync(CancellationToken cancellationToken)
    {
        var heard = board.TakeAll();
        if (heard.Count == 0)
        {
            return 0;
        }

        try
        {
            await transactions.RunAsync((db, _) => VendorNotices.AddAsync(db, heard, cancellationToken), cancellationToken);
            return heard.Count;
        }
        catch
        {
            board.GiveBack(heard);
            throw;
        }
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryWriteAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryWriteAsync(stoppingToken);
        }
    }

    private async Task TryWriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(nameof(NoticeBoard), exception.GetType().Name);
        }
    }

    [LoggerMessage(3905, LogLevel.Warning, "{Name}: what vendors said of the end of their interfaces could not be written ({Error}); it is tried again in seconds")]
    private partial void LogFailed(string name, string error);
}
