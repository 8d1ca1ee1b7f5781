using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage.Paging;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Erasures;

/// <summary>The erasures that were asked for.</summary>
public static class ErasureBook
{
    /// <summary>The newest first.</summary>
    public static Task<Page<ErasureState>> ListAsync(HubDbContext db, bool onlyOpen, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(ask);
        return db.Set<ErasureState>().AsNoTracking().Where(erasure => !onlyOpen || erasure.FinishedAt == null).NewestFirstAsync(ask, erasure => erasure.RequestedAt, cancellationToken);
    }

    /// <summary>One of them, or null.</summary>
    public static async Task<ErasureState?> FindAsync(HubDbContext db, Guid requestId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return await db.Set<ErasureState>().AsNoTracking().SingleOrDefaultAsync(erasure => erasure.CorrelationId == requestId, cancellationToken);
    }

    /// <summary>The erasures whose tombstones keep the key away by which another one was asked for: they erased the same person before.</summary>
    /// <param name="db">The database.</param>
    /// <param name="requestId">The erasure.</param>
    /// <param name="keyHashes">Keyed hashes of the key, by every secret in use.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<Guid>> EarlierAsync(HubDbContext db, Guid requestId, IEnumerable<string> keyHashes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keyHashes);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var earlier = new List<Guid>();
        foreach (var hash in keyHashes)
        {
            earlier.AddRange(await session.ReadAsync(
                "SELECT DISTINCT request_id FROM tombstones WHERE key_hash = @hash AND request_id <> @request AND until IS NULL", row => row.GetGuid(0), cancellationToken, ("request", requestId), ("hash", hash)));
        }

        return [.. earlier.Distinct()];
    }

    /// <summary>The erasures of the person of an erasure before it, by the keyed hash that it names the person by.</summary>
    public static Task<IReadOnlyList<Guid>> EarlierAsync(HubDbContext db, ErasureState erasure, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(erasure);
        return EarlierAsync(db, erasure.CorrelationId, [erasure.SubjectHash[(erasure.SubjectHash.LastIndexOf(':') + 1)..]], cancellationToken);
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
