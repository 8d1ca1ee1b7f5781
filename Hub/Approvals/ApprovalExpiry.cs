using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Approvals;

/// <summary>Ends what nobody decided in time, which counts as refused. Any number of hubs may do so at once: each end is one hub's.</summary>
internal sealed partial class ApprovalExpiry(IEnumerable<IApprovable> approvables, OutboxTransaction transactions, TimeProvider time, ILogger<ApprovalExpiry> logger) : IHubJob
{
    private const int AtOnce = 100;
    private readonly Dictionary<string, IApprovable> _approvables = approvables.ToDictionary(approvable => approvable.Kind, StringComparer.Ordinal);

    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan("approvals", "0 0/5 * * * ?", MissedBell.Once);

    /// <inheritdoc />
    public string Description => "Ends approvals that nobody decided in time; each counts as refused.";

    /// <inheritdoc />
    public async Task<string> WorkAsync(CancellationToken cancellationToken) => await SweepAsync(cancellationToken) switch
    {
        0 => "No approval was too late.",
        1 => "1 approval was too late and counts as refused.",
        var ended => $"{ended} approvals were too late and count as refused.",
    };

    /// <summary>Ends those that are too late now.</summary>
    /// <returns>How many this hub ended.</returns>
    internal async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var (now, count) = (time.GetUtcNow(), 0);
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
                count++;
                LogExpired(late.ApprovalId, late.Request.Kind, late.Request.At);
            }
        }

        return count;
    }

    [LoggerMessage(2111, LogLevel.Warning, "Approval {ApprovalId} of a {Kind}, asked for at {At:u}, is too late: nobody decided, so it counts as refused")]
    private partial void LogExpired(Guid approvalId, string kind, DateTimeOffset at);
}
