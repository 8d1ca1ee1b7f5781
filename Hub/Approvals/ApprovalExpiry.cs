using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Approvals;

/// <summary>Ends what nobody decided in time, which counts as refused. Any number of hubs may do so at once: each end is one hub's.</summary>
internal sealed partial class ApprovalExpiry(IEnumerable<IApprovable> approvables, OutboxTransaction transactions, TimeProvider time, ILogger<ApprovalExpiry> logger) : BackgroundService
{
    private const int AtOnce = 100;
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);
    private readonly Dictionary<string, IApprovable> _approvables = approvables.ToDictionary(approvable => approvable.Kind, StringComparer.Ordinal);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, time);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name, _interval.TotalMinutes);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Ends those that are too late now.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var late in await transactions.ReadAsync(db => ApprovalDesk.ListExpiredAsync(db, now, AtOnce, cancellationToken)))
        {
            if (!_approvables.TryGetValue(late.Request.Kind, out var approvable))
            {
                continue; // of a newer version of the hub, which ends it
            }

            var isEnded = await transactions.RunAsync(
                async (db, outbox) =>
                {
                    if (!await ApprovalDesk.EndAsync(db, late, ApprovalState.Expired, now, cancellationToken))
                    {
                        return false;
                    }

                    await approvable.RefuseAsync(db, outbox, late with { State = ApprovalState.Expired, EndedAt = now }, cancellationToken);
                    await AuditLog.AppendAsync(db, new AuditEntry(now, "hub", AuditVia.Hub, $"{late.Request.Kind}.expire", late.Request.Subject, "Nobody decided in time.", AfterHash: late.Request.PlanHash), cancellationToken);
                    return true;
                },
                cancellationToken);
            if (isEnded)
            {
                LogExpired(late.ApprovalId, late.Request.Kind, late.Request.At);
            }
        }
    }

    [LoggerMessage(2111, LogLevel.Warning, "Approval {ApprovalId} of a {Kind}, asked for at {At:u}, is too late: nobody decided, so it counts as refused")]
    private partial void LogExpired(Guid approvalId, string kind, DateTimeOffset at);

    [LoggerMessage(2112, LogLevel.Warning, "Approvals that are too late were not ended ({Error}); the next look is in {Minutes:0} minutes")]
    private partial void LogFailed(string error, double minutes);
}
