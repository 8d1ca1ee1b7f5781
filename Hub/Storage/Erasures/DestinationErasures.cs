namespace IntegrationHub.Storage.Erasures;

/// <summary>What destinations did about erasures; the same SQL on both dialects.</summary>
public static class DestinationErasures
{
    /// <summary>What every destination did about an erasure, by name.</summary>
    public static async Task<IReadOnlyList<DestinationErasure>> LoadAsync(HubDbContext db, Guid requestId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var rechecks = (await session.ReadAsync(
            "SELECT destination, round, at, result FROM erasure_rechecks WHERE request_id = @request ORDER BY destination, round",
            row => (Destination: row.GetString(0), Recheck: new ErasureRecheck(row.GetInt32(1), row.Time(2), row.GetString(3))), cancellationToken, ("request", requestId))).ToLookup(row => row.Destination, row => row.Recheck);
        return await session.ReadAsync(
            "SELECT destination, action, reason, found, attempts, requested_at, read_back_at, method, result FROM erasure_destinations WHERE request_id = @request ORDER BY destination",
            row => new DestinationErasure(row.GetString(0), row.GetString(1), row.TextOrNull(2), row.GetInt32(3), row.GetInt32(4), row.Time(5))
            {
                ReadBackAt = row.IsDBNull(6) ? null : row.Time(6), Method = row.TextOrNull(7), Result = row.TextOrNull(8), Rechecks = [.. rechecks[row.GetString(0)]],
            },
            cancellationToken, ("request", requestId));
    }

    /// <summary>Writes what a destination did.</summary>
    public static async Task KeepAsync(HubDbContext db, Guid requestId, DestinationErasure erasure, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(erasure);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO erasure_destinations (request_id, destination, action, reason, found, attempts, requested_at, read_back_at, method, result)
            VALUES (@request, @destination, @action, @reason, @found, @attempts, @requested, @read, @method, @result)
            ON CONFLICT (request_id, destination) DO UPDATE SET action = excluded.action, reason = excluded.reason, found = excluded.found, attempts = excluded.attempts,
                read_back_at = excluded.read_back_at, method = excluded.method, result = excluded.result
            """,
            cancellationToken,
            ("request", requestId), ("destination", erasure.Destination), ("action", erasure.Action), ("reason", erasure.Reason), ("found", erasure.Found), ("attempts", erasure.Attempts),
            ("requested", erasure.RequestedAt), ("read", erasure.ReadBackAt), ("method", erasure.Method), ("result", erasure.Result));
    }

    /// <summary>Destinations that did not do what an erasure asked are asked again.</summary>
    public static async Task ReopenAsync(HubDbContext db, Guid requestId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE erasure_destinations SET action = '{DestinationErasure.Deleting}' WHERE request_id = @request AND action = '{DestinationErasure.NotPossible}'", cancellationToken, ("request", requestId));
    }

    /// <summary>Writes what a later look found.</summary>
    public static async Task RecheckedAsync(HubDbContext db, Guid requestId, string destination, ErasureRecheck recheck, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recheck);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO erasure_rechecks (request_id, destination, round, at, result) VALUES (@request, @destination, @round, @at, @result)
            ON CONFLICT (request_id, destination, round) DO UPDATE SET at = excluded.at, result = excluded.result
            """,
            cancellationToken, ("request", requestId), ("destination", destination), ("round", recheck.Round), ("at", recheck.At), ("result", recheck.Result));
    }
}
