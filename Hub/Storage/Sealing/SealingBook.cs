namespace IntegrationHub.Storage.Sealing;

/// <summary>Which keys the columns of a database may be sealed with, by name; the same SQL on both dialects. No key stands in it.</summary>
public static class SealingBook
{
    /// <summary>Stands for values in clear where a key could stand.</summary>
    private const string InClear = "";

    /// <summary>A hub that said within this time that it seals with a key may still be writing with it.</summary>
    private static readonly TimeSpan _silence = TimeSpan.FromMinutes(5);

    /// <summary>Notes that a hub seals with its current key, if it has one, after a look at the keys that were noted before.</summary>
    /// <param name="db">The context.</param>
    /// <param name="keys">The hub's keys.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MissingSealingKeyException">A key that columns may be sealed with is not among the hub's.</exception>
    /// <exception cref="BrokenSealException">A key of the hub has the name of another one.</exception>
    public static async Task AnnounceAsync(HubDbContext db, SealingKeys keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await CheckAsync(session, keys, cancellationToken);
        if (keys.Current is { } current)
        {
            await session.ExecuteAsync(
                "INSERT INTO sealing_keys (key_id, proof, announced_at, facts_until) VALUES (@key, @proof, @now, 0) ON CONFLICT (key_id) DO UPDATE SET announced_at = CASE WHEN sealing_keys.proof = excluded.proof THEN excluded.announced_at ELSE sealing_keys.announced_at END",
                cancellationToken, ("key", current.Id), ("proof", current.Proof), ("now", now));
            await CheckAsync(session, keys, cancellationToken); // two hubs may begin with two keys of one name
        }
    }

    /// <summary>Names of the keys that columns may be sealed with.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return [.. (await NamedAsync(session, cancellationToken)).Select(key => key.Id)];
    }

    /// <summary>How far the log stands as the hub would write it now; what was sealed otherwise before is looked at again.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="keys">The hub's keys.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>A position; 0 for nothing.</returns>
    internal static async Task<long> BeginAsync(HubDbContext db, SealingKeys keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await CheckAsync(session, keys, cancellationToken);
        await session.ExecuteAsync(
            "INSERT INTO sealing_keys (key_id, proof, announced_at, facts_until) VALUES (@key, @proof, @now, 0) ON CONFLICT (key_id) DO NOTHING",
            cancellationToken, ("key", TargetOf(keys)), ("proof", keys.Current?.Proof ?? ""), ("now", now));
        await session.ExecuteAsync("UPDATE sealing_keys SET facts_until = 0 WHERE key_id <> @key AND facts_until > 0", cancellationToken, ("key", TargetOf(keys)));
        return (long)(await session.ScalarAsync("SELECT facts_until FROM sealing_keys WHERE key_id = @key", cancellationToken, ("key", TargetOf(keys))))!;
    }

    /// <summary>Notes how far the log was looked at, in the caller's transaction.</summary>
    internal static async Task MoveOnAsync(HubDbContext db, SealingKeys keys, long position, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("UPDATE sealing_keys SET facts_until = @position WHERE key_id = @key", cancellationToken, ("position", position), ("key", TargetOf(keys)));
    }

    /// <summary>Forgets the keys that nothing is sealed with any more, after everything was looked at.</summary>
    /// <param name="db">The context.</param>
    /// <param name="keys">The hub's keys.</param>
    /// <param name="begun">When the look began; a key that a hub wrote with shortly before it may be in use yet.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal static async Task ForgetAsync(HubDbContext db, SealingKeys keys, DateTimeOffset begun, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"DELETE FROM sealing_keys WHERE key_id <> @key AND (key_id = '{InClear}' OR announced_at < @before)", cancellationToken, ("key", TargetOf(keys)), ("before", begun - _silence));
    }

    private static async Task CheckAsync(DbSession session, SealingKeys keys, CancellationToken cancellationToken)
    {
        foreach (var (id, proof) in await NamedAsync(session, cancellationToken))
        {
            var key = keys.Find(id) ?? throw new MissingSealingKeyException(id);
            if (key.Proof != proof)
            {
                throw new BrokenSealException($"The key '{id}' of Hub:Encryption:Keys is not the one that columns of this database are sealed with. Give this hub the file that the others have, or give the new key a name of its own.");
            }
        }
    }

    private static string TargetOf(SealingKeys keys) => keys.Current?.Id ?? InClear;

    private static Task<List<(string Id, string Proof)>> NamedAsync(DbSession session, CancellationToken cancellationToken) => session.ReadAsync(
        $"SELECT key_id, proof FROM sealing_keys WHERE key_id <> '{InClear}' ORDER BY key_id", row => (Id: row.GetString(0), Proof: row.GetString(1)), cancellationToken);
}
