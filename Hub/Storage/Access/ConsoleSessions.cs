using System.Text.Json;

namespace IntegrationHub.Storage.Access;

/// <summary>Who is signed in to the console, for all hubs of the database.</summary>
public static class ConsoleSessions
{
    /// <summary>Keeps a session, and forgets those that nobody used for long, in the caller's transaction.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="begun">The session.</param>
    /// <param name="idleBefore">Sessions that were last seen before are over.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task BeginAsync(HubDbContext db, ConsoleSession begun, DateTimeOffset idleBefore, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(begun);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM console_sessions WHERE seen_at < @before", cancellationToken, ("before", idleBefore));
        await session.ExecuteAsync(
            """
            INSERT INTO console_sessions (token_hash, key_id, key_hash, started_at, seen_at, issuer, principal_id, name, provider_groups)
            VALUES (@token, @key, @hash, @at, @at, @issuer, @principal, @name, @groups)
            """,
            cancellationToken, ("token", begun.TokenHash.ToArray()), ("key", begun.KeyId), ("hash", begun.KeyHash.ToArray()), ("at", begun.SeenAt),
            ("issuer", begun.Person?.Issuer), ("principal", begun.Person?.PrincipalId), ("name", begun.Person?.Name), ("groups", begun.Person is { } person ? JsonSerializer.Serialize(person.Groups) : null));
    }

    /// <summary>A session by the hash of its token, or null.</summary>
    public static async Task<ConsoleSession?> FindAsync(HubDbContext db, ReadOnlyMemory<byte> tokenHash, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            "SELECT key_id, key_hash, seen_at, started_at, issuer, principal_id, name, provider_groups FROM console_sessions WHERE token_hash = @token",
            row => new ConsoleSession(tokenHash, row.TextOrNull(0), row.GetFieldValue<byte[]>(1), row.Time(2))
            {
                StartedAt = row.Time(3),
                Person = row.TextOrNull(4) is { } issuer ? new SignedInPerson(issuer, row.GetString(5), row.GetString(6), StoredList.TryRead<string>(row, 7, out var groups) ? groups : []) : null,
            },
            cancellationToken, ("token", tokenHash.ToArray()))).SingleOrDefault();
    }

    /// <summary>Notes that a session is used, in the caller's transaction.</summary>
    public static async Task SeenAsync(HubDbContext db, ReadOnlyMemory<byte> tokenHash, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("UPDATE console_sessions SET seen_at = @at WHERE token_hash = @token", cancellationToken, ("at", at), ("token", tokenHash.ToArray()));
    }

    /// <summary>Ends a session, in the caller's transaction.</summary>
    /// <returns>The identity provider that had vouched for its reader; null for none, and where there is no such session.</returns>
    public static async Task<string?> EndAsync(HubDbContext db, ReadOnlyMemory<byte> tokenHash, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return (await session.ReadAsync("DELETE FROM console_sessions WHERE token_hash = @token RETURNING issuer", row => row.TextOrNull(0), cancellationToken, ("token", tokenHash.ToArray()))).SingleOrDefault();
    }
}
