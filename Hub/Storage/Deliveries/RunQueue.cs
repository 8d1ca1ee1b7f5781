using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>What waits of runs; the same SQL on both dialects.</summary>
internal static class RunQueue
{
    private const string DrainedSql =
        $"""
        SELECT s.correlation_id, s.lane FROM runs s
        WHERE s.current_state = '{RunState.Delivering}' AND s.kind <> '{BackfillKind.Rebuild}' AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = s.correlation_id)
        """;

    public static async Task<bool> HasPendingAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ScalarAsync("SELECT 1 FROM deliveries WHERE run_id = @run LIMIT 1", cancellationToken, ("run", runId)) is not null;
    }

    public static async Task<IReadOnlyList<DrainedRun>> FindDrainedAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(DrainedSql, reader => new DrainedRun(reader.GetGuid(0), reader.GetString(1)), cancellationToken);
    }
}
