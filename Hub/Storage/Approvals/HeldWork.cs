using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.Erasure;

namespace IntegrationHub.Storage.Approvals;

/// <summary>What waits for somebody's word.</summary>
public static class HeldWork
{
    /// <summary>Ids of the syncs that a guardrail holds, oldest first.</summary>
    public static Task<IReadOnlyList<Guid>> ListSyncsAsync(HubDbContext db, CancellationToken cancellationToken) => ListAsync(db, "audience_syncs", RunState.AwaitingApproval, cancellationToken);

    /// <summary>Ids of the backfills, rollbacks and replays whose plans wait, oldest first.</summary>
    public static Task<IReadOnlyList<Guid>> ListBackfillsAsync(HubDbContext db, CancellationToken cancellationToken) => ListAsync(db, "backfill_runs", RunState.AwaitingApproval, cancellationToken);

    /// <summary>Ids of the erasures that somebody has to agree to, oldest first.</summary>
    public static Task<IReadOnlyList<Guid>> ListErasuresAsync(HubDbContext db, CancellationToken cancellationToken) => ListAsync(db, "erasures", ErasurePhase.AwaitingApproval, cancellationToken);

    private static async Task<IReadOnlyList<Guid>> ListAsync(HubDbContext db, string table, string state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync($"SELECT correlation_id FROM {table} WHERE current_state = @state ORDER BY requested_at", row => row.GetGuid(0), cancellationToken, ("state", state));
    }
}
