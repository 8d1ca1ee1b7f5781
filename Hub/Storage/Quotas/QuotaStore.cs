using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Quotas;

/// <summary>The shared quota rows; the same SQL on both dialects, but for the lock and the clock that PostgreSQL adds.</summary>
internal sealed class QuotaStore(TimeProvider time) : IQuotaStore
{
    public async Task ChangeAsync(HubDbContext db, string destination, Func<string?, DateTimeOffset, string> change, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            "INSERT INTO destination_quotas (destination, state) VALUES (@destination, NULL) ON CONFLICT (destination) DO NOTHING",
            cancellationToken,
            ("destination", destination));
        var read = db.Database.IsNpgsql()
            ? "SELECT state, clock_timestamp() FROM destination_quotas WHERE destination = @destination FOR UPDATE"
            : "SELECT state, NULL FROM destination_quotas WHERE destination = @destination";
        var (state, now) = (await session.ReadAsync(
            read,
            row => (State: row.TextOrNull(0), Now: row.IsDBNull(1) ? time.GetUtcNow() : row.Time(1)),
            cancellationToken,
            ("destination", destination)))[0];
        await session.ExecuteAsync(
            "UPDATE destination_quotas SET state = @state WHERE destination = @destination",
            cancellationToken,
            ("destination", destination),
            ("state", change(state, now)));
    }

    public async Task<string?> FindAsync(HubDbContext db, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ScalarAsync("SELECT state FROM destination_quotas WHERE destination = @destination", cancellationToken, ("destination", destination)) as string;
    }
}
