using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Audit;

/// <summary>Walks along the audit log once an hour and writes its head down where the log is not: into the book of jobs, and into the hub's log.</summary>
internal sealed class AuditAnchor(OutboxTransaction transactions) : IHubJob
{
    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan("audit", "0 5 * * * ?", MissedBell.Once);

    /// <inheritdoc />
    public string Description => "Checks that the audit log holds together, and notes its head outside of it.";

    /// <inheritdoc />
    public async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        var check = await transactions.ReadAsync(db => AuditLog.VerifyAsync(db, cancellationToken));
        return check.Fault is { } fault
            ? throw new HubJobException(string.Create(CultureInfo.InvariantCulture, $"The audit log is broken at entry {fault.Seq}: {fault.Problem} 'audit verify' says it again; compare with a backup."))
            : string.Create(CultureInfo.InvariantCulture, $"{check.HeadSeq:N0} entries hold together; the head is {check.HeadHash}.");
    }
}
