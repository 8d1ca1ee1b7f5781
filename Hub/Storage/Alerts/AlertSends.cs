namespace IntegrationHub.Storage.Alerts;

/// <summary>
/// What is to be told, written in the transaction of the change it tells of, so that it is told at least once. Who takes one up has it for a while; if nothing is heard of it then, another
/// one does. Along a route the messages of an alert keep their order. The same SQL on both dialects, by the database's clock.
/// </summary>
public static class AlertSends
{
    private const string Waiting = "sent_at IS NULL AND given_up_at IS NULL";

    /// <summary>Writes one down.</summary>
    public static async Task AddAsync(HubDbContext db, long alertId, string route, string @event, string body, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"INSERT INTO alert_sends (alert_id, route, event, body, at, due_at) VALUES (@alert, @route, @event, @body, {session.Clock}, {session.Clock})",
            cancellationToken, ("alert", alertId), ("route", route), ("event", @event), ("body", body));
    }

    /// <summary>Routes along which something is due.</summary>
    public static async Task<IReadOnlyList<string>> DueRoutesAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync($"SELECT DISTINCT route FROM alert_sends WHERE {Waiting} AND due_at <= {session.Clock} ORDER BY route", row => row.GetString(0), cancellationToken);
    }

    /// <summary>Routes that were told that an alert is open, or are to be: those are told that it is over.</summary>
    public static async Task<IReadOnlyList<string>> ToldRoutesAsync(HubDbContext db, long alertId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT DISTINCT route FROM alert_sends WHERE alert_id = @alert AND event = '{AlertChange.Trigger}' AND given_up_at IS NULL ORDER BY route", row => row.GetString(0), cancellationToken, ("alert", alertId));
    }

    /// <summary>Takes up what is due along a route; each is its taker's for <paramref name="turn"/>.</summary>
    public static async Task<IReadOnlyList<AlertSend>> TakeAsync(HubDbContext db, string route, TimeSpan turn, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            UPDATE alert_sends SET due_at = {session.Clock} + @turn, attempts = attempts + 1
            WHERE {Waiting} AND due_at <= {session.Clock} AND send_id IN (
                SELECT s.send_id FROM alert_sends s WHERE s.route = @route AND s.sent_at IS NULL AND s.given_up_at IS NULL AND s.due_at <= {session.Clock}
                    AND NOT EXISTS (SELECT 1 FROM alert_sends e WHERE e.alert_id = s.alert_id AND e.route = s.route AND e.send_id < s.send_id AND e.alert_id <> 0 AND e.sent_at IS NULL AND e.given_up_at IS NULL)
                ORDER BY s.due_at, s.send_id LIMIT @limit)
            RETURNING send_id, alert_id, route, event, body, at, attempts
            """,
            row => new AlertSend(row.GetInt64(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), row.Time(5), row.GetInt32(6)),
            cancellationToken, ("route", route), ("turn", turn), ("limit", limit));
    }

    /// <summary>It was told.</summary>
    public static async Task DoneAsync(HubDbContext db, long sendId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync($"UPDATE alert_sends SET sent_at = {session.Clock}, error = NULL WHERE send_id = @id", cancellationToken, ("id", sendId));
    }

    /// <summary>It was not told: it is tried again after a while, or, with null, never.</summary>
    public static async Task FailedAsync(HubDbContext db, long sendId, string error, TimeSpan? again, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            again is null
                ? $"UPDATE alert_sends SET given_up_at = {session.Clock}, error = @error WHERE send_id = @id"
                : $"UPDATE alert_sends SET due_at = {session.Clock} + @again, error = @error WHERE send_id = @id",
            cancellationToken, [("id", sendId), ("error", error), .. again is null ? Array.Empty<(string, object?)>() : [("again", again)]]);
    }

    /// <summary>What waits along a route that this hub does not have is another hub's, or, after so long, nobody's.</summary>
    public static async Task AbandonAsync(HubDbContext db, string route, TimeSpan after, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE alert_sends SET given_up_at = {session.Clock}, error = 'route_gone' WHERE route = @route AND {Waiting} AND at <= {session.Clock} - @after",
            cancellationToken, ("route", route), ("after", after));
    }

    /// <summary>What was told of an alert, and where, the latest first.</summary>
    public static async Task<IReadOnlyList<AlertTelling>> ListAsync(HubDbContext db, long alertId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT route, event, at, attempts, sent_at, given_up_at, error FROM alert_sends WHERE alert_id = @id ORDER BY send_id DESC LIMIT 100",
            row => new AlertTelling(
                row.GetString(0), row.GetString(1), row.Time(2), row.GetInt32(3), row.IsDBNull(4) ? null : row.Time(4), row.IsDBNull(5) ? null : row.Time(5), row.TextOrNull(6)),
            cancellationToken, ("id", alertId));
    }
}
