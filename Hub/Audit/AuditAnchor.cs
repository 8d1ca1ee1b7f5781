using System.Globalization;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Hub.Audit;

/// <summary>Walks along the audit log once an hour and writes its head down where the log is not: into the book of jobs, and into the hub's log.</summary>
internal sealed partial class AuditAnchor(OutboxTransaction transactions) : IHubJob
{
    /// <summary>As many of the notes are compared: a week of them.</summary>
    private const int Notes = 7 * 24;

    /// <summary>Name of the job.</summary>
    public const string Name = "audit";

    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan(Name, "0 5 * * * ?", MissedBell.Once);

    /// <inheritdoc />
    public string Description => "Checks that the audit log holds together, and notes its head outside of it.";

    /// <inheritdoc />
    public async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        var check = await CheckAsync(transactions, cancellationToken);
        return check.Fault is { } fault
            ? throw new HubJobException(string.Create(CultureInfo.InvariantCulture, $"The audit log is broken at entry {fault.Seq}: {fault.Problem} 'audit verify' says it again; compare with a backup."))
            : string.Create(CultureInfo.InvariantCulture, $"{check.HeadSeq:N0} entries hold together; the head is {check.HeadHash}.");
    }

    /// <summary>Walks along the log and past the heads that this job noted.</summary>
    public static async Task<AuditCheck> CheckAsync(OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        // Before the log: what is appended and noted meanwhile is not there yet.
        var notes = await transactions.ReadAsync(db => JobRuns.ListAsync(db, HubJobs.NameOf(Name), Notes, cancellationToken));
        return await transactions.ReadAsync(db => AuditLog.VerifyAsync(db, [.. notes.Select(note => Read(note.Detail)).OfType<AuditHead>()], cancellationToken));
    }

    /// <summary>The head that a note tells; null for a note that tells none.</summary>
    internal static AuditHead? Read(string? note) =>
        note is not null && Note().Match(note) is { Success: true } told ? new AuditHead(long.Parse(told.Groups[1].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture), told.Groups[2].Value) : null;

    [GeneratedRegex("^([0-9,]+) entries hold together; the head is ([0-9a-f]+)\\.\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Note();
}
