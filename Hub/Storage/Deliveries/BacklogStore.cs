namespace IntegrationHub.Storage.Deliveries;

/// <summary>What waits in the delivery queue.</summary>
public interface IBacklogStore
{
    /// <summary>Pending deliveries by destination, lane and operation, from counts; the queue is not read.</summary>
    Task<IReadOnlyList<Backlog>> ReadAsync(HubDbContext db, CancellationToken cancellationToken);
}

/// <summary>Pending deliveries of one kind.</summary>
/// <param name="Destination">Where to.</param>
/// <param name="Lane">Which lane.</param>
/// <param name="Operation">What for, snake_case.</param>
/// <param name="Pending">How many.</param>
public sealed record Backlog(string Destination, string Lane, string Operation, long Pending);

/// <inheritdoc cref="IBacklogStore" />
internal sealed class BacklogStore : IBacklogStore
{
    public async Task<IReadOnlyList<Backlog>> ReadAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT destination, lane, operation, CAST(sum(count) AS bigint) FROM pending_tallies GROUP BY destination, lane, operation HAVING sum(count) > 0 ORDER BY 1, 2, 3",
            row => new Backlog(row.GetString(0), row.GetString(1), OperationCode.NameOf(row.GetInt16(2)), row.GetInt64(3)),
            cancellationToken);
    }
}
