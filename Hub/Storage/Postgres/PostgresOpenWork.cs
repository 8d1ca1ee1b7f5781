using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using Npgsql;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Where work is due that nobody holds, on PostgreSQL.</summary>
internal static class PostgresOpenWork
{
    // Steps from partition to partition of a run in the index instead of reading the whole queue. A vendor job is looked at whatever became of its run.
    private const string RunsSql =
        $$"""
        WITH RECURSIVE working AS (
            SELECT correlation_id AS run_id, destination, lane FROM runs
            WHERE ((correlation_id = $1) OR ($1 IS NULL AND current_state = '{{RunState.Delivering}}')) AND {0}),
        parts AS (
            SELECT run_id, destination, lane, (SELECT min(partition) FROM deliveries d WHERE d.run_id = working.run_id) AS partition FROM working
            UNION ALL
            SELECT run_id, destination, lane,
                (SELECT min(d.partition) FROM deliveries d WHERE d.run_id = parts.run_id AND d.partition > parts.partition)
            FROM parts WHERE partition IS NOT NULL)
        SELECT DISTINCT p.destination, p.lane, p.partition FROM parts p
        WHERE p.partition IS NOT NULL
          AND EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = p.run_id AND d.partition = p.partition AND d.due_at <= $2 AND d.operation {{OperationCode.InRange}})
          AND NOT EXISTS (SELECT 1 FROM leases l
              WHERE l.destination = p.destination AND l.lane = p.lane AND l.partition = p.partition AND l.expires_at > clock_timestamp())
          AND NOT EXISTS (SELECT 1 FROM bulk_jobs j
              WHERE j.destination = p.destination AND j.lane = p.lane AND j.partition = p.partition AND j.poll_at > $2 AND j.given_up_at IS NULL AND j.operation {{OperationCode.InRange}})
        UNION
        SELECT j.destination, j.lane, j.partition FROM bulk_jobs j
        WHERE j.poll_at <= $2 AND j.operation {{OperationCode.InRange}} AND (j.run_id = $1 OR $1 IS NULL)
          AND NOT EXISTS (SELECT 1 FROM leases l
              WHERE l.destination = j.destination AND l.lane = j.lane AND l.partition = j.partition AND l.expires_at > clock_timestamp())
        ORDER BY 1, 2, 3
        """;

    // Steps through the queue as above: however much of other work waits in it, an empty stream costs a look at the index, and of a
    // long one the first row that is due is read.
    private const string StreamsSql =
        $"""
        WITH RECURSIVE streams AS (
            SELECT destination, '{Lane.Urgent}' AS lane, stream_id FROM consent_routes
            UNION
            SELECT u.destination, '{Lane.Urgent}', u.stream_id FROM unnest($2::text[], $3::uuid[]) AS u(destination, stream_id)
            UNION
            SELECT destination, '{Lane.Live}', stream_id FROM event_routes
            UNION
            SELECT destination, '{Lane.Live}', stream_id FROM live_routes
            UNION
            SELECT destination, '{Lane.Live}', stream_id FROM identity_routes WHERE stream_id IS NOT NULL
            UNION
            SELECT destination, '{Lane.Replay}', stream_id FROM letter_actions WHERE finished_at IS NULL),
        parts AS (
            SELECT destination, lane, stream_id, (SELECT min(partition) FROM deliveries d WHERE d.run_id = stream_id) AS partition FROM streams
            UNION ALL
            SELECT destination, lane, stream_id,
                (SELECT min(d.partition) FROM deliveries d WHERE d.run_id = parts.stream_id AND d.partition > parts.partition)
            FROM parts WHERE partition IS NOT NULL)
        SELECT p.destination, p.lane, p.partition
        FROM parts p CROSS JOIN LATERAL (
            SELECT 1 FROM deliveries WHERE run_id = p.stream_id AND partition = p.partition AND due_at <= $1 AND operation {OperationCode.InRange} LIMIT 1) d
        WHERE NOT EXISTS (SELECT 1 FROM leases l
            WHERE l.destination = p.destination AND l.lane = p.lane AND l.partition = p.partition AND l.expires_at > clock_timestamp())
        ORDER BY 1, 2, 3
        """;

    public static async Task<IReadOnlyList<PartitionWithWork>> OfRunsAsync(HubDbContext db, Guid? runId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(RunsSql.Replace("{0}", BackfillGate.IsOpen("correlation_id", "clock_timestamp()"), StringComparison.Ordinal)).Id(runId).Time(now);
        return await ReadAsync(command, cancellationToken);
    }

    public static async Task<IReadOnlyList<PartitionWithWork>> OfStreamsAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        var urgent = await WithdrawnMemberships.StreamsAsync(db, cancellationToken);
        await using var command = session.Command(StreamsSql).Time(now).Texts(urgent.Column<UrgentStream, string?>(stream => stream.Destination)).Ids(urgent.Column(stream => stream.StreamId));
        return await ReadAsync(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<PartitionWithWork>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var work = new List<PartitionWithWork>();
        while (await reader.ReadAsync(cancellationToken))
        {
            work.Add(new PartitionWithWork(reader.GetString(0), reader.GetString(1), reader.GetInt32(2)));
        }

        return work;
    }
}
