using IntegrationHub.Identity;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Erasures;

/// <summary>
/// Keys of people who were erased, and the ids that destinations gave them, as keyed hashes: whoever states one of them is not taken in. The same SQL on both dialects, key by key; without tombstones it
/// costs one look at an empty table.
/// </summary>
public sealed class Tombstones(TombstoneSecrets secrets)
{
    /// <summary>The reason code of everything that is not done, or not taken in, because its person was erased.</summary>
    public const string Erased = "erased";

    /// <summary>The secrets.</summary>
    public TombstoneSecrets Secrets => secrets;

    /// <summary>Those of some keys that are an erased person's. Inside of a transaction that holds the ledger's lock nobody is erased meanwhile.</summary>
    /// <param name="db">The database.</param>
    /// <param name="keys">Keys in their normal form; enumerated only when there are tombstones.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="UnknownTombstoneSecretException">There are tombstones that this hub cannot read.</exception>
    public Task<IReadOnlySet<PersonKey>> FindAsync(HubDbContext db, IEnumerable<PersonKey> keys, CancellationToken cancellationToken) => FindAsync(db, keys, Name.Of, cancellationToken);

    /// <summary>Those of the ids that a destination has of people that are an erased person's.</summary>
    /// <param name="db">The database.</param>
    /// <param name="destination">Name of the destination.</param>
    /// <param name="remoteIds">Ids; enumerated only when there are tombstones.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="UnknownTombstoneSecretException">There are tombstones that this hub cannot read.</exception>
    public Task<IReadOnlySet<string>> FindRemoteAsync(HubDbContext db, string destination, IEnumerable<string> remoteIds, CancellationToken cancellationToken) =>
        FindAsync(db, remoteIds, id => Name.Of(destination, id), cancellationToken);

    private async Task<IReadOnlySet<T>> FindAsync<T>(HubDbContext db, IEnumerable<T> keys, Func<T, Name> nameOf, CancellationToken cancellationToken)
        where T : notnull
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var versions = await session.ReadAsync("SELECT key_version FROM tombstone_keys", row => row.GetString(0), cancellationToken);
        if (versions.Count == 0)
        {
            return new HashSet<T>();
        }

        var used = versions.ConvertAll(secrets.Of);
        var named = keys.ToHashSet().SelectMany(key => used.Select(secret => (Key: key, Hash: secret.HashOf(nameOf(key).Text)))).GroupBy(hash => hash.Hash, hash => hash.Key).ToDictionary(hash => hash.Key, hash => hash.First());
        if (named.Count == 0)
        {
            return new HashSet<T>();
        }

