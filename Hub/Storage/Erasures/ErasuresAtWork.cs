using IntegrationHub.Sagas.Erasure;

namespace IntegrationHub.Storage.Erasures;

/// <summary>The erasures that wait for the hub's work.</summary>
public static class ErasuresAtWork
{
    /// <summary>Lists them, the oldest first: with a destination those that it has not deleted yet, with null all.</summary>
    /// <returns>Each with its state, one of <see cref="ErasurePhase"/>.</returns>
    public static async Task<IReadOnlyList<(Guid RequestId, string State)>> ListAsync(HubDbContext db, string? destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            destination is null
                ? $"SELECT correlation_id, current_state FROM erasures WHERE current_state IN ('{ErasurePhase.Suppressing}', '{ErasurePhase.ErasingDestinations}', '{ErasurePhase.ErasingOwn}') ORDER BY requested_at"
                : $"""
                SELECT e.correlation_id, e.current_state FROM erasures e JOIN erasure_destinations d ON d.request_id = e.correlation_id
                WHERE e.current_state = '{ErasurePhase.ErasingDestinations}' AND d.destination = @destination AND d.action = '{DestinationErasure.Deleting}' ORDER BY e.requested_at
                """,
            row => (row.GetGuid(0), row.GetString(1)), cancellationToken, destination is null ? [] : [("destination", destination)]);
    }
}
