using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Runs;
using MassTransit;

namespace IntegrationHub.Hub.Approvals;

/// <summary>
/// Says again, at start, what was decided about work that still waits for a word, and asks where nobody was asked: the in-memory bus forgets what it carried when the process dies. Said twice,
/// nothing happens twice: what does not wait any more takes no word.
/// </summary>
internal sealed class HeldReminder(IEnumerable<IApprovable> approvables, SyncApproval syncs, BackfillApproval backfills, IRunStore runs, OutboxTransaction transactions)
{
    private readonly Dictionary<string, IApprovable> _approvables = approvables.ToDictionary(approvable => approvable.Kind, StringComparer.Ordinal);

    /// <summary>Goes through all that waits.</summary>
    public async Task RemindAsync(CancellationToken cancellationToken)
    {
        foreach (var runId in await transactions.ReadAsync(db => HeldWork.ListSyncsAsync(db, cancellationToken)))
        {
            await RemindAsync(
                SyncApproval.SubjectOf(runId),
                async db => await (await runs.FindAsync(db, runId, cancellationToken) is { } run ? syncs.RequestAsync(db, run, cancellationToken) : Task.CompletedTask),
                cancellationToken);
        }

        foreach (var runId in await transactions.ReadAsync(db => HeldWork.ListBackfillsAsync(db, cancellationToken)))
        {
            await RemindAsync(
                BackfillApproval.SubjectOf(runId),
                db => backfills.AskAsync(db, runId, cancellationToken),
                cancellationToken);
        }

        await RemindErasuresAsync(cancellationToken);
    }

    /// <summary>Says again what was decided about erasures that wait for it still: whoever asks for an erasure asks for the agreement in the same transaction, so that the decision may be there first.</summary>
    public async Task RemindErasuresAsync(CancellationToken cancellationToken)
    {
        foreach (var requestId in await transactions.ReadAsync(db => HeldWork.ListErasuresAsync(db, cancellationToken)))
        {
            await RemindAsync(ErasureApproval.SubjectOf(requestId), _ => Task.CompletedTask, cancellationToken);
        }
    }

    private async Task RemindAsync(string subject, Func<HubDbContext, Task> askAsync, CancellationToken cancellationToken)
    {
        try
        {
            await transactions.RunAsync((db, bus) => SayAgainAsync(db, bus, subject, askAsync, cancellationToken), cancellationToken);
        }
        catch (PlanChangedException)
        {
            // What was agreed to is not what waits.
            await transactions.RunAsync((db, _) => askAsync(db), cancellationToken);
        }
    }

    private async Task SayAgainAsync(HubDbContext db, IPublishEndpoint bus, string subject, Func<HubDbContext, Task> askAsync, CancellationToken cancellationToken)
    {
        var last = await ApprovalDesk.FindLastAsync(db, subject, cancellationToken);
        if (last is { Unreadable: not null } || (last is not null && !_approvables.ContainsKey(last.Request.Kind)))
        {
            return; // the diagnosis of what waits says so
        }

        await (last?.State switch
        {
            ApprovalState.Approved => _approvables[last.Request.Kind].ReleaseAsync(db, bus, last, cancellationToken),
            ApprovalState.Refused or ApprovalState.Expired => _approvables[last.Request.Kind].RefuseAsync(db, bus, last, cancellationToken),
            ApprovalState.Waiting => Task.CompletedTask,
            _ => askAsync(db),
        });
    }
}