        var found = await session.ReadAsync(
            $"""
            SELECT r.key_hash FROM {session.Rows(("key_hash", "text"), ("kind", "text"))} r
            {session.Lookup("tombstones", "t", "t.key_hash = r.key_hash AND t.kind = r.kind")} WHERE t.until IS NULL
            """,
            row => row.GetString(0), cancellationToken, ("rows", RowsOf(named, nameOf)));
        return found.Select(hash => named[hash]).ToHashSet();
    }

    /// <summary>Writes tombstones, in the caller's transaction; of a key that has one already it stays.</summary>
    internal async Task AddAsync(HubDbContext db, Guid requestId, ErasurePerson person, string reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var secret = secrets.Newest;
        var names = person.Keys.Select(Name.Of).Concat(person.RemoteIds.SelectMany(ids => ids.Value.Select(id => Name.Of(ids.Key, id)))).Distinct();
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("INSERT INTO tombstone_keys (key_version) VALUES (@version) ON CONFLICT DO NOTHING", cancellationToken, ("version", secret.Version));
        await session.ExecuteAsync(
            $"""
            INSERT INTO tombstones (key_hash, kind, key_version, reason, at, request_id)
            SELECT r.key_hash, r.kind, @version, @reason, {session.Instant("@at")}, @request FROM {session.Rows(("key_hash", "text"), ("kind", "text"))} r WHERE true
            ON CONFLICT (key_hash, kind) DO UPDATE SET until = NULL, return_approved_at = NULL, at = excluded.at, request_id = excluded.request_id WHERE tombstones.until IS NOT NULL
            """,
            cancellationToken,
            ("version", secret.Version), ("reason", reason), ("at", now), ("request", requestId), ("rows", RowsOf(names.ToDictionary(name => secret.HashOf(name.Text)), name => name)));
    }

    /// <summary>A person agreed that whom an erasure is about may come back: what an earlier erasure of the same person wrote ends with it.</summary>
    /// <returns>How many keys may come back.</returns>
    public static async Task<int> AllowReturnAsync(HubDbContext db, ErasureState erasure, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(erasure);
        var keys = 0;
        foreach (var request in (await ErasureBook.EarlierAsync(db, erasure, cancellationToken)).Prepend(erasure.CorrelationId))
        {
            keys += await AllowReturnAsync(db, request, now, cancellationToken);
        }

        return keys;
    }

    /// <summary>A person agreed that an erased one may come back: the next grant of the erased person's own ends the tombstones.</summary>
    /// <returns>How many keys may come back.</returns>
    internal static async Task<int> AllowReturnAsync(HubDbContext db, Guid requestId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            "UPDATE tombstones SET return_approved_at = @now WHERE request_id = @request AND until IS NULL", cancellationToken, ("now", now), ("request", requestId));
    }

    /// <summary>Ends the tombstones of people who granted again, where somebody agreed that they may come back.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="grants">Keys of erased people that grants name, with when each was given.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>True when one ended.</returns>
    internal async Task<bool> EndAsync(HubDbContext db, IEnumerable<(PersonKey Key, DateTimeOffset At)> grants, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ended = 0;
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        foreach (var (key, at) in grants)
        {
            foreach (var secret in secrets.All)
            {
                ended += await session.ExecuteAsync(
                    """
                    UPDATE tombstones SET until = @now WHERE until IS NULL AND request_id IN (
                        SELECT t.request_id FROM tombstones t WHERE t.key_hash = @hash AND t.kind = @kind AND t.until IS NULL AND t.return_approved_at IS NOT NULL AND t.at < @given)
                    """,
                    cancellationToken, ("now", now), ("hash", secret.HashOf(key)), ("kind", PersonKey.WordOf(key.Kind)), ("given", at));
            }
        }

        return ended > 0;
    }

    /// <summary>Counts facts that were not taken in, by day and type.</summary>
    internal static async Task CountAsync(HubDbContext db, IEnumerable<string> eventTypes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            INSERT INTO erased_facts (day, event_type, count)
            SELECT {session.Instant("@day")}, r.event_type, r.count FROM {session.Rows(("event_type", "text"), ("count", "bigint"))} r WHERE true ORDER BY 2
            ON CONFLICT (day, event_type) DO UPDATE SET count = erased_facts.count + excluded.count
            """,
            cancellationToken,
            ("day", new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero)),
            ("rows", JsonRows.Of(eventTypes.CountBy(type => type), (writer, type) =>
            {
                writer.WriteStringValue(type.Key);
                writer.WriteNumberValue(type.Value);
            })));
    }

    private static string RowsOf<T>(IReadOnlyDictionary<string, T> hashes, Func<T, Name> nameOf) => JsonRows.Of(hashes, (writer, hash) =>
    {
        writer.WriteStringValue(hash.Key);
        writer.WriteStringValue(nameOf(hash.Value).Kind);
    });

    /// <summary>What a tombstone stands on.</summary>
    /// <param name="Kind">The kind of the key, or the destination that gave the id.</param>
    /// <param name="Text">What is hashed.</param>
    private readonly record struct Name(string Kind, string Text)
    {
        public static Name Of(PersonKey key) => new(PersonKey.WordOf(key.Kind), key.ToString());

        public static Name Of(string destination, string remoteId) => new($"remote_id:{destination}", $"remote_id:{destination}:{remoteId}");
    }
}
