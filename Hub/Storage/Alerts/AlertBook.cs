using System.Data.Common;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Alerts;

/// <summary>
/// The book of alerts: one is open per cause, and it changes state once, whichever hub looks and however often. The same SQL on both dialects. Who calls for changes commits them with
/// what is to be told (<see cref="AlertSends"/>).
/// </summary>
public static class AlertBook
{
    private const string Columns =
        """
        a.alert_id, a.told, a.cause, a.severity, a.code, a.sentence, a.runbook, a.since, a.destination, a.lane, a.action, a.records, a.opened_at, a.seen_at, a.resolved_at,
        s.until, s.reason, s.silenced_by
        """;

    private const string From = "alerts a LEFT JOIN alert_silences s ON s.cause = a.cause AND s.until > @now";

    private const string Urgency = "CASE a.severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END";

    /// <summary>Brings the book up to date with what holds now, in the caller's transaction.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="alarms">All that holds now, one per cause.</param>
    /// <param name="now">The time.</param>
    /// <param name="patience">What has not held for so long is over.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What somebody has to be told.</returns>
    public static async Task<IReadOnlyList<AlertChange>> UpdateAsync(HubDbContext db, IReadOnlyList<AlertInput> alarms, DateTimeOffset now, TimeSpan patience, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alarms);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM alert_silences WHERE until <= @now", cancellationToken, ("now", now));
        foreach (var alarm in alarms.OrderBy(alarm => alarm.Cause, StringComparer.Ordinal)) // two that look at once wait for each other, and never in a circle
        {
            await session.ExecuteAsync(
                """
                INSERT INTO alerts (cause, severity, destination, lane, code, sentence, action, runbook, records, since, opened_at, seen_at)
                VALUES (@cause, @severity, @destination, @lane, @code, @sentence, @action, @runbook, @records, @since, @now, @now)
                ON CONFLICT (cause) WHERE resolved_at IS NULL DO UPDATE SET severity = excluded.severity, lane = excluded.lane, code = excluded.code, sentence = excluded.sentence,
                    action = excluded.action, runbook = excluded.runbook, records = excluded.records, seen_at = excluded.seen_at
                """,
                cancellationToken,
                ("cause", alarm.Cause), ("severity", alarm.Severity), ("destination", alarm.Destination), ("lane", alarm.Lane), ("code", alarm.Code), ("sentence", alarm.Sentence),
                ("action", alarm.Action), ("runbook", alarm.Runbook), ("records", alarm.Records), ("since", alarm.Since), ("now", now));
        }

        var changes = new List<AlertChange>();
        foreach (var alert in await ListAsync(session, "WHERE a.resolved_at IS NULL", now, cancellationToken))
        {
            if (alert.SeenAt <= now - patience)
            {
                if (await session.ExecuteAsync("UPDATE alerts SET resolved_at = @now WHERE alert_id = @id AND resolved_at IS NULL", cancellationToken, ("now", now), ("id", alert.AlertId)) == 1
                    && (alert.Told.Length > 0 || (await AlertSends.ToldRoutesAsync(db, alert.AlertId, cancellationToken)).Count > 0))
                {
                    changes.Add(new AlertChange(alert with { ResolvedAt = now }, AlertChange.Resolve));
                }
            }
            else if (alert.Silence is null && AlertSeverity.IsWorse(alert.What.Severity, alert.Told)
                && await session.ExecuteAsync("UPDATE alerts SET told = severity WHERE alert_id = @id AND told = @told", cancellationToken, ("id", alert.AlertId), ("told", alert.Told)) == 1)
            {
                changes.Add(new AlertChange(alert, AlertChange.Trigger));
            }
        }

        return changes;
    }

    /// <summary>Alerts: those that are open, the most urgent first; with <paramref name="all"/> those that are over too, the latest first.</summary>
    public static async Task<Page<StoredAlert>> ListAsync(HubDbContext db, bool all, PageAsk ask, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ask);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var list = all
            ? new PageSql(Columns, From, [("a.alert_id", PlaceKind.Number)], isDescending: true)
            : new PageSql(Columns, From, [(Urgency, PlaceKind.Number), ("a.opened_at", PlaceKind.Time), ("a.alert_id", PlaceKind.Number)], isDescending: false).Where("a.resolved_at IS NULL");
        return await list.Given("now", now).ReadAsync(session, ask, Read, cancellationToken);
    }

    /// <summary>An alert, or null.</summary>
    public static async Task<StoredAlert?> FindAsync(HubDbContext db, long alertId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await ListAsync(session, "WHERE a.alert_id = @id", now, cancellationToken, ("id", alertId))).SingleOrDefault();
    }

    /// <summary>Has nobody told of a cause until a time. What was told stays told; if it still holds then, it is told again.</summary>
    public static async Task SilenceAsync(HubDbContext db, string cause, AlertSilence silence, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(silence);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO alert_silences (cause, until, reason, silenced_by, at) VALUES (@cause, @until, @reason, @by, @now)
            ON CONFLICT (cause) DO UPDATE SET until = excluded.until, reason = excluded.reason, silenced_by = excluded.silenced_by, at = excluded.at
            """,
            cancellationToken, ("cause", cause), ("until", silence.Until), ("reason", silence.Reason), ("by", silence.By), ("now", now));
        await session.ExecuteAsync("UPDATE alerts SET told = '' WHERE cause = @cause AND resolved_at IS NULL", cancellationToken, ("cause", cause));
    }

    /// <summary>Ends a silence; false when there is none.</summary>
    public static async Task<bool> UnsilenceAsync(HubDbContext db, string cause, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ExecuteAsync("DELETE FROM alert_silences WHERE cause = @cause", cancellationToken, ("cause", cause)) == 1;
    }

    private static async Task<List<StoredAlert>> ListAsync(DbSession session, string where, DateTimeOffset now, CancellationToken cancellationToken, params (string, object?)[] parameters) =>
        await session.ReadAsync($"SELECT {Columns} FROM {From} {where}", Read, cancellationToken, [.. parameters, ("now", now)]);

    private static StoredAlert Read(DbDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        new AlertInput(row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.Time(7))
        { Destination = row.TextOrNull(8), Lane = row.TextOrNull(9), Action = row.TextOrNull(10), Records = row.GetInt64(11) },
        row.Time(12),
        row.Time(13),
        row.IsDBNull(14) ? null : row.Time(14),
        row.IsDBNull(15) ? null : new AlertSilence(row.Time(15), row.GetString(16), row.GetString(17)));
}
