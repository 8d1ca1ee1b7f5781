using IntegrationHub.Sagas.Erasure;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Erasures;

/// <summary>The erasures that were asked for.</summary>
public static class ErasureBook
{
    /// <summary>The newest first.</summary>
    public static async Task<IReadOnlyList<ErasureState>> ListAsync(HubDbContext db, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return await db.Set<ErasureState>().AsNoTracking().OrderByDescending(erasure => erasure.RequestedAt).Take(limit).ToListAsync(cancellationToken);
    }

    /// <summary>One of them, or null.</summary>
    public static async Task<ErasureState?> FindAsync(HubDbContext db, Guid requestId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return await db.Set<ErasureState>().AsNoTracking().SingleOrDefaultAsync(erasure => erasure.CorrelationId == requestId, cancellationToken);
    }

    /// <summary>True when a keyed hash of one of some keys stands under the erasure: a paper that names it is about that person.</summary>
    public static async Task<bool> IsOfAsync(HubDbContext db, Guid requestId, IEnumerable<string> keyHashes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keyHashes);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        foreach (var hash in keyHashes)
        {
            if (await session.ScalarAsync("SELECT 1 FROM tombstones WHERE request_id = @request AND key_hash = @hash", cancellationToken, ("request", requestId), ("hash", hash)) is not null)
            {
                return true;
            }
        }

        return false;
    }
}
