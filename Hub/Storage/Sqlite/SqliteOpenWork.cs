using System.Data.Common;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Where work is due that nobody holds, on SQLite.</summary>
internal static class SqliteOpenWork
{
    private const string RunsSql =
        $$"""
        SELECT DISTINCT s.destination, d.lane, d.partition
        FROM runs s CROSS JOIN deliveries d ON d.run_id = s.correlation_id
        WHERE (s.correlation_id = @run OR (@run IS NULL AND s.current_state = '{{RunState.Delivering}}')) AND d.due_at <= @now AND d.operation {{OperationCode.InRange}} AND {1}
          AND NOT EXISTS (SELECT 1 FROM leases l
              WHERE l.destination = s.destination AND l.lane = d.lane AND l.partition = d.partition AND l.expires_at > {0})
          AND NOT EXISTS (SELECT 1 FROM bulk_jobs j
              WHERE j.destination = s.destination AND j.lane = d.lane AND j.partition = d.partition AND j.poll_at > @now AND j.given_up_at IS NULL AND j.operation {{OperationCode.InRange}})
        UNION
        SELECT j.destination, j.lane, j.partition FROM bulk_jobs j
        WHERE j.poll_at <= @now AND j.operation {{OperationCode.InRange}} AND (j.run_id = @run OR @run IS NULL)
          AND NOT EXISTS (SELECT 1 FROM leases l
              WHERE l.destination = j.destination AND l.lane = j.lane AND l.partition = j.partition AND l.expires_at > {0})
        ORDER BY 1, 2, 3
        """;

    private const string StreamsSql =
        $$"""
        WITH RECURSIVE streams AS (
            SELECT destination, '{{Lane.Urgent}}' AS lane, stream_id FROM consent_routes
            UNION
            SELECT json_extract(value, '$[0]'), '{{Lane.Urgent}}', json_extract(value, '$[1]') FROM json_each(@urgent)
            UNION
            SELECT destination, '{{Lane.Live}}', stream_id FROM event_routes
            UNION
            SELECT destination, '{{Lane.Live}}', stream_id FROM live_routes
            UNION
            SELECT destination, '{{Lane.Live}}', stream_id FROM identity_routes WHERE stream_id IS NOT NULL
            UNION
            SELECT destination, '{{Lane.Replay}}', stream_id FROM letter_actions WHERE finished_at IS NULL),
        parts AS (
            SELECT destination, lane, stream_id, (SELECT min(d.partition) FROM deliveries d WHERE d.run_id = streams.stream_id) AS partition FROM streams
            UNION ALL
            SELECT destination, lane, stream_id,
                (SELECT min(d.partition) FROM deliveries d WHERE d.run_id = parts.stream_id AND d.partition > parts.partition)
            FROM parts WHERE partition IS NOT NULL)
        SELECT p.destination, p.lane, p.partition FROM parts p
        WHERE EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = p.stream_id AND d.partition = p.partition AND d.due_at <= @now AND d.operation {{OperationCode.InRange}})
          AND NOT EXISTS (SELECT 1 FROM leases l
              WHERE l.destination = p.destination AND l.lane = p.lane AND l.partition = p.partition AND l.expires_at > {0})
        ORDER BY 1, 2, 3
        """;

    public static async Task<IReadOnlyList<PartitionWithWork>> OfRunsAsync(HubDbContext db, Guid? runId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var sql = RunsSql.Replace("{0}", session.Clock, StringComparison.Ordinal).Replace("{1}", BackfillGate.IsOpen("s.correlation_id", session.Clock), StringComparison.Ordinal);
        return await session.ReadAsync(sql, Read, cancellationToken, ("run", runId), ("now", now));
    }

    public static async Task<IReadOnlyList<PartitionWithWork>> OfStreamsAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var urgent = JsonRows.Of(await WithdrawnMemberships.StreamsAsync(db, cancellationToken), (writer, stream) =>
        {
            writer.WriteStringValue(stream.Destination);
            writer.Id(stream.StreamId);
        });
        return await session.ReadAsync(StreamsSql.Replace("{0}", session.Clock, StringComparison.Ordinal), Read, cancellationToken, ("now", now), ("urgent", urgent));
    }

    private static PartitionWithWork Read(DbDataReader reader) => new(reader.GetString(0), reader.GetString(1), reader.GetInt32(2));
}
