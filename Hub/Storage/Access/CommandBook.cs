namespace IntegrationHub.Storage.Access;

/// <summary>Commands that came with an idempotency key, with their answers.</summary>
public static class CommandBook
{
    /// <summary>Notes that a command begins, in the caller's transaction.</summary>
    /// <returns>Null when it is the first with this key; else what is known of the other.</returns>
    public static async Task<CommandAnswer?> BeginAsync(HubDbContext db, string principal, string key, string requestHash, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var isFirst = await session.ExecuteAsync(
            "INSERT INTO idempotency_keys (principal, key, request_hash, at) VALUES (@principal, @key, @hash, @at) ON CONFLICT (principal, key) DO NOTHING",
            cancellationToken, ("principal", principal), ("key", key), ("hash", requestHash), ("at", at)) == 1;
        return isFirst
            ? null
            : (await session.ReadAsync(
                "SELECT k.request_hash, k.at, k.status, k.content_type, k.answer FROM idempotency_keys k WHERE k.principal = @principal AND k.key = @key",
                row => new CommandAnswer(row.GetString(0), row.Time(1), row.IsDBNull(2) ? null : row.GetInt32(2), row.TextOrNull(3), row.IsDBNull(4) ? default(ReadOnlyMemory<byte>?) : row.GetFieldValue<byte[]>(4)),
                cancellationToken, ("principal", principal), ("key", key))).SingleOrDefault();
    }

    /// <summary>Keeps the answer, in the caller's transaction.</summary>
    public static async Task FinishAsync(HubDbContext db, string principal, string key, int status, string? contentType, byte[]? answer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE idempotency_keys SET status = @status, content_type = @type, answer = {(session.IsSqlite ? "@answer" : "CAST(@answer AS bytea)")} WHERE principal = @principal AND key = @key",
            cancellationToken, ("status", status), ("type", contentType), ("answer", answer), ("principal", principal), ("key", key));
    }

    /// <summary>Forgets a command that did nothing, in the caller's transaction, so that it may be tried again.</summary>
    public static async Task ForgetAsync(HubDbContext db, string principal, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM idempotency_keys WHERE principal = @principal AND key = @key", cancellationToken, ("principal", principal), ("key", key));
    }
}
