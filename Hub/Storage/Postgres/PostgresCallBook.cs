using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Npgsql;
using NpgsqlTypes;

namespace IntegrationHub.Storage.Postgres;

/// <summary>
/// The calls that all instances have under way, so that no two of them write one person at one time. A few rows, each for as long as its call; the table is
/// not logged, since after a crash of the database every call of that moment is over or lost.
/// </summary>
internal static class PostgresCallBook
{
    // Another statement than the insert, so that the insert sees what was committed before the lock was had.
    private const string LockSql = "SELECT pg_advisory_xact_lock($1, hashtext($2))";

    private const string EnterSql =
        """
        WITH busy AS MATERIALIZED (
            SELECT DISTINCT m.name
            FROM calls_under_way c CROSS JOIN LATERAL unnest(c.names) AS k(name) JOIN unnest($4::bigint[]) AS m(name) ON m.name = k.name
            WHERE c.destination = $2 AND c.batch_id <> $3 AND c.expires_at > clock_timestamp()),
        gone AS (DELETE FROM calls_under_way WHERE destination = $2 AND expires_at <= clock_timestamp()),
        entered AS (
            INSERT INTO calls_under_way (call_id, destination, batch_id, names, expires_at, owner)
            SELECT $1, $2, $3, $4, clock_timestamp() + $5, $6 WHERE NOT EXISTS (SELECT 1 FROM busy))
        SELECT name FROM busy
        """;

    // What is owed live, or sent again, is of no run.
    private const string HeldSql = $"SELECT correlation_id FROM runs WHERE correlation_id = ANY ($1::uuid[]) AND current_state <> '{RunState.Delivering}'";

    private const string LostSql = "SELECT NOT EXISTS (SELECT 1 FROM leases WHERE destination = $1 AND lane = $2 AND partition = $3 AND owner = $4 AND epoch = $5)";

    public static async Task<CallEntry> EnterAsync(HubDbContext db, CallUnderWay call, IReadOnlyList<ClaimedDelivery> deliveries, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var batch = new NpgsqlBatch(session.Connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(LockSql) { Parameters = { Of(AdvisoryLock.Calls, NpgsqlDbType.Integer), Of(call.Destination, NpgsqlDbType.Text) } },
                new NpgsqlBatchCommand(EnterSql)
                {
                    Parameters =
                    {
                        Of(call.CallId, NpgsqlDbType.Uuid), Of(call.Destination, NpgsqlDbType.Text), Of(call.BatchId, NpgsqlDbType.Uuid),
                        Of(call.Names, NpgsqlDbType.Array | NpgsqlDbType.Bigint), Of(call.Longest, NpgsqlDbType.Interval), Of(call.Owner, NpgsqlDbType.Text),
                    },
                },
            },
        };
        if (deliveries.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(PostgresDeliveryStore.MovedSql)
            {
                Parameters =
                {
                    Of(deliveries.Column(delivery => delivery.ProfileId), NpgsqlDbType.Array | NpgsqlDbType.Bigint),
                    Of(deliveries.Column(delivery => delivery.ProfileVersion), NpgsqlDbType.Array | NpgsqlDbType.Bigint),
                },
            });
            batch.BatchCommands.Add(new NpgsqlBatchCommand(HeldSql) { Parameters = { Of(deliveries.Select(delivery => delivery.RunId).Distinct().ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid) } });
            batch.BatchCommands.Add(new NpgsqlBatchCommand(UnreadableDecisions.AnySql));
            if (call.Under is { } lease)
            {
                batch.BatchCommands.Add(new NpgsqlBatchCommand(LostSql)
                {
                    Parameters =
                    {
                        Of(lease.Destination, NpgsqlDbType.Text), Of(lease.Lane, NpgsqlDbType.Text), Of(lease.Partition, NpgsqlDbType.Integer), Of(lease.Owner, NpgsqlDbType.Text), Of(lease.Epoch, NpgsqlDbType.Bigint),
                    },
                });
            }
        }

        var (entry, anyUnreadable) = await ReadAsync(batch, cancellationToken);
        return anyUnreadable ? entry with { Unreadable = await UnreadableDecisions.FindNamedAsync(db, deliveries.Select(delivery => delivery.ProfileId), cancellationToken) } : entry;
    }

    private static async Task<(CallEntry Entry, bool AnyUnreadable)> ReadAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var busy = new HashSet<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            busy.Add(reader.GetInt64(0));
        }

        if (!await reader.NextResultAsync(cancellationToken))
        {
            return (new CallEntry(busy, CallEntry.NobodyMoved, CallEntry.NoneHeld), false);
        }

        var moved = await PostgresDeliveryStore.ReadMovedAsync(reader, cancellationToken);
        var held = new HashSet<Guid>();
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            held.Add(reader.GetGuid(0));
        }

        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var anyUnreadable = reader.GetBoolean(0);
        var isLost = await reader.NextResultAsync(cancellationToken) && await reader.ReadAsync(cancellationToken) && reader.GetBoolean(0);
        return (new CallEntry(busy, moved, held) { LostItsLease = isLost }, anyUnreadable);
    }

    public static async Task LeaveAsync(HubDbContext db, Guid callId, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command("DELETE FROM calls_under_way WHERE call_id = $1").Id(callId);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task LeaveAllAsync(HubDbContext db, string destination, string owner, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command("DELETE FROM calls_under_way WHERE destination = $1 AND owner = $2").Text(destination).Text(owner);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter Of(object value, NpgsqlDbType type) => new() { NpgsqlDbType = type, Value = value };
}
